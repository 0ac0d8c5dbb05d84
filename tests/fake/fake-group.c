// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VFIO groups: their file, their owner, and devices opened through them (Linux 7.3,
 * drivers/vfio/group.c).
 */
#include "fake-device.h"
#include "fake-iommufd.h"
#include "fake-vfio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/vfio.h"

struct device_file {
	struct fake_device *dev;
	struct fake_file *group_file;
};

struct fake_group *fake_group_find(uint32_t id)
{
	size_t i;

	for (i = 0; i < fake_machine.ngroups; i++)
		if (fake_machine.groups[i]->id == id)
			return fake_machine.groups[i];
	return NULL;
}

/* iommu_group_claim_dma_owner() and, shared, iommu_device_claim_dma_owner() (Linux 7.3, iommu.c) */
int fake_group_claim(struct fake_group *group, const void *owner, bool shared)
{
	if (!group->viable)
		return -EPERM; /* a driver's own claim counts as another owner's */
	if (group->owner_count && (!shared || group->owner != owner))
		return -EPERM;
	group->owner = owner;
	group->owner_count++;
	return 0;
}

void fake_group_release(struct fake_group *group)
{
	if (!--group->owner_count)
		group->owner = NULL;
}

/* vfio_group_has_iommu() */
static bool has_iommu(const struct fake_group *group)
{
	return group->container || group->iommufd;
}

/* vfio_group_ioctl_get_status() */
static long get_status(struct fake_group *group, struct vfio_group_status *status)
{
	if (status->argsz < sizeof(*status))
		return -EINVAL;
	status->flags = 0;
	if (has_iommu(group)) {
		status->flags = VFIO_GROUP_FLAGS_CONTAINER_SET | VFIO_GROUP_FLAGS_VIABLE;
		/* Before 5.19 viability was not settled by attaching: vfio_group_viable(). */
		if (!fake_since(5, 19) && !group->viable)
			status->flags &= ~VFIO_GROUP_FLAGS_VIABLE;
	} else if (group->viable && !group->owner_count) {
		status->flags = VFIO_GROUP_FLAGS_VIABLE;
	}
	return 0;
}

/* vfio_group_ioctl_set_container() */
static long set_container(struct fake_group *group, const int *arg)
{
	struct fake_file *file = fake_fd_file(*arg);
	struct fake_iommufd *ictx;
	int err;

	if (!file)
		return -EBADF;
	if (has_iommu(group))
		return -EINVAL;
	if (file->ops == &fake_container_ops)
		return fake_container_attach_group(file, group);
	ictx = fake_iommufd_of(file);
	if (!ictx)
		return -EBADFD;
	if (group->noiommu) { /* iommufd_vfio_compat_set_no_iommu() */
		if (ictx->vfio_ioas)
			return -EINVAL;
		ictx->no_iommu = true;
	} else {
		err = fake_compat_create(ictx);
		if (err)
			return err;
	}
	fake_file_get(file);
	group->iommufd = ictx;
	return 0;
}

/* vfio_group_ioctl_unset_container() */
static long unset_container(struct fake_group *group)
{
	if (!has_iommu(group))
		return -EINVAL;
	if (group->container) {
		if (group->container_users != 1)
			return -EBUSY;
		fake_container_detach_group(group);
	}
	if (group->iommufd) {
		fake_file_put(group->iommufd->file);
		group->iommufd = NULL;
	}
	return 0;
}

/* vfio_df_group_open(), vfio_df_device_first_open() */
static int open_device(struct fake_group *group, struct fake_device *dev)
{
	struct fake_ioas *ioas;
	uint32_t pt_id;
	int err;

	if (!has_iommu(group))
		return -EINVAL;
	if (group->container && !fake_container_is_set(group->container))
		return -EINVAL; /* vfio_group_use_container() */
	if (!group->viable)
		return fake_since(5, 19) ? -EPERM : -EINVAL;
	if (group->iommufd && !group->noiommu && !dev->open_count) {
		err = fake_iommufd_bind(group->iommufd, dev);
		if (err)
			return err;
		ioas = group->iommufd->vfio_ioas;
		pt_id = ioas ? ioas->object.id : 0;
		err = ioas ? fake_iommufd_attach(dev, FAKE_NO_PASID, &pt_id) : -ENODEV;
		if (err) {
			fake_iommufd_unbind(dev);
			return err;
		}
	}
	if (dev->open_count++)
		return 0;
	if (group->container)
		group->container_users++;
	fake_device_enable(dev);
	return 0;
}

