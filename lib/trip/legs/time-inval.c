// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Invalidations, timed: of nothing that is cached, as fast as they go; and of a page that a
 * transfer has just used. Tables of the same kind, made and put in each other's place.
 */
#include "trip/legs.h"

#include <errno.h>

#include "trip/loop.h"
#include "util.h"

static int stretch_invalidate(struct nest_loop *loop, struct nest_timed *timed, uint64_t *second)
{
	struct nest_trip_run *run = loop->run;

	(void)second;
	return nest_space_stage1(run->space)->timed_invalidate(run->s1, &loop->scope, timed);
}

static int time_one(struct nest_trip_run *run, const char *id, const char *what,
		    struct nest_s1_scope scope, unsigned int entries, bool whole)
{
	uint64_t budget_ns = whole ? 0 : NEST_LOOP_BUDGET_NS;
	struct nest_loop loop = {
		.run = run,
		.what = what,
		.timings = { nest_loop_timing(run, id, nest_loop_rounds(run, budget_ns)) },
		.budget_ns = budget_ns,
		.scope = scope,
		.entries = entries,
		.stretch = stretch_invalidate,
	};

	return run->broken ? -ENOMEM : nest_loop_run(&loop);
}

int nest_time_invalidate(struct nest_trip_run *run)
{
	static const struct {
		const char *id, *what;
		uint64_t npages;
		unsigned int entries;
		bool whole;
	} cases[] = {
		{ "invalidate_page", "invalidate a page", 1, 0, true },
		{ "invalidate_8", "invalidate 8 pages", 8, 0, false },
		{ "invalidate_64", "invalidate 64 pages", 64, 0, false },
		{ "invalidate_512", "invalidate 512 pages", 512, 0, false },
		{ "invalidate_entries_8", "invalidate 8 pages by 8 entries", 1, 8, false },
		{ "invalidate_entries_64", "invalidate 64 pages by 64 entries", 1, 64, false },
	};
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_TIMING);
	struct nest_s1_scope all = nest_trip_scope_all(run);
	/* The mock has four slots, not pages; the ABI of 2020 takes one entry a request. */
	bool pages = !run->options->mock, entries = nest_space_stage1(run->space)->table_new;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(cases); i++) {
		uint64_t at = cases[i].npages > 1 || cases[i].entries
				      ? giova & ~(512 * run->page - 1)
				      : giova;

		if ((!pages && !cases[i].whole) || (cases[i].entries && !entries))
			continue;
		err = time_one(run, cases[i].id, cases[i].what,
			       nest_trip_scope_pages(at, cases[i].npages, true), cases[i].entries,
			       cases[i].whole);
	}
	all.leaf = true;
	return err ? err
		   : time_one(run, "invalidate_domain", "invalidate the domain", all, 0, true);
}

/* ---- tables ---- */

static uint32_t timed_table(const struct nest_steps *steps)
{
	return (uint32_t)steps->page;
}

static enum nest_leg_result table_new(struct nest_steps *steps)
{
	uint32_t id = 0;
	int err = nest_space_stage1(steps->run->space)->table_new(steps->run->s1, &id);

	steps->page = id;
	return nest_trip_check(steps->run, err);
}

static enum nest_leg_result table_free(struct nest_steps *steps)
{
	return nest_trip_check(steps->run,
			       nest_space_stage1(steps->run->space)
				       ->table_free(steps->run->s1, timed_table(steps)));
}

static enum nest_leg_result table_use(struct nest_steps *steps)
{
	return nest_trip_check(steps->run, nest_space_stage1(steps->run->space)
						   ->table_use(steps->run->s1, timed_table(steps)));
}

static enum nest_leg_result table_back(struct nest_steps *steps)
{
	int err = nest_space_stage1(steps->run->space)->table_use(steps->run->s1, 0);
	enum nest_leg_result result = nest_trip_check(steps->run, err);

	return result ? result : table_free(steps);
}

static enum nest_leg_result table_none(struct nest_steps *steps)
{
	return nest_trip_check(steps->run,
			       nest_space_stage1(steps->run->space)->table_none(steps->run->s1));
}

enum nest_leg_result nest_time_tables(struct nest_trip_run *run)
{
	struct nest_steps alloc = { .run = run,
				    .id = "hwpt_alloc",
				    .what = "allocate a nested table",
				    .act = table_new,
				    .after = table_free };
	struct nest_steps replace = { .run = run,
				      .id = "hwpt_replace",
				      .what = "replace a nested table",
				      .before = table_new,
				      .act = table_use,
				      .after = table_back };
	/* page 0: the table that is bound */
	struct nest_steps attach = { .run = run,
				     .id = "hwpt_attach",
				     .what = "attach to a nested table",
				     .before = table_none,
				     .act = table_use };
	enum nest_leg_result result;

	if (!nest_space_stage1(run->space)->table_new || run->s1->config.have_pasid)
		return NEST_LEG_PASSED;
	result = nest_steps_run(&alloc);
	if (!result)
		result = nest_steps_run(&replace);
	/* A device that fetches its commands from memory would fail on the way. */
	if (!result && !(run->stim.can & NEST_STIM_DESCRIPTORS))
		result = nest_steps_run(&attach);
	return result;
}
