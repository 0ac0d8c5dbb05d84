// SPDX-License-Identifier: GPL-2.0-or-later
/* roundtrip for people: the verdict, each leg with its evidence, the timings. */
#include <string.h>
#include <sys/param.h>

#include "errnoname.h"
#include "print/human.h"
#include "trip/trip.h"

#define BAR 40

static void put_obstacle(FILE *out, const struct nest_run *run,
			 const struct nest_trip_obstacle *obstacle)
{
	size_t i;

	nest_fact(out, run, obstacle->late ? "not finished" : "not started", "%s",
		  obstacle->summary);
	for (i = 0; i < NEST_TRIP_COMMANDS_MAX && obstacle->commands[i]; i++)
		nest_human_commands(out, run, obstacle->commands[i]);
	if (obstacle->undo[0])
		nest_fact(out, run, "undo", "to restore the previous state:");
	for (i = 0; i < NEST_TRIP_COMMANDS_MAX && obstacle->undo[i]; i++)
		nest_human_commands(out, run, obstacle->undo[i]);
}

/* last is the reason that was printed before: it is not printed twice in a row. */
static void put_leg(FILE *out, const struct nest_run *run, const struct nest_leg *leg,
		    const char *last)
{
	static const enum nest_paint paints[] = {
		[NEST_LEG_PASSED] = NEST_GREEN,	  [NEST_LEG_FAILED] = NEST_RED,
		[NEST_LEG_SKIPPED] = NEST_YELLOW, [NEST_LEG_ABSENT] = NEST_YELLOW,
		[NEST_LEG_STOPPED] = NEST_YELLOW,
	};
	bool verbose = run->options->verbosity > 0 || leg->result == NEST_LEG_FAILED;
	bool same = leg->reason && last && !strcmp(leg->reason, last);
	char took[32] = "";
	size_t i;

	if (leg->have_latency && leg->latency_ns)
		snprintf(took, sizeof(took),
			 leg->latency_ns < 1000000 ? " (%.1f us)" : " (%.1f ms)",
			 (double)leg->latency_ns / (leg->latency_ns < 1000000 ? 1e3 : 1e6));
	nest_paint(out, run, paints[leg->result], "%-7s", nest_leg_result_name(leg->result));
	nest_out(out, " %-22s", leg->id);
	nest_wrap(out, 8 + MAX(22, strlen(leg->id)), "%s%s%s", leg->title, took,
		  same ? ": same reason as above" : "");
	if (leg->reason && !same)
		nest_fact(out, run, "", "%s", leg->reason);
	if (leg->err && !(leg->reason && strstr(leg->reason, nest_errno_name(leg->err))))
		nest_fact(out, run, "", "errno %s", nest_errno_name(leg->err));
	if (leg->remedy)
		nest_human_remedy(out, run, "", "fix: ", leg->remedy);
	for (i = 0; verbose && i < leg->nevidence; i++)
		nest_fact(out, run, "", "%s", leg->evidence[i]);
}

static void put_property(FILE *out, const struct nest_run *run,
			 const struct nest_property *property)
{
	static const enum nest_paint paints[] = {
		[NEST_NOT_SHOWN] = NEST_YELLOW,
		[NEST_HELD] = NEST_GREEN,
		[NEST_VIOLATED] = NEST_RED,
	};

	nest_paint(out, run, paints[property->result], "%-9s",
		   nest_property_result_name(property->result));
	nest_out(out, " %-24s", property->id);
	nest_wrap(out, 10 + MAX(24, strlen(property->id)), "%s", property->title);
	if (property->reason)
		nest_fact(out, run, "", "%s", property->reason);
}

static bool is_missing(const struct nest_property *property)
{
	return property->essential && property->result == NEST_NOT_SHOWN;
}

/* Those that were not shown for one reason, together, each at its first. */
static void put_missing(FILE *out, const struct nest_run *run, const struct nest_trip *trip,
			size_t first)
{
	const char *reason = trip->properties[first].reason;
	char ids[NEST_PROPERTIES * 32] = "";
	size_t i, used = 0;

	for (i = 0; i < trip->nproperties; i++) {
		const struct nest_property *property = &trip->properties[i];

		if (!is_missing(property) || strcmp(property->reason, reason))
			continue;
		if (i < first)
			return;
		used += (size_t)snprintf(ids + used, sizeof(ids) - used, "%s%s", used ? ", " : "",
					 property->id);
	}
	nest_fact(out, run, nest_property_result_name(NEST_NOT_SHOWN), "%s", ids);
	nest_fact(out, run, "", "%s", reason);
}

/* What the verdict follows from: all of it with -v, else what did not hold. */
static void put_properties(FILE *out, const struct nest_run *run, const struct nest_trip *trip)
{
	bool all = run->options->verbosity > 0;
	unsigned int held = 0;
	size_t i;

	for (i = 0; i < trip->nproperties; i++) {
		const struct nest_property *property = &trip->properties[i];

		held += property->result == NEST_HELD;
		if (all || property->result == NEST_VIOLATED)
			put_property(out, run, property);
		else if (is_missing(property))
			put_missing(out, run, trip, i);
	}
	if (trip->nproperties)
		fprintf(out, "%u of %zu properties held\n", held, trip->nproperties);
}

/* In seven columns up to ten seconds, so that the table has 80. */
static void put_us(FILE *out, uint64_t ns)
{
	fprintf(out, " %7.*f", ns < 9999995 ? 2 : ns < 99999950 ? 1 : 0, (double)ns / 1000);
}

