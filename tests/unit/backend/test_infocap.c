// SPDX-License-Identifier: GPL-2.0-or-later
/* The GET_INFO walker against answers of every kernel that is known, and against broken ones. */
#include "test.h"

#include <errno.h>

#include "backend/infocap.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"

#define FIXED 24

/*
 * An answer under construction: the fixed part, then capabilities, each linked to the one before.
 */
static uint8_t answer[4096];
static size_t answer_len;
static size_t last_link; /* where the offset of the next capability goes */
static struct nest_info info;

static void put32(size_t at, uint32_t value)
{
	memcpy(answer + at, &value, sizeof(value));
}

static void put64(size_t at, uint64_t value)
{
	memcpy(answer + at, &value, sizeof(value));
}

static void start(uint64_t page_sizes)
{
	memset(answer, 0, sizeof(answer));
	answer_len = FIXED;
	last_link = offsetof(struct vfio_iommu_type1_info, cap_offset);
	put32(4, VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS);
	put64(8, page_sizes);
}

/* Appends a capability of len bytes, header included, and returns where it is. */
static size_t cap(uint16_t id, size_t len)
{
	size_t at = answer_len;
	uint16_t version = 1;

	memcpy(answer + at, &id, sizeof(id));
	memcpy(answer + at + 2, &version, sizeof(version));
	put32(last_link, at);
	last_link = at + 4;
	answer_len += len;
	return at;
}

static size_t cap_ranges(uint32_t count)
{
	size_t at = cap(VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 16 + 16 * count);
	uint32_t i;

	put32(at + 8, count);
	for (i = 0; i < count; i++) {
		put64(at + 16 + 16 * i, 0x1000000ULL * i);
		put64(at + 24 + 16 * i, 0x1000000ULL * i + 0xfffff);
	}
	return at;
}

static int parse(void)
{
	put32(0, answer_len);
	nest_info_free(&info);
	return nest_info_parse(answer, answer_len, &info);
}

static uint64_t field(size_t i, const char *name)
{
	uint64_t value = 0xdeadbeef;

	CHECK(nest_infocap_get(&info.caps[i], name, &value));
	return value;
}

/* Parses one capability alone and returns it. */
static const struct nest_infocap *alone(uint16_t id, size_t len, const uint32_t *words,
					size_t count)
{
	size_t i, at;

	start(0x1000);
	at = cap(id, len);
	for (i = 0; i < count; i++)
		put32(at + 8 + 4 * i, words[i]);
	CHECK_EQ(parse(), 0);
	CHECK_EQ(info.ncaps, 1);
	CHECK_STR(info.problem, "");
	return info.caps;
}

TEST(stock, "a stock kernel's chain is decoded: ids 2, 3, 1")
{
	size_t at;

	start(0x40201000);
	at = cap(2, 32);
	put32(at + 8, 1);
	put64(at + 16, 0x1000);
	put64(at + 24, 268435456);
	at = cap(3, 12);
	put32(at + 8, 65535);
	cap_ranges(2);
	REQUIRE(parse() == 0);
	CHECK_STR(info.problem, "");
	CHECK(info.have_page_sizes);
	CHECK_EQ(info.page_sizes, 0x40201000);
	REQUIRE(info.ncaps == 3);
	CHECK_STR(info.caps[0].name, "migration");
	CHECK_EQ(field(0, "flags"), 1);
	CHECK_EQ(field(0, "page_sizes"), 0x1000);
	CHECK_EQ(field(0, "max_dirty_bitmap_size"), 268435456);
	CHECK_STR(info.caps[1].name, "dma_avail");
	CHECK_EQ(info.caps[1].len, 12);
	CHECK_EQ(field(1, "avail"), 65535);
	CHECK_STR(info.caps[2].name, "iova_range");
	CHECK_EQ(info.caps[2].rev, NEST_REV_NONE);
	REQUIRE(info.caps[2].nranges == 2);
	CHECK_EQ(info.caps[2].ranges[1].start, 0x1000000);
	CHECK_EQ(info.caps[2].ranges[1].last, 0x10fffff);
	CHECK(nest_info_find(&info, "dma_avail") == &info.caps[1]);
	CHECK(nest_info_find(&info, "nesting") == NULL);
}

TEST(rounded, "DMA_AVAIL rounded up to 16 bytes is still DMA_AVAIL")
{
	uint32_t words[] = { 65535, 0 };
	const struct nest_infocap *it = alone(3, 16, words, 2);

	CHECK_STR(it->name, "dma_avail");
	CHECK_EQ(field(0, "avail"), 65535);
}

