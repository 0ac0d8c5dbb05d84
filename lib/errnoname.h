/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errnos by name: include/uapi/asm-generic/errno.h, and one that the kernel has for itself. */
#ifndef NEST_ERRNONAME_H
#define NEST_ERRNONAME_H

/* ENOTSUPP, include/linux/errno.h: not meant for user space, and returned to it all the same. */
#define NEST_ENOTSUPP 524

/* Symbol of an errno ("EINVAL"), NEST_ENOTSUPP's too; else "UNKNOWN". Static. */
const char *nest_errno_name(int err);

/* The errno of a symbol; 0: there is none of this name. */
int nest_errno_of(const char *name);

#endif
