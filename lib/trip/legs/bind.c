// SPDX-License-Identifier: GPL-2.0-or-later
/* A first-stage table is bound, or why none can be; and taken away. */
#include "trip/legs.h"

#include <errno.h>
#include <stdio.h>

#include "errnoname.h"
#include "explain.h"
#include "hw/hw.h"
#include "inventory/devices.h"
#include "inventory/hazard.h"
#include "inventory/promise.h"
#include "inventory/wholegroup.h"

#define NO_IOMMU  "this IOMMU cannot nest"
#define NO_DEVICE "this device can have no nested table"

/* Sets why what has no first stage; NULL: what the leg itself says. */
static void set_gate(struct nest_trip_run *run, const struct nest_hw_refusal *refusal,
		     const char *what)
{
	run->report->gate = refusal ? refusal->gate : "kernel";
	run->report->gate_reason = refusal ? nest_trip_text(run, refusal->remedy ? "%s (%s)" : "%s",
							    refusal->reason, refusal->remedy)
					   : run->leg->reason;
	run->lacks_s1 = nest_trip_text(run, "%s, gate %s: %s", what, run->report->gate,
				       run->report->gate_reason);
}

/* A gate is why there is no first stage; the round trip goes on with one stage. */
static enum nest_leg_result gated(struct nest_trip_run *run, const struct nest_hw_refusal *refusal,
				  const char *request, const char *what)
{
	set_gate(run, refusal, what);
	nest_trip_evidence(run, "%s: %s", request, nest_errno_name(run->failed.err));
	run->leg->op = NULL;
	run->leg->err = 0;
	run->leg->remedy = NULL;
	return nest_trip_skip(run, "%s", run->lacks_s1);
}

/* Names the gate behind a nest parent that was refused. */
static enum nest_leg_result no_nesting(struct nest_trip_run *run)
{
	const struct nest_hw_info *hw = &run->caps.hw;
	struct nest_hw_refusal refusal;
	bool known =
		hw->hw && nest_hw_parent_refused(hw->hw, &hw->values, run->failed.err, &refusal);

	return gated(run, known ? &refusal : NULL, "IOMMU_HWPT_ALLOC with NEST_PARENT", NO_IOMMU);
}

/* Names the gate behind a vIOMMU that was refused, and where firmware decides that. */
static enum nest_leg_result no_viommu(struct nest_trip_run *run)
{
	const struct nest_hw_info *hw = &run->caps.hw;
	struct nest_hw_refusal refusal;
	struct nest_promise canwbs;
	bool known =
		hw->hw && nest_hw_viommu_refused(hw->hw, &hw->values, run->failed.err, &refusal);

	if (known && run->dev && !nest_canwbs_of(run->ctx, run->dev->name, &canwbs))
		nest_trip_evidence(run, "%s", canwbs.text);
	return gated(run, known ? &refusal : NULL, "IOMMU_VIOMMU_ALLOC", NO_IOMMU);
}

/* A vDEVICE stands for one stream id. */
static enum nest_leg_result no_vdevice(struct nest_trip_run *run)
{
	static const struct nest_hw_refusal aliased = {
		.gate = "stream_ids",
		.reason = "the IOMMU knows the device by several stream ids, or by none, and the "
			  "kernel makes no vDEVICE for such a device",
		.remedy = "use a device that is not behind a PCIe-to-PCI bridge",
	};

	return gated(run, &aliased, "IOMMU_VDEVICE_ALLOC", NO_DEVICE);
}

/* One device of the group has no vDEVICE: the round trip makes one for its own alone. */
static enum nest_leg_result no_group(struct nest_trip_run *run)
{
	struct nest_hw_refusal refusal = {
		.gate = "group",
		.remedy = "use a device that is alone in its group",
	};
	struct nest_whole_group whole;

	nest_whole_group(run->model, nest_device_group(run->model, run->dev), run->dev, &whole);
	snprintf(refusal.reason, sizeof(refusal.reason), "%s%s", whole.text,
		 whole.needs == NEST_WHOLE_TOGETHER ? "; the round trip makes one" : "");
	return gated(run, &refusal, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", NO_DEVICE);
}

/* The table was refused for a reason that is known and is no fault of the kernel's. */
static enum nest_leg_result name_gate(struct nest_trip_run *run, int err,
				      enum nest_leg_result result)
{
	const struct nest_group *group = run->dev ? nest_device_group(run->model, run->dev) : NULL;
	bool unsupported = err == -EOPNOTSUPP || err == -ENOTTY;

