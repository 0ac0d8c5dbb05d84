// SPDX-License-Identifier: GPL-2.0-or-later
/* What the answers of iommufd mean for nesting: only tables that were allocated prove anything. */
#include "probe/opinion.h"

#include <errno.h>
#include <stdio.h>

#include "explain.h"
#include "hw/hw.h"
#include "inventory/hazard.h"

static enum nest_usability judge_no_iommufd(const struct nest_probe *probe,
					    struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	bool missing = iommufd->node.open.status == NEST_OUTCOME_FAILED &&
		       iommufd->node.open.err == ENOENT;

	if (!missing || iommufd->in_kernel == NEST_UNKNOWN)
		return nest_opinion_say_node(opinion, "iommufd.node", &iommufd->node, "/dev/iommu");
	if (iommufd->in_kernel == NEST_NO)
		return nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.node",
					"The running kernel has no iommufd: %s.",
					iommufd->in_kernel_why);
	nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.node",
			 "/dev/iommu is missing, though the kernel has iommufd: %s.",
			 iommufd->in_kernel_why);
	if (iommufd->node.served == NEST_YES)
		nest_opinion_advise_as(opinion, iommufd->node.remedy);
	else
		nest_opinion_advise(opinion, "load the module:\n" NEST_CMD_LOAD("iommufd"), "");
	return NEST_USABILITY_UNKNOWN;
}

/* The word of firmware behind a refusal, if it was looked for. */
static void say_promise(const struct nest_promise *promise, const char *evidence,
			struct nest_opinion *opinion)
{
	if (promise->text[0])
		nest_opinion_say(opinion, NEST_UNUSABLE, evidence, "%s%s.",
				 promise->set == NEST_UNKNOWN ? "What firmware says is not known: "
							      : "Firmware says: ",
				 promise->text);
}

/* A driver that shows no registers of its hardware. */
static bool lacks_driver(const struct nest_probe *probe, struct nest_hw_refusal *ret)
{
	bool untold = probe->iommufd.hw_info.status == NEST_OUTCOME_OK && !probe->iommufd.hw.hw;

	return untold && nest_driver_lacks(probe->hw, probe->release, ret);
}

/* A kernel whose pages are smaller than the smallest of the IOMMU uses it for no device. */
static enum nest_usability say_coarse(const struct nest_probe *probe,
				      const struct nest_hw_refusal *refusal,
				      struct nest_opinion *opinion)
{
	nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.hwpt",
			 "No nest parent can be allocated for %s (EINVAL), since its %s unit fails "
			 "the gate \"%s\": %s.",
			 probe->iommufd.device, probe->hw->title, refusal->gate, refusal->reason);
	nest_opinion_advise(opinion, refusal->remedy, "");
	return NEST_UNUSABLE;
}

/* Why the kernel allocates no nest parent, by the registers where they are known. */
static enum nest_usability say_no_parent(const struct nest_probe *probe,
					 const struct nest_outcome *alloc,
					 struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	struct nest_hw_refusal refusal;

	if (!lacks_driver(probe, &refusal) &&
	    (!probe->hw ||
	     !nest_hw_parent_refused(probe->hw, &probe->values, alloc->err, &refusal)))
		return nest_opinion_say_failed(opinion, NEST_UNUSABLE, "iommufd.hwpt", alloc,
					       "No nest parent can be allocated", iommufd->device);
	if (iommufd->hatdis.set == NEST_YES)
		refusal = (struct nest_hw_refusal){
			.gate = "hatdis",
			.reason = "firmware switches its host page table off, which is the second "
				  "stage",
			.remedy = nest_hw_help(probe->hw, "hats"),
		};
	nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.hwpt",
			 "No nest parent can be allocated for %s (EOPNOTSUPP), since its %s unit "
			 "fails the gate \"%s\": %s.",
			 iommufd->device, probe->hw->title, refusal.gate, refusal.reason);
	nest_opinion_advise(opinion, refusal.remedy, "");
	/* Where the registers say no, it does not matter what firmware says. */
	if (iommufd->hatdis.set == NEST_YES || probe->unit_nests != NEST_NO)
		say_promise(&iommufd->hatdis, "ivrs", opinion);
	return NEST_UNUSABLE;
}

