// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the DMAR parser on tables built here: sound ones, then each way to be broken. */

#include "hw/dmar.h"

#include <errno.h>
#include <stdlib.h>

#include "test.h"

/* A table under construction. */
static uint8_t buf[4096];
static size_t used;

static void put(uint64_t value, int bytes)
{
	while (bytes--) {
		buf[used++] = (uint8_t)value;
		value >>= 8;
	}
}

static void text(const char *s, size_t n)
{
	memcpy(buf + used, s, n);
	used += n;
}

static void begin(uint8_t flags)
{
	used = 0;
	text("DMAR", 4);
	put(0, 4);
	put(1, 1);
	put(0, 1);
	text("ACME  ", 6);
	text("BOARD\x1b[1", 8);
	put(7, 4);
	text("TEST", 4);
	put(1, 4);
	put(38, 1);
	put(flags, 1);
	put(0, 10);
}

static void scope(uint8_t type, uint8_t id, uint8_t bus, uint8_t dev, uint8_t fn)
{
	put(type, 1);
	put(8, 1);
	put(0, 2);
	put(id, 1);
	put(bus, 1);
	put(dev, 1);
	put(fn, 1);
}

static void drhd(uint16_t length, uint8_t flags, uint64_t base)
{
	put(NEST_DMAR_DRHD, 2);
	put(length, 2);
	put(flags, 1);
	put(0, 1);
	put(0, 2);
	put(base, 8);
}

static void rmrr(uint16_t length, uint64_t base, uint64_t end)
{
	put(NEST_DMAR_RMRR, 2);
	put(length, 2);
	put(0, 4);
	put(base, 8);
	put(end, 8);
}

/* ATSR, SATC, SIDP. */
static void small(uint16_t type, uint16_t length, uint8_t flags, uint16_t segment)
{
	put(type, 2);
	put(length, 2);
	put(flags, 1);
	put(0, 1);
	put(segment, 2);
}

static void finish(void)
{
	uint8_t sum = 0;
	size_t i;

	buf[4] = (uint8_t)used;
	buf[5] = (uint8_t)(used >> 8);
	buf[9] = 0;
	for (i = 0; i < used; i++)
		sum = (uint8_t)(sum + buf[i]);
	buf[9] = (uint8_t)-sum;
}

/* A client machine: a graphics unit, one for the rest, an RMRR. */
static void client(void)
{
	begin(0x05);
	drhd(24, 0, 0xfed90000);
	scope(1, 0, 0, 2, 0);
	drhd(32, 1, 0xfed91000);
	scope(3, 2, 0xf0, 31, 0);
	scope(4, 0, 0, 31, 0);
	rmrr(32, 0x9d800000, 0x9fffffff);
	scope(1, 0, 0, 2, 0);
	finish();
}

/* Parses exactly used bytes from the heap, so that the sanitizer sees a byte too far. */
static struct nest_dmar *parse(void)
{
	struct nest_dmar *dmar = NULL;
	uint8_t *copy = malloc(used ? used : 1);

	memcpy(copy, buf, used);
	CHECK_EQ(nest_dmar_parse(copy, used, &dmar), 0);
	free(copy);
	return dmar;
}

static const struct nest_acpi_note *find(const struct nest_dmar *dmar, const char *part)
{
	size_t i;

	for (i = 0; i < dmar->acpi.nnotes; i++)
		if (strstr(dmar->acpi.notes[i].text, part))
			return &dmar->acpi.notes[i];
	return NULL;
}

