// SPDX-License-Identifier: GPL-2.0-or-later
/* list for scripts (--raw, --pairs): no value holds a blank, and no column is ever missing. */
#include <stdlib.h>
#include <string.h>

#include "print/columns.h"
#include "print/quote.h"

struct sheet {
	FILE *out;
	const struct nest_column *columns[NEST_COLUMNS_MAX];
	int ncolumns;
	enum nest_list_words form;
};

/* An empty value would move the columns behind it. */
static void put_value(const struct sheet *sheet, const char *text)
{
	if (sheet->form == NEST_PAIRS)
		nest_put(sheet->out, NEST_PAIR, text);
	else if (!*text)
		fputc('-', sheet->out);
	else if (!strcmp(text, "-"))
		fputs("\\x2d", sheet->out);
	else
		nest_put(sheet->out, NEST_WORD, text);
}

static int put_row(void *data, const struct nest_row *told)
{
	const struct sheet *sheet = data;
	struct nest_row row = *told;
	int i;

	row.words = true;
	for (i = 0; i < sheet->ncolumns; i++) {
		struct nest_cell cell;
		const char *text = nest_cell_get(sheet->columns[i], &row, &cell);

		if (i)
			fputc(' ', sheet->out);
		if (sheet->form == NEST_PAIRS)
			fprintf(sheet->out, "%s=\"", sheet->columns[i]->name);
		put_value(sheet, text);
		if (sheet->form == NEST_PAIRS)
			fputc('"', sheet->out);
		free(cell.owned);
	}
	fputc('\n', sheet->out);
	return 0;
}

static void put_headings(const struct sheet *sheet)
{
	int i;

	for (i = 0; i < sheet->ncolumns; i++)
		fprintf(sheet->out, "%s%s", i ? " " : "", sheet->columns[i]->name);
	fputc('\n', sheet->out);
}

int nest_words_list(FILE *out, const struct nest_run *run)
{
	const struct nest_list *list = run->found;
	struct sheet sheet = { .out = out, .form = list->look.words };

	sheet.ncolumns = nest_columns_choose(&list->look, sheet.columns);
	if (sheet.form == NEST_RAW && !list->look.noheadings)
		put_headings(&sheet);
	return nest_rows_each(run, put_row, &sheet);
}
