// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What iommufd must refuse where tables stand on a vIOMMU. Each request that is taken all the same
 * is undone at once.
 * Source: drivers/iommu/iommufd/{viommu,eventq,main}.c of Linux 7.3, and the driver of the row.
 */
#include "backend/iommufd-s1.h"

#include <errno.h>

#include "backend/vdev.h"
#include "kernel/kernel-undo.h"
#include "kernel/kernel.h"

/* What the functions here share. */
struct work {
	struct nest_space *space;
	struct nest_iommufd_space *own;
	struct nest_vdev *vdev;
	const struct nest_iommufd_row *row;
	const struct nest_s1_config *config;
	void (*told)(void *data, const char *what, int due, int answer);
	void *data;
};

/* Tells of an answer; but a signal or a limit of the caller is none: then -errno. */
static int tell(const struct work *work, const char *what, int due, int answer,
		enum nest_stage stage)
{
	if (answer == -EINTR || answer == -ENOMEM || answer == -EMFILE || answer == -ENFILE)
		return nest_failure_set(work->space->failed, answer, stage, "%s", work->vdev->name);
	work->told(work->data, what, due, answer < 0 ? -answer : 0);
	return 0;
}

static int destroy(const struct work *work, uint32_t id)
{
	return nest_iommufd_undo_destroy(work->space->ctx, work->space, id);
}

static int table_alloc(const struct work *work, union nest_iommufd_table *table, uint32_t len,
		       uint32_t *ret_id)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = work->vdev->devid,
		.pt_id = work->own->viommu,
		.data_type = work->row->table_type,
		.data_len = len,
		.data_uptr = (uintptr_t)table,
	};
	int err = nest_ioctl(work->space->ctx, work->own->fd, IOMMU_HWPT_ALLOC, &cmd);

	if (!err)
		*ret_id = cmd.out_hwpt_id;
	return err;
}

static void words_of(const struct nest_iommufd_refusal *bad, uint64_t *words)
{
	size_t i;

	for (i = 0; i < 2; i++)
		words[i] = (bad->added ? words[i] : 0) | bad->words[i];
}

static int bad_tables(const struct work *work)
{
	const struct nest_iommufd_refusal *bad;
	union nest_iommufd_table table;
	uint32_t len, id = 0;
	int answer, err = 0;

	for (bad = work->row->bad_tables; !err && bad->what; bad++) {
		len = work->row->fill_table(work->config, &table);
		words_of(bad, table.smmuv3.ste);
		answer = table_alloc(work, &table, len, &id);
		err = tell(work, bad->what, EIO, answer, NEST_STAGE_NESTED);
		if (!answer)
			err = destroy(work, id);
	}
	return err;
}

static int invalidate(const struct work *work, const uint64_t *words)
{
	struct iommu_viommu_arm_smmuv3_invalidate entry = { { words[0], words[1] } };
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = work->own->viommu,
		.data_uptr = (uintptr_t)&entry,
		.data_type = work->row->entry_type,
		.entry_len = sizeof(entry),
		.entry_num = 1,
	};

	return nest_ioctl(work->space->ctx, work->own->fd, IOMMU_HWPT_INVALIDATE, &cmd);
}

/* A command that is taken all the same does no harm: it forgets more than it should. */
static int bad_entries(const struct work *work)
{
	const struct nest_iommufd_refusal *bad;
	int err = 0;

	for (bad = work->row->bad_entries; !err && bad->what; bad++)
		err = tell(work, bad->what, EIO, invalidate(work, bad->words),
			   NEST_STAGE_INVALIDATE);
	return err;
}

static int attach(const struct work *work, uint32_t id)
{
	struct nest_failure *failed = work->space->failed;
	int err;

	work->space->failed = NULL; /* it may be refused, which is no failure then */
	err = work->own->attach_pt(work->space, work->vdev, id, NULL, NEST_STAGE_ATTACH_NESTED);
	work->space->failed = failed;
	if (!err)
		nest_undo_push(work->space->ctx, "attach the plain mapping again",
			       nest_iommufd_undo_table, work->vdev, 0);
	return err;
}

static int leave(const struct work *work)
{
	return nest_undo_now(work->space->ctx, nest_iommufd_undo_table, work->vdev, 0);
}

/* A good table. The step on the stack goes with it. */
static int table_new(const struct work *work, uint32_t *ret_id)
{
	union nest_iommufd_table table;
	uint32_t len = work->row->fill_table(work->config, &table);
	int err = table_alloc(work, &table, len, ret_id);

	if (err)
		return nest_failure_set(work->space->failed, err, NEST_STAGE_NESTED, "%s",
					work->vdev->name);
	nest_undo_push(work->space->ctx, "destroy nested HWPT", nest_iommufd_undo_destroy,
		       work->space, *ret_id);
	return 0;
}

