// SPDX-License-Identifier: GPL-2.0-or-later
/* What a failed request says of the host, its limits and the device; and what to do about it. */
#include "trip/run.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "explain.h"
#include "remedy.h"
#include "signals.h"
#include "hw/hw.h"
#include "inventory/devices.h"
#include "inventory/inventory.h"
#include "trip/state.h"
#include "util.h"
#include "host/sysfs.h"

#define NOTHING_FOLLOWS "Nothing follows from it about the IOMMU."

static const char *paragraph(struct nest_trip_run *run, const char *more)
{
	char text[768];

	nest_explain_failure(&run->failed, text, sizeof(text));
	return nest_trip_text(run, "%s.%s%s", text, more && *more ? " " : "", more ? more : "");
}

static void say(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle)
{
	struct nest_explanation why = nest_explain(run->failed.stage, run->failed.err);
	char text[NEST_REMEDY_MAX] = "# ";

	if (!run->failed.stage) {
		obstacle->summary =
			nest_trip_text(run, "%s. %s", strerror(run->failed.err), NOTHING_FOLLOWS);
		return;
	}
	obstacle->summary = paragraph(run, obstacle->late ? NOTHING_FOLLOWS : NULL);
	if (!why.remedy)
		return;
	/* The clause in front of the commands is a comment among them. */
	nest_remedy_fill(why.remedy, run->failed.object, text + 2, sizeof(text) - 2);
	nest_trip_obstacle_add(run, obstacle->commands, text);
}

static void say_busy(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle)
{
	const struct nest_group *group;
	const struct nest_device *dev;
	char holders[256], node[80], commands[NEST_REMEDY_MAX];

	if (!run->dev) { /* the mock is in no group that another process could hold */
		say(run, obstacle);
		return;
	}
	group = &run->model->groups[run->dev->group];
	nest_trip_holders(run, holders, sizeof(holders));
	if (run->failed.err == EPERM)
		obstacle->summary =
			nest_trip_text(run,
				       "%s on %s: EPERM (another process uses a device of group "
				       "%u, and owns the DMA of the whole group). %s",
				       run->failed.op, run->failed.object, group->id, holders);
	else
		obstacle->summary = paragraph(run, holders);
	snprintf(node, sizeof(node), "/dev/vfio/%u", group->id);
	nest_remedy_commands(NEST_CMD_HOLDERS, node, commands, sizeof(commands));
	nest_for_each_member (run->model, group, dev) {
		if (nest_trip_device_node(run, dev, node, sizeof(node)))
			nest_remedy_and(node, commands, sizeof(commands));
	}
	nest_trip_obstacle_add(run, obstacle->commands, commands);
}

/*
 * A node that another process has bound to its own iommufd is EINVAL, and any other device of the
 * group is EPERM then, as much else is.
 */
static bool is_bound_elsewhere(struct nest_trip_run *run)
{
	char holders[256];

	return run->failed.stage == NEST_STAGE_BIND &&
	       (run->failed.err == EINVAL || run->failed.err == EPERM) &&
	       nest_trip_holders(run, holders, sizeof(holders));
}

static void say_memlock(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle)
{
	size_t small = nest_trip_small(run, NEST_SMALL_PAGES);
	size_t big = run->page == NEST_PAGE ? NEST_BIG_PAGES * (size_t)NEST_PAGE : 0;
	struct rlimit limit = { 0, 0 };
	char text[400];

	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY)
		snprintf(text, sizeof(text),
			 "The limit is not the cause: the host itself may be short of memory.");
	else
		snprintf(text, sizeof(text),
			 "The round trip pins %zu KiB, or %zu KiB with a first stage; this process "
			 "may lock %llu KiB. CAP_IPC_LOCK removes the limit.",
			 small / 1024, (small + big) / 1024,
			 (unsigned long long)limit.rlim_cur / 1024);
	obstacle->summary = paragraph(run, text);
	nest_trip_obstacle_command(run, obstacle, NEST_CMD_MEMLOCK, "");
	nest_trip_obstacle_command(run, obstacle, "# in a systemd unit: LimitMEMLOCK=infinity", "");
	nest_trip_obstacle_command(
		run, obstacle, "# in a container: --ulimit memlock=-1, or --cap-add=IPC_LOCK", "");
}

