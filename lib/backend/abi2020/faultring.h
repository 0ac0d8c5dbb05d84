/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring by which the out-of-tree series pass DMA faults to user space: a header and entries of
 * one struct iommu_fault each. The kernel moves the head, user space the tail. Pure; every index of
 * the kernel is checked before use. Source: "SMMUv3 Nested Stage Setup" v9 to v13,
 * vfio_region_dma_fault; include/uapi/linux/iommu.h of 5.10.
 */
#ifndef NEST_FAULTRING_H
#define NEST_FAULTRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"

#define NEST_FAULTRING_HEADER 20u    /* bytes */
#define NEST_FAULTRING_ENTRY  64u    /* bytes of an entry that are read */
#define NEST_FAULTRING_MAX    65536u /* entries; a kernel has 512 */

struct nest_faultring {
	uint32_t entry_size, nb_entries;
	uint32_t offset; /* of the first entry in the region */
	uint32_t tail;	 /* next entry to be read */
	uint32_t head;	 /* next entry to be written; equal to tail: the ring is empty */
};

/*
 * Checks a header and fills *ring; NULL, or one clause: what is wrong. With ring->nb_entries not 0
 * this is a later look at the same ring: its shape must not change, and ring->tail is kept.
 */
const char *nest_faultring_look(const uint8_t header[NEST_FAULTRING_HEADER], uint64_t region_size,
				struct nest_faultring *ring);

/* Entries that are not read yet. */
uint32_t nest_faultring_waiting(const struct nest_faultring *ring);

/* Offset in the region of the entry at the tail. */
uint64_t nest_faultring_at(const struct nest_faultring *ring);

/* Moves the tail by one entry. */
void nest_faultring_advance(struct nest_faultring *ring);

enum nest_fault_kind { NEST_FAULT_OTHER, NEST_FAULT_PAGE_REQUEST, NEST_FAULT_UNRECOVERABLE };

/*
 * Decodes an entry. ret_fault is filled for both known kinds; cookie (the group) and last only for
 * a page request.
 */
enum nest_fault_kind nest_faultring_decode(const uint8_t entry[NEST_FAULTRING_ENTRY],
					   struct nest_s1_fault *ret_fault);

#endif
