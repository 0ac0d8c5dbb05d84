// SPDX-License-Identifier: GPL-2.0-or-later
/* Which process has a VFIO node open, from the links below /proc. */
#include "trip/state.h"
#include "host/sysfs.h"
#include "inventory/cdev.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOLDERS_MAX 4
#define NODES_MAX   33

struct search {
	struct nest_trip_run *run;
	char nodes[NODES_MAX][80]; /* of the group, and of each device in it */
	size_t nnodes;
	const char *pid; /* the process that is looked at */
	char found[192];
	size_t used;
	unsigned int n;
	bool hidden; /* a process did not let us look */
};

bool nest_trip_device_node(struct nest_trip_run *run, const struct nest_device *dev, char *buf,
			   size_t size)
{
	struct nest_cdev cdev;
	char dir[256];

	snprintf(dir, sizeof(dir), "sys/bus/%s/devices/%s", dev->bus_name, dev->name);
	if (nest_cdev_find(run->ctx, dir, &cdev))
		return false;
	snprintf(buf, size, "%s", cdev.node);
	return true;
}

static int look_at_fd(void *data, const char *name, unsigned char type)
{
	struct search *search = data;
	struct nest_root *root = &search->run->ctx->root;
	char path[320], target[128], comm[32] = "?";

	size_t i;

	(void)type;
	snprintf(path, sizeof(path), "proc/%s/fd/%s", search->pid, name);
	if (nest_link_read(root, path, target, sizeof(target)) < 0)
		return 0;
	for (i = 0; i < search->nnodes && strcmp(target, search->nodes[i]); i++)
		;
	if (i == search->nnodes)
		return 0;
	snprintf(path, sizeof(path), "proc/%s/comm", search->pid);
	nest_attr_read(root, path, comm, sizeof(comm));
	search->n++;
	if (search->n <= HOLDERS_MAX && search->used < sizeof(search->found))
		search->used += (size_t)snprintf(search->found + search->used,
						 sizeof(search->found) - search->used, "%s%s (%s)",
						 search->n > 1 ? ", " : "", search->pid, comm);
	return 1; /* one is enough of a process */
}

static int look_at_process(void *data, const char *name, unsigned char type)
{
	struct search *search = data;
	char path[64], self[16];

	(void)type;
	snprintf(self, sizeof(self), "%d", (int)getpid());
	if (*name < '0' || *name > '9' || strlen(name) > 10 || !strcmp(name, self))
		return 0;
	search->pid = name;
	snprintf(path, sizeof(path), "proc/%s/fd", name);
	if (nest_dir_each(&search->run->ctx->root, path, look_at_fd, search) < 0)
		search->hidden = true;
	return 0;
}

/* The group's node, and those of its devices: who has one of them has the DMA of all. */
static void collect_nodes(struct search *search)
{
	struct nest_trip_run *run = search->run;
	const struct nest_group *group = &run->model->groups[run->dev->group];
	const struct nest_device *dev;

	snprintf(search->nodes[search->nnodes++], sizeof(search->nodes[0]), "/dev/vfio/%u",
		 group->id);
	nest_for_each_member (run->model, group, dev)
		if (search->nnodes < NODES_MAX &&
		    nest_trip_device_node(run, dev, search->nodes[search->nnodes],
					  sizeof(search->nodes[0])))
			search->nnodes++;
}

unsigned int nest_trip_holders(struct nest_trip_run *run, char *buf, size_t size)
{
	struct search search = { .run = run };

	collect_nodes(&search);
	nest_dir_each(&run->ctx->root, "proc", look_at_process, &search);
	if (search.n)
		snprintf(buf, size, "It is open in process %s%s.", search.found,
			 search.n > HOLDERS_MAX ? " and others" : "");
	else if (search.hidden)
		snprintf(buf, size, "Cannot determine which process has it open: run as root.");
	else
		snprintf(buf, size,
			 "No visible process has it open: the process may be in another container "
			 "or PID namespace, or the kernel itself uses the device.");
	return search.n;
}
