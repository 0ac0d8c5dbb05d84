// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the SMMUv3 decoder: fields, the gate order and values no SMMU has. */

#include <errno.h>

#include "test.h"

#include "hw_decode.h"
#include "util.h"

static const char *meaning(const struct nest_regs *regs, const char *name)
{
	static char buf[120];
	const struct nest_field *field = nest_field_find(regs, name);

	if (!field || nest_field_meaning(regs, field, buf, sizeof(buf)))
		return NULL;
	return buf;
}

/*
 * A server-like SMMU: both stages, AArch64, coherent, HTTU dirty, HYP, ATS, ASID16, MSI, PRI,
 * VMID16, CD2L, little endian, terminate only, 2 level stream table.
 */
#define IDR0                                                                                       \
	(3u | 2u << 2 | 1u << 4 | 2u << 6 | 1u << 9 | 1u << 10 | 1u << 12 | 1u << 13 | 1u << 16 |  \
	 1u << 18 | 1u << 19 | 2u << 21 | 1u << 24 | 1u << 27)
#define IDR1 (32u | 20u << 6 | 10u << 11 | 15u << 16 | 19u << 21)
#define IDR3 (1u << 2 | 1u << 8 | 1u << 10 | 2u << 11)
#define IDR5 (5u | 7u << 4 | 1u << 10 | 0x40u << 16)

TEST(fields, "every kind of field has its meaning")
{
	struct nest_regs regs;

	decode_smmuv3(IDR0, IDR1, IDR3, IDR5, &regs);
	CHECK_STR(meaning(&regs, "ttf"), "AArch64");
	CHECK_STR(meaning(&regs, "cohacc"), "yes");
	CHECK_STR(meaning(&regs, "btm"), "no");
	CHECK_STR(meaning(&regs, "httu"), "accessed and dirty");
	CHECK_STR(meaning(&regs, "pri"), "yes");
	CHECK_STR(meaning(&regs, "ttendian"), "little");
	CHECK_STR(meaning(&regs, "stall_model"), "terminate only");
	CHECK_STR(meaning(&regs, "st_level"), "linear or 2 level");
	CHECK_STR(meaning(&regs, "sidsize"), "32 bit");
	CHECK_STR(meaning(&regs, "ssidsize"), "20 bit");
	CHECK_STR(meaning(&regs, "priqs"), "up to 1024 entries");
	CHECK_STR(meaning(&regs, "eventqs"), "up to 32768 entries");
	CHECK_STR(meaning(&regs, "cmdqs"), "up to 524288 entries");
	CHECK_STR(meaning(&regs, "bbml"), "level 2");
	CHECK_STR(meaning(&regs, "oas"), "48 bit");
	CHECK_STR(meaning(&regs, "gran16k"), "yes");
	CHECK_STR(meaning(&regs, "vax"), "52 bit");
	CHECK_STR(meaning(&regs, "stall_max"), "64");
	CHECK_EQ(regs.nesting.status, NEST_YES);
	CHECK_STR(regs.nesting.gate, NULL);
	REQUIRE(regs.nnotes == 1);
	CHECK_STR(regs.notes[0].id, "errata"); /* IIDR is not known */
}

TEST(oas, "the output size follows the table of the specification")
{
	static const char *const sizes[] = { "32 bit", "36 bit", "40 bit", "42 bit",
					     "44 bit", "48 bit", "52 bit", "56 bit" };
	struct nest_regs regs;
	uint32_t i;

	for (i = 0; i < 8; i++) {
		decode_smmuv3(IDR0, IDR1, IDR3, i, &regs);
		CHECK_STR(meaning(&regs, "oas"), sizes[i]);
	}
}

