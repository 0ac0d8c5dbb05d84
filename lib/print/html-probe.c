// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel answered, for the page of a report: the decision with its reasons, then a row for
 * each object of the document. It may be somebody else's: nothing is taken for granted.
 */
#include <string.h>

#include <json-c/json.h>

#include "print/html.h"

enum { PROBES_MAX = 17, ROWS_MAX = 400, DEPTH_MAX = 8 };

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	return json_object_is_type(object, json_type_object) &&
			       json_object_object_get_ex(object, key, &value)
		       ? value
		       : NULL;
}

/* The text of a string, or NULL. */
static const char *string(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static bool is_scalar(struct json_object *value)
{
	return !json_object_is_type(value, json_type_object) &&
	       !json_object_is_type(value, json_type_array);
}

static void put_scalar(FILE *out, struct json_object *value)
{
	nest_html_text(out, "%s", value ? json_object_get_string(value) : "unknown");
}

/* "status failed, errno ENODEV", if the object has anything of its own. */
static void put_row(FILE *out, const char *path, struct json_object *object)
{
	const char *between = "";

	json_object_object_foreach(object, key, value)
	{
		if (!is_scalar(value) || !strcmp(key, "name"))
			continue;
		if (!*between) {
			fputs("<tr>", out);
			nest_html(out, "td", NULL, "%s", path);
			fputs("<td>", out);
		}
		nest_html_text(out, "%s%s ", between, key);
		put_scalar(out, value);
		between = ", ";
	}
	if (*between)
		fputs("</td></tr>\n", out);
}

/* Rows of the value and what is in it; of strings in an array, one each. */
static void put_value(FILE *out, const char *path, struct json_object *value, int depth, int *rows)
{
	char below[300];
	size_t i;

	if (depth == DEPTH_MAX || ++*rows > ROWS_MAX)
		return;
	if (json_object_is_type(value, json_type_object)) {
		put_row(out, path, value);
		json_object_object_foreach(value, key, part)
		{
			snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
			if (!is_scalar(part))
				put_value(out, below, part, depth + 1, rows);
		}
		return;
	}
	if (is_scalar(value)) {
		fputs("<tr>", out);
		nest_html(out, "td", NULL, "%s", path);
		fputs("<td>", out);
		put_scalar(out, value);
		fputs("</td></tr>\n", out);
		return;
	}
	for (i = 0; i < json_object_array_length(value); i++) {
		struct json_object *part = json_object_array_get_idx(value, i);
		const char *name = string(member(part, "name"));

		snprintf(below, sizeof(below), "%s%s%s", path, name ? " " : "", name ? name : "");
		put_value(out, below, part, depth + 1, rows);
	}
}

static void put_decision(FILE *out, struct json_object *decision, const char *device)
{
	const char *nesting = string(member(decision, "nesting"));
	const char *abi = string(member(decision, "abi"));
	struct json_object *reasons = member(decision, "reasons");
	bool usable = nesting && !strcmp(nesting, "usable");
	bool known = nesting && strcmp(nesting, "unknown");
	size_t i;

	nest_html(out, "h3",
		  usable  ? "pass"
		  : known ? "fail"
			  : "unknown",
		  "nesting for %s: %s%s%s", device ? device : "the host",
		  nesting ? nesting : "unknown", abi ? ", by " : "", abi ? abi : "");
	if (!json_object_is_type(reasons, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(reasons); i++) {
		struct json_object *reason = json_object_array_get_idx(reasons, i);
		const char *text = string(member(reason, "text"));
		const char *remedy = string(member(reason, "remedy"));

		if (text)
			nest_html(out, "p", NULL, "%s", text);
		if (remedy)
			nest_html(out, "pre", NULL, "%s", remedy);
	}
}

static void put_probe(FILE *out, struct json_object *probe)
{
	int rows = 0;

	put_decision(out, member(probe, "decision"),
		     string(member(member(probe, "device"), "address")));
	if (!json_object_is_type(probe, json_type_object))
		return;
	fputs("<details>\n<summary>answers</summary>\n<table>\n", out);
	json_object_object_foreach(probe, key, value)
	{
		if (!is_scalar(value) && strcmp(key, "decision") && strcmp(key, "device"))
			put_value(out, key, value, 0, &rows);
	}
	fputs("</table>\n", out);
	if (rows > ROWS_MAX)
		nest_html(out, "p", NULL, "%s", "There is more: see JSON.");
	fputs("</details>\n", out);
}

void nest_html_probes(FILE *out, const struct nest_run *run)
{
	const struct nest_report *report = run->found;
	struct json_object *probes = report->probed;
	size_t i;

	bool many = json_object_is_type(probes, json_type_string);

	if (!many &&
	    (!json_object_is_type(probes, json_type_array) || !json_object_array_length(probes)))
		return;
	fputs("<h2>What the kernel answered</h2>\n", out);
	if (many) {
		nest_html(out, "p", NULL, "%s", "It is too much for a page: see JSON.");
		return;
	}
	for (i = 0; i < json_object_array_length(probes) && i < PROBES_MAX; i++)
		put_probe(out, json_object_array_get_idx(probes, i));
}
