// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report command: asks while the answers are kept, takes out what identifies, and reads the
 * answers again.
 */
#include <errno.h>
#include <stdlib.h>

#include "inventory/devices.h"
#include "report/gather.h"
#include "host/source.h"
#include "signals.h"
#include "host/sysfs.h"
#include "probe/run.h"

#define PROBES_MAX 16 /* devices that are probed beside the host */

static int probe_one(struct nest_ctx *ctx, const struct nest_run *run, struct nest_report *report,
		     const struct nest_device *dev)
{
	const struct nest_decision_options options = {
		.min_uapi_version = run->options->min_uapi_version,
	};
	struct nest_probe *probe =
		nest_array_add((void **)&report->probes, report->nprobes, sizeof(*report->probes));

	if (!probe)
		return -ENOMEM;
	report->nprobes++;
	return nest_probe_run(ctx, &report->found, dev,
			      dev ? nest_device_group(&report->found, dev) : NULL, &options, probe);
}

/*
 * The host, and each device that a VFIO driver has; opening nodes may load modules, so nothing is
 * kept off.
 */
static int probe_all(struct nest_ctx *ctx, struct nest_run *run, struct nest_report *report)
{
	size_t i;
	int err;

	nest_source_pause(&ctx->root);
	nest_signals_install();
	err = probe_one(ctx, run, report, NULL);
	for (i = 0; !err && i < report->found.ndevices && report->nprobes <= PROBES_MAX; i++)
		if (nest_driver_is_vfio(report->found.devices[i].driver) && !nest_signals_pending())
			err = probe_one(ctx, run, report, &report->found.devices[i]);
	nest_source_resume(&ctx->root);
	for (i = 0; i < report->nprobes; i++) {
		if (report->probes[i].nundone)
			run->status = NEST_STATUS_BROKEN;
		else if (report->probes[i].signal && run->status == NEST_STATUS_YES)
			run->status = NEST_STATUS_UNKNOWN;
	}
	return err;
}

static int record(struct nest_ctx *ctx, struct nest_run *run, struct nest_report *report)
{
	struct nest_show *shows = NULL;
	size_t nshows = 0;
	int err;

	nest_source_keep(&ctx->root, &report->answers);
	err = nest_report_gather(ctx, &report->found, &shows, &nshows);
	nest_shows_free(shows, nshows);
	if (!err)
		err = nest_report_ask_files(ctx, &report->found);
	if (!err && run->options->probe)
		err = probe_all(ctx, run, report);
	nest_source_keep(&ctx->root, NULL);
	nest_answers_sort(&report->answers);
	return err;
}

/* What the answers say, which is all that a reader of the report will have. */
static int again(const struct nest_ctx *ctx, struct nest_run *run, struct nest_report *report)
{
	struct nest_ctx replay = { .verbosity = -1, .of_host = ctx->of_host };
	int err;

	nest_source_replay(&report->answers, &replay.root);
	err = nest_report_gather(&replay, &run->model, &report->shows, &report->nshows);
	nest_root_close(&replay.root);
	return err;
}

int nest_report_run(struct nest_ctx *ctx, struct nest_run *run)
{
	struct nest_report *report = calloc(1, sizeof(*report));
	int err;

	run->report = report;
	if (!report)
		return -ENOMEM;
	if (ctx->root.kind == NEST_SOURCE_REPLAY) {
		nest_say(ctx, 0,
			 "report is about a host or --sysroot; what --from reads is a report "
			 "already");
		return -EINVAL;
	}
	if (run->options->probe && !ctx->live) {
		nest_say(ctx, 0, "--probe opens device nodes, and below --sysroot none is opened");
		return -EINVAL;
	}
	report->answers.host = ctx->of_host;
	report->redacted = !run->options->no_redact;
	err = record(ctx, run, report);
	if (!err && report->redacted) {
		nest_report_learn_host(ctx, &report->redact);
		err = nest_redact_answers(&report->redact, &report->answers);
	}
	if (!err)
		err = again(ctx, run, report);
	if (!err && report->answers.dropped)
		nest_say(ctx, 0,
			 "the report is full: %zu answers of this machine found no room in it",
			 report->answers.dropped);
	return err;
}
