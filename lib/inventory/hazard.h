/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that a kernel is better not asked, by the device and the unit in front of it. */
#ifndef NEST_HAZARD_H
#define NEST_HAZARD_H

#include <stdbool.h>

#include "ctx.h"
#include "model.h"

/*
 * Has the PCI device PASIDs, by its config space in sysfs, without what vfio-pci hides? What cannot
 * be read there is not denied.
 */
bool nest_may_have_pasids(struct nest_ctx *ctx, const struct nest_device *dev);

/*
 * May a device without a group get one when a driver is bound to it? Until 6.15 Linux reads IORT,
 * VIOT and device tree for it only then (pci_dma_configure()); behind the other kinds of unit a
 * device has its group from the start, or none. A kernel that is not known counts as one that may.
 */
bool nest_group_may_come(const struct nest_model *model, const struct nest_device *dev);

/* Is the release ("7.3.4") this one or a later one? One that cannot be read counts as later. */
bool nest_release_since(const char *release, unsigned int major, unsigned int minor);

/*
 * Why a driver tells nothing of hardware that nests: the kernel is too old for that, or was built
 * without the option. False: neither is known to be so. hw and release may be NULL.
 */
struct nest_hw;
struct nest_hw_refusal;
bool nest_driver_lacks(const struct nest_hw *hw, const char *release, struct nest_hw_refusal *ret);

/*
 * Why GET_HW_INFO of this device is not to be asked, a clause in static memory; NULL: it may be.
 * Reads config space where the kind of the unit makes it matter. What is not known of the device or
 * of the kernel counts as the worse case.
 */
const char *nest_hw_info_hazard(struct nest_ctx *ctx, const struct nest_model *model,
				const struct nest_device *dev);

#endif
