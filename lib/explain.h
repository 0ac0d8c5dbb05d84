/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an errno means at one stage, and what to do about it. Clauses for people; pure.
 */
#ifndef NEST_EXPLAIN_H
#define NEST_EXPLAIN_H

#include <stddef.h>

#include "failure.h"

/*
 * Releases of Linux whose containers advertise VFIO_TYPE1_NESTING_IOMMU, on any hardware:
 * f5c9ecebaf2a came in 3.18, 35890f85573c removed it in 6.13. README.md and vfio-nestctl(8) say the
 * same.
 */
#define NEST_TYPE1_NESTING_RELEASES "3.18 to 6.12"
#define NEST_TYPE1_NESTING_REMOVED  "6.13"

/*
 * The kind of answer that an errno is, for any request: the contract of the kernel's uAPI.
 */
enum nest_errno_class {
	NEST_ERRNO_NONE,	    /* 0 */
	NEST_ERRNO_UNKNOWN_REQUEST, /* ENOTTY: this kernel does not implement the request on this fd
				     */
	NEST_ERRNO_TOO_NEW,	    /* E2BIG: a structure newer than the kernel */
	NEST_ERRNO_UNSUPPORTED,	    /* EOPNOTSUPP: implemented, but not for this value */
	NEST_ERRNO_REFUSED,	    /* EPERM, EACCES, EBUSY: not for this caller, or not now */
	NEST_ERRNO_MISSING,	    /* ENOENT, ENODEV, ENXIO: not found */
	NEST_ERRNO_INVALID,	    /* EINVAL: implemented, but invalid here */
	NEST_ERRNO_RESOURCE,	    /* ENOMEM, ENOSPC, EMFILE and so on */
	NEST_ERRNO_OTHER,
};
enum nest_errno_class nest_errno_classify(int err);

/*
 * One clause each, without a full stop; remedy may be NULL. In both, {} is replaced by the object
 * of the failure, and {N} by the number at its end ("/dev/vfio/12": 12).
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
