#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# list: what it says of each kind of host.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and sets $TREE for itself
load helpers

@test "no command means list" {
	machine laptop-trap
	nest 0 list
	local list=$output
	nest 0
	[ "$output" = "$list" ]
}

@test "bit 26 without scalable mode does not nest, and the answer says why" {
	machine laptop-trap
	nest 0 list --json
	assert_json '.schema == "vfio-nestctl/1" and .command == "list" and .errors == []'
	assert_json '[.iommus[].name] == ["dmar0", "dmar1"]'
	assert_json "$(unit dmar0) | .kind == \"vt-d\" and .cap == \"0x1c0000c40660462\" and .ecap == \"0x7e3ff0505e\""
	assert_json "$(unit dmar0) | .nesting.status == \"no\" and .nesting.gate == \"smts\" and (.nesting.reason | test(\"bit 26\"))"
	assert_json "$(unit dmar1) | .nesting.status == \"no\" and (.nesting.reason | test(\"bit 26\") | not)"
	assert_json "$(device 0000:00:02.0) | .driver == \"i915\" and .iommu == \"dmar0\""
	assert_json "$(device 0000:01:00.0) | .iommu == \"dmar1\""
	nest 0 list
	[[ $output =~ 0000:00:02.0\ +0\ +i915\ +DMA\ +dmar0\ +no\ \(smts\) ]]
}

@test "units of one host are judged one by one, in order of their numbers" {
	machine spr-mixed
	nest 0 list --json
	assert_json '[.iommus[] | [.name, .nesting.status]] == [["dmar0", "yes"], ["dmar1", "yes"], ["dmar2", "no"], ["dmar10", "yes"]]'
	assert_json "$(unit dmar2) | .nesting.gate == \"nest\""
	assert_json "$(device 0000:00:02.0) | .iommu == \"dmar2\""
	assert_json "$(device 0000:e7:01.0) | .iommu == \"dmar10\""
	assert_json 'all(.groups[]; .type == "identity")'
}

@test "an AMD unit shows both feature registers where the kernel gives both" {
	machine amd-desktop
	nest 0 list --json
	assert_json "$(unit ivhd0) | .kind == \"amd\" and .efr == \"0x246577efa2254ffa\" and .efr2 == \"0x10\""
	assert_json "$(unit ivhd0) | .nesting.status == \"no\" and .nesting.gate != null"
	assert_json '[.ungrouped_devices[].address] == ["0000:00:00.2"]'
}

@test "an older kernel's single AMD register leaves the second unknown, not zero" {
	machine amd-old
	nest 0 list --json
	assert_json '[.iommus[] | .efr, has("efr2")] == ["0xf77ef22294ada", false, "0xf77ef22294ada", false]'
	assert_json 'all(.iommus[]; .nesting.status == "unknown")'
}

@test "a group without a type has none in the answer, and that is no error" {
	machine amd-old
	nest 0 list --json
	assert_json '.errors == [] and all(.groups[]; has("type") | not)'
	nest 0 list --groups -o GROUP,DOMAIN
	assert_says unknown
	[ -z "$error" ]
}

@test "SMMUv3 units have no registers in sysfs: unknown, with platform devices beside PCI" {
	machine smmuv3-server
	nest 0 list --json
	assert_json 'all(.iommus[]; .kind == "smmuv3" and (has("cap") or has("ecap") | not) and .nesting.status == "unknown" and .nesting.gate == "registers")'
	assert_json "$(device arm-smmu-test.0) | .bus == \"platform\" and .driver == null and (has(\"vendor\") | not)"
	assert_json "$(device HISI00B3:00) | .driver == \"hns3-roce\""
	assert_json "$(group 3) | .iommu == \"smmu3.0x0000000148000000\" and .reserved_regions == [{start: \"0x8000000\", last: \"0x80fffff\", type: \"msi\"}]"
	# No group, so not of interest: a platform device that the IOMMU does not serve.
	refute_says HISI0162:01
}

