// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The evidence of each rule that decides, on each kind of IOMMU: a cell of its table that says what
 * makes it pass, fail or unknown must be reached by one of the worlds below, and an empty cell by
 * none. In a world without evidence nothing is ready.
 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "check/rules.h"
#include "hw/hw.h"
#include "util.h"

/* What is known in a world. */
enum world {
	GOOD,	     /* everything, and it speaks for it */
	TRIED,	     /* the same, with a probe that nested */
	REFUSED,     /* the same, with a probe that was refused */
	ASKED,	     /* the same, with a probe without an answer */
	BAD,	     /* everything, and it speaks against it; modules are missing */
	BAD_MODULES, /* the same, with modules, and registers that speak for it */
	BLIND,	     /* nothing can be read but names */
	LATER,	     /* a kernel that the tool does not know */
	UNGROUPED,   /* the device is in no group */
	UNLINKED,    /* the same, by a link that cannot be read */
	NONE,	     /* no IOMMU is in use */
	HIDDEN,	     /* whether one is in use cannot be read */
	XEN,	     /* Xen's dom0 */
	WORLDS
};

static struct nest_model model;
static struct nest_facts facts;
static struct nest_unit unit;
static struct nest_group group;
static struct nest_device devices[2];
static struct nest_show show;
static struct nest_show *shows[] = { &show };
static bool noiommu[1];
static struct nest_dmar dmar;
static struct nest_probe probe;
static struct nest_region region = { .type = NEST_REGION_DIRECT, .start = 0x1000, .last = 0x1fff };

static struct {
	const struct nest_hw *hw;
	uint64_t good[NEST_HW_REGISTERS], bad[NEST_HW_REGISTERS];
} const registers[] = {
	{ &nest_hw_vtd, { 0x9ed008c40780466, 0x3ef9ea6f050df }, { 0xd2008c40660462, 0xf050da } },
	{ &nest_hw_amd, { 0x25bf732fa2295afe, 0x1d }, { 0x841f77e022094ace, 0 } },
};

static void set_registers(const struct nest_hw *hw, bool good, bool known)
{
	struct nest_hw_verdict verdict;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(registers) && known; i++)
		for (n = 0; n < hw->nregisters && registers[i].hw == hw; n++)
			nest_hw_set(&unit.values, (unsigned int)n,
				    good ? registers[i].good[n] : registers[i].bad[n]);
	nest_hw_judge(hw, &unit.values, &verdict);
	unit.nesting = verdict.status;
	unit.gate = verdict.gate;
	unit.reason = "by its registers";
}

static void set_model(const struct nest_hw *hw, enum world world)
{
	bool bad = world == BAD || world == BAD_MODULES, blind = world == BLIND;
	bool alone = world == UNGROUPED || world == UNLINKED;

	model = (struct nest_model){ .units = &unit,
				     .groups = &group,
				     .devices = devices,
				     .nunits = 1,
				     .ngroups = 1,
				     .ndevices = 2,
				     .iommu_present = NEST_YES,
				     .host = { .kernel = "6.19.0" } };
	unit = (struct nest_unit){ .name = hw == &nest_hw_smmuv3 ? "smmu3.0x50000" : "unit0",
				   .hw = hw };
	set_registers(hw, world != BAD, !blind && world != HIDDEN);
	group = (struct nest_group){ .first = 0, .ndevices = 2, .have_regions = !blind };
	group.type = blind ? NULL : bad ? "DMA-FQ" : "identity";
	group.regions = bad ? &region : NULL;
	group.nregions = bad;
	devices[0] = (struct nest_device){ .name = "0000:01:00.0",
					   .bus_name = "pci",
					   .bus = NEST_BUS_PCI,
					   .driver = bad     ? "nvme"
						     : blind ? NULL
							     : "vfio-pci",
					   .group = alone ? NEST_NONE : 0,
					   .group_unread = world == UNLINKED,
					   .unit = alone ? NEST_NONE : 0,
					   .next = 1,
					   .have_uevent = !blind };
	devices[1] = (struct nest_device){ .name = "0000:02:00.0",
					   .bus_name = "pci",
					   .driver = bad     ? "igb"
						     : blind ? NULL
							     : "vfio-pci",
					   .unit = 0,
					   .next = NEST_NONE,
					   .have_uevent = !blind,
					   .blocks = bad };
	if (world == NONE) {
		model.iommu_present = NEST_NO;
		model.absent_gate = "kernel";
	} else if (world == HIDDEN) {
		model.iommu_present = NEST_UNKNOWN;
		model.groups_err = EACCES;
	}
}

