// SPDX-License-Identifier: GPL-2.0-or-later
/* The check command: gathers what the rules need, judges, and sets the status by the verdict. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check/requirements.h"
#include "cmd/parse.h"
#include "cmd/target.h"
#include "host/userfile.h"
#include "inventory/devices.h"
#include "host/sysfs.h"
#include "inventory/inventory.h"
#include "signals.h"
#include "probe/run.h"

#define POLICY_MAX  (64u << 10)
#define REQUIRE_MAX 32

enum {
	KEY_FOR = NEST_KEY_OWN,
	KEY_DEVICE,
	KEY_REQUIRE,
	KEY_POLICY,
	KEY_PROBE,
	KEY_USER,
	KEY_MEMORY,
	KEY_DEVICES,
	KEY_SERVICE,
	KEY_NAGIOS
};

static const struct argp_option check_options[] = {
	{ "for", KEY_FOR, "PURPOSE", 0, "Purpose: nested (default), passthrough, sva", 0 },
	{ "device", KEY_DEVICE, "DEVICE", 0, "Check this device (same as an argument)", 0 },
	{ "require", KEY_REQUIRE, "NAME[OP VALUE]", 0, "Require this; decides instead of the rules",
	  0 },
	{ "policy", KEY_POLICY, "FILE", 0, "Read requirements from FILE, one per line", 0 },
	{ "probe", KEY_PROBE, 0, 0, "Also ask the kernel; opens device nodes", 0 },
	{ "user", KEY_USER, "NAME", 0, "Check access to device nodes for this user", 0 },
	{ "memory", KEY_MEMORY, "SIZE", 0, "Check that a guest of SIZE (16G) can be pinned", 0 },
	{ "devices", KEY_DEVICES, "N", 0, "Number of devices of that guest (default 1)", 0 },
	{ "service", KEY_SERVICE, "NAME", 0, "Use the limits of this systemd service", 0 },
	{ "nagios", KEY_NAGIOS, 0, 0, "Print one line, and exit like a Nagios plugin", 0 },
	{ "timeout", 't', "SECONDS", 0, "With --nagios: give up after SECONDS", 0 },
	{ 0 },
};

struct check_options {
	const char *purpose;
	const char *require[REQUIRE_MAX];
	size_t nrequire;
	const char *policy, *user, *service;
	uint64_t memory; /* bytes of a guest, 0: not asked */
	uint32_t guest_devices;
	bool probe, nagios;
};

#define NAMES_MAX 32

static error_t parse_require(struct nest_parse *parse, const char *arg)
{
	struct check_options *own = parse->own;
	const char *names[NAMES_MAX + 1] = { NULL }, *flaw = nest_requirement_flaw(arg);
	char name[64];
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg, " \t=!<>"), arg);
	for (i = 0; i < NAMES_MAX && nest_requirement_name(i); i++) {
		names[i] = nest_requirement_name(i);
		if (!strcmp(names[i], name))
			break;
	}
	if (!nest_requirement_name(i))
		return nest_usage_word(parse, "unknown requirement", name, names);
	if (flaw)
		return nest_usage(parse, "--require: invalid argument '%s': %s", arg, flaw);
	if (own->nrequire == REQUIRE_MAX)
		return nest_usage(parse, "--require can be given %d times; use --policy for more",
				  REQUIRE_MAX);
	own->require[own->nrequire++] = arg;
	return 0;
}

