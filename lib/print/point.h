/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check and roundtrip as a list of test points, for the formats of test reports: the verdict first,
 * then its findings or legs. A point is ok only if it was shown; unknown is not ok.
 */
#ifndef NEST_PRINT_POINT_H
#define NEST_PRINT_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "print/print.h"

struct nest_finding;
struct nest_requirement;
struct nest_leg;
struct nest_trip;

enum nest_point_state {
	NEST_POINT_OK,
	NEST_POINT_FAILED,
	NEST_POINT_UNKNOWN,
	NEST_POINT_SKIPPED, /* does not apply here */
};

struct nest_point {
	const char *id; /* of the rule or leg; "verdict", "require", "given_back" */
	/* "" or NULL: the host. Of a verdict: the purpose of the check, the device of the trip. */
	const char *subject;
	enum nest_point_state state;
	const char *result;	/* in the command's own words: "warn", "not_ready", "passed" */
	const char *summary;	/* one sentence, or NULL */
	const char *op, *error; /* the request that failed, and its errno's name, or NULL */
	const char *const *remedies;
	size_t nremedies; /* at most; a NULL ends them as well */
	bool have_latency;
	uint64_t latency_ns;

	/* where the evidence is; at most one is set */
	const struct nest_finding *finding;
	const struct nest_requirement *requirement;
	const struct nest_leg *leg;
	const struct nest_trip *trip;
};

/* Calls fn for each point of the command's run in order; the first is the verdict. */
typedef void nest_point_fn(const struct nest_point *point, void *data);
typedef void nest_points_fn(const struct nest_run *run, nest_point_fn *fn, void *data);
nest_points_fn nest_check_points, nest_trip_points;

/* The evidence of a point, line by line from 0: in buf, or NULL behind the last. */
const char *nest_point_evidence(const struct nest_point *point, size_t index, char *buf,
				size_t size);

/*
 * The lines of its remedies, clauses and commands alike, from 0: in buf, or NULL behind the last.
 */
const char *nest_point_remedy(const struct nest_point *point, size_t index, char *buf, size_t size);

#endif
