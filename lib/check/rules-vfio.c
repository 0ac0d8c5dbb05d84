// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules about VFIO and iommufd: modules, nodes and who may open them, memory, and what opening them
 * told.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/devices.h"
#include "explain.h"
#include "remedy.h"
#include "check/rules.h"
#include "number.h"

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)

/* ---- modules ---- */

/*
 * A device that a driver of the module has shows that it is there, whatever can be read of modules.
 */
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

/* The configuration says m, so that a package that is not installed has it. */
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
		nest_judge_remedy(judge, "look on the host itself; if it has none, %s", remedy);
		nest_judge_command(judge, NEST_CMD_MODINFO, name);
	} else if (state == NEST_MODULE_LOADABLE) {
		nest_judge_remedy(judge, "load it");
		nest_judge_command(judge, NEST_CMD_LOAD("{}"), name);
	} else if (state == NEST_MODULE_UNLISTED) {
		nest_judge_remedy(judge, "have its list made anew, and load it");
		nest_judge_command(judge, NEST_CMD_DEPMOD, name);
	}
}

void nest_rule_vfio(struct nest_judge *judge)
{
	judge_module(judge, NEST_MODULE_VFIO,
		     "use a kernel with CONFIG_VFIO; distributions have it as the module vfio");
}

void nest_rule_vfio_pci(struct nest_judge *judge)
{
	judge_module(judge, NEST_MODULE_VFIO_PCI, "use a kernel with CONFIG_VFIO_PCI");
}

/*
 * Devices go to user space through a container's type1 driver or through iommufd; either will do.
 */
void nest_rule_type1(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (facts->modules[NEST_MODULE_IOMMUFD] == NEST_MODULE_LOADED ||
	    facts->modules[NEST_MODULE_IOMMUFD] == NEST_MODULE_BUILTIN) {
		nest_judge_say(judge, NEST_RESULT_PASS, "iommufd maps memory for devices (%s)",
			       nest_module_state_name(facts->modules[NEST_MODULE_IOMMUFD]));
		nest_judge_saw(judge, "module iommufd",
			       nest_module_state_name(facts->modules[NEST_MODULE_IOMMUFD]), 0);
		return;
	}
	judge_module(judge, NEST_MODULE_TYPE1,
		     "use a kernel with CONFIG_VFIO_IOMMU_TYPE1 or CONFIG_IOMMUFD");
}

/* On a kernel that is older than iommufd's nesting, the release is the finding. */
static bool too_old(const struct nest_facts *facts)
{
	return facts->major && (facts->major < 6 || (facts->major == 6 && facts->minor < 8));
}

void nest_rule_iommufd(struct nest_judge *judge)
{
	if (too_old(judge->in->facts) || nest_judge_no_iommu(judge))
		return;
	judge_module(
		judge, NEST_MODULE_IOMMUFD,
		"use a kernel with CONFIG_IOMMUFD (some distributions leave it out: Debian does)");
}

void nest_rule_cdev(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	char symbol = facts->symbols[NEST_SYMBOL_VFIO_DEVICE_CDEV];
	const struct nest_show *with = NULL, *without = NULL;
	size_t i;

	if (too_old(facts) || nest_judge_no_iommu(judge) ||
	    facts->modules[NEST_MODULE_IOMMUFD] == NEST_MODULE_MISSING)
		return;
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
			       "whether VFIO devices get nodes of their own cannot be told before "
			       "one is bound");
		nest_judge_saw(judge,
			       facts->config.path ? facts->config.path : "kernel configuration",
			       NULL, facts->config.err);
		nest_judge_remedy(judge,
				  "bind a device to vfio-pci and look for /dev/vfio/devices");
	}
}

/* ---- what keeps VFIO from being what it should ---- */

void nest_rule_noiommu(struct nest_judge *judge)
{
	const struct nest_fact *noiommu = &judge->in->facts->noiommu;

	if (!noiommu->value || (*noiommu->value != 'Y' && *noiommu->value != '1'))
		return;
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "VFIO may hand out devices that no IOMMU translates: whoever has one can "
		       "write to all memory");
	nest_judge_saw_fact(judge, noiommu);
	nest_judge_remedy(judge, "take the option out of /etc/modprobe.d, and, for now");
	nest_judge_command(judge, NEST_CMD_NOIOMMU_OFF, "");
}

void nest_rule_dma_entries(struct nest_judge *judge)
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
	nest_judge_remedy(judge, "take the option out of /etc/modprobe.d, and, for now");
	nest_judge_command(judge, NEST_CMD_DMA_ENTRIES("65535"), "");
}

void nest_rule_lockdown(struct nest_judge *judge)
{
	const struct nest_fact *lockdown = &judge->in->facts->lockdown;

	if (!lockdown->value || strstr(lockdown->value, "[none]"))
		return;
	nest_judge_say(judge, NEST_RESULT_PASS,
		       "the kernel is locked down: devices without an IOMMU and unsigned modules "
		       "are refused, VFIO with an IOMMU is not");
	nest_judge_saw_fact(judge, lockdown);
}

