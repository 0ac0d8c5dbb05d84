// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of AMD-Vi: drivers/iommu/amd of Linux 2.6.33 to 7.3. */
#include "log/messages.h"

#define I	  .weight = NEST_LOG_INFO
#define W	  .weight = NEST_LOG_WARN
#define F	  .weight = NEST_LOG_FAIL
#define DMA_ON	  NEST_LOG_SEEN_DMA_ON
#define DMA_OFF	  NEST_LOG_SEEN_DMA_OFF
#define IR_ON	  NEST_LOG_SEEN_IR_ON
#define IR_OFF	  NEST_LOG_SEEN_IR_OFF
#define AMD	  NEST_LOG_SEEN_AMD
#define BEFORE	  .subject = true

#define IR_IS_OFF "interrupt remapping is off: VFIO refuses devices"
#define IVRS_BAD  "firmware bug: the IVRS table is broken, so the kernel does not use AMD-Vi"
#define NO_SNP	  "SEV-SNP stays off: it needs DMA remapping with translation"
#define LOST	  "the unit reported more events than the kernel could read; some were lost"
#define UNUSED	  "the kernel does not use AMD-Vi"

const struct nest_message nest_messages_amd[] = {
	{ "amd_unit", "Found IOMMU ", NULL, "an AMD unit was found", I, AMD, BEFORE },
	{ "amd_unit", "Enabling IOMMU at ", " ", "an AMD unit was found", I, AMD },
	{ "amd_features", "AMD-Vi: Extended features: ", NULL,
	  "features of an AMD unit, without their register", I, AMD, .rest = true },
	{ "interrupt_remapping", "AMD-Vi: Interrupt remapping enabled", NULL,
	  "interrupt remapping is on, so that devices cannot forge interrupts; of DMA remapping "
	  "this says nothing",
	  I, IR_ON | AMD },
	{ "interrupt_remapping_off", "AMD-Vi: Disabling interrupt remapping", NULL, IR_IS_OFF, F,
	  IR_OFF | AMD },
	{ "interrupt_remapping_off", "Disabling interrupt remapping", NULL, IR_IS_OFF, F, IR_OFF },
	{ "ioapic_not_in_ivrs", "IOAPIC[", "]",
	  "firmware bug: the IVRS table lacks this I/O APIC, so interrupt remapping stays off and "
	  "VFIO refuses devices. "
	  "Update the firmware, or add ivrs_ioapic[ID]=00:14.0 to the kernel command line",
	  F, IR_OFF | AMD, .then = "] not in IVRS table" },
	{ "ioapic_not_in_ivrs", "No southbridge IOAPIC found", NULL,
	  "firmware bug: the IVRS table lacks the southbridge's I/O APIC, so interrupt remapping "
	  "stays off and VFIO "
	  "refuses devices",
	  F, IR_OFF | AMD },
	{ "unknown_option", "AMD-Vi: Unknown option - '", "'",
	  "amd_iommu= has no such option and ignores it; AMD-Vi is on by default", W, AMD },
	{ "amd_completion_wait", "Completion-Wait loop timed out", NULL,
	  "an AMD unit does not finish its commands: a device does not answer (often after a "
	  "reset), or the unit hangs",
	  F, AMD, BEFORE },
	{ "amd_command_timeout", "AMD-Vi: Command buffer timeout", NULL,
	  "an AMD unit takes no more commands: a device does not answer, or the unit hangs", F,
	  AMD },
	{ "events_lost", "IOMMU event log overflow", NULL, LOST, W, AMD },
	{ "events_lost", " log restarting", NULL, LOST, W, AMD },
	{ "events_lost", "IOMMU GA Log overflow", NULL, "interrupts for guests were lost", W, AMD },
	{ "events_lost", "No event written to event log", NULL,
	  "the unit reported an event without writing it (an erratum)", W, AMD },
	{ "device_not_attached", "Device not attached to domain properly", NULL,
	  "a device does DMA and is attached to no domain", W, AMD },
	{ "page_requests_lost", "IOMMU PPR log overflow", NULL,
	  "page requests came faster than they were served, some were lost", W, AMD },
	{ "copied_tables", "Failed to copy DEV table from previous kernel", NULL,
	  "the tables of the crashed kernel could not be copied: devices may fault until they are "
	  "reset",
	  W, AMD },
	{ "page_request_invalid", "Unknown PPR request received", NULL,
	  "a device sent a page request that is not valid", W, AMD },
	{ "page_request_invalid", "Invalid PASID : ", NULL,
	  "a device sent a page request for a PASID that is bound to nothing", W, AMD,
	  .rest = true },
	{ "page_request_invalid", "PPR logged [", NULL,
	  "a device sent a page request that is not valid", W, AMD, .rest = true },
	{ "ivrs_bad", "IVRS table error: ", NULL, IVRS_BAD, F, DMA_OFF | AMD, .rest = true },
	{ "ivrs_bad", "IVRS invalid checksum", NULL, IVRS_BAD, F, DMA_OFF | AMD },
	{ "ivrs_bad", "Unsupported IVHD type ", " ", IVRS_BAD, F, AMD },
	{ "ivrs_bad", "Invalid IVHD device type ", " ", IVRS_BAD, F, AMD },
	{ "ivrs_bad", "AMD-Vi: [Firmware Bug]: Invalid HID", NULL, IVRS_BAD, F, AMD },
	{ "iommu_disabled", "AMD IOMMU disabled", NULL,
	  "the command line (amd_iommu=off) keeps AMD-Vi off", W, DMA_OFF | AMD },
	{ "amd_unused", "Disable IOMMU on Stoney Ridge", NULL,
	  UNUSED ": it is off on this processor", F, DMA_OFF | AMD },
	{ "amd_unused", "IOMMU not currently supported when SME is active", NULL,
	  UNUSED ": memory encryption (SME) is on", F, DMA_OFF | AMD },
	{ "amd_unused", "The CMPXCHG16B feature is required", NULL,
	  UNUSED ": the processor lacks CMPXCHG16B", F, DMA_OFF | AMD },
	{ "amd_unused", "Failed to initialize IOMMU Hardware", NULL,
	  "an AMD unit could not be set up", F, AMD },
	{ "amd_unused", "Can not reserve memory region ", " ",
	  "firmware bug: the registers of an AMD unit overlap other memory", F, AMD },
	{ "amd_no_host_tables", "Disable host address translation due to invalid translation level",
	  NULL, "this unit has no second-stage tables: devices cannot be assigned", F, AMD },
	{ "amd_no_host_tables", "Host Address Translation is not supported", NULL,
	  "this unit has no second-stage tables: devices cannot be assigned", F, AMD },
	{ "efr_mismatch", "EFR mismatch. Use IVHD EFR", NULL,
	  "register and IVRS table differ in the features of a unit; the kernel uses the table's",
	  W, AMD },
	{ "efr_mismatch", "Found inconsistent EFR/EFR2 ", " ",
	  "the units differ in their features; the kernel uses what all have", W, AMD },
	{ "snp_refused", "SNP: IOMMU disabled,", NULL,
	  NO_SNP ": remove amd_iommu=off and iommu=off", W, AMD },
	{ "snp_refused", "SNP: IOMMU configured in passthrough mode", NULL,
	  NO_SNP ": remove iommu=pt", W, AMD },
	{ "snp_refused", "SNP: IOMMU disabled or configured in passthrough mode", NULL,
	  NO_SNP ": remove iommu=pt and iommu=off", W, AMD },
	{ "snp_refused", "SNP: IOMMU is either disabled or configured in passthrough mode", NULL,
	  NO_SNP ": remove iommu=pt and iommu=off", W, AMD },
	{ "snp_refused", "SNP: IOMMU is configured with V2 page table mode", NULL,
	  NO_SNP " by v1 tables: remove amd_iommu=pgtbl_v2", W, AMD },
	{ "snp_refused", "SNP: IOMMU SNP feature not enabled", NULL,
	  "SEV-SNP stays off: the IOMMU does not have it, or it is off in firmware", W, AMD },
	{ "snp_refused", "SNP: RMP initialization failed", NULL,
	  "SEV-SNP stays off: its reverse map table could not be set up", W, AMD },
	{ "snp_refused", "SNP: Too late to enable SNP for IOMMU", NULL,
	  "SEV-SNP stays off: the IOMMU was already in use", W, AMD },
	{ "snp_on", "IOMMU SNP support enabled", NULL, "SEV-SNP is on in the IOMMU", I, AMD },
	{ "amd_v2_tables", "V2 page table enabled", NULL,
	  "the kernel uses guest page tables (v2) for its own domains", I, AMD },
	{ "interrupts_not_posted", "Force to disable Virtual APIC", NULL,
	  "interrupts of devices go to guests through the kernel, which is slower", I, AMD },
	{ "sva_refused", "Failed to resume IOMMU for device ", " ",
	  "the driver of the GPU gets no shared addressing from the IOMMU, and may not start", W,
	  0 },
	{ "virtual_unit", "Using strict mode due to virtualization", NULL,
	  "the unit is a virtual one: this is a guest", I, NEST_LOG_SEEN_GUEST | AMD },
	{ 0 },
};
