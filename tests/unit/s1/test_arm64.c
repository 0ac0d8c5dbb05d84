// SPDX-License-Identifier: GPL-2.0-or-later
/* First-stage tables of arm64, read back by a second walker that knows only the specification. */
#include <errno.h>

#include "s1/s1.h"
#include "test.h"

#define PAGES 16
#define GPA   UINT64_C(0x180000000)
#define K4    UINT64_C(0x1000)
#define M2    UINT64_C(0x200000)
#define G1    UINT64_C(0x40000000)

static _Alignas(65536) uint64_t buffer[PAGES * 8192];
static struct nest_s1_table table;

/* A granule, as the architecture describes it: offset bits, bits a level, first level. */
static const struct granule {
	const struct nest_s1_format *format;
	int offset, bits, top;
} k4 = { &nest_s1_arm64, 12, 9, 0 }, k16 = { &nest_s1_arm64_16k, 14, 11, 0 },
  k64 = { &nest_s1_arm64_64k, 16, 13, 1 };

static void fresh(const struct granule *granule)
{
	memset(buffer, 0xee, sizeof(buffer));
	CHECK_EQ(nest_s1_init(&table, granule->format, buffer, (size_t)PAGES << granule->offset,
			      GPA, false),
		 0);
}

/* What an SMMU would do, by architectural levels 0 to 3; UINT64_MAX is a fault. */
static uint64_t walk(const struct granule *granule, uint64_t giova, uint64_t *ret_leaf)
{
	uint64_t at = GPA;
	int level;

	if (giova >> 48)
		return UINT64_MAX;
	for (level = granule->top; level <= 3; level++) {
		int shift = granule->offset + (3 - level) * granule->bits;
		uint64_t mask = (UINT64_C(1) << shift) - 1, entry, out;

		if (at < GPA || at >= GPA + ((uint64_t)PAGES << granule->offset))
			return UINT64_MAX;
		entry = buffer[(at - GPA) / 8 +
			       (giova >> shift & ((UINT64_C(1) << granule->bits) - 1))];
		if (!(entry & 1) || (level == 3 && !(entry & 2)))
			return UINT64_MAX;
		out = entry & ((UINT64_C(1) << 48) - (UINT64_C(1) << granule->offset));
		if (level < 3 && (entry & 2)) {
			at = out;
			continue;
		}
		/* no blocks at level 0, and above level 2 with 4 KiB pages only */
		if (level == 0 || (level == 1 && granule->offset != 12))
			return UINT64_MAX;
		*ret_leaf = entry;
		if (!(entry & 1 << 10) || out & mask)
			return UINT64_MAX;
		return out | (giova & mask);
	}
	return UINT64_MAX;
}

static uint64_t to(uint64_t giova)
{
	uint64_t leaf;

	return walk(&k4, giova, &leaf);
}

TEST(sizes, "4 KiB, 2 MiB and 1 GiB pages lead to their target, with the measured bits")
{
	uint64_t leaf = 0;

	fresh(&k4);
	CHECK_EQ(to(0), UINT64_MAX);
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(walk(&k4, 0x1abc, &leaf), 0x5abc);
	CHECK_EQ(leaf, 0x5f43);
	CHECK_EQ(nest_s1_map(&table, 0x2000, 0x6000, K4, NEST_S1_READ), 0);
	CHECK_EQ(walk(&k4, 0x2000, &leaf), 0x6000);
	CHECK_EQ(leaf, 0x6fc3);
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0x40000000, M2, NEST_S1_READ), 0);
	CHECK_EQ(walk(&k4, 0x3fffff, &leaf), 0x401fffff);
	CHECK_EQ(leaf, 0x40000fc1);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0x7f40000000), UINT64_C(0x8000000000), G1,
			     NEST_S1_RW | NEST_S1_TRACK),
		 0);
	CHECK_EQ(walk(&k4, UINT64_C(0x7f7fffffff), &leaf), UINT64_C(0x803fffffff));
	CHECK_EQ(leaf, UINT64_C(0x8000000f41));
	CHECK_EQ(nest_s1_map(&table, 0x3000, 0x7000, K4, NEST_S1_RW | NEST_S1_PRIVILEGED), 0);
	CHECK_EQ(walk(&k4, 0x3000, &leaf), 0x7000);
	CHECK_EQ(leaf, 0x7f03);
}

TEST(high, "all 48 bits translate, and no address above them")
{
	fresh(&k4);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0xffff12345000), 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(to(UINT64_C(0xffff12345008)), 0x5008);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(1) << 48, 0, K4, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0xffff800000000000), 0, K4, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0, UINT64_C(1) << 48, K4, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_init(&table, &nest_s1_arm64, buffer, K4, UINT64_C(1) << 48, false),
		 -EINVAL);
}

