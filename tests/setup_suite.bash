#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Around each run of Bats: a sanitizer's finding is told from an exit status of the program's, and every JSON
# document the tests saw is held against the schema.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/has.bash"

setup_suite() {
	export LC_ALL=C.UTF-8 NO_COLOR=1
	export ASAN_OPTIONS=exitcode=99:${ASAN_OPTIONS:-} UBSAN_OPTIONS=exitcode=99:${UBSAN_OPTIONS:-}
	LSAN_OPTIONS=suppressions=$(dirname "${BASH_SOURCE[0]}")/leaks:print_suppressions=0:${LSAN_OPTIONS:-}
	export LSAN_OPTIONS
	unset UMOCKDEV_DIR
}

# run-suites names the validation as skipped where it cannot be done.
teardown_suite() {
	[ -d "$BATS_RUN_TMPDIR/json" ] && has python3-jsonschema || return 0
	"$(dirname "${BASH_SOURCE[0]}")/validate" "$BATS_RUN_TMPDIR/json"/*
}
