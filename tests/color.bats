#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Color: only the sequences that are meant, each ended on its line, around the same text as without.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and sets $TREE for itself
load fake

EDU=0000:00:01.0

setup() {
	unset NO_COLOR
	PLAIN=$BATS_TEST_TMPDIR/plain
}

# painted STATUS ARGUMENT...: with --color=always the command prints color, and only the sequences of
# print/human.c, each ended before the next one and before the line ends. Without them the text is that
# of --color=never, which is clean.
painted() {
	nest "$1" "${@:2}" --color=never || return 1
	assert_clean || return 1
	cp "$OUT" "$PLAIN"
	nest "$1" "${@:2}" --color=always || return 1
	perl -e '
		local $/;
		my ($colored, $plain) = map { open my $in, "<:raw", $_ or die "$_: $!\n"; <$in> } @ARGV;
		die "no color\n" unless $colored =~ /\e/;
		for my $line (split /\n/, $colored) {
			my $open = 0;
			while ($line =~ /\e(\[([0-9;]*)m)?/g) {
				my ($whole, $code) = ($1, $2);
				die "a sequence that is not meant\n" unless defined $whole && $code =~ /^(0|1|2|3[123])$/;
				die "ended twice, or opened twice\n" if ($code ne "0") == $open;
				$open = !$open;
			}
			die "not ended\n" if $open;
		}
		$colored =~ s/\e\[[0-9;]*m//g;
		die "another text than without color\n" if $colored ne $plain' "$OUT" "$PLAIN" ||
		blame 'wrong color'
}

# lists CHECKED: every form of list and check; check exits so.
lists() {
	painted "$1" check -v
	painted 1 check --require kernel=1.0 --require nesting=yes --require uapi_version=1
	painted 0 list
	painted 0 list --groups
	painted 0 list --tree
	painted 0 list -o DEVICE,NAME,DRIVER,DOMAIN,IOMMU,NESTS,REASON,USER
}

@test "list, show and check print the same text with and without color" {
	machine laptop-trap
	lists 1
	painted 0 show 0000:00:02.0
	painted 0 show dmar0
	painted 0 show 0
	machine nest-ready
	painted 0 check -v
	painted 0 list
	machine spr-mixed
	painted 3 check
	painted 0 list --tree
	painted 0 list -o NESTS,REASON,USER
	machine none-unknown
	painted 3 check
}

@test "probe and roundtrip print the same text with and without color" {
	fake iommufd-nested
	painted 0 probe $EDU
	painted 3 probe
	painted 0 show $EDU
	painted 0 roundtrip $EDU -v
	# As many legs as the JSON document has.
	"$NESTCTL" --json roundtrip $EDU >"$BATS_TEST_TMPDIR/json"
	[ "$(grep -c $'^\e\[32mpassed \e\[0m ' "$OUT")" -eq "$(jq '[.legs[] | select(.result == "passed")] | length' "$BATS_TEST_TMPDIR/json")" ]
	[ "$(grep -c $'^\e\[33mskipped\e\[0m ' "$OUT")" -eq "$(jq '[.legs[] | select(.result == "skipped")] | length' "$BATS_TEST_TMPDIR/json")" ]
	[ "$(jq '.legs | length' "$BATS_TEST_TMPDIR/json")" -ge 22 ]
	[[ $output == *$': \e[32mpassed\e[0m\n'* ]]
	fake iommufd-nested flaw=ignore-s1
	painted 1 roundtrip $EDU
	[[ $output == *$': \e[31mfailed\e[0m\n'*$'\n\e[31mfailed \e[0m dma '* ]]
	fake stock-6.1
	painted 1 probe $EDU
	fake noiommu
	painted 3 roundtrip $EDU
	fake iommufd-nested "device=$EDU model=edu driver=igb group=12"
	painted 3 roundtrip $EDU
}

@test "the first line of check is colored, not escaped" {
	machine laptop-trap
	nest 1 check --color=always
	[[ $output == $'\e[31mthis host is not ready'* ]]
	machine nest-ready
	nest 0 check --color=always
	[[ $output == $'\e[32mthis host is ready for nested\e[0m\n'* ]]
}

@test "decode prints the same text with and without color" {
	machine spr-mixed
	painted 0 decode vt-d 1c0000c40660462 7e3ff0505e
	painted 0 decode dmar "$TREE/sys/firmware/acpi/tables/DMAR"
	printf '%s\n' 'DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 29a00f0505e' \
		'pci 0000:00:02.0: Adding to iommu group 1' \
		$'DMAR: dmar\e[31m1: reg_base_addr fed91000 ver 1:0 cap 1 ecap 2' >"$BATS_TEST_TMPDIR/log"
	painted 0 decode --log "$BATS_TEST_TMPDIR/log"
}

@test "diff prints the same text with and without color" {
	machine nest-ready
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/before" 2>/dev/null
	machine nest-ready 'file proc/cmdline "intel_iommu=on \e[31m\n"' 'remove @0000:17:00.0/driver' \
		'device 0000:18:00.0 driver="evil\e[2J" group=14 unit=dmar0'
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/after" 2>/dev/null
	TREE=
	painted 1 diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	painted 1 diff "$BATS_TEST_TMPDIR/after" "$BATS_TEST_TMPDIR/before"
}

@test "formats for programs have no color, whoever asks" {
	machine laptop-trap
	for arguments in report 'list --json' 'list --format dot' 'check --json' 'check --format tap' \
		'check --format junit' 'check --format prometheus' 'check --format nfd' 'show 0 --json' \
		'check --nagios' '--help' '--version' 'check --help'; do
		status=0
		# shellcheck disable=SC2086 # words
		"$NESTCTL" --sysroot "$TREE" --color=always $arguments >"$BATS_TEST_TMPDIR/out" || status=$?
		[[ $status == [0123] ]]
		[ -s "$BATS_TEST_TMPDIR/out" ]
		run -1 grep -q $'\e' "$BATS_TEST_TMPDIR/out"
	done
}

@test "characters that reorder or hide text are escaped in tables too" {
	machine laptop-trap 'device 0000:00:1e.0 group=30 unit=dmar1 driver="ev\xe2\x80\xaeil\xe2\x80\x8b"'
	for locale in C C.UTF-8; do
		for arguments in list 'list --tree' 'list --groups' 'show 30'; do
			# shellcheck disable=SC2086 # words
			LC_ALL=$locale nest 0 $arguments
			assert_says 'ev\xe2\x80\xaeil\xe2\x80\x8b'
			refute_says $'\u202e' $'\u200b'
		done
	done
}

@test "hostile names add no sequence of their own" {
	machine hostile
	lists 1
	for thing in 0000:00:03.0 0000:00:02.0 dmar1 0 3 $'bell\a\xc3\x28' $'unit\xff\xfe' $'ivhd\e[2J'; do
		painted 0 show "$thing"
	done
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/hostile" 2>/dev/null
	machine nest-ready
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/ready" 2>/dev/null
	TREE=
	painted 1 diff "$BATS_TEST_TMPDIR/ready" "$BATS_TEST_TMPDIR/hostile"
	machine hostile
	nest 1 list --driver $'no\e[31msuch' --color=always
	assert_clean
	nest 3 show $'no\e[31msuch' --color=always
	assert_clean
}
