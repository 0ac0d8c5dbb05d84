// SPDX-License-Identifier: GPL-2.0-or-later
/* diff as JSON: the sides, the changes, and what could not be compared. */
#include "report/diff.h"
#include "print/json.h"

static void add_side(struct nest_json *json, const char *key, const struct nest_side *side)
{
	struct json_object *object = nest_json_object(json, json->root, key);

	nest_json_string(json, object, "name", side->name);
	nest_json_string(json, object, "kernel", side->model.host.kernel);
}

int nest_json_diff(FILE *out, const struct nest_run *run)
{
	const struct nest_diff *diff = run->found;
	struct json_object *array;
	struct nest_json json;
	size_t i;

	nest_json_start(&json, run);
	if (!diff)
		return nest_json_finish(&json, out);
	add_side(&json, "from", &diff->a);
	add_side(&json, "to", &diff->b);
	array = nest_json_array(&json, json.root, "changes");
	for (i = 0; i < diff->nchanges; i++) {
		const struct nest_change *change = &diff->changes[i];
		struct json_object *row = nest_json_object(&json, array, NULL);

		nest_json_string(&json, row, "id", nest_topic_id(change->topic));
		nest_json_string(&json, row, "subject", change->subject);
		nest_json_string(&json, row, "before", change->before);
		nest_json_string(&json, row, "after", change->after);
	}
	array = nest_json_array(&json, json.root, "not_compared");
	for (i = 0; i < NEST_TOPICS; i++)
		if (diff->skipped[i])
			nest_json_string(&json, array, NULL, nest_topic_id((enum nest_topic)i));
	return nest_json_finish(&json, out);
}
