/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iommufd: objects by id, address spaces, page tables, fault queues, and devices bound to it. */
#ifndef FAKE_IOMMUFD_H
#define FAKE_IOMMUFD_H

#include "fake-iommu.h"

enum fake_object_type {
	FAKE_OBJECT_ANY,
	FAKE_OBJECT_IOAS,
	FAKE_OBJECT_HWPT_PAGING,
	FAKE_OBJECT_HWPT_NESTED,
	FAKE_OBJECT_DEVICE,
	FAKE_OBJECT_FAULT,
	FAKE_OBJECT_SELFTEST,
	FAKE_OBJECT_VIOMMU,
	FAKE_OBJECT_VDEVICE,
	FAKE_OBJECT_VEVENTQ,
	FAKE_OBJECT_HW_QUEUE,
};

struct fake_object {
	enum fake_object_type type;
	uint32_t id;
	unsigned int users; /* 1 when idle */
	struct fake_iommufd *ictx;
	struct fake_object *next; /* by id */
};

/* The object is the first member of each of these. */
struct fake_ioas {
	struct fake_object object;
	struct fake_space space;
	bool small_pages;
	bool automatic; /* made for a container; nobody is to blame if it stays to the end */
};

struct fake_hwpt {
	struct fake_object object;
	struct fake_domain domain;
	struct fake_ioas *ioas;	    /* paging */
	struct fake_hwpt *parent;   /* nested */
	struct fake_object *viommu; /* nested on one */
	struct fake_fault *fault;
	bool nest_parent, automatic, pasid_compat;
	bool force_write;    /* takes no memory that is read-only */
	bool dirty_tracking; /* can note writes */
	bool mock;	     /* of the kernel's mock device */
	uint32_t slots[4];   /* its cache; nested */
};

struct fake_idev {
	struct fake_object object;
	struct fake_device *dev;
};

struct fake_iommufd {
	struct fake_iommufd *all; /* next one */
	struct fake_file *file;
	struct fake_object *objects;
	struct fake_ioas *vfio_ioas;
	bool no_iommu, mm_accounting;
};

/* ---- fake-iommufd.c ---- */

int fake_iommufd_open(const char *name, int flags, bool compat_node);
struct fake_iommufd *fake_iommufd_of(struct fake_file *file); /* NULL if it is none */
void *fake_object_new(struct fake_iommufd *ictx, enum fake_object_type type, size_t size);
void *fake_object_get(struct fake_iommufd *ictx, uint32_t id, enum fake_object_type type);
void fake_object_destroy(struct fake_object *object);
unsigned int fake_iommufd_left(FILE *out);
void fake_iommufd_reset(void);

/*
 * Reads what the user passed: -E2BIG if bytes beyond size are not zero; cleared where it is
 * shorter.
 */
int fake_copy_struct(void *ret, size_t size, uintptr_t arg, size_t user_size);

/* Requests take a copy of the user's structure, and change it. */

/* ---- fake-ioas.c ---- */

struct fake_ioas *fake_ioas_new(struct fake_iommufd *ictx);
void fake_ioas_destroy(struct fake_ioas *ioas);
long fake_ioas_alloc(struct fake_iommufd *ictx, void *arg);
long fake_ioas_ranges(struct fake_iommufd *ictx, void *arg);
long fake_ioas_map(struct fake_iommufd *ictx, void *arg);
long fake_ioas_copy(struct fake_iommufd *ictx, void *arg);
long fake_ioas_map_file(struct fake_iommufd *ictx, void *arg);
long fake_ioas_unmap(struct fake_iommufd *ictx, void *arg);
long fake_ioas_option(struct fake_iommufd *ictx, void *arg);
long fake_ioas_change_process(struct fake_iommufd *ictx, void *arg);
int fake_ioas_do_map(struct fake_ioas *ioas, uint64_t *iova, uint64_t vaddr, uint64_t length,
		     bool read, bool write, bool fixed);
int fake_ioas_do_unmap(struct fake_ioas *ioas, uint64_t first, uint64_t last, uint64_t *ret_len);

/* ---- fake-hwpt.c ---- */

long fake_hwpt_alloc(struct fake_iommufd *ictx, void *arg);
long fake_hwpt_set_dirty(struct fake_iommufd *ictx, void *arg);
long fake_hwpt_get_dirty(struct fake_iommufd *ictx, void *arg);
long fake_hwpt_invalidate(struct fake_iommufd *ictx, void *arg);
struct fake_hwpt *fake_hwpt_new_paging(struct fake_ioas *ioas, uint32_t flags, bool mock,
				       int *ret_err);
void fake_hwpt_destroy(struct fake_hwpt *hwpt);
void fake_hwpt_put(struct fake_hwpt *hwpt); /* one user less; an automatic one goes with the last */

/* ---- fake-hwinfo.c ---- */

long fake_hw_info(struct fake_iommufd *ictx, void *arg);

/* ---- fake-attach.c ---- */

int fake_iommufd_bind(struct fake_iommufd *ictx, struct fake_device *dev);
void fake_iommufd_unbind(struct fake_device *dev);
int fake_iommufd_attach(struct fake_device *dev, uint32_t pasid, uint32_t *pt_id);
void fake_iommufd_detach(struct fake_device *dev, uint32_t pasid);
struct fake_attach *fake_attach_find(struct fake_group *group, uint32_t pasid);

/* ---- fake-cdev.c ---- */

int fake_cdev_open(struct fake_device *dev, const char *name, int flags);

/* ---- fake-fault.c ---- */

long fake_fault_alloc(struct fake_iommufd *ictx, void *arg);
void fake_fault_destroy(struct fake_object *object);
struct fake_object *fake_fault_object(struct fake_fault *fault);
struct fake_fault *fake_fault_of(struct fake_object *object);

/*
 * A page request reaches the kernel: queued where the domain has a fault queue, else answered
 * INVALID at once. perm is IOMMU_PGFAULT_PERM_*.
 */
void fake_fault_report(struct fake_device *dev, uint32_t pasid, uint64_t addr, uint32_t perm,
		       uint32_t id, bool last);

/* Answers all that waits for this device and PASID with INVALID. NULL is no queue. */
void fake_fault_flush(struct fake_fault *fault, const struct fake_device *dev, uint32_t pasid);
void fake_fault_drop_partial(const struct fake_device *dev);
void fake_fault_reset(void);

/* ---- fake-compat.c: container requests on an iommufd ---- */

long fake_compat_ioctl(struct fake_iommufd *ictx, unsigned long request, uintptr_t arg);
int fake_compat_create(struct fake_iommufd *ictx);

#endif
