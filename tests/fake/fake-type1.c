// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The type1 driver: mappings, information, rules of Linux 7.3 (vfio/vfio_iommu_type1.c) and its
 * elders.
 */
#include "fake-gpasid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/vfio.h"

#define INFO_MIN	 16u /* up to iova_pgsizes */
#define INFO_SIZE	 24u

#define MAX_DIRTY_BITMAP UINT64_C(0x10000000)

/* Does the kernel build its own tables in first-stage format? It prefers them where it can. */
static bool uses_first_stage(void)
{
	/* arm_smmu_domain_finalise(): the first stage, if there is one */
	if (fake_machine.iommu == FAKE_SMMUV3)
		return fake_machine.cap >> 1 & 1;
	return fake_machine.scalable && fake_ecap(ECAP_SMTS) && fake_ecap(ECAP_FLTS);
}

enum fake_domain_kind fake_paging_kind(bool second_stage)
{
	return !second_stage && uses_first_stage() ? FAKE_FIRST_STAGE : FAKE_SECOND_STAGE;
}

uint64_t fake_aperture(enum fake_domain_kind kind)
{
	if (kind == FAKE_FIRST_STAGE && fake_machine.iommu == FAKE_SMMUV3)
		return (UINT64_C(1) << 48) - 1;
	/* Sign extension leaves half of a first stage to the user. */
	unsigned int bits =
		kind == FAKE_FIRST_STAGE && fake_machine.aw_bits > 47 ? 47 : fake_machine.aw_bits;

	return (UINT64_C(1) << bits) - 1;
}

struct fake_type1 *fake_type1_new(unsigned long type)
{
	struct fake_type1 *type1 = calloc(1, sizeof(*type1));

	if (!type1)
		abort();
	/* vfio_iommu_type1_open() */
	type1->v2 = type != VFIO_TYPE1_IOMMU;
	type1->nesting = type == VFIO_TYPE1_NESTING_IOMMU;
	type1->dma_avail = fake_machine.dma_avail;
	fake_space_init(&type1->space);
	type1->domain.kind = fake_paging_kind(type1->nesting);
	type1->domain.space = &type1->space;
	return type1;
}

/* vfio_iommu_type1_release() */
void fake_type1_free(struct fake_type1 *type1)
{
	if (type1->space.areas && fake_ledger_strict())
		fake_violation("mappings left to the end of their container");
	fake_gpasid_unbind_all(type1, NULL);
	if (type1->nesting) /* vfio_mm_put(): a process with two of them is not needed here */
		fake_pasid_give_back_all(FAKE_PASID_CONTAINER);
	fake_space_clear(&type1->space);
	free(type1);
}

/* vfio_iommu_type1_attach_group() */
int fake_type1_attach(struct fake_type1 *type1, struct fake_group *group)
{
	bool first = !type1->space.pins, v8 = fake_machine.rev >= FAKE_REV_V2;
	size_t i;

	if (!fake_machine.isolated_msi)
		return -EPERM;
	if (type1->nesting && v8 && !first)
		return -EINVAL; /* one group a nesting container, from v2 on */
	for (i = 0; i < fake_machine.nreserved; i++) {
		const struct fake_range *range = &fake_machine.reserved[i];

		if (fake_space_find(&type1->space, range->start, range->last))
			return -EINVAL; /* vfio_iommu_resv_conflict() */
	}
	if (first) {
		for (i = 0; i < fake_machine.nreserved; i++)
			fake_space_reserve(&type1->space, fake_machine.reserved[i].start,
					   fake_machine.reserved[i].last, type1);
		fake_space_reserve(&type1->space, fake_aperture(type1->domain.kind) + 1, UINT64_MAX,
				   type1);
		fake_space_pin(&type1->space);
	}
	group->domain = &type1->domain;
	return 0;
}

static void flush_group(const struct fake_group *group)
{
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i]->group == group)
			fake_iotlb_flush_device(fake_machine.devices[i], FAKE_NO_PASID);
}

