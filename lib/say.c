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
	char *text, *safe;
	va_list args;

	if (level > ctx->verbosity)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	safe = text ? nest_escape(text) : NULL;
	fprintf(stderr, "vfio-nestctl: %s\n", safe ? safe : "out of memory");
	free(safe);
	free(text);
	errno = saved;
}
