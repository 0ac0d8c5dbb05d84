#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the Bats files share. A test reads: machine NAME, nest STATUS ARGUMENTS, then what must be seen.
# Variables for tests: $TREE (set by machine), $status, $output, $error, $OUT and $ERR (files).

bats_require_minimum_version 1.5.0
# shellcheck source=/dev/null
. "${BASH_SOURCE[0]%/*}/has.bash"
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${NESTCTL:=$ROOT/vfio-nestctl}"
: "${MACHINES:=$ROOT/build/machines}"
TREE=
WRAPPER=()
unset COLUMNS

# machine NAME [STATEMENT...]: the tree of tests/machines/NAME.machine, with more statements of its language
# (tests/machines/README.md), in $TREE; below it everything runs that nest starts. Trees are kept, and shared
# by all tests: never write into one.
machine() {
	local key
	key=$(cat "$ROOT/tests/mktree" "$ROOT"/tests/machines/*.machine | cksum)
	key=$(printf '%s\0' "$key" "$@" | cksum)
	TREE=$MACHINES/$1-${key%% *}
	[ ! -d "$TREE" ] || return 0
	local new
	mkdir -p "$MACHINES"
	new=$(mktemp -d "$MACHINES/new.XXXXXX")
	"$ROOT/tests/mktree" "$1" "$new/tree" "${@:2}"
	# Another suite may have been faster; its tree is as good.
	mv -T "$new/tree" "$TREE" 2>/dev/null || rm -rf "$new/tree"
	rmdir "$new"
}

# flat N: a machine of N functions, each in a group of its own.
flat() {
	# shellcheck disable=SC1083 # braces of the language, not of the shell
	machine flat "repeat $1" 'device {i>>16:%04x}:{i>>8&255:%02x}:{i>>3&31:%02x}.{i&7} id=8086:{4096+i%16:%04x} driver=ixgbe group={i} unit=dmar0 caps=pm,msi,exp,ats' end
}

# nest STATUS ARGUMENT...: runs the program and demands exactly this exit status. Below $TREE if it is set.
nest() {
	local want=$1 tree=()
	shift
	OUT=$BATS_TEST_TMPDIR/out
	ERR=$BATS_TEST_TMPDIR/err
	[ -z "$TREE" ] || tree=(--sysroot "$TREE")
	status=0
	timeout -k 5 30 "${WRAPPER[@]}" "$NESTCTL" "${tree[@]}" "$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
	output=$(tr -d '\0' <"$OUT")
	error=$(tr -d '\0' <"$ERR")
	printf '$ vfio-nestctl%s\n' "$(printf ' %q' "${tree[@]}" "$@")"
	case " $* " in
	*' --json '* | *' --format=json '* | *' --format json '*) keep_json "$OUT" ;;
	esac
	[ "$status" -eq "$want" ] || blame "status $status, wanted $want"
}

# terminal COLUMNS ARGUMENT...: the lines on a terminal of this width, as $TERMINAL.
terminal() {
	local command
	TERMINAL=$BATS_TEST_TMPDIR/terminal
	printf -v command '%q ' "$NESTCTL" --sysroot "$TREE" --color never -q "${@:2}"
	TERM=xterm script -qec "stty cols $1 rows 24; $command" /dev/null </dev/null |
		tr -d '\r' >"$TERMINAL"
}

# Says what failed, over what the program said, and fails. A helper that asserts returns right after
# it, because in "run", "if" and "||" the shell goes on after a failed command.
blame() {
	printf '%s\n--- stdout\n' "$1"
	head -c 1500 "${OUT:-/dev/null}" | cat -v
	printf -- '\n--- stderr\n'
	head -c 1000 "${ERR:-/dev/null}" | cat -v
	return 1
}

# keep_json FILE: the document is checked against the schema when the suite ends (setup_suite.bash).
# A usage error prints none.
keep_json() {
	[ "$status" -ne 2 ] || return 0
	mkdir -p "$BATS_RUN_TMPDIR/json"
	cp "$1" "$(mktemp "$BATS_RUN_TMPDIR/json/$(basename "$BATS_TEST_FILENAME" .bats).$BATS_TEST_NUMBER.XXXXXX")"
}

# holds FILE one|all FILTER [JQ-ARGUMENT...]: the filter answers "true", once, for the only document of
# the file ("one"), or for the array of all of them, at least one ("all").
# Not jq -e: jq 1.6 succeeds without a document and looks at the last answer only. The file comes on
# standard input because --args takes every word after it as an argument.
holds() {
	local file=$1 take filter=$3 said
	case $2 in
	one) take='if length == 1 then .[0] else error("\(length) documents") end' ;;
	all) take='if length > 0 then . else error("no document") end' ;;
	esac
	shift 3
	# The newline ends a comment of the filter.
	said=$(jq -cn "[inputs] | $take | [$filter
		]" "$@" <"$file" 2>&1) || :
	[ "$said" = '[true]' ] || blame "not true: $filter: ${said:0:300}"
}

# assert_json FILTER [JQ-ARGUMENT...]: the filter is true of the one document on standard output.
assert_json() {
	holds "$OUT" one "$@"
}

# tells STREAM CONTENT TEXT...: the content of the stream holds each text.
tells() {
	local stream=$1 content=$2 text
	shift 2
	[ $# -gt 0 ] || { blame 'no text to look for'; return 1; }
	for text; do
		[ -n "$text" ] || { blame 'an empty text to look for'; return 1; }
		[[ $content == *"$text"* ]] || { blame "$stream lacks: $text"; return 1; }
	done
}

# assert_says TEXT..., assert_warns TEXT...: standard output, standard error holds each text.
assert_says() {
	tells stdout "$output" "$@"
}

assert_warns() {
	tells stderr "$error" "$@"
}

# refute_says TEXT...: standard output is not empty and holds none of these. A test that expects empty
# output checks that instead: [ -z "$output" ].
refute_says() {
	local text
	[ $# -gt 0 ] || { blame 'no text to look for'; return 1; }
	[ -n "$output" ] || { blame 'stdout is empty'; return 1; }
	for text; do
		[[ $output != *"$text"* ]] || { blame "stdout holds: $text"; return 1; }
	done
}

# The output is not empty, and neither stream holds what would control a terminal: control characters
# other than newline and tab, DEL, C1, bad UTF-8.
assert_clean() {
	perl -e '
		local $/;
		my $said = 0;
		for my $file (@ARGV) {
			open my $in, "<:raw", $file or die "$file: $!\n";
			my $text = <$in> // "";
			$said += length $text;
			die "$file holds a control byte\n" if $text =~ /[\x00-\x08\x0b-\x1f\x7f]/;
			die "$file is not valid UTF-8\n" unless utf8::decode($text);
			die "$file holds a C1 control\n" if $text =~ /[\x{80}-\x{9f}]/;
		}
		die "both streams are empty\n" unless $said' "$OUT" "$ERR" || blame 'not clean'
}

# The commands that --help lists.
command_names() {
	"$NESTCTL" --help | sed -n '/^Commands/,/^Exit/s/^  \([a-z]\+\)\( .*\)\?$/\1/p' | grep .
}

# A machine that no test of hardware answers for: its IOMMU unit of this name, its group, its device.
unit() { printf '(.iommus[] | select(.name == "%s"))' "$1"; }
group() { printf '(.groups[] | select(.id == %s))' "$1"; }
device() { printf '([.groups[].devices[], .ungrouped_devices[]] | map(select(.address == "%s")) | if length == 1 then .[0] else error("%s: \\(length) times") end)' "$1" "$1"; }

# needs NAME...: the tools that a test cannot do without (has.bash), or skip.
needs() {
	local name
	for name; do
		has "$name" || skip "$name is not installed"
	done
}

# A test that counts or watches system calls: strace, and the right to use it; or skip.
needs_tracing() {
	needs strace
	is_emulated && skip 'strace sees the calls of the emulator'
	strace -qq -c -o /dev/null true 2>/dev/null || skip 'tracing is not allowed here'
}

# As nobody, or skip.
as_nobody() {
	[ "$(id -u)" -ne 0 ] && return
	command -v setpriv >/dev/null || skip 'setpriv is not there to drop root'
	WRAPPER=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	"${WRAPPER[@]}" test -x "$NESTCTL" -a -r "${TREE:-/}" || skip 'nobody may not reach the program or the tree'
}

is_sanitized() { grep -q __asan_init "$NESTCTL"; }

# tests/emulated says so.
is_emulated() { [ -n "${EMULATED-}" ]; }
