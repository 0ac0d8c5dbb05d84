// SPDX-License-Identifier: GPL-2.0-or-later
/* Places in a table, and transfers that are not one aligned page. */
#include "trip/legs.h"

#include "util.h"

/* ---- slots of each level ---- */

#define INDEXES 5

/* No page that another leg before has used: what is proven here needs no invalidation. */
#define UNUSED 5

/* Entries of a table. */
static uint64_t entries_of(const struct nest_trip_run *run)
{
	return nest_s1_page(run->table.format) / sizeof(uint64_t);
}

static uint64_t with_index(const struct nest_trip_run *run, uint64_t iova, unsigned int level,
			   uint64_t index)
{
	unsigned int shift = nest_s1_shift(run->table.format, level);

	return (iova & ~((entries_of(run) - 1) << shift)) | index << shift;
}

/* All of a level at once, each with a page of its own. */
static enum nest_leg_result slots(struct nest_trip_run *run, unsigned int level,
				  unsigned int *count)
{
	const uint64_t last = entries_of(run) - 1;
	const uint64_t indexes[INDEXES] = { 0, 1, 0x155, last - 1, last };
	unsigned int bits = nest_trip_giova_bits(run);
	unsigned int shift = nest_s1_shift(run->table.format, level);
	enum nest_leg_result result = NEST_LEG_PASSED;
	uint64_t giova[INDEXES];
	size_t i;

	for (i = 0; i < INDEXES; i++) {
		uint64_t index = indexes[i];

		/* What the device does not drive, and the sign, stay as they are. */
		if (bits - shift < 64)
			index &= (UINT64_C(1) << (bits - shift)) - 1;
		giova[i] = with_index(run, nest_trip_far(run) ^ UNUSED * run->page, level, index);
		if (!result)
			result = nest_trip_point(
				run, giova[i], nest_trip_slot(run, NEST_TARGET_A + (unsigned int)i),
				NEST_S1_RW);
	}
	for (i = 0; !result && i < INDEXES; i++, (*count)++)
		result = nest_trip_arrive(run, giova[i],
					  nest_trip_slot(run, NEST_TARGET_A + (unsigned int)i),
					  "through one slot of a table");
	for (i = 0; !result && i < INDEXES; i++)
		result = nest_trip_clear(run, giova[i]);
	return result;
}

enum nest_leg_result nest_leg_dma_slots(struct nest_trip_run *run)
{
	unsigned int level, levels = run->table.format->levels, count = 0;
	size_t used = run->table.used;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (level = 1; !result && level <= levels; level++) {
		/* Fewer than three bits of a level leave no five slots of it. */
		if (nest_s1_shift(run->table.format, level) + 3 > nest_trip_giova_bits(run))
			break;
		result = slots(run, level, &count);
		nest_trip_forget_tables(run, used, &result);
	}
	if (!result)
		nest_trip_evidence(run,
				   "%u addresses in the first, last and odd slots of tables of %u "
				   "levels led to their own pages",
				   count, level - 1);
	return result;
}

/* ---- offsets ---- */

enum nest_leg_result nest_leg_dma_unaligned(struct nest_trip_run *run)
{
	static const unsigned int offsets[] = { 0x8, 0x200, 0x7f8, 0xff8 };
	/* The last page of one table and the first of the next. */
	uint64_t giova = with_index(run, nest_trip_far(run), 1, entries_of(run) - 1);
	uint64_t first = nest_trip_slot(run, NEST_TARGET_A),
		 second = nest_trip_slot(run, NEST_TARGET_B);
	size_t tail = run->page - NEST_PAGE, used = run->table.used, i;
	enum nest_leg_result result;

	if (!(run->stim.can & NEST_STIM_UNALIGNED))
		return nest_trip_absent(run, "%s cannot write to a part of a page", run->ops->name);
	result = nest_trip_point(run, giova, first, NEST_S1_RW);
	if (!result)
		result = nest_trip_point(run, giova + run->page, second, NEST_S1_RW);
	if (!result)
		result = nest_trip_arrive(run, giova, first, "the last page of a table");
	if (!result)
		result = nest_trip_arrive(run, giova + run->page, second,
					  "the first page of the next table");
	for (i = 0; !result && i < ARRAY_SIZE(offsets); i++)
		result = nest_trip_span(run, giova + tail + offsets[i], first + tail, second,
					"across two pages");
	if (!result)
		result = nest_trip_clear(run, giova + run->page);
	if (!result)
		result = nest_trip_span(run, giova + tail + 0x800, first + tail, NEST_UNREACHABLE,
					"across the end of what is mapped");
	if (!result)
		result = nest_trip_clear(run, giova);
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "writes from %zu offsets in the last page of a table went on in "
				   "the first of the next; without that page they ended",
				   ARRAY_SIZE(offsets));
	return result;
}
