#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Bad input from sysfs: each kind gets one clear line, the right exit status, and hides nothing else.

# shellcheck disable=SC2030,SC2031,SC2016 # a test is a subshell, and sets $TREE for itself; $ is jq's
load helpers

# The answer stands beside the trouble: the sound device is there, and standard error has one line that
# names what is wrong.
sound_but() {
	nest 0 list
	assert_clean
	assert_says 0000:00:02.0
	assert_warns "$@"
	nest 0 list --json
	assert_clean
	assert_json "$(device 0000:00:02.0) | .driver == \"i915\" and .iommu == \"dmar0\""
	assert_json '(.errors | length) == 1 and (.errors[0].where | test($where; "l")) and .errors[0].what != ""' \
		--arg where "${2:-$1}"
}

laptop() { machine laptop-trap "$@"; }

@test "registers that read as all ones are no registers" {
	laptop 'file @dmar0/intel-iommu/cap "ffffffffffffffff\n"'
	nest 0 list --json
	assert_json "$(unit dmar0) | .nesting.status == \"unknown\" and .nesting.gate == \"registers\""
	assert_json "$(unit dmar1) | .nesting.status == \"no\""
	laptop 'file @dmar0/intel-iommu/ecap "ffffffffffffffff\n"'
	nest 0 list --json
	assert_json "$(unit dmar0) | .nesting.status == \"unknown\" and .nesting.gate == \"registers\""
}

@test "registers of zero are not an answer of no" {
	laptop 'file @dmar0/intel-iommu/cap "0\n"' 'file @dmar0/intel-iommu/ecap "0\n"'
	nest 0 list --json
	assert_json "$(unit dmar0) | .nesting.status != \"yes\" and .nesting.reason != \"\""
}

@test "an attribute that is empty, binary, huge or no number leaves its field unknown" {
	for content in \
		'file @dmar1/intel-iommu/ecap ""' \
		'file @dmar1/intel-iommu/ecap "\n"' \
		'binary @dmar1/intel-iommu/ecap 00*16' \
		'binary @dmar1/intel-iommu/ecap fffefdfc800a' \
		'binary @dmar1/intel-iommu/ecap 31*70000' \
		'file @dmar1/intel-iommu/ecap "f050da f050da\n"' \
		'file @dmar1/intel-iommu/ecap " f050da\n"' \
		'file @dmar1/intel-iommu/ecap "-f050da\n"' \
		'file @dmar1/intel-iommu/ecap "11234567890abcdef\n"' \
		'file @dmar1/intel-iommu/ecap "ecap\n"' \
		'file @dmar1/intel-iommu/ecap "f050da\n\n\nf050da\n"'; do
		echo "# $content"
		laptop "$content"
		sound_but intel-iommu/ecap
		assert_json "$(unit dmar1) | (has(\"ecap\") | not) and .cap == \"0xd2008c40660462\" and .nesting.status == \"unknown\" and .nesting.gate == \"registers\""
	done
}

@test "an attribute that is a folder, a pipe or a loop neither hangs nor hides" {
	for instead in \
		'dir @dmar1/intel-iommu/ecap' \
		'fifo @dmar1/intel-iommu/ecap' \
		'link @dmar1/intel-iommu/ecap ecap'; do
		echo "# $instead"
		laptop 'remove @dmar1/intel-iommu/ecap' "$instead"
		sound_but intel-iommu/ecap
		assert_json "$(unit dmar1) | (has(\"ecap\") | not) and .nesting.status == \"unknown\""
	done
}

@test "a VT-d unit without registers is unknown, not incapable" {
	laptop 'remove @dmar0/intel-iommu/cap' 'remove @dmar0/intel-iommu/ecap'
	nest 0 list --json
	assert_json "$(unit dmar0) | .kind == \"vt-d\" and (has(\"cap\") or has(\"ecap\") | not) and .nesting.status == \"unknown\""
}

@test "AMD features that are no numbers are unknown registers" {
	for features in '""' '":\n"' '"246577efa2254ffa:\n"' '":10\n"' '"x:y\n"' '"246577efa2254ffa:1:0\n"' '"246577efa2254ffa:10:\n"'; do
		echo "# $features"
		machine amd-desktop "file @ivhd0/amd-iommu/features $features"
		nest 0 list --json
		assert_clean
		assert_json '(.errors | length) == 1'
		assert_json "$(unit ivhd0) | .kind == \"amd\" and .nesting.status == \"unknown\" and (has(\"efr\") and has(\"efr2\") | not)"
	done
}

