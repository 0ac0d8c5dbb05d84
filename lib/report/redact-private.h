/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of redact share. */
#ifndef NEST_REDACT_PRIVATE_H
#define NEST_REDACT_PRIVATE_H

#include "report/redact.h"

#define NEST_SECRET_KEY_MAX 64

/* isalnum() and isxdigit() of the C locale, without a call for each letter of a report. */
static inline bool nest_redact_isalnum(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10;
}

static inline bool nest_redact_isxdigit(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 6 || (unsigned char)(c - '0') < 10;
}

/* report/text.c: text that grows; always ended by a NUL behind len. */
struct nest_text {
	char *at;
	size_t len, room;
	bool failed;
};
void nest_text_add(struct nest_text *text, const char *bytes, size_t len);

/* Rewrites bytes by the patterns, labels and learned names alone. */
void nest_redact_into(struct nest_redact *redact, bool same_length, const char *bytes, size_t len,
		      struct nest_text *out);

/*
 * One letter at p < end, and its length: systemd escapes what is neither letter nor digit ("\x2d"),
 * and the kernel escapes the backslash of that ("\x5cx2d").
 */
size_t nest_redact_letter(const char *p, const char *end, char *ret_letter);

/* A text, and whether letters stand in it without which some secrets cannot. */
struct nest_redact_span {
	const char *begin, *end;
	bool has_at, has_dot, has_escape;
};
struct nest_redact_span nest_redact_span(const char *bytes, size_t len);

/*
 * The first place from p on where a word or a '/' begins, or the end. An escaped letter ends no
 * word and begins none.
 */
const char *nest_redact_next(const struct nest_redact_span *span, const char *p);

/* report/redact-find.c: a form of secrets. */
struct nest_secret_form {
	enum nest_secret kind;
	bool same_length; /* of the stand-in */
	/* Length of one at p, with its key; 0: there is none. */
	size_t (*find)(const char *begin, const char *p, const char *end, char *ret_key);
	/* Writes the stand-in of number n for what stands at p. */
	void (*replace)(struct nest_text *out, const char *p, size_t len, unsigned int n);
};

/* The form and the length of the secret at p, where a word begins, with its key; 0: there is none.
 */
size_t nest_redact_find(const char *begin, const char *p, const char *end, bool same_length,
			const struct nest_secret_form **ret_form,
			char ret_key[NEST_SECRET_KEY_MAX]);

/* The number of a key that is a stand-in already, or 0. */
unsigned int nest_redact_number(enum nest_secret kind, const char *key);

/*
 * report/redact-label.c: what a label at p announces. Returns how many bytes, from p on, go; the
 * first *ret_kept of them stay, *ret_instead stands for the rest. 0: there is none. The index is
 * filled at the first call.
 */
size_t nest_redact_label(struct nest_redact_labels *index, const struct nest_redact_span *span,
			 const char *p, size_t *ret_kept, const char **ret_instead);

/* report/redact-cmdline.c */
void nest_redact_cmdline(struct nest_redact *redact, const char *bytes, size_t len,
			 struct nest_text *out);

#endif