void nest_rule_xen(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (!facts->hypervisor.value || strcmp(facts->hypervisor.value, "xen") ||
	    !facts->xen.value || !strstr(facts->xen.value, "control_d"))
		return;
	nest_judge_say(judge, NEST_RESULT_FAIL,
		       "this is Xen's dom0: Xen owns the IOMMU, and VFIO has none to use");
	nest_judge_saw_fact(judge, &facts->hypervisor);
	nest_judge_saw_fact(judge, &facts->xen);
	nest_judge_remedy(
		judge,
		"assign devices with Xen's own tools (xl pci-assignable-add), or boot without Xen");
}

void nest_rule_container(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (!facts->container)
		return;
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "this is a container: what it hides of the host cannot be told%s",
		       facts->tables_visible == NEST_YES ? "" : ", the firmware's tables among it");
	nest_judge_saw(judge, facts->container, "present", 0);
	if (facts->tables_visible != NEST_YES)
		nest_judge_saw(judge, "/sys/firmware/acpi/tables", NULL, ENOENT);
	nest_judge_remedy(judge,
			  "run it on the host, or with --sysroot on a mount of the host's root");
}

/* ---- nodes ---- */

static const char *whose(struct nest_judge *judge)
{
	return judge->in->facts->is_self ? "this user" : judge->in->facts->user.name;
}

static void saw_node(struct nest_judge *judge, const struct nest_node *node)
{
	nest_judge_saw(judge, node->path,
		       node->present == NEST_YES
			       ? nest_judge_text(judge, "owner %s, group %s, mode %04o%s",
						 node->owner, node->group, node->mode,
						 node->acl ? ", with an access control list" : "")
			       : NULL,
		       node->err);
}

/* A node that is there: may the user open it? */
static void judge_access(struct nest_judge *judge, const struct nest_node *node, const char *remedy)
{
	enum nest_tri admits = nest_node_admits(node, judge->in->facts);
	char commands[NEST_REMEDY_MAX];

	if (!judge->in->facts->user.known && judge->in->facts->is_self)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "%s: who runs this cannot be told: no /proc/self/status",
			       node->path);
	else if (!judge->in->facts->user.known)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "%s: cannot determine whether there is a user %s: no /etc/passwd",
			       node->path, whose(judge));
	else if (admits == NEST_YES)
		nest_judge_say(judge, NEST_RESULT_PASS, "%s may be opened by %s", node->path,
			       whose(judge));
	else if (admits == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "%s may not be opened by %s: owner %s, group %s, mode %04o",
			       node->path, whose(judge), node->owner, node->group, node->mode);
	else if (node->acl)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "whether %s may open %s is in its access control list", whose(judge),
			       node->path);
	else
		nest_judge_say(
			judge, NEST_RESULT_UNKNOWN,
			"cannot tell whether %s may open %s: not all groups of this user are known",
			whose(judge), node->path);
	saw_node(judge, node);
	if (admits == NEST_NO) {
		nest_remedy_udev(node->path, judge->in->facts->user.name, commands,
				 sizeof(commands));
		nest_judge_remedy(judge, "%s", remedy);
		nest_judge_commands(judge, commands);
	} else if (admits == NEST_UNKNOWN && node->acl) {
		nest_judge_remedy(judge, "look at the list");
		nest_judge_command(judge, NEST_CMD_ACL, node->path);
	}
}

static void judge_node(struct nest_judge *judge, const struct nest_node *node,
		       enum nest_module module, const char *remedy)
{
	enum nest_module_state state = judge->in->facts->modules[module];

	if (node->present == NEST_YES) {
		judge_access(judge, node, remedy);
		return;
	}
	if (state != NEST_MODULE_LOADED && state != NEST_MODULE_BUILTIN)
		return; /* there is no node before its module; that is the module's finding */
	if (node->present == NEST_UNKNOWN)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN, "%s cannot be looked at", node->path);
	else if (judge->in->facts->container)
		nest_judge_say(judge, NEST_RESULT_FAIL, "%s was not passed into this container",
			       node->path);
	else
		nest_judge_say(judge, NEST_RESULT_NOT_APPLICABLE,
			       "%s is not in this tree or is not made yet", node->path);
	saw_node(judge, node);
	if (judge->in->facts->container)
		nest_judge_remedy(judge, "pass it in: docker run --device=%s, or a device plugin",
				  node->path);
}

void nest_rule_node_container(struct nest_judge *judge)
{
	judge_node(judge, &judge->in->facts->container_node, NEST_MODULE_VFIO,
		   "let everyone open it, which gives no access to a device");
}

