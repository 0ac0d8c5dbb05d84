// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeds the parsers of IVRS, IORT and VIOT with anything, and reads all as a printer would. */
#include <stdlib.h>
#include <string.h>

#include "hw/hw.h"
#include "hw/iort.h"
#include "hw/ivrs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink; /* so that no read is optimised away */

static void require(bool good)
{
	if (!good)
		abort();
}

static void read_fields(const struct nest_acpi *table, size_t offset, size_t length,
			const struct nest_acpi_type *type)
{
	const struct nest_acpi_field *field;
	char text[300];

	require(offset + length <= table->len);
	for (field = type ? type->fields : NULL; field && field->name; field++) {
		require((size_t)field->at + field->bytes <= length);
		nest_acpi_text(table, offset, offset + length, field, text, sizeof(text));
		sink += strlen(text);
	}
}

static void ask(const struct nest_acpi *table)
{
	const struct nest_acpi_node *node;
	size_t at = 0, i;
	uint32_t stream = 0;

	if (table->kind == &nest_acpi_ivrs) {
		for (i = 0; (node = nest_ivrs_unit(table, i)); i++)
			sink += node->offset;
		while ((node = nest_ivrs_reserved(table, 0, 0x10, &at)))
			sink += node->offset;
	} else if (table->kind == &nest_acpi_iort) {
		for (i = 0; i < 4; i++) {
			node = nest_iort_route(table, (uint16_t)i, 0x10, &stream);
			sink += node ? node->offset + stream : 0;
			node = nest_iort_root(table, (uint16_t)i);
			sink += node && nest_iort_canwbs(table, node);
		}
	}
}

static void walk(struct nest_acpi *table)
{
	struct nest_hw_verdict verdict;
	size_t fatal = 0, i, k;

	if (table->has_header)
		read_fields(table, 0, table->len, NULL);
	for (i = 0; i < table->nnodes; i++) {
		const struct nest_acpi_node *node = &table->nodes[i];

		read_fields(table, node->offset, node->length, node->type);
		require((size_t)node->first + node->nitems <= table->nitems);
		for (k = 0; k < node->nitems; k++)
			read_fields(table, table->items[node->first + k].offset,
				    table->items[node->first + k].length,
				    table->items[node->first + k].type);
		sink += nest_acpi_verdict(table, node, &verdict);
	}
	for (i = 0; i < table->nnotes; i++) {
		fatal += table->notes[i].fatal;
		sink += strlen(table->notes[i].text);
	}
	require(fatal == !table->complete);
	ask(table);
	nest_acpi_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nest_acpi *table;
	size_t i;

	for (i = 0; nest_acpi_kinds[i]; i++) {
		if (!nest_acpi_parse(nest_acpi_kinds[i], data, size, &table))
			walk(table);
		if (!nest_acpi_load(nest_acpi_kinds[i], data, size, &table))
			walk(table);
	}
	return 0;
}
