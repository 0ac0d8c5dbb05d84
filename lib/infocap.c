// SPDX-License-Identifier: GPL-2.0-or-later
/* The chain behind VFIO_IOMMU_GET_INFO, and what its capabilities hold. */
#include "infocap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uapi-nesting.h"
#include "uapi-vfio.h"

#define HEADER sizeof(struct vfio_info_cap_header)

/* cap_offset lies behind the page sizes; a 32-bit kernel's structure ends right after it. */
#define FIXED_MIN  offsetof(struct vfio_iommu_type1_info, cap_offset)
#define FIXED_CAPS (FIXED_MIN + sizeof(uint32_t))

/*
 * Where the fields of a NESTING capability are, from the start of its header. cap and ecap are
 * VT-d's, masked to a few bits in every revision: they never show whether a unit nests.
 */
struct layout {
	uint8_t format, features;	/* u32 */
	uint8_t addr_width, pasid_bits; /* u16 */
	uint8_t cap, ecap;		/* u64 */
};

struct bytes {
	const uint8_t *at;
	uint32_t len;
};

/* Numbers in the caller's byte order at any alignment: some revisions do not align. */
static uint16_t get16(const struct bytes *cap, uint32_t offset)
{
	uint16_t value;

	memcpy(&value, cap->at + offset, sizeof(value));
	return value;
}

static uint32_t get32(const struct bytes *cap, uint32_t offset)
{
	uint32_t value;

	memcpy(&value, cap->at + offset, sizeof(value));
	return value;
}

static uint64_t get64(const struct bytes *cap, uint32_t offset)
{
	uint64_t value;

	memcpy(&value, cap->at + offset, sizeof(value));
	return value;
}

static void add(struct nest_infocap *cap, const char *name, uint64_t value, bool hex)
{
	if (cap->nfields < NEST_INFOCAP_FIELDS)
		cap->fields[cap->nfields++] = (struct nest_infocap_field){ name, value, hex };
}

static int decode_iova_range(const struct bytes *raw, const struct layout *layout,
			     struct nest_infocap *cap)
{
	uint32_t count = get32(raw, 8);
	uint32_t room = (raw->len - sizeof(struct vfio_iommu_type1_info_cap_iova_range)) /
			sizeof(struct nest_range);
	uint32_t i;

	(void)layout;
	if (count > room) {
		cap->problem = "holds fewer ranges than it says";
		count = room;
	}
	if (!count)
		return 0;
	cap->ranges = calloc(count, sizeof(*cap->ranges));
	if (!cap->ranges)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		cap->ranges[i].start = get64(raw, 16 + 16 * i);
		cap->ranges[i].last = get64(raw, 24 + 16 * i);
		if (cap->ranges[i].start > cap->ranges[i].last)
			cap->problem = "a range ends before it starts";
	}
	cap->nranges = count;
	return 0;
}

static int decode_migration(const struct bytes *raw, const struct layout *layout,
			    struct nest_infocap *cap)
{
	(void)layout;
	add(cap, "flags", get32(raw, 8), true);
	add(cap, "page_sizes", get64(raw, 16), true);
	add(cap, "max_dirty_bitmap_size", get64(raw, 24), false);
	return 0;
}

static int decode_dma_avail(const struct bytes *raw, const struct layout *layout,
			    struct nest_infocap *cap)
{
	(void)layout;
	add(cap, "avail", get32(raw, 8), false);
	return 0;
}

static int decode_rfc_v3(const struct bytes *raw, const struct layout *layout,
			 struct nest_infocap *cap)
{
	(void)layout;
	add(cap, "format", get32(raw, 8), false);
	return 0;
}

static int decode_v1(const struct bytes *raw, const struct layout *layout, struct nest_infocap *cap)
{
	(void)layout;
	add(cap, "nesting_capabilities", get32(raw, 8), true);
	add(cap, "stage1_formats", get32(raw, 12), true);
	return 0;
}

static int decode_nesting(const struct bytes *raw, const struct layout *layout,
			  struct nest_infocap *cap)
{
	uint32_t format = get32(raw, layout->format);

	add(cap, "format", format, false);
	add(cap, "features", get32(raw, layout->features), true);
	add(cap, "addr_width", get16(raw, layout->addr_width), false);
	add(cap, "pasid_bits", get16(raw, layout->pasid_bits), false);
	if (format != VFIO_NESTING_FORMAT_INTEL_VTD)
		return 0;
	add(cap, "masked_cap", get64(raw, layout->cap), true);
	add(cap, "masked_ecap", get64(raw, layout->ecap), true);
	return 0;
}

/* Two revisions look alike: its fields are not to be told, its presence is. */
static int decode_nothing(const struct bytes *raw, const struct layout *layout,
			  struct nest_infocap *cap)
{
	(void)raw;
	(void)layout;
	cap->problem = "two revisions have this length, and its fields do not tell which";
	return 0;
}

/*
 * The revisions that share a length: each begins its VT-d part with that part's own size, or has a
 * format where the other has flags, which are 0.
 */
