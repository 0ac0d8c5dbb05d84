// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of requests and errnos. */
#include "test.h"

#include <errno.h>

#include "explain.c" /* for its rows */
#include "errnoname.h"
#include "remedy.h"

static char buf[1024];

TEST(exact, "a request's own row is found by request and errno")
{
	struct nest_explanation it = nest_explain(NEST_STAGE_SET_IOMMU, EPERM);

	CHECK_HAS(it.reason, "interrupts are not isolated");
	CHECK_HAS(it.remedy, "allow_unsafe_interrupts");
}

TEST(variant, "a case of a request has rows of its own, and else those of the request")
{
	CHECK_HAS(nest_explain(NEST_STAGE_SET_IOMMU_NESTING, EINVAL).reason, "3.18 to 6.12");
	CHECK_HAS(nest_explain(NEST_STAGE_SET_IOMMU, EINVAL).reason, "1:1 mapping");
	CHECK_HAS(nest_explain(NEST_STAGE_SET_IOMMU_NESTING, EPERM).reason, "not isolated");
	CHECK_HAS(nest_explain(NEST_STAGE_NEST_PARENT, EOPNOTSUPP).reason,
		  "IOMMU of this device cannot nest");
}

TEST(any, "a request without a row has the one for any request")
{
	CHECK_HAS(nest_explain(NEST_STAGE_DEVICE_INFO, ENOTTY).reason,
		  "does not implement the request");
	CHECK_HAS(nest_explain(NEST_STAGE_NONE, E2BIG).reason, "newer than this kernel");
	CHECK_HAS(nest_explain(NEST_STAGE_NEST_PARENT, 524).reason,
		  "IOMMU driver does not support it");
}

TEST(never_null, "an errno nobody foresaw has the C library's words")
{
	struct nest_explanation it = nest_explain(NEST_STAGE_SET_IOMMU, EXDEV);

	CHECK_STR(it.reason, strerror(EXDEV));
	CHECK(it.remedy == NULL);
}

TEST(refused_is_not_unsupported, "no row calls refused, busy or absent unsupported")
{
	const struct nest_explanation *row;

	for (row = rows; row < rows + NROWS; row++) {
		/* A command can be pasted. */
		CHECK(!row->remedy || !strstr(row->remedy, "DEVICE "));
		if (row->err == EPERM || row->err == EACCES || row->err == EBUSY ||
		    row->err == ENOENT)
			CHECK(!strstr(row->reason, "not support") &&
			      !strstr(row->reason, "unsupported"));
	}
	CHECK(NROWS > 60);
}

TEST(rows, "no row is there twice, and all are clauses without a full stop")
{
	const struct nest_explanation *row, *other;

	for (row = rows; row < rows + NROWS; row++) {
		size_t len = strlen(row->reason);

		CHECK(len > 10 && row->reason[len - 1] != '.');
		CHECK(row->err > 0);
		if (row->remedy)
			CHECK(row->remedy[strlen(row->remedy) - 1] != '.');
		for (other = rows; other < row; other++)
			CHECK(row->err != other->err || row->stage != other->stage);
	}
}

TEST(stages, "a case of a stage has the text of its request and a case behind a slash")
{
	size_t stage, parent;

	CHECK(nest_stage_text(NEST_STAGE_NONE) == NULL);
	for (stage = NEST_STAGE_NONE + 1; stage < NEST_STAGES_COUNT; stage++) {
		const char *text = nest_stage_text(stage), *request;
		size_t len = strcspn(text, "/");

		CHECK(nest_stage_is(stage, stage));
		parent = nest_stage_parent(stage);
		CHECK_EQ(!parent, !text[len]);
		if (!parent)
			continue;
		request = nest_stage_text(parent);
		CHECK(nest_stage_is(stage, parent) && !nest_stage_is(parent, stage));
		CHECK_EQ(strlen(request), len);
		CHECK(!strncmp(text, request, len));
		CHECK_EQ(nest_stage_parent(parent), NEST_STAGE_NONE);
	}
}

TEST(restage, "a failure that is told as another case keeps its object and errno")
{
	struct nest_failure failure = { 0 };

	nest_failure_set(&failure, -EINVAL, NEST_STAGE_SET_IOMMU, "group %u", 3u);
	nest_failure_restage(&failure, NEST_STAGE_SET_IOMMU_NESTING);
	CHECK_EQ(failure.stage, NEST_STAGE_SET_IOMMU_NESTING);
	CHECK_STR(failure.op, "VFIO_SET_IOMMU/nesting");
	CHECK_STR(failure.object, "group 3");
	CHECK_EQ(failure.err, EINVAL);
}

TEST(fill, "object and number are filled in")
{
	nest_remedy_fill("chgrp kvm {} # vfio{N}", "/dev/vfio/12", buf, sizeof(buf));
	CHECK_STR(buf, "chgrp kvm /dev/vfio/12 # vfio12");
	nest_remedy_fill("{N}{}", "none", buf, sizeof(buf));
	CHECK_STR(buf, "none");
	nest_remedy_fill(NULL, "x", buf, sizeof(buf));
	CHECK_STR(buf, "");
}

