// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check for people: the answer first, then each problem with its fix; and the one line of a Nagios
 * plugin.
 */
#include <string.h>

#include "check/check.h"
#include "errnoname.h"
#include "plural.h"
#include "print/human.h"
#include "check/requirements.h"
#include "util.h"

static const struct {
	enum nest_result result;
	const char *word;
	enum nest_paint paint;
	bool always; /* without -v too */
} order[] = {
	{ NEST_RESULT_FAIL, "FAIL", NEST_RED, true },
	{ NEST_RESULT_UNKNOWN, "UNKNOWN", NEST_YELLOW, true },
	{ NEST_RESULT_WARN, "WARN", NEST_YELLOW, true },
	{ NEST_RESULT_PASS, "pass", NEST_GREEN, false },
	{ NEST_RESULT_NOT_APPLICABLE, "n/a", NEST_FAINT, false },
};

static void put_evidence(FILE *out, const struct nest_run *run, const struct nest_finding *finding)
{
	size_t i;

	for (i = 0; i < finding->nevidence; i++) {
		const struct nest_evidence *evidence = &finding->evidence[i];

		nest_fact(out, run, i ? "" : "  evidence", "%s: %s", evidence->source,
			  evidence->value ? evidence->value
			  : evidence->err ? nest_errno_name(evidence->err)
					  : "unknown");
	}
}

static void put_finding(FILE *out, const struct nest_run *run, const struct nest_finding *finding,
			const char *word, enum nest_paint paint)
{
	nest_paint(out, run, paint, "%-7s", word);
	fprintf(out, " %s", finding->id);
	if (*finding->subject)
		nest_out(out, " (%s)", finding->subject);
	fputc('\n', out);
	nest_fact(out, run, "", "%s", finding->summary);
	if (finding->remedy && finding->result != NEST_RESULT_NOT_APPLICABLE)
		nest_human_remedy(out, run, "  fix", "", finding->remedy);
	if (run->options->verbosity > 0)
		put_evidence(out, run, finding);
}

static void put_requirements(FILE *out, const struct nest_run *run, const struct nest_check *check)
{
	size_t i;

	for (i = 0; i < check->nrequirements; i++) {
		const struct nest_requirement *requirement = &check->requirements[i];
		bool met = requirement->result == NEST_RESULT_PASS;

		nest_paint(out, run, met ? NEST_GREEN : NEST_RED, "%-7s",
			   met					     ? "met"
			   : requirement->result == NEST_RESULT_FAIL ? "NOT MET"
								     : "UNKNOWN");
		nest_out(out, " %s%s, %s%s (%s)", requirement->name, requirement->wanted,
			 requirement->found ? "found " : "",
			 requirement->found ? requirement->found : "unknown", requirement->why);
		fputc('\n', out);
	}
}

void nest_requirements_help(FILE *out)
{
	size_t i;

	for (i = 0; nest_requirement_name(i); i++)
		fprintf(out, "  %-19s  %-15s  %s\n", nest_requirement_name(i),
			nest_requirement_values(i), nest_requirement_meaning(i));
}

/* One line, and the counts as performance data. */
static void put_nagios(FILE *out, const struct nest_run *run, const struct nest_check *check)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN", "UNKNOWN" };

	fprintf(out, "VFIO-NESTCTL %s - ", words[run->status]);
	nest_out(out, "%s", check->judged ? check->answer : "the check could not start");
	if (check->judged)
		fprintf(out, " | fail=%zu warn=%zu unknown=%zu pass=%zu",
			check->counts[NEST_RESULT_FAIL], check->counts[NEST_RESULT_WARN],
			check->counts[NEST_RESULT_UNKNOWN], check->counts[NEST_RESULT_PASS]);
	fputc('\n', out);
}

int nest_human_check(FILE *out, const struct nest_run *run)
{
	static const enum nest_paint paints[] = { NEST_GREEN, NEST_RED, NEST_YELLOW };
	const struct nest_check *check = run->found;
	size_t i, j;

	if (check->nagios) {
		put_nagios(out, run, check);
		return 0;
	}
	if (!check->judged)
		return 0;
	nest_paint(out, run, paints[check->verdict], "%s", nest_known(check->answer));
	fputc('\n', out);
	put_requirements(out, run, check);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		for (j = 0; j < check->nfindings; j++)
			if (check->findings[j].result == order[i].result &&
			    (order[i].always || run->options->verbosity > 0))
				put_finding(out, run, &check->findings[j], order[i].word,
					    order[i].paint);
	fprintf(out, "%zu passed, %zu failed, %zu unknown, %zu warning%s%s\n",
		check->counts[NEST_RESULT_PASS], check->counts[NEST_RESULT_FAIL],
		check->counts[NEST_RESULT_UNKNOWN], check->counts[NEST_RESULT_WARN],
		nest_plural(check->counts[NEST_RESULT_WARN]),
		run->options->verbosity > 0 ? "" : " (-v shows all, with evidence)");
	return 0;
}
