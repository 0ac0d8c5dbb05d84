// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the log decoder on the wordings of many kernels, in the shapes logs are posted in. */

#include "klog.h"

#include <stdlib.h>

#include "test.h"

static struct nest_klog *klog;
static const struct nest_klog_result *r;

static void start(void)
{
	nest_klog_free(klog);
	klog = nest_klog_new();
	r = nest_klog_result(klog);
}

/* Decodes a text in pieces of step bytes, each from its own heap block. */
static void decode_in(const char *text, size_t len, size_t step)
{
	size_t at, n;

	start();
	for (at = 0; at < len; at += n) {
		char *piece;

		n = len - at < step ? len - at : step;
		piece = malloc(n);
		memcpy(piece, text + at, n);
		CHECK_EQ(nest_klog_feed(klog, piece, n), 0);
		free(piece);
	}
	CHECK_EQ(nest_klog_finish(klog), 0);
}

static void decode(const char *text)
{
	decode_in(text, strlen(text), 4096);
}

static const struct nest_klog_note *note(const char *id)
{
	size_t i;

	for (i = 0; i < r->nnotes; i++)
		if (!strcmp(r->notes[i].id, id))
			return &r->notes[i];
	return NULL;
}

/* One VT-d unit with these registers, whatever is around it. */
static void one_unit(const char *text, const char *name, uint64_t cap, uint64_t ecap)
{
	bool good;

	decode(text);
	good = CHECK_EQ(r->nunits, 1);
	if (r->nunits == 1) {
		good &= CHECK_STR(r->units[0].name, name);
		good &= CHECK_EQ(r->units[0].first, cap);
		good &= CHECK_EQ(r->units[0].second, ecap);
		good &= CHECK_EQ(r->units[0].kind, NEST_REGS_VTD);
		good &= CHECK_EQ(r->units[0].count, 1);
	}
	if (!good)
		printf("# in: %s\n", text);
}

#define CAP  0x1c0000c40660462
#define ECAP 0x19e2ff0505e
#define UNIT "dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 19e2ff0505e"

TEST(timestamps, "a unit is found behind every kind of timestamp")
{
	one_unit("DMAR: " UNIT "\n", "dmar0", CAP, ECAP);
	CHECK_EQ(r->units[0].address, 0xfed90000);
	CHECK(r->units[0].has_address && r->units[0].has_version);
	CHECK_EQ(r->units[0].version_major, 1);
	CHECK_EQ(r->units[0].version_minor, 0);
	CHECK_EQ(r->units[0].line, 1);
	one_unit("[    0.148205] DMAR: " UNIT, "dmar0", CAP, ECAP);
	one_unit("<6>[    0.148205][    T0] DMAR: " UNIT "\r\n", "dmar0", CAP, ECAP);
	one_unit("[Mon Nov 23 06:09:00 2026] DMAR: " UNIT, "dmar0", CAP, ECAP);
	one_unit("2026-11-23T06:09:00,123456+00:00 DMAR: " UNIT, "dmar0", CAP, ECAP);
	one_unit("Feb 16 11:20:13 host kernel: [    0.041050] DMAR: " UNIT, "dmar0", CAP, ECAP);
	one_unit("kern  :info  : [    0.041050] DMAR: " UNIT, "dmar0", CAP, ECAP);
	one_unit("\x1b[32m[    0.148205] \x1b[0m\x1b[33mDMAR\x1b[0m: " UNIT, "dmar0", CAP, ECAP);
	one_unit(UNIT, "dmar0", CAP, ECAP);
	one_unit("\tDMAR:\t dmar0:  reg_base_addr   fed90000 ver 1:0\tcap 0x1c0000c40660462 "
		 "ecap 0x19e2ff0505e",
		 "dmar0", CAP, ECAP);
}

TEST(old_units, "units are found in the wordings of 2009 to 2013")
{
	one_unit("dmar: IOMMU 1: reg_base_addr fbffe000 ver 1:0 cap 1c0000c40660462 ecap "
		 "19e2ff0505e",
		 "dmar1", CAP, ECAP);
	one_unit("IOMMU fed90000: ver 1:0 cap 1c0000c40660462 ecap 19e2ff0505e", "reg_base_addr",
		 CAP, ECAP);
	CHECK_EQ(r->units[0].address, 0xfed90000);
}

