// SPDX-License-Identifier: GPL-2.0-or-later
/* list for people: its columns, by device, by group and as a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hw/hw.h"
#include "print/human.h"
#include "print/list.h"
#include "stim/registry.h"
#include "util.h"

/* What a cell shows: a device, its group and unit. In a tree device or group may be NULL. */
struct row {
	const struct nest_run *run;
	const struct nest_device *dev;
	const struct nest_group *group;
	const struct nest_unit *unit;
};

struct cell {
	char text[256];
	const char *ref; /* used instead of text if set */
	char *owned;	 /* likewise, for a text of any length; freed by fill() */
	enum nest_tri tri;
	bool colored;
};

static void put_string(struct cell *cell, const char *text, const char *absent)
{
	cell->ref = text ? text : absent;
}

static void col_group(const struct row *row, struct cell *cell)
{
	if (row->group)
		snprintf(cell->text, sizeof(cell->text), "%u", row->group->id);
	else
		cell->ref = row->dev ? "none" : "";
}

static void col_address(const struct row *row, struct cell *cell)
{
	put_string(cell, row->dev ? row->dev->name : NULL, "");
}

static void col_bus(const struct row *row, struct cell *cell)
{
	if (row->dev)
		put_string(cell, row->dev->bus_name, "unknown");
}

static void col_id(const struct row *row, struct cell *cell)
{
	if (row->dev && row->dev->have_ids)
		snprintf(cell->text, sizeof(cell->text), "%04x:%04x", row->dev->vendor,
			 row->dev->device);
	else if (row->dev && row->dev->bus == NEST_BUS_PCI)
		cell->ref = "unknown";
}

static void col_class(const struct row *row, struct cell *cell)
{
	if (!row->dev)
		return;
	if (row->dev->class_name)
		cell->ref = row->dev->class_name;
	else if (row->dev->have_ids)
		snprintf(cell->text, sizeof(cell->text), "0x%06x", row->dev->pci_class);
}

static void col_name(const struct row *row, struct cell *cell)
{
	const struct nest_device *dev = row->dev;

	if (!dev)
		return;
	if (dev->vendor_name && dev->model_name)
		snprintf(cell->text, sizeof(cell->text), "%s %s", dev->vendor_name,
			 dev->model_name);
	else if (dev->vendor_name)
		snprintf(cell->text, sizeof(cell->text), "%s device %04x", dev->vendor_name,
			 dev->device);
	else
		col_id(row, cell);
}

static void col_driver(const struct row *row, struct cell *cell)
{
	if (row->dev)
		put_string(cell, row->dev->driver, row->dev->have_uevent ? "none" : "unknown");
}

static void col_type(const struct row *row, struct cell *cell)
{
	if (row->group)
		put_string(cell, row->group->type, "unknown");
}

static void col_iommu(const struct row *row, struct cell *cell)
{
	put_string(cell, row->unit ? row->unit->name : NULL, row->group ? "unknown" : "");
}

static void col_nests(const struct row *row, struct cell *cell)
{
	if (!row->unit) {
		cell->ref = row->group ? "unknown" : "";
		return;
	}
	cell->tri = row->unit->nesting;
	cell->colored = true;
	if (cell->tri == NEST_YES || !row->unit->gate)
		cell->ref = nest_tri_name(cell->tri);
	else
		snprintf(cell->text, sizeof(cell->text), "%s (%s)", nest_tri_name(cell->tri),
			 row->unit->gate);
}

static void col_reason(const struct row *row, struct cell *cell)
{
	if (row->unit)
		cell->ref = row->unit->reason;
}

static void col_stim(const struct row *row, struct cell *cell)
{
	const struct nest_stim_ops *stim = row->dev ? nest_stim_of(row->dev, NULL) : NULL;

	put_string(cell, stim ? stim->name : NULL, "");
}

