#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One read(2) of a file in procfs or sysfs gives a page at most. Every command gives the same answer whatever a read
# gives: 1 byte, 7 bytes or 4096 bytes, with EINTR in between, or all of it.

# shellcheck disable=SC2002,SC2030,SC2031 # pipes are the point; a test is a subshell
load fake

# answer BYTES ARGUMENT...: what the program says, on both streams, and its status, when a read gives so many bytes
# (0: as many as it was asked for).
answer() {
	local read=() status=0
	[ "$1" = 0 ] || read=(NESTCTL_FAKE_READ="$1")
	env "${read[@]}" timeout -k 5 60 "$FAKE" "${@:2}" 2>&1 </dev/null || status=$?
	echo "status $status"
}

# same ARGUMENT...: for $SIZES.
same() {
	local size
	answer 0 "$@" >"$BATS_TEST_TMPDIR/whole"
	[ "$(wc -c <"$BATS_TEST_TMPDIR/whole")" -gt 20 ]
	for size in $SIZES; do
		answer "$size" "$@" >"$BATS_TEST_TMPDIR/short"
		cmp "$BATS_TEST_TMPDIR/whole" "$BATS_TEST_TMPDIR/short" || {
			echo "reads of $size bytes: $*"
			diff "$BATS_TEST_TMPDIR/whole" "$BATS_TEST_TMPDIR/short" | cut -c 1-200 | head -n 10
			return 1
		}
	done
}

# below ARGUMENT...: the same, below $TREE.
below() { same --sysroot "$TREE" "$@"; }

# first FILTER: of the document of list.
first() { jq -r "[$1] | first // empty" "$BATS_TEST_TMPDIR/list"; }

# every_command NAME: on one machine, for $SIZES.
every_command() {
	local thing args
	machine "$1"
	"$FAKE" --sysroot "$TREE" --json list >"$BATS_TEST_TMPDIR/list" 2>/dev/null || [ $? -eq 1 ]
	for args in list '--json list' '--format dot list' '-v check' '--json check' 'check --for passthrough' \
		'--format prometheus check' report 'report --no-redact'; do
		# shellcheck disable=SC2086 # words
		below $args
	done
	for thing in "$(first '.groups[].devices[].address')" "$(first '.groups[].id')" "$(first '.iommus[].name')"; do
		[ -z "$thing" ] || below show "$thing"
		[ -z "$thing" ] || below --json show "$thing"
	done
	[ ! -s "$TREE/sys/firmware/acpi/tables/DMAR" ] || same decode dmar "$TREE/sys/firmware/acpi/tables/DMAR"
	[ ! -f "$TREE/dev/kmsg" ] || same decode --log "$TREE/dev/kmsg"
	"$FAKE" --sysroot "$TREE" report -o "$BATS_TEST_TMPDIR/report" 2>/dev/null
	same --from "$BATS_TEST_TMPDIR/report" -v check
	same --from "$BATS_TEST_TMPDIR/report" list
	below diff "$BATS_TEST_TMPDIR/report"
}

# machines REMAINDER: every third machine from this one on, so that each machine has one of the three sizes.
machines() {
	local names
	names=("$ROOT"/tests/machines/*.machine)
	names=("${names[@]##*/}")
	printf '%s\n' "${names[@]%.machine}" | grep -vx 'flat' | awk -v r="$1" 'NR % 3 == r'
}

@test "reads of a byte: every command says the same" {
	local name
	for name in $(machines 0); do
		SIZES=1 every_command "$name"
	done
}

@test "reads of seven bytes: every command says the same" {
	local name
	for name in $(machines 1); do
		SIZES=7 every_command "$name"
	done
}

@test "reads of a page: every command says the same, where lines and tables are longer than one, too" {
	local name
	for name in $(machines 2) eight-sockets; do
		SIZES=4096 every_command "$name"
	done
}

