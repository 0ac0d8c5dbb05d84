/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On the kernel's mock device: vIOMMU, vDEVICE, queue of events and hardware queue, each by the
 * bare request, for the legs that show what the kernel's own code makes of them.
 *
 * All return 0 or -errno; what they acquire they push on the undo stack.
 */
#ifndef NEST_BACKEND_MOCK_VIOMMU_H
#define NEST_BACKEND_MOCK_VIOMMU_H

#include "backend/backend.h"

/* What the slots of a device's cache hold until they are invalidated. */
#define NEST_MOCK_CACHE_FILLED UINT32_C(0xbaddad)
#define NEST_MOCK_CACHE_SLOTS  4

/* Ids of iommufd; 0: not there. */
struct nest_mock_viommu {
	struct nest_space *space;
	struct nest_vdev *vdev;
	uint32_t parent, viommu, vdevice, table;
	uint32_t events;
	int events_fd;
};

/* A parent, and a vIOMMU on it. -ENOTTY: the kernel is older than 6.13. */
int nest_mock_viommu_new(struct nest_space *space, struct nest_vdev *vdev,
			 struct nest_mock_viommu *ret);

/* The device's number on it; and a nested table. */
int nest_mock_vdevice_new(struct nest_mock_viommu *mock, uint64_t virt_id);
int nest_mock_table_new(struct nest_mock_viommu *mock);
int nest_mock_attach(struct nest_mock_viommu *mock);

/* Invalidates one slot of the device's cache, or with NEST_MOCK_CACHE_SLOTS all. */
int nest_mock_forget(struct nest_mock_viommu *mock, uint32_t virt_id, uint32_t slot);

/* -EINVAL: the slot holds another value. */
int nest_mock_check_cache(struct nest_mock_viommu *mock, uint32_t slot, uint32_t value);

/* -ENOTTY: the kernel is older than 6.15. */
int nest_mock_events_new(struct nest_mock_viommu *mock, uint32_t depth);
int nest_mock_event(struct nest_mock_viommu *mock);

struct nest_mock_event {
	uint32_t sequence, virt_id;
	bool lost; /* some before it found no room; there is no virt_id */
};

/* What is in the queue, without waiting. -EPROTO: no whole event. */
int nest_mock_events_read(struct nest_mock_viommu *mock, struct nest_mock_event *buf, size_t room,
			  size_t *ret_count);

/* len bytes at iova of the parent as the queue of that index. -ENOTTY: older than 6.17. */
int nest_mock_hw_queue_new(struct nest_mock_viommu *mock, uint32_t index, uint64_t iova,
			   uint64_t len, uint32_t *ret_id);

/* Destroys an object now, off the undo stack if that is done. */
int nest_mock_destroy(struct nest_mock_viommu *mock, uint32_t id);

#endif
