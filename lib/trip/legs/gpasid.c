// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What only the out-of-tree ABIs have: PASIDs from the kernel, refusals of a bind, invalidations
 * that succeed and do nothing, and a ring of faults.
 */
#include "plural.h"
#include "trip/run.h"
#include "trip/legs.h"

#include <errno.h>
#include <fcntl.h>

#include "backend/abi2020/gpasid.h"
#include "errnoname.h"
#include "backend/abi2020/faultring.h"
#include "uapi/gpasid.h"
#include "uapi/nesting.h"
#include "util.h"

#define PASID_MIN 1u
#define PASID_MAX 255u	/* what a unit with eight bits takes; who has more can spare them */
#define QUOTA	  1000u /* of a process, until it asks for another (RFC v3) */

static const char *errno_or_taken(int err)
{
	return err < 0 ? nest_errno_name(-err) : "accepted";
}

/* ---- PASIDs ---- */

/* The quota of this process, down to what it has, and back. */
static enum nest_leg_result quota(struct nest_trip_run *run)
{
	int less, none, over, back;

	less = nest_gpasid_try_quota(run->space, 1);
	if (less < 0)
		return nest_trip_check(run, less);
	none = nest_gpasid_try_alloc(run->space, PASID_MIN, PASID_MAX);
	over = nest_gpasid_try_quota(run->space, 0);
	back = nest_gpasid_try_quota(run->space, QUOTA);
	if (none >= 0) {
		nest_gpasid_try_free(run->space, (uint32_t)none);
		return nest_trip_fail(
			run,
			"with a quota of 1 and one PASID in use, the kernel allocated another");
	}
	if (back < 0)
		return nest_trip_check(run, back);
	nest_trip_evidence(run,
			   "a quota of 1 is enforced: the next PASID is refused (%s); a quota "
			   "below the PASIDs in use: %s; then %u again",
			   nest_errno_name(-none), errno_or_taken(over), QUOTA);
	return NEST_LEG_PASSED;
}

/* v8's node may be open once in a process. */
static enum nest_leg_result second_open(struct nest_trip_run *run)
{
	int fd = nest_kernel_open(run->ctx, IOASID_NODE, O_RDWR);

	if (fd == -EINTR)
		return nest_trip_check(run, fd);
	nest_trip_evidence(run, "%s, opened a second time: %s", IOASID_NODE, errno_or_taken(fd));
	return nest_trip_check(run, nest_kernel_close(run->ctx, fd));
}

/* Takes another PASID and gives it back twice. */
static enum nest_leg_result give_back_twice(struct nest_trip_run *run)
{
	int other = nest_gpasid_try_alloc(run->space, PASID_MIN, PASID_MAX), first, second;

	if (other < 0)
		return nest_trip_check(run, other);
	if ((uint32_t)other == run->pasid)
		return nest_trip_fail(run, "the kernel allocated PASID 0x%x twice", run->pasid);
	first = nest_gpasid_try_free(run->space, (uint32_t)other);
	if (first < 0)
		return nest_trip_check(run, first);
	second = nest_gpasid_try_free(run->space, (uint32_t)other);
	nest_trip_evidence(run, "PASID 0x%x, a second one, was freed; freed again: %s", other,
			   errno_or_taken(second));
	return NEST_LEG_PASSED;
}

static enum nest_leg_result exhaust(struct nest_trip_run *run)
{
	int again = nest_gpasid_try_alloc(run->space, run->pasid, run->pasid), wrong;

