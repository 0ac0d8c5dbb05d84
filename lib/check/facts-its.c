// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does firmware describe a GICv3 ITS? On Arm it is what isolates the interrupts of devices: an ITS
 * group of the ACPI table IORT, or a node of the device tree.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/facts.h"
#include "hw/iort.h"
#include "util.h"
#include "host/sysfs.h"

#define IORT	    "sys/firmware/acpi/tables/IORT"
#define TREE	    "sys/firmware/devicetree/base"
#define DEPTH_MAX   4
#define CONTENT_MAX 256

struct walk {
	struct nest_ctx *ctx;
	struct nest_model *model;
	struct nest_facts *facts;
	const char *folder;
	unsigned int depth;
};

/* Folders in which an ITS may be: buses, interrupt controllers, itself. */
static bool is_on_the_way(const char *name)
{
	static const char *const ways[] = { "soc", "bus", "interrupt-controller", "intc", "gic",
					    "its", "msi" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (!strncmp(name, ways[i], strlen(ways[i])))
			return true;
	return false;
}

/* Firmware says of a device that is not to be used: status = "disabled", and the like. */
static bool is_disabled(const struct walk *walk, const char *folder)
{
	char path[560], text[16] = "";

	snprintf(path, sizeof(path), "%s/status", folder);
	return nest_attr_read(&walk->ctx->root, path, text, sizeof(text)) > 0 &&
	       strncmp(text, "ok", 2) != 0;
}

static int look_at_node(void *data, const char *name, unsigned char type)
{
	struct walk *walk = data, next = *walk;
	char folder[512], path[560], text[CONTENT_MAX];
	ssize_t len;

	(void)type;
	if (!is_on_the_way(name) || walk->facts->its.path ||
	    (size_t)snprintf(folder, sizeof(folder), "%s/%s", walk->folder, name) >= sizeof(folder))
		return 0;
	snprintf(path, sizeof(path), "%s/compatible", folder);
	len = nest_attr_read_raw(&walk->ctx->root, path, text, sizeof(text), NULL);
	if (len > 0 && memmem(text, (size_t)len, "arm,gic-v3-its", strlen("arm,gic-v3-its")) &&
	    !is_disabled(walk, folder)) {
		walk->facts->its = (struct nest_fact){
			.path = nest_pool_printf(&walk->model->pool, "/%s", path),
			.value = "arm,gic-v3-its",
		};
		return walk->facts->its.path ? 0 : -ENOMEM;
	}
	next.folder = folder;
	if (++next.depth == DEPTH_MAX)
		return 0;
	return nest_dir_each(&walk->ctx->root, folder, look_at_node, &next) == -ENOMEM ? -ENOMEM
										       : 0;
}

int nest_facts_its(struct nest_ctx *ctx, struct nest_model *model, struct nest_facts *facts)
{
	struct walk walk = { .ctx = ctx, .model = model, .facts = facts, .folder = TREE };
	const struct nest_acpi_node *its = facts->iort ? nest_iort_its(facts->iort) : NULL;
	int err = 0;

	if (its)
		facts->its = (struct nest_fact){ .path = "/" IORT, .value = "an ITS group" };
	else if (nest_dir_each(&ctx->root, TREE, look_at_node, &walk) == -ENOMEM)
		err = -ENOMEM;
	return err;
}
