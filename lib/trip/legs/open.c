// SPDX-License-Identifier: GPL-2.0-or-later
/* The first legs: a backend is opened, and the device attached to it. */
#include "trip/legs.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "backend/abi2020/gpasid.h"
#include "backend/select.h"
#include "errnoname.h"
#include "explain.h"
#include "hw/hw.h"
#include "inventory/hazard.h"
#include "trip/state.h"

#define EXT_CAP_PRI 0x13
#define PAGE_MAX    65536

/* ---- open ---- */

/* Notes a backend that did not open, and what the trip loses by it. */
static void refused(void *data, const struct nest_mode *mode, const struct nest_failure *failed)
{
	struct nest_trip_run *run = data;
	char text[512];

	run->mode = mode;
	nest_explain_failure(failed, text, sizeof(text));
	nest_trip_evidence(run, "%s: %s", mode->name, text);
	if (run->options->mode || mode->first_stage != NEST_FIRST_STAGE_DEVICE)
		return;
	run->passed_over = *failed;
	run->lacks_s1 = nest_trip_text(
		run, "a container offers no first stage, and /dev/iommu could not be opened (%s)",
		nest_errno_name(failed->err));
}

int nest_trip_open_space(struct nest_trip_run *run, const char *wish)
{
	char node[80];
	struct nest_select select = {
		.wish = wish,
		.device_node = !wish && nest_trip_device_node(run, run->dev, node, sizeof(node)),
		.refused = refused,
		.data = run,
	};
	int err;

	if (!wish && !select.device_node)
		run->lacks_s1 =
			"a container offers no first stage, and iommufd needs a node of the device "
			"(Linux 6.6 with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV)";
	run->space_mark = run->ctx->undo.count;
	err = nest_select_open(run->ctx, &select, &run->failed, &run->space);
	if (!err)
		run->mode = run->space->mode;
	return err;
}

static int open_mock(struct nest_trip_run *run)
{
	run->mode = &nest_mode_mock;
	return nest_space_open(run->ctx, run->mode, &run->failed, &run->space);
}

enum nest_leg_result nest_leg_open(struct nest_trip_run *run)
{
	enum nest_leg_result result;
	struct nest_pciaddr addr;
	int err;

	if (run->dev)
		nest_watch_open(run->ctx, &run->log);
	if (nest_errno_classify(-run->log.err) == NEST_ERRNO_RESOURCE)
		return nest_trip_log_failed(run, run->log.err);
	if (run->dev && !nest_pciaddr_parse(run->dev->name, &addr))
		nest_watch_names_of(run->ctx, &addr, &run->names);
	nest_trip_clock_start(run);
	err = run->dev ? nest_trip_open_space(run, run->options->mode) : open_mock(run);
	nest_trip_clock_stop(run);
	result = nest_trip_check(run, err);
	if (result)
		return result;
	run->has |= NEST_HAS_SPACE;
	run->report->abi = run->mode->name;
	if (!run->dev) {
		nest_trip_evidence(run,
				   "%s opened; the device is the kernel's mock, so the results say "
				   "nothing about hardware",
				   run->mode->node);
		return NEST_LEG_PASSED;
	}
	nest_trip_evidence(run, "%s opened as %s", run->mode->node, run->mode->name);
	if (!run->mode->first_stage && run->options->mode)
		run->lacks_s1 = "a container offers no first stage; iommufd does";
	return NEST_LEG_PASSED;
}

/* ---- attach ---- */

/* Page requests show in config space; PASIDs are hidden there, and the kernel tells since 6.15. */
static int look_at_abilities(struct nest_trip_run *run)
{
	uint32_t offset;
	int err;

	run->pri = true; /* the mock asks for pages when it is told to */
	if (!run->dev)
		return 0;
	err = nest_vdev_ext_cap_find(run->ctx, &run->vdev, EXT_CAP_PRI, &offset);
	if (err && err != -ENOENT)
		return err;
	run->pri = !err;
	run->pasids = nest_trip_is_per_pasid(run)
			      ? nest_may_have_pasids(run->ctx, run->dev)
			      : run->caps.have_hw && run->caps.hw.have_max_pasid;
	return 0;
}

static void tell_hardware(struct nest_trip_run *run)
{
	const struct nest_hw_info *hw = &run->caps.hw;
	char text[256] = "";

	if (nest_trip_is_per_pasid(run))
		nest_trip_evidence(run, "nesting ABI of the container: %s",
				   nest_gpasid_of(run->space)->recognition.decision);
	if (run->vdev.no_hw_info)
		nest_trip_evidence(run, "GET_HW_INFO was not asked: %s", run->vdev.no_hw_info);
	if (!run->caps.have_hw)
		return;
	if (hw->hw)
		nest_hw_values_text(hw->hw, &hw->values, UINT32_MAX, text, sizeof(text));
	nest_trip_evidence(run, "the IOMMU in front of it is of kind %s%s%s",
			   nest_hw_type_name(hw->type), *text ? ", " : "", text);
}

