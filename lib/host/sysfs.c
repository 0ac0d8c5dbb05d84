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

#include "host/source.h"
#include "number.h"
#include "uapi/openat2.h"

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

static bool confined(const struct nest_root *root)
{
	return root->kind != NEST_SOURCE_LIVE;
}

/* Length of the directory part of path; 0: too long for root->proven. */
static size_t directory(const struct nest_root *root, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	return len < sizeof(root->proven) ? len : 0;
}

/* Is the directory of path proven to lie inside the root? */
static bool proven(const struct nest_root *root, const char *path)
{
	size_t len = directory(root, path);

	return len && !strncmp(root->proven, path, len) && !root->proven[len];
}

/*
 * The path for a plain call: on a live host an absolute one, since umockdev redirects only absolute
 * paths of sysfs.
 */
static const char *plain(const struct nest_root *root, const char *path, char buf[PATH_MAX])
{
	if (confined(root))
		return path;
	buf[0] = '/';
	if (!memccpy(buf + 1, path, '\0', PATH_MAX - 1))
		buf[PATH_MAX - 1] = '\0'; /* cut: no file has such a path */
	return buf;
}

/*
 * EAGAIN: the kernel could not prove that a ".." stays inside, because of a rename anywhere in the
 * system. Try again, but not forever.
 */
static int scoped_open(int dir, const char *path, struct nest_open_how *how)
{
	int tries = 1000;
	int fd;

	do {
		fd = (int)syscall(NEST_SYS_OPENAT2, dir, path, how, sizeof(*how));
	} while (fd < 0 && errno == EAGAIN && --tries);
	return fd < 0 ? -errno : fd;
}

/*
 * Closes many descriptors at once: close(2) would be a third of all system calls. close_range(2)
 * gets only ranges without a descriptor of other code.
 */
static void close_done(struct nest_root *root)
{
	size_t i, end;

	for (i = 0; i < root->ndone; i = end) {
		for (end = i + 1; end < root->ndone && root->done[end] == root->done[end - 1] + 1;
		     end++)
			;
		if (end - i > 1 && !syscall(SYS_close_range, root->done[i], root->done[end - 1], 0))
			continue;
		for (; i < end; i++)
			close(root->done[i]);
	}
	root->ndone = 0;
}

static void finish(struct nest_root *root, int fd)
{
	root->done[root->ndone++] = fd;
	if (root->ndone == NEST_FDS_HELD)
		close_done(root);
}

