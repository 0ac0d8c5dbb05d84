/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The structures of include/uapi/linux/iommu.h for guest PASIDs, in three layouts. Only the
 * out-of-tree series expose them to user space.
 *
 *	A	Linux 5.5 to 5.9, RFC v3, v1: begins with a version
 *	B	postings of June and July 2020, v2 to v5: begins with its size
 *	C	Linux 5.10 to 5.17, v6 to v8, product trees: begins with its size, other padding
 *
 * The bind data of A and C have the same size; only the first word differs.
 */
#ifndef NEST_UAPI_GPASID_H
#define NEST_UAPI_GPASID_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define IOMMU_GPASID_VERSION 1 /* of every structure here */

/* ---- binding a first-stage table to a PASID ---- */

#define IOMMU_PASID_FORMAT_INTEL_VTD 1
#define IOMMU_SVA_GPASID_VAL	     1 /* gpasid is valid */

struct iommu_gpasid_vtd {
	uint64_t flags; /* SRE 1, EAFE 2, PCD 4, PWT 8, EMTE 16, CD 32 */
	uint32_t pat;
	uint32_t emt;
};
static_assert(sizeof(struct iommu_gpasid_vtd) == 16, "size");

struct iommu_gpasid_bind_a {
	uint32_t version;
	uint32_t format;
	uint64_t flags;
	uint64_t gpgd;
	uint64_t hpasid;
	uint64_t gpasid;
	uint32_t addr_width;
	uint8_t padding[12];
	struct iommu_gpasid_vtd vtd;
};
static_assert(sizeof(struct iommu_gpasid_bind_a) == 72, "size");
static_assert(offsetof(struct iommu_gpasid_bind_a, gpgd) == 16, "offset");
static_assert(offsetof(struct iommu_gpasid_bind_a, addr_width) == 40, "offset");
static_assert(offsetof(struct iommu_gpasid_bind_a, vtd) == 56, "offset");

struct iommu_gpasid_bind_b {
	uint32_t argsz;
	uint32_t version;
	uint32_t format;
	uint32_t hole;
	uint64_t flags;
	uint64_t gpgd;
	uint64_t hpasid;
	uint64_t gpasid;
	uint32_t addr_width;
	uint8_t padding[12];
	struct iommu_gpasid_vtd vtd;
};
static_assert(sizeof(struct iommu_gpasid_bind_b) == 80, "size");
static_assert(offsetof(struct iommu_gpasid_bind_b, flags) == 16, "offset");
static_assert(offsetof(struct iommu_gpasid_bind_b, addr_width) == 48, "offset");
static_assert(offsetof(struct iommu_gpasid_bind_b, vtd) == 64, "offset");

struct iommu_gpasid_bind_c {
	uint32_t argsz;
	uint32_t version;
	uint32_t format;
	uint32_t addr_width;
	uint64_t flags;
	uint64_t gpgd;
	uint64_t hpasid;
	uint64_t gpasid;
	uint8_t padding[8];
	struct iommu_gpasid_vtd vtd;
};
static_assert(sizeof(struct iommu_gpasid_bind_c) == 72, "size");
static_assert(offsetof(struct iommu_gpasid_bind_c, addr_width) == 12, "offset");
static_assert(offsetof(struct iommu_gpasid_bind_c, gpasid) == 40, "offset");
static_assert(offsetof(struct iommu_gpasid_bind_c, vtd) == 56, "offset");

/* ---- invalidation ---- */

#define IOMMU_CACHE_INV_TYPE_IOTLB     1
#define IOMMU_CACHE_INV_TYPE_DEV_IOTLB 2
#define IOMMU_CACHE_INV_TYPE_PASID     4

#define IOMMU_INV_GRANU_DOMAIN	       0
#define IOMMU_INV_GRANU_PASID	       1
#define IOMMU_INV_GRANU_ADDR	       2

