// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is between a PCI device and its root port. Below a bridge to conventional PCI, requests
 * reach the IOMMU with the id of that bridge, and none carries a PASID.
 */
#include "inventory/above.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/sysfs.h"
#include "inventory/pcicap.h"
#include "pciaddr.h"

#define PORT_PCIE_TO_PCI 7

struct function {
	enum nest_tri express;
	enum nest_tri to_pci;	    /* a bridge: is its secondary bus conventional? */
	enum nest_tri from_express; /* and its primary one Express? */
};

/*
 * By the driver of Express ports, which takes no bridge to conventional PCI; by config space; where
 * that is not readable, by an attribute that only Express functions have.
 */
static void look(struct nest_ctx *ctx, const char *name, struct function *ret)
{
	char path[128], driver[64];
	struct nest_pcicaps caps;
	uint8_t config[256];
	ssize_t len;

	*ret = (struct function){ NEST_YES, NEST_NO, NEST_UNKNOWN };
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", name);
	if (!nest_link_name(&ctx->root, path, driver, sizeof(driver)) &&
	    !strcmp(driver, "pcieport"))
		return;
	*ret = (struct function){ NEST_UNKNOWN, NEST_UNKNOWN, NEST_UNKNOWN };
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", name);
	len = nest_attr_read_raw(&ctx->root, path, config, sizeof(config), NULL);
	if (len > 64 && !nest_pcicaps_parse(config, (size_t)len, &caps)) {
		ret->express = ret->from_express = caps.express;
		ret->to_pci = caps.express == NEST_UNKNOWN
				      ? NEST_UNKNOWN
				      : nest_tri_from_bool(caps.express == NEST_NO ||
							   caps.port_type == PORT_PCIE_TO_PCI);
	}
	if (ret->express != NEST_UNKNOWN)
		return;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/max_link_speed", name);
	if (nest_root_has(&ctx->root, path))
		ret->express = NEST_YES;
}

/* Cuts the last component off; NULL at a component that is no PCI address. */
static const char *above(char *path)
{
	char *slash = strrchr(path, '/'), *name;
	struct nest_pciaddr addr;

	if (!slash)
		return NULL;
	*slash = '\0';
	name = strrchr(path, '/');
	return name && !nest_pciaddr_parse(name + 1, &addr) ? name + 1 : NULL;
}

enum nest_tri nest_bridge_above(struct nest_ctx *ctx, const char *device,
				struct nest_bridge *ret_bridge)
{
	struct function below, this;
	enum nest_tri behind = NEST_NO;
	char path[128], text[1024];
	char lower[NEST_PCIADDR_MAX];
	const char *name;

	snprintf(lower, sizeof(lower), "%s", device);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", device);
	if (nest_link_read(&ctx->root, path, text, sizeof(text)) < 0)
		return NEST_UNKNOWN;
	look(ctx, device, &below);
	while ((name = above(text))) {
		look(ctx, name, &this);
		if (this.to_pci == NEST_YES ||
		    (this.to_pci == NEST_UNKNOWN && below.express == NEST_NO)) {
			snprintf(ret_bridge->name, NEST_PCIADDR_MAX, "%s", name);
			memcpy(ret_bridge->below, lower, sizeof(lower));
			ret_bridge->from_express = this.from_express;
			return NEST_YES;
		}
		if (this.to_pci == NEST_UNKNOWN && below.express == NEST_UNKNOWN)
			behind = NEST_UNKNOWN;
		below = this;
		snprintf(lower, sizeof(lower), "%s", name);
	}
	return behind;
}
