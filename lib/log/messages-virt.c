// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors of QEMU about iommufd and its virtual IOMMUs, of cloud-hypervisor and crosvm, and what
 * virt-host-validate prints. The wordings of older containers are in messages-user.c.
 */
#include "log/messages.h"

#define F      .weight = NEST_LOG_FAIL
#define W      .weight = NEST_LOG_WARN
#define I      .weight = NEST_LOG_INFO
#define USER   NEST_LOG_SEEN_USER
#define BEFORE .subject = true

#define BIND_EPERM                                                                                 \
	"iommufd refused the device (EPERM): its interrupts are not isolated. Check that "         \
	"interrupt remapping is on"
#define BIND_EBUSY                                                                                 \
	"iommufd refused the device (EBUSY): another driver or process owns DMA of its group"
#define BIND_EINVAL                                                                                \
	"iommufd refused the device (EINVAL): no IOMMU with coherent DMA translates for it"
#define ATTACH "iommufd refused to attach the device to a page table; the kernel log tells why"
#define NO_CDEV                                                                                    \
	"the device has no node for iommufd: bind it to vfio-pci, on a kernel with "               \
	"CONFIG_VFIO_DEVICE_CDEV"
#define TABLE "the kernel refused a page table: hardware or driver lacks what was asked"
#define NO_MEMORY                                                                                  \
	"the process may not lock so much memory: raise its limit (LimitMEMLOCK=, hard_limit of "  \
	"libvirt, ulimit -l)"
#define BAD_RANGE "the address is beyond what the IOMMU takes, or in a reserved or used range"
#define NOT_VIABLE                                                                                 \
	"another device of the group has a driver that owns its DMA: bind it to vfio-pci or "      \
	"unbind it"
#define CACHING "QEMU's intel-iommu takes assigned devices only with caching-mode=on"
#define GUEST_FAULT                                                                                \
	"QEMU's virtual IOMMU met a fault of the guest: the guest did not map the address"
#define VALIDATE_PASS                                                                              \
	"libvirt found the table of an IOMMU; that does not prove that it is switched on"
#define VALIDATE_NONE                                                                              \
	"libvirt sees no table of an IOMMU: it is off in firmware setup, or /sys/firmware is "     \
	"hidden (in a container)"

