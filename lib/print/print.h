/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The printers: one function for each format and command, all over the same report. Only the main
 * file includes this header besides the printers themselves.
 */
#ifndef NEST_PRINT_H
#define NEST_PRINT_H

#include <stdio.h>

#include "run.h"

typedef int nest_print_fn(FILE *out, const struct nest_run *run);

struct nest_printer {
	const char *name;		     /* of --format */
	nest_print_fn *print[NEST_COMMANDS]; /* NULL: not a format of that command */
};

/* The printer of that name, or NULL. nest_printers ends with a row without a name. */
const struct nest_printer *nest_printer_find(const char *name);
extern const struct nest_printer nest_printers[];

/* "human (default), json or dot": the formats that a command has, or (negative) all. */
void nest_formats_write(FILE *out, int command);

/* Prints the whole report once. 0 or -errno (of the memory, or of the write to out). */
int nest_print(FILE *out, const struct nest_run *run);

/*
 * Text of every column of list for --help, "NAME  meaning" lines; and whether columns names only
 * such.
 */
void nest_columns_help(FILE *out);
int nest_columns_check(const char *columns, const char **ret_bad);

#endif
