/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures for Graphviz. */
#ifndef NEST_PRINT_DOT_H
#define NEST_PRINT_DOT_H

#include "print/print.h"

nest_print_fn nest_dot_list;

#endif
