// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A new entry is used at once. An IOMMU that keeps absent entries in its cache, as its register
 * then says, needs an invalidation; guests of all others make none.
 */
#include "trip/legs.h"

#include "hw/hw.h"

enum nest_leg_result nest_leg_dma_fresh(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_C),
		 page = nest_trip_slot(run, NEST_TARGET_C);
	const struct nest_hw *hw = run->caps.have_hw ? run->caps.hw.hw : NULL;
	enum nest_tri caches = hw ? nest_hw_flag(hw, &run->caps.hw.values, "cm") : NEST_UNKNOWN;
	enum nest_leg_result result;

	if (caches != NEST_NO)
		return nest_trip_absent(run, "the IOMMU %s absent entries",
					caches == NEST_YES ? "may cache"
							   : "does not say whether it caches");
	result = nest_trip_expect_blocked(run, giova, "not mapped yet");
	if (!result)
		result = nest_trip_check(
			run, nest_s1_map(&run->table, giova, page, run->page, NEST_S1_RW));
	if (!result)
		result = nest_trip_arrive(run, giova, page, "mapped without an invalidation");
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		nest_trip_evidence(run,
				   "GIOVA 0x%llx was blocked until it was mapped, and led to its "
				   "page then, without an invalidation",
				   (unsigned long long)giova);
	return result;
}
