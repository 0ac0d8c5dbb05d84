// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Intel's 82576 as far as one queue each way and the PHY's loopback go (datasheet, chapters 7 and
 * 8). As on silicon, and other than in QEMU, a read that is blocked wedges the transmitter until
 * the function is reset. A frame without the loopback would be on the wire: a violation.
 */
#include "fake-device.h"
#include "fake-iommu.h"

#include <stdlib.h>
#include <string.h>

enum {
	REG_CTRL = 0x0000,
	REG_STATUS = 0x0008,
	REG_MDIC = 0x0020,
	REG_RCTL = 0x0100,
	REG_TCTL = 0x0400,
	REG_RX = 0x2800,
	REG_SRRCTL = 0x280c,
	REG_TX = 0x3800,
	REGS_END = 0x6000,
};

/* Of a queue, from its first register. */
enum { BASE_LOW = 0, BASE_HIGH = 4, LENGTH = 8, HEAD = 0x10, TAIL = 0x18, CONTROL = 0x28 };

#define CTRL_MASTER_DISABLE 0x00000004u
#define CTRL_LINK_UP	    0x00000040u
#define CTRL_RESET	    0x04000000u
#define STATUS_LINK_UP	    0x00000002u
#define STATUS_MASTER	    0x00080000u
#define MDIC_READY	    (1u << 28)
#define QUEUE_ENABLE	    (1u << 25)
#define ENABLE		    2u
#define BMCR_LOOPBACK	    0x4000u
#define TX_DATA		    0x20300000u /* advanced, data */
#define TX_EOP		    0x01000000u
#define TX_REPORT	    0x08000000u
#define DONE		    1u
#define END_OF_FRAME	    2u
#define FRAME_MAX	    1514u
#define LINK_NS		    UINT64_C(500000000)
#define FRAME_NS	    10000u /* from the tail's register on */

struct igb {
	uint32_t regs[REGS_END / 4];
	uint32_t control; /* of the PHY */
	bool wedged;
	uint64_t link_at, due;
};

static void igb_clear(struct igb *igb)
{
	memset(igb->regs, 0, sizeof(igb->regs));
	igb->control = 0;
	igb->link_at = UINT64_MAX;
	igb->due = 0;
}

static void igb_reset(struct fake_device *dev)
{
	struct igb *igb = dev->state;

	igb_clear(igb);
	igb->wedged = false;
}

static void igb_init(struct fake_device *dev)
{
	dev->state = calloc(1, sizeof(struct igb));
	if (!dev->state)
		abort();
	igb_reset(dev);
}

static bool dma(struct fake_device *dev, uint64_t address, void *buf, size_t len, bool to_memory)
{
	const struct igb *igb = dev->state;

	return fake_device_is_master(dev) && !(igb->regs[REG_CTRL / 4] & CTRL_MASTER_DISABLE) &&
	       !fake_iommu_dma(dev, FAKE_NO_PASID, address, buf, len, to_memory);
}

static uint32_t *queue(struct igb *igb, uint32_t which, uint32_t what)
{
	return &igb->regs[(which + what) / 4];
}

static bool is_waiting(struct igb *igb, uint32_t which, uint32_t enable)
{
	return *queue(igb, which, CONTROL) & QUEUE_ENABLE && igb->regs[enable / 4] & ENABLE &&
	       *queue(igb, which, HEAD) != *queue(igb, which, TAIL);
}

static uint64_t head_address(struct igb *igb, uint32_t which)
{
	return ((uint64_t)*queue(igb, which, BASE_HIGH) << 32 | *queue(igb, which, BASE_LOW)) +
	       UINT64_C(16) * *queue(igb, which, HEAD);
}

static void advance(struct igb *igb, uint32_t which)
{
	uint32_t *head = queue(igb, which, HEAD), entries = *queue(igb, which, LENGTH) / 16;

	*head = entries ? (*head + 1) % entries : 0;
}

/* What does not arrive is lost, and reported all the same. */
static void receive(struct fake_device *dev, struct igb *igb, uint8_t *frame, uint32_t len)
{
	uint32_t room = (igb->regs[REG_SRRCTL / 4] & 0x7f) * 1024, report[4] = { 0 };
	uint64_t descriptor[2], at = head_address(igb, REG_RX);

	if (!is_waiting(igb, REG_RX, REG_RCTL) || fake_now() < igb->link_at || len > room ||
	    !dma(dev, at, descriptor, sizeof(descriptor), false))
		return;
	dma(dev, descriptor[0], frame, len, true);
	report[2] = DONE | END_OF_FRAME;
	report[3] = len;
	dma(dev, at, report, sizeof(report), true);
	advance(igb, REG_RX);
}

