/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders of sysfs that are held open while many files below them are read. The kernel then walks
 * one name a file and not a path, and the bus's link of each device is not followed. Held folders
 * never lead out of the root; what cannot be held is read by its path (host/sysfs.h).
 */
#ifndef NEST_HELD_H
#define NEST_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "root.h"

#define NEST_HELD_PATH 512

struct nest_held {
	bool held;		   /* false: it is asked by its path */
	bool look;		   /* at each file before it is opened: it may not be one */
	int fd;			   /* if held */
	char path[NEST_HELD_PATH]; /* below the root */
};

/*
 * Holds a folder if no link is on the way to it. Not where answers are kept or replayed, so that
 * they have the paths that were asked: there what is asked of it is asked by path. path is shorter
 * than NEST_HELD_PATH.
 */
void nest_hold(struct nest_root *root, const char *path, struct nest_held *ret_held);
void nest_hold_release(struct nest_root *root, struct nest_held *held);

/*
 * Text of an attribute ("0000:00:02.0/uevent"), as nest_attr_read() gives it: its length or
 * -errno. nest_held_try() follows no link in a held folder: success shows that no component of the
 * name is one.
 */
ssize_t nest_held_read(struct nest_root *root, const struct nest_held *held, const char *name,
		       char *buf, size_t size);
ssize_t nest_held_try(struct nest_root *root, const struct nest_held *held, const char *name,
		      char *buf, size_t size);

/*
 * Last component of a link's text, as nest_link_name() gives it. If the folder is held, the caller
 * knows that the components before the last are no links. 0 or -errno.
 */
int nest_held_link_name(struct nest_root *root, const struct nest_held *held, const char *name,
			char *buf, size_t size);

/*
 * Holds the folder that a link of from (in which name is the link's) leads into, unless it is held
 * already: a bus has a link for each device, and devices of one bus share a folder. The link's last
 * component must be its name. True if held.
 */
bool nest_hold_parent(struct nest_root *root, const struct nest_held *from, const char *name,
		      struct nest_held *held);

/*
 * The path of the folder in which text, a link in the folder base, ends: "sys/bus/pci/devices" and
 * "../../../devices/pci0000:00/0000:00:02.0" are "sys/devices/pci0000:00". False unless the link is
 * relative, goes up first and only then down, stays below the root and ends with name.
 */
bool nest_link_parent(const char *base, const char *text, const char *name,
		      char ret_path[NEST_HELD_PATH]);

#endif
