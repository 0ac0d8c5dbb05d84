// SPDX-License-Identifier: GPL-2.0-or-later
/* What iommufd tells of the unit in front of a device (Linux 7.3, iommu/iommufd/device.c). */
#include "fake-device.h"
#include "fake-iommufd.h"

#include <errno.h>
#include <string.h>

#include "fake-mock.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"

/* What the driver of this kind of unit tells of it: type, and the length of *data. */
static uint32_t hw_data(const struct fake_idev *idev, uint8_t *data, size_t *ret_len)
{
	static const uint32_t selftest[2] = { 0, 0xdeadbeef }; /* struct iommu_test_hw_info */
	struct iommu_hw_info_vtd vtd = { .flags = IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17 };
	struct iommu_hw_info_amd amd = { fake_machine.cap, fake_machine.ecap };
	struct iommu_hw_info_arm_smmuv3 smmu = { 0 };

	*ret_len = 0;
	if (fake_mock_is(idev)) {
		*ret_len = sizeof(selftest);
		memcpy(data, selftest, sizeof(selftest));
		return IOMMU_HW_INFO_TYPE_SELFTEST;
	}
	if (!fake_machine.iommufd_option && fake_machine.iommu != FAKE_VTD)
		return IOMMU_HW_INFO_TYPE_NONE;
	switch (fake_machine.iommu) {
	case FAKE_VTD:
		vtd.cap_reg = fake_machine.cap;
		vtd.ecap_reg = fake_machine.ecap;
		*ret_len = sizeof(vtd);
		memcpy(data, &vtd, sizeof(vtd));
		return IOMMU_HW_INFO_TYPE_INTEL_VTD;
	case FAKE_AMD:
		*ret_len = sizeof(amd);
		memcpy(data, &amd, sizeof(amd));
		return IOMMU_HW_INFO_TYPE_AMD;
	case FAKE_SMMUV3:
		smmu.idr[0] = (uint32_t)fake_machine.cap;
		smmu.idr[1] = (uint32_t)(fake_machine.cap >> 32);
		smmu.idr[3] = (uint32_t)fake_machine.ecap;
		smmu.idr[5] = (uint32_t)(fake_machine.ecap >> 32);
		smmu.iidr = (uint32_t)fake_machine.iidr;
		*ret_len = sizeof(smmu);
		memcpy(data, &smmu, sizeof(smmu));
		return IOMMU_HW_INFO_TYPE_ARM_SMMUV3;
	case FAKE_OTHER_IOMMU:
		break;
	}
	return IOMMU_HW_INFO_TYPE_NONE;
}

/* iommufd_get_hw_info(): the rest of a longer buffer is cleared, the kernel's length comes back */
long fake_hw_info(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_hw_info *cmd = arg;
	const struct fake_idev *idev;
	uint8_t data[64] = { 0 };
	uint32_t type;
	size_t len;

	if (cmd->flags & ~(fake_since(6, 17) ? 1u : 0u) || cmd->reserved[0] || cmd->reserved[1] ||
	    cmd->reserved[2])
		return -EOPNOTSUPP;
	idev = fake_object_get(ictx, cmd->dev_id, FAKE_OBJECT_DEVICE);
	if (!idev)
		return -ENOENT;
	if (cmd->data_len && !cmd->data_uptr)
		return -EFAULT;
	/* WARN_ON_ONCE(): PASID is counted, and off (amd/iommu.c, when ownership is claimed) */
	if (fake_since(6, 15) && fake_machine.iommu == FAKE_AMD && !fake_mock_is(idev) &&
	    fake_machine.cap >> 4 & 1 && idev->dev->pasid_bits)
		fake_violation("GET_HW_INFO of %s makes the kernel warn", idev->dev->address);
	if (cmd->flags && cmd->out_data_type == IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV &&
	    fake_machine.iommu == FAKE_SMMUV3 && fake_machine.cmdqv) {
		const struct iommu_hw_info_tegra241_cmdqv queues = { 0, 1, 1, 4, 0 };

		len = sizeof(queues);
		memcpy(data, &queues, sizeof(queues));
	} else {
		type = hw_data(idev, data, &len);
		if (cmd->flags && cmd->out_data_type && cmd->out_data_type != type)
			return -EOPNOTSUPP;
		cmd->out_data_type = type;
	}
	if (cmd->data_len) {
		uint8_t *user = (uint8_t *)(uintptr_t)cmd->data_uptr;

		memset(user, 0, cmd->data_len);
		memcpy(user, data, len < cmd->data_len ? len : cmd->data_len);
	}
	cmd->data_len = (uint32_t)len;
	cmd->out_capabilities = fake_mock_is(idev) ? IOMMU_HW_CAP_DIRTY_TRACKING : 0;
	if (fake_since(7, 1) && !(idev->dev->ats && fake_ecap(ECAP_DT)))
		cmd->out_capabilities |= IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED;
	cmd->out_max_pasid_log2 = 0;
	if (fake_since(6, 15))
		cmd->out_max_pasid_log2 = (uint8_t)fake_device_pasid_bits(idev->dev);
	return 0;
}
