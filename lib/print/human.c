// SPDX-License-Identifier: GPL-2.0-or-later
/* Escaping, colors, wrapping and tables of the output for people. */
#include "print/human.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "escape.h"
#include "number.h"

const char *nest_known(const char *text)
{
	return text ? text : "unknown";
}

#define SHORT_MAX 1024

/* Narrower than this a sentence is not wrapped; a wider COLUMNS is a mistake. */
enum { WIDTH_MIN = 40, WIDTH_MAX = 10000 };

/* An escaped text; a short one needs no memory, so that it is told when memory is out. */
struct text {
	char room[SHORT_MAX * 4 + 1];
	char *whole; /* of a long one */
	const char *at;
};

__attribute__((format(printf, 2, 0))) static void make_text(struct text *text, const char *fmt,
							    va_list args)
{
	static const char lost[] = "... (out of memory)";
	char brief[SHORT_MAX];
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(brief, sizeof(brief), fmt, again);
	va_end(again);
	text->whole = len < SHORT_MAX ? NULL : nest_escape_format(fmt, args);
	text->at = text->whole;
	if (text->whole)
		return;
	if (len >= SHORT_MAX)
		memcpy(brief + SHORT_MAX - sizeof(lost), lost, sizeof(lost));
	nest_escape_into(text->room, brief);
	text->at = text->room;
}

__attribute__((format(printf, 2, 0))) static void out_va(FILE *out, const char *fmt, va_list args)
{
	struct text text;

	make_text(&text, fmt, args);
	fputs(text.at, out);
	free(text.whole);
}

void nest_out(FILE *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	out_va(out, fmt, args);
	va_end(args);
}

const char *nest_paint_sequence(enum nest_paint paint)
{
	static const char *const sequences[] = {
		[NEST_BOLD] = "\033[1m",    [NEST_GREEN] = "\033[32m", [NEST_RED] = "\033[31m",
		[NEST_YELLOW] = "\033[33m", [NEST_FAINT] = "\033[2m",
	};

	return sequences[paint];
}

void nest_paint(FILE *out, const struct nest_run *run, enum nest_paint paint, const char *fmt, ...)
{
	bool color = run->options->color;
	va_list args;

	if (color)
		fputs(nest_paint_sequence(paint), out);
	va_start(args, fmt);
	out_va(out, fmt, args);
	va_end(args);
	if (color)
		fputs("\033[0m", out);
}

enum nest_paint nest_tri_paint(enum nest_tri tri)
{
	return tri == NEST_YES ? NEST_GREEN : tri == NEST_NO ? NEST_RED : NEST_YELLOW;
}

void nest_heading(FILE *out, const struct nest_run *run, const char *text)
{
	fputc('\n', out);
	nest_paint(out, run, NEST_BOLD, "%s", text);
	fputc('\n', out);
}

/* As other programs do: a terminal's own width, else COLUMNS. 0: neither tells one. */
static size_t told_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	uint64_t width;

	if (isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	if (!columns || nest_parse_u64(columns, 10, &width) || width > WIDTH_MAX)
		return 0;
	return width;
}

size_t nest_width(FILE *out)
{
	size_t width = told_width(out);

	/* A serial console tells none. */
	if (!width)
		width = isatty(fileno(out)) ? 80 : 100;
	return width < WIDTH_MIN ? WIDTH_MIN : width;
}

bool nest_is_narrow(FILE *out)
{
	return isatty(fileno(out)) || told_width(out);
}

static size_t __attribute__((format(printf, 2, 3))) put_label(FILE *out, const char *fmt, ...)
{
	struct text label;
	size_t column;
	va_list args;

	va_start(args, fmt);
	make_text(&label, fmt, args);
	va_end(args);
	fprintf(out, "  %s", label.at);
	column = 2 + strlen(label.at);
	free(label.whole);
	return column;
}

/* Where a word begins that is alone on its line: a path that is too long for the room, further
 * left. */
static size_t start_of(size_t len, size_t edge, size_t indent)
{
	return indent + len <= edge || indent < NEST_NARROW_INDENT ? indent : NEST_NARROW_INDENT;
}

/* Ends the line that is at this column, words that have no room there below each other. */
static void put_words(FILE *out, size_t column, size_t indent, const char *text)
{
	size_t edge = nest_width(out), at = 0;
	const char *word;

	for (word = text;; word++) {
		/* The first word goes to the values' column, or a blank behind a long label. */
		size_t blanks = at ? 1 : column < indent ? indent - column : indent > 0;
		size_t len = strcspn(word, " ");

		if (column && column + blanks + len > edge &&
		    (column >= indent || start_of(len, edge, indent) < indent)) {
			fputc('\n', out);
			blanks = start_of(len, edge, indent);
			column = 0;
		}
		fprintf(out, "%*s%.*s", (int)blanks, "", (int)len, word);
		column += blanks + len;
		at += len;
		word += len;
		if (!*word)
			break;
	}
	fputc('\n', out);
}

void nest_fact(FILE *out, const struct nest_run *run, const char *name, const char *fmt, ...)
{
	size_t column = put_label(out, "%s", name);
	struct text text;
	va_list args;

	(void)run;
	va_start(args, fmt);
	make_text(&text, fmt, args);
	va_end(args);
	put_words(out, column, NEST_FACT_INDENT, text.at);
	free(text.whole);
}

void nest_wrap(FILE *out, size_t column, const char *fmt, ...)
{
	struct text text;
	va_list args;

	va_start(args, fmt);
	make_text(&text, fmt, args);
	va_end(args);
	put_words(out, column, column ? column + 1 : 0, text.at);
	free(text.whole);
}

/*
 * In a UTF-8 locale nest_table_cell() escapes, because libsmartcols lets characters pass that
 * reorder or hide text. In others libsmartcols escapes all that is not printable there; without
 * that it would not return from a byte that is no character of the locale.
 */
static bool locale_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

struct libscols_table *nest_table_new(FILE *out, const struct nest_run *run)
{
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return NULL;
	scols_table_set_stream(table, out);
	scols_table_enable_colors(table, run->options->color);
	scols_table_enable_noencoding(table, locale_is_utf8());
	/* A table in a file or pipe must not depend on the width of the terminal. */
	if (!isatty(fileno(out)))
		scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	return table;
}

int nest_table_cell(struct libscols_line *line, size_t column, const char *text)
{
	char *safe = locale_is_utf8() ? nest_escape(text) : strdup(text);

	if (!safe || scols_line_refer_data(line, column, safe)) {
		free(safe);
		return -ENOMEM;
	}
	return 0;
}

int nest_table_finish(struct libscols_table *table, int err)
{
	if (!err)
		err = scols_print_table(table);
	scols_unref_table(table);
	return err;
}

void nest_human_absence(FILE *out, const struct nest_run *run)
{
	const struct nest_model *model = &run->model;

	if (model->iommu_present == NEST_YES || !model->absent_reason)
		return;
	if (isatty(fileno(out))) {
		nest_wrap(out, 0, "%s.", model->absent_reason);
		return;
	}
	nest_out(out, "%s.", model->absent_reason);
	fputc('\n', out);
}
