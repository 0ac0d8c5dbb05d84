#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Files that are written: report -o is there whole or not at all, and nobody else can read what is written.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

setup() {
	DIR=$BATS_TEST_TMPDIR/files
	mkdir "$DIR"
	OLD=$DIR/old.json
	echo 'what was there' >"$OLD"
	chmod 644 "$OLD"
}

teardown() {
	[ -z "${PLACE:-}" ] || { chmod 755 "$PLACE" && rm -rf "$PLACE"; }
}

# read_only MODE: for a user who is not root, an old file of this mode in a folder that cannot be written.
read_only() {
	as_nobody
	PLACE=$(mktemp -d)
	OLD=$PLACE/old.json
	echo 'what was there' >"$OLD"
	chmod "$1" "$OLD"
	chmod 555 "$PLACE"
	DIR=$PLACE
}

# untouched: the old file is as it was, and alone.
untouched() {
	[ "$(cat "$OLD")" = 'what was there' ]
	[ "$(ls -A "$DIR")" = old.json ]
}

# is_report FILE: whole, and for its owner alone.
is_report() {
	jq -e '.command == "report"' "$1" >/dev/null
	[ "$(stat -Lc %a "$1")" = 600 ]
}

@test "a usage error and a host that cannot be read leave the old report as it is" {
	machine nest-ready
	nest 2 report --probe -o "$OLD"
	untouched
	nest 0 report -o "$DIR/new.json"
	mv "$DIR/new.json" "$BATS_TEST_TMPDIR"
	TREE='' nest 2 --from "$BATS_TEST_TMPDIR/new.json" report -o "$OLD"
	untouched
	nest 2 report --nosuch -o "$OLD"
	untouched
	TREE=/nosuch nest 3 report -o "$OLD"
	untouched
	nest 3 --transcript /nosuch/folder/file report -o "$OLD"
	untouched
}

@test "a report takes the place of the old one, whole, and for its owner alone" {
	machine nest-ready
	nest 0 report -o "$OLD"
	[ -z "$output$error" ]
	is_report "$OLD"
	[ "$(ls -A "$DIR")" = old.json ]
	umask 0
	nest 0 report -o "$DIR/new.json"
	is_report "$DIR/new.json"
	cmp "$OLD" "$DIR/new.json"
	nest 0 report
	cmp "$OLD" "$OUT"
	(cd "$DIR" && nest 0 report -o relative.json && is_report relative.json)
}

@test "through a link the file that it leads to is written, and the link stays" {
	machine nest-ready
	ln -s files/old.json "$BATS_TEST_TMPDIR/link"
	nest 0 report -o "$BATS_TEST_TMPDIR/link"
	[ "$(readlink "$BATS_TEST_TMPDIR/link")" = files/old.json ]
	is_report "$OLD"
	ln -s files/nothing-yet.json "$BATS_TEST_TMPDIR/dangling"
	nest 0 report -o "$BATS_TEST_TMPDIR/dangling"
	[ -L "$BATS_TEST_TMPDIR/dangling" ]
	is_report "$DIR/nothing-yet.json"
}

@test "what is no file is written to: a pipe, /dev/stdout, /dev/null, a FIFO" {
	machine nest-ready
	nest 0 report -o /dev/stdout
	jq -e '.command == "report"' "$OUT" >/dev/null
	"$NESTCTL" --sysroot "$TREE" report -o /dev/stdout | jq -e '.command == "report"' >/dev/null
	"$NESTCTL" --sysroot "$TREE" report -o /dev/fd/3 3>"$DIR/three"
	jq -e '.command == "report"' "$DIR/three" >/dev/null
	nest 0 report -o /dev/null
	[ -c /dev/null ]
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	timeout 20 cat "$BATS_TEST_TMPDIR/fifo" >"$DIR/through" &
	nest 0 report -o "$BATS_TEST_TMPDIR/fifo"
	wait $!
	[ -p "$BATS_TEST_TMPDIR/fifo" ]
	jq -e '.command == "report"' "$DIR/through" >/dev/null
}

@test "a place that cannot be written to is told before the host is looked at, and is no answer" {
	machine nest-ready
	nest 3 report -o "$DIR"
	assert_warns "$DIR" 'Is a directory'
	nest 3 report -o "$DIR/no/such/folder"
	assert_warns 'No such file or directory'
	nest 3 report -o "$OLD/below"
	assert_warns 'Not a directory'
	nest 3 report -o ''
	untouched
	read_only 444
	nest 3 report -o "$OLD"
	assert_warns 'Permission denied'
	nest 3 report -o "$DIR/new.json"
	assert_warns 'Permission denied'
	untouched
}

@test "a file in a folder that cannot be written is written in place" {
	machine nest-ready
	read_only 666
	nest 0 report -o "$OLD"
	jq -e '.command == "report"' "$OLD" >/dev/null
}

