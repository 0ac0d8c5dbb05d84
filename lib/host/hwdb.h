/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware database of udev, hwdb(7), asked in place. libudev calls fnmatch(3) for each pattern
 * that begins with a wildcard where the id begins: 0.2 million instructions a device model. Here
 * all patterns are followed at once, and left where none can match any more. What needs more than
 * that is left to libudev, so that both give the same names.
 *
 * The file is a trie of patterns (systemd, src/libsystemd/sd-hwdb/hwdb-internal.h), little-endian:
 * a header, nodes with a prefix, children and values, and strings.
 */
#ifndef NEST_HWDB_H
#define NEST_HWDB_H

#include <stddef.h>
#include <stdint.h>

struct nest_hwdb {
	const uint8_t *map; /* NULL: closed */
	size_t size;
	uint64_t root;	    /* offset of the first node */
	uint64_t node_size; /* bytes; later formats append to each of these */
	uint64_t child_size;
	uint64_t value_size;
};

/* A property that is asked for. */
struct nest_hwdb_value {
	const char *name;
	const char *text; /* NULL: the database does not have it. Lives as long as the database. */
};

/* Maps the database that libudev would take. -ENOENT: none; -EBADMSG: of another format. */
int nest_hwdb_open(struct nest_hwdb *ret_hwdb);
void nest_hwdb_close(struct nest_hwdb *hwdb);

/* The same of bytes that stay the caller's, aligned or not. */
int nest_hwdb_read(const void *bytes, size_t size, struct nest_hwdb *ret_hwdb);

/*
 * What the patterns that match the modalias say of count properties. -EOPNOTSUPP: a pattern with
 * brackets or a backslash may match, two say the same and their order decides, or the modalias has
 * 64 characters: ask libudev. -EBADMSG: the file is damaged.
 */
int nest_hwdb_find(const struct nest_hwdb *hwdb, const char *modalias,
		   struct nest_hwdb_value *values, size_t count);

#endif
