// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An NVMe controller as far as its admin queue and Identify Controller go (NVM Express Base
 * Specification 2.0, 3.1.3, 4.1, 5.17); any other command is held against the program, since it
 * might reach the media. Behaviour at the edges is that of QEMU's hw/nvme/ctrl.c.
 */
#include "fake-device.h"
#include "fake-iommu.h"

#include <stdlib.h>
#include <string.h>

enum {
	REG_CAP = 0x00,
	REG_VS = 0x08,
	REG_INTMS = 0x0c,
	REG_INTMC = 0x10,
	REG_CC = 0x14,
	REG_CSTS = 0x1c,
	REG_AQA = 0x24,
	REG_ASQ = 0x28,
	REG_ACQ = 0x30,
	REG_DOORBELLS = 0x1000,
};

#define CAP		      UINT64_C(0x004008200f0107ff) /* QEMU's: 4 KiB pages and more, 7.5 s, 2048 entries */
#define VERSION		      0x00010400u
#define CC_EN		      1u
#define CSTS_RDY	      1u
#define CSTS_CFS	      2u

#define IDENTIFY	      0x06
#define IDENTIFY_CONTROLLER   1
#define STATUS_INVALID_OPCODE 0x4001u /* do not retry */
#define COMMAND_TIME	      20000u  /* ns from the doorbell on */

struct nvme {
	uint32_t cc, csts, aqa, mask;
	uint64_t asq, acq, due;
	uint32_t sq_head, sq_tail, cq_tail, phase;
};

struct command {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t nsid, reserved[4];
	uint64_t prp1, prp2;
	uint32_t cdw10[6];
};
_Static_assert(sizeof(struct command) == 64, "submission queue entry");

static void nvme_init(struct fake_device *dev)
{
	dev->state = calloc(1, sizeof(struct nvme));
	if (!dev->state)
		abort();
}

static void nvme_reset(struct fake_device *dev)
{
	memset(dev->state, 0, sizeof(struct nvme));
}

/* DMA of the controller; false if the bus refused any of it. */
static bool dma(struct fake_device *dev, uint64_t address, void *buf, size_t len, bool to_memory)
{
	return fake_device_is_master(dev) &&
	       !fake_iommu_dma(dev, FAKE_NO_PASID, address, buf, len, to_memory);
}

static uint32_t identify(struct fake_device *dev, const struct command *command)
{
	uint8_t page[FAKE_PAGE] = { 0x36, 0x1b, 0xf4, 0x1a };
	size_t first;

	if (command->opcode != IDENTIFY || (command->cdw10[0] & 0xff) != IDENTIFY_CONTROLLER) {
		fake_violation("%s got command 0x%02x, which is not Identify Controller",
			       dev->address, command->opcode);
		return STATUS_INVALID_OPCODE;
	}
	memcpy(page + 4, "fake-serial         fake NVMe controller", 40);
	page[512] = 0x66;
	page[513] = 0x44;
	/* Whether it got through is not in the completion, as in QEMU. */
	first = FAKE_PAGE - command->prp1 % FAKE_PAGE;
	if (command->prp1 % 4 || (first < sizeof(page) && command->prp2 % FAKE_PAGE))
		fake_violation("%s: PRPs 0x%llx, 0x%llx", dev->address,
			       (unsigned long long)command->prp1,
			       (unsigned long long)command->prp2);
	dma(dev, command->prp1, page, first, true);
	if (first < sizeof(page))
		dma(dev, command->prp2, page + first, sizeof(page) - first, true);
	return 0;
}

/* A queue that cannot be reached is fatal to the controller. */
static bool run_command(struct fake_device *dev, struct nvme *nvme)
{
	struct command command;
	uint32_t depth = (nvme->aqa & 0xfff) + 1, cq_depth = (nvme->aqa >> 16 & 0xfff) + 1, cqe[4];

	if (!dma(dev, nvme->asq + nvme->sq_head * sizeof(command), &command, sizeof(command),
		 false))
		return false;
	nvme->sq_head = (nvme->sq_head + 1) % depth;
	cqe[0] = cqe[1] = 0;
	cqe[3] = identify(dev, &command) << 17 | nvme->phase << 16 | command.id;
	cqe[2] = nvme->sq_head;
	if (!dma(dev, nvme->acq + nvme->cq_tail * sizeof(cqe), cqe, sizeof(cqe), true))
		return false;
	nvme->cq_tail = (nvme->cq_tail + 1) % cq_depth;
	if (!nvme->cq_tail)
		nvme->phase ^= 1;
	return true;
}

