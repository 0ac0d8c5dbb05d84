// SPDX-License-Identifier: GPL-2.0-or-later
/* Which lines begin a message, and which pairs of characters joined lines have. */
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

void nest_log_line_pairs(const struct nest_log_line *line, const struct nest_log_line *next,
			 uint64_t pairs[NEST_LOG_PAIRS / 64])
{
	size_t i;

	for (i = 0; i < NEST_LOG_PAIRS / 64; i++)
		pairs[i] |= line->pairs[i];
	if (!line->len)
		return;
	nest_log_note_pair(pairs, line->text[line->len - 1], ' ');
	if (!next->len)
		return;
	nest_log_note_pair(pairs, ' ', next->text[0]);
	nest_log_note_pair(pairs, line->text[line->len - 1], next->text[0]);
}