TEST(sound, "a client machine's table is read without a note")
{
	const struct nest_dmar_scope *s;
	struct nest_dmar *dmar;
	char where[32];

	client();
	dmar = parse();
	CHECK(dmar->acpi.complete && dmar->acpi.has_header);
	CHECK_EQ(dmar->acpi.nnotes, 0);
	CHECK_EQ(dmar->acpi.checksum_ok, NEST_YES);
	CHECK_EQ(dmar->acpi.revision, 1);
	CHECK_STR(dmar->acpi.oem_id, "ACME  ");
	CHECK_MEM(dmar->acpi.oem_table_id, "BOARD\x1b[1", 9);
	CHECK_EQ(dmar->acpi.oem_revision, 7);
	CHECK_EQ(dmar->address_width, 39);
	CHECK_EQ(dmar->flags, 0x05);
	CHECK_EQ(dmar->nentries, 3);
	CHECK_STR(nest_dmar_type_name(dmar->entries[0].type), "drhd");
	CHECK_EQ(dmar->entries[0].drhd.base, 0xfed90000);
	CHECK_EQ(dmar->entries[0].drhd.size, 4096);
	CHECK_EQ(dmar->entries[0].flags, 0);
	CHECK_EQ(dmar->entries[1].flags, 1);
	CHECK_EQ(dmar->entries[1].nscopes, 2);
	s = nest_dmar_entry_scopes(dmar, &dmar->entries[1]);
	CHECK_STR(nest_dmar_scope_type_name(s[0].type), "ioapic");
	CHECK_EQ(s[0].enumeration_id, 2);
	CHECK_EQ(nest_dmar_scope_format(&s[0], where, sizeof(where)), 7);
	CHECK_STR(where, "f0:1f.0");
	CHECK_STR(nest_dmar_scope_type_name(s[1].type), "hpet");
	CHECK_EQ(dmar->entries[2].rmrr.base, 0x9d800000);
	CHECK_EQ(dmar->entries[2].rmrr.end, 0x9fffffff);
	CHECK_EQ(dmar->entries[2].offset, 48 + 24 + 32);
	nest_dmar_free(dmar);
}

TEST(all_types, "every structure of the specification is decoded")
{
	const struct nest_dmar_scope *s;
	struct nest_dmar *dmar;
	char where[32];

	begin(0x0f);
	drhd(16, 1, 0xd37fc000);
	buf[used - 11] = 1; /* two pages of registers */
	put(NEST_DMAR_RHSA, 2), put(20, 2), put(0, 4), put(0xd37fc000, 8), put(3, 4);
	small(NEST_DMAR_ATSR, 18, 1, 2);
	put(2, 1), put(10, 1), put(0, 3), put(0x3a, 1), put(1, 1), put(0, 1), put(4, 1), put(5, 1);
	put(NEST_DMAR_ANDD, 2), put(20, 2), put(0, 3), put(9, 1), text("\\_SB.UART1", 11),
		put(0, 1);
	small(NEST_DMAR_SATC, 16, 1, 0);
	scope(1, 0, 0x6a, 1, 0);
	small(NEST_DMAR_SIDP, 16, 0, 0);
	scope(1, 0, 0x6a, 2, 0);
	buf[used - 6] = 0x11;
	finish();
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK_EQ(dmar->acpi.nnotes, 0);
	CHECK_EQ(dmar->nentries, 6);
	CHECK_EQ(dmar->entries[0].drhd.size, 8192);
	CHECK_EQ(dmar->entries[1].rhsa.base, 0xd37fc000);
	CHECK_EQ(dmar->entries[1].rhsa.proximity, 3);
	CHECK_EQ(dmar->entries[2].flags, 1);
	CHECK_EQ(dmar->entries[2].segment, 2);
	s = nest_dmar_entry_scopes(dmar, &dmar->entries[2]);
	CHECK_EQ(s->npath, 2);
	nest_dmar_scope_format(s, where, sizeof(where));
	CHECK_STR(where, "3a:01.0/04.5");
	CHECK_EQ(dmar->entries[3].andd.device_number, 9);
	CHECK_STR(dmar->entries[3].andd.name, "\\_SB.UART1");
	CHECK_EQ(dmar->entries[4].flags, 1);
	s = nest_dmar_entry_scopes(dmar, &dmar->entries[5]);
	CHECK_EQ(s->flags, 0x11);
	CHECK_STR(nest_dmar_type_name(dmar->entries[5].type), "sidp");
	nest_dmar_free(dmar);
}

TEST(flag_words, "flags have fixed words")
{
	const struct nest_acpi_word *f = nest_dmar_flags();

	CHECK_STR(f[0].id, "intr_remap");
	CHECK_STR(f[1].id, "x2apic_opt_out");
	CHECK_STR(f[2].id, "dma_ctrl_platform_opt_in");
	CHECK_EQ(f[3].value, 8);
	CHECK_EQ(f[4].value, 0);
	CHECK_STR(nest_dmar_entry_flags(NEST_DMAR_DRHD)->id, "include_pci_all");
	CHECK_STR(nest_dmar_entry_flags(NEST_DMAR_ATSR)->id, "all_ports");
	CHECK_STR(nest_dmar_entry_flags(NEST_DMAR_SATC)->id, "atc_required");
	CHECK_EQ(nest_dmar_entry_flags(NEST_DMAR_RHSA)->value, 0);
	CHECK_EQ(nest_dmar_entry_flags(0xffff)->value, 0);
	CHECK_STR(nest_dmar_scope_flags()->id, "nested_not_allowed");
	CHECK_STR(nest_dmar_type_name(0xffff), "unknown");
	CHECK_STR(nest_dmar_scope_type_name(0), "unknown");
	CHECK_STR(nest_dmar_scope_type_name(200), "unknown");
}

