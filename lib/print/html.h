/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of the page of a report. All text of the machine goes through nest_html_text(), which
 * escapes it. The page is well-formed XML, too.
 */
#ifndef NEST_PRINT_HTML_H
#define NEST_PRINT_HTML_H

#include <stdio.h>

#include "report/gather.h"
#include "run.h"

/* Text, escaped. */
void nest_html_text(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* An element that holds such a text, and its class or NULL. */
void nest_html(FILE *out, const char *element, const char *class, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* print/html-machine.c: units with their groups and devices, and registers that are decoded. */
void nest_html_tree(FILE *out, const struct nest_run *run);
void nest_html_registers(FILE *out, const struct nest_run *run);

/* print/html-check.c: the verdict for each purpose, with its findings. */
void nest_html_checks(FILE *out, const struct nest_run *run);

/* print/html-probe.c: what the kernel answered, if it was asked. */
void nest_html_probes(FILE *out, const struct nest_run *run);

#endif
