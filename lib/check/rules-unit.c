// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about each IOMMU unit, by its registers. */
#include <string.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "remedy.h"

static enum nest_tri flag(const struct nest_unit *unit, const char *field)
{
	return nest_hw_flag(unit->hw, &unit->values, field);
}

void nest_judge_saw_unit(struct nest_judge *judge, const struct nest_unit *unit)
{
	const struct nest_hw_attr *attr;
	bool any = false, one;
	char text[128];

	for (attr = unit->hw->attrs; attr && attr->file; attr++) {
		nest_hw_values_text(unit->hw, &unit->values, attr->registers & unit->hw->decides,
				    text, sizeof(text));
		if (!*text)
			continue;
		any = true;
		/* The register's name adds nothing where the file has only one. */
		one = !(attr->registers & (attr->registers - 1));
		nest_judge_saw(
			judge,
			nest_judge_text(judge, "/sys/class/iommu/%s/%s", unit->name, attr->file),
			nest_judge_text(judge, "%s", one ? strchr(text, ' ') + 1 : text), 0);
	}
	nest_hw_values_text(unit->hw, &unit->values, any ? 0 : unit->hw->decides, text,
			    sizeof(text));
	if (*text)
		nest_judge_saw(judge, "IOMMU_GET_HW_INFO", nest_judge_text(judge, "%s", text), 0);
	else if (!any)
		nest_judge_saw(judge, nest_judge_text(judge, "/sys/class/iommu/%s", unit->name),
			       unit->hw->name, 0);
}

/* Units whose registers are not read or not believed have this one cause, whatever rule asks. */
#define UNREAD "the registers of a unit cannot be read or believed"

static bool any_nests(const struct nest_model *model, const struct nest_unit *but)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (&model->units[i] != but && model->units[i].nesting == NEST_YES)
			return true;
	return false;
}

/* ---- scalable mode ---- */

/* Does a VT-d unit have scalable mode? Unknown if none has, and one did not tell. */
static enum nest_tri any_smts(const struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	enum nest_tri any = NEST_NO;
	size_t i;

	for (i = 0; i < model->nunits; i++) {
		enum nest_tri one = flag(&model->units[i], "smts");

		if (model->units[i].hw != &nest_hw_vtd)
			continue;
		if (one == NEST_YES)
			return NEST_YES;
		if (one == NEST_UNKNOWN)
			any = NEST_UNKNOWN;
	}
	return any;
}

static bool has_kind(const struct nest_judge *judge, const struct nest_hw *hw)
{
	size_t i;

	for (i = 0; i < judge->in->model->nunits; i++)
		if (judge->in->model->units[i].hw == hw)
			return true;
	return false;
}

static bool any_tried(const struct nest_judge *judge)
{
	size_t i;

	for (i = 0; i < judge->in->model->nunits; i++)
		if (nest_judge_tried(judge, &judge->in->model->units[i]))
			return true;
	return false;
}

static void saw_config(struct nest_judge *judge, const char *value)
{
	const struct nest_fact *config = &judge->in->facts->config;

	nest_judge_saw(judge, config->path ? config->path : "kernel configuration", value,
		       value ? 0 : config->err);
}

/* Scalable mode is off, for a reason. */
static bool say_scalable_off(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;

	if (nest_judge_option(judge, "intel_iommu", "sm_off") ||
	    nest_facts_note(facts, "scalable_mode_off")) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "the command line disables scalable mode (intel_iommu=sm_off)");
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_remedy(judge,
				  "replace intel_iommu=sm_off by intel_iommu=on,sm_on and reboot");
		return true;
	}
	return false;
}

