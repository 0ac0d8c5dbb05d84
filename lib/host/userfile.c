// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what the user named, piece by piece, and writing it in one. */
#include "host/userfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A read that a signal ended is made again, but not for ever. */
static ssize_t read_again(int fd, char *buf, size_t size)
{
	int tries = 16;
	ssize_t len;

	do {
		len = read(fd, buf, size);
	} while (len < 0 && errno == EINTR && --tries);
	return len;
}

static bool is_stdin(const char *name)
{
	return !strcmp(name, "-");
}

const char *nest_userfile_title(const char *name)
{
	return is_stdin(name) ? "standard input" : *name ? name : "''";
}

int nest_userfile_read(const char *name, size_t max,
		       int (*take)(void *data, const char *buf, size_t len), void *data)
{
	char *buf = malloc(1 << 16);
	size_t total = 0;
	ssize_t len = 0;
	int err = 0, fd = is_stdin(name) ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !buf) {
		err = fd < 0 ? -errno : -ENOMEM;
		goto out;
	}
	while (!err && (len = read_again(fd, buf, 1 << 16)) > 0) {
		total += (size_t)len;
		err = total > max ? -EFBIG : take(data, buf, (size_t)len);
	}
	if (len < 0)
		err = -errno;
out:
	if (fd > STDIN_FILENO)
		close(fd);
	free(buf);
	return err;
}

/* May a file be made in the folder of this one? */
static int try_folder(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *folder =
		slash ? strndup(name, slash == name ? 1 : (size_t)(slash - name)) : strdup(".");
	int err;

	if (!folder)
		return -ENOMEM;
	err = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) ? -errno : 0;
	free(folder);
	return err;
}

int nest_userfile_try(const char *name)
{
	struct stat st;

	if (!stat(name, &st)) {
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		return faccessat(AT_FDCWD, name, W_OK, AT_EACCESS) ? -errno : 0;
	}
	if (errno != ENOENT || !*name)
		return -errno;
	/* Where a link leads that leads to nothing yet, writing will show. */
	return lstat(name, &st) ? try_folder(name) : 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* A signal ends the wait for a reader of a FIFO (EINTR), on purpose. */
static int write_in_place(const char *name, const char *text, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	return close(fd) && !err ? -errno : err;
}

/*
 * Under a name of its own, which is given back in the place of the X; 0600 by mkostemp(3). Not left
 * on failure.
 */
static int write_aside(char *aside, const char *text, size_t len)
{
	int fd = mkostemp(aside, O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (!err && fsync(fd) && errno != EINVAL && errno != EOPNOTSUPP)
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(aside);
	return err;
}

static int replace(const char *name, const char *text, size_t len)
{
	sigset_t all, before;
	char *aside;
	int err;

	if (asprintf(&aside, "%s.XXXXXX", name) < 0)
		return -ENOMEM;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = write_aside(aside, text, len);
	if (!err && rename(aside, name)) {
		err = -errno;
		unlink(aside);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(aside);
	return err;
}

/* Can its place not be taken by another file, though it may be written itself? */
static bool is_fixed(int err)
{
	return err == -EACCES || err == -EPERM || err == -EROFS || err == -EBUSY || err == -EXDEV ||
	       err == -ENAMETOOLONG;
}

int nest_userfile_write(const char *name, const char *text, size_t len)
{
	struct stat st;
	char *real;
	int err;

	/* /dev/stdout may be a link to a file that somebody else goes on writing to. */
	if (!strncmp(name, "/dev/", 5) || !strncmp(name, "/proc/", 6) ||
	    (!stat(name, &st) && !S_ISREG(st.st_mode)))
		return write_in_place(name, text, len);
	real = realpath(name, NULL);
	if (!real && errno == ENOMEM)
		return -ENOMEM;
	/* A link that leads to nothing: the file is made where it leads. */
	if (!real && !lstat(name, &st))
		return write_in_place(name, text, len);
	err = replace(real ? real : name, text, len);
	free(real);
	return is_fixed(err) ? write_in_place(name, text, len) : err;
}

int nest_userfile_create(const char *name, FILE **ret_file)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;
	FILE *file;
	int err;

	/* An older file may be readable for others. */
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_mode & 077 &&
	    fchmod(fd, 0600)) {
		err = -errno;
		close(fd);
		return err;
	}
	file = fd < 0 ? NULL : fdopen(fd, "w");
	err = file ? 0 : -errno;

	if (!file && fd >= 0)
		close(fd);
	if (file)
		*ret_file = file;
	return err;
}
