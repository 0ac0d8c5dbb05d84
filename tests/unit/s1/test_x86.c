// SPDX-License-Identifier: GPL-2.0-or-later
/* First-stage tables, read back by a second walker that knows only the specification. */
#include <errno.h>

#include "s1/x86.h"
#include "test.h"

#define PAGES 16
#define GPA   UINT64_C(0x180000000)

static _Alignas(4096) uint64_t buffer[PAGES * 512];
static struct nest_s1pt pt;

static void fresh(void)
{
	memset(buffer, 0xee, sizeof(buffer));
	CHECK_EQ(nest_s1pt_init(&pt, buffer, sizeof(buffer), GPA, false), 0);
}

/* What an IOMMU would do, from the table's guest-physical address on; UINT64_MAX is a fault. */
static uint64_t walk(uint64_t root, uint64_t giova, uint64_t *ret_leaf)
{
	uint64_t table = root;

	for (int shift = 39; shift >= 12; shift -= 9) {
		uint64_t entry, mask = (UINT64_C(1) << shift) - 1;

		if (table < GPA || table >= GPA + sizeof(buffer))
			return UINT64_MAX;
		entry = buffer[(table - GPA) / 8 + (giova >> shift & 511)];
		if (!(entry & 1) || !(entry & 4))
			return UINT64_MAX;
		if (shift == 12 || (shift < 39 && (entry & 0x80))) {
			uint64_t page = entry & UINT64_C(0xffffffffff000);

			if (ret_leaf)
				*ret_leaf = entry;
			/* reserved bits of a large page's address */
			return page & mask ? UINT64_MAX : page | (giova & mask);
		}
		table = entry & UINT64_C(0xffffffffff000);
	}
	return UINT64_MAX;
}

TEST(empty, "an empty table translates nothing and its root is the buffer's address")
{
	fresh();
	CHECK_EQ(nest_s1pt_root(&pt), GPA);
	CHECK_EQ(walk(GPA, 0, NULL), UINT64_MAX);
	CHECK_EQ(walk(GPA, UINT64_C(0x7fffffffffff), NULL), UINT64_MAX);
	for (size_t i = 0; i < PAGES * 512; i++)
		if (buffer[i])
			CHECK_EQ(buffer[i], 0);
}

TEST(sizes, "4 KiB, 2 MiB and 1 GiB pages lead to their target with the offset kept")
{
	uint64_t leaf = 0, *entry = NULL;

	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, 0x1000, 0x5000, NEST_S1PT_4K, NEST_S1PT_RW, &entry), 0);
	CHECK_EQ(walk(GPA, 0x1abc, &leaf), 0x5abc);
	CHECK_EQ(leaf, 0x5067);
	CHECK(entry && *entry == leaf);
	CHECK_EQ(nest_s1pt_map(&pt, 0x200000, 0x40000000, NEST_S1PT_2M, NEST_S1PT_RO, &entry), 0);
	CHECK_EQ(walk(GPA, 0x3fffff, &leaf), 0x401fffff);
	CHECK_EQ(leaf, 0x400000a5);
	CHECK_EQ(nest_s1pt_map(&pt, UINT64_C(0x7f40000000), UINT64_C(0x8000000000), NEST_S1PT_1G,
			       NEST_S1PT_RW_TRACK, &entry),
		 0);
	CHECK_EQ(walk(GPA, UINT64_C(0x7f7fffffff), &leaf), UINT64_C(0x803fffffff));
	CHECK_EQ(leaf, UINT64_C(0x8000000087));
	CHECK_EQ(walk(GPA, 0x2000, NULL), UINT64_MAX);
}

TEST(high, "addresses above 4 GiB and of the upper canonical half are mapped")
{
	uint64_t high = UINT64_C(0x7f1234567000), upper = UINT64_C(0xffff800000000000);

	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, high, 0x5000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(nest_s1pt_map(&pt, upper, 0x6000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(walk(GPA, high + 8, NULL), 0x5008);
	CHECK_EQ(walk(GPA, upper + 8, NULL), 0x6008);
}

TEST(neighbours, "pages of one table share it, and a full buffer is ENOSPC")
{
	size_t used;

	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, 0x1000, 0x5000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	used = pt.used;
	CHECK_EQ(used, 4);
	CHECK_EQ(nest_s1pt_map(&pt, 0x2000, 0x6000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(pt.used, used);
	for (uint64_t i = 1; i <= 4; i++)
		CHECK_EQ(nest_s1pt_map(&pt, i << 39, 0, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(pt.used, PAGES);
	CHECK_EQ(nest_s1pt_map(&pt, UINT64_C(5) << 39, 0, NEST_S1PT_4K, NEST_S1PT_RW, NULL),
		 -ENOSPC);
	CHECK_EQ(walk(GPA, UINT64_C(5) << 39, NULL), UINT64_MAX);
	CHECK_EQ(walk(GPA, 0x2000, NULL), 0x6000);
}

TEST(taken, "what is mapped, in whatever size, is EEXIST and stays as it was")
{
	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, 0x200000, 0x400000, NEST_S1PT_2M, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(nest_s1pt_map(&pt, 0x200000, 0x800000, NEST_S1PT_2M, NEST_S1PT_RW, NULL), -EEXIST);
	CHECK_EQ(nest_s1pt_map(&pt, 0x201000, 0x800000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), -EEXIST);
	CHECK_EQ(nest_s1pt_map(&pt, 0, 0, NEST_S1PT_1G, NEST_S1PT_RW, NULL), -EEXIST);
	CHECK_EQ(walk(GPA, 0x201000, NULL), 0x401000);
}

TEST(invalid, "sizes, alignments, bits and addresses that no entry can hold are EINVAL")
{
	uint64_t *entry = (uint64_t *)&pt;

	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, 0, 0, 8192, NEST_S1PT_RW, &entry), -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, 0, 0, 0, NEST_S1PT_RW, &entry), -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, 0x800, 0, NEST_S1PT_4K, NEST_S1PT_RW, &entry), -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, 0, 0x1000, NEST_S1PT_2M, NEST_S1PT_RW, &entry), -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, 0x1000, 0, NEST_S1PT_2M, NEST_S1PT_RW, &entry), -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, 0, 0, NEST_S1PT_4K, NEST_S1PT_LARGE, &entry), -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, 0, 0, NEST_S1PT_4K, UINT64_C(1) << 63, &entry), -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, 0, UINT64_C(1) << 52, NEST_S1PT_4K, NEST_S1PT_RW, &entry),
		 -EINVAL);
	CHECK_EQ(nest_s1pt_map(&pt, UINT64_C(1) << 47, 0, NEST_S1PT_4K, NEST_S1PT_RW, &entry),
		 -EINVAL);
	CHECK(entry == (uint64_t *)&pt);
	CHECK_EQ(pt.used, 1);
}