/* The kernel has a nest parent and makes no vIOMMU, or none that knows the device. */
static enum nest_usability say_no_viommu(const struct nest_probe *probe,
					 const struct nest_outcome *failed,
					 struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	struct nest_hw_refusal refusal;
	bool lacks = failed == &iommufd->viommu && failed->err == EOPNOTSUPP &&
		     lacks_driver(probe, &refusal);

	if (!lacks && (failed != &iommufd->viommu || !probe->hw ||
		       !nest_hw_viommu_refused(probe->hw, &probe->values, failed->err, &refusal)))
		return nest_opinion_say_failed(
			opinion,
			nest_outcome_is_no(failed) ? NEST_UNUSABLE : NEST_USABILITY_UNKNOWN,
			"iommufd.viommu", failed,
			"A nest parent can be allocated, but not what a nested table needs besides",
			iommufd->device);
	nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.viommu",
			 "No vIOMMU can be allocated for %s (EOPNOTSUPP), since its %s unit fails "
			 "the gate \"%s\": %s.",
			 iommufd->device, probe->hw->title, refusal.gate, refusal.reason);
	nest_opinion_advise(opinion, refusal.remedy, "");
	if (!lacks)
		say_promise(&iommufd->canwbs, "iort", opinion);
	return NEST_UNUSABLE;
}

/* ---- formats that the tool has none of ---- */

static void say_hardware(const struct nest_probe *probe, enum nest_usability nesting,
			 struct nest_opinion *opinion)
{
	char registers[128];

	nest_hw_values_text(probe->hw, &probe->values, probe->hw->decides, registers,
			    sizeof(registers));
	if (probe->unit_nests == NEST_YES)
		nest_opinion_say(opinion, nesting, "iommufd.hw_info",
				 "The hardware in front of it could: %s (%s).", probe->unit_reason,
				 registers);
	else if (probe->unit_nests == NEST_UNKNOWN && probe->unit_reason)
		nest_opinion_say(opinion, nesting, "iommufd.hw_info",
				 "Whether the hardware in front of it could is not known: %s.",
				 probe->unit_reason);
}

static enum nest_usability say_not_implemented(const struct nest_probe *probe, const char *where,
					       struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;

	nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.hwpt",
			 "This kernel implements no nested table for %s (%s): HWPT_ALLOC with data "
			 "type %u fails with EOPNOTSUPP, %s.",
			 iommufd->device, probe->hw->title,
			 nest_probe_hwpt_find(probe, "nested")->data_type, where);
	nest_opinion_advise(opinion, probe->hw->other_machine, "");
	say_hardware(probe, NEST_UNUSABLE, opinion);
	if (iommufd->viommu.status == NEST_OUTCOME_OK)
		nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.viommu",
				 "VIOMMU_ALLOC succeeds and proves nothing: this driver makes a "
				 "vIOMMU of any type.");
	return NEST_UNUSABLE;
}

/* What the kernel's driver is built without, by what it answers: no registers and no vIOMMU. */
static bool lacks_option(const struct nest_probe *probe)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;

	return probe->hw->symbol && iommufd->hw_info.status == NEST_OUTCOME_OK && !iommufd->hw.hw &&
	       iommufd->viommu.status == NEST_OUTCOME_FAILED && iommufd->viommu.err == EOPNOTSUPP;
}

/* Than the kernels whose IOMMU drivers this tool knows. */
static bool is_newer(const struct nest_probe *probe)
{
	return nest_release_since(probe->release, NEST_HW_LOOKED_AT_MAJOR,
				  NEST_HW_LOOKED_AT_MINOR + 1);
}

