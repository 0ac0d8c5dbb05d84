/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device behind a VFIO container. The probes of containers and groups use parts of it, and
 * backend/abi2020/gpasid-space.c builds on it.
 */
#ifndef NEST_BACKEND_TYPE1_H
#define NEST_BACKEND_TYPE1_H

#include "backend/backend.h"
#include "backend/infocap.h"
#include "util.h"

#define NEST_TYPE1_GROUPS_MAX 16

struct nest_type1_space {
	struct nest_space space;
	int fd;	    /* container */
	bool typed; /* SET_IOMMU done */
	struct {
		uint32_t id;
		int fd;
	} groups[NEST_TYPE1_GROUPS_MAX];
	size_t ngroups;
};

static inline struct nest_type1_space *nest_type1_space(struct nest_space *space)
{
	return container_of(space, struct nest_type1_space, space);
}

extern const struct nest_backend_ops nest_type1_ops;

/*
 * The open of nest_type1_ops, for a backend that embeds struct nest_type1_space at the start of a
 * structure of size bytes. The rest of that is cleared.
 */
int nest_type1_open(struct nest_ctx *ctx, const struct nest_mode *mode, size_t size,
		    struct nest_failure *failed, struct nest_space **ret_space);

/* The halves of attach: the group into the container and the type set; the device opened. */
int nest_type1_add_group(struct nest_space *space, struct nest_vdev *vdev, int *ret_group);
int nest_type1_open_device(struct nest_space *space, struct nest_vdev *vdev, int group);

/* The other ops, as in struct nest_backend_ops. */
int nest_type1_describe(struct nest_space *space, struct nest_vdev *vdev,
			struct nest_caps *ret_caps);
int nest_type1_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
		   unsigned int prot);
int nest_type1_unmap(struct nest_space *space, uint64_t iova, uint64_t len, uint64_t *ret_len);
int nest_type1_timed_map(struct nest_space *space, uint64_t iova, void *va, uint64_t len,
			 struct nest_timed *timed, uint64_t *unmap_samples);

/* Path of a group's node. */
#define NEST_GROUP_NODE "/dev/vfio/%u"

/*
 * VFIO_IOMMU_GET_INFO of a container that has a type: asks for the size, then for the answer, and
 * again if that has grown. -EMSGSIZE: longer than NEST_INFO_MAX; -EPROTO: it grew each time. failed
 * may be NULL.
 */
int nest_type1_info(struct nest_ctx *ctx, int container, struct nest_failure *failed,
		    struct nest_info *ret_info);

/* Undo step: takes the group out of its container. object is not used. */
int nest_type1_undo_unset(struct nest_ctx *ctx, void *object, uint64_t group_fd);

#endif
