#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# decode: registers, logs and DMAR tables from elsewhere.

load helpers

log() { printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/log"; }

@test "a VT-d pair is decoded field by field, with the gate that fails" {
	nest 0 decode --json vt-d 0x1c0000c40660462 7e3ff0505e
	assert_json '.command == "decode" and (.registers | length) == 1'
	assert_json '.registers[0] | .kind == "vt-d" and .cap == "0x1c0000c40660462" and .ecap == "0x7e3ff0505e"'
	assert_json '.registers[0].fields | .nd == 2 and .mgaw == 38 and .sagaw == 4 and .nest == 1 and .smts == 0 and .psi == 0'
	assert_json '.registers[0].nesting | .status == "no" and .gate == "smts"'
}

@test "real Sapphire Rapids registers nest" {
	nest 0 decode --json vt-d 9ed008c40780466 3ee9e86f050df
	assert_json '.registers[0].nesting.status == "yes"'
	nest 0 decode vt-d 9ed008c40780466 3ee9e86f050df
	assert_says 'nests' 'yes' 'ecap' 'smts'
}

@test "registers of all ones are unknown, not everything" {
	nest 0 decode --json vt-d ffffffffffffffff ffffffffffffffff
	assert_json '.registers[0].nesting | .status == "unknown" and .gate == "registers"'
	assert_json '.registers[0].fields == {}'
}

@test "AMD with one register leaves the gates of the second unknown" {
	nest 0 decode --json amd 0x246577efa2254afa
	assert_json '.registers[0] | .kind == "amd" and (has("efr2") | not)'
	nest 0 decode --json amd 0x246577efa2254afa:0x10
	assert_json '.registers[0] | .efr2 == "0x10" and .nesting.status == "no"'
}

@test "SMMUv3 takes four registers of 32 bits" {
	nest 0 decode --json smmuv3 0x0d7fff1f 0x0c7f2e 0x100 0x74
	assert_json '.registers[0] | .kind == "smmuv3" and .fields.s1p == 1 and .fields.s2p == 1'
	nest 2 decode smmuv3 0x10d7fff1f 0 0 0
	assert_warns '0x10d7fff1f' '32 bits'
	# IIDR names the part, and Linux keeps nesting off on some
	nest 0 decode --json smmuv3 0x0d44101b 0x2730010 0x1514 0x74 0x4832043b
	assert_json '.registers[0] | .nesting.status == "yes" and .fields.productid == 1155'
	nest 0 decode --json smmuv3 0x0d44101b 0x2730010 0x1514 0x74 0x4830043b
	assert_json '.registers[0].nesting | .status == "no" and .gate == "erratum" and (.reason | contains("1209401"))'
	nest 2 decode smmuv3 0x0d44101b 0x2730010 0x1514
	nest 2 decode smmuv3 0x0d44101b 0x2730010 0x1514 0x74 0 0
}

@test "what is no register is refused with one line and status 2" {
	local bad
	for bad in 'vt-d 12' 'vt-d 12 zz' 'vt-d 12 -1' 'vt-d 12 0x12345678901234567' 'vt-d 1 2 3' 'amd 1:' 'amd :1' \
		'risc-v 1' '' 'dmar'; do
		# shellcheck disable=SC2086 # words of a command line
		nest 2 decode $bad
		[ -z "$output" ]
		[ "$(wc -l <"$ERR")" -le 3 ]
	done
}

@test "a log gives its units, wrapped, quoted and with any timestamp" {
	log '[    0.012345] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 29a00f0505e' \
		'> Jan 12 03:04:05 host kernel: DMAR: dmar1: reg_base_addr fed91000 ver 1:0 cap' \
		'> d2008c40660462 ecap f050da'
	nest 0 decode --json --log "$BATS_TEST_TMPDIR/log"
	assert_json '.registers[0] | .address == "0xfed90000" and .version == "1:0" and .line == 1 and .count == 1'
	assert_json '[.registers[] | [.name, .cap, .ecap]] == [["dmar0", "0x1c0000c40660462", "0x29a00f0505e"], ["dmar1", "0xd2008c40660462", "0xf050da"]]'
}

@test "faults of both formats are found and explained" {
	log 'DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0xdeadb000 [fault reason 0x06] PTE Read access is not set' \
		'DMAR:[DMA Write] Request device [03:00.0] fault addr ffff0000 ' \
		'DMAR:[fault reason 05] PTE Write access is not set' \
		'DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0] fault addr 0x7f1234567000 [fault reason 0x71] SM: Present bit in first-level paging entry is clear'
	nest 0 decode --json --log "$BATS_TEST_TMPDIR/log"
	assert_json '[.faults[] | [.device, .access, .reason, .address]] == [["0000:00:02.0", "read", "0x6", "0xdeadb000"], ["0000:03:00.0", "write", "0x5", "0xffff0000"], ["0000:00:01.0", "write", "0x71", "0x7f1234567000"]]'
	assert_json 'all(.faults[]; .meaning and .cause)'
}

@test "groups are found in both of the kernel's wordings" {
	log 'pci 0000:00:02.0: Adding to iommu group 1' 'iommu: Adding device 0000:00:1f.0 to group 12'
	nest 0 decode --json --log "$BATS_TEST_TMPDIR/log"
	assert_json '[.groups[] | [.device, .group]] == [["0000:00:02.0", 1], ["0000:00:1f.0", 12]]'
}

@test "for people every label is apart from its value, the longest too" {
	log 'AMD-Vi: Interrupt remapping enabled' 'DMAR-IR: This system BIOS has enabled interrupt remapping on a chipset that contains an erratum' \
		'vfio-pci 0000:00:02.0: Device is ineligible for IOMMU domain attach due to platform RMRR requirement' \
		'iommu: No interrupt remapping support' 'platform arm-smmu-test-with-a-long-name.0: Adding to iommu group 1'
	nest 0 decode --json --log "$BATS_TEST_TMPDIR/log"
	jq -r '(.notes[].id), (.groups[].device)' "$OUT" | sort -u >"$BATS_TEST_TMPDIR/labels"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/labels")" -ge 5 ]
	nest 0 decode --log "$BATS_TEST_TMPDIR/log"
	while read -r label; do
		grep -qE "^  $label( |\$)" "$OUT" || blame "not apart from its value: $label"
	done <"$BATS_TEST_TMPDIR/labels"
}

