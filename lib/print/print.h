/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The printers: one function for each format and command. They read what the command found. */
#ifndef NEST_PRINT_H
#define NEST_PRINT_H

#include <stdio.h>

#include "run.h"

/* Prints the document once. 0, or -ENOMEM. */
typedef int nest_print_fn(FILE *out, const struct nest_run *run);

/* human, for people */
nest_print_fn nest_human_list, nest_human_show, nest_human_probe, nest_human_check,
	nest_human_roundtrip, nest_human_decode, nest_human_diff;

/* json */
nest_print_fn nest_json_list, nest_json_show, nest_json_probe, nest_json_check, nest_json_roundtrip,
	nest_json_decode, nest_json_report, nest_json_diff;

/* tap, the Test Anything Protocol 14, and junit, JUnit's XML: of check and roundtrip */
nest_print_fn nest_tap_points, nest_junit_points;

/*
 * prometheus, for the text files that node_exporter collects, and nfd, the feature files of
 * node-feature-discovery. What is not known is absent in both.
 */
nest_print_fn nest_prometheus_check, nest_nfd_check;

/* dot, pictures for Graphviz */
nest_print_fn nest_dot_list;

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
