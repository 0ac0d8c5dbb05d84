// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables bound to PASIDs, as the Intel driver of 5.10 does it (drivers/iommu/intel/svm.c,
 * intel_svm_bind_gpasid(); intel/iommu.c, intel_iommu_sva_invalidate(); iommu.c for what is checked
 * before).
 */
#include "fake-gpasid.h"

#include <errno.h>

#include "uapi/gpasid.h"

#define VTD_FLAGS      UINT64_C(0x3f) /* SRE to CD */
#define ALL_PASID_BITS 20

static struct fake_bind *find(struct fake_type1 *type1, uint32_t pasid,
			      const struct fake_device *dev)
{
	size_t i;

	for (i = 0; i < FAKE_MAX_BINDS; i++)
		if (type1->binds[i].dev == dev && dev && type1->binds[i].pasid == pasid)
			return &type1->binds[i];
	return NULL;
}

struct fake_domain *fake_gpasid_domain(const struct fake_device *dev, uint32_t pasid)
{
	struct fake_type1 *type1 =
		dev->group->container ? fake_container_type1(dev->group->container) : NULL;
	struct fake_bind *bound = type1 ? find(type1, pasid, dev) : NULL;

	return bound ? &bound->domain : NULL;
}

/* intel_svm_bind_gpasid(), intel_pasid_setup_nested() */
static int check(const struct fake_device *dev, const struct fake_gpasid_data *data)
{
	if (data->format != IOMMU_PASID_FORMAT_INTEL_VTD || data->vtd_flags & ~VTD_FLAGS)
		return -EINVAL;
	if (dev->pasid_bits != ALL_PASID_BITS || !fake_device_pasid_bits(dev))
		return -EINVAL;
	if (!data->hpasid || data->hpasid >= 1u << ALL_PASID_BITS)
		return -EINVAL;
	if (data->addr_width != 48 &&
	    !(data->addr_width == 57 && fake_machine.cap >> CAP_FL5LP & 1))
		return -EINVAL;
	return 0;
}

static int bind_device(struct fake_type1 *type1, struct fake_device *dev,
		       const struct fake_gpasid_data *data)
{
	int err = check(dev, data);
	size_t i;

	if (err)
		return err;
	if (find(type1, (uint32_t)data->hpasid, dev))
		return -EBUSY;
	for (i = 0; i < FAKE_MAX_BINDS && type1->binds[i].dev; i++)
		;
	if (i == FAKE_MAX_BINDS)
		return -ENOMEM;
	type1->binds[i] = (struct fake_bind){
		.dev = dev,
		.pasid = (uint32_t)data->hpasid,
		.domain = {
			.kind = FAKE_NESTED,
			.space = &type1->space,
			.pgtbl = data->gpgd,
			.addr_width = data->addr_width,
			.gpasid = true,
		},
	};
	return 0;
}

static void drop(struct fake_bind *bound)
{
	fake_ring_deny(bound->pasid); /* intel_svm_drain_prq() */
	fake_iotlb_flush_device(bound->dev, bound->pasid);
	bound->dev = NULL;
}

/* iommu_uapi_sva_bind_gpasid() for each device of the container */
long fake_gpasid_bind(struct fake_type1 *type1, const struct fake_gpasid_data *data)
{
	bool any = false;
	size_t i;
	int err;

	if (data->version != IOMMU_GPASID_VERSION || data->format > IOMMU_PASID_FORMAT_INTEL_VTD ||
	    data->flags & ~(uint64_t)IOMMU_SVA_GPASID_VAL)
		return -EINVAL;
	for (i = 0; i < fake_machine.ndevices; i++) {
		struct fake_device *dev = fake_machine.devices[i];

		if (dev->group->domain != &type1->domain)
			continue;
		err = bind_device(type1, dev, data);
		if (err) {
			/* RFC v3 undoes a bind that failed, and with it one that stood before. */
			if (fake_machine.rev == FAKE_REV_RFC_V3 ||
			    fake_machine.rev == FAKE_REV_RFC_V3_PADDED)
				fake_gpasid_unbind(type1, (uint32_t)data->hpasid);
			return err;
		}
		any = true;
	}
	return any ? 0 : -EINVAL;
}

/* What is allocated and not bound is unbound with success. */
long fake_gpasid_unbind(struct fake_type1 *type1, uint32_t pasid)
{
	size_t i;

	for (i = 0; i < FAKE_MAX_BINDS; i++)
		if (type1->binds[i].dev && type1->binds[i].pasid == pasid)
			drop(&type1->binds[i]);
	return 0;
}

