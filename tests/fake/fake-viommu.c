// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vIOMMUs and vDEVICEs, and nested tables and commands of SMMUv3 on them (K7.3
 * iommu/iommufd/viommu.c, iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c).
 */
#include "fake-viommu.h"

#include <errno.h>

#include "fake-mock.h"
#include "fake-smmu.h"

#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"
#include "util.h"

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
static bool has_viommu(uint32_t type, bool mock)
{
	if (mock) /* mock_get_viommu_size() */
		return type == IOMMU_VIOMMU_TYPE_SELFTEST;
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
	struct fake_idev *idev;

	if (cmd->flags || cmd->type == IOMMU_VIOMMU_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	idev = fake_object_get(ictx, cmd->dev_id, FAKE_OBJECT_DEVICE);
	if (!idev)
		return -ENOENT;
	if (!has_viommu(cmd->type, fake_mock_is(idev)))
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
	if (fake_machine.aliased) /* arm_vsmmu_vdevice_init() */
		return -EOPNOTSUPP;
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

bool fake_viommu_virt_id(const struct fake_object *viommu, uint32_t devid, uint64_t *ret)
{
	struct fake_object *object;

	for (object = viommu->ictx->objects; object; object = object->next) {
		const struct fake_vdevice *vdevice = (struct fake_vdevice *)object;

		if (object->type != FAKE_OBJECT_VDEVICE || vdevice->devid != devid ||
		    &vdevice->viommu->object != viommu)
			continue;
		*ret = vdevice->virt_id;
		return true;
	}
	return false;
}

struct fake_hwpt *fake_viommu_parent(struct fake_object *viommu)
{
	return ((struct fake_viommu *)viommu)->parent;
}

/* Bits of the stream table entry that user space may set: arm_smmu_validate_vste() */
#define STE0_BITS UINT64_C(0xf80fffffffffffff)
#define STE1_BITS UINT64_C(0x00000000380000ff)

int fake_viommu_fill(struct fake_hwpt *hwpt, const struct iommu_hwpt_alloc *cmd)
{
	struct iommu_hwpt_arm_smmuv3 data;
	uint64_t config;
	int err;

	if (fake_viommu_parent(hwpt->viommu)->mock) {
		/* mock_viommu_alloc_domain_nested() */
		if (cmd->flags & ~IOMMU_HWPT_ALLOC_PASID)
			return -EOPNOTSUPP;
		hwpt->mock = true;
		return fake_mock_fill(hwpt, cmd);
	}
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
	hwpt->domain.ste[0] = data.ste[0];
	hwpt->domain.ste[1] = data.ste[1];
	if (!(data.ste[0] & 1) || fake_machine.flaws & FAKE_FLAW_TAKES_ALL)
		return 0;
	if (data.ste[0] & ~STE0_BITS || data.ste[1] & ~STE1_BITS ||
	    (config != 0 && config != 4 && config != 5) || (data.ste[1] >> 28 & 3) > 1)
		return -EIO;
	return 0;
}

const struct fake_idev *fake_viommu_device(const struct fake_object *viommu, uint64_t virt_id)
{
	struct fake_object *object;

	for (object = viommu->ictx->objects; object; object = object->next) {
		const struct fake_vdevice *vdevice = (struct fake_vdevice *)object;

		if (object->type != FAKE_OBJECT_VDEVICE || vdevice->virt_id != virt_id ||
		    &vdevice->viommu->object != viommu)
			continue;
		return fake_object_get(viommu->ictx, vdevice->devid, FAKE_OBJECT_DEVICE);
	}
	return NULL;
}

/*
 * arm_vsmmu_convert_user_cmd(): which bits each command may have, since 7.3. Fields of a range only
 * with IDR3.RIL, and with a granule; a granule with one of NUM, SCALE, TTL.
 */
static const struct command {
	uint8_t code;
	uint64_t words[2];
	bool by_sid, by_address;
} commands[] = {
	{ 0x05, { UINT64_C(0xffffffff000000ff), 0x1 }, true, false },
	{ 0x06, { UINT64_C(0xffffffff000000ff), 0 }, true, false },
	{ 0x10, { UINT64_C(0x0000ffff000000ff), 0 }, false, false },
	{ 0x11, { UINT64_C(0xffffffff000000ff), 0 }, false, false },
	{ 0x12, { UINT64_C(0xffffffff03f1f0ff), UINT64_C(0xffffffffffffff01) }, false, true },
	{ 0x13, { UINT64_C(0x0000ffff03f1f0ff), UINT64_C(0xffffffffffffff01) }, false, true },
	{ 0x30, { 0xff, 0 }, false, false },
};

static bool range_is_right(const uint64_t words[2])
{
	uint64_t granule = words[1] >> 10 & 3;
	bool fields = words[0] & UINT64_C(0x03f1f000) || words[1] >> 8 & 3;

	return granule ? fields && fake_machine.ecap >> 10 & 1 : !fields;
}

int fake_viommu_invalidate(struct fake_object *viommu, uintptr_t at, uint32_t len)
{
	struct iommu_viommu_arm_smmuv3_invalidate entry;
	const struct fake_device *dev = NULL;
	const struct command *command = NULL;
	size_t i;
	int err = fake_copy_struct(&entry, sizeof(entry), at, len);

	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].code == (entry.cmd[0] & 0xff))
			command = &commands[i];
	if (!command)
		return fake_machine.flaws & FAKE_FLAW_TAKES_ALL ? 0 : -EIO;
	if (fake_since(7, 3) &&
	    ((entry.cmd[0] & ~command->words[0]) ||
	     (entry.cmd[1] & ~(command->words[1] | (command->by_address ? 0xf00 : 0)))))
		return -EIO;
	if (command->by_address && !range_is_right(entry.cmd))
		return -EIO;
	if (command->by_sid) {
		const struct fake_idev *idev = fake_viommu_device(viommu, entry.cmd[0] >> 32);

		if (!idev)
			return -EIO;
		dev = idev->dev;
	}
	fake_smmu_command(fake_viommu_parent(viommu)->domain.space, dev, entry.cmd);
	return 0;
}
