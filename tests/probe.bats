#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# probe: what it concludes from each ABI, on a kernel of the fake's making.

# shellcheck disable=SC2030,SC2031 # a test is a subshell
load fake

EDU=0000:00:01.0
OTHER='device=0000:00:02.0 model=none driver=e1000e group=12'

# decides NESTING ABI EVIDENCE TEXT...: the decision, and its first reason with what it says.
decides() {
	local text
	assert_json ".decision.nesting == \"$1\" and .decision.abi == $2 and .decision.reasons[0].evidence == \"$3\""
	for text in "${@:4}"; do
		# shellcheck disable=SC2016 # jq's variable
		assert_json '.decision.reasons[0].text | contains($text)' --arg text "$text"
	done
}

# The answer to SET_IOMMU of one type.
type_errno() { printf '(.container.iommu_types[] | select(.id == %s).set_iommu.errno)' "$1"; }

@test "stock 5.10: nesting is advertised, refused with ENODEV, and the answer is no" {
	fake stock-5.10
	probe 1 $EDU
	decides unusable null container.iommu_types ENODEV refused
	assert_json "$(type_errno 6) == \"ENODEV\" and $(type_errno 3) == null"
	assert_json '.container | .provider == "type1" and .api_version == 0'
	assert_json '.container.uapi_version == {before_set_iommu: {status: "absent", errno: "EINVAL"}, after_set_iommu: {status: "absent", errno: "ENOTTY"}}'
	assert_json '.decision.reasons | map(.evidence) | index("iommus") != null'
}

@test "stock 6.1: nesting is advertised, refused with EINVAL, and the answer is no" {
	fake stock-6.1
	probe 1 $EDU
	decides unusable null container.iommu_types EINVAL refused
	assert_json "$(type_errno 6) == \"EINVAL\""
	probe 3
	decides unknown null container.extensions 'name a device'
	assert_json '.container.uapi_version.after_set_iommu.status == "skipped"'
}

@test "stock 7.3: the nesting type is gone, with a device and without" {
	fake stock-7.3
	probe 1 $EDU
	decides unusable null container.extensions VFIO_TYPE1_NESTING_IOMMU
	assert_json "$(type_errno 6) == \"ENODEV\""
	probe 1
	decides unusable null container.extensions
}

@test "iommufd on a unit that nests: yes, because both tables were allocated" {
	fake iommufd-nested
	probe 0 $EDU
	decides usable '"iommufd"' iommufd.hwpt 'nest parent' nested
	assert_json '.iommufd | .status == "yes" and .bind.status == "ok" and .hw_info.kind == "vt-d" and .hw_info.ecap == "0xc80084f00f4a"'
	assert_json '[.iommufd.hwpt[] | select(.name == "nest_parent" or .name == "nested") | .status] == ["ok", "ok"]'
	probe 0 12
	probe 3
	decides unknown '"iommufd"' iommufd.status 'name one'
}

@test "iommufd on a unit that cannot nest: no, EOPNOTSUPP, and the gate is named" {
	fake iommufd-flat
	probe 1 $EDU
	decides unusable null iommufd.hwpt EOPNOTSUPP '"nest"' 'bit 26'
	assert_json '.iommufd.hwpt[] | select(.name == "nest_parent") | .status == "failed" and .errno == "EOPNOTSUPP"'
}

@test "for people every table is named, apart from what became of it" {
	fake iommufd-flat
	nest 1 probe --json 0000:00:01.0
	jq -r '.iommufd.hwpt[].name' "$OUT" >"$BATS_TEST_TMPDIR/names"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/names")" -ge 9 ]
	nest 1 probe 0000:00:01.0
	while read -r name; do
		grep -qE "^  HWPT ${name//+/[+]} +(ok|[A-Z]+:|not asked)" "$OUT" || blame "not apart from its value: $name"
	done <"$BATS_TEST_TMPDIR/names"
}

# What an SMMUv3 with both stages shows: IDR1 above IDR0, IDR5 above IDR3.
SMMU='iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001414'

@test "SMMUv3: the registers that iommufd shows are judged, and what none shows is unknown" {
	fake iommufd-nested "$SMMU"
	probe 1 $EDU
	decides unusable '"iommufd"' iommufd.viommu 'fails the gate "canwbs"' 'CANWBS in the IORT'
	assert_json '.iommufd | .viommu.errno == "EOPNOTSUPP" and (has("vdevice") | not) and any(.hwpt[]; .name == "nested" and .status == "skipped")'
	assert_json '.iommufd.hw_info | .kind == "smmuv3" and .idr == ["0xd44101b", "0x2730010", "0x0", "0x1414", "0x0", "0x74"] and .iidr == "0x0"'
	nest 1 probe $EDU
	assert_says 'idr0 0xd44101b' 'idr3 0x1414' 'IDR0.HTTU'
	refute_says ECAP SLADS VT-d
	# FWB: both stages, and the second forces memory types
	fake iommufd-nested 'iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001514'
	probe 0 $EDU
	decides usable '"iommufd"' iommufd.hwpt 'nested first-stage table'
	assert_json '.iommufd | .viommu.status == "ok" and .vdevice.status == "ok" and .invalidate.status == "ok" and any(.hwpt[]; .name == "nested" and .status == "ok" and .data_type == 2)'
	# and so does the promise of the firmware, where the SMMU cannot
	fake iommufd-nested "$SMMU canwbs=1"
	probe 0 $EDU
	decides usable '"iommufd"' iommufd.hwpt 'nested first-stage table'
	fake iommufd-nested 'iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001514'
	nest 3 check --probe --json $EDU
	assert_json 'any(.findings[]; .id == "unit.nesting" and .result == "pass")'
	assert_json 'any(.findings[]; .id == "unit.registers") | not'
}

