/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A report read back: its evidence alone, as answers. What else it says (units, groups, verdicts)
 * is for people and scripts; the commands judge the evidence anew. The file is not trusted: its
 * size, its depth and the number of its values are bounded before anything is built of it, keys
 * that are not known are passed over, and nothing it says is ever used as the path of a real file.
 */
#ifndef NEST_REPORT_READ_H
#define NEST_REPORT_READ_H

#include <stddef.h>

#include "host/answers.h"

#define NEST_REPORT_MAX	    (64u << 20) /* bytes of a report */
#define NEST_REPORT_DEPTH   24
#define NEST_REPORT_OBJECTS 500000 /* objects and arrays */
#define NEST_REPORT_VALUES  1500000

/*
 * 0, with the answers to be freed; -ENOMEM; or -EINVAL with a clause in *ret_why (static) that says
 * what is wrong: "is not JSON", "is not a report of vfio-nestctl" …
 */
int nest_report_read(const char *text, size_t len, struct nest_answers *ret_answers,
		     const char **ret_why);

/*
 * The probes that were read, by their text, which has a place among the answers: an array, or a
 * string if there are too many. To be given to nest_redact_json_free(). 0, -ENOMEM or -EINVAL.
 */
#define NEST_REPORT_PROBES "report: probes"
struct json_object;
int nest_report_probes(const char *text, struct json_object **ret_probes);

/* Reads the file first; "-" is standard input. Also -errno of reading it, with "cannot be read". */
int nest_report_load(const char *file, struct nest_answers *ret_answers, const char **ret_why);

#endif
