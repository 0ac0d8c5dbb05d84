// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules about SMMUv3: what firmware's IORT promises of each, and what its registers take, which
 * only iommufd shows. Both stages, errata, the option of the kernel and the ITS are told by
 * unit.nesting, kernel.nesting_abi and interrupts.isolated.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "hw/iort.h"
#include "inventory/devices.h"
#include "pciaddr.h"
#include "remedy.h"

#define IORT "/sys/firmware/acpi/tables/IORT"

/* The unit of the rule, if it is an SMMUv3 that counts; else NULL. */
static const struct nest_unit *smmu_of(const struct nest_judge *judge)
{
	const struct nest_unit *unit = &judge->in->model->units[judge->index];

	return unit->hw == &nest_hw_smmuv3 && nest_judge_unit_counts(judge, judge->index) ? unit
											  : NULL;
}

static const struct nest_acpi_node *node_of(const struct nest_judge *judge,
					    const struct nest_unit *unit)
{
	const struct nest_acpi_node *node;
	uint64_t base;

	if (!judge->in->facts->iort || sscanf(unit->name, "smmu3.0x%" SCNx64, &base) != 1)
		return NULL;
	node = nest_iort_smmu(judge->in->facts->iort, base);
	return node && node->number == NEST_IORT_SMMUV3 ? node : NULL;
}

/* Is a device that was named in the segment of this root complex? All are, if none was named. */
static bool matters(const struct nest_judge *judge, const struct nest_acpi_node *root)
{
	struct nest_pciaddr address;
	size_t i;

	for (i = 0; judge->in->named && i < judge->in->ndevices; i++)
		if (!nest_pciaddr_parse(judge->in->devices[i]->name, &address) &&
		    address.domain <= UINT16_MAX &&
		    nest_iort_root(judge->in->facts->iort, (uint16_t)address.domain) == root)
			return true;
	return !judge->in->named;
}

/* ---- CANWBS ---- */

/* Of the root complexes in front of the unit: one with CANWBS, and one without. */
struct roots {
	const struct nest_acpi_node *with, *without;
};

static struct roots find_roots(const struct nest_judge *judge, const struct nest_acpi_node *smmu)
{
	const struct nest_acpi *iort = judge->in->facts->iort;
	struct roots ret = { 0 };
	size_t i;

	for (i = 0; smmu && i < iort->nnodes; i++) {
		const struct nest_acpi_node *node = &iort->nodes[i];

		if (!node->type || node->number != NEST_IORT_ROOT ||
		    !nest_iort_leads_to(iort, node, smmu) || !matters(judge, node))
			continue;
		if (nest_iort_canwbs(iort, node) && !ret.with)
			ret.with = node;
		else if (!nest_iort_canwbs(iort, node) && !ret.without)
			ret.without = node;
	}
	return ret;
}

static void saw_root(struct nest_judge *judge, const struct nest_acpi_node *root)
{
	const struct nest_acpi *iort = judge->in->facts->iort;

	nest_judge_saw(judge, IORT,
		       nest_judge_text(judge, "root complex at byte %u: byte %u is 0x%02x (bit 2)",
				       root->offset, root->offset + NEST_IORT_ROOT_FLAGS,
				       iort->bytes[root->offset + NEST_IORT_ROOT_FLAGS]),
		       0);
}

/* Firmware promises nothing, for a reason. It matters unless the SMMU forces memory types. */
static void say_no_promise(struct nest_judge *judge, const struct nest_unit *unit, const char *why,
			   bool others)
{
	enum nest_tri fwb = nest_hw_flag(unit->hw, &unit->values, "fwb");

	if (fwb == NEST_NO)
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_FAIL,
			       "%s, and the SMMU cannot force memory types (IDR3.FWB)", why);
	else
		nest_judge_say(judge, others ? NEST_RESULT_WARN : NEST_RESULT_UNKNOWN,
			       "%s: Linux nests only if the SMMU has IDR3.FWB, which iommufd shows",
			       why);
}

static void advise(struct nest_judge *judge, const struct nest_unit *unit)
{
	if (nest_hw_flag(unit->hw, &unit->values, "fwb") == NEST_NO)
		nest_judge_remedy(judge, "%s", unit->hw->viommu.remedy);
	else
		nest_judge_ask(judge, unit);
}

static void say_without_table(struct nest_judge *judge, const struct nest_unit *unit)
{
	const struct nest_facts *facts = judge->in->facts;
	int err = facts->iort_err;

	if (err == ENOENT && facts->tables_visible == NEST_YES)
		say_no_promise(judge, unit, "firmware has no IORT, which would hold CANWBS", false);
	else if (err == ENOENT && facts->device_tree)
		say_no_promise(judge, unit,
			       "this host was started by device tree, which cannot promise CANWBS",
			       false);
	else
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether firmware promises coherent DMA (CANWBS): "
			       "the IORT is not readable");
	nest_judge_saw(judge, IORT, NULL, err);
	if (err == ENOENT)
		advise(judge, unit);
	else
		nest_judge_remedy(judge, "run it as root");
}