@test "PCI domains of five digits are devices like others, sorted by number" {
	machine vmd
	nest 0 list --json
	assert_json "[$(group 1).devices[].address] == [\"0000:00:0e.0\", \"10000:e0:06.0\", \"10000:e0:1c.0\", \"10000:e1:00.0\", \"10000:e2:00.0\"]"
	assert_json "$(device 1000a:e0:01.0) | .vendor == \"0x8086\" and .device == \"0x467d\""
	nest 0 list --noheadings -o DEVICE
	[ "$output" = "$(sort -t: -k1,1 -k2 <<<"$output")" ]
}

@test "256 virtual functions are all there, each in its group" {
	machine sriov-256
	nest 0 list --json --driver iavf
	assert_json '[.groups[].devices[]] | length == 256'
	assert_json '[.groups[].id] == [range(1000; 1256)]'
	assert_json '[.groups[].devices[].address] | .[0] == "0000:3c:00.0" and .[255] == "0000:3c:1f.7" and . == sort'
}

@test "group numbers may have gaps and be large" {
	machine sparse-groups
	nest 0 list --json
	assert_json '[.groups[].id] == [3, 7, 99999, 100000, 123456, 2147483647]'
	nest 0 list
	assert_says 2147483647 123456
}

@test "no IOMMU because the firmware announces none: the answer is no, in one sentence" {
	machine none-firmware
	nest 1 list
	[ "${#output}" -gt 0 ]
	assert_says firmware VT-d AMD-Vi
	refute_says intel_iommu=
	nest 1 list --json
	assert_json '.iommu_present.status == "no" and .iommu_present.gate == "firmware" and .iommus == [] and .groups == [] and .errors == []'
	assert_json '[.ungrouped_devices[].address] == ["0000:00:00.0", "0000:00:02.0", "0000:00:1f.6"]'
}

@test "no IOMMU because the kernel was told so: the answer names the option" {
	machine none-kernel
	nest 1 list
	assert_says intel_iommu=off DMAR
	nest 1 list --json
	assert_json '.iommu_present.gate == "kernel" and (.iommu_present.reason | test("intel_iommu=off"))'
}

@test "no IOMMU though the firmware announces one: the answer names the option that starts it" {
	machine none-kernel-default
	nest 1 list
	assert_says intel_iommu=on DMAR
	nest 1 list --json
	assert_json '.iommu_present.gate == "kernel"'
}

@test "no IOMMU and no sight of the firmware's tables: who leaves it off cannot be told" {
	machine none-unknown
	nest 1 list
	assert_says 'the cause is not known'
	nest 1 list --json
	assert_json '.iommu_present.status == "no" and .iommu_present.gate == "unknown"'
}

@test "a tree without sysfs tells nothing" {
	machine flat 'remove sys'
	nest 3 list
	nest 3 list --json
	assert_json '.iommu_present.status == "unknown" and .iommus == [] and .groups == []'
}

@test "a virtio-iommu is known by its driver, whatever the unit's name" {
	machine virtio-guest
	nest 0 list --json
	assert_json '.iommus == [.iommus[0]] and (.iommus[0] | .name == "0000:00:03.0" and .kind == "virtio" and .nesting.status == "unknown" and (has("cap") | not))'
	machine virtio-mmio-guest
	nest 0 list --json
	assert_json '.iommus[0] | .name == "a003e00.virtio_mmio" and .kind == "virtio"'
}

