// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the IOMMU: firmware, command line, interrupts, scalable mode. */
#include <errno.h>
#include <string.h>

#include "plural.h"
#include "remedy.h"
#include "check/rules.h"
#include "hw/hw.h"
#include "util.h"

#define CMDLINE                                                                                    \
	"add %s to the kernel's command line (GRUB_CMDLINE_LINUX in /etc/default/grub, then "      \
	"update-grub or grub2-mkconfig -o /boot/grub2/grub.cfg) and reboot"

static enum nest_tri flag(const struct nest_unit *unit, const char *field)
{
	return nest_hw_flag(unit->hw, &unit->values, field);
}

static bool option(const struct nest_judge *judge, const char *key, const char *word)
{
	return nest_cmdline_has(judge->in->facts->cmdline.value, key, word);
}

static bool dmar_flag(const struct nest_judge *judge, const char *id)
{
	const struct nest_dmar *dmar = judge->in->facts->dmar;
	const struct nest_dmar_flag *flag;

	for (flag = nest_dmar_flags(); dmar && dmar->has_header && flag->mask; flag++)
		if (!strcmp(flag->id, id))
			return dmar->flags & flag->mask;
	return false;
}

static void saw_dmar(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (facts->dmar && facts->dmar->has_header)
		nest_judge_saw(judge, facts->tables[NEST_TABLE_DMAR].path,
			       nest_judge_text(judge, "flags 0x%02x", facts->dmar->flags), 0);
	else
		nest_judge_saw(judge, facts->tables[NEST_TABLE_DMAR].path, NULL,
			       facts->dmar_err ? facts->dmar_err
					       : facts->tables[NEST_TABLE_DMAR].err);
}

/* ---- there, and in use ---- */

/* The option that keeps the IOMMU of this host off: "iommu", "intel_iommu"; NULL: none does. */
static const char *off_option(const struct nest_judge *judge)
{
	const struct nest_hw *announced = judge->in->model->announced;
	size_t i;

	if (option(judge, "iommu", "off"))
		return "iommu";
	for (i = 0; i < nest_hws_count; i++)
		if (nest_hws[i]->option && (!announced || announced == nest_hws[i]) &&
		    option(judge, nest_hws[i]->option, "off"))
			return nest_hws[i]->option;
	return NULL;
}

/* Not known is x86 here: an IOMMU that is off by default is found nowhere else. */
static bool is_x86(const struct nest_model *model)
{
	return !model->host.machine || strstr(model->host.machine, "86");
}

void nest_rule_present(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const char *gate = model->absent_gate ? model->absent_gate : "unknown";
	size_t i;

	if (model->iommu_present == NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "an IOMMU is in use: %zu group%s, %zu unit%s", model->ngroups,
			       nest_plural(model->ngroups), model->nunits,
			       nest_plural(model->nunits));
		nest_judge_saw(judge, "/sys/kernel/iommu_groups",
			       nest_judge_text(judge, "%zu group%s", model->ngroups,
					       nest_plural(model->ngroups)),
			       0);
		return;
	}
	nest_judge_say(judge,
		       model->iommu_present == NEST_NO && strcmp(gate, "unknown")
			       ? NEST_RESULT_FAIL
			       : NEST_RESULT_UNKNOWN,
		       "%s", model->absent_reason ? model->absent_reason : "no IOMMU is in use");
	nest_judge_saw(judge, "/sys/kernel/iommu_groups", "empty", 0);
	for (i = 0; i < NEST_TABLES; i++)
		nest_judge_saw_fact(judge, &judge->in->facts->tables[i]);
	if (!strcmp(gate, "firmware"))
		nest_judge_remedy(judge, "switch on %s in the firmware's setup",
				  is_x86(model) ? "VT-d (\"Intel VT for Directed I/O\") or \"AMD "
						  "IOMMU\""
						: "the IOMMU");
	else if (off_option(judge))
		nest_judge_remedy(judge, "see iommu.disabled");
	else if (model->announced && model->announced->enable)
		nest_judge_remedy(judge, CMDLINE, model->announced->enable);
	else if (model->announced)
		nest_judge_remedy(judge, "%s", model->announced->start);
	else
		nest_judge_remedy(judge, "run it on the host itself, or with --sysroot on a mount "
					 "of the host's root");
}

