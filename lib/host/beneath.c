// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens below a root without leaving it. */
#include "host/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/sysfs.h"
#include "uapi/openat2.h"

/* Does not wait, nor take over a terminal, whatever stands there. */
#define READING (O_RDONLY | O_NOCTTY | O_NONBLOCK)

bool nest_root_confined(const struct nest_root *root)
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

bool nest_root_proven(const struct nest_root *root, const char *path)
{
	size_t len = directory(root, path);

	return len && !strncmp(root->proven, path, len) && !root->proven[len];
}

const char *nest_root_plain(const struct nest_root *root, const char *path, char buf[PATH_MAX])
{
	if (nest_root_confined(root))
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

void nest_root_finish(struct nest_root *root, int fd)
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

	if (!nest_root_confined(root)) {
		fd = openat(root->fd, nest_root_plain(root, path, buf), flags | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	/*
	 * NEST_RESOLVE_BENEATH walks as a plain open does, but fails where that would leave the
	 * root. So success proves that plain calls on the same directory stay inside:
	 * nest_link_read() saves two system calls a device by that. An absolute link starts at the
	 * root of the tree.
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

int nest_root_resolve(struct nest_root *root, const char *path, int flags)
{
	int fd = open_once(root, path, flags);

	if (fd != -EMFILE || !root->ndone)
		return fd;
	close_done(root);
	return open_once(root, path, flags);
}

/* Opens for reading what looked_at, an O_PATH descriptor, stands for: nothing can come between. */
static int open_looked_at(const struct nest_root *root, int looked_at)
{
	char number[16];
	int fd;

	snprintf(number, sizeof(number), "%d", looked_at);
	fd = openat(root->own_fds, number, READING | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The same if it is a regular file, whose length is *ret_size then. Takes looked_at, or -errno. */
static int open_regular(struct nest_root *root, int looked_at, size_t *ret_size)
{
	struct stat st;
	int fd;

	if (looked_at < 0)
		return looked_at;
	if (fstat(looked_at, &st))
		fd = -errno;
	else if (!S_ISREG(st.st_mode))
		fd = S_ISDIR(st.st_mode) ? -EISDIR : -EOPNOTSUPP;
	else
		fd = open_looked_at(root, looked_at);
	if (fd == -EMFILE && root->ndone) {
		close_done(root);
		fd = open_looked_at(root, looked_at);
	}
	if (fd >= 0)
		*ret_size = (size_t)st.st_size;
	nest_root_finish(root, looked_at);
	return fd;
}

int nest_root_folder(struct nest_root *root, const char *path)
{
	struct nest_open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = NEST_RESOLVE_BENEATH | NEST_RESOLVE_NO_SYMLINKS,
	};

	if (!nest_root_confined(root))
		return nest_root_resolve(root, path, O_PATH | O_DIRECTORY);
	return scoped_open(root->fd, path, &how);
}

static int open_below(struct nest_root *root, int dir, const char *path, int flags)
{
	struct nest_open_how how = {
		.flags = (uint64_t)flags | O_CLOEXEC,
		.resolve = NEST_RESOLVE_BENEATH | NEST_RESOLVE_NO_SYMLINKS | NEST_RESOLVE_NO_XDEV,
	};
	int fd;

	if (nest_root_confined(root))
		return scoped_open(dir, path, &how);
	fd = openat(dir, path, (int)how.flags);
	return fd < 0 ? -errno : fd;
}

int nest_root_below(struct nest_root *root, int dir, const char *path, bool look)
{
	int flags = look ? O_PATH : READING;
	int fd = open_below(root, dir, path, flags);
	size_t size;

	if (fd == -EMFILE && root->ndone) {
		close_done(root);
		fd = open_below(root, dir, path, flags);
	}
	return look ? open_regular(root, fd, &size) : fd;
}

int nest_root_file(struct nest_root *root, const char *path, size_t *ret_size)
{
	*ret_size = 0;
	if (!nest_root_confined(root))
		return nest_root_resolve(root, path, READING);
	return open_regular(root, nest_root_resolve(root, path, O_PATH), ret_size);
}

/*
 * Without openat2 a link in the tree could lead anywhere, and without /proc no file is opened:
 * better no answer.
 */
static int try_confinement(struct nest_root *root)
{
	int probe = nest_root_resolve(root, ".", O_PATH), fd;

	if (probe < 0)
		return probe;
	root->own_fds = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->own_fds < 0 && errno == EMFILE) {
		close(probe);
		return -EMFILE;
	}
	fd = open_looked_at(root, probe);
	close(probe);
	if (fd >= 0)
		close(fd);
	return root->own_fds < 0 || fd == -ENOENT ? -ENOSYS : 0;
}

int nest_root_open(const char *path, struct nest_root *ret_root)
{
	struct nest_root root = {
		.kind = path ? NEST_SOURCE_SYSROOT : NEST_SOURCE_LIVE,
		.own_fds = -1,
	};
	int err;

	root.fd = open(path ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root.fd < 0)
		return -errno;
	err = nest_root_confined(&root) ? try_confinement(&root) : 0;
	if (err) {
		nest_root_close(&root);
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
	if (root->own_fds > 0)
		close(root->own_fds);
	free(root->dents);
	memset(root, 0, sizeof(*root));
}
