#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The parts for fleets, each by the program that it is for.

# shellcheck disable=SC2154 # run sets status, output and lines
load helpers

setup() {
	PARTS=$ROOT/contrib
}

# The program on a described machine, for those that call it by its name.
install_program() { # MACHINE
	machine "$1"
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nexec "%s" --sysroot "%s" "$@"\n' "$NESTCTL" "$TREE" >"$BATS_TEST_TMPDIR/bin/vfio-nestctl"
	chmod +x "$BATS_TEST_TMPDIR/bin/vfio-nestctl"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "sos collects the report, the findings and the list" {
	local archive=$BATS_TEST_TMPDIR/sos
	needs sos
	[ "$(id -u)" -eq 0 ] || skip 'sos collects as root only'
	install_program spr-mixed
	mkdir "$archive"
	# sos looks in folders of its own choice only.
	/usr/bin/python3 - "$PARTS/sos" "$archive" "$BATS_TEST_TMPDIR/bin" >"$BATS_TEST_TMPDIR/log" 2>&1 <<-'END' || blame "$(tail -n 15 "$BATS_TEST_TMPDIR/log")"
		import sys
		import sos.report.plugins
		try:
		    from sos.policies.distros.debian import DebianPolicy
		except ImportError: # before 4.1
		    from sos.policies.debian import DebianPolicy
		DebianPolicy.PATH = sys.argv[3] + ':' + DebianPolicy.PATH
		sos.report.plugins.__path__.append(sys.argv[1])
		from sos import SoS
		SoS(['report', '--batch', '--build', '-o', 'vfio_nestctl', '--tmp-dir', sys.argv[2]]).execute()
	END
	run find "$archive" -path '*sos_commands/vfio_nestctl/*' -type f -printf '%f\n'
	[ "$(sort <<<"$output" | tr '\n' ' ')" = 'report.json vfio-nestctl_check vfio-nestctl_list ' ]
	jq -e '.command == "report"' "$archive"/*/sos_commands/vfio_nestctl/report.json
	grep -q '0000:16:00.1' "$archive"/*/sos_commands/vfio_nestctl/vfio-nestctl_list
}

@test "the fact of Ansible is JSON and a success, whatever the host is like" {
	install_program spr-mixed
	NESTCTL=vfio-nestctl run -0 "$PARTS/ansible/vfio_nestctl.fact"
	jq -e '.command == "check" and .verdict == "unknown" and (.findings | length > 10)' <<<"$output"
	NESTCTL=$BATS_TEST_TMPDIR/missing run -0 "$PARTS/ansible/vfio_nestctl.fact"
	jq -e '.verdict == "unknown" and (.problem | test("not installed"))' <<<"$(grep '^{' <<<"$output")"
	printf '#!/bin/sh\necho broken\nexit 4\n' >"$BATS_TEST_TMPDIR/broken"
	chmod +x "$BATS_TEST_TMPDIR/broken"
	NESTCTL=$BATS_TEST_TMPDIR/broken run -0 "$PARTS/ansible/vfio_nestctl.fact"
	jq -e '.problem | test("status 4")' <<<"$output"
}

@test "systemd takes the service and the timer, and what the service runs replaces whole files only" {
	local command
	needs systemd-analyze
	install_program spr-mixed
	# The program lies where a service finds it, for systemd-analyze as for systemd.
	run systemd-analyze verify --man=no "$PARTS/systemd/vfio-nestctl.service" "$PARTS/systemd/vfio-nestctl.timer"
	[ "$status" -eq 0 ] || blame "$output"
	! grep -i 'vfio-nestctl' <<<"$output" || blame 'systemd-analyze said something'
	command=$(sed -n "/^ExecStart=/,/'\$/p" "$PARTS/systemd/vfio-nestctl.service" |
		sed "s/^ExecStart=[^']*'//; s/'\$//; s/\\\\\$//; s/\\\$\\\$/\$/g" | tr '\n' ' ')
	mkdir "$BATS_TEST_TMPDIR/metrics"
	cd "$BATS_TEST_TMPDIR/metrics"
	sh -c "$command"
	grep -q '^vfio_nestctl_verdict{.*verdict="unknown"} 1$' vfio-nestctl.prom
	cp vfio-nestctl.prom before
	printf '#!/bin/sh\necho half\nexit 4\n' >"$BATS_TEST_TMPDIR/bin/vfio-nestctl"
	run ! sh -c "$command"
	cmp before vfio-nestctl.prom
}

@test "the alerts fire when they should, and at no other time" {
	PATH=$PATH:$("$ROOT/tests/unpack-tools")
	needs promtool
	cd "$PARTS/prometheus"
	promtool check rules vfio-nestctl.rules.yml
	promtool test rules vfio-nestctl.test.yml
	# The test can fail.
	sed 's/"not_ready"} == 1/"not_ready"} == 0/' vfio-nestctl.rules.yml >"$BATS_TEST_TMPDIR/vfio-nestctl.rules.yml"
	cp vfio-nestctl.test.yml "$BATS_TEST_TMPDIR"
	run ! promtool test rules "$BATS_TEST_TMPDIR/vfio-nestctl.test.yml"
}

@test "metrics and labels in the alerts are those that check prints" {
	local name
	install_program spr-mixed
	vfio-nestctl --format prometheus check >"$BATS_TEST_TMPDIR/metrics" || [ $? -le 3 ]
	grep -oE 'vfio_nestctl_[a-z_]*|verdict="[a-z_]*"' "$PARTS/prometheus/vfio-nestctl.rules.yml" | sort -u >"$BATS_TEST_TMPDIR/names"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/names")" -eq 4 ]
	while read -r name; do
		grep -q "$name" "$BATS_TEST_TMPDIR/metrics" || blame "$name"
	done <"$BATS_TEST_TMPDIR/names"
}

@test "the jobs are YAML, and run what CI runs" {
	local file
	needs python3-yaml
	for file in "$PARTS"/ci/*.yml "$ROOT"/.github/ISSUE_TEMPLATE/*.yml; do
		python3 -c 'import sys, yaml; assert isinstance(yaml.safe_load(open(sys.argv[1])), dict)' "$file" || blame "$file"
	done
	python3 - "$PARTS/ci" <<-'END'
		import sys, yaml
		github = yaml.safe_load(open(sys.argv[1] + '/github.yml'))
		assert [s['run'] for s in github['jobs']['all']['steps'] if 'run' in s][-1] == '.ci/run'
		gitlab = yaml.safe_load(open(sys.argv[1] + '/gitlab.yml'))
		assert gitlab['all']['script'] == ['.ci/run']
	END
	[ -x "$ROOT/.ci/run" ]
}

@test "LAVA's pattern finds the legs of a round trip, and no skipped one" {
	needs python3-yaml
	python3 - "$PARTS/ci/lava.yml" <<-'END'
		import re, sys, yaml
		parse = yaml.safe_load(open(sys.argv[1]))['parse']
		def found(line):
		    match = re.search(parse['pattern'], line)
		    return match and (match['test_case_id'], parse['fixupdict'][match['result']])
		assert found('ok 3 - dma: the device writes') == ('dma', 'pass')
		assert found('not ok 4 - remap: stale') == ('remap', 'fail')
		assert found('ok 5 - respond: page requests # SKIP the device makes none') is None
		assert found('  ok 6 - dma') is None
	END
}
