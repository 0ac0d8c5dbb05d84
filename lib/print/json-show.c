// SPDX-License-Identifier: GPL-2.0-or-later
/* show as JSON: a device, a group or a unit with all that is known of it. */
#include <string.h>

#include "hw/hw.h"
#include "hw/iort.h"
#include "hw/ivrs.h"
#include "inventory/inventory.h"
#include "print/json.h"
#include "inventory/show.h"
#include "host/sysfs.h"

void nest_json_node_owner(struct nest_json *json, struct json_object *object,
			  const struct nest_node *node)
{
	if (node->present != NEST_YES)
		return;
	nest_json_string(json, object, "owner", node->owner);
	nest_json_string(json, object, "group", node->group);
	nest_json_format(json, object, "mode", "%04o", (unsigned int)node->mode);
}

void nest_json_node(struct nest_json *json, struct json_object *parent, const char *key,
		    const struct nest_node *node)
{
	struct json_object *object;

	if (!node->path)
		return;
	object = nest_json_object(json, parent, key);
	nest_json_string(json, object, "path", node->path);
	nest_json_string(json, object, "present", nest_tri_name(node->present));
	nest_json_errno(json, object, "errno", node->err);
	nest_json_node_owner(json, object, node);
}

static struct json_object *add_cap(struct nest_json *json, struct json_object *parent,
				   const char *key, const struct nest_pcicap *cap)
{
	struct json_object *object = nest_json_object(json, parent, key);

	nest_json_string(json, object, "status", nest_tri_name(cap->present));
	if (cap->present == NEST_YES)
		nest_json_string(json, object, "enabled", nest_tri_name(cap->enabled));
	return object;
}

static void add_caps(struct nest_json *json, struct json_object *parent,
		     const struct nest_show *show)
{
	struct json_object *object = nest_json_object(json, parent, "config_space"), *cap;
	const struct nest_pcicaps *caps = &show->caps;
	char text[160];

	nest_json_string(json, object, "reason", show->no_caps);
	nest_json_string(json, object, "status",
			 !show->have_caps ? "unread"
			 : show->no_caps  ? "partial"
					  : "whole");
	if (!show->have_caps)
		return;
	nest_json_string(json, object, "express", nest_tri_name(caps->express));
	if (caps->express == NEST_YES)
		nest_json_string(json, object, "port_type", nest_pcicap_port_name(caps->port_type));
	nest_json_string(json, object, "flr", nest_tri_name(caps->flr));
	cap = add_cap(json, object, "ats", &caps->ats);
	if (caps->ats.present == NEST_YES)
		nest_json_number(json, cap, "queue_depth", caps->ats_queue_depth);
	cap = add_cap(json, object, "pri", &caps->pri);
	if (caps->pri.present == NEST_YES) {
		nest_json_number(json, cap, "capacity", caps->pri_capacity);
		nest_json_bool(json, cap, "response_needs_pasid", caps->pri_needs_pasid);
	}
	cap = add_cap(json, object, "pasid", &caps->pasid);
	if (caps->pasid.present == NEST_YES) {
		nest_json_number(json, cap, "bits", caps->pasid_bits);
		nest_json_bool(json, cap, "execute", caps->pasid_exec);
		nest_json_bool(json, cap, "privileged", caps->pasid_priv);
	}
	cap = add_cap(json, object, "acs", &caps->acs);
	if (caps->acs.present == NEST_YES) {
		nest_pcicap_acs_text(caps->acs_cap, caps->acs_ctl, text, sizeof(text));
		nest_json_string(json, cap, "controls", text);
	}
	cap = add_cap(json, object, "sriov", &caps->sriov);
	if (caps->sriov.present == NEST_YES) {
		nest_json_number(json, cap, "total_vfs", caps->sriov_total);
		nest_json_number(json, cap, "num_vfs", caps->sriov_num);
	}
}

static void add_resets(struct nest_json *json, struct json_object *parent, const char *methods)
{
	struct json_object *array;
	char text[NEST_ATTR_MAX + 1], *word, *rest = text;

	if (!methods)
		return;
	array = nest_json_array(json, parent, "reset_methods");
	snprintf(text, sizeof(text), "%s", methods);
	while ((word = strsep(&rest, " \n")))
		if (*word)
			nest_json_string(json, array, NULL, word);
}

static void add_vfs(struct nest_json *json, struct json_object *object,
		    const struct nest_show *show)
{
	struct json_object *array;
	size_t i;

	if (!show->have_vfs)
		return;
	nest_json_number(json, object, "vfs", (int64_t)show->vfs);
	nest_json_number(json, object, "vfs_total", (int64_t)show->vfs_total);
	array = nest_json_array(json, object, "virtual_functions");
	for (i = 0; i < show->nvirtfns; i++)
		nest_json_string(json, array, NULL, show->virtfns[i]);
}

static void add_streams(struct nest_json *json, struct json_object *object,
			const struct nest_acpi *table, const struct nest_streams *streams)
{
	if (streams->to && streams->to->number != NEST_IORT_ITS)
		nest_json_hex(json, object, "stream", streams->id);
	if (streams->have_alias)
		nest_json_hex(json, object, "alias_stream", streams->alias);
	if (!streams->root)
		return;
	nest_json_table_node(json, object, "root_complex", table, streams->root);
	nest_json_bool(json, object, "canwbs", nest_iort_canwbs(table, streams->root));
}