@test "behind an SMMUv3 a group nests as a whole, and probe says so" {
	local with='any(.decision.reasons[]; .evidence == "iommufd.vdevice" and (.text | contains("all 2 devices of group 12, and each needs a vDEVICE of its own")))'
	fake iommufd-smmuv3 'device=0000:00:01.1 model=edu group=12'
	probe 0 $EDU
	assert_json "$with"
	probe 0 12
	assert_json "$with"
	fake iommufd-smmuv3 'device=0000:00:01.1 model=none driver=none group=12'
	probe 3 $EDU
	decides unknown '"iommufd"' iommufd.vdevice '0000:00:01.1 in it can have no vDEVICE before it is bound to vfio-pci' 'not attached'
	assert_json '.decision.reasons[0].remedy | contains("0000:00:01.1/driver_override")'
	# alone, and where a table stands on the parent
	fake iommufd-smmuv3
	probe 0 $EDU
	assert_json "$with | not"
	fake iommufd-nested 'device=0000:00:01.1 model=edu group=12'
	probe 0 $EDU
	assert_json "$with | not"
}

@test "SMMUv3 with an erratum: no, however good its other registers are" {
	fake iommufd-nested 'iommu=smmuv3 cap=0x27300100d44101b ecap=0x7400001514 iidr=0x4830043b'
	probe 1 $EDU
	assert_json '.decision.nesting == "unusable" and any(.decision.reasons[].text; contains("Arm erratum 1209401"))'
	assert_json '.decision.reasons[0].remedy | contains("MMU-600 from r2p0")'
	nest 1 check --probe --json $EDU
	assert_json 'any(.findings[]; .id == "unit.nesting" and .result == "fail" and (.summary | contains("(erratum)")))'
}

@test "SMMUv3 without CONFIG_ARM_SMMU_V3_IOMMUFD: no, and the option is named; before 6.13 the release is" {
	fake iommufd-nested "$SMMU" canwbs=1 iommufd_option=0
	probe 1 $EDU
	decides unusable '"iommufd"' iommufd.viommu EOPNOTSUPP '"option"' 'without CONFIG_ARM_SMMU_V3_IOMMUFD' 'type 0'
	assert_json '.decision.reasons[0].remedy | contains("CONFIG_ARM_SMMU_V3_IOMMUFD")'
	assert_json 'any(.iommufd.hwpt[]; .name == "nest_parent" and .status == "ok")'
	assert_json 'all(.decision.reasons[]; .evidence != "iort")'
	nest 1 check --probe --json $EDU
	assert_json 'any(.findings[]; .id == "probe.nesting" and .result == "fail" and (.summary | contains("without CONFIG_ARM_SMMU_V3_IOMMUFD")))'
	# what was asked in vain is not the remedy
	assert_json '[.findings[] | select(.id == "unit.registers" or .id == "unit.nesting" or .id == "device.nesting")] | length == 3 and all(.result == "unknown" and (.summary | contains("without CONFIG_ARM_SMMU_V3_IOMMUFD")) and (.remedy | contains("CONFIG_ARM_SMMU_V3_IOMMUFD")))'
	fake iommufd-nested "$SMMU" canwbs=1 iommufd_option=0 kernel_release=6.12.9
	probe 1 $EDU
	decides unusable null iommufd.hwpt '"kernel"' 'Linux 6.12.9 is older than 6.13'
}

@test "SMMUv3 with one stage: no, by its own gate and in its own words" {
	fake iommufd-nested 'iommu=smmuv3 cap=0x27300100d441019 ecap=0x7400001414'
	probe 1 $EDU
	decides unusable null iommufd.hwpt EOPNOTSUPP 'SMMUv3 unit' '"s1p"'
	assert_json '[.decision.reasons[] | .text, .remedy // ""] | any(test("VT-d|ECAP|intel_iommu")) | not'
	nest 1 check --probe --json $EDU
	assert_json 'any(.findings[]; .id == "unit.nesting" and .result == "fail" and (.summary | contains("IDR0.S1P")))'
}

# What an EPYC of Zen 4 shows, and the table of firmware that describes a unit.
EPYC='iommu=amd cap=0x25bf732fa2295afe ecap=0x1d'
ivrs() { # ATTRIBUTES: a table of one block of type 0x11, whose attributes they are
	printf '#tree binary sys/firmware/acpi/tables/IVRS "49 56 52 53 58 00 00 00 02 00*27 41 30 20 00*9 11 00 28 00 02 00 40 00 00*12 %s 00 00 00 fe 5a 29 a2 2f 73 bf 25 1d 00*7"' "$1"
}

