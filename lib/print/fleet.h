/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check for engines that watch many hosts: Prometheus, by the text files that node_exporter
 * collects, and Kubernetes, by the feature files of node-feature-discovery. In both what is not
 * known is absent.
 */
#ifndef NEST_PRINT_FLEET_H
#define NEST_PRINT_FLEET_H

#include "print/print.h"

nest_print_fn nest_prometheus_check, nest_nfd_check;

#endif
