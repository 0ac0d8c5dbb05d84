// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device behind a VFIO container: group, SET_CONTAINER, SET_IOMMU, device, in the kernel's order.
 */
#include "backend/type1.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "uapi/vfio.h"
#include "backend/vdev.h"

#define INFO_TRIES 4

int nest_type1_undo_unset(struct nest_ctx *ctx, void *object, uint64_t group_fd)
{
	(void)object;
	return nest_kernel_ioctl(ctx, (int)group_fd, VFIO_GROUP_UNSET_CONTAINER,
				 "VFIO_GROUP_UNSET_CONTAINER", NULL, 0);
}

static int undo_space(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_type1_space *t1 = object;
	int err = nest_kernel_close(ctx, t1->fd);

	(void)arg;
	free(t1);
	return err;
}

/* The newest group leaves first. With the last one the container loses its IOMMU type. */
static int undo_group(struct nest_ctx *ctx, void *object, uint64_t fd)
{
	struct nest_type1_space *t1 = object;

	if (!--t1->ngroups)
		t1->typed = false;
	return nest_kernel_close(ctx, (int)fd);
}

static int undo_device(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev *vdev = object;
	int fd = vdev->fd;

	(void)arg;
	vdev->fd = -1;
	vdev->space = NULL;
	return nest_kernel_close(ctx, fd);
}

/* The node must be VFIO and offer the IOMMU type of the backend. */
static int check_container(struct nest_ctx *ctx, const struct nest_mode *mode, int fd,
			   struct nest_failure *failed)
{
	int result = nest_ioctl_int(ctx, fd, VFIO_GET_API_VERSION, 0);

	if (result < 0)
		return nest_failure_set(failed, result, NEST_STAGE_API_VERSION, "%s", mode->node);
	if (result != VFIO_API_VERSION)
		return nest_failure_set(failed, -EPROTO, NEST_STAGE_API_VERSION, "%s", mode->node);
	result = nest_ioctl_int(ctx, fd, VFIO_CHECK_EXTENSION, mode->type);
	if (result < 0)
		return nest_failure_set(failed, result, NEST_STAGE_CHECK_EXTENSION, "%s",
					mode->node);
	if (!result)
		return nest_failure_set(failed, -EOPNOTSUPP, NEST_STAGE_CHECK_EXTENSION, "%s",
					mode->node);
	return 0;
}

int nest_type1_open(struct nest_ctx *ctx, const struct nest_mode *mode, size_t size,
		    struct nest_failure *failed, struct nest_space **ret_space)
{
	struct nest_type1_space *t1 = calloc(1, size);
	int err;

	if (!t1)
		return nest_failure_set(failed, -ENOMEM, mode->open, "%s", mode->node);
	t1->space = (struct nest_space){ .ctx = ctx, .mode = mode, .failed = failed };
	t1->fd = nest_kernel_open(ctx, mode->node, O_RDWR);
	if (t1->fd < 0) {
		err = t1->fd;
		free(t1);
		return nest_failure_set(failed, err, mode->open, "%s", mode->node);
	}
	nest_undo_push(ctx, "close container", undo_space, t1, 0);
	err = check_container(ctx, mode, t1->fd, failed);
	if (err)
		return err;
	*ret_space = &t1->space;
	return 0;
}

static int type1_open(struct nest_ctx *ctx, const struct nest_mode *mode,
		      struct nest_failure *failed, struct nest_space **ret_space)
{
	return nest_type1_open(ctx, mode, sizeof(struct nest_type1_space), failed, ret_space);
}

