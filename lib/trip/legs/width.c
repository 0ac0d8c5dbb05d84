// SPDX-License-Identifier: GPL-2.0-or-later
/* How many address bits the device drives, measured on the plain mapping. */
#include "trip/legs.h"

#define PLAIN_BITS 48 /* no plain mapping reaches further here */

enum { SLOT_HIGH = 2, SLOT_DECOY };

static int map(struct nest_trip_run *run, uint64_t iova, unsigned int slot)
{
	return nest_space_map(run->space, iova, nest_trip_slot_va(run, slot), run->page,
			      NEST_PROT_READ | NEST_PROT_WRITE);
}

/*
 * A write to high ended at low. The IOMMU records the address that it was given: did the device
 * drop the bit, or did the IOMMU?
 */
static enum nest_leg_result blame(struct nest_trip_run *run, uint64_t high, uint64_t low,
				  unsigned int bit)
{
	struct nest_watch_fault fault;
	bool heard = false;
	enum nest_leg_result result =
		nest_trip_check(run, nest_space_unmap(run->space, low, run->page, NULL));

	if (!result)
		result = nest_trip_listen(run, high, "nothing is mapped there", &fault, &heard);
	if (result || !heard)
		return result;
	if (fault.fault.address >> bit & 1)
		return nest_trip_fail(run,
				      "a write to IOVA 0x%llx reached the page at 0x%llx; the "
				      "device sent bit %u, as the fault record shows (0x%llx), and "
				      "the IOMMU ignored it",
				      (unsigned long long)high, (unsigned long long)low, bit,
				      (unsigned long long)fault.fault.address);
	nest_trip_evidence(run, "the fault record for IOVA 0x%llx shows address 0x%llx",
			   (unsigned long long)high, (unsigned long long)fault.fault.address);
	return NEST_LEG_PASSED;
}

/* One bit: two pages are mapped at addresses that differ in it alone. */
static enum nest_leg_result try_bit(struct nest_trip_run *run, uint64_t low, unsigned int bit,
				    bool *ret_dropped)
{
	uint64_t high = low | UINT64_C(1) << bit;
	struct nest_landing landing;
	enum nest_leg_result result = nest_trip_check(run, map(run, high, SLOT_HIGH));

	if (!result)
		result = nest_trip_write(run, high, &landing);
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, high, run->page, NULL));
	if (result)
		return result;
	*ret_dropped =
		landing.kind == NEST_ON_PAGE && landing.gpa == nest_trip_slot(run, SLOT_DECOY);
	if (*ret_dropped ||
	    (landing.kind == NEST_ON_PAGE && landing.gpa == nest_trip_slot(run, SLOT_HIGH)))
		return NEST_LEG_PASSED;
	result = nest_trip_missed(run, &landing);
	if (result)
		return result;
	return nest_trip_fail(run,
			      "a write to IOVA 0x%llx must reach the page mapped there, but %s",
			      (unsigned long long)high, nest_trip_landing_text(run, &landing));
}

static enum nest_leg_result measure(struct nest_trip_run *run)
{
	uint64_t low = nest_trip_flat(run, 0x100);
	enum nest_leg_result result = nest_trip_check(run, map(run, low, SLOT_DECOY));
	bool dropped = false;
	unsigned int bit;

	run->device_bits = run->ops->address_bits;
	for (bit = run->device_bits; !result && !dropped && bit < PLAIN_BITS; bit++) {
		if (!nest_trip_in_ranges(run, low | UINT64_C(1) << bit))
			break;
		result = try_bit(run, low, bit, &dropped);
		if (!result && dropped)
			return blame(run, low | UINT64_C(1) << bit, low, bit);
		if (!result)
			run->device_bits = bit + 1;
	}
	return result ? result
		      : nest_trip_check(run, nest_space_unmap(run->space, low, run->page, NULL));
}

/* Addresses of pages of 16 and 64 KiB that are in no common table take more bits. */
static bool is_narrow(const struct nest_trip_run *run)
{
	const struct nest_s1_format *format = run->caps.s1_format;

	return run->page > NEST_PAGE && format && run->device_bits < nest_s1_shift(format, 2) + 3;
}

/* In the small window there is no room for the legs that follow. */
static enum nest_leg_result stay(struct nest_trip_run *run)
{
	run->has &= ~(unsigned int)NEST_HAS_STIM;
	run->lacks_stim = nest_trip_text(
		run,
		"the device drives %u address bits, too few for the %llu MiB of I/O addresses "
		"that the round trip needs with pages of %llu KiB",
		run->device_bits, (unsigned long long)nest_trip_window_size(run) >> 20,
		(unsigned long long)run->page >> 10);
	return nest_trip_skip(run, "%s", run->lacks_stim ? run->lacks_stim : "");
}

/*
 * All further addresses are as high as the device can drive: where the IOMMU does not translate
 * one, it is least likely to be memory there.
 */
static enum nest_leg_result move_up(struct nest_trip_run *run)
{
	uint64_t old = run->small.gpa, base = 0, len = run->small.npages * UINT64_C(4096);
	bool must = run->compact, can = !(run->stim.can & NEST_STIM_DESCRIPTORS);
	enum nest_leg_result result;
	int err;

	run->compact = false;
	err = nest_trip_window(run, run->device_bits, &base);
	if ((must && (err || !can)) || is_narrow(run))
		return stay(run);
	if (!must && (err || !can || base <= UINT32_MAX || old > UINT32_MAX))
		return NEST_LEG_PASSED;
	/* Unmapped first, so that no more memory is locked than before. */
	err = nest_space_unmap(run->space, old, len, NULL);
	if (!err)
		err = nest_space_map(run->space, base, run->small.va, len,
				     NEST_PROT_READ | NEST_PROT_WRITE);
	if (err)
		return nest_trip_check(run, err);
	nest_trip_place(run, base);
	result = nest_trip_check_stim(
		run, nest_stim_move(&run->stim, base + nest_trip_small(run, NEST_SCRATCH_FIRST)));
	if (!result)
		result = nest_trip_arrive(run, nest_trip_slot(run, 0), nest_trip_slot(run, 0),
					  "plain mapping");
	if (!result)
		nest_trip_evidence(run, "the memory is mapped at 0x%llx from here on",
				   (unsigned long long)base);
	return result;
}

enum nest_leg_result nest_leg_width(struct nest_trip_run *run)
{
	enum nest_leg_result result = NEST_LEG_PASSED;

	if (run->ops->address_bits >= 64)
		run->device_bits = 64;
	else
		result = measure(run);
	if (result)
		return result;
	run->report->device_bits = run->device_bits;
	nest_trip_evidence(run, "the device drives %u address bits%s", run->device_bits,
			   run->device_bits >= PLAIN_BITS ? " or more" : "");
	return move_up(run);
}
