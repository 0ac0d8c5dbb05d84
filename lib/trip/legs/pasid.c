// SPDX-License-Identifier: GPL-2.0-or-later
/* The first stage under a PASID: tagged DMA goes through it, all other DMA stays as it was. */
#include "trip/legs.h"

#include <errno.h>

#include "errnoname.h"

/* What has to be there before it is worth asking the kernel: NULL, or why not. */
static const char *lacking(struct nest_trip_run *run)
{
	if (!run->nests)
		return run->lacks_s1;
	if (!run->pasids)
		return "the kernel offers no PASIDs for this device (the device or the IOMMU lacks "
		       "the capability, or Linux is older than 6.15)";
	if (!(run->stim.can & NEST_STIM_PASID))
		return nest_trip_text(run, "%s cannot send DMA with a PASID", run->ops->name);
	return NULL;
}

enum nest_leg_result nest_leg_pasid_bind(struct nest_trip_run *run)
{
	const char *lacks = lacking(run);
	int err;

	/* Who asks for a PASID has an answer to expect; who does not misses nothing. */
	if (!run->options->have_pasid)
		return nest_trip_absent(run, "no PASID was requested (--pasid)");
	if (nest_trip_is_per_pasid(run)) {
		run->lacks_pasid = "this ABI allocates PASIDs itself, and the legs above used one";
		return nest_trip_absent(run, "%s", run->lacks_pasid);
	}
	if (!lacks && run->caps.s1_format && run->caps.s1_format->build_context)
		lacks = "PASIDs of this IOMMU are further context descriptors of the device's "
			"table, and the tool builds one alone";
	if (lacks) {
		run->lacks_pasid = lacks;
		return nest_trip_skip(run, "%s", lacks);
	}
	err = nest_trip_bind(run, &run->options->pasid);
	if (err == -EOPNOTSUPP || err == -E2BIG || err == -ENOTTY) {
		nest_trip_check(run, err);
		run->lacks_pasid = nest_trip_text(run,
						  "the kernel does not bind nested tables to "
						  "PASIDs, which needs Linux 6.15 (%s: %s)",
						  run->failed.op, nest_errno_name(-err));
		return nest_trip_skip(run, "%s", run->lacks_pasid);
	}
	if (err)
		return nest_trip_check(run, err);
	run->has |= NEST_HAS_PASID_S1;
	nest_trip_evidence(
		run,
		"PASID 0x%x uses the first-stage table%s; DMA without PASID uses the plain mapping",
		run->options->pasid, run->queue ? " and its fault queue" : "");
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_pasid_dma(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_DMA);
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result = nest_trip_tag(run, run->options->pasid);
	if (!result)
		result = nest_trip_arrive(run, giova, page, "with the PASID");
	if (!result)
		result = nest_trip_tag(run, 0);
	if (!result)
		result = nest_trip_expect(run, giova, giova, "without PASID");
	if (!result)
		result = nest_trip_tag(run, run->options->pasid);
	if (result)
		return result;
	nest_trip_evidence(run,
			   "a write to 0x%llx with PASID 0x%x reached guest-physical 0x%llx; "
			   "without PASID it reached 0x%llx, as in the plain mapping",
			   (unsigned long long)giova, run->options->pasid, (unsigned long long)page,
			   (unsigned long long)giova);
	return NEST_LEG_PASSED;
}

/* PASIDs that differ in one bit from the bound one have no table. */
enum nest_leg_result nest_leg_pasid_others(struct nest_trip_run *run)
{
	uint32_t pasid = run->options->pasid, other, tried = 0;
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_DMA);
	unsigned int bits = run->caps.hw.max_pasid_log2, bit;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result = nest_trip_expect(run, giova, page, "with the PASID");
	nest_trip_provoked_all(run);
	for (bit = 0; !result && bit < bits; bit++) {
		other = pasid ^ UINT32_C(1) << bit;
		if (!other) /* what the device sends without a PASID */
			continue;
		result = nest_trip_tag(run, other);
		if (!result)
			result = nest_trip_expect_blocked(run, giova,
							  "with a PASID that has no table");
		if (result == NEST_LEG_PASSED)
			result = nest_trip_tag(run, pasid);
		else
			nest_stim_set_pasid(&run->stim, pasid);
		tried++;
	}
	if (!result)
		result = nest_trip_expect(run, giova, page, "with the PASID again");
	if (result)
		return result;
	if (!tried)
		return nest_trip_absent(run, "the kernel does not tell how many bits a PASID has");
	nest_trip_evidence(run,
			   "while 0x%llx was mapped and used with PASID 0x%x, writes to it with %u "
			   "PASIDs that differ in one of %u bits reached no memory",
			   (unsigned long long)giova, pasid, tried, bits);
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_pasid_invalidate(struct nest_trip_run *run)
{
	enum nest_leg_result result = nest_leg_remap(run);

	if (!result)
		result = nest_leg_stale(run);
	if (!result)
		result = nest_leg_invalidate_page(run);
	if (!result)
		result = nest_leg_invalidate_domain(run);
	return result;
}

/*
 * A device that asks for translations first (ATS) is told that there is none, which need be no
 * fault. So a missing record is no violation, but then nothing has been shown.
 */
enum nest_leg_result nest_leg_pasid_fault(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_FAULT);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_FAULT);
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result = nest_trip_expect(run, giova, page, "before the entry is cleared");
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		result = nest_trip_blocked_and_seen(run, giova, true, NEST_RECORD_USUAL,
						    NEST_REASON_FIRST_ABSENT);
	return result;
}

enum nest_leg_result nest_leg_pasid_respond(struct nest_trip_run *run)
{
	return nest_leg_respond(run);
}

enum nest_leg_result nest_leg_pasid_unbind(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_DMA);
	enum nest_leg_result result = NEST_LEG_PASSED;
	int err;

	/* Used at the last moment, so that its translation is cached. */
	if (run->has & NEST_HAS_STIM)
		result = nest_trip_point(run, giova, page, NEST_S1_RW);
	if (!result && run->has & NEST_HAS_STIM)
		result = nest_trip_expect(run, giova, page, "before the unbind");
	if (result)
		return result;
	nest_trip_clock_start(run);
	err = nest_space_stage1(run->space)->unbind(run->s1);
	nest_trip_clock_stop(run);
	/* What is left of it after a failure belongs to the undo stack. */
	run->has &= ~(unsigned int)NEST_HAS_PASID_S1;
	run->s1 = NULL;
	if (err)
		return nest_trip_check(run, err);
	if (!(run->has & NEST_HAS_STIM))
		return nest_trip_skip(run, "%s", run->lacks_stim);
	nest_trip_provoked_all(run);
	result = nest_trip_expect_blocked(run, giova, "with the PASID, and no page table bound");
	if (!result)
		result = nest_trip_tag(run, 0);
	if (!result)
		result = nest_trip_expect(run, page, page, "without PASID");
	if (!result)
		nest_trip_evidence(run, "DMA with the PASID is blocked now; DMA without PASID "
					"still uses the plain mapping");
	return result;
}