@test "an IOMMU whose driver cannot nest is known by its driver or its name, and the answer is no" {
	local kind name driver
	while read -r kind name driver; do
		machine virtio-guest "device board.0 bus=platform${driver:+ driver=$driver}" \
			"unit $name other${driver:+ parent=board.0}" "device 0000:00:09.0 id=8086:10d3 class=020000 group=9 unit=$name"
		nest 0 list --json --iommu "$name"
		assert_json ".iommus[] | select(.name == \"$name\") | .kind == \"$kind\" and .nesting.status == \"unknown\" and (.nesting.reason | contains(\"no nesting up to Linux 7.3\") or (\"$kind\" == \"other\"))"
		nest 1 check --json 00:09.0
		assert_json "any(.findings[]; .id == \"kernel.nesting_abi\" and .result == (if \"$kind\" == \"other\" then \"unknown\" else \"fail\" end))"
	done <<-'EOT'
		riscv riscv-iommu@10010000.iommu
		s390 s390-iommu.00000200
		dart apple-dart.382008000.iommu apple-dart
		soc mtk-iommu.0x0000000010205000
		soc fdc90f00.iommu rk_iommu
		soc 14650000.sysmmu exynos-sysmmu
		soc 70019000.memory-controller tegra-mc
		other 1000001000.iommu bcm2712-iommu
		other 1000002000.iommu iommu
	EOT
}

@test "the kernel's mock IOMMU is a unit without registers and confuses nothing" {
	machine mock
	nest 0 list --json
	assert_json "$(unit iommufd_selftest_iommu.0) | .kind == \"mock\" and .nesting.status == \"unknown\" and (has(\"cap\") | not)"
	assert_json "$(unit dmar0) | .nesting.status == \"no\" and .nesting.gate == \"nest\""
	assert_json "$(device iommufd_mock0) | .iommu == \"iommufd_selftest_iommu.0\""
	assert_json '.errors == []'
}

@test "an emulated VT-d with first-stage translation alone does not nest" {
	machine qemu-q35
	nest 0 list --json
	assert_json "$(unit dmar0) | .nesting.status == \"no\" and .nesting.gate == \"nest\""
}

@test "every bus whose devices can be in a group is shown" {
	machine many-buses
	nest 0 list --json
	assert_json '[.groups[].devices[].bus] | unique == ["amba", "cdx", "fsl-mc", "mdev", "pci", "platform"]'
	assert_json "[$(group 9).devices[].address] == [\"dpni.1\", \"dprc.2\"]"
	assert_json "$(device 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001) | .bus == \"mdev\" and .driver == \"intel_vgpu_mdev\""
	assert_json "$(unit smmu.0x0000000005000000) | .kind == \"smmu\" and .nesting.status == \"unknown\""
}

@test "an mdev's driver keeps nobody out, a platform or fsl-mc driver does" {
	machine many-buses
	nest 0 list --json
	assert_json '[.groups[] | select(.viable.status == "no") | .id] == [0, 10, 13]'
	assert_json "$(group 13).viable.blockers == [{address: \"fe900000.usb\", driver: \"xhci-hcd\"}]"
	assert_json 'all(.groups[]; .viable.status != "unknown")'
}

@test "bridges on pcieport, unbound functions, pci-stub and vfio drivers block no group" {
	machine viability
	nest 0 list --json
	assert_json "$(group 1) | .viable == {status: \"yes\", blockers: []} and (.devices | length) == 5"
}

@test "the device whose driver owns DMA is named as the one that blocks" {
	machine viability
	nest 0 list --json
	assert_json "$(group 2) | .viable == {status: \"no\", blockers: [{address: \"0000:02:00.1\", driver: \"snd_hda_intel\"}]}"
	nest 0 list --noheadings -o DEVICE,USER
	[[ $output =~ 0000:00:02.0\ +no:\ 0000:02:00.1\ \(snd_hda_intel\) ]]
	[[ $output =~ 0000:01:00.0\ +yes ]]
	[[ $output =~ 0000:05:00.0\ +no:\ igb ]]
}

@test "reserved regions carry the kernel's words, inclusive ends and their order" {
	machine rmrr
	nest 0 list --json
	assert_json "$(group 2).reserved_regions == [{start: \"0xaec16000\", last: \"0xaec26fff\", type: \"direct\"}, {start: \"0xfee00000\", last: \"0xfeefffff\", type: \"msi\"}]"
	assert_json "$(group 1).reserved_regions[0] == {start: \"0x7b800000\", last: \"0x7bffffff\", type: \"direct-relaxable\"}"
}

