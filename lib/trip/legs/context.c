// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Invalidation where translations are told apart by an ASID, and a context descriptor leads to the
 * table: of one ASID, and of the descriptor. That it is needed is recorded, as in inval.c.
 */
#include "trip/legs.h"

#define OTHER_ASID 3 /* the descriptors of other legs have 1 and 2 */

static enum nest_leg_result send(struct nest_trip_run *run, const struct nest_s1_scope *scope)
{
	int err;

	nest_trip_clock_start(run);
	err = nest_space_stage1(run->space)->invalidate(run->s1, scope);
	nest_trip_clock_stop(run);
	return nest_trip_check(run, err);
}

static enum nest_leg_result invalidate(struct nest_trip_run *run, enum nest_s1_reach reach)
{
	const struct nest_s1_scope scope = { .reach = reach };

	return send(run, &scope);
}

/* Two addresses are used, and changed without an invalidation. */
static enum nest_leg_result change_both(struct nest_trip_run *run, const uint64_t *giova,
					uint64_t from, uint64_t to)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	for (i = 0; !result && i < 2; i++)
		result = nest_trip_point(run, giova[i], from, NEST_S1_RW);
	for (i = 0; !result && i < 2; i++)
		result = nest_trip_expect(run, giova[i], from, "before the change");
	for (i = 0; !result && i < 2; i++)
		result = nest_trip_check(run,
					 nest_s1_replace(&run->table, giova[i], to, NEST_S1_RW));
	return result;
}

/* Another ASID is invalidated: what the device uses may stay as it is. */
static enum nest_leg_result other_asid(struct nest_trip_run *run, uint64_t giova, uint64_t from,
				       uint64_t to, bool *ret_stale)
{
	uint32_t own = run->s1->config.asid;
	enum nest_leg_result result;

	run->s1->config.asid = OTHER_ASID;
	result = invalidate(run, NEST_S1_PASID);
	run->s1->config.asid = own;
	return result ? result : nest_trip_is_old(run, giova, from, to, ret_stale);
}

enum nest_leg_result nest_leg_invalidate_asid(struct nest_trip_run *run)
{
	const uint64_t giova[] = { nest_trip_giova(run, NEST_TARGET_A),
				   nest_trip_giova(run, NEST_TARGET_B) };
	uint64_t from = nest_trip_slot(run, NEST_TARGET_A), to = nest_trip_slot(run, NEST_TARGET_B);
	bool stale = false, after_other = false;
	unsigned int i;
	enum nest_leg_result result = change_both(run, giova, from, to);

	if (!result)
		result = nest_trip_is_old(run, giova[0], from, to, &stale);
	if (!result && stale)
		result = other_asid(run, giova[0], from, to, &after_other);
	if (!result)
		result = invalidate(run, NEST_S1_PASID);
	for (i = 0; !result && i < 2; i++)
		result = nest_trip_expect(run, giova[i], to, "after its ASID was invalidated");
	for (i = 0; !result && i < 2; i++)
		result = nest_trip_clear(run, giova[i]);
	if (result)
		return result;
	nest_trip_evidence(run, stale ? "needed: until then the old page was used"
				      : "could not show that the invalidation was needed: the new "
					"page was used before it");
	if (stale)
		nest_trip_evidence(run, after_other ? "invalidating another ASID did not help"
						    : "invalidating another ASID helped, too: the "
						      "hardware drops more than requested");
	nest_trip_evidence(run,
			   "enough: after ASID %u was invalidated, writes to both changed "
			   "addresses reached the new page",
			   run->s1->config.asid);
	return NEST_LEG_PASSED;
}

/* ---- the descriptor ---- */

/* What a write shows after the descriptor was changed and before anything is invalidated. */
static enum nest_leg_result look(struct nest_trip_run *run, uint64_t giova, uint64_t from,
				 uint64_t to, const char *when)
{
	bool stale = false;
	enum nest_leg_result result = nest_trip_is_old(run, giova, from, to, &stale);

	if (!result)
		nest_trip_evidence(run, "%s: %s", when,
				   stale ? "the old table was used, so an invalidation is needed"
					 : "the new table was used at once");
	return result;
}

/* Another table and another ASID: nothing that is cached of the old one may serve. */
static enum nest_leg_result new_asid(struct nest_trip_run *run, const struct nest_s1_table *other,
				     uint64_t giova, uint64_t from, uint64_t to)
{
	enum nest_leg_result result =
		nest_trip_check(run, nest_trip_describe_table(run, other, 0, OTHER_ASID));

	if (!result)
		result = look(run, giova, from, to, "descriptor changed to another ASID");
	if (!result)
		result = invalidate(run, NEST_S1_DESCRIPTOR);
	if (!result)
		result = nest_trip_expect(run, giova, to,
					  "after CFGI_CD of a descriptor with another ASID");
	/* And back. What is cached of the first ASID is still good. */
	if (!result)
		result = nest_trip_check(
			run, nest_trip_describe_table(run, &run->table, 0, run->s1->config.asid));
	if (!result)
		result = invalidate(run, NEST_S1_DESCRIPTOR);
	return result ? result
		      : nest_trip_expect(run, giova, from, "after CFGI_CD of the first descriptor");
}

