// SPDX-License-Identifier: GPL-2.0-or-later
/* Options, the table of commands, and the exit status of vfio-nestctl. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/arguments.h"
#include "backend/select.h"
#include "ctx.h"
#include "options.h"
#include "print/print.h"
#include "probe/question.h"
#include "host/source.h"
#include "run.h"
#include "check/requirements.h"
#include "report/read.h"
#include "signals.h"
#include "host/userfile.h"
#include "version.h"
#include "util.h"
#include "host/sysfs.h"
#include "number.h"

const char *argp_program_version = "vfio-nestctl " NEST_VERSION;

struct command {
	const char *name, *args, *doc;
	const struct argp_option *options;
	size_t least, most; /* arguments */
	int (*run)(struct nest_ctx *ctx, struct nest_run *run);
};

static const struct command commands[NEST_COMMANDS] = {
	[NEST_COMMAND_LIST] = { "list", "",
				"Show devices with their IOMMU group, unit and driver, whether "
				"user space may have them, and whether the hardware nests.",
				list_options, 0, 0, nest_list_run },
	[NEST_COMMAND_SHOW] = { "show", "DEVICE|GROUP|UNIT",
				"Show everything known of one device, group or IOMMU unit, "
				"explained.",
				show_options, 1, 1, nest_show_run },
	[NEST_COMMAND_PROBE] = { "probe", "[DEVICE|GROUP]",
				 "Ask the kernel what its VFIO container and iommufd offer, and "
				 "with a device or group what they do for it; then say whether "
				 "user space may select nesting, and through which ABI.",
				 probe_options, 0, 1, nest_probe_command_run },
	[NEST_COMMAND_CHECK] = { "check", "[DEVICE...]",
				 "Tell whether this host, or these devices, are ready to be given "
				 "to guests, what is in the way, and what to do about it.",
				 check_options, 0, NEST_ARGS_MAX, nest_check_run },
	[NEST_COMMAND_ROUNDTRIP] = { "roundtrip", "DEVICE\n--mock",
				     "Make one device that is bound to vfio-pci do DMA through "
				     "both stages, change the first one under it, make it fault, "
				     "and prove of each step that it did what it should.",
				     roundtrip_options, 0, 1, nest_roundtrip_run },
	[NEST_COMMAND_DECODE] = { "decode",
				  "vt-d CAP ECAP\namd EFR[:EFR2]\nsmmuv3 IDR0 IDR1 IDR3 IDR5\n"
				  "dmar FILE\n--log=FILE",
				  "Decode register values, an ACPI DMAR table (binary or "
				  "acpidump's listing), or what a kernel log says of IOMMUs.",
				  decode_options, 0, 5, nest_decode_run },
	[NEST_COMMAND_REPORT] = { "report", "",
				  "Write everything that can be told of this host, with the "
				  "evidence, as one JSON document for a bug report. Other machines "
				  "can read it (--from).",
				  report_options, 0, 0, nest_report_run },
	[NEST_COMMAND_DIFF] = { "diff", "A [B]",
				"Tell what changed between two reports, or between a report and "
				"this host (no B, or -): what worked before the update?",
				no_options, 1, 2, nest_diff_run },
};

struct parse {
	struct nest_options options;
	const struct command *command;
	enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
	bool columns_help;
	int first; /* argument after which the command's own begin */
};

