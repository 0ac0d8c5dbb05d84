// SPDX-License-Identifier: GPL-2.0-or-later
/* From the JSON of a report to the answers, without trust. */
#include "report/read.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "report/base64.h"
#include "report/parts.h"
#include "host/kmsg.h"
#include "errnoname.h"
#include "number.h"
#include "pool.h"

#define MODE_MAX 0177777 /* type and permissions of a file */

/* Bytes that json-c takes for an empty object, and for a short string with its key. */
#define OBJECT_COST 900
#define VALUE_COST  160

/* Members that are small, and without which the files mean nothing. */
enum head { SCHEMA, COMMAND, SOURCE, FACTS, LOG, HEADS };
static const char *const heads[HEADS] = { "schema", "command", "source", "facts", "kernel_log" };

struct reading {
	struct nest_parts parts;
	struct json_object *head[HEADS], *probes;
	bool seen[HEADS], twice;
	const char *files; /* where they begin; NULL: there are none */
	bool taken;	   /* the head */
	int flaw;	   /* of what was taken */
	struct nest_answers answers;
	const char *why;
};

static int bad(struct reading *r, const char *why)
{
	r->why = why;
	return -EINVAL;
}

/* json-c crashes when memory is out while it parses: this much must be there before. */
static bool is_memory_there(size_t bytes)
{
	void *volatile all = malloc(bytes); /* or the compiler leaves both calls out */
	bool there = all;

	free(all);
	return there;
}

/*
 * Counts what json-c would build, without building: an empty object costs it hundreds of bytes, so
 * three bytes of text could cost a thousand times as much.
 */
static int weigh(struct reading *r, const char *text, size_t len)
{
	size_t objects = 0, values = 1, depth = 0, i;
	bool quoted = false;

	for (i = 0; i < len; i++) {
		char c = text[i];

		if (quoted) {
			i += c == '\\';
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			objects++;
			if (++depth > NEST_REPORT_DEPTH)
				return bad(r, "is nested too deep for a report");
		} else if (c == '}' || c == ']') {
			depth -= depth > 0;
		} else if (c == ',') {
			values++;
		} else if (!c) {
			return bad(r, "is not JSON");
		}
	}
	if (objects > NEST_REPORT_OBJECTS || values > NEST_REPORT_VALUES)
		return bad(r, "holds more than a report can");
	return is_memory_there(objects * OBJECT_COST + values * VALUE_COST + len) ? 0 : -ENOMEM;
}

static struct json_object *member(struct json_object *object, const char *key, json_type type)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, type)
		       ? value
		       : NULL;
}

/* Undoes \xHH. NULL if it is no name: a NUL in it, or memory is out (errno). */
static char *decode_name(const char *text, size_t len)
{
	char *name = malloc(len + 1), *out = name;
	size_t i;

	if (!name)
		return NULL;
	for (i = 0; i < len; i++) {
		char hex[3] = "";

		if (text[i] == '\\' && len - i >= 4 && text[i + 1] == 'x' &&
		    isxdigit((unsigned char)text[i + 2]) && isxdigit((unsigned char)text[i + 3])) {
			memcpy(hex, text + i + 2, 2);
			*out = (char)strtoul(hex, NULL, 16);
			i += 3;
		} else {
			*out = text[i];
		}
		if (!*out++) {
			free(name);
			errno = EINVAL;
			return NULL;
		}
	}
	*out = '\0';
	return name;
}

static char *name_of(struct json_object *string)
{
	return decode_name(json_object_get_string(string),
			   (size_t)json_object_get_string_len(string));
}

/* "ENOENT", or the number of one without a name. 0: neither. */
static int errno_of(const char *name)
{
	int err = nest_errno_of(name);
	uint64_t number;

	if (err)
		return err;
	return !nest_parse_u64(name, 10, &number) && number < 4096 ? (int)number : 0;
}

static int take_content(struct reading *r, const char *path, struct json_object *file)
{
	struct json_object *value = member(file, "text", json_type_string), *zeros;
	struct json_object *cut = member(file, "cut", json_type_boolean);
	bool is_cut = cut && json_object_get_boolean(cut);
	int64_t more = 0;
	char *bytes;
	long len;
	int err;

	if (value)
		return nest_answers_put(&r->answers, NEST_ASK_READ, path,
					json_object_get_string(value),
					(size_t)json_object_get_string_len(value), is_cut);
	value = member(file, "base64", json_type_string);
	if (!value)
		return 0;
	zeros = member(file, "zeros", json_type_int);
	if (zeros)
		more = json_object_get_int64(zeros);
	if (more < 0 || more > (int64_t)NEST_ANSWERS_FILE_MAX)
		return bad(r, "has a file with an impossible number of zeros");
	len = nest_base64_decode(json_object_get_string(value), (size_t)more, &bytes);
	if (len == -ENOMEM)
		return -ENOMEM;
	if (len < 0)
		return bad(r, "has a file that is not base64");
	err = nest_answers_put(&r->answers, NEST_ASK_READ, path, bytes, (size_t)len + (size_t)more,
			       is_cut);
	free(bytes);
	return err;
}