@test "what a machine with more than 184 processors says does not end with the first page" {
	machine eight-sockets
	export NESTCTL=$FAKE NESTCTL_FAKE_READ=4096
	nest 0 check -v
	assert_says 'interrupts are remapped' 'IR-IO-APIC'
	nest 0 decode dmar "$TREE/sys/firmware/acpi/tables/DMAR"
	assert_says 'endpoint e5:00.0'
	nest 0 --json report
	assert_json '.files["sys/firmware/acpi/tables/DMAR"].base64 | length > 5500'
	assert_json '.files["proc/interrupts"].text | contains("IR-PCI-MSI")'
}

@test "probe and roundtrip say the same" {
	local conf
	SIZES='1 7 4096'
	for conf in iommufd-nested rfc-v3 stock-6.1; do
		fake $conf
		same probe 0000:00:01.0
		same --json roundtrip 0000:00:01.0
		same check --probe 0000:00:01.0
		same report --probe
	done
}

@test "logs, tables, reports and policies from a pipe say the same" {
	local size said
	machine nest-ready
	"$FAKE" --sysroot "$TREE" report -o "$BATS_TEST_TMPDIR/report"
	printf 'units.nesting=all\npasid_bits>=20\n' >"$BATS_TEST_TMPDIR/policy"
	for size in 0 1 7 4096; do
		said=$(
			[ $size = 0 ] || export NESTCTL_FAKE_READ=$size
			cat "$TREE/dev/kmsg" | "$FAKE" decode --log -
			cat "$TREE/sys/firmware/acpi/tables/DMAR" | "$FAKE" decode dmar -
			cat "$BATS_TEST_TMPDIR/report" | "$FAKE" --from - check
			cat "$BATS_TEST_TMPDIR/policy" | "$FAKE" --sysroot "$TREE" check --policy -
		)
		[ "$(wc -l <<<"$said")" -gt 20 ]
		printf '%s\n' "$said" >"$BATS_TEST_TMPDIR/said.$size"
		cmp "$BATS_TEST_TMPDIR/said.0" "$BATS_TEST_TMPDIR/said.$size"
	done
}

@test "what is longer than is read decides nothing, and is told where it is shown" {
	machine nest-ready 'remove dev/kmsg' 'interrupts cpus=5000 line="0 PCI-MSI" line="1 PCI-MSI" line="2 PCI-MSI" line="3 PCI-MSI" line="4 PCI-MSI" line="5 IR-PCI-MSI"'
	nest 3 check -v
	refute_says 'not remapped'
	machine nest-ready 'remove boot/config-6.12.0' 'remove sys/class/misc/iommu' 'remove sys/module/iommufd' \
		'binary lib/modules/6.12.0/modules.builtin 61*300000'
	nest 3 check
	assert_says 'UNKNOWN kernel.iommufd'
	machine nest-ready 'remove sys/class/misc/iommu' 'remove sys/module/iommufd' \
		'binary boot/config-6.12.0 434f4e4649475f5646494f3d6d0a,230a*1100000'
	nest 3 check
	assert_says 'UNKNOWN kernel.iommufd'
	machine nest-ready 'binary dev/kmsg 780a*2200000'
	nest 0 report
	assert_json '.kernel_log.lines[-1] | test("only its first 4 MiB were read")'
	machine nest-ready 'binary sys/firmware/acpi/tables/VIOT 00*262145'
	nest 0 report
	assert_json '.files["sys/firmware/acpi/tables/VIOT"].cut'
	# Who is in a group cannot be told from half of the file.
	machine nest-ready 'file etc/passwd "qemu:x:64055:64055::/:/bin/sh\n"' 'binary etc/group 6e3a783a313a0a*60000' \
		'file dev/iommu ""'
	nest 3 check --user qemu
	# wherever the line ends
	[[ $(tr -s ' \n' ' ' <"$OUT") == *'not all groups of this user are known'* ]] || blame 'not said'
}
