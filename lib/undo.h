/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The undo stack: whoever acquires something in the kernel pushes its inverse on the next line; the
 * command runs the stack once, in reverse, for success, failure and signal alike. Acquirers never
 * clean up after themselves.
 */
#ifndef NEST_UNDO_H
#define NEST_UNDO_H

#include <stddef.h>
#include <stdint.h>

#define NEST_UNDO_MAX 256

struct nest_ctx;

/* Takes back what was done to object with argument arg; 0 or -errno. Called once. */
typedef int nest_undo_fn(struct nest_ctx *ctx, void *object, uint64_t arg);

struct nest_undo {
	struct nest_undo_step {
		const char *what; /* static, as in "destroy nested HWPT" */
		nest_undo_fn *fn;
		void *object;
		uint64_t arg;
	} steps[NEST_UNDO_MAX];
	size_t count;
};

/* Cannot fail: the stack is a fixed array, and overflow is a bug that ends the program. */
void nest_undo_push(struct nest_ctx *ctx, const char *what, nest_undo_fn *fn, void *object,
		    uint64_t arg);

/*
 * Takes the newest step with this fn, object and arg off the stack without running it, for
 * something that has been given back already (a leg that ends its own mapping). No such step is a
 * bug.
 */
void nest_undo_forget(struct nest_ctx *ctx, nest_undo_fn *fn, void *object, uint64_t arg);

/*
 * Runs fn on object with arg now, for something given back before the end. Its step leaves the
 * stack on success, and stays there for another try if fn fails. 0 or -errno.
 */
int nest_undo_now(struct nest_ctx *ctx, nest_undo_fn *fn, void *object, uint64_t arg);

/* Undo step: frees object. */
int nest_undo_free(struct nest_ctx *ctx, void *object, uint64_t arg);

/*
 * Runs the steps above mark (a former undo.count; 0 for all), newest first, to the end whatever
 * fails. Each failure is given to failed (which may be NULL). Returns the first -errno, or 0.
 */
int nest_undo_run(struct nest_ctx *ctx, size_t mark,
		  void (*failed)(void *data, const char *what, int err), void *data);

#endif
