/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One group in place of the whole host, for commands that look at one device. */
#ifndef NEST_ONLY_H
#define NEST_ONLY_H

#include "ctx.h"
#include "model.h"

#define NEST_ONLY_MAX 2

/* The groups of what was named: a PCI address each, or a number of a group. */
struct nest_only {
	const char *const *names;
	size_t count;
	uint32_t groups[NEST_ONLY_MAX];
};

/* Fills the groups. False: a name is of another kind, or its group was not found. */
bool nest_only_find(struct nest_ctx *ctx, struct nest_only *only);

/* Counts the devices of the units that serve one of the model's, as the whole host would. */
int nest_only_count(struct nest_ctx *ctx, struct nest_model *model);

/*
 * Is the model all that there is to know of the groups? If anything is not as the kernel makes it,
 * other devices may belong to them too.
 */
bool nest_only_is_enough(struct nest_ctx *ctx, const struct nest_model *model,
			 const struct nest_only *only);

#endif