TEST(bad_checksum, "a wrong checksum is a note, not an end")
{
	struct nest_dmar *dmar;

	client();
	buf[9]++;
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK_EQ(dmar->acpi.checksum_ok, NEST_NO);
	CHECK_EQ(dmar->nentries, 3);
	REQUIRE(dmar->acpi.nnotes == 1);
	CHECK_EQ(dmar->acpi.notes[0].offset, 9);
	CHECK_HAS(dmar->acpi.notes[0].text, "0x01");
	nest_dmar_free(dmar);
}

TEST(cut, "a table cut anywhere keeps what came before and has one fatal note")
{
	struct nest_dmar *dmar;
	size_t whole, i, fatal;

	client();
	whole = used;
	for (used = 0; used < whole; used++) {
		dmar = parse();
		fatal = 0;
		for (i = 0; i < dmar->acpi.nnotes; i++)
			fatal += dmar->acpi.notes[i].fatal;
		CHECK_EQ(fatal, 1);
		CHECK(!dmar->acpi.complete);
		CHECK_EQ(dmar->acpi.has_header, used >= 48);
		CHECK_EQ(dmar->nentries, (used >= 72) + (used >= 104));
		CHECK_EQ(dmar->acpi.checksum_ok, NEST_UNKNOWN);
		nest_dmar_free(dmar);
	}
	used = 104;
	dmar = parse();
	CHECK_HAS(dmar->acpi.notes[0].text, "its header says 136");
	nest_dmar_free(dmar);
}

TEST(zero_length, "a structure of length 0 ends the reading with its offset")
{
	struct nest_dmar *dmar;

	client();
	buf[48 + 24 + 2] = 0;
	buf[48 + 24 + 3] = 0;
	dmar = parse();
	CHECK(!dmar->acpi.complete);
	CHECK_EQ(dmar->nentries, 1);
	REQUIRE(find(dmar, "length 0"));
	CHECK_EQ(find(dmar, "length 0")->offset, 72);
	CHECK(find(dmar, "length 0")->fatal);
	CHECK_HAS(find(dmar, "length 0")->text, "expected 4 to 64");
	nest_dmar_free(dmar);
}

TEST(overlap, "a structure that passes the end of the table is not read")
{
	struct nest_dmar *dmar;

	client();
	buf[48 + 24 + 32 + 2] = 33;
	dmar = parse();
	CHECK(!dmar->acpi.complete);
	CHECK_EQ(dmar->nentries, 2);
	CHECK(find(dmar, "length 33, expected 4 to 32") != NULL);
	nest_dmar_free(dmar);
}

TEST(trailing, "bytes after the table are ignored and told")
{
	struct nest_dmar *dmar;

	client();
	put(0, 24);
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK_EQ(dmar->nentries, 3);
	CHECK_EQ(dmar->acpi.checksum_ok, NEST_YES);
	CHECK(find(dmar, "24 bytes after the end") != NULL);
	nest_dmar_free(dmar);
}

TEST(short_header, "a table length below the header is refused")
{
	struct nest_dmar *dmar;

	client();
	buf[4] = 47;
	dmar = parse();
	CHECK(!dmar->acpi.complete);
	CHECK_EQ(dmar->nentries, 0);
	CHECK(find(dmar, "table length is 47, expected at least 48") != NULL);
	nest_dmar_free(dmar);
}

TEST(signature, "another table is refused by name, without its control characters")
{
	struct nest_dmar *dmar;

	client();
	memcpy(buf, "A\x1bIC", 4);
	dmar = parse();
	CHECK(!dmar->acpi.has_header);
	CHECK_STR(dmar->acpi.notes[0].text, "signature is \"A?IC\", expected \"DMAR\"");
	nest_dmar_free(dmar);
}