TEST(no_flags, "without the flags there are no page sizes and no chain")
{
	start(0x1000);
	cap(3, 12);
	put32(4, 0);
	REQUIRE(parse() == 0);
	CHECK(!info.have_page_sizes);
	CHECK_EQ(info.ncaps, 0);
	CHECK_STR(info.problem, "");
}

TEST(old_form, "the 16-byte form of old kernels is enough")
{
	start(0x1000);
	answer_len = 16;
	REQUIRE(parse() == 0);
	CHECK_EQ(info.page_sizes, 0x1000);
	CHECK_EQ(info.ncaps, 0);
	answer_len = 15;
	CHECK_EQ(parse(), -EINVAL);
}

TEST(unknown, "an id nobody knows is kept raw")
{
	uint32_t words[] = { 1, 2, 3 };
	const struct nest_infocap *it = alone(77, 20, words, 3);

	CHECK_EQ(it->id, 77);
	CHECK_EQ(it->version, 1);
	CHECK_EQ(it->len, 20);
	CHECK(it->name == NULL);
	CHECK(it->problem == NULL);
	CHECK_EQ(it->nfields, 0);
	CHECK_MEM(info.bytes + it->offset + 8, words, sizeof(words));
}

TEST(rfc_v3, "RFC v3: id 2 with 12 bytes")
{
	uint32_t words[] = { 1 };
	const struct nest_infocap *it = alone(2, 12, words, 1);

	CHECK_STR(it->name, "nesting");
	CHECK_STR(nest_nesting_rev_name(it->rev), "rfc-v3");
	CHECK_EQ(field(0, "format"), 1);
}

TEST(v1, "v1: id 2 with 16 bytes")
{
	uint32_t words[] = { 1, 2 };
	const struct nest_infocap *it = alone(2, 16, words, 2);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v1");
	CHECK_EQ(field(0, "nesting_capabilities"), 1);
	CHECK_EQ(field(0, "stage1_formats"), 2);
}

TEST(rfc_v3_or_v1,
     "16 bytes without formats are RFC v3 with four more, or v1, and nothing in them tells")
{
	uint32_t words[] = { 1, 0 };
	const struct nest_infocap *it = alone(2, 16, words, 2);

	CHECK_STR(it->name, "nesting");
	CHECK_STR(nest_nesting_rev_name(it->rev), "rfc-v3-or-v1");
	CHECK_HAS(it->problem, "two revisions");
	CHECK_EQ(it->nfields, 0);
}

TEST(v2, "v2: id 2 with 68 bytes, its registers not aligned")
{
	/* flags; size format features flags; vtd: flags, widths, cap, cap_mask, ecap, ecap_mask */
	uint32_t words[] = { 0,		 56,	     1, 7, 0,	       0,	   48 | 20 << 16,
			     0x89abcdef, 0x01234567, 0, 0, 0x76543210, 0xfedcba98, 0,
			     0 };
	const struct nest_infocap *it = alone(2, 68, words, 15);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v2");
	CHECK_EQ(field(0, "format"), 1);
	CHECK_EQ(field(0, "features"), 7);
	CHECK_EQ(field(0, "addr_width"), 48);
	CHECK_EQ(field(0, "pasid_bits"), 20);
	CHECK_EQ(field(0, "masked_cap"), 0x0123456789abcdef);
	CHECK_EQ(field(0, "masked_ecap"), 0xfedcba9876543210);
}

TEST(v3, "v3: id 3 with 52 bytes")
{
	uint32_t words[] = { 0,		 40,	     1,		 7,	    0, 0, 48 | 20 << 16,
			     0x89abcdef, 0x01234567, 0x76543210, 0xfedcba98 };
	const struct nest_infocap *it = alone(3, 52, words, 11);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v3");
	CHECK_EQ(field(0, "features"), 7);
	CHECK_EQ(field(0, "pasid_bits"), 20);
	CHECK_EQ(field(0, "masked_cap"), 0x0123456789abcdef);
	CHECK_EQ(field(0, "masked_ecap"), 0xfedcba9876543210);
}

