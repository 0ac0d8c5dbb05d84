// SPDX-License-Identifier: GPL-2.0-or-later
/* The requests of RFC v3 and v8, each behind the gate. */
#include "backend/abi2020/gpasid.h"

#include <errno.h>
#include <string.h>

#include "kernel/kernel.h"
#include "uapi/gpasid.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"

/* ---- one request ---- */

/* The payload after the head, in all layouts. */
union payload {
	struct iommu_gpasid_bind_a bind_a;
	struct iommu_gpasid_bind_c bind_c;
	struct iommu_cache_invalidate_a invalidate_a;
	struct iommu_cache_invalidate_c invalidate_c;
	struct iommu_page_response_c response_c;
};

struct request {
	struct vfio_nesting_head head;
	union payload payload;
};

static const struct nest_rev *rev_of(struct nest_space *space)
{
	return &nest_revs[nest_gpasid_of(space)->rev];
}

/* Every request passes this gate. */
static int gate(struct nest_space *space, enum nest_rev_op op)
{
	struct nest_rev_standing standing = { NEST_FD_TYPE1, true, nest_gpasid_of(space)->rev };
	const char *forbidden = nest_rev_forbids(&standing, op);

	return forbidden ? nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_REVISION, "%s",
					    forbidden)
			 : 0;
}

/* len bytes at arg. The result, or -errno. */
static int send(struct nest_space *space, enum nest_rev_op op, enum nest_stage stage, void *arg,
		size_t len)
{
	int result = gate(space, op);

	if (result)
		return result;
	result = nest_kernel_ioctl(space->ctx, nest_type1_space(space)->fd,
				   nest_rev_request(rev_of(space), op), nest_stage_text(stage), arg,
				   len);
	if (result < 0)
		return nest_failure_set(space->failed, result, stage, "container");
	return result;
}

int nest_gpasid_ask_version(struct nest_space *space)
{
	/* Harmless everywhere as long as the argument is 0 (nest_rev_forbids()). */
	return nest_kernel_ioctl_int(space->ctx, nest_type1_space(space)->fd,
				     nest_rev_request(&nest_revs[NEST_REV_RFC_V3], NEST_OP_VERSION),
				     nest_stage_text(NEST_STAGE_UAPI_VERSION), 0);
}

/* ---- PASIDs ---- */

int nest_gpasid_try_alloc(struct nest_space *space, uint32_t min, uint32_t max)
{
	struct vfio_pasid_request_result request = {
		.argsz = sizeof(request),
		.flags = VFIO_PASID_REQUEST_ALLOC,
		.min = min,
		.max = max,
	};
	struct ioasid_alloc_request ioasid = { .argsz = sizeof(ioasid), .min = min, .max = max };
	struct nest_gpasid *own = nest_gpasid_of(space);
	int result;

	if (rev_of(space)->pasids == NEST_PASIDS_IOASID) {
		if (own->ioasid < 0)
			return nest_failure_set(space->failed, -ENOENT, NEST_STAGE_OPEN_IOASID,
						IOASID_NODE);
		result = nest_ioctl(space->ctx, own->ioasid, IOASID_REQUEST_ALLOC, &ioasid);
		if (result < 0)
			return nest_failure_set(space->failed, result, NEST_STAGE_IOASID_ALLOC,
						"%u to %u", min, max);
		return result;
	}
	result = send(space, NEST_OP_PASID_REQUEST, NEST_STAGE_PASID_ALLOC, &request,
		      sizeof(request));
	if (result < 0)
		return result;
	/* RFC v3: success with an unchanged field means that no PASID is free. */
	if (request.result < min || request.result > max)
		return nest_failure_set(space->failed, -ENOSPC, NEST_STAGE_PASID_ALLOC, "%u to %u",
					min, max);
	return (int)request.result;
}

int nest_gpasid_try_free(struct nest_space *space, uint32_t pasid)
{
	struct vfio_pasid_request_result request = {
		.argsz = sizeof(request),
		.flags = VFIO_PASID_REQUEST_FREE,
		.min = pasid,
	};
	int32_t number = (int32_t)pasid;
	int result;

	if (rev_of(space)->pasids != NEST_PASIDS_IOASID)
		return send(space, NEST_OP_PASID_REQUEST, NEST_STAGE_PASID_FREE, &request,
			    sizeof(request));
	result =
		nest_ioctl(space->ctx, nest_gpasid_of(space)->ioasid, IOASID_REQUEST_FREE, &number);
	if (result < 0)
		return nest_failure_set(space->failed, result, NEST_STAGE_IOASID_FREE, "PASID 0x%x",
					pasid);
	return result;
}

