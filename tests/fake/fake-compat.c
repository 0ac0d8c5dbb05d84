// SPDX-License-Identifier: GPL-2.0-or-later
/* Container requests on an iommufd, which may serve /dev/vfio/vfio (iommufd/vfio_compat.c). */
#include "fake-iommufd.h"
#include "fake-vfio.h"

#include <errno.h>
#include <string.h>

#include "uapi/vfio.h"

#define INFO_MIN       16u
#define UNMAP_ALL_FLAG (1u << 1)

/* iommufd_vfio_compat_ioas_create() */
int fake_compat_create(struct fake_iommufd *ictx)
{
	if (ictx->no_iommu)
		return -EINVAL;
	if (ictx->vfio_ioas)
		return 0;
	ictx->vfio_ioas = fake_ioas_new(ictx);
	ictx->vfio_ioas->automatic = true;
	return 0;
}

/* iommufd_vfio_check_extension(); nesting is 0 in every release */
static long check_extension(const struct fake_iommufd *ictx, unsigned long id)
{
	if (id == 11)
		fake_violation("VFIO_CHECK_EXTENSION 11, which switches a mode on in some kernels");
	if (id < FAKE_MAX_TYPES && fake_machine.ext[id].set)
		return fake_machine.ext[id].value;
	switch (id) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
	case VFIO_UNMAP_ALL:
		return !ictx->no_iommu;
	case VFIO_DMA_CC_IOMMU:
		/* iommufd_vfio_cc_iommu(): of the page tables there are */
		if (!ictx->vfio_ioas)
			return -ENODEV;
		return !ictx->vfio_ioas->space.domains || fake_ecap(ECAP_SC);
	}
	return 0;
}

/* iommufd_vfio_set_iommu() */
static long set_iommu(const struct fake_iommufd *ictx, unsigned long type)
{
	if (type < FAKE_MAX_TYPES && fake_machine.set_iommu[type].set &&
	    fake_machine.set_iommu[type].value < 0)
		return fake_machine.set_iommu[type].value;
	if (type == VFIO_NOIOMMU_IOMMU && ictx->no_iommu)
		return 0;
	if ((type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU) || ictx->no_iommu)
		return -EINVAL;
	if (!ictx->vfio_ioas)
		return -ENODEV;
	if (type == VFIO_TYPE1_IOMMU)
		ictx->vfio_ioas->small_pages = true;
	return 0;
}

static struct vfio_info_cap_header *put_header(uint8_t *at, uint16_t id, uint32_t next)
{
	struct vfio_info_cap_header *header = (void *)at;

	header->id = id;
	header->version = 1;
	header->next = next;
	return header;
}

/* iommufd_vfio_iommu_get_info(): DMA_AVAIL of everything, then the ranges */
static long get_info(const struct fake_iommufd *ictx, uint8_t *user)
{
	const size_t avail_len = 16;
	const struct fake_ioas *ioas = ictx->vfio_ioas;
	struct vfio_iommu_type1_info_cap_iova_range ranges_cap = { 0 };
	struct vfio_iommu_type1_info info = { 0 };
	struct fake_range ranges[16];
	size_t count, total;
	uint32_t room;

	memcpy(&info, user, INFO_MIN);
	room = info.argsz;
	if (room < INFO_MIN)
		return -EINVAL;
	if (!ioas)
		return -ENODEV;
	count = fake_space_ranges(&ioas->space, ranges, 16);
	total = sizeof(info) + avail_len + sizeof(ranges_cap) + count * sizeof(*ranges);
	info.flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
	/* Without a device there is no page table to ask. */
	info.iova_pgsizes = ioas->space.domains ? fake_machine.pgsizes : ~UINT64_C(0xfff);
	if (room >= total) {
		uint8_t *at = user + sizeof(info);
		uint32_t all = UINT32_MAX, nr = (uint32_t)count;

		memset(at, 0, total - sizeof(info));
		put_header(at, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL,
			   (uint32_t)(sizeof(info) + avail_len));
		memcpy(at + sizeof(struct vfio_info_cap_header), &all, sizeof(all));
		at += avail_len;
		put_header(at, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 0);
		memcpy(at + sizeof(struct vfio_info_cap_header), &nr, sizeof(nr));
		memcpy(at + sizeof(ranges_cap), ranges, count * sizeof(*ranges));
		info.cap_offset = sizeof(info);
	}
	info.argsz = (uint32_t)total;
	memcpy(user, &info, room < sizeof(info) ? room : sizeof(info));
	return 0;
}

/* iommufd_vfio_map_dma() */
static long map_dma(struct fake_iommufd *ictx, const struct vfio_iommu_type1_dma_map *map)
{
	const uint32_t known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	uint64_t iova = map->iova;

	if (map->argsz < sizeof(*map) || map->flags & ~known)
		return -EINVAL;
	if (!ictx->vfio_ioas)
		return -ENODEV;
	return fake_ioas_do_map(ictx->vfio_ioas, &iova, map->vaddr, map->size,
				map->flags & VFIO_DMA_MAP_FLAG_READ,
				map->flags & VFIO_DMA_MAP_FLAG_WRITE, true);
}

/* iommufd_vfio_unmap_dma() */
static long unmap_dma(struct fake_iommufd *ictx, struct vfio_iommu_type1_dma_unmap *unmap)
{
	uint64_t done = 0, last = unmap->iova + unmap->size - 1;
	bool all = unmap->flags & UNMAP_ALL_FLAG;
	int err;

	if (unmap->argsz < sizeof(*unmap) || unmap->flags & ~UNMAP_ALL_FLAG)
		return -EINVAL;
	if (!ictx->vfio_ioas)
		return -ENODEV;
	if (all ? unmap->iova || unmap->size : !unmap->size)
		return -EINVAL;
	if (!all && last < unmap->iova)
		return -EOVERFLOW;
	err = fake_ioas_do_unmap(ictx->vfio_ioas, unmap->iova, all ? UINT64_MAX : last, &done);
	unmap->size = done;
	return err;
}

/* iommufd_vfio_ioctl(): whatever it does not know is ENOTTY */
long fake_compat_ioctl(struct fake_iommufd *ictx, unsigned long request, uintptr_t arg)
{
	switch (request) {
	case VFIO_GET_API_VERSION:
		return fake_machine.api_version.set ? fake_machine.api_version.value
						    : VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return check_extension(ictx, arg);
	case VFIO_SET_IOMMU:
		return set_iommu(ictx, arg);
	case FAKE_VERSION_QUERY:
		return fake_machine.query_before.set ? fake_machine.query_before.value : -ENOTTY;
	case VFIO_IOMMU_GET_INFO:
		return arg ? get_info(ictx, (void *)arg) : -EFAULT;
	case VFIO_IOMMU_MAP_DMA:
		return arg ? map_dma(ictx, (const void *)arg) : -EFAULT;
	case VFIO_IOMMU_UNMAP_DMA:
		return arg ? unmap_dma(ictx, (void *)arg) : -EFAULT;
	}
	return -ENOTTY;
}