/* What both a mapping and a table can have; the second stage maps nothing smaller. */
static uint64_t page_of(const struct nest_caps *caps)
{
	uint64_t page = NEST_PAGE;

	if (caps->have_alignment && caps->alignment > page)
		page = caps->alignment;
	if (caps->have_page_sizes && (caps->page_sizes & -caps->page_sizes) > page)
		page = caps->page_sizes & -caps->page_sizes;
	if (caps->s1_format && nest_s1_page(caps->s1_format) > page)
		page = nest_s1_page(caps->s1_format);
	return page;
}

/*
 * EINVAL of the first attach: are the smallest pages of the IOMMU too large for the kernel? Then
 * that is the gate, and nothing is violated.
 */
static bool is_coarse(struct nest_trip_run *run, int err, struct nest_hw_refusal *ret)
{
	struct nest_failure failed = run->failed;
	struct nest_caps caps = { 0 };
	bool coarse;

	if (err != -EINVAL || failed.stage != NEST_STAGE_ATTACH)
		return false;
	err = nest_space_describe(run->space, &run->vdev, &caps);
	run->failed = failed;
	coarse = !err && caps.hw.hw &&
		 nest_hw_pages_refused(caps.hw.hw, &caps.hw.values, EINVAL,
				       (uint64_t)sysconf(_SC_PAGESIZE), ret);
	if (!err)
		nest_caps_free(&caps);
	return coarse;
}

static enum nest_leg_result too_coarse(struct nest_trip_run *run,
				       const struct nest_hw_refusal *refusal)
{
	struct nest_trip *report = run->report;

	report->gate = refusal->gate;
	report->gate_reason = nest_trip_text(run, "%s; %s", refusal->reason, refusal->remedy);
	nest_trip_evidence(run,
			   "VFIO_DEVICE_ATTACH_IOMMUFD_PT: EINVAL; the kernel's pages have %ld "
			   "KiB",
			   sysconf(_SC_PAGESIZE) / 1024);
	return nest_trip_skip(run, "this IOMMU cannot be used here, gate %s: %s", report->gate,
			      report->gate_reason ? report->gate_reason : "");
}

enum nest_leg_result nest_leg_attach(struct nest_trip_run *run)
{
	struct nest_hw_refusal refusal;
	enum nest_leg_result result;
	int err;

	if (run->dev)
		nest_vdev_init(&run->vdev, run->dev->name, run->dev->bus_name,
			       run->model->groups[run->dev->group].id, &run->failed);
	else
		nest_vdev_init(&run->vdev, "the mock device", NULL, 0, &run->failed);
	run->vdev.no_hw_info = nest_hw_info_hazard(run->ctx, run->model, run->dev);
	run->vdev.token = nest_trip_token(run);
	nest_trip_clock_start(run);
	err = nest_space_attach(run->space, &run->vdev);
	nest_trip_clock_stop(run);
	if (!err && run->dev)
		err = nest_vdev_describe(run->ctx, &run->vdev);
	if (!err)
		err = nest_space_describe(run->space, &run->vdev, &run->caps);
	if (!err)
		err = look_at_abilities(run);
	/* Neither way is open to this user: the better one is worth asking for. */
	if (err && run->failed.err == EACCES && run->passed_over.err == EACCES) {
		run->failed = run->passed_over;
		err = -EACCES;
	}
	if (is_coarse(run, err, &refusal))
		return too_coarse(run, &refusal);
	result = nest_trip_check(run, err);
	if (result)
		return result;
	if (run->options->have_pasid && run->caps.have_hw && run->caps.hw.have_max_pasid &&
	    run->caps.hw.max_pasid_log2 && run->options->pasid >> run->caps.hw.max_pasid_log2)
		return nest_trip_out_of_range(run, run->caps.hw.max_pasid_log2);
	run->page = page_of(&run->caps);
	if (run->page > PAGE_MAX)
		return nest_trip_skip(
			run,
			"the IOMMU maps pages of %llu KiB and more, and the tool uses "
			"such up to %d KiB",
			(unsigned long long)run->page >> 10, PAGE_MAX >> 10);
	run->has |= NEST_HAS_DEVICE;
	if (!run->dev) {
		nest_trip_evidence(
			run,
			"the kernel created a mock device and attached it to our address space");
		return NEST_LEG_PASSED;
	}
	nest_trip_evidence(run, "the device is open%s%s; its DMA uses our address space",
			   run->vdev.node[0] ? " as " : " through its group", run->vdev.node);
	tell_hardware(run);
	return NEST_LEG_PASSED;
}
