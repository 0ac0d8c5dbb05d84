// SPDX-License-Identifier: GPL-2.0-or-later
/* The indices of the ring, and the entries at them. */
#include "backend/abi2020/faultring.h"

#include <string.h>

#include "uapi/gpasid.h"
#include "uapi/nesting.h"

static_assert(sizeof(struct vfio_region_dma_fault) == NEST_FAULTRING_HEADER, "size");
static_assert(sizeof(struct iommu_fault) == NEST_FAULTRING_ENTRY, "size");

const char *nest_faultring_look(const uint8_t header[NEST_FAULTRING_HEADER], uint64_t region_size,
				struct nest_faultring *ring)
{
	struct vfio_region_dma_fault raw;
	bool again = ring->nb_entries;

	memcpy(&raw, header, sizeof(raw));
	if (again && (raw.entry_size != ring->entry_size || raw.nb_entries != ring->nb_entries ||
		      raw.offset != ring->offset))
		return "the shape of the ring has changed";
	if (raw.entry_size < NEST_FAULTRING_ENTRY || raw.entry_size % 8 || raw.entry_size > 4096)
		return "the size of an entry is invalid";
	if (raw.nb_entries < 2 || raw.nb_entries > NEST_FAULTRING_MAX)
		return "the number of entries is invalid";
	if (raw.offset < NEST_FAULTRING_HEADER || raw.offset % 8 || raw.offset > region_size ||
	    (region_size - raw.offset) / raw.entry_size < raw.nb_entries)
		return "the entries lie outside the region";
	if (raw.head >= raw.nb_entries)
		return "the head points beyond the ring";
	if (!again && raw.tail >= raw.nb_entries)
		return "the tail points beyond the ring";
	ring->entry_size = raw.entry_size;
	ring->nb_entries = raw.nb_entries;
	ring->offset = raw.offset;
	ring->head = raw.head;
	if (!again)
		ring->tail = raw.tail;
	return NULL;
}

uint32_t nest_faultring_waiting(const struct nest_faultring *ring)
{
	return ring->head >= ring->tail ? ring->head - ring->tail
					: ring->nb_entries - ring->tail + ring->head;
}

uint64_t nest_faultring_at(const struct nest_faultring *ring)
{
	return ring->offset + (uint64_t)ring->tail * ring->entry_size;
}

void nest_faultring_advance(struct nest_faultring *ring)
{
	ring->tail = ring->tail + 1 == ring->nb_entries ? 0 : ring->tail + 1;
}

static unsigned int prot_of(uint32_t perm)
{
	return (perm & IOMMU_FAULT_PERM_READ ? NEST_PROT_READ : 0u) |
	       (perm & IOMMU_FAULT_PERM_WRITE ? NEST_PROT_WRITE : 0u);
}

enum nest_fault_kind nest_faultring_decode(const uint8_t entry[NEST_FAULTRING_ENTRY],
					   struct nest_s1_fault *ret_fault)
{
	struct iommu_fault raw;

	memcpy(&raw, entry, sizeof(raw));
	if (raw.type == IOMMU_FAULT_PAGE_REQ) {
		*ret_fault = (struct nest_s1_fault){
			.addr = raw.prm.addr,
			.perm = prot_of(raw.prm.perm),
			.exec = raw.prm.perm & IOMMU_FAULT_PERM_EXEC,
			.priv = raw.prm.perm & IOMMU_FAULT_PERM_PRIV,
			.have_pasid = raw.prm.flags & IOMMU_FAULT_PAGE_REQUEST_PASID_VALID,
			.pasid = raw.prm.pasid,
			.group = raw.prm.grpid,
			.last = raw.prm.flags & IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE,
			.cookie = raw.prm.grpid,
		};
		return NEST_FAULT_PAGE_REQUEST;
	}
	if (raw.type == IOMMU_FAULT_DMA_UNRECOV) {
		*ret_fault = (struct nest_s1_fault){
			.addr = raw.event.flags & IOMMU_FAULT_UNRECOV_ADDR_VALID ? raw.event.addr
										 : 0,
			.perm = prot_of(raw.event.perm),
			.have_pasid = raw.event.flags & IOMMU_FAULT_UNRECOV_PASID_VALID,
			.pasid = raw.event.pasid,
		};
		return NEST_FAULT_UNRECOVERABLE;
	}
	return NEST_FAULT_OTHER;
}