TEST(gates, "a missing stage is no, missing FWB alone is unknown")
{
	struct nest_regs regs;

	decode_smmuv3(IDR0 & ~2u, IDR1, IDR3, IDR5, &regs);
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK_STR(regs.nesting.gate, "s1p");
	decode_smmuv3(IDR0 & ~1u, IDR1, IDR3, IDR5, &regs);
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK_STR(regs.nesting.gate, "s2p");
	decode_smmuv3(IDR0, IDR1, IDR3 & ~(1u << 8), IDR5, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(regs.nesting.gate, "fwb");
	CHECK_HAS(regs.nesting.reason, "CANWBS");
}

static void with_iidr(uint32_t idr3, uint32_t iidr, struct nest_regs *ret)
{
	struct nest_hw_values values = { { IDR0, IDR1, 0, idr3, 0, IDR5, iidr }, 0x6b, 0 };

	decode(&nest_hw_smmuv3, &values, ret);
}

static const char *tables_of(uint32_t idr5, uint64_t page, struct nest_hw_walk *ret)
{
	struct nest_hw_values values = { .reg = { IDR0, IDR1, 0, IDR3, 0, idr5 }, .known = 0x2b };

	*ret = nest_hw_walk(&nest_hw_smmuv3, &values, page);
	return ret->s1;
}

TEST(granules, "tables have the smallest pages that are no smaller than those of the second stage")
{
	static const struct {
		uint32_t idr5;
		uint64_t page;
		const char *s1;
	} cases[] = {
		{ 0x74, 0, "arm64" },	       { 0x74, 0x1000, "arm64" },
		{ 0x74, 0x4000, "arm64-16k" }, { 0x74, 0x10000, "arm64-64k" },
		{ 0x64, 0, "arm64-16k" },      { 0x64, 0x1000, "arm64-16k" },
		{ 0x44, 0x1000, "arm64-64k" }, { 0x54, 0x4000, "arm64-64k" },
	};
	struct nest_hw_values none = { 0 };
	struct nest_hw_walk walk;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_STR(tables_of(cases[i].idr5, cases[i].page, &walk), cases[i].s1);
	CHECK_STR(tables_of(0x74, 0x1000, &walk), "arm64");
	CHECK_EQ(walk.huge, true);
	tables_of(0x64, 0x1000, &walk);
	CHECK_EQ(walk.huge, false);
	/* none at all, or none that is large enough */
	CHECK_EQ(tables_of(0x04, 0, &walk) == NULL, true);
	CHECK_EQ(walk.no_s1 && strstr(walk.no_s1, "GRAN16K") != NULL, true);
	CHECK_EQ(tables_of(0x34, 0x10000, &walk) == NULL, true);
	/* without IDR5 the second stage tells */
	walk = nest_hw_walk(&nest_hw_smmuv3, &none, 0x10000);
	CHECK_STR(walk.s1, "arm64-64k");
}

TEST(coarse, "a unit without pages as small as the kernel's is a gate of EINVAL alone")
{
	struct nest_hw_values values = { .reg = { IDR0, IDR1, 0, IDR3, 0, 0x64 }, .known = 0x2b };
	struct nest_hw_values none = { 0 };
	struct nest_hw_refusal refusal;

	CHECK(nest_hw_pages_refused(&nest_hw_smmuv3, &values, EINVAL, 0x1000, &refusal));
	CHECK_STR(refusal.gate, "page_size");
	CHECK(!nest_hw_pages_refused(&nest_hw_smmuv3, &values, EINVAL, 0x4000, &refusal));
	CHECK(!nest_hw_pages_refused(&nest_hw_smmuv3, &values, EINVAL, 0, &refusal));
	CHECK(!nest_hw_pages_refused(&nest_hw_smmuv3, &values, EOPNOTSUPP, 0x1000, &refusal));
	CHECK(!nest_hw_pages_refused(&nest_hw_smmuv3, &none, EINVAL, 0x1000, &refusal));
	CHECK(!nest_hw_pages_refused(&nest_hw_vtd, &none, EINVAL, 0x1000, &refusal));
}

TEST(errata, "parts with an erratum do not nest; others do, and nothing is left to say")
{
	static const struct {
		uint32_t iidr;
		enum nest_tri status;
	} parts[] = {
		{ 0x4830043b, NEST_NO },  /* MMU-600 r0p0 */
		{ 0x4831143b, NEST_NO },  /* r1p1 */
		{ 0x4832043b, NEST_YES }, /* r2p0 */
		{ 0x4870143b, NEST_NO },  /* MMU-700 r0p1 */
		{ 0x4871043b, NEST_NO },  /* r1p0 */
		{ 0x4871143b, NEST_YES }, /* r1p1 */
		{ 0x4872043b, NEST_NO },  /* r2p0 */
		{ 0x48300736, NEST_YES }, /* another implementer */
		{ 0, NEST_YES },	  /* QEMU */
	};
	struct nest_regs regs;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		with_iidr(IDR3, parts[i].iidr, &regs);
		if (!CHECK_EQ(regs.nesting.status, parts[i].status))
			printf("# IIDR 0x%x\n", parts[i].iidr);
		if (parts[i].status == NEST_NO)
			CHECK_STR(regs.nesting.gate, "erratum");
		else
			CHECK_EQ(regs.nnotes, 0);
	}
	/* An erratum is a no whatever firmware promises. */
	with_iidr(IDR3 & ~(1u << 8), 0x4830043b, &regs);
	CHECK_STR(regs.nesting.gate, "erratum");
	CHECK_HAS(regs.nesting.reason, "1209401");
}

TEST(unreadable, "zero and all ones are unknown")
{
	struct nest_regs regs;

	decode_smmuv3(0, 0, 0, 0, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(regs.nesting.gate, "registers");
	decode_smmuv3(UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(meaning(&regs, "oas"), NULL);
	decode_smmuv3(IDR0, IDR1, UINT32_MAX, IDR5, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_HAS(regs.nesting.reason, "idr3");
	CHECK_STR(meaning(&regs, "oas"), "48 bit");
}

TEST(odd, "reserved encodings and bits are called so")
{
	struct nest_regs regs;

	decode_smmuv3(3u | 3u << 24 | 3u << 27 | 1u << 31, 63u | 31u << 6 | 31u << 21, 3u, 3u << 10,
		      &regs);
	CHECK_STR(meaning(&regs, "ttf"), "reserved encoding");
	CHECK_STR(meaning(&regs, "stall_model"), "reserved encoding");
	CHECK_STR(meaning(&regs, "st_level"), "reserved encoding");
	CHECK_STR(meaning(&regs, "sidsize"), "reserved encoding");
	CHECK_STR(meaning(&regs, "ssidsize"), "reserved encoding");
	CHECK_STR(meaning(&regs, "cmdqs"), "reserved encoding");
	CHECK_STR(meaning(&regs, "priqs"), "not used: no page requests");
	CHECK_STR(meaning(&regs, "vax"), "reserved encoding");
	REQUIRE(regs.nnotes == 3);
	CHECK_STR(regs.notes[0].text, "idr0 has reserved bits set: mask 0x80000000");
	CHECK_STR(regs.notes[1].text, "idr3 has reserved bits set: mask 0x3");
	CHECK_STR(regs.notes[2].id, "table_format");
}

int main(void)
{
	return test_main();
}
