// SPDX-License-Identifier: GPL-2.0-or-later
/* The formats of first-stage tables that the tool can build. */
#include "s1/s1.h"

#include <string.h>

#include "util.h"

static const struct nest_s1_format *const formats[] = { &nest_s1_x86, &nest_s1_mock, &nest_s1_arm64,
							&nest_s1_arm64_16k, &nest_s1_arm64_64k };

const struct nest_s1_format *nest_s1_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}
