// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check for people: the answer first, then each problem with its fix; and the one line of a Nagios
 * plugin.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "errnoname.h"
#include "plural.h"
#include "print/human.h"
#include "check/requirements.h"
#include "util.h"

#define HEADING_INDENT 8

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

/* What the answer gives as its reason; NULL: none, or it is about requirements. */
static const struct nest_finding *reason_of(const struct nest_check *check)
{
	return check->nrequirements ? NULL : check->decided_by;
}

/* Finding i is shown here: it is the leader, or shown with it. With -v each is by itself. */
static bool is_here(const struct nest_run *run, size_t i, size_t leader)
{
	const struct nest_check *check = run->found;

	return run->options->verbosity > 0 ? i == leader : check->findings[i].with == leader;
}

/* "kernel.vfio, kernel.vfio_pci" and "(dmar0, dmar1)": each rule, and on two lines the subjects. */
static void put_heading(FILE *out, const struct nest_run *run, size_t leader)
{
	const struct nest_check *check = run->found;
	struct nest_names ids = { 0 }, subjects = { 0 };
	size_t i, room = 2 * (nest_width(out) - HEADING_INDENT), taken;
	char *rules, *about;
	int err = 0;

	for (i = leader; !err && i < check->nfindings; i++) {
		if (!is_here(run, i, leader))
			continue;
		err = nest_names_add(&ids, check->findings[i].id);
		if (!err && *check->findings[i].subject)
			err = nest_names_add(&subjects, check->findings[i].subject);
	}
	rules = nest_names_text(&ids, SIZE_MAX);
	taken = strlen(nest_known(rules)) + strlen(" ()");
	about = subjects.n ? nest_names_text(&subjects, room > taken ? room - taken : 0) : NULL;
	nest_wrap(out, HEADING_INDENT - 1, "%s%s%s%s", nest_known(rules), about ? " (" : "",
		  about ? about : "", about ? ")" : "");
	free(rules);
	free(about);
	nest_names_free(&ids);
	nest_names_free(&subjects);
}

/* The rule that speaks for those shown together: the first about a unit, group or device. */
static const char *speaker_of(const struct nest_run *run, size_t leader)
{
	const struct nest_check *check = run->found;
	size_t i;

	for (i = leader; i < check->nfindings; i++)
		if (is_here(run, i, leader) && *check->findings[i].subject)
			return check->findings[i].id;
	return check->findings[leader].id;
}

/* Is it another rule's, or does an earlier one say the same? */
static bool is_said(const struct nest_run *run, size_t i, size_t leader, const char *speaker)
{
	const struct nest_check *check = run->found;
	const struct nest_finding *finding = &check->findings[i];
	size_t j;

	for (j = leader; j < i; j++)
		if (is_here(run, j, leader) && check->findings[j].id == speaker &&
		    !strcmp(check->findings[j].summary, finding->summary))
			return true;
	return finding->id != speaker;
}

/* Does the heading name one subject, or none? */
static bool is_of_one(const struct nest_run *run, size_t leader)
{
	const struct nest_check *check = run->found;
	size_t i;

	for (i = leader; i < check->nfindings; i++)
		if (is_here(run, i, leader) &&
		    strcmp(check->findings[i].subject, check->findings[leader].subject))
			return false;
	return true;
}

/* "dmar2, dmar3 and 37 more: its registers could not be read": of which this is true. */
static void put_summary_of(FILE *out, const struct nest_run *run, size_t i, size_t leader)
{
	const struct nest_check *check = run->found;
	const struct nest_finding *said = &check->findings[i];
	struct nest_names subjects = { 0 };
	size_t j;
	char *text;
	int err = 0;

	for (j = i; !err && j < check->nfindings; j++)
		if (is_here(run, j, leader) && check->findings[j].id == said->id &&
		    !strcmp(check->findings[j].summary, said->summary))
			err = nest_names_add(&subjects, check->findings[j].subject);
	text = nest_names_text(&subjects, nest_width(out));
	if (is_of_one(run, leader))
		nest_fact(out, run, "", "%s", said->summary);
	else
		nest_fact(out, run, "", "%s%s%s", nest_known(text), *said->subject ? ": " : "",
			  said->summary);
	free(text);
	nest_names_free(&subjects);
}

