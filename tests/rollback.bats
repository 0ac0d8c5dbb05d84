#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each call of a clean run fails once, with each errno that the kernel has for it; and signals come at a
# spread of moments. Whatever happens: everything is given back (the fake's ledger, status 99), the document
# is whole, and nothing that was not seen is called proven.
#
# SAMPLE=yes takes a tenth of them: for those who build what was swept whole before. It counts as a skipped test.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and sets the ledger's rigour for itself
load fake

EDU=0000:00:01.0
# Statuses that say what was found out: yes, no, not determined, not given back.
ANSWERED='0 1 3 4'

setup() {
	SWEEP=$BATS_TEST_TMPDIR/sweep
	mkdir -p "$SWEEP"
	export SWEEP FAKE EDU
}

# clean CONF STATUS COMMAND...: the run that the sweep is about; its calls in $COUNT, a line "K NAME ERRNO...", in
# $SKIPS the legs that do not pass in it either.
clean() {
	# shellcheck disable=SC2086 # a host and statements
	fake $1
	COUNT=$BATS_TEST_TMPDIR/count
	NESTCTL_FAKE_COUNT=$COUNT nest "$2" "${@:3}" --json
	SKIPS=$(jq -c '[.legs[]? | select(.result != "passed") | .id]' "$OUT")
	[ "$(awk '$1 == "calls" { print $2 }' "$COUNT")" -gt 20 ]
}

# One run for each word on stdin, two at a time: "K:ERRNO" to fail, "K:SIGNAL" to be signalled, by the variable
# named first. Leaves WORD.json, WORD.err, WORD.status in $SWEEP.
runs() {
	export VARIABLE=$1 COMMAND=$2
	# shellcheck disable=SC2016 # the inner shell's
	xargs -P 2 -n 25 bash -c '
		for word; do
			status=0
			env "$VARIABLE=$word" timeout -k 2 20 "$FAKE" $COMMAND $EDU --json \
				>"$SWEEP/$word.json" 2>"$SWEEP/$word.err" || status=$?
			echo "$status" >"$SWEEP/$word.status"
		done 2>/dev/null' -
}

# The words of every failure worth trying. What a round trip asks for some hundred times fails with each errno the
# first 12 times (or as often as is said), and with the likeliest one every 20th time.
failures() {
	awk -v whole="${SAMPLE:+1}" -v asked="${1:-12}" '$1 + 0 > 0 {
		often = ++seen[$2] > (whole ? whole : asked)
		if (often && seen[$2] % (whole ? 200 : 20)) next
		for (i = 3; i <= (often ? 3 : NF); i++) print $1 ":" $i }' "$COUNT"
}

# All documents of the sweep as one array of {word, call, errno, status, doc}.
gather() {
	grep -H . "$SWEEP"/*.status >"$SWEEP/index"
	OUT=$SWEEP/all
	# A document that is not whole, or not alone in its file, is missed here.
	jq -n --rawfile index "$SWEEP/index" --rawfile count "$COUNT" '
		def lines: split("\n") | map(select(. != ""));
		($count | lines | map(split(" ") | {key: .[0], value: .[1]}) | from_entries) as $calls |
		($index | lines | map(capture("(?<k>[0-9]+):(?<errno>[A-Za-z0-9]+)\\.status:(?<status>[0-9]+)$") |
			{key: "\(.k):\(.errno)", value: {status: (.status | tonumber), errno: .errno, call: $calls[.k]}}) |
			from_entries) as $runs |
		[inputs | (input_filename | sub(".*/"; "") | sub(".json$"; "")) as $word | {word: $word, doc: .} + $runs[$word]] |
		if length == ($runs | length) and (map(.word) | unique | length) == length and length > 20 then . else
			error("\($runs | length) runs, \(length) documents") end' "$SWEEP"/*.json \
		>"$OUT" 2>"$SWEEP/jq" || { cat "$SWEEP/jq"; return 1; }
	[ -s "$OUT" ]
	keep_all
}