const struct nest_message nest_messages_virt[] = {
	/* QEMU with iommufd */
	{ "iommufd_refused", "error bind device fd=", ":", BIND_EPERM, F, USER, BEFORE,
	  .then = ": Operation not permitted", .refine = nest_message_hide },
	{ "iommufd_refused", "error bind device fd=", ":", BIND_EBUSY, F, USER, BEFORE,
	  .then = ": Device or resource busy", .refine = nest_message_hide },
	{ "iommufd_refused", "error bind device fd=", ":", BIND_EINVAL, F, USER, BEFORE,
	  .then = ": Invalid argument", .refine = nest_message_hide },
	{ "iommufd_refused", "error bind device fd=", ":",
	  "iommufd refused the device: the kernel log may tell why", F, USER, BEFORE, .then = ": ",
	  .refine = nest_message_hide },
	{ "iommufd_refused", "error attach ", " ", ATTACH, F, USER, .then = " (" },
	{ "node_refused", "failed to load \"", "\"", NO_CDEV, F, USER, BEFORE, .then = "\"" },
	{ "node_refused", "failed to find vfio-dev/vfio", NULL, NO_CDEV, F, USER, BEFORE },
	{ "node_refused", "couldn't open directory /sys/", ":", NO_CDEV, F, USER,
	  .then = ": No such file or directory" },
	{ "nesting_refused", "Failed to allocate hwpt", NULL, TABLE, F, USER, BEFORE },
	{ "nesting_refused", "Failed to set vIOMMU: Host IOMMU doesn't support nested", NULL,
	  "the unit of the device does not nest, so QEMU's virtual IOMMU cannot use it (x-flts=on, "
	  "accel=on)",
	  F, USER, BEFORE },
	{ "nesting_refused", "Failed to set vIOMMU", NULL,
	  "QEMU's virtual IOMMU refuses the device", F, USER, BEFORE, .lead = ": ", .rest = true },
	{ "nesting_refused", "caching-mode=on for intel-iommu", NULL, CACHING, F, USER },
	{ "nesting_refused", "requires caching mode", NULL, CACHING, F, USER },
	{ "nesting_refused", "requires iommu notifier which is not currently supported", NULL,
	  "QEMU's amd-iommu cannot have this device behind it: take intel-iommu or virtio-iommu, "
	  "or "
	  "leave it out",
	  F, USER },
	{ "nesting_refused", "IOMMU_HWPT_INVALIDATE failed", NULL,
	  "the kernel refused an invalidation of a guest's tables", F, USER },
	{ "nesting_refused", "doesn't support dirty tracking", NULL,
	  "the IOMMU does not note which pages were written: no migration", F, USER },
	{ "map_refused", "IOMMU_IOAS_MAP failed: Cannot allocate memory", NULL, NO_MEMORY, F,
	  USER },
	{ "map_refused", "IOMMU_IOAS_MAP failed: Invalid argument", NULL, BAD_RANGE, F, USER },
	{ "map_refused", "IOMMU_IOAS_MAP failed: Address already in use", NULL, BAD_RANGE, F,
	  USER },
	{ "node_refused", "error getting device from group ", ":",
	  "the VF needs the token of its PF (vf-token=)", F, USER, BEFORE,
	  .then = ": Permission denied" },
	{ "node_refused", "error getting device from group ", ":",
	  "the kernel did not give the device out of its group: it is in use, or its driver is no "
	  "vfio driver",
	  F, USER, BEFORE, .then = ": " },
	{ "container_refused", "Failed to set group container: Invalid argument", NULL,
	  "the container did not take the group (EINVAL): reserved memory (RMRR), or it is in use",
	  F, USER, BEFORE },
	{ "bar_in_use", "Failed to mmap ", " ",
	  "QEMU could not map memory of the device: slow, and mostly another driver holds it", W,
	  USER, .then = " BAR" },

	/* virtual IOMMUs of QEMU: what a guest did */
	{ "guest_fault", "vtd_iommu_translate: detected translation failure", NULL, GUEST_FAULT, W,
	  USER, .rest = true },
	{ "guest_fault", "virtio_iommu_translate ", NULL, GUEST_FAULT, W, USER, .rest = true },
	{ "address_too_wide", "guest physical address bits", NULL,
	  "the virtual IOMMU has fewer address bits than the guest (aw-bits=)", W, USER },

	/* rust-vmm: cloud-hypervisor, crosvm */
	{ "group_not_viable", "group is inviable", NULL, NOT_VIABLE, F, USER },
	{ "group_not_viable", "GroupViable", NULL, NOT_VIABLE, F, USER },
	{ "container_refused", "failed to set container's IOMMU driver type", NULL,
	  "the kernel refused the group: its log tells whether interrupts or reserved memory are "
	  "the cause",
	  F, USER },
	{ "container_refused", "ContainerSetIOMMU", NULL,
	  "the kernel refused the group: its log tells whether interrupts or reserved memory are "
	  "the cause",
	  F, USER },
	{ "container_refused", "support VfioType1V2 IOMMU driver type", NULL,
	  "no backend fits: vfio_iommu_type1 is not loaded, or no IOMMU translates", F, USER },
	{ "container_refused", "failed to add vfio group into vfio container", NULL,
	  "another process has the group, or the container takes no further one", F, USER },
	{ "map_refused", "failed to add guest memory map into iommu table", NULL,
	  "the kernel refused to map memory of the guest: a memory limit, or an address that the "
	  "IOMMU does not take",
	  F, USER },
	{ "map_refused", "IommuDmaMap(Error(14))", NULL,
	  "the memory cannot be pinned: it is no normal memory of the process", F, USER },
	{ "map_refused", "IommuDmaMap(Error(", ")",
	  "the kernel refused to map memory for the device; the number is its errno", F, USER },

	/* virt-host-validate */
	{ "host_validate", "Checking for device assignment IOMMU support : PASS", NULL,
	  VALIDATE_PASS, I, USER },
	{ "host_validate", "Checking if IOMMU is enabled by kernel : PASS", NULL,
	  "libvirt found IOMMU groups; it does not look at interrupts, reserved memory or nesting",
	  I, USER },
	{ "host_validate", "No ACPI DMAR table found", NULL, VALIDATE_NONE, F, USER },
	{ "host_validate", "No ACPI IVRS table found", NULL, VALIDATE_NONE, F, USER },
	{ "host_validate", "No ACPI IORT table found", NULL, VALIDATE_NONE, F, USER },
	{ "host_validate", "IOMMU appears to be disabled in kernel", NULL,
	  "libvirt sees a table and no IOMMU group: the kernel does not use the IOMMU, or /sys is "
	  "hidden (in a container)",
	  F, USER },
	{ "host_validate", "Unknown if this platform has IOMMU support", NULL,
	  "libvirt cannot tell whether there is an IOMMU", W, USER },
	{ 0 },
};
