// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of revisions. Its numbers come from the postings named in it (archive of the iommu
 * list) and, for the product trees, from their headers.
 */
#include "backend/abi2020/nesting-rev.h"

#define VSVA "expose virtual Shared Virtual Addressing to VMs, "
#define SMMU "SMMUv3 Nested Stage Setup, "

/* v8 dropped the first feature of v2 to v7 and moved the others down, so 7 is ambiguous. */
#define FEATURES_V2    .feat_pasid = 1, .feat_bind = 2, .feat_invalidate = 4
#define FEATURES_V8    .feat_bind = 1, .feat_invalidate = 2

#define QUERIED_BY_CAP .query = NEST_QUERY_CAPABILITY, .pasids = NEST_PASIDS_RETURNED, FEATURES_V2

/* clang-format off */
const struct nest_rev nest_revs[NEST_REVS] = {
	[NEST_REV_RFC_V1] = {
		.id = "rfc-v1", .posted = VSVA "RFC v1, 5 July 2019",
		.n = {[NEST_OP_PASID_TABLE] = 22, [NEST_OP_PASID_TABLE_DETACH] = 23,
		      [NEST_OP_CACHE_INVALIDATE] = 24,
		      [NEST_OP_PASID_REQUEST] = 27, [NEST_OP_BIND] = 28, [NEST_OP_UNBIND] = 29},
		.pasids = NEST_PASIDS_RETURNED_OLD},
	[NEST_REV_RFC_V2] = {
		.id = "rfc-v2", .posted = VSVA "RFC v2, 24 October 2019",
		.n = {[NEST_OP_CACHE_INVALIDATE] = 24, [NEST_OP_PASID_REQUEST] = 27, [NEST_OP_BIND] = 28,
		      [NEST_OP_UNBIND] = 29},
		.layout = 'A', .pasids = NEST_PASIDS_RETURNED_OLD},
	[NEST_REV_RFC_V3] = {
		.id = "rfc-v3", .posted = VSVA "RFC v3, 29 January 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 22, [NEST_OP_PASID_QUOTA] = 23, [NEST_OP_VERSION] = 24,
		      [NEST_OP_BIND] = 25, [NEST_OP_CACHE_INVALIDATE] = 26},
		.layout = 'A', .pasids = NEST_PASIDS_WRITTEN, .query = NEST_QUERY_REQUEST,
		/* its kernel announces four bytes more */
		.cap = {.id = 2, .version = 1, .len = 12, .padded = 16, .format = 8},
		.driven = true},
	[NEST_REV_V1] = {
		.id = "v1", .posted = VSVA "v1, 22 March 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 22, [NEST_OP_BIND] = 23, [NEST_OP_CACHE_INVALIDATE] = 24},
		.layout = 'A', .pasids = NEST_PASIDS_WRITTEN, .query = NEST_QUERY_EXTENSION,
		.cap = {.id = 2, .version = 1, .len = 16}},
	[NEST_REV_V2] = {
		.id = "v2", .posted = VSVA "v2, 11 June 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 22, [NEST_OP_NESTING] = 23},
		.layout = 'B', QUERIED_BY_CAP,
		.cap = {2, 1, 68, 0, 16, 20, 32, 34, 36, 52}},
	[NEST_REV_V3] = {
		.id = "v3", .posted = VSVA "v3, 24 June 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 18, [NEST_OP_NESTING] = 19},
		.layout = 'B', QUERIED_BY_CAP,
		.cap = {3, 1, 52, 0, 16, 20, 32, 34, 36, 44}},
	[NEST_REV_V4] = {
		.id = "v4", .posted = VSVA "v4, 4 July 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 18, [NEST_OP_NESTING] = 19},
		.layout = 'B', QUERIED_BY_CAP,
		.cap = {3, 1, 64, 0, 20, 24, 32, 34, 48, 56}},
	[NEST_REV_V5] = {
		.id = "v5", .posted = VSVA "v5, 12 July 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 18, [NEST_OP_NESTING] = 19},
		.layout = 'B', QUERIED_BY_CAP,
		.cap = {3, 1, 56, 0, 12, 16, 24, 26, 40, 48}},
	[NEST_REV_V6] = {
		.id = "v6", .posted = VSVA "v6, 27 July 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 18, [NEST_OP_NESTING] = 19},
		.layout = 'C', QUERIED_BY_CAP,
		.cap = {3, 1, 56, 0, 16, 20, 24, 26, 40, 48}},
	[NEST_REV_V7] = {
		.id = "v7", .posted = VSVA "v7, 10 September 2020",
		.n = {[NEST_OP_PASID_REQUEST] = 18, [NEST_OP_NESTING] = 19},
		.layout = 'C', QUERIED_BY_CAP,
		.cap = {3, 1, 64, 0, 16, 20, 24, 26, 48, 56}},
	[NEST_REV_V8] = {
		.id = "v8", .posted = VSVA "v8, 2 March 2021",
		.n = {[NEST_OP_NESTING] = 18},
		.layout = 'C', .pasids = NEST_PASIDS_IOASID, .query = NEST_QUERY_CAPABILITY, FEATURES_V8,
		.cap = {4, 1, 72, 0, 16, 20, 24, 26, 56, 64},
		.driven = true},
	[NEST_REV_V8_PRI] = {
		.id = "v8-pri", .posted = VSVA "v8 with page responses, product trees of 2021",
		.n = {[NEST_OP_NESTING] = 18},
		.layout = 'C', .pasids = NEST_PASIDS_IOASID, .query = NEST_QUERY_CAPABILITY, FEATURES_V8,
		.feat_page_resp = 4,
		.cap = {4, 1, 72, 0, 16, 20, 24, 26, 56, 64},
		.fault_region = 4, .driven = true},
	[NEST_REV_SMMU_V8] = {
		.id = "smmu-v8", .posted = SMMU "v8, 26 May 2019",
		.n = {[NEST_OP_PASID_TABLE] = 22, [NEST_OP_PASID_TABLE_DETACH] = 23,
		      [NEST_OP_CACHE_INVALIDATE] = 24,
		      [NEST_OP_MSI_BINDING] = 25, [NEST_OP_MSI_UNBIND] = 26},
		.layout = 'A', .fault_region = 2},
	[NEST_REV_SMMU_V9] = {
		.id = "smmu-v9", .posted = SMMU "v9 and v10, 11 July 2019",
		.n = {[NEST_OP_PASID_TABLE] = 22, [NEST_OP_CACHE_INVALIDATE] = 23, [NEST_OP_MSI_BINDING] = 24},
		.layout = 'A', .fault_region = 2},
	[NEST_REV_SMMU_V11] = {
		.id = "smmu-v11", .posted = SMMU "v11, 16 November 2020",
		.n = {[NEST_OP_PASID_TABLE] = 22, [NEST_OP_CACHE_INVALIDATE] = 23, [NEST_OP_MSI_BINDING] = 24},
		.layout = 'C', .fault_region = 2},
	[NEST_REV_SMMU_V12] = {
		.id = "smmu-v12", .posted = SMMU "v12 and v13, 23 February 2021, and trees of ARM vendors",
		.n = {[NEST_OP_PASID_TABLE] = 18, [NEST_OP_CACHE_INVALIDATE] = 19, [NEST_OP_MSI_BINDING] = 20},
		.layout = 'C', .fault_region = 4},
	[NEST_REV_PROCESS_BIND] = {
		.id = "process-bind", .posted = "process binding, carried by trees of ARM vendors",
		.n = {[NEST_OP_PROCESS_BIND] = 22, [NEST_OP_PROCESS_UNBIND] = 23}},
	[NEST_REV_VMID] = {
		.id = "vmid", .posted = "get_vmid and set_vmid for type1, RFC v2, 30 August 2021",
		.n = {[NEST_OP_GET_VMID] = 22, [NEST_OP_SET_VMID] = 23}},
	[NEST_REV_IOPF] = {
		.id = "iopf", .posted = "page faults for VFIO, RFC, 9 March 2021",
		.n = {[NEST_OP_IOPF] = 18}},
};
/* clang-format on */

