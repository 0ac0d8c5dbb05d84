/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ACPI table IORT says of Arm's units: which devices stand behind which one, under which
 * stream id, whether their accesses to memory are always coherent, and which memory the firmware
 * keeps for them. Layout: Arm DEN0049 revision E.f, Linux's include/acpi/actbl2.h; what Linux does
 * with it: drivers/acpi/arm64/iort.c of 7.3. Pure.
 */
#ifndef NEST_HW_IORT_H
#define NEST_HW_IORT_H

#include "hw/acpi.h"

enum nest_iort_type {
	NEST_IORT_ITS = 0,
	NEST_IORT_NAMED = 1,
	NEST_IORT_ROOT = 2,
	NEST_IORT_SMMU = 3,
	NEST_IORT_SMMUV3 = 4,
	NEST_IORT_PMCG = 5,
	NEST_IORT_RMR = 6,
	NEST_IORT_IWB = 7,
};

/* The SMMU whose registers are at base, or NULL. */
const struct nest_acpi_node *nest_iort_smmu(const struct nest_acpi *table, uint64_t base);

/*
 * The node that a device's requests go to first, by its segment and requester id: an SMMU, with its
 * stream id, or an ITS (then no SMMU is in front of it). NULL: no root complex has the segment, or
 * none of its mappings the id.
 */
const struct nest_acpi_node *nest_iort_route(const struct nest_acpi *table, uint16_t segment,
					     uint16_t id, uint32_t *ret_stream);

/* A group of interrupt translation services that has one, or NULL. */
const struct nest_acpi_node *nest_iort_its(const struct nest_acpi *table);

/* The root complex of the segment (the first, as Linux takes it), or NULL. */
const struct nest_acpi_node *nest_iort_root(const struct nest_acpi *table, uint16_t segment);

/* Does any mapping of the node lead to that one? */
bool nest_iort_leads_to(const struct nest_acpi *table, const struct nest_acpi_node *node,
			const struct nest_acpi_node *to);

#define NEST_IORT_ROOT_FLAGS 23u /* byte of a root complex that holds the next */

/* Is the root complex's memory access coherent whatever a device asks for (CANWBS)? */
bool nest_iort_canwbs(const struct nest_acpi *table, const struct nest_acpi_node *root);

#endif
