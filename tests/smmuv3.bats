#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# roundtrip on an SMMUv3: what it proves through a vIOMMU, and which broken units and kernels it tells from good ones.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

EDU=0000:00:01.0

# What is shown here and not on VT-d.
OWN='["invalidate_asid", "invalidate_context", "invalidate_commands", "events_lost", "interrupt", "refusals", "replace_block", "replace_bypass", "replace_parent"]'

# property ID: a property of a round trip by its id.
property() { printf '(.properties | map(select(.id == "%s")) | if length == 1 then .[0] else error("%s: \\(length) times") end)' "$1" "$1"; }

# evidence ID REGEX: a sentence of the evidence of a passed leg.
evidence() { assert_json "$(leg "$1") | .result == \"passed\" and any(.evidence[]; test(\"$2\"))"; }

# found FLAW PROPERTY LEG...: with this flaw it fails, the property is violated, and the legs are among those that say so.
found() {
	local id
	fake iommufd-smmuv3 "flaw=$1"
	trip 1 $EDU
	assert_json ".verdict == \"failed\" and .not_given_back == [] and $(property "$2").result == \"violated\""
	for id in "${@:3}"; do
		assert_json "$(leg "$id") | .result == \"failed\" and (.reason | length > 0)"
	done
}

# deviates FLAW ID
deviates() {
	fake iommufd-smmuv3 "flaw=$1"
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and [.deviations[].id] == [\"$2\"]"
	trip 1 $EDU --strict
}

@test "on an SMMUv3 that nests every leg passes, and what has no use there says why" {
	fake iommufd-smmuv3
	trip 0 $EDU
	assert_json '.verdict == "passed" and .abi == "iommufd" and .not_given_back == [] and .deviations == []'
	# shellcheck disable=SC2016 # jq's variable
	assert_json '[.legs[] | select(.result == "passed") | .id] as $passed | $own - $passed == []' --argjson own "$OWN"
	assert_json '[.legs[] | select(.result == "skipped") | .id] == ["dirty", "dma_fresh", "dma_sign", "reserved", "respond", "pasid_bind"]'
	assert_json 'all(.properties[]; .result != "violated")'
}

@test "a device whose commands are in memory passes, too: a block is not put between them" {
	fake iommufd-smmuv3 "device=0000:00:03.0 model=nvme group=15"
	trip 0 0000:00:03.0
	assert_json '.verdict == "passed" and .stimulus == "nvme" and .not_given_back == []'
	assert_json "$(leg replace_block) | .result == \"skipped\" and (.reason | test(\"nvme reads its commands from memory\"))"
	assert_json "$(leg replace_bypass) | .result == \"passed\""
	assert_json "$(property teardown.switch).result == \"held\""
}

@test "these legs are not shown where no context descriptor leads to a table" {
	fake iommufd-nested
	trip 0 $EDU
	# shellcheck disable=SC2016 # jq's variable
	assert_json '[.legs[].id] - $own == [.legs[].id]' --argjson own "$OWN"
}

@test "a nested table stands on a vIOMMU, and objects go in the order of their use" {
	fake iommufd-smmuv3
	trip 0 $EDU
	# shellcheck disable=SC2016 # jq's variable
	assert_calls 'map(select(.request and .result == 0) | .request) as $all |
		($all | index("IOMMU_VIOMMU_ALLOC")) < ($all | index("IOMMU_VDEVICE_ALLOC")) and
		($all | index("IOMMU_VDEVICE_ALLOC")) < ($all | index("IOMMU_VEVENTQ_ALLOC"))'
	assert_calls 'map(select(.request == "IOMMU_VIOMMU_ALLOC")) | length == 1'
}

@test "that an invalidation is needed is recorded, and that it is enough is proven: by ASID, of the descriptor" {
	fake iommufd-smmuv3
	trip 0 $EDU
	evidence invalidate_asid '^needed'
	evidence invalidate_asid 'another ASID did not help'
	evidence invalidate_asid '^enough'
	evidence invalidate_context 'another ASID: the old table was used, so an invalidation is needed'
	evidence invalidate_context 'CFGI_CD alone, with the same ASID: the old table was used'
	evidence invalidate_context '^enough'
	# a unit that caches nothing needs none
	fake iommufd-smmuv3 stale=0
	trip 0 $EDU
	evidence invalidate_asid '^could not show'
	# with and without range commands
	fake iommufd-smmuv3 ecap=0x7400001014
	trip 0 $EDU
	assert_json "$(leg invalidate_range).result == \"passed\""
}

@test "a page changes its size by way of an entry that is not present, as an SMMU without BBML 2 demands" {
	fake iommufd-smmuv3 ecap=0x7400000414
	trip 0 $EDU
	assert_json ".verdict == \"passed\" and .deviations == [] and $(leg dma_split).result == \"passed\""
}

@test "an invalidation that does nothing is found, of each kind" {
	found ignore-invalidate invalidation.page invalidate_page invalidate_domain invalidate_range
	found range-first invalidation.range invalidate_range
	found leaf-only invalidation.upper invalidate_upper
	found asid-kept invalidation.domain invalidate_asid
	found context-kept invalidation.domain invalidate_context
	found cache-asid invalidation.domain invalidate_context
	found keep-read invalidation.page invalidate_page
	found keep-nested second_stage.unmap under
}

@test "other commands of the same effect are tried, and one that does nothing is found" {
	local number
	fake iommufd-smmuv3
	trip 0 $EDU
	evidence invalidate_commands '^TLBI_NH_VAA, a page of any ASID: enough, and needed$'
	evidence invalidate_commands '^TLBI_NH_VA with hints about granule and level: enough, and needed$'
	evidence invalidate_commands '^TLBI_NSNH_ALL: enough, and needed$'
	evidence invalidate_commands '^CFGI_CD_ALL: enough'
	for number in 0x13 0x30 0x06; do
		fake iommufd-smmuv3 ignores=$number
		trip 1 $EDU
		assert_json '[.legs[] | select(.result == "failed") | .id] == ["invalidate_commands"] and .not_given_back == []'
		assert_json '[.properties[] | select(.result == "violated") | .id] | . == ["invalidation.page"] or . == ["invalidation.domain"]'
	done
	# without range commands there is no such hint
	fake iommufd-smmuv3 ecap=0x7400001014
	trip 0 $EDU
	assert_json "$(leg invalidate_commands) | .result == \"passed\" and all(.evidence[]; test(\"hints\") | not)"
}

@test "a block or a bypass that changes nothing is found" {
	fake iommufd-smmuv3
	trip 0 $EDU
	evidence replace_block 'replaced one in use'
	evidence replace_bypass 'led to its guest-physical page at once'
	evidence replace_parent 'led to its guest-physical page at once'
	found ste-kept teardown.switch replace_block replace_bypass
}

@test "a kernel that takes what it must refuse is found" {
	fake iommufd-smmuv3
	trip 0 $EDU
	evidence refusals 'EIO.*ENOENT.*EEXIST.*EBUSY'
	found takes-all requests refusals
	assert_json "$(leg refusals).reason | test(\"must be refused with EIO\")"
	# kernels before 6.15 have no queue of events; what came later in the answers is not asked of them
	fake iommufd-smmuv3 kernel_release=6.13.0
	trip 0 $EDU
	assert_json "$(leg refusals).result == \"passed\" and ($(leg events_lost) | .result == \"skipped\" and (.reason | contains(\"6.15\")))"
}

@test "a vDEVICE that the kernel does not destroy is used on, and later legs are not to blame" {
	local nth
	fake iommufd-smmuv3
	trip 0 $EDU
	# the last but one before the second vDEVICE is made
	nth=$(jq -s 'map(.request // empty) | [indices("IOMMU_VDEVICE_ALLOC")[1] as $stop | .[:$stop][] | select(. == "IOMMU_DESTROY")] | length - 1' "$CALLS")
	NESTCTL_FAKE_FAIL=IOMMU_DESTROY@$nth:EBUSY trip 1 $EDU
	assert_json '[.legs[] | select(.result == "failed") | .id] == ["refusals"] and .not_given_back == []'
	assert_json "$(leg refusals).errno == \"EBUSY\" and $(leg replace_bypass).result == \"passed\""
}

@test "events that are lost are counted, and an uncounted loss is found" {
	fake iommufd-smmuv3
	trip 0 $EDU
	evidence events_lost 'kept the oldest 2, and reports [0-9]+ as lost'
	found loss-untold faults.recorded events_lost
	assert_json "$(leg events_lost).reason | test(\"not accounted for\")"
}

@test "an interrupt arrives by the first-stage entry of its doorbell, and by nothing else" {
	fake iommufd-smmuv3
	trip 0 $EDU
	evidence interrupt '^without a first-stage entry for its doorbell: .* write to 0x8000040, stage 1, device 0x42'
	evidence interrupt 'with an entry for the doorbell.* arrived'
	evidence interrupt '^after that entry was cleared and invalidated: .* blocked'
	assert_json "$(property interrupts.first_stage) | .essential and .result == \"held\" and .legs == [\"interrupt\"]"
	# the first vector is set once, and all are switched off before the device is closed
	assert_calls 'map(select(.request == "VFIO_DEVICE_SET_IRQS" and .result == 0)) | length == 2'
	# without a queue of events the silence is what shows it
	fake iommufd-smmuv3 kernel_release=6.13.0
	trip 0 $EDU
	evidence interrupt '^without a first-stage entry for its doorbell: no interrupt arrived'
	assert_json '.deviations == []'
}

@test "an interrupt that goes past the first stage is found, and one that gets lost" {
	fake iommufd-smmuv3 msi_past=1
	trip 1 $EDU
	assert_json "$(property interrupts.first_stage) | .result == \"violated\" and (.reason | test(\"^an interrupt arrived without a first-stage entry\"))"
	fake iommufd-smmuv3 msi_lost=1
	trip 1 $EDU
	assert_json "$(property interrupts.first_stage) | .result == \"violated\" and (.reason | test(\"no interrupt arrived\"))"
	assert_json '[.properties[] | select(.result == "violated") | .id] == ["interrupts.first_stage"] and .not_given_back == []'
}

@test "without a window for messages, or a way to send one, the leg says so" {
	fake iommufd-smmuv3 '#tree group 12 regions=none'
	trip 1 $EDU
	assert_json ".verdict == \"incomplete\" and ($(leg interrupt) | .result == \"skipped\" and (.reason | test(\"reserved_regions\")))"
	# hardware whose messages no table translates: no violation, and no proof
	fake iommufd-smmuv3 '#tree group 12 regions=none region="0x202101000000 0x20210100ffff msi"'
	trip 1 $EDU
	assert_json ".verdict == \"incomplete\" and ($(leg interrupt) | .result == \"skipped\" and (.reason | test(\"0x202101000000.* untranslated\")))"
}

@test "events that do not say what was done are found" {
	fake iommufd-smmuv3
	trip 0 $EDU
	evidence fault 'event 0x10, write to .*, stage 1, device 0x42'
	evidence fault_read 'event 0x10, read from .*, stage 1, device 0x42'
	evidence fault_kinds 'event 0x13, write to'
	evidence fault_kinds 'event 0x12, write to'
	evidence confine 'seen in the kernel log: .*event 0x10'
	evidence confine '^the log tells that stage 2 blocked it$'
	found silent-fault faults.recorded fault fault_read
	found fault-addr faults.recorded fault
	found direction faults.recorded fault
	found event-stream faults.recorded fault
	found second-lost faults.kinds confine
	deviates reason fault_reason
	fake iommufd-smmuv3 other_stage=1
	trip 1 $EDU
	assert_json "$(property faults.kinds).result == \"violated\" and ($(leg confine).reason | test(\"reports a fault of stage 1, and stage 2 blocked\"))"
	# a kernel without the queue writes those of the first stage into the log, too
	fake iommufd-smmuv3 kernel_release=6.13.0
	trip 0 $EDU
	evidence fault '^the log tells that stage 1 blocked it$'
	fake iommufd-smmuv3 kernel_release=6.13.0 other_stage=1
	trip 1 $EDU
	assert_json "$(leg fault) | .result == \"failed\" and (.reason | test(\"stage 2, and stage 1 blocked\"))"
}

# On a kernel of 16 or 64 KiB pages the second stage has such pages, and so has the first.
@test "tables have pages of 16 and 64 KiB where the second stage has, and every leg passes" {
	local page size count table
	while read -r page size count table; do
		fake iommufd-smmuv3 page=$((page << 10))
		trip 0 $EDU
		assert_json '.verdict == "passed" and .not_given_back == [] and .deviations == []'
		# shellcheck disable=SC2016 # jq's variable
		assert_json '[.legs[] | select(.result == "passed") | .id] as $passed | $own - $passed == []' --argjson own "$OWN"
		assert_json '[.legs[] | select(.result == "skipped") | .id] == ["dirty", "dma_fresh", "dma_sign", "dma_1g", "reserved", "respond", "pasid_bind"]'
		evidence bind "^a $table-level page table of $page KiB pages at "
		assert_json "$(leg dma_2m).title == \"DMA through a $size MiB page\""
		evidence dma_2m "maps $size MiB at"
		evidence dma_split "^a $size MiB page became $count of $page KiB and $size MiB again"
		evidence invalidate_2m "^enough: after an invalidation of $count pages, all of it led to the new $size MiB"
		# all that is mapped and unmapped is of whole pages
		# shellcheck disable=SC2016 # jq's variable
		assert_calls 'map(select(.request == "IOMMU_IOAS_MAP" and .result != 0)) == []'
	done <<-'END'
		16 32 2048 4
		64 512 8192 3
	END
}

@test "invalidations of such pages name their size, by ranges and one by one; entries pass an absent one" {
	local page ecap
	for page in 16384 65536; do
		for ecap in 0x7400001014 0x7400000414; do
			fake iommufd-smmuv3 page=$page ecap=$ecap
			trip 0 $EDU
			assert_json "$(leg invalidate_range).result == \"passed\" and $(leg dma_split).result == \"passed\""
		done
	done
	# a unit that has pages of 64 KiB alone
	fake iommufd-smmuv3 page=65536 ecap=0x4400001414
	trip 0 $EDU
	evidence bind 'page table of 64 KiB pages'
}

@test "broken units are found with such pages, too" {
	local page flaw property id
	for page in 16384 65536; do
		while read -r flaw property id; do
			fake iommufd-smmuv3 page=$page "flaw=$flaw"
			trip 1 $EDU
			assert_json ".verdict == \"failed\" and .not_given_back == [] and $(property "$property").result == \"violated\" and $(leg "$id").result == \"failed\""
		done <<-'END'
			range-first invalidation.range invalidate_range
			leaf-only invalidation.upper invalidate_upper
			keep-nested second_stage.unmap under
			cache-asid invalidation.domain invalidate_context
			large-offset translation.large_pages dma_2m
			iova-page translation.pages dma
			cache-bit translation.iova_bits dma_bits
			table-bit translation.table_bits dma_tables
			target-bit translation.target_bits dma_targets
			ignore-s1 translation.pages dma
		END
	done
}

@test "a device that drives too few bits for pages of 64 KiB is left alone, which violates nothing" {
	fake iommufd-smmuv3 page=65536 'device=0000:00:02.0 model=edu group=13 dma_mask=0xfffffff'
	trip 1 0000:00:02.0
	assert_json '.verdict == "incomplete" and .not_given_back == [] and all(.properties[]; .result != "violated")'
	assert_json "$(leg width) | .result == \"skipped\" and (.reason | test(\"drives 28 address bits, too few .* pages of 64 KiB\"))"
}

@test "rights and address bits that are not looked at are found" {
	found write-any permission.read_only rights_read_only
	found cached-write permission.read_only rights_read_only
	found present-any permission.absent_entry rights_absent
	deviates user-any privileged_rights
	deviates upper-any upper_rights
	found iova-bit translation.iova_bits dma_bits
	found target-bit translation.target_bits dma_targets
	found table-bit translation.table_bits dma_tables
	found large-offset translation.large_pages dma_2m
	found cache-bit translation.iova_bits dma_bits
}

@test "a stage that is skipped is found, and memory of others keeps its bytes" {
	found ignore-s1 translation.pages dma
	NESTCTL_FAKE_LEDGER=strict found bypass translation.pages dma
}

@test "a kernel whose pages are smaller than the smallest of the SMMU is named by the gate" {
	fake iommufd-smmuv3 ecap=0x6400001414
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .gate == "page_size" and all(.properties[]; .result != "violated") and .not_given_back == []'
	assert_json '.gate_reason | test("IDR5.GRAN4K, GRAN16K, GRAN64K.*CONFIG_ARM64_16K_PAGES")'
	assert_json "$(leg attach) | .result == \"skipped\" and any(.evidence[]; test(\"ATTACH_IOMMUFD_PT: EINVAL; the kernel's pages have 4 KiB\"))"
	probe 1 $EDU
	assert_json '.decision.nesting == "unusable" and any(.decision.reasons[]; .evidence == "iommufd.hwpt" and (.text | test("EINVAL.*gate .page_size.*no pages as small as the kernel")))'
}

@test "a kernel without CONFIG_ARM_SMMU_V3_IOMMUFD, and one that is too old, are named by the gate" {
	fake iommufd-smmuv3 iommufd_option=0
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .gate == "option" and (.gate_reason | test("built without CONFIG_ARM_SMMU_V3_IOMMUFD.*Linux 6.13 or later with CONFIG_ARM_SMMU_V3_IOMMUFD"))'
	assert_json "$(leg bind) | .result == \"skipped\" and .evidence == [\"IOMMU_GET_HW_INFO: type 0, no data\"]"
	assert_json "$(leg invalidate_page) | .reason | test(\"gate option\")"
	nest 1 check --probe --json $EDU
	assert_json 'any(.findings[]; .id == "probe.nesting" and .result == "fail" and (.summary | contains("CONFIG_ARM_SMMU_V3_IOMMUFD")) and (.remedy | contains("CONFIG_ARM_SMMU_V3_IOMMUFD")))'
	fake iommufd-smmuv3 iommufd_option=0 kernel_release=6.12.9
	trip 1 $EDU
	assert_json '.gate == "kernel" and (.gate_reason | test("Linux 6.12.9 is older than 6.13"))'
}

@test "a device that can have no vDEVICE, or shares its group, has one stage, and no kernel is blamed" {
	fake iommufd-smmuv3 aliased=1
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .gate == "stream_ids" and .not_given_back == [] and all(.properties[]; .result != "violated")'
	assert_json "$(leg bind) | .result == \"skipped\" and (.reason | test(\"several stream ids.*not behind a PCIe-to-PCI bridge\")) and any(.evidence[]; test(\"VDEVICE_ALLOC: EOPNOTSUPP\"))"
	assert_json "$(leg dma).result == \"passed\" and $(leg reattach).result == \"passed\""
	fake iommufd-smmuv3 'device=0000:00:01.1 model=edu group=12'
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .gate == "group" and .not_given_back == [] and all(.properties[]; .result != "violated")'
	assert_json "$(leg bind) | .result == \"skipped\" and (.reason | test(\"all 2 devices of group 12.*alone in its group\")) and any(.evidence[]; test(\"ATTACH_IOMMUFD_PT: ENOENT\"))"
	assert_json "$(leg dma).result == \"passed\" and $(leg reattach).result == \"passed\""
}

@test "without CANWBS there is one stage, and the gate is named" {
	fake iommufd-smmuv3 canwbs=0
	trip 1 $EDU
	assert_json '.verdict == "incomplete" and .gate == "canwbs"'
	# shellcheck disable=SC2016 # jq's variable
	assert_json '[.legs[] | select(.id | IN($own[]))] | all(.result == "skipped" and (.reason | length > 0))' --argjson own "$OWN"
}