TEST(v4, "v4: id 3 with 64 bytes, size 48 behind the padding")
{
	uint32_t words[] = { 0, 0, 48, 1,	   7,	       0,	   48 | 20 << 16,
			     0, 0, 0,  0x89abcdef, 0x01234567, 0x76543210, 0xfedcba98 };
	const struct nest_infocap *it = alone(3, 64, words, 14);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v4");
	CHECK_EQ(field(0, "format"), 1);
	CHECK_EQ(field(0, "addr_width"), 48);
	CHECK_EQ(field(0, "masked_cap"), 0x0123456789abcdef);
	CHECK_EQ(field(0, "masked_ecap"), 0xfedcba9876543210);
}

TEST(v7, "v7: id 3 with 64 bytes, argsz 56 first")
{
	uint32_t words[] = { 56, 0, 1, 7,	   48 | 20 << 16, 0,	      0,
			     0,	 0, 0, 0x89abcdef, 0x01234567,	  0x76543210, 0xfedcba98 };
	const struct nest_infocap *it = alone(3, 64, words, 14);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v7");
	CHECK_EQ(field(0, "features"), 7);
	CHECK_EQ(field(0, "pasid_bits"), 20);
	CHECK_EQ(field(0, "masked_cap"), 0x0123456789abcdef);
	CHECK_EQ(field(0, "masked_ecap"), 0xfedcba9876543210);
}

TEST(v4_or_v7, "id 3 with 64 bytes that tell nothing is one of the two")
{
	const struct nest_infocap *it = alone(3, 64, NULL, 0);

	CHECK_STR(it->name, "nesting");
	CHECK_STR(nest_nesting_rev_name(it->rev), "v4-or-v7");
	CHECK_EQ(it->nfields, 0);
	CHECK(it->problem != NULL);
}

TEST(v5, "v5: id 3 with 56 bytes, format before features")
{
	uint32_t words[] = { 48, 1, 7,		0,	    48 | 20 << 16, 0,
			     0,	 0, 0x89abcdef, 0x01234567, 0x76543210,	   0xfedcba98 };
	const struct nest_infocap *it = alone(3, 56, words, 12);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v5");
	CHECK_EQ(field(0, "features"), 7);
	CHECK_EQ(field(0, "addr_width"), 48);
	CHECK_EQ(field(0, "masked_ecap"), 0xfedcba9876543210);
}

TEST(v6, "v6: id 3 with 56 bytes, flags before format")
{
	uint32_t words[] = { 48, 0, 1,		7,	    48 | 20 << 16, 0,
			     0,	 0, 0x89abcdef, 0x01234567, 0x76543210,	   0xfedcba98 };
	const struct nest_infocap *it = alone(3, 56, words, 12);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v6");
	CHECK_EQ(field(0, "features"), 7);
	CHECK_EQ(field(0, "masked_cap"), 0x0123456789abcdef);
}

TEST(v5_or_v6, "id 3 with 56 bytes that tell nothing is one of the two")
{
	CHECK_STR(nest_nesting_rev_name(alone(3, 56, NULL, 0)->rev), "v5-or-v6");
}

TEST(v8, "v8: id 4 with 72 bytes")
{
	uint32_t words[] = { 64, 0, 1, 3, 48 | 20 << 16, 0,	     0,		 0,
			     0,	 0, 0, 0, 0x89abcdef,	 0x01234567, 0x76543210, 0xfedcba98 };
	const struct nest_infocap *it = alone(4, 72, words, 16);

	CHECK_STR(nest_nesting_rev_name(it->rev), "v8");
	CHECK_EQ(field(0, "format"), 1);
	CHECK_EQ(field(0, "features"), 3);
	CHECK_EQ(field(0, "masked_cap"), 0x0123456789abcdef);
	CHECK_EQ(field(0, "masked_ecap"), 0xfedcba9876543210);
}

