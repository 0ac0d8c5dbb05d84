// SPDX-License-Identifier: GPL-2.0-or-later
/* The structures of a DMAR table as JSON. */
#include "hw/dmar.h"
#include "print/json.h"

static void add_flags(struct nest_json *json, struct json_object *parent,
		      const struct nest_acpi_word *flags, uint8_t value)
{
	struct json_object *object = nest_json_object(json, parent, "flags");

	for (; flags->value; flags++)
		nest_json_bool(json, object, flags->id, value & flags->value);
}

static void add_scopes(struct nest_json *json, struct json_object *parent,
		       const struct nest_dmar *dmar, const struct nest_dmar_entry *entry)
{
	const struct nest_dmar_scope *scope = nest_dmar_entry_scopes(dmar, entry);
	struct json_object *array = nest_json_array(json, parent, "scopes");
	uint32_t i, step;

	for (i = 0; i < entry->nscopes; i++, scope++) {
		struct json_object *object = nest_json_object(json, array, NULL), *path;
		char where[128];

		nest_dmar_scope_format(scope, where, sizeof(where));
		nest_json_string(json, object, "type", nest_dmar_scope_type_name(scope->type));
		nest_json_number(json, object, "type_number", scope->type);
		nest_json_number(json, object, "enumeration_id", scope->enumeration_id);
		nest_json_number(json, object, "bus", scope->bus);
		nest_json_string(json, object, "where", where);
		path = nest_json_array(json, object, "path");
		for (step = 0; step < scope->npath; step++)
			nest_json_format(json, path, NULL, "%02x.%x", scope->path[step].device,
					 scope->path[step].function);
		if (entry->type == NEST_DMAR_SIDP)
			add_flags(json, object, nest_dmar_scope_flags(), scope->flags);
	}
}

static void add_entry(struct nest_json *json, struct json_object *array,
		      const struct nest_dmar *dmar, const struct nest_dmar_entry *entry)
{
	struct json_object *object = nest_json_object(json, array, NULL);

	nest_json_string(json, object, "type", nest_dmar_type_name(entry->type));
	nest_json_number(json, object, "type_number", entry->type);
	nest_json_number(json, object, "offset", entry->offset);
	nest_json_number(json, object, "length", entry->length);
	if (!entry->decoded)
		return;
	if (nest_dmar_entry_flags(entry->type)->value)
		add_flags(json, object, nest_dmar_entry_flags(entry->type), entry->flags);
	if (entry->type != NEST_DMAR_RHSA && entry->type != NEST_DMAR_ANDD)
		nest_json_number(json, object, "segment", entry->segment);
	switch (entry->type) {
	case NEST_DMAR_DRHD:
		nest_json_hex(json, object, "base", entry->drhd.base);
		nest_json_hex(json, object, "size", entry->drhd.size);
		break;
	case NEST_DMAR_RMRR:
		nest_json_hex(json, object, "base", entry->rmrr.base);
		nest_json_hex(json, object, "end", entry->rmrr.end);
		break;
	case NEST_DMAR_RHSA:
		nest_json_hex(json, object, "base", entry->rhsa.base);
		nest_json_number(json, object, "proximity_domain", entry->rhsa.proximity);
		return;
	case NEST_DMAR_ANDD:
		nest_json_number(json, object, "device_number", entry->andd.device_number);
		nest_json_string(json, object, "name", entry->andd.name);
		return;
	}
	add_scopes(json, object, dmar, entry);
}

void nest_json_dmar(struct nest_json *json, struct json_object *array, const struct nest_dmar *dmar)
{
	size_t i;

	for (i = 0; i < dmar->nentries; i++)
		add_entry(json, array, dmar, &dmar->entries[i]);
}
