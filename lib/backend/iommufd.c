// SPDX-License-Identifier: GPL-2.0-or-later
/* A device behind iommufd: its own node, bound and attached to an IOAS. */
#include "backend/iommufd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "hw/hw.h"
#include "kernel/kernel.h"
#include "s1/s1.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "backend/vdev.h"
#include "inventory/cdev.h"

/* Ranges are gaps between reserved regions: a device has a handful. */
#define RANGES_MAX   4096
#define RANGES_TRIES 4

int nest_iommufd_undo_destroy(struct nest_ctx *ctx, void *space, uint64_t id)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_destroy destroy = { .size = sizeof(destroy), .id = (uint32_t)id };
	int err = nest_ioctl(ctx, ifd->fd, IOMMU_DESTROY, &destroy);
	size_t i;

	/* What still stands is used on: a second one would be refused. */
	if (err && err != -ENOENT)
		return err;
	if (id == ifd->parent)
		ifd->parent = 0;
	if (id == ifd->ioas)
		ifd->ioas = 0;
	if (id == ifd->viommu)
		ifd->viommu = 0;
	for (i = 0; i < ARRAY_SIZE(ifd->vdevices); i++)
		if (id == ifd->vdevices[i].id)
			ifd->vdevices[i].id = ifd->vdevices[i].devid = 0;
	return err;
}

static int undo_space(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_iommufd_space *ifd = object;
	int err = nest_kernel_close(ctx, ifd->fd);

	(void)arg;
	free(ifd);
	return err;
}

static int undo_device(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev *vdev = object;
	int fd = vdev->fd;

	(void)arg;
	vdev->fd = -1;
	vdev->devid = 0;
	return nest_kernel_close(ctx, fd);
}

static int undo_attach(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev *vdev = object;
	struct nest_space *space = vdev->space;
	struct nest_failure *failed = space->failed;
	int err;

	(void)ctx;
	(void)arg;
	vdev->space = NULL;
	space->failed = NULL; /* what led here is not to be overwritten */
	err = nest_iommufd_detach_pt(space, vdev, NULL);
	space->failed = failed;
	return err;
}

int nest_iommufd_open(struct nest_ctx *ctx, const struct nest_mode *mode,
		      struct nest_failure *failed, struct nest_space **ret_space)
{
	struct nest_iommufd_space *ifd = calloc(1, sizeof(*ifd));
	int err;

	if (!ifd)
		return nest_failure_set(failed, -ENOMEM, NEST_STAGE_OPEN_IOMMUFD, "%s", mode->node);
	ifd->space = (struct nest_space){ .ctx = ctx, .mode = mode, .failed = failed };
	ifd->attach_pt = nest_iommufd_attach_pt;
	ifd->fd = nest_kernel_open(ctx, mode->node, O_RDWR);
	if (ifd->fd < 0) {
		err = ifd->fd;
		free(ifd);
		return nest_failure_set(failed, err, NEST_STAGE_OPEN_IOMMUFD, "%s", mode->node);
	}
	nest_undo_push(ctx, "close iommufd", undo_space, ifd, 0);
	*ret_space = &ifd->space;
	return 0;
}

int nest_iommufd_node(struct nest_ctx *ctx, struct nest_vdev *vdev)
{
	struct nest_cdev cdev;
	char dir[128];
	int err;

	snprintf(dir, sizeof(dir), "sys/bus/%s/devices/%s", vdev->bus, vdev->name);
	err = nest_cdev_find(ctx, dir, &cdev);
	if (!err)
		memcpy(vdev->node, cdev.node, sizeof(vdev->node));
	return err;
}

int nest_iommufd_bind(struct nest_space *space, struct nest_vdev *vdev)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = VFIO_DEVICE_BIND_IOMMUFD_MIN,
		.iommufd = nest_iommufd_space(space)->fd,
	};
	int fd, err;

	if (vdev->token) {
		bind.argsz = sizeof(bind);
		bind.flags = VFIO_DEVICE_BIND_FLAG_TOKEN;
		bind.token_uuid_ptr = (uintptr_t)vdev->token->uuid;
	}

	if (vdev->fd >= 0)
		return 0;
	err = nest_iommufd_node(space->ctx, vdev);
	if (err)
		return nest_failure_set(space->failed, err == -ENXIO ? -ENOENT : err,
					NEST_STAGE_OPEN_NO_NODE, "%s", vdev->name);
	fd = nest_kernel_open(space->ctx, vdev->node, O_RDWR);
	if (fd < 0)
		return nest_failure_set(space->failed, fd, NEST_STAGE_OPEN_DEVICE, "%s",
					vdev->node);
	vdev->fd = fd;
	nest_undo_push(space->ctx, "close device", undo_device, vdev, 0);
	err = nest_ioctl(space->ctx, fd, VFIO_DEVICE_BIND_IOMMUFD, &bind);
	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_BIND, "%s", vdev->name);
	vdev->devid = bind.out_devid;
	return 0;
}

