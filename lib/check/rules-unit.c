// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about each IOMMU unit, by its registers, and about kernels that nest on such units. */
#include <string.h>

#include "check/rules.h"
#include "remedy.h"
#include "hw/hw.h"

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
		/* A file of one register needs no name for it. */
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

/* Is the unit in front of a device that the check is about? All are, if none was named. */
static bool matters(const struct nest_rules_input *in, size_t unit)
{
	size_t i;

	for (i = 0; in->named && i < in->ndevices; i++)
		if (in->devices[i]->unit == unit)
			return true;
	return !in->named;
}

void nest_rule_unit_nests(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];
	bool others = any_nests(judge->in->model, unit) && !judge->in->named;

	if (unit->hw->for_tests || !matters(judge->in, judge->index))
		return;
	if (unit->nesting == NEST_YES)
		nest_judge_say(judge, NEST_RESULT_PASS, "the unit nests: %s", unit->reason);
	else if (unit->nesting == NEST_NO)
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "the unit cannot nest (%s): %s", unit->gate ? unit->gate : "unknown",
			       unit->reason);
	else
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_UNKNOWN,
			       "whether the unit nests cannot be told (%s): %s",
			       unit->gate ? unit->gate : "unknown", unit->reason);
	nest_judge_saw_unit(judge, unit);
	if (unit->nesting == NEST_NO && others) {
		nest_judge_remedy(judge, "take devices behind another unit");
		nest_judge_command(judge, NEST_CMD_NESTABLE, "");
	} else if (unit->nesting == NEST_NO && unit->hw->other_machine) {
		nest_judge_remedy(judge, "%s", unit->hw->other_machine);
	} else if (unit->nesting == NEST_UNKNOWN) {
		nest_judge_remedy(
			judge,
			"ask the kernel about a device behind it: vfio-nestctl probe DEVICE");
	}
}

void nest_rule_unit_registers(struct nest_judge *judge)
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

void nest_rule_unit_pasid(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];

	const struct nest_hw_capability *need = unit->hw->sva;

	if (unit->hw->for_tests || !matters(judge->in, judge->index))
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

void nest_rule_broken_pasid(struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];

	const char *why = unit->hw->broken_pasid ? unit->hw->broken_pasid(&unit->values) : NULL;

	if (!why || !matters(judge->in, judge->index))
		return;
	nest_judge_say(judge, NEST_RESULT_WARN, "%s", why);
	nest_judge_saw_unit(judge, unit);
}

void nest_rule_units_differ(struct nest_judge *judge)
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

static bool is_before(const struct nest_facts *facts, unsigned int major, unsigned int minor)
{
	return facts->major < major || (facts->major == major && facts->minor < minor);
}

/* The option that nesting needs: 'y', 'm', 'n', 0 for not known. */
static char option_of(const struct nest_facts *facts, const struct nest_hw *hw)
{
	return hw->symbol && !hw->symbol_shown ? nest_facts_option(facts, hw->symbol) : 'y';
}

/* Does this kernel offer nested tables on that kind of IOMMU? */
static enum nest_tri kernel_nests(const struct nest_facts *facts, const struct nest_hw *hw)
{
	bool known = is_before(facts, NEST_HW_LOOKED_AT_MAJOR, NEST_HW_LOOKED_AT_MINOR + 1);
	char option = option_of(facts, hw);

	if (!hw->major)
		return known && hw->no_kernel ? NEST_NO : NEST_UNKNOWN;
	if (is_before(facts, hw->major, hw->minor) || option == 'n')
		return NEST_NO;
	return option ? NEST_YES : NEST_UNKNOWN;
}

/* No release that was read nests on this kind. */
static void say_no_release(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const char *release = judge->in->model->host.kernel;

	if (nests == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s offers user space no nesting on this IOMMU: %s", release,
			       hw->no_kernel);
	else
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "whether Linux %s nests on this kind of IOMMU (%s) is not known to "
			       "this tool, which knows kernels up to %u.%u",
			       release, hw->name, NEST_HW_LOOKED_AT_MAJOR, NEST_HW_LOOKED_AT_MINOR);
	nest_judge_saw(judge, "uname -r", release, 0);
	nest_judge_remedy(judge, "%s",
			  nests == NEST_NO ? hw->other_machine
					   : "vfio-nestctl probe DEVICE asks the kernel");
}

static void say_option(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const struct nest_facts *facts = judge->in->facts;
	const char *release = judge->in->model->host.kernel;
	const char *config = facts->config.path ? facts->config.path : "kernel configuration";
	char option = option_of(facts, hw);

	if (nests == NEST_NO)
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s offers user space no nesting: it was built without %s",
			       release, hw->symbol);
	else if (nests == NEST_UNKNOWN)
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "Linux %s can offer nested tables through iommufd if it was built "
			       "with %s, which cannot be told",
			       release, hw->symbol);
	else
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "Linux %s can offer nested tables through iommufd", release);
	nest_judge_saw(judge, "uname -r", release, 0);
	if (hw->symbol && !hw->symbol_shown)
		nest_judge_saw(judge, config,
			       option ? nest_judge_text(judge, "%s: %c", hw->symbol, option) : NULL,
			       facts->config.err);
	if (nests == NEST_NO)
		nest_judge_remedy(judge, "use a kernel with %s", hw->symbol);
	else if (nests == NEST_UNKNOWN)
		nest_judge_remedy(judge, "vfio-nestctl probe DEVICE asks the kernel");
}

static void say_kernel(struct nest_judge *judge, const struct nest_hw *hw, enum nest_tri nests)
{
	const char *release = judge->in->model->host.kernel;

	if (!hw->major) {
		say_no_release(judge, hw, nests);
	} else if (is_before(judge->in->facts, hw->major, hw->minor)) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "Linux %s offers user space no nesting, which came with %u.%u (a "
			       "vendor's kernel may have an older interface: --probe asks)",
			       release, hw->major, hw->minor);
		nest_judge_saw(judge, "uname -r", release, 0);
		nest_judge_remedy(judge, "use Linux %u.%u or later with CONFIG_IOMMUFD", hw->major,
				  hw->minor);
	} else {
		say_option(judge, hw, nests);
	}
}

/* A kernel that nests on one kind of IOMMU here can nest: what the others can is unit.nesting. */
void nest_rule_nesting_abi(struct nest_judge *judge)
{
	static const int weight[] = { [NEST_NO] = 1, [NEST_UNKNOWN] = 2, [NEST_YES] = 3 };
	const struct nest_model *model = judge->in->model;
	const struct nest_hw *best = NULL;
	enum nest_tri answer = NEST_UNKNOWN;
	size_t i;

	/* probe.nesting knows better; and without an IOMMU the release does not matter. */
	if (judge->in->probe || nest_judge_no_iommu(judge))
		return;
	if (!judge->in->facts->major) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN, "which kernel this is cannot be told");
		nest_judge_saw(judge, "/proc/sys/kernel/osrelease", NULL, 0);
		return;
	}
	for (i = 0; i < model->nunits; i++) {
		const struct nest_hw *hw = model->units[i].hw;
		enum nest_tri nests = kernel_nests(judge->in->facts, hw);

		if (hw->for_tests || !matters(judge->in, i))
			continue;
		if (!best || weight[nests] > weight[answer]) {
			best = hw;
			answer = nests;
		}
	}
	if (best)
		say_kernel(judge, best, answer);
}
