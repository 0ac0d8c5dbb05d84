// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts of the firmware, and of the kernel: how it was built, how it was started, under whom it
 * runs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/facts.h"
#include "check/irqchips.h"
#include "util.h"
#include "host/sysfs.h"
#include "hw/hw.h"
#include "inventory/promise.h"

#define TABLES	       "sys/firmware/acpi/tables"
#define DEVICE_TREE    "sys/firmware/devicetree/base"
#define CONFIG_MAX     (2u << 20)
#define CPUINFO_MAX    (16u << 10)
#define INTERRUPTS_MAX (256u << 10) /* as much as a report keeps of a file */

static const char *const table_names[NEST_TABLES] = { "DMAR", "IVRS", "IORT", "VIOT" };

static const char *const symbol_names[NEST_SYMBOLS] = {
	[NEST_SYMBOL_INTEL_DEFAULT_ON] = "CONFIG_INTEL_IOMMU_DEFAULT_ON",
	[NEST_SYMBOL_SCALABLE_DEFAULT_ON] = "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON",
	[NEST_SYMBOL_INTEL_IOMMU] = "CONFIG_INTEL_IOMMU",
	[NEST_SYMBOL_AMD_IOMMU] = "CONFIG_AMD_IOMMU",
	[NEST_SYMBOL_IRQ_REMAP] = "CONFIG_IRQ_REMAP",
	[NEST_SYMBOL_IOMMUFD] = "CONFIG_IOMMUFD",
	[NEST_SYMBOL_VFIO] = "CONFIG_VFIO",
	[NEST_SYMBOL_VFIO_PCI] = "CONFIG_VFIO_PCI",
	[NEST_SYMBOL_VFIO_DEVICE_CDEV] = "CONFIG_VFIO_DEVICE_CDEV",
	[NEST_SYMBOL_VFIO_GROUP] = "CONFIG_VFIO_GROUP",
	[NEST_SYMBOL_AMD_IOMMUFD] = "CONFIG_AMD_IOMMU_IOMMUFD",
	[NEST_SYMBOL_SMMUV3_IOMMUFD] = "CONFIG_ARM_SMMU_V3_IOMMUFD",
	[NEST_SYMBOL_SMMUV3_SVA] = "CONFIG_ARM_SMMU_V3_SVA",
	[NEST_SYMBOL_INTEL_SVM] = "CONFIG_INTEL_IOMMU_SVM",
	[NEST_SYMBOL_VFIO_CONTAINER] = "CONFIG_IOMMUFD_VFIO_CONTAINER",
};

const char *nest_symbol_name(enum nest_symbol symbol)
{
	return symbol_names[symbol];
}

char nest_facts_option(const struct nest_facts *facts, const char *name)
{
	size_t i;

	for (i = 0; i < NEST_SYMBOLS; i++)
		if (!strcmp(symbol_names[i], name))
			return facts->symbols[i];
	return 0;
}

/* One short file as a fact. */
static struct nest_fact read_fact(struct nest_ctx *ctx, struct nest_model *model, const char *path)
{
	char text[NEST_ATTR_MAX + 1];
	ssize_t len = nest_attr_read(&ctx->root, path + 1, text, sizeof(text));

	return (struct nest_fact){
		.path = path,
		.value = len < 0 ? NULL : nest_pool_str(&model->pool, text),
		.err = len < 0 ? (int)-len : 0,
	};
}

static int read_dmar(struct nest_ctx *ctx, struct nest_facts *facts)
{
	uint8_t *bytes = malloc(NEST_ACPI_MAX);
	ssize_t len;
	int err = 0;

	if (!bytes)
		return -ENOMEM;
	len = nest_attr_read_raw(&ctx->root, TABLES "/DMAR", bytes, NEST_ACPI_MAX, NULL);
	if (len > 0)
		err = nest_dmar_parse(bytes, (size_t)len, &facts->dmar);
	else
		facts->dmar_err = len ? (int)-len : ENODATA;
	free(bytes);
	return err == -ENOMEM ? err : 0;
}

