// SPDX-License-Identifier: GPL-2.0-or-later
/* A document whose parts are packed as soon as they are complete is the same, byte for byte. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "print/json.h"

static void add_part(struct nest_json *json, struct json_object *parent, const char *key, int depth)
{
	struct json_object *object = nest_json_object(json, parent, key), *array;
	int i;

	nest_json_string(json, object, "text", "a \"b\"\n/c");
	nest_json_number(json, object, "number", depth);
	nest_json_null(json, object, "none");
	array = nest_json_array(json, object, "array");
	for (i = 0; i < depth; i++)
		add_part(json, array, NULL, depth - 1 - i);
}

/* To be freed. */
static char *document(bool compact, bool pack)
{
	struct nest_options options = { .format = "json", .compact = compact };
	struct nest_run run = { .command = "list", .options = &options };
	struct json_object *array, *object;
	struct nest_json json;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int i;

	nest_json_start(&json, &run);
	array = nest_json_array(&json, json.root, "parts");
	object = nest_json_object(&json, json.root, "members");
	for (i = 0; i < 4; i++) {
		add_part(&json, array, NULL, i);
		if (pack)
			nest_json_pack(&json, array, NULL);
		add_part(&json, object, i % 2 ? "odd" : "even", i);
		if (pack)
			nest_json_pack(&json, object, i % 2 ? "odd" : "even");
	}
	CHECK_EQ(nest_json_finish(&json, out), 0);
	fclose(out);
	return text;
}

static void same(bool compact)
{
	char *whole = document(compact, false), *packed = document(compact, true);

	CHECK(strlen(whole) > 500);
	CHECK_STR(packed, whole);
	free(whole);
	free(packed);
}

TEST(pretty, "packed parts are printed as whole ones, at their depth")
{
	same(false);
}

TEST(on_one_line, "and on one line, too")
{
	same(true);
}

TEST(nothing, "packing what could not be made breaks the document, and nothing else")
{
	struct nest_options options = { .format = "json" };
	struct nest_run run = { .command = "list", .options = &options };
	struct nest_json json;
	FILE *out = fopen("/dev/null", "w");

	nest_json_start(&json, &run);
	nest_json_pack(&json, nest_json_array(&json, json.root, "empty"), NULL);
	CHECK(json.broken);
	CHECK_EQ(nest_json_finish(&json, out), -ENOMEM);
	fclose(out);
}

int main(void)
{
	return test_main();
}
