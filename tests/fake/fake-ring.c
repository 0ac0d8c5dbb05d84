// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring of faults of a device (vfio_pci_dma_fault_*() of the series), and its interrupt. */
#include "fake-gpasid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/gpasid.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"
#include "fake-eventfd.h"

#define REGION_INDEX 9
#define IRQ_INDEX    5
#define OFFSET_SHIFT 40
#define HEADER_PAGE  4096u
#define ENTRY	     64u
#define MAX_WAITING  1024

struct fake_ring {
	uint32_t tail, head, entries;
	uint8_t *bytes; /* of the entries */
	uint8_t *map;	/* where the program has the first map_len bytes of them, or NULL */
	size_t map_len;
	struct fake_file *event;
};

/* Groups that wait for their answer. */
static struct waiting {
	struct fake_device *dev; /* NULL: free */
	uint32_t pasid, group;
} waiting[MAX_WAITING];

static size_t bytes_of(const struct fake_ring *ring)
{
	return ((size_t)ring->entries * ENTRY + HEADER_PAGE - 1) & ~(size_t)(HEADER_PAGE - 1);
}

bool fake_ring_exists(const struct fake_device *dev)
{
	return dev->ring;
}

void fake_ring_open(struct fake_device *dev)
{
	const struct fake_type1 *type1 =
		dev->group->container ? fake_container_type1(dev->group->container) : NULL;
	struct fake_ring *ring;

	if (fake_machine.rev != FAKE_REV_V8_PRI || !type1 || !type1->nesting)
		return;
	ring = calloc(1, sizeof(*ring));
	if (!ring)
		abort();
	ring->entries = fake_machine.ring;
	ring->bytes = calloc(1, bytes_of(ring));
	if (!ring->bytes)
		abort();
	dev->ring = ring;
}

static void answer(struct waiting *it, uint32_t code)
{
	if (it->dev->model->response)
		it->dev->model->response(it->dev, it->group, code);
	it->dev = NULL;
}

void fake_ring_close(struct fake_device *dev)
{
	struct fake_ring *ring = dev->ring;
	size_t i;

	if (!ring)
		return;
	for (i = 0; i < MAX_WAITING; i++)
		if (waiting[i].dev == dev)
			answer(&waiting[i], IOMMU_PAGE_RESP_INVALID);
	if (ring->event) {
		if (fake_ledger_strict())
			fake_violation("an eventfd left on an interrupt of %s", dev->address);
		fake_file_put(ring->event);
	}
	free(ring->bytes);
	free(ring);
	dev->ring = NULL;
}

void fake_ring_reset(void)
{
	memset(waiting, 0, sizeof(waiting));
}

/* ---- what the device says of it ---- */

static size_t put_cap(uint8_t *bytes, size_t at, uint16_t id, const void *body, size_t len,
		      bool more)
{
	struct vfio_info_cap_header header = { .id = id, .version = 1 };

	header.next = more ? (uint32_t)(at + sizeof(header) + len) : 0;
	memcpy(bytes + at, &header, sizeof(header));
	memcpy(bytes + at + sizeof(header), body, len);
	return at + sizeof(header) + len;
}

long fake_ring_region_info(const struct fake_device *dev, void *arg)
{
	struct vfio_region_info *info = arg;
	const uint32_t type[] = { VFIO_REGION_TYPE_NESTED_V8, VFIO_REGION_SUBTYPE_DMA_FAULT },
		       version = 1;
	struct {
		uint32_t count, reserved;
		uint64_t offset, size;
	} sparse = { 1, 0, HEADER_PAGE,
		     fake_machine.ring_area.set ? (uint64_t)fake_machine.ring_area.value
						: bytes_of(dev->ring) };
	uint8_t bytes[sizeof(*info) + 128] = { 0 };
	size_t len = sizeof(*info);

	len = put_cap(bytes, len, VFIO_REGION_INFO_CAP_TYPE, type, sizeof(type), true);
	len = put_cap(bytes, len, VFIO_REGION_INFO_CAP_DMA_FAULT, &version, sizeof(version),
		      fake_machine.ring_mmap);
	if (fake_machine.ring_mmap)
		len = put_cap(bytes, len, VFIO_REGION_INFO_CAP_SPARSE_MMAP, &sparse, sizeof(sparse),
			      false);
	info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
		      VFIO_REGION_INFO_FLAG_CAPS |
		      (fake_machine.ring_mmap ? VFIO_REGION_INFO_FLAG_MMAP : 0);
	info->offset = (uint64_t)REGION_INDEX << OFFSET_SHIFT;
	info->size = HEADER_PAGE + bytes_of(dev->ring);
	info->cap_offset = 0;
	if (info->argsz < len) {
		info->argsz = (uint32_t)len;
		return 0;
	}
	info->cap_offset = sizeof(*info);
	memcpy((uint8_t *)arg + sizeof(*info), bytes + sizeof(*info), len - sizeof(*info));
	return 0;
}

long fake_ring_irq_info(void *arg)
{
	struct vfio_irq_info_caps *info = arg;
	struct vfio_irq_info_cap_type cap = {
		.id = VFIO_IRQ_INFO_CAP_TYPE,
		.version = 1,
		.type = VFIO_IRQ_TYPE_NESTED,
		.subtype = VFIO_IRQ_SUBTYPE_DMA_FAULT,
	};

	info->flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE | VFIO_IRQ_INFO_FLAG_CAPS;
	info->count = 1;
	if (info->argsz < sizeof(*info))
		return 0;
	info->cap_offset = 0;
	if (info->argsz < sizeof(*info) + sizeof(cap)) {
		info->argsz = sizeof(*info) + sizeof(cap);
		return 0;
	}
	info->cap_offset = sizeof(*info);
	memcpy((uint8_t *)arg + sizeof(*info), &cap, sizeof(cap));
	return 0;
}

