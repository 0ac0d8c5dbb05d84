// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second stage alone: the state of a virtual machine whose guest uses no first stage. It is
 * another table than that of the plain mapping, which the kernel may keep in the format of a first
 * stage.
 */
#include "trip/legs.h"

#define PAGES 8

static int map(struct nest_trip_run *run, uint64_t gpa, unsigned int slot, uint64_t npages)
{
	return nest_space_map(run->space, gpa, nest_trip_slot_va(run, slot), npages * run->page,
			      NEST_PROT_READ | NEST_PROT_WRITE);
}

static enum nest_leg_result unmap(struct nest_trip_run *run, uint64_t gpa, uint64_t npages)
{
	return nest_trip_check(run, nest_space_unmap(run->space, gpa, npages * run->page, NULL));
}

/* Each address bit: a page is mapped where only that bit differs. */
static enum nest_leg_result address_bits(struct nest_trip_run *run, unsigned int *ret_highest)
{
	uint64_t base = nest_trip_flat(run, 0x355), page = nest_trip_slot(run, NEST_TARGET_A),
		 decoy = nest_trip_slot(run, NEST_TARGET_B);
	enum nest_leg_result result = nest_trip_check(run, map(run, base, NEST_TARGET_B, 1));
	unsigned int bit;

	if (!result)
		result = nest_trip_arrive(run, base, decoy, "the other address");
	for (bit = (unsigned int)__builtin_ctzll(run->page);
	     !result && bit < run->device_bits && bit < 64; bit++) {
		uint64_t gpa = base ^ UINT64_C(1) << bit;

		if (!nest_trip_in_ranges(run, gpa))
			continue;
		result = nest_trip_check(run, map(run, gpa, NEST_TARGET_A, 1));
		if (!result)
			result = nest_trip_arrive(run, gpa, page,
						  "with one other guest-physical bit");
		if (!result)
			result = unmap(run, gpa, 1);
		*ret_highest = bit;
	}
	return result ? result : unmap(run, base, 1);
}

/* Pages that are all cached are unmapped at once, and mapped elsewhere. */
static enum nest_leg_result range(struct nest_trip_run *run)
{
	uint64_t gpa = nest_trip_flat(run, NEST_FLAT_FAR), page;
	enum nest_leg_result result = nest_trip_check(run, map(run, gpa, NEST_TARGET_A, PAGES));
	unsigned int i;

	for (i = 0; !result && i < PAGES; i++) {
		page = nest_trip_slot(run, NEST_TARGET_A) + i * run->page;
		result = nest_trip_arrive(run, gpa + i * run->page, page, "before it is unmapped");
	}
	if (!result)
		result = unmap(run, gpa, PAGES);
	nest_trip_try(run, NEST_PROP_UNDER_UNMAP);
	for (i = 0; !result && i < PAGES; i++)
		result = nest_trip_expect_blocked(run, gpa + i * run->page, "unmapped with others");
	nest_trip_try(run, NEST_PROP_UNDER_REMAP);
	if (!result)
		result = nest_trip_check(run, map(run, gpa, NEST_TARGET_C, 1));
	if (!result)
		result = nest_trip_arrive(run, gpa, nest_trip_slot(run, NEST_TARGET_C),
					  "mapped again to another page");
	return result ? result : unmap(run, gpa, 1);
}

enum nest_leg_result nest_leg_second_alone(struct nest_trip_run *run)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A);
	unsigned int highest = 0;
	enum nest_leg_result result, back;
	int err;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	if (!stage1->alone)
		return nest_trip_absent(run, "this ABI has no second stage without a first");
	err = stage1->alone(run->space, &run->vdev, true);
	result = nest_trip_check(run, err);
	if (!result)
		result = nest_trip_arrive(run, page, page, "through the second stage alone");
	if (!result)
		result = address_bits(run, &highest);
	if (!result)
		result = range(run);
	back = err ? NEST_LEG_PASSED
		   : nest_trip_check(run, stage1->alone(run->space, &run->vdev, false));
	if (!result)
		result = back;
	if (!result)
		result = nest_trip_expect(run, page, page, "in the plain mapping again");
	if (!result)
		nest_trip_evidence(run,
				   "on the second stage alone, pages that differ in one "
				   "guest-physical bit, up to bit %u, were reached; %d that were "
				   "unmapped at once were out of reach",
				   highest, PAGES);
	return result;
}
