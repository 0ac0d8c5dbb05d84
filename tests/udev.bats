#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Three ways to the same answer: below --sysroot, and on a live host by sysfs and (--enumerate udev) by libudev. The
# program is the one that ships; umockdev's preload puts the tree in the place of /sys.

# shellcheck disable=SC2030,SC2031,SC2034 # a test is a subshell, and sets $TREE and $WRAPPER for itself
load helpers

setup() {
	is_sanitized && skip 'a sanitizer wants to be loaded first, and so does the preload'
	# The loader complains of a library that it does not find.
	[ -z "$(LD_PRELOAD=libumockdev-preload.so.0 env true 2>&1)" ] || skip 'umockdev is not installed'
}

# live STATUS ARGUMENT...: as on a live host whose /sys is the tree.
live() {
	local tree=$TREE
	TREE=
	WRAPPER=(env "UMOCKDEV_DIR=$tree" LD_PRELOAD=libumockdev-preload.so.0)
	nest "$@"
	WRAPPER=()
	TREE=$tree
}

# The document without what tells of the host the test runs on.
answer() { jq -S 'del(.host)' "$OUT"; }

# same STATUS ARGUMENT...: all ways agree, to the last key.
same() {
	local way ways=(sysfs udev)
	[ "$2" = list ] || ways=(sysfs)
	nest "$@" --json
	answer >"$BATS_TEST_TMPDIR/sysroot"
	[ -s "$BATS_TEST_TMPDIR/sysroot" ]
	for way in "${ways[@]}"; do
		if [ "$way" = udev ]; then live "$@" --json --enumerate udev; else live "$@" --json; fi
		answer >"$BATS_TEST_TMPDIR/$way"
		diff -u "$BATS_TEST_TMPDIR/sysroot" "$BATS_TEST_TMPDIR/$way" || return 1
	done
}

# Every machine but these: hostile has links out of the tree, which mean something else when the tree is
# the root; flat has no devices.
machines() {
	local file
	for file in "$ROOT"/tests/machines/*.machine; do
		case ${file##*/} in
		hostile.* | flat.*) ;;
		*) basename "$file" .machine ;;
		esac
	done
}

@test "list says the same through libudev as through sysfs, live and below --sysroot, on every machine" {
	local n=0
	for name in $(machines); do
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

@test "it was libudev that found the devices, where it was asked for" {
	machine laptop-trap
	live 0 list --enumerate udev -v
	assert_warns 'through libudev'
	# Through libudev a device that has no uevent file is none: the one thing that tells the ways apart.
	machine laptop-trap 'remove @0000:02:00.0/uevent' 'remove @0000:02:00.0/iommu_group' 'remove @group/7/devices/0000:02:00.0' \
		'remove @dmar1/devices/0000:02:00.0'
	nest 0 list
	assert_says 0000:02:00.0
	live 0 list
	assert_says 0000:02:00.0
	live 0 list --enumerate udev
	refute_says 0000:02:00.0
}

@test "a member of a group that libudev refuses is found through its group" {
	machine laptop-trap 'remove @0000:02:00.0/uevent'
	same 0 list
	assert_json "$(device 0000:02:00.0) | .driver == \"nvme\""
}

@test "what libudev renames or leaves out is called and shown as sysfs has it" {
	# libudev reads "!" as a slash, and refuses what has no subsystem.
	machine laptop-trap 'device "a!b" bus=platform group=30 unit=dmar1' 'remove @0000:02:00.0/subsystem' \
		'device nobus bus=none group=31 unit=dmar1' 'device "x\xff" bus=platform group=32 unit=dmar1'
	same 0 list
	assert_json "$(device 'a!b') | .bus == \"platform\" and .iommu == \"dmar1\""
	assert_json "$(device 0000:02:00.0) | .driver == \"nvme\""
}

@test "filters say the same both ways" {
	machine spr-mixed
	same 0 list --nestable
	same 0 list --iommu dmar1 --driver vfio-pci
	same 0 list --class 06
	same 1 list --driver nosuch
}

@test "show says the same live as below --sysroot" {
	machine spr-mixed
	same 0 show 0000:16:00.1
	same 0 show dmar1
	same 0 show 12
	same 3 show 0000:ff:00.0
	machine smmuv3-server
	same 0 show arm-smmu-test.0
	machine vmd
	same 0 show 10000:e1:00.0
	machine sriov-256
	same 0 show 3b:00.0
}
