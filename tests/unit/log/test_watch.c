// SPDX-License-Identifier: GPL-2.0-or-later
/* Fault lines of several kernels, and a log that is handed out record by record. */
#include <errno.h>

#include "kernel/kernel.h"
#include "log/watch.h"
#include "test.h"
#include "util.h"

/* ---- a log: what read() answers, in order; NULL is "nothing now" ---- */

static const char *records[8];
static ssize_t errors[8];
static size_t at, polls, closes, seeks;
static int open_result, poll_result;
static uint64_t clock_ns;

int nest_kernel_open(struct nest_ctx *ctx, const char *path, int flags)
{
	(void)ctx;
	(void)flags;
	CHECK_STR(path, "/dev/kmsg");
	return open_result;
}

int nest_kernel_close(struct nest_ctx *ctx, int fd)
{
	(void)ctx;
	CHECK_EQ(fd, 7);
	closes++;
	return 0;
}

/* The other step of kernel-undo.c; the watch maps nothing. */
int nest_kernel_munmap(struct nest_ctx *ctx, void *addr, size_t len)
{
	(void)ctx;
	(void)addr;
	(void)len;
	CHECK(!"unmapped");
	return 0;
}

int nest_kernel_seek_end(struct nest_ctx *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	seeks++;
	return 0;
}

static const char *flood;

ssize_t nest_kernel_read(struct nest_ctx *ctx, int fd, void *buf, size_t len)
{
	(void)ctx;
	(void)fd;
	if (flood) { /* another record is there as soon as one is read */
		clock_ns += 1000000;
		snprintf(buf, len, "%s", flood);
		return (ssize_t)strlen(flood);
	}
	if (errors[at])
		return errors[at++];
	if (!records[at])
		return -EAGAIN;
	snprintf(buf, len, "%s", records[at]);
	return (ssize_t)strlen(records[at++]);
}

int nest_kernel_poll(struct nest_ctx *ctx, int fd, int timeout_ms)
{
	(void)ctx;
	(void)fd;
	polls++;
	clock_ns += (uint64_t)timeout_ms * 1000000;
	if (poll_result < 0)
		return poll_result;
	at += !records[at] && !errors[at] && records[at + 1];
	return 1;
}

uint64_t nest_kernel_now(struct nest_ctx *ctx)
{
	(void)ctx;
	return clock_ns;
}

static struct nest_ctx ctx;
static struct nest_watch klog;
static const struct nest_watch_names edu = { { { 0, 0, 1, 0 } }, 1 };

static void fresh(void)
{
	ctx.undo.count = 0;
	memset(records, 0, sizeof(records));
	memset(errors, 0, sizeof(errors));
	at = polls = closes = seeks = 0;
	open_result = 7;
	poll_result = 0;
	nest_watch_open(&ctx, &klog);
}

#define MODERN                                                                                     \
	"4,812,9000000,-;DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0] fault addr "     \
	"0x7f1234567000 [fault reason 0x71] SM: Present bit in first-level paging entry is "       \
	"clear\n"
#define OTHER_DEVICE                                                                               \
	"4,811,8000000,-;DMAR: [DMA Write NO_PASID] Request device [0000:00:02.0] fault addr "     \
	"0x7f1234567000 [fault reason 0x71] SM: text\n"
#define OTHER_PAGE                                                                                 \
	"4,810,8000000,-;DMAR: [DMA Read NO_PASID] Request device [0000:00:01.0] fault addr "      \
	"0x1000 [fault reason 0x71] SM: text\n"

TEST(modern, "a line of today is taken apart")
{
	struct nest_watch_fault fault = { 0 };

	CHECK_EQ(nest_watch_parse(MODERN, &fault), 0);
	CHECK_EQ(fault.fault.address, UINT64_C(0x7f1234567000));
	CHECK(fault.fault.access == NEST_LOG_WRITE);
	CHECK(fault.fault.has_reason);
	CHECK_EQ(fault.fault.reason, 0x71);
	CHECK(fault.fault.with_pasid != NEST_YES);
	CHECK(fault.fault.has_segment);
	CHECK_EQ(fault.fault.device.device, 1);
	CHECK_STR(fault.text,
		  "[DMA Write NO_PASID] Request device [0000:00:01.0] fault addr 0x7f1234567000 "
		  "[fault reason 0x71] SM: Present bit in first-level paging entry is clear");
}

TEST(pasid, "a PASID is read, and a read is told from a write")
{
	struct nest_watch_fault fault = { 0 };

	CHECK_EQ(nest_watch_parse("DMAR: [DMA Read PASID 0x5] Request device [0001:3a:00.1] fault "
				  "addr 0x12000 [fault reason 0x71] x",
				  &fault),
		 0);
	CHECK(fault.fault.access == NEST_LOG_READ);
	CHECK_EQ(fault.fault.with_pasid, NEST_YES);
	CHECK_EQ(fault.fault.pasid, 5);
	CHECK_EQ(fault.fault.device.domain, 1);
	CHECK_EQ(fault.fault.device.bus, 0x3a);
	CHECK_EQ(fault.fault.device.function, 1);
	CHECK_EQ(fault.fault.address, 0x12000);
}