@test "a log without a word on IOMMUs is a no, an unreadable one is unknown" {
	log 'usb 1-1: new high-speed USB device'
	nest 1 decode --log "$BATS_TEST_TMPDIR/log"
	assert_warns 'contains no messages about IOMMUs'
	nest 3 decode --json --log "$BATS_TEST_TMPDIR/none"
	assert_json '.errors[0].errno == "ENOENT"'
	nest 3 decode --log "$BATS_TEST_TMPDIR"
}

@test "a hostile log reaches no terminal" {
	printf 'pci \033]0;owned\a0000:00:02.0: Adding to iommu group 1\nDMAR: dmar\0330: reg_base_addr fed90000 ver 1:0 cap 1 ecap 2\n\377\376 iommu\n' \
		>"$BATS_TEST_TMPDIR/log"
	nest 0 decode --log "$BATS_TEST_TMPDIR/log"
	assert_clean
	nest 0 decode --json --log "$BATS_TEST_TMPDIR/log"
	assert_clean
}

# One unit for everything, one RMRR for 00:14.0, with the right checksum.
table() {
	perl -e '
		my $drhd = pack "v v C C v Q<", 0, 16, 1, 0, 0, 0xfed90000;
		my $rmrr = pack "v v v v Q< Q< C C v C C C C", 1, 32, 0, 0, 0x7d000000, 0x7d7fffff, 1, 8, 0, 0, 0, 0x14, 0;
		my $body = $drhd . $rmrr;
		my $table = pack("a4 V C C a6 a8 V a4 V C C x10", "DMAR", 48 + length $body, 1, 0, "TEST", "TABLE", 1, "CRE", 1, 38, 5) . $body;
		my $sum = 0;
		$sum += $_ for unpack "C*", $table;
		substr $table, 9, 1, chr(-$sum & 255);
		print $table'
}

@test "a DMAR table is decoded, binary and as a hex listing" {
	local file
	table >"$BATS_TEST_TMPDIR/dmar"
	{
		echo 'DMAR @ 0x0000000000000000'
		xxd_like <"$BATS_TEST_TMPDIR/dmar"
	} >"$BATS_TEST_TMPDIR/listing"
	for file in dmar listing; do
		nest 0 decode --json dmar "$BATS_TEST_TMPDIR/$file"
		assert_json '.dmar | .complete and .checksum_ok == "yes" and .host_address_width == 39'
		assert_json '.dmar.flags | .intr_remap and .x2apic_opt_out == false and .dma_ctrl_platform_opt_in'
		assert_json '.dmar.structures | length == 2 and .[0].type == "drhd" and .[0].base == "0xfed90000" and .[0].flags.include_pci_all'
		assert_json '.dmar.structures[1] | .type == "rmrr" and .base == "0x7d000000" and .end == "0x7d7fffff" and .scopes[0].type == "endpoint" and .scopes[0].path == ["14.0"]'
	done
}

# acpidump's layout: offset, sixteen bytes, the text.
xxd_like() {
	perl -e 'local $/ = \16; my $at = 0; while (<>) { printf "    %04X: %-48s %s\n", $at, join(" ", map { sprintf "%02X", $_ } unpack "C*"), tr/ -~/./cr; $at += 16 }'
}

@test "a cut table keeps what came before, says so, and ends with 3" {
	table | head -c 70 >"$BATS_TEST_TMPDIR/dmar"
	nest 3 decode --json dmar "$BATS_TEST_TMPDIR/dmar"
	assert_json '.dmar | .complete == false and .structures[0].type == "drhd" and any(.notes[]; .fatal)'
	nest 3 decode dmar "$BATS_TEST_TMPDIR/dmar"
	assert_says 'drhd' 'broken'
	[ "$(wc -l <"$ERR")" -eq 1 ]
}

