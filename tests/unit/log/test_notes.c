// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks that the log decoder knows the faults and messages of many kernels. */

#include "log/log.h"

#include "test.h"

#include "log/log_decode.h"
#include "util.h"

static const struct nest_log_note *note(const char *id)
{
	size_t i;

	for (i = 0; i < r->nnotes; i++)
		if (!strcmp(r->notes[i].id, id))
			return &r->notes[i];
	return NULL;
}

/* One fault line, decoded. */
static const struct nest_fault *one_fault(const char *text)
{
	static const struct nest_fault none;

	decode(text);
	if (CHECK_EQ(r->nfaults, 1))
		return &r->faults[0];
	printf("# in: %s\n", text);
	return &none;
}

TEST(fault_oldest, "a fault of 2009 is found on its two lines")
{
	const struct nest_fault *f;

	f = one_fault("[ 9731.055098] dmar: DMAR:[DMA Read] Request device [01:00.1] fault addr "
		      "2231b8000 \nDMAR:[fault reason 12] non-zero reserved fields in PTE\n");
	CHECK_EQ(f->access, NEST_LOG_READ);
	CHECK_EQ(f->device.domain, 0);
	CHECK_EQ(f->device.bus, 1);
	CHECK_EQ(f->device.device, 0);
	CHECK_EQ(f->device.function, 1);
	CHECK(f->has_address && f->has_reason);
	CHECK_EQ(f->address, 0x2231b8000);
	CHECK_EQ(f->reason, 12);
	CHECK_EQ(f->with_pasid, NEST_UNKNOWN);
	CHECK_HAS(f->meaning, "reserved bits");
	f = one_fault("kernel: [ 2892.897750] DMAR:[DMA Write] Request device [04:00.0] fault addr "
		      "fde00000\nkernel: [ 2892.897751] DMAR:[fault reason 05] PTE Write access is "
		      "not set\n");
	CHECK_EQ(f->access, NEST_LOG_WRITE);
	CHECK_EQ(f->reason, 5);
}

TEST(fault_middle, "a fault of 2015 and one of 2020 are found")
{
	const struct nest_fault *f;

	f = one_fault("DMAR: [DMA Read] Request device [00:02.0] fault addr 0 [fault reason 06] "
		      "PTE Read access is not set");
	CHECK_EQ(f->reason, 6);
	CHECK_EQ(f->address, 0);
	CHECK(f->has_address);
	f = one_fault("DMAR: [DMA Write] Request device [3a:1f.7] PASID ffffffff fault addr "
		      "ffffe000 [fault reason 05] PTE Write access is not set");
	CHECK_EQ(f->with_pasid, NEST_NO);
	CHECK_EQ(f->device.bus, 0x3a);
	CHECK_EQ(f->device.device, 0x1f);
	CHECK_EQ(f->device.function, 7);
	f = one_fault("DMAR: [DMA Read] Request device [6a:01.0] PASID 1e fault addr 7f0000001000 "
		      "[fault reason 113] SM: Present bit in first-level paging entry is clear");
	CHECK_EQ(f->with_pasid, NEST_YES);
	CHECK_EQ(f->pasid, 0x1e);
	CHECK_EQ(f->reason, 0x71);
	CHECK_HAS(f->meaning, "first stage");
}

TEST(fault_new, "a fault of today is found, with its segment")
{
	const struct nest_fault *f;

	f = one_fault("[   12.5] DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0] fault "
		      "addr 0x7f1234567000 [fault reason 0x71] SM: Present bit in first-level "
		      "paging entry is clear");
	CHECK_EQ(f->access, NEST_LOG_WRITE);
	CHECK_EQ(f->with_pasid, NEST_NO);
	CHECK_EQ(f->address, 0x7f1234567000);
	CHECK_EQ(f->reason, 0x71);
	f = one_fault("DMAR: [DMA Read PASID 0x5] Request device [10000:e1:00.0] fault addr 0x1000 "
		      "[fault reason 0x59] SM: Present bit in PASID Table Entry is clear");
	CHECK_EQ(f->device.domain, 0x10000);
	CHECK_EQ(f->with_pasid, NEST_YES);
	CHECK_EQ(f->pasid, 5);
	CHECK(f->meaning);
}

