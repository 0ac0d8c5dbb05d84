// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the parsers of IVRS, IORT and VIOT on tables built here: sound ones, then broken ones. */
#include <stdlib.h>

#include "hw/hw.h"
#include "hw/iort.h"
#include "hw/ivrs.h"
#include "test.h"

static uint8_t buf[8192];
static size_t used;

static void put(uint64_t value, int bytes)
{
	for (; bytes--; value >>= 8)
		buf[used++] = (uint8_t)value;
}

static void text(const char *s, size_t n)
{
	memcpy(buf + used, s, n);
	used += n;
}

static void set(size_t at, uint64_t value, int bytes)
{
	for (; bytes--; value >>= 8)
		buf[at++] = (uint8_t)value;
}

static void begin(const char *signature, uint8_t revision)
{
	used = 0;
	text(signature, 4);
	put(0, 4);
	put(revision, 1);
	put(0, 1);
	text("ACME  BOARD   ", 14);
	put(7, 4);
	text("TEST", 4);
	put(1, 4);
}

static void end(void)
{
	uint8_t sum = 0;
	size_t i;

	set(4, used, 4);
	buf[9] = 0;
	for (i = 0; i < used; i++)
		sum = (uint8_t)(sum + buf[i]);
	buf[9] = (uint8_t)-sum;
}

static struct nest_acpi *parsed(const struct nest_acpi_kind *kind)
{
	struct nest_acpi *table = NULL;

	if (nest_acpi_parse(kind, buf, used, &table))
		abort();
	return table;
}

static bool notes(const struct nest_acpi *table, const char *words)
{
	size_t i;

	for (i = 0; i < table->nnotes; i++)
		if (strstr(table->notes[i].text, words))
			return true;
	return false;
}

static uint64_t field(const struct nest_acpi *table, size_t node, const char *name)
{
	return nest_acpi_number(table, table->nodes[node].type, table->nodes[node].offset, name);
}

/* ---- IVRS ---- */

static void ivrs(uint32_t info)
{
	begin("IVRS", 2);
	put(info, 4);
	put(0, 8);
}

static size_t ivhd(uint8_t type, uint16_t length, uint16_t id, uint64_t base, uint64_t efr,
		   uint64_t efr2)
{
	size_t at = used;

	put(type, 1);
	put(0xb0, 1);
	put(length, 2);
	put(id, 2);
	put(0x40, 2);
	put(base, 8);
	put(0, 2);
	put(0, 2);
	put(0, 4);
	if (type == 0x10)
		return at;
	put(efr, 8);
	put(efr2, 8);
	return at;
}

static void ivmd(uint8_t type, uint8_t flags, uint16_t first, uint16_t last, uint64_t start,
		 uint64_t size)
{
	put(type, 1);
	put(flags, 1);
	put(32, 2);
	put(first, 2);
	put(last, 2);
	put(0, 8);
	put(start, 8);
	put(size, 8);
}

#define NESTS 0x25bf732fa2295afe

static void whole_ivrs(void)
{
	ivrs(0x203043);
	ivhd(0x10, 24 + 8, 2, 0xfd100000, 0, 0);
	put(0x00000803, 4); /* from 00:01.0 */
	put(0x00fffe04, 4);
	ivhd(0x11, 40 + 16, 2, 0xfd100000, NESTS, 0x1d);
	put(0xd7000048, 4); /* an I/O APIC */
	put(0x0100a021, 4);
	put(0x00000048, 4); /* an HPET */
	put(0x0200a000, 4);
	ivhd(0x40, 40 + 8 + 22 + 9, 2, 0xfd100000, NESTS, 0x1d);
	put(0x00ff0043, 4);
	put(0x0000a500, 4);
	put(0xf0, 1);
	put(0xa5, 2);
	put(0x40, 1);
	text("AMDI0020", 8);
	put(0, 8);
	put(2, 1);
	put(9, 1);
	text("\\_SB.FUR0", 9);
	ivmd(0x21, 0x08, 0x0310, 0, 0x7d000000, 0x10000);
	ivmd(0x22, 0x00, 0, 0xfff, 0x7e000000, 0x1000);
	end();
}

