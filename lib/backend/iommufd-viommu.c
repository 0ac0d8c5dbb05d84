// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The objects that some IOMMU drivers want between parent and nested table: a vIOMMU, a vDEVICE
 * that names the device in commands and events, and the queue of events.
 * Source: drivers/iommu/iommufd/viommu.c and eventq.c of Linux 7.3.
 */
#include "backend/iommufd-s1.h"

#include <errno.h>
#include <string.h>

#include "backend/vdev.h"
#include "kernel/kernel-undo.h"
#include "kernel/kernel.h"
#include "util.h"

#define QUEUE_DEPTH   4096 /* edu makes a thousand events of one transfer */
#define FIRST_VIRT_ID 0x42 /* any number will do; no device of a lab has it as its own */

static int viommu_alloc(struct nest_space *space, struct nest_vdev *vdev, uint32_t type)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	struct iommu_viommu_alloc cmd = {
		.size = sizeof(cmd),
		.type = type,
		.dev_id = vdev->devid,
		.hwpt_id = own->parent,
	};
	int err = nest_ioctl(space->ctx, own->fd, IOMMU_VIOMMU_ALLOC, &cmd);

	if (err < 0)
		return nest_failure_set(space->failed, err, NEST_STAGE_VIOMMU, "%s", vdev->name);
	own->viommu = cmd.out_viommu_id;
	nest_undo_push(space->ctx, "destroy vIOMMU", nest_iommufd_undo_destroy, space, own->viommu);
	return 0;
}

/* The number of the vDEVICE of a device, or for 0 of a free one. */
static size_t vdevice_of(const struct nest_iommufd_space *own, uint32_t devid)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(own->vdevices) && own->vdevices[i].devid != devid; i++)
		;
	return i;
}

static int vdevice_alloc(struct nest_space *space, struct nest_vdev *vdev, uint32_t *ret_virt_id)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = own->viommu,
		.dev_id = vdev->devid,
	};
	size_t i = vdevice_of(own, vdev->devid);
	int err;

	if (i < ARRAY_SIZE(own->vdevices)) {
		*ret_virt_id = FIRST_VIRT_ID + (uint32_t)i;
		return 0;
	}
	i = vdevice_of(own, 0);
	if (i == ARRAY_SIZE(own->vdevices))
		return nest_failure_set(space->failed, -ENOSPC, NEST_STAGE_VDEVICE, "%s",
					vdev->name);
	cmd.virt_id = FIRST_VIRT_ID + i;
	err = nest_ioctl(space->ctx, own->fd, IOMMU_VDEVICE_ALLOC, &cmd);
	if (err < 0)
		return nest_failure_set(space->failed, err, NEST_STAGE_VDEVICE, "%s", vdev->name);
	own->vdevices[i].devid = vdev->devid;
	own->vdevices[i].id = cmd.out_vdevice_id;
	nest_undo_push(space->ctx, "destroy vDEVICE", nest_iommufd_undo_destroy, space,
		       cmd.out_vdevice_id);
	*ret_virt_id = FIRST_VIRT_ID + (uint32_t)i;
	return 0;
}

/* Undo step; from here on there is no queue. */
static int undo_events(struct nest_ctx *ctx, void *object, uint64_t fd)
{
	struct nest_iommufd_space *own = object;

	own->events_fd = 0;
	return nest_undo_close(ctx, NULL, fd);
}

/* A kernel before 6.15 has vIOMMUs and no such queue: then there is none, and the log has all. */
static int veventq_alloc(struct nest_space *space, struct nest_vdev *vdev, uint32_t type,
			 uint32_t depth)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = own->viommu,
		.type = type,
		.veventq_depth = depth,
	};
	int err = nest_ioctl(space->ctx, own->fd, IOMMU_VEVENTQ_ALLOC, &cmd);

	if (err == -ENOTTY)
		return 0;
	if (err < 0)
		return nest_failure_set(space->failed, err, NEST_STAGE_VEVENTQ, "%s", vdev->name);
	/* The queue is busy while its fd is open, so the fd is closed before. */
	nest_undo_push(space->ctx, "destroy event queue", nest_iommufd_undo_destroy, space,
		       cmd.out_veventq_id);
	nest_undo_push(space->ctx, "close event queue", undo_events, own, cmd.out_veventq_fd);
	own->events_fd = (int)cmd.out_veventq_fd;
	own->events_id = cmd.out_veventq_id;
	own->have_sequence = false;
	return 0;
}

