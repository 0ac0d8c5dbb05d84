/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first-stage table of a run: what legs do with it, through the ops of its format. */
#ifndef NEST_TRIP_TABLE_H
#define NEST_TRIP_TABLE_H

#include "trip/run.h"

/*
 * Slots as the first stage shows them. A GIOVA is, as a number, the plain address of another slot:
 * a DMA that went around the first stage would be found there.
 */
uint64_t nest_trip_giova(const struct nest_trip_run *run, unsigned int n);

/*
 * Makes giova lead to gpa (mapping or replacing the entry) and has the IOMMU forget what was
 * there.
 */
enum nest_leg_result nest_trip_point(struct nest_trip_run *run, uint64_t giova, uint64_t gpa,
				     unsigned int rights);

/* Clears the entry and has the IOMMU forget it. */
enum nest_leg_result nest_trip_clear(struct nest_trip_run *run, uint64_t giova);

/* Has the IOMMU forget npages from giova, or all that it knows of the table. */
enum nest_leg_result nest_trip_invalidate(struct nest_trip_run *run, uint64_t giova,
					  uint64_t npages, bool leaf);
enum nest_leg_result nest_trip_invalidate_all(struct nest_trip_run *run);
struct nest_s1_scope nest_trip_scope_pages(uint64_t giova, uint64_t npages, bool leaf);
struct nest_s1_scope nest_trip_scope_all(const struct nest_trip_run *run);

/* An empty table but for the scratch memory, which the device finds where it always is. */
int nest_trip_build_table(struct nest_trip_run *run);

/* A second table, in the last pages of the memory for tables: giova leads to page. */
int nest_trip_build_other(struct nest_trip_run *run, struct nest_s1_table *other, uint64_t giova,
			  uint64_t page);

/*
 * The configuration of a bind of that table: for a format that has them, with context descriptor n
 * (0 or 1), which is filled in and goes by an ASID of its own. 0 or -errno.
 */
int nest_trip_configure(struct nest_trip_run *run, const struct nest_s1_table *table,
			unsigned int n, struct nest_s1_config *ret_config);

/* Makes context descriptor n say that table and ASID. 0 or -errno. */
int nest_trip_describe_table(struct nest_trip_run *run, const struct nest_s1_table *table,
			     unsigned int n, uint32_t asid);

/* Pages of the memory for tables that hold tables; the rest holds context descriptors. */
size_t nest_trip_table_pages(const struct nest_s1_format *format);

/*
 * Binds the table, with a fault queue where the device has page requests and the IOMMU takes one;
 * sets run->s1, run->queue, run->no_queue. 0, or -errno of the attempt without a queue.
 */
int nest_trip_bind(struct nest_trip_run *run, const uint32_t *pasid);

/* Is a table bound to a PASID that the kernel gives out, and never to the device? */
bool nest_trip_is_per_pasid(const struct nest_trip_run *run);

/* Tags the device's DMA; 0: no longer. */
enum nest_leg_result nest_trip_tag(struct nest_trip_run *run, uint32_t pasid);

/* trip/legs/bits.c: a GIOVA far from all others, in tables of its own below the root's. */
uint64_t nest_trip_far(const struct nest_trip_run *run);

/*
 * Addresses whose entries at this level, for n of 1 and 2, lead to nothing else in use: above all
 * not to the scratch memory. False: the device does not drive the bits that they take.
 */
uint64_t nest_trip_private(const struct nest_trip_run *run, unsigned int level, unsigned int n);
bool nest_trip_has_private(const struct nest_trip_run *run, unsigned int level);

/* Address bits that both the device and the first stage have, the sign left out. */
unsigned int nest_trip_giova_bits(const struct nest_trip_run *run);

/* Takes away the tables that were added since table.used was this, and has them forgotten. */
void nest_trip_forget_tables(struct nest_trip_run *run, size_t used, enum nest_leg_result *result);

/* Slots for targets, and the numbers of GIOVAs, which are apart. */
enum {
	NEST_TARGET_DMA,
	NEST_TARGET_READ,
	NEST_TARGET_HIGH,
	NEST_TARGET_DECOY,
	NEST_TARGET_OLD,
	NEST_TARGET_NEW,
	NEST_TARGET_OLD2,
	NEST_TARGET_NEW2,
	NEST_TARGET_FAULT,
	NEST_TARGET_CONFINE,
	NEST_TARGET_PAGE_REQUEST,
	NEST_TARGET_TIMING,
	NEST_TARGET_A, /* five for legs that need several */
	NEST_TARGET_B,
	NEST_TARGET_C,
	NEST_TARGET_D,
	NEST_TARGET_E,
	NEST_TARGETS,
};
#define NEST_GIOVA_SLOT 20

#endif
