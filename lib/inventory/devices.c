// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices: found by bus, tied to their group and IOMMU unit, and what their driver means for user
 * space.
 */
#include "inventory/devices.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/inventory.h"
#include "pciaddr.h"
#include "util.h"
#include "host/held.h"
#include "host/sysfs.h"
#include "number.h"

#define CLASS_PCI_BRIDGE  0x0604
#define CLASS_SEMI_BRIDGE 0x0609 /* semi-transparent */

#define PATH_SIZE	  768

struct walk {
	struct nest_ctx *ctx;
	struct nest_model *model;
	struct nest_served_list *served;
	const char *dir; /* lists what is being completed */
	uint32_t group;	 /* its members are being completed */
	struct ungrouped *ungrouped;
	size_t nungrouped;
};

/* A device of an unknown group: its own link is missing or wrong. */
struct ungrouped {
	const char *name; /* of the pool, where every name is once */
	size_t index;
};

bool nest_device_is_bridge(const struct nest_device *dev)
{
	uint32_t class = dev->pci_class >> 8;

	return dev->bus == NEST_BUS_PCI && dev->have_ids &&
	       (class == CLASS_PCI_BRIDGE || class == CLASS_SEMI_BRIDGE);
}

/* "vfio" as a word of its own: vfio-pci, mlx5_vfio_pci, vfio_ap, nvgrace-gpu-vfio-pci. */
bool nest_driver_is_vfio(const char *name)
{
	const char *at = name;

	if (!name)
		return false;
	while ((at = strstr(at, "vfio"))) {
		bool starts = at == name || at[-1] == '-' || at[-1] == '_';

		at += strlen("vfio");
		if (starts && (!*at || *at == '-' || *at == '_'))
			return true;
	}
	return false;
}

bool nest_driver_owns_dma(const char *bus, const char *name)
{
	static const char *const claiming[] = { "pci", "platform", "amba", "fsl-mc", "cdx" };
	static const char *const harmless[] = { "pcieport", "pci-stub" };
	bool claims = false;
	size_t i;

	if (!bus || !name || nest_driver_is_vfio(name))
		return false;
	for (i = 0; i < ARRAY_SIZE(claiming); i++)
		claims |= !strcmp(bus, claiming[i]);
	if (!claims)
		return false;
	for (i = 0; i < ARRAY_SIZE(harmless); i++)
		if (!strcmp(name, harmless[i]))
			return false;
	return true;
}

/* "sys/bus/pci/devices/0000:00:02.0/uevent". No attribute: the device's folder. */
static const char *path_of(const struct nest_found *found, const char *attr, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/%s%s%s", found->parent, found->name, attr ? "/" : "",
		 attr ? attr : "");
	return path;
}

static ssize_t read_in(struct walk *w, const struct nest_found *found, const char *attr, char *buf,
		       size_t size)
{
	char path[PATH_SIZE];

	return nest_attr_read(&w->ctx->root, path_of(found, attr, path), buf, size);
}

/* Last component of one of the device's links. 0 or -errno. */
static int link_of(struct walk *w, const struct nest_found *found, const char *attr, char *buf,
		   size_t size)
{
	char path[PATH_SIZE];

	if (!found->above)
		return nest_link_name(&w->ctx->root, path_of(found, attr, path), buf, size);
	strcpy(stpcpy(stpcpy(path, found->name), "/"), attr);
	return nest_held_link_name(&w->ctx->root, found->above, path, buf, size);
}

/* Up to four hexadecimal digits; where they end, or NULL. */
static const char *hex16(const char *text, uint16_t *ret)
{
	unsigned int value = 0;
	int n;

	for (n = 0; n < 4 && isxdigit((unsigned char)text[n]); n++)
		value = value << 4 | (isdigit((unsigned char)text[n])
					      ? (unsigned int)text[n] - '0'
					      : ((unsigned int)text[n] | 0x20) - 'a' + 10);
	*ret = (uint16_t)value;
	return n ? text + n : NULL;
}

/* "8086:10D3" */
static bool hex_pair(const char *text, uint16_t *ret_a, uint16_t *ret_b)
{
	uint16_t a, b;

	if (!text || !(text = hex16(text, &a)) || *text != ':' || !(text = hex16(text + 1, &b)) ||
	    *text)
		return false;
	*ret_a = a;
	*ret_b = b;
	return true;
}

