// SPDX-License-Identifier: GPL-2.0-or-later
/* The names that may be required, where each is found, and how it is compared. */
#include "inventory/inventory.h"
#include "check/requirements.h"
#include "check/requirements-guest.h"
#include "hw/hw.h"
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *of_tri(enum nest_tri tri)
{
	return tri == NEST_UNKNOWN ? NULL : nest_tri_name(tri);
}

/* ---- where each is found ---- */

static struct nest_found find_iommu(const struct nest_rules_input *in,
				    const struct nest_check *check)
{
	(void)check;
	return (struct nest_found){ .text = of_tri(in->model->iommu_present),
				    .why = "whether there are IOMMU groups",
				    .silent =
					    "whether there are IOMMU groups is not known either" };
}

/* Of the units of hardware: those that nest, and those that do not. */
static void count_units(const struct nest_model *model, size_t *ret_yes, size_t *ret_no)
{
	size_t i;

	*ret_yes = *ret_no = 0;
	for (i = 0; i < model->nunits; i++) {
		const struct nest_unit *unit = &model->units[i];

		*ret_yes += !unit->hw->for_tests && unit->nesting == NEST_YES;
		*ret_no += !unit->hw->for_tests && unit->nesting == NEST_NO;
	}
}

/* What probe decided of all devices: one that does not nest is enough for a no. */
static enum nest_tri decided(const struct nest_rules_input *in)
{
	enum nest_tri all = NEST_YES;
	size_t i;

	for (i = 0; i < in->nprobes && all != NEST_NO; i++)
		if (in->probes[i].decision.nesting != NEST_USABLE)
			all = in->probes[i].decision.nesting == NEST_UNUSABLE ? NEST_NO
									      : NEST_UNKNOWN;
	return all;
}

static enum nest_tri nesting_of(const struct nest_rules_input *in)
{
	enum nest_tri all = NEST_YES;
	size_t i, no = 0, yes = 0;

	if (in->nprobes)
		return decided(in);
	for (i = 0; in->named && i < in->ndevices; i++) {
		const struct nest_unit *unit = nest_device_unit(in->model, in->devices[i]);
		enum nest_tri one = unit ? unit->nesting : NEST_UNKNOWN;

		if (one == NEST_NO || all == NEST_NO)
			all = NEST_NO;
		else if (one == NEST_UNKNOWN)
			all = NEST_UNKNOWN;
	}
	if (in->named)
		return all;
	count_units(in->model, &yes, &no);
	return yes ? NEST_YES
	       : in->model->iommu_present == NEST_NO || (no && no == nest_units_count(in->model))
		       ? NEST_NO
		       : NEST_UNKNOWN;
}

static struct nest_found find_nesting(const struct nest_rules_input *in,
				      const struct nest_check *check)
{
	(void)check;
	return (struct nest_found){ .text = of_tri(nesting_of(in)),
				    .why = in->nprobes ? "what probe decided"
					   : in->named ? "the units in front of the devices"
						       : "the units of the host",
				    .silent = in->nprobes
						      ? "probe could not decide"
						      : "a unit does not tell whether it nests" };
}

static struct nest_found find_units_nesting(const struct nest_rules_input *in,
					    const struct nest_check *check)
{
	size_t yes, no, n = nest_units_count(in->model);

	(void)check;
	count_units(in->model, &yes, &no);
	return (struct nest_found){ .text = yes + no < n || in->model->iommu_present == NEST_UNKNOWN
						    ? NULL
					    : !n || !yes ? "none"
					    : yes == n	 ? "all"
							 : "some",
				    .why = "the units of the host",
				    .silent = "a unit does not tell whether it nests" };
}

static struct nest_found find_units(const struct nest_rules_input *in,
				    const struct nest_check *check)
{
	(void)check;
	return (struct nest_found){ .text = nest_pool_printf(&in->model->pool, "%zu",
							     nest_units_count(in->model)),
				    .why = "/sys/class/iommu" };
}

static struct nest_found find_uapi_version(const struct nest_rules_input *in,
					   const struct nest_check *check)
{
	const struct nest_version *version;

	(void)check;
	if (!in->nprobes)
		return (struct nest_found){ .why = "only an open container tells: --probe" };
	version = &in->probes[0].container.before_set_iommu;
	if (version->status == NEST_VERSION_ANSWERED)
		return (struct nest_found){ .text = nest_pool_printf(&in->model->pool, "%d",
								     version->value),
					    .why = "the version query" };
	return (struct nest_found){ .text = version->status == NEST_VERSION_ABSENT ? "none" : NULL,
				    .why = "the version query",
				    .silent = "the version query had no answer" };
}