TEST(ivrs_whole, "of several types the last block of the first unit is the one that Linux uses")
{
	struct nest_acpi *table;
	struct nest_hw_verdict verdict;
	size_t at = 0;

	whole_ivrs();
	table = parsed(&nest_acpi_ivrs);
	CHECK(table->complete);
	CHECK_EQ(table->checksum_ok, NEST_YES);
	REQUIRE(table->nnodes == 5);
	CHECK_EQ(nest_ivrs_used_type(table), 0x40);
	CHECK_EQ(table->nodes[0].used, NEST_NO);
	CHECK_EQ(table->nodes[2].used, NEST_YES);
	CHECK_EQ(table->nodes[4].used, NEST_NO);
	CHECK(nest_ivrs_unit(table, 0) == &table->nodes[2]);
	CHECK(!nest_ivrs_unit(table, 1));
	CHECK_EQ(field(table, 2, "efr"), NESTS);
	CHECK_EQ(field(table, 1, "device_id"), 2);
	REQUIRE(nest_acpi_verdict(table, &table->nodes[2], &verdict));
	CHECK_EQ(verdict.status, NEST_YES);
	CHECK(!nest_acpi_verdict(table, &table->nodes[0], &verdict));
	CHECK(nest_ivrs_reserved(table, 0, 0x0310, &at) == &table->nodes[3]);
	CHECK(!nest_ivrs_reserved(table, 0, 0x0310, &at));
	at = 0;
	CHECK(!nest_ivrs_reserved(table, 1, 0x0310, &at));
	CHECK(notes(table, "neither unity nor exclusion"));
	nest_acpi_free(table);
}

TEST(ivrs_entries, "device entries have their fields, whatever their length")
{
	char words[64];
	struct nest_acpi *table;
	const struct nest_acpi_item *hid;

	whole_ivrs();
	table = parsed(&nest_acpi_ivrs);
	REQUIRE(table->nodes[1].nitems == 2 && table->nodes[2].nitems == 2);
	CHECK_EQ(nest_acpi_number(table, table->items[2].type, table->items[2].offset, "handle"),
		 0x21);
	CHECK_EQ(nest_acpi_number(table, table->items[2].type, table->items[2].offset, "device_id"),
		 0xa0);
	CHECK_EQ(nest_acpi_number(table, table->items[3].type, table->items[3].offset, "variety"),
		 NEST_IVRS_HPET);
	hid = &table->items[5];
	CHECK_STR(hid->type->name, "acpi_hid");
	nest_acpi_text(table, hid->offset, hid->offset + hid->length, &hid->type->fields[6], words,
		       sizeof(words));
	CHECK_STR(words, "\\_SB.FUR0");
	nest_acpi_free(table);
}

TEST(ivrs_odd, "what Linux stumbles over is remarked")
{
	static const struct {
		uint32_t entry, more;
		const char *words;
	} rows[] = {
		{ 0x00000090, 0, "Linux hangs" },
		{ 0x000000f0, 0, "goes past its block" },
		{ 0x00000048, 0x0700a021, "unknown kind 7" },
		{ 0x00fffe04, 0x00fffe04, "did not begin" },
		{ 0x00001003, 0x00000804, "ends before it begins" },
		{ 0x00001003, 0, "does not end" },
		{ 0x08001002, 0, "reserved bit 3" },
	};
	struct nest_acpi *table;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ivrs(1);
		ivhd(0x11, 48, 2, 0xfd100000, NESTS, 0);
		put(rows[i].entry, 4);
		put(rows[i].more, 4);
		end();
		table = parsed(&nest_acpi_ivrs);
		if (!CHECK(table->complete && notes(table, rows[i].words)))
			printf("# %s\n", rows[i].words);
		nest_acpi_free(table);
	}
}

TEST(ivrs_image, "an EFR image that Linux drops gives no verdict")
{
	struct nest_hw_verdict verdict;
	struct nest_acpi *table;

	ivrs(0x203043);
	ivhd(0x11, 40, 2, 0xfd100000, 0x58f77ef22294a5a, 0);
	ivmd(0x20, 1, 0, 0, 0, 0x1001);
	end();
	table = parsed(&nest_acpi_ivrs);
	CHECK(!nest_acpi_verdict(table, &table->nodes[0], &verdict));
	CHECK(notes(table, "GASup (bit 7) of the image is clear"));
	CHECK(notes(table, "Xen gives up"));
	nest_acpi_free(table);
	ivrs(0x203042);
	ivhd(0x11, 40, 2, 0xfd100000, NESTS, 0);
	end();
	table = parsed(&nest_acpi_ivrs);
	CHECK(notes(table, "EFRSup of the header is clear"));
	nest_acpi_free(table);
}

