// SPDX-License-Identifier: GPL-2.0-or-later
/* What a container does for one group: each IOMMU type tried in a container of its own. */
#include "probe/job.h"

#include <fcntl.h>
#include <stdio.h>

#include "backend/type1.h"
#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "signals.h"
#include "uapi/vfio.h"
#include "host/sysfs.h"

#define CONTAINER "/dev/vfio/vfio"

static const struct type_row {
	uint32_t id;
	const char *name;
	bool always; /* tried even if not advertised */
	enum nest_stage stage;
} type_rows[NEST_TYPES] = {
	{ VFIO_TYPE1_IOMMU, "TYPE1", true, NEST_STAGE_SET_IOMMU },
	{ VFIO_TYPE1v2_IOMMU, "TYPE1v2", true, NEST_STAGE_SET_IOMMU },
	{ VFIO_TYPE1_NESTING_IOMMU, "NESTING", true, NEST_STAGE_SET_IOMMU_NESTING },
	{ VFIO_SPAPR_TCE_IOMMU, "SPAPR_TCE", false, NEST_STAGE_SET_IOMMU },
	{ VFIO_SPAPR_TCE_v2_IOMMU, "SPAPR_TCE_v2", false, NEST_STAGE_SET_IOMMU },
	{ VFIO_NOIOMMU_IOMMU, "NOIOMMU", false, NEST_STAGE_SET_IOMMU },
};

/* Why no container is tried with the group, or NULL. */
static const char *obstacle(const struct nest_probe *probe)
{
	if (!probe->group)
		return NULL;
	if (probe->container.node.open.status != NEST_OUTCOME_OK)
		return "the container node did not open";
	if (probe->not_bound)
		return probe->not_bound;
	if (probe->vfio_group.node.open.status == NEST_OUTCOME_SKIPPED)
		return probe->vfio_group.node.open.why;
	if (probe->vfio_group.node.open.status != NEST_OUTCOME_OK)
		return "the group's node did not open";
	if (probe->vfio_group.get_status.status != NEST_OUTCOME_OK)
		return "the status of the group is not known";
	if (probe->vfio_group.in_container)
		return "the group is in another user's container";
	if (!probe->vfio_group.viable)
		return probe->blocked
			       ? probe->blocked
			       : "the group is not viable: a driver owns the DMA of a device in it";
	return NULL;
}

void nest_probe_group_open(struct nest_probe_job *job)
{
	struct nest_probe_group *group = &job->probe->vfio_group;
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[32], class[48];

	if (!job->probe->group || job->probe->not_bound)
		return;
	snprintf(class, sizeof(class), "sys/class/vfio/noiommu-%u", job->probe->group->id);
	if (nest_root_has(&job->ctx->root, class)) {
		group->noiommu = true;
		group->node.open = nest_outcome_skipped(
			"the group is in no-IOMMU mode: nothing translates its DMA");
		return;
	}
	snprintf(path, sizeof(path), NEST_GROUP_NODE, job->probe->group->id);
	snprintf(class, sizeof(class), "vfio/%u", job->probe->group->id);
	job->group = nest_probe_node_open(job, NEST_STAGE_OPEN_GROUP, path, class, &group->node);
	if (job->group < 0)
		return;
	nest_undo_push(job->ctx, "close group", nest_undo_close, NULL, job->group);
	group->get_status =
		nest_outcome_of(nest_ioctl(job->ctx, job->group, VFIO_GROUP_GET_STATUS, &status),
				NEST_STAGE_GROUP_STATUS);
	if (group->get_status.status == NEST_OUTCOME_OK) {
		group->viable = status.flags & VFIO_GROUP_FLAGS_VIABLE;
		group->in_container = status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET;
	}
}

/* What a container answers after its type is set. */
static void query(struct nest_probe_job *job, int container, struct nest_probe_type *type)
{
	struct nest_probe_container *all = &job->probe->container;
	struct nest_info info;
	size_t i;
	int err;

	type->version = nest_version_ask(job->ctx, container);
	err = nest_type1_info(job->ctx, container, &job->failed, &info);
	type->get_info = nest_outcome_failed(err, &job->failed);
	if (!err)
		type->info = info;

	/* The answers are the same for all types; the first one that could be set is asked. */
	if (all->after_set_iommu.status == NEST_VERSION_SKIPPED ||
	    type->version.status == NEST_VERSION_ANSWERED)
		all->after_set_iommu = type->version;
	for (i = 0; i < NEST_EXTENSIONS; i++) {
		struct nest_probe_extension *extension = &all->extensions[i];

		if (extension->after.status != NEST_OUTCOME_SKIPPED)
			continue;
		extension->after = nest_outcome_of(
			nest_ioctl_int(job->ctx, container, VFIO_CHECK_EXTENSION, extension->id),
			NEST_STAGE_CHECK_EXTENSION);
	}
}

static void try_type(struct nest_probe_job *job, const struct type_row *row,
		     struct nest_probe_type *type)
{
	struct nest_ctx *ctx = job->ctx;
	int container, err;

	container = nest_kernel_open(ctx, CONTAINER, O_RDWR);
	if (container < 0) {
		type->set_iommu = nest_outcome_of(container, NEST_STAGE_OPEN_CONTAINER);
		return;
	}
	nest_undo_push(ctx, "close container", nest_undo_close, NULL, container);
	err = nest_ioctl(ctx, job->group, VFIO_GROUP_SET_CONTAINER, &container);
	if (err) {
		type->set_iommu = nest_outcome_of(err, NEST_STAGE_SET_CONTAINER);
		return;
	}
	nest_undo_push(ctx, "take group out of container", nest_type1_undo_unset, NULL, job->group);
	type->set_iommu = nest_outcome_of(nest_ioctl_int(ctx, container, VFIO_SET_IOMMU, row->id),
					  row->stage);
	if (type->set_iommu.status == NEST_OUTCOME_OK)
		query(job, container, type);
}

void nest_probe_group_types(struct nest_probe_job *job)
{
	struct nest_probe_container *container = &job->probe->container;
	const char *why = obstacle(job->probe);
	size_t i;

	if (why)
		container->after_set_iommu.why = why;
	for (i = 0; i < NEST_TYPES; i++) {
		const struct nest_outcome *advertised =
			&container->extensions[type_rows[i].id - 1].before;
		struct nest_probe_type *type = &container->types[i];
		size_t mark = job->ctx->undo.count;

		type->id = type_rows[i].id;
		type->name = type_rows[i].name;
		if (!job->probe->group)
			continue;
		if (why)
			type->set_iommu = nest_outcome_skipped(why);
		else if (!type_rows[i].always && advertised->result <= 0)
			type->set_iommu = nest_outcome_skipped("this kernel does not advertise it");
		else if (nest_signals_pending())
			type->set_iommu = nest_outcome_skipped("interrupted by a signal");
		else
			try_type(job, &type_rows[i], type);
		/* The group has to leave this container before it can join the next. */
		nest_probe_undo(job, mark);
	}
}
