/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that came from a machine, made safe for a terminal: control characters (C0, DEL, C1), the
 * Unicode controls that reorder or hide text, noncharacters, and bytes that are no UTF-8 become
 * \xNN.
 */
#ifndef NEST_ESCAPE_H
#define NEST_ESCAPE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* True if nest_escape() would change nothing. */
bool nest_is_safe(const char *text);

/* Returns an escaped copy, to be freed; NULL when memory is out. */
char *nest_escape(const char *text);

/* The same into a buffer of four times the length of text, and one byte. */
void nest_escape_into(char *buf, const char *text);

/* The same of a text that is formatted first. */
char *nest_escape_format(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

/*
 * Length in bytes of the UTF-8 character at text (which ends with a NUL), or 0 if it is not one
 * that may be shown.
 */
size_t nest_utf8_safe(const char *text);

#endif
