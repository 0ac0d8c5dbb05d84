/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The region of a VFIO device that receives faults, and its interrupt. Only the out-of-tree series
 * have them, so they are used only where a revision is recognised.
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
	uint8_t *map;		  /* part of the region; NULL: use pread */
	uint64_t map_at, map_len; /* from the region's start */
	struct nest_faultring ring;
};

/*
 * Finds the region of that type. Sets an eventfd for its interrupt, if there is one, and maps the
 * entries, if the kernel allows it. Pushes the inverses; *ret must outlive them. -EOPNOTSUPP: the
 * device has no such region.
 */
int nest_vdev_fault_open(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t region_type,
			 struct nest_vdev_fault *ret);

/* Runs the inverses now. */
int nest_vdev_fault_close(struct nest_ctx *ctx, struct nest_vdev_fault *fault);

/*
 * Waits up to timeout_ms for page requests. After the timeout 0 with a count of 0. Other entries
 * are skipped. -EPROTO: the ring is inconsistent; -EINTR: a signal came.
 */
int nest_vdev_fault_take(struct nest_ctx *ctx, struct nest_vdev_fault *fault, int timeout_ms,
			 struct nest_s1_fault *buf, size_t room, size_t *ret_count);

#endif
