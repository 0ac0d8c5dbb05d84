// SPDX-License-Identifier: GPL-2.0-or-later
/* States of a host in which no round trip can begin, and the commands that change them. */
#include "trip/run.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "explain.h"
#include "remedy.h"
#include "hw/hw.h"
#include "inventory/devices.h"
#include "inventory/inventory.h"
#include "trip/state.h"
#include "util.h"
#include "host/sysfs.h"
#include "number.h"

static struct nest_trip_obstacle *obstacle_new(struct nest_trip_run *run, const char *id)
{
	struct nest_trip_obstacle *obstacle = calloc(1, sizeof(*obstacle));

	if (!obstacle) {
		run->broken = true;
		return NULL;
	}
	obstacle->id = id;
	obstacle->summary = "";
	run->report->obstacle = obstacle;
	return obstacle;
}

/* Each line of what remedy.h made, or none: false. The last of the list stays NULL. */
static bool add(struct nest_trip_run *run, const char **list, const char *commands)
{
	const char *at = commands;
	size_t i = 0, lines = 1;

	for (; *at; at++)
		lines += *at == '\n';
	while (list[i])
		i++;
	if (i + lines >= NEST_TRIP_COMMANDS_MAX)
		return false;
	for (at = commands; lines--; at += strcspn(at, "\n") + 1)
		list[i++] = nest_trip_text(run, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

/* The same for a template and its object. */
static void command(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle,
		    const char *template, const char *object)
{
	char commands[NEST_REMEDY_MAX];

	nest_remedy_commands(template, object, commands, sizeof(commands));
	add(run, obstacle->commands, commands);
}

/* ---- before anything is opened ---- */

/* The group of that number, for those who took it for a device; NULL if there is none. */
static const struct nest_group *group_called(const struct nest_model *model, const char *name)
{
	uint64_t id;

	return nest_parse_u64(name, 10, &id) ? NULL : nest_model_group(model, id);
}

static void not_found(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = obstacle_new(run, "not_found");
	const struct nest_group *group = group_called(run->model, run->options->device);
	const char *unread =
		run->model->iommu_present == NEST_UNKNOWN ? run->model->absent_reason : NULL;
	const struct nest_device *dev;

	if (!obstacle)
		return;
	obstacle->summary = nest_trip_text(
		run, "Device %s not found%s%s.", run->options->device,
		group	 ? ": this is a group, and the round trip takes one device of a group"
		: unread ? ": "
			 : "",
		unread && !group ? unread : "");
	if (group)
		nest_for_each_member (run->model, group, dev)
			command(run, obstacle, NEST_CMD_TRIP, dev->name);
	else
		command(run, obstacle, NEST_CMD_LIST, "");
}

static void no_iommu(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = obstacle_new(run, "no_iommu");

	if (!obstacle)
		return;
	if (run->model->iommu_present == NEST_NO && run->model->absent_reason)
		obstacle->summary = nest_trip_text(run, "%s is in no IOMMU group: %s.",
						   run->dev->name, run->model->absent_reason);
	else
		obstacle->summary =
			nest_trip_text(run, "%s is in no IOMMU group: no IOMMU translates its DMA.",
				       run->dev->name);
}

static void noiommu(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = obstacle_new(run, "noiommu");

	if (!obstacle)
		return;
	obstacle->summary = nest_trip_text(
		run,
		"%s is bound to VFIO in no-IOMMU mode: its DMA is not translated at all. A round "
		"trip proves nothing here, and its DMA could overwrite any memory of this host. "
		"Enable the IOMMU in firmware setup and in the kernel, and disable no-IOMMU mode.",
		run->dev->name);
	command(run, obstacle,
		"# vfio-nestctl check --for passthrough tells how to switch the IOMMU on", "");
	command(run, obstacle, NEST_CMD_NOIOMMU_OFF, "");
}

static void bridge(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = obstacle_new(run, "bridge");

	if (!obstacle)
		return;
	obstacle->summary =
		nest_trip_text(run,
			       "%s is a bridge between PCI buses, and vfio-pci does not support "
			       "bridges. Use a device, for example one behind this bridge.",
			       run->dev->name);
	command(run, obstacle, NEST_CMD_TREE, "");
}

static void not_bound(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = obstacle_new(run, "not_bound");
	const struct nest_device *dev = run->dev;
	char commands[NEST_REMEDY_MAX];

	if (!obstacle)
		return;
	if (dev->bus != NEST_BUS_PCI) {
		obstacle->summary = nest_trip_text(
			run, "%s is not a PCI device. The round trip supports PCI devices only.",
			dev->name);
		return;
	}
	obstacle->summary =
		dev->driver
			? nest_trip_text(
				  run,
				  "%s is bound to the driver %s. The round trip needs a device "
				  "that is bound to vfio-pci, and does not bind drivers itself. "
				  "While the device is bound to vfio-pci, %s does not drive it.",
				  dev->name, dev->driver, dev->driver)
			: nest_trip_text(
				  run,
				  "%s is bound to no driver. The round trip needs a device that is "
				  "bound to vfio-pci, and does not bind drivers itself.",
				  dev->name);
	nest_remedy_bind(dev->name, nest_tri_from_bool(dev->driver != NULL), commands,
			 sizeof(commands));
	add(run, obstacle->commands, commands);
	nest_remedy_bind_back(dev->name, commands, sizeof(commands));
	add(run, obstacle->undo, commands);
}

/* A VFIO driver of another name (mlx5_vfio_pci and its like) serves as well. */
static bool is_bound(struct nest_trip_run *run)
{
	if (!run->dev->have_uevent)
		return true; /* not known: the nodes will tell */
	return nest_driver_is_vfio(run->dev->driver);
}

void nest_trip_obstacle_not_viable(struct nest_trip_run *run)
{
	const struct nest_group *group = &run->model->groups[run->dev->group];
	struct nest_trip_obstacle *obstacle = obstacle_new(run, "not_viable");
	const struct nest_device *dev;
	char list[512] = "", commands[NEST_REMEDY_MAX];
	size_t used = 0;
	unsigned int n = 0, missed = 0;

	if (!obstacle)
		return;
	nest_for_each_member (run->model, group, dev) {
		if (!dev->blocks)
			continue;
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used,
						 "%s%s (driver %s)", n++ ? ", " : "", dev->name,
						 dev->driver ? dev->driver : "?");
		if (dev->bus != NEST_BUS_PCI)
			continue;
		nest_remedy_free(dev->name, commands, sizeof(commands));
		missed += !add(run, obstacle->commands, commands);
		nest_remedy_free_back(dev->name, commands, sizeof(commands));
		add(run, obstacle->undo, commands);
	}
	obstacle->summary = nest_trip_text(
		run,
		"The IOMMU does not isolate %s from the other devices of group %u, and %s bound to "
		"a host driver that does DMA: %s. Bind every device of the group to vfio-pci, or "
		"unbind its driver.%s",
		run->dev->name, group->id, n == 1 ? "one of them is" : "some of them are",
		n ? list : "see vfio-nestctl show",
		missed ? " The commands below are for the first of them." : "");
}

/* What was asked for cannot be here. */
static void usage(struct nest_trip_run *run, const char *id, const char *summary)
{
	struct nest_trip_obstacle *obstacle = obstacle_new(run, id);

	if (!obstacle)
		return;
	obstacle->usage = true;
	obstacle->summary = summary;
	command(run, obstacle, NEST_CMD_LIST, "");
}

/* Of a virtual function, or of a physical one that can have some. */
static bool takes_token(const struct nest_trip_run *run)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/physfn", run->dev->name);
	if (nest_root_has(&run->ctx->root, path))
		return true;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/sriov_totalvfs", run->dev->name);
	return nest_root_has(&run->ctx->root, path);
}

