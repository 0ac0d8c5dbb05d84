// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Message-signalled interrupts: vfio-pci's SET_IRQS (K7.3 vfio/pci/vfio_pci_intrs.c), and the way
 * of a message. An SMMUv3 translates it like any write: iommufd gives the device an address in its
 * window, and maps the doorbell there in the second stage (K7.3 iommu/iommufd/driver.c,
 * iommufd_sw_msi()).
 */
#include "fake-device.h"
#include "fake-eventfd.h"
#include "fake-iommu.h"
#include "fake-smmu.h"

#include <errno.h>
#include <string.h>

#include "uapi/vfio.h"

#define WINDOW	   UINT64_C(0x8000000) /* MSI_IOVA_BASE */
#define TRANSLATER 0x40		       /* GITS_TRANSLATER, in the page of the ITS */

static uint8_t doorbell[FAKE_PAGE];

uint8_t *fake_irq_doorbell(uint64_t ipa)
{
	size_t i;

	if (ipa / FAKE_PAGE != WINDOW / FAKE_PAGE)
		return NULL;
	for (i = 0; i < fake_machine.ndevices; i++)
		if (fake_machine.devices[i]->msi)
			return doorbell;
	return NULL;
}

void fake_irq_off(struct fake_device *dev)
{
	if (dev->msi)
		fake_file_put(dev->msi);
	dev->msi = NULL;
	dev->msi_index = 0;
}

/* vfio_pci_set_msi_trigger(), for one vector: eventfds anew, fd -1 for none, or all switched off */
long fake_irq_set(struct fake_device *dev, const struct vfio_irq_set *set)
{
	struct fake_file *event = NULL;
	int32_t fd = -1;

	if (!(set->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return -ENOTTY;
	if (!set->count && set->flags & VFIO_IRQ_SET_DATA_NONE) {
		if (dev->msi_index == set->index)
			fake_irq_off(dev);
		return 0;
	}
	if (!(set->flags & VFIO_IRQ_SET_DATA_EVENTFD) || set->count != 1)
		return -EINVAL; /* the tool does nothing else */
	if (dev->msi_index && dev->msi_index != set->index)
		return -EINVAL; /* another kind is on */
	memcpy(&fd, set + 1, sizeof(fd));
	if (fd >= 0) {
		event = fake_eventfd_get(fd);
		if (!event)
			return -EINVAL;
	}
	fake_irq_off(dev);
	dev->msi = event;
	dev->msi_index = set->index;
	return 0;
}

/* The message is a write of four bytes, which may be blocked or end in memory. */
static bool reaches_doorbell(struct fake_device *dev)
{
	const struct fake_domain *domain = fake_iommu_domain(dev, FAKE_NO_PASID);
	uint8_t *page = NULL;
	int event;

	if (fake_machine.iommu != FAKE_SMMUV3 || !domain || !domain->viommu ||
	    fake_machine.msi_past)
		return true;
	event = fake_smmu_translate(dev, domain, WINDOW + TRANSLATER, true, &page);
	if (event) {
		fake_smmu_report(dev, domain, true, WINDOW + TRANSLATER, event);
		return false;
	}
	if (page != doorbell)
		memset(page + TRANSLATER, 0, 4);
	return page == doorbell;
}

void fake_irq_send(struct fake_device *dev)
{
	if (dev->msi && fake_device_is_master(dev) && reaches_doorbell(dev) &&
	    !fake_machine.msi_lost)
		fake_eventfd_signal(dev->msi);
}
