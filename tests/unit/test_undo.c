// SPDX-License-Identifier: GPL-2.0-or-later
/* The undo stack: order, failures, and steps that are run or forgotten before the end. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "ctx.h"

static struct nest_ctx ctx;
static char ran[64];
static uint64_t failing; /* the step with this number fails */

static int step(struct nest_ctx *c, void *object, uint64_t arg)
{
	size_t len = strlen(ran);

	CHECK(c == &ctx && object == ran);
	snprintf(ran + len, sizeof(ran) - len, "%d", (int)arg);
	return arg == failing ? -EBUSY : 0;
}

static void push(uint64_t arg)
{
	nest_undo_push(&ctx, "step", step, ran, arg);
}

static void begin(void)
{
	memset(&ctx, 0, sizeof(ctx));
	*ran = '\0';
	failing = 0;
}

static void count(void *data, const char *what, int err)
{
	CHECK_STR(what, "step");
	CHECK_EQ(err, -EBUSY);
	++*(int *)data;
}

TEST(order, "steps run newest first, down to the mark, whatever fails")
{
	int failed = 0;

	begin();
	push(1);
	push(2);
	push(3);
	push(4);
	failing = 3;
	CHECK_EQ(nest_undo_run(&ctx, 1, count, &failed), -EBUSY);
	CHECK_STR(ran, "432");
	CHECK_EQ(failed, 1);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_STR(ran, "4321");
	CHECK_EQ(ctx.undo.count, 0);
}

TEST(now, "a step that is run now leaves the stack, unless it fails")
{
	begin();
	push(1);
	push(2);
	push(3);
	failing = 2;
	CHECK_EQ(nest_undo_now(&ctx, step, ran, 2), -EBUSY);
	CHECK_EQ(ctx.undo.count, 3);
	failing = 0;
	CHECK_EQ(nest_undo_now(&ctx, step, ran, 2), 0);
	CHECK_EQ(ctx.undo.count, 2);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_STR(ran, "2231");
}

TEST(forget, "the newest of two equal steps is forgotten")
{
	begin();
	push(1);
	push(2);
	push(1);
	nest_undo_forget(&ctx, step, ran, 1);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_STR(ran, "21");
}

TEST(free, "memory on the stack is freed")
{
	begin();
	nest_undo_push(&ctx, "free", nest_undo_free, malloc(16), 0);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
}

int main(void)
{
	return test_main();
}
