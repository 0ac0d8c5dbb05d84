// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report as one page for a browser, which needs nothing else: no script, no other file. It is made
 * of the model that the other formats print; what is too much for a page is counted.
 */
#include <string.h>

#include "host/kmsg.h"
#include "log/log.h"
#include "plural.h"
#include "print/html.h"
#include "print/print.h"
#include "version.h"

#define LINES_MAX    400 /* of the kernel log */
#define PROBLEMS_MAX 50

/* Colors are said in words, too. A browser in the dark has others. */
static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\"/>\n<style>\n"
	":root{color-scheme:light dark;--fail:#a30d22;--unknown:#7a4f00;--pass:#1b6330;"
	"--line:#c9c9c9;--soft:#f3f3f3}\n"
	"@media(prefers-color-scheme:dark){:root{--fail:#ff8b94;--unknown:#f2c14e;"
	"--pass:#7fd495;--line:#4a4a4a;--soft:#222}}\n"
	"body{font:15px/1.45 system-ui,sans-serif;max-width:72rem;margin:1.5rem auto;"
	"padding:0 1rem}\n"
	"h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}\n"
	"code,pre,td{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}\n"
	"pre{background:var(--soft);padding:.5rem;white-space:pre-wrap}\n"
	"table{border-collapse:collapse}td,th{border:1px solid var(--line);padding:.1rem .4rem;"
	"text-align:left;vertical-align:top}\n"
	"section{border-left:4px solid var(--line);padding-left:.8rem;margin:1rem 0}\n"
	".fail{color:var(--fail)}.unknown,.warn{color:var(--unknown)}.pass{color:var(--pass)}\n"
	"section.fail,section.unknown,section.warn{color:inherit}\n"
	"section.fail{border-color:var(--fail)}section.unknown,section.warn{"
	"border-color:var(--unknown)}\n"
	"summary{cursor:pointer}ul{padding-left:1.4rem}\n"
	"</style>\n";

static void put_facts(FILE *out, const struct nest_run *run)
{
	const struct nest_report *report = run->found;
	const struct nest_model *model = &run->model;

	fputs("<p>", out);
	nest_html_text(out,
		       "Linux %s on %s. %zu IOMMU unit%s, %zu group%s, %zu device%s. From %s%s, by "
		       "vfio-nestctl %s.",
		       model->host.kernel ? model->host.kernel : "unknown",
		       model->host.machine ? model->host.machine : "an unknown machine",
		       model->nunits, nest_plural(model->nunits), model->ngroups,
		       nest_plural(model->ngroups), model->ndevices, nest_plural(model->ndevices),
		       run->options->from     ? "a report"
		       : report->answers.host ? "a host"
					      : "a tree of files",
		       report->redacted ? ", redacted" : "", NEST_VERSION);
	fputs("</p>\n", out);
	if (model->iommu_present != NEST_YES && model->absent_reason)
		nest_html(out, "p", NULL, "%s.", model->absent_reason);
}

static void put_problems(FILE *out, const struct nest_model *model)
{
	size_t i;

	if (!model->nproblems)
		return;
	fputs("<h2>What could not be read</h2>\n<ul>\n", out);
	for (i = 0; i < model->nproblems && i < PROBLEMS_MAX; i++)
		nest_html(out, "li", NULL, "%s %s%s%s", model->problems[i].where,
			  model->problems[i].what, model->problems[i].err ? ": " : "",
			  model->problems[i].err ? strerror(model->problems[i].err) : "");
	if (i < model->nproblems)
		nest_html(out, "li", NULL, "%zu more", model->nproblems - i);
	fputs("</ul>\n", out);
}

/* What the line of that number means; false: nothing that is known. */
static bool put_meaning(FILE *out, const struct nest_log_result *log, unsigned int line)
{
	char name[NEST_FAULT_NAME_MAX];
	size_t i;

	for (i = 0; i < log->nfaults; i++)
		if (log->faults[i].line == line) {
			const struct nest_fault *fault = &log->faults[i];
			const char *why = fault->meaning ? fault->meaning : fault->event;

			nest_fault_name(fault, name);
			if (out)
				nest_html(out, "td", "warn", "fault of %s%s%s, %u time%s", name,
					  why ? ": " : "", why ? why : "", fault->count,
					  nest_plural(fault->count));
			return true;
		}
	for (i = 0; i < log->nnotes; i++)
		if (log->notes[i].line == line) {
			const struct nest_log_note *note = &log->notes[i];

			if (out)
				nest_html(out, "td", note->weight == NEST_LOG_INFO ? NULL : "warn",
					  "%s", note->text);
			return true;
		}
	return false;
}

/* The lines that mean something; the others are in JSON. */
static void put_log(FILE *out, const struct nest_report *report)
{
	const struct nest_log_result *log =
		report->facts.klog ? nest_log_result(report->facts.klog) : NULL;
	unsigned int number = 0, shown = 0, left = 0;
	const char *line, *end;

	fputs("<h2>Kernel log</h2>\n", out);
	if (!report->log.text || !log) {
		nest_html(out, "p", "unknown", "%s", "It could not be read.");
		return;
	}
	fputs("<table>\n<tr><th>line</th><th>text</th><th>meaning</th></tr>\n", out);
	for (line = report->log.text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		number++;
		if (shown == LINES_MAX || !put_meaning(NULL, log, number)) {
			left++;
			continue;
		}
		shown++;
		fprintf(out, "<tr><td>%u</td>", number);
		nest_html(out, "td", NULL, "%.*s", (int)(end - line), line);
		put_meaning(out, log, number);
		fputs("</tr>\n", out);
	}
	fputs("</table>\n", out);
	nest_html(out, "p", NULL, "%u more line%s about IOMMUs and VFIO: see JSON.", left,
		  nest_plural(left));
}

int nest_html_report(FILE *out, const struct nest_run *run)
{
	const struct nest_report *report = run->found;

	fputs(head, out);
	fputs("<title>vfio-nestctl report</title>\n</head>\n<body>\n"
	      "<h1>vfio-nestctl report</h1>\n",
	      out);
	if (!report || !report->judged) {
		nest_html(out, "p", "unknown", "%s", "Nothing could be read.");
	} else {
		put_facts(out, run);
		nest_html_checks(out, run);
		nest_html_probes(out, run);
		nest_html_tree(out, run);
		nest_html_registers(out, run);
		put_log(out, report);
	}
	put_problems(out, &run->model);
	fputs("</body>\n</html>\n", out);
	return 0;
}