	if (unsupported && run->failed.stage == NEST_STAGE_NEST_PARENT)
		return no_nesting(run);
	if (unsupported && run->failed.stage == NEST_STAGE_VIOMMU)
		return no_viommu(run);
	if (err == -EOPNOTSUPP && run->failed.stage == NEST_STAGE_VDEVICE)
		return no_vdevice(run);
	if (err == -ENOENT && run->failed.stage == NEST_STAGE_ATTACH_NESTED && group &&
	    group->ndevices > 1)
		return no_group(run);
	return result;
}

static enum nest_leg_result not_vtd(struct nest_trip_run *run)
{
	const struct nest_unit *unit = run->dev ? nest_device_unit(run->model, run->dev) : NULL;
	struct nest_hw_refusal refusal;
	const char *kind = "unknown";

	if (run->caps.have_hw && !run->caps.hw.hw && unit &&
	    nest_driver_lacks(unit->hw, run->model->host.kernel, &refusal)) {
		set_gate(run, &refusal, NO_IOMMU);
		nest_trip_evidence(run, "IOMMU_GET_HW_INFO: type 0, no data");
		return nest_trip_skip(run, "%s", run->lacks_s1);
	}
	/* A driver that tells nothing of its hardware still has a name in sysfs. */
	if (run->caps.have_hw && run->caps.hw.hw)
		kind = nest_hw_type_name(run->caps.hw.type);
	else if (unit)
		kind = unit->hw->name;

	run->report->gate = "kind";
	if (run->caps.no_s1)
		run->report->gate_reason = run->caps.no_s1;
	else
		run->report->gate_reason = nest_trip_text(
			run, "the tool cannot build first-stage tables for this kind of IOMMU (%s)",
			kind);
	run->lacks_s1 = run->report->gate_reason;
	return nest_trip_skip(run, "%s", run->lacks_s1);
}

static const char *queue_refusal(const struct nest_trip_run *run, char *buf, size_t size)
{
	nest_explain_failure(&run->no_queue, buf, size);
	return buf;
}

static void tell_queue(struct nest_trip_run *run)
{
	char text[400];

	if (nest_trip_has_events(run))
		nest_trip_evidence(run,
				   "it stands on a vIOMMU, on which the device is 0x%x and faults "
				   "come by a queue of events",
				   run->s1->config.virt_id);
	else if (run->queue)
		nest_trip_evidence(run, "a fault queue is bound with it");
	else if (run->no_queue.stage)
		nest_trip_evidence(run, "with a fault queue the bind was refused: %s",
				   queue_refusal(run, text, sizeof(text)));
	else
		nest_trip_evidence(run,
				   "no fault queue: the device has no page request capability");
}

/* Without its PASID no DMA goes through the table. */
static enum nest_leg_result tag_all(struct nest_trip_run *run)
{
	nest_trip_evidence(
		run,
		"it translates DMA with PASID 0x%x; DMA without PASID uses the second stage alone",
		run->pasid);
	if (!(run->has & NEST_HAS_STIM))
		return NEST_LEG_PASSED;
	if (run->stim.can & NEST_STIM_PASID)
		return nest_trip_tag(run, run->pasid);
	run->lacks_stim = nest_trip_text(
		run, "%s cannot send DMA with a PASID, and the table translates no other DMA",
		run->ops->name);
	run->has &= ~(unsigned int)NEST_HAS_STIM;
	return NEST_LEG_PASSED;
}

/* The second stage of a nested table may have fewer address bits than what was there before. */
static int look_at_ranges(struct nest_trip_run *run)
{
	struct nest_caps now = { 0 };
	int err = run->dev ? nest_space_describe(run->space, &run->vdev, &now) : 0;

	if (err || !run->dev)
		return err;
	if (now.have_ranges) {
		struct nest_range *old = run->caps.ranges;

		run->caps.ranges = now.ranges;
		run->caps.nranges = now.nranges;
		run->caps.have_ranges = true;
		now.ranges = old;
	}
	nest_caps_free(&now);
	return 0;
}

enum nest_leg_result nest_leg_bind(struct nest_trip_run *run)
{
	int err;