static struct nest_fact fact(const char *path, const char *value)
{
	return (struct nest_fact){ path, value, value ? 0 : EACCES };
}

static struct nest_node node(const char *path, bool open)
{
	return (struct nest_node){ .path = path,
				   .present = NEST_YES,
				   .owner = "root",
				   .group = "root",
				   .mode = open ? 0666 : 0600 };
}

static void set_show(bool good, bool blind, bool alone)
{
	enum nest_tri cap = blind || alone ? NEST_UNKNOWN : nest_tri_from_bool(good);

	show = (struct nest_show){ .dev = &devices[0],
				   .group = alone ? NULL : &group,
				   .have_caps = true,
				   .behind_bridge = cap == NEST_UNKNOWN ? NEST_UNKNOWN
									: nest_tri_from_bool(!good),
				   .cdev_dir = "vfio0",
				   .cdev = node("/dev/vfio/devices/vfio0", good),
				   .node = node("/dev/vfio/0", good) };
	show.caps.pasid.present = show.caps.pri.present = show.caps.ats.present = cap;
	if (blind || !good)
		show.cdev_dir = NULL;
	if (blind)
		show.cdev.present = show.node.present = NEST_UNKNOWN;
}

#define SMMU 48u /* offsets of the nodes */
#define ROOT (SMMU + 68u)

/* A table of an SMMUv3 and a root complex in front of it, with both promises or with none. */
static struct nest_acpi *iort(bool good)
{
	uint8_t bytes[ROOT + 36 + 20] = "IORT";
	struct nest_acpi *table = NULL;

	bytes[4] = sizeof(bytes);
	bytes[8] = 5;
	bytes[36] = 2;
	bytes[40] = SMMU;
	bytes[SMMU] = 4;
	bytes[SMMU + 1] = 68;
	bytes[SMMU + 18] = 5; /* base 0x50000 */
	bytes[SMMU + 24] = good;
	bytes[ROOT] = 2;
	bytes[ROOT + 1] = 36 + 20;
	bytes[ROOT + 8] = 1;
	bytes[ROOT + 12] = 36;
	bytes[ROOT + 16] = 1;
	bytes[ROOT + 23] = good ? 7 : 3;
	bytes[ROOT + 36 + 4] = 0xff;
	bytes[ROOT + 36 + 12] = SMMU;
	if (nest_acpi_parse(&nest_acpi_iort, bytes, sizeof(bytes), &table))
		abort();
	return table;
}

