/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gathers IOMMU units, groups and devices into the model, in one pass over sysfs. Reads only
 * what was asked for: one uevent and one link for a device, the type for a group. Sources:
 * Documentation/ABI/testing/sysfs-kernel-iommu_groups, sysfs-class-iommu*.
 */
#ifndef NEST_INVENTORY_H
#define NEST_INVENTORY_H

#include "ctx.h"
#include "model.h"

enum nest_want {
	NEST_WANT_NAMES = 1,   /* vendor, model and class names from udev's hwdb */
	NEST_WANT_REGIONS = 2, /* reserved regions of every group */
	NEST_WANT_TYPES = 4,   /* domain type of every group */
	NEST_WANT_VIABLE = 8,  /* may user space have the group: reads regions if drivers let it */
	NEST_WANT_USUAL = NEST_WANT_TYPES | NEST_WANT_VIABLE,
};

/*
 * Fills a cleared model; want is a set of enum nest_want. What could not be read is in
 * model->problems. If devices came or went meanwhile, all is read again, three times in all.
 * 0 or -ENOMEM; an empty tree is an answer (model->iommu_present), not an error.
 */
int nest_inventory_gather(struct nest_ctx *ctx, unsigned int want, struct nest_model *model);

/*
 * The same for a command that looks at what is named, n names: all units, but only the groups of
 * the names with their devices. It is the whole host if a name is no PCI address nor number of a
 * group, or anything about them is odd.
 */
int nest_inventory_gather_named(struct nest_ctx *ctx, unsigned int want, const char *const *names,
				size_t n, struct nest_model *model);

/* Reads the reserved regions of one group. 0 or -errno; a second call does nothing. */
int nest_group_read_regions(struct nest_ctx *ctx, struct nest_model *model,
			    struct nest_group *group);

/* Is the group one of VFIO's no-IOMMU mode, in which nothing translates? */
bool nest_group_is_noiommu(struct nest_ctx *ctx, const struct nest_group *group);

/*
 * Sets the unit's verdict from these registers (of sysfs or iommufd). 0 or -ENOMEM.
 */
int nest_unit_judge(struct nest_model *model, struct nest_unit *unit,
		    const struct nest_hw_values *values);

/*
 * Keeps the registers that a probe was told of the unit, and sysfs does not show, for a report,
 * whose units have them then. Only where the root keeps answers.
 */
void nest_unit_keep_values(struct nest_ctx *ctx, const struct nest_unit *unit);

/* What a reserved region of this type means for an assignment, for people. Static. */
const char *nest_region_meaning(enum nest_region_type type);

/* ---- parts of the gathering, in the order of their use ---- */

/*
 * inventory/units.c: every entry of /sys/class/iommu, and which device each serves, if that is
 * asked for.
 */
struct nest_served {
	const char *name; /* of the device, in the pool */
	uint32_t unit;
	bool seen;
};
struct nest_served_list {
	struct nest_served *at; /* sorted by the name's pointer */
	size_t count;
};
int nest_units_gather(struct nest_ctx *ctx, struct nest_model *model,
		      struct nest_served_list *ret_served);
struct nest_served *nest_served_find(const struct nest_served_list *served, const char *pooled);

/* inventory/groups.c: reads of what is wanted their types. */
int nest_groups_gather(struct nest_ctx *ctx, struct nest_model *model, unsigned int want);

/* The same, but only these groups. */
int nest_groups_gather_some(struct nest_ctx *ctx, struct nest_model *model, unsigned int want,
			    const uint32_t *ids, size_t n);

/*
 * inventory/groups.c: of what is wanted their reserved regions, of all or of those that matter;
 * needs devices. Whether user space may have a group is unknown if that was not wanted.
 */
int nest_groups_judge(struct nest_ctx *ctx, struct nest_model *model, unsigned int want);

/* inventory/devices.c: needs units and groups. All devices, or those that the groups list. */
int nest_devices_gather(struct nest_ctx *ctx, struct nest_model *model,
			struct nest_served_list *served, bool all);

/* inventory/presence.c: is an IOMMU in use, and if not, why: firmware or kernel. */
void nest_presence_judge(struct nest_ctx *ctx, struct nest_model *model);

/* Units of hardware: the kernel's mock is none of the host's. */
size_t nest_units_count(const struct nest_model *model);

#endif
