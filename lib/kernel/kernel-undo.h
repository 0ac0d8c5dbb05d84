/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undo steps (undo.h) for what kernel/kernel.h acquires. */
#ifndef NEST_KERNEL_UNDO_H
#define NEST_KERNEL_UNDO_H

#include "undo.h"

/* Closes fd. object is not used. */
int nest_undo_close(struct nest_ctx *ctx, void *object, uint64_t fd);

/* Unmaps len bytes at addr. */
int nest_undo_munmap(struct nest_ctx *ctx, void *addr, uint64_t len);

#endif
