// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the VT-d decoder against register pairs collected from real machines. */

#include "test.h"

#include "hw_decode.h"
#include "util.h"

/* Expected values were worked out from the bit tables by hand, not by the decoder. */
struct pair {
	uint64_t cap, ecap;
	const char *machine;
	enum nest_tri nesting;
	const char *gate;
	const char *nd, *sagaw, *mgaw, *sllps, *nfr, *iro;
};

/* clang-format off */
static const struct pair pairs[] = {
	{0x00c0000020230272, 0x1000, "Arrandale laptop", NEST_NO, "smts",
	 "2^8 domains", "39 bit", "36 bit", "none", "1", "at offset 0x100"},
	{0x00c9008010e60262, 0xf0207a, "X58 board, isochronous unit", NEST_NO, "smts",
	 "2^8 domains", "39 bit", "39 bit", "none", "1", "at offset 0x200"},
	{0x00c9008020660262, 0xf010da, "PowerEdge T110 II", NEST_NO, "smts",
	 "2^8 domains", "39 bit", "39 bit", "none", "1", "at offset 0x100"},
	{0x00c90780106f0462, 0xf020e2, "OptiPlex 980", NEST_NO, "smts",
	 "2^8 domains", "48 bit", "48 bit", "none", "8", "at offset 0x200"},
	{0x00d2008c20660462, 0xf010da, "Broadwell laptop", NEST_NO, "smts",
	 "2^8 domains", "48 bit", "39 bit", "2 MiB, 1 GiB", "1", "at offset 0x100"},
	{0x00d2008c40660462, 0xf050da, "Alder Lake board", NEST_NO, "smts",
	 "2^8 domains", "48 bit", "39 bit", "2 MiB, 1 GiB", "1", "at offset 0x500"},
	{0x00d2078c106f0466, 0xf020da, "two-socket Xeon E5 v2", NEST_NO, "smts",
	 "2^16 domains", "48 bit", "48 bit", "2 MiB, 1 GiB", "8", "at offset 0x200"},
	{0x01c0000c40660462, 0x2ff05056, "ThinkPad T14s, filtered view", NEST_NO, "smts",
	 "2^8 domains", "48 bit", "39 bit", "2 MiB, 1 GiB", "1", "at offset 0x500"},
	{0x01c0000c40660462, 0x7e3ff0505e, "OptiPlex 7040 graphics unit", NEST_NO, "smts",
	 "2^8 domains", "48 bit", "39 bit", "2 MiB, 1 GiB", "1", "at offset 0x500"},
	{0x01c0000c40660462, 0x29a00f0505e, "XPS 9320 graphics unit", NEST_NO, "smts",
	 "2^8 domains", "48 bit", "39 bit", "2 MiB, 1 GiB", "1", "at offset 0x500"},
	{0x08d2008c10ef0466, 0xf0205b, "X99 board, isochronous unit", NEST_NO, "smts",
	 "2^16 domains", "48 bit", "48 bit", "2 MiB, 1 GiB", "1", "at offset 0x200"},
	{0x08d2078c106f0466, 0xf020df, "PowerEdge T440", NEST_NO, "smts",
	 "2^16 domains", "48 bit", "48 bit", "2 MiB, 1 GiB", "8", "at offset 0x200"},
	{0x09ed008c40780466, 0x3ee9e86f050df, "Sapphire Rapids server", NEST_YES, NULL,
	 "2^16 domains", "48 bit", "57 bit", "2 MiB, 1 GiB", "1", "at offset 0x500"},
	{0x80d2008c222f06c6, 0xf00f1a, "emulated Q35", NEST_NO, "smts",
	 "2^16 domains", "39, 48 bit", "48 bit", "2 MiB, 1 GiB", "1", "at offset 0xf0"},
	{0xe9de008cee690462, 0x1aca9a00f0ef5e, "Arrow Lake board", NEST_NO, "nest",
	 "2^8 domains", "48 bit", "42 bit", "2 MiB, 1 GiB", "1", "at offset 0xef0"},
};
/* clang-format on */

