/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people need not read twice, or at all: findings of one cause are shown as one, and what
 * changes nothing, once the hardware says no, is named in one line. Pure; JSON keeps everything.
 */
#ifndef NEST_FOLD_H
#define NEST_FOLD_H

#include "check/check.h"

/*
 * Sets with and moot of every finding. Moot is never what a rule for passthrough fails or warns
 * about: that concerns the host whatever its IOMMU can do. absent: no IOMMU is in use.
 */
void nest_check_fold(struct nest_check *check, bool absent);

#endif
