// SPDX-License-Identifier: GPL-2.0-or-later
/* How one request went, and what its errno means. */
#include "probe/outcome.h"

#include "explain.h"

const char *nest_outcome_name(enum nest_outcome_status status)
{
	static const char *const names[] = { "skipped", "ok", "failed" };

	return names[status];
}

struct nest_outcome nest_outcome_of(int result, enum nest_stage stage)
{
	if (result < 0)
		return (struct nest_outcome){ NEST_OUTCOME_FAILED, 0, -result, stage, NULL };
	return (struct nest_outcome){ NEST_OUTCOME_OK, result, 0, stage, NULL };
}

struct nest_outcome nest_outcome_failed(int err, const struct nest_failure *failed)
{
	return nest_outcome_of(err, err ? failed->stage : NEST_STAGE_NONE);
}

struct nest_outcome nest_outcome_skipped(const char *why)
{
	return (struct nest_outcome){ .status = NEST_OUTCOME_SKIPPED, .why = why };
}

bool nest_outcome_is_refusal(const struct nest_outcome *outcome)
{
	return outcome->status == NEST_OUTCOME_FAILED &&
	       nest_errno_classify(outcome->err) == NEST_ERRNO_REFUSED;
}

bool nest_outcome_is_no(const struct nest_outcome *outcome)
{
	enum nest_errno_class kind = nest_errno_classify(outcome->err);

	return outcome->status == NEST_OUTCOME_FAILED &&
	       (kind == NEST_ERRNO_UNSUPPORTED || kind == NEST_ERRNO_UNKNOWN_REQUEST ||
		kind == NEST_ERRNO_TOO_NEW);
}
