// SPDX-License-Identifier: GPL-2.0-or-later
/* Feeds the DMAR parser with anything, and walks all it hands out as a printer would. */

#include "hw/dmar.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink; /* so that no read is optimised away */

static void require(bool good)
{
	if (!good)
		abort();
}

static size_t walk_entry(const struct nest_dmar *dmar, const struct nest_dmar_entry *entry)
{
	const struct nest_dmar_scope *scope = nest_dmar_entry_scopes(dmar, entry);
	size_t sum, i;
	char where[32];

	require((size_t)entry->offset + entry->length <= dmar->acpi.len);
	require(entry->scope_first + entry->nscopes <= dmar->nscopes || !entry->nscopes);
	sum = strlen(nest_dmar_type_name(entry->type)) + dmar->acpi.bytes[entry->offset];
	sum += nest_dmar_entry_flags(entry->type)->value;
	if (entry->decoded && entry->type == NEST_DMAR_ANDD)
		sum += strlen(entry->andd.name);
	for (i = 0; i < entry->nscopes; i++) {
		sum += nest_dmar_scope_format(&scope[i], where, sizeof(where));
		sum += strlen(nest_dmar_scope_type_name(scope[i].type));
	}
	return sum;
}

static void walk(struct nest_dmar *dmar)
{
	size_t i, fatal = 0;

	for (i = 0; i < dmar->nentries; i++)
		sink += walk_entry(dmar, &dmar->entries[i]);
	for (i = 0; i < dmar->acpi.nnotes; i++) {
		fatal += dmar->acpi.notes[i].fatal;
		sink += strlen(dmar->acpi.notes[i].text);
	}
	require(fatal == !dmar->acpi.complete);
	nest_dmar_free(dmar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nest_dmar *dmar;

	if (!nest_dmar_parse(data, size, &dmar))
		walk(dmar);
	if (!nest_dmar_load(data, size, &dmar))
		walk(dmar);
	return 0;
}
