// SPDX-License-Identifier: GPL-2.0-or-later
/* I/O address spaces of iommufd (Linux 7.3, iommu/iommufd/ioas.c and io_pagetable.c). */
#include "fake-iommufd.h"

#include <errno.h>
#include <string.h>

#include "fake-dmabuf.h"
#include "fake-memfd.h"
#include "uapi/iommufd.h"

struct fake_ioas *fake_ioas_new(struct fake_iommufd *ictx)
{
	struct fake_ioas *ioas = fake_object_new(ictx, FAKE_OBJECT_IOAS, sizeof(*ioas));

	fake_space_init(&ioas->space);
	return ioas;
}

void fake_ioas_destroy(struct fake_ioas *ioas)
{
	if (ioas->space.areas && fake_ledger_strict())
		fake_violation("mappings left to the end of IOAS %u", ioas->object.id);
	fake_space_clear(&ioas->space);
}

/* iommufd_ioas_alloc_ioctl() */
long fake_ioas_alloc(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_ioas_alloc *cmd = arg;

	if (cmd->flags)
		return -EOPNOTSUPP;
	cmd->out_ioas_id = fake_ioas_new(ictx)->object.id;
	return 0;
}

/* iommufd_ioas_iova_ranges(): EMSGSIZE with the count when there is not enough room */
long fake_ioas_ranges(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_ioas_iova_ranges *cmd = arg;
	struct fake_ioas *ioas;
	uint32_t room = cmd->num_iovas;
	size_t count;

	if (cmd->reserved)
		return -EOPNOTSUPP;
	ioas = fake_object_get(ictx, cmd->ioas_id, FAKE_OBJECT_IOAS);
	if (!ioas)
		return -ENOENT;
	if (room && !cmd->allowed_iovas)
		return -EFAULT;
	count = fake_space_ranges(&ioas->space, (void *)(uintptr_t)cmd->allowed_iovas, room);
	cmd->num_iovas = (uint32_t)count;
	cmd->out_iova_alignment = ioas->space.domains ? fake_io_page() : 1;
	return count > room ? -EMSGSIZE : 0;
}

/* iopt_alloc_iova(): the lowest hole that takes it, aligned like the memory */
static int find_hole(const struct fake_ioas *ioas, uint64_t length, uint64_t *ret_iova)
{
	struct fake_range ranges[16];
	size_t count = fake_space_ranges(&ioas->space, ranges, 16), i;

	for (i = 0; i < count && i < 16; i++) {
		uint64_t at = (ranges[i].start + FAKE_PAGE - 1) & ~(uint64_t)(FAKE_PAGE - 1);
		const struct fake_area *area;

		while (at + length - 1 >= at && at + length - 1 <= ranges[i].last) {
			area = fake_space_find(&ioas->space, at, at + length - 1);
			if (!area) {
				*ret_iova = at;
				return 0;
			}
			at = area->iova + area->size;
		}
	}
	return -ENOSPC;
}

/* iopt_map_user_pages(), iopt_check_iova() */
int fake_ioas_do_map(struct fake_ioas *ioas, uint64_t *iova, uint64_t vaddr, uint64_t length,
		     bool read, bool write, bool fixed)
{
	uint64_t align = ioas->space.domains ? fake_io_page() : 1, last;
	int err;

	if (!length || length & (align - 1))
		return -EINVAL;
	if (!fixed) {
		err = find_hole(ioas, length, iova);
		if (err)
			return err;
	}
	if (*iova & (align - 1))
		return -EINVAL;
	last = *iova + length - 1;
	if (last < *iova)
		return -EOVERFLOW;
	if (fake_space_is_reserved(&ioas->space, *iova, last))
		return -EINVAL;
	if (fake_space_find(&ioas->space, *iova, last))
		return -EEXIST;
	if (vaddr & (FAKE_PAGE - 1) & (align - 1))
		return -EINVAL; /* iopt_insert_area() */
	if (ioas->space.force_write && !write) {
		fake_kmsg(
			3,
			"DMAR: Read-only mapping is disallowed on the domain which serves as the "
			"parent in a nested configuration, due to HW errata (ERRATA_772415_SPR17)");
		return -EINVAL;
	}
	return fake_space_insert(&ioas->space, *iova, (void *)(uintptr_t)vaddr, length, read,
				 write);
}

