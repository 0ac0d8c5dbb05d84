#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The nesting ABI of 2020 on the fake: every revision recognised and none guessed at, the round trip through the two
# that are driven, and rings of faults that cannot be.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

EDU=0000:00:01.0
ALL='["open", "type1_nesting", "attach", "map", "start", "width", "pasid_alloc", "bind", "dma", "dma_2m", "dma_split", "rights_2m", "invalidate_2m", "dma_high", "dma_bits", "dma_sign", "dma_slots", "invalidate_calls", "remap", "stale", "invalidate_page", "invalidate_domain", "invalidate_pairs", "invalidate_range", "invalidate_upper", "invalidate_prompt", "fault", "fault_read", "confine", "fault_kinds", "dma_targets", "dma_tables", "dma_unaligned", "rights_absent", "rights_read_only", "rights_revoked", "rights_privileged", "rights_upper", "rights_second", "reserved", "under", "respond", "fault_ring", "unbind", "bind_refusals", "free_bound", "quiet", "teardown"]'

# Requests of the series but the version query; the fake ends with 99 where one is a guess.
OUT_OF_TREE='[.[] | select(.call | test("PASID_REQUEST|QUOTA|IOMMU_BIND|CACHE_INVALIDATE|NESTING_OP|IOASID_REQUEST"))]'

legs() { printf '[.legs[] | select(.result == "%s") | .id]' "$1"; }

setup() {
	export NESTCTL_FAKE_LEDGER=strict
}

# said ID TEXT...: the evidence of a leg has all of these.
said() {
	local text
	for text in "${@:2}"; do
		# shellcheck disable=SC2016 # jq's variable
		assert_json "$(leg "$1").evidence | any(.[]; contains(\$text))" --arg text "$text"
	done
}

@test "v8 of product trees: every leg passes, page requests through the ring included" {
	fake nesting-op-v8-pri
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and .abi == \"nesting-op\" and $(legs passed) == $ALL"
	said type1_nesting 'v8-pri' 'continues with nesting-op'
	said pasid_alloc 'opened a second time: EBUSY' 'freed again: accepted'
	said bind_refusals 'another version (EINVAL)' 'not allocated (ENOENT)' 'a second bind: EBUSY'
	said fault_ring '512 entries of 64 bytes, mapped; an eventfd' 'the ring wrapped around'
	said fault_ring 'none read: 511 were queued, and the one that did not fit was denied'
	said unbind 'reached no memory'
	said free_bound 'accepted; a write with it reached no memory'
}

@test "RFC v3: every leg but page requests, which that series does not pass on" {
	fake rfc-v3-pasid
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and .abi == \"rfc-version\" and $(legs passed) == ($ALL - [\"respond\", \"fault_ring\"])"
	assert_json "$(leg respond).reason | contains(\"does not forward page requests\")"
	said pasid_alloc 'a quota of 1 is enforced' 'freed again: ENOENT' 'ENOSPC'
	said bind_refusals 'not tried: another version'
}

@test "PASIDs from 200 on and ids above half of 32 bits are as good as small ones" {
	fake nesting-op-v8-pri first_pasid=200
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and $(legs passed) == $ALL"
	fake rfc-v3-pasid first_pasid=200
	trip 0 $EDU
	assert_json '.verdict == "passed"'
	fake iommufd-pri first_id=0x80000001
	trip 0 $EDU
	assert_json '.verdict == "passed"'
	nest 0 probe --json $EDU
	assert_json '.decision.nesting == "usable"'
	fake iommufd-pri first_id=0xffffff00
	trip 0 $EDU
	assert_json '.verdict == "passed"'
}

@test "what succeeds and does nothing is told by the DMA afterwards" {
	fake nesting-op-v8-pri
	trip 0 $EDU
	said invalidate_pairs 'IOTLB by domain: success, but nothing was invalidated' 'PASID cache by PASID: success, but nothing was invalidated' \
		'IOTLB by PASID: success, and the new page' 'IOTLB by address: success, and the new page'
	fake rfc-v3-pasid
	trip 0 $EDU
	said invalidate_pairs 'device IOTLB by domain: refused (EINVAL)' 'PASID cache by address: refused (EINVAL)'
	fake rfc-v3-pasid stale=0
	trip 0 $EDU
	said invalidate_pairs 'IOTLB by domain: success, but no effect could be shown'
}

@test "an invalidation that says yes and does nothing is found, through either" {
	for host in rfc-v3-pasid nesting-op-v8-pri; do
		fake $host flaw=ignore-invalidate
		trip 1 $EDU
		assert_json "$(legs failed) | contains([\"invalidate_page\", \"invalidate_domain\", \"invalidate_pairs\"])"
	done
}

@test "a first stage that is not used is found, through either" {
	for host in rfc-v3-pasid nesting-op-v8-pri; do
		fake $host flaw=ignore-s1
		trip 1 $EDU
		assert_json "$(legs failed) | contains([\"dma\"])"
	done
}

@test "without page responses v8 nests, and says why there are none" {
	fake nesting-op-v8-pri rev=v8
	trip 0 $EDU
	assert_json "$(legs passed) == ($ALL - [\"respond\", \"fault_ring\"])"
	assert_calls '[.[] | select(.call | test("eventfd|SET_IRQS|IRQ_INFO"))] == []'
}

