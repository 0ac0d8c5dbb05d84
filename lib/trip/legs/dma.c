// SPDX-License-Identifier: GPL-2.0-or-later
/* DMA through both stages. */
#include "trip/legs.h"

/* A read marks the entry accessed, and not dirty. */
static enum nest_leg_result read_tracked(struct nest_trip_run *run, uint64_t giova, uint64_t page)
{
	struct nest_s1_leaf leaf;
	bool saw = true;
	enum nest_leg_result result = nest_trip_read(run, giova, page, &saw);

	if (!result && !saw)
		result = nest_trip_fail(run,
					"a read from GIOVA 0x%llx must return the page at 0x%llx",
					(unsigned long long)giova, (unsigned long long)page);
	if (!result)
		result = nest_trip_check(run, nest_s1_lookup(&run->table, giova, &leaf));
	if (result)
		return result;
	if (!run->table.format->walker_bits)
		return NEST_LEG_PASSED;
	if (!leaf.accessed || leaf.dirty)
		nest_trip_deviates(run, "accessed_dirty",
				   "after a read the first-stage entry 0x%llx is marked %s",
				   (unsigned long long)leaf.entry,
				   leaf.dirty ? "dirty" : "not even accessed");
	return NEST_LEG_PASSED;
}

/* What leads to a table is marked accessed by the walk, too. */
static enum nest_leg_result marked_at(struct nest_trip_run *run, unsigned int level)
{
	uint64_t giova = nest_trip_private(run, level, 1), entry = 0, below;
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A);
	uint64_t marks = run->table.format->walker_bits;
	size_t used = run->table.used;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result =
			nest_trip_check(run, nest_s1_at(&run->table, giova, level, &entry, &below));
	if (!result)
		result = nest_trip_check(run,
					 nest_s1_put(&run->table, giova, level, entry & ~marks));
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = nest_trip_arrive(run, giova, page, "with an entry that was not used yet");
	if (!result)
		result =
			nest_trip_check(run, nest_s1_at(&run->table, giova, level, &entry, &below));
	if (!result && !(entry & marks))
		nest_trip_deviates(run, "accessed_dirty",
				   "after a write the entry 0x%llx of level %u, which leads to a "
				   "table, is not marked accessed",
				   (unsigned long long)entry, level);
	nest_trip_forget_tables(run, used, &result);
	return result;
}

static enum nest_leg_result marked_above(struct nest_trip_run *run)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int level, levels = run->table.format->levels;

	if (!run->table.format->walker_bits)
		return NEST_LEG_PASSED;
	for (level = 2; !result && level <= levels; level++)
		if (nest_trip_has_private(run, level))
			result = marked_at(run, level);
	return result;
}

/* What the walk left in the entry, where the format has bits for it. */
static void tell_marks(struct nest_trip_run *run, const struct nest_s1_leaf *before,
		       const struct nest_s1_leaf *after)
{
	if (!run->table.format->walker_bits)
		return;
	nest_trip_evidence(run, "the first-stage entry changed from 0x%llx to 0x%llx: %s",
			   (unsigned long long)before->entry, (unsigned long long)after->entry,
			   after->accessed && after->dirty
				   ? "the IOMMU marked it accessed and dirty"
				   : "the IOMMU did not mark it accessed and dirty");
	if (!after->accessed || !after->dirty)
		nest_trip_deviates(run, "accessed_dirty",
				   "after a write the first-stage entry 0x%llx is not marked "
				   "accessed and dirty",
				   (unsigned long long)after->entry);
}

enum nest_leg_result nest_leg_dma(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_DMA);
	struct nest_s1_leaf before, after;
	bool saw = true;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result = nest_trip_arrive(run, giova, page, "through both stages");
	if (!result)
		result = nest_trip_point(run, giova, page, NEST_S1_RW | NEST_S1_TRACK);
	if (!result && run->stim.can & NEST_STIM_READ)
		result = read_tracked(run, giova, page);

	if (!result)
		result = nest_trip_check(run, nest_s1_lookup(&run->table, giova, &before));
	if (!result)
		result = nest_trip_expect(run, giova, page, "through both stages");
	if (!result)
		result = nest_trip_check(run, nest_s1_lookup(&run->table, giova, &after));
	if (result)
		return result;
	nest_trip_evidence(
		run,
		"a write of %zu bytes to GIOVA 0x%llx reached the page at guest-physical "
		"0x%llx; nothing else in %zu KiB changed",
		nest_stim_len(run->ops), (unsigned long long)giova, (unsigned long long)page,
		run->small.npages * 4);
	nest_trip_evidence(
		run, "it used the first stage: memory at guest-physical 0x%llx did not change",
		(unsigned long long)giova);
	tell_marks(run, &before, &after);
	result = marked_above(run);
	if (result)
		return result;
	if (run->stim.can & NEST_STIM_DESCRIPTORS)
		nest_trip_evidence(run, "the device's own accesses, to commands or records, went "
					"through both stages, too");
	if (!(run->stim.can & NEST_STIM_READ))
		return NEST_LEG_PASSED;
	giova = nest_trip_giova(run, NEST_TARGET_READ);
	page = nest_trip_slot(run, NEST_TARGET_READ);
	result = nest_trip_point(run, giova, page, NEST_S1_READ);
	if (!result)
		result = nest_trip_read(run, giova, page, &saw);
	if (result)
		return result;
	if (!saw)
		return nest_trip_fail(
			run, "a read from GIOVA 0x%llx must return the page at 0x%llx, but did not",
			(unsigned long long)giova, (unsigned long long)page);
	nest_trip_evidence(
		run,
		"a read from GIOVA 0x%llx, mapped read-only, returned as many bytes of the page at "
		"0x%llx",
		(unsigned long long)giova, (unsigned long long)page);
	return NEST_LEG_PASSED;
}

static bool in_first_stage(const struct nest_trip_run *run, uint64_t giova)
{
	return giova >> nest_s1_low_bits(run->table.format) == 0;
}

static enum nest_leg_result map_giova(struct nest_trip_run *run, uint64_t giova, unsigned int slot)
{
	return nest_trip_point(run, giova, nest_trip_slot(run, slot), NEST_S1_RW);
}

enum nest_leg_result nest_leg_dma_high(struct nest_trip_run *run)
{
	static const struct nest_trip_mapper mapper = { "GIOVA", in_first_stage, map_giova,
							nest_trip_clear };

	return nest_trip_high(run, &mapper, nest_trip_giova(run, NEST_TARGET_HIGH),
			      NEST_TARGET_HIGH, NEST_TARGET_DECOY);
}
