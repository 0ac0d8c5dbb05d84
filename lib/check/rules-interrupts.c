// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules about interrupts: can an assigned device forge them? Each piece of evidence is a clue, for
 * or against. To pass, one clue for it is needed. Clues of equal weight that disagree: unknown.
 */
#include <errno.h>
#include <string.h>

#include "hw/hw.h"
#include "remedy.h"
#include "check/rules.h"
#include "cmdline.h"
#include "util.h"

#define CLUES_MAX 24
#define LOG	  "kernel log"

/* What a clue is worth against one that says the opposite. */
enum weight {
	OF_THE_LOG,   /* may be of another boot */
	OF_NOW,	      /* the kernel's state at this moment */
	OF_THE_SETUP, /* hardware, firmware, kernel, command line; the kernel that gave up */
};

struct clue {
	bool isolated;
	enum weight weight;
	const char *why;	    /* "intremap=off" */
	const char *source, *value; /* the evidence */
	const char *remedy;	    /* NULL: none */
	const char *command;	    /* a template; NULL: none */
};

struct clues {
	struct nest_judge *judge;
	struct clue at[CLUES_MAX];
	size_t n;
	const struct nest_log_note *foreign; /* of another host or boot; NULL: none */
};

static void add(struct clues *clues, const struct clue *clue)
{
	if (clues->n < CLUES_MAX)
		clues->at[clues->n++] = *clue;
}

static void speaks_for(struct clues *clues, enum weight weight, const char *why, const char *source,
		       const char *value)
{
	add(clues, &(struct clue){ true, weight, why, source, value, NULL, NULL });
}

static void speaks_against(struct clues *clues, enum weight weight, const char *why,
			   const char *source, const char *value, const char *remedy,
			   const char *command)
{
	add(clues, &(struct clue){ false, weight, why, source, value, remedy, command });
}

/* ---- clues ---- */

/* The last word of the command line counts (setup_irqremap() in drivers/iommu/irq_remapping.c). */
static bool is_off_by_option(const char *cmdline)
{
	const char *at = cmdline;
	bool off = false;

	for (; at && *at; at += strspn(at, " \t\n")) {
		size_t len = strcspn(at, " \t\n");
		char word[128] = "";

		if (len < sizeof(word))
			memcpy(word, at, len);
		if (!strcmp(word, "nointremap") || nest_cmdline_has(word, "intremap", "off"))
			off = true;
		else if (nest_cmdline_has(word, "intremap", "on"))
			off = false;
		at += len;
	}
	return off;
}

static void of_cmdline(struct clues *clues)
{
	const struct nest_fact *cmdline = &clues->judge->in->facts->cmdline;

	if (is_off_by_option(cmdline->value))
		speaks_against(clues, OF_THE_SETUP, "intremap=off", cmdline->path, cmdline->value,
			       "remove intremap=off from the kernel's command line and reboot",
			       NULL);
}

static void of_units(struct clues *clues)
{
	struct nest_judge *judge = clues->judge;
	const struct nest_model *model = judge->in->model;
	const struct nest_unit *unit = NULL;
	char registers[256];
	size_t i;

	/* The kernel uses it on all units or on none. */
	for (i = 0; i < model->nunits && !unit; i++) {
		const struct nest_hw *hw = model->units[i].hw;

		if (hw->remapping &&
		    nest_hw_flag(hw, &model->units[i].values, hw->remapping->field) == NEST_NO)
			unit = &model->units[i];
	}
	if (!unit)
		return;
	nest_hw_values_text(unit->hw, &unit->values, UINT32_MAX, registers, sizeof(registers));
	speaks_against(
		clues, OF_THE_SETUP,
		nest_judge_text(judge, "%s has none, %s", unit->name, unit->hw->remapping->what),
		nest_judge_text(judge, "/sys/class/iommu/%s", unit->name),
		nest_judge_text(judge, "%s", registers),
		"use another machine; or allow it if you trust every guest, which can then forge "
		"interrupts of the host",
		judge->in->purpose == NEST_FOR_PASSTHROUGH
			? NEST_CMD_UNSAFE("vfio_iommu_type1", "1")
			: NEST_CMD_UNSAFE("iommufd", "1"));
}

static const char *flags_text(struct nest_judge *judge)
{
	return nest_judge_text(judge, "flags 0x%02x", judge->in->facts->dmar->flags);
}

