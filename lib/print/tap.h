/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Test Anything Protocol, version 14. */
#ifndef NEST_PRINT_TAP_H
#define NEST_PRINT_TAP_H

#include "print/print.h"

nest_print_fn nest_tap_points; /* check and roundtrip */

#endif
