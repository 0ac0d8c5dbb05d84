// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded: the allocation of number NO_MEMORY_AT fails, and with NO_MEMORY_FOR=ever all after it.
 * At the end their number goes to descriptor 9, if it is open.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *(*real_malloc)(size_t), *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static unsigned long count, fails_at;
static bool for_ever;

static void *real(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	return found;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("NO_MEMORY_AT"), *of = getenv("NO_MEMORY_FOR");

	for_ever = of && *of;
	count = 0;
	fails_at = at ? strtoul(at, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
	dprintf(9, "%lu\n", count);
}

static bool fails(void)
{
	count++;
	if (!fails_at || !(for_ever ? count >= fails_at : count == fails_at))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	if (!real_malloc)
		real_malloc = (void *(*)(size_t))real("malloc");
	return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (!real_calloc)
		real_calloc = (void *(*)(size_t, size_t))real("calloc");
	return fails() ? NULL : real_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	if (!real_realloc)
		real_realloc = (void *(*)(void *, size_t))real("realloc");
	return fails() ? NULL : real_realloc(old, size);
}
