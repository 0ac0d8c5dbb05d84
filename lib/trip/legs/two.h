/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the legs with two devices share: transfers of one that the other must not notice. */
#ifndef NEST_TRIP_LEGS_TWO_H
#define NEST_TRIP_LEGS_TWO_H

#include "trip/legs.h"

/* Slots of both runs. */
enum { NEST_TWO_SHARED = 2, NEST_TWO_LONE, NEST_TWO_MOVED };

/* The run of the second device, ready to tell in the leg that runs. */
struct nest_trip_run *nest_two_second_of(struct nest_trip_run *run);

/* A leg begins with the first, since the addresses must exist for both, and ends with the second.
 */
enum nest_leg_result nest_two_begin(struct nest_trip_run *run, struct nest_trip_run *second);
enum nest_leg_result nest_two_end(struct nest_trip_run *run, struct nest_trip_run *second);

/* An address that neither plain mapping uses, the same for both; lone: another one. */
uint64_t nest_two_common(const struct nest_trip_run *run, bool lone);

/* A transfer of run's device reaches this slot of its own, and no memory of the other; or none. */
enum nest_leg_result nest_two_own(struct nest_trip_run *run, struct nest_trip_run *other,
				  uint64_t iova, unsigned int slot, const char *what);
enum nest_leg_result nest_two_blocked(struct nest_trip_run *run, struct nest_trip_run *other,
				      uint64_t iova, const char *what);

/* The first use of an address by each device, then each again while both are cached. */
enum nest_leg_result nest_two_warm(struct nest_trip_run *run, struct nest_trip_run *second,
				   uint64_t iova, const char *what);

#endif
