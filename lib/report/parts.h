/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON that is parsed one value at a time, by json-c in its strict mode: memory does not grow with
 * the document. Pure.
 */
#ifndef NEST_REPORT_PARTS_H
#define NEST_REPORT_PARTS_H

struct json_object;
struct json_tokener;

struct nest_parts {
	struct json_tokener *tokener; /* strict */
	const char *at, *end;	      /* the text that is left */
	const char *why;	      /* what is wrong with it, after -EINVAL */
};

/* Skips blanks. The character there, or NUL at the end of the text. */
char nest_parts_peek(struct nest_parts *parts);

/* Parses the value that is next, and steps behind it. NULL is JSON's null. 0 or -EINVAL. */
int nest_parts_value(struct nest_parts *parts, struct json_object **ret_value);

/*
 * Walks the object or array that is next, and steps behind it. fn steps behind one value each time;
 * key is NULL in an array. 0; -EINVAL; what fn returned if it was not 0; -ENOMEM.
 */
int nest_parts_each(struct nest_parts *parts, int (*fn)(void *data, const char *key), void *data);

#endif
