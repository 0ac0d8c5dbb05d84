// SPDX-License-Identifier: GPL-2.0-or-later
/* What sysfs has on one device, group or unit, beyond what the inventory gathers for all. */
#include "inventory/show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/sysfs.h"
#include "hw/hw.h"
#include "inventory/above.h"
#include "inventory/cdev.h"
#include "inventory/inventory.h"
#include "util.h"

#define CONFIG_MAX 4096
#define VFS_MAX	   65535 /* of SR-IOV, by the width of its fields */

struct gather {
	struct nest_ctx *ctx;
	struct nest_model *model;
	struct nest_show *show;
	char dir[512]; /* the device's, below the root */
};

static const struct word {
	const char *word, *meaning;
} domains[] = {
	{"DMA", "translated; unmapped pages are flushed from the IOMMU at once"},
	{"DMA-FQ", "translated; unmapped pages are flushed from the IOMMU later, in batches"},
	{"identity", "identity mapping: DMA of the host's drivers is not translated"},
	{"blocked", "all DMA is blocked"},
	{"unmanaged", "managed by the owner of the group, such as VFIO"},
	{"auto", "the kernel chooses when a driver binds"},
}, resets[] = {
	{"flr", "function level reset"},
	{"af_flr", "function level reset of conventional PCI"},
	{"pm", "through power state D3"},
	{"bus", "whole bus: resets the other devices of the slot too"},
	{"cxl_bus", "whole bus below a CXL port"},
	{"device_specific", "a kernel method for this device model"},
	{"acpi", "a firmware method"},
};

static const char *meaning(const struct word *words, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(words[i].word, word))
			return words[i].meaning;
	return NULL;
}

const char *nest_domain_meaning(const char *type)
{
	const char *text = type ? meaning(domains, ARRAY_SIZE(domains), type) : NULL;

	return text ? text : "a type unknown to this tool";
}

const char *nest_reset_meaning(const char *method)
{
	return meaning(resets, ARRAY_SIZE(resets), method);
}

void nest_show_clear(struct nest_show *show)
{
	free(show->virtfns);
	free(show->regs);
	nest_acpi_free(show->table);
}

void nest_show_free(struct nest_show *show)
{
	if (show)
		nest_show_clear(show);
	free(show);
}

static const char *path_in(const struct gather *g, const char *attr, char buf[768])
{
	snprintf(buf, 768, "%s/%s", g->dir, attr);
	return buf;
}

/*
 * Text of an attribute, in the pool. NULL if it does not exist, and NULL with a problem noted if
 * it cannot be read.
 */
static const char *text(struct gather *g, const char *attr)
{
	char path[768], buf[NEST_ATTR_MAX + 1];
	ssize_t len = nest_attr_read(&g->ctx->root, path_in(g, attr, path), buf, sizeof(buf));

	if (len >= 0)
		return nest_pool_str(&g->model->pool, buf);
	if (len != -ENOENT && len != -ENOTDIR)
		nest_model_problem(g->model, path, "cannot be read", (int)len);
	return NULL;
}

static const char *link_name(struct gather *g, const char *attr)
{
	char path[768], name[256];

	if (nest_link_name(&g->ctx->root, path_in(g, attr, path), name, sizeof(name)))
		return NULL;
	return nest_pool_str(&g->model->pool, name);
}

static bool is_suspended(const struct nest_show *show)
{
	return show->power && !strcmp(show->power, "suspended");
}

static void read_config(struct gather *g, bool wake)
{
	struct nest_show *show = g->show;
	uint8_t config[CONFIG_MAX];
	char path[768];
	ssize_t len;

	if (is_suspended(show) && !wake) {
		show->no_caps = "the device is suspended, and reading its config space would wake "
				"it (use --wake)";
		return;
	}
	len = nest_attr_read_raw(&g->ctx->root, path_in(g, "config", path), config, sizeof(config),
				 NULL);
	if (len < 0) {
		show->no_caps = nest_pool_printf(&g->model->pool, "cannot read config space: %s",
						 strerror((int)-len));
		return;
	}
	switch (nest_pcicaps_parse(config, (size_t)len, &show->caps)) {
	case -EINVAL:
		show->no_caps = "config space is shorter than its header";
		return;
	case -ENODEV:
		show->no_caps = "config space reads as all ones: the device does not answer";
		return;
	}
	show->have_caps = true;
	if (len == 64)
		show->no_caps = g->ctx->of_host
					? "only the header of config space is readable without "
					  "CAP_SYS_ADMIN: run as root"
					: "the capture holds only the header of config space";
	else if (len == 256 && show->caps.express == NEST_YES)
		show->no_caps = "the capture ends before the extended config space";
	else
		show->no_caps = show->caps.trouble;
}

