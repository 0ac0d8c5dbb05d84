// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each errno of each stage means, from the kernel's handlers (drivers/vfio and drivers/iommu
 * of 5.10 to 7.3). The most common cause comes first. Rows name no vendor: hw/ has those words.
 */
#include "explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "errnoname.h"
#include "remedy.h"
#include "util.h"

/* Of a group's node or a device. */
#define BIND_HINT                                                                                  \
	"bind it to vfio-pci first, or the devices of the group; to see the "                      \
	"commands:\n" NEST_CMD_PROBE
#define PERMISSION                                                                                 \
	"permission denied: owner, group and mode of the node do not give access to this user"
#define POLICY                                                                                     \
	"a device policy forbids it: the device cgroup of a container or service, or a security "  \
	"module"
#define POLICY_HINT                                                                                \
	"run on the host, or allow the node: docker run --device={}, or DeviceAllow={} rw in the " \
	"systemd unit"
#define NOT_VIABLE "the group is not viable: a driver owns the DMA of a device in it"
#define NOT_VIABLE_HINT                                                                            \
	"bind every device of the group to vfio-pci or to no driver; to see their "                \
	"drivers:\n" NEST_CMD_LIST
#define OWNED "a driver, or another process through iommufd, owns the DMA of the group"
#define OWNED_HINT                                                                                 \
	"bind every device of the group to vfio-pci or to no driver, and end other users of it"
#define UNSAFE                                                                                     \
	"the device's interrupts are not isolated from the rest of the machine (no interrupt "     \
	"remapping)"
#define UNSAFE_HINT(module)                                                                        \
	"enable interrupt remapping in firmware setup and remove intremap=off from the kernel "    \
	"command line; or, at your own risk, where every guest is trusted:\n" NEST_CMD_UNSAFE(     \
		module, "1")
#define LOG_HINT "read the kernel log:\n" NEST_CMD_LOG
#define UDEV_HINT(rule)                                                                            \
	"run as root, or give the node to the group vfio and join that group:\n" rule
#define MEMLOCK "the mapping would pin more memory than RLIMIT_MEMLOCK allows"
#define MEMLOCK_HINT                                                                               \
	"set LimitMEMLOCK=infinity in a systemd unit, grant CAP_IPC_LOCK, or, as "                 \
	"root:\n" NEST_CMD_MEMLOCK
#define ONE_TO_ONE                                                                                 \
	"the firmware requires a fixed 1:1 mapping for the device (RMRR or IVMD, a "               \
	"\"direct\" reserved region)"
#define ONE_TO_ONE_HINT                                                                            \
	"look for an option in firmware setup, or use another slot or device; see the group's "    \
	"reserved_regions"
#define IN_USE_HINT "end the process that has it open:\n" NEST_CMD_HOLDERS
#define VF_TOKEN_HINT                                                                              \
	"use the token that was set when the physical function was opened (roundtrip --vf-token)"
#define VF_TOKEN "the device is a virtual function whose physical function requires a VF token"