@test "AMD on Linux 7.3: a nest parent and a vIOMMU are made, nested tables are not, and the answer is no" {
	fake iommufd-nested "$EPYC"
	probe 1 $EDU
	decides unusable '"iommufd"' iommufd.hwpt 'implements no nested table' 'data type 3' EOPNOTSUPP 'nest parent and on a vIOMMU'
	assert_json '.decision.reasons[0].remedy | contains("no kernel up to Linux 7.3")'
	assert_json '.decision.reasons | map(.text) | any(contains("could") and contains("EFR bits 4, 48; EFR2 bit 3") and contains("efr 0x25bf732fa2295afe, efr2 0x1d"))'
	assert_json '.decision.reasons | map(.text) | any(contains("VIOMMU_ALLOC succeeds and proves nothing"))'
	assert_json '.iommufd | .viommu.status == "ok" and (has("vdevice") | not) and ([.hwpt[] | select(.name == "nested" or .name == "nested_on_viommu") | [.status, .errno, .data_type]] == [["failed", "EOPNOTSUPP", 3], ["failed", "EOPNOTSUPP", 3]])'
	assert_json '.iommufd.hw_info | .kind == "amd" and .efr == "0x25bf732fa2295afe" and .efr2 == "0x1d"'
	assert_calls '[.[] | select(.request == "IOMMU_HWPT_ALLOC" and .result < 0)] | length >= 2'
	nest 1 probe $EDU
	assert_says 'efr 0x25bf732fa2295afe, efr2 0x1d'
	refute_says ECAP VT-d
	# a later kernel that still refuses them: what was tried counts
	fake iommufd-nested "$EPYC" kernel_release=7.9.0
	probe 1 $EDU
	decides unusable '"iommufd"' iommufd.hwpt 'implements no nested table'
	nest 1 check --probe --json $EDU
	assert_json '.verdict == "not_ready" and any(.findings[]; .id == "probe.nesting" and .result == "fail")'
}

@test "AMD: a kernel that takes an empty nested table, or another vIOMMU, gets no verdict" {
	fake iommufd-nested "$EPYC" guest_table=1 kernel_release=7.9.0
	probe 3 $EDU
	decides unknown '"iommufd"' iommufd.hwpt 'empty nested table' 'no first-stage tables for AMD'
	fake iommufd-nested "$EPYC" kernel_release=7.9.0
	NESTCTL_FAKE_FAIL=IOMMU_VIOMMU_ALLOC@1:EOPNOTSUPP probe 3 $EDU
	decides unknown '"iommufd"' iommufd.viommu 'no vIOMMU of this type'
	# it knows the table, and refuses its content
	NESTCTL_FAKE_FAIL=IOMMU_HWPT_ALLOC@7:EINVAL probe 3 $EDU
	assert_json '.iommufd.hwpt[] | select(.name == "nested") | .errno == "EINVAL"'
	decides unknown '"iommufd"' iommufd.hwpt EINVAL 'is not known'
	NESTCTL_FAKE_FAIL=IOMMU_HWPT_ALLOC@8:ENOMEM probe 3 $EDU
	assert_json '.iommufd.hwpt[] | select(.name == "nested_on_viommu") | .errno == "ENOMEM"'
	decides unknown '"iommufd"' iommufd.hwpt ENOMEM
}

@test "AMD without CONFIG_AMD_IOMMU_IOMMUFD: no, and the option is named" {
	fake iommufd-nested "$EPYC" iommufd_option=0
	probe 1 $EDU
	decides unusable '"iommufd"' iommufd.viommu 'without CONFIG_AMD_IOMMU_IOMMUFD' 'type 0' EOPNOTSUPP
	assert_json '.decision.reasons[0].remedy | contains("use another machine")'
	assert_json '.decision.reasons | map(.text) | any(contains("could"))'
	# on a device that is not asked for its hardware, the same request tells
	fake iommufd-pri "$EPYC" iommufd_option=0
	probe 1 $EDU
	decides unusable '"iommufd"' iommufd.hwpt 'implements no nested table' 'makes no vIOMMU'
}

@test "AMD: each gate of the hardware and of firmware has its sentence and its remedy" {
	local cap ecap gate text remedy
	while IFS='|' read -r cap ecap gate text remedy; do
		fake iommufd-nested "iommu=amd cap=$cap ecap=$ecap"
		probe 1 $EDU
		decides unusable null iommufd.hwpt EOPNOTSUPP 'AMD-Vi unit' "\"$gate\"" "$text"
		# shellcheck disable=SC2016 # jq's variable
		assert_json '.decision.reasons[0].remedy | contains($text)' --arg text "$remedy"
		nest 1 check --json $EDU
		# shellcheck disable=SC2016 # jq's variables
		assert_json 'any(.findings[]; .id == "unit.nesting" and .result == "fail" and (.summary | contains($text)) and (.remedy | contains($help)))' \
			--arg text "$text" --arg help "$remedy"
	done <<-'END'
		0x25bf732fa2295aee|0x1d|gtsup|EFR.GTSup, bit 4|SEV-SNP
		0x25be732fa2295afe|0x1d|giosup|EFR.GIOSup, bit 48|Zen
		0x25bf732fa2295efe|0x1d|hats|EFR.HATS, bits 11:10|firmware
		0x246577efa2254afa|0|gcr3trpmode|EFR2.GCR3TRPMode, bit 3|EPYC
	END
	nest 1 probe $EDU
	assert_says 'EFR.HDSup'
	refute_says ECAP VT-d intel_iommu
	# of firmware: a bit that no register shows
	fake iommufd-nested "$EPYC" hatdis=1 "$(ivrs 01)"
	probe 1 $EDU
	decides unusable null iommufd.hwpt EOPNOTSUPP '"hatdis"' 'host page table'
	assert_json '.decision.reasons | (.[0].remedy | contains("update the firmware")) and any(.[]; .evidence == "ivrs" and (.text | contains("byte 48 of the IVRS has HATDis (byte 68, bit 0)")))'
	fake iommufd-nested "$EPYC" hatdis=1 "$(ivrs 00)"
	probe 1 $EDU
	decides unusable null iommufd.hwpt EOPNOTSUPP '"kernel"' 'older than 7.1'
	assert_json '.decision.reasons | any(.[]; .evidence == "ivrs" and (.text | contains("has no HATDis")))'
	fake iommufd-nested "$EPYC" hatdis=1
	probe 1 $EDU
	assert_json '.decision.reasons | any(.[]; .evidence == "ivrs" and (.text | contains("is not known: cannot read")))'
}