/* Another table by the same ASID: what is cached must go as well. */
static enum nest_leg_result same_asid(struct nest_trip_run *run, const struct nest_s1_table *other,
				      uint64_t giova, uint64_t from, uint64_t to)
{
	enum nest_leg_result result =
		nest_trip_check(run, nest_trip_describe_table(run, other, 0, run->s1->config.asid));

	if (!result)
		result = invalidate(run, NEST_S1_DESCRIPTOR);
	if (!result)
		result = look(run, giova, from, to, "after CFGI_CD alone, with the same ASID");
	if (!result)
		result = invalidate(run, NEST_S1_PASID);
	return result ? result : nest_trip_expect(run, giova, to, "after CFGI_CD and TLBI_NH_ASID");
}

/* The descriptor of the run's own table, whatever was tried. */
static enum nest_leg_result restore(struct nest_trip_run *run)
{
	enum nest_leg_result result = nest_trip_check(
		run, nest_trip_describe_table(run, &run->table, 0, run->s1->config.asid));

	if (!result)
		result = invalidate(run, NEST_S1_CONTEXT);
	return result ? result : nest_trip_invalidate_all(run);
}

enum nest_leg_result nest_leg_invalidate_context(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_C);
	uint64_t from = nest_trip_slot(run, NEST_TARGET_C), to = nest_trip_slot(run, NEST_TARGET_D);
	struct nest_s1_table other;
	enum nest_leg_result result = nest_trip_check(
				     run, nest_trip_build_other(run, &other, giova, to)),
			     back;

	if (!result)
		result = nest_trip_point(run, giova, from, NEST_S1_RW);
	if (!result)
		result = nest_trip_expect(run, giova, from, "through the first table");
	if (result)
		return result;
	result = new_asid(run, &other, giova, from, to);
	if (!result)
		result = same_asid(run, &other, giova, from, to);
	back = restore(run);
	if (!result)
		result = back;
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		nest_trip_evidence(run,
				   "enough: CFGI_CD for a descriptor with another ASID; CFGI_CD "
				   "and TLBI_NH_ASID for one with the same");
	return result;
}

/* ---- other commands that do the same, as a guest may send them ---- */

static enum nest_leg_result by_variant(struct nest_trip_run *run, enum nest_s1_reach reach,
				       unsigned int variant, const char *name)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_A);
	uint64_t from = nest_trip_slot(run, NEST_TARGET_A), to = nest_trip_slot(run, NEST_TARGET_B);
	const struct nest_s1_scope scope = { reach, giova, 1, reach == NEST_S1_PAGE, variant };
	bool stale = false;
	enum nest_leg_result result = nest_trip_point(run, giova, from, NEST_S1_RW);

	nest_trip_try(run, reach == NEST_S1_PAGE ? NEST_PROP_INVALIDATE_PAGE
						 : NEST_PROP_INVALIDATE_DOMAIN);
	if (!result)
		result = nest_trip_expect(run, giova, from, "before the change");
	if (!result)
		result = nest_trip_check(run, nest_s1_replace(&run->table, giova, to, NEST_S1_RW));
	if (!result)
		result = nest_trip_is_old(run, giova, from, to, &stale);
	if (!result)
		result = send(run, &scope);
	if (!result)
		result = nest_trip_expect(run, giova, to, name);
	if (!result)
		nest_trip_evidence(run, "%s: enough%s", name, stale ? ", and needed" : "");
	return result ? result : nest_trip_clear(run, giova);
}

/* A descriptor with another table and ASID, and back. */
static enum nest_leg_result all_descriptors(struct nest_trip_run *run)
{
	const struct nest_s1_scope scope = { .reach = NEST_S1_DESCRIPTOR, .variant = 1 };
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_C),
		 to = nest_trip_slot(run, NEST_TARGET_D);
	struct nest_s1_table other;
	enum nest_leg_result result = nest_trip_check(
				     run, nest_trip_build_other(run, &other, giova, to)),
			     back;

	nest_trip_try(run, NEST_PROP_INVALIDATE_DOMAIN);
	if (!result)
		result = nest_trip_check(run, nest_trip_describe_table(run, &other, 0, OTHER_ASID));
	if (!result)
		result = send(run, &scope);
	if (!result)
		result = nest_trip_expect(run, giova, to, "after CFGI_CD_ALL");
	back = restore(run);
	if (!result)
		result = back;
	if (!result)
		nest_trip_evidence(run, "CFGI_CD_ALL: enough for a descriptor with another ASID");
	return result;
}

enum nest_leg_result nest_leg_invalidate_commands(struct nest_trip_run *run)
{
	enum nest_leg_result result =
		by_variant(run, NEST_S1_PAGE, 1, "TLBI_NH_VAA, a page of any ASID");

	if (!result && run->s1->config.ranges)
		result = by_variant(run, NEST_S1_PAGE, 2,
				    "TLBI_NH_VA with hints about granule and level");
	if (!result)
		result = by_variant(run, NEST_S1_ALL, 1, "TLBI_NSNH_ALL");
	return result ? result : all_descriptors(run);
}
