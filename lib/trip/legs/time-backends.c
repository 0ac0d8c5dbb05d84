// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Map and unmap through each backend that opens this device, side by side. The run's own is
 * released by then, since a device is open through one of them at a time.
 */
#include "trip/legs.h"

#include <errno.h>
#include <string.h>

#include "backend/select.h"
#include "backend/vdev.h"
#include "explain.h"
#include "kernel/kernel-undo.h"
#include "trip/loop.h"
#include "util.h"

static const char *const names[] = { "iommufd", "type1v2", "compat-type1v2" };

/* The device behind it, with 2 MiB of memory; the undo stack has all of it. */
static int open_backend(struct nest_trip_run *run, const struct nest_mode *mode,
			struct nest_vdev *vdev, void **ret_va)
{
	int err = nest_space_open(run->ctx, mode, &run->failed, &run->space);

	if (!err)
		err = nest_space_attach(run->space, vdev);
	if (err)
		return err;
	err = nest_kernel_mmap(run->ctx, -1, NEST_2M, 0, ret_va);
	if (err)
		return nest_failure_set(&run->failed, err, NEST_STAGE_MMAP_MEMORY, "2 MiB");
	nest_undo_push(run->ctx, "unmap the memory", nest_undo_munmap, *ret_va, NEST_2M);
	return 0;
}

static int time_one(struct nest_trip_run *run, const char *name, void *va)
{
	static const struct {
		const char *suffix, *what;
		uint64_t len;
	} sizes[] = { { "", "map and unmap", 0 }, { "_2m", "map and unmap 2 MiB", NEST_2M } };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(sizes); i++) {
		const char *map = nest_trip_text(run, "%s.map%s", name, sizes[i].suffix);
		const char *unmap = nest_trip_text(run, "%s.unmap%s", name, sizes[i].suffix);
		struct nest_loop loop = {
			.what = sizes[i].what,
			.budget_ns = NEST_LOOP_BUDGET_NS,
			.iova = nest_trip_flat(run, 1024),
			.va = va,
			.len = sizes[i].len ? sizes[i].len : run->page,
		};

		err = map && unmap ? nest_time_map(run, &loop, map, unmap) : -ENOMEM;
	}
	return err;
}

static enum nest_leg_result try_backend(struct nest_trip_run *run, const char *name)
{
	size_t mark = run->ctx->undo.count;
	struct nest_vdev vdev;
	void *va = NULL;
	char text[512];
	int err, undone;

	nest_vdev_init(&vdev, run->dev->name, run->dev->bus_name,
		       run->model->groups[run->dev->group].id, &run->failed);
	vdev.token = nest_trip_token(run);
	err = open_backend(run, nest_mode_find(name), &vdev, &va);
	if (!err)
		err = time_one(run, name, va);
	if (err)
		nest_explain_failure(&run->failed, text, sizeof(text));
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	run->space = NULL;
	if (undone || err == -EINTR || run->broken)
		return nest_trip_check(run, undone ? undone : err);
	/* That one of them is not here says nothing about the others. */
	if (err)
		nest_trip_evidence(run, "%s: not timed: %s", name, text);
	else
		nest_trip_evidence(run, "%s: map and unmap of 4 KiB and 2 MiB", name);
	run->failed = (struct nest_failure){ 0 };
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_timing_backends(struct nest_trip_run *run)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	size_t i;

	for (i = 0; !result && i < ARRAY_SIZE(names); i++)
		if (!run->report->abi || strcmp(run->report->abi, names[i]) != 0)
			result = try_backend(run, names[i]);
	nest_time_finish(run);
	return result;
}
