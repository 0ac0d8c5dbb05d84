/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that the command line names: logs, tables, reports. Not the machine's own, for which there is sysfs.h. */
#ifndef NEST_USERFILE_H
#define NEST_USERFILE_H

#include <stddef.h>

/*
 * Hands a file over in pieces; name "-" is standard input. 0, -EFBIG if it is larger than max bytes, -errno, or what
 * take returned when it was not 0.
 */
int nest_userfile_read(const char *name, size_t max, int (*take)(void *data, const char *buf, size_t len),
		       void *data);

#endif