static int take_names(struct reading *r, const char *path, struct json_object *array)
{
	size_t n = json_object_array_length(array), used = 0, room = 1, i;
	char *names, *name;
	int err = 0;

	if (n > NEST_ANSWERS_LIST_MAX)
		return bad(r, "has a folder with too many names");
	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(array, i);

		if (!json_object_is_type(one, json_type_string))
			return bad(r, "has a folder with a name that is not a string");
		room += (size_t)json_object_get_string_len(one) + 1;
	}
	names = malloc(room);
	if (!names)
		return -ENOMEM;
	for (i = 0; !err && i < n; i++) {
		name = name_of(json_object_array_get_idx(array, i));
		/* A name is what a folder can hold: paths are built of it. */
		if (!name || !*name || strchr(name, '/') || !strcmp(name, ".") ||
		    !strcmp(name, ".."))
			err = bad(r, "has a folder with an invalid name");
		else
			used += (size_t)(stpcpy(names + used, name) - (names + used)) + 1;
		free(name);
	}
	if (!err)
		err = nest_answers_put(&r->answers, NEST_ASK_LIST, path, names, used, false);
	free(names);
	return err;
}

static int take_link(struct reading *r, const char *path, struct json_object *string)
{
	char *text = name_of(string);
	int err =
		text ? nest_answers_put(&r->answers, NEST_ASK_LINK, path, text, strlen(text), false)
		     : bad(r, "has a link with an invalid target");

	free(text);
	return err;
}

/* A cut number could be that of another user. */
static bool is_id(struct json_object *number)
{
	int64_t id = json_object_get_int64(number);

	return id >= 0 && id <= UINT32_MAX;
}

static int take_stat(struct reading *r, const char *path, struct json_object *object)
{
	struct json_object *mode = member(object, "mode", json_type_string);
	struct json_object *uid = member(object, "uid", json_type_int),
			   *gid = member(object, "gid", json_type_int);
	struct json_object *device = member(object, "device", json_type_string);
	struct nest_answer_stat st = { 0 };
	uint64_t number;

	if (!mode || !uid || !gid)
		return bad(r, "has a file without mode or owner");
	if (nest_parse_u64(json_object_get_string(mode), 8, &number) || number > MODE_MAX ||
	    !is_id(uid) || !is_id(gid))
		return bad(r, "has a file with an invalid mode or owner");
	st.mode = (mode_t)number;
	st.uid = (uid_t)json_object_get_int64(uid);
	st.gid = (gid_t)json_object_get_int64(gid);
	if (device && sscanf(json_object_get_string(device), "%9u:%9u", &st.major, &st.minor) != 2)
		return bad(r, "has a node with an invalid device number");
	return nest_answers_put_stat(&r->answers, path, &st);
}

static int take_errors(struct reading *r, const char *path, struct json_object *object)
{
	size_t ask;
	int err = 0;

	for (ask = 0; !err && ask < NEST_ASK_FACT; ask++) {
		struct json_object *name =
			member(object, nest_ask_name((enum nest_ask)ask), json_type_string);
		int number = name ? errno_of(json_object_get_string(name)) : 0;

		if (name && !number)
			return bad(r, "has an invalid errno");
		if (name)
			err = nest_answers_put_error(&r->answers, (enum nest_ask)ask, path, number);
	}
	return err;
}

static int take_file(struct reading *r, const char *path, struct json_object *file)
{
	struct json_object *names, *link, *st, *errors;
	int err;

	if (!json_object_is_type(file, json_type_object))
		return bad(r, "has a file that is not an object");
	names = member(file, "names", json_type_array);
	link = member(file, "link", json_type_string);
	st = member(file, "stat", json_type_object);
	errors = member(file, "errno", json_type_object);
	err = take_content(r, path, file);
	if (!err && names)
		err = take_names(r, path, names);
	if (!err && link)
		err = take_link(r, path, link);
	if (!err && st)
		err = take_stat(r, path, st);
	if (!err && errors)
		err = take_errors(r, path, errors);
	return err;
}

