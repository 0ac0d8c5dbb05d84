/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables whose entries lead to tables: what x86 and arm64 have in common, for the formats in s1/
 * alone. A format's own file says what its entries look like.
 */
#ifndef NEST_S1_RADIX_H
#define NEST_S1_RADIX_H

#include "s1/s1.h"

struct nest_s1_radix {
	unsigned int leaf_levels; /* an entry of level 1 to this one can be a leaf */
	uint64_t address;	  /* bits of an entry that hold an address */
	uint64_t ipa_end;	  /* the first address that no entry can hold */

	bool (*present)(uint64_t entry);
	bool (*leaf)(uint64_t entry, unsigned int level); /* of a present one */

	/* The entry of a leaf; ipa is aligned. -EINVAL: rights that no leaf can express. */
	int (*leaf_entry)(uint64_t ipa, unsigned int level, unsigned int rights,
			  uint64_t *ret_entry);

	/* What the leaf says besides address and size. */
	void (*describe)(uint64_t entry, struct nest_s1_leaf *ret);

	/* The leaf of level 1 with the rights and the address of one of level 2. */
	uint64_t (*small_leaf)(uint64_t entry);
};

/* The members of struct nest_s1_format, for each format whose radix is set. */
int nest_s1_radix_init(struct nest_s1_table *table, void *buf, size_t size, uint64_t ipa,
		       bool flush);
int nest_s1_radix_map(struct nest_s1_table *table, uint64_t iova, uint64_t ipa, uint64_t size,
		      unsigned int rights);
int nest_s1_radix_unmap(struct nest_s1_table *table, uint64_t iova);
int nest_s1_radix_replace(struct nest_s1_table *table, uint64_t iova, uint64_t ipa,
			  unsigned int rights);
int nest_s1_radix_lookup(const struct nest_s1_table *table, uint64_t iova,
			 struct nest_s1_leaf *ret);
int nest_s1_radix_at(const struct nest_s1_table *table, uint64_t iova, unsigned int level,
		     uint64_t *ret_entry, uint64_t *ret_ipa);
int nest_s1_radix_put(struct nest_s1_table *table, uint64_t iova, unsigned int level,
		      uint64_t entry);
int nest_s1_radix_split(struct nest_s1_table *table, uint64_t iova);
void nest_s1_radix_rewind(struct nest_s1_table *table, size_t used);

/* clang-format off */
#define NEST_S1_RADIX_OPS \
	.init = nest_s1_radix_init, \
	.map = nest_s1_radix_map, \
	.unmap = nest_s1_radix_unmap, \
	.replace = nest_s1_radix_replace, \
	.lookup = nest_s1_radix_lookup, \
	.at = nest_s1_radix_at, \
	.put = nest_s1_radix_put, \
	.split = nest_s1_radix_split, \
	.rewind = nest_s1_radix_rewind
/* clang-format on */

#endif