static uint64_t nvme_due(const struct fake_device *dev)
{
	const struct nvme *nvme = dev->state;

	return nvme->due ? nvme->due : UINT64_MAX;
}

static void nvme_tick(struct fake_device *dev)
{
	struct nvme *nvme = dev->state;

	nvme->due = 0;
	while (nvme->csts == CSTS_RDY && nvme->sq_head != nvme->sq_tail)
		if (!run_command(dev, nvme))
			nvme->csts |= CSTS_CFS;
}

static uint64_t register_of(const struct nvme *nvme, uint64_t offset)
{
	switch (offset) {
	case REG_CAP:
		return CAP;
	case REG_VS:
		return VERSION;
	case REG_INTMS:
	case REG_INTMC:
		return nvme->mask;
	case REG_CC:
		return nvme->cc;
	case REG_CSTS:
		return nvme->csts;
	case REG_AQA:
		return nvme->aqa;
	case REG_ASQ:
		return nvme->asq;
	case REG_ACQ:
		return nvme->acq;
	}
	return 0;
}

static uint64_t nvme_read(struct fake_device *dev, uint64_t offset, unsigned int size)
{
	const struct nvme *nvme = dev->state;
	uint64_t base = offset & ~UINT64_C(7);
	/* The 64-bit registers may be read in halves. */
	uint64_t value = base == REG_CAP || base == REG_ASQ || base == REG_ACQ
				 ? register_of(nvme, base) >> 8 * (offset & 7)
				 : register_of(nvme, offset);

	return size == 8 ? value : value & ((UINT64_C(1) << 8 * size) - 1);
}

static void enable(struct nvme *nvme, uint32_t cc)
{
	bool was = nvme->cc & CC_EN;

	nvme->cc = cc;
	if (!was && cc & CC_EN) {
		/* nvme_start_ctrl(): queues must be whole pages with room for an entry */
		nvme->csts = nvme->asq && nvme->acq && !(nvme->asq % FAKE_PAGE) &&
					     !(nvme->acq % FAKE_PAGE) && nvme->aqa & 0xfff
				     ? CSTS_RDY
				     : CSTS_CFS;
		nvme->phase = 1;
		nvme->sq_head = nvme->sq_tail = nvme->cq_tail = 0;
	} else if (was && !(cc & CC_EN)) {
		/* A controller reset keeps the admin queue's registers. */
		nvme->csts = 0;
		nvme->due = 0;
	}
}

static void put_half(uint64_t *to, uint64_t offset, unsigned int size, uint64_t value)
{
	memcpy((uint8_t *)to + (offset & 7), &value, size);
}

static void nvme_write(struct fake_device *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	struct nvme *nvme = dev->state;

	switch (offset) {
	case REG_INTMS:
		nvme->mask |= (uint32_t)value;
		return;
	case REG_INTMC:
		nvme->mask &= ~(uint32_t)value;
		return;
	case REG_CC:
		enable(nvme, (uint32_t)value);
		return;
	case REG_AQA:
		nvme->aqa = (uint32_t)value;
		return;
	case REG_ASQ:
	case REG_ASQ + 4:
		put_half(&nvme->asq, offset, size, value);
		return;
	case REG_ACQ:
	case REG_ACQ + 4:
		put_half(&nvme->acq, offset, size, value);
		return;
	case REG_DOORBELLS:
		nvme->sq_tail = (uint32_t)value % ((nvme->aqa & 0xfff) + 1);
		nvme->due = fake_now() + COMMAND_TIME;
		return;
	case REG_DOORBELLS + 4: /* completions taken: room is not looked after here */
		return;
	}
	if (offset >= REG_DOORBELLS)
		fake_violation("%s: doorbell of a queue that does not exist", dev->address);
}

const struct fake_model fake_nvme_model = {
	.name = "nvme",
	.vendor = 0x1b36,
	.device = 0x0010,
	.class = 0x010802,
	.bar_size = 0x4000,
	.express = true,
	.flr = true,
	.msix = 65,
	.init = nvme_init,
	.reset = nvme_reset,
	.read = nvme_read,
	.write = nvme_write,
	.due = nvme_due,
	.tick = nvme_tick,
};
