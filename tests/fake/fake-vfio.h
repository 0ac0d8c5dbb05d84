/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups, containers and the type1 driver. */
#ifndef FAKE_VFIO_H
#define FAKE_VFIO_H

#include "fake-iommu.h"

struct fake_container;
struct fake_iommufd;
struct fake_hwpt;

#define FAKE_MAX_PASIDS 8
#define FAKE_MAX_BINDS	16

/* ---- fake-group.c ---- */

struct fake_group {
	uint32_t id;
	bool viable, noiommu, busy;
	struct fake_file *opened;
	struct fake_container *container;
	struct fake_iommufd *iommufd; /* as container */
	unsigned int container_users;
	unsigned int cdev_open;
	const void *owner; /* of its DMA */
	unsigned int owner_count;
	struct fake_domain *domain; /* what its DMA goes through, PASIDs aside */

	/* What iommufd attached, by PASID; FAKE_NO_PASID is one of them. */
	struct fake_attach {
		uint32_t pasid;
		struct fake_hwpt *hwpt; /* NULL: entry free */
		uint32_t devices;	/* mask of fake_device_bit() */
	} attach[FAKE_MAX_PASIDS];
};

struct fake_group *fake_group_find(uint32_t id);
int fake_group_open(struct fake_group *group, const char *name, int flags);

/* Takes the group's DMA for owner; shared: once for each device. -EPERM if another has it. */
int fake_group_claim(struct fake_group *group, const void *owner, bool shared);
void fake_group_release(struct fake_group *group);

/* ---- fake-container.c ---- */

extern const struct fake_file_ops fake_container_ops;

int fake_container_open(const char *name, int flags);
int fake_container_attach_group(struct fake_file *file, struct fake_group *group);
void fake_container_detach_group(struct fake_group *group);
bool fake_container_is_set(const struct fake_container *container);
struct fake_type1 *
fake_container_type1(const struct fake_container *container); /* NULL: another driver, or none */

/* ---- fake-type1.c: made by SET_IOMMU ---- */

struct fake_type1 {
	bool v2, nesting;
	struct fake_space space;
	struct fake_domain domain;
	uint32_t dma_avail;

	/* Of the out-of-tree series: tables bound to PASIDs. */
	struct fake_bind {
		struct fake_device *dev; /* NULL: free */
		uint32_t pasid;
		struct fake_domain domain;
	} binds[FAKE_MAX_BINDS];
};

struct fake_type1 *fake_type1_new(unsigned long type);
void fake_type1_free(struct fake_type1 *type1);
int fake_type1_attach(struct fake_type1 *type1, struct fake_group *group);
void fake_type1_detach(struct fake_group *group);
long fake_type1_ioctl(struct fake_type1 *type1, unsigned long request, uintptr_t arg);
int fake_type1_extension(const struct fake_type1 *type1, unsigned long id); /* type1 may be NULL */

/* A GET_INFO chain in the making. */
struct fake_chain {
	_Alignas(8) uint8_t bytes[1024];
	size_t len, last; /* last: where the newest capability begins */
	bool any;
};

/* Room for one more capability, cleared but for its header. */
void *fake_chain_add(struct fake_chain *chain, uint16_t id, uint16_t version, size_t len);

/* The version query of RFC v3, by hand: the fake does not ask the tool what its numbers are. */
#define FAKE_VERSION_QUERY 0x3b7cul

/* ---- fake-rfc.c: what the out-of-tree series adds to type1 ---- */

void fake_rfc_capability(const struct fake_type1 *type1, struct fake_chain *chain);

/* True, with its result, if the request is one of theirs. */
bool fake_rfc_ioctl(struct fake_type1 *type1, unsigned long request, uintptr_t arg, long *ret);

#endif
