// SPDX-License-Identifier: GPL-2.0-or-later
/* The fake's iommufd: sizes, ids, order rules, attaching, and the same through a container. */
#include <errno.h>

#include "../../fake/fake-iommufd.h"
#include "fake/fake-lab.h"
#include "util.h"

#define RW_FLAGS (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

/* ECAP of a unit that does scalable mode and first stage, but cannot nest. */
#define FLAT "ecap=0x880000f00f4e\n" LAB_EDU

TEST(unbound_cdev, "an unbound device node answers EINVAL to all but BIND_IOMMUFD")
{
	struct vfio_device_bind_iommufd bind = { .argsz = 15 };
	struct vfio_device_info info = { .argsz = sizeof(info) };
	uint8_t byte;
	int fd;

	fake_start("abi=iommufd\n" LAB_EDU);
	memset(&lab, 0, sizeof(lab));
	lab.ctx.live = true;
	fd = nest_kernel_open(&lab.ctx, "/dev/vfio/devices/vfio0", 2);
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_GET_INFO, &info), -EINVAL);
	CHECK_EQ(nest_kernel_pread(&lab.ctx, fd, &byte, 1, 7ull << 40), -EINVAL);
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), -EINVAL);
	bind.argsz = sizeof(bind);
	bind.iommufd = -1;
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), -EINVAL);
	bind.iommufd = 4711;
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), -EBADF);
	bind.iommufd = fd;
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), -EBADFD);
	bind.iommufd = nest_kernel_open(&lab.ctx, "/dev/iommu", 2);
	bind.flags = 2;
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), -EINVAL);
	bind.flags = 0;
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), 0);
	CHECK_EQ(bind.out_devid, 1);
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), -EINVAL);
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_GET_INFO, &info), 0);
	CHECK_EQ(nest_kernel_open(&lab.ctx, "/dev/vfio/12", 2), -EBUSY);
	fake_start("");
}

TEST(bind_refusals, "binding is refused for what the platform lacks, and while the group is open")
{
	static const struct {
		const char *conf;
		int err;
	} rows[] = {
		{ "abi=iommufd isolated_msi=0\n" LAB_EDU, -EPERM },
		{ "abi=iommufd\ndevice=0000:00:01.0 model=edu coherent=0\n", -EINVAL },
		{ "abi=iommufd\n" LAB_EDU "group=12 viable=0\n", -EPERM },
		{ "abi=iommufd\ndevice=0000:00:01.0 busy=1\n", -EBUSY },
	};
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	size_t i;
	int fd, group;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_start(rows[i].conf);
		fd = nest_kernel_open(&lab.ctx, "/dev/vfio/devices/vfio0", 2);
		bind.iommufd = nest_kernel_open(&lab.ctx, "/dev/iommu", 2);
		CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), rows[i].err);
	}
	fake_start("abi=iommufd\n" LAB_EDU);
	group = nest_kernel_open(&lab.ctx, "/dev/vfio/12", 2);
	fd = nest_kernel_open(&lab.ctx, "/dev/vfio/devices/vfio0", 2);
	bind.iommufd = nest_kernel_open(&lab.ctx, "/dev/iommu", 2);
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), -EBUSY);
	nest_kernel_close(&lab.ctx, group);
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind), 0);
	fake_start("");
}

TEST(sizes, "a longer structure is taken if its rest is zero, a shorter one down to the minimum")
{
	struct {
		struct iommu_ioas_alloc alloc;
		uint32_t rest;
	} longer = { { .size = sizeof(longer) }, 1 };
	struct iommu_hwpt_alloc hwpt = { .size = 20 };

	lab_open(LAB_EDU);
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_IOAS_ALLOC, &longer), -E2BIG);
	longer.rest = 0;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_IOAS_ALLOC, &longer), 0);
	CHECK_EQ(lab_destroy(longer.alloc.out_ioas_id), 0);
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_ALLOC, &hwpt), -EINVAL);
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_ALLOC, NULL), -EFAULT);
	CHECK_EQ(lab_ioctl(lab.iommufd, 0x3bff, &hwpt), -ENOTTY);
	lab_close();
	/* 6.10 has no fault queue: the longer form is too new when it says something. */
	lab_open("kernel_release=6.10.1\n" LAB_EDU);
	hwpt = (struct iommu_hwpt_alloc){
		.size = sizeof(hwpt), .dev_id = lab.devid, .pt_id = lab.ioas, .fault_id = 3
	};
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_ALLOC, &hwpt), -E2BIG);
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_FAULT_QUEUE_ALLOC, &hwpt), -ENOTTY);
	lab_close();
}

