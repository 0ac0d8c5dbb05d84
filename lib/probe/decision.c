// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the answers of the kernel mean for nesting, from the opinions of a judge for each kind of
 * node.
 */
#include "probe/decision.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "inventory/hazard.h"
#include "probe/opinion.h"
#include "explain.h"
#include "remedy.h"
#include "util.h"

const char *nest_usability_name(enum nest_usability usability)
{
	static const char *const names[] = { "unknown", "unusable", "usable" };

	return names[usability];
}

const char *nest_abi_name(enum nest_abi abi)
{
	static const char *const names[] = { NULL, "rfc-version", "nesting-op", "type1-nesting",
					     "iommufd" };

	return names[abi];
}

static void append(struct nest_decision *decision, const struct nest_opinion *opinion)
{
	size_t i;

	for (i = 0; i < opinion->nreasons; i++)
		decision->reasons[decision->nreasons++] = opinion->reasons[i];
}

/*
 * Usable beats unknown beats unusable. If both say the same, iommufd comes first, if it exists.
 */
static bool container_first(const struct nest_probe *probe, const struct nest_opinion *container,
			    const struct nest_opinion *iommufd)
{
	static const int weight[] = {
		[NEST_UNUSABLE] = 0,
		[NEST_USABILITY_UNKNOWN] = 1,
		[NEST_USABLE] = 2,
	};

	if (container->nesting == iommufd->nesting)
		return probe->iommufd.node.open.status != NEST_OUTCOME_OK;
	return weight[container->nesting] > weight[iommufd->nesting];
}

/*
 * The kernel answered no request about the device or group: a driver, a permission or a free group
 * is missing. What is known of the kernel in general may point to no, but not for this device.
 */
static bool out_of_reach(const struct nest_probe *probe)
{
	const struct nest_probe_type *type = probe->container.types;
	size_t i;

	if (!probe->have_target || probe->iommufd.bind.status == NEST_OUTCOME_OK)
		return false;
	for (i = 0; i < NEST_TYPES; i++)
		if (type[i].set_iommu.status == NEST_OUTCOME_OK ||
		    (type[i].set_iommu.status == NEST_OUTCOME_FAILED &&
		     !nest_outcome_is_refusal(&type[i].set_iommu)))
			return false;
	return true;
}

static enum nest_usability say_out_of_reach(const struct nest_probe *probe,
					    struct nest_opinion *opinion)
{
	if (probe->not_bound) {
		nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "group.not_bound",
				 "Nothing could be asked: %s.", probe->not_bound);
		if (probe->device)
			nest_opinion_advise_bind(opinion, probe->device);
	} else if (probe->blocked) {
		nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "group.blocked_by",
				 "The kernel was not asked: %s.", probe->blocked);
		nest_opinion_advise(opinion, nest_explain(NEST_STAGE_GROUP_VIABLE, EPERM).remedy,
				    "");
	} else if (probe->vfio_group.node.open.status == NEST_OUTCOME_FAILED) {
		nest_opinion_say_node(opinion, "group.node", &probe->vfio_group.node, "The group");
	} else {
		nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "container.iommu_types",
				 "The kernel answered no request about it.");
	}
	return NEST_USABILITY_UNKNOWN;
}

/* VFIO has no way to such a device. A group that could not be read, or may come, is not meant. */
static bool is_ungrouped(const struct nest_probe *probe)
{
	return probe->device && !probe->group && !probe->device->group_unread &&
	       probe->iommu_present == NEST_YES && !probe->group_may_come;
}

static enum nest_usability say_ungrouped(const struct nest_probe *probe,
					 struct nest_opinion *opinion)
{
	nest_opinion_say(opinion, NEST_UNUSABLE, "group.not_bound",
			 "%s is in no IOMMU group: no IOMMU translates for it, so VFIO refuses it.",
			 probe->device->name);
	nest_opinion_advise(
		opinion, "use a device in a group; no setting of a driver helps:\n" NEST_CMD_LIST,
		"");
	return NEST_UNUSABLE;
}

/* The kernel may make tables for it, and no DMA will come through them. */
static void say_bridge(const struct nest_probe *probe, enum nest_usability nesting,
		       struct nest_opinion *opinion)
{
	if (!probe->device || probe->behind_bridge != NEST_YES ||
	    probe->bridge.from_express != NEST_YES)
		return;
	nest_opinion_say(
		opinion, nesting, "device",
		"A round trip cannot work here: %s is behind %s, a PCIe-to-PCI bridge. Its "
		"requests carry an id of the bridge, for which Linux sets up no nested "
		"table.",
		probe->device->name, probe->bridge.name);
	nest_opinion_advise(opinion, "use a PCI Express device", "");
}

void nest_decide(const struct nest_probe *probe, const struct nest_decision_options *options,
		 struct nest_decision *ret_decision)
{
	uint32_t min_version = options && options->min_uapi_version ? options->min_uapi_version : 1;
	struct nest_opinion iommufd = { 0 }, container = { 0 }, host = { 0 }, hardware = { 0 };
	struct nest_opinion reach = { 0 }, bridge = { 0 };
	const struct nest_opinion *first = &iommufd, *second = &container;
	struct nest_decision decision = { 0 };

	iommufd.nesting = nest_judge_iommufd(probe, &iommufd);
	container.nesting = nest_judge_container(probe, min_version, &container);
	if (container_first(probe, &container, &iommufd)) {
		first = &container;
		second = &iommufd;
	}
	decision.container = container.nesting;
	if (container.nreasons)
		memcpy(decision.container_why, container.reasons[0].text,
		       sizeof(decision.container_why));
	decision.nesting = first->nesting;
	decision.abi = first->abi			   ? first->abi
		       : second->nesting == first->nesting ? second->abi
							   : NEST_ABI_NONE;
	if (is_ungrouped(probe) && decision.nesting != NEST_USABLE) {
		decision.nesting = say_ungrouped(probe, &host);
		decision.abi = NEST_ABI_NONE;
		append(&decision, &host);
	} else if (decision.nesting == NEST_UNUSABLE && out_of_reach(probe)) {
		decision.nesting = say_out_of_reach(probe, &reach);
		append(&decision, &reach);
	}
	/* Without an IOMMU it does not matter what the nodes offer. */
	if (probe->vfio_group.noiommu && decision.nesting != NEST_USABLE) {
		decision.nesting = nest_opinion_say(
			&host, NEST_UNUSABLE, "group.node",
			"VFIO has it in no-IOMMU mode: nothing translates its DMA.");
		decision.abi = NEST_ABI_NONE;
		append(&decision, &host);
	} else if (probe->iommu_present == NEST_NO && decision.nesting != NEST_USABLE) {
		decision.nesting = nest_opinion_say(&host, NEST_UNUSABLE, "iommus", "%s.",
						    probe->absent_reason ? probe->absent_reason
									 : "No IOMMU is in use");
		decision.abi = NEST_ABI_NONE;
		append(&decision, &host);
	}
	append(&decision, first);
	append(&decision, second);
	if (probe->have_target && decision.nesting != NEST_USABLE && probe->unit_nests == NEST_NO &&
	    probe->unit_reason) {
		hardware.nesting = nest_opinion_say(&hardware, NEST_UNUSABLE, "iommus",
						    "The hardware in front of it cannot nest: %s.",
						    probe->unit_reason);
		append(&decision, &hardware);
	}
	say_bridge(probe, decision.nesting, &bridge);
	append(&decision, &bridge);
	*ret_decision = decision;
}
