// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about what opening the nodes told (--probe). */
#include <string.h>

#include "check/rules.h"
#include "explain.h"
#include "hw/hw.h"

/* About the device that the kernel was asked about, or, without one, about the host. */
static void about(struct nest_judge *judge, const struct nest_probe *probe)
{
	nest_judge_about(judge, NEST_SUBJECT_DEVICE, probe->device ? probe->device->name : NULL);
}

static void say_decision(struct nest_judge *judge, const struct nest_probe *probe)
{
	static const enum nest_result results[] = {
		[NEST_USABILITY_UNKNOWN] = NEST_RESULT_UNKNOWN,
		[NEST_UNUSABLE] = NEST_RESULT_FAIL,
		[NEST_USABLE] = NEST_RESULT_PASS,
	};
	const struct nest_reason *reason = &probe->decision.reasons[0];
	const char *abi = nest_abi_name(probe->decision.abi);

	about(judge, probe);
	nest_judge_say(judge, results[probe->decision.nesting], "%s%s%s", reason->text,
		       probe->decision.nesting == NEST_USABLE && abi ? " Interface: " : "",
		       probe->decision.nesting == NEST_USABLE && abi ? abi : "");
	nest_judge_saw(judge, nest_judge_text(judge, "probe: %s", reason->evidence),
		       nest_usability_name(probe->decision.nesting), 0);
	if (*reason->remedy)
		nest_judge_remedy_as(judge, reason->remedy);
}

static void probe_rule(struct nest_judge *judge)
{
	size_t i;

	if (!judge->in->nprobes)
		nest_judge_skip(judge, "the kernel was not asked (--probe)");
	for (i = 0; i < judge->in->nprobes; i++)
		say_decision(judge, &judge->in->probes[i]);
	nest_judge_about(judge, NEST_SUBJECT_HOST, NULL);
}

static void say_erratum(struct nest_judge *judge, const struct nest_probe *probe)
{
	const struct nest_hw_quirk *quirk;

	if (probe->iommufd.hw_info.status != NEST_OUTCOME_OK || !probe->iommufd.hw.hw)
		return;
	quirk = nest_hw_quirk(probe->iommufd.hw.hw, &probe->iommufd.hw.values);
	if (!quirk)
		return;
	about(judge, probe);
	nest_judge_say(judge, NEST_RESULT_WARN, "%s", quirk->text);
	nest_judge_saw(judge, "IOMMU_GET_HW_INFO",
		       nest_judge_text(judge, "flags 0x%x", probe->iommufd.hw.values.flags), 0);
}

static void erratum_rule(struct nest_judge *judge)
{
	size_t i;

	for (i = 0; i < judge->in->nprobes; i++)
		say_erratum(judge, &judge->in->probes[i]);
	nest_judge_about(judge, NEST_SUBJECT_HOST, NULL);
}

static const struct nest_rule_evidence probe_evidence[] = {
	{ NULL, "the kernel lets user space select nesting",
	  "the kernel refuses, or has no request",
	  "a node that could not be opened, or no device" },
};

static const struct nest_rule rules[] = {
	{ "probe.nesting", NEST_SUBJECT_HOST, NEST_FOR_NESTED, NEST_FOR_NESTED, probe_rule,
	  "the kernel lets user space select nesting (--probe)", probe_evidence },
	{ "probe.erratum", NEST_SUBJECT_HOST, NEST_FOR_NESTED, 0, erratum_rule,
	  "no erratum that limits nested tables (--probe)", NULL },
};
NEST_RULE_TOPIC(probe);
