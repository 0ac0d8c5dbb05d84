// SPDX-License-Identifier: GPL-2.0-or-later
/* What an SMMUv3 is given through iommufd, and what it tells: words that were measured on
 * Linux 7.3. */
#include "backend/iommufd-s1.h"
#include "test.h"

static const struct nest_iommufd_row *const row = &nest_iommufd_smmuv3_row;
static struct nest_s1_config config;
static struct nest_iommufd_entries entries;

static unsigned int variant;

static void fill(enum nest_s1_reach reach, uint64_t addr, uint64_t npages, bool leaf)
{
	const struct nest_s1_scope scope = { reach, addr, npages, leaf, variant };

	memset(&entries, 0xee, sizeof(entries));
	row->fill_entries(&config, &scope, &entries);
	CHECK_EQ(entries.len, 16);
}

#define COMMAND(n, word0, word1)                                                                   \
	do {                                                                                       \
		CHECK_EQ(entries.smmuv3[n].cmd[0], UINT64_C(word0));                               \
		CHECK_EQ(entries.smmuv3[n].cmd[1], UINT64_C(word1));                               \
	} while (0)

static void plain(void)
{
	config = (struct nest_s1_config){ .format = &nest_s1_arm64, .asid = 5, .virt_id = 0x42 };
}

TEST(table, "the stream table entry translates with the context descriptor, and has no other bit")
{
	union nest_iommufd_table table;

	plain();
	config.context = UINT64_C(0x80000030000);
	CHECK_EQ(row->fill_table(&config, &table), 16);
	CHECK_EQ(table.smmuv3.ste[0], UINT64_C(0x8000003000b));
	CHECK_EQ(table.smmuv3.ste[1], 0xd4);
}

TEST(stand_ins, "a block and a bypass need neither a descriptor nor attributes")
{
	union nest_iommufd_table table;

	plain();
	config.kind = NEST_S1_BLOCK;
	CHECK_EQ(row->fill_table(&config, &table), 16);
	CHECK_EQ(table.smmuv3.ste[0], 1);
	CHECK_EQ(table.smmuv3.ste[1], 0);
	config.kind = NEST_S1_BYPASS;
	row->fill_table(&config, &table);
	CHECK_EQ(table.smmuv3.ste[0], 9);
	CHECK_EQ(table.smmuv3.ste[1], 0);
}

TEST(page, "one page is one command by address, with the ASID and no field of a range")
{
	plain();
	fill(NEST_S1_PAGE, 0x7f1234567000, 1, true);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0005000000000012, 0x00007f1234567001);
	config.ranges = true;
	fill(NEST_S1_PAGE, 0x1008, 1, false);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0005000000000012, 0x1000);
}

TEST(pages, "without range commands there is one for each page, and for too many the whole ASID")
{
	plain();
	fill(NEST_S1_RANGE, 0x10000, 16, true);
	CHECK_EQ(entries.num, 16);
	COMMAND(0, 0x0005000000000012, 0x10001);
	COMMAND(15, 0x0005000000000012, 0x1f001);
	fill(NEST_S1_RANGE, 0x10000, 64, true);
	CHECK_EQ(entries.num, 64);
	fill(NEST_S1_RANGE, 0x10000, 65, true);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0005000000000011, 0);
}

TEST(ranges, "a range is split into multiples of powers of two, each page in it once")
{
	static const uint64_t counts[] = { 2, 3, 16, 31, 32, 33, 512, 513, 1000, 262143 };

	plain();
	config.ranges = true;
	fill(NEST_S1_RANGE, 0x10000, 16, true);
	CHECK_EQ(entries.num, 1);
	/* 16 pages are one times two to the fourth; the granule is 4 KiB */
	COMMAND(0, 0x0005000000400012, 0x10401);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint64_t at = 0x40000000;

		fill(NEST_S1_RANGE, at, counts[i], false);
		for (uint32_t n = 0; n < entries.num; n++) {
			uint64_t word0 = entries.smmuv3[n].cmd[0], word1 = entries.smmuv3[n].cmd[1];
			uint64_t num = word0 >> 12 & 31, scale = word0 >> 20 & 31;
			bool range = word1 >> 10 & 3;

			CHECK_EQ(word1 & ~UINT64_C(0xfff), at);
			CHECK_EQ(word0 & ~UINT64_C(0x1f1f000), 0x0005000000000012);
			/* the kernel refuses fields without a granule, and a granule without */
			CHECK_EQ(range, num || scale);
			at += ((num + 1) << scale) << 12;
		}
		CHECK_EQ(at, 0x40000000 + (counts[i] << 12));
	}
}

TEST(wide, "all of the table, of the parent, and the context descriptor before its table")
{
	plain();
	fill(NEST_S1_PASID, 0, 0, false);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0005000000000011, 0);
	fill(NEST_S1_ALL, 0, 0, false);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x10, 0);
	fill(NEST_S1_DESCRIPTOR, 0, 0, false);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0000004200000005, 1);
	fill(NEST_S1_CONTEXT, 0, 0, false);
	CHECK_EQ(entries.num, 2);
	COMMAND(0, 0x0000004200000005, 1);
	COMMAND(1, 0x0005000000000011, 0);
}

