// SPDX-License-Identifier: GPL-2.0-or-later
/* --help: the usage, the commands, and a line for each option. */
#include "cmd/help.h"

#include <string.h>

static bool is_letter(int key)
{
	return key > ' ' && key < 0x7f;
}

/*
 * Writes "  -o, --output=FILE" and returns its length. An alias stands on the line of its option,
 * and so does a letter that has no name and no value.
 */
static int option_words(const struct argp_option *option, char *buf, size_t size)
{
	bool follows = !option[1].name && !option[1].flags && option[1].key;
	int letter = follows ? option[1].key : option->key;
	bool optional = option->flags & OPTION_ARG_OPTIONAL;
	int len = is_letter(letter) ? snprintf(buf, size, "  -%c, --%s", letter, option->name)
				    : snprintf(buf, size, "      --%s", option->name);

	if (option->arg)
		len += snprintf(buf + len, size - (size_t)len, optional ? "[=%s]" : "=%s",
				option->arg);
	if (option[1].flags & OPTION_ALIAS)
		len += snprintf(buf + len, size - (size_t)len, ", --%s", option[1].name);
	return len;
}

/* The next option that has a name, from this one on; NULL: none. */
static const struct argp_option *named(const struct argp_option *option)
{
	while (option && !option->name && option->key)
		option++;
	return option && option->name ? option : NULL;
}

static int widest(const struct argp_option *option)
{
	char words[80];
	int most = 0;

	for (option = named(option); option; option = named(option + 1))
		if (option_words(option, words, sizeof(words)) > most)
			most = option_words(option, words, sizeof(words));
	return most;
}

static void put_options(FILE *out, const struct nest_parse *parse, int width,
			const struct argp_option *option)
{
	char words[80], formats[160];

	for (option = named(option); option; option = named(option + 1)) {
		if (option->flags & OPTION_ALIAS)
			continue;
		option_words(option, words, sizeof(words));
		fprintf(out, "%-*s%s%s\n", width + 2, words, option->doc,
			option->key == NEST_KEY_FORMAT
				? nest_formats(parse, " ", formats, sizeof(formats))
				: "");
	}
}

static void put_usage(FILE *out, const char *name, const char *arguments)
{
	const char *before = "Usage:";

	do {
		int len = (int)strcspn(arguments, "\n");

		fprintf(out, "%s %s [OPTION...]%s%.*s\n", before, name, len ? " " : "", len,
			arguments);
		arguments += len + (arguments[len] == '\n');
		before = "  or: ";
	} while (*arguments);
}

void nest_help(FILE *out, const struct nest_parse *parse)
{
	const struct nest_command *const *command;
	int width = widest(parse->global->options);

	if (parse->command) {
		if (widest(parse->command->options) > width)
			width = widest(parse->command->options);
		put_usage(out, parse->name, parse->command->arguments);
		fprintf(out, "%s.\n\n", parse->command->summary);
		put_options(out, parse, width, parse->command->options);
		fputs("Options of every command:\n", out);
		put_options(out, parse, width, parse->global->options);
		return;
	}
	put_usage(out, parse->name, "[COMMAND] [ARGUMENT...]");
	fprintf(out,
		"Tell whether user space can use nested (two-stage) IOMMU translation here.\n\n"
		"Commands (default: %s; COMMAND --help tells more):\n",
		parse->commands[0]->name);
	for (command = parse->commands; *command; command++)
		fprintf(out, "  %-10s %s\n", (*command)->name, (*command)->summary);
	fputc('\n', out);
	put_options(out, parse, width, parse->global->options);
	fputs("Exit status: 0 yes, 1 no, 2 usage, 3 unknown, 4 error. See vfio-nestctl(8).\n", out);
}