const struct nest_vf_token *nest_trip_token(const struct nest_trip_run *run)
{
	return run->dev && run->options->vf_token && takes_token(run) ? run->options->vf_token
								      : NULL;
}

bool nest_trip_obstacle_before(struct nest_trip_run *run)
{
	run->dev = nest_model_device(run->model, run->options->device);
	if (!run->dev)
		not_found(run);
	else if (run->dev->group != NEST_NONE &&
		 nest_group_is_noiommu(run->ctx, &run->model->groups[run->dev->group]))
		noiommu(run);
	else if (run->dev->group == NEST_NONE)
		no_iommu(run);
	else if (nest_device_is_bridge(run->dev))
		bridge(run);
	else if (run->dev->bus != NEST_BUS_PCI || !is_bound(run))
		not_bound(run);
	else if (run->model->groups[run->dev->group].viable == NEST_NO)
		nest_trip_obstacle_not_viable(run);
	else if (run->options->vf_token && !run->is_second && !takes_token(run))
		usage(run, "vf_token",
		      nest_trip_text(run,
				     "--vf-token is for virtual functions and for physical ones. "
				     "%s is neither: leave it away.",
				     run->dev->name));
	else
		return false;
	return true;
}

bool nest_trip_obstacle_between(struct nest_trip_run *run)
{
	struct nest_trip_run *second = run->second;

	if (nest_trip_obstacle_before(second))
		return true;
	if (second->dev == run->dev)
		usage(run, "same_device",
		      nest_trip_text(run,
				     "%s was given twice. Give two devices, each in a group "
				     "of its own.",
				     run->dev->name));
	else if (second->dev->group == run->dev->group)
		usage(run, "same_group",
		      nest_trip_text(run,
				     "%s and %s are both in group %u. The IOMMU does not keep "
				     "devices of one group apart, so the kernel gives them the "
				     "same tables. Give a second device of another group.",
				     run->dev->name, second->dev->name,
				     run->model->groups[run->dev->group].id));
	else
		return false;
	return true;
}

