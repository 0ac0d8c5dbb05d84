// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two devices, each in an address space of its own: at the same addresses each reaches its own
 * pages, whatever is cached of the other. What is said of one run holds for its device; the second
 * run tells its story in the leg of the first.
 */
#include "trip/legs.h"

#include "inventory/inventory.h"

#define SECOND_SEED                                                                                \
	UINT32_C(0x40000000) /* what the second device carries is unlike the first's               \
			      */

/* Slots of both runs. */
enum { SLOT_SHARED = 2, SLOT_LONE, SLOT_MOVED };

/* The run of the second device, ready to tell in the leg that runs. */
static struct nest_trip_run *second_of(struct nest_trip_run *run)
{
	struct nest_trip_run *second = run->second;

	second->leg = run->leg;
	second->trying = run->trying;
	second->failed = (struct nest_failure){ 0 };
	return second;
}

/* ---- attach ---- */

static enum nest_leg_result ready(struct nest_trip_run *second)
{
	static nest_trip_fn *const legs[] = {
		nest_leg_open, nest_leg_attach, nest_leg_map, nest_leg_start, nest_leg_width,
	};
	enum nest_leg_result result = NEST_LEG_PASSED;
	size_t i;

	for (i = 0; !result && i < sizeof(legs) / sizeof(*legs); i++)
		result = legs[i](second);
	return result;
}

static void tell_units(struct nest_trip_run *run)
{
	const struct nest_unit *first = nest_device_unit(run->model, run->dev);
	const struct nest_unit *second = nest_device_unit(run->model, run->second->dev);

	if (!first || !second)
		nest_trip_evidence(run, "it is unknown whether both devices are behind one unit");
	else if (first == second)
		nest_trip_evidence(run, "both devices are behind %s, which has one cache for them",
				   first->name);
	else
		nest_trip_evidence(run,
				   "the devices are behind different units, %s and %s, which share "
				   "no cache",
				   first->name, second->name);
}

enum nest_leg_result nest_leg_two_attach(struct nest_trip_run *run)
{
	struct nest_trip_run *second = second_of(run);
	struct nest_trip *report = run->report;
	const struct nest_trip_options *kept = second->options;
	struct nest_trip_options options = *kept;
	const char *stimulus = report->stimulus, *reason = report->stimulus_reason;
	unsigned int bits = report->device_bits;
	enum nest_leg_result result;

	options.mode = run->mode->name;
	second->options = &options;
	second->seed = SECOND_SEED;
	nest_trip_evidence(run, "the second device is %s", second->dev->name);
	result = ready(second);
	/* The legs above tell the report of the device that they are run for. */
	report->second.stimulus = second->ops ? report->stimulus : NULL;
	report->second.device_bits = second->device_bits;
	report->stimulus = stimulus;
	report->stimulus_reason = reason;
	report->device_bits = bits;
	second->options = kept;
	if (result && report->obstacle)
		report->obstacle->late = true;
	if (result) {
		run->lacks_second = "the second device could not be made ready";
		return result;
	}
	run->has |= NEST_HAS_SECOND;
	tell_units(run);
	return NEST_LEG_PASSED;
}

/* ---- transfers that the other must not notice ---- */

static enum nest_leg_result untouched(struct nest_trip_run *run, struct nest_trip_run *other,
				      uint64_t iova, const char *what)
{
	struct nest_landing landing;

	nest_trip_look_around(other, &landing);
	if (landing.kind == NEST_NOWHERE)
		return NEST_LEG_PASSED;
	nest_trip_distrust(run);
	return nest_trip_fail(run,
			      "%s: a write of %s to 0x%llx must not reach memory of %s, but %s",
			      what, run->dev->name, (unsigned long long)iova, other->dev->name,
			      nest_trip_landing_text(run, &landing));
}

/* The write, and where it ended among the run's own pages. */
static enum nest_leg_result write_to(struct nest_trip_run *run, struct nest_trip_run *other,
				     uint64_t iova, const char *what, struct nest_landing *landing)
{
	enum nest_leg_result result;

	if (!(run->has & NEST_HAS_STIM))
		return nest_trip_skip(run, "%s", run->lacks_stim);
	nest_trip_save_tables(other);
	result = nest_trip_write(run, iova, landing);
	return result ? result : untouched(run, other, iova, what);
}

static enum nest_leg_result own(struct nest_trip_run *run, struct nest_trip_run *other,
				uint64_t iova, unsigned int slot, const char *what)
{
	uint64_t page = nest_trip_slot(run, slot);
	struct nest_landing landing;
	enum nest_leg_result result = write_to(run, other, iova, what, &landing);
	bool saw = true;

	if (result)
		return result;
	if (landing.kind != NEST_ON_PAGE || landing.gpa != page) {
		result = nest_trip_missed(run, &landing);
		return result ? result
			      : nest_trip_fail(run,
					       "%s: a write of %s to 0x%llx must reach its page at "
					       "0x%llx, but %s",
					       what, run->dev->name, (unsigned long long)iova,
					       (unsigned long long)page,
					       nest_trip_landing_text(run, &landing));
	}
	if (!(run->stim.can & NEST_STIM_READ))
		return NEST_LEG_PASSED;
	result = nest_trip_read(run, iova, page, &saw);
	if (!result && !saw)
		return nest_trip_fail(run,
				      "%s: a read of %s from 0x%llx returned other bytes than "
				      "those of its page",
				      what, run->dev->name, (unsigned long long)iova);
	return result;
}

