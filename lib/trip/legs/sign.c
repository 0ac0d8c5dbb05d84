// SPDX-License-Identifier: GPL-2.0-or-later
/* The upper half of the address space, which the first stage sign-extends; and what is in neither.
 */
#include "trip/legs.h"

static enum nest_leg_result not_canonical(struct nest_trip_run *run, uint64_t high)
{
	unsigned int bits = run->table.format->input_bits;
	uint64_t giova = high & ((UINT64_C(1) << bits) - 1);
	enum nest_leg_result result;

	nest_trip_try(run, NEST_PROP_CANONICAL);
	result = nest_trip_expect_blocked(run, giova, "not sign-extended");
	if (!result)
		nest_trip_evidence(run,
				   "a write to 0x%llx, which is not sign-extended, reached no "
				   "memory",
				   (unsigned long long)giova);
	return result;
}

/* Nothing is mapped at either address: what did the IOMMU receive? */
static enum nest_leg_result who_drops(struct nest_trip_run *run, uint64_t high)
{
	struct nest_watch_fault fault;
	bool heard = false;
	enum nest_leg_result result =
		nest_trip_listen(run, high, "nothing is mapped there", &fault, &heard);

	if (result)
		return result;
	if (!heard)
		return nest_trip_skip(run,
				      "a write to 0x%llx reached no memory, and without a fault in "
				      "the kernel log it is unknown which address the device sent",
				      (unsigned long long)high);
	if (fault.fault.address == (high & ~UINT64_C(4095)))
		return nest_trip_fail(run,
				      "the device sent address 0x%llx, as the fault record shows, "
				      "but the IOMMU ignored its upper bits",
				      (unsigned long long)high);
	return nest_trip_absent(run, "the device does not drive the upper address bits");
}

/* A format with one half: an address above it is in none. */
static enum nest_leg_result above(struct nest_trip_run *run)
{
	unsigned int bits = run->table.format->input_bits;
	uint64_t low = nest_trip_far(run), high = low | UINT64_C(1) << bits;
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A);
	size_t used = run->table.used;
	enum nest_leg_result result;

	if (run->device_bits <= bits)
		return nest_trip_absent(run,
					"the device drives %u address bits, and the first "
					"stage translates %u",
					run->device_bits, bits);
	nest_trip_try(run, NEST_PROP_CANONICAL);
	result = nest_trip_point(run, low, page, NEST_S1_RW);
	if (!result)
		result = nest_trip_arrive(run, low, page, "below the limit");
	if (!result)
		result = nest_trip_expect_blocked(run, high, "above the limit");
	if (!result)
		result = nest_trip_clear(run, low);
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "a write to 0x%llx, beyond the %u bits that the first stage "
				   "translates, reached no memory",
				   (unsigned long long)high, bits);
	return result;
}

enum nest_leg_result nest_leg_dma_sign(struct nest_trip_run *run)
{
	unsigned int bits = run->table.format->input_bits;
	uint64_t low = nest_trip_far(run), high = low | ~((UINT64_C(1) << (bits - 1)) - 1);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A),
		 decoy = nest_trip_slot(run, NEST_TARGET_B);
	size_t used = run->table.used;
	struct nest_landing landing = { .kind = NEST_NOWHERE };
	enum nest_leg_result result;

	if (!run->table.format->sign_extended)
		return above(run);
	if (run->device_bits < bits - 1)
		return nest_trip_absent(run, "the device drives %u address bits", run->device_bits);
	result = nest_trip_point(run, low, decoy, NEST_S1_RW);
	if (!result)
		result = nest_trip_point(run, high, page, NEST_S1_RW);
	nest_trip_provoked(run, high);
	nest_trip_provoked(run, high & ((UINT64_C(1) << bits) - 1));
	if (!result)
		result = nest_trip_write(run, high, &landing);
	if (!result && landing.kind == NEST_ON_PAGE && landing.gpa == page) {
		run->drives_sign = true;
		nest_trip_evidence(run,
				   "a write to GIOVA 0x%llx, in the upper half, reached the page "
				   "mapped there",
				   (unsigned long long)high);
		result = not_canonical(run, high);
	} else if (!result) {
		if (landing.kind == NEST_ASTRAY)
			nest_trip_distrust(run);
		result = nest_trip_clear(run, low);
		if (!result)
			result = nest_trip_clear(run, high);
		if (!result)
			result = landing.kind == NEST_ASTRAY
					 ? nest_trip_fail(run, "a write to 0x%llx: %s",
							  (unsigned long long)high,
							  nest_trip_landing_text(run, &landing))
					 : who_drops(run, high);
	}
	if (result == NEST_LEG_PASSED) {
		result = nest_trip_clear(run, low);
		if (!result)
			result = nest_trip_clear(run, high);
	}
	if (run->table.used != used) {
		enum nest_leg_result after = NEST_LEG_PASSED;

		nest_trip_forget_tables(run, used, &after);
		result = result ? result : after;
	}
	return result;
}
