// SPDX-License-Identifier: GPL-2.0-or-later
/* Building blocks of the JSON documents, over json-c. */
#include "print/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "errnoname.h"
#include "hw/hw.h"
#include "print/list.h"
#include "stim/registry.h"
#include "version.h"

static void add(struct nest_json *json, struct json_object *parent, const char *key,
		struct json_object *child)
{
	int err = !parent || !child ? -1
		  : key		    ? json_object_object_add(parent, key, child)
				    : json_object_array_add(parent, child);

	if (!err)
		return;
	json->broken = true;
	json_object_put(child);
}

struct json_object *nest_json_object(struct nest_json *json, struct json_object *parent,
				     const char *key)
{
	struct json_object *child = json_object_new_object();

	add(json, parent, key, child);
	return json->broken ? NULL : child;
}

struct json_object *nest_json_array(struct nest_json *json, struct json_object *parent,
				    const char *key)
{
	/* The default size of 32 would cost more than most arrays here hold. */
	struct json_object *child = json_object_new_array_ext(2);

	add(json, parent, key, child);
	return json->broken ? NULL : child;
}

static int form_of(const struct nest_json *json)
{
	return JSON_C_TO_STRING_NOSLASHESCAPE |
	       (json->compact ? JSON_C_TO_STRING_PLAIN
			      : JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED);
}

void nest_json_string(struct nest_json *json, struct json_object *parent, const char *key,
		      const char *text)
{
	char *safe = NULL;

	if (!text)
		return;
	/* json-c escapes C0 but nothing else, valid UTF-8 or not. */
	if (!nest_is_safe(text)) {
		safe = nest_escape(text);
		text = safe;
	}
	add(json, parent, key, text ? json_object_new_string(text) : NULL);
	free(safe);
}

void nest_json_lines(struct nest_json *json, struct json_object *parent, const char *key,
		     const char *text)
{
	char *whole = NULL, *copy = text ? strdup(text) : NULL, *line, *rest = copy;
	size_t len = 0;
	FILE *out = copy ? open_memstream(&whole, &len) : NULL;

	if (!text)
		return;
	while (out && (line = strsep(&rest, "\n"))) {
		char *safe = nest_escape(line);

		fprintf(out, "%s%s", safe ? safe : "", rest ? "\n" : "");
		json->broken = json->broken || !safe;
		free(safe);
	}
	if (!out || fclose(out) || !whole)
		json->broken = true;
	else
		add(json, parent, key, json_object_new_string(whole));
	free(whole);
	free(copy);
}

void nest_json_format(struct nest_json *json, struct json_object *parent, const char *key,
		      const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = nest_escape_format(fmt, args);
	va_end(args);
	json->broken |= !text;
	nest_json_string(json, parent, key, text);
	free(text);
}

void nest_json_number(struct nest_json *json, struct json_object *parent, const char *key,
		      int64_t number)
{
	add(json, parent, key, json_object_new_int64(number));
}

void nest_json_bool(struct nest_json *json, struct json_object *parent, const char *key, bool truth)
{
	add(json, parent, key, json_object_new_boolean(truth));
}

void nest_json_hex(struct nest_json *json, struct json_object *parent, const char *key,
		   uint64_t value)
{
	nest_json_format(json, parent, key, "0x%llx", (unsigned long long)value);
}

void nest_json_null(struct nest_json *json, struct json_object *parent, const char *key)
{
	if (!parent || json_object_object_add(parent, key, NULL))
		json->broken = true;
}

void nest_json_errno(struct nest_json *json, struct json_object *parent, const char *key, int err)
{
	const char *name = nest_errno_name(abs(err));

	if (err && !strcmp(name, "UNKNOWN"))
		nest_json_format(json, parent, key, "%d", abs(err));
	else if (err)
		nest_json_string(json, parent, key, name);
}

struct json_object *nest_json_status(struct nest_json *json, struct json_object *parent,
				     const char *key, enum nest_tri status, const char *gate,
				     const char *reason)
{
	struct json_object *object = nest_json_object(json, parent, key);

	nest_json_string(json, object, "status", nest_tri_name(status));
	nest_json_string(json, object, "gate", gate);
	nest_json_string(json, object, "reason", reason);
	return object;
}

void nest_json_unit(struct nest_json *json, struct json_object *parent, const char *key,
		    const struct nest_unit *unit)
{
	struct json_object *object = nest_json_object(json, parent, key);
	size_t i;

	nest_json_string(json, object, "name", unit->name);
	nest_json_string(json, object, "kind", unit->hw->name);
	nest_json_string(json, object, "version", unit->version);
	if (unit->have_address)
		nest_json_hex(json, object, "address", unit->address);
	for (i = 0; i < unit->hw->nregisters; i++)
		if (unit->values.known >> i & 1)
			nest_json_hex(json, object, unit->hw->registers[i].name,
				      unit->values.reg[i]);
	nest_json_number(json, object, "devices", (int64_t)unit->ndevices);
	nest_json_status(json, object, "nesting", unit->nesting, unit->gate, unit->reason);
}

