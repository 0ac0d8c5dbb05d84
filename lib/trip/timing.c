// SPDX-License-Identifier: GPL-2.0-or-later
/* Order statistics and a logarithmic histogram over nanosecond samples. */
#include "trip/timing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OCTAVES (64)
#define EDGES	(OCTAVES * NEST_TIMING_PER_OCTAVE)

/* 2^(1/4), 2^(2/4), 2^(3/4) in 32.32 fixed point: no floating point, the same bins everywhere. */
static const uint64_t quarter[NEST_TIMING_PER_OCTAVE] = {
	UINT64_C(0x100000000),
	UINT64_C(0x1306fe0a3),
	UINT64_C(0x16a09e668),
	UINT64_C(0x1ae89f996),
};

int nest_timing_init(struct nest_timing *timing, const char *id, size_t capacity)
{
	size_t room = capacity ? capacity : 1;
	uint64_t *samples = calloc(room, sizeof(*samples)), *sorted = calloc(room, sizeof(*sorted));

	if (!samples || !sorted) {
		free(samples);
		free(sorted);
		return -ENOMEM;
	}
	*timing = (struct nest_timing){
		.id = id, .samples = samples, .sorted = sorted, .capacity = capacity
	};
	return 0;
}

void nest_timing_free(struct nest_timing *timing)
{
	free(timing->samples);
	free(timing->sorted);
	*timing = (struct nest_timing){ .id = timing->id };
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Nearest rank: the value with at least permille of all at or below it. */
static uint64_t rank(const uint64_t *sorted, size_t count, unsigned int permille)
{
	size_t nth = (count / 1000) * permille + ((count % 1000) * permille + 999) / 1000;

	return sorted[nth ? nth - 1 : 0];
}

uint64_t nest_timing_per_gib(const struct nest_timing *timing)
{
	return timing->bytes ? timing->median_ns * ((UINT64_C(1) << 30) / timing->bytes) : 0;
}

uint64_t nest_timing_median(uint64_t *values, size_t count)
{
	if (!count)
		return 0;
	qsort(values, count, sizeof(*values), by_value);
	return rank(values, count, 500);
}

/*
 * Lower edge of bin k of the whole scale. Small values have fewer edges than bins: some are empty.
 */
static uint64_t edge(unsigned int k)
{
	unsigned int octave = k / NEST_TIMING_PER_OCTAVE;
	uint64_t factor = quarter[k % NEST_TIMING_PER_OCTAVE];

	if (k >= EDGES)
		return UINT64_MAX;
	return octave < 32 ? factor >> (32 - octave) : factor << (octave - 32);
}

static unsigned int bin_of(uint64_t ns)
{
	unsigned int k;

	if (!ns)
		return 0;
	k = (unsigned int)(63 - __builtin_clzll(ns)) * NEST_TIMING_PER_OCTAVE;
	while (k + 1 < EDGES && edge(k + 1) <= ns)
		k++;
	return k;
}

/*
 * The bins run from the smallest sample up. Samples beyond the last bin (an outlier more than six
 * octaves off) are in it: its upper edge is then the largest sample.
 */
static void fill_bins(struct nest_timing *timing)
{
	unsigned int first = bin_of(timing->min_ns), last = bin_of(timing->max_ns);
	size_t i;

	if (last - first >= NEST_TIMING_BINS)
		last = first + NEST_TIMING_BINS - 1;
	timing->nbins = last - first + 1;
	memset(timing->bins, 0, sizeof(timing->bins));
	for (i = 0; i < timing->nbins; i++) {
		timing->bins[i].from_ns = first + i ? edge(first + (unsigned int)i) : 0;
		timing->bins[i].to_ns = edge(first + (unsigned int)i + 1);
	}
	if (timing->bins[timing->nbins - 1].to_ns <= timing->max_ns)
		timing->bins[timing->nbins - 1].to_ns = timing->max_ns;
	for (i = 0; i < timing->count; i++) {
		unsigned int k = bin_of(timing->samples[i]);

		timing->bins[(k < last ? k : last) - first].count++;
	}
}

#define PARTS	    8
#define PART_LEAST  16 /* samples; with fewer a median of a part says nothing */
#define DRIFT_MOST  20 /* percent */
#define FEW_SAMPLES 100

/* How far the medians of successive parts lie apart. Uses sorted, which is filled later. */
static uint64_t drift_of(struct nest_timing *timing)
{
	size_t part = timing->count / PARTS, i;
	uint64_t least = UINT64_MAX, most = 0;

	if (part < PART_LEAST)
		return 0;
	for (i = 0; i < PARTS; i++) {
		uint64_t median;

		memcpy(timing->sorted, timing->samples + i * part, part * sizeof(*timing->sorted));
		median = nest_timing_median(timing->sorted, part);
		least = median < least ? median : least;
		most = median > most ? median : most;
	}
	/* Below 100 ns a step of the clock is some percent. */
	return (most - least) / (least > 100 ? least / 100 : 1);
}

const char *nest_timing_doubt(const struct nest_timing *timing)
{
	const struct nest_timing_noise *noise = &timing->noise;

	if (timing->count < FEW_SAMPLES)
		return "fewer than 100 samples";
	if (noise->recorded)
		return "the transcript was written meanwhile";
	if (noise->migrations)
		return "the process moved to another CPU (--cpu keeps it on one)";
	if (noise->frequency_changes)
		return "the frequency of the CPU changed";
	if (timing->drift_percent > DRIFT_MOST)
		return "the median changed by more than 20 % in the course of the run";
	if (noise->involuntary > timing->count / 100)
		return "other processes took the CPU more often than once in 100 samples";
	return NULL;
}

void nest_timing_summarise(struct nest_timing *timing)
{
	if (!timing->count) {
		timing->nbins = 0;
		return;
	}
	timing->drift_percent = drift_of(timing);
	memcpy(timing->sorted, timing->samples, timing->count * sizeof(*timing->sorted));
	timing->median_ns = nest_timing_median(timing->sorted, timing->count);
	timing->min_ns = timing->sorted[0];
	timing->max_ns = timing->sorted[timing->count - 1];
	timing->p99_ns = rank(timing->sorted, timing->count, 990);
	timing->p999_ns = rank(timing->sorted, timing->count, 999);
	fill_bins(timing);
}
