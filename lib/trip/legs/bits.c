// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Address bits, one at a time: of the address that the device sends, of the page that the first
 * stage gives, and of its tables. Two addresses that differ in one bit lead to two pages; where
 * the bit is ignored, the other page is reached.
 */
#include "trip/legs.h"

#include "util.h"

enum { TABLE_BIT = 32 };

uint64_t nest_trip_far(const struct nest_trip_run *run)
{
	uint64_t far = nest_trip_flat(run, 0x2aa), large = run->table.format->large_page;

	/* In no table that the scratch memory is in: legs leave entries to
	 * nest_trip_forget_tables(). */
	return large && (far ^ run->small.gpa) < large ? far ^ large : far;
}

/* Of the number of a page. */
static unsigned int first_bit(const struct nest_trip_run *run)
{
	return (unsigned int)__builtin_ctzll(run->page);
}

unsigned int nest_trip_giova_bits(const struct nest_trip_run *run)
{
	unsigned int bits = nest_s1_low_bits(run->table.format);

	return run->device_bits && run->device_bits < bits ? run->device_bits : bits;
}

uint64_t nest_trip_private(const struct nest_trip_run *run, unsigned int level, unsigned int n)
{
	unsigned int shift = nest_s1_shift(run->table.format, level);
	uint64_t far = nest_trip_far(run), bits = 0;

	/* The entry that is the scratch memory's, too, does not count. */
	while (n)
		if ((far ^ ++bits << shift ^ run->small.gpa) >> shift)
			n--;
	return far ^ bits << shift;
}

bool nest_trip_has_private(const struct nest_trip_run *run, unsigned int level)
{
	return nest_s1_shift(run->table.format, level) + 1 < nest_trip_giova_bits(run);
}

void nest_trip_forget_tables(struct nest_trip_run *run, size_t used, enum nest_leg_result *result)
{
	nest_s1_rewind(&run->table, used);
	if (*result == NEST_LEG_PASSED || *result == NEST_LEG_ABSENT) {
		enum nest_leg_result after = nest_trip_invalidate_all(run);

		*result = after ? after : *result;
	}
}

/* A transfer is smaller than a page of 16 or 64 KiB: its bits of the offset, too. */
static enum nest_leg_result offsets(struct nest_trip_run *run, uint64_t giova, uint64_t page)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	uint64_t at;

	for (at = NEST_PAGE; !result && at < run->page; at <<= 1)
		result = nest_trip_arrive(run, giova + at, page + at, "inside a page");
	return result;
}

enum nest_leg_result nest_leg_dma_bits(struct nest_trip_run *run)
{
	uint64_t base = nest_trip_far(run), page = nest_trip_slot(run, NEST_TARGET_A),
		 decoy = nest_trip_slot(run, NEST_TARGET_B);
	unsigned int first = first_bit(run), bit, bits = nest_trip_giova_bits(run);
	size_t used = run->table.used, here;
	enum nest_leg_result result = nest_trip_point(run, base, decoy, NEST_S1_RW);

	if (!result)
		result = nest_trip_arrive(run, base, decoy, "the other address");
	if (!result)
		result = offsets(run, base, decoy);
	for (bit = first; !result && bit < bits; bit++) {
		uint64_t giova = base ^ UINT64_C(1) << bit;

		here = run->table.used;
		result = nest_trip_point(run, giova, page, NEST_S1_RW);
		if (!result) /* cached, and mistaken for it where the bit is not compared */
			result = nest_trip_expect(run, base, decoy, "the other address");
		if (!result)
			result = nest_trip_arrive(run, giova, page, "with one other address bit");
		if (!result)
			result = nest_trip_clear(run, giova);
		if (run->table.used != here)
			nest_trip_forget_tables(run, here, &result);
	}
	if (!result)
		result = nest_trip_clear(run, base);
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "GIOVA 0x%llx and each address that differs from it in one of "
				   "bits %u to %u lead to different pages",
				   (unsigned long long)base, first, bits - 1);
	return result;
}

/* Maps the page at va for the second stage too at gpa. */
static enum nest_leg_result alias(struct nest_trip_run *run, uint64_t gpa, void *va)
{
	return nest_trip_check(run, nest_space_map(run->space, gpa, va, run->page,
						   NEST_PROT_READ | NEST_PROT_WRITE));
}

