// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signals, progress, and looks at what the machine does come between stretches; ticks become
 * nanoseconds when all is over.
 */
#include "trip/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "signals.h"
#include "util.h"
#include "host/sysfs.h"

#define STRETCH	    512
#define WARMUP	    512 /* rounds at most, and a tenth of what is asked for */
#define LEAST	    10
#define PROGRESS_NS UINT64_C(100000000)

/* What one loop knows while it runs. */
struct state {
	struct nest_loop *loop;
	struct nest_steady steady;
	uint64_t told_ns;      /* clock at the last progress */
	uint64_t ticks, ns;    /* of all stretches */
	uint64_t *with, *bare; /* ns a round, of each stretch */
	size_t stretches;
	bool tsc;
};

struct nest_timing *nest_loop_timing(struct nest_trip_run *run, const char *id, size_t capacity)
{
	struct nest_timing *timing = &run->report->timings[run->report->ntimings];

	if (run->report->ntimings == ARRAY_SIZE(run->report->timings) ||
	    nest_timing_init(timing, id, capacity)) {
		run->broken = true;
		return NULL;
	}
	run->report->ntimings++;
	return timing;
}

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

static void tell_progress(struct nest_trip_run *run, const char *what, uint64_t done,
			  uint64_t *told_ns)
{
	const struct nest_trip_options *options = run->options;
	uint64_t now = nest_kernel_now(run->ctx);

	if (!options->progress || now - *told_ns < PROGRESS_NS)
		return;
	options->progress(options->progress_data, what, done, options->iterations);
	*told_ns = nest_kernel_now(run->ctx);
}

static void scale(struct nest_timing *timing, uint64_t ns, uint64_t ticks)
{
	size_t i;

	for (i = 0; timing && i < timing->count; i++)
		timing->samples[i] = (uint64_t)((unsigned __int128)timing->samples[i] * ns / ticks);
}

/* The requests without a look at the clock: to warm up, and for what the loop costs. */
static int run_bare(struct state *state, size_t rounds, uint64_t *ret_ns)
{
	struct nest_timed bare = { .rounds = rounds, .entries = state->loop->entries };
	struct nest_ctx *ctx = state->loop->run->ctx;
	uint64_t ns = nest_kernel_now(ctx);
	int err = state->loop->stretch(state->loop, &bare, NULL);

	*ret_ns = nest_kernel_now(ctx) - ns;
	return err;
}

static int run_timed(struct state *state, uint64_t done, size_t rounds, uint64_t *ret_ns)
{
	struct nest_loop *loop = state->loop;
	struct nest_ctx *ctx = loop->run->ctx;
	struct nest_timing *first = loop->timings[0], *second = loop->timings[1];
	struct nest_timed timed = {
		.samples = first->samples + done,
		.rounds = rounds,
		.tsc = state->tsc,
		.entries = loop->entries,
	};
	uint64_t ns = nest_kernel_now(ctx), ticks = nest_kernel_ticks(ctx, state->tsc);
	int err = loop->stretch(loop, &timed, second ? second->samples + done : NULL);

	state->ticks += nest_kernel_ticks(ctx, state->tsc) - ticks;
	*ret_ns = nest_kernel_now(ctx) - ns;
	state->ns += *ret_ns;
	first->count += second ? (timed.done + 1) / 2 : timed.done;
	if (second)
		second->count += timed.done / 2;
	return err;
}

/*
 * A stretch with the clock and one without, each first in turn. What was done counts, whether it
 * came to its end or not.
 */
static int run_pair(struct state *state, uint64_t done, size_t rounds)
{
	uint64_t with = 0, bare = 0;
	bool bare_first = state->stretches % 2;
	int err =
		bare_first ? run_bare(state, rounds, &bare) : run_timed(state, done, rounds, &with);

	if (!err)
		err = bare_first ? run_timed(state, done, rounds, &with)
				 : run_bare(state, rounds, &bare);
	if (err)
		return err;
	state->with[state->stretches] = with / rounds;
	state->bare[state->stretches] = bare / rounds;
	state->stretches++;
	return 0;
}

static size_t stretch_of(const struct nest_loop *loop)
{
	return loop->stretch_rounds ? loop->stretch_rounds
	       : loop->budget_ns    ? STRETCH / 16
				    : STRETCH;
}

static int warm_up(struct state *state)
{
	size_t rounds = state->loop->run->options->iterations / 10;
	uint64_t ns;

	rounds = rounds < 1 ? 1 : rounds > WARMUP ? WARMUP : rounds;
	/* Long ones are warm after a few. */
	if (state->loop->budget_ns && rounds > stretch_of(state->loop))
		rounds = stretch_of(state->loop);
	state->loop->timings[0]->warmup = rounds;
	if (state->loop->timings[1])
		state->loop->timings[1]->warmup = rounds;
	return run_bare(state, rounds, &ns);
}

static void finish(struct state *state, int err)
{
	struct nest_loop *loop = state->loop;
	size_t i;

	nest_steady_end(loop->run, &state->steady);
	for (i = 0; i < 2 && loop->timings[i]; i++) {
		loop->timings[i]->noise = state->steady.noise;
		if (state->tsc && state->ticks)
			scale(loop->timings[i], state->ns, state->ticks);
	}
	if (!state->stretches || err)
		return;
	loop->timings[0]->have_bare = true;
	loop->timings[0]->pair = loop->timings[1];
	loop->timings[0]->loop_ns = nest_timing_median(state->with, state->stretches);
	loop->timings[0]->bare_ns = nest_timing_median(state->bare, state->stretches);
}