/* ---- after a request failed ---- */

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

	obstacle->summary = paragraph(run, NULL);
	if (!why.remedy)
		return;
	/* The clause in front of the commands is a comment among them. */
	nest_remedy_fill(why.remedy, run->failed.object, text + 2, sizeof(text) - 2);
	add(run, obstacle->commands, text);
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
	add(run, obstacle->commands, commands);
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
	struct rlimit limit = { 0, 0 };
	char text[400];

	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY)
		snprintf(text, sizeof(text),
			 "The limit is not the cause: the host itself may be short of memory.");
	else
		snprintf(text, sizeof(text),
			 "The round trip pins %d KiB, or %d KiB with a first stage; this process "
			 "may lock %llu KiB. CAP_IPC_LOCK removes the limit.",
			 NEST_SMALL_PAGES * 4, (NEST_SMALL_PAGES + NEST_BIG_PAGES) * 4,
			 (unsigned long long)limit.rlim_cur / 1024);
	obstacle->summary = paragraph(run, text);
	command(run, obstacle, NEST_CMD_MEMLOCK, "");
	command(run, obstacle, "# in a systemd unit: LimitMEMLOCK=infinity", "");
	command(run, obstacle, "# in a container: --ulimit memlock=-1, or --cap-add=IPC_LOCK", "");
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
	command(run, obstacle, NEST_CMD_LOG_REMAP, missing ? "ITS" : log ? log : "ioapic");
	command(run, obstacle, "# at your own risk, only where every user of VFIO is trusted:", "");
	command(run, obstacle,
		iommufd ? NEST_CMD_UNSAFE("iommufd", "1")
			: NEST_CMD_UNSAFE("vfio_iommu_type1", "1"),
		"");
	add(run, obstacle->undo,
	    iommufd ? NEST_CMD_UNSAFE("iommufd", "0") : NEST_CMD_UNSAFE("vfio_iommu_type1", "0"));
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
	command(run, obstacle, NEST_CMD_TRIP_TOKEN, run->dev->name);
}