static void of_table(struct clues *clues)
{
	const struct nest_facts *facts = clues->judge->in->facts;
	const struct nest_acpi_word *flag = nest_dmar_flags();

	if (!facts->dmar || !facts->dmar->acpi.has_header)
		return;
	while (flag->value && strcmp(flag->id, "intr_remap"))
		flag++;
	if (!(facts->dmar->flags & flag->value))
		speaks_against(clues, OF_THE_SETUP, "the firmware's table does not offer it",
			       facts->tables[NEST_TABLE_DMAR].path, flags_text(clues->judge),
			       "switch on interrupt remapping (often part of \"VT-d\" or "
			       "\"x2APIC\") in the firmware's setup",
			       NULL);
}

/* The kind of the first unit that remaps interrupts. */
static const struct nest_hw *remapper(const struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (model->units[i].hw->log_interrupts)
			return model->units[i].hw;
	return NULL;
}

static void of_config(struct clues *clues)
{
	const struct nest_facts *facts = clues->judge->in->facts;
	const struct nest_model *model = clues->judge->in->model;

	/* Chips that are remapped show that a configuration that does not name it is not whole. */
	if (facts->symbols[NEST_SYMBOL_IRQ_REMAP] == 'n' && facts->isolated != NEST_YES &&
	    remapper(model))
		speaks_against(clues, OF_THE_SETUP, "the kernel was built without it",
			       facts->config.path, "CONFIG_IRQ_REMAP is not set",
			       "use a kernel with CONFIG_IRQ_REMAP=y", NULL);
}

static void of_chips(struct clues *clues)
{
	const struct nest_facts *facts = clues->judge->in->facts;
	const struct nest_fact *interrupts = &facts->interrupts;

	if (facts->isolated == NEST_YES)
		speaks_for(clues, OF_NOW,
			   nest_judge_text(clues->judge, "%s has %s", interrupts->path,
					   interrupts->value),
			   interrupts->path, interrupts->value);
	else if (facts->isolated == NEST_NO)
		speaks_against(clues, OF_NOW, "no interrupt chip is behind it", interrupts->path,
			       interrupts->value, "the kernel log tells why", NEST_CMD_LOG_REMAP);
}

/* Notes of the log, the most telling first. */
static const struct {
	const char *id;
	bool isolated;
	enum weight weight;
	const char *why, *remedy, *command;
} notes[] = {
	{ "ioapic_without_unit", false, OF_THE_SETUP, "the DMAR table lacks an I/O APIC",
	  "update the firmware: its DMAR table has no unit for this I/O APIC", NULL },
	{ "ioapic_not_in_ivrs", false, OF_THE_SETUP, "the IVRS table lacks an I/O APIC",
	  "update the firmware; or name the I/O APIC that its IVRS table lacks, of number N, on "
	  "the kernel's command line and reboot: ivrs_ioapic[N]=00:14.0 for that of the "
	  "southbridge",
	  NULL },
	{ "interrupt_remapping_erratum", false, OF_THE_SETUP, "a chipset erratum",
	  "update the firmware, which then leaves it off for good, or use another machine", NULL },
	{ "interrupt_remapping_off", false, OF_THE_SETUP, "the kernel log says that it is off",
	  "the kernel log tells why", NEST_CMD_LOG_REMAP },
	{ "interrupts_unsafe", false, OF_THE_LOG,
	  "the kernel log says that devices can get round it", "the kernel log tells why",
	  NEST_CMD_LOG_REMAP },
	{ "no_interrupt_remapping", false, OF_THE_LOG, "VFIO refused a device because it is off",
	  "the kernel log tells why", NEST_CMD_LOG_REMAP },
	{ "interrupts_not_isolated", false, OF_THE_LOG, "iommufd found none",
	  "the kernel log tells why", NEST_CMD_LOG_REMAP },
	{ "interrupt_remapping", true, OF_THE_LOG, "the kernel log says that it is on", NULL,
	  NULL },
};

static const char *note_text(struct nest_judge *judge, const struct nest_log_note *note)
{
	return nest_judge_text(judge, "line %u: %s%s%s", note->line, note->id,
			       *note->detail ? " " : "", note->detail);
}

/* The drivers whose messages tell of interrupts, and their IOMMUs. */
static const struct {
	uint32_t seen;
	const struct nest_hw *hw;
	enum nest_table table;
} drivers[] = {
	{ NEST_LOG_SEEN_VTD, &nest_hw_vtd, NEST_TABLE_DMAR },
	{ NEST_LOG_SEEN_AMD, &nest_hw_amd, NEST_TABLE_IVRS },
};

