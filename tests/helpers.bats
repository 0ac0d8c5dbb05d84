#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of the tests: every helper that asserts passes on the right input, and fails on wrong input
# and on empty input.

# $ is jq's. A test is a subshell: it sets variables for itself and for the helpers.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034
load fake

setup() {
	export SAID=$BATS_TEST_TMPDIR/said
	mkdir "$SAID"
	# Results counted in here do not belong to the sum of this run.
	unset TALLY
}

# says STATUS STDOUT [STDERR]: the program prints this and exits so; it was run once.
says() {
	printf '%b' "$2" >"$SAID/out"
	printf '%b' "${3:-}" >"$SAID/err"
	cat >"$SAID/program" <<-END
		#!/bin/sh
		cat "$SAID/out"
		cat "$SAID/err" >&2
		exit $1
	END
	chmod +x "$SAID/program"
	NESTCTL=$SAID/program
	nest "$1"
}

# fails COMMAND...: the command fails, even where the shell goes on after a failed command.
fails() {
	if ("$@") >"$SAID/blame" 2>&1; then
		echo "passed: $*"
		return 1
	fi
}

passes() {
	("$@") || { echo "failed: $*"; return 1; }
}

@test "nest fails on another exit status, on no status, and on a missing program" {
	says 3 ''
	passes nest 3
	for want in 0 1 2 4 '' three; do
		fails nest "$want"
	done
	NESTCTL=$SAID/nosuch
	for want in 0 1 2 3 4; do
		fails nest "$want"
	done
}

@test "assert_json fails unless the filter answers true, once" {
	says 0 '{"a": [1, 2], "s": "x"}'
	passes assert_json '.a == [1, 2]'
	passes assert_json '.s == $x' --arg x x
	passes assert_json '$ARGS.positional == ["x", "y"]' --args x y
	passes assert_json 'def f: .a; f | length == 2 # a comment'
	fails assert_json '.a == [1]'
	fails assert_json '.s == $x' --arg x y
	fails assert_json '$ARGS.positional == []' --args x y
	fails assert_json '.a'
	fails assert_json '.a[] == 1'
	fails assert_json '.a[] == 2'
	fails assert_json '.a[] > 0'
	fails assert_json '.b[]?'
	fails assert_json 'empty'
	fails assert_json '"true"'
	fails assert_json ''
	fails assert_json
	fails assert_json '.a | .b'
	fails assert_json 'not a filter('
}

@test "assert_json fails unless stdout is one JSON document" {
	local said
	for said in '' '\n' '{' '{"a": 1' 'null null' '{"a": 1}{"a": 1}' 'no IOMMU'; do
		says 0 "$said"
		fails assert_json 'true'
		fails assert_json '.a == 1'
		fails assert_json 'true' --args x
	done
	OUT=$SAID/nosuch
	fails assert_json 'true'
}

@test "filters that select one thing of a document select exactly one, or fail" {
	says 0 '{"iommus": [{"name": "dmar0"}], "ungrouped_devices": [],
		"groups": [{"id": 1, "devices": [{"address": "a"}, {"address": "b"}, {"address": "b"}]}],
		"legs": [{"id": "dma"}, {"id": "bind"}, {"id": "bind"}]}'
	passes assert_json "$(unit dmar0).name == \"dmar0\""
	passes assert_json "$(group 1).id == 1"
	passes assert_json "$(device a).address == \"a\""
	passes assert_json "$(leg dma).id == \"dma\""
	for none in "$(unit dmar1)" "$(group 2)" "$(device c)" "$(device b)" "$(leg fault)" \
		"$(leg bind)"; do
		fails assert_json "$none | true"
		fails assert_json "$none | .result == null"
	done
}

@test "assert_says and assert_warns fail on each missing text, and without a text" {
	says 0 'one two' 'three four'
	passes assert_says one two
	passes assert_warns three four
	for helper in assert_says assert_warns; do
		fails $helper five
		fails $helper ''
		fails $helper
	done
	fails assert_says three
	fails assert_says five one
	fails assert_says one five
	fails assert_warns one
	fails assert_warns five three
	says 0 ''
	fails assert_says one
	fails assert_says ''
	fails assert_warns one
	fails assert_warns ''
}