TEST(not_v8, "id 4 with 72 bytes of another make is nobody's")
{
	uint32_t good[] = { 64, 0, 1, 3, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, words[16];

	memcpy(words, good, sizeof(words));
	words[0] = 72;
	CHECK(!alone(4, 72, words, 16)->name);
	CHECK_EQ(info.caps[0].rev, NEST_REV_NONE);
	memcpy(words, good, sizeof(words));
	words[3] = 8 | 3;
	CHECK_HAS(alone(4, 72, words, 16)->problem, "content");
	words[3] = 7;
	CHECK_STR(nest_nesting_rev_name(alone(4, 72, words, 16)->rev), "v8-pri");
}

TEST(nesting_in_chain, "a nesting capability is told by its length inside a chain too")
{
	start(0x1000);
	cap(2, 32);
	cap(3, 12);
	cap_ranges(1);
	cap(3, 52);
	cap(9, 8);
	REQUIRE(parse() == 0);
	REQUIRE(info.ncaps == 5);
	CHECK_STR(info.caps[1].name, "dma_avail");
	CHECK_STR(info.caps[3].name, "nesting");
	CHECK_STR(nest_nesting_rev_name(info.caps[3].rev), "v3");
	CHECK_EQ(info.caps[4].len, 8);
}

TEST(odd_length, "a known id with a length of no known form is kept raw, and says so")
{
	const struct nest_infocap *it = alone(2, 24, NULL, 0);

	CHECK(it->name == NULL);
	CHECK_EQ(it->rev, NEST_REV_NONE);
	CHECK_HAS(it->problem, "length");
	CHECK_HAS(alone(1, 12, NULL, 0)->problem, "length");
	CHECK_HAS(alone(3, 8, NULL, 0)->problem, "length");
	CHECK_HAS(alone(4, 64, NULL, 0)->problem, "length");
}

TEST(short_ranges, "ranges beyond the capability's end are not read")
{
	size_t at;

	start(0x1000);
	at = cap_ranges(2);
	put32(at + 8, 0xffffffff);
	cap(3, 12);
	REQUIRE(parse() == 0);
	REQUIRE(info.ncaps == 2);
	CHECK_EQ(info.caps[0].nranges, 2);
	CHECK_HAS(info.caps[0].problem, "fewer ranges");
	CHECK_STR(info.caps[1].name, "dma_avail");
}

TEST(backward_range, "a range that ends before it starts is pointed out")
{
	size_t at;

	start(0x1000);
	at = cap_ranges(1);
	put64(at + 16, 0x2000);
	put64(at + 24, 0x1000);
	REQUIRE(parse() == 0);
	CHECK_HAS(info.caps[0].problem, "before it starts");
}

/* A chain of DMA_AVAIL and one more whose way on is what the test says. */
static void broken(uint32_t next, const char *why)
{
	start(0x1000);
	cap(3, 12);
	cap(77, 16);
	put32(last_link, next);
	if (!CHECK_EQ(parse(), 0))
		return;
	CHECK_HAS(info.problem, why);
	if (!CHECK_EQ(info.ncaps, 2))
		return;
	CHECK_STR(info.caps[0].name, "dma_avail");
	CHECK_HAS(info.caps[1].problem, "length unknown");
}

TEST(loop_self, "a capability that points to itself ends the walk")
{
	broken(FIXED + 12, "loops back to 0x24");
}

TEST(loop, "a loop ends the walk")
{
	broken(FIXED, "loops back to 0x18");
}

TEST(backwards, "a pointer back ends the walk")
{
	broken(FIXED + 4, "points backwards");
}

TEST(overlap, "a capability inside the header of another ends the walk")
{
	broken(FIXED + 16, "overlap");
}

TEST(beyond, "an offset beyond the end ends the walk")
{
	broken(FIXED + 28, "beyond the end");
	broken(0xfffffffc, "beyond the end");
}

TEST(no_room, "a header that the end cuts ends the walk")
{
	broken(FIXED + 24, "no space");
}

TEST(unaligned, "an offset that is not aligned ends the walk")
{
	broken(FIXED + 22, "not aligned");
}

TEST(first_bad, "a first offset into the fixed part gives no capability")
{
	start(0x1000);
	cap(3, 12);
	put32(16, 8);
	REQUIRE(parse() == 0);
	CHECK_EQ(info.ncaps, 0);
	CHECK_HAS(info.problem, "fixed part");
	CHECK_EQ(info.page_sizes, 0x1000);
}

TEST(too_many, "a chain without end is cut")
{
	int i;

	start(0x1000);
	for (i = 0; i < 200; i++)
		cap(77, 8);
	REQUIRE(parse() == 0);
	CHECK_EQ(info.ncaps, NEST_INFOCAP_MAX);
	CHECK_HAS(info.problem, "more than 64");
}

TEST(truncated, "an answer cut at any byte is walked within its bounds")
{
	size_t whole, len;

	start(0x1000);
	cap(2, 32);
	cap(3, 12);
	cap_ranges(3);
	cap(4, 72);
	whole = answer_len;
	for (len = 16; len < whole; len++) {
		answer_len = len;
		if (!CHECK_EQ(parse(), 0))
			return;
		CHECK(info.ncaps <= 4);
	}
}

TEST(freed, "a cleared answer can be freed")
{
	nest_info_free(&info);
	nest_info_free(&info);
	CHECK_EQ(info.ncaps, 0);
}

int main(void)
{
	return test_main();
}
