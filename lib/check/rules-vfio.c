// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the modules of VFIO and iommufd, and their settings. */
#include <errno.h>
#include <string.h>

#include "check/rules.h"
#include "inventory/devices.h"
#include "number.h"
#include "remedy.h"

/* Modules that are not known for want of one file are one finding for people. */
#define UNLISTED "cannot determine which modules of VFIO this kernel has: %s: %s"

/* A device bound to a driver of the module proves that the module is there. */
static const struct nest_device *user_of(const struct nest_judge *judge, enum nest_module module)
{
	const struct nest_model *model = judge->in->model;
	size_t i;

	for (i = 0; i < model->ndevices; i++) {
		const char *driver = model->devices[i].driver;

		if ((module == NEST_MODULE_VFIO && nest_driver_is_vfio(driver)) ||
		    (module == NEST_MODULE_VFIO_PCI && driver && !strcmp(driver, "vfio-pci")))
			return &model->devices[i];
	}
	return NULL;
}

/* Built as a module: another package of the distribution has it. */
static bool built_as_module(const struct nest_judge *judge, enum nest_module module)
{
	enum nest_symbol symbol = nest_module_symbol(module);

	return symbol < NEST_SYMBOLS && judge->in->facts->symbols[symbol] == 'm';
}

static void judge_module(struct nest_judge *judge, enum nest_module module, const char *remedy)
{
	enum nest_module_state state = judge->in->facts->modules[module];
	const struct nest_device *user =
		state == NEST_MODULE_UNKNOWN ? user_of(judge, module) : NULL;
	const struct nest_fact *seen = &judge->in->facts->module_seen[module];
	const char *name = nest_module_name(module);

	if (user) {
		nest_judge_say(judge, NEST_RESULT_PASS, "%s is in this kernel: %s is bound to %s",
			       name, user->name, user->driver);
		nest_judge_saw(judge, nest_judge_text(judge, "driver of %s", user->name),
			       user->driver, 0);
		return;
	}
	if (state == NEST_MODULE_MISSING && built_as_module(judge, module))
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "%s was built as a module of this kernel, and is not installed",
			       name);
	else if (state == NEST_MODULE_MISSING)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "this kernel has no %s, neither built in nor as a module", name);
	else if (state == NEST_MODULE_UNKNOWN)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether this kernel has %s: %s: %s", name,
			       seen->path, strerror(seen->err));
	else
		nest_judge_say(judge,
			       state == NEST_MODULE_UNLISTED ? NEST_RESULT_WARN : NEST_RESULT_PASS,
			       "%s: %s", name, nest_module_state_name(state));
	nest_judge_saw(judge, nest_judge_text(judge, "module %s", name),
		       nest_module_state_name(state), 0);
	nest_judge_saw_fact(judge, seen);
	if (state == NEST_MODULE_MISSING && built_as_module(judge, module))
		nest_judge_remedy(judge, "install the rest of the kernel's modules "
					 "(linux-modules-extra, kernel-modules)");
	else if (state == NEST_MODULE_MISSING)
		nest_judge_remedy(judge, "%s", remedy);
	else if (state == NEST_MODULE_UNKNOWN) {
		nest_judge_remedy(judge, "look on the host itself");
		nest_judge_cause(judge, UNLISTED, seen->path, strerror(seen->err));
		nest_judge_command(judge, NEST_CMD_MODINFO, name);
	} else if (state == NEST_MODULE_LOADABLE) {
		nest_judge_remedy(judge, "load it");
		nest_judge_command(judge, NEST_CMD_LOAD("{}"), name);
	} else if (state == NEST_MODULE_UNLISTED) {
		nest_judge_remedy(judge, "rebuild the list of modules, and load it");
		nest_judge_command(judge, NEST_CMD_DEPMOD, name);
	}
}

static void vfio_rule(struct nest_judge *judge)
{
	judge_module(judge, NEST_MODULE_VFIO,
		     "use a kernel with CONFIG_VFIO; distributions have it as the module vfio");
}

