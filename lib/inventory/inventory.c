// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which the inventory is gathered. */
#include "inventory/inventory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "plural.h"
#include "host/source.h"
#include "inventory/only.h"
#include "inventory/udev.h"
#include "host/sysfs.h"

#define RELEASE "uname/release"
#define MACHINE "uname/machine"
#define EVENTS	"sys/kernel/uevent_seqnum"
#define SCANS	3

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
 * How many events of devices the kernel has sent. 0: not known, or no matter, since kept answers
 * stay as they are.
 */
static uint64_t count_events(struct nest_ctx *ctx)
{
	uint64_t events;

	if (!ctx->live || nest_source_keeps(&ctx->root) ||
	    nest_attr_read_u64(&ctx->root, EVENTS, 10, &events))
		return 0;
	return events;
}

/* Of the whole host (only is NULL), or of some groups. */
static int scan(struct nest_ctx *ctx, unsigned int want, const struct nest_only *only,
		struct nest_model *model)
{
	struct nest_served_list served = { 0 };
	int err = gather_host(ctx, model);

	if (!err)
		err = nest_units_gather(ctx, model, only ? NULL : &served);
	if (!err)
		err = only ? nest_groups_gather_some(ctx, model, want, only->groups, only->count)
			   : nest_groups_gather(ctx, model, want);
	if (!err)
		err = nest_devices_gather(ctx, model, &served, !only);
	if (!err && only)
		err = nest_only_count(ctx, model);
	free(served.at);
	return err;
}

/* A device that comes or goes meanwhile would leave a picture of no moment: scan again. */
static int scan_at_rest(struct nest_ctx *ctx, unsigned int want, const struct nest_only *only,
			struct nest_model *model)
{
	uint64_t before, after = count_events(ctx);
	int scans = 0, err;

	do {
		if (scans++)
			nest_model_free(model);
		before = after;
		err = scan(ctx, want, only, model);
		after = count_events(ctx);
	} while (!err && before != after && scans < SCANS);
	if (!err && before != after)
		nest_model_problem(model, EVENTS,
				   "changed during each of 3 scans: devices come or go, and the "
				   "list may be incomplete; run this again later",
				   0);
	return err;
}

int nest_inventory_gather(struct nest_ctx *ctx, unsigned int want, struct nest_model *model)
{
	int err = scan_at_rest(ctx, want, NULL, model);

	if (!err && want & NEST_WANT_NAMES)
		err = nest_udev_name_devices(ctx, model);
	if (!err)
		err = nest_groups_judge(ctx, model, want);
	if (!err)
		nest_presence_judge(ctx, model);
	nest_say(ctx, 1, "found %zu IOMMU unit%s, %zu group%s, %zu device%s",
		 nest_units_count(model), nest_plural(nest_units_count(model)), model->ngroups,
		 nest_plural(model->ngroups), model->ndevices, nest_plural(model->ndevices));
	return err;
}

int nest_inventory_gather_named(struct nest_ctx *ctx, unsigned int want, const char *const *names,
				size_t n, struct nest_model *model)
{
	struct nest_only only = { .names = names, .count = n };
	int err;

	if (!nest_only_find(ctx, &only))
		return nest_inventory_gather(ctx, want, model);
	err = scan_at_rest(ctx, want, &only, model);
	if (!err)
		err = nest_groups_judge(ctx, model, want);
	if (err == -ENOMEM)
		return err;
	if (!err)
		nest_presence_judge(ctx, model);
	if (!err && nest_only_is_enough(ctx, model, &only)) {
		nest_say(ctx, 1, "only the group of what was named was looked at");
		return 0;
	}
	nest_model_free(model);
	return nest_inventory_gather(ctx, want, model);
}
