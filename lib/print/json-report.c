// SPDX-License-Identifier: GPL-2.0-or-later
/* report: what list, show and probe print, then the evidence, which report/read.c reads back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/base64.h"
#include "report/gather.h"
#include "escape.h"
#include "host/kmsg.h"
#include "print/json.h"

/* A file name may hold any byte. Unsafe ones and the backslash become \xHH; read.c undoes it. */
static char *encode_name(const char *name)
{
	char *text = malloc(strlen(name) * 4 + 1), *out = text;

	if (!text)
		return NULL;
	while (*name) {
		size_t len = *name == '\\' ? 0 : nest_utf8_safe(name);

		if (len) {
			out = mempcpy(out, name, len);
			name += len;
		} else {
			out += sprintf(out, "\\x%02x", (unsigned char)*name++);
		}
	}
	*out = '\0';
	return text;
}

static void add_name(struct nest_json *json, struct json_object *parent, const char *key,
		     const char *name)
{
	char *text = encode_name(name);

	if (!text)
		json->broken = true;
	nest_json_string(json, parent, key, text);
	free(text);
}

/* Text that JSON keeps unchanged and that is safe to print. The rest becomes base64. */
static bool is_text(const char *bytes, size_t len)
{
	const char *p = bytes;

	while (p < bytes + len) {
		size_t n = nest_utf8_safe(p);

		if (!n && (!*p || (unsigned char)*p >= 0x20))
			return false;
		p += n ? n : 1;
	}
	return true;
}

static void add_content(struct nest_json *json, struct json_object *file,
			const struct nest_answer *answer)
{
	struct json_object *text;
	char *base64;

	if (!answer->zeros && is_text(answer->bytes, answer->len)) {
		text = json_object_new_string_len(answer->bytes, (int)answer->len);
		if (!file || !text || json_object_object_add(file, "text", text))
			json->broken = true;
	} else {
		base64 = nest_base64_encode(answer->bytes, answer->len);
		json->broken |= !base64;
		nest_json_string(json, file, "base64", base64);
		if (answer->zeros)
			nest_json_number(json, file, "zeros", (int64_t)answer->zeros);
		free(base64);
	}
	if (answer->cut)
		nest_json_bool(json, file, "cut", true);
}

static void add_names(struct nest_json *json, struct json_object *file,
		      const struct nest_answer *answer)
{
	struct json_object *array = nest_json_array(json, file, "names");
	const char *name;

	for (name = answer->bytes; name < answer->bytes + answer->len; name += strlen(name) + 1)
		add_name(json, array, NULL, name);
}

static void add_stat(struct nest_json *json, struct json_object *file,
		     const struct nest_answer_stat *st)
{
	struct json_object *object = nest_json_object(json, file, "stat");

	nest_json_format(json, object, "mode", "%06o", (unsigned int)st->mode);
	nest_json_number(json, object, "uid", st->uid);
	nest_json_number(json, object, "gid", st->gid);
	if (st->major || st->minor)
		nest_json_format(json, object, "device", "%u:%u", st->major, st->minor);
}

static bool is_file(const struct nest_answered *asked)
{
	size_t ask;

	if (!strcmp(asked->path, NEST_KMSG_PATH))
		return false;
	for (ask = 0; ask < NEST_ASK_FACT; ask++)
		if (asked->to[ask])
			return true;
	return false;
}

static void add_file(struct nest_json *json, struct json_object *files, const void *data, size_t i)
{
	const struct nest_answered *asked = &((const struct nest_answers *)data)->at[i];
	char *path = is_file(asked) ? encode_name(asked->path) : NULL;
	struct json_object *file, *errors = NULL;
	size_t ask;

	if (!is_file(asked))
		return;
	if (!path) {
		json->broken = true;
		return;
	}
	file = nest_json_object(json, files, path);
	for (ask = 0; ask < NEST_ASK_FACT; ask++) {
		const struct nest_answer *answer = asked->to[ask];

		if (!answer)
			continue;
		if (answer->err) {
			errors = errors ? errors : nest_json_object(json, file, "errno");
			nest_json_errno(json, errors, nest_ask_name((enum nest_ask)ask),
					answer->err);
			continue;
		}
		switch ((enum nest_ask)ask) {
		case NEST_ASK_READ:
			add_content(json, file, answer);
			break;
		case NEST_ASK_LINK:
			add_name(json, file, "link", answer->bytes);
			break;
		case NEST_ASK_LIST:
			add_names(json, file, answer);
			break;
		default:
			add_stat(json, file, &answer->stat);
			break;
		}
	}
	free(path);
}

