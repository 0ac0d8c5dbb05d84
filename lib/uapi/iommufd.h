/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel ABI of iommufd, as far as this program uses it. Written by hand; do not include
 * <linux/iommufd.h> beside it. Every structure begins with its size. A kernel accepts a longer
 * structure than its own if the rest is zero, so the newest form works on all.
 * Source: include/uapi/linux/iommufd.h, Linux 6.2 to 7.3; "since" names the first release.
 */
#ifndef NEST_UAPI_IOMMUFD_H
#define NEST_UAPI_IOMMUFD_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define IOMMU_DESTROY		      0x3b80
#define IOMMU_IOAS_ALLOC	      0x3b81
#define IOMMU_IOAS_COPY		      0x3b83
#define IOMMU_IOAS_IOVA_RANGES	      0x3b84
#define IOMMU_IOAS_MAP		      0x3b85
#define IOMMU_IOAS_UNMAP	      0x3b86
#define IOMMU_OPTION		      0x3b87
#define IOMMU_VFIO_IOAS		      0x3b88
#define IOMMU_HWPT_ALLOC	      0x3b89 /* since 6.6 */
#define IOMMU_GET_HW_INFO	      0x3b8a /* since 6.6 */
#define IOMMU_HWPT_SET_DIRTY_TRACKING 0x3b8b /* since 6.7 */
#define IOMMU_HWPT_GET_DIRTY_BITMAP   0x3b8c /* since 6.7 */
#define IOMMU_HWPT_INVALIDATE	      0x3b8d /* since 6.8 */
#define IOMMU_FAULT_QUEUE_ALLOC	      0x3b8e /* since 6.11 */
#define IOMMU_IOAS_MAP_FILE	      0x3b8f /* since 6.13 */
#define IOMMU_IOAS_CHANGE_PROCESS     0x3b92 /* since 6.13 */

struct iommu_destroy {
	uint32_t size;
	uint32_t id;
};
static_assert(sizeof(struct iommu_destroy) == 8, "ABI");

struct iommu_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};
static_assert(sizeof(struct iommu_ioas_alloc) == 12, "ABI");
static_assert(offsetof(struct iommu_ioas_alloc, out_ioas_id) == 8, "ABI");

struct iommu_iova_range {
	uint64_t start;
	uint64_t last; /* inclusive */
};
static_assert(sizeof(struct iommu_iova_range) == 16, "ABI");

struct iommu_ioas_iova_ranges {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas; /* in: room; out: number of ranges. EMSGSIZE: more than room */
	uint32_t reserved;
	uint64_t allowed_iovas; /* address of struct iommu_iova_range[] */
	uint64_t out_iova_alignment;
};
static_assert(sizeof(struct iommu_ioas_iova_ranges) == 32, "ABI");
static_assert(offsetof(struct iommu_ioas_iova_ranges, num_iovas) == 8, "ABI");
static_assert(offsetof(struct iommu_ioas_iova_ranges, allowed_iovas) == 16, "ABI");
static_assert(offsetof(struct iommu_ioas_iova_ranges, out_iova_alignment) == 24, "ABI");

#define IOMMU_IOAS_MAP_FIXED_IOVA (1u << 0)
#define IOMMU_IOAS_MAP_WRITEABLE  (1u << 1)
#define IOMMU_IOAS_MAP_READABLE	  (1u << 2)

struct iommu_ioas_map {
	uint32_t size;
	uint32_t flags; /* IOMMU_IOAS_MAP_* */
	uint32_t ioas_id;
	uint32_t reserved;
	uint64_t user_va;
	uint64_t length;
	uint64_t iova;
};
static_assert(sizeof(struct iommu_ioas_map) == 40, "ABI");
static_assert(offsetof(struct iommu_ioas_map, ioas_id) == 8, "ABI");
static_assert(offsetof(struct iommu_ioas_map, user_va) == 16, "ABI");
static_assert(offsetof(struct iommu_ioas_map, iova) == 32, "ABI");

/* The same pages at a second address, of this address space or another one. */
struct iommu_ioas_copy {
	uint32_t size;
	uint32_t flags; /* IOMMU_IOAS_MAP_* */
	uint32_t dst_ioas_id;
	uint32_t src_ioas_id;
	uint64_t length;
	uint64_t dst_iova;
	uint64_t src_iova;
};
static_assert(sizeof(struct iommu_ioas_copy) == 40, "ABI");
static_assert(offsetof(struct iommu_ioas_copy, dst_ioas_id) == 8, "ABI");
static_assert(offsetof(struct iommu_ioas_copy, length) == 16, "ABI");
static_assert(offsetof(struct iommu_ioas_copy, src_iova) == 32, "ABI");