	if (again >= 0)
		return nest_trip_fail(run, "the kernel allocated PASID 0x%x twice", run->pasid);
	wrong = nest_gpasid_try_alloc(run->space, PASID_MAX, PASID_MIN);
	if (wrong >= 0)
		return nest_trip_fail(
			run,
			"the kernel allocated a PASID from a range that ends before it starts");
	nest_trip_evidence(run,
			   "allocating the only PASID of a range twice is refused (%s), and so is "
			   "a range that ends before it starts (%s)",
			   nest_errno_name(-again), nest_errno_name(-wrong));
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_pasid_alloc(struct nest_trip_run *run)
{
	const struct nest_rev *rev = &nest_revs[nest_gpasid_of(run->space)->rev];
	enum nest_leg_result result;
	int err;

	nest_trip_clock_start(run);
	err = nest_space_stage1(run->space)
		      ->pasid_alloc(run->space, PASID_MIN, PASID_MAX, &run->pasid);
	nest_trip_clock_stop(run);
	if (err)
		return nest_trip_check(run, err);
	nest_trip_evidence(run, "the kernel allocated PASID 0x%x from the range %u to %u",
			   run->pasid, PASID_MIN, PASID_MAX);
	result = exhaust(run);
	if (!result)
		result = give_back_twice(run);
	if (!result && rev->n[NEST_OP_PASID_QUOTA])
		result = quota(run);
	if (!result && rev->pasids == NEST_PASIDS_IOASID)
		result = second_open(run);
	return result;
}

/* ---- how a bind is refused ---- */

static enum nest_leg_result must_refuse(struct nest_trip_run *run, const char *what,
					const struct nest_gpasid_try *it)
{
	int err = nest_gpasid_try_bind(run->space, it);

	if (err >= 0) {
		nest_gpasid_try_unbind(run->space, it->pasid);
		return nest_trip_fail(run, "a bind with %s was accepted", what);
	}
	nest_trip_evidence(run, "refused: %s (%s)", what, nest_errno_name(-err));
	return NEST_LEG_PASSED;
}

/* Bound once more while it is bound; and unbound once more than it was. */
static enum nest_leg_result twice(struct nest_trip_run *run, const struct nest_gpasid_try *good)
{
	int err = nest_gpasid_try_bind(run->space, good), again, gone;

	if (err < 0)
		return nest_trip_check(run, err);
	again = nest_gpasid_try_bind(run->space, good);
	gone = nest_gpasid_try_unbind(run->space, good->pasid);
	if (again >= 0)
		return nest_trip_fail(run, "PASID 0x%x could be bound twice", good->pasid);
	nest_trip_evidence(run, "a second bind: %s; the unbind after it: %s",
			   nest_errno_name(-again), errno_or_taken(gone));
	gone = nest_gpasid_try_unbind(run->space, good->pasid);
	nest_trip_evidence(run, "an unbind without a bind: %s", errno_or_taken(gone));
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_bind_refusals(struct nest_trip_run *run)
{
	const struct nest_gpasid_try good = nest_gpasid_try_good(run->pasid, run->table.ipa);
	char layout = nest_revs[nest_gpasid_of(run->space)->rev].layout;
	struct nest_gpasid_try it;
	enum nest_leg_result result;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	result = twice(run, &good);
	it = good;
	it.format = 2;
	if (!result)
		result = must_refuse(run, "a table of another format", &it);
	it = good;
	it.flags = UINT64_C(1) << 40;
	if (!result)
		result = must_refuse(run, "an unknown flag", &it);
	it = good;
	it.pasid = 0;
	if (!result)
		result = must_refuse(run, "PASID 0", &it);
	it.pasid = run->pasid == PASID_MAX ? PASID_MAX - 1 : PASID_MAX;
	if (!result)
		result = must_refuse(run, "a PASID that is not allocated", &it);
	if (!result && layout == 'A')
		nest_trip_evidence(run, "not tried: another version, which these kernels use as an "
					"array index without a check");
	it = good;
	it.version = 2;
	if (!result && layout != 'A')
		result = must_refuse(run, "another version", &it);
	it = good;
	it.short_argsz = true;
	if (!result && layout != 'A')
		result = must_refuse(run, "an argsz that ends before the table's attributes", &it);
	return result;
}

/* ---- caches and granularities ---- */

static const struct pair {
	const char *cache, *granularity;
	unsigned int c, g;
	bool enough; /* it must help if it is taken: what drivers of guests rely on */
} pairs[] = {
	{ "IOTLB", "domain", IOMMU_CACHE_INV_TYPE_IOTLB, IOMMU_INV_GRANU_DOMAIN, false },
	{ "IOTLB", "PASID", IOMMU_CACHE_INV_TYPE_IOTLB, IOMMU_INV_GRANU_PASID, true },
	{ "IOTLB", "address", IOMMU_CACHE_INV_TYPE_IOTLB, IOMMU_INV_GRANU_ADDR, true },
	{ "device IOTLB", "domain", IOMMU_CACHE_INV_TYPE_DEV_IOTLB, IOMMU_INV_GRANU_DOMAIN, false },
	{ "device IOTLB", "PASID", IOMMU_CACHE_INV_TYPE_DEV_IOTLB, IOMMU_INV_GRANU_PASID, false },
	{ "device IOTLB", "address", IOMMU_CACHE_INV_TYPE_DEV_IOTLB, IOMMU_INV_GRANU_ADDR, false },
	{ "PASID cache", "domain", IOMMU_CACHE_INV_TYPE_PASID, IOMMU_INV_GRANU_DOMAIN, false },
	{ "PASID cache", "PASID", IOMMU_CACHE_INV_TYPE_PASID, IOMMU_INV_GRANU_PASID, false },
	{ "PASID cache", "address", IOMMU_CACHE_INV_TYPE_PASID, IOMMU_INV_GRANU_ADDR, false },
};

static enum nest_leg_result try_pair(struct nest_trip_run *run, const struct pair *pair)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_OLD);
	uint64_t from = nest_trip_slot(run, NEST_TARGET_OLD),
		 to = nest_trip_slot(run, NEST_TARGET_NEW);
	bool before = false, after = false;
	enum nest_leg_result result = nest_trip_point(run, giova, from, NEST_S1_RW);
	int answer;

