// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which device has a stimulus, the order of calls, and edu's and NVMe's registers against small
 * models.
 */
#include <errno.h>
#include <stdlib.h>

#include "kernel/kernel.h"
#include "stim/registry.h"
#include "test.h"

/* ---- the device: registers, and memory that it reaches at the address it has here ---- */

static struct nest_ctx ctx;
static struct nest_vdev vdev;
static struct nest_stim stim;
static _Alignas(4096) uint8_t scratch[NEST_STIM_SCRATCH], target[4096];
static _Alignas(8) uint8_t bar[0x2000];
static size_t bar_len;
static _Alignas(8) uint8_t bar2[64];
static int bar2_err;
static uint64_t clock_ns;
static bool pri, dead, stuck, blocked, signalled;
static int enabled;
static uint64_t flying_at_enable;
static uint8_t vendor[2];

#define EDU_BASE 0x40000
static uint8_t edu_buffer[4096];
static unsigned int edu_lag; /* polls until a DMA is done */
static bool nvme;
static unsigned int nvme_tail, nvme_done;

static uint8_t *reach(uint64_t iova)
{
	return (uint8_t *)(uintptr_t)iova;
}

static uint64_t reg(size_t at)
{
	uint64_t value;

	memcpy(&value, bar + at, 8);
	return value;
}

static void set_reg(size_t at, uint64_t value, size_t size)
{
	memcpy(bar + at, &value, size);
}

static void edu_run(void)
{
	/* A copy that reaches the end of the buffer ends QEMU 7.2. */
	CHECK_EQ(reg(0x90), NEST_STIM_LEN - 8);
	if (reg(0x98) & 2) {
		CHECK_EQ(reg(0x80), EDU_BASE);
		if (!blocked || reach(reg(0x88)) == scratch)
			memcpy(reach(reg(0x88)), edu_buffer, reg(0x90));
	} else {
		CHECK_EQ(reg(0x88), EDU_BASE);
		if (!blocked || reach(reg(0x80)) == scratch + 4096)
			memcpy(edu_buffer, reach(reg(0x80)), reg(0x90));
	}
	CHECK(!(reg(0x98) & 4)); /* no interrupt */
}

/* Commands up to the tail: the answer to Identify is 0x1d with the depth of the queue behind it. */
static void nvme_run(uint32_t tail)
{
	uint8_t *sq = reach(reg(0x28)), *cq = reach(reg(0x30));
	unsigned int depth = (bar[0x24] | bar[0x25] << 8) + 1;

	CHECK_EQ(bar[0x14] & 1, 1);
	while (nvme_tail != tail) {
		uint8_t *command = sq + nvme_tail * 64, *entry = cq + nvme_done % depth * 16;
		uint64_t prp;

		memcpy(&prp, command + 24, 8);
		CHECK_EQ(command[0], 6);
		CHECK_EQ(command[40], 1);
		if (!blocked)
			memset(reach(prp), 0x1d, NEST_STIM_LEN);
		entry[14] = !(nvme_done / depth & 1);
		nvme_done++;
		nvme_tail = (nvme_tail + 1) % depth;
	}
}

uint32_t nest_mmio_read32(const volatile void *addr)
{
	size_t at = (size_t)((const uint8_t *)addr - bar);

	if (dead)
		return UINT32_MAX;
	return (uint32_t)reg(at);
}

uint64_t nest_mmio_read64(const volatile void *addr)
{
	size_t at = (size_t)((const uint8_t *)addr - bar);

	if (dead)
		return UINT64_MAX;
	if (!nvme && at == 0x98 && (reg(at) & 1) && !stuck) {
		if (edu_lag) {
			edu_lag--;
		} else {
			edu_run();
			set_reg(at, reg(at) & ~UINT64_C(1), 8);
		}
	}
	return reg(at);
}

void nest_mmio_write32(volatile void *addr, uint32_t value)
{
	size_t at = (size_t)((volatile uint8_t *)addr - bar);

	set_reg(at, !nvme && at == 4 ? ~value : value, 4);
	if (nvme && at == 0x14)
		set_reg(0x1c, value & 1, 4);
	if (nvme && at == 0x10)
		set_reg(0x0c, reg(0x0c) & ~(uint64_t)value & UINT32_MAX, 4);
	if (nvme && at == 0x1000 && !stuck)
		nvme_run(value);
}