@test "AMD: GET_HW_INFO is not asked where it would make the kernel warn" {
	local asked='any(.[]; .call == "ioctl" and (.request // "" | contains("GET_HW_INFO")))'
	fake iommufd-pri 'iommu=amd cap=0x25bf732fa2295afe ecap=0x1d'
	probe 1 $EDU
	assert_json '.iommufd.hw_info | .status == "skipped" and (.reason | contains("would warn"))'
	assert_calls "$asked | not"
	# what sysfs shows of the unit stands in for it
	assert_json '.decision.reasons[0].text | contains("AMD-Vi")'
	# (the fake's log has the words of VT-d: its faults are missed)
	trip 1 $EDU
	assert_calls "$asked | not"
	assert_json 'any(.legs[].evidence[]?; contains("GET_HW_INFO was not asked"))'
	# before 6.15 iommufd did not look; without guest translation there are no PASIDs
	fake iommufd-pri 'iommu=amd cap=0x25bf732fa2295afe ecap=0x1d' kernel_release=6.14.2
	probe 1 $EDU
	assert_calls "$asked"
	fake iommufd-pri 'iommu=amd cap=0x25bf732fa2295aee ecap=0x1d'
	probe 1 $EDU
	assert_calls "$asked"
	fake iommufd-nested 'iommu=amd cap=0x25bf732fa2295afe ecap=0x1d'
	probe 1 $EDU
	assert_calls "$asked"
}

@test "iommufd with scalable mode off: no, and how to start it" {
	fake iommufd-nested scalable=0
	probe 1 $EDU
	decides unusable null iommufd.hwpt EOPNOTSUPP 'scalable mode'
	assert_json '.decision.reasons[0].remedy | test("sm_on")'
}

@test "an iommufd that serves the container is told by ENOTTY, and decides itself" {
	fake iommufd-compat
	probe 0 $EDU
	decides usable '"iommufd"' iommufd.hwpt
	assert_json '.container.provider == "iommufd-compat" and .container.uapi_version.before_set_iommu.errno == "ENOTTY"'
	assert_json '.decision.reasons[1].evidence == "container.provider"'
}

@test "the RFC v3: the version query is answered before and after, and the answer is yes" {
	fake rfc-v3
	probe 0 $EDU
	decides usable '"rfc-version"' container.uapi_version 'answers 1'
	assert_json '.container.uapi_version | .before_set_iommu == {status: "answered", value: 1} and .after_set_iommu == {status: "answered", value: 1}'
	probe 3
	decides unknown '"rfc-version"' container.extensions 'name a device'
}

@test "a version lower than --min-uapi-version is a no" {
	fake rfc-v3
	probe 0 $EDU --min-uapi-version 1
	probe 1 $EDU --min-uapi-version 2
	decides unusable null container.uapi_version 'answers 1' 'less than 2'
	fake rfc-v3 query_before=2 query_after=2
	probe 0 $EDU --min-uapi-version 2
}

@test "the question of 2020 is answered in its own words, by every kernel" {
	fake rfc-v3
	probe 0 $EDU
	assert_json '.container.question | .select == "yes" and (.before_set_iommu | contains("version is 1")) and (.type1_backend | contains("revision rfc-v3"))'
	assert_json '.container.recognition | .status == "one" and .revisions == ["rfc-v3"] and (.evidence | length) == 4'
	fake nesting-op-v8
	probe 0 $EDU
	assert_json '.container.question | .select == "yes" and (.before_set_iommu | contains("EINVAL")) and (.type1_backend | contains("72 bytes"))'
	assert_json '.container.recognition | .status == "one" and .revisions == ["v8"]'
	fake stock-6.1
	probe 1 $EDU
	assert_json '.container.question | .select == "no" and (.type1_backend | contains("SET_IOMMU(6) is EINVAL"))'
	assert_json '.container.recognition | .status == "none" and .revisions == []'
	probe 3
	assert_json '.container.question | .select == "unknown" and (.type1_backend | contains("with a device"))'
	assert_json '.container.recognition.status == "not_tried"'
	fake no-nodes
	probe 3 $EDU
	assert_json '.container.question.before_set_iommu | contains("did not open")'
}

@test "the QEMU of 2020 selects nesting only where the version is answered" {
	fake rfc-v3
	probe 0 --as qemu-2020
	assert_json '.as | .selects == "NESTING" and .iommu_type == 6 and (.tried | length) == 1 and .then == null'
	probe 0 $EDU --as qemu-2020
	assert_json '.as.then | contains("succeeds")'
	fake rfc-v3 query_before=0 query_after=0
	probe 1 --as qemu-2020
	assert_json '.as | .selects == "TYPE1v2" and (.tried[0].why | contains("less than"))'
	fake nesting-op-v8
	probe 1 $EDU --as qemu-2020
	assert_json '.as | .selects == "TYPE1v2" and (.tried[0].why | contains("-1")) and .decision == null'
	assert_json '.decision.nesting == "usable"'
	fake stock-7.3
	probe 1 --as qemu-2020
	assert_json '.as | .tried[0].why | contains("CHECK_EXTENSION(6) says 0")'
	fake spapr
	probe 1 --as qemu-2020
	assert_json '.as.selects == "SPAPR_TCE_v2"'
	fake stock-7.3 ext1=0 ext3=0
	probe 1 --as qemu-2020
	assert_json '.as | .known == "no" and .selects == null and (.tried | length) == 5'
	fake no-nodes
	probe 3 --as qemu-2020
	assert_json '.as | .known == "unknown" and .selects == null'
}

