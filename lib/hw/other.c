// SPDX-License-Identifier: GPL-2.0-or-later
/* Kinds of IOMMU that show no registers, and the row for those that the tool does not know. */
#include "hw/hw.h"

const struct nest_hw nest_hw_smmu = {
	.name = "smmu",
	.title = "SMMU",
	.driver = "arm-smmu",
	.prefix = "smmu.",
	.late_groups = true,
	.log = "arm-smmu",
	.unread = { "kind",
		    "an SMMU before version 3 shows no registers; no kernel up to Linux 7.3 nests "
		    "on one",
		    NULL },
	.no_kernel = "the driver of an SMMU before version 3 has no nested table for user space",
	.refused = { "kind", "the driver of an SMMU before version 3 has no nesting", NULL },
	.other_machine = "use another machine: no kernel up to Linux 7.3 nests on such an SMMU",
	.no_sva = "the driver of an SMMU before version 3 has no PASIDs",
	.no_s1 = "the tool has no first-stage tables for an SMMU before version 3",
};

const struct nest_hw nest_hw_virtio = {
	.name = "virtio",
	.title = "virtio-iommu",
	.driver = "virtio_iommu",
	.prefix = "virtio",
	.late_groups = true,
	.table = "VIOT",
	.vendor = "virtio-iommu",
	.start = "use a kernel with CONFIG_VIRTIO_IOMMU",
	.log = "virtio_iommu",
	.unread = { "kind",
		    "a virtio-iommu shows no registers; its driver has no nesting up to Linux 7.3",
		    NULL },
	.no_kernel = "the driver of virtio-iommu has no nested table for user space",
	.refused = { "kind", "the driver of virtio-iommu has no nesting", NULL },
	.other_machine = "use a virtual machine with another IOMMU, or the host itself",
	.no_sva = "the driver of virtio-iommu has no PASIDs",
	.no_s1 = "the tool has no first-stage tables for virtio-iommu",
};

const struct nest_hw nest_hw_mock = {
	.name = "mock",
	.title = "mock",
	.for_tests = true,
	.prefix = "iommufd_selftest",
	.log_faults = NEST_HW_FAULTS_UNKNOWN,
	.unread = { "mock", "the kernel's own mock IOMMU, for tests of iommufd; no hardware",
		    NULL },
	.info_type = 0xfeedbeef, /* IOMMU_HW_INFO_TYPE_SELFTEST of iommufd_test.h */
	.s1 = "mock",
};

const struct nest_hw nest_hw_other = {
	.name = "other",
	.title = "unknown",
	.log_faults = NEST_HW_FAULTS_UNKNOWN,
	.unread = { "kind", "a kind of IOMMU this tool does not know", NULL },
	.no_s1 = "the tool does not know this kind of IOMMU",
};
