// SPDX-License-Identifier: GPL-2.0-or-later
/* Which devices of a group keep a nested table on a vIOMMU from being attached. */
#include "inventory/wholegroup.h"

#include <stdio.h>

#include "inventory/devices.h"

static enum nest_whole needs_of(const struct nest_device *member)
{
	if (nest_device_is_bridge(member))
		return NEST_WHOLE_NEVER;
	if (nest_driver_is_vfio(member->driver) || (!member->driver && !member->have_uevent))
		return NEST_WHOLE_TOGETHER;
	return NEST_WHOLE_UNBOUND;
}

void nest_whole_group(const struct nest_model *model, const struct nest_group *group,
		      const struct nest_device *dev, struct nest_whole_group *ret)
{
	static const char *const remedies[] = {
		[NEST_WHOLE_TOGETHER] = "use them together: a vDEVICE for each, before the table "
					"is attached to one",
		[NEST_WHOLE_UNBOUND] = "bind it to vfio-pci, too",
		[NEST_WHOLE_NEVER] = "use a device that is alone in its group",
	};
	const struct nest_device *member;
	size_t len;

	*ret = (struct nest_whole_group){ 0 };
	if (!group || group->ndevices < 2)
		return;
	ret->needs = NEST_WHOLE_TOGETHER;
	nest_for_each_member (model, group, member) {
		enum nest_whole one = member == dev ? NEST_WHOLE_TOGETHER : needs_of(member);

		if (one > ret->needs) {
			ret->needs = one;
			ret->lacks = member;
		}
	}
	ret->remedy = remedies[ret->needs];
	len = (size_t)snprintf(ret->text, sizeof(ret->text),
			       "the kernel attaches a nested table to all %u devices of group %u, "
			       "and ",
			       group->ndevices, group->id);
	if (ret->needs == NEST_WHOLE_TOGETHER)
		snprintf(ret->text + len, sizeof(ret->text) - len,
			 "each needs a vDEVICE of its own");
	else
		snprintf(ret->text + len, sizeof(ret->text) - len,
			 "%s in it%s can have no vDEVICE%s", ret->lacks->name,
			 ret->needs == NEST_WHOLE_NEVER ? ", a bridge," : "",
			 ret->needs == NEST_WHOLE_NEVER ? "" : " before it is bound to vfio-pci");
}
