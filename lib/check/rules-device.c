// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the devices that the check is about, and their groups. */
#include <errno.h>
#include <string.h>

#include "hw/hw.h"
#include "inventory/devices.h"
#include "plural.h"
#include "remedy.h"
#include "check/rules.h"

static const struct nest_device *device_of(const struct nest_judge *judge)
{
	return judge->in->devices[judge->index];
}

static const struct nest_show *show_of(const struct nest_judge *judge)
{
	return judge->in->facts->shows[judge->index];
}

static bool is_asked_about(const struct nest_rules_input *in, const struct nest_device *dev)
{
	size_t i;

	for (i = 0; i < in->ndevices; i++)
		if (in->devices[i] == dev)
			return true;
	return false;
}

static void saw_driver(struct nest_judge *judge, const struct nest_device *dev)
{
	nest_judge_saw(judge,
		       nest_judge_text(judge, "/sys/bus/%s/devices/%s/driver",
				       dev->bus_name ? dev->bus_name : "pci", dev->name),
		       dev->driver	  ? dev->driver
		       : dev->have_uevent ? "none"
					  : NULL,
		       0);
}

/* ---- groups ---- */

void nest_rule_viable(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_group *group = &model->groups[judge->index];
	const struct nest_device *dev, *blocker = NULL;
	char commands[NEST_REMEDY_MAX];
	size_t more = 0;

	/* A named device that has its own driver is the finding of device.bound. */
	nest_for_each_member (model, group, dev) {
		if (!dev->blocks || is_asked_about(judge->in, dev))
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
	saw_driver(judge, blocker);
	nest_judge_remedy(
		judge,
		more ? "take them from their drivers; the host then does without these devices"
		     : "take it from its driver; the host then does without this device");
	nest_for_each_member (model, group, dev) {
		if (!dev->blocks || is_asked_about(judge->in, dev) || dev->bus != NEST_BUS_PCI)
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

void nest_rule_isolation(struct nest_judge *judge)
{
	const struct nest_group *group = &judge->in->model->groups[judge->index];
	const struct nest_device *dev, *other = NULL;
	uint32_t bridges = 0, left;
	const char *has;

	/* A bridge stays with the host, and shares the group with nothing. */
	nest_for_each_member (judge->in->model, group, dev) {
		if (nest_device_is_bridge(dev))
			bridges++;
		else if (!is_asked_about(judge->in, dev))
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

/* ---- nodes of devices ---- */

static void judge_device_node(struct nest_judge *judge, const struct nest_node *node)
{
	char commands[NEST_REMEDY_MAX];
	enum nest_tri admits = nest_node_admits(node, judge->in->facts);
	const char *who = judge->in->facts->is_self ? "this user" : judge->in->facts->user.name;

	nest_judge_say(judge,
		       admits == NEST_YES  ? NEST_RESULT_PASS
		       : admits == NEST_NO ? NEST_RESULT_FAIL
					   : NEST_RESULT_UNKNOWN,
		       "%s %s be opened by %s", node->path,
		       admits == NEST_YES  ? "may"
		       : admits == NEST_NO ? "may not"
					   : "may or may not",
		       who);
	nest_judge_saw(judge, node->path,
		       nest_judge_text(judge, "owner %s, group %s, mode %04o%s", node->owner,
				       node->group, node->mode,
				       node->acl ? ", with an access control list" : ""),
		       0);
	if (admits == NEST_NO) {
		nest_remedy_udev(node->path, judge->in->facts->user.name, commands,
				 sizeof(commands));
		nest_judge_remedy(judge,
				  "let the group vfio have it, and the user join that group");
		nest_judge_commands(judge, commands);
	}
}

void nest_rule_group_node(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	size_t i;

	for (i = 0; i < facts->nshows; i++) {
		const struct nest_node *node = &facts->shows[i]->node;

		if (facts->shows[i]->dev->group != judge->index || !node->path ||
		    node->present != NEST_YES)
			continue;
		judge_device_node(judge, node);
		return;
	}
}

void nest_rule_device_cdev(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);

	if (show->cdev.path && show->cdev.present == NEST_YES)
		judge_device_node(judge, &show->cdev);
}

/* ---- devices ---- */

static void remedy_bind(struct nest_judge *judge, const struct nest_device *dev)
{
	char commands[NEST_REMEDY_MAX];

	if (nest_device_is_bridge(dev)) {
		nest_judge_remedy(judge, "name a device below it: vfio-pci takes no bridge");
	} else if (dev->bus != NEST_BUS_PCI) {
		nest_judge_remedy(judge, "bind it to the VFIO driver of its bus");
	} else {
		nest_judge_remedy(judge, "bind it to vfio-pci, as root");
		nest_remedy_bind_and_back(dev->name, nest_tri_from_bool(dev->driver != NULL),
					  commands, sizeof(commands));
		nest_judge_commands(judge, commands);
	}
}

void nest_rule_bound(struct nest_judge *judge)
{
	const struct nest_device *dev = device_of(judge);

	if (!dev->have_uevent && !dev->driver) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "which driver the device has cannot be told");
		saw_driver(judge, dev);
	} else if (nest_driver_is_vfio(dev->driver)) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the device is bound to %s", dev->driver);
		saw_driver(judge, dev);
	} else {
		nest_judge_say(judge, NEST_RESULT_FAIL, "the device is bound to %s%s",
			       dev->driver ? dev->driver : "no driver",
			       dev->driver ? ", not to a VFIO driver" : "");
		saw_driver(judge, dev);
		if (nest_judge_no_iommu(judge))
			nest_judge_remedy(judge,
					  "do not bind it before there is an IOMMU: vfio-pci would "
					  "refuse it, and it would have no driver at all");
		else
			remedy_bind(judge, dev);
	}
}

void nest_rule_device_nests(struct nest_judge *judge)
{
	const struct nest_device *dev = device_of(judge);
	const struct nest_unit *unit = nest_device_unit(judge->in->model, dev);
	char text[128];

	if (!judge->in->named)
		return; /* that is the units' finding */
	if (!unit) {
		nest_judge_say(judge,
			       nest_judge_no_iommu(judge) ? NEST_RESULT_FAIL : NEST_RESULT_UNKNOWN,
			       "no IOMMU unit is known to be in front of the device");
		nest_judge_saw(judge,
			       nest_judge_text(judge, "/sys/bus/%s/devices/%s/iommu",
					       dev->bus_name ? dev->bus_name : "pci", dev->name),
			       NULL, ENOENT);
		return;
	}
	nest_judge_say(judge,
		       unit->nesting == NEST_YES  ? NEST_RESULT_PASS
		       : unit->nesting == NEST_NO ? NEST_RESULT_FAIL
						  : NEST_RESULT_UNKNOWN,
		       "%s, in front of the device, %s (%s): %s", unit->name,
		       unit->nesting == NEST_YES  ? "nests"
		       : unit->nesting == NEST_NO ? "cannot nest"
						  : "may or may not nest",
		       unit->gate ? unit->gate : "all gates pass", unit->reason);
	nest_hw_values_text(unit->hw, &unit->values, unit->hw->decides, text, sizeof(text));
	nest_judge_saw(judge, nest_judge_text(judge, "/sys/class/iommu/%s", unit->name),
		       *text ? nest_judge_text(judge, "%s", text) : NULL, 0);
	if (unit->nesting == NEST_NO) {
		nest_judge_remedy(judge, "use a device behind a unit that nests");
		nest_judge_command(judge, NEST_CMD_NESTABLE, "");
	}
}

void nest_rule_device_rmrr(struct nest_judge *judge)
{
	const struct nest_group *group = nest_device_group(judge->in->model, device_of(judge));
	size_t i;

	if (!group || !group->have_regions)
		return;
	for (i = 0; i < group->nregions; i++) {
		if (group->regions[i].type != NEST_REGION_DIRECT)
			continue;
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "firmware keeps memory at 0x%llx for the device (RMRR): the kernel "
			       "gives it to no one",
			       (unsigned long long)group->regions[i].start);
		nest_judge_saw(judge,
			       nest_judge_text(judge,
					       "/sys/kernel/iommu_groups/%u/reserved_regions",
					       group->id),
			       "direct", 0);
		nest_judge_remedy(judge,
				  "look for an option in the firmware's setup (HP: \"Shared "
				  "Memory\" or HP-SHM of the slot), or use another slot or device");
		return;
	}
	nest_judge_say(judge, NEST_RESULT_PASS,
		       "firmware keeps no memory for the device that would bind it to the host");
	nest_judge_saw(
		judge,
		nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/reserved_regions", group->id),
		"read", 0);
}

