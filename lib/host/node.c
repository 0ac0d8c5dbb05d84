// SPDX-License-Identifier: GPL-2.0-or-later
/* Owner, mode and access list of a device node. */
#include "host/node.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "host/source.h"
#include "host/sysfs.h"

/* The name of a user or group on this host, or on that of the report; without one its number. */
static const char *name_of(struct nest_ctx *ctx, struct nest_pool *pool, bool group,
			   unsigned int id)
{
	const char *name = NULL;
	char key[32];

	snprintf(key, sizeof(key), "%s/%u", group ? "group" : "user", id);
	if (!nest_source_fact(&ctx->root, key, &name)) {
		const struct passwd *user = group ? NULL : getpwuid(id);
		const struct group *members = group ? getgrgid(id) : NULL;

		name = user ? user->pw_name : members ? members->gr_name : NULL;
		nest_source_keep_fact(&ctx->root, key, name);
	}
	return name ? nest_pool_str(pool, name) : nest_pool_printf(pool, "%u", id);
}

/* logind and udev give single users access by an ACL, which stat(2) does not show. */
static bool has_acl(struct nest_ctx *ctx, const char *path)
{
	const char *kept = NULL;
	char key[96];
	bool has;

	snprintf(key, sizeof(key), "acl/%.80s", path);
	if (nest_source_fact(&ctx->root, key, &kept))
		return kept;
	has = ctx->live && getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
	nest_source_keep_fact(&ctx->root, key, has ? "yes" : NULL);
	return has;
}

int nest_node_look(struct nest_ctx *ctx, struct nest_pool *pool, const char *path,
		   struct nest_node *ret_node)
{
	struct nest_node node = { .path = nest_pool_str(pool, path) };
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
	node.uid = st.st_uid;
	node.gid = st.st_gid;
	node.acl = has_acl(ctx, path);
	node.owner = name_of(ctx, pool, false, st.st_uid);
	node.group = name_of(ctx, pool, true, st.st_gid);
	if (!node.owner || !node.group)
		return -ENOMEM;
	*ret_node = node;
	return 0;
}
