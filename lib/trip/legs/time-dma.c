// SPDX-License-Identifier: GPL-2.0-or-later
/* Transfers, timed: warm, right after an invalidation; and invalidations of what one has cached. */
#include "trip/legs.h"

#include <errno.h>
#include <string.h>

#include "trip/loop.h"
#include "util.h"

/* One write of the device, which must arrive; memory is as before then. */
static enum nest_leg_result transfer(struct nest_steps *steps)
{
	struct nest_trip_run *run = steps->run;
	int err = nest_stim_begin(&run->stim, steps->giova);

	if (!err)
		err = nest_stim_finish(&run->stim, true);
	return nest_trip_check_stim(run, err);
}

static enum nest_leg_result prepare(struct nest_steps *steps)
{
	struct nest_trip_run *run = steps->run;

	nest_trip_save_tables(run);
	return nest_trip_check_stim(run, nest_stim_prepare(&run->stim, ++run->seed));
}

static enum nest_leg_result arrived(struct nest_steps *steps)
{
	struct nest_trip_run *run = steps->run;
	struct nest_landing landing;
	enum nest_leg_result result;

	nest_trip_look_around(run, &landing);
	if (landing.kind == NEST_ON_PAGE && landing.gpa == steps->page)
		return NEST_LEG_PASSED;
	result = nest_trip_missed(run, &landing);
	return result ? result
		      : nest_trip_fail(
				run,
				"a timed write to 0x%llx must reach the page at 0x%llx, but %s",
				(unsigned long long)steps->giova, (unsigned long long)steps->page,
				nest_trip_landing_text(run, &landing));
}

static enum nest_leg_result forget(struct nest_steps *steps)
{
	if (steps->npages == UINT64_MAX)
		return nest_trip_invalidate_all(steps->run);
	return nest_trip_invalidate(steps->run, steps->giova, steps->npages, true);
}

static enum nest_leg_result forget_and_prepare(struct nest_steps *steps)
{
	enum nest_leg_result result = forget(steps);

	return result ? result : prepare(steps);
}

/* A transfer, so that the page is cached. */
static enum nest_leg_result use(struct nest_steps *steps)
{
	enum nest_leg_result result = prepare(steps);

	if (!result)
		result = transfer(steps);
	return result ? result : arrived(steps);
}

static enum nest_leg_result time_nested(struct nest_trip_run *run)
{
	static const struct {
		const char *id, *what;
		uint64_t npages;
	} cases[] = {
		{ "invalidate_cached", "invalidate a page in use", 1 },
		{ "invalidate_cached_8", "invalidate 8 pages in use", 8 },
		{ "invalidate_cached_64", "invalidate 64 pages in use", 64 },
		{ "invalidate_cached_512", "invalidate 512 pages in use", 512 },
		{ "invalidate_cached_domain", "invalidate the domain in use", UINT64_MAX },
	};
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_TIMING);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_TIMING);
	struct nest_steps after = { .run = run,
				    .id = "dma_invalidated",
				    .what = "a transfer after an invalidation",
				    .giova = giova,
				    .page = page,
				    .npages = 1,
				    .before = forget_and_prepare,
				    .act = transfer,
				    .after = arrived };
	enum nest_leg_result result = nest_steps_run(&after);
	size_t i;

	for (i = 0; !result && i < ARRAY_SIZE(cases); i++) {
		struct nest_steps steps = { .run = run,
					    .id = cases[i].id,
					    .what = cases[i].what,
					    .giova = giova,
					    .page = page,
					    .npages = cases[i].npages,
					    .before = use,
					    .act = forget };

		result = nest_steps_run(&steps);
	}
	return result;
}

/* ---- page requests ---- */

#define ANSWER_NS UINT64_C(1000000000)

static enum nest_leg_result take_away(struct nest_steps *steps)
{
	enum nest_leg_result result = nest_trip_clear(steps->run, steps->giova);

	return result ? result : prepare(steps);
}

