// SPDX-License-Identifier: GPL-2.0-or-later
/* First-stage pages of 2 MiB: every part leads where it should, and one entry moves them all. */
#include "trip/run.h"

#include <errno.h>

#include "explain.h"
#include "util.h"

#define HALF (NEST_BIG_PAGES / 2) /* pages of 4 KiB in one of 2 MiB */

/* Pages of the 2 MiB page that are looked at: its ends and something in between. */
static const unsigned int samples[] = { 0, HALF / 2 + 3, HALF - 1 };
#define SAMPLES (ARRAY_SIZE(samples))

/*
 * As a number it is the plain address of the second half, where a DMA around the first stage would
 * end.
 */
static uint64_t giova_of(const struct nest_trip_run *run)
{
	return run->big.gpa + NEST_2M;
}

static uint64_t page_of(uint64_t base, unsigned int page)
{
	return base + page * UINT64_C(4096);
}

static int expect_all(struct nest_trip_run *run, uint64_t target, const char *what)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < SAMPLES; i++)
		err = nest_trip_expect(run, page_of(giova_of(run), samples[i]),
				       page_of(target, samples[i]), what);
	return err;
}

int nest_leg_dma_2m(struct nest_trip_run *run)
{
	uint64_t giova = giova_of(run), target = run->big.gpa;
	struct nest_s1_leaf leaf;
	int err = nest_trip_memory_add_big(run);

	if (!err)
		err = nest_space_map(run->space, run->big.gpa, run->big.va,
				     run->big.npages * UINT64_C(4096),
				     NEST_PROT_READ | NEST_PROT_WRITE);
	if (err) {
		run->big.npages = 0;
		nest_trip_error(run, err);
		nest_trip_obstacle_after(run);
		return err;
	}
	run->has |= NEST_HAS_BIG;
	err = nest_s1_map(&run->table, giova, target, run->table.format->large_page, NEST_S1_RW);
	if (!err)
		err = nest_trip_invalidate(run, giova, HALF, true);
	if (!err)
		err = nest_s1_lookup(&run->table, giova, &leaf);
	if (!err)
		err = expect_all(run, target, "through a 2 MiB page");
	if (err)
		return err;
	nest_trip_evidence(
		run,
		"one first-stage entry, 0x%llx, maps 2 MiB at GIOVA 0x%llx: writes to its first, "
		"its last and a middle page ended at the same offset from 0x%llx",
		(unsigned long long)leaf.entry, (unsigned long long)giova,
		(unsigned long long)target);
	nest_trip_evidence(run, "nothing else in %zu KiB changed",
			   (run->small.npages + run->big.npages) * 4);
	return NEST_DONE;
}

/*
 * The device shall not reach the big area in the legs that follow, so it need not be watched
 * either.
 */
static int let_go(struct nest_trip_run *run)
{
	int err = nest_s1_unmap(&run->table, giova_of(run));

	if (!err)
		err = nest_trip_invalidate(run, giova_of(run), HALF, true);
	if (!err)
		err = nest_space_unmap(run->space, run->big.gpa, run->big.npages * UINT64_C(4096),
				       NULL);
	if (!err) {
		run->big.npages = 0;
		run->has &= ~(unsigned int)NEST_HAS_BIG;
	}
	return err;
}

/* Is page n of the 2 MiB still served from the old half? */
static int is_old(struct nest_trip_run *run, unsigned int n, bool *ret_old)
{
	uint64_t giova = page_of(giova_of(run), n);

	/* Mapped onto itself, the page of the new half has the number of the address. */
	return nest_trip_is_old(run, giova, page_of(run->big.gpa, n), giova, ret_old);
}

int nest_leg_invalidate_2m(struct nest_trip_run *run)
{
	uint64_t giova = giova_of(run);
	bool first = false, last = false, rest = false;
	int err;

	if (!(run->has & NEST_HAS_BIG))
		return nest_trip_skip(run, "no 2 MiB page was mapped");
	err = expect_all(run, run->big.gpa, "before the change");
	if (!err) /* onto itself: the second half's address is the GIOVA's number */
		err = nest_s1_replace(&run->table, giova, giova, NEST_S1_RW);
	if (!err)
		err = is_old(run, samples[0], &first);
	if (!err)
		err = is_old(run, samples[SAMPLES - 1], &last);
	if (!err)
		err = nest_trip_invalidate(run, giova, 1, true);
	if (!err && last)
		err = is_old(run, samples[SAMPLES - 1], &rest);
	if (!err)
		err = nest_trip_invalidate(run, giova, HALF, true);
	if (!err)
		err = expect_all(run, giova, "after its 512 pages were invalidated");
	if (err)
		return err;
	nest_trip_evidence(
		run,
		first && last
			? "needed: after the change its ends were still served from the old 2 MiB"
			: "that it is needed cannot be shown here: the new 2 MiB were served "
			  "before");
	if (last)
		nest_trip_evidence(run, "invalidating its first 4 KiB alone left its last page %s",
				   rest ? "stale" : "fresh");
	nest_trip_evidence(
		run, "enough: after 512 pages were invalidated all of it led to the new 2 MiB");
	return let_go(run);
}
