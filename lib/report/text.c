// SPDX-License-Identifier: GPL-2.0-or-later
/* Text that grows. */
#include <stdlib.h>
#include <string.h>

#include "report/redact-private.h"

void nest_text_add(struct nest_text *text, const char *bytes, size_t len)
{
	char *bigger;

	if (len >= text->room - text->len || !text->at) {
		bigger = realloc(text->at, (text->room + len + 32) * 2);
		if (!bigger) {
			text->failed = true;
			return;
		}
		text->at = bigger;
		text->room = (text->room + len + 32) * 2;
	}
	memcpy(text->at + text->len, bytes, len);
	text->len += len;
	text->at[text->len] = '\0';
}
