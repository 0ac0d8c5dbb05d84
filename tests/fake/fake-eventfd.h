/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eventfds, for interrupts of devices. */
#ifndef FAKE_EVENTFD_H
#define FAKE_EVENTFD_H

#include "fake.h"

int fake_eventfd_new(void); /* fd or -errno */

/* A reference to the eventfd behind fd, or NULL if it is none. */
struct fake_file *fake_eventfd_get(int fd);
void fake_eventfd_signal(struct fake_file *file);

#endif