TEST(changes, "unmap, replace and look-up find the leaf, of either size")
{
	struct nest_s1_leaf leaf;

	fresh(&k4);
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0x400000, M2, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_map(&table, 0x201000, 0x800000, K4, NEST_S1_RW), -EEXIST);
	CHECK_EQ(nest_s1_replace(&table, 0x234567, 0x600000, NEST_S1_READ), 0);
	CHECK_EQ(nest_s1_lookup(&table, 0x234567, &leaf), 0);
	CHECK_EQ(leaf.ipa, 0x600000);
	CHECK_EQ(leaf.size, M2);
	CHECK_EQ(leaf.rights, NEST_S1_READ);
	CHECK_EQ(nest_s1_replace(&table, 0x200000, 0x601000, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_unmap(&table, 0x200000), 0);
	CHECK_EQ(to(0x200000), UINT64_MAX);
	CHECK_EQ(nest_s1_unmap(&table, 0x200000), -ENOENT);
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(to(0x200000), 0x5000);
}

TEST(split, "a 2 MiB block becomes a table of pages that map the same")
{
	uint64_t leaf = 0;

	fresh(&k4);
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0x400000, M2, NEST_S1_READ), 0);
	CHECK_EQ(nest_s1_split(&table, 0x200000), 0);
	CHECK_EQ(walk(&k4, 0x3ff123, &leaf), 0x5ff123);
	CHECK_EQ(leaf, 0x5fffc3);
	CHECK_EQ(nest_s1_split(&table, 0x200000), -ENOENT);
}

TEST(upper, "an entry that leads to a table can take away rights, and be absent")
{
	uint64_t entry, below;

	fresh(&k4);
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_at(&table, 0x1000, 2, &entry, &below), 0);
	CHECK_EQ(entry, below | 3);
	CHECK_EQ(nest_s1_arm64.table_entry(0x9000, NEST_S1_READ), UINT64_C(0x4000000000009003));
	CHECK_EQ(nest_s1_arm64.table_entry(0x9000, NEST_S1_RW | NEST_S1_PRIVILEGED),
		 UINT64_C(0x2000000000009003));
	CHECK_EQ(nest_s1_put(&table, 0x1000, 2, nest_s1_arm64.absent_entry(entry)), 0);
	CHECK_EQ(to(0x1000), UINT64_MAX);
	CHECK_EQ(nest_s1_put(&table, 0x1000, 2, entry), 0);
	CHECK_EQ(to(0x1000), 0x5000);
	nest_s1_rewind(&table, 1);
	CHECK_EQ(to(0x1000), UINT64_MAX);
	CHECK_EQ(table.used, 1);
}

TEST(granules, "tables of 16 and 64 KiB pages, with blocks of 32 and 512 MiB")
{
	const struct granule *all[] = { &k16, &k64 };
	uint64_t leaf = 0;

	for (int i = 0; i < 2; i++) {
		uint64_t page = UINT64_C(1) << all[i]->offset, block = all[i]->format->large_page;

		fresh(all[i]);
		CHECK_EQ(block, i ? UINT64_C(512) << 20 : UINT64_C(32) << 20);
		CHECK_EQ(nest_s1_map(&table, page, 5 * page, page, NEST_S1_RW), 0);
		CHECK_EQ(walk(all[i], page + 0xabc, &leaf), 5 * page + 0xabc);
		CHECK_EQ(leaf, 5 * page | 0xf43);
		CHECK_EQ(nest_s1_map(&table, 3 * block, 7 * block, block, NEST_S1_RW), 0);
		CHECK_EQ(walk(all[i], 3 * block + 0x123456, &leaf), 7 * block + 0x123456);
		CHECK_EQ(leaf, 7 * block | 0xf41);
		CHECK_EQ(nest_s1_map(&table, UINT64_C(0xfffffff) << 20, 0, page, NEST_S1_RW), 0);
		CHECK_EQ(walk(all[i], UINT64_C(0xfffffff) << 20, &leaf), 0);
		CHECK_EQ(nest_s1_map(&table, 0, 0, K4, NEST_S1_RW), -EINVAL);
	}
}

