/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Large pages of the first stage, of the size above the smallest: 2 MiB, 32 MiB or 512 MiB. Two
 * regions of guest-physical addresses, old and new, are what one leads to. Regions of 2 MiB are
 * memory as a whole. Of larger ones only the samples are: for each of them the second stage maps a
 * page of the small area.
 */
#ifndef NEST_TRIP_LEGS_BLOCK_H
#define NEST_TRIP_LEGS_BLOCK_H

#include "trip/legs.h"

/* Pages of the smallest size in one. */
unsigned int nest_block_pages(const struct nest_trip_run *run);

/* Its size for people: "2 MiB". */
const char *nest_block_text(struct nest_trip_run *run);

/* What the large page of this number is mapped at; 0 is the one whose region changes. */
uint64_t nest_block_giova(const struct nest_trip_run *run, unsigned int n);

/* Where a region begins, old or new. */
uint64_t nest_block_gpa(const struct nest_trip_run *run, bool is_new);

/* Samples: its ends, and pages with each bit of the offset. The first and the last are the ends. */
unsigned int nest_block_samples(const struct nest_trip_run *run);
unsigned int nest_block_sample(const struct nest_trip_run *run, unsigned int i);

/* Where a transfer to that sample of the region ends; false: there is no memory behind it. */
bool nest_block_lands(const struct nest_trip_run *run, bool is_new, unsigned int i,
		      uint64_t *ret_gpa);

/* Memory of both regions for the second stage, and away with it. */
enum nest_leg_result nest_block_map(struct nest_trip_run *run);
enum nest_leg_result nest_block_unmap(struct nest_trip_run *run);

/* A title of a leg, with the size that a large page has here. */
void nest_block_entitle(struct nest_trip_run *run);

#endif
