// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of stimulus devices. */
#include "stim/registry.h"

#include "util.h"

static const struct nest_stim_ops *const stims[] = {
	&nest_stim_edu,
	&nest_stim_nvme,
	&nest_stim_igb,
	&nest_stim_dsa,
};

const struct nest_stim_ops *nest_stim_at(size_t index)
{
	return index < ARRAY_SIZE(stims) ? stims[index] : NULL;
}

const struct nest_stim_ops *nest_stim_of(const struct nest_device *dev, const char **ret_refused)
{
	const struct nest_stim_ops *ops = NULL;
	const char *refused = NULL;

	if (dev->have_ids)
		ops = nest_stim_find(dev->vendor, dev->device, dev->pci_class, &refused);
	if (ret_refused)
		*ret_refused = refused;
	return ops;
}

const struct nest_stim_ops *nest_stim_find(uint16_t vendor, uint16_t device, uint32_t class_code,
					   const char **ret_refused)
{
	*ret_refused = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(stims); i++) {
		for (size_t k = 0; k < stims[i]->nids; k++) {
			const struct nest_stim_id *id = &stims[i]->ids[k];

			if (id->vendor && (id->vendor != vendor || id->device != device))
				continue;
			if ((class_code & id->class_mask) != id->class_code)
				continue;
			*ret_refused = id->refused;
			return id->refused ? NULL : stims[i];
		}
	}
	return NULL;
}