void nest_mmio_write64(volatile void *addr, uint64_t value)
{
	size_t at = (size_t)((volatile uint8_t *)addr - bar);

	if (!nvme && at >= 0x80 && at < 0xa0)
		CHECK(!(reg(0x98) & 1)); /* the device would ignore it */
	set_reg(at, value, 8);
	if (!nvme && at == 0xa0)
		set_reg(at, 0, 8);
}

uint64_t nest_kernel_now(struct nest_ctx *c)
{
	(void)c;
	return clock_ns;
}

int nest_kernel_sleep(struct nest_ctx *c, uint64_t ns)
{
	(void)c;
	clock_ns += ns;
	return signalled ? -EINTR : 0;
}

int nest_vdev_enable(struct nest_ctx *c, struct nest_vdev *v)
{
	(void)c;
	(void)v;
	flying_at_enable = reg(0x98) & 1;
	return enabled;
}

int nest_vdev_config_read(struct nest_ctx *c, struct nest_vdev *v, uint32_t offset, void *buf,
			  size_t len)
{
	(void)c;
	(void)v;
	CHECK_EQ(offset, 0);
	memcpy(buf, vendor, len);
	return 0;
}

int nest_mmio_write64x8(volatile void *addr, const uint64_t words[8])
{
	(void)addr;
	(void)words;
	return -EOPNOTSUPP;
}

int nest_vdev_reset(struct nest_ctx *c, struct nest_vdev *v)
{
	(void)c;
	(void)v;
	return -ENOTTY;
}

int nest_vdev_map_bar(struct nest_ctx *c, struct nest_vdev *v, unsigned int n, volatile void **ret,
		      size_t *ret_len)
{
	(void)c;
	(void)v;
	if (n == 2) {
		*ret = bar2;
		*ret_len = sizeof(bar2);
		return bar2_err;
	}
	CHECK_EQ(n, 0);
	*ret = bar;
	*ret_len = bar_len;
	return 0;
}

static int start(bool is_nvme)
{
	ctx.undo.count = 0;
	free(stim.state);
	stim.state = NULL;
	memset(bar, 0, sizeof(bar));
	memset(target, 0xaa, sizeof(target));
	bar_len = sizeof(bar);
	pri = dead = stuck = blocked = signalled = false;
	nvme = is_nvme;
	nvme_tail = nvme_done = edu_lag = 0;
	if (nvme) {
		set_reg(0x00, UINT64_C(0x00000020010f07ff), 8);
		set_reg(0x08, 0x1d1d1d1d, 4);
		memset(vendor, 0x1d, 2);
		set_reg(0x24, 0x00070007, 4);
		set_reg(0x28, 0x11000, 8);
		set_reg(0x30, 0x22000, 8);
	} else {
		set_reg(0, 0x010000ed, 4);
	}
	return 0;
}

static int go(void)
{
	return nest_stim_start(&ctx, &vdev, nvme ? &nest_stim_nvme : &nest_stim_edu,
			       pri ? NEST_STIM_PAGE_REQUEST | NEST_STIM_PASID : 0u, scratch,
			       (uintptr_t)scratch, &stim);
}

#define IOVA(memory) ((uint64_t)(uintptr_t)(memory))

TEST(find, "edu and igb are found by their ids, NVMe by its class, and no other device")
{
	const char *refused;

	CHECK(nest_stim_find(0x1234, 0x11e8, 0x00ff00, &refused) == &nest_stim_edu);
	CHECK(nest_stim_find(0x1b36, 0x0010, 0x010802, &refused) == &nest_stim_nvme);
	CHECK(nest_stim_find(0x8086, 0x10c9, 0x020000, &refused) == &nest_stim_igb);
	CHECK(!refused);
	CHECK(nest_stim_find(0x8086, 0x10d3, 0x020000, &refused) == NULL);
	CHECK(!refused);
	CHECK(nest_stim_find(0x1234, 0x1111, 0x030000, &refused) == NULL);
	CHECK(nest_stim_at(0) == &nest_stim_edu);
	CHECK(nest_stim_at(4) == NULL);
}

