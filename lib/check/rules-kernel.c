// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about what this kernel release offers on the kinds of IOMMU that are here. */
#include <errno.h>
#include <string.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "remedy.h"

static bool is_before(const struct nest_facts *facts, unsigned int major, unsigned int minor)
{
	return facts->major < major || (facts->major == major && facts->minor < minor);
}

/* The option that nesting needs: 'y', 'm', 'n', 0 for not known. */
static char option_of(const struct nest_facts *facts, const struct nest_hw *hw)
{
	return hw->symbol && !hw->symbol_shown ? nest_facts_option(facts, hw->symbol) : 'y';
}

/* Is this a release whose drivers were read? */
static bool is_looked_at(const struct nest_facts *facts)
{
	return is_before(facts, NEST_HW_LOOKED_AT_MAJOR, NEST_HW_LOOKED_AT_MINOR + 1);
}

/* Does this kernel offer nested tables on that kind of IOMMU? */
static enum nest_tri kernel_nests(const struct nest_facts *facts, const struct nest_hw *hw)
{
	bool known = is_looked_at(facts);
	char option = option_of(facts, hw);

	if (!hw->major)
		return (known && hw->no_kernel) || option == 'n' ? NEST_NO : NEST_UNKNOWN;
	if (is_before(facts, hw->major, hw->minor) || option == 'n')
		return NEST_NO;
	return option ? NEST_YES : NEST_UNKNOWN;
}

enum nest_tri nest_judge_kernel_nests(const struct nest_judge *judge, const struct nest_hw *hw)
{
	return judge->in->facts->major ? kernel_nests(judge->in->facts, hw) : NEST_UNKNOWN;
}

/* No release that was read nests on this kind. */
static void say_no_release(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const char *release = judge->in->model->host.kernel;

	if (nests == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s offers user space no nesting on this IOMMU: %s", release,
			       hw->no_kernel);
	else
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "whether Linux %s nests on this kind of IOMMU (%s) is not known to "
			       "this tool, which knows kernels up to %u.%u",
			       release, hw->name, NEST_HW_LOOKED_AT_MAJOR, NEST_HW_LOOKED_AT_MINOR);
	nest_judge_saw(judge, "uname -r", release, 0);
	if (nests != NEST_NO) {
		nest_judge_cause(judge, "nesting of a unit is decided by kind");
		nest_judge_ask_kind(judge, hw);
		return;
	}
	nest_judge_final(judge);
	nest_judge_remedy(judge, "%s",
			  nest_judge_in_guest(judge) ? NEST_REMEDY_HOST : hw->other_machine);
}

static void saw_option(struct nest_judge *judge, const char *symbol)
{
	const struct nest_facts *facts = judge->in->facts;
	char option = nest_facts_option(facts, symbol);

	nest_judge_saw(judge, facts->config.path ? facts->config.path : "kernel configuration",
		       option ? nest_judge_text(judge, "%s: %c", symbol, option) : NULL,
		       facts->config.err);
}

static void say_option(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const char *release = judge->in->model->host.kernel;

	if (nests == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s offers user space no nesting: it was built without %s",
			       release, hw->symbol);
	else if (nests == NEST_UNKNOWN)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "Linux %s can offer nested tables through iommufd if it was built "
			       "with %s, which is unknown",
			       release, hw->symbol);
	else
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "Linux %s can offer nested tables through iommufd", release);
	nest_judge_saw(judge, "uname -r", release, 0);
	if (hw->symbol && !hw->symbol_shown)
		saw_option(judge, hw->symbol);
	if (nests == NEST_NO && hw->option_remedy)
		nest_judge_remedy(judge, "%s", hw->option_remedy);
	else if (nests == NEST_NO)
		nest_judge_remedy(judge, "use a kernel with %s", hw->symbol);
	else if (nests == NEST_UNKNOWN)
		nest_judge_ask_kind(judge, hw);
}

static void say_kernel(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const char *release = judge->in->model->host.kernel;

	if (!hw->major && !(nests == NEST_NO && !is_looked_at(judge->in->facts))) {
		say_no_release(judge, hw, nests);
	} else if (hw->major && is_before(judge->in->facts, hw->major, hw->minor)) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s offers user space no nesting, which came with %u.%u (a "
			       "vendor's kernel may have an older interface: --probe asks)",
			       release, hw->major, hw->minor);
		nest_judge_saw(judge, "uname -r", release, 0);
		nest_judge_remedy(judge, "use Linux %u.%u or later with CONFIG_IOMMUFD%s%s",
				  hw->major, hw->minor,
				  hw->symbol && !hw->symbol_shown ? " and " : "",
				  hw->symbol && !hw->symbol_shown ? hw->symbol : "");
	} else {
		say_option(judge, hw, nests);
	}
}

