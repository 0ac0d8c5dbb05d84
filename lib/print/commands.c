// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Remedies for people: a clause, and commands that can be pasted. A terminal that has no room for a
 * command shows it on several lines, each of which a shell knows to be unfinished.
 */
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "print/human.h"

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

/* What is shown of a line of a remedy (remedy.c), up to its end; NULL: it is the other way's. */
static const char *shown_line(const struct nest_run *run, const char *line, size_t *len)
{
	static const char plain[] = "# until the next reboot:";
	static const char none[] = "# to no driver, until the next reboot:";
	bool other = begins(line, "# or, without driverctl");

	if (run->driverctl)
		return other || memmem(line, *len, "driver_override", 15) ||
				       memmem(line, *len, "drivers_probe", 13) ||
				       memmem(line, *len, "driver/unbind", 13)
			       ? NULL
			       : line;
	if (begins(line, "driverctl ") || begins(line, "# to go back: driverctl "))
		return NULL;
	if (!other)
		return line;
	if (!memmem(line, *len, "reboot", 6))
		return NULL;
	line = memmem(line, *len, "to no driver", 12) ? none : plain;
	*len = strlen(line);
	return line;
}

/*
 * How much of the command goes on one line: all of it, or up to a "&&" that is in no quotes. *more:
 * what follows it.
 */
static size_t piece_of(const char *command, size_t len, const char **more)
{
	char quote = '\0';
	size_t i;

	for (i = 0; i < len; i++) {
		if (quote)
			quote = command[i] == quote ? '\0' : quote;
		else if (command[i] == '\\')
			i++;
		else if (command[i] == '\'' || command[i] == '"')
			quote = command[i];
		else if (i + 4 < len && !strncmp(command + i, " && ", 4)) {
			*more = command + i + 4;
			return i + 3;
		}
	}
	*more = NULL;
	return len;
}

/* What the second and later lines of a command begin with; those of a comment are comments. */
static const char *carry_on(const char *command)
{
	return *command == '#' ? "#   " : "  ";
}

/* The widest line, if each command is broken wherever it can be. */
static size_t width_of(const struct nest_run *run, const char *commands)
{
	size_t widest = 0, len;

	for (; *commands; commands += len + (commands[len] == '\n')) {
		size_t shown = len = strcspn(commands, "\n"), begin = 0;
		const char *line = shown_line(run, commands, &shown), *more = line;

		for (; more; begin = strlen(carry_on(line))) {
			const char *piece = more;

			widest = MAX(widest, begin + piece_of(piece, shown, &more));
			shown -= more ? (size_t)(more - piece) : 0;
		}
	}
	return widest;
}

/* room: columns there are for it; 0: it stays whole. */
static void put_command(FILE *out, const char *line, size_t len, size_t indent, size_t room)
{
	const char *more, *begin = "";
	size_t left = len;

	if (!room || indent + len <= room) {
		nest_out(out, "%*s%.*s", (int)indent, "", (int)len, line);
		fputc('\n', out);
		return;
	}
	for (more = line; more; begin = carry_on(line)) {
		const char *piece = more;
		size_t n = piece_of(piece, left, &more);

		nest_out(out, "%*s%s%.*s", (int)indent, "", begin, (int)n, piece);
		fputc('\n', out);
		left -= more ? (size_t)(more - piece) : 0;
	}
}

void nest_human_commands(FILE *out, const struct nest_run *run, const char *commands)
{
	size_t room = isatty(fileno(out)) ? nest_width(out) : 0, indent = NEST_FACT_INDENT, len;
	const char *said = "";
	size_t nsaid = 0;

	if (room && indent + width_of(run, commands) > room)
		indent = NEST_NARROW_INDENT;
	for (; *commands; commands += len + (commands[len] == '\n')) {
		size_t shown = len = strcspn(commands, "\n");
		const char *line = shown_line(run, commands, &shown);

		if (!line || (*line == '#' && shown == nsaid && !memcmp(line, said, nsaid)))
			continue;
		if (*line == '#') {
			said = line;
			nsaid = shown;
		}
		put_command(out, line, shown, indent, room);
	}
}

void nest_human_remedy(FILE *out, const struct nest_run *run, const char *name, const char *label,
		       const char *remedy)
{
	size_t len = strcspn(remedy, "\n");

	nest_fact(out, run, name, "%s%.*s", label, (int)len, remedy);
	if (remedy[len])
		nest_human_commands(out, run, remedy + len + 1);
}
