// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine on the page of a report: units, groups and devices as a tree, and registers. */
#include <stdlib.h>
#include <string.h>

#include "hw/hw.h"
#include "plural.h"
#include "print/columns.h"
#include "print/html.h"

/* Behind a name, what list says in these columns. */
static void put_cells(FILE *out, const struct nest_row *row, const char *columns)
{
	const struct nest_list_look look = { .columns = columns };
	const struct nest_column *chosen[NEST_COLUMNS_MAX];
	int n = nest_columns_choose(&look, chosen), i;

	for (i = 0; i < n; i++) {
		struct nest_cell cell;
		const char *text = nest_cell_get(chosen[i], row, &cell);

		if (*text) {
			fprintf(out, " <small>%s</small> ", chosen[i]->name);
			nest_html_text(out, "%s", text);
		}
		free(cell.owned);
	}
}

static void put_device(FILE *out, const struct nest_run *run, const struct nest_device *dev)
{
	const struct nest_row row = nest_row_of_device(run, dev);

	fputs("<li>", out);
	nest_html(out, "code", NULL, "%s", dev->name);
	put_cells(out, &row, "NAME,DRIVER");
	fputs("</li>\n", out);
}

/* The group with its devices behind the unit; nothing if it has none there. */
static void put_group(FILE *out, const struct nest_run *run, const struct nest_unit *unit,
		      const struct nest_group *group)
{
	const struct nest_row row = { .run = run, .group = group, .unit = unit };
	const struct nest_device *dev;
	bool begun = false;

	nest_for_each_member (&run->model, group, dev) {
		if (nest_device_unit(&run->model, dev) != unit)
			continue;
		if (!begun) {
			fprintf(out, "<li>group %u", group->id);
			put_cells(out, &row, "DOMAIN,USER");
			fputs("\n<ul>\n", out);
		}
		begun = true;
		put_device(out, run, dev);
	}
	if (begun)
		fputs("</ul>\n</li>\n", out);
}

/* unit NULL: groups behind none that is shown. */
static void put_unit(FILE *out, const struct nest_run *run, const struct nest_unit *unit)
{
	const struct nest_model *model = &run->model;
	size_t i;

	fputs("<li>", out);
	if (unit) {
		nest_html(out, "b", NULL, "%s", unit->name);
		nest_html_text(out, "(%s), nests: %s: %s", unit->hw->name,
			       nest_tri_name(unit->nesting), unit->reason);
	} else {
		nest_html(out, "b", NULL, "%s", "no unit that is shown");
	}
	fputs("\n<ul>\n", out);
	for (i = 0; i < model->ngroups; i++)
		put_group(out, run, unit, &model->groups[i]);
	fputs("</ul>\n</li>\n", out);
}

static bool is_alone(const struct nest_device *dev)
{
	return dev->group == NEST_NONE && dev->bus == NEST_BUS_PCI;
}

void nest_html_tree(FILE *out, const struct nest_run *run)
{
	const struct nest_model *model = &run->model;
	bool astray = false, alone = false;
	size_t i;

	for (i = 0; i < model->ndevices; i++) {
		alone |= is_alone(&model->devices[i]);
		astray |=
			model->devices[i].group != NEST_NONE && model->devices[i].unit == NEST_NONE;
	}
	fputs("<h2>Units, groups and devices</h2>\n<ul>\n", out);
	for (i = 0; i < model->nunits; i++)
		put_unit(out, run, &model->units[i]);
	if (astray)
		put_unit(out, run, NULL);
	if (alone)
		fputs("<li><b>in no group</b>\n<ul>\n", out);
	for (i = 0; i < model->ndevices; i++)
		if (is_alone(&model->devices[i]))
			put_device(out, run, &model->devices[i]);
	fputs(alone ? "</ul>\n</li>\n</ul>\n" : "</ul>\n", out);
}

static void put_field(FILE *out, const struct nest_regs *regs, const struct nest_field *field)
{
	char meaning[160];
	uint64_t raw;

	if (nest_field_value(regs, field, &raw) ||
	    nest_field_meaning(regs, field, meaning, sizeof(meaning)))
		return;
	fputs("<tr>", out);
	nest_html(out, "td", NULL, "%s", field->reg);
	if (field->width > 1)
		nest_html(out, "td", NULL, "%u:%u", field->lsb + field->width - 1u, field->lsb);
	else
		nest_html(out, "td", NULL, "%u", field->lsb);
	nest_html(out, "td", NULL, "%s", field->name);
	nest_html(out, "td", NULL, "%llu", (unsigned long long)raw);
	nest_html(out, "td", NULL, "%s: %s", field->title, meaning);
	fputs("</tr>\n", out);
}

/* A unit before this one whose registers hold the same, or NULL. */
static const struct nest_show *same_before(const struct nest_show *shows, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (shows[j].regs && shows[j].regs->hw == shows[i].regs->hw &&
		    !memcmp(shows[j].regs->regs, shows[i].regs->regs, sizeof(shows[i].regs->regs)))
			return &shows[j];
	return NULL;
}

void nest_html_registers(FILE *out, const struct nest_run *run)
{
	const struct nest_report *report = run->found;
	const struct nest_field *field;
	size_t i, k;

	fputs("<h2>Registers</h2>\n", out);
	for (i = 0; i < report->nshows; i++) {
		const struct nest_show *show = &report->shows[i];
		const struct nest_show *same = show->regs ? same_before(report->shows, i) : NULL;

		if (!show->regs)
			continue;
		if (same) {
			nest_html(out, "p", NULL, "%s: as %s", show->unit->name, same->unit->name);
			continue;
		}
		fputs("<details>\n<summary>", out);
		nest_html_text(out, "%s", show->unit->name);
		fputs("</summary>\n<table>\n", out);
		nest_for_each_field (show->regs, field)
			put_field(out, show->regs, field);
		fputs("</table>\n", out);
		for (k = 0; k < show->regs->nnotes; k++)
			nest_html(out, "p", NULL, "%s", show->regs->notes[k].text);
		fputs("</details>\n", out);
	}
}
