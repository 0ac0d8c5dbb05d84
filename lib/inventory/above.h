/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridges above a PCI device. */
#ifndef NEST_ABOVE_H
#define NEST_ABOVE_H

#include "ctx.h"
#include "pciaddr.h"
#include "tri.h"

/*
 * Is the device behind a bridge to conventional PCI? The IOMMU then cannot tell it from its
 * neighbours, by their requests. Yes: bridge is its address. Unknown if config space of a bridge is
 * not readable.
 */
enum nest_tri nest_bridge_above(struct nest_ctx *ctx, const char *device,
				char bridge[NEST_PCIADDR_MAX]);

#endif
