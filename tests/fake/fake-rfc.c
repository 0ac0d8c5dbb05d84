// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the out-of-tree series "expose virtual Shared Virtual Addressing to VMs" add to type1: the
 * NESTING capability of each revision, and the requests of RFC v3 and of v8 with what product trees
 * added.
 */
#include "fake-gpasid.h"

#include <errno.h>
#include <string.h>

#include "uapi/gpasid.h"
#include "uapi/nesting.h"

/* v8 shows only what the guest's first stage needs (Patch v8 10/10): never ECAP.NEST */
#define CAP_MASK (UINT64_C(1) << 56 | UINT64_C(1) << 60)
#define ECAP_MASK                                                                                  \
	(UINT64_C(1) << 29 | UINT64_C(1) << 30 | UINT64_C(1) << 31 | UINT64_C(1) << 34 |           \
	 UINT64_C(1) << 40)

/* Requests, by hand. */
enum {
	RFC_PASID_REQUEST = 0x3b7a,
	RFC_QUOTA = 0x3b7b,
	RFC_BIND = 0x3b7d,
	RFC_INVALIDATE = 0x3b7e,
	V8_NESTING_OP = 0x3b76,
};

/* ---- the capability ---- */

/* Where each posting has what; a size of its own comes first in some (its offset and value). */
static const struct layout {
	uint16_t id;
	uint8_t len, format, features, width, bits, cap, ecap, size_at, size;
	uint32_t feature_bits;
} layouts[] = {
	[FAKE_REV_RFC_V3] = { .id = 2, .len = 12, .format = 8 },
	[FAKE_REV_RFC_V3_PADDED] = { .id = 2, .len = 16, .format = 8 },
	[FAKE_REV_V1] = { .id = 2, .len = 16, .format = 8, .size_at = 12, .size = 2 },
	[FAKE_REV_V2] = { 2, 68, 16, 20, 32, 34, 36, 52, 12, 56, 7 },
	[FAKE_REV_V3] = { 3, 52, 16, 20, 32, 34, 36, 44, 12, 40, 7 },
	[FAKE_REV_V4] = { 3, 64, 20, 24, 32, 34, 48, 56, 16, 48, 7 },
	[FAKE_REV_V5] = { 3, 56, 12, 16, 24, 26, 40, 48, 8, 48, 7 },
	[FAKE_REV_V6] = { 3, 56, 16, 20, 24, 26, 40, 48, 8, 48, 7 },
	[FAKE_REV_V7] = { 3, 64, 16, 20, 24, 26, 48, 56, 8, 56, 7 },
	[FAKE_REV_V8] = { 4, 72, 16, 20, 24, 26, 56, 64, 8, 64, 3 },
	[FAKE_REV_V8_PRI] = { 4, 72, 16, 20, 24, 26, 56, 64, 8, 64, 7 },
};

static void put(uint8_t *bytes, size_t offset, size_t size, uint64_t value)
{
	if (offset)
		memcpy(bytes + offset, &value, size);
}

/* Made by the series only while SET_IOMMU(NESTING) is in force. */
void fake_rfc_capability(const struct fake_type1 *type1, struct fake_chain *chain)
{
	const struct layout *at = &layouts[fake_machine.rev];
	uint8_t *cap;

	if (!type1->nesting || fake_machine.rev == FAKE_REV_NONE)
		return;
	cap = fake_chain_add(chain, at->id, 1, at->len);
	put(cap, at->size_at, 4, at->size);
	put(cap, at->format, 4, VFIO_NESTING_FORMAT_INTEL_VTD);
	put(cap, at->features, 4, at->feature_bits);
	put(cap, at->width, 2, 48);
	put(cap, at->bits, 2, (fake_machine.ecap >> ECAP_PSS & 31) + 1);
	put(cap, at->cap, 8, fake_machine.cap & CAP_MASK);
	put(cap, at->ecap, 8, fake_machine.ecap & ECAP_MASK);
}

/* ---- RFC v3 ---- */

static bool is_rfc_v3(void)
{
	return fake_machine.rev == FAKE_REV_RFC_V3 || fake_machine.rev == FAKE_REV_RFC_V3_PADDED;
}

static struct fake_gpasid_data data_of_a(const struct iommu_gpasid_bind_a *raw)
{
	return (struct fake_gpasid_data){ raw->version, raw->format, raw->addr_width, raw->flags,
					  raw->gpgd,	raw->hpasid, raw->vtd.flags };
}

/*
 * The kernel indexes a table with the version less one, unchecked: whoever sends another than 1
 * reads beyond it.
 */
static long check_version(uint32_t version)
{
	if (version == IOMMU_GPASID_VERSION)
		return 0;
	fake_violation("version %u to a kernel of RFC v3, which indexes a table with it", version);
	return -EINVAL;
}

static long rfc_bind(struct fake_type1 *type1, const uint8_t *arg)
{
	const struct vfio_nesting_head *head = (const void *)arg;
	const struct iommu_gpasid_bind_a *raw = (const void *)(arg + sizeof(*head));
	struct fake_gpasid_data data;
	long err;

	if (head->argsz < sizeof(*head) ||
	    (head->flags != VFIO_BIND_GUEST_PGTBL && head->flags != VFIO_UNBIND_GUEST_PGTBL))
		return -EINVAL;
	err = check_version(raw->version);
	if (err)
		return err;
	data = data_of_a(raw);
	if (data.hpasid && !fake_pasid_is_taken((uint32_t)data.hpasid))
		return -ENOENT;
	return head->flags == VFIO_BIND_GUEST_PGTBL
		       ? fake_gpasid_bind(type1, &data)
		       : fake_gpasid_unbind(type1, (uint32_t)data.hpasid);
}

