// SPDX-License-Identifier: GPL-2.0-or-later
/* The legacy container: which driver it has, what it answers without one (vfio/container.c). */
#include "fake-vfio.h"

#include <errno.h>
#include <stdlib.h>

#include "uapi/vfio.h"

enum driver { NO_DRIVER, TYPE1, SPAPR, NOIOMMU };

struct fake_container {
	struct fake_file *file;
	enum driver driver;
	struct fake_type1 *type1;
	unsigned int groups;
	bool noiommu;
};

struct fake_type1 *fake_container_type1(const struct fake_container *container)
{
	return container->type1;
}

bool fake_container_is_set(const struct fake_container *container)
{
	return container->driver != NO_DRIVER;
}

/* Which driver the emulated kernel has, besides its no-IOMMU one. */
static enum driver main_driver(void)
{
	return fake_machine.abi == FAKE_SPAPR ? SPAPR : TYPE1;
}

/* tce_iommu_ioctl(), vfio_noiommu_ioctl(), type1's own */
static long driver_extension(enum driver driver, const struct fake_type1 *type1, unsigned long id)
{
	switch (driver) {
	case TYPE1:
		return fake_type1_extension(type1, id);
	case SPAPR:
		return id == VFIO_SPAPR_TCE_IOMMU || id == VFIO_SPAPR_TCE_v2_IOMMU ||
		       id == VFIO_EEH;
	case NOIOMMU:
		return fake_machine.abi == FAKE_NOIOMMU && id == VFIO_NOIOMMU_IOMMU;
	case NO_DRIVER:
		break;
	}
	return 0;
}

/* vfio_iommu_driver_allowed(): no-IOMMU groups and real ones never share a driver */
static bool allowed(const struct fake_container *container, enum driver driver)
{
	return container->noiommu == (driver == NOIOMMU);
}

/* vfio_container_ioctl_check_extension(): without a driver, the first positive answer of any */
static long check_extension(const struct fake_container *container, unsigned long id)
{
	const enum driver drivers[] = { NOIOMMU, main_driver() };
	long ret = 0;
	size_t i;

	if (id == 11)
		fake_violation("VFIO_CHECK_EXTENSION 11, which switches a mode on in some kernels");
	if (id < FAKE_MAX_TYPES && fake_machine.ext[id].set)
		return fake_machine.ext[id].value;
	if (container->driver != NO_DRIVER)
		return driver_extension(container->driver, container->type1, id);
	for (i = 0; i < 2 && ret <= 0; i++)
		if (!container->groups || allowed(container, drivers[i]))
			ret = driver_extension(drivers[i], NULL, id);
	return ret;
}

/*
 * What SET_IOMMU of the nesting type gives by release. Without an op in the VT-d driver
 * (before 5.6) attaching failed; then every unit had to nest (5.6: ENODEV, 5.14: EINVAL); then the
 * op was gone (5.18) and last the type (6.13), which no driver claims.
 */
static int nesting_errno(void)
{
	bool nests = fake_machine.scalable && fake_ecap(ECAP_NEST) && fake_ecap(ECAP_SMTS);

	if (fake_machine.abi == FAKE_RFC_V3 || fake_machine.abi == FAKE_NESTING_OP_V8)
		return nests ? 0 : -EINVAL;
	if (fake_since(6, 13))
		return -ENODEV;
	if (fake_since(5, 6) && !fake_since(5, 18) && nests)
		return 0;
	return fake_since(5, 14) ? -EINVAL : -ENODEV;
}

static int attach_all(struct fake_container *container)
{
	size_t i;
	int err;

	for (i = 0; i < fake_machine.ngroups; i++) {
		struct fake_group *group = fake_machine.groups[i];

		if (group->container != container)
			continue;
		err = fake_type1_attach(container->type1, group);
		if (err)
			return err;
	}
	return 0;
}

static int set_type1(struct fake_container *container, unsigned long type)
{
	int err;

	if (type == VFIO_TYPE1_NESTING_IOMMU) {
		err = nesting_errno();
		if (err)
			return err;
	}
	container->type1 = fake_type1_new(type);
	err = attach_all(container);
	if (err) {
		fake_type1_free(container->type1);
		container->type1 = NULL;
	}
	return err;
}

