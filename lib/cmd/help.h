/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --help prints. It is made from the descriptors, so it is never out of date. */
#ifndef NEST_HELP_H
#define NEST_HELP_H

#include "cmd/parse.h"

/* Of the command, or of the program where no command was given. */
void nest_help(FILE *out, const struct nest_parse *parse);

#endif
