// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first stage of the kernel's mock IOMMU: no table in memory, but a cache of four slots that
 * user space can look at and invalidate.
 * Source: drivers/iommu/iommufd/iommufd_test.h, MOCK_NESTED_DOMAIN_IOTLB_NUM.
 */
#include "s1/s1.h"

const struct nest_s1_format nest_s1_mock = {
	.name = "mock",
	.what = "nested table of the mock",
	.page_shift = 12,
	.input_bits = 64,
	.cache_slots = 4,
};
