/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel ABI that was never merged: the structures of the out-of-tree series of 2019 to 2021 for a
 * VFIO container. Only layouts are here; the request numbers of each revision are in
 * backend/abi2020/nesting-rev.c. Source: the postings "vfio: expose virtual Shared Virtual
 * Addressing to VMs" RFC v1 to v8.
 */
#ifndef NEST_UAPI_NESTING_H
#define NEST_UAPI_NESTING_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* ---- PASIDs from the container ---- */

#define VFIO_PASID_REQUEST_ALLOC 1
#define VFIO_PASID_REQUEST_FREE	 2

/* RFC v3 and v1: the kernel writes the PASID into the structure. */
struct vfio_pasid_request_result {
	uint32_t argsz;
	uint32_t flags;
	uint32_t min; /* or the PASID to free */
	uint32_t max;
	uint32_t result;
};
static_assert(sizeof(struct vfio_pasid_request_result) == 20, "size");
static_assert(offsetof(struct vfio_pasid_request_result, result) == 16, "offset");

/* v2 to v7: the request returns the PASID; FREE frees the whole range. */
struct vfio_pasid_request_range {
	uint32_t argsz;
	uint32_t flags;
	uint32_t min;
	uint32_t max;
};
static_assert(sizeof(struct vfio_pasid_request_range) == 16, "size");

struct vfio_pasid_quota { /* only RFC v3; returns the quota */
	uint32_t argsz;
	uint32_t flags;
	uint32_t quota;
};
static_assert(sizeof(struct vfio_pasid_quota) == 12, "size");

/* ---- requests with this head and a structure of iommu.h (uapi/gpasid.h) ---- */

struct vfio_nesting_head {
	uint32_t argsz;
	uint32_t flags;
};
static_assert(sizeof(struct vfio_nesting_head) == 8, "size");

/* RFC v3 and v1, flags of BIND; the payload is the same for both. */
#define VFIO_BIND_GUEST_PGTBL	1
#define VFIO_UNBIND_GUEST_PGTBL 2

/* v2 to v8 and the product trees: the low 16 bits of the flags of NESTING_OP. */
#define VFIO_NESTING_OP_BIND	  0
#define VFIO_NESTING_OP_UNBIND	  1
#define VFIO_NESTING_OP_CACHE	  2
#define VFIO_NESTING_OP_PAGE_RESP 3 /* product trees */

/* The format of first-stage tables, in the capability. */
#define VFIO_NESTING_FORMAT_INTEL_VTD 1

/* ---- /dev/ioasid, which came with v8: PASIDs of a process ---- */

#define IOASID_NODE	       "/dev/ioasid"

#define IOASID_GET_API_VERSION 0x6964 /* no argument, returns 0; changes nothing */
#define IOASID_GET_INFO	       0x6965
#define IOASID_REQUEST_ALLOC   0x6966 /* returns the PASID */
#define IOASID_REQUEST_FREE    0x6967 /* an int */

#define IOASID_API_VERSION     0

struct ioasid_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t ioasid_bits;
};
static_assert(sizeof(struct ioasid_info) == 12, "size");

struct ioasid_alloc_request {
	uint32_t argsz;
	uint32_t flags;
	uint32_t min;
	uint32_t max;
};
static_assert(sizeof(struct ioasid_alloc_request) == 16, "size");

/* ---- the fault region of the VFIO device, and its interrupt ---- */

#define VFIO_REGION_TYPE_NESTED_V8     4 /* v12, v13 of the SMMUv3 series and the product trees */
#define VFIO_REGION_SUBTYPE_DMA_FAULT  1
#define VFIO_REGION_INFO_CAP_DMA_FAULT 6
#define VFIO_IRQ_INFO_FLAG_CAPS	       (1u << 4)
#define VFIO_IRQ_INFO_CAP_TYPE	       3
#define VFIO_IRQ_TYPE_NESTED	       1
#define VFIO_IRQ_SUBTYPE_DMA_FAULT     1

/*
 * At the start of the region. The kernel writes head, user space tail; equal: the ring is empty.
 */
struct vfio_region_dma_fault {
	uint32_t tail; /* the only writable word; write it whole */
	uint32_t entry_size;
	uint32_t nb_entries;
	uint32_t offset; /* of the entries, from the region's start */
	uint32_t head;
};
static_assert(sizeof(struct vfio_region_dma_fault) == 20, "size");
static_assert(offsetof(struct vfio_region_dma_fault, head) == 16, "offset");

/* The kernel's structure, and the offset of capabilities that the series appends. */
struct vfio_irq_info_caps {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
	uint32_t cap_offset;
};
static_assert(sizeof(struct vfio_irq_info_caps) == 20, "size");

struct vfio_irq_info_cap_type {
	uint16_t id;
	uint16_t version;
	uint32_t next;
	uint32_t type;
	uint32_t subtype;
};
static_assert(sizeof(struct vfio_irq_info_cap_type) == 16, "size");

#endif
