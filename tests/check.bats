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
	assert_json '.findings | length > 0'
	diff <(tr ';' '\n' <<<"$wanted" | grep . | sort) <(flagged) || blame "planted: $*"
	# shellcheck disable=SC2016 # jq's variable
	[ -z "$remedy" ] ||
		assert_json 'any(.findings[]; .result != "pass" and (.remedy // "" | contains($want)))' \
			--arg want "$remedy"
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

# speaks_of_no VENDOR-WORDS: no finding has one of them (a regular expression).
speaks_of_no() {
	jq -e --arg words "$1" '[.findings[] | (.summary, .remedy // "", .evidence[].source, .evidence[].value // "")] | any(test($words)) | not' \
		"$OUT" >/dev/null || blame "a finding speaks of $1"
}

@test "evidence and remedies are those of the IOMMU at hand" {
	local vtd='VT-d|ECAP|ecap|DMAR|intel_iommu|Sapphire'
	machine amd-desktop 'file proc/sys/kernel/osrelease "6.12.0\n"'
	nest 3 check --json --for sva
	speaks_of_no "$vtd"
	machine amd-desktop
	nest 3 check --json --for passthrough
	speaks_of_no "$vtd"
	nest 1 check --json
	speaks_of_no "$vtd"
	assert_json '.findings[] | select(.id == "unit.nesting") | .remedy | contains("AMD")'
	assert_json '.findings[] | select(.id == "unit.nesting") | .evidence == [{source: "/sys/class/iommu/ivhd0/amd-iommu/features", value: "efr 0x246577efa2254ffa, efr2 0x10"}]'
	nest 1 check --json 03:00.0
	speaks_of_no "$vtd"
	assert_json 'any(.findings[]; .id == "device.nesting" and .evidence[0].value == "efr 0x246577efa2254ffa, efr2 0x10")'
	nest 1 -v check 03:00.0
	assert_says 'efr 0x246577efa2254ffa, efr2 0x10'
	refute_says ecap
	machine $READY
	nest 0 check --json 16:00.0
	speaks_of_no 'AMD|EFR|efr'
	assert_json 'any(.findings[]; .id == "device.nesting" and (.evidence[0].value | startswith("ecap 0x")))'
}

# abi STATUS RESULT TEXT...: what kernel.nesting_abi says, and the exit status of the check.
abi() {
	local status=$1 result=$2 text
	nest "$status" check --json
	for text in "${@:3}"; do
		jq -e --arg text "$text" --arg result "$result" \
			'[.findings[] | select(.id == "kernel.nesting_abi")] | length == 1 and .[0].result == $result and (.[0] | .summary + (.remedy // "") | contains($text))' \
			"$OUT" >/dev/null || blame "kernel.nesting_abi is not $result, or does not say: $text"
	done
}

@test "which kernels nest, for each kind of IOMMU: by release, and by an option where it takes one" {
	local release='file proc/sys/kernel/osrelease "%s\n"' option='file boot/config-6.13.0 "CONFIG_VFIO=m\n%s\n"' genoa
	# an EPYC 9004, whose hardware nests
	genoa='file @ivhd0/amd-iommu/features "25bf732fa2295afe:1d\n"'
	machine amd-desktop "$genoa"
	abi 1 fail 'Linux 6.8.0' AMD 'another machine'
	assert_json 'any(.findings[]; .id == "unit.nesting" and .result == "pass")'
	# shellcheck disable=SC2059 # they are formats
	{
		machine amd-desktop "$genoa" "$(printf "$release" 7.3.4)"
		abi 1 fail 'Linux 7.3.4' AMD
		machine amd-desktop "$genoa" "$(printf "$release" 7.4.0)"
		abi 3 unknown 'Linux 7.4.0' 7.3
		machine amd-desktop "$genoa" "$(printf "$release" 7.4.0)" 'file boot/config-7.4.0 "CONFIG_VFIO=m\n# CONFIG_AMD_IOMMU_IOMMUFD is not set\n"'
		abi 1 fail 'without CONFIG_AMD_IOMMU_IOMMUFD' 'use another machine'
		machine smmuv3-server "$(printf "$release" 6.13.0)"
		abi 3 unknown CONFIG_ARM_SMMU_V3_IOMMUFD
		machine smmuv3-server "$(printf "$release" 6.13.0)" "$(printf "$option" CONFIG_ARM_SMMU_V3_IOMMUFD=y)"
		abi 3 pass 'Linux 6.13.0'
		machine smmuv3-server "$(printf "$release" 6.13.0)" "$(printf "$option" '# CONFIG_ARM_SMMU_V3_IOMMUFD is not set')"
		abi 1 fail 'without CONFIG_ARM_SMMU_V3_IOMMUFD' 'use a kernel with CONFIG_ARM_SMMU_V3_IOMMUFD'
	}
	machine virtio-guest
	abi 1 fail virtio-iommu
	machine mock
	abi 1 pass 'Linux 7.3.4'
	machine none-kernel
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "kernel.nesting_abi") | not'
}

@test "interrupts: by the chips on AMD as on VT-d, by a device that was attached elsewhere, and else unknown" {
	local isolated='any(.findings[]; .id == "interrupts.isolated" and .result == "%s")'
	# shellcheck disable=SC2059 # it is a format
	{
		machine amd-desktop 'file proc/interrupts " 1: 9 IO-APIC 1-edge i8042\n25: 3 PCI-MSI-0000:01:00.0 0-edge nvme\n"'
		nest 1 check --for passthrough --json
		assert_json "$(printf "$isolated" fail)"
		assert_json 'any(.findings[]; .id == "interrupts.isolated" and (.remedy | contains("AMD-Vi: Interrupt")))'
		speaks_of_no DMAR
		machine amd-desktop 'file proc/interrupts "25: 3 IR-PCI-MSI-0000:01:00.0 0-edge nvme\n"'
		nest 3 check --for passthrough --json
		assert_json "$(printf "$isolated" pass)"
		machine amd-desktop
		nest 3 check --for passthrough --json
		assert_json "$(printf "$isolated" unknown)"
		machine smmuv3-server
		nest 3 check --for passthrough --json
		assert_json "$(printf "$isolated" unknown)"
		fake iommufd-nested 'iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001514' \
			'#tree file sys/module/iommufd/parameters/allow_unsafe_interrupts "N\n"'
		nest 0 check --probe --json 0000:00:01.0
		assert_json "$(printf "$isolated" pass)"
	}
}

@test "what cannot be done on this vendor's host is no remedy there" {
	# an AMD host: amd_iommu=on is no option, and another vendor's keeps nothing off
	local table='host kernel=6.8.0 cmdline="ro intel_iommu=off" acpi=IVRS'
	machine none-firmware "$table" 'dir sys/firmware/acpi/tables'
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "iommu.present" and .result == "fail" and (.summary + .remedy | contains("amd_iommu=on") | not) and (.remedy | contains("CONFIG_AMD_IOMMU")))'
	assert_json 'any(.findings[]; .id == "iommu.disabled" and .result == "pass")'
	speaks_of_no 'VT-d|intel_iommu=on'
	machine smmuv3-server
	nest 1 check --json
	# Each unit with a device of its own: not a bridge, and one that VFIO has rather than a driver's.
	assert_json '[.findings[] | select(.id == "unit.registers") | .remedy | split("\n")] == [["ask the kernel about a device behind it:", "vfio-nestctl probe 0000:01:00.0"], ["ask the kernel about a device behind it:", "vfio-nestctl probe 0001:75:00.1"]]'
	nest 1 check --json 0001:75:00.0
	assert_json '[.findings[] | select(.id == "unit.registers") | .remedy | split("\n")[1]] == ["vfio-nestctl probe 0001:75:00.0"]'
	nest 1 check --json
	speaks_of_no 'DMAR|AMD-Vi|VT-d|ECAP'
	machine $READY 'file @dmar0/intel-iommu/ecap "ffffffffffffffff\n"'
	nest 3 check --json
	assert_json 'any(.findings[]; .id == "unit.registers" and (.remedy | contains("grep -e '"'DMAR'"'")))'
}

@test "what no register shows is unknown, never a pass: PASIDs and page requests" {
	machine amd-desktop 'file proc/sys/kernel/osrelease "6.12.0\n"'
	nest 3 check --for sva --json
	assert_json 'any(.findings[]; .id == "unit.pasid" and .result == "pass")'
	machine amd-desktop 'file @ivhd0/amd-iommu/features "841f77e022094ace:0\n"'
	nest 1 check --for sva --json
	assert_json 'any(.findings[]; .id == "unit.pasid" and .result == "fail" and (.summary | contains("guest translation")))'
	machine smmuv3-server
	nest 3 check --for sva --json
	assert_json 'any(.findings[]; .id == "unit.pasid" and .result == "unknown")'
	machine $READY 'file @dmar0/intel-iommu/ecap "ffffffffffffffff\n"'
	nest 3 check --for sva --json
	assert_json 'any(.findings[]; .id == "unit.pasid" and .result == "unknown")'
	assert_json 'any(.findings[]; .id == "unit.broken_pasid") | not'
}

# What a VFIO host has besides, so that nothing else keeps it from being ready.
VFIO=('dir sys/module/vfio' 'dir sys/module/vfio_pci' 'dir sys/module/vfio_iommu_type1')
HEAD='            CPU0       CPU1\n'
REMAPPED="file proc/interrupts \"${HEAD}  25:          0          0   PCI-MSI 4096-edge      AMD-Vi\\n  41:          0         12  IR-PCI-MSI 524288-edge      nvme0q0\\n\""
PLAIN="file proc/interrupts \"${HEAD}   0:         41          0   IO-APIC    2-edge      timer\\n\""
OWN="file proc/interrupts \"${HEAD} 120:          0          0  DMAR-MSI    0-edge      dmar0\\n  25:          0          0   PCI-MSI 4096-edge      AMD-Vi\\n\""

# log TEXT...: a statement for a log of these lines.
log() {
	local line text=
	for line; do
		text+="[    0.072365] $line\\n"
	done
	printf 'file dev/kmsg "%s"' "$text"
}

# said RULE RESULT [WORDS]: a finding of the rule in the document in $OUT has this result and says this.
said() {
	jq -e --arg id "$1" --arg result "$2" --arg words "${3:-}" \
		'any(.findings[]; .id == $id and .result == $result and (tostring | contains($words)))' "$OUT" >/dev/null ||
		blame "$1 is not $2, or does not say: ${3:-}"
}

# iort CANWBS COHACC [BASE]: a statement for a table of an SMMUv3 and the root complex of segment 0 in front of it;
# each is 0 or 1.
iort() {
	local flags=3 base=${3:-00 00 00 40 01}
	[ "$1" = 0 ] || flags=7
	printf 'binary sys/firmware/acpi/tables/IORT "49 4f 52 54 ac 00 00 00 05 00*27 02 00 00 00 30 00*7 '
	printf '04 44 00*14 %s 00*3 0%s 00*43 ' "$base" "$2"
	printf '02 38 00*6 01 00 00 00 24 00 00 00 01 00*6 0%s 00*12 00*4 ff ff 00 00 00*4 30 00*7"' "$flags"
}

