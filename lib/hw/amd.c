// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD IOMMU: the extended feature registers, as sysfs (amd-iommu/features), the kernel log
 * ("AMD-Vi: Extended features (…)") and iommufd's GET_HW_INFO report them. Source of the bits: AMD
 * I/O Virtualization Technology specification (48882), MMIO offsets 0x30 and 0x1a0; source of the
 * verdict: what Linux 7.3 asks before it allocates a nest parent.
 *
 * Gates, in the order they are asked: "registers" (unknown), "gtsup", "giosup" (no), "gcr3trpmode"
 * (no; unknown without EFR2). Notes: reserved_bits, withdrawn_bit, software. Yes means the hardware
 * can: the software note says what the kernel makes of it.
 */
#include "hw/hw.h"

#include "number.h"
#include "uapi/iommufd.h"
#include "util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HATS_NONE 3 /* Linux takes it for "no host table" (iommu/amd/init.c) */

static void say_levels(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	if (raw == HATS_NONE)
		snprintf(buf, len, "none (encoding 3)");
	else
		snprintf(buf, len, "%" PRIu64 " level page tables", raw + 4);
}

static void say_glx(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	if (raw == 3)
		snprintf(buf, len, "reserved encoding");
	else
		snprintf(buf, len, "up to %" PRIu64 " level PASID table", raw + 1);
}

static void say_supported(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	if (raw)
		snprintf(buf, len, "yes (encoding %" PRIu64 ")", raw);
	else
		snprintf(buf, len, "no");
}

static void say_power(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	(void)regs;
	snprintf(buf, len, "%" PRIu64, UINT64_C(1) << raw);
}

static void say_pasmax(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	if (!nest_field_set(regs, "gtsup"))
		snprintf(buf, len, "not used: no guest translation");
	else
		snprintf(buf, len, "%" PRIu64 " bit PASID", raw + 1);
}

static void say_interrupts(const struct nest_regs *regs, uint64_t raw, char *buf, size_t len)
{
	static const char *const counts[] = { "512 a device", "2048 a device" };

	(void)regs;
	snprintf(buf, len, "%s", raw < ARRAY_SIZE(counts) ? counts[raw] : "reserved encoding");
}

