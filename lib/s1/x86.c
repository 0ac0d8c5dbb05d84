// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The 4-level page table of the x86-64 CPU, which is VT-d's first stage.
 * Source: VT-d specification, "First-Stage Translation" and "First-Stage Paging Entries".
 */
#include "s1/radix.h"

#define PRESENT	 (UINT64_C(1) << 0)
#define WRITE	 (UINT64_C(1) << 1)
#define USER	 (UINT64_C(1) << 2)
#define ACCESSED (UINT64_C(1) << 5)
#define DIRTY	 (UINT64_C(1) << 6) /* leaves only */
#define LARGE	 (UINT64_C(1) << 7) /* a leaf above level 1 */

static bool present(uint64_t entry)
{
	return entry & PRESENT;
}

static bool leaf(uint64_t entry, unsigned int level)
{
	return level == 1 || entry & LARGE;
}

/*
 * A request without PASID, or with one and without the privileged bit, is a user request, and an
 * entry without USER blocks that (fault 0x81).
 */
static int leaf_entry(uint64_t ipa, unsigned int level, unsigned int rights, uint64_t *ret_entry)
{
	uint64_t entry = ipa | PRESENT | (level > 1 ? LARGE : 0);

	if (rights & NEST_S1_WRITE)
		entry |= WRITE;
	if (!(rights & NEST_S1_PRIVILEGED))
		entry |= USER;
	if (!(rights & NEST_S1_TRACK))
		entry |= rights & NEST_S1_WRITE ? ACCESSED | DIRTY : ACCESSED;
	*ret_entry = entry;
	return 0;
}

static void describe(uint64_t entry, struct nest_s1_leaf *ret)
{
	ret->rights = entry & WRITE ? NEST_S1_RW : NEST_S1_READ;
	ret->accessed = entry & ACCESSED;
	ret->dirty = entry & DIRTY;
}

static uint64_t small_leaf(uint64_t entry)
{
	return entry & ~LARGE;
}

static uint64_t table_entry(uint64_t ipa, unsigned int rights)
{
	return ipa | PRESENT | ACCESSED | (rights & NEST_S1_WRITE ? WRITE : 0) |
	       (rights & NEST_S1_PRIVILEGED ? 0 : USER);
}

static uint64_t absent_entry(uint64_t entry)
{
	return entry & ~PRESENT;
}

/* Bits 20:13 of an entry that maps 2 MiB; 12 is PAT. */
static uint64_t spoilt_entry(uint64_t entry)
{
	return entry | UINT64_C(1) << 13;
}

static const struct nest_s1_radix radix = {
	.leaf_levels = 3,
	.address = UINT64_C(0x000ffffffffff000),
	.ipa_end = UINT64_C(1) << 52,
	.present = present,
	.leaf = leaf,
	.leaf_entry = leaf_entry,
	.describe = describe,
	.small_leaf = small_leaf,
};

const struct nest_s1_format nest_s1_x86 = {
	.name = "x86",
	.what = "4-level page table",
	.page_shift = 12,
	.input_bits = 48,
	.sign_extended = true,
	.large_page = UINT64_C(1) << 21,
	.walker_bits = ACCESSED | DIRTY,
	.radix = &radix,
	NEST_S1_RADIX_OPS,
	.levels = 4,
	.table_entry = table_entry,
	.absent_entry = absent_entry,
	.spoilt_entry = spoilt_entry,
};
