// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool of strings, growing arrays, the undo stack. */
#include <stdlib.h>

#include "ctx.h"
#include "pool.h"
#include "test.h"

TEST(once, "the same text is kept once, whatever its number")
{
	struct nest_pool pool = { 0 };
	const char *kept[3000];
	char text[32];
	size_t i;

	for (i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "string %zu", i);
		kept[i] = nest_pool_str(&pool, text);
	}
	for (i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "string %zu", i);
		CHECK(nest_pool_str(&pool, text) == kept[i]);
		CHECK_STR(kept[i], text);
	}
	CHECK_EQ(pool.nstrings, 3000);
	CHECK(nest_pool_strn(&pool, "string 12345", 8) == kept[1]);
	CHECK_STR(nest_pool_str(&pool, NULL), NULL);
	nest_pool_free(&pool);
}

TEST(large, "a string larger than a block is kept whole")
{
	struct nest_pool pool = { 0 };
	char *text = malloc(100001);

	REQUIRE(text);
	memset(text, 'x', 100000);
	text[100000] = '\0';
	CHECK_STR(nest_pool_str(&pool, "before"), "before");
	CHECK_EQ(strlen(nest_pool_str(&pool, text)), 100000);
	CHECK_STR(nest_pool_str(&pool, "after"), "after");
	nest_pool_free(&pool);
	free(text);
}

TEST(array, "an array grows and each new element is zero")
{
	int *array = NULL, *element;
	size_t i;

	for (i = 0; i < 100; i++) {
		element = nest_array_add((void **)&array, i, sizeof(*array));
		REQUIRE(element);
		CHECK_EQ(*element, 0);
		*element = (int)i;
	}
	for (i = 0; i < 100; i++)
		CHECK_EQ(array[i], i);
	free(array);
}

static char order[16];

static int note(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	(void)ctx;
	strcat(order, object);
	return (int)arg;
}

static void count_failure(void *data, const char *what, int err)
{
	(void)what;
	*(int *)data += err;
}

TEST(undo, "undo runs newest first, to the end, and gives the first error")
{
	struct nest_ctx ctx = { 0 };
	int failures = 0;

	order[0] = '\0';
	nest_undo_push(&ctx, "a", note, "a", 0);
	nest_undo_push(&ctx, "b", note, "b", (uint64_t)-5);
	nest_undo_push(&ctx, "c", note, "c", (uint64_t)-7);
	nest_undo_push(&ctx, "d", note, "d", 0);
	nest_undo_forget(&ctx, note, "d", 0);
	CHECK_EQ(nest_undo_run(&ctx, 1, count_failure, &failures), -7);
	CHECK_STR(order, "cb");
	CHECK_EQ(failures, -12);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_STR(order, "cba");
	CHECK_EQ(ctx.undo.count, 0);
}

int main(void)
{
	return test_main();
}