TEST(bad_scopes, "a broken scope ends its structure, not the table")
{
	struct nest_dmar *dmar;

	client();
	buf[48 + 16 + 1] = 5; /* shorter than its own header */
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK_EQ(dmar->nentries, 3);
	CHECK_EQ(dmar->entries[0].nscopes, 0);
	CHECK_EQ(dmar->entries[1].nscopes, 2);
	REQUIRE(find(dmar, "device scope of 5 bytes, expected 6 to 8"));
	CHECK_EQ(find(dmar, "device scope of 5 bytes")->offset, 64);
	nest_dmar_free(dmar);

	client();
	buf[48 + 16 + 1] = 0;
	dmar = parse();
	CHECK(find(dmar, "device scope of 0 bytes") != NULL);
	nest_dmar_free(dmar);

	client();
	buf[48 + 16 + 1] = 9; /* into the next structure */
	dmar = parse();
	CHECK(find(dmar, "device scope of 9 bytes, expected 6 to 8") != NULL);
	CHECK_EQ(dmar->entries[1].drhd.base, 0xfed91000);
	nest_dmar_free(dmar);

	client();
	buf[48 + 16 + 1] = 7;
	dmar = parse();
	CHECK(find(dmar, "odd length 7") != NULL);
	CHECK(find(dmar, "1 byte left for a device scope") != NULL);
	CHECK_EQ(dmar->entries[0].nscopes, 1);
	nest_dmar_free(dmar);
}

TEST(unknown_types, "unknown structures and scopes are kept")
{
	struct nest_dmar *dmar;

	begin(0);
	drhd(24, 1, 0xfed90000);
	scope(9, 0, 0, 2, 0);
	put(0x7777, 2), put(6, 2), put(0xbeef, 2);
	finish();
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK_EQ(dmar->nentries, 2);
	CHECK(!dmar->entries[1].decoded);
	CHECK_EQ(dmar->entries[1].type, 0x7777);
	CHECK_EQ(dmar->entries[1].length, 6);
	CHECK_MEM(dmar->acpi.bytes + dmar->entries[1].offset + 4, "\xef\xbe", 2);
	CHECK(find(dmar, "unknown type 9") != NULL);
	CHECK(find(dmar, "unknown type 30583") != NULL);
	nest_dmar_free(dmar);
}

TEST(too_short, "a known structure shorter than its fixed part is kept raw")
{
	struct nest_dmar *dmar;

	begin(0);
	drhd(16, 1, 0xfed90000);
	put(NEST_DMAR_RMRR, 2), put(8, 2), put(0, 4);
	put(NEST_DMAR_ANDD, 2), put(4, 2);
	finish();
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK_EQ(dmar->nentries, 3);
	CHECK(dmar->entries[0].decoded && !dmar->entries[1].decoded && !dmar->entries[2].decoded);
	CHECK(find(dmar, "rmrr of 8 bytes, expected at least 24") != NULL);
	CHECK(find(dmar, "andd of 4 bytes, expected at least 8") != NULL);
	nest_dmar_free(dmar);
}

TEST(nonsense, "values that make no sense are noted")
{
	struct nest_dmar *dmar;

	begin(0xf0);
	buf[36] = 3;
	drhd(16, 0, 0);
	rmrr(24, 0x2000, 0x1fff);
	rmrr(24, 0x2000, 0x2ffe);
	put(NEST_DMAR_RHSA, 2), put(20, 2), put(0, 4), put(0x1234000, 8), put(0, 4);
	put(NEST_DMAR_ANDD, 2), put(10, 2), put(0, 4), text("ab", 2);
	finish();
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK(find(dmar, "host address width of 4 bit") != NULL);
	CHECK(find(dmar, "unknown table flags 0xf0") != NULL);
	CHECK(find(dmar, "address 0") != NULL);
	CHECK(find(dmar, "serves no device") != NULL);
	CHECK(find(dmar, "ends (0x1fff) before it begins (0x2000)") != NULL);
	CHECK(find(dmar, "whole 4 KiB pages") != NULL);
	CHECK(find(dmar, "a unit at 0x1234000 that no drhd describes") != NULL);
	CHECK(find(dmar, "not terminated within its 2 bytes") != NULL);
	CHECK_STR(dmar->entries[4].andd.name, "");
	CHECK(find(dmar, "no drhd includes all other devices") != NULL);
	nest_dmar_free(dmar);
}

