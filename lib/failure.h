/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which step failed, on what, and with which errno. explain.h turns that into a reason and a
 * remedy.
 */
#ifndef NEST_FAILURE_H
#define NEST_FAILURE_H

#include <stdbool.h>

/*
 * The steps, by the kernel's requests: X(stage, the stage it is a case of, its text). People, JSON
 * and transcripts see the text; a slash separates the case from the request.
 */
/* clang-format off */
#define NEST_STAGES(X)							\
	/* ---- nodes ---- */						\
	X(OPEN, NONE, "open")						\
	X(OPEN_CONTAINER, OPEN, "open/container")			\
	X(OPEN_IOMMUFD, OPEN, "open/iommufd")				\
	X(OPEN_GROUP, OPEN, "open/group")				\
	X(OPEN_DEVICE, OPEN, "open/device")				\
	X(OPEN_NO_NODE, OPEN, "open/device/none")			\
	X(OPEN_IOASID, OPEN, "open/ioasid")				\
	X(DRIVER, NONE, "driver")					\
	/* ---- containers and groups ---- */				\
	X(API_VERSION, NONE, "VFIO_GET_API_VERSION")			\
	X(CHECK_EXTENSION, NONE, "VFIO_CHECK_EXTENSION")		\
	X(GROUP_STATUS, NONE, "VFIO_GROUP_GET_STATUS")			\
	X(GROUP_VIABLE, GROUP_STATUS, "VFIO_GROUP_GET_STATUS/viable")	\
	X(SET_CONTAINER, NONE, "VFIO_GROUP_SET_CONTAINER")		\
	X(UNSET_CONTAINER, NONE, "VFIO_GROUP_UNSET_CONTAINER")		\
	X(DEVICE_FD, NONE, "VFIO_GROUP_GET_DEVICE_FD")			\
	X(SET_IOMMU, NONE, "VFIO_SET_IOMMU")				\
	X(SET_IOMMU_NESTING, SET_IOMMU, "VFIO_SET_IOMMU/nesting")	\
	X(GET_INFO, NONE, "VFIO_IOMMU_GET_INFO")			\
	X(MAP_DMA, NONE, "VFIO_IOMMU_MAP_DMA")				\
	X(UNMAP_DMA, NONE, "VFIO_IOMMU_UNMAP_DMA")			\
	/* ---- the device ---- */					\
	X(DEVICE_INFO, NONE, "VFIO_DEVICE_GET_INFO")			\
	X(REGION_INFO, NONE, "VFIO_DEVICE_GET_REGION_INFO")		\
	X(IRQ_INFO, NONE, "VFIO_DEVICE_GET_IRQ_INFO")			\
	X(SET_IRQS, NONE, "VFIO_DEVICE_SET_IRQS")			\
	X(SET_IRQS_FAULT, SET_IRQS, "VFIO_DEVICE_SET_IRQS/fault")	\
	X(RESET, NONE, "VFIO_DEVICE_RESET")				\
	X(DMA_BUF, NONE, "VFIO_DEVICE_FEATURE")				\
	X(CONFIG, NONE, "config space")					\
	X(PREAD, NONE, "pread")						\
	X(CONFIG_READ, PREAD, "pread/config")				\
	X(FAULT_READ, PREAD, "pread/faults")				\
	X(PWRITE, NONE, "pwrite")					\
	X(CONFIG_WRITE, PWRITE, "pwrite/config")			\
	X(FAULT_WRITE, PWRITE, "pwrite/faults")				\
	X(MMAP, NONE, "mmap")						\
	X(MMAP_BAR, MMAP, "mmap/bar")					\
	X(MMAP_FAULTS, MMAP, "mmap/faults")				\
	X(MMAP_MEMORY, MMAP, "mmap/memory")				\
	X(MEMFD, NONE, "memfd_create")					\
	X(EVENTFD, NONE, "eventfd")					\
	X(READ, NONE, "read")						\
	X(EVENTFD_READ, READ, "read/eventfd")				\
	X(BIND, NONE, "VFIO_DEVICE_BIND_IOMMUFD")			\
	X(ATTACH, NONE, "VFIO_DEVICE_ATTACH_IOMMUFD_PT")		\
	X(ATTACH_NESTED, ATTACH, "VFIO_DEVICE_ATTACH_IOMMUFD_PT/nested")\
	X(ATTACH_PLAIN, ATTACH, "VFIO_DEVICE_ATTACH_IOMMUFD_PT/plain")	\
	X(ATTACH_PASID, ATTACH, "VFIO_DEVICE_ATTACH_IOMMUFD_PT/pasid")	\
	X(ATTACH_BACK, ATTACH, "VFIO_DEVICE_ATTACH_IOMMUFD_PT/back")	\
	X(DETACH, NONE, "VFIO_DEVICE_DETACH_IOMMUFD_PT")		\
	/* ---- iommufd ---- */						\
	X(OPTION, NONE, "IOMMU_OPTION")					\
	X(HW_INFO, NONE, "IOMMU_GET_HW_INFO")				\
	X(HW_INFO_TYPE, NONE, "IOMMU_GET_HW_INFO")			\
	X(IOAS, NONE, "IOMMU_IOAS_ALLOC")				\
	X(MAP, NONE, "IOMMU_IOAS_MAP")					\
	X(UNMAP, NONE, "IOMMU_IOAS_UNMAP")				\
	X(COPY, NONE, "IOMMU_IOAS_COPY")				\
	X(MAP_FILE, NONE, "IOMMU_IOAS_MAP_FILE")			\
	X(HAND_OVER, NONE, "IOMMU_IOAS_CHANGE_PROCESS")			\
	X(RANGES, NONE, "IOMMU_IOAS_IOVA_RANGES")			\
	X(HWPT, NONE, "IOMMU_HWPT_ALLOC")				\
	X(NEST_PARENT, HWPT, "IOMMU_HWPT_ALLOC/nest-parent")		\
	X(NESTED, HWPT, "IOMMU_HWPT_ALLOC/nested")			\
	X(HWPT_DIRTY, HWPT, "IOMMU_HWPT_ALLOC/dirty-tracking")		\
	X(HWPT_FAULT, HWPT, "IOMMU_HWPT_ALLOC/fault")			\
	X(HWPT_PASID, HWPT, "IOMMU_HWPT_ALLOC/pasid")			\
	X(VIOMMU, NONE, "IOMMU_VIOMMU_ALLOC")				\
	X(VDEVICE, NONE, "IOMMU_VDEVICE_ALLOC")				\
	X(VEVENTQ, NONE, "IOMMU_VEVENTQ_ALLOC")				\
	X(HW_QUEUE, NONE, "IOMMU_HW_QUEUE_ALLOC")			\
	X(FAULT_QUEUE, NONE, "IOMMU_FAULT_QUEUE_ALLOC")			\
	X(SET_DIRTY, NONE, "IOMMU_HWPT_SET_DIRTY_TRACKING")		\
	X(GET_DIRTY, NONE, "IOMMU_HWPT_GET_DIRTY_BITMAP")		\
	X(ATTACH_DIRTY, ATTACH, "VFIO_DEVICE_ATTACH_IOMMUFD_PT/dirty-tracking")\
	X(INVALIDATE, NONE, "IOMMU_HWPT_INVALIDATE")			\
	X(DESTROY, NONE, "IOMMU_DESTROY")				\
	X(QUEUE_READ, READ, "read/faults")				\
	X(EVENT_READ, READ, "read/events")				\
	X(WRITE, NONE, "write")						\
	X(QUEUE_WRITE, WRITE, "write/faults")				\
	/* ---- the kernel's mock device ---- */			\
	X(MOCK, NONE, "IOMMU_TEST_CMD")					\
	X(MOCK_DOMAIN, MOCK, "IOMMU_TEST_CMD/mock-domain")		\
	X(MOCK_CHECK_MAP, MOCK, "IOMMU_TEST_CMD/check-map")		\
	X(MOCK_REPLACE, MOCK, "IOMMU_TEST_CMD/replace")			\
	X(MOCK_DIRTY, MOCK, "IOMMU_TEST_CMD/dirty")			\
	X(MOCK_CHECK_IOTLB, MOCK, "IOMMU_TEST_CMD/check-iotlb")		\
	X(MOCK_IOPF, MOCK, "IOMMU_TEST_CMD/trigger-iopf")		\
	X(MOCK_CHECK_CACHE, MOCK, "IOMMU_TEST_CMD/check-cache")		\
	X(MOCK_EVENT, MOCK, "IOMMU_TEST_CMD/trigger-vevent")		\
	/* ---- the ABIs that were never merged ---- */			\
	X(UAPI_VERSION, NONE, "VFIO_NESTING_GET_IOMMU_UAPI_VERSION")	\
	X(RECOGNISE, NONE, "recognise")					\
	X(REVISION, NONE, "revision")					\
	X(FAULT_REGION, NONE, "fault region")				\
	X(FAULT_REVISION, FAULT_REGION, "fault region/revision")	\
	X(IOASID_VERSION, NONE, "IOASID_GET_API_VERSION")		\
	X(IOASID_ALLOC, NONE, "IOASID_REQUEST_ALLOC")			\
	X(IOASID_FREE, NONE, "IOASID_REQUEST_FREE")			\
	X(PASID_REQUEST, NONE, "VFIO_IOMMU_PASID_REQUEST")		\
	X(PASID_ALLOC, PASID_REQUEST, "VFIO_IOMMU_PASID_REQUEST/alloc")	\
	X(PASID_FREE, PASID_REQUEST, "VFIO_IOMMU_PASID_REQUEST/free")	\
	X(PASID_QUOTA, NONE, "VFIO_IOMMU_SET_PASID_QUOTA")		\
	X(RFC_BIND, NONE, "VFIO_IOMMU_BIND")				\
	X(RFC_BIND_TABLE, RFC_BIND, "VFIO_IOMMU_BIND/bind")		\
	X(RFC_UNBIND_TABLE, RFC_BIND, "VFIO_IOMMU_BIND/unbind")		\
	X(RFC_INVALIDATE, NONE, "VFIO_IOMMU_CACHE_INVALIDATE")		\
	X(NESTING_OP, NONE, "VFIO_IOMMU_NESTING_OP")			\
	X(OP_BIND, NESTING_OP, "VFIO_IOMMU_NESTING_OP/bind")		\
	X(OP_UNBIND, NESTING_OP, "VFIO_IOMMU_NESTING_OP/unbind")	\
	X(OP_INVALIDATE, NESTING_OP, "VFIO_IOMMU_NESTING_OP/invalidate")\
	X(OP_RESPOND, NESTING_OP, "VFIO_IOMMU_NESTING_OP/respond")	\
	/* ---- the program itself ---- */				\
	X(MEMORY, NONE, "malloc")					\
	X(SPACE_ATTACH, NONE, "attach")					\
	X(SPACE_DETACH, NONE, "detach")					\
	X(SPACE_MAP, NONE, "map")					\
	X(SPACE_UNMAP, NONE, "unmap")
