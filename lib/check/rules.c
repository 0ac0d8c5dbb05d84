// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of rules, who is asked what, and what all answers come to. */
#include "check/rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remedy.h"
#include "util.h"

#define P   NEST_FOR_PASSTHROUGH
#define N   NEST_FOR_NESTED
#define S   NEST_FOR_SVA
#define ALL NEST_FOR_ALL

/* clang-format off */
const struct nest_rule nest_rules[] = {
	{"iommu.present", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_present, "an IOMMU is there and in use"},
	{"iommu.disabled", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_disabled, "no option of the command line keeps the IOMMU off"},
	{"iommu.translation", NEST_SUBJECT_HOST, ALL, 0, nest_rule_translation, "how devices of the kernel are mapped"},
	{"dmar.table", NEST_SUBJECT_HOST, ALL, 0, nest_rule_dmar_table, "the DMAR table can be read and is whole"},
	{"dmar.opt_out", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_firmware_flags, "firmware does not forbid DMA remapping"},
	{"dmar.x2apic_opt_out", NEST_SUBJECT_HOST, ALL, 0, nest_rule_x2apic, "firmware does not opt out of x2APIC"},
	{"dmar.ats", NEST_SUBJECT_HOST, S, 0, nest_rule_dmar_ats, "firmware lets devices use address translation services"},
	{"dmar.nested_not_allowed", NEST_SUBJECT_HOST, N, 0, nest_rule_dmar_sidp, "firmware excludes no device from nesting"},
	{"dmar.opt_in", NEST_SUBJECT_HOST, ALL, 0, nest_rule_opt_in, "whether firmware asks for protection before boot"},
	{"interrupts.isolated", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_interrupts, "interrupts are remapped, so that devices cannot forge them"},
	{"interrupts.unsafe", NEST_SUBJECT_HOST, ALL, 0, nest_rule_unsafe, "nobody has allowed unsafe interrupts"},
	{"vtd.scalable_mode", NEST_SUBJECT_HOST, N | S, N | S, nest_rule_scalable, "scalable mode is on where the hardware has it"},
	{"units.differ", NEST_SUBJECT_HOST, ALL, 0, nest_rule_units_differ, "the VT-d units are alike"},
	{"unit.registers", NEST_SUBJECT_UNIT, ALL, 0, nest_rule_unit_registers, "the unit's registers can be read and believed"},
	{"unit.nesting", NEST_SUBJECT_UNIT, N, N, nest_rule_unit_nests, "the unit can nest"},
	{"unit.pasid", NEST_SUBJECT_UNIT, S, S, nest_rule_unit_pasid, "the unit takes PASIDs and page requests"},
	{"unit.broken_pasid", NEST_SUBJECT_UNIT, N | S, 0, nest_rule_broken_pasid, "the unit is not one of the early parts with broken PASIDs"},
	{"kernel.nesting_abi", NEST_SUBJECT_HOST, N, N, nest_rule_nesting_abi, "the kernel can offer nesting to user space"},
	{"kernel.vfio", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_vfio, "VFIO is in this kernel"},
	{"kernel.vfio_pci", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_vfio_pci, "vfio-pci is in this kernel"},
	{"kernel.type1", NEST_SUBJECT_HOST, P, P, nest_rule_type1, "a way to map memory for devices is in this kernel"},
	{"kernel.iommufd", NEST_SUBJECT_HOST, N | S, N | S, nest_rule_iommufd, "iommufd is in this kernel"},
	{"kernel.cdev", NEST_SUBJECT_HOST, N | S, N | S, nest_rule_cdev, "VFIO devices have nodes of their own"},
	{"vfio.noiommu", NEST_SUBJECT_HOST, ALL, 0, nest_rule_noiommu, "nobody has allowed devices without an IOMMU"},
	{"vfio.dma_entries", NEST_SUBJECT_HOST, P, 0, nest_rule_dma_entries, "a container may have as many mappings as the kernel grants"},
	{"kernel.lockdown", NEST_SUBJECT_HOST, ALL, 0, nest_rule_lockdown, "lockdown, and what it forbids"},
	{"host.xen", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_xen, "no hypervisor below owns the IOMMU"},
	{"host.container", NEST_SUBJECT_HOST, ALL, 0, nest_rule_container, "the host is seen whole"},
	{"node.container", NEST_SUBJECT_HOST, P, P, nest_rule_node_container, "/dev/vfio/vfio may be opened"},
	{"node.iommufd", NEST_SUBJECT_HOST, N | S, N | S, nest_rule_node_iommufd, "/dev/iommu may be opened"},
	{"memory.lock", NEST_SUBJECT_HOST, ALL, ALL, nest_rule_memlock, "enough memory may be locked"},
	{"log.readable", NEST_SUBJECT_HOST, ALL, 0, nest_rule_log, "the kernel's log can be read"},
	{"log.faults", NEST_SUBJECT_HOST, ALL, 0, nest_rule_log_faults, "no device has been caught by its IOMMU"},
	{"log.firmware_bugs", NEST_SUBJECT_HOST, ALL, 0, nest_rule_log_firmware, "the kernel found nothing wrong with the tables"},
	{"log.rmrr", NEST_SUBJECT_HOST, ALL, 0, nest_rule_log_rmrr, "no device was refused for reserved memory"},
	{"log.invalidation", NEST_SUBJECT_HOST, ALL, 0, nest_rule_log_invalidation, "no invalidation has failed"},
	{"log.interrupts", NEST_SUBJECT_HOST, ALL, 0, nest_rule_log_interrupts, "VFIO has refused no device for its interrupts"},
	{"log.enabled_before", NEST_SUBJECT_HOST, ALL, 0, nest_rule_log_firmware_on, "whether translation was on before this kernel"},
	{"log.page_requests", NEST_SUBJECT_HOST, N | S, 0, nest_rule_log_requests, "no page request was lost or wrong"},
	{"group.viable", NEST_SUBJECT_GROUP, ALL, ALL, nest_rule_viable, "no driver owns the DMA of a device in the group"},
	{"group.isolation", NEST_SUBJECT_GROUP, ALL, 0, nest_rule_isolation, "the group holds one device"},
	{"group.node", NEST_SUBJECT_GROUP, P, P, nest_rule_group_node, "the group's node may be opened"},
	{"device.bound", NEST_SUBJECT_DEVICE, ALL, ALL, nest_rule_bound, "the device is bound to a VFIO driver"},
	{"device.rmrr", NEST_SUBJECT_DEVICE, ALL, ALL, nest_rule_device_rmrr, "firmware keeps no memory for the device"},
	{"device.nesting", NEST_SUBJECT_DEVICE, N, N, nest_rule_device_nests, "the unit in front of the device can nest"},
	{"device.node", NEST_SUBJECT_DEVICE, N | S, N | S, nest_rule_device_cdev, "the device has a node of its own that may be opened"},
	{"device.reset", NEST_SUBJECT_DEVICE, ALL, 0, nest_rule_device_reset, "the device can be reset by itself"},
	{"device.pasid", NEST_SUBJECT_DEVICE, S, S, nest_rule_device_pasid, "the device has PASIDs"},
	{"device.pri", NEST_SUBJECT_DEVICE, S, S, nest_rule_device_pri, "the device has page requests and an address cache"},
	{"probe.nesting", NEST_SUBJECT_HOST, N, N, nest_rule_probe, "the kernel lets user space select nesting (--probe)"},
	{"probe.erratum", NEST_SUBJECT_HOST, N, 0, nest_rule_erratum, "no erratum that limits nested tables (--probe)"},
};
/* clang-format on */
const size_t nest_rules_count = ARRAY_SIZE(nest_rules);

