// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of Xen 4.0 to 4.22, and of a dom0 below it. */
#include "log/messages.h"

#define I   .weight = NEST_LOG_INFO
#define W   .weight = NEST_LOG_WARN
#define F   .weight = NEST_LOG_FAIL
#define XEN NEST_LOG_SEEN_XEN

#define XEN_IVRS                                                                                   \
	"firmware bug: the IVRS table is wrong or lacks something, so Xen may leave the IOMMU off"

const struct nest_message nest_messages_xen[] = {
	{ "xen_iommu_on", "I/O virtualisation enabled", NULL,
	  "Xen uses the IOMMU: DMA remapping is on", I, XEN | NEST_LOG_SEEN_DMA_ON },
	{ "xen_iommu_off", "I/O virtualisation disabled", NULL,
	  "Xen does not use the IOMMU: no device can be assigned safely", F,
	  XEN | NEST_LOG_SEEN_DMA_OFF },
	{ "xen_dom0_mode", " - Dom0 mode: ", " ", "how Xen maps the devices of its dom0", I, XEN },
	{ "interrupt_remapping", "(XEN) Interrupt remapping enabled", NULL,
	  "Xen remaps interrupts: devices cannot forge them", I, XEN | NEST_LOG_SEEN_IR_ON },
	{ "interrupt_remapping_off", "(XEN) Interrupt remapping disabled", NULL,
	  "Xen does not remap interrupts: devices can forge them", F, XEN | NEST_LOG_SEEN_IR_OFF },
	{ "interrupt_remapping", "Intel VT-d Interrupt Remapping enabled", NULL,
	  "Xen remaps interrupts: devices cannot forge them", I, XEN | NEST_LOG_SEEN_IR_ON },
	{ "interrupt_remapping_off", "Intel VT-d Interrupt Remapping not enabled", NULL,
	  "Xen does not remap interrupts: devices can forge them", F, XEN | NEST_LOG_SEEN_IR_OFF },
	{ "interrupt_remapping_off", "Failed to enable Interrupt Remapping", NULL,
	  "Xen does not remap interrupts: devices can forge them", F, XEN | NEST_LOG_SEEN_IR_OFF },
	{ "bad_dmar", "Failed to parse ACPI DMAR. Disabling VT-d", NULL,
	  "Xen could not read the DMAR table: no DMA remapping", F, XEN | NEST_LOG_SEEN_DMA_OFF },
	{ "bad_dmar", "[VT-D]Invalid ACPI DMAR entry length", NULL,
	  "Xen could not read the DMAR table", F, XEN },
	{ "bad_dmar", "Only one INCLUDE_ALL device scope is allowed", NULL,
	  "Xen could not read the DMAR table", F, XEN },
	{ "bad_dmar", "Overlapping RMRRs", NULL, "firmware bug: two RMRRs overlap", W, XEN },
	{ "xen_iommu_on", "AMD-Vi: IOMMU 0 Enabled", NULL,
	  "Xen uses the IOMMU: DMA remapping is on", I, XEN | NEST_LOG_SEEN_DMA_ON },
	{ "xen_iommu_off", "AMD-Vi: Error initialization", NULL,
	  "Xen does not use the IOMMU: no device can be assigned safely", F,
	  XEN | NEST_LOG_SEEN_DMA_OFF },
	{ "xen_iommu_off", "AMD-Vi: IOMMU not found!", NULL,
	  "Xen found no AMD IOMMU: switch it on in firmware setup", F,
	  XEN | NEST_LOG_SEEN_DMA_OFF },
	{ "xen_graphics_unit", "BIOS did not enable IGD for VT properly", NULL,
	  "firmware did not set up the unit of the graphics device: Xen leaves it off", W, XEN },
	{ "ivrs_bad", "AMD-Vi: Error: ", NULL, "Xen found the IVRS table or a unit to be wrong", F,
	  XEN, .rest = true },
	{ "ivrs_bad", "(XEN) IVHD Error: ", NULL, XEN_IVRS, F, XEN, .rest = true },
	{ "ivrs_bad", "(XEN) IVMD Error: ", NULL, XEN_IVRS, F, XEN, .rest = true },
	{ "rmrr_refused", "disallowed to assign ", " ",
	  "Xen refuses this device: it shares reserved memory (RMRR) with another one", F, XEN,
	  .then = " with shared RMRR" },
	{ "device_refused", "XEN_DOMCTL_assign_device: assign ", " ",
	  "Xen refused to assign the device: the lines before tell why", F, XEN },
	{ "device_refused", ": assign (", ")",
	  "Xen refused to assign the device: the lines before tell why", F, XEN,
	  .then = ") failed (" },
	{ "device_refused", "libxl_device_pci_add failed: ", " ",
	  "Xen's tools could not assign the device: the lines before, or xl dmesg, tell why", F,
	  XEN },
	{ "xen_crash", "IOMMU setup failed, crash Xen for security purpose", NULL,
	  "Xen was told to demand an IOMMU (iommu=required)", F, XEN },
	{ "xen_crash", "Xen BUG at drivers/passthrough/", " ",
	  "Xen stopped with an error in its IOMMU code: update Xen or the firmware", F, XEN },
	{ "invalidation_timeout", "wait descriptor taking too long", NULL,
	  "a device did not answer an invalidation of its address cache (ATS)", F, XEN },
	{ "xen_dom0", "ACPI: RMAD ", NULL,
	  "Xen hides the DMAR table from this dom0: Xen owns VT-d, and VFIO has none to use", I,
	  XEN },
	{ "xen_dom0", "Booting paravirtualized kernel on Xen", NULL,
	  "this kernel runs on Xen, which owns the IOMMU", I, XEN },
	{ 0 },
};
