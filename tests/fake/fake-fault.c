// SPDX-License-Identifier: GPL-2.0-or-later
/* Page requests: grouped, queued, read and answered (iommufd/eventq.c, iommu/io-pgfault.c). */
#include "fake-gpasid.h"
#include "fake-iommufd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "uapi/iommufd.h"

#define MAX_IN_GROUP	     16
#define MAX_PARTIAL	     64
#define RESPONSE_NEEDS_PASID 4u /* IOMMU_FAULT_PAGE_RESPONSE_NEEDS_PASID, which leaks out */

struct request {
	uint64_t addr;
	uint32_t perm, flags;
};

struct group {
	struct group *next;
	struct fake_device *dev;
	uint32_t pasid, id, cookie, dev_id; /* cookie 0: not read yet */
	struct request requests[MAX_IN_GROUP];
	size_t count;
};

struct fake_fault {
	struct fake_object object;
	struct group *groups; /* in order of arrival */
};

/* Requests whose group is not complete. */
static struct partial {
	const struct fake_device *dev; /* NULL: free */
	uint32_t group;
	struct request request;
} partials[MAX_PARTIAL];

struct fake_fault *fake_fault_of(struct fake_object *object)
{
	return (struct fake_fault *)object;
}

struct fake_object *fake_fault_object(struct fake_fault *fault)
{
	return &fault->object;
}

static void answer(struct fake_device *dev, uint32_t group, uint32_t code)
{
	if (fake_machine.flaws & FAKE_FLAW_ANSWER)
		code ^= 1;
	if (dev->model->response)
		dev->model->response(dev, group, code);
}

/* iopf_group_response() and iopf_free_group() */
static void finish(struct group **link, uint32_t code)
{
	struct group *group = *link;

	*link = group->next;
	answer(group->dev, group->id, code);
	free(group);
}

void fake_fault_flush(struct fake_fault *fault, const struct fake_device *dev, uint32_t pasid)
{
	struct group **link = fault ? &fault->groups : NULL;

	/* iommufd_auto_response_faults() */
	while (link && *link) {
		if ((*link)->dev == dev && (*link)->pasid == pasid)
			finish(link, IOMMUFD_PAGE_RESP_INVALID);
		else
			link = &(*link)->next;
	}
}

void fake_fault_drop_partial(const struct fake_device *dev)
{
	size_t i;

	for (i = 0; i < MAX_PARTIAL; i++)
		if (partials[i].dev == dev)
			partials[i].dev = NULL;
}

static void keep_partial(const struct fake_device *dev, uint32_t group,
			 const struct request *request)
{
	size_t i;

	for (i = 0; i < MAX_PARTIAL; i++)
		if (!partials[i].dev) {
			partials[i] = (struct partial){ dev, group, *request };
			return;
		}
	fake_violation("more than %d page requests without a last one", MAX_PARTIAL);
}

/* iopf_group_alloc(): the pages that waited for the last, then the last */
static struct group *complete_group(struct fake_device *dev, uint32_t pasid, uint32_t id,
				    const struct request *last)
{
	struct group *group = calloc(1, sizeof(*group));
	size_t i;

	if (!group)
		abort();
	group->dev = dev;
	group->pasid = pasid;
	group->id = id;
	group->dev_id = dev->devid;
	for (i = 0; i < MAX_PARTIAL && group->count < MAX_IN_GROUP - 1; i++)
		if (partials[i].dev == dev && partials[i].group == id) {
			group->requests[group->count++] = partials[i].request;
			partials[i].dev = NULL;
		}
	group->requests[group->count++] = *last;
	return group;
}

/* iommu_report_device_fault() */
void fake_fault_report(struct fake_device *dev, uint32_t pasid, uint64_t addr, uint32_t perm,
		       uint32_t id, bool last)
{
	struct fake_domain *domain = fake_iommu_domain(dev, pasid);
	struct request request = { addr, perm, last ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0 };
	struct group **end;

	if (fake_machine.flaws & FAKE_FLAW_REQUEST_GROUP)
		id &= 0xff;
	if (fake_machine.flaws & FAKE_FLAW_REQUEST_RIGHTS)
		request.perm = IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE;
	if (pasid != FAKE_NO_PASID)
		request.flags |= IOMMU_PGFAULT_FLAGS_PASID_VALID | RESPONSE_NEEDS_PASID;
	if (domain && domain->gpasid) {
		fake_iotlb_flush_range(domain, addr, addr);
		fake_ring_report(dev, pasid, addr, perm, id, last);
		return;
	}
	/* The unit forgets what it knew of the page before it passes the request on. */
	if (domain)
		fake_iotlb_flush_range(domain, addr, addr);
	if (!domain || !domain->fault) {
		if (last) /* iopf_error_response() */
			answer(dev, id, IOMMUFD_PAGE_RESP_INVALID);
		return;
	}
	if (!last) {
		keep_partial(dev, id, &request);
		return;
	}
	for (end = &domain->fault->groups; *end; end = &(*end)->next)
		;
	*end = complete_group(dev, pasid, id, &request);
}

