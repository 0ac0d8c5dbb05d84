/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel ABI of iommufd's test device, as far as this program uses it. It is not stable; this part
 * did not change from Linux 6.8 to 7.3. It needs CONFIG_IOMMUFD_TEST. Source:
 * drivers/iommu/iommufd/iommufd_test.h.
 */
#ifndef NEST_UAPI_IOMMUFD_TEST_H
#define NEST_UAPI_IOMMUFD_TEST_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define IOMMU_TEST_CMD 0x3ba0

enum {
	IOMMU_TEST_OP_MOCK_DOMAIN = 2, /* a new device, attached to IOAS id */
	IOMMU_TEST_OP_MD_CHECK_MAP = 3,
	IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE = 10,
	IOMMU_TEST_OP_DIRTY = 13,	    /* since 6.7 */
	IOMMU_TEST_OP_MD_CHECK_IOTLB = 14,  /* since 6.8 */
	IOMMU_TEST_OP_TRIGGER_IOPF = 15,    /* since 6.11 */
	IOMMU_TEST_OP_DEV_CHECK_CACHE = 16, /* since 6.13 */
	IOMMU_TEST_OP_TRIGGER_VEVENT = 17,  /* since 6.15 */
};

struct iommu_test_cmd {
	uint32_t size;
	uint32_t op;
	uint32_t id;
	uint32_t reserved;
	union {
		struct {
			uint32_t out_stdev_id;
			uint32_t out_hwpt_id;
			uint32_t out_idev_id;
		} mock_domain;
		struct {
			uint32_t pt_id;
		} mock_domain_replace; /* id: stdev */
		struct {
			uint64_t iova;
			uint64_t length;
			uint64_t uptr;
		} check_map; /* id: HWPT; EINVAL: it differs */
		struct {
			uint32_t flags;
			uint64_t iova;
			uint64_t length;
			uint64_t page_size;
			uint64_t uptr; /* bitmap: these pages are written to */
			uint64_t out_nr_dirty;
		} dirty; /* id: HWPT; EINVAL: it does not track writes */
		struct {
			uint32_t id;
			uint32_t iotlb;
		} check_iotlb; /* id: nested HWPT; EINVAL: the entry differs */
		struct {
			uint32_t dev_id;
			uint32_t pasid;
			uint32_t grpid;
			uint32_t perm;
			uint64_t addr;
		} trigger_iopf;
		struct {
			uint32_t id;
			uint32_t cache;
		} check_dev_cache; /* id: device; EINVAL: the slot differs */
		struct {
			uint32_t dev_id; /* ENOENT: no nested table of a vIOMMU is attached to it */
		} trigger_vevent;
		uint64_t longest[6];
	};
	uint32_t last;
};
static_assert(sizeof(struct iommu_test_cmd) == 72, "ABI");
static_assert(offsetof(struct iommu_test_cmd, mock_domain.out_idev_id) == 24, "ABI");
static_assert(offsetof(struct iommu_test_cmd, check_map.uptr) == 32, "ABI");
static_assert(offsetof(struct iommu_test_cmd, dirty.iova) == 24, "ABI");
static_assert(offsetof(struct iommu_test_cmd, dirty.out_nr_dirty) == 56, "ABI");
static_assert(offsetof(struct iommu_test_cmd, check_iotlb.iotlb) == 20, "ABI");
static_assert(offsetof(struct iommu_test_cmd, trigger_iopf.addr) == 32, "ABI");
static_assert(offsetof(struct iommu_test_cmd, check_dev_cache.cache) == 20, "ABI");
static_assert(offsetof(struct iommu_test_cmd, trigger_vevent.dev_id) == 16, "ABI");
static_assert(offsetof(struct iommu_test_cmd, last) == 64, "ABI");

#define IOMMU_HW_INFO_TYPE_SELFTEST  0xfeedbeef
#define IOMMU_HWPT_DATA_SELFTEST     0xdead
#define IOMMU_TEST_IOTLB_DEFAULT     0xbadbeef
#define MOCK_NESTED_DOMAIN_IOTLB_NUM 4

/* Newer kernels have a second field but do not require it; 6.12 refuses a longer structure. */
struct iommu_hwpt_selftest {
	uint32_t iotlb; /* first value of every entry of the table's cache */
};
static_assert(sizeof(struct iommu_hwpt_selftest) == 4, "ABI");

#define IOMMU_HWPT_INVALIDATE_DATA_SELFTEST 0xdeadbeef
#define IOMMU_TEST_INVALIDATE_FLAG_ALL	    (1u << 0)

struct iommu_hwpt_invalidate_selftest {
	uint32_t flags;
	uint32_t iotlb_id; /* the entry that becomes 0 */
};
static_assert(sizeof(struct iommu_hwpt_invalidate_selftest) == 8, "ABI");

/* What stands on the mock's vIOMMU. */
#define IOMMU_VIOMMU_TYPE_SELFTEST	      0xdeadbeef
#define IOMMU_VEVENTQ_TYPE_SELFTEST	      0xbeefbeef
#define IOMMU_HW_QUEUE_TYPE_SELFTEST	      0xdeadbeef
#define IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST 0xdeadbeef
#define IOMMU_TEST_DEV_CACHE_DEFAULT	      0xbaddad
#define IOMMU_TEST_HW_QUEUE_MAX		      2
#define MOCK_DEV_CACHE_NUM		      4

struct iommu_viommu_invalidate_selftest {
	uint32_t flags; /* IOMMU_TEST_INVALIDATE_FLAG_ALL */
	uint32_t vdev_id;
	uint32_t cache_id; /* the slot that becomes 0 */
};
static_assert(sizeof(struct iommu_viommu_invalidate_selftest) == 12, "ABI");
static_assert(offsetof(struct iommu_viommu_invalidate_selftest, cache_id) == 8, "ABI");

struct iommu_viommu_event_selftest {
	uint32_t virt_id;
};
static_assert(sizeof(struct iommu_viommu_event_selftest) == 4, "ABI");

#endif
