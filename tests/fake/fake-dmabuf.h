/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of a BAR as dma-bufs. Each has memory that stands for the BAR where DMA is translated. */
#ifndef FAKE_DMABUF_H
#define FAKE_DMABUF_H

#include "fake-device.h"

struct fake_dmabuf;
struct vfio_device_feature;

/* vfio_pci_core_feature_dma_buf(): fd, 0 for a probe, or -errno */
long fake_dmabuf_feature(struct fake_device *dev, struct vfio_device_feature *feature);

/* NULL: fd is no dma-buf. */
struct fake_dmabuf *fake_dmabuf_get(int fd);
void fake_dmabuf_ref(struct fake_dmabuf *dmabuf);
void fake_dmabuf_put(struct fake_dmabuf *dmabuf);

/*
 * iopt_alloc_dmabuf_pages(): may so much of it be mapped? 0 with what stands for it, or -errno.
 */
int fake_dmabuf_check(const struct fake_dmabuf *dmabuf, uint64_t start, uint64_t len,
		      uint8_t **ret_memory);

/* vfio_pci_dma_buf_move(): all of the device; what is mapped is revoked for good. */
void fake_dmabuf_move(const struct fake_device *dev, bool revoked);

/* Does this memory stand for a BAR? */
bool fake_dmabuf_is(const uint8_t *memory);

/* DMA that ended there; false: it stands for none. */
bool fake_dmabuf_dma(const uint8_t *memory, uint8_t *buf, size_t len, bool write);

#endif
