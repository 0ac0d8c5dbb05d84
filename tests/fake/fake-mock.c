// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's mock device, for kernels with CONFIG_IOMMUFD_TEST: a device and an IOMMU without
 * hardware, whose nested tables have a cache of four slots (Linux 7.3, iommu/iommufd/selftest.c).
 */
#include "fake-mock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-vfio.h"
#include "fake-viommu.h"
#include "uapi/iommufd-test.h"
#include "uapi/iommufd-viommu.h"
#include "uapi/iommufd.h"
#include "util.h"

/* struct selftest_obj, with the device and the group that only it has. */
struct mock {
	struct fake_object object;
	struct fake_device dev;
	struct fake_group group;
	struct fake_idev *idev;
	struct fake_hwpt *hwpt; /* attached */
	uint32_t cache[MOCK_DEV_CACHE_NUM];
};

static const struct fake_model model = { .name = "mock" };

bool fake_mock_is(const struct fake_idev *idev)
{
	return idev->dev->model == &model;
}

static struct mock *mock_of(const struct fake_idev *idev)
{
	return container_of(idev->dev, struct mock, dev);
}

/* mock_domain_nop_attach(): ENOENT for a table on a vIOMMU that has no number for the device */
static int attach(struct mock *mock, struct fake_hwpt *hwpt)
{
	struct fake_hwpt *old = mock->hwpt;
	uint64_t virt_id;

	if (old == hwpt)
		return 0;
	if (hwpt->viommu && !(fake_machine.flaws & FAKE_FLAW_TAKES_ALL) &&
	    !fake_viommu_virt_id(hwpt->viommu, mock->idev->object.id, &virt_id))
		return -ENOENT;
	hwpt->object.users++;
	mock->hwpt = hwpt;
	mock->group.domain = &hwpt->domain;
	if (!old)
		return 0;
	fake_fault_flush(old->fault, &mock->dev, FAKE_NO_PASID);
	fake_hwpt_put(old);
	return 0;
}

/* iommufd_device_auto_get_domain(): the table that was made for the IOAS before, or a new one */
static struct fake_hwpt *automatic(struct fake_ioas *ioas, int *ret_err)
{
	struct fake_object *object;
	struct fake_hwpt *hwpt;

	for (object = ioas->object.ictx->objects; object; object = object->next) {
		hwpt = (struct fake_hwpt *)object;
		if (object->type == FAKE_OBJECT_HWPT_PAGING && hwpt->ioas == ioas &&
		    hwpt->automatic)
			return hwpt;
	}
	hwpt = fake_hwpt_new_paging(ioas, 0, true, ret_err);
	if (hwpt)
		hwpt->automatic = true;
	return hwpt;
}

/* iommufd_test_mock_domain() */
static long mock_domain(struct fake_iommufd *ictx, struct iommu_test_cmd *cmd)
{
	struct fake_ioas *ioas = fake_object_get(ictx, cmd->id, FAKE_OBJECT_IOAS);
	struct fake_hwpt *hwpt;
	struct mock *mock;
	int err = -ENOENT;
	size_t i;

	if (fake_machine.mock.value < 0)
		return fake_machine.mock.value;
	if (!ioas)
		return err;
	mock = fake_object_new(ictx, FAKE_OBJECT_SELFTEST, sizeof(*mock));
	mock->idev = fake_object_new(ictx, FAKE_OBJECT_DEVICE, sizeof(*mock->idev));
	mock->idev->object.users++;
	mock->idev->dev = &mock->dev;
	mock->dev.model = &model;
	mock->dev.group = &mock->group;
	mock->dev.iommufd = ictx;
	mock->dev.devid = mock->idev->object.id;
	for (i = 0; i < MOCK_DEV_CACHE_NUM; i++)
		mock->cache[i] = IOMMU_TEST_DEV_CACHE_DEFAULT;
	hwpt = automatic(ioas, &err);
	if (!hwpt) {
		fake_object_destroy(&mock->object);
		return err;
	}
	attach(mock, hwpt);
	cmd->mock_domain.out_stdev_id = mock->object.id;
	cmd->mock_domain.out_hwpt_id = hwpt->object.id;
	cmd->mock_domain.out_idev_id = mock->idev->object.id;
	return 0;
}

