/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a log while its message is looked for. Pure. */
#ifndef NEST_LOG_LINE_H
#define NEST_LOG_LINE_H

#include "log/text.h"

#define NEST_LOG_LINE_MAX 4096 /* longer ones are taken in pieces */

struct nest_log_line {
	char text[NEST_LOG_LINE_MAX];
	size_t len;
	unsigned int number;
	bool glued; /* it is known that no blank belongs before the next line */
	bool blank_before, blank_after;
	bool after_gap; /* an empty line came before */
	/* Of text; once the line is complete, also of where it may be joined with the next. */
	uint64_t pairs[NEST_LOG_PAIRS / 64];
};

/* Adds a character; the caller has looked for room. */
static inline void nest_log_line_append(struct nest_log_line *line, char c)
{
	if (line->len)
		nest_log_note_pair(line->pairs, line->text[line->len - 1], c);
	line->text[line->len++] = c;
}

/*
 * Adds text in which nothing is below a blank, as far as there is room; blanks become one, and none
 * at the end: *blank tells whether one comes before what is added next. The line has a character
 * already. Returns how much of the text was taken.
 */
size_t nest_log_line_add(struct nest_log_line *line, const char *text, size_t len, bool *blank);

/*
 * Is this a new message, and not the rest of one that was broken at a fixed width? Only a hint:
 * when in doubt both are tried.
 */
bool nest_log_line_is_fresh(const struct nest_log_line *line);

/* Adds to the line's pairs those where it may be joined with the next one, in both ways. */
void nest_log_line_join(struct nest_log_line *line, const struct nest_log_line *next);

#endif
