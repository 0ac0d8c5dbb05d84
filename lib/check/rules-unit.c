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
	if (!any)
		nest_judge_saw(judge, nest_judge_text(judge, "/sys/class/iommu/%s", unit->name),
			       unit->hw->name, 0);
}

static bool any_nests(const struct nest_model *model, const struct nest_unit *but)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (&model->units[i] != but && model->units[i].nesting == NEST_YES)
			return true;
	return false;
}

static bool any_smts(const struct nest_model *model)
{
	size_t i;

	for (i = 0; i < model->nunits; i++)
		if (flag(&model->units[i], "smts") == NEST_YES)
			return true;
	return false;
}

static void scalable_rule(struct nest_judge *judge)
{
	const struct nest_facts *facts = judge->in->facts;
	char symbol = facts->symbols[NEST_SYMBOL_SCALABLE_DEFAULT_ON];

	if (!any_smts(judge->in->model))
		return;
	if (nest_judge_option(judge, "intel_iommu", "sm_off") ||
	    nest_facts_note(facts, "scalable_mode_off")) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "the command line disables scalable mode (intel_iommu=sm_off)");
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_remedy(judge,
				  "replace intel_iommu=sm_off by intel_iommu=on,sm_on and reboot");
	} else if (nest_judge_option(judge, "intel_iommu", "sm_on") ||
		   nest_facts_note(facts, "scalable_mode_on")) {
		nest_judge_say(
			judge, NEST_RESULT_PASS,
			"scalable mode is enabled on the command line, and the hardware has it");
		nest_judge_saw_fact(judge, &facts->cmdline);
	} else if (symbol == 'y') {
		nest_judge_say(judge, NEST_RESULT_PASS, "scalable mode is this kernel's default");
		nest_judge_saw(judge, facts->config.path,
			       "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON=y", 0);
	} else if (symbol == 'n') {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "scalable mode is off: it is off by default in this kernel, and the "
			       "command line does not enable it");
		nest_judge_saw(judge, facts->config.path,
			       "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON is not set", 0);
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, "intel_iommu=on,sm_on");
	} else {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether this kernel uses scalable mode: neither "
			       "its command line nor its configuration says so");
		nest_judge_saw_fact(judge, &facts->cmdline);
		nest_judge_saw(judge,
			       facts->config.path ? facts->config.path : "kernel configuration",
			       NULL, facts->config.err);
		nest_judge_remedy(judge, NEST_WORDS_CMDLINE, "intel_iommu=on,sm_on");
	}
}

static void unit_nests_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];
	bool others = any_nests(judge->in->model, unit) && !judge->in->named;

	if (unit->hw->for_tests || !nest_judge_unit_matters(judge, judge->index))
		return;
	if (unit->nesting == NEST_YES)
		nest_judge_say(judge, NEST_RESULT_PASS, "the unit nests: %s", unit->reason);
	else if (unit->nesting == NEST_NO)
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "the unit cannot nest (%s): %s", unit->gate ? unit->gate : "unknown",
			       unit->reason);
	else
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_UNKNOWN,
			       "cannot determine whether the unit nests (%s): %s",
			       unit->gate ? unit->gate : "unknown", unit->reason);
	nest_judge_saw_unit(judge, unit);
	if (unit->nesting == NEST_NO && others) {
		nest_judge_remedy(judge, "use devices behind another unit");
		nest_judge_command(judge, NEST_CMD_NESTABLE, "");
	} else if (unit->nesting == NEST_NO && unit->hw->other_machine) {
		nest_judge_remedy(judge, "%s", unit->hw->other_machine);
	} else if (unit->nesting == NEST_UNKNOWN) {
		nest_judge_remedy(
			judge,
			"ask the kernel about a device behind it: vfio-nestctl probe DEVICE");
	}
}

static void unit_registers_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];

	if (!unit->gate || strcmp(unit->gate, "registers"))
		return;
	nest_judge_say(judge, NEST_RESULT_UNKNOWN,
		       "the unit's registers cannot be read or believed: %s", unit->reason);
	nest_judge_saw(judge, nest_judge_text(judge, "/sys/class/iommu/%s", unit->name), NULL, 0);
	if (!unit->values.known && unit->hw->unread.remedy) {
		nest_judge_remedy(judge, "%s", unit->hw->unread.remedy);
	} else if (unit->hw->log) {
		nest_judge_remedy(judge, "update the firmware if the unit answers all ones; the "
					 "kernel log tells more");
		nest_judge_command(judge, NEST_CMD_LOG_OF, unit->hw->log);
	}
}

static void unit_pasid_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];

	const struct nest_hw_capability *need = unit->hw->sva;

	if (unit->hw->for_tests || !nest_judge_unit_matters(judge, judge->index))
		return;
	while (need && need->field && flag(unit, need->field) == NEST_YES)
		need++;
	if (!need || (need->field && flag(unit, need->field) == NEST_UNKNOWN))
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "whether the unit has PASIDs and page requests is not known: %s",
			       need ? "its registers cannot be read or believed"
				    : "sysfs shows no register of this kind that tells");
	else if (!need->field)
		nest_judge_say(judge, NEST_RESULT_PASS, "the unit has PASIDs and page requests");
	else
		nest_judge_say(judge,
			       judge->in->named || judge->in->model->nunits == 1 ? NEST_RESULT_FAIL
										 : NEST_RESULT_WARN,
			       "the unit has no %s", need->what);
	nest_judge_saw_unit(judge, unit);
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
			       "the units differ in %s, so the kernel uses it on none",
			       note->detail);
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

static const struct nest_rule rules[] = {
	{ "vtd.scalable_mode", NEST_SUBJECT_HOST, NEST_FOR_NESTED | NEST_FOR_SVA,
	  NEST_FOR_NESTED | NEST_FOR_SVA, scalable_rule,
	  "scalable mode is on where the hardware has it" },
	{ "units.differ", NEST_SUBJECT_HOST, NEST_FOR_ALL, 0, units_differ_rule,
	  "the VT-d units are alike" },
	{ "unit.registers", NEST_SUBJECT_UNIT, NEST_FOR_ALL, 0, unit_registers_rule,
	  "the unit's registers can be read and believed" },
	{ "unit.nesting", NEST_SUBJECT_UNIT, NEST_FOR_NESTED, NEST_FOR_NESTED, unit_nests_rule,
	  "the unit can nest" },
	{ "unit.pasid", NEST_SUBJECT_UNIT, NEST_FOR_SVA, NEST_FOR_SVA, unit_pasid_rule,
	  "the unit takes PASIDs and page requests" },
	{ "unit.broken_pasid", NEST_SUBJECT_UNIT, NEST_FOR_NESTED | NEST_FOR_SVA, 0,
	  broken_pasid_rule, "the unit is not one of the early parts with broken PASIDs" },
};
NEST_RULE_TOPIC(unit);
