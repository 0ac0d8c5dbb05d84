// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What iommufd does for one device: hardware information, and which hardware page tables it
 * allocates. Tables are allocated, never filled and never attached: the device is attached to an
 * empty IOAS only, which maps nothing.
 */
#include "probe/job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/iommufd.h"
#include "backend/select.h"
#include "backend/type1.h"
#include "kernel/kernel.h"
#include "host/modules.h"
#include "inventory/devices.h"
#include "inventory/hazard.h"
#include "kernel/kernel-undo.h"
#include "signals.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"
#include "util.h"

/* What a table is allocated on. */
enum base { ON_IOAS, ON_PARENT, ON_VIOMMU };

#define FAULT IOMMU_HWPT_FAULT_ID_VALID

static const struct hwpt_row {
	const char *name;
	uint32_t flags;
	enum base base;
	enum nest_stage stage;
} hwpt_rows[] = {
	{ "plain", 0, ON_IOAS, NEST_STAGE_HWPT },
	{ "nest_parent", IOMMU_HWPT_ALLOC_NEST_PARENT, ON_IOAS, NEST_STAGE_NEST_PARENT },
	{ "dirty_tracking", IOMMU_HWPT_ALLOC_DIRTY_TRACKING, ON_IOAS, NEST_STAGE_HWPT_DIRTY },
	{ "nest_parent+dirty_tracking",
	  IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_DIRTY_TRACKING, ON_IOAS,
	  NEST_STAGE_HWPT_DIRTY },
	{ "fault", FAULT, ON_IOAS, NEST_STAGE_HWPT_FAULT },
	{ "pasid", IOMMU_HWPT_ALLOC_PASID, ON_IOAS, NEST_STAGE_HWPT_PASID },
	{ "nested", 0, ON_PARENT, NEST_STAGE_NESTED },
	/* Only where the tool has no format; else "nested" stands on what its format wants. */
	{ "nested_on_viommu", 0, ON_VIOMMU, NEST_STAGE_NESTED },
	{ "nested+fault", FAULT, ON_PARENT, NEST_STAGE_HWPT_FAULT },
	{ "nested+pasid", IOMMU_HWPT_ALLOC_PASID, ON_PARENT, NEST_STAGE_HWPT_PASID },
};
#define NHWPTS (ARRAY_SIZE(hwpt_rows))
static_assert(NHWPTS <= NEST_HWPTS_MAX, "room in struct nest_probe_iommufd");

/* Evidence besides the node: the kernel's class of misc devices, and the modules on disk. */
static void look_for_kernel(struct nest_probe_job *job)
{
	struct nest_probe_iommufd *iommufd = &job->probe->iommufd;
	const char *release = job->model->host.kernel;
	struct nest_module_found found;
	struct nest_modules lists;

	if (iommufd->node.served == NEST_YES) {
		iommufd->in_kernel = NEST_YES;
		iommufd->in_kernel_why = "sysfs shows /sys/class/misc/iommu";
		return;
	}
	if (!release || iommufd->node.served == NEST_UNKNOWN) {
		iommufd->in_kernel_why = "sysfs does not show it";
		return;
	}
	nest_modules_open(&job->ctx->root, release, &lists);
	nest_modules_find(&lists, "iommufd", "kernel/drivers/iommu/iommufd/iommufd.ko", &found);
	nest_modules_close(&lists);
	if (found.place == NEST_MODULE_PLACE_LISTED || found.place == NEST_MODULE_PLACE_UNLISTED) {
		iommufd->in_kernel = NEST_YES;
		iommufd->in_kernel_why = "the module is on disk and not loaded";
	} else if (found.place != NEST_MODULE_PLACE_UNKNOWN) {
		iommufd->in_kernel = NEST_NO;
		iommufd->in_kernel_why =
			"there is no /sys/class/misc/iommu, and no module of it on disk";
	} else if (found.err == ENOENT) {
		/* A kernel without any modules has what it was started with. */
		iommufd->in_kernel = NEST_NO;
		iommufd->in_kernel_why = "there is no /sys/class/misc/iommu";
	} else {
		iommufd->in_kernel_why = "the list of the kernel's modules cannot be read";
	}
}