@test "refute_says fails on each text that is there, and on empty output" {
	says 0 'one two'
	passes refute_says three four
	fails refute_says one
	fails refute_says one three
	fails refute_says three one
	fails refute_says
	says 0 ''
	fails refute_says three
	says 0 '\n'
	fails refute_says three
}

@test "assert_clean fails on each byte that controls a terminal, and on empty output" {
	local bad
	says 0 'one\ttwo\n\xc3\xa4\xe2\x82\xac'
	passes assert_clean
	says 3 '' 'one\n'
	passes assert_clean
	for bad in '\e[31m' '\x01' '\r' '\x7f' '\xc2\x9b' '\xff' '\xc3' 'a\0b'; do
		says 0 "one$bad"
		fails assert_clean
		says 0 one "two$bad"
		fails assert_clean
	done
	says 0 ''
	fails assert_clean
	OUT=$SAID/nosuch
	fails assert_clean
}

@test "assert_calls fails without calls, refute_calls fails without a transcript" {
	CALLS=$BATS_TEST_TMPDIR/calls
	fails assert_calls 'true'
	fails refute_calls
	: >"$CALLS"
	fails assert_calls 'true'
	fails assert_calls 'all(.[]; .n == 1)'
	fails assert_calls '[.[] | select(.n == 2)] == []'
	passes refute_calls
	printf '{"n": 1}\n{"n": 2}\n' >"$CALLS"
	passes assert_calls '[.[].n] == [1, 2]'
	passes assert_calls '[.[].n] == [$n, 2]' --argjson n 1
	fails assert_calls '[.[].n] == [1]'
	fails assert_calls '.[].n > 0'
	fails refute_calls
	printf '{"n": 1}\n{"n"' >"$CALLS"
	fails assert_calls 'length > 0'
	fails refute_calls
}

@test "probe and trip fail on another exit status and on a broken transcript" {
	says 0 '{}'
	: >"$SAID/calls"
	sed -i "2i cp '$SAID/calls' '$BATS_TEST_TMPDIR/calls'" "$SAID/program"
	# What is printed here does not come from the program, so the schema does not apply.
	keep_json() { :; }
	passes trip 0
	passes probe 0
	fails trip 1
	printf '{"n": 1}\nno JSON\n' >"$SAID/calls"
	fails trip 0
	fails probe 0
}

# suite STATEMENT...: runs a Bats file with one test, counted as make check counts; sets $status and
# $output.
suite() {
	{
		printf 'load %q/tests/helpers\n@test "inner" {\n' "$ROOT"
		printf '\t%s\n' "$@"
		printf '}\n'
	} >"$SAID/inner.bats"
	run env -u BATS_RUN_TMPDIR -u BATS_TEST_FILTER NESTCTL="$NESTCTL" "$ROOT/tests/tap" inner \
		bats --tap --setup-suite-file "$ROOT/tests/setup_suite.bash" "$SAID/inner.bats"
	echo "$output"
	[[ ${lines[-1]} == inner*passed*failed*skipped ]]
}

@test "each JSON document of a test is validated, even if the test does not look at it" {
	needs python3-jsonschema
	local good=$SAID/good
	machine laptop-trap
	"$NESTCTL" --sysroot "$TREE" --json list >"$good"
	TREE=
	says 0 "$(cat "$good")"
	suite 'nest 0 --json list'
	[ "$status" -eq 0 ]
	[[ $output == *'1 passed, 0 failed'* ]]
	for options in --json --format=json '--format json'; do
		for said in '' '{}' 'null' "$(sed 's/"groups"/"gruppen"/' "$good")"; do
			says 0 "$said"
			suite "nest 0 $options list"
			[ "$status" -eq 1 ]
			[[ $output != *' 0 failed'* ]]
		done
	done
}

