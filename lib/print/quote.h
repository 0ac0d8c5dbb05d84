/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text inside the syntax of the formats that are written by hand. It is escaped as in escape.h, and
 * then by the rules of the syntax: no name of the machine can end a string, a line or a tag.
 */
#ifndef NEST_PRINT_QUOTE_H
#define NEST_PRINT_QUOTE_H

#include <stdio.h>

enum nest_quoting {
	NEST_LITERAL, /* a line of its own: comments, block scalars of YAML */
	NEST_QUOTED,  /* within double quotes: YAML, and labels of Prometheus */
	NEST_XML,     /* text and attributes of XML, HTML-like labels of DOT */
	NEST_TAP,     /* descriptions and reasons of TAP, in which no # may be left to readers'
			 discretion */
	NEST_WORD,    /* one word between blanks */
	NEST_PAIR,    /* one word within double quotes of a shell */
};

/* NULL prints nothing. */
void nest_put(FILE *out, enum nest_quoting quoting, const char *text);

#endif
