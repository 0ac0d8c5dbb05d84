// SPDX-License-Identifier: GPL-2.0-or-later
/* Which backend is tried first, which next, and which for a revision. */
#include "test.h"

#include <errno.h>

#include "backend/select.h"
#include "ctx.h"

/* The names of all that are tried when each fails with err, separated by blanks. */
static const char *all(const struct nest_select *select, int err)
{
	static char names[128];
	const struct nest_mode *mode = nest_select_next(select, NULL, 0);

	for (*names = '\0'; mode; mode = nest_select_next(select, mode, err)) {
		strcat(names, *names ? " " : "");
		strcat(names, mode->name);
	}
	return names;
}

TEST(best, "iommufd comes first where the device has a node, a container behind it")
{
	struct nest_select select = { .device_node = true };

	CHECK_STR(all(&select, -EACCES), "iommufd type1v2");
	CHECK_STR(all(&select, -EOPNOTSUPP), "iommufd type1v2 type1");
	select.device_node = false;
	CHECK_STR(all(&select, -EACCES), "type1v2");
	CHECK_STR(all(&select, -EOPNOTSUPP), "type1v2 type1");
}

TEST(wish, "a backend that is asked for is the only one that is tried")
{
	struct nest_select select = { .wish = "type1", .device_node = true };

	CHECK_STR(all(&select, -EOPNOTSUPP), "type1");
	select.wish = "compat-type1v2";
	CHECK_STR(all(&select, -EACCES), "compat-type1v2");
	select.wish = "type9";
	CHECK_STR(all(&select, -EACCES), "");
}

static char tried[128];

static void refused(void *data, const struct nest_mode *mode, const struct nest_failure *failed)
{
	struct nest_ctx *ctx = data;

	CHECK_EQ(ctx->undo.count, 0);
	CHECK_EQ(failed->err, EOPNOTSUPP);
	CHECK(nest_stage_is(failed->stage, NEST_STAGE_OPEN));
	strcat(strcat(tried, mode->name), " ");
}

TEST(open, "each backend that does not open is told of, with nothing left open")
{
	/* No node is opened in a run that is not live. */
	struct nest_ctx ctx = { .live = false };
	struct nest_failure failed = { 0 };
	struct nest_space *space = NULL;
	struct nest_select select = { .device_node = true, .refused = refused, .data = &ctx };

	CHECK_EQ(nest_select_open(&ctx, &select, &failed, &space), -EOPNOTSUPP);
	CHECK_STR(tried, "iommufd type1v2 type1 ");
	CHECK(!space && ctx.undo.count == 0);
	select.wish = "type9";
	CHECK_EQ(nest_select_open(&ctx, &select, &failed, &space), -EINVAL);
}

TEST(revision, "each revision that is driven has the backend of its version query")
{
	enum nest_nesting_rev rev;

	CHECK_STR(nest_select_for_revision(NEST_REV_RFC_V3)->name, "rfc-version");
	CHECK_STR(nest_select_for_revision(NEST_REV_V8)->name, "nesting-op");
	CHECK_STR(nest_select_for_revision(NEST_REV_V8_PRI)->name, "nesting-op");
	CHECK(!nest_select_for_revision(NEST_REV_V4_OR_V7));
	for (rev = NEST_REV_NONE; rev < NEST_REVS; rev++)
		CHECK_EQ(!nest_select_for_revision(rev), !nest_revs[rev].driven);
}

TEST(first_stage, "a backend has a first stage where its name says how it is bound, and ops for it")
{
	size_t i;

	for (i = 0; i < nest_modes_count; i++) {
		CHECK(nest_mode_find(nest_modes[i].name) == &nest_modes[i]);
		CHECK_EQ(!nest_modes[i].first_stage, !nest_modes[i].ops->stage1);
		if (nest_modes[i].first_stage == NEST_FIRST_STAGE_PASID)
			CHECK(nest_modes[i].ops->stage1->pasid_alloc && nest_modes[i].query);
	}
	CHECK(!nest_mode_find(nest_mode_any_revision.name));
}

int main(void)
{
	return test_main();
}
