// SPDX-License-Identifier: GPL-2.0-or-later
/* The columns of list: what each shows of a row, for people and as words for scripts. */
#include "print/columns.h"

#include <stdarg.h>
#include <string.h>

#include "hw/hw.h"
#include "hw/iort.h"
#include "inventory/streams.h"
#include "stim/registry.h"
#include "util.h"

static void put_string(struct nest_cell *cell, const char *text, const char *absent)
{
	cell->ref = text ? text : absent;
}

/* The words one behind the other, as far as there is room. The last is NULL. */
static void put_words(struct nest_cell *cell, ...)
{
	size_t room = sizeof(cell->text) - 1;
	char *at = cell->text;
	const char *word;
	va_list words;

	va_start(words, cell);
	while ((word = va_arg(words, const char *))) {
		size_t len = strnlen(word, room);

		at = mempcpy(at, word, len);
		room -= len;
	}
	va_end(words);
	*at = '\0';
}

static void put_number(struct nest_cell *cell, uint32_t number)
{
	char digits[10];
	size_t n = sizeof(digits);

	do
		digits[--n] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(cell->text, digits + n, sizeof(digits) - n);
	cell->text[sizeof(digits) - n] = '\0';
}

static void col_group(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->group)
		put_number(cell, row->group->id);
	else
		cell->ref = row->dev ? "none" : "";
}

static void col_address(const struct nest_row *row, struct nest_cell *cell)
{
	put_string(cell, row->dev ? row->dev->name : NULL, "");
}

static void col_bus(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->dev)
		put_string(cell, row->dev->bus_name, "unknown");
}

static void col_id(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->dev && row->dev->have_ids)
		snprintf(cell->text, sizeof(cell->text), "%04x:%04x", row->dev->vendor,
			 row->dev->device);
	else if (row->dev && row->dev->bus == NEST_BUS_PCI)
		cell->ref = "unknown";
}

static void col_class(const struct nest_row *row, struct nest_cell *cell)
{
	if (!row->dev)
		return;
	if (row->dev->class_name)
		cell->ref = row->dev->class_name;
	else if (row->dev->have_ids)
		snprintf(cell->text, sizeof(cell->text), "0x%06x", row->dev->pci_class);
}

static void col_name(const struct nest_row *row, struct nest_cell *cell)
{
	const struct nest_device *dev = row->dev;

	if (!dev)
		return;
	if (dev->vendor_name && dev->model_name)
		put_words(cell, dev->vendor_name, " ", dev->model_name, NULL);
	else if (dev->vendor_name)
		snprintf(cell->text, sizeof(cell->text), "%s device %04x", dev->vendor_name,
			 dev->device);
	else
		col_id(row, cell);
}

static void col_driver(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->dev)
		put_string(cell, row->dev->driver, row->dev->have_uevent ? "none" : "unknown");
}

static void col_type(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->group)
		put_string(cell, row->group->type, "unknown");
}

static void col_iommu(const struct nest_row *row, struct nest_cell *cell)
{
	put_string(cell, row->unit ? row->unit->name : NULL, row->group ? "unknown" : "");
}

static void col_nests(const struct nest_row *row, struct nest_cell *cell)
{
	if (!row->unit) {
		cell->ref = row->group ? "unknown" : "";
		return;
	}
	cell->tri = row->unit->nesting;
	cell->colored = true;
	if (cell->tri == NEST_YES || !row->unit->gate || row->words)
		cell->ref = nest_tri_name(cell->tri);
	else
		put_words(cell, nest_tri_name(cell->tri), " (", row->unit->gate, ")", NULL);
}

static void col_gate(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->unit && row->unit->nesting != NEST_YES)
		cell->ref = row->unit->gate;
}

static void col_reason(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->unit)
		cell->ref = row->unit->reason;
}

static void col_stim(const struct nest_row *row, struct nest_cell *cell)
{
	const struct nest_stim_ops *stim = row->dev ? nest_stim_of(row->dev, NULL) : NULL;

	put_string(cell, stim ? stim->name : NULL, "");
}