/* From NEST_REVS on. */
static const struct {
	const char *name;
	enum nest_nesting_rev members[2];
} pairs[] = {
	{ "v4-or-v7", { NEST_REV_V4, NEST_REV_V7 } },
	{ "v5-or-v6", { NEST_REV_V5, NEST_REV_V6 } },
	{ "rfc-v3-or-v1", { NEST_REV_RFC_V3, NEST_REV_V1 } },
};

const char *nest_nesting_rev_name(enum nest_nesting_rev rev)
{
	return rev < NEST_REVS ? nest_revs[rev].id : pairs[rev - NEST_REVS].name;
}

size_t nest_nesting_rev_members(enum nest_nesting_rev rev, enum nest_nesting_rev ret[2])
{
	ret[0] = rev;
	if (rev < NEST_REVS)
		return rev != NEST_REV_NONE;
	ret[0] = pairs[rev - NEST_REVS].members[0];
	ret[1] = pairs[rev - NEST_REVS].members[1];
	return 2;
}

unsigned long nest_rev_request(const struct nest_rev *rev, enum nest_rev_op op)
{
	return rev->n[op] ? ';' << 8 | (100ul + rev->n[op]) : 0;
}

const char *nest_rev_forbids(const struct nest_rev_standing *standing, enum nest_rev_op op)
{
	const struct nest_rev *rev;

	if (standing->fd == NEST_FD_DEVICE)
		return "it is a request of a container, not of a device";
	/* With argument 0 it changes nothing in any kernel, whatever serves the container. */
	if (op == NEST_OP_VERSION)
		return NULL;
	if (standing->fd != NEST_FD_TYPE1)
		return "type1 does not serve the container, and the number means another request "
		       "there";
	if (!standing->nesting_set)
		return "SET_IOMMU(6) has not succeeded";
	if (standing->rev == NEST_REV_NONE || standing->rev >= NEST_REVS)
		return "the revision is not known for certain";
	rev = &nest_revs[standing->rev];
	if (!rev->driven)
		return "this program does not drive that revision";
	if (!rev->n[op])
		return "the revision does not have the request";
	return NULL;
}
