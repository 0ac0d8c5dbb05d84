/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What list shows: which devices and groups, and in which form. */
#ifndef NEST_PRINT_LIST_H
#define NEST_PRINT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum nest_list_view { NEST_BY_DEVICE, NEST_BY_GROUP, NEST_AS_TREE };

/* For scripts: values without blanks, or NAME="value" as a shell reads it. */
enum nest_list_words { NEST_NO_WORDS, NEST_RAW, NEST_PAIRS };

/* The form of the table; only the format human has one. */
struct nest_list_look {
	enum nest_list_view view;
	const char *columns; /* "DEVICE,GROUP"; "+ID": and those of the view; NULL: these alone */
	bool all;	     /* every column there is */
	bool noheadings;
	const char *sort; /* by this column; NULL: as the model has them */
	enum nest_list_words words;
};

struct nest_acpi;
struct nest_streams;

/*
 * Which devices and groups are shown: one bit each, by index into the model. A group is shown if
 * one of its devices is.
 */
struct nest_list {
	bool *devices, *groups;
	size_t ndevices, ngroups;
	struct nest_list_look look;
	struct nest_streams *streams; /* by index of the device; NULL: not asked for, or unknown */
	struct nest_acpi *iort;	      /* that they are from */
};

/* Is the column of that name among those that are shown, or sorted by? */
bool nest_list_shows(const struct nest_list_look *look, const char *column);

/* Prints the columns with their meaning, one per line. */
void nest_columns_help(FILE *out);

/* Their names, in the same order; NULL behind the last. */
const char *nest_column_name(size_t i);
/* How many columns one list may have. */
#define NEST_COLUMNS_MAX 32
/* The most that a view has unasked. */
#define NEST_COLUMNS_DEFAULT_MAX 8

struct nest_run;
/* The list for scripts. 0 or -ENOMEM. */
int nest_words_list(FILE *out, const struct nest_run *run);

#endif
