/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VFIO device fd: regions, config space, bus mastering, reset. Each backend opens it in attach,
 * before any function here but nest_vdev_init(). They return 0 or -errno; vdev->failed then holds
 * the stage.
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
	uint64_t size, offset; /* size 0: the device has no such region */
	bool readable, writable, mappable;
};

/*
 * The secret that a physical function and its virtual functions have in common, if all are bound
 * to vfio-pci.
 */
#define NEST_VF_TOKEN_TEXT 37
struct nest_vf_token {
	char text[NEST_VF_TOKEN_TEXT]; /* "bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3" */
	uint8_t uuid[16];
};

/* Reads a UUID. 0, or -EINVAL, and nothing is written then. */
int nest_vf_token_parse(const char *text, struct nest_vf_token *ret_token);

struct nest_vdev {
	char name[64]; /* as on its bus: "0000:3a:00.0" */
	char bus[16];  /* "pci" */
	uint32_t group;
	const struct nest_vf_token *token; /* to open it with, or NULL */
	int fd;				   /* -1 until attached */
	struct nest_space *space;	   /* NULL: not attached, or detached again */
	char node[64];		     /* "/dev/vfio/devices/vfio3"; "": opened through its group */
	uint32_t devid;		     /* iommufd's id */
	struct nest_failure *failed; /* the caller's, may be NULL */
	const char *no_hw_info;	     /* the caller's: why GET_HW_INFO is not asked, or NULL */

	/* filled by nest_vdev_describe() */
	bool described;
	bool pci, can_reset;
	bool reset_refused;	  /* by EAGAIN at the end: the kernel had it locked */
	uint32_t nregions, nirqs; /* of the device; regions below holds the first */
	struct nest_vdev_region regions[NEST_VDEV_REGIONS];
};

/* Opens nothing. A name that is too long is cut, and matches no device. */
void nest_vdev_init(struct nest_vdev *vdev, const char *name, const char *bus, uint32_t group,
		    struct nest_failure *failed);

/* Asks for the device's flags and regions. A second call does nothing. */
int nest_vdev_describe(struct nest_ctx *ctx, struct nest_vdev *vdev);

/*
 * Reads config space; -EIO: a short count; -EINVAL: beyond the region. Values are
 * little-endian bytes.
 */
int nest_vdev_config_read(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t offset, void *buf,
			  size_t len);

/* Offset of an extended PCI capability; -ENOENT. The walk is bounded. */
int nest_vdev_ext_cap_find(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t id,
			   uint32_t *ret_offset);

/*
 * Does it answer no more? All ones, which no status register holds, or no answer at all. The kernel
 * emulates bits of other registers even for a device that was pulled out.
 */
bool nest_vdev_is_gone(struct nest_ctx *ctx, struct nest_vdev *vdev);

/* Maps a whole BAR and pushes its unmapping. ret_len may be NULL. */
int nest_vdev_map_bar(struct nest_ctx *ctx, struct nest_vdev *vdev, unsigned int bar,
		      volatile void **ret_addr, size_t *ret_len);

/*
 * Enables memory decoding and bus mastering, and pushes the restore of the command register.
 * Without bus mastering the DMA of a device is lost, without an IOMMU fault.
 */
int nest_vdev_enable(struct nest_ctx *ctx, struct nest_vdev *vdev);

/*
 * Switches memory decoding off, and pushes its restore, for which *ret_command is. Until then no
 * register behind a BAR may be accessed: that ends the program with SIGBUS.
 */
int nest_vdev_decode_off(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t *ret_command);

/*
 * The restore, now; a second time if it fails. 0 or -errno of the first one. *ret_off: it is off
 * still.
 */
int nest_vdev_decode_back(struct nest_ctx *ctx, struct nest_vdev *vdev, uint16_t command,
			  bool *ret_off);

/* -ENOTTY: the device has no reset. */
int nest_vdev_reset(struct nest_ctx *ctx, struct nest_vdev *vdev);

#endif