static error_t parse_check(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	struct check_options *own = parse->own;

	switch (key) {
	case ARGP_KEY_INIT:
		own->purpose = "nested";
		return 0;
	case KEY_FOR:
		if (!nest_purpose_find(arg))
			return nest_usage_word(parse, "unknown purpose", arg, nest_purpose_names);
		own->purpose = arg;
		return 0;
	case KEY_DEVICE:
		return nest_parse_argument(parse, arg);
	case KEY_REQUIRE:
		if (!strcmp(arg, "help")) {
			nest_requirements_help(stdout);
			return ECANCELED;
		}
		return parse_require(parse, arg);
	case KEY_POLICY:
		if (own->policy)
			return nest_usage(parse, "--policy can be given once");
		own->policy = arg;
		return 0;
	case KEY_PROBE:
		own->probe = true;
		return 0;
	case KEY_USER:
		own->user = arg;
		return 0;
	case KEY_MEMORY:
		if (nest_parse_size(arg, &own->memory))
			return nest_usage(
				parse,
				"--memory: invalid argument '%s' (a size such as 512M or 16G)",
				arg);
		return 0;
	case KEY_DEVICES:
		return nest_parse_number(parse, "--devices", arg, 10, 4096, &own->guest_devices);
	case KEY_SERVICE:
		own->service = arg;
		return 0;
	case KEY_NAGIOS:
		own->nagios = true;
		return 0;
	case 't':
		return nest_parse_number(parse, "--timeout", arg, 10, 3600,
					 &parse->options.timeout);
	case ARGP_KEY_END:
		if (own->guest_devices && !own->memory)
			return nest_usage(parse, "--devices needs --memory");
		if (parse->options.timeout && !own->nagios)
			return nest_usage(parse, "--timeout needs --nagios");
		/* What gives up has not looked: it has a line, and no document. */
		if (parse->options.timeout && strcmp(parse->options.format, "human"))
			return nest_usage(parse, "--timeout does not support --format %s",
					  parse->options.format);
		return own->probe ? nest_usage_nodes(parse, "--probe") : 0;
	}
	return ARGP_ERR_UNKNOWN;
}

