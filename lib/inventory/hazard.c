// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests that make a kernel warn, by the rows of hw/. */
#include "inventory/hazard.h"

#include <stdio.h>

#include "host/sysfs.h"
#include "hw/hw.h"
#include "inventory/devices.h"
#include "inventory/pcicap.h"

bool nest_may_have_pasids(struct nest_ctx *ctx, const struct nest_device *dev)
{
	struct nest_pcicaps caps;
	uint8_t config[4096];
	char path[96];
	ssize_t len;

	if (dev->bus != NEST_BUS_PCI)
		return false;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", dev->name);
	len = nest_attr_read_raw(&ctx->root, path, config, sizeof(config), NULL);
	return len < 0 || nest_pcicaps_parse(config, (size_t)len, &caps) ||
	       caps.pasid.present != NEST_NO;
}

bool nest_release_since(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int has_major, has_minor;

	if (!release || sscanf(release, "%u.%u", &has_major, &has_minor) != 2)
		return true;
	return has_major > major || (has_major == major && has_minor >= minor);
}

bool nest_group_may_come(const struct nest_model *model, const struct nest_device *dev)
{
	const char *release = model->host.kernel;
	size_t i;

	if (dev->driver || dev->group != NEST_NONE ||
	    (release && nest_release_since(release, 6, 15)))
		return false;
	for (i = 0; i < model->nunits; i++)
		if (model->units[i].hw && model->units[i].hw->late_groups)
			return true;
	return false;
}

const char *nest_hw_info_hazard(struct nest_ctx *ctx, const struct nest_model *model,
				const struct nest_device *dev)
{
	const struct nest_unit *unit = dev ? nest_device_unit(model, dev) : NULL;
	const struct nest_hw_hazard *hazard = unit && unit->hw ? unit->hw->info_hazard : NULL;

	if (!hazard || !nest_release_since(model->host.kernel, hazard->major, hazard->minor) ||
	    nest_hw_flag(unit->hw, &unit->values, hazard->flag) == NEST_NO ||
	    !nest_may_have_pasids(ctx, dev))
		return NULL;
	return hazard->why;
}

bool nest_driver_lacks(const struct nest_hw *hw, const char *release, struct nest_hw_refusal *ret)
{
	if (!hw || !hw->symbol || !hw->major || !release)
		return false;
	*ret = (struct nest_hw_refusal){ .gate = "kernel", .remedy = hw->untold.remedy };
	if (!nest_release_since(release, hw->major, hw->minor)) {
		snprintf(ret->reason, sizeof(ret->reason),
			 "Linux %s is older than %u.%u, which brought nesting on this IOMMU",
			 release, hw->major, hw->minor);
		return true;
	}
	ret->gate = "option";
	snprintf(ret->reason, sizeof(ret->reason),
		 "the kernel was built without %s, so GET_HW_INFO tells type 0", hw->symbol);
	return true;
}
