// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Data Streaming Accelerator as its specification has it (Intel DSA 3.0, chapters 3, 5, 8, 9), as
 * far as NOOP and MEMMOVE go: four work queues, two groups, two engines. What the device would drop
 * without a word is a violation here, and what would halt it halts it.
 */
#include "fake-device.h"
#include "fake-iommu.h"
#include "fake-iommufd.h"

#include <stdlib.h>
#include <string.h>

#include "uapi/iommufd.h"

enum {
	VERSION = 0x00,
	GENCAP = 0x10,
	WQCAP = 0x20,
	GRPCAP = 0x30,
	ENGCAP = 0x38,
	OPCAP = 0x40,
	OFFSETS = 0x60,
	GENSTS = 0x90,
	CMD = 0xa0,
	CMDSTS = 0xa8,
	SWERR = 0xc0,
	GROUPS_AT = 0x600,
	QUEUES_AT = 0x800,
};

#define QUEUES	4u
#define GROUPS	2u
#define ENTRIES 64u
#define BAR2	(UINT64_C(2) << 40) /* where its offsets begin */

enum { DISABLED, ENABLED, DRAINING, HALTED };
enum { ENABLE_DEVICE = 1, RESET_DEVICE = 5, ENABLE_WQ = 6, DRAIN_WQ = 8, RESET_WQ = 10 };

#define MODE_DEDICATED (1u << 0)
#define MODE_BLOCK     (1u << 1)
#define MODE_NO_ATS    (1u << 2)
#define MODE_PASID     (1u << 28)

#define FLAG_BLOCK     0x2u
#define FLAG_CRAV      0x4u
#define FLAG_RCR       0x8u

#define WORK_NS	       20000u

struct descriptor {
	uint32_t pasid, operation;
	uint64_t record, from, to;
	uint32_t len, handle;
	uint64_t reserved[3];
};
_Static_assert(sizeof(struct descriptor) == 64, "descriptor");

struct work {
	bool there, waits; /* for the answer to a page request */
	struct descriptor what;
	uint64_t page;
	bool write;
	uint32_t group;
	int answer; /* -1: none yet */
	uint32_t done_bytes;
};

struct dsa {
	uint32_t state, status, drain; /* drain: set of queues */
	uint64_t error[4];
	struct {
		uint32_t words[8];
		struct work work; /* one at a time is all that is asked of it */
	} queues[QUEUES];
	uint64_t groups[GROUPS][8];
	uint32_t group_id;
	uint64_t due;
};

static void clear_queue(struct dsa *dsa, unsigned int queue, bool all)
{
	uint32_t size = dsa->queues[queue].words[0];

	memset(&dsa->queues[queue], 0, sizeof(dsa->queues[queue]));
	if (!all)
		dsa->queues[queue].words[0] = size;
}

static void dsa_reset(struct fake_device *dev)
{
	memset(dev->state, 0, sizeof(struct dsa));
}

static void dsa_init(struct fake_device *dev)
{
	dev->state = calloc(1, sizeof(struct dsa));
	if (!dev->state)
		abort();
	fake_config_add_ext(dev, 0x0f, 1, 8);
	fake_config_add_ext(dev, 0x13, 1, 16);
	dev->ats = dev->pri = true;
	if (!dev->pasid_bits)
		dev->pasid_bits = 20;
}

static bool is_enabled(const struct dsa *dsa, unsigned int queue)
{
	return queue < QUEUES && dsa->queues[queue].words[6] >> 30 == 1;
}

static uint32_t pasid_of(const struct dsa *dsa, unsigned int queue)
{
	uint32_t mode = dsa->queues[queue].words[2];

	return mode & MODE_PASID ? mode >> 8 & 0xfffff : FAKE_NO_PASID;
}

static bool has_ats(const struct dsa *dsa, unsigned int queue)
{
	return !(dsa->queues[queue].words[2] & MODE_NO_ATS);
}

static void set_error(struct dsa *dsa, unsigned int queue, unsigned int code, uint64_t address)
{
	if (dsa->error[0] & 1) {
		dsa->error[0] |= 2;
		return;
	}
	dsa->error[0] = 1 | 8 | (uint64_t)code << 8 | (uint64_t)queue << 16;
	dsa->error[2] = address;
}

/* ---- commands ---- */

static unsigned int enable_device(const struct fake_device *dev, const struct dsa *dsa)
{
	unsigned int queue, group, size = 0;

	if (dsa->state != DISABLED)
		return 0x10;
	if (!fake_device_is_master(dev))
		return 0x12;
	for (queue = 0; queue < QUEUES; queue++) {
		unsigned int in = 0;

		size += dsa->queues[queue].words[0];
		for (group = 0; group < GROUPS; group++)
			in += dsa->groups[group][0] >> queue & 1;
		if (in != (dsa->queues[queue].words[0] != 0))
			return 0x15;
	}
	for (group = 0; group < GROUPS; group++)
		if (!dsa->groups[group][0] != !dsa->groups[group][4])
			return 0x16;
	if (dsa->groups[0][4] & dsa->groups[1][4])
		return 0x17;
	return size > ENTRIES ? 0x14 : 0;
}

