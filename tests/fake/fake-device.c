// SPDX-License-Identifier: GPL-2.0-or-later
/* What the file of a VFIO PCI device can do: information, regions, registers, reset. */
#include "fake-dmabuf.h"
#include "fake-gpasid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/vfio.h"
#include "util.h"

#define OFFSET_SHIFT		 40 /* VFIO_PCI_OFFSET_SHIFT */
#define NUM_REGIONS		 9
#define BAR2_REGION		 2
#define NUM_IRQS		 5
#define COMMAND_MEMORY		 0x2u
#define COMMAND_MASTER		 0x4u

#define REGION_CAP_MSIX_MAPPABLE 3 /* VFIO_REGION_INFO_CAP_MSIX_MAPPABLE */

static uint64_t none_read(struct fake_device *dev, uint64_t offset, unsigned int size)
{
	(void)dev;
	(void)offset;
	(void)size;
	return 0;
}

static void none_write(struct fake_device *dev, uint64_t offset, unsigned int size, uint64_t value)
{
	(void)dev;
	(void)offset;
	(void)size;
	(void)value;
}

/* A device no stimulus knows: QEMU's e1000e by its identifiers. */
static const struct fake_model none_model = {
	.name = "none",
	.vendor = 0x8086,
	.device = 0x10d3,
	.class = 0x020000,
	.bar_size = 0x20000,
	.read = none_read,
	.write = none_write,
};

static const struct fake_model *const models[] = {
	&fake_edu_model, &fake_edu_pri_model, &fake_nvme_model,
	&fake_igb_model, &fake_dsa_model,     &none_model,
};

const struct fake_model *fake_model_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(models); i++)
		if (!strcmp(models[i]->name, name))
			return models[i];
	return NULL;
}

uint32_t fake_device_bit(const struct fake_device *dev)
{
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i] == dev)
			return 1u << i;
	return 0;
}

unsigned int fake_device_pasid_bits(const struct fake_device *dev)
{
	unsigned int unit = (unsigned int)(fake_machine.ecap >> ECAP_PSS & 31) + 1;

	if (!fake_machine.scalable || !fake_ecap(ECAP_SMTS) || !fake_ecap(ECAP_PASID))
		return 0;
	return dev->pasid_bits < unit ? dev->pasid_bits : unit;
}

/* info->pri_enabled in the VT-d driver. Older kernels do not get it on for iommufd. */
bool fake_device_has_pri(const struct fake_device *dev)
{
	return dev->pri && dev->ats && fake_ecap(ECAP_PRS) && fake_ecap(ECAP_DT) &&
	       fake_since(6, 13);
}

int fake_device_check_token(const struct fake_device *dev, const char *given)
{
	if (!*dev->token)
		return given ? -EINVAL : 0;
	return given && !strcmp(given, dev->token) ? 0 : -EACCES;
}

bool fake_device_has_vfio(const struct fake_device *dev)
{
	return !strcmp(dev->driver, "vfio-pci");
}

/* vfio_pci_core_enable(): no bus master, memory decoding on, reset where there is a way to */
void fake_device_enable(struct fake_device *dev)
{
	uint16_t command = fake_config_command(dev);

	fake_config_set_command(dev, (uint16_t)((command & ~COMMAND_MASTER) | COMMAND_MEMORY));
	if (dev->reset_works && dev->model->reset)
		dev->model->reset(dev);
	dev->command_at_open = fake_config_command(dev);
	dev->excused = false;
	fake_ring_open(dev);
}

/*
 * vfio_pci_core_disable() cleans up whatever the program left, so this is the last moment to see
 * it.
 */
void fake_device_disable(struct fake_device *dev)
{
	uint16_t command = fake_config_command(dev);

	fake_dmabuf_move(dev, true);
	fake_ring_close(dev);
	fake_irq_off(dev);
	if (command & COMMAND_MASTER && !dev->excused)
		fake_violation("%s was closed as bus master", dev->address);
	else if (command != dev->command_at_open && !dev->excused)
		fake_violation("%s was closed with command register 0x%04x, was 0x%04x",
			       dev->address, command, dev->command_at_open);
	fake_config_set_command(dev, dev->command_at_open);
	if (dev->reset_works && dev->model->reset)
		dev->model->reset(dev);
}

