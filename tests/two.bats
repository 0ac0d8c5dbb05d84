#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# roundtrip DEVICE DEVICE2: what it proves of two devices, and what it says where two cannot be kept apart.

load fake

EDU=0000:00:01.0
TWO=0000:00:04.0
NVME=0000:00:05.0
LEGS='["two_attach", "two_plain", "two_nested", "two_detach", "two_shared"]'

# pair CONF [STATEMENT...]: a host with another edu and an NVMe controller, each in a group of its own.
pair() {
	fake "$1" "device=$TWO model=edu group=14" "device=$NVME model=nvme group=15" "${@:2}"
}

property() { printf '(.properties | map(select(.id == "%s")) | if length == 1 then .[0] else error("%s: \\(length) times") end)' "$1" "$1"; }

@test "two devices behind one unit: each has its own tables, and all is given back" {
	pair iommufd-nested
	trip 0 $EDU $TWO
	assert_json '.verdict == "passed" and .not_given_back == []'
	assert_json "[.legs[] | select(.id | startswith(\"two_\")) | select(.result == \"passed\") | .id] == $LEGS"
	assert_json "$(property isolation.devices) | .result == \"held\" and .essential"
	assert_json "$(property isolation.first_stages) | .result == \"held\" and .essential"
	assert_json "$(leg two_attach).evidence | any(.[]; test(\"both devices are behind dmar0\"))"
	assert_json "$(leg two_nested).evidence | any(.[]; test(\"own first stage\"))"
	nest 0 roundtrip $EDU $TWO
	[ "${output%%$'\n'*}" = "round trip on $EDU and $TWO through iommufd, DMA by edu: passed" ]
}

@test "behind an SMMUv3 a second device that shares its group has no nested table, and no kernel is blamed" {
	pair iommufd-smmuv3 'device=0000:00:04.1 model=edu group=14'
	trip 1 $EDU $TWO
	assert_json '.verdict == "incomplete" and .not_given_back == [] and all(.properties[]; .result != "violated")'
	assert_json "all(($(leg two_nested), $(leg two_shared)); .result == \"skipped\" and (.reason | test(\"all 2 devices of group 14\"))) and $(leg two_detach).result == \"passed\""
}

@test "behind an SMMUv3 both guests use the same ASID, and the VMID tells apart what is cached" {
	pair iommufd-smmuv3
	trip 0 $EDU $TWO
	assert_json '.verdict == "passed" and .not_given_back == [] and .deviations == []'
	assert_json "[.legs[] | select(.id | startswith(\"two_\")) | select(.result == \"passed\") | .id] == $LEGS"
	pair iommufd-smmuv3 any_vmid=1
	trip 1 $EDU $TWO
	assert_json ".verdict == \"failed\" and $(property isolation.first_stages).result == \"violated\" and $(leg two_nested).result == \"failed\""
	# on one second stage there is one VMID, and the ASIDs differ
	pair iommufd-smmuv3 flaw=cache-asid
	trip 1 $EDU $TWO
	assert_json "$(leg two_shared).result == \"failed\""
}

@test "the document says which devices each leg used, and one device needs no saying" {
	pair iommufd-nested
	trip 0 $EDU $TWO
	assert_json ".device == \"$EDU\" and .second.device == \"$TWO\" and .second.stimulus == \"edu\" and .second.device_bits >= 47"
	assert_json "$(leg dma).devices == [\"$EDU\"] and $(leg two_plain).devices == [\"$EDU\", \"$TWO\"]"
	trip 0 $EDU
	assert_json '(has("second") | not) and all(.legs[]; has("devices") | not)'
	assert_json "[.legs[] | select(.id | startswith(\"two_\"))] == [] and ($(property isolation.devices) | .result == \"not_shown\" and (.essential | not))"
}

@test "devices of two kinds, in either order" {
	pair iommufd-nested
	trip 0 $EDU $NVME
	assert_json ".stimulus == \"edu\" and .second.stimulus == \"nvme\" and $(property isolation.first_stages).result == \"held\""
	nest 0 roundtrip $EDU $NVME
	[ "${output%%$'\n'*}" = "round trip on $EDU and $NVME through iommufd, DMA by edu and nvme: passed" ]
	trip 0 $NVME $EDU
	assert_json ".stimulus == \"nvme\" and .second.stimulus == \"edu\" and $(property isolation.first_stages).result == \"held\""
}

@test "a second device with fewer address bits uses addresses that both have" {
	pair iommufd-nested "device=0000:00:06.0 model=edu group=16 dma_mask=0xfffffff"
	trip 0 $EDU 0000:00:06.0
	assert_json ".device_bits >= 47 and .second.device_bits == 28 and .verdict == \"passed\""
}