/* iommufd_selftest_destroy() */
void fake_mock_destroy(struct fake_object *object)
{
	struct mock *mock = (struct mock *)object;

	if (mock->hwpt) {
		fake_fault_flush(mock->hwpt->fault, &mock->dev, FAKE_NO_PASID);
		fake_hwpt_put(mock->hwpt);
	}
	fake_object_destroy(&mock->idev->object);
}

/* iommufd_test_mock_domain_replace() */
static long replace(struct fake_iommufd *ictx, struct iommu_test_cmd *cmd)
{
	struct mock *mock = fake_object_get(ictx, cmd->id, FAKE_OBJECT_SELFTEST);
	struct fake_object *on =
		fake_object_get(ictx, cmd->mock_domain_replace.pt_id, FAKE_OBJECT_ANY);
	struct fake_hwpt *hwpt = (struct fake_hwpt *)on;
	int err = -EINVAL;

	if (!mock || !on)
		return -ENOENT;
	if (on->type == FAKE_OBJECT_IOAS)
		hwpt = automatic((struct fake_ioas *)on, &err);
	else if (on->type != FAKE_OBJECT_HWPT_PAGING && on->type != FAKE_OBJECT_HWPT_NESTED)
		hwpt = NULL;
	if (!hwpt)
		return err;
	return attach(mock, hwpt);
}

/* iommufd_test_md_check_pa() */
static long check_map(struct fake_iommufd *ictx, const struct iommu_test_cmd *cmd)
{
	struct fake_hwpt *hwpt = fake_object_get(ictx, cmd->id, FAKE_OBJECT_HWPT_PAGING);
	uint64_t at, len = cmd->check_map.length;
	const uint8_t *va = (const uint8_t *)(uintptr_t)cmd->check_map.uptr;

	if (!hwpt)
		return -ENOENT;
	for (at = 0; at < len; at += FAKE_PAGE) {
		uint64_t iova = cmd->check_map.iova + at;
		const struct fake_area *area = fake_space_find(&hwpt->ioas->space, iova, iova);

		if (!area || area->vaddr + (iova - area->iova) != va + at)
			return -EINVAL;
	}
	return 0;
}

/* iommufd_test_md_check_iotlb() */
static long check_iotlb(struct fake_iommufd *ictx, const struct iommu_test_cmd *cmd)
{
	struct fake_hwpt *hwpt = fake_object_get(ictx, cmd->id, FAKE_OBJECT_HWPT_NESTED);

	if (!hwpt)
		return -ENOENT;
	if (cmd->check_iotlb.id >= MOCK_NESTED_DOMAIN_IOTLB_NUM ||
	    hwpt->slots[cmd->check_iotlb.id] != cmd->check_iotlb.iotlb)
		return -EINVAL;
	return 0;
}

/* iommufd_test_dirty(), of one page */
static long dirty(struct fake_iommufd *ictx, const struct iommu_test_cmd *cmd)
{
	struct fake_hwpt *hwpt = fake_object_get(ictx, cmd->id, FAKE_OBJECT_HWPT_PAGING);

	if (!hwpt)
		return -ENOENT;
	if (!cmd->dirty.uptr || cmd->dirty.length != FAKE_PAGE || !hwpt->domain.tracking)
		return -EINVAL;
	hwpt->domain.dirty[hwpt->domain.ndirty++] = cmd->dirty.iova / FAKE_PAGE;
	return 0;
}

/* iommufd_test_trigger_iopf() */
static long trigger_iopf(struct fake_iommufd *ictx, const struct iommu_test_cmd *cmd)
{
	struct fake_idev *idev =
		fake_object_get(ictx, cmd->trigger_iopf.dev_id, FAKE_OBJECT_DEVICE);

	if (!idev)
		return -ENOENT;
	fake_fault_report(idev->dev, FAKE_NO_PASID, cmd->trigger_iopf.addr, cmd->trigger_iopf.perm,
			  cmd->trigger_iopf.grpid, true);
	return 0;
}

