// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a terminal has no room for is cut here. libsmartcols could do it, but which columns it cuts
 * and how far differs between its versions (2.38 and 2.41).
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>
#include <wchar.h>

#include "print/human.h"

#define WRAP_FLOOR 20 /* columns below which lines are not broken */

/*
 * How many columns of the terminal the text takes, up to most; in bytes how many bytes of it these
 * are. What is no character of the locale is shown as four characters.
 */
static size_t width_of(const char *text, size_t most, size_t *bytes)
{
	mbstate_t state = { 0 };
	size_t width = 0;

	for (*bytes = 0; text && text[*bytes];) {
		wchar_t wide;
		size_t len = mbrtowc(&wide, text + *bytes, MB_CUR_MAX, &state);
		bool known = len <= MB_CUR_MAX;
		int takes = known ? wcwidth(wide) : -1;

		if (!known) {
			memset(&state, 0, sizeof(state));
			len = 1;
		}
		if (width + (takes < 0 ? 4 : (size_t)takes) > most)
			break;
		width += takes < 0 ? 4 : (size_t)takes;
		*bytes += len;
	}
	return width;
}

/* The widest text of the column. With most each text is cut to that width. */
static size_t walk(struct libscols_table *table, size_t column, size_t most)
{
	struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;
	size_t widest = 0;

	while (iter && !scols_table_next_line(table, iter, &line)) {
		struct libscols_cell *cell = scols_line_get_cell(line, column);
		const char *text = scols_cell_get_data(cell);
		size_t bytes, width = width_of(text, most, &bytes);
		char *shorter = text && text[bytes] ? strndup(text, bytes) : NULL;

		if (shorter && scols_cell_refer_data(cell, shorter))
			free(shorter);
		widest = MAX(widest, width);
	}
	scols_free_iter(iter);
	return widest;
}

/* The column of this turn that is furthest above its floor; n: none is. */
static size_t widest_of(const struct nest_fit *fits, const size_t *widths, size_t n, int turn)
{
	size_t i, most = 0, found = n;

	for (i = 0; i < n; i++) {
		if (fits[i].turn != turn || widths[i] <= fits[i].floor + most)
			continue;
		most = widths[i] - fits[i].floor;
		found = i;
	}
	return found;
}

/* Puts line breaks for blanks, so that no line is wider than room where a blank allows that. */
static void break_lines(char *text, size_t room)
{
	char *line = text, *blank = NULL, *at;

	for (at = text; *at; at++) {
		size_t bytes;

		if (*at != ' ')
			continue;
		*at = '\0';
		if (blank && width_of(line, SIZE_MAX, &bytes) > room) {
			*blank = '\n';
			line = blank + 1;
		}
		*at = ' ';
		blank = at;
	}
	if (blank && width_of(line, SIZE_MAX, &(size_t){ 0 }) > room)
		*blank = '\n';
}

int nest_table_wrap(FILE *out, struct libscols_table *table, size_t last)
{
	struct libscols_column *column = scols_table_get_column(table, last);
	size_t i, taken = 0, room = nest_width(out);
	struct libscols_iter *iter;
	struct libscols_line *line;

	if (!nest_is_narrow(out))
		return 0;
	scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(table, room);
	for (i = 0; i < last; i++) {
		struct libscols_column *other = scols_table_get_column(table, i);
		const char *name = scols_cell_get_data(scols_column_get_header(other));

		taken += MAX(walk(table, i, SIZE_MAX), strlen(name)) + 1;
	}
	if (taken + WRAP_FLOOR > room)
		return 0;
	iter = scols_new_iter(SCOLS_ITER_FORWARD);
	if (!iter || scols_column_set_flags(column, SCOLS_FL_WRAP) ||
	    scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
				      NULL)) {
		scols_free_iter(iter);
		return -ENOMEM;
	}
	while (!scols_table_next_line(table, iter, &line)) {
		char *text = strdup(nest_known(scols_line_get_column_data(line, column)));

		if (text)
			break_lines(text, room - taken);
		if (!text || scols_line_refer_data(line, last, text)) {
			free(text);
			scols_free_iter(iter);
			return -ENOMEM;
		}
	}
	scols_free_iter(iter);
	return 0;
}

int nest_table_fit(struct libscols_table *table, const struct nest_fit *fits, size_t n)
{
	size_t i, sum = 0, room = scols_table_get_termwidth(table);
	size_t *widths;
	int turn = 1;

	if (scols_table_get_termforce(table) == SCOLS_TERMFORCE_NEVER)
		return 0;
	widths = calloc(2 * n, sizeof(*widths));
	if (!widths)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		struct libscols_column *column = scols_table_get_column(table, i);
		const char *name = scols_cell_get_data(scols_column_get_header(column));

		widths[i] = MAX(walk(table, i, SIZE_MAX), strlen(name));
		widths[n + i] = widths[i];
		/* A device in a tree stands two levels down, each "| `-". */
		sum += widths[i] + (i > 0) + (scols_column_is_tree(column) ? 8 : 0);
	}
	while (sum > room && turn <= 2) {
		i = widest_of(fits, widths, n, turn);
		if (i == n) {
			turn++;
			continue;
		}
		widths[i]--;
		sum--;
	}
	for (i = 0; i < n; i++)
		if (widths[i] < widths[n + i])
			walk(table, i, widths[i]);
	free(widths);
	return 0;
}
