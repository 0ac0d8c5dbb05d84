/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Obstacles: what trip/state.c, trip/blame.c and trip/holders.c ask of each other. */
#ifndef NEST_TRIP_STATE_H
#define NEST_TRIP_STATE_H

#include "trip/run.h"

/* A new one for the report; NULL when memory is out. */
struct nest_trip_obstacle *nest_trip_obstacle_new(struct nest_trip_run *run, const char *id);

/* Each line of what remedy.h made, to a list of an obstacle; false: none, for want of room. */
bool nest_trip_obstacle_add(struct nest_trip_run *run, const char **list, const char *commands);

/* The same to its commands, for a template and its object. */
void nest_trip_obstacle_command(struct nest_trip_run *run, struct nest_trip_obstacle *obstacle,
				const char *template, const char *object);

void nest_trip_obstacle_not_viable(struct nest_trip_run *run);

/* A device's own node ("/dev/vfio/devices/vfio3"); false where the kernel makes none. */
bool nest_trip_device_node(struct nest_trip_run *run, const struct nest_device *dev, char *buf,
			   size_t size);

/*
 * A sentence that names the processes that have the node of the group or of a device in it open, or
 * says that it cannot be told. Another user's processes can be seen by root alone. Returns how many
 * were seen.
 */
unsigned int nest_trip_holders(struct nest_trip_run *run, char *buf, size_t size);

#endif