@test "answers of two revisions are no revision, and no yes" {
	fake rfc-v3 query_before=1 query_after=2
	probe 3 $EDU
	decides unknown '"rfc-version"' container.recognition 'unknown revision'
	assert_json '.container.recognition | .status == "unknown" and .revisions == []'
	fake rfc-v3 query_after=ENOTTY
	probe 3 $EDU
	decides unknown '"rfc-version"' container.recognition 'not after it'
	fake nesting-op-v8 query_before=1 query_after=1
	probe 3 $EDU
	decides unknown '"rfc-version"' container.recognition 'capability that of v8'
}

@test "a version query that answers 0 is a no" {
	fake rfc-v3 query_before=0 query_after=0
	probe 1 $EDU
	decides unusable null container.uapi_version 'answers 0'
	assert_json '.container.uapi_version.before_set_iommu == {status: "answered", value: 0}'
}

@test "a version query that is refused decides nothing" {
	fake rfc-v3 query_before=EPERM query_after=EPERM
	probe 3 $EDU
	assert_json '.decision.nesting == "unknown" and .container.uapi_version.before_set_iommu == {status: "refused", errno: "EPERM"}'
}

@test "the later series: its capability of GET_INFO is recognised by id and length" {
	fake nesting-op-v8
	probe 0 $EDU
	decides usable '"nesting-op"' container.info.capabilities v8 'id 4, 72 bytes'
	assert_json '.container.info.capabilities[] | select(.name == "nesting") | .id == 4 and .revision == "v8"'
}

@test "a kernel that selects second-stage tables for the guest, and no more: no" {
	fake stock-5.10 ecap=0xc80084f00f4a
	probe 1 $EDU
	decides unusable '"type1-nesting"' container.iommu_types 'user space cannot bind a first stage'
}

@test "a container of POWER: no, and none of its own requests is sent" {
	fake spapr
	probe 1 $EDU
	decides unusable null container.provider sPAPR
	assert_calls 'all(.[]; .number // "0" | IN("0x3b75", "0x3b76", "0x3b77", "0x3b78", "0x3b79") | not)'
}

@test "a device in no-IOMMU mode cannot nest, as nothing translates its DMA" {
	fake noiommu
	probe 1 $EDU
	decides unusable null group.node 'nothing translates its DMA'
	assert_calls 'all(.[]; .object | startswith("/dev/vfio/noiommu") | not)'
}

@test "no permission: unknown, each node with its owner, its mode and the way in" {
	fake eacces
	probe 3 $EDU
	decides unknown null container.node EACCES 'mode 0600'
	assert_json '.decision.reasons[1] | .evidence == "iommufd.node" and (.text | test("EACCES")) and (.remedy | test("udev"))'
	assert_json 'all(.container.iommu_types[]; .set_iommu.status == "skipped")'
	nest 3 probe $EDU
	refute_says 'not supported' unsupported
}

@test "no nodes: unknown, and which module brings them" {
	fake no-nodes
	probe 3
	decides unknown null container.node ENOENT
	assert_json '.decision.reasons[0].remedy | test("modprobe")'
	fake iommufd-nested 'node=/dev/iommu open=ENOENT'
	probe 3 $EDU
	decides unknown null iommufd.node '/dev/iommu is missing'
}

@test "a group or a device that is open elsewhere: unknown, EBUSY" {
	fake stock-6.1 'group=12 busy=1'
	probe 3 $EDU
	decides unknown null group.node EBUSY 'another process'
	fake iommufd-nested "device=$EDU model=edu group=12 busy=1"
	probe 3 $EDU
	decides unknown '"iommufd"' iommufd.bind EBUSY
}

@test "a device under no driver: unknown, and the driver to bind it to" {
	fake stock-6.1 "device=$EDU model=edu driver=none group=12"
	probe 3 $EDU
	decides unknown null container.iommu_types 'bound to no driver'
	assert_json '.decision.reasons[0].remedy | test("vfio-pci")'
	assert_json ".group.not_bound | test(\"$EDU\")"
	fake stock-7.3 "device=$EDU model=edu driver=igb group=12"
	probe 3 $EDU
	decides unknown null group.not_bound "$EDU" igb
}

@test "a group with a device under a driver of the kernel: unknown, and the device is named" {
	fake stock-6.1 "$OTHER"
	probe 3 $EDU
	decides unknown null container.iommu_types 0000:00:02.0 e1000e
	assert_json '.group.viable == false and (.group.blocked_by | test("0000:00:02.0"))'
	fake iommufd-nested "$OTHER"
	probe 3 $EDU
	decides unknown '"iommufd"' group.blocked_by EPERM 0000:00:02.0 e1000e
}

@test "no interrupt remapping: unknown, EPERM and what it means" {
	fake stock-6.1 isolated_msi=0
	probe 3 $EDU
	decides unknown null container.iommu_types EPERM 'interrupt remapping'
	fake iommufd-nested isolated_msi=0
	probe 3 $EDU
	decides unknown '"iommufd"' iommufd.bind EPERM 'interrupt remapping'
}

