/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a requirement's value is found; for check/requirements*.c alone. */
#ifndef NEST_REQUIREMENTS_GUEST_H
#define NEST_REQUIREMENTS_GUEST_H

#include "check/rules.h"

struct nest_found {
	const char *text;   /* NULL: not known */
	const char *why;    /* where from, or a sentence: why it is not known */
	const char *silent; /* that sentence where why is a place that may tell nothing */
};

typedef struct nest_found nest_finder(const struct nest_rules_input *in,
				      const struct nest_check *check);

/* check/requirements-guest.c */
nest_finder nest_find_pasid_bits, nest_find_oas, nest_find_ssidsize, nest_find_ril, nest_find_ats,
	nest_find_viommu;

#endif
