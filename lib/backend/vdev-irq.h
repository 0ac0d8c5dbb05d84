/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One message-signalled interrupt of a device (MSI or MSI-X, the first vector), on an eventfd. The
 * kernel fills in address and data of the message, and user space is shown neither.
 * Source: include/uapi/linux/vfio.h; drivers/vfio/pci/vfio_pci_intrs.c of Linux 7.3.
 */
#ifndef NEST_VDEV_IRQ_H
#define NEST_VDEV_IRQ_H

#include "backend/vdev.h"

struct nest_vdev_irq {
	struct nest_vdev *vdev;
	uint32_t index; /* VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX */
	int event;
};

/* Sets the eventfd of the first vector of that kind of interrupt; -1: it has none. 0 or -errno. */
int nest_vdev_set_irq(struct nest_ctx *ctx, struct nest_vdev *vdev, enum nest_stage stage,
		      uint32_t index, int32_t event);

/*
 * Switches the interrupt on and pushes the inverse. -EOPNOTSUPP, and no failure is set: the device
 * has neither MSI nor MSI-X.
 */
int nest_vdev_irq_open(struct nest_ctx *ctx, struct nest_vdev *vdev, struct nest_vdev_irq *ret);

/* Switches it off, now and not at the end. */
int nest_vdev_irq_close(struct nest_ctx *ctx, struct nest_vdev_irq *irq);

/* Waits for an interrupt; *ret_count is how many came since the last call, 0 after timeout_ms. */
int nest_vdev_irq_wait(struct nest_ctx *ctx, struct nest_vdev_irq *irq, int timeout_ms,
		       uint64_t *ret_count);

#endif
