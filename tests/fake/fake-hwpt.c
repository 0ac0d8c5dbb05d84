// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Page tables of iommufd: who may have which, and invalidation of a nested one (K7.3
 * iommu/iommufd/hw_pagetable.c, iommu/intel/iommu.c and nested.c).
 */
#include "fake-iommufd.h"

#include <errno.h>
#include <string.h>

#include "fake-mock.h"
#include "fake-viommu.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"

#define MAX_ENTRIES (1u << 19) /* IOMMU_HWPT_INVALIDATE_ENTRY_NUM_MAX */
#define MOCK_FIRST  0x1000000u /* MOCK_APERTURE_START, MOCK_APERTURE_LAST */
#define MOCK_LAST   0x7fffffffu

/* arm_smmu_device_iidr_probe(): MMU-600 before r2, MMU-700 before r1p1 */
static bool has_erratum(void)
{
	unsigned int product = fake_machine.iidr >> 20 & 0xfff;
	unsigned int variant = fake_machine.iidr >> 16 & 0xf;
	unsigned int revision = fake_machine.iidr >> 12 & 0xf;

	return (fake_machine.iidr & 0xfff) == 0x43b &&
	       ((product == 0x483 && variant < 2) ||
		(product == 0x487 && (variant < 1 || revision < 1)));
}

/*
 * nested_supported(): scalable mode on, SMTS and NEST; amd_iommu_domain_alloc_paging_flags():
 * GTSup, GIOSup, GCR3TRPMode, a host table; arm_smmu_device_hw_probe(): S1P and S2P, whether or
 * not the kernel has CONFIG_ARM_SMMU_V3_IOMMUFD
 */
static bool nested_supported(void)
{
	switch (fake_machine.iommu) {
	case FAKE_VTD:
		return fake_machine.scalable && fake_ecap(ECAP_SMTS) && fake_ecap(ECAP_NEST) &&
		       fake_ecap(ECAP_SLTS);
	case FAKE_AMD:
		return fake_machine.cap >> 4 & 1 && fake_machine.cap >> 48 & 1 &&
		       fake_machine.ecap >> 3 & 1 && !fake_machine.hatdis &&
		       (fake_machine.cap >> 10 & 3) != 3;
	case FAKE_SMMUV3:
		return fake_since(6, 13) && (fake_machine.cap & 3) == 3 && !has_erratum();
	case FAKE_OTHER_IOMMU:
		break;
	}
	return false;
}

/* intel_iommu_domain_alloc_second_stage(), or what other drivers say */
static int check_paging_flags(uint32_t flags)
{
	if (flags & IOMMU_HWPT_FAULT_ID_VALID && flags & IOMMU_HWPT_ALLOC_NEST_PARENT)
		return -EOPNOTSUPP; /* iommufd_hwpt_paging_alloc() */
	if (flags & IOMMU_HWPT_ALLOC_NEST_PARENT && !nested_supported())
		return -EOPNOTSUPP;
	if (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING &&
	    !(fake_machine.scalable && fake_ecap(ECAP_SMTS) && fake_ecap(ECAP_SLADS)))
		return -EOPNOTSUPP;
	if (flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING && fake_machine.scalable &&
	    !fake_ecap(ECAP_SLTS))
		return -EOPNOTSUPP;
	return 0;
}

static bool has_read_only(const struct fake_space *space)
{
	const struct fake_area *area;

	for (area = space->areas; area; area = area->next)
		if (!area->write)
			return true;
	return false;
}

/* iopt_table_add_domain(): the space must fit the aperture, and be pinned */
static int add_domain(struct fake_ioas *ioas, struct fake_hwpt *hwpt)
{
	struct fake_space *space = &ioas->space;
	int err;

	if (!hwpt->mock && fake_io_page() > fake_machine.page)
		return -EINVAL;
	/* intel_iommu_domain_alloc_second_stage(): an erratum of such units, so of no others */
	hwpt->force_write = hwpt->nest_parent && fake_machine.iommu == FAKE_VTD;
	if (hwpt->force_write && has_read_only(space))
		return -EINVAL;
	err = hwpt->mock ? fake_space_reserve(space, 0, MOCK_FIRST - 1, hwpt) : 0;
	if (!err)
		err = fake_space_reserve(
			space, hwpt->mock ? MOCK_LAST + 1ul : fake_aperture(hwpt->domain.kind) + 1,
			UINT64_MAX, hwpt);
	if (!err)
		err = fake_space_pin(space);
	if (err) {
		fake_space_unreserve(space, hwpt);
		return err;
	}
	space->domains++;
	space->force_write += hwpt->force_write;
	return 0;
}

