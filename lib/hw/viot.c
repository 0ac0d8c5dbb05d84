// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The layout of the ACPI VIOT table: which devices stand behind which virtio-iommu. Source: Linux's
 * include/acpi/actbl3.h and drivers/acpi/viot.c of 7.3.
 */
#include <errno.h>

#include "hw/acpi.h"
#include "plural.h"
#include "util.h"

#define HEADER	    48u
#define NODE_HEADER 4u

/* clang-format off */
#define END {NULL, NULL, 0, 0, 0, 0, 0, NULL}

static const struct nest_acpi_field header_fields[] = {
	{"node_count", "nodes", 36, 2, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"first_node", NULL, 38, 2, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};
static const struct nest_acpi_field range_fields[] = {
	{"segment", "segment", 8, 2, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"last_segment", NULL, 10, 2, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"device_id", "devices from", 12, 2, 0, 0, NEST_ACPI_PCI, NULL},
	{"last_device_id", "to", 14, 2, 0, 0, NEST_ACPI_PCI, NULL},
	{"endpoint", "first endpoint", 4, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"output_node", "of unit at", 16, 2, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};
static const struct nest_acpi_field endpoint_fields[] = {
	{"base", "registers at", 8, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{"endpoint", "endpoint", 4, 4, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"output_node", "of unit at", 16, 2, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};
static const struct nest_acpi_field pci_fields[] = {
	{"segment", "segment", 4, 2, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"device_id", "unit", 6, 2, 0, 0, NEST_ACPI_PCI, NULL},
	END,
};
static const struct nest_acpi_field mmio_fields[] = {
	{"base", "registers at", 8, 8, 0, 0, NEST_ACPI_HEX, NULL},
	END,
};

static const struct nest_acpi_type types[] = {
	{1, "pci_range", "PCI devices", 24, range_fields, NULL},
	{2, "mmio_endpoint", "device that is not on PCI", 24, endpoint_fields, NULL},
	{3, "virtio_iommu_pci", "virtio-iommu on PCI", 16, pci_fields, NULL},
	{4, "virtio_iommu_mmio", "virtio-iommu that is not on PCI", 16, mmio_fields, NULL},
};
/* clang-format on */

static void check_node(struct nest_acpi *table, struct nest_acpi_node *node)
{
	const struct nest_acpi_type *type = nest_acpi_type(types, ARRAY_SIZE(types), node->number);

	if (!type)
		nest_acpi_remark(table, node->offset,
				 "node of unknown type %u, %u bytes, is kept raw", node->number,
				 node->length);
	else if (node->length < type->fixed)
		nest_acpi_remark(table, node->offset, "%s of %u bytes, expected at least %u",
				 type->name, node->length, type->fixed);
	else
		node->type = type;
}

static int parse(struct nest_acpi *table, size_t end)
{
	size_t at = nest_acpi_le16(table->bytes + 38), length;
	uint32_t left = nest_acpi_le16(table->bytes + 36);
	struct nest_acpi_node *node;

	if (left && (at < HEADER || at > end)) {
		nest_acpi_stop(table, 38, "the first node is at 0x%zx, expected 0x%x to 0x%zx", at,
			       HEADER, end);
		return 0;
	}
	for (; left; left--, at += length) {
		if (end - at < NODE_HEADER) {
			nest_acpi_stop(table, at, "%zu byte%s left for the last %u node%s",
				       end - at, nest_plural(end - at), left, nest_plural(left));
			return 0;
		}
		length = nest_acpi_le16(table->bytes + at + 2);
		if (length < NODE_HEADER || length > end - at) {
			nest_acpi_stop(table, at,
				       "node of type %u with length %zu, expected %u to %zu",
				       table->bytes[at], length, NODE_HEADER, end - at);
			return 0;
		}
		node = nest_acpi_add_node(table, at, length, table->bytes[at]);
		if (!node)
			return -ENOMEM;
		check_node(table, node);
	}
	return 0;
}

const struct nest_acpi_kind nest_acpi_viot = {
	.word = "viot",
	.signature = "VIOT",
	.header = HEADER,
	.fields = header_fields,
	.parse = parse,
};
