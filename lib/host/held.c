// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads below folders that are held open. */
#include "host/held.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "host/beneath.h"
#include "host/sysfs.h"

#define NEST_SYSFS_MAGIC 0x62656572 /* include/uapi/linux/magic.h */

void nest_hold(struct nest_root *root, const char *path, struct nest_held *ret_held)
{
	struct statfs fs;
	int fd;

	ret_held->held = false;
	strcpy(ret_held->path, path);
	if (root->ops)
		return;
	fd = nest_root_folder(root, path);
	if (fd < 0)
		return;
	/*
	 * The kernel's sysfs has only regular files, folders and links; a copy may have anything.
	 * What a live host has at /sys is its sysfs.
	 */
	ret_held->look =
		nest_root_confined(root) && (fstatfs(fd, &fs) || fs.f_type != NEST_SYSFS_MAGIC);
	ret_held->fd = fd;
	ret_held->held = true;
}

void nest_hold_release(struct nest_root *root, struct nest_held *held)
{
	if (held->held)
		nest_root_finish(root, held->fd);
	held->held = false;
}

static void path_of(const struct nest_held *held, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", held->path, name);
}

ssize_t nest_held_try(struct nest_root *root, const struct nest_held *held, const char *name,
		      char *buf, size_t size)
{
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	if (!held->held) {
		path_of(held, name, path);
		return nest_attr_read(root, path, buf, size);
	}
	fd = nest_root_below(root, held->fd, name, held->look);
	if (fd < 0)
		return fd;
	len = nest_fd_read(fd, buf, size);
	nest_root_finish(root, fd);
	return len;
}

ssize_t nest_held_read(struct nest_root *root, const struct nest_held *held, const char *name,
		       char *buf, size_t size)
{
	ssize_t len = nest_held_try(root, held, name, buf, size);
	char path[PATH_MAX];

	/* If something is there, it may be a link, which the path follows inside the root. */
	if (len >= 0 || len == -ENOENT || !held->held)
		return len;
	path_of(held, name, path);
	return nest_attr_read(root, path, buf, size);
}

int nest_held_link_name(struct nest_root *root, const struct nest_held *held, const char *name,
			char *buf, size_t size)
{
	char text[NEST_ATTR_MAX];

	if (held->held)
		return nest_link_last(text, nest_link_at(held->fd, name, text, sizeof(text)), buf,
				      size);
	path_of(held, name, text);
	return nest_link_name(root, text, buf, size);
}

bool nest_link_parent(const char *base, const char *text, const char *name,
		      char ret_path[NEST_HELD_PATH])
{
	const char *last = strrchr(text, '/'), *at;
	size_t kept = strlen(base), len;

	if (!last || strcmp(last + 1, name) != 0)
		return false;
	for (; !strncmp(text, "../", 3); text += 3) {
		if (!kept)
			return false;
		while (kept && base[--kept] != '/')
			;
	}
	if (text > last)
		return false;
	/* Down, each component a name. */
	for (at = text; at < last; at += len + 1) {
		len = strcspn(at, "/");
		if (!len || (at[0] == '.' && (len == 1 || (len == 2 && at[1] == '.'))))
			return false;
	}
	if (at != last + 1)
		return false;
	len = (size_t)(last - text);
	if (kept + 1 + len >= NEST_HELD_PATH)
		return false;
	memcpy(ret_path, base, kept);
	if (kept)
		ret_path[kept++] = '/';
	memcpy(ret_path + kept, text, len);
	ret_path[kept + len] = '\0';
	return true;
}

bool nest_hold_parent(struct nest_root *root, const struct nest_held *from, const char *name,
		      struct nest_held *held)
{
	char text[NEST_ATTR_MAX], path[NEST_HELD_PATH];

	if (from->held && nest_link_at(from->fd, name, text, sizeof(text)) > 0 &&
	    nest_link_parent(from->path, text, name, path)) {
		if (held->held && !strcmp(held->path, path))
			return true;
		nest_hold_release(root, held);
		nest_hold(root, path, held);
	} else {
		nest_hold_release(root, held);
	}
	return held->held;
}
