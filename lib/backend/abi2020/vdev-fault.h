/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The region of a VFIO device in which faults arrive, and the interrupt that says so: of the
 * out-of-tree series, and only asked for where one of them has been recognised.
 */
#ifndef NEST_VDEV_FAULT_H
#define NEST_VDEV_FAULT_H

#include "backend/abi2020/faultring.h"
#include "backend/vdev.h"

struct nest_vdev_fault {
	struct nest_vdev *vdev;
	uint64_t at, size; /* the region in the device's file, and its bytes */
	uint32_t irq;
	int event;		  /* eventfd, -1: none */
	uint8_t *map;		  /* part of the region, or NULL: it is read */
	uint64_t map_at, map_len; /* from the region's start */
	struct nest_faultring ring;
};

/*
 * Finds the region of that type, and its interrupt if there is one, has it raise an eventfd, and
 * maps the entries if the kernel allows it. Pushes the inverses; *ret must outlive them.
 * -EOPNOTSUPP: no such region.
 */
int nest_vdev_fault_open(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t region_type,
			 struct nest_vdev_fault *ret);

/* Takes the inverses off the stack and runs them. */
int nest_vdev_fault_close(struct nest_ctx *ctx, struct nest_vdev_fault *fault);

/*
 * Page requests that wait, after timeout_ms at most; 0 with a count of 0 when none came. Entries of
 * another kind are passed over. -EPROTO: the ring cannot be right; -EINTR: a signal came.
 */
int nest_vdev_fault_take(struct nest_ctx *ctx, struct nest_vdev_fault *fault, int timeout_ms,
			 struct nest_s1_fault *buf, size_t room, size_t *ret_count);

#endif
