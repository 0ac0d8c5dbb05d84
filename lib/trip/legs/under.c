// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second stage changes while a first stage is bound, as memory of a virtual machine does by
 * ballooning or unplugging. Nothing is invalidated by us: the kernel must do that by itself.
 */
#include "trip/legs.h"

static int map_va(struct nest_trip_run *run, uint64_t gpa, void *va)
{
	return nest_space_map(run->space, gpa, va, run->page, NEST_PROT_READ | NEST_PROT_WRITE);
}

static int map(struct nest_trip_run *run, uint64_t gpa, unsigned int slot)
{
	return map_va(run, gpa, nest_trip_slot_va(run, slot));
}

/* The same of a page that holds a table: what leads to it stays. */
static enum nest_leg_result under_table(struct nest_trip_run *run)
{
	uint64_t one = nest_trip_private(run, 2, 1), two = nest_trip_private(run, 2, 2),
		 gpa = nest_trip_flat(run, NEST_FLAT_FAR), entry = 0, first = 0, second = 0;
	uint64_t pages[] = { nest_trip_slot(run, NEST_TARGET_A),
			     nest_trip_slot(run, NEST_TARGET_B) };
	struct nest_area *area = &run->small;
	enum nest_leg_result result = nest_trip_point(run, one, pages[0], NEST_S1_RW);

	if (!result)
		result = nest_trip_point(run, two, pages[1], NEST_S1_RW);
	if (!result)
		result = nest_trip_check(run, nest_s1_at(&run->table, one, 2, &entry, &first));
	if (!result)
		result = nest_trip_check(run, nest_s1_at(&run->table, two, 2, &entry, &second));
	if (!result)
		result = nest_trip_check(run, map_va(run, gpa, area->va + (first - area->gpa)));
	if (!result)
		result = nest_trip_check(
			run, nest_s1_put(&run->table, one, 2,
					 run->table.format->table_entry(gpa, NEST_S1_RW)));
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = nest_trip_arrive(run, one, pages[0], "before its table is unmapped");
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, gpa, run->page, NULL));
	if (!result)
		result = nest_trip_expect_blocked(run, one,
						  "its table was unmapped from the second stage");
	if (!result)
		nest_trip_try(run, NEST_PROP_UNDER_REMAP);
	if (!result)
		result = nest_trip_check(run, map_va(run, gpa, area->va + (second - area->gpa)));
	if (!result)
		result = nest_trip_arrive(run, one, pages[1], "another table was mapped there");
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, gpa, run->page, NULL));
	nest_s1_put(&run->table, one, 2, 0);
	return result ? result : nest_trip_invalidate_all(run);
}

enum nest_leg_result nest_leg_under(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_far(run), gpa = nest_trip_flat(run, NEST_FLAT_FAR);
	uint64_t first = nest_trip_slot(run, NEST_TARGET_A),
		 second = nest_trip_slot(run, NEST_TARGET_B);
	size_t used = run->table.used;
	enum nest_leg_result result = nest_trip_check(run, map(run, gpa, NEST_TARGET_A));

	if (!result)
		result = nest_trip_point(run, giova, gpa, NEST_S1_RW);
	if (!result)
		result = nest_trip_arrive(run, giova, first, "before it is unmapped");
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, gpa, run->page, NULL));
	if (!result)
		result = nest_trip_expect_blocked(run, giova, "unmapped from the second stage");
	if (!result && run->stim.can & NEST_STIM_READ)
		result =
			nest_trip_expect_read_blocked(run, giova, "unmapped from the second stage");
	if (result)
		return result;
	nest_trip_evidence(run,
			   "guest-physical 0x%llx was used through GIOVA 0x%llx, then unmapped: "
			   "the next transfer reached no memory",
			   (unsigned long long)gpa, (unsigned long long)giova);
	nest_trip_try(run, NEST_PROP_UNDER_REMAP);
	result = nest_trip_check(run, map(run, gpa, NEST_TARGET_B));
	if (!result)
		result = nest_trip_arrive(run, giova, second, "mapped again to another page");
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, gpa, run->page, NULL));
	if (!result && nest_trip_has_private(run, 2)) {
		nest_trip_try(run, NEST_PROP_UNDER_UNMAP);
		result = under_table(run);
	}
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run, "mapped again to another page, it led there at once");
	return result;
}
