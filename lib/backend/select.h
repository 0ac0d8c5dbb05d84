/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The backends, and the choice of one. No other file chooses. */
#ifndef NEST_SELECT_H
#define NEST_SELECT_H

#include "backend/backend.h"
#include "backend/abi2020/nesting-rev.h"

/*
 * "type1", "type1v2", "compat-type1", "compat-type1v2" (a container on /dev/iommu), "rfc-version",
 * "nesting-op" (a container of the out-of-tree series), "iommufd".
 */
extern const struct nest_mode nest_modes[];
extern const size_t nest_modes_count;

/*
 * A container that is asked which revision of the out-of-tree series it has. Not in nest_modes[]:
 * nest_select_for_revision() gives the backend to continue with.
 */
extern const struct nest_mode nest_mode_any_revision;

/* iommufd with the kernel's mock device behind it; not in nest_modes[] either. */
extern const struct nest_mode nest_mode_mock;

/* By name; NULL: no backend has it. */
const struct nest_mode *nest_mode_find(const char *name);

/* The backend that sends the requests of a revision; NULL: there is none. */
const struct nest_mode *nest_select_for_revision(enum nest_nesting_rev rev);

/* What is known before a node is opened. */
struct nest_select {
	const char *wish; /* name of a backend, or NULL: the best one that opens */
	bool device_node; /* the device has its own node, which iommufd needs */

	/* Called for each backend that did not open, after it is released; may be NULL. */
	void (*refused)(void *data, const struct nest_mode *mode,
			const struct nest_failure *failed);
	void *data;
};

/*
 * The backend to try first (tried is NULL), or after tried failed to open with err, an -errno.
 * NULL: there is no other. Pure.
 */
const struct nest_mode *nest_select_next(const struct nest_select *select,
					 const struct nest_mode *tried, int err);

/* Opens the first backend that can be opened; (*ret_space)->mode is that backend. 0 or -errno. */
int nest_select_open(struct nest_ctx *ctx, const struct nest_select *select,
		     struct nest_failure *failed, struct nest_space **ret_space);

#endif