static enum nest_leg_result blocked(struct nest_trip_run *run, struct nest_trip_run *other,
				    uint64_t iova, const char *what)
{
	struct nest_landing landing;
	enum nest_leg_result result;

	nest_trip_provoked(run, iova);
	result = write_to(run, other, iova, what, &landing);
	if (result || landing.kind == NEST_NOWHERE)
		return result;
	return nest_trip_fail(run, "%s: a write of %s to 0x%llx must be blocked, but %s", what,
			      run->dev->name, (unsigned long long)iova,
			      nest_trip_landing_text(run, &landing));
}

/* The first use of an address by each device, then each again while both are cached. */
static enum nest_leg_result warm(struct nest_trip_run *run, struct nest_trip_run *second,
				 uint64_t iova, const char *what)
{
	enum nest_leg_result result =
		nest_trip_arrive(run, iova, nest_trip_slot(run, SLOT_SHARED), what);

	if (!result)
		result = nest_trip_arrive(second, iova, nest_trip_slot(second, SLOT_SHARED), what);
	if (!result)
		result = own(run, second, iova, SLOT_SHARED, what);
	if (!result)
		result = own(second, run, iova, SLOT_SHARED, what);
	return result;
}

/* An address that neither plain mapping uses, the same for both; lone: the one after it. */
static uint64_t common(const struct nest_trip_run *run, bool lone)
{
	uint64_t flat = run->flat < run->second->flat ? run->flat : run->second->flat;

	return flat + (lone ? 0x82000 : 0x80000);
}

/* What both legs begin with: the addresses must exist for both devices. */
static enum nest_leg_result begin(struct nest_trip_run *run, struct nest_trip_run *second)
{
	if (!(second->has & NEST_HAS_STIM))
		return nest_trip_skip(run, "%s", second->lacks_stim);
	if (nest_trip_in_ranges(run, common(run, false)) &&
	    nest_trip_in_ranges(second, common(run, false)) &&
	    nest_trip_in_ranges(run, common(run, true)) &&
	    nest_trip_in_ranges(second, common(run, true)))
		return NEST_LEG_PASSED;
	return nest_trip_skip(run, "no I/O address is usable for both devices");
}

/* What a leg ends with: every byte of the second device's memory, too. */
static enum nest_leg_result end(struct nest_trip_run *run, struct nest_trip_run *second)
{
	run->timed_ns += second->timed_ns;
	second->timed_ns = 0;
	return nest_trip_sweep(second);
}

/* ---- one stage ---- */

static enum nest_leg_result map(struct nest_trip_run *run, uint64_t iova, unsigned int slot)
{
	return nest_trip_check(run, nest_space_map(run->space, iova, nest_trip_slot_va(run, slot),
						   NEST_PAGE, NEST_PROT_READ | NEST_PROT_WRITE));
}

static enum nest_leg_result unmap(struct nest_trip_run *run, uint64_t iova)
{
	return nest_trip_check(run, nest_space_unmap(run->space, iova, NEST_PAGE, NULL));
}

/* The mapping of one changes and goes; the other's stays what it was. */
static enum nest_leg_result change_plain(struct nest_trip_run *run, struct nest_trip_run *second,
					 uint64_t iova)
{
	enum nest_leg_result result = unmap(run, iova);

	if (!result)
		result = map(run, iova, SLOT_MOVED);
	if (!result)
		result = own(run, second, iova, SLOT_MOVED, "mapped to another page");
	if (!result)
		result = own(second, run, iova, SLOT_SHARED, "the other's mapping was changed");
	if (!result)
		result = unmap(run, iova);
	if (!result)
		result = blocked(run, second, iova, "unmapped for this device alone");
	if (!result)
		result = own(second, run, iova, SLOT_SHARED, "the other's mapping was removed");
	return result ? result : unmap(second, iova);
}

enum nest_leg_result nest_leg_two_plain(struct nest_trip_run *run)
{
	struct nest_trip_run *second = second_of(run);
	uint64_t iova = common(run, false), lone = common(run, true);
	enum nest_leg_result result = begin(run, second);

	if (!result)
		result = map(run, iova, SLOT_SHARED);
	if (!result)
		result = map(second, iova, SLOT_SHARED);
	if (!result)
		result = warm(run, second, iova, "mapped for both devices");
	if (!result)
		result = map(run, lone, SLOT_LONE);
	if (!result)
		result = nest_trip_arrive(run, lone, nest_trip_slot(run, SLOT_LONE),
					  "mapped for one device");
	if (!result)
		result = blocked(second, run, lone, "mapped for the other device alone");
	if (!result)
		result = unmap(run, lone);
	if (!result)
		result = change_plain(run, second, iova);
	if (!result)
		result = end(run, second);
	if (!result)
		nest_trip_evidence(run,
				   "IOVA 0x%llx led each device to its own page, in turn and from "
				   "the cache; a change of one mapping did not change the other",
				   (unsigned long long)iova);
	return result;
}