static unsigned int enable_queue(const struct fake_device *dev, struct dsa *dsa, unsigned int queue)
{
	const uint32_t *words;

	if (queue >= QUEUES)
		return 0x02;
	words = dsa->queues[queue].words;
	if (dsa->state != ENABLED)
		return 0x20;
	if (is_enabled(dsa, queue))
		return 0x21;
	if (!words[0])
		return 0x22;
	if (!(words[2] >> 4 & 0xf))
		return 0x23;
	if (!(words[2] & MODE_DEDICATED) || words[1])
		return 0x24;
	if (words[2] & MODE_BLOCK && !fake_device_has_pri(dev))
		return 0x25;
	if (words[2] & MODE_PASID && !fake_device_pasid_bits(dev))
		return 0x26;
	if (!(words[3] >> 5 & 0xf))
		return 0x27;
	if ((words[3] & 0x1f) > 21)
		return 0x28;
	if (words[2] & 1u << 29)
		return 0x2a;
	dsa->queues[queue].words[6] = 1u << 30;
	return 0;
}

static unsigned int on_queues(struct dsa *dsa, uint32_t set, unsigned int code)
{
	unsigned int queue;

	for (queue = 0; queue < QUEUES; queue++) {
		if (!(set >> queue & 1))
			continue;
		if (code == DRAIN_WQ && !is_enabled(dsa, queue))
			return 0x32;
		if (code == DRAIN_WQ && dsa->queues[queue].work.there)
			dsa->drain |= 1u << queue;
		/* What waits for an answer ends by FLR alone. */
		if (code == RESET_WQ && dsa->queues[queue].work.there)
			dsa->drain |= 1u << queue;
		else if (code == RESET_WQ)
			clear_queue(dsa, queue, false);
	}
	return 0;
}

static unsigned int run(struct fake_device *dev, struct dsa *dsa, unsigned int code,
			uint32_t operand)
{
	if (dsa->state == HALTED)
		return 0x05;
	switch (code) {
	case ENABLE_DEVICE: {
		unsigned int error = enable_device(dev, dsa);

		if (!error)
			dsa->state = ENABLED;
		return error;
	}
	case RESET_DEVICE: {
		uint64_t error[4];

		memcpy(error, dsa->error, sizeof(error));
		dsa_reset(dev);
		memcpy(dsa->error, error, sizeof(error));
		return 0;
	}
	case ENABLE_WQ:
		return enable_queue(dev, dsa, operand);
	case DRAIN_WQ:
	case RESET_WQ:
		return on_queues(dsa, operand, code);
	}
	return 0x01;
}

static void command(struct fake_device *dev, struct dsa *dsa, uint32_t value)
{
	if (dsa->drain) {
		fake_violation("%s got a command while one was active", dev->address);
		set_error(dsa, 0, 0x52, 0);
		return;
	}
	dsa->status = run(dev, dsa, value >> 20 & 0x1f, value & 0xfffff);
}

/* ---- work ---- */

static bool record_status(struct fake_device *dev, struct dsa *dsa, unsigned int queue,
			  unsigned int status)
{
	const struct work *work = &dsa->queues[queue].work;
	uint32_t pasid = pasid_of(dsa, queue), record[8] = { status, work->done_bytes };
	uint64_t at = work->what.record;

	if (!(work->what.operation & FLAG_CRAV))
		return status == 1;
	if ((status & 0x3f) == 3 || (status & 0x3f) == 4)
		memcpy(&record[2], &work->page, 8);
	if (has_ats(dsa, queue) && !fake_iommu_translates(dev, pasid, at, true)) {
		set_error(dsa, queue, 0x1a, at);
		return true;
	}
	fake_iommu_dma(dev, pasid, at, record, sizeof(record), true);
	return true;
}

static void finish(struct fake_device *dev, struct dsa *dsa, unsigned int queue,
		   unsigned int status)
{
	if (!record_status(dev, dsa, queue, status))
		set_error(dsa, queue, status, dsa->queues[queue].work.page);
	dsa->queues[queue].work.there = false;
	dsa->drain &= ~(1u << queue);
}