static int weight_of(enum nest_tri tri)
{
	return tri == NEST_YES ? 3 : tri == NEST_UNKNOWN ? 2 : 1;
}

/*
 * The kind of IOMMU that is best off with this kernel. What is enough for one unit here is enough:
 * the others have rules of their own. NULL: no unit counts.
 */
static const struct nest_hw *best_kind(const struct nest_judge *judge,
				       enum nest_tri (*offers)(const struct nest_facts *facts,
							       const struct nest_hw *hw),
				       enum nest_tri *ret_answer)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_hw *best = NULL;
	size_t i;

	for (i = 0; i < model->nunits; i++) {
		enum nest_tri one = offers(judge->in->facts, model->units[i].hw);

		if (!nest_judge_unit_counts(judge, i))
			continue;
		if (!best || weight_of(one) > weight_of(*ret_answer)) {
			best = model->units[i].hw;
			*ret_answer = one;
		}
	}
	return best;
}

static void say_no_release_known(struct nest_judge *judge)
{
	nest_judge_say(judge, NEST_RESULT_UNKNOWN, "the release of the kernel is unknown");
	nest_judge_saw(judge, "/proc/sys/kernel/osrelease", NULL, 0);
}

static void say_no_unit(struct nest_judge *judge)
{
	nest_judge_say(judge, NEST_RESULT_UNKNOWN,
		       "cannot determine what this kernel offers: sysfs shows no IOMMU unit%s",
		       judge->in->named ? " in front of the device" : "");
	nest_judge_saw(judge, "/sys/class/iommu", NULL,
		       judge->in->model->units_err ? judge->in->model->units_err : ENOENT);
}

static void nesting_abi_rule(struct nest_judge *judge)
{
	const struct nest_hw *best;
	enum nest_tri answer = NEST_UNKNOWN;

	if (nest_judge_no_iommu(judge))
		return;
	if (judge->in->nprobes) {
		nest_judge_skip(judge, "probe.nesting asked the kernel itself");
		return;
	}
	if (!judge->in->facts->major) {
		say_no_release_known(judge);
		return;
	}
	best = best_kind(judge, kernel_nests, &answer);
	if (best)
		say_kernel(judge, best, answer);
	else
		say_no_unit(judge);
}

/* ---- shared virtual addressing ---- */

/* Does the driver of that kind have it in this kernel? */
static enum nest_tri kernel_shares(const struct nest_facts *facts, const struct nest_hw *hw)
{
	bool known = is_looked_at(facts);
	char option = hw->sva_symbol ? nest_facts_option(facts, hw->sva_symbol) : 'y';

	if (!hw->sva_major)
		return known && hw->no_sva ? NEST_NO : NEST_UNKNOWN;
	if (is_before(facts, hw->sva_major, hw->sva_minor) || option == 'n')
		return NEST_NO;
	if (is_before(facts, hw->sva_sure_major, hw->sva_sure_minor))
		return NEST_UNKNOWN;
	return option ? NEST_YES : NEST_UNKNOWN;
}

static void remedy_shares(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri shares,
			  bool old)
{
	if (shares == NEST_NO && !hw->sva_major && nest_judge_in_guest(judge))
		nest_judge_remedy(judge, NEST_REMEDY_HOST);
	else if (shares == NEST_NO && !hw->sva_major)
		nest_judge_remedy(judge, "use a machine with another kind of IOMMU");
	else if (shares == NEST_NO && old)
		nest_judge_remedy(judge, "use Linux %u.%u or later%s%s", hw->sva_major,
				  hw->sva_minor, hw->sva_symbol ? " with " : "",
				  hw->sva_symbol ? hw->sva_symbol : "");
	else if (shares == NEST_NO)
		nest_judge_remedy(judge, "use a kernel with %s", hw->sva_symbol);
	if (shares != NEST_UNKNOWN || !hw->sva_symbol ||
	    is_before(judge->in->facts, hw->sva_sure_major, hw->sva_sure_minor))
		return;
	nest_judge_remedy(judge, "look on the host itself");
	nest_judge_command(judge, NEST_CMD_CONFIG, hw->sva_symbol);
}