@test "SMMUv3: what firmware promises, by node and byte, and what its registers say where they are known" {
	local arm=(smmuv3-server "${VFIO[@]}") fake=(iommufd-nested 'iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001414')
	machine "${arm[@]}" "$(iort 1 1)"
	nest 1 check --json 0000:01:00.0
	said smmu.canwbs pass 'root complex at byte 116: byte 139 is 0x07 (bit 2)'
	said smmu.coherent pass 'SMMUv3 at byte 48: byte 72 is 0x01 (bit 0)'
	# a table that is cut promises nothing, and denies nothing
	machine smmuv3-server
	nest 1 check --json
	said smmu.canwbs unknown 'the IORT cannot be read to its end'
	fake iommufd-nested 'iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001414' '#tree file sys/firmware/acpi/tables/IORT "IORT"'
	nest 1 check --probe --json 0000:00:01.0
	said smmu.canwbs unknown 'the IORT cannot be read to its end'
	# without the promise it depends on a register, and of the other SMMU the table tells nothing
	machine "${arm[@]}" "$(iort 0 1)"
	nest 1 check --json 0000:01:00.0
	said smmu.canwbs unknown 'for segment 0 (CANWBS): Linux nests only if the SMMU has IDR3.FWB'
	said smmu.canwbs unknown 'byte 139 is 0x03 (bit 2)'
	nest 1 check --json 0001:75:00.1
	said smmu.canwbs unknown 'no root complex that leads to this SMMU'
	machine "${arm[@]}" "$(iort 1 0)"
	nest 1 check --for passthrough --json 0000:01:00.0
	said smmu.coherent fail 'VFIO drivers fail to bind (EINVAL)'
	said smmu.coherent fail 'ask the maker of the firmware to set COHACC'
	# a driver that took a device behind the SMMU proves it
	nest 1 check --json 0001:75:00.1
	said smmu.coherent pass 'a VFIO driver took 0001:75:00.1'
	machine "${arm[@]}" 'remove sys/firmware/acpi' 'dir sys/firmware/devicetree/base'
	nest 1 check --json 0000:01:00.0
	said smmu.canwbs unknown 'started by device tree, which cannot promise CANWBS'
	machine "${arm[@]}" 'remove sys/firmware/acpi'
	nest 1 check --json 0000:01:00.0
	said smmu.canwbs unknown 'the IORT is not readable'

	# with the registers, which iommufd shows
	fake "${fake[@]}" "#tree $(iort 0 1 '00 00 b0 02 00')"
	nest 1 check --probe --json 0000:00:01.0
	said smmu.canwbs fail 'the SMMU cannot force memory types (IDR3.FWB)'
	said smmu.canwbs fail 'ask the maker of the firmware to set CANWBS in the IORT'
	said smmu.ssidsize warn 'takes no PASIDs (IDR1.SSIDSIZE is 0)'
	said smmu.stall pass 'terminated'
	said unit.nesting unknown '(fwb)'
	fake "${fake[@]}" canwbs=1 "#tree $(iort 1 1 '00 00 b0 02 00')"
	nest 3 check --probe --json 0000:00:01.0
	said smmu.canwbs pass 'the kernel made a vIOMMU for 0000:00:01.0'
	fake iommufd-nested 'iommu=smmuv3 cap=0x27302000e44101b ecap=0x7400001514'
	nest 3 check --probe --json 0000:00:01.0
	said smmu.ssidsize pass '8 bits of PASIDs'
	said smmu.stall warn 'always stalls'
	fake iommufd-nested 'iommu=smmuv3 cap=0x27302000d441019 ecap=0x7400001514'
	nest 1 check --probe --json 0000:00:01.0
	said smmu.canwbs pass 'IDR3.FWB), so CANWBS is not needed'
	# another kind of unit is not asked
	machine amd-desktop
	nest 1 check --json
	assert_json 'any(.findings[]; .id | startswith("smmu.")) | not'
}

@test "a requirement that is not known has its reason, in a sentence" {
	machine laptop-trap
	nest 3 check --json --require viommu --require iommufd
	assert_json '[.requirements[].why] == [
		"viommu is not known: only opening the nodes tells: --probe",
		"iommufd is not known: the kernel\u0027s modules cannot be read"]'
	nest 1 check --json --require ready
	assert_json '[.requirements[].why] == ["ready: from the rules"]'
}

# required STATUS NAME FOUND: what is found of a requirement after a probe; null is not known.
required() {
	nest "$1" check --probe --json --require "$2" 0000:00:01.0
	# shellcheck disable=SC2016 # jq's variable
	assert_json '.requirements[0].found == ($found | if . == "null" then null else . end)' --arg found "$3"
}

@test "what a guest's SMMUv3 can be made of: requirements, and labels for Kubernetes" {
	local smmu='iommu=smmuv3 cap=0x27304000d44141b ecap=0x7400001514'
	fake iommufd-nested "$smmu"
	required 0 'oas>=44' 44
	required 1 'oas=48' 44
	required 0 ril yes
	required 1 ats no # the device has none
	required 0 viommu yes
	required 0 'ssidsize=0' 0 # nor PASIDs
	nest 3 check --probe --format nfd 0000:00:01.0
	assert_says 'vfio-nestctl.oas=44' 'vfio-nestctl.ril=yes' 'vfio-nestctl.ats=no' 'vfio-nestctl.viommu=yes' 'vfio-nestctl.ssidsize=0'
	# before 7.1 the kernel does not tell of ATS
	fake iommufd-nested "$smmu" kernel_release=7.0.2
	required 3 ats null
	fake iommufd-nested 'iommu=smmuv3 cap=0x27304000d44101b ecap=0x7400001014'
	required 1 ats no
	required 1 ril no
	required 1 viommu no
	# without a probe nothing of it is known, and no label says otherwise
	nest 3 check --json --require 'oas>=40' 0000:00:01.0
	nest 3 check --format nfd 0000:00:01.0
	refute_says vfio-nestctl.oas vfio-nestctl.viommu
	# AMD makes a vIOMMU of any type, and no table on it
	fake iommufd-nested 'iommu=amd cap=0x25bf732fa2295afe ecap=0x1d'
	required 1 viommu no
	required 3 'oas>=40' null
	fake iommufd-nested
	required 3 viommu null
}

@test "shared addressing: by the driver, the release and the option of each kind" {
	local release='file proc/sys/kernel/osrelease "%s\n"' vt='file boot/config-6.12.0 "%s\n"'
	# shellcheck disable=SC2059 # they are formats
	{
		machine amd-desktop "$(printf "$release" 4.19.0)"
		nest 1 check --for sva --json
		said kernel.sva fail 'Linux 4.19.0'
		machine amd-desktop "$(printf "$release" 6.12.0)" 'file proc/cmdline "pci=noats\n"'
		nest 1 check --for sva --json
		said kernel.sva fail pci=noats
		machine smmuv3-server
		nest 3 check --for sva --json
		said kernel.sva unknown CONFIG_ARM_SMMU_V3_SVA
		machine smmuv3-server "$(printf "$vt" 'CONFIG_VFIO=m\n# CONFIG_ARM_SMMU_V3_SVA is not set')"
		nest 1 check --for sva --json
		said kernel.sva fail 'built without CONFIG_ARM_SMMU_V3_SVA'
		machine smmuv3-server "$(printf "$vt" 'CONFIG_VFIO=m\nCONFIG_ARM_SMMU_V3_SVA=y')"
		nest 3 check --for sva --json
		said kernel.sva pass
		said unit.pasid unknown
		nest 1 check --for sva --json 0001:75:00.0
		said device.pri unknown stalls
		machine smmuv3-server "$(printf "$release" 5.4.0)"
		nest 1 check --for sva --json
		said kernel.sva fail 5.11
		machine smmuv3-server "$(printf "$release" 5.15.0)" 'file boot/config-5.15.0 "CONFIG_ARM_SMMU_V3_SVA=y\n"'
		nest 3 check --for sva --json
		said kernel.sva unknown 'Linux 5.19 does'
		machine "$READY" "$(printf "$vt" 'CONFIG_VFIO=m\n# CONFIG_INTEL_IOMMU_SVM is not set\nCONFIG_IOMMUFD=m')"
		nest 1 check --for sva --json
		said kernel.sva fail CONFIG_INTEL_IOMMU_SVM
		# a release that is no evidence of iommufd either
		machine "$READY" "$(printf "$release" 5.15.0)" 'remove sys/module/iommufd' 'remove sys/class/misc/iommu'
		nest 3 check --for sva --json
		said kernel.iommufd unknown
	}
	machine virtio-guest
	nest 1 check --for sva --json
	said kernel.sva fail virtio-iommu
	# two units of which none has PASIDs are no better than one
	machine amd-desktop 'file proc/sys/kernel/osrelease "6.12.0\n"' 'device 0000:40:00.2 id=1022:14d9 class=080600' \
		'unit ivhd1 amd parent=0000:40:00.2 cap=190b640f features=841f77e022094ace:0' \
		'file @ivhd0/amd-iommu/features "841f77e022094ace:0\n"'
	nest 1 check --for sva --json
	assert_json '[.findings[] | select(.id == "unit.pasid") | .result] == ["fail", "fail"]'
}

@test "a log of another host, or of a boot below Xen, is no evidence that interrupts are remapped" {
	local intel='DMAR-IR: Enabled IRQ remapping in x2apic mode' amd='AMD-Vi: Interrupt remapping enabled'
	machine amd-desktop "${VFIO[@]}" "$(log "$intel")"
	nest 3 check --for passthrough --json
	said interrupts.isolated unknown 'of another host'
	machine amd-desktop "${VFIO[@]}" "$(log "$amd")"
	nest 0 check --for passthrough --json
	said interrupts.isolated pass
	machine amd-desktop "${VFIO[@]}" "$(log '(XEN) Interrupt remapping enabled')"
	nest 3 check --for passthrough --json
	machine amd-desktop "${VFIO[@]}" "$(log 'DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x0 [fault reason 0x25] Blocked a compatibility format interrupt request')"
	nest 3 check --for passthrough --json
	machine "$READY" 'remove proc/interrupts' "$(log "$amd")"
	nest 3 check --for passthrough --json
	said interrupts.isolated unknown
	machine virtio-guest "${VFIO[@]}" "$(log "$intel")"
	nest 3 check --for passthrough --json
	said interrupts.isolated unknown
	# units that sysfs does not show: the tables tell whose host it is
	machine amd-desktop "${VFIO[@]}" 'remove sys/class/iommu' "$(log "$intel")"
	nest 3 check --for passthrough --json
	# a host that lacks remapping is not helped by an ITS in a table
	machine smmuv3-server "${VFIO[@]}" 'file sys/firmware/devicetree/base/soc/its@1/compatible "arm,gic-v3-its"'
	nest 0 check --for passthrough --json
	machine smmuv3-server "${VFIO[@]}" 'file sys/firmware/devicetree/base/soc/its@1/compatible "arm,gic-v3-its"' \
		'file sys/firmware/devicetree/base/soc/its@1/status "disabled"'
	nest 3 check --for passthrough --json
	said interrupts.isolated unknown
}

@test "VT-d shares page tables only where it walks all that the processor uses: by registers, cpuinfo and the log" {
	local cpu='file proc/cpuinfo "processor\t: 0\nflags\t\t: fpu %s lm\n"'
	# shellcheck disable=SC2059 # it is a format
	{
		machine "$READY"
		nest 0 check --for sva --json
		said unit.pasid pass 'no la57'
		machine "$READY" 'remove proc/cpuinfo'
		nest 3 check --for sva --json
		said unit.pasid unknown 'five levels'
		machine "$READY" "$(printf "$cpu" 'pdpe1gb la57')"
		nest 1 check --for sva --json
		said unit.pasid fail 'five levels'
		said unit.pasid fail no5lvl
		machine "$READY" "$(printf "$cpu" pdpe1gb)" 'file @dmar0/intel-iommu/cap "8ed008c40780466\n"'
		nest 1 check --for sva --json
		said unit.pasid fail '1 GiB pages'
		machine "$READY" "$(printf "$cpu" nx)" 'file @dmar0/intel-iommu/cap "8ed008c40780466\n"'
		nest 0 check --for sva --json
		machine "$READY" 'file @dmar0/intel-iommu/ecap "36f9ea6f050df\n"'
		nest 1 check --for sva --json
		said unit.pasid fail 'first-stage tables'
		machine "$READY" "$(log 'DMAR-IR: Enabled IRQ remapping in x2apic mode' 'dmar0 SVM disabled, incompatible paging mode')"
		nest 1 check --for sva --json
		said unit.pasid fail 'the kernel log says'
	}
}

@test "AMD takes PASIDs in identity domains or with guest tables alone" {
	local device='device 0000:05:00.0 id=15b3:a2dc class=020000 driver=vfio-pci group=20 unit=ivhd0 caps=exp:flr,msix,ats:on,pasid:20,pri vfio=vfio0,511:0'
	local host='host kernel=6.12.0 cmdline="ro" acpi=IVRS'
	local all=("${VFIO[@]}" 'dir sys/class/misc/iommu' 'dir sys/module/iommufd' "$REMAPPED")
	machine amd-desktop "$host" "${all[@]}" "$device" 'group 20 type=identity'
	nest 0 check --for sva --json 05:00.0
	machine amd-desktop "$host" "${all[@]}" "$device" 'group 20 type=DMA-FQ'
	nest 1 check --for sva --json 05:00.0
	said device.pasid fail amd_iommu=pgtbl_v2
	machine amd-desktop 'host kernel=6.12.0 cmdline="ro amd_iommu=pgtbl_v2" acpi=IVRS' "${all[@]}" "$device" 'group 20 type=DMA-FQ'
	nest 0 check --for sva --json 05:00.0
	machine amd-desktop "$host" "${all[@]}" "$device" 'group 20 type=DMA-FQ' 'remove @group/20/type'
	nest 3 check --for sva --json 05:00.0
	said device.pasid unknown
}

