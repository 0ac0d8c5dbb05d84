// SPDX-License-Identifier: GPL-2.0-or-later
/* The layout of the ACPI IVRS table, and what may be wrong with one. */
#include "hw/ivrs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "plural.h"
#include "util.h"

#define HEADER	      48u
#define BLOCK_HEADER  4u
#define IVHD_LEGACY   0x10
#define IVHD_EFR      0x11
#define IVHD_HID      0x40
#define IVMD_ALL      0x20
#define IVMD_ONE      0x21
#define IVMD_RANGE    0x22
#define INFO_EFRSUP   (1u << 0)
#define EFR_GASUP     (UINT64_C(1) << 7)
#define MD_UNITY      0x01
#define MD_EXCLUSION  0x08
#define ENTRY_END     0x04 /* of a range */
#define ENTRY_SPECIAL 0x48
#define ENTRY_HID     0xf0
#define HID_FIXED     22u
#define UID_NONE      0
#define UID_STRING    2

/* clang-format off */
static const struct nest_acpi_word info_flags[] = {
	{INFO_EFRSUP, "efr_sup", "the EFR images of the blocks may be used"},
	{0x02, "dma_remap", "firmware protects memory from DMA before the system starts"},
	{0x400000, "ht_ats_resv", "ATS answers in the HyperTransport range are reserved"},
	{0, NULL, NULL},
};

static const struct nest_acpi_field header_fields[] = {
	{"ivinfo", NULL, 36, 4, 0, 0, NEST_ACPI_HEX, NULL},
	{"flags", "flags", 36, 4, 0, 0, NEST_ACPI_FLAGS, info_flags},
	{"physical_address_bits", "physical bits", 36, 4, 8, 7, NEST_ACPI_NUMBER, NULL},
	{"virtual_address_bits", "virtual bits", 36, 4, 15, 7, NEST_ACPI_NUMBER, NULL},
	{"guest_address_size", NULL, 36, 4, 5, 3, NEST_ACPI_NUMBER, NULL},
	{NULL, NULL, 0, 0, 0, 0, 0, NULL},
};