static const struct nest_explanation rows[] = {

	/* ---- nodes ---- */
	{ NEST_STAGE_OPEN_CONTAINER, ENOENT,
	  "node not found: the module vfio is not loaded, or the node was not passed into this "
	  "container",
	  "in a container, pass {} in; on a host, load vfio-pci, which brings vfio and "
	  "vfio_iommu_type1:\n" NEST_CMD_LOAD("vfio-pci") },
	{ NEST_STAGE_OPEN_CONTAINER, ENODEV,
	  "no driver serves the node: neither vfio nor iommufd is loaded",
	  "use a kernel with CONFIG_VFIO and CONFIG_VFIO_CONTAINER, or load the "
	  "module:\n" NEST_CMD_LOAD("vfio") },
	{ NEST_STAGE_OPEN_CONTAINER, EACCES, PERMISSION,
	  "run as root, or let everyone open it, which gives no access to a "
	  "device:\n" NEST_CMD_OPEN_TO_ALL },
	{ NEST_STAGE_OPEN_CONTAINER, EPERM, POLICY, POLICY_HINT },
	{ NEST_STAGE_OPEN_IOMMUFD, ENOENT,
	  "node not found: the kernel has no CONFIG_IOMMUFD, its module is not loaded, or the node "
	  "was not passed into this container",
	  "use a kernel with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV, or load the "
	  "module:\n" NEST_CMD_LOAD("iommufd") },
	{ NEST_STAGE_OPEN_IOMMUFD, ENODEV,
	  "no driver serves the node: iommufd is not loaded or not built",
	  "use a kernel with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV, or load the "
	  "module:\n" NEST_CMD_LOAD("iommufd") },
	{ NEST_STAGE_OPEN_IOMMUFD, EACCES, PERMISSION, UDEV_HINT(NEST_UDEV_IOMMUFD) },
	{ NEST_STAGE_OPEN_IOMMUFD, EPERM, POLICY, POLICY_HINT },
	{ NEST_STAGE_OPEN_GROUP, ENOENT,
	  "node not found: no device of the group is bound to a vfio driver, the node was not "
	  "passed into this container, or the kernel has no CONFIG_VFIO_GROUP",
	  "in a container, pass {} in; on a host, " BIND_HINT },
	{ NEST_STAGE_OPEN_GROUP, EBUSY,
	  "another process has the group open, or one of its devices through a node of its own",
	  IN_USE_HINT },
	{ NEST_STAGE_OPEN_GROUP, EACCES, PERMISSION, UDEV_HINT(NEST_UDEV_GROUP) },
	{ NEST_STAGE_OPEN_GROUP, EPERM,
	  "a device policy forbids it, or this is a no-IOMMU group, which requires CAP_SYS_RAWIO",
	  POLICY_HINT },
	{ NEST_STAGE_OPEN_GROUP, ENODEV, "the group is being removed", "try again" },
	{ NEST_STAGE_OPEN_DEVICE, ENOENT,
	  "sysfs shows the node but /dev does not: udev has not created it, or it was not passed "
	  "into this container",
	  "in a container, pass {} in (docker run --device={}); on a host: udevadm trigger" },
	{ NEST_STAGE_OPEN_NO_NODE, ENOENT,
	  "the device has no node of its own: it is not bound to a vfio driver, or the kernel has "
	  "no CONFIG_VFIO_DEVICE_CDEV",
	  BIND_HINT },
	{ NEST_STAGE_OPEN_DEVICE, EACCES, PERMISSION, UDEV_HINT(NEST_UDEV_DEVICE) },
	{ NEST_STAGE_OPEN_DEVICE, EPERM,
	  "a device policy forbids it, or the device has no IOMMU, which requires CAP_SYS_RAWIO",
	  POLICY_HINT },
	{ NEST_STAGE_OPEN_DEVICE, EBUSY, "another process has the device open", IN_USE_HINT },
	{ NEST_STAGE_OPEN_DEVICE, ENODEV, "the device is being removed", "try again" },
	{ NEST_STAGE_OPEN, EOPNOTSUPP, "--sysroot and --from open no device node", NULL },

	/* ---- containers and groups ---- */
	{ NEST_STAGE_GROUP_STATUS, ENODEV, "the group was removed", "try again" },
	{ NEST_STAGE_GROUP_VIABLE, EPERM, NOT_VIABLE, NOT_VIABLE_HINT },
	{ NEST_STAGE_SET_CONTAINER, EPERM,
	  NOT_VIABLE ", or it has no IOMMU and the caller no CAP_SYS_RAWIO", NOT_VIABLE_HINT },
	{ NEST_STAGE_SET_CONTAINER, EBUSY, OWNED, OWNED_HINT },
	{ NEST_STAGE_SET_CONTAINER, EINVAL,
	  "the group is in a container already, or the container would mix groups with and without "
	  "an IOMMU",
	  NULL },
	{ NEST_STAGE_SET_CONTAINER, ENODEV, "the group was removed", "try again" },
	{ NEST_STAGE_UNSET_CONTAINER, EBUSY, "a device of the group is still open", NULL },
	{ NEST_STAGE_UNSET_CONTAINER, EINVAL, "the group is in no container", NULL },
	{ NEST_STAGE_DEVICE_FD, ENODEV,
	  "no device of that name in the group is bound to a vfio driver", BIND_HINT },
	{ NEST_STAGE_DEVICE_FD, EINVAL, "the container has no IOMMU type yet", NULL },
	{ NEST_STAGE_DEVICE_FD, EPERM, NOT_VIABLE, NOT_VIABLE_HINT },
	{ NEST_STAGE_DEVICE_FD, EBUSY, "another process has the device open", NULL },
	{ NEST_STAGE_DEVICE_FD, EACCES, VF_TOKEN, VF_TOKEN_HINT },
	{ NEST_STAGE_CHECK_EXTENSION, EOPNOTSUPP,
	  "this kernel does not offer the IOMMU type on this node", NULL },
	{ NEST_STAGE_CHECK_EXTENSION, ENODEV,
	  "an iommufd serves the node, and it has no address space yet", NULL },
	{ NEST_STAGE_SET_IOMMU_NESTING, EINVAL,
	  "the IOMMU driver of this device does not implement the type. "
	  "Linux " NEST_TYPE1_NESTING_RELEASES " "
	  "advertise it on any hardware; since 5.18 only the Arm SMMU drivers implement it",
	  "use iommufd (Linux 6.8 or later)" },
	{ NEST_STAGE_SET_IOMMU_NESTING, ENODEV,
	  "no IOMMU driver implements the type: Linux 6.13 removed it, and before 5.14 a driver "
	  "could refuse it if any unit of the host cannot nest",
	  "use iommufd (Linux 6.8 or later)" },
	{ NEST_STAGE_SET_IOMMU, EPERM, UNSAFE, UNSAFE_HINT("vfio_iommu_type1") },
	{ NEST_STAGE_SET_IOMMU, EINVAL,
	  "the IOMMU cannot take the group: " ONE_TO_ONE ", or the node does not support the type",
	  ONE_TO_ONE_HINT },
	{ NEST_STAGE_SET_IOMMU, ENODEV, "no loaded IOMMU driver supports the type",
	  "load the module:\n" NEST_CMD_LOAD("vfio_iommu_type1") },
	{ NEST_STAGE_SET_IOMMU, EBUSY, OWNED, OWNED_HINT },
	{ NEST_STAGE_SET_IOMMU, EIO, "the IOMMU could not attach the group", LOG_HINT },
	{ NEST_STAGE_GET_INFO, EINVAL, "the container has no IOMMU type yet", NULL },
	{ NEST_STAGE_GET_INFO, EMSGSIZE,
	  "the kernel's answer is longer than 64 KiB, the most that this program reads", NULL },
	{ NEST_STAGE_GET_INFO, ENODEV,
	  "an iommufd serves the node, and it has no address space yet", NULL },
	{ NEST_STAGE_MAP_DMA, ENOMEM, MEMLOCK, MEMLOCK_HINT },
	{ NEST_STAGE_MAP_DMA, ENOSPC, "the container has reached its limit of mappings",
	  "raise the limit:\n" NEST_CMD_DMA_ENTRIES("1000000") },
	{ NEST_STAGE_MAP_DMA, EINVAL,
	  "address or length is not aligned, or lies outside the usable IOVA ranges", NULL },
	{ NEST_STAGE_MAP_DMA, EEXIST, "the range overlaps a mapping", NULL },
	{ NEST_STAGE_MAP_DMA, EFAULT, "the memory cannot be pinned", NULL },
	{ NEST_STAGE_UNMAP_DMA, EINVAL, "the range splits a mapping, or is not aligned", NULL },
	{ NEST_STAGE_UAPI_VERSION, EINVAL,
	  "this kernel does not implement the request (a container without an IOMMU type answers "
	  "EINVAL to any)",
	  NULL },
	{ NEST_STAGE_UAPI_VERSION, ENOTTY, "this kernel does not implement the request", NULL },
	{ NEST_STAGE_UAPI_VERSION, EFAULT,
	  "the number means another request in this kernel: it has another nesting series", NULL },

	/* ---- device ---- */
	{ NEST_STAGE_RESET, ENOTTY, "the device supports no reset", NULL },
	{ NEST_STAGE_RESET, EINVAL, "the device supports no reset", NULL },
	{ NEST_STAGE_DMA_BUF, ENOTTY,
	  "the kernel is older than 6.19, or has no CONFIG_VFIO_PCI_DMABUF", NULL },
	{ NEST_STAGE_DMA_BUF, EOPNOTSUPP, "the VFIO driver of the device exports no BAR", NULL },
	{ NEST_STAGE_DMA_BUF, ENODEV, "the kernel has not claimed the BAR for the driver", NULL },
	{ NEST_STAGE_DMA_BUF, EINVAL,
	  "the range is not aligned to pages, or ends beyond the BAR; or the BAR is no memory",
	  NULL },
	{ NEST_STAGE_BIND, EBUSY,
	  "the node of the group is open, or a container or another process owns its DMA",
	  "end the process that has it open:\n" NEST_CMD_HOLDERS_ALL },
	{ NEST_STAGE_BIND, EPERM, UNSAFE ", or a driver owns the DMA of the group",
	  UNSAFE_HINT("iommufd") },
	{ NEST_STAGE_BIND, EINVAL,
	  "the device cannot do cache-coherent DMA, or it is bound to an iommufd already", NULL },
	{ NEST_STAGE_BIND, ENODEV, "the device is in no IOMMU group", NULL },
	{ NEST_STAGE_BIND, EACCES, VF_TOKEN, VF_TOKEN_HINT },
	{ NEST_STAGE_BIND, ENOTTY,
	  "the kernel has no CONFIG_VFIO_DEVICE_CDEV, or is older than 6.6", NULL },
	{ NEST_STAGE_ATTACH_NESTED, ENODEV,
	  "a table with a fault queue needs page requests (PRI), which the device or its IOMMU "
	  "does not support or has disabled",
	  "use a device with ATS and PRI behind an IOMMU that takes page requests" },
	{ NEST_STAGE_ATTACH_NESTED, EINVAL,
	  "the IOMMU refuses the first-stage table: address width, an unsupported flag, or the "
	  "PASID",
	  LOG_HINT },
	{ NEST_STAGE_ATTACH_NESTED, ENOENT, "the device has no vDEVICE on the table's vIOMMU",
	  NULL },
	{ NEST_STAGE_ATTACH, EINVAL,
	  "the IOMMU cannot take the device: " ONE_TO_ONE ", or the PASID is not allowed",
	  ONE_TO_ONE_HINT },
	{ NEST_STAGE_ATTACH, EBUSY,
	  "the device or PASID is attached already, or the device is being reset", NULL },
	{ NEST_STAGE_ATTACH, EOPNOTSUPP,
	  "the driver of the device or of the IOMMU cannot attach a PASID", NULL },
	{ NEST_STAGE_ATTACH, E2BIG, "this kernel cannot attach a PASID (Linux 6.15 and later can)",
	  NULL },
	{ NEST_STAGE_ATTACH, EADDRINUSE, "a mapping overlaps a reserved region of the device",
	  NULL },
	{ NEST_STAGE_ATTACH, ENOENT, "the address space or table does not exist", NULL },
	{ NEST_STAGE_DETACH, EOPNOTSUPP,
	  "the driver of the device or of the IOMMU cannot attach a PASID", NULL },

	/* ---- iommufd ---- */
	{ NEST_STAGE_HW_INFO, EOPNOTSUPP, "the IOMMU driver does not describe its hardware", NULL },
	{ NEST_STAGE_HW_INFO_TYPE, EOPNOTSUPP,
	  "the IOMMU has none that a guest can own, or the kernel is older than 6.17", NULL },
	{ NEST_STAGE_HW_INFO, ENOTTY, "the kernel is older than 6.6", NULL },
	{ NEST_STAGE_MAP, ENOMEM, MEMLOCK, MEMLOCK_HINT },
	{ NEST_STAGE_MAP, EINVAL,
	  "address or length is not aligned, or lies in a reserved range; or the IOMMU supports no "
	  "read-only mapping below a nested table",
	  NULL },
	{ NEST_STAGE_MAP, EEXIST, "the range overlaps a mapping", NULL },
	{ NEST_STAGE_MAP, EFAULT, "the memory cannot be pinned", NULL },
	{ NEST_STAGE_UNMAP, ENOENT, "the range has no mapping", NULL },
	{ NEST_STAGE_SET_DIRTY, EOPNOTSUPP, "the table does not note writes", NULL },
	{ NEST_STAGE_GET_DIRTY, EINVAL,
	  "the table does not note writes, or the range is none of its own", NULL },
	{ NEST_STAGE_COPY, ENOENT, "the range has no mapping to copy", NULL },
	{ NEST_STAGE_COPY, EEXIST, "the range overlaps a mapping", NULL },
	{ NEST_STAGE_COPY, EINVAL, "the address is not usable for this device", NULL },
	{ NEST_STAGE_MAP_FILE, ENOMEM, MEMLOCK, MEMLOCK_HINT },
	{ NEST_STAGE_MAP_FILE, EEXIST, "the range overlaps a mapping", NULL },
	{ NEST_STAGE_MAP_FILE, EINVAL, "the address is not usable for this device", NULL },
	{ NEST_STAGE_MAP_FILE, EPERM, "the file is not open for writing", NULL },
	{ NEST_STAGE_MAP_FILE, EBADF, "the file is of a kind that cannot be mapped", NULL },
	{ NEST_STAGE_MAP_FILE, ENODEV,
	  "the BAR is revoked while the memory of the device is disabled", NULL },
	{ NEST_STAGE_MAP_FILE, EOPNOTSUPP,
	  "of dma-bufs iommufd only maps one range of a BAR, as vfio-pci exports it", NULL },
	{ NEST_STAGE_HAND_OVER, EINVAL, "memory is mapped by its address, not by a file", NULL },
	{ NEST_STAGE_HAND_OVER, EBUSY, "an address space is in use by another request", NULL },
	{ NEST_STAGE_HAND_OVER, ENOMEM, MEMLOCK, MEMLOCK_HINT },
	{ NEST_STAGE_HAND_OVER, ENOTTY, "the kernel is older than 6.13", NULL },
	{ NEST_STAGE_RANGES, EMSGSIZE, "there are more ranges than this program reads", NULL },
	{ NEST_STAGE_NEST_PARENT, EOPNOTSUPP,
	  "the IOMMU of this device cannot nest, or the kernel runs it in a mode that cannot",
	  "to see whether the IOMMU can nest:\n" NEST_CMD_SHOW },
	{ NEST_STAGE_NESTED, EOPNOTSUPP,
	  "the IOMMU driver does not support a nested table of this format", NULL },
	{ NEST_STAGE_NESTED, EINVAL,
	  "the IOMMU driver refuses the table's data, or its parent is not a nest parent", NULL },
	{ NEST_STAGE_NESTED, EIO, "the IOMMU driver refuses a bit of the stream table entry",
	  NULL },
	{ NEST_STAGE_VIOMMU, EOPNOTSUPP,
	  "the IOMMU driver makes no vIOMMU of this type for this device", NULL },
	{ NEST_STAGE_VIOMMU, EINVAL,
	  "the table below is not a nest parent, or belongs to another IOMMU unit", NULL },
	{ NEST_STAGE_VIOMMU, ENOTTY, "the kernel is older than 6.13", NULL },
	{ NEST_STAGE_VDEVICE, EOPNOTSUPP,
	  "the IOMMU knows the device by several stream ids, or by none: a bridge may stand above "
	  "it",
	  "use a device that is not behind a PCIe-to-PCI bridge" },
	{ NEST_STAGE_VDEVICE, EINVAL, "the device is behind another IOMMU unit", NULL },
	{ NEST_STAGE_VDEVICE, EEXIST, "the device, or the number, has a vDEVICE already", NULL },
	{ NEST_STAGE_VEVENTQ, EEXIST, "the vIOMMU has an event queue already", NULL },
	{ NEST_STAGE_VEVENTQ, ENOTTY, "the kernel is older than 6.15", NULL },
	{ NEST_STAGE_HW_QUEUE, EOPNOTSUPP, "the IOMMU has no hardware queues for user space",
	  NULL },
	{ NEST_STAGE_HW_QUEUE, ENOTTY, "the kernel is older than 6.17", NULL },
	{ NEST_STAGE_HWPT_DIRTY, EOPNOTSUPP, "the IOMMU does not support dirty page tracking",
	  NULL },
	{ NEST_STAGE_HWPT_FAULT, EOPNOTSUPP,
	  "the IOMMU driver does not support a fault queue for this kind of table", NULL },
	{ NEST_STAGE_HWPT_PASID, EOPNOTSUPP,
	  "the IOMMU driver takes no such table for PASIDs, or the kernel is older than 6.15",
	  NULL },
	{ NEST_STAGE_HWPT, EOPNOTSUPP,
	  "the IOMMU driver or this kernel does not support such a table", NULL },
	{ NEST_STAGE_HWPT, EINVAL, "the IOMMU driver refuses such a table", NULL },
	{ NEST_STAGE_HWPT, ENOTTY, "the kernel is older than 6.6", NULL },
	{ NEST_STAGE_INVALIDATE, EINVAL,
	  "the address is not 4 KiB aligned, or the table is not a nested one", NULL },
	{ NEST_STAGE_INVALIDATE, EOPNOTSUPP,
	  "the IOMMU driver does not support a flag of the invalidation", NULL },
	{ NEST_STAGE_INVALIDATE, EIO,
	  "the IOMMU driver refuses a command, or the hardware did not complete it", NULL },
	{ NEST_STAGE_INVALIDATE, ENOTTY, "the kernel is older than 6.8", NULL },
	{ NEST_STAGE_FAULT_QUEUE, ENOTTY, "the kernel is older than 6.11", NULL },
	{ NEST_STAGE_DESTROY, EBUSY, "the object is in use", NULL },
	{ NEST_STAGE_DESTROY, ENOENT, "the object does not exist", NULL },
	{ NEST_STAGE_QUEUE_READ, ESPIPE, "the length is not a multiple of a fault record", NULL },
	{ NEST_STAGE_QUEUE_WRITE, EINVAL, "no page request with that cookie waits for an answer",
	  NULL },

	/* ---- the out-of-tree series ---- */
	{ NEST_STAGE_RECOGNISE, EOPNOTSUPP,
	  "this program does not drive the revision that the container speaks: {}", NULL },
	{ NEST_STAGE_REVISION, EOPNOTSUPP, "the request was not sent: {}", NULL },
	{ NEST_STAGE_REVISION, EINVAL, "this ABI binds tables to PASIDs only", NULL },
	{ NEST_STAGE_FAULT_REVISION, EOPNOTSUPP,
	  "this revision of the ABI does not forward page requests: the kernel denies them", NULL },
	{ NEST_STAGE_FAULT_REGION, EOPNOTSUPP, "the device has no region for faults", NULL },
	{ NEST_STAGE_OPEN_IOASID, ENOENT,
	  "node not found: this revision of the ABI allocates its PASIDs there",
	  "build the kernel with its ioasid user interface; in a container, pass {} in" },
	{ NEST_STAGE_OPEN_IOASID, EACCES, PERMISSION,
	  "run as root, or let everyone open it:\n" NEST_CMD_OPEN_TO_ALL },
	{ NEST_STAGE_OPEN_IOASID, EPERM, POLICY, POLICY_HINT },
	{ NEST_STAGE_OPEN_IOASID, EBUSY, "this process has the node open already", NULL },
	{ NEST_STAGE_IOASID_ALLOC, EINVAL, "the range is invalid, or has no free PASID", NULL },
	{ NEST_STAGE_IOASID_FREE, EINVAL, "the number is not an allocated PASID", NULL },
	{ NEST_STAGE_PASID_ALLOC, ENOSPC,
	  "the kernel reported success without a PASID: the quota is used up, or the range has no "
	  "free one",
	  NULL },
	{ NEST_STAGE_PASID_FREE, ENOENT, "the PASID is not allocated", NULL },
	{ NEST_STAGE_PASID_FREE, EACCES, "another process owns the PASID", NULL },
	{ NEST_STAGE_PASID_QUOTA, EINVAL, "more PASIDs than that are in use", NULL },
	{ NEST_STAGE_RFC_BIND, EINVAL,
	  "the IOMMU driver refuses the table: its format, a flag, the PASID, or a device without "
	  "all 20 bits of PASID",
	  NULL },
	{ NEST_STAGE_OP_BIND, EINVAL,
	  "the IOMMU driver refuses the table: its format, version or a flag, the PASID, or a "
	  "device without all 20 bits of PASID",
	  NULL },
	{ NEST_STAGE_RFC_BIND, ENOENT, "the PASID is not allocated", NULL },
	{ NEST_STAGE_OP_BIND, ENOENT, "the PASID is not allocated", NULL },
	{ NEST_STAGE_RFC_BIND, EBUSY, "the PASID has a table on this device already", NULL },
	{ NEST_STAGE_OP_BIND, EBUSY, "the PASID has a table on this device already", NULL },
	{ NEST_STAGE_RFC_BIND, ENODEV,
	  "the IOMMU driver cannot bind tables: it was built without SVM", NULL },
	{ NEST_STAGE_OP_BIND, ENODEV,
	  "the IOMMU driver cannot bind tables: it was built without SVM", NULL },
	{ NEST_STAGE_RFC_INVALIDATE, EINVAL,
	  "cache and granularity do not match, or the container's IOMMU type is not nesting",
	  NULL },
	{ NEST_STAGE_RFC_INVALIDATE, ENODEV,
	  "the IOMMU driver cannot invalidate: it was built without SVM", NULL },
	{ NEST_STAGE_NESTING_OP, EOPNOTSUPP,
	  "the container's IOMMU type is not nesting, or the kernel lacks this operation", NULL },
	{ NEST_STAGE_OP_RESPOND, EINVAL,
	  "no page request of that group and PASID waits for an answer", NULL },
	{ NEST_STAGE_OP_RESPOND, ENODEV, "the PASID has no table any more", NULL },
	{ NEST_STAGE_FAULT_READ, EPROTO, "the header of the fault ring is inconsistent", NULL },

	/* ---- any request ---- */
	{ NEST_STAGE_NONE, ENOTTY, "this kernel does not implement the request", NULL },
	{ NEST_STAGE_NONE, E2BIG, "the request's structure is newer than this kernel", NULL },
	{ NEST_STAGE_NONE, EOPNOTSUPP, "the kernel implements the request but not for this case",
	  NULL },
	{ NEST_STAGE_NONE, EPERM, "permission denied by the kernel", "run as root" },
	{ NEST_STAGE_NONE, EACCES, "permission denied", "run as root" },
	{ NEST_STAGE_NONE, EBUSY, "it is in use", NULL },
	{ NEST_STAGE_NONE, ENOENT, "it was not found", NULL },
	{ NEST_STAGE_NONE, ENODEV, "the device was not found, or is being removed", NULL },
	{ NEST_STAGE_NONE, EINVAL, "the kernel implements the request but refuses its arguments",
	  NULL },
	{ NEST_STAGE_NONE, ENOMEM, "the kernel is out of memory", NULL },
	{ NEST_STAGE_NONE, EMFILE, "this process has too many open files",
	  "raise the limit:\n" NEST_CMD_FILES },
	{ NEST_STAGE_NONE, ENFILE, "this host has too many open files", NULL },
	{ NEST_STAGE_NONE, EINTR, "interrupted by a signal", NULL },
	{ NEST_STAGE_NONE, EIO, "input/output error: the device did not answer as expected",
	  LOG_HINT },
	{ NEST_STAGE_NONE, NEST_ENOTSUPP, "the IOMMU driver does not support it", NULL },
	{ NEST_STAGE_NONE, EPROTO, "the kernel's answer contradicts its own ABI", NULL },
};