static struct nest_found find_abi(const struct nest_rules_input *in, const struct nest_check *check)
{
	const char *abi = NULL;
	enum nest_tri nests;
	size_t i;

	(void)check;
	if (!in->nprobes)
		return (struct nest_found){ .why = "only opening the nodes tells: --probe" };
	nests = decided(in);
	for (i = 0; i < in->nprobes && nests == NEST_YES; i++) {
		const char *one = nest_abi_name(in->probes[i].decision.abi);

		abi = abi && strcmp(abi, one) ? "several" : one;
	}
	return (struct nest_found){ .text = nests == NEST_NO ? "none" : abi,
				    .why = "what probe decided",
				    .silent = "probe could not decide" };
}

static struct nest_found find_kernel(const struct nest_rules_input *in,
				     const struct nest_check *check)
{
	(void)check;
	if (!in->facts->major)
		return (struct nest_found){ .why = "the kernel's release is not known" };
	return (struct nest_found){ .text = nest_pool_printf(&in->model->pool, "%u.%u",
							     in->facts->major, in->facts->minor),
				    .why = "the kernel's release" };
}

/* "yes" if the rule passed for all it was asked of, "no" if it failed for one. */
static struct nest_found of_rule(const struct nest_check *check, const char *id, const char *why)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; i < check->nfindings; i++) {
		if (strcmp(check->findings[i].id, id))
			continue;
		if (check->findings[i].result == NEST_RESULT_FAIL ||
		    check->findings[i].result == NEST_RESULT_WARN)
			return (struct nest_found){ .text = "no", .why = why };
		if (check->findings[i].result == NEST_RESULT_UNKNOWN)
			return (struct nest_found){ .why = why,
						    .silent = "its rule is unknown, too" };
		if (check->findings[i].result == NEST_RESULT_PASS)
			text = "yes";
	}
	return (struct nest_found){ .text = text,
				    .why = text ? why : "no rule had anything to say of it" };
}

static struct nest_found find_interrupts(const struct nest_rules_input *in,
					 const struct nest_check *check)
{
	(void)in;
	return of_rule(check, "interrupts.isolated", "the rule interrupts.isolated");
}

static struct nest_found find_scalable(const struct nest_rules_input *in,
				       const struct nest_check *check)
{
	(void)in;
	return of_rule(check, "vtd.scalable_mode", "the rule vtd.scalable_mode");
}

static struct nest_found find_iommufd(const struct nest_rules_input *in,
				      const struct nest_check *check)
{
	enum nest_module_state state = in->facts->modules[NEST_MODULE_IOMMUFD];

	(void)check;
	return (struct nest_found){ .text = state == NEST_MODULE_UNKNOWN   ? NULL
					    : state == NEST_MODULE_MISSING ? "no"
									   : "yes",
				    .why = "the kernel's modules",
				    .silent = "the kernel's modules cannot be read" };
}

static struct nest_found find_ready(const struct nest_rules_input *in,
				    const struct nest_check *check)
{
	(void)in;
	return (struct nest_found){ .text = check->verdict == NEST_VERDICT_READY       ? "yes"
					    : check->verdict == NEST_VERDICT_NOT_READY ? "no"
										       : NULL,
				    .why = "the rules",
				    .silent = "a rule that decides is unknown" };
}

static struct nest_found find_driver(const struct nest_rules_input *in,
				     const struct nest_check *check)
{
	const char *driver = NULL;
	size_t i;

	(void)check;
	if (!in->named)
		return (struct nest_found){ .why = "no device was named" };
	for (i = 0; i < in->ndevices; i++) {
		const char *one = in->devices[i]->driver	? in->devices[i]->driver
				  : in->devices[i]->have_uevent ? "none"
								: NULL;

		if (!one)
			return (struct nest_found){ .why = "the device's driver is not known" };
		driver = driver && strcmp(driver, one) ? "several" : one;
	}
	return (struct nest_found){ .text = driver, .why = "the devices' drivers" };
}

/* The values a row takes: in words, the message for other values (NULL: none), compared by size? */
#define ONE_OF(words) words, "the value is one of: " words, false
#define YES_NO	      ONE_OF("yes, no")
#define NUMBER	      "number", "the value is a number", true
#define RELEASE	      "release", "the value is a release, such as 6.12", true
#define NAME	      "name", NULL, false