	if (!result)
		result = nest_trip_expect(run, giova, from, "before the change");
	if (!result)
		result = nest_trip_check(run, nest_s1_replace(&run->table, giova, to, NEST_S1_RW));
	if (!result)
		result = nest_trip_is_old(run, giova, from, to, &before);
	if (result)
		return result;
	answer = nest_gpasid_try_invalidate(run->space, pair->c, pair->g, run->pasid, giova, 1,
					    true);
	if (answer < 0) {
		nest_trip_evidence(run, "%s by %s: refused (%s)", pair->cache, pair->granularity,
				   nest_errno_name(-answer));
		return answer == -EINTR ? nest_trip_check(run, answer) : NEST_LEG_PASSED;
	}
	result = nest_trip_is_old(run, giova, from, to, &after);
	if (result)
		return result;
	if (after && pair->enough)
		return nest_trip_fail(run, "%s by %s succeeded, but the old page was still used",
				      pair->cache, pair->granularity);
	nest_trip_evidence(run, "%s by %s: success, %s", pair->cache, pair->granularity,
			   after    ? "but nothing was invalidated: the old page was still used"
			   : before ? "and the new page was used"
				    : "but no effect could be shown: nothing was stale");
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_invalidate_pairs(struct nest_trip_run *run)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	size_t i;

	for (i = 0; !result && i < ARRAY_SIZE(pairs); i++)
		result = try_pair(run, &pairs[i]);
	return result ? result : nest_trip_invalidate_all(run);
}

/* ---- the ring ---- */

#define AT_ONCE	  4u
#define GROUPS	  512u
#define SETTLE_NS UINT64_C(200000000)
#define WAIT_MS	  1000

/* Sends n requests for the page, in groups from first on. */
static enum nest_leg_result send_requests(struct nest_trip_run *run, uint64_t giova,
					  unsigned int first, unsigned int n)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < n; i++) {
		struct nest_stim_request request = { .iova = giova,
						     .write = true,
						     .last = true,
						     .group = (uint16_t)((first + i) % GROUPS) };

		err = nest_stim_page_request(&run->stim, &request);
	}
	return nest_trip_check_stim(run, err);
}

/*
 * Sends requests of one page each, n of them, before any is read; then takes and denies them in
 * their order.
 */
static enum nest_leg_result burst(struct nest_trip_run *run, uint64_t giova, unsigned int first,
				  unsigned int n)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct nest_s1_fault got[AT_ONCE];
	unsigned int i;
	size_t count, taken = 0;
	enum nest_leg_result result = send_requests(run, giova, first, n);
	int err = 0;

	while (!result && !err && taken < n) {
		err = stage1->faults(run->s1, WAIT_MS, got, n - taken, &count);
		if (!err && !count)
			return nest_trip_fail(run, "%u requests sent: only %zu arrived in the ring",
					      n, taken);
		for (i = 0; !err && i < count; i++, taken++) {
			if (got[i].addr != giova || got[i].group != (first + taken) % GROUPS)
				return nest_trip_fail(
					run,
					"request %u is in the ring as one for 0x%llx in group %u",
					first + (unsigned int)taken,
					(unsigned long long)got[i].addr, got[i].group);
			err = stage1->respond(run->s1, got[i].cookie, false);
		}
	}
	return result ? result : nest_trip_check(run, err);
}

/*
 * More requests than the ring has room for, none of them read: the last one must be denied and not
 * be lost, and the others must all be there. A group is told by nine bits, so rings of more entries
 * cannot be filled.
 */