/* Also without a unit: it tells of interrupts, too. */
static int read_iort(struct nest_ctx *ctx, struct nest_facts *facts)
{
	int err;

	facts->device_tree = nest_root_has(&ctx->root, DEVICE_TREE);
	err = nest_firmware_table(ctx, &nest_acpi_iort, &facts->iort);
	facts->iort_err = -err;
	return err == -ENOMEM ? err : 0;
}

int nest_facts_firmware(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	struct stat st;
	size_t i;
	int err = nest_root_stat(&ctx->root, TABLES, &st);

	facts->tables_visible = !err ? NEST_YES : NEST_UNKNOWN;
	for (i = 0; i < NEST_TABLES; i++) {
		const char *path = nest_pool_printf(&model->pool, "/" TABLES "/%s", table_names[i]);

		if (!path)
			return -ENOMEM;
		facts->tables[i].path = path;
		err = nest_root_stat(&ctx->root, path + 1, &st);
		facts->tables[i].value = err ? NULL : "present";
		facts->tables[i].err = -err;
	}
	err = read_iort(ctx, facts);
	if (!err && facts->tables[NEST_TABLE_DMAR].value)
		err = read_dmar(ctx, facts);
	return err;
}

/* "CONFIG_IOMMUFD=m", "# CONFIG_IOMMUFD is not set" */
static void take_symbol(struct nest_facts *facts, const char *line)
{
	bool unset = !strncmp(line, "# ", 2);
	const char *name = unset ? line + 2 : line;
	size_t i, len;

	for (i = 0; i < NEST_SYMBOLS; i++) {
		len = strlen(symbol_names[i]);
		if (strncmp(name, symbol_names[i], len))
			continue;
		if (unset && !strcmp(name + len, " is not set"))
			facts->symbols[i] = 'n';
		else if (!unset && name[len] == '=' &&
			 (name[len + 1] == 'y' || name[len + 1] == 'm'))
			facts->symbols[i] = name[len + 1];
	}
}

/*
 * A symbol that a configuration does not name was not offered for this machine: it is off, like one
 * that is not set.
 */
static int read_config(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	static const char *const places[][2] = { { "/boot/config-", "" },
						 { "/lib/modules/", "/config" } };
	char *text = NULL, *line, *rest;
	bool cut = false;
	int err = -ENOENT;
	size_t i;

	for (i = 0; !text && err != -ENOMEM && model->host.kernel && i < 2; i++) {
		facts->config.path = nest_pool_printf(&model->pool, "%s%s%s", places[i][0],
						      model->host.kernel, places[i][1]);
		if (!facts->config.path)
			return -ENOMEM;
		text = nest_file_read(&ctx->root, facts->config.path + 1, CONFIG_MAX, &cut, &err);
	}
	facts->config.value = text ? "" : NULL;
	facts->config.err = -err;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		take_symbol(facts, line);
	for (i = 0; text && !cut && i < NEST_SYMBOLS; i++)
		if (!facts->symbols[i] && facts->symbols[NEST_SYMBOL_VFIO])
			facts->symbols[i] = 'n';
	free(text);
	return err == -ENOMEM ? err : 0;
}

/*
 * What only a container has. The process's own environment tells nothing: init's is hidden from it.
 */
static const char *find_container(struct nest_ctx *ctx)
{
	static const char *const marks[] = { "/.dockerenv", "/run/.containerenv",
					     "/run/systemd/container" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marks); i++)
		if (nest_root_has(&ctx->root, marks[i] + 1))
			return marks[i];
	return NULL;
}

/*
 * The chips of interrupts tell by their names whether devices can forge them. The first lines are
 * enough: a line has a column for each processor, and the file megabytes on a large machine.
 */