/* Pages of a file: a memfd, or since 6.19 a dma-buf. */
struct iommu_ioas_map_file {
	uint32_t size;
	uint32_t flags; /* IOMMU_IOAS_MAP_* */
	uint32_t ioas_id;
	int32_t fd;
	uint64_t start; /* in the file */
	uint64_t length;
	uint64_t iova;
};
static_assert(sizeof(struct iommu_ioas_map_file) == 40, "ABI");
static_assert(offsetof(struct iommu_ioas_map_file, fd) == 12, "ABI");
static_assert(offsetof(struct iommu_ioas_map_file, start) == 16, "ABI");
static_assert(offsetof(struct iommu_ioas_map_file, iova) == 32, "ABI");

struct iommu_ioas_unmap {
	uint32_t size;
	uint32_t ioas_id;
	uint64_t iova;
	uint64_t length; /* out: bytes unmapped */
};
static_assert(sizeof(struct iommu_ioas_unmap) == 24, "ABI");
static_assert(offsetof(struct iommu_ioas_unmap, iova) == 8, "ABI");
static_assert(offsetof(struct iommu_ioas_unmap, length) == 16, "ABI");

/*
 * Pinned pages of all address spaces of this file are charged to the process that asks. EINVAL:
 * one of them has memory that was mapped by its address.
 */
struct iommu_ioas_change_process {
	uint32_t size;
	uint32_t reserved;
};
static_assert(sizeof(struct iommu_ioas_change_process) == 8, "ABI");

/*
 * RLIMIT_MODE, of the file (object 0): 1 charges pinned pages to the process, not the user. Setting
 * it needs CAP_SYS_RESOURCE, and is EBUSY once there is an object. HUGE_PAGES, of an IOAS: 0 maps
 * small pages only; EINVAL once a table has something mapped.
 */
#define IOMMU_OPTION_RLIMIT_MODE 0
#define IOMMU_OPTION_HUGE_PAGES	 1
#define IOMMU_OPTION_OP_SET	 0
#define IOMMU_OPTION_OP_GET	 1

struct iommu_option {
	uint32_t size;
	uint32_t option_id;
	uint16_t op;
	uint16_t reserved;
	uint32_t object_id;
	uint64_t val64;
};
static_assert(sizeof(struct iommu_option) == 24, "ABI");
static_assert(offsetof(struct iommu_option, op) == 8, "ABI");
static_assert(offsetof(struct iommu_option, object_id) == 12, "ABI");
static_assert(offsetof(struct iommu_option, val64) == 16, "ABI");

#define IOMMU_VFIO_IOAS_GET   0
#define IOMMU_VFIO_IOAS_SET   1
#define IOMMU_VFIO_IOAS_CLEAR 2

struct iommu_vfio_ioas {
	uint32_t size;
	uint32_t ioas_id;
	uint16_t op;
	uint16_t reserved;
};
static_assert(sizeof(struct iommu_vfio_ioas) == 12, "ABI");
static_assert(offsetof(struct iommu_vfio_ioas, op) == 8, "ABI");

#define IOMMU_HWPT_ALLOC_NEST_PARENT	(1u << 0)
#define IOMMU_HWPT_ALLOC_DIRTY_TRACKING (1u << 1)
#define IOMMU_HWPT_FAULT_ID_VALID	(1u << 2) /* since 6.11 */
#define IOMMU_HWPT_ALLOC_PASID		(1u << 3) /* since 6.14 or 6.15 */

#define IOMMU_HWPT_DATA_NONE		0
#define IOMMU_HWPT_DATA_VTD_S1		1
#define IOMMU_HWPT_DATA_ARM_SMMUV3	2
#define IOMMU_HWPT_DATA_AMD_GUEST	3

struct iommu_hwpt_alloc {
	uint32_t size;
	uint32_t flags; /* IOMMU_HWPT_* */
	uint32_t dev_id;
	uint32_t pt_id; /* IOAS, parent HWPT or vIOMMU */
	uint32_t out_hwpt_id;
	uint32_t reserved;
	uint32_t data_type; /* this and the rest: since 6.7 */
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t fault_id; /* since 6.11 */
	uint32_t reserved2;
};
static_assert(sizeof(struct iommu_hwpt_alloc) == 48, "ABI");
static_assert(offsetof(struct iommu_hwpt_alloc, pt_id) == 12, "ABI");
static_assert(offsetof(struct iommu_hwpt_alloc, out_hwpt_id) == 16, "ABI");
static_assert(offsetof(struct iommu_hwpt_alloc, data_type) == 24, "ABI");
static_assert(offsetof(struct iommu_hwpt_alloc, data_uptr) == 32, "ABI");
static_assert(offsetof(struct iommu_hwpt_alloc, fault_id) == 40, "ABI");