/* Trees captured by hand may lack uevent files but have the single attributes. */
static void read_ids(struct walk *w, const struct nest_found *found, struct nest_device *dev)
{
	static const char *const attrs[] = { "vendor", "device", "class" };
	uint64_t value[3];
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < 3; i++)
		if (nest_attr_read_u64(&w->ctx->root, path_of(found, attrs[i], path), 16,
				       &value[i]))
			return;
	dev->vendor = (uint16_t)value[0];
	dev->device = (uint16_t)value[1];
	dev->pci_class = (uint32_t)value[2] & 0xffffff;
	dev->have_ids = true;
}

static void take_uevent(struct walk *w, const struct nest_found *found,
			const struct nest_uevent *uevent, struct nest_device *dev)
{
	struct nest_pool *pool = &w->model->pool;
	char name[256];
	uint64_t class;

	if (uevent) {
		dev->have_uevent = true;
		dev->driver = nest_pool_str(pool, uevent->driver);
		if (hex_pair(uevent->pci_id, &dev->vendor, &dev->device) && uevent->pci_class &&
		    !nest_parse_u64(uevent->pci_class, 16, &class)) {
			dev->pci_class = (uint32_t) class & 0xffffff;
			dev->have_ids = true;
			hex_pair(uevent->pci_subsys_id, &dev->subvendor, &dev->subdevice);
		}
	}
	if (dev->bus == NEST_BUS_PCI && !dev->have_ids)
		read_ids(w, found, dev);
	if (dev->driver)
		return;
	/* No driver in the uevent: the link must agree before a device is called unbound. */
	switch (link_of(w, found, "driver", name, sizeof(name))) {
	case 0:
		dev->driver = nest_pool_str(pool, name);
		dev->have_uevent = true;
		break;
	case -ENOENT:
		dev->have_uevent = true;
		break;
	}
}

static uint32_t group_index(const struct nest_model *model, const char *text)
{
	const struct nest_group *group;
	uint64_t id;

	if (nest_parse_u64(text, 10, &id))
		return NEST_NONE;
	group = nest_model_group(model, id);
	return group ? (uint32_t)(group - model->groups) : NEST_NONE;
}

static uint32_t find_unit(struct walk *w, const struct nest_found *found, const char *pooled)
{
	struct nest_served *served = nest_served_find(w->served, pooled);
	const struct nest_unit *unit;
	char name[256];

	if (served) {
		served->seen = true;
		return served->unit;
	}
	if (!w->model->nunits)
		return NEST_NONE;
	if (link_of(w, found, "iommu", name, sizeof(name)))
		return NEST_NONE;
	unit = nest_model_unit(w->model, name);
	return unit ? (uint32_t)(unit - w->model->units) : NEST_NONE;
}

static uint64_t order_of(const char *name, bool pci)
{
	struct nest_pciaddr addr;

	if (!pci || nest_pciaddr_parse(name, &addr))
		return UINT64_MAX;
	return nest_pciaddr_key(&addr);
}

