// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is an IOMMU in use, and if not, is the firmware or the kernel the cause? The firmware announces
 * an IOMMU in an ACPI table, and the kernel shows a unit for each IOMMU that it drives.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmdline.h"
#include "hw/hw.h"
#include "inventory/inventory.h"
#include "util.h"
#include "host/sysfs.h"

#define TABLES	    "sys/firmware/acpi/tables"
#define DEVICE_TREE "sys/firmware/devicetree/base"
#define GROUPS	    "sys/kernel/iommu_groups"

static void say(struct nest_model *model, enum nest_tri present, const char *gate,
		const char *reason)
{
	model->iommu_present = present;
	model->absent_gate = gate;
	model->absent_reason = reason ? reason : "no IOMMU is in use";
}

/* What the firmware announces, by its tables; *ret_err: a table that could not be looked at. */
static const struct nest_hw *find_announced(struct nest_ctx *ctx, int *ret_err)
{
	struct stat st;
	size_t i;
	int err;

	*ret_err = 0;
	for (i = 0; i < nest_hws_count; i++) {
		char path[64];

		if (!nest_hws[i]->table)
			continue;
		snprintf(path, sizeof(path), TABLES "/%s", nest_hws[i]->table);
		err = nest_root_stat(&ctx->root, path, &st);
		if (!err)
			return nest_hws[i];
		if (err != -ENOENT && err != -ENOTDIR)
			*ret_err = err;
	}
	return NULL;
}

/* The option on the command line that keeps the announced IOMMU off, or NULL. */
static const char *off_option(struct nest_model *model, const char *cmdline,
			      const struct nest_hw *found)
{
	char own[32], *off[] = { "iommu=off", own };
	size_t i;

	snprintf(own, sizeof(own), "%s=off", found->option ? found->option : "iommu");
	for (i = 0; i < ARRAY_SIZE(off); i++)
		if (nest_cmdline_option(cmdline, off[i]))
			return nest_pool_str(&model->pool, off[i]);
	return NULL;
}

/* Xen's dom0: the hypervisor drives the IOMMU itself, and the kernel sees the tables alone. */
static bool is_dom0(struct nest_ctx *ctx)
{
	char text[64];

	return nest_attr_read(&ctx->root, "proc/xen/capabilities", text, sizeof(text)) > 0 &&
	       strstr(text, "control_d");
}

static void judge_announced(struct nest_ctx *ctx, struct nest_model *model,
			    const struct nest_hw *found)
{
	char cmdline[NEST_ATTR_MAX + 1] = "";
	const char *off;
	bool asked;

	(void)!nest_attr_read(&ctx->root, "proc/cmdline", cmdline, sizeof(cmdline));
	off = off_option(model, cmdline, found);
	asked = found->enable && nest_cmdline_option(cmdline, found->enable);
	model->announced = found;
	if (off)
		say(model, NEST_NO, "kernel",
		    nest_pool_printf(&model->pool,
				     "no IOMMU is in use: the firmware announces %s (%s table), "
				     "but the kernel was started with %s. Remove that option",
				     found->vendor, found->table, off));
	else
		say(model, NEST_NO, "kernel",
		    nest_pool_printf(&model->pool,
				     "no IOMMU is in use: the firmware announces %s (%s table), "
				     "but the kernel does not drive it. %c%s",
				     found->vendor, found->table,
				     asked ? toupper((unsigned char)*found->start_asked)
					   : toupper((unsigned char)*found->start),
				     (asked ? found->start_asked : found->start) + 1));
}

static void judge_absence(struct nest_ctx *ctx, struct nest_model *model)
{
	const struct nest_hw *found;
	int err;

	if (is_dom0(ctx)) {
		say(model, NEST_NO, "hypervisor",
		    "no IOMMU is in use by this kernel: this is Xen's dom0, and Xen owns the "
		    "IOMMU. Assign devices with Xen's own tools, or boot without Xen");
		return;
	}
	found = find_announced(ctx, &err);
	if (found) {
		judge_announced(ctx, model, found);
		return;
	}
	model->device_tree = !err && !nest_root_has(&ctx->root, TABLES) &&
			     nest_root_has(&ctx->root, DEVICE_TREE);
	if (model->device_tree) {
		say(model, NEST_NO, "unknown",
		    "no IOMMU is in use. This machine has a device tree and no ACPI tables: the "
		    "tree tells whether it has an IOMMU");
		return;
	}
	if (err || !nest_root_has(&ctx->root, TABLES)) {
		say(model, NEST_NO, "unknown",
		    "no IOMMU is in use. The firmware's tables are not visible here, so the cause "
		    "is not known");
		return;
	}
	say(model, NEST_NO, "firmware",
	    "no IOMMU is in use: the firmware announces none (no DMAR, IVRS or VIOT table). If "
	    "the machine has an IOMMU, enable VT-d, AMD-Vi or \"IOMMU\" in the firmware's setup");
}

/*
 * Groups that no IOMMU made: those of the kernel's mock, and those of VFIO's no-IOMMU mode, which
 * has no unit. Only groups without a unit are asked for their name.
 */
static bool is_real(struct nest_ctx *ctx, const struct nest_model *model,
		    const struct nest_group *group)
{
	const struct nest_unit *unit = nest_group_unit(model, group);
	const struct nest_device *dev;

	if (unit)
		return !unit->hw->for_tests;
	nest_for_each_member (model, group, dev)
		if (dev->unit != NEST_NONE)
			return true;
	return !nest_group_is_noiommu(ctx, group);
}

static bool has_real_group(struct nest_ctx *ctx, const struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->ngroups; i++)
		if (is_real(ctx, model, &model->groups[i]))
			return true;
	return false;
}

static bool has_real_unit(const struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (!model->units[i].hw->for_tests)
			return true;
	return false;
}

/* Why it is unknown whether there are groups: a clause, or NULL if it is known. */
static const char *unread(struct nest_ctx *ctx, struct nest_model *model)
{
	struct stat st;
	int err;

	if (!nest_root_has(&ctx->root, "sys"))
		return !ctx->live && nest_root_has(&ctx->root, "class")
			       ? "--sysroot was given sysfs itself: it takes the folder above, "
				 "which holds sys"
			       : "sysfs is not available here";
	err = nest_root_stat(&ctx->root, "sys/kernel", &st);
	if (err == -ENOENT)
		return "sysfs is not mounted at /sys, or only a part of it is";
	if (err || model->groups_err)
		return nest_pool_printf(&model->pool,
					"cannot determine whether an IOMMU is in use: /" GROUPS
					": %s",
					strerror(err ? -err : model->groups_err));
	return NULL;
}

void nest_presence_judge(struct nest_ctx *ctx, struct nest_model *model)
{
	const char *why;

	if (has_real_group(ctx, model)) {
		model->iommu_present = NEST_YES;
		return;
	}
	why = unread(ctx, model);
	if (why)
		say(model, NEST_UNKNOWN, "unknown", why);
	else if (has_real_unit(model))
		say(model, NEST_NO, "kernel",
		    "the kernel shows IOMMU units but no IOMMU group: DMA remapping is off, or the "
		    "units serve no device");
	else
		judge_absence(ctx, model);
}