@test "reserved memory: a list that cannot be read whole is unknown, the log is against it, AMD calls it IVMD" {
	machine $READY 'file @group/11/reserved_regions "0x00000000fee00000 0x00000000feefffff msi\nzz\n"'
	nest 3 check --json 16:00.0
	said device.rmrr unknown 'not readable'
	machine $READY 'file @group/11/reserved_regions "zz\n0x0000000000001000 0x0000000000001fff direct\n"'
	nest 1 check --json 16:00.0
	said device.rmrr fail '(RMRR)'
	machine $READY "$(log 'DMAR-IR: Enabled IRQ remapping in x2apic mode' 'vfio-pci 0000:16:00.0: DMAR: Device is ineligible for IOMMU domain attach due to platform RMRR requirement.  Contact your platform vendor.')"
	nest 3 check --json 16:00.0
	said device.rmrr unknown 'refused'
	machine amd-desktop 'group 17 region="0x0000000000001000 0x0000000000001fff direct"'
	nest 1 check --json 04:00.0
	said device.rmrr fail '(IVMD)'
	jq -e '[.findings[] | select(.id == "device.rmrr") | tostring | contains("RMRR")] | any | not' "$OUT" >/dev/null ||
		blame 'RMRR on AMD'
	# A type that a newer kernel made: the device is not said to be free, nor its group.
	machine $READY 'file @group/11/reserved_regions "0x0000000000001000 0x0000000000001fff quantum\n0x00000000fee00000 0x00000000feefffff msi\n"'
	nest 3 check 16:00.0 --json
	assert_json '[.findings[] | select(.result == "unknown")] | length == 1 and .[0].id == "device.rmrr" and (.[0].summary | contains("0x1000") and contains("quantum"))'
	nest 0 list -n -r -o DEVICE,USER
	grep -qx '0000:16:00.0 unknown' "$OUT"
	nest 0 show 16:00.0
	[[ $(tr -s ' \n' ' ' <"$OUT") == *'user space unknown: it has a reserved region of a type that this tool does not know'* ]]
}

@test "a device for which SIDP excludes nesting is not ready, whatever its unit can" {
	machine $READY 'dmar flags=0x01 width=52 scope="dmar0 16:00.0" atsr=all sidp="0x01 16:00.0"'
	nest 3 check --json 16:00.0
	said device.nesting unknown SIDP
	nest 0 check --json 17:00.0
}

@test "an IOMMU without a visible unit is unknown for all that a unit decides" {
	local purpose
	machine $READY 'remove sys/class/iommu' 'remove @dmar0'
	for purpose in nested sva; do
		nest 3 check --for $purpose --json
		assert_json '.verdict == "unknown"'
	done
	said vtd.scalable_mode unknown
	said unit.pasid unknown 'no unit'
	said kernel.sva unknown 'no IOMMU unit'
}

@test "an override of ACS makes no isolation: by the command line, by the log; without a command line it is unknown" {
	machine $READY 'file proc/cmdline "ro intel_iommu=on,sm_on pcie_acs_override=downstream,multifunction\n"'
	nest 3 check --json 16:00.0
	said iommu.acs_override unknown pcie_acs_override
	said group.isolation unknown pcie_acs_override
	nest 3 check --json --for passthrough
	machine amd-desktop "${VFIO[@]}" "$REMAPPED" 'remove proc/cmdline'
	nest 3 check --json --for passthrough
	said iommu.acs_override unknown 'command line'
}

@test "groups that no IOMMU made are no IOMMU: the mock's, and those of the no-IOMMU mode" {
	machine mock 'remove @0000:00:00.0/iommu_group' 'remove @0000:00:04.0/iommu_group' 'remove sys/kernel/iommu_groups/0' \
		'remove sys/kernel/iommu_groups/1' 'remove sys/class/iommu/dmar0'
	nest 1 check --json
	said iommu.present fail 'no IOMMU is in use'
	nest 1 list --json
	assert_json '.iommu_present.status == "no"'
	machine none-firmware 'device 0000:03:00.0 id=8086:10c9 class=020000 driver=vfio-pci group=0 vfio=vfio0' \
		'group 0 name=vfio-noiommu regions=none' 'file sys/module/vfio/parameters/enable_unsafe_noiommu_mode "Y\n"'
	nest 1 check --for passthrough --json 0000:03:00.0
	said iommu.present fail
	# beside groups of a real one: a board whose PCIe has no IOMMU
	machine amd-desktop "${VFIO[@]}" "$REMAPPED" 'group 40 name=vfio-noiommu regions=none' \
		'device 0000:08:00.0 id=8086:10c9 class=020000 driver=vfio-pci group=40 vfio=vfio0'
	nest 1 check --for passthrough --json 0000:08:00.0
	said device.group fail no-IOMMU
}

@test "an accelerator on the denylist of vfio-pci, and what would stop its round trip" {
	local dsa='device 0000:18:01.0 id=8086:0b25 class=088000 driver=idxd group=14 unit=dmar0'
	planted 1 'fail device.bound 0000:18:01.0;warn device.denylist 0000:18:01.0' disable_denylist=1 18:01.0 "$dsa"
	planted 1 'fail device.bound 0000:18:01.0' '' 18:01.0 "$dsa" \
		'file sys/module/vfio_pci/parameters/disable_denylist "Y\n"'
	planted 1 'fail device.bound 0000:18:01.0' '' 18:01.0 "${dsa/0b25/11fb}"
	machine $READY "${dsa/idxd/vfio-pci}" 'file proc/cpuinfo "processor\t: 0\nflags\t\t: fpu pdpe1gb la57\n"'
	nest 0 check --json 18:01.0
	assert_json 'any(.findings[]; .id == "device.stimulus" and .result == "warn" and (.summary | contains("MOVDIR64B")))'
	assert_json 'any(.findings[]; .id == "device.denylist" and .result == "pass")'
}

@test "a device in no group is told so before anything else, and is not to be bound" {
	machine amd-desktop "${VFIO[@]}" "$REMAPPED" 'device 0000:08:00.0 id=8086:1521 class=020000 driver=igb'
	nest 1 check --for passthrough --json 0000:08:00.0
	said device.group fail 'no IOMMU translates'
	assert_json '.answer | contains("in no IOMMU group")'
	assert_json 'any(.findings[]; .id == "device.bound" and .result == "fail" and (.remedy | contains("driverctl") | not))'
	# Behind VT-d and AMD's no driver changes that, on no release.
	machine amd-desktop "${VFIO[@]}" "$REMAPPED" 'host kernel=6.12.0' 'device 0000:08:00.0 id=8086:1521 class=020000'
	nest 1 check --for passthrough --json 0000:08:00.0
	said device.group fail 'no IOMMU translates'
}

@test "before Linux 6.15 a device may get its group with its driver: that is left open, and how to learn it is told" {
	local ungrouped='device 0000:00:05.0 id=8086:1521 class=020000'
	machine virtio-guest "${VFIO[@]}" "$ungrouped"
	nest 1 check --for passthrough --json 0000:00:05.0
	said device.group unknown 'only when a driver is bound to it'
	assert_json 'any(.findings[]; .id == "device.bound" and .result == "fail" and (.remedy | contains("bind it to vfio-pci")))'
	machine virtio-guest "${VFIO[@]}" 'host kernel=6.15.0' "$ungrouped"
	nest 1 check --for passthrough --json 0000:00:05.0
	said device.group fail 'no IOMMU translates'
	machine virtio-guest "${VFIO[@]}" "$ungrouped driver=igb"
	nest 1 check --for passthrough --json 0000:00:05.0
	said device.group fail 'no IOMMU translates'
}

@test "behind an SMMUv3 a bridge in the group is told: no nested table is attached to both" {
	machine smmuv3-server 'device 0000:01:00.0 parent=0000:00:00.0 id=15b3:1019 class=020700 driver=vfio-pci group=0 unit=smmu3.0x0000000140000000 caps=exp:flr'
	nest 1 check --json 0000:01:00.0
	said device.nesting fail 'all 2 devices of group 0, and 0000:00:00.0 in it, a bridge, can have no vDEVICE'
	fake iommufd-smmuv3 'device=0000:00:01.1 model=edu group=12' 'device=0000:00:05.0 model=edu group=15' 'device=0000:00:05.1 model=none driver=none group=15'
	nest 3 check --json 0000:00:01.0
	said group.isolation warn 'all 2 devices of group 12, and each needs a vDEVICE of its own'
	nest 3 check --json 0000:00:01.0 0000:00:01.1
	said group.isolation pass 'all 2 devices of group 12, and each needs a vDEVICE of its own'
	nest 3 check --json --for passthrough 0000:00:01.0
	assert_json 'any(.findings[]; .id == "group.isolation" and (.summary | contains("vDEVICE") | not))'
	nest 1 check --json 0000:00:05.0
	said device.nesting fail 'all 2 devices of group 15, and 0000:00:05.1 in it can have no vDEVICE before it is bound to vfio-pci'
	assert_json 'any(.findings[]; .id == "device.nesting" and (.remedy | contains("0000:00:05.1/driver_override")))'
	# where a table stands on the parent, none of that holds
	fake iommufd-nested 'device=0000:00:01.1 model=none driver=none group=12'
	nest 3 check --json 0000:00:01.0
	said device.nesting pass
	assert_json '[.. | strings | select(contains("vDEVICE"))] == []'
	machine smmuv3-server 'device 0000:01:00.0 parent=0000:00:00.0 id=15b3:1019 class=020700 driver=vfio-pci group=1 unit=smmu3.0x0000000140000000 caps=exp:flr'
	nest 1 check --json 0000:01:00.0
	said device.nesting unknown 'may or may not nest'
}

@test "behind a bridge to conventional PCI requests carry its id, and check says so before a round trip fails" {
	local below='device 0000:18:00.0 parent=0000:17:01.0 id=8086:1572 class=020000 driver=vfio-pci group=13 unit=dmar0 caps=pm,msi vfio=vfio2,511:2'
	# a conventional bridge, and one from Express
	machine $READY 'device 0000:17:01.0 id=8086:244e class=060401 group=14 unit=dmar0 secondary=18 caps=pm' "$below"
	nest 0 check --json 18:00.0
	said device.bridge warn '0000:17:01.0, a conventional PCI bridge'
	nest 1 check --for sva --json 18:00.0
	said device.bridge fail 0000:17:01.0
	nest 0 check --for passthrough --json 18:00.0
	assert_json 'any(.findings[]; .id == "device.bridge") | not'
	machine $READY 'device 0000:17:01.0 id=8086:352a class=060400 driver=pcieport group=14 unit=dmar0 secondary=18 caps=exp,pm' "$below"
	nest 0 check --json 18:00.0
	said device.bridge pass
	# neither driver nor config space
	machine $READY 'device 0000:17:01.0 id=8086:352a class=060400 group=14 unit=dmar0 secondary=18 config=64' "${below/caps=pm,msi/config=64}"
	nest 3 check --json 18:00.0
	said device.bridge unknown
}

@test "faults that a round trip provoked are no warning, and those beside them are" {
	local fault='DMAR: [DMA Write NO_PASID] Request device [0000:16:00.1] fault addr 0x%s [fault reason 0x71] SM: text'
	# shellcheck disable=SC2059 # a format
	machine $READY "$(log 'Linux version 7.3.4' "$(printf "$fault" 400000880000)" "$(printf "$fault" 408000aaa000)")"
	nest 0 check --json
	said log.faults pass '2 writes of the device at addresses that roundtrip uses'
	# shellcheck disable=SC2059
	machine $READY "$(log 'Linux version 7.3.4' "$(printf "$fault" 400000880000)" "$(printf "$fault" fffff000)")"
	nest 0 check --json
	said log.faults warn '(1 of them at addresses that roundtrip uses)'
	# low ones, which may be those of a driver
	# shellcheck disable=SC2059
	machine $READY "$(log 'Linux version 7.3.4' "$(printf "$fault" 1880000)")"
	nest 0 check --json
	said log.faults warn 'where drivers map memory, too'
	# an address of a driver above 4 GiB, and in memory of a large host
	for addr in fffffffff000 147ff3a000; do
		# shellcheck disable=SC2059
		machine $READY "$(log 'Linux version 7.3.4' "$(printf "$fault" $addr)")"
		nest 0 check --json
		said log.faults warn 'the IOMMU has blocked 1 write of the device: '
	done
	# with pages of 64 KiB an SMMU is given a wider window
	event()
	{
		log 'Linux version 7.3.4' 'arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:' \
			'arm-smmu-v3 arm-smmu-v3.0.auto: 0x0000010000000010' 'arm-smmu-v3 arm-smmu-v3.0.auto: 0x0000028000000000' \
			"arm-smmu-v3 arm-smmu-v3.0.auto: 0x$1" 'arm-smmu-v3 arm-smmu-v3.0.auto: 0x0000080002000000'
	}
	machine smmuv3-server "$(event 0000080006aa0000)"
	nest 1 check --json
	said log.faults pass '1 write of the device at addresses that roundtrip uses'
	machine smmuv3-server "$(event 00000800f6aa0000)"
	nest 1 check --json
	said log.faults warn 'the IOMMU has blocked 1 write of the device: '
}

@test "the kernel's mock alone is no unit of the host" {
	local mock=('remove @0000:00:00.0/iommu_group' 'remove @0000:00:04.0/iommu_group' 'remove sys/kernel/iommu_groups/0'
		'remove sys/kernel/iommu_groups/1' 'remove sys/class/iommu/dmar0' 'remove sys/firmware/acpi/tables/DMAR')
	machine mock "${mock[@]}"
	nest 1 check --json
	said iommu.present fail
	nest 1 check --format nfd
	grep -qx 'feature.node.kubernetes.io/vfio-nestctl.units=0' <<<"$output"
	nest 1 check --format prometheus
	grep -qx 'vfio_nestctl_units{purpose="nested",nests="unknown"} 0' <<<"$output"
	nest 0 check --require units=0
	nest 1 check --require nesting=yes
}

