// SPDX-License-Identifier: GPL-2.0-or-later
/* IOMMU units as sysfs shows them: their kind, their registers, the devices they serve. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/hw.h"
#include "inventory/inventory.h"
#include "host/source.h"
#include "host/sysfs.h"
#include "number.h"

#define CLASS "sys/class/iommu"

struct walk {
	struct nest_ctx *ctx;
	struct nest_model *model;
	struct nest_served_list *served;
	uint32_t unit;
};

static int attribute(struct walk *w, const struct nest_unit *unit, const char *attr, char *buf,
		     size_t size)
{
	char path[512];
	ssize_t len;

	snprintf(path, sizeof(path), CLASS "/%s/%s", unit->name, attr);
	len = nest_attr_read(&w->ctx->root, path, buf, size);
	if (len >= 0 && strlen(buf) != (size_t)len)
		len = -EINVAL;
	/*
	 * A missing attribute is unknown; one that exists and cannot be read is a problem.
	 */
	if (len < 0 && len != -ENOENT)
		nest_model_problem(w->model, path, "cannot be read", (int)len);
	return len < 0 ? (int)len : 0;
}

static void not_a_number(struct walk *w, const struct nest_unit *unit, const char *attr)
{
	char path[512];

	snprintf(path, sizeof(path), CLASS "/%s/%s", unit->name, attr);
	nest_model_problem(w->model, path, "is not a number", 0);
}

static bool number(struct walk *w, const struct nest_unit *unit, const char *attr, uint64_t *ret)
{
	char text[64];

	if (!attr || attribute(w, unit, attr, text, sizeof(text)))
		return false;
	if (!nest_parse_u64(text, 16, ret))
		return true;
	not_a_number(w, unit, attr);
	return false;
}

static void read_unit(struct walk *w, struct nest_unit *unit)
{
	const struct nest_hw *hw = unit->hw;
	const struct nest_hw_attr *attr;
	char text[64];

	for (attr = hw->attrs; attr && attr->file; attr++) {
		/* A part of what cannot be read as a whole is no evidence. */
		struct nest_hw_values values = unit->values;

		if (attribute(w, unit, attr->file, text, sizeof(text)))
			continue;
		if (attr->parse(text, &values))
			not_a_number(w, unit, attr->file);
		else
			unit->values = values;
	}
	unit->have_address = number(w, unit, hw->address_file, &unit->address);
	if (hw->version_file && !attribute(w, unit, hw->version_file, text, sizeof(text)))
		unit->version = nest_pool_str(&w->model->pool, text);
}

int nest_unit_judge(struct nest_model *model, struct nest_unit *unit,
		    const struct nest_hw_values *values)
{
	struct nest_hw_verdict verdict;

	nest_hw_judge(unit->hw, values, &verdict);
	unit->nesting = verdict.status;
	unit->gate = verdict.gate;
	unit->reason = nest_pool_str(&model->pool, verdict.reason);
	return unit->reason ? 0 : -ENOMEM;
}

/* Is it one of the words, which have a blank between them? NULL: there are none. */
static bool is_word_of(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (; words && *words; words += strspn(words, " ")) {
		size_t len = strcspn(words, " ");

		if (len == n && !memcmp(words, word, n))
			return true;
		words += len;
	}
	return false;
}

/*
 * The folder of attributes decides, then the driver of the device that carries the unit; a name is
 * used only where both are missing, since drivers choose names freely. virtio-iommu names its unit
 * after the PCI function or platform device below it.
 */
static const struct nest_hw *find_hw(struct walk *w, const char *name)
{
	char path[512], driver[256];
	size_t i;

	for (i = 0; i < nest_hws_count; i++) {
		if (!nest_hws[i]->folder)
			continue;
		snprintf(path, sizeof(path), CLASS "/%s/%s", name, nest_hws[i]->folder);
		if (nest_root_has(&w->ctx->root, path))
			return nest_hws[i];
	}
	snprintf(path, sizeof(path), CLASS "/%s/device/driver", name);
	if (!nest_link_name(&w->ctx->root, path, driver, sizeof(driver)))
		for (i = 0; i < nest_hws_count; i++)
			if (is_word_of(nest_hws[i]->driver, driver))
				return nest_hws[i];
	for (i = 0; i < nest_hws_count; i++)
		if (nest_hws[i]->prefix &&
		    !strncmp(name, nest_hws[i]->prefix, strlen(nest_hws[i]->prefix)))
			return nest_hws[i];
	return &nest_hw_other;
}

#define FACT "iommufd/hw_info/"

void nest_unit_keep_values(struct nest_ctx *ctx, const struct nest_unit *unit)
{
	char key[sizeof(FACT) + 64], text[32 * (NEST_HW_REGISTERS + 2)];
	size_t i, used;

	if (unit->hw->attrs || !unit->values.known ||
	    snprintf(key, sizeof(key), FACT "%s", unit->name) >= (int)sizeof(key))
		return;
	used = (size_t)snprintf(text, sizeof(text), "%s 0x%" PRIx32, unit->hw->name,
				unit->values.flags);
	for (i = 0; i < unit->hw->nregisters; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 unit->values.known >> i & 1 ? " 0x%" PRIx64 : " -",
					 unit->values.reg[i]);
	nest_source_keep_fact(&ctx->root, key, text);
}

