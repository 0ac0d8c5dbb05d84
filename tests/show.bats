#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# show: one device, group or unit, explained.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and sets $TREE for itself
load helpers

@test "a device is found by its full and its short address" {
	machine spr-mixed
	nest 0 show 0000:16:00.1
	local full=$output
	nest 0 show 16:00.1
	[ "$output" = "$full" ]
	assert_says 'Device 0000:16:00.1' vfio-pci dmar1
}

@test "a device of a domain with five digits is found" {
	machine vmd
	nest 0 show 10000:e1:00.0 --json
	assert_json '.device.address == "10000:e1:00.0" and .group.id == 1'
}

@test "a device of another bus is found by its name" {
	machine many-buses
	nest 0 show 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 --json
	assert_json '.device.bus == "mdev" and .group.id == 7 and (.device | has("vendor") | not)'
	nest 0 show dpni.3
	assert_says fsl_dpaa2_eth
}

@test "what is no device, group or unit cannot be determined" {
	machine laptop-trap
	for name in 99 0000:ff:00.0 ff:00.0 dmar7 / .. 0000:00:02 99999999999999999999 -1; do
		nest 3 show -- "$name"
		[ -z "$output" ]
		[ -n "$error" ]
	done
	nest 3 show dmar7 --json
	assert_json '.command == "show" and (has("device") or has("group") or has("iommu") | not)'
}

@test "show needs one argument" {
	machine laptop-trap
	nest 2 show
	nest 2 show 0 1
}

@test "the trap of bit 26 is explained on the device that meets it" {
	machine laptop-trap
	nest 0 show 00:02.0
	assert_says 'bit 26' dmar0
	nest 0 show 00:02.0 --json
	assert_json '.iommu.nesting.status == "no" and .iommu.nesting.gate == "smts"'
}

@test "a unit shows each field of its registers with its meaning" {
	machine spr-mixed
	nest 0 show dmar1 --json
	assert_json '.iommu.name == "dmar1" and .iommu.version == "6:0" and .iommu.address == "0xd37fc000"'
	assert_json '.registers.fields | .smts == 1 and .nest == 1 and .slts == 1 and .prs == 1 and .pasid == 1 and .pss == 19 and .mgaw == 56 and .nd == 6'
	assert_json 'all(.registers.explained[]; .meaning != "" and .title != "")'
	nest 0 show dmar0 --json
	assert_json '.registers.fields | .nest == 1 and .prs == 0 and .pasid == 0'
	nest 0 show dmar0
	assert_says smts nest 43 26
}

@test "the table of registers keeps to the width that COLUMNS or the terminal tells, and is whole elsewhere" {
	local arguments
	machine spr-mixed
	for arguments in 'show dmar0' 'decode vt-d 1c0000c40660462 7e3ff0505e'; do
		# shellcheck disable=SC2086 # words
		nest 0 $arguments
		[ "$(wc -L <"$OUT")" -gt 80 ]
		words=$(tr -s ' \n' ' ' <"$OUT")
		# shellcheck disable=SC2086 # words
		COLUMNS=80 nest 0 $arguments
		[ "$(wc -L <"$OUT")" -le 80 ] || blame "$(wc -L <"$OUT") columns"
		[ "$(tr -s ' \n' ' ' <"$OUT")" = "$words" ]
		# shellcheck disable=SC2086 # words
		terminal 80 $arguments
		cmp "$TERMINAL" "$OUT"
	done
}

@test "a unit without registers says so and invents none" {
	for pair in mock:iommufd_selftest_iommu.0 virtio-guest:0000:00:03.0 smmuv3-server:smmu3.0x0000000140000000; do
		machine "${pair%%:*}"
		nest 0 show "${pair#*:}" --json
		assert_json '(.iommu | has("cap") or has("ecap") | not) and (has("registers") | not)' ||
			assert_json '.device != null'
	done
}

@test "an AMD unit shows both feature registers, or the one there is" {
	machine amd-desktop
	nest 0 show ivhd0 --json
	assert_json '.iommu.efr == "0x246577efa2254ffa" and .iommu.efr2 == "0x10"'
	machine amd-old
	nest 0 show ivhd1 --json
	assert_json '.iommu.efr == "0xf77ef22294ada" and (.iommu | has("efr2") | not) and .iommu.nesting.status == "unknown"'
}