@test "a uevent that is empty still leaves what the single attributes and links tell" {
	laptop 'file @0000:00:14.0/uevent ""'
	nest 0 list --json
	assert_json '.errors == []'
	assert_json "$(device 0000:00:14.0) | .vendor == \"0x8086\" and .device == \"0x9d2f\" and .driver == \"xhci_hcd\""
}

@test "a uevent that is binary, huge, a folder, a pipe or a loop hides neither device nor driver" {
	for instead in \
		'binary @0000:00:14.0/uevent 00*512' \
		'binary @0000:00:14.0/uevent 41*70000' \
		'binary @0000:00:14.0/uevent ff*100,0a,fe*100' \
		'fifo @0000:00:14.0/uevent' \
		'dir @0000:00:14.0/uevent' \
		'link @0000:00:14.0/uevent uevent'; do
		echo "# $instead"
		laptop 'remove @0000:00:14.0/uevent' "$instead"
		nest 0 list --json
		assert_clean
		assert_json "$(device 0000:00:14.0) | .driver == \"xhci_hcd\" and .iommu == \"dmar1\""
		assert_json "$(device 0000:00:02.0) | .driver == \"i915\""
		assert_json "$(group 2) | .viable.status == \"no\""
	done
}

@test "whether an unreadable device blocks its group is unknown, not no" {
	laptop 'device 0000:00:1f.6 group=20 unit=dmar1' 'remove @0000:00:1f.6/uevent' \
		'link @0000:00:1f.6/uevent uevent' 'file @0000:00:1f.6/driver "x"'
	nest 0 list --json
	assert_json "$(group 20) | .viable.status == \"unknown\""
	assert_json "$(device 0000:00:1f.6) | has(\"driver\") | not"
}

@test "a device that vanishes between the listing and the reading is left out, with a word" {
	laptop 'link sys/bus/pci/devices/0000:00:1f.6 ../../../devices/pci0000:00/0000:00:1f.6'
	sound_but 0000:00:1f.6
	assert_json '[.. | .address? // empty] | index("0000:00:1f.6") == null'
}

@test "a link of a device to itself is named and left" {
	laptop 'link sys/bus/pci/devices/0000:00:1f.6 0000:00:1f.6'
	nest 0 list --json
	assert_clean
	assert_json 'any(.errors[]; .where | test("0000:00:1f.6"))'
	assert_json "$(device 0000:00:02.0) | .driver == \"i915\""
}

@test "a device whose own link to its group is wrong is shown once, in the group that lists it" {
	for link in ../../../../etc 'not-a-number' '' ../../../kernel/iommu_groups/4000000000; do
		echo "# iommu_group -> $link"
		if [ -n "$link" ]; then
			laptop "link @0000:02:00.0/iommu_group $link"
		else
			laptop 'remove @0000:02:00.0/iommu_group'
		fi
		nest 0 list --json
		assert_json "$(device 0000:02:00.0) | .driver == \"nvme\""
		assert_json "$(group 7).devices | length == 1"
	done
}

@test "reserved regions that are no regions are named; those that are stay" {
	laptop 'group 2 region="not a region" region="0x2000 0x1fff direct" region="0x10000000000000000 0x2 msi" region="0x1 direct"'
	nest 0 list --json
	assert_clean
	assert_json "$(group 2).reserved_regions | map(.start) == [\"0x6e5a1000\", \"0xfee00000\"]"
	assert_json '[.errors[].where] == ["sys/kernel/iommu_groups/2/reserved_regions"]'
}

@test "a kind of region no kernel has shows its own word" {
	laptop 'group 2 region="0x1000 0x1fff quantum"'
	nest 0 list --json
	assert_json "$(group 2).reserved_regions[0] == {start: \"0x1000\", last: \"0x1fff\", type: \"quantum\"}"
	nest 0 show 2
	assert_says quantum
}

@test "entries that are no groups are named and left" {
	laptop 'dir sys/kernel/iommu_groups/x' 'dir sys/kernel/iommu_groups/-1' \
		'dir sys/kernel/iommu_groups/18446744073709551616' 'file sys/kernel/iommu_groups/note "x"'
	nest 0 list --json
	assert_json '[.groups[].id] == [0, 1, 2, 3, 4, 5, 6, 7, 8]'
	assert_json '(.errors | length) == 4'
}

@test "a group whose folder is empty is a group of nothing, and nobody's to have" {
	laptop 'dir sys/kernel/iommu_groups/44/devices'
	nest 0 list --json
	assert_json "$(group 44) | .devices == [] and .viable.status == \"unknown\""
}

