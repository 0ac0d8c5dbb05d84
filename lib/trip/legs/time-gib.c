// SPDX-License-Identifier: GPL-2.0-or-later
/* Map and unmap of a whole GiB, where the host can spare one: in pages of 1 GiB if it has some. */
#include "trip/legs.h"

#include <errno.h>

#include "host/sysfs.h"
#include "kernel/kernel-undo.h"
#include "trip/loop.h"

#define GIB	      (UINT64_C(1) << 30)
#define AVAILABLE_KIB (4 * GIB / 1024)
#define ROUNDS	      4 /* of a stretch: a GiB of small pages takes a tenth of a second */

static bool can_spare(struct nest_trip_run *run)
{
	char text[NEST_ATTR_MAX];
	uint64_t kib;

	return nest_attr_read(&run->ctx->root, "proc/meminfo", text, sizeof(text)) > 0 &&
	       nest_trip_proc_field(text, "\nMemAvailable:", &kib) && kib >= AVAILABLE_KIB;
}

static bool is_free(const struct nest_space *space, uint64_t iova)
{
	size_t i;

	for (i = 0; i < space->nmappings; i++)
		if (space->mappings[i].iova < iova + GIB &&
		    space->mappings[i].iova + space->mappings[i].len > iova)
			return false;
	return true;
}

/* The lowest GiB of addresses that is usable and has no mapping. */
static bool find_gib(const struct nest_trip_run *run, uint64_t *ret_iova)
{
	size_t i;

	for (i = 0; i < run->caps.nranges; i++) {
		const struct nest_range *range = &run->caps.ranges[i];
		uint64_t iova = (range->start + GIB - 1) & ~(GIB - 1);

		for (;
		     iova >= range->start && iova + GIB - 1 > iova && iova + GIB - 1 <= range->last;
		     iova += GIB)
			if (is_free(run->space, iova)) {
				*ret_iova = iova;
				return true;
			}
	}
	return false;
}

/* 0 with what the loop needs, or -errno; *ret_why: a clause where it cannot be timed. */
static int get_gib(struct nest_trip_run *run, struct nest_loop *loop, const char **ret_why)
{
	int err;

	if (!can_spare(run))
		*ret_why = "4 GiB of available memory were not found";
	else if (!find_gib(run, &loop->iova))
		*ret_why = "no GiB of free I/O addresses was found";
	if (*ret_why)
		return 0;
	err = nest_kernel_mmap(run->ctx, -1, GIB, 0, &loop->va);
	if (err == -ENOMEM)
		*ret_why = "memory is short";
	if (err)
		return err == -ENOMEM ? 0
				      : nest_failure_set(&run->failed, err, NEST_STAGE_MMAP_MEMORY,
							 "1 GiB");
	nest_undo_push(run->ctx, "unmap a GiB", nest_undo_munmap, loop->va, GIB);
	return 0;
}

int nest_time_gib(struct nest_trip_run *run)
{
	struct nest_loop loop = {
		.what = "map and unmap 1 GiB",
		.budget_ns = NEST_LOOP_BUDGET_NS,
		.stretch_rounds = ROUNDS,
		.len = GIB,
	};
	size_t mark = run->ctx->undo.count;
	const char *why = NULL;
	int err = get_gib(run, &loop, &why), undone;

	if (!err && !why)
		err = nest_time_map(run, &loop, "map_1g", "unmap_1g");
	if (err == -ENOMEM && !run->broken) {
		why = "the limit of locked memory is too low";
		run->failed = (struct nest_failure){ 0 };
		err = 0;
	}
	if (why)
		nest_trip_evidence(run, "%s: not timed, %s", loop.what, why);
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	return err ? err : undone;
}