@test "a ring that cannot be mapped is read, one without an interrupt is polled" {
	fake nesting-op-v8-pri ring_mmap=0
	trip 0 $EDU
	said fault_ring 'read from the region' 'wrapped around'
	fake nesting-op-v8-pri ring_irq=0 ring=16
	trip 0 $EDU
	said fault_ring '16 entries' 'no interrupt, so it is polled'
	assert_calls '[.[] | select(.call == "eventfd")] == []'
}

@test "a ring of which a part can be mapped, or less than an entry, is read elsewhere" {
	local area
	for area in 0 1 32 63 64 100 4096; do
		fake nesting-op-v8-pri ring_area=$area
		trip 0 $EDU
		said fault_ring "512 entries of 64 bytes, $([ $area -ge 64 ] && echo mapped || echo read from the region)" \
			'the ring wrapped around'
	done
}

@test "a ring that cannot be as the kernel says is not read: no page request is answered, and the table still nests" {
	for flaw in ring_head=512 ring_head=4294967295 ring_entry=0 ring_entry=8 ring_entry=4294967288 ring_offset=0 \
		ring_offset=36860 ring_offset=4294967288 ring=1; do
		fake nesting-op-v8-pri $flaw
		trip 1 $EDU
		assert_json ".verdict == \"incomplete\" and $(leg bind).result == \"passed\" and $(leg respond).result == \"skipped\""
		assert_json "$(leg respond).reason | contains(\"EPROTO\")"
	done
}

@test "a device without PASIDs: the one stage is shown, and why there is no first" {
	fake rfc-v3
	trip 1 $EDU
	assert_json ".verdict == \"incomplete\" and .abi == \"rfc-version\" and ($(leg bind) | .result == \"skipped\" and (.reason | contains(\"no PASID capability\")))"
	assert_json "$(leg dma).result == \"passed\""
	assert_calls "$OUT_OF_TREE | all(.[]; .call | test(\"PASID_REQUEST|QUOTA\"))"
}

@test "a device with too few bits of PASID: the kernel refuses the bind, and nothing is called nested" {
	fake nesting-op-v8-pri 'device=0000:00:01.0 model=edu-pri group=12 pasid_bits=8'
	trip 1 $EDU
	assert_json ".verdict == \"failed\" and ($(leg bind) | .errno == \"EINVAL\" and (.reason | contains(\"20 bits of PASID\")))"
}

@test "every revision is recognised by its capability, or as one of two" {
	local rev
	for rev in v1 v2 v3 v4 v5 v6 v7; do
		fake nesting-op-v8-pri rev=$rev
		probe "$([ $rev = v1 ] && echo 3 || echo 0)" $EDU
		assert_json ".container.recognition | .status == \"one\" and .revisions == [\"$rev\"]"
		assert_json '.container.question.type1_backend | contains("capability")'
	done
}

@test "a revision that is recognised and not driven gets no request, nor does one that is not" {
	local rev
	for rev in v1 v2 v3 v4 v5 v6 v7; do
		fake nesting-op-v8-pri rev=$rev
		trip 1 $EDU
		assert_calls "$OUT_OF_TREE == []"
		assert_json ".verdict == \"incomplete\" and .abi == \"type1v2\""
		said type1_nesting "revision: $rev"
		nest 1 roundtrip $EDU --backend nesting-op --json
		assert_json "$(leg attach) | .result == \"failed\" and (.reason | contains(\"does not drive the revision\"))"
	done
	# the capability of v8, and a version that none of them answers
	fake nesting-op-v8-pri query_before=1 query_after=1
	trip 1 $EDU
	assert_calls "$OUT_OF_TREE == []"
	said type1_nesting 'unknown revision'
	fake rfc-v3-pasid query_before=2 query_after=2
	trip 1 $EDU
	assert_calls "$OUT_OF_TREE == []"
	said type1_nesting 'no posting has version 2'
}

@test "a way into the kernel that this one does not have fails, and makes no request" {
	fake rfc-v3-pasid
	trip 1 $EDU --backend nesting-op
	assert_calls "$OUT_OF_TREE == []"
	fake nesting-op-v8-pri
	trip 1 $EDU --backend rfc-version
	assert_calls "$OUT_OF_TREE == []"
	trip 0 $EDU --backend nesting-op
	fake stock-6.1
	trip 1 $EDU --backend rfc-version
	assert_calls "$OUT_OF_TREE == []"
}

@test "without its /dev/ioasid v8 has no PASIDs to bind to, which is said" {
	fake nesting-op-v8-pri 'node=/dev/ioasid open=ENOENT'
	trip 1 $EDU
	assert_json ".verdict != \"passed\" and ($(leg pasid_alloc).reason | contains(\"/dev/ioasid\"))"
	assert_json "$(leg bind) | .result == \"skipped\" and (.reason | contains(\"no PASID was allocated\"))"
}

@test "chains of capabilities that nobody has seen are no revision" {
	# id 4 with 72 bytes, but behind a loop; id 4 with 64 bytes; id 5
	fake nesting-op-v8-pri chain=0400010018000000000000000000000000000000
	probe 3 $EDU
	assert_json '.container.recognition | .status == "not_tried"'
	fake nesting-op-v8-pri chain=04000100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
	trip 1 $EDU
	assert_calls "$OUT_OF_TREE == []"
	fake nesting-op-v8-pri chain=0500010000000000ffffffffffffffff
	trip 1 $EDU
	assert_calls "$OUT_OF_TREE == []"
	said type1_nesting 'no sign of one'
}
