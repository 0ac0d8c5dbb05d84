// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Invalidations where the cache itself can be looked at, and no DMA can: the kernel's mock. Page n
 * stands for slot n of its cache.
 */
#include "trip/legs.h"

#include <errno.h>

#include "backend/iommufd-mock.h"

#define PAGE_SLOT 1

/* Slots in the mask are empty, the others hold what they held at first. */
static enum nest_leg_result expect_slots(struct nest_trip_run *run, unsigned int empty)
{
	unsigned int n;
	int err;

	for (n = 0; n < run->table.format->cache_slots; n++) {
		bool filled = !(empty >> n & 1);

		err = nest_mock_check_slot(run->s1, n, filled);
		if (err == -EINVAL)
			return nest_trip_fail(run,
					      "slot %u of the mock's cache must be %s, but is not",
					      n, filled ? "filled" : "empty");
		if (err)
			return nest_trip_check(run, err);
	}
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_slots_page(struct nest_trip_run *run)
{
	enum nest_leg_result result = expect_slots(run, 0);

	if (!result)
		result = nest_trip_invalidate(run, PAGE_SLOT * NEST_PAGE, 1, true);
	if (!result)
		result = expect_slots(run, 1u << PAGE_SLOT);
	if (!result)
		nest_trip_evidence(run, "needed and enough: slot 1 of the mock's cache was filled "
					"until it was invalidated; slots 0, 2 and 3 still are");
	return result;
}

enum nest_leg_result nest_leg_slots_domain(struct nest_trip_run *run)
{
	enum nest_leg_result result = nest_trip_check(run, nest_mock_check_slot(run->s1, 0, true));

	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = expect_slots(run, UINT32_MAX);
	if (!result)
		nest_trip_evidence(run, "all slots of the mock's cache are empty");
	return result;
}
