/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The undo stack. Code that acquires something in the kernel pushes its inverse on the next line.
 * The command runs the stack once, in reverse, after success, failure or a signal. No other code
 * cleans up.
 */
#ifndef NEST_UNDO_H
#define NEST_UNDO_H

#include <stddef.h>
#include <stdint.h>

#define NEST_UNDO_MAX 256

struct nest_ctx;

/* Undoes what was done to object with argument arg; 0 or -errno. Called once. */
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
 * Removes the newest step with this fn, object and arg without running it: for something that is
 * released already. It is a bug if there is no such step.
 */
void nest_undo_forget(struct nest_ctx *ctx, nest_undo_fn *fn, void *object, uint64_t arg);

/*
 * Runs fn on object with arg now, to release something before the end. The step leaves the stack on
 * success, and stays for another try if fn fails. 0 or -errno.
 */
int nest_undo_now(struct nest_ctx *ctx, nest_undo_fn *fn, void *object, uint64_t arg);

/* Undo step: frees object. */
int nest_undo_free(struct nest_ctx *ctx, void *object, uint64_t arg);

/*
 * Runs the steps above mark (an earlier undo.count; 0: all), newest first, and continues after a
 * failure. Each failure goes to failed (may be NULL). Returns the first -errno, or 0.
 */
int nest_undo_run(struct nest_ctx *ctx, size_t mark,
		  void (*failed)(void *data, const char *what, int err), void *data);

#endif