static const struct nest_acpi_word hd_flags[] = {
	{0x01, "ht_tun_en", "HyperTransport tunnel translation"},
	{0x02, "pass_pw", "posted writes may pass"},
	{0x04, "res_pass_pw", "responses may pass posted writes"},
	{0x08, "isoc", "isochronous requests"},
	{0x10, "iotlb_sup", "devices may have address caches (ATS)"},
	{0x20, "coherent", "table walks are coherent"},
	{0x40, "pref_sup", "prefetch command"},
	{0x80, "ppr_sup", "page requests"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word feature_flags[] = {
	{0x01, "xt_sup", "x2APIC"},
	{0x02, "nx_sup", "no-execute"},
	{0x04, "gt_sup", "guest translation"},
	{0x20, "ia_sup", "invalidate all"},
	{0x40, "ga_sup", "guest virtual APIC"},
	{0x80, "he_sup", "hardware errors"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word attribute_flags[] = {
	{0x01, "hat_dis", "no host page table: the unit cannot nest"},
	{0, NULL, NULL},
};

#define UNIT_FIELDS \
	{"flags", "flags", 1, 1, 0, 0, NEST_ACPI_FLAGS, hd_flags}, \
	{"device_id", "unit", 4, 2, 0, 0, NEST_ACPI_PCI, NULL}, \
	{"capability", NULL, 6, 2, 0, 0, NEST_ACPI_HEX, NULL}, \
	{"base", "registers at", 8, 8, 0, 0, NEST_ACPI_HEX, NULL}, \
	{"segment", "segment", 16, 2, 0, 0, NEST_ACPI_NUMBER, NULL}, \
	{"msi_number", NULL, 18, 2, 0, 5, NEST_ACPI_NUMBER, NULL}, \
	{"unit_id", NULL, 18, 2, 8, 5, NEST_ACPI_NUMBER, NULL}

static const struct nest_acpi_field legacy_fields[] = {
	UNIT_FIELDS,
	{"features", "features", 20, 4, 0, 0, NEST_ACPI_FLAGS, feature_flags},
	{"glx_sup", NULL, 20, 4, 3, 2, NEST_ACPI_NUMBER, NULL},
	{"pas_max", "PASmax", 20, 4, 8, 5, NEST_ACPI_NUMBER, NULL},
	{"pn_counters", NULL, 20, 4, 13, 4, NEST_ACPI_NUMBER, NULL},
	{"pn_banks", NULL, 20, 4, 17, 6, NEST_ACPI_NUMBER, NULL},
	{"msi_num_ppr", NULL, 20, 4, 23, 5, NEST_ACPI_NUMBER, NULL},
	{"gats", "GATS", 20, 4, 28, 2, NEST_ACPI_NUMBER, NULL},
	{"hats", "HATS", 20, 4, 30, 2, NEST_ACPI_NUMBER, NULL},
	{NULL, NULL, 0, 0, 0, 0, 0, NULL},
};

static const struct nest_acpi_field efr_fields[] = {
	UNIT_FIELDS,
	{"attributes", "attributes", 20, 4, 0, 0, NEST_ACPI_FLAGS, attribute_flags},
	{"pn_counters", NULL, 20, 4, 13, 4, NEST_ACPI_NUMBER, NULL},
	{"pn_banks", NULL, 20, 4, 17, 6, NEST_ACPI_NUMBER, NULL},
	{"msi_num_ppr", NULL, 20, 4, 23, 5, NEST_ACPI_NUMBER, NULL},
	{"efr", "EFR", 24, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{"efr2", "EFR2", 32, 8, 0, 0, NEST_ACPI_HEX, NULL},
	{NULL, NULL, 0, 0, 0, 0, 0, NULL},
};

static const struct nest_acpi_word md_flags[] = {
	{MD_UNITY, "unity", "mapped 1:1"},
	{0x02, "read", "the device may read it"},
	{0x04, "write", "the device may write it"},
	{MD_EXCLUSION, "exclusion", "never translated; Linux maps it 1:1"},
	{0, NULL, NULL},
};

#define MEMORY_FIELDS \
	{"flags", "flags", 1, 1, 0, 0, NEST_ACPI_FLAGS, md_flags}, \
	{"start", "memory from", 16, 8, 0, 0, NEST_ACPI_HEX, NULL}, \
	{"size", "bytes", 24, 8, 0, 0, NEST_ACPI_HEX, NULL}, \
	{"segment", "segment", 8, 2, 0, 0, NEST_ACPI_NUMBER, NULL}

static const struct nest_acpi_field all_fields[] = {
	MEMORY_FIELDS,
	{NULL, NULL, 0, 0, 0, 0, 0, NULL},
};

static const struct nest_acpi_field one_fields[] = {
	MEMORY_FIELDS,
	{"device_id", "device", 4, 2, 0, 0, NEST_ACPI_PCI, NULL},
	{NULL, NULL, 0, 0, 0, 0, 0, NULL},
};

static const struct nest_acpi_field range_fields[] = {
	MEMORY_FIELDS,
	{"device_id", "devices from", 4, 2, 0, 0, NEST_ACPI_PCI, NULL},
	{"last_device_id", "to", 6, 2, 0, 0, NEST_ACPI_PCI, NULL},
	{NULL, NULL, 0, 0, 0, 0, 0, NULL},
};

static const struct nest_acpi_type types[] = {
	{IVHD_LEGACY, "ivhd", "unit, without EFR image", 24, legacy_fields, NULL},
	{IVHD_EFR, "ivhd", "unit, with EFR image", 40, efr_fields, NULL},
	{IVHD_HID, "ivhd", "unit, with EFR image and ACPI devices", 40, efr_fields, NULL},
	{0x41, "ivhd", "unit, of a type that Linux does not read", 40, efr_fields, NULL},
	{IVMD_ALL, "ivmd", "memory that firmware reserves for all devices", 32, all_fields, NULL},
	{IVMD_ONE, "ivmd", "memory that firmware reserves for a device", 32, one_fields, NULL},
	{IVMD_RANGE, "ivmd", "memory that firmware reserves for devices", 32, range_fields, NULL},
	{0x50, "ivmd", "reserved memory, of a type that Linux does not read", 32, all_fields, NULL},
	{0x51, "ivmd", "reserved memory, of a type that Linux does not read", 32, one_fields, NULL},
};

/* ---- device entries ---- */

static const struct nest_acpi_word setting_flags[] = {
	{0x01, "init_pass", "INIT passes"},
	{0x02, "eint_pass", "external interrupts pass"},
	{0x04, "nmi_pass", "NMI passes"},
	{0x40, "lint0_pass", "LINT0 passes"},
	{0x80, "lint1_pass", "LINT1 passes"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word varieties[] = {
	{NEST_IVRS_IOAPIC, "ioapic", "I/O APIC"},
	{NEST_IVRS_HPET, "hpet", "HPET"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word uid_formats[] = {
	{UID_NONE, "none", "none"},
	{1, "integer", "integer"},
	{UID_STRING, "string", "string"},
	{0, NULL, NULL},
};

#define SETTING \
	{"setting", "setting", 3, 1, 0, 0, NEST_ACPI_FLAGS, setting_flags}, \
	{"system_management", NULL, 3, 1, 4, 2, NEST_ACPI_NUMBER, NULL}
#define DEVICE {"device_id", "device", 1, 2, 0, 0, NEST_ACPI_PCI, NULL}
#define END {NULL, NULL, 0, 0, 0, 0, 0, NULL}
#define HID \
	DEVICE, SETTING, {"hid", "HID", 4, 8, 0, 0, NEST_ACPI_TEXT, NULL}, \
	{"cid", NULL, 12, 8, 0, 0, NEST_ACPI_TEXT, NULL}, \
	{"uid_format", NULL, 20, 1, 0, 0, NEST_ACPI_ENUM, uid_formats}

static const struct nest_acpi_field no_fields[] = {END};
static const struct nest_acpi_field setting_fields[] = {SETTING, END};
static const struct nest_acpi_field device_fields[] = {DEVICE, SETTING, END};
static const struct nest_acpi_field end_fields[] = {DEVICE, END};
static const struct nest_acpi_field alias_fields[] = {
	DEVICE, SETTING, {"alias", "its requests carry", 5, 2, 0, 0, NEST_ACPI_PCI, NULL}, END};
static const struct nest_acpi_field extended_fields[] = {
	DEVICE, SETTING, {"extended", NULL, 4, 4, 0, 0, NEST_ACPI_HEX, NULL}, END};
static const struct nest_acpi_field special_fields[] = {
	{"variety", "kind", 7, 1, 0, 0, NEST_ACPI_ENUM, varieties},
	{"handle", "id", 4, 1, 0, 0, NEST_ACPI_NUMBER, NULL},
	{"device_id", "device", 5, 2, 0, 0, NEST_ACPI_PCI, NULL}, SETTING, END};
static const struct nest_acpi_field hid_fields[] = {HID, END};
static const struct nest_acpi_field hid_number_fields[] = {
	HID, {"uid", "UID", HID_FIXED, 0, 0, 0, NEST_ACPI_REST_HEX, NULL}, END};
static const struct nest_acpi_field hid_string_fields[] = {
	HID, {"uid", "UID", HID_FIXED, 0, 0, 0, NEST_ACPI_REST, NULL}, END};

static const struct nest_acpi_type entries[] = {
	{0x00, "pad", "padding", 4, no_fields, "entries"},
	{0x01, "all", "all devices", 4, setting_fields, "entries"},
	{0x02, "select", "one device", 4, device_fields, "entries"},
	{0x03, "range_start", "first of a range", 4, device_fields, "entries"},
	{ENTRY_END, "range_end", "last of a range", 4, end_fields, "entries"},
	{0x40, "pad", "padding", 8, no_fields, "entries"},
	{0x42, "alias_select", "one device with an alias", 8, alias_fields, "entries"},
	{0x43, "alias_range_start", "first of a range with an alias", 8, alias_fields, "entries"},
	{0x46, "extended_select", "one device", 8, extended_fields, "entries"},
	{0x47, "extended_range_start", "first of a range", 8, extended_fields, "entries"},
	{ENTRY_SPECIAL, "special", "interrupt source", 8, special_fields, "entries"},
	{ENTRY_HID, "acpi_hid", "ACPI device", HID_FIXED, hid_fields, "entries"},
};
static const struct nest_acpi_type hid_with_number = {
	ENTRY_HID, "acpi_hid", "ACPI device", HID_FIXED, hid_number_fields, "entries"};
static const struct nest_acpi_type hid_with_string = {
	ENTRY_HID, "acpi_hid", "ACPI device", HID_FIXED, hid_string_fields, "entries"};
/* clang-format on */

static bool is_ivhd(uint32_t number)
{
	return number == IVHD_LEGACY || number == IVHD_EFR || number == IVHD_HID || number == 0x41;
}

static bool is_ivmd(uint32_t number)
{
	return number >= IVMD_ALL && number <= IVMD_RANGE;
}

/* Length by the entry's type; 0: Linux finds none either. */
static size_t entry_length(const uint8_t *p, size_t left)
{
	if (p[0] < 0x40)
		return 4;
	if (p[0] < 0x80)
		return 8;
	return p[0] == ENTRY_HID && left >= HID_FIXED ? HID_FIXED + p[21] : 0;
}

static const struct nest_acpi_type *entry_type(const uint8_t *p)
{
	if (p[0] == ENTRY_HID && p[20] == 1 && p[21])
		return &hid_with_number;
	if (p[0] == ENTRY_HID && p[20] == UID_STRING && p[21])
		return &hid_with_string;
	return nest_acpi_type(entries, ARRAY_SIZE(entries), p[0]);
}

/* State of the walk through the entries of a block. */
struct ranges {
	bool open;
	uint16_t first;
};

static void check_range(struct nest_acpi *table, size_t at, const uint8_t *p, struct ranges *ranges)
{
	uint16_t id = nest_acpi_le16(p + 1);

	switch (p[0]) {
	case 0x03:
	case 0x43:
	case 0x47:
		if (ranges->open)
			nest_acpi_remark(table, at, "a range begins inside of a range");
		*ranges = (struct ranges){ true, id };
		break;
	case ENTRY_END:
		if (!ranges->open)
			nest_acpi_remark(table, at,
					 "a range ends that did not begin: Linux begins it at 0");
		else if (id < ranges->first)
			nest_acpi_remark(table, at, "a range ends before it begins");
		ranges->open = false;
		break;
	}
}

static void check_entry(struct nest_acpi *table, const struct nest_acpi_node *node, size_t at,
			struct ranges *ranges)
{
	const uint8_t *p = table->bytes + at;

	check_range(table, at, p, ranges);
	if (p[0] == ENTRY_SPECIAL && p[7] != NEST_IVRS_IOAPIC && p[7] != NEST_IVRS_HPET)
		nest_acpi_remark(table, at,
				 "special device of unknown kind %u: Linux switches the IOMMU off",
				 p[7]);
	if (p[0] == ENTRY_HID && node->number != IVHD_HID && node->number != 0x41)
		nest_acpi_remark(table, at, "ACPI device in a block of type 0x%x: Linux skips it",
				 node->number);
	if (p[0] && p[0] != 0x40 && p[0] != ENTRY_END && p[3] & 0x08)
		nest_acpi_remark(table, at, "reserved bit 3 of the setting is set");
}

static int parse_entries(struct nest_acpi *table, struct nest_acpi_node *node)
{
	size_t at = node->offset + node->type->fixed, end = node->offset + node->length, length;
	struct ranges ranges = { 0 };

	for (; at < end; at += length) {
		const uint8_t *p = table->bytes + at;

		length = entry_length(p, end - at);
		if (!length && p[0] != ENTRY_HID) {
			nest_acpi_remark(table, at,
					 "device entry of type 0x%02x has no length: Linux hangs "
					 "here. The rest of the block is skipped",
					 p[0]);
			return 0;
		}
		if (!length || length > end - at) {
			nest_acpi_remark(table, at,
					 "device entry of type 0x%02x goes past its block, which "
					 "has %zu byte%s left",
					 p[0], end - at, nest_plural(end - at));
			return 0;
		}
		if (!nest_acpi_add_item(table, node, at, length, entry_type(p)))
			return -ENOMEM;
		check_entry(table, node, at, &ranges);
	}
	if (ranges.open)
		nest_acpi_remark(table, node->offset, "a range of the block does not end");
	return 0;
}

static void check_memory(struct nest_acpi *table, const struct nest_acpi_node *node)
{
	const uint8_t *p = table->bytes + node->offset;
	uint64_t start = nest_acpi_le64(p + 16), size = nest_acpi_le64(p + 24);

	if (!start)
		nest_acpi_remark(table, node->offset,
				 "memory from address 0: Xen gives up on such a table");
	if (start & 0xfff)
		nest_acpi_remark(table, node->offset,
				 "memory does not begin with a page: Linux rounds it up");
	if (!size || start + size - 1 < start)
		nest_acpi_remark(table, node->offset, "memory of 0x%" PRIx64 " bytes", size);
	if (!(p[1] & (MD_UNITY | MD_EXCLUSION)))
		nest_acpi_remark(table, node->offset,
				 "neither unity nor exclusion: Linux ignores the block");
	if (node->number == IVMD_RANGE && nest_acpi_le16(p + 6) < nest_acpi_le16(p + 4))
		nest_acpi_remark(table, node->offset, "the last device is before the first");
}

static void check_unit(struct nest_acpi *table, const struct nest_acpi_node *node)
{
	const uint8_t *p = table->bytes + node->offset;
	uint64_t base = nest_acpi_le64(p + 8);

	if (!base || base & 0x3fff)
		nest_acpi_remark(table, node->offset, "registers at 0x%" PRIx64 ", %s", base,
				 base ? "expected a multiple of 16 KiB" : "which cannot be");
}

static int parse_block(struct nest_acpi *table, struct nest_acpi_node *node)
{
	const struct nest_acpi_type *type = nest_acpi_type(types, ARRAY_SIZE(types), node->number);

	if (!type) {
		nest_acpi_remark(table, node->offset,
				 "block of unknown type 0x%02x, %u bytes, is kept raw",
				 node->number, node->length);
		return 0;
	}
	if (node->length < type->fixed) {
		nest_acpi_remark(table, node->offset, "%s of %u bytes, expected at least %u",
				 type->name, node->length, type->fixed);
		return 0;
	}
	node->type = type;
	if (!is_ivhd(node->number)) {
		if (is_ivmd(node->number))
			check_memory(table, node);
		return 0;
	}
	check_unit(table, node);
	return parse_entries(table, node);
}

/* ---- what Linux takes ---- */

uint8_t nest_ivrs_used_type(const struct nest_acpi *table)
{
	uint16_t first = 0;
	uint8_t used = 0;
	size_t i;

	for (i = 0; i < table->nnodes && table->nodes[i].number <= IVHD_HID; i++) {
		const struct nest_acpi_node *node = &table->nodes[i];
		uint16_t id =
			node->length >= 6 ? nest_acpi_le16(table->bytes + node->offset + 4) : 0;

		first = i ? first : id;
		if (node->length >= 6 && id == first)
			used = (uint8_t)node->number;
	}
	return used;
}

const struct nest_acpi_node *nest_ivrs_unit(const struct nest_acpi *table, size_t n)
{
	uint8_t used = nest_ivrs_used_type(table);
	size_t i;

	for (i = 0; i < table->nnodes; i++)
		if (table->nodes[i].type && is_ivhd(table->nodes[i].number) &&
		    table->nodes[i].number == used && !n--)
			return &table->nodes[i];
	return NULL;
}

const struct nest_acpi_node *nest_ivrs_reserved(const struct nest_acpi *table, uint16_t segment,
						uint16_t id, size_t *at)
{
	while (*at < table->nnodes) {
		const struct nest_acpi_node *node = &table->nodes[(*at)++];
		const uint8_t *p = table->bytes + node->offset;
		uint16_t first, last;

		if (!node->type || node->used != NEST_YES || !is_ivmd(node->number) ||
		    nest_acpi_le16(p + 8) != segment)
			continue;
		first = node->number == IVMD_ALL ? 0 : nest_acpi_le16(p + 4);
		last = node->number == IVMD_ALL	  ? 0xffff
		       : node->number == IVMD_ONE ? first
						  : nest_acpi_le16(p + 6);
		if (id >= first && id <= last)
			return node;
	}
	return NULL;
}

bool nest_ivrs_has_efr(const struct nest_acpi *table, const struct nest_acpi_node *node)
{
	return node->type && is_ivhd(node->number) && node->number != IVHD_LEGACY &&
	       nest_acpi_le32(table->bytes + NEST_ACPI_HEADER) & INFO_EFRSUP &&
	       nest_acpi_le64(table->bytes + node->offset + 24) & EFR_GASUP;
}

bool nest_ivrs_hatdis(const struct nest_acpi *table, const struct nest_acpi_node *node)
{
	return node->type && is_ivhd(node->number) && node->number != IVHD_LEGACY &&
	       table->bytes[node->offset + NEST_IVRS_ATTRIBUTES] & 1;
}

/* What shows only when all blocks are known. */
static void check_together(struct nest_acpi *table)
{
	uint8_t used = nest_ivrs_used_type(table);
	const struct nest_acpi_node *first = nest_ivrs_unit(table, 0);
	size_t i;

	if (!first)
		nest_acpi_remark(table, HEADER, "no unit that Linux takes");
	for (i = 0; i < table->nnodes; i++) {
		struct nest_acpi_node *node = &table->nodes[i];
		const uint8_t *p = table->bytes + node->offset;

		if (is_ivmd(node->number))
			node->used =
				nest_tri_from_bool(node->type && p[1] & (MD_UNITY | MD_EXCLUSION));
		else
			node->used = nest_tri_from_bool(node->type && is_ivhd(node->number) &&
							node->number == used);
		if (node->used != NEST_YES || !is_ivhd(node->number))
			continue;
		if (node->number != IVHD_LEGACY && !nest_ivrs_has_efr(table, node))
			nest_acpi_remark(table, node->offset,
					 "Linux drops the EFR image and takes the register: %s",
					 nest_acpi_le64(p + 24) & EFR_GASUP
						 ? "EFRSup of the header is clear"
						 : "GASup (bit 7) of the image is clear");
		if (node->number != IVHD_LEGACY && first->type &&
		    memcmp(p + 24, table->bytes + first->offset + 24, 16) != 0)
			nest_acpi_remark(table, node->offset,
					 "EFR differs from that of the first unit: Linux uses what "
					 "both have");
	}
}

static int parse(struct nest_acpi *table, size_t end)
{
	const char *cut = table->length > table->len ? "; the table is cut short" : "";
	struct nest_acpi_node *node;
	size_t at, length;

	for (at = HEADER; at < end; at += length) {
		if (end - at < BLOCK_HEADER) {
			nest_acpi_stop(table, at, "%zu byte%s left for a block, which needs %u%s",
				       end - at, nest_plural(end - at), BLOCK_HEADER, cut);
			break;
		}
		length = nest_acpi_le16(table->bytes + at + 2);
		if (length > end - at && *cut) {
			/* Of the block that is cut, what is there. */
			node = nest_acpi_add_node(table, at, end - at, table->bytes[at]);
			if (!node || parse_block(table, node))
				return -ENOMEM;
		}
		if (length < BLOCK_HEADER || length > end - at) {
			nest_acpi_stop(table, at,
				       "block of type 0x%02x with length %zu, expected %u to %zu%s",
				       table->bytes[at], length, BLOCK_HEADER, end - at, cut);
			break;
		}
		node = nest_acpi_add_node(table, at, length, table->bytes[at]);
		if (!node || parse_block(table, node))
			return -ENOMEM;
	}
	if (table->complete && table->length <= table->len)
		check_together(table);
	return 0;
}

const struct nest_acpi_kind nest_acpi_ivrs = {
	.word = "ivrs",
	.signature = "IVRS",
	.header = HEADER,
	.fields = header_fields,
	.parse = parse,
};
