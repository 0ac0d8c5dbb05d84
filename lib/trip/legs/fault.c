// SPDX-License-Identifier: GPL-2.0-or-later
/* DMA that must not get through: blocked, memory untouched, and seen by whoever is to be told. */
#include "plural.h"
#include "trip/run.h"
#include "trip/legs.h"

#include <errno.h>

#include "errnoname.h"
#include "explain.h"
#include "uapi/vfio.h"

/* One DMA that must reach nothing. */
static enum nest_leg_result blocked(struct nest_trip_run *run, uint64_t iova, bool write)
{
	return write ? nest_trip_expect_blocked(run, iova, "nothing is mapped there")
		     : nest_trip_expect_read_blocked(run, iova, "nothing is mapped there");
}

/*
 * A device with ATS may ask for the page instead of running into a fault; it gets no for an
 * answer.
 */
static enum nest_leg_result look_at_queue(struct nest_trip_run *run, uint64_t iova, bool *ret_seen)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct nest_s1_fault faults[8];
	size_t n = 0, i;
	int err;

	if (!run->s1 || !run->queue)
		return NEST_LEG_PASSED;
	err = stage1->faults(run->s1, 0, faults, 8, &n);
	for (i = 0; !err && i < n; i++) {
		if (faults[i].last)
			err = stage1->respond(run->s1, faults[i].cookie, false);
		*ret_seen = *ret_seen || faults[i].addr == (iova & ~UINT64_C(0xfff));
	}
	if (!err && *ret_seen)
		nest_trip_evidence(
			run, "seen in the fault queue: a page request for 0x%llx, answered invalid",
			(unsigned long long)iova);
	return nest_trip_check(run, err);
}

/* The stage that blocked it; 0: with one stage the kernel may have made its table of either kind.
 */
static unsigned int stage_due(const struct nest_trip_run *run, unsigned int reason)
{
	return !run->s1 ? 0 : reason == NEST_REASON_SECOND ? 2 : 1;
}

/*
 * Does the log's fault say what was done? A request without PASID may be reported under the number
 * that the kernel gave such requests, which is 0.
 */
static enum nest_leg_result compare(struct nest_trip_run *run, const struct nest_watch_fault *seen,
				    bool write, unsigned int reason)
{
	const struct nest_fault *fault = &seen->fault;
	uint32_t pasid = fault->with_pasid == NEST_YES ? fault->pasid : 0;
	unsigned int due = stage_due(run, reason);

	nest_trip_evidence(run, "seen in the kernel log: %s", seen->text);
	if (fault->stage && due)
		nest_trip_evidence(run, "the log tells that stage %u blocked it", fault->stage);
	if (fault->access != NEST_LOG_UNKNOWN && (fault->access == NEST_LOG_WRITE) != write)
		return nest_trip_fail(run, "the kernel log reports the fault as a %s",
				      nest_log_access_name(fault->access));
	if (fault->stage && due && fault->stage != due)
		return nest_trip_fail(run,
				      "the kernel log reports a fault of stage %u, and stage %u "
				      "blocked the DMA",
				      fault->stage, due);
	if (pasid != run->stim.pasid)
		return nest_trip_fail(run,
				      "the kernel log reports the fault with PASID 0x%x, not 0x%x",
				      pasid, run->stim.pasid);
	if (reason && fault->driver == &nest_fault_vtd && fault->has_reason &&
	    fault->reason != reason)
		nest_trip_deviates(run, "fault_reason",
				   "the fault at 0x%llx has reason 0x%x, not 0x%x",
				   (unsigned long long)fault->address, fault->reason, reason);
	return NEST_LEG_PASSED;
}

/* Can klogwatch read what the driver of the IOMMU in front of the device writes? */
static bool is_spelling_known(const struct nest_trip_run *run)
{
	const struct nest_unit *unit = nest_device_unit(run->model, run->dev);

	return !unit || !unit->hw->log_faults;
}

/* err: why the log could not be read, or 0. */
static enum nest_leg_result unseen(struct nest_trip_run *run, uint64_t iova, unsigned int others,
				   int err, enum nest_trip_record record)
{
	if (nest_errno_classify(-err) == NEST_ERRNO_RESOURCE)
		return nest_trip_log_failed(run, err);
	if (err)
		return nest_trip_skip(run,
				      "the DMA was blocked, but it is unknown whether the fault "
				      "was reported: cannot read /dev/kmsg (%s)",
				      nest_errno_name(-err));
	if (!is_spelling_known(run))
		return nest_trip_skip(run, "the DMA was blocked, but the tool does not know how "
					   "this IOMMU driver reports faults");
	if (record == NEST_RECORD_USUAL && !others)
		return nest_trip_skip(run, "the DMA was blocked, but the kernel log has no fault: "
					   "for a device that requests translations first (ATS) "
					   "the IOMMU need not record one");
	if (others)
		return nest_trip_fail(run,
				      "the DMA was blocked, but the kernel log has no fault for "
				      "0x%llx; it has %u of this device for other addresses",
				      (unsigned long long)iova, others);
	return nest_trip_fail(
		run, "the DMA was blocked, but the kernel log has no fault for 0x%llx%s",
		(unsigned long long)iova, run->log.suppressed ? " (lines were suppressed)" : "");
}

/* What a missing or a wrong record violates. */
static enum nest_property_id property_of(enum nest_trip_record record, unsigned int reason)
{
	if (record == NEST_RECORD_USUAL)
		return NEST_PROP_FAULTS_PASID;
	return reason && reason != NEST_REASON_FIRST_ABSENT ? NEST_PROP_FAULT_KINDS
							    : NEST_PROP_FAULTS;
}