# For the schema, as helpers.bash does with one document.
keep_all() {
	mkdir -p "$BATS_RUN_TMPDIR/json"
	cp --backup=numbered -t "$BATS_RUN_TMPDIR/json" "$SWEEP"/*.json
}

# none TEXT FILTER: no run of the sweep is so. The filter knows lost: a leg that passes in the clean run did not.
none() {
	[ -s "$OUT" ] || blame 'there was no sweep'
	jq -r --arg answered "$ANSWERED" --argjson skips "${SKIPS:-[]}" "def lost: .result != \"passed\" and (.id as \$id | \$skips | index(\$id) | not); .[] | select($2) | \"\\(.word) \\(.call): status \\(.status), \\(.doc.verdict // .doc.decision.nesting)\"" \
		"$OUT" >"$BATS_TEST_TMPDIR/found"
	[ ! -s "$BATS_TEST_TMPDIR/found" ] || {
		echo "$1:"
		cat "$BATS_TEST_TMPDIR/found"
		return 1
	}
}

# silent_of PATTERN: no run of the sweep printed this on standard error.
silent_of() {
	local found=0
	grep -il -e "$1" "$SWEEP"/*.err || found=$?
	[ $found -eq 1 ] || { echo "printed, or no file to read: $1"; return 1; }
}

# What holds of every failed call, whatever the command.
sound() {
	# shellcheck disable=SC2016 # jq's variable
	none 'died, or left something' '.status as $status | $answered | split(" ") | map(tonumber) | index($status) | not'
	none 'success with something not given back' '.status != 4 and (.doc.undo_failures // .doc.not_given_back // [] | length > 0)'
	none 'nothing to show for status 4' '.status == 4 and (.doc.undo_failures // .doc.not_given_back // [] | length == 0)'
	silent_of '^fake:'
	silent_of 'sanitizer\|runtime error'
}

# Failures a passed round trip may have on its way: of a region that edu has not; of the call that must be
# refused; of the last look at the log, which only adds to the evidence.
harmless() {
	jq -r '.[] | select(.doc.verdict == "passed") | "\(.call) \(.errno)"' "$OUT" | sort | uniq -c | sort -k2
}

@test "every failure and every moment is tried" {
	[ -z "${SAMPLE-}" ] || skip 'SAMPLE is set: a tenth of them is tried'
}

@test "roundtrip, iommufd: no call's failure crashes it, leaks, or is called passed" {
	clean iommufd-nested 0 roundtrip $EDU
	failures 30 | runs NESTCTL_FAKE_FAIL roundtrip
	gather
	sound
	none 'passed and status' '(.doc.verdict == "passed") != (.status == 0)'
	none 'passed with a leg that did not' '.doc.verdict == "passed" and any(.doc.legs[]; lost)'
	none 'an essential call failed, and it passed' '.status == 0 and (.call | IN("VFIO_DEVICE_GET_REGION_INFO", "IOMMU_HWPT_INVALIDATE", "seek_end", "read") | not) and (("\(.call) \(.errno)") | IN("IOMMU_HWPT_ALLOC EOPNOTSUPP", "IOMMU_OPTION EPERM", "IOMMU_OPTION EBUSY", "IOMMU_OPTION EINVAL", "IOMMU_IOAS_CHANGE_PROCESS EINVAL", "VFIO_DEVICE_FEATURE EINVAL", "IOMMU_IOAS_MAP_FILE EINVAL", "IOMMU_IOAS_MAP_FILE EEXIST", "IOMMU_IOAS_MAP_FILE ENODEV") | not)'
	none 'a failed invalidation, and it passed' '.status == 0 and .call == "IOMMU_HWPT_INVALIDATE" and .errno != "EINVAL"'
	run -0 harmless
	# The call that is refused anyway fails no leg, if the sample has it; every other invalidation does.
	[ "$(awk '$2 == "IOMMU_HWPT_INVALIDATE" { n += $1 } END { print n + 0 }' <<<"$output")" -le 1 ]
	# So is the table that would note writes: the unit has none. No other table may be missing.
	[ "$(awk '$2 == "IOMMU_HWPT_ALLOC" { n += $1 } END { print n + 0 }' <<<"$output")" -eq 1 ]
	# An option that may not be set; one that comes too late; two values that are refused; memory mapped by address.
	[ "$(awk '$2 == "IOMMU_OPTION" { n += $1 } END { print n + 0 }' <<<"$output")" -le 4 ]
	[ "$(awk '$2 == "IOMMU_IOAS_CHANGE_PROCESS" { n += $1 } END { print n + 0 }' <<<"$output")" -le 1 ]
	# What a BAR's dma-buf is refused for: half a page, beyond the end; too long, mapped already, revoked.
	[ "$(awk '$2 == "VFIO_DEVICE_FEATURE" { n += $1 } END { print n + 0 }' <<<"$output")" -le 2 ]
	[ "$(awk '$2 == "IOMMU_IOAS_MAP_FILE" { n += $1 } END { print n + 0 }' <<<"$output")" -le 3 ]
	[ "$(wc -l <<<"$output")" -le 14 ]
}

# What a limit of the caller does to each kind of request, in the words of the file of calls.
limits() {
	awk -v step="${SAMPLE:+9}60" '$1 + 0 > 0 && $2 !~ /^(close|munmap|VFIO_GROUP_UNSET_CONTAINER|VFIO_CHECK_EXTENSION|VFIO_NESTING_GET_IOMMU_UAPI_VERSION)$/ {
		if (++seen[$2] > 2 && seen[$2] % step) next
		print $1 ":EMFILE"
		if (seen[$2] == 2) next
		print $1 ":ENFILE"; print $1 ":ENOMEM" }' "$COUNT"
}

@test "roundtrip: a limit of the caller, whenever it is met, violates nothing; and the status is 3" {
	local host arguments
	for host in iommufd-pri iommufd-smmuv3 stock-6.1; do
		arguments=$([ $host != iommufd-pri ] || echo '--pasid 3')
		rm -rf "$SWEEP"
		mkdir "$SWEEP"
		# shellcheck disable=SC2086 # none, or two words
		clean $host "$([ $host = stock-6.1 ] && echo 1 || echo 0)" roundtrip $EDU $arguments
		limits | runs NESTCTL_FAKE_FAIL "roundtrip $arguments"
		gather
		sound
		none 'a property is violated' '.status != 4 and any(.doc.properties[]?; .result == "violated")'
		# Of the last looks at the log nothing depends.
		none 'another status' '(.status | IN(3, 4) | not) and (.status == 0 and .call == "read" | not)'
		none 'an obstacle and its status' '.status == 3 and (.doc.obstacle.id | IN("limit", "memlock") | not) and .call != "pread"'
	done
}

@test "roundtrip: a device that is gone or hangs at any moment violates nothing; and the status is 3" {
	local host flaw
	for host in iommufd-pri stock-6.1; do
		clean $host "$([ $host = stock-6.1 ] && echo 1 || echo 0)" roundtrip $EDU
		for flaw in gone hung; do
			rm -rf "$SWEEP"
			mkdir "$SWEEP"
			awk -v flaw=$flaw '$1 == "calls" { step = int($2 / 30) }
				$1 + 0 > 0 && NR % step == 0 { print $1 ":" flaw }' "$COUNT" |
				runs NESTCTL_FAKE_FLAW roundtrip
			gather
			sound
			none 'a property is violated' 'any(.doc.properties[]?; .result == "violated")'
			# After the last transfer it is not looked at any more.
			none 'another status' '.status != 3 and ((.doc.legs | map(select(.id == "quiet")) | .[0].result) != "passed")'
		done
	done
}

@test "roundtrip, SMMUv3: no call's failure crashes it, leaks, or is called passed" {
	clean iommufd-smmuv3 0 roundtrip $EDU
	failures | runs NESTCTL_FAKE_FAIL roundtrip
	gather
	sound
	none 'passed and status' '(.doc.verdict == "passed") != (.status == 0)'
	none 'passed with a leg that did not' '.doc.verdict == "passed" and any(.doc.legs[]; lost)'
	# What is refused anyway may be refused otherwise; a table that would note writes, and the log, may be missing.
	none 'an essential call failed, and it passed' '.status == 0 and (.call | IN("VFIO_DEVICE_GET_REGION_INFO", "seek_end", "read") | not) and "\(.call) \(.errno)" != "IOMMU_HWPT_ALLOC EOPNOTSUPP" and (("\(.call) \(.errno)") | IN("IOMMU_DESTROY EBUSY", "IOMMU_VDEVICE_ALLOC EEXIST", "IOMMU_OPTION EPERM", "IOMMU_OPTION EBUSY", "IOMMU_OPTION EINVAL", "IOMMU_IOAS_CHANGE_PROCESS EINVAL", "VFIO_DEVICE_FEATURE EINVAL", "IOMMU_IOAS_MAP_FILE EINVAL", "IOMMU_IOAS_MAP_FILE EEXIST", "IOMMU_IOAS_MAP_FILE ENODEV") | not)'
}

@test "roundtrip, container: no call's failure crashes it, leaks, or is called passed" {
	clean stock-6.1 1 roundtrip $EDU
	failures | runs NESTCTL_FAKE_FAIL roundtrip
	gather
	sound
	none 'passed' '.status == 0 or .doc.verdict == "passed"'
	none 'an obstacle and its status' '(.doc.obstacle != null) != (.status == 3)'
}

@test "roundtrip, the kernel's mock: no call's failure crashes it, leaks, or is called passed" {
	clean 'iommufd-nested mock=1' 0 roundtrip --mock
	failures | EDU='' runs NESTCTL_FAKE_FAIL 'roundtrip --mock'
	gather
	sound
	none 'passed and status' '(.doc.verdict == "passed") != (.status == 0)'
	# Without a fault queue, and without tables that note writes, the mock nests all the same; and its
	# hardware it tells to whoever asks.
	none 'passed with a leg that did not' '.doc.verdict == "passed" and any(.doc.legs[]; .result == "failed" or (.result == "skipped" and (.id | IN("respond", "dirty") | not)))'
	none 'a failed request of the mock, and it passed' '.status == 0 and (.call | IN("IOMMU_TEST_CMD", "IOMMU_HWPT_INVALIDATE", "IOMMU_IOAS_MAP")) and "\(.call) \(.errno)" != "IOMMU_HWPT_INVALIDATE EINVAL"'
	# Each of these is due once, where the request must be refused so.
	run -0 harmless
	[ "$(awk '$2 == "IOMMU_HWPT_INVALIDATE" || $2 == "IOMMU_HW_QUEUE_ALLOC" { n += $1 } END { print n + 0 }' <<<"$output")" -le 2 ]
}

@test "roundtrip, igb, which is reset on the way: likewise" {
	EDU=0000:00:03.0
	clean iommufd-igb 0 roundtrip $EDU
	failures | sort -t: -k1,1n -u | runs NESTCTL_FAKE_FAIL roundtrip
	gather
	sound
	none 'passed and status' '(.doc.verdict == "passed") != (.status == 0)'
	none 'passed with a leg that did not' '.doc.verdict == "passed" and any(.doc.legs[]; lost)'
	none 'a reset that failed is no fault of the IOMMU' '.call == "VFIO_DEVICE_RESET" and .doc.verdict == "failed"'
}

# with_requests MACHINE: page requests and a PASID.
with_requests() {
	clean "$1" 0 roundtrip $EDU --pasid 3
	# The likeliest errno of each: the legs are those of the sweep before.
	failures | sort -t: -k1,1n -u | runs NESTCTL_FAKE_FAIL 'roundtrip --pasid 3'
	gather
	sound
	none 'passed and status' '(.doc.verdict == "passed") != (.status == 0)'
	# No fault queue for the table: then nobody can answer page requests, which is said, and no failure.
	none 'passed with a leg that did not' '.doc.verdict == "passed" and any(.doc.legs[]; lost and (.id | endswith("respond") | not))'
	none 'no page request answered, and passed' '.doc.verdict == "passed" and any(.doc.legs[]; lost) and "\(.call) \(.errno)" != "IOMMU_HWPT_ALLOC EOPNOTSUPP"'
}

@test "roundtrip, page requests and a PASID: likewise" {
	with_requests iommufd-pri
}

@test "roundtrip, dsa, with page requests and a PASID: likewise" {
	with_requests iommufd-dsa
}

@test "roundtrip, the ABIs of 2020: no call's failure crashes it, leaks, or is called passed" {
	local host
	for host in rfc-v3-pasid 'nesting-op-v8-pri ring=6'; do
		rm -rf "$SWEEP"
		mkdir "$SWEEP"
		clean "$host" 0 roundtrip $EDU
		failures | runs NESTCTL_FAKE_FAIL roundtrip
		gather
		sound
		none 'passed and status' '(.doc.verdict == "passed") != (.status == 0)'
		# A page request that goes nowhere is a leg less, and so is one stage where another was asked for.
		none 'passed with a leg that did not' '.doc.verdict == "passed" and any(.doc.legs[]; lost and (.id | IN("respond", "fault_ring") | not))'
		none 'no table bound, and passed' '.status == 0 and any(.doc.legs[]; .id == "bind" and .result != "passed")'
		none 'an essential call failed, and it passed' '.status == 0 and (.call | IN("VFIO_IOMMU_MAP_DMA", "VFIO_GROUP_GET_DEVICE_FD", "VFIO_IOMMU_UNMAP_DMA", "close"))'
	done
}

@test "probe, iommufd: what failed for a passing reason is never an answer of no" {
	clean iommufd-nested 0 probe $EDU
	failures | runs NESTCTL_FAKE_FAIL probe
	gather
	sound
	none 'usable and status' '.status != 4 and (.doc.decision.nesting == "usable") != (.status == 0)'
	none 'no tables, and usable' '.status == 0 and .call == "IOMMU_HWPT_ALLOC" and (.doc.iommufd.hwpt | map(select(.name == "nest_parent" or .name == "nested")) | any(.[]; .status != "ok"))'
	none 'not bound, and usable' '.status == 0 and (.call | IN("VFIO_DEVICE_BIND_IOMMUFD", "IOMMU_IOAS_ALLOC"))'
	none 'a passing reason, and a no' '.doc.decision.nesting == "unusable" and (.errno | IN("EOPNOTSUPP", "ENOTTY") | not)'
}

@test "probe, container: a failure never makes nesting usable" {
	clean stock-6.1 1 probe $EDU
	failures | runs NESTCTL_FAKE_FAIL probe
	gather
	sound
	none 'usable' '.status == 0 or .doc.decision.nesting == "usable"'
	none 'refused, and a no' '.status == 1 and (.call | IN("VFIO_GET_API_VERSION", "VFIO_GROUP_GET_STATUS"))'
}

@test "probe, RFC v3: a version or a type that failed is not an answer of yes" {
	clean rfc-v3 0 probe $EDU
	failures | runs NESTCTL_FAKE_FAIL probe
	gather
	sound
	none 'usable and status' '.status != 4 and (.doc.decision.nesting == "usable") != (.status == 0)'
	none 'type 6 not set, and usable' '.doc.decision.nesting == "usable" and any(.doc.container.iommu_types[]; .id == 6 and .set_iommu.status != "ok")'
}

# killed STATUS: every run ended by the signal it was sent, with all of its document.
killed() {
	none 'another end' ".status != $1"
	none 'a document that does not tell' ".doc.signal != $(($1 - 128))"
	silent_of '^fake:'
}

# moments N SIGNAL: N points spread over the run; of a sample at most 22.
moments() {
	awk -v n="${SAMPLE:+22}" -v asked="$1" -v name="$2" 'BEGIN { if (!n) n = asked }
		$1 == "points" { step = $2 / n; for (i = 0; i < n; i++) print int(1 + i * step + i % 7) ":" name }' "$COUNT" |
		awk -F: -v last="$(awk '$1 == "points" { print $2 }' "$COUNT")" '$1 <= last' | sort -u
}

@test "TERM at 60 moments of a round trip: all is given back, the document is whole, it dies of it" {
	export NESTCTL_FAKE_LEDGER=strict
	clean iommufd-nested 0 roundtrip $EDU
	moments 60 TERM | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 143
	none 'passed before all was done' '.doc.verdict == "passed" and (.doc.legs | length) < 22'
}

@test "INT and HUP likewise, and INT with page requests and a PASID" {
	export NESTCTL_FAKE_LEDGER=strict
	clean iommufd-nested 0 roundtrip $EDU
	moments 40 HUP | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 129
	rm -r "$SWEEP"
	mkdir "$SWEEP"
	clean iommufd-pri 0 roundtrip $EDU --pasid 3
	moments 60 INT | runs NESTCTL_FAKE_SIGNAL 'roundtrip --pasid 3'
	gather
	killed 130
}

@test "TERM and INT likewise, on an SMMUv3" {
	export NESTCTL_FAKE_LEDGER=strict
	clean iommufd-smmuv3 0 roundtrip $EDU
	moments 60 TERM | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 143
	rm -r "$SWEEP"
	mkdir "$SWEEP"
	moments 40 INT | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 130
}

@test "TERM and INT likewise, through the ABIs of 2020" {
	export NESTCTL_FAKE_LEDGER=strict
	clean 'nesting-op-v8-pri ring=6' 0 roundtrip $EDU
	moments 60 TERM | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 143
	rm -r "$SWEEP"
	mkdir "$SWEEP"
	clean rfc-v3-pasid 0 roundtrip $EDU
	moments 40 INT | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 130
}

@test "INT and HUP through a container" {
	export NESTCTL_FAKE_LEDGER=strict
	clean stock-6.1 1 roundtrip $EDU
	moments 30 INT | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 130
	rm -r "$SWEEP"
	mkdir "$SWEEP"
	moments 30 HUP | runs NESTCTL_FAKE_SIGNAL roundtrip
	gather
	killed 129
}

@test "TERM before every call of a probe" {
	export NESTCTL_FAKE_LEDGER=strict
	clean iommufd-nested 0 probe $EDU
	awk '$1 + 0 > 0 { print $1 ":TERM" }' "$COUNT" | runs NESTCTL_FAKE_SIGNAL probe
	gather
	none 'another end' '.status != 143'
	# What came after the last question was asked ended nothing early.
	none 'cut short, and does not tell' '.doc.signal != 15 and (.doc.decision.nesting != "usable" or .doc.iommufd.iova_ranges.status != "ok")'
}

@test "KILL leaves the next run a host to pass on" {
	clean iommufd-nested 0 roundtrip $EDU
	run -137 env NESTCTL_FAKE_SIGNAL=4000:KILL "$FAKE" roundtrip $EDU --json
	trip 0 $EDU
	fake iommufd-smmuv3
	run -137 env NESTCTL_FAKE_SIGNAL=4000:KILL "$FAKE" roundtrip $EDU --json
	trip 0 $EDU
}
