/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that the command line names: logs, tables, reports. Files of the machine are read by
 * host/sysfs.h.
 */
#ifndef NEST_USERFILE_H
#define NEST_USERFILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * Gives a file to take in pieces; name "-" is standard input. 0; -EFBIG: larger than max bytes;
 * -errno; or a value other than 0 that take returned.
 */
int nest_userfile_read(const char *name, size_t max,
		       int (*take)(void *data, const char *buf, size_t len), void *data);

/* What people are told it is: "standard input" for "-", or its name. */
const char *nest_userfile_title(const char *name);

/*
 * Can a file of this name be written, as far as that shows without writing? 0, or -errno, so that
 * it is said before the work and not after it. Nothing is made or changed.
 */
int nest_userfile_try(const char *name);

/*
 * Writes a file that only its owner may read, whole or not at all: under another name beside it,
 * which takes its place when everything is on the disk, with signals held off meanwhile. On failure
 * what was there is untouched. What is there and no regular file (a node, a FIFO, /dev/stdout) is
 * written to as it is, and so is a file whose place cannot be taken (its folder may not be written,
 * it is a mount point). 0 or -errno.
 */
int nest_userfile_write(const char *name, const char *text, size_t len);

/*
 * Opens a file for writing, which only its owner may read then. What was in it is still there: the
 * caller truncates it. 0 or -errno.
 */
int nest_userfile_create(const char *name, FILE **ret_file);

#endif
