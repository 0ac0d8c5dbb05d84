// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the groups of the devices that the check is about. */
#include <errno.h>
#include <string.h>

#include "check/rules.h"
#include "inventory/devices.h"
#include "inventory/hazard.h"
#include "inventory/wholegroup.h"
#include "plural.h"
#include "remedy.h"

/* ---- is the device in a group? ---- */

static const char *device_path(struct nest_judge *judge, const struct nest_device *dev,
			       const char *file)
{
	return nest_judge_text(judge, "/sys/bus/%s/devices/%s/%s",
			       dev->bus_name ? dev->bus_name : "pci", dev->name, file);
}

static void in_group_rule(struct nest_judge *judge)
{
	const struct nest_device *dev = judge->in->devices[judge->index];
	const struct nest_group *group = nest_device_group(judge->in->model, dev);

	if (nest_judge_no_iommu(judge))
		return;
	if (group && judge->in->facts->noiommu_groups[judge->index]) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "the group is one of VFIO's no-IOMMU mode: no IOMMU translates for "
			       "the device");
		nest_judge_saw(
			judge,
			nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/name", group->id),
			"vfio-noiommu", 0);
		nest_judge_remedy(judge, "use a device behind an IOMMU");
	} else if (group) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the device is in group %u", group->id);
		nest_judge_saw(judge, device_path(judge, dev, "iommu_group"),
			       nest_judge_text(judge, "%u", group->id), 0);
	} else if (dev->group_unread || judge->in->model->groups_err) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the device is in an IOMMU group");
		nest_judge_saw(judge, device_path(judge, dev, "iommu_group"), NULL,
			       judge->in->model->groups_err);
		nest_judge_remedy(judge, "run it as root");
	} else if (nest_group_may_come(judge->in->model, dev)) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "the device is in no IOMMU group, and before 6.15 Linux may give it "
			       "one only when a driver is bound to it");
		nest_judge_saw(judge, device_path(judge, dev, "iommu_group"), NULL, ENOENT);
		nest_judge_saw(judge, "uname -r", judge->in->model->host.kernel, 0);
		nest_judge_remedy(judge, "bind it to vfio-pci, as root, and check again");
	} else {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "the device is in no IOMMU group: no IOMMU translates for it, so "
			       "VFIO refuses it");
		nest_judge_saw(judge, device_path(judge, dev, "iommu_group"), NULL, ENOENT);
		nest_judge_remedy(judge, "use a device in a group; no setting of a driver helps");
		nest_judge_command(judge, NEST_CMD_LIST, "");
	}
}

/* ---- may the group be assigned? ---- */

/* Every device that is in the way, with its driver. */
static const char *blockers_of(struct nest_judge *judge, const struct nest_group *group,
			       const struct nest_device **ret_first, size_t *ret_n)
{
	const struct nest_device *dev;
	const char *list = "";

	*ret_n = 0;
	/* A named device that has its own driver is the finding of device.bound. */
	nest_for_each_member (judge->in->model, group, dev) {
		if (!dev->blocks || nest_judge_is_asked(judge, dev))
			continue;
		if (!(*ret_n)++)
			*ret_first = dev;
		list = nest_judge_text(judge, "%s%s%s (%s)", list, *list ? ", " : "", dev->name,
				       dev->driver);
	}
	return list;
}

/* A member with an unknown driver, or NULL. */
static const struct nest_device *unread_member(const struct nest_judge *judge,
					       const struct nest_group *group)
{
	const struct nest_device *dev;

	nest_for_each_member (judge->in->model, group, dev)
		if (!dev->have_uevent && !dev->driver && !nest_judge_is_asked(judge, dev))
			return dev;
	return NULL;
}

static void say_blocked(struct nest_judge *judge, const struct nest_group *group,
			const char *blockers, size_t n)
{
	char commands[NEST_REMEDY_MAX];
	const struct nest_device *dev;

	nest_judge_say(
		judge, NEST_RESULT_FAIL, "%s in the group %s bound to %s that own%s its DMA: %s",
		n > 1 ? nest_judge_text(judge, "%zu devices", n) : "a device", n > 1 ? "are" : "is",
		n > 1 ? "drivers" : "a driver", n > 1 ? "" : "s", blockers);
	nest_for_each_member (judge->in->model, group, dev)
		if (dev->blocks && !nest_judge_is_asked(judge, dev))
			nest_judge_saw_driver(judge, dev);
	nest_judge_remedy(
		judge,
		n > 1 ? "take them from their drivers; the host then does without these devices"
		      : "take it from its driver; the host then does without this device");
	nest_for_each_member (judge->in->model, group, dev) {
		if (!dev->blocks || nest_judge_is_asked(judge, dev) || dev->bus != NEST_BUS_PCI)
			continue;
		nest_remedy_free(dev->name, commands, sizeof(commands));
		nest_judge_commands(judge, commands);
	}
}

static void viable_rule(struct nest_judge *judge)
{
	const struct nest_group *group = &judge->in->model->groups[judge->index];
	const struct nest_device *first = NULL, *unread;
	size_t n;
	const char *blockers = blockers_of(judge, group, &first, &n);

	if (n) {
		say_blocked(judge, group, blockers, n);
		return;
	}
	unread = unread_member(judge, group);
	if (unread) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether a driver owns the DMA of %s, which is in "
			       "the group",
			       unread->name);
		nest_judge_saw_driver(judge, unread);
	} else if (judge->in->model->devices_err) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether other devices are in the group: not every "
			       "bus could be listed");
		nest_judge_saw(judge, "/sys/bus", NULL, judge->in->model->devices_err);
	} else {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "no other driver owns the DMA of the group's %u device%s",
			       group->ndevices, nest_plural(group->ndevices));
		nest_judge_saw(
			judge,
			nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/devices", group->id),
			nest_judge_text(judge, "%u", group->ndevices), 0);
	}
}

