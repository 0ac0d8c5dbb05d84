// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's log: /dev/kmsg as devkmsg_read() gives it, fault lines as dmar_fault() has them. */
#include "fake-device.h"
#include "fake-smmu.h"
#include "fake-vfio.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RECORDS    4096
#define LINE_SIZE      400

#define LIMIT_INTERVAL UINT64_C(5000000000) /* DEFAULT_RATELIMIT_INTERVAL */
#define LIMIT_BURST    10		    /* DEFAULT_RATELIMIT_BURST */

static char *records[MAX_RECORDS];
static size_t nrecords;
static struct {
	uint64_t begin;
	unsigned int printed;
} limit;

void fake_kmsg(int level, const char *fmt, ...)
{
	char text[LINE_SIZE - 64], *record = malloc(LINE_SIZE);
	va_list args;

	if (!record)
		abort();
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(record, LINE_SIZE, "%d,%zu,%llu,-;%s\n", level, nrecords,
		 (unsigned long long)fake_now() / 1000, text);
	if (nrecords == MAX_RECORDS)
		abort();
	records[nrecords++] = record;
}

/*
 * dma_remap_fault_reasons[] and dma_remap_sm_fault_reasons[], as far as this unit has the reasons
 */
static const struct {
	int reason;
	const char *text;
} reasons[] = {
	{ 0x02, "Present bit in context entry is clear" },
	{ 0x04, "Access beyond MGAW" },
	{ 0x05, "PTE Write access is not set" },
	{ 0x06, "PTE Read access is not set" },
	{ 0x59, "SM: Present bit in PASID Table Entry is clear" },
	{ 0x5b, "SM: Invalid Scalable-Mode PASID Table Entry" },
	{ 0x71, "SM: Present bit in first-level paging entry is clear" },
	{ 0x72, "SM: Non-zero reserved field set in first-level paging entry" },
	{ 0x74, "SM: First-level entry address beyond MGAW in Nested translation" },
	{ 0x75, "SM: Read permission error in FL-PML4 entry in Nested translation" },
	{ 0x76, "SM: Read permission error in first-level paging entry in Nested translation" },
	{ 0x77, "SM: Write permission error in first-level paging entry in Nested translation" },
	{ 0x79, "SM: Read/Write permission error in second-level paging entry" },
	{ 0x80, "SM: Address in first-level translation is not canonical" },
	{ 0x81, "SM: U/S set 0 for first-level translation with user privilege" },
	{ 0x84, "SM: Second-level entry address beyond the max" },
	{ 0x85, "SM: No write permission for Write/AtomicOp request" },
	{ 0x86, "SM: No read permission for Read/AtomicOp request" },
};

static bool may_print(void)
{
	uint64_t now = fake_now();

	if (!fake_machine.fault_limit)
		return true;
	if (!limit.begin || now - limit.begin >= LIMIT_INTERVAL) {
		limit.begin = now;
		limit.printed = 0;
	}
	return limit.printed++ < LIMIT_BURST;
}

/* arm_smmu_dump_raw_event(), arm_smmu_dump_event(): a record is all of these lines */
void fake_kmsg_event(const struct fake_device *dev, const uint64_t words[4])
{
	static const char *const names[] = { "F_TRANSLATION", "F_ADDR_SIZE", "F_ACCESS",
					     "F_PERMISSION" };
	static const char *const classes[] = { "CD fetch", "Stage 1 translation table fetch",
					       "Input address caused fault", "Reserved" };
	const char *unit = "arm-smmu-v3 arm-smmu-v3.0.auto:";
	unsigned int code = words[0] & 0xff, sid = (unsigned int)(words[0] >> 32);
	bool has_address = code >= 0x10 && code <= 0x13;
	size_t i;

	if (!may_print())
		return;
	fake_kmsg(6, "%s event 0x%02x received:", unit, code);
	for (i = 0; i < 4; i++)
		fake_kmsg(6, "%s \t0x%016llx", unit, (unsigned long long)words[i]);
	if (!has_address) {
		fake_kmsg(3, "%s event: C_BAD_CD client: %s sid: %#x ssid: 0x0", unit, dev->address,
			  sid);
		return;
	}
	fake_kmsg(3, "%s event: %s client: %s sid: %#x ssid: 0x0 iova: %#llx ipa: %#llx", unit,
		  names[code - 0x10], dev->address, sid, (unsigned long long)words[2],
		  (unsigned long long)words[3]);
	fake_kmsg(3, "%s unpriv data %s s%d \"%s\" stag: 0x0", unit,
		  words[1] >> 35 & 1 ? "read" : "write", words[1] >> 39 & 1 ? 2 : 1,
		  classes[words[1] >> 40 & 3]);
}

static int fault_format(void)
{
	if (fake_machine.fault_format)
		return fake_machine.fault_format;
	if (!fake_since(5, 13))
		return 1;
	return fake_since(7, 0) ? 3 : 2;
}

