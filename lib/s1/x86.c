// SPDX-License-Identifier: GPL-2.0-or-later
/* The layout of VT-d first-stage tables: levels, entries, and how to change them under a walker. */
#include "s1/x86.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define ENTRIES 512
#define PAGE	NEST_S1PT_4K
#define GPA_MAX (UINT64_C(1) << 52)

/* What a caller may ask for in a leaf; caching bits stay zero (write-back). */
#define LEAF_BITS (NEST_S1PT_WRITE | NEST_S1PT_USER | NEST_S1PT_ACCESSED | NEST_S1PT_DIRTY)

/* An entry that leads to a table grants everything, the leaf decides. */
#define TABLE_BITS (NEST_S1PT_PRESENT | NEST_S1PT_WRITE | NEST_S1PT_USER | NEST_S1PT_ACCESSED)

/* Level of a leaf of this size: 1, 2, 3, or 0 for a size that does not exist. */
static unsigned int level_of(uint64_t size)
{
	return size == NEST_S1PT_4K ? 1 : size == NEST_S1PT_2M ? 2 : size == NEST_S1PT_1G ? 3 : 0;
}

static uint64_t size_of(unsigned int level)
{
	return PAGE << 9 * (level - 1);
}

static bool canonical(uint64_t giova)
{
	uint64_t top = giova >> (NEST_S1PT_WIDTH - 1);

	return top == 0 || top == (UINT64_MAX >> (NEST_S1PT_WIDTH - 1));
}

static size_t index_of(uint64_t giova, unsigned int level)
{
	return giova >> (12 + 9 * (level - 1)) & (ENTRIES - 1);
}

static bool is_leaf(uint64_t entry, unsigned int level)
{
	return level == 1 || (entry & NEST_S1PT_LARGE);
}

/* The table an entry leads to. Only entries written here are followed, so it lies in the buffer. */
static uint64_t *table_of(const struct nest_s1pt *pt, uint64_t entry)
{
	uint64_t page = ((entry & NEST_S1PT_ADDR) - pt->gpa) / PAGE;

	assert(page < pt->used);
	return pt->tables + page * ENTRIES;
}

static void write_back(const void *line)
{
#if defined(__x86_64__)
	__builtin_ia32_clflush(line);
	__builtin_ia32_mfence();
#else
	(void)line; /* VT-d exists on x86 only; elsewhere the table is built for tests */
#endif
}

void nest_s1pt_store(const struct nest_s1pt *pt, uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	if (pt->flush)
		write_back(entry);
}

uint64_t nest_s1pt_load(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

int nest_s1pt_init(struct nest_s1pt *pt, void *buf, size_t size, uint64_t gpa, bool flush)
{
	if ((uintptr_t)buf % PAGE || gpa % PAGE || size % PAGE || !size)
		return -EINVAL;
	if (gpa >= GPA_MAX || size > GPA_MAX - gpa)
		return -EINVAL;
	memset(buf, 0, size);
	*pt = (struct nest_s1pt){ buf, gpa, size / PAGE, 1, flush };
	for (size_t at = 0; flush && at < size; at += 64)
		write_back((char *)buf + at);
	return 0;
}

uint64_t nest_s1pt_root(const struct nest_s1pt *pt)
{
	return pt->gpa;
}

/*
 * Walks down to the entry for giova at level, adding tables on the way. -EEXIST if a larger page
 * maps it already.
 */
static int descend(struct nest_s1pt *pt, uint64_t giova, unsigned int level, uint64_t **ret_entry)
{
	uint64_t *table = pt->tables;
	unsigned int at;

	for (at = NEST_S1PT_LEVELS; at > level; at--) {
		uint64_t *entry = &table[index_of(giova, at)];
		uint64_t value = nest_s1pt_load(entry);

		if (!(value & NEST_S1PT_PRESENT)) {
			if (pt->used == pt->npages)
				return -ENOSPC;
			value = (pt->gpa + pt->used++ * PAGE) | TABLE_BITS;
			nest_s1pt_store(pt, entry, value);
		} else if (is_leaf(value, at)) {
			return -EEXIST;
		}
		table = table_of(pt, value);
	}
	*ret_entry = &table[index_of(giova, level)];
	return 0;
}

/* The entry for a leaf of this level, or -EINVAL for what no leaf can say. */
static int leaf_value(uint64_t gpa, unsigned int level, uint64_t bits, uint64_t *ret_value)
{
	if (bits & ~(uint64_t)LEAF_BITS || gpa % size_of(level) || gpa >= GPA_MAX)
		return -EINVAL;
	*ret_value = gpa | bits | NEST_S1PT_PRESENT | (level > 1 ? NEST_S1PT_LARGE : 0);
	return 0;
}

int nest_s1pt_map(struct nest_s1pt *pt, uint64_t giova, uint64_t gpa, uint64_t size, uint64_t bits,
		  uint64_t **ret_entry)
{
	unsigned int level = level_of(size);
	uint64_t *entry, value;
	int err;

	if (!level || giova % size || !canonical(giova))
		return -EINVAL;
	err = leaf_value(gpa, level, bits, &value);
	if (err)
		return err;
	err = descend(pt, giova, level, &entry);
	if (err)
		return err;
	/* A present entry is a page, or a table whose emptiness nobody can be sure of. */
	if (nest_s1pt_load(entry) & NEST_S1PT_PRESENT)
		return -EEXIST;
	nest_s1pt_store(pt, entry, value);
	if (ret_entry)
		*ret_entry = entry;
	return 0;
}

int nest_s1pt_lookup(const struct nest_s1pt *pt, uint64_t giova, uint64_t **ret_entry,
		     uint64_t *ret_size)
{
	uint64_t *table = pt->tables;
	unsigned int level;

	if (!canonical(giova))
		return -EINVAL;
	for (level = NEST_S1PT_LEVELS; level; level--) {
		uint64_t *entry = &table[index_of(giova, level)];
		uint64_t value = nest_s1pt_load(entry);

		if (!(value & NEST_S1PT_PRESENT))
			return -ENOENT;
		if (!is_leaf(value, level)) {
			table = table_of(pt, value);
			continue;
		}
		*ret_entry = entry;
		if (ret_size)
			*ret_size = size_of(level);
		return 0;
	}
	return -ENOENT;
}

int nest_s1pt_unmap(struct nest_s1pt *pt, uint64_t giova)
{
	uint64_t *entry;
	int err = nest_s1pt_lookup(pt, giova, &entry, NULL);

	if (err)
		return err;
	nest_s1pt_store(pt, entry, 0);
	return 0;
}

int nest_s1pt_replace(struct nest_s1pt *pt, uint64_t giova, uint64_t gpa, uint64_t bits)
{
	uint64_t *entry, value, size;
	int err = nest_s1pt_lookup(pt, giova, &entry, &size);

	if (err)
		return err;
	err = leaf_value(gpa, level_of(size), bits, &value);
	if (err)
		return err;
	nest_s1pt_store(pt, entry, value);
	return 0;
}