#define IOMMU_INV_FLAGS_PASID	       1
#define IOMMU_INV_FLAGS_ARCHID	       2
#define IOMMU_INV_FLAGS_LEAF	       4 /* with an address only */

struct iommu_inv_addr_info {
	uint32_t flags;
	uint32_t archid;
	uint64_t pasid;
	uint64_t addr;
	uint64_t granule_size;
	uint64_t nb_granules;
};
static_assert(sizeof(struct iommu_inv_addr_info) == 40, "size");

struct iommu_inv_pasid_info {
	uint32_t flags;
	uint32_t archid;
	uint64_t pasid;
};
static_assert(sizeof(struct iommu_inv_pasid_info) == 16, "size");

struct iommu_cache_invalidate_a {
	uint32_t version;
	uint8_t cache;
	uint8_t granularity;
	uint8_t padding[2];
	union {
		struct iommu_inv_pasid_info pasid_info;
		struct iommu_inv_addr_info addr_info;
	};
};
static_assert(sizeof(struct iommu_cache_invalidate_a) == 48, "size");
static_assert(offsetof(struct iommu_cache_invalidate_a, addr_info) == 8, "offset");

/* B and C differ only in the padding after granularity. */
struct iommu_cache_invalidate_c {
	uint32_t argsz;
	uint32_t version;
	uint8_t cache;
	uint8_t granularity;
	uint8_t padding[6];
	union {
		struct iommu_inv_pasid_info pasid_info;
		struct iommu_inv_addr_info addr_info;
	};
};
static_assert(sizeof(struct iommu_cache_invalidate_c) == 56, "size");
static_assert(offsetof(struct iommu_cache_invalidate_c, cache) == 8, "offset");
static_assert(offsetof(struct iommu_cache_invalidate_c, addr_info) == 16, "offset");

/* ---- faults, the entries of the region ---- */

#define IOMMU_FAULT_DMA_UNRECOV		1
#define IOMMU_FAULT_PAGE_REQ		2

#define IOMMU_FAULT_PERM_READ		1
#define IOMMU_FAULT_PERM_WRITE		2
#define IOMMU_FAULT_PERM_EXEC		4
#define IOMMU_FAULT_PERM_PRIV		8

#define IOMMU_FAULT_UNRECOV_PASID_VALID 1
#define IOMMU_FAULT_UNRECOV_ADDR_VALID	2

struct iommu_fault_unrecoverable {
	uint32_t reason;
	uint32_t flags;
	uint32_t pasid;
	uint32_t perm;
	uint64_t addr;
	uint64_t fetch_addr;
};
static_assert(sizeof(struct iommu_fault_unrecoverable) == 32, "size");

#define IOMMU_FAULT_PAGE_REQUEST_PASID_VALID  1
#define IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE    2
#define IOMMU_FAULT_PAGE_REQUEST_PRIV_DATA    4
#define IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID 8 /* 5.9 and later */

struct iommu_fault_page_request {
	uint32_t flags;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm;
	uint64_t addr;
	uint64_t private_data[2];
};
static_assert(sizeof(struct iommu_fault_page_request) == 40, "size");

struct iommu_fault {
	uint32_t type;
	uint32_t padding;
	union {
		struct iommu_fault_unrecoverable event;
		struct iommu_fault_page_request prm;
		uint8_t room[56];
	};
};
static_assert(sizeof(struct iommu_fault) == 64, "size");
static_assert(offsetof(struct iommu_fault, event) == 8, "offset");

/* ---- answer to a page request (only layout C has a request for it) ---- */

#define IOMMU_PAGE_RESP_PASID_VALID 1
#define IOMMU_PAGE_RESP_SUCCESS	    0
#define IOMMU_PAGE_RESP_INVALID	    1

struct iommu_page_response_c {
	uint32_t argsz;
	uint32_t version;
	uint32_t flags;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t code;
};
static_assert(sizeof(struct iommu_page_response_c) == 24, "size");

#endif
