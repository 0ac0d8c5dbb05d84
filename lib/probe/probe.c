// SPDX-License-Identifier: GPL-2.0-or-later
/* Which probes there are and in which order they run. */
#include "probe/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "probe/decision-private.h"
#include "inventory/devices.h"
#include "probe/probe-private.h"
#include "signals.h"
#include "uapi/vfio.h"
#include "util.h"

/* Between two parts everything that was opened is closed. */
enum part { PART_CONTAINER, PART_GROUP, PART_IOMMUFD };

static const struct probe_row {
	const char *id;
	enum part part;
	void (*run)(struct nest_probe_job *job);
} probes[] = {
	{ "container", PART_CONTAINER, nest_probe_container_open },
	{ "api_version", PART_CONTAINER, nest_probe_container_version },
	{ "uapi_version", PART_CONTAINER, nest_probe_container_query },
	{ "extensions", PART_CONTAINER, nest_probe_container_extensions },
	{ "provider", PART_CONTAINER, nest_probe_container_provider },
	{ "ioasid", PART_CONTAINER, nest_probe_container_ioasid },
	{ "group", PART_GROUP, nest_probe_group_open },
	{ "iommu_types", PART_GROUP, nest_probe_group_types },
	{ "iommufd", PART_IOMMUFD, nest_probe_iommufd_open },
	{ "bind", PART_IOMMUFD, nest_probe_iommufd_bind },
	{ "hw_info", PART_IOMMUFD, nest_probe_iommufd_hw },
	{ "hwpt", PART_IOMMUFD, nest_probe_iommufd_hwpts },
	{ "attach", PART_IOMMUFD, nest_probe_iommufd_attach },
};
#define NPROBES (ARRAY_SIZE(probes))

const char *nest_outcome_name(enum nest_outcome_status status)
{
	static const char *const names[] = { "skipped", "ok", "failed" };

	return names[status];
}

const char *nest_version_status_name(enum nest_version_status status)
{
	static const char *const names[] = { "skipped", "answered", "absent", "refused" };

	return names[status];
}

const char *nest_provider_name(enum nest_provider provider)
{
	static const char *const names[] = {
		[NEST_PROVIDER_UNKNOWN] = "unknown",	    [NEST_PROVIDER_TYPE1] = "type1",
		[NEST_PROVIDER_IOMMUFD] = "iommufd-compat", [NEST_PROVIDER_NOIOMMU] = "noiommu",
		[NEST_PROVIDER_SPAPR] = "unknown",
	};

	return names[provider];
}

const char *nest_probe_id(size_t i)
{
	return i < NPROBES ? probes[i].id : NULL;
}

struct nest_outcome nest_outcome_of(int result, enum nest_stage stage)
{
	if (result < 0)
		return (struct nest_outcome){ NEST_OUTCOME_FAILED, 0, -result, stage, NULL };
	return (struct nest_outcome){ NEST_OUTCOME_OK, result, 0, stage, NULL };
}

struct nest_outcome nest_outcome_failed(int err, const struct nest_failure *failed)
{
	return nest_outcome_of(err, err ? failed->stage : NEST_STAGE_NONE);
}

struct nest_outcome nest_outcome_skipped(const char *why)
{
	return (struct nest_outcome){ .status = NEST_OUTCOME_SKIPPED, .why = why };
}

static void note_undone(void *data, const char *what, int err)
{
	struct nest_probe *probe = data;

	if (probe->nundone < NEST_UNDONE_MAX)
		probe->undone[probe->nundone++] = (struct nest_undone){ what, -err };
}

void nest_probe_undo(struct nest_probe_job *job, size_t mark)
{
	nest_undo_run(job->ctx, mark, note_undone, job->probe);
}

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
	probe->have_target = dev || group;
	probe->device = dev;
	probe->group = dev ? nest_device_group(job->model, dev) : group;
	choose_device(job, dev);
	if (dev && !probe->group && !probe->not_bound)
		probe->not_bound =
			nest_pool_printf(&job->model->pool, "%s is in no IOMMU group", dev->name);
	if (dev)
		unit = nest_device_unit(job->model, dev);
	else if (group)
		unit = nest_group_unit(job->model, group);
	if (unit) {
		probe->unit_nests = unit->nesting;
		probe->unit_reason = unit->reason;
	}
}

static void run_all(struct nest_probe_job *job)
{
	size_t start = job->ctx->undo.count;
	size_t i;

	for (i = 0; i < NPROBES; i++) {
		job->probe->signal = nest_signals_pending();
		if (job->probe->signal)
			break;
		if (i && probes[i].part != probes[i - 1].part)
			nest_probe_undo(job, start);
		probes[i].run(job);
	}
	nest_probe_undo(job, start);
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

	memset(ret_probe, 0, sizeof(*ret_probe));
	note_target(&job, dev, group);
	run_all(&job);
	recognise(ret_probe);
	nest_decide(ret_probe, options, &ret_probe->decision);
	nest_question_answer(ret_probe, &ret_probe->question);
	nest_question_qemu_2020(ret_probe, &ret_probe->qemu);
	return 0;
}

void nest_probe_free(struct nest_probe *probe)
{
	size_t i;

	for (i = 0; i < NEST_TYPES; i++)
		nest_info_free(&probe->container.types[i].info);
	nest_caps_free(&probe->iommufd.caps);
}

const struct nest_probe_type *nest_probe_type_find(const struct nest_probe *probe, uint32_t id)
{
	size_t i;

	for (i = 0; i < NEST_TYPES; i++)
		if (probe->container.types[i].id == id)
			return &probe->container.types[i];
	return NULL;
}

const struct nest_probe_type *nest_probe_info_type(const struct nest_probe *probe)
{
	static const uint32_t order[] = {
		VFIO_TYPE1_NESTING_IOMMU, VFIO_TYPE1v2_IOMMU,	VFIO_TYPE1_IOMMU,
		VFIO_SPAPR_TCE_v2_IOMMU,  VFIO_SPAPR_TCE_IOMMU,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		const struct nest_probe_type *type = nest_probe_type_find(probe, order[i]);

		if (type && type->get_info.status == NEST_OUTCOME_OK)
			return type;
	}
	return NULL;
}

const struct nest_probe_hwpt *nest_probe_hwpt_find(const struct nest_probe *probe, const char *name)
{
	size_t i;

	for (i = 0; i < probe->iommufd.nhwpts; i++)
		if (!strcmp(probe->iommufd.hwpts[i].name, name))
			return &probe->iommufd.hwpts[i];
	return NULL;
}

enum nest_tri nest_probe_iommufd_status(const struct nest_probe *probe)
{
	if (probe->iommufd.node.open.status == NEST_OUTCOME_OK)
		return NEST_YES;
	if (probe->iommufd.node.open.err == ENOENT && probe->iommufd.in_kernel == NEST_NO)
		return NEST_NO;
	return NEST_UNKNOWN;
}