void fake_kmsg_fault(const struct fake_device *dev, uint32_t pasid, bool write, uint64_t addr,
		     int reason)
{
	const char *what = write ? "DMA Write" : "DMA Read", *text = "Unknown";
	const char *device = strchr(dev->address, ':') + 1;
	unsigned long long page = addr & ~(uint64_t)(FAKE_PAGE - 1);
	char with[24] = "NO_PASID";
	bool print;
	size_t i;

	if (fake_machine.iommu == FAKE_SMMUV3) {
		/* the kernel's own table: what VT-d calls no right to write is a permission fault
		 */
		fake_smmu_report(dev, NULL, write, addr,
				 reason == 0x85 || reason == 0x05 ? FAKE_EVENT_PERMISSION
								  : FAKE_EVENT_TRANSLATION);
		return;
	}
	if (fake_machine.flaws & FAKE_FLAW_SILENT_FAULT || fake_machine.iommu != FAKE_VTD)
		return;
	if ((fake_machine.flaws & FAKE_FLAW_RESERVED_LOST && reason == 0x72) ||
	    (fake_machine.flaws & FAKE_FLAW_SECOND_LOST && reason >= 0x78 && reason <= 0x7b) ||
	    (fake_machine.flaws & FAKE_FLAW_PASID_LOST && pasid != FAKE_NO_PASID))
		return;
	if (fake_machine.flaws & FAKE_FLAW_NO_PASID)
		pasid = FAKE_NO_PASID;
	if (fake_machine.flaws & FAKE_FLAW_FAULT_ADDR)
		page += FAKE_PAGE;
	if (fake_machine.flaws & FAKE_FLAW_DIRECTION)
		what = write ? "DMA Read" : "DMA Write";
	if (fake_machine.flaws & FAKE_FLAW_REASON)
		reason ^= 1;
	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].reason == reason)
			text = reasons[i].text;
	/*
	 * dmar_fault() takes from the limit for the status line, the fault, and the look for
	 * another.
	 */
	if (may_print())
		fake_kmsg(3, "DMAR: DRHD: handling fault status reg 2");
	print = may_print();
	may_print();
	if (!print)
		return;
	if (pasid != FAKE_NO_PASID)
		snprintf(with, sizeof(with), "PASID 0x%x", pasid);
	switch (fault_format()) {
	case 1:
		fake_kmsg(3,
			  "DMAR: [%s] Request device [%s] PASID %x fault addr %llx [fault reason "
			  "%02d] %s",
			  what, device, pasid == FAKE_NO_PASID ? UINT32_MAX : pasid, page, reason,
			  text);
		break;
	case 2:
		fake_kmsg(3,
			  "DMAR: [%s %s] Request device [%s] fault addr 0x%llx [fault reason "
			  "0x%02x] %s",
			  what, with, device, page, (unsigned int)reason, text);
		break;
	default:
		fake_kmsg(3,
			  "DMAR: [%s %s] Request device [%s] fault addr 0x%llx [fault reason "
			  "0x%02x] %s",
			  what, with, dev->address, page, (unsigned int)reason, text);
	}
}

void fake_kmsg_boot(void)
{
	size_t i;

	fake_kmsg(5, "Linux version %s (fake)", fake_machine.release);
	if (fake_machine.abi == FAKE_NONE || fake_machine.iommu != FAKE_VTD)
		return;
	fake_kmsg(6, "DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap %llx ecap %llx",
		  (unsigned long long)fake_machine.cap, (unsigned long long)fake_machine.ecap);
	for (i = 0; i < fake_machine.ndevices; i++)
		fake_kmsg(6, "pci %s: Adding to iommu group %u", fake_machine.devices[i]->address,
			  fake_machine.devices[i]->group->id);
}

/* devkmsg_read(): one record a call, EINVAL if it does not fit (and it is skipped) */
static ssize_t kmsg_read(struct fake_file *file, void *buf, size_t len)
{
	size_t need;

	if (file->position >= nrecords) {
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		fake_violation("read of the kernel's log would wait for ever");
		return -EINTR;
	}
	need = strlen(records[file->position]);
	file->position++;
	if (need > len)
		return -EINVAL;
	memcpy(buf, records[file->position - 1], need);
	return (ssize_t)need;
}

/* devkmsg_llseek() */
static int kmsg_seek_end(struct fake_file *file)
{
	file->position = nrecords;
	return 0;
}

static bool kmsg_readable(struct fake_file *file)
{
	return file->position < nrecords;
}

const struct fake_file_ops fake_kmsg_ops = {
	.kind = "kernel log",
	.read = kmsg_read,
	.seek_end = kmsg_seek_end,
	.readable = kmsg_readable,
};

void fake_kmsg_reset(void)
{
	while (nrecords)
		free(records[--nrecords]);
	memset(&limit, 0, sizeof(limit));
}
