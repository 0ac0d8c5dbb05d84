/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device nodes as they look from outside: there or not, whose, and may this process open them. */
#ifndef NEST_NODE_H
#define NEST_NODE_H

#include <sys/types.h>

#include "ctx.h"
#include "model.h"

struct nest_node {
	const char *path; /* "/dev/vfio/12" */
	enum nest_tri present;
	int err;		   /* why present is unknown, errno > 0 */
	const char *owner, *group; /* names, or numbers as text */
	unsigned int uid, gid;
	mode_t mode; /* permission bits */
	bool acl;    /* it has a POSIX access control list; on a live host alone */
};

/*
 * Looks at a node without opening it; below a sysroot, at the tree's own (owners are then the names
 * this host gives to the numbers). path has a leading slash. 0 or -ENOMEM.
 */
int nest_node_look(struct nest_ctx *ctx, struct nest_pool *pool, const char *path,
		   struct nest_node *ret_node);

#endif