static bool is_v4(const struct bytes *raw)
{
	return get32(raw, 12) == 0 && get32(raw, 16) == 48 && get32(raw, 8) != 56;
}

static bool is_v7(const struct bytes *raw)
{
	return get32(raw, 8) == 56 && get32(raw, 16) != 48;
}

static bool is_v5(const struct bytes *raw)
{
	return get32(raw, 12) == VFIO_NESTING_FORMAT_INTEL_VTD && get32(raw, 20) == 0;
}

static bool is_v6(const struct bytes *raw)
{
	return get32(raw, 12) == 0 && get32(raw, 16) == VFIO_NESTING_FORMAT_INTEL_VTD;
}

#define LEN(rev) VFIO_NESTING_CAP_LEN_##rev, VFIO_NESTING_CAP_LEN_##rev

/* clang-format off */
static const struct layout v2 = {16, 20, 32, 34, 36, 52};
static const struct layout v3 = {16, 20, 32, 34, 36, 44};
static const struct layout v4 = {20, 24, 32, 34, 48, 56};
static const struct layout v5 = {12, 16, 24, 26, 40, 48};
static const struct layout v6 = {16, 20, 24, 26, 40, 48};
static const struct layout v7 = {16, 20, 24, 26, 48, 56};
static const struct layout v8 = {16, 20, 24, 26, 56, 64};

/* What an id means, by the length it comes with. The first row that fits decides. */
static const struct decoder {
	uint16_t id;
	uint32_t min, max; /* length; a kernel that rounds up to 8 makes 16 of DMA_AVAIL's 12 */
	const char *name;
	enum nest_nesting_rev rev;
	int (*decode)(const struct bytes *raw, const struct layout *layout, struct nest_infocap *cap);
	const struct layout *layout;
	bool (*fits)(const struct bytes *raw); /* NULL: the length is enough */
} decoders[] = {
	{VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 16, UINT32_MAX, "iova_range", NEST_REV_NONE, decode_iova_range, NULL, NULL},
	{VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, 32, 32, "migration", NEST_REV_NONE, decode_migration, NULL, NULL},
	{VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, 12, 16, "dma_avail", NEST_REV_NONE, decode_dma_avail, NULL, NULL},
	{VFIO_NESTING_CAP_ID_EARLY, LEN(RFC_V3), "nesting", NEST_REV_RFC_V3, decode_rfc_v3, NULL, NULL},
	{VFIO_NESTING_CAP_ID_EARLY, LEN(V1), "nesting", NEST_REV_V1, decode_v1, NULL, NULL},
	{VFIO_NESTING_CAP_ID_EARLY, LEN(V2), "nesting", NEST_REV_V2, decode_nesting, &v2, NULL},
	{VFIO_NESTING_CAP_ID_V3, LEN(V3), "nesting", NEST_REV_V3, decode_nesting, &v3, NULL},
	{VFIO_NESTING_CAP_ID_V3, LEN(V5), "nesting", NEST_REV_V5, decode_nesting, &v5, is_v5},
	{VFIO_NESTING_CAP_ID_V3, LEN(V5), "nesting", NEST_REV_V6, decode_nesting, &v6, is_v6},
	{VFIO_NESTING_CAP_ID_V3, LEN(V5), "nesting", NEST_REV_V5_OR_V6, decode_nothing, NULL, NULL},
	{VFIO_NESTING_CAP_ID_V3, LEN(V4), "nesting", NEST_REV_V4, decode_nesting, &v4, is_v4},
	{VFIO_NESTING_CAP_ID_V3, LEN(V4), "nesting", NEST_REV_V7, decode_nesting, &v7, is_v7},
	{VFIO_NESTING_CAP_ID_V3, LEN(V4), "nesting", NEST_REV_V4_OR_V7, decode_nothing, NULL, NULL},
	{VFIO_NESTING_CAP_ID_V8, LEN(V8), "nesting", NEST_REV_V8, decode_nesting, &v8, NULL},
};
/* clang-format on */

static const char *const rev_names[] = {
	[NEST_REV_RFC_V3] = "rfc-v3",
	[NEST_REV_V1] = "v1",
	[NEST_REV_V2] = "v2",
	[NEST_REV_V3] = "v3",
	[NEST_REV_V4] = "v4",
	[NEST_REV_V5] = "v5",
	[NEST_REV_V6] = "v6",
	[NEST_REV_V7] = "v7",
	[NEST_REV_V8] = "v8",
	[NEST_REV_V4_OR_V7] = "v4-or-v7",
	[NEST_REV_V5_OR_V6] = "v5-or-v6",
};

static int decode(const struct nest_info *info, struct nest_infocap *cap)
{
	struct bytes raw = { info->bytes + cap->offset, cap->len };
	bool known = false;
	size_t i;

	for (i = 0; i < sizeof(decoders) / sizeof(*decoders); i++) {
		const struct decoder *row = &decoders[i];

		if (row->id != cap->id)
			continue;
		known = true;
		if (cap->len < row->min || cap->len > row->max || (row->fits && !row->fits(&raw)))
			continue;
		cap->name = row->name;
		cap->rev = row->rev;
		return row->decode(&raw, row->layout, cap);
	}
	if (known)
		cap->problem = "has a length that no known form of this id has";
	return 0;
}

