// SPDX-License-Identifier: GPL-2.0-or-later
/* The devices of each bus in sysfs, and their uevents. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/held.h"
#include "host/sysfs.h"
#include "inventory/devices.h"
#include "util.h"

#define BUSES "sys/bus"
#define PCI   BUSES "/pci/devices"

struct buses {
	struct nest_ctx *ctx;
	struct nest_model *model;
	nest_found_fn *fn;
	void *data;
	struct nest_found found; /* the one that is told */
	const char **names;	 /* of the PCI devices, of the model's pool */
	size_t nnames;
	struct nest_held bus, above;
};

/*
 * Buses of which no device is ever in a group: it does no DMA, or its parent does it. They can have
 * thousands of devices (a memory block each). A device that is in a group all the same is found
 * through its group. Sorted.
 *
 * Source: Linux 7.3, in which each of these was looked up. Devices come into groups by their bus
 * (iommu_buses[] in drivers/iommu/iommu.c), by dma_configure() of it (pci, platform, amba, fsl-mc,
 * cdx, vmbus), by of_dma_configure() of a driver for its children (bcma, vchiq), by VFIO (mdev),
 * and as what an ANDD structure of the DMAR table names, probe_acpi_namespace_devices(). The last
 * may be any device of ACPI that is there before DMA remapping starts, also one on pnp, such as a
 * UART: pnp is not in this list. The processors, memory blocks and containers that are there, too,
 * make no DMA.
 */
static const char *const without_groups[] = {
	"acpi",
	"clockevents",
	"clocksource",
	"container",
	"cpu",
	"edac",
	"event_source",
	"hid",
	"i2c",
	"machinecheck",
	"mdio_bus",
	"memory",
	"memory_tiering",
	"mei",
	"mmc",
	"nd",
	"node",
	"nvmem",
	"pci_express",
	"scsi",
	"serial",
	"serial-base",
	"serio",
	"spi",
	"usb",
	"usb-serial",
	"wmi",
	"workqueue",
};

void nest_uevent_parse(char *text, struct nest_uevent *ret_uevent)
{
#define KEY(key, member)                                                                           \
	{                                                                                          \
		key "=", sizeof(key), offsetof(struct nest_uevent, member)                         \
	}
	static const struct {
		const char *key;
		size_t len, offset;
	} keys[] = {
		KEY("DRIVER", driver),
		KEY("PCI_ID", pci_id),
		KEY("PCI_CLASS", pci_class),
		KEY("PCI_SUBSYS_ID", pci_subsys_id),
	};
#undef KEY
	char *line, *next;

	*ret_uevent = (struct nest_uevent){ 0 };
	for (line = text; *line; line = next) {
		char *end = strchrnul(line, '\n');
		size_t i;

		next = *end ? end + 1 : end;
		*end = '\0';
		for (i = 0; i < ARRAY_SIZE(keys); i++)
			if (*line == *keys[i].key && !strncmp(line, keys[i].key, keys[i].len) &&
			    line[keys[i].len])
				*(const char **)((char *)ret_uevent + keys[i].offset) =
					line + keys[i].len;
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One list that cannot be read leaves the rest of the answer standing. */
static int not_listed(struct nest_model *model, const char *path, int err)
{
	if (!err || err == -ENOENT || err == -ENOTDIR)
		return 0;
	if (err == -ENOMEM)
		return err;
	nest_model_problem(model, path, "cannot be listed", err);
	model->devices_err = -err;
	return 0;
}

static int add_name(void *data, const char *name, unsigned char type)
{
	struct buses *buses = data;
	const char **at =
		nest_array_add((void **)&buses->names, buses->nnames, sizeof(*buses->names));

	(void)type;
	if (!at)
		return -ENOMEM;
	*at = nest_pool_str(&buses->model->pool, name);
	if (!*at)
		return -ENOMEM;
	buses->nnames++;
	return 0;
}

/* Are the devices on one PCI bus? All of them are folders of the bridge to it. */
static bool same_bus(const char *a, const char *b)
{
	const char *end = strrchr(a, ':');

	return end && end != a && !strncmp(a, b, (size_t)(end - a) + 1);
}

/*
 * Reads the uevent of a PCI device in the folder that its link leads into. The folder of the device
 * before it is tried first, if both are on one bus.
 */
static int tell_pci_device(struct buses *buses, const char *name, const char *before)
{
	char text[NEST_ATTR_MAX + 1], file[NEST_HELD_PATH];
	struct nest_root *root = &buses->ctx->root;
	struct nest_found *found = &buses->found;
	struct nest_uevent uevent;
	ssize_t len;
	bool tried = buses->above.held && before && same_bus(name, before);

	found->name = name;
	found->pooled = true;
	found->uevent = NULL;
	found->above = NULL;
	if (strlen(name) > NEST_HELD_PATH - sizeof("/iommu_group") ||
	    (!tried && !nest_hold_parent(root, &buses->bus, name, &buses->above)))
		return buses->fn(buses->data, found);
	strcpy(stpcpy(file, name), "/uevent");
	len = nest_held_try(root, &buses->above, file, text, sizeof(text));
	if (tried && len == -ENOENT) {
		if (!nest_hold_parent(root, &buses->bus, name, &buses->above))
			return buses->fn(buses->data, found);
		len = nest_held_try(root, &buses->above, file, text, sizeof(text));
	}
	/* What cannot be read this way is asked by its path, which finds out why. */
	if (len >= 0) {
		nest_uevent_parse(text, &uevent);
		found->uevent = &uevent;
		found->above = &buses->above;
	}
	return buses->fn(buses->data, found);
}

/* Sorted, so that devices of one bus follow each other. */
static int tell_pci(struct buses *buses)
{
	int err = nest_dir_each(&buses->ctx->root, PCI, add_name, buses);
	size_t i;

	err = not_listed(buses->model, PCI, err);
	if (err || !buses->nnames)
		return err;
	nest_array_sort(buses->names, buses->nnames, sizeof(*buses->names), by_text);
	nest_hold(&buses->ctx->root, PCI, &buses->bus);
	for (i = 0; i < buses->nnames && !err; i++)
		err = tell_pci_device(buses, buses->names[i], i ? buses->names[i - 1] : NULL);
	nest_hold_release(&buses->ctx->root, &buses->above);
	nest_hold_release(&buses->ctx->root, &buses->bus);
	return err;
}

static int tell_device(void *data, const char *name, unsigned char type)
{
	struct buses *buses = data;

	(void)type;
	buses->found.name = name;
	return buses->fn(buses->data, &buses->found);
}

static int tell_bus(void *data, const char *name, unsigned char type)
{
	struct buses *buses = data;
	char path[512];
	int err;

	(void)type;
	if (bsearch(&name, without_groups, ARRAY_SIZE(without_groups), sizeof(*without_groups),
		    by_text))
		return 0;
	snprintf(path, sizeof(path), BUSES "/%s/devices", name);
	buses->found = (struct nest_found){ .bus = name, .parent = path };
	if (!strcmp(name, "pci"))
		return tell_pci(buses);
	err = nest_dir_each(&buses->ctx->root, path, tell_device, buses);
	return not_listed(buses->model, path, err);
}

int nest_devices_from_sysfs(struct nest_ctx *ctx, struct nest_model *model, nest_found_fn *fn,
			    void *data)
{
	struct buses buses = { .ctx = ctx, .model = model, .fn = fn, .data = data };
	int err = nest_dir_each(&ctx->root, BUSES, tell_bus, &buses);

	free(buses.names);
	return not_listed(model, BUSES, err);
}
