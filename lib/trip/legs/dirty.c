// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables that note which pages DMA wrote to: exactly those, and each until it is read. */
#include "trip/legs.h"

#include <errno.h>

#include "backend/iommufd-mock.h"

/*
 * Three pages at addresses in a row, of which the middle one is written to. In our memory they are
 * not in a row: else the IOMMU may map them by one large entry, and note them as one.
 */
enum { PAGES = 3, SLOT_FIRST = 12 };
#define FIRST_IOVA(run) nest_trip_flat(run, 68)

static enum nest_leg_result map_pages(struct nest_trip_run *run)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	for (i = 0; !result && i < PAGES; i++)
		result = nest_trip_check(
			run, nest_space_map(run->space, FIRST_IOVA(run) + i * run->page,
					    nest_trip_slot_va(run, SLOT_FIRST + i), run->page,
					    NEST_PROT_READ | NEST_PROT_WRITE));
	return result;
}

static int read_bitmap(struct nest_trip_run *run, uint64_t *ret_bitmap)
{
	int err;

	*ret_bitmap = 0;
	nest_trip_clock_start(run);
	err = run->mode->ops->share->dirty(run->space, FIRST_IOVA(run), PAGES * run->page,
					   run->page, ret_bitmap);
	nest_trip_clock_stop(run);
	return err;
}

/* Only that page is noted; PAGES: none. */
static enum nest_leg_result expect(struct nest_trip_run *run, uint64_t bitmap, unsigned int wanted,
				   const char *when)
{
	unsigned int page;

	for (page = 0; page < PAGES; page++) {
		bool noted = bitmap >> page & 1;

		if (noted == (page == wanted))
			continue;
		return nest_trip_fail(run, "%s the page at 0x%llx is %s", when,
				      (unsigned long long)(FIRST_IOVA(run) + page * run->page),
				      noted ? "noted as written to, but no DMA wrote to it"
					    : "not noted as written to, but DMA wrote to it");
	}
	return NEST_LEG_PASSED;
}

static enum nest_leg_result try_tracking(struct nest_trip_run *run)
{
	uint64_t iova = FIRST_IOVA(run) + run->page, bitmap = 0;
	/* What was written before the table was there counts for nothing: it is read away. */
	enum nest_leg_result result = nest_trip_check(run, read_bitmap(run, &bitmap));

	if (!result && run->options->mock)
		result = nest_trip_check(run, nest_mock_dirty(run->space, iova));
	else if (!result)
		result = nest_trip_arrive(run, iova, nest_trip_slot(run, SLOT_FIRST + 1),
					  "through a table that notes writes");
	if (!result)
		result = nest_trip_check(run, read_bitmap(run, &bitmap));
	if (!result)
		result = expect(run, bitmap, 1, "after one write");
	if (!result)
		result = nest_trip_check(run, read_bitmap(run, &bitmap));
	if (!result)
		result = expect(run, bitmap, PAGES, "after it was read");
	if (!result)
		nest_trip_evidence(run,
				   "of %d pages one was written to, and that one alone was noted; "
				   "once read, none was",
				   PAGES);
	return result;
}

enum nest_leg_result nest_leg_dirty(struct nest_trip_run *run)
{
	size_t mark = run->ctx->undo.count;
	enum nest_leg_result result = map_pages(run);
	int err = 0, undone;

	if (!result) {
		nest_trip_clock_start(run);
		err = run->mode->ops->share->track(run->space, &run->vdev);
		nest_trip_clock_stop(run);
	}
	if (err == -EOPNOTSUPP && run->failed.stage == NEST_STAGE_HWPT_DIRTY)
		result = nest_trip_absent(
			run, "this IOMMU has no tables that note writes, or its driver makes none");
	else if (!result)
		result = err ? nest_trip_check(run, err) : try_tracking(run);
	/* The table goes before the mappings. */
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	/* That there is nothing to see does not excuse a mapping that stays. */
	return undone && result != NEST_LEG_FAILED ? nest_trip_check(run, undone) : result;
}
