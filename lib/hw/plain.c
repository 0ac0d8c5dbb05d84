// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kinds of IOMMU whose drivers offer user space one stage of translation, whatever the hardware
 * could: none allocates a nest parent or a vIOMMU (drivers/iommu of Linux 7.3). They show no
 * registers.
 */
#include "hw/hw.h"

#define LOOKED_AT "up to Linux 7.3"

/* The sentences about one of them, by what it is called with its article and without. */
#define ONE_STAGE(a, called)                                                                       \
	.unread = { "kind",                                                                        \
		    a " " called " shows no registers; its driver has no nesting " LOOKED_AT,      \
		    NULL },                                                                        \
	.no_kernel = "the driver of " a " " called " has no nested table for user space",          \
	.refused = { "kind", "the driver of " a " " called " has no nesting", NULL },              \
	.other_machine = "use another machine: no kernel " LOOKED_AT " nests on " a " " called,    \
	.no_sva = "the driver of " a " " called " has no PASIDs",                                  \
	.no_s1 = "the tool has no first-stage tables for " a " " called

const struct nest_hw nest_hw_riscv = {
	.name = "riscv",
	.title = "RISC-V IOMMU",
	.driver = "riscv,iommu",
	.prefix = "riscv-iommu@",
	.late_groups = true,
	.log = "riscv",
	ONE_STAGE("a", "RISC-V IOMMU"),
};

const struct nest_hw nest_hw_s390 = {
	.name = "s390",
	.title = "s390 IOMMU",
	.prefix = "s390-iommu.",
	.log_faults = NEST_HW_FAULTS_UNKNOWN,
	ONE_STAGE("an", "s390 IOMMU"),
};

const struct nest_hw nest_hw_dart = {
	.name = "dart",
	.title = "Apple DART",
	.driver = "apple-dart",
	.prefix = "apple-dart.",
	.late_groups = true,
	.log = "apple-dart",
	ONE_STAGE("an", "Apple DART"),
};

/* Of Exynos, R-Car, OMAP, Qualcomm, Rockchip, Unisoc, Allwinner, Verisilicon, Tegra, MediaTek. */
const struct nest_hw nest_hw_soc = {
	.name = "soc",
	.title = "SoC IOMMU",
	.driver = "exynos-sysmmu ipmmu-vmsa omap-iommu qcom-iommu msm_iommu rk_iommu sprd-iommu "
		  "sun50i-iommu vsi_iommu tegra-mc",
	.prefix = "mtk-iommu.",
	.late_groups = true,
	.log_faults = NEST_HW_FAULTS_UNKNOWN,
	ONE_STAGE("an", "IOMMU of this system-on-chip"),
};