/* Polled without a pause, as the answer is part of what is timed. */
static int hear_answer(struct nest_trip_run *run, const struct nest_stim_response *before)
{
	uint64_t deadline = nest_kernel_now(run->ctx) + ANSWER_NS;
	struct nest_stim_response heard = *before;
	int err = 0;

	while (!err && heard.count == before->count && nest_kernel_now(run->ctx) < deadline)
		err = nest_stim_page_response(&run->stim, &heard);
	return err;
}

/* The device asks, the page is mapped and granted, and the device tries again. */
static enum nest_leg_result request_page(struct nest_steps *steps)
{
	struct nest_trip_run *run = steps->run;
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct nest_stim_request request = {
		.iova = steps->giova, .write = true, .last = true, .group = 0x155
	};
	struct nest_stim_response before = { 0 };
	struct nest_s1_fault got[4];
	enum nest_leg_result result;
	size_t n = 0;
	int err = nest_stim_page_response(&run->stim, &before);

	if (!err)
		err = nest_stim_page_request(&run->stim, &request);
	if (err)
		return nest_trip_check_stim(run, err);
	err = stage1->faults(run->s1, 1000, got, ARRAY_SIZE(got), &n);
	if (err)
		return nest_trip_check(run, err);
	if (n != 1)
		return nest_trip_fail(run,
				      "the device requested one page, but the queue held %zu "
				      "requests",
				      n);
	result = nest_trip_point(run, steps->giova, steps->page, NEST_S1_RW);
	if (!result)
		result = nest_trip_check(run, stage1->respond(run->s1, got[0].cookie, true));
	if (!result)
		result = nest_trip_check_stim(run, hear_answer(run, &before));
	return result ? result : transfer(steps);
}

/* The table was changed on the way; to save it then would have been timed. */
static enum nest_leg_result arrived_by_new_entry(struct nest_steps *steps)
{
	nest_trip_save_tables(steps->run);
	return arrived(steps);
}

/* Only where the leg before has shown that requests arrive. */
static enum nest_leg_result time_page_requests(struct nest_trip_run *run)
{
	struct nest_steps steps = { .run = run,
				    .id = "page_request",
				    .what = "a page request, its answer and the transfer",
				    .compare = true,
				    .giova = nest_trip_giova(run, NEST_TARGET_PAGE_REQUEST),
				    .page = nest_trip_slot(run, NEST_TARGET_PAGE_REQUEST),
				    .before = take_away,
				    .act = request_page,
				    .after = arrived_by_new_entry };
	enum nest_leg_result result;
	bool shown = false;
	size_t i;

	for (i = 0; i < run->report->nlegs; i++)
		if (!strcmp(run->report->legs[i].id, "respond"))
			shown = run->report->legs[i].result == NEST_LEG_PASSED;
	if (!shown)
		return NEST_LEG_PASSED;
	result = nest_steps_run(&steps);
	return result ? result : nest_trip_clear(run, steps.giova);
}

enum nest_leg_result nest_time_dma(struct nest_trip_run *run)
{
	bool nested = run->has & NEST_HAS_S1;
	uint64_t page = nest_trip_slot(run, NEST_TARGET_TIMING);
	struct nest_steps warm = { .run = run,
				   .id = "dma",
				   .what = "a transfer",
				   .giova =
					   nested ? nest_trip_giova(run, NEST_TARGET_TIMING) : page,
				   .page = page,
				   .before = prepare,
				   .act = transfer,
				   .after = arrived };
	enum nest_leg_result result = NEST_LEG_PASSED;

	if (!(run->has & NEST_HAS_STIM) || run->lacks_stim)
		return NEST_LEG_PASSED;
	if (nested)
		result = nest_trip_point(run, warm.giova, page, NEST_S1_RW);
	if (!result)
		result = use(&warm);
	if (!result)
		result = nest_steps_run(&warm);
	if (!result && nested)
		result = time_nested(run);
	if (!result && nested)
		result = time_page_requests(run);
	return result || !nested ? result : nest_trip_clear(run, warm.giova);
}
