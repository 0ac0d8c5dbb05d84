// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First-stage pages of 2 MiB, or of the size above the smallest that this first stage has: every
 * part leads where it should, and one entry moves them all.
 */
#include "trip/legs/block.h"

#include <string.h>

#include "util.h"

/* Each sample that the region has memory for. */
static enum nest_leg_result
each(struct nest_trip_run *run, uint64_t giova, bool is_new, const char *what,
     enum nest_leg_result (*fn)(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				const char *what))
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;
	uint64_t gpa;

	for (i = 0; !result && i < nest_block_samples(run); i++)
		if (nest_block_lands(run, is_new, i, &gpa))
			result = fn(run, giova + nest_block_sample(run, i) * run->page, gpa, what);
	return result;
}

static enum nest_leg_result expect_all(struct nest_trip_run *run, bool is_new, const char *what)
{
	return each(run, nest_block_giova(run, 0), is_new, what, nest_trip_expect);
}

/* The second stage maps each part of it by itself. */
static enum nest_leg_result arrive_all(struct nest_trip_run *run, uint64_t giova, bool is_new,
				       const char *what)
{
	return each(run, giova, is_new, what, nest_trip_arrive);
}

static enum nest_leg_result invalidate_all_of(struct nest_trip_run *run, uint64_t giova, bool leaf)
{
	return nest_trip_invalidate(run, giova, nest_block_pages(run), leaf);
}

/* The region that the second stage has small pages for, at addresses that no leg has used. */
static enum nest_leg_result over_small_pages(struct nest_trip_run *run)
{
	uint64_t giova = nest_block_giova(run, 1), target = nest_block_gpa(run, true);
	const char *what = nest_trip_text(run, "through a %s page to %u small ones",
					  nest_block_text(run), nest_block_pages(run));
	enum nest_leg_result result =
		nest_trip_check(run, nest_s1_map(&run->table, giova, target,
						 run->table.format->large_page, NEST_S1_RW));

	if (!result)
		result = arrive_all(run, giova, true, what ? what : "");
	if (!result)
		result = nest_trip_check(run, nest_s1_unmap(&run->table, giova));
	return result ? result : invalidate_all_of(run, giova, true);
}

enum nest_leg_result nest_leg_dma_2m(struct nest_trip_run *run)
{
	uint64_t giova = nest_block_giova(run, 0), target = nest_block_gpa(run, false);
	const char *size = nest_block_text(run), *what;
	struct nest_s1_leaf leaf;
	enum nest_leg_result result;
	int err;

	nest_block_entitle(run);
	result = nest_block_map(run);
	if (result)
		return result;
	err = nest_s1_map(&run->table, giova, target, run->table.format->large_page, NEST_S1_RW);
	if (!err)
		err = nest_s1_lookup(&run->table, giova, &leaf);
	result = nest_trip_check(run, err);
	if (!result)
		result = invalidate_all_of(run, giova, true);
	what = nest_trip_text(run, "through a %s page", size);
	if (!result)
		result = arrive_all(run, giova, false, what ? what : "");
	if (!result)
		result = over_small_pages(run);
	if (result)
		return result;
	nest_trip_evidence(run,
			   "one first-stage entry, 0x%llx, maps %s at GIOVA 0x%llx: writes to "
			   "its first and last page, and with each bit of the offset, reached the "
			   "same offsets from 0x%llx",
			   (unsigned long long)leaf.entry, size, (unsigned long long)giova,
			   (unsigned long long)target);
	nest_trip_evidence(run, "nothing else in %zu KiB changed",
			   (run->small.npages + run->big.npages) * 4);
	return NEST_LEG_PASSED;
}

/* ---- 1 GiB ---- */

#define SIZE_1G (UINT64_C(1) << 30)

/* One more bit of the offset: a page is mapped there for the second stage. */
static enum nest_leg_result offset_bit(struct nest_trip_run *run, uint64_t giova, uint64_t base,
				       uint64_t offset)
{
	enum nest_leg_result result =
		nest_trip_check(run, nest_space_map(run->space, base + offset,
						    nest_trip_slot_va(run, NEST_TARGET_B),
						    run->page, NEST_PROT_READ | NEST_PROT_WRITE));

	if (!result)
		result = nest_trip_arrive(run, giova + offset, nest_trip_slot(run, NEST_TARGET_B),
					  "through a 1 GiB page");
	return result ? result
		      : nest_trip_check(
				run, nest_space_unmap(run->space, base + offset, run->page, NULL));
}