/* The kernel has no mock device, or none that works. */
static void say_no_mock(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle)
{
	if (run->failed.err == EINVAL) {
		/* iommu_ops_from_fwnode() of such kernels gives the device to the other driver. */
		obstacle->summary = "The kernel's mock device is not behind its mock IOMMU. Older "
				    "kernels such as 6.12 attach it to a real IOMMU if there is "
				    "one. Start the kernel with the IOMMU disabled.";
		command(run, obstacle,
			"# add intel_iommu=off or amd_iommu=off to the kernel command line and "
			"reboot",
			"");
		return;
	}
	obstacle->summary = "This kernel has no mock device: it was built without "
			    "CONFIG_IOMMUFD_TEST, an option for kernel development.";
	command(run, obstacle, NEST_CMD_MOCK_CONFIG, "");
}

/* A failure of stage, or of a case of it, with err is this state. */
static const struct {
	enum nest_stage stage;
	int err;
	const char *id;
	void (*say)(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle);
} states[] = {
	{ NEST_STAGE_OPEN, EACCES, "permission", say },
	{ NEST_STAGE_OPEN, EPERM, "permission", say },
	{ NEST_STAGE_OPEN, ENOENT, "no_vfio", say },
	{ NEST_STAGE_OPEN, ENODEV, "no_vfio", say },
	{ NEST_STAGE_OPEN, ENXIO, "no_vfio", say },
	{ NEST_STAGE_OPEN, EBUSY, "busy", say_busy },
	{ NEST_STAGE_OPEN, EMFILE, "limit", say },
	{ NEST_STAGE_OPEN, ENFILE, "limit", say },
	{ NEST_STAGE_MMAP_MEMORY, ENOMEM, "limit", say },
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
};

static void obstacle_after(struct nest_trip_run *run)
{
	enum nest_stage stage = run->failed.stage;
	size_t i;

	if (!stage || run->report->obstacle)
		return;
	if (stage == NEST_STAGE_GROUP_VIABLE ||
	    (stage == NEST_STAGE_SET_CONTAINER && run->failed.err == EPERM)) {
		nest_trip_obstacle_not_viable(run);
		return;
	}
	if (run->vdev.token && run->failed.err == EINVAL &&
	    (stage == NEST_STAGE_BIND || stage == NEST_STAGE_DEVICE_FD)) {
		struct nest_trip_obstacle *obstacle = obstacle_new(run, "vf_token");

		if (obstacle)
			say_token(run, obstacle);
		return;
	}
	if (is_bound_elsewhere(run)) {
		struct nest_trip_obstacle *obstacle = obstacle_new(run, "busy");

		if (obstacle)
			say_busy(run, obstacle);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct nest_trip_obstacle *obstacle;

		if (states[i].err != run->failed.err || !nest_stage_is(stage, states[i].stage))
			continue;
		obstacle = obstacle_new(run, states[i].id);
		if (obstacle)
			states[i].say(run, obstacle);
		return;
	}
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
		obstacle = obstacle_new(run, id);
	if (obstacle && !obstacle->late)
		obstacle->summary = nest_trip_text(
			run, "The round trip could not be finished: %s. %s", why,
			"Nothing follows from it about the IOMMU. Look at the kernel log.");
	if (obstacle)
		obstacle->late = true;
	return nest_trip_skip(run, "%s", why);
}

enum nest_leg_result nest_trip_out_of_range(struct nest_trip_run *run, unsigned int bits)
{
	struct nest_trip_obstacle *obstacle = obstacle_new(run, "pasid_range");

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

enum nest_leg_result nest_trip_check_state(struct nest_trip_run *run, int err)
{
	enum nest_leg_result result = nest_trip_check(run, err);

	if (result == NEST_LEG_FAILED)
		obstacle_after(run);
	return result;
}
