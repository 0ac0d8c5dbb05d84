/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a nested table that stands on a vIOMMU asks of the group of its device. */
#ifndef NEST_WHOLEGROUP_H
#define NEST_WHOLEGROUP_H

#include "model.h"

enum nest_whole {
	NEST_WHOLE_ALONE,    /* the device is alone in its group, or in none */
	NEST_WHOLE_TOGETHER, /* all can have a vDEVICE, as far as their drivers are known */
	NEST_WHOLE_UNBOUND,  /* one is not bound to a VFIO driver, and can have none before */
	NEST_WHOLE_NEVER,    /* one is a bridge, which no driver gives to user space */
};

struct nest_whole_group {
	enum nest_whole needs;
	const struct nest_device *lacks; /* unbound, never: that one */
	char text[200];			 /* a clause that says it; "" if alone */
	const char *remedy;		 /* NULL if alone */
};

/*
 * The kernel attaches a table to each device of a group. One that translates by the user's words
 * needs a vDEVICE for each of them then, else it is refused (ENOENT):
 * __iommu_group_set_domain_internal(), arm_smmu_attach_prepare_vmaster(). dev, whose table it
 * would be, is not looked at. group may be NULL.
 */
void nest_whole_group(const struct nest_model *model, const struct nest_group *group,
		      const struct nest_device *dev, struct nest_whole_group *ret);

#endif
