// SPDX-License-Identifier: GPL-2.0-or-later
/* Mappings that iommufd makes of others: a copy of one, and one of a file in memory. */
#include "trip/legs.h"

#include <errno.h>
#include <string.h>

#include "backend/iommufd-mock.h"
#include "kernel/kernel-undo.h"
#include "kernel/kernel.h"

enum { SLOT_COPIED = 10 };

/* Pages of their own behind those of the other legs on one stage. */
#define COPY_IOVA(run) nest_trip_flat(run, 64)
#define FILE_IOVA(run) nest_trip_flat(run, 66)

/* A kernel that is older than the request lacks nothing that nesting needs. */
static enum nest_leg_result check(struct nest_trip_run *run, int err, const char *what)
{
	if (err == -ENOTTY)
		return nest_trip_absent(run, "this kernel has no %s", what);
	if (!err && !run->options->mock)
		nest_trip_try(run, NEST_PROP_PLAIN);
	return nest_trip_check(run, err);
}

static enum nest_leg_result unmap(struct nest_trip_run *run, uint64_t iova, const char *what)
{
	enum nest_leg_result result =
		nest_trip_check(run, nest_space_unmap(run->space, iova, run->page, NULL));

	if (!result && !run->options->mock)
		result = nest_trip_expect_blocked(run, iova, what);
	return result;
}

enum nest_leg_result nest_leg_copy(struct nest_trip_run *run)
{
	uint64_t iova = COPY_IOVA(run), from = nest_trip_slot(run, SLOT_COPIED);
	enum nest_leg_result result;
	int err;

	nest_trip_clock_start(run);
	err = nest_space_copy(run->space, from, iova, run->page);
	nest_trip_clock_stop(run);
	result = check(run, err, "IOMMU_IOAS_COPY");
	if (!result && run->options->mock)
		result = nest_trip_check(
			run, nest_mock_check_map(run->space, iova,
						 nest_trip_slot_va(run, SLOT_COPIED), run->page));
	else if (!result)
		result = nest_trip_arrive(run, iova, from, "through the copy of a mapping");
	if (!result)
		result = unmap(run, iova, "the copy was unmapped");
	if (!result && !run->options->mock)
		result = nest_trip_expect(run, from, from, "after the copy was unmapped");
	if (!result)
		nest_trip_evidence(run,
				   "a copy of the mapping at 0x%llx led to the same page, until it "
				   "was unmapped; the mapping stayed",
				   (unsigned long long)from);
	return result;
}

/* One write, which must change all of the page at va and nothing of ours. */
static enum nest_leg_result expect_in_file(struct nest_trip_run *run, uint64_t iova,
					   const uint8_t *va)
{
	struct nest_landing landing;
	enum nest_leg_result result = nest_trip_write(run, iova, &landing);

	if (result)
		return result;
	if (landing.kind == NEST_NOWHERE && !memcmp(va, run->stim.bytes, NEST_PAGE))
		return NEST_LEG_PASSED;
	result = nest_trip_missed(run, &landing);
	if (result)
		return result;
	if (landing.kind == NEST_NOWHERE)
		return nest_trip_fail(run,
				      "a write to 0x%llx must reach the file mapped there, but its "
				      "page does not hold what was written",
				      (unsigned long long)iova);
	return nest_trip_fail(run, "a write to 0x%llx must reach the file mapped there, but %s",
			      (unsigned long long)iova, nest_trip_landing_text(run, &landing));
}

int nest_trip_file_new(struct nest_trip_run *run, int *ret_fd, void **ret_va)
{
	int fd = nest_kernel_memfd(run->ctx, run->page), err;

	if (fd < 0)
		return nest_failure_set(&run->failed, fd, NEST_STAGE_MEMFD, "one page");
	nest_undo_push(run->ctx, "close file in memory", nest_undo_close, NULL, (uint64_t)fd);
	err = nest_kernel_mmap(run->ctx, fd, run->page, 0, ret_va);
	if (err)
		return nest_failure_set(&run->failed, err, NEST_STAGE_MMAP_MEMORY, "one page");
	nest_undo_push(run->ctx, "unmap file in memory", nest_undo_munmap, *ret_va, run->page);
	*ret_fd = fd;
	return 0;
}

enum nest_leg_result nest_leg_file(struct nest_trip_run *run)
{
	size_t mark = run->ctx->undo.count;
	uint64_t iova = FILE_IOVA(run);
	enum nest_leg_result result;
	void *va = NULL;
	int fd = -1, err = nest_trip_file_new(run, &fd, &va), undone;

	if (!err) {
		nest_trip_clock_start(run);
		err = nest_space_map_file(run->space, iova, fd, run->page);
		nest_trip_clock_stop(run);
	}
	result = check(run, err, "IOMMU_IOAS_MAP_FILE (Linux 6.13)");
	if (!result && run->options->mock)
		result = nest_trip_check(run, nest_mock_check_map(run->space, iova, va, run->page));
	else if (!result)
		result = expect_in_file(run, iova, va);
	if (!result)
		result = unmap(run, iova, "the file was unmapped");
	if (!result)
		nest_trip_evidence(run,
				   "a file in memory was mapped at 0x%llx: a write there changed "
				   "its page and no other",
				   (unsigned long long)iova);
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	return result ? result : nest_trip_check(run, undone);
}