/* clang-format off */
static const struct nest_field amd_fields[] = {
	{"prefsup",           "efr",  0, 1, "prefetch command", NULL},
	{"pprsup",            "efr",  1, 1, "peripheral page requests (PCIe PRI)", NULL},
	{"xtsup",             "efr",  2, 1, "x2APIC interrupts", NULL},
	{"nxsup",             "efr",  3, 1, "no-execute and privilege checks", NULL},
	{"gtsup",             "efr",  4, 1, "guest translation: a first stage", NULL},
	{"gappisup",          "efr",  5, 1, "guest APIC physical processor interrupts", NULL},
	{"iasup",             "efr",  6, 1, "invalidate-all command", NULL},
	{"gasup",             "efr",  7, 1, "guest virtual APIC", NULL},
	{"hesup",             "efr",  8, 1, "hardware error registers", NULL},
	{"pcsup",             "efr",  9, 1, "performance counters", NULL},
	{"hats",              "efr", 10, 2, "host (second-stage) translation size", say_levels},
	{"gats",              "efr", 12, 2, "guest (first-stage) translation size", say_levels},
	{"glxsup",            "efr", 14, 2, "guest CR3 table depth", say_glx},
	{"smifsup",           "efr", 16, 2, "SMI filter", say_supported},
	{"smifrc",            "efr", 18, 3, "number of SMI filter registers", say_power},
	{"gamsup",            "efr", 21, 3, "guest virtual APIC modes", say_supported},
	{"dualpprlogsup",     "efr", 24, 2, "second page request log", say_supported},
	{"dualeventlogsup",   "efr", 28, 2, "second event log", say_supported},
	{"satssup",           "efr", 31, 1, "secure ATS", NULL},
	{"pasmax",            "efr", 32, 5, "PASID size", say_pasmax},
	{"ussup",             "efr", 37, 1, "user and supervisor page protection", NULL},
	{"devtblsegsup",      "efr", 38, 2, "most segments of the device table", say_power},
	{"pprovrflwearlysup", "efr", 40, 1, "early warning of a full page request log", NULL},
	{"pprautorspsup",     "efr", 41, 1, "automatic answers when the page request log is full",
	 NULL},
	{"marcsup",           "efr", 42, 2, "memory access routing and control", say_supported},
	{"blkstopmrksup",     "efr", 44, 1, "blocking of StopMark messages", NULL},
	{"perfoptsup",        "efr", 45, 1, "performance optimisation", NULL},
	{"msicapmmiosup",     "efr", 46, 1, "MSI capability reachable through MMIO", NULL},
	{"giosup",            "efr", 48, 1, "guest I/O protection: both stages for one device", NULL},
	{"hasup",             "efr", 49, 1, "accessed bits in the host table", NULL},
	{"ephsup",            "efr", 50, 1, "enhanced page request handling", NULL},
	{"attrfwsup",         "efr", 51, 1, "attribute forwarding", NULL},
	{"hdsup",             "efr", 52, 1, "dirty bits in the host table", NULL},
	{"invtlbtypesup",     "efr", 54, 1, "IOTLB invalidation by type", NULL},
	{"viommusup",         "efr", 55, 1, "hardware virtual IOMMU", NULL},
	{"gaupdatedissup",    "efr", 61, 1, "updates of guest page tables can be disabled", NULL},
	{"forcephydestsup",   "efr", 62, 1, "remapped interrupts can be forced to physical mode",
	 NULL},
	{"snpsup",            "efr", 63, 1, "SEV-SNP", NULL},

	{"sevsnpiosup",       "efr2",  1, 1, "trusted I/O with SEV-SNP", NULL},
	{"tmpmsup",           "efr2",  2, 1, "tiered memory page migration", NULL},
	{"gcr3trpmode",       "efr2",  3, 1, "the guest's CR3 table is found by guest address", NULL},
	{"gappidissup",       "efr2",  4, 1, "guest APIC interrupts can be masked", NULL},
	{"snpavicsup",        "efr2",  5, 3, "guest virtual APIC under SEV-SNP", say_supported},
	{"numintremapsup",    "efr2",  8, 2, "remapped interrupts", say_interrupts},
	{"htrangeignore",     "efr2", 11, 1, "the HyperTransport range is ordinary guest memory",
	 NULL},
};

static const struct nest_withdrawn amd_withdrawn[] = {
	{"efr", 56, 1, "VMGuard I/O in some revisions of the specification; not documented now"},
	{"efr", 57, 4, "VM table size in some revisions of the specification; not documented now"},
	/* Set by real units (Ryzen 4000 and later, EPYC 9004 and 9005), and named nowhere. */
	{"efr", 53, 1, NULL},
	{"efr2", 0, 1, NULL},
	{"efr2", 10, 1, NULL},
};
/* clang-format on */

static uint64_t host_levels(const struct nest_regs *regs)
{
	uint64_t hats = 0;

	(void)!nest_field_value(regs, nest_field_find(regs, "hats"), &hats);
	return hats;
}

