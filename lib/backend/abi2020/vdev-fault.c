// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds the fault region of a device and its interrupt, and reads the ring in it. */
#include "backend/abi2020/vdev-fault.h"

#include <errno.h>
#include <string.h>

#include "backend/vdev-irq.h"
#include "kernel/kernel.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"

#define ANSWER_MAX  1024 /* bytes of an answer with capabilities */
#define CAPS_MAX    16
#define REGIONS_MAX 64u /* of a device; vfio-pci has 9 and a few more */
#define IRQS_MAX    32u
#define NAP_NS	    UINT64_C(1000000)

/* ---- capabilities of an answer ---- */

union answer {
	struct vfio_region_info region;
	struct vfio_irq_info irq;
	struct vfio_irq_info_caps irq_caps;
	uint8_t bytes[ANSWER_MAX];
};

/*
 * Copies the capability id of at least len bytes; false: there is none. Offsets must lead forward.
 */
static bool cap_copy(const union answer *answer, uint32_t size, uint32_t offset, uint16_t id,
		     void *ret, size_t len)
{
	struct vfio_info_cap_header header;
	uint32_t before = 0;
	int i;

	for (i = 0;
	     i < CAPS_MAX && offset > before && offset <= size && size - offset >= sizeof(header);
	     i++) {
		memcpy(&header, answer->bytes + offset, sizeof(header));
		if (header.id == id && size - offset >= len) {
			memcpy(ret, answer->bytes + offset, len);
			return true;
		}
		before = offset;
		offset = header.next;
	}
	return false;
}

static uint32_t answer_size(uint32_t argsz)
{
	return argsz < ANSWER_MAX ? argsz : ANSWER_MAX;
}

/* ---- the region ---- */

/* 1: this one; 0: another one; or -errno. */
static int try_region(struct nest_ctx *ctx, struct nest_vdev_fault *fault, uint32_t index,
		      uint32_t wanted)
{
	struct {
		struct vfio_region_info_cap_sparse_mmap head;
		uint64_t offset, size;
	} sparse;
	struct vfio_region_info_cap_type type;
	union answer answer = { .region = { .argsz = ANSWER_MAX, .index = index } };
	struct nest_vdev *vdev = fault->vdev;
	int err = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_GET_REGION_INFO, &answer);
	uint32_t size = answer_size(answer.region.argsz);

	if (err < 0)
		return nest_failure_set(vdev->failed, err, NEST_STAGE_REGION_INFO, "%s region %u",
					vdev->name, index);
	if (!(answer.region.flags & VFIO_REGION_INFO_FLAG_CAPS) ||
	    !cap_copy(&answer, size, answer.region.cap_offset, VFIO_REGION_INFO_CAP_TYPE, &type,
		      sizeof(type)) ||
	    type.type != wanted || type.subtype != VFIO_REGION_SUBTYPE_DMA_FAULT)
		return 0;
	fault->at = answer.region.offset;
	fault->size = answer.region.size;
	fault->map_len = 0;
	if (answer.region.flags & VFIO_REGION_INFO_FLAG_MMAP &&
	    cap_copy(&answer, size, answer.region.cap_offset, VFIO_REGION_INFO_CAP_SPARSE_MMAP,
		     &sparse, sizeof(sparse)) &&
	    sparse.head.nr_areas == 1 && sparse.offset <= fault->size &&
	    sparse.size <= fault->size - sparse.offset && sparse.size >= NEST_FAULTRING_ENTRY) {
		fault->map_at = sparse.offset;
		fault->map_len = sparse.size;
	}
	return 1;
}

static int find_region(struct nest_ctx *ctx, struct nest_vdev_fault *fault, uint32_t wanted)
{
	struct nest_vdev *vdev = fault->vdev;
	uint32_t index;
	int found = 0;

	for (index = NEST_VDEV_REGIONS; !found && index < vdev->nregions && index < REGIONS_MAX;
	     index++)
		found = try_region(ctx, fault, index, wanted);
	if (found < 0)
		return found;
	return found ? 0
		     : nest_failure_set(vdev->failed, -EOPNOTSUPP, NEST_STAGE_FAULT_REGION, "%s",
					vdev->name);
}

/* ---- the interrupt ---- */

