// SPDX-License-Identifier: GPL-2.0-or-later
/* IOMMU units as sysfs shows them: their kind, their registers, the devices they serve. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/amd.h"
#include "hw/vtd.h"
#include "inventory/inventory.h"
#include "util.h"
#include "host/sysfs.h"
#include "number.h"

#define CLASS "sys/class/iommu"

/*
 * The vendor folder decides, then the driver of the device that carries the unit; a name is only
 * believed where there is neither, since drivers choose names freely. virtio-iommu gives its unit
 * the name of the PCI function or platform device below it.
 */
static const struct kind_row {
	const char *folder, *driver, *prefix;
	enum nest_unit_kind kind;
} kinds[] = {
	{ "intel-iommu", NULL, "dmar", NEST_UNIT_VTD },
	{ "amd-iommu", NULL, "ivhd", NEST_UNIT_AMD },
	{ NULL, "arm-smmu-v3", "smmu3.", NEST_UNIT_SMMUV3 },
	{ NULL, "arm-smmu", "smmu.", NEST_UNIT_SMMU },
	{ NULL, "virtio_iommu", "virtio", NEST_UNIT_VIRTIO },
	{ NULL, NULL, "iommufd_selftest", NEST_UNIT_MOCK },
};

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
	 * One that is not there is unknown and says so; one that is there and unreadable is news.
	 */
	if (len < 0 && len != -ENOENT)
		nest_model_problem(w->model, path, "cannot be read", (int)len);
	return len < 0 ? (int)len : 0;
}

static bool number(struct walk *w, const struct nest_unit *unit, const char *attr, int base,
		   uint64_t *ret)
{
	char text[64], path[512];

	if (attribute(w, unit, attr, text, sizeof(text)))
		return false;
	if (!nest_parse_u64(text, base, ret))
		return true;
	snprintf(path, sizeof(path), CLASS "/%s/%s", unit->name, attr);
	nest_model_problem(w->model, path, "is not a number", 0);
	return false;
}

static void read_vtd(struct walk *w, struct nest_unit *unit)
{
	char text[64];

	unit->have_cap = number(w, unit, "intel-iommu/cap", 16, &unit->cap);
	unit->have_ecap = number(w, unit, "intel-iommu/ecap", 16, &unit->ecap);
	unit->have_address = number(w, unit, "intel-iommu/address", 16, &unit->address);
	if (!attribute(w, unit, "intel-iommu/version", text, sizeof(text)))
		unit->version = nest_pool_str(&w->model->pool, text);
}

/*
 * "features" is EFR alone up to 5.19, EFR2:EFR from 6.0 to 6.6, and EFR:EFR2 since. EFR has had
 * bits above 32 in every part, EFR2 none yet, so the larger of two is EFR whichever kernel wrote
 * them.
 */
static void read_amd(struct walk *w, struct nest_unit *unit)
{
	char text[64], *colon;

	if (attribute(w, unit, "amd-iommu/features", text, sizeof(text)))
		return;
	colon = strchr(text, ':');
	if (colon)
		*colon++ = '\0';
	unit->have_cap = !nest_parse_u64(text, 16, &unit->cap);
	unit->have_ecap = colon && !nest_parse_u64(colon, 16, &unit->ecap);
	if (unit->have_cap && unit->have_ecap && unit->ecap > unit->cap) {
		uint64_t efr = unit->ecap;

		unit->ecap = unit->cap;
		unit->cap = efr;
	}
	if (!unit->have_cap || (colon && !unit->have_ecap))
		nest_model_problem(w->model, unit->name, "features are not numbers", 0);
}

