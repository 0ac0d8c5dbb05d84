// SPDX-License-Identifier: GPL-2.0-or-later
/* Where large pages of the first stage lead, as memory as a whole or as single pages of it. */
#include "trip/legs/block.h"

#include <errno.h>
#include <string.h>

#include "trip/table.h"
#include "util.h"

/* Slots for samples of the old region, and of the new one, behind those whose numbers GIOVAs are.
 */
#define SLOT_OLD (NEST_GIOVA_SLOT + NEST_TARGETS)
#define SLOT_NEW (NEST_SLOTS - 3)

/* Of 2 MiB: an offset of two bits, besides the ends and each single bit. */
#define TWO_BITS 259

static uint64_t size_of(const struct nest_trip_run *run)
{
	return run->table.format->large_page;
}

/* Not memory as a whole. */
static bool is_sparse(const struct nest_trip_run *run)
{
	return size_of(run) > NEST_2M;
}

unsigned int nest_block_pages(const struct nest_trip_run *run)
{
	return (unsigned int)(size_of(run) / run->page);
}

const char *nest_block_text(struct nest_trip_run *run)
{
	const char *text = nest_trip_text(run, "%llu MiB", (unsigned long long)size_of(run) >> 20);

	return text ? text : "";
}

void nest_block_entitle(struct nest_trip_run *run)
{
	const char *title = run->leg->title, *at = strstr(title, "2 MiB");

	if (!is_sparse(run) || !at)
		return;
	title = nest_trip_text(run, "%.*s%s%s", (int)(at - title), title, nest_block_text(run),
			       at + strlen("2 MiB"));
	run->leg->title = title ? title : run->leg->title;
}

/*
 * As a number, 0 of 2 MiB is the plain address of the second half, where a DMA around the first
 * stage would end.
 */
uint64_t nest_block_giova(const struct nest_trip_run *run, unsigned int n)
{
	if (is_sparse(run))
		return nest_trip_private(run, 2, n + 1) & ~(size_of(run) - 1);
	return run->big.gpa + (n ? 15 + n : 1) * NEST_2M;
}

uint64_t nest_block_gpa(const struct nest_trip_run *run, bool is_new)
{
	uint64_t size = size_of(run), behind = run->small.gpa + nest_trip_window_size(run);

	if (is_sparse(run))
		return ((behind + size - 1) & ~(size - 1)) + (is_new ? size : 0);
	return run->big.gpa + (is_new ? NEST_2M : 0);
}

unsigned int nest_block_samples(const struct nest_trip_run *run)
{
	return (unsigned int)__builtin_ctz(nest_block_pages(run)) + (is_sparse(run) ? 2 : 3);
}

unsigned int nest_block_sample(const struct nest_trip_run *run, unsigned int i)
{
	unsigned int bits = (unsigned int)__builtin_ctz(nest_block_pages(run));

	if (!i || i <= bits)
		return i ? 1u << (i - 1) : 0;
	return i + 1 == nest_block_samples(run) ? nest_block_pages(run) - 1 : TWO_BITS;
}

bool nest_block_lands(const struct nest_trip_run *run, bool is_new, unsigned int i,
		      uint64_t *ret_gpa)
{
	unsigned int last = nest_block_samples(run) - 1;

	if (!is_sparse(run))
		*ret_gpa = nest_block_gpa(run, is_new) + nest_block_sample(run, i) * run->page;
	else if (!is_new)
		*ret_gpa = nest_trip_slot(run, SLOT_OLD + i);
	else if (!i || i >= last - 1) /* the first, half of the size, the last */
		*ret_gpa = nest_trip_slot(run, SLOT_NEW + (i ? 2 - (last - i) : 0));
	else
		return false;
	return true;
}

/*
 * The second stage can have a large page for the first 2 MiB, and has small ones for the others:
 * their halves change places, so an entry that is cached as a large page leads to the wrong one.
 */
static const struct {
	uint64_t at, len;
} parts[] = { { 0, NEST_2M }, { NEST_2M, NEST_2M / 2 }, { NEST_2M * 3 / 2, NEST_2M / 2 } };

static int map_whole(struct nest_trip_run *run)
{
	size_t i;
	int err = nest_trip_memory_add_big(run);

	for (i = 0; !err && i < ARRAY_SIZE(parts); i++)
		err = nest_space_map(run->space, run->big.gpa + parts[i].at,
				     run->big.va + nest_area_swap(&run->big, parts[i].at),
				     parts[i].len, NEST_PROT_READ | NEST_PROT_WRITE);
	if (err)
		run->big.npages = 0;
	return err;
}

/* One sample of a region for the second stage, if there is memory for it. */
static int map_sample(struct nest_trip_run *run, bool is_new, unsigned int i)
{
	uint64_t gpa = nest_block_gpa(run, is_new) + nest_block_sample(run, i) * run->page, lands;

	if (!nest_block_lands(run, is_new, i, &lands))
		return 0;
	return nest_space_map(run->space, gpa, run->small.va + (lands - run->small.gpa), run->page,
			      NEST_PROT_READ | NEST_PROT_WRITE);
}

static int unmap_sample(struct nest_trip_run *run, bool is_new, unsigned int i)
{
	uint64_t gpa = nest_block_gpa(run, is_new) + nest_block_sample(run, i) * run->page, lands;

	return nest_block_lands(run, is_new, i, &lands)
		       ? nest_space_unmap(run->space, gpa, run->page, NULL)
		       : 0;
}

enum nest_leg_result nest_block_map(struct nest_trip_run *run)
{
	unsigned int i, n = nest_block_samples(run);
	int err = 0;

	if (!is_sparse(run)) {
		err = map_whole(run);
	} else if (nest_s1_shift(run->table.format, 2) + 2 >= nest_trip_giova_bits(run)) {
		return nest_trip_absent(run, "the device drives too few address bits for it");
	} else if (!nest_trip_in_ranges(run, nest_block_gpa(run, false)) ||
		   !nest_trip_in_ranges(run,
					nest_block_gpa(run, true) + size_of(run) - run->page)) {
		return nest_trip_skip(run, "no guest-physical addresses are free for %s",
				      nest_block_text(run));
	}
	for (i = 0; is_sparse(run) && !err && i < n; i++) {
		err = map_sample(run, false, i);
		if (!err)
			err = map_sample(run, true, i);
	}
	if (!err)
		run->has |= NEST_HAS_BIG;
	return nest_trip_check(run, err);
}

/*
 * The device shall not reach the big area in the legs that follow, so it need not be watched
 * either.
 */
enum nest_leg_result nest_block_unmap(struct nest_trip_run *run)
{
	unsigned int i, n = nest_block_samples(run);
	int err = 0;

	for (i = 0; !is_sparse(run) && !err && i < ARRAY_SIZE(parts); i++)
		err = nest_space_unmap(run->space, run->big.gpa + parts[i].at, parts[i].len, NULL);
	for (i = 0; is_sparse(run) && !err && i < n; i++) {
		err = unmap_sample(run, false, i);
		if (!err)
			err = unmap_sample(run, true, i);
	}
	if (!err) {
		run->big.npages = 0;
		run->has &= ~(unsigned int)NEST_HAS_BIG;
	}
	return nest_trip_check(run, err);
}
