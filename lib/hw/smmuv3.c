// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arm SMMUv3: the identification registers that tell what one SMMU can do, as iommufd's GET_HW_INFO
 * reports them (sysfs does not). Source of the bits: Arm SMMU architecture specification version 3,
 * sections 6.3.1 (IDR0), 6.3.2 (IDR1), 6.3.4 (IDR3), 6.3.6 (IDR5), 6.3.7 (IIDR); source of the
 * verdict: what Linux 7.3 asks before it makes a nest parent and a vIOMMU.
 *
 * Gates, in the order they are asked: "registers" (unknown), "s1p", "s2p", "erratum" (no), "fwb"
 * (unknown: without it a firmware promise that is in no register decides). Notes: reserved_bits,
 * table_format, ats_stage1, errata.
 */
#include "hw/hw.h"

#include "remedy.h"
#include "uapi/iommufd.h"
#include "util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void say_word(const char *const *words, size_t nwords, uint64_t raw, char *buf, size_t len)
{
	snprintf(buf, len, "%s", raw < nwords && words[raw] ? words[raw] : "reserved encoding");
}

static void say_ttf(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const words[] = { NULL, "AArch32 LPAE", "AArch64",
					     "AArch32 LPAE and AArch64" };

	(void)regs;
	say_word(words, ARRAY_SIZE(words), raw, buf, len);
}

static void say_httu(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const words[] = { "none", "accessed", "accessed and dirty",
					     "accessed and dirty, accessed also in table entries" };

	(void)regs;
	say_word(words, ARRAY_SIZE(words), raw, buf, len);
}

static void say_endian(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const words[] = { "either", NULL, "little", "big" };

	(void)regs;
	say_word(words, ARRAY_SIZE(words), raw, buf, len);
}

static void say_stall(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const words[] = { "stall or terminate", "terminate only",
					     "stall is forced" };

	(void)regs;
	say_word(words, ARRAY_SIZE(words), raw, buf, len);
}

static void say_st_level(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const words[] = { "linear", "linear or 2 level" };

	(void)regs;
	say_word(words, ARRAY_SIZE(words), raw, buf, len);
}

static void say_bbml(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const words[] = { "level 0", "level 1", "level 2" };

	(void)regs;
	say_word(words, ARRAY_SIZE(words), raw, buf, len);
}

static const uint8_t oas_bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

static void say_oas(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	snprintf(buf, len, "%u bit", oas_bits[raw & 7]);
}

static void say_vax(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const words[] = { "48 bit", "52 bit", "56 bit" };

	(void)regs;
	say_word(words, ARRAY_SIZE(words), raw, buf, len);
}

static void say_queue(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	if (raw > 19)
		snprintf(buf, len, "reserved encoding");
	else
		snprintf(buf, len, "up to %" PRIu64 " entries", UINT64_C(1) << raw);
}

static void say_priq(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	if (!nest_field_set(regs, "pri"))
		snprintf(buf, len, "not used: no page requests");
	else
		say_queue(regs, raw, buf, len);
}

static void say_sidsize(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	snprintf(buf, len, raw > 32 ? "reserved encoding" : "%" PRIu64 " bit", raw);
}

static void say_code(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	snprintf(buf, len, "0x%" PRIx64, raw);
}

static void say_ssidsize(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	if (!raw)
		snprintf(buf, len, "no PASIDs (substreams)");
	else if (raw > 20)
		snprintf(buf, len, "reserved encoding");
	else
		snprintf(buf, len, "%" PRIu64 " bit", raw);
}

