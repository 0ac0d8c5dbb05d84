// SPDX-License-Identifier: GPL-2.0-or-later
/* The fake's dma-bufs of BARs: what is exported, mapped, reached by DMA and revoked. */
#include <errno.h>

#include "../../fake/fake-device.h"
#include "fake/fake-lab.h"

#define IOVA	 UINT64_C(0x5000000)
#define LIVENESS 4	/* a register of edu that keeps the complement of what is written */
#define BUFFER	 0x8000 /* in guest memory */

struct request {
	struct vfio_device_feature head;
	struct vfio_device_feature_dma_buf dma_buf;
	struct vfio_region_dma_range ranges[2];
};

static const struct request one_page = {
	{ sizeof(struct request), VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_DMA_BUF },
	{ .nr_ranges = 1 },
	{ { 0, FAKE_PAGE }, { 0, FAKE_PAGE } },
};

static long export(struct request request)
{
	return lab_ioctl(lab.cdev, VFIO_DEVICE_FEATURE, &request);
}

static long map(uint64_t iova, long fd, uint64_t start, uint64_t length)
{
	struct iommu_ioas_map_file ask = {
		.size = sizeof(ask),
		.ioas_id = lab.ioas,
		.fd = (int)fd,
		.start = start,
		.length = length,
		.iova = iova,
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE |
			 IOMMU_IOAS_MAP_FIXED_IOVA,
	};

	return lab_ioctl(lab.iommufd, IOMMU_IOAS_MAP_FILE, &ask);
}

TEST(feature, "the feature is there by release and option, and PROBE changes nothing")
{
	struct request probe = one_page, other = one_page, both = one_page, set = one_page;
	struct request odd = one_page, brief = one_page;

	probe.head.flags |= VFIO_DEVICE_FEATURE_PROBE;
	probe.head.argsz = sizeof(probe.head);
	other.head.flags++;
	both.head.flags |= VFIO_DEVICE_FEATURE_SET;
	set.head.flags ^= VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_GET;
	odd.head.flags |= 1u << 20;
	brief.head.argsz = 4;
	lab_open("kernel_release=6.18.0\n" LAB_EDU);
	CHECK_EQ(export(probe), -ENOTTY);
	lab_close();
	lab_open("dmabuf=0\n" LAB_EDU);
	CHECK_EQ(export(probe), -ENOTTY);
	lab_close();
	lab_open("kernel_release=6.19.0\n" LAB_EDU);
	CHECK_EQ(export(probe), 0);
	CHECK_EQ(export(other), -ENOTTY);
	CHECK_EQ(export(both), -EINVAL);
	CHECK_EQ(export(set), -EINVAL);
	CHECK_EQ(export(odd), -EINVAL);
	CHECK_EQ(export(brief), -EINVAL);
	lab_close();
	fake_start("");
}

TEST(exports, "whole pages of a BAR that is there are exported, and nothing else")
{
	struct request none = one_page, bar = one_page, flags = one_page, half = one_page;
	struct request beyond = one_page;

	none.dma_buf.nr_ranges = 0;
	flags.dma_buf.flags = 1;
	half.ranges[0].length /= 2;
	beyond.ranges[0].offset = 0x100000;
	lab_open(LAB_EDU);
	CHECK_EQ(export(none), -EINVAL);
	CHECK_EQ(export(flags), -EINVAL);
	CHECK_EQ(export(half), -EINVAL);
	CHECK_EQ(export(beyond), -EINVAL);
	bar.dma_buf.region_index = 1;
	CHECK_EQ(export(bar), -ENODEV);
	bar.dma_buf.region_index = VFIO_PCI_CONFIG_REGION_INDEX;
	CHECK_EQ(export(bar), -ENODEV);
	lab_close();
	fake_start("");
}

TEST(maps, "one range is mapped as often as there is room, and is not charged")
{
	struct request two = one_page;
	long fd, fd2;

	two.dma_buf.nr_ranges = 2;
	lab_open("memlock=0\n" LAB_EDU);
	CHECK_EQ(lab_attach(lab.ioas), 0);
	fd = export(one_page);
	fd2 = export(two);
	REQUIRE(fd > 0 && fd2 > 0);
	CHECK_EQ(map(IOVA, fd, 0, 2 * FAKE_PAGE), -EINVAL);
	CHECK_EQ(map(IOVA, fd, FAKE_PAGE, FAKE_PAGE), -EINVAL);
	CHECK_EQ(map(IOVA, fd2, 0, FAKE_PAGE), -EOPNOTSUPP);
	CHECK_EQ(map(IOVA, fd, 0, FAKE_PAGE), 0);
	CHECK_EQ(map(IOVA, fd, 0, FAKE_PAGE), -EEXIST);
	CHECK_EQ(map(IOVA + FAKE_PAGE, fd, 0, FAKE_PAGE), 0);
	/* A mapping keeps it when its fd is closed. */
	nest_kernel_close(&lab.ctx, (int)fd);
	nest_kernel_close(&lab.ctx, (int)fd2);
	CHECK_EQ(lab_unmap(IOVA, 2 * FAKE_PAGE), 0);
	lab_close();
	fake_start("");
}

TEST(dma, "DMA reaches the register, and stops for good when decoding is switched off")
{
	uint32_t *memory;
	long fd;

	lab_nest(LAB_EDU);
	CHECK_EQ(lab_attach(lab.ioas), 0);
	memory = (uint32_t *)(void *)(lab.guest + BUFFER);
	fd = export(one_page);
	CHECK_EQ(map(IOVA, fd, 0, FAKE_PAGE), 0);
	nest_mmio_write32(lab.bar + LIVENESS, 0x12345678);
	lab_dma(IOVA + LIVENESS, 4, false);
	lab_dma(BUFFER, 4, true);
	CHECK_EQ(*memory, ~0x12345678u);
	lab_dma(IOVA + LIVENESS, 4, true);
	CHECK_EQ(nest_mmio_read32(lab.bar + LIVENESS), 0x12345678u);
	/* off and on again */
	lab_config(4, LAB_COMMAND & ~2);
	CHECK_EQ(map(IOVA + FAKE_PAGE, fd, 0, FAKE_PAGE), -ENODEV);
	lab_config(4, LAB_COMMAND | 4);
	CHECK_EQ(map(IOVA + FAKE_PAGE, fd, 0, FAKE_PAGE), 0);
	nest_mmio_write32(lab.bar + LIVENESS, 0);
	lab_dma(IOVA + LIVENESS, 4, false);
	lab_dma(BUFFER, 4, true);
	CHECK(*memory != ~0u);
	lab_dma(IOVA + FAKE_PAGE + LIVENESS, 4, false);
	lab_dma(BUFFER, 4, true);
	CHECK_EQ(*memory, ~0u);
	CHECK_EQ(lab_unmap(IOVA, 2 * FAKE_PAGE), 0);
	nest_kernel_close(&lab.ctx, (int)fd);
	lab_close();
	fake_start("");
}

int main(void)
{
	return test_main();
}