@test "one stage, through iommufd and through containers, is shown for two devices" {
	local host
	for host in iommufd-flat stock-6.1; do
		pair $host
		trip 1 $EDU $TWO
		assert_json ".verdict == \"incomplete\" and $(property isolation.devices).result == \"held\""
		assert_json "$(leg two_plain).result == \"passed\" and ($(leg two_nested) | .result == \"skipped\" and (.reason | length > 0))"
	done
	pair iommufd-nested
	trip 1 --backend type1v2 $EDU $TWO
	assert_json ".abi == \"type1v2\" and $(leg two_plain).result == \"passed\" and $(leg two_detach).result == \"skipped\""
}

@test "with page requests and a PASID of the first device, too" {
	pair iommufd-pri
	trip 0 --pasid 3 $EDU $TWO
	assert_json "$(property isolation.first_stages).result == \"held\" and $(property isolation.pasids).result == \"held\""
}

@test "a cache that serves any device is found, and memory of others keeps its bytes" {
	local host
	for host in iommufd-nested iommufd-flat stock-6.1; do
		pair $host flaw=requester stale=1
		NESTCTL_FAKE_LEDGER=strict trip 1 $EDU $TWO
		assert_json ".verdict == \"failed\" and .not_given_back == [] and $(property isolation.devices).result == \"violated\""
	done
	pair iommufd-nested flaw=requester-s1
	trip 1 $EDU $TWO
	assert_json ".verdict == \"failed\" and $(property isolation.first_stages).result == \"violated\" and $(property isolation.devices).result == \"not_shown\""
	assert_json "$(leg two_detach).result == \"skipped\""
}

@test "one device twice, and two of one group: wrong usage, before anything is opened" {
	pair iommufd-nested "device=0000:00:01.1 model=edu group=12"
	trip 2 $EDU 00:01.0
	assert_json '.obstacle.id == "same_device" and .legs == []'
	refute_calls
	trip 2 $EDU 0000:00:01.1
	assert_json '.obstacle.id == "same_group" and (.obstacle.summary | test("group 12")) and .legs == []'
	refute_calls
}

@test "a second device that is not there, has a driver, or does no DMA is named" {
	pair iommufd-nested "device=0000:00:06.0 model=none group=16"
	trip 3 $EDU 0000:00:1f.7
	assert_json '.obstacle.id == "not_found" and (.obstacle.summary | test("00:1f.7"))'
	trip 3 $EDU 0000:00:02.0
	assert_json '.obstacle.id == "not_bound" and (.obstacle.summary | test("00:02.0 is bound to the driver e1000e"))'
	trip 1 $EDU 0000:00:06.0
	assert_json ".verdict == \"incomplete\" and .stimulus == \"edu\" and .second.stimulus == null and $(leg two_attach).result == \"skipped\" and $(leg two_plain).result == \"skipped\" and $(leg quiet).result == \"passed\""
}

@test "a second device that another process has: not finished, and what was shown stays" {
	pair iommufd-nested "device=0000:00:06.0 model=edu group=16 busy=1"
	trip 3 $EDU 0000:00:06.0
	assert_json ".obstacle.id == \"busy\" and $(leg dma).result == \"passed\" and $(leg two_plain).result == \"skipped\""
	nest 3 roundtrip $EDU 0000:00:06.0
	[[ ${output%%$'\n'*} == *'could not be finished' ]]
}

@test "a second device that vanishes before its turn is told as gone, and what was shown stays" {
	local at
	pair iommufd-nested
	cp -a "$NESTCTL_FAKE_SYSROOT" "$BATS_TEST_TMPDIR/root"
	export NESTCTL_FAKE_SYSROOT=$BATS_TEST_TMPDIR/root
	NESTCTL_FAKE_COUNT=$BATS_TEST_TMPDIR/count trip 0 $EDU $TWO
	at=$(awk '$2 == "VFIO_DEVICE_BIND_IOMMUFD" && ++n == 2 { print $1 }' "$BATS_TEST_TMPDIR/count")
	[ "$at" -gt 100 ]
	# The device's folder and so its node are gone from then on.
	NESTCTL_FAKE_MOVE=$((at - 1)):$NESTCTL_FAKE_SYSROOT/sys/bus/pci/devices/$TWO NESTCTL_FAKE_FAIL=$((at - 1)):ENODEV trip 3 $EDU $TWO
	assert_json ".obstacle.id == \"device_gone\" and $(leg dma).result == \"passed\" and $(leg two_attach).result == \"skipped\" and all(.properties[]; .result != \"violated\")"
	assert_json "$(property teardown.unbind).result == \"held\" and .not_given_back == []"
}

@test "the mock takes no device, and three are too many" {
	nest 2 roundtrip --mock $EDU
	nest 2 roundtrip $EDU $TWO $NVME
}
