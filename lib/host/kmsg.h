/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of the kernel log about IOMMUs and VFIO, and the lines around each fault. At most
 * NEST_KMSG_MAX bytes: of a longer log the beginning and the end are kept, with a line between them
 * that says how many lines are missing.
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
	char *text; /* lines, "[    1.234567] …" if the log has times; NULL: not readable */
	size_t len;
	int err; /* errno > 0, if text is NULL. EPERM: dmesg_restrict, without CAP_SYSLOG */
};

/*
 * Reads /dev/kmsg of a live host through the door of kernel/kernel.h, the file dev/kmsg of a
 * captured tree, or what a report kept. 0 or -ENOMEM; a log that cannot be read is an answer (err).
 * Freed by nest_kmsg_free().
 */
int nest_kmsg_read(struct nest_ctx *ctx, struct nest_kmsg *ret_kmsg);
void nest_kmsg_free(struct nest_kmsg *kmsg);

/*
 * Is it a record of user space, "14,1234,5678901,-;text"? Any program may write those, so they are
 * no evidence.
 */
bool nest_kmsg_is_of_user_space(const char *record);

#endif
