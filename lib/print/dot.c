// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list as a picture for Graphviz: a box per unit, in it a table per group, in that a row per
 * device. Groups are inside their unit, not at the end of an edge: hundreds of edges hide what they
 * connect. Everything that a color says is also said in words.
 */
#include "hw/hw.h"
#include "print/print.h"

#include <string.h>

#include "escape.h"
#include "plural.h"
#include "print/list.h"
#include "print/quote.h"

#define TEXT_MAX    48	/* characters of a name; more are cut */
#define TABLE_WIDTH 300 /* points, about */

/* A color for each answer, equally light. No red or green: some people cannot tell them apart. */
static const struct look {
	const char *fill, *border;
} looks[] = {
	[NEST_UNKNOWN] = { "#e8e8e8", "dotted" },
	[NEST_NO] = { "#fbe3cd", "dashed" },
	[NEST_YES] = { "#d6e8f7", "solid" },
};

struct picture {
	FILE *out;
	const struct nest_model *model;
	const struct nest_list *list; /* NULL: nothing could be looked at */
	unsigned int columns;
	unsigned int tables; /* in the box being drawn */
	char last[32];	     /* the table before, in the same row */
};

static bool shown(const struct picture *picture, const struct nest_device *dev)
{
	return picture->list->devices[dev - picture->model->devices];
}

static void put(const struct picture *picture, const char *text)
{
	char part[TEXT_MAX * 4 + 1];
	size_t len = 0, n;

	for (n = 0; n < TEXT_MAX && text[len]; n++)
		len += nest_utf8_safe(text + len) ?: 1;
	snprintf(part, sizeof(part), "%.*s", (int)len, text);
	nest_put(picture->out, NEST_XML, part);
	if (text[len])
		fputs("...", picture->out);
}

/*
 * Invisible edges put the tables into rows. Without them dot puts all tables into one column.
 */
static void begin_table(struct picture *picture, const char *id)
{
	if (picture->tables++ % picture->columns)
		fprintf(picture->out, "\t\t%s -> %s\n", picture->last, id);
	snprintf(picture->last, sizeof(picture->last), "%s", id);
	fprintf(picture->out,
		"\t\t%s [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" "
		"bgcolor=\"white\">\n",
		id);
}

static void end_table(struct picture *picture)
{
	fputs("\t\t</table>>]\n", picture->out);
}

/* Cells have a least width in points, so that they line up in columns. */
static void begin_cell(const struct picture *picture, int width, const char *fill)
{
	fprintf(picture->out, "<td align=\"left\" width=\"%d\"", width);
	if (fill)
		fprintf(picture->out, " bgcolor=\"%s\"", fill);
	fputc('>', picture->out);
}

static void put_device(const struct picture *picture, const struct nest_device *dev)
{
	const char *fill = dev->blocks ? looks[NEST_NO].fill : NULL;

	fputs("\t\t<tr>", picture->out);
	begin_cell(picture, 70, fill);
	put(picture, dev->name);
	fputs("</td>", picture->out);
	begin_cell(picture, 115, fill);
	if (dev->class_name)
		put(picture, dev->class_name);
	else if (dev->have_ids)
		fprintf(picture->out, "class %06x", dev->pci_class);
	fputs("</td>", picture->out);
	begin_cell(picture, 105, fill);
	if (dev->blocks)
		fputs("<b>blocks:</b> ", picture->out);
	put(picture, dev->driver ? dev->driver : dev->have_uevent ? "no driver" : "driver unknown");
	fputs("</td></tr>\n", picture->out);
}

static void put_group(struct picture *picture, const struct nest_group *group)
{
	const struct nest_device *dev;
	uint32_t hidden = 0;
	char id[32];

	snprintf(id, sizeof(id), "group%u", group->id);
	begin_table(picture, id);
	fprintf(picture->out, "\t\t<tr><td align=\"left\"><b>group %u</b></td><td align=\"left\">",
		group->id);
	put(picture, group->type ? group->type : "domain unknown");
	fputs("</td>", picture->out);
	begin_cell(picture, 105, looks[group->viable].fill);
	fprintf(picture->out, "user space: <b>%s</b>", nest_tri_name(group->viable));
	if (group->rmrr)
		fprintf(picture->out, " (%s)",
			nest_hw_reserved(nest_group_hw(picture->model, group)));
	fputs("</td></tr>\n", picture->out);
	nest_for_each_member (picture->model, group, dev) {
		if (shown(picture, dev))
			put_device(picture, dev);
		else
			hidden++;
	}
	if (hidden)
		fprintf(picture->out,
			"\t\t<tr><td colspan=\"3\" align=\"left\"><i>and %u more, filtered "
			"out</i></td></tr>\n",
			hidden);
	end_table(picture);
}

/* A device in no group: no IOMMU translates for it. */
static void put_ungrouped(struct picture *picture, const struct nest_device *dev)
{
	char id[32];

	snprintf(id, sizeof(id), "device%zu", (size_t)(dev - picture->model->devices));
	begin_table(picture, id);
	put_device(picture, dev);
	end_table(picture);
}

static void begin_box(struct picture *picture, size_t number, enum nest_tri look)
{
	picture->tables = 0;
	fprintf(picture->out,
		"\tsubgraph cluster%zu {\n\t\tbgcolor=\"%s\" style=%s labeljust=l\n\t\tlabel=<",
		number, looks[look].fill, looks[look].border);
}

