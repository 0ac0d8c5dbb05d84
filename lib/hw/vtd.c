// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel VT-d: the bits of CAP and ECAP, as sysfs (intel-iommu/cap, ecap), the kernel log
 * ("reg_base_addr … cap … ecap …") and iommufd's GET_HW_INFO report them. Source of the bits: VT-d
 * specification, CAP_REG (offset 0x8) and ECAP_REG (offset 0x10); source of the verdict:
 * nested_supported() and the nest-parent check of Linux's drivers/iommu/intel.
 *
 * Gates, in the order they are asked: "registers" (unknown: a value no working unit has), "smts",
 * "nest", "slts" (each: no). Notes: withdrawn_bit, reserved_bits, software, no_page_requests,
 * first_stage, psl, ecap_zero. Yes means the hardware can; whether the kernel runs it in scalable
 * mode is not in the registers, and is told by a note. Erratum 772415 (SPR17) is a quirk.
 */
#include "hw/hw.h"

#include "number.h"
#include "uapi/iommufd.h"
#include "util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Names the set bits of raw, "39, 48 bit"; names[i] NULL: the bit is unnamed. */
static void list_bits(uint64_t raw, const char *const *names, size_t nnames, const char *unit,
		      char *buf, size_t len)
{
	size_t used = 0;
	unsigned int bit;
	int n;

	buf[0] = '\0';
	for (bit = 0; raw >> bit; bit++) {
		if (!(raw >> bit & 1) || used >= len)
			continue;
		if (bit < nnames && names[bit])
			n = snprintf(buf + used, len - used, "%s%s", used ? ", " : "", names[bit]);
		else
			n = snprintf(buf + used, len - used, "%sreserved bit %u", used ? ", " : "",
				     bit);
		used += (size_t)n;
	}
	if (!used)
		snprintf(buf, len, "none");
	else if (used < len)
		snprintf(buf + used, len - used, "%s", unit);
}

static void say_domains(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	if (raw == 7)
		snprintf(buf, len, "reserved encoding");
	else
		snprintf(buf, len, "2^%" PRIu64 " domains", 4 + 2 * raw);
}

static void say_sagaw(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const widths[] = { "30 (withdrawn)", "39", "48", "57",
					      "64 (withdrawn)" };

	(void)regs;
	list_bits(raw, widths, ARRAY_SIZE(widths), " bit", buf, len);
}

static void say_sllps(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const sizes[] = { "2 MiB", "1 GiB", "512 GiB (withdrawn)",
					     "256 TiB (withdrawn)" };

	(void)regs;
	list_bits(raw, sizes, ARRAY_SIZE(sizes), "", buf, len);
}

static void say_width(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	snprintf(buf, len, "%" PRIu64 " bit", raw + 1);
}

static void say_offset(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	snprintf(buf, len, "at offset 0x%" PRIx64, 16 * raw);
}

static void say_count(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	snprintf(buf, len, "%" PRIu64, raw + 1);
}

static void say_mamv(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	if (!nest_field_set(regs, "psi"))
		snprintf(buf, len, "not used: no page-selective invalidation");
	else
		snprintf(buf, len, "up to 2^%" PRIu64 " pages at once", raw);
}

static void say_mhmv(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	if (!nest_field_set(regs, "ir"))
		snprintf(buf, len, "not used: no interrupt remapping");
	else
		snprintf(buf, len, "up to 2^%" PRIu64 " entries at once", raw);
}

static void say_pss(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	if (!nest_field_set(regs, "pasid"))
		snprintf(buf, len, "not used: no PASID");
	else
		snprintf(buf, len, "%" PRIu64 " bit PASID", raw + 1);
}

