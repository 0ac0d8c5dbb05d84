// SPDX-License-Identifier: GPL-2.0-or-later
/* The fault reasons of VT-d, and the usual cause of each. */

#include "hw/vtd-fault.h"
#include "util.h"

#include <stddef.h>

/* Causes that many codes share. */
#define NO_DRIVER "the device does DMA although no driver set it up"
#define KERNEL_BUG                                                                                 \
	"the owner of the tables (the kernel or user space) filled in a structure wrongly"
#define BAD_MEMORY "the table lies at an address the unit cannot read"
#define UNMAPPED   "the driver used an address that is not mapped, or stray DMA"
#define NOT_IN_S1  "the owner of the first-stage table (guest or tool) did not map the address"

/* clang-format off */
static const struct nest_vtd_reason reasons[] = {
	/* legacy mode */
	{0x01, "LRT.2", "no root entry for the device's bus", NO_DRIVER},
	{0x02, "LCT.2", "no context entry for the device",
	 "the device is attached to no domain, or uses another requester id (a bridge, a DMA alias)"},
	{0x03, "LCT.4", "the context entry is invalid", KERNEL_BUG},
	{0x04, "LGN.1", "the address is wider than the unit or the domain allows",
	 "an address beyond the guest address width (MGAW)"},
	{0x05, "LGN.2", "a write to a page without write permission, or not mapped at all", UNMAPPED},
	{0x06, "LGN.3", "a read from a page without read permission, or not mapped at all", UNMAPPED},
	{0x07, "LSL.1", "a page table could not be read", BAD_MEMORY},
	{0x08, "LRT.1", "the root table could not be read", BAD_MEMORY},
	{0x09, "LCT.1", "the context table could not be read", BAD_MEMORY},
	{0x0a, "LRT.3", "reserved bits are set in the root entry", KERNEL_BUG},
	{0x0b, "LCT.3", "reserved bits are set in the context entry", KERNEL_BUG},
	{0x0c, "LSL.2", "reserved bits are set in a page table entry",
	 "large pages or address bits the unit does not have, or memory corruption"},
	{0x0d, "LCT.5", "the context entry forbids translation requests",
	 "the device uses ATS although the kernel did not allow it"},
	{0x0e, "LGN.4", "the translation leads into the interrupt address range",
	 "a page was mapped to 0xfee00000"},

	/* interrupt remapping */
	{0x20, NULL, "reserved bits are set in the interrupt request",
	 "the device sends malformed interrupts"},
	{0x21, NULL, "the interrupt index is beyond the table",
	 "the device uses interrupt settings from before the table was set up"},
	{0x22, NULL, "no entry for the interrupt",
	 "an interrupt that its driver has freed, or that the firmware left enabled"},
	{0x23, NULL, "the interrupt table could not be read", BAD_MEMORY},
	{0x24, NULL, "reserved bits are set in the interrupt entry", KERNEL_BUG},
	{0x25, NULL, "an interrupt in the old format, which is blocked",
	 "the device was not set up for remapped interrupts"},
	{0x26, NULL, "the interrupt comes from another device than the one in the entry",
	 "the requester id of a bridge or an alias, or the device forges interrupts"},
	{0x27, NULL, "the posted-interrupt descriptor could not be read", BAD_MEMORY},
	{0x28, NULL, "reserved bits are set in the posted-interrupt descriptor", KERNEL_BUG},
	{0x29, NULL, "an interrupt request of a kind that is not allowed",
	 "the attributes of the request (PASID, translated) do not fit an interrupt"},

	/* scalable mode: the root */
	{0x30, "RTA.1", "the root table address is invalid", KERNEL_BUG},
	{0x31, "RTA.2", "a request with PASID while the unit is not in scalable mode",
	 "the device uses PASIDs that the kernel did not enable"},
	{0x32, "RTA.3", "a page request while the unit is not in scalable mode",
	 "the device uses page requests (PRI) that the kernel did not enable"},
	{0x33, "RTA.4", "the root table's mode refuses the request",
	 "the unit is being switched off or aborts all DMA"},
	{0x38, "SRT.1", "the root entry could not be read", BAD_MEMORY},
	{0x39, "SRT.2", "no root entry for the device's bus", NO_DRIVER},
	{0x3a, "SRT.3", "reserved bits are set in the root entry", KERNEL_BUG},

	/* scalable mode: the context */
	{0x40, "SCT.1", "the context entry could not be read", BAD_MEMORY},
	{0x41, "SCT.2", "no context entry for the device",
	 "the device is attached to no domain, or uses another requester id (a bridge, a DMA alias)"},
	{0x42, "SCT.3", "reserved bits are set in the context entry", KERNEL_BUG},
	{0x43, "SCT.4", "the context entry is invalid", KERNEL_BUG},
	{0x44, "SCT.5", "the context entry forbids the device TLB",
	 "the device uses ATS although the kernel did not allow it"},
	{0x45, "SCT.6", "a request with PASID from a device that may not use PASIDs",
	 "PASIDs are on in the device but not in its context entry"},
	{0x46, "SCT.7", "the PASID is larger than the device's table",
	 "a PASID that was never allocated"},
	{0x47, "SCT.8", "the context entry forbids page requests",
	 "page requests (PRI) are on in the device but not in its context entry"},
	{0x48, "SCT.9", "the PASID for requests without one is out of range", KERNEL_BUG},

	/* scalable mode: the PASID tables */
	{0x50, "SPD.1", "the PASID directory could not be read", BAD_MEMORY},
	{0x51, "SPD.2", "no PASID directory entry", "a PASID that was never allocated"},
	{0x52, "SPD.3", "reserved bits are set in the PASID directory entry", KERNEL_BUG},
	{0x58, "SPT.1", "the PASID table could not be read", BAD_MEMORY},
	{0x59, "SPT.2", "no PASID table entry",
	 "the device or its PASID is attached to no domain"},
	{0x5a, "SPT.3", "reserved bits are set in the PASID table entry", KERNEL_BUG},
	{0x5b, "SPT.4", "the PASID table entry is invalid",
	 "a translation type, width or feature that this unit does not have"},
	{0x5c, "SPT.5", "an execute request where the PASID does not allow them",
	 "execute requests are on in the device only"},
	{0x5d, "SPT.6", "a supervisor request where the PASID does not allow them",
	 "supervisor requests are on in the device only"},

	/* scalable mode: the first stage */
	{0x70, "SFL.1", "a first-stage table could not be read", BAD_MEMORY},
	{0x71, "SFL.2", "the first stage does not map the address", NOT_IN_S1},
	{0x72, "SFL.3", "reserved bits are set in a first-stage entry",
	 "address bits or page sizes the unit does not have, or a table of another format"},
	{0x73, "SFL.4", "the top first-stage table could not be read", BAD_MEMORY},
	{0x74, "SFL.5", "nested: a first-stage table lies beyond the second stage's width",
	 "the first-stage table uses an address outside the guest's memory"},
	{0x75, "SFL.6", "nested: the second stage does not let the top first-stage table be read",
	 "the first-stage table is not in memory that is mapped for the device"},
	{0x76, "SFL.7", "nested: the second stage does not let a first-stage table be read",
	 "the first-stage table is not in memory that is mapped for the device"},
	{0x77, "SFL.8", "nested: the second stage does not let a first-stage entry be updated",
	 "the first-stage table lies in read-only memory"},
	{0x90, "SFL.9", "an accessed or dirty bit must be set, but access is not snooped",
	 KERNEL_BUG},
	{0x91, "SFL.10", "an accessed or dirty bit in the first stage could not be set", BAD_MEMORY},

	/* scalable mode: the second stage */
	{0x78, "SSL.1", "a second-stage table could not be read", BAD_MEMORY},
	{0x79, "SSL.2", "the second stage does not allow the access, or does not map the address",
	 "the address, or the first-stage table itself, is outside the memory mapped for the device"},
	{0x7a, "SSL.3", "reserved bits are set in a second-stage entry", KERNEL_BUG},
	{0x7b, "SSL.4", "the second-stage table address is invalid", KERNEL_BUG},
	{0x7c, "SSL.5", "an accessed or dirty bit must be set, but access is not snooped",
	 KERNEL_BUG},
	{0x7d, "SSL.6", "an accessed or dirty bit in the second stage could not be set", BAD_MEMORY},

	/* scalable mode: the rest */
	{0x80, "SGN.1", "the address is not canonical",
	 "the upper bits do not repeat the sign bit of the first stage's width"},
	{0x81, "SGN.2", "a user request to a supervisor page of the first stage",
	 "the U/S bit is clear in a first-stage entry"},
	{0x82, "SGN.3", "an execute request to a page that is not executable",
	 "the execute-disable bit is set in a first-stage entry"},
	{0x83, "SGN.4", "the address is wider than the unit allows",
	 "an address beyond the unit's width"},
	{0x84, "SGN.5", "the address is wider than the second stage allows",
	 "an address beyond the width of the second-stage table"},
	{0x85, "SGN.6", "a write to a page without write permission",
	 "the page is mapped read-only, in the first stage or the second"},
	{0x86, "SGN.7", "a read from a page without read permission",
	 "the page is mapped without read permission"},
	{0x87, "SGN.8", "the translation leads into the interrupt address range",
	 "a page was mapped to 0xfee00000"},
};
/* clang-format on */

const struct nest_vtd_reason *nest_vtd_reason(uint8_t code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].code == code)
			return &reasons[i];
	return NULL;
}
