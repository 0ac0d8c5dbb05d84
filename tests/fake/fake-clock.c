// SPDX-License-Identifier: GPL-2.0-or-later
/* The fake's own clock: nobody waits, time goes by as far as somebody asks for it. */
#include "fake-device.h"

#define START 1000000000000u /* an uptime of a quarter of an hour, in ns */

static uint64_t now = START;

uint64_t fake_now(void)
{
	return now;
}

/* The device whose time comes first, at the latest at end; NULL if there is none. */
static struct fake_device *next_due(uint64_t end, uint64_t *ret_when)
{
	struct fake_device *first = NULL;
	size_t i;

	for (i = 0; i < fake_machine.ndevices; i++) {
		struct fake_device *dev = fake_machine.devices[i];
		uint64_t when = dev->model->due ? dev->model->due(dev) : UINT64_MAX;

		if (when <= end) {
			end = when;
			first = dev;
		}
	}
	*ret_when = end;
	return first;
}

void fake_clock_advance(uint64_t ns)
{
	uint64_t end = now + ns;
	struct fake_device *dev;
	uint64_t when;

	while ((dev = next_due(end, &when))) {
		if (when > now)
			now = when;
		dev->model->tick(dev);
	}
	now = end;
}

void fake_clock_reset(void)
{
	now = START;
}
