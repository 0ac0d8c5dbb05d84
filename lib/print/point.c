// SPDX-License-Identifier: GPL-2.0-or-later
/* The test points of a check and of a round trip, and the outcome of each. */
#include "print/point.h"

#include <string.h>

#include "check/check.h"
#include "errnoname.h"
#include "trip/trip.h"

static void finding_point(const struct nest_finding *finding, nest_point_fn *fn, void *data)
{
	/* A warning is ok: it works. Unknown is not: nothing was shown. */
	static const enum nest_point_state states[NEST_RESULTS] = {
		[NEST_RESULT_PASS] = NEST_POINT_OK,
		[NEST_RESULT_WARN] = NEST_POINT_OK,
		[NEST_RESULT_FAIL] = NEST_POINT_FAILED,
		[NEST_RESULT_UNKNOWN] = NEST_POINT_UNKNOWN,
		[NEST_RESULT_NOT_APPLICABLE] = NEST_POINT_SKIPPED,
	};
	struct nest_point point = {
		.id = finding->id,
		.subject = finding->subject,
		.state = states[finding->result],
		.result = nest_result_name(finding->result),
		.summary = finding->summary,
		.remedies = &finding->remedy,
		.nremedies = 1,
		.finding = finding,
	};

	fn(&point, data);
}

static void requirement_point(const struct nest_requirement *requirement, nest_point_fn *fn,
			      void *data)
{
	struct nest_point point = {
		.id = "require",
		.subject = requirement->text,
		.state = requirement->result == NEST_RESULT_PASS   ? NEST_POINT_OK
			 : requirement->result == NEST_RESULT_FAIL ? NEST_POINT_FAILED
								   : NEST_POINT_UNKNOWN,
		.result = nest_result_name(requirement->result),
		.summary = requirement->why,
		.remedies = &requirement->remedy,
		.nremedies = 1,
		.requirement = requirement,
	};

	fn(&point, data);
}

void nest_check_points(const struct nest_run *run, nest_point_fn *fn, void *data)
{
	static const enum nest_point_state states[] = {
		[NEST_VERDICT_READY] = NEST_POINT_OK,
		[NEST_VERDICT_NOT_READY] = NEST_POINT_FAILED,
		[NEST_VERDICT_UNKNOWN] = NEST_POINT_UNKNOWN,
	};
	const struct nest_check *check = run->found;
	struct nest_point point = {
		.id = "verdict",
		.subject = check->purpose,
		.state = states[check->verdict],
		.result = nest_verdict_name(check->verdict),
		.summary = check->judged ? check->answer : "the check could not start",
	};
	size_t i;

	fn(&point, data);
	for (i = 0; i < check->nrequirements; i++)
		requirement_point(&check->requirements[i], fn, data);
	for (i = 0; i < check->nfindings; i++)
		finding_point(&check->findings[i], fn, data);
}

static void leg_point(const struct nest_trip *trip, const struct nest_leg *leg, nest_point_fn *fn,
		      void *data)
{
	static const enum nest_point_state states[] = {
		[NEST_LEG_PASSED] = NEST_POINT_OK,	 [NEST_LEG_FAILED] = NEST_POINT_FAILED,
		[NEST_LEG_SKIPPED] = NEST_POINT_SKIPPED, [NEST_LEG_ABSENT] = NEST_POINT_SKIPPED,
		[NEST_LEG_STOPPED] = NEST_POINT_SKIPPED,
	};
	struct nest_point point = {
		.id = leg->id,
		.subject = trip->device,
		.state = states[leg->result],
		.result = nest_leg_result_name(leg->result),
		.summary = leg->reason ? leg->reason : leg->title,
		.op = leg->op,
		.error = leg->err ? nest_errno_name(leg->err) : NULL,
		.remedies = &leg->remedy,
		.nremedies = 1,
		.have_latency = leg->have_latency,
		.latency_ns = leg->latency_ns,
		.leg = leg,
	};

	fn(&point, data);
}

/*
 * A skipped leg is not a failure, even if it is essential: then the point of the verdict is not ok,
 * since the verdict is incomplete.
 */
void nest_trip_points(const struct nest_run *run, nest_point_fn *fn, void *data)
{
	static const struct {
		enum nest_point_state state;
		const char *summary;
	} verdicts[] = {
		[NEST_TRIP_INCOMPLETE] = { NEST_POINT_UNKNOWN, "no property is violated, but an "
							       "essential one was not shown" },
		[NEST_TRIP_PASSED] = { NEST_POINT_OK, "every essential property held" },
		[NEST_TRIP_FAILED] = { NEST_POINT_FAILED, "a property is violated" },
	};
	const struct nest_trip *trip = run->found;
	struct nest_point verdict = {
		.id = "verdict",
		.subject = trip->device,
		.state = verdicts[trip->verdict].state,
		.result = nest_trip_verdict_name(trip->verdict),
		.summary = trip->obstacle      ? trip->obstacle->summary
			   : trip->gate_reason ? trip->gate_reason
					       : verdicts[trip->verdict].summary,
		.remedies = trip->obstacle ? trip->obstacle->commands : NULL,
		.nremedies = trip->obstacle ? NEST_TRIP_COMMANDS_MAX : 0,
	};
	struct nest_point given_back = {
		.id = "given_back",
		.subject = trip->device,
		.state = trip->nundo_failures ? NEST_POINT_FAILED : NEST_POINT_OK,
		.result = trip->nundo_failures ? "failed" : "passed",
		.summary = trip->nundo_failures
				   ? "not everything that was acquired could be released"
				   : NULL,
		.trip = trip,
	};
	size_t i;

	fn(&verdict, data);
	for (i = 0; i < trip->nlegs; i++)
		leg_point(trip, &trip->legs[i], fn, data);
	if (trip->nlegs || trip->nundo_failures)
		fn(&given_back, data);
}

static const char *finding_evidence(const struct nest_finding *finding, size_t index, char *buf,
				    size_t size)
{
	const struct nest_evidence *evidence;

	if (index >= finding->nevidence)
		return NULL;
	evidence = &finding->evidence[index];
	snprintf(buf, size, "%s: %s", evidence->source,
		 evidence->value ? evidence->value
		 : evidence->err ? nest_errno_name(evidence->err)
				 : "unknown");
	return buf;
}

static const char *requirement_evidence(const struct nest_requirement *requirement, size_t index,
					char *buf, size_t size)
{
	if (index > 1)
		return NULL;
	snprintf(buf, size, "%s: %s %s", index ? "found" : "wanted", requirement->name,
		 !index		      ? requirement->wanted
		 : requirement->found ? requirement->found
				      : "unknown");
	return buf;
}

const char *nest_point_evidence(const struct nest_point *point, size_t index, char *buf,
				size_t size)
{
	if (point->finding)
		return finding_evidence(point->finding, index, buf, size);
	if (point->requirement)
		return requirement_evidence(point->requirement, index, buf, size);
	if (point->leg)
		return index < point->leg->nevidence ? point->leg->evidence[index] : NULL;
	if (point->trip)
		return index < point->trip->nundo_failures ? point->trip->undo_failures[index]
							   : NULL;
	return NULL;
}

const char *nest_point_remedy(const struct nest_point *point, size_t index, char *buf, size_t size)
{
	const char *at;
	size_t i;

	for (i = 0; i < point->nremedies && point->remedies[i]; i++)
		for (at = point->remedies[i]; at;
		     at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
			if (index--)
				continue;
			snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
			return buf;
		}
	return NULL;
}
