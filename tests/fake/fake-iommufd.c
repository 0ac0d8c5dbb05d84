// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The iommufd file: objects by id, and requests by number and size (Linux 7.3,
 * iommu/iommufd/main.c).
 */
#include "fake-iommufd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-mock.h"
#include "fake-viommu.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"
#include "util.h"

static struct fake_iommufd *contexts; /* all, for the ledger */

/* Smallest free id from 1 up, as xa_alloc() gives it, or from where the machine says. */
void *fake_object_new(struct fake_iommufd *ictx, enum fake_object_type type, size_t size)
{
	struct fake_object *object = calloc(1, size), **link = &ictx->objects;
	uint32_t id = fake_machine.first_id ? fake_machine.first_id : 1;

	if (!object)
		abort();
	while (*link && (*link)->id == id) {
		link = &(*link)->next;
		id++;
	}
	object->type = type;
	object->id = id;
	object->users = 1;
	object->ictx = ictx;
	object->next = *link;
	*link = object;
	return object;
}

/* iommufd_get_object(): ENOENT (here NULL) for an unknown id and for one of another type */
void *fake_object_get(struct fake_iommufd *ictx, uint32_t id, enum fake_object_type type)
{
	struct fake_object *object;

	for (object = ictx->objects; object; object = object->next)
		if (object->id == id && (type == FAKE_OBJECT_ANY || object->type == type))
			return object;
	return NULL;
}

void fake_object_destroy(struct fake_object *object)
{
	struct fake_object **link;

	for (link = &object->ictx->objects; *link != object; link = &(*link)->next)
		;
	*link = object->next;
	switch (object->type) {
	case FAKE_OBJECT_IOAS:
		fake_ioas_destroy((struct fake_ioas *)object);
		break;
	case FAKE_OBJECT_HWPT_PAGING:
	case FAKE_OBJECT_HWPT_NESTED:
		fake_hwpt_destroy((struct fake_hwpt *)object);
		break;
	case FAKE_OBJECT_FAULT:
		fake_fault_destroy(object);
		break;
	case FAKE_OBJECT_SELFTEST:
		fake_mock_destroy(object);
		break;
	case FAKE_OBJECT_VEVENTQ:
		fake_veventq_destroy(object);
		break;
	case FAKE_OBJECT_HW_QUEUE:
		fake_hw_queue_destroy(object);
		break;
	case FAKE_OBJECT_VIOMMU:
	case FAKE_OBJECT_VDEVICE:
		fake_viommu_destroy(object);
		break;
	default:
		break;
	}
	free(object);
}

/* iommufd_object_remove() */
static int remove_object(struct fake_iommufd *ictx, uint32_t id)
{
	struct fake_object *object = fake_object_get(ictx, id, FAKE_OBJECT_ANY);

	if (!object)
		return -ENOENT;
	if (object->users != 1)
		return -EBUSY;
	if (ictx->vfio_ioas && &ictx->vfio_ioas->object == object)
		ictx->vfio_ioas = NULL;
	fake_object_destroy(object);
	return 0;
}

static long destroy(struct fake_iommufd *ictx, void *cmd)
{
	return remove_object(ictx, ((struct iommu_destroy *)cmd)->id);
}

/* iommufd_option_rlimit_mode() */
static long option(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_option *cmd = arg;

	if (cmd->reserved)
		return -EOPNOTSUPP;
	if (cmd->option_id == IOMMU_OPTION_HUGE_PAGES)
		return fake_ioas_option(ictx, cmd);
	if (cmd->option_id != IOMMU_OPTION_RLIMIT_MODE || cmd->object_id)
		return -EOPNOTSUPP;
	if (cmd->op == IOMMU_OPTION_OP_GET) {
		cmd->val64 = ictx->mm_accounting;
		return 0;
	}
	if (cmd->op != IOMMU_OPTION_OP_SET)
		return -EOPNOTSUPP;
	if (!fake_machine.sys_resource)
		return -EPERM; /* CAP_SYS_RESOURCE */
	if (ictx->objects)
		return -EBUSY;
	if (cmd->val64 > 1)
		return -EINVAL;
	ictx->mm_accounting = cmd->val64;
	return 0;
}

