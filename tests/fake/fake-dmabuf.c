// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of a BAR as dma-bufs (Linux 7.3, vfio/pci/vfio_pci_dmabuf.c; since 6.19). */
#include "fake-dmabuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-iommu.h"
#include "uapi/vfio.h"

#define COMMAND_MEMORY 0x2u

struct fake_dmabuf {
	struct fake_dmabuf *next;
	struct fake_file *file;
	struct fake_device *dev;
	uint32_t bar, nranges;
	uint64_t offset, size; /* of the first range; of all */
	uint8_t *memory;       /* stands for it; never read */
	bool revoked;
};

static struct fake_dmabuf *dmabufs;

static bool is(enum fake_dmabuf_kind kind)
{
	return fake_machine.dmabuf == kind;
}

static void dmabuf_release(struct fake_file *file)
{
	struct fake_dmabuf *dmabuf = file->object, **link;

	for (link = &dmabufs; *link != dmabuf; link = &(*link)->next)
		;
	*link = dmabuf->next;
	free(dmabuf->memory);
	free(dmabuf);
}

static const struct fake_file_ops dmabuf_ops = {
	.kind = "dma-buf",
	.release = dmabuf_release,
};

struct fake_dmabuf *fake_dmabuf_get(int fd)
{
	struct fake_file *file = fake_fd_file(fd);

	return file && file->ops == &dmabuf_ops ? file->object : NULL;
}

void fake_dmabuf_ref(struct fake_dmabuf *dmabuf)
{
	fake_file_get(dmabuf->file);
}

void fake_dmabuf_put(struct fake_dmabuf *dmabuf)
{
	fake_file_put(dmabuf->file);
}

/* validate_dmabuf_input(), vfio_pci_core_fill_phys_vec() */
static int check_ranges(const struct vfio_region_dma_range *ranges, uint32_t count,
			uint64_t bar_size, uint64_t *ret_size)
{
	uint64_t size = 0;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint64_t offset = ranges[i].offset, len = ranges[i].length;

		if (!len || offset % FAKE_PAGE || len % FAKE_PAGE)
			return -EINVAL;
		if (offset > bar_size || len > bar_size - offset)
			return -EINVAL;
		size += len;
	}
	*ret_size = size;
	return 0;
}

static int install(struct fake_device *dev, const struct vfio_device_feature_dma_buf *ask,
		   const struct vfio_region_dma_range *ranges, uint64_t size)
{
	struct fake_dmabuf *dmabuf = calloc(1, sizeof(*dmabuf));

	if (!dmabuf)
		abort();
	*dmabuf = (struct fake_dmabuf){
		.next = dmabufs,
		.file = fake_file_new(&dmabuf_ops, dmabuf, "dmabuf", (int)ask->open_flags),
		.dev = dev,
		.bar = ask->region_index,
		.nranges = ask->nr_ranges,
		.offset = ranges[0].offset,
		.size = size,
		.memory = aligned_alloc(FAKE_PAGE, (size + FAKE_PAGE - 1) & ~(FAKE_PAGE - 1)),
		.revoked = !(fake_config_command(dev) & COMMAND_MEMORY) && !dev->is_vf,
	};
	if (!dmabuf->memory)
		abort();
	dmabufs = dmabuf;
	return fake_fd_install(dmabuf->file);
}

long fake_dmabuf_feature(struct fake_device *dev, struct vfio_device_feature *feature)
{
	const struct vfio_device_feature_dma_buf *ask = (const void *)(feature + 1);
	const struct vfio_region_dma_range *ranges = (const void *)(ask + 1);
	uint64_t bar_size, size;
	int err;

	if (is(FAKE_DMABUF_NONE) || !fake_since(6, 19))
		return -ENOTTY;
	/* vfio_check_feature() */
	if (feature->flags & VFIO_DEVICE_FEATURE_SET)
		return -EINVAL;
	if (feature->flags & VFIO_DEVICE_FEATURE_PROBE)
		return 0;
	if (!(feature->flags & VFIO_DEVICE_FEATURE_GET) ||
	    feature->argsz < sizeof(*feature) + sizeof(*ask))
		return -EINVAL;
	if (!ask->nr_ranges || ask->flags)
		return -EINVAL;
	bar_size = fake_device_bar_size(dev, ask->region_index);
	if (!bar_size)
		return -ENODEV;
	if (is(FAKE_DMABUF_LOOSE))
		bar_size = UINT64_MAX;
	err = check_ranges(ranges, ask->nr_ranges, bar_size, &size);
	return err ? err : install(dev, ask, ranges, size);
}

int fake_dmabuf_check(const struct fake_dmabuf *dmabuf, uint64_t start, uint64_t len,
		      uint8_t **ret_memory)
{
	if (start > dmabuf->size || len > dmabuf->size - start)
		return -EINVAL;
	/* vfio_pci_dma_buf_attach(), vfio_pci_dma_buf_iommufd_map() */
	if (dmabuf->revoked && !is(FAKE_DMABUF_KEPT))
		return -ENODEV;
	if (dmabuf->nranges != 1)
		return -EOPNOTSUPP;
	*ret_memory = dmabuf->memory + start;
	return 0;
}

void fake_dmabuf_move(const struct fake_device *dev, bool revoked)
{
	struct fake_dmabuf *dmabuf;

	for (dmabuf = dmabufs; dmabuf; dmabuf = dmabuf->next) {
		if (dmabuf->dev != dev || dmabuf->revoked == revoked)
			continue;
		dmabuf->revoked = revoked;
		/* iopt_revoke_notify() */
		if (revoked && !is(FAKE_DMABUF_WARM))
			fake_space_revoke(dmabuf);
	}
}

static const struct fake_dmabuf *find(const uint8_t *memory)
{
	const struct fake_dmabuf *dmabuf;

	for (dmabuf = dmabufs; dmabuf; dmabuf = dmabuf->next)
		if (memory >= dmabuf->memory && memory < dmabuf->memory + dmabuf->size)
			return dmabuf;
	return NULL;
}

bool fake_dmabuf_is(const uint8_t *memory)
{
	return find(memory);
}

/* flatview_read_continue() of the emulator: the widest accesses that are aligned. */
bool fake_dmabuf_dma(const uint8_t *memory, uint8_t *buf, size_t len, bool write)
{
	const struct fake_dmabuf *dmabuf = find(memory);
	uint64_t at = dmabuf ? dmabuf->offset + (uint64_t)(memory - dmabuf->memory) : 0, value;

	if (!dmabuf)
		return false;
	if (is(FAKE_DMABUF_SHIFTED))
		at += 4;
	while (len) {
		unsigned int size = len >= 8 && !(at % 8) ? 8 : len >= 4 && !(at % 4) ? 4 : 1;

		value = 0;
		if (write) {
			memcpy(&value, buf, size);
			dmabuf->dev->model->write(dmabuf->dev, at, size, value);
		} else {
			value = dmabuf->dev->model->read(dmabuf->dev, at, size);
			memcpy(buf, &value, size);
		}
		at += size;
		buf += size;
		len -= size;
	}
	return true;
}