/* How many sentences a finding and those shown with it need, and the last of them. */
static size_t count_said(const struct nest_run *run, size_t leader, const struct nest_finding **ret)
{
	const struct nest_check *check = run->found;
	const char *speaker = speaker_of(run, leader);
	size_t i, n = 0;

	for (i = leader; i < check->nfindings; i++)
		if (is_here(run, i, leader) && !is_said(run, i, leader, speaker)) {
			*ret = &check->findings[i];
			n++;
		}
	return n;
}

/* One sentence where one will do, and none if it is the answer; else each with its subject. */
static void put_summaries(FILE *out, const struct nest_run *run, size_t leader)
{
	const struct nest_check *check = run->found;
	const char *speaker = speaker_of(run, leader);
	const struct nest_finding *said = NULL;
	size_t i, n = count_said(run, leader, &said);
	bool rules = false;

	for (i = leader; i < check->nfindings; i++)
		rules = rules || (is_here(run, i, leader) && check->findings[i].id != speaker);
	if (n == 1 && rules && said->cause && !*said->subject)
		nest_fact(out, run, "", "%s", said->cause);
	else if (n == 1 && (said != reason_of(check) || run->options->verbosity > 0))
		nest_fact(out, run, "", "%s", said->summary);
	for (i = leader; n > 1 && i < check->nfindings; i++)
		if (is_here(run, i, leader) && !is_said(run, i, leader, speaker))
			put_summary_of(out, run, i, leader);
}

static size_t clause_of(const char *remedy)
{
	size_t len = strcspn(remedy, "\n");

	return len && remedy[len - 1] == ':' ? len - 1 : len;
}

static bool same_clause(const char *a, const char *b)
{
	return a && b && clause_of(a) == clause_of(b) && !strncmp(a, b, clause_of(a));
}

static bool same_remedy(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* Has a finding before this one, under the same heading, such a remedy? */
static bool was_said(const struct nest_run *run, size_t leader, size_t finding,
		     bool (*same)(const char *a, const char *b))
{
	const struct nest_check *check = run->found;
	size_t i;

	for (i = leader; i < finding; i++)
		if (is_here(run, i, leader) &&
		    same(check->findings[i].remedy, check->findings[finding].remedy))
			return true;
	return false;
}

/* Each remedy once; the commands of those with the same words stand together. */
static void put_remedies(FILE *out, const struct nest_run *run, size_t leader)
{
	const struct nest_check *check = run->found;
	const char *label = "  fix";
	size_t i, j;

	for (i = leader; i < check->nfindings; i++) {
		const char *remedy = check->findings[i].remedy;

		if (!remedy || !is_here(run, i, leader) || was_said(run, leader, i, same_clause))
			continue;
		nest_human_remedy(out, run, label, "", remedy);
		label = "";
		for (j = i + 1; j < check->nfindings; j++) {
			const char *more = check->findings[j].remedy;

			if (is_here(run, j, leader) && same_clause(more, remedy) &&
			    !was_said(run, leader, j, same_remedy) && strchr(more, '\n'))
				nest_human_commands(out, run, strchr(more, '\n') + 1);
		}
	}
}

static void put_finding(FILE *out, const struct nest_run *run, size_t leader, const char *word,
			enum nest_paint paint)
{
	const struct nest_check *check = run->found;
	size_t i;

	nest_paint(out, run, paint, "%-7s", word);
	put_heading(out, run, leader);
	put_summaries(out, run, leader);
	if (check->findings[leader].result != NEST_RESULT_NOT_APPLICABLE)
		put_remedies(out, run, leader);
	for (i = leader; run->options->verbosity > 0 && i < check->nfindings; i++)
		if (is_here(run, i, leader))
			put_evidence(out, run, &check->findings[i]);
}

/* What changes nothing, in one line: which rules, and why. */
static void put_moot(FILE *out, const struct nest_run *run)
{
	const struct nest_check *check = run->found;
	struct nest_names ids = { 0 };
	bool final = false;
	char *text;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < check->nfindings; i++) {
		final = final ||
			(check->findings[i].final && check->findings[i].result == NEST_RESULT_FAIL);
		if (check->findings[i].moot)
			err = nest_names_add(&ids, check->findings[i].id);
	}
	text = ids.n ? nest_names_text(&ids, SIZE_MAX) : NULL;
	if (ids.n && final)
		nest_fact(out, run, "moot", "the answer for %s does not depend on: %s",
			  check->purpose, nest_known(text));
	else if (ids.n)
		nest_fact(out, run, "moot", "to be looked at once an IOMMU is in use: %s",
			  nest_known(text));
	free(text);
	nest_names_free(&ids);
}