static void say_shares(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri shares)
{
	const char *release = judge->in->model->host.kernel;
	bool old = hw->sva_major && is_before(judge->in->facts, hw->sva_major, hw->sva_minor);

	if (!hw->sva_major && shares == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s has no shared addressing on this IOMMU: %s", release,
			       hw->no_sva);
	else if (!hw->sva_major)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "this tool does not know whether Linux %s has shared addressing on "
			       "this kind of IOMMU (%s)",
			       release, hw->name);
	else if (old)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s has no shared addressing on this IOMMU, which came with "
			       "%u.%u",
			       release, hw->sva_major, hw->sva_minor);
	else if (shares == NEST_UNKNOWN &&
		 is_before(judge->in->facts, hw->sva_sure_major, hw->sva_sure_minor))
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "this tool does not know whether Linux %s has shared addressing on "
			       "this IOMMU; Linux %u.%u does",
			       release, hw->sva_sure_major, hw->sva_sure_minor);
	else if (shares == NEST_YES)
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "Linux %s has shared addressing on this IOMMU", release);
	else if (shares == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s has no shared addressing on this IOMMU: it was built "
			       "without %s",
			       release, hw->sva_symbol);
	else
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "Linux %s has shared addressing on this IOMMU if it was built with "
			       "%s, which is unknown",
			       release, hw->sva_symbol);
	nest_judge_saw(judge, "uname -r", release, 0);
	if (hw->sva_symbol && !old)
		saw_option(judge, hw->sva_symbol);
	remedy_shares(judge, hw, shares, old);
}

static void sva_rule(struct nest_judge *judge)
{
	enum nest_tri answer = NEST_UNKNOWN;
	const struct nest_hw *best;

	if (nest_judge_no_iommu(judge))
		return;
	if (!judge->in->facts->major) {
		say_no_release_known(judge);
		return;
	}
	best = best_kind(judge, kernel_shares, &answer);
	if (!best) {
		say_no_unit(judge);
	} else if (best->sva_by_ats && nest_judge_option(judge, "pci", "noats")) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "the command line disables ATS (pci=noats), which page requests "
			       "need");
		nest_judge_saw_fact(judge, &judge->in->facts->cmdline);
		nest_judge_remedy(judge,
				  "remove noats from pci= on the kernel's command line and reboot");
	} else {
		say_shares(judge, best, answer);
	}
}

static const struct nest_rule_evidence nesting_evidence[] = {
	{ &nest_hw_vtd, "release 6.8 or later", "an older release", "no release" },
	{ &nest_hw_smmuv3, "release 6.13 or later with CONFIG_ARM_SMMU_V3_IOMMUFD",
	  "an older release, or without the option", "no release, or no configuration" },
	{ &nest_hw_amd, NULL, "a release up to 7.3, or without CONFIG_AMD_IOMMU_IOMMUFD",
	  "a later release" },
	{ &nest_hw_other, NULL, NULL, "the tool does not know the driver" },
	{ NULL, NULL, "a release up to 7.3", "a later release" },
};

static const struct nest_rule_evidence sva_evidence[] = {
	{ &nest_hw_vtd, "release 5.10 or later with CONFIG_INTEL_IOMMU_SVM",
	  "a release before 5.8, without the option, or pci=noats",
	  "5.8 or 5.9, no release, or no configuration" },
	{ &nest_hw_amd, "release 6.12 or later", "a release before 6.10, or pci=noats",
	  "6.10 or 6.11, or no release" },
	{ &nest_hw_smmuv3, "release 5.19 or later with CONFIG_ARM_SMMU_V3_SVA",
	  "a release before 5.11, or without the option",
	  "5.11 to 5.18, no release, or no configuration" },
	{ &nest_hw_other, NULL, NULL, "the tool does not know the driver" },
	{ NULL, NULL, "a release up to 7.3", "a later release" },
};

static const struct nest_rule rules[] = {
	{ "kernel.nesting_abi", NEST_SUBJECT_HOST, NEST_FOR_NESTED, NEST_FOR_NESTED,
	  nesting_abi_rule, "the kernel can offer nesting to user space", nesting_evidence },
	{ "kernel.sva", NEST_SUBJECT_HOST, NEST_FOR_SVA, NEST_FOR_SVA, sva_rule,
	  "the driver of the IOMMU has shared virtual addressing", sva_evidence },
};
NEST_RULE_TOPIC(kernel);
