/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of how long one operation took, and what they come to: minimum, median, p99, maximum and
 * a histogram with logarithmic bins. Pure: whoever measures hands in nanoseconds. Nothing is
 * computed while samples are taken, so that a loop costs what the operation costs.
 */
#ifndef NEST_TIMING_H
#define NEST_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Four bins an octave: each edge is 1.19 times the one before, so a bin is at most 19 % wide. */
#define NEST_TIMING_PER_OCTAVE 4
#define NEST_TIMING_BINS       24

struct nest_timing {
	const char *id;	   /* what was timed, a fixed word: "map", "invalidate_page" */
	uint64_t *samples; /* ns, in the order taken until summarised; owned */
	size_t count, capacity;

	/*
	 * What the loop costs: mean of a request as the loop makes it, and of the bare one, made in
	 * between as often. Not to be had for every operation by itself: those that are timed in
	 * turn have it for both together, with the first.
	 */
	bool have_bare;
	uint64_t loop_ns, bare_ns;

	/* Filled by nest_timing_summarise(); min_ns to max_ns mean nothing while count is 0. */
	uint64_t min_ns, median_ns, p99_ns, max_ns;
	struct nest_timing_bin {
		uint64_t from_ns, to_ns; /* from <= sample < to; the last bin holds to as well */
		uint64_t count;
	} bins[NEST_TIMING_BINS];
	size_t nbins; /* 0 without samples; no empty bin at either end */
};

/*
 * Makes room for capacity samples. 0 or -ENOMEM. Ended by nest_timing_free(), which takes a
 * cleared one.
 */
int nest_timing_init(struct nest_timing *timing, const char *id, size_t capacity);
void nest_timing_free(struct nest_timing *timing);

/* Keeps one sample; one that finds no room is dropped (the caller asked for capacity of them). */
static inline void nest_timing_add(struct nest_timing *timing, uint64_t ns)
{
	if (timing->count < timing->capacity)
		timing->samples[timing->count++] = ns;
}

/*
 * Sorts the samples and fills in the rest. Median and p99 are samples that occurred (nearest rank:
 * the smallest one that at least half, or 99 %, of all do not exceed), never a mean of two.
 */
void nest_timing_summarise(struct nest_timing *timing);

#endif
