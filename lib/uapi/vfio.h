/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel ABI of VFIO, as far as this program uses it: containers, groups, devices and device nodes.
 * Written by hand, so that the build does not depend on kernel headers; do not include
 * <linux/vfio.h> beside it. Values are ABI and cannot change.
 * Source: include/uapi/linux/vfio.h, Linux 5.10 to 7.3.
 */
#ifndef NEST_UAPI_VFIO_H
#define NEST_UAPI_VFIO_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define VFIO_API_VERSION 0

/* Container (/dev/vfio/vfio, or an iommufd that serves it) */
#define VFIO_GET_API_VERSION 0x3b64
#define VFIO_CHECK_EXTENSION 0x3b65 /* argument: an integer, VFIO_*_IOMMU and so on */
#define VFIO_SET_IOMMU	     0x3b66 /* argument: an integer */
#define VFIO_IOMMU_GET_INFO  0x3b70
#define VFIO_IOMMU_MAP_DMA   0x3b71
#define VFIO_IOMMU_UNMAP_DMA 0x3b72

/* Group (/dev/vfio/N) */
#define VFIO_GROUP_GET_STATUS	   0x3b67
#define VFIO_GROUP_SET_CONTAINER   0x3b68 /* argument: pointer to the container's fd */
#define VFIO_GROUP_UNSET_CONTAINER 0x3b69
#define VFIO_GROUP_GET_DEVICE_FD   0x3b6a /* argument: the device's name; result: an fd */

/* Device; some share their number with container requests: the fd decides */
#define VFIO_DEVICE_GET_INFO	      0x3b6b
#define VFIO_DEVICE_GET_REGION_INFO   0x3b6c
#define VFIO_DEVICE_GET_IRQ_INFO      0x3b6d
#define VFIO_DEVICE_SET_IRQS	      0x3b6e
#define VFIO_DEVICE_RESET	      0x3b6f
#define VFIO_DEVICE_FEATURE	      0x3b75 /* since 5.7 */
#define VFIO_DEVICE_BIND_IOMMUFD      0x3b76 /* device node only, since 6.6 */
#define VFIO_DEVICE_ATTACH_IOMMUFD_PT 0x3b77 /* likewise */
#define VFIO_DEVICE_DETACH_IOMMUFD_PT 0x3b78 /* likewise */

/* CHECK_EXTENSION ids; 1, 2, 3, 6, 7 and 8 are IOMMU types for SET_IOMMU too */
enum {
	VFIO_TYPE1_IOMMU = 1,
	VFIO_SPAPR_TCE_IOMMU = 2,
	VFIO_TYPE1v2_IOMMU = 3,
	VFIO_DMA_CC_IOMMU = 4,
	VFIO_EEH = 5,
	VFIO_TYPE1_NESTING_IOMMU = 6, /* reserved since 6.13 */
	VFIO_SPAPR_TCE_v2_IOMMU = 7,
	VFIO_NOIOMMU_IOMMU = 8,
	VFIO_UNMAP_ALL = 9, /* in one out-of-tree series: the version of its nesting ABI */
	VFIO_UPDATE_VADDR = 10,
	/* never check 11: on one out-of-tree kernel the check enables a mode */
};

/*
 * Head of every capability in a chain; next is an offset in the info structure, 0: the last
 */
struct vfio_info_cap_header {
	uint16_t id;
	uint16_t version;
	uint32_t next;
};
static_assert(sizeof(struct vfio_info_cap_header) == 8, "ABI");
static_assert(offsetof(struct vfio_info_cap_header, next) == 4, "ABI");

struct vfio_iommu_type1_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_IOMMU_INFO_* */
	uint64_t iova_pgsizes;
	uint32_t cap_offset;
	uint32_t pad;
};
static_assert(sizeof(struct vfio_iommu_type1_info) == 24, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_info, iova_pgsizes) == 8, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_info, cap_offset) == 16, "ABI");

#define VFIO_IOMMU_INFO_PGSIZES		     (1u << 0)
#define VFIO_IOMMU_INFO_CAPS		     (1u << 1)

#define VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE 1
#define VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION  2
#define VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL	     3

/* Followed by nr_iovas pairs of inclusive addresses {u64 start, u64 end} */
struct vfio_iommu_type1_info_cap_iova_range {
	struct vfio_info_cap_header header;
	uint32_t nr_iovas;
	uint32_t reserved;
};
static_assert(sizeof(struct vfio_iommu_type1_info_cap_iova_range) == 16, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_info_cap_iova_range, nr_iovas) == 8, "ABI");

struct vfio_iommu_type1_info_cap_migration {
	struct vfio_info_cap_header header;
	uint32_t flags;
	uint64_t pgsize_bitmap;
	uint64_t max_dirty_bitmap_size;
};
static_assert(sizeof(struct vfio_iommu_type1_info_cap_migration) == 32, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_info_cap_migration, flags) == 8, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_info_cap_migration, pgsize_bitmap) == 16, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_info_cap_migration, max_dirty_bitmap_size) == 24,
	      "ABI");

