// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what the user named, piece by piece. */
#include "userfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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

int nest_userfile_read(const char *name, size_t max, int (*take)(void *data, const char *buf, size_t len),
		       void *data)
{
	char *buf = malloc(1 << 16);
	size_t total = 0;
	ssize_t len = 0;
	int err = 0, fd = !strcmp(name, "-") ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

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