void nest_json_regions(struct nest_json *json, struct json_object *parent,
		       const struct nest_group *group)
{
	struct json_object *array;
	size_t i;

	if (!group->have_regions && !group->nregions)
		return;
	array = nest_json_array(json, parent, "reserved_regions");
	for (i = 0; i < group->nregions; i++) {
		struct json_object *region = nest_json_object(json, array, NULL);

		nest_json_hex(json, region, "start", group->regions[i].start);
		nest_json_hex(json, region, "last", group->regions[i].last);
		nest_json_string(json, region, "type", group->regions[i].name);
	}
}

struct json_object *nest_json_device(struct nest_json *json, struct json_object *parent,
				     const char *key, const struct nest_device *dev)
{
	const struct nest_unit *unit = nest_device_unit(json->model, dev);
	const struct nest_stim_ops *stim = nest_stim_of(dev, NULL);
	struct json_object *object = nest_json_object(json, parent, key);

	nest_json_string(json, object, "address", dev->name);
	nest_json_string(json, object, "bus", dev->bus_name);
	if (dev->have_ids) {
		nest_json_format(json, object, "vendor", "0x%04x", dev->vendor);
		nest_json_format(json, object, "device", "0x%04x", dev->device);
		nest_json_format(json, object, "class", "0x%06x", dev->pci_class);
	}
	nest_json_string(json, object, "class_name", dev->class_name);
	if (dev->vendor_name && dev->model_name)
		nest_json_format(json, object, "name", "%s %s", dev->vendor_name, dev->model_name);
	else
		nest_json_string(json, object, "name", dev->vendor_name);
	/* No driver is null; an unknown one is absent. */
	if (dev->driver)
		nest_json_string(json, object, "driver", dev->driver);
	else if (dev->have_uevent)
		nest_json_null(json, object, "driver");
	if (unit)
		nest_json_string(json, object, "iommu", unit->name);
	if (stim)
		nest_json_string(json, object, "stimulus", stim->name);
	if (dev->have_uevent)
		nest_json_bool(json, object, "blocks_user_space", dev->blocks);
	return object;
}

struct json_object *nest_json_group(struct nest_json *json, struct json_object *parent,
				    const char *key, const struct nest_group *group)
{
	const struct nest_model *model = json->model;
	const struct nest_unit *unit = nest_group_unit(model, group);
	struct json_object *object = nest_json_object(json, parent, key);
	struct json_object *viable, *array;
	const struct nest_device *dev;
	char why[80] = "";

	if (group->rmrr)
		snprintf(why, sizeof(why), "firmware demands a 1:1 mapping (%s)",
			 nest_hw_reserved(unit ? unit->hw : NULL));
	nest_json_number(json, object, "id", group->id);
	nest_json_string(json, object, "type", group->type);
	if (unit)
		nest_json_string(json, object, "iommu", unit->name);
	viable = nest_json_status(json, object, "viable", group->viable, NULL, *why ? why : NULL);
	array = nest_json_array(json, viable, "blockers");
	nest_for_each_member (model, group, dev) {
		struct json_object *blocker;

		if (!dev->blocks)
			continue;
		blocker = nest_json_object(json, array, NULL);
		nest_json_string(json, blocker, "address", dev->name);
		nest_json_string(json, blocker, "driver", dev->driver);
	}
	nest_json_regions(json, object, group);
	array = nest_json_array(json, object, "devices");
	nest_for_each_member (model, group, dev)
		if (!json->list || json->list->devices[dev - model->devices])
			nest_json_device(json, array, NULL, dev);
	return object;
}

static void add_errors(struct nest_json *json)
{
	const struct nest_model *model = json->model;
	struct json_object *errors = nest_json_array(json, json->root, "errors");
	size_t i;

	for (i = 0; i < model->nproblems; i++) {
		struct json_object *error = nest_json_object(json, errors, NULL);

		nest_json_string(json, error, "where", model->problems[i].where);
		nest_json_string(json, error, "what", model->problems[i].what);
		nest_json_errno(json, error, "errno", model->problems[i].err);
	}
}

void nest_json_start(struct nest_json *json, const struct nest_run *run)
{
	struct json_object *host;

	*json = (struct nest_json){ .model = &run->model,
				    .root = json_object_new_object(),
				    .compact = run->options->compact };
	json->broken = !json->root;
	nest_json_string(json, json->root, "schema", "vfio-nestctl/1");
	nest_json_string(json, json->root, "command", run->command);
	nest_json_string(json, json->root, "tool_version", NEST_VERSION);
	host = nest_json_object(json, json->root, "host");
	nest_json_string(json, host, "kernel", run->model.host.kernel);
	nest_json_string(json, host, "machine", run->model.host.machine);
	add_errors(json);
}

int nest_json_finish(struct nest_json *json, FILE *out)
{
	const char *text;

	json->out = out;
	text = json->broken ? NULL : json_object_to_json_string_ext(json->root, form_of(json));
	if (json->broken)
		text = NULL;
	if (text)
		fprintf(out, "%s\n", text);
	json_object_put(json->root);
	return text ? 0 : -ENOMEM;
}