struct checking {
	struct nest_ctx *ctx;
	struct nest_run *run;
	const struct check_options *own;
	struct nest_facts facts;
	struct nest_probe *probes; /* as in.probes */
	const struct nest_device **devices;
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

/* Said on standard error, and by the one line of a plugin. */
static void complain(struct checking *checking, const char *where, const char *what)
{
	if (where && what)
		nest_model_problem(&checking->run->model, where, what, 0);
}

/* The user or the service of the command line is not there. */
static void complain_missing(struct checking *checking)
{
	const struct check_options *own = checking->own;
	struct nest_pool *pool = &checking->run->model.pool;

	if (!checking->facts.user.missing)
		complain(checking, "--service:",
			 nest_pool_printf(pool, "no such service '%s'", own->service));
	else
		complain(checking, "--user:",
			 nest_pool_printf(pool, "no such user '%s'%s", own->user,
					  checking->facts.user.unlisted
						  ? ": there is no /etc/passwd here (a "
						    "number will do)"
						  : ""));
}

static int read_policy(struct checking *checking, const char *file)
{
	struct nest_pool *pool = &checking->run->model.pool;
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
	if (err == -ENOMEM || (!err && checking->nrequirements))
		return err;
	/* A template that came out empty must not be met by any host that the rules find ready. */
	if (!err)
		complain(checking, nest_userfile_title(file), "holds no requirement");
	else if (flaw)
		complain(checking,
			 nest_pool_printf(pool, "%s:%u:", nest_userfile_title(file), line), flaw);
	else if (err == -E2BIG)
		complain(
			checking, nest_pool_printf(pool, "%s:%u:", nest_userfile_title(file), line),
			nest_pool_printf(pool, "more than %d requirements", NEST_REQUIREMENTS_MAX));
	else
		complain(checking, "cannot read",
			 nest_pool_printf(pool, "%s: %s", nest_userfile_title(file),
					  strerror(-err)));
	return -EINVAL;
}

/* Named twice, it is still one device. */
static void choose_device(struct checking *checking, const struct nest_device *dev)
{
	size_t i;

	for (i = 0; checking->run->options->nargs && i < checking->in.ndevices; i++)
		if (checking->devices[i] == dev)
			return;
	checking->devices[checking->in.ndevices++] = dev;
}

/* A group or a unit may have that name. */
static const char *not_a_device(struct nest_ctx *ctx, struct nest_model *model, const char *text)
{
	struct nest_named named = nest_find(ctx, model, text);
	const char *what =
		named.group
			? nest_pool_printf(&model->pool,
					   "is a group: check takes devices (show %s lists them)",
					   text)
		: named.unit ? nest_pool_printf(&model->pool,
						"is a unit: check takes devices (list --iommu %s "
						"lists them)",
						named.unit->name)
			     : NULL;

	return what ? what : "was not found (list shows all devices)";
}

/*
 * The devices of the command line, else all that are bound to a VFIO driver. 0; -ENOMEM; -ENOENT:
 * one was not found; -EINVAL: more than one is meant, and a line said so.
 */
static int choose_devices(struct checking *checking)
{
	const struct nest_options *options = checking->run->options;
	struct nest_model *model = &checking->run->model;
	size_t i;

	checking->devices =
		calloc(options->nargs + model->ndevices + 1, sizeof(*checking->devices));
	if (!checking->devices)
		return -ENOMEM;
	checking->in.named = options->nargs;
	for (i = 0; i < options->nargs; i++) {
		const struct nest_device *dev;
		int err = nest_target_device(checking->ctx, model, options->args[i], &dev);

		if (err)
			return err;
		if (!dev) {
			nest_model_problem(model, options->args[i],
					   not_a_device(checking->ctx, model, options->args[i]), 0);
			return -ENOENT;
		}
		choose_device(checking, dev);
	}
	for (i = 0; !options->nargs && i < model->ndevices; i++)
		if (nest_driver_is_vfio(model->devices[i].driver))
			choose_device(checking, &model->devices[i]);
	checking->in.devices = checking->devices;
	return 0;
}

static bool kept_something(const struct checking *checking)
{
	size_t i;

	for (i = 0; i < checking->in.nprobes; i++)
		if (checking->probes[i].nundone)
			return true;
	return false;
}

/* What the probe of a device could not release, which the findings do not tell. */
static void complain_kept(struct checking *checking, const struct nest_probe *probe)
{
	struct nest_model *model = &checking->run->model;
	size_t i;

	for (i = 0; i < probe->nundone; i++)
		nest_model_problem(model, probe->device ? probe->device->name : "--probe",
				   nest_pool_printf(&model->pool, "could not be released: %s",
						    probe->undone[i].what),
				   -probe->undone[i].err);
}

/*
 * Asks about each device that was named, else about the first that a VFIO driver has, or about
 * none. One after the other: what is open for one is closed before the next, as in probe.
 */
static int ask_kernel(struct checking *checking)
{
	const struct nest_decision_options options = { 0 };
	struct nest_model *model = &checking->run->model;
	size_t n = checking->in.named ? checking->in.ndevices : 1;
	int err = 0;

	checking->in.probes = checking->probes = calloc(n, sizeof(*checking->probes));
	if (!checking->probes)
		return -ENOMEM;
	nest_signals_install();
	while (!err && checking->in.nprobes < n) {
		struct nest_probe *probe = &checking->probes[checking->in.nprobes];
		const struct nest_device *dev =
			checking->in.ndevices ? checking->devices[checking->in.nprobes] : NULL;

		err = nest_probe_run(checking->ctx, model, dev,
				     dev ? nest_device_group(model, dev) : NULL, &options, probe);
		checking->in.nprobes++;
		complain_kept(checking, probe);
	}
	return err;
}

/* Requirements decide if there are any. An unknown value meets none. */
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
	struct nest_check *check = checking->run->found;
	struct nest_pool *pool = &checking->run->model.pool;
	size_t i, met = 0;

	for (i = 0; i < check->nrequirements; i++)
		met += check->requirements[i].result == NEST_RESULT_PASS;
	check->verdict = verdict_of(check);
	if (check->nrequirements)
		check->answer = nest_pool_printf(pool, "requirements met: %zu of %zu", met,
						 check->nrequirements);
	if (kept_something(checking))
		checking->run->status = NEST_STATUS_BROKEN;
	else if (check->nagios)
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
	const struct check_options *own = checking->own;
	struct nest_check *check = checking->run->found;
	int err;