@test "a device that is not there cannot be asked about" {
	fake stock-6.1
	nest 3 probe 0000:00:1f.7 --json
	assert_json '.errors | length == 1'
	nest 3 probe 99
	assert_warns 99
}

@test "every extension from 1 to 10 is asked and named, 11 never, 0x3B7C only with 0 on a container" {
	local conf
	for conf in stock-5.10 stock-6.1 stock-7.3 iommufd-nested iommufd-flat iommufd-compat rfc-v3 nesting-op-v8 spapr; do
		fake $conf
		nest "$(expected $conf)" probe $EDU --json --transcript "$BATS_TEST_TMPDIR/calls"
		CALLS=$BATS_TEST_TMPDIR/calls
		assert_json '[.container.extensions[] | .id] == [range(1; 11)]'
		assert_json '[.container.extensions[] | .name] == ["TYPE1", "SPAPR_TCE", "TYPE1v2", "DMA_CC", "EEH", "NESTING", "SPAPR_TCE_v2", "NOIOMMU", "UNMAP_ALL", "UPDATE_VADDR"]'
		assert_calls '[.[] | select(.request == "VFIO_CHECK_EXTENSION") | .arg] | index("0x1") and index("0xa") and (index("0xb") | not)'
		assert_calls '[.[] | select(.number == "0x3b7c")] | length > 0 and all(.[]; .arg == "0x0" and .object == "/dev/vfio/vfio")'
		# No request of the out-of-tree series: their numbers mean other things elsewhere. 0x3B87 is IOMMU_OPTION.
		assert_calls 'all(.[]; .object != "/dev/vfio/vfio" or (.number // "0x3b64" | IN("0x3b64", "0x3b65", "0x3b66", "0x3b70", "0x3b7c", "0x3b87")))'
	done
}

expected() {
	case $1 in
	iommufd-nested | iommufd-compat | rfc-v3 | nesting-op-v8) echo 0 ;;
	*) echo 1 ;;
	esac
}

@test "the version is asked before SET_IOMMU on a container of its own, and after" {
	fake rfc-v3
	probe 0 $EDU
	assert_calls '[.[] | .request] | index("VFIO_SET_IOMMU") > index("VFIO_NESTING_GET_IOMMU_UAPI_VERSION")'
	assert_calls '[.[] | .request] | rindex("VFIO_NESTING_GET_IOMMU_UAPI_VERSION") > rindex("VFIO_SET_IOMMU")'
}

@test "a transcript has every call, numbered, with what came back" {
	fake iommufd-nested
	NESTCTL_FAKE_COUNT=$BATS_TEST_TMPDIR/count probe 0 $EDU
	[ "$(awk '$1 == "calls" { print $2 }' "$BATS_TEST_TMPDIR/count")" -eq "$(wc -l <"$CALLS")" ]
	assert_calls '[.[].n] == [range(1; length + 1)] and all(.[]; has("call") and has("result") and ((.result < 0) == has("errno")))'
	[ "$(jq -r '.request // .call' "$CALLS")" = "$(awk '$1 + 0 > 0 { print $2 }' "$BATS_TEST_TMPDIR/count")" ]
}

@test "the first line for people is the answer" {
	fake iommufd-nested
	nest 0 probe $EDU
	[ "${output%%$'\n'*}" = "can user space select nesting for $EDU: yes, through iommufd" ]
	fake stock-6.1
	nest 1 probe $EDU
	[ "${output%%$'\n'*}" = "can user space select nesting for $EDU: no" ]
	nest 3 probe
	[ "${output%%$'\n'*}" = 'can user space select nesting: unknown' ]
	assert_clean
}

# A chain of GET_INFO in hex, from offset 0x18 on: bad CHAIN-STATEMENTS... PROBLEM
bad() {
	fake stock-6.1 "${@:1:$#-1}"
	probe 1 $EDU
	# shellcheck disable=SC2016 # jq's variable
	assert_json '[.container.info | .problem, .capabilities[].problem] | map(select(. != null)) | length >= 1 and any(.[]; contains($text))' --arg text "${*: -1}"
	decides unusable null container.iommu_types
	nest 1 probe $EDU
	[ "$(grep -cF -- "${*: -1}" "$OUT")" -eq 1 ] || blame "not one line: ${*: -1}"
	[ -z "$error" ]
	assert_clean
}

@test "a chain that loops ends where it does, and says so" {
	bad chain=0300010018000000ffff000000000000 'loops back to 0x18'
	bad chain=0300010028000000ffff0000000000000300010018000000ffff000000000000 'loops back to 0x18'
}

@test "a chain that is cut off gives what was whole" {
	bad chain=0300010028000000ffff00000000000000000000 'no space for a capability'
	bad chain=0100010000000000ffffffff00000000 'it has fewer ranges than it announces'
}

@test "a chain whose links leave it or overlap is broken, not followed" {
	bad chain=03000100ffffff00ffff000000000000 'is not aligned'
	bad chain_offset=4096 chain=0300010000000000 'beyond the end'
	bad chain_offset=16 chain=0300010000000000 'lies in the fixed part'
	bad chain=0300010028000000ffff0000000000000300010020000000 'points backwards, to 0x20'
}