enum nest_leg_result nest_trip_blocked_and_seen(struct nest_trip_run *run, uint64_t iova,
						bool write, enum nest_trip_record record,
						unsigned int reason)
{
	bool log_wanted = record != NEST_RECORD_OPTIONAL;
	/* Faults of the second stage are the kernel's, wherever those of the first go. */
	bool by_event = log_wanted && reason != NEST_REASON_SECOND && nest_trip_has_events(run);
	struct nest_watch_fault fault;
	enum nest_leg_result result;
	unsigned int others = 0, here;
	bool queued = false;
	int attempt, err, got = 0;

	/* The second time is for a line that the kernel's rate limit swallowed. */
	for (attempt = 0; attempt < 2; attempt++) {
		nest_trip_tick(run);
		err = attempt ? nest_kernel_sleep(run->ctx, NEST_WATCH_WINDOW_NS) : 0;
		result = nest_trip_check(run, err);
		err = nest_trip_drain_log(run);
		if (!result && nest_trip_has_events(run))
			result = nest_trip_check(run, nest_trip_drain_events(run));
		if (!result)
			result = blocked(run, iova, write);
		if (!result)
			result = look_at_queue(run, iova, &queued);
		if (result)
			return result;
		if (!attempt)
			nest_trip_evidence(run, "a %s %s 0x%llx reached no byte of memory",
					   write ? "write to" : "read from",
					   run->s1 ? "GIOVA" : "IOVA", (unsigned long long)iova);
		nest_trip_try(run, property_of(record, reason));
		if (by_event)
			result = nest_trip_look_at_events(run, iova, write, reason, &queued);
		if (queued || result)
			return result;
		if (by_event)
			return nest_trip_fail(run,
					      "the DMA was blocked, but the event queue has no "
					      "event for 0x%llx",
					      (unsigned long long)iova);
		here = 0;
		got = err < 0 ? err : nest_trip_hear(run, iova, &fault, &here);
		others += here;
		if (got == 1)
			return compare(run, &fault, write, reason);
		if (got < 0 || !log_wanted)
			break;
	}
	if (got == -EINTR)
		return nest_trip_check(run, got);
	if (log_wanted)
		return unseen(run, iova, others, got, record);
	if (got < 0)
		nest_trip_evidence(run, "cannot read the kernel log: %s", nest_errno_name(-got));
	else
		nest_trip_evidence(run, "the kernel log has no line about it");
	return NEST_LEG_PASSED;
}

enum nest_trip_record nest_trip_record_of(const struct nest_trip_run *run)
{
	return run->stim.pasid ? NEST_RECORD_OPTIONAL : NEST_RECORD_REQUIRED;
}

/* ---- with a first stage ---- */

static enum nest_leg_result nested_fault(struct nest_trip_run *run, bool write)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_FAULT);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_FAULT);
	enum nest_leg_result result;

	/* Used first, so that what blocks is the cleared entry and not a mistake. */
	result = nest_trip_point(run, giova, page, NEST_S1_RW);
	if (!result)
		result = nest_trip_expect(run, giova, page, "before the entry is cleared");
	if (!result)
		result = nest_trip_clear(run, giova);
	if (result)
		return result;
	nest_trip_evidence(run, "GIOVA 0x%llx was used, then its entry was cleared and invalidated",
			   (unsigned long long)giova);
	/* What asks for a translation first is told that there is none, which need be no fault. */
	return nest_trip_blocked_and_seen(run, giova, write, nest_trip_record_of(run),
					  NEST_REASON_FIRST_ABSENT);
}

enum nest_leg_result nest_leg_fault(struct nest_trip_run *run)
{
	return nested_fault(run, true);
}

enum nest_leg_result nest_leg_fault_read(struct nest_trip_run *run)
{
	if (!(run->stim.can & NEST_STIM_READ))
		return nest_trip_absent(run, "%s cannot read from a chosen page", run->ops->name);
	return nested_fault(run, false);
}

/* The owner of the first stage may write into it what they like. */
enum nest_leg_result nest_leg_confine(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_CONFINE);
	uint64_t outside = nest_trip_flat(run, NEST_FLAT_OUTSIDE);
	enum nest_leg_result result = nest_trip_point(run, giova, outside, NEST_S1_RW);

	if (!result)
		result = nest_trip_blocked_and_seen(run, giova, true, nest_trip_record_of(run),
						    NEST_REASON_SECOND);
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		nest_trip_evidence(run,
				   "a first-stage entry for guest-physical 0x%llx, which the "
				   "second stage does not map, gives no access",
				   (unsigned long long)outside);
	return result;
}

/* ---- on the one stage there is ---- */

static enum nest_leg_result flat_fault(struct nest_trip_run *run, bool write)
{
	uint64_t iova = nest_trip_flat(run, write ? 0x100 : 0x102);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_FAULT);
	int err = nest_space_map(run->space, iova, nest_trip_slot_va(run, NEST_TARGET_FAULT),
				 run->page, NEST_PROT_READ | NEST_PROT_WRITE);
	enum nest_leg_result result = nest_trip_check(run, err);

	if (!result)
		result = nest_trip_expect(run, iova, page, "while mapped");
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, iova, run->page, NULL));
	if (result)
		return result;
	nest_trip_evidence(run, "IOVA 0x%llx was used, then unmapped", (unsigned long long)iova);
	return nest_trip_blocked_and_seen(run, iova, write, NEST_RECORD_REQUIRED, 0);
}

enum nest_leg_result nest_leg_flat_fault(struct nest_trip_run *run)
{
	return flat_fault(run, true);
}

enum nest_leg_result nest_leg_flat_fault_read(struct nest_trip_run *run)
{
	if (!(run->stim.can & NEST_STIM_READ))
		return nest_trip_absent(run, "%s cannot read from a chosen page", run->ops->name);
	return flat_fault(run, false);
}
