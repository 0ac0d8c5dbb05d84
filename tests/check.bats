#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check on described machines: a ready one, in which nothing is flagged, and one fault after the other planted in it,
# each of which must be named by its rule, with its remedy, and nothing else.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

READY=nest-ready

# flagged: what did not pass, "RESULT ID SUBJECT" a line.
flagged() {
	jq -r '.findings[] | select(.result | IN("pass", "not_applicable") | not) | "\(.result) \(.id) \(.subject)"' "$OUT" |
		sed 's/ $//' | sort
}

# planted STATUS WANTED REMEDY CHECK-ARGUMENTS STATEMENT...: WANTED are the lines of flagged, by semicolon; REMEDY must
# be in the remedy of the first.
planted() {
	local status=$1 wanted=$2 remedy=$3 arguments=$4
	shift 4
	machine $READY "$@"
	# shellcheck disable=SC2086 # words
	nest "$status" check --json $arguments
	diff <(tr ';' '\n' <<<"$wanted" | grep . | sort) <(flagged) || blame "planted: $*"
	[ -z "$remedy" ] ||
		jq -e --arg want "$remedy" 'any(.findings[]; .result != "pass" and (.remedy // "" | contains($want)))' "$OUT" \
			>/dev/null || blame "no remedy says: $remedy"
}

@test "a host on which all is well: nothing is flagged, for any purpose, and the first line is the answer" {
	local purpose
	for purpose in nested passthrough sva; do
		planted 0 '' '' "--for $purpose"
		assert_json ".verdict == \"ready\" and .purpose == \"$purpose\" and (.findings | length) > 15"
	done
	machine $READY
	nest 0 check
	[ "$(head -n 1 "$OUT")" = 'this host is ready for nested' ]
	nest 0 check 16:00.0
	[ "$(head -n 1 "$OUT")" = '0000:16:00.0 is ready for nested' ]
	refute_says FAIL UNKNOWN WARN
}

@test "faults of the command line and the firmware, each by its rule" {
	planted 1 'fail vtd.scalable_mode' 'intel_iommu=on,sm_on' '' 'file proc/cmdline "ro intel_iommu=on,sm_off\n"'
	planted 1 'fail vtd.scalable_mode' 'intel_iommu=on,sm_on' '' 'file proc/cmdline "ro intel_iommu=on\n"'
	planted 1 'fail interrupts.isolated' 'remove intremap=off' '' 'file proc/cmdline "ro intel_iommu=on,sm_on intremap=off\n"'
	planted 1 'fail dmar.opt_out' "firmware's setup" '' 'dmar flags=0x09 width=52 scope="dmar0 16:00.0"'
	planted 0 'warn dmar.ats' 'switch on ATS' '--for sva' 'dmar flags=0x01 width=52 scope="dmar0 16:00.0"'
	planted 0 '' '' '--for sva' 'dmar flags=0x01 width=52 scope="dmar0 16:00.0" satc="17:00.0"'
	planted 0 'warn dmar.nested_not_allowed' 'use other devices' '' \
		'dmar flags=0x01 width=52 scope="dmar0 16:00.0" atsr="15:01.0" sidp="1 17:00.0" sidp="2 16:00.0"'
	assert_json 'any(.findings[]; .id == "dmar.nested_not_allowed" and (.summary | contains("17:00.0")) and (.summary | contains("16:00.0") | not))'
}

@test "units that do not nest, or not all, and parts that are known to be broken" {
	planted 1 'fail unit.nesting dmar0' 'no setting' '' 'file @dmar0/intel-iommu/ecap "2ef9ea2f050df\n"'
	planted 1 'fail unit.nesting dmar0;warn unit.broken_pasid dmar0' '' '' 'file @dmar0/intel-iommu/ecap "7e3ff0505e\n"'
	planted 0 'warn unit.nesting dmar9' 'list --nestable' '' \
		'unit dmar9 vtd version=7:0 address=fc800000 cap=e9de008cee690462 ecap=1aca9a00f0ef5e'
	planted 1 'fail device.nesting 0000:18:00.0;fail unit.nesting dmar9' 'list --nestable' 18:00.0 \
		'unit dmar9 vtd version=7:0 address=fc800000 cap=e9de008cee690462 ecap=1aca9a00f0ef5e' \
		'device 0000:18:00.0 id=8086:1572 class=020000 driver=vfio-pci group=14 unit=dmar9 caps=exp:flr reset_method=flr vfio=vfio2,511:2'
	planted 1 'fail interrupts.isolated' 'allow_unsafe_interrupts' '' \
		'file @dmar0/intel-iommu/ecap "3ef9ea6f050d7\n"' 'remove proc/interrupts'
}

