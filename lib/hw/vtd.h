/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel VT-d: the capability and extended capability registers of one remapping unit, as sysfs
 * (intel-iommu/cap, ecap), the kernel log ("reg_base_addr … cap … ecap …") and iommufd's
 * GET_HW_INFO report them. Source of the bits: VT-d specification, CAP_REG (offset 0x8) and
 * ECAP_REG (offset 0x10); source of the verdict: nested_supported() and the nest-parent check of
 * Linux's drivers/iommu/intel. Pure.
 */
#ifndef NEST_HW_VTD_H
#define NEST_HW_VTD_H

#include <stdint.h>

#include "hw/regs.h"

/*
 * Decodes both registers. Registers: "cap", "ecap". Gates, in the order they are asked:
 * "registers" (unknown: a value no working unit has), "smts", "nest", "slts" (each: no).
 * Notes: withdrawn_bit, reserved_bits, software, no_page_requests, first_stage, psl,
 * ecap_zero.
 *
 * Yes means the hardware can; whether the kernel runs it in scalable mode is not in the registers,
 * and is told by a note. Erratum 772415 (SPR17) is not in the registers either.
 */
void nest_vtd_decode(uint64_t cap, uint64_t ecap, struct nest_regs *ret_regs);

#endif