TEST(empty, "a table without units says so")
{
	struct nest_dmar *dmar;

	begin(0);
	finish();
	dmar = parse();
	CHECK(dmar->acpi.complete);
	CHECK(find(dmar, "no drhd") != NULL);
	nest_dmar_free(dmar);
	used = 0;
	dmar = parse();
	CHECK(!dmar->acpi.complete);
	CHECK_STR(dmar->acpi.notes[0].text, "0 bytes, but the header of DMAR has 48");
	nest_dmar_free(dmar);
	nest_dmar_free(NULL);
}

TEST(huge, "a huge table costs bounded memory, and a fatal note is never lost")
{
	struct nest_dmar *dmar = NULL;
	uint8_t *big = calloc(1, NEST_ACPI_MAX + 1);
	size_t i;

	begin(0);
	memcpy(big, buf, used);
	big[6] = 0x10; /* 1 MiB */
	for (i = used; i + 4 <= NEST_ACPI_MAX; i += 4) {
		big[i] = 0x99;
		big[i + 2] = 4;
	}
	big[NEST_ACPI_MAX - 2] = 3;
	CHECK_EQ(nest_dmar_parse(big, NEST_ACPI_MAX, &dmar), 0);
	CHECK_EQ(dmar->nentries, (NEST_ACPI_MAX - 48) / 4 - 1);
	CHECK_EQ(dmar->acpi.nnotes, NEST_ACPI_NOTES_MAX);
	CHECK(dmar->acpi.notes_dropped > 1000);
	CHECK(dmar->acpi.notes[NEST_ACPI_NOTES_MAX - 1].fatal);
	nest_dmar_free(dmar);
	dmar = NULL;
	CHECK_EQ(nest_dmar_parse(big, NEST_ACPI_MAX + 1, &dmar), -E2BIG);
	CHECK(!dmar);
	free(big);
}

TEST(long_path, "the longest path is formatted and cut safely")
{
	const struct nest_dmar_scope *s;
	struct nest_dmar *dmar;
	char where[8];
	int i;

	begin(0);
	drhd(16 + 254, 1, 0x1000);
	put(2, 1), put(254, 1), put(0, 3), put(0xff, 1);
	for (i = 0; i < 248; i++)
		put(0xff, 1);
	finish();
	dmar = parse();
	s = nest_dmar_entry_scopes(dmar, &dmar->entries[0]);
	CHECK_EQ(s->npath, 124);
	CHECK_EQ(nest_dmar_scope_format(s, where, sizeof(where)), 2 + 124 * 6);
	CHECK_STR(where, "ff:ff.f");
	CHECK_EQ(nest_dmar_scope_format(s, NULL, 0), 2 + 124 * 6);
	nest_dmar_free(dmar);
}

TEST(load, "a binary table and its listing give the same")
{
	char listing[2048];
	struct nest_dmar *a = NULL, *b = NULL;
	size_t i, n;

	client();
	n = (size_t)sprintf(listing, "DMAR @ 0x0000000000000000");
	for (i = 0; i < used; i++) {
		if (i % 16 == 0)
			n += (size_t)sprintf(listing + n, "\n    %04zX:", i);
		n += (size_t)sprintf(listing + n, " %02X", buf[i]);
	}
	CHECK_EQ(nest_dmar_load(buf, used, &a), 0);
	CHECK_EQ(nest_dmar_load(listing, n, &b), 0);
	REQUIRE(a && b);
	CHECK_EQ(b->acpi.len, used);
	CHECK_MEM(a->acpi.bytes, b->acpi.bytes, used);
	CHECK(b->acpi.complete);
	CHECK_EQ(b->acpi.nnotes, 0);
	nest_dmar_free(a);
	nest_dmar_free(b);

	/* a listing with a line missing */
	memmove(strstr(listing, "    0030"), strstr(listing, "    0040"),
		strlen(strstr(listing, "    0040")) + 1);
	CHECK_EQ(nest_dmar_load(listing, strlen(listing), &a), 0);
	CHECK(!a->acpi.complete);
	CHECK_EQ(a->acpi.len, 48);
	CHECK(find(a, "line 5: the listing goes on at offset 0x40 where 0x30 is due") != NULL);
	nest_dmar_free(a);

	CHECK_EQ(nest_dmar_load("hello\n", 6, &a), 0);
	CHECK(!a->acpi.complete && !a->acpi.has_header);
	CHECK_STR(a->acpi.notes[0].text, "no hex listing of a table was found");
	nest_dmar_free(a);
}

int main(void)
{
	return test_main();
}
