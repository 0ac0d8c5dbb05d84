// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the IOMMU core, VFIO, iommufd and PCI: Linux 3.6 to 7.3. */
#include "log/messages.h"

#define I	 .weight = NEST_LOG_INFO
#define W	 .weight = NEST_LOG_WARN
#define F	 .weight = NEST_LOG_FAIL
#define BEFORE	 .subject = true

#define NO_GROUP "the device got no IOMMU group: VFIO cannot take it"
#define SPLIT                                                                                      \
	"groups are split by an option, not by the hardware (pcie_acs_override): isolation is "    \
	"not proven"
#define PROBE	 "vfio-pci does not take the device; -22 mostly means that no IOMMU translates for it"
#define NO_IOMMU "a device is used without any IOMMU: no isolation, and no nesting"

const struct nest_message nest_messages_core[] = {
	{ "default_domain", "iommu: Default domain type: ", NULL,
	  "how the kernel would map devices of its own; it is printed with and without an IOMMU", I,
	  0, .rest = true },
	{ "flush_policy", "DMA domain TLB invalidation policy: ", " ",
	  "when the kernel drops old translations of its own; it is printed with and without an "
	  "IOMMU",
	  I, 0 },
	{ "rmrr_refused", "requested this device have a 1:1 IOMMU mapping, rejecting", NULL,
	  "the firmware reserves memory for this device (RMRR, IVMD or RMR), so the kernel refuses "
	  "to assign it",
	  F, 0, BEFORE },
	{ "reserved_region_failed", "Mapping reserved region failed", NULL,
	  "the reserved memory of the device could not be mapped: its DMA may fail", F, 0, BEFORE },
	{ "reserved_region_failed",
	  "IOMMU driver was not able to establish FW requested direct mapping", NULL,
	  "the reserved memory of the device could not be mapped: its DMA may fail", W, 0, BEFORE },
	{ "group_failed", "Failed to add to iommu group ", NULL, NO_GROUP, F, 0, BEFORE,
	  .rest = true, .refine = nest_message_errno },
	{ "group_failed", "Failed to add device ", " ", NO_GROUP, F, 0, .then = " to group " },
	{ "group_left", "Removing from iommu group ", " ",
	  "the device was unplugged or removed from its group", I, 0, BEFORE },
	{ "group_left", "iommu: Removing device ", " ",
	  "the device was unplugged or removed from its group", I, 0 },
	{ "domain_conflict", "Device needs domain type ", NULL,
	  "two devices of one group need different domains; the kernel uses its default", W, 0,
	  BEFORE },
	{ "domain_conflict", "IOMMU driver error, requesting conflicting def_domain_type", NULL,
	  "two devices of one group need different domains; the kernel uses its default", W, 0,
	  BEFORE },
	{ "domain_fallback", "Failed to allocate default IOMMU domain of type ", " ",
	  "the IOMMU driver does not have this type of domain; the kernel uses another", I, 0 },
	{ "untrusted_refused", "Device is not trusted, but driver is overriding group", NULL,
	  "the device is on an external port and got no translated domain: its driver does not "
	  "start",
	  F, 0, BEFORE },
	{ "domain_identity", "Using iommu direct mapping", NULL,
	  "the device is passed through for its host driver", I, 0, BEFORE },
	{ "domain_identity", "Using direct mapping for device ", " ",
	  "the device is passed through for its host driver", I, 0 },
	{ "passthrough_off", "Memory encryption detected - Disabling default IOMMU Passthrough",
	  NULL, "memory encryption is on, so the kernel translates the DMA of its own devices", I,
	  0 },

	{ "no_interrupt_remapping", "No interrupt remapping support", NULL,
	  "VFIO refused a device: without interrupt remapping it could forge interrupts", F,
	  NEST_LOG_SEEN_IR_OFF },
	{ "interrupts_not_isolated", "MSI interrupts are not secure", NULL,
	  "iommufd took a device whose interrupts are not isolated, as it was told to "
	  "(allow_unsafe_interrupts)",
	  W, NEST_LOG_SEEN_IR_OFF },
	{ "iommufd_serves_vfio", "IOMMUFD is providing /dev/vfio/vfio", NULL,
	  "the VFIO container is iommufd's imitation: no type 1 nesting there", I, 0 },
	{ "memlock", "RLIMIT_MEMLOCK (", ")",
	  "VFIO refused a mapping: the process may not lock more memory than this", F, 0,
	  .then = ") exceeded", .refine = nest_message_bytes },
	{ "vfio_probe_failed", "vfio-pci: probe of ", " ", PROBE, F, 0,
	  .then = " failed with error" },
	{ "vfio_probe_failed", "probe with driver vfio-pci failed with error ", " ", PROBE, F, 0,
	  BEFORE },
	{ "vfio_denied", "exists in vfio-pci device denylist, driver probing disallowed", NULL,
	  "vfio-pci does not take this kind of device (vfio_pci.disable_denylist overrides it)", F,
	  0, BEFORE },
	{ "vfio_denied", "device denylist disabled - allowing device ", " ",
	  "vfio-pci takes a device that it knows not to work well, as it was told to", W, 0 },
	{ "vfio_busy", "Device is currently in use, task ", " ",
	  "unbinding waits until this task releases the device", W, 0, BEFORE },
	{ "vfio_busy", "Relaying device request to user", NULL,
	  "the kernel asks the user of the device to release it", W, 0, BEFORE },
	{ "vf_token", "VF token required to access device", NULL,
	  "the VF needs the token of its PF, which is bound to vfio-pci", F, 0, BEFORE },
	{ "vf_token", "Incorrect VF token provided for device", NULL, "the VF token is wrong", F, 0,
	  BEFORE },
	{ "sriov_on", "Cannot bind to PF with SR-IOV enabled", NULL,
	  "vfio-pci does not take a PF whose VFs are enabled: disable them first", F, 0, BEFORE },
	{ "noiommu", "vfio-noiommu device opened by user", NULL, NO_IOMMU, W, NEST_LOG_SEEN_NOIOMMU,
	  BEFORE },
	{ "noiommu", "Adding kernel taint for vfio-noiommu", NULL, NO_IOMMU, W,
	  NEST_LOG_SEEN_NOIOMMU, BEFORE },

	{ "acs_override", "PCIe ACS overrides enabled", NULL, SPLIT, W, 0 },
	{ "acs_override",
	  "ACS overrides enabled; This may allow non-IOMMU protected peer-to-peer DMA", NULL, SPLIT,
	  W, 0 },
	{ "acs_changed", "Configured ACS to ", " ",
	  "an option of the command line changed the isolation of this device (config_acs=)", W, 0,
	  BEFORE },
	{ "acs_changed", "disabled ACS redirect", NULL,
	  "an option of the command line took isolation from this device", W, 0, BEFORE },
	{ "acs_changed", "Failed to enable Intel PCH ACS quirk", NULL,
	  "a root port of the chipset does not isolate", W, 0, BEFORE },
	{ "acs_changed", "Disabling broken ACS SV", NULL,
	  "a bridge checks its devices less: their isolation is reduced", W, 0, BEFORE },
	{ "acs_quirk", "PCH root port ACS workaround enabled", NULL,
	  "the kernel makes this root port isolate by a workaround", I, 0, BEFORE },
	{ "ats_off", "disabling ATS", NULL,
	  "the kernel keeps ATS off on this device, which is known not to work", I, 0, BEFORE },
	{ "ats_off", "PCIe: ATS is disabled", NULL, "the command line (pci=noats) keeps ATS off", I,
	  0 },
	{ "dma_alias", "Enabling fixed DMA alias to ", " ",
	  "the DMA of this device appears under another address", I, 0, BEFORE },
	{ "guest", "Hypervisor detected: ", NULL,
	  "this is a guest: its IOMMU is a virtual one, or there is none", I, NEST_LOG_SEEN_GUEST,
	  .rest = true },
	{ 0 },
};