static void vfio_pci_rule(struct nest_judge *judge)
{
	judge_module(judge, NEST_MODULE_VFIO_PCI, "use a kernel with CONFIG_VFIO_PCI");
}

/* Is iommufd here, with device nodes or a container of its own? It replaces type1 only then. */
static bool iommufd_maps(const struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	size_t i;

	if (facts->modules[NEST_MODULE_IOMMUFD] != NEST_MODULE_LOADED &&
	    facts->modules[NEST_MODULE_IOMMUFD] != NEST_MODULE_BUILTIN)
		return false;
	for (i = 0; i < facts->nshows; i++)
		if (facts->shows[i]->cdev.path)
			return true;
	return facts->symbols[NEST_SYMBOL_VFIO_DEVICE_CDEV] == 'y' ||
	       facts->symbols[NEST_SYMBOL_VFIO_CONTAINER] == 'y';
}

/*
 * Devices go to user space through a container's type1 driver or through iommufd; either will do.
 */
static void type1_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (iommufd_maps(judge)) {
		nest_judge_say(judge, NEST_RESULT_PASS, "iommufd maps memory for devices (%s)",
			       nest_module_state_name(facts->modules[NEST_MODULE_IOMMUFD]));
		nest_judge_saw(judge, "module iommufd",
			       nest_module_state_name(facts->modules[NEST_MODULE_IOMMUFD]), 0);
		return;
	}
	judge_module(judge, NEST_MODULE_TYPE1,
		     "use a kernel with CONFIG_VFIO_IOMMU_TYPE1 or CONFIG_IOMMUFD");
}

/* On a kernel older than iommufd's nesting, the release is the finding. */
static bool too_old(const struct nest_facts *facts)
{
	return facts->major && (facts->major < 6 || (facts->major == 6 && facts->minor < 8));
}

static void iommufd_rule(struct nest_judge *judge)
{
	if (nest_judge_no_iommu(judge))
		return;
	if (judge->in->purpose == NEST_FOR_NESTED && too_old(judge->in->facts)) {
		nest_judge_skip(judge, "kernel.nesting_abi: this release is too old");
		return;
	}
	judge_module(
		judge, NEST_MODULE_IOMMUFD,
		"use a kernel with CONFIG_IOMMUFD (some distributions leave it out: Debian does)");
}

static void cdev_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	char symbol = facts->symbols[NEST_SYMBOL_VFIO_DEVICE_CDEV];
	const struct nest_show *with = NULL, *without = NULL;
	const struct nest_fact *iommufd = &facts->module_seen[NEST_MODULE_IOMMUFD];
	size_t i;

	if (nest_judge_no_iommu(judge))
		return;
	if ((judge->in->purpose == NEST_FOR_NESTED && too_old(facts)) ||
	    facts->modules[NEST_MODULE_IOMMUFD] == NEST_MODULE_MISSING) {
		nest_judge_skip(judge, "without iommufd, device nodes are of no use");
		return;
	}
	for (i = 0; i < facts->nshows; i++) {
		if (facts->shows[i]->cdev_dir && facts->shows[i]->cdev.path)
			with = facts->shows[i];
		else if (facts->shows[i]->cdev_dir)
			without = facts->shows[i];
	}
	if (with) {
		nest_judge_say(judge, NEST_RESULT_PASS, "VFIO devices have nodes of their own");
		nest_judge_saw(judge, with->cdev.path, "present", 0);
	} else if (without || symbol == 'n') {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "VFIO devices have no nodes of their own: the kernel was built "
			       "without CONFIG_VFIO_DEVICE_CDEV");
		if (without)
			nest_judge_saw(judge,
				       nest_judge_text(judge,
						       "/sys/bus/pci/devices/%s/vfio-dev/%s/dev",
						       without->dev->name, without->cdev_dir),
				       NULL, ENOENT);
		else
			nest_judge_saw(judge, facts->config.path,
				       "CONFIG_VFIO_DEVICE_CDEV is not set", 0);
		nest_judge_remedy(judge, "use a kernel with CONFIG_VFIO_DEVICE_CDEV=y");
	} else if (symbol) {
		nest_judge_say(judge, NEST_RESULT_PASS, "VFIO devices get nodes of their own");
		nest_judge_saw(judge, facts->config.path, "CONFIG_VFIO_DEVICE_CDEV=y", 0);
	} else {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether VFIO devices get nodes of their own: no "
			       "device is bound");
		nest_judge_saw(judge,
			       facts->config.path ? facts->config.path : "kernel configuration",
			       NULL, facts->config.err);
		nest_judge_remedy(judge,
				  "bind a device to vfio-pci and look for /dev/vfio/devices");
		if (facts->modules[NEST_MODULE_IOMMUFD] == NEST_MODULE_UNKNOWN)
			nest_judge_cause(judge, UNLISTED, iommufd->path, strerror(iommufd->err));
	}
}

