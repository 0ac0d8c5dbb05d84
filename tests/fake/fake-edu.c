// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU's teaching device (1234:11e8): registers and DMA engine of hw/misc/edu.c, and the lab's
 * edu-pri, which adds PCI Express, ATS, page requests and a PASID of its own.
 */
#include "fake-device.h"
#include "fake-iommu.h"
#include "fake-iommufd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/iommufd.h"

#define BUFFER_AT	 0x40000
#define BUFFER_SIZE	 4096
#define FACTORIAL_TIME	 1000000u

#define CMD_RUN		 1u
#define CMD_FROM_DEVICE	 2u
#define CMD_IRQ		 4u
#define STATUS_COMPUTING 1u
#define STATUS_IRQ	 0x80u
#define DMA_IRQ		 0x100u
#define FACTORIAL_IRQ	 1u

enum {
	REG_ID = 0x00,
	REG_LIVENESS = 0x04,
	REG_FACTORIAL = 0x08,
	REG_STATUS = 0x20,
	REG_IRQ_STATUS = 0x24,
	REG_IRQ_RAISE = 0x60,
	REG_IRQ_ACK = 0x64,
	REG_DMA_SRC = 0x80,
	REG_DMA_DST = 0x88,
	REG_DMA_COUNT = 0x90,
	REG_DMA_CMD = 0x98,
	REG_PRI = 0xa0, /* edu-pri only, to the end */
	REG_PRI_RESPONSE = 0xa8,
	REG_PASID = 0xb0,
};

struct edu {
	uint32_t liveness, factorial, status, irq_status, pasid;
	uint64_t src, dst, count, cmd;
	int64_t pri_result;
	uint64_t pri_response;
	uint64_t dma_due, factorial_due, again_due; /* 0: idle */
	uint8_t buffer[BUFFER_SIZE];
};

static void edu_init(struct fake_device *dev)
{
	dev->state = calloc(1, sizeof(struct edu));
	if (!dev->state)
		abort();
}

static void edu_pri_init(struct fake_device *dev)
{
	edu_init(dev);
	if (dev->ats)
		fake_config_add_ext(dev, 0x0f, 1, 8);
	if (dev->pri)
		fake_config_add_ext(dev, 0x13, 1, 16);
	/* The PASID capability is not seen through vfio-pci, which hides it (vfio_pci_config.c). */
}

static void edu_reset(struct fake_device *dev)
{
	memset(dev->state, 0, sizeof(struct edu));
}

/*
 * The buffer's part the engine is told to use; NULL where the real one would leave its buffer. That
 * of QEMU 7.2 ends the machine where it only reaches the end.
 */
static uint8_t *in_buffer(struct fake_device *dev, struct edu *edu, uint64_t at)
{
	if (at >= BUFFER_AT && edu->count < BUFFER_SIZE &&
	    at - BUFFER_AT < BUFFER_SIZE - edu->count)
		return edu->buffer + (at - BUFFER_AT);
	fake_violation("%s was told to use 0x%llx bytes at 0x%llx of its buffer", dev->address,
		       (unsigned long long)edu->count, (unsigned long long)at);
	return NULL;
}

static void run_dma(struct fake_device *dev, struct edu *edu)
{
	bool to_memory = edu->cmd & CMD_FROM_DEVICE;
	uint64_t address = to_memory ? edu->dst : edu->src;
	uint8_t *buffer = in_buffer(dev, edu, to_memory ? edu->src : edu->dst);

	if (edu->dma_due && fake_machine.flaws & FAKE_FLAW_AGAIN)
		edu->again_due = fake_now() + 300000000;
	edu->dma_due = 0;
	edu->cmd &= ~(uint64_t)CMD_RUN;
	if (edu->cmd & CMD_IRQ)
		edu->irq_status |= DMA_IRQ;
	/* Without the bus master bit a DMA vanishes silently. */
	if (!buffer || !fake_device_is_master(dev))
		return;
	if (!edu->pasid)
		address &= dev->dma_mask;
	fake_iommu_dma(dev, edu->pasid, address, buffer, edu->count, to_memory);
}

static uint64_t edu_due(const struct fake_device *dev)
{
	const struct edu *edu = dev->state;
	uint64_t due = UINT64_MAX;

	if (edu->dma_due)
		due = edu->dma_due;
	if (edu->again_due && edu->again_due < due)
		due = edu->again_due;
	if (edu->factorial_due && edu->factorial_due < due)
		due = edu->factorial_due;
	return due;
}

static void edu_tick(struct fake_device *dev)
{
	struct edu *edu = dev->state;

	if (edu->factorial_due && edu->factorial_due <= fake_now()) {
		uint32_t n = edu->factorial, product = 1;

		while (n > 0)
			product *= n--;
		edu->factorial = product;
		edu->factorial_due = 0;
		edu->status &= ~STATUS_COMPUTING;
		if (edu->status & STATUS_IRQ)
			edu->irq_status |= FACTORIAL_IRQ;
	}
	if (edu->dma_due && edu->dma_due <= fake_now())
		run_dma(dev, edu);
	if (edu->again_due && edu->again_due <= fake_now()) {
		edu->again_due = 0;
		run_dma(dev, edu);
	}
}