/* Opens the group and adds it to the container, if it is not in it yet. */
static int add_group(struct nest_type1_space *t1, uint32_t id, int *ret_fd)
{
	struct nest_ctx *ctx = t1->space.ctx;
	struct nest_failure *failed = t1->space.failed;
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char node[32];
	size_t i;
	int fd, err;

	for (i = 0; i < t1->ngroups; i++)
		if (t1->groups[i].id == id) {
			*ret_fd = t1->groups[i].fd;
			return 0;
		}
	if (t1->ngroups == NEST_TYPE1_GROUPS_MAX)
		return nest_failure_set(failed, -ENOSPC, NEST_STAGE_SPACE_ATTACH, "group %u", id);
	snprintf(node, sizeof(node), NEST_GROUP_NODE, id);
	fd = nest_kernel_open(ctx, node, O_RDWR);
	if (fd < 0)
		return nest_failure_set(failed, fd, NEST_STAGE_OPEN_GROUP, "%s", node);
	nest_undo_push(ctx, "close group", undo_group, t1, fd);
	t1->groups[t1->ngroups].id = id;
	t1->groups[t1->ngroups++].fd = fd;
	err = nest_ioctl(ctx, fd, VFIO_GROUP_GET_STATUS, &status);
	if (err)
		return nest_failure_set(failed, err, NEST_STAGE_GROUP_STATUS, "group %u", id);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return nest_failure_set(failed, -EPERM, NEST_STAGE_GROUP_VIABLE, "group %u", id);
	err = nest_ioctl(ctx, fd, VFIO_GROUP_SET_CONTAINER, &t1->fd);
	if (err)
		return nest_failure_set(failed, err, NEST_STAGE_SET_CONTAINER, "group %u", id);
	nest_undo_push(ctx, "take group out of container", nest_type1_undo_unset, t1, fd);
	*ret_fd = fd;
	return 0;
}

int nest_type1_add_group(struct nest_space *space, struct nest_vdev *vdev, int *ret_group)
{
	struct nest_type1_space *t1 = nest_type1_space(space);
	int err;

	if (vdev->fd >= 0)
		return nest_failure_set(space->failed, -EBUSY, NEST_STAGE_SPACE_ATTACH, "%s",
					vdev->name);
	err = add_group(t1, vdev->group, ret_group);
	if (err || t1->typed)
		return err;
	err = nest_ioctl_int(space->ctx, t1->fd, VFIO_SET_IOMMU, space->mode->type);
	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_SET_IOMMU, "group %u",
					vdev->group);
	t1->typed = true;
	return 0;
}

int nest_type1_open_device(struct nest_space *space, struct nest_vdev *vdev, int group)
{
	char name[sizeof(vdev->name) + sizeof(" vf_token=") + NEST_VF_TOKEN_TEXT] = "";
	int fd;

	snprintf(name, sizeof(name), "%s%s%s", vdev->name, vdev->token ? " vf_token=" : "",
		 vdev->token ? vdev->token->text : "");
	fd = nest_kernel_ioctl(space->ctx, group, VFIO_GROUP_GET_DEVICE_FD,
			       "VFIO_GROUP_GET_DEVICE_FD", name, sizeof(name));
	if (fd < 0)
		return nest_failure_set(space->failed, fd, NEST_STAGE_DEVICE_FD, "%s", vdev->name);
	vdev->fd = fd;
	vdev->space = space;
	nest_undo_push(space->ctx, "close device", undo_device, vdev, 0);
	return 0;
}

static int type1_attach(struct nest_space *space, struct nest_vdev *vdev)
{
	int group = -1, err = nest_type1_add_group(space, vdev, &group);

	return err ? err : nest_type1_open_device(space, vdev, group);
}

int nest_type1_info(struct nest_ctx *ctx, int container, struct nest_failure *failed,
		    struct nest_info *ret_info)
{
	uint32_t size = sizeof(struct vfio_iommu_type1_info);
	int tries, err = -EPROTO;

	/* With a buffer of the exact size, the answer ends where the chain ends. */
	for (tries = 0; tries < INFO_TRIES; tries++) {
		struct vfio_iommu_type1_info *info = calloc(1, size);
		uint32_t wanted;

		if (!info)
			return nest_failure_set(failed, -ENOMEM, NEST_STAGE_GET_INFO, "container");
		info->argsz = size;
		err = nest_kernel_ioctl(ctx, container, VFIO_IOMMU_GET_INFO, "VFIO_IOMMU_GET_INFO",
					info, size);
		wanted = info->argsz;
		if (!err && wanted <= size)
			err = nest_info_parse(info, size, ret_info);
		else if (!err && wanted > NEST_INFO_MAX)
			err = -EMSGSIZE;
		else if (!err)
			err = -EAGAIN;
		free(info);
		if (err != -EAGAIN)
			break;
		size = wanted;
		err = -EPROTO;
	}
	if (err)
		return nest_failure_set(failed, err, NEST_STAGE_GET_INFO, "container");
	return 0;
}

int nest_type1_describe(struct nest_space *space, struct nest_vdev *vdev,
			struct nest_caps *ret_caps)
{
	const struct nest_infocap *cap;
	struct nest_caps caps = { 0 };
	struct nest_info info;
	uint64_t avail;
	int err;

