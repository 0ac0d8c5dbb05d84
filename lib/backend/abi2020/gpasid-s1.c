// SPDX-License-Identifier: GPL-2.0-or-later
/* The first stage that is bound to a PASID of the kernel. */
#include <errno.h>
#include <stdlib.h>

#include "backend/abi2020/gpasid.h"
#include "kernel/kernel.h"
#include "s1/s1.h"
#include "uapi/gpasid.h"
#include "uapi/nesting.h"
#include "backend/abi2020/vdev-fault.h"
#include "util.h"

struct gpasid_s1 {
	struct nest_s1 s1;
	bool queue;
	struct nest_vdev_fault fault;
};

static struct gpasid_s1 *gpasid_s1(struct nest_s1 *s1)
{
	return container_of(s1, struct gpasid_s1, s1);
}

const struct nest_faultring *nest_gpasid_ring(struct nest_s1 *s1)
{
	return gpasid_s1(s1)->queue ? &gpasid_s1(s1)->fault.ring : NULL;
}

bool nest_gpasid_ring_mapped(struct nest_s1 *s1)
{
	return gpasid_s1(s1)->fault.map;
}

bool nest_gpasid_ring_signalled(struct nest_s1 *s1)
{
	return gpasid_s1(s1)->fault.event >= 0;
}

/* ---- undo steps ---- */

/* Keeps the failure that led here. */
static int quietly(struct nest_space *space, int (*fn)(struct nest_space *space, uint32_t pasid),
		   uint32_t pasid)
{
	struct nest_failure *failed = space->failed;
	int err;

	space->failed = NULL;
	err = fn(space, pasid);
	space->failed = failed;
	return err;
}

static int undo_bind(struct nest_ctx *ctx, void *object, uint64_t pasid)
{
	(void)ctx;
	return quietly(object, nest_gpasid_try_unbind, (uint32_t)pasid);
}

static int undo_pasid(struct nest_ctx *ctx, void *object, uint64_t pasid)
{
	(void)ctx;
	return quietly(object, nest_gpasid_try_free, (uint32_t)pasid);
}

/* ---- ops ---- */

static int pasid_alloc(struct nest_space *space, uint32_t min, uint32_t max, uint32_t *ret_pasid)
{
	int pasid = nest_gpasid_try_alloc(space, min, max);

	if (pasid < 0)
		return pasid;
	nest_undo_push(space->ctx, "free a PASID", undo_pasid, space, (uint64_t)pasid);
	*ret_pasid = (uint32_t)pasid;
	return 0;
}

static int pasid_free(struct nest_space *space, uint32_t pasid)
{
	int err = nest_gpasid_try_free(space, pasid);

	if (err < 0)
		return err;
	nest_undo_forget(space->ctx, undo_pasid, space, pasid);
	return 0;
}

static int bind(struct nest_space *space, struct nest_vdev *vdev,
		const struct nest_s1_config *config, struct nest_s1 **ret_s1)
{
	const struct nest_rev *rev = &nest_revs[nest_gpasid_of(space)->rev];
	struct nest_gpasid_try it = nest_gpasid_try_good(config->pasid, config->table);
	struct gpasid_s1 *own;
	int err;

	if (!config->have_pasid)
		return nest_failure_set(space->failed, -EINVAL, NEST_STAGE_REVISION, "%s",
					vdev->name);
	if (config->faults &&
	    !(rev->feat_page_resp && nest_gpasid_of(space)->features & rev->feat_page_resp))
		return nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_FAULT_REVISION, "%s",
					vdev->name);
	own = calloc(1, sizeof(*own));
	if (!own)
		return nest_failure_set(space->failed, -ENOMEM, NEST_STAGE_MEMORY, "%s",
					vdev->name);
	own->s1 = (struct nest_s1){ .space = space, .vdev = vdev, .config = *config };
	nest_undo_push(space->ctx, "free a first stage", nest_undo_free, own, 0);
	if (config->faults) {
		err = nest_vdev_fault_open(space->ctx, vdev, rev->fault_region, &own->fault);
		if (err)
			return err;
		own->queue = true;
	}
	it.addr_width = config->format->input_bits;
	err = nest_gpasid_try_bind(space, &it);
	if (err < 0)
		return err;
	nest_undo_push(space->ctx, "unbind a first stage", undo_bind, space, config->pasid);
	*ret_s1 = &own->s1;
	return 0;
}

