// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests about a vIOMMU of the kernel's mock device.
 * Source: drivers/iommu/iommufd/{viommu,eventq,selftest}.c of Linux 7.3.
 */
#include "backend/mock-viommu.h"

#include <errno.h>
#include <string.h>

#include "backend/iommufd.h"
#include "backend/vdev.h"
#include "kernel/kernel-undo.h"
#include "kernel/kernel.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"

static int fd_of(const struct nest_mock_viommu *mock)
{
	return nest_iommufd_space(mock->space)->fd;
}

static int failed(const struct nest_mock_viommu *mock, int err, enum nest_stage stage)
{
	return err < 0 ? nest_failure_set(mock->space->failed, err, stage, "the mock device") : 0;
}

static void keep(const struct nest_mock_viommu *mock, const char *what, uint32_t id)
{
	nest_undo_push(mock->space->ctx, what, nest_iommufd_undo_destroy, mock->space, id);
}

int nest_mock_viommu_new(struct nest_space *space, struct nest_vdev *vdev,
			 struct nest_mock_viommu *ret)
{
	struct nest_mock_viommu mock = { .space = space, .vdev = vdev, .events_fd = -1 };
	struct iommu_hwpt_alloc hwpt = { .flags = IOMMU_HWPT_ALLOC_NEST_PARENT,
					 .pt_id = nest_iommufd_space(space)->ioas };
	struct iommu_viommu_alloc viommu = { .size = sizeof(viommu),
					     .type = IOMMU_VIOMMU_TYPE_SELFTEST,
					     .dev_id = vdev->devid };
	int err = nest_iommufd_hwpt_alloc(space, vdev, &hwpt, NEST_STAGE_NEST_PARENT, &mock.parent);

	if (err)
		return err;
	keep(&mock, "destroy nest-parent HWPT", mock.parent);
	viommu.hwpt_id = mock.parent;
	err = nest_ioctl(space->ctx, fd_of(&mock), IOMMU_VIOMMU_ALLOC, &viommu);
	if (err < 0)
		return failed(&mock, err, NEST_STAGE_VIOMMU);
	mock.viommu = viommu.out_viommu_id;
	keep(&mock, "destroy vIOMMU", mock.viommu);
	*ret = mock;
	return 0;
}

int nest_mock_vdevice_new(struct nest_mock_viommu *mock, uint64_t virt_id)
{
	struct iommu_vdevice_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = mock->viommu,
		.dev_id = mock->vdev->devid,
		.virt_id = virt_id,
	};
	int err = nest_ioctl(mock->space->ctx, fd_of(mock), IOMMU_VDEVICE_ALLOC, &cmd);

	if (err < 0)
		return failed(mock, err, NEST_STAGE_VDEVICE);
	mock->vdevice = cmd.out_vdevice_id;
	keep(mock, "destroy vDEVICE", mock->vdevice);
	return 0;
}

int nest_mock_table_new(struct nest_mock_viommu *mock)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	struct iommu_hwpt_alloc cmd = {
		.pt_id = mock->viommu,
		.data_type = IOMMU_HWPT_DATA_SELFTEST,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
	};
	int err = nest_iommufd_hwpt_alloc(mock->space, mock->vdev, &cmd, NEST_STAGE_NESTED,
					  &mock->table);

	if (!err)
		keep(mock, "destroy nested HWPT", mock->table);
	return err;
}

int nest_mock_attach(struct nest_mock_viommu *mock)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(mock->space);
	int err = ifd->attach_pt(mock->space, mock->vdev, mock->table, NULL,
				 NEST_STAGE_ATTACH_NESTED);

	if (!err)
		nest_undo_push(mock->space->ctx, "attach the plain mapping again",
			       nest_iommufd_undo_table, mock->vdev, 0);
	return err;
}

int nest_mock_forget(struct nest_mock_viommu *mock, uint32_t virt_id, uint32_t slot)
{
	bool all = slot == NEST_MOCK_CACHE_SLOTS;
	struct iommu_viommu_invalidate_selftest entry = {
		.flags = all ? IOMMU_TEST_INVALIDATE_FLAG_ALL : 0,
		.vdev_id = virt_id,
		.cache_id = all ? 0 : slot,
	};
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = mock->viommu,
		.data_uptr = (uintptr_t)&entry,
		.data_type = IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(entry),
		.entry_num = 1,
	};

	return failed(mock, nest_ioctl(mock->space->ctx, fd_of(mock), IOMMU_HWPT_INVALIDATE, &cmd),
		      NEST_STAGE_INVALIDATE);
}

