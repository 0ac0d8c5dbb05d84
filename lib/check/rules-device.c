// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the devices that the check is about. */
#include <errno.h>
#include <string.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "hw/ivrs.h"
#include "inventory/devices.h"
#include "inventory/hazard.h"
#include "inventory/wholegroup.h"
#include "pciaddr.h"
#include "remedy.h"

static const struct nest_device *device_of(const struct nest_judge *judge)
{
	return judge->in->devices[judge->index];
}

static const struct nest_show *show_of(const struct nest_judge *judge)
{
	return judge->in->facts->shows[judge->index];
}

static void device_cdev_rule(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);
	char commands[NEST_REMEDY_MAX];

	if (show->cdev.path && show->cdev.present == NEST_YES) {
		nest_judge_node(judge, &show->cdev, NEST_REMEDY_GROUP_VFIO);
	} else if (!show->cdev.path) {
		nest_judge_skip(judge, show->cdev_dir ? "kernel.cdev: the kernel makes no such node"
						      : "there is no node before the device is "
							"bound to VFIO");
	} else if (show->cdev.present == NEST_UNKNOWN) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN, "cannot look at %s", show->cdev.path);
		nest_judge_saw(judge, show->cdev.path, NULL, show->cdev.err);
	} else if (!judge->in->facts->dev_shown) {
		nest_judge_skip(judge, "this capture has no device nodes");
	} else {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "%s does not exist, and sysfs shows its device", show->cdev.path);
		nest_judge_saw(judge, show->cdev.path, NULL, show->cdev.err);
		nest_remedy_node(show->cdev.path, commands, sizeof(commands));
		nest_judge_remedy(judge, "create it, as root (udev does so on most hosts)");
		nest_judge_commands(judge, commands);
	}
}

static void remedy_bind(struct nest_judge *judge, const struct nest_device *dev)
{
	char commands[NEST_REMEDY_MAX];

	if (nest_device_is_bridge(dev)) {
		nest_judge_remedy(judge,
				  "name a device below it: vfio-pci does not bind to a bridge");
	} else if (dev->bus != NEST_BUS_PCI) {
		nest_judge_remedy(judge, "bind it to the VFIO driver of its bus");
	} else {
		nest_judge_remedy(judge, "bind it to vfio-pci, as root");
		nest_remedy_bind_and_back(dev->name, nest_tri_from_bool(dev->driver != NULL),
					  commands, sizeof(commands));
		nest_judge_commands(judge, commands);
	}
}

static void bound_rule(struct nest_judge *judge)
{
	const struct nest_device *dev = device_of(judge);

	if (!dev->have_uevent && !dev->driver) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "the driver of the device is unknown: sysfs shows neither a link "
			       "nor a uevent");
		nest_judge_saw_driver(judge, dev);
	} else if (nest_driver_is_vfio(dev->driver)) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the device is bound to %s", dev->driver);
		nest_judge_saw_driver(judge, dev);
	} else {
		nest_judge_say(judge, NEST_RESULT_FAIL, "the device is bound to %s%s",
			       dev->driver ? dev->driver : "no driver",
			       dev->driver ? ", not to a VFIO driver" : "");
		nest_judge_saw_driver(judge, dev);
		if (nest_judge_no_iommu(judge))
			nest_judge_remedy(judge, "do not bind it yet: without an IOMMU vfio-pci "
						 "refuses it, and it is left without a driver");
		else if (dev->group == NEST_NONE && !nest_group_may_come(judge->in->model, dev))
			nest_judge_remedy(judge, "do not bind it: the device is in no IOMMU group, "
						 "so VFIO refuses it");
		else
			remedy_bind(judge, dev);
	}
}

/* Does SIDP of the DMAR table exclude nested tables for the device itself? */
static bool is_excluded(const struct nest_judge *judge, const struct nest_device *dev)
{
	const struct nest_dmar *dmar = judge->in->facts->dmar;
	struct nest_pciaddr address;
	size_t i, k;

	if (!dmar || nest_pciaddr_parse(dev->name, &address))
		return false;
	for (i = 0; i < dmar->nentries; i++) {
		const struct nest_dmar_entry *entry = &dmar->entries[i];
		const struct nest_dmar_scope *scope = nest_dmar_entry_scopes(dmar, entry);

		if (!entry->decoded || entry->type != NEST_DMAR_SIDP ||
		    entry->segment != address.domain)
			continue;
		for (k = 0; k < entry->nscopes; k++)
			if (scope[k].flags & NEST_DMAR_NESTED_NOT_ALLOWED && scope[k].npath == 1 &&
			    scope[k].bus == address.bus &&
			    scope[k].path[0].device == address.device &&
			    scope[k].path[0].function == address.function)
				return true;
	}
	return false;
}