TEST(ioas_rules, "an IOAS refuses what overlaps, is reserved, is misaligned or is not there")
{
	static _Alignas(4096) uint8_t memory[4 * 4096];
	uint32_t hwpt = 0;

	lab_open(LAB_EDU);
	CHECK_EQ(lab_map(0x1000, memory, 0x2000, RW_FLAGS), 0);
	CHECK_EQ(lab_map(0x2000, memory, 0x1000, RW_FLAGS), -EEXIST);
	CHECK_EQ(lab_map(0x8000, memory, 0x1000, 0), -EINVAL);
	CHECK_EQ(lab_map(0x8000, memory, 0, RW_FLAGS), -EINVAL);
	CHECK_EQ(lab_map(0x8000, memory, 0x1000, RW_FLAGS | 8), -EOPNOTSUPP);
	CHECK_EQ(lab_unmap(0x1000, 0x1000), -ENOENT); /* cuts an area */
	CHECK_EQ(lab_unmap(0x8000, 0x1000), -ENOENT); /* nothing there */
	CHECK_EQ(lab_unmap(0x1000, 0), -EINVAL);
	CHECK_EQ(lab_map(0xfee00000, memory, 0x1000, RW_FLAGS), 0); /* nobody is attached yet */
	CHECK_EQ(lab_attach(lab.ioas), -EADDRINUSE);
	CHECK_EQ(lab_unmap(0xfee00000, 0x1000), 0);
	CHECK_EQ(lab_attach(lab.ioas), 0);
	CHECK_EQ(lab_map(0xfee00000, memory, 0x1000, RW_FLAGS), -EINVAL);
	CHECK_EQ(lab_map(0x8000, memory + 8, 0x1000, RW_FLAGS), -EINVAL);
	CHECK_EQ(lab_map(UINT64_C(1) << 47, memory, 0x1000, RW_FLAGS), -EINVAL); /* first stage */
	CHECK_EQ(lab_destroy(lab.ioas), -EBUSY);
	CHECK_EQ(lab_hwpt(0, lab.ioas, NULL, 0, &hwpt), 0);
	CHECK_EQ(lab_destroy(hwpt), 0);
	CHECK_EQ(lab_destroy(lab.devid), -EBUSY);
	CHECK_EQ(lab_destroy(4711), -ENOENT);
	CHECK_EQ(lab_detach(), 0);
	CHECK_EQ(lab_unmap(0, UINT64_MAX), 0);
	CHECK_EQ(lab_unmap(0, UINT64_MAX), 0);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(parent_rules, "a nest parent is had where the unit nests, and takes no read-only memory")
{
	static _Alignas(4096) uint8_t memory[4096];
	static const char *const refused[] = { FLAT,
					       "scalable=0\n" LAB_EDU,
					       "iommu=amd\n" LAB_EDU,
					       "ecap=0xc80080f00f4a\n" LAB_EDU,	  /* NEST */
					       "ecap=0xc00084f00f4a\n" LAB_EDU,	  /* SMTS */
					       "ecap=0x880084f00f4a\n" LAB_EDU }; /* SLTS */
	uint32_t id = 0, other = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		lab_open(refused[i]);
		CHECK_EQ(lab_hwpt(IOMMU_HWPT_ALLOC_NEST_PARENT, lab.ioas, NULL, 0, &id),
			 -EOPNOTSUPP);
		CHECK_EQ(lab_hwpt(0, lab.ioas, NULL, 0, &id), 0);
		CHECK_EQ(lab_destroy(id), 0);
		lab_close();
	}
	lab_open(LAB_EDU);
	CHECK_EQ(lab_map(0, memory, 4096, IOMMU_IOAS_MAP_READABLE), 0);
	CHECK_EQ(lab_hwpt(IOMMU_HWPT_ALLOC_NEST_PARENT, lab.ioas, NULL, 0, &id), -EINVAL);
	CHECK_EQ(lab_unmap(0, 4096), 0);
	CHECK_EQ(lab_hwpt(IOMMU_HWPT_ALLOC_NEST_PARENT, lab.ioas, NULL, 0, &id), 0);
	CHECK_EQ(lab_map(0, memory, 4096, IOMMU_IOAS_MAP_READABLE), -EINVAL);
	CHECK_HAS(lab_log(), "ERRATA_772415_SPR17");
	CHECK_EQ(lab_hwpt(IOMMU_HWPT_ALLOC_DIRTY_TRACKING, lab.ioas, NULL, 0, &other), -EOPNOTSUPP);
	CHECK_EQ(lab_hwpt(1u << 9, lab.ioas, NULL, 0, &other), -EOPNOTSUPP);
	CHECK_EQ(lab_hwpt(0, 4711, NULL, 0, &other), -EINVAL);
	CHECK_EQ(lab_hwpt(0, lab.devid, NULL, 0, &other), -EINVAL);
	CHECK_EQ(lab_destroy(id), 0);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(nested_rules, "a nested table is checked for its parent and form, for the rest at attach")
{
	struct iommu_hwpt_vtd_s1 s1[2] = { { .pgtbl_addr = LAB_TABLES, .addr_width = 39 } };
	uint32_t id = 0, plain = 0;

	lab_nest(LAB_EDU);
	CHECK_EQ(lab_hwpt(0, lab.ioas, s1, sizeof(*s1), &id), -EOPNOTSUPP);
	REQUIRE(!lab_hwpt(0, lab.ioas, NULL, 0, &plain));
	CHECK_EQ(lab_hwpt(0, plain, s1, sizeof(*s1), &id), -EINVAL);
	CHECK_EQ(lab_hwpt(0, lab.parent, s1, 16, &id), -EINVAL);
	CHECK_EQ(lab_hwpt(IOMMU_HWPT_ALLOC_NEST_PARENT, lab.parent, s1, sizeof(*s1), &id),
		 -EOPNOTSUPP);
	CHECK_EQ(lab_hwpt(IOMMU_HWPT_FAULT_ID_VALID, lab.parent, s1, sizeof(*s1), &id), -ENOENT);
	s1[1].flags = 1;
	CHECK_EQ(lab_hwpt(0, lab.parent, s1, sizeof(s1), &id), -E2BIG);
	CHECK_EQ(lab_hwpt(0, lab.parent, s1, sizeof(*s1), &id), 0);
	CHECK_EQ(lab_attach(id), -EINVAL); /* width */
	CHECK_EQ(lab_hwpt(0, id, s1, sizeof(*s1), &plain), -EINVAL);
	CHECK_EQ(lab_destroy(id), 0);
	s1->addr_width = 48;
	s1->flags = IOMMU_VTD_S1_EAFE;
	REQUIRE(!lab_hwpt(0, lab.parent, s1, sizeof(*s1), &id));
	CHECK_EQ(lab_attach(id), -EINVAL);
	CHECK_EQ(lab_destroy(id), 0);
	CHECK_EQ(lab_destroy(plain), 0);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(lifetimes, "what is in use cannot be destroyed, and tables replace each other")
{
	lab_ready(LAB_EDU);
	CHECK_EQ(lab_destroy(lab.nested), -EBUSY);
	CHECK_EQ(lab_destroy(lab.parent), -EBUSY);
	CHECK_EQ(lab_destroy(lab.ioas), -EBUSY);
	CHECK_EQ(lab_attach(lab.parent), 0);
	CHECK_EQ(lab_destroy(lab.nested), 0);
	CHECK_EQ(lab_attach(lab.ioas), 0);
	CHECK_EQ(lab_destroy(lab.parent), 0);
	CHECK_EQ(lab_attach(lab.devid), -EINVAL);
	CHECK_EQ(lab_attach(4711), -ENOENT);
	CHECK_EQ(lab_detach(), 0); /* its table was made for it, and goes */
	CHECK_EQ(lab_detach(), 0);
	lab.nested = lab.parent = 0;
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(invalidate_rules, "an invalidation is checked entry by entry, and the number done comes back")
{
	struct iommu_hwpt_vtd_s1_invalidate entries[3] = { { .npages = 1 },
							   { .addr = 8 },
							   { .npages = 1 } };
	struct iommu_hwpt_invalidate inv = { .size = sizeof(inv),
					     .data_uptr = (uintptr_t)entries,
					     .entry_len = sizeof(*entries),
					     .entry_num = 3 };

	lab_ready(LAB_EDU);
	inv.hwpt_id = lab.nested;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv), -EINVAL);
	CHECK_EQ(inv.entry_num, 1);
	CHECK_EQ(lab_invalidate(LAB_GIOVA, UINT64_MAX), -EINVAL);
	CHECK_EQ(lab_invalidate(LAB_GIOVA, 0), 0);
	entries[0].flags = 2;
	inv.entry_num = 1;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv), -EOPNOTSUPP);
	CHECK_EQ(inv.entry_num, 0);
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv), 0); /* none: a free probe */
	inv.data_type = 1;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv), -EINVAL);
	inv.data_type = 0;
	inv.entry_num = 1;
	inv.entry_len = 16;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv), -EINVAL);
	inv.entry_num = 0;
	inv.hwpt_id = lab.parent;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv), -EINVAL);
	inv.hwpt_id = 4711;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv), -ENOENT);
	lab_close();
}

