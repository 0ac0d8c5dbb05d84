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
	"enable interrupt remapping in the firmware's setup (VT-d, x2APIC) and start without "     \
	"intremap=off; or, at your own risk, where every guest is trusted:\n" NEST_CMD_UNSAFE(     \
		module, "1")

/* clang-format off */
static const struct nest_explanation rows[] = {
	/* ---- nodes ---- */
	{"open/container", ENOENT,
	 "there is no container node: the module vfio is not loaded, or the node was not passed into this container",
	 "in a container, pass {} in; on a host, load vfio-pci, which brings vfio and vfio_iommu_type1:\n" NEST_CMD_LOAD("vfio-pci")},
	{"open/container", ENODEV,
	 "the node is there but nothing serves it: neither vfio nor iommufd is available in this kernel",
	 "use a kernel with CONFIG_VFIO and CONFIG_VFIO_CONTAINER, or load the module:\n" NEST_CMD_LOAD("vfio")},
	{"open/container", EACCES,
	 "owner, group and mode of the node do not admit this user",
	 "run as root, or let everyone open it, which gives no access to a device:\n" NEST_CMD_OPEN_TO_ALL},
	{"open/container", EPERM, POLICY, POLICY_HINT},
	{"open/iommufd", ENOENT,
	 "there is no iommufd here: the kernel was built without CONFIG_IOMMUFD, its module is not loaded, or the node was not passed into this container",
	 "use a kernel with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV, or load the module:\n" NEST_CMD_LOAD("iommufd")},
	{"open/iommufd", ENODEV,
	 "the node is there but nothing serves it: iommufd is not available in this kernel",
	 "use a kernel with CONFIG_IOMMUFD and CONFIG_VFIO_DEVICE_CDEV, or load the module:\n" NEST_CMD_LOAD("iommufd")},
	{"open/iommufd", EACCES,
	 "owner, group and mode of the node do not admit this user",
	 UDEV_HINT(NEST_UDEV_IOMMUFD)},
	{"open/iommufd", EPERM, POLICY, POLICY_HINT},
	{"open/group", ENOENT,
	 "no device of the group is bound to a vfio driver, the node was not passed into this container, or this kernel has no group nodes (CONFIG_VFIO_GROUP)",
	 BIND_HINT "; in a container, pass {} in"},
	{"open/group", EBUSY,
	 "the group is open in another process, or one of its devices is through its own node",
	 IN_USE_HINT},
	{"open/group", EACCES,
	 "owner, group and mode of the node do not admit this user",
	 UDEV_HINT(NEST_UDEV_GROUP)},
	{"open/group", EPERM,
	 "a device policy forbids it, or this is a no-IOMMU group, which takes CAP_SYS_RAWIO",
	 POLICY_HINT},
	{"open/group", ENODEV, "the group is going away", "try again"},
	{"open/device", ENOENT,
	 "sysfs knows the node and it is not there: nobody has made it, or it was not passed into this container",
	 "in a container, pass {} in (docker run --device={}); else see that udev or devtmpfs makes it"},
	{"open/device/none", ENOENT,
	 "the device has no node of its own: it is not bound to a vfio driver, or the kernel was built without CONFIG_VFIO_DEVICE_CDEV",
	 BIND_HINT},
	{"open/device", EACCES,
	 "owner, group and mode of the node do not admit this user",
	 UDEV_HINT(NEST_UDEV_DEVICE)},
	{"open/device", EPERM,
	 "a device policy forbids it, or the device is behind no IOMMU, which takes CAP_SYS_RAWIO",
	 POLICY_HINT},
	{"open/device", EBUSY, "the device is open in another process", IN_USE_HINT},
	{"open/device", ENODEV, "the device is going away", "try again"},
	{"open", EOPNOTSUPP, "no device node is opened while a captured tree is being looked at", NULL},

	/* ---- containers and groups ---- */
	{"VFIO_GROUP_GET_STATUS", ENODEV, "the group has gone", "try again"},
	{"VFIO_GROUP_GET_STATUS/viable", EPERM,
	 "the group is not viable: a device in it is bound to a driver that owns DMA",
	 "bind every device of the group to vfio-pci or to no driver; to see which is not:\n" NEST_CMD_LIST},
	{"VFIO_GROUP_SET_CONTAINER", EPERM,
	 "the group is not viable (a device in it is bound to a driver that owns DMA), or it has no IOMMU and the caller no CAP_SYS_RAWIO",
	 "bind every device of the group to vfio-pci or to no driver; to see which is not:\n" NEST_CMD_LIST},
	{"VFIO_GROUP_SET_CONTAINER", EBUSY,
	 "somebody else owns the group's DMA: a driver, or another process through iommufd",
	 "bind every device of the group to vfio-pci or to no driver, and end other users of the group"},
	{"VFIO_GROUP_SET_CONTAINER", EINVAL,
	 "the group is in a container already, or real and no-IOMMU groups would be mixed", NULL},
	{"VFIO_GROUP_SET_CONTAINER", ENODEV, "the group has gone", "try again"},
	{"VFIO_GROUP_UNSET_CONTAINER", EBUSY, "a device of the group is still open", NULL},
	{"VFIO_GROUP_UNSET_CONTAINER", EINVAL, "the group is in no container", NULL},
	{"VFIO_GROUP_GET_DEVICE_FD", ENODEV,
	 "no device of that name in the group is bound to a vfio driver", BIND_HINT},
	{"VFIO_GROUP_GET_DEVICE_FD", EINVAL, "the container has no IOMMU type set yet", NULL},
	{"VFIO_GROUP_GET_DEVICE_FD", EPERM,
	 "the group is not viable: a device in it is bound to a driver that owns DMA",
	 "bind every device of the group to vfio-pci or to no driver"},
	{"VFIO_GROUP_GET_DEVICE_FD", EBUSY, "the device is open in another process", NULL},
	{"VFIO_GROUP_GET_DEVICE_FD", EACCES,
	 "the device is a virtual function whose physical function wants a VF token", NULL},
	{"VFIO_CHECK_EXTENSION", EOPNOTSUPP,
	 "this kernel does not offer the IOMMU type on this node", NULL},
	{"VFIO_CHECK_EXTENSION", ENODEV, "an iommufd serves the node and has no address space yet", NULL},
	{"VFIO_SET_IOMMU/nesting", EINVAL,
	 "the IOMMU driver behind this device does not implement the type: kernels 3.18 to 6.12 advertise it whatever the hardware, and from 5.18 on only the ARM SMMU drivers do it",
	 "use iommufd (Linux 6.8 or later)"},
	{"VFIO_SET_IOMMU/nesting", ENODEV,
	 "no IOMMU driver takes the type: it was removed in 6.13, and before 5.14 VT-d refuses it unless every unit has scalable mode and ECAP.NEST",
	 "use iommufd (Linux 6.8 or later)"},
	{"VFIO_SET_IOMMU", EPERM, UNSAFE,
	 UNSAFE_HINT("vfio_iommu_type1")},
	{"VFIO_SET_IOMMU", EINVAL,
	 "the IOMMU cannot take the group: " ONE_TO_ONE ", or a type this node does not know", ONE_TO_ONE_HINT},
	{"VFIO_SET_IOMMU", ENODEV,
	 "no IOMMU driver of this kernel takes the type",
	 "load the module:\n" NEST_CMD_LOAD("vfio_iommu_type1")},
	{"VFIO_SET_IOMMU", EBUSY, "somebody else owns the group's DMA",
	 "bind every device of the group to vfio-pci or to no driver, and end other users of the group"},
	{"VFIO_SET_IOMMU", EIO, "the IOMMU could not attach the group", LOG_HINT},
	{"VFIO_IOMMU_GET_INFO", EINVAL, "no IOMMU type has been set", NULL},
	{"VFIO_IOMMU_GET_INFO", EMSGSIZE, "the kernel asks for more than 64 KiB of room, as no known one does", NULL},
	{"VFIO_IOMMU_GET_INFO", ENODEV, "an iommufd serves the node and has no address space yet", NULL},
	{"VFIO_IOMMU_MAP_DMA", ENOMEM, MEMLOCK, MEMLOCK_HINT},
	{"VFIO_IOMMU_MAP_DMA", ENOSPC, "the container holds as many mappings as it may",
	 "raise the limit:\n" NEST_CMD_DMA_ENTRIES("1000000")},
	{"VFIO_IOMMU_MAP_DMA", EINVAL,
	 "address or length is not aligned, or lies outside the IOVA ranges that can be used here", NULL},
	{"VFIO_IOMMU_MAP_DMA", EEXIST, "something is mapped there already", NULL},
	{"VFIO_IOMMU_MAP_DMA", EFAULT, "the memory cannot be pinned", NULL},
	{"VFIO_IOMMU_UNMAP_DMA", EINVAL, "the range cuts a mapping in two, or is not aligned", NULL},
	{"VFIO_NESTING_GET_IOMMU_UAPI_VERSION", EINVAL,
	 "this kernel has no such request (a legacy container without an IOMMU type says it so)", NULL},
	{"VFIO_NESTING_GET_IOMMU_UAPI_VERSION", ENOTTY, "this kernel has no such request", NULL},
	{"VFIO_NESTING_GET_IOMMU_UAPI_VERSION", EFAULT,
	 "this kernel has another request of that number, so it carries some other nesting series", NULL},

	/* ---- device ---- */
	{"VFIO_DEVICE_RESET", ENOTTY, "the device has no way to be reset", NULL},
	{"VFIO_DEVICE_RESET", EINVAL, "the device has no way to be reset", NULL},
	{"VFIO_DEVICE_BIND_IOMMUFD", EBUSY,
	 "the group's own node is open, or its DMA belongs to a container or to another process",
	 "end the process that has it open:\n" NEST_CMD_HOLDERS_ALL},
	{"VFIO_DEVICE_BIND_IOMMUFD", EPERM, UNSAFE ", or a driver owns the group's DMA",
	 UNSAFE_HINT("iommufd")},
	{"VFIO_DEVICE_BIND_IOMMUFD", EINVAL,
	 "the device cannot do cache-coherent DMA, or it is bound already", NULL},
	{"VFIO_DEVICE_BIND_IOMMUFD", ENODEV, "the device is in no IOMMU group", NULL},
	{"VFIO_DEVICE_BIND_IOMMUFD", EACCES,
	 "the device is a virtual function whose physical function wants a VF token", NULL},
	{"VFIO_DEVICE_BIND_IOMMUFD", ENOTTY,
	 "the kernel was built without CONFIG_VFIO_DEVICE_CDEV or is older than 6.6", NULL},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT/nested", ENODEV,
	 "a table with a fault queue needs page requests, and the device or its IOMMU does not have them on",
	 "leave the fault queue out; the device needs ATS and PRI, the unit ECAP.PRS"},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT/nested", EINVAL,
	 "the IOMMU refuses the first-stage table: address width, a flag its ECAP does not have, or PASID rules",
	 LOG_HINT},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT", EINVAL,
	 "the IOMMU cannot take the device: " ONE_TO_ONE ", or PASID rules", ONE_TO_ONE_HINT},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT", EBUSY,
	 "the IOMMU has an entry for the device or PASID already, or the device is being reset", NULL},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT", EOPNOTSUPP,
	 "the driver of the device or of the IOMMU offers no attachment of a PASID", NULL},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT", E2BIG,
	 "this kernel knows no attachment of a PASID (Linux 6.15 and later do)", NULL},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT", EADDRINUSE,
	 "something is mapped where the device has a reserved region", NULL},
	{"VFIO_DEVICE_ATTACH_IOMMUFD_PT", ENOENT, "no such address space or table", NULL},
	{"VFIO_DEVICE_DETACH_IOMMUFD_PT", EOPNOTSUPP,
	 "the driver of the device or of the IOMMU offers no attachment of a PASID", NULL},

	/* ---- iommufd ---- */
	{"IOMMU_GET_HW_INFO", EOPNOTSUPP, "the IOMMU driver tells nothing of its hardware", NULL},
	{"IOMMU_GET_HW_INFO", ENOTTY, "the kernel is older than 6.6", NULL},
	{"IOMMU_IOAS_MAP", ENOMEM, MEMLOCK, MEMLOCK_HINT},
	{"IOMMU_IOAS_MAP", EINVAL,
	 "address or length is not aligned, lies in a reserved range, or is read-only below a nested table on hardware with erratum 772415", NULL},
	{"IOMMU_IOAS_MAP", EEXIST, "something is mapped there already", NULL},
	{"IOMMU_IOAS_MAP", EFAULT, "the memory cannot be pinned", NULL},
	{"IOMMU_IOAS_UNMAP", ENOENT, "nothing is mapped there", NULL},
	{"IOMMU_IOAS_IOVA_RANGES", EMSGSIZE, "there are more ranges than there was room for", NULL},
	{"IOMMU_HWPT_ALLOC/nest-parent", EOPNOTSUPP,
	 "the IOMMU in front of this device cannot nest: on VT-d that takes ECAP.SMTS, ECAP.NEST, ECAP.SLTS and scalable mode switched on",
	 "if the hardware has the three, start the kernel with intel_iommu=on,sm_on"},
	{"IOMMU_HWPT_ALLOC/nested", EOPNOTSUPP,
	 "the IOMMU driver makes no nested table of the kind VT-d has", NULL},
	{"IOMMU_HWPT_ALLOC/nested", EINVAL,
	 "the parent is no nest parent, or the data is not what the driver wants", NULL},
	{"IOMMU_HWPT_ALLOC/dirty-tracking", EOPNOTSUPP,
	 "the IOMMU does not track dirty pages (VT-d: ECAP.SLADS)", NULL},
	{"IOMMU_HWPT_ALLOC/fault", EOPNOTSUPP,
	 "the driver takes no fault queue for this kind of table", NULL},
	{"IOMMU_HWPT_ALLOC/pasid", EOPNOTSUPP,
	 "the driver makes no table that can serve PASIDs, or the kernel is older than 6.15", NULL},
	{"IOMMU_HWPT_ALLOC", EOPNOTSUPP, "the driver or this kernel does not offer such a table", NULL},
	{"IOMMU_HWPT_ALLOC", EINVAL, "the driver refuses such a table", NULL},
	{"IOMMU_HWPT_ALLOC", ENOTTY, "the kernel is older than 6.6", NULL},
	{"IOMMU_HWPT_INVALIDATE", EINVAL,
	 "the address is not 4 KiB aligned, or the table is not a nested one", NULL},
	{"IOMMU_HWPT_INVALIDATE", EOPNOTSUPP, "the driver does not know a flag of the invalidation", NULL},
	{"IOMMU_HWPT_INVALIDATE", ENOTTY, "the kernel is older than 6.8", NULL},
	{"IOMMU_FAULT_QUEUE_ALLOC", ENOTTY, "the kernel is older than 6.11", NULL},
	{"IOMMU_DESTROY", EBUSY, "something still uses the object", NULL},
	{"IOMMU_DESTROY", ENOENT, "there is no such object", NULL},
	{"read/faults", ESPIPE, "the length read is no multiple of a fault record", NULL},
	{"write/faults", EINVAL, "no page request with that cookie waits for an answer", NULL},

	/* ---- the out-of-tree series ---- */
	{"recognise", EOPNOTSUPP, "what the container answered is of no revision that may be used: {}", NULL},
	{"revision", EOPNOTSUPP, "the request was not made: {}", NULL},
	{"revision", EINVAL, "this ABI binds tables to PASIDs alone", NULL},
	{"fault region/revision", EOPNOTSUPP,
	 "this revision of the ABI passes no page requests on: the kernel denies them itself", NULL},
	{"fault region", EOPNOTSUPP, "the device has no region in which faults arrive", NULL},
	{"open/ioasid", ENOENT, "there is no such node, from which this revision takes its PASIDs",
	 "build the kernel with its ioasid user interface; in a container, pass {} in"},
	{"open/ioasid", EACCES, "owner, group and mode of the node do not admit this user",
	 "run as root, or let everyone open it:\n" NEST_CMD_OPEN_TO_ALL},
	{"open/ioasid", EPERM, POLICY, POLICY_HINT},
	{"open/ioasid", EBUSY, "this process has it open already", NULL},
	{"IOASID_REQUEST_ALLOC", EINVAL, "the range is wrong, or holds no PASID that is free", NULL},
	{"IOASID_REQUEST_FREE", EINVAL, "it is no PASID", NULL},
	{"VFIO_IOMMU_PASID_REQUEST/alloc", ENOSPC,
	 "the kernel said success and gave none: the quota is used up, or the range holds none that is free", NULL},
	{"VFIO_IOMMU_PASID_REQUEST/free", ENOENT, "the PASID was given to nobody", NULL},
	{"VFIO_IOMMU_PASID_REQUEST/free", EACCES, "the PASID is another process's", NULL},
	{"VFIO_IOMMU_SET_PASID_QUOTA", EINVAL, "more PASIDs are in use than that", NULL},
	{"VFIO_IOMMU_BIND", EINVAL,
	 "the driver takes no such table: its format, a flag, the PASID, or a device without all 20 bits of PASID", NULL},
	{"VFIO_IOMMU_NESTING_OP/bind", EINVAL,
	 "the driver takes no such table: its format, version or a flag, the PASID, or a device without all 20 bits of PASID",
	 NULL},
	{"VFIO_IOMMU_BIND", ENOENT, "the PASID was given to nobody", NULL},
	{"VFIO_IOMMU_NESTING_OP/bind", ENOENT, "the PASID was given to nobody", NULL},
	{"VFIO_IOMMU_BIND", EBUSY, "the PASID has a table on this device already", NULL},
	{"VFIO_IOMMU_NESTING_OP/bind", EBUSY, "the PASID has a table on this device already", NULL},
	{"VFIO_IOMMU_BIND", ENODEV, "the IOMMU driver binds no tables: it was built without SVM", NULL},
	{"VFIO_IOMMU_NESTING_OP/bind", ENODEV, "the IOMMU driver binds no tables: it was built without SVM", NULL},
	{"VFIO_IOMMU_CACHE_INVALIDATE", EINVAL,
	 "the cache and granularity do not go together, or the container is not turned to nesting", NULL},
	{"VFIO_IOMMU_CACHE_INVALIDATE", ENODEV, "the IOMMU driver takes no invalidations: it was built without SVM", NULL},
	{"VFIO_IOMMU_NESTING_OP", EOPNOTSUPP, "the container is not turned to nesting, or lacks that part of it", NULL},
	{"VFIO_IOMMU_NESTING_OP/respond", EINVAL, "no page request of that group and PASID waits for an answer", NULL},
	{"VFIO_IOMMU_NESTING_OP/respond", ENODEV, "the PASID has no table any more", NULL},
	{"pread/faults", EPROTO, "the ring of faults cannot be as the kernel says", NULL},

	/* ---- any request ---- */
	{NULL, ENOTTY, "this kernel has no such request", NULL},
	{NULL, E2BIG, "the request's structure is newer than this kernel", NULL},
	{NULL, EOPNOTSUPP, "the kernel understands the request but does not offer it here", NULL},
	{NULL, EPERM, "the kernel does not allow it to this caller", "run as root"},
	{NULL, EACCES, "the kernel does not allow it to this caller", "run as root"},
	{NULL, EBUSY, "something else is using it", NULL},
	{NULL, ENOENT, "it is not there", NULL},
	{NULL, ENODEV, "the device is not there, or is going away", NULL},
	{NULL, EINVAL, "the kernel understands the request but finds it wrong here", NULL},
	{NULL, ENOMEM, "the kernel has no memory for it", NULL},
	{NULL, EMFILE, "too many files are open", "raise the limit:\n" NEST_CMD_FILES},
	{NULL, ENFILE, "too many files are open on this host", NULL},
	{NULL, EINTR, "a signal came in between", NULL},
	{NULL, EIO, "the device did not answer as it should", LOG_HINT},
	{NULL, ENOTSUPP_KERNEL, "the IOMMU driver does not offer it", NULL},
	{NULL, EPROTO, "the kernel's answer contradicts its own ABI", NULL},
};
/* clang-format on */

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