/* clang-format off */
static const struct nest_field smmuv3_fields[] = {
	{"s2p",            "idr0",  0, 1, "stage 2 translation", NULL},
	{"s1p",            "idr0",  1, 1, "stage 1 translation", NULL},
	{"ttf",            "idr0",  2, 2, "page table formats", say_ttf},
	{"cohacc",         "idr0",  4, 1, "coherent access to tables and queues", NULL},
	{"btm",            "idr0",  5, 1, "broadcast TLB maintenance by the CPUs", NULL},
	{"httu",           "idr0",  6, 2, "page table bits set by hardware", say_httu},
	{"dormhint",       "idr0",  8, 1, "dormant hint", NULL},
	{"hyp",            "idr0",  9, 1, "hypervisor (EL2) stage 1 contexts", NULL},
	{"ats",            "idr0", 10, 1, "PCIe ATS", NULL},
	{"ns1ats",         "idr0", 11, 1, "no ATS for stage 1 alone", NULL},
	{"asid16",         "idr0", 12, 1, "16 bit ASIDs", NULL},
	{"msi",            "idr0", 13, 1, "message signalled interrupts", NULL},
	{"sev",            "idr0", 14, 1, "wakes waiting CPUs by event", NULL},
	{"atos",           "idr0", 15, 1, "address translation on request of software", NULL},
	{"pri",            "idr0", 16, 1, "page requests (PCIe PRI)", NULL},
	{"vmw",            "idr0", 17, 1, "invalidation for several VMIDs at once", NULL},
	{"vmid16",         "idr0", 18, 1, "16 bit VMIDs", NULL},
	{"cd2l",           "idr0", 19, 1, "2 level context descriptor tables", NULL},
	{"vatos",          "idr0", 20, 1, "address translation on request of a guest", NULL},
	{"ttendian",       "idr0", 21, 2, "byte order of page tables", say_endian},
	{"atsrecerr",      "idr0", 23, 1, "errors of ATS requests are recorded", NULL},
	{"stall_model",    "idr0", 24, 2, "what a fault does to the transaction", say_stall},
	{"term_model",     "idr0", 26, 1, "terminated transactions always abort", NULL},
	{"st_level",       "idr0", 27, 2, "stream table formats", say_st_level},
	{"rme_impl",       "idr0", 30, 1, "realm management extension", NULL},

	{"sidsize",        "idr1",  0, 6, "stream id size", say_sidsize},
	{"ssidsize",       "idr1",  6, 5, "substream id (PASID) size", say_ssidsize},
	{"priqs",          "idr1", 11, 5, "page request queue", say_priq},
	{"eventqs",        "idr1", 16, 5, "event queue", say_queue},
	{"cmdqs",          "idr1", 21, 5, "command queue", say_queue},
	{"attr_perms_ovr", "idr1", 26, 1, "incoming permissions can be overridden", NULL},
	{"attr_types_ovr", "idr1", 27, 1, "incoming memory types can be overridden", NULL},
	{"rel",            "idr1", 28, 1, "preset addresses are relative", NULL},
	{"queues_preset",  "idr1", 29, 1, "queue addresses are fixed", NULL},
	{"tables_preset",  "idr1", 30, 1, "table addresses are fixed", NULL},
	{"ecmdq",          "idr1", 31, 1, "enhanced command queues", NULL},

	{"had",            "idr3",  2, 1, "hierarchical attributes can be disabled", NULL},
	{"pbha",           "idr3",  3, 1, "page-based hardware attributes", NULL},
	{"xnx",            "idr3",  4, 1, "stage 2 execute-never by exception level", NULL},
	{"pps",            "idr3",  5, 1, "automatic page request answers always carry the PASID",
	 NULL},
	{"mpam",           "idr3",  7, 1, "memory partitioning and monitoring", NULL},
	{"fwb",            "idr3",  8, 1, "stage 2 controls memory types (S2FWB)", NULL},
	{"stt",            "idr3",  9, 1, "small translation tables", NULL},
	{"ril",            "idr3", 10, 1, "range invalidation", NULL},
	{"bbml",           "idr3", 11, 2, "page size changes without break-before-make", say_bbml},
	{"e0pd",           "idr3", 13, 1, "unprivileged access to half the space can be blocked",
	 NULL},
	{"ptwnnc",         "idr3", 14, 1, "table walks in device memory become non-cacheable", NULL},
	{"dpt",            "idr3", 15, 1, "device permission table", NULL},
	{"pasidtt",        "idr3", 16, 1, "PASIDs on ATS translated transactions", NULL},
	{"epan",           "idr3", 17, 1, "enhanced privileged access never", NULL},
	{"s1pi",           "idr3", 18, 1, "stage 1 permission indirection", NULL},
	{"s2pi",           "idr3", 19, 1, "stage 2 permission indirection", NULL},
	{"s2po",           "idr3", 20, 1, "stage 2 permission overlays", NULL},
	{"the",            "idr3", 21, 1, "translation hardening", NULL},
	{"mteperm",        "idr3", 22, 1, "stage 2 control of memory tags", NULL},
	{"aie",            "idr3", 23, 1, "attribute index extension", NULL},

	{"oas",            "idr5",  0, 3, "output (physical) address size", say_oas},
	{"gran4k",         "idr5",  4, 1, "4 KiB pages", NULL},
	{"gran16k",        "idr5",  5, 1, "16 KiB pages", NULL},
	{"gran64k",        "idr5",  6, 1, "64 KiB pages", NULL},
	{"ds",             "idr5",  7, 1, "52 bit addresses with 4 and 16 KiB pages", NULL},
	{"d128",           "idr5",  8, 1, "128 bit page table entries", NULL},
	{"vax",            "idr5", 10, 2, "virtual address size", say_vax},
	{"stall_max",      "idr5", 16, 16, "most transactions stalled at a time", NULL},

	{"implementer",    "iidr",  0, 12, "implementer (JEP106 code)", say_code},
	{"revision",       "iidr", 12, 4, "minor revision", NULL},
	{"variant",        "iidr", 16, 4, "major revision", NULL},
	{"productid",      "iidr", 20, 12, "product", say_code},
};
/* clang-format on */