@test "a limit on memory that the caller set leaves the question open" {
	command -v prlimit >/dev/null || skip 'needs prlimit'
	! ldd "$NESTCTL" | grep -q 'lib[at]san' || skip 'a sanitizer takes more address space than any limit'
	machine $READY
	run -3 --separate-stderr prlimit --as=12000000 "$NESTCTL" --sysroot "$TREE" report
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr == *'not enough memory'*'ulimit -v'* ]]
}

@test "what was tried outranks what was read: a nest parent that was allocated" {
	fake iommufd-nested '#tree file proc/cmdline "ro intel_iommu=on\n"' \
		'#tree file sys/module/iommufd/parameters/allow_unsafe_interrupts "N\n"'
	nest 0 check --probe --json 0000:00:01.0
	said vtd.scalable_mode pass 'nested table'
	said unit.nesting pass
	assert_json '.verdict == "ready"'
}

@test "a container that was not given the group's node is not ready" {
	machine $READY 'file .dockerenv ""' 'dir sys/firmware/acpi/tables' 'file dev/vfio/vfio ""' \
		'file proc/self/status "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n"' 'remove @0000:16:00.0/vfio-dev/vfio0/dev'
	nest 1 check --for passthrough --json 16:00.0
	said group.node fail 'not passed into this container'
}

@test "every device that is in the way is named, with its driver" {
	machine $READY 'device 0000:16:00.2 parent=0000:15:01.0 id=15b3:a2dc class=020000 driver=mlx5_core group=11 unit=dmar0' \
		'device 0000:16:00.3 parent=0000:15:01.0 id=15b3:a2dd class=010802 driver=nvme group=11 unit=dmar0' \
		'device 0000:16:00.4 parent=0000:15:01.0 id=15b3:a2de class=0c0330 driver=xhci_hcd group=11 unit=dmar0'
	nest 1 check --json 16:00.0
	said group.viable fail '0000:16:00.2 (mlx5_core), 0000:16:00.3 (nvme), 0000:16:00.4 (xhci_hcd)'
	said group.isolation warn 'no slot parts them'
	# a member whose driver is unknown
	machine $READY 'device 0000:16:00.2 parent=0000:15:01.0 id=15b3:a2dc class=020000 group=11 unit=dmar0' \
		'remove @0000:16:00.2/uevent' 'file @0000:16:00.2/driver ""'
	nest 3 check --json 16:00.0
	said group.viable unknown 0000:16:00.2
}

# A link to itself cannot be followed, whoever asks: an error that is not "not found".
unread() {
	printf 'remove %s\nlink %s %s\n' "$1" "$1" "${1##*/}"
}

@test "what cannot be read is not absent: unknown, status 3, the rest of the answer, and the error" {
	local list
	for list in sys/kernel/iommu_groups sys/class/iommu; do
		mapfile -t lines < <(unread $list)
		machine $READY "${lines[@]}"
		nest 3 check --json
		assert_json '.verdict == "unknown" and (.errors | length > 0)'
		nest 3 check --json 16:00.0
		assert_json '.verdict == "unknown"'
	done
	mapfile -t lines < <(unread sys/kernel/iommu_groups)
	machine $READY "${lines[@]}"
	nest 3 list --json
	assert_json '.iommu_present.status == "unknown" and (.errors | any(tostring; contains("iommu_groups")))'
	nest 3 check --json 16:00.0
	said iommu.present unknown iommu_groups
	said device.group unknown
	# one bus of many
	mapfile -t lines < <(unread sys/bus/amba/devices)
	machine $READY 'dir sys/bus/amba/devices' "${lines[@]}"
	nest 0 list --json
	assert_json '(.errors | any(tostring; contains("amba"))) and (.groups | length > 3)'
	nest 3 check --json 16:00.0
	said group.viable unknown 'not every bus'
	# no sysfs at all, and half of one
	machine none-firmware 'remove sys' 'dir sys'
	nest 3 check --json
	said iommu.present unknown 'not mounted'
	nest 3 list --json
	machine none-firmware 'remove sys/kernel'
	nest 3 check --json
	# reserved regions
	machine $READY 'remove @group/13/reserved_regions'
	nest 3 check --json 17:00.0
	said device.rmrr unknown reserved_regions
}

@test "the cause of a missing IOMMU comes first, and the remedy is one that is possible" {
	local text
	machine none-kernel 'file proc/cmdline "ro intel_iommu=on\n"' \
		"$(log 'DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns all ones!' 'DMAR: Parse DMAR table failure.')"
	nest 1 check --json
	assert_json '.answer | contains("the kernel gave up on the DMAR table: the unit at") and contains("fed90000 returns all ones")'
	said iommu.present fail 'update the firmware'
	# already on the command line
	machine none-kernel 'file proc/cmdline "ro intel_iommu=on,sm_on\n"'
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "iommu.present" and (.remedy | contains("already")))'
	nest 1 list
	assert_says 'is on the command line already'
	machine none-kernel 'file proc/cmdline "ro intel_iommu=on\n"' 'file boot/config-6.1.0 "CONFIG_VFIO=m\n# CONFIG_INTEL_IOMMU is not set\n"'
	nest 1 check --json
	said iommu.present fail 'use a kernel with CONFIG_INTEL_IOMMU'
	# no option of AMD's driver
	machine none-kernel 'remove sys/firmware/acpi/tables/DMAR' 'file sys/firmware/acpi/tables/IVRS ""' 'file proc/cmdline "ro amd_iommu=on\n"'
	nest 1 check --json
	said iommu.present fail 'amd_iommu=on is no option'
	# Xen owns it, whatever the tables say
	machine none-kernel 'file proc/cmdline "ro\n"' 'file sys/hypervisor/type "xen\n"' 'file proc/xen/capabilities "control_d\n"'
	nest 1 check --json
	assert_json '.answer | contains("Xen owns the IOMMU")'
	for text in check list; do
		nest 1 $text
		assert_says Xen
		refute_says intel_iommu=on
	done
	machine none-kernel 'file proc/cmdline "ro\n"' 'file sys/hypervisor/type "xen\n"'
	nest 1 check --json
	said host.xen unknown
	machine none-firmware 'file sys/hypervisor/type "xen\n"' 'file proc/xen/capabilities "\n"'
	nest 1 check --json
	said iommu.present fail 'virtual machine'
	# the vendor's word of the firmware's setup; a guest has none
	machine none-firmware
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "iommu.present" and (.remedy | contains("VT-d") and (contains("AMD") | not)))'
	machine none-firmware 'device 0000:00:04.0 id=1af4:1041 class=020000 driver=virtio-pci'
	nest 1 check --json
	said iommu.present fail 'virtual machine'
}

# isolated RESULT VERDICT WORDS MACHINE STATEMENT...: what interrupts.isolated says there, and that the verdict is not
# ready without it. WORDS, by semicolon, must be in the finding. A report must say the same.
isolated() {
	local result=$1 verdict=$2 words=$3 word report=$BATS_TEST_TMPDIR/report.json tree
	shift 3
	machine "$@"
	tree=$TREE
	"$NESTCTL" --sysroot "$TREE" report -o "$report" >/dev/null
	for from in '' report; do
		TREE=$tree
		[ -z "$from" ] || TREE=
		OUT=$BATS_TEST_TMPDIR/out
		ERR=$BATS_TEST_TMPDIR/err
		status=0
		timeout 20 "$NESTCTL" ${TREE:+--sysroot "$TREE"} ${from:+--from "$report"} check --json --for passthrough \
			>"$OUT" 2>"$ERR" </dev/null || status=$?
		assert_json ".findings | map(select(.id == \"interrupts.isolated\")) | length == 1 and .[0].result == \"$result\""
		assert_json ".verdict == \"$verdict\""
		[ "$result" = not_applicable ] || assert_json 'any(.findings[]; .id == "interrupts.isolated" and (.evidence | length > 0))'
		while IFS= read -r word; do
			jq -e --arg word "$word" 'any(.findings[]; .id == "interrupts.isolated" and (tostring | contains($word)))' "$OUT" >/dev/null ||
				blame "it does not say: $word"
		done < <(tr ';' '\n' <<<"$words")
	done
}

@test "interrupts on AMD-Vi: on, off, not known, and contradictions" {
	local amd=(amd-desktop "${VFIO[@]}")
	isolated pass ready IR-PCI-MSI "${amd[@]}" "$REMAPPED"
	isolated pass ready interrupt_remapping "${amd[@]}" "$(log 'AMD-Vi: Interrupt remapping enabled')"
	# the host of the field: its log and its chips say no, and nothing says yes
	isolated fail not_ready 'IVRS table;ivrs_ioapic' "${amd[@]}" "$PLAIN" \
		"$(log 'AMD-Vi: [Firmware Bug]: : IOAPIC[4] not in IVRS table' 'AMD-Vi: Disabling interrupt remapping')"
	isolated fail not_ready 'IVRS table' "${amd[@]}" "$(log 'AMD-Vi: [Firmware Bug]: : No southbridge IOAPIC found')"
	isolated fail not_ready 'says that it is off' "${amd[@]}" "$(log 'AMD-Vi: Disabling interrupt remapping')"
	isolated fail not_ready 'no interrupt chip;dmesg' "${amd[@]}" "$PLAIN"
	isolated fail not_ready CONFIG_IRQ_REMAP "${amd[@]}" 'file boot/config-6.8.0 "CONFIG_VFIO=m\n# CONFIG_IRQ_REMAP is not set\n"'
	isolated fail not_ready intremap=off "${amd[@]}" 'file proc/cmdline "quiet intremap=off\n"'
	isolated fail not_ready intremap=off "${amd[@]}" 'file proc/cmdline "quiet nointremap\n"'
	isolated pass ready IR-PCI-MSI "${amd[@]}" "$REMAPPED" 'file proc/cmdline "intremap=off intremap=on\n"'
	# a configuration that does not name it, and chips that show it
	isolated pass ready IR-PCI-MSI "${amd[@]}" "$REMAPPED" 'file boot/config-6.8.0 "CONFIG_VFIO=m\nCONFIG_VFIO_PCI=m\n"'
	# nothing known, and the IOMMU's own interrupts are nothing
	isolated unknown unknown 'no /proc/interrupts' "${amd[@]}"
	isolated unknown unknown 'no chip' "${amd[@]}" "$OWN"
	isolated unknown unknown 'no log' "${amd[@]}" "$(log 'AMD-Vi: Found IOMMU cap 0x40')"
	# contradictions: the moment beats the log that says yes; what the kernel says that it gave up beats both
	isolated fail not_ready 'no interrupt chip' "${amd[@]}" "$PLAIN" "$(log 'AMD-Vi: Interrupt remapping enabled')"
	isolated fail not_ready 'says that it is off' "${amd[@]}" "$REMAPPED" "$(log 'AMD-Vi: Disabling interrupt remapping')"
	isolated fail not_ready 'says that it is off' "${amd[@]}" "$(log 'AMD-Vi: Disabling interrupt remapping' 'AMD-Vi: Interrupt remapping enabled')"
	# a line that a program wrote into the log
	isolated unknown unknown 'no log' "${amd[@]}" 'file dev/kmsg "14,1,100,-;AMD-Vi: Interrupt remapping enabled\n"'
	isolated pass ready interrupt_remapping "${amd[@]}" 'file dev/kmsg "6,1,100,-;AMD-Vi: Interrupt remapping enabled\n"'
	isolated fail not_ready intremap=nosid "${amd[@]}" "$REMAPPED" 'file proc/cmdline "quiet intremap=on,nosid\n"'
}

