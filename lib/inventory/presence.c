// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is an IOMMU in use, and if not, is the firmware or the kernel the cause? The firmware announces
 * an IOMMU in an ACPI table, and the kernel shows a unit for each IOMMU that it drives.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hw/hw.h"
#include "inventory/inventory.h"
#include "util.h"
#include "host/sysfs.h"

#define TABLES "sys/firmware/acpi/tables"

/* A word of the kernel's command line, alone between blanks. */
static bool has_word(const char *cmdline, const char *word)
{
	size_t len = strlen(word);
	const char *at = cmdline;

	while (at && (at = strstr(at, word))) {
		if ((at == cmdline || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

static void say(struct nest_model *model, const char *gate, const char *reason)
{
	model->iommu_present = NEST_NO;
	model->absent_gate = gate;
	model->absent_reason = reason ? reason : "no IOMMU is in use";
}

static void judge_absence(struct nest_ctx *ctx, struct nest_model *model)
{
	char cmdline[NEST_ATTR_MAX + 1] = "", own[32], *off[] = { "iommu=off", own };
	const struct nest_hw *found = NULL;
	size_t i;

	for (i = 0; i < nest_hws_count && !found; i++) {
		char path[64];

		if (!nest_hws[i]->table)
			continue;
		snprintf(path, sizeof(path), TABLES "/%s", nest_hws[i]->table);
		if (nest_root_has(&ctx->root, path))
			found = nest_hws[i];
	}
	if (!found && !nest_root_has(&ctx->root, TABLES)) {
		say(model, "unknown",
		    "no IOMMU is in use. The firmware's tables are not visible here, so the cause "
		    "is not known");
		return;
	}
	if (!found) {
		say(model, "firmware",
		    "no IOMMU is in use: the firmware announces none (no DMAR, IVRS or VIOT "
		    "table). If the machine has an IOMMU, enable VT-d, AMD-Vi or \"IOMMU\" in the "
		    "firmware's setup");
		return;
	}
	model->announced = found;
	snprintf(own, sizeof(own), "%s=off", found->option ? found->option : "iommu");
	(void)!nest_attr_read(&ctx->root, "proc/cmdline", cmdline, sizeof(cmdline));
	for (i = 0; i < ARRAY_SIZE(off); i++) {
		if (!has_word(cmdline, off[i]))
			continue;
		say(model, "kernel",
		    nest_pool_printf(&model->pool,
				     "no IOMMU is in use: the firmware announces %s (%s table), "
				     "but the kernel was started with %s. Remove that option",
				     found->vendor, found->table, off[i]));
		return;
	}
	say(model, "kernel",
	    nest_pool_printf(
		    &model->pool,
		    "no IOMMU is in use: the firmware announces %s (%s table), but the kernel does "
		    "not drive it. %c%s",
		    found->vendor, found->table, toupper((unsigned char)*found->start),
		    found->start + 1));
}

void nest_presence_judge(struct nest_ctx *ctx, struct nest_model *model)
{
	if (model->ngroups) {
		model->iommu_present = NEST_YES;
		return;
	}
	if (!nest_root_has(&ctx->root, "sys")) {
		model->iommu_present = NEST_UNKNOWN;
		model->absent_gate = "unknown";
		model->absent_reason = "sysfs is not available here";
		return;
	}
	if (model->nunits) {
		say(model, "kernel",
		    "the kernel shows IOMMU units but no IOMMU group: DMA remapping is off, or the "
		    "units serve no device");
		return;
	}
	judge_absence(ctx, model);
}