@test "filters choose by unit, kind of unit, driver and class" {
	machine spr-mixed
	nest 0 list --noheadings -o DEVICE --iommu dmar1
	[ "$output" = $'0000:15:01.0\n0000:16:00.0\n0000:16:00.1' ]
	nest 0 list --noheadings -o DEVICE --iommu vt-d --driver vfio-pci
	[ "$output" = $'0000:16:00.1\n0000:e7:01.0' ]
	nest 0 list --noheadings -o DEVICE --class 0x0880
	[ "$output" = $'0000:6a:01.0\n0000:e7:01.0' ]
	nest 0 list --noheadings -o DEVICE --driver none --class 06
	[ "$output" = 0000:00:1f.0 ]
	nest 0 list --json --driver vfio-pci
	assert_json '[.groups[].devices[].address] == ["0000:16:00.1", "0000:e7:01.0"]'
}

@test "--nestable keeps what the hardware can nest, and nothing left means no" {
	machine spr-mixed
	nest 0 list --noheadings -o DEVICE --nestable
	refute_says 0000:00:02.0
	assert_says 0000:00:14.0 0000:e7:01.0
	machine laptop-trap
	nest 1 list --nestable
	assert_warns 'no device matches'
	nest 1 list --json --nestable
	assert_json '.groups == [] and (.iommus | length) == 2'
}

@test "STIM marks the devices that roundtrip can make do DMA, and JSON does" {
	machine spr-mixed
	nest 0 list --noheadings -o DEVICE,STIM
	[ "$(grep -c ' dsa$' <<<"$output")" -eq 2 ]
	[ "$(grep -cw 'dsa\|nvme\|edu\|igb' <<<"$output")" -eq 2 ]
	nest 0 list --json
	assert_json '[.groups[].devices[] | select(.stimulus)] | map(.address, .stimulus) == ["0000:6a:01.0", "dsa", "0000:e7:01.0", "dsa"]'
	machine laptop-trap
	nest 0 list --json
	assert_json '[.groups[].devices[].stimulus] | map(select(.)) == ["nvme"]'
}

@test "--groups shows a group a line, with its members" {
	machine viability
	nest 0 list --groups --noheadings -o GROUP,DEVICES,MEMBERS
	[[ $output =~ 1\ +5\ +0000:00:01.0 ]]
	[ "$(wc -l <<<"$output")" -eq 4 ]
}

@test "--tree shows units, their groups, their devices" {
	machine spr-mixed
	nest 0 list --tree
	assert_says dmar0 dmar10 0000:e7:01.0
	local unit_line device_line
	unit_line=$(grep -n 'dmar2' <<<"$output" | head -n 1 | cut -d: -f1)
	device_line=$(grep -n '0000:00:02.0' <<<"$output" | cut -d: -f1)
	[ "$device_line" -gt "$unit_line" ]
}

@test "-o help lists the columns, and each of them works" {
	machine laptop-trap
	nest 0 list -o help
	local columns
	columns=$(awk '{ print $1 }' <<<"$output")
	[ "$(wc -w <<<"$columns")" -ge 10 ]
	for column in $columns; do
		nest 0 list -o "$column"
		[ "$(head -n 1 <<<"$output" | tr -d ' ')" = "$column" ]
		nest 0 list --groups -o "$column"
	done
	nest 2 list -o NOSUCH
	assert_warns NOSUCH
}

@test "a wrong option, argument or command is a usage error with nothing on stdout" {
	machine laptop-trap
	for args in '--nosuch' 'list --nosuch' 'list extra' 'nosuch' '--format nosuch list' '--color nosuch list'; do
		# shellcheck disable=SC2086 # words
		nest 2 $args
		[ -z "$output" ]
		[ -n "$error" ]
	done
}

@test "a sysroot that is not there cannot be answered for" {
	TREE=$BATS_TEST_TMPDIR/nowhere
	nest 3 list
	[ -z "$output" ]
	assert_warns nowhere
}

