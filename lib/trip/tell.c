// SPDX-License-Identifier: GPL-2.0-or-later
/* How a leg tells its story: evidence, reason, remedy, latency. */
#include "trip/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "remedy.h"

const char *nest_leg_result_name(enum nest_leg_result result)
{
	return result == NEST_LEG_PASSED   ? "passed"
	       : result == NEST_LEG_FAILED ? "failed"
					   : "skipped";
}

const char *nest_trip_verdict_name(enum nest_trip_verdict verdict)
{
	static const char *const names[] = { "incomplete", "passed", "failed" };

	return names[verdict];
}

__attribute__((format(printf, 2, 0))) static const char *vtext(struct nest_trip_run *run,
							       const char *fmt, va_list args)
{
	char buf[NEST_REMEDY_MAX];
	const char *text;

	vsnprintf(buf, sizeof(buf), fmt, args);
	text = nest_pool_str(&run->report->pool, buf);
	if (!text)
		run->broken = true;
	return text;
}

const char *nest_trip_text(struct nest_trip_run *run, const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = vtext(run, fmt, args);
	va_end(args);
	return text;
}

void nest_trip_evidence(struct nest_trip_run *run, const char *fmt, ...)
{
	struct nest_leg *leg = run->leg;
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = vtext(run, fmt, args);
	va_end(args);
	if (text && leg->nevidence < NEST_LEG_EVIDENCE_MAX)
		leg->evidence[leg->nevidence++] = text;
}

enum nest_leg_result nest_trip_skip(struct nest_trip_run *run, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	run->leg->reason = vtext(run, fmt, args);
	va_end(args);
	return NEST_LEG_SKIPPED;
}

enum nest_leg_result nest_trip_absent(struct nest_trip_run *run, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	run->leg->reason = vtext(run, fmt, args);
	va_end(args);
	return NEST_LEG_ABSENT;
}

enum nest_leg_result nest_trip_fail(struct nest_trip_run *run, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	run->leg->reason = vtext(run, fmt, args);
	va_end(args);
	run->leg->violates = run->trying;
	return NEST_LEG_FAILED;
}

void nest_trip_try(struct nest_trip_run *run, enum nest_property_id property)
{
	run->trying = property;
}

void nest_trip_deviates(struct nest_trip_run *run, const char *id, const char *fmt, ...)
{
	struct nest_trip *report = run->report;
	va_list args;
	size_t i;

	for (i = 0; i < report->ndeviations; i++)
		if (!strcmp(report->deviations[i].id, id))
			return;
	if (i == NEST_TRIP_DEVIATIONS_MAX)
		return;
	va_start(args, fmt);
	report->deviations[i] = (struct nest_deviation){ id, vtext(run, fmt, args), run->leg->id };
	va_end(args);
	report->ndeviations += report->deviations[i].text != NULL;
}

void nest_trip_tick(struct nest_trip_run *run)
{
	if (run->options->progress && run->leg)
		run->options->progress(run->options->progress_data, run->leg->id, 0, 0);
}

void nest_trip_clock_start(struct nest_trip_run *run)
{
	nest_trip_tick(run);
	run->timed_ns -= nest_kernel_now(run->ctx);
}

void nest_trip_clock_stop(struct nest_trip_run *run)
{
	run->timed_ns += nest_kernel_now(run->ctx);
	run->timed = true;
}
