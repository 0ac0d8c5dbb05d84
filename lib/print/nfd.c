// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check as a feature file of node-feature-discovery's "local" source: a Kubernetes label per line.
 * Pods are placed by labels, so what is unknown has no label: a selector for "true" or "false" then
 * matches neither.
 *
 * Names and values of labels have at most 63 characters: letters, digits and - _ . with a letter
 * or a digit at both ends. A file has at most 64 KiB (documentation of Kubernetes and NFD). NFD
 * accepts this namespace by default; it must be written out.
 */
#include "hw/hw.h"
#include "inventory/inventory.h"
#include "print/print.h"

#include <string.h>

#include "check/check.h"
#include "version.h"

#define PREFIX	  "feature.node.kubernetes.io/"
#define NAME	  "vfio-nestctl."
#define LABEL_MAX 63
#define LETTERS	  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_label(const char *text)
{
	size_t len = strlen(text);

	return len && len <= LABEL_MAX && strspn(text, LETTERS "-_.") == len &&
	       strchr(LETTERS, text[0]) && strchr(LETTERS, text[len - 1]);
}

/* Prints nothing if it is not a valid label. */
static void put(FILE *out, const char *purpose, const char *name, const char *value)
{
	char label[LABEL_MAX + 2];

	if (snprintf(label, sizeof(label), "%s%s%s%s", NAME, purpose ? purpose : "",
		     purpose ? "." : "", name) <= LABEL_MAX &&
	    is_label(label) && is_label(value))
		fprintf(out, "%s%s=%s\n", PREFIX, label, value);
}

static void put_number(FILE *out, const char *purpose, const char *name, size_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%zu", number);
	put(out, purpose, name, text);
}

static void put_tri(FILE *out, const char *purpose, const char *name, enum nest_tri tri)
{
	if (tri != NEST_UNKNOWN)
		put(out, purpose, name, tri == NEST_YES ? "true" : "false");
}

static void put_units(FILE *out, const struct nest_model *model)
{
	size_t counts[] = { 0, 0, 0 }, i;

	for (i = 0; i < model->nunits; i++)
		counts[model->units[i].nesting] += !model->units[i].hw->for_tests;
	if (model->iommu_present == NEST_UNKNOWN)
		return;
	put_number(out, NULL, "units", nest_units_count(model));
	if (counts[NEST_UNKNOWN] || !nest_units_count(model))
		return;
	put(out, NULL, "nesting",
	    !counts[NEST_NO]	? "true"
	    : !counts[NEST_YES] ? "false"
				: "mixed");
	put_number(out, NULL, "units.nesting", counts[NEST_YES]);
}

/* A name can be required more than once: all its requirements must be met. */
static void put_requirement(FILE *out, const struct nest_check *check, size_t at)
{
	const struct nest_requirement *all = check->requirements;
	enum nest_tri met = NEST_YES;
	char name[LABEL_MAX + 2];
	size_t i;

	for (i = 0; i < check->nrequirements; i++) {
		if (strcmp(all[i].name, all[at].name))
			continue;
		if (i < at)
			return;
		if (all[i].result == NEST_RESULT_FAIL)
			met = NEST_NO;
		else if (all[i].result != NEST_RESULT_PASS && met == NEST_YES)
			met = NEST_UNKNOWN;
	}
	if (snprintf(name, sizeof(name), "require.%s", all[at].name) < (int)sizeof(name))
		put_tri(out, check->purpose, name, met);
	if (all[at].found &&
	    snprintf(name, sizeof(name), "found.%s", all[at].name) < (int)sizeof(name))
		put(out, check->purpose, name, all[at].found);
}

static void put_check(FILE *out, const struct nest_check *check)
{
	size_t i;

	put_tri(out, check->purpose, "ready",
		check->verdict == NEST_VERDICT_READY	   ? NEST_YES
		: check->verdict == NEST_VERDICT_NOT_READY ? NEST_NO
							   : NEST_UNKNOWN);
	put_number(out, check->purpose, "findings.fail", check->counts[NEST_RESULT_FAIL]);
	put_number(out, check->purpose, "findings.warn", check->counts[NEST_RESULT_WARN]);
	put_number(out, check->purpose, "findings.unknown", check->counts[NEST_RESULT_UNKNOWN]);
	for (i = 0; i < check->nrequirements; i++)
		put_requirement(out, check, i);
}

int nest_nfd_check(FILE *out, const struct nest_run *run)
{
	const struct nest_check *check = run->found;
	size_t i;

	fputs("# vfio-nestctl check: labels for node-feature-discovery\n", out);
	put(out, NULL, "version", NEST_VERSION);
	put_tri(out, NULL, "iommu", run->model.iommu_present);
	put_units(out, &run->model);
	for (i = 0; i < check->nlabels; i++)
		put(out, NULL, check->labels[i].name, check->labels[i].value);
	if (check->judged)
		put_check(out, check);
	return 0;
}