/* Options that are kept as they are given, and those that are there or not. */
static bool parse_plain(struct nest_options *options, int key, const char *arg)
{
	const struct {
		int key;
		const char **to;
	} texts[] = {
		{ KEY_SYSROOT, &options->sysroot },
		{ KEY_FROM, &options->from },
		{ KEY_TRANSCRIPT, &options->transcript },
		{ KEY_IOMMU, &options->iommu },
		{ KEY_DRIVER, &options->driver },
		{ KEY_CLASS, &options->class },
		{ KEY_LOG, &options->log },
		{ KEY_POLICY, &options->policy },
		{ KEY_USER, &options->user },
		{ KEY_SERVICE, &options->service },
	};
	const struct {
		int key;
		bool *to;
	} flags[] = {
		{ KEY_PROBE, &options->probe },	      { KEY_GROUPS, &options->groups },
		{ KEY_TREE, &options->tree },	      { KEY_MOCK, &options->mock },
		{ KEY_NESTABLE, &options->nestable }, { KEY_WAKE, &options->wake },
		{ KEY_NAGIOS, &options->nagios },     { KEY_NOHEADINGS, &options->noheadings },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].key == key) {
			*texts[i].to = arg;
			return true;
		}
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].key == key) {
			*flags[i].to = true;
			return true;
		}
	return false;
}

static error_t parse_global(int key, char *arg, struct argp_state *state)
{
	static const char *const whens[] = { "auto", "always", "never" };
	struct parse *parse = state->input;
	struct nest_options *options = &parse->options;
	size_t i;

	switch (key) {
	case KEY_JSON:
		options->format = "json";
		return 0;
	case KEY_FORMAT:
		if (!nest_printer_find(arg))
			argp_error(state, "no format is called '%s'", arg);
		options->format = arg;
		return 0;
	case KEY_COLOR:
		for (i = 0; i < 3 && strcmp(arg, whens[i]); i++)
			;
		if (i == 3)
			argp_error(state, "--color is auto, always or never, not '%s'", arg);
		parse->color = (int)i;
		return 0;
	case 'v':
		options->verbosity++;
		return 0;
	case 'q':
		options->verbosity = -1;
		return 0;
	}
	return parse_plain(options, key, arg) ? 0 : ARGP_ERR_UNKNOWN;
}

/* Which formats there are: of the command whose help it is, or of any. NULL when memory is out. */
static char *format_list(const struct command *command)
{
	char *list = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&list, &size);

	if (!out)
		return NULL;
	nest_formats_write(out, command ? (int)(command - commands) : -1);
	fclose(out);
	return list;
}

static char *format_help(int key, const char *text, void *input)
{
	const struct parse *parse = input;
	char *doc, *list;

	if (key != KEY_FORMAT || !(list = format_list(parse->command)))
		return (char *)text;
	if (asprintf(&doc, "%s %s%s", text, list,
		     parse->command ? "" : "; each command has some of them") < 0)
		doc = (char *)text;
	free(list);
	return doc;
}

static const struct argp global_argp = {
	.options = global_options,
	.parser = parse_global,
	.help_filter = format_help,
};

/* Said once everything is known: the format may stand in front of the command. */
static void check_format(const struct argp_state *state, const struct parse *parse)
{
	const struct command *command =
		parse->command ? parse->command : &commands[NEST_COMMAND_LIST];
	char *list;

	if (nest_printer_find(parse->options.format)->print[command - commands])
		return;
	list = format_list(command);
	argp_error(state, "%s has no format '%s', it has %s", command->name, parse->options.format,
		   list ? list : "others");
}

/* Options that are a number; false if this is none of them. */
static bool parse_number(struct nest_options *options, int key, const char *arg,
			 const struct argp_state *state)
{
	const struct {
		int key;
		const char *name;
		uint32_t *to, most;
		int base;
	} numbers[] = {
		{ KEY_DEVICES, "devices", &options->guest_devices, 4096, 10 },
		{ KEY_MIN_UAPI_VERSION, "min-uapi-version", &options->min_uapi_version, INT32_MAX,
		  10 },
		{ KEY_PASID, "pasid", &options->pasid, (1 << 20) - 1, 0 },
		{ KEY_ITERATIONS, "iterations", &options->iterations, 1000000, 10 },
	};
	uint64_t number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (numbers[i].key != key)
			continue;
		if (nest_parse_u64(arg, numbers[i].base, &number) || !number ||
		    number > numbers[i].most)
			argp_error(state, "--%s is a number from 1 to %u, not '%s'",
				   numbers[i].name, numbers[i].most, arg);
		*numbers[i].to = (uint32_t)number;
		return true;
	}
	return false;
}

