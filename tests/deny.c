// SPDX-License-Identifier: GPL-2.0-or-later
/* Preloaded: opening, listing or following DENY_PATH fails with DENY_ERRNO. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_denied(int dir, const char *name)
{
	const char *denied = getenv("DENY_PATH"), *number = getenv("DENY_ERRNO");
	char link[64], base[PATH_MAX] = "", whole[2 * PATH_MAX];
	static ssize_t (*next)(const char *, char *, size_t);
	ssize_t n;

	if (!denied || !number || !name)
		return 0;
	if (!next)
		next = (ssize_t(*)(const char *, char *, size_t))dlsym(RTLD_NEXT, "readlink");
	if (*name == '/' || dir == AT_FDCWD) {
		snprintf(whole, sizeof(whole), "%s", name);
	} else {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
		n = next(link, base, sizeof(base) - 1);
		if (n < 0)
			return 0;
		base[n] = '\0';
		snprintf(whole, sizeof(whole), "%s/%s", base, name);
	}
	/* The path itself, by whatever links it is reached: its real folder and its last part. */
	if (strcmp(whole, denied) != 0) {
		char *slash = strrchr(whole, '/'), real[PATH_MAX];

		if (!slash || slash == whole)
			return 0;
		*slash = '\0';
		if (!realpath(whole, real))
			return 0;
		if (snprintf(base, sizeof(base), "%s/%s", real, slash + 1) >= (int)sizeof(base) ||
		    strcmp(base, denied) != 0)
			return 0;
	}
	errno = atoi(number);
	return 1;
}

int openat(int dir, const char *name, int flags, ...)
{
	static int (*next)(int, const char *, int, ...);
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	if (is_denied(dir, name))
		return -1;
	if (!next)
		next = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
	return next(dir, name, flags, mode);
}

int openat64(int dir, const char *name, int flags, ...) __attribute__((alias("openat")));

int open(const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return openat(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...) __attribute__((alias("open")));

ssize_t readlinkat(int dir, const char *name, char *buf, size_t size)
{
	static ssize_t (*next)(int, const char *, char *, size_t);

	if (is_denied(dir, name))
		return -1;
	if (!next)
		next = (ssize_t(*)(int, const char *, char *, size_t))dlsym(RTLD_NEXT,
									    "readlinkat");
	return next(dir, name, buf, size);
}

ssize_t readlink(const char *name, char *buf, size_t size)
{
	return readlinkat(AT_FDCWD, name, buf, size);
}

DIR *opendir(const char *name)
{
	static DIR *(*next)(const char *);

	if (is_denied(AT_FDCWD, name))
		return NULL;
	if (!next)
		next = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");
	return next(name);
}

/* The program follows links inside a tree by openat2(), which the C library has no wrapper for. */
long syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_openat2 && is_denied((int)a[0], (const char *)a[1]))
		return -1;
	if (!next)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