static bool send(struct fake_device *dev, struct igb *igb)
{
	struct {
		uint64_t address;
		uint32_t command, status;
	} descriptor;
	uint64_t at = head_address(igb, REG_TX);
	uint8_t frame[FRAME_MAX];
	uint32_t len;

	if (!dma(dev, at, &descriptor, sizeof(descriptor), false))
		return false;
	len = descriptor.command & 0xffff;
	if ((descriptor.command & TX_DATA) != TX_DATA || !(descriptor.command & TX_EOP) ||
	    len > sizeof(frame) || descriptor.status >> 14 != len) {
		fake_violation("%s was given a descriptor of no whole frame", dev->address);
		return false;
	}
	if (!(igb->control & BMCR_LOOPBACK))
		fake_violation("%s sent a frame to the wire", dev->address);
	if (!dma(dev, descriptor.address, frame, len, false))
		return false;
	receive(dev, igb, frame, len);
	descriptor.status |= DONE;
	if (descriptor.command & TX_REPORT)
		dma(dev, at, &descriptor, sizeof(descriptor), true);
	advance(igb, REG_TX);
	return true;
}

static uint64_t igb_due(const struct fake_device *dev)
{
	const struct igb *igb = dev->state;

	return igb->due ? igb->due : UINT64_MAX;
}

static void igb_tick(struct fake_device *dev)
{
	struct igb *igb = dev->state;

	igb->due = 0;
	while (!igb->wedged && is_waiting(igb, REG_TX, REG_TCTL))
		igb->wedged = !send(dev, igb);
}

static uint64_t igb_read(struct fake_device *dev, uint64_t offset, unsigned int size)
{
	const struct igb *igb = dev->state;
	uint32_t value;

	if (size != 4 || offset % 4 || offset >= REGS_END)
		return 0;
	value = igb->regs[offset / 4];
	if (offset == REG_STATUS)
		value = (value & ~(STATUS_MASTER | STATUS_LINK_UP)) |
			(igb->regs[REG_CTRL / 4] & CTRL_MASTER_DISABLE ? 0 : STATUS_MASTER) |
			(fake_now() >= igb->link_at ? STATUS_LINK_UP : 0);
	return value;
}

static void phy(struct igb *igb, uint32_t value)
{
	if ((value >> 16 & 0x1f) == 0)
		igb->control = value & 0xffff;
	igb->regs[REG_MDIC / 4] = value | MDIC_READY;
}

static void igb_write(struct fake_device *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	struct igb *igb = dev->state;
	uint64_t which = offset & ~UINT64_C(0xff);

	if (size != 4 || offset % 4 || offset >= REGS_END) {
		fake_violation("%s: %u bytes written to 0x%llx", dev->address, size,
			       (unsigned long long)offset);
		return;
	}
	if ((which == REG_RX || which == REG_TX) && (offset & 0xff) <= HEAD &&
	    *queue(igb, (uint32_t)which, CONTROL) & QUEUE_ENABLE)
		fake_violation("%s: 0x%llx written to a queue that runs", dev->address,
			       (unsigned long long)offset);
	igb->regs[offset / 4] = (uint32_t)value;
	if (offset == REG_CTRL && value & CTRL_RESET)
		igb_clear(igb);
	else if (offset == REG_CTRL && value & CTRL_LINK_UP && igb->link_at == UINT64_MAX)
		igb->link_at = fake_now() + LINK_NS;
	else if (offset == REG_MDIC)
		phy(igb, (uint32_t)value);
	else if (offset == REG_TX + TAIL)
		igb->due = fake_now() + FRAME_NS;
}

const struct fake_model fake_igb_model = {
	.name = "igb",
	.vendor = 0x8086,
	.device = 0x10c9,
	.class = 0x020000,
	.bar_size = 0x20000,
	.express = true,
	.flr = true,
	.msix = 25,
	.init = igb_init,
	.reset = igb_reset,
	.read = igb_read,
	.write = igb_write,
	.due = igb_due,
	.tick = igb_tick,
};
