/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the log decoder keeps what it found, within the limits of log/log.h: equal things are counted
 * once, what finds no room is counted as dropped. Part of klog. All return 0 or -ENOMEM.
 */
#ifndef NEST_KLOG_STORE_H
#define NEST_KLOG_STORE_H

#include "log/log.h"

/* Zeroed is empty. */
struct nest_klog_store {
	struct nest_klog_result result;
	uint32_t *group_hash; /* index + 1 into the groups, by device and number */
	size_t group_hash_size;
};

int nest_klog_store_unit(struct nest_klog_store *store, const struct nest_klog_unit *unit);
int nest_klog_store_fault(struct nest_klog_store *store, const struct nest_klog_fault *fault);
int nest_klog_store_group(struct nest_klog_store *store, const struct nest_klog_group *group);
int nest_klog_store_note(struct nest_klog_store *store, const struct nest_klog_note *note);

/* Frees everything; the store is empty then. */
void nest_klog_store_clear(struct nest_klog_store *store);

#endif