static void set_facts(enum world world)
{
	bool bad = world == BAD || world == BAD_MODULES, blind = world == BLIND || world == HIDDEN;
	enum nest_module_state state = world == BAD ? NEST_MODULE_MISSING
				       : blind	    ? NEST_MODULE_UNKNOWN
						    : NEST_MODULE_LOADED;
	size_t i;

	memset(&facts, 0, sizeof(facts));
	facts.cmdline = fact("/proc/cmdline", blind	      ? NULL
					      : world == NONE ? "iommu=off"
					      : bad ? "intel_iommu=sm_off pci=noats intremap=off"
						    : "intel_iommu=sm_on");
	facts.hypervisor = fact("/sys/hypervisor/type", world == XEN ? "xen" : NULL);
	facts.xen = fact("/proc/xen/capabilities", world == XEN ? "control_d" : NULL);
	facts.interrupts = fact("/proc/interrupts", blind ? NULL : "chips");
	facts.cpu = fact("/proc/cpuinfo", blind ? NULL : " fpu pdpe1gb lm");
	facts.isolated = blind ? NEST_UNKNOWN : nest_tri_from_bool(!bad);
	facts.tables[NEST_TABLE_DMAR] = fact("/sys/firmware/acpi/tables/DMAR", NULL);
	facts.config = fact("/boot/config", blind ? NULL : "");
	for (i = 0; i < NEST_SYMBOLS; i++)
		facts.symbols[i] = blind ? 0 : bad ? 'n' : 'y';
	for (i = 0; i < NEST_MODULES; i++) {
		facts.modules[i] = state;
		facts.module_seen[i] = fact("/lib/modules", blind ? NULL : "list");
	}
	facts.major = blind ? 0 : bad ? 4 : world == LATER ? 99 : 6;
	facts.minor = 19;
	facts.container_node = node("/dev/vfio/vfio", !bad);
	facts.iommufd_node = node("/dev/iommu", !bad);
	facts.user = (struct nest_user){ .name = "", .known = !blind, .uid = 1000 };
	facts.is_self = true;
	facts.memlock = fact("/proc/self/limits", blind ? NULL : bad ? "65536" : "unlimited");
	facts.memlock_of = "this process";
	facts.klog_err = ENOENT;
	facts.shows = shows;
	facts.nshows = 1;
	facts.noiommu_groups = noiommu;
	if (bad && unit.hw == &nest_hw_vtd) {
		const struct nest_acpi_word *flag = nest_dmar_flags();

		while (flag->value && strcmp(flag->id, "dma_remap_opt_out"))
			flag++;
		dmar = (struct nest_dmar){ .acpi = { .has_header = true },
					   .flags = (uint8_t)flag->value };
		facts.dmar = &dmar;
	}
	facts.iort_err = EACCES;
	if (unit.hw == &nest_hw_smmuv3 && !blind)
		facts.iort = iort(!bad && world != REFUSED);
	set_show(!bad, world == BLIND, world == UNGROUPED || world == UNLINKED);
}

static void judge(const struct nest_hw *hw, enum world world, unsigned int purpose,
		  struct nest_check *check)
{
	static const struct nest_device *asked[] = { &devices[0] };
	struct nest_rules_input in = { .model = &model,
				       .facts = &facts,
				       .devices = asked,
				       .ndevices = 1,
				       .named = true,
				       .purpose = purpose,
				       .memory = UINT64_C(1) << 30 };

	set_model(hw, world);
	set_facts(world);
	memset(&probe, 0, sizeof(probe));
	probe.device = &devices[0];
	probe.decision.nreasons = 1;
	probe.decision.nesting = world == TRIED	    ? NEST_USABLE
				 : world == REFUSED ? NEST_UNUSABLE
						    : NEST_USABILITY_UNKNOWN;
	probe.decision.reasons[0].evidence = "iommufd";
	if (world == TRIED || world == REFUSED || world == ASKED)
		in.probes = &probe, in.nprobes = 1;
	/* An SMMUv3 shows registers when it is asked: both stages, and no FWB. */
	if (world == REFUSED && hw == &nest_hw_smmuv3) {
		nest_hw_set(&unit.values, 0, 0x0d44101b);
		nest_hw_set(&unit.values, 1, 0x02730010);
		nest_hw_set(&unit.values, 3, 0x1414);
		nest_hw_set(&unit.values, 5, 0x74);
	}
	if (nest_rules_run(&in, "test", check))
		abort();
	nest_acpi_free(facts.iort);
}

/* ---- the walk ---- */

/* By rule (in the order of the topics), and result: was it seen? */
#define RULES_MAX 128
static bool seen[RULES_MAX][NEST_RESULTS];

static const struct nest_rule *rule_at(size_t n)
{
	size_t i;

	for (i = 0; i < nest_rule_topics_count; n -= nest_rule_topics[i]->n, i++)
		if (n < nest_rule_topics[i]->n)
			return &nest_rule_topics[i]->rules[n];
	return NULL;
}

static void see(const struct nest_check *check)
{
	const struct nest_rule *rule;
	size_t i, n;

	for (i = 0; i < check->nfindings; i++)
		for (n = 0; n < RULES_MAX && (rule = rule_at(n)); n++)
			if (rule->id == check->findings[i].id)
				seen[n][check->findings[i].result] = true;
}

