/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iommufd, for the files backend/iommufd*.c and the probe of it; no other file includes this. */
#ifndef NEST_BACKEND_IOMMUFD_H
#define NEST_BACKEND_IOMMUFD_H

#include "backend/backend.h"
#include "util.h"

struct nest_iommufd_space {
	struct nest_space space;
	int fd;		   /* /dev/iommu */
	uint32_t ioas;	   /* 0 until the first attach */
	uint32_t parent;   /* nest-parent HWPT over the IOAS; 0 until the first bind */
	uint32_t tracking; /* HWPT over the IOAS that notes writes; 0 until it is asked for */

	/* The hardware in front of this device; devid 0: not asked yet. It does not change. */
	struct {
		uint32_t devid;
		bool have_hw;
		struct nest_hw_info hw;
	} asked;

	/* Only for formats that want them: see backend/iommufd-s1.h. 0 until the first bind. */
	uint32_t viommu;
	struct {
		uint32_t devid, id;
	} vdevices[4];
	int events_fd; /* 0: none */
	uint32_t events_id;
	uint32_t sequence; /* number of the last event that was read */
	bool have_sequence;

	/*
	 * Puts a device, or one of its PASIDs, on an IOAS or HWPT, whatever it was on before. stage
	 * is noted when it fails. Pushes nothing: what undoes it depends on what was there before.
	 */
	int (*attach_pt)(struct nest_space *space, struct nest_vdev *vdev, uint32_t pt_id,
			 const uint32_t *pasid, enum nest_stage stage);

	struct {
		uint32_t stdev, hwpt; /* ids of the device, and of the table that it began with */
	} mock;			      /* see backend/iommufd-mock.h */
};

static inline struct nest_iommufd_space *nest_iommufd_space(struct nest_space *space)
{
	return container_of(space, struct nest_iommufd_space, space);
}

extern const struct nest_backend_ops nest_iommufd_ops;	 /* backend/iommufd-ops.c */
extern const struct nest_stage1_ops nest_iommufd_stage1; /* backend/iommufd-s1.c */

extern const struct nest_share_ops nest_iommufd_share; /* backend/iommufd-share.c */

/*
 * For the probe: the first-stage table that is tried for this hardware; it is never attached, and
 * nothing reads it. That of VT-d where it is not known what the hardware walks (hw NULL): the
 * answer is the kernel's then. data_type 0: iommufd takes none of the format.
 */
struct nest_iommufd_try {
	uint32_t viommu_type; /* 0: the table stands on the nest parent */
	bool unfilled; /* no format of the tool: all zeros, to be tried on the parent as well */
	uint32_t data_type, len;
	uint8_t data[32];
	uint32_t entry_type, entry_len, entry_num; /* 0 entries where the kernel takes that */
	uint8_t entry[32];			   /* forgets all that was cached */
};
struct nest_iommufd_try nest_iommufd_try_of(const struct nest_hw *hw,
					    const struct nest_hw_values *values);

/* The ids of the nested HWPT of a bound first stage, and of what invalidations of it name. */
uint32_t nest_iommufd_invalidated_id(struct nest_s1 *s1);
uint32_t nest_iommufd_nested_id(struct nest_s1 *s1);

/* The ops of a device of VFIO; a mock device shares all but attach and detach. */
int nest_iommufd_open(struct nest_ctx *ctx, const struct nest_mode *mode,
		      struct nest_failure *failed, struct nest_space **ret_space);
int nest_iommufd_attach(struct nest_space *space, struct nest_vdev *vdev);
int nest_iommufd_detach(struct nest_space *space, struct nest_vdev *vdev);
int nest_iommufd_describe(struct nest_space *space, struct nest_vdev *vdev,
			  struct nest_caps *ret_caps);
int nest_iommufd_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
		     unsigned int prot);
int nest_iommufd_unmap(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t *ret_len);
int nest_iommufd_timed_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
			   struct nest_timed *timed, uint64_t *unmap_samples);

/*
 * Finds the device's own node and fills vdev->node; opens nothing. -ENOENT: bound to no vfio
 * driver, or to one of a kernel before 6.1; -ENXIO: the kernel makes no device nodes
 * (CONFIG_VFIO_DEVICE_CDEV).
 */
int nest_iommufd_node(struct nest_ctx *ctx, struct nest_vdev *vdev);

/*
 * The parts of attach, for those who want to stop between. Each is no work if it is done already.
 */
int nest_iommufd_bind(struct nest_space *space, struct nest_vdev *vdev);
int nest_iommufd_ioas(struct nest_space *space);

/* attach_pt of a VFIO device, and its inverse. */
int nest_iommufd_attach_pt(struct nest_space *space, struct nest_vdev *vdev, uint32_t pt_id,
			   const uint32_t *pasid, enum nest_stage stage);
int nest_iommufd_detach_pt(struct nest_space *space, struct nest_vdev *vdev, const uint32_t *pasid);

/* Undo step: destroys object arg of space object. The step of every object that has an id. */
int nest_iommufd_undo_destroy(struct nest_ctx *ctx, void *space, uint64_t id);

/* Undo step: the device (object) goes back from another table to its address space. */
int nest_iommufd_undo_table(struct nest_ctx *ctx, void *vdev, uint64_t arg);

/*
 * Allocates a page table for the device: cmd without its size and device. stage is noted when it
 * fails. The caller pushes the end of it.
 */
struct iommu_hwpt_alloc;
int nest_iommufd_hwpt_alloc(struct nest_space *space, struct nest_vdev *vdev,
			    struct iommu_hwpt_alloc *cmd, enum nest_stage stage, uint32_t *ret_id);

/* Tells what hardware is in front of the device; after bind. */
int nest_iommufd_hw_info(struct nest_space *space, struct nest_vdev *vdev,
			 struct nest_hw_info *ret_hw);

/* Asks for information of another type than the driver's own. -EOPNOTSUPP: none, or before 6.17. */
int nest_iommufd_hw_more(struct nest_space *space, struct nest_vdev *vdev, uint32_t type,
			 void *data, uint32_t len);

#endif
