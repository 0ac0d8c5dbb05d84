/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address spaces, page tables, and what DMA makes of them. */
#ifndef FAKE_IOMMU_H
#define FAKE_IOMMU_H

#include "fake-machine.h"

struct fake_dmabuf;
struct fake_fault;
struct fake_object;

/* ---- fake-space.c: an I/O address space, of a container or of iommufd ---- */

struct fake_area {
	struct fake_area *next; /* by address */
	uint64_t iova, size;
	uint8_t *vaddr;
	bool read, write;
	bool file;		    /* mapped by a file, not by its address */
	struct fake_dmabuf *dmabuf; /* which it maps, or NULL: memory */
	bool revoked;		    /* and which leads nowhere any more */
};

#define FAKE_SPACE_RESERVED 64

struct fake_space {
	struct fake_space *next; /* of all spaces */
	struct fake_area *areas;
	struct fake_reserved {
		struct fake_range range;
		const void *owner;
	} reserved[FAKE_SPACE_RESERVED];
	size_t nreserved;
	unsigned int domains;	  /* page tables that are filled from this space */
	unsigned int force_write; /* of them nest parents, which take no read-only area */
	unsigned int pins;	  /* areas are pinned while this is not 0 */
};

void fake_space_init(struct fake_space *space);
void fake_space_clear(struct fake_space *space); /* drops all areas and forgets the space */

/* The first area that has an address in the range, or NULL. */
struct fake_area *fake_space_find(const struct fake_space *space, uint64_t first, uint64_t last);

/* The area that an access to this address goes through, or NULL. */
struct fake_area *fake_space_at(const struct fake_space *space, uint64_t address);
bool fake_space_is_reserved(const struct fake_space *space, uint64_t first, uint64_t last);

/* -EADDRINUSE if something is mapped there. */
int fake_space_reserve(struct fake_space *space, uint64_t first, uint64_t last, const void *owner);
void fake_space_unreserve(struct fake_space *space, const void *owner);

/* Inserts an area the caller has checked, and pins it; -EFAULT, -ENOMEM. */
int fake_space_insert(struct fake_space *space, uint64_t iova, void *vaddr, uint64_t size,
		      bool read, bool write);
void fake_space_remove(struct fake_space *space, struct fake_area *area);

/* No area of the dma-buf leads anywhere from now on, in any space. */
void fake_space_revoke(const struct fake_dmabuf *dmabuf);

/* Pins all areas for one more page table; -EFAULT, -ENOMEM, then nothing is done. */
int fake_space_pin(struct fake_space *space);
void fake_space_unpin(struct fake_space *space);

/* The ranges that are not reserved, in order; returns how many there are. */
size_t fake_space_ranges(const struct fake_space *space, struct fake_range *ret, size_t room);

bool fake_space_uses(const void *addr, size_t len); /* does any space map it? */
unsigned int fake_space_left(FILE *out);
void fake_space_reset(void);

/* ---- page tables ---- */

enum fake_domain_kind {
	FAKE_FIRST_STAGE,  /* tables of the kernel in first-stage format */
	FAKE_SECOND_STAGE, /* in second-stage format */
	FAKE_NESTED,	   /* a first stage of the user's on top of a second */
};

struct fake_domain {
	enum fake_domain_kind kind;
	struct fake_space *space; /* what is mapped; of a nested domain, the parent's */
	uint64_t pgtbl, s1_flags; /* this and the next: nested only */
	unsigned int addr_width;
	uint64_t ste[2];		  /* nested on a vIOMMU, which is this */
	struct fake_object *viommu;	  /* NULL: it is on none */
	const struct fake_domain *before; /* what the device was on when it was attached to this */
	struct fake_fault *fault;	  /* page requests go here, or NULL */
	bool gpasid;   /* bound through a container: they go to the device's ring */
	bool tracking; /* it notes writes: page numbers */
	uint64_t dirty[64];
	size_t ndirty;
};

/* What the kernel makes for a mapping of its own, and the last address of it. */
enum fake_domain_kind fake_paging_kind(bool second_stage);
uint64_t fake_aperture(enum fake_domain_kind kind);

/* ---- fake-walk.c: the two stages ---- */

struct fake_walk {
	uint8_t *page;	  /* host address of the 4 KiB page */
	bool read, write; /* what a cache may keep */
};

/* 0 with *ret, or the VT-d fault reason. */
int fake_walk(const struct fake_domain *domain, uint64_t iova, bool write, struct fake_walk *ret);

/* ---- fake-iommu.c: the unit ---- */

/*
 * DMA of a device, page by page, through whatever it is attached to. The first fault is logged and
 * returned; 0 if there was none.
 */
int fake_iommu_dma(struct fake_device *dev, uint32_t pasid, uint64_t iova, void *buf, size_t len,
		   bool write);

/* Would it go through: the question of a device that translates first. Nothing is logged. */
bool fake_iommu_translates(struct fake_device *dev, uint32_t pasid, uint64_t iova, bool write);

/* The domain a request of this device goes through, or NULL: blocked. */
struct fake_domain *fake_iommu_domain(const struct fake_device *dev, uint32_t pasid);

/* fake-gpasid.c: the same for what a container has bound. */
struct fake_domain *fake_gpasid_domain(const struct fake_device *dev, uint32_t pasid);

/* Invalidation: inclusive range; a domain; a device, when its attachment changed; a space. */
void fake_iotlb_flush_range(const struct fake_domain *domain, uint64_t first, uint64_t last);
void fake_iotlb_flush_domain(const struct fake_domain *domain);
void fake_iotlb_flush_device(const struct fake_device *dev, uint32_t pasid);
void fake_iotlb_flush_space(const struct fake_space *space);
void fake_iotlb_reset(void);

/* The domain goes, what is cached of it stays: a flaw. */
void fake_iotlb_orphan(const struct fake_domain *domain);

/* The same as fake_iotlb_flush_range() 20 ms later: a flaw. */
void fake_iotlb_flush_late(const struct fake_domain *domain, uint64_t first, uint64_t last);

/* Is it the page that stands for host memory of others? */
bool fake_walk_is_foreign(const uint8_t *memory);
uint8_t *fake_walk_foreign(void);

/* Tables that a unit remembers: a flaw. */
void fake_walk_forget(void);

#endif