TEST(nameless, "a unit without a name is called by its address word")
{
	one_unit("reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 19e2ff0505e",
		 "reg_base_addr", CAP, ECAP);
	one_unit("someone wrote: cap 1c0000c40660462 ecap 19e2ff0505e.", "reg_base_addr", CAP,
		 ECAP);
	CHECK(!r->units[0].has_address && !r->units[0].has_version);
}

TEST(wrapped, "a unit wrapped by a mail program is found, quoted too")
{
	one_unit("DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap\n"
		 "19e2ff0505e\nDMAR: DRHD base: 0x000000fed91000 flags: 0x1\n",
		 "dmar0", CAP, ECAP);
	one_unit("> > [    0.1] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap\n"
		 "> > 1c0000c40660462 ecap 19e2ff0505e\n",
		 "dmar0", CAP, ECAP);
	one_unit(">> DMAR: dmar0:\n>> reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462\n"
		 ">> ecap 19e2ff0505e\n",
		 "dmar0", CAP, ECAP);
	one_unit("| DMAR: dmar0: reg_base_addr\n\n| fed90000 ver 1:0 cap 1c0000c40660462 ecap "
		 "19e2ff0505e\n",
		 "dmar0", CAP, ECAP);
	CHECK_EQ(r->units[0].line, 1);
	one_unit(
		"[ 0.1] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 19e2=\n"
		"ff0505e\n",
		"dmar0", CAP, ECAP);
	one_unit("[ 0.1] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap =\n1c0000c40660462 ecap "
		 "19e2ff0505e\n",
		 "dmar0", CAP, ECAP);
}

/* Breaks a text like fold(1) does, at width characters and anywhere in a word. */
static void fold(const char *text, size_t width, char *ret)
{
	size_t i;

	for (i = 0; text[i]; i++) {
		if (i && i % width == 0)
			*ret++ = '\n';
		*ret++ = text[i];
	}
	*ret = '\0';
}

TEST(folded, "messages broken at any fixed width are found, with whole numbers")
{
	static const char *const unit = "[    0.166047] DMAR: " UNIT;
	static const char *const fault = "DMAR: [DMA Read PASID 0x5] Request device [3a:01.0] "
					 "fault addr 0x7f1234567000 [fault reason 0x71] SM: x";
	static const char *const group = "pci 0000:66:00.4: Adding to iommu group 12345";
	static const char *const amd = "AMD-Vi: Extended features (0x246577efa2254afa, 0x8): PPR";
	char text[400];
	size_t width;

	for (width = 40; width < 110; width++) {
		bool good;

		fold(unit, width, text);
		strcat(text, "\n[    0.166053] DMAR: DRHD base: 0x000000e17fc000 flags: 0x0\n");
		decode(text);
		good = CHECK_EQ(r->nunits, 1) && CHECK_STR(r->units[0].name, "dmar0") &&
		       CHECK_EQ(r->units[0].first, CAP) && CHECK_EQ(r->units[0].second, ECAP) &&
		       CHECK_EQ(r->units[0].address, 0xfed90000);
		if (!good)
			printf("# in: %s\n", text);
		fold(fault, width, text);
		decode(text);
		good = CHECK_EQ(r->nfaults, 1) && CHECK_EQ(r->faults[0].access, NEST_KLOG_READ) &&
		       CHECK_EQ(r->faults[0].pasid, 5) && CHECK_EQ(r->faults[0].reason, 0x71) &&
		       CHECK_EQ(r->faults[0].address, 0x7f1234567000) &&
		       CHECK_EQ(r->faults[0].bus, 0x3a);
		if (!good)
			printf("# in: %s\n", text);
		fold(amd, width, text);
		decode(text);
		good = CHECK_EQ(r->nunits, 1) && CHECK_EQ(r->units[0].first, 0x246577efa2254afa) &&
		       CHECK_EQ(r->units[0].second, 8);
		if (!good)
			printf("# in: %s\n", text);
	}
	for (width = 18; width < 50; width++) {
		fold(group, width, text);
		decode(text);
		if (!CHECK_EQ(r->ngroups, 1) || !CHECK_EQ(r->groups[0].group, 12345) ||
		    !CHECK_STR(r->groups[0].device, "0000:66:00.4"))
			printf("# in: %s\n", text);
	}
}

