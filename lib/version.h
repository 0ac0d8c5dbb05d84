/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The version of the tool; the only place that says it. */
#ifndef NEST_VERSION_H
#define NEST_VERSION_H

#define NEST_VERSION "0.3.0"

#endif