/* What keeps user space from the group: the firmware, or devices whose drivers own their DMA. */
static void put_blockers(FILE *out, const struct nest_row *row)
{
	const char *gap = "", *const between = row->words ? "," : " ";
	const struct nest_device *dev;
	uint32_t at, left;

	if (row->group->rmrr) {
		fputs(nest_hw_reserved(nest_group_hw(&row->run->model, row->group)), out);
		gap = between;
	}
	/* Ends at the last blocker: a group of thousands has few of them. */
	for (at = row->group->blocker, left = row->group->nblockers; left; at = dev->next) {
		dev = &row->run->model.devices[at];
		if (!dev->blocks)
			continue;
		left--;
		fprintf(out, row->words ? "%s%s" : "%s%s (%s)", gap, dev->name, dev->driver);
		gap = between;
	}
}

static void col_user(const struct nest_row *row, struct nest_cell *cell)
{
	size_t size;
	FILE *out;

	if (!row->group)
		return;
	cell->tri = row->group->viable;
	cell->colored = true;
	if (cell->tri != NEST_NO || row->words) {
		cell->ref = nest_tri_name(cell->tri);
		return;
	}
	if (row->dev && row->dev->blocks) {
		put_words(cell, "no: ", row->dev->driver, NULL);
		return;
	}
	out = open_memstream(&cell->owned, &size);
	if (!out) {
		cell->ref = nest_tri_name(cell->tri);
		return;
	}
	fputs("no: ", out);
	put_blockers(out, row);
	fclose(out);
}

static void col_blockers(const struct nest_row *row, struct nest_cell *cell)
{
	size_t size;
	FILE *out;

	if (!row->group || row->group->viable != NEST_NO)
		return;
	out = open_memstream(&cell->owned, &size);
	if (!out)
		return;
	put_blockers(out, row);
	fclose(out);
}

static void col_stream(const struct nest_row *row, struct nest_cell *cell)
{
	static const struct nest_streams none;
	const struct nest_list *list = row->run->found;
	const struct nest_streams *streams;
	int n;

	if (!row->dev)
		return;
	streams = list->streams ? &list->streams[row->dev - row->run->model.devices] : &none;
	if (streams->to && streams->to->number == NEST_IORT_ITS) {
		cell->ref = "none";
	} else if (streams->to) {
		n = snprintf(cell->text, sizeof(cell->text), "0x%x", streams->id);
		if (streams->have_alias)
			snprintf(cell->text + n, sizeof(cell->text) - (size_t)n, ",0x%x",
				 streams->alias);
	} else if (row->unit && row->unit->hw->firmware == &nest_acpi_iort) {
		cell->ref = "unknown";
	}
}

static void col_devices(const struct nest_row *row, struct nest_cell *cell)
{
	if (row->group)
		put_number(cell, row->group->ndevices);
}

static void col_members(const struct nest_row *row, struct nest_cell *cell)
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
		fprintf(out, "%s%s", !n++ ? "" : row->words ? "," : " ", dev->name);
	fclose(out);
}

const struct nest_column nest_columns[] = {
	{ "GROUP", "number of the IOMMU group", col_group, NEST_COLUMN_RIGHT },
	{ "DEVICE", "address of the device on its bus", col_address, 0 },
	{ "BUS", "bus of the device", col_bus, 0 },
	{ "ID", "PCI vendor and device", col_id, 0 },
	{ "CLASS", "what the device is", col_class, NEST_COLUMN_CUT },
	{ "NAME", "vendor and model, from udev's hardware database", col_name, NEST_COLUMN_CUT },
	{ "DRIVER", "driver bound to the device", col_driver, NEST_COLUMN_LAST },
	{ "DOMAIN", "type of the group's default domain", col_type, 0 },
	{ "IOMMU", "unit that translates for the device", col_iommu, NEST_COLUMN_LAST },
	{ "NESTS", "whether the hardware nests; if not, which gate fails", col_nests,
	  NEST_COLUMN_LAST },
	{ "GATE", "gate that fails", col_gate, 0 },
	{ "REASON", "why the hardware nests or not", col_reason, NEST_COLUMN_CUT },
	{ "USER", "whether user space can use the group; if not, what blocks it", col_user,
	  NEST_COLUMN_CUT | NEST_COLUMN_WIDE },
	{ "BLOCKERS", "what blocks the group: reserved memory, devices with their drivers",
	  col_blockers, NEST_COLUMN_CUT },
	{ "STIM", "driver of roundtrip that can make the device do DMA", col_stim, 0 },
	{ "STREAM", "stream id by the IORT, and one that a bridge adds", col_stream,
	  NEST_COLUMN_RIGHT },
	{ "DEVICES", "number of devices in the group", col_devices, NEST_COLUMN_RIGHT },
	{ "MEMBERS", "addresses of the devices in the group", col_members, NEST_COLUMN_CUT },
};

