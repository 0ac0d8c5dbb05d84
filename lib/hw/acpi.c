// SPDX-License-Identifier: GPL-2.0-or-later
/* What all ACPI tables have in common: header, checksum, notes, and fields by their rows. */
#include "hw/acpi.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/acpidump.h"
#include "plural.h"
#include "pool.h"

/* The table may begin anywhere and is little-endian; offsets were checked by the caller. */
uint16_t nest_acpi_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t nest_acpi_le32(const uint8_t *p)
{
	return nest_acpi_le16(p) | (uint32_t)nest_acpi_le16(p + 2) << 16;
}

uint64_t nest_acpi_le64(const uint8_t *p)
{
	return nest_acpi_le32(p) | (uint64_t)nest_acpi_le32(p + 4) << 32;
}

/* ---- notes ---- */

static void __attribute__((format(printf, 4, 0)))
vremark(struct nest_acpi *table, size_t offset, bool fatal, const char *format, va_list args)
{
	struct nest_acpi_note *note;

	/* The fatal note always has room: it replaces the last one. */
	if (table->nnotes == NEST_ACPI_NOTES_MAX) {
		table->notes_dropped++;
		if (!fatal)
			return;
		table->nnotes--;
	}
	note = &table->notes[table->nnotes++];
	note->offset = (uint32_t)offset;
	note->fatal = fatal;
	vsnprintf(note->text, sizeof(note->text), format, args);
}

void nest_acpi_remark(struct nest_acpi *table, size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vremark(table, offset, false, format, args);
	va_end(args);
}

void nest_acpi_stop(struct nest_acpi *table, size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vremark(table, offset, true, format, args);
	va_end(args);
	table->complete = false;
}

/* ---- structures and items ---- */

struct nest_acpi_node *nest_acpi_add_node(struct nest_acpi *table, size_t offset, size_t length,
					  uint32_t number)
{
	struct nest_acpi_node *node =
		nest_array_add((void **)&table->nodes, table->nnodes, sizeof(*node));

	if (!node)
		return NULL;
	table->nnodes++;
	*node = (struct nest_acpi_node){
		.offset = (uint32_t)offset,
		.length = (uint32_t)length,
		.number = number,
		.used = NEST_UNKNOWN,
		.first = (uint32_t)table->nitems,
	};
	return node;
}

struct nest_acpi_item *nest_acpi_add_item(struct nest_acpi *table, struct nest_acpi_node *node,
					  size_t offset, size_t length,
					  const struct nest_acpi_type *type)
{
	struct nest_acpi_item *item =
		nest_array_add((void **)&table->items, table->nitems, sizeof(*item));

	if (!item)
		return NULL;
	table->nitems++;
	node->nitems++;
	*item = (struct nest_acpi_item){ (uint32_t)offset, (uint32_t)length, type };
	return item;
}

const struct nest_acpi_type *nest_acpi_type(const struct nest_acpi_type *types, size_t n,
					    uint32_t number)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (types[i].number == number)
			return &types[i];
	return NULL;
}

/* ---- fields ---- */

uint64_t nest_acpi_value(const struct nest_acpi *table, size_t offset,
			 const struct nest_acpi_field *field)
{
	const uint8_t *p = table->bytes + offset + field->at;
	uint64_t value = 0;
	size_t i;

	for (i = field->bytes < 8 ? field->bytes : 8; i-- > 0;)
		value = value << 8 | p[i];
	value >>= field->shift;
	return field->width && field->width < 64 ? value & ((UINT64_C(1) << field->width) - 1)
						 : value;
}

uint64_t nest_acpi_number(const struct nest_acpi *table, const struct nest_acpi_type *type,
			  size_t offset, const char *name)
{
	const struct nest_acpi_field *field;

	for (field = type ? type->fields : NULL; field && field->name; field++)
		if (!strcmp(field->name, name))
			return nest_acpi_value(table, offset, field);
	return 0;
}

static void put_flags(const struct nest_acpi_word *word, uint64_t value, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "none");
	for (; word->id; word++)
		if (value & word->value && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s (%s)", len ? ", " : "",
						word->id, word->title);
}

static void put_enum(const struct nest_acpi_word *word, uint64_t value, char *buf, size_t size)
{
	while (word->id && word->value != value)
		word++;
	snprintf(buf, size, "%" PRIu64 " (%s)", value, word->id ? word->title : "unknown");
}

/* Bytes from a field to the end of its structure. */
static size_t room_of(size_t offset, size_t end, const struct nest_acpi_field *field)
{
	return end > offset + field->at ? end - offset - field->at : 0;
}

void nest_acpi_text(const struct nest_acpi *table, size_t offset, size_t end,
		    const struct nest_acpi_field *field, char *buf, size_t size)
{
	const char *text = (const char *)table->bytes + offset + field->at;
	uint64_t value;

	if (field->form == NEST_ACPI_TEXT || field->form == NEST_ACPI_REST) {
		size_t room =
			field->form == NEST_ACPI_TEXT ? field->bytes : room_of(offset, end, field);

		snprintf(buf, size, "%.*s", (int)strnlen(text, room), text);
		return;
	}
	if (field->form == NEST_ACPI_REST_HEX) {
		struct nest_acpi_field rest = *field;

		rest.bytes = (uint8_t)(room_of(offset, end, field) < 8 ? room_of(offset, end, field)
								       : 8);
		snprintf(buf, size, "0x%" PRIx64, nest_acpi_value(table, offset, &rest));
		return;
	}
	value = nest_acpi_value(table, offset, field);
	switch (field->form) {
	case NEST_ACPI_HEX:
		snprintf(buf, size, "0x%" PRIx64, value);
		break;
	case NEST_ACPI_PCI:
		snprintf(buf, size, "%02x:%02x.%x", (unsigned int)(value >> 8 & 0xff),
			 (unsigned int)(value >> 3 & 0x1f), (unsigned int)(value & 7));
		break;
	case NEST_ACPI_FLAGS:
		put_flags(field->words, value, buf, size);
		break;
	case NEST_ACPI_ENUM:
		put_enum(field->words, value, buf, size);
		break;
	default:
		snprintf(buf, size, "%" PRIu64, value + (field->form == NEST_ACPI_COUNT));
		break;
	}
}