static error_t parse_command(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct nest_options *options = &parse->options;
	const char *bad;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = parse;
		return 0;
	case KEY_REDACT:
	case KEY_NO_REDACT:
		options->no_redact = key == KEY_NO_REDACT;
		return 0;
	case 'o':
		if (parse->command->run == nest_report_run) {
			options->output = arg;
			return 0;
		}
		options->columns = arg;
		parse->columns_help = !strcmp(arg, "help");
		if (!parse->columns_help && nest_columns_check(arg, &bad))
			argp_error(state, "'%s' is not a list of columns; -o help lists them", bad);
		return 0;
	case KEY_FOR:
		if (!nest_purpose_find(arg))
			argp_error(state, "--for is passthrough, nested or sva, not '%s'", arg);
		options->purpose = arg;
		return 0;
	case KEY_REQUIRE:
		bad = nest_requirement_flaw(arg);
		if (bad)
			argp_error(state, "--require '%s': %s", arg, bad);
		if (options->nrequire == NEST_REQUIRE_MAX)
			argp_error(state, "more than %d times --require; --policy takes a file",
				   NEST_REQUIRE_MAX);
		options->require[options->nrequire++] = arg;
		return 0;
	case KEY_MEMORY:
		if (nest_parse_size(arg, &options->memory))
			argp_error(state, "--memory is a size like 512M or 16G, not '%s'", arg);
		return 0;
	case KEY_AS:
		if (strcmp(arg, NEST_QEMU_2020))
			argp_error(state, "--as knows " NEST_QEMU_2020 ", not '%s'", arg);
		options->as_qemu_2020 = true;
		return 0;
	case KEY_BACKEND:
		if (!nest_mode_find(arg))
			argp_error(state, "no way into the kernel is called '%s'", arg);
		options->backend = arg;
		return 0;
	case KEY_DEVICE:
	case ARGP_KEY_ARG:
		if (options->nargs == parse->command->most)
			argp_error(state, "too many arguments: '%s'", arg);
		options->args[options->nargs++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (options->nargs < parse->command->least ||
		    (parse->command->run == nest_roundtrip_run && !options->nargs &&
		     !options->mock))
			argp_error(state, "an argument is missing");
		check_format(state, parse);
		return 0;
	}
	if (key == KEY_PASID)
		options->have_pasid = true;
	return parse_number(options, key, arg, state) || parse_plain(options, key, arg)
		       ? 0
		       : ARGP_ERR_UNKNOWN;
}

/* The commands' names and purposes, for --help; generated so that it cannot fall behind. */
static char *help_filter(int key, const char *text, void *input)
{
	char *doc = NULL;
	size_t size = 0, i;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&doc, &size);
	if (!out)
		return (char *)text;
	fputs("Commands (none means list; each has its own --help):\n", out);
	for (i = 0; i < NEST_COMMANDS; i++)
		if (commands[i].name)
			fprintf(out, "  %s %s\n      %s\n", commands[i].name, commands[i].args,
				commands[i].doc);
	fputs("\nExit status: 0 yes or done, 1 no, 2 usage, 3 could not be determined, 4 the tool "
	      "broke.\n",
	      out);
	fclose(out);
	return doc;
}

