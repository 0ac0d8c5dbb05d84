/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridges above a PCI device. */
#ifndef NEST_ABOVE_H
#define NEST_ABOVE_H

#include "ctx.h"
#include "pciaddr.h"
#include "tri.h"

struct nest_bridge {
	char name[NEST_PCIADDR_MAX];
	char below[NEST_PCIADDR_MAX]; /* on its secondary bus, the device or what is above it */
	/*
	 * Yes: a PCIe-to-PCI bridge. Requests carry the first id of its secondary bus, which is no
	 * device of Linux. No: a conventional bridge, and they carry its own id.
	 */
	enum nest_tri from_express;
};

/*
 * Is the device behind a bridge to conventional PCI? The IOMMU then cannot tell it from its
 * neighbours, by their requests. Yes: *ret_bridge is filled. Unknown if config space of a bridge is
 * not readable.
 */
enum nest_tri nest_bridge_above(struct nest_ctx *ctx, const char *device,
				struct nest_bridge *ret_bridge);

#endif
