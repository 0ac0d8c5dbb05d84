/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decodes registers that a test gives by hand. */
#ifndef NEST_TEST_HW_DECODE_H
#define NEST_TEST_HW_DECODE_H

#include <stdlib.h>

#include "hw/hw.h"

static inline void decode(const struct nest_hw *hw, const struct nest_hw_values *values,
			  struct nest_regs *ret)
{
	if (!nest_hw_decode(hw, values, ret))
		abort();
}

static inline void decode_vtd(uint64_t cap, uint64_t ecap, struct nest_regs *ret)
{
	decode(&nest_hw_vtd, &(struct nest_hw_values){ .reg = { cap, ecap }, .known = 3 }, ret);
}

/* efr2 NULL: not known. */
static inline void decode_amd(uint64_t efr, const uint64_t *efr2, struct nest_regs *ret)
{
	struct nest_hw_values values = { .reg = { efr, efr2 ? *efr2 : 0 }, .known = efr2 ? 3 : 1 };

	decode(&nest_hw_amd, &values, ret);
}

static inline void decode_smmuv3(uint32_t idr0, uint32_t idr1, uint32_t idr3, uint32_t idr5,
				 struct nest_regs *ret)
{
	struct nest_hw_values values = { .reg = { idr0, idr1, 0, idr3, 0, idr5 }, .known = 0x2b };

	decode(&nest_hw_smmuv3, &values, ret);
}

#endif