/* clang-format off */
static const struct nest_field vtd_fields[] = {
	{"nd",      "cap",  0, 3, "number of domains", say_domains},
	{"afl",     "cap",  3, 1, "advanced fault logging to memory", NULL},
	{"rwbf",    "cap",  4, 1, "software must flush the write buffer", NULL},
	{"plmr",    "cap",  5, 1, "protected low memory region", NULL},
	{"phmr",    "cap",  6, 1, "protected high memory region", NULL},
	{"cm",      "cap",  7, 1, "caching mode: caches absent entries, the mark of a virtual IOMMU",
	 NULL},
	{"sagaw",   "cap",  8, 5, "second-stage page table widths", say_sagaw},
	{"mgaw",    "cap", 16, 6, "widest address a device may use through the second stage",
	 say_width},
	{"zlr",     "cap", 22, 1, "zero-length reads of write-only pages", NULL},
	{"fro",     "cap", 24, 10, "where the fault recording registers are", say_offset},
	{"sllps",   "cap", 34, 4, "large pages in the second stage", say_sllps},
	{"psi",     "cap", 39, 1, "page-selective invalidation", NULL},
	{"nfr",     "cap", 40, 8, "number of fault recording registers", say_count},
	{"mamv",    "cap", 48, 6, "most pages one invalidation may cover", say_mamv},
	{"dwd",     "cap", 54, 1, "draining of DMA writes", NULL},
	{"drd",     "cap", 55, 1, "draining of DMA reads", NULL},
	{"fl1gp",   "cap", 56, 1, "1 GiB pages in the first stage", NULL},
	{"pi",      "cap", 59, 1, "posted interrupts", NULL},
	{"fl5lp",   "cap", 60, 1, "five levels (57 bit) in the first stage", NULL},
	{"ecmds",   "cap", 61, 1, "enhanced commands", NULL},
	{"esirtps", "cap", 62, 1, "setting the interrupt table invalidates by itself", NULL},
	{"esrtps",  "cap", 63, 1, "setting the root table invalidates by itself", NULL},

	{"c",       "ecap",  0, 1, "coherent page walks: caches are snooped", NULL},
	{"qi",      "ecap",  1, 1, "queued invalidation", NULL},
	{"dt",      "ecap",  2, 1, "device TLBs (PCIe ATS)", NULL},
	{"ir",      "ecap",  3, 1, "interrupt remapping", NULL},
	{"eim",     "ecap",  4, 1, "interrupt remapping for x2APIC", NULL},
	{"pt",      "ecap",  6, 1, "pass-through without page tables", NULL},
	{"sc",      "ecap",  7, 1, "snoop control: DMA can be forced coherent", NULL},
	{"iro",     "ecap",  8, 10, "where the IOTLB registers are", say_offset},
	{"mhmv",    "ecap", 20, 4, "most interrupt entries one invalidation may cover", say_mhmv},
	{"mts",     "ecap", 25, 1, "memory types in the first stage", NULL},
	{"nest",    "ecap", 26, 1, "nested translation", NULL},
	{"prs",     "ecap", 29, 1, "page requests (PCIe PRI)", NULL},
	{"ers",     "ecap", 30, 1, "execute requests", NULL},
	{"srs",     "ecap", 31, 1, "supervisor requests", NULL},
	{"nwfs",    "ecap", 33, 1, "no-write flag in translation requests", NULL},
	{"eafs",    "ecap", 34, 1, "extended accessed flag in the first stage", NULL},
	{"pss",     "ecap", 35, 5, "PASID size", say_pss},
	{"pasid",   "ecap", 40, 1, "PASIDs: several address spaces a device", NULL},
	{"dit",     "ecap", 41, 1, "device-TLB invalidation throttling", NULL},
	{"pds",     "ecap", 42, 1, "draining of page requests", NULL},
	{"smts",    "ecap", 43, 1, "scalable mode", NULL},
	{"vcs",     "ecap", 44, 1, "virtual command interface", NULL},
	{"slads",   "ecap", 45, 1, "accessed and dirty bits in the second stage", NULL},
	{"slts",    "ecap", 46, 1, "second-stage translation in scalable mode", NULL},
	{"flts",    "ecap", 47, 1, "first-stage translation in scalable mode", NULL},
	{"smpwc",   "ecap", 48, 1, "coherent page walks in scalable mode", NULL},
	{"rps",     "ecap", 49, 1, "a PASID may be given to requests without one", NULL},
	{"tdxio",   "ecap", 50, 1, "TDX connect", NULL},
	{"pms",     "ecap", 51, 1, "performance monitoring", NULL},
	{"adms",    "ecap", 52, 1, "abort-DMA mode", NULL},
	{"rprivs",  "ecap", 53, 1, "privilege of requests without PASID can be set", NULL},
};

static const struct nest_withdrawn vtd_withdrawn[] = {
	{"cap",  23, 1, "isochrony of early VT-d, the unit served isochronous devices; withdrawn"},
	{"ecap",  5, 1, "caching hints of early VT-d; withdrawn"},
	{"ecap", 24, 1, "extended context tables (ECS) of 2015-2020; withdrawn"},
	{"ecap", 27, 1, "deferred invalidation (DIS) of 2015-2020; withdrawn"},
	{"ecap", 28, 1, "a PASID bit that was broken in hardware; meaningless since 2015"},
	{"ecap", 32, 1, "PASID-only translation (POT) of 2015-2020; withdrawn"},
};
/* clang-format on */

