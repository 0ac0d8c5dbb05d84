// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds the groups of what was named, and sees to it that nothing is missing. */
#include "inventory/only.h"

#include <stdio.h>

#include "host/sysfs.h"
#include "number.h"
#include "pciaddr.h"

static bool find_group(struct nest_ctx *ctx, const char *name, uint32_t *ret_group)
{
	char path[128], address[NEST_PCIADDR_MAX], number[32];
	struct nest_pciaddr addr;
	uint64_t id;

	if (!nest_pciaddr_parse(name, &addr)) {
		nest_pciaddr_format(&addr, address);
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/iommu_group", address);
		if (nest_link_name(&ctx->root, path, number, sizeof(number)))
			return false;
		name = number;
	}
	if (nest_parse_u64(name, 10, &id) || id > UINT32_MAX)
		return false;
	*ret_group = (uint32_t)id;
	return true;
}

bool nest_only_find(struct nest_ctx *ctx, struct nest_only *only)
{
	size_t i;

	/* A report has the answers to the questions about the whole host. */
	if (ctx->root.ops || !only->count || only->count > NEST_ONLY_MAX)
		return false;
	for (i = 0; i < only->count; i++)
		if (!find_group(ctx, only->names[i], &only->groups[i]))
			return false;
	return true;
}

static int count_one(void *data, const char *name, unsigned char type)
{
	(void)name;
	(void)type;
	++*(size_t *)data;
	return 0;
}

int nest_only_count(struct nest_ctx *ctx, struct nest_model *model)
{
	char path[512];
	size_t i;
	int err = 0;

	for (i = 0; i < model->nunits && !err; i++) {
		struct nest_unit *unit = &model->units[i];

		if (!unit->ndevices)
			continue;
		unit->ndevices = 0;
		snprintf(path, sizeof(path), "sys/class/iommu/%s/devices", unit->name);
		err = nest_dir_each(&ctx->root, path, count_one, &unit->ndevices);
	}
	return err;
}

/* Does the device lead to its unit, and the unit to the device? */
static bool is_served(struct nest_ctx *ctx, const struct nest_model *model,
		      const struct nest_device *dev)
{
	const struct nest_unit *unit = nest_device_unit(model, dev);
	char path[512];

	if (!unit)
		return !model->nunits;
	return snprintf(path, sizeof(path), "sys/class/iommu/%s/devices/%s", unit->name,
			dev->name) < (int)sizeof(path) &&
	       nest_root_has(&ctx->root, path);
}

bool nest_only_is_enough(struct nest_ctx *ctx, const struct nest_model *model,
			 const struct nest_only *only)
{
	struct nest_pciaddr addr;
	size_t i;

	if (model->nproblems || model->iommu_present != NEST_YES)
		return false;
	for (i = 0; i < model->ndevices; i++)
		if (!is_served(ctx, model, &model->devices[i]))
			return false;
	for (i = 0; i < only->count; i++) {
		const struct nest_group *group = nest_model_group(model, only->groups[i]);
		const struct nest_device *dev = nest_model_device(model, only->names[i]);

		if (!group || !group->ndevices)
			return false;
		if (!nest_pciaddr_parse(only->names[i], &addr) &&
		    (!dev || nest_device_group(model, dev) != group))
			return false;
	}
	return true;
}
