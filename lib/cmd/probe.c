// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The probe command: finds the device or group, runs the probes, and sets the status by the
 * decision.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/parse.h"
#include "cmd/target.h"
#include "host/sysfs.h"
#include "inventory/inventory.h"
#include "inventory/udev.h"
#include "probe/run.h"
#include "signals.h"
#include "probe/probe.h"

enum { KEY_MIN_UAPI_VERSION = NEST_KEY_OWN, KEY_AS, KEY_WITH };

static const struct argp_option probe_options[] = {
	{ "min-uapi-version", KEY_MIN_UAPI_VERSION, "N", 0,
	  "Lowest IOMMU uAPI version to accept (default 1)", 0 },
	{ "as", KEY_AS, "PROGRAM", 0, "Tell what this program would do: qemu-2020, qemu-11", 0 },
	{ "with", KEY_WITH, "KEY=VALUE,...", 0, "Ask qemu-11 for these properties", 0 },
	{ 0 },
};

struct probe_options {
	uint32_t min_uapi_version; /* of VFIO_NESTING_GET_IOMMU_UAPI_VERSION; 0: not given */
	enum nest_as as;	   /* its choice decides the status */
	struct nest_qemu11_with with;
	bool have_with;
};

/* Says what would do in place of this part of --with, which ends at a comma. */
static error_t refuse_property(struct nest_parse *parse, const char *bad)
{
	const char *names[NEST_QEMU11_KEYS + 1] = { NULL };
	char name[32];
	unsigned int most;
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(bad, "=,"), bad);
	for (i = 0; (names[i] = nest_qemu11_property(i, &most)); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		return most ? nest_usage(parse, "--with: invalid property '%.*s' (%s=0 to %s=%u)",
					 (int)strcspn(bad, ","), bad, name, name, most)
			    : nest_usage(parse, "--with: invalid property '%.*s' (%s=on, %s=off)",
					 (int)strcspn(bad, ","), bad, name, name);
	}
	return nest_usage_word(parse, "--with: invalid property", name, names);
}

static error_t parse_probe(int key, char *arg, struct argp_state *state)
{
	/* In the order of enum nest_as. */
	static const char *const programs[] = { NEST_QEMU_2020, NEST_QEMU11, NULL };
	const char *bad;
	size_t i;
	struct nest_parse *parse = state->input;
	struct probe_options *own = parse->own;

	switch (key) {
	case KEY_MIN_UAPI_VERSION:
		return nest_parse_number(parse, "--min-uapi-version", arg, 10, INT32_MAX,
					 &own->min_uapi_version);
	case KEY_AS:
		for (i = 0; programs[i] && strcmp(arg, programs[i]); i++)
			;
		if (!programs[i])
			return nest_usage_word(parse, "--as: invalid argument", arg, programs);
		own->as = (enum nest_as)(i + 1);
		return 0;
	case KEY_WITH:
		if (nest_qemu11_parse(arg, &own->with, &bad))
			return refuse_property(parse, bad);
		own->have_with = true;
		return 0;
	case ARGP_KEY_END:
		if (own->have_with && own->as != NEST_AS_QEMU_11)
			return nest_usage(parse, "--with needs --as " NEST_QEMU11);
		return nest_usage_nodes(parse, "probe");
	}
	return ARGP_ERR_UNKNOWN;
}

static enum nest_status status_of_choice(const struct nest_qemu_choice *choice)
{
	if (choice->known == NEST_UNKNOWN)
		return NEST_STATUS_UNKNOWN;
	return choice->nests ? NEST_STATUS_YES : NEST_STATUS_NO;
}

static const enum nest_status status_of_qemu11[] = {
	[NEST_UNKNOWN] = NEST_STATUS_UNKNOWN,
	[NEST_NO] = NEST_STATUS_NO,
	[NEST_YES] = NEST_STATUS_YES,
};

static enum nest_status status_of(const struct nest_probe *probe)
{
	if (probe->nundone)
		return NEST_STATUS_BROKEN;
	if (probe->signal)
		return NEST_STATUS_UNKNOWN;
	if (probe->as == NEST_AS_QEMU_2020)
		return status_of_choice(&probe->qemu);
	if (probe->as == NEST_AS_QEMU_11)
		return status_of_qemu11[probe->qemu11.starts];
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

static int run_probe(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct probe_options *own = run->own;
	const struct nest_decision_options options = {
		.min_uapi_version = own->min_uapi_version,
	};
	struct nest_probe *probe;
	struct nest_named target = { 0 };
	int err;

	run->driverctl = nest_root_has_program(&ctx->root, "driverctl");
	err = nest_inventory_gather_named(ctx, NEST_WANT_USUAL, run->options->args,
					  run->options->nargs, &run->model);
	if (!err && run->options->nargs)
		err = nest_target(ctx, &run->model, run->options->args[0], &target);
	if (err)
		return err;
	if (run->options->nargs && !target.dev && !target.group) {
		nest_model_problem(&run->model, run->options->args[0],
				   "was not found (list shows devices and groups)", 0);
		run->status = NEST_STATUS_UNKNOWN;
		return 0;
	}
	err = nest_udev_name_some(ctx, &run->model, target.dev, target.group);
	if (err)
		return err;
	run->found = probe = calloc(1, sizeof(*probe));
	if (!probe)
		return -ENOMEM;
	nest_signals_install();
	err = nest_probe_run(ctx, &run->model, target.dev, target.group, &options, probe);
	probe->as = own->as;
	if (probe->as == NEST_AS_QEMU_11)
		nest_qemu11_decide(probe, &own->with, &probe->qemu11);
	if (!err)
		run->status = status_of(probe);
	return err;
}

static void free_probe(void *found)
{
	if (found)
		nest_probe_free(found);
	free(found);
}

const struct nest_command nest_command_probe = {
	.name = "probe",
	.arguments = "[DEVICE|GROUP]",
	.summary = "Ask the kernel whether user space can select nesting",
	.most = 1,
	.enough = "name one device or group",
	.options = probe_options,
	.parse = parse_probe,
	.own_size = sizeof(struct probe_options),
	.printers = { { "human", nest_human_probe }, { "json", nest_json_probe } },
	.run = run_probe,
	.free = free_probe,
};
