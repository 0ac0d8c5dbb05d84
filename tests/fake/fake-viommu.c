// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vIOMMUs and vDEVICEs, and nested tables and commands of SMMUv3 on them (K7.3
 * iommu/iommufd/viommu.c, iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c). Nothing walks such a table:
 * a device that is attached to one is refused, so this serves the probe, and no round trip.
 */
#include "fake-iommufd.h"

#include <errno.h>

#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"

struct fake_viommu {
	struct fake_object object;
	struct fake_hwpt *parent;
};

struct fake_vdevice {
	struct fake_object object;
	struct fake_viommu *viommu;
	uint32_t devid;
	uint64_t virt_id;
};

/* arm_smmu_get_viommu_size(): FWB, or CANWBS of the root complex; amd_iommufd_get_viommu_size() */
static bool has_viommu(uint32_t type)
{
	if (!fake_machine.iommufd_option)
		return false;
	if (fake_machine.iommu == FAKE_AMD)
		return true; /* of any type, and no nested table on it */
	return fake_machine.iommu == FAKE_SMMUV3 && type == IOMMU_VIOMMU_TYPE_ARM_SMMUV3 &&
	       (fake_machine.ecap >> 8 & 1 || fake_machine.canwbs);
}

/* iommufd_viommu_alloc_ioctl() */
long fake_viommu_alloc(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_viommu_alloc *cmd = arg;
	struct fake_viommu *viommu;
	struct fake_hwpt *parent;

	if (cmd->flags || cmd->type == IOMMU_VIOMMU_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!fake_object_get(ictx, cmd->dev_id, FAKE_OBJECT_DEVICE))
		return -ENOENT;
	if (!has_viommu(cmd->type))
		return -EOPNOTSUPP;
	parent = fake_object_get(ictx, cmd->hwpt_id, FAKE_OBJECT_HWPT_PAGING);
	if (!parent)
		return -ENOENT;
	if (!parent->nest_parent)
		return -EINVAL;
	viommu = fake_object_new(ictx, FAKE_OBJECT_VIOMMU, sizeof(*viommu));
	viommu->parent = parent;
	parent->object.users++;
	cmd->out_viommu_id = viommu->object.id;
	return 0;
}

/* iommufd_vdevice_alloc_ioctl() */
long fake_vdevice_alloc(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_vdevice_alloc *cmd = arg;
	struct fake_viommu *viommu = fake_object_get(ictx, cmd->viommu_id, FAKE_OBJECT_VIOMMU);
	struct fake_vdevice *vdevice;
	struct fake_object *object;

	if (!viommu || !fake_object_get(ictx, cmd->dev_id, FAKE_OBJECT_DEVICE))
		return -ENOENT;
	for (object = ictx->objects; object; object = object->next) {
		vdevice = (struct fake_vdevice *)object;
		if (object->type == FAKE_OBJECT_VDEVICE &&
		    (vdevice->devid == cmd->dev_id ||
		     (vdevice->viommu == viommu && vdevice->virt_id == cmd->virt_id)))
			return -EEXIST;
	}
	vdevice = fake_object_new(ictx, FAKE_OBJECT_VDEVICE, sizeof(*vdevice));
	vdevice->viommu = viommu;
	vdevice->devid = cmd->dev_id;
	vdevice->virt_id = cmd->virt_id;
	viommu->object.users++;
	cmd->out_vdevice_id = vdevice->object.id;
	return 0;
}

void fake_viommu_destroy(struct fake_object *object)
{
	if (object->type == FAKE_OBJECT_VIOMMU)
		((struct fake_viommu *)object)->parent->object.users--;
	else
		((struct fake_vdevice *)object)->viommu->object.users--;
}

struct fake_hwpt *fake_viommu_parent(struct fake_object *viommu)
{
	return ((struct fake_viommu *)viommu)->parent;
}

/* Bits of the stream table entry that user space may set: arm_smmu_validate_vste() */
#define STE0_BITS UINT64_C(0xf80fffffffffffff)
#define STE1_BITS UINT64_C(0x00000000380000ff)

int fake_viommu_fill(const struct iommu_hwpt_alloc *cmd)
{
	struct iommu_hwpt_arm_smmuv3 data;
	uint64_t config;
	int err;

	if (fake_machine.iommu == FAKE_AMD && fake_machine.guest_table)
		return cmd->data_type == IOMMU_HWPT_DATA_AMD_GUEST ? 0 : -EINVAL;
	if (fake_machine.iommu != FAKE_SMMUV3 || cmd->flags & ~IOMMU_HWPT_FAULT_ID_VALID)
		return -EOPNOTSUPP; /* AMD's has no such function, though it has the vIOMMU */
	if (cmd->data_type != IOMMU_HWPT_DATA_ARM_SMMUV3 || cmd->data_len != sizeof(data))
		return -EINVAL;
	err = fake_copy_struct(&data, sizeof(data), (uintptr_t)cmd->data_uptr, cmd->data_len);
	if (err)
		return err;
	config = data.ste[0] >> 1 & 7;
	if (!(data.ste[0] & 1))
		return 0;
	if (data.ste[0] & ~STE0_BITS || data.ste[1] & ~STE1_BITS ||
	    (config != 0 && config != 4 && config != 5) || (data.ste[1] >> 28 & 3) > 1)
		return -EIO;
	return 0;
}

/* arm_vsmmu_convert_user_cmd(), by the operation alone */
int fake_viommu_invalidate(uintptr_t at, uint32_t len)
{
	struct iommu_viommu_arm_smmuv3_invalidate entry;
	int err = fake_copy_struct(&entry, sizeof(entry), at, len);

	if (err)
		return err;
	switch (entry.cmd[0] & 0xff) {
	case 0x05: /* CFGI_CD, CFGI_CD_ALL */
	case 0x06:
	case 0x10: /* TLBI: NH_ALL, NH_ASID, NH_VA, NH_VAA, NSNH_ALL */
	case 0x11:
	case 0x12:
	case 0x13:
	case 0x30:
		return 0;
	default:
		return -EIO;
	}
}
