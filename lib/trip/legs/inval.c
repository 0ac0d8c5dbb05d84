// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changing the first stage under the device, and what invalidation is good for: that it is needed
 * is recorded, since hardware may forget by itself; that it is enough must hold.
 */
#include "trip/legs.h"

#include <errno.h>

#include "errnoname.h"

#define LOW_GIOVA   UINT64_C(0xa5a5000)
#define RANGE_PAGES 16

enum nest_leg_result nest_trip_is_old(struct nest_trip_run *run, uint64_t giova, uint64_t from,
				      uint64_t to, bool *ret_old)
{
	struct nest_landing landing;
	enum nest_leg_result result = nest_trip_write(run, giova, &landing);

	if (result)
		return result;
	if (landing.kind == NEST_ON_PAGE && (landing.gpa == from || landing.gpa == to)) {
		*ret_old = landing.gpa == from;
		return NEST_LEG_PASSED;
	}
	result = nest_trip_missed(run, &landing);
	if (result)
		return result;
	return nest_trip_fail(run,
			      "a write to 0x%llx must reach the old page or the new page, but %s",
			      (unsigned long long)giova, nest_trip_landing_text(run, &landing));
}

/*
 * Points giova at one page, uses it, so that it is cached, and points it at another by one store.
 */
static enum nest_leg_result change(struct nest_trip_run *run, uint64_t giova, uint64_t from,
				   uint64_t to)
{
	enum nest_leg_result result = nest_trip_point(run, giova, from, NEST_S1_RW);

	if (!result)
		result = nest_trip_expect(run, giova, from, "before the change");
	if (!result)
		result = nest_trip_check(run, nest_s1_replace(&run->table, giova, to, NEST_S1_RW));
	return result;
}

enum nest_leg_result nest_leg_remap(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_OLD);
	uint64_t from = nest_trip_slot(run, NEST_TARGET_OLD),
		 to = nest_trip_slot(run, NEST_TARGET_NEW);
	struct nest_s1_leaf leaf;
	enum nest_leg_result result;

	run->remap.giova = 0;
	result = change(run, giova, from, to);
	if (!result)
		result = nest_trip_check(run, nest_s1_lookup(&run->table, giova, &leaf));
	if (result)
		return result;
	run->remap.giova = giova;
	run->remap.from = from;
	run->remap.to = to;
	nest_trip_evidence(run,
			   "GIOVA 0x%llx was used with the page at 0x%llx, then its entry was "
			   "changed to 0x%llx in place, without an invalidation",
			   (unsigned long long)giova, (unsigned long long)from,
			   (unsigned long long)leaf.entry);
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_stale(struct nest_trip_run *run)
{
	enum nest_leg_result result;

	if (!run->remap.giova)
		return nest_trip_skip(run, "no entry was changed");
	result = nest_trip_is_old(run, run->remap.giova, run->remap.from, run->remap.to,
				  &run->remap.stale);
	if (result)
		return result;
	nest_trip_evidence(
		run, run->remap.stale
			     ? "the next write still reached the old page: a stale translation, "
			       "which is allowed"
			     : "the next write reached the new page at once: nothing was stale");
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_invalidate_calls(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_TIMING);
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	enum nest_leg_result result = nest_trip_invalidate(run, giova, 1, true);
	struct nest_s1_scope unaligned = nest_trip_scope_pages(giova + 8, 1, true);
	int err;

	if (!result)
		result = nest_trip_invalidate(run, giova, 1, false);
	if (!result)
		result = nest_trip_invalidate(run, giova & ~(RANGE_PAGES * run->page - 1),
					      RANGE_PAGES, true);
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (result)
		return result;
	nest_trip_try(run, NEST_PROP_REQUESTS);
	nest_trip_evidence(run,
			   "accepted: one page, with and without LEAF; %d pages; the whole domain",
			   RANGE_PAGES);
	if (stage1->forgives) {
		nest_trip_evidence(run,
				   "success proves nothing on this ABI: the kernel drops the "
				   "driver's answer, or the driver ignores what it does not know");
		return NEST_LEG_PASSED;
	}
	if (!run->s1->refuses_unaligned)
		return NEST_LEG_PASSED;
	err = stage1->invalidate(run->s1, &unaligned);
	if (err != -EINVAL)
		return nest_trip_fail(run,
				      "an address that is not 4 KiB aligned must be refused with "
				      "EINVAL, but the answer was %s",
				      err ? nest_errno_name(-err) : "success");
	nest_trip_evidence(run, "refused: an address that is not 4 KiB aligned (EINVAL)");
	return NEST_LEG_PASSED;
}

/* What an invalidation of some other page does for ours; only of interest while ours is stale. */
static enum nest_leg_result other_page(struct nest_trip_run *run, uint64_t giova, uint64_t from,
				       uint64_t to, bool *stale)
{
	enum nest_leg_result result =
		nest_trip_invalidate(run, nest_trip_giova(run, NEST_TARGET_TIMING), 1, true);

	if (!result)
		result = nest_trip_is_old(run, giova, from, to, stale);
	if (!result)
		nest_trip_evidence(
			run,
			*stale ? "invalidating another page did not help: this page was still stale"
			       : "invalidating another page updated this page, too: the hardware "
				 "drops more than requested");
	return result;
}

static void tell_need(struct nest_trip_run *run, bool stale)
{
	nest_trip_evidence(run, stale ? "needed: until then the old page was used"
				      : "could not show that the invalidation was needed: the new "
					"page was used before it");
}

