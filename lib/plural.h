/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plural of a noun that follows a number: "%zu unit%s", n, nest_plural(n). */
#ifndef NEST_PLURAL_H
#define NEST_PLURAL_H

#include <stdint.h>

static inline const char *nest_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

#endif