@test "validate fails on a wrong, broken or missing document, and without a file" {
	needs python3-jsonschema
	local said validate=$ROOT/tests/validate schema='"schema": "vfio-nestctl/1"'
	machine laptop-trap
	"$NESTCTL" --sysroot "$TREE" --json list >"$SAID/good"
	passes "$validate" "$SAID/good"
	sed 's/"dmar0"/7/' "$SAID/good" >"$SAID/bad"
	fails "$validate" "$SAID/bad"
	fails "$validate" "$SAID/good" "$SAID/bad"
	fails "$validate" "$SAID/bad" "$SAID/good"
	for said in '' '{}' '[]' 'null' '{' "{$schema}" "{$schema, $schema}"; do
		printf '%s' "$said" >"$SAID/bad"
		fails "$validate" "$SAID/bad"
	done
	fails "$validate" "$SAID/nosuch"
	fails "$validate"
}

# counted TEXT STATUS: tests/tap on a suite that prints this and exits so.
counted() {
	printf '%b' "$1" >"$SAID/tap"
	printf 'cat "%s"; exit %d\n' "$SAID/tap" "$2" >"$SAID/suite"
	(TALLY=$SAID/tally "$ROOT/tests/tap" suite sh "$SAID/suite")
}

@test "tests/tap fails on failed tests, a broken or early end, a wrong plan, and no test" {
	passes counted 'ok 1 - a\nok 2 - b # SKIP no such tool\n1..2\n' 0
	[ "$(cat "$SAID/tally")" = '1 0 1' ]
	fails counted '1..2\nok 1 - a\nnot ok 2 - b\n' 0
	fails counted '1..2\nok 1 - a\nnot ok 2 - b\n' 1
	fails counted '1..1\nok 1 - a\n' 1
	fails counted '1..2\nok 1 - a\n' 0
	fails counted '1..1\nok 1 - a\nok 2 - b\n' 0
	fails counted 'ok 1 - a\n' 0
	fails counted '1..1\nok 1 - a\nBail out! no memory\n' 0
	fails counted '1..0\n' 0
	fails counted '' 0
	fails counted 'bash: no such file\n' 127
	fails "$ROOT/tests/tap" suite "$SAID/nosuch"
	[ "$(awk '{ failed += $2 } END { print NR, failed }' "$SAID/tally")" = '11 10' ]
}

@test "report-equals fails on different answers, and where the program does not answer" {
	local equals=$ROOT/tests/report-equals good=$NESTCTL
	machine laptop-trap
	"$NESTCTL" --sysroot "$TREE" report --no-redact >"$SAID/report" 2>/dev/null
	NESTCTL=$good "$equals" "$TREE" "$SAID/report" >"$SAID/alike"
	[ "$(tail -n 1 "$SAID/alike" | sed 's/ alike//')" -gt 40 ]
	fails env NESTCTL="$good" "$equals" "$TREE" "$SAID/nosuch"
	fails env NESTCTL="$SAID/nosuch" "$equals" "$TREE" "$SAID/report"
	fails env NESTCTL=true "$equals" "$TREE" "$SAID/report"
	fails env NESTCTL=false "$equals" "$TREE" "$SAID/report"
	fails env NESTCTL="$good" "$equals" "$SAID/nosuch" "$SAID/nosuch"
	machine spr-mixed
	fails env NESTCTL="$good" "$equals" "$TREE" "$SAID/report"
}

@test "points fails on a TAP report without tests, with a wrong plan, or broken" {
	needs python3-tap python3-yaml python3-more-itertools
	local points=$ROOT/tests/points file=$SAID/points version='TAP version 14\n' bad
	local point='ok 1 - a\n  ---\n  result: "passed"\n  summary: "s"\n  ...\n'
	printf '%b' "${version}1..1\n$point" >"$file"
	passes "$points" tap "$file"
	for bad in '' "$version" "${version}1..0\n" "${version}1..1\n" "${version}1..2\n$point" \
		"$version$point" "${version}1..1\nok 1 - a\n" "${version}1..1\n${point}rubbish\n" \
		"${version}1..1\n${point}Bail out!\n"; do
		printf '%b' "$bad" >"$file"
		fails "$points" tap "$file"
	done
	fails "$points" tap "$SAID/nosuch"
}