/* An IOMMU that is wrong about 2 MiB is not trusted with 1 GiB, most of which is memory of others.
 */
static bool was_wrong(const struct nest_trip_run *run)
{
	size_t i;

	for (i = 0; i < run->report->nlegs; i++)
		if (!strcmp(run->report->legs[i].id, "dma_2m"))
			return run->report->legs[i].result == NEST_LEG_FAILED;
	return false;
}

enum nest_leg_result nest_leg_dma_1g(struct nest_trip_run *run)
{
	uint64_t base = run->small.gpa & ~(SIZE_1G - 1), giova;
	uint64_t offset =
		nest_trip_flat(run, NEST_FLAT_FAR) - base; /* nor is anything one bit beside it */
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A);
	size_t used = run->table.used;
	unsigned int bit;
	enum nest_leg_result result;

	if (!run->caps.s1_huge)
		return nest_trip_absent(run, "the IOMMU has no first-stage pages of 1 GiB");
	if (!nest_trip_has_private(run, 3))
		return nest_trip_absent(run, "the device drives too few address bits for it");
	if (was_wrong(run))
		return nest_trip_skip(run, "a page of 2 MiB led astray: one of 1 GiB is not tried");
	giova = nest_trip_private(run, 3, 1) & ~(SIZE_1G - 1);
	result = nest_trip_check(run, nest_s1_map(&run->table, giova, base, SIZE_1G, NEST_S1_RW));
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = nest_trip_arrive(run, giova + (page - base), page, "through a 1 GiB page");
	for (bit = (unsigned int)__builtin_ctzll(run->page); !result && bit < 30; bit++)
		if (nest_trip_in_ranges(run, base + (offset ^ UINT64_C(1) << bit)))
			result = offset_bit(run, giova, base, offset ^ UINT64_C(1) << bit);
	if (!result)
		result = nest_trip_clear(run, giova + (page - base));
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "one first-stage entry maps 1 GiB at GIOVA 0x%llx: writes "
				   "with bits of the offset up to 29 reached the same offsets",
				   (unsigned long long)giova);
	return result;
}

/* ---- split ---- */

/*
 * Where the IOMMU might find pages of both sizes, the entry is not present for a while: Arm calls
 * it break before make.
 */
static enum nest_leg_result break_entry(struct nest_trip_run *run, uint64_t giova)
{
	enum nest_leg_result result = NEST_LEG_PASSED;

	if (!run->caps.s1_breaks)
		return result;
	result = nest_trip_check(run, nest_s1_put(&run->table, giova, 2, 0));
	return result ? result : invalidate_all_of(run, giova, false);
}

static enum nest_leg_result split(struct nest_trip_run *run, uint64_t giova, uint64_t target)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	if (!run->caps.s1_breaks)
		return nest_trip_check(run, nest_s1_split(&run->table, giova));
	for (i = 0; !result && i < nest_block_pages(run); i++)
		result = nest_trip_check(run, nest_s1_map(&run->table, giova + i * run->page,
							  target + i * run->page, run->page,
							  NEST_S1_RW));
	return result;
}

/*
 * The large page becomes a table of small ones that map the same, one of them changes, and the
 * large page comes back.
 */
enum nest_leg_result nest_leg_dma_split(struct nest_trip_run *run)
{
	uint64_t giova = nest_block_giova(run, 0), second = giova + run->page;
	uint64_t other = nest_trip_slot(run, NEST_TARGET_A);
	size_t used = run->table.used;
	uint64_t entry, ipa;
	enum nest_leg_result result;

