// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two devices, each with a first stage of its own: on two second stages, and on one that both
 * share, as in a virtual machine.
 */
#include "trip/legs/two.h"

#include <string.h>

#include "hw/hw.h"
#include "inventory/inventory.h"
#include "inventory/wholegroup.h"

/* ---- a second stage for each ---- */

static enum nest_leg_result bind(struct nest_trip_run *run)
{
	enum nest_leg_result result = nest_trip_check(run, nest_trip_build_table(run));

	return result ? result : nest_trip_check(run, nest_trip_bind(run, NULL));
}

static enum nest_leg_result unbind(struct nest_trip_run *run)
{
	int err = run->s1 ? nest_space_stage1(run->space)->unbind(run->s1) : 0;

	run->s1 = NULL;
	return nest_trip_check(run, err);
}

static enum nest_leg_result point(struct nest_trip_run *run, uint64_t giova, unsigned int slot)
{
	return nest_trip_point(run, giova, nest_trip_slot(run, slot), NEST_S1_RW);
}

/* An entry of one changes and is invalidated while the other's is cached; then it is cleared. */
static enum nest_leg_result change_nested(struct nest_trip_run *run, struct nest_trip_run *other,
					  uint64_t giova, unsigned int kept)
{
	enum nest_leg_result result = point(run, giova, NEST_TWO_MOVED);

	if (!result)
		result = nest_trip_arrive(run, giova, nest_trip_slot(run, NEST_TWO_MOVED),
					  "after its entry was changed");
	if (!result)
		result = nest_two_own(run, other, giova, NEST_TWO_MOVED,
				      "after its entry was changed");
	if (!result)
		result = nest_two_own(other, run, giova, kept,
				      "after the other's entry was changed");
	return result;
}

static enum nest_leg_result use_nested(struct nest_trip_run *run, struct nest_trip_run *second)
{
	uint64_t giova = nest_two_common(run, false), lone = nest_two_common(run, true);
	enum nest_leg_result result = point(run, giova, NEST_TWO_SHARED);

	if (!result)
		result = point(second, giova, NEST_TWO_SHARED);
	if (!result)
		result = nest_two_warm(run, second, giova, "mapped by both tables");
	if (!result)
		result = point(run, lone, NEST_TWO_LONE);
	if (!result)
		result = nest_trip_arrive(run, lone, nest_trip_slot(run, NEST_TWO_LONE),
					  "mapped by one table");
	if (!result)
		result = nest_two_blocked(second, run, lone, "mapped by the other's table alone");
	if (!result)
		result = change_nested(run, second, giova, NEST_TWO_SHARED);
	if (!result)
		result = change_nested(second, run, giova, NEST_TWO_MOVED);
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		result = nest_two_blocked(run, second, giova, "cleared in its own table");
	if (!result)
		result = nest_two_own(second, run, giova, NEST_TWO_MOVED,
				      "cleared in the other's table");
	return result;
}

/* The first goes back to the plain mapping, where the address leads nowhere; then the second. */
static enum nest_leg_result leave_nested(struct nest_trip_run *run, struct nest_trip_run *second)
{
	uint64_t giova = nest_two_common(run, false);
	enum nest_leg_result result = point(run, giova, NEST_TWO_SHARED);

	if (!result)
		result = nest_two_own(run, second, giova, NEST_TWO_SHARED, "before the unbind");
	if (!result)
		result = unbind(run);
	if (!result)
		result = nest_two_blocked(run, second, giova, "unbound, while the other is bound");
	if (!result)
		result = nest_two_own(second, run, giova, NEST_TWO_MOVED,
				      "after the other was unbound");
	if (!result)
		result = unbind(second);
	if (!result)
		result = nest_two_blocked(second, run, giova, "unbound");
	return result;
}

/* Both tables bound, used and given up; the last words of each leg. */
static enum nest_leg_result try_nested(struct nest_trip_run *run, struct nest_trip_run *second,
				       enum nest_leg_result (*more)(struct nest_trip_run *run,
								    struct nest_trip_run *second))
{
	enum nest_leg_result result = bind(run), left;

	if (!result)
		result = bind(second);
	if (!result)
		result = use_nested(run, second);
	if (!result && more)
		result = more(run, second);
	if (!result)
		result = leave_nested(run, second);
	left = unbind(run);
	result = result ? result : left;
	left = unbind(second);
	result = result ? result : left;
	return result ? result : nest_two_end(run, second);
}

