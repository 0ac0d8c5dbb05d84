/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to VFIO_IOMMU_GET_INFO: flags, page sizes, and a chain of capabilities. The walk
 * checks every offset; the decoders are a table. Pure.
 *
 * Chain: u32 offsets from the start of the structure. Each capability is {u16 id, u16 version, u32
 * next} and ends where the next one or the answer does. The kernel only appends, so next must lead
 * forward.
 */
#ifndef NEST_INFOCAP_H
#define NEST_INFOCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "backend/abi2020/nesting-rev.h"

/* Kernels have five at most; a longer chain is corrupt. */
#define NEST_INFOCAP_MAX 64

/* Largest answer that is read; kernels give some hundred bytes. */
#define NEST_INFO_MAX 65536

/* A decoded field. Printers need no more of a capability. */
struct nest_infocap_field {
	const char *name; /* JSON key */
	uint64_t value;
	bool hex; /* an address, register or set of bits: "0x…" in JSON */
};

#define NEST_INFOCAP_FIELDS 12

struct nest_infocap {
	uint16_t id, version;
	uint32_t offset, len; /* header included */
	/* "iova_range", "migration", "dma_avail", "nesting"; NULL: unknown, printed as raw bytes */
	const char *name;
	/* of a NESTING capability: by id and length, and by its fields where two share both */
	enum nest_nesting_rev rev;
	struct nest_infocap_field fields[NEST_INFOCAP_FIELDS];
	size_t nfields;
	struct nest_range *ranges; /* only of iova_range, in the kernel's order */
	size_t nranges;
	/* Why a known capability was not decoded in full, or NULL. Static. */
	const char *problem;
};

struct nest_info {
	uint8_t *bytes; /* the answer as it came */
	size_t size;
	uint32_t argsz, flags;
	bool have_page_sizes;
	uint64_t page_sizes;
	struct nest_infocap *caps;
	size_t ncaps;
	/* Why the walk ended before the chain, or "". caps holds the capabilities before that. */
	char problem[128];
};

/*
 * Walks the answer of size bytes, and copies it. A corrupt chain sets problem and is no error. 0,
 * -EINVAL: shorter than the fixed part (16 bytes), or -ENOMEM. Free with nest_info_free(), which
 * accepts a cleared structure.
 */
int nest_info_parse(const void *bytes, size_t size, struct nest_info *ret_info);
void nest_info_free(struct nest_info *info);

/* The first capability of that name, or NULL. */
const struct nest_infocap *nest_info_find(const struct nest_info *info, const char *name);

/* The value of a field; false, and ret_value unchanged: the capability does not have it. */
bool nest_infocap_get(const struct nest_infocap *cap, const char *field, uint64_t *ret_value);

#endif
