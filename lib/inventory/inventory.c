// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which the inventory is gathered. */
#include "inventory/inventory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "plural.h"
#include "host/source.h"
#include "inventory/udev.h"
#include "host/sysfs.h"

#define RELEASE "uname/release"
#define MACHINE "uname/machine"

static int gather_host(struct nest_ctx *ctx, struct nest_model *model)
{
	const char *release = NULL, *machine = NULL;
	char text[256];
	struct utsname uts;

	if (nest_source_fact(&ctx->root, RELEASE, &release)) {
		nest_source_fact(&ctx->root, MACHINE, &machine);
	} else if (ctx->live && !uname(&uts)) {
		release = uts.release;
		machine = uts.machine;
		nest_source_keep_fact(&ctx->root, RELEASE, release);
		nest_source_keep_fact(&ctx->root, MACHINE, machine);
	}
	/* A captured tree may have the release; procfs does not have the machine. */
	if (!release &&
	    nest_attr_read(&ctx->root, "proc/sys/kernel/osrelease", text, sizeof(text)) > 0)
		release = text;
	model->host.kernel = nest_pool_str(&model->pool, release);
	model->host.machine = nest_pool_str(&model->pool, machine);
	return (release && !model->host.kernel) || (machine && !model->host.machine) ? -ENOMEM : 0;
}

/*
 * The kernel refuses to assign a group if the firmware reserves memory for one of its devices,
 * whatever the drivers are. If the list of regions cannot be read, that is not known.
 */
static int judge_regions(struct nest_ctx *ctx, struct nest_model *model, struct nest_group *group)
{
	int err = nest_group_read_regions(ctx, model, group);
	size_t i;

	if (err == -ENOMEM)
		return err;
	for (i = 0; i < group->nregions; i++)
		group->rmrr |= group->regions[i].type == NEST_REGION_DIRECT;
	if (group->rmrr)
		group->viable = NEST_NO;
	else if (err && err != -ENOENT && group->viable == NEST_YES)
		group->viable = NEST_UNKNOWN; /* no such file before 4.11: the drivers decide */
	return 0;
}

int nest_inventory_gather(struct nest_ctx *ctx, unsigned int want, struct nest_model *model)
{
	struct nest_served_list served = { 0 };
	size_t i;
	int err = gather_host(ctx, model);

	if (!err)
		err = nest_units_gather(ctx, model, &served);
	if (!err)
		err = nest_groups_gather(ctx, model);
	if (!err)
		err = nest_devices_gather(ctx, model, &served);
	free(served.at);
	if (!err && want & NEST_WANT_NAMES)
		err = nest_udev_name_devices(ctx, model);
	for (i = 0; !err && i < model->ngroups; i++)
		if (want & NEST_WANT_REGIONS || model->groups[i].viable == NEST_YES)
			err = judge_regions(ctx, model, &model->groups[i]);
	if (!err)
		nest_presence_judge(ctx, model);
	nest_say(ctx, 1, "found %zu IOMMU unit%s, %zu group%s, %zu device%s",
		 nest_units_count(model), nest_plural(nest_units_count(model)), model->ngroups,
		 nest_plural(model->ngroups), model->ndevices, nest_plural(model->ndevices));
	return err;
}
