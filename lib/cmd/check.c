// SPDX-License-Identifier: GPL-2.0-or-later
/* The check command: gathers what the rules need, judges, and turns the verdict into a status. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/devices.h"
#include "inventory/inventory.h"
#include "run.h"
#include "check/requirements.h"
#include "signals.h"
#include "host/userfile.h"
#include "probe/run.h"

#define POLICY_MAX  (64u << 10)
#define DEVICES_MAX 64

struct checking {
	struct nest_ctx *ctx;
	struct nest_run *run;
	struct nest_facts facts;
	struct nest_probe probe;
	const struct nest_device *devices[DEVICES_MAX];
	const char *requirements[NEST_REQUIREMENTS_MAX];
	size_t nrequirements;
	struct nest_rules_input in;
};

struct text {
	char *at;
	size_t len;
};

static int take(void *data, const char *buf, size_t len)
{
	struct text *text = data;

	memcpy(text->at + text->len, buf, len);
	text->len += len;
	return 0;
}

static int read_policy(struct checking *checking, const char *file)
{
	struct text text = { .at = calloc(1, POLICY_MAX + 1) };
	const char *flaw = NULL;
	unsigned int line = 0;
	int err;

	if (!text.at)
		return -ENOMEM;
	err = nest_userfile_read(file, POLICY_MAX, take, &text);
	if (!err)
		err = nest_policy_parse(&checking->run->model.pool, text.at, checking->requirements,
					&checking->nrequirements, &line, &flaw);
	free(text.at);
	if (flaw)
		nest_say(checking->ctx, 0, "%s:%u: %s", file, line, flaw);
	else if (err == -E2BIG)
		nest_say(checking->ctx, 0, "%s:%u: more than %d requirements", file, line,
			 NEST_REQUIREMENTS_MAX);
	else if (err && err != -ENOMEM)
		nest_say(checking->ctx, 0, "%s cannot be read: %s", file, strerror(-err));
	return err && err != -ENOMEM ? -EINVAL : err;
}

/* Those that were named; else those that a VFIO driver has. False: one of them is not here. */
static bool choose_devices(struct checking *checking)
{
	const struct nest_options *options = checking->run->options;
	struct nest_model *model = &checking->run->model;
	size_t i;

	checking->in.named = options->nargs;
	for (i = 0; i < options->nargs; i++) {
		const struct nest_device *dev = nest_model_device(model, options->args[i]);

		if (!dev) {
			nest_model_problem(model, options->args[i],
					   "is no device here (list shows them)", 0);
			return false;
		}
		checking->devices[checking->in.ndevices++] = dev;
	}
	for (i = 0; !options->nargs && i < model->ndevices && checking->in.ndevices < DEVICES_MAX;
	     i++)
		if (nest_driver_is_vfio(model->devices[i].driver))
			checking->devices[checking->in.ndevices++] = &model->devices[i];
	checking->in.devices = checking->devices;
	return true;
}

static int ask_kernel(struct checking *checking)
{
	const struct nest_decision_options options = {
		.min_uapi_version = checking->run->options->min_uapi_version
	};
	const struct nest_device *dev = checking->in.ndevices ? checking->devices[0] : NULL;
	struct nest_model *model = &checking->run->model;
	int err;

	nest_signals_install();
	err = nest_probe_run(checking->ctx, model, dev, dev ? nest_device_group(model, dev) : NULL,
			     &options, &checking->probe);
	checking->in.probe = &checking->probe;
	return err;
}

/*
 * The verdict of requirements, if there are any: they are what was asked. Unknown is met by
 * nothing.
 */
static enum nest_verdict verdict_of(const struct nest_check *check)
{
	enum nest_verdict verdict = NEST_VERDICT_READY;
	size_t i;

	if (!check->nrequirements)
		return check->verdict;
	for (i = 0; i < check->nrequirements; i++) {
		if (check->requirements[i].result == NEST_RESULT_FAIL)
			return NEST_VERDICT_NOT_READY;
		if (check->requirements[i].result == NEST_RESULT_UNKNOWN)
			verdict = NEST_VERDICT_UNKNOWN;
	}
	return verdict;
}

static void conclude(struct checking *checking)
{
	struct nest_check *check = checking->run->check;
	struct nest_pool *pool = &checking->run->model.pool;
	size_t i, met = 0;

	for (i = 0; i < check->nrequirements; i++)
		met += check->requirements[i].result == NEST_RESULT_PASS;
	check->verdict = verdict_of(check);
	if (check->nrequirements)
		check->answer = nest_pool_printf(pool, "requirements met: %zu of %zu", met,
						 check->nrequirements);
	if (checking->probe.nundone)
		checking->run->status = NEST_STATUS_BROKEN;
	else if (checking->run->options->nagios)
		checking->run->status =
			(enum nest_status)(check->verdict == NEST_VERDICT_NOT_READY ? 2
					   : check->verdict == NEST_VERDICT_UNKNOWN
						   ? 3
						   : check->counts[NEST_RESULT_WARN] != 0);
	else
		checking->run->status = check->verdict == NEST_VERDICT_READY ? NEST_STATUS_YES
					: check->verdict == NEST_VERDICT_NOT_READY
						? NEST_STATUS_NO
						: NEST_STATUS_UNKNOWN;
}

static int judge(struct checking *checking)
{
	const struct nest_options *options = checking->run->options;
	struct nest_check *check = calloc(1, sizeof(*check));
	int err;

	checking->run->check = check;
	if (!check)
		return -ENOMEM;
	checking->in.model = &checking->run->model;
	checking->in.facts = &checking->facts;
	checking->in.purpose = nest_purpose_find(options->purpose);
	checking->in.memory = options->memory;
	checking->in.guest_devices = options->guest_devices;
	err = nest_rules_run(&checking->in, options->purpose, check);
	if (!err)
		err = nest_requirements_judge(&checking->in, checking->requirements,
					      checking->nrequirements, check);
	if (!err)
		conclude(checking);
	return err;
}

static int gather_and_judge(struct checking *checking)
{
	const struct nest_options *options = checking->run->options;
	struct nest_facts_wanted wanted = { .user = options->user, .service = options->service };
	int err;

	/* Names of devices are nobody's business here, and cost more than all the rest. */
	err = nest_inventory_gather(checking->ctx, 0, &checking->run->model);
	if (err)
		return err;
	if (!choose_devices(checking)) {
		checking->run->status = options->nagios ? (enum nest_status)3 : NEST_STATUS_UNKNOWN;
		return 0;
	}
	wanted.devices = checking->devices;
	wanted.ndevices = checking->in.ndevices;
	err = nest_facts_gather(checking->ctx, &checking->run->model, &wanted, &checking->facts);
	if (!err && options->probe)
		err = ask_kernel(checking);
	return err ? err : judge(checking);
}

int nest_check_run(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct nest_options *options = run->options;
	struct checking checking = { .ctx = ctx, .run = run };
	int err = 0;

	if (options->probe && !ctx->live) {
		nest_say(
			ctx, 0,
			"--probe opens device nodes, and below --sysroot or --from none is opened");
		return -EINVAL;
	}
	memcpy(checking.requirements, options->require,
	       options->nrequire * sizeof(*options->require));
	checking.nrequirements = options->nrequire;
	if (options->policy)
		err = read_policy(&checking, options->policy);
	if (!err)
		err = gather_and_judge(&checking);
	nest_facts_free(&checking.facts);
	nest_probe_free(&checking.probe);
	return err;
}
