// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of topics, the order in which rules are asked, and the verdict. */
#include "check/rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/fold.h"
#include "remedy.h"
#include "util.h"

const struct nest_rule_topic *const nest_rule_topics[] = {
	&nest_rules_iommu,    &nest_rules_dmar,	  &nest_rules_interrupts, &nest_rules_unit,
	&nest_rules_smmuv3,   &nest_rules_kernel, &nest_rules_vfio,	  &nest_rules_host,
	&nest_rules_node,     &nest_rules_log,	  &nest_rules_group,	  &nest_rules_device,
	&nest_rules_stimulus, &nest_rules_probe,
};
const size_t nest_rule_topics_count = ARRAY_SIZE(nest_rule_topics);

const char *const nest_purpose_names[] = { "passthrough", "nested", "sva", NULL };

unsigned int nest_purpose_find(const char *name)
{
	size_t i;

	for (i = 0; nest_purpose_names[i]; i++)
		if (!strcmp(nest_purpose_names[i], name))
			return 1u << i;
	return 0;
}

/* ---- asking the rules ---- */

/* Is the group one that the check is about? */
static bool is_concerned(const struct nest_rules_input *in, size_t group)
{
	size_t i;

	for (i = 0; i < in->ndevices; i++)
		if (in->devices[i]->group == group)
			return true;
	return false;
}

/*
 * A rule that decides and added no finding has no evidence. That is unknown, never a pass: the
 * rules tell more, and this is what is left if one does not.
 */
static void demand(struct nest_judge *judge, size_t before)
{
	const struct nest_rule *rule = judge->rule;
	bool own = rule->kind == NEST_SUBJECT_GROUP || rule->kind == NEST_SUBJECT_DEVICE;

	if (judge->check->nfindings > before || !(rule->decides & judge->in->purpose) ||
	    nest_judge_no_iommu(judge) || (own && !judge->in->named))
		return;
	nest_judge_say(judge, NEST_RESULT_UNKNOWN, "no evidence was found on whether %s",
		       rule->title);
	nest_judge_saw(judge, own ? "the device" : "the host", NULL, ENODATA);
}

/* About every unit that counts; without one, about the host. */
static void ask_units(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	size_t before = judge->check->nfindings, i;

	for (i = 0; i < model->nunits; i++) {
		judge->subject = model->units[i].name;
		judge->index = i;
		judge->rule->fn(judge);
	}
	if (judge->check->nfindings > before || !nest_judge_no_unit(judge) ||
	    !(judge->rule->decides & judge->in->purpose) || nest_judge_no_iommu(judge))
		return;
	nest_judge_about(judge, NEST_SUBJECT_HOST, "");
	nest_judge_say(judge, NEST_RESULT_UNKNOWN,
		       "cannot determine which IOMMU translates: sysfs shows no unit%s",
		       judge->in->named ? " in front of the device" : "");
	nest_judge_saw(judge, "/sys/class/iommu", NULL,
		       model->units_err ? model->units_err : ENOENT);
}

static void ask(struct nest_judge *judge)
{
	const struct nest_rules_input *in = judge->in;
	const struct nest_model *model = in->model;
	size_t before = judge->check->nfindings, i;

	judge->kind = judge->rule->kind;
	switch (judge->rule->kind) {
	case NEST_SUBJECT_HOST:
		judge->subject = "";
		judge->rule->fn(judge);
		demand(judge, before);
		break;
	case NEST_SUBJECT_UNIT:
		ask_units(judge);
		break;
	case NEST_SUBJECT_GROUP:
		for (i = 0; i < model->ngroups; i++) {
			if (!is_concerned(in, i))
				continue;
			before = judge->check->nfindings;
			judge->subject = nest_judge_text(judge, "%u", model->groups[i].id);
			judge->index = i;
			judge->rule->fn(judge);
			demand(judge, before);
		}
		break;
	case NEST_SUBJECT_DEVICE:
		for (i = 0; i < in->ndevices; i++) {
			before = judge->check->nfindings;
			judge->subject = in->devices[i]->name;
			judge->index = i;
			judge->rule->fn(judge);
			demand(judge, before);
		}
		break;
	}
}

/* ---- the verdict ---- */

static const struct nest_rule *rule_of(const struct nest_finding *finding)
{
	size_t i, j;

	for (i = 0; i < nest_rule_topics_count; i++)
		for (j = 0; j < nest_rule_topics[i]->n; j++)
			if (nest_rule_topics[i]->rules[j].id == finding->id)
				return &nest_rule_topics[i]->rules[j];
	return &nest_rule_topics[0]->rules[0];
}

