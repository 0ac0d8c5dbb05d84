#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The formats besides human and JSON, each read by those it is made for.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

EDU=0000:00:01.0
# What agree needs.
READERS=(python3-tap python3-yaml python3-more-itertools python3-junitparser xmllint)

machines() {
	(cd "$ROOT/tests/machines" && printf '%s\n' *.machine | sed 's/\.machine$//')
}

# The formats that --help of a command names.
formats() {
	"$NESTCTL" "$@" --help | sed -n 's/.*--format=FORMAT *Format: //p' | tr -d ,
}

# --- dot

# picture ARGUMENT...: drawn as SVG in $SVG; what graphviz has to complain of fails.
picture() {
	SVG=$BATS_TEST_TMPDIR/svg
	nest 0 list --format dot "$@"
	dot -Tsvg "$OUT" -o "$SVG" 2>"$BATS_TEST_TMPDIR/dot" || blame "dot: $(cat "$BATS_TEST_TMPDIR/dot")"
	! grep -v -i font "$BATS_TEST_TMPDIR/dot" || blame 'dot warns'
	grep -q '<svg' "$SVG" || blame 'no picture'
}

# The text of a picture, a line a cell.
words() {
	xmllint --xpath '//*[local-name()="text"]/text()' "$SVG" | sed 's/&#160;/ /g'
}

@test "dot draws every machine, with each unit, group and device that the list has" {
	needs dot xmllint
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
	needs dot xmllint
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
	needs dot xmllint
	machine viability
	picture --class 0300
	words >"$BATS_TEST_TMPDIR/words"
	[ "$(grep -c '^group ' "$BATS_TEST_TMPDIR/words")" -eq 2 ]
	grep -qx 'and 4 more, filtered out' "$BATS_TEST_TMPDIR/words"
	grep -qx 'and 2 more, filtered out' "$BATS_TEST_TMPDIR/words"
	machine spr-mixed
	picture --iommu dmar10
	run -1 grep -q '>dmar[0-2]<' "$SVG"
	grep -q '>dmar10<' "$SVG"
	nest 1 list --driver nosuch --format dot
	dot -Tsvg "$OUT" -o "$BATS_TEST_TMPDIR/svg"
}

@test "units without devices, and devices without group or unit, have their place" {
	needs dot xmllint
	machine spr-mixed 'unit dmar77 vtd version=1:0 address=1000 cap=0 ecap=0'
	picture
	words >"$BATS_TEST_TMPDIR/words"
	grep -qx dmar77 "$BATS_TEST_TMPDIR/words"
	grep -qx 'no device' "$BATS_TEST_TMPDIR/words"
	machine spr-mixed 'device 0000:16:00.2 id=15b3:a2dc group=11 unit=dmar0' 'device 0000:16:00.3 id=15b3:a2dc'
	picture
	words >"$BATS_TEST_TMPDIR/words"
	grep -qx 'unknown unit' "$BATS_TEST_TMPDIR/words"
	grep -qx 'no group' "$BATS_TEST_TMPDIR/words"
}

@test "no name can leave its place in a picture" {
	needs dot xmllint
	# shellcheck disable=SC2016 # names
	machine spr-mixed 'device "a\"]; b -> c <i>&amp; \\" bus=platform group=77 unit=dmar0 driver="<!-- \\N \\G"' \
		'device "tab\there" bus=platform group=78 unit=dmar0' 'group 78 type="</table>>];"' \
		'unit "u</b>>]\" x" vtd version=1:0 address=1000 cap=0 ecap=0'
	picture
	words >"$BATS_TEST_TMPDIR/words"
	# shellcheck disable=SC1003 # a backslash
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
	all=$(formats)
	[ "$(wc -w <<<"$all")" -ge 5 ]
	for command in $(command_names); do
		known=" $(formats "$command") "
		[[ $known == ' human json '* ]]
		for format in $all; do
			[[ $known != *" $format "* ]] || continue
			case $command in
			show) nest 2 --format "$format" show 0 ;;
			diff) nest 2 --format "$format" diff a b ;;
			roundtrip) nest 2 --format "$format" roundtrip --mock ;;
			decode) nest 2 --format "$format" decode vt-d 1 2 ;;
			*) nest 2 --format "$format" "$command" ;;
			esac
			[ -z "$output" ]
			assert_warns "$command does not support --format $format (supported: human, json"
		done
	done
	nest 2 --format tap
	assert_warns "list does not support --format tap (supported: human, json, dot)"
}