/* iommufd_vfio_ioas() */
static long vfio_ioas(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_vfio_ioas *cmd = arg;
	struct fake_ioas *ioas;

	if (cmd->reserved)
		return -EOPNOTSUPP;
	switch (cmd->op) {
	case IOMMU_VFIO_IOAS_GET:
		if (!ictx->vfio_ioas)
			return -ENODEV;
		cmd->ioas_id = ictx->vfio_ioas->object.id;
		return 0;
	case IOMMU_VFIO_IOAS_SET:
		ioas = fake_object_get(ictx, cmd->ioas_id, FAKE_OBJECT_IOAS);
		if (!ioas)
			return -ENOENT;
		ictx->vfio_ioas = ioas;
		return 0;
	case IOMMU_VFIO_IOAS_CLEAR:
		ictx->vfio_ioas = NULL;
		return 0;
	}
	return -EOPNOTSUPP;
}

/*
 * iommufd_ioctl_ops[]: smallest size taken, and the size by the release the request or a longer
 * form of it came with.
 */
static const struct request {
	unsigned long number;
	size_t min;
	struct {
		unsigned int major, minor;
		size_t size;
	} forms[3];
	long (*fn)(struct fake_iommufd *ictx, void *cmd);
} requests[] = {
	{ IOMMU_DESTROY, 8, { { 6, 2, 8 } }, destroy },
	{ IOMMU_IOAS_ALLOC, 12, { { 6, 2, 12 } }, fake_ioas_alloc },
	{ IOMMU_IOAS_IOVA_RANGES, 32, { { 6, 2, 32 } }, fake_ioas_ranges },
	{ IOMMU_IOAS_COPY, 40, { { 6, 2, 40 } }, fake_ioas_copy },
	{ IOMMU_IOAS_MAP, 40, { { 6, 2, 40 } }, fake_ioas_map },
	{ IOMMU_IOAS_UNMAP, 24, { { 6, 2, 24 } }, fake_ioas_unmap },
	{ IOMMU_OPTION, 24, { { 6, 2, 24 } }, option },
	{ IOMMU_VFIO_IOAS, 12, { { 6, 2, 12 } }, vfio_ioas },
	{ IOMMU_HWPT_ALLOC, 24, { { 6, 6, 24 }, { 6, 7, 40 }, { 6, 11, 48 } }, fake_hwpt_alloc },
	{ IOMMU_GET_HW_INFO, 32, { { 6, 6, 32 }, { 6, 7, 40 } }, fake_hw_info },
	{ IOMMU_HWPT_SET_DIRTY_TRACKING, 16, { { 6, 7, 16 } }, fake_hwpt_set_dirty },
	{ IOMMU_HWPT_GET_DIRTY_BITMAP, 48, { { 6, 7, 48 } }, fake_hwpt_get_dirty },
	{ IOMMU_HWPT_INVALIDATE, 32, { { 6, 8, 32 } }, fake_hwpt_invalidate },
	{ IOMMU_FAULT_QUEUE_ALLOC, 16, { { 6, 11, 16 } }, fake_fault_alloc },
	{ IOMMU_IOAS_MAP_FILE, 40, { { 6, 13, 40 } }, fake_ioas_map_file },
	{ IOMMU_IOAS_CHANGE_PROCESS, 8, { { 6, 13, 8 } }, fake_ioas_change_process },
	{ IOMMU_VIOMMU_ALLOC, 24, { { 6, 13, 24 }, { 6, 17, 40 } }, fake_viommu_alloc },
	{ IOMMU_VDEVICE_ALLOC, 24, { { 6, 13, 24 } }, fake_vdevice_alloc },
	{ IOMMU_VEVENTQ_ALLOC, 28, { { 6, 15, 32 } }, fake_veventq_alloc },
	{ IOMMU_HW_QUEUE_ALLOC, 40, { { 6, 17, 40 } }, fake_hw_queue_alloc },
	{ IOMMU_TEST_CMD, 68, { { 6, 2, 72 } }, fake_mock_command },
};

/* copy_struct_from_user(): what this kernel does not know must be zero */
int fake_copy_struct(void *ret, size_t size, uintptr_t arg, size_t user_size)
{
	const uint8_t *user = (const uint8_t *)arg;
	size_t i;

	memset(ret, 0, size);
	for (i = size; i < user_size; i++)
		if (user[i])
			return -E2BIG;
	memcpy(ret, user, user_size < size ? user_size : size);
	return 0;
}

