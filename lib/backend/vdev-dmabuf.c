// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of a BAR as dma-bufs: a feature of the device's fd. */
#include "backend/vdev-dmabuf.h"

#include <errno.h>
#include <fcntl.h>

#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "uapi/vfio.h"

static int failed(struct nest_vdev *vdev, int err)
{
	return nest_failure_set(vdev->failed, err, NEST_STAGE_DMA_BUF, "%s DMA_BUF", vdev->name);
}

int nest_vdev_dmabuf_probe(struct nest_ctx *ctx, struct nest_vdev *vdev)
{
	struct vfio_device_feature ask = {
		.argsz = sizeof(ask),
		.flags = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET |
			 VFIO_DEVICE_FEATURE_DMA_BUF,
	};
	int err = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_FEATURE, &ask);

	return err < 0 ? failed(vdev, err) : 0;
}

int nest_vdev_dmabuf_new(struct nest_ctx *ctx, struct nest_vdev *vdev, unsigned int bar,
			 const struct nest_bar_range *ranges, size_t nranges, int *ret_fd)
{
	struct {
		struct vfio_device_feature head;
		struct vfio_device_feature_dma_buf dma_buf;
		struct vfio_region_dma_range ranges[NEST_DMABUF_RANGES];
	} ask = {
		.head = {
			.argsz = sizeof(ask),
			.flags = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_DMA_BUF,
		},
		.dma_buf = {
			.region_index = bar,
			.open_flags = O_RDWR | O_CLOEXEC,
			.nr_ranges = (uint32_t)nranges,
		},
	};
	size_t i;
	int fd;

	if (nranges > NEST_DMABUF_RANGES)
		return failed(vdev, -EINVAL);
	for (i = 0; i < nranges; i++)
		ask.ranges[i] = (struct vfio_region_dma_range){ ranges[i].offset, ranges[i].len };
	fd = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_FEATURE, &ask);
	if (fd < 0)
		return failed(vdev, fd);
	nest_undo_push(ctx, "close a dma-buf", nest_undo_close, NULL, (uint64_t)fd);
	*ret_fd = fd;
	return 0;
}
