#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Taking evidence away makes no host ready: each file of a described machine is removed, emptied, cut, filled with
# garbage or made unreadable, one at a time. A verdict that was not "ready" never becomes it, and no rule that failed
# or did not know passes (tests/weaken). Here a few machines of the day, and a part of their files; `make evidence`
# takes everything.

load helpers

# Every so many files; the first one moves with the day.
if [ "${EVIDENCE-}" = all ]; then EVERY=1; else EVERY=${EVERY:-40}; fi
TODAY=$((10#$(date +%j)))

setup() {
	is_emulated && skip 'the emulator loads no library of the host'
	is_sanitized && skip 'a sanitizer wants to be loaded first, and so does the preload'
	DENY=$BATS_TEST_TMPDIR/deny.so
	"${CC:-cc}" -shared -fPIC -o "$DENY" "$ROOT/tests/deny.c" -ldl || skip 'there is no compiler'
}

# weakened NAME LINE...: the machine, of which nothing may become ready.
weakened() {
	local copy=$BATS_TEST_TMPDIR/$1 wrong=0
	machine "$@"
	cp -a "$TREE" "$copy"
	"$ROOT/tests/weaken" "$NESTCTL" "$DENY" "$copy" "$EVERY" "$TODAY" || wrong=1
	rm -rf "$copy"
	return $wrong
}

@test "described machines" {
	local file name n=0 failed=0
	for file in "$ROOT"/tests/machines/*.machine; do
		name=$(basename "$file" .machine)
		n=$((n + 1))
		[ "$EVERY" = 1 ] || [ $((n % 6)) = $((TODAY % 6)) ] || continue
		echo "$name:"
		weakened "$name" || failed=$((failed + 1))
	done
	[ $failed = 0 ]
}

@test "a machine that would be ready, with one flaw" {
	local flaw n=0 failed=0
	for flaw in 'file proc/cmdline "ro intel_iommu=on,sm_off\n"' 'file proc/cmdline "ro intel_iommu=off\n"' \
		'file proc/sys/kernel/osrelease "5.10.0\n"' \
		'file proc/cmdline "ro intel_iommu=on,sm_on pcie_acs_override=downstream\n"' \
		'file dev/kmsg "4,9,9,-;DMAR-IR: Not enabling interrupt remapping\n"' \
		'file sys/devices/virtual/iommu/dmar0/intel-iommu/ecap "f0101a\n"' \
		'file boot/config-6.12.0 "CONFIG_VFIO=m\n# CONFIG_IOMMUFD is not set\n"' \
		'file sys/kernel/iommu_groups/11/reserved_regions "0x00000000ae000000 0x00000000aeffffff direct\n"'; do
		n=$((n + 1))
		[ "$EVERY" = 1 ] || [ $((n % 3)) = $((TODAY % 3)) ] || continue
		echo "$flaw:"
		weakened nest-ready "$flaw" || failed=$((failed + 1))
	done
	[ $failed = 0 ]
}

@test "what becomes ready is seen" {
	local copy=$BATS_TEST_TMPDIR/it
	machine nest-ready 'file proc/cmdline "ro intel_iommu=on,sm_off\n"'
	cp -a "$TREE" "$copy"
	# A program that takes a host without its command line for ready.
	cat >"$BATS_TEST_TMPDIR/believer" <<-'END'
		#!/bin/sh
		for tree; do :; done
		[ -e "$tree/proc/cmdline" ] || { echo '{"findings":[{"id":"x","subject":"","result":"pass"}]}'; exit 0; }
		echo '{"findings":[{"id":"x","subject":"","result":"unknown"}]}'
		exit 3
	END
	chmod +x "$BATS_TEST_TMPDIR/believer"
	run "$ROOT/tests/weaken" "$BATS_TEST_TMPDIR/believer" "$DENY" "$copy" 1 0
	[ "$status" = 1 ]
	[[ $output == *'READY: without /proc/cmdline --for nested'* && $output == *'passes: x : without /proc/cmdline'* ]]
}

@test "a file that is made unreadable is" {
	machine nest-ready
	run env LD_PRELOAD="$DENY" DENY_PATH="$(realpath "$TREE")/proc/cmdline" DENY_ERRNO=13 \
		"$NESTCTL" check --json --sysroot "$TREE"
	output=$(jq -c '[.findings[].evidence[]? | select(.source == "/proc/cmdline") | .errno] | unique' <<<"$output")
	[ "$output" = '["EACCES"]' ]
}