TEST(fill_cut, "what does not fit is cut, at any size")
{
	char small[32];
	size_t size;

	for (size = 1; size < sizeof(small); size++) {
		memset(small, 'x', sizeof(small));
		nest_remedy_fill("ab{}cd{N}", "/dev/vfio/12", small, size);
		CHECK_EQ(small[strnlen(small, sizeof(small) - 1)], 0);
		CHECK(strlen(small) < size);
		CHECK(!memcmp(small, "ab/dev/vfio/12cd12", strlen(small)));
		CHECK_EQ(small[size], 'x');
	}
}

TEST(group_rule, "a group's node refused gives the whole udev rule")
{
	struct nest_explanation it = nest_explain(NEST_STAGE_OPEN_GROUP, EACCES);

	nest_remedy_fill(it.remedy, "/dev/vfio/12", buf, sizeof(buf));
	CHECK_HAS(buf, "SUBSYSTEM==\"vfio\", KERNEL==\"12\", GROUP=\"vfio\", MODE=\"0660\"");
	CHECK_HAS(buf, "usermod -aG vfio");
}

TEST(modules, "a missing node names its module")
{
	CHECK_HAS(nest_explain(NEST_STAGE_OPEN_CONTAINER, ENOENT).remedy, "modprobe vfio-pci");
	CHECK_HAS(nest_explain(NEST_STAGE_OPEN_IOMMUFD, ENOENT).remedy, "modprobe iommufd");
}

TEST(whole, "a failure is told with request, object, errno and reason")
{
	struct nest_failure failure = { 0 };

	CHECK_EQ(nest_failure_set(&failure, -EBUSY, NEST_STAGE_SET_CONTAINER, "group %u", 12u),
		 -EBUSY);
	nest_explain_failure(&failure, buf, sizeof(buf));
	CHECK_HAS(buf, "VFIO_GROUP_SET_CONTAINER on group 12: EBUSY (a driver, or another process");
	CHECK_EQ(nest_failure_set(NULL, -EIO, NEST_STAGE_RESET, "y"), -EIO);
}

TEST(names, "errnos have their symbols, the kernel's own too")
{
	CHECK_STR(nest_errno_name(EOPNOTSUPP), "EOPNOTSUPP");
	CHECK_STR(nest_errno_name(524), "ENOTSUPP");
	CHECK_STR(nest_errno_name(99999), "UNKNOWN");
	CHECK_STR(nest_errno_name(-EPERM), "UNKNOWN");
	CHECK_EQ(nest_errno_of("ENOTSUPP"), 524);
	CHECK_EQ(nest_errno_of("UNKNOWN"), 0);
#ifdef __GLIBC__
	for (int err = 1; err < 200; err++) {
		const char *name = strerrorname_np(err);

		CHECK_STR(nest_errno_name(err), name ? name : "UNKNOWN");
		CHECK_EQ(nest_errno_of(name ? name : ""), name ? err : 0);
	}
#endif
}

TEST(classes, "errnos fall into the classes of the uAPI's contract")
{
	CHECK_EQ(nest_errno_classify(0), NEST_ERRNO_NONE);
	CHECK_EQ(nest_errno_classify(ENOTTY), NEST_ERRNO_UNKNOWN_REQUEST);
	CHECK_EQ(nest_errno_classify(E2BIG), NEST_ERRNO_TOO_NEW);
	CHECK_EQ(nest_errno_classify(EOPNOTSUPP), NEST_ERRNO_UNSUPPORTED);
	CHECK_EQ(nest_errno_classify(EPERM), NEST_ERRNO_REFUSED);
	CHECK_EQ(nest_errno_classify(EACCES), NEST_ERRNO_REFUSED);
	CHECK_EQ(nest_errno_classify(EBUSY), NEST_ERRNO_REFUSED);
	CHECK_EQ(nest_errno_classify(ENOENT), NEST_ERRNO_MISSING);
	CHECK_EQ(nest_errno_classify(EINVAL), NEST_ERRNO_INVALID);
	CHECK_EQ(nest_errno_classify(ENOMEM), NEST_ERRNO_RESOURCE);
	CHECK_EQ(nest_errno_classify(EXDEV), NEST_ERRNO_OTHER);
}

TEST(vendors, "rows name no vendor")
{
	static const char *const words[] = { "VT-d", "ECAP", "SLADS", "Intel", "AMD", "intel_" };
	const struct nest_explanation *row;
	size_t i;

	for (row = rows; row < rows + NROWS; row++)
		for (i = 0; i < ARRAY_SIZE(words); i++)
			CHECK(!strstr(row->reason, words[i]) &&
			      !(row->remedy && strstr(row->remedy, words[i])));
}

int main(void)
{
	return test_main();
}
