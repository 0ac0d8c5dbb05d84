/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arm SMMUv3: the identification registers that tell what one SMMU can do, as iommufd's
 * GET_HW_INFO reports them (sysfs does not). Source of the bits: Arm SMMU architecture
 * specification version 3, sections 6.3.1 (IDR0), 6.3.2 (IDR1), 6.3.4 (IDR3), 6.3.6 (IDR5); source
 * of the verdict: what Linux 7.3 asks before it makes a nest parent. Pure.
 */
#ifndef NEST_HW_SMMUV3_H
#define NEST_HW_SMMUV3_H

#include <stdint.h>

#include "hw/regs.h"

/*
 * Decodes four registers. Registers: "idr0", "idr1", "idr3", "idr5". Gates, in the order they are
 * asked: "registers" (unknown), "s1p", "s2p" (no), "fwb" (unknown: without it a firmware promise
 * that is in no register decides). Notes: reserved_bits, table_format, ats_stage1.
 */
void nest_smmuv3_decode(uint32_t idr0, uint32_t idr1, uint32_t idr3, uint32_t idr5,
			struct nest_regs *ret_regs);

#endif
