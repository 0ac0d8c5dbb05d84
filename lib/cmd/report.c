// SPDX-License-Identifier: GPL-2.0-or-later
/* The report command: asks the host and keeps the answers, redacts them, reads them again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/parse.h"
#include "host/source.h"
#include "host/sysfs.h"
#include "inventory/devices.h"
#include "inventory/inventory.h"
#include "report/gather.h"
#include "report/read.h"
#include "signals.h"
#include "probe/run.h"

#define PROBES_MAX 16 /* devices that are probed beside the host */

enum { KEY_PROBE = NEST_KEY_OWN, KEY_REDACT, KEY_NO_REDACT };

static const struct argp_option report_options[] = {
	{ "output", 'o', "FILE", 0, "Write to FILE; only its owner can read it", 0 },
	{ "probe", KEY_PROBE, 0, 0, "Also ask the kernel; opens device nodes", 0 },
	{ "redact", KEY_REDACT, 0, 0, "Remove what identifies the machine (default)", 0 },
	{ "no-redact", KEY_NO_REDACT, 0, 0, "Keep everything", 0 },
	{ 0 },
};

struct report_options {
	bool probe; /* open nodes, too */
	bool no_redact;
};

/* Only a page is of use once there is a report; JSON would be another report, with less in it. */
static bool is_page(const struct nest_options *options)
{
	return !strcmp(options->format, "html");
}

static error_t parse_report(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	struct report_options *own = parse->own;

	switch (key) {
	case 'o':
		parse->options.output = arg;
		return 0;
	case KEY_PROBE:
		own->probe = true;
		return 0;
	case KEY_REDACT:
	case KEY_NO_REDACT:
		own->no_redact = key == KEY_NO_REDACT;
		return 0;
	case ARGP_KEY_END:
		if (parse->options.from && !is_page(&parse->options))
			return nest_usage(parse, "report supports --from with --format html only");
		return own->probe ? nest_usage_nodes(parse, "--probe") : 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int probe_one(struct nest_ctx *ctx, struct nest_report *report,
		     const struct nest_device *dev)
{
	const struct nest_decision_options options = { 0 };
	struct nest_probe *probe =
		nest_array_add((void **)&report->probes, report->nprobes, sizeof(*report->probes));

	if (!probe)
		return -ENOMEM;
	report->nprobes++;
	return nest_probe_run(ctx, &report->found, dev,
			      dev ? nest_device_group(&report->found, dev) : NULL, &options, probe);
}

/*
 * Probes the host, and each device bound to a VFIO driver. Answers are not kept meanwhile: opening
 * nodes may load modules, which changes what sysfs shows.
 */
static int probe_all(struct nest_ctx *ctx, struct nest_run *run, struct nest_report *report)
{
	size_t i;
	int err;

	nest_source_pause(&ctx->root);
	nest_signals_install();
	err = probe_one(ctx, report, NULL);
	for (i = 0; !err && i < report->found.ndevices && report->nprobes <= PROBES_MAX; i++)
		if (nest_driver_is_vfio(report->found.devices[i].driver) && !nest_signals_pending())
			err = probe_one(ctx, report, &report->found.devices[i]);
	nest_source_resume(&ctx->root);
	for (i = 0; i < report->found.nunits; i++)
		nest_unit_keep_values(ctx, &report->found.units[i]);
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
	const struct report_options *own = run->own;
	struct nest_show *shows = NULL;
	size_t nshows = 0;
	int err;

	nest_source_keep(&ctx->root, &report->answers);
	err = nest_report_gather(ctx, &report->found, &shows, &nshows);
	nest_shows_free(shows, nshows);
	if (!err)
		err = nest_report_ask_files(ctx, &report->found);
	if (!err && own->probe)
		err = probe_all(ctx, run, report);
	nest_source_keep(&ctx->root, NULL);
	nest_answers_sort(&report->answers);
	return !err && report->answers.no_memory ? -ENOMEM : err;
}

/* What is not among the answers is redacted as it is printed. */
static int take_probes(struct nest_report *report)
{
	if (!report->nprobes)
		return 0;
	report->probed = nest_json_probes(&report->found, report->probes, report->nprobes);
	if (!report->probed)
		return -ENOMEM;
	return report->redacted ? nest_redact_json(&report->redact, report->probed) : 0;
}

/* What the kernel answered when the report was made, if it was asked. */
static int take_sent_probes(const struct nest_ctx *ctx, struct nest_report *report)
{
	const char *text = NULL;

	return nest_source_fact(&ctx->root, NEST_REPORT_PROBES, &text) && text
		       ? nest_report_probes(text, &report->probed)
		       : 0;
}

/* All that a page needs, by what is read: this time or long ago. */
static int look(struct nest_ctx *ctx, struct nest_run *run, struct nest_report *report)
{
	int err = nest_report_gather(ctx, &run->model, &report->shows, &report->nshows);

	return err || !is_page(run->options) ? err : nest_report_judge(ctx, &run->model, report);
}

/* Gathers from the answers: a reader of the report has nothing else. */
static int again(const struct nest_ctx *ctx, struct nest_run *run, struct nest_report *report)
{
	struct nest_ctx replay = { .verbosity = -1, .of_host = ctx->of_host };
	int err;

	nest_source_replay(&report->answers, &replay.root);
	err = look(&replay, run, report);
	nest_root_close(&replay.root);
	return err;
}

/* In a full report thousands of answers are missing: that is one thing to say, not one for each. */
static void forget_missing(struct nest_model *model)
{
	size_t i, kept = 0;

	for (i = 0; i < model->nproblems; i++)
		if (model->problems[i].err != ENODATA)
			model->problems[kept++] = model->problems[i];
	model->nproblems = kept;
}

static int run_report(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct report_options *own = run->own;
	struct nest_report *report = calloc(1, sizeof(*report));
	int err;

	run->found = report;
	if (!report)
		return -ENOMEM;
	report->answers.host = ctx->of_host;
	if (run->options->from) {
		err = look(ctx, run, report);
		return err ? err : take_sent_probes(ctx, report);
	}
	report->redacted = !own->no_redact;
	err = record(ctx, run, report);
	if (!err && report->redacted)
		err = nest_report_redact(ctx, report);
	if (!err)
		err = take_probes(report);
	if (!err)
		err = again(ctx, run, report);
	if (!err && report->answers.dropped) {
		forget_missing(&run->model);
		nest_say(ctx, 0, "the report is full: %zu files or values were left out",
			 report->answers.dropped);
	}
	return err;
}

static void free_report(void *found)
{
	nest_report_free(found);
}

const struct nest_command nest_command_report = {
	.name = "report",
	.arguments = "",
	.summary = "Write a JSON document for a bug report, or a page of it",
	.enough = "to write to a file: report -o FILE",
	.options = report_options,
	.parse = parse_report,
	.own_size = sizeof(struct report_options),
	.printers = { { "human", nest_json_report }, /* always JSON */
		      { "json", nest_json_report },
		      { "html", nest_html_report } },
	.reads_reports = true,
	.run = run_report,
	.free = free_report,
};