const char *const nest_purpose_names[] = { "passthrough", "nested", "sva", NULL };

unsigned int nest_purpose_find(const char *name)
{
	size_t i;

	for (i = 0; nest_purpose_names[i]; i++)
		if (!strcmp(nest_purpose_names[i], name))
			return 1u << i;
	return 0;
}

/* ---- who is asked ---- */

/* Is the group one that the check is about? */
static bool is_concerned(const struct nest_rules_input *in, size_t group)
{
	size_t i;

	for (i = 0; i < in->ndevices; i++)
		if (in->devices[i]->group == group)
			return true;
	return false;
}

static void ask(struct nest_judge *judge)
{
	const struct nest_rules_input *in = judge->in;
	const struct nest_model *model = in->model;
	size_t i;

	judge->kind = judge->rule->kind;
	switch (judge->rule->kind) {
	case NEST_SUBJECT_HOST:
		judge->subject = "";
		judge->rule->fn(judge);
		break;
	case NEST_SUBJECT_UNIT:
		for (i = 0; i < model->nunits; i++) {
			judge->subject = model->units[i].name;
			judge->index = i;
			judge->rule->fn(judge);
		}
		break;
	case NEST_SUBJECT_GROUP:
		for (i = 0; i < model->ngroups; i++) {
			if (!is_concerned(in, i))
				continue;
			judge->subject = nest_judge_text(judge, "%u", model->groups[i].id);
			judge->index = i;
			judge->rule->fn(judge);
		}
		break;
	case NEST_SUBJECT_DEVICE:
		for (i = 0; i < in->ndevices; i++) {
			judge->subject = in->devices[i]->name;
			judge->index = i;
			judge->rule->fn(judge);
		}
		break;
	}
}

