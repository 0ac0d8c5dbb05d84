/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The node that a device has of its own for iommufd, as sysfs names it. */
#ifndef NEST_CDEV_H
#define NEST_CDEV_H

#include "ctx.h"

struct nest_cdev {
	char entry[32]; /* "vfio3", in the device's folder vfio-dev */
	char node[64];	/* "/dev/vfio/devices/vfio3" */
};

/*
 * Looks in the device's folder below the root ("sys/bus/pci/devices/0000:3a:00.0"). 0; -ENOENT: the
 * device is bound to no VFIO driver, or the kernel is older than 6.1; -ENXIO: it has an entry and
 * the kernel makes no device nodes (CONFIG_VFIO_DEVICE_CDEV), ret is filled all the same; or the
 * errno of the folder.
 */
int nest_cdev_find(struct nest_ctx *ctx, const char *dir, struct nest_cdev *ret);

#endif