static void say_excluded(struct nest_judge *judge)
{
	nest_judge_say(
		judge, NEST_RESULT_UNKNOWN,
		"cannot determine whether the device nests: its unit does, but the firmware "
		"excludes nested translation of its requests without PASID (SIDP structure)");
	nest_judge_saw(judge, judge->in->facts->tables[NEST_TABLE_DMAR].path, "nested_not_allowed",
		       0);
	nest_judge_remedy(judge, "use another device");
}

/* Behind an IOMMU whose nested tables stand on a vIOMMU: one of the group can have no vDEVICE. */
static bool shares_in_vain(struct nest_judge *judge, const struct nest_device *dev,
			   const struct nest_unit *unit)
{
	const struct nest_group *group = nest_device_group(judge->in->model, dev);
	struct nest_whole_group whole;

	nest_whole_group(judge->in->model, group, dev, &whole);
	if (!unit || !unit->hw->viommu.gate || whole.needs < NEST_WHOLE_UNBOUND)
		return false;
	nest_judge_say(judge, NEST_RESULT_FAIL, "%s", whole.text);
	nest_judge_saw(judge,
		       nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/devices", group->id),
		       whole.lacks->name, 0);
	nest_judge_remedy(judge, "%s", whole.remedy);
	if (whole.needs == NEST_WHOLE_UNBOUND)
		remedy_bind(judge, whole.lacks);
	return true;
}

static void device_nests_rule(struct nest_judge *judge)
{
	const struct nest_device *dev = device_of(judge);
	const struct nest_unit *unit = nest_device_unit(judge->in->model, dev);
	const struct nest_probe *probe = nest_judge_probe(judge, dev);
	char text[128];

	if (!judge->in->named || nest_judge_no_iommu(judge))
		return; /* that is the units' finding */
	if (shares_in_vain(judge, dev, unit))
		return;
	if (unit && probe && probe->decision.nesting == NEST_USABLE) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "%s, in front of the device, nests: the kernel made a nested table",
			       unit->name);
		nest_judge_saw(judge, "probe", dev->name, 0);
		return;
	}
	if (!unit) {
		nest_judge_say(judge,
			       dev->group == NEST_NONE && !dev->group_unread &&
					       !nest_group_may_come(judge->in->model, dev)
				       ? NEST_RESULT_FAIL
				       : NEST_RESULT_UNKNOWN,
			       "the IOMMU unit in front of the device is unknown");
		nest_judge_saw(judge,
			       nest_judge_text(judge, "/sys/bus/%s/devices/%s/iommu",
					       dev->bus_name ? dev->bus_name : "pci", dev->name),
			       NULL, ENOENT);
		return;
	}
	if (unit->nesting == NEST_YES && is_excluded(judge, dev)) {
		say_excluded(judge);
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
	if (unit->nesting != NEST_YES)
		nest_judge_nests_not(judge, unit);
}

static const char *regions_path(struct nest_judge *judge, const struct nest_group *group)
{
	return nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/reserved_regions", group->id);
}

/* The block of the IVRS table that keeps memory for the device, or NULL. */
static const struct nest_acpi_node *ivmd_of(const struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);
	size_t at = 0;

	return show->table && show->table->kind == &nest_acpi_ivrs
		       ? nest_ivrs_reserved(show->table, show->segment, show->requester, &at)
		       : NULL;
}

static void say_reserved(struct nest_judge *judge, const struct nest_group *group, uint64_t start)
{
	const struct nest_unit *unit = nest_device_unit(judge->in->model, device_of(judge));
	const struct nest_acpi_node *ivmd = ivmd_of(judge);

	nest_judge_say(judge, NEST_RESULT_FAIL,
		       "the firmware reserves memory at 0x%llx for this device (%s), so the kernel "
		       "refuses to assign it",
		       (unsigned long long)start, nest_hw_reserved(unit ? unit->hw : NULL));
	nest_judge_saw(judge, regions_path(judge, group), "direct", 0);
	if (ivmd)
		nest_judge_saw(judge, judge->in->facts->tables[NEST_TABLE_IVRS].path,
			       nest_judge_text(judge, "IVMD at offset %u", ivmd->offset), 0);
	nest_judge_remedy(judge,
			  "look for an option in the firmware's setup (HP: \"Shared Memory\" "
			  "or HP-SHM of the slot), or use another slot or device");
}

