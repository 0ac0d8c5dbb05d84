// SPDX-License-Identifier: GPL-2.0-or-later
/* Knows the quotes and commas of CSV, and which of the columns is the message. */
#include "log/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 64

struct column {
	const char *text;
	size_t len;
	bool quoted;
};

/* The column at p; returns where it ends, or NULL: this is no CSV. */
static const char *read_column(const char *p, struct column *ret)
{
	*ret = (struct column){ .quoted = *p == '"' };
	ret->text = p + ret->quoted;
	if (!ret->quoted) {
		ret->len = strcspn(p, ",\r");
		return memchr(p, '"', ret->len) ? NULL : p + ret->len;
	}
	for (p++; *p && (*p != '"' || p[1] == '"'); p++)
		p += *p == '"';
	if (*p != '"')
		return NULL;
	ret->len = (size_t)(p - ret->text);
	return p + 1;
}

/* Returns how many columns the line has; 0: it is no CSV. */
static size_t read_columns(const char *p, struct column columns[COLUMNS_MAX])
{
	size_t n = 0;

	for (;;) {
		p = read_column(p, &columns[n]);
		if (!p || ++n == COLUMNS_MAX)
			return 0;
		if (!*p || !strcmp(p, "\r"))
			return n;
		if (*p++ != ',')
			return 0;
	}
}

static size_t count_blanks(const struct column *column)
{
	size_t i, n = 0;

	for (i = 0; i < column->len; i++)
		n += column->text[i] == ' ' || column->text[i] == '\t';
	return n;
}

/* Of the quoted columns the one with the most words; n: none is quoted. */
static size_t find_message(const struct column *columns, size_t n)
{
	size_t i, blanks, most = 0, message = n;

	for (i = 0; i < n; i++) {
		blanks = count_blanks(&columns[i]);
		if (!columns[i].quoted || (message < n && blanks <= most))
			continue;
		most = blanks;
		message = i;
	}
	return message;
}

static char *put_column(char *to, const struct column *column)
{
	size_t i;

	for (i = 0; i < column->len; i++) {
		*to++ = column->text[i];
		i += column->quoted && column->text[i] == '"'; /* it is doubled */
	}
	return to;
}

/*
 * A column of several lines, or a key of logfmt: the quote at the end has its other one in another
 * line, or where the message begins.
 */
static void drop_last_quote(char *line)
{
	size_t len = strcspn(line, "\r"), i, quotes = 0;
	bool opened = strstr(line, "=\"") != NULL;

	for (i = 0; i < len; i++)
		quotes += line[i] == '"';
	if (len && line[len - 1] == '"' && (quotes % 2 || (quotes == 2 && opened)))
		line[len - 1] = '\0';
}

void nest_csv_decode(char *line)
{
	struct column columns[COLUMNS_MAX];
	size_t i, n = read_columns(line, columns), message = find_message(columns, n);
	char *copy, *to = line;

	if (message == n) {
		drop_last_quote(line);
		return;
	}
	copy = strdup(line);
	if (!copy)
		return;
	for (i = 0; i < n; i++)
		columns[i].text = copy + (columns[i].text - line);
	for (i = 0; i < n; i++) {
		if (i == message || !columns[i].len)
			continue;
		to = put_column(to, &columns[i]);
		*to++ = ' ';
	}
	to = put_column(to, &columns[message]);
	*to = '\0';
	free(copy);
}
