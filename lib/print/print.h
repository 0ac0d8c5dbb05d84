/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The printers: one function for each format and command. What they read at run->found:
 *
 *	list		struct nest_list (print/list.h), NULL: nothing could be read
 *	show		struct nest_show, NULL: no such thing
 *	probe		struct nest_probe, NULL: nothing was probed
 *	check		struct nest_check
 *	roundtrip	struct nest_trip
 *	decode		struct nest_decode
 *	report		struct nest_report, NULL: nothing could be read
 *	diff		struct nest_diff, NULL: a side could not be read
 */
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

/* The array of probes as a report holds it, before it is redacted. NULL: out of memory. */
struct json_object;
struct nest_model;
struct nest_probe;
struct json_object *nest_json_probes(const struct nest_model *model,
				     const struct nest_probe *probes, size_t n);

/* tap, the Test Anything Protocol 14, and junit, JUnit's XML: of check and roundtrip */
nest_print_fn nest_tap_check, nest_tap_roundtrip, nest_junit_check, nest_junit_roundtrip;

/*
 * prometheus, for the text files that node_exporter collects, and nfd, the feature files of
 * node-feature-discovery. What is unknown is absent in both.
 */
nest_print_fn nest_prometheus_check, nest_nfd_check;

/* html, a page for a browser */
nest_print_fn nest_html_report;

/* dot, pictures for Graphviz */
nest_print_fn nest_dot_list;

/* The requirements of check for --require help, one a line: name, values, meaning. */
void nest_requirements_help(FILE *out);

#endif
