/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of a model: strings kept once each, and arrays that grow. A host with thousands of alike
 * functions repeats a few dozen strings, so the pool is what keeps a device small.
 */
#ifndef NEST_POOL_H
#define NEST_POOL_H

#include <stdarg.h>
#include <stddef.h>

struct nest_pool {
	struct nest_pool_block *blocks;
	size_t used;	    /* of the newest block */
	const char **slots; /* hash of the strings kept */
	size_t nslots, nstrings;
};

/*
 * Returns the pool's copy of text (len bytes; nest_pool_str: up to its NUL), the same pointer for
 * the same text. NULL when text is NULL or memory is out. Lives until nest_pool_free().
 */
const char *nest_pool_strn(struct nest_pool *pool, const char *text, size_t len);
const char *nest_pool_str(struct nest_pool *pool, const char *text);
const char *nest_pool_printf(struct nest_pool *pool, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *nest_pool_vprintf(struct nest_pool *pool, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Frees all; a cleared pool is fine. */
void nest_pool_free(struct nest_pool *pool);

/*
 * Makes room for one more element: *array has count elements of size bytes, and its capacity is the
 * next power of two. Returns the new, zeroed element, not yet counted, or NULL.
 */
void *nest_array_add(void **array, size_t count, size_t size);

/* Bytes that grow by doubling; a cleared one is empty. The owner frees at. */
struct nest_bytes {
	char *at;
	size_t len, room;
};

/* 0 or -ENOMEM. */
int nest_bytes_add(struct nest_bytes *bytes, const char *buf, size_t len);

/* qsort(3), for arrays that are most often in order already. NULL without elements is fine. */
void nest_array_sort(void *array, size_t count, size_t size,
		     int (*compare)(const void *a, const void *b));

#endif