static const char *meaning(const struct nest_regs *regs, const char *name)
{
	static char buf[120];
	const struct nest_field *field = nest_field_find(regs, name);

	buf[0] = '\0';
	if (!field || nest_field_meaning(regs, field, buf, sizeof(buf)))
		return NULL;
	return buf;
}

static uint64_t value(const struct nest_regs *regs, const char *name)
{
	uint64_t raw = UINT64_MAX;
	const struct nest_field *field = nest_field_find(regs, name);

	if (field)
		nest_field_value(regs, field, &raw);
	return raw;
}

static const struct nest_regs_note *note(const struct nest_regs *regs, const char *id)
{
	size_t i;

	for (i = 0; i < regs->nnotes; i++)
		if (!strcmp(regs->notes[i].id, id))
			return &regs->notes[i];
	return NULL;
}

TEST(machines, "every collected register pair has its verdict, gate and values")
{
	const struct pair *p;
	struct nest_regs regs;
	bool good;

	for (p = pairs; p < pairs + ARRAY_SIZE(pairs); p++) {
		decode_vtd(p->cap, p->ecap, &regs);
		good = CHECK_EQ(regs.nesting.status, p->nesting);
		good &= CHECK_STR(regs.nesting.gate, p->gate);
		good &= CHECK(regs.nesting.reason[0] != '\0');
		good &= CHECK_STR(meaning(&regs, "nd"), p->nd);
		good &= CHECK_STR(meaning(&regs, "sagaw"), p->sagaw);
		good &= CHECK_STR(meaning(&regs, "mgaw"), p->mgaw);
		good &= CHECK_STR(meaning(&regs, "sllps"), p->sllps);
		good &= CHECK_STR(meaning(&regs, "nfr"), p->nfr);
		good &= CHECK_STR(meaning(&regs, "iro"), p->iro);
		if (!good)
			printf("# the machine was: %s\n", p->machine);
	}
}

TEST(trap, "bit 26 without scalable mode is told as its withdrawn meaning")
{
	struct nest_regs regs;

	decode_vtd(0x1c0000c40660462, 0x7e3ff0505e, &regs);
	CHECK_EQ(value(&regs, "nest"), 1);
	CHECK_EQ(value(&regs, "smts"), 0);
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK_HAS(regs.nesting.reason, "bit 26");
	CHECK_HAS(regs.nesting.reason, "2015-2020");
	decode_vtd(0xd2008c40660462, 0xf050da, &regs);
	CHECK_EQ(value(&regs, "nest"), 0);
	CHECK(!strstr(regs.nesting.reason, "bit 26"));
}

TEST(withdrawn, "bits of withdrawn meaning are named and not called reserved")
{
	struct nest_regs regs;
	size_t i, n = 0;

	decode_vtd(0x1c0000c40660462, 0x7e3ff0505e, &regs);
	for (i = 0; i < regs.nnotes; i++)
		n += !strcmp(regs.notes[i].id, "withdrawn_bit");
	CHECK_EQ(n, 3); /* 24, 27 and 28 */
	CHECK(!note(&regs, "reserved_bits"));
	decode_vtd(0xc9008010e60262, 0xf0207a, &regs);
	REQUIRE(note(&regs, "withdrawn_bit"));
	CHECK_HAS(note(&regs, "withdrawn_bit")->text, "cap bit 23");
}

TEST(reserved, "reserved bits are reported by register and mask")
{
	struct nest_regs regs;

	decode_vtd(0xd2008c40660462 | 1ull << 57 | 1ull << 13, 0xf050da, &regs);
	REQUIRE(note(&regs, "reserved_bits"));
	CHECK_STR(note(&regs, "reserved_bits")->text,
		  "cap has reserved bits set: mask 0x200000000002000");
}

