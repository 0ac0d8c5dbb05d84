// SPDX-License-Identifier: GPL-2.0-or-later
/* decode as JSON: registers, faults, groups, notes, and a DMAR table's structures. */
#include "log/decode.h"
#include "print/json.h"

static void add_flags(struct nest_json *json, struct json_object *parent,
		      const struct nest_dmar_flag *flags, uint8_t value)
{
	struct json_object *object = nest_json_object(json, parent, "flags");

	for (; flags->mask; flags++)
		nest_json_bool(json, object, flags->id, value & flags->mask);
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
	if (nest_dmar_entry_flags(entry->type)->mask)
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

static void add_dmar(struct nest_json *json, const struct nest_dmar *dmar)
{
	struct json_object *object = nest_json_object(json, json->root, "dmar"), *array;
	size_t i;

	nest_json_bool(json, object, "complete", dmar->complete);
	if (dmar->has_header) {
		nest_json_number(json, object, "length", dmar->length);
		nest_json_number(json, object, "revision", dmar->revision);
		nest_json_string(json, object, "checksum_ok", nest_tri_name(dmar->checksum_ok));
		nest_json_string(json, object, "oem_id", dmar->oem_id);
		nest_json_string(json, object, "oem_table_id", dmar->oem_table_id);
		nest_json_hex(json, object, "oem_revision", dmar->oem_revision);
		nest_json_number(json, object, "host_address_width", dmar->address_width);
		add_flags(json, object, nest_dmar_flags(), dmar->flags);
	}
	array = nest_json_array(json, object, "structures");
	for (i = 0; i < dmar->nentries; i++)
		add_entry(json, array, dmar, &dmar->entries[i]);
	array = nest_json_array(json, object, "notes");
	for (i = 0; i < dmar->nnotes; i++) {
		struct json_object *note = nest_json_object(json, array, NULL);

		nest_json_number(json, note, "offset", dmar->notes[i].offset);
		nest_json_bool(json, note, "fatal", dmar->notes[i].fatal);
		nest_json_string(json, note, "text", dmar->notes[i].text);
	}
}

/* What the driver calls a device: "stream": "0x900", "endpoint": 32. */
static void add_id(struct nest_json *json, struct json_object *object,
		   const struct nest_fault *fault)
{
	if (fault->has_device)
		nest_json_format(json, object, "device", "%04x:%02x:%02x.%x", fault->device.domain,
				 fault->device.bus, fault->device.device, fault->device.function);
	if (fault->has_device && fault->device_from_id)
		nest_json_bool(json, object, "device_from_id", true);
	if (*fault->client)
		nest_json_string(json, object, "client", fault->client);
	if (fault->has_id)
		nest_json_hex(json, object, "id", fault->id);
	if (*fault->unit)
		nest_json_string(json, object, "unit", fault->unit);
	if (*fault->owner)
		nest_json_string(json, object, "device_driver", fault->owner);
	if (fault->has_group)
		nest_json_number(json, object, "group", fault->group);
}

static void add_reason(struct nest_json *json, struct json_object *object,
		       const struct nest_fault *fault)
{
	char words[160] = "";

	if (fault->has_reason)
		nest_json_hex(json, object, "reason", fault->reason);
	nest_json_string(json, object, "event", fault->event);
	if (fault->has_flags) {
		nest_json_hex(json, object, "flags", fault->flags);
		if (fault->driver->flags)
			fault->driver->flags(fault, words, sizeof(words));
		if (*words)
			nest_json_string(json, object, "flags_text", words);
	}
	if (fault->stage)
		nest_json_number(json, object, "stage", fault->stage);
	nest_json_string(json, object, "meaning", fault->meaning);
	nest_json_string(json, object, "cause", fault->cause);
}

static void add_fault(struct nest_json *json, struct json_object *array,
		      const struct nest_fault *fault)
{
	struct json_object *object = nest_json_object(json, array, NULL), *words;
	unsigned int i;

	nest_json_string(json, object, "driver", fault->driver->name);
	add_id(json, object, fault);
	nest_json_string(json, object, "access", nest_log_access_name(fault->access));
	if (fault->execute)
		nest_json_bool(json, object, "execute", true);
	nest_json_string(json, object, "with_pasid", nest_tri_name(fault->with_pasid));
	if (fault->with_pasid == NEST_YES)
		nest_json_number(json, object, "pasid", fault->pasid);
	if (fault->has_address) {
		nest_json_hex(json, object, "address", fault->address);
		nest_json_hex(json, object, "address_last", fault->address_last);
	}
	if (fault->has_domain)
		nest_json_number(json, object, "domain", fault->domain);
	add_reason(json, object, fault);
	if (fault->nwords) {
		words = nest_json_array(json, object, "words");
		for (i = 0; i < fault->nwords; i++)
			nest_json_format(json, words, NULL, "0x%016llx",
					 (unsigned long long)fault->words[i]);
	}
	nest_json_number(json, object, "count", fault->count);
	if (fault->suppressed)
		nest_json_number(json, object, "suppressed", (int64_t)fault->suppressed);
	if (*fault->time) {
		nest_json_string(json, object, "time", fault->time);
		nest_json_string(json, object, "time_last", fault->time_last);
	}
	nest_json_number(json, object, "line", fault->line);
	nest_json_number(json, object, "line_last", fault->line_last);
}

static void add_log(struct nest_json *json, const struct nest_log_result *log)
{
	struct json_object *faults = nest_json_array(json, json->root, "faults");
	struct json_object *groups = nest_json_array(json, json->root, "groups");
	struct json_object *notes = nest_json_array(json, json->root, "notes");
	struct json_object *dropped = nest_json_object(json, json->root, "not_kept");
	struct json_object *object, *array = NULL;
	static const char *const weights[] = { "info", "warning", "failure" };
	size_t i;

	for (i = 0; i < log->nfaults; i++)
		add_fault(json, faults, &log->faults[i]);
	for (i = 0; i < log->ngroups; i++) {
		object = nest_json_object(json, groups, NULL);
		nest_json_string(json, object, "device", log->groups[i].device);
		nest_json_number(json, object, "group", log->groups[i].group);
		nest_json_number(json, object, "line", log->groups[i].line);
	}
	for (i = 0; i < log->nnotes; i++) {
		object = nest_json_object(json, notes, NULL);
		nest_json_string(json, object, "id", log->notes[i].id);
		nest_json_string(json, object, "text", log->notes[i].text);
		nest_json_string(json, object, "weight", weights[log->notes[i].weight]);
		if (*log->notes[i].detail)
			nest_json_string(json, object, "detail", log->notes[i].detail);
		nest_json_number(json, object, "line", log->notes[i].line);
		nest_json_number(json, object, "count", log->notes[i].count);
	}
	for (i = 0; i < log->nsuppressed; i++) {
		if (!i)
			array = nest_json_array(json, json->root, "suppressed");
		object = nest_json_object(json, array, NULL);
		nest_json_string(json, object, "function", log->suppressed[i].function);
		if (log->suppressed[i].driver)
			nest_json_string(json, object, "driver", log->suppressed[i].driver->name);
		nest_json_number(json, object, "count", (int64_t)log->suppressed[i].count);
		nest_json_number(json, object, "line", log->suppressed[i].line);
	}
	nest_json_number(json, dropped, "units", (int64_t)log->units_dropped);
	nest_json_number(json, dropped, "faults", (int64_t)log->faults_dropped);
	nest_json_number(json, dropped, "groups", (int64_t)log->groups_dropped);
	nest_json_number(json, dropped, "notes", (int64_t)log->notes_dropped);
}

/* The answer as a whole, and the lines that it could not use. */
static void add_answer(struct nest_json *json, const struct nest_log_answer *answer,
		       const struct nest_log_result *log)
{
	struct json_object *object = nest_json_object(json, json->root, "log"), *array, *other;
	size_t i;

	if (*answer->text)
		nest_json_string(json, object, "answer", answer->text);
	nest_json_number(json, object, "lines", log->lines);
	nest_json_bool(json, object, "covers_boot", answer->covers_boot);
	nest_json_string(json, object, "dma_remapping", nest_tri_name(answer->dma));
	nest_json_string(json, object, "interrupt_remapping", nest_tri_name(answer->interrupts));
	array = nest_json_array(json, object, "conclusions");
	for (i = 0; i < answer->nconclusions; i++) {
		other = nest_json_object(json, array, NULL);
		nest_json_string(json, other, "id", answer->conclusions[i].id);
		nest_json_string(json, other, "text", answer->conclusions[i].text);
	}
	nest_json_number(json, object, "not_explained", log->nothers);
	array = nest_json_array(json, object, "examples");
	for (i = 0; i < log->nothers && i < NEST_LOG_OTHERS_MAX; i++) {
		other = nest_json_object(json, array, NULL);
		nest_json_number(json, other, "line", log->others[i].line);
		nest_json_string(json, other, "text", log->others[i].text);
	}
}

/* The line of the log that names a unit, and what else it says. */
static void add_found(struct nest_json *json, struct json_object *object,
		      const struct nest_log_unit *found)
{
	if (!found)
		return;
	if (found->has_address)
		nest_json_hex(json, object, "address", found->address);
	if (found->has_version)
		nest_json_format(json, object, "version", "%u:%u", found->version_major,
				 found->version_minor);
	nest_json_number(json, object, "line", found->line);
	nest_json_number(json, object, "count", found->count);
}

int nest_json_decode(FILE *out, const struct nest_run *run)
{
	const struct nest_decode *decode = run->found;
	struct json_object *array;
	struct nest_json json;
	size_t i;

	nest_json_start(&json, run);
	array = nest_json_array(&json, json.root, "registers");
	for (i = 0; i < decode->nunits; i++)
		add_found(&json,
			  nest_json_registers(&json, array, NULL, decode->units[i].name,
					      &decode->units[i].regs),
			  decode->units[i].found);
	if (decode->log) {
		add_answer(&json, &decode->answer, nest_log_result(decode->log));
		add_log(&json, nest_log_result(decode->log));
	} else {
		nest_json_array(&json, json.root, "faults");
		nest_json_array(&json, json.root, "notes");
	}
	if (decode->dmar)
		add_dmar(&json, decode->dmar);
	if (decode->table)
		nest_json_table(&json, decode->table);
	return nest_json_finish(&json, out);
}
