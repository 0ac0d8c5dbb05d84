/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: options of every command, the command, its own options and arguments. Usage
 * errors are printed here, on standard error.
 */
#ifndef NEST_PARSE_H
#define NEST_PARSE_H

#include <stdint.h>

#include "cmd/command.h"
#include "cmd/usage.h"

/* Key of --format, whose help names the formats. */
#define NEST_KEY_FORMAT 0x100
/* Keys of a command's own options that have no letter begin here. */
#define NEST_KEY_OWN 0x200

/* The input of all parsers of options. */
struct nest_parse {
	const struct nest_command *const *commands; /* NULL ends them; the first is the default */
	const struct argp *global;		    /* the options of every command */
	const struct nest_command *command;	    /* NULL: none yet */
	struct nest_options options;
	void *own;     /* the command's own options */
	char name[40]; /* "vfio-nestctl", then "vfio-nestctl list": for --help and hints */
	bool said;     /* a usage error was printed */
	int next;      /* argument behind the one at which argp stopped */
};

/*
 * Parses the whole line. The caller frees parse->own in any case. 0; -EINVAL: a usage error, which
 * was printed; -ECANCELED: there is nothing left to do, as after --version; -ENOMEM.
 */
int nest_parse(struct nest_parse *parse, int argc, char **argv);

/* "human, json, dot": the formats of the command, or of all where there is none. Returns buf. */
const char *nest_formats(const struct nest_parse *parse, const char *between, char *buf,
			 size_t size);

/* ---- for parsers of options, which return the result ---- */

/* Keeps one more argument. */
error_t nest_parse_argument(struct nest_parse *parse, const char *arg);

/* Reads the value of --option, from 1 to most. base: see number.h. */
error_t nest_parse_number(struct nest_parse *parse, const char *option, const char *arg, int base,
			  uint32_t most, uint32_t *ret);

#endif
