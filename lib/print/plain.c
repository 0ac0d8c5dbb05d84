// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of list for files and pipes, where no width limits it and its texts are plain ASCII:
 * byte for byte what libsmartcols prints (tests/unit/print/test_plain.c), at a thirtieth of its
 * time, which is three quarters of that of list. What is not plain is left to libsmartcols.
 */
#include "print/plain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "print/columns.h"

struct table {
	const struct nest_column *columns[NEST_COLUMNS_MAX];
	size_t ncolumns, widths[NEST_COLUMNS_MAX];
	char *texts; /* of all cells in their order, each with its NUL */
	size_t used, room;
};

/* Its length, or SIZE_MAX: libsmartcols may escape it. */
static size_t plain_length(const char *text)
{
	size_t len;

	for (len = 0; text[len]; len++)
		if (text[len] < ' ' || text[len] > '~' || text[len] == '\\')
			return SIZE_MAX;
	return len;
}

static int add_text(struct table *table, size_t column, const char *text)
{
	size_t len = plain_length(text);
	char *bigger;

	if (len == SIZE_MAX)
		return -EILSEQ;
	if (len >= table->room - table->used) {
		bigger = realloc(table->texts, 2 * (table->room + len) + 4096);
		if (!bigger)
			return -ENOMEM;
		table->texts = bigger;
		table->room = 2 * (table->room + len) + 4096;
	}
	memcpy(table->texts + table->used, text, len + 1);
	table->used += len + 1;
	table->widths[column] = MAX(table->widths[column], len);
	return 0;
}

static int add_row(void *data, const struct nest_row *row)
{
	struct table *table = data;
	size_t i;
	int err = 0;

	for (i = 0; i < table->ncolumns && !err; i++) {
		struct nest_cell cell;

		err = add_text(table, i, nest_cell_get(table->columns[i], row, &cell));
		free(cell.owned);
	}
	return err;
}

static char *put_blanks(char *at, size_t n)
{
	memset(at, ' ', n);
	return at + n;
}

/* Lays the texts out in lines. line has room for the longest. */
static void print_lines(FILE *out, const struct table *table, char *line)
{
	const char *text = table->texts, *end = text + table->used;

	while (text < end) {
		char *at = line;
		size_t i;

		for (i = 0; i < table->ncolumns; i++) {
			size_t len = strlen(text), gap = table->widths[i] - len;
			bool right = table->columns[i]->flags & NEST_COLUMN_RIGHT;
			bool last = i + 1 == table->ncolumns;

			if (i)
				*at++ = ' ';
			if (right && (len || !last))
				at = put_blanks(at, gap);
			at = mempcpy(at, text, len);
			if (!right && !last)
				at = put_blanks(at, gap);
			text += len + 1;
		}
		*at++ = '\n';
		fwrite_unlocked(line, 1, (size_t)(at - line), out);
	}
}

int nest_plain_list(FILE *out, const struct nest_run *run)
{
	const struct nest_list *list = run->found;
	struct table table = { 0 };
	size_t i, longest = 1;
	char *line = NULL;
	int err = 0;

	table.ncolumns = (size_t)nest_columns_choose(&list->look, table.columns);
	/* A heading takes its room even if it is not shown. */
	for (i = 0; i < table.ncolumns && !err; i++)
		err = add_text(&table, i, table.columns[i]->name);
	if (list->look.noheadings)
		table.used = 0;
	if (!err)
		err = nest_rows_each(run, add_row, &table);
	for (i = 0; i < table.ncolumns; i++)
		longest += table.widths[i] + 1;
	if (!err)
		line = malloc(longest);
	if (line)
		print_lines(out, &table, line);
	else if (!err)
		err = -ENOMEM;
	free(line);
	free(table.texts);
	return err;
}