/* The first finding that decides with this result, or NULL. */
static const struct nest_finding *decisive(const struct nest_judge *judge, enum nest_result result)
{
	const struct nest_check *check = judge->check;
	size_t i;

	for (i = 0; i < check->nfindings; i++) {
		const struct nest_rule *rule = rule_of(&check->findings[i]);
		bool own = rule->kind == NEST_SUBJECT_GROUP || rule->kind == NEST_SUBJECT_DEVICE;

		if (check->findings[i].result == result && rule->decides & judge->in->purpose &&
		    (!own || judge->in->named))
			return &check->findings[i];
	}
	return NULL;
}

/* Can it do what the host is ready for? What keeps a device from it that was not named is a
 * warning. */
static bool is_able(struct nest_judge *judge, const struct nest_device *dev)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_unit *unit = nest_device_unit(model, dev);
	const struct nest_group *group = nest_device_group(model, dev);
	char id[16] = "";
	size_t i;

	if (group)
		snprintf(id, sizeof(id), "%u", group->id);
	for (i = 0; i < judge->check->nfindings; i++) {
		const struct nest_finding *finding = &judge->check->findings[i];

		if (finding->tempered &&
		    !strcmp(finding->subject, finding->kind == NEST_SUBJECT_GROUP ? id : dev->name))
			return false;
	}
	return judge->in->purpose != NEST_FOR_NESTED ||
	       (unit && (unit->nesting == NEST_YES || nest_judge_tried(judge, unit)));
}

/* What a host that is ready does next: a round trip, on a device that is bound if there is one. */
static const char *next_step(struct nest_judge *judge)
{
	char commands[NEST_REMEDY_MAX];
	size_t i;

	for (i = 0; i < judge->in->ndevices; i++) {
		const struct nest_device *dev = judge->in->devices[i];

		if (!dev->driver || strcmp(dev->driver, "vfio-pci") || !is_able(judge, dev))
			continue;
		nest_remedy_commands(NEST_CMD_TRIP, dev->name, commands, sizeof(commands));
		return nest_judge_text(judge, "prove it by DMA:\n%s", commands);
	}
	return nest_judge_text(
		judge, "%s",
		"choose a device (STIM: it can do the DMA), bind it to vfio-pci, and give its "
		"address to vfio-nestctl roundtrip:\n" NEST_CMD_STIMULI);
}

static void conclude(struct nest_judge *judge)
{
	struct nest_check *check = judge->check;
	const struct nest_finding *fail = decisive(judge, NEST_RESULT_FAIL);
	const struct nest_finding *unknown = decisive(judge, NEST_RESULT_UNKNOWN);
	const struct nest_finding *cause = fail ? fail : unknown;
	const char *of = judge->in->named && judge->in->ndevices == 1 ? judge->in->devices[0]->name
								      : "this host";

	check->verdict = fail	   ? NEST_VERDICT_NOT_READY
			 : unknown ? NEST_VERDICT_UNKNOWN
				   : NEST_VERDICT_READY;
	check->decided_by = cause;
	if (!cause) {
		check->answer =
			nest_judge_text(judge, "%s is ready for %s%s", of, check->purpose,
					check->counts[NEST_RESULT_WARN] ? ", with warnings" : "");
		check->headline = check->answer;
		check->next = next_step(judge);
		return;
	}
	check->headline =
		nest_judge_text(judge, "%s%s %s for %s", fail ? "" : "cannot tell whether ", of,
				fail ? "is not ready" : "is ready", check->purpose);
	check->answer = nest_judge_text(judge, "%s: %s%s%s", check->headline,
					strcmp(cause->subject, of) ? cause->subject : "",
					*cause->subject && strcmp(cause->subject, of) ? ": " : "",
					cause->summary);
}

static bool has_kind(const struct nest_model *model, const struct nest_hw *hw)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (model->units[i].hw == hw)
			return true;
	return false;
}

int nest_rules_run(const struct nest_rules_input *in, const char *purpose, struct nest_check *check)
{
	struct nest_judge judge = { .in = in, .check = check };
	size_t i, j;

	*check = (struct nest_check){ .purpose = purpose };
	for (i = 0; i < nest_rule_topics_count; i++) {
		const struct nest_hw *kind = nest_rule_topics[i]->kind;

		for (j = 0; j < nest_rule_topics[i]->n && !judge.err; j++) {
			if (kind && !has_kind(in->model, kind))
				continue;
			judge.rule = &nest_rule_topics[i]->rules[j];
			if (judge.rule->purposes & in->purpose)
				ask(&judge);
		}
	}
	conclude(&judge);
	nest_check_fold(check, in->model->iommu_present == NEST_NO);
	return judge.err;
}

void nest_check_free(struct nest_check *check)
{
	size_t i;

	if (!check)
		return;
	for (i = 0; i < check->nfindings; i++)
		free((void *)check->findings[i].evidence);
	free(check->findings);
	free(check->requirements);
	memset(check, 0, sizeof(*check));
}
