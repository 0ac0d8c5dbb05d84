/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments that name a device or a group. */
#ifndef NEST_TARGET_H
#define NEST_TARGET_H

#include "ctx.h"
#include "inventory/find.h"

/*
 * 0: named has the device, or nothing. -EINVAL: more than one device is meant, and one line said
 * which ones. nest_target() takes groups too.
 */
int nest_target(struct nest_ctx *ctx, struct nest_model *model, const char *text,
		struct nest_named *ret);
int nest_target_device(struct nest_ctx *ctx, struct nest_model *model, const char *text,
		       const struct nest_device **ret);

#endif
