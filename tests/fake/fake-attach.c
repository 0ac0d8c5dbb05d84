// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices and iommufd: bind, attach, replace, detach, all by group (Linux 7.3,
 * iommu/iommufd/device.c, iommu/intel/nested.c and pasid.c).
 */
#include "fake-device.h"
#include "fake-iommufd.h"
#include "fake-smmu.h"
#include "fake-vfio.h"
#include "fake-viommu.h"

#include <errno.h>
#include <stdlib.h>

#include "uapi/iommufd.h"

struct fake_attach *fake_attach_find(struct fake_group *group, uint32_t pasid)
{
	size_t i;

	for (i = 0; i < FAKE_MAX_PASIDS; i++)
		if (group->attach[i].hwpt && group->attach[i].pasid == pasid)
			return &group->attach[i];
	return NULL;
}

static struct fake_attach *new_attach(struct fake_group *group)
{
	size_t i;

	for (i = 0; i < FAKE_MAX_PASIDS; i++)
		if (!group->attach[i].hwpt)
			return &group->attach[i];
	return NULL;
}

/* iommufd_hwpt_pasid_compat() */
static int check_pasid_compat(const struct fake_hwpt *hwpt, struct fake_group *group,
			      uint32_t pasid)
{
	const struct fake_attach *rid = fake_attach_find(group, FAKE_NO_PASID);
	size_t i;

	if (pasid != FAKE_NO_PASID)
		return hwpt->pasid_compat && (!rid || rid->hwpt->pasid_compat) ? 0 : -EINVAL;
	for (i = 0; i < FAKE_MAX_PASIDS && !hwpt->pasid_compat; i++)
		if (group->attach[i].hwpt && group->attach[i].pasid != FAKE_NO_PASID)
			return -EINVAL;
	return 0;
}

/* intel_pasid_setup_nested(): what nobody looked at before */
static int check_nested(const struct fake_domain *domain)
{
	if (domain->addr_width != 48 &&
	    !(domain->addr_width == 57 && fake_machine.cap >> CAP_FL5LP & 1))
		return -EINVAL;
	if (domain->s1_flags & IOMMU_VTD_S1_SRE && !fake_ecap(ECAP_SRS))
		return -EINVAL;
	if (domain->s1_flags & IOMMU_VTD_S1_EAFE && !fake_ecap(ECAP_EAFS))
		return -EINVAL;
	return 0;
}

/*
 * __iommu_group_set_domain_internal() for each device of the group, and
 * arm_smmu_attach_prepare_vmaster(): only what translates by the user's words needs a vDEVICE
 */
static int check_smmu(const struct fake_group *group, const struct fake_domain *domain)
{
	bool translates = (domain->ste[0] & 1) && (domain->ste[0] >> 1 & 7) == 5;
	uint64_t virt_id;
	size_t i;

	for (i = 0; translates && i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i]->group == group &&
		    !fake_viommu_virt_id(domain->viommu, fake_machine.devices[i]->devid, &virt_id))
			return -ENOENT;
	return 0;
}

/*
 * iommu_attach_device_pasid(): a device without PASIDs is passed over since 6.16, and all is well
 */
static int check_pasid(const struct fake_device *dev, uint32_t pasid)
{
	unsigned int bits = fake_device_pasid_bits(dev);

	if (pasid == FAKE_NO_PASID || (!bits && fake_since(6, 16)))
		return 0;
	return pasid >> bits ? -EINVAL : 0;
}

/* iommufd_hwpt_attach_device() down to intel_nested_attach_dev() or intel_nested_set_dev_pasid() */
static int check_attach(const struct fake_device *dev, const struct fake_hwpt *hwpt, uint32_t pasid)
{
	int err;

	if (hwpt->fault && dev->is_vf && dev->pri)
		return -EINVAL; /* iommufd_hwpt_compatible_device() */
	err = check_pasid_compat(hwpt, dev->group, pasid);
	if (!err)
		err = check_pasid(dev, pasid);
	if (!err && hwpt->fault && !fake_device_has_pri(dev))
		err = -ENODEV; /* iopf_for_domain_set() */
	if (!err && hwpt->viommu)
		err = pasid == FAKE_NO_PASID ? check_smmu(dev->group, &hwpt->domain) : -EOPNOTSUPP;
	else if (!err && hwpt->domain.kind == FAKE_NESTED)
		err = check_nested(&hwpt->domain);
	return err;
}