static void col_user(const struct row *row, struct cell *cell)
{
	const struct nest_device *dev;
	uint32_t at, left;
	size_t size;
	FILE *out;

	if (!row->group)
		return;
	cell->tri = row->group->viable;
	cell->colored = true;
	if (cell->tri != NEST_NO) {
		cell->ref = nest_tri_name(cell->tri);
		return;
	}
	if (row->dev && row->dev->blocks) {
		snprintf(cell->text, sizeof(cell->text), "no: %s", row->dev->driver);
		return;
	}
	/* The firmware or another device of the group blocks it. */
	out = open_memstream(&cell->owned, &size);
	if (!out) {
		cell->ref = nest_tri_name(cell->tri);
		return;
	}
	fputs("no:", out);
	if (row->group->rmrr)
		fprintf(out, " %s", nest_hw_reserved(nest_group_hw(&row->run->model, row->group)));
	/* Ends at the last blocker: a group of thousands has few of them. */
	for (at = row->group->blocker, left = row->group->nblockers; left; at = dev->next) {
		dev = &row->run->model.devices[at];
		if (!dev->blocks)
			continue;
		left--;
		fprintf(out, " %s (%s)", dev->name, dev->driver);
	}
	fclose(out);
}

static void col_devices(const struct row *row, struct cell *cell)
{
	if (row->group)
		snprintf(cell->text, sizeof(cell->text), "%u", row->group->ndevices);
}

static void col_members(const struct row *row, struct cell *cell)
{
	const struct nest_device *dev;
	size_t size, n = 0;
	FILE *out;

	if (!row->group)
		return;
	out = open_memstream(&cell->owned, &size);
	if (!out)
		return;
	nest_for_each_member (&row->run->model, row->group, dev)
		fprintf(out, "%s%s", n++ ? " " : "", dev->name);
	fclose(out);
}

/*
 * On a narrow terminal columns are cut, so that a device stays one line: CUT columns first, the
 * widest before the others, then LAST ones, none below its heading. A WIDE one keeps room for "no:
 * " and the begin of an address.
 */
enum { WIDE_FLOOR = 12 };
enum flags { RIGHT = 1, CUT = 2, WIDE = 4, LAST = 8 };

static const struct column {
	const char *name, *help;
	void (*get)(const struct row *row, struct cell *cell);
	unsigned int flags;
} columns[] = {
	{ "GROUP", "number of the IOMMU group", col_group, RIGHT },
	{ "DEVICE", "address of the device on its bus", col_address, 0 },
	{ "BUS", "bus of the device", col_bus, 0 },
	{ "ID", "PCI vendor and device", col_id, 0 },
	{ "CLASS", "what the device is", col_class, CUT },
	{ "NAME", "vendor and model, from udev's hardware database", col_name, CUT },
	{ "DRIVER", "driver bound to the device", col_driver, LAST },
	{ "DOMAIN", "type of the group's default domain", col_type, 0 },
	{ "IOMMU", "unit that translates for the device", col_iommu, LAST },
	{ "NESTS", "whether the hardware nests; if not, which gate fails", col_nests, LAST },
	{ "REASON", "why the hardware nests or not", col_reason, CUT },
	{ "USER", "whether user space can use the group; if not, what blocks it", col_user,
	  CUT | WIDE },
	{ "STIM", "driver of roundtrip that can make the device do DMA", col_stim, 0 },
	{ "DEVICES", "number of devices in the group", col_devices, RIGHT },
	{ "MEMBERS", "addresses of the devices in the group", col_members, CUT },
};

#define NCOLUMNS (ARRAY_SIZE(columns))

void nest_columns_help(FILE *out)
{
	size_t i;

	for (i = 0; i < NCOLUMNS; i++)
		fprintf(out, "  %-9s %s\n", columns[i].name, columns[i].help);
}

static const struct column *find_column(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NCOLUMNS; i++)
		if (strlen(columns[i].name) == len && !strncasecmp(columns[i].name, name, len))
			return &columns[i];
	return NULL;
}

/* Those of a list that the command has checked. Returns their number. */
static int choose_columns(const char *text, const struct column *chosen[NEST_COLUMNS_MAX])
{
	int n = 0;

	while (*text && n < NEST_COLUMNS_MAX) {
		size_t len = strcspn(text, ",");

		chosen[n] = find_column(text, len);
		n += chosen[n] != NULL;
		text += len + (text[len] == ',');
	}
	return n;
}

const char *nest_column_name(size_t i)
{
	return i < NCOLUMNS ? columns[i].name : NULL;
}

struct sheet {
	const struct nest_run *run;
	const struct nest_list *list;
	struct libscols_table *table;
	const struct column *columns[NEST_COLUMNS_MAX];
	int ncolumns;
};