void nest_rule_disabled(struct nest_judge *judge)
{
	const char *off = nest_judge_no_iommu(judge) ? off_option(judge) : NULL;

	if (!judge->in->facts->cmdline.value)
		return;
	if (off)
		nest_judge_say(judge, NEST_RESULT_FAIL, "the kernel was started with %s=off", off);
	else
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "no option of the command line keeps the IOMMU off");
	nest_judge_saw_fact(judge, &judge->in->facts->cmdline);
	if (off)
		nest_judge_remedy(judge, "remove %s=off from the kernel's command line and reboot",
				  off);
}

void nest_rule_translation(struct nest_judge *judge)
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

/* ---- the DMAR table ---- */

void nest_rule_dmar_table(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	size_t i;

	if (!facts->tables[NEST_TABLE_DMAR].value)
		return;
	if (!facts->dmar) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "the DMAR table is there and cannot be read");
		saw_dmar(judge);
		nest_judge_remedy(judge, "run it as root");
		return;
	}
	if (facts->dmar->complete && facts->dmar->checksum_ok != NEST_NO) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the DMAR table is whole: %zu structure%s",
			       facts->dmar->nentries, nest_plural(facts->dmar->nentries));
		saw_dmar(judge);
		return;
	}
	for (i = 0; i < facts->dmar->nnotes && !facts->dmar->notes[i].fatal; i++)
		;
	nest_judge_say(judge, NEST_RESULT_WARN, "the DMAR table is broken: %s",
		       i < facts->dmar->nnotes ? facts->dmar->notes[i].text
					       : "its checksum is wrong");
	saw_dmar(judge);
	nest_judge_remedy(judge, "update the firmware; to see the table");
	nest_judge_command(judge, NEST_CMD_DECODE_DMAR, facts->tables[NEST_TABLE_DMAR].path);
}

void nest_rule_firmware_flags(struct nest_judge *judge)
{
	if (!judge->in->facts->dmar)
		return;
	if (!dmar_flag(judge, "dma_remap_opt_out")) {
		nest_judge_say(judge, NEST_RESULT_PASS, "firmware does not forbid DMA remapping");
		saw_dmar(judge);
		return;
	}
	nest_judge_say(judge, NEST_RESULT_FAIL,
		       "firmware forbids DMA remapping, and no kernel option overrides it");
	saw_dmar(judge);
	nest_judge_remedy(judge, "look for a setting of DMA remapping or VT-d in the firmware's "
				 "setup, or ask its vendor");
}

void nest_rule_x2apic(struct nest_judge *judge)
{
	if (!dmar_flag(judge, "x2apic_opt_out"))
		return;
	if (option(judge, "intremap", "no_x2apic_optout")) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "firmware opts out of x2APIC, and the command line overrides it");
		saw_dmar(judge);
		return;
	}
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "firmware opts out of x2APIC: interrupts to more than 255 processors are "
		       "not to be had; assignment works");
	saw_dmar(judge);
	nest_judge_remedy(judge, CMDLINE, "intremap=no_x2apic_optout");
}

/*
 * dmar_ats_supported() of the Intel driver: a device behind a root port has to be in one of these.
 */
void nest_rule_dmar_ats(struct nest_judge *judge)
{
	const struct nest_dmar *dmar = judge->in->facts->dmar;
	size_t ports = 0, chips = 0, i;

	if (!dmar || !dmar->complete)
		return;
	for (i = 0; i < dmar->nentries; i++) {
		ports += dmar->entries[i].type == NEST_DMAR_ATSR;
		chips += dmar->entries[i].type == NEST_DMAR_SATC;
	}
	if (ports || chips)
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "firmware lets devices use ATS: %zu ATSR, %zu SATC structures",
			       ports, chips);
	else
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "firmware lets no device behind a root port use ATS (no ATSR, no "
			       "SATC structure), and without it there are no page requests");
	saw_dmar(judge);
	if (!ports && !chips)
		nest_judge_remedy(judge, "switch on ATS (\"ATS support\", \"PCIe ATS\") in the "
					 "firmware's setup, or update it");
}

