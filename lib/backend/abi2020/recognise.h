/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which out-of-tree revision of the nesting ABI a container speaks, from what it has answered to
 * requests that are safe everywhere. Pure. Only what was answered counts as evidence: that nothing
 * shows is no revision, and two answers that belong to different revisions are none either.
 */
#ifndef NEST_RECOGNISE_H
#define NEST_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/infocap.h"
#include "model.h"
#include "backend/abi2020/nesting-rev.h"

/* What was asked, and what came back. */
struct nest_signs {
	enum nest_tri nesting_set; /* SET_IOMMU(6): succeeded, failed, not tried */
	bool before,
		after; /* the version query was answered before, after SET_IOMMU; versions in */
	int version_before, version_after;
	bool after_absent; /* asked after SET_IOMMU, and this kernel has no such request */
	const struct nest_info
		*info; /* of a container with IOMMU type 6; NULL: not asked, or failed */
	bool ioasid;   /* /dev/ioasid answered its own version query, in ioasid_version */
	int ioasid_version;
};

enum nest_recognised {
	NEST_RECOGNISED_UNTRIED, /* too little could be asked */
	NEST_RECOGNISED_NONE,	 /* all was asked, and nothing of these series shows */
	NEST_RECOGNISED_ONE,	 /* revs[0] */
	NEST_RECOGNISED_SOME,	 /* one of revs */
	NEST_RECOGNISED_UNKNOWN, /* there is something, and it is no revision of the table */
};

/* "not_tried", "none", "one", "one_of", "unknown". */
const char *nest_recognised_name(enum nest_recognised how);

#define NEST_RECOGNITION_EVIDENCE 6

struct nest_recognition {
	enum nest_recognised how;
	enum nest_nesting_rev revs[2];
	size_t nrevs;
	bool contradiction;	   /* unknown: two answers belong to different revisions */
	enum nest_nesting_rev rev; /* the one that requests may be made by, or NEST_REV_NONE */
	char decision[300];	   /* one clause */
	char evidence[NEST_RECOGNITION_EVIDENCE][200]; /* a clause each */
	size_t nevidence;
};

void nest_recognise(const struct nest_signs *signs, struct nest_recognition *ret);

#endif
