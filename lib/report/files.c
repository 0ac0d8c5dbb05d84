// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that explain a bug report and that no command needs: what the kernel was built with and
 * started with, and how the modules are set. Reading them is all; the source keeps the answers. Not
 * among them: what numbers a machine (DMI serials), and /proc/iomem, which tells nothing of
 * translation that the tables do not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "report/diff.h"
#include "report/gather.h"
#include "host/kmsg.h"
#include "host/modules.h"
#include "host/source.h"
#include "util.h"
#include "host/sysfs.h"

#define CONFIG_MAX (2u << 20)

static const char *const files[] = {
	"proc/cmdline",
	"proc/version",
	"proc/sys/kernel/osrelease",
	"proc/sys/kernel/tainted",
	"proc/sys/kernel/dmesg_restrict",
	"proc/sys/vm/max_map_count",
	"etc/os-release",
	"usr/lib/os-release",
	"sys/kernel/security/lockdown",
	"sys/hypervisor/type",
	"sys/class/dmi/id/sys_vendor",
	"sys/class/dmi/id/product_name",
	"sys/class/dmi/id/board_name",
	"sys/class/dmi/id/bios_vendor",
	"sys/class/dmi/id/bios_version",
	"sys/class/dmi/id/bios_date",
	"sys/firmware/acpi/tables/DMAR",
	"sys/firmware/acpi/tables/IVRS",
	"sys/firmware/acpi/tables/IORT",
	"sys/firmware/acpi/tables/VIOT",
};

static void ask(struct nest_ctx *ctx, const char *path)
{
	char *buf = malloc(NEST_ANSWERS_FILE_MAX);

	if (buf)
		(void)!nest_attr_read_raw(&ctx->root, path, buf, NEST_ANSWERS_FILE_MAX, NULL);
	free(buf);
}

struct walk {
	struct nest_ctx *ctx;
	const char *dir;
};

static int ask_parameter(void *data, const char *name, unsigned char type)
{
	struct walk *w = data;
	char path[512];

	(void)type;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", w->dir, name) < sizeof(path))
		ask(w->ctx, path);
	return 0;
}

/* Modules whose settings and versions bear on assignment. */
static int ask_module(void *data, const char *name, unsigned char type)
{
	static const char *const words[] = { "vfio", "iommu", "smmu", "irqbypass", "mdev" };
	static const char *const attributes[] = { "version", "srcversion", "refcnt" };
	struct walk *w = data;
	char path[320];
	size_t i;

	(void)type;
	for (i = 0; i < ARRAY_SIZE(words) && !strstr(name, words[i]); i++)
		;
	if (i == ARRAY_SIZE(words) || strlen(name) > 200)
		return 0;
	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		snprintf(path, sizeof(path), "sys/module/%s/%s", name, attributes[i]);
		ask(w->ctx, path);
	}
	snprintf(path, sizeof(path), "sys/module/%s/parameters", name);
	nest_dir_each(&w->ctx->root, path, ask_parameter, &(struct walk){ w->ctx, path });
	return 0;
}

/* Where a device and a unit really are; a tree that is made from a report is laid out by this. */
static void ask_places(struct nest_ctx *ctx, const struct nest_model *model)
{
	char path[512], place[NEST_ANSWERS_PATH_MAX];
	size_t i;

	for (i = 0; i < model->ndevices; i++) {
		if (!model->devices[i].bus_name)
			continue;
		snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", model->devices[i].bus_name,
			 model->devices[i].name);
		(void)!nest_link_read(&ctx->root, path, place, sizeof(place));
	}
	for (i = 0; i < model->nunits; i++) {
		snprintf(path, sizeof(path), "sys/class/iommu/%s", model->units[i].name);
		(void)!nest_link_read(&ctx->root, path, place, sizeof(place));
	}
}

/* "CONFIG_IOMMUFD=m", "# CONFIG_IOMMUFD is not set" */
static bool matters(const char *line)
{
	static const char *const symbols[] = {
		"IOMMU",
		"VFIO",
		"SMMU",
		"DMAR",
		"IRQ_REMAP",
		"PCI_ATS",
		"PCI_PRI",
		"PCI_PASID",
		"PCI_IOV",
		"KVM=",
		"KVM ",
		"KVM_VFIO",
		"SWIOTLB",
		"LOCKDOWN",
		"IO_STRICT_DEVMEM",
		"X86_X2APIC",
		"AMD_MEM_ENCRYPT",
		"_SVA",
	};
	size_t i;

	if (strncmp(line, "CONFIG_", 7) && strncmp(line, "# CONFIG_", 9))
		return false;
	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		if (strstr(line, symbols[i]))
			return true;
	return false;
}