/* vfio_pci_ioctl_get_info() */
static long get_info(struct fake_device *dev, uintptr_t arg)
{
	struct vfio_device_info *user = (void *)arg, info;

	memcpy(&info, user, VFIO_DEVICE_INFO_MIN);
	if (info.argsz < VFIO_DEVICE_INFO_MIN)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PCI;
	if (dev->reset_works)
		info.flags |= VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = NUM_REGIONS + fake_ring_exists(dev);
	info.num_irqs = NUM_IRQS + (fake_ring_exists(dev) && fake_machine.ring_irq);
	info.cap_offset = info.pad = 0;
	memcpy(user, &info, info.argsz < sizeof(info) ? info.argsz : sizeof(info));
	return 0;
}

static uint64_t region_size(const struct fake_device *dev, unsigned int index)
{
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return dev->config_size;
	if (index == BAR2_REGION)
		return dev->model->bar2_size;
	return index == VFIO_PCI_BAR0_REGION_INDEX ? dev->model->bar_size : 0;
}

uint64_t fake_device_bar_size(const struct fake_device *dev, uint32_t bar)
{
	return bar < VFIO_PCI_ROM_REGION_INDEX ? region_size(dev, bar) : 0;
}

/* msix_mmappable_cap(): the BAR that holds the MSI-X table says so, in a chain of one */
static void add_msix_cap(struct vfio_region_info *info)
{
	struct vfio_info_cap_header header = { .id = REGION_CAP_MSIX_MAPPABLE, .version = 1 };

	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	if (info->argsz < sizeof(*info) + sizeof(header)) {
		info->argsz = sizeof(*info) + sizeof(header);
		return;
	}
	info->cap_offset = sizeof(*info);
	memcpy(info + 1, &header, sizeof(header));
}

/* vfio_pci_ioctl_get_region_info() */
static long get_region_info(struct fake_device *dev, uintptr_t arg)
{
	struct vfio_region_info *info = (void *)arg;

	if (info->argsz >= sizeof(*info) && info->index == NUM_REGIONS && fake_ring_exists(dev))
		return fake_ring_region_info(dev, info);
	if (info->argsz < sizeof(*info) || info->index >= NUM_REGIONS ||
	    info->index == VFIO_PCI_VGA_REGION_INDEX)
		return -EINVAL;
	info->cap_offset = 0;
	info->flags = 0;
	info->size = region_size(dev, info->index);
	info->offset = (uint64_t)info->index << OFFSET_SHIFT;
	if (info->size)
		info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	if (!info->size || info->index == VFIO_PCI_CONFIG_REGION_INDEX)
		return 0;
	info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	if (dev->model->msix)
		add_msix_cap(info);
	return 0;
}

static uint32_t irq_count(const struct fake_device *dev, uint32_t index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
	case VFIO_PCI_REQ_IRQ_INDEX:
		return 1;
	case VFIO_PCI_MSI_IRQ_INDEX:
		return dev->model->msi;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return dev->model->msix;
	case VFIO_PCI_ERR_IRQ_INDEX:
		return dev->model->express;
	}
	return 0;
}

/* vfio_pci_ioctl_get_irq_info() */
static long get_irq_info(struct fake_device *dev, uintptr_t arg)
{
	struct vfio_irq_info *info = (void *)arg;

	if (info->argsz >= sizeof(*info) && info->index == NUM_IRQS && fake_ring_exists(dev) &&
	    fake_machine.ring_irq)
		return fake_ring_irq_info(info);
	if (info->argsz < sizeof(*info) || info->index >= NUM_IRQS)
		return -EINVAL;
	info->flags = VFIO_IRQ_INFO_EVENTFD;
	info->flags |= info->index == VFIO_PCI_INTX_IRQ_INDEX
			       ? VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED
			       : VFIO_IRQ_INFO_NORESIZE;
	info->count = irq_count(dev, info->index);
	return 0;
}

/* vfio_set_irqs_validate_and_prepare(); of interrupts only messages are delivered */
static long set_irqs(struct fake_device *dev, uintptr_t arg)
{
	const struct vfio_irq_set *set = (const void *)arg;
	uint32_t count;

	if (set->argsz >= sizeof(*set) + sizeof(int32_t) && set->index == NUM_IRQS &&
	    fake_ring_exists(dev))
		return fake_ring_set_irq(dev, set);
	if (set->argsz < sizeof(*set) || set->index >= NUM_IRQS)
		return -EINVAL;
	count = irq_count(dev, set->index);
	if (set->start >= count || set->start + set->count > count)
		return -EINVAL;
	if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD &&
	    set->argsz - sizeof(*set) < set->count * sizeof(int32_t))
		return -EINVAL;
	return set->index == VFIO_PCI_MSI_IRQ_INDEX || set->index == VFIO_PCI_MSIX_IRQ_INDEX
		       ? fake_irq_set(dev, set)
		       : 0;
}

