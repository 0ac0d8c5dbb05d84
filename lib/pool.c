// SPDX-License-Identifier: GPL-2.0-or-later
/* Strings kept once each in blocks, found by an open-addressing hash; and growing arrays. */
#include "pool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (16 * 1024)

struct nest_pool_block {
	struct nest_pool_block *next;
	size_t size;
	char bytes[];
};

static size_t hash(const char *text, size_t len)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	while (len--)
		h = (h ^ (unsigned char)*text++) * 1099511628211u;
	return h ^ h >> 32;
}

static char *take(struct nest_pool *pool, size_t len)
{
	struct nest_pool_block *block = pool->blocks;

	if (!block || block->size - pool->used < len) {
		size_t size = len > BLOCK_SIZE / 4 ? len : BLOCK_SIZE;

		block = malloc(sizeof(*block) + size);
		if (!block)
			return NULL;
		block->size = size;
		block->next = pool->blocks;
		pool->blocks = block;
		pool->used = 0;
	}
	pool->used += len;
	return block->bytes + pool->used - len;
}

static bool grow(struct nest_pool *pool)
{
	size_t nslots = pool->nslots ? pool->nslots * 2 : 64;
	const char **slots = calloc(nslots, sizeof(*slots));
	size_t i;

	if (!slots)
		return false;
	for (i = 0; i < pool->nslots; i++) {
		const char *text = pool->slots[i];
		size_t at;

		if (!text)
			continue;
		at = hash(text, strlen(text)) & (nslots - 1);
		while (slots[at])
			at = (at + 1) & (nslots - 1);
		slots[at] = text;
	}
	free(pool->slots);
	pool->slots = slots;
	pool->nslots = nslots;
	return true;
}

const char *nest_pool_strn(struct nest_pool *pool, const char *text, size_t len)
{
	size_t at;
	char *copy;

	if (!text)
		return NULL;
	len = strnlen(text, len);
	if (pool->nstrings >= pool->nslots / 2 && !grow(pool))
		return NULL;
	for (at = hash(text, len) & (pool->nslots - 1); pool->slots[at];
	     at = (at + 1) & (pool->nslots - 1))
		if (!strncmp(pool->slots[at], text, len) && !pool->slots[at][len])
			return pool->slots[at];
	copy = take(pool, len + 1);
	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	pool->slots[at] = copy;
	pool->nstrings++;
	return copy;
}

const char *nest_pool_str(struct nest_pool *pool, const char *text)
{
	return text ? nest_pool_strn(pool, text, strlen(text)) : NULL;
}

const char *nest_pool_vprintf(struct nest_pool *pool, const char *fmt, va_list args)
{
	const char *kept;
	char *text;
	int len = vasprintf(&text, fmt, args);

	if (len < 0)
		return NULL;
	kept = nest_pool_strn(pool, text, len);
	free(text);
	return kept;
}

const char *nest_pool_printf(struct nest_pool *pool, const char *fmt, ...)
{
	const char *kept;
	va_list args;

	va_start(args, fmt);
	kept = nest_pool_vprintf(pool, fmt, args);
	va_end(args);
	return kept;
}

void nest_pool_free(struct nest_pool *pool)
{
	while (pool->blocks) {
		struct nest_pool_block *next = pool->blocks->next;

		free(pool->blocks);
		pool->blocks = next;
	}
	free(pool->slots);
	memset(pool, 0, sizeof(*pool));
}

void *nest_array_add(void **array, size_t count, size_t size)
{
	char *element;

	/* Full at every power of two (and at 0): the capacity needs no field of its own. */
	if (!(count & (count - 1))) {
		void *bigger = reallocarray(*array, count ? count * 2 : 1, size);

		if (!bigger)
			return NULL;
		*array = bigger;
	}
	element = (char *)*array + count * size;
	memset(element, 0, size);
	return element;
}

void nest_array_sort(void *array, size_t count, size_t size,
		     int (*compare)(const void *a, const void *b))
{
	const char *at = array;
	size_t i;

	for (i = 1; i < count; i++, at += size)
		if (compare(at, at + size) > 0) {
			qsort(array, count, size, compare);
			return;
		}
}

int nest_bytes_add(struct nest_bytes *bytes, const char *buf, size_t len)
{
	char *bigger;

	if (len > bytes->room - bytes->len) {
		bigger = realloc(bytes->at, (bytes->room + len) * 2);
		if (!bigger)
			return -ENOMEM;
		bytes->at = bigger;
		bytes->room = (bytes->room + len) * 2;
	}
	memcpy(bytes->at + bytes->len, buf, len);
	bytes->len += len;
	return 0;
}
