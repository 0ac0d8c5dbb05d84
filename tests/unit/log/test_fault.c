// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks that the faults of every driver are read, in the wordings of each kernel series. The lines
 * are what the format strings of these kernels give.
 */
#include "log/log.h"

#include "test.h"

#include "log/log_decode.h"
#include "util.h"

#define NONE UINT64_MAX

/* What one log must give: one fault record. */
static const struct expected {
	const char *series, *log;
	const struct nest_fault_driver *driver;
	const char *name, *unit;
	enum nest_log_access access;
	uint64_t address; /* NONE: not known */
	uint32_t reason;
	const char *event;
	unsigned int count;
} cases[] = {
	{ "2.6.33 to 4.3",
	  "[    9.1] DMAR:[DMA Write] Request device [04:00.0] fault addr fde00000 \n"
	  "[    9.1] DMAR:[fault reason 05] PTE Write access is not set\n",
	  &nest_fault_vtd, "0000:04:00.0", "", NEST_LOG_WRITE, 0xfde00000, 5, NULL, 1 },
	{ "2.6.33 to 4.3, without its reason",
	  "DMAR:[DMA Read] Request device [04:00.0] fault addr fde00000\n", &nest_fault_vtd,
	  "0000:04:00.0", "", NEST_LOG_READ, 0xfde00000, 0, NULL, 1 },
	{ "2.6.33 to 4.3, interrupt",
	  "dmar: INTR-REMAP: Request device [[f0:1f.7] fault index 22\n"
	  "INTR-REMAP:[fault reason 34] Present field in the IRTE entry is clear\n",
	  &nest_fault_vtd, "0000:f0:1f.7", "", NEST_LOG_INTERRUPT, 0x22, 0x22, NULL, 1 },
	{ "4.8 to 5.3",
	  "DMAR: [DMA Read] Request device [00:02.0] fault addr 9c000000 [fault reason 12] x",
	  &nest_fault_vtd, "0000:00:02.0", "", NEST_LOG_READ, 0x9c000000, 12, NULL, 1 },
	{ "5.4 to 5.12",
	  "DMAR: [DMA Write] Request device [3a:1f.7] PASID ffffffff fault addr ffffe000 [fault "
	  "reason 113] x",
	  &nest_fault_vtd, "0000:3a:1f.7", "", NEST_LOG_WRITE, 0xffffe000, 0x71, NULL, 1 },
	{ "5.14",
	  "DMAR: [DMA Read NO_PASID] Request device [0x64:0x1e.5] fault addr 0x1000 [fault reason "
	  "0x06] x",
	  &nest_fault_vtd, "0000:64:1e.5", "", NEST_LOG_READ, 0x1000, 6, NULL, 1 },
	{ "5.14, interrupt",
	  "DMAR: [INTR-REMAP] Request device [0xe2:0x00.0] fault index 0x8800 [fault reason 0x25] "
	  "x",
	  &nest_fault_vtd, "0000:e2:00.0", "", NEST_LOG_INTERRUPT, 0x8800, 0x25, NULL, 1 },
	{ "5.15 to 7.1",
	  "DMAR: [DMA Write PASID 0x1e] Request device [6a:01.0] fault addr 0x7f0000001000 [fault "
	  "reason 0x59] x",
	  &nest_fault_vtd, "0000:6a:01.0", "", NEST_LOG_WRITE, 0x7f0000001000, 0x59, NULL, 1 },
	{ "7.2",
	  "DMAR: [DMA Read NO_PASID] Request device [0002:3a:00.0] fault addr 0x0 [fault reason "
	  "0x02] x",
	  &nest_fault_vtd, "0002:3a:00.0", "", NEST_LOG_READ, 0, 2, NULL, 1 },
	{ "with CONFIG_DMAR_DEBUG",
	  "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault reason "
	  "0x06] x\n"
	  "DMAR: Dump dmar6 table entries for IOVA 0x1000\nDMAR: root entry: 0x0000000103d2a001\n",
	  &nest_fault_vtd, "0000:00:02.0", "dmar6", NEST_LOG_READ, 0x1000, 6, NULL, 1 },
	{ "cut at 80 columns",
	  "[    9.100011] DMAR: [DMA Read NO_PASID] Request device [00:14.0] fault addr 0x9\n"
	  "[    9.200011] DMAR: DRHD: handling fault status reg 3\n",
	  &nest_fault_vtd, "0000:00:14.0", "", NEST_LOG_READ, NONE, 0, NULL, 1 },
	{ "cut at 80 columns, at a page",
	  "[    9.1] DMAR: [DMA Write] Request device [00:14.0] PASID ffffffff fault addr "
	  "fee00000\n",
	  &nest_fault_vtd, "0000:00:14.0", "", NEST_LOG_WRITE, NONE, 0, NULL, 1 },
	{ "Xen 4.2",
	  "(XEN) [VT-D]DMAR:[DMA Read] Request device [0000:00:1a.0] fault addr bd7d5000, iommu "
	  "reg = ffff82c3ffd57000\n"
	  "(XEN) DMAR:[fault reason 0ch] x\n",
	  &nest_fault_vtd, "0000:00:1a.0", "", NEST_LOG_READ, 0xbd7d5000, 12, NULL, 1 },
	{ "Xen 4.13 to 4.22",
	  "(XEN) [   12.5] [VT-D]DMAR:[DMA Write] Request device [0000:03:00.1] fault addr "
	  "bd7d5000\n"
	  "(XEN) [   12.5] [VT-D]DMAR: reason 05 - PTE Write access is not set\n",
	  &nest_fault_vtd, "0000:03:00.1", "", NEST_LOG_WRITE, 0xbd7d5000, 5, NULL, 1 },
	{ "Xen 4.13 to 4.22, interrupt",
	  "(XEN) [VT-D]INTR-REMAP: Request device [0000:f0:1f.0] fault index 10\n"
	  "(XEN) [VT-D]INTR-REMAP: reason 25 - Blocked a compatibility format interrupt request\n",
	  &nest_fault_vtd, "0000:f0:1f.0", "", NEST_LOG_INTERRUPT, 0x10, 0x25, NULL, 1 },

	{ "to 4.3",
	  "AMD-Vi: Event logged [IO_PAGE_FAULT device=02:00.1 domain=0x000f "
	  "address=0x00000000fdf80000 flags=0x0020]",
	  &nest_fault_amd, "0000:02:00.1", "", NEST_LOG_WRITE, 0xfdf80000, 2, "IO_PAGE_FAULT", 1 },
	{ "4.9 to 4.12, two records",
	  "[    1.1] AMD-Vi: Event logged [\n[    1.1] IO_PAGE_FAULT device=02:00.1 domain=0x000f "
	  "address=0x00000000fdf80000 flags=0x0010]\n",
	  &nest_fault_amd, "0000:02:00.1", "", NEST_LOG_READ, 0xfdf80000, 2, "IO_PAGE_FAULT", 1 },
	{ "4.19 to 4.20, two records",
	  "iommu ivhd1: AMD-Vi: Event logged [\niommu ivhd1: IOTLB_INV_TIMEOUT device=0b:00.0 "
	  "address=0x00000001002147e0]\n",
	  &nest_fault_amd, "0000:0b:00.0", "ivhd1", NEST_LOG_UNKNOWN, NONE, 7, "IOTLB_INV_TIMEOUT",
	  1 },
	{ "5.0, without a prefix",
	  "nvme 0000:01:00.0: Event logged [IO_PAGE_FAULT domain=0x0012 address=0xfc189000 "
	  "flags=0x0000]",
	  &nest_fault_amd, "0000:01:00.0", "", NEST_LOG_READ, 0xfc189000, 2, "IO_PAGE_FAULT", 1 },
	{ "5.2 to 7.3",
	  "nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0012 address=0xfc189000 "
	  "flags=0x0050]",
	  &nest_fault_amd, "0000:01:00.0", "", NEST_LOG_READ, 0xfc189000, 2, "IO_PAGE_FAULT", 1 },
	{ "its bracket closed too early",
	  "AMD-Vi: Event logged [IOTLB_INV_TIMEOUT] device=06:00.0 address=0x00000000798e0840",
	  &nest_fault_amd, "0000:06:00.0", "", NEST_LOG_UNKNOWN, NONE, 7, "IOTLB_INV_TIMEOUT", 1 },
	{ "an interrupt",
	  "ahci 0001:05:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0012 "
	  "address=0xfffffffdf8000000 flags=0x0008]",
	  &nest_fault_amd, "0001:05:00.0", "", NEST_LOG_INTERRUPT, 0xfffffffdf8000000, 2,
	  "IO_PAGE_FAULT", 1 },
	{ "cut at 80 columns",
	  "[  12.1] nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0012 "
	  "address=0xfc18\n[  12.2] x\n",
	  &nest_fault_amd, "0000:01:00.0", "", NEST_LOG_UNKNOWN, NONE, 2, "IO_PAGE_FAULT", 1 },
	{ "a device table entry",
	  "iommu ivhd0: AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=0000:06:00.0 "
	  "pasid=0x00000 address=0x135300000 flags=0x0080]\n"
	  "AMD-Vi: DTE[0]: 7d90000000000003\nAMD-Vi: DTE[1]: 0000100103fc0009\n",
	  &nest_fault_amd, "0000:06:00.0", "ivhd0", NEST_LOG_UNKNOWN, 0x135300000, 1,
	  "ILLEGAL_DEV_TABLE_ENTRY", 1 },
	{ "a command",
	  "iommu ivhd0: AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x1002147e0]\nAMD-Vi: "
	  "CMD[0]: 00000000\n",
	  &nest_fault_amd, "a device", "ivhd0", NEST_LOG_UNKNOWN, 0x1002147e0, 5,
	  "ILLEGAL_COMMAND_ERROR", 1 },
	{ "a memory error",
	  "AMD-Vi: Event logged [PAGE_TAB_HARDWARE_ERROR device=01:00.0 domain=0x0003 "
	  "address=0x00000000fdf80000 flags=0x0050]",
	  &nest_fault_amd, "0000:01:00.0", "", NEST_LOG_UNKNOWN, 0xfdf80000, 4,
	  "PAGE_TAB_HARDWARE_ERROR", 1 },
	{ "a request",
	  "iommu ivhd0: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:00:00.0 "
	  "pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00]",
	  &nest_fault_amd, "0000:00:00.0", "ivhd0", NEST_LOG_UNKNOWN, 0xfffffffdf8000000, 8,
	  "INVALID_DEVICE_REQUEST", 1 },
	{ "SEV-SNP",
	  "ccp 0000:47:00.1: AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x1000, "
	  "flags_rmp=0x0000, flags=0x0050]",
	  &nest_fault_amd, "0000:47:00.1", "", NEST_LOG_UNKNOWN, 0x1000, 13, "RMP_PAGE_FAULT", 1 },
	{ "an event of tomorrow",
	  "iommu ivhd0: AMD-Vi: Event logged [UNKNOWN event[0]=0x00000100 event[1]=0xf0000000 "
	  "event[2]=0x00000000 event[3]=0x00000000",
	  &nest_fault_amd, "0000:01:00.0", "ivhd0", NEST_LOG_UNKNOWN, NONE, 15, "UNKNOWN", 1 },
	{ "Xen 4.2 to 4.13",
	  "(XEN) AMD-Vi: IO_PAGE_FAULT: domain = 0, device id = 0xa1, fault address = 0xc2c2c2c0, "
	  "flags = 0x20",
	  &nest_fault_amd, "0000:00:14.1", "", NEST_LOG_WRITE, 0xc2c2c2c0, 2, "IO_PAGE_FAULT", 1 },
	{ "Xen 4.14 to 4.22",
	  "(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:0a:00.0 d1 addr 00000000fed00000 flags 0x20 RW",
	  &nest_fault_amd, "0000:0a:00.0", "", NEST_LOG_WRITE, 0xfed00000, 2, "IO_PAGE_FAULT", 1 },
	{ "Xen 4.0",
	  "(XEN) AMD_IOV: IO_PAGE_FALT: domain:0, device id:0x200, fault address:0xfed00000",
	  &nest_fault_amd, "0000:02:00.0", "", NEST_LOG_UNKNOWN, 0xfed00000, 2, "IO_PAGE_FAULT",
	  1 },
	{ "Xen, raw words", "(XEN) INVALID_DEV_REQUEST 00000a00 80000000 fdf80000 000000ff",
	  &nest_fault_amd, "0000:0a:00.0", "", NEST_LOG_UNKNOWN, 0xfffdf80000, 8,
	  "INVALID_DEVICE_REQUEST", 1 },

	{ "4.2 to 6.13",
	  "arm-smmu-v3 arm-smmu-v3.1.auto: event 0x10 received:\n"
	  "arm-smmu-v3 arm-smmu-v3.1.auto: \t0x0000090000000010\n"
	  "arm-smmu-v3 arm-smmu-v3.1.auto: \t0x0000020800000000\n"
	  "arm-smmu-v3 arm-smmu-v3.1.auto: \t0x00000000fffe0040\n"
	  "arm-smmu-v3 arm-smmu-v3.1.auto: \t0x0000000000000000\n",
	  &nest_fault_smmuv3, "stream 0x900", "arm-smmu-v3.1.auto", NEST_LOG_READ, 0xfffe0040, 0x10,
	  "F_TRANSLATION", 1 },
	{ "6.14 to 7.3",
	  "[    5.1] arm-smmu-v3 9050000.smmuv3: event 0x10 received:\n"
	  "[    5.1] arm-smmu-v3 9050000.smmuv3: \t0x0000000800000010\n"
	  "[    5.1] arm-smmu-v3 9050000.smmuv3: \t0x0000020000000000\n"
	  "[    5.1] arm-smmu-v3 9050000.smmuv3: \t0x0000000000001000\n"
	  "[    5.1] arm-smmu-v3 9050000.smmuv3: \t0x0000000000000000\n"
	  "[    5.1] arm-smmu-v3 9050000.smmuv3: event: F_TRANSLATION client: 0000:00:01.0 sid: "
	  "0x8 ssid: 0x0 iova: 0x1000 ipa: 0x0\n"
	  "[    5.1] arm-smmu-v3 9050000.smmuv3: unpriv data write s1 \"Input address caused "
	  "fault\" stag: 0x0\n",
	  &nest_fault_smmuv3, "0000:00:01.0", "9050000.smmuv3", NEST_LOG_WRITE, 0x1000, 0x10,
	  "F_TRANSLATION", 1 },
	{ "6.14, the words filtered out",
	  "arm-smmu-v3 9050000.smmuv3: event: F_PERMISSION client: a0000000.dma sid: 0x12 ssid: "
	  "0x3 iova: 0x2000 ipa: 0x0\n"
	  "arm-smmu-v3 9050000.smmuv3: priv inst read s2 \"Stage 1 translation table fetch\" "
	  "ttd_read stag: 0x0\n",
	  &nest_fault_smmuv3, "a0000000.dma", "9050000.smmuv3", NEST_LOG_READ, 0x2000, 0x13,
	  "F_PERMISSION", 1 },
	{ "no device has the stream",
	  "arm-smmu-v3 a.auto: event 0x02 received:\narm-smmu-v3 a.auto: 0x0000090000000002\n"
	  "arm-smmu-v3 a.auto: 0x0000000000000000\narm-smmu-v3 a.auto: "
	  "0x0000000000000000\narm-smmu-v3 a.auto: 0x0000000000000000\n"
	  "arm-smmu-v3 a.auto: event: C_BAD_STREAMID client: (unassigned sid) sid: 0x900 ssid: "
	  "0x0\n",
	  &nest_fault_smmuv3, "stream 0x900", "a.auto", NEST_LOG_UNKNOWN, NONE, 2, "C_BAD_STREAMID",
	  1 },
	{ "twice",
	  "arm-smmu-v3 a: event 0x04 received:\narm-smmu-v3 a: 0x0000090000000004\n"
	  "arm-smmu-v3 a: event 0x04 received:\narm-smmu-v3 a: 0x0000090000000004\n",
	  &nest_fault_smmuv3, "stream 0x900", "a", NEST_LOG_UNKNOWN, NONE, 4, "C_BAD_STE", 2 },

	{ "3.14 to 4.3",
	  "arm-smmu 5000000.iommu: Unhandled context fault: iova=0x7ffbe000, fsynr=0x13, cb=3",
	  &nest_fault_smmuv2, "a device", "5000000.iommu", NEST_LOG_WRITE, 0x7ffbe000, 0,
	  "context fault", 1 },
	{ "5.1 to 7.3",
	  "arm-smmu 15000000.iommu: Unhandled context fault: fsr=0x402, iova=0xfd7ff000, "
	  "fsynr=0x540003, cbfrsynra=0x19c3, cb=10\n"
	  "arm-smmu 15000000.iommu: FSR    = 00000402 [TF ], SID=0x19c3\n"
	  "arm-smmu 15000000.iommu: FSYNR0 = 00540003 [S1CBNDX=84 PLVL=3]\n",
	  &nest_fault_smmuv2, "stream 0x19c3", "15000000.iommu", NEST_LOG_READ, 0xfd7ff000, 0,
	  "context fault", 1 },
	{ "without the message",
	  "arm-smmu 5000000.iommu: FSR    = 00000402 [Format=2 TF], SID=0x409\n"
	  "arm-smmu 5000000.iommu: FSYNR0 = 00300013 [S1CBNDX=48 WNR PLVL=3]\n",
	  &nest_fault_smmuv2, "stream 0x409", "5000000.iommu", NEST_LOG_WRITE, NONE, 0,
	  "context fault", 1 },
	{ "Android, 4.14",
	  "arm-smmu 15000000.apps-smmu: FAR    = 0x0000000000001000\n"
	  "arm-smmu 15000000.apps-smmu: PAR    = 0x0000000000000000\n"
	  "arm-smmu 15000000.apps-smmu: FSR    = 0x40000402 [TF R SS ]\n"
	  "arm-smmu 15000000.apps-smmu: FSYNR0    = 0x200001\n"
	  "arm-smmu 15000000.apps-smmu: Unhandled context fault: iova=0x00001000, cb=0, "
	  "fsr=0x40000402, fsynr0=0x200001, fsynr1=0x0\n",
	  &nest_fault_smmuv2, "a device", "15000000.apps-smmu", NEST_LOG_READ, 0x1000, 0,
	  "context fault", 1 },
	{ "Android, 5.15",
	  "arm-smmu 15000000.apps-smmu: Unhandled arm-smmu context fault from a600000.dwc3!\n"
	  "arm-smmu 15000000.apps-smmu: FAR    = 0x00000000efe60800\n"
	  "arm-smmu 15000000.apps-smmu: FSR    = 0x40000402 [TF W SS ]\n"
	  "arm-smmu 15000000.apps-smmu: FSYNR0    = 0x5f0013\n"
	  "arm-smmu 15000000.apps-smmu: SID = 0x40\n",
	  &nest_fault_smmuv2, "a600000.dwc3", "15000000.apps-smmu", NEST_LOG_WRITE, 0xefe60800, 0,
	  "context fault", 1 },
	{ "NVIDIA, 4.9",
	  "t19x-arm-smmu: Unhandled context fault: smmu0, iova=0xfff00000, fsynr=0x11, cb=3, "
	  "sid=86(0x56 - PCIE0), pgd=0, pud=0, pmd=0, pte=0\n",
	  &nest_fault_smmuv2, "stream 0x56", "t19x-arm-smmu", NEST_LOG_WRITE, 0xfff00000, 0,
	  "context fault", 1 },
	{ "5.6 to 7.3, no stream",
	  "arm-smmu 5000000.iommu: Blocked unknown Stream ID 0x404; boot with "
	  "\"arm-smmu.disable_bypass=0\" to allow\n"
	  "arm-smmu 5000000.iommu: \tGFSR 0x80000002, GFSYNR0 0x00000000, GFSYNR1 0x00000404, "
	  "GFSYNR2 0x00000000\n",
	  &nest_fault_smmuv2, "stream 0x404", "5000000.iommu", NEST_LOG_UNKNOWN, NONE, 0,
	  "global fault", 1 },
	{ "3.14 to 7.3, global",
	  "arm-smmu 5000000.iommu: Unexpected global fault, this could be serious\n"
	  "arm-smmu 5000000.iommu: \tGFSR 0x80000001, GFSYNR0 0x00000004, GFSYNR1 0x000002f0, "
	  "GFSYNR2 0x00000000\n",
	  &nest_fault_smmuv2, "stream 0x2f0", "5000000.iommu", NEST_LOG_UNKNOWN, NONE, 0,
	  "global fault", 1 },

	{ "5.3 to 7.3", "virtio_iommu virtio0: page fault from EP 32 at 0x103231000 [W]",
	  &nest_fault_virtio, "endpoint 32", "virtio0", NEST_LOG_WRITE, 0x103231000, 0,
	  "page fault", 1 },
	{ "5.3 to 7.3, without a place", "virtio_iommu virtio0: domain fault from EP 8",
	  &nest_fault_virtio, "endpoint 8", "virtio0", NEST_LOG_UNKNOWN, NONE, 0, "domain fault",
	  1 },
	{ "6.13 to 7.3", "riscv,iommu 10010000.iommu: Fault 12 devid: 0x10 iotval: 1000 iotval2: 0",
	  &nest_fault_riscv, "device 0x10", "10010000.iommu", NEST_LOG_READ, 0x1000, 12, NULL, 1 },
};