@test "an entry of the IOMMU class that leads nowhere, out of the tree or to itself is no unit" {
	laptop 'link sys/class/iommu/dmar2 ../../devices/virtual/iommu/dmar2' \
		'link sys/class/iommu/dmar3 ../../../../../../../../etc' 'link sys/class/iommu/dmar4 dmar4'
	nest 0 list --json
	assert_json '[.iommus[].name] == ["dmar0", "dmar1"]'
	assert_json '[.errors[].where | sub(".*/"; "")] | sort == ["dmar2", "dmar3", "dmar4"]'
}

@test "links never lead out of the tree" {
	local outside=$BATS_TEST_TMPDIR/outside
	mkdir -p "$outside/intel-iommu" "$outside/devices"
	printf 'DRIVER=canary\nPCI_ID=DEAD:BEEF\nPCI_CLASS=30000\n' >"$outside/uevent"
	echo deadbeef >"$outside/intel-iommu/cap"
	echo deadbeef >"$outside/intel-iommu/ecap"
	echo canary >"$outside/type"
	ln -s ../canary "$outside/iommu_group"
	ln -s ../canary "$outside/driver"
	: >"$outside/devices/0000:de:ad.0"
	local up=../../../../../../../../../../../..
	for bad in "$outside" "$up$outside"; do
		laptop "link sys/class/iommu/dmar2 $bad" "link @0000:00:14.0/uevent $bad/uevent" \
			"link @dmar1/intel-iommu/ecap $bad/intel-iommu/ecap" "link @group/3/type $bad/type" \
			"link @0000:01:00.0/driver ../canary" 'file @0000:01:00.0/uevent ""' \
			"link sys/bus/pci/devices/0000:de:00.0 $bad" \
			"link sys/bus/pci/devices/0000:de:00.1 ../../../devices/pci0000:00/out" \
			"link sys/devices/pci0000:00/out $bad" \
			"link sys/bus/canary $bad" 'remove @dmar0/devices' "link @dmar0/devices $bad/devices"
		for args in list 'list --json' 'list --tree' 'show 0000:00:14.0' 'show dmar1 --json' 'show 3'; do
			# shellcheck disable=SC2086 # words
			nest 0 $args
			refute_says dead DEAD beef
			[[ $output != *canary* || $args == list* || $args == show* ]]
			refute_says 'DRIVER=canary'
		done
		nest 0 list --json
		assert_json '[.iommus[].name] | index("dmar2") == null'
		assert_json "$(unit dmar1) | has(\"ecap\") | not"
		assert_json "$(group 3).type != \"canary\""
		assert_json "$(device 0000:00:14.0).driver == \"xhci_hcd\""
	done
}

@test "an absolute link stays inside: the tree is its root" {
	laptop 'link sys/bus/pci/devices/0000:00:02.0 /sys/devices/pci0000:00/0000:00:02.0'
	nest 0 list --json
	assert_json ".errors == [] and ($(device 0000:00:02.0) | .driver == \"i915\" and .iommu == \"dmar0\")"
}

@test "names that a terminal would obey are shown, not obeyed" {
	machine hostile
	for args in list 'list --groups' 'list --tree' 'list -o DEVICE,NAME,DRIVER,DOMAIN,IOMMU,NESTS,REASON,USER' 'list --json' \
		'show 0000:00:03.0' 'show 0000:00:03.0 --json' 'show dmar1' 'show 3' 'show 0'; do
		# shellcheck disable=SC2086 # words
		nest 0 $args
		assert_clean
	done
	# By their own, raw names too.
	for name in $'bell\a\xc3\x28' $'unit\xff\xfe' $'ivhd\e[2J'; do
		nest 0 show "$name"
		assert_clean
		nest 0 show "$name" --json
		assert_clean
	done
	# What is not there is quoted just as safely.
	nest 3 show $'no\e[31msuch\xff'
	assert_clean
	nest 1 list --driver $'no\e[31msuch\xff'
	assert_clean
}

@test "a hostile tree hides neither the sound device nor the sound unit" {
	machine hostile
	nest 0 list --json
	assert_json "$(device 0000:00:02.0) | .driver == \"i915\" and .iommu == \"dmar0\""
	assert_json "$(unit dmar0) | .cap == \"0xd2008c40660462\" and .nesting.status == \"no\""
	assert_json '[.groups[].id] | . == (unique | sort)'
}

@test "no device is listed twice, however often the tree says it" {
	machine hostile
	nest 0 list --json
	assert_json '[.. | objects | select(has("bus")) | .address] | length == (unique | length)'
}