/* Scalable mode is there, and nothing turns it off: does anything turn it on? */
static void say_scalable(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	char symbol = facts->symbols[NEST_SYMBOL_SCALABLE_DEFAULT_ON];

	if (nest_judge_option(judge, "intel_iommu", "sm_on") ||
	    nest_facts_note(facts, "scalable_mode_on")) {
		nest_judge_say(
			judge, NEST_RESULT_PASS,
			"scalable mode is enabled on the command line, and the hardware has it");
		nest_judge_saw_fact(judge, &facts->cmdline);
	} else if (symbol == 'y') {
		nest_judge_say(judge, NEST_RESULT_PASS, "scalable mode is this kernel's default");
		saw_config(judge, "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON=y");
	} else if (symbol == 'n' && facts->cmdline.value) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "scalable mode is off: it is off by default in this kernel, and the "
			       "command line does not enable it");
		saw_config(judge, "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON is not set");
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, "intel_iommu=on,sm_on");
	} else {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether this kernel uses scalable mode: neither "
			       "its command line nor its configuration says so");
		nest_judge_saw_fact(judge, &facts->cmdline);
		saw_config(judge, NULL);
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, "intel_iommu=on,sm_on");
	}
}

static void scalable_rule(struct nest_judge *judge)
{
	enum nest_tri smts = any_smts(judge);

	if (nest_judge_no_iommu(judge))
		return;
	if (judge->in->model->nunits && !has_kind(judge, &nest_hw_vtd)) {
		nest_judge_skip(judge, "it is about another kind of IOMMU");
	} else if (any_tried(judge)) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "scalable mode is on: the kernel made a nested table for a device");
		nest_judge_saw(judge, "probe", "a nest parent was allocated", 0);
	} else if (smts == NEST_NO && judge->in->model->nunits) {
		nest_judge_skip(judge, "no VT-d unit has scalable mode");
	} else if (smts != NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether the hardware has scalable mode: no VT-d "
			       "unit shows its registers");
		nest_judge_cause(judge, UNREAD);
		nest_judge_saw(judge, "/sys/class/iommu", NULL, judge->in->model->units_err);
	} else if (!say_scalable_off(judge)) {
		say_scalable(judge);
	}
}

/* ---- nesting ---- */

static void say_unit_nests(struct nest_judge *judge, const struct nest_unit *unit, bool others)
{
	const struct nest_device *tried = nest_judge_tried(judge, unit);

	if (tried)
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the unit nests: the kernel made a nested table for %s",
			       tried->name);
	else if (unit->nesting == NEST_YES)
		nest_judge_say(judge, NEST_RESULT_PASS, "the unit nests: %s", unit->reason);
	else if (unit->nesting == NEST_NO)
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "the unit cannot nest (%s): %s", unit->gate ? unit->gate : "unknown",
			       unit->reason);
	else
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_UNKNOWN,
			       "cannot determine whether the unit nests (%s): %s",
			       unit->gate ? unit->gate : "unknown", unit->reason);
}

/*
 * No unit nests or could with a kernel that was read: nothing on this machine helps. Also units
 * that are in front of no named device: another device may be behind them.
 */
static bool is_hopeless(const struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	size_t i;

	for (i = 0; i < model->nunits; i++) {
		const struct nest_unit *unit = &model->units[i];
		bool never =
			unit->hw->no_kernel && nest_judge_kernel_nests(judge, unit->hw) == NEST_NO;

		if (!unit->hw->for_tests &&
		    (nest_judge_tried(judge, unit) || (unit->nesting != NEST_NO && !never)))
			return false;
	}
	return true;
}

/* Units that lack the same are one finding for people. */
static void say_cause(struct nest_judge *judge, const struct nest_unit *unit)
{
	if (!unit->gate)
		return;
	if (!strcmp(unit->gate, "registers"))
		nest_judge_cause(judge, UNREAD);
	else
		nest_judge_cause(judge, "nesting of a unit is decided by %s", unit->gate);
}

