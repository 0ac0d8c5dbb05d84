// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A table is replaced, without a detach, by what needs none: by one that blocks all DMA, by one
 * that bypasses the first stage, and by the second stage alone.
 */
#include "trip/legs.h"

/* The first table is bound, and two of its addresses are cached. */
static enum nest_leg_result bind_first(struct nest_trip_run *run, uint64_t giova, uint64_t page)
{
	enum nest_leg_result result = nest_trip_check(run, nest_trip_build_table(run));

	if (!result)
		result = nest_trip_check(run, nest_trip_bind(run, NULL));
	if (!result)
		result = nest_trip_point(run, giova, page, NEST_S1_RW);
	return result ? result : nest_trip_arrive(run, giova, page, "through the first table");
}

static enum nest_leg_result unbind(struct nest_trip_run *run, struct nest_s1 **s1)
{
	int err = *s1 ? nest_space_stage1(run->space)->unbind(*s1) : 0;

	*s1 = NULL;
	return nest_trip_check(run, err);
}

/* The whole of a leg: what stands in for the table, and what is looked at then. */
static enum nest_leg_result replace(struct nest_trip_run *run, enum nest_s1_kind kind,
				    enum nest_leg_result (*look)(struct nest_trip_run *run,
								 uint64_t giova, uint64_t page))
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_A),
		 page = nest_trip_slot(run, NEST_TARGET_A);
	struct nest_s1_config config = { .format = run->caps.s1_format, .kind = kind };
	struct nest_s1 *second = NULL;
	enum nest_leg_result result, back;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	result = bind_first(run, giova, page);
	if (!result)
		result = nest_trip_check(run,
					 nest_space_stage1(run->space)
						 ->bind(run->space, &run->vdev, &config, &second));
	if (!result)
		result = look(run, giova, page);
	back = unbind(run, &second);
	if (!result)
		result = back;
	back = unbind(run, &run->s1);
	if (!result)
		result = back;
	return result ? result : nest_trip_expect(run, giova, giova, "in the plain mapping again");
}

/* Reads, too: a write may be lost where no memory is. */
static enum nest_leg_result nothing(struct nest_trip_run *run, uint64_t iova, const char *what)
{
	enum nest_leg_result result;

	nest_trip_provoked_all(run);
	result = nest_trip_expect_blocked(run, iova, what);
	if (!result && run->stim.can & NEST_STIM_READ)
		result = nest_trip_expect_read_blocked(run, iova, what);
	return result;
}

static enum nest_leg_result all_blocked(struct nest_trip_run *run, uint64_t giova, uint64_t page)
{
	enum nest_leg_result result =
		nothing(run, giova, "mapped by the table before, which is replaced by a block");

	if (!result)
		result = nothing(run, page,
				 "mapped by the second stage, in front of which is a block");
	if (!result)
		nest_trip_evidence(run,
				   "a table that blocks replaced one in use: DMA to 0x%llx and "
				   "0x%llx reached no memory",
				   (unsigned long long)giova, (unsigned long long)page);
	return result;
}

/* A controller that cannot reach its commands any more may stop for good. */
enum nest_leg_result nest_leg_replace_block(struct nest_trip_run *run)
{
	if (run->nests && run->stim.can & NEST_STIM_DESCRIPTORS)
		return nest_trip_absent(
			run, "%s reads its commands from memory, and a block stops that, too",
			run->ops->name);
	return replace(run, NEST_S1_BLOCK, all_blocked);
}

static enum nest_leg_result second_stage(struct nest_trip_run *run, uint64_t giova, uint64_t page)
{
	uint64_t outside = nest_trip_flat(run, NEST_FLAT_OUTSIDE);
	enum nest_leg_result result = nest_trip_expect(
		run, giova, giova, "through the second stage alone, at a former GIOVA");

	if (!result)
		result = nest_trip_expect(run, page, page, "through the second stage alone");
	if (!result)
		result = nest_trip_expect_blocked(run, outside, "not mapped by the second stage");
	if (!result)
		nest_trip_evidence(run,
				   "0x%llx led to its guest-physical page at once, and 0x%llx, "
				   "which the second stage does not map, nowhere",
				   (unsigned long long)giova, (unsigned long long)outside);
	return result;
}

enum nest_leg_result nest_leg_replace_bypass(struct nest_trip_run *run)
{
	return replace(run, NEST_S1_BYPASS, second_stage);
}

enum nest_leg_result nest_leg_replace_parent(struct nest_trip_run *run)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_A),
		 page = nest_trip_slot(run, NEST_TARGET_A);
	enum nest_leg_result result, back;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	result = bind_first(run, giova, page);
	if (!result)
		result = nest_trip_check(run, stage1->alone(run->space, &run->vdev, true));
	if (!result)
		result = second_stage(run, giova, page);
	if (!result)
		result = nest_trip_check(run, stage1->alone(run->space, &run->vdev, false));
	back = unbind(run, &run->s1);
	if (!result)
		result = back;
	return result ? result : nest_trip_expect(run, giova, giova, "in the plain mapping again");
}