static bool has_unit(const struct nest_model *model, const struct nest_hw *hw)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (model->units[i].hw == hw)
			return true;
	return false;
}

/*
 * Is this of a driver that this host has? A log of another machine, or of a boot below Xen, is no
 * evidence. The units tell, and without any the tables. Not known is yes.
 */
static bool is_of_this_host(const struct nest_judge *judge, uint32_t proves)
{
	const struct nest_facts *facts = judge->in->facts;
	const struct nest_model *model = judge->in->model;
	size_t i, mine = 0, others = 0;

	if (proves & NEST_LOG_SEEN_XEN)
		return false;
	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		bool here = model->nunits ? has_unit(model, drivers[i].hw)
					  : facts->tables[drivers[i].table].value != NULL;

		if (proves & drivers[i].seen && here)
			return true;
		mine += (proves & drivers[i].seen) != 0;
		others += here;
	}
	return !mine || (!model->nunits && !others);
}

static bool fault_is_of_this_host(const struct nest_judge *judge, const struct nest_fault *fault)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(drivers); i++)
		if (!strcmp(drivers[i].hw->name, fault->driver->name))
			return is_of_this_host(judge, drivers[i].seen);
	return false;
}

/* The first note of this id that is of this host, or NULL. */
static const struct nest_log_note *note_of(struct clues *clues, const char *id)
{
	const struct nest_facts *facts = clues->judge->in->facts;
	const struct nest_log_result *log = facts->klog ? nest_log_result(facts->klog) : NULL;
	size_t i;

	for (i = 0; log && i < log->nnotes; i++) {
		if (strcmp(log->notes[i].id, id))
			continue;
		if (is_of_this_host(clues->judge, log->notes[i].proves))
			return &log->notes[i];
		clues->foreign = &log->notes[i];
	}
	return NULL;
}

static void of_log(struct clues *clues)
{
	const struct nest_facts *facts = clues->judge->in->facts;
	const struct nest_log_result *log = facts->klog ? nest_log_result(facts->klog) : NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notes); i++) {
		const struct nest_log_note *note = note_of(clues, notes[i].id);

		if (note)
			add(clues, &(struct clue){ notes[i].isolated, notes[i].weight, notes[i].why,
						   LOG, note_text(clues->judge, note),
						   notes[i].remedy, notes[i].command });
	}
	/* Only a unit that remaps interrupts blocks one. */
	for (i = 0; log && i < log->nfaults; i++)
		if (log->faults[i].access == NEST_LOG_INTERRUPT &&
		    fault_is_of_this_host(clues->judge, &log->faults[i])) {
			speaks_for(clues, OF_THE_LOG, "an interrupt was blocked", LOG,
				   nest_judge_text(clues->judge, "line %u", log->faults[i].line));
			return;
		}
}

static bool facts_have_chips(const struct nest_facts *facts)
{
	return facts->interrupts.value && !facts->interrupts.err;
}

static void of_firmware(struct clues *clues)
{
	const struct nest_fact *its = &clues->judge->in->facts->its;

	/* Chips that were read and are no ITS are better evidence than a table. */
	if (its->path && !facts_have_chips(clues->judge->in->facts) &&
	    !remapper(clues->judge->in->model))
		speaks_for(clues, OF_THE_LOG, "firmware describes a GICv3 ITS", its->path,
			   its->value);
}

static bool says_no(const struct nest_fact *parameter)
{
	return parameter->value && (*parameter->value == 'N' || *parameter->value == '0');
}

/* The request by which the kernel accepted the device, or NULL. */
static const char *accepted_by(const struct nest_facts *facts, const struct nest_probe *probe)
{
	const char *request = NULL;
	size_t i;

	if (probe->vfio_group.noiommu)
		return NULL;
	if (probe->iommufd.bind.status == NEST_OUTCOME_OK && says_no(&facts->unsafe_iommufd))
		request = "VFIO_DEVICE_BIND_IOMMUFD";
	for (i = 0; i < NEST_TYPES && probe->container.provider == NEST_PROVIDER_TYPE1; i++)
		if (probe->container.types[i].set_iommu.status == NEST_OUTCOME_OK &&
		    says_no(&facts->unsafe_type1))
			request = "VFIO_SET_IOMMU";
	return request;
}

