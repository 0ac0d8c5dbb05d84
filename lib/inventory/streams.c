// SPDX-License-Identifier: GPL-2.0-or-later
/* From a device's address, and a bridge's, to stream ids. */
#include "inventory/streams.h"

#include "hw/iort.h"
#include "pciaddr.h"

static uint16_t requester(const struct nest_pciaddr *address)
{
	return (uint16_t)(address->bus << 8 | address->device << 3 | address->function);
}

void nest_streams_of(const struct nest_acpi *iort, const char *device,
		     const struct nest_bridge *bridge, struct nest_streams *ret)
{
	const struct nest_acpi_node *to;
	struct nest_pciaddr address, above;

	*ret = (struct nest_streams){ .to = NULL };
	if (nest_pciaddr_parse(device, &address) || address.domain > UINT16_MAX)
		return;
	ret->root = nest_iort_root(iort, (uint16_t)address.domain);
	ret->to = nest_iort_route(iort, (uint16_t)address.domain, requester(&address), &ret->id);
	if (!bridge || bridge->from_express == NEST_UNKNOWN ||
	    nest_pciaddr_parse(bridge->from_express == NEST_YES ? bridge->below : bridge->name,
			       &above))
		return;
	/* A PCIe-to-PCI bridge uses the first id of its secondary bus, another one its own. */
	if (bridge->from_express == NEST_YES)
		above.device = above.function = 0;
	to = nest_iort_route(iort, (uint16_t)address.domain, requester(&above), &ret->alias);
	ret->have_alias =
		to && to->number != NEST_IORT_ITS && (to != ret->to || ret->alias != ret->id);
}