static uint64_t value_of(const struct nest_regs *regs, const char *field)
{
	uint64_t value = 0;

	(void)!nest_field_value(regs, nest_field_find(regs, field), &value);
	return value;
}

#define ARM	0x43b
#define MMU_600 0x483
#define MMU_700 0x487

/* Parts on which Linux keeps nesting off (arm_smmu_device_iidr_probe()), with Arm's erratum. */
static const char *erratum(const struct nest_regs *regs)
{
	uint64_t product = value_of(regs, "productid");
	uint64_t variant = value_of(regs, "variant"), revision = value_of(regs, "revision");

	if (value_of(regs, "implementer") != ARM)
		return NULL;
	if (product == MMU_600 && variant < 2)
		return "MMU-600 before r2p0, Arm erratum 1209401";
	if (product == MMU_700 && (variant < 1 || revision < 1))
		return "MMU-700, Arm errata 2268618 and 2812531";
	return NULL;
}

static void judge_nesting(struct nest_regs *regs)
{
	const char *broken = erratum(regs);

	if (!nest_field_set(regs, "s1p"))
		nest_regs_judge(regs, NEST_NO, "s1p", "no stage 1 translation (IDR0.S1P, bit 1)");
	else if (!nest_field_set(regs, "s2p"))
		nest_regs_judge(regs, NEST_NO, "s2p", "no stage 2 translation (IDR0.S2P, bit 0)");
	else if (broken)
		nest_regs_judge(regs, NEST_NO, "erratum",
				"Linux keeps nesting off on this part (%s)", broken);
	else if (!nest_field_set(regs, "fwb"))
		nest_regs_judge(regs, NEST_UNKNOWN, "fwb",
				"both stages, but stage 2 cannot force memory types (IDR3.FWB, bit "
				"8): nesting depends on a firmware flag (CANWBS in the IORT "
				"table), which no register shows");
	else
		nest_regs_judge(regs, NEST_YES, NULL,
				"both stages (IDR0.S1P and S2P: bits 1, 0), and stage 2 forces "
				"memory types (IDR3.FWB, bit 8)");
	if (regs->nesting.status == NEST_YES && !nest_reg_find(regs, "iidr")->known)
		nest_regs_remark(regs, "errata",
				 "Linux keeps nesting off on some parts with errata; IIDR would "
				 "name them, and is not known here");
	if (!(nest_reg_find(regs, "idr0")->value >> 3 & 1))
		nest_regs_remark(
			regs, "table_format",
			"no AArch64 page tables (ttf): the Linux driver refuses this SMMU");
	if (regs->nesting.status != NEST_NO && nest_field_set(regs, "ats") &&
	    nest_field_set(regs, "ns1ats"))
		nest_regs_remark(regs, "ats_stage1",
				 "ATS translates both stages at once only (ns1ats): a device TLB "
				 "then caches the combined translation");
}

