// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The probe command: finds what is to be probed, runs the probes, and turns the decision into a
 * status.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/inventory.h"
#include "options.h"
#include "probe/run.h"
#include "run.h"
#include "signals.h"
#include "number.h"

/* A number is a group, anything else a device; false if the host has neither. */
static bool find_target(struct nest_run *run, const struct nest_device **ret_dev,
			const struct nest_group **ret_group)
{
	const char *name = run->options->args[0];
	uint64_t id;

	if (!nest_parse_u64(name, 10, &id))
		*ret_group = nest_model_group(&run->model, id);
	else
		*ret_dev = nest_model_device(&run->model, name);
	return *ret_group || *ret_dev;
}

static enum nest_status status_of_choice(const struct nest_qemu_choice *choice)
{
	if (choice->known == NEST_UNKNOWN)
		return NEST_STATUS_UNKNOWN;
	return choice->nests ? NEST_STATUS_YES : NEST_STATUS_NO;
}

static enum nest_status status_of(const struct nest_probe *probe,
				  const struct nest_options *options)
{
	if (probe->nundone)
		return NEST_STATUS_BROKEN;
	if (probe->signal)
		return NEST_STATUS_UNKNOWN;
	if (options->as_qemu_2020)
		return status_of_choice(&probe->qemu);
	switch (probe->decision.nesting) {
	case NEST_USABLE:
		return NEST_STATUS_YES;
	case NEST_UNUSABLE:
		return NEST_STATUS_NO;
	case NEST_USABILITY_UNKNOWN:
		break;
	}
	return NEST_STATUS_UNKNOWN;
}

int nest_probe_command_run(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct nest_decision_options options = {
		.min_uapi_version = run->options->min_uapi_version,
	};
	const struct nest_device *dev = NULL;
	const struct nest_group *group = NULL;
	int err;

	if (!ctx->live) {
		nest_say(ctx, 0,
			 "probe opens device nodes, and below --sysroot none is opened; list, show "
			 "and decode work there");
		return -EINVAL;
	}
	err = nest_inventory_gather(ctx, NEST_WANT_NAMES, &run->model);
	if (err)
		return err;
	if (run->options->nargs && !find_target(run, &dev, &group)) {
		nest_model_problem(&run->model, run->options->args[0],
				   "is no device or group here (list shows them)", 0);
		run->status = NEST_STATUS_UNKNOWN;
		return 0;
	}
	run->probe = calloc(1, sizeof(*run->probe));
	if (!run->probe)
		return -ENOMEM;
	nest_signals_install();
	err = nest_probe_run(ctx, &run->model, dev, group, &options, run->probe);
	if (!err)
		run->status = status_of(run->probe, run->options);
	return err;
}