/* vfio_pci_set_dma_fault_trigger(): fd -1 takes the eventfd away */
long fake_ring_set_irq(struct fake_device *dev, const void *arg)
{
	struct fake_file *event = NULL;
	int32_t fd;

	memcpy(&fd, (const uint8_t *)arg + sizeof(struct vfio_irq_set), sizeof(fd));
	if (fd >= 0) {
		event = fake_eventfd_get(fd);
		if (!event)
			return -EINVAL;
	}
	if (dev->ring->event)
		fake_file_put(dev->ring->event);
	dev->ring->event = event;
	return 0;
}

/* ---- reading and writing ---- */

static void header_of(const struct fake_ring *ring, struct vfio_region_dma_fault *ret)
{
	*ret = (struct vfio_region_dma_fault){ ring->tail, ENTRY, ring->entries, HEADER_PAGE,
					       ring->head };
	if (fake_machine.ring_head.set)
		ret->head = (uint32_t)fake_machine.ring_head.value;
	if (fake_machine.ring_entry.set)
		ret->entry_size = (uint32_t)fake_machine.ring_entry.value;
	if (fake_machine.ring_offset.set)
		ret->offset = (uint32_t)fake_machine.ring_offset.value;
}

static ssize_t ring_write(struct fake_ring *ring, const void *buf, size_t len, uint64_t offset)
{
	uint32_t tail;

	if (offset || len != sizeof(tail))
		return -EINVAL;
	memcpy(&tail, buf, sizeof(tail));
	if (tail >= ring->entries)
		return -EINVAL;
	ring->tail = tail;
	return sizeof(tail);
}

ssize_t fake_ring_rw(struct fake_device *dev, void *buf, size_t len, uint64_t offset, bool write)
{
	struct fake_ring *ring = dev->ring;
	struct vfio_region_dma_fault header;
	uint64_t at;

	if (write)
		return ring_write(ring, buf, len, offset);
	if (offset >= HEADER_PAGE + bytes_of(ring) || len > HEADER_PAGE + bytes_of(ring) - offset)
		return -EINVAL;
	header_of(ring, &header);
	memset(buf, 0, len);
	for (at = offset; at < offset + len; at++) {
		uint8_t *to = (uint8_t *)buf + (at - offset);

		if (at < sizeof(header))
			*to = ((uint8_t *)&header)[at];
		else if (at >= HEADER_PAGE)
			*to = ring->bytes[at - HEADER_PAGE];
	}
	return (ssize_t)len;
}

int fake_ring_mmap(struct fake_device *dev, size_t len, uint64_t offset, void **ret_addr)
{
	int err;

	if (!fake_machine.ring_mmap || offset != HEADER_PAGE || len > bytes_of(dev->ring))
		return -EINVAL;
	err = fake_memory_map(len, ret_addr);
	if (!err) {
		dev->ring->map = *ret_addr;
		dev->ring->map_len = len;
		memcpy(*ret_addr, dev->ring->bytes, len);
	}
	return err;
}

void fake_ring_unmapped(const void *addr)
{
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i]->ring && fake_machine.devices[i]->ring->map == addr)
			fake_machine.devices[i]->ring->map = NULL;
}

/* ---- what comes in, and the answers ---- */

void fake_ring_report(struct fake_device *dev, uint32_t pasid, uint64_t addr, uint32_t perm,
		      uint32_t group, bool last)
{
	struct iommu_fault fault = {
		.type = IOMMU_FAULT_PAGE_REQ,
		.prm = {
			.flags = IOMMU_FAULT_PAGE_REQUEST_PASID_VALID | IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID |
				 (last ? IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE : 0),
			.pasid = pasid,
			.grpid = group,
			.perm = perm,
			.addr = addr,
		},
	};
	struct fake_ring *ring = dev->ring;
	size_t i;

	for (i = 0; i < MAX_WAITING && waiting[i].dev; i++)
		;
	if (!ring || (ring->head + 1) % ring->entries == ring->tail || i == MAX_WAITING) {
		if (last && dev->model->response)
			dev->model->response(dev, group, IOMMU_PAGE_RESP_INVALID);
		return;
	}
	memcpy(ring->bytes + (size_t)ring->head * ENTRY, &fault, sizeof(fault));
	if (ring->map && ((size_t)ring->head + 1) * ENTRY <= ring->map_len)
		memcpy(ring->map + (size_t)ring->head * ENTRY, &fault, sizeof(fault));
	ring->head = (ring->head + 1) % ring->entries;
	if (last)
		waiting[i] = (struct waiting){ dev, pasid, group };
	if (ring->event)
		fake_eventfd_signal(ring->event);
}

long fake_ring_respond(uint32_t pasid, uint32_t group, uint32_t code)
{
	size_t i;

	for (i = 0; i < MAX_WAITING; i++)
		if (waiting[i].dev && waiting[i].pasid == pasid && waiting[i].group == group) {
			answer(&waiting[i], code);
			return 0;
		}
	return -EINVAL;
}

void fake_ring_deny(uint32_t pasid)
{
	size_t i;

	for (i = 0; i < MAX_WAITING; i++)
		if (waiting[i].dev && waiting[i].pasid == pasid)
			answer(&waiting[i], IOMMU_PAGE_RESP_INVALID);
}
