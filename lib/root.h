/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root below which sysfs, procfs and firmware tables are read: what every run carries.
 * host/sysfs.h opens it, and is the only door through it.
 */
#ifndef NEST_ROOT_H
#define NEST_ROOT_H

#include <stdbool.h>
#include <stddef.h>

#define NEST_FDS_HELD 64

struct nest_tape;

struct nest_root {
	int fd;	       /* O_PATH directory */
	bool confined; /* a captured tree, not this host's "/" */
	char *dents;   /* buffer of the directory reader, allocated at first use */
	bool dents_busy;
	char proven[256];	 /* directory last seen not to lead out of a confined root */
	int done[NEST_FDS_HELD]; /* read, and waiting to be closed together */
	size_t ndone;
	struct nest_tape
		*tape; /* asked before the folder, or instead of it: host/source.h. NULL: none */
};

#endif