/*
 * The other causes of this EPERM were looked for before: a driver that owns the group's DMA, and
 * another process that has a device of the group, as far as it can be seen.
 */
static void say_interrupts(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle)
{
	bool iommufd = run->failed.stage != NEST_STAGE_SET_IOMMU;
	const struct nest_unit *unit = nest_device_unit(run->model, run->dev);
	const char *missing = unit ? unit->hw->not_isolated : NULL;
	const char *log = unit ? unit->hw->log_interrupts : NULL;
	const char *isolate =
		missing ? unit->hw->isolate
			: "enable interrupt remapping in firmware setup, and start the "
			  "kernel without intremap=off";
	bool alone = run->dev->next == NEST_NONE &&
		     &run->model->devices[run->model->groups[run->dev->group].first] == run->dev;

	obstacle->summary = nest_trip_text(
		run, "The kernel refuses to assign %s to user space (%s: EPERM): %s. %c%s.%s",
		run->dev->name, run->failed.op,
		missing ? missing
			: "interrupt remapping is not in use, so the interrupts of the device are "
			  "not isolated",
		toupper((unsigned char)*isolate), isolate + 1,
		iommufd && !alone && geteuid()
			? " Or a process of another user holds a device of the same group, which "
			  "this user cannot see: run as root."
			: "");
	nest_trip_obstacle_command(run, obstacle, NEST_CMD_LOG_REMAP,
				   missing ? "ITS"
				   : log   ? log
					   : "ioapic");
	nest_trip_obstacle_command(
		run, obstacle, "# at your own risk, only where every user of VFIO is trusted:", "");
	nest_trip_obstacle_command(run, obstacle,
				   iommufd ? NEST_CMD_UNSAFE("iommufd", "1")
					   : NEST_CMD_UNSAFE("vfio_iommu_type1", "1"),
				   "");
	nest_trip_obstacle_add(run, obstacle->undo,
			       iommufd ? NEST_CMD_UNSAFE("iommufd", "0")
				       : NEST_CMD_UNSAFE("vfio_iommu_type1", "0"));
}

/*
 * EACCES: the physical function is bound to vfio-pci, and its token is another one, or was not
 * given. EINVAL: no token can be given here.
 */
static void say_token(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle)
{
	if (run->failed.err == EINVAL) {
		obstacle->summary = nest_trip_text(
			run,
			"%s on %s: EINVAL. The kernel takes no VF token here: before Linux 6.17 "
			"device nodes need none, and neither does a virtual function whose "
			"physical function is not bound to vfio-pci. Leave --vf-token away.",
			run->failed.op, run->failed.object);
		return;
	}
	obstacle->summary =
		run->vdev.token
			? nest_trip_text(run,
					 "%s on %s: EACCES. The VF token is not the one that was "
					 "set when the physical function was opened.",
					 run->failed.op, run->failed.object)
			: paragraph(run, "Its program sets the token when it opens the physical "
					 "function; roundtrip sets it there with the same option.");
	nest_trip_obstacle_command(run, obstacle, NEST_CMD_TRIP_TOKEN, run->dev->name);
}

/* The kernel has no mock device, or none that works. */
static void say_no_mock(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle)
{
	if (run->failed.err == EINVAL) {
		/* iommu_ops_from_fwnode() of such kernels gives the device to the other driver. */
		obstacle->summary = "The kernel's mock device is not behind its mock IOMMU. Older "
				    "kernels such as 6.12 attach it to a real IOMMU if there is "
				    "one. Start the kernel with the IOMMU disabled.";
		nest_trip_obstacle_command(
			run, obstacle,
			"# add intel_iommu=off or amd_iommu=off to the kernel command line and "
			"reboot",
			"");
		return;
	}
	obstacle->summary = "This kernel has no mock device: it was built without "
			    "CONFIG_IOMMUFD_TEST, an option for kernel development.";
	nest_trip_obstacle_command(run, obstacle, NEST_CMD_MOCK_CONFIG, "");
}

