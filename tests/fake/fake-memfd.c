// SPDX-License-Identifier: GPL-2.0-or-later
/* Files in memory (mm/memfd.c), as far as their pages are mapped once. */
#include "fake-memfd.h"

#include <errno.h>
#include <stdlib.h>

struct memfd {
	size_t len;
	void *memory;
};

static int memfd_mmap(struct fake_file *file, size_t len, uint64_t offset, void **ret_addr)
{
	struct memfd *memfd = file->object;
	int err;

	if (offset || len != memfd->len || memfd->memory) {
		fake_violation("a file in memory is mapped in a way that the fake cannot show");
		return -EINVAL;
	}
	err = fake_memory_map(len, ret_addr);
	if (!err)
		memfd->memory = *ret_addr;
	return err;
}

static void memfd_release(struct fake_file *file)
{
	free(file->object);
}

static const struct fake_file_ops memfd_ops = {
	.kind = "memfd",
	.mmap = memfd_mmap,
	.release = memfd_release,
};

int fake_memfd_new(size_t len)
{
	struct memfd *memfd = calloc(1, sizeof(*memfd));

	if (!memfd)
		abort();
	memfd->len = len;
	return fake_fd_install(fake_file_new(&memfd_ops, memfd, "memfd", 0));
}

uint8_t *fake_memfd_memory(int fd, size_t *ret_len)
{
	struct fake_file *file = fake_fd_file(fd);
	struct memfd *memfd = file && file->ops == &memfd_ops ? file->object : NULL;

	if (!memfd)
		return NULL;
	*ret_len = memfd->len;
	return memfd->memory;
}
