// SPDX-License-Identifier: GPL-2.0-or-later
/* list as JSON: units, groups with their devices, devices without a group. */
#include "print-json.h"

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
			nest_json_group(&json, array, NULL, &model->groups[i]);
	array = nest_json_array(&json, json.root, "ungrouped_devices");
	for (i = 0; i < model->ndevices; i++)
		if (model->devices[i].group == NEST_NONE && report->selection->devices[i])
			nest_json_device(&json, array, NULL, &model->devices[i]);
	return nest_json_finish(&json, out);
}
