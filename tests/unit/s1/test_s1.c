// SPDX-License-Identifier: GPL-2.0-or-later
/* First-stage tables, read back by a second walker that knows only the specification. */
#include <errno.h>

#include "s1/s1.h"
#include "test.h"

#define PAGES 16
#define GPA   UINT64_C(0x180000000)
#define K4    UINT64_C(0x1000)
#define M2    UINT64_C(0x200000)
#define G1    UINT64_C(0x40000000)

static _Alignas(4096) uint64_t buffer[PAGES * 512];
static struct nest_s1_table table;

static void fresh(void)
{
	memset(buffer, 0xee, sizeof(buffer));
	CHECK_EQ(nest_s1_init(&table, &nest_s1_x86, buffer, sizeof(buffer), GPA, false), 0);
}

/* What an IOMMU would do, from the address of the root on; UINT64_MAX is a fault. */
static uint64_t walk(uint64_t giova, uint64_t *ret_leaf)
{
	uint64_t at = GPA;

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t entry, mask = (UINT64_C(1) << shift) - 1;

		if (at < GPA || at >= GPA + sizeof(buffer))
			return UINT64_MAX;
		entry = buffer[(at - GPA) / 8 + (giova >> shift & 511)];
		if (!(entry & 1) || !(entry & 4))
			return UINT64_MAX;
		if (shift == 12 || (shift < 39 && (entry & 0x80))) {
			uint64_t page = entry & UINT64_C(0xffffffffff000);

			*ret_leaf = entry;
			/* reserved bits of a large page's address */
			return page & mask ? UINT64_MAX : page | (giova & mask);
		}
		at = entry & UINT64_C(0xffffffffff000);
	}
	return UINT64_MAX;
}

static uint64_t to(uint64_t giova)
{
	uint64_t leaf;

	return walk(giova, &leaf);
}

TEST(empty, "an empty table translates nothing and its root is the buffer's address")
{
	fresh();
	CHECK_EQ(table.used, 1);
	CHECK_EQ(to(0), UINT64_MAX);
	CHECK_EQ(to(UINT64_C(0x7fffffffffff)), UINT64_MAX);
	for (size_t i = 0; i < PAGES * 512; i++)
		if (buffer[i])
			CHECK_EQ(buffer[i], 0);
}

TEST(sizes, "4 KiB, 2 MiB and 1 GiB pages lead to their target with the offset kept")
{
	uint64_t leaf = 0;

	fresh();
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(walk(0x1abc, &leaf), 0x5abc);
	CHECK_EQ(leaf, 0x5067);
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0x40000000, M2, NEST_S1_READ), 0);
	CHECK_EQ(walk(0x3fffff, &leaf), 0x401fffff);
	CHECK_EQ(leaf, 0x400000a5);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(0x7f40000000), UINT64_C(0x8000000000), G1,
			     NEST_S1_RW | NEST_S1_TRACK),
		 0);
	CHECK_EQ(walk(UINT64_C(0x7f7fffffff), &leaf), UINT64_C(0x803fffffff));
	CHECK_EQ(leaf, UINT64_C(0x8000000087));
	CHECK_EQ(to(0x2000), UINT64_MAX);
}

TEST(high, "addresses above 4 GiB and of the upper canonical half are mapped")
{
	uint64_t high = UINT64_C(0x7f1234567000), upper = UINT64_C(0xffff800000000000);

	fresh();
	CHECK_EQ(nest_s1_map(&table, high, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_map(&table, upper, 0x6000, K4, NEST_S1_RW), 0);
	CHECK_EQ(to(high + 8), 0x5008);
	CHECK_EQ(to(upper + 8), 0x6008);
}

TEST(neighbours, "pages of one table share it, and a full buffer is ENOSPC")
{
	size_t used;

	fresh();
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	used = table.used;
	CHECK_EQ(used, 4);
	CHECK_EQ(nest_s1_map(&table, 0x2000, 0x6000, K4, NEST_S1_RW), 0);
	CHECK_EQ(table.used, used);
	for (uint64_t i = 1; i <= 4; i++)
		CHECK_EQ(nest_s1_map(&table, i << 39, 0, K4, NEST_S1_RW), 0);
	CHECK_EQ(table.used, PAGES);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(5) << 39, 0, K4, NEST_S1_RW), -ENOSPC);
	CHECK_EQ(to(UINT64_C(5) << 39), UINT64_MAX);
	CHECK_EQ(to(0x2000), 0x6000);
}

TEST(taken, "what is mapped, in whatever size, is EEXIST and stays as it was")
{
	fresh();
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0x400000, M2, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0x800000, M2, NEST_S1_RW), -EEXIST);
	CHECK_EQ(nest_s1_map(&table, 0x201000, 0x800000, K4, NEST_S1_RW), -EEXIST);
	CHECK_EQ(nest_s1_map(&table, 0, 0, G1, NEST_S1_RW), -EEXIST);
	CHECK_EQ(to(0x201000), 0x401000);
}