static struct fake_ioas *ioas_of(const struct fake_hwpt *hwpt)
{
	if (hwpt->viommu)
		return fake_viommu_parent(hwpt->viommu)->ioas;
	return hwpt->parent ? hwpt->parent->ioas : hwpt->ioas;
}

/* iopt_table_enforce_dev_resv_regions() */
static int reserve(struct fake_device *dev, struct fake_ioas *ioas)
{
	size_t i;
	int err;

	for (i = 0; i < fake_machine.nreserved; i++) {
		err = fake_space_reserve(&ioas->space, fake_machine.reserved[i].start,
					 fake_machine.reserved[i].last, dev);
		if (err) {
			fake_space_unreserve(&ioas->space, dev);
			return err;
		}
	}
	return 0;
}

/* Puts the table in force for the whole group. */
static void set_domain(struct fake_group *group, uint32_t pasid, struct fake_domain *domain)
{
	size_t i;

	if (domain && pasid == FAKE_NO_PASID)
		domain->before = group->domain && group->domain->viommu ? group->domain : NULL;
	if (pasid == FAKE_NO_PASID)
		group->domain = domain;
	for (i = 0; i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i]->group == group)
			fake_smmu_forget_config(fake_machine.devices[i]);
	for (i = 0; i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i]->group == group &&
		    !(fake_machine.flaws & FAKE_FLAW_WARM_ATTACH))
			fake_iotlb_flush_device(fake_machine.devices[i], pasid);
}

/* iommufd_hw_pagetable_attach() */
static int first_attach(struct fake_device *dev, uint32_t pasid, struct fake_hwpt *hwpt)
{
	struct fake_attach *attach = fake_attach_find(dev->group, pasid);
	bool resv = pasid == FAKE_NO_PASID;
	int err = attach && attach->hwpt != hwpt ? -EINVAL : 0;

	if (!err && resv)
		err = reserve(dev, ioas_of(hwpt));
	if (err)
		return err;
	if (!attach) {
		err = check_attach(dev, hwpt, pasid);
		attach = err ? NULL : new_attach(dev->group);
		if (!attach) {
			if (resv)
				fake_space_unreserve(&ioas_of(hwpt)->space, dev);
			return err ? err : -ENOMEM;
		}
		*attach = (struct fake_attach){ pasid, hwpt, 0 };
		set_domain(dev->group, pasid, &hwpt->domain);
	}
	attach->devices |= fake_device_bit(dev);
	hwpt->object.users++;
	return 0;
}

static void each_attached(const struct fake_attach *attach,
			  void (*fn)(struct fake_device *dev, void *data), void *data)
{
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++)
		if (attach->devices & 1u << i)
			fn(fake_machine.devices[i], data);
}

static void unreserve_one(struct fake_device *dev, void *ioas)
{
	fake_space_unreserve(&((struct fake_ioas *)ioas)->space, dev);
}

static void reserve_one(struct fake_device *dev, void *ioas)
{
	reserve(dev, ioas);
}

/* iommufd_device_do_replace(): all of the group go over, and an old page request gets its answer */
static int replace(struct fake_device *dev, struct fake_attach *attach, struct fake_hwpt *hwpt)
{
	struct fake_hwpt *old = attach->hwpt;
	struct fake_ioas *ioas = ioas_of(hwpt);
	bool resv = attach->pasid == FAKE_NO_PASID && ioas != ioas_of(old);
	size_t i;
	int err;

	if (old == hwpt)
		return 0;
	if (resv && (err = reserve(dev, ioas)))
		return err;
	err = check_attach(dev, hwpt, attach->pasid);
	if (resv)
		fake_space_unreserve(&ioas->space, dev);
	if (err)
		return err;
	if (resv) {
		each_attached(attach, reserve_one, ioas);
		each_attached(attach, unreserve_one, ioas_of(old));
	}
	attach->hwpt = hwpt;
	set_domain(dev->group, attach->pasid, &hwpt->domain);
	for (i = 0; i < fake_machine.ndevices; i++) {
		if (!(attach->devices & 1u << i))
			continue;
		fake_fault_flush(old->fault, fake_machine.devices[i], attach->pasid);
		hwpt->object.users++;
		fake_hwpt_put(old);
	}
	return 0;
}