/* len: how much of op has to be the row's; NULL matches the rows for any op. */
static const struct nest_explanation *find(const char *op, size_t len, int err)
{
	size_t i;

	for (i = 0; i < NROWS; i++) {
		const struct nest_explanation *row = &rows[i];

		if (row->err != err || !row->op != !op)
			continue;
		if (!op || (!strncmp(row->op, op, len) && !row->op[len]))
			return row;
	}
	return NULL;
}

struct nest_explanation nest_explain(const char *op, int err)
{
	const struct nest_explanation *row = NULL;

	if (op)
		row = find(op, strlen(op), err);
	if (op && !row)
		row = find(op, strcspn(op, "/"), err);
	if (!row)
		row = find(NULL, 0, err);
	if (row)
		return *row;
	return (struct nest_explanation){ op, err, strerror(err), NULL };
}

const struct nest_explanation *nest_explain_row(size_t i)
{
	return i < NROWS ? &rows[i] : NULL;
}

/* How much of op is for people: of a request all, of what is none the part before the case. */
static int words(const char *op)
{
	return (int)(*op >= 'a' && *op <= 'z' ? strcspn(op, "/") : strlen(op));
}

void nest_explain_failure(const struct nest_failure *failed, char *buf, size_t size)
{
	struct nest_explanation why = nest_explain(failed->op, failed->err);
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