/* An entry that was cached for reads alone must go as well. */
static enum nest_leg_result read_only(struct nest_trip_run *run, bool all)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_OLD);
	uint64_t from = nest_trip_slot(run, NEST_TARGET_OLD),
		 to = nest_trip_slot(run, NEST_TARGET_NEW);
	bool saw = true;
	enum nest_leg_result result;

	if (!(run->stim.can & NEST_STIM_READ))
		return NEST_LEG_PASSED;
	result = nest_trip_point(run, giova, from, NEST_S1_READ);
	if (!result)
		result = nest_trip_read(run, giova, from, &saw);
	if (!result)
		result =
			nest_trip_check(run, nest_s1_replace(&run->table, giova, to, NEST_S1_READ));
	if (!result && saw)
		result = all ? nest_trip_invalidate_all(run)
			     : nest_trip_invalidate(run, giova, 1, true);
	if (!result && saw)
		result = nest_trip_read(run, giova, to, &saw);
	if (result || saw)
		return result;
	return nest_trip_fail(run,
			      "a read from 0x%llx, which is mapped read-only, must return the page "
			      "that is mapped there, but did not",
			      (unsigned long long)giova);
}

/* An address below 256 MiB that is not in the window, should that be as low. */
static uint64_t low_giova(const struct nest_trip_run *run)
{
	uint64_t giova = LOW_GIOVA & ~(run->page - 1), window = nest_trip_window_size(run);
	uint64_t other = window > UINT64_C(1) << 26 ? window : UINT64_C(1) << 26;

	return (giova ^ run->small.gpa) / window ? giova : giova ^ other;
}

/* All other addresses are as high as the device drives; this one is below 256 MiB. */
static enum nest_leg_result low(struct nest_trip_run *run, bool all)
{
	uint64_t giova = low_giova(run);
	uint64_t from = nest_trip_slot(run, NEST_TARGET_A), to = nest_trip_slot(run, NEST_TARGET_B);
	size_t used = run->table.used;
	enum nest_leg_result result = nest_trip_point(run, giova, from, NEST_S1_RW);

	if (!result)
		result = nest_trip_arrive(run, giova, from, "at a low address");
	if (!result)
		result = change(run, giova, from, to);
	if (!result)
		result = all ? nest_trip_invalidate_all(run)
			     : nest_trip_invalidate(run, giova, 1, true);
	if (!result)
		result = nest_trip_expect(run, giova, to, "after a low address was invalidated");
	if (!result)
		result = nest_trip_clear(run, giova);
	nest_trip_forget_tables(run, used, &result);
	return result;
}

enum nest_leg_result nest_leg_invalidate_page(struct nest_trip_run *run)
{
	uint64_t giova = run->remap.giova, from = run->remap.from, to = run->remap.to;
	bool stale = run->remap.stale;
	enum nest_leg_result result = NEST_LEG_PASSED;

	if (run->table.format->cache_slots)
		return nest_leg_slots_page(run);
	if (!giova)
		return nest_trip_skip(run, "no entry was changed");
	if (stale)
		result = other_page(run, giova, from, to, &stale);
	if (!result)
		result = nest_trip_invalidate(run, giova, 1, true);
	if (!result)
		result = nest_trip_expect(run, giova, to, "after its page was invalidated");
	if (result)
		return result;
	tell_need(run, stale);
	nest_trip_evidence(run, "enough: after it a write reached the new page");

	/* The same by a range that has the page in it. */
	result = change(run, giova, to, from);
	if (!result)
		result = nest_trip_is_old(run, giova, to, from, &stale);
	if (!result)
		result = nest_trip_invalidate(run, giova & ~(RANGE_PAGES * run->page - 1),
					      RANGE_PAGES, true);
	if (!result)
		result = nest_trip_expect(run, giova, from,
					  "after a range with its page was invalidated");
	if (!result)
		nest_trip_evidence(run,
				   "invalidating a range of %d pages around it is enough, too%s",
				   RANGE_PAGES, stale ? " (stale before)" : "");
	if (!result)
		result = low(run, false);
	return result ? result : read_only(run, false);
}

enum nest_leg_result nest_leg_invalidate_domain(struct nest_trip_run *run)
{
	static const unsigned int old[] = { NEST_TARGET_OLD, NEST_TARGET_OLD2 };
	static const unsigned int new[] = { NEST_TARGET_NEW, NEST_TARGET_NEW2 };
	bool stale[2] = { false, false };
	size_t i;
	enum nest_leg_result result = NEST_LEG_PASSED;

	if (run->table.format->cache_slots)
		return nest_leg_slots_domain(run);
	/* Both are changed before either is looked at, since that invalidates in between. */
	for (i = 0; !result && i < 2; i++)
		result = change(run, nest_trip_giova(run, old[i]), nest_trip_slot(run, old[i]),
				nest_trip_slot(run, new[i]));
	for (i = 0; !result && i < 2; i++)
		result = nest_trip_is_old(run, nest_trip_giova(run, old[i]),
					  nest_trip_slot(run, old[i]), nest_trip_slot(run, new[i]),
					  &stale[i]);
	if (!result)
		result = nest_trip_invalidate_all(run);
	for (i = 0; !result && i < 2; i++)
		result = nest_trip_expect(run, nest_trip_giova(run, old[i]),
					  nest_trip_slot(run, new[i]),
					  "after the domain was invalidated");
	if (!result)
		result = low(run, true);
	if (!result)
		result = read_only(run, true);
	if (result)
		return result;
	tell_need(run, stale[0] && stale[1]);
	nest_trip_evidence(
		run, "enough: after it writes to both changed addresses reached the new pages");
	return NEST_LEG_PASSED;
}
