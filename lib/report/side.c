// SPDX-License-Identifier: GPL-2.0-or-later
/* What one side of a comparison says of itself. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/diff.h"
#include "hw/dmar.h"
#include "hw/hw.h"
#include "inventory/inventory.h"
#include "check/rules.h"
#include "host/answers.h"
#include "util.h"
#include "host/sysfs.h"

#define TABLES "sys/firmware/acpi/tables"

struct walk {
	struct nest_ctx *ctx;
	struct nest_side *side;
	const char *module;
	int err;
};

static int state(struct nest_side *side, enum nest_topic topic, const char *subject,
		 const char *value)
{
	return nest_side_state(side, topic, subject, value, 0);
}

/* One attribute as a statement; one that cannot be read leaves the side blind. */
static int state_file(struct nest_ctx *ctx, struct nest_side *side, enum nest_topic topic,
		      const char *subject, const char *path)
{
	char text[NEST_ATTR_MAX + 1];
	ssize_t len = nest_attr_read(&ctx->root, path, text, sizeof(text));

	if (len < 0) {
		side->blind[topic] = true;
		return 0;
	}
	return state(side, topic, subject, text);
}

/* ---- firmware ---- */

static const char *flags_of(struct nest_side *side, uint8_t flags)
{
	const struct nest_acpi_word *flag;
	char text[200] = "";

	for (flag = nest_dmar_flags(); flag->value; flag++)
		if (flags & flag->value && strlen(text) + strlen(flag->id) + 2 < sizeof(text))
			strcat(strcat(text, *text ? " " : ""), flag->id);
	return nest_pool_str(&side->model.pool, *text ? text : "none");
}

static int state_rmrrs(struct nest_side *side, const struct nest_dmar *dmar)
{
	size_t i, j;
	int err = 0;

	for (i = 0; !err && i < dmar->nentries; i++) {
		const struct nest_dmar_entry *entry = &dmar->entries[i];
		const struct nest_dmar_scope *scopes = nest_dmar_entry_scopes(dmar, entry);
		char where[64], name[80], size[32];

		if (entry->type != NEST_DMAR_RMRR || !entry->decoded)
			continue;
		for (j = 0; !err && j < entry->nscopes; j++) {
			nest_dmar_scope_format(&scopes[j], where, sizeof(where));
			snprintf(name, sizeof(name), "%04x:%s", entry->segment, where);
			snprintf(size, sizeof(size), "%llu KiB",
				 (unsigned long long)(entry->rmrr.end - entry->rmrr.base + 1) /
					 1024);
			if (!err)
				err = state(side, NEST_TOPIC_RMRR, name, size);
		}
	}
	return err;
}

static int state_dmar(struct nest_ctx *ctx, struct nest_side *side)
{
	uint8_t *bytes = malloc(NEST_ANSWERS_FILE_MAX);
	struct nest_dmar *dmar = NULL;
	bool cut = false;
	ssize_t len;
	int err = 0;

	if (!bytes)
		return -ENOMEM;
	len = nest_attr_read_raw(&ctx->root, TABLES "/DMAR", bytes, NEST_ANSWERS_FILE_MAX, &cut);
	if (len >= 0)
		err = nest_dmar_parse(bytes, (size_t)len, &dmar);
	if (cut || (len < 0 && len != -ENOENT))
		side->blind[NEST_TOPIC_FLAGS] = side->blind[NEST_TOPIC_RMRR] = true;
	if (!err && dmar && dmar->acpi.has_header)
		err = state(side, NEST_TOPIC_FLAGS, "DMAR", flags_of(side, dmar->flags));
	if (!err && dmar)
		err = state_rmrrs(side, dmar);
	nest_dmar_free(dmar);
	free(bytes);
	return err == -ENOMEM ? err : 0;
}

static int state_firmware(struct nest_ctx *ctx, struct nest_side *side)
{
	static const char *const tables[] = { "DMAR", "IVRS", "IORT", "VIOT" };
	char path[64];
	struct stat st;
	size_t i;
	int err = 0, found;

	for (i = 0; !err && i < ARRAY_SIZE(tables); i++) {
		snprintf(path, sizeof(path), TABLES "/%s", tables[i]);
		found = nest_root_stat(&ctx->root, path, &st);
		if (!found)
			err = state(side, NEST_TOPIC_TABLE, tables[i], "present");
		else if (found != -ENOENT)
			side->blind[NEST_TOPIC_TABLE] = true;
	}
	/* Hidden from a container, all are absent: that is no statement about the firmware. */
	if (nest_root_stat(&ctx->root, TABLES, &st))
		side->blind[NEST_TOPIC_TABLE] = side->blind[NEST_TOPIC_FLAGS] =
			side->blind[NEST_TOPIC_RMRR] = true;
	if (!err)
		err = state_dmar(ctx, side);
	if (!err)
		err = state_file(ctx, side, NEST_TOPIC_FIRMWARE, "",
				 "sys/class/dmi/id/bios_version");
	if (!err)
		err = state_file(ctx, side, NEST_TOPIC_MACHINE, "",
				 "sys/class/dmi/id/product_name");
	return err;
}