/* iommufd_test_dev_check_cache() */
static long check_cache(struct fake_iommufd *ictx, const struct iommu_test_cmd *cmd)
{
	const struct fake_idev *idev = fake_object_get(ictx, cmd->id, FAKE_OBJECT_DEVICE);

	if (!idev)
		return -ENOENT;
	if (cmd->check_dev_cache.id >= MOCK_DEV_CACHE_NUM ||
	    mock_of(idev)->cache[cmd->check_dev_cache.id] != cmd->check_dev_cache.cache)
		return -EINVAL;
	return 0;
}

/* iommufd_test_trigger_vevent() */
static long trigger_vevent(struct fake_iommufd *ictx, const struct iommu_test_cmd *cmd)
{
	const struct fake_idev *idev =
		fake_object_get(ictx, cmd->trigger_vevent.dev_id, FAKE_OBJECT_DEVICE);
	const struct fake_hwpt *hwpt = idev ? mock_of(idev)->hwpt : NULL;
	struct iommu_viommu_event_selftest event;
	uint64_t virt_id = 0;

	if (!hwpt || !hwpt->viommu ||
	    !fake_viommu_virt_id(hwpt->viommu, idev->object.id, &virt_id) || !virt_id)
		return -ENOENT;
	event.virt_id = (uint32_t)virt_id + !!(fake_machine.flaws & FAKE_FLAW_EVENT_STREAM);
	return fake_veventq_put(hwpt->viommu, &event, sizeof(event)) ? 0 : -EOPNOTSUPP;
}

/* iommufd_test() */
long fake_mock_command(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_test_cmd *cmd = arg;

	switch (cmd->op) {
	case IOMMU_TEST_OP_MOCK_DOMAIN:
		return mock_domain(ictx, cmd);
	case IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE:
		return replace(ictx, cmd);
	case IOMMU_TEST_OP_MD_CHECK_MAP:
		return check_map(ictx, cmd);
	case IOMMU_TEST_OP_DIRTY:
		return fake_since(6, 7) ? dirty(ictx, cmd) : -EOPNOTSUPP;
	case IOMMU_TEST_OP_MD_CHECK_IOTLB:
		return fake_since(6, 8) ? check_iotlb(ictx, cmd) : -EOPNOTSUPP;
	case IOMMU_TEST_OP_TRIGGER_IOPF:
		return fake_since(6, 11) ? trigger_iopf(ictx, cmd) : -EOPNOTSUPP;
	case IOMMU_TEST_OP_DEV_CHECK_CACHE:
		return fake_since(6, 13) ? check_cache(ictx, cmd) : -EOPNOTSUPP;
	case IOMMU_TEST_OP_TRIGGER_VEVENT:
		return fake_since(6, 15) ? trigger_vevent(ictx, cmd) : -EOPNOTSUPP;
	}
	return -EOPNOTSUPP;
}

/* mock_domain_alloc_nested(): every slot of the cache holds what the user says */
int fake_mock_fill(struct fake_hwpt *hwpt, const struct iommu_hwpt_alloc *cmd)
{
	struct iommu_hwpt_selftest data;
	size_t i;
	int err;

	if (cmd->data_type != IOMMU_HWPT_DATA_SELFTEST)
		return -EOPNOTSUPP;
	if (cmd->data_len < sizeof(data))
		return -EINVAL;
	err = fake_copy_struct(&data, sizeof(data), (uintptr_t)cmd->data_uptr, cmd->data_len);
	for (i = 0; i < MOCK_NESTED_DOMAIN_IOTLB_NUM; i++)
		hwpt->slots[i] = data.iotlb;
	return err;
}

/* mock_domain_cache_invalidate_user(), one entry */
int fake_mock_invalidate(struct fake_hwpt *hwpt, uintptr_t at, uint32_t len)
{
	struct iommu_hwpt_invalidate_selftest entry;

	if (len != sizeof(entry))
		return -EINVAL;
	memcpy(&entry, (const void *)at, sizeof(entry));
	if (entry.flags & ~IOMMU_TEST_INVALIDATE_FLAG_ALL)
		return -EOPNOTSUPP;
	if (entry.iotlb_id >= MOCK_NESTED_DOMAIN_IOTLB_NUM)
		return -EINVAL;
	if (fake_machine.flaws & FAKE_FLAW_IGNORE_INVALIDATE)
		return 0;
	if (entry.flags & IOMMU_TEST_INVALIDATE_FLAG_ALL)
		memset(hwpt->slots, 0, sizeof(hwpt->slots));
	else
		hwpt->slots[entry.iotlb_id] = 0;
	return 0;
}

