// SPDX-License-Identifier: GPL-2.0-or-later
/* The fake's unit: two stages, what is cached, what faults and how, page requests, PASIDs. */
#include <errno.h>

#include "fake/fake-lab.h"

#define TARGET	 0x3000ul /* GPA */
#define OTHER	 0x5000ul
#define RW_FLAGS (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

/*
 * Lets the device write the byte value to the address, by way of its buffer and no table of ours.
 */
static void write_byte(uint64_t giova, uint8_t value)
{
	/* The buffer is filled through an entry that never changes: 16 pages after the leaf. */
	lab.leaf[16] = 0x20000 | PTE_RWU | PTE_A | PTE_D;
	memset(lab.guest + 0x20000, value, 64);
	lab_dma(LAB_GIOVA + 16 * FAKE_PAGE, 64, false);
	lab_dma(giova, 64, true);
}

TEST(dma_goes_through_both_stages, "DMA goes through both stages, at any offset")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA + 0x88, 0x5a);
	CHECK_EQ(lab.guest[TARGET + 0x88], 0x5a);
	CHECK_EQ(lab.guest[TARGET + 0x88 + 63], 0x5a);
	CHECK_EQ(lab.guest[TARGET + 0x87], 0);
	CHECK_EQ(lab.guest[TARGET + 0x88 + 64], 0);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(marks_accessed_and_dirty, "the walk marks entries accessed, and dirty only for a write")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	lab_dma(LAB_GIOVA, 8, false);
	CHECK_EQ(lab.leaf[0], TARGET | PTE_RWU | PTE_A);
	CHECK_EQ(*lab.pd & (PTE_A | PTE_D), PTE_A);
	lab_dma(LAB_GIOVA, 8, true);
	CHECK_EQ(lab.leaf[0], TARGET | PTE_RWU | PTE_A | PTE_D);
	lab_close();
}

TEST(serves_stale_entries, "a changed entry is served stale until its page is invalidated")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	lab.leaf[0] = OTHER | PTE_RWU;
	write_byte(LAB_GIOVA, 2);
	CHECK_EQ(lab.guest[TARGET], 2);
	CHECK_EQ(lab.guest[OTHER], 0);
	CHECK_EQ(lab_invalidate(LAB_GIOVA + FAKE_PAGE, 1), 0); /* another page */
	write_byte(LAB_GIOVA, 3);
	CHECK_EQ(lab.guest[TARGET], 3);
	CHECK_EQ(lab_invalidate(LAB_GIOVA, 1), 0);
	write_byte(LAB_GIOVA, 4);
	CHECK_EQ(lab.guest[TARGET], 3);
	CHECK_EQ(lab.guest[OTHER], 4);
	lab_close();
}

TEST(invalidates_all, "the whole-domain invalidation forgets every page")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	lab.leaf[0] = 0;
	CHECK_EQ(lab_invalidate(0, UINT64_MAX), 0);
	write_byte(LAB_GIOVA, 2);
	CHECK_EQ(lab.guest[TARGET], 1);
	lab_close();
}

TEST(invalidates_ranges, "a range is rounded to an aligned power of two, as the driver does")
{
	lab_ready(LAB_EDU);
	lab.leaf[1] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA + FAKE_PAGE, 1);
	lab.leaf[1] = OTHER | PTE_RWU;
	CHECK_EQ(lab_invalidate(LAB_GIOVA - 7 * FAKE_PAGE, 16), 0);
	write_byte(LAB_GIOVA + FAKE_PAGE, 2);
	CHECK_EQ(lab.guest[OTHER], 2);
	lab_close();
}

TEST(does_not_cache_absence, "an entry that was not present is not remembered")
{
	lab_ready(LAB_EDU);
	write_byte(LAB_GIOVA, 1);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 2);
	CHECK_EQ(lab.guest[TARGET], 2);
	lab_close();
}

TEST(clean_entry_serves_no_write,
     "an entry cached by a read does not serve a write while it is clean")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	lab_dma(LAB_GIOVA, 8, false);
	lab.leaf[0] = OTHER | PTE_RWU;
	write_byte(LAB_GIOVA, 7);
	CHECK_EQ(lab.guest[OTHER], 7);
	CHECK_EQ(lab.guest[TARGET], 0);
	lab_close();
}

