/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer to VFIO_IOMMU_GET_INFO: flags, page sizes, and the chain of capabilities behind them.
 * The walk trusts nothing of it; the decoders are a table. Pure.
 *
 * Chain: u32 offsets from the start of the structure; each capability is {u16 id, u16 version, u32
 * next}, its length the way to the next one or to the end. The kernel only ever appends, so next
 * must lead forward.
 */
#ifndef NEST_INFOCAP_H
#define NEST_INFOCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "backend/abi2020/nesting-rev.h"

/* A kernel has five at most; a chain this long is broken whatever it says. */
#define NEST_INFOCAP_MAX 64

/* Largest answer that is asked for and walked; a kernel's has some hundred bytes. */
#define NEST_INFO_MAX 65536

/* A decoded field, for printers that need not know the capability. */
struct nest_infocap_field {
	const char *name; /* JSON key */
	uint64_t value;
	bool hex; /* an address, register or set of bits: "0x…" in JSON */
};

#define NEST_INFOCAP_FIELDS 12

struct nest_infocap {
	uint16_t id, version;
	uint32_t offset, len; /* header included */
	/* "iova_range", "migration", "dma_avail", "nesting"; NULL: not known, bytes shown raw */
	const char *name;
	/* of a NESTING capability: told by id, length and, where two share both, by its fields */
	enum nest_nesting_rev rev;
	struct nest_infocap_field fields[NEST_INFOCAP_FIELDS];
	size_t nfields;
	struct nest_range *ranges; /* iova_range only; as the kernel gave them */
	size_t nranges;
	/* Why a known capability could not be decoded in full, or NULL. Static. */
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
	/* Why the walk ended before the chain did, or "". caps holds what came before. */
	char problem[128];
};

/*
 * Walks the answer in bytes, of which size were filled. A broken chain is an answer (problem), not
 * an error. 0, -EINVAL if there is not even the fixed part (16 bytes), or -ENOMEM. Bytes are
 * copied; free with nest_info_free(), which takes a cleared structure too.
 */
int nest_info_parse(const void *bytes, size_t size, struct nest_info *ret_info);
void nest_info_free(struct nest_info *info);

/* The first capability of that name, or NULL. */
const struct nest_infocap *nest_info_find(const struct nest_info *info, const char *name);

/* A field's value; false, and ret_value untouched, if the capability has none of that name. */
bool nest_infocap_get(const struct nest_infocap *cap, const char *field, uint64_t *ret_value);

#endif