TEST(fault_interrupt, "interrupt faults are found in every wording")
{
	const struct nest_fault *f;

	f = one_fault("DMAR: [INTR-REMAP] Request device [f0:1f.7] fault index 2 [fault reason 34] "
		      "Present field in the IRTE entry is clear");
	CHECK_EQ(f->access, NEST_LOG_INTERRUPT);
	CHECK_EQ(f->address, 2);
	CHECK_EQ(f->reason, 0x22);
	CHECK_HAS(f->meaning, "no entry");
	f = one_fault("DMAR: [INTR-REMAP] Request device [01:00.0] fault index 0x1b [fault reason "
		      "0x26] Blocked an interrupt request due to source-id verification failure");
	CHECK_EQ(f->address, 0x1b);
	CHECK_EQ(f->reason, 0x26);
	f = one_fault("INTR-REMAP: Request device [[01:00.0] fault index 5\n"
		      "INTR-REMAP:[fault reason 37] Blocked a compatibility format interrupt\n");
	CHECK_EQ(f->access, NEST_LOG_INTERRUPT);
	CHECK_EQ(f->reason, 0x25);
}

TEST(fault_xen, "a fault reported by Xen is found, its code in hex")
{
	const struct nest_fault *f;

	f = one_fault("(XEN) [VT-D]DMAR:[DMA Read] Request device [0000:00:1a.0] fault addr "
		      "bd7d5000, iommu reg = ffff82c3ffd57000\n(XEN) [VT-D]DMAR:[fault reason 0ch] "
		      "PTE reserved\n");
	CHECK_EQ(f->reason, 0x0c);
	CHECK_EQ(f->address, 0xbd7d5000);
}

TEST(fault_wrapped, "a fault wrapped and quoted is found once")
{
	const struct nest_fault *f;

	f = one_fault("> [    1.2] DMAR: [DMA\n> Read NO_PASID] Request device [00:02.0] fault\n"
		      "> addr 0x1000 [fault reason 0x06] PTE Read access is not set\n");
	CHECK_EQ(f->access, NEST_LOG_READ);
	CHECK_EQ(f->address, 0x1000);
	CHECK_EQ(f->reason, 6);
	f = one_fault(
		"DMAR: [DMA Read NO_PASID] Request\n device [00:02.0] fault addr 0x1000 [fault\n"
		" reason 0x06] PTE Read\n");
	CHECK_EQ(f->reason, 6);
}

TEST(fault_cut, "a fault cut short keeps what is there")
{
	const struct nest_fault *f;

	f = one_fault("DMAR: [DMA Read] Request device [00:02.0] fault addr");
	CHECK(!f->has_address && !f->has_reason && !f->meaning);
	f = one_fault("Request device [00:02.0] fault addr 1000 [fault reason 05]");
	CHECK_EQ(f->access, NEST_LOG_UNKNOWN);
	CHECK_EQ(f->reason, 5);
	f = one_fault("[DMA Read] Request device [00:02.0] fault addr 1000 [fault reason 256]");
	CHECK(!f->has_reason);
	f = one_fault("[DMA Read] Request device [00:02.0] fault addr 1000 [fault reason 0xee]");
	CHECK(f->has_reason && !f->meaning);
	decode("Request device [00:20.0] Request device [00:02.8] Request device [100:02.0] "
	       "Request device [] Request device [00:02.0 Request device [1:2:3:4.0]");
	CHECK_EQ(r->nfaults, 0);
}

TEST(fault_counts, "repeated faults are counted, others are kept apart")
{
	decode("DMAR: DRHD: handling fault status reg 3\n"
	       "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault reason "
	       "0x06] PTE Read access is not set\n"
	       "DMAR: DRHD: handling fault status reg 2\n"
	       "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x2000 [fault reason "
	       "0x06] PTE Read access is not set\n"
	       "DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault "
	       "reason "
	       "0x05] PTE Write access is not set\n"
	       "DMAR: DRHD: handling fault status reg 3\n");
	REQUIRE(r->nfaults == 2);
	CHECK_EQ(r->faults[0].count, 2);
	CHECK_EQ(r->faults[0].address, 0x1000);
	CHECK_EQ(r->faults[0].address_last, 0x2000);
	CHECK_EQ(r->faults[0].line, 2);
	CHECK_EQ(r->faults[0].line_last, 4);
	CHECK_EQ(r->faults[1].count, 1);
	REQUIRE(note("fault_status"));
	CHECK_STR(note("fault_status")->detail, "0x3: faults were lost, fault pending");
	CHECK_EQ(note("fault_status")->count, 2);
}