static const struct row {
	const char *name;
	const char *values, *wrong;
	bool number; /* compared by size: "6.10" is more than "6.8" */
	const char *meaning;
	nest_finder *find;
	bool label; /* of the devices that were probed, and the name of a Kubernetes label */
} rows[] = {
	{ "iommu", YES_NO, "an IOMMU is in use", find_iommu, false },
	{ "nesting", YES_NO,
	  "a unit nests; with devices, theirs; with --probe, what the kernel offers", find_nesting,
	  false },
	{ "units", NUMBER, "how many IOMMU units there are", find_units, false },
	{ "units.nesting", ONE_OF("all, some, none"), "which of the units nest", find_units_nesting,
	  false },
	{ "pasid_bits", NUMBER,
	  "width of PASIDs; with devices, what they and their units have in common",
	  nest_find_pasid_bits, false },
	{ "scalable_mode", YES_NO, "scalable mode is on", find_scalable, false },
	{ "interrupt_remapping", YES_NO, "interrupts are remapped", find_interrupts, false },
	{ "kernel", RELEASE, "the kernel's release", find_kernel, false },
	{ "iommufd", YES_NO, "iommufd is in this kernel or can be loaded", find_iommufd, false },
	{ "abi", ONE_OF("iommufd, nesting-op, rfc-version, none"),
	  "the interface that nests (with --probe)", find_abi, false },
	{ "uapi_version", NUMBER, "answer to the version query of 2020 (with --probe)",
	  find_uapi_version, false },
	{ "driver", NAME, "the devices' driver", find_driver, false },
	{ "oas", NUMBER, "output address bits of the SMMUv3 (with --probe)", nest_find_oas, true },
	{ "ssidsize", NUMBER, "PASID bits of the SMMUv3 that the device can use (with --probe)",
	  nest_find_ssidsize, true },
	{ "ril", YES_NO, "the SMMUv3 invalidates ranges (with --probe)", nest_find_ril, true },
	{ "ats", YES_NO, "the device can use ATS here (with --probe)", nest_find_ats, true },
	{ "viommu", YES_NO, "the kernel allocates a nested table on a vIOMMU (with --probe)",
	  nest_find_viommu, true },
	{ "ready", YES_NO, "the verdict of the rules", find_ready, false },
};

#define NROWS (ARRAY_SIZE(rows))

int nest_parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	unsigned long long number;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (errno || !number || (*end && (!unit || !*unit)))
		return -EINVAL;
	if (unit && end[1] && strcasecmp(end + 1, "iB") && strcasecmp(end + 1, "B"))
		return -EINVAL;
	if (unit && number >> (50 - 10 * (unit - units + 1)))
		return -ERANGE;
	if (!unit && number >> 50)
		return -ERANGE;
	*ret_bytes = unit ? number << (10 * (unit - units + 1)) : number;
	return 0;
}

const char *nest_requirement_name(size_t i)
{
	return i < NROWS ? rows[i].name : NULL;
}

const char *nest_requirement_values(size_t i)
{
	return i < NROWS ? rows[i].values : NULL;
}

const char *nest_requirement_meaning(size_t i)
{
	return i < NROWS ? rows[i].meaning : NULL;
}

/* ---- the text ---- */

struct parsed {
	const struct row *row;
	char op[3];
	const char *value; /* in the text; NULL: only a name */
};

/* Is the word in the list "all, some, none"? */
static bool is_listed(const char *list, const char *word)
{
	size_t len = strlen(word), n;

	for (;; list += n + 2) {
		n = strcspn(list, ",");
		if (n == len && !strncmp(list, word, n))
			return true;
		if (!list[n])
			return false;
	}
}

static const char *parse(const char *text, struct parsed *ret)
{
	size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz_."), i, len;
	const char *at = text + name + strspn(text + name, " \t");

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < NROWS; i++)
		if (strlen(rows[i].name) == name && !strncmp(rows[i].name, text, name))
			ret->row = &rows[i];
	if (!ret->row)
		return "no such name (--require help lists them)";
	/* The name alone means "=yes". */
	if (!*at)
		return is_listed(ret->row->values, "yes") ? NULL
							  : "an operator and a value are missing";
	len = strspn(at, "=!<>");
	if (!len || len > 2 || (len == 1 && *at == '!'))
		return "the operator is one of = != >= <= > <";
	memcpy(ret->op, at, len);
	if (!strcmp(ret->op, "=="))
		ret->op[1] = '\0';
	if (strcmp(ret->op, "=") && strcmp(ret->op, "!=") && strcmp(ret->op, ">=") &&
	    strcmp(ret->op, "<=") && strcmp(ret->op, ">") && strcmp(ret->op, "<"))
		return "the operator is one of = != >= <= > <";
	ret->value = at + len + strspn(at + len, " \t");
	if (!*ret->value)
		return "a value is missing";
	if (strlen(ret->value) > 64)
		return "the value is too long";
	if (ret->row->number ? !isdigit((unsigned char)*ret->value) ||
				       ret->value[strspn(ret->value, "0123456789.")]
			     : ret->row->wrong && !is_listed(ret->row->values, ret->value))
		return ret->row->wrong;
	if (!ret->row->number && (*ret->op == '<' || *ret->op == '>'))
		return "this is no number: the operator is = or !=";
	return NULL;
}

