// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks the first line, the state of remapping, and what follows from absence. */
#include "log/answer.h"

#include "test.h"

#include "log/log_decode.h"
#include "util.h"

static struct nest_log_answer answer;

static void answer_to(const char *text)
{
	decode(text);
	nest_log_answer(r, &answer);
}

#define BOOT   "[    0.0] Linux version 6.4.7\n"
#define LATE   "[    1.0] PCI-DMA: Using software bounce buffering for IO (SWIOTLB)\n"
#define TABLES "[    0.0] ACPI: FACP 0x01 000114 (v06 A M I)\n"
#define FAULT                                                                                      \
	"DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault reason "      \
	"0x06] x\n"

TEST(state, "each line that proves something is weighed")
{
	static const struct {
		const char *log;
		enum nest_tri dma, interrupts;
	} cases[] = {
		{ "DMAR: IOMMU enabled\n", NEST_UNKNOWN, NEST_UNKNOWN },
		{ "DMAR: Intel(R) Virtualization Technology for Directed I/O\n", NEST_YES,
		  NEST_UNKNOWN },
		{ FAULT, NEST_YES, NEST_UNKNOWN },
		{ "DMAR: [INTR-REMAP] Request device [00:02.0] fault index 0x1 [fault reason 0x25] "
		  "x\n",
		  NEST_UNKNOWN, NEST_YES },
		{ "pci 0000:00:02.0: Adding to iommu group 1\n", NEST_YES, NEST_UNKNOWN },
		{ "vfio-pci 0000:00:02.0: Adding to iommu group 1\n"
		  "vfio-pci 0000:00:02.0: Adding kernel taint for vfio-noiommu group on device\n",
		  NEST_UNKNOWN, NEST_UNKNOWN },
		{ "DMAR-IR: Enabled IRQ remapping in x2apic mode\n", NEST_UNKNOWN, NEST_YES },
		{ "AMD-Vi: Disabling interrupt remapping\n", NEST_UNKNOWN, NEST_NO },
		{ "DMAR: Parse DMAR table failure.\n", NEST_NO, NEST_UNKNOWN },
		{ "(XEN) I/O virtualisation disabled\n", NEST_NO, NEST_UNKNOWN },
		{ BOOT LATE, NEST_NO, NEST_UNKNOWN },
		{ BOOT "ACPI: DMAR 0x01 000114\n" LATE, NEST_NO, NEST_NO },
		{ BOOT "** 12 printk messages dropped **\n" LATE, NEST_UNKNOWN, NEST_UNKNOWN },
		{ BOOT, NEST_UNKNOWN, NEST_UNKNOWN },
		{ "AMD-Vi: Interrupt remapping enabled\nAMD-Vi: Disabling interrupt remapping\n",
		  NEST_UNKNOWN, NEST_UNKNOWN },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool good;

		answer_to(cases[i].log);
		good = CHECK_EQ(answer.dma, cases[i].dma);
		good &= CHECK_EQ(answer.interrupts, cases[i].interrupts);
		if (!good)
			printf("# of: %s\n", cases[i].log);
	}
	CHECK_HAS(answer.text, "several boots?");
}

TEST(absence, "what is not there concludes where the log covers the boot")
{
	static const struct {
		const char *log, *id;
	} cases[] = {
		{ BOOT TABLES LATE, "no_table" },
		{ BOOT TABLES "smpboot: CPU0: AMD Ryzen 5 3600X\n" LATE, "no_table" },
		{ BOOT TABLES "Hypervisor detected: KVM\n" LATE, "guest_without" },
		{ BOOT TABLES "ACPI: DMAR 0x01 000114\n" LATE, "not_switched_on" },
		{ BOOT "Kernel command line: ro intel_iommu=off\nACPI: DMAR 0x01 000114\n" LATE,
		  "option_off" },
		{ BOOT TABLES "ACPI: IVRS 0x01 000114\n" LATE, "no_driver" },
		{ BOOT TABLES "ACPI: VIOT 0x01 000114\n" LATE, "no_driver" },
		{ BOOT "Booting paravirtualized kernel on Xen\n" LATE, "xen_owns" },
		{ "iommu: Default domain type: Translated\n", "nothing_in_use" },
		{ "DMAR: Host address width 39\nDMAR-IR: Enabled IRQ remapping in x2apic mode\n",
		  "not_shown" },
		{ BOOT TABLES, NULL },
		{ BOOT TABLES "pci 0000:00:02.0: Adding to iommu group 1\n" LATE, NULL },
		{ FAULT, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		answer_to(cases[i].log);
		if (!CHECK_STR(answer.nconclusions ? answer.conclusions[0].id : NULL, cases[i].id))
			printf("# of: %s\n", cases[i].log);
	}
}

#define UNIT(n, ecap)                                                                              \
	"dmar" #n ": reg_base_addr fed9000" #n " ver 1:0 cap 1c0000c40660462 ecap " ecap "\n"

TEST(line, "the first line counts units, devices that faulted, and tells the state")
{
	answer_to(UNIT(0, "f050da") UNIT(1, "f050da"));
	CHECK_STR(answer.text, "2 VT-d units, all alike, none nests (no scalable mode)");
	answer_to(UNIT(0, "f050da") UNIT(1, "3ee9e86f050df"));
	CHECK_HAS(answer.text, "2 VT-d units, not alike, ");
	answer_to(FAULT);
	CHECK_HAS(answer.text, "0000:00:02.0 faulted: a read");
	answer_to(FAULT "virtio_iommu virtio0: page fault from EP 32 at 0x1000 []\n");
	CHECK_HAS(answer.text, "2 devices faulted");
	answer_to("usb 1-1: new device\n");
	CHECK_STR(answer.text, "");
	answer_to("some iommu thing\n");
	CHECK_HAS(answer.text, "1 line mentions an IOMMU");
}

int main(void)
{
	int status = test_main();

	nest_log_free(klog);
	return status;
}
