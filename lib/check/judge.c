// SPDX-License-Identifier: GPL-2.0-or-later
/* For the rules: adds findings, evidence and remedies to the check. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/rules.h"
#include "cmdline.h"
#include "hw/hw.h"
#include "inventory/devices.h"
#include "remedy.h"
#include "util.h"

__attribute__((format(printf, 2, 0))) static const char *vtext(struct nest_judge *judge,
							       const char *fmt, va_list args)
{
	const char *kept = nest_pool_vprintf(&judge->in->model->pool, fmt, args);

	if (!kept)
		judge->err = -ENOMEM;
	return kept ? kept : "";
}

const char *nest_judge_text(struct nest_judge *judge, const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = vtext(judge, fmt, args);
	va_end(args);
	return text;
}

void nest_judge_about(struct nest_judge *judge, enum nest_subject kind, const char *subject)
{
	judge->kind = subject ? kind : judge->rule->kind;
	judge->subject = subject ? subject : "";
}

bool nest_judge_option(const struct nest_judge *judge, const char *key, const char *word)
{
	return nest_cmdline_has(judge->in->facts->cmdline.value, key, word);
}

bool nest_judge_acs_override(const struct nest_judge *judge)
{
	return nest_cmdline_sets(judge->in->facts->cmdline.value, "pcie_acs_override") ||
	       nest_facts_note(judge->in->facts, "acs_override");
}

bool nest_judge_is_asked(const struct nest_judge *judge, const struct nest_device *dev)
{
	size_t i;

	for (i = 0; i < judge->in->ndevices; i++)
		if (judge->in->devices[i] == dev)
			return true;
	return false;
}

bool nest_judge_unit_matters(const struct nest_judge *judge, size_t unit)
{
	size_t i;

	for (i = 0; judge->in->named && i < judge->in->ndevices; i++)
		if (judge->in->devices[i]->unit == unit)
			return true;
	return !judge->in->named;
}

bool nest_judge_no_iommu(const struct nest_judge *judge)
{
	return judge->in->model->iommu_present == NEST_NO;
}

void nest_judge_skip(struct nest_judge *judge, const char *why)
{
	nest_judge_say(judge, NEST_RESULT_NOT_APPLICABLE, "%s", why);
}

bool nest_judge_unit_counts(const struct nest_judge *judge, size_t unit)
{
	return !judge->in->model->units[unit].hw->for_tests && nest_judge_unit_matters(judge, unit);
}

bool nest_judge_no_unit(const struct nest_judge *judge)
{
	size_t i;

	for (i = 0; i < judge->in->model->nunits; i++)
		if (nest_judge_unit_counts(judge, i))
			return false;
	return true;
}

const struct nest_probe *nest_judge_probe(const struct nest_judge *judge,
					  const struct nest_device *dev)
{
	size_t i;

	for (i = 0; i < judge->in->nprobes; i++)
		if (judge->in->probes[i].device == dev)
			return &judge->in->probes[i];
	return NULL;
}

bool nest_judge_is_behind(const struct nest_judge *judge, const struct nest_probe *probe,
			  const struct nest_unit *unit)
{
	return probe->device && nest_device_unit(judge->in->model, probe->device) == unit;
}

const struct nest_device *nest_judge_tried(const struct nest_judge *judge,
					   const struct nest_unit *unit)
{
	size_t i;

	for (i = 0; i < judge->in->nprobes; i++) {
		const struct nest_probe *probe = &judge->in->probes[i];

		if (probe->decision.nesting == NEST_USABLE &&
		    nest_judge_is_behind(judge, probe, unit))
			return probe->device;
	}
	return NULL;
}

/* Devices not named on the command line only warn; they never fail the host. */
static enum nest_result tempered(const struct nest_judge *judge, enum nest_result result)
{
	bool own =
		judge->rule->kind == NEST_SUBJECT_GROUP || judge->rule->kind == NEST_SUBJECT_DEVICE;

	return own && !judge->in->named && result == NEST_RESULT_FAIL ? NEST_RESULT_WARN : result;
}

void nest_judge_say(struct nest_judge *judge, enum nest_result wanted, const char *fmt, ...)
{
	enum nest_result result = tempered(judge, wanted);
	struct nest_check *check = judge->check;
	struct nest_finding *finding = nest_array_add((void **)&check->findings, check->nfindings,
						      sizeof(*check->findings));
	va_list args;

	if (!finding) {
		judge->err = -ENOMEM;
		return;
	}
	check->nfindings++;
	check->counts[result]++;
	finding->id = judge->rule->id;
	finding->concerns_all = judge->rule->purposes & NEST_FOR_PASSTHROUGH;
	finding->kind = judge->kind;
	finding->subject = judge->subject;
	finding->result = result;
	finding->tempered = result != wanted;
	va_start(args, fmt);
	finding->summary = vtext(judge, fmt, args);
	va_end(args);
}

static struct nest_finding *newest(struct nest_judge *judge)
{
	return judge->check->nfindings ? &judge->check->findings[judge->check->nfindings - 1]
				       : NULL;
}

void nest_judge_saw(struct nest_judge *judge, const char *source, const char *value, int err)
{
	struct nest_finding *finding = newest(judge);
	struct nest_evidence *evidence =
		finding ? nest_array_add((void **)&finding->evidence, finding->nevidence,
					 sizeof(*evidence))
			: NULL;

	if (!evidence) {
		judge->err = -ENOMEM;
		return;
	}
	*evidence = (struct nest_evidence){ source, value, err };
	finding->nevidence++;
}

void nest_judge_saw_fact(struct nest_judge *judge, const struct nest_fact *fact)
{
	nest_judge_saw(judge, fact->path, fact->value, fact->err);
}

