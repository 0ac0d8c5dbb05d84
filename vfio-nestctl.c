// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of every command, the list of commands, and the exit status of vfio-nestctl. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/help.h"
#include "cmd/parse.h"
#include "cmd/session.h"
#include "signals.h"
#include "version.h"

static const struct nest_command *const commands[] = {
	&nest_command_list,   &nest_command_show,      &nest_command_probe,
	&nest_command_check,  &nest_command_roundtrip, &nest_command_decode,
	&nest_command_report, &nest_command_diff,      NULL,
};

enum {
	KEY_SYSROOT = NEST_KEY_FORMAT + 1,
	KEY_JSON,
	KEY_FROM,
	KEY_TRANSCRIPT,
	KEY_COLOR,
	KEY_USAGE
};

static const struct argp_option global_options[] = {
	{ "json", KEY_JSON, "short", OPTION_ARG_OPTIONAL, "Print JSON; short: on one line", 0 },
	{ 0, 'J', 0, 0, 0, 0 }, /* of its own: what stands behind a letter is another letter */
	{ "format", NEST_KEY_FORMAT, "FORMAT", 0, "Format: ", 0 },
	{ "sysroot", KEY_SYSROOT, "DIR", 0, "Use sysfs and procfs below DIR; open no nodes", 0 },
	{ "from", KEY_FROM, "FILE", 0, "Read a report instead of this host (-: stdin)", 0 },
	{ "transcript", KEY_TRANSCRIPT, "FILE", 0, "Write each call on a device node to FILE", 0 },
	{ "color", KEY_COLOR, "WHEN", 0, "Use color: auto (default), always, never", 0 },
	{ "verbose", 'v', 0, 0, "Explain on stderr; twice: explain more", 0 },
	{ "quiet", 'q', 0, 0, "Print no messages on stderr", 0 },
	{ "help", 'h', 0, 0, "Print this help, or only the names of options", 0 },
	{ "usage", KEY_USAGE, 0, OPTION_ALIAS, 0, 0 },
	{ "version", 'V', 0, 0, "Print the version", 0 },
	{ 0, '?', 0, OPTION_HIDDEN, 0, 0 }, /* as argp has it; a shell may expand it */
	{ 0 },
};

static bool terminal_has_color(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

static error_t parse_color(struct nest_parse *parse, const char *when)
{
	static const char *const whens[] = { "auto", "always", "never", NULL };

	if (!strcmp(when, "auto"))
		parse->options.color = terminal_has_color();
	else if (!strcmp(when, "always"))
		parse->options.color = true;
	else if (!strcmp(when, "never"))
		parse->options.color = false;
	else
		return nest_usage_word(parse, "--color: invalid argument", when, whens);
	return 0;
}

static error_t parse_json(struct nest_parse *parse, const char *style)
{
	static const char *const styles[] = { "short", NULL };

	parse->options.format = "json";
	parse->options.compact = style;
	return !style || !strcmp(style, "short")
		       ? 0
		       : nest_usage_word(parse, "--json: invalid argument", style, styles);
}

static error_t parse_global(int key, char *arg, struct argp_state *state)
{
	struct nest_parse *parse = state->input;
	struct nest_options *options = &parse->options;

	switch (key) {
	case KEY_JSON:
	case 'J':
		return parse_json(parse, arg);
	case NEST_KEY_FORMAT:
		options->format = arg;
		return 0;
	case KEY_SYSROOT:
		options->sysroot = arg;
		return 0;
	case KEY_FROM:
		options->from = arg;
		return 0;
	case KEY_TRANSCRIPT:
		options->transcript = arg;
		return 0;
	case KEY_COLOR:
		return parse_color(parse, arg);
	case 'v':
		options->verbosity++;
		return 0;
	case 'q':
		options->verbosity = -1;
		return 0;
	case 'h':
	case '?':
		nest_help(stdout, parse);
		return ECANCELED;
	case KEY_USAGE:
		argp_help(state->root_argp, stdout, ARGP_HELP_USAGE, parse->name);
		return ECANCELED;
	case 'V':
		puts("vfio-nestctl " NEST_VERSION);
		return ECANCELED;
	}
	return ARGP_ERR_UNKNOWN;
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

static char gave_up[64];

/* All that the program holds lies in its descriptors, so it may end anywhere. */
static void give_up(int number)
{
	(void)number;
	if (write(STDOUT_FILENO, gave_up, strlen(gave_up)) < 0)
		_exit(NEST_STATUS_BROKEN);
	_exit(NEST_STATUS_UNKNOWN);
}

static void limit_time(uint32_t seconds)
{
	snprintf(gave_up, sizeof(gave_up), "VFIO-NESTCTL UNKNOWN - not done after %u s\n", seconds);
	signal(SIGALRM, give_up);
	alarm(seconds);
}

int main(int argc, char **argv)
{
	static const struct argp global = {
		.options = global_options,
		.parser = parse_global,
	};
	struct nest_parse parse = { .commands = commands, .global = &global };
	int status, err;

	fill_standard_descriptors();
	setlocale(LC_CTYPE, ""); /* names may hold any letter; numbers stay as they are */
	parse.options.format = "human";
	parse.options.color = terminal_has_color();
	err = nest_parse(&parse, argc, argv);
	if (err && err != -ECANCELED && err != -EINVAL) {
		static const struct nest_ctx aloud = { 0 };

		nest_say(&aloud, 0, "the command line cannot be read: %s", strerror(-err));
	}
	if (!err && parse.options.timeout)
		limit_time(parse.options.timeout);
	if (err)
		status = err == -ECANCELED ? nest_printed(&parse)
			 : err == -EINVAL  ? NEST_STATUS_USAGE
					   : NEST_STATUS_BROKEN;
	else
		status = nest_session(&parse);
	free(parse.own);
	/* What was asked to end ends by that signal, after everything was released and printed. */
	nest_signals_restore_and_raise();
	return status;
}