#define IOMMU_VTD_S1_SRE  (1u << 0)
#define IOMMU_VTD_S1_EAFE (1u << 1)
#define IOMMU_VTD_S1_WPE  (1u << 2)

struct iommu_hwpt_vtd_s1 {
	uint64_t flags;	     /* IOMMU_VTD_S1_* */
	uint64_t pgtbl_addr; /* an address of the second stage */
	uint32_t addr_width; /* 48 or 57 */
	uint32_t reserved;
};
static_assert(sizeof(struct iommu_hwpt_vtd_s1) == 24, "ABI");
static_assert(offsetof(struct iommu_hwpt_vtd_s1, pgtbl_addr) == 8, "ABI");
static_assert(offsetof(struct iommu_hwpt_vtd_s1, addr_width) == 16, "ABI");

/* Source: Linux 7.3, which refuses it on every IOMMU. */
struct iommu_hwpt_amd_guest {
	uint64_t dte[4];
};
static_assert(sizeof(struct iommu_hwpt_amd_guest) == 32, "ABI");

#define IOMMU_HW_INFO_TYPE_NONE		   0
#define IOMMU_HW_INFO_TYPE_INTEL_VTD	   1
#define IOMMU_HW_INFO_TYPE_ARM_SMMUV3	   2
#define IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV  3
#define IOMMU_HW_INFO_TYPE_AMD		   4

#define IOMMU_HW_CAP_DIRTY_TRACKING	   (1u << 0)
#define IOMMU_HW_CAP_PCI_PASID_EXEC	   (1u << 1)
#define IOMMU_HW_CAP_PCI_PASID_PRIV	   (1u << 2)
#define IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED (1u << 3)

/* The caller names the type it wants in out_data_type; since 6.17 */
#define IOMMU_HW_INFO_FLAG_INPUT_TYPE (1u << 0)

/* Since 6.17. The driver answers EOPNOTSUPP for a type that it does not have. */
#define IOMMU_HW_INFO_FLAG_INPUT_TYPE (1u << 0)

struct iommu_hw_info {
	uint32_t size;
	uint32_t flags; /* IOMMU_HW_INFO_FLAG_* */
	uint32_t dev_id;
	uint32_t data_len; /* in: room; out: length of the kernel's data */
	uint64_t data_uptr;
	uint32_t out_data_type;	    /* IOMMU_HW_INFO_TYPE_*; with INPUT_TYPE also what is asked */
	uint8_t out_max_pasid_log2; /* since 6.15, 0 before */
	uint8_t reserved[3];
	uint64_t out_capabilities; /* IOMMU_HW_CAP_*, since 6.7 */
};
static_assert(sizeof(struct iommu_hw_info) == 40, "ABI");
static_assert(offsetof(struct iommu_hw_info, data_len) == 12, "ABI");
static_assert(offsetof(struct iommu_hw_info, data_uptr) == 16, "ABI");
static_assert(offsetof(struct iommu_hw_info, out_data_type) == 24, "ABI");
static_assert(offsetof(struct iommu_hw_info, out_max_pasid_log2) == 28, "ABI");
static_assert(offsetof(struct iommu_hw_info, out_capabilities) == 32, "ABI");

#define IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17 (1u << 0)

struct iommu_hw_info_vtd {
	uint32_t flags;
	uint32_t reserved;
	uint64_t cap_reg;
	uint64_t ecap_reg;
};
static_assert(sizeof(struct iommu_hw_info_vtd) == 24, "ABI");
static_assert(offsetof(struct iommu_hw_info_vtd, cap_reg) == 8, "ABI");
static_assert(offsetof(struct iommu_hw_info_vtd, ecap_reg) == 16, "ABI");

#define IOMMU_HW_INFO_ARM_SMMUV3_REPEAT_TLBI_CFGI (1u << 0) /* since 7.3 */

struct iommu_hw_info_arm_smmuv3 {
	uint32_t flags;
	uint32_t reserved;
	uint32_t idr[6];
	uint32_t iidr;
	uint32_t aidr;
};
static_assert(sizeof(struct iommu_hw_info_arm_smmuv3) == 40, "ABI");
static_assert(offsetof(struct iommu_hw_info_arm_smmuv3, idr) == 8, "ABI");
static_assert(offsetof(struct iommu_hw_info_arm_smmuv3, aidr) == 36, "ABI");

struct iommu_hw_info_amd {
	uint64_t efr;
	uint64_t efr2;
};
static_assert(sizeof(struct iommu_hw_info_amd) == 16, "ABI");

#define IOMMU_HWPT_INVALIDATE_DATA_VTD_S1 0