TEST(invalid, "sizes, alignments, rights and addresses that no entry can hold are EINVAL")
{
	fresh();
	CHECK_EQ(nest_s1_map(&table, 0, 0, 8192, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0, 0, 0, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0x800, 0, K4, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0, 0x1000, M2, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0, M2, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0, 0, K4, NEST_S1_WRITE), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0, 0, K4, 0), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0, 0, K4, NEST_S1_READ | 0x80), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, 0, UINT64_C(1) << 52, K4, NEST_S1_RW), -EINVAL);
	CHECK_EQ(nest_s1_map(&table, UINT64_C(1) << 47, 0, K4, NEST_S1_RW), -EINVAL);
	CHECK_EQ(table.used, 1);
}

TEST(unmap, "unmap clears exactly one entry, of either size, and what is not mapped is ENOENT")
{
	fresh();
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_map(&table, 0x2000, 0x6000, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0, M2, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_unmap(&table, 0x1000), 0);
	CHECK_EQ(to(0x1000), UINT64_MAX);
	CHECK_EQ(to(0x2000), 0x6000);
	CHECK_EQ(nest_s1_unmap(&table, 0x1000), -ENOENT);
	CHECK_EQ(nest_s1_unmap(&table, 0x3ff000), 0);
	CHECK_EQ(to(0x200000), UINT64_MAX);
	CHECK_EQ(nest_s1_unmap(&table, UINT64_C(1) << 40), -ENOENT);
	CHECK_EQ(nest_s1_unmap(&table, UINT64_C(1) << 47), -EINVAL);
}

TEST(replace, "replace moves one page and keeps its size, in the same entry")
{
	struct nest_s1_leaf leaf = { 0 };

	fresh();
	CHECK_EQ(nest_s1_map(&table, 0x200000, 0, M2, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_replace(&table, 0x201000, 0x600000, NEST_S1_READ), 0);
	CHECK_EQ(nest_s1_lookup(&table, 0x2ff000, &leaf), 0);
	CHECK_EQ(leaf.size, M2);
	CHECK_EQ(leaf.ipa, 0x600000);
	CHECK_EQ(leaf.rights, NEST_S1_READ);
	CHECK_EQ(table.used, 3);
	CHECK_EQ(to(0x200010), 0x600010);
	CHECK_EQ(nest_s1_replace(&table, 0x200000, 0x601000, NEST_S1_READ), -EINVAL);
	CHECK_EQ(to(0x200010), 0x600010);
	CHECK_EQ(nest_s1_replace(&table, 0x400000, 0, NEST_S1_READ), -ENOENT);
}

TEST(refill, "a cleared entry can be filled again")
{
	fresh();
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_unmap(&table, 0x1000), 0);
	CHECK_EQ(to(0x1000), UINT64_MAX);
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x7000, K4, NEST_S1_RW), 0);
	CHECK_EQ(to(0x1000), 0x7000);
}

TEST(marks, "a page is marked accessed and dirty beforehand, unless the walker is to do that")
{
	struct nest_s1_leaf leaf = { 0 };

	fresh();
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_lookup(&table, 0x1fff, &leaf), 0);
	CHECK(leaf.accessed && leaf.dirty);
	CHECK_EQ(leaf.rights, NEST_S1_RW);
	CHECK_EQ(nest_s1_replace(&table, 0x1000, 0x5000, NEST_S1_READ), 0);
	CHECK_EQ(nest_s1_lookup(&table, 0x1000, &leaf), 0);
	CHECK(leaf.accessed && !leaf.dirty);
	CHECK_EQ(nest_s1_replace(&table, 0x1000, 0x5000, NEST_S1_RW | NEST_S1_TRACK), 0);
	buffer[3 * 512 + 1] |= table.format->walker_bits; /* as the walker does it */
	CHECK_EQ(nest_s1_lookup(&table, 0x1000, &leaf), 0);
	CHECK(leaf.accessed && leaf.dirty);
	CHECK_EQ(leaf.entry, 0x5067);
}

TEST(buffers, "a buffer that is crooked, empty or beyond 52 bits is refused untouched")
{
	struct nest_s1_table none = { 0 };

	buffer[0] = 1;
	CHECK_EQ(nest_s1_init(&none, &nest_s1_x86, (char *)buffer + 8, 4096, GPA, false), -EINVAL);
	CHECK_EQ(nest_s1_init(&none, &nest_s1_x86, buffer, 4096, GPA + 4, false), -EINVAL);
	CHECK_EQ(nest_s1_init(&none, &nest_s1_x86, buffer, 0, GPA, false), -EINVAL);
	CHECK_EQ(nest_s1_init(&none, &nest_s1_x86, buffer, 100, GPA, false), -EINVAL);
	CHECK_EQ(nest_s1_init(&none, &nest_s1_x86, buffer, 8192, (UINT64_C(1) << 52) - 4096, false),
		 -EINVAL);
	CHECK_EQ(nest_s1_init(&none, &nest_s1_x86, buffer, 4096, (UINT64_C(1) << 52) - 4096, false),
		 0);
	CHECK_EQ(none.npages, 1);
}

