// SPDX-License-Identifier: GPL-2.0-or-later
/* ACPI tables for people: each structure by its rows, its items a line each. */
#include <ctype.h>
#include <string.h>

#include "hw/dmar.h"
#include "hw/hw.h"
#include "hw/ivrs.h"
#include "plural.h"
#include "print/human.h"

#define LINE_MAX 1024

/* Says nothing: a flag that is not set, a name that is empty, a segment of 0. */
static bool is_silent(const struct nest_acpi *table, size_t offset,
		      const struct nest_acpi_field *field, const char *text)
{
	if (!field->title || !*text)
		return true;
	if (field->form == NEST_ACPI_FLAGS)
		return !strcmp(text, "none");
	return field->form == NEST_ACPI_NUMBER && !strcmp(field->name, "segment") &&
	       !nest_acpi_value(table, offset, field);
}

/* "registers at 0xfd100000, unit 00:00.2", with flags or without. */
static void join(const struct nest_acpi *table, size_t offset, size_t length,
		 const struct nest_acpi_field *field, bool flags, char *buf, size_t size)
{
	size_t len = 0;
	char text[512];

	*buf = '\0';
	for (; field->name; field++) {
		if (!flags && field->form == NEST_ACPI_FLAGS)
			continue;
		nest_acpi_text(table, offset, offset + length, field, text, sizeof(text));
		if (is_silent(table, offset, field, text) || len >= size)
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s %s", len ? ", " : "",
					field->title, text);
	}
}

/* Flags have a line each: what they mean takes room. */
static void put_flags(FILE *out, const struct nest_run *run, const struct nest_acpi *table,
		      size_t offset, const struct nest_acpi_field *field)
{
	char text[LINE_MAX];

	for (; field->name; field++) {
		if (field->form != NEST_ACPI_FLAGS)
			continue;
		nest_acpi_text(table, offset, offset, field, text, sizeof(text));
		if (!is_silent(table, offset, field, text))
			nest_fact(out, run, "", "%s: %s", field->title, text);
	}
}

/* What the EFR image of a unit says about nesting. */
static void put_verdict(FILE *out, const struct nest_run *run, const struct nest_acpi *table,
			const struct nest_acpi_node *node)
{
	struct nest_hw_verdict verdict;

	if (!nest_acpi_verdict(table, node, &verdict))
		return;
	nest_fact(out, run, "", "nests: %s%s%s%s: %s", nest_tri_name(verdict.status),
		  verdict.gate ? " (" : "", verdict.gate ? verdict.gate : "",
		  verdict.gate ? ")" : "", verdict.reason);
}

void nest_human_table_node(FILE *out, const struct nest_run *run, const char *label,
			   const struct nest_acpi *table, const struct nest_acpi_node *node)
{
	char text[LINE_MAX];
	uint32_t i;

	if (!node->type) {
		nest_fact(out, run, label, "type 0x%x at 0x%x, %u bytes, not decoded", node->number,
			  node->offset, node->length);
		return;
	}
	join(table, node->offset, node->length, node->type->fields, false, text, sizeof(text));
	nest_fact(out, run, label, "%s (type 0x%x)%s%s%s", node->type->title, node->number,
		  *text ? ": " : "", text, node->used == NEST_NO ? "; Linux does not use it" : "");
	put_flags(out, run, table, node->offset, node->type->fields);
	for (i = 0; i < node->nitems; i++) {
		const struct nest_acpi_item *item = &table->items[node->first + i];

		if (item->type && !strcmp(item->type->name, "pad"))
			continue;
		if (item->type)
			join(table, item->offset, item->length, item->type->fields, true, text,
			     sizeof(text));
		nest_fact(out, run, "", "%s%s%s", item->type ? item->type->title : "unknown entry",
			  item->type && *text ? ": " : "", item->type ? text : "");
	}
}

static void put_header(FILE *out, const struct nest_run *run, const struct nest_acpi *table)
{
	const struct nest_acpi_field *field;
	char text[LINE_MAX];

	nest_fact(out, run, "length", "%u byte%s, revision %u, checksum %s", table->length,
		  nest_plural(table->length), table->revision,
		  table->checksum_ok == NEST_YES  ? "correct"
		  : table->checksum_ok == NEST_NO ? "WRONG"
						  : "unknown");
	nest_fact(out, run, "OEM", "%s %s, revision 0x%x", table->oem_id, table->oem_table_id,
		  table->oem_revision);
	for (field = table->kind->fields; field->name; field++) {
		nest_acpi_text(table, 0, table->len, field, text, sizeof(text));
		if (field->title)
			nest_fact(out, run, field->title, "%s", text);
	}
}

void nest_human_table(FILE *out, const struct nest_run *run, const struct nest_acpi *table)
{
	char title[32];
	size_t i;

	snprintf(title, sizeof(title), "ACPI %s table", table->kind->signature);
	nest_paint(out, run, NEST_BOLD, "%s", title);
	fputc('\n', out);
	if (table->has_header)
		put_header(out, run, table);
	if (nest_dmar_of(table))
		nest_human_dmar(out, run, nest_dmar_of(table));
	for (i = 0; i < table->nnodes; i++) {
		const struct nest_acpi_node *node = &table->nodes[i];

		nest_human_table_node(out, run, node->type ? node->type->name : "unknown", table,
				      node);
		put_verdict(out, run, table, node);
	}
	for (i = 0; i < table->nnotes; i++)
		nest_fact(out, run, table->notes[i].fatal ? "broken" : "note", "at 0x%x: %s",
			  table->notes[i].offset, table->notes[i].text);
	if (table->notes_dropped)
		nest_fact(out, run, "note", "%zu more", table->notes_dropped);
}