static int open_once(struct nest_root *root, const char *path, int flags)
{
	char buf[PATH_MAX];
	struct nest_open_how how = {
		.flags = (uint64_t)flags | O_CLOEXEC,
		.resolve = NEST_RESOLVE_BENEATH | NEST_RESOLVE_NO_MAGICLINKS,
	};
	size_t len;
	int fd;

	if (!confined(root)) {
		fd = openat(root->fd, plain(root, path, buf), flags | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	/*
	 * RESOLVE_BENEATH walks as a plain open does, but fails where that would leave the root. So
	 * success proves that plain calls on the same directory stay inside: nest_link_read() saves
	 * two system calls a device by that. An absolute link starts at the root of the tree.
	 */
	fd = scoped_open(root->fd, path, &how);
	if (fd >= 0) {
		len = directory(root, path);
		memcpy(root->proven, path, len);
		root->proven[len] = '\0';
		return fd;
	}
	if (fd != -EXDEV)
		return fd;
	how.resolve = NEST_RESOLVE_IN_ROOT | NEST_RESOLVE_NO_MAGICLINKS;
	return scoped_open(root->fd, path, &how);
}

static int resolve(struct nest_root *root, const char *path, int flags)
{
	int fd = open_once(root, path, flags);

	if (fd != -EMFILE || !root->ndone)
		return fd;
	close_done(root);
	return open_once(root, path, flags);
}

/* Opens for reading what looked_at, an O_PATH descriptor, stands for: nothing can come between. */
static int open_looked_at(int looked_at)
{
	char link[64];
	int fd;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", looked_at);
	fd = open(link, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * Opens a file. A tree from elsewhere may hold a device node or a FIFO anywhere, and to open one
 * can have an effect or wait: there the file is looked at first, and only a regular one is opened.
 * *ret_size is its length, or 0: not known.
 */
static int open_file(struct nest_root *root, const char *path, size_t *ret_size)
{
	struct stat st;
	int looked_at, fd;

	*ret_size = 0;
	if (!confined(root))
		return resolve(root, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	looked_at = resolve(root, path, O_PATH);
	if (looked_at < 0)
		return looked_at;
	if (fstat(looked_at, &st))
		fd = -errno;
	else if (!S_ISREG(st.st_mode))
		fd = S_ISDIR(st.st_mode) ? -EISDIR : -EOPNOTSUPP;
	else
		fd = open_looked_at(looked_at);
	if (fd == -EMFILE && root->ndone) {
		close_done(root);
		fd = open_looked_at(looked_at);
	}
	if (fd >= 0)
		*ret_size = (size_t)st.st_size;
	finish(root, looked_at);
	return fd;
}

/*
 * Without openat2 a link in the tree could lead anywhere, and without /proc no file is opened:
 * better no answer.
 */
static int try_confinement(struct nest_root *root)
{
	int probe = resolve(root, ".", O_PATH), fd;

	if (probe < 0)
		return probe;
	fd = open_looked_at(probe);
	close(probe);
	if (fd >= 0)
		close(fd);
	return fd == -ENOENT ? -ENOSYS : 0;
}

int nest_root_open(const char *path, struct nest_root *ret_root)
{
	struct nest_root root = { .kind = path ? NEST_SOURCE_SYSROOT : NEST_SOURCE_LIVE };
	int err;

	root.fd = open(path ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root.fd < 0)
		return -errno;
	err = confined(&root) ? try_confinement(&root) : 0;
	if (err) {
		close(root.fd);
		return err;
	}
	*ret_root = root;
	return 0;
}

void nest_root_close(struct nest_root *root)
{
	close_done(root);
	if (root->fd > 0)
		close(root->fd);
	free(root->dents);
	memset(root, 0, sizeof(*root));
}

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
	fd = open_file(root, path, &whole);
	if (fd < 0)
		return fd;
	len = read_whole(fd, whole, buf, size, ret_cut);
	finish(root, fd);
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

ssize_t nest_attr_read(struct nest_root *root, const char *path, char *buf, size_t size)
{
	ssize_t len = nest_attr_read_raw(root, path, buf, size, NULL);

	if (len < 0)
		return len;
	if ((size_t)len == size)
		return -EFBIG;
	while (len > 0 && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return len;
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

ssize_t nest_link_read(struct nest_root *root, const char *path, char *buf, size_t size)
{
	char full[PATH_MAX];
	ssize_t len;
	int fd;

	if (root->ops)
		return root->ops->link(root, path, buf, size);
	if (!confined(root) || proven(root, path)) {
		len = readlinkat(root->fd, plain(root, path, full), buf, size);
	} else {
		/* The components before the link must not leave the tree either. */
		fd = resolve(root, path, O_PATH | O_NOFOLLOW);
		if (fd < 0)
			return fd;
		len = readlinkat(fd, "", buf, size);
		if (len < 0 && errno == ENOENT)
			errno = EINVAL; /* an empty path on a file that is not a link */
		close(fd);
	}
	if (len < 0)
		return -errno;
	if ((size_t)len == size)
		return -ENAMETOOLONG;
	buf[len] = '\0';
	return len;
}

int nest_link_name(struct nest_root *root, const char *path, char *buf, size_t size)
{
	char text[NEST_ATTR_MAX];
	ssize_t len = nest_link_read(root, path, text, sizeof(text));
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

int nest_root_stat(struct nest_root *root, const char *path, struct stat *ret_st)
{
	char full[PATH_MAX];
	int err = 0;
	int fd;

	if (root->ops)
		return root->ops->stat(root, path, ret_st);
	if (!confined(root))
		return fstatat(root->fd, plain(root, path, full), ret_st, 0) ? -errno : 0;
	fd = resolve(root, path, O_PATH);
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
	fd = resolve(root, path, O_RDONLY | O_DIRECTORY);
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
