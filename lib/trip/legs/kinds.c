// SPDX-License-Identifier: GPL-2.0-or-later
/* What an entry forbids is recorded, whatever the reason is. */
#include "trip/legs.h"

static enum nest_leg_result recorded(struct nest_trip_run *run, uint64_t giova, unsigned int reason)
{
	enum nest_leg_result result =
		nest_trip_blocked_and_seen(run, giova, true, nest_trip_record_of(run), reason);

	nest_trip_try(run, NEST_PROP_FAULT_KINDS);
	return result;
}

/* One page with fewer rights than a write needs. */
static enum nest_leg_result without_right(struct nest_trip_run *run, unsigned int rights,
					  unsigned int reason)
{
	uint64_t giova = nest_trip_far(run);
	enum nest_leg_result result =
		nest_trip_point(run, giova, nest_trip_slot(run, NEST_TARGET_A), rights);

	if (!result)
		result = recorded(run, giova, reason);
	return result ? result : nest_trip_clear(run, giova);
}

static enum nest_leg_result reserved(struct nest_trip_run *run)
{
	const struct nest_s1_format *format = run->table.format;
	uint64_t giova = nest_trip_private(run, 2, 1) & ~(format->large_page - 1);
	uint64_t base = run->small.gpa & ~(format->large_page - 1), spoilt;
	enum nest_leg_result result = nest_trip_check(
		run, nest_s1_map(&run->table, giova, base, format->large_page, NEST_S1_RW));

	if (!result)
		result = nest_trip_spoil(run, giova, &spoilt);
	if (!result)
		result = recorded(run, giova, NEST_REASON_FIRST_RESERVED);
	nest_s1_put(&run->table, giova, 2, 0);
	return result ? result : nest_trip_invalidate_all(run);
}

/* One page whose entry lacks the flag that it was accessed. */
static enum nest_leg_result unmarked(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_far(run), entry, ipa;
	enum nest_leg_result result =
		nest_trip_point(run, giova, nest_trip_slot(run, NEST_TARGET_A), NEST_S1_RW);

	if (!result)
		result = nest_trip_check(run, nest_s1_at(&run->table, giova, 1, &entry, &ipa));
	if (!result)
		result =
			nest_trip_check(run, nest_s1_put(&run->table, giova, 1,
							 run->table.format->unmarked_entry(entry)));
	if (!result)
		result = nest_trip_invalidate(run, giova, 1, true);
	if (!result)
		result = recorded(run, giova, NEST_REASON_UNMARKED);
	return result ? result : nest_trip_clear(run, giova);
}

/* Only what the device sends can be refused for it. */
static enum nest_leg_result not_canonical(struct nest_trip_run *run)
{
	uint64_t bit = UINT64_C(1) << (run->table.format->input_bits - 1);

	return run->drives_sign ? recorded(run, nest_trip_far(run) | bit, NEST_REASON_NOT_CANONICAL)
				: NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_fault_kinds(struct nest_trip_run *run)
{
	size_t used = run->table.used;
	enum nest_leg_result result;

	result = without_right(run, NEST_S1_READ, NEST_REASON_WRITE);
	if (!result && run->table.format->unmarked_entry)
		result = unmarked(run);
	/* Where Linux uses no such right, whether it counts is looked at by another leg. */
	if (!result && !run->table.format->spare_rights)
		result =
			without_right(run, NEST_S1_RW | NEST_S1_PRIVILEGED, NEST_REASON_PRIVILEGED);
	if (!result && run->table.format->spoilt_entry)
		result = reserved(run);
	if (!result)
		result = not_canonical(run);
	nest_trip_forget_tables(run, used, &result);
	return result;
}
