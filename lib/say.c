// SPDX-License-Identifier: GPL-2.0-or-later
/* Diagnostics: one escaped line on stderr. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "ctx.h"
#include "escape.h"

void nest_say(const struct nest_ctx *ctx, int level, const char *fmt, ...)
{
	int saved = errno;
	va_list args;
	char *safe;

	if (level > ctx->verbosity)
		return;
	va_start(args, fmt);
	safe = nest_escape_format(fmt, args);
	va_end(args);
	fprintf(stderr, "vfio-nestctl: %s\n", safe ? safe : "out of memory");
	free(safe);
	errno = saved;
}