void nest_judge_saw_driver(struct nest_judge *judge, const struct nest_device *dev)
{
	nest_judge_saw(judge,
		       nest_judge_text(judge, "/sys/bus/%s/devices/%s/driver",
				       dev->bus_name ? dev->bus_name : "pci", dev->name),
		       dev->driver	  ? dev->driver
		       : dev->have_uevent ? "none"
					  : NULL,
		       0);
}

/* It may hold names of the machine, which must not begin a line: lines below it are commands. */
void nest_judge_remedy(struct nest_judge *judge, const char *fmt, ...)
{
	struct nest_finding *finding = newest(judge);
	char text[NEST_REMEDY_MAX], *at;
	va_list args;

	if (!finding)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (at = text; (at = strchr(at, '\n'));)
		*at = ' ';
	finding->remedy = nest_judge_text(judge, "%s", text);
}

/* A remedy that was made elsewhere, by remedy.h. */
void nest_judge_remedy_as(struct nest_judge *judge, const char *whole)
{
	struct nest_finding *finding = newest(judge);

	if (finding)
		finding->remedy = nest_judge_text(judge, "%s", whole);
}

void nest_judge_cause(struct nest_judge *judge, const char *fmt, ...)
{
	struct nest_finding *finding = newest(judge);
	va_list args;

	if (!finding)
		return;
	va_start(args, fmt);
	finding->cause = vtext(judge, fmt, args);
	va_end(args);
}

void nest_judge_final(struct nest_judge *judge)
{
	struct nest_finding *finding = newest(judge);

	if (finding)
		finding->final = true;
}

void nest_judge_place(struct nest_judge *judge, const char *address)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_device *dev = nest_model_device(model, address);
	struct nest_finding *finding = newest(judge);
	size_t i;

	if (!finding || !judge->in->named || !dev || !nest_device_group(model, dev))
		return;
	for (i = 0; i < judge->in->ndevices; i++)
		if (judge->in->devices[i] == dev ||
		    nest_device_group(model, judge->in->devices[i]) ==
			    nest_device_group(model, dev))
			return;
	finding->elsewhere = dev->name;
}

bool nest_judge_in_guest(const struct nest_judge *judge)
{
	const struct nest_fact *hypervisor = &judge->in->facts->hypervisor;
	const struct nest_model *model = judge->in->model;
	size_t i;

	/* Xen's own domain has the flag too, and rules of its own. */
	if (hypervisor->value && !strcmp(hypervisor->value, "xen"))
		return false;
	for (i = 0; i < model->nunits; i++)
		if (model->units[i].hw == &nest_hw_virtio)
			return true;
	return nest_facts_cpu(judge->in->facts, "hypervisor") == NEST_YES;
}

void nest_judge_commands(struct nest_judge *judge, const char *commands)
{
	struct nest_finding *finding = newest(judge);

	if (finding && finding->remedy && *commands)
		finding->remedy =
			nest_judge_text(judge, "%s%s\n%s", finding->remedy,
					strchr(finding->remedy, '\n') ? "" : ":", commands);
}

void nest_judge_command(struct nest_judge *judge, const char *template, const char *object)
{
	char commands[NEST_REMEDY_MAX];

	nest_remedy_commands(template, object, commands, sizeof(commands));
	nest_judge_commands(judge, commands);
}

/* Can it be bound to vfio-pci, and is it behind this unit (NULL: one of this kind)? */
static bool can_be_asked(const struct nest_judge *judge, const struct nest_device *dev,
			 const struct nest_hw *hw, const struct nest_unit *unit)
{
	const struct nest_unit *its = nest_device_unit(judge->in->model, dev);

	return its && (unit ? its == unit : its->hw == hw) && dev->bus == NEST_BUS_PCI &&
	       !nest_device_is_bridge(dev);
}

/* A device that is checked before one without a driver, and that before any other. */
static void ask(struct nest_judge *judge, const struct nest_hw *hw, const struct nest_unit *unit)
{
	const struct nest_model *model = judge->in->model;
	const struct nest_device *found = NULL;
	size_t i;

	for (i = 0; !found && i < judge->in->ndevices; i++)
		if (can_be_asked(judge, judge->in->devices[i], hw, unit))
			found = judge->in->devices[i];
	for (i = 0; (!found || found->driver) && i < model->ndevices; i++)
		if (can_be_asked(judge, &model->devices[i], hw, unit) &&
		    (!found || !model->devices[i].driver))
			found = &model->devices[i];
	if (!found) {
		nest_judge_remedy(judge, "ask the kernel, by vfio-nestctl probe and the address of "
					 "a device, once there is one behind it");
		return;
	}
	nest_judge_remedy(judge, "ask the kernel about a device behind it");
	nest_judge_command(judge, NEST_CMD_PROBE, found->name);
}

void nest_judge_ask_kind(struct nest_judge *judge, const struct nest_hw *hw)
{
	ask(judge, hw, NULL);
}

void nest_judge_ask(struct nest_judge *judge, const struct nest_unit *unit)
{
	const struct nest_device *asked = NULL;
	size_t i;

	for (i = 0; i < judge->in->nprobes; i++) {
		const struct nest_probe *probe = &judge->in->probes[i];

		if (!nest_judge_is_behind(judge, probe, unit))
			continue;
		if (probe->iommufd.hw_info.status != NEST_OUTCOME_OK) {
			asked = probe->device;
		} else if (!probe->iommufd.hw.hw && unit->hw->untold.remedy) {
			nest_judge_remedy(judge, "%s", unit->hw->untold.remedy);
			return;
		}
	}
	if (!asked) {
		ask(judge, unit->hw, unit);
		return;
	}
	nest_judge_remedy(judge, "see why the kernel did not tell");
	nest_judge_command(judge, NEST_CMD_PROBE, asked->name);
}
