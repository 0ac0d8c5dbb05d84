// SPDX-License-Identifier: GPL-2.0-or-later
/* The show command: finds the one thing asked for and gathers the rest that sysfs knows of it. */
#include <errno.h>
#include <stdlib.h>

#include "host/sysfs.h"
#include "inventory/inventory.h"
#include "inventory/show.h"
#include "run.h"
#include "number.h"

/* A number is a group; anything else is the name of a device or unit. */
static bool find(const struct nest_model *model, const char *name, struct nest_show *show)
{
	uint64_t id;

	if (!nest_parse_u64(name, 10, &id)) {
		show->what = NEST_SHOW_GROUP;
		show->group = nest_model_group(model, id);
		show->unit = show->group ? nest_group_unit(model, show->group) : NULL;
		return show->group;
	}
	show->dev = nest_model_device(model, name);
	if (show->dev) {
		show->what = NEST_SHOW_DEVICE;
		show->group = nest_device_group(model, show->dev);
		show->unit = nest_device_unit(model, show->dev);
		return true;
	}
	show->what = NEST_SHOW_UNIT;
	show->unit = nest_model_unit(model, name);
	return show->unit;
}

int nest_show_run(struct nest_ctx *ctx, struct nest_run *run)
{
	const char *name = run->options->args[0];
	struct nest_show *show = calloc(1, sizeof(*show));
	int err;

	run->show = show;
	if (!show)
		return -ENOMEM;
	err = nest_inventory_gather(ctx, NEST_WANT_NAMES, &run->model);
	if (err)
		return err;
	if (!find(&run->model, name, show)) {
		nest_model_problem(&run->model, name,
				   "is no device, group or IOMMU unit here (list shows them)", 0);
		nest_show_free(show);
		run->show = NULL;
		run->status = NEST_STATUS_UNKNOWN;
		return 0;
	}
	return nest_show_gather(ctx, &run->model, run->options->wake, show);
}