TEST(not_folded, "what follows a whole message is not taken for its rest")
{
	one_unit(UNIT "\ncafe is open\n", "dmar0", CAP, ECAP);
	one_unit(UNIT "\n[ 1] x\n", "dmar0", CAP, ECAP);
	one_unit(UNIT " \nbad\n", "dmar0", CAP, ECAP);
	one_unit(UNIT "\n\n> a\n", "dmar0", CAP, ECAP);
}

TEST(not_units, "half a unit is no unit")
{
	decode("DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap\n"
	       "[    0.2] DMAR: DRHD base: 0x000000fed91000 flags: 0x1\n"
	       "cap 12345678901234567 ecap 1\nicap 12 ecap 34\ncap 12 ecap 34x\ncap 12 ecap\n");
	CHECK_EQ(r->nunits, 0);
}

TEST(repeated, "the same unit in several boots is one unit, counted")
{
	decode("DMAR: " UNIT "\nDMAR: dmar1: reg_base_addr fed91000 ver 1:0 cap d2008c40660462 "
	       "ecap f050da\nDMAR: " UNIT "\n");
	CHECK_EQ(r->nunits, 2);
	CHECK_EQ(r->units[0].count, 2);
	CHECK_STR(r->units[1].name, "dmar1");
	CHECK_EQ(r->units[1].line, 2);
	CHECK_EQ(r->lines, 3);
}

TEST(one_line, "several messages on one line are all found")
{
	decode(UNIT " dmar1: reg_base_addr fed91000 ver 1:0 cap d2008c40660462 ecap f050da "
		    "pci 0000:00:00.0: Adding to iommu group 0 pci 0000:00:02.0: Adding to iommu "
		    "group 1");
	CHECK_EQ(r->nunits, 2);
	CHECK_EQ(r->ngroups, 2);
}

