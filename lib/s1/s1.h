/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First-stage page tables: one struct nest_s1_format for each layout, and what the rest of the
 * tool does with a table of any of them. Pure: a table is bytes in a buffer of the caller, and
 * nothing here talks to a kernel.
 *
 * The IOMMU may walk the table while it changes. So each entry is written by one store, and a table
 * before the entry that leads to it. The caller invalidates what the IOMMU may have cached.
 */
#ifndef NEST_S1_H
#define NEST_S1_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a page allows, for requests as devices make them: user, not privileged. */
enum nest_s1_rights {
	NEST_S1_READ = 1,
	NEST_S1_WRITE = 2,
	NEST_S1_RW = NEST_S1_READ | NEST_S1_WRITE,

	/*
	 * Leave accessed and dirty clear, so that the IOMMU has to set them: finding them set after
	 * a DMA proves that it walked this table. Without this flag they are set beforehand. Else a
	 * translation that a read cached does not serve a write, and what an invalidation proves
	 * would depend on the direction of the DMA before it.
	 */
	NEST_S1_TRACK = 4,

	NEST_S1_PRIVILEGED = 8, /* for privileged requests only, which no device here makes */
};

/* A table under construction or in use. */
struct nest_s1_table {
	const struct nest_s1_format *format;
	void *memory;  /* the caller's buffer; its first page is the root */
	uint64_t ipa;  /* where the IOMMU reads it: an address of the second stage */
	size_t npages; /* of the buffer */
	size_t used;   /* pages given out, the root included */
	bool flush;    /* walks do not snoop the CPU's caches: write each entry back */
};

/* The last-level entry that translates an address. */
struct nest_s1_leaf {
	uint64_t entry; /* as the IOMMU left it */
	uint64_t ipa, size;
	unsigned int rights;
	bool accessed, dirty;
};

struct nest_s1_radix;

/* What a context descriptor says besides where the root table is. */
struct nest_s1_context {
	uint32_t asid;		  /* by which cached translations are told apart */
	unsigned int output_bits; /* of an address that the table leads to */
};

struct nest_s1_format {
	const char *name;	  /* as the row of a kind of IOMMU has it: "x86" */
	const char *what;	  /* for people: "4-level table" */
	unsigned int page_shift;  /* log2 of its smallest page; a table of it is as large */
	unsigned int input_bits;  /* of an address that the table translates */
	bool sign_extended;	  /* the bits above are copies of the last one; else they are 0 */
	uint64_t large_page;	  /* bytes of a page one level up */
	uint64_t walker_bits;	  /* of an entry, that the IOMMU may set by itself */
	unsigned int cache_slots; /* that user space can look at in place of a table; 0: none */
	const struct nest_s1_radix *radix; /* s1/radix.h; NULL: not of this family */

	/*
	 * NULL: the format has no table in memory. An empty table in buf, which is cleared.
	 * -EINVAL: alignment, a size of no whole pages, or an IPA that no entry can hold.
	 */
	int (*init)(struct nest_s1_table *table, void *buf, size_t size, uint64_t ipa, bool flush);

	/*
	 * Maps one page of size at iova to ipa. -EINVAL: size, alignment, rights that the format
	 * cannot express, or an address beyond its bits; -EEXIST: something is mapped there, or a
	 * table of smaller pages stands there; -ENOSPC: the buffer has no page left for a table.
	 * Nothing is mapped on failure (tables added on the way stay, empty).
	 */
	int (*map)(struct nest_s1_table *table, uint64_t iova, uint64_t ipa, uint64_t size,
		   unsigned int rights);

	/* Clears the leaf that maps iova, of any size. -ENOENT if none does. Tables stay. */
	int (*unmap)(struct nest_s1_table *table, uint64_t iova);

	/* Changes the leaf that maps iova by one store. -ENOENT, or -EINVAL as above. */
	int (*replace)(struct nest_s1_table *table, uint64_t iova, uint64_t ipa,
		       unsigned int rights);

	/* -ENOENT: iova is not mapped; -EINVAL: an address beyond the format's bits. */
	int (*lookup)(const struct nest_s1_table *table, uint64_t iova, struct nest_s1_leaf *ret);

	/*
	 * For tests of the walk, below. Levels count from 1, the last; levels is the root's. at
	 * walks to the entry of iova at a level: its value and, of an entry that leads to a table,
	 * where the IOMMU reads that. -ENOENT, or -EINVAL: no such level.
	 */
	unsigned int levels;
	int (*at)(const struct nest_s1_table *table, uint64_t iova, unsigned int level,
		  uint64_t *ret_entry, uint64_t *ret_ipa);

	/* Writes that entry as it is given: what at() read, or what the next ones return. */
	int (*put)(struct nest_s1_table *table, uint64_t iova, unsigned int level, uint64_t entry);

	/* An entry that leads to a table at ipa, with these rights. */
	uint64_t (*table_entry)(uint64_t ipa, unsigned int rights);

