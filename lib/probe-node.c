// SPDX-License-Identifier: GPL-2.0-or-later
/* Device nodes: who owns them, whether they open, and what to do if not. */
#include "probe-private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "explain.h"
#include "kernel.h"

void nest_probe_node_stat(struct nest_ctx *ctx, const char *path, const char *sysfs_class,
			  struct nest_probe_node *node)
{
	char sysfs[96];
	const struct passwd *owner;
	const struct group *group;
	struct stat st;

	snprintf(node->path, sizeof(node->path), "%s", path);
	snprintf(sysfs, sizeof(sysfs), "sys/class/%s", sysfs_class);
	if (nest_root_has(&ctx->root, "sys/class"))
		node->served = nest_tri_from_bool(nest_root_has(&ctx->root, sysfs));
	if (nest_root_stat(&ctx->root, path + 1, &st))
		return;
	node->have_stat = true;
	node->uid = st.st_uid;
	node->gid = st.st_gid;
	node->mode = st.st_mode & 07777;
	owner = getpwuid(st.st_uid);
	group = getgrgid(st.st_gid);
	snprintf(node->owner, sizeof(node->owner), "%u", st.st_uid);
	snprintf(node->group, sizeof(node->group), "%u", st.st_gid);
	if (owner)
		snprintf(node->owner, sizeof(node->owner), "%s", owner->pw_name);
	if (group)
		snprintf(node->group, sizeof(node->group), "%s", group->gr_name);
}

void nest_probe_node_explain(const struct nest_failure *failed, struct nest_probe_node *node)
{
	struct nest_explanation why = nest_explain(failed->op, failed->err);

	nest_explain_fill(why.reason, node->path, node->reason, sizeof(node->reason));
	nest_explain_fill(why.remedy, node->path, node->remedy, sizeof(node->remedy));
	if (failed->err == ENOENT && node->served == NEST_YES) {
		snprintf(node->reason, sizeof(node->reason),
			 "the kernel has it, but the node is not in this container or chroot");
		snprintf(node->remedy, sizeof(node->remedy),
			 "let it in, as in: docker run --device=%s; on a host: udevadm trigger",
			 node->path);
	}
	if (failed->err == EACCES && node->have_stat) {
		snprintf(node->reason, sizeof(node->reason),
			 "it belongs to %s:%s with mode %04o, which does not admit this user",
			 node->owner, node->group, (unsigned int)node->mode);
		/* A group that may have it beats a new rule. */
		if (node->gid != 0 && (node->mode & 0060) == 0060)
			snprintf(node->remedy, sizeof(node->remedy),
				 "usermod -aG %s $USER as root, then log in again; or run as root",
				 node->group);
	}
}

int nest_probe_node_open(struct nest_probe_job *job, const char *op, const char *path,
			 const char *sysfs_class, struct nest_probe_node *node)
{
	int fd;

	nest_probe_node_stat(job->ctx, path, sysfs_class, node);
	fd = nest_kernel_open(job->ctx, path, O_RDWR);
	if (fd < 0) {
		nest_failure_set(&job->failed, fd, op, "%s", path);
		node->open = nest_outcome_failed(fd, &job->failed);
		nest_probe_node_explain(&job->failed, node);
		return -1;
	}
	node->open = nest_outcome_of(0, op);
	return fd;
}
