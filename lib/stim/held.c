// SPDX-License-Identifier: GPL-2.0-or-later
/* For devices without a buffer, which copy from memory to memory: a page of ours is in its place.
 */
#include "stim/stim.h"

#include <string.h>

int nest_stim_held_prepare(struct nest_stim *stim, uint32_t seed)
{
	nest_stim_pattern(seed, stim->bytes, NEST_STIM_LEN);
	memcpy(stim->scratch + NEST_STIM_HELD, stim->bytes, NEST_STIM_LEN);
	return 0;
}

int nest_stim_held_write(struct nest_stim *stim, uint64_t iova)
{
	return stim->ops->copy(stim, stim->scratch_iova + NEST_STIM_HELD, iova);
}

int nest_stim_held_read(struct nest_stim *stim, uint64_t iova)
{
	memset(stim->scratch + NEST_STIM_HELD, 0, NEST_STIM_LEN);
	return stim->ops->copy(stim, iova, stim->scratch_iova + NEST_STIM_HELD);
}

int nest_stim_held_show(struct nest_stim *stim)
{
	return nest_stim_held_write(stim, stim->scratch_iova);
}
