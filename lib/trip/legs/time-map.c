// SPDX-License-Identifier: GPL-2.0-or-later
/* Map and unmap of one stretch of memory, timed: for each size, and each backend. */
#include "trip/legs.h"

#include <errno.h>

#include "trip/loop.h"

/* The mapping that an interrupted stretch left, if it did. */
static int undo_mapping(struct nest_ctx *ctx, void *object, uint64_t iova)
{
	struct nest_trip_run *run = object;
	uint64_t len = run->timed_len;

	(void)ctx;
	if (!len)
		return 0;
	run->timed_len = 0;
	return run->space->mode->ops->unmap(run->space, iova, len, NULL);
}

static int stretch_map(struct nest_loop *loop, struct nest_timed *timed, uint64_t *second)
{
	struct nest_space *space = loop->run->space;
	int err =
		space->mode->ops->timed_map(space, loop->iova, loop->va, loop->len, timed, second);

	loop->run->timed_len = timed->done % 2 ? loop->len : 0;
	return err;
}

int nest_time_map(struct nest_trip_run *run, struct nest_loop *loop, const char *map,
		  const char *unmap)
{
	int err;

	loop->run = run;
	loop->stretch = stretch_map;
	loop->timings[0] = nest_loop_timing(run, map, nest_loop_rounds(run, loop->budget_ns));
	loop->timings[1] = nest_loop_timing(run, unmap, nest_loop_rounds(run, loop->budget_ns));
	if (run->broken)
		return -ENOMEM;
	loop->timings[0]->bytes = loop->timings[1]->bytes = loop->len;
	nest_undo_push(run->ctx, "unmap what was timed", undo_mapping, run, loop->iova);
	err = nest_loop_run(loop);
	if (!run->timed_len)
		nest_undo_forget(run->ctx, undo_mapping, run, loop->iova);
	return err;
}