void nest_judge_nests_not(struct nest_judge *judge, const struct nest_unit *unit)
{
	bool others = any_nests(judge->in->model, unit);

	say_cause(judge, unit);
	if (unit->nesting == NEST_NO && is_hopeless(judge))
		nest_judge_final(judge);
	if (unit->nesting == NEST_NO && nest_judge_in_guest(judge)) {
		nest_judge_remedy(judge, NEST_REMEDY_HOST);
	} else if (unit->nesting == NEST_NO && others) {
		nest_judge_remedy(judge, "use a device behind another unit");
		nest_judge_command(judge, NEST_CMD_NESTABLE, "");
	} else if (unit->nesting == NEST_NO && nest_hw_help(unit->hw, unit->gate)) {
		nest_judge_remedy(judge, "%s", nest_hw_help(unit->hw, unit->gate));
	} else if (unit->nesting == NEST_UNKNOWN) {
		nest_judge_ask(judge, unit);
	}
}

static void unit_nests_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];
	bool others = any_nests(judge->in->model, unit);

	if (!nest_judge_unit_counts(judge, judge->index))
		return;
	say_unit_nests(judge, unit, others && !judge->in->named);
	nest_judge_saw_unit(judge, unit);
	if (!nest_judge_tried(judge, unit) && unit->nesting != NEST_YES)
		nest_judge_nests_not(judge, unit);
}

/* ---- registers and PASIDs ---- */

static void unit_registers_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];

	if (!unit->gate || strcmp(unit->gate, "registers") ||
	    !nest_judge_unit_matters(judge, judge->index))
		return;
	if (judge->in->purpose == NEST_FOR_PASSTHROUGH && !unit->values.known &&
	    unit->hw->unread.remedy) {
		nest_judge_skip(judge, "sysfs shows no registers of this kind, and passthrough "
				       "does not depend on them");
		return;
	}
	nest_judge_say(judge, NEST_RESULT_UNKNOWN,
		       "the unit's registers cannot be read or believed: %s", unit->reason);
	nest_judge_cause(judge, UNREAD);
	nest_judge_saw(judge, nest_judge_text(judge, "/sys/class/iommu/%s", unit->name), NULL, 0);
	if (!unit->values.known && unit->hw->unread.remedy) {
		nest_judge_ask(judge, unit);
	} else if (unit->hw->log) {
		nest_judge_remedy(judge, "update the firmware if the unit answers all ones; the "
					 "kernel log tells more");
		nest_judge_command(judge, NEST_CMD_LOG_OF, unit->hw->log);
	}
}

/* Has the unit what shared addressing needs? *ret_lacks: the first that it lacks, or that is
 * unknown. */
static enum nest_tri takes_pasids(const struct nest_unit *unit,
				  const struct nest_hw_capability **ret_lacks)
{
	const struct nest_hw_capability *need = unit->hw->sva;

	while (need && need->field && flag(unit, need->field) == NEST_YES)
		need++;
	*ret_lacks = need;
	return !need ? NEST_UNKNOWN : !need->field ? NEST_YES : flag(unit, need->field);
}

/* The note that the kernel refused shared addressing on this unit, or NULL. */
static const struct nest_log_note *sva_note(const struct nest_judge *judge,
					    const struct nest_unit *unit)
{
	const struct nest_facts *facts = judge->in->facts;
	const struct nest_log_result *log = facts->klog ? nest_log_result(facts->klog) : NULL;
	size_t i, len = strlen(unit->name);

	for (i = 0; log && i < log->nnotes; i++)
		if (!strcmp(log->notes[i].id, "sva_off") &&
		    !strncmp(log->notes[i].detail, unit->name, len) &&
		    log->notes[i].detail[len] == ':')
			return &log->notes[i];
	return NULL;
}

/*
 * The unit walks the processor's own tables, and has to know all of their forms. *ret_row: one that
 * it does not know, which the processor uses, or may use, or does not use.
 */