	(void)vdev;
	err = nest_type1_info(space->ctx, nest_type1_space(space)->fd, space->failed, &info);
	if (err)
		return err;
	caps.have_page_sizes = info.have_page_sizes;
	caps.page_sizes = info.page_sizes;
	cap = nest_info_find(&info, "dma_avail");
	if (cap && nest_infocap_get(cap, "avail", &avail)) {
		caps.have_dma_avail = true;
		caps.dma_avail = avail;
	}
	cap = nest_info_find(&info, "iova_range");
	if (cap && !cap->problem) {
		size_t size = cap->nranges * sizeof(*caps.ranges);

		caps.ranges = malloc(size ? size : 1);
		if (!caps.ranges) {
			nest_info_free(&info);
			return nest_failure_set(space->failed, -ENOMEM, NEST_STAGE_GET_INFO,
						"container");
		}
		memcpy(caps.ranges, cap->ranges, size);
		caps.nranges = cap->nranges;
		caps.have_ranges = true;
	}
	nest_info_free(&info);
	*ret_caps = caps;
	return 0;
}

static struct vfio_iommu_type1_dma_map map_request(uint64_t iova, void *va, uint64_t len,
						   unsigned int prot)
{
	return (struct vfio_iommu_type1_dma_map){
		.argsz = sizeof(struct vfio_iommu_type1_dma_map),
		.flags = (prot & NEST_PROT_READ ? VFIO_DMA_MAP_FLAG_READ : 0) |
			 (prot & NEST_PROT_WRITE ? VFIO_DMA_MAP_FLAG_WRITE : 0),
		.vaddr = (uintptr_t)va,
		.iova = iova,
		.size = len,
	};
}

int nest_type1_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
		   unsigned int prot)
{
	struct vfio_iommu_type1_dma_map map = map_request(iova, va, len, prot);
	int err = nest_ioctl(space->ctx, nest_type1_space(space)->fd, VFIO_IOMMU_MAP_DMA, &map);

	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_MAP_DMA, "IOVA 0x%llx",
					(unsigned long long)iova);
	return 0;
}

static struct vfio_iommu_type1_dma_unmap unmap_request(uint64_t iova, uint64_t len)
{
	return (struct vfio_iommu_type1_dma_unmap){
		.argsz = sizeof(struct vfio_iommu_type1_dma_unmap),
		.iova = iova,
		.size = len,
	};
}

int nest_type1_unmap(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t *ret_len)
{
	struct vfio_iommu_type1_dma_unmap unmap = unmap_request(iova, len);
	int err = nest_ioctl(space->ctx, nest_type1_space(space)->fd, VFIO_IOMMU_UNMAP_DMA, &unmap);

	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_UNMAP_DMA, "IOVA 0x%llx",
					(unsigned long long)iova);
	if (ret_len)
		*ret_len = unmap.size;
	return 0;
}

int nest_type1_timed_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
			 struct nest_timed *timed, uint64_t *unmap_samples)
{
	struct vfio_iommu_type1_dma_map map =
		map_request(iova, va, len, NEST_PROT_READ | NEST_PROT_WRITE);
	struct vfio_iommu_type1_dma_unmap unmap = unmap_request(iova, len);
	const struct nest_timed_op ops[] = {
		{ VFIO_IOMMU_MAP_DMA, "VFIO_IOMMU_MAP_DMA", &map, sizeof(map), timed->samples },
		{ VFIO_IOMMU_UNMAP_DMA, "VFIO_IOMMU_UNMAP_DMA", &unmap, sizeof(unmap),
		  unmap_samples },
	};
	int err = nest_kernel_ioctl_timed(space->ctx, nest_type1_space(space)->fd, ops, 2,
					  timed->rounds, timed->tsc, &timed->done);

	if (err)
		return nest_failure_set(space->failed, err,
					timed->done % 2 ? NEST_STAGE_UNMAP_DMA : NEST_STAGE_MAP_DMA,
					"IOVA 0x%llx", (unsigned long long)iova);
	return 0;
}

const struct nest_backend_ops nest_type1_ops = {
	.open = type1_open,
	.attach = type1_attach,
	.describe = nest_type1_describe,
	.map = nest_type1_map,
	.unmap = nest_type1_unmap,
	.timed_map = nest_type1_timed_map,
};
