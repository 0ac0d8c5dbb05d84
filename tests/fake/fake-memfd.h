/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in memory. Their pages are known from their first mmap on. */
#ifndef FAKE_MEMFD_H
#define FAKE_MEMFD_H

#include "fake.h"

int fake_memfd_new(size_t len); /* fd or -EMFILE */

/* Where the file is mapped, and its length; NULL: fd is no such file, or it is not mapped. */
uint8_t *fake_memfd_memory(int fd, size_t *ret_len);

#endif
