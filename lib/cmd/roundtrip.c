// SPDX-License-Identifier: GPL-2.0-or-later
/* The roundtrip command: finds the device, runs the legs, and takes their status. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory/inventory.h"
#include "kernel/kernel.h"
#include "run.h"
#include "trip/trip.h"
#include "signals.h"

/*
 * One line, rewritten, and wiped when it is done; only on a terminal, only when it takes a while.
 */
struct progress {
	struct nest_ctx *ctx;
	uint64_t start;
	bool shown;
};

static void show_progress(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct progress *progress = data;
	uint64_t now = nest_kernel_now(progress->ctx);

	if (!progress->start)
		progress->start = now;
	if (!progress->shown && now - progress->start < 1000000000u)
		return;
	progress->shown = true;
	if (done < total)
		fprintf(stderr, "\r%s: %llu of %llu\033[K", what, (unsigned long long)done,
			(unsigned long long)total);
	else
		fprintf(stderr, "\r\033[K");
	fflush(stderr);
}

int nest_roundtrip_run(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct nest_options *options = run->options;
	struct progress progress = { .ctx = ctx };
	struct nest_trip_options trip = {
		.device = options->args[0],
		.mock = options->mock,
		.mode = options->backend,
		.have_pasid = options->have_pasid,
		.pasid = options->pasid,
		.iterations = options->iterations,
	};
	const struct nest_device *dev;
	int err;

	if (!ctx->live) {
		nest_say(ctx, 0,
			 "roundtrip opens device nodes, and below --sysroot none is opened");
		return -EINVAL;
	}
	if (isatty(STDERR_FILENO) && ctx->verbosity >= 0) {
		trip.progress = show_progress;
		trip.progress_data = &progress;
	}
	err = nest_inventory_gather(ctx, NEST_WANT_NAMES, &run->model);
	if (err)
		return err;
	dev = trip.mock ? NULL : nest_model_device(&run->model, trip.device);
	if (dev)
		trip.device = dev->name; /* with its domain */
	run->trip = calloc(1, sizeof(*run->trip));
	if (!run->trip)
		return -ENOMEM;
	nest_signals_install();
	err = nest_trip_run(ctx, &run->model, &trip, run->trip);
	if (progress.shown)
		show_progress(&progress, "", 0, 0);
	run->status = (enum nest_status)nest_trip_status(run->trip);
	return err;
}
