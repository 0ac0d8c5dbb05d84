/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The out-of-tree nesting ABIs of 2019 to 2021: one table of revisions. They reuse each other's
 * request numbers, and upstream later gave several numbers other meanings. So a request needs more
 * than its number: nest_rev_forbids() checks each first. No other file contains a request number of
 * these series, or a capability's id, length or feature bits.
 */
#ifndef NEST_NESTING_REV_H
#define NEST_NESTING_REV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nest_nesting_rev {
	NEST_REV_NONE,
	/* "vfio: expose virtual Shared Virtual Addressing to VMs" */
	NEST_REV_RFC_V1,
	NEST_REV_RFC_V2,
	NEST_REV_RFC_V3,
	NEST_REV_V1,
	NEST_REV_V2,
	NEST_REV_V3,
	NEST_REV_V4,
	NEST_REV_V5,
	NEST_REV_V6,
	NEST_REV_V7,
	NEST_REV_V8,
	NEST_REV_V8_PRI, /* v8 as product trees have it: with page responses */
	/* "SMMUv3 Nested Stage Setup" */
	NEST_REV_SMMU_V8,
	NEST_REV_SMMU_V9,
	NEST_REV_SMMU_V11,
	NEST_REV_SMMU_V12,
	/* other users of the same numbers */
	NEST_REV_PROCESS_BIND,
	NEST_REV_VMID,
	NEST_REV_IOPF,
	NEST_REVS,
	/* Two revisions have the id and length of a capability, and its fields fit both. */
	NEST_REV_V4_OR_V7 = NEST_REVS,
	NEST_REV_V5_OR_V6,
	NEST_REV_RFC_V3_OR_V1,
};

/* "rfc-v3", "v1" … "v8", "v8-pri", "smmu-v12", "v4-or-v7"; NULL for NEST_REV_NONE. */
const char *nest_nesting_rev_name(enum nest_nesting_rev rev);

/* Writes the one or two revisions that rev means; returns their number. */
size_t nest_nesting_rev_members(enum nest_nesting_rev rev, enum nest_nesting_rev ret[2]);

/* What a request does. */
enum nest_rev_op {
	NEST_OP_VERSION,
	NEST_OP_PASID_REQUEST,
	NEST_OP_PASID_QUOTA,
	NEST_OP_BIND,
	NEST_OP_UNBIND,
	NEST_OP_CACHE_INVALIDATE,
	NEST_OP_NESTING, /* bind, unbind, invalidate and answer in one number */
	NEST_OP_PASID_TABLE,
	NEST_OP_PASID_TABLE_DETACH,
	NEST_OP_MSI_BINDING,
	NEST_OP_MSI_UNBIND,
	NEST_OP_PROCESS_BIND,
	NEST_OP_PROCESS_UNBIND,
	NEST_OP_IOPF,
	NEST_OP_GET_VMID,
	NEST_OP_SET_VMID,
	NEST_REV_OPS,
};

enum nest_pasid_source {
	NEST_PASIDS_NONE,
	NEST_PASIDS_RETURNED_OLD, /* RFC v1, v2: {argsz, flag, min, max}, the PASID is the result */
	NEST_PASIDS_WRITTEN,	  /* RFC v3, v1: struct vfio_pasid_request_result */
	NEST_PASIDS_RETURNED,	  /* v2 to v7: struct vfio_pasid_request_range */
	NEST_PASIDS_IOASID,	  /* v8: from /dev/ioasid */
};

enum nest_version_query {
	NEST_QUERY_NONE,
	NEST_QUERY_REQUEST,    /* RFC v3: a request on the container, at any time */
	NEST_QUERY_EXTENSION,  /* v1: CHECK_EXTENSION 9, which is UNMAP_ALL upstream: never a proof
				*/
	NEST_QUERY_CAPABILITY, /* v2 and later: the NESTING capability of GET_INFO */
};

/*
 * Offsets of the fields of a NESTING capability from the start of its header; 0: no such field. cap
 * and ecap are VT-d's, masked to a few bits in every revision, and do not show whether a unit
 * nests.
 */
struct nest_rev_cap {
	uint16_t id; /* 0: the revision has no capability */
	uint16_t version;
	uint32_t len;			/* with its header; where ids collide the length decides */
	uint32_t padded;		/* another length that it may have; 0: none */
	uint8_t format, features;	/* u32 */
	uint8_t addr_width, pasid_bits; /* u16 */
	uint8_t cap, ecap;		/* u64 */
};

struct nest_rev {
	const char *id;
	const char *posted;	 /* series and date */
	uint8_t n[NEST_REV_OPS]; /* the request is ';' << 8 | 100 + n; 0: no such request */
	char layout;		 /* of uapi/gpasid.h: 'A', 'B', 'C'; 0: none */
	enum nest_pasid_source pasids;
	enum nest_version_query query;
	struct nest_rev_cap cap;
	/* Bits of the capability's features; 0: no such bit. */
	uint32_t feat_pasid, feat_bind, feat_invalidate, feat_page_resp;
	uint32_t fault_region; /* region type of DMA faults, 0: none. 2 is CCW upstream */
	bool driven;	       /* round trips use it */
};

/* By enum nest_nesting_rev; the row of NEST_REV_NONE is empty. */
extern const struct nest_rev nest_revs[NEST_REVS];

/* The request number of an operation; 0 if the revision has none. */
unsigned long nest_rev_request(const struct nest_rev *rev, enum nest_rev_op op);

/* What is behind a file descriptor that takes a number of this range. */
enum nest_rev_fd {
	NEST_FD_TYPE1,	 /* a container with a type1 driver */
	NEST_FD_SPAPR,	 /* a container on ppc64 */
	NEST_FD_IOMMUFD, /* an iommufd, also where it serves /dev/vfio/vfio */
	NEST_FD_DEVICE,	 /* a VFIO device */
	NEST_FDS,
};

/* ---- what may be sent ---- */

/* What is known of a container before a request is sent. */
struct nest_rev_standing {
	enum nest_rev_fd fd;
	bool nesting_set;	   /* SET_IOMMU(6) has succeeded on it */
	enum nest_nesting_rev rev; /* recognised; NEST_REV_NONE: not */
};

/*
 * Why this request must not be sent, one clause; NULL: it may. The version query (argument 0) is
 * harmless on every container. Any other request needs a recognised revision that this program
 * drives, on a type1 container whose type is nesting.
 */
const char *nest_rev_forbids(const struct nest_rev_standing *standing, enum nest_rev_op op);

#endif
