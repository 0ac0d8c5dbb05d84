/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel ABI of iommufd for a slice of an IOMMU that user space owns (vIOMMU), and of what Arm's
 * SMMUv3 takes and tells through it. Rules as in uapi/iommufd.h.
 * Source: include/uapi/linux/iommufd.h, Linux 6.13 to 7.3.
 */
#ifndef NEST_UAPI_IOMMUFD_VIOMMU_H
#define NEST_UAPI_IOMMUFD_VIOMMU_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define IOMMU_VIOMMU_ALLOC   0x3b90 /* since 6.13 */
#define IOMMU_VDEVICE_ALLOC  0x3b91 /* since 6.13 */
#define IOMMU_VEVENTQ_ALLOC  0x3b93 /* since 6.15 */
#define IOMMU_HW_QUEUE_ALLOC 0x3b94 /* since 6.17 */

/* Type 0 is never taken. A driver without vIOMMUs answers EOPNOTSUPP. */
#define IOMMU_VIOMMU_TYPE_DEFAULT	 0
#define IOMMU_VIOMMU_TYPE_ARM_SMMUV3	 1
#define IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV 2

struct iommu_viommu_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t type;	/* IOMMU_VIOMMU_TYPE_* */
	uint32_t dev_id;
	uint32_t hwpt_id; /* a nest parent */
	uint32_t out_viommu_id;
	uint32_t data_len; /* this and the rest: since 6.17 */
	uint32_t reserved;
	uint64_t data_uptr;
};
static_assert(sizeof(struct iommu_viommu_alloc) == 40, "ABI");
static_assert(offsetof(struct iommu_viommu_alloc, type) == 8, "ABI");
static_assert(offsetof(struct iommu_viommu_alloc, hwpt_id) == 16, "ABI");
static_assert(offsetof(struct iommu_viommu_alloc, out_viommu_id) == 20, "ABI");
static_assert(offsetof(struct iommu_viommu_alloc, data_uptr) == 32, "ABI");

struct iommu_vdevice_alloc {
	uint32_t size;
	uint32_t viommu_id;
	uint32_t dev_id;
	uint32_t out_vdevice_id;
	uint64_t virt_id; /* what commands and events call the device */
};
static_assert(sizeof(struct iommu_vdevice_alloc) == 24, "ABI");
static_assert(offsetof(struct iommu_vdevice_alloc, out_vdevice_id) == 12, "ABI");
static_assert(offsetof(struct iommu_vdevice_alloc, virt_id) == 16, "ABI");

#define IOMMU_VEVENTQ_TYPE_DEFAULT	  0
#define IOMMU_VEVENTQ_TYPE_ARM_SMMUV3	  1
#define IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV 2
#define IOMMU_VEVENTQ_DEPTH_MAX		  (1u << 19)

struct iommu_veventq_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t viommu_id;
	uint32_t type; /* IOMMU_VEVENTQ_TYPE_* */
	uint32_t veventq_depth;
	uint32_t out_veventq_id;
	uint32_t out_veventq_fd;
	uint32_t reserved;
};
static_assert(sizeof(struct iommu_veventq_alloc) == 32, "ABI");
static_assert(offsetof(struct iommu_veventq_alloc, type) == 12, "ABI");
static_assert(offsetof(struct iommu_veventq_alloc, veventq_depth) == 16, "ABI");
static_assert(offsetof(struct iommu_veventq_alloc, out_veventq_id) == 20, "ABI");
static_assert(offsetof(struct iommu_veventq_alloc, out_veventq_fd) == 24, "ABI");

#define IOMMU_HW_QUEUE_TYPE_DEFAULT	   0
#define IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV 1

struct iommu_hw_queue_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t viommu_id;
	uint32_t type; /* IOMMU_HW_QUEUE_TYPE_* */
	uint32_t index;
	uint32_t out_hw_queue_id;
	uint64_t nesting_parent_iova;
	uint64_t length;
};
static_assert(sizeof(struct iommu_hw_queue_alloc) == 40, "ABI");
static_assert(offsetof(struct iommu_hw_queue_alloc, index) == 16, "ABI");
static_assert(offsetof(struct iommu_hw_queue_alloc, out_hw_queue_id) == 20, "ABI");
static_assert(offsetof(struct iommu_hw_queue_alloc, nesting_parent_iova) == 24, "ABI");
static_assert(offsetof(struct iommu_hw_queue_alloc, length) == 32, "ABI");

/*
 * What read() of the queue's file returns: headers, each with an event behind it unless it tells
 * of lost ones. An empty queue reads as 0 bytes. sequence counts all events, lost ones too.
 */
#define IOMMU_VEVENTQ_FLAG_LOST_EVENTS (1u << 0)
#define IOMMU_VEVENTQ_SEQUENCE_MAX     0x7fffffffu

struct iommufd_vevent_header {
	uint32_t flags; /* IOMMU_VEVENTQ_FLAG_* */
	uint32_t sequence;
};
static_assert(sizeof(struct iommufd_vevent_header) == 8, "ABI");
static_assert(offsetof(struct iommufd_vevent_header, sequence) == 4, "ABI");

/* ---- SMMUv3; all words little-endian ---- */

struct iommu_vevent_arm_smmuv3 {
	uint64_t evt[4];
};
static_assert(sizeof(struct iommu_vevent_arm_smmuv3) == 32, "ABI");

/* IOMMU_HWPT_DATA_ARM_SMMUV3, of a page table on a vIOMMU */
struct iommu_hwpt_arm_smmuv3 {
	uint64_t ste[2];
};
static_assert(sizeof(struct iommu_hwpt_arm_smmuv3) == 16, "ABI");

#define IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 1

struct iommu_viommu_arm_smmuv3_invalidate {
	uint64_t cmd[2];
};
static_assert(sizeof(struct iommu_viommu_arm_smmuv3_invalidate) == 16, "ABI");

/* IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV */
struct iommu_hw_info_tegra241_cmdqv {
	uint32_t flags;
	uint8_t version;
	uint8_t log2vcmdqs;
	uint8_t log2vsids;
	uint8_t reserved;
};
static_assert(sizeof(struct iommu_hw_info_tegra241_cmdqv) == 8, "ABI");
static_assert(offsetof(struct iommu_hw_info_tegra241_cmdqv, log2vcmdqs) == 5, "ABI");
static_assert(offsetof(struct iommu_hw_info_tegra241_cmdqv, log2vsids) == 6, "ABI");

#endif
