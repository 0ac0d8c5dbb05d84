// SPDX-License-Identifier: GPL-2.0-or-later
/* How a leg tells its story: evidence, reason, remedy, latency. */
#include "trip/run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"
#include "remedy.h"
#include "signals.h"

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

enum nest_leg_result nest_trip_check(struct nest_trip_run *run, int err)
{
	struct nest_leg *leg = run->leg;
	struct nest_explanation why;
	char text[NEST_REMEDY_MAX];

	if (!err)
		return NEST_LEG_PASSED;
	if (err == -EINTR && nest_signals_pending())
		return NEST_LEG_STOPPED;
	leg->violates = NEST_PROP_REQUESTS;
	/* An errno that no request has explained is one of our own arguments. */
	if (!run->failed.stage || run->failed.err != -err) {
		leg->reason = nest_trip_text(run, "%s", strerror(-err));
		leg->err = -err;
		return NEST_LEG_FAILED;
	}
	nest_explain_failure(&run->failed, text, sizeof(text));
	leg->reason = nest_trip_text(run, "%s", text);
	leg->op = run->failed.op;
	leg->err = run->failed.err;
	why = nest_explain(run->failed.stage, run->failed.err);
	if (why.remedy) {
		nest_remedy_fill(why.remedy, run->failed.object, text, sizeof(text));
		leg->remedy = nest_trip_text(run, "%s", text);
	}
	return NEST_LEG_FAILED;
}

void nest_trip_clock_start(struct nest_trip_run *run)
{
	run->timed_ns -= nest_kernel_now(run->ctx);
}

void nest_trip_clock_stop(struct nest_trip_run *run)
{
	run->timed_ns += nest_kernel_now(run->ctx);
	run->timed = true;
}
