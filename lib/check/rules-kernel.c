// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about what this kernel release offers on the kinds of IOMMU that are here. */
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

/* Does this kernel offer nested tables on that kind of IOMMU? */
static enum nest_tri kernel_nests(const struct nest_facts *facts, const struct nest_hw *hw)
{
	bool known = is_before(facts, NEST_HW_LOOKED_AT_MAJOR, NEST_HW_LOOKED_AT_MINOR + 1);
	char option = option_of(facts, hw);

	if (!hw->major)
		return known && hw->no_kernel ? NEST_NO : NEST_UNKNOWN;
	if (is_before(facts, hw->major, hw->minor) || option == 'n')
		return NEST_NO;
	return option ? NEST_YES : NEST_UNKNOWN;
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
	nest_judge_remedy(judge, "%s",
			  nests == NEST_NO ? hw->other_machine
					   : "vfio-nestctl probe DEVICE asks the kernel");
}

static void say_option(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const struct nest_facts *facts = judge->in->facts;
	const char *release = judge->in->model->host.kernel;
	const char *config = facts->config.path ? facts->config.path : "kernel configuration";
	char option = option_of(facts, hw);

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
		nest_judge_saw(judge, config,
			       option ? nest_judge_text(judge, "%s: %c", hw->symbol, option) : NULL,
			       facts->config.err);
	if (nests == NEST_NO)
		nest_judge_remedy(judge, "use a kernel with %s", hw->symbol);
	else if (nests == NEST_UNKNOWN)
		nest_judge_remedy(judge, "vfio-nestctl probe DEVICE asks the kernel");
}

static void say_kernel(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const char *release = judge->in->model->host.kernel;

	if (!hw->major) {
		say_no_release(judge, hw, nests);
	} else if (is_before(judge->in->facts, hw->major, hw->minor)) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s offers user space no nesting, which came with %u.%u (a "
			       "vendor's kernel may have an older interface: --probe asks)",
			       release, hw->major, hw->minor);
		nest_judge_saw(judge, "uname -r", release, 0);
		nest_judge_remedy(judge, "use Linux %u.%u or later with CONFIG_IOMMUFD", hw->major,
				  hw->minor);
	} else {
		say_option(judge, hw, nests);
	}
}

/* A kernel that nests on one kind of IOMMU here can nest: what the others can is unit.nesting. */
static void nesting_abi_rule(struct nest_judge *judge)
{
	static const int weight[] = { [NEST_NO] = 1, [NEST_UNKNOWN] = 2, [NEST_YES] = 3 };
	const struct nest_model *model = judge->in->model;
	const struct nest_hw *best = NULL;
	enum nest_tri answer = NEST_UNKNOWN;
	size_t i;

	/* probe.nesting is better evidence; without an IOMMU the release does not matter. */
	if (judge->in->probe || nest_judge_no_iommu(judge))
		return;
	if (!judge->in->facts->major) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN, "the release of the kernel is unknown");
		nest_judge_saw(judge, "/proc/sys/kernel/osrelease", NULL, 0);
		return;
	}
	for (i = 0; i < model->nunits; i++) {
		const struct nest_hw *hw = model->units[i].hw;
		enum nest_tri nests = kernel_nests(judge->in->facts, hw);

		if (hw->for_tests || !nest_judge_unit_matters(judge, i))
			continue;
		if (!best || weight[nests] > weight[answer]) {
			best = hw;
			answer = nests;
		}
	}
	if (best)
		say_kernel(judge, best, answer);
}

static const struct nest_rule rules[] = {
	{ "kernel.nesting_abi", NEST_SUBJECT_HOST, NEST_FOR_NESTED, NEST_FOR_NESTED,
	  nesting_abi_rule, "the kernel can offer nesting to user space" },
};
NEST_RULE_TOPIC(kernel);