@test "a run that cannot begin prints a whole document in every format but human" {
	local arguments
	for arguments in list 'show 0' probe 'roundtrip 0000:00:01.0' 'roundtrip --mock' 'decode vt-d 1 2'; do
		for format in $(formats "${arguments%% *}"); do
			# shellcheck disable=SC2086 # words
			nest 3 --transcript /nosuch/folder/file --format "$format" $arguments
			assert_warns /nosuch/folder/file
			case $format in
			human) [ -z "$output" ] ;;
			json) keep_json "$OUT" ;;
			*) [ -n "$output" ] ;;
			esac
		done
	done
}

@test "the document of a run that cannot begin is read without complaint" {
	needs dot "${READERS[@]}"
	nest 3 --transcript /nosuch/folder/file --format dot list
	dot -Tsvg "$OUT" -o "$BATS_TEST_TMPDIR/svg"
	local arguments format
	for arguments in --mock 0000:00:01.0; do
		for format in tap junit; do
			nest 3 --transcript /nosuch/folder/file --format $format roundtrip $arguments
			agree $format
			[ "$(wc -l <"$BATS_TEST_TMPDIR/points")" -eq 1 ]
			grep -q '^unknown.*verdict' "$BATS_TEST_TMPDIR/points"
		done
	done
}

# --- TAP and JUnit

# agree FORMAT: what the last run printed is read by others without complaint, as $BATS_TEST_TMPDIR/points.
agree() {
	if [ "$1" = junit ]; then
		xmllint --noout --schema "$ROOT/tests/junit.xsd" "$OUT" 2>"$BATS_TEST_TMPDIR/xsd" || blame "$(cat "$BATS_TEST_TMPDIR/xsd")"
	fi
	"$ROOT/tests/points" "$1" "$OUT" >"$BATS_TEST_TMPDIR/points" 2>"$BATS_TEST_TMPDIR/complaints" ||
		blame "$(cat "$BATS_TEST_TMPDIR/complaints")"
}

