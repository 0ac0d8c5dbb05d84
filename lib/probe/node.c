// SPDX-License-Identifier: GPL-2.0-or-later
/* Device nodes: owner, whether they open, and what to do if not. */
#include "probe/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "explain.h"
#include "remedy.h"
#include "kernel/kernel.h"
#include "host/sysfs.h"

void nest_probe_node_stat(struct nest_probe_job *job, const char *path, const char *sysfs_class,
			  struct nest_probe_node *node)
{
	struct nest_root *root = &job->ctx->root;
	char sysfs[96];

	snprintf(sysfs, sizeof(sysfs), "sys/class/%s", sysfs_class);
	if (nest_root_has(root, "sys/class"))
		node->served = nest_tri_from_bool(nest_root_has(root, sysfs));
	/* Out of memory: the node is opened without a description. */
	(void)!nest_node_look(job->ctx, &job->model->pool, path, &node->node);
	if (!node->node.path)
		node->node.path = "";
}

void nest_probe_node_explain(const struct nest_failure *failed, struct nest_probe_node *node)
{
	struct nest_explanation why = nest_explain(failed->stage, failed->err);
	char commands[NEST_REMEDY_MAX - 100]; /* a clause goes in front */

	nest_remedy_fill(why.reason, failed->object, node->reason, sizeof(node->reason));
	nest_remedy_fill(why.remedy, failed->object, node->remedy, sizeof(node->remedy));
	if (failed->err == ENOENT && node->served == NEST_YES) {
		snprintf(node->reason, sizeof(node->reason),
			 "the kernel has it, but the node is not in this container or chroot");
		nest_remedy_node(failed->object, commands, sizeof(commands));
		snprintf(node->remedy, sizeof(node->remedy),
			 "pass it into the container (docker run --device), or make it:\n%s",
			 commands);
	}
	if (failed->err == EACCES && node->node.present == NEST_YES) {
		snprintf(node->reason, sizeof(node->reason),
			 "it belongs to %s:%s with mode %04o, which does not admit this user",
			 node->node.owner, node->node.group, (unsigned int)node->node.mode);
		/* A group that may have it already beats a new rule. */
		if (strcmp(node->node.group, "root") && (node->node.mode & 0060) == 0060) {
			nest_remedy_join(node->node.group, NULL, commands, sizeof(commands));
			snprintf(node->remedy, sizeof(node->remedy),
				 "run as root, or join the group and log in again:\n%s", commands);
		}
	}
}

int nest_probe_node_open(struct nest_probe_job *job, enum nest_stage stage, const char *path,
			 const char *sysfs_class, struct nest_probe_node *node)
{
	int fd;

	nest_probe_node_stat(job, path, sysfs_class, node);
	fd = nest_kernel_open(job->ctx, path, O_RDWR);
	if (fd < 0) {
		nest_failure_set(&job->failed, fd, stage, "%s", path);
		node->open = nest_outcome_failed(fd, &job->failed);
		nest_probe_node_explain(&job->failed, node);
		return -1;
	}
	node->open = nest_outcome_of(0, stage);
	return fd;
}
