/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device behind the fake's unit, nested, ready for DMA: for unit tests of the fake itself. It
 * goes through lib/kernel/kernel.h alone, and writes page-table entries as numbers, so that it
 * checks the fake against the specification and not against the tool's own table builder.
 */
#ifndef FAKE_LAB_H
#define FAKE_LAB_H

#include <stdlib.h>
#include <string.h>

#include "ctx.h"
#include "kernel/kernel.h"
#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "../../fake/fake.h"
#include "test.h"

#define LAB_EDU	    "device=0000:00:01.0 model=edu group=12\n"
#define LAB_PRI	    "ecap=0xcd38a4f00f4e\ndevice=0000:00:01.0 model=edu-pri group=12\n"

#define LAB_GUEST   (4ul << 20) /* guest memory, mapped at GPA 0 */
#define LAB_TABLES  0x10000ul	/* GPA of the root table; the others follow */
#define LAB_COMMAND 0x103	/* as firmware leaves the command register */
#define LAB_BAR	    0x4000ul	/* as much of the registers as is mapped */
#define LAB_GIOVA   UINT64_C(0x7f1234567000)

#define PTE_P	    1ull
#define PTE_W	    2ull
#define PTE_U	    4ull
#define PTE_A	    0x20ull
#define PTE_D	    0x40ull
#define PTE_LARGE   0x80ull
#define PTE_RWU	    (PTE_P | PTE_W | PTE_U)

struct lab {
	struct nest_ctx ctx;
	int iommufd, cdev;
	uint32_t devid, ioas, parent, nested, fault;
	int fault_fd;
	uint8_t *guest;
	volatile uint8_t *bar;
	uint64_t *leaf; /* of LAB_GIOVA, level 1; its neighbours are the pages after */
	uint64_t *pd;	/* the entry that leads there, level 2 */
};

static struct lab lab;

static inline long lab_ioctl(int fd, unsigned long request, void *arg)
{
	return nest_kernel_ioctl(&lab.ctx, fd, request, "request", arg,
				 0); /* nothing is written down */
}

static inline int lab_config(uint32_t offset, uint16_t value)
{
	return (int)nest_kernel_pwrite(&lab.ctx, lab.cdev, &value, 2, (7ull << 40) + offset);
}

static inline long lab_hwpt(uint32_t flags, uint32_t pt, const void *data, uint32_t len,
			    uint32_t *ret)
{
	struct iommu_hwpt_alloc alloc = { .size = sizeof(alloc),
					  .flags = flags,
					  .dev_id = lab.devid,
					  .pt_id = pt,
					  .data_len = len,
					  .data_uptr = (uintptr_t)data,
					  .data_type = len ? IOMMU_HWPT_DATA_VTD_S1 : 0,
					  .fault_id = lab.fault };
	long err = lab_ioctl(lab.iommufd, IOMMU_HWPT_ALLOC, &alloc);

	if (!err)
		*ret = alloc.out_hwpt_id;
	return err;
}

static inline long lab_nested(uint32_t flags, uint64_t root, uint32_t *ret)
{
	struct iommu_hwpt_vtd_s1 s1 = { .pgtbl_addr = root, .addr_width = 48 };

	return lab_hwpt(flags, lab.parent, &s1, sizeof(s1), ret);
}

static inline long lab_attach(uint32_t pt)
{
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach), .pt_id = pt };

	return lab_ioctl(lab.cdev, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach);
}

static inline long lab_attach_pasid(uint32_t pt, uint32_t pasid)
{
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach),
							.pt_id = pt,
							.flags = VFIO_DEVICE_ATTACH_PASID,
							.pasid = pasid };

	return lab_ioctl(lab.cdev, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach);
}

static inline long lab_detach(void)
{
	struct vfio_device_detach_iommufd_pt detach = { .argsz = sizeof(detach) };

	return lab_ioctl(lab.cdev, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach);
}

static inline long lab_destroy(uint32_t id)
{
	struct iommu_destroy destroy = { sizeof(destroy), id };

	return lab_ioctl(lab.iommufd, IOMMU_DESTROY, &destroy);
}

static inline long lab_map(uint64_t iova, void *va, uint64_t len, uint32_t flags)
{
	struct iommu_ioas_map map = { .size = sizeof(map),
				      .ioas_id = lab.ioas,
				      .iova = iova,
				      .flags = flags | IOMMU_IOAS_MAP_FIXED_IOVA,
				      .user_va = (uintptr_t)va,
				      .length = len };

	return lab_ioctl(lab.iommufd, IOMMU_IOAS_MAP, &map);
}

static inline long lab_unmap(uint64_t iova, uint64_t len)
{
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap), .ioas_id = lab.ioas, .iova = iova, .length = len
	};

	return lab_ioctl(lab.iommufd, IOMMU_IOAS_UNMAP, &unmap);
}