static int change(struct fake_device *dev, uint32_t pasid, struct fake_hwpt *hwpt)
{
	struct fake_attach *attach = fake_attach_find(dev->group, pasid);

	if (attach && attach->devices & fake_device_bit(dev))
		return replace(dev, attach, hwpt);
	return first_attach(dev, pasid, hwpt);
}

/* iommufd_device_auto_get_domain() */
static int change_automatic(struct fake_device *dev, uint32_t pasid, struct fake_ioas *ioas,
			    uint32_t *pt_id)
{
	struct fake_object *object;
	struct fake_hwpt *hwpt;
	int err;

	for (object = ioas->object.ictx->objects; object; object = object->next) {
		hwpt = (struct fake_hwpt *)object;
		if (object->type != FAKE_OBJECT_HWPT_PAGING || hwpt->ioas != ioas ||
		    !hwpt->automatic)
			continue;
		err = change(dev, pasid, hwpt);
		if (err == -EINVAL)
			continue;
		*pt_id = err ? *pt_id : object->id;
		return err;
	}
	hwpt = fake_hwpt_new_paging(ioas, 0, false, &err);
	if (!hwpt)
		return err;
	err = change(dev, pasid, hwpt);
	if (err) {
		fake_object_destroy(&hwpt->object);
		return err;
	}
	hwpt->automatic = true;
	*pt_id = hwpt->object.id;
	return 0;
}

/* iommufd_device_change_pt() */
int fake_iommufd_attach(struct fake_device *dev, uint32_t pasid, uint32_t *pt_id)
{
	struct fake_object *on = fake_object_get(dev->iommufd, *pt_id, FAKE_OBJECT_ANY);

	if (!on)
		return -ENOENT;
	switch (on->type) {
	case FAKE_OBJECT_HWPT_NESTED:
		return change(dev, pasid, (struct fake_hwpt *)on);
	case FAKE_OBJECT_HWPT_PAGING:
		return change(dev, pasid, (struct fake_hwpt *)on);
	case FAKE_OBJECT_IOAS:
		return change_automatic(dev, pasid, (struct fake_ioas *)on, pt_id);
	default:
		return -EINVAL;
	}
}

/* iommufd_hw_pagetable_detach(); nothing attached is no error */
void fake_iommufd_detach(struct fake_device *dev, uint32_t pasid)
{
	struct fake_attach *attach = fake_attach_find(dev->group, pasid);
	struct fake_hwpt *hwpt;

	if (!attach || !(attach->devices & fake_device_bit(dev)))
		return;
	hwpt = attach->hwpt;
	attach->devices &= ~fake_device_bit(dev);
	if (!attach->devices) {
		attach->hwpt = NULL;
		set_domain(dev->group, pasid, NULL);
		fake_fault_flush(hwpt->fault, dev, pasid);
	}
	if (pasid == FAKE_NO_PASID)
		fake_space_unreserve(&ioas_of(hwpt)->space, dev);
	fake_hwpt_put(hwpt);
}

/* iommufd_bind_iommu(), iommufd_device_bind() */
int fake_iommufd_bind(struct fake_iommufd *ictx, struct fake_device *dev)
{
	struct fake_idev *idev;
	int err;

	if (dev->no_cache_coherency)
		return -EINVAL;
	if (!fake_machine.isolated_msi)
		return -EPERM;
	err = fake_group_claim(dev->group, ictx, true);
	if (err)
		return err;
	idev = fake_object_new(ictx, FAKE_OBJECT_DEVICE, sizeof(*idev));
	idev->dev = dev;
	idev->object.users++; /* VFIO's: DESTROY is EBUSY */
	dev->iommufd = ictx;
	dev->devid = idev->object.id;
	fake_file_get(ictx->file);
	return 0;
}

/* vfio_iommufd_physical_unbind() */
void fake_iommufd_unbind(struct fake_device *dev)
{
	struct fake_iommufd *ictx = dev->iommufd;
	size_t i;

	for (i = 0; i < FAKE_MAX_PASIDS; i++)
		if (dev->group->attach[i].hwpt)
			fake_iommufd_detach(dev, dev->group->attach[i].pasid);
	fake_fault_drop_partial(dev);
	fake_object_destroy(fake_object_get(ictx, dev->devid, FAKE_OBJECT_DEVICE));
	fake_group_release(dev->group);
	dev->iommufd = NULL;
	dev->devid = 0;
	fake_file_put(ictx->file);
}
