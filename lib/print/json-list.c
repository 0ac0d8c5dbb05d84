// SPDX-License-Identifier: GPL-2.0-or-later
/* list as JSON: units, groups with their devices, devices without a group. */
#include "print/json.h"
#include "print/list.h"

void nest_json_inventory(struct nest_json *json)
{
	const struct nest_model *model = json->model;
	const struct nest_list *list = json->list;
	struct json_object *array;
	size_t i;

	nest_json_status(json, json->root, "iommu_present", model->iommu_present,
			 model->absent_gate, model->absent_reason);
	array = nest_json_array(json, json->root, "iommus");
	for (i = 0; i < model->nunits; i++)
		nest_json_unit(json, array, NULL, &model->units[i]);
	array = nest_json_array(json, json->root, "groups");
	for (i = 0; i < model->ngroups; i++)
		if (!list || list->groups[i] || !model->groups[i].ndevices) {
			nest_json_group(json, array, NULL, &model->groups[i]);
			nest_json_pack(json, array, NULL);
		}
	array = nest_json_array(json, json->root, "ungrouped_devices");
	for (i = 0; i < model->ndevices; i++)
		if (model->devices[i].group == NEST_NONE && (!list || list->devices[i])) {
			nest_json_device(json, array, NULL, &model->devices[i]);
			nest_json_pack(json, array, NULL);
		}
}

int nest_json_list(FILE *out, const struct nest_run *run)
{
	struct nest_json json;

	nest_json_start(&json, run);
	json.list = run->found;
	nest_json_inventory(&json);
	return nest_json_finish(&json, out);
}