	nest_block_entitle(run);
	if (!(run->has & NEST_HAS_BIG))
		return nest_trip_skip(run, "no %s page was mapped", nest_block_text(run));
	result = nest_trip_check(run, nest_s1_at(&run->table, giova, 2, &entry, &ipa));
	if (!result)
		result = expect_all(run, false, "before the split");
	if (!result)
		result = break_entry(run, giova);
	if (!result)
		result = split(run, giova, nest_block_gpa(run, false));
	if (!result)
		result = invalidate_all_of(run, giova, false);
	if (!result)
		result = expect_all(run, false, "after the split");
	if (!result)
		result = nest_trip_point(run, second, other, NEST_S1_RW);
	if (!result)
		result = nest_trip_expect(run, second, other, "after one small page changed");
	if (!result)
		result = break_entry(run, giova);
	if (!result)
		result = nest_trip_check(run, nest_s1_put(&run->table, giova, 2, entry));
	if (!result)
		result = invalidate_all_of(run, giova, false);
	if (!result)
		result = expect_all(run, false, "after the merge");
	if (result)
		return result;
	nest_trip_forget_tables(run, used, &result);
	nest_trip_evidence(run,
			   "a %s page became %u of %llu KiB and %s again: each transfer "
			   "reached the page mapped at that time",
			   nest_block_text(run), nest_block_pages(run),
			   (unsigned long long)run->page >> 10, nest_block_text(run));
	return result;
}

static enum nest_leg_result let_go(struct nest_trip_run *run)
{
	uint64_t giova = nest_block_giova(run, 0);
	enum nest_leg_result result = nest_trip_check(run, nest_s1_unmap(&run->table, giova));

	if (!result)
		result = invalidate_all_of(run, giova, true);
	return result ? result : nest_block_unmap(run);
}

/* Is this sample of the large page still served from the old region? */
static enum nest_leg_result is_old(struct nest_trip_run *run, unsigned int i, bool *ret_old)
{
	uint64_t giova = nest_block_giova(run, 0) + nest_block_sample(run, i) * run->page;
	uint64_t from = 0, to = 0;

	/* Both ends have memory in either region. */
	nest_block_lands(run, false, i, &from);
	nest_block_lands(run, true, i, &to);
	return nest_trip_is_old(run, giova, from, to, ret_old);
}

static void tell_invalidated(struct nest_trip_run *run, bool needed, bool last, bool rest)
{
	const char *size = nest_block_text(run);

	if (needed)
		nest_trip_evidence(run,
				   "needed: after the change its first and last page still led to "
				   "the old %s",
				   size);
	else
		nest_trip_evidence(run,
				   "could not show that the invalidation was needed: the new %s "
				   "were used before it",
				   size);
	if (last)
		nest_trip_evidence(run,
				   "after an invalidation of its first %llu KiB alone, its last "
				   "page was %s",
				   (unsigned long long)run->page >> 10,
				   rest ? "stale" : "up to date");
	nest_trip_evidence(run,
			   "enough: after an invalidation of %u pages, all of it led to the new %s",
			   nest_block_pages(run), size);
}

enum nest_leg_result nest_leg_invalidate_2m(struct nest_trip_run *run)
{
	uint64_t giova = nest_block_giova(run, 0);
	unsigned int end = nest_block_samples(run) - 1;
	bool first = false, last = false, rest = false;
	const char *what =
		nest_trip_text(run, "after its %u pages were invalidated", nest_block_pages(run));
	enum nest_leg_result result;

	nest_block_entitle(run);
	if (!(run->has & NEST_HAS_BIG))
		return nest_trip_skip(run, "no %s page was mapped", nest_block_text(run));
	result = expect_all(run, false, "before the change");
	if (!result) /* 2 MiB onto themselves: the new region's address is the GIOVA's number */
		result = nest_trip_check(
			run,
			nest_s1_replace(&run->table, giova, nest_block_gpa(run, true), NEST_S1_RW));
	if (!result)
		result = is_old(run, 0, &first);
	if (!result)
		result = is_old(run, end, &last);
	if (!result)
		result = nest_trip_invalidate(run, giova, 1, true);
	if (!result && last)
		result = is_old(run, end, &rest);
	if (!result)
		result = invalidate_all_of(run, giova, true);
	if (!result)
		result = expect_all(run, true, what ? what : "");
	if (result)
		return result;
	tell_invalidated(run, first && last, last, rest);
	return let_go(run);
}