static inline long lab_invalidate(uint64_t addr, uint64_t npages)
{
	struct iommu_hwpt_vtd_s1_invalidate entry = { .addr = addr, .npages = npages };
	struct iommu_hwpt_invalidate inv = { .size = sizeof(inv),
					     .hwpt_id = lab.nested,
					     .data_uptr = (uintptr_t)&entry,
					     .entry_len = sizeof(entry),
					     .entry_num = 1 };

	return lab_ioctl(lab.iommufd, IOMMU_HWPT_INVALIDATE, &inv);
}

/* Machine, node, bind; no memory yet. */
static inline void lab_open(const char *conf)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct iommu_ioas_alloc ioas = { .size = sizeof(ioas) };
	char text[1024];

	snprintf(text, sizeof(text), "abi=iommufd\n%s", conf);
	if (fake_start(text))
		abort();
	memset(&lab, 0, sizeof(lab));
	lab.ctx.live = true;
	lab.fault_fd = -1;
	lab.iommufd = nest_kernel_open(&lab.ctx, "/dev/iommu", 2);
	lab.cdev = nest_kernel_open(&lab.ctx, "/dev/vfio/devices/vfio0", 2);
	bind.iommufd = lab.iommufd;
	if (lab_ioctl(lab.cdev, VFIO_DEVICE_BIND_IOMMUFD, &bind) ||
	    lab_ioctl(lab.iommufd, IOMMU_IOAS_ALLOC, &ioas))
		abort();
	lab.devid = bind.out_devid;
	lab.ioas = ioas.out_ioas_id;
	lab_config(4, LAB_COMMAND | 4); /* memory decoding and bus master */
	if (nest_kernel_mmap(&lab.ctx, lab.cdev, LAB_BAR, 0, (void **)&lab.bar))
		abort();
}

/* Guest memory, a parent, a table of one leaf page for LAB_GIOVA, and no attachment. */
static inline void lab_nest(const char *conf)
{
	unsigned int i;
	uint64_t *table[4];

	lab_open(conf);
	if (nest_kernel_mmap(&lab.ctx, -1, LAB_GUEST, 0, (void **)&lab.guest) ||
	    lab_map(0, lab.guest, LAB_GUEST, IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE) ||
	    lab_hwpt(IOMMU_HWPT_ALLOC_NEST_PARENT, lab.ioas, NULL, 0, &lab.parent))
		abort();
	for (i = 0; i < 4; i++)
		table[i] = (uint64_t *)(void *)(lab.guest + LAB_TABLES + i * FAKE_PAGE);
	for (i = 0; i < 3; i++)
		table[i][LAB_GIOVA >> (39 - 9 * i) & 511] =
			(LAB_TABLES + (i + 1) * FAKE_PAGE) | PTE_RWU;
	lab.pd = &table[2][LAB_GIOVA >> 21 & 511];
	lab.leaf = &table[3][LAB_GIOVA >> 12 & 511];
}

/* The same, nested and attached. */
static inline void lab_ready(const char *conf)
{
	lab_nest(conf);
	if (lab_nested(0, LAB_TABLES, &lab.nested) || lab_attach(lab.nested))
		abort();
}

static inline void lab_reg(uint32_t offset, uint64_t value)
{
	nest_mmio_write64(lab.bar + offset, value);
}

/* One DMA of the edu device, waited for. */
static inline void lab_dma(uint64_t address, uint32_t len, bool to_memory)
{
	lab_reg(to_memory ? 0x80 : 0x88, 0x40000);
	lab_reg(to_memory ? 0x88 : 0x80, address);
	lab_reg(0x90, len);
	lab_reg(0x98, to_memory ? 3 : 1);
	while (nest_mmio_read32(lab.bar + 0x98) & 1)
		nest_kernel_sleep(&lab.ctx, 1000000);
}

/* The newest line of the kernel's log. */
static inline const char *lab_log(void)
{
	static char line[512];
	int fd = nest_kernel_open(&lab.ctx, "/dev/kmsg", 00004000);
	ssize_t len;
	char next[512];

	*line = '\0';
	while ((len = nest_kernel_read(&lab.ctx, fd, next, sizeof(next) - 1)) > 0) {
		next[len] = '\0';
		strcpy(line, next);
	}
	nest_kernel_close(&lab.ctx, fd);
	return line;
}

/* Takes everything down in order. */
static inline void lab_close(void)
{
	nest_kernel_munmap(&lab.ctx, (void *)(uintptr_t)lab.bar, LAB_BAR);
	lab_config(4, LAB_COMMAND);
	lab_detach();
	if (lab.fault_fd >= 0)
		nest_kernel_close(&lab.ctx, lab.fault_fd);
	if (lab.nested)
		lab_destroy(lab.nested);
	if (lab.fault)
		lab_destroy(lab.fault);
	if (lab.parent)
		lab_destroy(lab.parent);
	if (lab.guest)
		lab_unmap(0, LAB_GUEST);
	lab_destroy(lab.ioas);
	nest_kernel_close(&lab.ctx, lab.cdev);
	nest_kernel_close(&lab.ctx, lab.iommufd);
	if (lab.guest)
		nest_kernel_munmap(&lab.ctx, lab.guest, LAB_GUEST);
}

#endif
