/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the printers for people share: escaped text, colors, tables. */
#ifndef NEST_PRINT_HUMAN_H
#define NEST_PRINT_HUMAN_H

#include <libsmartcols/libsmartcols.h>

#include "print/print.h"

/*
 * nest_out() in a color, where the run's options ask for color. The sequences are added around the
 * escaped text: nothing that is escaped may hold one.
 */
enum nest_paint { NEST_BOLD, NEST_GREEN, NEST_RED, NEST_YELLOW, NEST_FAINT };
void nest_paint(FILE *out, const struct nest_run *run, enum nest_paint paint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The sequence that starts the colour, for libsmartcols, which ends it itself. */
const char *nest_paint_sequence(enum nest_paint paint);
enum nest_paint nest_tri_paint(enum nest_tri tri);

/*
 * printf that escapes what it prints, newlines too, so that no name of the machine can end a line.
 * The caller ends the line.
 */
void nest_out(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The text; "unknown" for NULL. */
const char *nest_known(const char *text);

/* Where the values of facts begin. */
#define NEST_FACT_INDENT   20
#define NEST_NARROW_INDENT 4 /* where a command or a path is too long for the room */

/*
 * A two-column "name: value" line of the show pages, escaped, the value wrapped at the terminal's
 * width.
 */
void nest_fact(FILE *out, const struct nest_run *run, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Ends a line that is at this column, wrapped there. */
void nest_wrap(FILE *out, size_t column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* How many columns there are: of the terminal, or those of COLUMNS. */
size_t nest_width(FILE *out);

/* Is that a width to keep to, not a default for a pipe? */
bool nest_is_narrow(FILE *out);

/* Names, each once, in their order. The strings are the caller's. */
struct nest_names {
	const char **at;
	size_t n;
};
int nest_names_add(struct nest_names *names, const char *name); /* 0 or -ENOMEM */
/* "a, b and 37 more": what fits into so many columns, at least one. NULL: no memory. free(3). */
char *nest_names_text(const struct nest_names *names, size_t room);
void nest_names_free(struct nest_names *names);

/*
 * A remedy: its clause as a fact, with label in front of it, and below it its commands, so that
 * they can be pasted: each whole on a line of its own, but for a terminal that has no room for it.
 */
void nest_human_remedy(FILE *out, const struct nest_run *run, const char *name, const char *label,
		       const char *remedy);

/*
 * Its commands, or some of them. Of drivers of devices only the way that is there: driverctl where
 * it is installed, else plain sysfs.
 */
void nest_human_commands(FILE *out, const struct nest_run *run, const char *commands);

/* A fact about a node that is there: path, owner, group, mode; more goes behind it. */
struct nest_node;
void nest_human_node(FILE *out, const struct nest_run *run, const char *name,
		     const struct nest_node *node, const char *more);

/* An ACPI table, and one of its structures. */
struct nest_acpi;
struct nest_acpi_node;
void nest_human_table(FILE *out, const struct nest_run *run, const struct nest_acpi *table);
void nest_human_table_node(FILE *out, const struct nest_run *run, const char *label,
			   const struct nest_acpi *table, const struct nest_acpi_node *node);

/* What a DMAR table has beside notes and the header that all have. */
struct nest_dmar;
void nest_human_dmar(FILE *out, const struct nest_run *run, const struct nest_dmar *dmar);

/* A section heading. */
void nest_heading(FILE *out, const struct nest_run *run, const char *text);

/* A new table; NULL when memory is out. Freed by scols_unref_table(). */
struct libscols_table *nest_table_new(FILE *out, const struct nest_run *run);

/* Copies the text into a cell, escaped. 0 or -ENOMEM. */
int nest_table_cell(struct libscols_line *line, size_t column, const char *text);

/* How far a column may be cut where the terminal is too narrow. */
struct nest_fit {
	int turn;     /* 1: cut first, 2: if that is not enough, 0: never */
	size_t floor; /* not cut below this many columns of the terminal */
};

/*
 * Cuts the texts of a filled table to the width of the terminal, the widest column before the
 * others; fits[] has one entry a column. Nothing where the output is no terminal. 0 or -ENOMEM.
 */
int nest_table_fit(struct libscols_table *table, const struct nest_fit *fits, size_t n);

/*
 * Breaks the texts of the last column into lines, so that the table fits the terminal, or what
 * COLUMNS says. Nothing where neither tells a width. 0 or -ENOMEM.
 */
int nest_table_wrap(FILE *out, struct libscols_table *table, size_t last);

/* Prints and frees. 0 or -errno. */
int nest_table_finish(struct libscols_table *table, int err);

/* The sentence for a host without an IOMMU. Nothing for others. */
void nest_human_absence(FILE *out, const struct nest_run *run);

/* Decoded registers as a table, a line per field, and the notes on them. 0 or -ENOMEM. */
struct nest_regs;
int nest_human_registers(FILE *out, const struct nest_run *run, const struct nest_regs *regs);

/* What was found in a kernel log, but for the registers. */
struct nest_log_result;
void nest_human_log(FILE *out, const struct nest_run *run, const struct nest_log_result *log);

#endif