TEST(refused, "a relative of a supported device is refused by its name")
{
	const char *refused;

	CHECK(nest_stim_find(0x8086, 0x1539, 0x020000, &refused) == NULL);
	CHECK(refused && strstr(refused, "i211"));
	CHECK(nest_stim_find(0x8086, 0x0cfe, 0x088000, &refused) == NULL);
	CHECK(refused && strstr(refused, "IAA"));
}

TEST(frames, "no KiB of a pattern is a frame of a protocol")
{
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x8100, 0x88a8, 0x8808 };
	uint8_t page[4096];
	size_t seen = 0;

	for (uint32_t seed = 0; seed < 20000; seed++) {
		nest_stim_pattern(seed, page, sizeof(page));
		for (size_t at = 12; at < sizeof(page); at += 1024)
			for (size_t i = 0; i < 5; i++)
				seen += (page[at] << 8 | page[at + 1]) == types[i];
	}
	CHECK_EQ(seen, 0);
}

TEST(pattern, "patterns of different seeds differ in every 8 bytes")
{
	uint8_t a[4096], b[4096];
	size_t alike = 0;

	nest_stim_pattern(1, a, sizeof(a));
	nest_stim_pattern(2, b, sizeof(b));
	for (size_t i = 0; i < sizeof(a); i += 8)
		alike += !memcmp(a + i, b + i, 8);
	CHECK_EQ(alike, 0);
	nest_stim_pattern(1, b, 13);
	CHECK_MEM(a, b, 13);
}

TEST(edu_copy, "edu writes what was prepared, and shows what it read")
{
	uint8_t seen[NEST_STIM_LEN], want[NEST_STIM_LEN];

	start(false);
	CHECK_EQ(go(), 0);
	CHECK_EQ(stim.can, NEST_STIM_READ | NEST_STIM_CHOOSE | NEST_STIM_EXACT |
				   NEST_STIM_UNALIGNED | NEST_STIM_READ_ACROSS);
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), -EINVAL);
	edu_lag = 5;
	CHECK_EQ(nest_stim_prepare(&stim, 3), 0);
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), 0);
	nest_stim_page(&nest_stim_edu, 3, want);
	CHECK_MEM(target, want, sizeof(want) - 8);
	CHECK_EQ(target[sizeof(want) - 8], 0xaa);
	CHECK_MEM(stim.bytes, want, sizeof(want));
	nest_stim_page(&nest_stim_edu, 4, target);
	CHECK_EQ(nest_stim_read(&stim, IOVA(target), seen), 0);
	CHECK_MEM(seen, target, sizeof(seen));
	/* The device holds what it read, so nothing is prepared any more. */
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), -EINVAL);
}

TEST(edu_echo, "an echo brings the page back as it was read, and harms nothing where it is blocked")
{
	bool back = false;

	start(false);
	CHECK_EQ(go(), 0);
	CHECK_EQ(nest_stim_echo(&stim, IOVA(target), target, 6, &back), 0);
	CHECK(back);
	/* It holds what the page holds, so that may be written again. */
	memset(target, 0, NEST_STIM_LEN);
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), 0);
	CHECK(!memcmp(target, stim.bytes, NEST_STIM_LEN));
	blocked = true;
	CHECK_EQ(nest_stim_echo(&stim, IOVA(target), target, 7, &back), 0);
	CHECK(!back);
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), -EINVAL);
}

TEST(edu_blocked, "a blocked DMA is success for the device, and memory is as it was")
{
	start(false);
	CHECK_EQ(go(), 0);
	CHECK_EQ(nest_stim_prepare(&stim, 3), 0);
	blocked = true;
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), 0);
	CHECK_EQ(target[0], 0xaa);
}

TEST(edu_stuck, "a DMA that does not end is ETIMEDOUT, and the device is not used again")
{
	start(false);
	CHECK_EQ(go(), 0);
	CHECK_EQ(nest_stim_prepare(&stim, 3), 0);
	stuck = true;
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), -ETIMEDOUT);
	CHECK_HAS(stim.failed, "did not finish");
	stuck = false;
	CHECK_EQ(nest_stim_prepare(&stim, 4), -EIO);
	CHECK_HAS(stim.failed, "did not finish");
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
}