static void put_unit_label(struct picture *picture, const struct nest_unit *unit)
{
	FILE *out = picture->out;

	fputs("<b>", out);
	put(picture, unit->name);
	fprintf(out, "</b>, %s, nests: <b>%s</b>", unit->hw->name, nest_tri_name(unit->nesting));
	if (unit->nesting != NEST_YES && unit->gate)
		fprintf(out, " (%s)", unit->gate);
	fputs(">\n\t\ttooltip=\"", out);
	nest_put(out, NEST_QUOTED, unit->reason);
	fputs("\"\n", out);
}

/* unit NULL: the groups whose unit is unknown. */
static void put_unit(struct picture *picture, const struct nest_unit *unit)
{
	const struct nest_model *model = picture->model;
	bool all = picture->list->ndevices == model->ndevices;
	size_t number = unit ? (size_t)(unit - model->units) : model->nunits, i;
	bool begun = false;

	for (i = 0; i <= model->ngroups; i++) {
		const struct nest_group *group = i < model->ngroups ? &model->groups[i] : NULL;

		/* A unit with nothing behind it has a box, unless a filter took it away. */
		if (group ? !picture->list->groups[i] || nest_group_unit(model, group) != unit
			  : begun || !unit || !all)
			continue;
		if (!begun) {
			begin_box(picture, number, unit ? unit->nesting : NEST_UNKNOWN);
			if (unit)
				put_unit_label(picture, unit);
			else
				fputs("<b>unknown unit</b>>\n", picture->out);
			begun = true;
		}
		if (group)
			put_group(picture, group);
		else
			fprintf(picture->out, "\t\tempty%zu [label=\"%s\"]\n", number,
				unit->ndevices ? "its devices are in groups of other units"
					       : "no device");
	}
	if (begun)
		fputs("\t}\n", picture->out);
}

static void put_all_ungrouped(struct picture *picture)
{
	const struct nest_model *model = picture->model;
	bool begun = false;
	size_t i;

	for (i = 0; i < model->ndevices; i++) {
		if (model->devices[i].group != NEST_NONE || !shown(picture, &model->devices[i]))
			continue;
		if (!begun) {
			begin_box(picture, model->nunits + 1, NEST_UNKNOWN);
			fputs("<b>no group</b>: no IOMMU translates>\n", picture->out);
			begun = true;
		}
		put_ungrouped(picture, &model->devices[i]);
	}
	if (begun)
		fputs("\t}\n", picture->out);
}

/*
 * Tables per row, so that the picture is somewhat wider than high with a usual font.
 */
static unsigned int columns_for(const struct picture *picture)
{
	size_t height = picture->list->ngroups * 30 + picture->list->ndevices * 14, columns = 1;

	while (columns * columns * (TABLE_WIDTH + 10) * 5 < height * 7)
		columns++;
	return (unsigned int)columns;
}

static void put_title(const struct picture *picture)
{
	const struct nest_model *model = picture->model;
	const struct nest_list *list = picture->list;
	FILE *out = picture->out;

	fputs("\tlabel=<<b>IOMMU groups</b>", out);
	if (model->host.kernel) {
		fputs(", Linux ", out);
		put(picture, model->host.kernel);
	}
	if (list)
		fprintf(out, ": %zu unit%s, %zu group%s, %zu device%s", model->nunits,
			nest_plural(model->nunits), list->ngroups, nest_plural(list->ngroups),
			list->ndevices, nest_plural(list->ndevices));
	fputs("<br align=\"left\"/>Units: solid blue nests, dashed orange does not, dotted gray is "
	      "unknown. Devices: <b>blocks</b> (orange) means that its driver keeps<br "
	      "align=\"left\"/>user space from the group. RMRR, IVMD: the firmware reserves "
	      "memory, so the kernel refuses to assign the group.<br align=\"left\"/>>\n",
	      out);
}

/* Instead of boxes: why there are none. */
static void put_absence(struct picture *picture)
{
	const struct nest_model *model = picture->model;
	size_t i;

	fputs("\tnone [shape=box label=<<b>", picture->out);
	fputs(model->iommu_present == NEST_NO ? "no IOMMU" : "unknown whether there is an IOMMU",
	      picture->out);
	fputs("</b>", picture->out);
	if (model->absent_reason) {
		fputs("<br/>", picture->out);
		nest_put(picture->out, NEST_XML, model->absent_reason);
	}
	for (i = 0; i < model->nproblems; i++) {
		fputs("<br/>", picture->out);
		put(picture, model->problems[i].where);
		fputc(' ', picture->out);
		put(picture, model->problems[i].what);
	}
	fputs(">]\n", picture->out);
}

int nest_dot_list(FILE *out, const struct nest_run *run)
{
	struct picture picture = { .out = out, .model = &run->model, .list = run->found };
	size_t i;

	fputs("digraph vfio_nestctl {\n\trankdir=LR nodesep=0.12 ranksep=0.15 labelloc=t "
	      "labeljust=l\n"
	      "\tgraph [fontname=\"Helvetica,Arial,sans-serif\" fontsize=10]\n"
	      "\tnode [shape=plain fontname=\"Helvetica,Arial,sans-serif\" fontsize=9]\n"
	      "\tedge [style=invis]\n",
	      out);
	put_title(&picture);
	if (run->model.iommu_present != NEST_YES || !picture.list) {
		put_absence(&picture);
	} else {
		picture.columns = columns_for(&picture);
		/* dot stacks boxes from the bottom to the top. */
		put_all_ungrouped(&picture);
		put_unit(&picture, NULL);
		for (i = run->model.nunits; i-- > 0;)
			put_unit(&picture, &run->model.units[i]);
	}
	fputs("}\n", out);
	return 0;
}
