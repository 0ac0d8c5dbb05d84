// SPDX-License-Identifier: GPL-2.0-or-later
/* The layout of the ACPI DMAR table, and what may be wrong with one. */

#include "hw/dmar.h"
#include "hw/acpi.h"
#include "plural.h"
#include "pool.h"
#include "util.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DMAR_HEADER  48u /* with width, flags and 10 reserved bytes */
#define ENTRY_HEADER 4u
#define SCOPE_HEADER 6u

static_assert(sizeof(struct nest_dmar_path) == 2, "a path step is two bytes of the table");

enum scopes { NO_SCOPES, WITH_SCOPES };

/* clang-format off */
static const struct nest_acpi_word table_flags[] = {
	{0x01, "intr_remap", "interrupt remapping is supported by the platform"},
	{0x02, "x2apic_opt_out", "firmware asks not to switch to x2APIC"},
	{0x04, "dma_ctrl_platform_opt_in", "firmware asks for DMA protection from the start"},
	{0x08, "dma_remap_opt_out", "firmware forbids DMA remapping; no kernel option overrides it"},
	{0, NULL, NULL},
};

static const struct nest_acpi_field header_fields[] = {
	{"host_address_width", NULL, 36, 1, 0, 0, NEST_ACPI_COUNT, NULL},
	{"flags", NULL, 37, 1, 0, 0, NEST_ACPI_FLAGS, table_flags},
	{NULL, NULL, 0, 0, 0, 0, NEST_ACPI_NUMBER, NULL},
};