TEST(hw_info, "the unit's registers come whole, and a longer buffer is cleared behind them")
{
	struct iommu_hw_info_vtd vtd[2];
	struct iommu_hw_info info = { .size = sizeof(info),
				      .data_len = sizeof(vtd),
				      .data_uptr = (uintptr_t)vtd };

	memset(vtd, 0xff, sizeof(vtd));
	lab_open(LAB_EDU);
	info.dev_id = lab.devid;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_GET_HW_INFO, &info), 0);
	CHECK_EQ(info.out_data_type, IOMMU_HW_INFO_TYPE_INTEL_VTD);
	CHECK_EQ(info.data_len, sizeof(*vtd));
	CHECK_EQ(info.out_capabilities, IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED);
	CHECK_EQ(vtd[0].ecap_reg, 0xc80084f00f4a);
	CHECK_EQ(vtd[0].flags, IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17);
	CHECK_EQ(vtd[1].cap_reg, 0);
	info.dev_id = lab.ioas;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_GET_HW_INFO, &info), -ENOENT);
	info.flags = 2;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_GET_HW_INFO, &info), -EOPNOTSUPP);
	lab_close();
	lab_open("iommu=other\n" LAB_EDU);
	info = (struct iommu_hw_info){ .size = sizeof(info), .dev_id = lab.devid };
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_GET_HW_INFO, &info), 0);
	CHECK_EQ(info.out_data_type, IOMMU_HW_INFO_TYPE_NONE);
	lab_close();
	lab_open(LAB_PRI);
	info.dev_id = lab.devid;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_GET_HW_INFO, &info), 0);
	CHECK_EQ(info.out_max_pasid_log2, 8);
	CHECK_EQ(info.out_capabilities, 0);
	lab_close();
}

