/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Register values of an IOMMU, as read. What they mean is in the row of its kind: hw/hw.h. */
#ifndef NEST_HWVALUES_H
#define NEST_HWVALUES_H

#include <stdint.h>

#define NEST_HW_REGISTERS 8

struct nest_hw_values {
	uint64_t reg[NEST_HW_REGISTERS]; /* in the order of the kind's registers */
	uint32_t known;			 /* bit n: reg[n] was read */
	uint32_t flags;			 /* of IOMMU_GET_HW_INFO */
};

#endif
