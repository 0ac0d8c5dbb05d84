// SPDX-License-Identifier: GPL-2.0-or-later
/* What check says, for the page of a report: each finding by itself, with its evidence. */
#include <string.h>

#include "check/check.h"
#include "errnoname.h"
#include "plural.h"
#include "print/html.h"

#define OF_A_RULE_MAX 12 /* findings that are shown of one rule and result */

/* In the order of what a reader has to know; the last two are told in a line each. */
static const enum nest_result order[] = {
	NEST_RESULT_FAIL, NEST_RESULT_UNKNOWN,	      NEST_RESULT_WARN,
	NEST_RESULT_PASS, NEST_RESULT_NOT_APPLICABLE,
};

/* The first line in words, the others to be pasted. */
static void put_remedy(FILE *out, const char *remedy)
{
	size_t len = strcspn(remedy, "\n");

	nest_html(out, "p", NULL, "Fix: %.*s", (int)len, remedy);
	if (!remedy[len])
		return;
	fputs("<pre>", out);
	for (remedy += len + 1; *remedy; remedy += len + (remedy[len] == '\n')) {
		len = strcspn(remedy, "\n");
		nest_html_text(out, "%.*s", (int)len, remedy);
		fputc('\n', out);
	}
	fputs("</pre>\n", out);
}

static void put_evidence(FILE *out, const struct nest_finding *finding)
{
	size_t i;

	if (!finding->nevidence)
		return;
	fputs("<table>\n", out);
	for (i = 0; i < finding->nevidence; i++) {
		const struct nest_evidence *evidence = &finding->evidence[i];

		fputs("<tr>", out);
		nest_html(out, "td", NULL, "%s", evidence->source);
		nest_html(out, "td", NULL, "%s",
			  evidence->value ? evidence->value
			  : evidence->err ? nest_errno_name(evidence->err)
					  : "unknown");
		fputs("</tr>\n", out);
	}
	fputs("</table>\n", out);
}

static void put_title(FILE *out, const struct nest_finding *finding)
{
	nest_html(out, "b", nest_result_name(finding->result), "%s",
		  nest_result_name(finding->result));
	nest_html(out, "code", NULL, "%s%s%s%s", finding->id, *finding->subject ? " (" : "",
		  finding->subject, *finding->subject ? ")" : "");
}

static void put_finding(FILE *out, const struct nest_finding *finding)
{
	fprintf(out, "<section class=\"%s\">\n", nest_result_name(finding->result));
	put_title(out, finding);
	nest_html(out, "p", NULL, "%s", finding->summary);
	if (finding->remedy)
		put_remedy(out, finding->remedy);
	put_evidence(out, finding);
	fputs("</section>\n", out);
}

/* In a line, which has no remedy. */
static void put_briefly(FILE *out, const struct nest_finding *finding)
{
	fputs("<li>", out);
	put_title(out, finding);
	nest_html_text(out, "%s", finding->summary);
	fputs("</li>\n", out);
}

static void put_results(FILE *out, const struct nest_check *check, enum nest_result result)
{
	bool brief = result == NEST_RESULT_PASS || result == NEST_RESULT_NOT_APPLICABLE;
	size_t i, of_rule = 0;
	const char *rule = NULL;

	if (!check->counts[result])
		return;
	if (brief)
		fprintf(out, "<details>\n<summary>%s: %zu</summary>\n<ul>\n",
			nest_result_name(result), check->counts[result]);
	for (i = 0; i <= check->nfindings; i++) {
		const struct nest_finding *finding = &check->findings[i];

		if (i < check->nfindings && finding->result != result)
			continue;
		/* Findings of a rule follow each other. */
		if (i == check->nfindings || finding->id != rule) {
			if (of_rule > OF_A_RULE_MAX)
				nest_html(out, brief ? "li" : "p", NULL, "%zu more of %s: see JSON",
					  of_rule - OF_A_RULE_MAX, rule);
			of_rule = 0;
		}
		if (i == check->nfindings)
			break;
		rule = finding->id;
		if (of_rule++ < OF_A_RULE_MAX)
			(brief ? put_briefly : put_finding)(out, finding);
	}
	if (brief)
		fputs("</ul>\n</details>\n", out);
}

void nest_html_checks(FILE *out, const struct nest_run *run)
{
	static const char *const classes[] = { "pass", "fail", "unknown" };
	const struct nest_report *report = run->found;
	/* What check is asked by default comes first. */
	static const size_t purposes[] = { 1, 0, 2 };
	size_t i, j;

	for (i = 0; i < NEST_REPORT_CHECKS; i++) {
		const struct nest_check *check = &report->checks[purposes[i]];

		nest_html(out, "h2", classes[check->verdict], "%s", check->headline);
		if (check->decided_by)
			nest_html(out, "p", NULL, "%s%s%s", check->decided_by->subject,
				  *check->decided_by->subject ? ": " : "",
				  check->decided_by->summary);
		fprintf(out, "<details%s>\n<summary>", i ? "" : " open=\"open\"");
		nest_html_text(out, "%zu failed, %zu unknown, %zu warning%s, %zu passed",
			       check->counts[NEST_RESULT_FAIL], check->counts[NEST_RESULT_UNKNOWN],
			       check->counts[NEST_RESULT_WARN],
			       nest_plural(check->counts[NEST_RESULT_WARN]),
			       check->counts[NEST_RESULT_PASS]);
		fputs("</summary>\n", out);
		for (j = 0; j < sizeof(order) / sizeof(*order); j++)
			put_results(out, check, order[j]);
		fputs("</details>\n", out);
	}
}
