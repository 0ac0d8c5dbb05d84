// SPDX-License-Identifier: GPL-2.0-or-later
/* For timings: the same invalidation again and again, and tables that take each other's place. */
#include "backend/iommufd-s1.h"

#include <string.h>

#include "backend/vdev.h"
#include "kernel/kernel.h"

/* Room for the entries of one request. */
union entries {
	struct nest_iommufd_entries of_one;
	uint8_t bytes[NEST_ENTRIES_MAX * sizeof(struct iommu_hwpt_vtd_s1_invalidate)];
};

/* An entry for each page in a row; as many as fit. Returns how many. */
static uint32_t each_page(struct nest_s1 *s1, const struct nest_s1_scope *scope, unsigned int n,
			  union entries *ret)
{
	const struct nest_iommufd_row *row = iommufd_s1(s1)->row;
	struct nest_iommufd_entries one;
	uint32_t num = 0, len = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct nest_s1_scope page = {
			.reach = NEST_S1_PAGE,
			.addr = scope->addr + i * nest_s1_page(s1->config.format),
			.npages = 1,
			.leaf = scope->leaf,
		};

		row->fill_entries(&s1->config, &page, &one);
		len = one.len * one.num;
		if ((size_t)num * one.len + len > sizeof(ret->bytes))
			break;
		memcpy(ret->bytes + (size_t)num * one.len, &one, len);
		num += one.num;
	}
	return num;
}

int nest_iommufd_timed_invalidate(struct nest_s1 *s1, const struct nest_s1_scope *scope,
				  struct nest_timed *timed)
{
	const struct nest_iommufd_row *row = iommufd_s1(s1)->row;
	struct nest_iommufd_entries one;
	union entries entries;
	/* entry_num comes back as it went, or the request has failed. */
	struct iommu_hwpt_invalidate cmd = {
		.size = sizeof(cmd),
		.hwpt_id = row->viommu_type ? nest_iommufd_space(s1->space)->viommu
					    : iommufd_s1(s1)->nested,
		.data_uptr = (uintptr_t)&entries,
		.data_type = row->entry_type,
	};
	const struct nest_timed_op op = { IOMMU_HWPT_INVALIDATE, "IOMMU_HWPT_INVALIDATE", &cmd,
					  sizeof(cmd), timed->samples };
	int err;

	row->fill_entries(&s1->config, scope, &one);
	cmd.entry_len = one.len;
	cmd.entry_num = one.num;
	if (timed->entries)
		cmd.entry_num = each_page(s1, scope, timed->entries, &entries);
	else
		entries.of_one = one;
	err = nest_kernel_ioctl_timed(s1->space->ctx, nest_iommufd_space(s1->space)->fd, &op, 1,
				      timed->rounds, timed->tsc, &timed->done);
	return err ? nest_failure_set(s1->space->failed, err, NEST_STAGE_INVALIDATE, "%s %u",
				      row->viommu_type ? "vIOMMU" : "HWPT", cmd.hwpt_id)
		   : 0;
}

int nest_iommufd_table_use(struct nest_s1 *s1, uint32_t id)
{
	return nest_iommufd_space(s1->space)->attach_pt(s1->space, s1->vdev,
							id ? id : iommufd_s1(s1)->nested, NULL,
							NEST_STAGE_ATTACH_NESTED);
}

int nest_iommufd_table_free(struct nest_s1 *s1, uint32_t id)
{
	int err = nest_undo_now(s1->space->ctx, nest_iommufd_undo_destroy, s1->space, id);

	return err ? nest_failure_set(s1->space->failed, err, NEST_STAGE_DESTROY, "HWPT %u", id)
		   : 0;
}

int nest_iommufd_table_none(struct nest_s1 *s1)
{
	return nest_iommufd_detach_pt(s1->space, s1->vdev, NULL);
}
