// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the IOMMU as a whole: is it in use, and what keeps it off. */
#include <string.h>

#include "inventory/inventory.h"
#include "check/rules.h"
#include "hw/hw.h"
#include "plural.h"
#include "remedy.h"

/* The option that keeps the IOMMU of this host off: "iommu", "intel_iommu"; NULL: none does. */
static const char *off_option(const struct nest_judge *judge)
{
	const struct nest_hw *announced = judge->in->model->announced;
	size_t i;

	if (nest_judge_option(judge, "iommu", "off"))
		return "iommu";
	for (i = 0; i < nest_hws_count; i++)
		if (nest_hws[i]->option && (!announced || announced == nest_hws[i]) &&
		    nest_judge_option(judge, nest_hws[i]->option, "off"))
			return nest_hws[i]->option;
	return NULL;
}

/* Lines of the kernel's log that tell why there is no IOMMU, the cause before its effects. */
static const struct {
	const char *id, *why, *remedy;
	bool table; /* a command shows what is wrong with the DMAR table */
} causes[] = {
	{ "firmware_opt_out", "the firmware forbids DMA remapping (a flag of the DMAR table)",
	  "look for \"DMA remapping\" or \"VT-d\" in the firmware's setup, or ask its vendor",
	  false },
	{ "unit_all_ones", "the kernel gave up on the DMAR table: the unit at %s returns all ones",
	  "update the firmware: its DMAR table names a unit that does not answer", false },
	{ "bad_dmar", "the kernel gave up on the DMAR table: it could not parse it",
	  "update the firmware; to see what is wrong", true },
	{ "no_dmar", "the DMAR table describes no unit that the kernel can use",
	  "update the firmware; to see the table", true },
	{ "ivrs_bad", "the kernel gave up on the IVRS table: it is broken", "update the firmware",
	  false },
	{ "amd_unused", "the AMD-Vi driver failed to start", "update the firmware", false },
};

/* Says the cause that the log tells. False: it tells none. */
static bool say_cause(struct nest_judge *judge)
{
	const struct nest_log_note *note;
	const char *why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(causes); i++) {
		note = nest_facts_note(judge->in->facts, causes[i].id);
		if (!note)
			continue;
		why = strstr(causes[i].why, "%s")
			      ? nest_judge_text(judge, "%.*s%s%s",
						(int)(strstr(causes[i].why, "%s") - causes[i].why),
						causes[i].why, note->detail,
						strstr(causes[i].why, "%s") + 2)
			      : causes[i].why;
		nest_judge_say(judge, NEST_RESULT_FAIL, "no IOMMU is in use: %s", why);
		nest_judge_saw(judge, "kernel log",
			       nest_judge_text(judge, "line %u: %s %s", note->line, note->id,
					       note->detail),
			       0);
		nest_judge_remedy(judge, "%s", causes[i].remedy);
		if (causes[i].table)
			nest_judge_command(judge, NEST_CMD_DECODE_DMAR,
					   "/sys/firmware/acpi/tables/DMAR");
		return true;
	}
	return false;
}

/* ---- remedies that are possible here ---- */

/* The vendor of the processor, by its host bridge: "Intel", "AMD"; NULL: unknown. */
static const char *vendor_of(const struct nest_model *model)
{
	static const struct {
		uint16_t id;
		const char *vendor;
	} vendors[] = { { 0x8086, "Intel" }, { 0x1022, "AMD" }, { 0x1d94, "AMD" } };
	size_t i, j;

	for (i = 0; i < model->ndevices; i++)
		for (j = 0; model->devices[i].pci_class >> 8 == 0x0600 && j < ARRAY_SIZE(vendors);
		     j++)
			if (model->devices[i].vendor == vendors[j].id)
				return vendors[j].vendor;
	return NULL;
}

/* Is this a virtual machine? By devices that no hardware has: QEMU, VMware, Hyper-V, VirtualBox. */
static bool is_guest(const struct nest_model *model)
{
	static const uint16_t vendors[] = { 0x1af4, 0x1b36, 0x15ad, 0x1414, 0x80ee };
	size_t i, j;

	for (i = 0; i < model->ndevices; i++)
		for (j = 0; model->devices[i].have_ids && j < ARRAY_SIZE(vendors); j++)
			if (model->devices[i].vendor == vendors[j] ||
			    model->devices[i].subvendor == vendors[j])
				return true;
	return false;
}

/* Not known is x86 here: an IOMMU that is off by default is found nowhere else. */
static bool is_x86(const struct nest_model *model)
{
	return !model->host.machine || strstr(model->host.machine, "86");
}

