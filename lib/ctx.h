/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one run of the tool carries along: where sysfs is, where messages go, what is to be undone.
 * There are no globals in lib/; the context is the first argument instead.
 */
#ifndef NEST_CTX_H
#define NEST_CTX_H

#include <stdbool.h>
#include <stdio.h>

#include "root.h"
#include "undo.h"

struct nest_ctx {
	struct nest_root root; /* below which sysfs, procfs and firmware tables are read */
	struct nest_undo undo; /* inverse of all that was acquired in the kernel */
	FILE *transcript;      /* one JSON object a line for each call on a node, or NULL */
	unsigned int calls;    /* calls on nodes so far, numbers the transcript */
	int verbosity;	       /* -1 quiet, 0 normal, 1 and more: explain */
	bool live;	       /* the root is this host's: nodes may be opened */
	bool by_udev;	       /* devices of a live host are enumerated by libudev, not sysfs */
	bool of_host;	       /* what is read is a host's own: this one's, or that of a report */
};

/*
 * Prints one diagnostic line on stderr, "vfio-nestctl: " in front, escaped. Level 0 is said unless
 * the user asked for quiet, level 1 only with -v. Keeps errno.
 */
void nest_say(const struct nest_ctx *ctx, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
