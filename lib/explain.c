// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each errno of each request means, read from the kernel's handlers (drivers/vfio,
 * drivers/iommu/iommufd and drivers/iommu/intel of 5.10 to 7.3), the commonest cause first.
 */
#include "explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "remedy.h"
#include "util.h"

#define ENOTSUPP_KERNEL 524

#define BIND_HINT                                                                                  \
	"bind a device to vfio-pci first; vfio-nestctl probe DEVICE gives the commands for it"
#define POLICY                                                                                     \
	"a device policy forbids it (the device cgroup of a container or service, or a security "  \
	"module), whatever the node's mode says"
#define POLICY_HINT                                                                                \
	"run on the host, or let the device in: docker run --device={}, or DeviceAllow={} rw in "  \
	"the systemd unit"
#define UNSAFE                                                                                     \
	"the device's interrupts are not isolated from the rest of the machine (no interrupt "     \
	"remapping)"
#define MEMLOCK "more memory would be pinned than RLIMIT_MEMLOCK allows"
#define MEMLOCK_HINT                                                                               \
	"set LimitMEMLOCK=infinity in a systemd unit, grant CAP_IPC_LOCK, or, as "                 \
	"root:\n" NEST_CMD_MEMLOCK
#define ONE_TO_ONE                                                                                 \
	"firmware demands a fixed 1:1 mapping for the device (a \"direct\" reserved region, RMRR)"
#define ONE_TO_ONE_HINT                                                                            \
	"look for an option in the firmware's setup, or use another slot or device; see the "      \
	"group's reserved_regions"
#define IN_USE_HINT	"end the process that has it open:\n" NEST_CMD_HOLDERS
#define LOG_HINT	"read the kernel log:\n" NEST_CMD_LOG
#define UDEV_HINT(rule) "run as root, or let the group vfio have it and join that group:\n" rule
#define UNSAFE_HINT(module)                                                                        \
	"enable interrupt remapping in the firmware's setup and start without "                    \
	"intremap=off; or, at your own risk, where every guest is trusted:\n" NEST_CMD_UNSAFE(     \
		module, "1")

