// SPDX-License-Identifier: GPL-2.0-or-later
/* list as JSON: units, groups with their devices, devices without a group. */
#include "print/json.h"
#include "print/list.h"

static void add_group(struct nest_json *json, struct json_object *groups, const void *data,
		      size_t i)
{
	const struct nest_group *group = &json->model->groups[i];

	(void)data;
	if (!json->list || json->list->groups[i] || !group->ndevices)
		nest_json_group(json, groups, NULL, group);
}

static void add_ungrouped(struct nest_json *json, struct json_object *devices, const void *data,
			  size_t i)
{
	const struct nest_device *dev = &json->model->devices[i];

	(void)data;
	if (dev->group == NEST_NONE && (!json->list || json->list->devices[i]))
		nest_json_device(json, devices, NULL, dev);
}

void nest_json_inventory(struct nest_json *json)
{
	const struct nest_model *model = json->model;
	struct json_object *array;
	size_t i;

	nest_json_status(json, json->root, "iommu_present", model->iommu_present,
			 model->absent_gate, model->absent_reason);
	array = nest_json_array(json, json->root, "iommus");
	for (i = 0; i < model->nunits; i++)
		nest_json_unit(json, array, NULL, &model->units[i]);
	nest_json_stream(json, "groups", false, model->ngroups, add_group, NULL);
	nest_json_stream(json, "ungrouped_devices", false, model->ndevices, add_ungrouped, NULL);
}

int nest_json_list(FILE *out, const struct nest_run *run)
{
	struct nest_json json;

	nest_json_start(&json, run);
	json.list = run->found;
	nest_json_inventory(&json);
	return nest_json_finish(&json, out);
}
