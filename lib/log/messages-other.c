// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IOMMUs of other kinds (Rockchip, Apple, MediaTek, NVIDIA, Samsung, …), of which only faults are
 * recognised; drivers that ask for shared addressing; and lines of a kernel configuration.
 */
#include "log/messages.h"

#define F      .weight = NEST_LOG_FAIL
#define W      .weight = NEST_LOG_WARN
#define I      .weight = NEST_LOG_INFO
#define BEFORE .subject = true

#define FAULT                                                                                      \
	"a device used an address that this IOMMU does not map; this tool decodes no more of "     \
	"this "                                                                                    \
	"kind"
#define NO_SVA "shared virtual addressing (SVA) is refused: PASIDs or page requests are off"
#define OFF(name, effect, how)                                                                     \
	{                                                                                          \
		"config_off", "# " name " is not set", NULL, name " is off: " effect,              \
			.weight = how                                                              \
	}

const struct nest_message nest_messages_other[] = {
	{ "other_unit", "bcm2712_iommu_init: ", NULL,
	  "the Raspberry Pi's IOMMU for display and video: PCIe devices are not behind it", I, 0,
	  BEFORE },
	{ "other_fault", "rk_iommu ", ":", FAULT, F, 0, .then = ": Page fault at " },
	{ "other_fault", "apple-dart ", ":", FAULT, F, 0, .then = ": translation fault" },
	{ "other_fault", "mtk-iommu ", ":", FAULT, F, 0, .then = ": fault type=" },
	{ "other_fault", "mtk-iommu-v1 ", ":", FAULT, F, 0, .then = ": fault type=" },
	{ "other_fault", "exynos-sysmmu ", ":", FAULT, F, 0, .then = ": " },
	{ "other_fault", "sun50i-iommu ", ":", FAULT, F, 0, .then = ": Page fault" },
	{ "other_fault", "ipmmu-vmsa ", ":", FAULT, F, 0, .then = ": Unhandled fault" },
	{ "other_fault", "omap-iommu ", ":", FAULT, F, 0, .then = ": iommu fault" },
	{ "other_fault", "qcom-iommu-ctx ", ":", FAULT, F, 0, .then = ": Unhandled context fault" },
	{ "other_fault", "SMMU error (", ")", FAULT, F, 0 },
	{ "other_fault", "Unexpected IOMMU page fault", NULL, FAULT, F, 0 },

	{ "smmuv2_unit", ": SMMUv2 with:", NULL,
	  "an SMMU of version 2; Linux offers user space no nesting on it", I, NEST_LOG_SEEN_SMMU },
	{ "smmuv2_unit", ": SMMUv1 with:", NULL,
	  "an SMMU of version 1; Linux offers user space no nesting on it", I, NEST_LOG_SEEN_SMMU },

	/* drivers and shared addressing */
	{ "sva_refused", "No shared wq support but configured", NULL,
	  "a shared work queue needs shared virtual addressing (SVA) with PASIDs, which the device "
	  "does not have",
	  W, 0, BEFORE },
	{ "sva_refused", "SVA bind device failed, ret ", " ", NO_SVA, F, 0, BEFORE },
	{ "sva_refused", "Failed to enable SVA", NULL, NO_SVA, W, 0, BEFORE },
	{ "sriov_without_driver", "no driver bound to device; cannot configure SR-IOV", NULL,
	  "VFs cannot be made while no driver has the device", W, 0, BEFORE },

	/* a kernel configuration */
	OFF("CONFIG_IOMMUFD", "no iommufd, so no nesting for user space", NEST_LOG_FAIL),
	OFF("CONFIG_ARM_SMMU_V3_IOMMUFD", "no nesting on SMMUv3", NEST_LOG_FAIL),
	OFF("CONFIG_ARM_SMMU_V3_SVA", "no shared virtual addressing on SMMUv3", NEST_LOG_WARN),
	OFF("CONFIG_INTEL_IOMMU", "no VT-d", NEST_LOG_FAIL),
	OFF("CONFIG_INTEL_IOMMU_SVM", "no shared virtual addressing on VT-d", NEST_LOG_WARN),
	OFF("CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON",
	    "scalable mode, which nesting needs, waits for intel_iommu=sm_on", NEST_LOG_WARN),
	OFF("CONFIG_AMD_IOMMU", "no AMD-Vi", NEST_LOG_FAIL),
	OFF("CONFIG_AMD_IOMMU_IOMMUFD", "no nesting on AMD-Vi", NEST_LOG_FAIL),
	OFF("CONFIG_IRQ_REMAP", "no interrupt remapping, so VFIO refuses devices", NEST_LOG_FAIL),
	OFF("CONFIG_VFIO", "no VFIO", NEST_LOG_FAIL),
	OFF("CONFIG_VFIO_PCI", "no vfio-pci", NEST_LOG_FAIL),
	OFF("CONFIG_VFIO_DEVICE_CDEV", "no device nodes for iommufd, so no nesting", NEST_LOG_FAIL),
	OFF("CONFIG_VFIO_IOMMU_TYPE1", "no container of type 1", NEST_LOG_WARN),
	OFF("CONFIG_ARM_SMMU_V3", "no SMMUv3", NEST_LOG_FAIL),
	{ 0 },
};
