// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel says this process holds: pinned and locked memory, files of devices. */
#include "trip/run.h"
#include "util.h"
#include "host/sysfs.h"

#include <stdio.h>
#include <string.h>

bool nest_trip_proc_field(const char *text, const char *name, uint64_t *ret_kib)
{
	const char *at = strstr(text, name);
	uint64_t value = 0;

	if (!at)
		return false;
	for (at += strlen(name); *at == ' ' || *at == '\t'; at++)
		;
	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	*ret_kib = value;
	return true;
}

/* Nodes, and what the kernel gives without one (the device of a group, a fault queue). */
static const char *const kinds[] = { "/dev/vfio", "/dev/iommu", "/dev/kmsg", "anon_inode:" };

struct counter {
	struct nest_root *root;
	uint64_t n;
};

/* Files of sysfs that the tool keeps open for itself are nobody's business. */
static int count(void *data, const char *name, unsigned char type)
{
	struct counter *counter = data;
	char path[300], target[256];
	size_t i;

	(void)type;
	snprintf(path, sizeof(path), "proc/self/fd/%s", name);
	if (nest_link_read(counter->root, path, target, sizeof(target)) < 0)
		return 0;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(target, kinds[i], strlen(kinds[i]))) {
			counter->n++;
			break;
		}
	return 0;
}

/* In a captured tree there is no process of ours: nothing is known then. */
static struct nest_witness look(struct nest_trip_run *run)
{
	struct nest_root *root = &run->ctx->root;
	struct counter counter = { root, 0 };
	struct nest_witness now = { 0 };
	char status[NEST_ATTR_MAX];

	/* iommufd pins (VmPin), type1 locks (VmLck). */
	if (nest_attr_read(root, "proc/self/status", status, sizeof(status)) > 0) {
		now.have_pinned = nest_trip_proc_field(status, "\nVmPin:", &now.pinned_kib);
		now.have_locked = nest_trip_proc_field(status, "\nVmLck:", &now.locked_kib);
	}
	now.have_fds = !nest_dir_each(root, "proc/self/fd", count, &counter);
	now.fds = counter.n;
	return now;
}

void nest_trip_witness_before(struct nest_trip_run *run)
{
	run->before = look(run);
}

static enum nest_leg_result compare(struct nest_trip_run *run, bool have, const char *what,
				    uint64_t before, uint64_t after)
{
	if (!have)
		return NEST_LEG_PASSED;
	if (before != after)
		return nest_trip_fail(run, "%s: %llu before, %llu now", what,
				      (unsigned long long)before, (unsigned long long)after);
	nest_trip_evidence(run, "%s: %llu, as before", what, (unsigned long long)after);
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_trip_witness_after(struct nest_trip_run *run)
{
	const struct nest_witness *was = &run->before;
	struct nest_witness now = look(run);
	enum nest_leg_result result = compare(run, was->have_pinned && now.have_pinned,
					      "KiB pinned", was->pinned_kib, now.pinned_kib);

	if (!result)
		result = compare(run, was->have_locked && now.have_locked, "KiB locked",
				 was->locked_kib, now.locked_kib);
	if (!result)
		result = compare(run, was->have_fds && now.have_fds, "device files open", was->fds,
				 now.fds);
	return result;
}