/*
 * A device that nests, by its probe, if the kernel refused a vIOMMU to no other behind the unit:
 * CANWBS is of a root complex, and they may be below several.
 */
static const struct nest_device *none_refused(const struct nest_judge *judge,
					      const struct nest_unit *unit)
{
	size_t i;

	for (i = 0; i < judge->in->nprobes; i++) {
		const struct nest_probe *probe = &judge->in->probes[i];

		if (nest_judge_is_behind(judge, probe, unit) &&
		    probe->iommufd.viommu.status == NEST_OUTCOME_FAILED)
			return NULL;
	}
	return nest_judge_tried(judge, unit);
}

static void canwbs_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = smmu_of(judge);
	const struct nest_device *tried;
	const struct nest_acpi_node *smmu;
	struct roots roots;

	if (!unit)
		return;
	tried = none_refused(judge, unit);
	if (tried) {
		nest_judge_say(judge, NEST_RESULT_PASS, "the kernel made a vIOMMU for %s",
			       tried->name);
		nest_judge_saw(judge, "probe", "IOMMU_VIOMMU_ALLOC", 0);
		return;
	}
	if (nest_hw_flag(unit->hw, &unit->values, "fwb") == NEST_YES) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the SMMU forces memory types (IDR3.FWB), so CANWBS is not needed");
		nest_judge_saw_unit(judge, unit);
		return;
	}
	if (!judge->in->facts->iort) {
		say_without_table(judge, unit);
		return;
	}
	smmu = node_of(judge, unit);
	roots = find_roots(judge, smmu);
	if (roots.without) {
		say_no_promise(judge, unit,
			       nest_judge_text(judge,
					       "firmware does not promise coherent DMA for segment "
					       "%u (CANWBS)",
					       nest_acpi_le32(judge->in->facts->iort->bytes +
							      roots.without->offset + 28)),
			       roots.with != NULL);
		saw_root(judge, roots.without);
		advise(judge, unit);
	} else if (roots.with) {
		nest_judge_say(
			judge, NEST_RESULT_PASS,
			"firmware promises coherent DMA (CANWBS), which Linux needs to nest");
		saw_root(judge, roots.with);
	} else if (!judge->in->facts->iort->complete) {
		nest_judge_say(judge, NEST_RESULT_UNKNOWN,
			       "cannot determine whether firmware promises coherent DMA (CANWBS): "
			       "the IORT cannot be read to its end");
		nest_judge_saw(judge, IORT, NULL, EBADMSG);
		nest_judge_remedy(judge, "look at what is left of the table, as root");
		nest_judge_command(judge, NEST_CMD_SHOW, unit->name);
	} else if (smmu && !judge->in->named) {
		nest_judge_skip(judge, "no root complex is behind this SMMU");
	} else {
		say_no_promise(judge, unit, "the IORT has no root complex that leads to this SMMU",
			       false);
		nest_judge_saw(judge, IORT, unit->name, 0);
		advise(judge, unit);
	}
}

/* ---- coherent walks ---- */

#define COHACC_BYTE 24u /* of an SMMUv3's node; bit 0 */

/* Has a VFIO driver taken a device behind the unit? It takes none without coherent walks. */
static const struct nest_device *taken(const struct nest_judge *judge)
{
	const struct nest_model *model = judge->in->model;
	size_t i;

	for (i = 0; i < model->ndevices; i++)
		if (model->devices[i].unit == judge->index &&
		    nest_driver_is_vfio(model->devices[i].driver))
			return &model->devices[i];
	return NULL;
}

static void coherent_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = smmu_of(judge);
	const struct nest_acpi_node *smmu = unit ? node_of(judge, unit) : NULL;
	const struct nest_device *dev = unit ? taken(judge) : NULL;
	const struct nest_acpi *iort = judge->in->facts->iort;

	if (dev) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "the SMMU walks tables coherently: a VFIO driver took %s",
			       dev->name);
		nest_judge_saw_driver(judge, dev);
	} else if (smmu && iort->bytes[smmu->offset + COHACC_BYTE] & 1) {
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "firmware says that the SMMU walks tables coherently (COHACC)");
	} else if (smmu) {
		nest_judge_say(judge, NEST_RESULT_FAIL,
			       "firmware does not say that the SMMU walks tables coherently "
			       "(COHACC), so VFIO drivers fail to bind (EINVAL)");
		nest_judge_remedy(judge,
				  "ask the maker of the firmware to set COHACC in the IORT, if the "
				  "SMMU is coherent; no setting of the kernel changes this");
	} else {
		return;
	}
	if (!dev)
		nest_judge_saw(judge, IORT,
			       nest_judge_text(judge,
					       "SMMUv3 at byte %u: byte %u is 0x%02x (bit 0)",
					       smmu->offset, smmu->offset + COHACC_BYTE,
					       iort->bytes[smmu->offset + COHACC_BYTE]),
			       0);
}