struct vfio_iommu_type1_info_dma_avail {
	struct vfio_info_cap_header header;
	uint32_t avail;
};
static_assert(sizeof(struct vfio_iommu_type1_info_dma_avail) == 12, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_info_dma_avail, avail) == 8, "ABI");

struct vfio_iommu_type1_dma_map {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DMA_MAP_FLAG_* */
	uint64_t vaddr;
	uint64_t iova;
	uint64_t size;
};
static_assert(sizeof(struct vfio_iommu_type1_dma_map) == 32, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_dma_map, vaddr) == 8, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_dma_map, size) == 24, "ABI");

#define VFIO_DMA_MAP_FLAG_READ	(1u << 0)
#define VFIO_DMA_MAP_FLAG_WRITE (1u << 1)

struct vfio_iommu_type1_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t iova;
	uint64_t size; /* out: bytes unmapped */
};
static_assert(sizeof(struct vfio_iommu_type1_dma_unmap) == 24, "ABI");
static_assert(offsetof(struct vfio_iommu_type1_dma_unmap, size) == 16, "ABI");

struct vfio_group_status {
	uint32_t argsz;
	uint32_t flags; /* VFIO_GROUP_FLAGS_* */
};
static_assert(sizeof(struct vfio_group_status) == 8, "ABI");
static_assert(offsetof(struct vfio_group_status, flags) == 4, "ABI");

#define VFIO_GROUP_FLAGS_VIABLE	       (1u << 0)
#define VFIO_GROUP_FLAGS_CONTAINER_SET (1u << 1)

struct vfio_device_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DEVICE_FLAGS_* */
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t cap_offset;
	uint32_t pad;
};
static_assert(sizeof(struct vfio_device_info) == 24, "ABI");
static_assert(offsetof(struct vfio_device_info, num_regions) == 8, "ABI");
static_assert(offsetof(struct vfio_device_info, cap_offset) == 16, "ABI");

/* The size before cap_offset got its padding; any kernel accepts it */
#define VFIO_DEVICE_INFO_MIN	   16

#define VFIO_DEVICE_FLAGS_RESET	   (1u << 0)
#define VFIO_DEVICE_FLAGS_PCI	   (1u << 1)
#define VFIO_DEVICE_FLAGS_PLATFORM (1u << 2)

struct vfio_region_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_REGION_INFO_FLAG_* */
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset; /* from the start of the device fd */
};
static_assert(sizeof(struct vfio_region_info) == 32, "ABI");
static_assert(offsetof(struct vfio_region_info, index) == 8, "ABI");
static_assert(offsetof(struct vfio_region_info, size) == 16, "ABI");
static_assert(offsetof(struct vfio_region_info, offset) == 24, "ABI");

#define VFIO_REGION_INFO_FLAG_READ  (1u << 0)
#define VFIO_REGION_INFO_FLAG_WRITE (1u << 1)
#define VFIO_REGION_INFO_FLAG_MMAP  (1u << 2)
#define VFIO_REGION_INFO_FLAG_CAPS  (1u << 3)

/* Capabilities of a region */
#define VFIO_REGION_INFO_CAP_SPARSE_MMAP 1
#define VFIO_REGION_INFO_CAP_TYPE	 2

/* Followed by nr_areas pairs {u64 offset, u64 size} within the region */
struct vfio_region_info_cap_sparse_mmap {
	struct vfio_info_cap_header header;
	uint32_t nr_areas;
	uint32_t reserved;
};
static_assert(sizeof(struct vfio_region_info_cap_sparse_mmap) == 16, "ABI");

struct vfio_region_info_cap_type {
	struct vfio_info_cap_header header;
	uint32_t type;
	uint32_t subtype;
};
static_assert(sizeof(struct vfio_region_info_cap_type) == 16, "ABI");

enum {
	VFIO_PCI_BAR0_REGION_INDEX = 0,
	VFIO_PCI_BAR5_REGION_INDEX = 5,
	VFIO_PCI_ROM_REGION_INDEX = 6,
	VFIO_PCI_CONFIG_REGION_INDEX = 7,
	VFIO_PCI_VGA_REGION_INDEX = 8,
};

struct vfio_irq_info {
	uint32_t argsz;
	uint32_t flags; /* VFIO_IRQ_INFO_* */
	uint32_t index;
	uint32_t count;
};
static_assert(sizeof(struct vfio_irq_info) == 16, "ABI");
static_assert(offsetof(struct vfio_irq_info, count) == 12, "ABI");

#define VFIO_IRQ_INFO_EVENTFD	 (1u << 0)
#define VFIO_IRQ_INFO_MASKABLE	 (1u << 1)
#define VFIO_IRQ_INFO_AUTOMASKED (1u << 2)
#define VFIO_IRQ_INFO_NORESIZE	 (1u << 3)

