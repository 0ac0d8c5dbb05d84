// SPDX-License-Identifier: GPL-2.0-or-later
/* ACPI tables as JSON: every field of a structure by its row. */
#include <string.h>

#include "hw/dmar.h"
#include "hw/hw.h"
#include "print/json.h"

static void add_flags(struct nest_json *json, struct json_object *object,
		      const struct nest_acpi_field *field, uint64_t value)
{
	struct json_object *flags = nest_json_object(json, object, field->name);
	const struct nest_acpi_word *word;

	for (word = field->words; word->id; word++)
		nest_json_bool(json, flags, word->id, value & word->value);
}

static void add_field(struct nest_json *json, struct json_object *object,
		      const struct nest_acpi *table, size_t offset, size_t length,
		      const struct nest_acpi_field *field)
{
	char text[512];

	switch (field->form) {
	case NEST_ACPI_FLAGS:
		add_flags(json, object, field, nest_acpi_value(table, offset, field));
		break;
	case NEST_ACPI_NUMBER:
	case NEST_ACPI_ENUM:
	case NEST_ACPI_COUNT:
		nest_json_number(json, object, field->name,
				 (int64_t)nest_acpi_value(table, offset, field) +
					 (field->form == NEST_ACPI_COUNT));
		break;
	default:
		nest_acpi_text(table, offset, offset + length, field, text, sizeof(text));
		nest_json_string(json, object, field->name, text);
		break;
	}
}

static void add_fields(struct nest_json *json, struct json_object *object,
		       const struct nest_acpi *table, size_t offset, size_t length,
		       const struct nest_acpi_field *field)
{
	for (; field->name; field++)
		add_field(json, object, table, offset, length, field);
}

/* Items of one list stand together. */
static void add_items(struct nest_json *json, struct json_object *object,
		      const struct nest_acpi *table, const struct nest_acpi_node *node)
{
	struct json_object *array = NULL, *one;
	const char *list = NULL;
	uint32_t i;

	for (i = 0; i < node->nitems; i++) {
		const struct nest_acpi_item *item = &table->items[node->first + i];
		const char *its = item->type ? item->type->items : "entries";

		if (!list || strcmp(list, its)) {
			list = its;
			array = nest_json_array(json, object, list);
		}
		one = nest_json_object(json, array, NULL);
		nest_json_string(json, one, "type", item->type ? item->type->name : "unknown");
		if (!strcmp(its, "entries"))
			nest_json_number(json, one, "type_number", table->bytes[item->offset]);
		nest_json_number(json, one, "offset", item->offset);
		nest_json_number(json, one, "length", item->length);
		if (item->type)
			add_fields(json, one, table, item->offset, item->length,
				   item->type->fields);
	}
}

struct json_object *nest_json_table_node(struct nest_json *json, struct json_object *parent,
					 const char *key, const struct nest_acpi *table,
					 const struct nest_acpi_node *node)
{
	struct json_object *object = nest_json_object(json, parent, key);

	nest_json_string(json, object, "type", node->type ? node->type->name : "unknown");
	nest_json_number(json, object, "type_number", node->number);
	nest_json_number(json, object, "offset", node->offset);
	nest_json_number(json, object, "length", node->length);
	if (!node->type)
		return object;
	if (node->used != NEST_UNKNOWN)
		nest_json_bool(json, object, "used", node->used == NEST_YES);
	add_fields(json, object, table, node->offset, node->length, node->type->fields);
	add_items(json, object, table, node);
	return object;
}

void nest_json_table(struct nest_json *json, const struct nest_acpi *table)
{
	struct json_object *object = nest_json_object(json, json->root, table->kind->word);
	struct nest_hw_verdict verdict;
	struct json_object *array;
	size_t i;

	nest_json_bool(json, object, "complete", table->complete);
	if (table->has_header) {
		nest_json_number(json, object, "length", table->length);
		nest_json_number(json, object, "revision", table->revision);
		nest_json_string(json, object, "checksum_ok", nest_tri_name(table->checksum_ok));
		nest_json_string(json, object, "oem_id", table->oem_id);
		nest_json_string(json, object, "oem_table_id", table->oem_table_id);
		nest_json_hex(json, object, "oem_revision", table->oem_revision);
		add_fields(json, object, table, 0, table->len, table->kind->fields);
	}
	array = nest_json_array(json, object, "structures");
	if (nest_dmar_of(table))
		nest_json_dmar(json, array, nest_dmar_of(table));
	for (i = 0; i < table->nnodes; i++) {
		struct json_object *one =
			nest_json_table_node(json, array, NULL, table, &table->nodes[i]);

		if (nest_acpi_verdict(table, &table->nodes[i], &verdict))
			nest_json_status(json, one, "nesting", verdict.status, verdict.gate,
					 verdict.reason);
	}
	array = nest_json_array(json, object, "notes");
	for (i = 0; i < table->nnotes; i++) {
		struct json_object *note = nest_json_object(json, array, NULL);

		nest_json_number(json, note, "offset", table->notes[i].offset);
		nest_json_bool(json, note, "fatal", table->notes[i].fatal);
		nest_json_string(json, note, "text", table->notes[i].text);
	}
}