/* ---- kernel ---- */

/* Word by word, "key" and "value"; words that come with every boot are left out. */
static int state_cmdline(struct nest_ctx *ctx, struct nest_side *side)
{
	char text[NEST_ATTR_MAX + 1], *word, *rest = text, *equals;
	ssize_t len = nest_attr_read(&ctx->root, "proc/cmdline", text, sizeof(text));
	int err = 0;

	if (len < 0) {
		side->blind[NEST_TOPIC_CMDLINE] = true;
		return 0;
	}
	/* What is behind "--" is not for the kernel. */
	while (!err && (word = strsep(&rest, " \t\n")) && strcmp(word, "--")) {
		equals = strchr(word, '=');
		if (equals)
			*equals++ = '\0';
		if (*word && strcmp(word, "BOOT_IMAGE"))
			err = state(side, NEST_TOPIC_CMDLINE, word, equals ? equals : "set");
	}
	return err;
}

static int state_parameter(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	char path[600], subject[300], text[NEST_ATTR_MAX + 1];

	(void)type;
	if (strlen(name) > 200)
		return 0;
	snprintf(path, sizeof(path), "sys/module/%s/parameters/%s", w->module, name);
	if (nest_attr_read(&w->ctx->root, path, text, sizeof(text)) < 0)
		return 0;
	snprintf(subject, sizeof(subject), "%.90s.%s", w->module, name);
	w->err = state(w->side, NEST_TOPIC_PARAMETER, subject, text);
	return w->err;
}

static int state_module(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	char path[200];

	(void)type;
	if ((!strstr(name, "vfio") && !strstr(name, "iommu") && !strstr(name, "smmu")) ||
	    strlen(name) > 90)
		return 0;
	w->err = state(w->side, NEST_TOPIC_MODULE, name, "present");
	if (w->err)
		return w->err;
	w->module = name;
	snprintf(path, sizeof(path), "sys/module/%s/parameters", name);
	nest_dir_each(&w->ctx->root, path, state_parameter, w);
	return w->err;
}

static int state_modules(struct nest_ctx *ctx, struct nest_side *side)
{
	struct walk w = { .ctx = ctx, .side = side };

	if (nest_dir_each(&ctx->root, "sys/module", state_module, &w) < 0)
		side->blind[NEST_TOPIC_MODULE] = side->blind[NEST_TOPIC_PARAMETER] = true;
	return w.err;
}

/* ---- the model ---- */

/* "0x1c0000c40660462 0x7e3ff0505e" */
static void registers_text(const struct nest_unit *unit, char *text, size_t size)
{
	size_t used = 0, i;

	*text = '\0';
	for (i = 0; i < unit->hw->nregisters && used < size; i++)
		if (unit->values.known >> i & 1)
			used += (size_t)snprintf(text + used, size - used, "%s0x%llx",
						 used ? " " : "",
						 (unsigned long long)unit->values.reg[i]);
}

static int state_units(struct nest_side *side)
{
	struct nest_model *model = &side->model;
	char text[400];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < model->nunits; i++) {
		const struct nest_unit *unit = &model->units[i];

		err = state(side, NEST_TOPIC_UNIT, unit->name, unit->hw->name);
		snprintf(text, sizeof(text), unit->gate ? "%s (%s)" : "%s",
			 nest_tri_name(unit->nesting), unit->gate);
		if (!err)
			err = state(side, NEST_TOPIC_UNIT_NESTING, unit->name, text);
		registers_text(unit, text, sizeof(text));
		if (!err)
			err = state(side, NEST_TOPIC_UNIT_REGISTERS, unit->name,
				    *text ? text : NULL);
	}
	return err;
}

static const char *members_of(const struct nest_model *model, const struct nest_group *group,
			      char *text, size_t size)
{
	const struct nest_device *dev;
	size_t used = 0;

	text[0] = '\0';
	nest_for_each_member (model, group, dev) {
		if (used + strlen(dev->name) + 16 > size) {
			snprintf(text + used, size - used, " and more");
			break;
		}
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "",
					 dev->name);
	}
	return text;
}

