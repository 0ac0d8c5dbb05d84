/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of a BAR as dma-bufs, which iommufd maps as files: another device, or the device itself,
 * reaches the BAR by DMA then. The kernel revokes them while the BAR does not answer: memory
 * decoding is off, or a reset runs.
 * Source: include/uapi/linux/vfio.h; drivers/vfio/pci/vfio_pci_dmabuf.c of Linux 7.3.
 */
#ifndef NEST_VDEV_DMABUF_H
#define NEST_VDEV_DMABUF_H

#include "backend/vdev.h"

#define NEST_DMABUF_RANGES 2

struct nest_bar_range {
	uint64_t offset, len; /* both whole pages */
};

/* -ENOTTY: the kernel does not export BARs. -EOPNOTSUPP: the driver of the device does not. */
int nest_vdev_dmabuf_probe(struct nest_ctx *ctx, struct nest_vdev *vdev);

/* A dma-buf of up to NEST_DMABUF_RANGES ranges of one BAR. Pushes the closing of *ret_fd. */
int nest_vdev_dmabuf_new(struct nest_ctx *ctx, struct nest_vdev *vdev, unsigned int bar,
			 const struct nest_bar_range *ranges, size_t nranges, int *ret_fd);

#endif