void nest_rule_node_iommufd(struct nest_judge *judge)
{
	judge_node(judge, &judge->in->facts->iommufd_node, NEST_MODULE_IOMMUFD,
		   "let the group vfio have it, and the user join that group");
}

/* ---- memory ---- */

/* "512 MiB", "16 GiB" */
static const char *size_text(struct nest_judge *judge, uint64_t bytes)
{
	if (bytes % GIB == 0)
		return nest_judge_text(judge, "%llu GiB", (unsigned long long)(bytes / GIB));
	return nest_judge_text(judge, "%llu MiB", (unsigned long long)((bytes + MIB - 1) / MIB));
}

/*
 * A container pins the guest's memory once; a guest with an IOMMU of its own has a container for
 * each device, and type1 counts each. iommufd counts what a user pins once, but device registers
 * (BARs) too. QEMU locks some besides.
 */
void nest_rule_memlock(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	bool type1 = judge->in->purpose == NEST_FOR_PASSTHROUGH;
	uint32_t devices = judge->in->guest_devices ? judge->in->guest_devices : 1;
	uint64_t once = judge->in->memory + GIB,
		 most = type1 ? judge->in->memory * devices + GIB : once, limit = 0;
	bool none = facts->memlock.value && !strcmp(facts->memlock.value, "unlimited"), enough;
	char commands[NEST_REMEDY_MAX];
	const char *need;

	if (!judge->in->memory)
		return;
	need = most == once
		       ? nest_judge_text(
				 judge, "%s (the guest's memory, and 1 GiB for registers and QEMU)",
				 size_text(judge, once))
		       : nest_judge_text(judge,
					 "%s, or %s where the guest has an IOMMU (a container for "
					 "each of %u devices)",
					 size_text(judge, once), size_text(judge, most), devices);
	if (facts->memlock.value && !none)
		limit = strtoull(facts->memlock.value, NULL, 10);
	enough = none || limit >= most || (facts->ipc_lock && !facts->service);
	if (!facts->memlock.value)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "how much memory %s may lock cannot be told; needed: %s",
			       facts->memlock_of, need);
	else if (enough)
		nest_judge_say(judge, NEST_RESULT_PASS, "%s may lock enough memory; needed: %s",
			       facts->memlock_of, need);
	else
		nest_judge_say(judge, limit >= once ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "%s may lock %s; needed: %s", facts->memlock_of,
			       size_text(judge, limit), need);
	nest_judge_saw_fact(judge, &facts->memlock);
	if (enough || !facts->memlock.value)
		return;
	nest_judge_remedy(judge, "lift the limit, as root (LimitMEMLOCK of a service, hard_limit "
				 "in libvirt's memtune)");
	nest_remedy_memlock(facts->service, commands, sizeof(commands));
	nest_judge_commands(judge, commands);
}

/* ---- what opening the nodes told ---- */

void nest_rule_probe(struct nest_judge *judge)
{
	static const enum nest_result results[] = {
		[NEST_USABILITY_UNKNOWN] = NEST_RESULT_UNKNOWN,
		[NEST_UNUSABLE] = NEST_RESULT_FAIL,
		[NEST_USABLE] = NEST_RESULT_PASS,
	};
	const struct nest_probe *probe = judge->in->probe;
	const struct nest_reason *reason;
	const char *abi;

	if (!probe)
		return;
	reason = &probe->decision.reasons[0];
	abi = nest_abi_name(probe->decision.abi);
	if (probe->device)
		nest_judge_about(judge, NEST_SUBJECT_DEVICE, probe->device->name);
	nest_judge_say(judge, results[probe->decision.nesting], "%s%s%s", reason->text,
		       probe->decision.nesting == NEST_USABLE && abi ? " Interface: " : "",
		       probe->decision.nesting == NEST_USABLE && abi ? abi : "");
	nest_judge_saw(judge, nest_judge_text(judge, "probe: %s", reason->evidence),
		       nest_usability_name(probe->decision.nesting), 0);
	if (*reason->remedy)
		nest_judge_remedy_as(judge, reason->remedy);
	nest_judge_about(judge, NEST_SUBJECT_HOST, NULL);
}

void nest_rule_erratum(struct nest_judge *judge)
{
	const struct nest_probe *probe = judge->in->probe;
	const struct nest_hw_quirk *quirk;

	if (!probe || probe->iommufd.hw_info.status != NEST_OUTCOME_OK || !probe->iommufd.hw.hw)
		return;
	quirk = nest_hw_quirk(probe->iommufd.hw.hw, &probe->iommufd.hw.values);
	if (!quirk)
		return;
	nest_judge_say(judge, NEST_RESULT_WARN, "%s", quirk->text);
	nest_judge_saw(judge, "IOMMU_GET_HW_INFO",
		       nest_judge_text(judge, "flags 0x%x", probe->iommufd.hw.values.flags), 0);
}