/* No table was put on a vIOMMU. */
static enum nest_usability judge_without_viommu(const struct nest_probe *probe,
						struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;

	if (lacks_option(probe)) {
		nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.viommu",
				 "No nested table can be allocated for %s: the kernel was built "
				 "without %s. It tells no registers (type 0), and VIOMMU_ALLOC "
				 "fails with EOPNOTSUPP.",
				 iommufd->device, probe->hw->symbol);
		nest_opinion_advise(opinion, probe->hw->option_remedy, "");
		say_hardware(probe, NEST_UNUSABLE, opinion);
		return NEST_UNUSABLE;
	}
	if (nest_outcome_is_no(&iommufd->viommu) && !is_newer(probe))
		return say_not_implemented(probe, "on the nest parent, and it makes no vIOMMU",
					   opinion);
	nest_opinion_say_failed(opinion, NEST_USABILITY_UNKNOWN, "iommufd.viommu", &iommufd->viommu,
				"No nested table was tried on a vIOMMU, since there is none",
				iommufd->device);
	say_hardware(probe, NEST_USABILITY_UNKNOWN, opinion);
	return NEST_USABILITY_UNKNOWN;
}

/*
 * The kernel has a nest parent, and the tool has no format of what stands on it. It tried empty
 * tables: only they tell whether the kernel implements them, as a vIOMMU may be made of any type.
 */
static enum nest_usability judge_unfilled(const struct nest_probe *probe,
					  const struct nest_probe_hwpt *on_parent,
					  const struct nest_probe_hwpt *on_viommu,
					  struct nest_opinion *opinion)
{
	const struct nest_outcome *alloc = &on_parent->alloc;

	if (alloc->status == NEST_OUTCOME_FAILED && nest_outcome_is_no(alloc)) {
		if (probe->iommufd.viommu.status != NEST_OUTCOME_OK)
			return judge_without_viommu(probe, opinion);
		alloc = &on_viommu->alloc;
	}
	if (alloc->status == NEST_OUTCOME_FAILED && nest_outcome_is_no(alloc))
		return say_not_implemented(probe, "on the nest parent and on a vIOMMU alike",
					   opinion);
	if (alloc->status == NEST_OUTCOME_OK)
		nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hwpt",
				 "For %s the kernel allocates an empty nested table (data type "
				 "%u). Whether it translates is not known: %s.",
				 probe->iommufd.device, on_parent->data_type, probe->hw->no_s1);
	else if (alloc->status == NEST_OUTCOME_FAILED)
		nest_opinion_say_failed(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hwpt", alloc,
					"Whether the kernel has nested tables for it is not known. "
					"An empty one was refused",
					probe->iommufd.device);
	else
		nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hwpt",
				 "No nested table was tried for %s: %s.", probe->iommufd.device,
				 alloc->why ? alloc->why : "the probe ended early");
	say_hardware(probe, NEST_USABILITY_UNKNOWN, opinion);
	return NEST_USABILITY_UNKNOWN;
}

/* ---- tables ---- */

/* The kernel has a nest parent and refused a nested table of the one format that was tried. */
static enum nest_usability judge_nested(const struct nest_probe *probe,
					const struct nest_outcome *nested,
					struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	const struct nest_hw *hw = probe->hw ? probe->hw : &nest_hw_other;

	if (!hw->s1) {
		nest_opinion_say(
			opinion, NEST_USABILITY_UNKNOWN, "iommufd.hwpt",
			"A nest parent can be allocated for %s, but no nested table of its "
			"format was tried: the hardware is of kind \"%s\", and %s.",
			iommufd->device, hw->name, hw->no_s1);
		if (probe->unit_nests == NEST_YES)
			nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hw_info",
					 "The hardware in front of it can nest: %s.",
					 probe->unit_reason);
		else if (probe->unit_nests == NEST_UNKNOWN && probe->unit_reason)
			nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hw_info",
					 "Whether the hardware in front of it can nest is not "
					 "known: %s.",
					 probe->unit_reason);
		return NEST_USABILITY_UNKNOWN;
	}
	return nest_opinion_say_failed(
		opinion, nest_outcome_is_no(nested) ? NEST_UNUSABLE : NEST_USABILITY_UNKNOWN,
		"iommufd.hwpt", nested, "A nest parent can be allocated, but no nested table on it",
		iommufd->device);
}