/* ---- what shares the group ---- */

/* Are all of the group's devices functions of one card? A slot cannot part them. */
static bool is_one_card(const struct nest_judge *judge, const struct nest_group *group)
{
	const struct nest_device *dev, *first = NULL;

	nest_for_each_member (judge->in->model, group, dev) {
		if (nest_device_is_bridge(dev))
			continue;
		if (!first)
			first = dev;
		if (strlen(dev->name) < 3 ||
		    strncmp(dev->name, first->name, strlen(first->name) - 2) != 0)
			return false;
	}
	return true;
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

/* What nested tables ask of them besides, where they stand on a vIOMMU. */
static const char *with_tables(struct nest_judge *judge, const struct nest_group *group)
{
	const struct nest_unit *unit = nest_group_unit(judge->in->model, group);
	struct nest_whole_group whole;

	nest_whole_group(judge->in->model, group, NULL, &whole);
	return judge->in->purpose == NEST_FOR_NESTED && unit && unit->hw->viommu.gate
		       ? nest_judge_text(judge, "; %s", whole.text)
		       : "";
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
	if (nest_judge_acs_override(judge)) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine what the group shares: pcie_acs_override splits "
			       "groups that the hardware does not isolate");
		nest_judge_saw_fact(judge, &judge->in->facts->cmdline);
		return;
	}
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
		       "%s; %s assigned together: %s%s", has,
		       bridges ? "the others are" : "they are", merger(judge, group),
		       with_tables(judge, group));
	nest_judge_saw(judge,
		       nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/devices", group->id),
		       nest_judge_text(judge, "%u", group->ndevices), 0);
	if (other) {
		nest_judge_remedy(
			judge, is_one_card(judge, group)
				       ? "assign all functions of the card together: no slot parts "
					 "them. To see their ACS"
				       : "use a slot below another root port; to see the ACS of "
					 "this one");
		nest_judge_command(judge, NEST_CMD_SHOW, other->name);
	}
}

/* ---- its node ---- */

static void say_no_node(struct nest_judge *judge, const struct nest_show *show)
{
	char commands[NEST_REMEDY_MAX];

	if (show->cdev.present == NEST_YES) {
		nest_judge_skip(judge, "the device has a node of its own");
	} else if (!nest_driver_is_vfio(show->dev->driver)) {
		nest_judge_skip(judge, "there is no node before the device is bound to VFIO");
	} else if (show->node.present == NEST_UNKNOWN) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN, "cannot look at %s", show->node.path);
		nest_judge_saw(judge, show->node.path, NULL, show->node.err);
	} else if (judge->in->facts->container) {
		nest_judge_say(judge, NEST_RESULT_FAIL, "%s was not passed into this container",
			       show->node.path);
		nest_judge_saw(judge, show->node.path, NULL, show->node.err);
		nest_judge_remedy(judge, "pass it in: docker run --device=%s, or a device plugin",
				  show->node.path);
	} else if (!judge->in->facts->dev_shown) {
		nest_judge_skip(judge, "this capture has no device nodes");
	} else {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "%s does not exist, and its device is bound to VFIO",
			       show->node.path);
		nest_judge_saw(judge, show->node.path, NULL, show->node.err);
		nest_remedy_node(show->node.path, commands, sizeof(commands));
		nest_judge_remedy(judge, "create it, as root (udev does so on most hosts)");
		nest_judge_commands(judge, commands);
	}
}

static void group_node_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	const struct nest_show *of = NULL;
	size_t i;

	for (i = 0; i < facts->nshows; i++) {
		const struct nest_show *show = facts->shows[i];

		if (show->dev->group != judge->index || !show->node.path)
			continue;
		if (show->node.present == NEST_YES) {
			nest_judge_node(judge, &show->node, NEST_REMEDY_GROUP_VFIO);
			return;
		}
		of = show;
	}
	if (of)
		say_no_node(judge, of);
}

static const struct nest_rule_evidence in_group_evidence[] = {
	{ NULL, "the device's iommu_group link", "no such link, or a group of no-IOMMU mode",
	  "a link or a list of groups that is not readable" },
};

static const struct nest_rule_evidence viable_evidence[] = {
	{ NULL, "the drivers of all members", "a driver that owns DMA",
	  "a member with an unknown driver, or a bus that cannot be listed" },
};

static const struct nest_rule rules[] = {
	{ "device.group", NEST_SUBJECT_DEVICE, NEST_FOR_ALL, NEST_FOR_ALL, in_group_rule,
	  "the device is in an IOMMU group", in_group_evidence },
	{ "group.viable", NEST_SUBJECT_GROUP, NEST_FOR_ALL, NEST_FOR_ALL, viable_rule,
	  "no driver owns the DMA of a device in the group", viable_evidence },
	{ "group.isolation", NEST_SUBJECT_GROUP, NEST_FOR_ALL, 0, isolation_rule,
	  "the group holds one device", NULL },
	{ "group.node", NEST_SUBJECT_GROUP, NEST_FOR_PASSTHROUGH, NEST_FOR_PASSTHROUGH,
	  group_node_rule, "the group's node may be opened", nest_rule_node_evidence },
};
NEST_RULE_TOPIC(group);
