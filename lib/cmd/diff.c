// SPDX-License-Identifier: GPL-2.0-or-later
/* The diff command: gathers both sides, each a report or what this run reads, and compares. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/parse.h"
#include "host/userfile.h"
#include "host/source.h"
#include "host/sysfs.h"
#include "report/diff.h"
#include "report/read.h"

static error_t parse_diff(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	const struct nest_options *options = &parse->options;
	size_t i;

	(void)arg;
	if (key != ARGP_KEY_END)
		return ARGP_ERR_UNKNOWN;
	for (i = 0; i < options->nargs && !strcmp(options->args[i], "-"); i++)
		;
	return i < options->nargs || !i ? 0 : nest_usage(parse, "diff needs at least one report");
}

static const char *own_name(const struct nest_ctx *ctx, const struct nest_run *run)
{
	const struct nest_options *options = run->options;

	return options->from ? nest_userfile_title(options->from)
	       : ctx->live   ? "this host"
			     : options->sysroot;
}

/* A side: a file, or "-" for what this run reads. -EINVAL with *ret_why: not a report. */
static int gather(struct nest_ctx *ctx, const struct nest_run *run, const char *file,
		  struct nest_side *side, const char **ret_why)
{
	struct nest_ctx other = { .verbosity = ctx->verbosity };
	struct nest_answers answers = { 0 };
	int err;

	if (!file || !strcmp(file, "-"))
		return nest_side_gather(ctx, own_name(ctx, run), side);
	err = nest_report_load(file, &answers, ret_why);
	if (err)
		return err;
	nest_source_replay(&answers, &other.root);
	other.of_host = answers.host;
	*ret_why = NULL;
	err = nest_side_gather(&other, file, side);
	nest_root_close(&other.root);
	nest_answers_free(&answers);
	return err;
}

static int run_diff(struct nest_ctx *ctx, struct nest_run *run)
{
	const char *const *args = run->options->args;
	struct nest_diff *diff = calloc(1, sizeof(*diff));
	const char *files[2] = { args[0], run->options->nargs > 1 ? args[1] : "-" }, *why = NULL;
	struct nest_side *sides[2];
	size_t i;
	int err;

	run->found = diff;
	if (!diff)
		return -ENOMEM;
	sides[0] = &diff->a;
	sides[1] = &diff->b;
	for (i = 0; i < 2; i++) {
		err = gather(ctx, run, files[i], sides[i], &why);
		if (err == -ENOMEM)
			return err;
		if (err) {
			nest_model_problem(&run->model, files[i], why ? why : "cannot be read",
					   err == -EINVAL || err == -EFBIG ? 0 : err);
			run->status = NEST_STATUS_UNKNOWN;
			nest_diff_free(diff);
			run->found = NULL;
			return 0;
		}
	}
	err = nest_diff_compare(diff);
	run->status = diff->nchanges ? NEST_STATUS_NO : NEST_STATUS_YES;
	return err;
}

static void free_diff(void *found)
{
	nest_diff_free(found);
}

const struct nest_command nest_command_diff = {
	.name = "diff",
	.arguments = "A [B]",
	.summary = "Show what changed between two reports, or since a report",
	.least = 1,
	.most = 2,
	.enough = "name one report or two",
	.parse = parse_diff,
	.printers = { { "human", nest_human_diff }, { "json", nest_json_diff } },
	.reads_reports = true,
	.run = run_diff,
	.free = free_diff,
};
