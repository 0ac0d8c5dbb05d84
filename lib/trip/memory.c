// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory the device may reach: filled, watched as a whole, and searched for where a DMA ended.
 */
#include "plural.h"
#include "trip/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel-undo.h"

/* Patterns of the fill are of another family than those a DMA carries. */

#define FILL_SEED UINT32_C(0x80000000)

static int area_new(struct nest_trip_run *run, struct nest_area *area, size_t npages)
{
	uint32_t family = (uint32_t)(area == &run->big) << 16 | (uint32_t)run->is_second << 17;
	size_t len = (npages * NEST_PAGE + NEST_2M - 1) / NEST_2M * NEST_2M, page;
	void *va;
	int err;

	area->shadow = malloc(len);
	if (!area->shadow) {
		run->broken = true;
		return -ENOMEM;
	}
	err = nest_kernel_mmap(run->ctx, -1, len, 0, &va);
	if (err)
		return nest_failure_set(&run->failed, err, NEST_STAGE_MMAP_MEMORY, "%zu KiB",
					len / 1024);
	nest_undo_push(run->ctx, "unmap the memory", nest_undo_munmap, va, len);
	area->va = va;
	area->npages = npages;
	area->nwatched = len / NEST_PAGE;
	area->swaps = area == &run->big ? NEST_2M : UINT64_MAX;
	for (page = 0; page < area->nwatched; page++)
		nest_stim_page(run->ops, FILL_SEED | family | (uint32_t)page,
			       area->shadow + page * NEST_PAGE);
	memcpy(area->va, area->shadow, len);
	return 0;
}

int nest_trip_memory_new(struct nest_trip_run *run)
{
	run->tables_before = malloc(nest_trip_small(run, NEST_TABLE_PAGES));
	if (!run->tables_before) {
		run->broken = true;
		return -ENOMEM;
	}
	return area_new(run, &run->small, nest_trip_small(run, NEST_SMALL_PAGES) / NEST_PAGE);
}

int nest_trip_memory_add_big(struct nest_trip_run *run)
{
	return area_new(run, &run->big, NEST_BIG_PAGES);
}

void nest_trip_memory_free(struct nest_trip_run *run)
{
	free(run->small.shadow);
	free(run->big.shadow);
	free(run->tables_before);
	run->small.shadow = run->big.shadow = run->tables_before = NULL;
}

uint64_t nest_trip_slot(const struct nest_trip_run *run, unsigned int slot)
{
	return run->small.gpa + nest_trip_small(run, NEST_SLOT_FIRST + 2 * slot);
}

uint8_t *nest_trip_slot_va(const struct nest_trip_run *run, unsigned int slot)
{
	return run->small.va + nest_trip_small(run, NEST_SLOT_FIRST + 2 * slot);
}

/* ---- where did it end ---- */

/* Does what begins at this page of NEST_PAGE lie in the npages from first on? */
static bool lies_in(const struct nest_trip_run *run, const struct nest_area *area, size_t page,
		    size_t first, size_t npages)
{
	size_t at = page * NEST_PAGE;

	return area == &run->small && at >= nest_trip_small(run, first) &&
	       at < nest_trip_small(run, first + npages);
}

static bool is_table(const struct nest_trip_run *run, const struct nest_area *area, size_t page)
{
	return lies_in(run, area, page, NEST_TABLE_FIRST, NEST_TABLE_PAGES);
}

/* The stimulus writes here whenever it likes. */
static bool is_scratch(const struct nest_trip_run *run, const struct nest_area *area, size_t page)
{
	return lies_in(run, area, page, NEST_SCRATCH_FIRST, NEST_SCRATCH_PAGES);
}

void nest_trip_save_tables(struct nest_trip_run *run)
{
	memcpy(run->tables_before, run->small.va + nest_trip_small(run, NEST_TABLE_FIRST),
	       nest_trip_small(run, NEST_TABLE_PAGES));
}

/* Counts bytes that differ, and notes where the first is. */
static size_t differing(const uint8_t *now, const uint8_t *want, size_t len, size_t *ret_first)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		if (now[i] == want[i])
			continue;
		if (!n)
			*ret_first = i;
		n++;
	}
	return n;
}

