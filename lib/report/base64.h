/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes in text (RFC 4648, with padding). Pure. */
#ifndef NEST_BASE64_H
#define NEST_BASE64_H

#include <stddef.h>

/* Returns text to be freed, NULL when memory is out. */
char *nest_base64_encode(const void *bytes, size_t len);

/*
 * Length of the bytes, which go into *ret_bytes to be freed; room for extra more is behind them,
 * cleared. -EINVAL if it is not base64, -ENOMEM.
 */
long nest_base64_decode(const char *text, size_t extra, char **ret_bytes);

#endif
