/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds a first-stage page table for VT-d nested translation: the 4-level form of the x86-64 CPU,
 * in a buffer of the caller whose guest-physical address is known. Pure: nothing here talks to a
 * kernel.
 *
 * The IOMMU may walk the table while it is changed, so each entry is written by one 64-bit store,
 * a table before the entry that leads to it. Whether the IOMMU has forgotten what an entry said
 * before is the caller's business (invalidation).
 * Source: VT-d specification, "First-Stage Translation" and "First-Stage Paging Entries".
 */
#ifndef NEST_S1PT_H
#define NEST_S1PT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEST_S1PT_4K	 (UINT64_C(1) << 12)
#define NEST_S1PT_2M	 (UINT64_C(1) << 21)
#define NEST_S1PT_1G	 (UINT64_C(1) << 30)

#define NEST_S1PT_LEVELS 4
#define NEST_S1PT_WIDTH	 48 /* bits of input address, sign-extended above: iommufd's addr_width */

/* Entry bits. */
#define NEST_S1PT_PRESENT  (UINT64_C(1) << 0)
#define NEST_S1PT_WRITE	   (UINT64_C(1) << 1)
#define NEST_S1PT_USER	   (UINT64_C(1) << 2)
#define NEST_S1PT_ACCESSED (UINT64_C(1) << 5)
#define NEST_S1PT_DIRTY	   (UINT64_C(1) << 6) /* leaves only */
#define NEST_S1PT_LARGE	   (UINT64_C(1) << 7) /* a leaf above level 1 */
#define NEST_S1PT_ADDR	   UINT64_C(0x000ffffffffff000)

/*
 * Permissions of a leaf. USER is part of both usual sets: a request without PASID, or with one and
 * without the privileged bit, is a user request, and an entry without U/S blocks it (fault 0x81).
 *
 * ACCESSED and DIRTY are set beforehand in the usual sets. Otherwise the walk writes them, and an
 * entry cached by a read (dirty still clear) does not serve a write: what an invalidation proves
 * would depend on the direction of the DMA before it. The _TRACK set leaves them clear on purpose:
 * finding them set after a DMA is the hardware's own signature that it walked this table.
 */
#define NEST_S1PT_RW	   (NEST_S1PT_WRITE | NEST_S1PT_USER | NEST_S1PT_ACCESSED | NEST_S1PT_DIRTY)
#define NEST_S1PT_RO	   (NEST_S1PT_USER | NEST_S1PT_ACCESSED)
#define NEST_S1PT_RW_TRACK (NEST_S1PT_WRITE | NEST_S1PT_USER)

struct nest_s1pt {
	uint64_t *tables; /* the caller's buffer, 512 entries a page */
	uint64_t gpa;	  /* guest-physical address of the buffer */
	size_t npages;	  /* of the buffer */
	size_t used;	  /* pages given out, the root (page 0) included */
	bool flush; /* the IOMMU's walks do not snoop: write each entry back (ECAP.SMPWC clear) */
};

/*
 * An empty table in buf, which is cleared. -EINVAL: buf or gpa not 4 KiB aligned, size no multiple
 * of 4 KiB or zero, or the end of the buffer beyond 52 bits of guest-physical address.
 */
int nest_s1pt_init(struct nest_s1pt *pt, void *buf, size_t size, uint64_t gpa, bool flush);

/* Guest-physical address of the root: what iommufd calls pgtbl_addr. */
uint64_t nest_s1pt_root(const struct nest_s1pt *pt);

/*
 * Maps one page of size (4 KiB, 2 MiB or 1 GiB) at giova to gpa. bits are entry bits without
 * PRESENT, LARGE and address. On success *ret_entry (may be NULL) is the leaf, inside the buffer.
 * -EINVAL: size, alignment, bits, or giova not canonical; -EEXIST: something is mapped there, or a
 * table of smaller pages stands there; -ENOSPC: the buffer has no page left for a table. Nothing
 * is mapped on failure (tables added on the way stay, empty).
 */
int nest_s1pt_map(struct nest_s1pt *pt, uint64_t giova, uint64_t gpa, uint64_t size, uint64_t bits,
		  uint64_t **ret_entry);

/* Clears the leaf that maps giova, of whatever size. -ENOENT if none does. Tables stay. */
int nest_s1pt_unmap(struct nest_s1pt *pt, uint64_t giova);

/*
 * Points the leaf that maps giova at another gpa and bits, by one store. -ENOENT, or -EINVAL as
 * above.
 */
int nest_s1pt_replace(struct nest_s1pt *pt, uint64_t giova, uint64_t gpa, uint64_t bits);

/*
 * Finds the leaf of giova; ret_size (may be NULL) is its page size. -ENOENT if giova is not mapped,
 * -EINVAL if it is not canonical.
 */
int nest_s1pt_lookup(const struct nest_s1pt *pt, uint64_t giova, uint64_t **ret_entry,
		     uint64_t *ret_size);

/* Stores a whole entry that map or lookup gave, as it is to be seen by the IOMMU. 0 clears it. */
void nest_s1pt_store(const struct nest_s1pt *pt, uint64_t *entry, uint64_t value);

/* Reads an entry as the IOMMU left it. */
uint64_t nest_s1pt_load(const uint64_t *entry);

#endif
