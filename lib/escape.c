// SPDX-License-Identifier: GPL-2.0-or-later
/* Which characters may reach a terminal, and how the others are written. */
#include "escape.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Unicode that acts on the text around it: zero width and direction marks, overrides, isolates,
 * BOM. And what is no character at all: XML and YAML refuse U+FFFE and U+FFFF.
 */
static bool acts_on_text(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c & 0xfffe) == 0xfffe ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

size_t nest_utf8_safe(const char *text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c = *p;
	size_t len, i;

	if (c < 0x80)
		return c >= 0x20 && c != 0x7f;
	len = c >= 0xf0 && c <= 0xf4  ? 4
	      : c >= 0xe0 && c < 0xf0 ? 3
	      : c >= 0xc2 && c < 0xe0 ? 2
				      : 0;
	if (!len)
		return 0;
	c &= 0x7f >> len;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c < 0xa0 ||
	    acts_on_text(c))
		return 0;
	return len;
}

bool nest_is_safe(const char *text)
{
	while (*text) {
		size_t len = nest_utf8_safe(text);

		if (!len)
			return false;
		text += len;
	}
	return true;
}

void nest_escape_into(char *buf, const char *text)
{
	while (*text) {
		size_t len = nest_utf8_safe(text);

		if (len) {
			buf = mempcpy(buf, text, len);
			text += len;
		} else {
			buf += sprintf(buf, "\\x%02x", (unsigned char)*text++);
		}
	}
	*buf = '\0';
}

char *nest_escape(const char *text)
{
	char *safe = malloc(strlen(text) * 4 + 1);

	if (safe)
		nest_escape_into(safe, text);
	return safe;
}

char *nest_escape_format(const char *fmt, va_list args)
{
	char *text, *safe;

	if (vasprintf(&text, fmt, args) < 0)
		return NULL;
	safe = nest_escape(text);
	free(text);
	return safe;
}
