// SPDX-License-Identifier: GPL-2.0-or-later
/* Usage errors, in the form of GNU and util-linux, with a suggestion where one is near. */
#include "cmd/usage.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/parse.h"
#include "escape.h"
#include "nearest.h"

error_t nest_usage(struct nest_parse *parse, const char *fmt, ...)
{
	static const struct nest_ctx aloud = { 0 };
	va_list args;
	char *text;

	va_start(args, fmt);
	text = nest_escape_format(fmt, args);
	va_end(args);
	nest_say(&aloud, 0, "%s", text ? text : "out of memory");
	fprintf(stderr, "Try '%s --help' for more information.\n", parse->name);
	free(text);
	parse->said = true;
	return EINVAL;
}

error_t nest_usage_word(struct nest_parse *parse, const char *what, const char *word,
			const char *const *choices)
{
	const char *near = nest_nearest(word, choices);
	char list[400] = "";
	size_t len = 0;

	if (near)
		return nest_usage(parse, "%s '%s'; did you mean '%s'?", what, word, near);
	for (; *choices && len < sizeof(list); choices++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "",
					*choices);
	return nest_usage(parse, "%s '%s' (%s)", what, word, list);
}

error_t nest_usage_nodes(struct nest_parse *parse, const char *what)
{
	const struct nest_options *options = &parse->options;

	if (!options->sysroot && !options->from)
		return 0;
	return nest_usage(parse, "%s opens device nodes of this host: it cannot be used with %s",
			  what, options->sysroot ? "--sysroot" : "--from");
}

/* ---- options that getopt refuses: argp does not say why ---- */

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
	/* Where no command is named those of the default one are taken. */
	option = (parse->command ? parse->command : parse->commands[0])->options;
	while (option && i && !is_end(option)) {
		option++;
		i--;
	}
	return option && !is_end(option) ? option : NULL;
}

#define OPTIONS_MAX 64

/* Without a list of all options: it would be too long. */
static error_t unknown_long(struct nest_parse *parse, const char *name, int len)
{
	const char *names[OPTIONS_MAX + 1] = { NULL }, *near;
	const struct argp_option *option;
	char word[NEST_NEAREST_MAX + 2];
	size_t i, n = 0;

	for (i = 0; n < OPTIONS_MAX && (option = option_at(parse, i)); i++)
		if (option->name)
			names[n++] = option->name;
	snprintf(word, sizeof(word), "%.*s", len, name);
	near = nest_nearest(word, names);
	return near ? nest_usage(parse, "unknown option '--%.*s'; did you mean '--%s'?", len, name,
				 near)
		    : nest_usage(parse, "unknown option '--%.*s'", len, name);
}

static error_t refuse_long(struct nest_parse *parse, const char *name)
{
	int len = (int)strcspn(name, "=");
	const struct argp_option *option;
	size_t i, matches = 0;

	for (i = 0; (option = option_at(parse, i)); i++) {
		if (!option->name || strncmp(option->name, name, (size_t)len))
			continue;
		matches++;
		if (!option->name[len]) {
			matches = 1;
			break;
		}
	}
	if (!matches)
		return unknown_long(parse, name, len);
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

error_t nest_usage_option(struct nest_parse *parse, int argc, char **argv)
{
	int i;

	/* getopt is behind the word, or still at it if more letters follow. */
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
