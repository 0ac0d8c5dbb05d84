#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What of tests/vm needs no virtual machine.

# The tables of machines.bash are of the function that reads it, so that each test does.
# shellcheck disable=SC1090,SC1091,SC2016,SC2154
load helpers

# emulator VERSION PROPERTY...: the path of an emulator whose intel-iommu and amd-iommu have these.
emulator() {
	local path=$BATS_TEST_TMPDIR/qemu-$1
	{
		printf '#!/bin/sh\necho "$2" | sed "s/,help/ options:/"\n'
		printf 'echo "  %s=<bool>    - on/off (default: off)"\n' "${@:2}"
	} >"$path"
	chmod +x "$path"
	echo "$path"
}

setup() {
	TABLES=$ROOT/tests/vm/machines.bash
	OLD=$(emulator 10.0 intremap aw-bits x-flts x-scalable-mode pt)
	NEW=$(emulator 11.1 intremap aw-bits fsts scalable-mode pasid-bits)
}

@test "a device has the property names of the emulator that will run it" {
	. "$TABLES"
	local device=intel-iommu,intremap=on,scalable-mode=on,fsts=on,aw-bits=39
	[ "$(machine_device "$NEW" $device)" = $device ]
	[ "$(machine_device "$OLD" $device)" = intel-iommu,intremap=on,x-scalable-mode=on,x-flts=on,aw-bits=39 ]
	[ "$(machine_device "$OLD" amd-iommu,pt=off)" = amd-iommu,pt=off ]
	[ "$(machine_device "$NEW" amd-iommu,pt=off)" = amd-iommu ]
	[ "$(machine_device "$NEW" virtio-iommu-pci)" = virtio-iommu-pci ]
}

@test "a property that the emulator lacks stays, so that it complains" {
	. "$TABLES"
	[ "$(machine_device "$NEW" intel-iommu,x-nest=on)" = intel-iommu,x-nest=on ]
}

@test "every IOMMU of machines.bash has names that QEMU 11.1 or the lab has" {
	. "$TABLES"
	local machine
	for machine in "${!machine_iommu[@]}"; do
		[[ ,${machine_iommu[$machine]} != *,x-scalable-mode* && ,${machine_iommu[$machine]} != *,x-flts* ]]
		if machine_is_lab "$machine"; then continue; fi
		[[ ${machine_iommu[$machine]} != *,x-* ]]
	done
}

# The rows of mutants.tsv, without comments.
mutants() {
	grep -v '^#' "$ROOT/tests/vm/expected/mutants.tsv"
}

# The names of the rows that these patches add to a table of what a device does wrong.
names_in() {
	local patch
	for patch; do
		grep -ohP '^\+    \{ "\K[^"]+(?=", [A-Z_0-9]+, )' "$ROOT"/tests/vm/lab/patches/"$patch"*.patch
	done | sort
}

@test "every mutant of the emulator has its row in mutants.tsv, and no other has" {
	diff <(names_in 0007 0009 0010) <(mutants | awk -F'\t' '$1 == "unit" { print $2 }' | sort)
	# a correct device is the correct unit's
	diff <(names_in 0008 | grep -vx none) <(mutants | awk -F'\t' '$1 == "edu" { print $2 }' | sort)
	diff <(names_in 0014 | grep -vx none) <(mutants | awk -F'\t' '$1 == "dsa" { print $2 }' | sort)
	[ "$(names_in 0007 0009 | wc -l)" -gt 80 ]
	diff <(names_in 0011) <(mutants | awk -F'\t' '$1 == "smmu" { print $2 }' | sort)
	[ "$(names_in 0011 | wc -l)" -gt 70 ]
}

@test "every row of mutants.tsv is whole: a state and a verdict that there are, words or a reason" {
	run -0 awk -F'\t' '
		$1 !~ /^(unit|edu|dsa|smmu)$/ || $3 !~ /^(now|todo|harm)$/ { print }
		NF == 6 { if ($6 !~ /^(dsa|igb|nvme) (not_passed|(violated|seen|cannot) .+)$/) print; NF = $5 == "" ? 4 : 5 }
		$4 ~ /^(violated|seen|cannot)$/ && NF == 5 && $5 != "" { next }
		$4 ~ /^(control|incomplete|not_passed|not_failed)$/ && NF == 4 { next }
		{ print }' <(mutants)
	[ -z "$output" ]
}