@test "points fails on a JUnit report without tests, with wrong counts, or broken" {
	needs python3-junitparser
	local points=$ROOT/tests/points file=$SAID/points counts='failures="0" errors="0" skipped="0"'
	local case='<testcase name="a"/>' end='</testsuite></testsuites>' bad
	local begin='<testsuites><testsuite name="s"'
	printf '%s' "$begin tests=\"1\" $counts>$case$end" >"$file"
	passes "$points" junit "$file"
	for bad in '' '<testsuites/>' "$begin" "$begin tests=\"0\" $counts>$end" \
		"$begin tests=\"2\" $counts>$case$end" "$begin tests=\"1\" $counts>$case"; do
		printf '%s' "$bad" >"$file"
		fails "$points" junit "$file"
	done
	fails "$points" junit "$SAID/nosuch"
}

@test "replaying a transcript fails on another answer, and without calls" {
	local replay=${REPLAY:-$ROOT/build/tests/fake/replay/replay} dir=$ROOT/tests/fake/replay one
	one=$(cd "$dir" && printf '%s\n' *-stock.probe.jsonl | head -n 1)
	export NESTCTL_FAKE_MACHINE=$dir/${one%.probe.jsonl}.conf
	passes "$replay" "$dir/$one"
	: >"$SAID/transcript"
	fails "$replay" "$SAID/transcript"
	printf '# a comment\n' >"$SAID/transcript"
	fails "$replay" "$SAID/transcript"
	fails "$replay" "$SAID/nosuch"
	sed '/"VFIO_CHECK_EXTENSION"/s/"result":1/"result":7/' "$dir/$one" >"$SAID/transcript"
	run -1 cmp -s "$dir/$one" "$SAID/transcript"
	fails "$replay" "$SAID/transcript"
	# The suite: no transcripts, and a program that compares nothing.
	mkdir "$SAID/replay"
	cp "$dir/check" "$SAID/replay"
	fails "$SAID/replay/check" "$replay"
	fails "$dir/check" true
}

@test "fuzzing fails on a harness that fails, that tried no input, or that is missing" {
	local harness run="$SAID/fuzz/run"
	mkdir "$SAID/fuzz"
	cp "$ROOT/tests/fuzz/run" "$run"
	printf '#!/bin/sh\necho stat::number_of_executed_units: 12\n' >"$SAID/fuzz_good"
	printf '#!/bin/sh\necho stat::number_of_executed_units: 0\n' >"$SAID/fuzz_idle"
	printf '#!/bin/sh\nexit 0\n' >"$SAID/fuzz_silent"
	printf '#!/bin/sh\necho stat::number_of_executed_units: 12\nexit 1\n' >"$SAID/fuzz_bad"
	chmod +x "$SAID"/fuzz_*
	passes "$ROOT/tests/tap" fuzz "$run" 1 "$SAID/fuzz_good"
	for harness in idle silent bad nosuch; do
		fails "$ROOT/tests/tap" fuzz "$run" 1 "$SAID/fuzz_$harness"
	done
	fails "$ROOT/tests/tap" fuzz "$run" 1
}

# capture NAME STATUS STDOUT [STDERR]: one capture of a boot of a virtual machine.
capture() {
	mkdir -p "$SAID/boot/root"
	printf '%b' "$3" >"$SAID/boot/root/$1.out"
	printf '%b' "${4:-}" >"$SAID/boot/root/$1.err"
	echo "$2" >"$SAID/boot/root/$1.status"
}

# judged EXPECTATION...: the judge's TAP lines on these captures.
judged() {
	local judge=$SAID/tests/vm
	mkdir -p "$judge/expected"
	cp "$ROOT"/tests/vm/{judge,judge.jq,lib.bash} "$judge"
	cp "$ROOT/tests/validate" "$SAID/tests"
	printf '%s\n' "$@" >"$judge/expected/boot.tsv"
	NESTCTL_SCHEMA=$ROOT/schema/vfio-nestctl-1.schema.json "$judge/judge" "$SAID/boot" boot
}

