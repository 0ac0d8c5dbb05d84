// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page tables of arm64 CPUs (VMSAv8-64), which SMMUv3's first stage walks, and the context
 * descriptor that leads to one. Addresses have 48 bits on either side.
 * Source: Arm Architecture Reference Manual, "VMSAv8-64 translation table format descriptors"; Arm
 * SMMU architecture specification version 3, section 5.4; drivers/iommu/arm/arm-smmu-v3 of
 * Linux 7.3.
 */
#include "s1/radix.h"

#include <string.h>

#include "util.h"

#define VALID	      (UINT64_C(1) << 0)
#define TABLE_OR_PAGE (UINT64_C(1) << 1) /* clear: a leaf above level 1 */
#define UNPRIVILEGED  (UINT64_C(1) << 6)
#define READ_ONLY     (UINT64_C(1) << 7)
#define INNER_SHARED  (UINT64_C(3) << 8)
#define ACCESSED      (UINT64_C(1) << 10) /* nothing sets it for us: clear, it is a fault */
#define NOT_GLOBAL    (UINT64_C(1) << 11) /* cached for this ASID alone */

/* Of an entry that leads to a table: what all below it lack. */
#define TABLE_NO_UNPRIVILEGED (UINT64_C(1) << 61)
#define TABLE_READ_ONLY	      (UINT64_C(1) << 62)

static bool present(uint64_t entry)
{
	return entry & VALID;
}

static bool leaf(uint64_t entry, unsigned int level)
{
	return level == 1 || !(entry & TABLE_OR_PAGE);
}

/* Memory type 0, which the context descriptor declares to be write-back. */
static int leaf_entry(uint64_t ipa, unsigned int level, unsigned int rights, uint64_t *ret_entry)
{
	*ret_entry = ipa | VALID | (level == 1 ? TABLE_OR_PAGE : 0) | INNER_SHARED | ACCESSED |
		     NOT_GLOBAL | (rights & NEST_S1_WRITE ? 0 : READ_ONLY) |
		     (rights & NEST_S1_PRIVILEGED ? 0 : UNPRIVILEGED);
	return 0;
}

/* An IOMMU that is not told to does not mark entries: what is accessed or dirty is not known. */
static void describe(uint64_t entry, struct nest_s1_leaf *ret)
{
	ret->rights = entry & READ_ONLY ? NEST_S1_READ : NEST_S1_RW;
	ret->accessed = entry & ACCESSED;
}

static uint64_t small_leaf(uint64_t entry)
{
	return entry | TABLE_OR_PAGE;
}

static uint64_t table_entry(uint64_t ipa, unsigned int rights)
{
	return ipa | VALID | TABLE_OR_PAGE | (rights & NEST_S1_WRITE ? 0 : TABLE_READ_ONLY) |
	       (rights & NEST_S1_PRIVILEGED ? TABLE_NO_UNPRIVILEGED : 0);
}

static uint64_t absent_entry(uint64_t entry)
{
	return entry & ~VALID;
}

static uint64_t unmarked_entry(uint64_t entry)
{
	return entry & ~ACCESSED;
}

/* ---- context descriptor: eight words; the rest are 0 ---- */

#define CD_WORDS	8
#define CD_T0SZ		(64 - 48)
#define CD_TG0		6
#define CD_WRITE_BACK	(UINT64_C(1) << 8 | UINT64_C(1) << 10) /* walks: inner, outer */
#define CD_INNER_SHARED (UINT64_C(3) << 12)
#define CD_NO_UPPER	(UINT64_C(1) << 30)
#define CD_VALID	(UINT64_C(1) << 31)
#define CD_IPS		32
#define CD_AARCH64	(UINT64_C(1) << 41)
#define CD_RECORD	(UINT64_C(1) << 45) /* else a fault leaves no event */
#define CD_ABORT	(UINT64_C(1) << 46)
#define CD_PRIVATE	(UINT64_C(1) << 47)
#define CD_ASID		48
#define MEMORY_TYPES	UINT64_C(0xff) /* number 0: write-back; no other is used */

/* The code of the widest output that is not wider; there is one for each from 32 bits on. */
static int output_code(unsigned int bits, uint64_t *ret_code)
{
	static const unsigned int widths[] = { 32, 36, 40, 42, 44, 48 };
	size_t i;

	for (i = ARRAY_SIZE(widths); i--;)
		if (widths[i] <= bits) {
			*ret_code = i;
			return 0;
		}
	return -EINVAL;
}

/* Granule codes of the descriptor; those of invalidations are others. */
static uint64_t granule_code(unsigned int page_shift)
{
	return page_shift == 16 ? 1 : page_shift == 14 ? 2 : 0;
}

static int build_context(const struct nest_s1_table *table, const struct nest_s1_context *context,
			 void *memory)
{
	uint64_t *cd = memory, code;
	int err = output_code(context->output_bits, &code);

	if (err || !context->asid || context->asid > UINT16_MAX ||
	    (uintptr_t)memory % (CD_WORDS * sizeof(*cd)))
		return -EINVAL;
	__atomic_store_n(&cd[0], 0, __ATOMIC_RELEASE);
	memset(&cd[1], 0, (CD_WORDS - 1) * sizeof(*cd));
	cd[1] = table->ipa;
	cd[3] = MEMORY_TYPES;
	__atomic_store_n(&cd[0],
			 CD_T0SZ | granule_code(table->format->page_shift) << CD_TG0 |
				 CD_WRITE_BACK | CD_INNER_SHARED | CD_NO_UPPER | CD_VALID |
				 code << CD_IPS | CD_AARCH64 | CD_RECORD | CD_ABORT | CD_PRIVATE |
				 (uint64_t)context->asid << CD_ASID,
			 __ATOMIC_RELEASE);
	return 0;
}

/* ---- the three sizes of pages ---- */

#define FORMAT(symbol, word, text, shift, depth, leaves)                                           \
	static const struct nest_s1_radix radix_##symbol = {                                       \
		.leaf_levels = (leaves),                                                           \
		.address = (UINT64_C(1) << 48) - (UINT64_C(1) << (shift)),                         \
		.ipa_end = UINT64_C(1) << 48,                                                      \
		.present = present,                                                                \
		.leaf = leaf,                                                                      \
		.leaf_entry = leaf_entry,                                                          \
		.describe = describe,                                                              \
		.small_leaf = small_leaf,                                                          \
	};                                                                                         \
	const struct nest_s1_format nest_s1_##symbol = {                                           \
		.name = (word),                                                                    \
		.what = (text),                                                                    \
		.page_shift = (shift),                                                             \
		.input_bits = 48,                                                                  \
		.large_page = UINT64_C(1) << ((shift) + (shift)-3),                                \
		.radix = &radix_##symbol,                                                          \
		NEST_S1_RADIX_OPS,                                                                 \
		.levels = (depth),                                                                 \
		.table_entry = table_entry,                                                        \
		.spare_rights = true,                                                              \
		.absent_entry = absent_entry,                                                      \
		.unmarked_entry = unmarked_entry,                                                  \
		.build_context = build_context,                                                    \
		.context_size = CD_WORDS * sizeof(uint64_t),                                       \
	}

FORMAT(arm64, "arm64", "4-level page table", 12, 4, 3);
FORMAT(arm64_16k, "arm64-16k", "4-level page table of 16 KiB pages", 14, 4, 2);
FORMAT(arm64_64k, "arm64-64k", "3-level page table of 64 KiB pages", 16, 3, 2);