#define NROWS (ARRAY_SIZE(rows))

enum nest_errno_class nest_errno_classify(int err)
{
	switch (err) {
	case 0:
		return NEST_ERRNO_NONE;
	case ENOTTY:
		return NEST_ERRNO_UNKNOWN_REQUEST;
	case E2BIG:
		return NEST_ERRNO_TOO_NEW;
	case EOPNOTSUPP:
	case NEST_ENOTSUPP:
		return NEST_ERRNO_UNSUPPORTED;
	case EPERM:
	case EACCES:
	case EBUSY:
		return NEST_ERRNO_REFUSED;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return NEST_ERRNO_MISSING;
	case EINVAL:
		return NEST_ERRNO_INVALID;
	case ENOMEM:
	case ENOSPC:
	case EMFILE:
	case ENFILE:
		return NEST_ERRNO_RESOURCE;
	default:
		return NEST_ERRNO_OTHER;
	}
}

static const struct nest_explanation *find(enum nest_stage stage, int err)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (rows[i].stage == stage && rows[i].err == err)
			return &rows[i];
	return NULL;
}

struct nest_explanation nest_explain(enum nest_stage stage, int err)
{
	enum nest_stage parent = nest_stage_parent(stage);
	const struct nest_explanation *row = find(stage, err);

	if (!row && parent)
		row = find(parent, err);
	if (!row)
		row = find(NEST_STAGE_NONE, err);
	if (row)
		return *row;
	return (struct nest_explanation){ stage, err, strerror(err), NULL };
}

/* How much of op is for people: of a request all, of what is none the part before the case. */
static int words(const char *op)
{
	return (int)(*op >= 'a' && *op <= 'z' ? strcspn(op, "/") : strlen(op));
}

void nest_explain_failure(const struct nest_failure *failed, char *buf, size_t size)
{
	struct nest_explanation why = nest_explain(failed->stage, failed->err);
	char reason[512];

	nest_remedy_fill(why.reason, failed->object, reason, sizeof(reason));
	/* A sentence that has the object in it needs it no second time. */
	if (strstr(why.reason, "{}"))
		snprintf(buf, size, "%.*s: %s (%s)", words(failed->op), failed->op,
			 nest_errno_name(failed->err), reason);
	else
		snprintf(buf, size, "%.*s on %s: %s (%s)", words(failed->op), failed->op,
			 failed->object, nest_errno_name(failed->err), reason);
}
