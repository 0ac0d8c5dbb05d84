// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of check. */
#include "check/check.h"

const char *nest_result_name(enum nest_result result)
{
	static const char *const names[NEST_RESULTS] = { "pass", "warn", "fail", "unknown",
							 "not_applicable" };

	return names[result];
}

const char *nest_subject_name(enum nest_subject subject)
{
	static const char *const names[] = { "host", "unit", "group", "device" };

	return names[subject];
}

const char *nest_verdict_name(enum nest_verdict verdict)
{
	static const char *const names[] = { "ready", "not_ready", "unknown" };

	return names[verdict];
}
