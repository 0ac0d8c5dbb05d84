// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check as metrics in Prometheus' text format. A gauge is 1 or 0 only where the answer is known;
 * what is unknown is absent, and counted. Every series has the purpose as a label, so that the
 * files of several purposes can be in one folder. Two samples of one series would break the scrape
 * of the whole folder, so none is written twice, whatever names the host has.
 */
#include "hw/hw.h"
#include "print/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "pool.h"
#include "print/quote.h"
#include "version.h"
#include "util.h"

#define FINDINGS_MAX 256 /* series of single findings; the rest is counted only */

struct label {
	const char *name, *value; /* a NULL value leaves the label out, a NULL name ends them */
};

/* clang-format off */
#define LABELS(...) ((const struct label[]){__VA_ARGS__, {NULL, NULL}})
/* clang-format on */

struct metrics {
	FILE *out;
	const struct nest_model *model;
	const struct nest_check *check;
	char **seen;
	size_t nseen;
	bool broken; /* memory ran out */
};

static void begin(const struct metrics *metrics, const char *name, const char *help)
{
	fprintf(metrics->out, "# HELP vfio_nestctl_%s %s\n# TYPE vfio_nestctl_%s gauge\n", name,
		help, name);
}

/* name{purpose="…",…}; to be freed, NULL when memory is out. */
static char *series(const struct metrics *metrics, const char *name, const struct label *labels)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "vfio_nestctl_%s{purpose=\"", name);
	nest_put(out, NEST_QUOTED, metrics->check->purpose);
	for (; labels && labels->name; labels++) {
		if (!labels->value)
			continue;
		fprintf(out, "\",%s=\"", labels->name);
		nest_put(out, NEST_QUOTED, labels->value);
	}
	fputs("\"}", out);
	return fclose(out) ? (free(text), NULL) : text;
}

/* False if this series was written before. */
static bool put_sample(struct metrics *metrics, const char *name, const struct label *labels,
		       size_t value)
{
	char *text = series(metrics, name, labels), **slot;
	size_t i;

	for (i = 0; text && i < metrics->nseen; i++)
		if (!strcmp(metrics->seen[i], text)) {
			free(text);
			return false;
		}
	slot = text ? nest_array_add((void **)&metrics->seen, metrics->nseen, sizeof(*slot)) : NULL;
	if (!slot) {
		free(text);
		metrics->broken = true;
		return false;
	}
	*slot = text;
	metrics->nseen++;
	fprintf(metrics->out, "%s %zu\n", text, value);
	return true;
}

static void put_info(struct metrics *metrics)
{
	const struct nest_host *host = &metrics->model->host;

	begin(metrics, "info", "Version of the tool, and kernel of the host.");
	put_sample(metrics, "info",
		   LABELS({ "version", NEST_VERSION }, { "kernel", host->kernel },
			  { "machine", host->machine }),
		   1);
}

static void put_verdict(struct metrics *metrics)
{
	enum nest_verdict verdict = metrics->check->verdict, i;

	begin(metrics, "verdict", "1 for the verdict, 0 for the others.");
	for (i = NEST_VERDICT_READY; i <= NEST_VERDICT_UNKNOWN; i++)
		put_sample(metrics, "verdict", LABELS({ "verdict", nest_verdict_name(i) }),
			   i == verdict);
	begin(metrics, "ready",
	      "1 if the host is ready for the purpose, 0 if not, absent if unknown.");
	if (verdict != NEST_VERDICT_UNKNOWN)
		put_sample(metrics, "ready", NULL, verdict == NEST_VERDICT_READY);
}