/* 1: this one; 0: another one; or -errno. */
static int try_irq(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t index)
{
	struct vfio_irq_info_cap_type type;
	union answer answer = { .irq_caps = { .argsz = ANSWER_MAX, .index = index } };
	int err = nest_ioctl(ctx, vdev->fd, VFIO_DEVICE_GET_IRQ_INFO, &answer);

	if (err == -EINVAL) /* the device does not have this one */
		return 0;
	if (err < 0)
		return nest_failure_set(vdev->failed, err, NEST_STAGE_IRQ_INFO, "%s interrupt %u",
					vdev->name, index);
	return answer.irq.flags & VFIO_IRQ_INFO_FLAG_CAPS &&
	       cap_copy(&answer, answer_size(answer.irq.argsz), answer.irq_caps.cap_offset,
			VFIO_IRQ_INFO_CAP_TYPE, &type, sizeof(type)) &&
	       type.type == VFIO_IRQ_TYPE_NESTED && type.subtype == VFIO_IRQ_SUBTYPE_DMA_FAULT;
}

/* ---- undo steps ---- */

static int undo_event(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev_fault *fault = object;
	int event = fault->event;

	(void)arg;
	fault->event = -1;
	return nest_kernel_close(ctx, event);
}

static int undo_irq(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev_fault *fault = object;
	struct nest_failure *failed = fault->vdev->failed;
	int err;

	(void)arg;
	fault->vdev->failed = NULL; /* keep the failure that led here */
	err = nest_vdev_set_irq(ctx, fault->vdev, NEST_STAGE_SET_IRQS_FAULT, fault->irq, -1);
	fault->vdev->failed = failed;
	return err;
}

static int undo_map(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev_fault *fault = object;
	void *map = fault->map;

	(void)arg;
	fault->map = NULL;
	return nest_kernel_munmap(ctx, map, fault->map_len);
}

/* ---- open and close ---- */

/* Without an interrupt the ring is polled. */
static int open_irq(struct nest_ctx *ctx, struct nest_vdev_fault *fault)
{
	struct nest_vdev *vdev = fault->vdev;
	uint32_t index = VFIO_PCI_REQ_IRQ_INDEX + 1;
	int found = 0, err;

	for (; !found && index < vdev->nirqs && index < IRQS_MAX; index++)
		found = try_irq(ctx, vdev, index);
	if (found <= 0)
		return found;
	fault->irq = index - 1;
	fault->event = nest_kernel_eventfd(ctx);
	if (fault->event < 0)
		return nest_failure_set(vdev->failed, fault->event, NEST_STAGE_EVENTFD, "%s",
					vdev->name);
	nest_undo_push(ctx, "close the eventfd of faults", undo_event, fault, 0);
	err = nest_vdev_set_irq(ctx, vdev, NEST_STAGE_SET_IRQS_FAULT, fault->irq, fault->event);
	if (!err)
		nest_undo_push(ctx, "remove the eventfd from the fault interrupt", undo_irq, fault,
			       0);
	return err;
}

static int look(struct nest_ctx *ctx, struct nest_vdev_fault *fault)
{
	uint8_t header[NEST_FAULTRING_HEADER];
	struct nest_vdev *vdev = fault->vdev;
	ssize_t n = nest_kernel_pread(ctx, vdev->fd, header, sizeof(header), fault->at);
	const char *flaw;

	if (n != (ssize_t)sizeof(header))
		return nest_failure_set(vdev->failed, n < 0 ? (int)n : -EIO, NEST_STAGE_FAULT_READ,
					"%s", vdev->name);
	flaw = nest_faultring_look(header, fault->size, &fault->ring);
	return flaw ? nest_failure_set(vdev->failed, -EPROTO, NEST_STAGE_FAULT_READ, "%s: %s",
				       vdev->name, flaw)
		    : 0;
}

int nest_vdev_fault_open(struct nest_ctx *ctx, struct nest_vdev *vdev, uint32_t region_type,
			 struct nest_vdev_fault *ret)
{
	void *map;
	int err = nest_vdev_describe(ctx, vdev);

	*ret = (struct nest_vdev_fault){ .vdev = vdev, .event = -1 };
	if (!err)
		err = find_region(ctx, ret, region_type);
	if (!err)
		err = look(ctx, ret);
	if (!err && ret->map_len) {
		err = nest_kernel_mmap(ctx, vdev->fd, ret->map_len, ret->at + ret->map_at, &map);
		if (err)
			return nest_failure_set(vdev->failed, err, NEST_STAGE_MMAP_FAULTS, "%s",
						vdev->name);
		ret->map = map;
		nest_undo_push(ctx, "unmap the fault ring", undo_map, ret, 0);
	}
	return err ? err : open_irq(ctx, ret);
}