static int take_fact(struct reading *r, const char *key, struct json_object *value)
{
	char *text;
	int err;

	if (!value)
		return nest_answers_put(&r->answers, NEST_ASK_FACT, key, NULL, 0, false);
	if (!json_object_is_type(value, json_type_string))
		return bad(r, "has a fact that is not a string");
	text = name_of(value);
	if (!text)
		return bad(r, "has a fact that is not text");
	err = nest_answers_put(&r->answers, NEST_ASK_FACT, key, text, strlen(text), false);
	free(text);
	return err;
}

/* The lines of the log, joined again. */
static int take_log(struct reading *r, struct json_object *log)
{
	struct json_object *lines = member(log, "lines", json_type_array);
	struct json_object *err = member(log, "errno", json_type_string);
	size_t n = lines ? json_object_array_length(lines) : 0, room = 1, used = 0, i;
	char *text, *line;
	int result = 0;

	if (err) {
		/* No errno at all would be a log that is empty. */
		if (!errno_of(json_object_get_string(err)))
			return bad(r, "has an invalid errno");
		return nest_answers_put_error(&r->answers, NEST_ASK_READ, NEST_KMSG_PATH,
					      errno_of(json_object_get_string(err)));
	}
	for (i = 0; i < n; i++) {
		if (!json_object_is_type(json_object_array_get_idx(lines, i), json_type_string))
			return bad(r, "has a kernel log with a line that is not a string");
		room += (size_t)json_object_get_string_len(json_object_array_get_idx(lines, i)) + 1;
	}
	text = malloc(room);
	if (!text)
		return -ENOMEM;
	for (i = 0; !result && i < n; i++) {
		line = name_of(json_object_array_get_idx(lines, i));
		if (line)
			used += (size_t)(stpcpy(stpcpy(text + used, line), "\n") - (text + used));
		else
			result = bad(r, "has a kernel log with a line that is not text");
		free(line);
	}
	if (!result)
		result = nest_answers_put(&r->answers, NEST_ASK_READ, NEST_KMSG_PATH, text, used,
					  false);
	free(text);
	return result;
}

/* A member of facts or files, under its decoded name. */
static int take_one(struct reading *r, const char *key, struct json_object *value,
		    int (*take)(struct reading *r, const char *name, struct json_object *value))
{
	char *name = decode_name(key, strlen(key));
	int err = name ? take(r, name, value) : bad(r, "has an invalid path");

	free(name);
	return err;
}

static int take_facts(struct reading *r, struct json_object *facts)
{
	int err = 0;

	json_object_object_foreach(facts, key, value)
	{
		err = take_one(r, key, value, take_fact);
		if (err)
			break;
	}
	return err;
}

static const char *text_of(const struct reading *r, enum head head)
{
	return json_object_is_type(r->head[head], json_type_string)
		       ? json_object_get_string(r->head[head])
		       : NULL;
}

/* Is it a report? Takes what stands beside the files. */
static int take_head(struct reading *r)
{
	const char *schema = text_of(r, SCHEMA), *command = text_of(r, COMMAND);
	const char *source = text_of(r, SOURCE);
	int err;

	if (!schema || strncmp(schema, "vfio-nestctl/", 13) || !command ||
	    strcmp(command, "report"))
		return bad(r, "is not a report of vfio-nestctl");
	if (strcmp(schema, "vfio-nestctl/1"))
		return bad(r, "is a report of an unknown version");
	if (!r->files || !json_object_is_type(r->head[FACTS], json_type_object) || !source)
		return bad(r, "is a report without its files, facts or source");
	r->answers.host = !strcmp(source, "host");
	err = take_facts(r, r->head[FACTS]);
	if (!err && json_object_is_type(r->head[LOG], json_type_object))
		err = take_log(r, r->head[LOG]);
	return err;
}

/* A flaw is kept: text that is no JSON at all is told before it. */
static int on_file(void *data, const char *key)
{
	struct reading *r = data;
	struct json_object *file;
	int err = nest_parts_value(&r->parts, &file);

	if (err)
		return err;
	if (r->taken && !r->flaw)
		r->flaw = take_one(r, key, file, take_file);
	json_object_put(file);
	return r->flaw == -ENOMEM ? -ENOMEM : 0;
}

static int take_files(struct reading *r)
{
	r->taken = true;
	r->flaw = take_head(r);
	return r->flaw == -ENOMEM ? -ENOMEM : 0;
}

