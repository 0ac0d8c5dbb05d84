// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timing loops: one request over and over, one look at the clock for each. The end of one
 * sample is the start of the next, so that the loop adds a clock reading and a store to the bare
 * request.
 */
#include "roundtrip-run.h"

#include <errno.h>

#include "signals.h"

#define PROGRESS_NS UINT64_C(100000000)
#define SIGNAL_MASK 63 /* looked at every 64th time */

struct loop {
	struct nest_trip_run *run;
	const char *what;
	uint64_t done, total;
	uint64_t last; /* clock at the end of the last sample */
	uint64_t told; /* clock at the last progress */
};

/* Ends a sample. What is done here beside it is not part of the next one. */
static int sample(struct loop *loop, struct nest_timing *timing)
{
	const struct nest_trip_options *options = loop->run->options;
	uint64_t now = nest_kernel_now(loop->run->ctx);

	nest_timing_add(timing, now - loop->last);
	loop->last = now;
	if (!(++loop->done & SIGNAL_MASK) && nest_signals_pending())
		return -EINTR;
	if (now - loop->told < PROGRESS_NS || !options->progress)
		return 0;
	options->progress(options->progress_data, loop->what, loop->done, loop->total);
	loop->told = loop->last = nest_kernel_now(loop->run->ctx);
	return 0;
}

static struct loop loop_start(struct nest_trip_run *run, const char *what, uint64_t total)
{
	uint64_t now = nest_kernel_now(run->ctx);

	return (struct loop){ run, what, 0, total, now, now };
}

static int undo_mapping(struct nest_ctx *ctx, void *object, uint64_t iova)
{
	struct nest_trip_run *run = object;

	(void)ctx;
	if (!run->timed_mapping)
		return 0;
	run->timed_mapping = false;
	return run->space->mode->ops->unmap(run->space, iova, NEST_PAGE, NULL);
}

/* The bare operations of the backend, with one undo step for all rounds. */
static int time_map(struct nest_trip_run *run, struct nest_timing *map, struct nest_timing *unmap)
{
	const struct nest_backend_ops *ops = run->space->mode->ops;
	void *va = nest_trip_slot_va(run, NEST_TARGET_TIMING);
	uint64_t iova = run->flat + NEST_S1PT_2M + NEST_S1PT_2M;
	unsigned int n = run->options->iterations, i;
	struct loop loop;
	int err = 0;

	nest_undo_push(run->ctx, "unmap what was timed", undo_mapping, run, iova);
	loop = loop_start(run, "map and unmap", (uint64_t)n * 2);
	for (i = 0; !err && i < n; i++) {
		err = ops->map(run->space, iova, va, NEST_PAGE, NEST_PROT_READ | NEST_PROT_WRITE);
		if (err)
			break;
		run->timed_mapping = true;
		err = sample(&loop, map);
		if (err)
			break;
		err = ops->unmap(run->space, iova, NEST_PAGE, NULL);
		if (err)
			break;
		run->timed_mapping = false;
		err = sample(&loop, unmap);
	}
	if (!run->timed_mapping)
		nest_undo_forget(run->ctx, undo_mapping, run, iova);
	return err;
}

static int time_invalidate(struct nest_trip_run *run, struct nest_timing *timing, const char *what,
			   uint64_t addr, uint64_t npages)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct loop loop = loop_start(run, what, run->options->iterations);
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < run->options->iterations; i++) {
		err = stage1->invalidate(run->s1, addr, npages, true);
		if (!err)
			err = sample(&loop, timing);
	}
	return err;
}

static struct nest_timing *timing_new(struct nest_trip_run *run, const char *id)
{
	struct nest_timing *timing = &run->report->timings[run->report->ntimings];

	if (nest_timing_init(timing, id, run->options->iterations)) {
		run->broken = true;
		return NULL;
	}
	run->report->ntimings++;
	return timing;
}

int nest_leg_timing(struct nest_trip_run *run)
{
	struct nest_timing *map = timing_new(run, "map"), *unmap = timing_new(run, "unmap");
	struct nest_timing *page = NULL, *domain = NULL;
	size_t i;
	int err;

	if (run->has & NEST_HAS_S1) {
		page = timing_new(run, "invalidate_page");
		domain = timing_new(run, "invalidate_domain");
	}
	if (run->broken)
		return -ENOMEM;
	err = time_map(run, map, unmap);
	if (!err && page)
		err = time_invalidate(run, page, "invalidate a page",
				      nest_trip_giova(run, NEST_TARGET_TIMING), 1);
	if (!err && domain)
		err = time_invalidate(run, domain, "invalidate the domain", 0, NEST_S1_ALL);
	/* What was measured before a failure or a signal still counts. */
	for (i = 0; i < run->report->ntimings; i++)
		nest_timing_summarise(&run->report->timings[i]);
	if (err)
		return err;
	nest_trip_evidence(run, "%u rounds of 4 KiB each%s%s", run->options->iterations,
			   run->has & NEST_HAS_S1 ? ", under a bound first stage" : "",
			   run->ctx->transcript ? "; the transcript is in the times" : "");
	return NEST_DONE;
}
