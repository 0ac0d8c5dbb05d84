// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timing loops. They run in stretches inside the door to the kernel, where there is nothing
 * between two requests but a reading of the processor's counter; signals and progress come between
 * stretches, and ticks become nanoseconds when all is over.
 */
#include "trip/legs.h"

#include <errno.h>
#include <string.h>

#include "signals.h"
#include "util.h"
#include "host/sysfs.h"

#define STRETCH	    512
#define BARE_ROUNDS 8192 /* enough to see what the loop costs */
#define PROGRESS_NS UINT64_C(100000000)

struct loop {
	struct nest_trip_run *run;
	const char *what;
	struct nest_timing *timings[2];		/* the second: what takes the first back, or NULL */
	uint64_t told_ns;			/* clock at the last progress */
	uint64_t ticks, ns;			/* of all stretches */
	uint64_t bare_rounds, bare_ns, with_ns; /* the same without the clock, and with it */
	bool tsc;
	int (*stretch)(struct nest_trip_run *run, struct nest_timed *timed, uint64_t *second);
};

/*
 * The counter may be used where the kernel has found it good enough for its own clock: the same on
 * all processors, and of one rate.
 */
static bool is_tsc_good(struct nest_trip_run *run)
{
	static const char *const words[] = { "tsc", "kvm-clock", "hyperv_clocksource_tsc_page" };
	char now[64];
	size_t i;

	if (nest_attr_read(&run->ctx->root,
			   "sys/devices/system/clocksource/clocksource0/current_clocksource", now,
			   sizeof(now)) <= 0)
		return false;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(now, words[i]))
			return true;
	return false;
}

static void tell_progress(struct loop *loop, uint64_t done, uint64_t now)
{
	const struct nest_trip_options *options = loop->run->options;

	if (!options->progress || now - loop->told_ns < PROGRESS_NS)
		return;
	options->progress(options->progress_data, loop->what, done, options->iterations);
	loop->told_ns = nest_kernel_now(loop->run->ctx);
}

static void scale(struct nest_timing *timing, uint64_t ns, uint64_t ticks)
{
	size_t i;

	for (i = 0; timing && i < timing->count; i++)
		timing->samples[i] = (uint64_t)((unsigned __int128)timing->samples[i] * ns / ticks);
}

/* The same requests without a look at the clock, right after, for what the loop costs. */
static int compare(struct loop *loop, size_t rounds, uint64_t with_ns)
{
	struct nest_timed bare = { .rounds = rounds };
	uint64_t ns = nest_kernel_now(loop->run->ctx);
	int err = loop->stretch(loop->run, &bare, NULL);

	loop->bare_ns += nest_kernel_now(loop->run->ctx) - ns;
	loop->with_ns += with_ns;
	loop->bare_rounds += rounds;
	return err;
}

/* One stretch; what it has done counts, whether it came to its end or not. */
static int go_on(struct loop *loop, uint64_t done)
{
	struct nest_ctx *ctx = loop->run->ctx;
	struct nest_timing *first = loop->timings[0], *second = loop->timings[1];
	uint64_t left = loop->run->options->iterations - done;
	struct nest_timed timed = {
		.samples = first->samples + done,
		.rounds = left < STRETCH ? (size_t)left : STRETCH,
		.tsc = loop->tsc,
	};
	uint64_t ns = nest_kernel_now(ctx), ticks = nest_kernel_ticks(ctx, loop->tsc);
	int err = loop->stretch(loop->run, &timed, second ? second->samples + done : NULL);

	loop->ticks += nest_kernel_ticks(ctx, loop->tsc) - ticks;
	ns = nest_kernel_now(ctx) - ns;
	loop->ns += ns;
	first->count += second ? (timed.done + 1) / 2 : timed.done;
	if (second)
		second->count += timed.done / 2;
	if (!err && loop->bare_rounds < BARE_ROUNDS)
		err = compare(loop, timed.rounds, ns);
	return err;
}