/* Line by line, so that people can read it. */
static void add_log(struct nest_json *json, const struct nest_answers *answers)
{
	const struct nest_answer *log = nest_answers_find(answers, NEST_ASK_READ, NEST_KMSG_PATH);
	struct json_object *object, *array;
	const char *line, *end;

	if (!log)
		return;
	object = nest_json_object(json, json->root, "kernel_log");
	if (log->err) {
		nest_json_errno(json, object, "errno", log->err);
		return;
	}
	array = nest_json_array(json, object, "lines");
	for (line = log->bytes; *line; line = *end ? end + 1 : end) {
		char *one;

		end = strchrnul(line, '\n');
		one = strndup(line, (size_t)(end - line));
		json->broken |= !one;
		if (one)
			add_name(json, array, NULL, one);
		free(one);
	}
}

/* What does not exist is left out: only what exists and was refused is told. */
static void add_unreadable(struct nest_json *json, const struct nest_answers *answers)
{
	struct json_object *array = nest_json_array(json, json->root, "unreadable");
	size_t i, ask;

	for (i = 0; i < answers->count; i++)
		for (ask = 0; ask < NEST_ASK_FACT; ask++) {
			const struct nest_answer *answer = answers->at[i].to[ask];
			struct json_object *row;

			if (!answer || !answer->err || answer->err == ENOENT ||
			    answer->err == ENOTDIR ||
			    (ask == NEST_ASK_LINK && answer->err == EINVAL))
				continue;
			row = nest_json_object(json, array, NULL);
			add_name(json, row, "path", answers->at[i].path);
			nest_json_string(json, row, "operation", nest_ask_name((enum nest_ask)ask));
			nest_json_errno(json, row, "errno", answer->err);
		}
}

static void add_answers(struct nest_json *json, const struct nest_answers *answers)
{
	struct json_object *facts = nest_json_object(json, json->root, "facts");
	size_t i;

	for (i = 0; i < answers->count; i++) {
		const struct nest_answer *fact = answers->at[i].to[NEST_ASK_FACT];
		char *key = fact ? encode_name(answers->at[i].path) : NULL;

		if (!fact)
			continue;
		if (!key || !facts)
			json->broken = true;
		else if (!fact->none)
			add_name(json, facts, key, fact->bytes);
		else
			nest_json_null(json, facts, key);
		free(key);
	}
	nest_json_stream(json, "files", true, answers->count, add_file, answers);
	if (answers->dropped)
		nest_json_number(json, json->root, "left_out", (int64_t)answers->dropped);
}

static void add_device(struct nest_json *json, struct json_object *devices, const void *data,
		       size_t i)
{
	const struct nest_show *show = &((const struct nest_report *)data)->shows[i];

	if (show->what == NEST_SHOW_DEVICE)
		nest_json_show_device(json, devices, NULL, show);
}

static void add_group_node(struct nest_json *json, struct json_object *nodes, const void *data,
			   size_t i)
{
	const struct nest_show *show = &((const struct nest_report *)data)->shows[i];
	struct json_object *row;

	if (show->what != NEST_SHOW_GROUP)
		return;
	row = nest_json_object(json, nodes, NULL);
	nest_json_number(json, row, "id", show->group->id);
	nest_json_node(json, row, "node", &show->node);
}

static void add_registers(struct nest_json *json, const struct nest_report *report)
{
	struct json_object *array = nest_json_array(json, json->root, "registers");
	size_t i;

	for (i = 0; i < report->nshows; i++)
		if (report->shows[i].regs)
			nest_json_registers(json, array, NULL, report->shows[i].unit->name,
					    report->shows[i].regs);
}

int nest_json_report(FILE *out, const struct nest_run *run)
{
	const struct nest_report *report = run->found;
	struct nest_json json;

	nest_json_start(&json, run);
	if (!report)
		return nest_json_finish(&json, out);
	nest_json_bool(&json, json.root, "redacted", report->redacted);
	nest_json_string(&json, json.root, "source", report->answers.host ? "host" : "tree");
	nest_json_inventory(&json);
	nest_json_stream(&json, "devices", false, report->nshows, add_device, report);
	nest_json_stream(&json, "group_nodes", false, report->nshows, add_group_node, report);
	add_registers(&json, report);
	if (report->probed && json.root &&
	    json_object_object_add(json.root, "probes", json_object_get(report->probed)))
		json.broken = true;
	add_unreadable(&json, &report->answers);
	add_log(&json, &report->answers);
	add_answers(&json, &report->answers);
	return nest_json_finish(&json, out);
}
