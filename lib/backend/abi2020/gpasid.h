/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first stage through a container of the out-of-tree series, RFC v3 and v8. A table is bound to
 * a PASID that the kernel allocates; DMA without that PASID keeps one stage. The backends
 * "rfc-version" and "nesting-op" add this to a type1 container.
 *
 * No request is sent before the revision is recognised on the same container
 * (backend/abi2020/recognise.h), and each passes the gate (nest_rev_forbids()).
 */
#ifndef NEST_BACKEND_GPASID_H
#define NEST_BACKEND_GPASID_H

#include "backend/abi2020/nesting-rev.h"
#include "backend/abi2020/recognise.h"
#include "backend/type1.h"

/* A space of nest_gpasid_ops. */
struct nest_gpasid {
	struct nest_type1_space type1;
	enum nest_nesting_rev rev; /* recognised; NEST_REV_NONE before attach */
	struct nest_recognition recognition;
	bool asked_before; /* the version query was answered before SET_IOMMU */
	int version_before;
	uint32_t format; /* of first-stage tables: the kernel's number */
	uint32_t features;
	int ioasid; /* /dev/ioasid, -1: not open */
};

static inline struct nest_gpasid *nest_gpasid_of(struct nest_space *space)
{
	return container_of(nest_type1_space(space), struct nest_gpasid, type1);
}

/*
 * attach recognises the revision after SET_IOMMU(6). -EOPNOTSUPP at stage RECOGNISE: this program
 * does not drive it, or another backend does (mode->query).
 */
extern const struct nest_backend_ops nest_gpasid_ops;
extern const struct nest_stage1_ops nest_gpasid_stage1;

/* The version query: the version, or -errno. It changes nothing on any kernel. */
int nest_gpasid_ask_version(struct nest_space *space);

/* ---- the bare requests, for legs that test refusals; they push nothing ---- */

struct nest_gpasid_try {
	uint32_t pasid;
	uint64_t table;
	uint32_t addr_width;
	uint32_t format;  /* 1: VT-d */
	uint32_t version; /* 1; layout A must not get another */
	uint64_t flags;	  /* the kernel refuses unknown bits */
	bool short_argsz; /* of the inner structure, if it has one */
};

/* Arguments that the kernel accepts. */
struct nest_gpasid_try nest_gpasid_try_good(uint32_t pasid, uint64_t table);
int nest_gpasid_try_bind(struct nest_space *space, const struct nest_gpasid_try *it);
int nest_gpasid_try_unbind(struct nest_space *space, uint32_t pasid);

/* One cache and granularity of uapi/gpasid.h; addr and npages only for addresses. */
int nest_gpasid_try_invalidate(struct nest_space *space, unsigned int cache,
			       unsigned int granularity, uint32_t pasid, uint64_t addr,
			       uint64_t npages, bool leaf);

/* Addresses of the IOTLB, as nest_kernel_ioctl_timed() does it. */
int nest_gpasid_timed_invalidate(struct nest_space *space, uint32_t pasid,
				 const struct nest_s1_scope *scope, struct nest_timed *timed);

/* Answers the page requests of one group under a PASID. */
int nest_gpasid_respond(struct nest_space *space, uint32_t pasid, uint32_t group, bool resolved);

/*
 * The ring of a bound first stage with a queue: its state (NULL: no queue), is it mapped, and does
 * an eventfd signal it?
 */
struct nest_faultring;
const struct nest_faultring *nest_gpasid_ring(struct nest_s1 *s1);
bool nest_gpasid_ring_mapped(struct nest_s1 *s1);
bool nest_gpasid_ring_signalled(struct nest_s1 *s1);

/* The PASID, or -errno; -ENOSPC also for a success without a PASID (RFC v3). */
int nest_gpasid_try_alloc(struct nest_space *space, uint32_t min, uint32_t max);
int nest_gpasid_try_free(struct nest_space *space, uint32_t pasid);

/* Only RFC v3: the quota of this process. -EOPNOTSUPP elsewhere. */
int nest_gpasid_try_quota(struct nest_space *space, uint32_t quota);

#endif