/* iommufd_ioas_map() */
long fake_ioas_map(struct fake_iommufd *ictx, void *arg)
{
	const uint32_t access = IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE;
	struct iommu_ioas_map *cmd = arg;
	struct fake_ioas *ioas;

	if (cmd->flags & ~(access | IOMMU_IOAS_MAP_FIXED_IOVA) || cmd->reserved)
		return -EOPNOTSUPP;
	if (cmd->iova == UINT64_MAX || cmd->length == UINT64_MAX)
		return -EOVERFLOW;
	if (!(cmd->flags & access))
		return -EINVAL;
	ioas = fake_object_get(ictx, cmd->ioas_id, FAKE_OBJECT_IOAS);
	if (!ioas)
		return -ENOENT;
	/* Of files and BARs the fake has no memory that is aligned to larger pages. */
	if (ioas->space.domains && cmd->user_va & (fake_io_page() - 1))
		return -EINVAL;
	return fake_ioas_do_map(
		ioas, &cmd->iova, cmd->user_va, cmd->length, cmd->flags & IOMMU_IOAS_MAP_READABLE,
		cmd->flags & IOMMU_IOAS_MAP_WRITEABLE, cmd->flags & IOMMU_IOAS_MAP_FIXED_IOVA);
}

#define ACCESS (IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE)

static void set_dmabuf(struct fake_area *area, struct fake_dmabuf *dmabuf)
{
	area->dmabuf = dmabuf;
	if (dmabuf)
		fake_dmabuf_ref(dmabuf);
}

/* iommufd_ioas_copy(), iopt_get_pages(): any part of an area */
long fake_ioas_copy(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_ioas_copy *cmd = arg;
	const struct fake_area *area;
	struct fake_area *copy;
	struct fake_ioas *from, *to;
	int err;

	if (cmd->flags & ~(ACCESS | IOMMU_IOAS_MAP_FIXED_IOVA))
		return -EOPNOTSUPP;
	if (cmd->length >= UINT64_MAX || cmd->dst_iova == UINT64_MAX)
		return -EOVERFLOW;
	if (!(cmd->flags & IOMMU_IOAS_MAP_WRITEABLE) && !(cmd->flags & IOMMU_IOAS_MAP_READABLE))
		return -EINVAL;
	from = fake_object_get(ictx, cmd->src_ioas_id, FAKE_OBJECT_IOAS);
	to = fake_object_get(ictx, cmd->dst_ioas_id, FAKE_OBJECT_IOAS);
	if (!from || !to)
		return -ENOENT;
	if (!cmd->length)
		return -EINVAL;
	area = fake_space_find(&from->space, cmd->src_iova, cmd->src_iova + cmd->length - 1);
	if (!area || area->iova > cmd->src_iova ||
	    area->iova + area->size - cmd->src_iova < cmd->length)
		return -ENOENT;
	err = fake_ioas_do_map(
		to, &cmd->dst_iova, (uintptr_t)area->vaddr + (cmd->src_iova - area->iova),
		cmd->length, cmd->flags & IOMMU_IOAS_MAP_READABLE,
		cmd->flags & IOMMU_IOAS_MAP_WRITEABLE, cmd->flags & IOMMU_IOAS_MAP_FIXED_IOVA);
	if (err)
		return err;
	copy = fake_space_find(&to->space, cmd->dst_iova, cmd->dst_iova);
	copy->file = area->file;
	copy->revoked = area->revoked;
	set_dmabuf(copy, area->dmabuf);
	return 0;
}

/* iopt_map_file_pages(): pages of a memfd, or of a BAR */
static int file_memory(const struct iommu_ioas_map_file *cmd, struct fake_dmabuf *dmabuf,
		       uint8_t **ret_memory)
{
	uint8_t *memory;
	size_t len = 0;

	if (!cmd->length)
		return -EINVAL;
	if (dmabuf)
		return fake_dmabuf_check(dmabuf, cmd->start, cmd->length, ret_memory);
	memory = fake_memfd_memory(cmd->fd, &len);
	if (!memory)
		return -EBADF;
	if (cmd->start > len || cmd->length > len - cmd->start)
		return -EINVAL;
	*ret_memory = memory + cmd->start;
	return 0;
}