@test "interrupts on VT-d: registers and tables are an offer; on, off, not known, and contradictions" {
	local vtd=("$READY" 'remove proc/interrupts' 'remove dev/kmsg')
	isolated pass ready IR-PCI-MSI "${vtd[@]}" "$REMAPPED"
	isolated pass ready x2apic "${vtd[@]}" "$(log 'DMAR-IR: Enabled IRQ remapping in x2apic mode')"
	isolated pass ready xapic "${vtd[@]}" "$(log 'DMAR-IR: Enabled IRQ remapping in xapic mode')"
	isolated pass ready blocked "${vtd[@]}" "$(log 'DMAR: INTR-REMAP: Request device [16:00.0] fault index 0x10 [fault reason 0x22] Present field in the IRTE entry is clear')"
	isolated unknown unknown 'offer it;0x01' "${vtd[@]}"
	isolated unknown unknown 'offer it' "${vtd[@]}" "$OWN"
	isolated unknown unknown 'offer it' "${vtd[@]}" "$(log 'DMAR-IR: Queued invalidation will be enabled to support x2apic and Intr-remapping.')"
	isolated fail not_ready 'DMAR table' "${vtd[@]}" \
		"$(log 'DMAR-IR: [Firmware Bug]: ioapic 0 has no mapping iommu, interrupt remapping will be disabled' 'DMAR-IR: Not enabling interrupt remapping')"
	isolated fail not_ready 'says that it is off' "${vtd[@]}" "$(log 'DMAR-IR: Not enabling interrupt remapping')"
	isolated fail not_ready 'says that it is off' "${vtd[@]}" "$(log 'DMAR-IR: Failed to enable irq remapping. You are vulnerable to irq-injection attacks.')"
	isolated fail not_ready erratum "${vtd[@]}" "$(log 'DMAR-IR: This system BIOS has enabled interrupt remapping')"
	isolated fail not_ready 'get round it' "${vtd[@]}" "$(log 'Compatibility-format IRQs enabled despite intr remapping;')"
	isolated fail not_ready 'VFIO refused' "${vtd[@]}" "$(log 'vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param')"
	isolated fail not_ready 'no interrupt chip' "${vtd[@]}" "$PLAIN"
	isolated fail not_ready 'does not offer it' "${vtd[@]}" 'dmar flags=0x00 width=52 scope="dmar0 16:00.0" atsr=all' "$REMAPPED"
	isolated fail not_ready 'ECAP.IR;allow_unsafe_interrupts' "${vtd[@]}" 'file @dmar0/intel-iommu/ecap "3ef9ea6f050d7\n"' "$REMAPPED"
	isolated fail not_ready 'no interrupt chip' "${vtd[@]}" "$PLAIN" "$(log 'DMAR-IR: Enabled IRQ remapping in x2apic mode')"
	isolated fail not_ready 'says that it is off' "${vtd[@]}" "$REMAPPED" "$(log 'DMAR-IR: Not enabling interrupt remapping')"
	isolated fail not_ready 'says that it is off' "${vtd[@]}" "$(log 'DMAR-IR: Enabled IRQ remapping in x2apic mode' 'DMAR-IR: Not enabling interrupt remapping')"
	isolated unknown unknown 'determine whether interrupts are remapped' "${vtd[@]}" "$REMAPPED" \
		"$(log 'vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param')"
	# one message of five lines, in the shapes in which logs keep it apart
	local message='This system BIOS has enabled interrupt remapping' shape
	message+='%son a chipset that contains an erratum making that%sfeature unstable.'
	for shape in '\n' '\n               ' '\n[    0.072365] ' '#012' '\\x0a' '\\n'; do
		isolated fail not_ready erratum "${vtd[@]}" "file dev/kmsg \"[    0.072365] DMAR-IR: ${message//%s/$shape}\n\""
	done
	# told to give devices away all the same
	isolated fail not_ready 'only because unsafe' "${vtd[@]}" "$PLAIN" 'file sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts "Y\n"'
}

@test "interrupts on Arm and on other units: by the ITS, or not known" {
	local arm=(smmuv3-server "${VFIO[@]}") its='49 4f 52 54' iort
	isolated pass ready ITS-MSI "${arm[@]}" "file proc/interrupts \"$HEAD 11:      30000      30000     GICv3  27 Level     arch_timer\\n 52:          5          0   ITS-MSI 524288 Edge      nvme0q0\\n\""
	isolated pass ready ITS-PCI-MSIX "${arm[@]}" "file proc/interrupts \"$HEAD 54:          0          0 ITS-PCI-MSIX-0000:03:00.0   1 Edge      eth0\\n\""
	isolated fail not_ready GICv2m "${arm[@]}" "file proc/interrupts \"$HEAD 30:          7          0 GICv2m-PCI-MSI-0000:01:00.0   0 Edge      nvme0q0\\n\""
	isolated unknown unknown 'no chip' "${arm[@]}" "file proc/interrupts \"$HEAD 11:      30000      30000     GICv3  27 Level     arch_timer\\n\""
	isolated unknown unknown 'no /proc/interrupts' "${arm[@]}"
	# a host bridge that has its own interrupts, beside one that uses the ITS
	isolated unknown unknown 'chips without one' "${arm[@]}" "file proc/interrupts \"$HEAD 52:          5          0   ITS-PCI-MSI 524288 Edge      nvme0q0\\n 60:          1          0   PCI-MSI 1 Edge      eth0\\n\""
	# firmware: a header, and a node of a root complex (2) before that of an ITS group (0) with one ITS, or without
	iort="$its 5c 00 00 00 00*28 02 00 00 00 30 00 00 00 00*4 02 14 00 00*13 00*4 00 18 00 00*13 01 00 00 00 00*4"
	isolated pass ready 'IORT;ITS' "${arm[@]}" "binary sys/firmware/acpi/tables/IORT \"$iort\""
	isolated unknown unknown 'no /proc/interrupts' "${arm[@]}" "binary sys/firmware/acpi/tables/IORT \"${iort/ 01 00 00 00 00\*4/ 00 00 00 00 00*4}\""
	isolated unknown unknown 'no /proc/interrupts' "${arm[@]}" "binary sys/firmware/acpi/tables/IORT \"$its ff*60\""
	isolated unknown unknown 'no chip' "${arm[@]}" "binary sys/firmware/acpi/tables/IORT \"$iort\"" \
		"file proc/interrupts \"$HEAD 11:      30000      30000     GICv3  27 Level     arch_timer\\n\""
	isolated unknown unknown 'no /proc/interrupts' "${arm[@]}" "binary sys/firmware/acpi/tables/IORT \"${iort%% 02 14*} 02 00 00 00*13 00*4\""
	isolated pass ready 'gic-v3-its' "${arm[@]}" 'file sys/firmware/devicetree/base/intc@8000000/its@8080000/compatible "arm,gic-v3-its\x00"'
	isolated pass ready 'gic-v3-its' "${arm[@]}" 'file sys/firmware/devicetree/base/soc@0/interrupt-controller@17a00000/msi-controller@17a40000/compatible "arm,gic-v3-its\x00"'
	isolated unknown unknown 'no /proc/interrupts' "${arm[@]}" 'file sys/firmware/devicetree/base/intc@8000000/v2m@8020000/compatible "arm,gic-v2m-frame\x00"'
	# an IOMMU that remaps no interrupts, on a machine whose chips say that nothing else does
	isolated fail not_ready 'no interrupt chip' virtio-guest "${VFIO[@]}" "$PLAIN"
	isolated unknown unknown 'no /proc/interrupts' virtio-guest "${VFIO[@]}"
}

@test "interrupts: what the kernel gave away with --probe counts, and a requirement is not met by what is not known" {
	machine amd-desktop "${VFIO[@]}"
	nest 3 check --for passthrough --require interrupt_remapping --json
	assert_json '.requirements[0].result == "unknown"'
	machine amd-desktop "${VFIO[@]}" "$PLAIN"
	nest 1 check --for passthrough --require interrupt_remapping
	machine amd-desktop "${VFIO[@]}" "$REMAPPED"
	nest 0 check --for passthrough --require interrupt_remapping
	local module
	for module in vfio_iommu_type1 iommufd; do
		fake iommufd-nested "#tree file sys/module/$module/parameters/allow_unsafe_interrupts \"N\n\""
		nest 0 check --probe --require interrupt_remapping 0000:00:01.0 --json
		assert_json 'any(.findings[]; .id == "interrupts.isolated" and .result == "pass" and (tostring | contains("accepted the device")))'
	done
	fake iommufd-nested '#tree file sys/module/iommufd/parameters/allow_unsafe_interrupts "Y\n"'
	nest 3 check --probe --require interrupt_remapping 0000:00:01.0
	fake iommufd-nested
	nest 3 check --probe --require interrupt_remapping 0000:00:01.0
}

