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
	uint64_t *samples = calloc(capacity ? capacity : 1, sizeof(*samples));

	if (!samples)
		return -ENOMEM;
	*timing = (struct nest_timing){ .id = id, .samples = samples, .capacity = capacity };
	return 0;
}

void nest_timing_free(struct nest_timing *timing)
{
	free(timing->samples);
	*timing = (struct nest_timing){ .id = timing->id };
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Nearest rank: the sample with at least percent of all at or below it. */
static uint64_t rank(const struct nest_timing *timing, unsigned int percent)
{
	size_t nth = (timing->count / 100) * percent + ((timing->count % 100) * percent + 99) / 100;

	return timing->samples[nth ? nth - 1 : 0];
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

void nest_timing_summarise(struct nest_timing *timing)
{
	if (!timing->count) {
		timing->nbins = 0;
		return;
	}
	qsort(timing->samples, timing->count, sizeof(*timing->samples), by_value);
	timing->min_ns = timing->samples[0];
	timing->max_ns = timing->samples[timing->count - 1];
	timing->median_ns = rank(timing, 50);
	timing->p99_ns = rank(timing, 99);
	fill_bins(timing);
}