TEST(unmap, "unmap clears exactly one entry, of either size, and what is not mapped is ENOENT")
{
	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, 0x1000, 0x5000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(nest_s1pt_map(&pt, 0x2000, 0x6000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(nest_s1pt_map(&pt, 0x200000, 0, NEST_S1PT_2M, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(nest_s1pt_unmap(&pt, 0x1000), 0);
	CHECK_EQ(walk(GPA, 0x1000, NULL), UINT64_MAX);
	CHECK_EQ(walk(GPA, 0x2000, NULL), 0x6000);
	CHECK_EQ(nest_s1pt_unmap(&pt, 0x1000), -ENOENT);
	CHECK_EQ(nest_s1pt_unmap(&pt, 0x3ff000), 0);
	CHECK_EQ(walk(GPA, 0x200000, NULL), UINT64_MAX);
	CHECK_EQ(nest_s1pt_unmap(&pt, UINT64_C(1) << 40), -ENOENT);
	CHECK_EQ(nest_s1pt_unmap(&pt, UINT64_C(1) << 47), -EINVAL);
}

TEST(replace, "replace moves one page and keeps its size, in the same entry")
{
	uint64_t *before = NULL, *after = NULL, size = 0;

	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, 0x200000, 0, NEST_S1PT_2M, NEST_S1PT_RW, &before), 0);
	CHECK_EQ(nest_s1pt_replace(&pt, 0x201000, 0x600000, NEST_S1PT_RO), 0);
	CHECK_EQ(nest_s1pt_lookup(&pt, 0x2ff000, &after, &size), 0);
	CHECK(before == after);
	CHECK_EQ(size, NEST_S1PT_2M);
	CHECK_EQ(walk(GPA, 0x200010, NULL), 0x600010);
	CHECK_EQ(nest_s1pt_replace(&pt, 0x200000, 0x601000, NEST_S1PT_RO), -EINVAL);
	CHECK_EQ(walk(GPA, 0x200010, NULL), 0x600010);
	CHECK_EQ(nest_s1pt_replace(&pt, 0x400000, 0, NEST_S1PT_RO), -ENOENT);
}

TEST(refill, "a cleared entry can be filled again by storing into it, or by map")
{
	uint64_t *entry = NULL, was;

	fresh();
	CHECK_EQ(nest_s1pt_map(&pt, 0x1000, 0x5000, NEST_S1PT_4K, NEST_S1PT_RW, &entry), 0);
	was = nest_s1pt_load(entry);
	nest_s1pt_store(&pt, entry, 0);
	CHECK_EQ(walk(GPA, 0x1000, NULL), UINT64_MAX);
	nest_s1pt_store(&pt, entry, was);
	CHECK_EQ(walk(GPA, 0x1000, NULL), 0x5000);
	CHECK_EQ(nest_s1pt_unmap(&pt, 0x1000), 0);
	CHECK_EQ(nest_s1pt_map(&pt, 0x1000, 0x7000, NEST_S1PT_4K, NEST_S1PT_RW, &entry), 0);
	CHECK_EQ(walk(GPA, 0x1000, NULL), 0x7000);
}

TEST(buffers, "a buffer that is crooked, empty or beyond 52 bits is refused untouched")
{
	struct nest_s1pt none = { 0 };

	buffer[0] = 1;
	CHECK_EQ(nest_s1pt_init(&none, (char *)buffer + 8, 4096, GPA, false), -EINVAL);
	CHECK_EQ(nest_s1pt_init(&none, buffer, 4096, GPA + 4, false), -EINVAL);
	CHECK_EQ(nest_s1pt_init(&none, buffer, 0, GPA, false), -EINVAL);
	CHECK_EQ(nest_s1pt_init(&none, buffer, 100, GPA, false), -EINVAL);
	CHECK_EQ(nest_s1pt_init(&none, buffer, 8192, (UINT64_C(1) << 52) - 4096, false), -EINVAL);
	CHECK_EQ(nest_s1pt_init(&none, buffer, 4096, (UINT64_C(1) << 52) - 4096, false), 0);
	CHECK_EQ(none.npages, 1);
}

TEST(flushed, "a table that is written back entry by entry says the same")
{
	memset(buffer, 0xee, sizeof(buffer));
	CHECK_EQ(nest_s1pt_init(&pt, buffer, sizeof(buffer), GPA, true), 0);
	CHECK_EQ(nest_s1pt_map(&pt, 0x1000, 0x5000, NEST_S1PT_4K, NEST_S1PT_RW, NULL), 0);
	CHECK_EQ(walk(GPA, 0x1008, NULL), 0x5008);
}

int main(void)
{
	return test_main();
}
