// SPDX-License-Identifier: GPL-2.0-or-later
/* What each hand-written format escapes, and how. */
#include "print/quote.h"

#include <string.h>

#include "escape.h"

/* For each: the special characters, and their replacements. */
static const struct quoting {
	const char *special;
	const char *instead[5];
} quotings[] = {
	[NEST_LITERAL] = { "", { NULL } },
	[NEST_QUOTED] = { "\"\\", { "\\\"", "\\\\" } },
	[NEST_XML] = { "&<>\"'", { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" } },
	/*
	 * Some readers take any # for a directive, escaped or not: "# SKIP" would hide a failure.
	 */
	[NEST_TAP] = { "#\\", { "\\\\x23", "\\\\" } },
	[NEST_WORD] = { " \\", { "\\x20", "\\x5c" } },
	[NEST_PAIR] = { " \"\\`$", { "\\x20", "\\x22", "\\x5c", "\\x60", "\\x24" } },
};

static void put_byte(FILE *out, const struct quoting *quoting, char c)
{
	const char *at = c ? strchr(quoting->special, c) : NULL;

	if (at)
		fputs(quoting->instead[at - quoting->special], out);
	else
		fputc(c, out);
}

void nest_put(FILE *out, enum nest_quoting quoting, const char *text)
{
	while (text && *text) {
		size_t len = nest_utf8_safe(text);

		if (len > 1) {
			fwrite(text, 1, len, out);
		} else if (len) {
			put_byte(out, &quotings[quoting], *text);
		} else {
			put_byte(out, &quotings[quoting], '\\');
			fprintf(out, "x%02x", (unsigned char)*text);
			len = 1;
		}
		text += len;
	}
}
