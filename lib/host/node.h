/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device nodes, without opening them: existence, owner, permissions. */
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
	bool acl;    /* it has a POSIX access control list; only on a live host */
};

/*
 * Describes a node without opening it; below a sysroot that of the tree, with the owner names of
 * this host. path has a leading slash. 0 or -ENOMEM.
 */
int nest_node_look(struct nest_ctx *ctx, struct nest_pool *pool, const char *path,
		   struct nest_node *ret_node);

#endif
