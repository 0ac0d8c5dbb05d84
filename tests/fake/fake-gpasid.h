/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the out-of-tree series add to a type1 container: PASIDs of a process, tables bound to them,
 * and in product trees a ring of faults. Numbers and layouts by hand: the fake does not ask the
 * tool's table what they are.
 */
#ifndef FAKE_GPASID_H
#define FAKE_GPASID_H

#include "fake-device.h"
#include "fake-iommu.h"
#include "fake-vfio.h"

/* ---- fake-pasid.c: PASIDs of this process ---- */

#define FAKE_PASIDS 256 /* a unit of eight bits; 0 is given to nobody */

enum fake_pasid_owner { FAKE_PASID_FREE, FAKE_PASID_CONTAINER, FAKE_PASID_NODE };

/* The lowest free one, or 0. */
uint32_t fake_pasid_take(uint32_t min, uint32_t max, enum fake_pasid_owner owner);
bool fake_pasid_is_taken(uint32_t pasid);
unsigned int fake_pasid_count(enum fake_pasid_owner owner);

/* Unbinds it everywhere first. */
void fake_pasid_give_back(uint32_t pasid);
void fake_pasid_give_back_all(enum fake_pasid_owner owner);
void fake_pasid_reset(void);

long fake_pasid_request(void *arg); /* RFC v3, PASID_REQUEST */
long fake_pasid_quota(void *arg);   /* RFC v3, SET_PASID_QUOTA */

int fake_ioasid_open(const char *name, int flags); /* fd or -errno */

/* ---- fake-gpasid.c: tables bound to PASIDs ---- */

/* What iommu_uapi_sva_bind_gpasid() makes of either layout. */
struct fake_gpasid_data {
	uint32_t version, format, addr_width;
	uint64_t flags, gpgd, hpasid, vtd_flags;
};

long fake_gpasid_bind(struct fake_type1 *type1, const struct fake_gpasid_data *data);
long fake_gpasid_unbind(struct fake_type1 *type1, uint32_t pasid);
void fake_gpasid_unbind_everywhere(uint32_t pasid);
void fake_gpasid_unbind_all(struct fake_type1 *type1,
			    const struct fake_group *group); /* NULL: of all groups */

struct fake_inv {
	uint32_t version;
	uint8_t cache, granularity;
	bool padded; /* something is in the padding */
	uint32_t flags;
	uint64_t pasid, addr, granule_size, nb_granules;
};

long fake_gpasid_invalidate(struct fake_type1 *type1, const struct fake_inv *inv);

/* ---- fake-ring.c: the region of faults and its interrupt ---- */

bool fake_ring_exists(const struct fake_device *dev);
void fake_ring_open(
	struct fake_device *dev); /* the device was opened, perhaps in a nesting container */
void fake_ring_close(struct fake_device *dev); /* denies what waits */

long fake_ring_region_info(const struct fake_device *dev, void *arg);
long fake_ring_irq_info(void *arg);
long fake_ring_set_irq(struct fake_device *dev, const void *arg);
ssize_t fake_ring_rw(struct fake_device *dev, void *buf, size_t len, uint64_t offset, bool write);
int fake_ring_mmap(struct fake_device *dev, size_t len, uint64_t offset, void **ret_addr);
void fake_ring_unmapped(const void *addr);
void fake_ring_reset(void);

/* A page request under a bound PASID; denied at once if it does not fit. */
void fake_ring_report(struct fake_device *dev, uint32_t pasid, uint64_t addr, uint32_t perm,
		      uint32_t group, bool last);

/* Answers one group; -EINVAL if none of it waits. */
long fake_ring_respond(uint32_t pasid, uint32_t group, uint32_t code);
void fake_ring_deny(uint32_t pasid); /* all that wait under it */

#endif