TEST(two_cut, "the reason of one fault is not given to the one before")
{
	decode("DMAR: [DMA Read] Request device [00:02.0] fault addr 1000\n"
	       "DMAR: [DMA Write] Request device [00:14.0] fault addr 2000 [fault reason 05] "
	       "PTE\n");
	REQUIRE(r->nfaults == 2);
	CHECK(!r->faults[0].has_reason);
	CHECK_EQ(r->faults[1].reason, 5);
}

TEST(notes, "messages worth knowing are told with id, detail and line")
{
	/* clang-format off */
	static const struct {
		const char *line, *id, *detail;
	} cases[] = {
		{"DMAR: IOMMU enabled", "iommu_enabled", ""},
		{"Intel-IOMMU: enabled", "iommu_enabled", ""},
		{"DMAR: IOMMU disabled", "iommu_disabled", ""},
		{"DMAR: Intel(R) Virtualization Technology for Directed I/O", "vtd_active", ""},
		{"DMAR: Host address width 39", "host_address_width", "39"},
		{"DMAR: Enable scalable mode if hardware supports", "scalable_mode_on", ""},
		{"DMAR: Scalable mode is disallowed", "scalable_mode_off", ""},
		{"DMAR: Firmware forces DMA remapping off", "firmware_opt_out", ""},
		{"DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fbffc000 returns"
		 " all ones!", "unit_all_ones", "fbffc000"},
		{"DMAR: [Firmware Bug]: No firmware reserved region can cover this RMRR "
		 "[0x0000000088800000-0x000000008cffffff], contact BIOS vendor for fixes",
		 "rmrr_not_reserved", "0x0000000088800000-0x000000008cffffff"},
		{"DMAR: [Firmware Bug]: Your BIOS is broken; bad RMRR [0x01-0x02]", "rmrr_bad",
		 "0x01-0x02"},
		{"DMAR: [Firmware Bug]: RMRR entry for device 03:00.0 is broken - applying workaround",
		 "rmrr_wrong_device", "03:00.0"},
		{"vfio-pci 0000:03:00.0: DMAR: Device is ineligible for IOMMU domain attach due to "
		 "platform RMRR requirement. Contact your platform vendor.", "rmrr_refused", "0000:03:00.0"},
		{"vfio-pci 0000:03:00.0: Firmware has requested this device have a 1:1 IOMMU mapping, "
		 "rejecting configuring the device without a 1:1 mapping.", "rmrr_refused", "0000:03:00.0"},
		{"DMAR-IR: Enabled IRQ remapping in x2apic mode", "interrupt_remapping", "x2apic"},
		{"AMD-Vi: Interrupt remapping enabled", "interrupt_remapping", ""},
		{"DMAR-IR: [Firmware Bug]: ioapic 0 has no mapping iommu, interrupt remapping will be disabled",
		 "ioapic_without_unit", "0"},
		{"AMD-Vi: [Firmware Bug]: : IOAPIC[4] not in IVRS table", "ioapic_not_in_ivrs", "4"},
		{"[Firmware Bug]: AMD-Vi: IOAPIC[9] not in IVRS table", "ioapic_not_in_ivrs", "9"},
		{"AMD-Vi: [Firmware Bug]: : No southbridge IOAPIC found", "ioapic_not_in_ivrs", ""},
		{"AMD-Vi: Disabling interrupt remapping", "interrupt_remapping_off", ""},
		{"DMAR-IR: Not enabling interrupt remapping", "interrupt_remapping_off", ""},
		{"Not enable interrupt remapping", "interrupt_remapping_off", ""},
		{"Not enabling interrupt remapping due to skipped IO-APIC setup", "interrupt_remapping_off", ""},
		{"DMAR-IR: Failed to setup irq remapping for dmar1", "interrupt_remapping_off", "dmar1"},
		{"DMAR-IR: Failed to enable irq remapping. You are vulnerable to irq-injection attacks.",
		 "interrupt_remapping_off", ""},
		{"Compatibility-format IRQs enabled despite intr remapping;", "interrupts_unsafe", ""},
		{"vfio-pci 0000:01:00.0: MSI interrupts are not secure, they cannot be isolated by the platform. "
		 "Check that platform features like interrupt remapping are enabled.", "interrupts_not_isolated", ""},
		{"DMAR-IR: x2apic is disabled because BIOS sets x2apic opt out bit.", "x2apic_opt_out",
		 ""},
		{"x2apic: IRQ remapping doesn't support X2APIC mode", "x2apic_without_remapping", ""},
		{"DMAR: IOMMU feature sc_support inconsistent", "units_differ", "sc_support"},
		{"IOMMUFD is providing /dev/vfio/vfio, not VFIO.", "iommufd_serves_vfio", ""},
		{"pci 0000:00:02.0: DMAR: Skip IOMMU disabling for graphics", "graphics_kept", ""},
		{"DMAR: Translation was enabled for dmar0 but we are not in kdump mode",
		 "enabled_by_firmware", "dmar0"},
		{"DMAR: VT-d detected Invalidation Time-out Error: SID 0", "invalidation_timeout", "source ID 0"},
		{"arm-smmu-v3 arm-smmu-v3.2.auto: ias 44-bit, oas 48-bit (features 0x0000170d)",
		 "smmuv3_unit",
		 "arm-smmu-v3.2.auto: input 44 bit, output 48 bit, stage 1 yes, stage 2 yes"},
		{"arm-smmu-v3 arm-smmu-v3.2.auto: oas 48-bit (features 0x0000170d)",
		 "smmuv3_unit", "arm-smmu-v3.2.auto: output 48 bit, stage 1 yes, stage 2 yes"},
		{"pci 0000:01:00.0: Failed to add to iommu group 12: -22", "group_failed",
		 "0000:01:00.0: 12: -22 (EINVAL)"},
		{"pci 0000:01:00.0: Removing from iommu group 12", "group_left", "0000:01:00.0: 12"},
		{"DMAR: VT-d detected Invalidation Time-out Error: SID b00", "invalidation_timeout", "0b:00.0"},
		{"DMAR: VT-d detected Invalidation Queue Error: Reason f", "invalidation_error",
		 "reason 0xf: the unit does not answer"},
		{"DMAR: VT-d detected Invalidation Completion Error: SID 10400", "invalidation_completion", "10400"},
		{"arm-smmu-v3 a.0: CMDQ error (cons 0x01000012): ATC invalidate timeout", "smmu_command_error",
		 "a.0: ATC invalidate timeout"},
		{"virtio_iommu virtio0: page mask: 0xfffffffffffff000", "virtio_pages", "virtio0: 4 KiB"},
		{"DMAR: DRHD: handling fault status reg ffffffff", "fault_status", "0xffffffff: the unit does not answer"},
		{"arm-smmu-v3 9050000.smmuv3: ias 44-bit, oas 44-bit\n(features 0x00008305)",
		 "smmuv3_unit", "9050000.smmuv3: input 44 bit, output 44 bit, stage 1 yes, stage 2 no"},
		{"iommu: Default domain type: Translated (set via kernel command line)",
		 "default_domain", "Translated (set via kernel command line)"},
		{"vfio_pin_pages_remote: RLIMIT_MEMLOCK (65536) exceeded", "memlock", "65536 bytes"},
		{"vfio-noiommu device opened by user (qemu:1234)", "noiommu", ""},
		{"pcieport 0000:80:1b.4: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer",
		 "pcie_error", "0000:80:1b.4"},
		{"pcieport 0000:80:1b.4: AER:    [21] ACSViol                (First)", "acs_violation", "0000:80:1b.4"},
		{"pcieport 0015:00:00.0: DPC: containment event, status:0x200d, ERR_FATAL received from 0015:01:00.0",
		 "link_cut", "0015:00:00.0"},
		{"pciback 0000:05:00.0: not ready 65535ms after FLR; giving up", "device_dead",
		 "0000:05:00.0: 65535ms after FLR"},
		{"(XEN) IVHD Error: no information for IO-APIC 0x82", "ivrs_bad", "no information for IO-APIC 0x82"},
		{"qemu-system-aarch64: -device vfio-pci,host=0000:75:00.1: vfio 0000:75:00.1: Failed to set vIOMMU: "
		 "Host SUMMUv3 differs in Range Invalidation support", "nesting_refused",
		 "0000:75:00.1: Host SUMMUv3 differs in Range Invalidation support"},
		{"vfio 0000:3b:00.0: memory listener initialization failed: Region vtd-00.0-dmar: device 01.00.0 "
		 "requires caching mode: Operation not supported", "nesting_refused", ""},
		{"WARNING: drivers/iommu/intel/iommu.c:3475 at intel_iommu_disable_iopf+0x4f/0x90d", "kernel_warning",
		 "intel/iommu.c:3475"},
		{"genirq: Flags mismatch irq 16. 00000000 (vfio-intx(0000:06:00.0)) vs. 00000080 (i801_smbus)",
		 "interrupt_shared", "0000:06:00.0"},
		{"vfio-pci 0000:01:00.0: can't enable device: BAR 0 [mem size 0x00001000] not assigned", "bar_missing",
		 "0000:01:00.0: 0"},
		{"ACPI: IORT: [Firmware Bug]: [map (____ptrval____)] conflicting mapping for input ID 0x400", "iort_bad",
		 "0x400"},
		{"bcm2712-iommu 1000005100.iommu: bcm2712_iommu_init: DEBUG_INFO = 0x20804774", "other_unit",
		 "1000005100.iommu"},
	};
	/* clang-format on */
	char text[400];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), "boot\n[    0.100000] %s\nrest\n", cases[i].line);
		decode(text);
		if (!CHECK_EQ(r->nnotes, 1) || !r->nnotes) {
			printf("# in: %s\n", text);
			continue;
		}
		CHECK_STR(r->notes[0].id, cases[i].id);
		CHECK_STR(r->notes[0].detail, cases[i].detail);
		CHECK(r->notes[0].text && r->notes[0].text[0]);
		CHECK_EQ(r->notes[0].line, 2);
	}
}

