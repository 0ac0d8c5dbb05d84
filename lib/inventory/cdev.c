// SPDX-License-Identifier: GPL-2.0-or-later
/* Where sysfs shows the nodes of VFIO devices. */
#include "inventory/cdev.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/sysfs.h"

static int take_entry(void *data, const char *name, unsigned char type)
{
	struct nest_cdev *cdev = data;

	(void)type;
	if (strncmp(name, "vfio", 4) || strlen(name) >= sizeof(cdev->entry))
		return 0;
	strcpy(cdev->entry, name);
	return 1;
}

int nest_cdev_find(struct nest_ctx *ctx, const char *dir, struct nest_cdev *ret)
{
	struct nest_cdev cdev = { 0 };
	char path[768];
	int err;

	snprintf(path, sizeof(path), "%s/vfio-dev", dir);
	err = nest_dir_each(&ctx->root, path, take_entry, &cdev);
	if (err < 0)
		return err;
	if (!*cdev.entry)
		return -ENOENT;
	snprintf(cdev.node, sizeof(cdev.node), "/dev/vfio/devices/%s", cdev.entry);
	*ret = cdev;
	/* Every kernel since 6.1 has the entry; only its "dev" file proves a node. */
	snprintf(path, sizeof(path), "%s/vfio-dev/%s/dev", dir, cdev.entry);
	return nest_root_has(&ctx->root, path) ? 0 : -ENXIO;
}
