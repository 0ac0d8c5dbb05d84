#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nouns after a number: singular after 1, plural after others; and one count of the devices of a group.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and sets $TREE for itself
load fake

# Nouns that the program counts.
NOUNS='unit|group|device|bridge|warning|requirement|change|time|line|byte|fault|message|request'
NOUNS+='|invalidation|function|structure|page request|virtual function|IOMMU unit'

# counted: the last run printed numbers, but neither "1 units" nor "2 unit". Addresses (00:01.1), names and
# versions end in a number too; rows of register fields have the value before the title.
counted() {
	local counted=$BATS_TEST_TMPDIR/counted before='(^|[^0-9.:a-z-])' after='([^a-z]|$)'
	cat "$OUT" "$ERR" | grep -vE '^e?cap  ' >"$counted"
	grep -qE '[0-9]' "$counted" || blame 'no number'
	! grep -nE "${before}1 ($NOUNS|bit)s$after" "$counted" || blame '1, and a plural'
	! grep -nE "$before([02-9]|[1-9][0-9]+) ($NOUNS)$after" "$counted" || blame 'no plural'
}

@test "one unit, one group, one device" {
	machine flat 'unit dmar0 vtd version=1:0 address=1000 cap=d2008c40660462 ecap=f050da' \
		'device 0000:00:02.0 id=8086:1000 class=020000 group=1 unit=dmar0 caps=pm,exp,ats:on,pri,pasid:1'
	for arguments in 'list -v' 'show 0000:00:02.0 -v' 'show 1' 'show dmar0' 'check -v' \
		'check -v --for passthrough' 'check --require units=1' 'list --format dot'; do
		status=0
		# shellcheck disable=SC2086 # words
		"$NESTCTL" --sysroot "$TREE" $arguments >"$BATS_TEST_TMPDIR/out" \
			2>"$BATS_TEST_TMPDIR/err" || status=$?
		[[ $status == [013] ]]
		OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err
		counted
	done
	nest 0 list -v
	assert_warns 'found 1 IOMMU unit, 1 group, 1 device'
	nest 0 list --format dot
	assert_says '1 unit, 1 group, 1 device'
	nest 0 check --require units=1
	assert_says 'requirements met: 1 of 1'
}

@test "several units, groups and devices" {
	for name in spr-mixed viability sriov-256 laptop-trap; do
		machine $name
		nest 0 list -v
		counted
		nest 0 list --format dot
		counted
		status=0
		"$NESTCTL" --sysroot "$TREE" check -v >"$OUT" 2>"$ERR" || status=$?
		[[ $status == [013] ]]
		counted
	done
}

@test "the kernel's log: one line, one fault, once; and several" {
	local line='DMAR: DRHD: handling fault status reg 2'
	local fault='DMAR: [DMA Read NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x06] PTE Read access is not set'
	machine nest-ready "file dev/kmsg \"4,9,9,-;$fault\\n\""
	nest 0 check -v
	counted
	assert_says 'it has 1 line about' 'blocked 1 read of'
	machine nest-ready "file dev/kmsg \"4,9,9,-;$fault\\n4,10,10,-;$line\\n4,11,11,-;$fault\\n\""
	nest 0 check -v
	counted
	assert_says 'blocked 2 reads of'
	printf '%s\n' 'DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 29a00f0505e' \
		"$fault" "$fault" >"$BATS_TEST_TMPDIR/log"
	nest 0 decode --log "$BATS_TEST_TMPDIR/log"
	counted
	assert_says 'line 1, 1 time'
}

@test "a diff of one change, and of several" {
	machine nest-ready
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/a" 2>/dev/null
	machine nest-ready 'file @0000:16:00.0/uevent "DRIVER=igb\n"'
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/b" 2>/dev/null
	TREE=
	nest 1 diff "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
	counted
}

@test "list, show and check count the devices of a group alike, bridges included" {
	machine viability
	nest 0 list --groups --noheadings -o GROUP,DEVICES
	[ "$(awk '$1 == 1 { print $2 }' "$OUT")" -eq 5 ]
	nest 0 show 0000:01:00.0
	assert_says '1, of 5 devices'
	nest 0 list --json
	assert_json "$(group 1).devices | length == 5"
	nest 3 check --for passthrough --json 0000:01:00.0
	assert_json '.findings[] | select(.id == "group.viable").summary | contains("5 devices")'
	assert_json '.findings[] | select(.id == "group.isolation") |
		(.summary | contains("5 devices, including 1 bridge")) and .evidence[0].value == "5"'
}
