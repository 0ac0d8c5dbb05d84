// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the IOMMU as a whole: is it in use, and what keeps it off. */
#include <string.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "plural.h"
#include "remedy.h"

/* ---- there, and in use ---- */

/* The option that keeps the IOMMU of this host off: "iommu", "intel_iommu"; NULL: none does. */
static const char *off_option(const struct nest_judge *judge)
{
	const struct nest_hw *announced = judge->in->model->announced;
	size_t i;

	if (nest_judge_option(judge, "iommu", "off"))
		return "iommu";
	for (i = 0; i < nest_hws_count; i++)
		if (nest_hws[i]->option && (!announced || announced == nest_hws[i]) &&
		    nest_judge_option(judge, nest_hws[i]->option, "off"))
			return nest_hws[i]->option;
	return NULL;
}

/* Not known is x86 here: an IOMMU that is off by default is found nowhere else. */
static bool is_x86(const struct nest_model *model)
{
	return !model->host.machine || strstr(model->host.machine, "86");
}

static void present_rule(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const char *gate = model->absent_gate ? model->absent_gate : "unknown";
	size_t i;

	if (model->iommu_present == NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "an IOMMU is in use: %zu group%s, %zu unit%s", model->ngroups,
			       nest_plural(model->ngroups), model->nunits,
			       nest_plural(model->nunits));
		nest_judge_saw(judge, "/sys/kernel/iommu_groups",
			       nest_judge_text(judge, "%zu group%s", model->ngroups,
					       nest_plural(model->ngroups)),
			       0);
		return;
	}
	nest_judge_say(judge,
		       model->iommu_present == NEST_NO && strcmp(gate, "unknown")
			       ? NEST_RESULT_FAIL
			       : NEST_RESULT_UNKNOWN,
		       "%s", model->absent_reason ? model->absent_reason : "no IOMMU is in use");
	nest_judge_saw(judge, "/sys/kernel/iommu_groups", "empty", 0);
	for (i = 0; i < NEST_TABLES; i++)
		nest_judge_saw_fact(judge, &judge->in->facts->tables[i]);
	if (!strcmp(gate, "firmware"))
		nest_judge_remedy(judge, "switch on %s in the firmware's setup",
				  is_x86(model) ? "VT-d (\"Intel VT for Directed I/O\") or \"AMD "
						  "IOMMU\""
						: "the IOMMU");
	else if (off_option(judge))
		nest_judge_remedy(judge, "see iommu.disabled");
	else if (model->announced && model->announced->enable)
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, model->announced->enable);
	else if (model->announced)
		nest_judge_remedy(judge, "%s", model->announced->start);
	else
		nest_judge_remedy(judge, "run it on the host itself, or with --sysroot on a mount "
					 "of the host's root");
}

static void disabled_rule(struct nest_judge *judge)
{
	const char *off = nest_judge_no_iommu(judge) ? off_option(judge) : NULL;

	if (!judge->in->facts->cmdline.value)
		return;
	if (off)
		nest_judge_say(judge, NEST_RESULT_FAIL, "the kernel was started with %s=off", off);
	else
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "no option of the command line keeps the IOMMU off");
	nest_judge_saw_fact(judge, &judge->in->facts->cmdline);
	if (off)
		nest_judge_remedy(judge, "remove %s=off from the kernel's command line and reboot",
				  off);
}

static void translation_rule(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	size_t i, identity = 0, known = 0;

	for (i = 0; i < model->ngroups; i++) {
		known += model->groups[i].type != NULL;
		identity += model->groups[i].type && !strcmp(model->groups[i].type, "identity");
	}
	if (!known)
		return;
	nest_judge_say(judge, NEST_RESULT_PASS,
		       "groups with identity mapping for host drivers: %zu of %zu; assigned "
		       "devices are translated regardless",
		       identity, known);
	nest_judge_saw(judge, "/sys/kernel/iommu_groups/*/type",
		       nest_judge_text(judge, "%zu identity", identity), 0);
}

static const struct nest_rule rules[] = {
	{ "iommu.present", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, present_rule,
	  "an IOMMU is there and in use" },
	{ "iommu.disabled", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, disabled_rule,
	  "no option of the command line keeps the IOMMU off" },
	{ "iommu.translation", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, translation_rule,
	  "how devices of the kernel are mapped" },
};
NEST_RULE_TOPIC(iommu);
