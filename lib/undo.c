// SPDX-License-Identifier: GPL-2.0-or-later
/* The undo stack: a fixed array of inverse operations, run newest first. */
#include "undo.h"

#include <assert.h>
#include <stdlib.h>

#include "ctx.h"

void nest_undo_push(struct nest_ctx *ctx, const char *what, nest_undo_fn *fn, void *object,
		    uint64_t arg)
{
	struct nest_undo *undo = &ctx->undo;

	/* Not assert(): with NDEBUG a lost inverse would be a leak in the kernel. */
	if (undo->count == NEST_UNDO_MAX)
		abort();
	undo->steps[undo->count++] = (struct nest_undo_step){ what, fn, object, arg };
}

void nest_undo_forget(struct nest_ctx *ctx, nest_undo_fn *fn, void *object, uint64_t arg)
{
	struct nest_undo *undo = &ctx->undo;
	size_t i = undo->count;

	while (i-- > 0) {
		struct nest_undo_step *step = &undo->steps[i];

		if (step->fn != fn || step->object != object || step->arg != arg)
			continue;
		for (undo->count--; i < undo->count; i++)
			undo->steps[i] = undo->steps[i + 1];
		return;
	}
	assert(!"nothing to forget");
}

int nest_undo_now(struct nest_ctx *ctx, nest_undo_fn *fn, void *object, uint64_t arg)
{
	int err = fn(ctx, object, arg);

	if (!err)
		nest_undo_forget(ctx, fn, object, arg);
	return err;
}

int nest_undo_free(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	(void)ctx;
	(void)arg;
	free(object);
	return 0;
}

int nest_undo_run(struct nest_ctx *ctx, size_t mark,
		  void (*failed)(void *data, const char *what, int err), void *data)
{
	struct nest_undo *undo = &ctx->undo;
	int first = 0;

	while (undo->count > mark) {
		/* Off the stack before it runs, so that no step runs twice. */
		struct nest_undo_step step = undo->steps[--undo->count];
		int err = step.fn(ctx, step.object, step.arg);

		if (!err)
			continue;
		if (!first)
			first = err;
		if (failed)
			failed(data, step.what, err);
	}
	return first;
}