static size_t known_size(const struct request *request)
{
	size_t size = 0, i;

	if (request->number == IOMMU_TEST_CMD && !fake_machine.mock.set)
		return 0;
	for (i = 0; i < 3 && request->forms[i].size; i++)
		if (fake_since(request->forms[i].major, request->forms[i].minor))
			size = request->forms[i].size;
	return size;
}

/* iommufd_fops_ioctl() */
static long iommufd_ioctl(struct fake_file *file, unsigned long number, uintptr_t arg)
{
	struct fake_iommufd *ictx = file->object;
	uint64_t buffer[9]; /* the largest command, aligned */
	uint32_t user_size;
	size_t i, size = 0;
	long ret;

	if (number < IOMMU_DESTROY || number > 0x3bff)
		return fake_compat_ioctl(ictx, number, arg);
	if (!arg)
		return -EFAULT;
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		if (requests[i].number == number)
			break;
	if (i < ARRAY_SIZE(requests))
		size = known_size(&requests[i]);
	if (!size)
		return -ENOTTY;
	memcpy(&user_size, (const void *)arg, sizeof(user_size));
	if (user_size < requests[i].min)
		return -EINVAL;
	ret = fake_copy_struct(buffer, size, arg, user_size);
	if (ret)
		return ret;
	ret = requests[i].fn(ictx, buffer);
	/*
	 * iommufd_ucmd_respond(); a failed command leaves the user's copy alone, but for these two
	 */
	if (ret >= 0 || number == IOMMU_HWPT_INVALIDATE || ret == -EMSGSIZE)
		memcpy((void *)arg, buffer, user_size < size ? user_size : size);
	return ret;
}

static void blame(const struct fake_iommufd *ictx)
{
	const struct fake_object *object;

	for (object = ictx->objects; object && fake_ledger_strict(); object = object->next)
		if (object->type != FAKE_OBJECT_IOAS ||
		    !((const struct fake_ioas *)object)->automatic)
			fake_violation("iommufd object %u left to the end of its file", object->id);
}

/* iommufd_fops_release(): leaves of the graph first, until nothing is left */
static void iommufd_release(struct fake_file *file)
{
	struct fake_iommufd *ictx = file->object, **link;
	struct fake_object *object;

	blame(ictx);
	while (ictx->objects) {
		for (object = ictx->objects; object && object->users != 1; object = object->next)
			;
		if (!object) {
			fake_violation("the fake lost count of iommufd objects");
			break;
		}
		fake_object_destroy(object);
	}
	for (link = &contexts; *link != ictx; link = &(*link)->all)
		;
	*link = ictx->all;
	free(ictx);
}

static const struct fake_file_ops iommufd_ops = {
	.kind = "iommufd",
	.ioctl = iommufd_ioctl,
	.release = iommufd_release,
};

int fake_iommufd_open(const char *name, int flags, bool compat_node)
{
	struct fake_iommufd *ictx = calloc(1, sizeof(*ictx));

	if (!ictx)
		abort();
	ictx->mm_accounting = compat_node;
	if (compat_node)
		fake_kmsg(6, "iommufd: IOMMUFD is providing /dev/vfio/vfio, not VFIO.");
	ictx->all = contexts;
	contexts = ictx;
	ictx->file = fake_file_new(&iommufd_ops, ictx, name, flags);
	return fake_fd_install(ictx->file);
}

struct fake_iommufd *fake_iommufd_of(struct fake_file *file)
{
	return file->ops == &iommufd_ops ? file->object : NULL;
}

unsigned int fake_iommufd_left(FILE *out)
{
	static const char *const types[] = {
		"",	   "IOAS",	  "HWPT",	   "nested HWPT",
		"device",  "fault queue", "mock device",   "vIOMMU",
		"vDEVICE", "event queue", "hardware queue"
	};
	const struct fake_iommufd *ictx;
	const struct fake_object *object;
	unsigned int count = 0;

	for (ictx = contexts; ictx; ictx = ictx->all)
		for (object = ictx->objects; object; object = object->next) {
			fprintf(out, "fake: left in iommufd: %s %u\n", types[object->type],
				object->id);
			count++;
		}
	return count;
}

void fake_iommufd_reset(void)
{
	contexts = NULL;
}