@test "a sysroot may be reached through a link and named with a slash at the end" {
	machine laptop-trap
	nest 0 list
	local list=$output
	ln -s "$TREE" "$BATS_TEST_TMPDIR/link"
	TREE=$BATS_TEST_TMPDIR/link/
	nest 0 list
	[ "$output" = "$list" ]
}

@test "nobody gets the same answer as root" {
	machine spr-mixed
	nest 0 list --json
	local list=$output
	as_nobody
	nest 0 list --json
	[ "$output" = "$list" ]
}

@test "names come from the hardware database where there is one" {
	[ -e /lib/udev/hwdb.bin ] || [ -e /etc/udev/hwdb.bin ] || skip 'hwdb.bin (udev) is not installed'
	machine laptop-trap
	nest 0 list --json
	assert_json "$(device 0000:00:02.0) | (.name | test(\"Intel Corporation\")) and .class_name == \"VGA compatible controller\""
}

@test "colour is for terminals and those who ask" {
	machine laptop-trap
	nest 0 list
	assert_clean
	unset NO_COLOR
	nest 0 list --color=never
	assert_clean
	nest 0 list --color=always
	[[ $output == *$'\e['* ]]
}

@test "a device in a group is listed, also one of a bus that is not looked through" {
	local bus
	for bus in pnp i2c memory amba; do
		machine nest-ready "device \"zz-$bus\" bus=$bus group=77 unit=dmar0"
		nest 0 list -r -n -o DEVICE,BUS,GROUP
		grep -qx "zz-$bus $bus 77" "$OUT"
	done
}

@test "on a terminal of 80 columns each device of every machine is one line" {
	command -v script >/dev/null || skip 'script is not installed'
	local name
	for name in laptop-trap spr-mixed viability rmrr sriov-256 vmd amd-desktop amd-old \
		qemu-q35 smmuv3-server many-buses mock nest-ready virtio-guest hostile; do
		machine $name
		nest 0 list -q
		terminal 80 list
		wc -l -L "$TERMINAL" "$OUT"
		[ "$(wc -L <"$TERMINAL")" -le 80 ]
		[ "$(wc -l <"$TERMINAL")" -eq "$(wc -l <"$OUT")" ]
		diff <(awk '{ print $1, $2 }' "$OUT") <(awk '{ print $1, $2 }' "$TERMINAL")
		terminal 300 list
		diff "$OUT" "$TERMINAL"
	done
}

@test "USER is cut on a terminal, and neither in a pipe nor in JSON" {
	command -v script >/dev/null || skip 'script is not installed'
	local driver=some-long-driver
	local blocker="class=020000 driver=$driver group=77 unit=dmar0"
	local all="no: 0000:7f:00.1 ($driver) 0000:7f:00.2 ($driver)"
	machine spr-mixed 'device 0000:7f:00.0 class=020000 group=77 unit=dmar0' \
		"device 0000:7f:00.1 $blocker" "device 0000:7f:00.2 $blocker"
	nest 0 list
	assert_says "$all"
	nest 0 list --groups
	assert_says "$all"
	nest 0 list --json
	assert_json "$(group 77).viable.blockers | length == 2 and all(.driver == \"$driver\")"
	terminal 80 list
	[ "$(wc -L <"$TERMINAL")" -le 80 ]
	[ "$(grep -c '^0000:7f:00' "$TERMINAL")" -eq 3 ]
	grep -qE '^0000:7f:00\.0 +77 none +identity +dmar0 +yes +no: 0000:7f:' "$TERMINAL"
	run -1 grep -F 'some-long-driver) 0000' "$TERMINAL"
	terminal 80 list --groups
	[ "$(wc -L <"$TERMINAL")" -le 80 ]
	# A terminal that is wide enough shows all of it.
	terminal 80 list -o DEVICE,USER
	grep -qF "$all" "$TERMINAL"
	# However many they are.
	machine spr-mixed 'device 0000:7f:00.0 class=020000 group=77 unit=dmar0' 'repeat 30' \
		"device 0000:7f:{i+1:%02x}.0 $blocker" end
	nest 0 list -o DEVICE,USER
	[ "$(grep '^0000:7f:00.0' "$OUT" | grep -o '(some-long-driver)' | wc -l)" -eq 30 ]
	nest 0 list --groups --noheadings -o GROUP,DEVICES,MEMBERS
	[ "$(awk '$1 == 77 { print $2, NF - 2 }' "$OUT")" = '31 31' ]
}

