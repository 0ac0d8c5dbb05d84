// SPDX-License-Identifier: GPL-2.0-or-later
/* First-stage pages of 2 MiB: every part leads where it should, and one entry moves them all. */
#include "trip/legs.h"

#include <string.h>

#include "util.h"

#define HALF (NEST_BIG_PAGES / 2) /* pages of 4 KiB in one of 2 MiB */

/* Pages of the 2 MiB page that are looked at: its ends, and each bit of the offset. */
static const unsigned int samples[] = {
	0, 1, 2, 4, 8, 16, 32, 64, 128, 256, HALF / 2 + 3, HALF - 1
};
#define SAMPLES (ARRAY_SIZE(samples))

/*
 * As a number it is the plain address of the second half, where a DMA around the first stage would
 * end.
 */
static uint64_t giova_of(const struct nest_trip_run *run)
{
	return run->big.gpa + NEST_2M;
}

uint64_t nest_trip_giova_2m(const struct nest_trip_run *run, unsigned int n)
{
	return run->big.gpa + (16 + n) * NEST_2M;
}

static uint64_t page_of(uint64_t base, unsigned int page)
{
	return base + page * UINT64_C(4096);
}

static enum nest_leg_result expect_all(struct nest_trip_run *run, uint64_t target, const char *what)
{
	size_t i;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (i = 0; !result && i < SAMPLES; i++)
		result = nest_trip_expect(run, page_of(giova_of(run), samples[i]),
					  page_of(target, samples[i]), what);
	return result;
}

/* The second stage maps each part of it by itself. */
static enum nest_leg_result arrive_all(struct nest_trip_run *run, uint64_t giova, uint64_t target,
				       const char *what)
{
	size_t i;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (i = 0; !result && i < SAMPLES; i++)
		result = nest_trip_arrive(run, page_of(giova, samples[i]),
					  page_of(target, samples[i]), what);
	return result;
}

/* The half that the second stage has small pages for, at addresses that no leg has used. */
static enum nest_leg_result over_small_pages(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova_2m(run, 0), target = run->big.gpa + NEST_2M;
	enum nest_leg_result result =
		nest_trip_check(run, nest_s1_map(&run->table, giova, target,
						 run->table.format->large_page, NEST_S1_RW));

	if (!result)
		result = arrive_all(run, giova, target, "through a 2 MiB page to 512 small ones");
	if (!result)
		result = nest_trip_check(run, nest_s1_unmap(&run->table, giova));
	return result ? result : nest_trip_invalidate(run, giova, HALF, true);
}

/*
 * The second stage can have a large page for the first 2 MiB, and has small ones for the others:
 * their halves change places, so an entry that is cached as a large page leads to the wrong one.
 */
static const struct {
	uint64_t at, len;
} parts[] = { { 0, NEST_2M }, { NEST_2M, NEST_2M / 2 }, { NEST_2M * 3 / 2, NEST_2M / 2 } };

static int map_big(struct nest_trip_run *run)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(parts); i++)
		err = nest_space_map(run->space, run->big.gpa + parts[i].at,
				     run->big.va + nest_area_swap(&run->big, parts[i].at),
				     parts[i].len, NEST_PROT_READ | NEST_PROT_WRITE);
	return err;
}

enum nest_leg_result nest_leg_dma_2m(struct nest_trip_run *run)
{
	uint64_t giova = giova_of(run), target = run->big.gpa;
	struct nest_s1_leaf leaf;
	enum nest_leg_result result;
	int err = nest_trip_memory_add_big(run);

	if (!err)
		err = map_big(run);
	if (err)
		run->big.npages = 0;
	result = nest_trip_check(run, err);
	if (result)
		return result;
	run->has |= NEST_HAS_BIG;
	err = nest_s1_map(&run->table, giova, target, run->table.format->large_page, NEST_S1_RW);
	if (!err)
		err = nest_s1_lookup(&run->table, giova, &leaf);
	result = nest_trip_check(run, err);
	if (!result)
		result = nest_trip_invalidate(run, giova, HALF, true);
	if (!result)
		result = arrive_all(run, giova, target, "through a 2 MiB page");
	if (!result)
		result = over_small_pages(run);
	if (result)
		return result;
	nest_trip_evidence(run,
			   "one first-stage entry, 0x%llx, maps 2 MiB at GIOVA 0x%llx: writes to "
			   "its first and last page, and with each bit of the offset, reached the "
			   "same offsets from 0x%llx",
			   (unsigned long long)leaf.entry, (unsigned long long)giova,
			   (unsigned long long)target);
	nest_trip_evidence(run, "nothing else in %zu KiB changed",
			   (run->small.npages + run->big.npages) * 4);
	return NEST_LEG_PASSED;
}

/* ---- 1 GiB ---- */

#define SIZE_1G	  (UINT64_C(1) << 30)
#define FIRST_BIT 12

/* One more bit of the offset: a page is mapped there for the second stage. */
static enum nest_leg_result offset_bit(struct nest_trip_run *run, uint64_t giova, uint64_t base,
				       uint64_t offset)
{
	enum nest_leg_result result =
		nest_trip_check(run, nest_space_map(run->space, base + offset,
						    nest_trip_slot_va(run, NEST_TARGET_B),
						    NEST_PAGE, NEST_PROT_READ | NEST_PROT_WRITE));

	if (!result)
		result = nest_trip_arrive(run, giova + offset, nest_trip_slot(run, NEST_TARGET_B),
					  "through a 1 GiB page");
	return result ? result
		      : nest_trip_check(
				run, nest_space_unmap(run->space, base + offset, NEST_PAGE, NULL));
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
	uint64_t offset = run->flat + 3 * NEST_2M - base; /* nor is anything one bit beside it */
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
	for (bit = FIRST_BIT; !result && bit < 30; bit++)
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
	return result ? result : nest_trip_invalidate(run, giova, HALF, false);
}

