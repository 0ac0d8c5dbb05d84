// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers in text, read strictly. */
#include "number.h"

#include <errno.h>
#include <stdlib.h>

int nest_parse_u64(const char *text, int base, uint64_t *ret)
{
	char *end;
	uint64_t value;
	unsigned char first = (unsigned char)*text;

	/* strtoull() takes blanks and a minus in front: neither is a number here. */
	if (!((first >= '0' && first <= '9') || (base == 16 && (first | 0x20) >= 'a')))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, base);
	if (end == text || *end)
		return -EINVAL;
	if (errno)
		return -errno;
	*ret = value;
	return 0;
}