@test "an answer that cannot be written is not success" {
	[ -w /dev/full ] || skip 'there is no /dev/full here'
	machine laptop-trap
	for args in list 'list --tree' 'list --json' 'show 0000:00:02.0' 'show dmar0 --json'; do
		echo "$args"
		# shellcheck disable=SC2016,SC2086 # the inner shell's; words
		run -4 bash -c 'exec "$0" "$@" >/dev/full' "$NESTCTL" --sysroot "$TREE" $args
	done
}

# Calls of the program with these arguments on a flat machine of $1 devices.
calls() {
	flat "$1"
	strace -f -qq -c -o "$BATS_TEST_TMPDIR/calls" "$NESTCTL" --sysroot "$TREE" "${@:2}" >/dev/null
	awk '$NF == "total" { print $4 }' "$BATS_TEST_TMPDIR/calls"
}

# slope MOST ARGUMENT...: between 1,000 and 2,000 devices, at most so many calls a device.
slope() {
	is_sanitized && skip 'a sanitized program makes calls of its own'
	needs_tracing
	local small large
	small=$(calls 1000 "${@:2}")
	large=$(calls 2000 "${@:2}")
	echo "$small calls for 1000 devices, $large for 2000"
	[ "$small" -gt 2000 ]
	[ $((large - small)) -le "${1}000" ]
}

# Below --sysroot a file is looked at before it is opened: four calls a file, and two files a device, or three.
@test "list makes at most 10 system calls a device, each in a group of its own" {
	slope 10 list
}

@test "list --json makes at most 14 system calls a device, each in a group of its own" {
	slope 14 list --json
}

# opens FILE ARGUMENT...: how many times list does, of every group or none.
opens() {
	strace -f -qq -e trace=openat,openat2 -o "$BATS_TEST_TMPDIR/calls" "$NESTCTL" --sysroot "$TREE" list "${@:2}" >/dev/null
	grep -c "/$1\"" "$BATS_TEST_TMPDIR/calls" || true
}

@test "list reads of groups only what a shown column needs" {
	is_sanitized && skip 'a sanitized program makes calls of its own'
	needs_tracing
	machine rmrr
	[ "$(opens type -o DEVICE,GROUP,USER)" -eq 0 ]
	[ "$(opens reserved_regions -o DEVICE,GROUP,DOMAIN)" -eq 0 ]
	[ "$(opens type -o DOMAIN)" -gt 2 ]
	[ "$(opens reserved_regions -o USER)" -gt 0 ]
	[ "$(opens reserved_regions -o BLOCKERS)" -gt 0 ]
	[ "$(opens type --json)" -gt 2 ]
	[ "$(opens reserved_regions --json)" -gt 2 ]
}