static enum nest_tri walks_tables(const struct nest_judge *judge, const struct nest_unit *unit,
				  const struct nest_hw_paging **ret_row)
{
	const struct nest_hw_paging *row;
	enum nest_tri all = NEST_YES, cpu;

	for (row = unit->hw->sva_paging; row && row->field; row++) {
		if (flag(unit, row->field) == NEST_YES)
			continue;
		cpu = nest_facts_cpu(judge->in->facts, row->cpu);
		if (cpu != NEST_NO || all == NEST_YES)
			*ret_row = row;
		if (cpu == NEST_YES)
			return NEST_NO;
		if (cpu == NEST_UNKNOWN)
			all = NEST_UNKNOWN;
	}
	return all;
}

static bool other_takes_pasids(const struct nest_judge *judge, const struct nest_unit *but)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_hw_capability *lacks;
	const struct nest_hw_paging *row;
	size_t i;

	for (i = 0; i < model->nunits && !judge->in->named; i++)
		if (&model->units[i] != but && takes_pasids(&model->units[i], &lacks) == NEST_YES &&
		    !sva_note(judge, &model->units[i]) &&
		    walks_tables(judge, &model->units[i], &row) == NEST_YES)
			return true;
	return false;
}

/* It has PASIDs and page requests: does the kernel share page tables with it? */
static void say_tables(struct nest_judge *judge, const struct nest_unit *unit, bool others)
{
	const struct nest_log_note *note = sva_note(judge, unit);
	const struct nest_hw_paging *row = NULL;
	enum nest_tri walks = walks_tables(judge, unit, &row);

	if (note) {
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "the kernel log says that it shares no page tables with the unit: "
			       "they differ from the processor's");
		nest_judge_saw(judge, "kernel log",
			       nest_judge_text(judge, "line %u: %s %s", note->line, note->id,
					       note->detail),
			       0);
	} else if (walks == NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the unit has PASIDs and page requests");
		if (row)
			nest_judge_saw(judge, judge->in->facts->cpu.path,
				       nest_judge_text(judge, "no %s", row->cpu), 0);
	} else if (walks == NEST_NO) {
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "the unit cannot share the processor's page tables: it has no %s",
			       row->what);
		nest_judge_saw(judge, judge->in->facts->cpu.path, row->cpu, 0);
	} else {
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_UNKNOWN,
			       "cannot determine whether the unit can share the processor's page "
			       "tables: it has no %s, which the processor may use",
			       row->what);
		nest_judge_saw_fact(judge, &judge->in->facts->cpu);
	}
	if (!note && walks != NEST_YES && !strcmp(row->cpu, "la57"))
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, "no5lvl");
}

static void say_lacks(struct nest_judge *judge, const char *what, bool others)
{
	nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_FAIL, "the unit has no %s",
		       what);
	if (nest_judge_in_guest(judge))
		nest_judge_remedy(judge, NEST_REMEDY_HOST);
	else if (others)
		nest_judge_remedy(judge, "use a device behind another unit");
	else
		nest_judge_remedy(judge, "use a machine whose IOMMU has PASIDs and page requests; "
					 "no setting changes this");
}

static void unit_pasid_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];
	const struct nest_hw_capability *lacks;
	enum nest_tri takes = takes_pasids(unit, &lacks);
	bool others = other_takes_pasids(judge, unit);

	if (!nest_judge_unit_counts(judge, judge->index))
		return;
	if (takes == NEST_YES)
		say_tables(judge, unit, others);
	else if (takes == NEST_NO)
		say_lacks(judge, lacks->what, others);
	else
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_UNKNOWN,
			       "cannot determine whether the unit has PASIDs and page requests: "
			       "%s",
			       lacks ? "its registers cannot be read or believed"
				     : "sysfs shows no register of this kind that tells");
	nest_judge_saw_unit(judge, unit);
	if (takes == NEST_UNKNOWN && !unit->values.known && unit->hw->unread.remedy)
		nest_judge_ask(judge, unit);
}

