#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/capture: what it writes of a tree builds a tree that gives the same answers, and holds no secrets.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and sets $TREE for itself
load helpers

# recapture [OPTION...]: $TREE becomes one built from its own description.
recapture() {
	"$ROOT/tests/capture" "$@" --sysroot "$TREE" >"$BATS_TEST_TMPDIR/captured.machine"
	rm -rf "$BATS_TEST_TMPDIR/tree"
	"$ROOT/tests/mktree" "$BATS_TEST_TMPDIR/captured.machine" "$BATS_TEST_TMPDIR/tree"
	TREE=$BATS_TEST_TMPDIR/tree
}

# same STATUS ARGUMENT...: of the tree and of the one built from its description, with $OPTIONS.
same() {
	local original=$TREE
	nest "$@" --json
	jq -S . "$OUT" >"$BATS_TEST_TMPDIR/original"
	[ -s "$BATS_TEST_TMPDIR/original" ]
	# shellcheck disable=SC2086 # words
	recapture ${OPTIONS:-}
	nest "$@" --json
	TREE=$original
	diff -u "$BATS_TEST_TMPDIR/original" <(jq -S . "$OUT")
}

@test "list says the same of every machine and of its description" {
	local n=0
	for file in "$ROOT"/tests/machines/*.machine; do
		name=$(basename "$file" .machine)
		case $name in
		# UUIDs are renumbered; what is hostile is not to be handed on; no devices.
		many-buses | hostile | flat) continue ;;
		# Large: a test of its own.
		sriov-256) continue ;;
		esac
		echo "# $name"
		machine "$name"
		case $name in
		none-*) same 1 list ;;
		*) same 0 list ;;
		esac
		n=$((n + 1))
	done
	[ "$n" -ge 15 ]
}

@test "show says the same of a device with its config space and its functions" {
	OPTIONS=--config
	machine spr-mixed
	same 0 show 6a:01.0
	same 0 show 16:00.1
	machine amd-desktop
	same 0 show 03:00.0
}

@test "the DMAR table is taken when asked for" {
	machine laptop-trap
	recapture --acpi
	machine laptop-trap
	cmp "$TREE/sys/firmware/acpi/tables/DMAR" "$BATS_TEST_TMPDIR/tree/sys/firmware/acpi/tables/DMAR"
}

@test "mediated devices keep their place and lose their UUID" {
	machine many-buses
	recapture
	run grep -c -e 83b8f4f2 -e 00ec5ac1 "$BATS_TEST_TMPDIR/captured.machine"
	[ "$output" -eq 0 ]
	nest 0 list --json
	assert_json '[.groups[] | select(.id == 7 or .id == 8) | .devices[].bus] == ["mdev", "mdev"]'
	assert_json '[.groups[].devices[].bus] | unique == ["amba", "cdx", "fsl-mc", "mdev", "pci", "platform"]'
}

@test "serial numbers, disks and host names are not taken" {
	machine spr-mixed \
		'host kernel=6.12.0 cmdline="BOOT_IMAGE=/vmlinuz root=UUID=c0ffee00-secret ro hostname=secret intel_iommu=on iommu=pt"' \
		'device 0000:17:00.0 class=020000 group=50 unit=dmar1 caps=vndr,exp:flr,dsn,ats:on' \
		'file @0000:17:00.0/serial_number "5e-71-a1-00-00-c0-ff-ee\n"' \
		'file @0000:17:00.0/label "secret"' \
		'file @0000:17:00.0/net/eth0/address "c0:ff:ee:c0:ff:ee"' \
		'poke @0000:17:00.0/config 0x44 c0ffeec0ffee'
	grep -q c0ffee "$TREE/proc/cmdline"
	recapture --config
	run grep -i -e c0ffee -e c0:ff -e c0-ff -e secret -e UUID -e 5e71 "$BATS_TEST_TMPDIR/captured.machine"
	[ "$status" -eq 1 ]
	grep -q 'cmdline="intel_iommu=on iommu=pt"' "$BATS_TEST_TMPDIR/captured.machine"
	nest 0 show 17:00.0 --json
	assert_json '.device.config_space | .flr == "yes" and .ats.enabled == "yes"'
}

@test "virtual functions keep the link to their physical one" {
	machine sriov-256
	recapture
	nest 0 show 3c:00.7 --json
	assert_json '[.device | .. | strings] | index("0000:3b:00.0") != null'
	nest 0 list --json --driver iavf
	assert_json '[.groups[].devices[]] | length == 256'
}

@test "config space that was not taken is unknown" {
	machine laptop-trap
	recapture
	nest 0 show 00:02.0 --json
	assert_json '[.device.config_space // {} | .. | strings | select(. == "yes" or . == "no")] == []'
}

@test "names that need it are quoted" {
	machine laptop-trap 'device "a b\e\"\\\xff" bus=platform driver="x y" group=60 unit=dmar1'
	same 0 list
}