static bool is_pri(const struct fake_device *dev)
{
	return dev->model == &fake_edu_pri_model;
}

static uint64_t edu_read(struct fake_device *dev, uint64_t offset, unsigned int size)
{
	const struct edu *edu = dev->state;

	if (offset < 0x80 ? size != 4 : size != 4 && size != 8)
		return UINT64_MAX;
	if (fake_machine.flaws & FAKE_FLAW_GONE)
		return UINT64_MAX;
	switch (offset) {
	case REG_ID:
		return 0x010000edu;
	case REG_LIVENESS:
		return edu->liveness;
	case REG_FACTORIAL:
		return edu->factorial;
	case REG_STATUS:
		return edu->status;
	case REG_IRQ_STATUS:
		return edu->irq_status;
	case REG_DMA_SRC:
		return edu->src;
	case REG_DMA_DST:
		return edu->dst;
	case REG_DMA_COUNT:
		return edu->count;
	case REG_DMA_CMD:
		return edu->cmd;
	case REG_PRI:
		return is_pri(dev) ? (uint64_t)edu->pri_result : UINT64_MAX;
	case REG_PRI_RESPONSE:
		return is_pri(dev) ? edu->pri_response : UINT64_MAX;
	}
	return UINT64_MAX;
}

/* "IOVA | 1 read | 2 write | 4 last | group << 3", group of 9 bits */
static void request_page(struct fake_device *dev, struct edu *edu, uint64_t value)
{
	uint32_t perm = 0;

	if (!fake_device_is_master(dev) || !dev->pri || (edu->pasid && !dev->pasid_bits)) {
		edu->pri_result = -EPERM;
		return;
	}
	if (value & 1)
		perm |= IOMMU_PGFAULT_PERM_READ;
	if (value & 2)
		perm |= IOMMU_PGFAULT_PERM_WRITE;
	edu->pri_result = 0;
	fake_fault_report(dev, edu->pasid, value & ~UINT64_C(0xfff), perm, value >> 3 & 0x1ff,
			  value & 4);
}

static void edu_response(struct fake_device *dev, uint32_t group, uint32_t code)
{
	struct edu *edu = dev->state;

	edu->pri_response = ((edu->pri_response >> 32) + 1) << 32 | group << 16 | code;
}

static void write_dma(struct fake_device *dev, uint64_t offset, uint64_t value)
{
	struct edu *edu = dev->state;

	if (edu->cmd & CMD_RUN)
		return;
	if (offset == REG_DMA_SRC)
		edu->src = value;
	else if (offset == REG_DMA_DST)
		edu->dst = value;
	else if (offset == REG_DMA_COUNT)
		edu->count = value;
	else if (value & CMD_RUN) {
		edu->cmd = value;
		if (!(fake_machine.flaws & FAKE_FLAW_HUNG))
			edu->dma_due = fake_now() + dev->dma_us * 1000;
	}
}

static void edu_write(struct fake_device *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	struct edu *edu = dev->state;

	if (offset < 0x80 ? size != 4 : size != 4 && size != 8)
		return;
	if (fake_machine.flaws & FAKE_FLAW_GONE)
		return;
	switch (offset) {
	case REG_LIVENESS:
		edu->liveness = ~(uint32_t)value;
		break;
	case REG_FACTORIAL:
		if (edu->status & STATUS_COMPUTING)
			break;
		edu->factorial = (uint32_t)value;
		edu->status |= STATUS_COMPUTING;
		edu->factorial_due = fake_now() + FACTORIAL_TIME;
		break;
	case REG_STATUS:
		edu->status = (edu->status & ~STATUS_IRQ) | (value & STATUS_IRQ);
		break;
	case REG_IRQ_RAISE:
		edu->irq_status |= (uint32_t)value;
		fake_irq_send(dev);
		break;
	case REG_IRQ_ACK:
		edu->irq_status &= ~(uint32_t)value;
		break;
	case REG_DMA_SRC:
	case REG_DMA_DST:
	case REG_DMA_COUNT:
	case REG_DMA_CMD:
		write_dma(dev, offset, value);
		break;
	case REG_PRI:
		if (is_pri(dev))
			request_page(dev, edu, value);
		break;
	case REG_PASID:
		if (is_pri(dev))
			edu->pasid = value & 0xfffff;
		break;
	}
}

#define EDU_COMMON                                                                                 \
	.vendor = 0x1234, .device = 0x11e8, .class = 0x00ff00, .msi = true, .bar_size = 0x100000,  \
	.reset = edu_reset, .read = edu_read, .write = edu_write, .tick = edu_tick,                \
	.due = edu_due, .response = edu_response

const struct fake_model fake_edu_model = { .name = "edu", .init = edu_init, EDU_COMMON };

const struct fake_model fake_edu_pri_model = {
	.name = "edu-pri", .express = true, .init = edu_pri_init, EDU_COMMON
};
