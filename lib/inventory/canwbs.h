/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether firmware promises that every access of a device to memory is coherent, whatever the
 * device asks for: CANWBS, a bit of the ACPI table IORT. Linux makes a vIOMMU on an SMMUv3 only
 * with it, or where the second stage can force memory types (IDR3.FWB).
 * Source: iort_pci_rc_supports_canwbs() in drivers/acpi/arm64/iort.c of Linux 7.3.
 */
#ifndef NEST_INVENTORY_CANWBS_H
#define NEST_INVENTORY_CANWBS_H

#include "ctx.h"
#include "tri.h"

struct nest_canwbs {
	enum nest_tri promised;
	char text[200]; /* a clause: which node and byte say so, or why it is not known */
};

/* Of a PCI device, by its address. 0, or -ENOMEM. */
int nest_canwbs_of(struct nest_ctx *ctx, const char *device, struct nest_canwbs *ret);

#endif
