/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run of the probes: every question in its order, then the decision over the answers. */
#ifndef NEST_PROBE_RUN_H
#define NEST_PROBE_RUN_H

#include "ctx.h"
#include "probe/probe.h"

/*
 * Runs the probes and the decision. dev and group may be NULL: then only what needs neither is
 * asked; a device implies its group. 0 or -ENOMEM; what the kernel refuses is in the result. Free
 * with nest_probe_free(), which takes a cleared structure too.
 */
int nest_probe_run(struct nest_ctx *ctx, struct nest_model *model, const struct nest_device *dev,
		   const struct nest_group *group, const struct nest_decision_options *options,
		   struct nest_probe *ret_probe);

#endif