/* ---- what it comes to ---- */

static const struct nest_rule *rule_of(const struct nest_finding *finding)
{
	size_t i;

	for (i = 0; i < nest_rules_count; i++)
		if (nest_rules[i].id == finding->id)
			return &nest_rules[i];
	return &nest_rules[0];
}

/* The first finding that decides with this result, or NULL. */
static const struct nest_finding *decisive(const struct nest_judge *judge, enum nest_result result)
{
	const struct nest_check *check = judge->check;
	size_t i;

	for (i = 0; i < check->nfindings; i++) {
		const struct nest_rule *rule = rule_of(&check->findings[i]);
		bool own = rule->kind == NEST_SUBJECT_GROUP || rule->kind == NEST_SUBJECT_DEVICE;

		if (check->findings[i].result == result && rule->decides & judge->in->purpose &&
		    (!own || judge->in->named))
			return &check->findings[i];
	}
	return NULL;
}

static void conclude(struct nest_judge *judge)
{
	struct nest_check *check = judge->check;
	const struct nest_finding *fail = decisive(judge, NEST_RESULT_FAIL);
	const struct nest_finding *unknown = decisive(judge, NEST_RESULT_UNKNOWN);
	const struct nest_finding *cause = fail ? fail : unknown;
	const char *of = judge->in->named && judge->in->ndevices == 1 ? judge->in->devices[0]->name
								      : "this host";

	check->verdict = fail	   ? NEST_VERDICT_NOT_READY
			 : unknown ? NEST_VERDICT_UNKNOWN
				   : NEST_VERDICT_READY;
	if (!cause)
		check->answer =
			nest_judge_text(judge, "%s is ready for %s%s", of, check->purpose,
					check->counts[NEST_RESULT_WARN] ? ", with warnings" : "");
	else
		check->answer = nest_judge_text(
			judge, "%s%s %s for %s: %s%s%s", fail ? "" : "cannot tell whether ", of,
			fail ? "is not ready" : "is ready", check->purpose,
			strcmp(cause->subject, of) ? cause->subject : "",
			*cause->subject && strcmp(cause->subject, of) ? ": " : "", cause->summary);
}

int nest_rules_run(const struct nest_rules_input *in, const char *purpose, struct nest_check *check)
{
	struct nest_judge judge = { .in = in, .check = check };
	size_t i;

	*check = (struct nest_check){ .purpose = purpose };
	for (i = 0; i < nest_rules_count && !judge.err; i++) {
		judge.rule = &nest_rules[i];
		if (judge.rule->purposes & in->purpose)
			ask(&judge);
	}
	conclude(&judge);
	return judge.err;
}

void nest_check_free(struct nest_check *check)
{
	size_t i;

	if (!check)
		return;
	for (i = 0; i < check->nfindings; i++)
		free((void *)check->findings[i].evidence);
	free(check->findings);
	free(check->requirements);
	memset(check, 0, sizeof(*check));
}
