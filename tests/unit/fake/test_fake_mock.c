// SPDX-License-Identifier: GPL-2.0-or-later
/* The fake's mock device: the order rules of the kernel's selftest.c. */
#include <errno.h>

#include "fake/fake-lab.h"
#include "uapi/iommufd-test.h"

static int iommufd;
static uint32_t ioas, stdev, hwpt, idev;

static long test(struct iommu_test_cmd *cmd)
{
	cmd->size = sizeof(*cmd);
	return lab_ioctl(iommufd, IOMMU_TEST_CMD, cmd);
}

static long destroy(uint32_t id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return lab_ioctl(iommufd, IOMMU_DESTROY, &cmd);
}

static long alloc(uint32_t flags, uint32_t pt, const void *data, uint32_t len, uint32_t fault,
		  uint32_t *ret)
{
	struct iommu_hwpt_alloc cmd = { .size = sizeof(cmd),
					.flags = flags,
					.dev_id = idev,
					.pt_id = pt,
					.data_type = len ? IOMMU_HWPT_DATA_SELFTEST : 0,
					.data_len = len,
					.data_uptr = (uintptr_t)data,
					.fault_id = fault };
	long err = lab_ioctl(iommufd, IOMMU_HWPT_ALLOC, &cmd);

	if (!err)
		*ret = cmd.out_hwpt_id;
	return err;
}

static long replace(uint32_t pt)
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, .id = stdev };

	cmd.mock_domain_replace.pt_id = pt;
	return test(&cmd);
}

static long slot(uint32_t nested, uint32_t n, uint32_t value)
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MD_CHECK_IOTLB, .id = nested };

	cmd.check_iotlb.id = n;
	cmd.check_iotlb.iotlb = value;
	return test(&cmd);
}

static long invalidate(uint32_t nested, uint32_t flags, uint32_t n)
{
	struct iommu_hwpt_invalidate_selftest entry = { flags, n };
	struct iommu_hwpt_invalidate cmd = { .size = sizeof(cmd),
					     .hwpt_id = nested,
					     .data_uptr = (uintptr_t)&entry,
					     .data_type = IOMMU_HWPT_INVALIDATE_DATA_SELFTEST,
					     .entry_len = sizeof(entry),
					     .entry_num = 1 };

	return lab_ioctl(iommufd, IOMMU_HWPT_INVALIDATE, &cmd);
}

/* A mock device on a new IOAS. */
static void start(const char *host)
{
	struct iommu_ioas_alloc space = { .size = sizeof(space) };
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MOCK_DOMAIN };

	REQUIRE(!fake_start(host));
	memset(&lab, 0, sizeof(lab));
	lab.ctx.live = true;
	iommufd = nest_kernel_open(&lab.ctx, "/dev/iommu", 2);
	CHECK_EQ(lab_ioctl(iommufd, IOMMU_IOAS_ALLOC, &space), 0);
	ioas = cmd.id = space.out_ioas_id;
	CHECK_EQ(test(&cmd), 0);
	stdev = cmd.mock_domain.out_stdev_id;
	hwpt = cmd.mock_domain.out_hwpt_id;
	idev = cmd.mock_domain.out_idev_id;
}

TEST(absent, "a kernel without the mock does not know the request, another refuses to make it")
{
	struct iommu_test_cmd cmd = { .op = IOMMU_TEST_OP_MOCK_DOMAIN };

	REQUIRE(!fake_start("abi=iommufd\n"));
	lab.ctx.live = true;
	iommufd = nest_kernel_open(&lab.ctx, "/dev/iommu", 2);
	CHECK_EQ(test(&cmd), -ENOTTY);
	REQUIRE(!fake_start("abi=iommufd mock=EINVAL\n"));
	iommufd = nest_kernel_open(&lab.ctx, "/dev/iommu", 2);
	CHECK_EQ(test(&cmd), -EINVAL);
}

TEST(objects, "the mock takes the ids that the kernel gives, and is destroyed with its device")
{
	start("abi=iommufd mock=1\n");
	CHECK_EQ(ioas, 1);
	CHECK_EQ(stdev, 2);
	CHECK_EQ(idev, 3);
	CHECK_EQ(hwpt, 4);
	CHECK_EQ(destroy(idev), -EBUSY);
	CHECK_EQ(destroy(ioas), -EBUSY);
	CHECK_EQ(destroy(stdev), 0);
	CHECK_EQ(destroy(hwpt), -ENOENT);
	CHECK_EQ(destroy(idev), -ENOENT);
	CHECK_EQ(destroy(ioas), 0);
}