TEST(verdict, "a unit from a log is decoded like one from anywhere")
{
	struct nest_regs regs;

	decode("DMAR: dmar8: reg_base_addr aa3fc000 ver 6:0 cap 9ed008c40780466 ecap "
	       "3ee9e86f050df\nAMD-Vi: Extended features (0x246577efa2254afa): PPR NX\n");
	REQUIRE(r->nunits == 2);
	nest_klog_unit_decode(&r->units[0], &regs);
	CHECK_EQ(regs.nesting.status, NEST_YES);
	nest_klog_unit_decode(&r->units[1], &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(regs.nesting.gate, "gcr3trpmode");
}

TEST(amd, "AMD features are found in every wording, named after their unit")
{
	decode("[    1.037825] pci 0001:c0:00.2: AMD-Vi: Found IOMMU cap 0x40\n"
	       "[    1.037827] AMD-Vi: Extended features (0xa5bf732fa2295afe): PPR X2APIC NX\n"
	       "[    4.345723] AMD-Vi: Found IOMMU at 0000:c0:00.2 cap 0x40\n"
	       "[    4.345724] AMD-Vi: Extended features (0x58f77ef22294ade):\n"
	       "[    0.445612] AMD-Vi: Extended features (0x246577efa2254afa, 0x8): PPR \nNX GT\n"
	       "[    0.244511] AMD-Vi: Using global IVHD EFR:0x246577efa2254afa, EFR2:0x8\n"
	       "AMD-Vi:  Extended features:  PPR GT IA\n");
	REQUIRE(r->nunits == 3);
	CHECK_STR(r->units[0].name, "0001:c0:00.2");
	CHECK_EQ(r->units[0].first, 0xa5bf732fa2295afe);
	CHECK(!r->units[0].has_second);
	CHECK_STR(r->units[1].name, "0000:c0:00.2");
	CHECK_STR(r->units[2].name, "AMD-Vi");
	CHECK(r->units[2].has_second);
	CHECK_EQ(r->units[2].second, 8);
	CHECK_EQ(r->units[2].count, 2);
	CHECK_EQ(r->units[2].kind, NEST_REGS_AMD);
	decode("AMD-Vi: Extended features (0x246577efa2254afa,\n> 0x0): PPR NX\n");
	REQUIRE(r->nunits == 1);
	CHECK(r->units[0].has_second);
	decode("pci 0000:00:00.2: AMD-Vi: Extended features (0x58f77ef22294a=\nde):\n");
	REQUIRE(r->nunits == 1);
	CHECK_EQ(r->units[0].first, 0x58f77ef22294ade);
}

/* One fault line, decoded. */
static const struct nest_klog_fault *one_fault(const char *text)
{
	static const struct nest_klog_fault none;

	decode(text);
	if (CHECK_EQ(r->nfaults, 1))
		return &r->faults[0];
	printf("# in: %s\n", text);
	return &none;
}

TEST(fault_oldest, "a fault of 2009 is found on its two lines")
{
	const struct nest_klog_fault *f;

	f = one_fault("[ 9731.055098] dmar: DMAR:[DMA Read] Request device [01:00.1] fault addr "
		      "2231b8000 \nDMAR:[fault reason 12] non-zero reserved fields in PTE\n");
	CHECK_EQ(f->access, NEST_KLOG_READ);
	CHECK_EQ(f->segment, 0);
	CHECK_EQ(f->bus, 1);
	CHECK_EQ(f->device, 0);
	CHECK_EQ(f->function, 1);
	CHECK(f->has_address && f->has_reason);
	CHECK_EQ(f->address, 0x2231b8000);
	CHECK_EQ(f->reason, 12);
	CHECK_EQ(f->with_pasid, NEST_UNKNOWN);
	CHECK_STR(f->explained->condition, "LSL.2");
	f = one_fault("kernel: [ 2892.897750] DMAR:[DMA Write] Request device [04:00.0] fault addr "
		      "fde00000\nkernel: [ 2892.897751] DMAR:[fault reason 05] PTE Write access is "
		      "not set\n");
	CHECK_EQ(f->access, NEST_KLOG_WRITE);
	CHECK_EQ(f->reason, 5);
}

TEST(fault_middle, "a fault of 2015 and one of 2020 are found")
{
	const struct nest_klog_fault *f;

	f = one_fault("DMAR: [DMA Read] Request device [00:02.0] fault addr 0 [fault reason 06] "
		      "PTE Read access is not set");
	CHECK_EQ(f->reason, 6);
	CHECK_EQ(f->address, 0);
	CHECK(f->has_address);
	f = one_fault("DMAR: [DMA Write] Request device [3a:1f.7] PASID ffffffff fault addr "
		      "ffffe000 [fault reason 05] PTE Write access is not set");
	CHECK_EQ(f->with_pasid, NEST_NO);
	CHECK_EQ(f->bus, 0x3a);
	CHECK_EQ(f->device, 0x1f);
	CHECK_EQ(f->function, 7);
	f = one_fault("DMAR: [DMA Read] Request device [6a:01.0] PASID 1e fault addr 7f0000001000 "
		      "[fault reason 113] SM: Present bit in first-level paging entry is clear");
	CHECK_EQ(f->with_pasid, NEST_YES);
	CHECK_EQ(f->pasid, 0x1e);
	CHECK_EQ(f->reason, 0x71);
	CHECK_HAS(f->explained->meaning, "first stage");
}

TEST(fault_new, "a fault of today is found, with its segment")
{
	const struct nest_klog_fault *f;

	f = one_fault("[   12.5] DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0] fault "
		      "addr 0x7f1234567000 [fault reason 0x71] SM: Present bit in first-level "
		      "paging entry is clear");
	CHECK_EQ(f->access, NEST_KLOG_WRITE);
	CHECK_EQ(f->with_pasid, NEST_NO);
	CHECK_EQ(f->address, 0x7f1234567000);
	CHECK_EQ(f->reason, 0x71);
	f = one_fault("DMAR: [DMA Read PASID 0x5] Request device [10000:e1:00.0] fault addr 0x1000 "
		      "[fault reason 0x59] SM: Present bit in PASID Table Entry is clear");
	CHECK_EQ(f->segment, 0x10000);
	CHECK_EQ(f->with_pasid, NEST_YES);
	CHECK_EQ(f->pasid, 5);
	CHECK_STR(f->explained->condition, "SPT.2");
}

TEST(fault_interrupt, "interrupt faults are found in every wording")
{
	const struct nest_klog_fault *f;

	f = one_fault("DMAR: [INTR-REMAP] Request device [f0:1f.7] fault index 2 [fault reason 34] "
		      "Present field in the IRTE entry is clear");
	CHECK_EQ(f->access, NEST_KLOG_INTERRUPT);
	CHECK_EQ(f->address, 2);
	CHECK_EQ(f->reason, 0x22);
	CHECK_HAS(f->explained->meaning, "no entry");
	f = one_fault("DMAR: [INTR-REMAP] Request device [01:00.0] fault index 0x1b [fault reason "
		      "0x26] Blocked an interrupt request due to source-id verification failure");
	CHECK_EQ(f->address, 0x1b);
	CHECK_EQ(f->reason, 0x26);
	f = one_fault("INTR-REMAP: Request device [[01:00.0] fault index 5\n"
		      "INTR-REMAP:[fault reason 37] Blocked a compatibility format interrupt\n");
	CHECK_EQ(f->access, NEST_KLOG_INTERRUPT);
	CHECK_EQ(f->reason, 0x25);
}

TEST(fault_xen, "a fault reported by Xen is found, its code in hex")
{
	const struct nest_klog_fault *f;

	f = one_fault("(XEN) [VT-D]DMAR:[DMA Read] Request device [0000:00:1a.0] fault addr "
		      "bd7d5000, iommu reg = ffff82c3ffd57000\n(XEN) [VT-D]DMAR:[fault reason 0ch] "
		      "PTE reserved\n");
	CHECK_EQ(f->reason, 0x0c);
	CHECK_EQ(f->address, 0xbd7d5000);
}

TEST(fault_wrapped, "a fault wrapped and quoted is found once")
{
	const struct nest_klog_fault *f;

	f = one_fault("> [    1.2] DMAR: [DMA\n> Read NO_PASID] Request device [00:02.0] fault\n"
		      "> addr 0x1000 [fault reason 0x06] PTE Read access is not set\n");
	CHECK_EQ(f->access, NEST_KLOG_READ);
	CHECK_EQ(f->address, 0x1000);
	CHECK_EQ(f->reason, 6);
	f = one_fault(
		"DMAR: [DMA Read NO_PASID] Request\n device [00:02.0] fault addr 0x1000 [fault\n"
		" reason 0x06] PTE Read\n");
	CHECK_EQ(f->reason, 6);
}

TEST(fault_cut, "a fault cut short keeps what is there")
{
	const struct nest_klog_fault *f;

	f = one_fault("DMAR: [DMA Read] Request device [00:02.0] fault addr");
	CHECK(!f->has_address && !f->has_reason && !f->explained);
	f = one_fault("Request device [00:02.0] fault addr 1000 [fault reason 05]");
	CHECK_EQ(f->access, NEST_KLOG_UNKNOWN);
	CHECK_EQ(f->reason, 5);
	f = one_fault("[DMA Read] Request device [00:02.0] fault addr 1000 [fault reason 256]");
	CHECK(!f->has_reason);
	f = one_fault("[DMA Read] Request device [00:02.0] fault addr 1000 [fault reason 0xee]");
	CHECK(f->has_reason && !f->explained);
	decode("Request device [00:20.0] Request device [00:02.8] Request device [100:02.0] "
	       "Request device [] Request device [00:02.0 Request device [1:2:3:4.0]");
	CHECK_EQ(r->nfaults, 0);
}

TEST(fault_counts, "repeated faults are counted, others are kept apart")
{
	decode("DMAR: DRHD: handling fault status reg 3\n"
	       "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault reason "
	       "0x06] PTE Read access is not set\n"
	       "DMAR: DRHD: handling fault status reg 2\n"
	       "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x2000 [fault reason "
	       "0x06] PTE Read access is not set\n"
	       "DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault reason "
	       "0x05] PTE Write access is not set\n"
	       "DMAR: DRHD: handling fault status reg 3\n");
	REQUIRE(r->nfaults == 2);
	CHECK_EQ(r->faults[0].count, 2);
	CHECK_EQ(r->faults[0].address, 0x1000);
	CHECK_EQ(r->faults[0].address_last, 0x2000);
	CHECK_EQ(r->faults[0].line, 2);
	CHECK_EQ(r->faults[0].line_last, 4);
	CHECK_EQ(r->faults[1].count, 1);
	REQUIRE(note("fault_status"));
	CHECK_STR(note("fault_status")->detail, "0x3: faults were lost, fault pending");
	CHECK_EQ(note("fault_status")->count, 2);
}

TEST(two_cut, "the reason of one fault is not given to the one before")
{
	decode("DMAR: [DMA Read] Request device [00:02.0] fault addr 1000\n"
	       "DMAR: [DMA Write] Request device [00:14.0] fault addr 2000 [fault reason 05] PTE\n");
	REQUIRE(r->nfaults == 2);
	CHECK(!r->faults[0].has_reason);
	CHECK_EQ(r->faults[1].reason, 5);
}

TEST(groups, "groups are found in both wordings, each pair once")
{
	decode("[    0.445445] pci 0000:66:00.4: Adding to iommu group 26\n"
	       "iommu: Adding device 0000:00:02.0 to group 1\n"
	       "platform 3f980000.usb: Adding to iommu group 123456\n"
	       "vfio-pci 10000:e1:00.0: Adding to\n> iommu group 7\n"
	       "[    0.445445] pci 0000:66:00.4: Adding to iommu group 26\n"
	       "pci 0000:66:00.4: Adding to iommu group\n"
	       "x Adding to iommu group 4\n"
	       "Adding device to group 3\n");
	REQUIRE(r->ngroups == 4);
	CHECK_STR(r->groups[0].device, "0000:66:00.4");
	CHECK_EQ(r->groups[0].group, 26);
	CHECK_EQ(r->groups[0].line, 1);
	CHECK_STR(r->groups[1].device, "0000:00:02.0");
	CHECK_EQ(r->groups[1].group, 1);
	CHECK_STR(r->groups[2].device, "3f980000.usb");
	CHECK_EQ(r->groups[2].group, 123456);
	CHECK_STR(r->groups[3].device, "10000:e1:00.0");
	CHECK_EQ(r->groups[3].group, 7);
}

TEST(notes, "messages worth knowing are told with id, detail and line")
{
	/* clang-format off */
	static const struct {
		const char *line, *id, *detail;
	} cases[] = {
		{"DMAR: IOMMU enabled", "iommu_enabled", ""},
		{"Intel-IOMMU: enabled", "iommu_enabled", ""},
		{"DMAR: IOMMU disabled", "iommu_disabled", ""},
		{"DMAR: Intel(R) Virtualization Technology for Directed I/O", "vtd_active", ""},
		{"DMAR: Host address width 39", "host_address_width", "39"},
		{"DMAR: Enable scalable mode if hardware supports", "scalable_mode_on", ""},
		{"DMAR: Scalable mode is disallowed", "scalable_mode_off", ""},
		{"DMAR: Firmware forces DMA remapping off", "firmware_opt_out", ""},
		{"DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fbffc000 returns"
		 " all ones!", "unit_all_ones", "fbffc000"},
		{"DMAR: [Firmware Bug]: No firmware reserved region can cover this RMRR "
		 "[0x0000000088800000-0x000000008cffffff], contact BIOS vendor for fixes",
		 "rmrr_not_reserved", "0x0000000088800000-0x000000008cffffff"},
		{"DMAR: [Firmware Bug]: Your BIOS is broken; bad RMRR [0x01-0x02]", "rmrr_bad",
		 "0x01-0x02"},
		{"DMAR: [Firmware Bug]: RMRR entry for device 03:00.0 is broken - applying workaround",
		 "rmrr_wrong_device", "03:00.0"},
		{"vfio-pci 0000:03:00.0: DMAR: Device is ineligible for IOMMU domain attach due to "
		 "platform RMRR requirement. Contact your platform vendor.", "rmrr_refused", ""},
		{"vfio-pci 0000:03:00.0: Firmware has requested this device have a 1:1 IOMMU mapping, "
		 "rejecting configuring the device without a 1:1 mapping.", "rmrr_refused", ""},
		{"DMAR-IR: Enabled IRQ remapping in x2apic mode", "interrupt_remapping", "x2apic"},
		{"AMD-Vi: Interrupt remapping enabled", "interrupt_remapping", ""},
		{"DMAR-IR: x2apic is disabled because BIOS sets x2apic opt out bit.", "x2apic_opt_out",
		 ""},
		{"x2apic: IRQ remapping doesn't support X2APIC mode", "x2apic_without_remapping", ""},
		{"DMAR: IOMMU feature sc_support inconsistent", "units_differ", "sc_support"},
		{"IOMMUFD is providing /dev/vfio/vfio, not VFIO.", "iommufd_serves_vfio", ""},
		{"pci 0000:00:02.0: DMAR: Skip IOMMU disabling for graphics", "graphics_kept", ""},
		{"DMAR: Translation was enabled for dmar0 but we are not in kdump mode",
		 "enabled_by_firmware", "dmar0"},
		{"DMAR: VT-d detected Invalidation Time-out Error: SID 0", "invalidation_timeout", ""},
		{"AMD-Vi: Event logged [IO_PAGE_FAULT device=01:00.0 domain=0x0010", "amd_event",
		 "IO_PAGE_FAULT"},
		{"arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:", "smmuv3_event", "10"},
		{"arm-smmu-v3 arm-smmu-v3.2.auto: ias 44-bit, oas 48-bit (features 0x0000170d)",
		 "smmuv3_unit",
		 "arm-smmu-v3.2.auto: input 44 bit, output 48 bit, stage 1 yes, stage 2 yes"},
		{"arm-smmu-v3 9050000.smmuv3: ias 44-bit, oas 44-bit\n(features 0x00008305)",
		 "smmuv3_unit", "9050000.smmuv3: input 44 bit, output 44 bit, stage 1 yes, stage 2 no"},
		{"iommu: Default domain type: Translated (set via kernel command line)",
		 "default_domain", "Translated"},
		{"vfio_pin_pages_remote: RLIMIT_MEMLOCK (65536) exceeded", "memlock", "65536"},
		{"vfio-noiommu device opened by user (qemu:1234)", "noiommu", ""},
	};
	/* clang-format on */
	char text[400];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "boot\n[    0.100000] %s\nrest\n", cases[i].line);
		decode(text);
		if (!CHECK_EQ(r->nnotes, 1) || !r->nnotes) {
			printf("# in: %s\n", text);
			continue;
		}
		CHECK_STR(r->notes[0].id, cases[i].id);
		CHECK_STR(r->notes[0].detail, cases[i].detail);
		CHECK(r->notes[0].text && r->notes[0].text[0]);
		CHECK_EQ(r->notes[0].line, 2);
	}
}