void fake_gpasid_unbind_all(struct fake_type1 *type1, const struct fake_group *group)
{
	size_t i;

	for (i = 0; i < FAKE_MAX_BINDS; i++) {
		struct fake_bind *bound = &type1->binds[i];

		if (!bound->dev || (group && bound->dev->group != group))
			continue;
		if (fake_ledger_strict())
			fake_violation("PASID 0x%x left bound to the end of its container",
				       bound->pasid);
		drop(bound);
	}
}

void fake_gpasid_unbind_everywhere(uint32_t pasid)
{
	size_t i;

	for (i = 0; i < fake_machine.ngroups; i++) {
		const struct fake_group *group = fake_machine.groups[i];
		struct fake_type1 *type1 =
			group->container ? fake_container_type1(group->container) : NULL;

		if (type1)
			fake_gpasid_unbind(type1, pasid);
	}
}

/* ---- invalidation ---- */

/* iommu_check_cache_invl_data() */
static bool is_valid(const struct fake_inv *inv)
{
	const uint32_t address_flags =
		IOMMU_INV_FLAGS_PASID | IOMMU_INV_FLAGS_ARCHID | IOMMU_INV_FLAGS_LEAF;
	const uint32_t pasid_flags = IOMMU_INV_FLAGS_PASID | IOMMU_INV_FLAGS_ARCHID;
	bool addresses = inv->granularity == IOMMU_INV_GRANU_ADDR;

	if (inv->version != IOMMU_GPASID_VERSION || inv->padded || !inv->cache || inv->cache > 7 ||
	    inv->granularity > IOMMU_INV_GRANU_ADDR)
		return false;
	if (inv->granularity != IOMMU_INV_GRANU_DOMAIN &&
	    inv->flags & ~(addresses ? address_flags : pasid_flags))
		return false;
	if (inv->cache & IOMMU_CACHE_INV_TYPE_PASID && addresses)
		return false;
	return !(inv->cache & IOMMU_CACHE_INV_TYPE_DEV_IOTLB &&
		 inv->granularity == IOMMU_INV_GRANU_DOMAIN);
}

/* qi_flush_piotlb(): a power of two of pages, from a multiple of it */
static void flush_addresses(const struct fake_domain *domain, const struct fake_inv *inv)
{
	uint64_t bytes = FAKE_PAGE, wanted = inv->granule_size * inv->nb_granules, first;

	while (bytes < wanted && bytes < UINT64_C(1) << 62)
		bytes <<= 1;
	first = inv->addr & ~(bytes - 1);
	fake_iotlb_flush_range(domain, first, first + bytes - 1);
}

/* intel_iommu_sva_invalidate(): what VT-d has not is a line in the log, and success */
static void invalidate_one(struct fake_type1 *type1, const struct fake_inv *inv, unsigned int type)
{
	bool addresses = inv->granularity == IOMMU_INV_GRANU_ADDR;
	size_t i;

	for (i = 0; i < FAKE_MAX_BINDS; i++) {
		struct fake_bind *bound = &type1->binds[i];

		if (!bound->dev || bound->pasid != inv->pasid ||
		    type != IOMMU_CACHE_INV_TYPE_IOTLB ||
		    fake_machine.flaws & FAKE_FLAW_IGNORE_INVALIDATE)
			continue;
		if (addresses)
			flush_addresses(&bound->domain, inv);
		else
			fake_iotlb_flush_domain(&bound->domain);
	}
}

long fake_gpasid_invalidate(struct fake_type1 *type1, const struct fake_inv *inv)
{
	unsigned int type;

	if (!is_valid(inv))
		return -EINVAL;
	for (type = IOMMU_CACHE_INV_TYPE_IOTLB; type <= IOMMU_CACHE_INV_TYPE_PASID; type <<= 1) {
		bool known = type == IOMMU_CACHE_INV_TYPE_IOTLB
				     ? inv->granularity != IOMMU_INV_GRANU_DOMAIN
				     : type == IOMMU_CACHE_INV_TYPE_DEV_IOTLB &&
					       inv->granularity == IOMMU_INV_GRANU_ADDR;

		if (!(inv->cache & type))
			continue;
		if (!known) {
			fake_kmsg(3, "DMAR: Invalid cache type and granu combination %u/%u",
				  type >> 1, inv->granularity);
			break;
		}
		invalidate_one(type1, inv, type);
	}
	return 0;
}
