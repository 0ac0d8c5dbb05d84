// SPDX-License-Identifier: GPL-2.0-or-later
/* DMA above 4 GiB, and devices that do not drive so many address bits. */
#include "trip/legs.h"
#include "util.h"

/*
 * A device with fewer address bits drops the upper ones in silence, and its DMA comes out at the
 * low address. A decoy is mapped there.
 */
static enum nest_leg_result try_bit(struct nest_trip_run *run,
				    const struct nest_trip_mapper *mapper, uint64_t high,
				    unsigned int slot, unsigned int decoy, bool *ret_dropped)
{
	struct nest_landing landing;
	enum nest_leg_result result = mapper->map(run, high, slot);

	if (!result)
		result = nest_trip_write(run, high, &landing);
	if (!result)
		result = mapper->unmap(run, high);
	if (result)
		return result;
	*ret_dropped = landing.kind == NEST_ON_PAGE && landing.gpa == nest_trip_slot(run, decoy);
	if (*ret_dropped ||
	    (landing.kind == NEST_ON_PAGE && landing.gpa == nest_trip_slot(run, slot)))
		return NEST_LEG_PASSED;
	return nest_trip_fail(run, "a write to %s 0x%llx must reach the page mapped there, but %s",
			      mapper->word, (unsigned long long)high,
			      nest_trip_landing_text(run, &landing));
}

enum nest_leg_result nest_trip_high(struct nest_trip_run *run,
				    const struct nest_trip_mapper *mapper, uint64_t low,
				    unsigned int slot, unsigned int decoy)
{
	static const unsigned int bits[] = { 46, 38, 35, 32 };
	bool dropped = true, tried = false;
	uint64_t high = 0;
	size_t i;
	enum nest_leg_result result;

	/* Devices that drive all bits are given such addresses from the start. */
	if (low > UINT32_MAX) {
		nest_trip_evidence(run,
				   "all addresses of this round trip are above 4 GiB, from 0x%llx",
				   (unsigned long long)run->small.gpa);
		return NEST_LEG_PASSED;
	}
	result = mapper->map(run, low, decoy);

	for (i = 0; !result && dropped && i < ARRAY_SIZE(bits); i++) {
		high = UINT64_C(1) << bits[i] | low;
		if (!mapper->usable(run, high))
			continue;
		tried = true;
		result = try_bit(run, mapper, high, slot, decoy, &dropped);
		if (!result && dropped)
			nest_trip_evidence(run,
					   "DMA to %s 0x%llx reached 0x%llx: the device drops the "
					   "upper address bits",
					   mapper->word, (unsigned long long)high,
					   (unsigned long long)low);
	}
	if (!result)
		result = mapper->unmap(run, low);
	if (result)
		return result;
	if (!tried)
		return nest_trip_absent(run, "no I/O address above 4 GiB is usable here");
	if (dropped)
		return nest_trip_absent(run, "the device does not drive address bits 32 and above");
	nest_trip_evidence(run, "a write to %s 0x%llx reached the page mapped there", mapper->word,
			   (unsigned long long)high);
	return NEST_LEG_PASSED;
}
