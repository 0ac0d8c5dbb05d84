// SPDX-License-Identifier: GPL-2.0-or-later
/* How names are found in udev's database by following all its patterns at once. */
#include "host/hwdb.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define SIGNATURE "KSLPHHRH"
#define HEADER	  80
#define NODE	  24
#define CHILD	  16
#define VALUE	  16
#define STEPS_MAX 4096 /* nodes a question may look at: a damaged file can lead in a circle */

/* Where libudev looks, in its order. */
static const char *const places[] = {
	"/etc/systemd/hwdb/hwdb.bin", "/etc/udev/hwdb.bin", "/usr/lib/systemd/hwdb/hwdb.bin",
	"/usr/lib/udev/hwdb.bin",     "/lib/udev/hwdb.bin",
};

/*
 * One question. Bit i of a set: the pattern so far matches the first i characters of the modalias.
 * So a character moves those bits on that stand before it, and a star sets all behind the first.
 */
struct search {
	const struct nest_hwdb *hwdb;
	struct nest_hwdb_value *values;
	size_t count;
	uint64_t before[256]; /* where the modalias goes on with this character */
	uint64_t end;	      /* the bit of all of it */
	unsigned int steps;
};

struct node {
	const char *prefix; /* what follows the character that leads here */
	const uint8_t *children, *values;
	size_t nchildren, nvalues;
};

static uint64_t number(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

/* A string of the file; NULL if it is not whole. */
static const char *string(const struct nest_hwdb *hwdb, uint64_t offset)
{
	if (offset >= hwdb->size || !memchr(hwdb->map + offset, '\0', hwdb->size - offset))
		return NULL;
	return (const char *)hwdb->map + offset;
}

static int read_node(const struct nest_hwdb *hwdb, uint64_t offset, struct node *ret)
{
	const uint8_t *at;
	uint64_t room, nvalues;

	if (offset > hwdb->size || hwdb->size - offset < hwdb->node_size)
		return -EBADMSG;
	at = hwdb->map + offset;
	room = hwdb->size - offset - hwdb->node_size;
	nvalues = number(at + 16);
	if (at[8] > room / hwdb->child_size)
		return -EBADMSG;
	room -= at[8] * hwdb->child_size;
	if (nvalues > room / hwdb->value_size)
		return -EBADMSG;
	ret->prefix = string(hwdb, number(at));
	ret->nchildren = at[8];
	ret->children = at + hwdb->node_size;
	ret->nvalues = nvalues;
	ret->values = ret->children + ret->nchildren * hwdb->child_size;
	return ret->prefix ? 0 : -EBADMSG;
}

/* A pattern that matches ends at this node: takes what it says. */
static int take(const struct search *search, const struct node *node)
{
	const struct nest_hwdb *hwdb = search->hwdb;
	size_t i, j;

	for (i = 0; i < node->nvalues; i++) {
		const uint8_t *at = node->values + i * hwdb->value_size;
		const char *key = string(hwdb, number(at)), *text = string(hwdb, number(at + 8));

		if (!key || !text)
			return -EBADMSG;
		for (j = 0; j < search->count; j++) {
			struct nest_hwdb_value *value = &search->values[j];

			/* The key of a property begins with a space. */
			if (key[0] != ' ' || strcmp(key + 1, value->name) != 0)
				continue;
			if (value->text)
				return -EOPNOTSUPP;
			value->text = text;
		}
	}
	return 0;
}

/* The set after one more character of the pattern; 0: it cannot match. */
static int follow(const struct search *search, uint8_t byte, uint64_t *set)
{
	switch (byte) {
	case '[':
	case '\\':
		return *set ? -EOPNOTSUPP : 0;
	case '*':
		/* From the lowest bit on. */
		*set |= ~(*set - 1) & (search->end - 1 + search->end);
		return 0;
	case '?':
		*set = (*set & ~search->end) << 1;
		return 0;
	default:
		*set = (*set & search->before[byte]) << 1;
		return 0;
	}
}

static int visit(struct search *search, uint64_t offset, uint64_t set)
{
	struct node node;
	const char *at;
	uint64_t next;
	size_t i;
	int err;

	if (++search->steps > STEPS_MAX)
		return -EBADMSG;
	err = read_node(search->hwdb, offset, &node);
	if (err)
		return err;
	for (at = node.prefix; !err && set && *at; at++)
		err = follow(search, (uint8_t)*at, &set);
	if (!err && set & search->end)
		err = take(search, &node);
	for (i = 0; i < node.nchildren && !err && set; i++) {
		const uint8_t *child = node.children + i * search->hwdb->child_size;

		next = set;
		err = follow(search, child[0], &next);
		if (!err && next)
			err = visit(search, number(child + 8), next);
	}
	return err;
}

int nest_hwdb_find(const struct nest_hwdb *hwdb, const char *modalias,
		   struct nest_hwdb_value *values, size_t count)
{
	struct search search = { .hwdb = hwdb, .values = values, .count = count };
	size_t i;

	for (i = 0; modalias[i]; i++) {
		if (i == 63)
			return -EOPNOTSUPP;
		search.before[(uint8_t)modalias[i]] |= 1ull << i;
	}
	search.end = 1ull << i;
	for (i = 0; i < count; i++)
		values[i].text = NULL;
	return visit(&search, hwdb->root, 1);
}

int nest_hwdb_read(const void *bytes, size_t size, struct nest_hwdb *ret_hwdb)
{
	const uint8_t *at = bytes;
	struct nest_hwdb hwdb = { .map = bytes, .size = size };

	if (size < HEADER || memcmp(at, SIGNATURE, 8) != 0 || number(at + 16) != size)
		return -EBADMSG;
	hwdb.node_size = number(at + 32);
	hwdb.child_size = number(at + 40);
	hwdb.value_size = number(at + 48);
	hwdb.root = number(at + 56);
	if (hwdb.node_size < NODE || hwdb.child_size < CHILD || hwdb.value_size < VALUE)
		return -EBADMSG;
	*ret_hwdb = hwdb;
	return 0;
}

static int map_file(int fd, struct nest_hwdb *ret_hwdb)
{
	struct stat st;
	void *map;
	int err;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < HEADER)
		return -EBADMSG;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	err = nest_hwdb_read(map, (size_t)st.st_size, ret_hwdb);
	if (err)
		munmap(map, (size_t)st.st_size);
	return err;
}

int nest_hwdb_open(struct nest_hwdb *ret_hwdb)
{
	int err = -ENOENT, fd;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places) && err == -ENOENT; i++) {
		fd = open(places[i], O_RDONLY | O_CLOEXEC);
		err = fd < 0 ? -errno : map_file(fd, ret_hwdb);
		if (fd >= 0)
			close(fd);
	}
	return err;
}

void nest_hwdb_close(struct nest_hwdb *hwdb)
{
	if (hwdb->map)
		munmap((void *)hwdb->map, hwdb->size);
	hwdb->map = NULL;
}