# judged VERDICT PROPERTY=RESULT... [/ DEVIATION...] STATE WANTED LIST: what the judge says of one such round trip.
judged() {
	local dir=$BATS_TEST_TMPDIR/judged verdict=$1 properties='' deviations=''
	shift
	rm -rf "$dir"
	mkdir -p "$dir/out/mutants" "$dir/expected"
	cp "$ROOT"/tests/vm/{judge,judge.jq,lib.bash} "$dir/"
	while [[ $1 == *=* ]]; do
		properties+=${properties:+,}$(printf '{"id":"%s","result":"%s"}' "${1%=*}" "${1#*=}")
		shift
	done
	while [[ $1 == +* ]]; do
		deviations+=${deviations:+,}$(printf '{"id":"%s"}' "${1#+}")
		shift
	done
	printf '{"verdict":"%s","properties":[%s],"deviations":[%s]}\n' "$verdict" "$properties" "$deviations" \
		>"$dir/out/mutants/unit-x.out"
	: >"$dir/out/mutants/unit-x.err"
	case $verdict in passed) echo 0 ;; *) echo 1 ;; esac >"$dir/out/mutants/unit-x.status"
	printf 'unit\tx\t%s\t%s\t%s\n' "$@" >"$dir/expected/mutants.tsv"
	echo @mutants >"$dir/expected/boot.tsv"
	"$dir/judge" "$dir/out" boot | grep -v '^#'
}

@test "a mutant that passes fails the run, and so does a control that does not" {
	[[ $(judged passed a.b=held now violated a) == 'not ok - '* ]]
	[[ $(judged failed a.b=violated now violated a) == 'ok - '*': violated a' ]]
	[[ $(judged failed a.b=violated now violated c,a.b) == 'ok - '* ]]
	[[ $(judged failed a.b=violated now violated b) == 'not ok - '* ]]
	[[ $(judged passed a.b=held now control '') == 'ok - '* ]]
	[[ $(judged failed a.b=violated now control '') == 'not ok - '* ]]
	[[ $(judged incomplete a.b=not_shown now control '') == 'not ok - '* ]]
	[[ $(judged passed a.b=held now cannot 'no reason') == 'ok - '* ]]
	[[ $(judged passed a.b=held +a now seen a) == 'ok - '* ]]
	[[ $(judged passed a.b=held now seen a) == 'not ok - '* ]]
	[[ $(judged incomplete a.b=not_shown now incomplete '') == 'ok - '* ]]
	[[ $(judged failed a.b=violated now incomplete '') == 'not ok - '* ]]
	[[ $(judged passed a.b=held now not_passed '') == 'not ok - '* ]]
	[[ $(judged incomplete a.b=not_shown now not_failed '') == 'ok - '* ]]
}

@test "a mutant that is not seen yet is skipped by name, never passed over" {
	[[ $(judged passed a.b=held todo violated a) == 'ok - unit x: '*' # SKIP todo: not seen yet' ]]
	[[ $(judged failed a.b=violated todo violated a) == 'ok - unit x: '*' # SKIP todo: is so by now'* ]]
}

# arm_emulator NAME MACHINE: the path of an emulator of arm64 that has this machine, with its firmware beside it.
arm_emulator() {
	local dir=$BATS_TEST_TMPDIR/$1
	mkdir -p "$dir/usr/share/qemu-efi-aarch64"
	: >"$dir/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"
	printf '#!/bin/sh\necho "%s  a machine"\n' "$2" >"$dir/qemu-system-aarch64"
	chmod +x "$dir/qemu-system-aarch64"
	echo "$dir/qemu-system-aarch64"
}

@test "an emulator that was asked for is taken, or the run ends: never another one" {
	local new old
	new=$(arm_emulator new virt-10.0)
	old=$(arm_emulator old virt-9.2)
	export NESTCTL_CACHE=$BATS_TEST_TMPDIR/cache
	QEMU_ARM64=$new run "$ROOT/tests/vm/fetch-qemu" arm64
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "$new" ]
	[ "${lines[1]}" = "${new%/*}/usr/share/qemu-efi-aarch64/QEMU_EFI.fd" ]
	QEMU_ARM64=$old run "$ROOT/tests/vm/fetch-qemu" arm64
	[ "$status" -eq 1 ]
	[[ $output == *"$old"* ]]
	QEMU=$OLD run "$ROOT/tests/vm/fetch-qemu"
	[ "$status" -eq 1 ]
	[[ $output == *"$OLD"* ]]
}
