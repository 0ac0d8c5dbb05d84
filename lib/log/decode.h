/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decode command found in its arguments, a log or a table. */
#ifndef NEST_DECODE_H
#define NEST_DECODE_H

#include "hw/acpi.h"
#include "log/answer.h"
#include "hw/regs.h"

struct nest_decode {
	/* Register sets: one from the command line, or one for each unit of a log. */
	struct nest_decoded_unit {
		const char *name;		   /* "dmar0", NULL where none was told */
		const struct nest_log_unit *found; /* in the log; NULL: on the command line */
		struct nest_regs regs;
	} * units;
	size_t nunits;
	struct nest_log *log;	       /* NULL unless --log */
	struct nest_log_answer answer; /* of the log */
	struct nest_acpi *table;       /* NULL unless decode of a table */
};

#endif