@test "one line of trouble is one line" {
	machine hostile
	nest 0 list
	[ "$(grep -c '^vfio-nestctl: ' <<<"$error")" -eq "$(wc -l <<<"$error")" ]
	nest 0 list -q
	[ -z "$error" ]
}

@test "a truncated config space is told from a short list" {
	laptop 'device 0000:03:00.0 class=020000 group=30 unit=dmar1 caps=pm,msi,exp:flr,ats config=64'
	nest 0 show 0000:03:00.0 --json
	assert_json '.device.config_space.status != "whole" and ([.device.config_space | .. | objects | .status?] | index("no") == null)'
	assert_json '.device.config_space | .flr == null or .flr == "unknown"'
}

@test "capability lists that loop, overlap, run out or point into the header end, with a word" {
	# Offset 0x34 points to the first capability, at 0x40 (pm), whose next byte is at 0x41; exp is at 0x48.
	for poke in \
		'poke @0000:03:00.0/config 0x41 40' \
		'poke @0000:03:00.0/config 0x49 40' \
		'poke @0000:03:00.0/config 0x34 10' \
		'poke @0000:03:00.0/config 0x34 fc' \
		'poke @0000:03:00.0/config 0x41 ff'; do
		echo "# $poke"
		laptop 'device 0000:03:00.0 class=020000 group=30 unit=dmar1 caps=pm,exp:flr,ats:on' "$poke"
		nest 0 show 0000:03:00.0
		assert_clean
		nest 0 show 0000:03:00.0 --json
		assert_json '.device.address == "0000:03:00.0"'
	done
}

@test "extended capability lists that loop, overlap, run out or point backwards end, with a word" {
	# ats is at 0x100, acs behind it at 0x108.
	for poke in \
		'poke @0000:03:00.0/config 0x100 0f000110' \
		'poke @0000:03:00.0/config 0x108 0d000110' \
		'poke @0000:03:00.0/config 0x100 0f0001ff' \
		'poke @0000:03:00.0/config 0x100 0f000104' \
		'poke @0000:03:00.0/config 0x100 0f001110' \
		'poke @0000:03:00.0/config 0x100 ffffffff' \
		'poke @0000:03:00.0/config 0x1000 00*100'; do
		echo "# $poke"
		laptop 'device 0000:03:00.0 class=020000 group=30 unit=dmar1 caps=pm,exp:flr,ats:on,acs' "$poke"
		nest 0 show 0000:03:00.0
		assert_clean
		nest 0 show 0000:03:00.0 --json
		assert_json '.device.address == "0000:03:00.0" and .device.config_space.flr == "yes"'
	done
}

@test "a config space of all ones is a device that does not answer, not one with every capability" {
	laptop 'device 0000:03:00.0 class=020000 group=30 unit=dmar1' 'binary @0000:03:00.0/config ff*4096'
	nest 0 show 0000:03:00.0 --json
	assert_json '[.device.config_space | .. | strings | select(. == "yes")] == []'
	nest 0 show 0000:03:00.0
	assert_says 'does not answer'
}

@test "a config space that is empty, short or missing says so" {
	for instead in 'file @0000:03:00.0/config ""' 'binary @0000:03:00.0/config 8680*9' 'remove @0000:03:00.0/config'; do
		echo "# $instead"
		laptop 'device 0000:03:00.0 class=020000 group=30 unit=dmar1' "$instead"
		nest 0 show 0000:03:00.0 --json
		assert_json '[.device.config_space // {} | .. | strings | select(. == "yes" or . == "no")] == []'
	done
}

@test "a device name of 255 bytes and a path of many folders are read like others" {
	local long
	long=$(printf 'x%.0s' {1..200})
	laptop "device $long bus=platform dir=sys/devices/$long/$long group=40 unit=dmar1 driver=$long"
	nest 0 list --json
	assert_json '[.groups[].devices[].address] | index($name) != null' --arg name "$long"
	assert_json "$(group 40) | .iommu == \"dmar1\" and .viable.status == \"no\""
}

@test "numbers in the kernel's text are not taken for more than they are" {
	laptop \
		'device 0000:03:00.0 class=020000 group=30 unit=dmar1 numa_node=99999999999999999999 sriov_numvfs=-1 sriov_totalvfs=x'
	nest 0 show 0000:03:00.0 --json
	assert_clean
	assert_json '.device | has("numa_node") | not'
}

@test "a command line and a release of bytes that are no text stay out of the way" {
	laptop 'binary proc/cmdline ff*4096' 'binary proc/sys/kernel/osrelease 1b5b32,4aff'
	nest 0 list --json
	assert_clean
	machine none-kernel 'binary proc/cmdline ff*4095,20'
	nest 1 list
	assert_clean
}

