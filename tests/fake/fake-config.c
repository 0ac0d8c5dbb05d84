// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI config space as vfio-pci shows it: what reads as what, and which bits a write reaches. */
#include "fake-device.h"
#include "fake-dmabuf.h"

#include <errno.h>
#include <string.h>

#define COMMAND		 0x04
#define STATUS		 0x06
#define BAR0		 0x10
#define CAPABILITIES	 0x34
#define INTERRUPT_LINE	 0x3c

#define COMMAND_MEMORY	 0x0002u
#define COMMAND_WRITABLE 0x0507u /* I/O, memory, bus master, SERR, INTx disable */
#define COMMAND_FIRMWARE 0x0103u /* I/O, memory, SERR: as firmware leaves it */
#define COMMAND_EDK2	 0x0002u /* memory: as that of arm64 does */
#define MSI_AT		 0x40
#define EXPRESS_AT	 0x80
#define EXT_AT		 0x100

static uint32_t get(const struct fake_device *dev, size_t offset, unsigned int size)
{
	uint32_t value = 0;

	memcpy(&value, &dev->config[offset], size);
	return value;
}

static void put(struct fake_device *dev, size_t offset, unsigned int size, uint32_t value)
{
	memcpy(&dev->config[offset], &value, size);
}

uint16_t fake_config_command(const struct fake_device *dev)
{
	return (uint16_t)get(dev, COMMAND, 2);
}

void fake_config_set_command(struct fake_device *dev, uint16_t command)
{
	put(dev, COMMAND, 2, command);
}

bool fake_device_is_master(const struct fake_device *dev)
{
	return fake_config_command(dev) & 4;
}

/* Puts one more extended capability behind the last. */
void fake_config_add_ext(struct fake_device *dev, uint16_t id, uint8_t version, uint16_t len)
{
	uint16_t at = EXT_AT, next;

	if (get(dev, at, 4)) {
		while ((next = (uint16_t)(get(dev, at, 4) >> 20)))
			at = next;
		put(dev, at, 4, get(dev, at, 4) | (uint32_t)dev->config_end << 20);
		at = dev->config_end;
	}
	put(dev, at, 4, id | (uint32_t)version << 16);
	dev->config_end = (uint16_t)(at + len);
}

static void add_capabilities(struct fake_device *dev)
{
	const struct fake_model *model = dev->model;
	uint8_t first = model->msi ? MSI_AT : EXPRESS_AT;

	if (!model->msi && !model->express)
		return;
	put(dev, STATUS, 2, 0x0010);
	put(dev, CAPABILITIES, 1, first);
	if (model->msi)
		put(dev, MSI_AT, 4, 0x00800005); /* MSI, 64 bits wide, one vector */
	if (!model->express)
		return;
	put(dev, MSI_AT + 1, 1, model->msi ? EXPRESS_AT : 0);
	put(dev, EXPRESS_AT, 4, 0x00020010); /* PCI Express, version 2, endpoint */
	put(dev, EXPRESS_AT + 4, 4, 0x8000 | (model->flr ? 1u << 28 : 0));
	dev->config_size = FAKE_CONFIG_SIZE;
}

void fake_config_init(struct fake_device *dev)
{
	const struct fake_model *model = dev->model;

	memset(dev->config, 0, sizeof(dev->config));
	dev->config_size = 256;
	put(dev, 0x00, 2, model->vendor);
	put(dev, 0x02, 2, model->device);
	put(dev, COMMAND, 2, fake_machine.iommu == FAKE_SMMUV3 ? COMMAND_EDK2 : COMMAND_FIRMWARE);
	put(dev, 0x08, 4, model->class << 8 | 0x10);
	put(dev, BAR0, 4, 0xfe000000);
	put(dev, INTERRUPT_LINE, 2, 0x010b);
	add_capabilities(dev);
}

/* One byte of a write: the bits that take it. */
static uint8_t writable(const struct fake_device *dev, uint64_t offset)
{
	uint32_t bar_mask = (uint32_t) ~(dev->model->bar_size - 1);

	switch (offset) {
	case COMMAND:
	case COMMAND + 1:
		return (uint8_t)(COMMAND_WRITABLE >> 8 * (offset - COMMAND));
	case BAR0:
	case BAR0 + 1:
	case BAR0 + 2:
	case BAR0 + 3:
		return dev->model->bar_size ? (uint8_t)(bar_mask >> 8 * (offset - BAR0)) : 0;
	case 0x0c: /* cache line, latency */
	case 0x0d:
	case INTERRUPT_LINE:
		return 0xff;
	}
	return 0;
}

/* vfio_basic_config_write(): a virtual function ignores the bit, but what was mapped is revoked */
static void move_dmabufs(struct fake_device *dev)
{
	bool on = fake_config_command(dev) & COMMAND_MEMORY;

	if (!on)
		fake_dmabuf_move(dev, true);
	if (on || dev->is_vf)
		fake_dmabuf_move(dev, false);
}

/*
 * vfio_pci_config_rw(): of a device that is gone the kernel still emulates the ids, and that there
 * are no capabilities. EFAULT beyond the end, however little of it reaches there */
ssize_t fake_config_rw(struct fake_device *dev, void *buf, size_t len, uint64_t offset, bool write)
{
	uint8_t *bytes = buf;
	size_t i;

	if (offset >= dev->config_size || len > dev->config_size - offset)
		return -EFAULT;
	for (i = 0; i < len; i++) {
		uint8_t mask = writable(dev, offset + i), *at = &dev->config[offset + i];

		if (write)
			*at = (uint8_t)((*at & ~mask) | (bytes[i] & mask));
		else
			bytes[i] = fake_machine.flaws & FAKE_FLAW_GONE && offset + i >= STATUS
					   ? (offset + i == STATUS ? 0xef : 0xff)
					   : *at;
	}
	if (write && offset <= COMMAND && offset + len > COMMAND)
		move_dmabufs(dev);
	return (ssize_t)len;
}