@test "an RMRR that binds is told from one that ends with the boot" {
	machine rmrr
	nest 0 show 03:00.0
	assert_says '0xaec16000-0xaec26fff direct' RMRR
	nest 0 show 00:1d.0
	assert_says 'direct-relaxable' 'the device can be assigned'
	nest 0 show 2 --json
	assert_json '[.group.reserved_regions[].type] == ["direct", "msi"]'
}

@test "who blocks a group is said with what to know of it" {
	machine viability
	nest 0 show 2
	assert_says 0000:02:00.1 snd_hda_intel 'cannot use group 2'
	nest 0 show 02:00.0
	assert_says 'cannot use group 2' 0000:02:00.1
	nest 0 show 1
	assert_says 'can use group 1'
	nest 0 show 1 --json
	assert_json '.group.viable.status == "yes" and (.group.devices | length) == 5'
}

@test "ATS, PRI and PASID are read from config space with their state and size" {
	machine spr-mixed
	nest 0 show 6a:01.0 --json
	assert_json '.device.config_space | .status == "whole" and .express == "yes" and .flr == "yes" and .ats.status == "yes" and .ats.enabled == "yes" and .pri.enabled == "yes" and .pri.capacity == 512 and .pasid.enabled == "yes" and .pasid.bits == 20'
	nest 0 show e7:01.0 --json
	assert_json '.device.config_space | .ats.enabled == "yes" and .pri.enabled == "no" and .pasid.enabled == "no"'
	nest 0 show 15:01.0 --json
	assert_json '.device.config_space | .acs.status == "yes" and .acs.enabled == "yes" and .ats.status == "no" and .pasid.status == "no"'
	machine laptop-trap
	nest 0 show 00:14.0 --json
	assert_json '.device.config_space | .express == "no" and .ats.status == "no"'
}

@test "the 64 bytes that only root may pass say nothing of capabilities" {
	machine spr-mixed 'device 0000:17:00.0 class=020000 group=50 unit=dmar1 caps=pm,msi,exp:flr,ats:on config=64'
	nest 0 show 17:00.0 --json
	assert_json '.device.config_space | .status != "whole" and .reason != null and ([.. | strings | select(. == "yes" or . == "no")] == [])'
	nest 0 show 17:00.0
	assert_says header
}

@test "a sleeping device is not woken unless asked" {
	machine spr-mixed 'file @0000:6a:01.0/power/runtime_status "suspended\n"'
	nest 0 show 6a:01.0
	assert_says --wake
	nest 0 show 6a:01.0 --json
	assert_json '.device.config_space | .status != "whole" and (.ats.status // "unknown") == "unknown"'
	nest 0 show 6a:01.0 --wake --json
	assert_json '.device.config_space.ats.status == "yes"'
}

@test "physical and virtual functions name each other" {
	machine sriov-256
	nest 0 show 3b:00.0
	assert_says 256
	nest 0 show 3c:00.7
	assert_says 'virtual function of 0000:3b:00.0'
	nest 0 show 3b:00.0 --json
	assert_json '.device | [.. | numbers] | index(256) != null'
	nest 0 show 3c:1f.7 --json
	assert_json '[.device | .. | strings] | index("0000:3b:00.0") != null'
}

@test "reset methods, NUMA node and ids are the kernel's" {
	machine spr-mixed
	nest 0 show 16:00.1 --json
	assert_json '.device | .reset_methods == ["flr", "bus"] and .numa_node == 0 and .vendor == "0x15b3" and .device == "0xa2dc"'
	nest 0 show 00:02.0 --json
	assert_json '.device | (has("numa_node") | not) or .numa_node == null'
	machine amd-desktop
	nest 0 show 03:00.0 --json
	assert_json '.device.reset_methods == ["bus"] and .device.subsystem_vendor == "0x1da2"'
}

@test "an empty reset_method is no method, an absent one is unknown" {
	machine spr-mixed 'file @0000:16:00.1/reset_method ""' 'remove @0000:16:00.0/reset_method'
	nest 0 show 16:00.1 --json
	assert_json '.device.reset_methods == []'
	nest 0 show 16:00.0 --json
	assert_json '.device | has("reset_methods") | not'
}