void nest_probe_iommufd_open(struct nest_probe_job *job)
{
	struct nest_probe_iommufd *iommufd = &job->probe->iommufd;
	struct iommu_option option = {
		.size = sizeof(option),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_GET,
	};
	int err;

	nest_probe_node_stat(job, "/dev/iommu", "misc/iommu", &iommufd->node);
	look_for_kernel(job);
	err = nest_space_open(job->ctx, nest_mode_find("iommufd"), &job->failed, &job->space);
	iommufd->node.open = nest_outcome_failed(err, &job->failed);
	if (err) {
		nest_probe_node_explain(&job->failed, &iommufd->node);
		if (err == -ENOENT && iommufd->in_kernel == NEST_NO)
			snprintf(iommufd->node.remedy, sizeof(iommufd->node.remedy),
				 "use a kernel with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV");
		return;
	}
	iommufd->rlimit_mode = nest_outcome_of(
		nest_ioctl(job->ctx, nest_iommufd_space(job->space)->fd, IOMMU_OPTION, &option),
		NEST_STAGE_OPTION);
	if (iommufd->rlimit_mode.status == NEST_OUTCOME_OK)
		iommufd->rlimit_mode.result = (int)option.val64;
}

/* Why the device is not bound to the iommufd, or NULL. */
static const char *obstacle(const struct nest_probe_job *job)
{
	if (!job->space)
		return "the iommufd node did not open";
	if (!job->device)
		return job->probe->not_bound;
	if (job->probe->vfio_group.noiommu)
		return "the group is in no-IOMMU mode: nothing translates its DMA";
	if (job->probe->vfio_group.in_container)
		return "the group is in another user's container";
	return NULL;
}

void nest_probe_iommufd_bind(struct nest_probe_job *job)
{
	struct nest_probe_iommufd *iommufd = &job->probe->iommufd;
	const char *why = obstacle(job);
	char class[96];
	int err;

	if (!job->probe->group)
		return;
	if (job->device)
		snprintf(iommufd->device, sizeof(iommufd->device), "%s", job->device->name);
	if (why) {
		iommufd->bind = nest_outcome_skipped(why);
		return;
	}
	nest_vdev_init(&job->vdev, job->device->name,
		       job->device->bus_name ? job->device->bus_name : "pci", job->probe->group->id,
		       &job->failed);
	job->vdev.no_hw_info = nest_hw_info_hazard(job->ctx, job->model, job->device);
	err = nest_iommufd_node(job->ctx, &job->vdev);
	if (err == -ENXIO) {
		iommufd->no_device_nodes = true;
		iommufd->bind = nest_outcome_skipped(
			"the kernel makes no device nodes (CONFIG_VFIO_DEVICE_CDEV is off)");
		return;
	}
	if (!err) {
		snprintf(class, sizeof(class), "vfio-dev%s", strrchr(job->vdev.node, '/'));
		nest_probe_node_stat(job, job->vdev.node, class, &iommufd->device_node);
	}
	err = nest_iommufd_bind(job->space, &job->vdev);
	if (err && job->vdev.fd < 0) {
		iommufd->device_node.open = nest_outcome_failed(err, &job->failed);
		nest_probe_node_explain(&job->failed, &iommufd->device_node);
	} else {
		iommufd->device_node.open = nest_outcome_of(0, NEST_STAGE_OPEN_DEVICE);
	}
	iommufd->bind = nest_outcome_failed(err, &job->failed);
}

static bool bound(const struct nest_probe_job *job)
{
	return job->probe->iommufd.bind.status == NEST_OUTCOME_OK;
}

void nest_probe_iommufd_hw(struct nest_probe_job *job)
{
	struct nest_probe_iommufd *iommufd = &job->probe->iommufd;
	int err;

	if (!bound(job))
		return;
	if (job->vdev.no_hw_info) {
		iommufd->hw_info = nest_outcome_skipped(job->vdev.no_hw_info);
		return;
	}
	err = nest_iommufd_hw_info(job->space, &job->vdev, &iommufd->hw);
	iommufd->hw_info = nest_outcome_failed(err, &job->failed);
	if (err || !iommufd->hw.hw || !iommufd->hw.hw->has_cmdqv)
		return;
	err = nest_iommufd_hw_more(job->space, &job->vdev, IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV,
				   &iommufd->queues, sizeof(iommufd->queues));
	iommufd->cmdqv = nest_outcome_failed(err, &job->failed);
}