/*
 * Unless unsafe interrupts are allowed, the kernel assigns only devices with isolated ones. One
 * does not speak for another: on Arm an ITS serves some and not others.
 */
static void of_probe(struct clues *clues)
{
	const struct nest_rules_input *in = clues->judge->in;
	const char *request = NULL;
	size_t i;

	for (i = 0; i < in->nprobes; i++) {
		request = accepted_by(in->facts, &in->probes[i]);
		if (!request)
			return;
	}
	if (request)
		speaks_for(clues, OF_NOW,
			   in->nprobes > 1 ? "the kernel accepted the devices"
					   : "the kernel accepted the device",
			   request, "ok, and unsafe interrupts are not allowed");
}

/* ---- the result ---- */

/* The clue of the greatest weight with this answer; of equal ones the first. */
static const struct clue *best(const struct clues *clues, bool isolated)
{
	const struct clue *found = NULL;
	size_t i;

	for (i = 0; i < clues->n; i++)
		if (clues->at[i].isolated == isolated &&
		    (!found || clues->at[i].weight > found->weight))
			found = &clues->at[i];
	return found;
}

/* The reason to tell: the first, since the sources are in the order of cause and effect. */
static const struct clue *first_no(const struct clues *clues)
{
	const struct clue *now = NULL;
	size_t i;

	for (i = 0; i < clues->n; i++) {
		if (clues->at[i].isolated)
			continue;
		/* "Off at this moment" is the effect of another clue, if there is one. */
		if (clues->at[i].weight != OF_NOW)
			return &clues->at[i];
		now = now ? now : &clues->at[i];
	}
	return now;
}

static void saw_all(const struct clues *clues)
{
	size_t i;

	for (i = 0; i < clues->n; i++)
		nest_judge_saw(clues->judge, clues->at[i].source, clues->at[i].value, 0);
}

static void remedy_of(struct nest_judge *judge, const struct clue *clue)
{
	const struct nest_hw *hw = remapper(judge->in->model);

	nest_judge_remedy(judge, "%s", clue->remedy);
	if (clue->command)
		nest_judge_command(judge, clue->command, hw ? hw->log_interrupts : "ioapic");
}

static bool is_allowed(const struct nest_fact *parameter)
{
	return parameter->value && (*parameter->value == 'Y' || *parameter->value == '1');
}

static void say_no(const struct clues *clues)
{
	struct nest_judge *judge = clues->judge;
	const struct nest_facts *facts = judge->in->facts;
	const struct clue *no = first_no(clues);
	bool allowed =
		is_allowed(judge->in->purpose == NEST_FOR_PASSTHROUGH ? &facts->unsafe_type1
								      : &facts->unsafe_iommufd);

	nest_judge_say(judge, NEST_RESULT_FAIL, "interrupts are not remapped (%s): %s", no->why,
		       allowed ? "VFIO accepts devices only because unsafe interrupts are allowed"
			       : "VFIO and iommufd refuse devices with EPERM");
	saw_all(clues);
	remedy_of(judge, no);
}

static void say_contradiction(const struct clues *clues, const struct clue *yes)
{
	struct nest_judge *judge = clues->judge;
	const struct clue *no = first_no(clues);

	nest_judge_say(judge, NEST_RESULT_UNKNOWN,
		       "cannot determine whether interrupts are remapped: %s, but %s", yes->why,
		       no->why);
	saw_all(clues);
	remedy_of(judge, no);
}

/* No clue at all. Registers and tables only say that remapping is possible. */
static void say_nothing_known(const struct clues *clues)
{
	struct nest_judge *judge = clues->judge;
	const struct nest_facts *facts = judge->in->facts;
	bool offered = facts->dmar && facts->dmar->acpi.has_header && remapper(judge->in->model);

	nest_judge_say(
		judge, NEST_RESULT_UNKNOWN,
		"cannot determine whether interrupts are remapped: %s%s and no log that says so",
		offered ? "the units and the firmware's table offer it, but there is "
			: "there is ",
		facts->interrupts.err ? "no /proc/interrupts"
				      : "no chip in /proc/interrupts that tells");
	nest_judge_saw_fact(judge, &facts->interrupts);
	if (clues->foreign)
		nest_judge_saw(judge, "/dev/kmsg",
			       nest_judge_text(judge, "%s, which is of another host",
					       note_text(judge, clues->foreign)),
			       0);
	else
		nest_judge_saw(judge, "/dev/kmsg", facts->klog ? "nothing of it" : NULL,
			       facts->klog_err);
	if (offered)
		nest_judge_saw(judge, facts->tables[NEST_TABLE_DMAR].path, flags_text(judge), 0);
	nest_judge_remedy(judge, judge->in->nprobes
					 ? "run it as root on the host itself"
					 : "run it as root on the host itself, or with --probe and "
					   "a device that is bound to vfio-pci");
}

