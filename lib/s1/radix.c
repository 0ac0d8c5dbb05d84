// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables whose entries lead to tables, whatever an entry looks like. */
#include "s1/radix.h"

#include <assert.h>
#include <string.h>

static const struct nest_s1_radix *radix_of(const struct nest_s1_table *table)
{
	return table->format->radix;
}

static uint64_t page_of(const struct nest_s1_table *table)
{
	return nest_s1_page(table->format);
}

static size_t entries_of(const struct nest_s1_table *table)
{
	return page_of(table) / sizeof(uint64_t);
}

/* Level of a leaf of this size; 0 for a size that does not exist. */
static unsigned int level_of(const struct nest_s1_format *format, uint64_t size)
{
	unsigned int level;

	for (level = format->radix->leaf_levels; level; level--)
		if (size == UINT64_C(1) << nest_s1_shift(format, level))
			break;
	return level;
}

static bool is_input(const struct nest_s1_format *format, uint64_t iova)
{
	unsigned int bits = nest_s1_low_bits(format);
	uint64_t top = iova >> bits;

	return top == 0 || (format->sign_extended && top == UINT64_MAX >> bits);
}

static size_t index_of(const struct nest_s1_table *table, uint64_t iova, unsigned int level)
{
	return iova >> nest_s1_shift(table->format, level) & (entries_of(table) - 1);
}