static const struct nest_explanation rows[] = {
	/* ---- nodes ---- */
	{ NEST_STAGE_OPEN_CONTAINER, ENOENT,
	  "there is no container node: the module vfio is not loaded, or the node was not passed "
	  "into this container",
	  "in a container, pass {} in; on a host, load vfio-pci, which brings vfio and "
	  "vfio_iommu_type1:\n" NEST_CMD_LOAD("vfio-pci") },
	{ NEST_STAGE_OPEN_CONTAINER, ENODEV,
	  "the node is there but nothing serves it: neither vfio nor iommufd is available in this "
	  "kernel",
	  "use a kernel with CONFIG_VFIO and CONFIG_VFIO_CONTAINER, or load the "
	  "module:\n" NEST_CMD_LOAD("vfio") },
	{ NEST_STAGE_OPEN_CONTAINER, EACCES,
	  "owner, group and mode of the node do not admit this user",
	  "run as root, or let everyone open it, which gives no access to a "
	  "device:\n" NEST_CMD_OPEN_TO_ALL },
	{ NEST_STAGE_OPEN_CONTAINER, EPERM, POLICY, POLICY_HINT },
	{ NEST_STAGE_OPEN_IOMMUFD, ENOENT,
	  "there is no iommufd here: the kernel was built without CONFIG_IOMMUFD, its module is "
	  "not loaded, or the node was not passed into this container",
	  "use a kernel with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV, or load the "
	  "module:\n" NEST_CMD_LOAD("iommufd") },
	{ NEST_STAGE_OPEN_IOMMUFD, ENODEV,
	  "the node is there but nothing serves it: iommufd is not available in this kernel",
	  "use a kernel with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV, or load the "
	  "module:\n" NEST_CMD_LOAD("iommufd") },
	{ NEST_STAGE_OPEN_IOMMUFD, EACCES,
	  "owner, group and mode of the node do not admit this user",
	  UDEV_HINT(NEST_UDEV_IOMMUFD) },
	{ NEST_STAGE_OPEN_IOMMUFD, EPERM, POLICY, POLICY_HINT },
	{ NEST_STAGE_OPEN_GROUP, ENOENT,
	  "no device of the group is bound to a vfio driver, the node was not passed into this "
	  "container, or this kernel has no group nodes (CONFIG_VFIO_GROUP)",
	  BIND_HINT "; in a container, pass {} in" },
	{ NEST_STAGE_OPEN_GROUP, EBUSY,
	  "the group is open in another process, or one of its devices is through its own node",
	  IN_USE_HINT },
	{ NEST_STAGE_OPEN_GROUP, EACCES, "owner, group and mode of the node do not admit this user",
	  UDEV_HINT(NEST_UDEV_GROUP) },
	{ NEST_STAGE_OPEN_GROUP, EPERM,
	  "a device policy forbids it, or this is a no-IOMMU group, which takes CAP_SYS_RAWIO",
	  POLICY_HINT },
	{ NEST_STAGE_OPEN_GROUP, ENODEV, "the group is going away", "try again" },
	{ NEST_STAGE_OPEN_DEVICE, ENOENT,
	  "sysfs knows the node and it is not there: nobody has made it, or it was not passed into "
	  "this container",
	  "in a container, pass {} in (docker run --device={}); else see that udev or devtmpfs "
	  "makes it" },
	{ NEST_STAGE_OPEN_NO_NODE, ENOENT,
	  "the device has no node of its own: it is not bound to a vfio driver, or the kernel was "
	  "built without CONFIG_VFIO_DEVICE_CDEV",
	  BIND_HINT },
	{ NEST_STAGE_OPEN_DEVICE, EACCES,
	  "owner, group and mode of the node do not admit this user", UDEV_HINT(NEST_UDEV_DEVICE) },
	{ NEST_STAGE_OPEN_DEVICE, EPERM,
	  "a device policy forbids it, or the device is behind no IOMMU, which takes CAP_SYS_RAWIO",
	  POLICY_HINT },
	{ NEST_STAGE_OPEN_DEVICE, EBUSY, "the device is open in another process", IN_USE_HINT },
	{ NEST_STAGE_OPEN_DEVICE, ENODEV, "the device is going away", "try again" },
	{ NEST_STAGE_OPEN, EOPNOTSUPP,
	  "no device node is opened while a captured tree is being looked at", NULL },

	/* ---- containers and groups ---- */
	{ NEST_STAGE_GROUP_STATUS, ENODEV, "the group has gone", "try again" },
	{ NEST_STAGE_GROUP_VIABLE, EPERM,
	  "the group is not viable: a device in it is bound to a driver that owns DMA",
	  "bind every device of the group to vfio-pci or to no driver; to see which is "
	  "not:\n" NEST_CMD_LIST },
	{ NEST_STAGE_SET_CONTAINER, EPERM,
	  "the group is not viable (a device in it is bound to a driver that owns DMA), or it has "
	  "no IOMMU and the caller no CAP_SYS_RAWIO",
	  "bind every device of the group to vfio-pci or to no driver; to see which is "
	  "not:\n" NEST_CMD_LIST },
	{ NEST_STAGE_SET_CONTAINER, EBUSY,
	  "somebody else owns the group's DMA: a driver, or another process through iommufd",
	  "bind every device of the group to vfio-pci or to no driver, and end other users of the "
	  "group" },
	{ NEST_STAGE_SET_CONTAINER, EINVAL,
	  "the group is in a container already, or real and no-IOMMU groups would be mixed", NULL },
	{ NEST_STAGE_SET_CONTAINER, ENODEV, "the group has gone", "try again" },
	{ NEST_STAGE_UNSET_CONTAINER, EBUSY, "a device of the group is still open", NULL },
	{ NEST_STAGE_UNSET_CONTAINER, EINVAL, "the group is in no container", NULL },
	{ NEST_STAGE_DEVICE_FD, ENODEV,
	  "no device of that name in the group is bound to a vfio driver", BIND_HINT },
	{ NEST_STAGE_DEVICE_FD, EINVAL, "the container has no IOMMU type set yet", NULL },
	{ NEST_STAGE_DEVICE_FD, EPERM,
	  "the group is not viable: a device in it is bound to a driver that owns DMA",
	  "bind every device of the group to vfio-pci or to no driver" },
	{ NEST_STAGE_DEVICE_FD, EBUSY, "the device is open in another process", NULL },
	{ NEST_STAGE_DEVICE_FD, EACCES,
	  "the device is a virtual function whose physical function wants a VF token", NULL },
	{ NEST_STAGE_CHECK_EXTENSION, EOPNOTSUPP,
	  "this kernel does not offer the IOMMU type on this node", NULL },
	{ NEST_STAGE_CHECK_EXTENSION, ENODEV,
	  "an iommufd serves the node and has no address space yet", NULL },
	{ NEST_STAGE_SET_IOMMU_NESTING, EINVAL,
	  "the IOMMU driver behind this device does not implement the type: kernels 3.18 to 6.12 "
	  "advertise it whatever the hardware, and from 5.18 on only the ARM SMMU drivers do it",
	  "use iommufd (Linux 6.8 or later)" },
	{ NEST_STAGE_SET_IOMMU_NESTING, ENODEV,
	  "no IOMMU driver takes the type: it was removed in 6.13, and before 5.14 it takes "
	  "nesting on every IOMMU unit",
	  "use iommufd (Linux 6.8 or later)" },
	{ NEST_STAGE_SET_IOMMU, EPERM, UNSAFE, UNSAFE_HINT("vfio_iommu_type1") },
	{ NEST_STAGE_SET_IOMMU, EINVAL,
	  "the IOMMU cannot take the group: " ONE_TO_ONE ", or a type this node does not know",
	  ONE_TO_ONE_HINT },
	{ NEST_STAGE_SET_IOMMU, ENODEV, "no IOMMU driver of this kernel takes the type",
	  "load the module:\n" NEST_CMD_LOAD("vfio_iommu_type1") },
	{ NEST_STAGE_SET_IOMMU, EBUSY, "somebody else owns the group's DMA",
	  "bind every device of the group to vfio-pci or to no driver, and end other users of the "
	  "group" },
	{ NEST_STAGE_SET_IOMMU, EIO, "the IOMMU could not attach the group", LOG_HINT },
	{ NEST_STAGE_GET_INFO, EINVAL, "no IOMMU type has been set", NULL },
	{ NEST_STAGE_GET_INFO, EMSGSIZE,
	  "the kernel asks for more than 64 KiB of room, as no known one does", NULL },
	{ NEST_STAGE_GET_INFO, ENODEV, "an iommufd serves the node and has no address space yet",
	  NULL },
	{ NEST_STAGE_MAP_DMA, ENOMEM, MEMLOCK, MEMLOCK_HINT },
	{ NEST_STAGE_MAP_DMA, ENOSPC, "the container holds as many mappings as it may",
	  "raise the limit:\n" NEST_CMD_DMA_ENTRIES("1000000") },
	{ NEST_STAGE_MAP_DMA, EINVAL,
	  "address or length is not aligned, or lies outside the IOVA ranges that can be used here",
	  NULL },
	{ NEST_STAGE_MAP_DMA, EEXIST, "something is mapped there already", NULL },
	{ NEST_STAGE_MAP_DMA, EFAULT, "the memory cannot be pinned", NULL },
	{ NEST_STAGE_UNMAP_DMA, EINVAL, "the range cuts a mapping in two, or is not aligned",
	  NULL },
	{ NEST_STAGE_UAPI_VERSION, EINVAL,
	  "this kernel has no such request (a legacy container without an IOMMU type says it so)",
	  NULL },
	{ NEST_STAGE_UAPI_VERSION, ENOTTY, "this kernel has no such request", NULL },
	{ NEST_STAGE_UAPI_VERSION, EFAULT,
	  "this kernel has another request of that number, so it carries some other nesting series",
	  NULL },

	/* ---- device ---- */
	{ NEST_STAGE_RESET, ENOTTY, "the device has no way to be reset", NULL },
	{ NEST_STAGE_RESET, EINVAL, "the device has no way to be reset", NULL },
	{ NEST_STAGE_BIND, EBUSY,
	  "the group's own node is open, or its DMA belongs to a container or to another process",
	  "end the process that has it open:\n" NEST_CMD_HOLDERS_ALL },
	{ NEST_STAGE_BIND, EPERM, UNSAFE ", or a driver owns the group's DMA",
	  UNSAFE_HINT("iommufd") },
	{ NEST_STAGE_BIND, EINVAL,
	  "the device cannot do cache-coherent DMA, or it is bound already", NULL },
	{ NEST_STAGE_BIND, ENODEV, "the device is in no IOMMU group", NULL },
	{ NEST_STAGE_BIND, EACCES,
	  "the device is a virtual function whose physical function wants a VF token", NULL },
	{ NEST_STAGE_BIND, ENOTTY,
	  "the kernel was built without CONFIG_VFIO_DEVICE_CDEV or is older than 6.6", NULL },
	{ NEST_STAGE_ATTACH_NESTED, ENODEV,
	  "a table with a fault queue needs page requests, and the device or its IOMMU does not "
	  "have them on",
	  "leave the fault queue out; the device needs ATS and PRI, the IOMMU page requests" },
	{ NEST_STAGE_ATTACH_NESTED, EINVAL,
	  "the IOMMU refuses the first-stage table: address width, a flag that the hardware does "
	  "not have, or PASID rules",
	  LOG_HINT },
	{ NEST_STAGE_ATTACH, EINVAL,
	  "the IOMMU cannot take the device: " ONE_TO_ONE ", or PASID rules", ONE_TO_ONE_HINT },
	{ NEST_STAGE_ATTACH, EBUSY,
	  "the IOMMU has an entry for the device or PASID already, or the device is being reset",
	  NULL },
	{ NEST_STAGE_ATTACH, EOPNOTSUPP,
	  "the driver of the device or of the IOMMU offers no attachment of a PASID", NULL },
	{ NEST_STAGE_ATTACH, E2BIG,
	  "this kernel knows no attachment of a PASID (Linux 6.15 and later do)", NULL },
	{ NEST_STAGE_ATTACH, EADDRINUSE,
	  "something is mapped where the device has a reserved region", NULL },
	{ NEST_STAGE_ATTACH, ENOENT, "no such address space or table", NULL },
	{ NEST_STAGE_DETACH, EOPNOTSUPP,
	  "the driver of the device or of the IOMMU offers no attachment of a PASID", NULL },

	/* ---- iommufd ---- */
	{ NEST_STAGE_HW_INFO, EOPNOTSUPP, "the IOMMU driver tells nothing of its hardware", NULL },
	{ NEST_STAGE_HW_INFO, ENOTTY, "the kernel is older than 6.6", NULL },
	{ NEST_STAGE_MAP, ENOMEM, MEMLOCK, MEMLOCK_HINT },
	{ NEST_STAGE_MAP, EINVAL,
	  "address or length is not aligned, lies in a reserved range, or is read-only below a "
	  "nested table on hardware with erratum 772415",
	  NULL },
	{ NEST_STAGE_MAP, EEXIST, "something is mapped there already", NULL },
	{ NEST_STAGE_MAP, EFAULT, "the memory cannot be pinned", NULL },
	{ NEST_STAGE_UNMAP, ENOENT, "nothing is mapped there", NULL },
	{ NEST_STAGE_RANGES, EMSGSIZE, "there are more ranges than there was room for", NULL },
	{ NEST_STAGE_NEST_PARENT, EOPNOTSUPP,
	  "the IOMMU in front of this device cannot nest, or the kernel does not let it", NULL },
	{ NEST_STAGE_NESTED, EOPNOTSUPP, "the IOMMU driver takes no nested table of this format",
	  NULL },
	{ NEST_STAGE_NESTED, EINVAL,
	  "the parent is no nest parent, or the data is not what the driver wants", NULL },
	{ NEST_STAGE_HWPT_DIRTY, EOPNOTSUPP, "the IOMMU does not track dirty pages", NULL },
	{ NEST_STAGE_HWPT_FAULT, EOPNOTSUPP,
	  "the driver takes no fault queue for this kind of table", NULL },
	{ NEST_STAGE_HWPT_PASID, EOPNOTSUPP,
	  "the driver makes no table that can serve PASIDs, or the kernel is older than 6.15",
	  NULL },
	{ NEST_STAGE_HWPT, EOPNOTSUPP, "the driver or this kernel does not offer such a table",
	  NULL },
	{ NEST_STAGE_HWPT, EINVAL, "the driver refuses such a table", NULL },
	{ NEST_STAGE_HWPT, ENOTTY, "the kernel is older than 6.6", NULL },
	{ NEST_STAGE_INVALIDATE, EINVAL,
	  "the address is not 4 KiB aligned, or the table is not a nested one", NULL },
	{ NEST_STAGE_INVALIDATE, EOPNOTSUPP, "the driver does not know a flag of the invalidation",
	  NULL },
	{ NEST_STAGE_INVALIDATE, ENOTTY, "the kernel is older than 6.8", NULL },
	{ NEST_STAGE_FAULT_QUEUE, ENOTTY, "the kernel is older than 6.11", NULL },
	{ NEST_STAGE_DESTROY, EBUSY, "something still uses the object", NULL },
	{ NEST_STAGE_DESTROY, ENOENT, "there is no such object", NULL },
	{ NEST_STAGE_QUEUE_READ, ESPIPE, "the length read is no multiple of a fault record", NULL },
	{ NEST_STAGE_QUEUE_WRITE, EINVAL, "no page request with that cookie waits for an answer",
	  NULL },

	/* ---- the out-of-tree series ---- */
	{ NEST_STAGE_RECOGNISE, EOPNOTSUPP,
	  "what the container answered is of no revision that may be used: {}", NULL },
	{ NEST_STAGE_REVISION, EOPNOTSUPP, "the request was not made: {}", NULL },
	{ NEST_STAGE_REVISION, EINVAL, "this ABI binds tables to PASIDs alone", NULL },
	{ NEST_STAGE_FAULT_REVISION, EOPNOTSUPP,
	  "this revision of the ABI passes no page requests on: the kernel denies them itself",
	  NULL },
	{ NEST_STAGE_FAULT_REGION, EOPNOTSUPP, "the device has no region in which faults arrive",
	  NULL },
	{ NEST_STAGE_OPEN_IOASID, ENOENT,
	  "there is no such node, from which this revision takes its PASIDs",
	  "build the kernel with its ioasid user interface; in a container, pass {} in" },
	{ NEST_STAGE_OPEN_IOASID, EACCES,
	  "owner, group and mode of the node do not admit this user",
	  "run as root, or let everyone open it:\n" NEST_CMD_OPEN_TO_ALL },
	{ NEST_STAGE_OPEN_IOASID, EPERM, POLICY, POLICY_HINT },
	{ NEST_STAGE_OPEN_IOASID, EBUSY, "this process has it open already", NULL },
	{ NEST_STAGE_IOASID_ALLOC, EINVAL, "the range is wrong, or holds no PASID that is free",
	  NULL },
	{ NEST_STAGE_IOASID_FREE, EINVAL, "it is no PASID", NULL },
	{ NEST_STAGE_PASID_ALLOC, ENOSPC,
	  "the kernel said success and gave none: the quota is used up, or the range holds none "
	  "that is free",
	  NULL },
	{ NEST_STAGE_PASID_FREE, ENOENT, "the PASID was given to nobody", NULL },
	{ NEST_STAGE_PASID_FREE, EACCES, "the PASID is another process's", NULL },
	{ NEST_STAGE_PASID_QUOTA, EINVAL, "more PASIDs are in use than that", NULL },
	{ NEST_STAGE_RFC_BIND, EINVAL,
	  "the driver takes no such table: its format, a flag, the PASID, or a device without all "
	  "20 bits of PASID",
	  NULL },
	{ NEST_STAGE_OP_BIND, EINVAL,
	  "the driver takes no such table: its format, version or a flag, the PASID, or a device "
	  "without all 20 bits of PASID",
	  NULL },
	{ NEST_STAGE_RFC_BIND, ENOENT, "the PASID was given to nobody", NULL },
	{ NEST_STAGE_OP_BIND, ENOENT, "the PASID was given to nobody", NULL },
	{ NEST_STAGE_RFC_BIND, EBUSY, "the PASID has a table on this device already", NULL },
	{ NEST_STAGE_OP_BIND, EBUSY, "the PASID has a table on this device already", NULL },
	{ NEST_STAGE_RFC_BIND, ENODEV, "the IOMMU driver binds no tables: it was built without SVM",
	  NULL },
	{ NEST_STAGE_OP_BIND, ENODEV, "the IOMMU driver binds no tables: it was built without SVM",
	  NULL },
	{ NEST_STAGE_RFC_INVALIDATE, EINVAL,
	  "the cache and granularity do not go together, or the container is not turned to nesting",
	  NULL },
	{ NEST_STAGE_RFC_INVALIDATE, ENODEV,
	  "the IOMMU driver takes no invalidations: it was built without SVM", NULL },
	{ NEST_STAGE_NESTING_OP, EOPNOTSUPP,
	  "the container is not turned to nesting, or lacks that part of it", NULL },
	{ NEST_STAGE_OP_RESPOND, EINVAL,
	  "no page request of that group and PASID waits for an answer", NULL },
	{ NEST_STAGE_OP_RESPOND, ENODEV, "the PASID has no table any more", NULL },
	{ NEST_STAGE_FAULT_READ, EPROTO, "the ring of faults cannot be as the kernel says", NULL },

	/* ---- any request ---- */
	{ NEST_STAGE_NONE, ENOTTY, "this kernel has no such request", NULL },
	{ NEST_STAGE_NONE, E2BIG, "the request's structure is newer than this kernel", NULL },
	{ NEST_STAGE_NONE, EOPNOTSUPP,
	  "the kernel understands the request but does not offer it here", NULL },
	{ NEST_STAGE_NONE, EPERM, "the kernel does not allow it to this caller", "run as root" },
	{ NEST_STAGE_NONE, EACCES, "the kernel does not allow it to this caller", "run as root" },
	{ NEST_STAGE_NONE, EBUSY, "something else is using it", NULL },
	{ NEST_STAGE_NONE, ENOENT, "it is not there", NULL },
	{ NEST_STAGE_NONE, ENODEV, "the device is not there, or is going away", NULL },
	{ NEST_STAGE_NONE, EINVAL, "the kernel understands the request but finds it wrong here",
	  NULL },
	{ NEST_STAGE_NONE, ENOMEM, "the kernel has no memory for it", NULL },
	{ NEST_STAGE_NONE, EMFILE, "too many files are open", "raise the limit:\n" NEST_CMD_FILES },
	{ NEST_STAGE_NONE, ENFILE, "too many files are open on this host", NULL },
	{ NEST_STAGE_NONE, EINTR, "a signal came in between", NULL },
	{ NEST_STAGE_NONE, EIO, "the device did not answer as it should", LOG_HINT },
	{ NEST_STAGE_NONE, ENOTSUPP_KERNEL, "the IOMMU driver does not offer it", NULL },
	{ NEST_STAGE_NONE, EPROTO, "the kernel's answer contradicts its own ABI", NULL },
};

#define NROWS (ARRAY_SIZE(rows))

const char *nest_errno_name(int err)
{
	const char *name = strerrorname_np(err);

	if (name)
		return name;
	return err == ENOTSUPP_KERNEL ? "ENOTSUPP" : "UNKNOWN";
}

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
	case ENOTSUPP_KERNEL:
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