	checking->in.model = &checking->run->model;
	checking->in.facts = &checking->facts;
	checking->in.purpose = nest_purpose_find(own->purpose);
	checking->in.memory = own->memory;
	checking->in.guest_devices = own->guest_devices;
	err = nest_rules_run(&checking->in, own->purpose, check);
	check->judged = true;
	check->nagios = own->nagios;
	if (!err)
		err = nest_requirements_judge(&checking->in, checking->requirements,
					      checking->nrequirements, check);
	if (!err)
		conclude(checking);
	return err;
}

static int gather_and_judge(struct checking *checking)
{
	const struct check_options *own = checking->own;
	struct nest_facts_wanted wanted = { .user = own->user, .service = own->service };
	int err;

	/* Without names of devices: no rule needs them, and they cost more than the rest. */
	err = nest_inventory_gather(checking->ctx, NEST_WANT_USUAL, &checking->run->model);
	if (err)
		return err;
	err = choose_devices(checking);
	if (err && err != -ENOENT)
		return err;
	if (err) {
		checking->run->status = own->nagios ? (enum nest_status)3 : NEST_STATUS_UNKNOWN;
		return 0;
	}
	wanted.devices = checking->devices;
	wanted.ndevices = checking->in.ndevices;
	err = nest_facts_gather(checking->ctx, &checking->run->model, &wanted, &checking->facts);
	if (!err && (checking->facts.user.missing || checking->facts.service_missing)) {
		complain_missing(checking);
		return -EINVAL;
	}
	if (!err && own->probe)
		err = ask_kernel(checking);
	return err ? err : judge(checking);
}

static int empty_check(struct nest_run *run)
{
	const struct check_options *own = run->own;
	struct nest_check *check = calloc(1, sizeof(*check));

	run->found = check;
	if (!check)
		return -ENOMEM;
	check->purpose = own->purpose;
	check->verdict = NEST_VERDICT_UNKNOWN;
	check->nagios = own->nagios;
	run->plugin = own->nagios && !strcmp(run->options->format, "human");
	return 0;
}

static int run_check(struct nest_ctx *ctx, struct nest_run *run)
{
	const struct check_options *own = run->own;
	struct checking checking = { .ctx = ctx, .run = run, .own = own };
	int err = empty_check(run);
	size_t i;

	if (err)
		return err;
	run->driverctl = nest_root_has_program(&ctx->root, "driverctl");
	memcpy(checking.requirements, own->require, own->nrequire * sizeof(*own->require));
	checking.nrequirements = own->nrequire;
	if (own->policy)
		err = read_policy(&checking, own->policy);
	if (!err)
		err = gather_and_judge(&checking);
	nest_facts_free(&checking.facts);
	for (i = 0; i < checking.in.nprobes; i++)
		nest_probe_free(&checking.probes[i]);
	free(checking.probes);
	free(checking.devices);
	return err;
}

static void free_check(void *found)
{
	nest_check_free(found);
	free(found);
}

const struct nest_command nest_command_check = {
	.name = "check",
	.arguments = "[DEVICE...]",
	.summary = "Check whether this host is ready, and say what to fix",
	.most = NEST_ARGS_MAX,
	.enough = "check fewer devices at a time",
	.options = check_options,
	.parse = parse_check,
	.own_size = sizeof(struct check_options),
	.printers = { { "human", nest_human_check },
		      { "json", nest_json_check },
		      { "tap", nest_tap_check },
		      { "junit", nest_junit_check },
		      { "prometheus", nest_prometheus_check },
		      { "nfd", nest_nfd_check } },
	.reads_reports = true,
	.run = run_check,
	.empty = empty_check,
	.free = free_check,
};
