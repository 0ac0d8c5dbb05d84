/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small macros that every file may use. */
#ifndef NEST_UTIL_H
#define NEST_UTIL_H

#include <stddef.h>

/* Registers, addresses and the kernel's structures have 64 bits; no host with 32 nests. */
#if __SIZEOF_POINTER__ < 8
#error "vfio-nestctl needs a 64-bit architecture: no other has an IOMMU that nests"
#endif

/* Elements of an array; does not compile for a pointer. */
#define ARRAY_SIZE(array)                                                                          \
	(sizeof(array) / sizeof((array)[0]) +                                                      \
	 0 * sizeof(char[1 - 2 * __builtin_types_compatible_p(__typeof__(array),                   \
							      __typeof__(&(array)[0]))]))

/* The structure of this type whose member ptr points to; does not compile for another member. */
#define container_of(ptr, type, member)                                                            \
	((type *)((char *)(1 ? (ptr) : (__typeof__(((type *)0)->member) *)0) -                     \
		  offsetof(type, member)))

#endif
