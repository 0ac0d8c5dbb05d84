/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Usage errors: a line that says what is wrong, and a line that says where to read more. */
#ifndef NEST_USAGE_H
#define NEST_USAGE_H

#include <argp.h>
#include <stddef.h>

struct nest_parse;

/* All return EINVAL, for parsers of options to return. */
error_t nest_usage(struct nest_parse *parse, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A word that is not one of the choices (NULL ends them): "unknown command 'lst'; did you mean
 * 'list'?", or all choices if none is near. what is "unknown command" or "--color: invalid
 * argument".
 */
error_t nest_usage_word(struct nest_parse *parse, const char *what, const char *word,
			const char *const *choices);

/* An option that getopt refused: the word before argv[parse->next], or that one. */
error_t nest_usage_option(struct nest_parse *parse, int argc, char **argv);

/* Refuses --sysroot and --from for something that opens device nodes. 0: neither was given. */
error_t nest_usage_nodes(struct nest_parse *parse, const char *what);

#endif