int nest_gpasid_try_quota(struct nest_space *space, uint32_t quota)
{
	struct vfio_pasid_quota request = { .argsz = sizeof(request), .quota = quota };

	return send(space, NEST_OP_PASID_QUOTA, NEST_STAGE_PASID_QUOTA, &request, sizeof(request));
}

/* ---- bind, unbind ---- */

struct nest_gpasid_try nest_gpasid_try_good(uint32_t pasid, uint64_t table)
{
	return (struct nest_gpasid_try){
		.pasid = pasid,
		.table = table,
		.addr_width = 48,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.version = IOMMU_GPASID_VERSION,
	};
}

/* Fills in the layout of the revision; returns its size. */
static size_t fill_bind(struct nest_space *space, const struct nest_gpasid_try *it,
			union payload *payload)
{
	memset(payload, 0, sizeof(*payload));
	if (rev_of(space)->layout == 'A') {
		payload->bind_a = (struct iommu_gpasid_bind_a){
			/* RFC v3 uses it as an index without a check: never another value. */
			.version = IOMMU_GPASID_VERSION,
			.format = it->format,
			.flags = it->flags,
			.gpgd = it->table,
			.hpasid = it->pasid,
			.addr_width = it->addr_width,
		};
		return sizeof(payload->bind_a);
	}
	payload->bind_c = (struct iommu_gpasid_bind_c){
		.argsz = it->short_argsz ? offsetof(struct iommu_gpasid_bind_c, padding)
					 : sizeof(payload->bind_c),
		.version = it->version,
		.format = it->format,
		.flags = it->flags,
		.gpgd = it->table,
		.hpasid = it->pasid,
		.addr_width = it->addr_width,
	};
	return sizeof(payload->bind_c);
}

int nest_gpasid_try_bind(struct nest_space *space, const struct nest_gpasid_try *it)
{
	bool rfc = rev_of(space)->n[NEST_OP_BIND];
	struct request request = { .head.flags =
					   rfc ? VFIO_BIND_GUEST_PGTBL : VFIO_NESTING_OP_BIND };

	request.head.argsz =
		(uint32_t)(sizeof(request.head) + fill_bind(space, it, &request.payload));
	return rfc ? send(space, NEST_OP_BIND, NEST_STAGE_RFC_BIND_TABLE, &request, sizeof(request))
		   : send(space, NEST_OP_NESTING, NEST_STAGE_OP_BIND, &request, sizeof(request));
}

int nest_gpasid_try_unbind(struct nest_space *space, uint32_t pasid)
{
	struct nest_gpasid_try it = nest_gpasid_try_good(pasid, 0);
	bool rfc = rev_of(space)->n[NEST_OP_BIND];
	struct request request = { .head.flags =
					   rfc ? VFIO_UNBIND_GUEST_PGTBL : VFIO_NESTING_OP_UNBIND };

	request.head.argsz =
		(uint32_t)(sizeof(request.head) + fill_bind(space, &it, &request.payload));
	return rfc ? send(space, NEST_OP_BIND, NEST_STAGE_RFC_UNBIND_TABLE, &request,
			  sizeof(request))
		   : send(space, NEST_OP_NESTING, NEST_STAGE_OP_UNBIND, &request, sizeof(request));
}

/* ---- invalidate ---- */

static size_t fill_invalidate(struct nest_space *space, unsigned int cache,
			      unsigned int granularity, uint32_t pasid, uint64_t addr,
			      uint64_t npages, bool leaf, union payload *payload)
{
	struct iommu_inv_addr_info at = {
		.flags = IOMMU_INV_FLAGS_PASID | (leaf ? IOMMU_INV_FLAGS_LEAF : 0),
		.pasid = pasid,
		.addr = addr,
		.granule_size = 4096,
		.nb_granules = npages,
	};
	struct iommu_inv_pasid_info all = { .flags = IOMMU_INV_FLAGS_PASID, .pasid = pasid };
	bool addresses = granularity == IOMMU_INV_GRANU_ADDR;
	const void *what = addresses ? (const void *)&at : &all;
	size_t what_len = addresses ? sizeof(at) : sizeof(all);

	memset(payload, 0, sizeof(*payload));
	if (rev_of(space)->layout == 'A') {
		payload->invalidate_a.version = IOMMU_GPASID_VERSION;
		payload->invalidate_a.cache = (uint8_t)cache;
		payload->invalidate_a.granularity = (uint8_t)granularity;
		memcpy(&payload->invalidate_a.addr_info, what, what_len);
		return sizeof(payload->invalidate_a);
	}
	payload->invalidate_c.argsz = sizeof(payload->invalidate_c);
	payload->invalidate_c.version = IOMMU_GPASID_VERSION;
	payload->invalidate_c.cache = (uint8_t)cache;
	payload->invalidate_c.granularity = (uint8_t)granularity;
	memcpy(&payload->invalidate_c.addr_info, what, what_len);
	return sizeof(payload->invalidate_c);
}