static int find_cdev(struct gather *g)
{
	struct nest_cdev cdev;
	int err = nest_cdev_find(g->ctx, g->dir, &cdev);

	if (!err || err == -ENXIO)
		g->show->cdev_dir = nest_pool_str(&g->model->pool, cdev.entry);
	return err ? 0 : nest_node_look(g->ctx, &g->model->pool, cdev.node, &g->show->cdev);
}

/* The links virtfn0, virtfn1 ... as far as they go. */
static int find_vfs(struct gather *g)
{
	struct nest_show *show = g->show;
	char attr[32];
	uint64_t i;

	for (i = 0; show->have_vfs && i < show->vfs && i < VFS_MAX; i++) {
		const char **place;

		snprintf(attr, sizeof(attr), "virtfn%u", (unsigned int)i);
		place = nest_array_add((void **)&show->virtfns, show->nvirtfns, sizeof(*place));
		if (!place)
			return -ENOMEM;
		*place = link_name(g, attr);
		if (*place)
			show->nvirtfns++;
	}
	return 0;
}

static int gather_device(struct gather *g, bool wake)
{
	struct nest_show *show = g->show;
	const struct nest_device *dev = show->dev;
	const char *node;
	char path[768];
	uint64_t vfs;

	snprintf(g->dir, sizeof(g->dir), "sys/bus/%s/devices/%s",
		 dev->bus_name ? dev->bus_name : "", dev->name);
	if (!dev->bus_name || !nest_root_has(&g->ctx->root, g->dir)) {
		if (!show->group) {
			show->no_caps = "its folder in sysfs is not reachable";
			return 0;
		}
		snprintf(g->dir, sizeof(g->dir), "sys/kernel/iommu_groups/%u/devices/%s",
			 show->group->id, dev->name);
	}
	show->reset_methods = text(g, "reset_method");
	show->power = text(g, "power/runtime_status");
	show->driver_override = text(g, "driver_override");
	if (show->driver_override && !strcmp(show->driver_override, "(null)"))
		show->driver_override = NULL;
	show->physfn = link_name(g, "physfn");
	show->have_vfs =
		!nest_attr_read_u64(&g->ctx->root, path_in(g, "sriov_totalvfs", path), 10,
				    &show->vfs_total) &&
		!nest_attr_read_u64(&g->ctx->root, path_in(g, "sriov_numvfs", path), 10, &vfs);
	if (show->have_vfs)
		show->vfs = vfs;
	if (find_vfs(g))
		return -ENOMEM;
	if (!nest_attr_read_u64(&g->ctx->root, path_in(g, "numa_node", path), 10, &vfs)) {
		show->have_numa = true;
		show->numa_node = (int64_t)vfs;
	} else if ((node = text(g, "numa_node")) && !strcmp(node, "-1")) {
		show->have_numa = true;
		show->numa_node = -1;
	}
	if (dev->bus == NEST_BUS_PCI) {
		read_config(g, wake);
		show->behind_bridge = nest_bridge_above(g->ctx, dev->name, &show->above);
		if (show->behind_bridge == NEST_YES) {
			show->bridge = nest_pool_str(&g->model->pool, show->above.name);
			show->bridge_from_express = show->above.from_express;
		}
	}
	return find_cdev(g);
}

static int gather_group(struct gather *g)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/vfio/%u", g->show->group->id);
	if (nest_group_read_regions(g->ctx, g->model,
				    nest_model_group(g->model, g->show->group->id)) == -ENOMEM)
		return -ENOMEM;
	return nest_node_look(g->ctx, &g->model->pool, path, &g->show->node);
}

/* False also for a kind of IOMMU without such a file. */
static bool read_count(struct gather *g, const char *file, uint64_t *ret)
{
	char path[512];

	if (!file)
		return false;
	snprintf(path, sizeof(path), "sys/class/iommu/%s/%s", g->show->unit->name, file);
	return !nest_attr_read_u64(&g->ctx->root, path, 10, ret);
}

static int gather_unit(struct gather *g)
{
	struct nest_unit *unit = nest_model_unit(g->model, g->show->unit->name);
	struct nest_regs *regs = calloc(1, sizeof(*regs));

	if (!regs)
		return -ENOMEM;
	unit->have_domains = read_count(g, unit->hw->domains_file, &unit->domains) &&
			     read_count(g, unit->hw->domains_used_file, &unit->domains_used);
	if (nest_hw_decode(unit->hw, &unit->values, regs))
		g->show->regs = regs;
	else
		free(regs);
	return 0;
}

int nest_show_gather(struct nest_ctx *ctx, struct nest_model *model, bool wake,
		     struct nest_show *show)
{
	struct gather g = { .ctx = ctx, .model = model, .show = show };
	int err = 0;

	if (show->what == NEST_SHOW_DEVICE)
		err = gather_device(&g, wake);
	if (!err && show->group)
		err = gather_group(&g);
	if (!err && show->what == NEST_SHOW_UNIT)
		err = gather_unit(&g);
	return err ? err : nest_show_tables(ctx, show);
}