# judgement ok|not FILTER: the judge's answer on one capture.
judgement() {
	run judged "it is so	root/list	$2"
	case $1 in
	ok) [ "$status" -eq 0 ] && [ "${lines[0]}" = 'ok - it is so' ] ;;
	not) [ "$status" -ne 0 ] || [ "${lines[0]}" = 'not ok - it is so' ] ;;
	esac || { echo "$2: $output"; return 1; }
}

@test "the judge fails unless the filter answers true, once" {
	local filter
	capture list 0 '{"a": [1, 2], "errors": []}' 'a word'
	judgement ok '.json.a == [1, 2]'
	judgement ok '.status == 0 and (.err | contains("word"))'
	judgement ok '$boot["root/list"].status == 0'
	for filter in '.json.a == [1]' '.json.a' '.json.a[] > 0' 'empty' '"true"' '.nosuch' \
		'.json | .b | error'; do
		judgement not "$filter"
	done
}

@test "the judge fails every question about JSON where stdout is no JSON document" {
	local filter said
	for said in '' '{' 'no IOMMU' '{}{}' 'null'; do
		capture list 0 "$said"
		judgement ok '.status == 0'
		for filter in '.json.b == null' '.json.errors != 5' '.json.errors // [] == []' \
			'(.json.errors // []) == []' 'legs("failed") == []' '[.json.errors[]?] == []' \
			'all(.json.legs[]?; .ok)' '.json | has("b") | not' '(.json.b | not)' \
			'.json.b // true'; do
			judgement not "$filter"
		done
	done
}

@test "the judge fails without expectations, without captures, and on a missing capture" {
	capture list 0 '{}'
	fails judged ''
	fails judged '# a comment'
	fails judged '@nosuch'
	passes judged 'it is so	root/list	.status == 0'
	run judged 'it is so	root/nosuch	true' 'it is so	root/nosuch	.status == null' \
		'it is so	root/list	.status == 0'
	[ "${lines[0]}" = 'not ok - it is so' ]
	[ "$(grep -c '^not ok' <<<"$output")" -eq 2 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 1 ]
	echo none >"$SAID/boot/root/list.status"
	fails judged 'it is so	root/list	true'
	rm -r "${SAID:?}/boot"
	fails judged 'it is so	root/list	true'
}

@test "the judge fails a question about all captures of a folder that has none" {
	capture list 0 '{}'
	judgement ok '[$boot | runs("root/") | select(.value.status != 0)] == []'
	judgement not '[$boot | runs("kill/") | select(.value.status != 0)] == []'
}

@test "the judge validates each JSON document" {
	needs python3-jsonschema
	capture list 0 '{\n  "schema": "vfio-nestctl/1",\n  "command": "list"\n}'
	run judged 'it is so	root/list	.status == 0'
	[ "${lines[0]}" = 'ok - it is so' ]
	[[ $output == *'not ok - every JSON document is as the schema says'* ]]
}

# in_test FILE COMMAND...: runs the command with the helpers of tests/FILE.bats in a shell that ends at
# the first failure, as a test does. JSON printed here is not validated.
in_test() {
	env NESTCTL="$NESTCTL" FAKE="$NESTCTL" BATS_RUN_TMPDIR="$SAID" TREE= timeout 60 bash -eE -c '
		ROOT=$1
		load() { . "$ROOT/tests/$1.bash"; }
		bats_require_minimum_version() { :; }
		skip() { echo "skipped: $*"; exit 0; }
		. <(sed "/^@test/,/^}/d" "$ROOT/tests/$2.bats")
		OUT=$SAID/out ERR=$SAID/err output=$(cat "$SAID/out") error=$(cat "$SAID/err")
		shift 2
		"$@"' - "$ROOT" "$@"
}

@test "helpers of cli.bats and badinput.bats fail on wrong and on empty input" {
	says 2 '' 'no such thing\n'
	passes in_test cli refused 'no such' x
	fails in_test cli refused 'other' x
	fails in_test cli refused '' x
	says 2 'an answer' 'no such thing\n'
	fails in_test cli refused 'no such' x
	says 3 '' 'no such thing\n'
	fails in_test cli refused 'no such' x
	says 0 '' 'trouble with dmar0\n'
	fails in_test badinput sound_but dmar0
	says 0 ''
	fails in_test badinput sound_but dmar0
}

