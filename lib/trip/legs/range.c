// SPDX-License-Identifier: GPL-2.0-or-later
/* Invalidation of ranges, and after an entry above the leaf has changed. */
#include "trip/legs.h"

#include "util.h"

#define PAGES 16
#define WIDE  512u /* a whole table of 4 KiB */

/* Leads all pages of the row to one page, without an invalidation. */
static enum nest_leg_result point_all(struct nest_trip_run *run, uint64_t giova, uint64_t page)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	for (i = 0; !result && i < PAGES; i++)
		result = nest_trip_check(
			run, nest_s1_replace(&run->table, giova + i * run->page, page, NEST_S1_RW));
	return result;
}

static enum nest_leg_result expect_pages(struct nest_trip_run *run, uint64_t giova,
					 unsigned int first, unsigned int npages, uint64_t page,
					 const char *what)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	for (i = first; !result && i < first + npages; i++)
		result = nest_trip_expect(run, giova + i * run->page, page, what);
	return result;
}

/* A part of the row is changed while all of it is cached, and invalidated as one range. */
static enum nest_leg_result one_range(struct nest_trip_run *run, uint64_t giova, unsigned int first,
				      unsigned int npages, bool leaf)
{
	uint64_t from = nest_trip_slot(run, NEST_TARGET_A), to = nest_trip_slot(run, NEST_TARGET_B);
	enum nest_leg_result result = point_all(run, giova, from);

	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = expect_pages(run, giova, 0, PAGES, from, "before the change");
	if (!result)
		result = point_all(run, giova, to);
	if (!result)
		result = nest_trip_invalidate(run, giova + first * run->page, npages, leaf);
	return result ? result
		      : expect_pages(run, giova, first, npages, to,
				     "after its range was invalidated");
}

/*
 * A range of a whole table, of which pages on both sides of each power of two are used. Where the
 * second stage has large pages, what a 2 MiB page of the first has cached does not show this.
 */
static enum nest_leg_result wide_range(struct nest_trip_run *run, uint64_t giova)
{
	static const unsigned int pages[] = { 0, 15, 16, 63, 64, 255, 256, WIDE - 1 };
	uint64_t from = nest_trip_slot(run, NEST_TARGET_A), to = nest_trip_slot(run, NEST_TARGET_B);
	enum nest_leg_result result = NEST_LEG_PASSED;
	size_t i;

	for (i = 0; !result && i < ARRAY_SIZE(pages); i++)
		result = nest_trip_point(run, giova + pages[i] * run->page, from, NEST_S1_RW);
	for (i = 0; !result && i < ARRAY_SIZE(pages); i++)
		result = nest_trip_expect(run, giova + pages[i] * run->page, from,
					  "before the change");
	for (i = 0; !result && i < ARRAY_SIZE(pages); i++)
		result = nest_trip_check(
			run,
			nest_s1_replace(&run->table, giova + pages[i] * run->page, to, NEST_S1_RW));
	if (!result)
		result = nest_trip_invalidate(run, giova, WIDE, true);
	for (i = 0; !result && i < ARRAY_SIZE(pages); i++)
		result = nest_trip_expect(run, giova + pages[i] * run->page, to,
					  "after its range of 512 pages was invalidated");
	return result;
}

enum nest_leg_result nest_leg_invalidate_range(struct nest_trip_run *run)
{
	static const struct {
		unsigned int first, npages;
		bool leaf;
	} ranges[] = { { 0, PAGES, true }, { 3, 5, true }, { 0, PAGES, false }, { 7, 1, false } };
	uint64_t giova = nest_trip_far(run) & ~(PAGES * run->page - 1);
	size_t used = run->table.used, i;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (i = 0; !result && i < PAGES; i++)
		result = nest_trip_point(run, giova + i * run->page,
					 nest_trip_slot(run, NEST_TARGET_A), NEST_S1_RW);
	for (i = 0; !result && i < ARRAY_SIZE(ranges); i++)
		result = one_range(run, giova, ranges[i].first, ranges[i].npages, ranges[i].leaf);
	if (!result)
		result = wide_range(run, nest_trip_far(run) & ~(WIDE * run->page - 1));
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(
			run,
			"%d pages were used, then changed: after invalidations of %d "
			"pages, of 5 and of 1, with and without LEAF, each page of the "
			"range led to its new page; of %u pages, 8 on both sides of powers "
			"of two did",
			PAGES, PAGES, WIDE);
	return result;
}

/* Two subtrees change places: what leads to them is an entry of this level. */
static enum nest_leg_result exchange(struct nest_trip_run *run, unsigned int level)
{
	uint64_t one = nest_trip_private(run, level, 1), two = nest_trip_private(run, level, 2);
	uint64_t first = nest_trip_slot(run, NEST_TARGET_A),
		 second = nest_trip_slot(run, NEST_TARGET_B);
	uint64_t entries[2] = { 0, 0 }, ipa;
	enum nest_leg_result result = nest_trip_point(run, one, first, NEST_S1_RW);

	if (!result)
		result = nest_trip_point(run, two, second, NEST_S1_RW);
	if (!result)
		result = nest_trip_arrive(run, one, first, "before the tables change places");
	if (!result)
		result = nest_trip_arrive(run, two, second, "before the tables change places");
	if (!result)
		result = nest_trip_check(run,
					 nest_s1_at(&run->table, one, level, &entries[0], &ipa));
	if (!result)
		result = nest_trip_check(run,
					 nest_s1_at(&run->table, two, level, &entries[1], &ipa));
	if (!result)
		result = nest_trip_check(run, nest_s1_put(&run->table, one, level, entries[1]));
	if (!result)
		result = nest_trip_check(run, nest_s1_put(&run->table, two, level, entries[0]));
	if (!result)
		result = nest_trip_invalidate(run, one, 1, false);
	if (!result)
		result = nest_trip_invalidate(run, two, 1, false);
	if (!result)
		result = nest_trip_expect(run, one, second, "after the tables changed places");
	if (!result)
		result = nest_trip_expect(run, two, first, "after the tables changed places");
	return result;
}

enum nest_leg_result nest_leg_invalidate_upper(struct nest_trip_run *run)
{
	unsigned int level, levels = run->table.format->levels;
	size_t used = run->table.used;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (level = 2; !result && level <= levels; level++) {
		if (!nest_trip_has_private(run, level))
			break;
		result = exchange(run, level);
		nest_trip_forget_tables(run, used, &result);
	}
	if (!result)
		nest_trip_evidence(run,
				   "tables below entries of levels 2 to %u changed places: after "
				   "invalidations without LEAF the new tables were used",
				   level - 1);
	return result;
}