/* A table can be allocated, and one of the group can have no vDEVICE: not attached, or not yet. */
static enum nest_usability say_no_attach(const struct nest_probe *probe,
					 struct nest_opinion *opinion)
{
	const struct nest_whole_group *whole = &probe->whole;
	enum nest_usability nesting =
		whole->needs == NEST_WHOLE_NEVER ? NEST_UNUSABLE : NEST_USABILITY_UNKNOWN;

	nest_opinion_say(opinion, nesting, "iommufd.vdevice",
			 "A nested table can be allocated for %s, but not attached: %s.",
			 probe->iommufd.device, whole->text);
	nest_opinion_advise(opinion, whole->remedy, "");
	if (whole->needs == NEST_WHOLE_UNBOUND)
		nest_opinion_advise_bind(opinion, whole->lacks);
	return nesting;
}

/* It is usable; with a vDEVICE for it, and for each device of its group. */
static enum nest_usability say_usable(const struct nest_probe *probe, struct nest_opinion *opinion)
{
	const struct nest_whole_group *whole = &probe->whole;
	bool vdevice = probe->iommufd.vdevice.status == NEST_OUTCOME_OK;

	if (vdevice && whole->needs >= NEST_WHOLE_UNBOUND)
		return say_no_attach(probe, opinion);
	nest_opinion_say(
		opinion, NEST_USABLE, "iommufd.hwpt",
		"For %s the kernel allocates a nest parent and a nested first-stage table on it.",
		probe->iommufd.device);
	if (vdevice && whole->needs == NEST_WHOLE_TOGETHER) {
		nest_opinion_say(opinion, NEST_USABLE, "iommufd.vdevice",
				 "It cannot nest alone: %s.", whole->text);
		nest_opinion_advise(opinion, whole->remedy, "");
	}
	return NEST_USABLE;
}

static enum nest_usability judge_tables(const struct nest_probe *probe,
					struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	const struct nest_probe_hwpt *parent = nest_probe_hwpt_find(probe, "nest_parent");
	const struct nest_probe_hwpt *nested = nest_probe_hwpt_find(probe, "nested");
	const struct nest_probe_hwpt *unfilled = nest_probe_hwpt_find(probe, "nested_on_viommu");

	struct nest_hw_refusal refusal;

	opinion->abi = NEST_ABI_IOMMUFD;
	if (!parent || !nested || parent->alloc.status == NEST_OUTCOME_SKIPPED)
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hwpt",
					"No nest parent was tried for %s.", iommufd->device);
	if (parent->alloc.status == NEST_OUTCOME_FAILED && nest_outcome_is_no(&parent->alloc)) {
		opinion->abi = NEST_ABI_NONE;
		if (parent->alloc.err == EOPNOTSUPP)
			return say_no_parent(probe, &parent->alloc, opinion);
		return nest_opinion_say_failed(opinion, NEST_UNUSABLE, "iommufd.hwpt",
					       &parent->alloc, "No nest parent can be allocated",
					       iommufd->device);
	}
	if (parent->alloc.status == NEST_OUTCOME_FAILED && probe->hw &&
	    nest_hw_pages_refused(probe->hw, &probe->values, parent->alloc.err, probe->host_page,
				  &refusal)) {
		opinion->abi = NEST_ABI_NONE;
		return say_coarse(probe, &refusal, opinion);
	}
	if (parent->alloc.status == NEST_OUTCOME_FAILED)
		return nest_opinion_say_failed(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hwpt",
					       &parent->alloc, "No nest parent could be allocated",
					       iommufd->device);
	if (unfilled && probe->hw)
		return judge_unfilled(probe, nested, unfilled, opinion);
	if (iommufd->viommu.status == NEST_OUTCOME_FAILED)
		return say_no_viommu(probe, &iommufd->viommu, opinion);
	if (iommufd->vdevice.status == NEST_OUTCOME_FAILED)
		return say_no_viommu(probe, &iommufd->vdevice, opinion);
	if (nested->alloc.status != NEST_OUTCOME_OK)
		return nested->alloc.status == NEST_OUTCOME_FAILED
			       ? judge_nested(probe, &nested->alloc, opinion)
			       : nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.hwpt",
						  "No nested table was tried for %s.",
						  iommufd->device);
	if (nest_outcome_is_no(&iommufd->invalidate))
		return nest_opinion_say_failed(
			opinion, NEST_UNUSABLE, "iommufd.hwpt", &iommufd->invalidate,
			"A nested table can be allocated, but not invalidated", iommufd->device);
	return say_usable(probe, opinion);
}

