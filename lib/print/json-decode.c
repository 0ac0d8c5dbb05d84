// SPDX-License-Identifier: GPL-2.0-or-later
/* decode as JSON: registers, faults, groups, notes, tables. */
#include "log/decode.h"
#include "print/json.h"

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
	if (decode->table)
		nest_json_table(&json, decode->table);
	return nest_json_finish(&json, out);
}