@test "an answer that wants more room than any is not read" {
	for size in 1048576 4294967295; do
		fake stock-6.1 chain_argsz=$size
		probe 1 $EDU
		assert_json '.container | has("info") | not'
		assert_json '[.container.iommu_types[].get_info | select(. != null)] | length == 2 and all(.[]; .status == "failed" and .errno == "EMSGSIZE")'
		nest 1 probe $EDU
		[ "$(grep -c EMSGSIZE "$OUT")" -eq 1 ]
	done
}

@test "a broken chain where nesting could be set leaves the answer open" {
	fake nesting-op-v8 chain=0300010018000000ffff000000000000
	probe 3 $EDU
	decides unknown '"type1-nesting"' container.info.capabilities broken
}

# qemu11 STATUS STARTS MESSAGE-REGEX ARGUMENT...: the answer of --as qemu-11, and QEMU's message.
qemu11() {
	probe "$1" $EDU --as qemu-11 "${@:4}"
	# shellcheck disable=SC2016 # jq's variables
	assert_json '.as | .starts == $starts and (.message // "" | test($message)) and (.conditions[-1].holds == $starts)' \
		--arg starts "$2" --arg message "$3"
}

@test "QEMU 11 starts with a device that nests, and gets arguments that fit it" {
	fake iommufd-nested
	qemu11 0 yes '^$'
	assert_json '.as | .viommu == "intel-iommu" and (.arguments | .[2] | endswith("fsts=on,caching-mode=on")) and (.arguments[3] | contains("host=0000:00:01.0")) and (.libvirt[0] | contains("caching_mode"))'
	qemu11 0 yes '^$' --with fsts=off
	assert_json '.as.arguments[2] | (contains("fsts") | not) and contains(",aw-bits=39")'
	assert_json '.as.libvirt[0] | contains("aw_bits")'
	# Without fsts QEMU 11.1.3 attaches to a plain address space, here a first stage of 47 bits.
	qemu11 1 no '^aw-bits 48 > host aw-bits 47$' --with fsts=off,aw-bits=48
	qemu11 0 yes '^$' --with fsts=off,aw-bits=39
	fake iommufd-nested scalable=0
	qemu11 0 yes '^$' --with scalable-mode=off,aw-bits=48
	assert_json '.as.arguments[2] | contains("aw-bits") | not'
	fake iommufd-pri
	qemu11 0 yes '^$' --with svm=on,pasid-bits=4
	assert_json '.as.arguments[2] | contains("pasid-bits=4,device-iotlb=on,svm=on")'
}

@test "QEMU 11 refuses with its own message at the first condition that is not met" {
	fake iommufd-nested
	qemu11 1 no 'supported value for aw-bits is: 48$' --with aw-bits=39
	qemu11 1 no '^Need to set device IOTLB for svm$' --with svm=on,device-iotlb=off
	qemu11 1 no '^Need to set PASID support for svm$' --with svm=on,pasid-bits=0
	qemu11 1 no '^PASID width 21 exceeds Max PASID Width 20' --with pasid-bits=21
	qemu11 1 no 'without enabling caching-mode=on' --with caching-mode=off
	assert_json '.as | has("arguments") | not'
	qemu11 1 no '^fsts is only available in scalable mode$' --with scalable-mode=off,fsts=on
	qemu11 1 no '^Legacy mode: supported values for aw-bits are: 39, 48$' --with scalable-mode=off,aw-bits=57
	qemu11 1 no '^Need to set scalable mode for PASID$' --with scalable-mode=off,pasid-bits=4
	qemu11 1 no '^Need to set dma-translation for svm$' --with svm=on,dma-translation=off
	qemu11 0 yes '^$' --with scalable-mode=off
	assert_json '.as.arguments[2] | contains("scalable-mode") or contains("fsts") | not'
	# a property of the other virtual IOMMU is none of this one
	qemu11 1 no "^Property 'intel-iommu.ssidsize' not found$" --with fsts=on,ssidsize=4
	fake iommufd-smmuv3
	qemu11 1 no "^Property 'arm-smmuv3.pasid-bits' not found$" --with pasid-bits=4,ril=on
	qemu11 0 yes '^$' --with ril=on
	fake iommufd-pri
	qemu11 1 no '^PASID bits size 9 > host IOMMU PASID bits size 8$' --with pasid-bits=9
	# Without 1 GiB pages in the first stage (CAP bit 56).
	fake iommufd-nested cap=0xd2008c222f0606
	qemu11 1 no '^First stage 1GB large page is unsupported' --with fs1gp=on
	qemu11 0 yes '^$'
	assert_json '.as.arguments[2] | contains(",fs1gp=off")'
	# 39 bits in the second stage: MGAW and SAGAW.
	fake iommufd-nested cap=0x1d2008c22260206
	qemu11 1 no '^aw-bits 48 > host aw-bits 39$'
	fake iommufd-flat
	qemu11 1 no '^Failed to allocate hwpt$'
	fake stock-6.1
	qemu11 1 no '^/dev/iommu does not exist'
}

