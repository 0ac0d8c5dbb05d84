/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options on the kernel's command line (/proc/cmdline). NULL is a command line without any. */
#ifndef NEST_CMDLINE_H
#define NEST_CMDLINE_H

#include <stdbool.h>

/*
 * "intel_iommu=on,sm_on" has "intel_iommu" with "on" and with "sm_on". Of words that take each
 * other back, as "on" and "off", it has the last.
 */
bool nest_cmdline_has(const char *cmdline, const char *key, const char *word);

/* The same by "key=word". */
bool nest_cmdline_option(const char *cmdline, const char *option);

/* Is the option there, with whatever value: "pcie_acs_override=downstream"? */
bool nest_cmdline_sets(const char *cmdline, const char *key);

#endif
