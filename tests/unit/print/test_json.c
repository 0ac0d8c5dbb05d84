// SPDX-License-Identifier: GPL-2.0-or-later
/* A document whose members are made while it is written is the same, byte for byte. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
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

static void add_element(struct nest_json *json, struct json_object *parent, const void *data,
			size_t i)
{
	const size_t *leave_out = data;
	char key[16];

	snprintf(key, sizeof(key), "part %zu", i);
	if (!leave_out || i % *leave_out)
		add_part(json, parent, json_object_is_type(parent, json_type_array) ? NULL : key,
			 (int)i % 5);
}

static void add_member(struct nest_json *json, const char *key, bool named, size_t count,
		       const size_t *leave_out, bool stream)
{
	struct json_object *parent;
	size_t i;

	if (stream) {
		nest_json_stream(json, key, named, count, add_element, leave_out);
		return;
	}
	parent = named ? nest_json_object(json, json->root, key)
		       : nest_json_array(json, json->root, key);
	for (i = 0; i < count; i++)
		add_element(json, parent, leave_out, i);
}

/* To be freed. */
static char *document(bool compact, bool stream)
{
	static const size_t counts[] = { 0, 1, 2, 63, 64, 65, 128, 200 }, one = 1, three = 3;
	struct nest_options options = { .format = "json", .compact = compact };
	struct nest_run run = { .command = "list", .options = &options };
	struct nest_json json;
	char *text = NULL, key[32];
	size_t len, i;
	FILE *out = open_memstream(&text, &len);

	nest_json_start(&json, &run);
	for (i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		snprintf(key, sizeof(key), "array %zu", i);
		add_member(&json, key, false, counts[i], NULL, stream);
		snprintf(key, sizeof(key), "object %zu", i);
		add_member(&json, key, true, counts[i], NULL, stream);
		snprintf(key, sizeof(key), "some %zu", i);
		add_member(&json, key, i % 2, counts[i], &three, stream);
		nest_json_number(&json, json.root, "between", 1);
		/* Elements that all turn out to be left out. */
		snprintf(key, sizeof(key), "none %zu", i);
		add_member(&json, key, i % 2, counts[i], &one, stream);
	}
	CHECK_EQ(nest_json_finish(&json, out), 0);
	fclose(out);
	return text;
}

static void same(bool compact)
{
	char *whole = document(compact, false), *streamed = document(compact, true);

	CHECK(strlen(whole) > 5000);
	CHECK_STR(streamed, whole);
	free(whole);
	free(streamed);
}

TEST(pretty, "streamed members are printed as whole ones, at their depth")
{
	same(false);
}

TEST(on_one_line, "and on one line, too")
{
	same(true);
}

static void break_it(struct nest_json *json, struct json_object *parent, const void *data, size_t i)
{
	(void)data;
	if (i == 70)
		json->broken = true;
	else
		nest_json_number(json, parent, NULL, (int64_t)i);
}

TEST(broken, "an element that could not be made breaks the document")
{
	struct nest_options options = { .format = "json" };
	struct nest_run run = { .command = "list", .options = &options };
	struct nest_json json;
	FILE *out = fopen("/dev/null", "w");

	nest_json_start(&json, &run);
	nest_json_stream(&json, "broken", false, 100, break_it, NULL);
	CHECK(!json.broken);
	CHECK_EQ(nest_json_finish(&json, out), -ENOMEM);
	fclose(out);
}

int main(void)
{
	return test_main();
}
