// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of VFIO's and iommufd's modules this kernel has: in use, built in, on disk, or not at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"

#define BUILTIN_MAX (256u << 10)

static const struct row {
	const char *name, *sysfs, *file; /* below /lib/modules/RELEASE, without what a compression adds */
	enum nest_symbol symbol;
} modules[NEST_MODULES] = {
	[NEST_MODULE_VFIO] = {"vfio", "vfio", "kernel/drivers/vfio/vfio.ko", NEST_SYMBOL_VFIO},
	[NEST_MODULE_TYPE1] = {"vfio_iommu_type1", "vfio_iommu_type1", "kernel/drivers/vfio/vfio_iommu_type1.ko",
			       NEST_SYMBOLS},
	[NEST_MODULE_VFIO_PCI] = {"vfio-pci", "vfio_pci", "kernel/drivers/vfio/pci/vfio-pci.ko",
				  NEST_SYMBOL_VFIO_PCI},
	[NEST_MODULE_IOMMUFD] = {"iommufd", "iommufd", "kernel/drivers/iommu/iommufd/iommufd.ko",
				 NEST_SYMBOL_IOMMUFD},
};

const char *nest_module_name(enum nest_module module)
{
	return modules[module].name;
}

const char *nest_module_state_name(enum nest_module_state state)
{
	static const char *const names[] = {"unknown", "loaded", "built in", "can be loaded", "missing"};

	return names[state];
}

static bool on_disk(struct nest_ctx *ctx, const char *release, const char *file)
{
	static const char *const ends[] = {"", ".xz", ".zst", ".gz"};
	char path[320];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "lib/modules/%s/%s%s", release, file, ends[i]);
		if (nest_root_has(&ctx->root, path))
			return true;
	}
	return false;
}

/* The list of what is built in; NULL if it cannot be read, or not to its end. To be freed. */
static char *read_builtin(struct nest_ctx *ctx, const char *release)
{
	char path[300], *text;
	bool cut = false;
	int err;

	snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin", release);
	text = nest_file_read(&ctx->root, path, BUILTIN_MAX, &cut, &err);
	if (cut) {
		free(text);
		return NULL;
	}
	return text;
}

static bool listed(const char *list, const char *file)
{
	size_t len = strlen(file);
	const char *at = list;

	while (at && (at = strstr(at, file))) {
		if ((at == list || at[-1] == '\n') && (at[len] == '\n' || !at[len]))
			return true;
		at += len;
	}
	return false;
}

static enum nest_module_state state_of(struct nest_ctx *ctx, const struct nest_model *model,
				       const struct nest_facts *facts, const struct row *row, char **builtin)
{
	const char *release = model->host.kernel;
	char path[96];

	snprintf(path, sizeof(path), "sys/module/%s", row->sysfs);
	if (nest_root_has(&ctx->root, path))
		return NEST_MODULE_LOADED;
	if (row->symbol < NEST_SYMBOLS && facts->symbols[row->symbol] == 'y')
		return NEST_MODULE_BUILTIN;
	if (!release || strlen(release) > 200)
		return NEST_MODULE_UNKNOWN;
	if (on_disk(ctx, release, row->file))
		return NEST_MODULE_LOADABLE;
	if (!*builtin)
		*builtin = read_builtin(ctx, release);
	if (*builtin)
		return listed(*builtin, row->file) ? NEST_MODULE_BUILTIN : NEST_MODULE_MISSING;
	if (row->symbol < NEST_SYMBOLS && facts->symbols[row->symbol] == 'n')
		return NEST_MODULE_MISSING;
	return NEST_MODULE_UNKNOWN;
}

int nest_facts_modules(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	char *builtin = NULL;
	size_t i;

	for (i = 0; i < NEST_MODULES; i++)
		facts->modules[i] = state_of(ctx, model, facts, &modules[i], &builtin);
	free(builtin);
	/* Its node, whoever has loaded it, is in sysfs; a kernel that shows no misc devices tells nothing. */
	if (nest_root_has(&ctx->root, "sys/class/misc/iommu"))
		facts->iommufd_served = NEST_YES;
	else
		facts->iommufd_served = nest_root_has(&ctx->root, "sys/class/misc") ? NEST_NO : NEST_UNKNOWN;
	if (facts->iommufd_served == NEST_YES && facts->modules[NEST_MODULE_IOMMUFD] != NEST_MODULE_LOADED)
		facts->modules[NEST_MODULE_IOMMUFD] = NEST_MODULE_BUILTIN;
	if (facts->modules[NEST_MODULE_VFIO] != NEST_MODULE_LOADED && nest_root_has(&ctx->root, "sys/class/misc/vfio"))
		facts->modules[NEST_MODULE_VFIO] = NEST_MODULE_BUILTIN;
	if (facts->modules[NEST_MODULE_VFIO_PCI] != NEST_MODULE_LOADED &&
	    nest_root_has(&ctx->root, "sys/bus/pci/drivers/vfio-pci"))
		facts->modules[NEST_MODULE_VFIO_PCI] = NEST_MODULE_BUILTIN;
	return 0;
}
