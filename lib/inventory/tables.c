// SPDX-License-Identifier: GPL-2.0-or-later
/* What firmware's table says of a unit and of a device, for show. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "hw/hw.h"
#include "hw/iort.h"
#include "hw/ivrs.h"
#include "inventory/promise.h"
#include "inventory/show.h"
#include "pciaddr.h"

/* The unit's structure: units of AMD are counted, those of Arm are named by their address. */
static const struct nest_acpi_node *find_unit(const struct nest_acpi *table, const char *name)
{
	unsigned int number;
	uint64_t base;

	if (table->kind == &nest_acpi_ivrs && sscanf(name, "ivhd%u", &number) == 1)
		return nest_ivrs_unit(table, number);
	if (table->kind == &nest_acpi_iort && sscanf(name, "smmu3.0x%" SCNx64, &base) == 1)
		return nest_iort_smmu(table, base);
	return NULL;
}

/* A device's way to its unit, and the memory that is kept for it. */
static void find_device(struct nest_show *show)
{
	struct nest_pciaddr address;

	if (nest_pciaddr_parse(show->dev->name, &address))
		return;
	if (show->table->kind == &nest_acpi_iort)
		nest_streams_of(show->table, show->dev->name,
				show->behind_bridge == NEST_YES ? &show->above : NULL,
				&show->streams);
	show->segment = (uint16_t)address.domain;
	show->requester = (uint16_t)(address.bus << 8 | address.device << 3 | address.function);
}

/* Only AMD's memory is of interest of a device, and only where there is some. */
static bool is_wanted(const struct nest_show *show, const struct nest_acpi_kind *kind)
{
	if (show->what == NEST_SHOW_UNIT)
		return true;
	return show->what == NEST_SHOW_DEVICE && show->dev->bus == NEST_BUS_PCI &&
	       (kind == &nest_acpi_iort ||
		(show->group && (show->group->rmrr || !show->group->have_regions)));
}

int nest_show_tables(struct nest_ctx *ctx, struct nest_show *show)
{
	const struct nest_acpi_kind *kind = show->unit ? show->unit->hw->firmware : NULL;
	int err;

	if (!kind || !is_wanted(show, kind))
		return 0;
	err = nest_firmware_table(ctx, kind, &show->table);
	if (err && err != -ENOENT && err != -ENOMEM)
		show->table_err = -err;
	if (err || !show->table)
		return err == -ENOMEM ? err : 0;
	if (show->what == NEST_SHOW_UNIT)
		show->described = find_unit(show->table, show->unit->name);
	else
		find_device(show);
	return 0;
}
