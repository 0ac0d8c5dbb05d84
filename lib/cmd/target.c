// SPDX-License-Identifier: GPL-2.0-or-later
/* Tells the user which devices an argument could mean. */
#include "cmd/target.h"

#include <errno.h>

#include "ctx.h"

static int accept(struct nest_model *model, const char *text, const struct nest_named *named)
{
	const char *what;

	if (!named->ambiguous)
		return 0;
	what = nest_pool_printf(&model->pool, "%s; name one of them", named->ambiguous);
	if (!what)
		return -ENOMEM;
	nest_model_problem(model, text, what, 0);
	return -EINVAL;
}

int nest_target(struct nest_ctx *ctx, struct nest_model *model, const char *text,
		struct nest_named *ret)
{
	*ret = nest_find(ctx, model, text);
	return accept(model, text, ret);
}

int nest_target_device(struct nest_ctx *ctx, struct nest_model *model, const char *text,
		       const struct nest_device **ret)
{
	struct nest_named named = nest_find_device(ctx, model, text);

	*ret = named.dev;
	return accept(model, text, &named);
}
