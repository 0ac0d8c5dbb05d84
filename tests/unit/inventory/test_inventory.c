// SPDX-License-Identifier: GPL-2.0-or-later
/* What is scanned again when devices come or go. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/source.h"
#include "inventory/inventory.h"

static unsigned int changes; /* how many more readings of the count of events differ */
static unsigned int events, scans;
static bool unknown;

static ssize_t answer_read(struct nest_root *root, const char *path, void *buf, size_t size,
			   bool *ret_cut)
{
	(void)root;
	(void)ret_cut;
	if (strcmp(path, "sys/kernel/uevent_seqnum") != 0 || unknown)
		return -ENOENT;
	if (scans && changes) {
		changes--;
		events++;
	}
	return snprintf(buf, size, "%u\n", 4711 + events);
}

static ssize_t answer_link(struct nest_root *root, const char *path, char *buf, size_t size)
{
	(void)root;
	(void)path;
	(void)buf;
	(void)size;
	return -ENOENT;
}

static int answer_stat(struct nest_root *root, const char *path, struct stat *ret_st)
{
	(void)root;
	(void)path;
	(void)ret_st;
	return -ENOENT;
}

static int answer_list(struct nest_root *root, const char *path,
		       int (*fn)(void *data, const char *name, unsigned char type), void *data)
{
	(void)root;
	scans += !strcmp(path, "sys/bus");
	return strcmp(path, "sys/kernel/iommu_groups") ? -ENOENT : fn(data, "7", 0);
}

static const struct nest_source_ops ops = { answer_read, answer_link, answer_stat, answer_list };

/* How often it was scanned; *ret_problems: what is left to say. */
static unsigned int gather(bool live, unsigned int how_many, size_t *ret_problems)
{
	struct nest_answers kept = { 0 }; /* of the kernel's name; files are not kept */
	struct nest_ctx ctx = { .root = { .fd = -1, .ops = &ops, .answers = &kept }, .live = live };
	struct nest_model model = { 0 };

	changes = how_many;
	scans = 0;
	CHECK_EQ(nest_inventory_gather(&ctx, NEST_WANT_USUAL, &model), 0);
	CHECK_EQ(model.ngroups, 1);
	*ret_problems = model.nproblems;
	if (model.nproblems)
		CHECK(strstr(model.problems[0].what, "3 scans"));
	nest_model_free(&model);
	nest_answers_free(&kept);
	return scans;
}

TEST(at_rest, "where nothing comes or goes, one scan is enough")
{
	size_t problems;

	CHECK_EQ(gather(true, 0, &problems), 1);
	CHECK_EQ(problems, 0);
	unknown = true;
	CHECK_EQ(gather(true, 9, &problems), 1);
	CHECK_EQ(problems, 0);
	unknown = false;
}

TEST(once, "a device that comes or goes during a scan has it done again")
{
	size_t problems;

	CHECK_EQ(gather(true, 1, &problems), 2);
	CHECK_EQ(problems, 0);
	CHECK_EQ(gather(true, 2, &problems), 3);
	CHECK_EQ(problems, 0);
}

TEST(always, "after three scans it is said that devices come and go")
{
	size_t problems;

	CHECK_EQ(gather(true, 99, &problems), 3);
	CHECK_EQ(problems, 1);
}

TEST(not_live, "a captured tree does not change: one scan")
{
	size_t problems;

	CHECK_EQ(gather(false, 99, &problems), 1);
	CHECK_EQ(problems, 0);
}

int main(void)
{
	return test_main();
}