const char *nest_requirement_flaw(const char *text)
{
	struct parsed parsed;

	return parse(text, &parsed);
}

/* ---- the comparison ---- */

/* By the numbers between the dots. */
static int compare(const char *a, const char *b)
{
	char *end_a, *end_b;

	for (;;) {
		unsigned long left = strtoul(a, &end_a, 10), right = strtoul(b, &end_b, 10);

		if (left != right)
			return left < right ? -1 : 1;
		if (*end_a != '.' && *end_b != '.')
			return 0;
		a = *end_a == '.' ? end_a + 1 : "0";
		b = *end_b == '.' ? end_b + 1 : "0";
	}
}

static bool holds(const struct parsed *want, const char *op, const char *value, const char *found)
{
	bool number = want->row->number && isdigit((unsigned char)*found);
	int order = number ? compare(found, value) : strcmp(found, value);

	/* "none" is less than any number. */
	if (want->row->number && !number)
		return !strcmp(op, "!=");
	if (!strcmp(op, "="))
		return !order;
	if (!strcmp(op, "!="))
		return order;
	if (op[1] == '=' && !order)
		return true;
	return *op == '>' ? order > 0 : order < 0;
}

/* What a pod's guest can be given, found without being required. */
static void find_labels(const struct nest_rules_input *in, struct nest_check *check)
{
	size_t i;

	for (i = 0; in->nprobes && in->probes[0].device && i < NROWS; i++)
		if (rows[i].label && check->nlabels < ARRAY_SIZE(check->labels)) {
			struct nest_found found = rows[i].find(in, check);

			if (found.text)
				check->labels[check->nlabels++] =
					(struct nest_label){ rows[i].name, found.text };
		}
}

int nest_requirements_judge(const struct nest_rules_input *in, const char *const *texts,
			    size_t ntexts, struct nest_check *check)
{
	struct nest_pool *pool = &in->model->pool;
	struct nest_requirement *all = ntexts ? calloc(ntexts, sizeof(*all)) : NULL;
	size_t i;

	if (ntexts && !all)
		return -ENOMEM;
	find_labels(in, check);
	check->requirements = all;
	for (i = 0; i < ntexts; i++) {
		struct parsed parsed;
		struct nest_found found;
		const char *op, *value;

		if (parse(texts[i], &parsed))
			continue; /* refused before */
		op = parsed.value ? parsed.op : "=";
		value = parsed.value ? parsed.value : "yes";
		found = parsed.row->find(in, check);
		all[check->nrequirements++] = (struct nest_requirement){
			.text = texts[i],
			.name = parsed.row->name,
			.wanted = nest_pool_printf(pool, "%s%s", op, value),
			.found = found.text,
			.result = !found.text				  ? NEST_RESULT_UNKNOWN
				  : holds(&parsed, op, value, found.text) ? NEST_RESULT_PASS
									  : NEST_RESULT_FAIL,
			.why = nest_pool_printf(
				pool, found.text ? "%s: from %s" : "%s is not known: %s",
				parsed.row->name,
				!found.text && found.silent ? found.silent : found.why),
		};
	}
	return 0;
}

int nest_policy_parse(struct nest_pool *pool, char *text, const char **ret_texts,
		      size_t *ret_ntexts, unsigned int *ret_line, const char **ret_flaw)
{
	char *line, *rest = text;

	*ret_line = 0;
	while ((line = strsep(&rest, "\n"))) {
		size_t len;

		++*ret_line;
		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t\r");
		for (len = strlen(line); len && isspace((unsigned char)line[len - 1]);)
			line[--len] = '\0';
		if (!len)
			continue;
		*ret_flaw = nest_requirement_flaw(line);
		if (*ret_flaw)
			return -EINVAL;
		if (*ret_ntexts == NEST_REQUIREMENTS_MAX)
			return -E2BIG;
		ret_texts[*ret_ntexts] = nest_pool_str(pool, line);
		if (!ret_texts[(*ret_ntexts)++])
			return -ENOMEM;
	}
	return 0;
}