static int unbind(struct nest_s1 *s1)
{
	struct gpasid_s1 *own = gpasid_s1(s1);
	struct nest_space *space = s1->space;
	int err = nest_gpasid_try_unbind(space, s1->config.pasid);

	if (err < 0)
		return err;
	nest_undo_forget(space->ctx, undo_bind, space, s1->config.pasid);
	err = own->queue ? nest_vdev_fault_close(space->ctx, &own->fault) : 0;
	if (err)
		return nest_failure_set(space->failed, err, NEST_STAGE_FAULT_REGION, "%s",
					s1->vdev->name);
	nest_undo_forget(space->ctx, nest_undo_free, own, 0);
	free(own);
	return 0;
}

/*
 * The driver takes a range for an aligned power of two, and warns of any other (Linux 5.10,
 * qi_flush_piotlb()): a range is sent as such parts.
 */
static int invalidate_range(struct nest_s1 *s1, const struct nest_s1_scope *scope)
{
	uint64_t addr = scope->addr, left = scope->npages, part;
	int err = 0;

	for (; left && err >= 0; addr += part * 4096, left -= part) {
		uint64_t page = addr / 4096;

		part = page ? page & -page : left;
		while (part > left || part & (part - 1))
			part = part > left ? part / 2 : part & (part - 1);
		err = nest_gpasid_try_invalidate(s1->space, IOMMU_CACHE_INV_TYPE_IOTLB,
						 IOMMU_INV_GRANU_ADDR, s1->config.pasid, addr, part,
						 scope->leaf);
	}
	return err < 0 ? err : 0;
}

static int invalidate(struct nest_s1 *s1, const struct nest_s1_scope *scope)
{
	int err;

	if (scope->reach < NEST_S1_PASID)
		return invalidate_range(s1, scope);
	/* VT-d silently ignores the granularity "domain", so invalidate the whole PASID. */
	err = nest_gpasid_try_invalidate(s1->space, IOMMU_CACHE_INV_TYPE_IOTLB,
					 IOMMU_INV_GRANU_PASID, s1->config.pasid, 0, 0, false);
	return err < 0 ? err : 0;
}

static int timed_invalidate(struct nest_s1 *s1, const struct nest_s1_scope *scope,
			    struct nest_timed *timed)
{
	return nest_gpasid_timed_invalidate(s1->space, s1->config.pasid, scope, timed);
}

static int faults(struct nest_s1 *s1, int timeout_ms, struct nest_s1_fault *buf, size_t room,
		  size_t *ret_count)
{
	struct gpasid_s1 *own = gpasid_s1(s1);

	if (!own->queue)
		return -EOPNOTSUPP;
	return nest_vdev_fault_take(s1->space->ctx, &own->fault, timeout_ms, buf, room, ret_count);
}

static int respond(struct nest_s1 *s1, uint32_t cookie, bool resolved)
{
	if (!gpasid_s1(s1)->queue)
		return -EOPNOTSUPP;
	return nest_gpasid_respond(s1->space, s1->config.pasid, cookie, resolved);
}

const struct nest_stage1_ops nest_gpasid_stage1 = {
	.bind = bind,
	.invalidate = invalidate,
	.timed_invalidate = timed_invalidate,
	.faults = faults,
	.respond = respond,
	.unbind = unbind,
	.pasid_alloc = pasid_alloc,
	.pasid_free = pasid_free,
	.forgives = true,
};