void fake_type1_detach(struct fake_group *group)
{
	fake_gpasid_unbind_all(fake_container_type1(group->container), group);
	flush_group(group);
	group->domain = NULL;
}

/* vfio_iommu_type1_check_extension() and what older releases had in it */
int fake_type1_extension(const struct fake_type1 *type1, unsigned long id)
{
	switch (id) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
		return 1;
	case VFIO_TYPE1_NESTING_IOMMU:
		return !fake_since(6, 13);
	case VFIO_UNMAP_ALL:
		return fake_since(5, 12);
	case VFIO_UPDATE_VADDR:
		return fake_since(5, 12) && type1;
	case VFIO_DMA_CC_IOMMU:
		/*
		 * intel_iommu_enforce_cache_coherency(): snoop control; before 5.19,
		 * domain_update_iommu_snooping(): that or scalable mode
		 */
		return type1 &&
		       (fake_ecap(ECAP_SC) || (fake_machine.scalable && !fake_since(5, 19)));
	}
	return 0;
}

/* vfio_dma_do_map() */
static long map_dma(struct fake_type1 *type1, const struct vfio_iommu_type1_dma_map *map)
{
	const uint32_t known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	uint64_t last;
	int err;

	if (map->argsz < sizeof(*map) || map->flags & ~known || !map->size || !(map->flags & known))
		return -EINVAL;
	last = map->iova + map->size - 1;
	if (last < map->iova || map->vaddr + map->size - 1 < map->vaddr)
		return fake_since(6, 18) ? -EOVERFLOW : -EINVAL;
	if ((map->size | map->iova | map->vaddr) & (FAKE_PAGE - 1))
		return -EINVAL;
	if (fake_space_find(&type1->space, map->iova, last))
		return -EEXIST;
	if (!type1->dma_avail)
		return -ENOSPC;
	/* vfio_iommu_iova_dma_valid() */
	if (fake_space_is_reserved(&type1->space, map->iova, last))
		return -EINVAL;
	err = fake_space_insert(&type1->space, map->iova, (void *)(uintptr_t)map->vaddr, map->size,
				map->flags & VFIO_DMA_MAP_FLAG_READ,
				map->flags & VFIO_DMA_MAP_FLAG_WRITE);
	if (!err)
		type1->dma_avail--;
	return err;
}

/* vfio_dma_do_unmap(): v2 refuses to cut a mapping, v1 takes it whole if its start is asked for */
static long unmap_dma(struct fake_type1 *type1, struct vfio_iommu_type1_dma_unmap *unmap)
{
	const uint32_t all_flag = 1u << 1;
	bool all = unmap->flags & all_flag && fake_since(5, 12);
	uint64_t iova = unmap->iova, last = all ? UINT64_MAX : iova + unmap->size - 1;
	struct fake_area *area;
	uint64_t done = 0;

	if (unmap->argsz < sizeof(*unmap) || unmap->flags & ~(fake_since(5, 12) ? all_flag : 0))
		return -EINVAL;
	if (iova & (FAKE_PAGE - 1) ||
	    (all ? iova || unmap->size : !unmap->size || unmap->size & (FAKE_PAGE - 1)))
		return -EINVAL;
	if (last < iova)
		return fake_since(6, 18) ? -EOVERFLOW : -EINVAL;
	if (type1->v2 && !all) {
		area = fake_space_find(&type1->space, iova, iova);
		if (area && area->iova != iova)
			return -EINVAL;
		area = fake_space_find(&type1->space, last, last);
		if (area && area->iova + area->size - 1 != last)
			return -EINVAL;
	}
	while ((area = fake_space_find(&type1->space, iova, last))) {
		if (!type1->v2 && iova > area->iova)
			break;
		done += area->size;
		fake_space_remove(&type1->space, area);
		type1->dma_avail++;
	}
	unmap->size = done;
	return 0;
}

