// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of devices, groups and units, in each spelling. */
#include "inventory/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/sysfs.h"
#include "inventory/cdev.h"
#include "inventory/devices.h"
#include "inventory/select.h"
#include "number.h"
#include "pciaddr.h"
#include "util.h"

#define NODES	   "/dev/vfio/"
#define LISTED_MAX 8

struct finding {
	struct nest_ctx *ctx;
	struct nest_model *model;
	struct nest_named named;
};

static void take_group(struct finding *finding, const char *number)
{
	uint64_t id;

	if (!nest_parse_u64(number, 10, &id))
		finding->named.group = nest_model_group(finding->model, id);
}

static void find_node(struct finding *finding, const char *name)
{
	const struct nest_model *model = finding->model;
	struct nest_cdev cdev;
	char dir[160];
	size_t i;

	for (i = 0; i < model->ndevices && !finding->named.dev; i++) {
		const struct nest_device *dev = &model->devices[i];

		if (!nest_driver_is_vfio(dev->driver) || !dev->bus_name)
			continue;
		snprintf(dir, sizeof(dir), "sys/bus/%s/devices/%s", dev->bus_name, dev->name);
		*cdev.entry = '\0';
		(void)nest_cdev_find(finding->ctx, dir, &cdev);
		if (!strcmp(cdev.entry, name))
			finding->named.dev = dev;
	}
}

static bool ends_with(const char *path, const char *end)
{
	size_t len = strlen(path), end_len = strlen(end);

	return len >= end_len && !strcmp(path + len - end_len, end);
}

/*
 * The last component that is a device, a group or a unit. Those above the last one count only where
 * the path exists, and none above a PCI address, nor above "..": the parent of a device that is
 * gone is another device. The folder of a unit may be in that of a device (AMD, Arm).
 */
static void find_component(struct finding *finding, char *path, bool exists)
{
	struct nest_pciaddr addr;
	char *slash;

	do {
		char *name;

		slash = strrchr(path, '/');
		name = slash ? slash + 1 : path;
		finding->named.dev = *name ? nest_model_device(finding->model, name) : NULL;
		if (slash)
			*slash = '\0';
		if (slash && ends_with(path, "iommu_groups")) {
			take_group(finding, name);
			return;
		}
		if (slash && ends_with(path, "/iommu")) {
			finding->named.unit = nest_model_unit(finding->model, name);
			return;
		}
		if (finding->named.dev || !nest_pciaddr_parse(name, &addr) || !strcmp(name, "..") ||
		    (*name && !exists))
			return;
	} while (slash);
}

/*
 * A link leads to the device itself; what it leads through tells of no other. A relative path
 * starts at a folder that is not known here: its last component alone counts.
 */
static void find_path(struct finding *finding, const char *text)
{
	char *path = strdup(text), target[1024];
	size_t len = path ? strlen(path) : 0;

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	if (path && *path != '/')
		find_component(finding, path, false);
	else if (path && nest_link_read(&finding->ctx->root, path + 1, target, sizeof(target)) > 0)
		find_component(finding, target, true);
	else if (path)
		find_component(finding, path, nest_root_has(&finding->ctx->root, path + 1));
	free(path);
}

static bool is_numbers(const char *text)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	return strspn(text, digits) == 4 && text[4] == ':' && strspn(text + 5, digits) == 4 &&
	       !text[9];
}

/* A clause that lists the devices: those with these numbers, or those of the group. */
static const char *list_devices(struct nest_model *model, const char *what, size_t n,
				const struct nest_id_select *select, const struct nest_group *group)
{
	char list[LISTED_MAX * 68 + 32] = "";
	size_t i, used = 0, listed = 0;

	for (i = 0; i < model->ndevices && listed < LISTED_MAX; i++) {
		const struct nest_device *dev = &model->devices[i];

		if (select ? !nest_id_selects(select, dev)
			   : dev->group == NEST_NONE || &model->groups[dev->group] != group)
			continue;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%.64s",
					 listed++ ? ", " : "", dev->name);
	}
	if (listed < n)
		snprintf(list + used, sizeof(list) - used, " and %zu more", n - listed);
	return nest_pool_printf(&model->pool, "%s %zu devices: %s", what, n, list);
}

static void find_numbers(struct finding *finding, const char *text)
{
	struct nest_model *model = finding->model;
	struct nest_id_select select;
	size_t i, n = 0;

	if (nest_id_select_parse(text, &select))
		return;
	for (i = 0; i < model->ndevices; i++) {
		if (!nest_id_selects(&select, &model->devices[i]))
			continue;
		finding->named.dev = &model->devices[i];
		n++;
	}
	if (n < 2)
		return;
	finding->named.dev = NULL;
	finding->named.ambiguous = list_devices(model, "matches", n, &select, NULL);
}

struct nest_named nest_find(struct nest_ctx *ctx, struct nest_model *model, const char *text)
{
	static const char devices[] = NODES "devices/", noiommu[] = NODES "noiommu-";
	struct finding finding = { .ctx = ctx, .model = model };

	if (*text >= '0' && *text <= '9')
		take_group(&finding, text);
	if (!finding.named.group)
		finding.named.dev = nest_model_device(model, text);
	if (finding.named.group || finding.named.dev)
		return finding.named;
	if (!strncmp(text, devices, strlen(devices)))
		find_node(&finding, text + strlen(devices));
	else if (!strncmp(text, noiommu, strlen(noiommu)))
		take_group(&finding, text + strlen(noiommu));
	else if (!strncmp(text, NODES, strlen(NODES)))
		take_group(&finding, text + strlen(NODES));
	else if (strchr(text, '/'))
		find_path(&finding, text);
	else if (is_numbers(text))
		find_numbers(&finding, text);
	else
		finding.named.unit = nest_model_unit(model, text);
	return finding.named;
}

struct nest_named nest_find_device(struct nest_ctx *ctx, struct nest_model *model, const char *text)
{
	struct nest_named named = nest_find(ctx, model, text);
	const struct nest_group *group = named.group;

	if (!group)
		return named;
	named.group = NULL;
	/* A bare number may be a mistake for an address: the caller tells which it wants. */
	if (!strchr(text, '/'))
		return named;
	if (group->ndevices == 1)
		named.dev = &model->devices[group->first];
	else
		named.ambiguous =
			list_devices(model, "is a group of", group->ndevices, NULL, group);
	return named;
}
