// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rows of list, in the order of the model or of --sort: by what a column shows, numbers by
 * value; equal rows as they were.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "print/columns.h"

/* Rows by index, and which of them are shown. */
struct rows {
	const struct nest_run *run;
	const bool *shown;
	size_t n;
	struct nest_row (*at)(const struct rows *rows, size_t i);
};

struct key {
	char *text;
	uint64_t number;
	size_t index;
};

static int by_text(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : x->index < y->index ? -1 : 1;
}

/* What is no number comes first. */
static int by_number(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	return x->number == y->number ? by_text(a, b) : x->number < y->number ? -1 : 1;
}

static int take_key(const struct nest_column *column, const struct nest_row *row, size_t index,
		    struct key *ret)
{
	struct nest_cell cell;
	const char *text = nest_cell_get(column, row, &cell);
	uint64_t number = 0;

	if (column->flags & NEST_COLUMN_RIGHT && !nest_parse_u64(text, 10, &number))
		number++;
	ret->text = strdup(text);
	ret->number = number;
	ret->index = index;
	free(cell.owned);
	return ret->text ? 0 : -ENOMEM;
}

static void free_keys(struct key *keys, size_t n)
{
	while (n--)
		free(keys[n].text);
	free(keys);
}

static int each_sorted(const struct nest_column *column, const struct rows *rows,
		       int (*fn)(void *data, const struct nest_row *row), void *data)
{
	struct key *keys = calloc(rows->n + 1, sizeof(*keys));
	size_t i, n = 0;
	int err = keys ? 0 : -ENOMEM;

	for (i = 0; i < rows->n && !err; i++) {
		struct nest_row row = rows->at(rows, i);

		if (rows->shown[i])
			err = take_key(column, &row, i, &keys[n++]);
	}
	if (!err)
		qsort(keys, n, sizeof(*keys),
		      column->flags & NEST_COLUMN_RIGHT ? by_number : by_text);
	for (i = 0; i < n && !err; i++) {
		struct nest_row row = rows->at(rows, keys[i].index);

		err = fn(data, &row);
	}
	free_keys(keys, n);
	return err;
}

static struct nest_row group_at(const struct rows *rows, size_t i)
{
	const struct nest_group *group = &rows->run->model.groups[i];

	return (struct nest_row){ .run = rows->run,
				  .group = group,
				  .unit = nest_group_unit(&rows->run->model, group) };
}

static struct nest_row device_at(const struct rows *rows, size_t i)
{
	return nest_row_of_device(rows->run, &rows->run->model.devices[i]);
}

int nest_rows_each(const struct nest_run *run, int (*fn)(void *data, const struct nest_row *row),
		   void *data)
{
	const struct nest_model *model = &run->model;
	const struct nest_list *list = run->found;
	bool groups = list->look.view == NEST_BY_GROUP;
	const struct rows rows = {
		.run = run,
		.shown = groups ? list->groups : list->devices,
		.n = groups ? model->ngroups : model->ndevices,
		.at = groups ? group_at : device_at,
	};
	const struct nest_column *column =
		list->look.sort ? nest_column_find(list->look.sort) : NULL;
	size_t i;
	int err = 0;

	if (column)
		return each_sorted(column, &rows, fn, data);
	for (i = 0; i < rows.n && !err; i++) {
		struct nest_row row = rows.at(&rows, i);

		if (rows.shown[i])
			err = fn(data, &row);
	}
	return err;
}