# trips STATUS ARGUMENT...: the round trip as TAP and as JUnit says what it says as JSON.
trips() {
	local format
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
	needs "${READERS[@]}"
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

# --- check, over findings made by hand: every outcome, and names that mean harm

# The document FORMAT of a check with this verdict; "none" is one that could not begin.
made() {
	local maker=${FAKE%/*}/tests/unit/print/test_formats
	OUT=$BATS_TEST_TMPDIR/out
	[ -x "$maker" ] || blame "$maker is not built"
	"$maker" "$1" "$2" >"$OUT"
}

@test "TAP and JUnit tell a failure, what is unknown, and what has no meaning apart" {
	needs "${READERS[@]}"
	local format verdict
	for format in tap junit; do
		for verdict in ready:ok not_ready:failed unknown:unknown; do
			made $format "${verdict%:*}"
			agree $format
			[ "$(cut -f1 "$BATS_TEST_TMPDIR/points" | tr '\n' ' ')" = "${verdict#*:} ok failed unknown ok failed unknown ok skipped failed " ]
			[ "$(cut -f3 "$BATS_TEST_TMPDIR/points" | sed -n 6p)" = 'vtd.nest dmar0' ]
		done
		made $format none
		agree $format
		[ "$(cut -f1 "$BATS_TEST_TMPDIR/points")" = unknown ]
	done
}

@test "prove counts what is unknown as failed" {
	needs prove
	made tap ready
	sed -i '1s/14/13/' "$OUT" # as the program itself does where prove starts it
	run -1 prove -e cat "$OUT"
	[[ $output == *'Failed 5/10 subtests'* && $output != *'Parse error'* ]]
	made tap none
	sed -i '1s/14/13/' "$OUT"
	run -1 prove -e cat "$OUT"
	[[ $output == *'Failed 1/1 subtests'* ]]
}

# The programs that make deps unpacks.
tools() {
	PATH=$PATH:$("$ROOT/tests/unpack-tools")
	needs "$@"
}

@test "promtool has nothing to complain of" {
	tools promtool
	local verdict
	for verdict in ready not_ready unknown none; do
		made prometheus $verdict
		run promtool check metrics <"$OUT"
		[ "$status" -eq 0 ] && [ -z "$output" ] || { echo "$output"; return 1; }
	done
}

@test "node_exporter serves each metric as it was written, of several purposes side by side" {
	tools prometheus-node-exporter python3
	mkdir "$BATS_TEST_TMPDIR/textfile"
	made prometheus not_ready
	cp "$OUT" "$BATS_TEST_TMPDIR/textfile/nested.prom"
	made prometheus unknown
	sed 's/purpose="nested"/purpose="sva"/' "$OUT" >"$BATS_TEST_TMPDIR/textfile/sva.prom"
	timeout 60 "$ROOT/tests/served" "$(command -v prometheus-node-exporter)" "$BATS_TEST_TMPDIR/textfile"
	# What the comparison is worth: two samples of one series are found.
	cp "$BATS_TEST_TMPDIR/textfile/sva.prom" "$BATS_TEST_TMPDIR/textfile/again.prom"
	run ! timeout 60 "$ROOT/tests/served" "$(command -v prometheus-node-exporter)" "$BATS_TEST_TMPDIR/textfile"
}

# The rules of Kubernetes for labels and of NFD for feature files.
assert_labels() {
	perl -e '
		my (%seen, $size);
		while (<STDIN>) {
			$size += length;
			die "no newline\n" unless /\n\z/;
			next if /^# (?!\+)/;
			my ($prefix, $name, $value) = m{^([a-z0-9.-]+)/([^=/]+)=(.*)\n\z} or die "no label: $_";
			die "not a namespace of NFD: $_" unless $prefix eq "feature.node.kubernetes.io";
			for ($name, $value) {
				die "breaks the rules: $_\n" unless /\A[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\z/;
			}
			die "twice: $name\n" if $seen{$name}++;
			die "$name is $value\n" if $value =~ /unknown/;
		}
		die "no label\n" unless %seen;
		die "too large\n" if $size > 65536' <"$OUT" || blame 'not a feature file'
}

@test "labels obey the rules of Kubernetes and of node-feature-discovery" {
	local verdict
	for verdict in ready:true not_ready:false unknown: none:; do
		made nfd "${verdict%:*}"
		assert_labels
		[ "$(sed -n 's/.*nested\.ready=//p' "$OUT")" = "${verdict#*:}" ]
	done
}

# --- check, on every machine

# checks ARGUMENT...: as TAP and as JUnit it says what it says as JSON, with the same status.
checks() {
	local format want=0
	"$NESTCTL" -q --sysroot "$TREE" check --json "$@" >"$BATS_TEST_TMPDIR/json" || want=$?
	jq -r '([.verdict] | map({ready: "ok", not_ready: "failed", unknown: "unknown"}[.])[0]) as $v | [[$v, "verdict"]] +
		(.requirements | map([.result, "require"])) + (.findings | map([.result, .id])) | .[] |
		"\({pass: "ok", warn: "ok", fail: "failed", not_applicable: "skipped"}[.[0]] // .[0]) \(.[1])"' \
		"$BATS_TEST_TMPDIR/json" >"$BATS_TEST_TMPDIR/want"
	for format in tap junit; do
		nest "$want" -q check --format "$format" "$@"
		assert_clean
		agree "$format"
		sed -E 's/^(\S+)\t\S+\t(\S+).*/\1 \2/' "$BATS_TEST_TMPDIR/points" | diff "$BATS_TEST_TMPDIR/want" - || blame "$format differs"
	done
}

@test "check says as TAP and as JUnit what it says as JSON, of every machine" {
	needs "${READERS[@]}"
	local name
	for name in $(machines); do
		machine "$name"
		checks
	done
	machine spr-mixed
	checks --for passthrough --require nesting=yes --require 'pasid_bits>=20'
}

@test "check gives metrics of every machine, and labels" {
	tools promtool prometheus-node-exporter python3
	local name purpose want textfile=$BATS_TEST_TMPDIR/textfile
	for name in $(machines); do
		machine "$name"
		rm -rf "$textfile"
		mkdir "$textfile"
		for purpose in passthrough nested sva; do
			want=0
			"$NESTCTL" -q --sysroot "$TREE" check --json --for $purpose >"$BATS_TEST_TMPDIR/json" || want=$?
			nest "$want" -q check --format prometheus --for $purpose
			cp "$OUT" "$textfile/$purpose.prom"
			promtool check metrics <"$OUT" 2>&1 | { ! grep .; } || blame "$name: promtool complains"
			verdict=$(jq -r .verdict "$BATS_TEST_TMPDIR/json")
			grep -qxF "vfio_nestctl_verdict{purpose=\"$purpose\",verdict=\"$verdict\"} 1" "$OUT"
			case $verdict in
			ready) grep -qxF "vfio_nestctl_ready{purpose=\"$purpose\"} 1" "$OUT" ;;
			not_ready) grep -qxF "vfio_nestctl_ready{purpose=\"$purpose\"} 0" "$OUT" ;;
			*) ! grep -q '^vfio_nestctl_ready' "$OUT" || blame "$name: unknown is a number" ;;
			esac
			nest "$want" -q check --format nfd --for $purpose
			assert_labels
			case $verdict in
			ready) grep -q "vfio-nestctl.$purpose.ready=true$" "$OUT" ;;
			not_ready) grep -q "vfio-nestctl.$purpose.ready=false$" "$OUT" ;;
			*) ! grep -q 'ready=' "$OUT" || blame "$name: unknown is a label" ;;
			esac
		done
		timeout 60 "$ROOT/tests/served" "$(command -v prometheus-node-exporter)" "$textfile" || blame "$name: served"
	done
}

