/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples of how long one operation took, and what they come to: order statistics, a histogram with
 * logarithmic bins, and whether they can be trusted. Pure: the caller hands in nanoseconds. Nothing
 * is computed while samples are taken, so that a loop costs what the operation costs.
 */
#ifndef NEST_TIMING_H
#define NEST_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Four bins an octave: each edge is 1.19 times the one before, so a bin is at most 19 % wide. */
#define NEST_TIMING_PER_OCTAVE 4
#define NEST_TIMING_BINS       24

/* What happened to the process while samples were taken. */
struct nest_timing_noise {
	uint64_t voluntary, involuntary; /* context switches */
	uint64_t migrations;		 /* to another CPU, between stretches of rounds */
	bool have_frequency;
	uint64_t frequency_changes; /* of the CPU, by more than 5 % */
	bool recorded;		    /* a transcript was written meanwhile */
};

struct nest_timing {
	const char *id;	   /* what was timed, a fixed word: "map", "invalidate_page" */
	uint64_t *samples; /* ns, in the order taken; owned, as is sorted */
	uint64_t *sorted;
	size_t count, capacity;
	uint64_t bytes; /* that an operation maps or unmaps; 0: it does neither */
	size_t warmup;	/* rounds before the first sample, which do not count */
	struct nest_timing_noise noise;

	/*
	 * What the loop costs: a request as the loop makes it, and the bare one, made in between as
	 * often; the medians of all stretches. Not known for every operation by itself: those that
	 * are timed in turn have it for both together, with the first.
	 */
	bool have_bare, pair; /* pair: of the two together */
	uint64_t loop_ns, bare_ns;

	/* Filled by nest_timing_summarise(); min_ns to max_ns mean nothing while count is 0. */
	uint64_t min_ns, median_ns, p99_ns, p999_ns, max_ns;
	uint64_t drift_percent; /* how far medians of eight successive parts lie apart */
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
 * Fills in the rest; the samples stay in their order. Median and percentiles are samples that
 * occurred (nearest rank: the smallest one that at least half, 99 % or 99.9 % of all do not
 * exceed), never a mean of two.
 */
void nest_timing_summarise(struct nest_timing *timing);

/* What a GiB costs in operations of that size, by the median; 0 where there are no bytes. */
uint64_t nest_timing_per_gib(const struct nest_timing *timing);

/* The median of values, which are sorted; 0 without any. */
uint64_t nest_timing_median(uint64_t *values, size_t count);

/*
 * Why the figures cannot be trusted, a clause; NULL: nothing speaks against them. After
 * nest_timing_summarise().
 */
const char *nest_timing_doubt(const struct nest_timing *timing);

#endif