/* Ends the walk: the reason goes into info->problem. */
__attribute__((format(printf, 2, 3))) static bool bad(struct nest_info *info, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(info->problem, sizeof(info->problem), fmt, args);
	va_end(args);
	return false;
}

/* Whether a capability can be at offset, given those before it. */
static bool link_good(struct nest_info *info, uint32_t offset)
{
	const struct nest_infocap *prev = info->ncaps ? &info->caps[info->ncaps - 1] : NULL;
	size_t i;

	for (i = 0; i < info->ncaps; i++)
		if (info->caps[i].offset == offset)
			return bad(info, "the chain loops back to 0x%x", offset);
	if (info->ncaps == NEST_INFOCAP_MAX)
		return bad(info, "the chain has more than %d capabilities", NEST_INFOCAP_MAX);
	if (offset % sizeof(uint32_t))
		return bad(info, "offset 0x%x is not aligned", offset);
	if (!prev && offset < FIXED_CAPS)
		return bad(info, "offset 0x%x lies in the fixed part", offset);
	if (prev && offset < prev->offset)
		return bad(info, "the capability at 0x%x points backwards, to 0x%x", prev->offset,
			   offset);
	if (prev && offset - prev->offset < HEADER)
		return bad(info, "the capabilities at 0x%x and 0x%x overlap", prev->offset, offset);
	if (offset >= info->size)
		return bad(info, "offset 0x%x lies beyond the end at 0x%zx", offset, info->size);
	if (info->size - offset < HEADER)
		return bad(info, "no room for a capability between 0x%x and the end at 0x%zx",
			   offset, info->size);
	return true;
}

/* Lists the capabilities; their lengths are known once all are. */
static void walk(struct nest_info *info, uint32_t offset)
{
	while (offset && link_good(info, offset)) {
		struct nest_infocap *cap = &info->caps[info->ncaps++];
		struct vfio_info_cap_header header;

		memcpy(&header, info->bytes + offset, sizeof(header));
		cap->id = header.id;
		cap->version = header.version;
		cap->offset = offset;
		offset = header.next;
	}
}

static int decode_all(struct nest_info *info)
{
	size_t i;
	int err;

	for (i = 0; i < info->ncaps; i++) {
		struct nest_infocap *cap = &info->caps[i];
		bool last = i + 1 == info->ncaps;

		cap->len = (last ? info->size : cap[1].offset) - cap->offset;
		if (last && *info->problem) {
			cap->problem = "its length is not known, as the way on is broken";
			continue;
		}
		err = decode(info, cap);
		if (err)
			return err;
	}
	return 0;
}

int nest_info_parse(const void *bytes, size_t size, struct nest_info *ret_info)
{
	struct nest_info info = { .size = size };
	struct vfio_iommu_type1_info fixed = { 0 };
	int err = -ENOMEM;

	if (size < FIXED_MIN)
		return -EINVAL;
	memcpy(&fixed, bytes, size < sizeof(fixed) ? size : sizeof(fixed));
	info.argsz = fixed.argsz;
	info.flags = fixed.flags;
	info.have_page_sizes = fixed.flags & VFIO_IOMMU_INFO_PGSIZES;
	info.page_sizes = info.have_page_sizes ? fixed.iova_pgsizes : 0;
	info.bytes = malloc(size);
	info.caps = calloc(NEST_INFOCAP_MAX, sizeof(*info.caps));
	if (!info.bytes || !info.caps)
		goto free_info;
	memcpy(info.bytes, bytes, size);
	if (fixed.flags & VFIO_IOMMU_INFO_CAPS && size >= FIXED_CAPS)
		walk(&info, fixed.cap_offset);
	err = decode_all(&info);
	if (err)
		goto free_info;
	*ret_info = info;
	return 0;

free_info:
	nest_info_free(&info);
	return err;
}

void nest_info_free(struct nest_info *info)
{
	size_t i;

	for (i = 0; i < info->ncaps; i++)
		free(info->caps[i].ranges);
	free(info->caps);
	free(info->bytes);
	memset(info, 0, sizeof(*info));
}

const struct nest_infocap *nest_info_find(const struct nest_info *info, const char *name)
{
	size_t i;

	for (i = 0; i < info->ncaps; i++)
		if (info->caps[i].name && !strcmp(info->caps[i].name, name))
			return &info->caps[i];
	return NULL;
}

bool nest_infocap_get(const struct nest_infocap *cap, const char *field, uint64_t *ret_value)
{
	size_t i;

	for (i = 0; i < cap->nfields; i++) {
		if (strcmp(cap->fields[i].name, field))
			continue;
		*ret_value = cap->fields[i].value;
		return true;
	}
	return false;
}

const char *nest_nesting_rev_name(enum nest_nesting_rev rev)
{
	return rev_names[rev];
}
