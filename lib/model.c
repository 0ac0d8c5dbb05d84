// SPDX-License-Identifier: GPL-2.0-or-later
/* Look-ups in the model, and its end. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "pciaddr.h"

void nest_model_free(struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->ngroups; i++)
		free(model->groups[i].regions);
	free(model->units);
	free(model->groups);
	free(model->devices);
	free(model->problems);
	nest_pool_free(&model->pool);
	memset(model, 0, sizeof(*model));
}

void nest_model_problem(struct nest_model *model, const char *where, const char *what, int err)
{
	struct nest_problem *problem =
		nest_array_add((void **)&model->problems, model->nproblems, sizeof(*problem));

	if (!problem)
		return;
	problem->where = nest_pool_str(&model->pool, *where ? where : "''");
	problem->what = nest_pool_str(&model->pool, what);
	problem->err = err < 0 ? -err : err;
	if (problem->where && problem->what)
		model->nproblems++;
}

static int compare_id(const void *key, const void *element)
{
	uint64_t id = *(const uint64_t *)key;
	const struct nest_group *group = element;

	return id < group->id ? -1 : id > group->id;
}

struct nest_group *nest_model_group(const struct nest_model *model, uint64_t id)
{
	if (!model->ngroups)
		return NULL;
	return bsearch(&id, model->groups, model->ngroups, sizeof(*model->groups), compare_id);
}

struct nest_device *nest_model_device(const struct nest_model *model, const char *name)
{
	struct nest_pciaddr addr;
	char text[NEST_PCIADDR_MAX];
	size_t i;

	if (!nest_pciaddr_parse(name, &addr)) {
		nest_pciaddr_format(&addr, text);
		name = text;
	}
	for (i = 0; i < model->ndevices; i++)
		if (!strcmp(model->devices[i].name, name))
			return &model->devices[i];
	return NULL;
}

struct nest_unit *nest_model_unit(const struct nest_model *model, const char *name)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (!strcmp(model->units[i].name, name))
			return &model->units[i];
	return NULL;
}

const struct nest_unit *nest_device_unit(const struct nest_model *model,
					 const struct nest_device *dev)
{
	return dev->unit == NEST_NONE ? NULL : &model->units[dev->unit];
}

const struct nest_group *nest_device_group(const struct nest_model *model,
					   const struct nest_device *dev)
{
	return dev->group == NEST_NONE ? NULL : &model->groups[dev->group];
}

const struct nest_region *nest_group_region(const struct nest_group *group,
					    enum nest_region_type type)
{
	size_t i;

	for (i = 0; i < group->nregions; i++)
		if (group->regions[i].type == type)
			return &group->regions[i];
	return NULL;
}

const struct nest_unit *nest_group_unit(const struct nest_model *model,
					const struct nest_group *group)
{
	const struct nest_device *dev;
	const struct nest_unit *unit = NULL;

	nest_for_each_member (model, group, dev) {
		if (unit && nest_device_unit(model, dev) != unit)
			return NULL;
		unit = nest_device_unit(model, dev);
		if (!unit)
			return NULL;
	}
	return unit;
}

const struct nest_hw *nest_group_hw(const struct nest_model *model, const struct nest_group *group)
{
	const struct nest_unit *unit = nest_group_unit(model, group);

	return unit ? unit->hw : NULL;
}
