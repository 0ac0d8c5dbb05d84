/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring in which the out-of-tree series pass DMA faults to user space: a header, whose head the
 * kernel moves and whose tail user space does, and entries of one struct iommu_fault each. Pure;
 * every index that the kernel gives is checked before it is used. Source: "SMMUv3 Nested Stage
 * Setup" v9 to v13, vfio_region_dma_fault; include/uapi/linux/iommu.h of 5.10.
 */
#ifndef NEST_FAULTRING_H
#define NEST_FAULTRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"

#define NEST_FAULTRING_HEADER 20u    /* bytes */
#define NEST_FAULTRING_ENTRY  64u    /* bytes of an entry that are looked at */
#define NEST_FAULTRING_MAX    65536u /* entries; a kernel has 512 */

struct nest_faultring {
	uint32_t entry_size, nb_entries;
	uint32_t offset; /* of the first entry in the region */
	uint32_t tail;	 /* next entry to be read */
	uint32_t head;	 /* next entry to be written: equal to tail when nothing waits */
};

/*
 * Takes a header. Why it cannot be right, one clause; NULL if it can, and then *ring is filled.
 * When ring->nb_entries is not 0, it is a later look at the same ring: its shape must be as before,
 * its tail is ours.
 */
const char *nest_faultring_look(const uint8_t header[NEST_FAULTRING_HEADER], uint64_t region_size,
				struct nest_faultring *ring);

/* Entries that wait. */
uint32_t nest_faultring_waiting(const struct nest_faultring *ring);

/* Where in the region the entry at the tail is. */
uint64_t nest_faultring_at(const struct nest_faultring *ring);

/* One entry has been read. */
void nest_faultring_advance(struct nest_faultring *ring);

enum nest_fault_kind { NEST_FAULT_OTHER, NEST_FAULT_PAGE_REQUEST, NEST_FAULT_UNRECOVERABLE };

/*
 * The meaning of an entry. ret_fault is filled for both kinds that are known; cookie is the group
 * of a page request, and last only there.
 */
enum nest_fault_kind nest_faultring_decode(const uint8_t entry[NEST_FAULTRING_ENTRY],
					   struct nest_s1_fault *ret_fault);

#endif