TEST(stale_off, "a unit that never serves stale entries can be had")
{
	lab_ready("stale=0\n" LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	lab.leaf[0] = OTHER | PTE_RWU;
	write_byte(LAB_GIOVA, 2);
	CHECK_EQ(lab.guest[OTHER], 2);
	lab_close();
}

TEST(large_pages, "a 2 MiB page maps all of it, cached in pieces of 4 KiB")
{
	uint64_t giova = LAB_GIOVA & ~UINT64_C(0x1fffff);
	/* The second entry holds our own helper page, as the first is a large leaf now. */
	lab_ready(LAB_EDU);
	lab.pd[1] = *lab.pd;
	*lab.pd = 0x200000 | PTE_RWU | PTE_LARGE;
	memset(lab.guest + 0x200000, 0x11, 64);
	lab_dma(giova, 64, false);
	lab_dma(giova + 0x1ff000, 64, true);
	CHECK_EQ(lab.guest[0x3ff000], 0x11);
	/* Pointed at the first 2 MiB: both pieces stay, and the first goes alone. */
	lab_dma(giova, 64, true);
	*lab.pd = PTE_RWU | PTE_LARGE;
	CHECK_EQ(lab_invalidate(giova, 1), 0);
	lab_dma(giova + 0x3000, 64, true);
	lab_dma(giova + 0x1ff000, 64, false);
	CHECK_EQ(lab.guest[0x3000], 0x11);
	CHECK_EQ(lab_invalidate(giova, 512), 0);
	memset(lab.guest + 0x1ff000, 0x22, 64);
	lab_dma(giova + 0x1ff000, 64, false);
	lab_dma(giova + 0x4000, 64, true);
	CHECK_EQ(lab.guest[0x4000], 0x22);
	lab_close();
}

/* Makes one DMA after the log's rate limit is over, and gives the reason in the newest line. */
static unsigned int reason_of(uint64_t giova, bool to_memory)
{
	unsigned int reason = 0;
	const char *line, *at;

	nest_kernel_sleep(&lab.ctx, 6000000000u);
	lab_invalidate(0, UINT64_MAX);
	lab_dma(giova, 8, to_memory);
	line = lab_log();
	at = strstr(line, "[fault reason ");
	if (at && strstr(line, "fault addr"))
		sscanf(at, "[fault reason %x]", &reason);
	return reason;
}

TEST(fault_reasons, "first-stage faults have the specification's reasons")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = 0;
	CHECK_EQ(reason_of(LAB_GIOVA, true), 0x71);
	lab.leaf[0] = TARGET | PTE_P | PTE_U;
	CHECK_EQ(reason_of(LAB_GIOVA, true), 0x85);
	CHECK_EQ(reason_of(LAB_GIOVA + FAKE_PAGE, false), 0x71);
	lab.leaf[0] = TARGET | PTE_P | PTE_W;
	CHECK_EQ(reason_of(LAB_GIOVA, false), 0x81);
	lab.leaf[0] = TARGET | PTE_RWU | UINT64_C(1) << 50;
	CHECK_EQ(reason_of(LAB_GIOVA, false), 0x72);
	lab.leaf[0] = LAB_GUEST | PTE_RWU;
	CHECK_EQ(reason_of(LAB_GIOVA, false), 0x79);
	CHECK_EQ(reason_of(UINT64_C(1) << 52, false), 0x80);
	lab_close();
}