static int table_free(const struct work *work, uint32_t id)
{
	return nest_undo_now(work->space->ctx, nest_iommufd_undo_destroy, work->space, id);
}

/* Without a vDEVICE. Kernels before 6.15, which have no queue of events, ask for none (U). */
static int without_vdevice(const struct work *work)
{
	uint32_t id = 0;
	int answer, err = nest_iommufd_vdevice_free(work->space, work->vdev);

	if (!err)
		err = table_new(work, &id);
	if (err)
		return err;
	answer = attach(work, id);
	if (work->own->events_fd || answer)
		err = tell(work, "a table for a device without a vDEVICE", ENOENT, answer,
			   NEST_STAGE_ATTACH_NESTED);
	if (!answer)
		err = leave(work);
	return err ? err : table_free(work, id);
}

/* Each of them may be there once. */
static int twice(const struct work *work)
{
	struct iommu_vdevice_alloc vdevice = {
		.size = sizeof(vdevice),
		.viommu_id = work->own->viommu,
		.dev_id = work->vdev->devid,
		.virt_id = 0xfff,
	};
	struct iommu_veventq_alloc queue = {
		.size = sizeof(queue),
		.viommu_id = work->own->viommu,
		.type = work->row->veventq_type,
		.veventq_depth = 1,
	};
	struct nest_ctx *ctx = work->space->ctx;
	int answer = nest_ioctl(ctx, work->own->fd, IOMMU_VDEVICE_ALLOC, &vdevice);
	int err = tell(work, "a second vDEVICE of the device", EEXIST, answer, NEST_STAGE_VDEVICE);

	if (!answer)
		err = destroy(work, vdevice.out_vdevice_id);
	if (err || !work->own->events_fd)
		return err;
	answer = nest_ioctl(ctx, work->own->fd, IOMMU_VEVENTQ_ALLOC, &queue);
	err = tell(work, "a second queue of events", EEXIST, answer, NEST_STAGE_VEVENTQ);
	if (!answer)
		err = nest_undo_close(ctx, NULL, queue.out_veventq_fd);
	if (!answer && !err)
		err = destroy(work, queue.out_veventq_id);
	return err;
}

/* Destroys what something stands on. What is gone all the same is off the stack, too. */
static int in_use(const struct work *work, const char *what, uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };
	int answer = nest_ioctl(work->space->ctx, work->own->fd, IOMMU_DESTROY, &cmd);

	if (answer)
		return tell(work, what, EBUSY, answer, NEST_STAGE_DESTROY);
	tell(work, what, EBUSY, answer, NEST_STAGE_DESTROY);
	nest_undo_forget(work->space->ctx, nest_iommufd_undo_destroy, work->space, id);
	if (id == work->own->viommu)
		work->own->viommu = 0;
	if (id == work->own->parent)
		work->own->parent = 0;
	return 0;
}

/* Taken apart in the wrong order. */
static int wrong_order(const struct work *work)
{
	uint32_t id = 0;
	int err = table_new(work, &id);

	if (!err)
		err = attach(work, id);
	if (!err)
		err = in_use(work, "the end of a table that the device is attached to", id);
	if (!err)
		err = in_use(work, "the end of a vIOMMU that a table stands on", work->own->viommu);
	if (!err)
		err = in_use(work, "the end of a parent that a vIOMMU stands on",
			     work->own->parent);
	if (!err && work->own->events_fd)
		err = in_use(work, "the end of a queue of events whose file is open",
			     work->own->events_id);
	if (!err)
		err = leave(work);
	return err ? err : table_free(work, id);
}

int nest_iommufd_refusals(struct nest_space *space, struct nest_vdev *vdev,
			  const struct nest_iommufd_row *row, const struct nest_s1_config *config,
			  void (*told)(void *data, const char *what, int due, int answer),
			  void *data)
{
	const struct work work = {
		space, nest_iommufd_space(space), vdev, row, config, told, data,
	};
	uint32_t virt_id;
	int err = bad_tables(&work);

	if (!err)
		err = bad_entries(&work);
	if (!err)
		err = without_vdevice(&work);
	if (!err)
		err = nest_iommufd_viommu(space, vdev, row, &virt_id);
	if (!err)
		err = twice(&work);
	return err ? err : wrong_order(&work);
}
