// SPDX-License-Identifier: GPL-2.0-or-later
/* States of a host in which no round trip can begin, and the commands that change them. */
#include "trip/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remedy.h"
#include "inventory/devices.h"
#include "inventory/hazard.h"
#include "inventory/inventory.h"
#include "trip/state.h"
#include "host/sysfs.h"
#include "number.h"

struct nest_trip_obstacle *nest_trip_obstacle_new(struct nest_trip_run *run, const char *id)
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

/* The last of the list stays NULL. */
bool nest_trip_obstacle_add(struct nest_trip_run *run, const char **list, const char *commands)
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

void nest_trip_obstacle_command(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle,
				const char *template, const char *object)
{
	char commands[NEST_REMEDY_MAX];

	nest_remedy_commands(template, object, commands, sizeof(commands));
	nest_trip_obstacle_add(run, obstacle->commands, commands);
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
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, "not_found");
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
			nest_trip_obstacle_command(run, obstacle, NEST_CMD_TRIP, dev->name);
	else
		nest_trip_obstacle_command(run, obstacle, NEST_CMD_LIST, "");
}

static void no_iommu(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, "no_iommu");

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
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, "noiommu");

	if (!obstacle)
		return;
	obstacle->summary = nest_trip_text(
		run,
		"%s is bound to VFIO in no-IOMMU mode: its DMA is not translated at all. A round "
		"trip proves nothing here, and its DMA could overwrite any memory of this host. "
		"Enable the IOMMU in firmware setup and in the kernel, and disable no-IOMMU mode.",
		run->dev->name);
	nest_trip_obstacle_command(
		run, obstacle,
		"# vfio-nestctl check --for passthrough tells how to switch the IOMMU on", "");
	nest_trip_obstacle_command(run, obstacle, NEST_CMD_NOIOMMU_OFF, "");
}

static void bridge(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, "bridge");

	if (!obstacle)
		return;
	obstacle->summary =
		nest_trip_text(run,
			       "%s is a bridge between PCI buses, and vfio-pci does not support "
			       "bridges. Use a device, for example one behind this bridge.",
			       run->dev->name);
	nest_trip_obstacle_command(run, obstacle, NEST_CMD_TREE, "");
}

static void not_bound(struct nest_trip_run *run)
{
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, "not_bound");
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
	if (nest_device_is_denied(dev))
		obstacle->summary = nest_trip_text(
			run,
			"%s vfio-pci of Linux 6.10 and later refuses this accelerator, unless the "
			"kernel is started with vfio_pci.disable_denylist=1. A program that uses "
			"the device can then harm the host (CVE-2024-21823).",
			obstacle->summary);
	nest_remedy_bind(dev->name, nest_tri_from_bool(dev->driver != NULL), commands,
			 sizeof(commands));
	nest_trip_obstacle_add(run, obstacle->commands, commands);
	nest_remedy_bind_back(dev->name, commands, sizeof(commands));
	nest_trip_obstacle_add(run, obstacle->undo, commands);
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
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, "not_viable");
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
		missed += !nest_trip_obstacle_add(run, obstacle->commands, commands);
		nest_remedy_free_back(dev->name, commands, sizeof(commands));
		nest_trip_obstacle_add(run, obstacle->undo, commands);
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
	struct nest_trip_obstacle *obstacle = nest_trip_obstacle_new(run, id);

	if (!obstacle)
		return;
	obstacle->usage = true;
	obstacle->summary = summary;
	nest_trip_obstacle_command(run, obstacle, NEST_CMD_LIST, "");
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
	else if (run->dev->group == NEST_NONE && !nest_group_may_come(run->model, run->dev))
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