/* What the log tells of other devices than those that were named, in one line. */
static void put_elsewhere(FILE *out, const struct nest_run *run)
{
	const struct nest_check *check = run->found;
	struct nest_names names = { 0 };
	size_t i;
	char *text;
	int err = 0;

	for (i = 0; !err && i < check->nfindings; i++)
		if (check->findings[i].elsewhere)
			err = nest_names_add(&names, check->findings[i].elsewhere);
	text = names.n ? nest_names_text(&names, nest_width(out)) : NULL;
	if (names.n)
		nest_fact(out, run, "others", "the log has warnings of other devices, too: %s",
			  nest_known(text));
	free(text);
	nest_names_free(&names);
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

/* One line, and the counts as performance data; or why there is no answer. */
static void put_nagios(FILE *out, const struct nest_run *run, const struct nest_check *check)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN", "UNKNOWN" };
	const struct nest_model *model = &run->model;
	const struct nest_problem *problem =
		model->nproblems ? &model->problems[model->nproblems - 1] : NULL;

	fprintf(out, "VFIO-NESTCTL %s - ", words[run->status]);
	if (check->judged)
		nest_out(out, "%s", check->answer);
	else if (problem)
		nest_out(out, "%s %s%s%s", problem->where, problem->what, problem->err ? ": " : "",
			 problem->err ? strerror(problem->err) : "");
	else
		fputs("the check could not start", out);
	if (check->judged)
		fprintf(out, " | fail=%zu warn=%zu unknown=%zu pass=%zu",
			check->counts[NEST_RESULT_FAIL], check->counts[NEST_RESULT_WARN],
			check->counts[NEST_RESULT_UNKNOWN], check->counts[NEST_RESULT_PASS]);
	fputc('\n', out);
}

/* Leads those that are shown with it. With -v all are shown, moot or not. */
static bool is_listed(const struct nest_run *run, size_t i)
{
	const struct nest_check *check = run->found;

	return run->options->verbosity > 0 ||
	       (check->findings[i].with == i && !check->findings[i].moot &&
		!check->findings[i].elsewhere);
}

/* Is what decided told again below, as one of several or because all is shown? */
static bool is_repeated(const struct nest_run *run, const struct nest_finding *why)
{
	const struct nest_finding *said;

	return run->options->verbosity > 0 || count_said(run, why->with, &said) > 1;
}

/*
 * The verdict alone on its line, and below it why: a clause is enough where the whole follows.
 * Requirements have lines of their own.
 */
static void put_answer(FILE *out, const struct nest_run *run)
{
	static const enum nest_paint paints[] = { NEST_GREEN, NEST_RED, NEST_YELLOW };
	const struct nest_check *check = run->found;
	const struct nest_finding *why = reason_of(check);
	const char *rest;

	nest_paint(out, run, paints[check->verdict], "%s",
		   nest_known(why ? check->headline : check->answer));
	fputc('\n', out);
	if (!why)
		return;
	rest = is_repeated(run, why) ? strstr(why->summary, "; ") : NULL;
	nest_fact(out, run, "because", "%s%s%.*s", why->subject, *why->subject ? ": " : "",
		  (int)(rest ? (size_t)(rest - why->summary) : strlen(why->summary)), why->summary);
}

int nest_human_check(FILE *out, const struct nest_run *run)
{
	const struct nest_check *check = run->found;
	size_t i, j;

	if (check->nagios) {
		put_nagios(out, run, check);
		return 0;
	}
	if (!check->judged)
		return 0;
	put_answer(out, run);
	put_requirements(out, run, check);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		for (j = 0; j < check->nfindings; j++)
			if (check->findings[j].result == order[i].result && is_listed(run, j) &&
			    (order[i].always || run->options->verbosity > 0))
				put_finding(out, run, j, order[i].word, order[i].paint);
	if (run->options->verbosity <= 0) {
		put_elsewhere(out, run);
		put_moot(out, run);
	}
	if (check->next && check->verdict == NEST_VERDICT_READY)
		nest_human_remedy(out, run, "next", "", check->next);
	fprintf(out, "%zu passed, %zu failed, %zu unknown, %zu warning%s%s\n",
		check->counts[NEST_RESULT_PASS], check->counts[NEST_RESULT_FAIL],
		check->counts[NEST_RESULT_UNKNOWN], check->counts[NEST_RESULT_WARN],
		nest_plural(check->counts[NEST_RESULT_WARN]),
		run->options->verbosity > 0 ? "" : " (-v shows all, with evidence)");
	return 0;
}