static unsigned int check(const struct dsa *dsa, unsigned int queue, const struct descriptor *what)
{
	unsigned int op = what->operation >> 24, flags = what->operation & 0xffffff;

	if (op != 0x00 && op != 0x03)
		return 0x10;
	if (flags & ~(FLAG_BLOCK | FLAG_CRAV | FLAG_RCR) ||
	    (flags & FLAG_BLOCK && (!op || !(dsa->queues[queue].words[2] & MODE_BLOCK))) ||
	    (flags & FLAG_RCR && !(flags & FLAG_CRAV)))
		return 0x11;
	if (what->pasid || what->handle || what->reserved[0] || what->reserved[1] ||
	    what->reserved[2])
		return 0x12;
	if (op && (!what->len || what->len > 1u << (dsa->queues[queue].words[3] & 0x1f)))
		return 0x13;
	return 0;
}

/* Through the device's own request for a translation: 0, or the status; -1: it waits. */
static int reach(struct fake_device *dev, struct dsa *dsa, unsigned int queue, uint64_t page,
		 bool write)
{
	struct work *work = &dsa->queues[queue].work;
	uint32_t pasid = pasid_of(dsa, queue);
	int answer = work->answer;

	if (fake_iommu_translates(dev, pasid, page, write))
		return 0;
	work->page = page & ~UINT64_C(0xfff);
	work->write = write;
	work->answer = -1;
	if (!(work->what.operation & FLAG_BLOCK))
		return 0x03 | (write ? 0x80 : 0);
	if (answer == IOMMUFD_PAGE_RESP_INVALID)
		return 0x04 | (write ? 0x80 : 0);
	if (answer > IOMMUFD_PAGE_RESP_INVALID)
		return 0x22;
	work->waits = true;
	work->group = ++dsa->group_id & 0x1ff;
	fake_fault_report(dev, pasid, work->page,
			  IOMMU_PGFAULT_PERM_READ | (write ? IOMMU_PGFAULT_PERM_WRITE : 0),
			  work->group, true);
	return -1;
}

static int move(struct fake_device *dev, struct dsa *dsa, unsigned int queue)
{
	const struct descriptor *what = &dsa->queues[queue].work.what;
	uint32_t pasid = pasid_of(dsa, queue);
	uint8_t bytes[8192];
	uint64_t at;
	int status = 0;

	for (at = what->from; has_ats(dsa, queue) && !status && at < what->from + what->len;
	     at = (at | 0xfff) + 1)
		status = reach(dev, dsa, queue, at, false);
	for (at = what->to; has_ats(dsa, queue) && !status && at < what->to + what->len;
	     at = (at | 0xfff) + 1)
		status = reach(dev, dsa, queue, at, true);
	if (status)
		return status;
	if (fake_iommu_dma(dev, pasid, what->from, bytes, what->len, false))
		return 0x20;
	/* Posted: the device does not hear that a write was blocked. */
	fake_iommu_dma(dev, pasid, what->to, bytes, what->len, true);
	return 0x01;
}

static void work_on(struct fake_device *dev, struct dsa *dsa, unsigned int queue)
{
	struct work *work = &dsa->queues[queue].work;
	unsigned int error = check(dsa, queue, &work->what);
	int status = error ? (int)error : work->what.operation >> 24 ? move(dev, dsa, queue) : 1;

	if (status > 0)
		finish(dev, dsa, queue, (unsigned int)status);
}

/* Each group has an engine of its own, which one that waits holds up. */
static bool is_held_up(const struct dsa *dsa, unsigned int queue)
{
	unsigned int group, other;

	for (group = 0; group < GROUPS; group++)
		for (other = 0; other < QUEUES; other++)
			if (dsa->groups[group][0] >> queue & 1 &&
			    dsa->groups[group][0] >> other & 1 && dsa->queues[other].work.waits)
				return true;
	return false;
}

static uint64_t dsa_due(const struct fake_device *dev)
{
	const struct dsa *dsa = dev->state;

	return dsa->due ? dsa->due : UINT64_MAX;
}

static void dsa_tick(struct fake_device *dev)
{
	struct dsa *dsa = dev->state;
	unsigned int queue;

	dsa->due = 0;
	for (queue = 0; dsa->state == ENABLED && queue < QUEUES; queue++)
		if (dsa->queues[queue].work.there && !dsa->queues[queue].work.waits &&
		    !is_held_up(dsa, queue))
			work_on(dev, dsa, queue);
}

static void dsa_store(struct fake_device *dev, uint64_t offset, const uint64_t words[8])
{
	struct dsa *dsa = dev->state;
	unsigned int queue = (unsigned int)((offset - BAR2) / 0x4000);

	if (offset < BAR2 || queue >= QUEUES) {
		fake_violation("%s: 64 bytes written to 0x%llx", dev->address,
			       (unsigned long long)offset);
		return;
	}
	if (!is_enabled(dsa, queue) || dsa->queues[queue].work.there) {
		fake_violation("%s: work for queue %u, which is %s", dev->address, queue,
			       is_enabled(dsa, queue) ? "full" : "off");
		return;
	}
	dsa->queues[queue].work = (struct work){ .there = true, .answer = -1 };
	memcpy(&dsa->queues[queue].work.what, words, sizeof(struct descriptor));
	dsa->due = fake_now() + WORK_NS;
}