/* Not passed: the leg is over, and says why. */
static enum nest_leg_result whole_tables(struct nest_trip_run *run,
					 const struct nest_trip_run *second)
{
	const struct nest_unit *unit = nest_device_unit(run->model, second->dev);
	struct nest_whole_group whole;

	nest_whole_group(run->model, nest_device_group(run->model, second->dev), second->dev,
			 &whole);
	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	if (unit && unit->hw->viommu.gate && whole.needs != NEST_WHOLE_ALONE)
		return nest_trip_skip(run, "the second device can have no nested table: %s",
				      whole.text);
	if (nest_trip_is_per_pasid(run))
		return nest_trip_absent(run, "this ABI binds tables to PASIDs alone");
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_two_nested(struct nest_trip_run *run)
{
	struct nest_trip_run *second = nest_two_second_of(run);
	enum nest_leg_result result = whole_tables(run, second);

	if (result)
		return result;
	if (!second->caps.s1_format)
		return nest_trip_skip(run, "the tool cannot build first-stage tables for the IOMMU "
					   "of the second device");
	result = nest_two_begin(run, second);
	if (!result)
		result = try_nested(run, second, NULL);
	if (!result)
		nest_trip_evidence(
			run,
			"GIOVA 0x%llx led each device through its own first stage to its "
			"own page, in turn and from the cache; changes, an invalidation "
			"and an unbind of one did not change the other",
			(unsigned long long)nest_two_common(run, false));
	return result;
}

/* ---- one second stage for both ---- */

#define JOIN_FLAT 1024 /* in the window of the first, free there */

/* Maps the second's memory beside the first's, and starts its device again. */
static enum nest_leg_result start_beside(struct nest_trip_run *run, struct nest_trip_run *second)
{
	struct nest_trip *report = run->report;
	const char *stimulus = report->stimulus;
	enum nest_leg_result result;
	int err;

	nest_trip_place(second, nest_trip_flat(run, JOIN_FLAT));
	err = nest_trip_memory_new(second);
	if (!err)
		err = nest_space_map(run->space, second->small.gpa, second->small.va,
				     second->small.npages * UINT64_C(4096),
				     NEST_PROT_READ | NEST_PROT_WRITE);
	if (err)
		return nest_trip_check(second, err);
	second->has |= NEST_HAS_MEMORY;
	result = nest_leg_start(second);
	report->stimulus = stimulus;
	return result;
}

/* All that the second had of its own is released before. */
static enum nest_leg_result join(struct nest_trip_run *run, struct nest_trip_run *second)
{
	int err = nest_undo_run(run->ctx, second->space_mark, NULL, NULL);
	enum nest_leg_result result;

	nest_trip_memory_free(second);
	nest_caps_free(&second->caps);
	second->small = second->big = (struct nest_area){ 0 };
	second->has = 0;
	run->has &= ~(unsigned int)NEST_HAS_SECOND;
	run->lacks_second = "the second device left its own tables";
	if (err)
		return nest_trip_check(second, err);
	second->space = run->space;
	second->joined = true;
	result = nest_leg_attach(second);
	return result ? result : start_beside(run, second);
}

/* Through its own first stage run's device reaches a page that is of's; harmless as an echo. */
static enum nest_leg_result reaches(struct nest_trip_run *run, struct nest_trip_run *of,
				    uint64_t giova, const char *what)
{
	const struct nest_landing nowhere = { .kind = NEST_NOWHERE };
	uint8_t *page = nest_trip_slot_va(of, NEST_TWO_LONE);
	struct nest_landing here, there;
	enum nest_leg_result result;
	bool arrived = false;
	int err;

	nest_trip_save_tables(run);
	nest_trip_save_tables(of);
	if (run->stim.can & NEST_STIM_READ) {
		err = nest_stim_echo(&run->stim, giova, page, ++run->seed, &arrived);
	} else {
		err = nest_stim_prepare(&run->stim, ++run->seed);
		if (!err)
			err = nest_stim_write(&run->stim, giova);
		arrived = !err && !memcmp(page, run->stim.bytes, NEST_PAGE);
	}
	memcpy(page, of->small.shadow + (page - of->small.va), NEST_PAGE);
	if (err)
		return nest_trip_check_stim(run, err);
	nest_trip_look_around(run, &here);
	nest_trip_look_around(of, &there);
	if (arrived && here.kind == NEST_NOWHERE && there.kind == NEST_NOWHERE)
		return NEST_LEG_PASSED;
	result = nest_trip_missed(run, &nowhere);
	return result ? result
		      : nest_trip_fail(run,
				       "%s: DMA of %s to 0x%llx must reach the page that both "
				       "first stages map, and no other",
				       what, run->dev->name, (unsigned long long)giova);
}

/* Both first stages map one page of the second, and one request unmaps it for both. */
static enum nest_leg_result unmap_both(struct nest_trip_run *run, struct nest_trip_run *second)
{
	uint64_t gpa = nest_trip_flat(run, NEST_FLAT_FAR), giova = nest_two_common(run, true);
	enum nest_leg_result result = nest_trip_check(
		run, nest_space_map(run->space, gpa, nest_trip_slot_va(run, NEST_TWO_LONE),
				    run->page, NEST_PROT_READ | NEST_PROT_WRITE));

	if (!result)
		result = nest_trip_point(run, giova, gpa, NEST_S1_RW);
	if (!result)
		result = nest_trip_point(second, giova, gpa, NEST_S1_RW);
	if (!result)
		result = reaches(run, run, giova, "before the unmap");
	if (!result)
		result = reaches(second, run, giova, "before the unmap");
	nest_trip_try(run, NEST_PROP_UNDER_UNMAP);
	nest_trip_try(second, NEST_PROP_UNDER_UNMAP);
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, gpa, run->page, NULL));
	if (!result)
		result = nest_two_blocked(run, second, giova, "unmapped from the second stage");
	if (!result)
		result = nest_two_blocked(second, run, giova, "unmapped from the second stage");
	nest_trip_try(run, NEST_PROP_FIRST_STAGES);
	nest_trip_try(second, NEST_PROP_FIRST_STAGES);
	return result;
}

enum nest_leg_result nest_leg_two_shared(struct nest_trip_run *run)
{
	struct nest_trip_run *second = nest_two_second_of(run);
	enum nest_leg_result result = whole_tables(run, second);

	if (result)
		return result;
	if (nest_device_unit(run->model, run->dev) != nest_device_unit(run->model, second->dev))
		return nest_trip_absent(run,
					"devices behind different units share no second stage");
	result = nest_two_begin(run, second);
	if (!result && second->small.gpa != run->small.gpa)
		return nest_trip_absent(run, "the devices drive different numbers of address bits");
	if (!result)
		result = join(run, second);
	if (!result)
		result = try_nested(run, second, unmap_both);
	if (!result)
		nest_trip_evidence(run,
				   "on one second stage, GIOVA 0x%llx led each device through its "
				   "own first stage to its own page; one unmap of the second stage "
				   "took a page from both",
				   (unsigned long long)nest_two_common(run, false));
	return result;
}
