// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables that note which pages DMA wrote to: exactly those, and each until it is read. */
#include "trip/legs.h"

#include <errno.h>

#include "backend/iommufd-mock.h"

enum { SLOT_WRITTEN = 12 };
#define WORDS ((NEST_SMALL_PAGES + 63) / 64)

static int read_bitmap(struct nest_trip_run *run, uint64_t bitmap[WORDS])
{
	size_t i, page;
	int err;

	for (i = 0; i < WORDS; i++)
		bitmap[i] = 0;
	nest_trip_clock_start(run);
	err = run->mode->ops->share->dirty(run->space, run->small.gpa,
					   run->small.npages * UINT64_C(4096), bitmap);
	nest_trip_clock_stop(run);
	/* The stimulus writes to its own pages whenever it likes. */
	for (page = NEST_SCRATCH_FIRST; page < NEST_SCRATCH_FIRST + NEST_SCRATCH_PAGES; page++)
		bitmap[page / 64] &= ~(UINT64_C(1) << page % 64);
	return err;
}

/* Only that page is noted; npages: none. */
static enum nest_leg_result expect(struct nest_trip_run *run, const uint64_t bitmap[WORDS],
				   size_t wanted, const char *when)
{
	size_t page;

	for (page = 0; page < run->small.npages; page++) {
		bool noted = bitmap[page / 64] >> page % 64 & 1;

		if (noted == (page == wanted))
			continue;
		return nest_trip_fail(run, "%s the page at 0x%llx is %s", when,
				      (unsigned long long)(run->small.gpa + page * UINT64_C(4096)),
				      noted ? "noted as written to, but no DMA wrote to it"
					    : "not noted as written to, but DMA wrote to it");
	}
	return NEST_LEG_PASSED;
}

static enum nest_leg_result try_tracking(struct nest_trip_run *run)
{
	uint64_t page = nest_trip_slot(run, SLOT_WRITTEN), bitmap[WORDS];
	size_t wanted = (size_t)((page - run->small.gpa) / NEST_PAGE);
	/* What was written before the table was there counts for nothing: it is read away. */
	enum nest_leg_result result = nest_trip_check(run, read_bitmap(run, bitmap));

	if (!result && run->options->mock)
		result = nest_trip_check(run, nest_mock_dirty(run->space, page));
	else if (!result)
		result = nest_trip_expect(run, page, page, "through a table that notes writes");
	if (!result)
		result = nest_trip_check(run, read_bitmap(run, bitmap));
	if (!result)
		result = expect(run, bitmap, wanted, "after one write");
	if (!result)
		result = nest_trip_check(run, read_bitmap(run, bitmap));
	if (!result)
		result = expect(run, bitmap, run->small.npages, "after it was read");
	if (!result)
		nest_trip_evidence(run,
				   "of %zu pages one was written to, and that one alone was noted; "
				   "once read, none was",
				   run->small.npages);
	return result;
}

enum nest_leg_result nest_leg_dirty(struct nest_trip_run *run)
{
	size_t mark = run->ctx->undo.count;
	enum nest_leg_result result;
	int err, undone;

	nest_trip_clock_start(run);
	err = run->mode->ops->share->track(run->space, &run->vdev);
	nest_trip_clock_stop(run);
	if (err == -EOPNOTSUPP && run->failed.stage == NEST_STAGE_HWPT_DIRTY)
		result = nest_trip_absent(
			run, "this IOMMU has no tables that note writes, or its driver makes none");
	else
		result = err ? nest_trip_check(run, err) : try_tracking(run);
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	return result ? result : nest_trip_check(run, undone);
}
