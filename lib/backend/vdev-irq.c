// SPDX-License-Identifier: GPL-2.0-or-later
/* One interrupt of a device, from SET_IRQS to the eventfd. */
#include "backend/vdev-irq.h"

#include <errno.h>

#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "uapi/vfio.h"

int nest_vdev_set_irq(struct nest_ctx *ctx, struct nest_vdev *vdev, enum nest_stage stage,
		      uint32_t index, int32_t event)
{
	struct {
		struct vfio_irq_set head;
		int32_t event;
	} request = {
		.head = {
			.argsz = sizeof(request),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.count = 1,
		},
		.event = event,
	};
	int err = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_SET_IRQS, &request);

	if (err < 0)
		return nest_failure_set(vdev->failed, err, stage, "%s interrupt %u", vdev->name,
					index);
	return 0;
}

/* Undo step: no vector of that kind any more. */
static int undo_irq(struct nest_ctx *ctx, void *object, uint64_t index)
{
	const struct nest_vdev *vdev = object;
	struct vfio_irq_set none = {
		.argsz = sizeof(none),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = (uint32_t)index,
	};

	return nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_SET_IRQS, &none);
}

/* 1: the device has interrupts of this kind; 0: it has none; or -errno. */
static int has_kind(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t index)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = index };
	int err;

	if (!vdev->pci || index >= vdev->nirqs)
		return 0;
	err = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_GET_IRQ_INFO, &info);
	if (err < 0)
		return nest_failure_set(vdev->failed, err, NEST_STAGE_IRQ_INFO, "%s interrupt %u",
					vdev->name, index);
	return info.count && info.flags & VFIO_IRQ_INFO_EVENTFD;
}

int nest_vdev_irq_open(struct nest_ctx *ctx, struct nest_vdev *vdev, struct nest_vdev_irq *ret)
{
	uint32_t index;
	int found = 0, event, err = nest_vdev_describe(ctx, vdev);

	if (err)
		return err;
	for (index = VFIO_PCI_MSI_IRQ_INDEX; !found && index <= VFIO_PCI_MSIX_IRQ_INDEX; index++)
		found = has_kind(ctx, vdev, index);
	if (found <= 0)
		return found ? found : -EOPNOTSUPP;
	event = nest_kernel_eventfd(ctx);
	if (event < 0)
		return nest_failure_set(vdev->failed, event, NEST_STAGE_EVENTFD, "%s", vdev->name);
	nest_undo_push(ctx, "close the eventfd of the interrupt", nest_undo_close, NULL,
		       (uint64_t)event);
	*ret = (struct nest_vdev_irq){ vdev, index - 1, event };
	err = nest_vdev_set_irq(ctx, vdev, NEST_STAGE_SET_IRQS, ret->index, event);
	if (!err)
		nest_undo_push(ctx, "switch the interrupt off", undo_irq, vdev, ret->index);
	return err;
}

int nest_vdev_irq_close(struct nest_ctx *ctx, struct nest_vdev_irq *irq)
{
	int err = nest_undo_now(ctx, undo_irq, irq->vdev, irq->index);

	if (err)
		return nest_failure_set(irq->vdev->failed, err, NEST_STAGE_SET_IRQS,
					"%s interrupt %u", irq->vdev->name, irq->index);
	/* Closed whatever close says, so never tried again. */
	nest_undo_forget(ctx, nest_undo_close, NULL, (uint64_t)irq->event);
	return nest_kernel_close(ctx, irq->event);
}

int nest_vdev_irq_wait(struct nest_ctx *ctx, struct nest_vdev_irq *irq, int timeout_ms,
		       uint64_t *ret_count)
{
	uint64_t count = 0;
	ssize_t n = nest_kernel_poll(ctx, irq->event, timeout_ms);

	if (n == 1)
		n = nest_kernel_read(ctx, irq->event, &count, sizeof(count));
	if (n < 0)
		return nest_failure_set(irq->vdev->failed, (int)n, NEST_STAGE_EVENTFD, "%s",
					irq->vdev->name);
	*ret_count = count;
	return 0;
}
