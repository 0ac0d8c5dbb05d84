// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events of SMMUv3: the queue of a vIOMMU and the kernel's log (K7.3 iommu/iommufd/eventq.c,
 * iommu/arm/arm-smmu-v3/arm-smmu-v3.c).
 */
#include "fake-smmu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-device.h"
#include "fake-viommu.h"
#include "uapi/iommufd-viommu.h"

struct event {
	struct event *next;
	struct iommufd_vevent_header header;
	struct iommu_vevent_arm_smmuv3 data; /* the largest of all types */
	size_t len;
};

struct fake_veventq {
	struct fake_object object;
	struct fake_object *viommu;
	struct event *events; /* in order of arrival; lost ones are one, the last */
	unsigned int depth, waiting;
	uint32_t sequence; /* of the next */
};

/* ---- the file ---- */

static struct event *take(struct fake_veventq *queue)
{
	struct event *event = queue->events;

	queue->events = event->next;
	if (!(event->header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS))
		queue->waiting--;
	return event;
}

/* iommufd_veventq_fops_read(): whole units, 0 when there is none */
static ssize_t veventq_read(struct fake_file *file, void *buf, size_t len)
{
	struct fake_veventq *queue = file->object;
	uint8_t *to = buf;
	size_t done = 0;

	if (len < sizeof(struct iommufd_vevent_header))
		return -EINVAL;
	while (queue->events) {
		bool lost = queue->events->header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
		size_t size = sizeof(queue->events->header) + (lost ? 0 : queue->events->len);
		struct event *event;

		if (size > len - done)
			return done ? (ssize_t)done : -EINVAL;
		event = take(queue);
		memcpy(to + done, &event->header, sizeof(event->header));
		if (!lost)
			memcpy(to + done + sizeof(event->header), &event->data, event->len);
		done += size;
		free(event);
	}
	return (ssize_t)done;
}

static bool veventq_readable(struct fake_file *file)
{
	return ((struct fake_veventq *)file->object)->events;
}

/* iommufd_eventq_fops_release() */
static void veventq_release(struct fake_file *file)
{
	struct fake_veventq *queue = file->object;
	struct fake_file *ictx = queue->object.ictx->file;

	queue->object.users--;
	fake_file_put(ictx);
}

static const struct fake_file_ops veventq_ops = {
	.kind = "event queue",
	.read = veventq_read,
	.readable = veventq_readable,
	.release = veventq_release,
};

/* ---- the object ---- */

static struct fake_veventq *queue_on(const struct fake_object *viommu)
{
	struct fake_object *object;

	for (object = viommu->ictx->objects; object; object = object->next)
		if (object->type == FAKE_OBJECT_VEVENTQ &&
		    ((struct fake_veventq *)object)->viommu == viommu)
			return (struct fake_veventq *)object;
	return NULL;
}

/* iommufd_veventq_alloc(): object and file hold each other, and the file holds its iommufd */
long fake_veventq_alloc(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_veventq_alloc *cmd = arg;
	struct fake_object *viommu;
	struct fake_veventq *queue;
	int fd;

	if (cmd->flags || cmd->reserved || cmd->type == IOMMU_VEVENTQ_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->veventq_depth || cmd->veventq_depth > IOMMU_VEVENTQ_DEPTH_MAX)
		return -EINVAL;
	viommu = fake_object_get(ictx, cmd->viommu_id, FAKE_OBJECT_VIOMMU);
	if (!viommu)
		return -ENOENT;
	if (queue_on(viommu))
		return -EEXIST;
	queue = fake_object_new(ictx, FAKE_OBJECT_VEVENTQ, sizeof(*queue));
	queue->viommu = viommu;
	queue->depth = cmd->veventq_depth;
	viommu->users++;
	queue->object.users++;
	fake_file_get(ictx->file);
	fd = fake_fd_install(
		fake_file_new(&veventq_ops, queue, "anon_inode:[iommufd-viommu-event]", 0));
	if (fd < 0) {
		fake_object_destroy(&queue->object);
		return fd;
	}
	cmd->out_veventq_id = queue->object.id;
	cmd->out_veventq_fd = (uint32_t)fd;
	return 0;
}

