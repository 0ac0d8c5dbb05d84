// SPDX-License-Identifier: GPL-2.0-or-later
/* For legs that make requests which the kernel must refuse, and leave nothing of what it takes. */
#include "trip/legs.h"

#include <errno.h>

#include "errnoname.h"
#include "explain.h"

enum nest_leg_result nest_trip_refused(struct nest_trip_run *run, int err, int due,
				       const char *what)
{
	if (err == -due) {
		run->failed = (struct nest_failure){ 0 };
		return NEST_LEG_PASSED;
	}
	if (err == -EINTR || (err && nest_errno_classify(-err) == NEST_ERRNO_RESOURCE))
		return nest_trip_check(run, err);
	return nest_trip_fail(run, "%s must be refused with %s, but the answer was %s", what,
			      nest_errno_name(due), err ? nest_errno_name(-err) : "success");
}

enum nest_leg_result nest_trip_with_undo(struct nest_trip_run *run, nest_trip_fn *fn)
{
	size_t mark = run->ctx->undo.count;
	enum nest_leg_result result;
	int undone;

	nest_trip_clock_start(run);
	result = fn(run);
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	nest_trip_clock_stop(run);
	/* That there is nothing to see does not excuse what stays. */
	return undone && result != NEST_LEG_FAILED ? nest_trip_check(run, undone) : result;
}
