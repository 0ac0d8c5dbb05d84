// SPDX-License-Identifier: GPL-2.0-or-later
/* Eventfds: a counter that interrupts raise, read and cleared as one (fs/eventfd.c). */
#include "fake-eventfd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static ssize_t eventfd_read(struct fake_file *file, void *buf, size_t len)
{
	uint64_t *count = file->object;

	if (len < sizeof(*count))
		return -EINVAL;
	if (!*count)
		return -EAGAIN;
	memcpy(buf, count, sizeof(*count));
	*count = 0;
	return sizeof(*count);
}

static bool eventfd_readable(struct fake_file *file)
{
	return *(uint64_t *)file->object;
}

static void eventfd_release(struct fake_file *file)
{
	free(file->object);
}

static const struct fake_file_ops eventfd_ops = {
	.kind = "eventfd",
	.read = eventfd_read,
	.readable = eventfd_readable,
	.release = eventfd_release,
};

int fake_eventfd_new(void)
{
	uint64_t *count = calloc(1, sizeof(*count));

	if (!count)
		abort();
	return fake_fd_install(fake_file_new(&eventfd_ops, count, "eventfd", 0));
}

struct fake_file *fake_eventfd_get(int fd)
{
	struct fake_file *file = fake_fd_file(fd);

	if (!file || file->ops != &eventfd_ops)
		return NULL;
	fake_file_get(file);
	return file;
}

void fake_eventfd_signal(struct fake_file *file)
{
	++*(uint64_t *)file->object;
}