/* clang-format on */

enum nest_stage {
	NEST_STAGE_NONE, /* nothing failed */
#define NEST_STAGE_ENUM(stage, of, text) NEST_STAGE_##stage,
	NEST_STAGES(NEST_STAGE_ENUM)
#undef NEST_STAGE_ENUM
		NEST_STAGES_COUNT
};

/* The text of a stage, static: "IOMMU_HWPT_ALLOC/nest-parent". NULL for NEST_STAGE_NONE. */
const char *nest_stage_text(enum nest_stage stage);

/* The stage that this one is a case of; NEST_STAGE_NONE: it is not a case. */
enum nest_stage nest_stage_parent(enum nest_stage stage);

/* Is this the stage of, or a case of it? */
bool nest_stage_is(enum nest_stage stage, enum nest_stage of);

struct nest_failure {
	enum nest_stage stage;
	const char *op;	  /* its text; NULL as long as nothing failed */
	char object[320]; /* "/dev/vfio/12", "group 12", "0000:3a:00.0" */
	int err;	  /* errno, positive */
};

/*
 * Notes that stage failed on object and returns err, which is -errno. failed may be NULL; an
 * earlier failure is overwritten.
 */
int nest_failure_set(struct nest_failure *failed, int err, enum nest_stage stage,
		     const char *object, ...) __attribute__((format(printf, 4, 5)));

/* Changes the stage of a failure to another case of the same request. */
void nest_failure_restage(struct nest_failure *failed, enum nest_stage stage);

#endif