/* vfio_ioctl_device_feature(), vfio_pci_core_ioctl_feature() */
static long feature(struct fake_device *dev, uintptr_t arg)
{
	const uint32_t both = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET;
	struct vfio_device_feature *ask = (void *)arg;

	if (ask->argsz < sizeof(*ask) ||
	    ask->flags & ~(VFIO_DEVICE_FEATURE_MASK | VFIO_DEVICE_FEATURE_PROBE | both))
		return -EINVAL;
	if (!(ask->flags & VFIO_DEVICE_FEATURE_PROBE) && (ask->flags & both) == both)
		return -EINVAL;
	if ((ask->flags & VFIO_DEVICE_FEATURE_MASK) != VFIO_DEVICE_FEATURE_DMA_BUF)
		return -ENOTTY;
	return fake_dmabuf_feature(dev, ask);
}

long fake_device_ioctl(struct fake_device *dev, unsigned long request, uintptr_t arg)
{
	if (request == VFIO_DEVICE_RESET) { /* vfio_pci_ioctl_reset(), takes no argument */
		if (!dev->reset_works)
			return -EINVAL;
		fake_dmabuf_move(dev, true);
		if (dev->model->reset)
			dev->model->reset(dev);
		if (fake_config_command(dev) & COMMAND_MEMORY)
			fake_dmabuf_move(dev, false);
		return 0;
	}
	if (!arg)
		return -EFAULT;
	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		return get_info(dev, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return get_region_info(dev, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return get_irq_info(dev, arg);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(dev, arg);
	case VFIO_DEVICE_FEATURE:
		return feature(dev, arg);
	}
	return -ENOTTY;
}

/* vfio_pci_core_do_io_rw(): the widest aligned accesses; EIO while memory decoding is off */
static ssize_t bar_rw(struct fake_device *dev, uint8_t *buf, size_t len, uint64_t offset,
		      bool write)
{
	uint64_t end = dev->model->bar_size;
	size_t done = 0;

	if (offset >= end)
		return -EINVAL;
	if (len > end - offset)
		len = end - offset;
	if (!(fake_config_command(dev) & COMMAND_MEMORY))
		return -EIO;
	while (done < len) {
		size_t left = len - done;
		unsigned int size = left >= 8 && !(offset % 8)	 ? 8
				    : left >= 4 && !(offset % 4) ? 4
				    : left >= 2 && !(offset % 2) ? 2
								 : 1;
		uint64_t value = 0;

		if (write) {
			memcpy(&value, buf + done, size);
			dev->model->write(dev, offset, size, value);
		} else {
			value = dev->model->read(dev, offset, size);
			memcpy(buf + done, &value, size);
		}
		done += size;
		offset += size;
	}
	return (ssize_t)done;
}

/* vfio_pci_rw() */
ssize_t fake_device_rw(struct fake_device *dev, void *buf, size_t len, uint64_t offset, bool write)
{
	uint64_t index = offset >> OFFSET_SHIFT;

	offset &= (UINT64_C(1) << OFFSET_SHIFT) - 1;
	if (index == NUM_REGIONS && fake_ring_exists(dev))
		return fake_ring_rw(dev, buf, len, offset, write);
	if (index >= NUM_REGIONS)
		return -EINVAL;
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return fake_config_rw(dev, buf, len, offset, write);
	if (index != VFIO_PCI_BAR0_REGION_INDEX || !dev->model->bar_size)
		return -EINVAL;
	return bar_rw(dev, buf, len, offset, write);
}

/* vfio_pci_core_mmap() */
int fake_device_mmap(struct fake_device *dev, size_t len, uint64_t offset, void **ret_addr)
{
	uint64_t index = offset >> OFFSET_SHIFT;
	uint64_t size =
		index < VFIO_PCI_ROM_REGION_INDEX ? region_size(dev, (unsigned int)index) : 0;
	uint64_t end = (size + FAKE_PAGE - 1) & ~(uint64_t)(FAKE_PAGE - 1);

	offset &= (UINT64_C(1) << OFFSET_SHIFT) - 1;
	if (index == NUM_REGIONS && fake_ring_exists(dev))
		return fake_ring_mmap(dev, len, offset, ret_addr);
	if (!end || offset % FAKE_PAGE || offset + len > end)
		return -EINVAL;
	return fake_memory_map_region(dev, (unsigned int)index, offset, len, ret_addr);
}

unsigned int fake_device_left(FILE *out)
{
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++) {
		const struct fake_device *dev = fake_machine.devices[i];

		if (!fake_device_is_master(dev))
			continue;
		fprintf(out, "fake: left on: bus master bit of %s\n", dev->address);
		count++;
	}
	return count;
}
