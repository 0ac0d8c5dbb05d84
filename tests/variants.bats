#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same log, as other programs pass it on: each case of tests/field that is a log is changed by
# tests/vary in every way, and must be told the same. Of a log that is cut at 80 columns there may
# be fewer facts, and none that is wrong.

load helpers

# logs_of_cases: the logs of tests/field become files in $LOGS. A listing of groups is no log, so
# no daemon puts stamps in front of it and no journal reverses it.
logs_of_cases() {
	LOGS=$BATS_TEST_TMPDIR/logs
	mkdir -p "$LOGS"
	perl -e '
		use strict; use warnings;
		my $to = shift;
		for my $case (@ARGV) {
			my ($name) = $case =~ m{([^/]+)\.case$} or die;
			next if $name =~ /^(?:encoding|check)-|-list-of-groups|-find-of-groups/;
			open my $in, "<:raw", $case or die "$case: $!\n";
			my ($section, $log) = ("", "");
			while (<$in>) {
				if (/^--- (\S+)$/) { $section = $1; next }
				$log .= $_ if $section eq "log";
			}
			next if $log eq "";
			open my $out, ">:raw", "$to/$name" or die;
			print $out $log;
			close $out;
		}' "$LOGS" "$ROOT"/tests/field/*.case
}

# one_log TEXT: the only one.
one_log() {
	LOGS=$BATS_TEST_TMPDIR/logs
	mkdir -p "$LOGS"
	echo "$1" >"$LOGS/one"
}

# decoded WAY: the logs changed in that way, one JSON document after the other, with their names.
decoded() {
	local log
	mkdir -p "$BATS_TEST_TMPDIR/$1"
	"$ROOT/tests/vary" "$1" "$LOGS" "$BATS_TEST_TMPDIR/$1"
	for log in "$BATS_TEST_TMPDIR/$1"/*; do
		printf '"%s"\n' "${log##*/}"
		"$NESTCTL" decode --json --log "$log" 2>/dev/null || [ $? -lt 4 ] || { echo crashed; return 1; }
	done >"$BATS_TEST_TMPDIR/$1.json"
}

# same_facts FILTER WAY...: of every log, and of what the ways made of it.
same_facts() {
	local filter=$1 way first='' failed=0
	shift
	logs_of_cases
	for way; do
		decoded "$way"
		jq -cS "include \"vary\" {search: \"$ROOT/tests\"}; if type == \"string\" then . else $filter end" \
			"$BATS_TEST_TMPDIR/$way.json" >"$BATS_TEST_TMPDIR/$way.facts"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/$way.facts")" -gt 100 ] || { echo "too few logs: $way"; return 1; }
		[ -n "$first" ] || { first=$way; continue; }
		diff -U1 "$BATS_TEST_TMPDIR/$first.facts" "$BATS_TEST_TMPDIR/$way.facts" || failed=$((failed + 1))
	done
	[ $failed = 0 ]
}

# wrong_facts: of the logs decoded as cut, compared with the same ones whole.
wrong_facts() {
	jq -nr "include \"vary\" {search: \"$ROOT/tests\"}; [inputs]
		| range(length / 4) as \$i | .[\$i * 2] as \$name | .[\$i * 2 + 1] as \$whole
		| .[length / 2 + \$i * 2 + 1] | within(\$whole) | \$name + \": \" + ." \
		"$BATS_TEST_TMPDIR/same.json" "$BATS_TEST_TMPDIR/cut.json"
}

@test "encodings" { same_facts facts same utf16-le utf16-be crlf no-break; }
@test "mail and web pages" { same_facts facts same entities printable quoted; }
@test "syslog and the journal" { same_facts facts same journal syslog iso octal; }
@test "the newest line first" { same_facts unordered ordered reversed; }
@test "two boots in one file" { same_facts uncounted same twice; }

@test "cut at 80 columns" {
	logs_of_cases
	decoded same
	decoded cut
	run wrong_facts
	echo "$output"
	[ "$status" = 0 ] && [ -z "$output" ]
}

@test "a wrong fact of a cut log is seen" {
	one_log 'DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x70ad5000 [fault reason 0x06] x'
	decoded same
	sed 's/0x70ad5000/0x70ad0000/' "$BATS_TEST_TMPDIR/same.json" >"$BATS_TEST_TMPDIR/cut.json"
	run wrong_facts
	[[ $output == 'one: fault '* ]]
}

@test "packed logs are named with the command that unpacks them" {
	local tool
	needs gzip xz zstd bzip2
	logs_of_cases
	for tool in gzip xz zstd bzip2; do
		"$tool" -qc "$LOGS/intel-same-units" >"$BATS_TEST_TMPDIR/packed"
		nest 3 decode --log "$BATS_TEST_TMPDIR/packed"
		assert_warns "$tool -dc"
	done
}
