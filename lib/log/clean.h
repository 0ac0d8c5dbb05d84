/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes what carried a log off its text: UTF-16, no-break spaces, HTML entities, quoted-printable,
 * JSON of the journal and of dmesg, CSV, and the escapes with which daemons write a line break
 * (#012, \x0a). Works on one line of the file at a time. Pure.
 */
#ifndef NEST_LOG_CLEAN_H
#define NEST_LOG_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEST_CLEAN_LINE 16384 /* a longer line is cleaned in pieces */
#define NEST_CLEAN_HEAD 64    /* bytes by which UTF-16 is recognised */

struct nest_clean {
	/* Gets the clean text: characters, and line breaks that are none of the file. 0 or -errno.
	 */
	int (*take)(void *data, char c);
	int (*take_text)(void *data, const char *text, size_t len); /* many, none below 0x20 */
	int (*line_break)(void *data);
	int (*line_end)(void *data);	 /* of the file */
	void (*line_joined)(void *data); /* one more line of the file was a part of it */
	void *data;

	char line[NEST_CLEAN_LINE + 1];
	size_t len;
	bool quoted_printable;
	size_t line_start;   /* of the line of the file, where it was joined */
	unsigned int joined; /* lines that a soft break ended */

	enum { NEST_CLEAN_UNDECIDED, NEST_CLEAN_BYTES, NEST_CLEAN_LE, NEST_CLEAN_BE } width;
	unsigned char head[NEST_CLEAN_HEAD];
	size_t head_len;
	unsigned char half; /* of a UTF-16 unit */
	bool has_half;
};

/* Takes bytes of the file, cut anywhere. 0, or what a callback returned. */
int nest_clean_feed(struct nest_clean *clean, const char *buf, size_t len);

/* Takes its end. */
int nest_clean_finish(struct nest_clean *clean);

#endif