# Columns of --raw for awk: the header names them, so that a line of N words has the N values of its header.
@test "--raw gives awk as many words a line as columns, each a machine word" {
	local name
	for name in spr-mixed viability rmrr hostile smmuv3-server amd-old; do
		machine "$name"
		nest 0 list -rO
		awk 'NR == 1 { n = NF } NF != n { print "line " NR ": " NF " of " n; bad = 1 } END { exit bad || NR < 2 }' "$OUT" ||
			blame "$name"
		nest 0 list --raw --groups --output-all
		awk 'NR == 1 { n = NF } NF != n { bad = 1 } END { exit bad || NR < 2 }' "$OUT" || blame "$name"
	done
	machine spr-mixed
	nest 0 list -rno DEVICE,NESTS,GATE,USER,BLOCKERS,STIM
	[ "$(head -n 2 "$OUT")" = '0000:00:02.0 no nest yes - -
0000:00:14.0 yes - no 0000:00:14.0 -' ]
	machine rmrr
	nest 0 list -rn -o USER,BLOCKERS
	grep -qx 'no RMRR' "$OUT" || blame 'no RMRR'
	machine viability
	nest 0 list -rn --groups -o GROUP,MEMBERS
	grep -qx '1 0000:00:01.0,[0-9a-f:.,]*' "$OUT" || blame 'no members'
}

@test "--pairs is what a shell can read, hostile names too" {
	local DEVICE USER NAME count=0 line
	machine spr-mixed
	nest 0 list -P -o DEVICE,USER,NAME
	while read -r line; do
		eval "$line"
		[[ $DEVICE == 0000:* && $USER =~ ^(yes|no)$ && -n $NAME ]]
		count=$((count + 1))
	done <"$OUT"
	[ "$count" -eq 8 ]
	# shellcheck disable=SC2016 # the name holds what a shell would run
	machine flat 'device 0000:00:01.0 id=8086:1533 driver="$(touch\x20x)`y`\"" group=1 unit=dmar0'
	nest 0 list -P -o DRIVER
	[ "$(cat "$OUT")" = 'DRIVER="\x24(touch\x20x)\x60y\x60\x22"' ]
	nest 0 list -P -O --groups
	[ -s "$OUT" ]
	! grep -vE '^([A-Z]+="[^" ]*" ?)+$' "$OUT" || blame 'a line that is no pairs'
}

@test "--raw and --pairs on a host without an IOMMU keep their form, and the reason goes to stderr" {
	machine none-firmware
	nest 1 list -r -o DEVICE,GROUP,IOMMU
	[ "$(cat "$OUT")" = 'DEVICE GROUP IOMMU
0000:00:00.0 none -
0000:00:02.0 none -
0000:00:1f.6 none -' ]
	assert_warns firmware
}

@test "-o +COLUMN adds to the usual columns, -O shows all, -n leaves the headings away" {
	machine spr-mixed
	nest 0 list -o +ID,bus
	[ "$(head -n 1 "$OUT" | tr -s ' ')" = 'DEVICE GROUP DRIVER DOMAIN IOMMU NESTS USER NAME ID BUS' ]
	nest 0 list --groups -o +GATE -n
	[[ $(head -n 1 "$OUT") =~ ^\ *1\ +identity ]]
	nest 0 list -O
	[ "$(head -n 1 "$OUT" | tr -s ' ' '\n' | grep .)" = "$("$NESTCTL" list -o help | awk '{ print $1 }')" ]
	nest 2 list -o +NOSUCH
	assert_warns NOSUCH
	nest 2 list -o "+$(printf 'ID,%.0s' {1..24})ID"
	assert_warns 'more than 32 columns'
}

@test "-s and -d choose what lspci chooses" {
	local select
	machine spr-mixed
	needs lspci
	for select in '-s 16:' '-s 16:00' '-s 16:00.1' '-s .1' '-s 0:' '-s 14' '-s 0000:e7:01.0' '-s *:*:0.0' '-s 0::' \
		'-d 8086:' '-d :0b25' '-d 8086:0b25' '-d ::0604' '-d ::0604:00' '-d 15b3:*' \
		'-d ::06xx' '-d ::x604:00' '-d 8086::xxxx' '-d ::0X04' '-d ::604'; do
		# shellcheck disable=SC2086 # words
		nest 0 list -n -o DEVICE $select
		# shellcheck disable=SC2086 # words
		[ "$(sort "$OUT")" = "$(lspci -D -O sysfs.path="$TREE/sys/bus/pci" $select | cut -d' ' -f1 | sort)" ] ||
			blame "$select"
		[ -n "$output" ]
	done
	nest 1 list -s 77:
	assert_warns 'no device matches'
	nest 1 list -d ffff:
	for select in '-s x' '-s 100:0.0' '-s 20' '-s 0.8' '-s 1:2:3:4' '-s 123456789::' '-d 8086' '-d x:' '-d 1:2:3:4:5' \
		'-d 10000:' '-d ::10000' '-d 80x6:' '-d ::x0604' '-d ::0604:0x' '-d ::0y04'; do
		# shellcheck disable=SC2086 # words
		nest 2 list $select
		assert_warns 'invalid argument' "${select#* }"
	done
}

@test "-s and -d match no device that is not PCI" {
	machine smmuv3-server
	nest 0 list -n -o DEVICE -s ''
	refute_says arm-smmu-test HISI
	nest 0 list -n -o DEVICE -d :
	refute_says arm-smmu-test HISI
}

@test "on a live host list makes at most 6 system calls a PCI device, and none for a memory block or a CPU" {
	is_sanitized && skip 'a sanitized program makes calls of its own'
	needs_tracing
	unshare --mount true 2>/dev/null || skip 'a mount namespace needs root'
	local n counts=()
	for n in 1000 2000 memory; do
		flat "${n/memory/1000}"
		if [ "$n" = memory ]; then
			local tree=$BATS_TEST_TMPDIR/memory
			cp -al "$TREE" "$tree"
			mkdir -p "$tree"/sys/bus/{memory,cpu}/devices/thing{1..500}
			TREE=$tree
		fi
		# shellcheck disable=SC2016 # the inner shell's
		unshare --mount sh -c 'mount --bind "$1/sys" /sys && shift && exec "$@"' - "$TREE" \
			strace -f -qq -c -o "$BATS_TEST_TMPDIR/calls" "$NESTCTL" list >"$BATS_TEST_TMPDIR/out.$n"
		counts+=("$(awk '$NF == "total" { print $4 }' "$BATS_TEST_TMPDIR/calls")")
	done
	echo "system calls: ${counts[*]}"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out.2000")" -eq 2001 ]
	cmp "$BATS_TEST_TMPDIR/out.1000" "$BATS_TEST_TMPDIR/out.memory"
	[ "${counts[0]}" -gt 2000 ]
	[ $((counts[1] - counts[0])) -le 6000 ]
	[ $((counts[2] - counts[0])) -le 2 ]
}

@test "names that an admin adds to udev's database, and patterns with brackets, are used as udev uses them" {
	command -v systemd-hwdb >/dev/null || skip 'udev comes without systemd-hwdb here'
	unshare --mount true 2>/dev/null || skip 'a mount namespace needs root'
	flat 1000
	cat >"$BATS_TEST_TMPDIR/own.hwdb" <<-'EOT'
		pci:v00008086d00001000*
		 ID_MODEL_FROM_DATABASE=One of ours

		pci:v00008086d0000100[23]*
		 ID_MODEL_FROM_DATABASE=Two of ours
	EOT
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount sh -c 'mount -t tmpfs none /etc/udev && mkdir /etc/udev/hwdb.d && cp "$1" /etc/udev/hwdb.d/99-own.hwdb &&
		systemd-hwdb update && shift && exec "$@"' - "$BATS_TEST_TMPDIR/own.hwdb" \
		"$NESTCTL" --sysroot "$TREE" list -P -o ID,NAME >"$BATS_TEST_TMPDIR/named"
	"$NESTCTL" --sysroot "$TREE" list -P -o ID,NAME >"$BATS_TEST_TMPDIR/before"
	cat "$BATS_TEST_TMPDIR/named"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/named" | grep '^>' | sort -u >"$BATS_TEST_TMPDIR/changed"
	cat "$BATS_TEST_TMPDIR/changed"
	[ "$(grep -c 'One.*ours' "$BATS_TEST_TMPDIR/changed")" -eq 1 ]
	[ "$(grep -c 'Two.*ours' "$BATS_TEST_TMPDIR/changed")" -eq 2 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/changed")" -eq 3 ]
}
