// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Test points as JUnit XML: one suite, one case per point. Failed is a failure, unknown is an
 * error, what does not apply is skipped. The format has no standard. This is what the schemas of
 * Ant, Jenkins and Surefire have in common (tests/junit.xsd): that is why every case has a time.
 */
#include "print/print.h"

#include "print/point.h"
#include "print/quote.h"
#include "remedy.h"
#include "version.h"

struct junit {
	FILE *out;
	const struct nest_run *run;
	const char *topic; /* of the verdict */
	size_t counts[NEST_POINT_SKIPPED + 1], points;
	uint64_t time_ns;
};

static void count_point(const struct nest_point *point, void *data)
{
	struct junit *junit = data;

	if (!junit->points++)
		junit->topic = point->subject;
	junit->counts[point->state]++;
	junit->time_ns += point->have_latency ? point->latency_ns : 0;
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
	if (!text)
		return;
	fprintf(out, " %s=\"", name);
	nest_put(out, NEST_XML, text);
	fputc('"', out);
}

static void put_time(FILE *out, uint64_t ns)
{
	fprintf(out, " time=\"%llu.%06llu\"", (unsigned long long)(ns / 1000000000),
		(unsigned long long)(ns % 1000000000 / 1000));
}

static void put_line(FILE *out, const char *what, const char *text)
{
	if (!text)
		return;
	fputs(what, out);
	nest_put(out, NEST_XML, text);
	fputc('\n', out);
}

static void put_remedies(FILE *out, const struct nest_point *point)
{
	char buf[NEST_REMEDY_MAX];
	size_t i;

	for (i = 0; nest_point_remedy(point, i, buf, sizeof(buf)); i++)
		put_line(out, "remedy: ", buf);
}

static void put_state(FILE *out, const struct nest_point *point)
{
	static const char *const elements[] = {
		[NEST_POINT_FAILED] = "failure",
		[NEST_POINT_UNKNOWN] = "error",
		[NEST_POINT_SKIPPED] = "skipped",
	};
	const char *element = elements[point->state];

	if (!element)
		return;
	fprintf(out, "\n      <%s", element);
	put_attribute(out, "message", point->summary ? point->summary : point->result);
	if (point->state == NEST_POINT_SKIPPED) {
		fputs("/>", out);
		return;
	}
	put_attribute(out, "type", point->result);
	fputc('>', out);
	put_line(out, "", point->summary);
	put_line(out, "operation: ", point->op);
	put_line(out, "errno: ", point->error);
	put_remedies(out, point);
	fprintf(out, "</%s>", element);
}

static void put_output(FILE *out, const struct nest_point *point)
{
	char buf[4096];
	const char *text;
	size_t i;

	fputs("\n      <system-out>", out);
	put_line(out, "result: ", point->result);
	if (point->state == NEST_POINT_OK)
		put_line(out, "", point->summary);
	for (i = 0; (text = nest_point_evidence(point, i, buf, sizeof(buf))); i++)
		put_line(out, "", text);
	if (point->state == NEST_POINT_OK)
		put_remedies(out, point);
	fputs("</system-out>", out);
}

static void put_case(const struct nest_point *point, void *data)
{
	struct junit *junit = data;
	FILE *out = junit->out;

	fprintf(out, "    <testcase classname=\"vfio-nestctl.%s\" name=\"%s", junit->run->command,
		point->id);
	if (point->subject && *point->subject) {
		fputc(' ', out);
		nest_put(out, NEST_XML, point->subject);
	}
	fputc('"', out);
	put_time(out, point->have_latency ? point->latency_ns : 0);
	fputc('>', out);
	put_state(out, point);
	put_output(out, point);
	fputs("\n    </testcase>\n", out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, "      <property name=\"%s\"", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void put_problems(FILE *out, const struct nest_model *model)
{
	size_t i;

	fputs("    <system-err>", out);
	for (i = 0; i < model->nproblems; i++) {
		nest_put(out, NEST_XML, model->problems[i].where);
		put_line(out, " ", model->problems[i].what);
	}
	fputs("</system-err>\n", out);
}

static int print(FILE *out, const struct nest_run *run, nest_points_fn *points)
{
	struct junit junit = { .out = out, .run = run };
	const size_t *counts = junit.counts;

	points(run, count_point, &junit);
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite "
		"name=\"vfio-nestctl %s",
		run->command);
	if (junit.topic) {
		fputc(' ', out);
		nest_put(out, NEST_XML, junit.topic);
	}
	fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
		junit.points, counts[NEST_POINT_FAILED], counts[NEST_POINT_UNKNOWN],
		counts[NEST_POINT_SKIPPED]);
	put_time(out, junit.time_ns);
	fputs(">\n    <properties>\n", out);
	put_property(out, "tool_version", NEST_VERSION);
	put_property(out, "kernel", run->model.host.kernel);
	put_property(out, "machine", run->model.host.machine);
	fputs("    </properties>\n", out);
	points(run, put_case, &junit);
	fputs("    <system-out/>\n", out);
	put_problems(out, &run->model);
	fputs("  </testsuite>\n</testsuites>\n", out);
	return 0;
}

int nest_junit_check(FILE *out, const struct nest_run *run)
{
	return print(out, run, nest_check_points);
}

int nest_junit_roundtrip(FILE *out, const struct nest_run *run)
{
	return print(out, run, nest_trip_points);
}
