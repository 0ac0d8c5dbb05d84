/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of list. A row is a device, a group or a line of the tree; a cell is its text. */
#ifndef NEST_PRINT_COLUMNS_H
#define NEST_PRINT_COLUMNS_H

#include "print/list.h"
#include "run.h"

/* What a cell shows: a device, its group and unit. In a tree device or group may be NULL. */
struct nest_row {
	const struct nest_run *run;
	const struct nest_device *dev;
	const struct nest_group *group;
	const struct nest_unit *unit;
	bool words; /* for scripts: one word, "no" instead of "no (nest)" */
};

struct nest_cell {
	char text[256];
	const char *ref; /* used instead of text if set */
	char *owned;	 /* likewise, for a text of any length; the caller frees it */
	enum nest_tri tri;
	bool colored;
};

/*
 * On a narrow terminal columns are cut, so that a device stays one line: CUT columns first, the
 * widest before the others, then LAST ones, none below its heading. A WIDE one keeps room for "no:
 * " and the begin of an address.
 */
enum nest_column_flags {
	NEST_COLUMN_RIGHT = 1,
	NEST_COLUMN_CUT = 2,
	NEST_COLUMN_WIDE = 4,
	NEST_COLUMN_LAST = 8,
};

struct nest_column {
	const char *name, *help;
	void (*get)(const struct nest_row *row, struct nest_cell *cell);
	unsigned int flags;
};

/* The columns that the look asks for; their names were checked. Returns their number. */
int nest_columns_choose(const struct nest_list_look *look,
			const struct nest_column *chosen[NEST_COLUMNS_MAX]);

/* Fills the cell and returns its text; cell->owned is to be freed. */
const char *nest_cell_get(const struct nest_column *column, const struct nest_row *row,
			  struct nest_cell *cell);

/* The column of that name in any case, or NULL. */
const struct nest_column *nest_column_find(const char *name);

/*
 * print/rows.c: calls fn for each row of a list of devices or groups, sorted as the look says;
 * -ENOMEM. A non-zero answer ends it and is returned.
 */
int nest_rows_each(const struct nest_run *run, int (*fn)(void *data, const struct nest_row *row),
		   void *data);

struct nest_row nest_row_of_device(const struct nest_run *run, const struct nest_device *dev);
#endif