#define NCOLUMNS (ARRAY_SIZE(nest_columns))

void nest_columns_help(FILE *out)
{
	size_t i;

	for (i = 0; i < NCOLUMNS; i++)
		fprintf(out, "  %-9s %s\n", nest_columns[i].name, nest_columns[i].help);
}

const char *nest_column_name(size_t i)
{
	return i < NCOLUMNS ? nest_columns[i].name : NULL;
}

static const struct nest_column *find_column(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NCOLUMNS; i++)
		if (strlen(nest_columns[i].name) == len &&
		    !strncasecmp(nest_columns[i].name, name, len))
			return &nest_columns[i];
	return NULL;
}

static int add_columns(const char *text, const struct nest_column **chosen, int n)
{
	while (*text && n < NEST_COLUMNS_MAX) {
		size_t len = strcspn(text, ",");

		chosen[n] = find_column(text, len);
		n += chosen[n] != NULL;
		text += len + (text[len] == ',');
	}
	return n;
}

int nest_columns_choose(const struct nest_list_look *look,
			const struct nest_column *chosen[NEST_COLUMNS_MAX])
{
	static const char *const defaults[] = {
		[NEST_BY_DEVICE] = "DEVICE,GROUP,DRIVER,DOMAIN,IOMMU,NESTS,USER,NAME",
		[NEST_BY_GROUP] = "GROUP,DOMAIN,IOMMU,NESTS,USER,DEVICES,MEMBERS",
		[NEST_AS_TREE] = "DEVICE,DRIVER,DOMAIN,NESTS,USER,NAME",
	};
	const char *columns = look->columns;
	size_t i;
	int n = 0;

	if (look->all) {
		for (i = 0; i < NCOLUMNS; i++)
			chosen[i] = &nest_columns[i];
		return (int)NCOLUMNS;
	}
	if (!columns || *columns == '+')
		n = add_columns(defaults[look->view], chosen, 0);
	return columns ? add_columns(columns + (*columns == '+'), chosen, n) : n;
}

const struct nest_column *nest_column_find(const char *name)
{
	return find_column(name, strlen(name));
}

bool nest_list_shows(const struct nest_list_look *look, const char *column)
{
	const struct nest_column *chosen[NEST_COLUMNS_MAX];
	int n = nest_columns_choose(look, chosen);

	if (look->sort && !strcasecmp(look->sort, column))
		return true;
	while (n--)
		if (!strcmp(chosen[n]->name, column))
			return true;
	return false;
}

const char *nest_cell_get(const struct nest_column *column, const struct nest_row *row,
			  struct nest_cell *cell)
{
	cell->text[0] = '\0';
	cell->ref = NULL;
	cell->owned = NULL;
	cell->colored = false;
	column->get(row, cell);
	return cell->owned ? cell->owned : cell->ref ? cell->ref : cell->text;
}

struct nest_row nest_row_of_device(const struct nest_run *run, const struct nest_device *dev)
{
	return (struct nest_row){ .run = run,
				  .dev = dev,
				  .group = nest_device_group(&run->model, dev),
				  .unit = nest_device_unit(&run->model, dev) };
}
