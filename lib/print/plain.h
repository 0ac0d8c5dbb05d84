/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ways to print the table of list. */
#ifndef NEST_PRINT_PLAIN_H
#define NEST_PRINT_PLAIN_H

#include <stdio.h>

#include "run.h"

/*
 * A table of devices or groups for a file or pipe, without colors. 0, -ENOMEM, or -EILSEQ: a text
 * is not plain ASCII, and nothing was printed.
 */
int nest_plain_list(FILE *out, const struct nest_run *run);

/* Every table, by libsmartcols. 0 or -errno. */
int nest_table_list(FILE *out, const struct nest_run *run);

#endif
