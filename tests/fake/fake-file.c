// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of open files: what an fd stands for, and who else holds on to it. */
#include "fake.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_FD 1000 /* far from real ones: a call that goes past the seam fails with EBADF */
#define MAX_FDS	 256

static struct fake_file *files[MAX_FDS];

struct fake_file *fake_file_new(const struct fake_file_ops *ops, void *object, const char *name,
				int flags)
{
	struct fake_file *file = calloc(1, sizeof(*file));

	if (!file)
		abort();
	file->ops = ops;
	file->object = object;
	file->flags = flags;
	file->refs = 1;
	snprintf(file->name, sizeof(file->name), "%s", name);
	return file;
}

void fake_file_get(struct fake_file *file)
{
	file->refs++;
}

void fake_file_put(struct fake_file *file)
{
	if (--file->refs)
		return;
	if (file->ops->release)
		file->ops->release(file);
	free(file);
}

int fake_fd_install(struct fake_file *file)
{
	int i;

	for (i = 0; i < MAX_FDS; i++)
		if (!files[i]) {
			files[i] = file;
			return FIRST_FD + i;
		}
	fake_file_put(file);
	return -EMFILE;
}

struct fake_file *fake_fd_file(int fd)
{
	return fd >= FIRST_FD && fd < FIRST_FD + MAX_FDS ? files[fd - FIRST_FD] : NULL;
}

unsigned int fake_fd_left(FILE *out)
{
	unsigned int count = 0;
	int i;

	for (i = 0; i < MAX_FDS; i++) {
		if (!files[i])
			continue;
		fprintf(out, "fake: left open: fd %d, %s %s\n", FIRST_FD + i, files[i]->ops->kind,
			files[i]->name);
		count++;
	}
	return count;
}

void fake_fd_reset(void)
{
	int i;

	/* Last opened first, so that whatever needs another goes before it. */
	for (i = MAX_FDS; i-- > 0;) {
		struct fake_file *file = files[i];

		files[i] = NULL;
		if (file)
			fake_file_put(file);
	}
}

bool fake_fd_close(int fd)
{
	struct fake_file *file = fake_fd_file(fd);

	if (!file)
		return false;
	files[fd - FIRST_FD] = NULL;
	fake_file_put(file);
	return true;
}
