// SPDX-License-Identifier: GPL-2.0-or-later
/* A VFIO device's own node: nothing but BIND_IOMMUFD until it is bound (vfio/device_cdev.c). */
#include "fake-device.h"
#include "fake-iommufd.h"
#include "fake-vfio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/vfio.h"

struct cdev {
	struct fake_device *dev;
	bool bound; /* access_granted */
};

/* vfio_df_check_token(): before 6.17 no token was looked at. */
static int check_token(const struct fake_device *dev, const struct vfio_device_bind_iommufd *bind)
{
	const uint8_t *u = (const uint8_t *)(uintptr_t)bind->token_uuid_ptr;
	char text[40], *at = text;
	int i;

	if (!fake_since(6, 17))
		return 0;
	if (!(bind->flags & VFIO_DEVICE_BIND_FLAG_TOKEN))
		return fake_device_check_token(dev, NULL);
	for (i = 0; i < 16; i++)
		at += sprintf(at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", u[i]);
	return fake_device_check_token(dev, text);
}

/* vfio_df_ioctl_bind_iommufd() */
static long bind(struct cdev *cdev, uintptr_t arg)
{
	struct fake_device *dev = cdev->dev;
	struct vfio_device_bind_iommufd bind;
	size_t size = fake_since(6, 17) ? sizeof(bind) : VFIO_DEVICE_BIND_IOMMUFD_MIN;
	struct fake_file *file;
	uint32_t argsz;
	int err;

	memcpy(&argsz, (const void *)arg, sizeof(argsz));
	if (argsz < VFIO_DEVICE_BIND_IOMMUFD_MIN)
		return -EINVAL;
	/* Before 6.17 only the first 16 bytes were copied, and the rest was not looked at. */
	err = fake_copy_struct(&bind, size, arg, fake_since(6, 17) ? argsz : size);
	if (err)
		return err;
	if (bind.iommufd < 0 || bind.flags & ~(fake_since(6, 17) ? VFIO_DEVICE_BIND_FLAG_TOKEN : 0))
		return -EINVAL;
	if (dev->group->opened)
		return -EBUSY; /* vfio_device_block_group() */
	if (cdev->bound || dev->open_count)
		return -EINVAL;
	file = fake_fd_file(bind.iommufd);
	if (!file)
		return -EBADF;
	if (!fake_iommufd_of(file))
		return -EBADFD;
	if (dev->busy)
		return -EBUSY;
	err = check_token(dev, &bind);
	if (err)
		return err;
	err = fake_iommufd_bind(fake_iommufd_of(file), dev);
	if (err)
		return err;
	dev->group->cdev_open++;
	dev->open_count++;
	fake_device_enable(dev);
	cdev->bound = true;
	((struct vfio_device_bind_iommufd *)arg)->out_devid = dev->devid;
	return 0;
}

/* vfio_df_ioctl_attach_pt() */
static long attach(struct cdev *cdev, struct vfio_device_attach_iommufd_pt *arg)
{
	uint32_t pasid = FAKE_NO_PASID, pt_id = arg->pt_id;
	int err;

	if (arg->argsz < VFIO_DEVICE_ATTACH_IOMMUFD_PT_MIN ||
	    arg->flags & ~(fake_since(6, 15) ? VFIO_DEVICE_ATTACH_PASID : 0))
		return -EINVAL;
	if (arg->flags & VFIO_DEVICE_ATTACH_PASID) {
		if (arg->argsz < sizeof(*arg))
			return -EINVAL;
		pasid = arg->pasid;
		if (pasid == FAKE_NO_PASID)
			return -EINVAL; /* IOMMU_NO_PASID is 0 as well */
	}
	err = fake_iommufd_attach(cdev->dev, pasid, &pt_id);
	if (!err)
		arg->pt_id = pt_id;
	return err;
}

/* vfio_df_ioctl_detach_pt() */
static long detach(struct cdev *cdev, const struct vfio_device_detach_iommufd_pt *arg)
{
	uint32_t pasid = FAKE_NO_PASID;

	if (arg->argsz < VFIO_DEVICE_DETACH_IOMMUFD_PT_MIN ||
	    arg->flags & ~(fake_since(6, 15) ? VFIO_DEVICE_DETACH_PASID : 0))
		return -EINVAL;
	if (arg->flags & VFIO_DEVICE_DETACH_PASID) {
		if (arg->argsz < sizeof(*arg))
			return -EINVAL;
		pasid = arg->pasid;
	}
	fake_iommufd_detach(cdev->dev, pasid);
	return 0;
}

/* vfio_device_fops_unl_ioctl() */
static long cdev_ioctl(struct fake_file *file, unsigned long request, uintptr_t arg)
{
	struct cdev *cdev = file->object;

	if (request == VFIO_DEVICE_BIND_IOMMUFD)
		return arg ? bind(cdev, arg) : -EFAULT;
	if (!cdev->bound)
		return -EINVAL;
	if (request != VFIO_DEVICE_ATTACH_IOMMUFD_PT && request != VFIO_DEVICE_DETACH_IOMMUFD_PT)
		return fake_device_ioctl(cdev->dev, request, arg);
	if (!arg)
		return -EFAULT;
	return request == VFIO_DEVICE_ATTACH_IOMMUFD_PT ? attach(cdev, (void *)arg)
							: detach(cdev, (const void *)arg);
}

static ssize_t cdev_pread(struct fake_file *file, void *buf, size_t len, uint64_t offset)
{
	struct cdev *cdev = file->object;

	return cdev->bound ? fake_device_rw(cdev->dev, buf, len, offset, false) : -EINVAL;
}

static ssize_t cdev_pwrite(struct fake_file *file, const void *buf, size_t len, uint64_t offset)
{
	struct cdev *cdev = file->object;

	return cdev->bound ? fake_device_rw(cdev->dev, (void *)(uintptr_t)buf, len, offset, true)
			   : -EINVAL;
}

static int cdev_mmap(struct fake_file *file, size_t len, uint64_t offset, void **ret_addr)
{
	struct cdev *cdev = file->object;

	return cdev->bound ? fake_device_mmap(cdev->dev, len, offset, ret_addr) : -EINVAL;
}

static void cdev_excuse(struct fake_file *file)
{
	((struct cdev *)file->object)->dev->excused = true;
}

/* vfio_df_unbind_iommufd() */
static void cdev_release(struct fake_file *file)
{
	struct cdev *cdev = file->object;
	struct fake_device *dev = cdev->dev;

	if (cdev->bound) {
		if (fake_memory_region_in_use(dev))
			fake_violation("%s was closed while its registers are mapped",
				       dev->address);
		dev->open_count--;
		fake_device_disable(dev);
		fake_iommufd_unbind(dev);
		dev->group->cdev_open--;
	}
	free(cdev);
}

static const struct fake_file_ops cdev_ops = {
	.kind = "device node",
	.ioctl = cdev_ioctl,
	.pread = cdev_pread,
	.pwrite = cdev_pwrite,
	.mmap = cdev_mmap,
	.excuse = cdev_excuse,
	.release = cdev_release,
};

/* vfio_device_fops_cdev_open() */
int fake_cdev_open(struct fake_device *dev, const char *name, int flags)
{
	struct cdev *cdev = calloc(1, sizeof(*cdev));

	if (!cdev)
		abort();
	cdev->dev = dev;
	return fake_fd_install(fake_file_new(&cdev_ops, cdev, name, flags));
}