static int run_stretches(struct state *state)
{
	struct nest_loop *loop = state->loop;
	uint64_t total = nest_loop_rounds(loop->run, loop->budget_ns), done = 0, start;
	size_t stretch = stretch_of(loop);
	int err = warm_up(state);

	nest_steady_begin(loop->run, &state->steady);
	start = state->told_ns = nest_kernel_now(loop->run->ctx);
	while (!err && done < total) {
		size_t rounds = total - done < stretch ? (size_t)(total - done) : stretch;

		if (loop->budget_ns && nest_kernel_now(loop->run->ctx) - start > loop->budget_ns)
			break;
		err = run_pair(state, done, rounds);
		done += rounds;
		nest_steady_look(loop->run, &state->steady);
		if (!err && nest_signals_pending())
			err = -EINTR;
		if (!err)
			tell_progress(loop->run, loop->what, done, &state->told_ns);
	}
	return err;
}

int nest_loop_run(struct nest_loop *loop)
{
	size_t most = loop->run->options->iterations / stretch_of(loop) + 1;
	struct state state = { .loop = loop, .tsc = is_tsc_good(loop->run) };
	int err = -ENOMEM;

	state.with = calloc(most, sizeof(*state.with));
	state.bare = calloc(most, sizeof(*state.bare));
	if (!state.with || !state.bare)
		loop->run->broken = true;
	else
		err = run_stretches(&state);
	if (state.with && state.bare)
		finish(&state, err);
	free(state.with);
	free(state.bare);
	return err;
}

/* ---- steps ---- */

static enum nest_leg_result step(struct nest_steps *steps, struct nest_timing *timing)
{
	struct nest_ctx *ctx = steps->run->ctx;
	enum nest_leg_result result = steps->before ? steps->before(steps) : NEST_LEG_PASSED;
	uint64_t start;

	if (result)
		return result;
	start = nest_kernel_now(ctx);
	result = steps->act(steps);
	if (!result && timing)
		nest_timing_add(timing, nest_kernel_now(ctx) - start);
	return result || !steps->after ? result : steps->after(steps);
}

/* ns of whole rounds, with the clock around act() and without */
struct compared {
	uint64_t *with, *bare;
	size_t count;
};

static bool have_room(struct compared *rounds, size_t count)
{
	rounds->with = calloc(count, sizeof(*rounds->with));
	rounds->bare = calloc(count, sizeof(*rounds->bare));
	if (rounds->with && rounds->bare)
		return true;
	free(rounds->with);
	free(rounds->bare);
	return false;
}

static enum nest_leg_result whole(struct nest_steps *steps, struct nest_timing *timing,
				  uint64_t *ret_ns)
{
	uint64_t start = nest_kernel_now(steps->run->ctx);
	enum nest_leg_result result = step(steps, timing);

	*ret_ns = nest_kernel_now(steps->run->ctx) - start;
	return result;
}

/* One round of each kind; which is first changes. */
static enum nest_leg_result compare(struct nest_steps *steps, struct nest_timing *timing,
				    struct compared *rounds)
{
	uint64_t *with = &rounds->with[rounds->count], *bare = &rounds->bare[rounds->count];
	bool bare_first = rounds->count % 2;
	enum nest_leg_result result =
		bare_first ? whole(steps, NULL, bare) : whole(steps, timing, with);

	if (!result)
		result = bare_first ? whole(steps, timing, with) : whole(steps, NULL, bare);
	rounds->count += !result;
	return result;
}

static void finish_compared(struct compared *rounds, struct nest_timing *timing)
{
	if (rounds->count) {
		timing->have_bare = true;
		timing->loop_ns = nest_timing_median(rounds->with, rounds->count);
		timing->bare_ns = nest_timing_median(rounds->bare, rounds->count);
	}
	free(rounds->with);
	free(rounds->bare);
}

enum nest_leg_result nest_steps_run(struct nest_steps *steps)
{
	struct nest_trip_run *run = steps->run;
	size_t total = nest_loop_rounds(run, NEST_LOOP_BUDGET_NS);
	struct nest_timing *timing = nest_loop_timing(run, steps->id, total);
	uint64_t start = nest_kernel_now(run->ctx), told = start;
	enum nest_leg_result result;
	struct compared rounds = { 0 };
	struct nest_steady steady;

	if (!timing || (steps->compare && !have_room(&rounds, total))) {
		run->broken = true;
		return nest_trip_check(run, -ENOMEM);
	}
	timing->warmup = 1;
	result = step(steps, NULL);
	nest_steady_begin(run, &steady);
	while (!result && timing->count < total) {
		if (timing->count >= LEAST &&
		    nest_kernel_now(run->ctx) - start > NEST_LOOP_BUDGET_NS)
			break;
		result = steps->compare ? compare(steps, timing, &rounds) : step(steps, timing);
		nest_steady_look(run, &steady);
		if (!result && nest_signals_pending())
			result = nest_trip_check(run, -EINTR);
		if (!result)
			tell_progress(run, steps->what, timing->count, &told);
	}
	nest_steady_end(run, &steady);
	timing->noise = steady.noise;
	finish_compared(&rounds, timing);
	return result;
}