# A log: a line about an IOMMU that is so long, a fault at its end, and a fault in the line after it.
long_log() {
	perl -e 'print "6,1,1,-;DMAR: IOMMU enabled\n4,2,2,-;DMAR: ", "x" x $ARGV[0],
		" DMAR: [DMA Write NO_PASID] Request device [16:00.1] fault addr 0x1000 [fault reason 0x05] text\n",
		"4,9,9,-;DMAR: [DMA Read NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x06] text\n"' "$1"
}

@test "a line of the log of any length costs no memory, and hides nothing in it or after it" {
	local len
	# The tree is written into.
	machine nest-ready 'dir dev/long'
	for len in 4096 8192 131072 200000 1000000 3900000; do
		echo "# $len"
		long_log $len >"$TREE/dev/kmsg"
		is_sanitized || ulimit -S -v 400000
		nest 0 check --json
		assert_json '[.findings[] | select(.id == "log.faults") | .subject] | sort == ["0000:16:00.0", "0000:16:00.1"]'
		nest 0 report --json
		assert_json '.kernel_log.lines | map(select(contains("0xdead000"))) | length == 1'
		assert_json '[.kernel_log.lines[] | length] | add < 250000'
		nest 0 decode --json --log "$TREE/dev/kmsg"
		assert_json '[.faults[].device] | sort == ["0000:16:00.0", "0000:16:00.1"]'
		is_sanitized || ulimit -S -v unlimited
	done
}

@test "a log without an end of a line, with NULs or nothing but long lines is read to its end" {
	machine nest-ready 'dir dev/strange'
	perl -e 'print "\0\0junk\0 DMAR: \0", "4,9,9,-;DMAR: [DMA Read NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x06] text"' >"$TREE/dev/kmsg"
	nest 0 check --json
	assert_json 'any(.findings[]; .id == "log.faults" and .subject == "0000:16:00.0")'
	perl -e 'print "DMAR: fault ", "y" x 150000, "\n" for 1 .. 20' >"$TREE/dev/kmsg"
	nest 0 check
	nest 0 report --json
	assert_json '.kernel_log.lines | length > 10'
}

# starve COMMAND...: some forty of its allocations fail in turn, once alone, once with all that follow. The
# program says so in one line, with status 4, or does without: it never crashes, nor prints half an answer.
starve() {
	local at count mode status=0 want=0
	"$NESTCTL" "$@" >/dev/null 2>&1 || want=$?
	count=$(LD_PRELOAD=$LACK "$NESTCTL" "$@" 9>&1 >/dev/null 2>&1) || true
	[ "${count:-0}" -gt 20 ] || blame "$*: $count allocations"
	for ((at = 1; at <= count; at += count / 40 + 1)); do
		for mode in '' ever; do
			status=0
			LD_PRELOAD=$LACK NO_MEMORY_AT=$at NO_MEMORY_FOR=$mode "$NESTCTL" "$@" \
				>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 9>/dev/null || status=$?
			[ "$status" -ne "$want" ] || [ -s "$BATS_TEST_TMPDIR/out" ] || blame "$*: nothing was said, $at $mode"
			[ "$status" -ne "$want" ] || continue
			[ "$status" -eq 4 ] || blame "$*: status $status, $at $mode"
			[ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ] || blame "$*: $(cat "$BATS_TEST_TMPDIR/err"), $at $mode"
		done
	done
}

@test "memory that is out anywhere is told in one line, or changes nothing" {
	is_sanitized && skip 'a sanitized program has allocations of its own'
	is_emulated && skip 'what is preloaded is of this host, not of the program'
	LACK=$BATS_TEST_TMPDIR/no-memory.so
	"${CC:-cc}" -shared -fPIC -o "$LACK" "$ROOT/tests/no-memory.c" -ldl || skip 'there is no compiler'
	machine nest-ready
	printf '%s\n' 'DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 7e3ff0505e' \
		'DMAR: [DMA Read] Request device [00:02.0] fault addr 9c000000 [fault reason 06] PTE Read access is not set' \
		>"$BATS_TEST_TMPDIR/log"
	starve --sysroot "$TREE" list
	starve --sysroot "$TREE" check
	starve --sysroot "$TREE" --json check
	starve --sysroot "$TREE" report
	starve decode --log "$BATS_TEST_TMPDIR/log"
	starve --json decode --log "$BATS_TEST_TMPDIR/log"
}
