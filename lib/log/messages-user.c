// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors that QEMU, libvirt, DPDK, SPDK and Proxmox print about VFIO and iommufd. */
#include "log/messages.h"

#define F      .weight = NEST_LOG_FAIL
#define USER   NEST_LOG_SEEN_USER
#define BEFORE .subject = true

#define VIABLE                                                                                     \
	"another device of the group has a driver that owns its DMA: bind it to vfio-pci or "      \
	"unbind it"
#define EPERM_SET                                                                                  \
	"the kernel refused the group (EPERM): interrupts are not isolated. Check that interrupt " \
	"remapping is on"
#define EINVAL_SET                                                                                 \
	"the kernel refused the group (EINVAL): mostly firmware reserves memory for a device of "  \
	"it (RMRR)"
#define NO_TYPE1 "no backend fits: vfio_iommu_type1 is not loaded, or no IOMMU translates"
#define NO_MEMORY                                                                                  \
	"the process may not lock so much memory: raise its limit (LimitMEMLOCK=, hard_limit of "  \
	"libvirt, ulimit -l)"
#define BAD_RANGE                                                                                  \
	"the address is beyond what the IOMMU or the container takes, or in a reserved range"
#define NO_NODE	     "the node does not exist: no device of the group is bound to a vfio driver"
#define BUSY	     "another process has the group or the device open"
#define NO_RIGHTS    "the user may not open the node, or its cgroup forbids it"
#define BIND_REFUSED "vfio-pci refused to bind the device: mostly no IOMMU translates for it"
#define NO_MODULE    "the kernel lacks a module of VFIO: install the rest of its modules"
#define NO_GROUP     "no IOMMU translates for the device: switch the IOMMU on in firmware and kernel"

