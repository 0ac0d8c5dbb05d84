// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the AMD decoder against feature registers found in kernel logs. */

#include "test.h"

#include "hw_decode.h"

static const char *meaning(const struct nest_regs *regs, const char *name)
{
	static char buf[120];
	const struct nest_field *field = nest_field_find(regs, name);

	if (!field || nest_field_meaning(regs, field, buf, sizeof(buf)))
		return NULL;
	return buf;
}

TEST(ryzen, "a desktop's EFR is decoded field by field")
{
	uint64_t efr2 = 0;
	struct nest_regs regs;

	/* the kernel printed of it: PPR NX GT [5] IA GA PC GA_vAPIC */
	decode_amd(0x246577efa2254afa, &efr2, &regs);
	CHECK_STR(meaning(&regs, "prefsup"), "no");
	CHECK_STR(meaning(&regs, "pprsup"), "yes");
	CHECK_STR(meaning(&regs, "xtsup"), "no");
	CHECK_STR(meaning(&regs, "nxsup"), "yes");
	CHECK_STR(meaning(&regs, "gtsup"), "yes");
	CHECK_STR(meaning(&regs, "gappisup"), "yes");
	CHECK_STR(meaning(&regs, "iasup"), "yes");
	CHECK_STR(meaning(&regs, "gasup"), "yes");
	CHECK_STR(meaning(&regs, "hesup"), "no");
	CHECK_STR(meaning(&regs, "pcsup"), "yes");
	CHECK_STR(meaning(&regs, "hats"), "6 level page tables");
	CHECK_STR(meaning(&regs, "gats"), "4 level page tables");
	CHECK_STR(meaning(&regs, "glxsup"), "up to 2 level PASID table");
	CHECK_STR(meaning(&regs, "smifrc"), "2");
	CHECK_STR(meaning(&regs, "gamsup"), "yes (encoding 1)");
	CHECK_STR(meaning(&regs, "pasmax"), "16 bit PASID");
	CHECK_STR(meaning(&regs, "devtblsegsup"), "8");
	CHECK_STR(meaning(&regs, "giosup"), "yes");
	CHECK_STR(meaning(&regs, "hasup"), "no");
	CHECK_STR(meaning(&regs, "snpsup"), "no");
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK_STR(regs.nesting.gate, "gcr3trpmode");
}

TEST(efr2_missing, "without EFR2 a passing EFR is unknown, a failing one is no")
{
	struct nest_regs regs;

	decode_amd(0x246577efa2254afa, NULL, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(regs.nesting.gate, "gcr3trpmode");
	CHECK_STR(meaning(&regs, "gcr3trpmode"), NULL);
	CHECK(!nest_reg_find(&regs, "efr2")->given);
	decode_amd(0x4f77ef22294ada, NULL, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN); /* bits 4 and 48 are set here too */
	decode_amd(0x4f77ef22294ada & ~(1ull << 48), NULL, &regs);
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK_STR(regs.nesting.gate, "giosup");
	decode_amd(0x4f77ef22294ada & ~(1ull << 4), NULL, &regs);
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK_STR(regs.nesting.gate, "gtsup");
	CHECK_STR(meaning(&regs, "pasmax"), "not used: no guest translation");
}

TEST(nests, "a unit that passes says that the kernel has no nested table for it")
{
	uint64_t efr2 = 0x8 | 0x20 | 0x100;
	struct nest_regs regs;
	size_t i, software = 0;

	decode_amd(0xa5bf732fa2295afe, &efr2, &regs);
	CHECK_EQ(regs.nesting.status, NEST_YES);
	CHECK_STR(regs.nesting.gate, NULL);
	for (i = 0; i < regs.nnotes; i++)
		software += !strcmp(regs.notes[i].id, "software");
	CHECK_EQ(software, 1);
	CHECK_STR(meaning(&regs, "gcr3trpmode"), "yes");
	CHECK_STR(meaning(&regs, "snpavicsup"), "yes (encoding 1)");
	CHECK_STR(meaning(&regs, "numintremapsup"), "2048 a device");
	CHECK_STR(meaning(&regs, "gats"), "5 level page tables");
	CHECK_STR(meaning(&regs, "snpsup"), "yes");
}

TEST(unreadable, "zero and all ones are unknown")
{
	uint64_t ones = UINT64_MAX;
	struct nest_regs regs;

	decode_amd(0, NULL, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(regs.nesting.gate, "registers");
	decode_amd(ones, &ones, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(meaning(&regs, "gtsup"), NULL);
	decode_amd(0x246577efa2254afa, &ones, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(regs.nesting.gate, "gcr3trpmode");
}

TEST(strays, "bits outside the specification are reported")
{
	uint64_t efr2 = 1ull << 40;
	struct nest_regs regs;

	decode_amd(0x246577efa2254afa | 1ull << 47, &efr2, &regs);
	REQUIRE(regs.nnotes >= 3);
	CHECK_HAS(regs.notes[0].text, "efr bit 57"); /* bit 58 lies in the old VM table size */
	CHECK_STR(regs.notes[1].text, "efr has reserved bits set: mask 0x800000000000");
	CHECK_STR(regs.notes[2].text, "efr2 has reserved bits set: mask 0x10000000000");
}

TEST(undocumented, "bits that real units set and that no document names give no note")
{
	/* EPYC 9754, Threadripper 9970X, Ryzen AI 300 */
	static const uint64_t values[][2] = {
		{ 0x25bf732fa2295afe, 0x1d },
		{ 0x25bf732fa2295afe, 0x53d },
		{ 0x246577efa2254afa, 0x10 },
		{ 0x206d73ef22254ade, 0 },
	};
	struct nest_regs regs;
	size_t i, k;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		decode_amd(values[i][0], &values[i][1], &regs);
		for (k = 0; k < regs.nnotes; k++)
			CHECK(strcmp(regs.notes[k].id, "reserved_bits") != 0);
		CHECK(regs.hw == &nest_hw_amd);
	}
}

int main(void)
{
	return test_main();
}
