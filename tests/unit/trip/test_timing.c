// SPDX-License-Identifier: GPL-2.0-or-later
/* Order statistics and histogram of durations. */
#include <string.h>

#include "trip/timing.h"
#include "test.h"

static struct nest_timing timing;

static void of(size_t count, uint64_t (*sample)(size_t i))
{
	nest_timing_free(&timing);
	CHECK_EQ(nest_timing_init(&timing, "map", count), 0);
	for (size_t i = 0; i < count; i++)
		nest_timing_add(&timing, sample(i));
	nest_timing_summarise(&timing);
}

static uint64_t total(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < timing.nbins; i++)
		sum += timing.bins[i].count;
	return sum;
}

static uint64_t seven(size_t i)
{
	(void)i;
	return 7000;
}

/* 1..n in an order that is not sorted */
static uint64_t shuffled(size_t i)
{
	return (i * 37) % 100 + 1;
}

static uint64_t outlier(size_t i)
{
	return i == 3 ? UINT64_C(5000000000) : 1000 + i;
}

static uint64_t extremes(size_t i)
{
	return i ? UINT64_MAX : 0;
}

TEST(none, "without samples there are no bins")
{
	of(0, seven);
	CHECK_EQ(timing.nbins, 0);
	CHECK_EQ(timing.count, 0);
}

TEST(one, "one sample is minimum, median, p99 and maximum, in one bin that holds it")
{
	of(1, seven);
	CHECK_EQ(timing.min_ns, 7000);
	CHECK_EQ(timing.median_ns, 7000);
	CHECK_EQ(timing.p99_ns, 7000);
	CHECK_EQ(timing.max_ns, 7000);
	CHECK_EQ(timing.nbins, 1);
	CHECK(timing.bins[0].from_ns <= 7000 && timing.bins[0].to_ns > 7000);
	CHECK_EQ(timing.bins[0].count, 1);
}

TEST(hundred, "of 1 to 100 the median is 50 and p99 is 99")
{
	of(100, shuffled);
	CHECK_EQ(timing.min_ns, 1);
	CHECK_EQ(timing.median_ns, 50);
	CHECK_EQ(timing.p99_ns, 99);
	CHECK_EQ(timing.max_ns, 100);
	CHECK_EQ(total(), 100);
}

TEST(bins, "bins touch, rise, and each sample is in the one that says so")
{
	of(100, shuffled);
	for (size_t b = 0; b < timing.nbins; b++) {
		uint64_t here = 0;

		if (b)
			CHECK_EQ(timing.bins[b].from_ns, timing.bins[b - 1].to_ns);
		CHECK(timing.bins[b].from_ns <= timing.bins[b].to_ns);
		for (size_t i = 0; i < timing.count; i++)
			if (timing.samples[i] >= timing.bins[b].from_ns &&
			    (timing.samples[i] < timing.bins[b].to_ns || b == timing.nbins - 1))
				here++;
		CHECK_EQ(timing.bins[b].count, here);
	}
	CHECK(timing.bins[0].count && timing.bins[timing.nbins - 1].count);
}

TEST(far, "an outlier is kept in the last bin and shows as the maximum")
{
	of(50, outlier);
	CHECK_EQ(timing.max_ns, UINT64_C(5000000000));
	CHECK_EQ(timing.nbins, NEST_TIMING_BINS);
	CHECK_EQ(timing.bins[timing.nbins - 1].count, 1);
	CHECK_EQ(timing.bins[timing.nbins - 1].to_ns, UINT64_C(5000000000));
	CHECK_EQ(total(), 50);
	CHECK_EQ(timing.median_ns, 1025);
}

TEST(ends, "zero and the largest number are samples like others")
{
	of(2, extremes);
	CHECK_EQ(timing.min_ns, 0);
	CHECK_EQ(timing.max_ns, UINT64_MAX);
	CHECK_EQ(timing.bins[0].from_ns, 0);
	CHECK_EQ(total(), 2);
}

TEST(full, "a sample beyond the capacity is dropped, not written")
{
	nest_timing_free(&timing);
	CHECK_EQ(nest_timing_init(&timing, "map", 2), 0);
	for (uint64_t i = 0; i < 5; i++)
		nest_timing_add(&timing, 10 + i);
	nest_timing_summarise(&timing);
	CHECK_EQ(timing.count, 2);
	CHECK_EQ(timing.max_ns, 11);
	nest_timing_free(&timing);
}

static uint64_t thousands(size_t i)
{
	return (i * 7919) % 10000 + 1;
}

TEST(tail, "of 1 to 10000 p99.9 is 9990, and the samples keep their order")
{
	of(10000, thousands);
	CHECK_EQ(timing.p99_ns, 9900);
	CHECK_EQ(timing.p999_ns, 9990);
	CHECK_EQ(timing.max_ns, 10000);
	for (size_t i = 0; i < timing.count; i++)
		CHECK_EQ(timing.samples[i], thousands(i));
}

static uint64_t steady(size_t i)
{
	return 1000 + i % 10;
}

static uint64_t slower(size_t i)
{
	return i < 500 ? 1000 + i % 10 : 1300 + i % 10;
}

TEST(doubts, "figures are doubted for each reason by itself, and otherwise not")
{
	of(1000, steady);
	CHECK(!nest_timing_doubt(&timing));
	timing.noise.voluntary = 1000;
	timing.noise.involuntary = 10;
	CHECK(!nest_timing_doubt(&timing));
	timing.noise.involuntary = 11;
	CHECK(strstr(nest_timing_doubt(&timing), "other processes"));
	timing.noise.frequency_changes = 1;
	CHECK(strstr(nest_timing_doubt(&timing), "frequency"));
	timing.noise.migrations = 1;
	CHECK(strstr(nest_timing_doubt(&timing), "another CPU"));
	timing.noise.recorded = true;
	CHECK(strstr(nest_timing_doubt(&timing), "transcript"));
	of(99, steady);
	CHECK(strstr(nest_timing_doubt(&timing), "fewer than 100"));
	of(1000, slower);
	CHECK_EQ(timing.drift_percent, 30);
	CHECK(strstr(nest_timing_doubt(&timing), "median changed"));
	of(100, slower);
	CHECK_EQ(timing.drift_percent, 0);
}

TEST(medians, "the median is a value of the list, and 0 of none")
{
	uint64_t values[] = { 9, 1, 5, 7 };

	CHECK_EQ(nest_timing_median(values, 4), 5);
	CHECK_EQ(nest_timing_median(values, 0), 0);
}

int main(void)
{
	return test_main();
}