TEST(no_notes, "similar messages are not mistaken")
{
	decode("IOMMU feature x is fine\nDMAR reported at address 0!\nRMRR entry for device 03:00.0 "
	       "is fine\nusb event 0x10 done\nHost address width \n");
	CHECK_EQ(r->nnotes, 0);
	CHECK_EQ(r->nunits + r->nfaults + r->ngroups, 0);
}

TEST(any_cut, "cutting the text anywhere changes nothing")
{
	const char *text = "\x1b[1m> [ 0.1] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap\n"
			   "> 1c0000c40660462 ecap 19e2=\r\nff0505e\r\n\r\n"
			   "pci 0000:00:02.0: Adding to iommu group 1\n"
			   "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x1000 "
			   "[fault reason 0x06] PTE Read access is not set";
	size_t step;

	for (step = 1; step < 40; step++) {
		decode_in(text, strlen(text), step);
		CHECK_EQ(r->nunits, 1);
		CHECK_EQ(r->units[0].second, ECAP);
		CHECK_EQ(r->ngroups, 1);
		CHECK_EQ(r->groups[0].line, 5);
		CHECK_EQ(r->nfaults, 1);
		CHECK_EQ(r->faults[0].line, 6);
		CHECK_EQ(r->lines, 6);
	}
}