const struct nest_message nest_messages_user[] = {
	{ "group_not_viable", "is not viable", NULL, VIABLE, F, USER },
	{ "group_not_viable", "VFIO group is not viable", NULL, VIABLE, F, USER, BEFORE },
	{ "group_not_viable", "Please ensure all devices within the iommu_group are bound", NULL,
	  VIABLE, F, USER },
	{ "container_refused", "Failed to set iommu for container: Operation not permitted", NULL,
	  EPERM_SET, F, USER },
	{ "container_refused", "failed to set iommu for container: Operation not permitted", NULL,
	  EPERM_SET, F, USER },
	{ "container_refused", "Failed to set iommu for container: Invalid argument", NULL,
	  EINVAL_SET, F, USER },
	{ "container_refused", "failed to set iommu for container: Invalid argument", NULL,
	  EINVAL_SET, F, USER },
	{ "container_refused", "et iommu for container: Input/output error", NULL,
	  "the IOMMU driver failed to attach the group (EIO)", F, USER },
	{ "container_refused", "No available IOMMU models", NULL, NO_TYPE1, F, USER },
	{ "container_refused", "cannot add vfio group to container, error 22", NULL, EINVAL_SET, F,
	  USER },
	{ "container_refused", "cannot add vfio group to container, error 1 ", NULL, EPERM_SET, F,
	  USER },
	{ "container_refused", "failed to select IOMMU type", NULL, NO_TYPE1, F, USER },
	{ "container_refused", "could not select IOMMU type", NULL, NO_TYPE1, F, USER },
	{ "map_refused", "VFIO_MAP_DMA failed: Cannot allocate memory", NULL, NO_MEMORY, F, USER },
	{ "map_refused", "VFIO_MAP_DMA: -12", NULL, NO_MEMORY, F, USER },
	{ "map_refused", "-12 (Cannot allocate memory)", NULL, NO_MEMORY, F, USER },
	{ "map_refused", "VFIO_MAP_DMA failed: Invalid argument", NULL, BAD_RANGE, F, USER },
	{ "map_refused", "VFIO_MAP_DMA: -22", NULL, BAD_RANGE, F, USER },
	{ "map_refused", ") = -22 (Invalid argument)", NULL, BAD_RANGE, F, USER },
	{ "map_refused", "VFIO_MAP_DMA failed: Bad address", NULL,
	  "the memory cannot be pinned: it is no normal memory of the process", F, USER },
	{ "map_refused", ") = -14 (Bad address)", NULL,
	  "the memory cannot be pinned: it is no normal memory of the process", F, USER },
	{ "map_refused", "VFIO_MAP_DMA failed: No space left on device", NULL,
	  "too many mappings (65535 by default): use huge pages, or raise "
	  "vfio_iommu_type1.dma_entry_limit",
	  F, USER },
	{ "map_refused", ") = -28 (No space left on device)", NULL,
	  "too many mappings (65535 by default): use huge pages, or raise "
	  "vfio_iommu_type1.dma_entry_limit",
	  F, USER },
	{ "node_refused", "failed to open /dev/vfio/", ":", NO_NODE, F, USER,
	  .then = ": No such file or directory" },
	{ "node_refused", "failed to open /dev/vfio/", ":", BUSY, F, USER,
	  .then = ": Device or resource busy" },
	{ "node_refused", "failed to open /dev/vfio/", ":", NO_RIGHTS, F, USER,
	  .then = ": Operation not permitted" },
	{ "node_refused", "failed to open /dev/vfio/", ":", NO_RIGHTS, F, USER,
	  .then = ": Permission denied" },
	{ "node_refused", "annot open /dev/vfio/", ":", NO_NODE, F, USER,
	  .then = ": No such file or directory" },
	{ "node_refused", "annot open /dev/vfio/", ":", BUSY, F, USER,
	  .then = ": Device or resource busy" },
	{ "node_refused", "annot open /dev/vfio/", ":", NO_RIGHTS, F, USER,
	  .then = ": Operation not permitted" },
	{ "node_refused", "annot open /dev/vfio/", ":", NO_RIGHTS, F, USER,
	  .then = ": Permission denied" },
	{ "node_refused", "ould not open '/dev/vfio/", "'", NO_NODE, F, USER,
	  .then = "': No such file or directory" },
	{ "node_refused", "ould not open '/dev/vfio/", "'", NO_RIGHTS, F, USER,
	  .then = "': Permission denied" },
	{ "node_refused", "ould not open '/dev/vfio/", "'", BUSY, F, USER,
	  .then = "': Device or resource busy" },
	{ "node_refused", "cannot open VFIO device /dev/vfio/devices/", ":",
	  "the node of the device does not exist: CONFIG_VFIO_DEVICE_CDEV is off, or it is not in "
	  "the container",
	  F, USER },
	{ "node_refused", "ailed to open /dev/iommu", NULL,
	  "iommufd is not available: CONFIG_IOMMUFD is off, not loaded, or not permitted", F,
	  USER },
	{ "group_missing", "no iommu_group found", NULL, NO_GROUP, F, USER },
	{ "group_missing", "cannot prepare PCI pass-through, IOMMU not present", NULL, NO_GROUP, F,
	  USER },
	{ "group_missing", "No IOMMU detected, please activate it", NULL, NO_GROUP, F, USER },
	{ "group_missing", "host doesn't support passthrough of host PCI devices", NULL, NO_GROUP,
	  F, USER },
	{ "group_missing", "IOMMU is not enabled", NULL, NO_GROUP, F, USER },
	{ "group_missing", "not managed by VFIO driver, skipping", NULL,
	  "the device is bound to no vfio driver", F, USER, BEFORE },
	{ "group_missing", "VFIO support not initialized", NULL,
	  "DPDK found no VFIO: load vfio-pci", F, USER },
	{ "group_missing", "cannot be assigned - no IOMMU", NULL,
	  "Xen uses no IOMMU: switch it on in firmware; xl dmesg tells more", F, USER },
	{ "bind_refused", "drivers/vfio-pci/bind: Invalid argument", NULL, BIND_REFUSED, F, USER },
	{ "bind_refused", "drivers/vfio-pci/bind: invalid argument", NULL, BIND_REFUSED, F, USER },
	{ "bind_refused", "drivers/vfio-pci/bind: No such device", NULL, BIND_REFUSED, F, USER },
	{ "bind_refused", "drivers/vfio-pci/bind: no such device", NULL, BIND_REFUSED, F, USER },
	{ "module_missing", "Module vfio not found", NULL, NO_MODULE, F, USER },
	{ "module_missing", "Module vfio-pci not found", NULL, NO_MODULE, F, USER },
	{ "module_missing", "Module vfio_pci not found", NULL, NO_MODULE, F, USER },
	{ "module_missing", "Module vfio_iommu_type1 not found", NULL, NO_MODULE, F, USER },
	{ "group_not_viable", "has devices not bound to vfio-pci", NULL, VIABLE, F, USER },
	{ "group_not_viable", "All devices in an IOMMU group must be bound to vfio-pci", NULL,
	  VIABLE, F, USER },
	{ "container_refused", "ioctl VFIO_SET_IOMMU", NULL,
	  "the kernel refused the group: its log tells whether interrupts or reserved memory are "
	  "the cause",
	  F, USER },
	{ "map_refused", "to the IOAS: Bad address", NULL,
	  "memory of a device (a BAR) cannot be pinned: switch peer-to-peer mappings off", F,
	  USER },
	{ "map_refused", "to the IOAS: Cannot allocate memory", NULL, NO_MEMORY, F, USER },
	{ "map_refused", "to the IOAS: Invalid argument", NULL, BAD_RANGE, F, USER },
	{ "map_refused", "IommuDmaMap(Error(12))", NULL, NO_MEMORY, F, USER },
	{ "map_refused", "IommuDmaMap(Error(17))", NULL,
	  "the range of addresses is mapped already (EEXIST): two devices share one container", F,
	  USER },
	{ "map_refused", "IommuDmaMap(Error(22))", NULL, BAD_RANGE, F, USER },
	{ "map_refused", "IommuDmaMap(Error(28))", NULL,
	  "too many mappings (65535 by default): use huge pages, or raise "
	  "vfio_iommu_type1.dma_entry_limit",
	  F, USER },
	{ "map_refused", "vfio: DMA mapping failed, unable to continue", NULL,
	  "QEMU could not map memory of the guest for the device: the lines before tell why", F,
	  USER },
	{ "group_split", "used in multiple address spaces", NULL,
	  "devices of one group lie in different spaces of a virtual IOMMU: put the whole group on "
	  "one bus",
	  F, USER },
	{ "group_not_viable", "Verify all devices in group ", " ", VIABLE, F, USER },
	{ "no_reset", "not doing bus reset", NULL,
	  "the device has no reset of its own: assign all devices of its bus together", F, USER },
	{ "no_reset", "no available reset mechanism", NULL,
	  "the device has no reset of its own, and its bus cannot be reset: it may hang after the "
	  "guest",
	  F, USER },
	{ "device_dead", "Unable to power on device, stuck in D3", NULL,
	  "the device does not answer, often after a reset", F, USER },
	{ "bar_not_mapped", "MAP failed: Bad address, PCI BAR?", NULL,
	  "memory of a device could not be mapped for other devices: only peer-to-peer DMA needs "
	  "it",
	  .weight = NEST_LOG_WARN, USER },
	{ "noiommu", "using IOMMU type 8", NULL,
	  "DPDK uses the device without any IOMMU (no-IOMMU mode): no isolation",
	  .weight = NEST_LOG_WARN, USER | NEST_LOG_SEEN_NOIOMMU },
	{ "address_mode", "Expecting 'PA' IOVA mode but current mode is 'VA'", NULL,
	  "the device has a driver without an IOMMU (uio, no-IOMMU mode), which needs physical "
	  "addresses: bind it to vfio-pci, or use --iova-mode=pa",
	  F, USER },
	{ "address_mode", "IOMMU does not support IOVA as VA", NULL,
	  "the IOMMU has too few address bits for virtual addresses; DPDK uses physical ones",
	  .weight = NEST_LOG_WARN, USER },
	{ "address_mode", "IOVA exceeding limits of current DMA mask", NULL,
	  "the IOMMU or a device has too few address bits: try --iova-mode=pa", F, USER },
	{ "map_refused", "Couldn't map new region for DMA", NULL,
	  "DPDK could not map memory: no device is bound to vfio-pci, or the kernel refused", F,
	  USER },
	{ "node_refused", "VFIO group device /dev/vfio/", " ", NO_NODE, F, USER,
	  .then = " does not exist" },
	{ "group_missing", "cannot access '/sys/kernel/iommu_groups/", "'",
	  "there is no such IOMMU group: the kernel uses no IOMMU, or the number is wrong", F, USER,
	  .then = "': No such file or directory", .refine = nest_message_hide },
	{ "container_refused", "Failed to link group ", " ",
	  "the container did not take the group: another process has it, or no backend fits", F,
	  USER, .then = " to container" },
	{ "group_missing", "iommu_group: No such file or directory", NULL, NO_GROUP, F, USER },
	{ "no_reset", "doesn't support reset from sysfs for PCI device ", " ",
	  "the device has no reset of its own: it may not work after the guest",
	  .weight = NEST_LOG_WARN, USER },
	{ "device_refused", "qemu refused to add device: ", ",",
	  "QEMU did not take the device: its own log (qemu-dm) and xl dmesg tell why", F, USER },
	{ "nesting_refused", "IOMMU_HWPT_ALLOC failed", NULL,
	  "the kernel refused the page table: the hardware or its driver lacks what was asked", F,
	  USER },
	{ "nesting_refused", "Failed to get device info for nesting", NULL,
	  "the kernel or the hardware offers no nesting", F, USER },
	{ 0 },
};