/* ---- registers ---- */

static void saw_field(struct nest_judge *judge, const char *field, uint64_t value)
{
	nest_judge_saw(judge, "IOMMU_GET_HW_INFO",
		       nest_judge_text(judge, "%s is %" PRIu64, field, value), 0);
}

/* The widest PASIDs of the devices that were named; 0: none has any, or it cannot be read. */
static unsigned int widest(const struct nest_judge *judge)
{
	unsigned int most = 0;
	size_t i;

	for (i = 0; judge->in->named && i < judge->in->ndevices; i++) {
		const struct nest_show *show = judge->in->facts->shows[i];

		if (judge->in->devices[i]->unit == judge->index && show->have_caps &&
		    show->caps.pasid.present == NEST_YES && show->caps.pasid_bits > most)
			most = show->caps.pasid_bits;
	}
	return most;
}

static void ssidsize_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = smmu_of(judge);
	unsigned int asked;
	uint64_t bits;

	if (!unit || nest_hw_number(unit->hw, &unit->values, "ssidsize", &bits))
		return;
	asked = widest(judge);
	if (!bits)
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the SMMU takes no PASIDs (IDR1.SSIDSIZE is 0), so no device behind "
			       "it can use them");
	else if (asked > bits)
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "the device has %u bits of PASIDs, and the SMMU takes %" PRIu64,
			       asked, bits);
	else
		nest_judge_say(judge, NEST_RESULT_PASS, "the SMMU takes %" PRIu64 " bits of PASIDs",
			       bits);
	saw_field(judge, "IDR1.SSIDSIZE", bits);
}

enum { STALL_OR_TERMINATE, TERMINATE_ONLY, STALL_FORCED };

static void stall_rule(struct nest_judge *judge)
{
	const struct nest_unit *unit = smmu_of(judge);
	uint64_t model;

	if (!unit || nest_hw_number(unit->hw, &unit->values, "stall_model", &model))
		return;
	if (model == STALL_FORCED)
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "a faulting access always stalls, until the fault is answered: "
			       "tables whose descriptor does not say so may be refused");
	else if (model == TERMINATE_ONLY && judge->in->purpose == NEST_FOR_SVA)
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "a faulting access never stalls, and Linux takes page faults on "
			       "SMMUv3 from stalls alone");
	else if (model == TERMINATE_ONLY)
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "a faulting access is terminated, and never stalls");
	else if (model == STALL_OR_TERMINATE)
		nest_judge_say(judge, NEST_RESULT_PASS,
			       "a faulting access can be terminated, or stalled");
	else
		nest_judge_say(judge, NEST_RESULT_WARN,
			       "what becomes of a faulting access is a reserved encoding");
	saw_field(judge, "IDR0.STALL_MODEL", model);
}

static const struct nest_rule_evidence canwbs_evidence[] = {
	{ &nest_hw_smmuv3,
	  "CANWBS of the root complex in the IORT, IDR3.FWB, or a vIOMMU that was made (--probe)",
	  "neither CANWBS nor IDR3.FWB", "no CANWBS and no register, or an unreadable IORT" },
	{ NULL, NULL, NULL, NULL },
};

static const struct nest_rule_evidence coherent_evidence[] = {
	{ &nest_hw_smmuv3, "a device behind it that a VFIO driver took, or COHACC in the IORT",
	  "an IORT without COHACC", "sysfs shows no unit in front of the device" },
	{ NULL, NULL, NULL, NULL },
};

static const struct nest_rule rules[] = {
	{ "smmu.coherent", NEST_SUBJECT_UNIT, NEST_FOR_ALL, NEST_FOR_ALL, coherent_rule,
	  "the SMMUv3 walks tables coherently", coherent_evidence },
	{ "smmu.canwbs", NEST_SUBJECT_UNIT, NEST_FOR_NESTED, NEST_FOR_NESTED, canwbs_rule,
	  "firmware or the SMMUv3 makes all DMA coherent", canwbs_evidence },
	{ "smmu.ssidsize", NEST_SUBJECT_UNIT, NEST_FOR_NESTED | NEST_FOR_SVA, 0, ssidsize_rule,
	  "the SMMUv3 takes the PASIDs that the devices have", NULL },
	{ "smmu.stall", NEST_SUBJECT_UNIT, NEST_FOR_NESTED | NEST_FOR_SVA, 0, stall_rule,
	  "the SMMUv3 does not force faulting accesses to stall", NULL },
};
NEST_RULE_TOPIC_OF(smmuv3, &nest_hw_smmuv3);
