// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs argp twice: up to the command, then behind it, with its own options too. Those of the
 * default command may stand where no command was named yet.
 */
#include "cmd/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/help.h"
#include "number.h"

/* argp's own help and messages are off: those of help.c and usage.c are shorter. */
#define FLAGS (ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT)

error_t nest_parse_argument(struct nest_parse *parse, const char *arg)
{
	struct nest_options *options = &parse->options;

	/* A variable of a script that is not set. */
	if (!*arg)
		return nest_usage(parse, "an argument is empty");
	if (options->nargs == parse->command->most)
		return nest_usage(parse, "extra argument '%s'; %s", arg, parse->command->enough);
	options->args[options->nargs++] = arg;
	return 0;
}

error_t nest_parse_number(struct nest_parse *parse, const char *option, const char *arg, int base,
			  uint32_t most, uint32_t *ret)
{
	uint64_t number;

	if (nest_parse_u64(arg, base, &number) || !number || number > most)
		return nest_usage(parse, "%s: invalid argument '%s' (1 to %u)", option, arg, most);
	*ret = (uint32_t)number;
	return 0;
}

static int run_argp(struct nest_parse *parse, const struct argp *argp, int argc, char **argv,
		    unsigned int flags)
{
	error_t err = argp_parse(argp, argc, argv, flags | FLAGS, NULL, parse);

	if (err == EINVAL && !parse->said)
		nest_usage_option(parse, argc, argv);
	return -err;
}

static error_t parse_command(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->child_inputs[1] = parse;
		return 0;
	case ARGP_KEY_ARG:
		return nest_parse_argument(parse, arg);
	case ARGP_KEY_END:
		if (parse->options.nargs < parse->command->least)
			return nest_usage(parse, "missing argument (%s)",
					  parse->command->arguments);
		return 0;
	case ARGP_KEY_ERROR:
		parse->next = state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

#define COMMANDS_MAX 16

/* An address, numbers of PCI, a path or a group stands where a command belongs. */
static bool is_like_device(const char *name)
{
	return strchr(name, '/') || strchr(name, ':') || isdigit((unsigned char)*name);
}

static error_t find_command(struct nest_parse *parse, const char *name)
{
	const char *names[COMMANDS_MAX + 1] = { NULL };
	size_t i;

	for (i = 0; parse->commands[i]; i++) {
		if (i < COMMANDS_MAX)
			names[i] = parse->commands[i]->name;
		if (!strcmp(parse->commands[i]->name, name))
			parse->command = parse->commands[i];
	}
	if (parse->command)
		return 0;
	if (is_like_device(name))
		return nest_usage(parse, "unknown command '%s'; to see a device: show %s", name,
				  name);
	return nest_usage_word(parse, "unknown command", name, names);
}

/* "help COMMAND" is "COMMAND --help", "help" alone that of all. */
static error_t help(struct nest_parse *parse, const struct argp_state *state)
{
	const char *topic = state->next < state->argc ? state->argv[state->next] : "help";
	bool all = !strcmp(topic, "help") || !strcmp(topic, "--help") || !strcmp(topic, "-h");
	error_t err = all ? 0 : find_command(parse, topic);

	if (err)
		return err;
	if (parse->command)
		snprintf(parse->name, sizeof(parse->name), "vfio-nestctl %s", topic);
	nest_help(stdout, parse);
	return ECANCELED;
}

static error_t parse_top(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->child_inputs[1] = parse;
		return 0;
	case ARGP_KEY_ARG:
		if (!strcmp(arg, "help"))
			return help(parse, state);
		parse->next = state->next - 1;
		state->next = state->argc; /* the rest is the command's */
		return find_command(parse, arg);
	case ARGP_KEY_ERROR:
		parse->next = state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t refuse_format(struct nest_parse *parse)
{
	const struct nest_command *command = parse->command;
	const char *names[NEST_PRINTERS_MAX + 1] = { NULL }, *format = parse->options.format;
	char formats[160];
	size_t i;

	for (i = 0; parse->commands[i]; i++)
		if (nest_command_printer(parse->commands[i], format))
			return nest_usage(parse, "%s does not support --format %s (supported: %s)",
					  command->name, format,
					  nest_formats(parse, ", ", formats, sizeof(formats)));
	for (i = 0; i < NEST_PRINTERS_MAX; i++)
		names[i] = command->printers[i].format;
	return nest_usage_word(parse, "unknown format", format, names);
}

/* What can be checked only when the whole line is known. */
static error_t check_line(struct nest_parse *parse)
{
	const struct nest_options *options = &parse->options;

	if (!nest_command_printer(parse->command, options->format))
		return refuse_format(parse);
	if (options->from && options->sysroot)
		return nest_usage(parse, "--from and --sysroot cannot be used together");
	if (options->from && !parse->command->reads_reports)
		return nest_usage(parse, "%s does not support --from", parse->command->name);
	return 0;
}

/* Room for the options of the command that was named behind those of the default one, if any. */
static int take_own(struct nest_parse *parse, const struct nest_command *before)
{
	const char *own = parse->own;
	size_t i;

	if (before == parse->command)
		return 0;
	for (i = 0; i < before->own_size; i++)
		if (own[i])
			return -nest_usage(parse, "options of %s cannot be used with %s",
					   before->name, parse->command->name);
	free(parse->own);
	parse->own = calloc(1, parse->command->own_size + 1);
	return parse->own ? 0 : -ENOMEM;
}

int nest_parse(struct nest_parse *parse, int argc, char **argv)
{
	const struct nest_command *standard = parse->commands[0];
	const struct argp its = { .options = standard->options, .parser = standard->parse };
	const struct argp_child top_children[] = { { &its, 0, NULL, 0 },
						   { parse->global, 0, NULL, 0 },
						   { 0 } };
	const struct argp top = {
		.parser = parse_top,
		.args_doc = "[COMMAND] [ARGUMENT...]",
		.children = top_children,
	};
	struct argp own = { 0 };
	const struct argp_child children[] = { { &own, 0, NULL, 0 },
					       { parse->global, 0, NULL, 0 },
					       { 0 } };
	struct argp sub = { .parser = parse_command, .children = children };
	int first, err;

	snprintf(parse->name, sizeof(parse->name), "vfio-nestctl");
	parse->own = calloc(1, standard->own_size + 1);
	if (!parse->own)
		return -ENOMEM;
	err = run_argp(parse, &top, argc, argv, ARGP_IN_ORDER);
	if (err)
		return err;
	first = parse->command ? parse->next : 0;
	argc = parse->command ? argc - first : 1;
	parse->command = parse->command ? parse->command : standard;
	snprintf(parse->name, sizeof(parse->name), "vfio-nestctl %s", parse->command->name);
	err = take_own(parse, standard);
	if (err)
		return err;
	own.options = parse->command->options;
	own.parser = parse->command->parse;
	sub.args_doc = parse->command->arguments;
	err = run_argp(parse, &sub, argc, argv + first, 0);
	return err ? err : -check_line(parse);
}
