// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The 4-level page table of the x86-64 CPU, which is VT-d's first stage.
 * Source: VT-d specification, "First-Stage Translation" and "First-Stage Paging Entries".
 */
#include "s1/s1.h"

#include <assert.h>
#include <string.h>

#define LEVELS	   4
#define INPUT_BITS 48 /* sign-extended above */
#define ENTRIES	   512
#define PAGE	   (UINT64_C(1) << 12)
#define PAGE_2M	   (UINT64_C(1) << 21)
#define PAGE_1G	   (UINT64_C(1) << 30)
#define IPA_MAX	   (UINT64_C(1) << 52)

#define PRESENT	   (UINT64_C(1) << 0)
#define WRITE	   (UINT64_C(1) << 1)
#define USER	   (UINT64_C(1) << 2)
#define ACCESSED   (UINT64_C(1) << 5)
#define DIRTY	   (UINT64_C(1) << 6) /* leaves only */
#define LARGE	   (UINT64_C(1) << 7) /* a leaf above level 1 */
#define ADDRESS	   UINT64_C(0x000ffffffffff000)

/* An entry that leads to a table grants everything, the leaf decides. */
#define TABLE_BITS (PRESENT | WRITE | USER | ACCESSED)

/* Level of a leaf of this size: 1, 2, 3, or 0 for a size that does not exist. */
static unsigned int level_of(uint64_t size)
{
	return size == PAGE ? 1 : size == PAGE_2M ? 2 : size == PAGE_1G ? 3 : 0;
}

static uint64_t size_of(unsigned int level)
{
	return PAGE << 9 * (level - 1);
}

static bool canonical(uint64_t iova)
{
	uint64_t top = iova >> (INPUT_BITS - 1);

	return top == 0 || top == (UINT64_MAX >> (INPUT_BITS - 1));
}

static size_t index_of(uint64_t iova, unsigned int level)
{
	return iova >> (12 + 9 * (level - 1)) & (ENTRIES - 1);
}

static bool is_leaf(uint64_t entry, unsigned int level)
{
	return level == 1 || (entry & LARGE);
}

/* The table an entry leads to. Only entries written here are followed, so it lies in the buffer. */
static uint64_t *table_of(const struct nest_s1_table *table, uint64_t entry)
{
	uint64_t page = ((entry & ADDRESS) - table->ipa) / PAGE;

	assert(page < table->used);
	return (uint64_t *)table->memory + page * ENTRIES;
}

static void write_back(const void *line)
{
#if defined(__x86_64__)
	__builtin_ia32_clflush(line);
	__builtin_ia32_mfence();
#else
	(void)line; /* such IOMMUs exist on x86 only; elsewhere the table is built for tests */
#endif
}

static void store(const struct nest_s1_table *table, uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	if (table->flush)
		write_back(entry);
}

