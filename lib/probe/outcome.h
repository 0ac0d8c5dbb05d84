/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How one request of a probe went. */
#ifndef NEST_OUTCOME_H
#define NEST_OUTCOME_H

#include <stdbool.h>

#include "failure.h"

enum nest_outcome_status { NEST_OUTCOME_SKIPPED, NEST_OUTCOME_OK, NEST_OUTCOME_FAILED };

/* How one request went. */
struct nest_outcome {
	enum nest_outcome_status status;
	int result;	       /* ok: what the request returned */
	int err;	       /* failed: errno, positive */
	enum nest_stage stage; /* failed: the step, for nest_explain() */
	const char *why;       /* skipped: the reason; NULL: not asked for */
};

/* "skipped", "ok", "failed". */
const char *nest_outcome_name(enum nest_outcome_status status);

/* The outcome of a request that returned result. */
struct nest_outcome nest_outcome_of(int result, enum nest_stage stage);

/* The outcome of a function that returned err and noted the rest in failed. */
struct nest_outcome nest_outcome_failed(int err, const struct nest_failure *failed);

struct nest_outcome nest_outcome_skipped(const char *why);

/* Failed because of the caller or the moment: permission, busy, missing. */
bool nest_outcome_is_refusal(const struct nest_outcome *outcome);

/* Failed because the kernel does not offer it. */
bool nest_outcome_is_no(const struct nest_outcome *outcome);

#endif