static enum nest_leg_result no_alias(struct nest_trip_run *run, uint64_t gpa)
{
	return nest_trip_check(run, nest_space_unmap(run->space, gpa, run->page, NULL));
}

enum nest_leg_result nest_leg_dma_targets(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_far(run), page = nest_trip_slot(run, NEST_TARGET_A);
	/* Not in the small area, so that no bit leads into it. */
	uint64_t base = nest_trip_flat(run, 0x355);
	unsigned int bit, tried = 0, highest = 0;
	enum nest_leg_result result = alias(run, base, nest_trip_slot_va(run, NEST_TARGET_B));

	for (bit = first_bit(run); !result && bit < 52; bit++) {
		uint64_t gpa = base ^ UINT64_C(1) << bit;

		if (!nest_trip_in_ranges(run, gpa))
			continue;
		result = alias(run, gpa, nest_trip_slot_va(run, NEST_TARGET_A));
		if (!result)
			result = nest_trip_point(run, giova, gpa, NEST_S1_RW);
		if (!result)
			result = nest_trip_arrive(run, giova, page,
						  "to a page with one other guest-physical bit");
		if (!result)
			result = nest_trip_clear(run, giova);
		if (!result)
			result = no_alias(run, gpa);
		tried++;
		highest = bit;
	}
	if (!result)
		result = no_alias(run, base);
	if (result)
		return result;
	if (highest < TABLE_BIT)
		return nest_trip_skip(run, "no guest-physical address above 4 GiB could be mapped");
	nest_trip_evidence(run,
			   "%u first-stage entries led to guest-physical pages that differ from "
			   "0x%llx in one bit, up to bit %u",
			   tried, (unsigned long long)base, highest);
	return NEST_LEG_PASSED;
}

/*
 * Two subtrees below entries of this level; the entry of the first is made to lead to the second,
 * at an address that differs from that of the first in one bit.
 */
static enum nest_leg_result table_bits(struct nest_trip_run *run, unsigned int level,
				       unsigned int *tried)
{
	const struct nest_s1_format *format = run->table.format;
	uint64_t first = nest_trip_private(run, level, 1),
		 second = nest_trip_private(run, level, 2);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A), entry = 0, from = 0, to = 0, other;
	unsigned int bit;
	enum nest_leg_result result =
		nest_trip_point(run, first, nest_trip_slot(run, NEST_TARGET_B), NEST_S1_RW);

	if (!result)
		result = nest_trip_point(run, second, page, NEST_S1_RW);
	if (!result)
		result = nest_trip_check(run, nest_s1_at(&run->table, first, level, &entry, &from));
	if (!result)
		result = nest_trip_check(run, nest_s1_at(&run->table, second, level, &other, &to));
	for (bit = TABLE_BIT; !result && bit < 52; bit++) {
		uint64_t gpa = from ^ UINT64_C(1) << bit;

		if (!nest_trip_in_ranges(run, gpa))
			continue;
		result = alias(run, gpa, run->small.va + (to - run->small.gpa));
		if (!result)
			result = nest_trip_check(run,
						 nest_s1_put(&run->table, first, level,
							     format->table_entry(gpa, NEST_S1_RW)));
		if (!result)
			result = nest_trip_invalidate_all(run);
		if (!result)
			result = nest_trip_arrive(run, first, page,
						  "through a table with one other address bit");
		nest_s1_put(&run->table, first, level, entry);
		if (!result)
			result = nest_trip_invalidate_all(run);
		if (!result)
			result = no_alias(run, gpa);
		(*tried)++;
	}
	return result;
}

enum nest_leg_result nest_leg_dma_tables(struct nest_trip_run *run)
{
	unsigned int level, levels = run->table.format->levels, tried = 0;
	size_t used = run->table.used;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (level = 2; !result && level <= levels; level++) {
		if (!nest_trip_has_private(run, level))
			break;
		result = table_bits(run, level, &tried);
		nest_trip_forget_tables(run, used, &result);
	}
	if (result)
		return result;
	if (!tried)
		return nest_trip_skip(run, "no guest-physical address above 4 GiB could be mapped");
	nest_trip_evidence(run,
			   "%u times a table was read at a guest-physical address above 4 GiB that "
			   "differs in one bit from that of another table",
			   tried);
	return NEST_LEG_PASSED;
}
