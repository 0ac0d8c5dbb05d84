/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fault reason codes of VT-d mean, in plain words. Source of the numbers: VT-d
 * specification, "Fault conditions" (legacy 0x01-0x0e, interrupts 0x20-0x29, scalable mode
 * 0x30-0x91). Pure.
 */
#ifndef NEST_VTD_FAULT_H
#define NEST_VTD_FAULT_H

#include <stdint.h>

struct nest_vtd_reason {
	uint8_t code;
	const char *condition; /* the specification's name: "LGN.2"; NULL for interrupts */
	const char *meaning;   /* what the unit found, one clause */
	const char *cause;     /* what usually is behind it, one clause */
};

/* NULL for a code that is not known here. */
const struct nest_vtd_reason *nest_vtd_reason(uint8_t code);

#endif