	/*
	 * Rights besides those to read and write, and rights above the last level, which Linux
	 * uses nowhere in tables of this format for devices: an IOMMU that ignores them deviates
	 * from the architecture, and lets no device do what software meant to forbid.
	 */
	bool spare_rights;

	/* The same entry, not present and else unchanged. */
	uint64_t (*absent_entry)(uint64_t entry);

	/*
	 * A leaf without the accessed flag, which gives no access then. NULL: the IOMMU sets the
	 * flag by itself.
	 */
	uint64_t (*unmarked_entry)(uint64_t entry);

	/* A leaf of large_page with a bit set that must be 0. NULL: such bits are ignored. */
	uint64_t (*spoilt_entry)(uint64_t entry);

	/*
	 * Puts a table of small pages in place of the large leaf that maps iova, which map the
	 * same. -ENOSPC.
	 */
	int (*split)(struct nest_s1_table *table, uint64_t iova);

	/* Takes away all tables that were added since table->used was this. */
	void (*rewind)(struct nest_s1_table *table, size_t used);

	/*
	 * NULL: the kernel is given the root table itself. Else it is given where a context
	 * descriptor lies: this one fills it in, in memory of the caller. The IOMMU may read it
	 * meanwhile: it becomes valid last. -EINVAL: no such context.
	 */
	int (*build_context)(const struct nest_s1_table *table,
			     const struct nest_s1_context *context, void *memory);
	size_t context_size; /* bytes of that; the memory is aligned to them */
};

extern const struct nest_s1_format nest_s1_x86;	 /* s1/x86.c */
extern const struct nest_s1_format nest_s1_mock; /* s1/mock.c */

/* s1/arm64.c: with pages of 4, 16 and 64 KiB. */
extern const struct nest_s1_format nest_s1_arm64, nest_s1_arm64_16k, nest_s1_arm64_64k;

/* By name; NULL: no such format can be built. */
const struct nest_s1_format *nest_s1_find(const char *name);

static inline int nest_s1_init(struct nest_s1_table *table, const struct nest_s1_format *format,
			       void *buf, size_t size, uint64_t ipa, bool flush)
{
	*table = (struct nest_s1_table){ .format = format };
	return format->init ? format->init(table, buf, size, ipa, flush) : 0;
}

/* Bits of an address of the lower half, or of all where there is no upper one. */
static inline unsigned int nest_s1_low_bits(const struct nest_s1_format *format)
{
	return format->input_bits - (format->sign_extended ? 1 : 0);
}

/* Bytes of its smallest page, and log2 of what an entry of this level spans. */
static inline uint64_t nest_s1_page(const struct nest_s1_format *format)
{
	return UINT64_C(1) << format->page_shift;
}

static inline unsigned int nest_s1_shift(const struct nest_s1_format *format, unsigned int level)
{
	return format->page_shift + (format->page_shift - 3) * (level - 1);
}

static inline int nest_s1_map(struct nest_s1_table *table, uint64_t iova, uint64_t ipa,
			      uint64_t size, unsigned int rights)
{
	return table->format->map ? table->format->map(table, iova, ipa, size, rights)
				  : -EOPNOTSUPP;
}

static inline int nest_s1_unmap(struct nest_s1_table *table, uint64_t iova)
{
	return table->format->unmap ? table->format->unmap(table, iova) : -EOPNOTSUPP;
}

static inline int nest_s1_replace(struct nest_s1_table *table, uint64_t iova, uint64_t ipa,
				  unsigned int rights)
{
	return table->format->replace ? table->format->replace(table, iova, ipa, rights)
				      : -EOPNOTSUPP;
}

/* Those for tests of the walk; -EOPNOTSUPP: the format has none. */
static inline int nest_s1_at(const struct nest_s1_table *table, uint64_t iova, unsigned int level,
			     uint64_t *ret_entry, uint64_t *ret_ipa)
{
	return table->format->at ? table->format->at(table, iova, level, ret_entry, ret_ipa)
				 : -EOPNOTSUPP;
}

static inline int nest_s1_put(struct nest_s1_table *table, uint64_t iova, unsigned int level,
			      uint64_t entry)
{
	return table->format->put ? table->format->put(table, iova, level, entry) : -EOPNOTSUPP;
}

static inline int nest_s1_split(struct nest_s1_table *table, uint64_t iova)
{
	return table->format->split ? table->format->split(table, iova) : -EOPNOTSUPP;
}

static inline void nest_s1_rewind(struct nest_s1_table *table, size_t used)
{
	if (table->format->rewind)
		table->format->rewind(table, used);
}

static inline int nest_s1_lookup(const struct nest_s1_table *table, uint64_t iova,
				 struct nest_s1_leaf *ret)
{
	return table->format->lookup ? table->format->lookup(table, iova, ret) : -EOPNOTSUPP;
}

#endif
