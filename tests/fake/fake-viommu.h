/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vIOMMUs, vDEVICEs and what stands on them. */
#ifndef FAKE_VIOMMU_H
#define FAKE_VIOMMU_H

#include "fake-iommufd.h"

struct iommu_hwpt_alloc;

/* ---- fake-viommu.c ---- */

long fake_viommu_alloc(struct fake_iommufd *ictx, void *arg);
long fake_vdevice_alloc(struct fake_iommufd *ictx, void *arg);
void fake_viommu_destroy(struct fake_object *object); /* of either */
struct fake_hwpt *fake_viommu_parent(struct fake_object *viommu);
int fake_viommu_fill(struct fake_hwpt *hwpt, const struct iommu_hwpt_alloc *cmd);
int fake_viommu_invalidate(struct fake_object *viommu, uintptr_t at, uint32_t len);

/* The device that the vIOMMU calls so, or NULL. */
const struct fake_idev *fake_viommu_device(const struct fake_object *viommu, uint64_t virt_id);

/* What the vIOMMU calls the device; false: it has no vDEVICE there. */
bool fake_viommu_virt_id(const struct fake_object *viommu, uint32_t devid, uint64_t *ret);

/* ---- fake-veventq.c ---- */

long fake_veventq_alloc(struct fake_iommufd *ictx, void *arg);
void fake_veventq_destroy(struct fake_object *object);

/* iommufd_viommu_report_event(): false: the vIOMMU has no queue */
bool fake_veventq_put(const struct fake_object *viommu, const void *data, size_t len);

#endif