/* A failure of stage (NONE: of any), or of a case of it, with err is this state. */
static const struct {
	enum nest_stage stage;
	int err;
	const char *id;
	void (*say)(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle);
} states[] = {
	/* Its absence is what a kernel offers, not a state of the host. */
	{ NEST_STAGE_OPEN_IOASID, ENOENT, NULL, NULL },
	{ NEST_STAGE_OPEN_IOASID, ENODEV, NULL, NULL },
	{ NEST_STAGE_OPEN_IOASID, ENXIO, NULL, NULL },
	{ NEST_STAGE_OPEN, EACCES, "permission", say },
	{ NEST_STAGE_OPEN, EPERM, "permission", say },
	{ NEST_STAGE_OPEN, ENOENT, "no_vfio", say },
	{ NEST_STAGE_OPEN, ENODEV, "no_vfio", say },
	{ NEST_STAGE_OPEN, ENXIO, "no_vfio", say },
	{ NEST_STAGE_OPEN, EBUSY, "busy", say_busy },
	{ NEST_STAGE_SET_CONTAINER, EBUSY, "busy", say_busy },
	{ NEST_STAGE_DEVICE_FD, EBUSY, "busy", say_busy },
	{ NEST_STAGE_BIND, EBUSY, "busy", say_busy },
	{ NEST_STAGE_DEVICE_FD, EACCES, "permission", say_token },
	{ NEST_STAGE_BIND, EACCES, "permission", say_token },
	{ NEST_STAGE_SET_IOMMU, EPERM, "interrupts", say_interrupts },
	{ NEST_STAGE_BIND, EPERM, "interrupts", say_interrupts },
	{ NEST_STAGE_CHECK_EXTENSION, EOPNOTSUPP, "no_vfio", say },
	{ NEST_STAGE_MAP_DMA, ENOMEM, "memlock", say_memlock },
	{ NEST_STAGE_MAP, ENOMEM, "memlock", say_memlock },
	{ NEST_STAGE_MOCK_DOMAIN, ENOTTY, "no_mock", say_no_mock },
	{ NEST_STAGE_MOCK_DOMAIN, EINVAL, "no_mock", say_no_mock },
	{ NEST_STAGE_MAP_DMA, ENOSPC, "limit", say },
	{ NEST_STAGE_NONE, EMFILE, "limit", say },
	{ NEST_STAGE_NONE, ENFILE, "limit", say },
	{ NEST_STAGE_NONE, ENOMEM, "limit", say },
};

/* An obstacle that ends what had begun: no leg that follows could be believed. */
static struct nest_trip_obstacle *obstacle_met(struct nest_trip_run *run, const char *id)
{
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, id);

	run->stopped = run->has & NEST_HAS_MEMORY;
	if (obstacle)
		obstacle->late = run->stopped;
	return obstacle;
}

static void look_up(struct nest_trip_run *run)
{
	enum nest_stage stage = run->failed.stage;
	struct nest_trip_obstacle *obstacle;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		if (states[i].err != run->failed.err ||
		    (states[i].stage && !nest_stage_is(stage, states[i].stage)))
			continue;
		obstacle = states[i].id ? obstacle_met(run, states[i].id) : NULL;
		if (obstacle)
			states[i].say(run, obstacle);
		return;
	}
}