/* Without a list of regions: the table of AMD tells by itself. */
static void say_regions_unknown(struct nest_judge *judge, const struct nest_group *group)
{
	const struct nest_acpi_node *ivmd = ivmd_of(judge);

	if (ivmd)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the kernel assigns the device: the "
			       "firmware reserves memory for it (IVMD), and the kernel's list of "
			       "regions is not readable");
	else
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the firmware reserves memory for the "
			       "device: the list is not readable, or the kernel is older than "
			       "4.11");
	nest_judge_saw(judge, regions_path(judge, group), NULL, group->regions_bad ? EINVAL : 0);
	if (ivmd)
		nest_judge_saw(judge, judge->in->facts->tables[NEST_TABLE_IVRS].path,
			       nest_judge_text(judge, "IVMD at offset %u", ivmd->offset), 0);
}

/* A kernel newer than this tool may refuse for it, or not. */
static void say_strange_region(struct nest_judge *judge, const struct nest_group *group,
			       const struct nest_region *region)
{
	nest_judge_say(judge, NEST_RESULT_UNKNOWN,
		       "cannot determine whether the kernel assigns the device: the region at "
		       "0x%llx has a type that this tool does not know (%s)",
		       (unsigned long long)region->start, region->name);
	nest_judge_saw(judge, regions_path(judge, group), region->name, 0);
}

static void device_rmrr_rule(struct nest_judge *judge)
{
	const struct nest_device *dev = device_of(judge);
	const struct nest_group *group = nest_device_group(judge->in->model, dev);
	const struct nest_log_note *refused =
		nest_facts_note_of(judge->in->facts, "rmrr_refused", dev->name);
	const struct nest_region *direct =
		group ? nest_group_region(group, NEST_REGION_DIRECT) : NULL;
	const struct nest_region *other =
		group ? nest_group_region(group, NEST_REGION_OTHER) : NULL;

	if (nest_judge_no_iommu(judge))
		return;
	if (!group) {
		nest_judge_skip(judge, "device.group: the device is in no group that is known");
	} else if (direct) {
		say_reserved(judge, group, direct->start);
	} else if (!group->have_regions) {
		say_regions_unknown(judge, group);
	} else if (other) {
		say_strange_region(judge, group, other);
	} else if (refused && judge->in->named) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the kernel assigns the device: it lists "
			       "no reserved memory, but the log says that it refused the device "
			       "for some");
		nest_judge_saw(judge, regions_path(judge, group), "read", 0);
		nest_judge_saw(judge, "kernel log",
			       nest_judge_text(judge, "line %u: rmrr_refused", refused->line), 0);
	} else {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the firmware reserves no memory that ties the device to the host");
		nest_judge_saw(judge, regions_path(judge, group), "read", 0);
	}
}

/*
 * Requests of such a device carry the id of the bridge, for the IOMMU and in its faults, and none
 * has a PASID. Behind a conventional bridge VT-d and AMD nest all the same, since the kernel
 * attaches the bridge with the group; SMMUv3's driver refuses that.
 */
static bool is_only_shared(const struct nest_judge *judge, const struct nest_show *show)
{
	const struct nest_unit *unit = nest_device_unit(judge->in->model, show->dev);

	return show->bridge_from_express == NEST_NO && judge->in->purpose == NEST_FOR_NESTED &&
	       unit && unit->hw != &nest_hw_smmuv3;
}

static void say_bridge(struct nest_judge *judge, const struct nest_show *show)
{
	const char *bridge = show->bridge ? show->bridge : "a bridge";

	if (is_only_shared(judge, show))
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the device is behind %s, a conventional PCI bridge: its requests "
			       "carry the bridge's id, and emulators refuse to nest for it",
			       bridge);
	else
		nest_judge_say(
			judge, NEST_RESULT_FAIL,
			"the device is behind %s, a bridge to conventional PCI: its requests "
			"carry the bridge's id, so nested tables and a round trip do not "
			"work on it",
			bridge);
	nest_judge_saw(judge,
		       nest_judge_text(judge, "/sys/bus/pci/devices/%s/config",
				       show->bridge ? show->bridge : show->dev->name),
		       "a bridge to conventional PCI", 0);
	nest_judge_remedy(judge, "use a PCI Express device");
}