static void judge(struct nest_regs *regs)
{
	const struct nest_reg *idr0 = nest_reg_find(regs, "idr0");

	nest_regs_remark_strays(regs, NULL, 0);
	if (!idr0->value)
		nest_regs_judge(regs, NEST_UNKNOWN, "registers",
				"idr0 reads as zero, which no SMMU reports: it was not read");
	else if (!idr0->known || !nest_reg_find(regs, "idr3")->known)
		nest_regs_judge(regs, NEST_UNKNOWN, "registers",
				"%s reads as all ones: the SMMU does not answer",
				idr0->known ? "idr3" : "idr0");
	else
		judge_nesting(regs);
}

/* The kernel's limit is 20 bits, as in PCI. */
static int pasid_bits(const struct nest_regs *regs, unsigned int *ret_bits)
{
	uint64_t ssidsize;

	if (nest_field_value(regs, nest_field_find(regs, "ssidsize"), &ssidsize))
		return -ENODATA;
	*ret_bits = ssidsize < 20 ? (unsigned int)ssidsize : 20;
	return 0;
}

enum { IDR0, IDR1, IDR2, IDR3, IDR4, IDR5, IIDR, AIDR };

static void from_info(const void *data, struct nest_hw_values *values)
{
	struct iommu_hw_info_arm_smmuv3 info;
	unsigned int i;

	memcpy(&info, data, sizeof(info));
	for (i = IDR0; i <= IDR5; i++)
		nest_hw_set(values, i, info.idr[i]);
	nest_hw_set(values, IIDR, info.iidr);
	nest_hw_set(values, AIDR, info.aidr);
	values->flags = info.flags;
}

/* Pages that first-stage tables can have, the smallest first. */
static const struct granule {
	const char *field, *s1;
	uint64_t page;
} granules[] = {
	{ "gran4k", "arm64", UINT64_C(4) << 10 },
	{ "gran16k", "arm64-16k", UINT64_C(16) << 10 },
	{ "gran64k", "arm64-64k", UINT64_C(64) << 10 },
};

/*
 * The smallest that is no smaller than what the second stage maps: then each page can be mapped
 * and unmapped there by itself. Without IDR5 it is the second stage's own, which the driver chose.
 */
static const struct granule *granule_of(const struct nest_hw_values *values, uint64_t page)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(granules); i++)
		if (granules[i].page >= page &&
		    nest_hw_flag(&nest_hw_smmuv3, values, granules[i].field) != NEST_NO)
			return &granules[i];
	return NULL;
}

static void walk(const struct nest_hw_values *values, uint64_t page, struct nest_hw_walk *ret)
{
	const struct granule *granule = granule_of(values, page), *least = granule_of(values, 0);
	uint64_t oas, bbml;

	ret->s1 = granule ? granule->s1 : NULL;
	if (!granule)
		ret->no_s1 = "this SMMU walks no tables of 4, 16 or 64 KiB pages that are as large "
			     "as those of the second stage (IDR5.GRAN4K, GRAN16K, GRAN64K: bits 4 "
			     "to 6)";
	if (least && nest_hw_flag(&nest_hw_smmuv3, values, least->field) == NEST_YES)
		ret->least = least->page;
	if (!nest_hw_number(&nest_hw_smmuv3, values, "oas", &oas))
		ret->output_bits = oas_bits[oas & 7];
	/* Each SMMU that walks tables of 4 KiB pages takes them; the others have none of 1 GiB. */
	ret->huge = granule == &granules[0];
	ret->ranges = nest_hw_flag(&nest_hw_smmuv3, values, "ril") == NEST_YES;
	ret->breaks = nest_hw_number(&nest_hw_smmuv3, values, "bbml", &bbml) || bbml != 2;
	ret->repeat = values->flags & IOMMU_HW_INFO_ARM_SMMUV3_REPEAT_TLBI_CFGI;
}

static const struct nest_hw_register registers[] = {
	{ "idr0", 32, "idr" }, { "idr1", 32, "idr" }, { "idr2", 32, "idr" }, { "idr3", 32, "idr" },
	{ "idr4", 32, "idr" }, { "idr5", 32, "idr" }, { "iidr", 32, NULL },  { "aidr", 32, NULL },
};