static const char *regions_of(const struct nest_group *group, char *text, size_t size)
{
	size_t used = 0, i;

	snprintf(text, size, "none");
	for (i = 0; i < group->nregions && used + 64 < size; i++)
		used += (size_t)snprintf(
			text + used, size - used, "%s0x%llx-0x%llx %s", used ? ", " : "",
			(unsigned long long)group->regions[i].start,
			(unsigned long long)group->regions[i].last, group->regions[i].name);
	return text;
}

static int state_group(struct nest_side *side, const struct nest_device *dev)
{
	const struct nest_group *group = nest_device_group(&side->model, dev);
	size_t set = (size_t)dev->group + 1;
	char text[2000];
	int err;

	if (!group)
		return nest_side_state(side, NEST_TOPIC_MEMBERS, dev->name, "no group", 0);
	err = nest_side_state(side, NEST_TOPIC_MEMBERS, dev->name,
			      members_of(&side->model, group, text, sizeof(text)), set);
	if (!err)
		err = nest_side_state(
			side, NEST_TOPIC_VIABLE, dev->name,
			group->viable == NEST_UNKNOWN ? NULL : nest_tri_name(group->viable), set);
	if (!err)
		err = nest_side_state(side, NEST_TOPIC_TYPE, dev->name, group->type, set);
	if (!err)
		err = nest_side_state(
			side, NEST_TOPIC_REGIONS, dev->name,
			group->have_regions ? regions_of(group, text, sizeof(text)) : NULL, set);
	return err;
}

static int state_devices(struct nest_side *side)
{
	struct nest_model *model = &side->model;
	char ids[32];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < model->ndevices; i++) {
		const struct nest_device *dev = &model->devices[i];
		const struct nest_unit *unit = nest_device_unit(model, dev);

		snprintf(ids, sizeof(ids), "%04x:%04x", dev->vendor, dev->device);
		err = state(side, NEST_TOPIC_DEVICE, dev->name, dev->have_ids ? ids : "present");
		if (!err)
			err = state(side, NEST_TOPIC_DRIVER, dev->name,
				    dev->driver	       ? dev->driver
				    : dev->have_uevent ? "none"
						       : NULL);
		if (!err)
			err = state(side, NEST_TOPIC_DEVICE_UNIT, dev->name,
				    unit ? unit->name : "none");
		if (!err)
			err = state_group(side, dev);
	}
	return err;
}

/*
 * What check says of the host for nesting, rule by rule. What passes and what is not known tell
 * nothing of a change.
 */
static int state_findings(struct nest_ctx *ctx, struct nest_side *side)
{
	const struct nest_facts_wanted nobody = { 0 };
	struct nest_facts facts;
	const struct nest_rules_input in = {
		.model = &side->model,
		.facts = &facts,
		.purpose = NEST_FOR_NESTED,
	};
	struct nest_check check = { 0 };
	char subject[200];
	size_t i;
	int err = nest_facts_gather(ctx, &side->model, &nobody, &facts);

	if (!err)
		err = nest_rules_run(&in, "nested", &check);
	for (i = 0; !err && i < check.nfindings; i++) {
		const struct nest_finding *finding = &check.findings[i];

		snprintf(subject, sizeof(subject), "%s%s%.100s", finding->id,
			 *finding->subject ? " " : "", finding->subject);
		if (finding->result == NEST_RESULT_FAIL || finding->result == NEST_RESULT_WARN)
			err = state(side, NEST_TOPIC_FINDING, subject, finding->summary);
	}
	nest_check_free(&check);
	nest_facts_free(&facts);
	return err;
}

int nest_side_gather(struct nest_ctx *ctx, const char *name, struct nest_side *side)
{
	struct nest_model *model = &side->model;
	int err;

	side->name = name;
	err = nest_inventory_gather(ctx, NEST_WANT_REGIONS | NEST_WANT_USUAL, model);
	if (err)
		return err;
	err = state(side, NEST_TOPIC_IOMMU, "",
		    model->iommu_present == NEST_UNKNOWN ? NULL
							 : nest_tri_name(model->iommu_present));
	side->blind[NEST_TOPIC_KERNEL] = !model->host.kernel;
	if (!err && model->host.kernel)
		err = state(side, NEST_TOPIC_KERNEL, "", model->host.kernel);
	if (!err)
		err = state_firmware(ctx, side);
	if (!err)
		err = state_cmdline(ctx, side);
	if (!err)
		err = state_modules(ctx, side);
	if (!err)
		err = state_units(side);
	if (!err)
		err = state_devices(side);
	if (!err)
		err = state_findings(ctx, side);
	return err;
}
