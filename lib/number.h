/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in text, read strictly. Pure. */
#ifndef NEST_NUMBER_H
#define NEST_NUMBER_H

#include <stdint.h>

/*
 * Reads one number and nothing else. base 0 takes "0x" and decimal, 16 takes hex with or without
 * "0x". 0, -EINVAL for anything but one number, -ERANGE above 64 bits.
 */
int nest_parse_u64(const char *text, int base, uint64_t *ret);

#endif