/* A queue for the tables that want one; without it their rows are skipped. */
static void make_queue(struct nest_probe_job *job)
{
	struct iommu_fault_alloc alloc = { .size = sizeof(alloc) };
	int err = nest_ioctl(job->ctx, nest_iommufd_space(job->space)->fd, IOMMU_FAULT_QUEUE_ALLOC,
			     &alloc);

	job->probe->iommufd.fault_queue = nest_outcome_of(err, NEST_STAGE_FAULT_QUEUE);
	if (err)
		return;
	job->fault_id = alloc.out_fault_id;
	nest_undo_push(job->ctx, "destroy fault queue", nest_iommufd_undo_destroy, job->space,
		       alloc.out_fault_id);
	nest_undo_push(job->ctx, "close fault queue", nest_undo_close, NULL, alloc.out_fault_fd);
}

/* On a table that no device uses: it shows that the kernel takes the request. */
static void try_invalidate(struct nest_probe_job *job, uint32_t nested)
{
	const struct nest_iommufd_try *table = &job->table;
	struct iommu_hwpt_invalidate invalidate = {
		.size = sizeof(invalidate),
		.hwpt_id = table->viommu_type ? job->viommu_id : nested,
		.data_uptr = (uintptr_t)table->entry,
		.data_type = table->entry_type,
		.entry_len = table->entry_len,
		.entry_num = table->entry_num,
	};

	job->probe->iommufd.invalidate =
		nest_outcome_of(nest_ioctl(job->ctx, nest_iommufd_space(job->space)->fd,
					   IOMMU_HWPT_INVALIDATE, &invalidate),
				NEST_STAGE_INVALIDATE);
}

/*
 * The objects that a nested table of this format needs. A success proves nothing by itself: some
 * drivers make a vIOMMU of any type.
 */
static void make_viommu(struct nest_probe_job *job)
{
	struct nest_probe_iommufd *iommufd = &job->probe->iommufd;
	int fd = nest_iommufd_space(job->space)->fd, err;
	struct iommu_viommu_alloc ask = {
		.size = sizeof(ask),
		.type = job->table.viommu_type,
		.dev_id = job->vdev.devid,
		.hwpt_id = job->parent_id,
	};
	struct iommu_vdevice_alloc own = {
		.size = sizeof(own),
		.dev_id = job->vdev.devid,
		.virt_id = 1,
	};

	err = nest_ioctl(job->ctx, fd, IOMMU_VIOMMU_ALLOC, &ask);
	iommufd->viommu = nest_outcome_of(err, NEST_STAGE_VIOMMU);
	if (err && !job->table.unfilled)
		nest_canwbs_of(job->ctx, job->vdev.name, &iommufd->canwbs);
	if (err)
		return;
	job->viommu_id = own.viommu_id = ask.out_viommu_id;
	nest_undo_push(job->ctx, "destroy vIOMMU", nest_iommufd_undo_destroy, job->space,
		       ask.out_viommu_id);
	if (job->table.unfilled)
		return;
	err = nest_ioctl(job->ctx, fd, IOMMU_VDEVICE_ALLOC, &own);
	iommufd->vdevice = nest_outcome_of(err, NEST_STAGE_VDEVICE);
	if (!err)
		nest_undo_push(job->ctx, "destroy vDEVICE", nest_iommufd_undo_destroy, job->space,
			       own.out_vdevice_id);
}

/* What a nested table is allocated on; 0: that could not be made. */
static uint32_t base_of(const struct nest_probe_job *job, enum base base)
{
	if (base == ON_IOAS)
		return nest_iommufd_space(job->space)->ioas;
	if (base == ON_VIOMMU || (job->table.viommu_type && !job->table.unfilled))
		return job->viommu_id;
	return job->parent_id;
}

