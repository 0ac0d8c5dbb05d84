// SPDX-License-Identifier: GPL-2.0-or-later
/* The list command: gathers the inventory and applies the filters. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/hw.h"
#include "cmd/parse.h"
#include "hw/iort.h"
#include "inventory/inventory.h"
#include "inventory/promise.h"
#include "inventory/select.h"
#include "inventory/streams.h"
#include "print/list.h"
#include "util.h"

enum { KEY_GROUPS = NEST_KEY_OWN, KEY_IOMMU, KEY_DRIVER, KEY_CLASS, KEY_NESTABLE, KEY_ENUMERATE };

static const struct argp_option list_options[] = {
	{ "groups", KEY_GROUPS, 0, 0, "Print one line per IOMMU group", 0 },
	{ "tree", 'T', 0, 0, "Print a tree of units, groups and devices", 0 },
	{ "output", 'o', "COLUMN,...", 0, "Show these columns; +COLUMN: add; help: list", 0 },
	{ "output-all", 'O', 0, 0, "Show all columns", 0 },
	{ "sort", 'x', "COLUMN", 0, "Sort by this column", 0 },
	{ "noheadings", 'n', 0, 0, "Print no headings", 0 },
	{ "raw", 'r', 0, 0, "Print values without blanks, for scripts", 0 },
	{ "pairs", 'P', 0, 0, "Print NAME=\"value\" pairs, for scripts", 0 },
	{ "slot", 's', "ADDRESS", 0, "Only these PCI addresses, like lspci -s", 0 },
	{ "id", 'd', "VENDOR:DEVICE", 0, "Only these PCI numbers, like lspci -d", 0 },
	{ "iommu", KEY_IOMMU, "UNIT", 0, "Only behind this unit (dmar0) or kind (vt-d)", 0 },
	{ "driver", KEY_DRIVER, "NAME", 0, "Only bound to this driver; none: unbound", 0 },
	{ "class", KEY_CLASS, "CLASS", 0, "Only this PCI class: hex digits or part of name", 0 },
	{ "nestable", KEY_NESTABLE, 0, 0, "Only behind an IOMMU that supports nesting", 0 },
	{ "enumerate", KEY_ENUMERATE, "WAY", 0, "Find devices by sysfs (default) or udev", 0 },
	{ 0 },
};

struct list_options {
	const char *iommu, *driver, *class;
	bool nestable, have_slot, have_id, by_udev;
	struct nest_slot_select slot;
	struct nest_id_select id;
	struct nest_list_look look;
};

static error_t check_column(struct nest_parse *parse, const char *name, size_t len)
{
	const char *names[NEST_COLUMNS_MAX + 1] = { NULL };
	char word[32];
	size_t i;

	for (i = 0; i < NEST_COLUMNS_MAX && nest_column_name(i); i++)
		names[i] = nest_column_name(i);
	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	for (i = 0; names[i] && strcasecmp(names[i], word); i++)
		;
	return names[i] ? 0 : nest_usage_word(parse, "unknown column", word, names);
}

static error_t check_columns(struct nest_parse *parse, const char *columns)
{
	unsigned int n = *columns == '+' ? NEST_COLUMNS_DEFAULT_MAX : 0;
	const char *at = columns + (*columns == '+');
	error_t err;

	do {
		err = check_column(parse, at, strcspn(at, ","));
		if (err)
			return err;
		if (n++ == NEST_COLUMNS_MAX)
			return nest_usage(parse, "more than %d columns", NEST_COLUMNS_MAX);
		at += strcspn(at, ",");
	} while (*at++ == ',');
	return 0;
}

static error_t parse_enumerate(struct nest_parse *parse, const char *way)
{
	static const char *const ways[] = { "sysfs", "udev", NULL };
	struct list_options *own = parse->own;

	own->by_udev = !strcmp(way, "udev");
	if (!own->by_udev && strcmp(way, "sysfs") != 0)
		return nest_usage_word(parse, "--enumerate: invalid argument", way, ways);
	return 0;
}

static error_t parse_words(struct nest_parse *parse, enum nest_list_words words)
{
	struct list_options *own = parse->own;

	if (own->look.words && own->look.words != words)
		return nest_usage(parse, "--raw and --pairs cannot be used together");
	own->look.words = words;
	return 0;
}

static error_t parse_selector(struct nest_parse *parse, int key, const char *arg)
{
	struct list_options *own = parse->own;

	if (key == 's') {
		own->have_slot = true;
		return nest_slot_select_parse(arg, &own->slot)
			       ? nest_usage(parse,
					    "--slot: invalid argument '%s' "
					    "([[[DOMAIN:]BUS:]DEVICE][.FUNCTION])",
					    arg)
			       : 0;
	}
	own->have_id = true;
	return nest_id_select_parse(arg, &own->id)
		       ? nest_usage(parse,
				    "--id: invalid argument '%s' "
				    "([VENDOR]:[DEVICE][:CLASS[:INTERFACE]])",
				    arg)
		       : 0;
}

/* What can be checked only when the whole line is known. */
static error_t check_look(struct nest_parse *parse)
{
	const struct list_options *own = parse->own;

	if (own->by_udev && (parse->options.from || parse->options.sysroot))
		return nest_usage(parse, "--enumerate udev and %s cannot be used together",
				  parse->options.from ? "--from" : "--sysroot");
	if (own->look.sort && own->look.view == NEST_AS_TREE)
		return nest_usage(parse, "--tree cannot be used with --sort");
	if (own->look.sort && strcmp(parse->options.format, "human"))
		return nest_usage(parse, "--format %s cannot be used with --sort",
				  parse->options.format);
	if (!own->look.words)
		return 0;
	if (own->look.view == NEST_AS_TREE)
		return nest_usage(parse, "--tree cannot be used with --raw or --pairs");
	if (strcmp(parse->options.format, "human"))
		return nest_usage(parse, "--format %s cannot be used with --raw or --pairs",
				  parse->options.format);
	return 0;
}