TEST(series, "each wording of each driver gives one fault, whole")
{
	char name[NEST_FAULT_NAME_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct expected *e = &cases[i];
		const struct nest_fault *f;
		bool good;

		decode(e->log);
		if (!CHECK_EQ(r->nfaults, 1) || !r->nfaults) {
			printf("# %s: %s\n", e->series, e->log);
			continue;
		}
		f = &r->faults[0];
		nest_fault_name(f, name);
		good = CHECK(f->driver == e->driver);
		good &= CHECK_STR(name, e->name);
		good &= CHECK_STR(f->unit, e->unit);
		good &= CHECK_EQ(f->access, e->access);
		good &= CHECK_EQ(f->has_address ? f->address : NONE, e->address);
		good &= CHECK_EQ(f->reason, e->reason);
		good &= CHECK_STR(f->event, e->event);
		good &= CHECK_EQ(f->count, e->count);
		if (!good)
			printf("# %s: %s\n", e->series, e->log);
	}
}

TEST(amd_flags, "the flags of a page fault are told in words, those of other events are not")
{
	char words[200];

	decode("nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0012 "
	       "address=0xfc189000 flags=0x0070]");
	REQUIRE(r->nfaults == 1);
	CHECK_STR(r->faults[0].owner, "nvme");
	CHECK_EQ(r->faults[0].domain, 0x12);
	CHECK_HAS(r->faults[0].meaning, "may not be written");
	nest_fault_amd.flags(&r->faults[0], words, sizeof(words));
	CHECK_STR(words, "PE no permission, RW write, PR page present");
	decode("AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=01:00.0 address=0x1000 "
	       "flags=0x0070]");
	REQUIRE(r->nfaults == 1);
	nest_fault_amd.flags(&r->faults[0], words, sizeof(words));
	CHECK_STR(words, "");
}