static struct fake_inv inv_of(uint32_t version, uint8_t cache, uint8_t granularity,
			      const struct iommu_inv_addr_info *addr,
			      const struct iommu_inv_pasid_info *pasid)
{
	if (granularity == IOMMU_INV_GRANU_ADDR)
		return (struct fake_inv){ version,	    cache,
					  granularity,	    false,
					  addr->flags,	    addr->pasid,
					  addr->addr,	    addr->granule_size,
					  addr->nb_granules };
	return (struct fake_inv){ .version = version,
				  .cache = cache,
				  .granularity = granularity,
				  .flags = pasid->flags,
				  .pasid = pasid->pasid };
}

static long rfc_invalidate(struct fake_type1 *type1, const uint8_t *arg)
{
	const struct vfio_nesting_head *head = (const void *)arg;
	const struct iommu_cache_invalidate_a *raw = (const void *)(arg + sizeof(*head));
	struct fake_inv inv;
	long err;

	if (head->argsz < sizeof(*head) || head->flags)
		return -EINVAL;
	err = check_version(raw->version);
	if (err)
		return err;
	inv = inv_of(raw->version, raw->cache, raw->granularity, &raw->addr_info, &raw->pasid_info);
	return fake_gpasid_invalidate(type1, &inv);
}

static bool rfc_ioctl(struct fake_type1 *type1, unsigned long request, void *arg, long *ret)
{
	if (request != RFC_PASID_REQUEST && request != RFC_QUOTA && request != RFC_BIND &&
	    request != RFC_INVALIDATE)
		return false;
	if (!type1->nesting)
		fake_violation("request 0x%lx without SET_IOMMU(NESTING)", request);
	if (!type1->nesting)
		*ret = -ENOTTY;
	else if (!arg)
		*ret = -EFAULT;
	else if (request == RFC_PASID_REQUEST)
		*ret = fake_pasid_request(arg);
	else if (request == RFC_QUOTA)
		*ret = fake_pasid_quota(arg);
	else
		*ret = request == RFC_BIND ? rfc_bind(type1, arg) : rfc_invalidate(type1, arg);
	return true;
}

/* ---- v8 ---- */

static struct fake_gpasid_data data_of_c(const struct iommu_gpasid_bind_c *raw)
{
	return (struct fake_gpasid_data){ raw->version, raw->format, raw->addr_width, raw->flags,
					  raw->gpgd,	raw->hpasid, raw->vtd.flags };
}

static long v8_bind(struct fake_type1 *type1, const struct iommu_gpasid_bind_c *raw)
{
	struct fake_gpasid_data data = data_of_c(raw);

	if (raw->argsz < offsetof(struct iommu_gpasid_bind_c, vtd))
		return -EINVAL;
	if (data.hpasid && !fake_pasid_is_taken((uint32_t)data.hpasid))
		return -ENOENT;
	if (raw->argsz < sizeof(*raw))
		return -EINVAL;
	return fake_gpasid_bind(type1, &data);
}

static long v8_respond(const struct iommu_page_response_c *raw)
{
	if (raw->argsz < sizeof(*raw) || raw->version != 1 || raw->flags & ~1u)
		return -EINVAL;
	return fake_ring_respond(raw->pasid, raw->grpid, raw->code);
}

/* Of unbind and invalidate the answer for each device is dropped: success whatever it was. */
static long v8_op(struct fake_type1 *type1, const uint8_t *arg)
{
	const struct vfio_nesting_head *head = (const void *)arg;
	const void *data = arg + sizeof(*head);
	const struct iommu_gpasid_bind_c *bind = data;
	const struct iommu_cache_invalidate_c *raw = data;
	struct fake_inv inv;

	if (head->argsz < sizeof(*head) || head->flags >> 16)
		return -EINVAL;
	switch (head->flags) {
	case VFIO_NESTING_OP_BIND:
		return v8_bind(type1, bind);
	case VFIO_NESTING_OP_UNBIND:
		fake_gpasid_unbind(type1, (uint32_t)bind->hpasid);
		return 0;
	case VFIO_NESTING_OP_CACHE:
		inv = inv_of(raw->version, raw->cache, raw->granularity, &raw->addr_info,
			     &raw->pasid_info);
		(void)fake_gpasid_invalidate(type1, &inv);
		return 0;
	case VFIO_NESTING_OP_PAGE_RESP:
		return fake_machine.rev == FAKE_REV_V8_PRI ? v8_respond(data) : -EINVAL;
	}
	return -EINVAL;
}

static bool v8_ioctl(struct fake_type1 *type1, unsigned long request, void *arg, long *ret)
{
	if (request != V8_NESTING_OP)
		return false;
	if (!type1->nesting)
		fake_violation("request 0x%lx without SET_IOMMU(NESTING)", request);
	*ret = !type1->nesting ? -EOPNOTSUPP : !arg ? -EFAULT : v8_op(type1, arg);
	return true;
}

bool fake_rfc_ioctl(struct fake_type1 *type1, unsigned long request, uintptr_t arg, long *ret)
{
	if (is_rfc_v3())
		return rfc_ioctl(type1, request, (void *)arg, ret);
	if (fake_machine.rev == FAKE_REV_V8 || fake_machine.rev == FAKE_REV_V8_PRI)
		return v8_ioctl(type1, request, (void *)arg, ret);
	/* Nobody has driven the others, so whoever tries their numbers is guessing. */
	if (fake_machine.rev != FAKE_REV_NONE && request >= 0x3b76 && request <= 0x3b7f &&
	    request != FAKE_VERSION_QUERY)
		fake_violation("request 0x%lx to a kernel of a revision that nobody drives",
			       request);
	return false;
}