static struct group **find_cookie(struct fake_fault *fault, uint32_t cookie)
{
	struct group **link;

	for (link = &fault->groups; *link; link = &(*link)->next)
		if ((*link)->cookie == cookie)
			return link;
	return NULL;
}

static struct group *next_unread(struct fake_fault *fault)
{
	struct group **link = find_cookie(fault, 0);

	return link ? *link : NULL;
}

static void put_group(struct iommu_hwpt_pgfault *to, const struct group *group)
{
	size_t i;

	for (i = 0; i < group->count; i++)
		to[i] = (struct iommu_hwpt_pgfault){
			.flags = group->requests[i].flags,
			.dev_id = group->dev_id,
			.pasid = group->pasid,
			.grpid = group->id,
			.perm = group->requests[i].perm,
			.addr = group->requests[i].addr,
			.cookie = group->cookie,
		};
}

/* iommufd_fault_fops_read(): whole groups, 0 when there is none */
static ssize_t fault_read(struct fake_file *file, void *buf, size_t len)
{
	struct fake_fault *fault = file->object;
	struct iommu_hwpt_pgfault *to = buf;
	size_t room = len / sizeof(*to), done = 0;
	struct group *group;

	if (len % sizeof(*to))
		return -ESPIPE;
	while ((group = next_unread(fault))) {
		if (group->count > room - done)
			return done ? (ssize_t)(done * sizeof(*to)) : -EINVAL;
		group->cookie = 1; /* the smallest that is free, so they come again */
		while (find_cookie(fault, group->cookie) &&
		       *find_cookie(fault, group->cookie) != group)
			group->cookie++;
		put_group(to + done, group);
		done += group->count;
	}
	return (ssize_t)(done * sizeof(*to));
}

/* iommufd_fault_fops_write() */
static ssize_t fault_write(struct fake_file *file, const void *buf, size_t len)
{
	struct fake_fault *fault = file->object;
	const struct iommu_hwpt_page_response *from = buf;
	size_t count = len / sizeof(*from), i;

	if (len % sizeof(*from))
		return -ESPIPE;
	for (i = 0; i < count; i++) {
		struct group **link = from[i].cookie ? find_cookie(fault, from[i].cookie) : NULL;

		if (from[i].code > IOMMUFD_PAGE_RESP_INVALID || !link)
			return i ? (ssize_t)(i * sizeof(*from)) : -EINVAL;
		finish(link, from[i].code);
	}
	return (ssize_t)len;
}

static bool fault_readable(struct fake_file *file)
{
	return next_unread(file->object);
}

/* iommufd_eventq_fops_release() */
static void fault_release(struct fake_file *file)
{
	struct fake_fault *fault = file->object;
	struct fake_file *ictx = fault->object.ictx->file;

	fault->object.users--;
	fake_file_put(ictx);
}

static const struct fake_file_ops fault_ops = {
	.kind = "fault queue",
	.read = fault_read,
	.write = fault_write,
	.readable = fault_readable,
	.release = fault_release,
};

/* iommufd_fault_alloc(): object and file hold each other, and the file holds its iommufd */
long fake_fault_alloc(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_fault_alloc *cmd = arg;
	struct fake_fault *fault;
	int fd;

	if (cmd->flags)
		return -EOPNOTSUPP;
	fault = fake_object_new(ictx, FAKE_OBJECT_FAULT, sizeof(*fault));
	fault->object.users++;
	fake_file_get(ictx->file);
	fd = fake_fd_install(fake_file_new(&fault_ops, fault, "anon_inode:[iommufd-pgfault]", 0));
	if (fd < 0) {
		fake_object_destroy(&fault->object);
		return fd;
	}
	cmd->out_fault_id = fault->object.id;
	cmd->out_fault_fd = (uint32_t)fd;
	return 0;
}

/* iommufd_fault_destroy() */
void fake_fault_destroy(struct fake_object *object)
{
	struct fake_fault *fault = fake_fault_of(object);

	while (fault->groups)
		finish(&fault->groups, IOMMUFD_PAGE_RESP_INVALID);
}

void fake_fault_reset(void)
{
	memset(partials, 0, sizeof(partials));
}