/* Remapped, and an entry may be used by any device. */
static void say_nosid(struct nest_judge *judge)
{
	nest_judge_say(judge, NEST_RESULT_FAIL,
		       "the command line disables the check of an interrupt's source "
		       "(intremap=nosid): a device can forge interrupts of others");
	nest_judge_saw_fact(judge, &judge->in->facts->cmdline);
	nest_judge_remedy(judge,
			  "remove nosid from intremap= on the kernel's command line and reboot");
}

static void interrupts_rule(struct nest_judge *judge)
{
	static void (*const sources[])(struct clues * clues) = {
		of_cmdline, of_units, of_table, of_config, of_log, of_chips, of_firmware, of_probe,
	};
	const struct nest_model *model = judge->in->model;
	struct clues clues = { .judge = judge };
	const struct clue *yes, *no;
	size_t i, mocks = 0;

	if (nest_judge_no_iommu(judge))
		return;
	for (i = 0; i < model->nunits; i++)
		mocks += model->units[i].hw->for_tests;
	if (model->nunits && mocks == model->nunits) {
		nest_judge_say(judge, NEST_RESULT_NOT_APPLICABLE,
			       "the kernel's mock has no interrupts");
		return;
	}
	if (nest_judge_option(judge, "intremap", "nosid")) {
		say_nosid(judge);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		sources[i](&clues);
	yes = best(&clues, true);
	no = best(&clues, false);
	if (no && (!yes || no->weight > yes->weight)) {
		say_no(&clues);
	} else if (no) {
		say_contradiction(&clues, yes);
	} else if (yes) {
		nest_judge_say(judge, NEST_RESULT_PASS, "interrupts are remapped: %s", yes->why);
		saw_all(&clues);
	} else {
		say_nothing_known(&clues);
	}
}

static void unsafe_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	const struct {
		const struct nest_fact *fact;
		const char *off;
	} params[] = {
		{ &facts->unsafe_type1, NEST_CMD_UNSAFE("vfio_iommu_type1", "0") },
		{ &facts->unsafe_iommufd, NEST_CMD_UNSAFE("iommufd", "0") },
	};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (!is_allowed(params[i].fact))
			continue;
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "VFIO accepts devices without isolated interrupts: a guest with one "
			       "can forge interrupts of the host");
		nest_judge_saw_fact(judge, params[i].fact);
		nest_judge_remedy(judge,
				  "remove allow_unsafe_interrupts=1 from /etc/modprobe.d and the "
				  "command line, unless the guests are trusted, and, for now");
		nest_judge_command(judge, params[i].off, "");
		return;
	}
}

static const struct nest_rule_evidence isolated_evidence[] = {
	{ &nest_hw_vtd, "IR- chips, the log, or a device that the kernel accepted (--probe)",
	  "ECAP.IR or the flag of the table is clear, intremap=off, no CONFIG_IRQ_REMAP, plain "
	  "chips, or the log",
	  "none of these, or a log against the chips" },
	{ &nest_hw_amd, "IR- chips, the log, or a device that the kernel accepted (--probe)",
	  "intremap=off, no CONFIG_IRQ_REMAP, plain chips, or the log",
	  "none of these, or a log against the chips" },
	{ NULL, "ITS- chips, an ITS in IORT or device tree, or a device that the kernel accepted",
	  "chips without isolation, or the log", "none of these" },
};

static const struct nest_rule rules[] = {
	{ "interrupts.isolated", NEST_SUBJECT_HOST, NEST_FOR_ALL, NEST_FOR_ALL, interrupts_rule,
	  "interrupts are remapped, so that devices cannot forge them", isolated_evidence },
	{ "interrupts.unsafe", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, unsafe_rule,
	  "unsafe interrupts are not allowed", NULL },
};
NEST_RULE_TOPIC(interrupts);