static void device_bridge_rule(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);

	if (show->dev->bus != NEST_BUS_PCI) {
		nest_judge_skip(judge, "the device is not on PCI");
		return;
	}
	if (show->behind_bridge == NEST_UNKNOWN) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether a bridge to conventional PCI is above the "
			       "device");
		nest_judge_saw(judge,
			       nest_judge_text(judge, "/sys/bus/pci/devices/%s", show->dev->name),
			       NULL, 0);
		nest_judge_remedy(judge, "run it as root");
		return;
	}
	if (show->behind_bridge == NEST_NO) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "no bridge to conventional PCI is above the device");
		nest_judge_saw(judge,
			       nest_judge_text(judge, "/sys/bus/pci/devices/%s", show->dev->name),
			       "read", 0);
		return;
	}
	say_bridge(judge, show);
}

static void device_reset_rule(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);
	const char *path =
		nest_judge_text(judge, "/sys/bus/pci/devices/%s/reset_method", show->dev->name);

	if (show->dev->bus != NEST_BUS_PCI || !show->reset_methods)
		return;
	if (!*show->reset_methods) {
		nest_judge_say(
			judge, NEST_RESULT_WARN,
			"the device cannot be reset: it keeps the state that its last user left");
		nest_judge_saw(judge, path, "", 0);
		nest_judge_remedy(judge, "a power cycle of the host resets it; prefer a device "
					 "with function level reset");
	} else if (!strcmp(show->reset_methods, "bus") || !strcmp(show->reset_methods, "cxl_bus")) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the device is reset with its whole bus: assign all functions of "
			       "the slot together");
		nest_judge_saw(judge, path, show->reset_methods, 0);
		nest_judge_remedy(judge, "bind all functions of the slot to vfio-pci");
	} else {
		nest_judge_say(judge, NEST_RESULT_PASS, "the device can be reset by itself: %s",
			       show->reset_methods);
		nest_judge_saw(judge, path, show->reset_methods, 0);
	}
}

/* One capability of config space, most of which only root may read. */
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
			       "cannot determine whether the device has %s: %s", name,
			       show->no_caps ? show->no_caps
					     : "its config space was not read in full");
	nest_judge_saw(judge, path,
		       present == NEST_UNKNOWN ? NULL
		       : present == NEST_YES   ? "present"
					       : "absent",
		       0);
	if (present == NEST_UNKNOWN)
		nest_judge_remedy(judge, "run it as root");
}

/*
 * AMD's driver switches PASIDs on for a device only in an identity domain or one with guest (v2)
 * tables (pdom_is_sva_capable()). True: a finding says that they are off, or may be.
 */
static bool say_domain(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_device *dev = device_of(judge);
	const struct nest_unit *unit = nest_device_unit(model, dev);
	const struct nest_group *group = nest_device_group(model, dev);
	const char *word = unit ? unit->hw->sva_untranslated : NULL;
	bool known = group && group->type;

	if (!word || (known && !strcmp(group->type, "identity")) ||
	    nest_judge_option(judge, unit->hw->option, word))
		return false;
	if (known && judge->in->facts->cmdline.value)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "the device's group is translated with tables that take no PASIDs "
			       "(type %s, no %s=%s)",
			       group->type, unit->hw->option, word);
	else
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the domain of the device takes PASIDs: "
			       "%s is not readable",
			       known ? "the kernel's command line" : "the type of its group");
	nest_judge_saw(judge,
		       group ? nest_judge_text(judge, "/sys/kernel/iommu_groups/%u/type", group->id)
			     : "/sys/kernel/iommu_groups",
		       known ? group->type : NULL, 0);
	nest_judge_saw_fact(judge, &judge->in->facts->cmdline);
	nest_judge_remedy(judge, NEST_WORDS_CMDLINE,
			  nest_judge_text(judge, "%s=%s", unit->hw->option, word));
	return true;
}

static void device_pasid_rule(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);

	if (!judge->in->named)
		return; /* found by its driver: it need not have them */
	if (show->have_caps && show->caps.pasid.present == NEST_YES && say_domain(judge))
		return;
	judge_cap(judge, show->have_caps ? show->caps.pasid.present : NEST_UNKNOWN, "PASIDs");
}

/* On SMMUv3 Linux takes page faults from devices that stall, which sysfs does not show. */
static bool faults_by_stall(const struct nest_judge *judge)
{
	const struct nest_unit *unit = nest_device_unit(judge->in->model, device_of(judge));

	return unit && unit->hw == &nest_hw_smmuv3;
}