@test "below a sysroot, nodes are looked for in the tree" {
	machine viability 'file dev/vfio/1 ""'
	nest 0 show 1 --json
	assert_json '.group.node.path == "/dev/vfio/1" and .group.node.present != "no"'
	nest 0 show 2 --json
	assert_json '.group.node.present == "no"'
}

@test "show says the same of a device's group as list" {
	for name in laptop-trap spr-mixed viability rmrr many-buses vmd; do
		machine "$name"
		nest 0 list --json
		cp "$OUT" "$BATS_TEST_TMPDIR/list"
		for id in $(jq '.groups[].id' "$BATS_TEST_TMPDIR/list"); do
			nest 0 show "$id" --json
			# shellcheck disable=SC2016 # jq's variables
			assert_json '.group as $g | $list[0].groups[] | select(.id == $g.id) | . == ($g | del(.node))' \
				--slurpfile list "$BATS_TEST_TMPDIR/list"
		done
	done
}

@test "on a host without an IOMMU a device is still shown" {
	machine none-firmware
	nest 0 show 00:02.0 --json
	assert_json '.device.driver == "i915" and (has("group") or has("iommu") | not)'
}

# content FILE: its bytes, as a statement of a machine writes them.
content() {
	od -An -v -tx1 "$1" | tr -d '\n' | sed 's/ /\\x/g'
}

@test "show tells what AMD's table says of a unit, and of a device that it reserves memory for" {
	# The table reserves memory for 03:02.0; the kernel shows that as a direct region.
	machine amd-desktop "file sys/firmware/acpi/tables/IVRS \"$(content "$ROOT/tests/fuzz/corpus/table/ivrs")\"" \
		'device 0000:03:02.0 id=1002:ab28 class=040300 group=21 unit=ivhd0' \
		'file sys/kernel/iommu_groups/21/reserved_regions "0x000000007d000000 0x000000007d00ffff direct\n"'
	nest 0 show ivhd0
	assert_says 'unit, with EFR image and ACPI devices (type 0x40)' '0xfd100000' '\_SB.FUR0'
	nest 0 show ivhd0 --json
	assert_json '.firmware | .table == "IVRS" and .complete and .structure.used and .structure.device_id == "00:00.2"'
	nest 0 show 03:02.0
	assert_says '(IVMD)' 'memory from 0x7d000000' 'exclusion'
	refute_says RMRR
	nest 0 show 03:02.0 --json
	assert_json '[.device.firmware.reserved[].start] == ["0x7d000000"]'
	nest 0 show 03:00.0 --json
	assert_json '.device | has("firmware") | not'
}

@test "show tells what Arm's table says of a unit, and the stream and CANWBS of a device" {
	cp "$ROOT/tests/fuzz/corpus/table/iort" "$BATS_TEST_TMPDIR/iort"
	# The unit of the machine is at another address: the field is at 72 + 16.
	printf '\0\0\0\x40\1' | dd of="$BATS_TEST_TMPDIR/iort" bs=1 seek=88 conv=notrunc 2>/dev/null
	machine smmuv3-server "file sys/firmware/acpi/tables/IORT \"$(content "$BATS_TEST_TMPDIR/iort")\"" \
		'device 0001:01:00.0 id=15b3:1019 class=020700 group=9 unit=smmu3.0x0000000140000000'
	nest 0 show smmu3.0x0000000140000000
	assert_says 'cohacc (table walks are coherent' 'root_complex' 'segment 1' 'canwbs' 'memory from 0x80000000'
	nest 0 show smmu3.0x0000000140000000 --json
	assert_json '.firmware | .structure.base == "0x140000000" and ([.behind[].type] | sort) == ["rmr", "root_complex", "root_complex"]'
	nest 0 show 00:00.0
	assert_says 'stream            0x1000' 'no: Linux nests only if the SMMU has IDR3.FWB'
	nest 0 show 0001:01:00.0 --json
	assert_json '.device.firmware | .stream == "0x10100" and .canwbs'
	assert_json '.device.firmware.root_complex | .type == "root_complex" and .segment == 1'
	nest 0 show 01:00.0
	assert_says 'firmware puts no SMMU in front' 'root complex      at byte 160 of the IORT'
	nest 0 show smmu3.0x0000000148000000
	assert_says 'the IORT table does not describe this unit'
}

