/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where devices come from: sysfs alone, or libudev on a live host. Both give the same, and the
 * inventory does not distinguish them.
 */
#ifndef NEST_DEVICES_H
#define NEST_DEVICES_H

#include <stdbool.h>
#include <stddef.h>

#include "ctx.h"
#include "model.h"

/* What a device's uevent says; NULL where it does not say. */
struct nest_uevent {
	const char *driver;
	const char *pci_class, *pci_id, *pci_subsys_id; /* "20000", "8086:10D3" */
};

struct nest_held;

struct nest_found {
	const char *bus;		  /* NULL if it has none */
	const char *name;		  /* unique on its bus */
	bool pooled;			  /* the name is the model's already */
	const char *parent;		  /* its folder's, below the root: "sys/bus/pci/devices" */
	const struct nest_uevent *uevent; /* NULL: not read yet */
	const struct nest_held *above;	  /* the folder that it is in, no link; NULL: not held */
};

typedef int nest_found_fn(void *data, const struct nest_found *found);

/*
 * Calls fn for each device that could be in a group. A non-zero answer ends the walk and is
 * returned. sysfs: every device of every bus; a bus that cannot be listed is a problem of the
 * model. udev (inventory/udev.c): the same from libudev's enumeration, without what libudev
 * refuses; -ENOSYS where libudev is not available.
 */
int nest_devices_from_sysfs(struct nest_ctx *ctx, struct nest_model *model, nest_found_fn *fn,
			    void *data);
int nest_devices_from_udev(struct nest_ctx *ctx, nest_found_fn *fn, void *data);

/*
 * Finds the keys in the text of a uevent file, which is cut into strings in the process. Pure;
 * takes any bytes.
 */
void nest_uevent_parse(char *text, struct nest_uevent *ret_uevent);

/*
 * Does a driver own its device's DMA, so that its group cannot be assigned? bus and name are as
 * bound, NULL for none. Only some buses claim DMA for their drivers: an mdev never blocks.
 * Source: callers of iommu_device_use_default_domain(); driver_managed_dma in
 * drivers/pci/pci-stub.c, drivers/pci/pcie/portdrv.c, drivers/vfio.
 */
bool nest_driver_owns_dma(const char *bus, const char *name);

/*
 * A bridge between PCI buses: its header is another than a device's, and vfio-pci refuses it
 * (vfio_pci_core_register_device()). False where the class is not known.
 */
bool nest_device_is_bridge(const struct nest_device *dev);

/*
 * Is it an accelerator that vfio-pci of Linux 6.10 (and of older kernels with the fix for
 * CVE-2024-21823) refuses, unless its parameter disable_denylist is on?
 * vfio_pci_dev_in_denylist(), drivers/vfio/pci/vfio_pci.c.
 */
bool nest_device_is_denied(const struct nest_device *dev);

/* Does a driver of this name assign its devices to user space through VFIO? NULL: no driver. */
bool nest_driver_is_vfio(const char *name);

#endif
