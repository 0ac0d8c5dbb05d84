/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first stage through a container of the out-of-tree series, RFC v3 and v8: a table is bound to
 * a PASID that the kernel gives out, and all DMA without that PASID keeps the one stage. What the
 * modes "rfc-version" and "nesting-op" add to a type1 container.
 *
 * No request is made before the revision is recognised on the very container that it goes to
 * (backend/abi2020/recognise.h), and each is asked about at the gate (nest_rev_forbids()).
 */
#ifndef NEST_BACKEND_GPASID_H
#define NEST_BACKEND_GPASID_H

#include "backend/abi2020/nesting-rev.h"
#include "backend/abi2020/recognise.h"
#include "backend/type1.h"

/* A space of nest_gpasid_ops. */
struct nest_gpasid {
	struct nest_type1_space type1;
	enum nest_nesting_rev rev; /* for certain; NEST_REV_NONE until attach */
	struct nest_recognition recognition;
	bool asked_before; /* the version query was answered before SET_IOMMU */
	int version_before;
	uint32_t format; /* of first-stage tables, the kernel's number */
	uint32_t features;
	int ioasid; /* /dev/ioasid, -1: not open */
};

static inline struct nest_gpasid *nest_gpasid_of(struct nest_space *space)
{
	return container_of(nest_type1_space(space), struct nest_gpasid, type1);
}

/*
 * attach recognises the revision after SET_IOMMU(6). -EOPNOTSUPP at stage RECOGNISE: it is none
 * that round trips are made through, or none of the space's backend (mode->query).
 */
extern const struct nest_backend_ops nest_gpasid_ops;
extern const struct nest_stage1_ops nest_gpasid_stage1;

/* The version query; the version, or -errno. Changes nothing on any kernel. */
int nest_gpasid_ask_version(struct nest_space *space);

/* ---- the bare requests, for legs that look at how they are refused; nothing is pushed ---- */

struct nest_gpasid_try {
	uint32_t pasid;
	uint64_t table;
	uint32_t addr_width;
	uint32_t format;  /* 1: VT-d */
	uint32_t version; /* 1; no other may go to a layout that begins with it (A) */
	uint64_t flags;	  /* unknown bits are refused */
	bool short_argsz; /* of the structure inside, where it has one */
};

/* A good one. */
struct nest_gpasid_try nest_gpasid_try_good(uint32_t pasid, uint64_t table);
int nest_gpasid_try_bind(struct nest_space *space, const struct nest_gpasid_try *it);
int nest_gpasid_try_unbind(struct nest_space *space, uint32_t pasid);

/* One cache and granularity of uapi/gpasid.h; addr and npages count for addresses only. */
int nest_gpasid_try_invalidate(struct nest_space *space, unsigned int cache,
			       unsigned int granularity, uint32_t pasid, uint64_t addr,
			       uint64_t npages, bool leaf);

/* Addresses of the IOTLB, as nest_kernel_ioctl_timed() does it. */
int nest_gpasid_timed_invalidate(struct nest_space *space, uint32_t pasid,
				 const struct nest_s1_scope *scope, struct nest_timed *timed);

/* Answers the page requests of one group under a PASID. */
int nest_gpasid_respond(struct nest_space *space, uint32_t pasid, uint32_t group, bool resolved);

/*
 * The ring of a bound first stage with a queue: its state, whether it is mapped, whether an eventfd
 * tells of it.
 */
struct nest_faultring;
const struct nest_faultring *nest_gpasid_ring(struct nest_s1 *s1);
bool nest_gpasid_ring_mapped(struct nest_s1 *s1);
bool nest_gpasid_ring_signalled(struct nest_s1 *s1);

/* The PASID, or -errno; -ENOSPC also where the kernel says success and gives none (RFC v3). */
int nest_gpasid_try_alloc(struct nest_space *space, uint32_t min, uint32_t max);
int nest_gpasid_try_free(struct nest_space *space, uint32_t pasid);

/* RFC v3 alone: the quota of this process. -EOPNOTSUPP elsewhere. */
int nest_gpasid_try_quota(struct nest_space *space, uint32_t quota);

#endif
