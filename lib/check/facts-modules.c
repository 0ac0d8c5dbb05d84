// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of VFIO's and iommufd's modules this kernel has: in use, built in, on disk, or not at all.
 */
#include <stdio.h>
#include <string.h>

#include "check/facts.h"
#include "host/modules.h"
#include "host/sysfs.h"

static const struct row {
	const char *name, *sysfs,
		*file; /* below /lib/modules/RELEASE, as the kernel's build has it */
	enum nest_symbol symbol;
} modules[NEST_MODULES] = {
	[NEST_MODULE_VFIO] = { "vfio", "vfio", "kernel/drivers/vfio/vfio.ko", NEST_SYMBOL_VFIO },
	[NEST_MODULE_TYPE1] = { "vfio_iommu_type1", "vfio_iommu_type1",
				"kernel/drivers/vfio/vfio_iommu_type1.ko", NEST_SYMBOLS },
	[NEST_MODULE_VFIO_PCI] = { "vfio-pci", "vfio_pci", "kernel/drivers/vfio/pci/vfio-pci.ko",
				   NEST_SYMBOL_VFIO_PCI },
	[NEST_MODULE_IOMMUFD] = { "iommufd", "iommufd", "kernel/drivers/iommu/iommufd/iommufd.ko",
				  NEST_SYMBOL_IOMMUFD },
};

const char *nest_module_name(enum nest_module module)
{
	return modules[module].name;
}

enum nest_symbol nest_module_symbol(enum nest_module module)
{
	return modules[module].symbol;
}

const char *nest_module_state_name(enum nest_module_state state)
{
	static const char *const names[] = {
		"unknown", "loaded", "built in", "can be loaded", "on disk, unknown to modprobe",
		"missing"
	};

	return names[state];
}

static struct nest_fact fact_of(struct nest_model *model, const char *path, const char *value,
				int err)
{
	return (struct nest_fact){
		.path = nest_pool_str(&model->pool, path),
		.value = value ? nest_pool_str(&model->pool, value) : NULL,
		.err = err,
	};
}

/* By the lists of the kernel's modules. */
static enum nest_module_state listed_state(struct nest_modules *lists, struct nest_model *model,
					   const struct row *row, struct nest_fact *ret_seen)
{
	static const enum nest_module_state states[] = {
		[NEST_MODULE_PLACE_UNKNOWN] = NEST_MODULE_UNKNOWN,
		[NEST_MODULE_PLACE_BUILTIN] = NEST_MODULE_BUILTIN,
		[NEST_MODULE_PLACE_LISTED] = NEST_MODULE_LOADABLE,
		[NEST_MODULE_PLACE_UNLISTED] = NEST_MODULE_UNLISTED,
		[NEST_MODULE_PLACE_NONE] = NEST_MODULE_MISSING,
	};
	struct nest_module_found found;

	nest_modules_find(lists, row->name, row->file, &found);
	if (found.place == NEST_MODULE_PLACE_UNKNOWN)
		*ret_seen =
			fact_of(model, *found.path ? found.path : "/lib/modules", NULL, found.err);
	else
		*ret_seen =
			fact_of(model, found.path,
				*found.value				    ? found.value
				: found.place == NEST_MODULE_PLACE_UNLISTED ? "present"
									    : "does not name it",
				0);
	return states[found.place];
}

static enum nest_module_state state_of(struct nest_ctx *ctx, struct nest_model *model,
				       const struct nest_facts *facts, const struct row *row,
				       struct nest_modules *lists, struct nest_fact *ret_seen)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/module/%s", row->sysfs);
	*ret_seen = fact_of(model, path, "present", 0);
	if (nest_root_has(&ctx->root, path + 1))
		return NEST_MODULE_LOADED;
	if (row->symbol < NEST_SYMBOLS && facts->symbols[row->symbol] == 'y') {
		*ret_seen = fact_of(
			model, facts->config.path,
			nest_pool_printf(&model->pool, "%s=y", nest_symbol_name(row->symbol)), 0);
		return NEST_MODULE_BUILTIN;
	}
	return listed_state(lists, model, row, ret_seen);
}

/* A module is in use if this is there, whatever the lists say. */
static void take_served(struct nest_ctx *ctx, struct nest_facts *facts, enum nest_module module,
			const char *path)
{
	if (facts->modules[module] == NEST_MODULE_LOADED || !nest_root_has(&ctx->root, path + 1))
		return;
	facts->modules[module] = NEST_MODULE_BUILTIN;
	facts->module_seen[module] = (struct nest_fact){ .path = path, .value = "present" };
}

int nest_facts_modules(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	struct nest_modules lists;
	size_t i;

	nest_modules_open(&ctx->root, model->host.kernel, &lists);
	for (i = 0; i < NEST_MODULES; i++)
		facts->modules[i] =
			state_of(ctx, model, facts, &modules[i], &lists, &facts->module_seen[i]);
	nest_modules_close(&lists);
	/*
	 * A loaded iommufd has its node in sysfs. Without any misc device in sysfs that is unknown.
	 */
	if (nest_root_has(&ctx->root, "sys/class/misc/iommu"))
		facts->iommufd_served = NEST_YES;
	else
		facts->iommufd_served =
			nest_root_has(&ctx->root, "sys/class/misc") ? NEST_NO : NEST_UNKNOWN;
	facts->container_served =
		nest_tri_from_bool(nest_root_has(&ctx->root, "sys/class/misc/vfio"));
	facts->dev_shown = nest_root_has(&ctx->root, "dev/null");
	take_served(ctx, facts, NEST_MODULE_IOMMUFD, "/sys/class/misc/iommu");
	take_served(ctx, facts, NEST_MODULE_VFIO, "/sys/class/misc/vfio");
	take_served(ctx, facts, NEST_MODULE_VFIO_PCI, "/sys/bus/pci/drivers/vfio-pci");
	return 0;
}