TABLES=$ROOT/tests/fuzz/corpus/table

@test "AMD's and Arm's tables agree with iasl, field by field" {
	needs iasl
	needs python3
	local kind
	for kind in ivrs iort; do
		cp "$TABLES/$kind" "$BATS_TEST_TMPDIR/$kind.aml"
		iasl -p "$BATS_TEST_TMPDIR/$kind" -d "$BATS_TEST_TMPDIR/$kind.aml" >/dev/null 2>&1
		nest 0 decode --json "$kind" "$TABLES/$kind"
		"$ROOT/tests/table-equals" "$BATS_TEST_TMPDIR/$kind.dsl" "$OUT"
	done
}

@test "of AMD's table it is told which blocks Linux uses, and whether the unit nests" {
	nest 0 decode ivrs "$TABLES/ivrs"
	assert_says 'unit, without EFR image (type 0x10)' 'Linux does not use it' 'nests: yes' 'I/O APIC' '\_SB.FUR0' \
		'memory from 0x7d000000' 'device 03:02.0' 'exclusion'
	nest 0 decode --json ivrs "$TABLES/ivrs"
	assert_json '.ivrs | .complete and .flags.efr_sup and [.structures[] | select(.used) | .type_number] == [64, 33]'
	assert_json '[.ivrs.structures[1].entries[] | [.type, .variety, .handle]] == [["special", 1, 33], ["special", 2, 0]]'
	nest 0 decode ivrs "$TABLES/ivrs-hang"
	assert_says 'Linux hangs here'
}

@test "of Arm's table it is told which root complex has CANWBS, and which memory is reserved" {
	nest 0 decode iort "$TABLES/iort"
	assert_says 'segment 1' 'canwbs (every access to memory is coherent write-back)' 'memory from 0x80000000' \
		'ids from 0x0, count 256, become 0x1000, of node at 0x48'
	nest 0 decode --json iort "$TABLES/listing"
	assert_json '[.iort.structures[] | select(.type == "root_complex") | [.segment, .memory_flags.canwbs]] == [[0, false], [1, true]]'
	assert_json '.iort.structures[4] | .mappings[0].output_base == "0x1008" and .ranges[0].size == "0x10000"'
	nest 0 decode --json viot "$TABLES/viot"
	assert_json '.viot.structures | .[0].device_id == "00:01.0" and .[1].segment == 1'
}

@test "a table of another kind is named, with the command for it" {
	nest 3 decode dmar "$TABLES/ivrs"
	assert_warns 'holds an IVRS table: use vfio-nestctl decode ivrs '"$TABLES/ivrs"
	nest 3 decode dmar "$TABLES/listing"
	assert_warns 'holds an IORT table: use vfio-nestctl decode iort '"$TABLES/listing"
	table >"$BATS_TEST_TMPDIR/dmar"
	nest 3 decode viot "$BATS_TEST_TMPDIR/dmar"
	assert_warns 'holds a DMAR table: use vfio-nestctl decode dmar'
	# hexdump(1) swaps the bytes of a word.
	echo '0000000 4956 5352 0040 0000 1c02 4d41 2044 0020' | sed 's/4956 5352/5649 5352/' >"$BATS_TEST_TMPDIR/words"
	nest 3 decode dmar "$BATS_TEST_TMPDIR/words"
	assert_warns 'decode ivrs'
	refute_says VISR
}

@test "a person sees the flags of SIDP, ids of interrupt sources, and how many registers a unit has" {
	perl -e '
		my $drhd = pack "v v C C v Q< C8 C8", 0, 32, 0, 3, 2, 0xfed90000, 3, 8, 0, 0, 5, 0xf0, 0x1f, 0, 1, 8, 0, 0, 0, 0, 2, 0;
		my $sidp = pack "v v C C v C8", 6, 16, 0, 0, 2, 1, 8, 1, 0, 0, 0, 2, 0;
		my $body = $drhd . $sidp;
		print pack("a4 V C C a6 a8 V a4 V C C x10", "DMAR", 48 + length $body, 1, 0, "TEST", "TABLE", 1, "CRE", 1, 255, 1) . $body' >"$BATS_TEST_TMPDIR/dmar"
	nest 0 decode dmar "$BATS_TEST_TMPDIR/dmar"
	assert_says 'ioapic f0:1f.0, id 5' '32 KiB, segment 0002' 'nested_not_allowed (no nested translation' \
		'host address width of 256 bits, expected 12 to 64'
	refute_says 'endpoint 00:02.0, id'
	nest 0 decode --json dmar "$BATS_TEST_TMPDIR/dmar"
	assert_json '.dmar | .host_address_width == 256 and .structures[1].segment == 2'
}