/* What the ACPI table of the unit's kind says of the unit or the device. */
static void add_table(struct nest_json *json, struct json_object *parent,
		      const struct nest_show *show)
{
	const struct nest_acpi *table = show->table;
	const struct nest_acpi_node *node;
	struct json_object *object, *array;
	size_t at = 0;

	if (!table && !show->table_err)
		return;
	object = nest_json_object(json, parent, "firmware");
	nest_json_string(json, object, "table", show->unit->hw->firmware->signature);
	nest_json_errno(json, object, "errno", show->table_err);
	if (!table)
		return;
	nest_json_bool(json, object, "complete", table->complete);
	if (show->described)
		nest_json_table_node(json, object, "structure", table, show->described);
	if (table->kind == &nest_acpi_ivrs && show->what == NEST_SHOW_DEVICE) {
		array = nest_json_array(json, object, "reserved");
		while ((node = nest_ivrs_reserved(table, show->segment, show->requester, &at)))
			nest_json_table_node(json, array, NULL, table, node);
	}
	if (show->described && table->kind == &nest_acpi_iort) {
		array = nest_json_array(json, object, "behind");
		for (at = 0; at < table->nnodes; at++)
			if (table->nodes[at].type && &table->nodes[at] != show->described &&
			    nest_iort_leads_to(table, &table->nodes[at], show->described))
				nest_json_table_node(json, array, NULL, table, &table->nodes[at]);
	}
	add_streams(json, object, table, &show->streams);
}

void nest_json_show_device(struct nest_json *json, struct json_object *parent, const char *key,
			   const struct nest_show *show)
{
	const struct nest_device *dev = show->dev;
	struct json_object *object = nest_json_device(json, parent, key, dev);

	if (dev->have_ids) {
		nest_json_format(json, object, "subsystem_vendor", "0x%04x", dev->subvendor);
		nest_json_format(json, object, "subsystem_device", "0x%04x", dev->subdevice);
	}
	nest_json_string(json, object, "driver_override", show->driver_override);
	if (show->have_numa && show->numa_node >= 0)
		nest_json_number(json, object, "numa_node", show->numa_node);
	nest_json_string(json, object, "power", show->power);
	nest_json_string(json, object, "physical_function", show->physfn);
	add_vfs(json, object, show);
	add_resets(json, object, show->reset_methods);
	nest_json_node(json, object, "cdev", &show->cdev);
	if (dev->bus == NEST_BUS_PCI)
		add_caps(json, object, show);
	add_table(json, object, show);
}

struct json_object *nest_json_registers(struct nest_json *json, struct json_object *parent,
					const char *key, const char *name,
					const struct nest_regs *regs)
{
	struct json_object *object = nest_json_object(json, parent, key);
	struct json_object *fields, *array;
	const struct nest_field *field;
	uint64_t raw;
	size_t i;

	nest_json_string(json, object, "kind", regs->hw->name);
	nest_json_string(json, object, "name", name);
	for (i = 0; i < regs->nregs; i++)
		if (regs->regs[i].given)
			nest_json_hex(json, object, regs->regs[i].name, regs->regs[i].value);
	fields = nest_json_object(json, object, "fields");
	nest_for_each_field (regs, field)
		if (!nest_field_value(regs, field, &raw))
			nest_json_number(json, fields, field->name, (int64_t)raw);
	nest_json_status(json, object, "nesting", regs->nesting.status, regs->nesting.gate,
			 regs->nesting.reason);
	array = nest_json_array(json, object, "explained");
	nest_for_each_field (regs, field) {
		char meaning[160];
		struct json_object *line;

		if (nest_field_meaning(regs, field, meaning, sizeof(meaning)))
			continue;
		line = nest_json_object(json, array, NULL);
		nest_json_string(json, line, "field", field->name);
		nest_json_string(json, line, "register", field->reg);
		nest_json_format(json, line, "bits", field->width > 1 ? "%u:%u" : "%u",
				 field->lsb + field->width - 1u, field->lsb);
		nest_json_string(json, line, "title", field->title);
		nest_json_string(json, line, "meaning", meaning);
	}
	array = nest_json_array(json, object, "notes");
	for (i = 0; i < regs->nnotes; i++) {
		struct json_object *note = nest_json_object(json, array, NULL);

		nest_json_string(json, note, "id", regs->notes[i].id);
		nest_json_string(json, note, "text", regs->notes[i].text);
	}
	return object;
}

int nest_json_show(FILE *out, const struct nest_run *run)
{
	const struct nest_show *show = run->found;
	struct nest_json json;
	struct json_object *group;

	nest_json_start(&json, run);
	if (show && show->what == NEST_SHOW_DEVICE)
		nest_json_show_device(&json, json.root, "device", show);
	if (show && show->group) {
		group = nest_json_group(&json, json.root, "group", show->group);
		nest_json_node(&json, group, "node", &show->node);
	}
	if (show && show->unit)
		nest_json_unit(&json, json.root, "iommu", show->unit);
	if (show && show->what == NEST_SHOW_UNIT)
		add_table(&json, json.root, show);
	if (show && show->regs)
		nest_json_registers(&json, json.root, "registers", show->unit->name, show->regs);
	return nest_json_finish(&json, out);
}
