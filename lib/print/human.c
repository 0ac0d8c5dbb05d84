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

#define FACT_INDENT 20

const char *nest_known(const char *text)
{
	return text ? text : "unknown";
}

__attribute__((format(printf, 2, 0))) static void out_va(FILE *out, const char *fmt, va_list args)
{
	char *text = nest_escape_format(fmt, args);

	fputs(text ? text : "?", out);
	free(text);
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

static size_t width(FILE *out)
{
	struct winsize size;

	if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) || size.ws_col < 40)
		return 100;
	return size.ws_col;
}

void nest_fact(FILE *out, const struct nest_run *run, const char *name, const char *fmt, ...)
{
	size_t edge = width(out), column, at = 0;
	char *text, *word, *rest, *label = nest_escape(name);
	va_list args;

	(void)run;
	va_start(args, fmt);
	text = nest_escape_format(fmt, args);
	va_end(args);
	fprintf(out, "  %s", label ? label : "?");
	column = 2 + strlen(label ? label : "?");
	free(label);
	rest = text;
	while ((word = strsep(&rest, " "))) {
		/* The first word goes to the values' column, or a blank behind a long label. */
		size_t blanks = at ? 1 : column < FACT_INDENT ? FACT_INDENT - column : 1;

		if (column >= FACT_INDENT && column + blanks + strlen(word) > edge) {
			fputc('\n', out);
			blanks = FACT_INDENT;
			column = 0;
		}
		fprintf(out, "%*s%s", (int)blanks, "", word);
		column += blanks + strlen(word);
		at += strlen(word);
	}
	fputc('\n', out);
	free(text);
}

void nest_human_commands(FILE *out, const char *commands)
{
	while (*commands) {
		size_t len = strcspn(commands, "\n");

		nest_out(out, "%*s%.*s", FACT_INDENT, "", (int)len, commands);
		fputc('\n', out);
		commands += len + (commands[len] == '\n');
	}
}

void nest_human_remedy(FILE *out, const struct nest_run *run, const char *name, const char *label,
		       const char *remedy)
{
	size_t len = strcspn(remedy, "\n");

	nest_fact(out, run, name, "%s%.*s", label, (int)len, remedy);
	if (remedy[len])
		nest_human_commands(out, remedy + len + 1);
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
	nest_out(out, "%s.", model->absent_reason);
	fputc('\n', out);
}