/* iommufd_ioas_map_file() */
long fake_ioas_map_file(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_ioas_map_file *cmd = arg;
	struct fake_dmabuf *dmabuf = fake_dmabuf_get(cmd->fd);
	struct fake_area *area;
	struct fake_ioas *ioas;
	uint8_t *memory;
	int err;

	if (cmd->flags & ~(ACCESS | IOMMU_IOAS_MAP_FIXED_IOVA))
		return -EOPNOTSUPP;
	if (cmd->iova == UINT64_MAX || cmd->length == UINT64_MAX)
		return -EOVERFLOW;
	if (!(cmd->flags & ACCESS))
		return -EINVAL;
	ioas = fake_object_get(ictx, cmd->ioas_id, FAKE_OBJECT_IOAS);
	if (!ioas)
		return -ENOENT;
	err = file_memory(cmd, dmabuf, &memory);
	if (!err)
		err = fake_ioas_do_map(ioas, &cmd->iova, (uintptr_t)memory, cmd->length,
				       cmd->flags & IOMMU_IOAS_MAP_READABLE,
				       cmd->flags & IOMMU_IOAS_MAP_WRITEABLE,
				       cmd->flags & IOMMU_IOAS_MAP_FIXED_IOVA);
	if (err)
		return err;
	area = fake_space_find(&ioas->space, cmd->iova, cmd->iova);
	area->file = true;
	set_dmabuf(area, dmabuf);
	return 0;
}

/*
 * iommufd_ioas_change_process(): EINVAL unless all that is mapped in this file's address spaces was
 * mapped by a file. Which process is charged the fake does not keep: it counts what is pinned.
 */
long fake_ioas_change_process(struct fake_iommufd *ictx, void *arg)
{
	const struct iommu_ioas_change_process *cmd = arg;
	const struct fake_object *object;
	const struct fake_area *area;

	if (cmd->reserved)
		return -EOPNOTSUPP;
	if (fake_machine.flaws & FAKE_FLAW_TAKES_ALL)
		return 0;
	for (object = ictx->objects; object; object = object->next) {
		if (object->type != FAKE_OBJECT_IOAS)
			continue;
		area = ((const struct fake_ioas *)object)->space.areas;
		for (; area; area = area->next)
			if (!area->file)
				return -EINVAL;
	}
	return 0;
}

/* iopt_unmap_iova_range(): an area that lies only partly in the range stops it with ENOENT */
int fake_ioas_do_unmap(struct fake_ioas *ioas, uint64_t first, uint64_t last, uint64_t *ret_len)
{
	struct fake_area *area;

	*ret_len = 0;
	while ((area = fake_space_find(&ioas->space, first, last))) {
		if (area->iova < first || area->iova + area->size - 1 > last)
			return -ENOENT;
		*ret_len += area->size;
		fake_space_remove(&ioas->space, area);
	}
	return 0;
}

/* iommufd_ioas_unmap(): nothing there is ENOENT, except for "everything" */
long fake_ioas_unmap(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_ioas_unmap *cmd = arg;
	struct fake_ioas *ioas = fake_object_get(ictx, cmd->ioas_id, FAKE_OBJECT_IOAS);
	bool all = !cmd->iova && cmd->length == UINT64_MAX;
	uint64_t last = cmd->iova + cmd->length - 1, done;
	int err;

	if (!ioas)
		return -ENOENT;
	if (!all && (cmd->iova == UINT64_MAX || cmd->length == UINT64_MAX))
		return -EOVERFLOW;
	if (!cmd->length)
		return -EINVAL;
	if (!all && last < cmd->iova)
		return -EOVERFLOW;
	err = fake_ioas_do_unmap(ioas, cmd->iova, all ? UINT64_MAX : last, &done);
	if (err)
		return err;
	if (!all && !done)
		return -ENOENT;
	cmd->length = done;
	return 0;
}

/* iommufd_ioas_option_huge_pages() */
long fake_ioas_option(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_option *cmd = arg;
	struct fake_ioas *ioas = fake_object_get(ictx, cmd->object_id, FAKE_OBJECT_IOAS);

	if (!ioas)
		return -ENOENT;
	if (cmd->op == IOMMU_OPTION_OP_GET) {
		cmd->val64 = !ioas->small_pages;
		return 0;
	}
	if (cmd->op != IOMMU_OPTION_OP_SET)
		return -EOPNOTSUPP;
	if (cmd->val64 > 1)
		return -EINVAL;
	/* iopt_disable_large_pages(): a table may have some already */
	if (!cmd->val64 && !ioas->small_pages && ioas->space.domains && ioas->space.areas &&
	    !(fake_machine.flaws & FAKE_FLAW_TAKES_ALL))
		return -EINVAL;
	ioas->small_pages = !cmd->val64;
	return 0;
}