/* Remarks on a unit that can nest. */
static void remark_nesting(struct nest_regs *regs)
{
	nest_regs_remark(regs, "software",
			 "the kernel must run the unit in scalable mode too (intel_iommu=sm_on, or "
			 "built with INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON): not visible here");
	if (!nest_field_set(regs, "flts"))
		nest_regs_remark(regs, "first_stage",
				 "nest is set without flts: there is no first stage to nest");
	if (!nest_field_set(regs, "prs"))
		nest_regs_remark(regs, "no_page_requests",
				 "no page requests (prs): faults of the first stage appear in the "
				 "kernel log only, without an answer");
}

static void judge_nesting(struct nest_regs *regs)
{
	bool smts = nest_field_set(regs, "smts");
	bool nest = nest_field_set(regs, "nest");

	if (!smts && nest)
		nest_regs_judge(
			regs, NEST_NO, "smts",
			"no scalable mode (ECAP.SMTS, bit 43); bit 26 alone is the withdrawn "
			"meaning of 2015-2020 (extended contexts), not today's nesting");
	else if (!smts)
		nest_regs_judge(regs, NEST_NO, "smts", "no scalable mode (ECAP.SMTS, bit 43)");
	else if (!nest)
		nest_regs_judge(regs, NEST_NO, "nest",
				"scalable mode, but no nested translation (ECAP.NEST, bit 26)");
	else if (!nest_field_set(regs, "slts"))
		nest_regs_judge(regs, NEST_NO, "slts",
				"no second-stage translation in scalable mode (ECAP.SLTS, bit 46)");
	else
		nest_regs_judge(regs, NEST_YES, NULL,
				"scalable mode, nested and second-stage translation (ECAP.SMTS, "
				"NEST and SLTS: bits 43, 26, 46)");
	if (regs->nesting.status == NEST_YES)
		remark_nesting(regs);
	if (smts && !nest_field_set(regs, "slts") && !nest_field_set(regs, "flts"))
		nest_regs_remark(regs, "psl",
				 "ecap bit 43 without a first or second stage (bits 47, 46): on "
				 "parts older than scalable mode it meant a PASID limit (PSL)");
}

/* Says why a register cannot be believed; false if it can. */
static bool judge_unreadable(struct nest_regs *regs, const char *name)
{
	const struct nest_reg *reg = nest_reg_find(regs, name);

	if (reg->known)
		return false;
	nest_regs_judge(regs, NEST_UNKNOWN, "registers",
			reg->value ? "%s reads as all ones: the unit does not answer (firmware "
				     "bug, wrong address, or switched off)"
				   : "%s reads as zero, which no unit reports: it was not read, or "
				     "the unit does not answer",
			name);
	return true;
}

static void judge(struct nest_regs *regs)
{
	const struct nest_reg *ecap = nest_reg_find(regs, "ecap");

	nest_regs_remark_strays(regs, vtd_withdrawn, ARRAY_SIZE(vtd_withdrawn));
	if (judge_unreadable(regs, "cap") || judge_unreadable(regs, "ecap"))
		return;
	judge_nesting(regs);
	if (!ecap->value)
		nest_regs_remark(regs, "ecap_zero",
				 "ecap is zero: a unit has at least an IOTLB register offset "
				 "there; was it read?");
}

static int pasid_bits(const struct nest_regs *regs, unsigned int *ret_bits)
{
	uint64_t pss;

	if (nest_field_value(regs, nest_field_find(regs, "pss"), &pss))
		return -ENODATA;
	*ret_bits = nest_field_set(regs, "pasid") ? (unsigned int)pss + 1 : 0;
	return 0;
}

enum { CAP, ECAP };

static int parse_cap(const char *text, struct nest_hw_values *values)
{
	uint64_t value;
	int err = nest_parse_u64(text, 16, &value);

	if (!err)
		nest_hw_set(values, CAP, value);
	return err;
}

static int parse_ecap(const char *text, struct nest_hw_values *values)
{
	uint64_t value;
	int err = nest_parse_u64(text, 16, &value);

	if (!err)
		nest_hw_set(values, ECAP, value);
	return err;
}

static void from_info(const void *data, struct nest_hw_values *values)
{
	struct iommu_hw_info_vtd info;

	memcpy(&info, data, sizeof(info));
	nest_hw_set(values, CAP, info.cap_reg);
	nest_hw_set(values, ECAP, info.ecap_reg);
	values->flags = info.flags;
}

/* Bit 28 has no field: it means nothing on later parts. */
static const char *broken_pasid(const struct nest_hw_values *values)
{
	bool is_broken = values->known & 1u << ECAP && values->reg[ECAP] >> 28 & 1 &&
			 nest_hw_flag(&nest_hw_vtd, values, "smts") == NEST_NO;

	return is_broken ? "the PASID support of this early unit is broken (ECAP bit 28); the "
			   "kernel does not use it"
			 : NULL;
}