@test "kernels: too old, without iommufd, without device nodes, with unsafe settings" {
	planted 1 'fail kernel.nesting_abi' 'Linux 6.8' '' 'file proc/sys/kernel/osrelease "6.1.0\n"' \
		'file proc/version "Linux version 6.1.0\n"'
	planted 1 'fail kernel.iommufd' CONFIG_IOMMUFD '' 'remove sys/module/iommufd' 'remove sys/class/misc/iommu' \
		'file lib/modules/6.12.0/modules.builtin "kernel/drivers/base/x.ko\n"'
	planted 1 'fail kernel.cdev' CONFIG_VFIO_DEVICE_CDEV '' 'remove @0000:16:00.0/vfio-dev/vfio0/dev' \
		'remove @0000:17:00.0/vfio-dev/vfio1/dev'
	# what a device is bound to is there, whatever is known of modules
	machine spr-mixed
	nest 3 check --json
	assert_json 'any(.findings[]; .id == "kernel.vfio" and .result == "pass" and (.summary | contains("is bound to vfio-pci")))'
	planted 0 'warn vfio.noiommu' 'echo 0' '' 'file sys/module/vfio/parameters/enable_unsafe_noiommu_mode "Y\n"'
	planted 0 'warn vfio.dma_entries' 'echo 65535' '--for passthrough' \
		'file sys/module/vfio_iommu_type1/parameters/dma_entry_limit "4096\n"'
	planted 0 '' '' '--for passthrough' 'file sys/module/vfio_iommu_type1/parameters/dma_entry_limit "65535\n"'
	planted 0 'warn interrupts.unsafe' 'allow_unsafe_interrupts' '' \
		'file sys/module/iommufd/parameters/allow_unsafe_interrupts "Y\n"'
	planted 1 'fail host.xen' 'xl pci-assignable-add' '' 'file sys/hypervisor/type "xen\n"' \
		'file proc/xen/capabilities "control_d\n"'
	planted 0 '' '' '' 'file sys/kernel/security/lockdown "none [integrity] confidentiality\n"'
	assert_json 'any(.findings[]; .id == "kernel.lockdown" and .result == "pass")'
}

@test "the log: faults by device and reason, firmware bugs, refusals in old words and new; and a log that is hidden" {
	planted 0 'warn log.faults 0000:16:00.0' 'decode --log' '' \
		'file dev/kmsg "4,9,9,-;DMAR: [DMA Read NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x06] PTE Read access is not set\n"'
	planted 0 'warn log.faults 0000:16:00.0' '' '' \
		'file dev/kmsg "4,9,9,-;DMAR: [DMA Write] Request device [16:00.0] PASID ffffffff fault addr dead000 [fault reason 05] PTE Write access is not set\n"'
	planted 0 'warn log.rmrr' HP-SHM '' 'file dev/kmsg "4,9,9,-;vfio-pci 0000:16:00.0: Device is ineligible for IOMMU domain attach due to platform RMRR requirement.  Contact your platform vendor.\n"'
	planted 0 'warn log.rmrr' HP-SHM '' 'file dev/kmsg "4,9,9,-;vfio-pci 0000:16:00.0: Firmware has requested this device have a 1:1 IOMMU mapping, rejecting configuring the device without a 1:1 mapping.\n"'
	planted 0 'warn log.invalidation' noats '' 'file dev/kmsg "3,9,9,-;DMAR: VT-d detected Invalidation Time-out Error: SID 1600\n"'
	planted 0 'warn units.differ' '' '' 'file dev/kmsg "4,9,9,-;DMAR: IOMMU feature sc_support inconsistent\n"'
	planted 0 '' '' '' 'file dev/kmsg "6,9,9,-;DMAR: Translation was enabled for dmar0 but we are not in kdump mode\n"'
	assert_json 'any(.findings[]; .id == "log.enabled_before")'
	planted 0 '' '' '' 'remove dev/kmsg'
	assert_json 'any(.findings[]; .id == "log.readable" and .result == "not_applicable")'
}

