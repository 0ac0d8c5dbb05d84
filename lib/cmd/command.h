/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command is one descriptor: its options, help and printers, and what it does. Each command has a
 * file in this folder that exports it; the main file lists them.
 */
#ifndef NEST_COMMAND_H
#define NEST_COMMAND_H

#include <argp.h>

#include "ctx.h"
#include "print/print.h"
#include "run.h"

struct nest_printer {
	const char *format; /* of --format */
	nest_print_fn *print;
};

#define NEST_PRINTERS_MAX 8

struct nest_command {
	const char *name;
	const char *arguments; /* for the usage; a line per way to call it */
	const char *summary;   /* what it does, for --help */
	size_t least, most;    /* arguments */
	const char *enough;    /* said of one more than most: "name one device" */

	/* Its own options, kept in a structure of own_size. All may be left out. */
	const struct argp_option *options;
	argp_parser_t parse; /* its input is a struct nest_parse (cmd/parse.h) */
	size_t own_size;

	struct nest_printer printers[NEST_PRINTERS_MAX]; /* human first; an empty row ends them */
	bool reads_reports;				 /* supports --from */

	/*
	 * Gathers into the run and sets its status. 0, or -errno when the tool itself broke
	 * (-ENOMEM); -EINVAL with one line said means wrong usage.
	 */
	int (*run)(struct nest_ctx *ctx, struct nest_run *run);
	/*
	 * Sets run->found to what the printers need when the run could not start. 0 or -ENOMEM.
	 * NULL: they need nothing.
	 */
	int (*empty)(struct nest_run *run);
	void (*free)(void *found); /* run->found, which may be NULL. NULL: free(3) */
};

extern const struct nest_command nest_command_list, nest_command_show, nest_command_probe,
	nest_command_check, nest_command_roundtrip, nest_command_decode, nest_command_report,
	nest_command_diff;

/* The command's printer of that format, or NULL. */
nest_print_fn *nest_command_printer(const struct nest_command *command, const char *format);

#endif
