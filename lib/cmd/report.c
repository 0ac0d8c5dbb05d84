// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report command: asks while the tape records, takes out what identifies, and reads the tape
 * again.
 */
#include <errno.h>
#include <stdlib.h>

#include "inventory/devices.h"
#include "report/dossier.h"
#include "host/record.h"
#include "signals.h"

#define PROBES_MAX 16 /* devices that are probed beside the host */

static int probe_one(struct nest_ctx *ctx, const struct nest_report *report,
		     struct nest_dossier *dossier, const struct nest_device *dev)
{
	const struct nest_decision_options options = {
		.min_uapi_version = report->options->min_uapi_version,
	};
	struct nest_probe *probe = nest_array_add((void **)&dossier->probes, dossier->nprobes,
						  sizeof(*dossier->probes));

	if (!probe)
		return -ENOMEM;
	dossier->nprobes++;
	return nest_probe_run(ctx, &dossier->found, dev,
			      dev ? nest_device_group(&dossier->found, dev) : NULL, &options,
			      probe);
}

/*
 * The host, and each device that a VFIO driver has; opening nodes may load modules, so the tape is
 * off.
 */
static int probe_all(struct nest_ctx *ctx, struct nest_report *report, struct nest_dossier *dossier)
{
	struct nest_tape *tape = ctx->root.tape;
	size_t i;
	int err;

	ctx->root.tape = NULL;
	nest_signals_install();
	err = probe_one(ctx, report, dossier, NULL);
	for (i = 0; !err && i < dossier->found.ndevices && dossier->nprobes <= PROBES_MAX; i++)
		if (nest_driver_is_vfio(dossier->found.devices[i].driver) &&
		    !nest_signals_pending())
			err = probe_one(ctx, report, dossier, &dossier->found.devices[i]);
	ctx->root.tape = tape;
	for (i = 0; i < dossier->nprobes; i++) {
		if (dossier->probes[i].nundone)
			report->status = NEST_STATUS_BROKEN;
		else if (dossier->probes[i].signal && report->status == NEST_STATUS_YES)
			report->status = NEST_STATUS_UNKNOWN;
	}
	return err;
}

static int record(struct nest_ctx *ctx, struct nest_report *report, struct nest_dossier *dossier)
{
	struct nest_show *shows = NULL;
	size_t nshows = 0;
	int err;

	nest_record_start(&ctx->root, &dossier->tape);
	err = nest_dossier_gather(ctx, &dossier->found, &shows, &nshows);
	nest_shows_free(shows, nshows);
	if (!err)
		err = nest_dossier_ask_files(ctx, &dossier->found);
	if (!err && report->options->probe)
		err = probe_all(ctx, report, dossier);
	ctx->root.tape = NULL;
	nest_tape_sort(&dossier->tape);
	return err;
}

/* What the tape says, which is all that a reader of the report will have. */
static int again(const struct nest_ctx *ctx, struct nest_report *report,
		 struct nest_dossier *dossier)
{
	struct nest_ctx replay = { .verbosity = -1, .of_host = ctx->of_host };
	int err;

	nest_replay_open(&dossier->tape, &replay.root);
	err = nest_dossier_gather(&replay, &report->model, &dossier->shows, &dossier->nshows);
	nest_root_close(&replay.root);
	return err;
}

int nest_report_run(struct nest_ctx *ctx, struct nest_report *report)
{
	struct nest_dossier *dossier = calloc(1, sizeof(*dossier));
	int err;

	report->dossier = dossier;
	if (!dossier)
		return -ENOMEM;
	if (nest_root_is_replay(&ctx->root)) {
		nest_say(ctx, 0,
			 "report is about a host or --sysroot; what --from reads is a report "
			 "already");
		return -EINVAL;
	}
	if (report->options->probe && !ctx->live) {
		nest_say(ctx, 0, "--probe opens device nodes, and below --sysroot none is opened");
		return -EINVAL;
	}
	dossier->tape.host = ctx->of_host;
	dossier->redacted = !report->options->no_redact;
	err = record(ctx, report, dossier);
	if (!err && dossier->redacted) {
		nest_dossier_learn_host(ctx, &dossier->redact);
		err = nest_redact_tape(&dossier->redact, &dossier->tape);
	}
	if (!err)
		err = again(ctx, report, dossier);
	if (!err && dossier->tape.dropped)
		nest_say(ctx, 0,
			 "the report is full: %zu answers of this machine found no room in it",
			 dossier->tape.dropped);
	return err;
}