/* ---- two stages ---- */

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
	enum nest_leg_result result = point(run, giova, SLOT_MOVED);

	if (!result)
		result = own(run, other, giova, SLOT_MOVED, "after its entry was changed");
	if (!result)
		result = own(other, run, giova, kept, "after the other's entry was changed");
	return result;
}

static enum nest_leg_result use_nested(struct nest_trip_run *run, struct nest_trip_run *second)
{
	uint64_t giova = common(run, false), lone = common(run, true);
	enum nest_leg_result result = point(run, giova, SLOT_SHARED);

	if (!result)
		result = point(second, giova, SLOT_SHARED);
	if (!result)
		result = warm(run, second, giova, "mapped by both tables");
	if (!result)
		result = point(run, lone, SLOT_LONE);
	if (!result)
		result = nest_trip_arrive(run, lone, nest_trip_slot(run, SLOT_LONE),
					  "mapped by one table");
	if (!result)
		result = blocked(second, run, lone, "mapped by the other's table alone");
	if (!result)
		result = change_nested(run, second, giova, SLOT_SHARED);
	if (!result)
		result = change_nested(second, run, giova, SLOT_MOVED);
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		result = blocked(run, second, giova, "cleared in its own table");
	if (!result)
		result = own(second, run, giova, SLOT_MOVED, "cleared in the other's table");
	return result;
}

/* The first goes back to the plain mapping, where the address leads nowhere; then the second. */
static enum nest_leg_result leave_nested(struct nest_trip_run *run, struct nest_trip_run *second)
{
	uint64_t giova = common(run, false);
	enum nest_leg_result result = point(run, giova, SLOT_SHARED);

	if (!result)
		result = own(run, second, giova, SLOT_SHARED, "before the unbind");
	if (!result)
		result = unbind(run);
	if (!result)
		result = blocked(run, second, giova, "unbound, while the other is bound");
	if (!result)
		result = own(second, run, giova, SLOT_MOVED, "after the other was unbound");
	if (!result)
		result = unbind(second);
	if (!result)
		result = blocked(second, run, giova, "unbound");
	return result;
}

enum nest_leg_result nest_leg_two_nested(struct nest_trip_run *run)
{
	struct nest_trip_run *second = second_of(run);
	enum nest_leg_result result, left;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	if (nest_trip_is_per_pasid(run))
		return nest_trip_absent(run, "this ABI binds tables to PASIDs alone");
	if (!second->caps.s1_format)
		return nest_trip_skip(run, "the tool cannot build first-stage tables for the IOMMU "
					   "of the second device");
	result = begin(run, second);
	if (!result)
		result = bind(run);
	if (!result)
		result = bind(second);
	if (!result)
		result = use_nested(run, second);
	if (!result)
		result = leave_nested(run, second);
	left = unbind(run);
	result = result ? result : left;
	left = unbind(second);
	result = result ? result : left;
	if (!result)
		result = end(run, second);
	if (!result)
		nest_trip_evidence(
			run,
			"GIOVA 0x%llx led each device through its own first stage to its "
			"own page, in turn and from the cache; changes, an invalidation "
			"and an unbind of one did not change the other",
			(unsigned long long)common(run, false));
	return result;
}

/* ---- detach ---- */

/* Blocked while it is detached, and as before afterwards. */
static enum nest_leg_result leave_and_return(struct nest_trip_run *run,
					     struct nest_trip_run *second, bool bare)
{
	uint64_t page = nest_trip_slot(second, SLOT_SHARED);
	enum nest_leg_result result =
		nest_trip_check(second, nest_space_detach(second->space, &second->vdev));

	/* A device that fetches its commands from memory would not survive the fault. */
	if (!result && bare)
		result = blocked(second, run, page, "detached");
	if (!result)
		result = own(run, second, nest_trip_slot(run, SLOT_SHARED), SLOT_SHARED,
			     "while the other is detached");
	if (!result)
		result = nest_trip_check(second, nest_space_attach(second->space, &second->vdev));
	return result ? result : own(second, run, page, SLOT_SHARED, "attached again");
}

enum nest_leg_result nest_leg_two_detach(struct nest_trip_run *run)
{
	struct nest_trip_run *second = second_of(run);
	bool bare = !(second->stim.can & NEST_STIM_DESCRIPTORS);
	enum nest_leg_result result = begin(run, second);

	if (!result && !run->mode->ops->detach)
		return nest_trip_absent(run, "a container cannot detach a device that stays open");
	if (!result)
		result = own(second, run, nest_trip_slot(second, SLOT_SHARED), SLOT_SHARED,
			     "before the detach");
	if (!result)
		result = leave_and_return(run, second, bare);
	if (!result)
		result = end(run, second);
	if (!result)
		nest_trip_evidence(
			run,
			"the second device was detached and attached again%s; DMA of the "
			"first reached its memory meanwhile",
			bare ? ", and blocked in between" : "");
	return result;
}