@test "a bridge to conventional PCI adds a stream id, and the list shows stream ids" {
	cp "$ROOT/tests/fuzz/corpus/table/iort" "$BATS_TEST_TMPDIR/iort"
	machine smmuv3-server "file sys/firmware/acpi/tables/IORT \"$(content "$BATS_TEST_TMPDIR/iort")\"" \
		'device 0001:02:00.0 id=1b36:0001 class=060400 group=9 unit=smmu3.0x0000000140000000 secondary=3 caps=pm' \
		'device 0001:03:05.0 parent=0001:02:00.0 id=15b3:1019 class=020700 group=9 unit=smmu3.0x0000000140000000 caps=pm'
	nest 0 show 0001:03:05.0
	assert_says 'stream            0x10328' '0x10200 too, of the bridge above it'
	nest 0 show 0001:03:05.0 --json
	assert_json '.device.firmware | .stream == "0x10328" and .alias_stream == "0x10200"'
	nest 0 show 0001:02:00.0 --json
	assert_json '.device.firmware | .stream == "0x10200" and (has("alias_stream") | not)'
	nest 0 list --noheadings -o DEVICE,STREAM
	[ "$(tr -s ' ' <<<"$output" | grep -cxE '0001:02:00.0 0x10200|0001:03:05.0 0x10328,0x10200|0000:01:00.0 none')" -eq 3 ]
	machine smmuv3-server
	nest 0 list --noheadings -o DEVICE,STREAM
	tr -s ' ' <<<"$output" | grep -qx '0000:00:00.0 unknown'
}

# The spelling as a path is looked for on the whole host.
@test "show says the same of a device by its group alone as by the whole host" {
	local name device
	for name in spr-mixed viability rmrr smmuv3-server amd-old vmd nest-ready; do
		machine "$name"
		for device in "$TREE"/sys/bus/pci/devices/*; do
			device=${device##*/}
			"$NESTCTL" --sysroot "$TREE" --json show "$device" >"$BATS_TEST_TMPDIR/one"
			"$NESTCTL" --sysroot "$TREE" --json show "/sys/bus/pci/devices/$device" >"$BATS_TEST_TMPDIR/whole"
			cmp "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/whole" || blame "$name $device"
		done
	done
}

@test "a device that its group does not list is found all the same" {
	machine spr-mixed 'remove sys/kernel/iommu_groups/12/devices/0000:16:00.1'
	nest 0 show 0000:16:00.1 --json
	assert_json '.device.address == "0000:16:00.1" and .group.id == 12'
	machine spr-mixed 'remove sys/class/iommu/dmar1/devices/0000:16:00.1'
	nest 0 show 0000:16:00.1 --json
	assert_json '.device.address == "0000:16:00.1" and .group.id == 12 and .iommu.name == "dmar1"'
}

@test "show, probe and roundtrip look at one group, however large the host is" {
	is_sanitized && skip 'a sanitized program makes calls of its own'
	needs_tracing
	unshare --mount true 2>/dev/null || skip 'a mount namespace needs root'
	local n command few many
	for command in 'show 0000:00:03.4' 'show 7' 'probe 0000:00:03.4' 'roundtrip 0000:00:03.4'; do
		for n in 100 1000; do
			flat "$n"
			# shellcheck disable=SC2016,SC2086 # the inner shell's; words
			unshare --mount sh -c 'mount --bind "$1/sys" /sys && shift && exec "$@"' - "$TREE" \
				strace -f -qq -c -o "$BATS_TEST_TMPDIR/calls.$n" "$NESTCTL" $command >/dev/null 2>&1 || [ $? -le 3 ]
		done
		few=$(awk '$NF == "total" { print $4 }' "$BATS_TEST_TMPDIR/calls.100")
		many=$(awk '$NF == "total" { print $4 }' "$BATS_TEST_TMPDIR/calls.1000")
		echo "$command: $few, $many"
		[ "$few" -gt 100 ]
		[ $((many - few)) -le 10 ]
	done
}
