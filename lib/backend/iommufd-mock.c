// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's mock device behind iommufd: a request of its own makes, attaches and asks it. */
#include "backend/iommufd-mock.h"

#include <errno.h>

#include "backend/iommufd.h"
#include "backend/vdev.h"
#include "kernel/kernel.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd.h"

static int test(struct nest_space *space, struct iommu_test_cmd *cmd, enum nest_stage stage)
{
	int err;

	cmd->size = sizeof(*cmd);
	err = nest_ioctl(space->ctx, nest_iommufd_space(space)->fd, IOMMU_TEST_CMD, cmd);
	return err < 0 ? nest_failure_set(space->failed, err, stage, "the mock device") : 0;
}

/* Stands for VFIO's request of that name; there are no PASIDs. */
static int attach_pt(struct nest_space *space, struct nest_vdev *vdev, uint32_t pt_id,
		     const uint32_t *pasid, enum nest_stage stage)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = nest_iommufd_space(space)->mock.stdev,
		.mock_domain_replace.pt_id = pt_id,
	};

	if (pasid)
		return nest_failure_set(space->failed, -EOPNOTSUPP, stage, "%s", vdev->name);
	return test(space, &cmd, NEST_STAGE_MOCK_REPLACE);
}

static int mock_open(struct nest_ctx *ctx, const struct nest_mode *mode,
		     struct nest_failure *failed, struct nest_space **ret_space)
{
	int err = nest_iommufd_open(ctx, mode, failed, ret_space);

	if (!err)
		nest_iommufd_space(*ret_space)->attach_pt = attach_pt;
	return err;
}

static int mock_attach(struct nest_space *space, struct nest_vdev *vdev)
{
	struct nest_iommufd_space *ifd = nest_iommufd_space(space);
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MOCK_DOMAIN };
	int err = nest_iommufd_ioas(space);

	if (err)
		return err;
	cmd.id = ifd->ioas;
	err = test(space, &cmd, NEST_STAGE_MOCK_DOMAIN);
	if (err)
		return err;
	ifd->mock.stdev = cmd.mock_domain.out_stdev_id;
	ifd->mock.hwpt = cmd.mock_domain.out_hwpt_id;
	vdev->devid = cmd.mock_domain.out_idev_id;
	vdev->space = space;
	nest_undo_push(space->ctx, "destroy the mock device", nest_iommufd_undo_destroy, space,
		       ifd->mock.stdev);
	return 0;
}

int nest_mock_check_map(struct nest_space *space, uint64_t iova, const void *va, uint64_t len)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MD_CHECK_MAP,
		.id = nest_iommufd_space(space)->mock.hwpt,
		.check_map = { .iova = iova, .length = len, .uptr = (uintptr_t)va },
	};

	return test(space, &cmd, NEST_STAGE_MOCK_CHECK_MAP);
}

int nest_mock_dirty(struct nest_space *space, uint64_t iova)
{
	uint64_t page = 1;
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_DIRTY,
		.id = nest_iommufd_space(space)->tracking,
		.dirty = { .iova = iova,
			   .length = 4096,
			   .page_size = 4096,
			   .uptr = (uintptr_t)&page },
	};

	return test(space, &cmd, NEST_STAGE_MOCK_DIRTY);
}

int nest_mock_check_slot(struct nest_s1 *s1, unsigned int n, bool filled)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MD_CHECK_IOTLB,
		.id = nest_iommufd_nested_id(s1),
		.check_iotlb = { .id = n, .iotlb = filled ? IOMMU_TEST_IOTLB_DEFAULT : 0 },
	};

	return test(s1->space, &cmd, NEST_STAGE_MOCK_CHECK_IOTLB);
}

int nest_mock_request_page(struct nest_s1 *s1, uint64_t addr, uint32_t group)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_TRIGGER_IOPF,
		.trigger_iopf = {
			.dev_id = s1->vdev->devid,
			.grpid = group,
			.perm = IOMMU_PGFAULT_PERM_WRITE,
			.addr = addr,
		},
	};

	return test(s1->space, &cmd, NEST_STAGE_MOCK_IOPF);
}

const struct nest_backend_ops nest_iommufd_mock_ops = {
	.open = mock_open,
	.attach = mock_attach,
	.describe = nest_iommufd_describe,
	.map = nest_iommufd_map,
	.unmap = nest_iommufd_unmap,
	.timed_map = nest_iommufd_timed_map,
	.stage1 = &nest_iommufd_stage1,
	.share = &nest_iommufd_share,
};
