/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May user space select nested translation, through which ABI, and why or why not: the decision
 * over what a probe found. Pure. A refusal, a busy or a missing node is never "unsupported", and
 * what was not tried with a device is unknown.
 */
#ifndef NEST_DECISION_H
#define NEST_DECISION_H

#include <stddef.h>
#include <stdint.h>

#include "remedy.h"

struct nest_probe;

enum nest_usability { NEST_USABILITY_UNKNOWN, NEST_UNUSABLE, NEST_USABLE };

/* "unknown", "unusable", "usable". */
const char *nest_usability_name(enum nest_usability usability);

enum nest_abi {
	NEST_ABI_NONE,
	NEST_ABI_RFC_VERSION,	/* the series of January 2020, known by its version query */
	NEST_ABI_NESTING_OP,	/* its successors, known by a capability of GET_INFO */
	NEST_ABI_TYPE1_NESTING, /* mainline's IOMMU type 6: no first stage for user space */
	NEST_ABI_IOMMUFD,
};

/* "rfc-version", "nesting-op", "type1-nesting", "iommufd"; NULL for NEST_ABI_NONE. */
const char *nest_abi_name(enum nest_abi abi);

struct nest_decision_options {
	uint32_t min_uapi_version; /* of rfc-version; 0 is 1 */
};

struct nest_reason {
	char text[400]; /* a sentence with its full stop */
	const char *
		evidence; /* JSON path below the probe: "container.uapi_version.before_set_iommu" */
	char remedy[NEST_REMEDY_MAX]; /* as in remedy.h, or "" */
};

#define NEST_REASONS_MAX 16

struct nest_decision {
	enum nest_usability nesting;
	/*
	 * Usable: the one to use. Else the one that exists, if any, and does not work or is not
	 * proven.
	 */
	enum nest_abi abi;
	struct nest_reason reasons[NEST_REASONS_MAX]; /* the deciding one first; one at least */
	size_t nreasons;

	/* Of containers alone, whatever iommufd offers, and the sentence for it. */
	enum nest_usability container;
	char container_why[400];
};

void nest_decide(const struct nest_probe *probe, const struct nest_decision_options *options,
		 struct nest_decision *ret_decision);

#endif
