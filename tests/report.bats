#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# report, what its reader on another machine sees, what it hides, and what a hostile one can do.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

# reported ARGUMENT...: a report of $TREE in $REPORT.
reported() {
	REPORT=$BATS_TEST_TMPDIR/report.json
	rm -f "$REPORT"
	nest 0 report -o "$REPORT" "$@"
	[ -z "$output" ]
	keep_json "$REPORT"
}

# reads STATUS ARGUMENT...: the program with the report, and no tree.
reads() {
	TREE='' nest "$1" --from "$REPORT" "${@:2}"
}

@test "list, show and check say of a report what they say of its machine, byte for byte, on every machine" {
	local name failed=0
	for name in "$ROOT"/tests/machines/*.machine; do
		name=$(basename "$name" .machine)
		machine "$name"
		"$NESTCTL" --sysroot "$TREE" report --no-redact >"$BATS_TEST_TMPDIR/$name.json" 2>/dev/null
		NESTCTL=$NESTCTL "$ROOT/tests/report-equals" "$TREE" "$BATS_TEST_TMPDIR/$name.json" || {
			echo "$name"
			failed=1
		}
	done
	[ $failed -eq 0 ]
}

@test "a report becomes a machine again" {
	needs python3
	local name
	for name in nest-ready spr-mixed smmuv3-server; do
		machine $name
		reported --no-redact
		rm -rf "$BATS_TEST_TMPDIR/tree"
		"$ROOT/tests/report2tree" "$REPORT" "$BATS_TEST_TMPDIR/tree"
		diff <("$NESTCTL" --sysroot "$TREE" list) <("$NESTCTL" --sysroot "$BATS_TEST_TMPDIR/tree" list)
		diff <("$NESTCTL" --sysroot "$TREE" -v check 2>&1) <("$NESTCTL" --sysroot "$BATS_TEST_TMPDIR/tree" -v check 2>&1)
	done
}

SECRETS='S3CR3T-SERIAL 52:54:00:aa:bb:cc enx525400aabbcc 123e4567-e89b-12d3-a456-426614174000 secrethost LABELSECRET 192.0.2.77'

# secrets: a machine with one of each in every place that a report reads.
secrets() {
	machine nest-ready \
		'file proc/cmdline "BOOT_IMAGE=/vmlinuz root=UUID=123e4567-e89b-12d3-a456-426614174000 root=LABEL=LABELSECRET ip=192.0.2.77::192.0.2.1:255.255.255.0:secrethost:eth0 intel_iommu=on,sm_on\n"' \
		'file proc/sys/kernel/hostname "secrethost\n"' 'file etc/hostname "secrethost\n"' \
		'file dev/kmsg "6,1,1,-;DMAR: on secrethost 52:54:00:aa:bb:cc serial number S3CR3T-SERIAL\n6,1,2,-;vfio-pci 0000:16:00.0 enx525400aabbcc: DMAR uuid 123e4567-e89b-12d3-a456-426614174000\n"' \
		'file proc/interrupts "  8: 0 IR-IO-APIC 8-edge enx525400aabbcc\n"'
}

@test "what identifies a machine is not in a report, unless asked for; addresses of devices are" {
	local secret
	secrets
	reported
	for secret in $SECRETS; do
		! grep -qiF -e "$secret" "$REPORT" || blame "$secret is in the report"
	done
	grep -qF 0000:16:00.0 "$REPORT"
	holds "$REPORT" one '.redacted'
	reads 0 check
	reads 0 list
	reads 0 show 16:00.0
	reported --no-redact
	grep -qF secrethost "$REPORT"
	grep -qF LABELSECRET "$REPORT"
	holds "$REPORT" one '.redacted | not'
}

@test "what the kernel log and the command line say of people, disks and machines is not in a report" {
	local secret
	machine nest-ready \
		'file proc/cmdline "quiet hunter2word iommu=pt member_token=tok3n debug_key=k3y efi_pass=p4ss crashkernel=256M rd.driver.pre=vfio-pci video=efifb:off\n"' \
		'file proc/version "Linux version 6.12.0 (builder1@buildbox) (gcc 12)\n"' \
		'file dev/kmsg "6,1,1,-;Linux version 6.12.0 (builder1@buildbox) (gcc 12) #1 SMP\n6,1,2,-;DMAR: Unknown kernel command line parameters \"splash hunter3word token=t0k\", will be passed to user space.\n6,1,3,-;DMAR: dev-disk-by\\x2duuid-123e4567\\x2de89b\\x2d12d3\\x2da456\\x2d426614174000.device\n6,1,4,-;DMAR: /home/alice9/x bob9@corp9.example iqn.2001-04.com.corp8:disk eui.0025385b71b0c2a1 wwn-0x5000c500a1b2c3d4\n6,1,5,-;vfio: SSID=cafe9 machine-qemu\\x2d3\\x2dpayroll9.scope /dev/disk/by-id/nvme-Corp_SSD_S4EWNX0M123456 on ip-10-9-8-7\n"'
	reported
	for secret in hunter2 hunter3 tok3n k3y p4ss t0k builder1 buildbox 426614174000 alice9 bob9 corp9 corp8 0025385b71b0c2a1 \
		5000c500a1b2c3d4 cafe9 payroll9 S4EWNX0M123456 10-9-8-7; do
		! grep -qiF -e "$secret" "$REPORT" || blame "$secret is in the report"
	done
	holds "$REPORT" one '.files["proc/cmdline"].text ==
		"quiet REDACTED iommu=pt member_token=REDACTED debug_key=REDACTED efi_pass=REDACTED crashkernel=256M rd.driver.pre=vfio-pci video=efifb:off\n"'
	holds "$REPORT" one '.kernel_log.lines | length == 5'
}

@test "whatever file a secret stands in, it is not in a report" {
	local secret='alice@builder.example member_token=Tok3n /home/alice wwn-0x5000c500a1b2c3d4 192.168.77.5' file
	for file in proc/sys/kernel/osrelease proc/cmdline proc/interrupts @0000:16:00.0/uevent \
		@0000:16:00.0/driver_override @0000:16:00.0/reset_method sys/kernel/iommu_groups/11/reserved_regions; do
		machine spr-mixed "file $file \"6.12.0 $secret\\n\""
		reported
		run ! grep -e alice -e Tok3n -e 5000c500 -e 192.168.77 "$REPORT"
	done
	machine spr-mixed 'file proc/sys/kernel/osrelease "6.12.0-1-rt.el9_5~x86+1\n"'
	reported
	grep -qF '6.12.0-1-rt.el9_5~x86+1' "$REPORT"
}

@test "a host called like a driver or a model rewrites neither" {
	machine nest-ready 'file etc/hostname "mlx5_core\n"' 'file proc/sys/kernel/hostname "optiplex\n"' \
		'file sys/class/dmi/id/product_name "OptiPlex 7060\n"'
	reported
	holds "$REPORT" one '[.groups[].devices[] | select(.address == "0000:16:00.1").driver] == ["mlx5_core"]'
	holds "$REPORT" one '.files["sys/class/dmi/id/product_name"].text == "OptiPlex 7060\n"'
}

@test "the serial number in config space goes, the capability stays" {
	needs python3
	machine nest-ready \
		'device 0000:18:00.0 id=8086:1572 class=020000 driver=vfio-pci group=14 unit=dmar0 caps=exp:flr,dsn,ats reset_method=flr vfio=vfio2,511:2'
	reported --no-redact
	"$ROOT/tests/report2tree" "$REPORT" "$BATS_TEST_TMPDIR/all"
	LC_ALL=C grep -qaP '\x5e\x71\xa1\x00\x00\xc0\xff\xee' "$BATS_TEST_TMPDIR/all/sys/bus/pci/devices/0000:18:00.0/config"
	reported
	"$ROOT/tests/report2tree" "$REPORT" "$BATS_TEST_TMPDIR/less"
	run -1 env LC_ALL=C grep -qaP '\x5e\x71\xa1\x00\x00\xc0\xff\xee' \
		"$BATS_TEST_TMPDIR/less/sys/bus/pci/devices/0000:18:00.0/config"
	reads 0 show 18:00.0
	assert_says ATS
}

@test "a file is for its owner alone, is written whole, and is not written over by a failure" {
	machine nest-ready
	reported
	[ "$(stat -c %a "$REPORT")" = 600 ]
	nest 3 report -o /nosuch/folder/report
	assert_warns /nosuch/folder/report
}

@test "what opens nodes does not ask a report, and report does not ask one either" {
	machine nest-ready
	reported
	reads 2 probe
	reads 2 roundtrip 16:00.0
	reads 2 report
	reads 2 check --probe
	[ -z "$output" ]
}

@test "--probe puts into it what probe says" {
	fake iommufd-nested
	nest 0 report --probe
	assert_json 'any(.probes[]; .decision.nesting == "usable")'
}

# hostile STATUS TEXT: a report that is this, and one line about it.
hostile() {
	REPORT=$BATS_TEST_TMPDIR/hostile
	printf '%b' "$2" >"$REPORT"
	local command
	for command in list 'show 0000:16:00.0' check "diff $REPORT"; do
		# shellcheck disable=SC2086 # words
		reads "$1" $command
		[ -n "$error" ] || blame 'nothing was said'
		[ "$(wc -l <"$ERR")" -le 2 ] || blame 'more than a line'
		assert_clean
	done
}

@test "what a probe was told of an SMMUv3 is in the report, and list, show and check judge it there" {
	local unit='.iommus[] | select(.kind == "smmuv3")'
	fake iommufd-nested 'iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001514'
	nest 0 report --probe --output "$BATS_TEST_TMPDIR/smmu.json"
	nest 0 report --output "$BATS_TEST_TMPDIR/unasked.json"
	NESTCTL=$ROOT/vfio-nestctl TREE=
	nest 0 --from "$BATS_TEST_TMPDIR/smmu.json" list --json
	assert_json "$unit | .nesting.status == \"yes\" and .idr0 == \"0xd44101b\""
	nest 0 --from "$BATS_TEST_TMPDIR/smmu.json" show "$(jq -r "$unit | .name" "$OUT")"
	assert_says 'range invalidation' 'S2FWB'
	nest 0 --from "$BATS_TEST_TMPDIR/smmu.json" check --json --require oas=44
	assert_json '.requirements[0].found == "44"'
	nest 0 --from "$BATS_TEST_TMPDIR/unasked.json" list --json
	assert_json "$unit | .nesting.status == \"unknown\" and (has(\"idr0\") | not)"
	# a fact that is no such list is passed over
	sed 's|"smmuv3 0x0 |"smmuv3 0x0 z |' "$BATS_TEST_TMPDIR/smmu.json" >"$BATS_TEST_TMPDIR/bad.json"
	nest 0 --from "$BATS_TEST_TMPDIR/bad.json" list --json
	assert_json "$unit | .nesting.status == \"unknown\""
}

@test "a hostile report is refused in a line" {
	hostile 3 ''
	hostile 3 'no report'
	hostile 3 '{"schema": "vfio-nestctl/1", "command": "report", "files": {'
	hostile 3 '[]'
	hostile 3 '{"schema": "vfio-nestctl/2", "command": "report", "files": {}}'
	hostile 3 '{"schema": "vfio-nestctl/1", "command": "list"}'
	hostile 3 '{"schema": "vfio-nestctl/1", "command": "report", "files": []}'
	hostile 3 '{"schema": "vfio-nestctl/1", "command": "report", "files": {"proc/cmdline": 7}}'
	hostile 3 '{"schema": "vfio-nestctl/1", "command": "report", "source": "host", "files": {}, "facts": {}, "kernel_log": {"errno": "ENOTHING"}}'
	assert_warns 'has an invalid errno'
	local stat
	for stat in '"mode": "100644", "uid": 4294967296, "gid": 0' '"mode": "100644", "uid": -1, "gid": 0' '"mode": "rw", "uid": 0, "gid": 0' \
		'"mode": "20666", "uid": 0, "gid": 0, "device": "x"'; do
		hostile 3 "{\"schema\": \"vfio-nestctl/1\", \"command\": \"report\", \"source\": \"host\", \"facts\": {}, \"files\": {\"a\": {\"stat\": {$stat}}}}"
		assert_warns 'invalid'
	done
	hostile 3 "$(head -c 100000 /dev/zero | tr '\0' '[')"
	hostile 3 "$(printf '{"schema": "vfio-nestctl/1", "command": "report", "files": {"a": %s1%s}}' "$(printf '{"names":%.0s' {1..400})" "$(printf '}%.0s' {1..400})")"
	nest 3 --from /nosuch list
	assert_warns /nosuch
}

@test "a bus that cannot be listed leaves the others, and is an error of the document" {
	machine nest-ready
	reported --no-redact
	jq '.files["sys/bus"].names += ["odd"] | .files["sys/bus/odd/devices"] = {errno: {list: "EIO"}}' "$REPORT" >"$BATS_TEST_TMPDIR/odd"
	REPORT=$BATS_TEST_TMPDIR/odd
	reads 0 list --json
	assert_json '([.errors[] | select(.where == "sys/bus/odd/devices").errno] == ["EIO"]) and (.groups | length) == 5'
	reads 0 check
}

# costs: list and check of the report, 20 seconds of a processor and 700 MiB at most. What they say is theirs.
costs() {
	local command
	for command in list check; do
		status=0
		# shellcheck disable=SC2016 # the inner shell's
		timeout 120 bash -c 'ulimit -t 20; ulimit -v 700000; exec "$@"' bash "$NESTCTL" -q --from "$REPORT" $command >"$OUT" || status=$?
		[[ $status == [013] ]] || blame "$command: status $status"
	done
}

@test "memory and time of a hostile report are linear" {
	is_sanitized && skip 'a sanitized program needs more address space'
	OUT=$BATS_TEST_TMPDIR/out
	REPORT=$BATS_TEST_TMPDIR/hostile
	local head='{schema: "vfio-nestctl/1", command: "report", source: "host", facts: {}}'
	# Zeros cost a few letters each.
	jq -n "$head"' * {files: ([range(8000) | {key: "sys/\(.)", value: {base64: "AAAA", zeros: 262000}}] | from_entries)}' >"$REPORT"
	costs
	# Devices of no known group, which a group lists.
	jq -n "[range(60000) | \"a\(.)\"] as \$names | $head"' * {files: {"sys/bus": {names: ["pci"]}, "sys/bus/pci/devices": {names: $names},
		"sys/kernel/iommu_groups": {names: ["1"]}, "sys/kernel/iommu_groups/1/devices": {names: $names}}}' >"$REPORT"
	costs
	# A line of the log that is longer than any buffer.
	jq -n "$head"' * {files: {}, kernel_log: {lines: ["DMAR: [DMA Read] Request device [00:1f.2] fault addr " + "1" * 140000]}}' >"$REPORT"
	costs
	# As many values as are read at all, and more.
	jq -n "$head"' * {files: {}, more: ([range(490000) | {}] + [range(900000) | ""])}' >"$REPORT"
	costs
	jq -n "$head"' * {files: {}, more: [range(1600000) | ""]}' >"$REPORT"
	costs
}

# peak OUTPUT ARGUMENT...: KiB of memory that the program takes at most.
peak() {
	python3 - "$NESTCTL" "$@" <<-'END'
		import resource, subprocess, sys
		with open(sys.argv[2], "w") as out:
		    subprocess.run([sys.argv[1]] + sys.argv[3:], stdout=out, check=True)
		print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
	END
}

@test "a report of 2,000 devices takes little more memory than its file, and so does reading it" {
	is_sanitized && skip 'a sanitized program needs more memory'
	is_emulated && skip 'the memory of the emulator would be measured'
	needs python3
	machine flat 'repeat 2000' 'device {i>>16:%04x}:{i>>8&255:%02x}:{i>>3&31:%02x}.{i&7} id=8086:{4096+i%300:%04x} driver=ixgbe group={i} unit=dmar0 caps=pm,msi,exp,ats' end
	REPORT=$BATS_TEST_TMPDIR/report
	local file empty memory
	empty=$(peak /dev/null --version)
	memory=$(peak "$REPORT" --sysroot "$TREE" report)
	file=$(($(stat -c %s "$REPORT") / 1024))
	[ "$file" -gt 4000 ] || blame "$file KiB"
	[ $((memory - empty)) -le $((file * 3)) ] || blame "report: $memory KiB, of which $empty always, for $file"
	memory=$(peak /dev/null --from "$REPORT" list --json)
	[ $((memory - empty)) -le $((file * 4)) ] || blame "--from: $memory KiB, of which $empty always, for $file"
}

@test "a report that needs more memory than there is gets a line, and no crash" {
	# AddressSanitizer reserves terabytes of addresses.
	! grep -q __asan_init "$NESTCTL" || skip 'a limit of addresses stops a sanitized program'
	is_sanitized && skip 'a sanitized program needs more address space'
	REPORT=$BATS_TEST_TMPDIR/hostile
	jq -n '{schema: "vfio-nestctl/1", command: "report", source: "host", facts: {}, files: {}, more: [range(400000) | {}]}' >"$REPORT"
	run -3 --separate-stderr bash -c 'ulimit -v 200000; exec "$@"' bash "$NESTCTL" --from "$REPORT" list
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *'needs more memory than is available'* ]]
	[ -z "$output" ]
}

@test "a table that excludes many devices from nesting is judged in linear time" {
	needs python3
	machine nest-ready
	reported --no-redact
	python3 - "$REPORT" <<-'END'
		import base64, json, struct, sys
		scopes = b"".join(struct.pack("<8B", 1, 8, 1, 0, 0, 0, i >> 3 & 31, i & 7) for i in range(8000))
		body = struct.pack("<HHBBHQ", 0, 16, 1, 0, 0, 0xfed90000) + (struct.pack("<HHI", 6, 8 + len(scopes), 0) + scopes) * 3
		table = bytearray(b"DMAR" + struct.pack("<I", 48 + len(body)) + b"\1" + bytes(27) + b"\x33\1" + bytes(10) + body)
		table[9] = -sum(table) & 255
		report = json.load(open(sys.argv[1]))
		report["files"]["sys/firmware/acpi/tables/DMAR"].update(base64=base64.b64encode(table).decode(), zeros=0)
		json.dump(report, open(sys.argv[1], "w"))
	END
	is_sanitized || costs
	reads 0 check
	assert_says 'firmware excludes nested translation' 00:1f.7
}

@test "no path of a report is opened: what it tells of outside files is what it says itself" {
	needs_tracing
	printf 'the real one' >"$BATS_TEST_TMPDIR/outside"
	REPORT=$BATS_TEST_TMPDIR/tricks
	jq -n --arg out "$BATS_TEST_TMPDIR/outside" '{schema: "vfio-nestctl/1", command: "report", files: {
		"sys/kernel/iommu_groups": {names: ["1"]}, "sys/kernel/iommu_groups/1/type": {link: $out},
		"../../../../etc/passwd": {text: "x"}, "sys/class/iommu": {names: ["../../..", "dmar0\u001b[2J"]},
		"sys/bus": {names: ["pci"]}, "sys/bus/pci/devices": {link: "/sys/bus/pci/devices"}}}' >"$REPORT"
	status=0
	# A leak checker does not work under ptrace.
	ASAN_OPTIONS=detect_leaks=0 timeout 10 strace -f -o "$BATS_TEST_TMPDIR/calls" "$NESTCTL" --from "$REPORT" list >"$BATS_TEST_TMPDIR/o" 2>&1 || status=$?
	[[ $status == [013] ]]
	grep -q openat "$BATS_TEST_TMPDIR/calls"
	run -1 grep -E 'open.*(etc/passwd|/sys/bus|iommu_groups|outside)' "$BATS_TEST_TMPDIR/calls"
	run -1 grep -q "$(printf '\033')\[2J" "$BATS_TEST_TMPDIR/o"
}

@test "a full report says once that it is full, not of each answer that is missing" {
	local device
	machine flat 'repeat 90' 'device 0000:01:{i>>3:%02x}.{i&7} id=8086:9999 driver=ixgbe group={i} unit=dmar0' end
	head -c 250000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/large"
	cp -r "$TREE" "$BATS_TEST_TMPDIR/tree"
	TREE=$BATS_TEST_TMPDIR/tree
	for device in "$TREE"/sys/bus/pci/devices/*; do
		rm -f "$device/numa_node"
		cp "$BATS_TEST_TMPDIR/large" "$device/numa_node"
	done
	REPORT=$BATS_TEST_TMPDIR/report.json
	nest 0 report -o "$REPORT"
	[ "$(grep -c 'the report is full' <<<"$error")" -eq 1 ]
	[ "$(jq .left_out "$REPORT")" -gt 20 ]
	[ "$(jq '[.errors[] | select(.errno == "ENODATA")] | length' "$REPORT")" -eq 0 ]
	[[ $error != *'No data available'* ]]
}