TEST(edu_signal, "a signal ends the wait, and the undo waits the DMA out")
{
	start(false);
	CHECK_EQ(go(), 0);
	CHECK_EQ(nest_stim_prepare(&stim, 3), 0);
	edu_lag = 20;
	signalled = true;
	CHECK_EQ(nest_stim_write(&stim, IOVA(target)), -EINTR);
	CHECK_EQ(nest_stim_prepare(&stim, 4), -EBUSY);
	CHECK_EQ(target[0], 0xaa);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_MEM(target, stim.bytes, NEST_STIM_LEN - 8);
	CHECK_EQ(nest_stim_prepare(&stim, 4), -EINVAL);
}

TEST(edu_left, "a copy that a killed program left running is waited for, and its PASID forgotten")
{
	start(false);
	pri = true;
	edu_lag = 20;
	set_reg(0x80, EDU_BASE, 8);
	set_reg(0x88, IOVA(target), 8);
	set_reg(0x90, NEST_STIM_LEN - 8, 8);
	set_reg(0x98, 3, 8);
	set_reg(0xb0, 5, 8);
	CHECK_EQ(go(), 0);
	CHECK_EQ(flying_at_enable, 0);
	CHECK_EQ(reg(0xb0), 0);
	CHECK_EQ(nest_stim_prepare(&stim, 3), 0);
	start(false);
	stuck = true;
	set_reg(0x98, 3, 8);
	CHECK_EQ(go(), -EBUSY);
	CHECK_HAS(stim.failed, "another program");
}

TEST(edu_gone, "a device that reads as all ones, or is not edu, is refused")
{
	start(false);
	dead = true;
	CHECK_EQ(go(), -ENODEV);
	CHECK_EQ(nest_stim_prepare(&stim, 1), -EIO);
	start(false);
	set_reg(0, 0x12345678, 4);
	CHECK_EQ(go(), -ENODEV);
	CHECK(stim.unfit);
	start(false);
	bar_len = 64;
	CHECK_EQ(go(), -ENXIO);
	start(false);
	enabled = -EIO;
	CHECK_EQ(go(), -EIO);
	enabled = 0;
	CHECK_EQ(ctx.undo.count, 0);
}

TEST(edu_pri, "page requests and PASIDs are there only if the device may")
{
	struct nest_stim_request request = {
		.iova = 0x7f0000001000, .write = true, .last = true, .group = 5
	};
	struct nest_stim_response response = { 0 };

	start(false);
	CHECK_EQ(go(), 0);
	CHECK_EQ(nest_stim_page_request(&stim, &request), -EOPNOTSUPP);
	CHECK_EQ(nest_stim_set_pasid(&stim, 1), -EOPNOTSUPP);
	start(false);
	pri = true;
	CHECK_EQ(go(), 0);
	CHECK_EQ(nest_stim_page_request(&stim, &request), 0);
	set_reg(0xa8, UINT64_C(0x0000000200050001), 8);
	CHECK_EQ(nest_stim_page_response(&stim, &response), 0);
	CHECK_EQ(response.count, 2);
	CHECK_EQ(response.group, 5);
	CHECK_EQ(response.code, 1);
	CHECK_EQ(nest_stim_set_pasid(&stim, 9), 0);
	CHECK_EQ(reg(0xb0), 9);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(reg(0xb0), 0);
}

TEST(nvme_identify, "NVMe writes its own bytes where it is told, past the end of its queues")
{
	uint8_t seen[NEST_STIM_LEN];

	start(true);
	CHECK_EQ(go(), 0);
	CHECK_EQ(stim.can, NEST_STIM_EXACT | NEST_STIM_DESCRIPTORS | NEST_STIM_UNALIGNED);
	CHECK_EQ(stim.bytes[7], 0x1d);
	CHECK_EQ(nest_stim_read(&stim, IOVA(target), seen), -EOPNOTSUPP);
	for (unsigned int i = 0; i < 40; i++) {
		memset(target, 0xaa, sizeof(target));
		CHECK_EQ(nest_stim_prepare(&stim, i), 0);
		CHECK_EQ(nest_stim_write(&stim, IOVA(target)), 0);
		CHECK_MEM(target, stim.bytes, NEST_STIM_LEN);
	}
}