/* Files are taken as they are met where all else is known by then, as this tool writes it. */
static int on_files(struct reading *r)
{
	size_t i;
	int err = 0;

	r->files = r->parts.at;
	for (i = 0; i < HEADS && r->seen[i]; i++)
		;
	if (i == HEADS)
		err = take_files(r);
	return err ? err : nest_parts_each(&r->parts, on_file, r);
}

static int skip(void *data, const char *key)
{
	struct reading *r = data;
	struct json_object *value;
	int err = nest_parts_value(&r->parts, &value);

	(void)key;
	if (!err)
		json_object_put(value);
	return err;
}

static int on_member(void *data, const char *key)
{
	struct reading *r = data;
	char next = nest_parts_peek(&r->parts);
	bool files = !strcmp(key, "files");
	size_t i;

	for (i = 0; i < HEADS && strcmp(key, heads[i]); i++)
		;
	if (!strcmp(key, "probes") && next == '[' && !r->probes)
		return nest_parts_value(&r->parts, &r->probes);
	if (i < HEADS ? r->seen[i] : files && r->files)
		r->twice = true;
	else if (i < HEADS) {
		r->seen[i] = true;
		return nest_parts_value(&r->parts, &r->head[i]);
	} else if (files && next == '{')
		return on_files(r);
	/* What nothing here asks for must be JSON all the same. */
	return next == '{' || next == '[' ? nest_parts_each(&r->parts, skip, r) : skip(r, NULL);
}

/* Nothing is judged by them: they are only shown again. Too many are said to be so. */
static int keep_probes(struct reading *r)
{
	const char *text = json_object_to_json_string_ext(r->probes, JSON_C_TO_STRING_PLAIN);

	if (!text)
		return -ENOMEM;
	if (strlen(text) > NEST_ANSWERS_FILE_MAX)
		text = "\"too many\"";
	return nest_answers_put(&r->answers, NEST_ASK_FACT, NEST_REPORT_PROBES, text, strlen(text),
				false) == -ENOMEM
		       ? -ENOMEM
		       : 0;
}

static int take_document(struct reading *r)
{
	struct nest_parts *parts = &r->parts;
	char first = nest_parts_peek(parts);
	int err = first == '{' ? nest_parts_each(parts, on_member, r) : skip(r, NULL);

	if (!err && (first != '{' || nest_parts_peek(parts) || parts->at < parts->end))
		return bad(r, "is not JSON");
	if (!err && r->twice)
		return bad(r, "has two members of the same name");
	if (!err && !r->taken) {
		err = take_files(r);
		parts->at = r->files;
		if (!err && !r->flaw)
			err = nest_parts_each(parts, on_file, r);
	}
	if (err == -EINVAL)
		r->why = parts->why;
	if (!err)
		err = r->flaw;
	if (!err && r->probes)
		err = keep_probes(r);
	if (err == -ENOSPC)
		return bad(r, "holds more than a report can");
	if (err == -EINVAL && !r->why)
		return bad(r, "has a path or a file that is too long");
	return err;
}

static int take_text(struct reading *r, const char *text, size_t len)
{
	size_t i;
	int err;

	r->parts = (struct nest_parts){
		.tokener = json_tokener_new_ex(NEST_REPORT_DEPTH + 1),
		.at = text,
		.end = text + len,
	};
	if (!r->parts.tokener)
		return -ENOMEM;
	json_tokener_set_flags(r->parts.tokener, JSON_TOKENER_STRICT);
	err = take_document(r);
	json_tokener_free(r->parts.tokener);
	for (i = 0; i < HEADS; i++)
		json_object_put(r->head[i]);
	json_object_put(r->probes);
	return err;
}

int nest_report_probes(const char *text, struct json_object **ret_probes)
{
	struct reading r = { 0 };
	int err = weigh(&r, text, strlen(text));

	if (!err)
		*ret_probes = json_tokener_parse(text);
	return err;
}

int nest_report_read(const char *text, size_t len, struct nest_answers *ret_answers,
		     const char **ret_why)
{
	struct reading r = { 0 };
	int err = weigh(&r, text, len);

	if (!err && len > NEST_REPORT_MAX)
		err = bad(&r, "is larger than a report can be");
	if (!err)
		err = take_text(&r, text, len);
	if (err) {
		nest_answers_free(&r.answers);
		*ret_why = err == -ENOMEM ? "needs more memory than is available" : r.why;
		return err;
	}
	*ret_answers = r.answers;
	return 0;
}