TEST(words, "raw words belong to their event, and those of a command to none")
{
	decode("arm-smmu-v3 a: CMDQ error (cons 0x01000012): ATC invalidate timeout\n"
	       "arm-smmu-v3 a: skipping command in error state:\n"
	       "arm-smmu-v3 a: \t0x0000000000000040\narm-smmu-v3 a: \t0x0000000000000000\n");
	CHECK_EQ(r->nfaults, 0);
	decode("iommu ivhd0: AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=06:00.0 "
	       "address=0x1000 flags=0x0080]\nAMD-Vi: DTE[0]: 7d90000000000003\n"
	       "AMD-Vi: DTE[1]: 0000100103fc0009\nAMD-Vi: DTE[2]: 2000000117840013\n"
	       "AMD-Vi: DTE[3]: 0000000000000000\n");
	REQUIRE(r->nfaults == 1);
	CHECK_EQ(r->faults[0].nwords, 4);
	CHECK_EQ(r->faults[0].words[1], 0x0000100103fc0009);
}

TEST(pasid, "a PASID of an SMMUv3 event is there only if its bit says so")
{
	decode("arm-smmu-v3 a: event 0x10 received:\narm-smmu-v3 a: 0x0000090000005810\n"
	       "arm-smmu-v3 a: 0x0000008200000000\narm-smmu-v3 a: 0x0000000000001000\n");
	REQUIRE(r->nfaults == 1);
	CHECK_EQ(r->faults[0].with_pasid, NEST_YES);
	CHECK_EQ(r->faults[0].pasid, 5);
	CHECK_EQ(r->faults[0].stage, 2);
	CHECK(r->faults[0].privileged);
	CHECK_EQ(r->faults[0].access, NEST_LOG_WRITE);
}