static enum nest_leg_result overflow(struct nest_trip_run *run, uint64_t giova,
				     const struct nest_faultring *ring)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct nest_stim_response before, after;
	struct nest_s1_fault got[AT_ONCE];
	uint32_t taken = 0, size = ring->nb_entries;
	size_t count = 1, j;
	enum nest_leg_result result;
	int err = nest_stim_page_response(&run->stim, &before);

	if (size > GROUPS)
		return NEST_LEG_PASSED;
	result = nest_trip_check_stim(run, err);
	if (!result)
		result = send_requests(run, giova, 0, size);
	/* The kernel takes its time to pass them on; and who reads too early makes room. */
	if (!result)
		result = nest_trip_check(run, nest_kernel_sleep(run->ctx, SETTLE_NS));
	if (!result)
		result = nest_trip_check_stim(run, nest_stim_page_response(&run->stim, &after));
	if (result)
		return result;
	while (!err && count) {
		err = stage1->faults(run->s1, 0, got, AT_ONCE, &count);
		for (j = 0; !err && j < count; j++, taken++)
			err = stage1->respond(run->s1, got[j].cookie, false);
	}
	if (err)
		return nest_trip_check(run, err);
	if (taken != size - 1 || after.count - before.count != 1)
		return nest_trip_fail(
			run, "%u requests sent and none read: %u were queued and %u denied; %u fit",
			size, taken, after.count - before.count, size - 1);
	nest_trip_evidence(run,
			   "%u requests sent and none read: %u were queued, and the one that did "
			   "not fit was denied",
			   size, taken);
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_fault_ring(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_PAGE_REQUEST);
	const struct nest_faultring *ring = run->queue ? nest_gpasid_ring(run->s1) : NULL;
	unsigned int sent = 0, n;
	enum nest_leg_result result;

	if (!ring || !(run->stim.can & NEST_STIM_PAGE_REQUEST))
		return nest_trip_absent(
			run, "there is no fault ring, or the device cannot send page requests");
	if (run->stim.can & NEST_STIM_OWN_GROUP)
		return nest_trip_absent(run,
					"the device waits for the answer to each page request, "
					"so it cannot fill the ring");
	nest_trip_evidence(
		run, "%u entries of %u bytes, %s; %s", ring->nb_entries, ring->entry_size,
		nest_gpasid_ring_mapped(run->s1) ? "mapped" : "read from the region",
		nest_gpasid_ring_signalled(run->s1) ? "an eventfd signals new ones"
						    : "there is no interrupt, so it is polled");
	result = nest_trip_clear(run, giova);
	/* Once around, and a little further. */
	while (!result && sent < ring->nb_entries + AT_ONCE) {
		n = sent % 64 ? 1 : AT_ONCE;
		result = burst(run, giova, sent, n);
		sent += n;
	}
	if (result)
		return result;
	nest_trip_evidence(run,
			   "%u page requests, up to %u at once, arrived in order and were denied: "
			   "the ring wrapped around, its tail is at %u",
			   sent, AT_ONCE, ring->tail);
	return overflow(run, giova, ring);
}

/* ---- the other order ---- */

/*
 * A PASID that is given back while it has a table: what the kernel makes of the request is its own
 * affair, but once it has taken it, nothing may go through that table any more.
 */
enum nest_leg_result nest_leg_free_bound(struct nest_trip_run *run)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA),
		 page = nest_trip_slot(run, NEST_TARGET_DMA);
	struct nest_gpasid_try it;
	uint32_t pasid = 0;
	enum nest_leg_result result;
	int err, gone = 0;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	if (!(run->stim.can & NEST_STIM_PASID))
		return nest_trip_skip(run, "%s cannot send DMA with a PASID", run->ops->name);
	err = stage1->pasid_alloc(run->space, PASID_MIN, PASID_MAX, &pasid);
	it = nest_gpasid_try_good(pasid, run->table.ipa);
	if (!err)
		err = nest_gpasid_try_bind(run->space, &it);
	if (err < 0)
		return nest_trip_check(run, err);
	result = nest_trip_tag(run, pasid);
	if (!result)
		result = nest_trip_expect(run, giova, page, "bound to another PASID");
	if (!result)
		gone = stage1->pasid_free(run->space, pasid);
	nest_trip_provoked_all(run);
	if (!result && !gone)
		result = nest_trip_expect_blocked(run, giova, "after its PASID was freed");
	if (!result)
		result = nest_trip_tag(run, 0);
	if (result || gone) /* else the kernel has unbound it with the PASID */
		nest_gpasid_try_unbind(run->space, pasid);
	if (result)
		return result;
	nest_trip_evidence(
		run, "PASID 0x%x was freed while a page table was bound to it: %s", pasid,
		gone ? nest_errno_name(-gone) : "accepted; a write with it reached no memory");
	return NEST_LEG_PASSED;
}