static void remedy_firmware(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const char *vendor = vendor_of(model);

	if (is_guest(model) || judge->in->facts->hypervisor.value)
		nest_judge_remedy(
			judge, "this is a virtual machine: give it a virtual IOMMU (QEMU: -device "
			       "intel-iommu, amd-iommu or virtio-iommu-pci; libvirt: <iommu>)");
	else
		nest_judge_remedy(judge, "switch on %s in the firmware's setup",
				  !is_x86(model) ? "the IOMMU"
				  : !vendor	 ? "VT-d (\"Intel VT for Directed I/O\") "
						   "or \"AMD IOMMU\""
				  : !strcmp(vendor, "Intel")
					  ? "VT-d (\"Intel VT for Directed I/O\")"
					  : "\"IOMMU\" or \"AMD IOMMU\"");
}

/* The firmware announces it, no option keeps it off, and the log tells no cause. */
static void remedy_kernel(struct nest_judge *judge, const struct nest_hw *announced)
{
	const struct nest_facts *facts = judge->in->facts;
	const char *symbol = announced->driver_symbol;
	char built = symbol ? nest_facts_option(facts, symbol) : 0;
	bool asked = announced->enable && nest_judge_option(judge, announced->option, "on");

	if (built == 'n') {
		nest_judge_saw(judge, facts->config.path,
			       nest_judge_text(judge, "%s is not set", symbol), 0);
		nest_judge_remedy(judge, "use a kernel with %s", symbol);
	} else if (announced->enable && !asked) {
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, announced->enable);
	} else {
		nest_judge_remedy(judge, "%s%s",
				  announced->option && !announced->enable &&
						  nest_judge_option(judge, announced->option, "on")
					  ? nest_judge_text(judge,
							    "%s=on is no option of the kernel and "
							    "changes nothing; ",
							    announced->option)
					  : "",
				  asked ? announced->start_asked : announced->start);
	}
}

/* Both rules that see the option have one cause. */
static void say_off_remedy(struct nest_judge *judge)
{
	const char *off = off_option(judge);

	nest_judge_cause(judge, "the kernel was started with %s=off", off);
	nest_judge_remedy(judge, "remove %s=off from the kernel's command line and reboot", off);
}

/* There are units, and no device is translated. */
static void remedy_units(struct nest_judge *judge, const struct nest_unit *unit)
{
	bool on = nest_judge_option(judge, "intel_iommu", "on");

	if (!on && unit->hw->enable) {
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, unit->hw->enable);
		return;
	}
	nest_judge_remedy(judge, on ? "the kernel log tells why DMA remapping is off"
				    : "the kernel log tells why no device is translated");
	nest_judge_command(judge, NEST_CMD_LOG_FAULTS, "");
}

static void remedy_xen(struct nest_judge *judge)
{
	nest_judge_cause(judge, NEST_CAUSE_XEN);
	nest_judge_remedy(judge, NEST_WORDS_XEN);
}

static void remedy_device_tree(struct nest_judge *judge)
{
	nest_judge_remedy(judge, "look for an IOMMU in the device tree, and for its driver");
	nest_judge_command(judge, NEST_CMD_DT_IOMMUS, "");
	nest_judge_command(judge, NEST_CMD_LOG, "");
}

static void remedy_absent(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const char *gate = model->absent_gate ? model->absent_gate : "unknown";

	if (!strcmp(gate, "firmware"))
		remedy_firmware(judge);
	else if (!strcmp(gate, "hypervisor"))
		remedy_xen(judge);
	else if (off_option(judge))
		say_off_remedy(judge);
	else if (model->announced)
		remedy_kernel(judge, model->announced);
	else if (model->nunits)
		remedy_units(judge, &model->units[0]);
	else if (model->device_tree)
		remedy_device_tree(judge);
	else
		nest_judge_remedy(judge, "run it on the host itself, as root, or with --sysroot on "
					 "a mount of the host's root");
}

/* ---- rules ---- */

static void say_present(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;

	nest_judge_say(judge, NEST_RESULT_PASS, "an IOMMU is in use: %zu group%s, %zu unit%s",
		       model->ngroups, nest_plural(model->ngroups), nest_units_count(model),
		       nest_plural(nest_units_count(model)));
	nest_judge_saw(
		judge, "/sys/kernel/iommu_groups",
		nest_judge_text(judge, "%zu group%s", model->ngroups, nest_plural(model->ngroups)),
		0);
}

static void present_rule(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const char *gate = model->absent_gate ? model->absent_gate : "unknown";
	bool known = model->iommu_present == NEST_NO && strcmp(gate, "unknown");
	size_t i;

	if (model->iommu_present == NEST_YES) {
		say_present(judge);
		return;
	}
	/* Xen and an option on the command line are causes of their own. */
	if (known && strcmp(gate, "hypervisor") && !off_option(judge) && say_cause(judge))
		return;
	nest_judge_say(judge, known ? NEST_RESULT_FAIL : NEST_RESULT_UNKNOWN, "%s",
		       model->absent_reason ? model->absent_reason : "no IOMMU is in use");
	nest_judge_saw(judge, "/sys/kernel/iommu_groups", model->groups_err ? NULL : "empty",
		       model->groups_err);
	for (i = 0; i < NEST_TABLES; i++)
		nest_judge_saw_fact(judge, &judge->in->facts->tables[i]);
	remedy_absent(judge);
}