TEST(old, "a line of 5.10 has a decimal reason, no domain and a PASID that says there is none")
{
	struct nest_watch_fault fault = { 0 };

	CHECK_EQ(nest_watch_parse(
			 "[  12.3] DMAR: [DMA Write] Request device [00:01.0] PASID ffffffff "
			 "fault addr ffff0000 [fault reason 12] non-zero reserved fields",
			 &fault),
		 0);
	CHECK(fault.fault.with_pasid != NEST_YES);
	CHECK(!fault.fault.has_segment);
	CHECK_EQ(fault.fault.reason, 12);
	CHECK_EQ(fault.fault.address, 0xffff0000);
}

TEST(amd, "AMD's line tells its direction by a flag")
{
	struct nest_watch_fault fault = { 0 };

	CHECK_EQ(nest_watch_parse("AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:01:00.0 "
				  "domain=0x0014 address=0x4080000 flags=0x0020]",
				  &fault),
		 0);
	CHECK_EQ(fault.fault.device.bus, 1);
	CHECK_EQ(fault.fault.address, 0x4080000);
	CHECK(fault.fault.access == NEST_LOG_WRITE);
	CHECK_STR(fault.fault.event, "IO_PAGE_FAULT");
	CHECK_EQ(nest_watch_parse("vfio-pci 0000:00:04.0: AMD-Vi: Event logged [IO_PAGE_FAULT "
				  "domain=0x0014 address=0x5000 flags=0x0000]",
				  &fault),
		 0);
	CHECK_EQ(fault.fault.device.device, 4);
	CHECK_EQ(fault.fault.address, 0x5000);
	CHECK(fault.fault.access == NEST_LOG_READ);
}

TEST(virtio, "virtio's line names the endpoint, and the direction only if it is known")
{
	struct nest_watch_fault fault = { 0 };

	CHECK_EQ(nest_watch_parse("virtio_iommu virtio0: page fault from EP 32 at 0x180e000 []",
				  &fault),
		 0);
	CHECK_EQ(fault.fault.device.bus, 0);
	CHECK_EQ(fault.fault.device.device, 4);
	CHECK_EQ(fault.fault.address, 0x180e000);
	CHECK_EQ(fault.fault.access, NEST_LOG_UNKNOWN);
	CHECK_EQ(nest_watch_parse("virtio_iommu virtio0: domain fault from EP 257 at 0x1000 [W]",
				  &fault),
		 0);
	CHECK_EQ(fault.fault.device.bus, 1);
	CHECK_EQ(fault.fault.device.function, 1);
	CHECK(fault.fault.access == NEST_LOG_WRITE);
}

TEST(strange, "what is no fault line, or only half of one, is ENOENT and writes nothing")
{
	static const char *const lines[] = {
		"",
		"[DMA ",
		"DMAR: DRHD: handling fault status reg 2",
		"DMAR: [INTR-REMAP] Request device [00:01.0] fault index 0x5",
		"DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0] fault addr",
		"DMAR: [DMA Write NO_PASID] Request device [] fault addr 0x1000",
		("DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0000000000000000000] fault "
		 "addr 1"),
		"DMAR: [DMA Write NO_PASID] Request device [zz] fault addr 0x1000",
		"page fault from EP",
		"page fault from EP 99999999 at 0x1000 []",
		"AMD-Vi: Event logged [IO_PAGE_FAULT domain=1 address=0x1000]",
		"pci: AMD-Vi: Event logged [IO_PAGE_FAULT domain=1 address=0x1000]",
		"AMD-Vi: Event logged [IO_PAGE_FAULT device=",
		"AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:01:00.0 domain=1",
	};
	struct nest_watch_fault fault = { .fault.address = 42 };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		CHECK_EQ(nest_watch_parse(lines[i], &fault), -ENOENT);
	CHECK_EQ(fault.fault.address, 42);
}

TEST(found, "the fault of our device at our address is found past those of others")
{
	struct nest_watch_fault fault = { 0 };
	unsigned int others = 9;

	fresh();
	CHECK_EQ(seeks, 1);
	records[0] = OTHER_DEVICE;
	records[1] = OTHER_PAGE;
	records[2] = MODERN;
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, UINT64_C(0x7f1234567008), 100, &fault, &others),
		 1);
	CHECK_EQ(others, 1);
	CHECK_EQ(polls, 0);
	CHECK_EQ(fault.fault.reason, 0x71);
}