static void astray(struct nest_landing *landing, uint64_t gpa, size_t nchanged)
{
	if (landing->kind != NEST_ASTRAY || gpa < landing->gpa)
		landing->gpa = gpa;
	landing->kind = NEST_ASTRAY;
	landing->nchanged += nchanged;
}

/* Entries in which more changed than the IOMMU's walks may set; they are put back. */
static void look_at_table(struct nest_trip_run *run, size_t page, struct nest_landing *landing)
{
	size_t at = nest_trip_small(run, NEST_TABLE_FIRST) + page * NEST_PAGE, i;
	uint64_t *now = (uint64_t *)(run->small.va + at);
	const uint64_t *before = (const uint64_t *)(run->tables_before + page * NEST_PAGE);
	uint64_t marks = run->table.format ? run->table.format->walker_bits : 0;

	for (i = 0; i < NEST_PAGE / 8; i++) {
		if (!((now[i] ^ before[i]) & ~marks))
			continue;
		astray(landing, run->small.gpa + at + i * 8, 8);
		now[i] = before[i];
	}
}

/* Entry by entry only where something changed: this follows each DMA. */
static void look_at_tables(struct nest_trip_run *run, struct nest_landing *landing)
{
	const uint8_t *now = run->small.va + nest_trip_small(run, NEST_TABLE_FIRST);
	size_t page;

	for (page = 0; page < nest_trip_small(run, NEST_TABLE_PAGES) / NEST_PAGE; page++)
		if (memcmp(now + page * NEST_PAGE, run->tables_before + page * NEST_PAGE,
			   NEST_PAGE))
			look_at_table(run, page, landing);
}

/* One word of each 256 bytes: a transfer that went astray is longer than that. */
static bool samples_agree(const uint8_t *now, const uint8_t *want)
{
	const uint64_t *a = (const uint64_t *)now, *b = (const uint64_t *)want;
	uint64_t differs = 0;
	size_t i;

	for (i = 0; i < NEST_PAGE / 8; i += 32)
		differs |= a[i] ^ b[i];
	return !differs;
}

static void look_at_page(struct nest_trip_run *run, struct nest_area *area, size_t page,
			 struct nest_landing *landing)
{
	uint8_t *now = area->va + page * NEST_PAGE;
	const uint8_t *want = area->shadow + page * NEST_PAGE;
	uint64_t gpa = area->gpa + nest_area_swap(area, page * NEST_PAGE);
	size_t first = 0, n;

	if (run->sampling ? samples_agree(now, want) : !memcmp(now, want, NEST_PAGE))
		return;
	n = differing(now, want, NEST_PAGE, &first);
	if (landing->kind == NEST_NOWHERE && !memcmp(now, run->stim.bytes, NEST_PAGE)) {
		landing->kind = NEST_ON_PAGE;
		landing->gpa = gpa;
		landing->nchanged = n;
	} else {
		/* A second page, or bytes that the device was not given. */
		astray(landing, gpa + first, n);
	}
	memcpy(now, want, NEST_PAGE);
}

void nest_trip_look_at_all(struct nest_trip_run *run, struct nest_landing *ret)
{
	struct nest_area *areas[] = { &run->small, &run->big };
	struct nest_landing landing = { .kind = NEST_NOWHERE };
	size_t i, page;

	for (i = 0; i < 2; i++)
		for (page = 0; areas[i]->npages && page < areas[i]->nwatched; page++)
			if (!is_table(run, areas[i], page) && !is_scratch(run, areas[i], page))
				look_at_page(run, areas[i], page, &landing);
	look_at_tables(run, &landing);
	*ret = landing;
}

void nest_trip_look_around(struct nest_trip_run *run, struct nest_landing *ret)
{
	run->sampling = true;
	nest_trip_look_at_all(run, ret);
	run->sampling = false;
}

const char *nest_trip_landing_text(struct nest_trip_run *run, const struct nest_landing *landing)
{
	const char *text;

	switch (landing->kind) {
	case NEST_ON_PAGE:
		text = nest_trip_text(run, "it reached the page at 0x%llx",
				      (unsigned long long)landing->gpa);
		break;
	case NEST_ASTRAY:
		text = nest_trip_text(run, "it changed %zu byte%s elsewhere, from 0x%llx on",
				      landing->nchanged, nest_plural(landing->nchanged),
				      (unsigned long long)landing->gpa);
		break;
	default:
		text = "it reached no memory";
	}
	return text ? text : "";
}