static error_t parse_top(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	size_t i;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = parse;
		return 0;
	case ARGP_KEY_ARG:
		for (i = 0; i < NEST_COMMANDS; i++)
			if (commands[i].name && !strcmp(commands[i].name, arg))
				parse->command = &commands[i];
		if (!parse->command)
			argp_error(state, "no command is called '%s'", arg);
		/* The rest is the command's; its parser sees its own name first. */
		parse->first = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (!parse->command)
			check_format(state, parse);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void parse_arguments(int argc, char **argv, struct parse *parse)
{
	static const struct argp_child children[] = { { &global_argp, 0, NULL, 0 }, { 0 } };
	struct argp top = {
		.options = no_options,
		.parser = parse_top,
		.args_doc = "[COMMAND] [ARGUMENTS]",
		.doc = "Tells whether this host can do nested (two-stage) IOMMU translation for "
		       "user space, through which ABI, and whether it works.\v ",
		.children = children,
		.help_filter = help_filter,
	};
	struct argp sub = { .parser = parse_command, .children = children };
	char name[64], doc[512];

	argp_err_exit_status = NEST_STATUS_USAGE;
	argv[0] = (char *)"vfio-nestctl";
	parse->options.format = "human";
	parse->options.min_uapi_version = 1;
	parse->options.purpose = "nested";
	parse->command = NULL;
	argp_parse(&top, argc, argv, ARGP_IN_ORDER, NULL, parse);
	if (!parse->command) {
		parse->command = &commands[NEST_COMMAND_LIST];
		return;
	}
	snprintf(name, sizeof(name), "vfio-nestctl %s", parse->command->name);
	snprintf(doc, sizeof(doc), "%s", parse->command->doc);
	argv[parse->first] = name;
	sub.options = parse->command->options;
	sub.args_doc = parse->command->args;
	sub.doc = doc;
	argp_parse(&sub, argc - parse->first, argv + parse->first, 0, NULL, parse);
}

static bool want_color(const struct parse *parse)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (parse->color != COLOR_AUTO)
		return parse->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

/*
 * A reader that starts us says in TAP_VERSION up to which version it reads; Perl's before 3.48
 * refuses all of 14 for its first line. What we print is good as 13 too.
 */
static int tap_version(void)
{
	const char *text = getenv("TAP_VERSION");

	return text && !strcmp(text, "13") ? 13 : 14;
}

static int broke(const struct nest_ctx *ctx, const char *what, int err)
{
	nest_say(ctx, 0, "%s: %s", what, strerror(-err));
	return NEST_STATUS_BROKEN;
}

/* A file is written when all of it is there, so that it is never half of an answer. */
static int print(const struct parse *parse, const struct nest_run *run)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;
	int err;

	if (!parse->options.output)
		return nest_print(stdout, run);
	out = open_memstream(&text, &len);
	if (!out)
		return -ENOMEM;
	err = nest_print(out, run);
	if (fclose(out) && !err)
		err = -errno;
	if (!err)
		err = nest_userfile_write(parse->options.output, text, len);
	free(text);
	return err;
}

static int run(struct nest_ctx *ctx, const struct parse *parse)
{
	struct nest_run run = {
		.command = (enum nest_command_id)(parse->command - commands),
		.command_name = parse->command->name,
		.options = &parse->options,
	};
	size_t i;
	int status, err = parse->command->run(ctx, &run);

	if (err == -EINVAL) {
		nest_run_free(&run);
		return NEST_STATUS_USAGE;
	}
	if (err)
		status = broke(ctx, parse->command->name, err);
	else
		status = (int)run.status;
	for (i = 0; i < run.model.nproblems; i++) {
		const struct nest_problem *problem = &run.model.problems[i];

		nest_say(ctx, 0, "%s %s%s%s", problem->where, problem->what,
			 problem->err ? ": " : "", problem->err ? strerror(problem->err) : "");
	}
	if (!err) {
		err = print(parse, &run);
		if (err)
			status = broke(ctx,
				       parse->options.output ? parse->options.output
							     : "standard output",
				       err);
	}
	nest_run_free(&run);
	return status;
}

/*
 * Something the whole run depends on cannot be had. Who asked for another format than human gets a
 * whole document all the same, in which nothing is known.
 */
static int cannot_begin(const struct nest_ctx *ctx, const struct parse *parse, const char *where,
			const char *what, int err)
{
	struct nest_run run = {
		.command = (enum nest_command_id)(parse->command - commands),
		.command_name = parse->command->name,
		.options = &parse->options,
	};

	nest_say(ctx, 0, "%s %s%s%s", where, what, err ? ": " : "", err ? strerror(-err) : "");
	nest_model_problem(&run.model, where, what, err);
	err = nest_run_empty(&run);
	if (!err && strcmp(parse->options.format, "human"))
		err = nest_print(stdout, &run);
	nest_run_free(&run);
	return err ? broke(ctx, "standard output", err) : NEST_STATUS_UNKNOWN;
}

