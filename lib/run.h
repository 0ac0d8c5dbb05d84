/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command found out: the model and the command's own part. Commands append to it, printers
 * read it after everything is torn down, and the exit status is a function of it.
 */
#ifndef NEST_RUN_H
#define NEST_RUN_H

#include "ctx.h"
#include "model.h"
#include "options.h"

/* The same for every command; documented in the manual under EXIT STATUS. */
enum nest_status {
	NEST_STATUS_YES = 0,
	NEST_STATUS_NO = 1,
	NEST_STATUS_USAGE = 2,
	NEST_STATUS_UNKNOWN = 3,
	NEST_STATUS_BROKEN = 4,
};

enum nest_command_id {
	NEST_COMMAND_LIST,
	NEST_COMMAND_SHOW,
	NEST_COMMAND_PROBE,
	NEST_COMMAND_CHECK,
	NEST_COMMAND_ROUNDTRIP,
	NEST_COMMAND_DECODE,
	NEST_COMMAND_REPORT,
	NEST_COMMAND_DIFF,
	NEST_COMMANDS,
};

struct nest_run {
	enum nest_command_id command;
	const char *command_name;
	const struct nest_options *options;
	struct nest_model model;
	enum nest_status status;
	struct nest_selection *selection; /* list: what the filters left */
	struct nest_show *show;
	struct nest_probe *probe;
	struct nest_check *check; /* NULL: could not begin */
	struct nest_trip *trip;
	struct nest_decode *decode;
	struct nest_report *report;
	struct nest_diff *diff;
};

/*
 * The commands: gather into the report and set its status. 0, or -errno when the tool itself broke
 * (-ENOMEM); -EINVAL with one line said means wrong usage.
 */
int nest_list_run(struct nest_ctx *ctx, struct nest_run *run);
int nest_show_run(struct nest_ctx *ctx, struct nest_run *run);
int nest_probe_command_run(struct nest_ctx *ctx, struct nest_run *run);
int nest_check_run(struct nest_ctx *ctx, struct nest_run *run);
int nest_roundtrip_run(struct nest_ctx *ctx, struct nest_run *run);
int nest_decode_run(struct nest_ctx *ctx, struct nest_run *run);
int nest_report_run(struct nest_ctx *ctx, struct nest_run *run);
int nest_diff_run(struct nest_ctx *ctx, struct nest_run *run);

void nest_run_free(struct nest_run *run);

/*
 * Gives the report the part of its command in the state in which nothing is known, for printers
 * whose command could not run. 0 or -ENOMEM.
 */
int nest_run_empty(struct nest_run *run);

/*
 * Which devices and groups a list shows: one bit each, by index into the model. A group is shown if
 * one of its devices is; a filter that nothing passes leaves nothing.
 */
struct nest_selection {
	bool *devices, *groups;
	size_t ndevices, ngroups;
};

/* The status of a list by its model; also the base of the other commands' status. */
enum nest_status nest_model_status(const struct nest_model *model);

#endif
