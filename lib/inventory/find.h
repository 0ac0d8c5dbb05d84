/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an argument names: the spellings that people copy from other tools. */
#ifndef NEST_FIND_H
#define NEST_FIND_H

#include "ctx.h"
#include "model.h"

struct nest_named {
	const struct nest_device *dev;	/* or */
	const struct nest_group *group; /* or */
	const struct nest_unit *unit;
	/*
	 * None of them, because more than one device is meant: a clause that lists them, in the
	 * model's pool. NULL: nothing has this name.
	 */
	const char *ambiguous;
};

/*
 * A device by its PCI address (domain 0000 may be left out), its name on its bus, libvirt's name
 * (pci_0000_3a_00_0), a path in sysfs, its node (/dev/vfio/devices/vfio3), or its numbers where no
 * other device has them (8086:0b25). A group by its number, its node (/dev/vfio/12), or a path in
 * sysfs. A unit by its name or a path in sysfs.
 */
struct nest_named nest_find(struct nest_ctx *ctx, struct nest_model *model, const char *text);

/* The same where a device is needed: a node or path of a group names the one device in it. */
struct nest_named nest_find_device(struct nest_ctx *ctx, struct nest_model *model,
				   const char *text);

#endif
