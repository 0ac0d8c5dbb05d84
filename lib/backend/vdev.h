/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VFIO device fd: regions, config space, bus mastering, reset. The same for every backend,
 * which opens it in attach. All functions but nest_vdev_init() need that; they return 0 or -errno,
 * and say in vdev->failed which request it was.
 * Source: include/uapi/linux/vfio.h; PCI Local Bus Specification for the command register.
 */
#ifndef NEST_VDEV_H
#define NEST_VDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx.h"
#include "failure.h"

struct nest_space;

#define NEST_VDEV_REGIONS 9 /* six BARs, ROM, config space, VGA */

struct nest_vdev_region {
	uint64_t size, offset; /* size 0: not there */
	bool readable, writable, mappable;
};

struct nest_vdev {
	char name[64]; /* as on its bus: "0000:3a:00.0" */
	char bus[16];  /* "pci" */
	uint32_t group;
	int fd;			  /* -1 until attached */
	struct nest_space *space; /* NULL: not attached, or detached again */
	char node[64];	/* "/dev/vfio/devices/vfio3", "" where it is opened through its group */
	uint32_t devid; /* iommufd's id */
	struct nest_failure *failed; /* the caller's, may be NULL */

	/* filled by nest_vdev_describe() */
	bool described;
	bool pci, can_reset;
	bool reset_refused;	  /* EAGAIN at the end: the kernel had it locked */
	uint32_t nregions, nirqs; /* all there are; regions below has the first */
	struct nest_vdev_region regions[NEST_VDEV_REGIONS];
};

/* Opens nothing. Too long a name is cut, and found by no one. */
void nest_vdev_init(struct nest_vdev *vdev, const char *name, const char *bus, uint32_t group,
		    struct nest_failure *failed);

/* Asks for the device's flags and regions. A second call is no work. */
int nest_vdev_describe(struct nest_ctx *ctx, struct nest_vdev *vdev);

/*
 * Reads config space; -EIO for a short count, -EINVAL for what lies beyond the region. Values are
 * little-endian bytes.
 */
int nest_vdev_config_read(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t offset, void *buf,
			  size_t len);

/* Offset of an extended PCI capability; -ENOENT. The walk is bounded. */
int nest_vdev_ext_cap_find(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t id,
			   uint32_t *ret_offset);

/* Maps a whole BAR and pushes its unmapping. ret_len may be NULL. */
int nest_vdev_map_bar(struct nest_ctx *ctx, struct nest_vdev *vdev, unsigned int bar,
		      volatile void **ret_addr, size_t *ret_len);

/*
 * Switches memory decoding and bus mastering on, and pushes the return to the command register as
 * found. Without bus mastering a device's DMA is lost in silence, with no IOMMU fault.
 */
int nest_vdev_enable(struct nest_ctx *ctx, struct nest_vdev *vdev);

/* -ENOTTY: the device has no reset. */
int nest_vdev_reset(struct nest_ctx *ctx, struct nest_vdev *vdev);

#endif