@test "helpers of check.bats fail on wrong and on empty input" {
	local passed='{"id": "c.d", "subject": "", "result": "pass"}' said
	local warned='{"id": "a.b", "subject": "x", "result": "warn", "remedy": "do it"}'
	says 0 "{\"findings\": [$warned, $passed]}"
	passes in_test check planted 0 'warn a.b x' 'do it' ''
	fails in_test check planted 0 'warn a.b x' 'do something else' ''
	fails in_test check planted 0 'warn a.b' '' ''
	fails in_test check planted 0 'warn a.b x;fail c.d' '' ''
	fails in_test check planted 0 '' '' ''
	fails in_test check planted 1 'warn a.b x' 'do it' ''
	says 0 "{\"findings\": [$passed]}"
	passes in_test check planted 0 '' '' ''
	for said in '{"findings": []}' '{}' '' 'no'; do
		says 0 "$said"
		fails in_test check planted 0 '' '' ''
		fails in_test check planted 0 '' 'do it' ''
	done
}

@test "helpers of probe.bats, roundtrip.bats and gpasid.bats fail on wrong and on empty input" {
	local reason='{"evidence": "e", "text": "one two"}' said
	says 0 "{\"decision\": {\"nesting\": \"usable\", \"abi\": \"iommufd\", \"reasons\": [$reason]},
		\"obstacle\": {\"id\": \"o\", \"summary\": \"three\", \"commands\": [\"c\"]},
		\"verdict\": \"incomplete\",
		\"legs\": [{\"id\": \"dma\", \"result\": \"failed\", \"evidence\": [\"it was so\"]}]}"
	passes in_test probe decides usable '"iommufd"' e one two
	passes in_test roundtrip obstacle o three
	passes in_test roundtrip commands c
	passes in_test gpasid said dma 'was so'
	fails in_test probe decides unusable '"iommufd"' e
	fails in_test probe decides usable null e
	fails in_test probe decides usable '"iommufd"' f
	fails in_test probe decides usable '"iommufd"' e three one
	fails in_test roundtrip obstacle p
	fails in_test roundtrip obstacle o four three
	fails in_test roundtrip commands
	fails in_test roundtrip commands c d
	fails in_test gpasid said dma 'not so' 'was so'
	fails in_test gpasid said bind so
	for said in '' '{}' 'no'; do
		says 0 "$said"
		fails in_test probe decides usable '"iommufd"' e
		fails in_test probe decides null null e
		fails in_test roundtrip obstacle o
		fails in_test roundtrip commands
		fails in_test gpasid said dma so
	done
}

@test "helpers of rollback.bats fail on wrong and on empty input" {
	says 0 '[]'
	export SWEEP=$SAID/sweep
	mkdir "$SWEEP"
	fails in_test rollback silent_of '^fake:'
	fails in_test rollback gather
	echo quiet >"$SWEEP/1:EIO.err"
	passes in_test rollback silent_of '^fake:'
	echo fake: leaked >"$SWEEP/2:EIO.err"
	fails in_test rollback silent_of '^fake:'
	says 0 '[{"word": "1:EIO", "call": "open", "errno": "EIO", "status": 3, "doc": {}}]'
	passes in_test rollback none what '.status == 0'
	fails in_test rollback none what '.status == 3'
	says 0 ''
	fails in_test rollback none what '.status.x == 0'
}

@test "helpers of formats.bats fail on wrong and on empty input" {
	local label=feature.node.kubernetes.io said
	needs python3-tap python3-yaml python3-more-itertools python3-junitparser xmllint dot
	says 0 'TAP version 14\n1..1\nok 1 - a\n  ---\n  result: "passed"\n  summary: "s"\n  ...\n'
	passes in_test formats agree tap
	fails in_test formats agree junit
	says 0 "$label/vfio-nestctl.units=4\n"
	passes in_test formats assert_labels
	for said in '' '# a comment\n' "$label/a=unknown\n" 'example.org/a=1\n' 'rubbish\n' \
		"$label/a=1\n$label/a=1\n" "$label/a=b c\n" "$label/a=1"; do
		says 0 "$said"
		fails in_test formats assert_labels
		fails in_test formats agree tap
		fails in_test formats agree junit
		fails in_test formats picture
		fails in_test formats trips 0
	done
}