/* The symbols that matter alone: the whole file is larger than all the rest. */
static int keep_config(struct nest_ctx *ctx, const char *path)
{
	struct nest_answers *answers = ctx->root.answers;
	char *text, *kept = NULL, *line, *rest;
	size_t kept_len = 0;
	bool cut = false;
	FILE *out;
	int err;

	nest_source_pause(&ctx->root);
	rest = text = nest_file_read(&ctx->root, path, CONFIG_MAX, &cut, &err);
	nest_source_resume(&ctx->root);
	if (!text) {
		if (err != -ENOMEM)
			nest_answers_put_error(answers, NEST_ASK_READ, path, err);
		return err;
	}
	out = open_memstream(&kept, &kept_len);
	if (!out) {
		free(text);
		return -ENOMEM;
	}
	while ((line = strsep(&rest, "\n")))
		if (matters(line))
			fprintf(out, "%s\n", line);
	fclose(out);
	nest_answers_put(answers, NEST_ASK_READ, path, kept, kept_len, cut);
	free(text);
	free(kept);
	return 0;
}

/* What diff and others will want of the report: asked here as they ask. */
static int ask_as_others(struct nest_ctx *ctx)
{
	struct nest_side side = { 0 };
	struct nest_kmsg log;
	int err = nest_side_gather(ctx, "", &side);

	free(side.at);
	nest_model_free(&side.model);
	if (!err)
		err = nest_kmsg_read(ctx, &log);
	if (!err)
		nest_kmsg_free(&log);
	return err;
}

static int keep_configs(struct nest_ctx *ctx, const char *release)
{
	char path[512];
	int err;

	if (!release)
		return 0;
	snprintf(path, sizeof(path), "boot/config-%s", release);
	err = keep_config(ctx, path);
	if (!err || err == -ENOMEM)
		return err;
	snprintf(path, sizeof(path), "lib/modules/%s/config", release);
	return keep_config(ctx, path) == -ENOMEM ? -ENOMEM : 0;
}

int nest_report_ask_files(struct nest_ctx *ctx, const struct nest_model *model)
{
	struct walk w = { .ctx = ctx };
	size_t i;

	/* Before anybody reads them whole. */
	if (keep_configs(ctx, model->host.kernel) ||
	    nest_modules_keep(&ctx->root, model->host.kernel) || ask_as_others(ctx))
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		ask(ctx, files[i]);
	nest_dir_each(&ctx->root, "sys/module", ask_module, &w);
	ask_places(ctx, model);
	return 0;
}

/* A name, and the part of it before the first dot. */
struct hosts {
	char names[8][256];
	const char *at[9];
	size_t count;
};

static void add_host(struct hosts *hosts, const char *name)
{
	const char *dot = strchr(name, '.');
	char *out;

	if (hosts->count + 3 > ARRAY_SIZE(hosts->names))
		return;
	out = hosts->names[hosts->count];
	snprintf(out, sizeof(hosts->names[0]), "%s", name);
	hosts->at[hosts->count++] = out;
	if (!dot)
		return;
	out = hosts->names[hosts->count];
	snprintf(out, sizeof(hosts->names[0]), "%.*s", (int)(dot - name), name);
	hosts->at[hosts->count++] = out;
	/* "localdomain" is common; the domain of an owner is not. */
	out = hosts->names[hosts->count];
	snprintf(out, sizeof(hosts->names[0]), "%s", dot + 1);
	hosts->at[hosts->count++] = out;
}

int nest_report_redact(struct nest_ctx *ctx, struct nest_report *report)
{
	static const char *const paths[] = { "etc/hostname", "proc/sys/kernel/hostname" };
	struct hosts hosts = { 0 };
	struct utsname uts;
	char name[256];
	size_t i;

	nest_source_pause(&ctx->root);
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if (nest_attr_read(&ctx->root, paths[i], name, sizeof(name)) > 0)
			add_host(&hosts, name);
	nest_source_resume(&ctx->root);
	if (ctx->live && !uname(&uts))
		add_host(&hosts, uts.nodename);
	return nest_redact_answers(&report->redact, hosts.at, &report->answers);
}