TEST(forged, "a line that a program wrote is no fault, and says nothing of lost lines")
{
	struct nest_watch_fault fault = { .fault.address = 42 };

	fresh();
	records[0] = "12,812,9000000,-;DMAR: [DMA Write NO_PASID] Request device [0000:00:01.0] "
		     "fault addr 0x7f1234567000 [fault reason 0x71] SM: text\n";
	records[1] = "14,813,9000001,-;dmar_fault: 17 callbacks suppressed\n";
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, NEST_WATCH_ANY, 0, &fault, NULL), 0);
	CHECK_EQ(at, 2);
	CHECK(!klog.suppressed);
	CHECK_EQ(fault.fault.address, 42);
}

#define SMMU(text) "3,1,1,-;arm-smmu-v3 arm-smmu-v3.0.auto: " text "\n"

TEST(many_records, "a fault that takes several records is found when its address is there")
{
	struct nest_watch_fault fault = { 0 };

	fresh();
	records[0] = SMMU("event 0x10 received:");
	records[1] = SMMU("\t0x0000000800000010");
	records[2] = SMMU("\t0x0000000000000000");
	records[3] = SMMU("\t0x0000000000001000");
	records[4] = SMMU("\t0x0000000000000000");
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0x1000, 0, &fault, NULL), 1);
	CHECK_EQ(at, 4);
	CHECK_EQ(fault.fault.access, NEST_LOG_WRITE);
	CHECK_STR(fault.text, "arm-smmu-v3.0.auto: event 0x10 received:");
}

TEST(late, "a line that comes while waiting is found, and none within the time is 0")
{
	struct nest_watch_fault fault = { 0 };

	fresh();
	records[1] = MODERN;
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, UINT64_C(0x7f1234567000), 100, &fault, NULL),
		 1);
	CHECK_EQ(polls, 1);
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, UINT64_C(0x7f1234567000), 100, &fault, NULL),
		 0);
}

TEST(flooded, "records that never end do not keep the wait from its end")
{
	struct nest_watch_fault fault = { .fault.address = 42 };

	fresh();
	flood = "6,1,1,-;audit: one of many\n";
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0x1000, 100, &fault, NULL), 0);
	flood = "14,1,1,-;a program writes into the log\n";
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0x1000, 0, &fault, NULL), 0);
	flood = NULL;
	CHECK_EQ(fault.fault.address, 42);
}

TEST(interrupted, "a signal ends the wait")
{
	struct nest_watch_fault fault = { .fault.address = 42 };

	fresh();
	poll_result = -EINTR;
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0x1000, 100, &fault, NULL), -EINTR);
	CHECK_EQ(fault.fault.address, 42);
}

TEST(suppressed, "dropped lines and overwritten records are remembered until the next skip")
{
	struct nest_watch_fault fault;

	fresh();
	records[0] = "4,1,1,-;dmar_fault: 17 callbacks suppressed\n";
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0x1000, 0, &fault, NULL), 0);
	CHECK(klog.suppressed);
	CHECK_EQ(nest_watch_skip(&ctx, &klog), 0);
	CHECK(!klog.suppressed);
	errors[1] = -EPIPE;
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0x1000, 0, &fault, NULL), 0);
	CHECK(klog.suppressed);
}

TEST(forbidden, "a log that may not be read says why, each time it is asked")
{
	struct nest_watch_fault fault;

	open_result = -EPERM;
	ctx.undo.count = 0;
	nest_watch_open(&ctx, &klog);
	CHECK_EQ(klog.err, -EPERM);
	CHECK_EQ(ctx.undo.count, 0);
	CHECK_EQ(nest_watch_skip(&ctx, &klog), -EPERM);
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0, 0, &fault, NULL), -EPERM);
}

TEST(closed, "the undo closes the log")
{
	fresh();
	CHECK_EQ(ctx.undo.count, 1);
	CHECK_EQ(nest_undo_run(&ctx, 0, NULL, NULL), 0);
	CHECK_EQ(closes, 1);
}

TEST(bridged, "a device below a bridge is known by the bridge's addresses too")
{
	struct nest_watch_names names = { { { 0, 4, 1, 0 }, { 0, 3, 0, 0 }, { 0, 4, 0, 0 } }, 3 };
	struct nest_watch_fault fault = { 0 };

	fresh();
	records[0] = "4,1,1,-;DMAR: [DMA Write NO_PASID] Request device [0000:04:00.0] fault addr "
		     "0x1000 [fault reason 0x71] SM: text\n";
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &edu, 0x1000, 0, &fault, NULL), 0);
	at = 0;
	CHECK_EQ(nest_watch_wait(&ctx, &klog, &names, 0x1000, 0, &fault, NULL), 1);
}

int main(void)
{
	return test_main();
}