TEST(spr, "a unit that nests says what its registers cannot tell")
{
	struct nest_regs regs;

	decode_vtd(0x9ed008c40780466, 0x3ee9e86f050df, &regs);
	REQUIRE(note(&regs, "software"));
	CHECK_HAS(note(&regs, "software")->text, "sm_on");
	CHECK(note(&regs, "no_page_requests") != NULL);
	CHECK_STR(meaning(&regs, "pss"), "not used: no PASID");
	CHECK_STR(meaning(&regs, "mamv"), "up to 2^45 pages at once");
	CHECK_STR(meaning(&regs, "fl1gp"), "yes");
	CHECK_STR(meaning(&regs, "fl5lp"), "no");
	/* its sibling unit has page requests and PASIDs */
	decode_vtd(0x9ed008c40780466, 0x3ef9ea6f050df, &regs);
	CHECK_EQ(regs.nesting.status, NEST_YES);
	CHECK(!note(&regs, "no_page_requests"));
	CHECK_STR(meaning(&regs, "pss"), "20 bit PASID");
}

TEST(gates, "the first gate that fails is the one named")
{
	const uint64_t smts = 1ull << 43, nest = 1ull << 26, slts = 1ull << 46;
	struct nest_regs regs;

	decode_vtd(0x9ed008c40780466, 0xf050df, &regs);
	CHECK_STR(regs.nesting.gate, "smts");
	decode_vtd(0x9ed008c40780466, 0xf050df | smts | slts, &regs);
	CHECK_STR(regs.nesting.gate, "nest");
	decode_vtd(0x9ed008c40780466, 0xf050df | smts | nest, &regs);
	CHECK_STR(regs.nesting.gate, "slts");
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK(note(&regs, "psl") != NULL);
	decode_vtd(0x9ed008c40780466, 0xf050df | smts | nest | slts, &regs);
	CHECK_EQ(regs.nesting.status, NEST_YES);
	CHECK_STR(regs.nesting.gate, NULL);
	CHECK(note(&regs, "first_stage") != NULL);
	CHECK(!note(&regs, "psl"));
}

TEST(all_ones, "registers of all ones are unknown, and so are their fields")
{
	struct nest_regs regs;
	uint64_t raw = 77;

	decode_vtd(UINT64_MAX, UINT64_MAX, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(regs.nesting.gate, "registers");
	CHECK_HAS(regs.nesting.reason, "all ones");
	CHECK(regs.regs[0].given && !regs.regs[0].known);
	CHECK(nest_field_value(&regs, nest_field_find(&regs, "mgaw"), &raw) != 0);
	CHECK_EQ(raw, 77);
	CHECK_STR(meaning(&regs, "nest"), NULL);
	CHECK_EQ(regs.nnotes, 0);
	decode_vtd(0xd2008c40660462, UINT64_MAX, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_STR(meaning(&regs, "mgaw"), "39 bit");
}

TEST(zero, "a cap of zero is unknown, an ecap of zero is a unit without features")
{
	struct nest_regs regs;

	decode_vtd(0, 0, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	CHECK_HAS(regs.nesting.reason, "cap reads as zero");
	decode_vtd(0, 0x3ee9e86f050df, &regs);
	CHECK_EQ(regs.nesting.status, NEST_UNKNOWN);
	decode_vtd(0xd2008c40660462, 0, &regs);
	CHECK_EQ(regs.nesting.status, NEST_NO);
	CHECK(note(&regs, "ecap_zero") != NULL);
}

TEST(odd_encodings, "encodings without a meaning are called reserved")
{
	struct nest_regs regs;

	decode_vtd(7 | 0x1full << 8 | 0xfull << 34, 0, &regs);
	CHECK_STR(meaning(&regs, "nd"), "reserved encoding");
	CHECK_STR(meaning(&regs, "sagaw"), "30 (withdrawn), 39, 48, 57, 64 (withdrawn) bit");
	CHECK_STR(meaning(&regs, "sllps"),
		  "2 MiB, 1 GiB, 512 GiB (withdrawn), 256 TiB (withdrawn)");
}

int main(void)
{
	return test_main();
}
