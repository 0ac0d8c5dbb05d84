/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A piece of kernel log, and how words and numbers are read out of it. Each nest_log_eat…() takes
 * something from *p, moves it and returns true, or leaves *p where it is. Pure.
 */
#ifndef NEST_LOG_TEXT_H
#define NEST_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pciaddr.h"

#define NEST_LOG_NONE		 SIZE_MAX

#define NEST_LOG_PAIRS		 4096
#define NEST_LOG_ROWS_MAX	 1024
#define NEST_LOG_FAULT_FORMS_MAX 128

/* Which pairs of characters a text has, so that most needles need no search. */
static inline unsigned int nest_log_pair(char a, char b)
{
	return ((unsigned char)a * 61u + (unsigned char)b) % NEST_LOG_PAIRS;
}

static inline void nest_log_note_pair(uint64_t pairs[NEST_LOG_PAIRS / 64], char a, char b)
{
	unsigned int pair = nest_log_pair(a, b);

	pairs[pair / 64] |= UINT64_C(1) << pair % 64;
}

struct nest_log_index;

/* Joined lines in which blanks are single, without control characters. */
struct nest_log_window {
	const char *text; /* terminated */
	size_t len;
	size_t first;	/* length of the first line: matches that begin behind it are not wanted */
	bool has_pairs; /* pairs has those of the text, and maybe others */
	uint64_t pairs[NEST_LOG_PAIRS / 64];
	/* The rows of the tables that the text may hold, a bit each; NULL: all are tried. */
	const uint64_t *rows;
	const struct nest_log_index *index;
};

static inline bool nest_log_has_pair(const struct nest_log_window *w, unsigned int pair)
{
	return w->pairs[pair / 64] >> pair % 64 & 1;
}

/* Letters, digits and the underscore. */
bool nest_log_is_word(char c);

/* The word itself. */
bool nest_log_eat(const char **p, const char *end, const char *word);

/* A hex number of at most 16 digits, with or without 0x, that ends at a word boundary. */
bool nest_log_eat_hex(const char **p, const char *end, uint64_t *ret_value);

/* Decimal digits, at most 9. */
bool nest_log_eat_decimal(const char **p, const char *end, uint32_t *ret_value);

/* "00:02.0", "0000:00:02.0", "10000:e0:06.0", "0x64:0x00.5". */
bool nest_log_eat_pci(const char **p, const char *end, struct nest_pciaddr *ret_addr,
		      bool *ret_segment);

/* Looks for key ("address=") between *p and end, and takes the hex number behind it. */
bool nest_log_value(const char **p, const char *end, const char *key, uint64_t *ret_value);

/* Where needle begins at or after at and before limit (it may end behind it), or NEST_LOG_NONE. */
size_t nest_log_find(const struct nest_log_window *w, size_t at, size_t limit, const char *needle);

/* Where the word before position pos begins (pos follows a blank), or NEST_LOG_NONE. */
size_t nest_log_word_before(const struct nest_log_window *w, size_t pos);

/* "smmu3.0: " in front of *pos: copies the name and moves *pos to it. False: none, or too long. */
bool nest_log_unit_before(const struct nest_log_window *w, size_t *pos, char *buf, size_t size);

/* Is the word at pos this one, with a blank behind? */
bool nest_log_word_is(const struct nest_log_window *w, size_t pos, const char *word);

/* The time of a line as it stands there: "12.345678", "Nov 28 03:24:39"; empty without one. */
void nest_log_time(const char *text, size_t len, char *buf, size_t size);

/* "message repeated 3 times: [ …]" of syslog daemons; 1 for other lines. */
unsigned int nest_log_repeats(const struct nest_log_window *w);

#endif
