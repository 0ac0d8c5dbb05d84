// SPDX-License-Identifier: GPL-2.0-or-later
/* The ledger: whatever is left at the end, and whatever should never have been done. */
#include "fake-device.h"
#include "fake-iommufd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static unsigned int violations;

bool fake_ledger_strict(void)
{
	const char *text = getenv("NESTCTL_FAKE_LEDGER");

	/* After a failure that was asked for, the kernel may have to drop things itself. */
	return text && !strcmp(text, "strict") && !fake_inject_failed();
}

void fake_violation(const char *fmt, ...)
{
	va_list args;

	violations++;
	fputs("fake: violation: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

unsigned int fake_ledger_check(FILE *out)
{
	return violations + fake_fd_left(out) + fake_iommufd_left(out) + fake_space_left(out) +
	       fake_memory_left(out) + fake_device_left(out);
}

void fake_ledger_reset(void)
{
	violations = 0;
}