/* SIDP: devices on the chip for which firmware excludes it. */
void nest_rule_dmar_sidp(struct nest_judge *judge)
{
	const struct nest_dmar *dmar = judge->in->facts->dmar;
	const char *list = NULL;
	size_t i, k;

	for (i = 0; dmar && i < dmar->nentries; i++) {
		const struct nest_dmar_entry *entry = &dmar->entries[i];
		const struct nest_dmar_scope *scope = nest_dmar_entry_scopes(dmar, entry);

		for (k = 0; entry->decoded && entry->type == NEST_DMAR_SIDP && k < entry->nscopes;
		     k++) {
			char name[64];

			if (!(scope[k].flags & NEST_DMAR_NESTED_NOT_ALLOWED))
				continue;
			nest_dmar_scope_format(&scope[k], name, sizeof(name));
			list = nest_judge_text(judge, "%s%s%s", list ? list : "", list ? ", " : "",
					       name);
		}
	}
	if (!list)
		return;
	nest_judge_say(judge, NEST_RESULT_WARN,
		       "firmware excludes nested translation of requests without PASID for %s "
		       "(SIDP structure)",
		       list);
	saw_dmar(judge);
	nest_judge_remedy(judge, "use other devices for it; to see the structure");
	nest_judge_command(judge, NEST_CMD_DECODE_DMAR,
			   judge->in->facts->tables[NEST_TABLE_DMAR].path);
}

void nest_rule_opt_in(struct nest_judge *judge)
{
	if (!dmar_flag(judge, "dma_ctrl_platform_opt_in"))
		return;
	nest_judge_say(judge, NEST_RESULT_PASS,
		       "firmware asks the system to keep DMA protection on from the start");
	saw_dmar(judge);
}

static bool any_smts(const struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (flag(&model->units[i], "smts") == NEST_YES)
			return true;
	return false;
}

void nest_rule_scalable(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	char symbol = facts->symbols[NEST_SYMBOL_SCALABLE_DEFAULT_ON];

	if (!any_smts(judge->in->model))
		return;
	if (option(judge, "intel_iommu", "sm_off") || nest_facts_note(facts, "scalable_mode_off")) {
		nest_judge_say(
			judge, NEST_RESULT_FAIL,
			"scalable mode is forbidden on the command line (intel_iommu=sm_off)");
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_remedy(judge,
				  "replace intel_iommu=sm_off by intel_iommu=on,sm_on and reboot");
	} else if (option(judge, "intel_iommu", "sm_on") ||
		   nest_facts_note(facts, "scalable_mode_on")) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "scalable mode was asked for, and the hardware has it");
		nest_judge_saw_fact(judge, &facts->cmdline);
	} else if (symbol == 'y') {
		nest_judge_say(judge, NEST_RESULT_PASS, "scalable mode is this kernel's default");
		nest_judge_saw(judge, facts->config.path,
			       "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON=y", 0);
	} else if (symbol == 'n') {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "scalable mode is off: this kernel leaves it off unless told, and "
			       "was not told");
		nest_judge_saw(judge, facts->config.path,
			       "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON is not set", 0);
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_remedy(judge, CMDLINE, "intel_iommu=on,sm_on");
	} else {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "the hardware has scalable mode; whether this kernel uses it cannot "
			       "be told: neither its command line nor its configuration says so");
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_saw(judge,
			       facts->config.path ? facts->config.path : "kernel configuration",
			       NULL, facts->config.err);
		nest_judge_remedy(judge, CMDLINE, "intel_iommu=on,sm_on");
	}
}