@test "kernels: too old, without iommufd, without device nodes, with unsafe settings" {
	planted 1 'fail kernel.nesting_abi' 'Linux 6.8' '' 'file proc/sys/kernel/osrelease "6.1.0\n"' \
		'file proc/version "Linux version 6.1.0\n"'
	planted 1 'fail kernel.iommufd' CONFIG_IOMMUFD '' 'remove sys/module/iommufd' 'remove sys/class/misc/iommu' \
		'file lib/modules/6.12.0/modules.builtin "kernel/drivers/base/x.ko\n"' \
		'file lib/modules/6.12.0/modules.dep "kernel/drivers/net/veth.ko:\n"' \
		'file boot/config-6.12.0 "CONFIG_VFIO=m\nCONFIG_VFIO_DEVICE_CDEV=y\nCONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON=y\nCONFIG_IRQ_REMAP=y\n"'
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

# modules RESULT WORDS STATEMENT...: what kernel.vfio_pci and kernel.iommufd say where neither is in use and no
# configuration tells; WORDS must be in the evidence or the summary. A report must say the same.
modules() {
	local result=$1 words=$2 report
	shift 2
	machine $READY 'remove boot/config-6.12.0' 'remove sys/module/iommufd' 'remove sys/class/misc/iommu' \
		'remove sys/module/vfio_pci' 'remove sys/bus/pci/drivers/vfio-pci' \
		'device 0000:16:00.0 parent=0000:15:01.0 id=15b3:a2dc class=020000 group=11 unit=dmar0' \
		'device 0000:17:00.0 id=8086:1572 class=020000 group=13 unit=dmar0' 'remove @0000:16:00.0/driver' \
		'remove @0000:17:00.0/driver' 'dir sys/class/misc' "$@"
	same_modules "$result" "$words"
	report=$BATS_TEST_TMPDIR/report.json
	"$NESTCTL" --sysroot "$TREE" report -o "$report" >/dev/null
	TREE=
	same_modules "$result" "$words" --from "$report"
}

same_modules() {
	local rule status=0
	OUT=$BATS_TEST_TMPDIR/out
	ERR=$BATS_TEST_TMPDIR/err
	timeout 20 "$NESTCTL" ${TREE:+--sysroot "$TREE"} "${@:3}" check --json >"$OUT" 2>"$ERR" </dev/null || status=$?
	for rule in kernel.vfio_pci kernel.iommufd; do
		jq -e --arg id $rule --arg result "$1" --arg words "$2" \
			'any(.findings[]; .id == $id and .result == $result and (tostring | contains($words)))' "$OUT" >/dev/null ||
			blame "$rule is not $1, or does not say: $2"
	done
}

@test "modules: wherever depmod has found them, however compressed; unknown is not no" {
	local both='kernel/drivers/vfio/pci/vfio-pci.ko:\nkernel/drivers/iommu/iommufd/iommufd.ko:\n'
	local lists=lib/modules/6.12.0 end
	modules pass 'can be loaded' "file $lists/modules.dep \"$both\""
	for end in '' .xz .zst .gz; do
		modules pass "updates/dkms/" "file $lists/modules.dep \"updates/dkms/vfio-pci.ko$end: kernel/vfio.ko$end\nupdates/dkms/iommufd.ko$end:\n\""
	done
	modules pass weak-updates "file $lists/modules.dep \"weak-updates/vfio/vfio_pci.ko.xz:\nweak-updates/iommufd.ko.xz:\n\""
	modules pass extra/ "file $lists/modules.dep \"extra/vfio_pci.ko:\nextra/iommufd.ko:\n\""
	modules pass /elsewhere/ "file $lists/modules.dep \"/elsewhere/vfio-pci.ko:\n/elsewhere/iommufd.ko:\n\""
	# a folder of another layout, and a link to it
	modules pass 'can be loaded' "file usr/$lists/modules.dep \"$both\""
	modules pass 'can be loaded' "file usr/$lists/modules.dep \"$both\"" 'link lib usr/lib'
	modules pass 'can be loaded' "file run/booted-system/kernel-modules/$lists/modules.dep \"$both\""
	# built in, with and without a list of the others
	modules pass 'built in' "file $lists/modules.dep \"\"" \
		"file $lists/modules.builtin \"kernel/drivers/vfio/pci/vfio-pci.ko\nkernel/drivers/iommu/iommufd/iommufd.ko\n\""
	modules pass 'built in' "file $lists/modules.builtin \"kernel/drivers/vfio/pci/vfio-pci.ko\nkernel/drivers/iommu/iommufd/iommufd.ko\n\""
	# on the blacklist, which keeps nobody from loading it by its name
	modules pass 'can be loaded' "file $lists/modules.dep \"$both\"" \
		'file etc/modprobe.d/x.conf "blacklist vfio-pci\nblacklist iommufd\n"'
	# the lists are there and name neither; others that are like it in name do not count, nor do dependencies
	modules fail 'does not name it' "file $lists/modules.dep \"kernel/vfio-pci-core.ko: kernel/vfio-pci.ko kernel/iommufd.ko\nkernel/xiommufd.ko:\n\"" \
		"file $lists/modules.builtin \"kernel/drivers/base/x.ko\n\""
	# by another name alone
	modules pass acme "file $lists/modules.dep \"extra/acme_pci.ko:\nextra/acme-fd.ko:\n\"" \
		"file $lists/modules.alias \"# aliases\nalias vfio-pci acme_pci\nalias iommufd acme_fd\nalias pci:v*vfio-pci acme_pci\n\""
	modules fail 'does not name it' "file $lists/modules.dep \"extra/other.ko:\n\"" "file $lists/modules.builtin \"\"" \
		"file $lists/modules.alias \"alias vfio-pci acme_pci\nalias iommufd acme_fd\n\""
	# nothing to read, or not by this user
	modules unknown 'No such file' 'dir lib/modules/6.12.0'
	modules unknown 'No such file'
	modules unknown 'No such file' "file $lists/modules.builtin \"kernel/drivers/base/x.ko\n\""
	modules unknown 'No such file' "file $lists/modules.dep \"kernel/drivers/base/x.ko:\n\""
	# depmod has not been run
	modules warn 'unknown to modprobe' "file $lists/modules.dep \"kernel/drivers/base/x.ko:\n\"" "file $lists/modules.builtin \"\"" \
		"file $lists/kernel/drivers/vfio/pci/vfio-pci.ko.xz \"\"" "file $lists/kernel/drivers/iommu/iommufd/iommufd.ko \"\""
}

@test "modules: lists as long as those of a distribution, in whose middle they are" {
	local list
	cp -a "$(machine $READY 'remove boot/config-6.12.0' 'remove sys/module/iommufd' 'remove sys/class/misc/iommu' \
		'remove sys/module/vfio_pci' 'remove sys/bus/pci/drivers/vfio-pci' 'dir sys/class/misc' \
		'dir lib/modules/6.12.0' && echo "$TREE")" "$BATS_TEST_TMPDIR/tree"
	TREE=$BATS_TEST_TMPDIR/tree
	list=$TREE/lib/modules/6.12.0/modules
	{
		printf 'kernel/drivers/net/ethernet/vendor/driver%d.ko.xz: kernel/lib/crc.ko.xz\n' {1..9000}
		printf 'updates/dkms/vfio-pci.ko.zst: kernel/drivers/vfio/vfio.ko.zst\nextra/acme.ko:\n'
		printf 'kernel/sound/card%d.ko.xz:\n' {1..3000}
	} >"$list.dep"
	{
		printf 'alias pci:v%08Xd*sv*sd*bc*sc*i* driver%d\n' {1..16000}
		echo 'alias iommufd acme'
	} >"$list.alias"
	[ "$(wc -c <"$list.dep")" -gt 600000 ]
	same_modules pass ''
	assert_json 'any(.findings[]; .id == "kernel.vfio_pci" and (tostring | contains("updates/dkms")))'
	"$NESTCTL" --sysroot "$TREE" report -o "$BATS_TEST_TMPDIR/report.json" >/dev/null
	[ "$(wc -c <"$BATS_TEST_TMPDIR/report.json")" -lt 400000 ]
	TREE=
	same_modules pass '' --from "$BATS_TEST_TMPDIR/report.json"
	assert_json 'any(.findings[]; .id == "kernel.iommufd" and (tostring | contains("alias iommufd acme")))'
}

@test "modules whose lists may not be read are not missing" {
	machine $READY 'remove boot/config-6.12.0' 'remove sys/module/iommufd' 'remove sys/class/misc/iommu' 'dir sys/class/misc' \
		'file lib/modules/6.12.0/modules.dep "kernel/x.ko:\n"' 'file lib/modules/6.12.0/modules.builtin "kernel/y.ko\n"'
	cp -a "$TREE" "$BATS_TEST_TMPDIR/tree"
	TREE=$BATS_TEST_TMPDIR/tree
	chmod 000 "$TREE/lib/modules/6.12.0/modules.dep"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" 2>/dev/null || :
	as_nobody
	nest 3 check --json
	assert_json 'any(.findings[]; .id == "kernel.iommufd" and .result == "unknown" and (.summary | contains("Permission denied")))'
}

@test "a module that a package that is not installed has: the kernel is the right one" {
	planted 1 'fail kernel.iommufd' "rest of the kernel's modules" '' 'remove sys/module/iommufd' 'remove sys/class/misc/iommu' \
		'file lib/modules/6.12.0/modules.builtin ""' 'file lib/modules/6.12.0/modules.dep "kernel/drivers/net/veth.ko:\n"'
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
	# Each unit is used by what it has itself.
	planted 0 'warn units.differ' '' '' 'file dev/kmsg "4,9,9,-;DMAR: IOMMU feature smts inconsistent\n"'
	assert_json 'all(.findings[] | select(.id == "kernel.scalable" or .id == "unit.nesting"); .result != "fail")'
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

@test "an option that keeps the IOMMU off is told where /sys shows too little" {
	machine none-kernel 'remove sys/kernel'
	nest 3 check --json
	assert_json 'any(.findings[]; .id == "iommu.disabled" and .result == "unknown" and (.summary | contains("intel_iommu=off")))'
	machine none-kernel 'file proc/cmdline ""'
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "iommu.disabled" and .result == "unknown")'
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
	for name in nobody-here '' q qemu: -1 4294967295; do
		nest 2 check "--user=$name" --json
		[ -z "$output" ]
		[ "$error" = "vfio-nestctl: --user: no such user '$name'" ]
	done
	# A number is a user: the one of the list with its groups, or one that is in no list.
	nest 1 check --user 64055 --json
	assert_json 'any(.findings[]; .id == "node.iommufd" and (.remedy | contains("usermod -aG vfio qemu")))'
	nest 0 check --user 0
	nest 3 check --user 4711 --json
	assert_json 'any(.findings[]; .id == "node.iommufd" and .result == "unknown" and (.summary | contains("not all groups")))'
	machine $READY 'file dev/iommu ""'
	nest 2 check --user nobody-here
	[ "$error" = "vfio-nestctl: --user: no such user 'nobody-here': there is no /etc/passwd here (a number will do)" ]
	nest 3 check --user 4711
	# What a list that cannot be read holds is not known.
	machine $READY 'file dev/iommu ""' 'dir etc/passwd'
	nest 3 check --user nobody-here --json
	assert_json 'any(.findings[]; .id == "node.iommufd" and .result == "unknown" and (.summary | contains("/etc/passwd cannot be read")))'
	TREE=
	nest 2 check --user no-user-of-this-name
	[ "$error" = "vfio-nestctl: --user: no such user 'no-user-of-this-name'" ]
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
	for name in nosuch ../../etc/passwd libvirtd.socket ''; do
		nest 2 check --memory 16G --service "$name" --json
		[ -z "$output" ]
		[ "$error" = "vfio-nestctl: --service: no such service '$name'" ]
	done
	# One that is installed and does not run has no limits to read.
	for name in stopped:stopped ssh@1:ssh@ stopped.service:stopped; do
		machine $READY "file usr/lib/systemd/system/${name#*:}.service \"\""
		nest 3 check --memory 16G --service "${name%:*}" --json
		assert_json 'any(.findings[]; .id == "memory.lock" and .result == "unknown")'
	done
	TREE=
	nest 2 check --service no-service-of-this-name
	[ "$error" = "vfio-nestctl: --service: no such service 'no-service-of-this-name'" ]
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
	assert_says 'requirements met: 2 of 2' 'nesting=yes'
	printf 'nesting=yes\nnestign\n' >"$BATS_TEST_TMPDIR/policy"
	nest 2 check --policy "$BATS_TEST_TMPDIR/policy"
	assert_warns ':2: no such name'
	head -c 100000 /dev/zero >"$BATS_TEST_TMPDIR/policy"
	nest 2 check --policy "$BATS_TEST_TMPDIR/policy"
	nest 2 check --policy /nosuch
	# None is not met by a host that is ready, and none is lost.
	printf '# pool\n\n' >"$BATS_TEST_TMPDIR/policy"
	nest 2 check --policy "$BATS_TEST_TMPDIR/policy"
	assert_warns "$BATS_TEST_TMPDIR/policy holds no requirement"
	nest 2 check --policy "$BATS_TEST_TMPDIR/policy" --policy "$BATS_TEST_TMPDIR/policy"
	assert_warns '--policy can be given once'
	local bad
	for bad in nosuch kernel kernel= kernel~6 'nesting>yes' 'kernel>=six' '' units.nesting abi \
		driver units.nesting=maybe 'units.nesting!=yes' nesting=maybe nesting=ye \
		'nesting=yes, no' abi=vfio ready=1; do
		nest 2 check --require "$bad"
		[ -z "$output" ]
		[[ $error == "vfio-nestctl: --require: invalid argument '$bad': "* ||
			$error == "vfio-nestctl: unknown requirement '"* ]]
		# The second line says where to read more.
		[ "$(wc -l <"$ERR")" -eq 2 ]
	done
	nest 2 check --require units.nesting=maybe
	assert_warns 'the value is one of: all, some, none'
	nest 2 check --memory lots
	nest 2 check --memory 99999999999T
	nest 2 check --for fun
	nest 2 check --devices 0
	nest 2 check --devices 2
	assert_warns '--devices needs --memory'
}

@test "PASID bits are those of the unit, whatever its vendor" {
	machine amd-desktop
	nest 0 check --require 'pasid_bits=16' --json
	assert_json '.requirements[0] | .found == "16" and .result == "pass"'
	machine amd-desktop 'file @ivhd0/amd-iommu/features "841f77e022094ace:0\n"'
	nest 1 check --require 'pasid_bits>0' --json
	assert_json '.requirements[0] | .found == "0" and .result == "fail"'
	machine smmuv3-server
	nest 3 check --require 'pasid_bits>0' --json
	assert_json '.requirements[0] | .result == "unknown" and (has("found") | not)'
}

@test "--require help lists the requirements, each with the values that it takes" {
	nest 0 check --require help
	[ -z "$error" ]
	cp "$OUT" "$BATS_TEST_TMPDIR/list"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/list")" -ge 13 ]
	machine $READY
	while read -r name values; do
		values=$(sed -E 's/   *.*//' <<<"$values")
		# One of each kind of value is taken, and no other word.
		case $values in
		number) good=3 ;;
		release) good=6.12 ;;
		name) good=vfio-pci ;;
		*) good=${values%%,*} ;;
		esac
		status=0
		"$NESTCTL" -q --sysroot "$TREE" check --require "$name=$good" >"$OUT" || status=$?
		[[ $status == [013] ]] || blame "$name=$good: status $status"
		[ "$values" = name ] || nest 2 check --require "$name=maybe"
	done <"$BATS_TEST_TMPDIR/list"
	nest 0 -v check --nagios --require help
	cmp "$OUT" "$BATS_TEST_TMPDIR/list"
}

@test "the manual tells the values that each requirement takes" {
	nest 0 check --require help
	while read -r name values; do
		case $values in
		number* | release* | name*) continue ;;
		esac
		sed -n "/^\.B $name\$/,/^\.TP/{s/\\\\-/-/g; p}" "$ROOT/man/vfio-nestctl-check.7" |
			tr '\n' ' ' | grep -qF ": ${values%%  *}." || blame "$name"
	done <"$OUT"
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

@test "as a Nagios plugin it prints its line, and says unknown, where it cannot start too" {
	local arguments want
	machine $READY
	while IFS='|' read -r arguments want; do
		# shellcheck disable=SC2086 # words
		nest 3 -q check --nagios $arguments
		[[ $output == "VFIO-NESTCTL UNKNOWN - $want"* ]] || blame "$arguments"
		[ "$(wc -l <"$OUT")" -eq 1 ]
	done <<-END
		99:00.0|99:00.0 was not found
		15b3:a2dc|15b3:a2dc matches 2 devices: 0000:16:00.0, 0000:16:00.1; name one of them
		--policy /nonexistent|cannot read /nonexistent: No such file or directory
		--service nosuch|--service: no such service 'nosuch'
	END
	nest 2 check 15b3:a2dc
	assert_warns '15b3:a2dc matches 2 devices'
	TREE=
	nest 3 -q check --nagios --sysroot /nonexistent
	[ "$output" = 'VFIO-NESTCTL UNKNOWN - /nonexistent cannot be opened: No such file or directory' ]
	nest 3 -q check --nagios --from /nonexistent
	[ "$output" = 'VFIO-NESTCTL UNKNOWN - /nonexistent cannot be read: No such file or directory' ]
	nest 3 check --from /nonexistent
	[ -z "$output" ]
}

@test "as a Nagios plugin it gives up after the time it is given" {
	mkfifo "$BATS_TEST_TMPDIR/never"
	nest 3 check --nagios -t 1 --from "$BATS_TEST_TMPDIR/never"
	[ "$output" = 'VFIO-NESTCTL UNKNOWN - not done after 1 s' ]
	machine $READY
	nest 0 check --nagios --timeout=60
	nest 2 check --timeout 60
	grep -qF -e '--timeout needs --nagios' "$ERR"
	nest 2 check --nagios -t soon
	# It gives up with a line, so a document is refused.
	local format
	for format in json tap prometheus; do
		nest 2 check --nagios -t 60 --format $format
		grep -qF -e "--timeout does not support --format $format" "$ERR"
	done
	nest 0 check --nagios --json
}

