// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of revisions: what collides, and that nothing is sent without evidence. */
#include "test.h"

#include "backend/abi2020/nesting-rev.h"
#include "util.h"

#define FIRST ((enum nest_nesting_rev)(NEST_REV_NONE + 1))

/* What the numbers mean upstream (include/uapi/linux/vfio.h and iommufd.h of 5.10 to 7.3). */
static const struct foreign {
	enum nest_rev_fd fd;
	uint8_t n;
	const char *name;
} foreign[] = {
	{ NEST_FD_TYPE1, 17, "VFIO_IOMMU_DIRTY_PAGES" },
	{ NEST_FD_SPAPR, 17, "VFIO_IOMMU_SPAPR_REGISTER_MEMORY" },
	{ NEST_FD_SPAPR, 18, "VFIO_IOMMU_SPAPR_UNREGISTER_MEMORY" },
	{ NEST_FD_SPAPR, 19, "VFIO_IOMMU_SPAPR_TCE_CREATE" },
	{ NEST_FD_SPAPR, 20, "VFIO_IOMMU_SPAPR_TCE_REMOVE" },
	{ NEST_FD_SPAPR, 21, "VFIO_EEH_PE_OP" },
	{ NEST_FD_IOMMUFD, 28, "IOMMU_DESTROY" },
	{ NEST_FD_IOMMUFD, 29, "IOMMU_IOAS_ALLOC" },
	{ NEST_FD_DEVICE, 17, "VFIO_DEVICE_FEATURE" },
	{ NEST_FD_DEVICE, 18, "VFIO_DEVICE_BIND_IOMMUFD" },
	{ NEST_FD_DEVICE, 19, "VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
	{ NEST_FD_DEVICE, 20, "VFIO_DEVICE_DETACH_IOMMUFD_PT" },
};

static const struct foreign *foreign_find(enum nest_rev_fd fd, uint8_t n)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(foreign); i++)
		if (foreign[i].fd == fd && foreign[i].n == n)
			return &foreign[i];
	return NULL;
}

/* Does any revision but this one give the number another meaning? */
static bool collides_within(enum nest_nesting_rev rev, enum nest_rev_op op)
{
	enum nest_nesting_rev other;
	enum nest_rev_op meaning;

	for (other = FIRST; other < NEST_REVS; other++)
		for (meaning = 0; meaning < NEST_REV_OPS; meaning++)
			if (other != rev && meaning != op &&
			    nest_revs[rev].n[op] == nest_revs[other].n[meaning])
				return true;
	return false;
}

static unsigned int meanings(uint8_t n)
{
	unsigned int count = 0;
	enum nest_nesting_rev rev;
	enum nest_rev_op op;

	for (op = 0; op < NEST_REV_OPS; op++)
		for (rev = FIRST; rev < NEST_REVS; rev++)
			if (nest_revs[rev].n[op] == n) {
				count++;
				break;
			}
	return count;
}

TEST(every_row_is_whole, "every row is whole")
{
	enum nest_nesting_rev rev;
	enum nest_rev_op op;

	for (rev = FIRST; rev < NEST_REVS; rev++) {
		unsigned int requests = 0;

		CHECK(nest_revs[rev].id && nest_revs[rev].posted);
		for (op = 0; op < NEST_REV_OPS; op++)
			requests += nest_revs[rev].n[op] != 0;
		CHECK(requests > 0);
		CHECK(!nest_revs[rev].driven || nest_revs[rev].layout);
		CHECK(nest_revs[rev].cap.len == 0 || nest_revs[rev].cap.id);
	}
}

TEST(request_numbers_are_those_of_the_postings, "request numbers are those of the postings")
{
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_RFC_V3], NEST_OP_VERSION), 0x3b7c);
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_RFC_V3], NEST_OP_PASID_REQUEST), 0x3b7a);
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_RFC_V3], NEST_OP_BIND), 0x3b7d);
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_RFC_V3], NEST_OP_CACHE_INVALIDATE), 0x3b7e);
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_V7], NEST_OP_NESTING), 0x3b77);
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_V8], NEST_OP_NESTING), 0x3b76);
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_V8], NEST_OP_PASID_REQUEST), 0);
	CHECK_EQ(nest_rev_request(&nest_revs[NEST_REV_RFC_V1], NEST_OP_BIND), 0x3b80);
}

