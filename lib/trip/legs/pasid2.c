// SPDX-License-Identifier: GPL-2.0-or-later
/* A second PASID of the same device: each has its own table and what is cached of it. */
#include "trip/legs.h"

struct pair {
	uint32_t pasid, other;
	uint64_t giova;
	struct nest_s1_table table; /* of the other */
	struct nest_s1 *s1;
};

static enum nest_leg_result lands(struct nest_trip_run *run, const struct pair *pair, bool other,
				  unsigned int slot, const char *what)
{
	enum nest_leg_result result = nest_trip_tag(run, other ? pair->other : pair->pasid);

	return result ? result
		      : nest_trip_arrive(run, pair->giova, nest_trip_slot(run, slot), what);
}

static enum nest_leg_result bind_other(struct nest_trip_run *run, struct pair *pair)
{
	struct nest_s1_config config = { .format = run->table.format,
					 .have_pasid = true,
					 .pasid = pair->other,
					 .beside = true };
	int err = nest_trip_build_other(run, &pair->table, pair->giova,
					nest_trip_slot(run, NEST_TARGET_B));

	config.table = pair->table.ipa;
	if (!err)
		err = nest_space_stage1(run->space)
			      ->bind(run->space, &run->vdev, &config, &pair->s1);
	return nest_trip_check(run, err);
}

/* The entry of one changes; the other's stays cached, or is walked again. */
static enum nest_leg_result change_other(struct nest_trip_run *run, struct pair *pair)
{
	struct nest_s1_scope page = nest_trip_scope_pages(pair->giova, 1, true);
	int err = nest_s1_replace(&pair->table, pair->giova, nest_trip_slot(run, NEST_TARGET_C),
				  NEST_S1_RW);
	enum nest_leg_result result;

	if (!err)
		err = nest_space_stage1(run->space)->invalidate(pair->s1, &page);
	result = nest_trip_check(run, err);
	if (!result)
		result = lands(run, pair, true, NEST_TARGET_C, "after its entry was changed");
	return result ? result
		      : lands(run, pair, false, NEST_TARGET_A,
			      "after the entry of the other PASID was changed");
}

static enum nest_leg_result unbind_other(struct nest_trip_run *run, struct pair *pair)
{
	enum nest_leg_result result = lands(run, pair, true, NEST_TARGET_C, "before the unbind");

	struct nest_s1 *s1 = pair->s1;

	if (result)
		return result;
	/* What is left of it after a failure belongs to the undo stack: it is not tried again. */
	pair->s1 = NULL;
	result = nest_trip_check(run, nest_space_stage1(run->space)->unbind(s1));
	if (result)
		return result;
	nest_trip_try(run, NEST_PROP_PASID_UNBIND);
	nest_trip_provoked_all(run);
	result = nest_trip_expect_blocked(run, pair->giova, "with the PASID that was unbound");
	return result ? result
		      : lands(run, pair, false, NEST_TARGET_A, "after the other was unbound");
}

/*
 * It differs in the highest bit, so that a directory of PASIDs has an entry of its own for it. 0 is
 * what the device sends without a PASID.
 */
static uint32_t other_than(uint32_t pasid, unsigned int bits)
{
	uint32_t other = bits ? pasid ^ UINT32_C(1) << (bits - 1) : 0;

	return other ? other : pasid ^ 1;
}

enum nest_leg_result nest_leg_pasid_two(struct nest_trip_run *run)
{
	uint32_t pasid = run->options->pasid;
	struct pair pair = { .pasid = pasid,
			     .other = other_than(pasid, run->caps.hw.max_pasid_log2),
			     .giova = nest_trip_giova(run, NEST_TARGET_A) };
	enum nest_leg_result result, tagged;

	if (run->caps.hw.max_pasid_log2 < 2)
		return nest_trip_absent(run, "the kernel does not tell that there are two PASIDs");
	result = bind_other(run, &pair);
	if (!result)
		result = nest_trip_point(run, pair.giova, nest_trip_slot(run, NEST_TARGET_A),
					 NEST_S1_RW);
	if (!result)
		result = lands(run, &pair, false, NEST_TARGET_A, "with the first PASID");
	if (!result)
		result = lands(run, &pair, true, NEST_TARGET_B, "with the second PASID");
	if (!result)
		result = lands(run, &pair, false, NEST_TARGET_A, "with the first PASID again");
	if (!result)
		result = change_other(run, &pair);
	if (!result)
		result = unbind_other(run, &pair);
	if (pair.s1) {
		int err = nest_space_stage1(run->space)->unbind(pair.s1);

		result = result ? result : nest_trip_check(run, err);
	}
	tagged = run->stim.broken ? NEST_LEG_PASSED : nest_trip_tag(run, pasid);
	if (!result)
		result = tagged;
	if (!result)
		nest_trip_evidence(run,
				   "GIOVA 0x%llx led PASIDs 0x%x and 0x%x each through its own "
				   "table to its own page; a change and an unbind of one did not "
				   "change the other",
				   (unsigned long long)pair.giova, pair.pasid, pair.other);
	return result;
}
