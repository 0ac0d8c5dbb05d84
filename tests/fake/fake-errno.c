// SPDX-License-Identifier: GPL-2.0-or-later
/* The errnos a description or a variable may name. */
#include "fake.h"
#include "util.h"

#include <errno.h>
#include <string.h>

#define ROW(name)                                                                                  \
	{                                                                                          \
#name, name                                                                        \
	}

static const struct {
	const char *name;
	int value;
} rows[] = {
	ROW(EPERM),	     ROW(ENOENT),    ROW(EINTR),    ROW(EIO),	     ROW(ENXIO),
	ROW(E2BIG),	     ROW(EBADF),     ROW(EAGAIN),   ROW(ENOMEM),     ROW(EACCES),
	ROW(EFAULT),	     ROW(EBUSY),     ROW(EEXIST),   ROW(ENODEV),     ROW(EINVAL),
	ROW(ENFILE),	     ROW(EMFILE),    ROW(ENOTTY),   ROW(ENOSPC),     ROW(ESPIPE),
	ROW(EROFS),	     ROW(EPIPE),     ROW(ENOSYS),   ROW(ENODATA),    ROW(EBADFD),
	{ "ENOTSUPP", 524 }, /* the kernel's own */
	ROW(EOPNOTSUPP),     ROW(EOVERFLOW), ROW(EMSGSIZE), ROW(EADDRINUSE), ROW(ETIMEDOUT),
};

int fake_errno(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(name, rows[i].name))
			return rows[i].value;
	return 0;
}