struct iommu_hwpt_invalidate {
	uint32_t size;
	uint32_t hwpt_id;
	uint64_t data_uptr;
	uint32_t data_type;
	uint32_t entry_len;
	uint32_t entry_num; /* in: entries; out: entries done, also after an error */
	uint32_t reserved;
};
static_assert(sizeof(struct iommu_hwpt_invalidate) == 32, "ABI");
static_assert(offsetof(struct iommu_hwpt_invalidate, data_uptr) == 8, "ABI");
static_assert(offsetof(struct iommu_hwpt_invalidate, entry_num) == 24, "ABI");

#define IOMMU_VTD_INV_FLAGS_LEAF (1u << 0)

/* addr 0 with npages UINT64_MAX means the whole domain */
struct iommu_hwpt_vtd_s1_invalidate {
	uint64_t addr;
	uint64_t npages;
	uint32_t flags; /* IOMMU_VTD_INV_FLAGS_* */
	uint32_t reserved;
};
static_assert(sizeof(struct iommu_hwpt_vtd_s1_invalidate) == 24, "ABI");
static_assert(offsetof(struct iommu_hwpt_vtd_s1_invalidate, npages) == 8, "ABI");
static_assert(offsetof(struct iommu_hwpt_vtd_s1_invalidate, flags) == 16, "ABI");

struct iommu_fault_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_fault_id;
	uint32_t out_fault_fd;
};
static_assert(sizeof(struct iommu_fault_alloc) == 16, "ABI");
static_assert(offsetof(struct iommu_fault_alloc, out_fault_fd) == 12, "ABI");

/* Kernels set bit 2 of the flags, which the header does not define: mask unknown bits */
#define IOMMU_PGFAULT_FLAGS_PASID_VALID (1u << 0)
#define IOMMU_PGFAULT_FLAGS_LAST_PAGE	(1u << 1)

#define IOMMU_PGFAULT_PERM_READ		(1u << 0)
#define IOMMU_PGFAULT_PERM_WRITE	(1u << 1)
#define IOMMU_PGFAULT_PERM_EXEC		(1u << 2)
#define IOMMU_PGFAULT_PERM_PRIV		(1u << 3)

/* Read from the fault fd, whole groups at a time */
struct iommu_hwpt_pgfault {
	uint32_t flags; /* IOMMU_PGFAULT_FLAGS_* */
	uint32_t dev_id;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm; /* IOMMU_PGFAULT_PERM_* */
	uint32_t reserved;
	uint64_t addr;
	uint32_t length;
	uint32_t cookie;
};
static_assert(sizeof(struct iommu_hwpt_pgfault) == 40, "ABI");
static_assert(offsetof(struct iommu_hwpt_pgfault, perm) == 16, "ABI");
static_assert(offsetof(struct iommu_hwpt_pgfault, addr) == 24, "ABI");
static_assert(offsetof(struct iommu_hwpt_pgfault, cookie) == 36, "ABI");

#define IOMMUFD_PAGE_RESP_SUCCESS 0
#define IOMMUFD_PAGE_RESP_INVALID 1

/* Written to the fault fd, one for each group */
struct iommu_hwpt_page_response {
	uint32_t cookie;
	uint32_t code; /* IOMMUFD_PAGE_RESP_* */
};
static_assert(sizeof(struct iommu_hwpt_page_response) == 8, "ABI");

#define IOMMU_HWPT_DIRTY_TRACKING_ENABLE (1u << 0)

struct iommu_hwpt_set_dirty_tracking {
	uint32_t size;
	uint32_t flags; /* IOMMU_HWPT_DIRTY_TRACKING_ENABLE; 0 switches it off */
	uint32_t hwpt_id;
	uint32_t reserved;
};
static_assert(sizeof(struct iommu_hwpt_set_dirty_tracking) == 16, "ABI");
static_assert(offsetof(struct iommu_hwpt_set_dirty_tracking, hwpt_id) == 8, "ABI");

/* Reads which pages were written to, and clears it. */
struct iommu_hwpt_get_dirty_bitmap {
	uint32_t size;
	uint32_t hwpt_id;
	uint32_t flags;
	uint32_t reserved;
	uint64_t iova;
	uint64_t length;
	uint64_t page_size; /* of one bit */
	uint64_t data;	    /* address of u64[]; bits are set, none is cleared */
};
static_assert(sizeof(struct iommu_hwpt_get_dirty_bitmap) == 48, "ABI");
static_assert(offsetof(struct iommu_hwpt_get_dirty_bitmap, flags) == 8, "ABI");
static_assert(offsetof(struct iommu_hwpt_get_dirty_bitmap, iova) == 16, "ABI");
static_assert(offsetof(struct iommu_hwpt_get_dirty_bitmap, data) == 40, "ABI");

#endif