/* fn of both sources: decides whether the device belongs here, and if so adds it. */
static int add_device(void *data, const struct nest_found *found)
{
	struct walk *w = data;
	struct nest_model *model = w->model;
	bool pci = found->bus && !strcmp(found->bus, "pci");
	char text[NEST_ATTR_MAX + 1], path[PATH_SIZE], group[32];
	struct nest_uevent uevent = { 0 };
	struct nest_device *dev;
	ssize_t len = -ENOENT;
	int err;

	/* Every PCI device is listed; of other buses only members of a group are. */
	if (pci && !found->uevent)
		len = read_in(w, found, "uevent", text, sizeof(text));
	err = link_of(w, found, "iommu_group", group, sizeof(group));
	if (err && !pci)
		return 0;
	if (err && err != -ENOENT && err != -EINVAL)
		nest_model_problem(model, path_of(found, "iommu_group", path), "cannot be read",
				   err);
	if (!pci && !found->uevent)
		len = read_in(w, found, "uevent", text, sizeof(text));
	if (len == -ENOENT && !found->uevent &&
	    !nest_root_has(&w->ctx->root, path_of(found, NULL, path))) {
		nest_model_problem(model, path, "disappeared while it was read", -ENOENT);
		return 0;
	}
	if (len < 0 && len != -ENOENT)
		nest_model_problem(model, path_of(found, "uevent", path), "cannot be read",
				   (int)len);
	if (len >= 0)
		nest_uevent_parse(text, &uevent);

	dev = nest_array_add((void **)&model->devices, model->ndevices, sizeof(*dev));
	if (!dev)
		return -ENOMEM;
	dev->name = found->pooled ? found->name : nest_pool_str(&model->pool, found->name);
	if (!dev->name)
		return -ENOMEM;
	dev->bus_name = nest_pool_str(&model->pool, found->bus);
	dev->bus = pci						   ? NEST_BUS_PCI
		   : found->bus && !strcmp(found->bus, "platform") ? NEST_BUS_PLATFORM
								   : NEST_BUS_OTHER;
	dev->order = order_of(dev->name, pci);
	dev->group = err ? NEST_NONE : group_index(model, group);
	dev->group_unread = dev->group == NEST_NONE && err != -ENOENT && err != -EINVAL;
	dev->next = NEST_NONE;
	take_uevent(w, found, found->uevent ? found->uevent : len >= 0 ? &uevent : NULL, dev);
	dev->unit = find_unit(w, found, dev->name);
	dev->blocks = nest_driver_owns_dma(dev->bus_name, dev->driver);
	model->ndevices++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct ungrouped *ua = a, *ub = b;
	uintptr_t na = (uintptr_t)ua->name, nb = (uintptr_t)ub->name;

	return na != nb ? (na < nb ? -1 : 1) : ua->index < ub->index ? -1 : ua->index > ub->index;
}

static int list_ungrouped(struct walk *w)
{
	const struct nest_model *model = w->model;
	size_t i;

	w->ungrouped = calloc(model->ndevices + 1, sizeof(*w->ungrouped));
	if (!w->ungrouped)
		return -ENOMEM;
	for (i = 0; i < model->ndevices; i++)
		if (model->devices[i].group == NEST_NONE)
			w->ungrouped[w->nungrouped++] =
				(struct ungrouped){ model->devices[i].name, i };
	qsort(w->ungrouped, w->nungrouped, sizeof(*w->ungrouped), by_name);
	return 0;
}