TEST(erratum, "a message of five lines is one note, however a log keeps them apart")
{
	static const char *const shapes[] = {
		"[    0.013013] DMAR-IR: This system BIOS has enabled interrupt remapping\n"
		"               on a chipset that contains an erratum making that\n"
		"               feature unstable.  To maintain system stability\n",
		"4,123,21034,-;DMAR-IR: This system BIOS has enabled interrupt remapping\\x0aon a "
		"chipset that contains an erratum making that\\x0afeature unstable.\n",
		"{\"MESSAGE\":\"DMAR-IR: This system BIOS has enabled interrupt remapping\\non a "
		"chipset that contains an erratum making that\\nfeature unstable.\"}\n",
		"Nov 28 03:36:01 host kernel: DMAR-IR: This system BIOS has enabled interrupt "
		"remapping#012on a chipset that contains an erratum making that\n",
		"[    0.021034] DMAR-IR: This system BIOS has enabled interrupt remapping\n"
		"[    0.021034] on a chipset that contains an erratum making that\n"
		"[    0.021034] feature unstable.  To maintain system stability\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		decode(shapes[i]);
		CHECK(note("interrupt_remapping_erratum"));
		CHECK_EQ(r->nnotes, 1);
	}
}

TEST(no_notes, "similar messages are not mistaken")
{
	decode("IOMMU feature x is fine\nDMAR reported at address 0!\nRMRR entry for device "
	       "03:00.0 "
	       "is fine\nusb event 0x10 done\nHost address width \n");
	CHECK_EQ(r->nnotes, 0);
	CHECK_EQ(r->nunits + r->nfaults + r->ngroups, 0);
}

int main(void)
{
	int status = test_main();

	nest_log_free(klog);
	return status;
}