/* The request by which the revision invalidates, and its stage. */
static enum nest_rev_op invalidate_op(struct nest_space *space, enum nest_stage *ret_stage)
{
	bool own = rev_of(space)->n[NEST_OP_CACHE_INVALIDATE];

	*ret_stage = own ? NEST_STAGE_RFC_INVALIDATE : NEST_STAGE_OP_INVALIDATE;
	return own ? NEST_OP_CACHE_INVALIDATE : NEST_OP_NESTING;
}

static struct request invalidate_request(struct nest_space *space, unsigned int cache,
					 unsigned int granularity, uint32_t pasid, uint64_t addr,
					 uint64_t npages, bool leaf)
{
	struct request request = {
		.head.flags =
			rev_of(space)->n[NEST_OP_CACHE_INVALIDATE] ? 0 : VFIO_NESTING_OP_CACHE,
	};

	request.head.argsz = (uint32_t)(sizeof(request.head) +
					fill_invalidate(space, cache, granularity, pasid, addr,
							npages, leaf, &request.payload));
	return request;
}

int nest_gpasid_try_invalidate(struct nest_space *space, unsigned int cache,
			       unsigned int granularity, uint32_t pasid, uint64_t addr,
			       uint64_t npages, bool leaf)
{
	struct request request =
		invalidate_request(space, cache, granularity, pasid, addr, npages, leaf);
	enum nest_stage stage;
	enum nest_rev_op op = invalidate_op(space, &stage);

	return send(space, op, stage, &request, sizeof(request));
}

int nest_gpasid_timed_invalidate(struct nest_space *space, uint32_t pasid,
				 const struct nest_s1_scope *scope, struct nest_timed *timed)
{
	struct request request = invalidate_request(
		space, IOMMU_CACHE_INV_TYPE_IOTLB,
		scope->reach >= NEST_S1_PASID ? IOMMU_INV_GRANU_PASID : IOMMU_INV_GRANU_ADDR, pasid,
		scope->addr, scope->npages, scope->leaf);
	struct nest_timed_op op = { .arg = &request,
				    .len = sizeof(request),
				    .samples = timed->samples };
	enum nest_stage stage;
	enum nest_rev_op which = invalidate_op(space, &stage);
	int err = gate(space, which);

	if (err)
		return err;
	op.name = nest_stage_text(stage);
	op.request = nest_rev_request(rev_of(space), which);
	err = nest_kernel_ioctl_timed(space->ctx, nest_type1_space(space)->fd, &op, 1,
				      timed->rounds, timed->tsc, &timed->done);
	if (err)
		return nest_failure_set(space->failed, err, stage, "container");
	return 0;
}

/* ---- answer ---- */

int nest_gpasid_respond(struct nest_space *space, uint32_t pasid, uint32_t group, bool resolved)
{
	struct request request = { .head.flags = VFIO_NESTING_OP_PAGE_RESP };
	struct iommu_page_response_c *response = &request.payload.response_c;
	int err;

	/* Only kernels with layout C implement the answer. */
	if (!rev_of(space)->feat_page_resp)
		return nest_failure_set(space->failed, -EOPNOTSUPP, NEST_STAGE_FAULT_REVISION,
					"container");
	response->argsz = sizeof(*response);
	response->version = IOMMU_GPASID_VERSION;
	response->flags = IOMMU_PAGE_RESP_PASID_VALID;
	response->pasid = pasid;
	response->grpid = group;
	response->code = resolved ? IOMMU_PAGE_RESP_SUCCESS : IOMMU_PAGE_RESP_INVALID;
	request.head.argsz = sizeof(request.head) + sizeof(*response);
	err = send(space, NEST_OP_NESTING, NEST_STAGE_OP_RESPOND, &request, sizeof(request));
	return err < 0 ? err : 0;
}