/* The first one of that name that has got no group since. */
static struct nest_device *find_ungrouped(const struct walk *w, const char *pooled)
{
	const struct ungrouped key = { pooled, 0 };
	size_t low = 0, high = w->nungrouped;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (by_name(&w->ungrouped[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < w->nungrouped && w->ungrouped[low].name == pooled; low++)
		if (w->model->devices[w->ungrouped[low].index].group == NEST_NONE)
			return &w->model->devices[w->ungrouped[low].index];
	return NULL;
}

/* Adds a device that a group or a unit lists, and that its bus did not show with its group. */
static int complete_device(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	const char *pooled = nest_pool_str(&w->model->pool, name);
	struct nest_device *known;
	struct nest_found found = { .name = pooled, .parent = w->dir };
	char path[PATH_SIZE], bus[64];
	size_t before = w->model->ndevices;
	int err;

	(void)type;
	if (!pooled)
		return -ENOMEM;
	known = find_ungrouped(w, pooled);
	if (known) {
		known->group = w->group;
		known->group_unread = false;
		return 0;
	}
	if (!nest_link_name(&w->ctx->root, path_of(&found, "subsystem", path), bus, sizeof(bus)))
		found.bus = bus;
	else if (order_of(name, true) != UINT64_MAX)
		found.bus = "pci";
	err = add_device(w, &found);
	if (!err && w->model->ndevices > before && w->group != NEST_NONE)
		w->model->devices[before].group = w->group;
	return err;
}

/*
 * Groups that came out empty are asked for their members: a tree without sys/bus, a member without
 * a bus, or a device that libudev refuses. Groups with members are not asked, which would cost four
 * system calls each.
 */
static int complete_groups(struct walk *w)
{
	struct nest_model *model = w->model;
	size_t known = model->ndevices;
	char path[128];
	size_t i;
	int err;

	for (i = 0; i < known; i++)
		if (model->devices[i].group != NEST_NONE)
			model->groups[model->devices[i].group].ndevices++;
	for (i = 0; i < model->ngroups; i++) {
		if (model->groups[i].ndevices)
			continue;
		snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%u/devices",
			 model->groups[i].id);
		w->dir = path;
		w->group = (uint32_t)i;
		err = nest_dir_each(&w->ctx->root, path, complete_device, w);
		if (err == -ENOMEM)
			return err;
		if (err && err != -ENOENT)
			nest_model_problem(model, path, "cannot be listed", err);
	}
	w->group = NEST_NONE;
	return 0;
}

/* Adds the members of groups that only a unit's list of devices names. */
static int complete_served(struct walk *w)
{
	struct nest_model *model = w->model;
	char path[512];
	size_t i;

	for (i = 0; i < w->served->count; i++) {
		struct nest_served *served = &w->served->at[i];
		size_t before = model->ndevices;

		if (served->seen)
			continue;
		snprintf(path, sizeof(path), "sys/class/iommu/%s/devices",
			 model->units[served->unit].name);
		w->dir = path;
		if (complete_device(w, served->name, 0) == -ENOMEM)
			return -ENOMEM;
		if (model->ndevices > before)
			model->devices[before].unit = served->unit;
	}
	return 0;
}

static int by_order(const void *a, const void *b)
{
	const struct nest_device *da = a, *db = b;

	if (da->order != db->order)
		return da->order < db->order ? -1 : 1;
	return strcmp(da->name, db->name);
}

/* Chains the members of each group in order, and says whether user space may have them. */
static void chain(struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->ngroups; i++) {
		model->groups[i].first = NEST_NONE;
		model->groups[i].ndevices = 0;
		model->groups[i].blocker = NEST_NONE;
		model->groups[i].nblockers = 0;
		model->groups[i].viable = NEST_YES;
	}
	for (i = model->ndevices; i-- > 0;) {
		struct nest_device *dev = &model->devices[i];
		struct nest_group *group;

		if (dev->unit != NEST_NONE)
			model->units[dev->unit].ndevices++;
		if (dev->group == NEST_NONE)
			continue;
		group = &model->groups[dev->group];
		dev->next = group->first;
		group->first = (uint32_t)i;
		group->ndevices++;
		if (dev->blocks) {
			group->viable = NEST_NO;
			group->blocker = (uint32_t)i;
			group->nblockers++;
		} else if (group->viable == NEST_YES && (!dev->have_uevent || model->devices_err)) {
			group->viable = NEST_UNKNOWN;
		}
	}
	for (i = 0; i < model->ngroups; i++)
		if (!model->groups[i].ndevices)
			model->groups[i].viable = NEST_UNKNOWN;
}

/* By sysfs, unless the user asked for libudev, which may not be there. */
static int find_devices(struct nest_ctx *ctx, struct nest_model *model, struct walk *w)
{
	/* Reports are replayed without libudev, so record only what sysfs answers. */
	bool by_udev = ctx->by_udev && ctx->live && !ctx->root.ops;
	int err = by_udev ? nest_devices_from_udev(ctx, add_device, w) : -ENOSYS;

	if (err != -ENOSYS) {
		nest_say(ctx, 1, "devices were enumerated through libudev");
		return err;
	}
	nest_say(ctx, by_udev ? 0 : 1, "devices were enumerated from sysfs%s",
		 by_udev ? ": libudev is not available" : "");
	return nest_devices_from_sysfs(ctx, model, add_device, w);
}

int nest_devices_gather(struct nest_ctx *ctx, struct nest_model *model,
			struct nest_served_list *served, bool all)
{
	struct walk w = { .ctx = ctx, .model = model, .served = served };
	int err = all ? find_devices(ctx, model, &w) : 0;

	if (!err)
		err = list_ungrouped(&w);
	if (!err)
		err = complete_groups(&w);
	if (!err)
		err = complete_served(&w);
	free(w.ungrouped);
	if (err)
		return err;
	nest_array_sort(model->devices, model->ndevices, sizeof(*model->devices), by_order);
	chain(model);
	return 0;
}

bool nest_device_is_denied(const struct nest_device *dev)
{
	static const uint16_t denied[] = { 0x0b25, 0x0cfe }; /* DSA, IAA */
	size_t i;

	for (i = 0; dev->have_ids && dev->vendor == 0x8086 && i < ARRAY_SIZE(denied); i++)
		if (dev->device == denied[i])
			return true;
	return false;
}
