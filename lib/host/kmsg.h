/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel log as far as it bears on IOMMUs and VFIO: the lines that name one, and around each
 * fault the lines before and after it. What is kept is bounded (NEST_KMSG_MAX); of a longer log the
 * beginning and the end are kept, and a line says how many are missing between.
 */
#ifndef NEST_KMSG_H
#define NEST_KMSG_H

#include <stdbool.h>
#include <stddef.h>

#include "ctx.h"

#define NEST_KMSG_PATH	 "dev/kmsg"   /* below the root */
#define NEST_KMSG_MAX	 (192u << 10) /* bytes, less than NEST_ANSWERS_FILE_MAX */
#define NEST_KMSG_AROUND 3	      /* lines on either side of a fault */

struct nest_kmsg {
	char *text; /* lines, "[    1.234567] …" where the log gives a time; NULL if it cannot be
		       read */
	size_t len;
	int err; /* why there is no text, errno > 0: EPERM under dmesg_restrict without CAP_SYSLOG
		  */
};

/*
 * Reads /dev/kmsg of a live host through the door of kernel/kernel.h, the file dev/kmsg of a
 * captured tree, or what a report kept. 0 or -ENOMEM; a log that cannot be read is an answer (err).
 * Freed by nest_kmsg_free().
 */
int nest_kmsg_read(struct nest_ctx *ctx, struct nest_kmsg *ret_kmsg);
void nest_kmsg_free(struct nest_kmsg *kmsg);

#endif