int nest_iommufd_ioas(struct nest_space *space)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	int err;

	if (ifd->ioas)
		return 0;
	err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_ALLOC, &alloc);
	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_IOAS, "%s",
					space->mode->node);
	ifd->ioas = alloc.out_ioas_id;
	nest_undo_push(space->ctx, "destroy IOAS", nest_iommufd_undo_destroy, space, ifd->ioas);
	return 0;
}

int nest_iommufd_attach_pt(struct nest_space *space, struct nest_vdev *vdev, uint32_t pt_id,
			   const uint32_t *pasid, enum nest_stage stage)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = pasid ? sizeof(attach) : VFIO_DEVICE_ATTACH_IOMMUFD_PT_MIN,
		.flags = pasid ? VFIO_DEVICE_ATTACH_PASID : 0,
		.pt_id = pt_id,
		.pasid = pasid ? *pasid : 0,
	};
	int err = nest_ioctl(space->ctx, vdev->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach);

	return err ? nest_failure_set(space->failed, err, stage, "%s", vdev->name) : 0;
}

int nest_iommufd_detach_pt(struct nest_space *space, struct nest_vdev *vdev, const uint32_t *pasid)
{
	struct vfio_device_detach_iommufd_pt detach = {
		.argsz = pasid ? sizeof(detach) : VFIO_DEVICE_DETACH_IOMMUFD_PT_MIN,
		.flags = pasid ? VFIO_DEVICE_DETACH_PASID : 0,
		.pasid = pasid ? *pasid : 0,
	};
	int err = nest_ioctl(space->ctx, vdev->fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach);

	return err ? nest_failure_set(space->failed, err, NEST_STAGE_DETACH, "%s", vdev->name) : 0;
}

int nest_iommufd_attach(struct nest_space *space, struct nest_vdev *vdev)
{
	int err;

	if (vdev->space)
		return nest_failure_set(space->failed, -EBUSY, NEST_STAGE_SPACE_ATTACH, "%s",
					vdev->name);
	err = nest_iommufd_bind(space, vdev);
	if (err)
		return err;
	err = nest_iommufd_ioas(space);
	if (err)
		return err;
	err = nest_iommufd_attach_pt(space, vdev, nest_iommufd_space(space)->ioas, NULL,
				     NEST_STAGE_ATTACH);
	if (err)
		return err;
	vdev->space = space;
	nest_undo_push(space->ctx, "detach device", undo_attach, vdev, 0);
	return 0;
}

int nest_iommufd_detach(struct nest_space *space, struct nest_vdev *vdev)
{
	int err = nest_iommufd_detach_pt(space, vdev, NULL);

	if (err)
		return err;
	vdev->space = NULL;
	nest_undo_forget(space->ctx, undo_attach, vdev, 0);
	return 0;
}

int nest_iommufd_hwpt_alloc(struct nest_space *space, struct nest_vdev *vdev,
			    struct iommu_hwpt_alloc *cmd, enum nest_stage stage, uint32_t *ret_id)
{
	int err;

	cmd->size = sizeof(*cmd);
	cmd->dev_id = vdev->devid;
	err = nest_ioctl(space->ctx, nest_iommufd_space(space)->fd, IOMMU_HWPT_ALLOC, cmd);
	if (err < 0)
		return nest_failure_set(space->failed, err, stage, "%s", vdev->name);
	*ret_id = cmd->out_hwpt_id;
	return 0;
}

