// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables that note writes (Linux 7.3, iommu/iommufd/hw_pagetable.c, io_pagetable.c). */
#include "fake-iommufd.h"

#include <errno.h>

#include "uapi/iommufd.h"

/* iommufd_hwpt_set_dirty_tracking() */
long fake_hwpt_set_dirty(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_hwpt_set_dirty_tracking *cmd = arg;
	struct fake_hwpt *hwpt;

	if (cmd->flags & ~IOMMU_HWPT_DIRTY_TRACKING_ENABLE || cmd->reserved)
		return -EOPNOTSUPP;
	hwpt = fake_object_get(ictx, cmd->hwpt_id, FAKE_OBJECT_HWPT_PAGING);
	if (!hwpt)
		return -ENOENT;
	if (!hwpt->dirty_tracking)
		return -EOPNOTSUPP;
	hwpt->domain.tracking = cmd->flags & IOMMU_HWPT_DIRTY_TRACKING_ENABLE;
	hwpt->domain.ndirty = 0;
	return 0;
}

static bool take(struct fake_domain *domain, uint64_t page)
{
	size_t i;

	for (i = 0; i < domain->ndirty; i++)
		if (domain->dirty[i] == page) {
			domain->dirty[i] = domain->dirty[--domain->ndirty];
			return true;
		}
	return false;
}

/* iommufd_hwpt_get_dirty_bitmap(): reads and clears */
long fake_hwpt_get_dirty(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_hwpt_get_dirty_bitmap *cmd = arg;
	uint64_t *bitmap = (uint64_t *)(uintptr_t)cmd->data, i;
	struct fake_hwpt *hwpt;

	if (cmd->flags || cmd->reserved)
		return -EOPNOTSUPP;
	hwpt = fake_object_get(ictx, cmd->hwpt_id, FAKE_OBJECT_HWPT_PAGING);
	if (!hwpt)
		return -ENOENT;
	if (cmd->page_size != FAKE_PAGE || cmd->iova % FAKE_PAGE || cmd->length % FAKE_PAGE ||
	    !hwpt->domain.tracking)
		return -EINVAL;
	for (i = 0; i < cmd->length / FAKE_PAGE; i++)
		if (take(&hwpt->domain, cmd->iova / FAKE_PAGE + i))
			bitmap[i / 64] |= UINT64_C(1) << i % 64;
	return 0;
}
