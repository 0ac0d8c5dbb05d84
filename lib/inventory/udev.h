/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE includer of libudev: names out of udev's hardware database where host/hwdb.h cannot tell, and
 * (inventory/devices.h) enumeration of a live host. The database is about identifiers, not hosts,
 * so it serves captured trees too.
 */
#ifndef NEST_UDEV_H
#define NEST_UDEV_H

#include "ctx.h"
#include "model.h"

/*
 * Fills vendor_name, model_name and class_name of every PCI device, asking once for each
 * identifier. A host without the database leaves them NULL. Reports hold the names of their
 * host. 0 or -ENOMEM.
 */
int nest_udev_name_devices(struct nest_ctx *ctx, struct nest_model *model);

/* The same for this device and the members of this group alone; NULL: none. */
int nest_udev_name_some(struct nest_ctx *ctx, struct nest_model *model,
			const struct nest_device *dev, const struct nest_group *group);

#endif
