// SPDX-License-Identifier: GPL-2.0-or-later
/* IOMMU groups as sysfs shows them: number, domain type, reserved regions. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/inventory.h"
#include "util.h"
#include "host/held.h"
#include "host/sysfs.h"
#include "number.h"

#define GROUPS	 "sys/kernel/iommu_groups"
#define TYPE_MAX 64

struct walk {
	struct nest_ctx *ctx;
	struct nest_model *model;
	struct nest_held held;
	bool types; /* are wanted */
};

static const struct region_word {
	const char *word;
	enum nest_region_type type;
} region_words[] = {
	{ "direct", NEST_REGION_DIRECT },
	{ "direct-relaxable", NEST_REGION_DIRECT_RELAXABLE },
	{ "reserved", NEST_REGION_RESERVED },
	{ "msi", NEST_REGION_MSI },
};

const char *nest_region_meaning(enum nest_region_type type)
{
	switch (type) {
	case NEST_REGION_DIRECT:
		return "the firmware reserves this memory for the device, so the kernel refuses "
		       "to assign it";
	case NEST_REGION_DIRECT_RELAXABLE:
		return "the firmware needs a 1:1 mapping at boot only; the device can be assigned";
	case NEST_REGION_RESERVED:
		return "no mapping is allowed here";
	case NEST_REGION_MSI:
		return "interrupt window: no mapping is allowed here";
	case NEST_REGION_OTHER:
		break;
	}
	return "unknown kind of region: keep mappings out of it";
}

static int read_type(struct walk *w, const char *name, struct nest_group *group)
{
	char file[NAME_MAX + sizeof("/type")], path[sizeof(GROUPS) + sizeof(file)];
	char text[NEST_ATTR_MAX + 1];
	ssize_t len;

	strcpy(stpcpy(file, name), "/type");
	len = nest_held_read(&w->ctx->root, &w->held, file, text, sizeof(text));
	if (len >= TYPE_MAX)
		len = -EFBIG;
	if (len > 0) {
		group->type = nest_pool_strn(&w->model->pool, text, (size_t)len);
		if (!group->type)
			return -ENOMEM;
	} else if (len != -ENOENT) {
		/* Kernels before about 4.20 have no such file: not known, and no problem. */
		snprintf(path, sizeof(path), GROUPS "/%s", file);
		nest_model_problem(w->model, path, len ? "cannot be read" : "is empty", (int)len);
	}
	return 0;
}

static int add_group(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	struct nest_group *group;
	uint64_t id;

	(void)type;
	if (nest_parse_u64(name, 10, &id) || id > UINT32_MAX) {
		nest_model_problem(w->model, name, "is not a group number", 0);
		return 0;
	}
	group = nest_array_add((void **)&w->model->groups, w->model->ngroups, sizeof(*group));
	if (!group)
		return -ENOMEM;
	group->id = (uint32_t)id;
	group->first = NEST_NONE;
	if (w->types && read_type(w, name, group))
		return -ENOMEM;
	w->model->ngroups++;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	uint32_t ia = ((const struct nest_group *)a)->id, ib = ((const struct nest_group *)b)->id;

	return ia < ib ? -1 : ia > ib;
}

int nest_groups_gather(struct nest_ctx *ctx, struct nest_model *model, unsigned int want)
{
	struct walk w = { .ctx = ctx, .model = model, .types = want & NEST_WANT_TYPES };
	int err;

	nest_hold(&ctx->root, GROUPS, &w.held);
	err = nest_dir_each(&ctx->root, GROUPS, add_group, &w);
	nest_hold_release(&ctx->root, &w.held);

	if (err == -ENOMEM)
		return err;
	if (err && err != -ENOENT)
		nest_model_problem(model, GROUPS, "cannot be listed", err);
	model->groups_err = err == -ENOENT ? 0 : -err;
	nest_array_sort(model->groups, model->ngroups, sizeof(*model->groups), by_id);
	return 0;
}

int nest_groups_gather_some(struct nest_ctx *ctx, struct nest_model *model, unsigned int want,
			    const uint32_t *ids, size_t n)
{
	struct walk w = {
		.ctx = ctx,
		.model = model,
		.held.path = GROUPS,
		.types = want & NEST_WANT_TYPES,
	};
	char name[16];
	size_t i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		snprintf(name, sizeof(name), "%u", ids[i]);
		if (!nest_model_group(model, ids[i]))
			err = add_group(&w, name, 0);
		nest_array_sort(model->groups, model->ngroups, sizeof(*model->groups), by_id);
	}
	return err;
}

