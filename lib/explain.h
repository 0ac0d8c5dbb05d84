/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an errno means for one request, and what to do about it. Sentences for people; pure.
 */
#ifndef NEST_EXPLAIN_H
#define NEST_EXPLAIN_H

#include <stddef.h>

#include "failure.h"

/* Symbol of an errno ("EINVAL"), the kernel-internal ENOTSUPP (524) too; "UNKNOWN". Static. */
const char *nest_errno_name(int err);

/*
 * What kind of answer an errno is, the same for every request: the contract of the kernel's uAPI.
 */
enum nest_errno_class {
	NEST_ERRNO_NONE,	    /* 0 */
	NEST_ERRNO_UNKNOWN_REQUEST, /* ENOTTY: this kernel has no such request on this fd */
	NEST_ERRNO_TOO_NEW,	    /* E2BIG: a structure newer than the kernel */
	NEST_ERRNO_UNSUPPORTED,	    /* EOPNOTSUPP: understood, and not offered for this value */
	NEST_ERRNO_REFUSED,	    /* EPERM, EACCES, EBUSY: not to this caller, or not now */
	NEST_ERRNO_MISSING,	    /* ENOENT, ENODEV, ENXIO: not there */
	NEST_ERRNO_INVALID,	    /* EINVAL: understood, but wrong here */
	NEST_ERRNO_RESOURCE,	    /* ENOMEM, ENOSPC, EMFILE and so on */
	NEST_ERRNO_OTHER,
};
enum nest_errno_class nest_errno_classify(int err);

/*
 * The reason is one sentence without a full stop, the remedy a template of remedy.h or NULL. In
 * both,
 * {} stands for the object of the failure: nest_remedy_fill().
 */
struct nest_explanation {
	enum nest_stage stage; /* NEST_STAGE_NONE: of any */
	int err;
	const char *reason, *remedy;
};

/*
 * The explanation of stage failing with err, positive; where it has none, that of the stage it is a
 * case of, or that of any stage. An errno without a row has the C library's text.
 */
struct nest_explanation nest_explain(enum nest_stage stage, int err);

/* "VFIO_SET_IOMMU on group 12: EPERM (reason)", without the remedy. */
void nest_explain_failure(const struct nest_failure *failed, char *buf, size_t size);

#endif
