// SPDX-License-Identifier: GPL-2.0-or-later
/* Which probes there are and in which order they run. */
#include "log/watch.h"
#include "probe/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hw/hw.h"
#include "inventory/devices.h"
#include "inventory/hazard.h"
#include "inventory/inventory.h"
#include "probe/job.h"
#include "signals.h"
#include "uapi/vfio.h"
#include "util.h"

/* Between two parts everything that was opened is closed. */
enum part { PART_CONTAINER, PART_GROUP, PART_IOMMUFD };

static const struct probe_row {
	enum part part;
	void (*run)(struct nest_probe_job *job);
} probes[] = {
	{ PART_CONTAINER, nest_probe_container_open },
	{ PART_CONTAINER, nest_probe_container_version },
	{ PART_CONTAINER, nest_probe_container_query },
	{ PART_CONTAINER, nest_probe_container_extensions },
	{ PART_CONTAINER, nest_probe_container_provider },
	{ PART_CONTAINER, nest_probe_container_ioasid },
	{ PART_GROUP, nest_probe_group_open },
	{ PART_GROUP, nest_probe_group_types },
	{ PART_IOMMUFD, nest_probe_iommufd_open },
	{ PART_IOMMUFD, nest_probe_iommufd_bind },
	{ PART_IOMMUFD, nest_probe_iommufd_hw },
	{ PART_IOMMUFD, nest_probe_iommufd_hwpts },
	{ PART_IOMMUFD, nest_probe_iommufd_attach },
};
#define NPROBES (ARRAY_SIZE(probes))

/* The device asked for, or the first of the group that a vfio driver has. */
static void choose_device(struct nest_probe_job *job, const struct nest_device *dev)
{
	struct nest_probe *probe = job->probe;
	struct nest_pool *pool = &job->model->pool;
	const struct nest_device *member;

	if (dev && nest_driver_is_vfio(dev->driver))
		job->device = dev;
	else if (dev && !dev->driver)
		probe->not_bound = nest_pool_printf(pool, "%s is bound to no driver", dev->name);
	else if (dev)
		probe->not_bound = nest_pool_printf(pool, "%s is bound to %s, not to a vfio driver",
						    dev->name, dev->driver);
	if (!probe->group)
		return;
	nest_for_each_member (job->model, probe->group, member) {
		if (!dev && !job->device && nest_driver_is_vfio(member->driver))
			job->device = member;
		if (member->blocks && !probe->blocked)
			probe->blocked = nest_pool_printf(
				pool,
				"group %u is not viable: %s is bound to %s, which owns its DMA",
				probe->group->id, member->name, member->driver);
	}
	if (!dev && !job->device)
		probe->not_bound = nest_pool_printf(
			pool, "no device of group %u is bound to a vfio driver", probe->group->id);
}

static void note_target(struct nest_probe_job *job, const struct nest_device *dev,
			const struct nest_group *group)
{
	struct nest_probe *probe = job->probe;
	const struct nest_unit *unit = NULL;

	probe->iommu_present = job->model->iommu_present;
	probe->absent_reason = job->model->absent_reason;
	probe->release = job->model->host.kernel;
	probe->host_page = (uint64_t)sysconf(_SC_PAGESIZE);
	probe->have_target = dev || group;
	probe->device = dev;
	probe->group = dev ? nest_device_group(job->model, dev) : group;
	choose_device(job, dev);
	nest_whole_group(job->model, probe->group, job->device, &probe->whole);
	if (dev && !probe->group && !probe->not_bound)
		probe->not_bound =
			nest_pool_printf(&job->model->pool, "%s is in no IOMMU group", dev->name);
	probe->group_may_come = dev && nest_group_may_come(job->model, dev);
	if (dev)
		unit = nest_device_unit(job->model, dev);
	else if (group)
		unit = nest_group_unit(job->model, group);
	if (unit) {
		probe->hw = unit->hw;
		probe->values = unit->values;
		probe->unit_nests = unit->nesting;
		probe->unit_reason = unit->reason;
	}
}

/* Nodes that were not reached were asked for, and not opened. */
static void note_ended(struct nest_probe *probe)
{
	struct nest_outcome *opened[] = { &probe->container.node.open, &probe->iommufd.node.open };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opened); i++)
		if (opened[i]->status == NEST_OUTCOME_SKIPPED && !opened[i]->why)
			opened[i]->why = "a signal ended the probe";
}

static void run_all(struct nest_probe_job *job)
{
	size_t start = job->ctx->undo.count;
	size_t i;

	for (i = 0; i < NPROBES; i++) {
		job->probe->signal = nest_signals_pending();
		if (job->probe->signal) {
			note_ended(job->probe);
			break;
		}
		if (i && probes[i].part != probes[i - 1].part)
			nest_probe_undo(job, start);
		probes[i].run(job);
	}
	nest_probe_undo(job, start);
}