@test "helpers of report.bats fail on wrong and on empty input" {
	local said
	for said in '' '# a comment\n' 'rubbish\n'; do
		says 0 "$said"
		fails in_test report reported
	done
	says 3 '' 'one line\n'
	passes in_test report hostile 3 x
	fails in_test report hostile 0 x
	says 3 '' 'one\ntwo\nthree\n'
	fails in_test report hostile 3 x
	says 3 '' ''
	fails in_test report hostile 3 x
}

@test "helpers that compare lists fail on different and on empty lists" {
	says 0 ''
	printf 'a\nb\n' >"$SAID/list"
	printf 'b\na\na\n' >"$SAID/same"
	printf 'a\n' >"$SAID/less"
	: >"$SAID/empty"
	passes in_test repo same a b "$SAID/list" "$SAID/same"
	fails in_test repo same a b "$SAID/list" "$SAID/less"
	fails in_test repo same a b "$SAID/less" "$SAID/list"
	fails in_test repo same a b "$SAID/list" "$SAID/empty"
	fails in_test repo same a b "$SAID/empty" "$SAID/list"
	fails in_test repo same a b "$SAID/empty" "$SAID/empty"
	fails in_test repo same a b "$SAID/nosuch" "$SAID/nosuch"
	fails in_test udev same 0 list
	fails in_test capture same 0 list
	fails in_test diff changed a b
	for shell in bash zsh fish; do
		command -v $shell >/dev/null || continue
		fails in_test repo completes $shell
		fails in_test repo completes_machine $shell
	done
}

# unit_test STATEMENTS [none]: builds and counts a unit test of these statements, or no test.
unit_test() {
	cat >"$SAID/test_inner.c" <<-END
		#include <stdlib.h>
		#include "test.h"
		TEST(inner, "inner")
		{
			$1
		}
		int main(void) { return test_main(); }
	END
	[ $# -eq 1 ] || sed -i '/^TEST/,/^}/d' "$SAID/test_inner.c"
	gcc -std=gnu11 -D_GNU_SOURCE -w -I"$ROOT/tests/unit" -o "$SAID/test_inner" \
		"$SAID/test_inner.c" || { echo "$1" >>"$SAID/uncompiled"; return 1; }
	"$ROOT/tests/tap" inner "$SAID/test_inner"
}

@test "each check of the unit tests fails on wrong and on empty input" {
	local bad
	passes unit_test 'CHECK(1); CHECK_EQ(1, 1); CHECK_STR("a", "a"); CHECK_HAS("abc", "b");
		CHECK_MEM("a", "a", 1); REQUIRE(1);'
	passes unit_test 'CHECK_STR(NULL, NULL); SKIP("no such device");'
	for bad in '' 'CHECK(0);' 'REQUIRE(0); CHECK(1);' 'CHECK_EQ(1, 2);' \
		'CHECK_EQ(-1, 0xffffffffu);' 'CHECK_STR("a", "b");' 'CHECK_STR(NULL, "a");' \
		'CHECK_STR("a", NULL);' 'CHECK_STR("", NULL);' 'CHECK_HAS("abc", "d");' \
		'CHECK_HAS(NULL, "a");' 'CHECK_HAS("abc", NULL);' 'CHECK_HAS("", "a");' \
		'CHECK_HAS("abc", "");' 'CHECK_MEM("a", "b", 1);' 'CHECK_MEM("a", "a", 0);' \
		'CHECK(0); SKIP("and skipped");' 'CHECK(1); exit(0);' 'CHECK(1); abort();'; do
		fails unit_test "$bad"
	done
	fails unit_test '' none
	[ ! -e "$SAID/uncompiled" ]
}
