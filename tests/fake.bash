#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For Bats files that run the program on the fake kernel (tests/fake/README.md). A test reads: fake CONF
# [STATEMENT...], then nest STATUS ARGUMENTS as elsewhere.

load helpers
: "${FAKE:=$ROOT/build/vfio-nestctl-fake}"

# fake CONF [STATEMENT...]: the host of tests/fake/machines/CONF.conf, with the statements as further lines of
# it. Hosts are kept, and shared: never write into one.
fake() {
	local key host new
	key=$(cat "$ROOT/tests/mktree" "$ROOT/tests/fake/make-tree" "$ROOT/tests/fake/machines/$1.conf" | cksum)
	key=$(printf '%s\0' "$key" "$@" | cksum)
	host=$MACHINES/fake-$1-${key%% *}
	if [ ! -d "$host" ]; then
		mkdir -p "$MACHINES"
		new=$(mktemp -d "$MACHINES/new.XXXXXX")
		cp "$ROOT/tests/fake/machines/$1.conf" "$new/conf"
		[ $# -eq 1 ] || printf '%s\n' "${@:2}" >>"$new/conf"
		"$ROOT/tests/fake/make-tree" "$new/conf" "$new/root"
		# Another suite may have been faster; its host is as good.
		mv -T "$new" "$host" 2>/dev/null || rm -rf "$new"
	fi
	export NESTCTL_FAKE_MACHINE=$host/conf NESTCTL_FAKE_SYSROOT=$host/root
	# shellcheck disable=SC2034 # nest reads them
	NESTCTL=$FAKE TREE=
}

# probe STATUS ARGUMENT..., trip STATUS ARGUMENT...: the command as JSON, with the calls it made in $CALLS.
probe() { asked probe "$@"; }
trip() { asked roundtrip "$@"; }

asked() {
	CALLS=$BATS_TEST_TMPDIR/calls
	nest "$2" "$1" --json --transcript "$CALLS" "${@:3}" || return 1
	jq -s . "$CALLS" >/dev/null || blame 'the transcript is not JSON lines'
}

# assert_calls FILTER [JQ-ARGUMENT...]: calls were made, and the filter is true of the array of all of
# them. Each has "n", "call" and "result".
assert_calls() {
	holds "$CALLS" all "$@"
}

# The transcript exists and holds no call.
refute_calls() {
	[ -e "$CALLS" ] || { blame 'no transcript'; return 1; }
	[ ! -s "$CALLS" ] || blame "calls were made: $(head -n 3 "$CALLS")"
}

# A leg of a round trip by its id.
leg() { printf '(.legs | map(select(.id == "%s")) | if length == 1 then .[0] else error("%s: \\(length) times") end)' "$1" "$1"; }
