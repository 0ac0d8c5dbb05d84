/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bits of firmware's tables that decide whether a unit nests, and that no register shows.
 */
#ifndef NEST_INVENTORY_PROMISE_H
#define NEST_INVENTORY_PROMISE_H

#include "ctx.h"
#include "hw/acpi.h"
#include "tri.h"

struct nest_promise {
	enum nest_tri set;
	char text[200]; /* a clause: which structure and byte say so, or why it is not known */
};

/*
 * CANWBS of the IORT: every access of the device to memory is coherent, whatever the device asks
 * for. Linux makes a vIOMMU on an SMMUv3 only with it, or where the second stage can force memory
 * types (IDR3.FWB): iort_pci_rc_supports_canwbs() in drivers/acpi/arm64/iort.c of Linux 7.3. Of a
 * PCI device, by its address. 0, or -ENOMEM.
 */
int nest_canwbs_of(struct nest_ctx *ctx, const char *device, struct nest_promise *ret);

/*
 * HATDis of the IVRS: the unit has no host page table, which is the second stage:
 * early_iommu_init() in drivers/iommu/amd/init.c of Linux 7.3. Of a unit, by its name ("ivhd0"). 0,
 * or -ENOMEM.
 */
int nest_hatdis_of(struct nest_ctx *ctx, const char *unit, struct nest_promise *ret);

/*
 * Reads the running machine's table of that kind. 0 with *ret_table to be freed; -ENOENT: firmware
 * has none; or another errno.
 */
int nest_firmware_table(struct nest_ctx *ctx, const struct nest_acpi_kind *kind,
			struct nest_acpi **ret_table);

#endif