/* ---- IORT ---- */

static void node(uint8_t type, uint16_t length, uint32_t mappings, uint32_t at)
{
	put(type, 1);
	put(length, 2);
	put(1, 1);
	put(0, 4);
	put(mappings, 4);
	put(at, 4);
}

static void mapping(uint32_t input, uint32_t count, uint32_t output, uint32_t to)
{
	put(input, 4);
	put(count, 4);
	put(output, 4);
	put(to, 4);
	put(0, 4);
}

/* An ITS, an SMMUv3, and two root complexes: CANWBS in segment 1. */
static void whole_iort(void)
{
	begin("IORT", 5);
	put(5, 4);
	put(48, 4);
	put(0, 4);
	node(NEST_IORT_ITS, 24, 0, 0); /* 48 */
	put(1, 4);
	put(0, 4);
	node(NEST_IORT_SMMUV3, 68 + 20, 1, 68); /* 72 */
	put(0x9050000, 8);
	put(1, 4);
	put(0, 4 + 8 + 4);
	put(106, 4);
	put(107, 4);
	put(109, 4);
	put(108, 4);
	put(0, 8);
	mapping(0, 0xffff, 0, 48);
	node(NEST_IORT_ROOT, 36 + 40, 2, 36); /* 160 */
	put(1, 4);
	put(0x03000000, 4);
	put(0, 4);
	put(0, 4);
	put(0, 4);
	mapping(0, 0xff, 0x1000, 72);
	mapping(0x100, 0xfeff, 0x100, 48);
	node(NEST_IORT_ROOT, 36 + 20, 1, 36); /* 236 */
	put(1, 4);
	put(0x07000000, 4);
	put(1, 4);
	put(1, 4);
	put(0, 4);
	mapping(0, 0xffff, 0x10000, 72);
	node(NEST_IORT_RMR, 28 + 20 + 20, 1, 28); /* 292 */
	put(1, 4);
	put(1, 4);
	put(48, 4);
	mapping(0, 0, 0x1008, 72);
	put(0x80000000, 8);
	put(0x10000, 8);
	put(0, 4);
	end();
}

TEST(iort_whole, "a device's way through the table, and what its root complex guarantees")
{
	const struct nest_acpi_node *to;
	struct nest_acpi *table;
	uint32_t stream = 0;

	whole_iort();
	table = parsed(&nest_acpi_iort);
	CHECK(table->complete);
	CHECK_EQ(table->nnotes, 0);
	REQUIRE(table->nnodes == 5);
	to = nest_iort_route(table, 0, 0x08, &stream);
	CHECK(to == &table->nodes[1] && to == nest_iort_smmu(table, 0x9050000));
	CHECK_EQ(stream, 0x1008);
	to = nest_iort_route(table, 0, 0x100, &stream);
	CHECK(to && to->number == NEST_IORT_ITS);
	CHECK(nest_iort_route(table, 1, 0xffff, &stream) == &table->nodes[1]);
	CHECK_EQ(stream, 0x1ffff);
	CHECK(!nest_iort_route(table, 2, 0, &stream));
	CHECK(!nest_iort_canwbs(table, nest_iort_root(table, 0)));
	CHECK(nest_iort_canwbs(table, nest_iort_root(table, 1)));
	CHECK(nest_iort_leads_to(table, &table->nodes[4], &table->nodes[1]));
	CHECK_EQ(table->nodes[4].nitems, 2);
	CHECK_EQ(field(table, 1, "error_interrupt"), 109);
	nest_acpi_free(table);
}