TEST(second_stage_faults, "tables outside of what the parent maps fault with their own reasons")
{
	uint32_t other = 0;

	lab_nest(LAB_EDU);
	REQUIRE(!lab_nested(0, LAB_GUEST,
			    &lab.nested)); /* root in a hole: nobody looks before DMA */
	REQUIRE(!lab_attach(lab.nested));
	CHECK_EQ(reason_of(LAB_GIOVA, false), 0x79);
	REQUIRE(!lab_nested(0, UINT64_C(1) << 50, &other));
	REQUIRE(!lab_attach(other));
	CHECK_EQ(reason_of(LAB_GIOVA, false), 0x74);
	REQUIRE(!lab_attach(lab.nested) && !lab_destroy(other));
	REQUIRE(!lab_nested(0, LAB_TABLES | 4, &other));
	REQUIRE(!lab_attach(other));
	CHECK_EQ(reason_of(LAB_GIOVA, false), 0x5b);
	REQUIRE(!lab_attach(lab.nested) && !lab_destroy(other));
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(unattached_faults, "DMA without an attachment is blocked as a missing PASID entry")
{
	lab_nest(LAB_EDU);
	CHECK_EQ(reason_of(LAB_GIOVA, true), 0x59);
	REQUIRE(!lab_attach(lab.parent));
	lab_dma(TARGET, 8, true);
	CHECK_EQ(reason_of(LAB_GUEST, true), 0x79);
	CHECK_EQ(reason_of(UINT64_C(1) << 49, false), 0x84);
	lab_close();
}

TEST(legacy_faults, "in legacy mode a fault has one of the old reasons")
{
	lab_open("scalable=0\n" LAB_EDU);
	CHECK_EQ(reason_of(LAB_GIOVA, true), 0x02);
	REQUIRE(!lab_attach(lab.ioas));
	CHECK_EQ(reason_of(LAB_GUEST, true), 0x05);
	CHECK_EQ(reason_of(LAB_GUEST, false), 0x06);
	CHECK_EQ(reason_of(UINT64_C(1) << 49, false), 0x04);
	lab_close();
}

TEST(fault_line,
     "a fault is logged once, with address, direction and device, within the rate limit")
{
	char line[512];

	lab_ready(LAB_EDU);
	lab_dma(LAB_GIOVA + 0x123, 64, true);
	snprintf(line, sizeof(line), "%s", lab_log());
	CHECK_HAS(line, ";DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0] fault addr "
			"0x7f1234567000 [fault reason 0x71] SM: Present bit in first-level");
	CHECK_EQ(line[0], '3');
	lab_dma(LAB_GIOVA, 8, false);
	lab_dma(LAB_GIOVA, 8, false);
	lab_dma(LAB_GIOVA + FAKE_PAGE, 8, false); /* one too many in five seconds */
	CHECK_HAS(lab_log(), "handling fault status");
	nest_kernel_sleep(&lab.ctx, 6000000000u);
	lab_dma(LAB_GIOVA + FAKE_PAGE, 8, false);
	CHECK_HAS(lab_log(), "[DMA Read NO_PASID] Request device [0000:00:01.0] fault addr "
			     "0x7f1234568000");
	lab_close();
}

TEST(unmap_blocks_at_once, "unmapping below a nested table needs no invalidation of the user's")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	REQUIRE(!lab_unmap(0, LAB_GUEST));
	lab_dma(LAB_GIOVA, 8, true);
	CHECK_HAS(lab_log(), "fault reason 0x79");
	REQUIRE(!lab_map(0, lab.guest, LAB_GUEST, RW_FLAGS));
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(replace_flushes, "changing the attachment forgets what was cached")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	lab.leaf[0] = OTHER | PTE_RWU;
	REQUIRE(!lab_attach(lab.parent));
	REQUIRE(!lab_attach(lab.nested));
	write_byte(LAB_GIOVA, 2);
	CHECK_EQ(lab.guest[OTHER], 2);
	lab_close();
}

