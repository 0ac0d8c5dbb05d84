// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads below a root without leaving it. */
#include "host/sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/beneath.h"
#include "host/source.h"
#include "number.h"
#include "util.h"

#define DENTS_SIZE (64 * 1024) /* thousands of groups in a few calls */
#define TRIES	   16	       /* of a read that signals end; not for ever, as in kernel/kernel.c */

/* The record of getdents64(2), which libc does not declare. */
struct dent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

/*
 * Files of procfs and sysfs give a page at most to one read(2): only a read of nothing is the end,
 * or the length of the file where that is known (not 0). With ret_cut one byte more is asked for
 * where the buffer is full.
 */
static ssize_t read_whole(int fd, size_t whole, char *buf, size_t size, bool *ret_cut)
{
	int tries = TRIES;
	size_t len = 0;
	char beyond;
	ssize_t n;

	if (ret_cut)
		*ret_cut = false;
	while ((len < size || ret_cut) && (!whole || len != whole)) {
		n = len < size ? read(fd, buf + len, size - len) : read(fd, &beyond, 1);
		if (n < 0 && errno == EINTR && --tries)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		if (len == size) {
			*ret_cut = true;
			break;
		}
		len += (size_t)n;
		tries = TRIES;
	}
	return (ssize_t)len;
}

ssize_t nest_attr_read_raw(struct nest_root *root, const char *path, void *buf, size_t size,
			   bool *ret_cut)
{
	size_t whole;
	ssize_t len;
	int fd;

	if (root->ops)
		return root->ops->read(root, path, buf, size, ret_cut);
	fd = nest_root_file(root, path, &whole);
	if (fd < 0)
		return fd;
	len = read_whole(fd, whole, buf, size, ret_cut);
	nest_root_finish(root, fd);
	return len;
}

char *nest_file_read(struct nest_root *root, const char *path, size_t max, bool *ret_cut,
		     int *ret_err)
{
	char *text = malloc(max + 1);
	ssize_t len = text ? nest_attr_read_raw(root, path, text, max, ret_cut) : -ENOMEM;

	*ret_err = len < 0 ? (int)len : 0;
	if (len < 0) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

/* Ends a text of len bytes (or -errno) in buf with a NUL, without its trailing newlines. */
static ssize_t end_text(char *buf, size_t size, ssize_t len)
{
	if (len < 0)
		return len;
	if ((size_t)len == size)
		return -EFBIG;
	while (len > 0 && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return len;
}

/* The least that one read(2) of an attribute gives, if it has so much. */
#define PAGE_LEAST 4096

ssize_t nest_fd_read(int fd, char *buf, size_t size)
{
	ssize_t len = size > PAGE_LEAST ? read(fd, buf, size) : -1;

	if (len < 0 || len >= PAGE_LEAST) {
		if (len > 0 && lseek(fd, 0, SEEK_SET) < 0)
			return -errno;
		len = read_whole(fd, 0, buf, size, NULL);
	}
	return end_text(buf, size, len);
}

ssize_t nest_attr_read(struct nest_root *root, const char *path, char *buf, size_t size)
{
	return end_text(buf, size, nest_attr_read_raw(root, path, buf, size, NULL));
}

int nest_attr_read_u64(struct nest_root *root, const char *path, int base, uint64_t *ret)
{
	char text[128];
	ssize_t len = nest_attr_read(root, path, text, sizeof(text));

	if (len < 0)
		return len == -EFBIG ? -EINVAL : (int)len;
	if ((size_t)len != strlen(text))
		return -EINVAL;
	return nest_parse_u64(text, base, ret);
}

ssize_t nest_link_at(int fd, const char *name, char *buf, size_t size)
{
	ssize_t len = readlinkat(fd, name, buf, size);

	if (len < 0)
		return -errno;
	if ((size_t)len == size)
		return -ENAMETOOLONG;
	buf[len] = '\0';
	return len;
}

ssize_t nest_link_read(struct nest_root *root, const char *path, char *buf, size_t size)
{
	char full[PATH_MAX];
	ssize_t len;
	int fd;

	if (root->ops)
		return root->ops->link(root, path, buf, size);
	if (!nest_root_confined(root) || nest_root_proven(root, path))
		return nest_link_at(root->fd, nest_root_plain(root, path, full), buf, size);
	/* The components before the link must not leave the tree either. */
	fd = nest_root_resolve(root, path, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	len = nest_link_at(fd, "", buf, size);
	close(fd);
	/* An empty path on a file that is not a link. */
	return len == -ENOENT ? -EINVAL : len;
}

int nest_link_last(const char *text, ssize_t len, char *buf, size_t size)
{
	const char *name;

	if (len < 0)
		return (int)len;
	name = strrchr(text, '/');
	name = name ? name + 1 : text;
	if (!*name || strlen(name) >= size)
		return -EINVAL;
	strcpy(buf, name);
	return 0;
}

int nest_link_name(struct nest_root *root, const char *path, char *buf, size_t size)
{
	char text[NEST_ATTR_MAX];

	return nest_link_last(text, nest_link_read(root, path, text, sizeof(text)), buf, size);
}

int nest_root_stat(struct nest_root *root, const char *path, struct stat *ret_st)
{
	char full[PATH_MAX];
	int err = 0;
	int fd;

	if (root->ops)
		return root->ops->stat(root, path, ret_st);
	if (!nest_root_confined(root))
		return fstatat(root->fd, nest_root_plain(root, path, full), ret_st, 0) ? -errno : 0;
	fd = nest_root_resolve(root, path, O_PATH);
	if (fd < 0)
		return fd;
	if (fstat(fd, ret_st))
		err = -errno;
	close(fd);
	return err;
}

bool nest_root_has(struct nest_root *root, const char *path)
{
	struct stat st;

	return !nest_root_stat(root, path, &st);
}

bool nest_root_has_program(struct nest_root *root, const char *name)
{
	static const char *const folders[] = { "usr/sbin", "usr/bin", "usr/local/sbin", "sbin" };
	char path[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (nest_root_has(root, path))
			return true;
	}
	return false;
}

static int walk(const char *buf, ssize_t len, int (*fn)(void *, const char *, unsigned char),
		void *data)
{
	const char *p = buf;
	int err;

	while (p < buf + len) {
		const struct dent *dent = (const struct dent *)p;

		p += dent->reclen;
		if (!strcmp(dent->name, ".") || !strcmp(dent->name, ".."))
			continue;
		err = fn(data, dent->name, dent->type);
		if (err)
			return err;
	}
	return 0;
}

int nest_dir_each(struct nest_root *root, const char *path,
		  int (*fn)(void *data, const char *name, unsigned char type), void *data)
{
	bool shared = !root->dents_busy;
	char *buf;
	ssize_t len;
	int err = 0;
	int fd;

	if (root->ops)
		return root->ops->list(root, path, fn, data);
	fd = nest_root_resolve(root, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd;
	/* Plain getdents64: opendir(3) would cost an fstat and a 32 KiB allocation each. */
	if (shared && !root->dents)
		root->dents = malloc(DENTS_SIZE);
	buf = shared ? root->dents : malloc(DENTS_SIZE);
	if (!buf) {
		close(fd);
		return -ENOMEM;
	}
	if (shared)
		root->dents_busy = true;
	do {
		len = syscall(SYS_getdents64, fd, buf, DENTS_SIZE);
		if (len < 0)
			err = -errno;
		else
			err = walk(buf, len, fn, data);
	} while (len > 0 && !err);
	if (shared)
		root->dents_busy = false;
	else
		free(buf);
	close(fd);
	return err;
}
