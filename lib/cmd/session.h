/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of a command, from the opening of what it reads to the printing of what it found. */
#ifndef NEST_SESSION_H
#define NEST_SESSION_H

#include "cmd/parse.h"

/* Runs the command of the line, and returns the exit status. */
int nest_session(const struct nest_parse *parse);

/*
 * After --help and the like: the exit status, which is an error if the text could not be written,
 * with the reason said.
 */
int nest_printed(const struct nest_parse *parse);

#endif