/* Indexes worked out by hand: bits 47, 46:36, 35:25, 24:14, and 47:42, 41:29, 28:16. */
TEST(words, "each entry of the walk is where its bits of the address say")
{
	const uint64_t leads = GPA | 3;

	fresh(&k16);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0x7f1234564000), 0x8000, 0x4000, NEST_S1_READ), 0);
	CHECK_EQ(buffer[0], leads + 0x4000);
	CHECK_EQ(buffer[2048 + 0x7f1], leads + 0x8000);
	CHECK_EQ(buffer[2 * 2048 + 0x11a], leads + 0xc000);
	CHECK_EQ(buffer[3 * 2048 + 0x159], 0x8fc3);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0xff1234564000), 0x8000, 0x4000, NEST_S1_RW), 0);
	CHECK_EQ(buffer[1], leads + 0x10000); /* the root has two entries */
	fresh(&k64);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0x7f1234560000), 0x50000, 0x10000, NEST_S1_RW), 0);
	CHECK_EQ(buffer[0x1f], leads + 0x10000);
	CHECK_EQ(buffer[8192 + 0x1891], leads + 0x20000);
	CHECK_EQ(buffer[2 * 8192 + 0x1456], 0x50f43);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0x7f1240000000), 0x20000000, 0x20000000, NEST_S1_RW),
		 0);
	CHECK_EQ(buffer[8192 + 0x1892], 0x20000f41);
}

TEST(shifts, "how much an entry of a level spans, and a table that is split")
{
	const struct granule *all[] = { &k4, &k16, &k64 };
	static const unsigned int shifts[][4] = { { 12, 21, 30, 39 },
						  { 14, 25, 36, 47 },
						  { 16, 29, 42, 55 } };
	uint64_t leaf = 0;

	for (int i = 0; i < 3; i++) {
		uint64_t page = UINT64_C(1) << all[i]->offset, block = all[i]->format->large_page;

		CHECK_EQ(nest_s1_page(all[i]->format), page);
		for (unsigned int level = 1; level <= 4; level++)
			CHECK_EQ(nest_s1_shift(all[i]->format, level), shifts[i][level - 1]);
		CHECK_EQ(block, UINT64_C(1) << shifts[i][1]);
		fresh(all[i]);
		CHECK_EQ(nest_s1_map(&table, block, 2 * block, block, NEST_S1_RW), 0);
		CHECK_EQ(nest_s1_split(&table, block), 0);
		CHECK_EQ(walk(all[i], 2 * block - 1, &leaf), 3 * block - 1);
		CHECK_EQ(leaf, (3 * block - page) | 0xf43);
	}
}

TEST(context, "the context descriptor has the measured words, and the valid bit")
{
	static _Alignas(64) uint64_t cd[8];
	struct nest_s1_context context = { .asid = 7, .output_bits = 44 };

	fresh(&k4);
	memset(cd, 0xee, sizeof(cd));
	CHECK_EQ(nest_s1_arm64.build_context(&table, &context, cd), 0);
	CHECK_EQ(cd[0], UINT64_C(0x0007e204c0003510));
	CHECK_EQ(cd[1], GPA);
	CHECK_EQ(cd[2], 0);
	CHECK_EQ(cd[3], 0xff);
	for (int i = 4; i < 8; i++)
		CHECK_EQ(cd[i], 0);
	context.output_bits = 52; /* the tables have 48 bits */
	CHECK_EQ(nest_s1_arm64.build_context(&table, &context, cd), 0);
	CHECK_EQ(cd[0] >> 32 & 7, 5);
	CHECK_EQ(nest_s1_arm64_64k.build_context(&table, &context, cd), 0);
	table.format = &nest_s1_arm64_16k;
	CHECK_EQ(table.format->build_context(&table, &context, cd), 0);
	CHECK_EQ(cd[0], UINT64_C(0x0007e205c0003590));
	table.format = &nest_s1_arm64_64k;
	CHECK_EQ(table.format->build_context(&table, &context, cd), 0);
	CHECK_EQ(cd[0], UINT64_C(0x0007e205c0003550));
}

TEST(no_context, "no ASID, one that is too large, a narrow output and a crooked address are EINVAL")
{
	static _Alignas(64) uint64_t cd[16];
	struct nest_s1_context context = { .asid = 0, .output_bits = 48 };

	fresh(&k4);
	CHECK_EQ(nest_s1_arm64.build_context(&table, &context, cd), -EINVAL);
	context.asid = 0x10000;
	CHECK_EQ(nest_s1_arm64.build_context(&table, &context, cd), -EINVAL);
	context.asid = 1;
	context.output_bits = 31;
	CHECK_EQ(nest_s1_arm64.build_context(&table, &context, cd), -EINVAL);
	context.output_bits = 32;
	CHECK_EQ(nest_s1_arm64.build_context(&table, &context, cd + 1), -EINVAL);
	CHECK_EQ(nest_s1_arm64.build_context(&table, &context, cd), 0);
}

int main(void)
{
	return test_main();
}