/* mock_viommu_cache_invalidate(), one entry */
int fake_mock_forget(struct fake_object *viommu, uintptr_t at, uint32_t len)
{
	struct iommu_viommu_invalidate_selftest entry;
	const struct fake_idev *idev;
	int err = fake_copy_struct(&entry, sizeof(entry), at, len);

	if (err)
		return err;
	if (entry.flags & ~IOMMU_TEST_INVALIDATE_FLAG_ALL)
		return -EOPNOTSUPP;
	if (entry.cache_id >= MOCK_DEV_CACHE_NUM)
		return -EINVAL;
	idev = fake_viommu_device(viommu, entry.vdev_id);
	if (!idev)
		return -EINVAL;
	if (fake_machine.flaws & FAKE_FLAW_IGNORE_INVALIDATE)
		return 0;
	if (entry.flags & IOMMU_TEST_INVALIDATE_FLAG_ALL)
		memset(mock_of(idev)->cache, 0, sizeof(mock_of(idev)->cache));
	else
		mock_of(idev)->cache[entry.cache_id] = 0;
	return 0;
}

/* ---- hardware queues ---- */

struct hw_queue {
	struct fake_object object;
	struct fake_object *viommu;
	struct hw_queue *prev;
	uint32_t index;
};

static struct hw_queue *hw_queue_at(const struct fake_object *viommu, uint32_t index)
{
	struct fake_object *object;

	for (object = viommu->ictx->objects; object; object = object->next)
		if (object->type == FAKE_OBJECT_HW_QUEUE &&
		    ((struct hw_queue *)object)->viommu == viommu &&
		    ((struct hw_queue *)object)->index == index)
			return (struct hw_queue *)object;
	return NULL;
}

/* iommufd_hw_queue_alloc_ioctl(), mock_hw_queue_init_phys() */
long fake_hw_queue_alloc(struct fake_iommufd *ictx, void *arg)
{
	struct iommu_hw_queue_alloc *cmd = arg;
	struct fake_object *viommu;
	struct hw_queue *queue, *prev;
	uint64_t last = cmd->nesting_parent_iova + cmd->length - 1;

	if (cmd->flags || cmd->type == IOMMU_HW_QUEUE_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->length)
		return -EINVAL;
	if (last < cmd->nesting_parent_iova)
		return -EOVERFLOW;
	viommu = fake_object_get(ictx, cmd->viommu_id, FAKE_OBJECT_VIOMMU);
	if (!viommu)
		return -ENOENT;
	if (!fake_viommu_parent(viommu)->mock || cmd->type != IOMMU_HW_QUEUE_TYPE_SELFTEST)
		return -EOPNOTSUPP;
	if (!fake_space_find(fake_viommu_parent(viommu)->domain.space, cmd->nesting_parent_iova,
			     last))
		return -ENOENT;
	if (cmd->index >= IOMMU_TEST_HW_QUEUE_MAX)
		return -EINVAL;
	if (hw_queue_at(viommu, cmd->index))
		return -EEXIST;
	prev = cmd->index ? hw_queue_at(viommu, cmd->index - 1) : NULL;
	if (cmd->index && !prev)
		return -EIO;
	queue = fake_object_new(ictx, FAKE_OBJECT_HW_QUEUE, sizeof(*queue));
	queue->viommu = viommu;
	viommu->users++;
	queue->index = cmd->index;
	queue->prev = prev;
	if (prev && !(fake_machine.flaws & FAKE_FLAW_TAKES_ALL))
		prev->object.users++; /* iommufd_hw_queue_depend() */
	else
		queue->prev = NULL;
	cmd->out_hw_queue_id = queue->object.id;
	return 0;
}

/* mock_hw_queue_destroy() */
void fake_hw_queue_destroy(struct fake_object *object)
{
	struct hw_queue *queue = (struct hw_queue *)object;

	queue->viommu->users--;
	if (queue->prev)
		queue->prev->object.users--;
}