TEST(long_lines, "a message is found anywhere in a line of any length")
{
	size_t pad, len = strlen(UNIT);
	char *text = malloc(20000 + len);

	for (pad = 4000; pad < 4200; pad++) {
		memset(text, 'x', pad);
		text[pad - 1] = ' ';
		memcpy(text + pad, UNIT, len);
		memset(text + pad + len, ' ', 1);
		memset(text + pad + len + 1, 'y', 10000);
		decode_in(text, pad + len + 10001, 777);
		CHECK_EQ(r->nunits, 1);
		CHECK_EQ(r->nunits ? r->units[0].second : 0, ECAP);
		CHECK_STR(r->nunits ? r->units[0].name : NULL, "dmar0");
		CHECK_EQ(r->lines, 1);
	}
	free(text);
}

TEST(odd_bytes, "NULs and invalid UTF-8 do not matter")
{
	static const char text[] = "\xff\xfe\0\0DMAR: \xc3(\0" UNIT "\0\nbad \x80\xbf name\xff: "
				   "Adding to iommu group 5\n";

	decode_in(text, sizeof(text) - 1, 7);
	CHECK_EQ(r->nunits, 1);
	REQUIRE(r->ngroups == 1);
	CHECK_STR(r->groups[0].device, "name\xff");
}