/* Commands that ask a report instead of a host. */
static int replay(struct nest_ctx *ctx, const struct parse *parse)
{
	static const bool can[NEST_COMMANDS] = {
		[NEST_COMMAND_LIST] = true,   [NEST_COMMAND_SHOW] = true,
		[NEST_COMMAND_CHECK] = true,  [NEST_COMMAND_DIFF] = true,
		[NEST_COMMAND_REPORT] = true, /* says itself what is wrong with it */
	};
	struct nest_answers answers = { 0 };
	const char *why = NULL;
	int status, err;

	if (parse->options.sysroot || !can[parse->command - commands]) {
		nest_say(ctx, 0,
			 parse->options.sysroot
				 ? "--from and --sysroot exclude each other"
				 : "%s asks this host and cannot ask a report (--from)",
			 parse->command->name);
		return NEST_STATUS_USAGE;
	}
	err = nest_report_load(parse->options.from, &answers, &why);
	if (err)
		return cannot_begin(ctx, parse, parse->options.from, why,
				    err == -EINVAL || err == -EFBIG ? 0 : err);
	nest_source_replay(&answers, &ctx->root);
	ctx->of_host = answers.host;
	status = run(ctx, parse);
	nest_root_close(&ctx->root);
	nest_answers_free(&answers);
	return status;
}

/*
 * The next file that is opened gets the lowest number that is free. If that is 1 or 2, an answer or
 * a warning would go into it, which may be a device node. What is put there instead refuses what a
 * closed descriptor refuses.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* A transcript holds addresses of memory and of devices: it is for its owner alone. */
static FILE *open_transcript(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

int main(int argc, char **argv)
{
	struct parse parse = { 0 };
	struct nest_ctx ctx = { 0 };
	int status, err;

	fill_standard_descriptors();
	setlocale(LC_CTYPE, ""); /* names may hold any letter; numbers stay as they are */
	parse_arguments(argc, argv, &parse);
	if (parse.columns_help) {
		nest_columns_help(stdout);
		return NEST_STATUS_YES;
	}
	parse.options.color = want_color(&parse);
	parse.options.tap_version = tap_version();
	ctx.verbosity = parse.options.verbosity;
	if (parse.options.from)
		return replay(&ctx, &parse);
	ctx.live = ctx.of_host = !parse.options.sysroot;
	err = nest_root_open(parse.options.sysroot, &ctx.root);
	if (err == -ENOSYS)
		return cannot_begin(&ctx, &parse, parse.options.sysroot,
				    "is refused: --sysroot needs openat2(2), Linux 5.6 or newer, "
				    "and /proc; without them a link could lead out of it",
				    0);
	if (err)
		return cannot_begin(&ctx, &parse,
				    parse.options.sysroot ? parse.options.sysroot : "/",
				    "cannot be opened", err);
	if (parse.options.transcript) {
		ctx.transcript = open_transcript(parse.options.transcript);
		if (!ctx.transcript)
			return cannot_begin(&ctx, &parse, parse.options.transcript,
					    "cannot be written", -errno);
	}
	err = parse.options.output ? nest_userfile_try(parse.options.output) : 0;
	if (err)
		return cannot_begin(&ctx, &parse, parse.options.output, "cannot be written", err);
	status = run(&ctx, &parse);
	if (ctx.transcript && fclose(ctx.transcript))
		status = broke(&ctx, parse.options.transcript, -errno);
	nest_root_close(&ctx.root);
	/*
	 * What was asked to end ends by that signal, after everything has been given back and
	 * printed.
	 */
	nest_signals_restore_and_raise();
	return status;
}
