// SPDX-License-Identifier: GPL-2.0-or-later
/* The show command: finds the device, group or unit, and gathers all that sysfs knows of it. */
#include <errno.h>
#include <stdlib.h>

#include "cmd/parse.h"
#include "cmd/target.h"
#include "inventory/inventory.h"
#include "inventory/show.h"
#include "inventory/udev.h"

enum { KEY_WAKE = NEST_KEY_OWN };

static const struct argp_option show_options[] = {
	{ "wake", KEY_WAKE, 0, 0, "Read config space of a suspended device; wakes it", 0 },
	{ 0 },
};

struct show_options {
	bool wake;
};

static error_t parse_show(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	struct show_options *own = parse->own;

	(void)arg;
	if (key != KEY_WAKE)
		return ARGP_ERR_UNKNOWN;
	own->wake = true;
	return 0;
}

/* 0, -ENOENT, or -EINVAL with a line said. */
static int find(struct nest_ctx *ctx, struct nest_model *model, const char *name,
		struct nest_show *show)
{
	struct nest_named named;
	int err = nest_target(ctx, model, name, &named);

	if (err)
		return err;
	if (named.group) {
		show->what = NEST_SHOW_GROUP;
		show->group = named.group;
		show->unit = nest_group_unit(model, show->group);
		return 0;
	}
	if (named.dev) {
		show->what = NEST_SHOW_DEVICE;
		show->dev = named.dev;
		show->group = nest_device_group(model, show->dev);
		show->unit = nest_device_unit(model, show->dev);
		return 0;
	}
	show->what = NEST_SHOW_UNIT;
	show->unit = named.unit;
	return show->unit ? 0 : -ENOENT;
}

/* Where sysfs cannot be read, nothing is found, whatever there is. */
static const char *not_found(struct nest_model *model)
{
	const char *why =
		model->iommu_present == NEST_UNKNOWN && model->absent_reason
			? nest_pool_printf(&model->pool, "was not found: %s", model->absent_reason)
			: NULL;

	return why ? why : "was not found (list shows devices, groups and units)";
}

static int run_show(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct show_options *own = run->own;
	const char *name = run->options->args[0];
	struct nest_show *show = calloc(1, sizeof(*show));
	int err;

	run->found = show;
	if (!show)
		return -ENOMEM;
	err = nest_inventory_gather_named(ctx, NEST_WANT_USUAL, &name, 1, &run->model);
	if (err)
		return err;
	err = find(ctx, &run->model, name, show);
	if (err && err != -ENOENT)
		return err;
	if (err) {
		nest_model_problem(&run->model, name, not_found(&run->model), 0);
		nest_show_free(show);
		run->found = NULL;
		run->status = NEST_STATUS_UNKNOWN;
		return 0;
	}
	err = nest_udev_name_some(ctx, &run->model, show->dev, show->group);
	return err ? err : nest_show_gather(ctx, &run->model, own->wake, show);
}

static void free_show(void *found)
{
	nest_show_free(found);
}

const struct nest_command nest_command_show = {
	.name = "show",
	.arguments = "DEVICE|GROUP|UNIT",
	.summary = "Explain one device, IOMMU group or IOMMU unit",
	.least = 1,
	.most = 1,
	.enough = "name one device, group or unit",
	.options = show_options,
	.parse = parse_show,
	.own_size = sizeof(struct show_options),
	.printers = { { "human", nest_human_show }, { "json", nest_json_show } },
	.reads_reports = true,
	.run = run_show,
	.free = free_show,
};