TEST(nvme_restored, "NVMe's registers are as they were found, and it is disabled")
{
	start(true);
	CHECK_EQ(go(), 0);
	CHECK_EQ(reg(0x28), IOVA(scratch));
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(reg(0x14) & UINT32_MAX, 0);
	CHECK_EQ(reg(0x24) & UINT32_MAX, 0x00070007);
	CHECK_EQ(reg(0x28), 0x11000);
	CHECK_EQ(reg(0x30), 0x22000);
	CHECK_EQ(reg(0x0c) & UINT32_MAX, 0);
}

TEST(nvme_busy, "an enabled controller is somebody's, and is not touched")
{
	start(true);
	set_reg(0x14, 0x460001, 4);
	CHECK_EQ(go(), -EBUSY);
	CHECK_HAS(stim.failed, "enabled");
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(reg(0x14) & UINT32_MAX, 0x460001);
	CHECK_EQ(reg(0x28), 0x11000);
}

TEST(nvme_implausible, "NVMe whose Identify is not that of its vendor and version is refused")
{
	start(true);
	vendor[1] = 0x1c;
	CHECK_EQ(go(), -EIO);
	start(true);
	set_reg(0x08, 0x00010400, 4);
	CHECK_EQ(go(), -EIO);
	CHECK_HAS(stim.failed, "version");
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(reg(0x28), 0x11000);
}

TEST(nvme_stuck,
     "a controller that does not answer a command is ETIMEDOUT, and is disabled all the same")
{
	start(true);
	stuck = true;
	CHECK_EQ(go(), -ETIMEDOUT);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(reg(0x14) & 1, 0);
}

/* ---- what stim.c does for any driver ---- */

static unsigned int abilities, finis;

static int any_init(struct nest_stim *it)
{
	const uint8_t zero[24] = { 0 };

	CHECK_MEM(it->state, zero, sizeof(zero));
	memset(it->state, 0xff, sizeof(zero));
	it->can = abilities;
	return 0;
}

static int any_settle(struct nest_stim *it)
{
	CHECK(!it->state);
	return 0;
}

static int any_fini(struct nest_stim *it)
{
	CHECK(it->state);
	finis++;
	return 0;
}

static struct nest_stim_ops any = {
	.bars = { { .number = 2, .min = 64 }, { .number = 0, .min = 128 } },
	.nbars = 2,
	.state_size = 24,
	.settle = any_settle,
	.init = any_init,
	.fini = any_fini,
};

static int go_any(void)
{
	start(false);
	finis = 0;
	return nest_stim_start(&ctx, &vdev, &any, 0, scratch, (uintptr_t)scratch, &stim);
}

TEST(bars, "BARs are mapped in the driver's order, and the one at fault is named")
{
	abilities = NEST_STIM_EXACT;
	CHECK_EQ(go_any(), 0);
	CHECK(stim.bars[0].at == bar2 && stim.bars[0].len == sizeof(bar2));
	CHECK(stim.bars[1].at == bar && stim.bars[1].len == bar_len);
	any.bars[0].min = 65;
	CHECK_EQ(go_any(), -ENXIO);
	CHECK_STR(stim.failed, "BAR 2 is too small to hold its registers");
	any.bars[0].min = 64;
	bar2_err = -EACCES;
	CHECK_EQ(go_any(), -EACCES);
	CHECK_STR(stim.failed, "its registers (BAR 2) cannot be mapped");
	bar2_err = 0;
}

TEST(state, "a driver's state is cleared for init, and there until fini is over")
{
	abilities = NEST_STIM_EXACT;
	CHECK_EQ(go_any(), 0);
	CHECK(stim.state);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(finis, 1);
	CHECK(!stim.state);
}

TEST(exact, "a device that does not move whole pages exactly is refused, and given back")
{
	abilities = NEST_STIM_READ | NEST_STIM_CHOOSE;
	CHECK_EQ(go_any(), -EOPNOTSUPP);
	CHECK_HAS(stim.failed, "whole page");
	CHECK_EQ(nest_stim_prepare(&stim, 1), -EIO);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(finis, 1);
}

int main(void)
{
	return test_main();
}
