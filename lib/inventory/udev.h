/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE includer of libudev: names out of udev's hardware database, and (inventory/devices.h)
 * enumeration of a live host. The database knows identifiers, not hosts, so it serves captured
 * trees as well.
 */
#ifndef NEST_UDEV_H
#define NEST_UDEV_H

#include "ctx.h"
#include "model.h"

/*
 * Fills vendor_name, model_name and class_name of every PCI device, asking once for each
 * identifier. A host without the database leaves them NULL. A report carries the names its host
 * gave. 0 or -ENOMEM.
 */
int nest_udev_name_devices(struct nest_ctx *ctx, struct nest_model *model);

#endif
