// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of iommufd: mappings of copies and of files, tables that note writes, options, and another
 * process that answers for pinned memory.
 */
#include "backend/iommufd.h"
#include "backend/vdev.h"
#include "kernel/kernel.h"
#include "uapi/iommufd.h"

#define ACCESS (IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

static int copy(struct nest_space *space, uint64_t from, uint64_t iova, uint64_t len)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_copy ask = {
		.size = sizeof(ask),
		.flags = ACCESS,
		.dst_ioas_id = ifd->ioas,
		.src_ioas_id = ifd->ioas,
		.length = len,
		.dst_iova = iova,
		.src_iova = from,
	};
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_COPY, &ask);

	return err ? nest_failure_set(space->failed, err, NEST_STAGE_COPY, "IOVA 0x%llx",
				      (unsigned long long)iova)
		   : 0;
}

static int map_file(struct nest_space *space, uint64_t iova, int fd, uint64_t len)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_map_file ask = {
		.size = sizeof(ask),
		.flags = ACCESS,
		.ioas_id = ifd->ioas,
		.fd = fd,
		.length = len,
		.iova = iova,
	};
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_MAP_FILE, &ask);

	return err ? nest_failure_set(space->failed, err, NEST_STAGE_MAP_FILE, "IOVA 0x%llx",
				      (unsigned long long)iova)
		   : 0;
}

static int track(struct nest_space *space, struct nest_vdev *vdev)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_hwpt_alloc alloc = {
		.flags = IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
		.pt_id = ifd->ioas,
	};
	struct iommu_hwpt_set_dirty_tracking set = {
		.size = sizeof(set),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
	};
	int err =
		nest_iommufd_hwpt_alloc(space, vdev, &alloc, NEST_STAGE_HWPT_DIRTY, &ifd->tracking);

	if (err)
		return err;
	set.hwpt_id = ifd->tracking;
	nest_undo_push(space->ctx, "destroy HWPT", nest_iommufd_undo_destroy, space, ifd->tracking);
	err = ifd->attach_pt(space, vdev, ifd->tracking, NULL, NEST_STAGE_ATTACH_DIRTY);
	if (err)
		return err;
	nest_undo_push(space->ctx, "attach device to its address space", nest_iommufd_undo_table,
		       vdev, 0);
	err = nest_ioctl(space->ctx, ifd->fd, IOMMU_HWPT_SET_DIRTY_TRACKING, &set);
	return err ? nest_failure_set(space->failed, err, NEST_STAGE_SET_DIRTY, "%s", vdev->name)
		   : 0;
}

static int dirty(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t page,
		 uint64_t *bitmap)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_hwpt_get_dirty_bitmap get = {
		.size = sizeof(get),
		.hwpt_id = ifd->tracking,
		.iova = iova,
		.length = len,
		.page_size = page,
		.data = (uintptr_t)bitmap,
	};
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_HWPT_GET_DIRTY_BITMAP, &get);

	return err ? nest_failure_set(space->failed, err, NEST_STAGE_GET_DIRTY, "IOVA 0x%llx",
				      (unsigned long long)iova)
		   : 0;
}

static int hand_over(struct nest_space *space, bool to_child)
{
	struct iommu_ioas_change_process cmd = { .size = sizeof(cmd) };
	int fd = nest_iommufd_space(space)->fd;
	int err = to_child ? nest_ioctl_child(space->ctx, fd, IOMMU_IOAS_CHANGE_PROCESS, &cmd)
			   : nest_ioctl(space->ctx, fd, IOMMU_IOAS_CHANGE_PROCESS, &cmd);

	return err ? nest_failure_set(space->failed, err, NEST_STAGE_HAND_OVER, "%s",
				      to_child ? "by a child process" : "by this process")
		   : 0;
}

static int option(struct nest_space *space, enum nest_space_option which, uint16_t op,
		  uint64_t *value)
{
	static const uint32_t ids[] = { IOMMU_OPTION_RLIMIT_MODE, IOMMU_OPTION_HUGE_PAGES };
	static const char *const names[] = { "RLIMIT_MODE", "HUGE_PAGES" };
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = ids[which],
		.op = op,
		.object_id = which == NEST_OPTION_HUGE_PAGES ? ifd->ioas : 0,
		.val64 = *value,
	};
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_OPTION, &cmd);

	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_OPTION, "%s", names[which]);
	*value = cmd.val64;
	return 0;
}

static int get(struct nest_space *space, enum nest_space_option which, uint64_t *ret)
{
	uint64_t value = 0;
	int err = option(space, which, IOMMU_OPTION_OP_GET, &value);

	if (!err)
		*ret = value;
	return err;
}

static int set(struct nest_space *space, enum nest_space_option which, uint64_t value)
{
	return option(space, which, IOMMU_OPTION_OP_SET, &value);
}

const struct nest_share_ops nest_iommufd_share = {
	copy, map_file, track, dirty, nest_iommufd_ioas, hand_over, get, set,
};