static int fill(const struct sheet *sheet, struct libscols_line *line, const struct row *row,
		int from)
{
	int i;

	for (i = from; i < sheet->ncolumns; i++) {
		struct cell cell;
		const char *text;
		int err;

		cell.text[0] = '\0';
		cell.ref = NULL;
		cell.owned = NULL;
		cell.colored = false;
		sheet->columns[i]->get(row, &cell);
		text = cell.owned ? cell.owned : cell.ref ? cell.ref : cell.text;
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

static int start(struct sheet *sheet, FILE *out, const char *defaults)
{
	const struct nest_list_look *look = &sheet->list->look;
	int i;

	sheet->ncolumns = choose_columns(look->columns ? look->columns : defaults, sheet->columns);
	sheet->table = nest_table_new(out, sheet->run);
	if (!sheet->table)
		return -ENOMEM;
	scols_table_enable_noheadings(sheet->table, look->noheadings);
	for (i = 0; i < sheet->ncolumns; i++) {
		unsigned int flags = sheet->columns[i]->flags;
		int form = (flags & RIGHT ? SCOLS_FL_RIGHT : 0) |
			   (flags & (CUT | LAST) ? SCOLS_FL_TRUNC : 0);

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

		fits[i].turn = flags & CUT ? 1 : flags & LAST ? 2 : 0;
		fits[i].floor = flags & WIDE ? WIDE_FLOOR : strlen(sheet->columns[i]->name);
	}
	return nest_table_fit(sheet->table, fits, (size_t)sheet->ncolumns);
}

static struct row row_of(const struct nest_run *run, const struct nest_device *dev)
{
	return (struct row){ run, dev, nest_device_group(&run->model, dev),
			     nest_device_unit(&run->model, dev) };
}

static int by_device(const struct sheet *sheet)
{
	const struct nest_run *run = sheet->run;
	size_t i;

	for (i = 0; i < run->model.ndevices; i++) {
		struct row row = row_of(run, &run->model.devices[i]);
		struct libscols_line *line;

		if (!sheet->list->devices[i])
			continue;
		line = scols_table_new_line(sheet->table, NULL);
		if (!line || fill(sheet, line, &row, 0))
			return -ENOMEM;
	}
	return 0;
}

static int by_group(const struct sheet *sheet)
{
	const struct nest_run *run = sheet->run;
	size_t i;

	for (i = 0; i < run->model.ngroups; i++) {
		const struct nest_group *group = &run->model.groups[i];
		struct row row = { run, NULL, group, nest_group_unit(&run->model, group) };
		struct libscols_line *line;

		if (!sheet->list->groups[i])
			continue;
		line = scols_table_new_line(sheet->table, NULL);
		if (!line || fill(sheet, line, &row, 0))
			return -ENOMEM;
	}
	return 0;
}

static struct libscols_line *branch(const struct sheet *sheet, struct libscols_line *parent,
				    const char *label, const struct row *row)
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
			struct row row = row_of(run, dev);

			if (row.unit != unit || !sheet->list->devices[dev - model->devices])
				continue;
			snprintf(label, sizeof(label), "group %u", group->id);
			if (!line)
				line = branch(sheet, parent, label,
					      &(struct row){ run, NULL, group, unit });
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
		struct row row = { run, NULL, NULL, unit };
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

int nest_human_list(FILE *out, const struct nest_run *run)
{
	static const struct {
		const char *columns;
		int (*fill)(const struct sheet *sheet);
	} views[] = {
		[NEST_BY_DEVICE] = { "DEVICE,GROUP,DRIVER,DOMAIN,IOMMU,NESTS,USER,NAME",
				     by_device },
		[NEST_BY_GROUP] = { "GROUP,DOMAIN,IOMMU,NESTS,USER,DEVICES,MEMBERS", by_group },
		[NEST_AS_TREE] = { "DEVICE,DRIVER,DOMAIN,NESTS,USER,NAME", by_tree },
	};
	const struct nest_list *list = run->found;
	struct sheet sheet = { .run = run, .list = list };
	int err;

	if (run->model.iommu_present != NEST_YES) {
		nest_human_absence(out, run);
		return 0;
	}
	if (!list->ndevices)
		return 0;
	err = start(&sheet, out, views[list->look.view].columns);
	if (!err)
		err = views[list->look.view].fill(&sheet);
	if (!err)
		err = fit(&sheet);
	return sheet.table ? nest_table_finish(sheet.table, err) : err;
}