static void put_units(struct metrics *metrics)
{
	const struct nest_model *model = metrics->model;
	size_t counts[] = { 0, 0, 0 }, i;

	begin(metrics, "unit_nests",
	      "1 if the hardware of the IOMMU unit nests, 0 if not, absent if unknown.");
	for (i = 0; i < model->nunits; i++) {
		const struct nest_unit *unit = &model->units[i];

		if (unit->hw->for_tests)
			continue;
		counts[unit->nesting]++;
		if (unit->nesting != NEST_UNKNOWN)
			put_sample(metrics, "unit_nests",
				   LABELS({ "unit", unit->name }, { "kind", unit->hw->name }),
				   unit->nesting == NEST_YES);
	}
	if (!metrics->check->judged)
		return;
	begin(metrics, "units", "IOMMU units by whether their hardware nests.");
	for (i = NEST_UNKNOWN; i <= NEST_YES; i++)
		put_sample(metrics, "units", LABELS({ "nests", nest_tri_name((enum nest_tri)i) }),
			   counts[i]);
}

static void put_requirements(struct metrics *metrics)
{
	static const enum nest_result results[] = { NEST_RESULT_PASS, NEST_RESULT_FAIL,
						    NEST_RESULT_UNKNOWN };
	const struct nest_check *check = metrics->check;
	size_t counts[NEST_RESULTS] = { 0 }, i;

	begin(metrics, "requirement_met",
	      "1 if the requirement is met, 0 if not, absent if unknown.");
	for (i = 0; i < check->nrequirements; i++) {
		const struct nest_requirement *requirement = &check->requirements[i];

		counts[requirement->result]++;
		if (requirement->result != NEST_RESULT_UNKNOWN)
			put_sample(metrics, "requirement_met",
				   LABELS({ "requirement", requirement->text }),
				   requirement->result == NEST_RESULT_PASS);
	}
	begin(metrics, "requirements", "Requirements by result.");
	for (i = 0; i < ARRAY_SIZE(results); i++)
		put_sample(metrics, "requirements",
			   LABELS({ "result", nest_result_name(results[i]) }), counts[results[i]]);
}

static void put_findings(struct metrics *metrics)
{
	static const enum nest_result told[] = { NEST_RESULT_FAIL, NEST_RESULT_UNKNOWN,
						 NEST_RESULT_WARN };
	const struct nest_check *check = metrics->check;
	size_t written = 0, omitted = 0, i, j;

	begin(metrics, "findings", "Findings by result.");
	for (i = 0; i < NEST_RESULTS; i++)
		put_sample(metrics, "findings",
			   LABELS({ "result", nest_result_name((enum nest_result)i) }),
			   check->counts[i]);
	begin(metrics, "finding",
	      "1 for each finding that is not a pass; at most 256, failures first.");
	for (i = 0; i < ARRAY_SIZE(told); i++)
		for (j = 0; j < check->nfindings; j++) {
			const struct nest_finding *finding = &check->findings[j];

			if (finding->result != told[i])
				continue;
			if (written == FINDINGS_MAX)
				omitted++;
			else if (put_sample(metrics, "finding",
					    LABELS({ "id", finding->id },
						   { "kind", nest_subject_name(finding->kind) },
						   { "subject", finding->subject },
						   { "result", nest_result_name(finding->result) }),
					    1))
				written++;
		}
	begin(metrics, "findings_omitted",
	      "Findings without a series of their own: there are too many.");
	put_sample(metrics, "findings_omitted", NULL, omitted);
}

int nest_prometheus_check(FILE *out, const struct nest_run *run)
{
	const struct nest_check *check = run->found;
	struct metrics metrics = {
		.out = out,
		.model = &run->model,
		.check = check,
	};
	size_t i;

	put_info(&metrics);
	put_verdict(&metrics);
	put_units(&metrics);
	if (check->judged) {
		put_requirements(&metrics);
		put_findings(&metrics);
	}
	begin(&metrics, "problems", "Things that could not be read or are inconsistent.");
	put_sample(&metrics, "problems", NULL, run->model.nproblems);
	for (i = 0; i < metrics.nseen; i++)
		free(metrics.seen[i]);
	free(metrics.seen);
	return metrics.broken ? -ENOMEM : 0;
}
