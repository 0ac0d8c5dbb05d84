// SPDX-License-Identifier: GPL-2.0-or-later
/* PASIDs that are given to this process: by containers (RFC v3), or by /dev/ioasid (v8). */
#include "fake-gpasid.h"

#include <errno.h>
#include <string.h>

#include "uapi/nesting.h"

#define QUOTA 1000u /* at first, one for all containers of a process */

static enum fake_pasid_owner owners[FAKE_PASIDS];
static uint32_t quota = QUOTA;
static bool node_open;

uint32_t fake_pasid_take(uint32_t min, uint32_t max, enum fake_pasid_owner owner)
{
	uint32_t pasid;

	if (min < fake_machine.first_pasid && fake_machine.first_pasid <= max)
		min = fake_machine.first_pasid;
	for (pasid = min ? min : 1; pasid <= max && pasid < FAKE_PASIDS; pasid++)
		if (owners[pasid] == FAKE_PASID_FREE) {
			owners[pasid] = owner;
			return pasid;
		}
	return 0;
}

bool fake_pasid_is_taken(uint32_t pasid)
{
	return pasid < FAKE_PASIDS && owners[pasid] != FAKE_PASID_FREE;
}

unsigned int fake_pasid_count(enum fake_pasid_owner owner)
{
	unsigned int count = 0;
	uint32_t pasid;

	for (pasid = 1; pasid < FAKE_PASIDS; pasid++)
		count += owners[pasid] == owner;
	return count;
}

void fake_pasid_give_back(uint32_t pasid)
{
	fake_gpasid_unbind_everywhere(pasid);
	owners[pasid] = FAKE_PASID_FREE;
}

void fake_pasid_give_back_all(enum fake_pasid_owner owner)
{
	uint32_t pasid;

	for (pasid = 1; pasid < FAKE_PASIDS; pasid++) {
		if (owners[pasid] != owner)
			continue;
		if (fake_ledger_strict())
			fake_violation("PASID 0x%x left to the kernel to take back", pasid);
		fake_pasid_give_back(pasid);
	}
	quota = QUOTA;
}

void fake_pasid_reset(void)
{
	memset(owners, 0, sizeof(owners));
	quota = QUOTA;
	node_open = false;
}

/*
 * vfio_iommu_type1_pasid_request() of RFC v3: that there was none to give is success, and result as
 * it was
 */
long fake_pasid_request(void *arg)
{
	struct vfio_pasid_request_result *request = arg;
	uint32_t pasid;

	if (request->argsz < 8)
		return -EINVAL;
	switch (request->flags & (VFIO_PASID_REQUEST_ALLOC | VFIO_PASID_REQUEST_FREE)) {
	case VFIO_PASID_REQUEST_ALLOC:
		if (fake_pasid_count(FAKE_PASID_CONTAINER) >= quota)
			return 0;
		pasid = fake_pasid_take(request->min, request->max, FAKE_PASID_CONTAINER);
		if (pasid)
			request->result = pasid;
		return 0;
	case VFIO_PASID_REQUEST_FREE:
		if (!fake_pasid_is_taken(request->min))
			return -ENOENT;
		fake_pasid_give_back(request->min);
		return 0;
	}
	return -EINVAL;
}

/* vfio_iommu_type1_set_pasid_quota() */
long fake_pasid_quota(void *arg)
{
	const struct vfio_pasid_quota *request = arg;

	if (request->argsz < sizeof(*request) ||
	    request->quota < fake_pasid_count(FAKE_PASID_CONTAINER))
		return -EINVAL;
	quota = request->quota;
	return (long)quota;
}

/* ---- /dev/ioasid ("ioasid: Add /dev/ioasid for userspace") ---- */

static long ioasid_info(struct ioasid_info *info)
{
	if (info->argsz < sizeof(*info))
		return -EINVAL;
	info->flags = 0;
	info->ioasid_bits = 31;
	return 0;
}

static long ioasid_alloc(const struct ioasid_alloc_request *request)
{
	uint32_t pasid;

	if (request->argsz < sizeof(*request) || request->flags || request->min > request->max)
		return -EINVAL;
	pasid = fake_pasid_take(request->min, request->max, FAKE_PASID_NODE);
	return pasid ? (long)pasid : -EINVAL;
}

/* What is not the caller's is passed over in silence. */
static long ioasid_free(const int32_t *number)
{
	if (*number < 0)
		return -EINVAL;
	if (*number < FAKE_PASIDS && owners[*number] == FAKE_PASID_NODE)
		fake_pasid_give_back((uint32_t)*number);
	return 0;
}

static long ioasid_ioctl(struct fake_file *file, unsigned long request, uintptr_t arg)
{
	(void)file;
	if (request == IOASID_GET_API_VERSION)
		return IOASID_API_VERSION;
	if (request != IOASID_GET_INFO && request != IOASID_REQUEST_ALLOC &&
	    request != IOASID_REQUEST_FREE)
		return -EINVAL;
	if (!arg)
		return -EFAULT;
	if (request == IOASID_GET_INFO)
		return ioasid_info((void *)arg);
	return request == IOASID_REQUEST_ALLOC ? ioasid_alloc((const void *)arg)
					       : ioasid_free((const void *)arg);
}

static void ioasid_release(struct fake_file *file)
{
	(void)file;
	fake_pasid_give_back_all(FAKE_PASID_NODE);
	node_open = false;
}

static const struct fake_file_ops ioasid_ops = {
	.kind = "ioasid",
	.ioctl = ioasid_ioctl,
	.release = ioasid_release,
};

int fake_ioasid_open(const char *name, int flags)
{
	if (node_open)
		return -EBUSY;
	node_open = true;
	return fake_fd_install(fake_file_new(&ioasid_ops, NULL, name, flags));
}