/* What a probe was told of a unit that shows no registers in sysfs: only a report has it. */
static void recall_values(struct walk *w, struct nest_unit *unit)
{
	struct nest_hw_values values = { 0 };
	char key[sizeof(FACT) + 64], text[32 * (NEST_HW_REGISTERS + 2)], *word, *rest = text;
	const char *kept;
	uint64_t value;
	size_t i;

	if (unit->values.known || !unit->hw->from_info ||
	    snprintf(key, sizeof(key), FACT "%s", unit->name) >= (int)sizeof(key) ||
	    !nest_source_fact(&w->ctx->root, key, &kept) || !kept ||
	    snprintf(text, sizeof(text), "%s", kept) >= (int)sizeof(text))
		return;
	word = strsep(&rest, " ");
	if (strcmp(word, unit->hw->name) != 0 || !(word = strsep(&rest, " ")) ||
	    nest_parse_u64(word, 0, &value) || value > UINT32_MAX)
		return;
	values.flags = (uint32_t)value;
	for (i = 0; i < unit->hw->nregisters; i++) {
		word = strsep(&rest, " ");
		if (!word)
			return;
		if (strcmp(word, "-") != 0) {
			if (nest_parse_u64(word, 0, &value) ||
			    (unit->hw->registers[i].bits == 32 && value > UINT32_MAX))
				return;
			nest_hw_set(&values, (unsigned int)i, value);
		}
	}
	if (!rest)
		unit->values = values;
}

static int add_unit(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	struct nest_unit *unit;
	struct stat st;
	char path[512];
	int err;

	(void)type;
	snprintf(path, sizeof(path), CLASS "/%s", name);
	err = nest_root_stat(&w->ctx->root, path, &st);
	if (err) {
		nest_model_problem(w->model, path,
				   err == -ENOENT || err == -ELOOP ? "is a broken link"
								   : "cannot be read",
				   err);
		return 0;
	}
	unit = nest_array_add((void **)&w->model->units, w->model->nunits, sizeof(*unit));
	if (!unit)
		return -ENOMEM;
	unit->name = nest_pool_str(&w->model->pool, name);
	if (!unit->name)
		return -ENOMEM;
	unit->hw = find_hw(w, name);
	read_unit(w, unit);
	recall_values(w, unit);
	w->model->nunits++;
	return nest_unit_judge(w->model, unit, &unit->values);
}

static int add_served(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	struct nest_served *served =
		nest_array_add((void **)&w->served->at, w->served->count, sizeof(*served));

	(void)type;
	if (!served)
		return -ENOMEM;
	served->name = nest_pool_str(&w->model->pool, name);
	if (!served->name)
		return -ENOMEM;
	served->unit = w->unit;
	w->served->count++;
	return 0;
}

static int by_pointer(const void *a, const void *b)
{
	uintptr_t pa = (uintptr_t)((const struct nest_served *)a)->name;
	uintptr_t pb = (uintptr_t)((const struct nest_served *)b)->name;

	return pa < pb ? -1 : pa > pb;
}

struct nest_served *nest_served_find(const struct nest_served_list *served, const char *pooled)
{
	struct nest_served key = { .name = pooled };

	if (!served->count)
		return NULL;
	return bsearch(&key, served->at, served->count, sizeof(key), by_pointer);
}

/* dmar2 before dmar10: the number at the end counts, the rest is text. */
static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct nest_unit *)a)->name, ((const struct nest_unit *)b)->name);
}

int nest_units_gather(struct nest_ctx *ctx, struct nest_model *model,
		      struct nest_served_list *ret_served)
{
	struct walk w = { .ctx = ctx, .model = model, .served = ret_served };
	char path[512];
	int err = nest_dir_each(&ctx->root, CLASS, add_unit, &w);

	if (err == -ENOMEM)
		return err;
	if (err && err != -ENOENT)
		nest_model_problem(model, CLASS, "cannot be listed", err);
	model->units_err = err == -ENOENT ? 0 : -err;
	if (model->nunits)
		qsort(model->units, model->nunits, sizeof(*model->units), by_name);
	for (w.unit = 0; ret_served && w.unit < model->nunits; w.unit++) {
		snprintf(path, sizeof(path), CLASS "/%s/devices", model->units[w.unit].name);
		err = nest_dir_each(&ctx->root, path, add_served, &w);
		if (err == -ENOMEM)
			return err;
	}
	if (ret_served && ret_served->count)
		qsort(ret_served->at, ret_served->count, sizeof(*ret_served->at), by_pointer);
	return 0;
}

size_t nest_units_count(const struct nest_model *model)
{
	size_t i, n = 0;

	for (i = 0; i < model->nunits; i++)
		n += !model->units[i].hw->for_tests;
	return n;
}
