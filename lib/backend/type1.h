/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What backend/type1.c shares with the probes of containers and groups; nobody else includes it. */
#ifndef NEST_BACKEND_TYPE1_H
#define NEST_BACKEND_TYPE1_H

#include "backend/backend.h"
#include "backend/infocap.h"

extern const struct nest_backend_ops nest_type1_ops;

/* The same with the first stage of backend/abi2020/gpasid.h; attach recognises the revision, or
 * fails. */
extern const struct nest_backend_ops nest_type1_gpasid_ops;

/* Path of a group's node. */
#define NEST_GROUP_NODE "/dev/vfio/%u"

/*
 * VFIO_IOMMU_GET_INFO of a container whose type is set: asks for the size, then for the whole,
 * again if it grew in between. -EMSGSIZE if the kernel wants more than NEST_INFO_MAX, -EPROTO if it
 * never settles. failed may be NULL.
 */
int nest_type1_info(struct nest_ctx *ctx, int container, struct nest_failure *failed,
		    struct nest_info *ret_info);

/* Undo step: takes the group out of its container. object is not used. */
int nest_type1_undo_unset(struct nest_ctx *ctx, void *object, uint64_t group_fd);

#endif
