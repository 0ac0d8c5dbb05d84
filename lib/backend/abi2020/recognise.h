/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognises the out-of-tree revision of a container's nesting ABI, from the answers to requests
 * that are safe on any kernel. Pure. Only an answer is evidence: no answer, or answers of two
 * different revisions, prove no revision.
 */
#ifndef NEST_RECOGNISE_H
#define NEST_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/infocap.h"
#include "model.h"
#include "backend/abi2020/nesting-rev.h"

/* The requests and their answers. */
struct nest_signs {
	enum nest_tri nesting_set; /* SET_IOMMU(6): succeeded, failed, not tried */
	bool before, after;	   /* the version query was answered before, after SET_IOMMU */
	int version_before, version_after;
	bool after_absent;	      /* after SET_IOMMU the kernel does not implement the query */
	const struct nest_info *info; /* with IOMMU type 6; NULL: not asked, or failed */
	bool ioasid;		      /* /dev/ioasid answered its version query */
	int ioasid_version;
};

enum nest_recognised {
	NEST_RECOGNISED_UNTRIED, /* too few requests were possible */
	NEST_RECOGNISED_NONE,	 /* all requests were made, and no answer is of these series */
	NEST_RECOGNISED_ONE,	 /* revs[0] */
	NEST_RECOGNISED_SOME,	 /* one of revs */
	NEST_RECOGNISED_UNKNOWN, /* an answer matches no revision of the table */
};

/* "not_tried", "none", "one", "one_of", "unknown". */
const char *nest_recognised_name(enum nest_recognised how);

#define NEST_RECOGNITION_EVIDENCE 6

struct nest_recognition {
	enum nest_recognised how;
	enum nest_nesting_rev revs[2];
	size_t nrevs;
	bool contradiction;	   /* unknown: two answers belong to different revisions */
	enum nest_nesting_rev rev; /* the one whose requests may be sent, or NEST_REV_NONE */
	char decision[300];	   /* one clause */
	char evidence[NEST_RECOGNITION_EVIDENCE][200]; /* a clause each */
	size_t nevidence;
};

void nest_recognise(const struct nest_signs *signs, struct nest_recognition *ret);

#endif
