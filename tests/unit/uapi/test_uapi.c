// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The numbers of iommufd's ABI since 6.13, and of VFIO's since 6.19, against a table of them,
 * written from the kernel's header of 7.3 and not from ours. A field that moved, or a request that
 * was numbered wrong, is found here by its name.
 */
#include "test.h"

#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"

static const struct {
	const char *what;
	size_t have, want;
} table[] = {
#define SIZE(type, want)                                                                           \
	{                                                                                          \
		"size of " #type, sizeof(struct type), want                                        \
	}
#define OFFSET(type, field, want)                                                                  \
	{                                                                                          \
#type "." #field, offsetof(struct type, field), want                               \
	}
#define VALUE(name, want)                                                                          \
	{                                                                                          \
#name, name, want                                                                  \
	}
	VALUE(IOMMU_VIOMMU_ALLOC, ';' << 8 | 0x90),
	VALUE(IOMMU_VDEVICE_ALLOC, ';' << 8 | 0x91),
	VALUE(IOMMU_VEVENTQ_ALLOC, ';' << 8 | 0x93),
	VALUE(IOMMU_HW_QUEUE_ALLOC, ';' << 8 | 0x94),
	VALUE(IOMMU_GET_HW_INFO, ';' << 8 | 0x8a),
	VALUE(IOMMU_OPTION, ';' << 8 | 0x87),
	VALUE(IOMMU_OPTION_RLIMIT_MODE, 0),
	VALUE(IOMMU_OPTION_HUGE_PAGES, 1),
	VALUE(IOMMU_OPTION_OP_SET, 0),
	VALUE(IOMMU_OPTION_OP_GET, 1),
	SIZE(iommu_option, 24),
	OFFSET(iommu_option, option_id, 4),
	OFFSET(iommu_option, op, 8),
	OFFSET(iommu_option, reserved, 10),
	OFFSET(iommu_option, object_id, 12),
	OFFSET(iommu_option, val64, 16),
	VALUE(IOMMU_IOAS_CHANGE_PROCESS, ';' << 8 | 0x92),
	SIZE(iommu_ioas_change_process, 8),
	OFFSET(iommu_ioas_change_process, reserved, 4),
	VALUE(IOMMU_HWPT_INVALIDATE, ';' << 8 | 0x8d),

	SIZE(iommu_viommu_alloc, 40),
	OFFSET(iommu_viommu_alloc, size, 0),
	OFFSET(iommu_viommu_alloc, flags, 4),
	OFFSET(iommu_viommu_alloc, type, 8),
	OFFSET(iommu_viommu_alloc, dev_id, 12),
	OFFSET(iommu_viommu_alloc, hwpt_id, 16),
	OFFSET(iommu_viommu_alloc, out_viommu_id, 20),
	OFFSET(iommu_viommu_alloc, data_len, 24),
	OFFSET(iommu_viommu_alloc, data_uptr, 32),
	SIZE(iommu_vdevice_alloc, 24),
	OFFSET(iommu_vdevice_alloc, viommu_id, 4),
	OFFSET(iommu_vdevice_alloc, dev_id, 8),
	OFFSET(iommu_vdevice_alloc, out_vdevice_id, 12),
	OFFSET(iommu_vdevice_alloc, virt_id, 16),
	SIZE(iommu_veventq_alloc, 32),
	OFFSET(iommu_veventq_alloc, viommu_id, 8),
	OFFSET(iommu_veventq_alloc, type, 12),
	OFFSET(iommu_veventq_alloc, veventq_depth, 16),
	OFFSET(iommu_veventq_alloc, out_veventq_id, 20),
	OFFSET(iommu_veventq_alloc, out_veventq_fd, 24),
	SIZE(iommu_hw_queue_alloc, 40),
	OFFSET(iommu_hw_queue_alloc, viommu_id, 8),
	OFFSET(iommu_hw_queue_alloc, type, 12),
	OFFSET(iommu_hw_queue_alloc, index, 16),
	OFFSET(iommu_hw_queue_alloc, out_hw_queue_id, 20),
	OFFSET(iommu_hw_queue_alloc, nesting_parent_iova, 24),
	OFFSET(iommu_hw_queue_alloc, length, 32),

	SIZE(iommufd_vevent_header, 8),
	OFFSET(iommufd_vevent_header, sequence, 4),
	VALUE(IOMMU_VEVENTQ_FLAG_LOST_EVENTS, 1),
	SIZE(iommu_vevent_arm_smmuv3, 32),
	SIZE(iommu_hwpt_arm_smmuv3, 16),
	SIZE(iommu_viommu_arm_smmuv3_invalidate, 16),
	VALUE(IOMMU_HWPT_DATA_ARM_SMMUV3, 2),
	VALUE(IOMMU_VIOMMU_TYPE_ARM_SMMUV3, 1),
	VALUE(IOMMU_VEVENTQ_TYPE_ARM_SMMUV3, 1),
	VALUE(IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, 1),
	VALUE(IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV, 1),

	VALUE(IOMMU_TEST_CMD, ';' << 8 | 0xa0),
	SIZE(iommu_test_cmd, 72),
	VALUE(IOMMU_TEST_OP_DEV_CHECK_CACHE, 16),
	VALUE(IOMMU_TEST_OP_TRIGGER_VEVENT, 17),
	OFFSET(iommu_test_cmd, check_dev_cache.id, 16),
	OFFSET(iommu_test_cmd, check_dev_cache.cache, 20),
	OFFSET(iommu_test_cmd, trigger_vevent.dev_id, 16),
	VALUE(IOMMU_VIOMMU_TYPE_SELFTEST, 0xdeadbeef),
	VALUE(IOMMU_VEVENTQ_TYPE_SELFTEST, 0xbeefbeef),
	VALUE(IOMMU_HW_QUEUE_TYPE_SELFTEST, 0xdeadbeef),
	VALUE(IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST, 0xdeadbeef),
	VALUE(IOMMU_TEST_DEV_CACHE_DEFAULT, 0xbaddad),
	SIZE(iommu_viommu_invalidate_selftest, 12),
	OFFSET(iommu_viommu_invalidate_selftest, vdev_id, 4),
	OFFSET(iommu_viommu_invalidate_selftest, cache_id, 8),
	SIZE(iommu_viommu_event_selftest, 4),

	VALUE(IOMMU_HW_INFO_FLAG_INPUT_TYPE, 1),
	VALUE(IOMMU_HW_INFO_TYPE_ARM_SMMUV3, 2),
	VALUE(IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, 3),
	SIZE(iommu_hw_info_arm_smmuv3, 40),
	OFFSET(iommu_hw_info_arm_smmuv3, idr, 8),
	OFFSET(iommu_hw_info_arm_smmuv3, iidr, 32),
	OFFSET(iommu_hw_info_arm_smmuv3, aidr, 36),
	SIZE(iommu_hw_info_tegra241_cmdqv, 8),
	OFFSET(iommu_hw_info_tegra241_cmdqv, version, 4),
	OFFSET(iommu_hw_info_tegra241_cmdqv, log2vcmdqs, 5),
	OFFSET(iommu_hw_info_tegra241_cmdqv, log2vsids, 6),

	VALUE(VFIO_DEVICE_FEATURE, ';' << 8 | 0x75),
	VALUE(VFIO_DEVICE_FEATURE_MASK, 0xffff),
	VALUE(VFIO_DEVICE_FEATURE_GET, 0x10000),
	VALUE(VFIO_DEVICE_FEATURE_SET, 0x20000),
	VALUE(VFIO_DEVICE_FEATURE_PROBE, 0x40000),
	VALUE(VFIO_DEVICE_FEATURE_DMA_BUF, 11),
	SIZE(vfio_device_feature, 8),
	OFFSET(vfio_device_feature, argsz, 0),
	OFFSET(vfio_device_feature, flags, 4),
	SIZE(vfio_device_feature_dma_buf, 16),
	OFFSET(vfio_device_feature_dma_buf, region_index, 0),
	OFFSET(vfio_device_feature_dma_buf, open_flags, 4),
	OFFSET(vfio_device_feature_dma_buf, flags, 8),
	OFFSET(vfio_device_feature_dma_buf, nr_ranges, 12),
	SIZE(vfio_region_dma_range, 16),
	OFFSET(vfio_region_dma_range, offset, 0),
	OFFSET(vfio_region_dma_range, length, 8),
};

TEST(numbers, "requests, sizes and offsets are the kernel's")
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].have != table[i].want)
			printf("# %s\n", table[i].what);
		CHECK_EQ(table[i].have, table[i].want);
	}
}

int main(void)
{
	return test_main();
}
