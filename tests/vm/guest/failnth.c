// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded: from the first open of /dev/iommu on, the kernel's allocation of number FAIL_NTH
 * fails. At the end what is left of that number goes to the file FAIL_LEFT: 0 when one has failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KNOB "/proc/thread-self/fail-nth"

typedef int open_fn(const char *path, int flags, ...);

static int armed;

static void arm(open_fn *real, const char *path)
{
	const char *nth = getenv("FAIL_NTH");
	int fd;

	if (armed || !nth || strcmp(path, "/dev/iommu") != 0)
		return;
	armed = 1;
	fd = real(KNOB, O_WRONLY);
	if (fd < 0 || write(fd, nth, strlen(nth)) < 0)
		abort();
	/* To close it may allocate, too: what comes first is not ours. */
	close(fd);
}

static int common(const char *name, const char *path, int flags, mode_t mode)
{
	open_fn *real = (open_fn *)dlsym(RTLD_NEXT, name);
	int fd = real(path, flags, mode);

	if (fd >= 0)
		arm(real, path);
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = va_arg(list, mode_t);
	va_end(list);
	return common("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list list;
	mode_t mode;

	va_start(list, flags);
	mode = va_arg(list, mode_t);
	va_end(list);
	return common("open64", path, flags, mode);
}

__attribute__((destructor)) static void end(void)
{
	open_fn *real = (open_fn *)dlsym(RTLD_NEXT, "open");
	const char *name = getenv("FAIL_LEFT");
	char left[32] = "";
	int fd;

	if (!armed || !name)
		return;
	fd = real(KNOB, O_RDWR);
	if (fd < 0 || read(fd, left, sizeof(left) - 1) < 0 || write(fd, "0", 1) < 0)
		abort();
	close(fd);
	fd = real(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, left, strlen(left)) < 0)
		abort();
	close(fd);
}