@test "QEMU 11: what cannot be asked is unknown, and another IOMMU is refused" {
	fake iommufd-nested
	probe 3 --as qemu-11
	assert_json '.as | .starts == "unknown" and (has("message") or has("arguments") | not)'
	COLUMNS=80 nest 3 probe --as qemu-11
	[ "$(wc -L <"$OUT")" -le 80 ] && [[ $(head -n 2 "$OUT") == 'QEMU 11.1 would start '*'nests:'$'\n'unknown ]]
	fake eacces
	qemu11 3 unknown '^$'
	fake iommufd-flat iommu=amd
	qemu11 1 no '^Incompatible host platform IOMMU type 4$'
	# Without IDR3.FWB the table of the firmware decides.
	fake iommufd-nested iommu=smmuv3 cap=0x027300100d44101b ecap=0x0000007400001414
	qemu11 1 no '^IOMMU_VIOMMU_ALLOC failed$'
	assert_json '.as | .viommu == "arm-smmuv3" and (.conditions[-1].why | contains("EOPNOTSUPP"))'
	fake iommufd-nested iommu=smmuv3 canwbs=1 cap=0x027300100d44101b ecap=0x0000007400001414
	qemu11 0 yes '^$'
	fake iommufd-nested iommu=smmuv3 cap=0x027300100d44101b ecap=0x0000005400001514
	qemu11 1 no "doesn't support 16K translation granule$"
	fake iommufd-nested iommu=smmuv3 cap=0x027300100d44101b ecap=0x0000007500001514
	qemu11 0 yes '^$'
	assert_json '.as.arguments[1] | contains("arm-smmuv3,primary-bus=pcie.0,accel=on,ril=on,ats=off,oas=48,ssidsize=0")'
	qemu11 1 no 'SSIDSIZE not compatible .host=0, QEMU=4.$' --with ssidsize=4
	qemu11 1 no '^CMDQV requested but not supported$' --with cmdqv=on
	# QEMU compares the page sizes last
	fake iommufd-nested iommu=smmuv3 cap=0x027300100d44101b ecap=0x0000005400001514
	qemu11 1 no 'SSIDSIZE not compatible .host=0, QEMU=4.$' --with ssidsize=4
	fake iommufd-nested iommu=smmuv3 cap=0x0273000f0d44101b ecap=0x0000007400001514
	qemu11 1 no '^Host SMMUv3 SIDSIZE not compatible .host=15, QEMU=16.$'
}

@test "what a request needs of the hardware is told where the hardware lacks it" {
	# EFR.HDSup and EFR.PPRSup are set: whatever refuses the tables, it is not they
	fake iommufd-nested "$EPYC"
	nest 1 probe $EDU
	assert_says 'HWPT dirty_tracking EOPNOTSUPP'
	refute_says 'AMD needs'
	fake iommufd-nested 'iommu=amd cap=0x25af732fa2295afc ecap=0x1d'
	nest 1 probe $EDU
	assert_says 'AMD needs EFR.PPRSup' 'EFR.HDSup'
	# a gate of the registers, whatever the table of firmware says
	fake iommufd-nested 'iommu=amd cap=0x25bf732fa2295afe ecap=0x0'
	probe 1 $EDU
	assert_json '.decision.reasons | any(.text | contains("gcr3trpmode")) and all(.evidence != "ivrs")'
	fake iommufd-smmuv3
	nest 0 probe $EDU
	assert_says 'none that a guest can own'
	refute_says 'does not describe its hardware' 'supports no table for PASIDs'
	fake iommufd-smmuv3 canwbs=0
	nest 1 probe $EDU
	refute_says 'Firmware says: firmware'
}

@test "SMMUv3: command queues that a guest can own are asked for by their type" {
	fake iommufd-nested "$SMMU" canwbs=1
	probe 0 $EDU
	assert_json '.iommufd.cmdqv | .status == "failed" and .errno == "EOPNOTSUPP"'
	assert_calls '[.[] | select(.request == "IOMMU_GET_HW_INFO") | .result] == [0, -95] or any(.[]; .request == "IOMMU_GET_HW_INFO" and .result < 0)'
	fake iommufd-nested "$SMMU" canwbs=1 cmdqv=1
	probe 0 $EDU
	assert_json '.iommufd | .hw_info.type == 2 and (.cmdqv | .status == "ok" and .version == 1 and .log2_vcmdqs == 1 and .log2_vsids == 4)'
	qemu11 0 yes '^$'
	assert_json '.as | (.arguments[1] | endswith(",cmdqv=on")) and (.libvirt | tostring | contains("cmdqv"))'
	# VT-d has none, and an older kernel does not take the question
	fake iommufd-nested
	probe 0 $EDU
	assert_json '.iommufd | has("cmdqv") | not'
	fake iommufd-nested "$SMMU" canwbs=1 cmdqv=1 kernel_release=6.16.1
	probe 0 $EDU
	assert_json '.iommufd.cmdqv.errno == "EOPNOTSUPP"'
}

@test "--with takes properties of QEMU 11 alone" {
	fake iommufd-nested
	local bad
	for bad in x=1 fsts fsts=maybe fsts=1 pasid-bits=on pasid-bits=4294967296 'svm=on,,fsts=on' ','; do
		nest 2 probe $EDU --as qemu-11 --with "$bad"
		grep -qF "invalid property" "$ERR"
	done
	nest 2 probe $EDU --as qemu-11 --with svm=on,fsts=maybe
	assert_warns "invalid property 'fsts=maybe' (fsts=on, fsts=off)"
	nest 2 probe $EDU --as qemu-11 --with oas=256,svm=on
	assert_warns "invalid property 'oas=256' (oas=0 to oas=255)"
	nest 2 probe $EDU --as qemu-11 --with pasid_bits=8
	assert_warns "invalid property 'pasid_bits'; did you mean 'pasid-bits'?"
	nest 2 probe $EDU --with fsts=on
	grep -qF -e '--with needs --as qemu-11' "$ERR"
}