@test "a device: its driver, its neighbours, its memory, its reset, what it lacks for sva" {
	planted 1 'fail device.bound 0000:16:00.1' 'driverctl set-override 0000:16:00.1 vfio-pci' 16:00.1
	planted 1 'fail group.viable 11;warn group.isolation 11' 'driverctl set-override 0000:16:00.2' 16:00.0 \
		'device 0000:16:00.2 parent=0000:15:01.0 id=15b3:a2dc class=020000 driver=mlx5_core group=11 unit=dmar0'
	planted 0 'warn group.viable 11;warn group.isolation 11' '' '' \
		'device 0000:16:00.2 parent=0000:15:01.0 id=15b3:a2dc class=020000 driver=mlx5_core group=11 unit=dmar0'
	planted 1 'fail device.rmrr 0000:17:00.0' HP-SHM 17:00.0 'group 13 region="0x7f000000 0x7f0fffff direct"'
	planted 0 '' '' 17:00.0 'group 13 region="0x7f000000 0x7f0fffff direct-relaxable"'
	planted 0 'warn device.reset 0000:17:00.0' 'power cycle' 17:00.0 'file @0000:17:00.0/reset_method "\n"'
	planted 0 'warn device.reset 0000:17:00.0' 'all functions' 17:00.0 'file @0000:17:00.0/reset_method "bus\n"'
	planted 1 'fail device.pasid 0000:17:00.0;fail device.pri 0000:17:00.0' '' '--for sva 17:00.0'
	planted 3 'unknown device.pasid 0000:16:00.0;unknown device.pri 0000:16:00.0' root '--for sva 16:00.0' \
		'file @0000:16:00.0/config ""'
	machine $READY
	nest 3 check 0000:ff:00.0
	assert_warns '0000:ff:00.0'
}

@test "no IOMMU: who is to ask, and nothing about what cannot be without one" {
	machine none-firmware
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "iommu.present" and .result == "fail" and (.remedy | contains("VT-d")))'
	machine none-kernel
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "iommu.disabled" and .result == "fail" and (.remedy | contains("remove intel_iommu=off")))'
	machine none-unknown
	nest 3 check --json
	assert_json '.verdict == "unknown" and any(.findings[]; .id == "iommu.present" and .result == "unknown")'
}

@test "a container is told from a host, and hides nothing as absent" {
	planted 0 'unknown dmar.table;warn host.container' 'on the host' '' 'file .dockerenv ""' \
		'binary sys/firmware/acpi/tables/DMAR ""' 'file dev/iommu ""' \
		'file proc/self/status "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"'
	planted 1 'fail node.iommufd;warn host.container' 'docker run --device=/dev/iommu' '' 'file .dockerenv ""'
}

@test "nodes: by owner, group and mode, for this user and another" {
	machine $READY 'file etc/passwd "root:x:0:0::/:/bin/sh\nqemu:x:64055:64055::/:/bin/sh\n"' \
		'file etc/group "root:x:0:\nqemu:x:64055:\nvfio:x:900:qemu\n"' 'file dev/iommu ""'
	nest 0 check --user root --json
	nest 1 check --user qemu --json
	assert_json 'any(.findings[]; .id == "node.iommufd" and .result == "fail" and (.remedy | contains("70-iommu.rules")))'
	nest 3 check --user nobody-here --json
	assert_json 'any(.findings[]; .id == "node.iommufd" and .result == "unknown")'
}

@test "memory: how much is needed on either way, and by whose limit" {
	local limits='Limit                     Soft Limit           Hard Limit           Units\nMax locked memory         %s             %s             bytes\n'
	# shellcheck disable=SC2059 # it is a format
	machine $READY "file proc/812/limits \"$(printf "$limits" 8388608 8388608)\"" \
		'file sys/fs/cgroup/system.slice/libvirtd.service/cgroup.procs "812\n"'
	nest 1 check --memory 16G --service libvirtd --json
	assert_json 'any(.findings[]; .id == "memory.lock" and .result == "fail" and (.summary | test("8 MiB.*17 GiB")) and (.remedy | contains("LimitMEMLOCK")))'
	nest 1 check --for passthrough --memory 16G --devices 2 --service libvirtd --json
	assert_json 'any(.findings[]; .id == "memory.lock" and (.summary | test("17 GiB, or 33 GiB")))'
	nest 3 check --memory 16G --service nosuch --json
	assert_json 'any(.findings[]; .id == "memory.lock" and .result == "unknown")'
}