@test "each device bound to a VFIO driver is looked at, however many there are" {
	machine $READY 'repeat 100' 'device 0000:40:{i>>3:%02x}.{i&7} id=8086:1889 class=020000 driver=vfio-pci group={100+i} unit=dmar0 caps=exp:flr,msix' \
		end 'group 199 region="0xaec16000 0xaec16fff direct"'
	nest 0 check
	assert_says 'ready for nested, with warnings' 'WARN    device.rmrr (0000:40:0c.3)'
	nest 1 check --nagios
}

@test "a device behind a unit that cannot nest is no reason for another machine where another unit nests" {
	machine spr-mixed
	nest 1 check 00:02.0
	assert_says 'FAIL    unit.nesting, device.nesting (dmar2, 0000:00:02.0)' 'list --nestable' 'UNKNOWN kernel.iommufd'
	refute_says 'use a machine' 'moot '
	machine laptop-trap
	nest 1 check 00:02.0
	assert_says 'use a machine' 'moot '
}

@test "a host that is ready is not sent to a device that cannot do it" {
	local broken=('unit dmar1 vtd version=1:0 address=fed90000 cap=d2008c40660462 ecap=f050da' 'unit dmar2 vtd'
		'device 0000:01:00.0 id=8086:1572 class=020000 driver=vfio-pci group=1 unit=dmar1'
		'device 0000:02:00.0 id=8086:1572 class=020000 driver=vfio-pci group=2 unit=dmar2'
		'group 11 region="0xaec16000 0xaec16fff direct"')
	machine $READY "${broken[@]}"
	nest 0 check
	assert_says 'roundtrip 0000:17:00.0'
	machine $READY "${broken[@]}" 'device 0000:17:00.1 id=8086:1572 class=020000 driver=i40e group=13 unit=dmar0'
	nest 0 check
	assert_says 'group.viable (13)' 'choose a device'
	refute_says 'roundtrip 0000'
	nest 0 check --for passthrough
	assert_says 'roundtrip 0000:01:00.0'
}