static const struct nest_rule_evidence *evidence_of(const struct nest_rule *rule,
						    const struct nest_hw *hw)
{
	const struct nest_rule_evidence *row = rule->evidence;

	while (row && row->hw && row->hw != hw)
		row++;
	return row;
}

static void check_cell(const struct nest_hw *hw, const struct nest_rule *rule, size_t n,
		       enum nest_result result, const char *text)
{
	if (!CHECK(seen[n][result] == (text != NULL)))
		printf("# %s on %s: %s is %s, and the table says: %s\n", rule->id, hw->name,
		       nest_result_name(result), seen[n][result] ? "reached" : "never reached",
		       text ? text : "never");
}

static void walk(const struct nest_hw *hw)
{
	const struct nest_rule_evidence *row;
	const struct nest_rule *rule;
	unsigned int purpose;
	size_t world, n;

	memset(seen, 0, sizeof(seen));
	for (world = 0; world < WORLDS; world++)
		for (purpose = 1; purpose <= NEST_FOR_SVA; purpose <<= 1) {
			struct nest_check check;

			judge(hw, (enum world)world, purpose, &check);
			see(&check);
			if (world == BLIND || world == HIDDEN || world == NONE || world == BAD)
				CHECK(check.verdict != NEST_VERDICT_READY);
			CHECK(check.verdict != NEST_VERDICT_READY ||
			      check.counts[NEST_RESULT_UNKNOWN] == 0 || hw != &nest_hw_vtd);
			nest_check_free(&check);
			nest_pool_free(&model.pool);
		}
	for (n = 0; (rule = rule_at(n)); n++) {
		if (!rule->decides) {
			CHECK(!rule->evidence);
			continue;
		}
		if (!CHECK(rule->evidence != NULL))
			continue;
		row = evidence_of(rule, hw);
		check_cell(hw, rule, n, NEST_RESULT_PASS, row->pass);
		check_cell(hw, rule, n, NEST_RESULT_FAIL, row->fail);
		check_cell(hw, rule, n, NEST_RESULT_UNKNOWN, row->unknown);
	}
}

TEST(cells, "each rule that decides has its evidence on each kind of IOMMU, and no other")
{
	size_t i;

	for (i = 0; i < nest_hws_count; i++)
		if (!nest_hws[i]->for_tests)
			walk(nest_hws[i]);
}

/* ---- the verdict ---- */

static const char *verdict(const struct nest_hw *hw, enum world world, unsigned int purpose)
{
	struct nest_check check;
	const char *name;

	judge(hw, world, purpose, &check);
	name = nest_verdict_name(check.verdict);
	nest_check_free(&check);
	nest_pool_free(&model.pool);
	return name;
}

TEST(ready, "ready is what the evidence allows on each kind")
{
	CHECK_STR(verdict(&nest_hw_vtd, GOOD, NEST_FOR_PASSTHROUGH), "ready");
	CHECK_STR(verdict(&nest_hw_vtd, GOOD, NEST_FOR_NESTED), "ready");
	CHECK_STR(verdict(&nest_hw_vtd, GOOD, NEST_FOR_SVA), "ready");
	CHECK_STR(verdict(&nest_hw_amd, GOOD, NEST_FOR_PASSTHROUGH), "ready");
	CHECK_STR(verdict(&nest_hw_amd, GOOD, NEST_FOR_NESTED), "not_ready");
	CHECK_STR(verdict(&nest_hw_amd, GOOD, NEST_FOR_SVA), "ready");
	CHECK_STR(verdict(&nest_hw_smmuv3, GOOD, NEST_FOR_PASSTHROUGH), "ready");
	CHECK_STR(verdict(&nest_hw_smmuv3, GOOD, NEST_FOR_NESTED), "unknown");
	CHECK_STR(verdict(&nest_hw_smmuv3, TRIED, NEST_FOR_NESTED), "ready");
	CHECK_STR(verdict(&nest_hw_smmuv3, GOOD, NEST_FOR_SVA), "unknown");
	CHECK_STR(verdict(&nest_hw_other, GOOD, NEST_FOR_NESTED), "unknown");
	CHECK_STR(verdict(&nest_hw_virtio, GOOD, NEST_FOR_SVA), "not_ready");
}

int main(void)
{
	return test_main();
}