/* All operations side by side; what speaks against the figures of one is below it. */
static void put_timings(FILE *out, const struct nest_run *run, const struct nest_trip *trip)
{
	size_t i;

	fprintf(out, "\n%-24s %7s %7s %7s %7s %7s %7s %7s\n", "OPERATION (us)", "SAMPLES", "MIN",
		"MEDIAN", "P99", "P99.9", "MAX", "LOOP");
	for (i = 0; i < trip->ntimings; i++) {
		const struct nest_timing *timing = &trip->timings[i];
		const char *doubt = nest_timing_doubt(timing);

		fprintf(out, "%-24s %7zu", timing->id, timing->count);
		put_us(out, timing->min_ns);
		put_us(out, timing->median_ns);
		put_us(out, timing->p99_ns);
		put_us(out, timing->p999_ns);
		put_us(out, timing->max_ns);
		if (timing->have_bare && timing->bare_ns)
			fprintf(out, " %+6.1f%%",
				((double)timing->loop_ns / (double)timing->bare_ns - 1) * 100);
		fputc('\n', out);
		if (doubt)
			nest_fact(out, run, "not reliable", "%s", doubt);
	}
}

static void put_histogram(FILE *out, const struct nest_run *run, const struct nest_timing *timing)
{
	const struct nest_timing_noise *noise = &timing->noise;
	uint64_t most = 1;
	size_t i;

	nest_heading(out, run, timing->id);
	nest_fact(out, run, "samples", "%zu, after %zu to warm up", timing->count, timing->warmup);
	nest_fact(out, run, "median", "%.2f us, p99 %.2f us, p99.9 %.2f us",
		  (double)timing->median_ns / 1000, (double)timing->p99_ns / 1000,
		  (double)timing->p999_ns / 1000);
	if (timing->bytes)
		nest_fact(out, run, "per GiB", "%.2f ms, in steps of %llu KiB",
			  (double)nest_timing_per_gib(timing) / 1000000,
			  (unsigned long long)timing->bytes / 1024);
	nest_fact(out, run, "switches", "%llu voluntary, %llu forced; %llu migrations",
		  (unsigned long long)noise->voluntary, (unsigned long long)noise->involuntary,
		  (unsigned long long)noise->migrations);
	if (noise->have_frequency)
		nest_fact(out, run, "frequency", "changed %llu times by more than 5 %%",
			  (unsigned long long)noise->frequency_changes);
	for (i = 0; i < timing->nbins; i++)
		if (timing->bins[i].count > most)
			most = timing->bins[i].count;
	for (i = 0; i < timing->nbins; i++) {
		const struct nest_timing_bin *bin = &timing->bins[i];
		int bar = (int)(bin->count * BAR / most);

		fprintf(out, "  %9.2f us  %8llu  %.*s\n", (double)bin->from_ns / 1000,
			(unsigned long long)bin->count, bin->count && !bar ? 1 : bar,
			"########################################");
	}
}

int nest_human_roundtrip(FILE *out, const struct nest_run *run)
{
	static const enum nest_paint paints[] = {
		[NEST_TRIP_INCOMPLETE] = NEST_YELLOW,
		[NEST_TRIP_PASSED] = NEST_GREEN,
		[NEST_TRIP_FAILED] = NEST_RED,
	};
	const struct nest_trip *trip = run->found;
	/* Named when it is of another kind. */
	const char *other = trip->second.stimulus, *last = NULL;
	size_t i;

	if (other && trip->stimulus && !strcmp(other, trip->stimulus))
		other = NULL;
	nest_out(out, "round trip on %s%s%s", trip->device, trip->second.device ? " and " : "",
		 trip->second.device ? trip->second.device : "");
	nest_out(out,
		 "%s%s%s%s%s%s%s: ", trip->mock ? " (mock device of the kernel, no hardware)" : "",
		 trip->abi ? " through " : "", trip->abi ? trip->abi : "",
		 trip->stimulus ? ", DMA by " : "", trip->stimulus ? trip->stimulus : "",
		 other ? " and " : "", other ? other : "");
	nest_paint(out, run, paints[trip->verdict], "%s",
		   !trip->obstacle || trip->verdict == NEST_TRIP_FAILED
			   ? nest_trip_verdict_name(trip->verdict)
		   : trip->obstacle->late ? "could not be finished"
					  : "could not start");
	fputc('\n', out);
	if (trip->obstacle)
		put_obstacle(out, run, trip->obstacle);
	if (trip->gate)
		nest_fact(out, run, "gate", "%s: %s", trip->gate, nest_known(trip->gate_reason));
	if (trip->stimulus_reason)
		nest_fact(out, run, "no DMA", "%s", trip->stimulus_reason);
	for (i = 0; i < trip->ndeviations; i++)
		nest_fact(out, run, "deviation", "%s: %s", trip->deviations[i].id,
			  trip->deviations[i].text);
	if (!trip->obstacle || trip->obstacle->late)
		put_properties(out, run, trip);
	for (i = 0; i < trip->nlegs; i++) {
		put_leg(out, run, &trip->legs[i], last);
		last = trip->legs[i].reason ? trip->legs[i].reason : last;
	}
	if (trip->ntimings)
		put_timings(out, run, trip);
	for (i = 0; i < trip->ntimings; i++)
		put_histogram(out, run, &trip->timings[i]);
	for (i = 0; i < trip->nundo_failures; i++)
		nest_fact(out, run, "not released", "%s", trip->undo_failures[i]);
	if (trip->signal)
		nest_fact(out, run, "ended early", "by %s", strsignal(trip->signal));
	return 0;
}
