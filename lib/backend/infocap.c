// SPDX-License-Identifier: GPL-2.0-or-later
/* The chain of VFIO_IOMMU_GET_INFO, and the decoders of its capabilities. */
#include "backend/infocap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/abi2020/nesting-rev.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"
#include "util.h"

#define HEADER sizeof(struct vfio_info_cap_header)

/* cap_offset follows the page sizes; the structure of a 32-bit kernel ends right after it. */
#define FIXED_MIN  offsetof(struct vfio_iommu_type1_info, cap_offset)
#define FIXED_CAPS (FIXED_MIN + sizeof(uint32_t))

struct bytes {
	const uint8_t *at;
	uint32_t len;
};

/* Numbers in host byte order. Some revisions do not align them. */
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

static int decode_iova_range(const struct bytes *raw, struct nest_infocap *cap)
{
	uint32_t count = get32(raw, 8);
	uint32_t room = (raw->len - sizeof(struct vfio_iommu_type1_info_cap_iova_range)) /
			sizeof(struct nest_range);
	uint32_t i;

	if (count > room) {
		cap->problem = "it has fewer ranges than it announces";
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

static int decode_migration(const struct bytes *raw, struct nest_infocap *cap)
{
	add(cap, "flags", get32(raw, 8), true);
	add(cap, "page_sizes", get64(raw, 16), true);
	add(cap, "max_dirty_bitmap_size", get64(raw, 24), false);
	return 0;
}

static int decode_dma_avail(const struct bytes *raw, struct nest_infocap *cap)
{
	add(cap, "avail", get32(raw, 8), false);
	return 0;
}

static int decode_v1(const struct bytes *raw, struct nest_infocap *cap)
{
	add(cap, "nesting_capabilities", get32(raw, 8), true);
	add(cap, "stage1_formats", get32(raw, 12), true);
	return 0;
}

/* The fields of a revision, at its offsets. */
static int decode_fields(const struct bytes *raw, const struct nest_rev_cap *at,
			 struct nest_infocap *cap)
{
	uint32_t format = get32(raw, at->format);

	add(cap, "format", format, false);
	if (!at->features)
		return 0;
	add(cap, "features", get32(raw, at->features), true);
	add(cap, "addr_width", get16(raw, at->addr_width), false);
	add(cap, "pasid_bits", get16(raw, at->pasid_bits), false);
	if (format != VFIO_NESTING_FORMAT_INTEL_VTD)
		return 0;
	add(cap, "masked_cap", get64(raw, at->cap), true);
	add(cap, "masked_ecap", get64(raw, at->ecap), true);
	return 0;
}

/*
 * Revisions with the same id and length: one starts its VT-d part with the size of that part, or
 * has a format where the other has flags, which are 0. Product trees have v8 with one more feature.
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

/*
 * Requests are sent by v8, so a later kernel's capability with the same id must not match: the body
 * must begin with its own size and have only the features of the revision.
 */
static bool is_v8(const struct bytes *raw, enum nest_nesting_rev which)
{
	const struct nest_rev *rev = &nest_revs[which];
	uint32_t features = get32(raw, rev->cap.features);
	uint32_t known = rev->feat_bind | rev->feat_invalidate | rev->feat_page_resp;

	return get32(raw, 8) == rev->cap.len - 8 && !(features & ~known) &&
	       (!rev->feat_page_resp || features & rev->feat_page_resp);
}

static bool answers_pages(const struct bytes *raw)
{
	return is_v8(raw, NEST_REV_V8_PRI);
}

static bool answers_no_pages(const struct bytes *raw)
{
	return is_v8(raw, NEST_REV_V8);
}

/*
 * With 16 bytes v1 has its formats where RFC v3 has padding. A v1 without formats looks like RFC
 * v3.
 */
static bool has_formats(const struct bytes *raw)
{
	return get32(raw, 12) != 0;
}

static bool is_short(const struct bytes *raw)
{
	return raw->len < 16;
}

static bool (*const fits[NEST_REVS])(const struct bytes *raw) = {
	[NEST_REV_RFC_V3] = is_short,
	[NEST_REV_V1] = has_formats,
	[NEST_REV_V4] = is_v4,
	[NEST_REV_V5] = is_v5,
	[NEST_REV_V6] = is_v6,
	[NEST_REV_V7] = is_v7,
	[NEST_REV_V8] = answers_no_pages,
	[NEST_REV_V8_PRI] = answers_pages,
};

/* The revision of a NESTING capability; NEST_REV_NONE: it is not one. */
static enum nest_nesting_rev which(const struct bytes *raw, const struct nest_infocap *cap)
{
	enum nest_nesting_rev found = NEST_REV_NONE, looks = NEST_REV_NONE, rev;

	for (rev = NEST_REV_NONE + 1; rev < NEST_REVS; rev++) {
		const struct nest_rev_cap *known = &nest_revs[rev].cap;

		if (known->id != cap->id || known->version != cap->version ||
		    (known->len != cap->len && known->padded != cap->len))
			continue;
		looks = rev;
		if (fits[rev] && !fits[rev](raw))
			continue;
		found = rev;
	}
	if (found || !looks)
		return found;
	return looks == NEST_REV_V1   ? NEST_REV_RFC_V3_OR_V1
	       : looks == NEST_REV_V7 ? NEST_REV_V4_OR_V7
	       : looks == NEST_REV_V6 ? NEST_REV_V5_OR_V6
				      : NEST_REV_NONE;
}

static int decode_nesting(const struct bytes *raw, struct nest_infocap *cap)
{
	cap->name = "nesting";
	if (cap->rev >= NEST_REVS) {
		/* The fields are ambiguous; that it is there is not. */
		cap->problem = "two revisions have this length, and the fields do not show which "
			       "one it is";
		return 0;
	}
	if (cap->rev == NEST_REV_V1)
		return decode_v1(raw, cap);
	return decode_fields(raw, &nest_revs[cap->rev].cap, cap);
}

/* Upstream's, by id and length. Others may be the NESTING capability of a series. */
static const struct decoder {
	uint16_t id;
	uint32_t min, max; /* length; kernels that round up to 8 give DMA_AVAIL 16 bytes, not 12 */
	const char *name;
	int (*decode)(const struct bytes *raw, struct nest_infocap *cap);
} decoders[] = {
	{ VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 16, UINT32_MAX, "iova_range", decode_iova_range },
	{ VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, 32, 32, "migration", decode_migration },
	{ VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, 12, 16, "dma_avail", decode_dma_avail },
};

static bool is_known_id(uint16_t id)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(decoders); i++)
		if (decoders[i].id == id)
			return true;
	for (i = 0; i < NEST_REVS; i++)
		if (nest_revs[i].cap.id == id && id)
			return true;
	return false;
}

static int decode(const struct nest_info *info, struct nest_infocap *cap)
{
	struct bytes raw = { info->bytes + cap->offset, cap->len };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(decoders); i++) {
		const struct decoder *row = &decoders[i];

		if (row->id != cap->id || cap->len < row->min || cap->len > row->max)
			continue;
		cap->name = row->name;
		return row->decode(&raw, cap);
	}
	cap->rev = which(&raw, cap);
	if (cap->rev != NEST_REV_NONE)
		return decode_nesting(&raw, cap);
	if (is_known_id(cap->id))
		cap->problem = "its length or content matches no known form of this id";
	return 0;
}

/* Ends the walk, with the reason in info->problem. */
__attribute__((format(printf, 2, 3))) static bool bad(struct nest_info *info, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(info->problem, sizeof(info->problem), fmt, args);
	va_end(args);
	return false;
}

/* Can a capability be at offset, after those before it? */
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
		return bad(info, "no space for a capability between 0x%x and the end at 0x%zx",
			   offset, info->size);
	return true;
}

/* Lists the capabilities. Their lengths follow from the order of all offsets. */
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
			cap->problem = "length unknown: the chain is corrupt after this entry";
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