static const struct nest_hw_help helps[] = {
	{ "erratum", "use a machine with a later revision of this SMMU (MMU-600 from r2p0, MMU-700 "
		     "from r1p1); no setting changes this" },
	{ 0 },
};

static const struct nest_hw_needs needs[] = {
	{ NEST_STAGE_NEST_PARENT, "SMMUv3 needs IDR0.S1P and IDR0.S2P", { "s1p", "s2p" } },
	{ NEST_STAGE_HWPT_DIRTY, "SMMUv3 needs IDR0.HTTU", { NULL } },
	{ NEST_STAGE_HWPT_FAULT,
	  "SMMUv3 needs CONFIG_ARM_SMMU_V3_SVA and a device that may stall",
	  { NULL } },
	{ 0 },
};

const struct nest_hw nest_hw_smmuv3 = {
	.name = "smmuv3",
	.title = "SMMUv3",
	.driver = "arm-smmu-v3",
	.prefix = "smmu3.",
	.late_groups = true,
	.firmware = &nest_acpi_iort,
	.reserved = "RMR",
	.log = "arm-smmu-v3",
	.not_isolated = "no ITS translates its interrupts, so they are not isolated",
	.isolate = "use a machine whose interrupt controller is a GICv3 with an ITS, to which the "
		   "IORT or the device tree leads; for a test alone, allow_unsafe_interrupts=1 of "
		   "iommufd, which taints the kernel",
	.arguments = "IDR0 IDR1 IDR3 IDR5 [IIDR]",
	.registers = registers,
	.nregisters = ARRAY_SIZE(registers),
	.required = 1u << IDR0 | 1u << IDR1 | 1u << IDR3 | 1u << IDR5,
	.decides = 1u << IDR0 | 1u << IDR3,
	.fields = smmuv3_fields,
	.nfields = ARRAY_SIZE(smmuv3_fields),
	.judge = judge,
	.unread = { "registers",
		    "an SMMUv3 shows its registers only through iommufd, to a probe of a device",
		    "ask the kernel about a device behind it" },
	.helps = helps,
	.pasid_bits = pasid_bits,
	.major = 6,
	.minor = 13,
	.symbol = "CONFIG_ARM_SMMU_V3_IOMMUFD",
	.info_type = IOMMU_HW_INFO_TYPE_ARM_SMMUV3,
	.has_cmdqv = true,
	.from_info = from_info,
	.refused = { "kernel",
		     "both stages exist, and the kernel refuses: this part may have an erratum "
		     "that the tool does not know",
		     NULL },
	.untold = { "kernel",
		    "the kernel shows no registers of this SMMUv3: it is older than 6.13, or was "
		    "built without CONFIG_ARM_SMMU_V3_IOMMUFD",
		    "use Linux 6.13 or later with CONFIG_ARM_SMMU_V3_IOMMUFD" },
	.viommu = { "canwbs",
		    "the second stage cannot force memory types (IDR3.FWB, bit 8), and firmware "
		    "does not promise coherent DMA (CANWBS in the IORT)",
		    "ask the maker of the firmware to set CANWBS in the IORT, if all DMA is "
		    "coherent; no setting of the kernel changes this" },
	.viommu_field = "fwb",
	.coarse = { "page_size",
		    "it has no pages as small as the kernel's (IDR5.GRAN4K, GRAN16K, GRAN64K: bits "
		    "4 "
		    "to 6), and iommufd takes no such table",
		    "use a kernel whose pages are larger (CONFIG_ARM64_16K_PAGES, "
		    "CONFIG_ARM64_64K_PAGES)" },
	.needs = needs,
	.qemu = "arm-smmuv3",
	.sva_major = 5,
	.sva_minor = 11,
	.sva_sure_major = 5,
	.sva_sure_minor = 19,
	.sva_symbol = "CONFIG_ARM_SMMU_V3_SVA",
	.other_machine =
		"use a machine with an SMMUv3 that has both stages; no setting changes this",
	.s1 = "arm64",
	.walk = walk,
};