TEST(suppressed, "lines that were not printed are added to the only fault they can be of")
{
	decode("dmar_fault: 812287 callbacks suppressed\n"
	       "DMAR: [DMA Write] Request device [99:00.0] fault addr 0 [fault reason 05] x\n"
	       "dmar_fault: 3 callbacks suppressed\n"
	       "xhci_irq: 9 callbacks suppressed\n");
	REQUIRE(r->nfaults == 1);
	CHECK_EQ(r->faults[0].suppressed, 812290);
	REQUIRE(r->nsuppressed == 2);
	CHECK_STR(r->suppressed[0].function, "dmar_fault");
	CHECK(!r->suppressed[1].driver);
	decode("dmar_fault: 5 callbacks suppressed\n"
	       "DMAR: [DMA Write] Request device [99:00.0] fault addr 0 [fault reason 05] x\n"
	       "DMAR: [DMA Write] Request device [98:00.0] fault addr 0 [fault reason 05] x\n");
	REQUIRE(r->nfaults == 2);
	CHECK_EQ(r->faults[0].suppressed + r->faults[1].suppressed, 0);
}

TEST(times, "a fault has the times of its first and last line, and its group")
{
	decode("[    0.4] pci 0000:99:00.0: Adding to iommu group 7\n"
	       "[   12.345678] DMAR: [DMA Write] Request device [99:00.0] fault addr 0 [fault "
	       "reason 05] x\n"
	       "[   13.000001] DMAR: [DMA Write] Request device [99:00.0] fault addr 1000 [fault "
	       "reason 05] x\n");
	REQUIRE(r->nfaults == 1);
	CHECK_STR(r->faults[0].time, "12.345678");
	CHECK_STR(r->faults[0].time_last, "13.000001");
	CHECK(r->faults[0].has_group);
	CHECK_EQ(r->faults[0].group, 7);
	decode("Nov  8 10:02:17 host kernel: message repeated 4 times: [ DMAR: [DMA Write] Request "
	       "device [99:00.0] fault addr 0 [fault reason 05] x]\n");
	REQUIRE(r->nfaults == 1);
	CHECK_STR(r->faults[0].time, "Nov 8 10:02:17");
	CHECK_EQ(r->faults[0].count, 4);
	decode("2026-11-28T03:24:39+0100 host kernel: virtio_iommu virtio0: page fault from EP 8 "
	       "at "
	       "0x1000 []\nlast message repeated 2 times\n");
	REQUIRE(r->nfaults == 1);
	CHECK_STR(r->faults[0].time, "2026-11-28T03:24:39");
	CHECK_EQ(r->faults[0].count, 3);
}