/* EPERM has a second cause, and neither is about nesting: nothing is decided. */
static enum nest_usability say_not_isolated(const struct nest_probe *probe,
					    struct nest_opinion *opinion)
{
	nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "iommufd.bind",
			 "The device could not be bound to the iommufd: EPERM, %s; or a driver, or "
			 "another process, owns the DMA of the group.",
			 probe->hw->not_isolated);
	nest_opinion_advise(opinion, probe->hw->isolate, "");
	return NEST_USABILITY_UNKNOWN;
}

enum nest_usability nest_judge_iommufd(const struct nest_probe *probe, struct nest_opinion *opinion)
{
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	if (iommufd->node.open.status != NEST_OUTCOME_OK)
		return judge_no_iommufd(probe, opinion);
	opinion->abi = NEST_ABI_IOMMUFD;
	if (!probe->have_target)
		return nest_opinion_say(
			opinion, NEST_USABILITY_UNKNOWN, "iommufd.status",
			"iommufd is available; whether it nests depends on the device: name one.");
	if (iommufd->no_device_nodes) {
		opinion->abi = NEST_ABI_NONE;
		return nest_opinion_say(opinion, NEST_UNUSABLE, "iommufd.bind",
					"The kernel makes no device nodes (CONFIG_VFIO_DEVICE_CDEV "
					"is off), and iommufd needs them.");
	}
	if (iommufd->bind.status == NEST_OUTCOME_SKIPPED)
		return nest_opinion_say_skipped(opinion, "iommufd.bind", probe,
						"iommufd was not tried with a device",
						iommufd->bind.why);
	if (iommufd->device_node.open.status == NEST_OUTCOME_FAILED)
		return nest_opinion_say_node(opinion, "iommufd.bind", &iommufd->device_node,
					     "The device node");
	if (iommufd->bind.status == NEST_OUTCOME_FAILED && iommufd->bind.err == EPERM &&
	    probe->blocked) {
		nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "group.blocked_by",
				 "The device could not be bound to the iommufd: EPERM, %s.",
				 probe->blocked);
		nest_opinion_advise(opinion, nest_explain(NEST_STAGE_GROUP_VIABLE, EPERM).remedy,
				    "");
		return NEST_USABILITY_UNKNOWN;
	}
	if (iommufd->bind.status == NEST_OUTCOME_FAILED && iommufd->bind.err == EPERM &&
	    probe->hw && probe->hw->not_isolated)
		return say_not_isolated(probe, opinion);
	if (iommufd->bind.status == NEST_OUTCOME_FAILED)
		return nest_opinion_say_failed(
			opinion,
			nest_outcome_is_no(&iommufd->bind) ? NEST_UNUSABLE : NEST_USABILITY_UNKNOWN,
			"iommufd.bind", &iommufd->bind,
			"The device could not be bound to the iommufd", iommufd->device);
	return judge_tables(probe, opinion);
}