static const struct nest_acpi_word drhd_flags[] = {
	{0x01, "include_pci_all", "serves every device of the segment that no other unit names"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word atsr_flags[] = {
	{0x01, "all_ports", "every root port of the segment"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word satc_flags[] = {
	{0x01, "atc_required", "these devices work only with ATS on"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word scope_flags[] = {
	{NEST_DMAR_NESTED_NOT_ALLOWED, "nested_not_allowed", "no nested translation for requests without PASID"},
	{0x02, "pwsnp_not_allowed", "no snooped page walks for requests without PASID"},
	{0x04, "pgsnp_not_allowed", "no forced page snooping for requests without PASID"},
	{0x08, "atc_hardened", "the address cache of the device is hardened"},
	{0x10, "atc_required", "the device works only with ATS on"},
	{0, NULL, NULL},
};

static const struct nest_acpi_word no_flags[] = {{0, NULL, NULL}};

static const struct {
	const char *name, *title;
	uint16_t fixed; /* bytes before the scopes */
	enum scopes scopes;
	const struct nest_acpi_word *flags;
} types[] = {
	[NEST_DMAR_DRHD] = {"drhd", "remapping unit", 16, WITH_SCOPES, drhd_flags},
	[NEST_DMAR_RMRR] = {"rmrr", "reserved memory of devices", 24, WITH_SCOPES, no_flags},
	[NEST_DMAR_ATSR] = {"atsr", "root ports that allow ATS", 8, WITH_SCOPES, atsr_flags},
	[NEST_DMAR_RHSA] = {"rhsa", "NUMA node of a unit", 20, NO_SCOPES, no_flags},
	[NEST_DMAR_ANDD] = {"andd", "name of a device outside PCI", 8, NO_SCOPES, no_flags},
	[NEST_DMAR_SATC] = {"satc", "on-chip devices with an address cache", 8, WITH_SCOPES,
			    satc_flags},
	[NEST_DMAR_SIDP] = {"sidp", "properties of on-chip devices", 8, WITH_SCOPES, no_flags},
};

static const char *const scope_types[] = {
	"unknown", "endpoint", "bridge", "ioapic", "hpet", "namespace",
};
/* clang-format on */

/* Reads the scopes of one entry. What is broken inside an entry does not touch the next one. */
static int parse_scopes(struct nest_dmar *dmar, struct nest_dmar_entry *entry)
{
	size_t at = entry->offset + types[entry->type].fixed;
	size_t end = entry->offset + entry->length;
	struct nest_dmar_scope *scope;

	entry->scope_first = (uint32_t)dmar->nscopes;
	for (; at < end; at += scope->length) {
		const uint8_t *p = dmar->acpi.bytes + at;

		if (end - at < SCOPE_HEADER) {
			nest_acpi_remark(&dmar->acpi, at,
					 "%zu byte%s left for a device scope, which needs %u",
					 end - at, nest_plural(end - at), SCOPE_HEADER);
			return 0;
		}
		if (p[1] < SCOPE_HEADER || p[1] > end - at) {
			nest_acpi_remark(&dmar->acpi, at,
					 "device scope of %u byte%s, expected %u to %zu: the rest "
					 "of this %s "
					 "is skipped",
					 p[1], nest_plural(p[1]), SCOPE_HEADER, end - at,
					 types[entry->type].name);
			return 0;
		}
		scope = nest_array_add((void **)&dmar->scopes, dmar->nscopes, sizeof(*scope));
		if (!scope)
			return -ENOMEM;
		dmar->nscopes++;
		entry->nscopes++;
		*scope = (struct nest_dmar_scope){
			.offset = (uint32_t)at,
			.type = p[0],
			.length = p[1],
			.flags = p[2],
			.enumeration_id = p[4],
			.bus = p[5],
			.npath = (uint8_t)((p[1] - SCOPE_HEADER) / 2),
			.path = (const struct nest_dmar_path *)(p + SCOPE_HEADER),
		};
		if (p[1] % 2)
			nest_acpi_remark(&dmar->acpi, at,
					 "device scope of odd length %u: half a path step", p[1]);
		else if (!scope->npath)
			nest_acpi_remark(&dmar->acpi, at, "device scope without a path");
		if (!p[0] || p[0] >= ARRAY_SIZE(scope_types))
			nest_acpi_remark(&dmar->acpi, at, "device scope of unknown type %u", p[0]);
	}
	return 0;
}

static void parse_rmrr(struct nest_dmar *dmar, struct nest_dmar_entry *entry, const uint8_t *p)
{
	entry->rmrr.base = nest_acpi_le64(p + 8);
	entry->rmrr.end = nest_acpi_le64(p + 16);
	if (entry->rmrr.end < entry->rmrr.base)
		nest_acpi_remark(&dmar->acpi, entry->offset,
				 "rmrr ends (0x%" PRIx64 ") before it begins (0x%" PRIx64 ")",
				 entry->rmrr.end, entry->rmrr.base);
	else if (entry->rmrr.base & 0xfff || (entry->rmrr.end & 0xfff) != 0xfff)
		nest_acpi_remark(&dmar->acpi, entry->offset,
				 "rmrr is not made of whole 4 KiB pages");
}

static void parse_andd(struct nest_dmar *dmar, struct nest_dmar_entry *entry, const uint8_t *p)
{
	size_t room = entry->length - types[NEST_DMAR_ANDD].fixed;

	entry->andd.device_number = p[7];
	entry->andd.name = (const char *)p + types[NEST_DMAR_ANDD].fixed;
	if (!memchr(entry->andd.name, '\0', room)) {
		nest_acpi_remark(&dmar->acpi, entry->offset,
				 "andd name is not terminated within its %zu byte%s", room,
				 nest_plural(room));
		entry->andd.name = "";
	}
}

static int parse_fields(struct nest_dmar *dmar, struct nest_dmar_entry *entry)
{
	const uint8_t *p = dmar->acpi.bytes + entry->offset;

	if (entry->type >= ARRAY_SIZE(types)) {
		nest_acpi_remark(&dmar->acpi, entry->offset,
				 "structure of unknown type %u, %u bytes, is kept raw", entry->type,
				 entry->length);
		return 0;
	}
	if (entry->length < types[entry->type].fixed) {
		nest_acpi_remark(&dmar->acpi, entry->offset,
				 "%s of %u bytes, expected at least %u: kept raw",
				 types[entry->type].name, entry->length, types[entry->type].fixed);
		return 0;
	}
	entry->decoded = true;
	if (types[entry->type].flags != no_flags)
		entry->flags = p[4];
	if (types[entry->type].scopes == WITH_SCOPES)
		entry->segment = nest_acpi_le16(p + 6);
	if (entry->type == NEST_DMAR_DRHD) {
		entry->drhd.base = nest_acpi_le64(p + 8);
		entry->drhd.size = UINT64_C(4096) << (p[5] & 0xf);
		if (!entry->drhd.base)
			nest_acpi_remark(&dmar->acpi, entry->offset,
					 "drhd with its registers at address 0");
	} else if (entry->type == NEST_DMAR_RMRR) {
		parse_rmrr(dmar, entry, p);
	} else if (entry->type == NEST_DMAR_RHSA) {
		entry->rhsa.base = nest_acpi_le64(p + 8);
		entry->rhsa.proximity = nest_acpi_le32(p + 16);
	} else if (entry->type == NEST_DMAR_ANDD) {
		parse_andd(dmar, entry, p);
	}
	return types[entry->type].scopes == WITH_SCOPES ? parse_scopes(dmar, entry) : 0;
}

static int parse_entries(struct nest_dmar *dmar, size_t end)
{
	const char *cut = dmar->acpi.length > dmar->acpi.len ? "; the table is cut short" : "";
	struct nest_dmar_entry *entry;
	size_t at;
	int err;

	for (at = DMAR_HEADER; at < end; at += entry->length) {
		uint16_t length;

		if (end - at < ENTRY_HEADER) {
			nest_acpi_stop(&dmar->acpi, at,
				       "%zu byte%s left for a structure, which needs %u%s",
				       end - at, nest_plural(end - at), ENTRY_HEADER, cut);
			return 0;
		}
		length = nest_acpi_le16(dmar->acpi.bytes + at + 2);
		if (length < ENTRY_HEADER || length > end - at) {
			nest_acpi_stop(&dmar->acpi, at,
				       "structure of type %u with length %u, expected %u to %zu%s",
				       nest_acpi_le16(dmar->acpi.bytes + at), length, ENTRY_HEADER,
				       end - at, cut);
			return 0;
		}
		entry = nest_array_add((void **)&dmar->entries, dmar->nentries, sizeof(*entry));
		if (!entry)
			return -ENOMEM;
		dmar->nentries++;
		memset(entry, 0, sizeof(*entry));
		entry->offset = (uint32_t)at;
		entry->type = nest_acpi_le16(dmar->acpi.bytes + at);
		entry->length = length;
		err = parse_fields(dmar, entry);
		if (err)
			return err;
	}
	return 0;
}

static int compare_base(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* What only shows when all structures are known. */
static int check_together(struct nest_dmar *dmar)
{
	size_t i, ndrhd = 0, nall = 0;
	uint64_t *bases;

	bases = malloc((dmar->nentries + 1) * sizeof(*bases));
	if (!bases)
		return -ENOMEM;
	for (i = 0; i < dmar->nentries; i++) {
		const struct nest_dmar_entry *entry = &dmar->entries[i];

		if (entry->type != NEST_DMAR_DRHD || !entry->decoded)
			continue;
		bases[ndrhd++] = entry->drhd.base;
		nall += entry->flags & 1;
		if (!entry->nscopes && !(entry->flags & 1))
			nest_acpi_remark(&dmar->acpi, entry->offset, "drhd that serves no device");
	}
	if (!ndrhd)
		nest_acpi_remark(&dmar->acpi, DMAR_HEADER,
				 "no drhd: the table describes no remapping unit");
	else if (!nall)
		nest_acpi_remark(
			&dmar->acpi, DMAR_HEADER,
			"no drhd includes all other devices: devices that no drhd names are not "
			"remapped");
	qsort(bases, ndrhd, sizeof(*bases), compare_base);
	for (i = 0; i < dmar->nentries; i++) {
		const struct nest_dmar_entry *entry = &dmar->entries[i];

		if (entry->type == NEST_DMAR_RHSA && entry->decoded &&
		    !bsearch(&entry->rhsa.base, bases, ndrhd, sizeof(*bases), compare_base))
			nest_acpi_remark(&dmar->acpi, entry->offset,
					 "rhsa names a unit at 0x%" PRIx64
					 " that no drhd describes",
					 entry->rhsa.base);
	}
	free(bases);
	return 0;
}

static void check_header(struct nest_dmar *dmar)
{
	const uint8_t *p = dmar->acpi.bytes + NEST_ACPI_HEADER;

	dmar->address_width = (uint16_t)(p[0] + 1);
	dmar->flags = p[1];
	/* Linux refuses a table that cannot address a page. */
	if (dmar->address_width < 12 || dmar->address_width > 64)
		nest_acpi_remark(&dmar->acpi, NEST_ACPI_HEADER,
				 "host address width of %u bits, expected 12 to 64",
				 dmar->address_width);
	if (dmar->flags & 0xf0)
		nest_acpi_remark(&dmar->acpi, NEST_ACPI_HEADER + 1, "unknown table flags 0x%02x",
				 dmar->flags & 0xf0);
}

static int parse(struct nest_acpi *table, size_t end)
{
	struct nest_dmar *dmar = (struct nest_dmar *)table;
	int err;

	check_header(dmar);
	err = parse_entries(dmar, end);
	/* A table that is cut short may lack the very thing that would be missed. */
	if (err || !table->complete || table->length > table->len)
		return err;
	return check_together(dmar);
}

static void release(struct nest_acpi *table)
{
	struct nest_dmar *dmar = (struct nest_dmar *)table;

	free(dmar->entries);
	free(dmar->scopes);
}

static_assert(offsetof(struct nest_dmar, acpi) == 0, "a DMAR table is an ACPI table");

const struct nest_acpi_kind nest_acpi_dmar = {
	.word = "dmar",
	.signature = "DMAR",
	.header = DMAR_HEADER,
	.fields = header_fields,
	.parse = parse,
	.size = sizeof(struct nest_dmar),
	.release = release,
};

int nest_dmar_parse(const void *data, size_t len, struct nest_dmar **ret_dmar)
{
	struct nest_acpi *table;
	int err = nest_acpi_parse(&nest_acpi_dmar, data, len, &table);

	if (!err)
		*ret_dmar = (struct nest_dmar *)table;
	return err;
}

int nest_dmar_load(const void *data, size_t len, struct nest_dmar **ret_dmar)
{
	struct nest_acpi *table;
	int err = nest_acpi_load(&nest_acpi_dmar, data, len, &table);

	if (!err)
		*ret_dmar = (struct nest_dmar *)table;
	return err;
}

const struct nest_dmar *nest_dmar_of(const struct nest_acpi *table)
{
	return table && table->kind == &nest_acpi_dmar ? (const struct nest_dmar *)table : NULL;
}

void nest_dmar_free(struct nest_dmar *dmar)
{
	if (dmar)
		nest_acpi_free(&dmar->acpi);
}

const char *nest_dmar_type_name(uint16_t type)
{
	return type < ARRAY_SIZE(types) ? types[type].name : "unknown";
}

const char *nest_dmar_type_title(uint16_t type)
{
	return type < ARRAY_SIZE(types) ? types[type].title : "structure of unknown type";
}

const char *nest_dmar_scope_type_name(uint8_t type)
{
	return type < ARRAY_SIZE(scope_types) ? scope_types[type] : "unknown";
}

bool nest_dmar_scope_has_id(uint8_t type)
{
	return type >= 3 && type < ARRAY_SIZE(scope_types);
}

const struct nest_acpi_word *nest_dmar_flags(void)
{
	return table_flags;
}

const struct nest_acpi_word *nest_dmar_entry_flags(uint16_t type)
{
	return type < ARRAY_SIZE(types) ? types[type].flags : no_flags;
}

const struct nest_acpi_word *nest_dmar_scope_flags(void)
{
	return scope_flags;
}

size_t nest_dmar_scope_format(const struct nest_dmar_scope *scope, char *ret_buf, size_t len)
{
	char text[16 + 256 * 6];
	size_t used;
	int i;

	used = (size_t)snprintf(text, sizeof(text), "%02x", scope->bus);
	for (i = 0; i < scope->npath; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%c%02x.%x",
					 i ? '/' : ':', scope->path[i].device,
					 scope->path[i].function);
	if (len)
		snprintf(ret_buf, len, "%s", text);
	return used;
}
