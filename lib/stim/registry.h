/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stimulus devices. */
#ifndef NEST_STIM_REGISTRY_H
#define NEST_STIM_REGISTRY_H

#include "model.h"
#include "stim/stim.h"

extern const struct nest_stim_ops nest_stim_edu;
extern const struct nest_stim_ops nest_stim_nvme;
extern const struct nest_stim_ops nest_stim_igb;
extern const struct nest_stim_ops nest_stim_dsa;

/*
 * The driver for a PCI device, or NULL. class_code has 24 bits. *ret_refused: why a device that a
 * driver knows cannot be used, static, or NULL. Pure.
 */
const struct nest_stim_ops *nest_stim_find(uint16_t vendor, uint16_t device, uint32_t class_code,
					   const char **ret_refused);

/* The same for a device of the model; NULL if its ids are not known. ret_refused may be NULL. */
const struct nest_stim_ops *nest_stim_of(const struct nest_device *dev, const char **ret_refused);

/* The table, for the list of supported devices; NULL past the end. */
const struct nest_stim_ops *nest_stim_at(size_t index);

#endif