enum {
	VFIO_PCI_INTX_IRQ_INDEX = 0,
	VFIO_PCI_MSI_IRQ_INDEX = 1,
	VFIO_PCI_MSIX_IRQ_INDEX = 2,
	VFIO_PCI_ERR_IRQ_INDEX = 3,
	VFIO_PCI_REQ_IRQ_INDEX = 4,
};

/* Followed by data, depending on flags */
struct vfio_irq_set {
	uint32_t argsz;
	uint32_t flags; /* VFIO_IRQ_SET_* */
	uint32_t index;
	uint32_t start;
	uint32_t count;
};
static_assert(sizeof(struct vfio_irq_set) == 20, "ABI");
static_assert(offsetof(struct vfio_irq_set, count) == 16, "ABI");

#define VFIO_IRQ_SET_DATA_NONE	    (1u << 0)
#define VFIO_IRQ_SET_DATA_BOOL	    (1u << 1)
#define VFIO_IRQ_SET_DATA_EVENTFD   (1u << 2)
#define VFIO_IRQ_SET_ACTION_MASK    (1u << 3)
#define VFIO_IRQ_SET_ACTION_UNMASK  (1u << 4)
#define VFIO_IRQ_SET_ACTION_TRIGGER (1u << 5)

struct vfio_device_bind_iommufd {
	uint32_t argsz; /* 16 is enough if flags is 0 */
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
	uint64_t token_uuid_ptr; /* since 6.17 */
};
static_assert(sizeof(struct vfio_device_bind_iommufd) == 24, "ABI");
static_assert(offsetof(struct vfio_device_bind_iommufd, iommufd) == 8, "ABI");
static_assert(offsetof(struct vfio_device_bind_iommufd, out_devid) == 12, "ABI");
static_assert(offsetof(struct vfio_device_bind_iommufd, token_uuid_ptr) == 16, "ABI");

#define VFIO_DEVICE_BIND_IOMMUFD_MIN 16
#define VFIO_DEVICE_BIND_FLAG_TOKEN  (1u << 0) /* since 6.17 */

struct vfio_device_attach_iommufd_pt {
	uint32_t argsz; /* 12 is enough without a PASID; kernels before 6.15 have no more */
	uint32_t flags;
	uint32_t pt_id; /* in: IOAS or HWPT; out: the HWPT in use */
	uint32_t pasid; /* since 6.15 */
};
static_assert(sizeof(struct vfio_device_attach_iommufd_pt) == 16, "ABI");
static_assert(offsetof(struct vfio_device_attach_iommufd_pt, pt_id) == 8, "ABI");
static_assert(offsetof(struct vfio_device_attach_iommufd_pt, pasid) == 12, "ABI");

#define VFIO_DEVICE_ATTACH_PASID	  (1u << 0)
#define VFIO_DEVICE_ATTACH_IOMMUFD_PT_MIN 12

struct vfio_device_detach_iommufd_pt {
	uint32_t argsz; /* 8 is enough without a PASID */
	uint32_t flags;
	uint32_t pasid; /* since 6.15 */
};
static_assert(sizeof(struct vfio_device_detach_iommufd_pt) == 12, "ABI");
static_assert(offsetof(struct vfio_device_detach_iommufd_pt, pasid) == 8, "ABI");

#define VFIO_DEVICE_DETACH_PASID	  (1u << 0)
#define VFIO_DEVICE_DETACH_IOMMUFD_PT_MIN 8

/* Followed by data, depending on the feature */
struct vfio_device_feature {
	uint32_t argsz;
	uint32_t flags; /* a feature's number, and VFIO_DEVICE_FEATURE_* */
};
static_assert(sizeof(struct vfio_device_feature) == 8, "ABI");
static_assert(offsetof(struct vfio_device_feature, flags) == 4, "ABI");

#define VFIO_DEVICE_FEATURE_MASK    0xffffu
#define VFIO_DEVICE_FEATURE_GET	    (1u << 16)
#define VFIO_DEVICE_FEATURE_SET	    (1u << 17)
#define VFIO_DEVICE_FEATURE_PROBE   (1u << 18) /* asks whether the others are implemented */

#define VFIO_DEVICE_FEATURE_DMA_BUF 11 /* since 6.19; GET returns an fd */

/* Followed by nr_ranges of the next */
struct vfio_device_feature_dma_buf {
	uint32_t region_index;
	uint32_t open_flags; /* of the fd: O_RDWR, O_CLOEXEC */
	uint32_t flags;
	uint32_t nr_ranges;
};
static_assert(sizeof(struct vfio_device_feature_dma_buf) == 16, "ABI");
static_assert(offsetof(struct vfio_device_feature_dma_buf, open_flags) == 4, "ABI");
static_assert(offsetof(struct vfio_device_feature_dma_buf, nr_ranges) == 12, "ABI");

struct vfio_region_dma_range {
	uint64_t offset; /* from the start of the region */
	uint64_t length;
};
static_assert(sizeof(struct vfio_region_dma_range) == 16, "ABI");
static_assert(offsetof(struct vfio_region_dma_range, length) == 8, "ABI");

#endif
