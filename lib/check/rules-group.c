// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the groups of the devices that the check is about. */
#include <string.h>

#include "check/rules.h"
#include "inventory/devices.h"
#include "plural.h"
#include "remedy.h"

static void viable_rule(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_group *group = &model->groups[judge->index];
	const struct nest_device *dev, *blocker = NULL;
	char commands[NEST_REMEDY_MAX];
	size_t more = 0;

	/* A named device that has its own driver is the finding of device.bound. */
	nest_for_each_member (model, group, dev) {
		if (!dev->blocks || nest_judge_is_asked(judge, dev))
			continue;
		more += blocker != NULL;
		if (!blocker)
			blocker = dev;
	}
	if (!blocker) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "no other driver owns the DMA of the group's %u device%s",
			       group->ndevices, nest_plural(group->ndevices));
		return;
	}
	nest_judge_say(judge, NEST_RESULT_FAIL, "%s is bound to %s, which owns its DMA%s",
		       blocker->name, blocker->driver,
		       more ? nest_judge_text(judge, ", and %zu more like it", more) : "");
	nest_judge_saw_driver(judge, blocker);
	nest_judge_remedy(
		judge,
		more ? "take them from their drivers; the host then does without these devices"
		     : "take it from its driver; the host then does without this device");
	nest_for_each_member (model, group, dev) {
		if (!dev->blocks || nest_judge_is_asked(judge, dev) || dev->bus != NEST_BUS_PCI)
			continue;
		nest_remedy_free(dev->name, commands, sizeof(commands));
		nest_judge_commands(judge, commands);
	}
}

/* What makes one group of them, as far as their addresses and classes tell. */
static const char *merger(struct nest_judge *judge, const struct nest_group *group)
{
	const struct nest_device *dev, *first = NULL;
	bool one_slot = true;

	nest_for_each_member (judge->in->model, group, dev) {
		if (nest_device_is_bridge(dev))
			return nest_judge_text(
				judge,
				"the bridge %s does not keep what is below it apart (no ACS)",
				dev->name);
		if (!first)
			first = dev;
		one_slot = one_slot && strlen(dev->name) > 2 &&
			   !strncmp(dev->name, first->name, strlen(first->name) - 2);
	}
	return one_slot
		       ? "they are functions of one device, which does not keep them apart (no ACS)"
		       : "something above them does not keep them apart (a switch or root port "
			 "without ACS, or a conventional PCI bridge)";
}

static void isolation_rule(struct nest_judge *judge)
{
	const struct nest_group *group = &judge->in->model->groups[judge->index];
	const struct nest_device *dev, *other = NULL;
	uint32_t bridges = 0, left;
	const char *has;

	/* A bridge stays with the host, and shares the group with nothing. */
	nest_for_each_member (judge->in->model, group, dev) {
		if (nest_device_is_bridge(dev))
			bridges++;
		else if (!nest_judge_is_asked(judge, dev))
			other = dev;
	}
	left = group->ndevices - bridges;
	has = nest_judge_text(judge, "the group has %u device%s", group->ndevices,
			      nest_plural(group->ndevices));
	if (bridges)
		has = nest_judge_text(judge, "%s, including %u bridge%s", has, bridges,
				      nest_plural(bridges));
	if (left < 2) {
		nest_judge_say(judge, NEST_RESULT_PASS, "%s", has);
		return;
	}
	nest_judge_say(judge, other ? NEST_RESULT_WARN : NEST_RESULT_PASS,
		       "%s; %s assigned together: %s", has, bridges ? "the others are" : "they are",
		       merger(judge, group));
	nest_judge_saw(judge,
		       nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/devices", group->id),
		       nest_judge_text(judge, "%u", group->ndevices), 0);
	if (other) {
		nest_judge_remedy(judge,
				  "use a slot below another root port; to see the ACS of this one");
		nest_judge_command(judge, NEST_CMD_SHOW, other->name);
	}
}

static void group_node_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	size_t i;

	for (i = 0; i < facts->nshows; i++) {
		const struct nest_node *node = &facts->shows[i]->node;

		if (facts->shows[i]->dev->group != judge->index || !node->path ||
		    node->present != NEST_YES)
			continue;
		nest_judge_node(judge, node, NEST_REMEDY_GROUP_VFIO);
		return;
	}
}

static const struct nest_rule rules[] = {
	{ "group.viable", NEST_SUBJECT_GROUP, NEST_FOR_ALL, NEST_FOR_ALL, viable_rule,
	  "no driver owns the DMA of a device in the group" },
	{ "group.isolation", NEST_SUBJECT_GROUP, NEST_FOR_ALL, 0, isolation_rule,
	  "the group holds one device" },
	{ "group.node", NEST_SUBJECT_GROUP, NEST_FOR_PASSTHROUGH, NEST_FOR_PASSTHROUGH,
	  group_node_rule, "the group's node may be opened" },
};
NEST_RULE_TOPIC(group);
