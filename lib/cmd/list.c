// SPDX-License-Identifier: GPL-2.0-or-later
/* The list command: gathers the inventory and lets the filters choose. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/hw.h"
#include "inventory/inventory.h"
#include "run.h"

/* --iommu: a unit's name, or the kind of IOMMU. */
static bool unit_matches(const struct nest_unit *unit, const char *wanted)
{
	return unit && (!strcmp(unit->name, wanted) || !strcasecmp(unit->hw->name, wanted));
}

/* --driver: a name, or "none" for a device without one. */
static bool driver_matches(const struct nest_device *dev, const char *wanted)
{
	if (dev->driver)
		return !strcmp(dev->driver, wanted);
	return dev->have_uevent && !strcmp(wanted, "none");
}

/* --class: leading hex digits of the PCI class ("0x", "03", "0108"), or part of its name. */
static bool class_matches(const struct nest_device *dev, const char *wanted)
{
	const char *hex = wanted[0] == '0' && (wanted[1] | 0x20) == 'x' ? wanted + 2 : wanted;
	size_t len = strlen(hex);
	char class[8];

	if (len >= 2 && len <= 6 && strspn(hex, "0123456789abcdefABCDEF") == len) {
		if (!dev->have_ids)
			return false;
		snprintf(class, sizeof(class), "%06x", dev->pci_class & 0xffffff);
		return !strncasecmp(class, hex, len);
	}
	return dev->class_name && strcasestr(dev->class_name, wanted);
}

static bool passes(const struct nest_run *run, const struct nest_device *dev)
{
	const struct nest_options *options = run->options;
	const struct nest_unit *unit = nest_device_unit(&run->model, dev);

	return (!options->iommu || unit_matches(unit, options->iommu)) &&
	       (!options->driver || driver_matches(dev, options->driver)) &&
	       (!options->class || class_matches(dev, options->class)) &&
	       (!options->nestable || (unit && unit->nesting == NEST_YES));
}

static int choose(struct nest_run *run)
{
	const struct nest_model *model = &run->model;
	struct nest_selection *chosen = calloc(1, sizeof(*chosen));
	size_t i;

	run->selection = chosen;
	if (!chosen)
		return -ENOMEM;
	chosen->devices = calloc(model->ndevices + 1, sizeof(bool));
	chosen->groups = calloc(model->ngroups + 1, sizeof(bool));
	if (!chosen->devices || !chosen->groups)
		return -ENOMEM;
	for (i = 0; i < model->ndevices; i++) {
		const struct nest_device *dev = &model->devices[i];

		if (!passes(run, dev))
			continue;
		chosen->devices[i] = true;
		chosen->ndevices++;
		if (dev->group != NEST_NONE && !chosen->groups[dev->group]) {
			chosen->groups[dev->group] = true;
			chosen->ngroups++;
		}
	}
	return 0;
}

enum nest_status nest_model_status(const struct nest_model *model)
{
	return model->iommu_present == NEST_YES	 ? NEST_STATUS_YES
	       : model->iommu_present == NEST_NO ? NEST_STATUS_NO
						 : NEST_STATUS_UNKNOWN;
}

int nest_list_run(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct nest_options *options = run->options;
	unsigned int want = NEST_WANT_NAMES;
	int err;

	if (strcmp(options->format, "human"))
		want |= NEST_WANT_REGIONS;
	err = nest_inventory_gather(ctx, want, &run->model);
	if (!err)
		err = choose(run);
	if (err)
		return err;
	run->status = nest_model_status(&run->model);
	/* A filter asks a question: nothing left means no. */
	if (run->status == NEST_STATUS_YES && !run->selection->ndevices &&
	    (options->iommu || options->driver || options->class || options->nestable)) {
		nest_say(ctx, 0, "no device passes the filters");
		run->status = NEST_STATUS_NO;
	}
	return 0;
}
