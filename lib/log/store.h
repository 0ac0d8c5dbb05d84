/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the log decoder keeps what it found, within the limits of log/log.h: equal things are
 * counted once, what finds no room is counted as dropped. Part of klog. All return 0 or -ENOMEM.
 */
#ifndef NEST_LOG_STORE_H
#define NEST_LOG_STORE_H

#include "log/log.h"

/* Zeroed is empty. */
struct nest_log_store {
	struct nest_log_result result;
	uint32_t *group_hash; /* index + 1 into the groups, by device and number */
	size_t group_hash_size;
};

int nest_log_store_unit(struct nest_log_store *store, const struct nest_log_unit *unit);
int nest_log_store_fault(struct nest_log_store *store, const struct nest_fault *fault);
/* One unit that the log tells under two names is one: its PCI address is the better name. */
bool nest_log_store_rename(struct nest_log_store *store, const struct nest_log_unit *unit);

/* Features without a name are those of a unit that was named before, or of all units. */
void nest_log_store_name(const struct nest_log_store *store, struct nest_log_unit *unit);

int nest_log_store_group(struct nest_log_store *store, const struct nest_log_group *group);
int nest_log_store_note(struct nest_log_store *store, const struct nest_log_note *note);

int nest_log_store_suppressed(struct nest_log_store *store,
			      const struct nest_fault_suppressed *suppressed);

/* Joins what was found apart: faults with their groups and the lines that were not printed. */
void nest_log_store_finish(struct nest_log_store *store);

/* Frees everything; the store is empty then. */
void nest_log_store_clear(struct nest_log_store *store);

#endif
