/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ACPI table IVRS says of AMD's units and of memory that the firmware keeps for devices.
 * Layout: AMD's specification 48882, Linux's include/acpi/actbl2.h; what Linux does with it:
 * drivers/iommu/amd/init.c of 7.3. Pure.
 */
#ifndef NEST_HW_IVRS_H
#define NEST_HW_IVRS_H

#include "hw/acpi.h"

#define NEST_IVRS_IOAPIC     1 /* varieties of a special device */
#define NEST_IVRS_HPET	     2

#define NEST_IVRS_ATTRIBUTES 20u /* byte of a unit's block that holds HATDis */

/*
 * The type of the blocks that Linux takes: of the blocks that name the first one's unit, the last
 * one decides. 0: there is no block.
 */
uint8_t nest_ivrs_used_type(const struct nest_acpi *table);

/* The block of unit ivhdN: the Nth of the type that Linux takes. NULL: there is none. */
const struct nest_acpi_node *nest_ivrs_unit(const struct nest_acpi *table, size_t n);

/*
 * The next block that keeps memory for the device of this requester id, from *at on, which is moved
 * behind it. NULL: no more.
 */
const struct nest_acpi_node *nest_ivrs_reserved(const struct nest_acpi *table, uint16_t segment,
						uint16_t id, size_t *at);

/* Does Linux take the unit's EFR from the block, and not from the register? */
bool nest_ivrs_has_efr(const struct nest_acpi *table, const struct nest_acpi_node *node);

/* Does the unit's block switch its host page table off (HATDis)? Blocks of type 0x10 cannot. */
bool nest_ivrs_hatdis(const struct nest_acpi *table, const struct nest_acpi_node *node);

#endif
