// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An invalidation has taken effect when its request returns. A device that starts its transfers at
 * once shows that by the next one. A device with a delay of its own is started before, so that its
 * transfer comes right after the request.
 */
#include "trip/legs.h"

#define QUICK_NS  MARGIN_NS /* below it there is no time before the transfer to be met */
#define MARGIN_NS UINT64_C(3000000)
#define TRIES	  3

/* How long the device waits before a transfer. */
static int delay(struct nest_trip_run *run, uint64_t giova, uint64_t *ret_ns)
{
	uint64_t start;
	int err = nest_stim_prepare(&run->stim, ++run->seed);

	if (err)
		return err;
	start = nest_kernel_now(run->ctx);
	err = nest_stim_begin(&run->stim, giova);
	if (!err)
		err = nest_stim_finish(&run->stim, true);
	*ret_ns = nest_kernel_now(run->ctx) - start;
	return err;
}

/* The entry changes, and is invalidated, just before the transfer. */
static enum nest_leg_result race(struct nest_trip_run *run, uint64_t giova, uint64_t to,
				 uint64_t delay_ns, uint64_t *ret_left)
{
	struct nest_landing landing;
	uint64_t start, now;
	enum nest_leg_result result;
	int err = nest_stim_prepare(&run->stim, ++run->seed);

	nest_trip_save_tables(run);
	start = nest_kernel_now(run->ctx);
	if (!err)
		err = nest_stim_begin(&run->stim, giova);
	if (!err)
		err = nest_kernel_sleep(run->ctx, delay_ns - MARGIN_NS);
	if (err)
		return nest_trip_check_stim(run, err);
	result = nest_trip_check(run, nest_s1_replace(&run->table, giova, to, NEST_S1_RW));
	nest_trip_save_tables(run);
	if (!result)
		result = nest_trip_invalidate(run, giova, 1, true);
	now = nest_kernel_now(run->ctx);
	*ret_left = start + delay_ns > now ? start + delay_ns - now : 0;
	err = nest_stim_finish(&run->stim, true);
	if (!result)
		result = nest_trip_check_stim(run, err);
	if (result)
		return result;
	nest_trip_look_around(run, &landing);
	if (landing.kind == NEST_ON_PAGE && (landing.gpa == to || *ret_left < MARGIN_NS / 2))
		return NEST_LEG_PASSED;
	result = nest_trip_missed(run, &landing);
	if (result)
		return result;
	return nest_trip_fail(
		run,
		"a transfer came %llu us after the invalidation had returned, and %s, "
		"not the new one at 0x%llx",
		(unsigned long long)*ret_left / 1000, nest_trip_landing_text(run, &landing),
		(unsigned long long)to);
}

enum nest_leg_result nest_leg_prompt(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_A);
	uint64_t pages[] = { nest_trip_slot(run, NEST_TARGET_A),
			     nest_trip_slot(run, NEST_TARGET_B) };
	uint64_t delay_ns = 0, left = 0;
	unsigned int i, shown = 0;
	enum nest_leg_result result = nest_trip_point(run, giova, pages[0], NEST_S1_RW);

	if (!result)
		result = nest_trip_arrive(run, giova, pages[0], "before the change");
	nest_trip_save_tables(run);
	if (!result)
		result = nest_trip_check_stim(run, delay(run, giova, &delay_ns));
	if (result)
		return result;
	nest_trip_look_around(run, &(struct nest_landing){ 0 });
	if (delay_ns <= QUICK_NS) {
		nest_trip_evidence(run,
				   "the device starts its transfers at once (%llu us), so each leg "
				   "that invalidates shows it",
				   (unsigned long long)delay_ns / 1000);
		return nest_trip_clear(run, giova);
	}
	for (i = 1; !result && i <= TRIES; i++) {
		result = race(run, giova, pages[i % 2], delay_ns, &left);
		shown += left >= MARGIN_NS / 2;
		if (!result) /* as it is now, cached again */
			result = nest_trip_expect(run, giova, pages[i % 2], "after the transfer");
	}
	if (!result)
		result = nest_trip_clear(run, giova);
	if (result)
		return result;
	if (!shown)
		return nest_trip_absent(run,
					"the device waits %llu ms before a transfer, and the "
					"tool could not meet that moment",
					(unsigned long long)delay_ns / 1000000);
	nest_trip_evidence(
		run,
		"%u times a transfer that was in flight came less than %llu ms after the "
		"invalidation had returned, and used the new translation",
		shown, (unsigned long long)MARGIN_NS / 1000000);
	return NEST_LEG_PASSED;
}