static int read_interrupts(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	bool cut = false;
	int err;
	char chip[64];
	char *text = nest_file_read(&ctx->root, "proc/interrupts", INTERRUPTS_MAX, &cut, &err);

	facts->interrupts.path = "/proc/interrupts";
	facts->interrupts.err = -err;
	if (!text)
		return err == -ENOMEM ? err : 0;
	facts->isolated = nest_irqchips_isolated(text, chip, sizeof(chip));
	/* Chips that remap may stand in what was not read; the I/O APICs come first. */
	if (facts->isolated == NEST_NO && cut && !strstr(text, "IO-APIC"))
		facts->isolated = NEST_UNKNOWN;
	if (facts->isolated == NEST_YES)
		facts->interrupts.value = nest_pool_str(&model->pool, chip);
	else if (facts->isolated == NEST_NO)
		facts->interrupts.value = nest_pool_printf(&model->pool, "%s, without IR-", chip);
	else if (cut)
		facts->interrupts.err = EFBIG;
	else
		facts->interrupts.value =
			*chip ? "an ITS, and chips without one" : "no chip that tells";
	free(text);
	return 0;
}

/* The flags of the first processor: "flags\t\t: fpu vme …". */
static int read_cpu(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	char *text, *flags, *end;
	bool cut = false;
	size_t i, asked = 0;
	int err;

	facts->cpu.path = "/proc/cpuinfo";
	facts->cpu.err = ENODATA;
	for (i = 0; i < model->nunits; i++)
		asked += model->units[i].hw->sva_paging != NULL;
	if (!asked)
		return 0;
	text = nest_file_read(&ctx->root, "proc/cpuinfo", CPUINFO_MAX, &cut, &err);
	if (!text) {
		facts->cpu.err = -err;
		return err == -ENOMEM ? err : 0;
	}
	flags = strstr(text, "\nflags");
	flags = flags ? strchr(flags, ':') : NULL;
	end = flags ? strchr(flags, '\n') : NULL;
	if (end) {
		*end = '\0';
		facts->cpu.value = nest_pool_str(&model->pool, flags + 1);
		facts->cpu.err = 0;
	}
	free(text);
	return end && !facts->cpu.value ? -ENOMEM : 0;
}

enum nest_tri nest_facts_cpu(const struct nest_facts *facts, const char *flag)
{
	size_t len = strlen(flag);
	const char *at = facts->cpu.value;

	if (!at)
		return NEST_UNKNOWN;
	while ((at = strstr(at, flag))) {
		if ((at == facts->cpu.value || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return NEST_YES;
		at += len;
	}
	return NEST_NO;
}

int nest_facts_kernel(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	facts->cmdline = read_fact(ctx, model, "/proc/cmdline");
	/* A kernel without any option is not to be expected: the file is not what it should be. */
	if (facts->cmdline.value && !*facts->cmdline.value) {
		facts->cmdline.value = NULL;
		facts->cmdline.err = ENODATA;
	}
	facts->lockdown = read_fact(ctx, model, "/sys/kernel/security/lockdown");
	facts->hypervisor = read_fact(ctx, model, "/sys/hypervisor/type");
	facts->xen = read_fact(ctx, model, "/proc/xen/capabilities");
	facts->unsafe_type1 = read_fact(
		ctx, model, "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts");
	facts->dma_entries =
		read_fact(ctx, model, "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit");
	facts->unsafe_iommufd =
		read_fact(ctx, model, "/sys/module/iommufd/parameters/allow_unsafe_interrupts");
	facts->noiommu =
		read_fact(ctx, model, "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
	facts->denylist_off =
		read_fact(ctx, model, "/sys/module/vfio_pci/parameters/disable_denylist");
	facts->container = find_container(ctx);
	if (!model->host.kernel ||
	    sscanf(model->host.kernel, "%u.%u", &facts->major, &facts->minor) != 2)
		facts->major = facts->minor = 0;
	if (read_interrupts(ctx, model, facts) || read_cpu(ctx, model, facts))
		return -ENOMEM;
	return read_config(ctx, model, facts);
}
