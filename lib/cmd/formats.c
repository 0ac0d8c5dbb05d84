// SPDX-License-Identifier: GPL-2.0-or-later
/* Which formats a command has. */
#include <string.h>

#include "cmd/parse.h"

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

const char *nest_formats(const struct nest_parse *parse, const char *between, char *buf,
			 size_t size)
{
	const struct nest_command *const one[] = { parse->command, NULL };
	const struct nest_command *const *commands = parse->command ? one : parse->commands;
	const struct nest_printer *printer;
	size_t len = 0, i;

	for (i = 0; commands[i]; i++)
		for (printer = commands[i]->printers; printer->format; printer++)
			if (!has_format(commands, i, printer->format) && len < size)
				len += (size_t)snprintf(buf + len, size - len, "%s%s",
							len ? between : "", printer->format);
	return buf;
}