void fake_veventq_destroy(struct fake_object *object)
{
	struct fake_veventq *queue = (struct fake_veventq *)object;

	while (queue->events)
		free(take(queue));
	queue->viommu->users--;
}

/* iommufd_viommu_report_event(): beyond the depth all of them are one header */
static void push(struct fake_veventq *queue, const void *data, size_t len)
{
	struct event **end, *event;
	uint32_t sequence = queue->sequence;

	queue->sequence = (queue->sequence + 1) & IOMMU_VEVENTQ_SEQUENCE_MAX;
	for (end = &queue->events; *end; end = &(*end)->next)
		if ((*end)->header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS) {
			event = *end;
			*end = event->next;
			free(event);
			break;
		}
	for (end = &queue->events; *end; end = &(*end)->next)
		;
	if (queue->waiting == queue->depth && fake_machine.flaws & FAKE_FLAW_LOSS_UNTOLD) {
		queue->sequence = sequence;
		return;
	}
	event = calloc(1, sizeof(*event));
	if (!event)
		abort();
	event->header.sequence = sequence;
	if (queue->waiting == queue->depth) {
		event->header.flags = IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
	} else {
		memcpy(&event->data, data, len);
		event->len = len;
		queue->waiting++;
	}
	*end = event;
}

bool fake_veventq_put(const struct fake_object *viommu, const void *data, size_t len)
{
	struct fake_veventq *queue = queue_on(viommu);

	if (queue)
		push(queue, data, len);
	return queue;
}

/* ---- events ---- */

static uint64_t class_of(int event)
{
	return event & FAKE_EVENT_OF_CD ? 0 : event & FAKE_EVENT_OF_TABLE ? 1 : 2;
}

void fake_smmu_report(const struct fake_device *dev, const struct fake_domain *domain, bool write,
		      uint64_t iova, int event)
{
	unsigned int code = event & FAKE_EVENT_CODE;
	bool second = event & FAKE_EVENT_S2, has_address = code >= FAKE_EVENT_TRANSLATION;
	struct iommu_vevent_arm_smmuv3 data = { { code | (uint64_t)dev->source_id << 32 } };
	struct fake_veventq *queue = NULL;
	uint64_t virt_id = 0, flaws = fake_machine.flaws;

	if (event & FAKE_EVENT_SILENT || flaws & FAKE_FLAW_SILENT_FAULT ||
	    (second && flaws & FAKE_FLAW_SECOND_LOST))
		return;
	if (flaws & FAKE_FLAW_REASON && has_address)
		data.evt[0] ^= 3;
	if (flaws & FAKE_FLAW_DIRECTION)
		write = !write;
	if (flaws & FAKE_FLAW_FAULT_ADDR)
		iova += FAKE_PAGE;
	if (has_address) {
		data.evt[1] =
			class_of(event) << 40 | (uint64_t)second << 39 | (uint64_t)!write << 35;
		data.evt[2] = iova;
	}
	/* arm_vmaster_report_event() */
	if (!second && domain && domain->viommu &&
	    fake_viommu_virt_id(domain->viommu, dev->devid, &virt_id))
		queue = queue_on(domain->viommu);
	if (!queue) {
		if (fake_machine.other_stage && has_address)
			data.evt[1] ^= UINT64_C(1) << 39;
		fake_kmsg_event(dev, data.evt);
		return;
	}
	if (flaws & FAKE_FLAW_EVENT_STREAM)
		virt_id++;
	data.evt[0] = (data.evt[0] & UINT32_MAX) | virt_id << 32;
	push(queue, &data, sizeof(data));
}