TEST(bus_master_off, "without the bus master bit DMA vanishes, with no fault")
{
	lab_ready(LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	lab_config(4, LAB_COMMAND);
	lab_dma(LAB_GIOVA + FAKE_PAGE, 8, true);
	CHECK(!strstr(lab_log(), "fault addr"));
	lab_close();
}

TEST(flaws, "a broken host does what its flaw says")
{
	lab_ready("flaw=ignore-invalidate\n" LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	lab.leaf[0] = OTHER | PTE_RWU;
	CHECK_EQ(lab_invalidate(0, UINT64_MAX), 0);
	write_byte(LAB_GIOVA, 2);
	CHECK_EQ(lab.guest[TARGET], 2);
	lab_close();

	lab_ready("flaw=let-through\n" LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 1);
	lab.leaf[0] = 0;
	CHECK_EQ(lab_invalidate(LAB_GIOVA, 1), 0);
	write_byte(LAB_GIOVA, 2);
	CHECK_EQ(lab.guest[TARGET], 2);
	CHECK(!strstr(lab_log(), "fault addr"));
	lab_close();

	lab_ready("flaw=overrun flaw=corrupt\n" LAB_EDU);
	lab.leaf[0] = TARGET | PTE_RWU;
	write_byte(LAB_GIOVA, 4);
	CHECK_EQ(lab.guest[TARGET], 5);
	CHECK_EQ(lab.guest[TARGET + 64], 0xee);
	lab_close();

	lab_ready("flaw=ignore-s1 flaw=silent-fault\n" LAB_EDU);
	lab_dma(TARGET, 8, true);
	lab_dma(LAB_GIOVA, 8, true);
	CHECK(!strstr(lab_log(), "fault addr"));
	lab_close();
}

static void pri_ready(uint32_t flags)
{
	struct iommu_fault_alloc queue = { .size = sizeof(queue) };

	lab_nest(LAB_PRI);
	if (lab_ioctl(lab.iommufd, IOMMU_FAULT_QUEUE_ALLOC, &queue))
		abort();
	lab.fault = queue.out_fault_id;
	lab.fault_fd = (int)queue.out_fault_fd;
	if (lab_nested(flags | IOMMU_HWPT_FAULT_ID_VALID, LAB_TABLES, &lab.nested))
		abort();
}

/* Value of edu-pri's last response: count and code. */
static uint64_t response(void)
{
	return nest_mmio_read64(lab.bar + 0xa8);
}

static ssize_t respond(uint32_t cookie, uint32_t code)
{
	struct iommu_hwpt_page_response answer = { cookie, code };

	return nest_kernel_write(&lab.ctx, lab.fault_fd, &answer, sizeof(answer));
}

TEST(page_request, "a page request is queued, read, answered, and the device sees the answer")
{
	struct iommu_hwpt_pgfault faults[4];

	pri_ready(0);
	REQUIRE(!lab_attach(lab.nested));
	CHECK_EQ(nest_kernel_poll(&lab.ctx, lab.fault_fd, 10), 0);
	CHECK_EQ(nest_kernel_read(&lab.ctx, lab.fault_fd, faults, sizeof(faults)), 0);
	lab_reg(0xa0, LAB_GIOVA | 2 | 4 | 5 << 3);
	CHECK_EQ(nest_mmio_read64(lab.bar + 0xa0), 0);
	CHECK_EQ(nest_kernel_poll(&lab.ctx, lab.fault_fd, 10), 1);
	CHECK_EQ(nest_kernel_read(&lab.ctx, lab.fault_fd, faults, 41), -ESPIPE);
	REQUIRE(nest_kernel_read(&lab.ctx, lab.fault_fd, faults, sizeof(faults)) == 40);
	CHECK_EQ(faults[0].flags, IOMMU_PGFAULT_FLAGS_LAST_PAGE);
	CHECK_EQ(faults[0].dev_id, lab.devid);
	CHECK_EQ(faults[0].grpid, 5);
	CHECK_EQ(faults[0].perm, IOMMU_PGFAULT_PERM_WRITE);
	CHECK_EQ(faults[0].addr, LAB_GIOVA);
	CHECK_EQ(respond(faults[0].cookie, 2), -EINVAL);
	CHECK_EQ(respond(faults[0].cookie + 1, 0), -EINVAL);
	CHECK_EQ(respond(faults[0].cookie, 0), 8);
	CHECK_EQ(respond(faults[0].cookie, 0), -EINVAL);
	CHECK_EQ(response(), UINT64_C(1) << 32 | 5 << 16);
	lab_reg(0xa0, LAB_GIOVA | 1 | 4);
	REQUIRE(nest_kernel_read(&lab.ctx, lab.fault_fd, faults, sizeof(faults)) == 40);
	CHECK_EQ(faults[0].cookie, 1); /* used again */
	CHECK_EQ(respond(faults[0].cookie, IOMMUFD_PAGE_RESP_INVALID), 8);
	CHECK_EQ(response(), UINT64_C(2) << 32 | 1);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(page_request_group, "a group comes whole, with its last page, under one cookie")
{
	struct iommu_hwpt_pgfault faults[4];

	pri_ready(0);
	REQUIRE(!lab_attach(lab.nested));
	lab_reg(0xa0, LAB_GIOVA | 1 | 3 << 3);
	CHECK_EQ(nest_kernel_poll(&lab.ctx, lab.fault_fd, 0), 0);
	lab_reg(0xa0, (LAB_GIOVA + FAKE_PAGE) | 1 | 4 | 3 << 3);
	CHECK_EQ(nest_kernel_read(&lab.ctx, lab.fault_fd, faults, 40), -EINVAL);
	REQUIRE(nest_kernel_read(&lab.ctx, lab.fault_fd, faults, sizeof(faults)) == 80);
	CHECK_EQ(faults[0].flags, 0);
	CHECK_EQ(faults[1].flags, IOMMU_PGFAULT_FLAGS_LAST_PAGE);
	CHECK_EQ(faults[0].cookie, faults[1].cookie);
	CHECK_EQ(faults[1].addr, LAB_GIOVA + FAKE_PAGE);
	/* Detaching answers for us. */
	REQUIRE(!lab_detach());
	CHECK_EQ(response(), UINT64_C(1) << 32 | 3 << 16 | 1);
	CHECK_EQ(respond(faults[0].cookie, 0), -EINVAL);
	lab_close();
}

TEST(page_request_without_queue, "a page request nobody handles is answered INVALID")
{
	lab_ready(LAB_PRI);
	lab_reg(0xa0, LAB_GIOVA | 1 | 4);
	CHECK_EQ(response(), UINT64_C(1) << 32 | 1);
	lab_close();
}

TEST(fault_queue_needs_pri, "a table with a fault queue cannot be attached to a device without PRI")
{
	struct iommu_fault_alloc queue = { .size = sizeof(queue) };

	lab_nest(LAB_EDU);
	REQUIRE(!lab_ioctl(lab.iommufd, IOMMU_FAULT_QUEUE_ALLOC, &queue));
	lab.fault = queue.out_fault_id;
	lab.fault_fd = (int)queue.out_fault_fd;
	CHECK_EQ(lab_nested(IOMMU_HWPT_FAULT_ID_VALID, LAB_TABLES, &lab.nested), 0);
	CHECK_EQ(lab_attach(lab.nested), -ENODEV);
	CHECK_EQ(lab_destroy(lab.fault), -EBUSY);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(pasid_dma, "tagged DMA goes through the table of its PASID, and is reported with it")
{
	struct vfio_device_detach_iommufd_pt detach = { .argsz = sizeof(detach),
							.pasid = 5,
							.flags = VFIO_DEVICE_DETACH_PASID };
	uint32_t flat = 0;

	lab_nest(LAB_PRI);
	REQUIRE(!lab_hwpt(IOMMU_HWPT_ALLOC_PASID, lab.ioas, NULL, 0, &flat));
	REQUIRE(!lab_attach(flat));
	REQUIRE(!lab_nested(0, LAB_TABLES, &lab.nested));
	CHECK_EQ(lab_attach_pasid(lab.nested, 5), -EINVAL); /* not made for PASIDs */
	REQUIRE(!lab_destroy(lab.nested));
	REQUIRE(!lab_nested(IOMMU_HWPT_ALLOC_PASID, LAB_TABLES, &lab.nested));
	CHECK_EQ(lab_attach_pasid(lab.nested, 256), -EINVAL); /* eight bits here */
	REQUIRE(!lab_attach_pasid(lab.nested, 5));
	lab.leaf[0] = TARGET | PTE_RWU;
	memset(lab.guest + OTHER, 0x77, 64);
	lab_dma(OTHER, 64, false); /* without PASID: flat */
	lab_reg(0xb0, 5);
	lab_dma(LAB_GIOVA, 64, true);
	CHECK_EQ(lab.guest[TARGET + 63], 0x77);
	lab_dma(LAB_GIOVA + FAKE_PAGE, 8, true);
	CHECK_HAS(lab_log(), "[DMA Write PASID 0x5] Request device");
	lab_reg(0xb0, 6);
	nest_kernel_sleep(&lab.ctx, 6000000000u);
	lab_dma(LAB_GIOVA, 8, true);
	CHECK_HAS(lab_log(), "fault reason 0x59");
	CHECK_EQ(lab_ioctl(lab.cdev, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach), 0);
	lab_detach();
	CHECK_EQ(lab_destroy(flat), 0);
	lab_close();
	CHECK_EQ(fake_ledger_check(stderr), 0);
}

TEST(pasid_page_request, "a page request with a PASID carries it, and the kernel's extra flag")
{
	struct iommu_hwpt_pgfault fault;
	uint32_t flat = 0;

	pri_ready(IOMMU_HWPT_ALLOC_PASID);
	REQUIRE(!lab_hwpt(IOMMU_HWPT_ALLOC_PASID, lab.ioas, NULL, 0, &flat));
	REQUIRE(!lab_attach(flat));
	REQUIRE(!lab_attach_pasid(lab.nested, 9));
	lab_reg(0xb0, 9);
	lab_reg(0xa0, LAB_GIOVA | 1 | 4);
	REQUIRE(nest_kernel_read(&lab.ctx, lab.fault_fd, &fault, sizeof(fault)) == 40);
	CHECK_EQ(fault.flags, 7);
	CHECK_EQ(fault.pasid, 9);
	nest_kernel_close(&lab.ctx, lab.cdev); /* takes the PASID with it */
	CHECK_EQ(lab_destroy(lab.nested), 0);
	fake_start("");
}

/*
 * One admin command of an NVMe controller whose queues lie at GPA 0 and 0x1000; 0 when it is over.
 */
static int nvme_command(uint8_t opcode, uint64_t target, unsigned int n)
{
	uint32_t *entry = (uint32_t *)(void *)(lab.guest + 64 * (n - 1));
	const uint16_t *done =
		(const uint16_t *)(const void *)(lab.guest + FAKE_PAGE + 16 * (n - 1));

	memset(entry, 0, 64);
	entry[0] = opcode | n << 16;
	memcpy(&entry[6], &target, 8);
	entry[10] = 1;
	nest_mmio_write32(lab.bar + 0x1000, n);
	nest_kernel_sleep(&lab.ctx, 1000000);
	if (nest_mmio_read32(lab.bar + 0x1c) & 2)
		return -EIO; /* fatal status */
	return done[7] & 1 && done[6] == n ? done[7] >> 1 : -ETIMEDOUT;
}

TEST(nvme, "an NVMe controller identifies itself through its admin queue, and does nothing else")
{
	lab_nest("device=0000:00:01.0 model=nvme group=12\n");
	REQUIRE(!lab_attach(lab.ioas));
	CHECK_EQ(nest_mmio_read32(lab.bar + 0x08), 0x10400);
	nest_mmio_write32(lab.bar + 0x24, 15 << 16 | 15);
	lab_reg(0x28, 0);
	lab_reg(0x30, 0x1000);
	nest_mmio_write32(lab.bar + 0x14, 1);
	CHECK_EQ(nest_mmio_read32(lab.bar + 0x1c) & 3, 2); /* a queue at address 0 */
	nest_mmio_write32(lab.bar + 0x14, 0);
	REQUIRE(!lab_unmap(0, LAB_GUEST));
	REQUIRE(!lab_map(0x100000, lab.guest, LAB_GUEST,
			 IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE));
	lab_reg(0x28, 0x100000);
	lab_reg(0x30, 0x101000);
	nest_mmio_write32(lab.bar + 0x14, 1);
	CHECK_EQ(nest_mmio_read32(lab.bar + 0x1c) & 3, 1);
	CHECK_EQ(nvme_command(6, 0x104000, 1), 0);
	CHECK_MEM(lab.guest + 0x4000, "\x36\x1b", 2);
	CHECK_EQ(nvme_command(6, 0x10000000, 2), 0); /* nobody there, and no word of it */
	CHECK_HAS(lab_log(), "fault addr 0x10000000");
	CHECK_EQ(fake_ledger_check(stderr) > 0, true); /* files and memory are open */
	REQUIRE(!lab_unmap(0x100000, LAB_GUEST));
	CHECK_EQ(nvme_command(6, 0x104000, 3), -EIO);
	fake_start("");
}

TEST(nvme_other_commands, "a command that is not Identify is held against the program")
{
	unsigned int before;

	lab_nest("device=0000:00:01.0 model=nvme group=12\n");
	REQUIRE(!lab_unmap(0, LAB_GUEST));
	REQUIRE(!lab_attach(lab.ioas));
	REQUIRE(!lab_map(0x100000, lab.guest, LAB_GUEST,
			 IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE));
	nest_mmio_write32(lab.bar + 0x24, 15 << 16 | 15);
	lab_reg(0x28, 0x100000);
	lab_reg(0x30, 0x101000);
	nest_mmio_write32(lab.bar + 0x14, 1);
	before = fake_ledger_check(stderr);
	CHECK_EQ(nvme_command(5, 0x104000, 1), 0x4001);
	CHECK_EQ(fake_ledger_check(stderr), before + 1);
	fake_start("");
}

int main(void)
{
	return test_main();
}