TEST(iort_mappings, "one id for all, and a last id that another mapping begins with")
{
	struct nest_acpi *table;
	uint32_t stream = 0;

	whole_iort();
	buf[160 + 36 + 16] = 1;
	table = parsed(&nest_acpi_iort);
	CHECK(nest_iort_route(table, 0, 0x4242, &stream) == &table->nodes[1]);
	CHECK_EQ(stream, 0x1000);
	CHECK(nest_iort_its(table) == &table->nodes[0]);
	nest_acpi_free(table);
	/* Old firmware counts ids where the count less one is meant: the second mapping has 0x100.
	 */
	whole_iort();
	buf[160 + 36 + 4] = 0;
	buf[160 + 36 + 5] = 1;
	table = parsed(&nest_acpi_iort);
	CHECK(nest_iort_route(table, 0, 0xff, &stream) == &table->nodes[1]);
	CHECK(nest_iort_route(table, 0, 0x100, &stream) == &table->nodes[0]);
	CHECK_EQ(stream, 0x100);
	nest_acpi_free(table);
	/* Where they overlap by more, the first has it. */
	whole_iort();
	buf[160 + 36 + 5] = 2;
	table = parsed(&nest_acpi_iort);
	CHECK(nest_iort_route(table, 0, 0x140, &stream) == &table->nodes[1]);
	CHECK_EQ(stream, 0x1140);
	nest_acpi_free(table);
	/* A group without an ITS is none. */
	whole_iort();
	buf[48 + 16] = 0;
	table = parsed(&nest_acpi_iort);
	CHECK(!nest_iort_its(table));
	nest_acpi_free(table);
}

TEST(iort_odd, "arrays and references that lead out of the table are left out, with a note")
{
	struct nest_acpi *table;

	whole_iort();
	set(72 + 8, 0xffffffff, 4); /* mappings of the SMMU */
	set(160 + 36 + 12, 73, 4);  /* and where one of a root complex leads */
	buf[8] = 3;
	end();
	table = parsed(&nest_acpi_iort);
	CHECK(table->complete);
	CHECK(notes(table, "4294967295 mappings"));
	CHECK_EQ(table->nodes[1].nitems, 1);
	CHECK(notes(table, "leads to 0x49"));
	CHECK(notes(table, "from revision 5"));
	nest_acpi_free(table);
	whole_iort();
	set(48 + 1, 15, 2);
	end();
	table = parsed(&nest_acpi_iort);
	CHECK(!table->complete && notes(table, "length 15"));
	nest_acpi_free(table);
	whole_iort();
	set(40, 0xfffffff0, 4);
	end();
	table = parsed(&nest_acpi_iort);
	CHECK(!table->complete && notes(table, "the first node"));
	nest_acpi_free(table);
}

/* ---- VIOT ---- */

TEST(viot_whole, "a virtio-iommu and the devices behind it")
{
	char words[32];
	struct nest_acpi *table;

	begin("VIOT", 0);
	put(2, 2);
	put(48, 2);
	put(0, 8);
	put(3, 2);
	put(16, 2);
	put(0, 2);
	put(0x08, 2);
	put(0, 8);
	put(1, 2);
	put(24, 2);
	put(0, 4);
	put(1, 2);
	put(1, 2);
	put(0, 2);
	put(0xffff, 2);
	put(48, 2);
	put(0, 6);
	end();
	table = parsed(&nest_acpi_viot);
	CHECK(table->complete);
	REQUIRE(table->nnodes == 2);
	CHECK_EQ(field(table, 1, "segment"), 1);
	nest_acpi_text(table, table->nodes[0].offset, used, &table->nodes[0].type->fields[1], words,
		       sizeof(words));
	CHECK_STR(words, "00:01.0");
	nest_acpi_free(table);
}

/* ---- every table ---- */

TEST(cuts, "a table cut anywhere, or with any byte changed, is read or refused, and no more")
{
	static void (*const build[])(void) = { whole_ivrs, whole_iort };
	static const struct nest_acpi_kind *const kinds[] = { &nest_acpi_ivrs, &nest_acpi_iort };
	size_t i, whole, at, good = 0;

	for (i = 0; i < 2; i++) {
		build[i]();
		whole = used;
		for (used = 0; used < whole; used++) {
			/* A copy of its own, so that a sanitizer sees every byte too many. */
			struct nest_acpi *table = parsed(kinds[i]);

			good += table->complete;
			nest_acpi_free(table);
		}
		for (at = 36; at < whole; at++) {
			uint8_t before = buf[at];

			buf[at] = 0xff;
			nest_acpi_free(parsed(kinds[i]));
			buf[at] = before;
		}
	}
	CHECK_EQ(good, 0);
}

TEST(holds, "the kind of a file is told by what it holds")
{
	whole_iort();
	CHECK(nest_acpi_holds(buf, used, "IORT"));
	CHECK(!nest_acpi_holds(buf, used, "IVRS"));
	CHECK(nest_acpi_holds("0000: 49 56 52 53 40 00 00 00\n", 30, "IVRS"));
}

int main(void)
{
	return test_main();
}
