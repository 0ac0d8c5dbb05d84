/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE door to sysfs, procfs and firmware tables. Every path is relative to a root
 * ("sys/class/iommu"). Below a root other than "/" a link never leads out of it, and only regular
 * files and folders are opened: paths are resolved by openat2(2) with RESOLVE_IN_ROOT, looked at,
 * and opened through /proc/self/fd. Where the kernel has no openat2, or /proc is not there, the
 * root is refused.
 */
#ifndef NEST_SYSFS_H
#define NEST_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "root.h"

#define NEST_ATTR_MAX 4096 /* an attribute of sysfs has a page at most */

/*
 * Opens the root directory; NULL means "/". -ENOSYS: path given and no openat2 or /proc here; else
 * the errno of the open. Owned by the caller: nest_root_close(), which takes a cleared or
 * half-opened root too.
 */
int nest_root_open(const char *path, struct nest_root *ret_root);
void nest_root_close(struct nest_root *root);

/*
 * Reads a whole attribute into buf and ends it with a NUL; trailing newlines are cut off. Returns
 * its length without the NUL (which may hold NULs itself), -EFBIG if it does not fit, or -errno. In
 * a captured tree -EOPNOTSUPP is what is neither a file nor a folder.
 */
ssize_t nest_attr_read(struct nest_root *root, const char *path, char *buf, size_t size);

/*
 * The same, binary: nothing is cut off, no NUL is added, and at most size bytes are read. *ret_cut,
 * if it is asked for, is whether the file goes on behind them. A file is read to its end or to
 * size, whatever one read(2) gives; one that fails in between is not read at all.
 */
ssize_t nest_attr_read_raw(struct nest_root *root, const char *path, void *buf, size_t size,
			   bool *ret_cut);

/*
 * A file as text with a NUL behind it, in memory that is to be freed; at most max bytes. NULL:
 * *ret_err is -errno of the read, or -ENOMEM.
 */
char *nest_file_read(struct nest_root *root, const char *path, size_t max, bool *ret_cut,
		     int *ret_err);

/* Reads one number and nothing else, as nest_parse_u64() does; or -errno of the read. */
int nest_attr_read_u64(struct nest_root *root, const char *path, int base, uint64_t *ret);

/* Text of a symbolic link, with a NUL. Returns its length, or -errno (-EINVAL: not a link). */
ssize_t nest_link_read(struct nest_root *root, const char *path, char *buf, size_t size);

/* Last component of a link's text, into buf. 0 or -errno. */
int nest_link_name(struct nest_root *root, const char *path, char *buf, size_t size);

/* stat(2), following links inside the root. 0 or -errno. */
int nest_root_stat(struct nest_root *root, const char *path, struct stat *ret_st);

/*
 * True if the path exists; false also if that is unknown. Where it matters use nest_root_stat().
 */
bool nest_root_has(struct nest_root *root, const char *path);

/* Is there such a program in the folders of root's PATH? False also if that is unknown. */
bool nest_root_has_program(struct nest_root *root, const char *name);

/*
 * Calls fn for each entry of a directory but "." and "..", in the kernel's order, with its d_type
 * (DT_UNKNOWN in a replay, and on some file systems). If fn returns a non-zero value, the walk ends
 * and returns it. -errno: the directory cannot be read. Walks may be nested.
 */
int nest_dir_each(struct nest_root *root, const char *path,
		  int (*fn)(void *data, const char *name, unsigned char type), void *data);

#endif