@test "a device that is named twice is one device" {
	machine $READY
	nest 0 check 0000:16:00.0 16:00.0 /dev/vfio/devices/vfio0
	assert_says '0000:16:00.0 is ready for nested'
	nest 0 check 0000:16:00.0 --json
	cp "$OUT" "$BATS_TEST_TMPDIR/once"
	nest 0 check 16:00.0 pci_0000_16_00_0 --json
	cmp "$OUT" "$BATS_TEST_TMPDIR/once"
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

# Of each device that was named, in their order, what the kernel answered.
# shellcheck disable=SC2016 # words of jq
asked() { assert_json '[.findings[] | select(.id == "probe.nesting") | "\(.subject) \(.result)"] == $ARGS.positional' --args "$@"; }

@test "--probe asks about each device that was named, and none speaks for another" {
	local two='device=0000:00:04.0 model=edu group=14' bare='device=0000:00:05.0 model=none driver=none group=15'
	local bridge='#tree device 0000:00:06.0 id=1b36:000c class=060400 driver=pcieport group=14 unit=smmu3.0x0000000002b00000'
	# shellcheck disable=SC2016 # jq's variables
	{
		fake iommufd-smmuv3 "$two" "$bare"
		nest 3 check --probe --json 0000:00:01.0 0000:00:04.0
		asked '0000:00:01.0 pass' '0000:00:04.0 pass'
		assert_json 'all(.findings[] | select(.id == "device.nesting"); .subject as $name | .result == "pass" and any(.evidence[]; .source == "probe" and .value == $name))'
		# the unit nests, which is no answer for a device that could not be asked
		nest 1 check --probe --json 0000:00:05.0 0000:00:01.0 --require nesting --require abi=iommufd --require viommu --require ats
		asked '0000:00:05.0 unknown' '0000:00:01.0 pass'
		said unit.nesting pass 'a nested table for 0000:00:01.0'
		said smmu.canwbs pass 'a vIOMMU for 0000:00:01.0'
		assert_json 'any(.findings[]; .id == "device.nesting" and .subject == "0000:00:05.0" and .result == "unknown" and (.remedy | contains("vfio-nestctl probe 0000:00:05.0")))'
		assert_json '[.requirements[] | .found // "not known"] == ["not known", "not known", "not known", "no"]'
		nest 0 check --probe --json 0000:00:01.0 0000:00:04.0 --require nesting --require abi=iommufd --require viommu
		# one that cannot nest is enough for a no, in either order
		fake iommufd-smmuv3 "$two" "$bridge"
		nest 1 check --probe --json 0000:00:01.0 0000:00:04.0 --require abi!=none
		asked '0000:00:01.0 pass' '0000:00:04.0 fail'
		nest 1 check --probe --json 0000:00:04.0 0000:00:01.0
		asked '0000:00:04.0 fail' '0000:00:01.0 pass'
		assert_json '.verdict == "not_ready"'
	}
	# an erratum is told of the devices that it is about, and interrupts are isolated if both were accepted
	fake iommufd-nested "$two" "$bare" '#tree file sys/module/iommufd/parameters/allow_unsafe_interrupts "N\n"'
	nest 1 check --probe --json 0000:00:01.0 0000:00:05.0
	said interrupts.isolated unknown
	nest 0 check --probe --json 0000:00:01.0 0000:00:04.0
	said interrupts.isolated pass 'the kernel accepted the devices'
	assert_json '[.findings[] | select(.id == "probe.erratum") | .subject] == ["0000:00:01.0", "0000:00:04.0"]'
	nest 0 check --probe 0000:00:01.0 0000:00:04.0
	assert_says 'probe.erratum (0000:00:01.0, 0000:00:04.0)'
	# of none named, the first that a VFIO driver has speaks for the host
	nest 0 check --probe --json
	asked '0000:00:01.0 pass'
}

@test "--probe of several devices: one is closed before the next is opened, and no failure hides the others" {
	local calls=$BATS_TEST_TMPDIR/calls
	fake iommufd-nested 'device=0000:00:04.0 model=edu group=14' '#tree file sys/module/iommufd/parameters/allow_unsafe_interrupts "N\n"'
	nest 0 check --probe --transcript "$calls" 0000:00:01.0 0000:00:04.0
	holds "$calls" all '[.[] | select(.object == "/dev/iommu" and (.call == "open" or .call == "close")) | .call] == ["open", "close", "open", "close"]'
	holds "$calls" all '[.[] | select(.call == "open") | .object | select(startswith("/dev/vfio/devices/"))] == ["/dev/vfio/devices/vfio0", "/dev/vfio/devices/vfio2"]'
	export NESTCTL_FAKE_FAIL=VFIO_DEVICE_BIND_IOMMUFD@1:EBUSY
	nest 3 check --probe --json 0000:00:01.0 0000:00:04.0
	asked '0000:00:01.0 unknown' '0000:00:04.0 pass'
	# what cannot be given back has its own status, and is told with its device
	NESTCTL_FAKE_FAIL=IOMMU_DESTROY@1:EBUSY
	nest 4 check --probe --json 0000:00:01.0 0000:00:04.0
	asked '0000:00:01.0 pass' '0000:00:04.0 pass'
	assert_warns '0000:00:01.0 could not be released'
	unset NESTCTL_FAKE_FAIL
	# a signal: those that were not asked are unknown
	export NESTCTL_FAKE_SIGNAL=70:TERM
	nest 143 check --probe --json 0000:00:01.0 0000:00:04.0
	assert_json '.verdict == "unknown" and any(.findings[]; .id == "probe.nesting" and .subject == "0000:00:04.0" and .result == "unknown" and (.summary | contains("a signal ended the probe")))'
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

@test "every rule and every requirement is in the manual, a rule with its title" {
	local page=$ROOT/man/vfio-nestctl-check.7 rules=$BATS_TEST_TMPDIR/rules id title
	perl -0ne 'print "$1\t\u$2\n" while /\{ "([a-z]+\.[a-z0-9_]+)",\s+NEST_SUBJECT[^"]*"([^"]*)",\s+\w+ \}/g' \
		"$ROOT"/lib/check/rules-*.c >"$rules"
	[ "$(wc -l <"$rules")" -gt 50 ]
	[ "$(cut -f1 "$rules" | sort | uniq -d)" = '' ]
	while IFS=$'\t' read -r id title; do
		sed -n "/^\.B ${id/./\\.}\$/,/^\.TP/{s/\\\\-/-/g; s/\\\\(aq/'/g; p}" "$page" | tr '\n' ' ' |
			grep -qF ".B $id $title" || blame "$id with \"$title\" is not in $page"
	done <"$rules"
	while read -r id; do
		grep -qxF ".B $id" "$page" || blame "$id is not in $page"
	done < <("$NESTCTL" check --require help | awk '{ print $1 }')
}


@test "on the described machines at most seven findings on four machines are shown, and none that must be acted on is hidden" {
	local name id result subject shown=0 machines=0 want
	for name in "$ROOT"/tests/machines/*.machine; do
		name=$(basename "$name" .machine)
		machine "$name"
		"$NESTCTL" -q --sysroot "$TREE" check >"$BATS_TEST_TMPDIR/screen" || :
		"$NESTCTL" -q --sysroot "$TREE" check --json >"$BATS_TEST_TMPDIR/json" || :
		"$NESTCTL" -q --sysroot "$TREE" check --for passthrough --json >"$BATS_TEST_TMPDIR/pass" || :
		shown=$((shown + $(grep -cE '^(FAIL|UNKNOWN|WARN) ' "$BATS_TEST_TMPDIR/screen" || :)))
		machines=$((machines + 1))
		# Each failure and warning is listed by its rule and subject, unless it is moot; so is each unknown.
		jq -r '.findings[] | select(.moot | not) | select(.result | IN("fail", "warn", "unknown")) |
			"\(.result | ascii_upcase)\t\(.id)\t\(.subject)"' "$BATS_TEST_TMPDIR/json" >"$BATS_TEST_TMPDIR/want"
		while IFS=$'\t' read -r result id subject; do
			sed -z 's/\n        \([^ ]\)/ \1/g' "$BATS_TEST_TMPDIR/screen" |
				grep -E "^$result +[a-z0-9_., ]*\b${id//./\\.}\b" | grep -qF -- "$subject" ||
				blame "$name hides $result $id $subject"
		done <"$BATS_TEST_TMPDIR/want"
		# What is moot is no failure or warning of a device that is only passed through.
		want=$(jq -r '.findings[] | select(.result | IN("fail", "warn")) | "\(.id) \(.subject)"' "$BATS_TEST_TMPDIR/pass" | sort)
		jq -r '.findings[] | select(.moot and (.result | IN("fail", "warn"))) | "\(.id) \(.subject)"' "$BATS_TEST_TMPDIR/json" |
			sort >"$BATS_TEST_TMPDIR/moot"
		[ -z "$(comm -12 <(printf '%s\n' "$want") "$BATS_TEST_TMPDIR/moot")" ] || blame "$name"
		# And what is moot is named.
		while read -r id; do
			sed -n '/^  moot/,/^[0-9]/p' "$BATS_TEST_TMPDIR/screen" | grep -qF "$id" || blame "$name lost $id"
		done < <(jq -r '.findings[] | select(.moot) | .id' "$BATS_TEST_TMPDIR/json" | sort -u)
	done
	echo "$shown findings on $machines machines"
	[ "$machines" -ge 23 ]
	[ $((4 * shown)) -le $((7 * machines)) ]
}

@test "of many units that lack the same each is named" {
	machine laptop-trap 'repeat 60' 'unit dmar{100+i} vtd version=1:0 address=fed9{i:%04x} cap=d2008c40660462 ecap=f050da' end
	nest 1 check
	tr -s ' \n' ' ' <"$OUT" | grep -E 'FAIL unit\.nesting \(dmar0, dmar1, dmar100, [a-z0-9, ]* and [0-9]+ more\) '
	tr -s ' \n' ' ' <"$OUT" | grep -E ' dmar1, dmar100, [a-z0-9, ]* and [0-9]+ more: the unit cannot nest'
	# How many are left out is right.
	local shown more
	shown=$(sed -n '/^FAIL/,/)/p' "$OUT" | grep -o 'dmar[0-9]*' | wc -l)
	more=$(sed -n '/^FAIL/,/)/p' "$OUT" | tr -s ' \n' ' ' | sed -E 's/.*and ([0-9]+) more.*/\1/')
	[ $((shown + more)) -eq 62 ]
	[ "$(wc -L <"$OUT")" -le 100 ]
	# All of them: with -v, and in JSON.
	nest 1 check -v
	[ "$(grep -c '^FAIL    unit.nesting (dmar' "$OUT")" -eq 62 ]
	nest 1 check --json
	assert_json '[.findings[] | select(.id == "unit.nesting")] | length == 62'
}

@test "on a terminal of 80 columns no line of list, check and show is wider, and commands can be pasted" {
	command -v script >/dev/null || skip 'script is not installed'
	local name dev unit
	for name in "$ROOT"/tests/machines/*.machine; do
		name=$(basename "$name" .machine)
		machine "$name"
		dev=$(find "$TREE/sys/bus/pci/devices/" -mindepth 1 -printf '%f\n' 2>/dev/null | sort | tail -n 1)
		unit=$(find "$TREE/sys/class/iommu/" -mindepth 1 -printf '%f\n' 2>/dev/null | sort | head -n 1)
		while read -r arguments; do
			# shellcheck disable=SC2086 # words
			terminal 80 $arguments
			[ "$(wc -L <"$TERMINAL")" -le 80 ] || { OUT=$TERMINAL; blame "$name $arguments"; return 1; }
		done < <(printf 'list\nlist -T\ncheck\ncheck --for sva\ncheck --for passthrough\n'
			[ -z "$dev" ] || printf '%s\n' "check $dev" "show $dev"
			[ -z "$unit" ] || printf '%s\n' "show $unit")
	done
	# The lines of a command are one command, and those of a comment are comments.
	machine vmd
	terminal 80 check 10000:e2:00.0
	sed -n '/^    modprobe/,/^WARN/p' "$TERMINAL" | grep '^    [^ #]\|^      ' | tr -s ' \n' ' ' >"$BATS_TEST_TMPDIR/pasted"
	grep -F 'modprobe vfio-pci && echo vfio-pci > /sys/bus/pci/devices/10000:e2:00.0/driver_override && echo 10000:e2:00.0 > /sys/bus/pci/devices/10000:e2:00.0/driver/unbind && echo 10000:e2:00.0 > /sys/bus/pci/drivers_probe' \
		"$BATS_TEST_TMPDIR/pasted"
	[ "$(sed -n '/^    # to go back/,/^WARN/p' "$TERMINAL" | grep -c '^    #')" -eq 3 ]
	bash -n <(sed -n '/^    modprobe/,/^WARN/p' "$TERMINAL" | sed '$d')
	# In a file each is a line.
	nest 1 check 10000:e2:00.0
	assert_says 'modprobe vfio-pci && echo vfio-pci > /sys/bus/pci/devices/10000:e2:00.0/driver_override && '
}

@test "what one thing causes is one finding: of a unit and a device behind it, and of one device's faults" {
	# The unit that cannot nest, and the device that is behind it, with one remedy.
	machine laptop-trap
	nest 1 check 00:14.2
	assert_says 'FAIL    unit.nesting, device.nesting (dmar1, 0000:00:14.2)'
	[ "$(grep -c 'cannot nest' "$OUT")" -eq 1 ]
	refute_says '--nestable'
	nest 1 check 00:14.2 --json
	assert_json '[.findings[] | select(.id == "device.nesting" or .id == "unit.nesting") | .remedy] | length == 2 and (unique | length == 1)'
	assert_json 'all(.findings[]; .id != "device.nesting" or (.moot | not))'
	machine smmuv3-server
	nest 1 check 0001:75:00.0
	tr -s ' \n' ' ' <"$OUT" | grep -F 'UNKNOWN unit.registers, unit.nesting, device.nesting (smmu3.0x0000000148000000, 0001:75:00.0)'
	# Of a remedy there is one wording.
	nest 1 check
	[ "$(sed -n '/^UNKNOWN unit.registers/,/^[A-Z]* *smmu/p' "$OUT" | grep -cx ' *vfio-nestctl probe 0001:75:00.1')" -eq 1 ]
	refute_says 'asks the kernel'
	# Faults of a device with different reasons have one heading; another device has its own.
	machine $READY 'file dev/kmsg "4,9,9,-;DMAR: [DMA Read NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x06] PTE Read access is not set\n4,10,10,-;DMAR: [DMA Write NO_PASID] Request device [16:00.0] fault addr 0xdead000 [fault reason 0x05] PTE Write access is not set\n4,11,11,-;DMAR: [DMA Write NO_PASID] Request device [17:00.0] fault addr 0xbeef000 [fault reason 0x05] PTE Write access is not set\n"'
	nest 0 check
	[ "$(grep -c '^WARN    log.faults (0000:16:00.0)$' "$OUT")" -eq 1 ]
	[ "$(grep -c '^WARN    log.faults (0000:17:00.0)$' "$OUT")" -eq 1 ]
	tr -s ' \n' ' ' <"$OUT" | grep -E 'log.faults \(0000:16:00.0\) the IOMMU has blocked 1 read .* the IOMMU has blocked 1 write .* fix '
	nest 0 check --json
	assert_json '[.findings[] | select(.id == "log.faults")] | length == 3'
}

@test "a device that was named is told of its own unit, and of no other" {
	machine $READY 'unit dmar9 vtd version=7:0 address=fc800000 cap=ffffffffffffffff ecap=ffffffffffffffff'
	nest 0 check --json
	assert_json 'any(.findings[]; .id == "unit.registers" and .subject == "dmar9")'
	nest 0 check 16:00.0 --json
	assert_json 'all(.findings[]; .subject != "dmar9")'
	assert_json 'all(.findings[]; .result != "unknown")'
}

@test "the verdict stands alone on the first line, and its reason on the next, wrapped" {
	machine laptop-trap
	nest 1 check
	[ "$(head -n 1 "$OUT")" = 'this host is not ready for nested' ]
	[[ $(sed -n 2p "$OUT") == '  because           dmar0: the unit cannot nest'* ]]
	[ "$(awk '{ if (length > n) n = length } END { print n }' "$OUT")" -le 100 ]
	script -qec "stty cols 60; $(printf '%q ' "$NESTCTL" --sysroot "$TREE" --color never check)" /dev/null </dev/null |
		tr -d '\r' >"$BATS_TEST_TMPDIR/narrow"
	# Commands and the counts are lines that must not be broken.
	[ "$(sed -n '1,/^  moot/p' "$BATS_TEST_TMPDIR/narrow" | awk '{ if (length > n) n = length } END { print n }')" -le 60 ]
}

@test "sentences are wrapped at the width that COLUMNS tells, and at 80 on a serial console" {
	machine laptop-trap
	widest() { awk '{ if (length > n) n = length } END { print n }' "$1"; }
	COLUMNS=60 nest 1 check
	[ "$(sed '/^[0-9]* passed/d' "$OUT" | awk '{ if (length > n) n = length } END { print n }')" -le 60 ]
	COLUMNS=200 nest 1 check
	[ "$(widest "$OUT")" -gt 100 ]
	for COLUMNS in '' 0 -5 wide 99999999999999999999; do
		COLUMNS=$COLUMNS nest 1 check
		[ "$(widest "$OUT")" -le 100 ]
		[ "$(widest "$OUT")" -gt 80 ]
	done
	unset COLUMNS
	terminal 0 check
	[ "$(widest "$TERMINAL")" -le 80 ]
	[ "$(widest "$TERMINAL")" -gt 70 ]
	COLUMNS=60 terminal 70 check
	[ "$(widest "$TERMINAL")" -gt 60 ]
}

@test "a path that is too long for its column begins further left, and stays whole" {
	machine many-buses
	COLUMNS=80 nest 1 check -v
	[ "$(awk '{ if (length > n) n = length } END { print n }' "$OUT")" -le 80 ]
	grep -qE '^ {4}/sys/bus/mdev/devices/[0-9a-f-]{36}/iommu_group:' "$OUT"
}

@test "a missing IOMMU is told once, with a command that is whole" {
	# Both rules say that Xen has it.
	machine none-kernel 'file proc/cmdline "ro\n"' 'file sys/hypervisor/type "xen\n"' 'file proc/xen/capabilities "control_d\n"'
	nest 1 check
	assert_says 'FAIL    iommu.present, host.xen'
	[ "$(grep -c xl "$OUT")" -eq 1 ]
	machine none-kernel 'file sys/hypervisor/type "xen\n"' 'file proc/xen/capabilities "control_d\n"'
	grep -q intel_iommu=off "$TREE/proc/cmdline"
	nest 1 check
	refute_says 'remove intel_iommu=off'
	nest 1 check --json
	said iommu.disabled not_applicable 'Xen drives the IOMMU'
	machine none-kernel 'file proc/cmdline "ro intel_iommu=on\n"' "$(log 'DMAR: Parse DMAR table failure.')"
	nest 1 check
	assert_says 'vfio-nestctl decode dmar /sys/firmware/acpi/tables/DMAR'
	nest 1 list
	# shellcheck disable=SC2154
	[[ $output == *'it. The option intel_iommu=on is on the command line already'* ]]
	# Without ACPI there is no table to be looked for, and no rights that would show it.
	machine none-unknown 'file sys/firmware/devicetree/base/model "Raspberry Pi 4 Model B Rev 1.4"'
	nest 3 check
	assert_says 'This machine has a device tree and no ACPI tables'
	assert_says "find /sys/firmware/devicetree/base -name '#iommu-cells'"
	refute_says 'as root'
	machine none-unknown
	nest 3 check
	assert_says 'as root'
}

@test "what shared addressing lacks has a remedy, on each kind of IOMMU" {
	machine rmrr
	nest 1 check --for sva
	assert_says 'FAIL    unit.pasid (dmar0)' 'use a machine whose IOMMU has PASIDs and page requests'
	assert_says "zgrep -w CONFIG_INTEL_IOMMU_SVM /proc/config.gz /boot/config-\$(uname -r)"
	machine smmuv3-server
	nest 3 check --for sva
	assert_says "zgrep -w CONFIG_ARM_SMMU_V3_SVA /proc/config.gz /boot/config-\$(uname -r)"
	assert_says 'UNKNOWN unit.pasid' 'ask the kernel about a device behind it'
	machine virtio-guest
	nest 1 check --for sva
	assert_says 'FAIL    kernel.sva' 'run vfio-nestctl check on its host'
	machine smmuv3-server
	nest 1 check
	assert_says 'use Linux 6.13 or later with CONFIG_IOMMUFD and CONFIG_ARM_SMMU_V3_IOMMUFD'
}

@test "registers that no file shows are not missed where nothing is translated twice" {
	machine smmuv3-server
	nest 3 check --for passthrough --json
	assert_json 'all(.findings[] | select(.id == "unit.registers"); .result == "not_applicable")'
	nest 1 check --json
	assert_json 'any(.findings[]; .id == "unit.registers" and .result == "unknown")'
	machine hostile
	nest 3 check --for passthrough --json
	assert_json 'any(.findings[]; .id == "unit.registers" and .result == "unknown" and .subject == "dmar1")'
}

@test "units that lack the same are one finding, each with its own words" {
	machine laptop-trap
	nest 1 check
	assert_says 'FAIL    unit.nesting (dmar0, dmar1)' 'dmar1: the unit cannot nest (smts)'
	nest 1 check -v
	assert_says 'FAIL    unit.nesting (dmar0)' 'FAIL    unit.nesting (dmar1)' 'FAIL    kernel.nesting_abi'
	machine sriov-256
	nest 3 check
	assert_says 'UNKNOWN kernel.vfio, kernel.vfio_pci, kernel.iommufd, kernel.cdev' 'modinfo vfio-pci' 'modinfo iommufd'
	machine hostile
	nest 1 check
	assert_says 'dmar1: the unit' 'all ones' 'dmar2, dmar3: the unit'
}

@test "a host that is ready is told the round trip of a bound device, or how to choose one" {
	machine nest-ready
	nest 0 check
	assert_says 'vfio-nestctl roundtrip 0000:16:00.0'
	nest 0 check --json
	assert_json '.next | endswith("\nvfio-nestctl roundtrip 0000:16:00.0")'
	machine spr-mixed
	nest 3 check --json
	assert_json 'has("next") | not'
}

@test "a virtual machine is sent to its host, hardware is not" {
	machine qemu-q35 'file proc/cpuinfo "processor\t: 0\nflags\t\t: fpu hypervisor lm\n"'
	nest 1 check
	assert_says 'this is a virtual machine: run vfio-nestctl check on its host'
	refute_says 'Sapphire Rapids'
	machine qemu-q35 'file proc/cpuinfo "processor\t: 0\nflags\t\t: fpu lm\n"'
	nest 1 check
	refute_says 'virtual machine'
	assert_says 'Sapphire Rapids'
	machine virtio-guest
	nest 1 check
	assert_says 'virtual machine'
}

@test "people are shown driverctl where it is installed, and plain sysfs elsewhere; JSON has both" {
	local bind='echo vfio-pci > /sys/bus/pci/devices/0000:16:00.0/driver_override'
	machine spr-mixed
	nest 1 check --for passthrough 16:00.0
	assert_says "$bind" '# until the next reboot:' '# to go back: echo >'
	refute_says driverctl
	machine spr-mixed 'file usr/sbin/driverctl ""'
	nest 1 check --for passthrough 16:00.0
	assert_says 'driverctl set-override 0000:16:00.0 vfio-pci' '# to go back: driverctl unset-override'
	refute_says driver_override drivers_probe 'or, without'
	nest 1 check --for passthrough 16:00.0 --json
	assert_json 'any(.findings[].remedy // ""; contains("driverctl set-override") and contains("/driver_override"))'
}