int nest_iommufd_viommu(struct nest_space *space, struct nest_vdev *vdev,
			const struct nest_iommufd_row *row, uint32_t *ret_virt_id)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	int err = own->viommu ? 0 : viommu_alloc(space, vdev, row->viommu_type);

	if (!err)
		err = vdevice_alloc(space, vdev, ret_virt_id);
	if (!err && row->events == NEST_EVENTS_VEVENTQ && !own->events_fd)
		err = veventq_alloc(space, vdev, row->veventq_type, QUEUE_DEPTH);
	return err;
}

int nest_iommufd_vdevice_free(struct nest_space *space, struct nest_vdev *vdev)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	size_t i = vdevice_of(own, vdev->devid);

	return i < ARRAY_SIZE(own->vdevices) ? nest_undo_now(space->ctx, nest_iommufd_undo_destroy,
							     space, own->vdevices[i].id)
					     : -ENOENT;
}

int nest_iommufd_queue_depth(struct nest_space *space, struct nest_vdev *vdev,
			     const struct nest_iommufd_row *row, uint32_t depth)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	int err;

	if (!own->events_fd)
		return -EOPNOTSUPP;
	/* Closed whatever close says, so never tried again. */
	nest_undo_forget(space->ctx, undo_events, own, (uint64_t)own->events_fd);
	err = undo_events(space->ctx, own, (uint64_t)own->events_fd);
	if (!err)
		err = nest_undo_now(space->ctx, nest_iommufd_undo_destroy, space, own->events_id);
	return err ? err
		   : veventq_alloc(space, vdev, row->veventq_type, depth ? depth : QUEUE_DEPTH);
}

/* ---- events ---- */

#define RECORD (sizeof(struct iommufd_vevent_header) + sizeof(struct iommu_vevent_arm_smmuv3))

/*
 * How many events are missing before the one of this number. Numbers count on where an event is
 * lost, and begin again at 0 after the largest.
 */
static uint64_t missing_before(struct nest_iommufd_space *own, uint32_t sequence)
{
	uint32_t expected =
		own->have_sequence ? (own->sequence + 1) & IOMMU_VEVENTQ_SEQUENCE_MAX : 0;

	return (sequence - expected) & IOMMU_VEVENTQ_SEQUENCE_MAX;
}

/* -EPROTO: no whole record where the kernel writes only such. */
static int parse(struct nest_iommufd_space *own, const struct nest_iommufd_row *row,
		 const uint8_t *data, size_t len, struct nest_s1_event *buf, size_t *ret_count,
		 uint64_t *ret_lost)
{
	size_t at = 0, count = 0;

	while (at < len) {
		struct iommufd_vevent_header header;
		struct iommu_vevent_arm_smmuv3 raw;
		bool lost;

		if (len - at < sizeof(header))
			return -EPROTO;
		memcpy(&header, data + at, sizeof(header));
		at += sizeof(header);
		lost = header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
		/* A header of lost events has the number of the last of them. */
		*ret_lost += missing_before(own, header.sequence) + lost;
		own->sequence = header.sequence;
		own->have_sequence = true;
		if (lost)
			continue;
		if (len - at < sizeof(raw))
			return -EPROTO;
		memcpy(&raw, data + at, sizeof(raw));
		at += sizeof(raw);
		if (row->read_event(&raw, &buf[count]))
			count++;
	}
	*ret_count = count;
	return 0;
}

int nest_iommufd_events(struct nest_space *space, const struct nest_iommufd_row *row,
			int timeout_ms, struct nest_s1_event *buf, size_t room, size_t *ret_count,
			uint64_t *ret_lost)
{
	struct nest_iommufd_space *own = nest_iommufd_space(space);
	uint8_t data[64 * RECORD];
	size_t want = room * RECORD < sizeof(data) ? room * RECORD : sizeof(data), count = 0;
	uint64_t lost = 0;
	ssize_t n;

	if (!own->events_fd)
		return -EOPNOTSUPP;
	n = nest_kernel_poll(space->ctx, own->events_fd, timeout_ms);
	if (n == 1) /* an empty queue reads as 0 bytes, not as EAGAIN */
		n = nest_kernel_read(space->ctx, own->events_fd, data, want);
	if (n > 0) {
		int err = parse(own, row, data, (size_t)n, buf, &count, &lost);

		n = err ? err : 0;
	}
	if (n < 0)
		return nest_failure_set(space->failed, (int)n, NEST_STAGE_EVENT_READ, "vIOMMU %u",
					own->viommu);
	*ret_count = count;
	*ret_lost = lost;
	return 0;
}