TEST(variants, "commands of the same effect, and the usual one where there is no other")
{
	plain();
	config.ranges = true;
	variant = 1;
	fill(NEST_S1_PAGE, 0x1000, 1, true);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x13, 0x1001);
	fill(NEST_S1_DESCRIPTOR, 0, 0, false);
	COMMAND(0, 0x0000004200000006, 0);
	fill(NEST_S1_ALL, 0, 0, false);
	COMMAND(0, 0x30, 0);
	fill(NEST_S1_PASID, 0, 0, false);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0005000000000011, 0);
	variant = 2;
	fill(NEST_S1_PAGE, 0x1000, 1, true);
	COMMAND(0, 0x0005000000000012, 0x1701);
	/* without range commands the kernel takes neither granule nor level */
	config.ranges = false;
	fill(NEST_S1_PAGE, 0x1000, 1, true);
	COMMAND(0, 0x0005000000000012, 0x1001);
	variant = 0;
}

TEST(granules,
     "pages of 16 and 64 KiB: their addresses, ranges and hints, by the codes of commands")
{
	plain();
	config.format = &nest_s1_arm64_16k;
	fill(NEST_S1_RANGE, 0x43210, 3, true);
	CHECK_EQ(entries.num, 3);
	COMMAND(0, 0x0005000000000012, 0x40001);
	COMMAND(2, 0x0005000000000012, 0x48001);
	config.ranges = true;
	fill(NEST_S1_RANGE, 0x40000, 48, true);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0005000000402012, 0x40801); /* three times two to the fourth */
	fill(NEST_S1_RANGE, 0x40000, 33, true);
	CHECK_EQ(entries.num, 2);
	COMMAND(0, 0x0005000000000012, 0x40001);
	COMMAND(1, 0x0005000000500012, 0x44801);
	config.format = &nest_s1_arm64_64k;
	fill(NEST_S1_RANGE, 0x7f1234567000, 8192, false);
	CHECK_EQ(entries.num, 1);
	COMMAND(0, 0x0005000000d00012, 0x00007f1234560c00);
	variant = 2;
	fill(NEST_S1_PAGE, 0x12345678, 1, true);
	COMMAND(0, 0x0005000000000012, 0x12340f01);
	config.format = &nest_s1_arm64_16k;
	fill(NEST_S1_PAGE, 0x12345678, 1, true);
	COMMAND(0, 0x0005000000000012, 0x12344b01);
	variant = 0;
}

TEST(repeat, "hardware that wants it is given each command twice, and never too many")
{
	plain();
	config.repeat = true;
	fill(NEST_S1_CONTEXT, 0, 0, false);
	CHECK_EQ(entries.num, 4);
	COMMAND(0, 0x0000004200000005, 1);
	COMMAND(1, 0x0000004200000005, 1);
	COMMAND(2, 0x0005000000000011, 0);
	COMMAND(3, 0x0005000000000011, 0);
	fill(NEST_S1_RANGE, 0, 33, true);
	CHECK_EQ(entries.num, 2);
	COMMAND(0, 0x0005000000000011, 0);
}

static struct nest_s1_event event(uint64_t word0, uint64_t word1, uint64_t word2)
{
	const struct iommu_vevent_arm_smmuv3 raw = { { word0, word1, word2, 0 } };
	struct nest_s1_event ret;

	CHECK(row->read_event(&raw, &ret));
	return ret;
}

TEST(events, "events tell address, direction, stage and device")
{
	struct nest_s1_event got = event(0x0000004200000010, 0x0000020000000000, 0x7f1234567008);

	CHECK_EQ(got.code, 0x10);
	CHECK_EQ(got.virt_id, 0x42);
	CHECK(got.have_address && !got.stage2 && !got.stalled && !got.have_pasid);
	CHECK_EQ(got.addr, UINT64_C(0x7f1234567008));
	CHECK_EQ(got.perm, NEST_PROT_WRITE);
	CHECK(got.of_input);
	got = event(0x0000004200000010, 0x0000010000000000, 0x1000);
	CHECK(!got.of_input);
	got = event(0x0000004200000010, 0x0000020800000000, 0x1000);
	CHECK_EQ(got.perm, NEST_PROT_READ);
	got = event(0x0000000800000010, 0x0000028000000000, 0x1000);
	CHECK(got.stage2);
	got = event(0x0000004200007813, 0x0000020080000000, 0x1000);
	CHECK_EQ(got.code, 0x13);
	CHECK(got.have_pasid && got.stalled);
	CHECK_EQ(got.pasid, 7);
	got = event(0x000000420000000a, 0, 0);
	CHECK_EQ(got.code, 0x0a);
	CHECK(!got.have_address);
}

int main(void)
{
	return test_main();
}
