// SPDX-License-Identifier: GPL-2.0-or-later
/* Which lines begin a message, and which pairs of characters a line has. */
#include "log/line.h"

#include <ctype.h>
#include <string.h>

bool nest_log_line_is_fresh(const struct nest_log_line *line)
{
	const char *t = line->text, *blank;
	size_t word;

	if (line->after_gap || t[0] == '[' || t[0] == '<')
		return true;
	blank = memchr(t, ' ', line->len);
	word = blank ? (size_t)(blank - t) : line->len;
	if (word >= 5 && t[word - 1] == ':')
		return true; /* "DMAR:" */
	if (word == 3 && isupper((unsigned char)t[0]) && islower((unsigned char)t[1]) &&
	    line->len > 4 && isdigit((unsigned char)t[4]))
		return true;						  /* "Feb 16" */
	return word >= 10 && isdigit((unsigned char)t[0]) && t[4] == '-'; /* "2026-11-23T…" */
}

size_t nest_log_line_add(struct nest_log_line *line, const char *text, size_t len, bool *blank)
{
	char *to = line->text + line->len, *last = line->text + NEST_LOG_LINE_MAX - 2;
	char before = to[-1];
	bool skipped = *blank;
	size_t i;

	for (i = 0; i < len && to <= last; i++) {
		char c = text[i];

		if (c == ' ') {
			skipped = true;
			continue;
		}
		if (skipped) {
			nest_log_note_pair(line->pairs, before, ' ');
			before = *to++ = ' ';
			skipped = false;
		}
		nest_log_note_pair(line->pairs, before, c);
		before = *to++ = c;
	}
	line->len = (size_t)(to - line->text);
	*blank = skipped;
	return i;
}

void nest_log_line_join(struct nest_log_line *line, const struct nest_log_line *next)
{
	nest_log_note_pair(line->pairs, ' ', next->text[0]);
	nest_log_note_pair(line->pairs, line->text[line->len - 1], next->text[0]);
}