	if (!nest_space_stage1(run->space))
		return nest_trip_skip(run, "%s", run->lacks_s1);
	run->lacks_s1 = "no first stage could be bound";
	if (!run->caps.s1_format)
		return not_vtd(run);
	if (nest_trip_is_per_pasid(run) && !run->pasids) {
		run->lacks_s1 = "this ABI binds page tables to PASIDs, and the device has no PASID "
				"capability";
		return nest_trip_skip(run, "%s", run->lacks_s1);
	}
	if (nest_trip_is_per_pasid(run) && !run->pasid) {
		run->lacks_s1 = "this ABI binds page tables to PASIDs, and no PASID was allocated";
		return nest_trip_skip(run, "%s", run->lacks_s1);
	}
	err = nest_trip_build_table(run);
	if (err)
		return nest_trip_fail(run, "cannot build the page table (%s)",
				      nest_errno_name(-err));
	err = nest_trip_bind(run, run->pasid ? &run->pasid : NULL);
	if (err)
		return name_gate(run, err, nest_trip_check(run, err));
	run->has |= NEST_HAS_S1;
	run->nests = true;
	err = look_at_ranges(run);
	if (err)
		return nest_trip_check(run, err);
	if (run->table.npages)
		nest_trip_evidence(run,
				   "a %s at guest-physical 0x%llx is bound as first stage; the "
				   "second stage maps its memory",
				   run->table.format->what, (unsigned long long)run->table.ipa);
	else
		nest_trip_evidence(run, "a %s is bound as first stage", run->table.format->what);
	tell_queue(run);
	return run->pasid ? tag_all(run) : NEST_LEG_PASSED;
}

/* ---- unbind ---- */

/* Tagged DMA has nowhere to go now. */
static enum nest_leg_result untag(struct nest_trip_run *run, uint64_t giova)
{
	enum nest_leg_result result;

	nest_trip_provoked_all(run);
	result = nest_trip_expect_blocked(run, giova, "with a PASID that has no page table");

	if (!result)
		result = nest_trip_tag(run, 0);
	if (!result)
		nest_trip_evidence(run, "a write with PASID 0x%x reached no memory", run->pasid);
	return result;
}

enum nest_leg_result nest_leg_unbind(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_DMA);
	enum nest_leg_result result;
	int err;

	if (!run->s1)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	/* Used at the last moment, so that its translation is cached. */
	if (run->has & NEST_HAS_STIM) {
		result = nest_trip_point(run, giova, page, NEST_S1_RW);
		if (!result)
			result = nest_trip_expect(run, giova, page, "before the unbind");
		if (result)
			return result;
	}
	nest_trip_clock_start(run);
	err = nest_space_stage1(run->space)->unbind(run->s1);
	nest_trip_clock_stop(run);
	run->has &= ~(unsigned int)NEST_HAS_S1;
	run->lacks_s1 = "the first stage was unbound";
	run->s1 = NULL; /* what is left of it after a failure belongs to the undo stack */
	if (err) {
		run->has &= ~(unsigned int)NEST_HAS_STIM;
		return nest_trip_check(run, err);
	}
	if (run->pasid)
		nest_trip_evidence(run, "PASID 0x%x has no page table now", run->pasid);
	else
		nest_trip_evidence(
			run,
			"the device uses the plain mapping again; the nested table%s destroyed",
			run->queue ? " and fault queue are" : " is");
	if (run->lacks_stim && !run->distrusted) {
		run->has |= NEST_HAS_STIM;
		run->lacks_stim = NULL;
	}
	if (!(run->has & NEST_HAS_STIM))
		return NEST_LEG_PASSED;
	result = run->stim.pasid ? untag(run, giova) : NEST_LEG_PASSED;
	if (!result)
		result = nest_trip_arrive(run, giova, giova, "plain mapping, at a former GIOVA");
	if (!result)
		result = nest_trip_expect(run, page, page, "plain mapping");
	if (!result)
		nest_trip_evidence(
			run, "writes to 0x%llx and 0x%llx reach the pages of the plain mapping",
			(unsigned long long)page, (unsigned long long)giova);
	return result;
}