/* ---- settings ---- */

static void noiommu_rule(struct nest_judge *judge)
{
	const struct nest_fact *noiommu = &judge->in->facts->noiommu;

	if (!noiommu->value || (*noiommu->value != 'Y' && *noiommu->value != '1'))
		return;
	nest_judge_say(
		judge, NEST_RESULT_WARN,
		"VFIO may assign devices without an IOMMU: their user can write to all memory");
	nest_judge_saw_fact(judge, noiommu);
	nest_judge_remedy(judge, "remove the option from /etc/modprobe.d, and, for now");
	nest_judge_command(judge, NEST_CMD_NOIOMMU_OFF, "");
}

static void dma_entries_rule(struct nest_judge *judge)
{
	const struct nest_fact *limit = &judge->in->facts->dma_entries;
	uint64_t entries;

	/* What the module starts with; a guest with a vIOMMU needs thousands. */
	if (!limit->value || nest_parse_u64(limit->value, 10, &entries) || entries >= 65535)
		return;
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "a container takes %s mappings at once, fewer than the kernel's 65535: a "
		       "guest with an IOMMU of its own may run out of them (ENOSPC)",
		       limit->value);
	nest_judge_saw_fact(judge, limit);
	nest_judge_remedy(judge, "remove the option from /etc/modprobe.d, and, for now");
	nest_judge_command(judge, NEST_CMD_DMA_ENTRIES("65535"), "");
}

static const struct nest_rule_evidence module_evidence[] = {
	{ NULL,
	  "in /sys/module, in the lists of modules, in the configuration, or a device bound "
	  "to it",
	  "the lists of modules do not name it", "the lists are not readable" },
};

static const struct nest_rule_evidence cdev_evidence[] = {
	{ NULL, "a device's vfio-dev/*/dev in sysfs, or the configuration",
	  "a bound device without it, or the configuration",
	  "no device is bound, and no configuration" },
};

static const struct nest_rule rules[] = {
	{ "kernel.vfio", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, vfio_rule,
	  "VFIO is in this kernel", module_evidence },
	{ "kernel.vfio_pci", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, vfio_pci_rule,
	  "vfio-pci is in this kernel", module_evidence },
	{ "kernel.type1", NEST_SUBJECT_HOST, NEST_FOR_PASSTHROUGH, NEST_FOR_PASSTHROUGH, type1_rule,
	  "a way to map memory for devices is in this kernel", module_evidence },
	{ "kernel.iommufd", NEST_SUBJECT_HOST, NEST_FOR_NESTED | NEST_FOR_SVA,
	  NEST_FOR_NESTED | NEST_FOR_SVA, iommufd_rule, "iommufd is in this kernel",
	  module_evidence },
	{ "kernel.cdev", NEST_SUBJECT_HOST, NEST_FOR_NESTED | NEST_FOR_SVA,
	  NEST_FOR_NESTED | NEST_FOR_SVA, cdev_rule, "VFIO devices have nodes of their own",
	  cdev_evidence },
	{ "vfio.noiommu", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, noiommu_rule,
	  "devices without an IOMMU are not allowed", NULL },
	{ "vfio.dma_entries", NEST_SUBJECT_HOST, NEST_FOR_PASSTHROUGH, 0, dma_entries_rule,
	  "a container may have as many mappings as the kernel grants", NULL },
};
NEST_RULE_TOPIC(vfio);