/* iommufd_hwpt_paging_alloc() */
struct fake_hwpt *fake_hwpt_new_paging(struct fake_ioas *ioas, uint32_t flags, bool mock,
				       int *ret_err)
{
	const uint32_t known = IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
			       IOMMU_HWPT_FAULT_ID_VALID | IOMMU_HWPT_ALLOC_PASID;
	bool second = flags & (IOMMU_HWPT_ALLOC_NEST_PARENT | IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	struct fake_hwpt *hwpt;
	int err = flags & ~known ? -EOPNOTSUPP : mock ? 0 : check_paging_flags(flags);

	if (err) {
		*ret_err = err;
		return NULL;
	}
	hwpt = fake_object_new(ioas->object.ictx, FAKE_OBJECT_HWPT_PAGING, sizeof(*hwpt));
	hwpt->mock = mock;
	hwpt->nest_parent = flags & IOMMU_HWPT_ALLOC_NEST_PARENT;
	hwpt->pasid_compat = flags & IOMMU_HWPT_ALLOC_PASID;
	hwpt->dirty_tracking = flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
	hwpt->domain.kind = fake_paging_kind(second);
	hwpt->domain.space = &ioas->space;
	err = add_domain(ioas, hwpt);
	if (err) {
		fake_object_destroy(&hwpt->object);
		*ret_err = err;
		return NULL;
	}
	hwpt->ioas = ioas;
	ioas->object.users++;
	return hwpt;
}

/* intel_iommu_domain_alloc_nested(): what s1 says is not looked at */
static int fill_vtd(struct fake_hwpt *hwpt, const struct iommu_hwpt_alloc *cmd)
{
	struct iommu_hwpt_vtd_s1 s1;
	int err;

	if (!nested_supported() || cmd->data_type != IOMMU_HWPT_DATA_VTD_S1)
		return -EOPNOTSUPP;
	if (!cmd->data_uptr || cmd->data_len < sizeof(s1))
		return cmd->data_uptr ? -EINVAL : -EFAULT;
	/* iommu_copy_struct_from_user() */
	err = fake_copy_struct(&s1, sizeof(s1), (uintptr_t)cmd->data_uptr, cmd->data_len);
	hwpt->domain.pgtbl = s1.pgtbl_addr;
	hwpt->domain.s1_flags = s1.flags;
	hwpt->domain.addr_width = s1.addr_width;
	return err;
}

/* iommufd_hwpt_nested_alloc() */
static struct fake_hwpt *new_nested(struct fake_hwpt *parent, const struct iommu_hwpt_alloc *cmd,
				    bool mock, int *ret_err)
{
	struct fake_hwpt *hwpt;

	*ret_err = -EOPNOTSUPP;
	if (cmd->flags & ~(IOMMU_HWPT_FAULT_ID_VALID | IOMMU_HWPT_ALLOC_PASID) || !cmd->data_len ||
	    (!mock && fake_machine.iommu != FAKE_VTD))
		return NULL;
	if (parent->automatic || !parent->nest_parent || parent->mock != mock) {
		*ret_err = -EINVAL;
		return NULL;
	}
	hwpt = fake_object_new(parent->object.ictx, FAKE_OBJECT_HWPT_NESTED, sizeof(*hwpt));
	hwpt->parent = parent;
	parent->object.users++;
	hwpt->mock = mock;
	hwpt->pasid_compat = cmd->flags & IOMMU_HWPT_ALLOC_PASID;
	hwpt->domain.kind = FAKE_NESTED;
	hwpt->domain.space = parent->domain.space;
	*ret_err = mock ? fake_mock_fill(hwpt, cmd) : fill_vtd(hwpt, cmd);
	if (!*ret_err)
		return hwpt;
	fake_object_destroy(&hwpt->object);
	return NULL;
}

/* iommufd_viommu_alloc_hwpt_nested() */
static struct fake_hwpt *new_on_viommu(struct fake_object *viommu,
				       const struct iommu_hwpt_alloc *cmd, int *ret_err)
{
	struct fake_hwpt *hwpt;

	hwpt = fake_object_new(viommu->ictx, FAKE_OBJECT_HWPT_NESTED, sizeof(*hwpt));
	hwpt->viommu = viommu;
	viommu->users++;
	hwpt->domain.kind = FAKE_NESTED;
	hwpt->domain.viommu = viommu;
	hwpt->domain.space = fake_viommu_parent(viommu)->domain.space;
	*ret_err = fake_viommu_fill(hwpt, cmd);
	if (!*ret_err)
		return hwpt;
	fake_object_destroy(&hwpt->object);
	return NULL;
}

/* iommufd_hw_pagetable_put(): a table made for an IOAS goes with its last user */
void fake_hwpt_put(struct fake_hwpt *hwpt)
{
	hwpt->object.users--;
	if (hwpt->automatic && hwpt->object.users == 1)
		fake_object_destroy(&hwpt->object);
}

void fake_hwpt_destroy(struct fake_hwpt *hwpt)
{
	if (fake_machine.flaws & FAKE_FLAW_WARM_ATTACH)
		fake_iotlb_orphan(&hwpt->domain);
	else
		fake_iotlb_flush_domain(&hwpt->domain);
	if (hwpt->fault)
		fake_fault_object(hwpt->fault)->users--;
	if (hwpt->parent)
		hwpt->parent->object.users--;
	if (hwpt->viommu)
		hwpt->viommu->users--;
	if (!hwpt->ioas)
		return;
	hwpt->ioas->space.domains--;
	hwpt->ioas->space.force_write -= hwpt->force_write;
	fake_space_unpin(&hwpt->ioas->space);
	fake_space_unreserve(&hwpt->ioas->space, hwpt);
	hwpt->ioas->object.users--;
}

/* iommufd_hwpt_alloc() */
long fake_hwpt_alloc(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_hwpt_alloc *cmd = arg;
	struct fake_object *on;
	struct fake_hwpt *hwpt = NULL;
	struct fake_idev *idev;
	bool mock;
	int err = 0;

	if (cmd->reserved)
		return -EOPNOTSUPP;
	if ((cmd->data_type == IOMMU_HWPT_DATA_NONE) != !cmd->data_len)
		return -EINVAL;
	idev = fake_object_get(ictx, cmd->dev_id, FAKE_OBJECT_DEVICE);
	if (!idev)
		return -ENOENT;
	mock = fake_mock_is(idev);
	on = fake_object_get(ictx, cmd->pt_id, FAKE_OBJECT_ANY);
	if (on && on->type == FAKE_OBJECT_IOAS && cmd->data_len)
		err = -EOPNOTSUPP; /* the driver takes no data for a paging domain */
	else if (on && on->type == FAKE_OBJECT_IOAS)
		hwpt = fake_hwpt_new_paging((struct fake_ioas *)on, cmd->flags, mock, &err);
	else if (on && on->type == FAKE_OBJECT_HWPT_PAGING)
		hwpt = new_nested((struct fake_hwpt *)on, cmd, mock, &err);
	else if (on && on->type == FAKE_OBJECT_VIOMMU)
		hwpt = new_on_viommu(on, cmd, &err);
	else
		err = -EINVAL; /* an unknown id too */
	if (!hwpt)
		return err;
	if (cmd->flags & IOMMU_HWPT_FAULT_ID_VALID) {
		struct fake_object *fault = fake_object_get(ictx, cmd->fault_id, FAKE_OBJECT_FAULT);

		if (!fault) {
			fake_object_destroy(&hwpt->object);
			return -ENOENT;
		}
		hwpt->fault = fake_fault_of(fault);
		hwpt->domain.fault = hwpt->fault;
		fault->users++;
	}
	cmd->out_hwpt_id = hwpt->object.id;
	return 0;
}

/* calculate_psi_aligned_address(): the aligned power of two that spans the range */
static void flush_range(struct fake_hwpt *hwpt, uint64_t first, uint64_t last, bool leaf)
{
	uint64_t differ = first ^ last, mask = FAKE_PAGE - 1;

	if (fake_machine.flaws & FAKE_FLAW_LEAF_ONLY && !leaf)
		return;
	if (fake_machine.flaws & FAKE_FLAW_RANGE_FIRST && last != UINT64_MAX)
		differ = 0;

	while (differ & ~mask)
		mask = mask << 1 | 1;
	if (fake_machine.flaws & FAKE_FLAW_LATE)
		fake_iotlb_flush_late(&hwpt->domain, first & ~mask, first | mask);
	else if (!(fake_machine.flaws & FAKE_FLAW_IGNORE_INVALIDATE))
		fake_iotlb_flush_range(&hwpt->domain, first & ~mask, first | mask);
}

/* intel_nested_cache_invalidate_user(), one entry */
static int invalidate_one(struct fake_hwpt *hwpt, uintptr_t at, uint32_t len)
{
	struct iommu_hwpt_vtd_s1_invalidate entry;
	int err;

	if (len < sizeof(entry))
		return -EINVAL;
	err = fake_copy_struct(&entry, sizeof(entry), at, len);
	if (err)
		return err;
	if (entry.flags & ~IOMMU_VTD_INV_FLAGS_LEAF || entry.reserved)
		return -EOPNOTSUPP;
	if (entry.addr & (FAKE_PAGE - 1) || (entry.npages == UINT64_MAX && entry.addr))
		return -EINVAL;
	/* nrpages_to_size() of everything overflows to just below the start, which spans all */
	flush_range(hwpt, entry.addr,
		    entry.npages == UINT64_MAX ? UINT64_MAX
					       : entry.addr + entry.npages * FAKE_PAGE - 1,
		    entry.flags & IOMMU_VTD_INV_FLAGS_LEAF);
	return 0;
}

/* iommufd_hwpt_invalidate(): the number done is written back whatever happened */
long fake_hwpt_invalidate(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_hwpt_invalidate *cmd = arg;
	uint32_t wanted = cmd->entry_num, i;
	struct fake_hwpt *hwpt;
	int err = 0;

	cmd->entry_num = 0;
	if (cmd->reserved)
		return -EOPNOTSUPP;
	if (wanted && (!cmd->data_uptr || !cmd->entry_len || cmd->entry_len > FAKE_PAGE ||
		       wanted > MAX_ENTRIES))
		return -EINVAL;
	hwpt = fake_object_get(ictx, cmd->hwpt_id, FAKE_OBJECT_ANY);
	if (!hwpt)
		return -ENOENT;
	if (hwpt->object.type == FAKE_OBJECT_VIOMMU) {
		bool mock = fake_viommu_parent(&hwpt->object)->mock;

		if (cmd->data_type != (mock ? IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST
					    : IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3) ||
		    (!wanted && !mock))
			return -EINVAL;
		for (i = 0; !err && i < wanted; i++)
			err = (mock ? fake_mock_forget : fake_viommu_invalidate)(
				&hwpt->object, (uintptr_t)cmd->data_uptr + i * cmd->entry_len,
				cmd->entry_len);
		cmd->entry_num = err ? i - 1 : i;
		return err;
	}
	if (hwpt->object.type == FAKE_OBJECT_HWPT_NESTED && hwpt->viommu)
		return -EOPNOTSUPP;
	if (hwpt->object.type != FAKE_OBJECT_HWPT_NESTED ||
	    cmd->data_type != (hwpt->mock ? IOMMU_HWPT_INVALIDATE_DATA_SELFTEST
					  : IOMMU_HWPT_INVALIDATE_DATA_VTD_S1))
		return -EINVAL;
	for (i = 0; i < wanted; i++) {
		uintptr_t at = (uintptr_t)cmd->data_uptr + i * cmd->entry_len;

		err = hwpt->mock ? fake_mock_invalidate(hwpt, at, cmd->entry_len)
				 : invalidate_one(hwpt, at, cmd->entry_len);
		if (err)
			break;
	}
	cmd->entry_num = i;
	return err;
}
