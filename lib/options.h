/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options and arguments that every command has. Its own are in the command's file. */
#ifndef NEST_OPTIONS_H
#define NEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEST_ARGS_MAX 64

struct nest_options {
	const char *format; /* name of a format, "human" unless given */
	const char *sysroot, *from, *transcript;
	const char *output; /* file for the document; NULL: standard output */
	bool compact;	    /* JSON on one line */
	bool color;
	uint32_t timeout; /* seconds after which a plugin of Nagios gives up; 0: never */
	int verbosity;	  /* -1 quiet, 0 normal, 1 and more: explain */
	const char *args[NEST_ARGS_MAX];
	size_t nargs;
};

#endif