static enum nest_leg_result split(struct nest_trip_run *run, uint64_t giova, uint64_t target)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	if (!run->caps.s1_breaks)
		return nest_trip_check(run, nest_s1_split(&run->table, giova));
	for (i = 0; !result && i < HALF; i++)
		result = nest_trip_check(run,
					 nest_s1_map(&run->table, page_of(giova, i),
						     page_of(target, i), NEST_PAGE, NEST_S1_RW));
	return result;
}

/*
 * The large page becomes a table of small ones that map the same, one of them changes, and the
 * large page comes back.
 */
enum nest_leg_result nest_leg_dma_split(struct nest_trip_run *run)
{
	uint64_t giova = giova_of(run), target = run->big.gpa;
	uint64_t other = page_of(giova, 5); /* as a number: in the second half */
	size_t used = run->table.used;
	uint64_t entry, ipa;
	enum nest_leg_result result;

	if (!(run->has & NEST_HAS_BIG))
		return nest_trip_skip(run, "no 2 MiB page was mapped");
	result = nest_trip_check(run, nest_s1_at(&run->table, giova, 2, &entry, &ipa));
	if (!result)
		result = expect_all(run, target, "before the split");
	if (!result)
		result = break_entry(run, giova);
	if (!result)
		result = split(run, giova, target);
	if (!result)
		result = nest_trip_invalidate(run, giova, HALF, false);
	if (!result)
		result = expect_all(run, target, "after the split");
	if (!result)
		result = nest_trip_point(run, page_of(giova, 1), other, NEST_S1_RW);
	if (!result)
		result = nest_trip_expect(run, page_of(giova, 1), other,
					  "after one small page changed");
	if (!result)
		result = break_entry(run, giova);
	if (!result)
		result = nest_trip_check(run, nest_s1_put(&run->table, giova, 2, entry));
	if (!result)
		result = nest_trip_invalidate(run, giova, HALF, false);
	if (!result)
		result = expect_all(run, target, "after the merge");
	if (result)
		return result;
	nest_trip_forget_tables(run, used, &result);
	nest_trip_evidence(run, "a 2 MiB page became 512 of 4 KiB and 2 MiB again: each transfer "
				"reached the page mapped at that time");
	return result;
}

/*
 * The device shall not reach the big area in the legs that follow, so it need not be watched
 * either.
 */
static enum nest_leg_result let_go(struct nest_trip_run *run)
{
	size_t i;
	enum nest_leg_result result =
		nest_trip_check(run, nest_s1_unmap(&run->table, giova_of(run)));

	if (!result)
		result = nest_trip_invalidate(run, giova_of(run), HALF, true);
	for (i = 0; !result && i < ARRAY_SIZE(parts); i++)
		result = nest_trip_check(run,
					 nest_space_unmap(run->space, run->big.gpa + parts[i].at,
							  parts[i].len, NULL));
	if (!result) {
		run->big.npages = 0;
		run->has &= ~(unsigned int)NEST_HAS_BIG;
	}
	return result;
}

/* Is page n of the 2 MiB still served from the old half? */
static enum nest_leg_result is_old(struct nest_trip_run *run, unsigned int n, bool *ret_old)
{
	uint64_t giova = page_of(giova_of(run), n);

	/* Mapped onto itself, the page of the new half has the number of the address. */
	return nest_trip_is_old(run, giova, page_of(run->big.gpa, n), giova, ret_old);
}

enum nest_leg_result nest_leg_invalidate_2m(struct nest_trip_run *run)
{
	uint64_t giova = giova_of(run);
	bool first = false, last = false, rest = false;
	enum nest_leg_result result;

	if (!(run->has & NEST_HAS_BIG))
		return nest_trip_skip(run, "no 2 MiB page was mapped");
	result = expect_all(run, run->big.gpa, "before the change");
	if (!result) /* onto itself: the second half's address is the GIOVA's number */
		result = nest_trip_check(run,
					 nest_s1_replace(&run->table, giova, giova, NEST_S1_RW));
	if (!result)
		result = is_old(run, samples[0], &first);
	if (!result)
		result = is_old(run, samples[SAMPLES - 1], &last);
	if (!result)
		result = nest_trip_invalidate(run, giova, 1, true);
	if (!result && last)
		result = is_old(run, samples[SAMPLES - 1], &rest);
	if (!result)
		result = nest_trip_invalidate(run, giova, HALF, true);
	if (!result)
		result = expect_all(run, giova, "after its 512 pages were invalidated");
	if (result)
		return result;
	nest_trip_evidence(run, first && last ? "needed: after the change its first and last page "
						"still led to the old 2 MiB"
					      : "could not show that the invalidation was needed: "
						"the new 2 MiB were used before it");
	if (last)
		nest_trip_evidence(
			run, "after an invalidation of its first 4 KiB alone, its last page was %s",
			rest ? "stale" : "up to date");
	nest_trip_evidence(
		run, "enough: after an invalidation of 512 pages, all of it led to the new 2 MiB");
	return let_go(run);
}