/* A unit whose registers only iommufd shows, and it showed none: its verdict says why from here on.
 */
static int learn_untold(struct nest_probe_job *job, struct nest_unit *unit)
{
	struct nest_hw_refusal refusal;
	const char *reason;

	if (unit->nesting != NEST_UNKNOWN || unit->values.known || !unit->hw->unread.remedy ||
	    !nest_driver_lacks(unit->hw, job->probe->release, &refusal))
		return 0;
	reason = nest_pool_printf(&job->model->pool, "%s", refusal.reason);
	if (!reason)
		return -ENOMEM;
	unit->reason = job->probe->unit_reason = reason;
	return 0;
}

/*
 * iommufd shows registers that sysfs does not, as of an SMMUv3. They decide the unit's verdict in
 * the model from here on.
 */
static int learn_hardware(struct nest_probe_job *job)
{
	struct nest_probe *probe = job->probe;
	const struct nest_hw_info *info = &probe->iommufd.hw;
	struct nest_unit *unit;
	int err;

	if (probe->iommufd.hw_info.status != NEST_OUTCOME_OK)
		return 0;
	unit = job->device->unit == NEST_NONE ? NULL : &job->model->units[job->device->unit];
	if (!info->hw)
		return unit ? learn_untold(job, unit) : 0;
	probe->hw = info->hw;
	if (!info->values.known)
		return 0;
	probe->values = info->values;
	if (!unit)
		return 0;
	if (unit->hw != info->hw || unit->nesting != NEST_UNKNOWN)
		return 0;
	unit->values = info->values;
	err = nest_unit_judge(job->model, unit, &info->values);
	probe->unit_nests = unit->nesting;
	probe->unit_reason = unit->reason;
	return err;
}

/* What containers answered, as evidence of a revision. */
static void recognise(struct nest_probe *probe)
{
	const struct nest_probe_container *container = &probe->container;
	const struct nest_probe_type *type = nest_probe_type_find(probe, VFIO_TYPE1_NESTING_IOMMU);
	struct nest_signs signs = {
		.before = container->before_set_iommu.status == NEST_VERSION_ANSWERED,
		.version_before = container->before_set_iommu.value,
		.ioasid = container->ioasid_version.status == NEST_OUTCOME_OK,
		.ioasid_version = container->ioasid_version.result,
	};

	if (type && type->set_iommu.status == NEST_OUTCOME_OK) {
		signs.nesting_set = NEST_YES;
		signs.after = type->version.status == NEST_VERSION_ANSWERED;
		signs.after_absent = type->version.status == NEST_VERSION_ABSENT;
		signs.version_after = type->version.value;
		signs.info = type->get_info.status == NEST_OUTCOME_OK ? &type->info : NULL;
	} else if (type && type->set_iommu.status == NEST_OUTCOME_FAILED &&
		   !nest_outcome_is_refusal(&type->set_iommu)) {
		signs.nesting_set = NEST_NO;
	}
	nest_recognise(&signs, &probe->recognition);
}

/* Whether what the device sends can reach the IOMMU under another address. */
static enum nest_tri aliased(struct nest_ctx *ctx, const struct nest_device *dev)
{
	struct nest_watch_names names;
	struct nest_pciaddr addr;

	if (!dev || dev->bus != NEST_BUS_PCI || nest_pciaddr_parse(dev->name, &addr))
		return NEST_UNKNOWN;
	nest_watch_names_of(ctx, &addr, &names);
	return nest_tri_from_bool(names.count > 1);
}

int nest_probe_run(struct nest_ctx *ctx, struct nest_model *model, const struct nest_device *dev,
		   const struct nest_group *group, const struct nest_decision_options *options,
		   struct nest_probe *ret_probe)
{
	struct nest_probe_job job = {
		.ctx = ctx,
		.model = model,
		.probe = ret_probe,
		.container = -1,
		.group = -1,
	};
	int err;

	memset(ret_probe, 0, sizeof(*ret_probe));
	note_target(&job, dev, group);
	run_all(&job);
	err = learn_hardware(&job);
	if (err)
		return err;
	ret_probe->aliased = aliased(ctx, dev);
	if (dev && dev->bus == NEST_BUS_PCI)
		ret_probe->behind_bridge = nest_bridge_above(ctx, dev->name, &ret_probe->bridge);
	recognise(ret_probe);
	nest_decide(ret_probe, options, &ret_probe->decision);
	nest_question_answer(ret_probe, &ret_probe->question);
	nest_question_qemu_2020(ret_probe, &ret_probe->qemu);
	return 0;
}
