// SPDX-License-Identifier: GPL-2.0-or-later
/* Undo steps for descriptors and mappings. Not in kernel.c, which the tests replace. */
#include "kernel/kernel-undo.h"

#include "kernel/kernel.h"

int nest_undo_close(struct nest_ctx *ctx, void *object, uint64_t fd)
{
	(void)object;
	return nest_kernel_close(ctx, (int)fd);
}

int nest_undo_munmap(struct nest_ctx *ctx, void *addr, uint64_t len)
{
	return nest_kernel_munmap(ctx, addr, len);
}
