// SPDX-License-Identifier: GPL-2.0-or-later
/* Which device nodes this host has, and what opening one gives. */
#include "fake-gpasid.h"
#include "fake-iommufd.h"
#include "fake-vfio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Has the kernel iommufd and device nodes? */
static bool has_iommufd(void)
{
	return fake_machine.abi == FAKE_IOMMUFD || fake_machine.abi == FAKE_COMPAT;
}

/* VFIO makes a group node once a member is bound to one of its drivers. */
static bool has_vfio_member(const struct fake_group *group)
{
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i]->group == group &&
		    fake_device_has_vfio(fake_machine.devices[i]))
			return true;
	return false;
}

static int open_group(const char *path, const char *name, int flags)
{
	bool noiommu = !strncmp(name, "noiommu-", 8);
	char *end;
	unsigned long id = strtoul(noiommu ? name + 8 : name, &end, 10);
	struct fake_group *group = fake_group_find((uint32_t)id);

	if (*end || end == name || !group || group->noiommu != noiommu || !has_vfio_member(group))
		return -ENOENT;
	return fake_group_open(group, path, flags);
}

static int open_cdev(const char *path, const char *name, int flags)
{
	size_t i;

	for (i = 0; i < fake_machine.ndevices && has_iommufd(); i++) {
		struct fake_device *dev = fake_machine.devices[i];
		char node[24];

		snprintf(node, sizeof(node), "vfio%d", dev->cdev);
		if (dev->cdev >= 0 && fake_device_has_vfio(dev) && !strcmp(name, node))
			return fake_cdev_open(dev, path, flags);
	}
	return -ENOENT;
}

int fake_node_open(const char *path, int flags)
{
	size_t i;

	for (i = 0; i < fake_machine.nnodes; i++)
		if (!strcmp(path, fake_machine.nodes[i].path) && fake_machine.nodes[i].open_err)
			return -fake_machine.nodes[i].open_err;
	if (!strcmp(path, "/dev/kmsg"))
		return fake_fd_install(fake_file_new(&fake_kmsg_ops, NULL, path, flags));
	if (fake_machine.abi == FAKE_NONE)
		return -ENOENT;
	if (!strcmp(path, "/dev/vfio/vfio"))
		return fake_machine.abi == FAKE_COMPAT ? fake_iommufd_open(path, flags, true)
						       : fake_container_open(path, flags);
	if (!strcmp(path, "/dev/ioasid"))
		return fake_machine.rev == FAKE_REV_V8 || fake_machine.rev == FAKE_REV_V8_PRI
			       ? fake_ioasid_open(path, flags)
			       : -ENOENT;
	if (!strcmp(path, "/dev/iommu"))
		return has_iommufd() ? fake_iommufd_open(path, flags, false) : -ENOENT;
	if (!strncmp(path, "/dev/vfio/devices/", 18))
		return open_cdev(path, path + 18, flags);
	if (!strncmp(path, "/dev/vfio/", 10))
		return open_group(path, path + 10, flags);
	return -ENOENT;
}