static void device_pri_rule(struct nest_judge *judge)
{
	const struct nest_show *show = show_of(judge);
	enum nest_tri ats = show->have_caps ? show->caps.ats.present : NEST_UNKNOWN;
	enum nest_tri pri = show->have_caps ? show->caps.pri.present : NEST_UNKNOWN;

	if (!judge->in->named)
		return;
	if (faults_by_stall(judge)) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the device stalls on page faults, which "
			       "Linux needs on SMMUv3");
		nest_judge_saw(judge, "/sys/class/iommu", NULL, 0);
		return;
	}
	judge_cap(judge,
		  ats == NEST_NO || pri == NEST_NO ? NEST_NO
		  : ats == NEST_UNKNOWN		   ? ats
						   : pri,
		  "page requests (PRI) and an address cache (ATS)");
}

static const struct nest_rule_evidence bound_evidence[] = {
	{ NULL, "the driver link or the uevent names a VFIO driver", "another driver, or none",
	  "neither is readable" },
};

static const struct nest_rule_evidence rmrr_evidence[] = {
	{ NULL, "reserved_regions of the group without a direct region", "a direct region",
	  "no list of regions" },
};

static const struct nest_rule_evidence nesting_evidence[] = {
	{ &nest_hw_vtd, "the unit nests", "the unit does not nest", "its registers are unknown" },
	{ &nest_hw_amd, "the unit nests", "the unit does not nest", "its registers are unknown" },
	{ NULL, "a nest parent that was allocated (--probe)", "the device is in no group",
	  "sysfs shows no register" },
};

static const struct nest_rule_evidence bridge_evidence[] = {
	{ NULL, "Express ports alone above the device, or a conventional bridge (VT-d, AMD)",
	  "a bridge from Express to conventional PCI, or any on SMMUv3",
	  "bridges with neither driver nor readable config space" },
};

static const struct nest_rule_evidence pasid_evidence[] = {
	{ &nest_hw_amd,
	  "the capability in config space, in an identity domain or with guest tables",
	  "config space without it, or another domain",
	  "config space, type of the group or command line not readable" },
	{ NULL, "the capability in config space", "config space without it",
	  "config space that is not readable in full" },
};

static const struct nest_rule_evidence pri_evidence[] = {
	{ &nest_hw_smmuv3, NULL, NULL, "sysfs does not show which devices stall" },
	{ NULL, "the capabilities in config space", "config space without one",
	  "config space that is not readable in full" },
};

static const struct nest_rule rules[] = {
	{ "device.bound", NEST_SUBJECT_DEVICE, NEST_FOR_ALL, NEST_FOR_ALL, bound_rule,
	  "the device is bound to a VFIO driver", bound_evidence },
	{ "device.rmrr", NEST_SUBJECT_DEVICE, NEST_FOR_ALL, NEST_FOR_ALL, device_rmrr_rule,
	  "the firmware reserves no memory for the device", rmrr_evidence },
	{ "device.nesting", NEST_SUBJECT_DEVICE, NEST_FOR_NESTED, NEST_FOR_NESTED,
	  device_nests_rule, "the unit in front of the device can nest", nesting_evidence },
	{ "device.node", NEST_SUBJECT_DEVICE, NEST_FOR_NESTED | NEST_FOR_SVA,
	  NEST_FOR_NESTED | NEST_FOR_SVA, device_cdev_rule,
	  "the device has a node of its own that may be opened", nest_rule_node_evidence },
	{ "device.bridge", NEST_SUBJECT_DEVICE, NEST_FOR_NESTED | NEST_FOR_SVA,
	  NEST_FOR_NESTED | NEST_FOR_SVA, device_bridge_rule,
	  "the device is not behind a bridge to conventional PCI", bridge_evidence },
	{ "device.reset", NEST_SUBJECT_DEVICE, NEST_FOR_ALL, 0, device_reset_rule,
	  "the device can be reset by itself", NULL },
	{ "device.pasid", NEST_SUBJECT_DEVICE, NEST_FOR_SVA, NEST_FOR_SVA, device_pasid_rule,
	  "the device has PASIDs", pasid_evidence },
	{ "device.pri", NEST_SUBJECT_DEVICE, NEST_FOR_SVA, NEST_FOR_SVA, device_pri_rule,
	  "the device has page requests and an address cache", pri_evidence },
};
NEST_RULE_TOPIC(device);
