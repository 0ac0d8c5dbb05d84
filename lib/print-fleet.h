/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check for engines that watch many hosts: Prometheus, by the text files that node_exporter collects, and
 * Kubernetes, by the feature files of node-feature-discovery. In both what is not known is absent.
 */
#ifndef NEST_PRINT_FLEET_H
#define NEST_PRINT_FLEET_H

#include "print.h"

struct nest_check;

nest_print_fn nest_prometheus_check, nest_nfd_check;

/*
 * The same over parts of a report; check is NULL where the run could not begin, and the purpose is then only
 * what was asked for. 0 or -ENOMEM.
 */
int nest_prometheus_put(FILE *out, const struct nest_model *model, const struct nest_check *check,
			const char *purpose);
void nest_nfd_put(FILE *out, const struct nest_model *model, const struct nest_check *check);

#endif
