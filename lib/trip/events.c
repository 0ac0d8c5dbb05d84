// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults that the IOMMU reports to the owner of the first stage, by a queue and not by the log. */
#include "trip/run.h"
#include "util.h"

#define WAIT_MS 500
#define EVENTS	64 /* read at once */

bool nest_trip_has_events(const struct nest_trip_run *run)
{
	return run->s1 && run->s1->has_events;
}

int nest_trip_drain_events(struct nest_trip_run *run)
{
	struct nest_s1_event events[EVENTS];
	uint64_t lost = 0;
	size_t n = 0, i;
	int err;

	do {
		err = nest_space_stage1(run->space)->events(run->s1, 0, events, EVENTS, &n, &lost);
		for (i = 0; !err && i < n; i++)
			if (!events[i].have_address || !nest_trip_is_provoked(run, events[i].addr))
				nest_trip_deviates(run, "spurious_fault",
						   "the event queue has event 0x%02x for 0x%llx, "
						   "which no transfer of the tool provoked",
						   events[i].code,
						   (unsigned long long)events[i].addr);
	} while (!err && n);
	return err;
}

/* The event of SMMUv3 that a reason of VT-d is there; 0: any. */
static unsigned int code_of(unsigned int reason)
{
	static const struct {
		unsigned int reason, code;
	} codes[] = {
		{ NEST_REASON_FIRST_ABSENT, 0x10 }, /* F_TRANSLATION */
		{ NEST_REASON_NOT_CANONICAL, 0x10 }, { NEST_REASON_UNMARKED, 0x12 }, /* F_ACCESS */
		{ NEST_REASON_WRITE, 0x13 }, /* F_PERMISSION */
		{ NEST_REASON_PRIVILEGED, 0x13 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].reason == reason)
			return codes[i].code;
	return 0;
}

static void compare_kind(struct nest_trip_run *run, const struct nest_s1_event *event,
			 unsigned int reason)
{
	unsigned int due = code_of(reason);

	if (due && event->code != due)
		nest_trip_deviates(run, "fault_reason",
				   "the fault at 0x%llx is event 0x%02x, not 0x%02x",
				   (unsigned long long)event->addr, event->code, due);
	if (!event->of_input)
		nest_trip_deviates(
			run, "fault_class",
			"the event of 0x%llx tells of a fetch that failed, and not of the "
			"transfer",
			(unsigned long long)event->addr);
}

/* Does the event say what was done? */
static enum nest_leg_result compare_event(struct nest_trip_run *run,
					  const struct nest_s1_event *event, bool write,
					  unsigned int reason)
{
	nest_trip_evidence(
		run, "seen in the event queue: event 0x%02x, %s 0x%llx, stage %d, device 0x%x",
		event->code, event->perm == NEST_PROT_WRITE ? "write to" : "read from",
		(unsigned long long)event->addr, event->stage2 ? 2 : 1, event->virt_id);
	if ((event->perm == NEST_PROT_WRITE) != write)
		return nest_trip_fail(run, "the event reports the fault as a %s",
				      write ? "read" : "write");
	if (event->stage2)
		return nest_trip_fail(run, "the event reports a fault of the second stage");
	if (event->virt_id != run->s1->config.virt_id)
		return nest_trip_fail(run, "the event names device 0x%x, not 0x%x", event->virt_id,
				      run->s1->config.virt_id);
	if ((event->have_pasid ? event->pasid : 0) != run->stim.pasid)
		return nest_trip_fail(run, "the event reports PASID 0x%x, not 0x%x",
				      event->have_pasid ? event->pasid : 0, run->stim.pasid);
	compare_kind(run, event, reason);
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_trip_look_at_events(struct nest_trip_run *run, uint64_t iova, bool write,
					      unsigned int reason, bool *ret_seen)
{
	struct nest_s1_event events[EVENTS];
	uint64_t lost = 0, all_lost = 0;
	size_t n = 1, i;
	int err = 0, wait_ms = WAIT_MS;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (; !result && !err && n; wait_ms = 0) {
		err = nest_space_stage1(run->space)
			      ->events(run->s1, wait_ms, events, EVENTS, &n, &lost);
		all_lost += err ? 0 : lost;
		for (i = 0; !result && !err && i < n; i++) {
			if (!events[i].have_address || (events[i].addr ^ iova) & ~UINT64_C(0xfff) ||
			    *ret_seen)
				continue;
			*ret_seen = true;
			result = compare_event(run, &events[i], write, reason);
		}
	}
	if (all_lost)
		nest_trip_evidence(run, "%llu more events were lost, as the queue itself tells",
				   (unsigned long long)all_lost);
	return result ? result : nest_trip_check(run, err);
}