static void disabled_rule(struct nest_judge *judge)
{
	const struct nest_fact *cmdline = &judge->in->facts->cmdline;
	const char *off = off_option(judge);
	const char *gate = judge->in->model->absent_gate;

	if (off && gate && !strcmp(gate, "hypervisor")) {
		nest_judge_skip(judge,
				"Xen drives the IOMMU: options of this kernel do not matter");
	} else if (judge->in->model->iommu_present == NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "no option of the command line keeps the IOMMU off: it is in use");
		nest_judge_saw_fact(judge, cmdline);
	} else if (off && !nest_judge_no_iommu(judge)) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "the kernel was started with %s=off; cannot determine whether an "
			       "IOMMU is in use all the same",
			       off);
		nest_judge_saw_fact(judge, cmdline);
	} else if (off) {
		nest_judge_say(judge, NEST_RESULT_FAIL, "the kernel was started with %s=off", off);
		nest_judge_saw_fact(judge, cmdline);
		say_off_remedy(judge);
	} else {
		nest_judge_say(judge, cmdline->value ? NEST_RESULT_PASS : NEST_RESULT_UNKNOWN,
			       cmdline->value
				       ? "no option of the command line keeps the IOMMU off"
				       : "cannot determine whether an option keeps the IOMMU off: "
					 "the kernel's command line is not readable");
		nest_judge_saw_fact(judge, cmdline);
	}
}

/*
 * A kernel with the ACS override patch makes groups as if ports isolated devices that they do not
 * isolate. Groups are no evidence then.
 */
static void acs_rule(struct nest_judge *judge)
{
	const struct nest_fact *cmdline = &judge->in->facts->cmdline;
	const struct nest_log_note *note = nest_facts_note(judge->in->facts, "acs_override");

	if (nest_judge_no_iommu(judge))
		return;
	if (nest_judge_acs_override(judge)) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine which devices are isolated: pcie_acs_override "
			       "splits groups that the hardware does not isolate");
		nest_judge_saw_fact(judge, cmdline);
		if (note)
			nest_judge_saw(
				judge, "kernel log",
				nest_judge_text(judge, "line %u: ACS is overridden", note->line),
				0);
		nest_judge_remedy(judge, "remove pcie_acs_override from the kernel's command line "
					 "and reboot, to see the real groups");
	} else {
		nest_judge_say(judge, cmdline->value ? NEST_RESULT_PASS : NEST_RESULT_UNKNOWN,
			       cmdline->value ? "no option of the command line overrides ACS"
					      : "cannot determine whether the groups are real: the "
						"kernel's command line is not readable");
		nest_judge_saw_fact(judge, cmdline);
	}
}

static void translation_rule(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	size_t i, identity = 0, known = 0;

	for (i = 0; i < model->ngroups; i++) {
		known += model->groups[i].type != NULL;
		identity += model->groups[i].type && !strcmp(model->groups[i].type, "identity");
	}
	if (!known)
		return;
	nest_judge_say(judge, NEST_RESULT_PASS,
		       "groups with identity mapping for host drivers: %zu of %zu; assigned "
		       "devices are translated regardless",
		       identity, known);
	nest_judge_saw(judge, "/sys/kernel/iommu_groups/*/type",
		       nest_judge_text(judge, "%zu identity", identity), 0);
}

static const struct nest_rule_evidence present_evidence[] = {
	{ NULL, "groups in sysfs that an IOMMU made",
	  "no group, and the firmware or the kernel is the cause",
	  "groups or firmware tables not readable" },
};

static const struct nest_rule_evidence disabled_evidence[] = {
	{ NULL, "an IOMMU in use, or a command line without the option", "iommu=off and the like",
	  "no IOMMU, and no command line" },
};

static const struct nest_rule_evidence acs_evidence[] = {
	{ NULL, "a command line without the option", NULL,
	  "pcie_acs_override, or no command line" },
};

static const struct nest_rule rules[] = {
	{ "iommu.present", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, present_rule,
	  "an IOMMU is there and in use", present_evidence },
	{ "iommu.disabled", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, disabled_rule,
	  "no option of the command line keeps the IOMMU off", disabled_evidence },
	{ "iommu.acs_override", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, acs_rule,
	  "the groups are those that the hardware isolates", acs_evidence },
	{ "iommu.translation", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, translation_rule,
	  "how devices of the kernel are mapped", NULL },
};
NEST_RULE_TOPIC(iommu);