/* ---- the table ---- */

static void check_sum(struct nest_acpi *table)
{
	uint8_t sum = 0;
	size_t i;

	if (table->length > table->len)
		return;
	for (i = 0; i < table->length; i++)
		sum = (uint8_t)(sum + table->bytes[i]);
	table->checksum_ok = nest_tri_from_bool(!sum);
	if (sum)
		nest_acpi_remark(table, 9,
				 "checksum is wrong: the bytes add up to 0x%02x, expected 0x00",
				 sum);
}

/* False if there is nothing to go on with. */
static bool parse_header(struct nest_acpi *table)
{
	const char *signature = table->kind->signature;
	const uint8_t *p = table->bytes;

	if (table->len >= 4 && memcmp(p, signature, 4) != 0) {
		char name[5] = "";
		int i;

		for (i = 0; i < 4; i++)
			name[i] = isgraph(p[i]) ? (char)p[i] : '?';
		nest_acpi_stop(table, 0, "signature is \"%s\", expected \"%s\"", name, signature);
		return false;
	}
	if (table->len < table->kind->header) {
		nest_acpi_stop(table, 0, "%zu byte%s, but the header of %s has %u", table->len,
			       nest_plural(table->len), signature, table->kind->header);
		return false;
	}
	table->has_header = true;
	table->length = nest_acpi_le32(p + 4);
	table->revision = p[8];
	memcpy(table->oem_id, p + 10, 6);
	memcpy(table->oem_table_id, p + 16, 8);
	table->oem_revision = nest_acpi_le32(p + 24);
	if (table->length < table->kind->header) {
		nest_acpi_stop(table, 4, "table length is %u, expected at least %u", table->length,
			       table->kind->header);
		return false;
	}
	return true;
}

static int parse_table(struct nest_acpi *table)
{
	size_t end = table->len;
	int err;

	table->complete = true;
	if (!parse_header(table))
		return 0;
	check_sum(table);
	if (table->length < table->len)
		nest_acpi_remark(
			table, table->length, "ignored: %zu byte%s after the end of the table",
			table->len - table->length, nest_plural(table->len - table->length));
	if (table->length < end)
		end = table->length;
	err = table->kind->parse(table, end);
	if (!err && table->length > table->len && table->complete)
		nest_acpi_stop(table, table->len, "the table ends here, its header says %u byte%s",
			       table->length, nest_plural(table->length));
	return err;
}

static int table_new(const struct nest_acpi_kind *kind, const void *data, size_t len,
		     struct nest_acpi **ret_table)
{
	struct nest_acpi *table;

	if (len > NEST_ACPI_MAX)
		return -E2BIG;
	table = calloc(1, kind->size ? kind->size : sizeof(*table));
	if (!table)
		return -ENOMEM;
	table->kind = kind;
	table->bytes = malloc(len + 1);
	if (!table->bytes) {
		free(table);
		return -ENOMEM;
	}
	if (len)
		memcpy(table->bytes, data, len);
	table->len = len;
	*ret_table = table;
	return 0;
}

int nest_acpi_parse(const struct nest_acpi_kind *kind, const void *data, size_t len,
		    struct nest_acpi **ret_table)
{
	struct nest_acpi *table;
	int err = table_new(kind, data, len, &table);

	if (err)
		return err;
	err = parse_table(table);
	if (err) {
		nest_acpi_free(table);
		return err;
	}
	*ret_table = table;
	return 0;
}

int nest_acpi_load(const struct nest_acpi_kind *kind, const void *data, size_t len,
		   struct nest_acpi **ret_table)
{
	struct nest_acpidump_problem problem = { 0 };
	uint8_t *bytes = NULL;
	size_t nbytes = 0;
	int err;

	if (!nest_acpidump_is_text(data, len))
		return nest_acpi_parse(kind, data, len, ret_table);
	err = nest_acpidump_parse(data, len, kind->signature, &bytes, &nbytes, &problem);
	if (err == -ENOMEM || err == -E2BIG)
		return err;
	if (err) {
		err = table_new(kind, "", 0, ret_table);
		if (!err)
			nest_acpi_stop(*ret_table, 0, "%s", problem.text);
		return err;
	}
	err = nest_acpi_parse(kind, bytes, nbytes, ret_table);
	free(bytes);
	if (!err && problem.text[0])
		nest_acpi_remark(*ret_table, nbytes, "line %u: %s", problem.line, problem.text);
	return err;
}

bool nest_acpi_holds(const void *data, size_t len, const char *signature)
{
	struct nest_acpidump_problem problem;
	uint8_t *bytes = NULL;
	size_t nbytes;
	bool found;

	if (!nest_acpidump_is_text(data, len))
		return len >= 4 && !memcmp(data, signature, 4);
	found = !nest_acpidump_parse(data, len, signature, &bytes, &nbytes, &problem);
	free(bytes);
	return found;
}

void nest_acpi_free(struct nest_acpi *table)
{
	if (!table)
		return;
	if (table->kind->release)
		table->kind->release(table);
	free(table->bytes);
	free(table->nodes);
	free(table->items);
	free(table);
}
