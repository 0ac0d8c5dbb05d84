// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of Arm's SMMU, virtio-iommu and RISC-V, and of the tables IORT and VIOT. */
#include "log/messages.h"

#define I	  .weight = NEST_LOG_INFO
#define W	  .weight = NEST_LOG_WARN
#define F	  .weight = NEST_LOG_FAIL
#define ARM	  NEST_LOG_SEEN_SMMU
#define VIRTIO	  NEST_LOG_SEEN_VIRTIO
#define BEFORE	  .subject = true

#define UNUSABLE  "the kernel cannot use this SMMU"
#define LOST	  "the SMMU reported more events than the kernel could read; some were lost"
#define NO_EVENTS "the SMMU has no interrupt for this: that the log has no events proves nothing"
#define TIMEOUT                                                                                    \
	"the SMMU does not finish its commands: a device does not answer (ATS), or the unit hangs"
#define NOT_ATTACHED "the device could not be attached to this SMMU"

const struct nest_message nest_messages_arm[] = {
	{ "smmu_command_timeout", "CMD_SYNC timeout", NULL, TIMEOUT, F, ARM, BEFORE },
	{ "smmu_command_timeout", "CMDQ timeout", NULL, TIMEOUT, F, ARM, BEFORE },
	{ "smmu_command_timeout", "TLB sync timed out -- SMMU may be deadlocked", NULL, TIMEOUT, F,
	  ARM, BEFORE },
	{ "smmu_command_error", "CMDQ error (cons ", NULL,
	  "the SMMU refused a command, or a device did not answer an invalidation (ATC)", F, ARM,
	  BEFORE, .rest = true, .refine = nest_message_behind_colon },
	{ "events_lost", "EVTQ overflow detected", NULL, LOST, W, ARM, BEFORE },
	{ "events_lost", "EVTQ write aborted", NULL, LOST, W, ARM, BEFORE },
	{ "page_requests_lost", "PRIQ overflow detected", NULL,
	  "page requests came faster than they were served, some were lost", W, ARM, BEFORE },
	{ "page_requests_lost", "PRIQ write aborted", NULL,
	  "page requests came faster than they were served, some were lost", W, ARM, BEFORE },
	{ "page_request_invalid", "unexpected PRI request received", NULL,
	  "a device sent a page request that is not expected", W, ARM, BEFORE },
	{ "smmu_global_error", "unexpected global error reported (", ")",
	  "the SMMU reported an error of its own", W, ARM, BEFORE },
	{ "smmu_dead", "device has entered Service Failure Mode", NULL,
	  "the SMMU gave up: its DMA is blocked until a reset", F, ARM, BEFORE },
	{ "smmu_interrupts", "MSI write aborted", NULL, "an interrupt of the SMMU was lost", W, ARM,
	  BEFORE },
	{ "smmu_no_interrupt", "no evtq irq", NULL, NO_EVENTS, W, ARM, BEFORE },
	{ "smmu_no_interrupt", "no gerr irq", NULL, NO_EVENTS, W, ARM, BEFORE },
	{ "smmu_no_interrupt", "no priq irq", NULL,
	  "the SMMU has no interrupt for page requests: PRI does not work", W, ARM, BEFORE },
	{ "smmu_unusable", "no translation support!", NULL, UNUSABLE, F, ARM, BEFORE },
	{ "smmu_unusable", "AArch64 table format not supported!", NULL, UNUSABLE, F, ARM, BEFORE },
	{ "smmu_unusable", "unknown/unsupported TT endianness", NULL, UNUSABLE, F, ARM, BEFORE },
	{ "smmu_unusable", "embedded implementation not supported", NULL, UNUSABLE, F, ARM,
	  BEFORE },
	{ "smmu_unusable", "failed to enable SMMU interface", NULL, UNUSABLE, F, ARM, BEFORE },
	{ "smmu_unusable", "MMIO region too small", NULL, UNUSABLE, F, ARM, BEFORE },
	{ "smmu_unusable", "failed to allocate linear stream table", NULL, UNUSABLE, F, ARM,
	  BEFORE },
	{ "smmu_unusable", "failed to allocate l1 stream table", NULL, UNUSABLE, F, ARM, BEFORE },
	{ "smmu_unusable", "arm-smmu-v3: probe of ", " ", UNUSABLE, F, ARM,
	  .then = " failed with error" },
	{ "smmu_unusable", "arm-smmu: probe of ", " ", UNUSABLE, F, ARM,
	  .then = " failed with error" },
	{ "smmu_unusable", "probe with driver arm-smmu-v3 failed with error", NULL, UNUSABLE, F,
	  ARM, BEFORE },
	{ "smmu_unusable", "probe with driver arm-smmu failed with error", NULL, UNUSABLE, F, ARM,
	  BEFORE },
	{ "smmu_unusable", "GBPA not responding to update", NULL, UNUSABLE, F, ARM, BEFORE },
	{ "smmu_overridden", "IDR0.COHACC overridden by FW configuration", NULL,
	  "firmware overrides what the SMMU says of cache coherency", W, ARM, BEFORE },
	{ "smmu_was_on", "SMMU currently enabled! Resetting", NULL,
	  "firmware left the SMMU switched on; the kernel resets it", I, ARM, BEFORE },
	{ "stream_alias", "Aliasing StreamID ", " ",
	  "two devices have this stream ID: their DMA does not work", F, ARM, BEFORE },
	{ "stream_alias", "already in tree", NULL,
	  "two devices have one stream ID: firmware (IORT or device tree) is wrong", F, ARM },
	{ "stream_out_of_range", "stream ID ", " ",
	  "the stream ID is out of range for this SMMU: firmware is wrong", F, ARM, BEFORE,
	  .then = " out of range for SMMU" },
	{ "attach_failed", "cannot attach to incompatible domain", NULL, NOT_ATTACHED, F, ARM,
	  BEFORE },
	{ "attach_failed", "cannot attach to SMMU ", NULL, NOT_ATTACHED, F, ARM, BEFORE },
	{ "attach_failed", "cannot attach - SVA enabled", NULL, NOT_ATTACHED ": SVA is in use", F,
	  ARM, BEFORE },
	{ "pasid_failed", "Failed to enable PASID", NULL,
	  "PASIDs could not be enabled on the device", W, 0, BEFORE },
	{ "ats_failed", "Failed to enable ATS", NULL, "ATS could not be enabled on the device", W,
	  0, BEFORE },
	{ "iort_bad", "Invalid ID mapping, skipping RMR node", NULL,
	  "firmware bug: the IORT table is wrong about a reserved region", W, 0 },
	{ "iort_bad", "ID map has NULL parent reference", NULL,
	  "firmware bug: the IORT table is broken", F, 0 },
	{ "iort_bad", "IORT node pointer overflows, bad table", NULL,
	  "firmware bug: the IORT table is broken", F, 0 },
	{ "virtio_unit", "input address: ", " ",
	  "a virtual IOMMU (virtio-iommu) with addresses of so many bits: this is a guest", I,
	  VIRTIO | NEST_LOG_SEEN_GUEST, BEFORE, .then = " bits" },
	{ "virtio_pages", "page mask: ", " ", "the smallest page of the virtual IOMMU", I, VIRTIO,
	  BEFORE, .refine = nest_message_page_mask },
	{ "viot_bad", "VIOT: No IOMMU node found", NULL,
	  "firmware (VIOT) names no virtual IOMMU: it is not used", F, 0 },
	{ "viot_bad", "Could not find PCI IOMMU", NULL,
	  "firmware (VIOT) names a virtual IOMMU that is not there", F, 0 },
	{ 0 },
};