static void judge_nesting(struct nest_regs *regs)
{
	if (!nest_field_set(regs, "gtsup")) {
		nest_regs_judge(regs, NEST_NO, "gtsup",
				"no guest translation (EFR.GTSup, bit 4): there is no first stage");
	} else if (!nest_field_set(regs, "giosup")) {
		nest_regs_judge(regs, NEST_NO, "giosup",
				"no guest I/O protection (EFR.GIOSup, bit 48): a device cannot "
				"have both stages");
	} else if (host_levels(regs) == HATS_NONE) {
		nest_regs_judge(regs, NEST_NO, "hats",
				"no host page table (EFR.HATS, bits 11:10, is 3): there is no "
				"second stage");
	} else if (!nest_reg_find(regs, "efr2")->known) {
		nest_regs_judge(
			regs, NEST_UNKNOWN, "gcr3trpmode",
			"EFR passes (bits 4 and 48), but EFR2 is not known, and its bit 3 decides");
	} else if (!nest_field_set(regs, "gcr3trpmode")) {
		nest_regs_judge(regs, NEST_NO, "gcr3trpmode",
				"guest CR3 tables cannot be given by guest address "
				"(EFR2.GCR3TRPMode, bit 3)");
	} else {
		nest_regs_judge(regs, NEST_YES, NULL,
				"guest translation, guest I/O protection and GCR3 by guest address "
				"(EFR bits 4, 48; EFR2 bit 3)");
		nest_regs_remark(regs, "software",
				 "Linux up to 7.3 allocates a nest parent on such a unit but has "
				 "no nested table to put on it: HWPT_ALLOC fails with EOPNOTSUPP");
	}
}

static void judge(struct nest_regs *regs)
{
	const struct nest_reg *efr = nest_reg_find(regs, "efr");

	nest_regs_remark_strays(regs, amd_withdrawn, ARRAY_SIZE(amd_withdrawn));
	if (!efr->value)
		nest_regs_judge(regs, NEST_UNKNOWN, "registers",
				"efr is zero: the unit has no extended feature register, or it was "
				"not read");
	else if (!efr->known)
		nest_regs_judge(regs, NEST_UNKNOWN, "registers",
				"efr reads as all ones: the unit does not answer");
	else
		judge_nesting(regs);
}

/* The kernel's limit is 16 bits (PASID_MAX). */
static int pasid_bits(const struct nest_regs *regs, unsigned int *ret_bits)
{
	uint64_t pasmax;

	if (nest_field_value(regs, nest_field_find(regs, "pasmax"), &pasmax))
		return -ENODATA;
	*ret_bits = !nest_field_set(regs, "gtsup") ? 0
		    : pasmax < 16		   ? (unsigned int)pasmax + 1
						   : 16;
	return 0;
}

enum { EFR, EFR2 };

/*
 * "features" is EFR alone up to 5.19, EFR2:EFR from 6.0 to 6.6, and EFR:EFR2 since. EFR has had
 * bits above 32 in every part, EFR2 none yet, so the larger of two is EFR whichever kernel wrote
 * them.
 */
static int parse_features(const char *text, struct nest_hw_values *values)
{
	char first[32];
	size_t len = strcspn(text, ":");
	uint64_t a, b;

	if (len >= sizeof(first))
		return -EINVAL;
	memcpy(first, text, len);
	first[len] = '\0';
	if (nest_parse_u64(first, 16, &a))
		return -EINVAL;
	if (!text[len]) {
		nest_hw_set(values, EFR, a);
		return 0;
	}
	if (nest_parse_u64(text + len + 1, 16, &b)) {
		nest_hw_set(values, EFR, a);
		return -EINVAL;
	}
	nest_hw_set(values, EFR, a > b ? a : b);
	nest_hw_set(values, EFR2, a > b ? b : a);
	return 0;
}

static void from_info(const void *data, struct nest_hw_values *values)
{
	struct iommu_hw_info_amd info;

	memcpy(&info, data, sizeof(info));
	nest_hw_set(values, EFR, info.efr);
	nest_hw_set(values, EFR2, info.efr2);
}

static const struct nest_hw_register registers[] = { { "efr", 64, NULL }, { "efr2", 64, NULL } };

static const struct nest_hw_attr attrs[] = {
	{ "amd-iommu/features", 1u << EFR | 1u << EFR2, parse_features },
	{ 0 },
};

/* What Linux 7.3 checks before it allocates a PASID table. */
static const struct nest_hw_capability sva[] = {
	{ "gtsup", "guest translation" },
	{ "giosup", "guest I/O protection" },
	{ "pprsup", "page requests" },
	{ "ephsup", "enhanced page request handling" },
	{ 0 },
};

