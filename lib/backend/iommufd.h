/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What backend/iommufd.c, backend/iommufd-s1.c, probe/iommufd.c and trip/legs/mock.c share; nobody
 * else includes it.
 */
#ifndef NEST_BACKEND_IOMMUFD_H
#define NEST_BACKEND_IOMMUFD_H

#include "backend/backend.h"
#include "util.h"

struct nest_iommufd_space {
	struct nest_space space;
	int fd;		 /* /dev/iommu */
	uint32_t ioas;	 /* 0 until the first attach */
	uint32_t parent; /* nest-parent HWPT over the IOAS; 0 until the first bind */
};

static inline struct nest_iommufd_space *nest_iommufd_space(struct nest_space *space)
{
	return container_of(space, struct nest_iommufd_space, space);
}

extern const struct nest_backend_ops nest_iommufd_ops;
extern const struct nest_stage1_ops nest_iommufd_stage1;

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

/*
 * Puts the device, or one of its PASIDs, on an IOAS or HWPT, whatever it was on before. stage is
 * noted when it fails. Pushes nothing: what undoes it depends on what was there before.
 */
int nest_iommufd_attach_pt(struct nest_space *space, struct nest_vdev *vdev, uint32_t pt_id,
			   const uint32_t *pasid, enum nest_stage stage);
int nest_iommufd_detach_pt(struct nest_space *space, struct nest_vdev *vdev, const uint32_t *pasid);

/* Undo step: destroys object arg of space object. The step of every object that has an id. */
int nest_iommufd_undo_destroy(struct nest_ctx *ctx, void *space, uint64_t id);

/* Tells what hardware is in front of the device; after bind. */
int nest_iommufd_hw_info(struct nest_space *space, struct nest_vdev *vdev,
			 struct nest_hw_info *ret_hw);

#endif