/* vfio_info_cap_add(): rounds to 8 since 6.6 */
void *fake_chain_add(struct fake_chain *chain, uint16_t id, uint16_t version, size_t len)
{
	struct vfio_info_cap_header *header = (void *)(chain->bytes + chain->len);

	if (fake_since(6, 6))
		len = (len + 7) & ~(size_t)7;
	if (chain->len + len > sizeof(chain->bytes))
		abort();
	if (chain->any)
		((struct vfio_info_cap_header *)(void *)(chain->bytes + chain->last))->next =
			(uint32_t)(INFO_SIZE + chain->len);
	header->id = id;
	header->version = version;
	chain->last = chain->len;
	chain->len += len;
	chain->any = true;
	return header;
}

static void add_ranges(const struct fake_type1 *type1, struct fake_chain *chain)
{
	struct fake_range ranges[16];
	size_t count = fake_space_ranges(&type1->space, ranges, 16);
	struct vfio_iommu_type1_info_cap_iova_range *cap;

	cap = fake_chain_add(chain, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 1,
			     sizeof(*cap) + count * sizeof(*ranges));
	cap->nr_iovas = (uint32_t)count;
	memcpy(cap + 1, ranges, count * sizeof(*ranges));
}

static void build_chain(const struct fake_type1 *type1, struct fake_chain *chain)
{
	struct vfio_iommu_type1_info_cap_migration *migration;
	struct vfio_iommu_type1_info_dma_avail *avail;

	/* Both came with 5.8 and 5.10; RFC v3 and v1 are older, wherever they are put. */
	if (fake_machine.rev >= FAKE_REV_RFC_V3 && fake_machine.rev <= FAKE_REV_V1) {
		add_ranges(type1, chain);
		fake_rfc_capability(type1, chain);
		return;
	}
	migration =
		fake_chain_add(chain, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, 1, sizeof(*migration));
	migration->pgsize_bitmap = FAKE_PAGE;
	migration->max_dirty_bitmap_size = MAX_DIRTY_BITMAP;
	avail = fake_chain_add(chain, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, 1, sizeof(*avail));
	avail->avail = type1->dma_avail;
	add_ranges(type1, chain);
	fake_rfc_capability(type1, chain);
}

/* vfio_iommu_type1_get_info(): too little room gives argsz back and no capability */
static long get_info(const struct fake_type1 *type1, uint8_t *user)
{
	struct vfio_iommu_type1_info info = { 0 };
	struct fake_chain chain = { 0 };
	const uint8_t *bytes = chain.bytes;
	uint32_t room;

	memcpy(&info, user, INFO_MIN);
	if (info.argsz < INFO_MIN)
		return -EINVAL;
	room = info.argsz;
	info.flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS;
	info.iova_pgsizes = fake_machine.pgsizes;
	build_chain(type1, &chain);
	if (fake_machine.chain) {
		bytes = fake_machine.chain;
		chain.len = fake_machine.chain_len;
	}
	if (room < INFO_SIZE + chain.len) {
		info.argsz = (uint32_t)(INFO_SIZE + chain.len);
	} else {
		memcpy(user + INFO_SIZE, bytes, chain.len);
		info.cap_offset = INFO_SIZE;
		if (fake_machine.chain_offset.set)
			info.cap_offset = (uint32_t)fake_machine.chain_offset.value;
		if (fake_machine.chain_argsz.set)
			info.argsz = (uint32_t)fake_machine.chain_argsz.value;
	}
	memcpy(user, &info, room < sizeof(info) ? room : sizeof(info));
	return 0;
}

long fake_type1_ioctl(struct fake_type1 *type1, unsigned long request, uintptr_t arg)
{
	long ret;

	if (fake_rfc_ioctl(type1, request, arg, &ret))
		return ret;
	if (request != VFIO_IOMMU_GET_INFO && request != VFIO_IOMMU_MAP_DMA &&
	    request != VFIO_IOMMU_UNMAP_DMA)
		return -ENOTTY;
	if (!arg)
		return -EFAULT;
	if (request == VFIO_IOMMU_GET_INFO)
		return get_info(type1, (void *)arg);
	if (request == VFIO_IOMMU_MAP_DMA)
		return map_dma(type1, (const void *)arg);
	return unmap_dma(type1, (void *)arg);
}
