#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The formats besides human and JSON, each read by those it is made for.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

EDU=0000:00:01.0

needs() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

machines() {
	(cd "$ROOT/tests/machines" && printf '%s\n' *.machine | sed 's/\.machine$//')
}

# The formats that --help of a command names.
formats() {
	"$NESTCTL" "$1" --help | tr -s ' \n' ' ' | sed -n 's/.*--format=FORMAT Print \([a-z, ()]*\) --json.*/\1/p' |
		sed 's/ (default)//; s/ or / /; s/,//g'
}

# --- dot

# picture ARGUMENT...: drawn as SVG in $SVG; what graphviz has to complain of fails.
picture() {
	SVG=$BATS_TEST_TMPDIR/svg
	nest 0 list --format dot "$@"
	dot -Tsvg "$OUT" -o "$SVG" 2>"$BATS_TEST_TMPDIR/dot" || blame "dot: $(cat "$BATS_TEST_TMPDIR/dot")"
	! grep -v -i font "$BATS_TEST_TMPDIR/dot" || blame 'dot warns'
}

# The text of a picture, a line a cell.
words() {
	xmllint --xpath '//*[local-name()="text"]/text()' "$SVG" | sed 's/&#160;/ /g'
}

@test "dot draws every machine, with each unit, group and device that the list has" {
	needs dot
	needs xmllint
	local name
	for name in $(machines); do
		machine "$name"
		status=0
		"$NESTCTL" -q --sysroot "$TREE" --json list >"$BATS_TEST_TMPDIR/json" || status=$?
		nest "$status" -q list --format dot
		SVG=$BATS_TEST_TMPDIR/svg
		dot -Tsvg "$OUT" -o "$SVG"
		words | sort >"$BATS_TEST_TMPDIR/words"
		[ "$status" -eq 0 ] || { grep -q IOMMU "$BATS_TEST_TMPDIR/words"; continue; }
		jq -r '.groups[] | select(.devices != []) | "group \(.id)"' "$BATS_TEST_TMPDIR/json" | sort >"$BATS_TEST_TMPDIR/want"
		grep -E '^group [0-9]+$' "$BATS_TEST_TMPDIR/words" | diff "$BATS_TEST_TMPDIR/want" - || blame "$name: groups"
		jq -r '.iommus[].name, (.groups[].devices[], .ungrouped_devices[] | .address)' "$BATS_TEST_TMPDIR/json" |
			sort -u | comm -23 - <(sort -u "$BATS_TEST_TMPDIR/words") >"$BATS_TEST_TMPDIR/missing"
		[ ! -s "$BATS_TEST_TMPDIR/missing" ] || blame "$name: not in the picture: $(cat "$BATS_TEST_TMPDIR/missing")"
	done
}

@test "a picture tells in words what nests and what blocks" {
	needs dot
	machine spr-mixed
	picture
	words >"$BATS_TEST_TMPDIR/words"
	[ "$(grep -c 'nests: ' "$BATS_TEST_TMPDIR/words")" -eq 4 ]
	grep -qx ' (nest)' "$BATS_TEST_TMPDIR/words"
	[ "$(grep -cx 'blocks:' "$BATS_TEST_TMPDIR/words")" -eq 3 ]
	grep -qx ' mlx5_core' "$BATS_TEST_TMPDIR/words"
	[ "$(grep -c 'user space: ' "$BATS_TEST_TMPDIR/words")" -eq 8 ]
	[ "$(grep -c 'style=dashed' "$OUT")" -eq 1 ]
	[ "$(grep -c 'style=solid' "$OUT")" -eq 3 ]
	machine rmrr
	picture
	grep -q ' (RMRR)' <(words)
}

@test "the filters of list choose what is in the picture, and what they leave out is counted" {
	needs dot
	machine viability
	picture --class 0300
	words >"$BATS_TEST_TMPDIR/words"
	[ "$(grep -c '^group ' "$BATS_TEST_TMPDIR/words")" -eq 2 ]
	grep -qx 'and 4 more, not chosen' "$BATS_TEST_TMPDIR/words"
	grep -qx 'and 2 more, not chosen' "$BATS_TEST_TMPDIR/words"
	machine spr-mixed
	picture --iommu dmar10
	! grep -q 'dmar[0-2],\|>dmar[0-2]<' "$SVG"
	nest 1 list --driver nosuch --format dot
	dot -Tsvg "$OUT" -o "$BATS_TEST_TMPDIR/svg"
}