/* One line: "0x00000000fee00000 0x00000000feefffff msi". */
static int parse_region(struct nest_model *model, const char *line, struct nest_group *group)
{
	unsigned long long start, last;
	struct nest_region *region;
	char word[32];
	size_t i;

	if (sscanf(line, "0x%llx 0x%llx %31s", &start, &last, word) != 3 || start > last)
		return -EINVAL;
	region = nest_array_add((void **)&group->regions, group->nregions, sizeof(*region));
	if (!region)
		return -ENOMEM;
	region->start = start;
	region->last = last;
	region->name = nest_pool_str(&model->pool, word);
	if (!region->name)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(region_words); i++)
		if (!strcmp(word, region_words[i].word))
			region->type = region_words[i].type;
	group->nregions++;
	return 0;
}

bool nest_group_is_noiommu(struct nest_ctx *ctx, const struct nest_group *group)
{
	char path[64], name[64];

	snprintf(path, sizeof(path), GROUPS "/%u/name", group->id);
	return nest_attr_read(&ctx->root, path, name, sizeof(name)) > 0 &&
	       !strcmp(name, "vfio-noiommu");
}

/* Of a group in the folder of groups. */
static int read_regions(struct nest_ctx *ctx, struct nest_model *model,
			const struct nest_held *held, struct nest_group *group)
{
	char file[32], path[sizeof(GROUPS) + sizeof(file)], text[NEST_ATTR_MAX + 1], *line,
		*rest = text;
	ssize_t len;
	int err;

	if (group->have_regions || group->regions_bad || group->regions_err)
		return group->regions_bad ? -EINVAL : group->regions_err;
	snprintf(file, sizeof(file), "%u/reserved_regions", group->id);
	snprintf(path, sizeof(path), GROUPS "/%s", file);
	len = nest_held_read(&ctx->root, held, file, text, sizeof(text));
	if (len < 0) {
		if (len != -ENOENT)
			nest_model_problem(model, path, "cannot be read", (int)len);
		group->regions_err = (int)len;
		return (int)len;
	}
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		err = parse_region(model, line, group);
		if (err == -ENOMEM)
			return err;
		if (err && !group->regions_bad)
			nest_model_problem(model, path, "has an invalid line", 0);
		group->regions_bad |= err != 0;
	}
	group->have_regions = !group->regions_bad;
	return group->regions_bad ? -EINVAL : 0;
}

int nest_group_read_regions(struct nest_ctx *ctx, struct nest_model *model,
			    struct nest_group *group)
{
	const struct nest_held by_path = { .path = GROUPS };

	return read_regions(ctx, model, &by_path, group);
}

/*
 * The kernel refuses to assign a group if the firmware reserves memory for one of its devices,
 * whatever the drivers are. If the list of regions cannot be read, or has a type that a newer
 * kernel made, that is not known.
 */
static int judge_regions(struct walk *w, struct nest_group *group)
{
	int err = read_regions(w->ctx, w->model, &w->held, group);
	bool other;

	if (err == -ENOMEM)
		return err;
	group->rmrr = nest_group_region(group, NEST_REGION_DIRECT);
	other = nest_group_region(group, NEST_REGION_OTHER);
	if (group->rmrr)
		group->viable = NEST_NO;
	else if ((other || (err && err != -ENOENT)) && group->viable == NEST_YES)
		group->viable = NEST_UNKNOWN; /* no such file before 4.11: the drivers decide */
	return 0;
}

int nest_groups_judge(struct nest_ctx *ctx, struct nest_model *model, unsigned int want)
{
	struct walk w = { .ctx = ctx, .model = model };
	size_t i;
	int err = 0;

	if (model->ngroups)
		nest_hold(&ctx->root, GROUPS, &w.held);
	for (i = 0; !err && i < model->ngroups; i++) {
		struct nest_group *group = &model->groups[i];

		if (want & NEST_WANT_REGIONS ||
		    (want & NEST_WANT_VIABLE && group->viable == NEST_YES))
			err = judge_regions(&w, group);
		else if (group->viable == NEST_YES)
			group->viable = NEST_UNKNOWN;
	}
	nest_hold_release(&ctx->root, &w.held);
	return err;
}