@test "requirements decide, unknown is never met, and a policy is the same in a file" {
	machine $READY
	nest 0 check --require nesting --require 'kernel>=6.8' --require 'units.nesting=all' --require 'pasid_bits>=16' --json
	assert_json '[.requirements[].result] == ["pass", "pass", "pass", "pass"] and .verdict == "ready"'
	nest 1 check --require 'kernel>=6.13' --json
	assert_json '.requirements[0] | .found == "6.12" and .wanted == ">=6.13" and .result == "fail"'
	nest 0 check --require 'kernel<6.100'
	nest 3 check --require 'uapi_version>=1' --json
	assert_json '.requirements[0] | .result == "unknown" and (has("found") | not)'
	nest 1 check --require 'uapi_version>=1' --require 'nesting=no'
	printf '# pool\nnesting=yes\n\n iommufd # here\n' >"$BATS_TEST_TMPDIR/policy"
	nest 0 check --policy "$BATS_TEST_TMPDIR/policy"
	assert_says '2 of 2 requirements are met' 'nesting=yes'
	printf 'nesting=yes\nnestign\n' >"$BATS_TEST_TMPDIR/policy"
	nest 2 check --policy "$BATS_TEST_TMPDIR/policy"
	assert_warns ':2: no such name'
	head -c 100000 /dev/zero >"$BATS_TEST_TMPDIR/policy"
	nest 2 check --policy "$BATS_TEST_TMPDIR/policy"
	nest 2 check --policy /nosuch
	local bad
	for bad in nosuch 'kernel' 'kernel=' 'kernel~6' 'nesting>yes' 'kernel>=six' ''; do
		nest 2 check --require "$bad"
	done
	nest 2 check --memory lots
	nest 2 check --memory 99999999999T
	nest 2 check --for fun
	nest 2 check --devices 0
}

@test "as a Nagios plugin: one line, and 0, 1, 2, 3" {
	machine $READY
	nest 0 check --nagios
	[[ $output == 'VFIO-NESTCTL OK - this host is ready for nested | fail=0 warn=0 unknown=0 '* ]]
	[ "$(wc -l <"$OUT")" -eq 1 ]
	machine $READY 'file sys/module/vfio/parameters/enable_unsafe_noiommu_mode "Y\n"'
	nest 1 check --nagios
	machine laptop-trap
	nest 2 check --nagios
	machine none-unknown
	nest 3 check --nagios
}

@test "--probe asks the kernel, and its answer counts" {
	fake iommufd-nested
	nest 0 check --probe --require nesting --require abi=iommufd 0000:00:01.0 --json
	assert_json 'any(.findings[]; .id == "probe.nesting" and .result == "pass" and .subject == "0000:00:01.0")'
	assert_json 'any(.findings[]; .id == "probe.erratum" and .result == "warn")'
	fake stock-6.1
	nest 1 check --probe --require nesting 0000:00:01.0 --json
	assert_json 'any(.findings[]; .id == "probe.nesting" and .result == "fail")'
	fake rfc-v3
	nest 0 check --probe --require 'uapi_version>=1' --require abi=rfc-version 0000:00:01.0
	fake eacces
	nest 3 check --probe --require nesting 0000:00:01.0
	machine $READY
	nest 2 check --probe
}

@test "every machine gets one whole document, and every finding has evidence or a sentence that needs none" {
	local name
	OUT=$BATS_TEST_TMPDIR/out
	ERR=$BATS_TEST_TMPDIR/err
	for name in "$ROOT"/tests/machines/*.machine; do
		machine "$(basename "$name" .machine)"
		status=0
		timeout 20 "$NESTCTL" --sysroot "$TREE" check --json >"$OUT" 2>"$ERR" || status=$?
		[[ $status == [013] ]] || blame "$name: status $status"
		keep_json "$OUT"
		assert_json ".verdict == {\"0\": \"ready\", \"1\": \"not_ready\", \"3\": \"unknown\"}[\"$status\"]"
		assert_json 'all(.findings[]; .result == "pass" or .result == "not_applicable" or (.evidence | length > 0))'
		nest "$status" -v check
		assert_clean
	done
}

@test "every rule and every requirement is in the manual" {
	local page=$ROOT/man/vfio-nestctl-check.7 id
	for id in $(grep -oE '^	\{"[a-z]+\.[a-z0-9_]+", NEST_SUBJECT' "$ROOT/lib/rules.c" | cut -d'"' -f2) \
		$(sed -n '/^} rows\[\] = {/,/^};/s/^	{"\([a-z_.]*\)".*/\1/p' "$ROOT/lib/requirements.c"); do
		grep -qxF ".B $id" "$page" || blame "$id is not in $page"
	done
}
