// SPDX-License-Identifier: GPL-2.0-or-later
/* list for people: by device, by group and as a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "print/columns.h"
#include "print/human.h"
#include "print/plain.h"

/* A column that keeps room for "no: " and the begin of an address. */
enum { WIDE_FLOOR = 12 };

struct sheet {
	const struct nest_run *run;
	const struct nest_list *list;
	struct libscols_table *table;
	const struct nest_column *columns[NEST_COLUMNS_MAX];
	int ncolumns;
};

static int fill(const struct sheet *sheet, struct libscols_line *line, const struct nest_row *row,
		int from)
{
	int i;

	for (i = from; i < sheet->ncolumns; i++) {
		struct nest_cell cell;
		const char *text = nest_cell_get(sheet->columns[i], row, &cell);
		int err;

		err = *text || cell.ref ? nest_table_cell(line, (size_t)i, text) : 0;
		free(cell.owned);
		if (err)
			return err;
		if (cell.colored && sheet->run->options->color)
			scols_cell_set_color(scols_line_get_cell(line, (size_t)i),
					     nest_paint_sequence(nest_tri_paint(cell.tri)));
	}
	return 0;
}

static int start(struct sheet *sheet, FILE *out)
{
	const struct nest_list_look *look = &sheet->list->look;
	int i;

	sheet->ncolumns = nest_columns_choose(look, sheet->columns);
	sheet->table = nest_table_new(out, sheet->run);
	if (!sheet->table)
		return -ENOMEM;
	scols_table_enable_noheadings(sheet->table, look->noheadings);
	for (i = 0; i < sheet->ncolumns; i++) {
		unsigned int flags = sheet->columns[i]->flags;
		int form = (flags & NEST_COLUMN_RIGHT ? SCOLS_FL_RIGHT : 0) |
			   (flags & (NEST_COLUMN_CUT | NEST_COLUMN_LAST) ? SCOLS_FL_TRUNC : 0);

		if (look->view == NEST_AS_TREE && !i)
			form = SCOLS_FL_TREE;
		if (!scols_table_new_column(sheet->table, sheet->columns[i]->name, 0, form))
			return -ENOMEM;
	}
	return 0;
}

static int fit(const struct sheet *sheet)
{
	struct nest_fit fits[NEST_COLUMNS_MAX] = { 0 };
	int i;

	for (i = 0; i < sheet->ncolumns; i++) {
		unsigned int flags = sheet->columns[i]->flags;

		fits[i].turn = flags & NEST_COLUMN_CUT ? 1 : flags & NEST_COLUMN_LAST ? 2 : 0;
		fits[i].floor =
			flags & NEST_COLUMN_WIDE ? WIDE_FLOOR : strlen(sheet->columns[i]->name);
	}
	return nest_table_fit(sheet->table, fits, (size_t)sheet->ncolumns);
}

static int add_row(void *data, const struct nest_row *row)
{
	const struct sheet *sheet = data;
	struct libscols_line *line = scols_table_new_line(sheet->table, NULL);

	return line ? fill(sheet, line, row, 0) : -ENOMEM;
}

static struct libscols_line *branch(const struct sheet *sheet, struct libscols_line *parent,
				    const char *label, const struct nest_row *row)
{
	struct libscols_line *line = scols_table_new_line(sheet->table, parent);

	if (!line || nest_table_cell(line, 0, label) || fill(sheet, line, row, 1))
		return NULL;
	return line;
}

/* The groups with a device behind the unit, and under each the devices behind it. */
static int groups_of(const struct sheet *sheet, const struct nest_unit *unit,
		     struct libscols_line *parent)
{
	const struct nest_run *run = sheet->run;
	const struct nest_model *model = &run->model;
	size_t i;

	for (i = 0; i < model->ngroups; i++) {
		const struct nest_group *group = &model->groups[i];
		struct libscols_line *line = NULL;
		const struct nest_device *dev;
		char label[32];

		nest_for_each_member (model, group, dev) {
			struct nest_row row = nest_row_of_device(run, dev);

			if (row.unit != unit || !sheet->list->devices[dev - model->devices])
				continue;
			snprintf(label, sizeof(label), "group %u", group->id);
			if (!line)
				line = branch(sheet, parent, label,
					      &(struct nest_row){
						      .run = run, .group = group, .unit = unit });
			row.group = NULL; /* said on the line above */
			row.unit = NULL;
			if (!line || !branch(sheet, line, dev->name, &row))
				return -ENOMEM;
		}
	}
	return 0;
}

static bool any_behind(const struct sheet *sheet, const struct nest_unit *unit)
{
	const struct nest_model *model = &sheet->run->model;
	size_t i;

	for (i = 0; i < model->ndevices; i++)
		if (sheet->list->devices[i] && model->devices[i].group != NEST_NONE &&
		    nest_device_unit(model, &model->devices[i]) == unit)
			return true;
	return false;
}

static int by_tree(const struct sheet *sheet)
{
	const struct nest_run *run = sheet->run;
	size_t i;

	for (i = 0; i <= run->model.nunits; i++) {
		const struct nest_unit *unit = i < run->model.nunits ? &run->model.units[i] : NULL;
		struct nest_row row = { .run = run, .unit = unit };
		struct libscols_line *line;

		if (!any_behind(sheet, unit) &&
		    (!unit || unit->ndevices || sheet->list->ndevices < run->model.ndevices))
			continue;
		line = branch(sheet, NULL, unit ? unit->name : "unknown unit", &row);
		if (!line || groups_of(sheet, unit, line))
			return -ENOMEM;
	}
	return 0;
}

int nest_table_list(FILE *out, const struct nest_run *run)
{
	const struct nest_list *list = run->found;
	struct sheet sheet = { .run = run, .list = list };
	int err = start(&sheet, out);

	if (!err)
		err = list->look.view == NEST_AS_TREE ? by_tree(&sheet)
						      : nest_rows_each(run, add_row, &sheet);
	if (!err)
		err = fit(&sheet);
	return sheet.table ? nest_table_finish(sheet.table, err) : err;
}

int nest_human_list(FILE *out, const struct nest_run *run)
{
	const struct nest_list *list = run->found;
	bool plain =
		list->look.view != NEST_AS_TREE && !run->options->color && !isatty(fileno(out));
	int err;

	if (list->look.words)
		return nest_words_list(out, run);
	if (run->model.iommu_present != NEST_YES) {
		nest_human_absence(out, run);
		return 0;
	}
	if (!list->ndevices)
		return 0;
	err = plain ? nest_plain_list(out, run) : -EILSEQ;
	return err == -EILSEQ ? nest_table_list(out, run) : err;
}