static const struct nest_hw_register registers[] = { { "cap", 64, NULL }, { "ecap", 64, NULL } };

static const struct nest_hw_attr attrs[] = {
	{ "intel-iommu/cap", 1u << CAP, parse_cap },
	{ "intel-iommu/ecap", 1u << ECAP, parse_ecap },
	{ 0 },
};

static const struct nest_hw_capability sva[] = {
	{ "smts", "scalable mode" },
	{ "pasid", "PASIDs" },
	{ "prs", "page requests" },
	{ "flts", "first-stage tables in scalable mode" },
	{ 0 },
};

/* intel_svm_check() of the driver refuses shared addressing otherwise. */
static const struct nest_hw_paging sva_paging[] = {
	{ "pdpe1gb", "fl1gp", "1 GiB pages" },
	{ "la57", "fl5lp", "five levels of page tables" },
	{ 0 },
};

static const struct nest_hw_capability remapping = { "ir", "ECAP.IR, bit 3" };

static const struct nest_hw_needs needs[] = {
	{ NEST_STAGE_NEST_PARENT,
	  "VT-d needs ECAP.SMTS, ECAP.NEST, ECAP.SLTS, and scalable mode on",
	  { NULL } },
	{ NEST_STAGE_HWPT_DIRTY, "VT-d needs ECAP.SLADS", { "slads" } },
	{ NEST_STAGE_HWPT_FAULT, "VT-d needs ECAP.PRS", { "prs" } },
	{ 0 },
};

static const struct nest_hw_quirk quirks[] = {
	{ IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17,
	  "erratum 772415: no read-only mappings below a nested table",
	  "erratum 772415 (SPR17): memory below a nested table must be mapped writable, so user "
	  "space cannot keep a page read-only for the device" },
	{ 0 },
};

static void walk(const struct nest_hw_values *values, uint64_t page, struct nest_hw_walk *ret)
{
	(void)page; /* either stage has pages of 4 KiB */
	ret->huge = nest_hw_flag(&nest_hw_vtd, values, "fl1gp") == NEST_YES;
}

const struct nest_hw nest_hw_vtd = {
	.name = "vt-d",
	.title = "VT-d",
	.folder = "intel-iommu",
	.prefix = "dmar",
	.attrs = attrs,
	.version_file = "intel-iommu/version",
	.address_file = "intel-iommu/address",
	.domains_file = "intel-iommu/domains_supported",
	.domains_used_file = "intel-iommu/domains_used",
	.table = "DMAR",
	.reserved = "RMRR",
	.vendor = "Intel VT-d",
	.option = "intel_iommu",
	.enable = "intel_iommu=on",
	.driver_symbol = "CONFIG_INTEL_IOMMU",
	.start = "start the kernel with intel_iommu=on, or use one that has the driver",
	.start_asked =
		"the option intel_iommu=on is on the command line already: use a kernel with "
		"CONFIG_INTEL_IOMMU; if it has that, dmesg | grep DMAR tells why the IOMMU "
		"is off",
	.log = "DMAR",
	.log_interrupts = "DMAR-IR",
	.arguments = "CAP ECAP",
	.registers = registers,
	.nregisters = ARRAY_SIZE(registers),
	.required = 1u << CAP | 1u << ECAP,
	.decides = 1u << ECAP,
	.fields = vtd_fields,
	.nfields = ARRAY_SIZE(vtd_fields),
	.judge = judge,
	.unread = { "registers", "its capability registers could not be read", NULL },
	.pasid_bits = pasid_bits,
	.sva = sva,
	.broken_pasid = broken_pasid,
	.remapping = &remapping,
	.coherent = "smpwc",
	.major = 6,
	.minor = 8,
	.symbol = "CONFIG_INTEL_IOMMU",
	.symbol_shown = true,
	.info_type = IOMMU_HW_INFO_TYPE_INTEL_VTD,
	.from_info = from_info,
	.refused = { "scalable_mode",
		     "the hardware can nest, and the kernel does not: scalable mode is off",
		     "start the kernel with intel_iommu=on,sm_on" },
	.needs = needs,
	.quirks = quirks,
	.qemu = "intel-iommu",
	.sva_major = 5,
	.sva_minor = 8,
	.sva_sure_major = 5,
	.sva_sure_minor = 10,
	.sva_symbol = "CONFIG_INTEL_IOMMU_SVM",
	.sva_by_ats = true,
	.sva_paging = sva_paging,
	.other_machine = "use a machine with an IOMMU that nests (VT-d: Sapphire Rapids and "
			 "later servers); no setting changes this",
	.s1 = "x86",
	.walk = walk,
};
