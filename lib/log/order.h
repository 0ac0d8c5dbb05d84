/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which order a log is: journalctl -r prints the newest record first. Pure. */
#ifndef NEST_LOG_ORDER_H
#define NEST_LOG_ORDER_H

#include <stdbool.h>
#include <stddef.h>

struct nest_log_order {
	char last[64];	       /* the stamp of the line before, or empty */
	unsigned int up, down; /* steps of the stamps, forward and back */
};

/* Takes the next line. */
void nest_log_order_see(struct nest_log_order *order, const char *text, size_t len);

/* Is the newest line the first? False where the stamps do not tell. */
bool nest_log_order_is_reversed(const struct nest_log_order *order);

#endif
