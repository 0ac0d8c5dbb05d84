// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two devices, each in an address space of its own: at the same addresses each reaches its own
 * pages, whatever is cached of the other. What is said of one run holds for its device; the second
 * run tells its story in the leg of the first.
 */
#include "trip/legs/two.h"

#include "inventory/inventory.h"

#define SECOND_SEED                                                                                \
	UINT32_C(0x40000000) /* what the second device carries is unlike the first's               \
			      */

/* The run of the second device, ready to tell in the leg that runs. */
struct nest_trip_run *nest_two_second_of(struct nest_trip_run *run)
{
	struct nest_trip_run *second = run->second;

	second->leg = run->leg;
	second->trying = run->trying;
	second->failed = (struct nest_failure){ 0 };
	second->stim.prepared = false; /* other bytes for each leg */
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
	struct nest_trip_run *second = nest_two_second_of(run);
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

enum nest_leg_result nest_two_own(struct nest_trip_run *run, struct nest_trip_run *other,
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

enum nest_leg_result nest_two_blocked(struct nest_trip_run *run, struct nest_trip_run *other,
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
enum nest_leg_result nest_two_warm(struct nest_trip_run *run, struct nest_trip_run *second,
				   uint64_t iova, const char *what)
{
	enum nest_leg_result result =
		nest_trip_arrive(run, iova, nest_trip_slot(run, NEST_TWO_SHARED), what);

	if (!result)
		result = nest_trip_arrive(second, iova, nest_trip_slot(second, NEST_TWO_SHARED),
					  what);
	if (!result)
		result = nest_two_own(run, second, iova, NEST_TWO_SHARED, what);
	if (!result)
		result = nest_two_own(second, run, iova, NEST_TWO_SHARED, what);
	return result;
}

/* An address that neither plain mapping uses, the same for both; lone: the one after it. */
uint64_t nest_two_common(const struct nest_trip_run *run, bool lone)
{
	uint64_t flat = run->flat < run->second->flat ? run->flat : run->second->flat;

	return flat + (lone ? 0x82 : 0x80) * run->page;
}

/* What both legs begin with: the addresses must exist for both devices. */
enum nest_leg_result nest_two_begin(struct nest_trip_run *run, struct nest_trip_run *second)
{
	if (!(second->has & NEST_HAS_STIM))
		return nest_trip_skip(run, "%s", second->lacks_stim);
	if (run->page != second->page)
		return nest_trip_skip(run, "the IOMMUs of the two devices use pages of different "
					   "sizes");
	if (nest_trip_in_ranges(run, nest_two_common(run, false)) &&
	    nest_trip_in_ranges(second, nest_two_common(run, false)) &&
	    nest_trip_in_ranges(run, nest_two_common(run, true)) &&
	    nest_trip_in_ranges(second, nest_two_common(run, true)))
		return NEST_LEG_PASSED;
	return nest_trip_skip(run, "no I/O address is usable for both devices");
}

/* What a leg ends with: every byte of the second device's memory, too. */
enum nest_leg_result nest_two_end(struct nest_trip_run *run, struct nest_trip_run *second)
{
	run->timed_ns += second->timed_ns;
	second->timed_ns = 0;
	return nest_trip_sweep(second);
}

/* ---- one stage ---- */

static enum nest_leg_result map(struct nest_trip_run *run, uint64_t iova, unsigned int slot)
{
	return nest_trip_check(run, nest_space_map(run->space, iova, nest_trip_slot_va(run, slot),
						   run->page, NEST_PROT_READ | NEST_PROT_WRITE));
}

static enum nest_leg_result unmap(struct nest_trip_run *run, uint64_t iova)
{
	return nest_trip_check(run, nest_space_unmap(run->space, iova, run->page, NULL));
}

/* The mapping of one changes and goes; the other's stays what it was. */
static enum nest_leg_result change_plain(struct nest_trip_run *run, struct nest_trip_run *second,
					 uint64_t iova)
{
	enum nest_leg_result result = unmap(run, iova);

	if (!result)
		result = map(run, iova, NEST_TWO_MOVED);
	if (!result)
		result = nest_trip_arrive(run, iova, nest_trip_slot(run, NEST_TWO_MOVED),
					  "mapped to another page");
	if (!result)
		result = nest_two_own(run, second, iova, NEST_TWO_MOVED, "mapped to another page");
	if (!result)
		result = nest_two_own(second, run, iova, NEST_TWO_SHARED,
				      "the other's mapping was changed");
	if (!result)
		result = unmap(run, iova);
	if (!result)
		result = nest_two_blocked(run, second, iova, "unmapped for this device alone");
	if (!result)
		result = nest_two_own(second, run, iova, NEST_TWO_SHARED,
				      "the other's mapping was removed");
	return result ? result : unmap(second, iova);
}

enum nest_leg_result nest_leg_two_plain(struct nest_trip_run *run)
{
	struct nest_trip_run *second = nest_two_second_of(run);
	uint64_t iova = nest_two_common(run, false), lone = nest_two_common(run, true);
	enum nest_leg_result result = nest_two_begin(run, second);

	if (!result)
		result = map(run, iova, NEST_TWO_SHARED);
	if (!result)
		result = map(second, iova, NEST_TWO_SHARED);
	if (!result)
		result = nest_two_warm(run, second, iova, "mapped for both devices");
	if (!result)
		result = map(run, lone, NEST_TWO_LONE);
	if (!result)
		result = nest_trip_arrive(run, lone, nest_trip_slot(run, NEST_TWO_LONE),
					  "mapped for one device");
	if (!result)
		result = nest_two_blocked(second, run, lone, "mapped for the other device alone");
	if (!result)
		result = unmap(run, lone);
	if (!result)
		result = change_plain(run, second, iova);
	if (!result)
		result = nest_two_end(run, second);
	if (!result)
		nest_trip_evidence(run,
				   "IOVA 0x%llx led each device to its own page, in turn and from "
				   "the cache; a change of one mapping did not change the other",
				   (unsigned long long)iova);
	return result;
}

/* ---- detach ---- */

/* Blocked while it is detached, and as before afterwards. */
static enum nest_leg_result leave_and_return(struct nest_trip_run *run,
					     struct nest_trip_run *second, bool bare)
{
	uint64_t page = nest_trip_slot(second, NEST_TWO_SHARED);
	enum nest_leg_result result =
		nest_trip_check(second, nest_space_detach(second->space, &second->vdev));

	/* A device that fetches its commands from memory would not survive the fault. */
	if (!result && bare)
		result = nest_two_blocked(second, run, page, "detached");
	if (!result)
		result = nest_two_own(run, second, nest_trip_slot(run, NEST_TWO_SHARED),
				      NEST_TWO_SHARED, "while the other is detached");
	if (!result)
		result = nest_trip_check(second, nest_space_attach(second->space, &second->vdev));
	return result ? result : nest_two_own(second, run, page, NEST_TWO_SHARED, "attached again");
}

enum nest_leg_result nest_leg_two_detach(struct nest_trip_run *run)
{
	struct nest_trip_run *second = nest_two_second_of(run);
	bool bare = !(second->stim.can & NEST_STIM_DESCRIPTORS);
	enum nest_leg_result result = nest_two_begin(run, second);

	if (!result && !run->mode->ops->detach)
		return nest_trip_absent(run, "a container cannot detach a device that stays open");
	if (!result)
		result = nest_two_own(second, run, nest_trip_slot(second, NEST_TWO_SHARED),
				      NEST_TWO_SHARED, "before the detach");
	if (!result)
		result = leave_and_return(run, second, bare);
	if (!result)
		result = nest_two_end(run, second);
	if (!result)
		nest_trip_evidence(
			run,
			"the second device was detached and attached again%s; DMA of the "
			"first reached its memory meanwhile",
			bare ? ", and blocked in between" : "");
	return result;
}
