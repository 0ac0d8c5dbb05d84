// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks that the log decoder finds units and groups, in all the shapes logs are posted in. */

#include "log/log.h"

#include <stdlib.h>

#include "test.h"

#include "log/log_decode.h"

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
		good &= CHECK(r->units[0].hw == &nest_hw_vtd);
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
	one_unit("[ 0.1] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap "
		 "19e2=\n"
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
		good = CHECK_EQ(r->nfaults, 1) && CHECK_EQ(r->faults[0].access, NEST_LOG_READ) &&
		       CHECK_EQ(r->faults[0].pasid, 5) && CHECK_EQ(r->faults[0].reason, 0x71) &&
		       CHECK_EQ(r->faults[0].address, 0x7f1234567000) &&
		       CHECK_EQ(r->faults[0].device.bus, 0x3a);
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
	nest_log_unit_decode(&r->units[0], &regs);
	CHECK_EQ(regs.nesting.status, NEST_YES);
	nest_log_unit_decode(&r->units[1], &regs);
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
	CHECK(r->units[2].hw == &nest_hw_amd);
	decode("AMD-Vi: Extended features (0x246577efa2254afa,\n> 0x0): PPR NX\n");
	REQUIRE(r->nunits == 1);
	CHECK(r->units[0].has_second);
	decode("pci 0000:00:00.2: AMD-Vi: Extended features (0x58f77ef22294a=\nde):\n");
	REQUIRE(r->nunits == 1);
	CHECK_EQ(r->units[0].first, 0x58f77ef22294ade);
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
	for (i = 0; i < NEST_LOG_UNITS_MAX + 5; i++) {
		int n = snprintf(line, sizeof(line),
				 "dmar%u: reg_base_addr %x ver 1:0 cap %x ecap 1\n", i, i, i);

		nest_log_feed(klog, line, (size_t)n);
		n = snprintf(line, sizeof(line),
			     "[DMA Read PASID 0x%x] Request device [00:02.0] fault "
			     "addr 0x0 [fault reason 0x06]\n",
			     i);
		nest_log_feed(klog, line, (size_t)n);
		n = snprintf(line, sizeof(line), "DMAR: Host address width %u\n", i);
		nest_log_feed(klog, line, (size_t)n);
	}
	for (i = 0; i < NEST_LOG_GROUPS_MAX + 5; i++) {
		int n = snprintf(line, sizeof(line), "pci x: Adding to iommu group %u\n", i);

		nest_log_feed(klog, line, (size_t)n);
	}
	CHECK_EQ(nest_log_finish(klog), 0);
	CHECK_EQ(r->nunits, NEST_LOG_UNITS_MAX);
	CHECK_EQ(r->units_dropped, 5);
	CHECK_EQ(r->nfaults, NEST_LOG_FAULTS_MAX);
	CHECK_EQ(r->faults_dropped, 5);
	CHECK_EQ(r->nnotes, NEST_LOG_NOTES_MAX);
	CHECK_EQ(r->notes_dropped, NEST_LOG_UNITS_MAX + 5 - NEST_LOG_NOTES_MAX);
	CHECK_EQ(r->ngroups, NEST_LOG_GROUPS_MAX);
	CHECK_EQ(r->groups_dropped, 5);
}

TEST(empty, "an empty log is an answer")
{
	decode("");
	CHECK_EQ(r->lines, 0);
	decode("\n\n\n=\n=");
	CHECK_EQ(r->nunits + r->nnotes + r->nfaults + r->ngroups, 0);
	nest_log_free(klog);
	klog = NULL;
	nest_log_free(NULL);
	CHECK_STR(nest_log_access_name(NEST_LOG_UNKNOWN), "unknown");
	CHECK_STR(nest_log_access_name(NEST_LOG_INTERRUPT), "interrupt");
}

int main(void)
{
	return test_main();
}
