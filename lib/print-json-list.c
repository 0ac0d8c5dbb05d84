// SPDX-License-Identifier: GPL-2.0-or-later
/* list as JSON: units, groups with their devices, devices without a group. */
#include "print-json.h"

static void add_group(struct nest_json *json, struct json_object *groups,
		      const struct nest_group *group)
{
	const struct nest_model *model = &json->report->model;
	const bool *shown = json->report->selection->devices;
	const struct nest_unit *unit = nest_group_unit(model, group);
	struct json_object *object = nest_json_object(json, groups, NULL);
	struct json_object *viable, *array;
	const struct nest_device *dev;

	nest_json_number(json, object, "id", group->id);
	nest_json_string(json, object, "type", group->type);
	if (unit)
		nest_json_string(json, object, "iommu", unit->name);
	viable = nest_json_status(json, object, "viable", group->viable, NULL, NULL);
	array = nest_json_array(json, viable, "blockers");
	nest_for_each_member(model, group, dev) {
		struct json_object *blocker;

		if (!dev->blocks)
			continue;
		blocker = nest_json_object(json, array, NULL);
		nest_json_string(json, blocker, "address", dev->name);
		nest_json_string(json, blocker, "driver", dev->driver);
	}
	nest_json_regions(json, object, group);
	array = nest_json_array(json, object, "devices");
	nest_for_each_member(model, group, dev)
		if (shown[dev - model->devices])
			nest_json_device(json, array, NULL, dev);
}

int nest_json_list(FILE *out, const struct nest_report *report)
{
	const struct nest_model *model = &report->model;
	struct json_object *array;
	struct nest_json json;
	size_t i;

	nest_json_start(&json, report);
	nest_json_status(&json, json.root, "iommu_present", model->iommu_present,
			 model->absent_gate, model->absent_reason);
	array = nest_json_array(&json, json.root, "iommus");
	for (i = 0; i < model->nunits; i++)
		nest_json_unit(&json, array, NULL, &model->units[i]);
	array = nest_json_array(&json, json.root, "groups");
	for (i = 0; i < model->ngroups; i++)
		if (report->selection->groups[i] || !model->groups[i].ndevices)
			add_group(&json, array, &model->groups[i]);
	array = nest_json_array(&json, json.root, "ungrouped_devices");
	for (i = 0; i < model->ndevices; i++)
		if (model->devices[i].group == NEST_NONE && report->selection->devices[i])
			nest_json_device(&json, array, NULL, &model->devices[i]);
	return nest_json_finish(&json, out);
}
