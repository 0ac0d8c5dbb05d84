// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From answers to a revision: every one that shows, those that do not, and those that contradict.
 */
#include "test.h"

#include "backend/abi2020/recognise.h"

static struct nest_signs signs;
static struct nest_info info;
static struct nest_infocap cap;
static struct nest_recognition it;

static void fresh(void)
{
	signs = (struct nest_signs){ 0 };
	info = (struct nest_info){ 0 };
}

static void nests(void)
{
	signs.nesting_set = NEST_YES;
	signs.after_absent = true;
	signs.info = &info;
}

static void with_cap(enum nest_nesting_rev rev)
{
	nests();
	cap = (struct nest_infocap){ .id = 4, .len = 72, .name = "nesting", .rev = rev };
	info.caps = &cap;
	info.ncaps = 1;
}

static void version(int before, int after)
{
	signs.before = signs.after = true;
	signs.version_before = before;
	signs.version_after = after;
	signs.after_absent = false;
}

static void recognised(const char *how, const char *text)
{
	nest_recognise(&signs, &it);
	CHECK_STR(nest_recognised_name(it.how), how);
	CHECK_HAS(it.decision, text);
	CHECK(it.rev == NEST_REV_NONE || it.how == NEST_RECOGNISED_ONE);
}

TEST(each_capability, "each revision with a capability of its own is recognised by it")
{
	enum nest_nesting_rev rev;

	for (rev = NEST_REV_V2; rev <= NEST_REV_V8_PRI; rev++) {
		fresh();
		with_cap(rev);
		recognised("one", nest_nesting_rev_name(rev));
		CHECK_EQ(it.rev, rev);
		CHECK_EQ(it.nrevs, 1);
		CHECK_EQ(it.nevidence, 2);
	}
}

TEST(pairs, "revisions that cannot be told apart are both named, and none is taken")
{
	fresh();
	with_cap(NEST_REV_V5_OR_V6);
	recognised("one_of", "v5 or v6");
	CHECK_EQ(it.nrevs, 2);
	CHECK_HAS(it.decision, "no request is sent");
}

TEST(rfc_v3, "RFC v3 is its version query; its capability alone is nobody's")
{
	fresh();
	version(1, 1);
	recognised("one", "rfc-v3");
	with_cap(NEST_REV_RFC_V3_OR_V1);
	version(1, 1);
	recognised("one", "rfc-v3");
	CHECK_EQ(it.rev, NEST_REV_RFC_V3);
	fresh();
	with_cap(NEST_REV_RFC_V3);
	recognised("unknown", "not answered");
	fresh();
	with_cap(NEST_REV_RFC_V3_OR_V1);
	recognised("one", "v1");
}

TEST(versions, "a version of no posting is an unknown revision, but no contradiction")
{
	fresh();
	version(2, 2);
	recognised("unknown", "version 2");
	CHECK(!it.contradiction);
	version(0, 0);
	recognised("unknown", "version 0");
}

TEST(contradictions, "answers of two revisions are none")
{
	fresh();
	version(1, 2);
	recognised("unknown", "differs");
	CHECK(it.contradiction);
	fresh();
	with_cap(NEST_REV_V8);
	version(1, 1);
	recognised("unknown", "capability that of v8");
	fresh();
	nests();
	signs.before = true;
	signs.version_before = 1;
	recognised("unknown", "not after it");
	fresh();
	version(1, 1);
	signs.ioasid = true;
	recognised("unknown", "/dev/ioasid");
	fresh();
	with_cap(NEST_REV_V6);
	signs.ioasid = true;
	recognised("unknown", "/dev/ioasid");
}

TEST(ioasid, "/dev/ioasid goes with v8, and alone says nothing")
{
	fresh();
	with_cap(NEST_REV_V8_PRI);
	signs.ioasid = true;
	recognised("one", "v8-pri");
	CHECK_EQ(it.nevidence, 3);
	fresh();
	signs.ioasid = true;
	recognised("not_tried", "needs a device");
}

TEST(nothing, "that nothing shows is told from that nothing was asked")
{
	fresh();
	recognised("not_tried", "needs a device");
	signs.nesting_set = NEST_NO;
	recognised("none", "need SET_IOMMU(6), which fails");
	fresh();
	nests();
	recognised("none", "no request is sent");
	snprintf(info.problem, sizeof(info.problem), "the chain loops");
	recognised("not_tried", "corrupt");
	fresh();
	signs.nesting_set = NEST_YES;
	recognised("not_tried", "needs a device");
}

int main(void)
{
	return test_main();
}