@test "units without devices, and devices without group or unit, have their place" {
	needs dot
	machine spr-mixed 'unit dmar77 vtd version=1:0 address=1000 cap=0 ecap=0'
	picture
	words >"$BATS_TEST_TMPDIR/words"
	grep -qx dmar77 "$BATS_TEST_TMPDIR/words"
	grep -qx 'no device' "$BATS_TEST_TMPDIR/words"
	machine spr-mixed 'device 0000:16:00.2 id=15b3:a2dc group=11 unit=dmar0' 'device 0000:16:00.3 id=15b3:a2dc'
	picture
	words >"$BATS_TEST_TMPDIR/words"
	grep -qx 'unit not known' "$BATS_TEST_TMPDIR/words"
	grep -qx 'in no group' "$BATS_TEST_TMPDIR/words"
}

@test "no name can leave its place in a picture" {
	needs dot
	# shellcheck disable=SC2016 # names
	machine spr-mixed 'device "a\"]; b -> c <i>&amp; \\" bus=platform group=77 unit=dmar0 driver="<!-- \\N \\G"' \
		'device "tab\there" bus=platform group=78 unit=dmar0' 'group 78 type="</table>>];"' \
		'unit "u</b>>]\" x" vtd version=1:0 address=1000 cap=0 ecap=0'
	picture
	words >"$BATS_TEST_TMPDIR/words"
	grep -qxF 'a"]; b -&gt; c &lt;i&gt;&amp;amp; \' "$BATS_TEST_TMPDIR/words"
	grep -qF 'tab\x09here' "$BATS_TEST_TMPDIR/words"
	grep -qF '/table&gt;&gt;];' "$BATS_TEST_TMPDIR/words"
	assert_clean
}

@test "pictures of 8, 25 and 200 groups are drawn fast, and are about as wide as a page" {
	needs dot
	local n
	for n in 8 25 200; do
		flat "$n"
		nest 0 list --format dot
		timeout 20 dot -Tplain "$OUT" >"$BATS_TEST_TMPDIR/plain"
		awk -v n="$n" '/^graph/ { w = $3; h = $4 } /^node group/ { nodes++ }
			END { print w, h, nodes; exit !(nodes == n && w / h > 0.8 && w / h < 3) }' "$BATS_TEST_TMPDIR/plain" ||
			blame "$n groups: $(head -n 1 "$BATS_TEST_TMPDIR/plain")"
	done
}

# --- which command has what

@test "every command refuses the formats that it does not have, and names those that it has" {
	local all command format known
	all=$("$NESTCTL" --help | tr -s ' \n' ' ' | sed -n 's/.*--format=FORMAT Print \([a-z, ()]*\);.*/\1/p' |
		sed 's/ (default)//; s/ or / /; s/,//g')
	[ "$(wc -w <<<"$all")" -ge 5 ]
	for command in $("$NESTCTL" --help | sed -n '/^Commands/,/^Exit/s/^  \([a-z]\+\) .*/\1/p'); do
		known=" $(formats "$command") "
		[[ $known == ' human json '* ]]
		for format in $all; do
			[[ $known != *" $format "* ]] || continue
			case $command in
			show) nest 2 --format "$format" show 0 ;;
			roundtrip) nest 2 --format "$format" roundtrip --mock ;;
			*) nest 2 --format "$format" "$command" ;;
			esac
			[ -z "$output" ]
			assert_warns "$command has no format '$format', it has human (default)"
		done
	done
	nest 2 --format tap
	assert_warns "list has no format 'tap', it has human (default), json or dot"
}

