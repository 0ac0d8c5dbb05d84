// SPDX-License-Identifier: GPL-2.0-or-later
/* argp twice: up to the command with the options of every command, then with its own too. */
#include "cmd/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "util.h"

/* argp's own help and messages are off: those of help.c and nest_usage() are shorter. */
#define FLAGS (ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT)

error_t nest_usage(struct nest_parse *parse, const char *fmt, ...)
{
	static const struct nest_ctx aloud = { 0 };
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	nest_say(&aloud, 0, "%s", text ? text : "out of memory");
	fprintf(stderr, "Try '%s --help' for more information.\n", parse->name);
	free(text);
	parse->said = true;
	return EINVAL;
}

error_t nest_parse_argument(struct nest_parse *parse, const char *arg)
{
	struct nest_options *options = &parse->options;

	if (options->nargs == parse->command->most)
		return nest_usage(parse, "too many arguments: '%s'", arg);
	options->args[options->nargs++] = arg;
	return 0;
}

error_t nest_parse_number(struct nest_parse *parse, const char *option, const char *arg, int base,
			  uint32_t most, uint32_t *ret)
{
	uint64_t number;

	if (nest_parse_u64(arg, base, &number) || !number || number > most)
		return nest_usage(parse, "%s is a number from 1 to %u, not '%s'", option, most,
				  arg);
	*ret = (uint32_t)number;
	return 0;
}

nest_print_fn *nest_command_printer(const struct nest_command *command, const char *format)
{
	const struct nest_printer *printer;

	for (printer = command->printers; printer->format; printer++)
		if (!strcmp(printer->format, format))
			return printer->print;
	return NULL;
}

static bool has_format(const struct nest_command *const *commands, size_t n, const char *format)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (nest_command_printer(commands[i], format))
			return true;
	return false;
}

const char *nest_formats(const struct nest_parse *parse, char *buf, size_t size)
{
	const struct nest_command *const one[] = { parse->command, NULL };
	const struct nest_command *const *commands = parse->command ? one : parse->commands;
	const struct nest_printer *printer;
	size_t len = 0, i;

	for (i = 0; commands[i]; i++)
		for (printer = commands[i]->printers; printer->format; printer++)
			if (!has_format(commands, i, printer->format) && len < size)
				len += (size_t)snprintf(buf + len, size - len, "%s%s",
							len ? ", " : "", printer->format);
	return buf;
}

/* ---- options that getopt refuses: argp does not tell why ---- */

static bool is_end(const struct argp_option *option)
{
	return !option->name && !option->key;
}

/* The options that may stand here, one after the other from 0; NULL behind the last. */
static const struct argp_option *option_at(const struct nest_parse *parse, size_t i)
{
	const struct argp_option *option = parse->global->options;

	while (i && !is_end(option)) {
		option++;
		i--;
	}
	if (!is_end(option))
		return option;
	option = parse->command ? parse->command->options : NULL;
	while (option && i && !is_end(option)) {
		option++;
		i--;
	}
	return option && !is_end(option) ? option : NULL;
}

static error_t refuse_long(struct nest_parse *parse, const char *name)
{
	int len = (int)strcspn(name, "=");
	const struct argp_option *option;
	size_t i, matches = 0;

	for (i = 0; (option = option_at(parse, i)); i++) {
		if (strncmp(option->name, name, (size_t)len))
			continue;
		matches++;
		if (!option->name[len]) {
			matches = 1;
			break;
		}
	}
	if (!matches)
		return nest_usage(parse, "unknown option '--%.*s'", len, name);
	if (matches > 1)
		return nest_usage(parse, "option '--%.*s' is ambiguous", len, name);
	return nest_usage(parse,
			  name[len] ? "option '--%.*s' takes no argument"
				    : "option '--%.*s' requires an argument",
			  len, name);
}

/* 0: nothing is wrong with this word. */
static error_t refuse_short(struct nest_parse *parse, const char *letters)
{
	const struct argp_option *option;
	size_t i;

	for (; *letters; letters++) {
		for (i = 0; (option = option_at(parse, i)); i++)
			if (option->key == *letters)
				break;
		if (!option)
			return nest_usage(parse, "unknown option '-%c'", *letters);
		if (option->arg)
			return nest_usage(parse, "option '-%c' requires an argument", *letters);
	}
	return 0;
}

static error_t refuse(struct nest_parse *parse, int argc, char **argv)
{
	int i;

	/* getopt has passed the word, or stands in it if more letters follow. */
	for (i = parse->next - 1; i <= parse->next && i < argc; i++) {
		const char *word = argv[i];
		error_t err = *word != '-'		? 0
			      : !strncmp(word, "--", 2) ? refuse_long(parse, word + 2)
							: refuse_short(parse, word + 1);

		if (err)
			return err;
	}
	return nest_usage(parse, "an option is unknown");
}

/* ---- the line ---- */

static int run_argp(struct nest_parse *parse, const struct argp *argp, int argc, char **argv,
		    unsigned int flags)
{
	error_t err = argp_parse(argp, argc, argv, flags | FLAGS, NULL, parse);

	if (err == EINVAL && !parse->said)
		refuse(parse, argc, argv);
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
			return nest_usage(parse, "an argument is missing");
		return 0;
	case ARGP_KEY_ERROR:
		parse->next = state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int find_command(struct nest_parse *parse, const char *name)
{
	size_t i;

	for (i = 0; parse->commands[i]; i++)
		if (!strcmp(parse->commands[i]->name, name))
			parse->command = parse->commands[i];
	return parse->command ? 0 : nest_usage(parse, "no command is called '%s'", name);
}

static error_t parse_top(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = parse;
		return 0;
	case ARGP_KEY_ARG:
		parse->next = state->next - 1;
		state->next = state->argc; /* the rest is the command's */
		return find_command(parse, arg);
	case ARGP_KEY_ERROR:
		parse->next = state->next;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* What can only be told when the whole line is known. */
static int check_line(struct nest_parse *parse)
{
	const struct nest_command *command = parse->command;
	const struct nest_options *options = &parse->options;
	char formats[160];

	if (!nest_command_printer(command, options->format))
		return -nest_usage(parse, "%s has no format '%s', it has %s", command->name,
				   options->format, nest_formats(parse, formats, sizeof(formats)));
	if (options->from && options->sysroot)
		return -nest_usage(parse, "--from and --sysroot exclude each other");
	if (options->from && !command->reads_reports)
		return -nest_usage(parse, "%s asks this host and cannot ask a report (--from)",
				   command->name);
	return 0;
}

int nest_parse(struct nest_parse *parse, int argc, char **argv)
{
	const struct argp_child top_children[] = { { parse->global, 0, NULL, 0 }, { 0 } };
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
	err = run_argp(parse, &top, argc, argv, ARGP_IN_ORDER);
	if (err)
		return err;
	first = parse->command ? parse->next : 0;
	argc = parse->command ? argc - first : 1;
	parse->command = parse->command ? parse->command : parse->commands[0];
	snprintf(parse->name, sizeof(parse->name), "vfio-nestctl %s", parse->command->name);
	own.options = parse->command->options;
	own.parser = parse->command->parse;
	sub.args_doc = parse->command->arguments;
	parse->own = calloc(1, parse->command->own_size + 1);
	if (!parse->own)
		return -ENOMEM;
	err = run_argp(parse, &sub, argc, argv + first, 0);
	return err ? err : check_line(parse);
}
