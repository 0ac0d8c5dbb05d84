// SPDX-License-Identifier: GPL-2.0-or-later
/* The chips of /proc/interrupts, as kernels of ten years and three architectures name them. */
#include "test.h"

#include "check/irqchips.h"

static char chip[32];

static const char *isolated(const char *text)
{
	return nest_tri_name(nest_irqchips_isolated(text, chip, sizeof(chip)));
}

#define HEAD "            CPU0       CPU1       \n"

TEST(remapped, "IR- is remapped, on VT-d and AMD-Vi, old and new")
{
	CHECK_STR(isolated(HEAD "   0:         41          0  IR-IO-APIC    2-edge      timer\n"),
		  "yes");
	CHECK_STR(chip, "IR-IO-APIC");
	CHECK_STR(isolated(HEAD " 120:          0          0  DMAR-MSI    0-edge      dmar0\n"
				" 125:       1000          0  IR-PCI-MSI-0000:00:1f.2    0-edge    "
				"  ahci\n"),
		  "yes");
	CHECK_STR(chip, "IR-PCI-MSI-0000:00:1f.2");
	CHECK_STR(isolated(HEAD
			   "  40:          0          0   PCI-MSI 4096-edge      AMD-Vi\n"
			   "  41:          0         12  IR-PCI-MSI 524288-edge      nvme0q0\n"),
		  "yes");
	CHECK_STR(isolated(HEAD "  9:          1          0  IR-IO-APIC-fasteoi   acpi\n"), "yes");
}

TEST(not_remapped, "the same chips without it are not")
{
	CHECK_STR(isolated(HEAD "   0:         41          0   IO-APIC    2-edge      timer\n"
				"  25:          0          0   PCI-MSI 4096-edge      AMD-Vi\n"),
		  "no");
	CHECK_STR(chip, "IO-APIC");
	CHECK_STR(isolated(HEAD "  26:          7          0   PCI-MSIX-0000:01:00.0    0-edge     "
				" nvme0q0\n"),
		  "no");
	CHECK_STR(isolated(HEAD "  30:          7          0 GICv2m-PCI-MSI-0000:01:00.0   0 Edge  "
				"    nvme0q0\n"),
		  "no");
}

TEST(its, "a GICv3 ITS isolates by device")
{
	CHECK_STR(isolated(HEAD " 11:      30000      30000     GICv3  27 Level     arch_timer\n"
				" 52:          5          0   ITS-MSI 524288 Edge      nvme0q0\n"),
		  "yes");
	CHECK_STR(chip, "ITS-MSI");
	CHECK_STR(isolated(HEAD
			   " 53:          0          0  ITS-pMSI   0 Edge      arm-smmu-v3-evtq\n"),
		  "yes");
	CHECK_STR(isolated(HEAD " 54:          0          0 ITS-PCI-MSIX-0000:03:00.0   1 Edge     "
				" eth0\n"),
		  "yes");
}

TEST(nothing, "the IOMMUs' own interrupts, others, and what is no line say nothing")
{
	CHECK_STR(isolated(""), "unknown");
	CHECK_STR(chip, "");
	CHECK_STR(isolated(HEAD " 120:          0          0  DMAR-MSI    0-edge      dmar0\n"),
		  "unknown");
	CHECK_STR(isolated(HEAD "  25:          0          0   PCI-MSI 4096-edge      AMD-Vi\n"),
		  "unknown");
	CHECK_STR(isolated(HEAD
			   "  25:          0          0  IOMMU-MSI    0-edge      AMD-Vi0-Evt\n"),
		  "unknown");
	CHECK_STR(isolated(HEAD " 11:      30000      30000     GICv3  27 Level     arch_timer\n"),
		  "unknown");
	CHECK_STR(isolated("NMI:          0   IR-IO-APIC Non-maskable interrupts\nERR: 0\n"),
		  "unknown");
	CHECK_STR(isolated(" 8: 0 0 XT-PIC rtc0 named IR-IO-APIC\n"), "unknown");
	CHECK_STR(isolated("  8:\n  9:  \n 10: 12\n:::\n IR-IO-APIC\n"), "unknown");
	CHECK_STR(isolated(" 8: 0 0 IR-IO-API"), "unknown");
	CHECK_STR(isolated(" 8: 0 0 IO-APIC 2-edge timer"), "unknown");
}

int main(void)
{
	return test_main();
}