int nest_mock_check_cache(struct nest_mock_viommu *mock, uint32_t slot, uint32_t value)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_DEV_CHECK_CACHE,
		.id = mock->vdev->devid,
		.check_dev_cache = { .id = slot, .cache = value },
	};

	return failed(mock, nest_ioctl(mock->space->ctx, fd_of(mock), IOMMU_TEST_CMD, &cmd),
		      NEST_STAGE_MOCK_CHECK_CACHE);
}

int nest_mock_events_new(struct nest_mock_viommu *mock, uint32_t depth)
{
	struct iommu_veventq_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = mock->viommu,
		.type = IOMMU_VEVENTQ_TYPE_SELFTEST,
		.veventq_depth = depth,
	};
	int err = nest_ioctl(mock->space->ctx, fd_of(mock), IOMMU_VEVENTQ_ALLOC, &cmd);

	if (err < 0)
		return failed(mock, err, NEST_STAGE_VEVENTQ);
	/* The queue is busy while its fd is open, so the fd is closed before. */
	mock->events = cmd.out_veventq_id;
	keep(mock, "destroy event queue", mock->events);
	mock->events_fd = (int)cmd.out_veventq_fd;
	nest_undo_push(mock->space->ctx, "close event queue", nest_undo_close, NULL,
		       cmd.out_veventq_fd);
	return 0;
}

int nest_mock_event(struct nest_mock_viommu *mock)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent.dev_id = mock->vdev->devid,
	};

	return failed(mock, nest_ioctl(mock->space->ctx, fd_of(mock), IOMMU_TEST_CMD, &cmd),
		      NEST_STAGE_MOCK_EVENT);
}

int nest_mock_events_read(struct nest_mock_viommu *mock, struct nest_mock_event *buf, size_t room,
			  size_t *ret_count)
{
	struct iommu_viommu_event_selftest event;
	struct iommufd_vevent_header header;
	uint8_t data[16 * (sizeof(header) + sizeof(event))];
	size_t at = 0, count = 0, size;
	ssize_t n = nest_kernel_read(mock->space->ctx, mock->events_fd, data, sizeof(data));

	if (n < 0)
		return failed(mock, (int)n, NEST_STAGE_EVENT_READ);
	for (size = (size_t)n; at < size && count < room; count++) {
		if (size - at < sizeof(header))
			return failed(mock, -EPROTO, NEST_STAGE_EVENT_READ);
		memcpy(&header, data + at, sizeof(header));
		at += sizeof(header);
		buf[count] = (struct nest_mock_event){
			.sequence = header.sequence,
			.lost = header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS,
		};
		if (buf[count].lost)
			continue;
		if (size - at < sizeof(event))
			return failed(mock, -EPROTO, NEST_STAGE_EVENT_READ);
		memcpy(&event, data + at, sizeof(event));
		at += sizeof(event);
		buf[count].virt_id = event.virt_id;
	}
	*ret_count = count;
	return 0;
}

int nest_mock_hw_queue_new(struct nest_mock_viommu *mock, uint32_t index, uint64_t iova,
			   uint64_t len, uint32_t *ret_id)
{
	struct iommu_hw_queue_alloc cmd = {
		.size = sizeof(cmd),
		.viommu_id = mock->viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.index = index,
		.nesting_parent_iova = iova,
		.length = len,
	};
	int err = nest_ioctl(mock->space->ctx, fd_of(mock), IOMMU_HW_QUEUE_ALLOC, &cmd);

	if (err < 0)
		return failed(mock, err, NEST_STAGE_HW_QUEUE);
	keep(mock, "destroy hardware queue", cmd.out_hw_queue_id);
	*ret_id = cmd.out_hw_queue_id;
	return 0;
}

int nest_mock_destroy(struct nest_mock_viommu *mock, uint32_t id)
{
	return failed(mock,
		      nest_undo_now(mock->space->ctx, nest_iommufd_undo_destroy, mock->space, id),
		      NEST_STAGE_DESTROY);
}