static error_t parse_list(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	struct list_options *own = parse->own;

	switch (key) {
	case KEY_GROUPS:
		own->look.view = NEST_BY_GROUP;
		return 0;
	case 'T':
		own->look.view = NEST_AS_TREE;
		return 0;
	case 'x':
		own->look.sort = arg;
		return check_column(parse, arg, strlen(arg));
	case 'o':
		if (!strcmp(arg, "help")) {
			nest_columns_help(stdout);
			return ECANCELED;
		}
		own->look.columns = arg;
		own->look.all = false;
		return check_columns(parse, arg);
	case 'O':
		own->look.all = true;
		return 0;
	case 'n':
		own->look.noheadings = true;
		return 0;
	case 'r':
		return parse_words(parse, NEST_RAW);
	case 'P':
		return parse_words(parse, NEST_PAIRS);
	case 's':
	case 'd':
		return parse_selector(parse, key, arg);
	case KEY_IOMMU:
		own->iommu = arg;
		return 0;
	case KEY_DRIVER:
		own->driver = arg;
		return 0;
	case KEY_CLASS:
		own->class = arg;
		return 0;
	case KEY_NESTABLE:
		own->nestable = true;
		return 0;
	case KEY_ENUMERATE:
		return parse_enumerate(parse, arg);
	case ARGP_KEY_END:
		return check_look(parse);
	}
	return ARGP_ERR_UNKNOWN;
}

/* --iommu: a unit's name, or the kind of IOMMU. */
static bool unit_matches(const struct nest_unit *unit, const char *wanted)
{
	return unit && (!strcmp(unit->name, wanted) || !strcasecmp(unit->hw->name, wanted));
}

/* --driver: a name, or "none" for a device without one. */
static bool driver_matches(const struct nest_device *dev, const char *wanted)
{
	if (dev->driver)
		return !strcmp(dev->driver, wanted);
	return dev->have_uevent && !strcmp(wanted, "none");
}

/* --class: leading hex digits of the PCI class ("0x", "03", "0108"), or part of its name. */
static bool class_matches(const struct nest_device *dev, const char *wanted)
{
	const char *hex = wanted[0] == '0' && (wanted[1] | 0x20) == 'x' ? wanted + 2 : wanted;
	size_t len = strlen(hex);
	char class[8];

	if (len >= 2 && len <= 6 && strspn(hex, "0123456789abcdefABCDEF") == len) {
		if (!dev->have_ids)
			return false;
		snprintf(class, sizeof(class), "%06x", dev->pci_class & 0xffffff);
		return !strncasecmp(class, hex, len);
	}
	return dev->class_name && strcasestr(dev->class_name, wanted);
}

static bool passes(const struct nest_run *run, const struct nest_device *dev)
{
	const struct list_options *own = run->own;
	const struct nest_unit *unit = nest_device_unit(&run->model, dev);

	return (!own->iommu || unit_matches(unit, own->iommu)) &&
	       (!own->driver || driver_matches(dev, own->driver)) &&
	       (!own->class || class_matches(dev, own->class)) &&
	       (!own->have_slot || nest_slot_selects(&own->slot, dev)) &&
	       (!own->have_id || nest_id_selects(&own->id, dev)) &&
	       (!own->nestable || (unit && unit->nesting == NEST_YES));
}