# --- html

# page ARGUMENT...: a page that is whole and alone. Its text, as $PAGE, on one line.
page() {
	PAGE=$BATS_TEST_TMPDIR/page
	nest 0 -q "$@" --format html
	xmllint --noout "$OUT" || blame 'no well-formed XML'
	# Nothing runs in it, and it fetches nothing.
	grep -oE '<[^>]*>' "$OUT" >"$BATS_TEST_TMPDIR/tags"
	run -1 grep -iE '<(script|img|link|iframe|object|embed|base|form)|[[:space:]](src|href|on[a-z]+)=' "$BATS_TEST_TMPDIR/tags"
	run -1 grep -niE 'url\(|@import|https?:' "$OUT"
	[ "$(stat -c %s "$OUT")" -lt 1048576 ] || blame 'more than a MiB'
	xmllint --xpath 'string(//body)' "$OUT" | tr -s ' \n' ' ' >"$PAGE"
}

# missing FILTER: the texts of $BATS_TEST_TMPDIR/json that the page lacks, one a line.
missing() {
	jq -r --rawfile page "$PAGE" "[$1] | .[] | gsub(\" +\"; \" \") | select(. as \$text | \$page | contains(\$text) | not)" \
		"$BATS_TEST_TMPDIR/json"
}

@test "a page of a report says what check says of every machine, with evidence and remedy" {
	needs xmllint
	local name purpose
	for name in $(machines); do
		machine "$name"
		page report --no-redact
		for purpose in nested passthrough sva; do
			"$NESTCTL" -q --sysroot "$TREE" check --json --for $purpose >"$BATS_TEST_TMPDIR/json" || :
			jq -e '.findings | length > 0' "$BATS_TEST_TMPDIR/json" >/dev/null
			missing '(.findings | group_by([.id, .result])[] | .[:12][] |
				"\(.result) \(.id)\(if .subject == "" then "" else " (\(.subject))" end) \(.summary)",
				(select(.result | IN("pass", "not_applicable") | not) |
					(.remedy // empty | split("\n")[]), (.evidence[] | .source, .value // empty))),
				"\(.counts.fail) failed, \(.counts.unknown) unknown, \(.counts.warn) warning"' >"$BATS_TEST_TMPDIR/missing"
			[ ! -s "$BATS_TEST_TMPDIR/missing" ] || blame "$name, $purpose: the page lacks: $(cat "$BATS_TEST_TMPDIR/missing")"
		done
		"$NESTCTL" -q --sysroot "$TREE" list --json >"$BATS_TEST_TMPDIR/json" || :
		missing '.iommus[].name, (.groups[] | select(.devices != []) | "group \(.id)", .devices[].address)' \
			>"$BATS_TEST_TMPDIR/missing"
		[ ! -s "$BATS_TEST_TMPDIR/missing" ] || blame "$name: the page lacks: $(cat "$BATS_TEST_TMPDIR/missing")"
	done
	machine laptop-trap
	page report
	grep -qF 'ecap 43 smts 0 scalable mode: no' "$PAGE"
}

@test "a page is the same, made of a report that somebody sent, and says what the log means" {
	needs xmllint
	local name
	for name in nest-ready hostile smmuv3-server eight-sockets; do
		machine "$name" 'file dev/kmsg "4,9,9,-;DMAR: [DMA Read NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x06] PTE Read access is not set\n"'
		page report
		sed 's/From a .*by vfio/by vfio/' "$OUT" >"$BATS_TEST_TMPDIR/live"
		grep -qF 'fault addr 0xdead000' "$PAGE"
		grep -qF 'fault of 0000:16:00.0' "$PAGE"
		nest 0 -q report -o "$BATS_TEST_TMPDIR/report.json"
		TREE=
		page --from "$BATS_TEST_TMPDIR/report.json" report
		sed 's/From a .*by vfio/by vfio/' "$OUT" | diff - "$BATS_TEST_TMPDIR/live" || blame "$name: another page"
	done
	# What was redacted stays so.
	machine nest-ready 'file proc/sys/kernel/hostname "secrethost\n"' 'file dev/kmsg "4,9,9,-;secrethost vfio-pci 0000:16:00.0: enabling device\n"'
	page report
	run -1 grep -F secrethost "$OUT"
	# Of a report JSON would be another report, with less in it.
	TREE=
	for name in json human; do
		nest 2 --from "$BATS_TEST_TMPDIR/report.json" report --format $name
		assert_warns 'report supports --from with --format html only'
	done
	# What could not begin is a page, too, that says so.
	nest 3 --from /nonexistent report --format html
	grep -qF 'Nothing could be read.' "$OUT"
	xmllint --noout "$OUT"
}

@test "a page has what the kernel answered, of this host and of a report that somebody sent" {
	needs xmllint
	fake iommufd-nested
	nest 0 -q report --probe -o "$BATS_TEST_TMPDIR/json"
	page report --probe
	grep -qF 'What the kernel answered' "$PAGE"
	grep -qF 'nesting for 0000:00:01.0: usable, by iommufd' "$PAGE"
	grep -qF 'iommufd.hwpt nest_parent status ok' "$PAGE"
	missing '.probes[].decision.reasons[] | .text, (.remedy // empty)' >"$BATS_TEST_TMPDIR/missing"
	[ ! -s "$BATS_TEST_TMPDIR/missing" ] || blame "the page lacks: $(cat "$BATS_TEST_TMPDIR/missing")"
	sed 's/From a .*by vfio/by vfio/' "$OUT" >"$BATS_TEST_TMPDIR/live"
	page --from "$BATS_TEST_TMPDIR/json" report
	sed 's/From a .*by vfio/by vfio/' "$OUT" | diff - "$BATS_TEST_TMPDIR/live"
	# What somebody sends may hold anything.
	local probes
	for probes in '[]' '[1, null, "x", [[[[[[[[[[[1]]]]]]]]]]], {"decision": 3}]' '{}' 'null' \
		'[{"decision": {"nesting": "<i>", "reasons": [{"text": "a</p><script>"}, {"text": 7}]}, "<b>": {"<u>": ["&", null, "\"<"]}}]'; do
		jq --argjson probes "$probes" '.probes = $probes' "$BATS_TEST_TMPDIR/json" >"$BATS_TEST_TMPDIR/sent"
		page --from "$BATS_TEST_TMPDIR/sent" report
	done
	grep -qF 'a</p><script>' "$PAGE"
	for probes in '20:There is more: see JSON.' '200:It is too much for a page: see JSON.'; do
		jq ".probes = [range(${probes%%:*}) | {\"decision\": {}, \"a\": [range(500) | {\"name\": \"n\", \"b\": .}]}]" \
			"$BATS_TEST_TMPDIR/json" >"$BATS_TEST_TMPDIR/sent"
		page --from "$BATS_TEST_TMPDIR/sent" report
		grep -qF "${probes#*:}" "$PAGE"
	done
}

@test "no name of the machine ends a tag of the page, and a thousand devices fit" {
	needs xmllint
	machine nest-ready 'device "a<b>&\"c" bus=platform driver="<script src=x>" group=30 unit=dmar0' \
		'file proc/sys/kernel/osrelease "6.12<i>\n"'
	page report
	grep -qF 'a<b>&"c' "$PAGE"
	grep -qF '<script src=x>' "$PAGE"
	[ "$(xmllint --xpath 'count(//script)' "$OUT")" = 0 ]
	machine flat 'repeat 1000' 'device {i>>16:%04x}:{i>>8&255:%02x}:{i>>3&31:%02x}.{i&7} id=8086:{4096+i%16:%04x} driver=vfio-pci group={i} unit=dmar0 caps=pm,msi,exp,ats' end
	page report
	grep -qF '0000:03:1c.7' "$PAGE"
	grep -qE '988 more of device.reset|988 more of device.rmrr' "$PAGE"
}
