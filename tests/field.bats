#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Situations from the field: what a person posted, and what the program must say of it. A case is a
# file of tests/field, and its README.md tells the language. A test takes all cases of one kind, and
# the last one finds cases that no test takes.

load helpers

# Cases by the beginning of their names.
KINDS='amd arm check encoding guest intel other user xen'

# unfold FILE: its sections become files below $FIELD, its head stays in $FIELD/head.
unfold() {
	FIELD=$BATS_TEST_TMPDIR/$(basename "$1" .case)
	mkdir -p "$FIELD"
	perl -e '
		use strict; use warnings;
		my ($case, $to) = @ARGV;
		open my $in, "<:raw", $case or die "$case: $!\n";
		open my $out, ">:raw", "$to/head" or die;
		while (<$in>) {
			if (/^--- ([\w.-]+)$/) { open $out, ">:raw", "$to/$1" or die "$1: $!\n"; next }
			print $out $_;
		}' "$1" "$FIELD"
}

# machine_of_case: the tree that section machine describes, with section kmsg as its kernel log.
machine_of_case() {
	TREE=
	[ -e "$FIELD/machine" ] || return 0
	mv "$FIELD/machine" "$FIELD/it.machine"
	TREE=$FIELD/tree
	"$ROOT/tests/mktree" "$FIELD/it.machine" "$TREE" >/dev/null
	[ ! -e "$FIELD/kmsg" ] || { mkdir -p "$TREE/dev" && cp "$FIELD/kmsg" "$TREE/dev/kmsg"; }
}

# ask STATUS human|json WORD...: runs the program in the folder of the case.
ask() {
	local status_wanted=$1 form=$2
	shift 2
	[ "$form" = human ] || set -- --json "$@"
	cd "$FIELD" || return 1
	nest "$status_wanted" "$@"
}

# one_case FILE: everything its head demands.
one_case() {
	local key value words='' want=0 human=() json=() ran=0
	unfold "$1"
	echo "case $1"
	while read -r key value; do
		case $key in
		'' | '#'*) ;;
		make:) (cd "$FIELD" && bash -ec "$value") || { blame "make: $value"; return 1; } ;;
		run:) words=$value ;;
		status:) want=$value ;;
		first: | says: | warns: | lacks: | lines:) human+=("$key$value") ;;
		json:) json+=("$value") ;;
		*) blame "$1: unknown word $key"; return 1 ;;
		esac
	done <"$FIELD/head"
	[ -n "$words" ] || { blame "$1 runs nothing"; return 1; }
	machine_of_case
	if [ ${#human[@]} -gt 0 ]; then
		# shellcheck disable=SC2086 # words of a command line
		ask "$want" human $words || return 1
		demand "${human[@]}" || return 1
		ran=1
	fi
	if [ ${#json[@]} -gt 0 ]; then
		# shellcheck disable=SC2086
		ask "$want" json $words || return 1
		for value in "${json[@]}"; do
			assert_json "$value" || return 1
		done
		ran=1
	fi
	[ $ran = 1 ] || { blame "$1 demands nothing"; return 1; }
}

# demand KEY:VALUE...: of the human output, whose lines are wrapped anywhere.
demand() {
	local line first=${output%%$'\n'*}
	output=$(tr -s ' \n' ' ' <<<"$output")
	for line; do
		case $line in
		first:*) [[ $first == *"${line#first:}"* ]] || { blame "first line lacks: ${line#first:}"; return 1; } ;;
		says:*) assert_says "${line#says:}" || return 1 ;;
		warns:*) assert_warns "${line#warns:}" || return 1 ;;
		lacks:*) refute_says "${line#lacks:}" || return 1 ;;
		lines:*) [ "$(wc -l <"$OUT")" -le "${line#lines:}" ] || { blame "more than ${line#lines:} lines"; return 1; } ;;
		esac
	done
}

# all_of KIND: every case of the kind; all failures are told.
all_of() {
	local file failed=0 n=0
	for file in "$ROOT/tests/field/$1"-*.case; do
		n=$((n + 1))
		one_case "$file" || failed=$((failed + 1))
	done
	[ $n -gt 0 ] && [ $failed = 0 ]
}

@test "logs of AMD hosts" { all_of amd; }
@test "logs of Arm hosts" { all_of arm; }
@test "logs of guests" { all_of guest; }
@test "logs of Intel hosts" { all_of intel; }
@test "logs of other kinds of IOMMU" { all_of other; }
@test "logs of Xen" { all_of xen; }
@test "logs in the encodings in which they are sent" { all_of encoding; }
@test "what is no kernel log" { all_of user; }
@test "verdicts on hosts" { all_of check; }

@test "every case is one of these, and its sections are used" {
	local file kind
	for file in "$ROOT"/tests/field/*; do
		[ "${file##*/}" != README.md ] || continue
		kind=${file##*/}
		[[ $kind == *.case && " $KINDS " == *" ${kind%%-*} "* ]] || { echo "no test takes $file"; return 1; }
		head -n 1 "$file" | grep -q SPDX-License-Identifier || { echo "no licence: $file"; return 1; }
	done
}

@test "a case that demands the wrong thing fails" {
	local case=$BATS_TEST_TMPDIR/intel-wrong.case head
	for head in 'first: DMA remapping is off' 'says: no such words' 'lacks: faulted' 'lines: 1' \
		'json: .faults == []' 'status: 1' 'unknown: word'; do
		printf '# x\nrun: decode --log log\n%s\nsays: Faults\n--- log\n%s\n' "$head" \
			'DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault reason 0x06] x' >"$case"
		run ! one_case "$case"
	done
	printf '# x\nrun: decode --log log\n--- log\nx\n' >"$case"
	run ! one_case "$case"
}