TEST(flushed, "a table that is written back entry by entry says the same")
{
	memset(buffer, 0xee, sizeof(buffer));
	CHECK_EQ(nest_s1_init(&table, &nest_s1_x86, buffer, sizeof(buffer), GPA, true), 0);
	CHECK_EQ(nest_s1_map(&table, 0x1000, 0x5000, K4, NEST_S1_RW), 0);
	CHECK_EQ(to(0x1008), 0x5008);
}

TEST(mock, "the mock has a cache to look at, and no table to change")
{
	struct nest_s1_leaf leaf;

	CHECK_EQ(nest_s1_init(&table, &nest_s1_mock, buffer, sizeof(buffer), GPA, false), 0);
	CHECK_EQ(table.npages, 0);
	CHECK_EQ(nest_s1_map(&table, 0, 0, K4, NEST_S1_RW), -EOPNOTSUPP);
	CHECK_EQ(nest_s1_unmap(&table, 0), -EOPNOTSUPP);
	CHECK_EQ(nest_s1_replace(&table, 0, 0, NEST_S1_RW), -EOPNOTSUPP);
	CHECK_EQ(nest_s1_lookup(&table, 0, &leaf), -EOPNOTSUPP);
	CHECK_EQ(nest_s1_mock.cache_slots, 4);
	CHECK_EQ(nest_s1_x86.cache_slots, 0);
}

TEST(upper, "an entry above the last level is read, changed and put back")
{
	uint64_t one, two, from, second;

	fresh();
	CHECK_EQ(nest_s1_map(&table, M2, K4, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_map(&table, 2 * M2, 2 * K4, K4, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_at(&table, M2, 2, &one, &from), 0);
	CHECK_EQ(nest_s1_at(&table, 2 * M2, 2, &two, &second), 0);
	CHECK(from != second);
	CHECK_EQ(nest_s1_put(&table, M2, 2, nest_s1_x86.table_entry(second, NEST_S1_RW)), 0);
	CHECK_EQ(to(M2), 2 * K4);
	CHECK_EQ(nest_s1_x86.table_entry(second, NEST_S1_RW), two);
	CHECK_EQ(nest_s1_x86.table_entry(second, NEST_S1_READ) & 2, 0);
	CHECK_EQ(nest_s1_x86.table_entry(second, NEST_S1_RW | NEST_S1_PRIVILEGED) & 4, 0);
	CHECK_EQ(nest_s1_put(&table, M2, 2, one), 0);
	CHECK_EQ(to(M2), K4);
	CHECK_EQ(nest_s1_at(&table, G1, 2, &one, &from), -ENOENT);
	CHECK_EQ(nest_s1_at(&table, M2, 0, &one, &from), -EINVAL);
	CHECK_EQ(nest_s1_at(&table, M2, 5, &one, &from), -EINVAL);
}

TEST(split, "a large page is split into pages that map the same, and a table is taken away")
{
	size_t used;
	uint64_t entry, ipa;

	fresh();
	CHECK_EQ(nest_s1_map(&table, 4 * M2, 8 * M2, M2, NEST_S1_RW), 0);
	CHECK_EQ(nest_s1_at(&table, 4 * M2, 2, &entry, &ipa), 0);
	CHECK_EQ(nest_s1_x86.spoilt_entry(entry) & ~entry, 0x2000);
	used = table.used;
	CHECK_EQ(nest_s1_split(&table, 4 * M2), 0);
	CHECK_EQ(table.used, used + 1);
	CHECK_EQ(to(4 * M2 + 0x1ff008), 8 * M2 + 0x1ff008);
	CHECK_EQ(to(4 * M2), 8 * M2);
	CHECK_EQ(nest_s1_split(&table, 4 * M2), -ENOENT);
	nest_s1_rewind(&table, used);
	CHECK_EQ(table.used, used);
	CHECK_EQ(to(4 * M2), UINT64_MAX);
	CHECK_EQ(nest_s1_map(&table, 4 * M2, K4, K4, NEST_S1_RW), 0);
	CHECK_EQ(to(4 * M2), K4);
}

TEST(privileged, "a page for privileged requests has no user bit")
{
	fresh();
	CHECK_EQ(nest_s1_map(&table, K4, K4, K4, NEST_S1_RW | NEST_S1_PRIVILEGED), 0);
	CHECK_EQ(to(K4), UINT64_MAX);
}

int main(void)
{
	return test_main();
}