static int choose(struct nest_run *run)
{
	const struct nest_model *model = &run->model;
	const struct list_options *own = run->own;
	struct nest_list *chosen = calloc(1, sizeof(*chosen));
	size_t i;

	run->found = chosen;
	if (!chosen)
		return -ENOMEM;
	chosen->look = own->look;
	chosen->devices = calloc(model->ndevices + 1, sizeof(bool));
	chosen->groups = calloc(model->ngroups + 1, sizeof(bool));
	if (!chosen->devices || !chosen->groups)
		return -ENOMEM;
	for (i = 0; i < model->ndevices; i++) {
		const struct nest_device *dev = &model->devices[i];

		if (!passes(run, dev))
			continue;
		chosen->devices[i] = true;
		chosen->ndevices++;
		if (dev->group != NEST_NONE && !chosen->groups[dev->group]) {
			chosen->groups[dev->group] = true;
			chosen->ngroups++;
		}
	}
	return 0;
}

/* What the column STREAM shows. 0 or -ENOMEM. */
static int find_streams(struct nest_ctx *ctx, struct nest_run *run)
{
	struct nest_list *list = run->found;
	const struct nest_model *model = &run->model;
	struct nest_bridge bridge;
	size_t i;
	int err;

	if (!nest_list_shows(&list->look, "STREAM"))
		return 0;
	err = nest_firmware_table(ctx, &nest_acpi_iort, &list->iort);
	if (err)
		return err == -ENOMEM ? err : 0;
	list->streams = calloc(model->ndevices + 1, sizeof(*list->streams));
	for (i = 0; list->streams && i < model->ndevices; i++) {
		const struct nest_device *dev = &model->devices[i];
		bool behind = dev->bus == NEST_BUS_PCI && list->devices[i] &&
			      nest_bridge_above(ctx, dev->name, &bridge) == NEST_YES;

		if (dev->bus == NEST_BUS_PCI)
			nest_streams_of(list->iort, dev->name, behind ? &bridge : NULL,
					&list->streams[i]);
	}
	return list->streams ? 0 : -ENOMEM;
}

static enum nest_status status_of(const struct nest_model *model)
{
	return model->iommu_present == NEST_YES	 ? NEST_STATUS_YES
	       : model->iommu_present == NEST_NO ? NEST_STATUS_NO
						 : NEST_STATUS_UNKNOWN;
}

/* What is shown, and nothing else, is read. */
static unsigned int wanted(const struct nest_run *run)
{
	static const struct {
		const char *column;
		unsigned int want;
	} rows[] = {
		{ "NAME", NEST_WANT_NAMES },	  { "CLASS", NEST_WANT_NAMES },
		{ "DOMAIN", NEST_WANT_TYPES },	  { "USER", NEST_WANT_VIABLE },
		{ "BLOCKERS", NEST_WANT_VIABLE },
	};
	const struct list_options *own = run->own;
	unsigned int want = own->class ? NEST_WANT_NAMES : 0;
	size_t i;

	if (strcmp(run->options->format, "human") != 0)
		return NEST_WANT_NAMES | NEST_WANT_REGIONS | NEST_WANT_USUAL;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (nest_list_shows(&own->look, rows[i].column))
			want |= rows[i].want;
	return want;
}

static int run_list(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct list_options *own = run->own;
	const struct nest_list *list;
	int err;

	ctx->by_udev = own->by_udev;
	err = nest_inventory_gather(ctx, wanted(run), &run->model);
	if (!err)
		err = choose(run);
	if (!err)
		err = find_streams(ctx, run);
	if (err)
		return err;
	list = run->found;
	run->status = status_of(&run->model);
	/* The list for scripts has no room for a sentence. */
	if (list->look.words && run->status != NEST_STATUS_YES && run->model.absent_reason)
		nest_say(ctx, 0, "%s", run->model.absent_reason);
	/* A filter is a question; nothing left is the answer no. */
	if (run->status == NEST_STATUS_YES && !list->ndevices &&
	    (own->iommu || own->driver || own->class || own->nestable || own->have_slot ||
	     own->have_id)) {
		nest_say(ctx, 0, "no device matches the filters");
		run->status = NEST_STATUS_NO;
	}
	return 0;
}

static void free_list(void *found)
{
	struct nest_list *list = found;

	if (!list)
		return;
	free(list->devices);
	free(list->groups);
	free(list->streams);
	nest_acpi_free(list->iort);
	free(list);
}

const struct nest_command nest_command_list = {
	.name = "list",
	.arguments = "",
	.summary = "List devices with their IOMMU group, unit and driver",
	.enough = "to select devices: list -s ADDRESS; to explain one: show DEVICE",
	.options = list_options,
	.parse = parse_list,
	.own_size = sizeof(struct list_options),
	.printers = { { "human", nest_human_list },
		      { "json", nest_json_list },
		      { "dot", nest_dot_list } },
	.reads_reports = true,
	.run = run_list,
	.free = free_list,
};
