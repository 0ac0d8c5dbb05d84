// SPDX-License-Identifier: GPL-2.0-or-later
/* How a failed request is noted. */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

int nest_failure_set(struct nest_failure *failed, int err, const char *op, const char *object, ...)
{
	va_list args;

	if (!failed)
		return err;
	failed->op = op;
	failed->err = -err;
	va_start(args, object);
	vsnprintf(failed->object, sizeof(failed->object), object, args);
	va_end(args);
	return err;
}
