// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeds any bytes to the GET_INFO walker and reads all that it returns. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backend/infocap.h"

static uint64_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nest_info info;
	size_t i, j;

	if (size > NEST_INFO_MAX || nest_info_parse(data, size, &info))
		return 0;
	for (i = 0; i < info.ncaps; i++) {
		const struct nest_infocap *cap = &info.caps[i];

		/* What a printer would touch. */
		if ((size_t)cap->offset + cap->len > info.size || !cap->len)
			abort();
		if (i && info.caps[i - 1].offset + info.caps[i - 1].len != cap->offset)
			abort();
		for (j = 0; j < cap->len; j++)
			sink += info.bytes[cap->offset + j];
		for (j = 0; j < cap->nfields; j++)
			sink += cap->fields[j].value + strlen(cap->fields[j].name);
		for (j = 0; j < cap->nranges; j++)
			sink += cap->ranges[j].start ^ cap->ranges[j].last;
		if (cap->rev != NEST_REV_NONE)
			sink += strlen(nest_nesting_rev_name(cap->rev));
	}
	if (strlen(info.problem) >= sizeof(info.problem))
		abort();
	nest_info_free(&info);
	return 0;
}