int nest_iommufd_undo_table(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev *vdev = object;
	struct nest_iommufd_space *ifd;

	(void)ctx;
	(void)arg;
	if (!vdev->space) /* detached in between: the table is out of the way already */
		return 0;
	ifd = nest_iommufd_space(vdev->space);
	return ifd->attach_pt(vdev->space, vdev, ifd->ioas, NULL, NEST_STAGE_ATTACH_BACK);
}

int nest_iommufd_hw_more(struct nest_space *space, struct nest_vdev *vdev, uint32_t type,
			 void *data, uint32_t len)
{
	struct iommu_hw_info info = {
		.size = sizeof(info),
		.flags = IOMMU_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = vdev->devid,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
		.out_data_type = type,
	};
	int err = nest_ioctl(space->ctx, nest_iommufd_space(space)->fd, IOMMU_GET_HW_INFO, &info);

	if (!err && info.out_data_type != type)
		err = -EPROTO;
	return err ? nest_failure_set(space->failed, err, NEST_STAGE_HW_INFO_TYPE, "%s", vdev->name)
		   : 0;
}

int nest_iommufd_hw_info(struct nest_space *space, struct nest_vdev *vdev,
			 struct nest_hw_info *ret_hw)
{
	uint8_t data[NEST_HW_INFO_MAX] = { 0 };
	struct iommu_hw_info info = {
		.size = sizeof(info),
		.dev_id = vdev->devid,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)data,
	};
	struct nest_hw_info hw = { 0 };
	int err = nest_ioctl(space->ctx, nest_iommufd_space(space)->fd, IOMMU_GET_HW_INFO, &info);

	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_HW_INFO, "%s", vdev->name);
	hw.type = info.out_data_type;
	hw.max_pasid_log2 = info.out_max_pasid_log2;
	hw.have_max_pasid = info.out_max_pasid_log2 != 0;
	hw.capabilities = info.out_capabilities;
	hw.hw = nest_hw_by_type(hw.type);
	nest_hw_from_info(hw.type, data, &hw.values);
	*ret_hw = hw;
	return 0;
}

/* Asks for the number of ranges, then for the ranges, again if there are more by then. */
static int read_ranges(struct nest_space *space, struct nest_caps *caps)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_iova_range *ranges = NULL;
	uint32_t room = 0, i;
	int tries, err = -EPROTO;

	for (tries = 0; tries < RANGES_TRIES; tries++) {
		struct iommu_ioas_iova_ranges ask = {
			.size = sizeof(ask),
			.ioas_id = ifd->ioas,
			.num_iovas = room,
			.allowed_iovas = (uintptr_t)ranges,
		};

		err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_IOVA_RANGES, &ask);
		if (!err && ask.num_iovas <= room) {
			caps->nranges = ask.num_iovas;
			caps->have_alignment = true;
			caps->alignment = ask.out_iova_alignment;
			break;
		}
		if (err && err != -EMSGSIZE)
			break;
		err = -EMSGSIZE;
		if (ask.num_iovas <= room || ask.num_iovas > RANGES_MAX)
			break;
		room = ask.num_iovas;
		free(ranges);
		ranges = calloc(room, sizeof(*ranges));
		if (!ranges) {
			err = -ENOMEM;
			break;
		}
	}
	if (!err) {
		caps->ranges = calloc(caps->nranges ? caps->nranges : 1, sizeof(*caps->ranges));
		err = caps->ranges ? 0 : -ENOMEM;
	}
	for (i = 0; !err && i < caps->nranges; i++)
		caps->ranges[i] = (struct nest_range){ ranges[i].start, ranges[i].last };
	free(ranges);
	caps->have_ranges = !err;
	return err ? nest_failure_set(space->failed, err, NEST_STAGE_RANGES, "%s",
				      space->mode->node)
		   : 0;
}

/* What first-stage tables the hardware walks, and how. */
static void describe_s1(struct nest_caps *caps)
{
	const struct nest_hw *hw = caps->hw.hw;
	struct nest_hw_walk walk;

	if (!hw)
		return;
	walk = nest_hw_walk(hw, &caps->hw.values, caps->have_alignment ? caps->alignment : 0);
	if (walk.s1)
		caps->s1_format = nest_s1_find(walk.s1);
	caps->no_s1 = hw->s1 && !walk.s1 ? walk.no_s1 : NULL;
	caps->s1_output_bits = walk.output_bits;
	caps->s1_huge = walk.huge;
	caps->s1_ranges = walk.ranges;
	caps->s1_repeat = walk.repeat;
	caps->s1_breaks = walk.breaks;
	caps->s1_snoops = nest_hw_walks_snoop(hw, &caps->hw.values) == NEST_YES;
}