static void dsa_response(struct fake_device *dev, uint32_t group, uint32_t code)
{
	struct dsa *dsa = dev->state;
	unsigned int queue;

	for (queue = 0; queue < QUEUES; queue++) {
		struct work *work = &dsa->queues[queue].work;

		if (!work->there || !work->waits || work->group != group)
			continue;
		work->waits = false;
		work->answer = (int)code;
		dsa->due = fake_now() + WORK_NS;
	}
}

/* ---- registers ---- */

/* A change of bus mastering halts a device that is not disabled. */
static void look_at_bus(const struct fake_device *dev, struct dsa *dsa)
{
	if (dsa->state != ENABLED || fake_device_is_master(dev))
		return;
	dsa->state = HALTED;
	set_error(dsa, 0, 0x51, 0);
}

static uint64_t dsa_read(struct fake_device *dev, uint64_t offset, unsigned int size)
{
	struct dsa *dsa = dev->state;

	look_at_bus(dev, dsa);
	if (offset >= QUEUES_AT && offset < QUEUES_AT + QUEUES * 32 && size == 4)
		return dsa->queues[(offset - QUEUES_AT) / 32].words[(offset - QUEUES_AT) % 32 / 4];
	switch (offset) {
	case VERSION:
		return 0x100;
	case GENCAP: /* configurable, batches of 32, 2 MiB, overlap, block on fault */
		return 0x80000000u | 5u << 21 | 21u << 16 | 3;
	case WQCAP:
		return UINT64_C(0xf) << 48 | QUEUES << 16 | ENTRIES;
	case GRPCAP:
		return GROUPS | 16u << 8;
	case ENGCAP:
		return 2;
	case OPCAP:
		return 0x0f;
	case OFFSETS:
		return QUEUES_AT / 0x100 << 16 | GROUPS_AT / 0x100;
	case GENSTS:
		return dsa->state | (dsa->state == HALTED ? 4 : 0);
	case CMDSTS:
		return dsa->drain ? 1u << 31 : dsa->status;
	case SWERR:
	case SWERR + 8:
	case SWERR + 16:
	case SWERR + 24:
		return size == 8 ? dsa->error[(offset - SWERR) / 8]
				 : dsa->error[(offset - SWERR) / 8] & UINT32_MAX;
	}
	return 0;
}

static void configure(struct fake_device *dev, struct dsa *dsa, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	if (offset >= QUEUES_AT) {
		unsigned int queue = (unsigned int)(offset - QUEUES_AT) / 32;
		unsigned int word = (unsigned int)(offset - QUEUES_AT) % 32 / 4;

		if (size == 4 && word < 6 && !is_enabled(dsa, queue) &&
		    (word || dsa->state == DISABLED)) {
			dsa->queues[queue].words[word] = (uint32_t)value;
			return;
		}
	} else if (size == 8 && dsa->state == DISABLED) {
		dsa->groups[(offset - GROUPS_AT) / 64][(offset - GROUPS_AT) % 64 / 8] = value;
		return;
	}
	fake_violation("%s drops %u bytes written to 0x%llx in this state", dev->address, size,
		       (unsigned long long)offset);
}

static void dsa_write(struct fake_device *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	struct dsa *dsa = dev->state;

	look_at_bus(dev, dsa);
	if ((offset >= GROUPS_AT && offset < GROUPS_AT + GROUPS * 64) ||
	    (offset >= QUEUES_AT && offset < QUEUES_AT + QUEUES * 32))
		configure(dev, dsa, offset, size, value);
	else if (offset == CMD && size == 4)
		command(dev, dsa, (uint32_t)value);
	else if (offset == SWERR)
		dsa->error[0] &= value & 1 ? 0 : UINT64_MAX;
	else
		fake_violation("%s: %u bytes written to 0x%llx", dev->address, size,
			       (unsigned long long)offset);
}

const struct fake_model fake_dsa_model = {
	.name = "dsa",
	.vendor = 0x8086,
	.device = 0x0b25,
	.class = 0x088000,
	.bar_size = 0x10000,
	.bar2_size = QUEUES * 0x4000,
	.express = true,
	.flr = true,
	.msix = 9,
	.init = dsa_init,
	.reset = dsa_reset,
	.read = dsa_read,
	.write = dsa_write,
	.store = dsa_store,
	.due = dsa_due,
	.tick = dsa_tick,
	.response = dsa_response,
};
