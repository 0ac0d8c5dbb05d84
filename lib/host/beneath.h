/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How files below a root are opened without leaving it. Only the files of host/ that are the door
 * to sysfs include this: sysfs.c and held.c.
 */
#ifndef NEST_BENEATH_H
#define NEST_BENEATH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>

#include "root.h"

/* Can a link of the root's lead elsewhere? So in all but this host's own "/". */
bool nest_root_confined(const struct nest_root *root);

/* Is the directory of path proven to lie inside the root? */
bool nest_root_proven(const struct nest_root *root, const char *path);

/*
 * The path for a plain call: on a live host an absolute one, since umockdev redirects only absolute
 * paths of sysfs.
 */
const char *nest_root_plain(const struct nest_root *root, const char *path, char buf[PATH_MAX]);

/* Opens below the root. A descriptor or -errno. */
int nest_root_resolve(struct nest_root *root, const char *path, int flags);

/*
 * Opens a folder below the root if no link is on the way to it. A descriptor (O_PATH) or -errno. A
 * live host is trusted: there links are followed.
 */
int nest_root_folder(struct nest_root *root, const char *path);

/*
 * Opens a file for reading. A tree from elsewhere may hold a device node or a FIFO anywhere, and to
 * open one can have an effect or wait: there the file is looked at first, and only a regular one is
 * opened. *ret_size is its length, or 0: not known.
 */
int nest_root_file(struct nest_root *root, const char *path, size_t *ret_size);

/*
 * Opens a file below a folder, after a look at it unless the folder is one of sysfs, which has no
 * other files. No link is followed, nor another file system entered, that is mounted there. A
 * descriptor or -errno.
 */
int nest_root_below(struct nest_root *root, int dir, const char *path, bool look);

/*
 * Text of an open attribute of sysfs, as nest_attr_read() gives it (in sysfs.c). If buf has room
 * for more than a page, one read(2) is enough for what is shorter than a page.
 */
ssize_t nest_fd_read(int fd, char *buf, size_t size);

/* Text of a link in the folder fd, with a NUL (in sysfs.c). Its length, or -errno. */
ssize_t nest_link_at(int fd, const char *name, char *buf, size_t size);

/* Last component of a link's text of len bytes (or -errno) (in sysfs.c). 0 or -errno. */
int nest_link_last(const char *text, ssize_t len, char *buf, size_t size);

/* Closes a descriptor, later and many at once. */
void nest_root_finish(struct nest_root *root, int fd);

#endif
