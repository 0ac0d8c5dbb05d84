// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds where values of JSON begin and end. What they are, json-c says. */
#include "report/parts.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <json-c/json.h>

static int bad(struct nest_parts *parts, bool early)
{
	parts->why = early ? "ends too early: it is not a whole report" : "is not JSON";
	return -EINVAL;
}

char nest_parts_peek(struct nest_parts *parts)
{
	while (parts->at < parts->end && *parts->at && strchr(" \t\n\r", *parts->at))
		parts->at++;
	return parts->at < parts->end ? *parts->at : '\0';
}

/* Behind a string, with its quotes. */
static const char *string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		p += *p == '\\' && end - p > 1;
	return p < end ? p + 1 : end;
}

/* Behind a value, or the end of the text. Of what is no JSON, somewhere before a delimiter. */
static const char *value_end(const char *p, const char *end)
{
	size_t depth = 0;

	if (p < end && *p == '"')
		return string_end(p, end);
	while (p < end) {
		if (*p == '"') {
			p = string_end(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if (!depth && (*p == ',' || *p == '}' || *p == ']'))
			return p;
		else if ((*p == '}' || *p == ']') && !--depth)
			return p + 1;
		p++;
	}
	return end;
}

int nest_parts_value(struct nest_parts *parts, struct json_object **ret_value)
{
	const char *from = parts->at, *to = value_end(from, parts->end);
	struct json_tokener *tokener = parts->tokener;
	struct json_object *value;

	json_tokener_reset(tokener);
	value = json_tokener_parse_ex(tokener, from, (int)(to - from));
	/* A number ends where something else begins: json-c takes a NUL for that. */
	if (json_tokener_get_error(tokener) == json_tokener_continue && to < parts->end)
		value = json_tokener_parse_ex(tokener, "", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		return bad(parts, json_tokener_get_error(tokener) == json_tokener_continue);
	parts->at = to;
	*ret_value = value;
	return 0;
}

static int one_member(struct nest_parts *parts, int (*fn)(void *data, const char *key), void *data)
{
	struct json_object *key = NULL;
	char next = nest_parts_peek(parts);
	int err = next == '"' ? nest_parts_value(parts, &key) : bad(parts, !next);

	if (err)
		return err;
	next = nest_parts_peek(parts);
	if (next == ':') {
		parts->at++;
		next = nest_parts_peek(parts);
		err = next ? fn(data, json_object_get_string(key)) : bad(parts, true);
	} else {
		err = bad(parts, !next);
	}
	json_object_put(key);
	return err;
}

int nest_parts_each(struct nest_parts *parts, int (*fn)(void *data, const char *key), void *data)
{
	bool named = nest_parts_peek(parts) == '{';
	char close = named ? '}' : ']', next;
	int err = 0;

	parts->at++;
	if (nest_parts_peek(parts) == close) {
		parts->at++;
		return 0;
	}
	for (;;) {
		if (named)
			err = one_member(parts, fn, data);
		else
			err = nest_parts_peek(parts) ? fn(data, NULL) : bad(parts, true);
		if (err)
			return err;
		next = nest_parts_peek(parts);
		if (next != ',' && next != close)
			return bad(parts, !next);
		parts->at++;
		if (next == close)
			return 0;
	}
}