int nest_vdev_fault_close(struct nest_ctx *ctx, struct nest_vdev_fault *fault)
{
	int irq = 0, event = 0, map = 0;

	if (fault->event >= 0) {
		nest_undo_forget(ctx, undo_irq, fault, 0);
		nest_undo_forget(ctx, undo_event, fault, 0);
		irq = undo_irq(ctx, fault, 0);
		event = undo_event(ctx, fault, 0);
	}
	if (fault->map) {
		nest_undo_forget(ctx, undo_map, fault, 0);
		map = undo_map(ctx, fault, 0);
	}
	return irq ? irq : event ? event : map;
}

/* ---- reading ---- */

static int read_entry(struct nest_ctx *ctx, const struct nest_vdev_fault *fault,
		      uint8_t entry[NEST_FAULTRING_ENTRY])
{
	uint64_t at = nest_faultring_at(&fault->ring);
	ssize_t n;

	if (fault->map && at >= fault->map_at &&
	    at - fault->map_at <= fault->map_len - NEST_FAULTRING_ENTRY) {
		memcpy(entry, fault->map + (at - fault->map_at), NEST_FAULTRING_ENTRY);
		return 0;
	}
	n = nest_kernel_pread(ctx, fault->vdev->fd, entry, NEST_FAULTRING_ENTRY, fault->at + at);
	if (n != (ssize_t)NEST_FAULTRING_ENTRY)
		return nest_failure_set(fault->vdev->failed, n < 0 ? (int)n : -EIO,
					NEST_STAGE_FAULT_READ, "%s", fault->vdev->name);
	return 0;
}

/* Shows the kernel which entries are read. */
static int put_tail(struct nest_ctx *ctx, const struct nest_vdev_fault *fault)
{
	uint32_t tail = fault->ring.tail;
	ssize_t n = nest_kernel_pwrite(ctx, fault->vdev->fd, &tail, sizeof(tail), fault->at);

	if (n != (ssize_t)sizeof(tail))
		return nest_failure_set(fault->vdev->failed, n < 0 ? (int)n : -EIO,
					NEST_STAGE_FAULT_WRITE, "%s", fault->vdev->name);
	return 0;
}

static int drain(struct nest_ctx *ctx, struct nest_vdev_fault *fault, struct nest_s1_fault *buf,
		 size_t room, size_t *count)
{
	uint8_t entry[NEST_FAULTRING_ENTRY];
	uint32_t before;
	int err = look(ctx, fault);

	if (err)
		return err;
	before = fault->ring.tail;
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* read the head before its entries */
	while (*count < room && nest_faultring_waiting(&fault->ring)) {
		err = read_entry(ctx, fault, entry);
		if (err)
			return err;
		if (nest_faultring_decode(entry, &buf[*count]) == NEST_FAULT_PAGE_REQUEST)
			++*count;
		nest_faultring_advance(&fault->ring);
	}
	return fault->ring.tail == before ? 0 : put_tail(ctx, fault);
}

/* 0: look at the ring again; or -errno. */
static int wait_for(struct nest_ctx *ctx, struct nest_vdev_fault *fault, int timeout_ms)
{
	uint64_t count;
	ssize_t n;

	if (fault->event < 0)
		return nest_kernel_sleep(ctx, timeout_ms < 1 ? 0 : NAP_NS);
	n = nest_kernel_poll(ctx, fault->event, timeout_ms);
	if (n == 1)
		n = nest_kernel_read(ctx, fault->event, &count, sizeof(count));
	return n < 0 && n != -EAGAIN
		       ? nest_failure_set(fault->vdev->failed, (int)n, NEST_STAGE_EVENTFD_READ,
					  "%s", fault->vdev->name)
		       : 0;
}

int nest_vdev_fault_take(struct nest_ctx *ctx, struct nest_vdev_fault *fault, int timeout_ms,
			 struct nest_s1_fault *buf, size_t room, size_t *ret_count)
{
	uint64_t deadline = nest_kernel_now(ctx) + (uint64_t)timeout_ms * 1000000, now;
	size_t count = 0;
	int err;

	for (;;) {
		err = drain(ctx, fault, buf, room, &count);
		now = nest_kernel_now(ctx);
		if (err || count || now >= deadline)
			break;
		err = wait_for(ctx, fault, (int)((deadline - now + 999999) / 1000000));
		if (err)
			break;
	}
	if (err)
		return err;
	*ret_count = count;
	return 0;
}