static uint64_t load(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static int init(struct nest_s1_table *table, void *buf, size_t size, uint64_t ipa, bool flush)
{
	if ((uintptr_t)buf % PAGE || ipa % PAGE || size % PAGE || !size)
		return -EINVAL;
	if (ipa >= IPA_MAX || size > IPA_MAX - ipa)
		return -EINVAL;
	memset(buf, 0, size);
	*table = (struct nest_s1_table){ table->format, buf, ipa, size / PAGE, 1, flush };
	for (size_t at = 0; flush && at < size; at += 64)
		write_back((char *)buf + at);
	return 0;
}

/*
 * Walks down to the entry for iova at level, adding tables on the way. -EEXIST if a larger page
 * maps it already.
 */
static int descend(struct nest_s1_table *table, uint64_t iova, unsigned int level,
		   uint64_t **ret_entry)
{
	uint64_t *at = table->memory;
	unsigned int here;

	for (here = LEVELS; here > level; here--) {
		uint64_t *entry = &at[index_of(iova, here)];
		uint64_t value = load(entry);

		if (!(value & PRESENT)) {
			if (table->used == table->npages)
				return -ENOSPC;
			value = (table->ipa + table->used++ * PAGE) | TABLE_BITS;
			store(table, entry, value);
		} else if (is_leaf(value, here)) {
			return -EEXIST;
		}
		at = table_of(table, value);
	}
	*ret_entry = &at[index_of(iova, level)];
	return 0;
}

/* The entry of the leaf that maps iova, and its level. */
static int find(const struct nest_s1_table *table, uint64_t iova, uint64_t **ret_entry,
		unsigned int *ret_level)
{
	uint64_t *at = table->memory;
	unsigned int level;

	if (!canonical(iova))
		return -EINVAL;
	for (level = LEVELS; level; level--) {
		uint64_t *entry = &at[index_of(iova, level)];
		uint64_t value = load(entry);

		if (!(value & PRESENT))
			return -ENOENT;
		if (is_leaf(value, level)) {
			*ret_entry = entry;
			*ret_level = level;
			return 0;
		}
		at = table_of(table, value);
	}
	return -ENOENT;
}

/*
 * The entry for a leaf of this level, or -EINVAL for what no leaf can say: each can be read.
 * A request without PASID, or with one and without the privileged bit, is a user request, and an
 * entry without USER blocks that (fault 0x81).
 */
static int leaf_value(uint64_t ipa, unsigned int level, unsigned int rights, uint64_t *ret_value)
{
	uint64_t value = ipa | PRESENT | (level > 1 ? LARGE : 0);
	const unsigned int known = NEST_S1_RW | NEST_S1_TRACK | NEST_S1_PRIVILEGED;

	if (!(rights & NEST_S1_READ) || rights & ~known || ipa % size_of(level) || ipa >= IPA_MAX)
		return -EINVAL;
	if (rights & NEST_S1_WRITE)
		value |= WRITE;
	if (!(rights & NEST_S1_PRIVILEGED))
		value |= USER;
	if (!(rights & NEST_S1_TRACK))
		value |= rights & NEST_S1_WRITE ? ACCESSED | DIRTY : ACCESSED;
	*ret_value = value;
	return 0;
}

static int map(struct nest_s1_table *table, uint64_t iova, uint64_t ipa, uint64_t size,
	       unsigned int rights)
{
	unsigned int level = level_of(size);
	uint64_t *entry, value;
	int err;

	if (!level || iova % size || !canonical(iova))
		return -EINVAL;
	err = leaf_value(ipa, level, rights, &value);
	if (err)
		return err;
	err = descend(table, iova, level, &entry);
	if (err)
		return err;
	/* A present entry is a page, or a table that may not be empty. */
	if (load(entry) & PRESENT)
		return -EEXIST;
	store(table, entry, value);
	return 0;
}

static int lookup(const struct nest_s1_table *table, uint64_t iova, struct nest_s1_leaf *ret)
{
	unsigned int level;
	uint64_t *entry, value;
	int err = find(table, iova, &entry, &level);

	if (err)
		return err;
	value = load(entry);
	*ret = (struct nest_s1_leaf){
		.entry = value,
		.ipa = value & ADDRESS,
		.size = size_of(level),
		.rights = value & WRITE ? NEST_S1_RW : NEST_S1_READ,
		.accessed = value & ACCESSED,
		.dirty = value & DIRTY,
	};
	return 0;
}

static int unmap(struct nest_s1_table *table, uint64_t iova)
{
	unsigned int level;
	uint64_t *entry;
	int err = find(table, iova, &entry, &level);

	if (err)
		return err;
	store(table, entry, 0);
	return 0;
}

static int replace(struct nest_s1_table *table, uint64_t iova, uint64_t ipa, unsigned int rights)
{
	unsigned int level;
	uint64_t *entry, value;
	int err = find(table, iova, &entry, &level);

	if (!err)
		err = leaf_value(ipa, level, rights, &value);
	if (err)
		return err;
	store(table, entry, value);
	return 0;
}

/* ---- for tests of the walk ---- */

/* The entry of iova at this level, if the tables reach so far down. */
static int reach(const struct nest_s1_table *table, uint64_t iova, unsigned int level,
		 uint64_t **ret_entry)
{
	uint64_t *at = table->memory;
	unsigned int here;

	if (!level || level > LEVELS || !canonical(iova))
		return -EINVAL;
	for (here = LEVELS; here > level; here--) {
		uint64_t value = load(&at[index_of(iova, here)]);

		if (!(value & PRESENT) || is_leaf(value, here))
			return -ENOENT;
		at = table_of(table, value);
	}
	*ret_entry = &at[index_of(iova, level)];
	return 0;
}

static int at(const struct nest_s1_table *table, uint64_t iova, unsigned int level,
	      uint64_t *ret_entry, uint64_t *ret_ipa)
{
	uint64_t *entry;
	int err = reach(table, iova, level, &entry);

	if (err)
		return err;
	*ret_entry = load(entry);
	*ret_ipa = *ret_entry & ADDRESS;
	return *ret_entry & PRESENT ? 0 : -ENOENT;
}

static int put(struct nest_s1_table *table, uint64_t iova, unsigned int level, uint64_t value)
{
	uint64_t *entry;
	int err = reach(table, iova, level, &entry);

	if (!err)
		store(table, entry, value);
	return err;
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

static int split(struct nest_s1_table *table, uint64_t iova)
{
	uint64_t *entry, *below, value;
	size_t i;
	int err = reach(table, iova, 2, &entry);

	if (err)
		return err;
	value = load(entry);
	if (!(value & PRESENT) || !is_leaf(value, 2))
		return -ENOENT;
	if (table->used == table->npages)
		return -ENOSPC;
	below = (uint64_t *)table->memory + table->used * ENTRIES;
	for (i = 0; i < ENTRIES; i++)
		store(table, &below[i], (value & ~LARGE) + i * PAGE);
	store(table, entry, (table->ipa + table->used++ * PAGE) | TABLE_BITS);
	return 0;
}

static void rewind_to(struct nest_s1_table *table, size_t used)
{
	uint64_t *entries = table->memory;
	size_t i;

	for (i = 0; i < used * ENTRIES; i++) {
		uint64_t page = ((entries[i] & ADDRESS) - table->ipa) / PAGE;

		if (entries[i] & PRESENT && page >= used && page < table->used)
			store(table, &entries[i], 0);
	}
	for (; i < table->used * ENTRIES; i++)
		store(table, &entries[i], 0);
	table->used = used;
}

const struct nest_s1_format nest_s1_x86 = {
	.name = "x86",
	.what = "4-level page table",
	.input_bits = INPUT_BITS,
	.large_page = PAGE_2M,
	.walker_bits = ACCESSED | DIRTY,
	.init = init,
	.map = map,
	.unmap = unmap,
	.replace = replace,
	.lookup = lookup,
	.levels = LEVELS,
	.at = at,
	.put = put,
	.table_entry = table_entry,
	.absent_entry = absent_entry,
	.spoilt_entry = spoilt_entry,
	.split = split,
	.rewind = rewind_to,
};
