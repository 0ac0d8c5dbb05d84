/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a device: what trip/state.c asks of trip/holders.c. */
#ifndef NEST_TRIP_STATE_H
#define NEST_TRIP_STATE_H

#include "trip/run.h"

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