#define NO_KERNEL_YET "no kernel up to Linux 7.3 nests on an AMD IOMMU"
#define NO_KERNEL     "But " NO_KERNEL_YET

static const struct nest_hw_help helps[] = {
	{ "gtsup", "switch SEV-SNP off in the firmware's setup, if it is on: with it, firmware "
		   "hides this bit on some machines. " NO_KERNEL },
	{ "giosup",
	  "use another machine, since older processors than Zen lack this bit. " NO_KERNEL },
	{ "gcr3trpmode", "use another machine: only EPYC and Threadripper of Zen 4 and later were "
			 "seen with this bit. " NO_KERNEL },
	{ "hats", "update the firmware, or switch on the IOMMU's host page table in its "
		  "setup. " NO_KERNEL },
	{ 0 },
};

static const struct nest_hw_needs needs[] = {
	{ NEST_STAGE_NEST_PARENT,
	  "AMD needs EFR.GTSup, EFR.GIOSup and EFR2.GCR3TRPMode",
	  { "gtsup", "giosup", "gcr3trpmode" } },
	{ NEST_STAGE_HWPT_DIRTY, "AMD needs EFR.HDSup", { "hdsup" } },
	{ NEST_STAGE_HWPT_FAULT, "AMD needs EFR.PPRSup", { "pprsup" } },
	{ 0 },
};

/*
 * The driver switches PASID off when user space claims the device, and keeps the number of them;
 * iommufd warns of the difference (K7.3 iommu/amd/iommu.c:2437, iommu/iommufd/device.c:1731).
 */
static const struct nest_hw_hazard info_hazard = {
	6,
	15,
	"gtsup",
	"the kernel would warn, and panic with panic_on_warn: the device has PASIDs, which the AMD "
	"driver switches off for user space",
};

const struct nest_hw nest_hw_amd = {
	.name = "amd",
	.title = "AMD-Vi",
	.folder = "amd-iommu",
	.prefix = "ivhd",
	.attrs = attrs,
	.table = "IVRS",
	.firmware = &nest_acpi_ivrs,
	.reserved = "IVMD",
	.vendor = "AMD-Vi",
	.option = "amd_iommu",
	.driver_symbol = "CONFIG_AMD_IOMMU",
	.start =
		"use a kernel with CONFIG_AMD_IOMMU; if it has that, dmesg | grep AMD-Vi tells why "
		"the IOMMU is off",
	.log = "AMD-Vi",
	.log_interrupts = "AMD-Vi: Interrupt",
	.arguments = "EFR[:EFR2]",
	.registers = registers,
	.nregisters = ARRAY_SIZE(registers),
	.required = 1u << EFR,
	.decides = 1u << EFR | 1u << EFR2,
	.fields = amd_fields,
	.nfields = ARRAY_SIZE(amd_fields),
	.judge = judge,
	.unread = { "registers", "its feature registers could not be read", NULL },
	.pasid_bits = pasid_bits,
	.sva = sva,
	.no_kernel = "the AMD driver has no nested table for user space",
	.symbol = "CONFIG_AMD_IOMMU_IOMMUFD",
	.option_remedy = "use another machine: " NO_KERNEL_YET ", with CONFIG_AMD_IOMMU_IOMMUFD or "
			 "without",
	.info_type = IOMMU_HW_INFO_TYPE_AMD,
	.from_info = from_info,
	.info_hazard = &info_hazard,
	.helps = helps,
	.refused = { "kernel",
		     "the registers pass every gate: the kernel is older than 7.1, or the firmware "
		     "disables the host page table (HATDis)",
		     "use Linux 7.1 or later; update the firmware if its table has HATDis" },
	.needs = needs,
	.other_machine = "use another machine: " NO_KERNEL_YET,
	.sva_major = 6,
	.sva_minor = 10,
	.sva_sure_major = 6,
	.sva_sure_minor = 12,
	.sva_by_ats = true,
	.sva_untranslated = "pgtbl_v2",
	.no_s1 = "the tool has no first-stage tables for AMD",
};
