#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diff: what changed between two reports of described machines, one change after the other.

load helpers

# side NAME STATEMENT...: a report of nest-ready with these, as $BATS_TEST_TMPDIR/NAME.
side() {
	machine nest-ready "${@:2}"
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/$1" 2>/dev/null
	TREE=
}

# changed ID SUBJECT STATEMENT...: with these, the change is found, and exit status 1.
changed() {
	side after "${@:3}"
	nest 1 --json diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	# shellcheck disable=SC2016 # jq's variables
	assert_json 'any(.changes[]; .id == $id and .subject == $subject)' \
		--arg id "$1" --arg subject "$2"
}

setup() {
	side before
}

@test "nothing changed: said, and status 0" {
	nest 0 diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/before"
	assert_says 'Nothing'
	nest 0 --json diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/before"
	assert_json '.changes == []'
}

@test "each kind of change is found" {
	changed cmdline intel_iommu 'file proc/cmdline "root=/dev/sda2 ro intel_iommu=on\n"'
	assert_json 'any(.changes[]; .id == "check.finding" and .subject == "vtd.scalable_mode" and (has("before") | not))'
	changed kernel '' 'file proc/sys/kernel/osrelease "6.12.1\n"' 'file proc/version "Linux version 6.12.1\n"' 'host kernel=6.12.1 cmdline="root=/dev/sda2 ro intel_iommu=on,sm_on"'
	changed unit.nesting dmar0 'file @dmar0/intel-iommu/ecap "2ef9ea2f050df\n"'
	changed firmware.flags DMAR 'dmar flags=0x03 width=52 scope="dmar0 16:00.0"'
	changed device 0000:18:00.0 'device 0000:18:00.0 id=8086:1572 class=020000 group=14 unit=dmar0'
	changed module.parameter vfio.enable_unsafe_noiommu_mode 'file sys/module/vfio/parameters/enable_unsafe_noiommu_mode "Y\n"'
	changed group.members 0000:16:00.0 'device 0000:16:00.2 parent=0000:15:01.0 id=15b3:a2dc class=020000 group=11 unit=dmar0'
}

@test "against this host or a tree: no B, or -" {
	machine nest-ready 'file sys/module/vfio/parameters/enable_unsafe_noiommu_mode "Y\n"'
	nest 1 diff "$BATS_TEST_TMPDIR/before"
	assert_says enable_unsafe_noiommu_mode
	nest 1 diff "$BATS_TEST_TMPDIR/before" -
}

@test "what is no report" {
	nest 3 diff "$BATS_TEST_TMPDIR/before" /nosuch
	assert_warns /nosuch
	nest 2 diff
}