/* A driver that tells nothing of its hardware is no failure: it can be used all the same. */
static int describe_hw(struct nest_space *space, struct nest_vdev *vdev, struct nest_caps *caps)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct nest_failure *failed = space->failed;
	int err = -ENOENT;

	if (!ifd->asked.devid || ifd->asked.devid != vdev->devid) {
		space->failed = NULL;
		if (!vdev->no_hw_info)
			err = nest_iommufd_hw_info(space, vdev, &ifd->asked.hw);
		space->failed = failed;
		if (nest_errno_classify(-err) == NEST_ERRNO_RESOURCE)
			return nest_failure_set(failed, err, NEST_STAGE_HW_INFO, "%s", vdev->name);
		ifd->asked.have_hw = !err;
		ifd->asked.devid = vdev->devid;
	}
	caps->have_hw = ifd->asked.have_hw;
	if (!caps->have_hw)
		return 0;
	caps->hw = ifd->asked.hw;
	describe_s1(caps);
	return 0;
}

int nest_iommufd_describe(struct nest_space *space, struct nest_vdev *vdev,
			  struct nest_caps *ret_caps)
{
	struct nest_caps caps = { 0 };
	int err = read_ranges(space, &caps);

	if (err)
		return err;
	err = describe_hw(space, vdev, &caps);
	if (err) {
		nest_caps_free(&caps);
		return err;
	}
	*ret_caps = caps;
	return 0;
}

static struct iommu_ioas_map map_request(const struct nest_iommufd_space *ifd, uint64_t iova,
					 void *va, uint64_t len, unsigned int prot)
{
	return (struct iommu_ioas_map){
		.size = sizeof(struct iommu_ioas_map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA |
			 (prot & NEST_PROT_READ ? IOMMU_IOAS_MAP_READABLE : 0) |
			 (prot & NEST_PROT_WRITE ? IOMMU_IOAS_MAP_WRITEABLE : 0),
		.ioas_id = ifd->ioas,
		.user_va = (uintptr_t)va,
		.length = len,
		.iova = iova,
	};
}

static struct iommu_ioas_unmap unmap_request(const struct nest_iommufd_space *ifd, uint64_t iova,
					     uint64_t len)
{
	return (struct iommu_ioas_unmap){
		.size = sizeof(struct iommu_ioas_unmap),
		.ioas_id = ifd->ioas,
		.iova = iova,
		.length = len,
	};
}

int nest_iommufd_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
		     unsigned int prot)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_map map = map_request(ifd, iova, va, len, prot);
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_MAP, &map);

	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_MAP, "IOVA 0x%llx",
					(unsigned long long)iova);
	return 0;
}

int nest_iommufd_unmap(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t *ret_len)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_unmap unmap = unmap_request(ifd, iova, len);
	int err = nest_ioctl(space->ctx, ifd->fd, IOMMU_IOAS_UNMAP, &unmap);

	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_UNMAP, "IOVA 0x%llx",
					(unsigned long long)iova);
	if (ret_len)
		*ret_len = unmap.length;
	return 0;
}

int nest_iommufd_timed_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
			   struct nest_timed *timed, uint64_t *unmap_samples)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_ioas_map map =
		map_request(ifd, iova, va, len, NEST_PROT_READ | NEST_PROT_WRITE);
	struct iommu_ioas_unmap unmap = unmap_request(ifd, iova, len);
	const struct nest_timed_op ops[] = {
		{ IOMMU_IOAS_MAP, "IOMMU_IOAS_MAP", &map, sizeof(map), timed->samples },
		{ IOMMU_IOAS_UNMAP, "IOMMU_IOAS_UNMAP", &unmap, sizeof(unmap), unmap_samples },
	};
	int err = nest_kernel_ioctl_timed(space->ctx, ifd->fd, ops, 2, timed->rounds, timed->tsc,
					  &timed->done);

	if (err)
		return nest_failure_set(space->failed, err,
					timed->done % 2 ? NEST_STAGE_UNMAP : NEST_STAGE_MAP,
					"IOVA 0x%llx", (unsigned long long)iova);
	return 0;
}
