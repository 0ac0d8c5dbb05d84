/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JUnit's XML, as test reporters of CI systems read it. */
#ifndef NEST_PRINT_JUNIT_H
#define NEST_PRINT_JUNIT_H

#include "print/print.h"

nest_print_fn nest_junit_points; /* check and roundtrip */

#endif