TEST(tables,
     "a nested table stands on the mock's parent, has four slots, and is busy while attached")
{
	struct iommu_hwpt_selftest data = { 0xabc };
	uint32_t parent = 0, nested = 0, n;

	start("abi=iommufd mock=1\n");
	CHECK_EQ(alloc(0, hwpt, &data, sizeof(data), 0, &nested), -EINVAL);
	CHECK_EQ(alloc(IOMMU_HWPT_ALLOC_NEST_PARENT, ioas, NULL, 0, 0, &parent), 0);
	CHECK_EQ(alloc(0, parent, &data, 2, 0, &nested), -EINVAL);
	CHECK_EQ(alloc(0, parent, &data, sizeof(data), 0, &nested), 0);
	CHECK_EQ(replace(nested), 0);
	CHECK_EQ(destroy(nested), -EBUSY);
	for (n = 0; n < 4; n++)
		CHECK_EQ(slot(nested, n, 0xabc), 0);
	CHECK_EQ(slot(nested, 4, 0xabc), -EINVAL);
	CHECK_EQ(invalidate(nested, 0, 4), -EINVAL);
	CHECK_EQ(invalidate(nested, 2, 0), -EOPNOTSUPP);
	CHECK_EQ(invalidate(nested, 0, 2), 0);
	CHECK_EQ(slot(nested, 2, 0xabc), -EINVAL);
	CHECK_EQ(slot(nested, 2, 0), 0);
	CHECK_EQ(slot(nested, 3, 0xabc), 0);
	CHECK_EQ(invalidate(nested, IOMMU_TEST_INVALIDATE_FLAG_ALL, 0), 0);
	CHECK_EQ(slot(nested, 3, 0), 0);
	CHECK_EQ(invalidate(parent, 0, 0), -EINVAL);
	CHECK_EQ(replace(ioas), 0);
	CHECK_EQ(destroy(nested), 0);
	CHECK_EQ(destroy(parent), 0);
	CHECK_EQ(destroy(stdev), 0);
}

TEST(requests, "a page request of the mock comes to the queue of the table that is attached")
{
	struct iommu_test_cmd iopf = { .op = IOMMU_TEST_OP_TRIGGER_IOPF };
	struct iommu_fault_alloc queue = { .size = sizeof(queue) };
	struct iommu_hwpt_selftest data = { 1 };
	struct iommu_hwpt_pgfault fault;
	uint32_t parent = 0, nested = 0;

	start("abi=iommufd mock=1\n");
	CHECK_EQ(lab_ioctl(iommufd, IOMMU_FAULT_QUEUE_ALLOC, &queue), 0);
	CHECK_EQ(alloc(IOMMU_HWPT_ALLOC_NEST_PARENT, ioas, NULL, 0, 0, &parent), 0);
	CHECK_EQ(alloc(IOMMU_HWPT_FAULT_ID_VALID, parent, &data, sizeof(data), queue.out_fault_id,
		       &nested),
		 0);
	CHECK_EQ(replace(nested), 0);
	iopf.trigger_iopf.dev_id = idev;
	iopf.trigger_iopf.grpid = 7;
	iopf.trigger_iopf.perm = IOMMU_PGFAULT_PERM_WRITE;
	iopf.trigger_iopf.addr = 0x2000;
	CHECK_EQ(test(&iopf), 0);
	CHECK_EQ(nest_kernel_read(&lab.ctx, (int)queue.out_fault_fd, &fault, sizeof(fault)),
		 sizeof(fault));
	CHECK_EQ(fault.addr, 0x2000);
	CHECK_EQ(fault.grpid, 7);
	CHECK_EQ(fault.dev_id, idev);
	CHECK_EQ(fault.flags, IOMMU_PGFAULT_FLAGS_LAST_PAGE);
	CHECK_EQ(replace(ioas), 0);
	fake_start("");
}

int main(void)
{
	return test_main();
}