# injected STATUS WHAT: a report to the old file, while strace does WHAT to its calls.
injected() {
	strace -qq -o /dev/null -e inject=close:delay_exit=0 true 2>/dev/null || skip 'tracing is not allowed here'
	is_sanitized && skip 'a sanitized program does not work under ptrace'
	is_emulated && skip 'strace sees the calls of the emulator'
	status=0
	timeout -k 5 30 strace -qq -o "$BATS_TEST_TMPDIR/calls" -e "inject=$2" \
		"$NESTCTL" --sysroot "$TREE" report -o "$OLD" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" -eq "$1" ] || {
		echo "$2: status $status"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

@test "a full disk, a broken one and a rename that fails leave the old report, and say why" {
	local what
	machine nest-ready
	for what in fsync:error=ENOSPC rename:error=ENOSPC; do
		injected 4 "$what"
		untouched
		grep -q 'old.json: No space left on device' "$BATS_TEST_TMPDIR/err"
	done
	for what in fsync:error=EIO rename:error=EIO; do
		injected 4 "$what"
		untouched
		grep -q 'old.json: Input/output error' "$BATS_TEST_TMPDIR/err"
	done
	# A file that is a mount point cannot be replaced: it is written.
	injected 0 rename:error=EBUSY
	jq -e '.command == "report"' "$OLD" >/dev/null
	[ "$(ls -A "$DIR")" = old.json ]
	nest 4 report -o /dev/full
	assert_warns '/dev/full: No space left on device'
}

@test "a disk that is really full leaves the old report, and says so" {
	command -v unshare >/dev/null && unshare -m true 2>/dev/null || skip 'only root has a mount namespace of its own'
	machine nest-ready
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m bash -c '
		mount -t tmpfs -o size=8k none "$1" && echo "what was there" >"$1/old.json" || exit 77
		"$2" --sysroot "$3" report -o "$1/old.json" 2>"$4"
		[ $? -eq 4 ] && [ "$(cat "$1/old.json")" = "what was there" ] && [ "$(ls -A "$1")" = old.json ]
	' bash "$DIR" "$NESTCTL" "$TREE" "$BATS_TEST_TMPDIR/err"
	grep -q 'old.json: No space left on device' "$BATS_TEST_TMPDIR/err"
}

@test "a signal ends it with the old report or the new one, and nothing beside" {
	local call
	machine nest-ready
	injected 143 getdents64:signal=TERM:when=3
	untouched
	for call in fsync rename; do
		echo 'what was there' >"$OLD"
		injected 143 "$call:signal=TERM"
		is_report "$OLD"
		[ "$(ls -A "$DIR")" = old.json ]
	done
}

@test "a transcript is for its owner alone" {
	umask 0
	fake iommufd-nested
	nest 0 --transcript "$DIR/calls" probe 0000:00:01.0
	[ -s "$DIR/calls" ]
	[ "$(stat -c %a "$DIR/calls")" = 600 ]
	# An older file that others may read becomes the same.
	chmod 644 "$DIR/calls"
	nest 0 --transcript "$DIR/calls" probe 0000:00:01.0
	[ -s "$DIR/calls" ]
	[ "$(stat -c %a "$DIR/calls")" = 600 ]
	nest 0 --transcript /dev/null probe 0000:00:01.0
	[ "$(stat -c %a /dev/null)" = 666 ]
}

@test "descriptors 0 to 2 that are closed are not given to a file" {
	machine nest-ready
	# The first files that are opened would be taken for standard output and standard error.
	status=0
	"$NESTCTL" --sysroot "$TREE" -v --transcript "$DIR/calls" list <&- >&- 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" -eq 4 ]
	[ ! -s "$DIR/calls" ]
	"$NESTCTL" --sysroot "$TREE" -v --transcript "$DIR/calls" list <&- >"$BATS_TEST_TMPDIR/out" 2>&-
	[ ! -s "$DIR/calls" ]
	[ -s "$BATS_TEST_TMPDIR/out" ]
	status=0
	"$NESTCTL" decode --log - <&- >/dev/null 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" -eq 3 ]
	grep -q 'cannot be read: Bad file descriptor' "$BATS_TEST_TMPDIR/err"
	"$NESTCTL" --sysroot "$TREE" report -o "$DIR/all.json" <&- >&- 2>&-
	is_report "$DIR/all.json"
}

@test "a large document leaves in pieces, so that memory does not grow with it" {
	is_sanitized && skip 'a sanitized program makes calls of its own'
	needs_tracing
	flat 1000
	strace -qq -e trace=write -e write=none -o "$BATS_TEST_TMPDIR/calls" \
		"$NESTCTL" --sysroot "$TREE" list --json >"$BATS_TEST_TMPDIR/document"
	jq -e '[.groups[].devices[]] | length == 1000' "$BATS_TEST_TMPDIR/document"
	sed -nE 's/^write\(1, .* = ([0-9]+)$/\1/p' "$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/sizes"
	awk '$1 > 270000 { bad = 1 } { sum += $1 } END { exit bad || NR < 3 || sum < 700000 }' "$BATS_TEST_TMPDIR/sizes"
	machine laptop-trap
	strace -qq -e trace=write -o "$BATS_TEST_TMPDIR/calls" "$NESTCTL" --sysroot "$TREE" list --json >"$BATS_TEST_TMPDIR/document"
	[ "$(grep -c '^write(1, ' "$BATS_TEST_TMPDIR/calls")" -le 2 ]
}