/* vfio_ioctl_set_iommu(): EINVAL without a group or a second time, ENODEV if no driver has it */
static long set_iommu(struct fake_container *container, unsigned long type)
{
	const enum driver drivers[] = { NOIOMMU, main_driver() };
	long ret = -ENODEV;
	size_t i;

	if (!container->groups || container->driver != NO_DRIVER)
		return -EINVAL;
	if (type < FAKE_MAX_TYPES && fake_machine.set_iommu[type].set &&
	    fake_machine.set_iommu[type].value < 0)
		return fake_machine.set_iommu[type].value;
	for (i = 0; i < 2 && ret; i++) {
		/* driver_extension() and not check_extension(): an answer set by hand is a lie */
		if (!allowed(container, drivers[i]) ||
		    driver_extension(drivers[i], NULL, type) <= 0)
			continue;
		ret = 0;
		if (drivers[i] == TYPE1)
			ret = set_type1(container, type);
		else if (drivers[i] == SPAPR && type == VFIO_EEH)
			ret = -EINVAL; /* tce_iommu_open() */
		if (!ret)
			container->driver = drivers[i];
	}
	return ret;
}

/* Requests of the version query's number, and what there is to say of them by hand. */
static bool version_query(const struct fake_container *container, unsigned long request, long *ret)
{
	const struct fake_override *by_hand = container->driver == NO_DRIVER
						      ? &fake_machine.query_before
						      : &fake_machine.query_after;

	if (request != FAKE_VERSION_QUERY)
		return false;
	if (by_hand->set)
		*ret = by_hand->value;
	else if (fake_machine.abi == FAKE_RFC_V3)
		*ret = 1; /* answered by the core, with or without a driver */
	else
		return false;
	return true;
}

/* tce_iommu_ioctl() of 17 to 21 changes the state of the host: nobody may try these numbers. */
static long spapr_ioctl(unsigned long request)
{
	if (request >= 0x3b75 && request <= 0x3b79) {
		fake_violation("request 0x%lx on an spapr container changes its state", request);
		return 0;
	}
	return request == VFIO_IOMMU_MAP_DMA || request == VFIO_IOMMU_UNMAP_DMA ? -EINVAL : -ENOTTY;
}

/* vfio_fops_unl_ioctl() */
static long container_ioctl(struct fake_file *file, unsigned long request, uintptr_t arg)
{
	struct fake_container *container = file->object;
	long ret;

	switch (request) {
	case VFIO_GET_API_VERSION:
		return fake_machine.api_version.set ? fake_machine.api_version.value
						    : VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return check_extension(container, arg);
	case VFIO_SET_IOMMU:
		return set_iommu(container, arg);
	}
	if (version_query(container, request, &ret))
		return ret;
	switch (container->driver) {
	case TYPE1:
		return fake_type1_ioctl(container->type1, request, arg);
	case SPAPR:
		return spapr_ioctl(request);
	case NOIOMMU:
		return -ENOTTY; /* vfio_noiommu_ioctl() */
	case NO_DRIVER:
		break;
	}
	return -EINVAL;
}

static void container_release(struct fake_file *file)
{
	struct fake_container *container = file->object;

	if (container->type1)
		fake_type1_free(container->type1);
	free(container);
}

const struct fake_file_ops fake_container_ops = {
	.kind = "container",
	.ioctl = container_ioctl,
	.release = container_release,
};

int fake_container_open(const char *name, int flags)
{
	struct fake_container *container = calloc(1, sizeof(*container));

	if (!container)
		abort();
	container->file = fake_file_new(&fake_container_ops, container, name, flags);
	return fake_fd_install(container->file);
}

/* vfio_container_attach_group() */
int fake_container_attach_group(struct fake_file *file, struct fake_group *group)
{
	struct fake_container *container = file->object;
	int err = 0;

	if (container->groups && container->noiommu != group->noiommu)
		return -EPERM;
	/* iommu_group_claim_dma_owner() since 5.19; viability came up later before */
	if (!group->noiommu && (group->viable || fake_since(5, 19)))
		err = fake_group_claim(group, file, false);
	if (!err && container->type1) {
		err = fake_type1_attach(container->type1, group);
		if (err)
			fake_group_release(group);
	}
	if (err)
		return err;
	group->container = container;
	group->container_users = 1;
	container->noiommu = group->noiommu;
	container->groups++;
	fake_file_get(file);
	return 0;
}

/* vfio_group_detach_container(): the last group takes the driver and all mappings with it */
void fake_container_detach_group(struct fake_group *group)
{
	struct fake_container *container = group->container;

	if (container->type1)
		fake_type1_detach(group);
	if (group->owner_count)
		fake_group_release(group);
	group->container = NULL;
	group->container_users = 0;
	if (!--container->groups) {
		if (container->type1)
			fake_type1_free(container->type1);
		container->type1 = NULL;
		container->driver = NO_DRIVER;
	}
	fake_file_put(container->file);
}
