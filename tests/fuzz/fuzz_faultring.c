// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeds any headers and entries to the ring of faults, and goes where it leads. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backend/abi2020/faultring.h"

#define REGION 36864

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nest_faultring ring = { 0 };
	struct nest_s1_fault fault;
	uint8_t entry[NEST_FAULTRING_ENTRY];
	uint32_t steps;

	for (; size >= NEST_FAULTRING_HEADER;
	     data += NEST_FAULTRING_HEADER, size -= NEST_FAULTRING_HEADER) {
		if (nest_faultring_look(data, REGION, &ring))
			continue;
		for (steps = 0; nest_faultring_waiting(&ring); steps++) {
			/* Every entry lies in the region, and the ring ends. */
			if (nest_faultring_at(&ring) + NEST_FAULTRING_ENTRY > REGION ||
			    steps >= ring.nb_entries)
				abort();
			nest_faultring_advance(&ring);
		}
		memset(entry, 0, sizeof(entry));
		memcpy(entry, data, size < sizeof(entry) ? size : sizeof(entry));
		(void)nest_faultring_decode(entry, &fault);
	}
	return 0;
}