TEST(ranges, "the usable ranges narrow when a device is attached")
{
	struct iommu_iova_range ranges[4];
	struct iommu_ioas_iova_ranges cmd = { .size = sizeof(cmd),
					      .num_iovas = 4,
					      .allowed_iovas = (uintptr_t)ranges };

	lab_open(LAB_EDU);
	cmd.ioas_id = lab.ioas;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_IOAS_IOVA_RANGES, &cmd), 0);
	CHECK_EQ(cmd.num_iovas, 1);
	CHECK_EQ(ranges[0].last, UINT64_MAX);
	REQUIRE(!lab_attach(lab.ioas));
	cmd.num_iovas = 1;
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_IOAS_IOVA_RANGES, &cmd), -EMSGSIZE);
	CHECK_EQ(cmd.num_iovas, 2);
	CHECK_EQ(lab_ioctl(lab.iommufd, IOMMU_IOAS_IOVA_RANGES, &cmd), 0);
	CHECK_EQ(ranges[0].last, 0xfedfffff);
	CHECK_EQ(ranges[1].start, 0xfef00000);
	CHECK_EQ(ranges[1].last, 0x7fffffffffff);
	CHECK_EQ(cmd.out_iova_alignment, 4096);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(two_in_a_group, "two devices of a group share one table, and each must be attached")
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };
	uint32_t other = 0;
	int fd;

	lab_nest(LAB_EDU "device=0000:00:02.0 model=edu group=12\n");
	fd = nest_kernel_open(&lab.ctx, "/dev/vfio/devices/vfio1", 2);
	bind.iommufd = lab.iommufd;
	REQUIRE(!lab_ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind));
	REQUIRE(!lab_nested(0, LAB_TABLES, &lab.nested) && !lab_attach(lab.nested));
	REQUIRE(!lab_nested(0, LAB_TABLES, &other));
	attach.pt_id = other;
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach), -EINVAL);
	attach.pt_id = lab.nested;
	CHECK_EQ(lab_ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach), 0);
	CHECK_EQ(lab_attach(other), 0); /* takes both over */
	CHECK_EQ(lab_destroy(lab.nested), 0);
	lab.nested = other;
	CHECK_EQ(lab_detach(), 0);
	CHECK_EQ(lab_destroy(other), -EBUSY);
	nest_kernel_close(&lab.ctx, fd);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(outlives_its_fd, "a bound device keeps its iommufd, and closing it drops all objects")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = 0x3000 | PTE_RWU;
	nest_kernel_close(&lab.ctx, lab.iommufd);
	lab_dma(LAB_GIOVA, 8, true);
	CHECK_EQ(lab.leaf[0] & PTE_D, PTE_D);
	CHECK(fake_iommufd_left(stderr) == 4);
	nest_kernel_munmap(&lab.ctx, (void *)(uintptr_t)lab.bar, LAB_BAR);
	lab_config(4, LAB_COMMAND);
	nest_kernel_close(&lab.ctx, lab.cdev);
	CHECK_EQ(nest_kernel_munmap(&lab.ctx, lab.guest, LAB_GUEST), 0);
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(compat, "a container served by iommufd maps, unmaps and attaches through its own IOAS")
{
	static _Alignas(4096) uint8_t memory[4096];
	struct vfio_iommu_type1_dma_map map = { sizeof(map), 3, (uintptr_t)memory, 0x1000, 0x1000 };
	struct vfio_iommu_type1_dma_unmap unmap = { sizeof(unmap), 0, 0x1000, 0x1000 };
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int container, group, device;

	fake_start("abi=compat\n" LAB_EDU);
	container = nest_kernel_open(&lab.ctx, "/dev/vfio/vfio", 2);
	group = nest_kernel_open(&lab.ctx, "/dev/vfio/12", 2);
	CHECK_EQ(lab_ioctl(container, VFIO_IOMMU_MAP_DMA, &map), -ENODEV);
	CHECK_EQ(nest_kernel_ioctl_int(&lab.ctx, container, VFIO_SET_IOMMU, "", 3), -ENODEV);
	CHECK_EQ(lab_ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	CHECK_EQ(lab_ioctl(group, VFIO_GROUP_GET_STATUS, &status), 0);
	CHECK_EQ(status.flags, 3);
	CHECK_EQ(nest_kernel_ioctl_int(&lab.ctx, container, VFIO_SET_IOMMU, "", 6), -EINVAL);
	CHECK_EQ(nest_kernel_ioctl_int(&lab.ctx, container, VFIO_SET_IOMMU, "", 3), 0);
	device =
		(int)lab_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (void *)(uintptr_t) "0000:00:01.0");
	CHECK(device >= 0);
	CHECK_EQ(lab_ioctl(container, VFIO_IOMMU_MAP_DMA, &map), 0);
	CHECK_EQ(lab_ioctl(container, VFIO_IOMMU_MAP_DMA, &map), -EEXIST);
	map.flags = 7;
	CHECK_EQ(lab_ioctl(container, VFIO_IOMMU_MAP_DMA, &map), -EINVAL);
	CHECK_EQ(lab_ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap), 0);
	CHECK_EQ(unmap.size, 0x1000);
	CHECK_EQ(lab_ioctl(container, 0x3b75, &unmap), -ENOTTY);
	nest_kernel_close(&lab.ctx, device);
	nest_kernel_close(&lab.ctx, group);
	nest_kernel_close(&lab.ctx, container);
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(pasid_by_release, "PASIDs need 6.15, and a device without any is passed over from 6.16")
{
	uint32_t flat = 0;

	lab_open("kernel_release=6.14.0\n" LAB_EDU);
	CHECK_EQ(lab_attach_pasid(lab.ioas, 3), -EINVAL);
	lab_close();
	lab_open("kernel_release=6.15.0\n" LAB_EDU);
	REQUIRE(!lab_hwpt(IOMMU_HWPT_ALLOC_PASID, lab.ioas, NULL, 0, &flat));
	CHECK_EQ(lab_attach_pasid(flat, 3), -EINVAL);
	CHECK_EQ(lab_destroy(flat), 0);
	lab_close();
	lab_open(LAB_EDU);
	REQUIRE(!lab_hwpt(IOMMU_HWPT_ALLOC_PASID, lab.ioas, NULL, 0, &flat));
	CHECK_EQ(lab_attach_pasid(flat, 3), 0);
	fake_start("");
}

int main(void)
{
	return test_main();
}
