// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeds the listing parser with anything, and checks what it promises. */

#include "hw/acpidump.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nest_acpidump_problem problem = { 0 };
	uint8_t *bytes = NULL;
	size_t len = 0;
	int err;

	err = nest_acpidump_parse((const char *)data, size, "DMAR", &bytes, &len, &problem);
	if (!err && (len < 4 || len > NEST_ACPIDUMP_TABLE_MAX || memcmp(bytes, "DMAR", 4) != 0))
		abort();
	if (err && (bytes || len || !problem.text[0]))
		abort();
	free(bytes);
	return 0;
}