static void obstacle_after(struct nest_trip_run *run)
{
	enum nest_stage stage = run->failed.stage;
	struct nest_trip_obstacle *obstacle;

	if (run->report->obstacle)
		return;
	if (stage == NEST_STAGE_GROUP_VIABLE ||
	    (stage == NEST_STAGE_SET_CONTAINER && run->failed.err == EPERM)) {
		nest_trip_obstacle_not_viable(run);
	} else if (run->vdev.token && run->failed.err == EINVAL &&
		   (stage == NEST_STAGE_BIND || stage == NEST_STAGE_DEVICE_FD)) {
		obstacle = obstacle_met(run, "vf_token");
		if (obstacle)
			say_token(run, obstacle);
	} else if (is_bound_elsewhere(run)) {
		obstacle = obstacle_met(run, "busy");
		if (obstacle)
			say_busy(run, obstacle);
	} else {
		look_up(run);
	}
}

/* Its node may be missing since it is: it was there when sysfs was read. */
static bool has_vanished(const struct nest_trip_run *run)
{
	char path[96];

	if (!run->dev || (run->failed.err != ENOENT && run->failed.err != ENODEV))
		return false;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", run->dev->name);
	return !nest_root_has(&run->ctx->root, path);
}

enum nest_leg_result nest_trip_gone(struct nest_trip_run *run, const char *id, const char *why)
{
	struct nest_trip_obstacle *obstacle = run->report->obstacle;

	run->has &= ~(unsigned int)NEST_HAS_STIM;
	run->distrusted = true;
	run->lacks_stim = why;
	run->leg->op = NULL;
	run->leg->err = 0;
	run->leg->remedy = NULL;
	if (!obstacle)
		obstacle = nest_trip_obstacle_new(run, id);
	if (obstacle && !obstacle->late)
		obstacle->summary = nest_trip_text(
			run, "The round trip could not be finished: %s. %s Look at the kernel log.",
			why, NOTHING_FOLLOWS);
	if (obstacle)
		obstacle->late = true;
	run->stopped = true;
	return nest_trip_skip(run, "%s", why);
}

enum nest_leg_result nest_trip_out_of_range(struct nest_trip_run *run, unsigned int bits)
{
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, "pasid_range");

	if (obstacle) {
		obstacle->usage = true;
		obstacle->summary = nest_trip_text(
			run,
			"--pasid %u is out of range: the device has %u bits of PASID, so the "
			"largest is %u.",
			run->options->pasid, bits, (1u << bits) - 1);
	}
	return nest_trip_skip(run, "the PASID is beyond the device's %u bits", bits);
}

/* For the request in run->failed: what it violates, and whether it is what ends the round trip. */
static enum nest_leg_result blame(struct nest_trip_run *run)
{
	if (has_vanished(run) ||
	    (run->dev && run->has & NEST_HAS_DEVICE && nest_vdev_is_gone(run->ctx, &run->vdev)))
		return nest_trip_gone(run, "device_gone", NEST_TRIP_GONE);
	obstacle_after(run);
	if (run->report->obstacle)
		run->leg->violates = NEST_PROP_NONE;
	return NEST_LEG_FAILED;
}

enum nest_leg_result nest_trip_check(struct nest_trip_run *run, int err)
{
	struct nest_leg *leg = run->leg;
	struct nest_explanation why;
	char text[NEST_REMEDY_MAX];

	if (!err)
		return NEST_LEG_PASSED;
	if (err == -EINTR && nest_signals_pending())
		return NEST_LEG_STOPPED;
	leg->violates = NEST_PROP_REQUESTS;
	/* An errno that no request has explained is one of our own arguments. */
	if (!run->failed.stage || run->failed.err != -err) {
		leg->reason = nest_trip_text(run, "%s", strerror(-err));
		leg->err = -err;
		run->failed = (struct nest_failure){ .err = -err };
		return blame(run);
	}
	nest_explain_failure(&run->failed, text, sizeof(text));
	leg->reason = nest_trip_text(run, "%s", text);
	leg->op = run->failed.op;
	leg->err = run->failed.err;
	why = nest_explain(run->failed.stage, run->failed.err);
	if (why.remedy) {
		nest_remedy_fill(why.remedy, run->failed.object, text, sizeof(text));
		leg->remedy = nest_trip_text(run, "%s", text);
	}
	return blame(run);
}
