/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By which stream ids an SMMU knows a PCI device: the ACPI table IORT has them by requester id, and
 * a bridge to conventional PCI adds an id. Linux gives user space no vIOMMU for a device with two
 * (arm_vsmmu_vdevice_init() in drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c of 7.3).
 */
#ifndef NEST_INVENTORY_STREAMS_H
#define NEST_INVENTORY_STREAMS_H

#include "hw/acpi.h"
#include "inventory/above.h"

struct nest_streams {
	const struct nest_acpi_node *root; /* its root complex, or NULL */
	const struct nest_acpi_node *to;   /* an SMMU, or an ITS: no SMMU; NULL: nowhere */
	uint32_t id;			   /* to an SMMU: of its own requester id */
	bool have_alias;
	uint32_t alias; /* of the requests that a bridge passes on; not id */
};

/* bridge: to conventional PCI, above the device; NULL: none is known. */
void nest_streams_of(const struct nest_acpi *iort, const char *device,
		     const struct nest_bridge *bridge, struct nest_streams *ret);

#endif
