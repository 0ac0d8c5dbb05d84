/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openat2(2), Linux 5.6: include/uapi/linux/openat2.h, include/uapi/asm-generic/unistd.h. A C
 * library may come without the kernel's headers, and newer ones declare it themselves: so these
 * names are our own.
 */
#ifndef NEST_UAPI_OPENAT2_H
#define NEST_UAPI_OPENAT2_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* The same number on every architecture but Alpha. */
#define NEST_SYS_OPENAT2 437

struct nest_open_how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};
static_assert(sizeof(struct nest_open_how) == 24, "struct nest_open_how");
static_assert(offsetof(struct nest_open_how, resolve) == 16, "nest_open_how.resolve");

#define NEST_RESOLVE_NO_XDEV	   0x01
#define NEST_RESOLVE_NO_MAGICLINKS 0x02
#define NEST_RESOLVE_NO_SYMLINKS   0x04
#define NEST_RESOLVE_BENEATH	   0x08
#define NEST_RESOLVE_IN_ROOT	   0x10

#endif