static void broken_pasid_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];

	const char *why = unit->hw->broken_pasid ? unit->hw->broken_pasid(&unit->values) : NULL;

	if (!why || !nest_judge_unit_matters(judge, judge->index))
		return;
	nest_judge_say(judge, NEST_RESULT_WARN, "%s", why);
	nest_judge_saw_unit(judge, unit);
}

static void units_differ_rule(struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_log_note *note = nest_facts_note(judge->in->facts, "units_differ");
	const struct nest_unit *first = NULL, *other = NULL;
	size_t i;

	for (i = 0; i < model->nunits && !other; i++) {
		const struct nest_unit *unit = &model->units[i];

		if (!unit->values.known)
			continue;
		if (!first)
			first = unit;
		else if (first->hw == unit->hw &&
			 memcmp(&first->values, &unit->values, sizeof(unit->values)))
			other = unit;
	}
	if (note) {
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the units differ in %s: each is judged by itself", note->detail);
		nest_judge_saw(
			judge, "kernel log",
			nest_judge_text(judge, "IOMMU feature %s inconsistent", note->detail), 0);
	} else if (other) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the units differ (%s and %s, for two): each is judged by itself",
			       first->name, other->name);
		nest_judge_saw_unit(judge, first);
		nest_judge_saw_unit(judge, other);
	}
}

static const struct nest_rule_evidence scalable_evidence[] = {
	{ &nest_hw_vtd,
	  "sm_on on the command line or in the log; the kernel's default; or a nest parent that "
	  "was "
	  "allocated (--probe)",
	  "sm_off; or off by default and not enabled",
	  "no register, no command line and no configuration that tells" },
	{ NULL, NULL, NULL, NULL },
};

static const struct nest_rule_evidence nesting_evidence[] = {
	{ &nest_hw_vtd, "ECAP.SMTS, NEST and SLTS are set", "one of them is clear",
	  "registers not readable, or all ones" },
	{ &nest_hw_amd, "the gates of EFR and EFR2 are set", "one of them is clear",
	  "registers not readable" },
	{ NULL, "a nest parent that was allocated (--probe)", NULL, "sysfs shows no register" },
};

static const struct nest_rule_evidence pasid_evidence[] = {
	{ &nest_hw_vtd,
	  "ECAP.SMTS, PASID, PRS and FLTS are set, and CAP.FL1GP and FL5LP if the processor has "
	  "these pages",
	  "one of them is clear, or the log says so",
	  "registers not readable, or all ones; no cpuinfo where CAP lacks one" },
	{ &nest_hw_amd, "EFR.GTSup, GIoSup, PPRSup and EPHSup are set", "one of them is clear",
	  "registers not readable" },
	{ NULL, NULL, NULL, "sysfs shows no register" },
};

static const struct nest_rule rules[] = {
	{ "vtd.scalable_mode", NEST_SUBJECT_HOST, NEST_FOR_NESTED | NEST_FOR_SVA,
	  NEST_FOR_NESTED | NEST_FOR_SVA, scalable_rule,
	  "scalable mode is on where the hardware has it", scalable_evidence },
	{ "units.differ", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, units_differ_rule,
	  "the VT-d units are alike", NULL },
	{ "unit.registers", NEST_SUBJECT_UNIT, NEST_FOR_ALL, 0, unit_registers_rule,
	  "the unit's registers can be read and believed", NULL },
	{ "unit.nesting", NEST_SUBJECT_UNIT, NEST_FOR_NESTED, NEST_FOR_NESTED, unit_nests_rule,
	  "the unit can nest", nesting_evidence },
	{ "unit.pasid", NEST_SUBJECT_UNIT, NEST_FOR_SVA, NEST_FOR_SVA, unit_pasid_rule,
	  "the unit takes PASIDs and page requests", pasid_evidence },
	{ "unit.broken_pasid", NEST_SUBJECT_UNIT, NEST_FOR_NESTED | NEST_FOR_SVA, 0,
	  broken_pasid_rule, "the unit is not one of the early parts with broken PASIDs", NULL },
};
NEST_RULE_TOPIC(unit);
