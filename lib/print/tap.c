// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Test points as TAP 14. TAP has no word for unknown, and readers forgive a failure that has one of
 * its two directives. So unknown is "not ok", and the block of the point says that it is unknown.
 */
#include "print/print.h"

#include <stdlib.h>
#include <string.h>

#include "print/point.h"
#include "print/quote.h"

struct tap {
	FILE *out;
	size_t count;
};

static void count_point(const struct nest_point *point, void *data)
{
	struct tap *tap = data;

	(void)point;
	tap->count++;
}

/* A member of the block, if there is any. */
static void put_member(FILE *out, const char *key, const char *text)
{
	if (!text)
		return;
	fprintf(out, "  %s: \"", key);
	nest_put(out, NEST_QUOTED, text);
	fputs("\"\n", out);
}

/*
 * A line of a member that may have several. It is not a list, because Perl's reader parses a quoted
 * item with a colon as a mapping.
 */
static void put_line(FILE *out, const char *key, size_t index, const char *text)
{
	if (!index)
		fprintf(out, "  %s: |\n", key);
	fputs("    ", out);
	nest_put(out, NEST_LITERAL, text + strspn(text, " "));
	fputc('\n', out);
}

static void put_block(FILE *out, const struct nest_point *point)
{
	char buf[4096];
	const char *text;
	size_t i;

	fputs("  ---\n", out);
	put_member(out, "result", point->result);
	put_member(out, "summary", point->summary);
	put_member(out, "operation", point->op);
	put_member(out, "errno", point->error);
	for (i = 0; (text = nest_point_evidence(point, i, buf, sizeof(buf))); i++)
		put_line(out, "evidence", i, text);
	for (i = 0; nest_point_remedy(point, i, buf, sizeof(buf)); i++)
		put_line(out, "remedy", i, buf);
	if (point->have_latency)
		fprintf(out, "  latency_ns: %llu\n", (unsigned long long)point->latency_ns);
	fputs("  ...\n", out);
}

static void put_point(const struct nest_point *point, void *data)
{
	struct tap *tap = data;
	bool good = point->state == NEST_POINT_OK || point->state == NEST_POINT_SKIPPED;

	fprintf(tap->out, "%sok %zu - %s", good ? "" : "not ", ++tap->count, point->id);
	if (point->subject && *point->subject) {
		fputc(' ', tap->out);
		nest_put(tap->out, NEST_TAP, point->subject);
	}
	if (point->state == NEST_POINT_SKIPPED) {
		fputs(" # SKIP ", tap->out);
		nest_put(tap->out, NEST_TAP, point->summary);
	}
	fputc('\n', tap->out);
	if (point->state != NEST_POINT_SKIPPED)
		put_block(tap->out, point);
}

/*
 * A reader that starts the program says in TAP_VERSION up to which version it reads. Perl's before
 * 3.48 refuses a document of version 14 at its first line. What is printed is valid as 13 too.
 */
static int version(void)
{
	const char *text = getenv("TAP_VERSION");

	return text && !strcmp(text, "13") ? 13 : 14;
}

static int print(FILE *out, const struct nest_run *run, nest_points_fn *points)
{
	const struct nest_model *model = &run->model;
	struct tap tap = { .out = out };
	size_t i;

	points(run, count_point, &tap);
	fprintf(out, "TAP version %d\n1..%zu\n", version(), tap.count);
	tap.count = 0;
	points(run, put_point, &tap);
	for (i = 0; i < model->nproblems; i++) {
		fputs("# ", out);
		nest_put(out, NEST_LITERAL, model->problems[i].where);
		fputc(' ', out);
		nest_put(out, NEST_LITERAL, model->problems[i].what);
		fputc('\n', out);
	}
	return 0;
}

int nest_tap_check(FILE *out, const struct nest_run *run)
{
	return print(out, run, nest_check_points);
}

int nest_tap_roundtrip(FILE *out, const struct nest_run *run)
{
	return print(out, run, nest_trip_points);
}
