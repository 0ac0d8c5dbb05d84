// SPDX-License-Identifier: GPL-2.0-or-later
/* From one first stage to another without a detach; and the end, where the device is quiet. */
#include "trip/legs.h"

#define QUIET_NS UINT64_C(500000000) /* longer than any transfer here takes */

static enum nest_leg_result use_other(struct nest_trip_run *run, uint64_t giova, uint64_t gone,
				      uint64_t page)
{
	struct nest_s1_table other;
	struct nest_s1_config config;
	struct nest_s1 *s1 = NULL;
	enum nest_leg_result result =
		nest_trip_check(run, nest_trip_build_other(run, &other, giova, page));
	int err;

	if (!result)
		result = nest_trip_check(run, nest_trip_configure(run, &other, 1, &config));
	if (result)
		return result;
	err = nest_space_stage1(run->space)->bind(run->space, &run->vdev, &config, &s1);
	result = nest_trip_check(run, err);
	if (!result)
		result = nest_trip_expect(run, giova, page, "through the second table");
	if (!result)
		result = nest_trip_expect_blocked(run, gone, "mapped by the first table alone");
	if (s1 && !err) {
		err = nest_space_stage1(run->space)->unbind(s1);
		if (!result)
			result = nest_trip_check(run, err);
	}
	return result;
}

enum nest_leg_result nest_leg_switch(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_A),
		 gone = nest_trip_giova(run, NEST_TARGET_B);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A),
		 other = nest_trip_slot(run, NEST_TARGET_B);
	enum nest_leg_result result;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	if (nest_trip_is_per_pasid(run))
		return nest_trip_absent(run, "this ABI refuses a second table while one is bound");
	result = nest_trip_check(run, nest_trip_build_table(run));
	if (!result)
		result = nest_trip_check(run, nest_trip_bind(run, NULL));
	if (!result)
		result = nest_trip_point(run, giova, page, NEST_S1_RW);
	if (!result)
		result = nest_trip_point(run, gone, page, NEST_S1_RW);
	if (!result)
		result = nest_trip_arrive(run, giova, page, "through the first table");
	if (!result)
		result = nest_trip_arrive(run, gone, page, "through the first table");
	if (!result)
		result = use_other(run, giova, gone, other);
	if (run->s1) {
		int err = nest_space_stage1(run->space)->unbind(run->s1);

		run->s1 = NULL;
		if (!result)
			result = nest_trip_check(run, err);
	}
	if (!result && run->has & NEST_HAS_STIM)
		result = nest_trip_expect(run, giova, giova, "in the plain mapping after both");
	if (!result)
		nest_trip_evidence(run,
				   "the device was attached to a second table while translations "
				   "of the first were cached: GIOVA 0x%llx led to the second's "
				   "page, and 0x%llx nowhere",
				   (unsigned long long)giova, (unsigned long long)gone);
	return result;
}

/* Nothing is asked of the device any more. */
enum nest_leg_result nest_leg_quiet(struct nest_trip_run *run)
{
	struct nest_landing landing;
	enum nest_leg_result result;
	int err;

	nest_trip_save_tables(run);
	err = nest_kernel_sleep(run->ctx, QUIET_NS);
	if (err)
		return nest_trip_check(run, err);
	result = nest_trip_excuse(run);
	if (result)
		return result;
	nest_trip_look_around(run, &landing);
	if (run->stim.flying || landing.kind != NEST_NOWHERE)
		return nest_trip_fail(run, "the device was told to do nothing, but %s",
				      run->stim.flying ? "a transfer still runs"
						       : nest_trip_landing_text(run, &landing));
	nest_trip_drain_log(run);
	nest_trip_evidence(run,
			   "after the last transfer nothing in %zu KiB changed, and the device "
			   "reports that it is idle",
			   run->small.npages * 4);
	return NEST_LEG_PASSED;
}