void nest_rule_device_reset(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);
	const char *path =
		nest_judge_text(judge, "/sys/bus/pci/devices/%s/reset_method", show->dev->name);

	if (show->dev->bus != NEST_BUS_PCI || !show->reset_methods)
		return;
	if (!*show->reset_methods) {
		nest_judge_say(
			judge, NEST_RESULT_WARN,
			"the device cannot be reset: it keeps what its last user left in it");
		nest_judge_saw(judge, path, "", 0);
		nest_judge_remedy(judge, "a power cycle of the host resets it; prefer a device "
					 "with function level reset");
	} else if (!strcmp(show->reset_methods, "bus") || !strcmp(show->reset_methods, "cxl_bus")) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the device is reset with its whole bus: all functions of the slot "
			       "must go to one user");
		nest_judge_saw(judge, path, show->reset_methods, 0);
		nest_judge_remedy(judge, "bind all functions of the slot to vfio-pci");
	} else {
		nest_judge_say(judge, NEST_RESULT_PASS, "the device can be reset by itself: %s",
			       show->reset_methods);
		nest_judge_saw(judge, path, show->reset_methods, 0);
	}
}

/* One capability of config space; what root alone sees is not known to others. */
static void judge_cap(struct nest_judge *judge, enum nest_tri present, const char *name)
{
	const struct nest_show *show = show_of(judge);
	const char *path =
		nest_judge_text(judge, "/sys/bus/pci/devices/%s/config", show->dev->name);

	if (present == NEST_YES)
		nest_judge_say(judge, NEST_RESULT_PASS, "the device has %s", name);
	else if (present == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL, "the device has no %s", name);
	else
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "whether the device has %s cannot be told: %s", name,
			       show->no_caps ? show->no_caps
					     : "its config space was not read whole");
	nest_judge_saw(judge, path,
		       present == NEST_UNKNOWN ? NULL
		       : present == NEST_YES   ? "present"
					       : "absent",
		       0);
	if (present == NEST_UNKNOWN)
		nest_judge_remedy(judge, "run it as root");
}

void nest_rule_device_pasid(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);

	if (!judge->in->named)
		return; /* nobody said that it should have them */
	judge_cap(judge, show->have_caps ? show->caps.pasid.present : NEST_UNKNOWN, "PASIDs");
}

void nest_rule_device_pri(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);
	enum nest_tri ats = show->have_caps ? show->caps.ats.present : NEST_UNKNOWN;
	enum nest_tri pri = show->have_caps ? show->caps.pri.present : NEST_UNKNOWN;

	if (!judge->in->named)
		return;
	judge_cap(judge,
		  ats == NEST_NO || pri == NEST_NO ? NEST_NO
		  : ats == NEST_UNKNOWN		   ? ats
						   : pri,
		  "page requests (PRI) and an address cache (ATS)");
}
