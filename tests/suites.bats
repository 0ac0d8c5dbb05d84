#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/run-suites: what make check says where tools are missing.

load helpers

setup() {
	needs python3-jsonschema
	SUITE=$BATS_TEST_TMPDIR/some.bats UNIT=$BATS_TEST_TMPDIR/test_it
	printf '#!/bin/sh\necho 1..1\necho ok 1 - it works\n' >"$UNIT"
	REPLAYS=$BATS_TEST_TMPDIR/replay
	printf '#!/bin/sh\necho 1 calls the same, 0 different, 0 not made again\n' >"$REPLAYS"
	chmod +x "$UNIT" "$REPLAYS"
	printf '@test "%s" { %s; }\n' one "skip 'dot is not installed'" two "skip 'it is Sunday'" \
		three "skip 'fish is not installed'" four "skip 'dot is not installed'" five true >"$SUITE"
}

# suites ARGUMENT...: run-suites with one unit test; without TALLY, which the caller of this suite reads.
suites() {
	run env -u TALLY UNITS="$UNIT" REPLAY="$REPLAYS" "$ROOT/tests/run-suites" "$@"
	printf '%s\n' "$output"
}

# without TOOL COMMAND...: with all that is in PATH, less the tool.
without() {
	local folder bin=$BATS_TEST_TMPDIR/less-$1
	mkdir "$bin"
	while read -r folder; do
		ln -s "$folder"/* "$bin" 2>/dev/null || :
	done < <(tr : '\n' <<<"$PATH")
	rm -f "$bin/$1"
	PATH=$bin "${@:2}"
}

@test "tests without their tool are counted, and the line before the totals names the tools" {
	suites "$SUITE"
	[ "$status" -eq 0 ]
	[ "${lines[-2]}" = '3 tests are skipped without: dot, fish. To install all of it: make deps-check' ]
	[ "${lines[-1]}" = '1 passed, 0 failed, 4 skipped' ]
}

@test "without a missing tool there is no such line" {
	sed -i '/installed/d' "$SUITE"
	suites "$SUITE"
	[ "$status" -eq 0 ]
	[[ $output != *make* ]]
	[ "${lines[-1]}" = '1 passed, 0 failed, 1 skipped' ]
}

@test "without bats or jq the unit tests run, and each suite is one skip with its name" {
	local files=("$ROOT"/tests/*.bats) replays=("$ROOT"/tests/fake/replay/*.jsonl)
	without bats suites
	[ "$status" -eq 0 ]
	[[ $output == *'ok 1 - all of check # SKIP bats is not installed'* ]]
	[ "${lines[-2]}" = "${#files[@]} tests are skipped without: bats. To install all of it: make deps-check" ]
	[ "${lines[-1]}" = "$((1 + ${#replays[@]})) passed, 0 failed, ${#files[@]} skipped" ]
	without jq suites "$ROOT/tests/check.bats"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'ok 1 - all of check # SKIP jq is not installed' ]
}

@test "a suite that is not there fails by its name" {
	suites "$SUITE" "$BATS_TEST_TMPDIR/typo.bats"
	[ "$status" -eq 1 ]
	[[ $output == *'not ok - typo: no test ran'*'/typo.bats'* ]]
	[ "${lines[-1]}" = '1 passed, 1 failed, 4 skipped' ]
}

@test "a suite that is left out is one skip with its reason, unless it is named" {
	local files=("$ROOT"/tests/*.bats)
	LEFT_OUT=$(printf '%s\n' "${files[@]##*/}" | sed 's/\.bats$/\tit is slow here/') suites
	[ "$status" -eq 0 ]
	[[ $output == *'ok 1 - all of check # SKIP it is slow here'* ]]
	[[ ${lines[-1]} == *" ${#files[@]} skipped" ]]
	LEFT_OUT=$'some\tit is slow here' suites "$SUITE"
	[[ $output != *'slow here'* ]]
}
