// SPDX-License-Identifier: GPL-2.0-or-later
/* stat(2) of a device node, in words. */
#include "node.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

int nest_node_look(struct nest_ctx *ctx, struct nest_pool *pool, const char *path,
		   struct nest_node *ret_node)
{
	struct nest_node node = {.path = nest_pool_str(pool, path)};
	const struct passwd *user;
	const struct group *group;
	struct stat st;
	int err = nest_root_stat(&ctx->root, path + 1, &st);

	if (!node.path)
		return -ENOMEM;
	if (err) {
		node.present = err == -ENOENT || err == -ENOTDIR ? NEST_NO : NEST_UNKNOWN;
		node.err = -err;
		*ret_node = node;
		return 0;
	}
	node.present = NEST_YES;
	node.mode = st.st_mode & 07777;
	user = getpwuid(st.st_uid);
	group = getgrgid(st.st_gid);
	node.owner = user ? nest_pool_str(pool, user->pw_name) :
			    nest_pool_printf(pool, "%u", st.st_uid);
	node.group = group ? nest_pool_str(pool, group->gr_name) :
			     nest_pool_printf(pool, "%u", st.st_gid);
	if (!node.owner || !node.group)
		return -ENOMEM;
	*ret_node = node;
	return 0;
}