static int run_loop(struct loop *loop)
{
	uint64_t total = loop->run->options->iterations, done = 0;
	int err = 0;

	loop->tsc = is_tsc_good(loop->run);
	loop->told_ns = nest_kernel_now(loop->run->ctx);
	while (!err && done < total) {
		err = go_on(loop, done);
		done += STRETCH;
		if (!err && nest_signals_pending())
			err = -EINTR;
		if (!err)
			tell_progress(loop, done < total ? done : total,
				      nest_kernel_now(loop->run->ctx));
	}
	if (loop->bare_rounds && !err) {
		loop->timings[0]->have_bare = true;
		loop->timings[0]->loop_ns = loop->with_ns / loop->bare_rounds;
		loop->timings[0]->bare_ns = loop->bare_ns / loop->bare_rounds;
	}
	if (loop->tsc && loop->ticks) {
		scale(loop->timings[0], loop->ns, loop->ticks);
		scale(loop->timings[1], loop->ns, loop->ticks);
	}
	return err;
}

/* ---- what is timed ---- */

static uint64_t timed_iova(const struct nest_trip_run *run)
{
	return run->flat + 2 * NEST_2M;
}

/* The mapping that an interrupted stretch left, if it did. */
static int undo_mapping(struct nest_ctx *ctx, void *object, uint64_t iova)
{
	struct nest_trip_run *run = object;

	(void)ctx;
	if (!run->timed_mapping)
		return 0;
	run->timed_mapping = false;
	return run->space->mode->ops->unmap(run->space, iova, NEST_PAGE, NULL);
}

static int stretch_map(struct nest_trip_run *run, struct nest_timed *timed, uint64_t *second)
{
	int err = run->space->mode->ops->timed_map(run->space, timed_iova(run),
						   nest_trip_slot_va(run, NEST_TARGET_TIMING),
						   timed, second);

	run->timed_mapping = timed->done % 2;
	return err;
}

static int stretch_page(struct nest_trip_run *run, struct nest_timed *timed, uint64_t *second)
{
	struct nest_s1_scope scope =
		nest_trip_scope_pages(nest_trip_giova(run, NEST_TARGET_TIMING), 1, true);

	(void)second;
	return nest_space_stage1(run->space)->timed_invalidate(run->s1, &scope, timed);
}

static int stretch_domain(struct nest_trip_run *run, struct nest_timed *timed, uint64_t *second)
{
	struct nest_s1_scope scope = nest_trip_scope_all(run);

	(void)second;
	scope.leaf = true;
	return nest_space_stage1(run->space)->timed_invalidate(run->s1, &scope, timed);
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

static int time_map(struct nest_trip_run *run)
{
	struct loop loop = { .run = run,
			     .what = "map and unmap",
			     .timings = { timing_new(run, "map"), timing_new(run, "unmap") },
			     .stretch = stretch_map };
	int err;

	if (run->broken)
		return -ENOMEM;
	nest_undo_push(run->ctx, "unmap what was timed", undo_mapping, run, timed_iova(run));
	err = run_loop(&loop);
	if (!run->timed_mapping)
		nest_undo_forget(run->ctx, undo_mapping, run, timed_iova(run));
	return err;
}

static int time_invalidate(struct nest_trip_run *run, const char *id, const char *what,
			   int (*stretch)(struct nest_trip_run *run, struct nest_timed *timed,
					  uint64_t *second))
{
	struct loop loop = {
		.run = run, .what = what, .timings = { timing_new(run, id) }, .stretch = stretch
	};

	return run->broken ? -ENOMEM : run_loop(&loop);
}

enum nest_leg_result nest_leg_timing(struct nest_trip_run *run)
{
	size_t i;
	int err = time_map(run);

	if (!err && run->has & NEST_HAS_S1)
		err = time_invalidate(run, "invalidate_page", "invalidate a page", stretch_page);
	if (!err && run->has & NEST_HAS_S1)
		err = time_invalidate(run, "invalidate_domain", "invalidate the domain",
				      stretch_domain);
	/* What was measured before a failure or a signal still counts. */
	for (i = 0; i < run->report->ntimings; i++) {
		const struct nest_timing *timing = &run->report->timings[i];

		nest_timing_summarise(&run->report->timings[i]);
		if (timing->have_bare)
			nest_trip_evidence(
				run, "%s%s: %llu ns in the loop, %llu ns for the bare request",
				timing->id, !i ? " and unmap" : "",
				(unsigned long long)timing->loop_ns,
				(unsigned long long)timing->bare_ns);
	}
	if (err)
		return nest_trip_check(run, err);
	nest_trip_evidence(run, "%u rounds of 4 KiB each%s%s", run->options->iterations,
			   run->has & NEST_HAS_S1 ? ", with a first stage bound" : "",
			   run->ctx->transcript ? "; the times include the transcript" : "");
	return NEST_LEG_PASSED;
}
