/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root below which sysfs, procfs and firmware tables are read. Only host/sysfs.h opens and
 * reads it.
 */
#ifndef NEST_ROOT_H
#define NEST_ROOT_H

#include <stdbool.h>
#include <stddef.h>

#define NEST_FDS_HELD 64

struct nest_answers;
struct nest_source_ops;

/* Who answers for the host. */
enum nest_source_kind {
	NEST_SOURCE_LIVE,    /* this host's "/" */
	NEST_SOURCE_SYSROOT, /* a captured tree */
	NEST_SOURCE_REPLAY,  /* the answers in a report */
};

struct nest_root {
	enum nest_source_kind kind;
	int fd;	     /* O_PATH directory */
	int own_fds; /* O_PATH, /proc/self/fd; of a captured tree only */
	char *dents; /* buffer of the directory reader, allocated at first use */
	bool dents_busy;
	char proven[256];	 /* directory that was last proven to lie inside the root */
	int done[NEST_FDS_HELD]; /* read, and closed later, many at once */
	size_t ndone;
	const struct nest_source_ops *ops; /* asked in place of the folder; NULL: the folder is */
	struct nest_answers *answers;	   /* of ops, NULL without: host/source.h */
};

#endif