@test "a run that cannot begin prints a whole document in every format but human" {
	local arguments
	for arguments in list 'show 0' probe 'roundtrip 0000:00:01.0' 'roundtrip --mock' 'decode vt-d 1 2'; do
		for format in $(formats "${arguments%% *}"); do
			# shellcheck disable=SC2086 # words
			nest 3 --transcript /nosuch/folder/file --format $format $arguments
			assert_warns /nosuch/folder/file
			case $format in
			human) [ -z "$output" ] ;;
			json) "$ROOT/tests/validate" "$OUT" ;;
			dot) needs dot && dot -Tsvg "$OUT" -o "$BATS_TEST_TMPDIR/svg" ;;
			tap | junit)
				agree $format
				[ "$(wc -l <"$BATS_TEST_TMPDIR/points")" -eq 1 ]
				grep -q '^unknown.*verdict' "$BATS_TEST_TMPDIR/points"
				;;
			*) [ -n "$output" ] ;;
			esac
		done
	done
}

# --- TAP and JUnit

# agree FORMAT: what the last run printed is read by others without complaint, as $BATS_TEST_TMPDIR/points.
agree() {
	if [ "$1" = junit ]; then
		needs xmllint
		xmllint --noout --schema "$ROOT/tests/junit.xsd" "$OUT" 2>"$BATS_TEST_TMPDIR/xsd" || blame "$(cat "$BATS_TEST_TMPDIR/xsd")"
	fi
	"$ROOT/tests/points" "$1" "$OUT" >"$BATS_TEST_TMPDIR/points" 2>"$BATS_TEST_TMPDIR/complaints" ||
		blame "$(cat "$BATS_TEST_TMPDIR/complaints")"
}

# trips STATUS ARGUMENT...: the round trip as TAP and as JUnit says what it says as JSON.
trips() {
	local format word
	nest "$1" roundtrip --json "${@:2}"
	jq -r '(.device // "") as $d | [{id: "verdict", result: .verdict}] + .legs + (if .legs == [] then [] else
		[{id: "given_back", result: "passed"}] end) | .[] | "\({passed: "ok", failed: "failed", skipped: "skipped",
		incomplete: "unknown"}[.result]) \(.id) \($d)"' "$OUT" >"$BATS_TEST_TMPDIR/want"
	for format in tap junit; do
		nest "$1" roundtrip --format "$format" "${@:2}"
		assert_clean
		agree "$format"
		cut -f1,3 "$BATS_TEST_TMPDIR/points" | tr '\t' ' ' | diff "$BATS_TEST_TMPDIR/want" - || blame "$format differs"
	done
}

@test "a round trip says as TAP and as JUnit what it says as JSON" {
	fake iommufd-nested
	trips 0 $EDU
	fake rfc-v3
	trips 1 $EDU
	trips 3 0000:77:00.0
	fake no-nodes
	trips 3 $EDU
	fake iommufd-nested flaw=ignore-invalidate
	trips 1 $EDU
	grep -q '^failed.*invalidate_page' "$BATS_TEST_TMPDIR/points"
}

@test "prove believes a round trip that passed, and no other" {
	needs prove
	fake iommufd-nested
	prove -e "$NESTCTL roundtrip --format tap" $EDU >"$BATS_TEST_TMPDIR/prove" 2>&1
	grep -q 'Result: PASS' "$BATS_TEST_TMPDIR/prove"
	run -1 prove -e "$NESTCTL roundtrip --format tap" 0000:77:00.0
	[[ $output == *'Failed test:  1'* ]]
	fake rfc-v3
	run -1 prove -e "$NESTCTL roundtrip --format tap" $EDU
	[[ $output == *'Failed test:  1'* ]]
	[[ $output != *'Parse error'* ]]
}

@test "TAP is version 14, and 13 for readers that know no newer" {
	fake iommufd-nested
	nest 0 roundtrip --format tap $EDU
	[ "$(head -n 1 "$OUT")" = 'TAP version 14' ]
	TAP_VERSION=13 nest 0 roundtrip --format tap $EDU
	[ "$(head -n 1 "$OUT")" = 'TAP version 13' ]
	TAP_VERSION=14 nest 0 roundtrip --format tap $EDU
	[ "$(head -n 1 "$OUT")" = 'TAP version 14' ]
}
