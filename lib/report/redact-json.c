// SPDX-License-Identifier: GPL-2.0-or-later
/* Redaction of a document that is built: of what a probe found, which is not among the answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "report/redact.h"

/* Digits that a unit or the kernel gave, which may look like those of a UUID. */
static bool is_dump(const char *key)
{
	return !strcmp(key, "raw");
}

static int rewrite_string(struct nest_redact *redact, struct json_object *string)
{
	size_t len = 0;
	char *fresh = nest_redact_rewrite(redact, NEST_FORM_TEXT, json_object_get_string(string),
					  (size_t)json_object_get_string_len(string), &len);
	int done = fresh ? json_object_set_string_len(string, fresh, (int)len) : 0;

	free(fresh);
	return done ? 0 : -ENOMEM;
}

int nest_redact_json(struct nest_redact *redact, struct json_object *value)
{
	int err = 0;
	size_t i;

	switch (json_object_get_type(value)) {
	case json_type_string:
		return rewrite_string(redact, value);
	case json_type_array:
		for (i = 0; !err && i < json_object_array_length(value); i++)
			err = nest_redact_json(redact, json_object_array_get_idx(value, i));
		return err;
	case json_type_object: {
		json_object_object_foreach(value, key, member)
		{
			if (!err && !is_dump(key))
				err = nest_redact_json(redact, member);
		}
		return err;
	}
	default:
		return 0;
	}
}

void nest_redact_json_free(struct json_object *value)
{
	json_object_put(value);
}