TEST(bounded, "what finds no room is counted")
{
	char line[200];
	unsigned int i;

	start();
	for (i = 0; i < NEST_KLOG_UNITS_MAX + 5; i++) {
		int n = snprintf(line, sizeof(line),
				 "dmar%u: reg_base_addr %x ver 1:0 cap %x ecap 1\n", i, i, i);

		nest_klog_feed(klog, line, (size_t)n);
		n = snprintf(line, sizeof(line),
			     "[DMA Read PASID 0x%x] Request device [00:02.0] fault "
			     "addr 0x0 [fault reason 0x06]\n",
			     i);
		nest_klog_feed(klog, line, (size_t)n);
		n = snprintf(line, sizeof(line), "DMAR: Host address width %u\n", i);
		nest_klog_feed(klog, line, (size_t)n);
	}
	for (i = 0; i < NEST_KLOG_GROUPS_MAX + 5; i++) {
		int n = snprintf(line, sizeof(line), "pci x: Adding to iommu group %u\n", i);

		nest_klog_feed(klog, line, (size_t)n);
	}
	CHECK_EQ(nest_klog_finish(klog), 0);
	CHECK_EQ(r->nunits, NEST_KLOG_UNITS_MAX);
	CHECK_EQ(r->units_dropped, 5);
	CHECK_EQ(r->nfaults, NEST_KLOG_FAULTS_MAX);
	CHECK_EQ(r->faults_dropped, 5);
	CHECK_EQ(r->nnotes, NEST_KLOG_NOTES_MAX);
	CHECK_EQ(r->notes_dropped, NEST_KLOG_UNITS_MAX + 5 - NEST_KLOG_NOTES_MAX);
	CHECK_EQ(r->ngroups, NEST_KLOG_GROUPS_MAX);
	CHECK_EQ(r->groups_dropped, 5);
}

TEST(empty, "an empty log is an answer")
{
	decode("");
	CHECK_EQ(r->lines, 0);
	decode("\n\n\n=\n=");
	CHECK_EQ(r->nunits + r->nnotes + r->nfaults + r->ngroups, 0);
	nest_klog_free(klog);
	klog = NULL;
	nest_klog_free(NULL);
	CHECK_STR(nest_klog_access_name(NEST_KLOG_UNKNOWN), "unknown");
	CHECK_STR(nest_klog_access_name(NEST_KLOG_INTERRUPT), "interrupt");
}

int main(void)
{
	return test_main();
}
