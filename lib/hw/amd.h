/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AMD IOMMU: the extended feature registers, as sysfs (amd-iommu/features, "EFR" or "EFR:EFR2"),
 * the kernel log ("AMD-Vi: Extended features (…)") and iommufd's GET_HW_INFO report them. Source of
 * the bits: AMD I/O Virtualization Technology specification (48882), MMIO offsets 0x30 and 0x1a0;
 * source of the verdict: what Linux 7.3 asks before it allocates a nest parent. Pure.
 */
#ifndef NEST_HW_AMD_H
#define NEST_HW_AMD_H

#include <stdint.h>

#include "hw/regs.h"

/*
 * Decodes EFR and, unless efr2 is NULL, EFR2. Registers: "efr", "efr2". Gates, in the order they
 * are asked: "registers" (unknown), "gtsup", "giosup" (no), "gcr3trpmode" (no; unknown without
 * EFR2). Notes: reserved_bits, withdrawn_bit, software.
 *
 * Yes means the hardware can: the software note says what the kernel makes of it.
 */
void nest_amd_decode(uint64_t efr, const uint64_t *efr2, struct nest_regs *ret_regs);

#endif