/* Allocates one and leaves it for the undo stack. */
static int alloc(struct nest_probe_job *job, const struct hwpt_row *row, uint32_t *ret_id)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(job->space);
	bool nested = row->base != ON_IOAS;
	/* The kernel reads the table only when it is attached. */
	struct iommu_hwpt_alloc ask = {
		.size = sizeof(ask),
		.flags = row->flags,
		.dev_id = job->vdev.devid,
		.pt_id = base_of(job, row->base),
		.data_type = nested ? job->table.data_type : IOMMU_HWPT_DATA_NONE,
		.data_len = nested ? job->table.len : 0,
		.data_uptr = nested ? (uintptr_t)job->table.data : 0,
		.fault_id = row->flags & FAULT ? job->fault_id : 0,
	};
	int err = nest_ioctl(job->ctx, ifd->fd, IOMMU_HWPT_ALLOC, &ask);

	if (err)
		return err;
	nest_undo_push(job->ctx, "destroy HWPT", nest_iommufd_undo_destroy, job->space,
		       ask.out_hwpt_id);
	*ret_id = ask.out_hwpt_id;
	return 0;
}

static void try_hwpt(struct nest_probe_job *job, const struct hwpt_row *row,
		     struct nest_probe_hwpt *hwpt)
{
	bool nested = row->base != ON_IOAS;
	size_t mark = job->ctx->undo.count;
	uint32_t id = 0;

	hwpt->name = row->name;
	hwpt->flags = row->flags;
	hwpt->data_type = nested ? job->table.data_type : IOMMU_HWPT_DATA_NONE;
	if (nested && !base_of(job, row->base))
		hwpt->alloc = nest_outcome_skipped(
			job->parent_id ? "there is no vIOMMU to put it on"
				       : "there is no nest parent to put it on");
	else if (row->flags & FAULT && !job->fault_id)
		hwpt->alloc = nest_outcome_skipped("there is no fault queue");
	else if (nest_signals_pending())
		hwpt->alloc = nest_outcome_skipped("interrupted by a signal");
	else
		hwpt->alloc = nest_outcome_of(alloc(job, row, &id), row->stage);
	if (id && nested && !row->flags && !job->table.unfilled)
		try_invalidate(job, id);
	/* The parent stays for the tables that follow. */
	if (!id || row->flags != IOMMU_HWPT_ALLOC_NEST_PARENT) {
		nest_probe_undo(job, mark);
		return;
	}
	job->parent_id = id;
	if (job->table.viommu_type)
		make_viommu(job);
}

/* No nest parent: on AMD a bit of firmware can be the cause, which no register shows. */
static void look_for_cause(struct nest_probe_job *job)
{
	const struct nest_probe_hwpt *parent = nest_probe_hwpt_find(job->probe, "nest_parent");
	const struct nest_unit *unit = nest_device_unit(job->model, job->device);

	if (unit && unit->hw->firmware == &nest_acpi_ivrs &&
	    parent->alloc.status == NEST_OUTCOME_FAILED)
		nest_hatdis_of(job->ctx, unit->name, &job->probe->iommufd.hatdis);
}

void nest_probe_iommufd_hwpts(struct nest_probe_job *job)
{
	struct nest_probe_iommufd *iommufd = &job->probe->iommufd;
	size_t mark, i;
	int err;

	if (!bound(job))
		return;
	err = nest_iommufd_ioas(job->space);
	iommufd->ioas = nest_outcome_failed(err, &job->failed);
	if (err)
		return;
	mark = job->ctx->undo.count;
	if (iommufd->hw.hw)
		job->table = nest_iommufd_try_of(iommufd->hw.hw, &iommufd->hw.values);
	else
		job->table = nest_iommufd_try_of(job->probe->hw, &job->probe->values);
	make_queue(job);
	for (i = 0; i < NHWPTS; i++)
		if (hwpt_rows[i].base != ON_VIOMMU || job->table.unfilled)
			try_hwpt(job, &hwpt_rows[i], &iommufd->hwpts[iommufd->nhwpts++]);
	look_for_cause(job);
	nest_probe_undo(job, mark);
}

void nest_probe_iommufd_attach(struct nest_probe_job *job)
{
	struct nest_probe_iommufd *iommufd = &job->probe->iommufd;
	int err;

	if (!bound(job) || iommufd->ioas.status != NEST_OUTCOME_OK)
		return;
	err = nest_space_attach(job->space, &job->vdev);
	iommufd->attach = nest_outcome_failed(err, &job->failed);
	if (err)
		return;
	err = nest_space_describe(job->space, &job->vdev, &iommufd->caps);
	iommufd->ranges = nest_outcome_failed(err, &job->failed);
}