/* The table an entry leads to. Only entries written here are followed, so it lies in the buffer. */
static uint64_t *table_of(const struct nest_s1_table *table, uint64_t entry)
{
	uint64_t page = ((entry & radix_of(table)->address) - table->ipa) / page_of(table);

	assert(page < table->used);
	return (uint64_t *)table->memory + page * entries_of(table);
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

int nest_s1_radix_init(struct nest_s1_table *table, void *buf, size_t size, uint64_t ipa,
		       bool flush)
{
	uint64_t page = page_of(table), end = radix_of(table)->ipa_end;

	if ((uintptr_t)buf % page || ipa % page || size % page || !size)
		return -EINVAL;
	if (ipa >= end || size > end - ipa)
		return -EINVAL;
	memset(buf, 0, size);
	*table = (struct nest_s1_table){ table->format, buf, ipa, size / page, 1, flush };
	for (size_t at = 0; flush && at < size; at += 64)
		write_back((char *)buf + at);
	return 0;
}

/* The entry that leads to the next page of the buffer, which is in use from here on. */
static int new_table(struct nest_s1_table *table, uint64_t *ret_entry)
{
	if (table->used == table->npages)
		return -ENOSPC;
	*ret_entry =
		table->format->table_entry(table->ipa + table->used++ * page_of(table), NEST_S1_RW);
	return 0;
}

/*
 * Walks down to the entry for iova at level, adding tables on the way. -EEXIST if a larger page
 * maps it already.
 */
static int descend(struct nest_s1_table *table, uint64_t iova, unsigned int level,
		   uint64_t **ret_entry)
{
	const struct nest_s1_radix *radix = radix_of(table);
	uint64_t *at = table->memory;
	unsigned int here;

	for (here = table->format->levels; here > level; here--) {
		uint64_t *entry = &at[index_of(table, iova, here)];
		uint64_t value = load(entry);

		if (!radix->present(value)) {
			int err = new_table(table, &value);

			if (err)
				return err;
			store(table, entry, value);
		} else if (radix->leaf(value, here)) {
			return -EEXIST;
		}
		at = table_of(table, value);
	}
	*ret_entry = &at[index_of(table, iova, level)];
	return 0;
}

/* The entry of the leaf that maps iova, and its level. */
static int find(const struct nest_s1_table *table, uint64_t iova, uint64_t **ret_entry,
		unsigned int *ret_level)
{
	const struct nest_s1_radix *radix = radix_of(table);
	uint64_t *at = table->memory;
	unsigned int level;

	if (!is_input(table->format, iova))
		return -EINVAL;
	for (level = table->format->levels; level; level--) {
		uint64_t *entry = &at[index_of(table, iova, level)];
		uint64_t value = load(entry);

		if (!radix->present(value))
			return -ENOENT;
		if (radix->leaf(value, level)) {
			*ret_entry = entry;
			*ret_level = level;
			return 0;
		}
		at = table_of(table, value);
	}
	return -ENOENT;
}

/* The entry for a leaf of this level, or -EINVAL for what no leaf can say. */
static int leaf_entry(const struct nest_s1_format *format, uint64_t ipa, unsigned int level,
		      unsigned int rights, uint64_t *ret_entry)
{
	const unsigned int known = NEST_S1_RW | NEST_S1_TRACK | NEST_S1_PRIVILEGED;

	/* A leaf that can be written can be read, in each of these formats. */
	if (!(rights & NEST_S1_READ) || rights & ~known)
		return -EINVAL;
	if (ipa % (UINT64_C(1) << nest_s1_shift(format, level)) || ipa >= format->radix->ipa_end)
		return -EINVAL;
	return format->radix->leaf_entry(ipa, level, rights, ret_entry);
}

int nest_s1_radix_map(struct nest_s1_table *table, uint64_t iova, uint64_t ipa, uint64_t size,
		      unsigned int rights)
{
	const struct nest_s1_radix *radix = radix_of(table);
	unsigned int level = level_of(table->format, size);
	uint64_t *entry, value;
	int err;

	if (!level || iova % size || !is_input(table->format, iova))
		return -EINVAL;
	err = leaf_entry(table->format, ipa, level, rights, &value);
	if (err)
		return err;
	err = descend(table, iova, level, &entry);
	if (err)
		return err;
	/* A present entry is a page, or a table that may not be empty. */
	if (radix->present(load(entry)))
		return -EEXIST;
	store(table, entry, value);
	return 0;
}

int nest_s1_radix_lookup(const struct nest_s1_table *table, uint64_t iova, struct nest_s1_leaf *ret)
{
	const struct nest_s1_radix *radix = radix_of(table);
	unsigned int level;
	uint64_t *entry, value;
	int err = find(table, iova, &entry, &level);

	if (err)
		return err;
	value = load(entry);
	*ret = (struct nest_s1_leaf){
		.entry = value,
		.ipa = value & radix->address,
		.size = UINT64_C(1) << nest_s1_shift(table->format, level),
	};
	radix->describe(value, ret);
	return 0;
}

int nest_s1_radix_unmap(struct nest_s1_table *table, uint64_t iova)
{
	unsigned int level;
	uint64_t *entry;
	int err = find(table, iova, &entry, &level);

	if (err)
		return err;
	store(table, entry, 0);
	return 0;
}

int nest_s1_radix_replace(struct nest_s1_table *table, uint64_t iova, uint64_t ipa,
			  unsigned int rights)
{
	unsigned int level;
	uint64_t *entry, value;
	int err = find(table, iova, &entry, &level);

	if (!err)
		err = leaf_entry(table->format, ipa, level, rights, &value);
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
	const struct nest_s1_radix *radix = radix_of(table);
	uint64_t *at = table->memory;
	unsigned int here, levels = table->format->levels;

	if (!level || level > levels || !is_input(table->format, iova))
		return -EINVAL;
	for (here = levels; here > level; here--) {
		uint64_t value = load(&at[index_of(table, iova, here)]);

		if (!radix->present(value) || radix->leaf(value, here))
			return -ENOENT;
		at = table_of(table, value);
	}
	*ret_entry = &at[index_of(table, iova, level)];
	return 0;
}

int nest_s1_radix_at(const struct nest_s1_table *table, uint64_t iova, unsigned int level,
		     uint64_t *ret_entry, uint64_t *ret_ipa)
{
	const struct nest_s1_radix *radix = radix_of(table);
	uint64_t *entry;
	int err = reach(table, iova, level, &entry);

	if (err)
		return err;
	*ret_entry = load(entry);
	*ret_ipa = *ret_entry & radix->address;
	return radix->present(*ret_entry) ? 0 : -ENOENT;
}

int nest_s1_radix_put(struct nest_s1_table *table, uint64_t iova, unsigned int level,
		      uint64_t value)
{
	uint64_t *entry;
	int err = reach(table, iova, level, &entry);

	if (!err)
		store(table, entry, value);
	return err;
}

int nest_s1_radix_split(struct nest_s1_table *table, uint64_t iova)
{
	const struct nest_s1_radix *radix = radix_of(table);
	uint64_t *entry, *below, value, leads;
	size_t i;
	int err = reach(table, iova, 2, &entry);

	if (err)
		return err;
	value = load(entry);
	if (!radix->present(value) || !radix->leaf(value, 2))
		return -ENOENT;
	err = new_table(table, &leads);
	if (err)
		return err;
	below = table_of(table, leads);
	for (i = 0; i < entries_of(table); i++)
		store(table, &below[i], radix->small_leaf(value) + i * page_of(table));
	store(table, entry, leads);
	return 0;
}

void nest_s1_radix_rewind(struct nest_s1_table *table, size_t used)
{
	const struct nest_s1_radix *radix = radix_of(table);
	uint64_t *entries = table->memory;
	size_t i;

	for (i = 0; i < used * entries_of(table); i++) {
		uint64_t page = ((entries[i] & radix->address) - table->ipa) / page_of(table);

		if (entries[i] && radix->present(entries[i]) && page >= used && page < table->used)
			store(table, &entries[i], 0);
	}
	for (; i < table->used * entries_of(table); i++)
		if (entries[i])
			store(table, &entries[i], 0);
	table->used = used;
}