static void device_release(struct fake_file *file)
{
	struct device_file *df = file->object;
	struct fake_group *group = df->dev->group;

	if (!--df->dev->open_count) {
		if (fake_memory_region_in_use(df->dev))
			fake_violation("%s was closed while its registers are mapped",
				       df->dev->address);
		fake_device_disable(df->dev);
		if (df->dev->iommufd)
			fake_iommufd_unbind(df->dev);
		if (group->container)
			group->container_users--;
	}
	fake_file_put(df->group_file);
	free(df);
}

static long device_ioctl(struct fake_file *file, unsigned long request, uintptr_t arg)
{
	struct device_file *df = file->object;

	if (request ==
	    VFIO_DEVICE_BIND_IOMMUFD) /* vfio_df_ioctl_bind_iommufd(): for cdev files only */
		return -EINVAL;
	return fake_device_ioctl(df->dev, request, arg);
}

static ssize_t device_pread(struct fake_file *file, void *buf, size_t len, uint64_t offset)
{
	return fake_device_rw(((struct device_file *)file->object)->dev, buf, len, offset, false);
}

static ssize_t device_pwrite(struct fake_file *file, const void *buf, size_t len, uint64_t offset)
{
	return fake_device_rw(((struct device_file *)file->object)->dev, (void *)(uintptr_t)buf,
			      len, offset, true);
}

static int device_mmap(struct fake_file *file, size_t len, uint64_t offset, void **ret_addr)
{
	return fake_device_mmap(((struct device_file *)file->object)->dev, len, offset, ret_addr);
}

static void device_excuse(struct fake_file *file)
{
	((struct device_file *)file->object)->dev->excused = true;
}

static const struct fake_file_ops group_device_ops = {
	.kind = "device",
	.ioctl = device_ioctl,
	.pread = device_pread,
	.pwrite = device_pwrite,
	.mmap = device_mmap,
	.excuse = device_excuse,
	.release = device_release,
};

/* vfio_group_ioctl_get_device_fd(), vfio_device_open_file() */
static long get_device_fd(struct fake_file *group_file, const char *name)
{
	struct fake_group *group = group_file->object;
	struct device_file *df;
	size_t i;
	int err;

	for (i = 0; i < fake_machine.ndevices; i++) {
		struct fake_device *dev = fake_machine.devices[i];

		const char *token = strstr(name, " vf_token=");
		size_t len = token ? (size_t)(token - name) : strlen(name);

		if (dev->group != group || !fake_device_has_vfio(dev) ||
		    strlen(dev->address) != len || strncmp(dev->address, name, len))
			continue;
		err = fake_device_check_token(dev, token ? token + strlen(" vf_token=") : NULL);
		if (!err)
			err = dev->busy ? -EBUSY : open_device(group, dev);
		if (err)
			return err;
		df = calloc(1, sizeof(*df));
		if (!df)
			abort();
		*df = (struct device_file){ dev, group_file };
		/* get_file(group->opened_file): the group outlives its fd */
		fake_file_get(group_file);
		return fake_fd_install(fake_file_new(&group_device_ops, df, name, 0));
	}
	return -ENODEV;
}

static long group_ioctl(struct fake_file *file, unsigned long request, uintptr_t arg)
{
	struct fake_group *group = file->object;

	if (request == VFIO_GROUP_UNSET_CONTAINER)
		return unset_container(group);
	if (request != VFIO_GROUP_GET_STATUS && request != VFIO_GROUP_SET_CONTAINER &&
	    request != VFIO_GROUP_GET_DEVICE_FD)
		return -ENOTTY;
	if (!arg)
		return -EFAULT;
	if (request == VFIO_GROUP_GET_STATUS)
		return get_status(group, (void *)arg);
	if (request == VFIO_GROUP_SET_CONTAINER)
		return set_container(group, (const void *)arg);
	return get_device_fd(file, (const char *)arg);
}

/* vfio_group_fops_release() */
static void group_release(struct fake_file *file)
{
	struct fake_group *group = file->object;

	group->opened = NULL;
	if (has_iommu(group))
		unset_container(group);
}

static const struct fake_file_ops group_ops = {
	.kind = "group",
	.ioctl = group_ioctl,
	.release = group_release,
};

/* vfio_group_fops_open() */
int fake_group_open(struct fake_group *group, const char *name, int flags)
{
	if (group->busy || group->opened || group->cdev_open)
		return -EBUSY;
	group->opened = fake_file_new(&group_ops, group, name, flags);
	return fake_fd_install(group->opened);
}
