// SPDX-License-Identifier: GPL-2.0-or-later
/* What is timed: sizes of mappings here, the rest in legs/time-*.c. */
#include "trip/legs.h"

#include <errno.h>

#include "trip/loop.h"
#include "util.h"

/* Behind the single pages of the legs on one stage, each at a multiple of 2 MiB. */
#define TIMED_IOVA(run)	    nest_trip_flat(run, 1024)
#define POPULATED_IOVA(run) nest_trip_flat(run, NEST_FLAT_FAR)
#define NEIGHBOURS	    16 /* pages, of which the middle one is timed */

/*
 * One page alone in its region, so that tables come and go with it; larger ones; and one whose
 * neighbours are mapped, so that its tables stay. All is memory of the small area.
 */
static int time_sizes(struct nest_trip_run *run)
{
	static const struct {
		const char *map, *unmap, *what;
		uint64_t len;
	} sizes[] = {
		{ "map", "unmap", "map and unmap", 0 },
		{ "map_64k", "unmap_64k", "map and unmap 64 KiB", UINT64_C(65536) },
		{ "map_2m", "unmap_2m", "map and unmap 2 MiB", NEST_2M },
	};
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(sizes); i++) {
		struct nest_loop loop = {
			.what = sizes[i].what,
			.budget_ns = i ? NEST_LOOP_BUDGET_NS : 0,
			.iova = TIMED_IOVA(run),
			.va = i ? run->small.va : nest_trip_slot_va(run, NEST_TARGET_TIMING),
			.len = sizes[i].len ? sizes[i].len : run->page,
		};

		err = nest_time_map(run, &loop, sizes[i].map, sizes[i].unmap);
		if (err != -ENOMEM || !i || run->broken)
			continue;
		nest_trip_evidence(run, "%s: not timed, the limit of locked memory is too low",
				   sizes[i].what);
		run->failed = (struct nest_failure){ 0 };
		err = 0;
	}
	return err;
}

static int time_populated(struct nest_trip_run *run)
{
	uint64_t iova = POPULATED_IOVA(run);
	struct nest_loop loop = {
		.what = "map and unmap between others",
		.budget_ns = NEST_LOOP_BUDGET_NS,
		.iova = iova + NEIGHBOURS / 2 * run->page,
		.va = nest_trip_slot_va(run, NEST_TARGET_TIMING),
		.len = run->page,
	};
	size_t mark = run->ctx->undo.count;
	unsigned int i;
	int err = 0, undone;

	for (i = 0; !err && i < NEIGHBOURS; i++)
		if (i != NEIGHBOURS / 2)
			err = nest_space_map(run->space, iova + i * run->page,
					     run->small.va + nest_trip_small(run, i), run->page,
					     NEST_PROT_READ | NEST_PROT_WRITE);
	if (!err)
		err = nest_time_map(run, &loop, "map_populated", "unmap_populated");
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	return err ? err : undone;
}

static void tell(struct nest_trip_run *run)
{
	size_t i;

	for (i = 0; i < run->report->ntimings; i++) {
		const struct nest_timing *timing = &run->report->timings[i];

		if (timing->have_bare)
			nest_trip_evidence(
				run, "%s%s: %llu ns in the loop, %llu ns for the bare request",
				timing->id, timing->pair ? " and its inverse" : "",
				(unsigned long long)timing->loop_ns,
				(unsigned long long)timing->bare_ns);
	}
}

void nest_time_finish(struct nest_trip_run *run)
{
	struct nest_trip *report = run->report;
	size_t i, kept = 0;

	for (i = 0; i < report->ntimings; i++) {
		if (!report->timings[i].count) {
			nest_timing_free(&report->timings[i]);
			continue;
		}
		nest_timing_summarise(&report->timings[i]);
		report->timings[kept++] = report->timings[i];
	}
	report->ntimings = kept;
}

enum nest_leg_result nest_leg_timing(struct nest_trip_run *run)
{
	bool nested = run->has & NEST_HAS_S1;
	enum nest_leg_result result;
	int err = time_sizes(run);

	if (!err)
		err = time_populated(run);
	if (!err)
		err = nest_time_gib(run);
	if (!err && nested)
		err = nest_time_invalidate(run);
	result = nest_trip_check(run, err);
	if (!result && nested)
		result = nest_time_tables(run);
	if (!result)
		result = nest_time_dma(run);
	/* What was measured before a failure or a signal still counts. */
	nest_time_finish(run);
	tell(run);
	if (result)
		return result;
	nest_trip_evidence(run, "%u rounds; of most operations as many as fit into two seconds%s%s",
			   run->options->iterations, nested ? ", with a first stage bound" : "",
			   run->ctx->transcript ? "; the times include the transcript" : "");
	return NEST_LEG_PASSED;
}