/* Breaks a text like fold(1) does. */
static void fold(const char *text, size_t width, char *ret)
{
	size_t i;

	for (i = 0; text[i]; i++) {
		if (i && i % width == 0)
			*ret++ = '\n';
		*ret++ = text[i];
	}
	*ret = '\0';
}

TEST(folded, "a line that is broken anywhere gives its numbers whole, or none")
{
	static const char *const lines[] = {
		"[   10.919607] nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT "
		"domain=0x0012 address=0xfc189000 flags=0x0020]",
		"arm-smmu 15000000.iommu: Unhandled context fault: fsr=0x402, iova=0xfc189000, "
		"fsynr=0x540013, cbfrsynra=0x12, cb=10",
		"virtio_iommu virtio0: page fault from EP 18 at 0xfc189000 [W]",
	};
	size_t i, width, whole;
	char text[400];

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		whole = 0;
		for (width = 40; width < 110; width++) {
			fold(lines[i], width, text);
			decode(text);
			if (!r->nfaults)
				continue;
			CHECK_EQ(r->nfaults, 1);
			if (r->faults[0].has_address)
				CHECK_EQ(r->faults[0].address, 0xfc189000);
			if (r->faults[0].has_domain)
				CHECK_EQ(r->faults[0].domain, 0x12);
			if (r->faults[0].has_id)
				CHECK_EQ(r->faults[0].id, 0x12);
			whole += r->faults[0].has_address && r->faults[0].access == NEST_LOG_WRITE;
		}
		CHECK(whole >= 62);
	}
}

TEST(interleaved, "the words of two units are not mixed")
{
	decode("arm-smmu-v3 a.0: event 0x10 received:\narm-smmu-v3 b.0: event 0x04 received:\n"
	       "arm-smmu-v3 a.0: 0x0000090000000010\narm-smmu-v3 b.0: 0x0000080000000004\n");
	REQUIRE(r->nfaults == 2);
	CHECK(!r->faults[0].has_id);
	CHECK_EQ(r->faults[1].id, 0x800);
}

TEST(no_faults, "what only resembles a fault is none")
{
	decode("usb event 0x10 done\nevent: C_SPAN client\nUNKNOWN event[0]=\n"
	       "page fault from EP\nFault 12 happened\nIO_PAGE_FAULTS are bad\n"
	       "a IO_PAGE_FAULT means that a page is missing\n"
	       "FSR    = 00000402 [TF ], SID=0x19c3\nAMD-Vi: DTE[0]: 7d90000000000003\n");
	CHECK_EQ(r->nfaults, 0);
}

int main(void)
{
	int status = test_main();

	nest_log_free(klog);
	return status;
}