TEST(the_numbers_of_the_series_collide_with_each_other,
     "the numbers of the series collide with each other")
{
	static const struct {
		uint8_t n;
		unsigned int meanings;
	} rows[] = {
		{ 18, 4 },	      /* PASID_REQUEST, NESTING_OP, SET_PASID_TABLE, ENABLE_IOPF */
		{ 19, 2 },	      /* NESTING_OP, CACHE_INVALIDATE */
		{ 20, 1 },	      /* SET_MSI_BINDING */
		{ 21, 0 }, { 22, 4 }, /* SET_PASID_TABLE, PASID_REQUEST, process BIND, GET_VMID */
		{ 23, 7 }, /* DETACH, quota, BIND, NESTING_OP, CACHE_INVALIDATE, process UNBIND,
			      SET_VMID */
		{ 24, 3 }, /* version, CACHE_INVALIDATE, SET_MSI_BINDING */
		{ 25, 2 }, /* BIND, BIND_MSI */
		{ 26, 2 }, /* CACHE_INVALIDATE, UNBIND_MSI */
		{ 27, 1 }, { 28, 1 }, { 29, 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_EQ(meanings(rows[i].n), rows[i].meanings);
	CHECK(collides_within(NEST_REV_V8, NEST_OP_NESTING));
	CHECK(collides_within(NEST_REV_RFC_V3, NEST_OP_PASID_REQUEST));
	CHECK(collides_within(NEST_REV_RFC_V3, NEST_OP_VERSION));
	CHECK(!collides_within(NEST_REV_RFC_V1, NEST_OP_BIND));
}

TEST(and_with_what_other_kernels_do, "and with what other kernels do")
{
	uint8_t n;

	for (n = 18; n <= 29; n++) {
		bool spapr = n <= 21, iommufd = n == 28 || n == 29, device = n <= 20;

		CHECK_EQ(foreign_find(NEST_FD_SPAPR, n) != NULL, spapr);
		CHECK_EQ(foreign_find(NEST_FD_IOMMUFD, n) != NULL, iommufd);
		CHECK_EQ(foreign_find(NEST_FD_DEVICE, n) != NULL, device);
		CHECK(!foreign_find(NEST_FD_TYPE1, n));
	}
	CHECK_STR(foreign_find(NEST_FD_SPAPR, 19)->name, "VFIO_IOMMU_SPAPR_TCE_CREATE");
	CHECK_STR(foreign_find(NEST_FD_IOMMUFD, 28)->name, "IOMMU_DESTROY");
}

/*
 * Over all that can be known of a container: a number that means something else there is never
 * sent.
 */
TEST(no_request_goes_where_its_number_means_something_else,
     "no request goes where its number means something else")
{
	enum nest_rev_fd fd;
	enum nest_nesting_rev rev;
	enum nest_rev_op op;
	int set;

	for (fd = 0; fd < NEST_FDS; fd++)
		for (set = 0; set < 2; set++)
			for (rev = NEST_REV_NONE; rev <= NEST_REV_V5_OR_V6; rev++)
				for (op = 0; op < NEST_REV_OPS; op++) {
					struct nest_rev_standing standing = { fd, set, rev };
					bool may = !nest_rev_forbids(&standing, op);
					uint8_t n = rev < NEST_REVS ? nest_revs[rev].n[op] : 0;

					if (may && op != NEST_OP_VERSION) {
						CHECK(fd == NEST_FD_TYPE1 && set && n);
						CHECK(nest_revs[rev].driven);
						CHECK(!foreign_find(fd, n));
					}
					if (may && op == NEST_OP_VERSION)
						CHECK(fd != NEST_FD_DEVICE);
				}
}

TEST(the_version_query_means_nothing_upstream, "the version query means nothing upstream")
{
	enum nest_rev_fd fd;

	for (fd = 0; fd < NEST_FDS; fd++)
		CHECK(!foreign_find(fd, nest_revs[NEST_REV_RFC_V3].n[NEST_OP_VERSION]));
}

TEST(capabilities_that_share_id_and_length,
     "four pairs of revisions share id and length of their capability")
{
	enum nest_nesting_rev a, b;
	unsigned int pairs = 0;

	for (a = FIRST; a < NEST_REVS; a++)
		for (b = a + 1; b < NEST_REVS; b++)
			pairs += nest_revs[a].cap.id &&
				 nest_revs[a].cap.id == nest_revs[b].cap.id &&
				 (nest_revs[a].cap.len == nest_revs[b].cap.len ||
				  nest_revs[a].cap.padded == nest_revs[b].cap.len);
	CHECK_EQ(pairs,
		 4); /* RFC v3 padded and v1, v4 and v7, v5 and v6, v8 and the product trees */
	/* Upstream's MIGRATION has 32 bytes, its DMA_AVAIL 12 or 16. */
	for (a = FIRST; a < NEST_REVS; a++) {
		CHECK(nest_revs[a].cap.id != 2 || nest_revs[a].cap.len != 32);
		CHECK(nest_revs[a].cap.id != 3 || nest_revs[a].cap.len > 16);
	}
}

TEST(the_features_7_mean_two_things, "features 7 mean two things")
{
	const struct nest_rev *v7 = &nest_revs[NEST_REV_V7], *product = &nest_revs[NEST_REV_V8_PRI];

	CHECK_EQ(v7->feat_pasid | v7->feat_bind | v7->feat_invalidate, 7);
	CHECK_EQ(product->feat_bind | product->feat_invalidate | product->feat_page_resp, 7);
	CHECK(v7->feat_bind != product->feat_bind);
}

int main(void)
{
	return test_main();
}