/* Kinds whose verdict no register decides, and what is said when the registers cannot be had. */
static const struct verdict_row {
	enum nest_unit_kind kind;
	enum nest_tri status;
	const char *gate, *reason;
} verdicts[] = {
	{ NEST_UNIT_VTD, NEST_UNKNOWN, "registers", "its capability registers could not be read" },
	{ NEST_UNIT_AMD, NEST_UNKNOWN, "registers", "its feature registers could not be read" },
	{ NEST_UNIT_SMMUV3, NEST_UNKNOWN, "registers",
	  "an SMMUv3 shows its registers only through iommufd (probe DEVICE)" },
	{ NEST_UNIT_SMMU, NEST_UNKNOWN, "kind",
	  "an SMMU before version 3 shows no registers; up to Linux 7.3 no kernel offers user "
	  "space nesting on one" },
	{ NEST_UNIT_VIRTIO, NEST_UNKNOWN, "kind",
	  "a virtio-iommu shows no registers; up to Linux 7.3 its driver offers no nesting" },
	{ NEST_UNIT_MOCK, NEST_UNKNOWN, "mock",
	  "the kernel's own mock IOMMU, for tests of iommufd; no hardware" },
	{ NEST_UNIT_OTHER, NEST_UNKNOWN, "kind", "a kind of IOMMU this tool does not know" },
};

bool nest_unit_decode(const struct nest_unit *unit, struct nest_regs *ret_regs)
{
	if (unit->kind == NEST_UNIT_VTD && unit->have_cap && unit->have_ecap)
		nest_vtd_decode(unit->cap, unit->ecap, ret_regs);
	else if (unit->kind == NEST_UNIT_AMD && unit->have_cap)
		nest_amd_decode(unit->cap, unit->have_ecap ? &unit->ecap : NULL, ret_regs);
	else
		return false;
	return true;
}

static int judge(struct nest_model *model, struct nest_unit *unit)
{
	struct nest_regs regs;
	size_t i;

	if (nest_unit_decode(unit, &regs)) {
		unit->nesting = regs.nesting.status;
		unit->gate = regs.nesting.gate;
		unit->reason = nest_pool_str(&model->pool, regs.nesting.reason);
		return unit->reason ? 0 : -ENOMEM;
	}
	for (i = 0; verdicts[i].kind != unit->kind; i++)
		;
	unit->nesting = verdicts[i].status;
	unit->gate = verdicts[i].gate;
	unit->reason = verdicts[i].reason;
	return 0;
}

static const struct kind_row *find_kind(struct walk *w, const char *name)
{
	const struct kind_row *end = kinds + ARRAY_SIZE(kinds), *row;
	char path[512], driver[256];

	for (row = kinds; row < end && row->folder; row++) {
		snprintf(path, sizeof(path), CLASS "/%s/%s", name, row->folder);
		if (nest_root_has(&w->ctx->root, path))
			return row;
	}
	snprintf(path, sizeof(path), CLASS "/%s/device/driver", name);
	if (!nest_link_name(&w->ctx->root, path, driver, sizeof(driver)))
		for (row = kinds; row < end; row++)
			if (row->driver && !strcmp(row->driver, driver))
				return row;
	for (row = kinds; row < end; row++)
		if (row->prefix && !strncmp(name, row->prefix, strlen(row->prefix)))
			return row;
	return NULL;
}

static int add_unit(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	const struct kind_row *kind;
	struct nest_unit *unit;
	struct stat st;
	char path[512];
	int err;

	(void)type;
	snprintf(path, sizeof(path), CLASS "/%s", name);
	err = nest_root_stat(&w->ctx->root, path, &st);
	if (err) {
		nest_model_problem(w->model, path, "leads nowhere", err);
		return 0;
	}
	unit = nest_array_add((void **)&w->model->units, w->model->nunits, sizeof(*unit));
	if (!unit)
		return -ENOMEM;
	unit->name = nest_pool_str(&w->model->pool, name);
	if (!unit->name)
		return -ENOMEM;
	kind = find_kind(w, name);
	unit->kind = kind ? kind->kind : NEST_UNIT_OTHER;
	if (unit->kind == NEST_UNIT_VTD)
		read_vtd(w, unit);
	else if (unit->kind == NEST_UNIT_AMD)
		read_amd(w, unit);
	w->model->nunits++;
	return judge(w->model, unit);
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
	if (model->nunits)
		qsort(model->units, model->nunits, sizeof(*model->units), by_name);
	for (w.unit = 0; w.unit < model->nunits; w.unit++) {
		snprintf(path, sizeof(path), CLASS "/%s/devices", model->units[w.unit].name);
		err = nest_dir_each(&ctx->root, path, add_served, &w);
		if (err == -ENOMEM)
			return err;
	}
	if (ret_served->count)
		qsort(ret_served->at, ret_served->count, sizeof(*ret_served->at), by_pointer);
	return 0;
}
