/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's mock device: what fake-mock.c shares with the rest of iommufd. */
#ifndef FAKE_MOCK_H
#define FAKE_MOCK_H

#include "fake-device.h"
#include "fake-iommufd.h"

struct iommu_hwpt_alloc;

long fake_mock_command(struct fake_iommufd *ictx, void *arg);
void fake_mock_destroy(struct fake_object *object);
bool fake_mock_is(const struct fake_idev *idev);

/* What of a nested table, and of an invalidation, is the mock's own. */
int fake_mock_fill(struct fake_hwpt *hwpt, const struct iommu_hwpt_alloc *cmd);
int fake_mock_invalidate(struct fake_hwpt *hwpt, uintptr_t at, uint32_t len);

/* What stands on its vIOMMU: the cache of the device, hardware queues. */
int fake_mock_forget(struct fake_object *viommu, uintptr_t at, uint32_t len);
long fake_hw_queue_alloc(struct fake_iommufd *ictx, void *arg);
void fake_hw_queue_destroy(struct fake_object *object);

#endif
