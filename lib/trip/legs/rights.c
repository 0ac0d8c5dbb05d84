// SPDX-License-Identifier: GPL-2.0-or-later
/* Rights of the first stage: what an entry does not grant is blocked, on whatever level it says so.
 */
#include "trip/legs/block.h"

/* Reads and writes through giova are blocked. */
static enum nest_leg_result all_blocked(struct nest_trip_run *run, uint64_t giova, const char *what)
{
	enum nest_leg_result result = nest_trip_expect_blocked(run, giova, what);

	if (!result && run->stim.can & NEST_STIM_READ)
		result = nest_trip_expect_read_blocked(run, giova, what);
	return result;
}

/*
 * The same where the format has rights to spare: what the IOMMU ignores of them is a deviation, and
 * the property is not shown. ABSENT then.
 */
static enum nest_leg_result spared(struct nest_trip_run *run, uint64_t giova, uint64_t page,
				   const char *id, const char *what)
{
	struct nest_landing landing;
	enum nest_leg_result result;

	if (!run->table.format->spare_rights)
		return nest_trip_expect_blocked(run, giova, what);
	nest_trip_provoked(run, giova);
	result = nest_trip_write(run, giova, &landing);
	if (result || landing.kind == NEST_NOWHERE)
		return result;
	if (landing.kind != NEST_ON_PAGE || landing.gpa != page)
		return nest_trip_fail(run, "%s: a write to 0x%llx must be blocked, but %s", what,
				      (unsigned long long)giova,
				      nest_trip_landing_text(run, &landing));
	nest_trip_deviates(run, id,
			   "the IOMMU ignores rights that Linux does not use here: a write to "
			   "GIOVA 0x%llx, %s, reached its page",
			   (unsigned long long)giova, what);
	return nest_trip_absent(run, "the IOMMU ignores this right, as the deviations tell");
}

static enum nest_leg_result all_spared(struct nest_trip_run *run, uint64_t giova, uint64_t page,
				       const char *id, const char *what)
{
	enum nest_leg_result result = spared(run, giova, page, id, what);

	if (!result && run->stim.can & NEST_STIM_READ)
		result = nest_trip_expect_read_blocked(run, giova, what);
	return result;
}

/* A read through a translation that allows it; it is cached then. */
static enum nest_leg_result warm_read(struct nest_trip_run *run, uint64_t giova, uint64_t page)
{
	enum nest_leg_result result;
	bool saw = true;

	if (!(run->stim.can & NEST_STIM_READ))
		return NEST_LEG_PASSED;
	result = nest_trip_read(run, giova, page, &saw);
	if (!result && !saw)
		result = nest_trip_fail(run, "a read from 0x%llx must return the page at 0x%llx",
					(unsigned long long)giova, (unsigned long long)page);
	return result;
}

enum nest_leg_result nest_leg_rights_read_only(struct nest_trip_run *run)
{
	struct nest_s1_leaf leaf;
	uint64_t giova = nest_trip_far(run), page = nest_trip_slot(run, NEST_TARGET_A);
	size_t used = run->table.used;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_READ);

	if (!result)
		result = warm_read(run, giova, page);
	if (!result)
		result = nest_trip_expect_blocked(run, giova, "mapped read-only");
	if (!result)
		result = nest_trip_check(run, nest_s1_lookup(&run->table, giova, &leaf));
	if (!result && leaf.dirty)
		nest_trip_deviates(run, "accessed_dirty",
				   "a write that was blocked marked the entry 0x%llx dirty",
				   (unsigned long long)leaf.entry);
	if (!result)
		result = nest_trip_point(run, giova, page, NEST_S1_RW);
	if (!result)
		result = nest_trip_arrive(run, giova, page, "after the right was given");
	if (!result)
		result = nest_trip_clear(run, giova);
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "a write to GIOVA 0x%llx, mapped read-only%s, reached no "
				   "memory; with the right to write it arrived",
				   (unsigned long long)giova,
				   run->stim.can & NEST_STIM_READ ? " and read before" : "");
	return result;
}

enum nest_leg_result nest_leg_rights_revoked(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_far(run), page = nest_trip_slot(run, NEST_TARGET_A);
	size_t used = run->table.used;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result = nest_trip_arrive(run, giova, page, "before the right is taken away");
	if (!result)
		result = nest_trip_point(run, giova, page, NEST_S1_READ);
	if (!result)
		result = nest_trip_expect_blocked(run, giova,
						  "after the right to write was taken away");
	if (!result)
		result = warm_read(run, giova, page);
	if (!result)
		result = nest_trip_clear(run, giova);
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "GIOVA 0x%llx was written, then made read-only and invalidated: "
				   "the next write reached no memory",
				   (unsigned long long)giova);
	return result;
}

enum nest_leg_result nest_leg_rights_privileged(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_far(run), page = nest_trip_slot(run, NEST_TARGET_A);
	size_t used = run->table.used;
	enum nest_leg_result result =
		nest_trip_point(run, giova, page, NEST_S1_RW | NEST_S1_PRIVILEGED);

	if (!result)
		result = all_spared(run, giova, page, "privileged_rights",
				    "mapped for privileged requests only");
	if (result == NEST_LEG_PASSED || result == NEST_LEG_ABSENT) {
		enum nest_leg_result after = nest_trip_clear(run, giova);

		result = after ? after : result;
	}
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "GIOVA 0x%llx, mapped for privileged requests, could not be "
				   "accessed: the device's requests are none",
				   (unsigned long long)giova);
	return result;
}

/* ---- a large page, whose rights are in an entry above the last level ---- */

/* One where none has been. */
static enum nest_leg_result map_large(struct nest_trip_run *run, unsigned int n,
				      unsigned int rights)
{
	return nest_trip_check(run, nest_s1_map(&run->table, nest_block_giova(run, n + 1),
						nest_block_gpa(run, false),
						run->table.format->large_page, rights));
}

/* Where a transfer to the first page of it ends. */
static uint64_t first_page(const struct nest_trip_run *run)
{
	uint64_t gpa = 0;

	nest_block_lands(run, false, 0, &gpa);
	return gpa;
}

/* The one that was present, and used, is not: it goes through its address no more. */
static enum nest_leg_result absent_large(struct nest_trip_run *run, uint64_t giova)
{
	uint64_t entry = 0, below;
	enum nest_leg_result result =
		nest_trip_arrive(run, giova, first_page(run), "with all rights");

	if (!result)
		result = nest_trip_check(run, nest_s1_at(&run->table, giova, 2, &entry, &below));
	if (!result)
		result = nest_trip_check(run, nest_s1_put(&run->table, giova, 2,
							  run->table.format->absent_entry(entry)));
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = all_blocked(run, giova, "a large page that is not present");
	return result;
}

enum nest_leg_result nest_leg_rights_2m(struct nest_trip_run *run)
{
	uint64_t giova = nest_block_giova(run, 2);
	unsigned int n;
	enum nest_leg_result result;

	nest_block_entitle(run);
	if (!(run->has & NEST_HAS_BIG))
		return nest_trip_skip(run, "no %s page was mapped", nest_block_text(run));
	result = map_large(run, 1, NEST_S1_READ);
	if (!result)
		result = map_large(run, 2, NEST_S1_RW);
	if (!result && !run->table.format->spare_rights)
		result = map_large(run, 3, NEST_S1_RW | NEST_S1_PRIVILEGED);
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = warm_read(run, giova, first_page(run));
	if (!result)
		result = nest_trip_expect_blocked(run, giova, "a large page mapped read-only");
	nest_trip_try(run, NEST_PROP_ABSENT);
	if (!result)
		result = absent_large(run, nest_block_giova(run, 3));
	nest_trip_try(run, NEST_PROP_PRIVILEGED);
	if (!result && !run->table.format->spare_rights)
		result = all_blocked(run, nest_block_giova(run, 4),
				     "a large page for privileged requests");
	for (n = 1; n <= 3; n++)
		nest_s1_put(&run->table, nest_block_giova(run, n + 1), 2, 0);
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		nest_trip_evidence(run,
				   "entries of %s, the first at GIOVA 0x%llx, that lack the right "
				   "to write, are not present or are for privileged requests: each "
				   "blocked what it should",
				   nest_block_text(run), (unsigned long long)giova);
	return result;
}

/* ---- an entry above the leaf ---- */

static enum nest_leg_result limited(struct nest_trip_run *run, unsigned int level, uint64_t giova)
{
	const struct nest_s1_format *format = run->table.format;
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A), entry = 0, below = 0;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result = nest_trip_arrive(run, giova, page, "with all rights");
	if (!result)
		result =
			nest_trip_check(run, nest_s1_at(&run->table, giova, level, &entry, &below));
	if (!result)
		result =
			nest_trip_check(run, nest_s1_put(&run->table, giova, level,
							 format->table_entry(below, NEST_S1_READ)));
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = warm_read(run, giova, page);
	if (!result)
		result = spared(run, giova, page, "upper_rights", "read-only above the leaf");
	if (!result)
		result = nest_trip_check(
			run,
			nest_s1_put(&run->table, giova, level,
				    format->table_entry(below, NEST_S1_RW | NEST_S1_PRIVILEGED)));
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = all_spared(run, giova, page, "upper_rights", "privileged above the leaf");
	return result;
}

enum nest_leg_result nest_leg_rights_upper(struct nest_trip_run *run)
{
	unsigned int level, levels = run->table.format->levels;
	size_t used = run->table.used;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (level = 2; !result && level <= levels; level++) {
		if (!nest_trip_has_private(run, level))
			break;
		result = limited(run, level, nest_trip_private(run, level, 1));
		nest_trip_forget_tables(run, used, &result);
	}
	if (!result)
		nest_trip_evidence(run,
				   "entries of levels 2 to %u that lead to a table took away the "
				   "right to write, then all rights, which the last level gave",
				   level - 1);
	return result;
}

/* An entry that is not present, and holds the address of a page or a table all the same. */
static enum nest_leg_result absent_at(struct nest_trip_run *run, unsigned int level, uint64_t giova)
{
	const struct nest_s1_format *format = run->table.format;
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A), entry = 0, below;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW);

	if (!result)
		result = nest_trip_arrive(run, giova, page, "while the entry is present");
	if (!result)
		result =
			nest_trip_check(run, nest_s1_at(&run->table, giova, level, &entry, &below));
	if (!result)
		result = nest_trip_check(
			run, nest_s1_put(&run->table, giova, level, format->absent_entry(entry)));
	if (!result)
		result = nest_trip_invalidate_all(run);
	if (!result)
		result = all_blocked(run, giova, "not present, with an address");
	nest_s1_put(&run->table, giova, level, entry);
	if (!result)
		result = nest_trip_invalidate_all(run);
	return result;
}

enum nest_leg_result nest_leg_rights_absent(struct nest_trip_run *run)
{
	unsigned int level, levels = run->table.format->levels;
	size_t used = run->table.used;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (level = 1; !result && level <= levels; level++) {
		if (!nest_trip_has_private(run, level))
			break;
		result = absent_at(run, level, nest_trip_private(run, level, 1));
		nest_trip_forget_tables(run, used, &result);
	}
	if (!result)
		nest_trip_evidence(run,
				   "entries of levels 1 to %u that are not present, but hold an "
				   "address, gave no access",
				   level - 1);
	return result;
}

enum nest_leg_result nest_trip_spoil(struct nest_trip_run *run, uint64_t giova,
				     uint64_t *ret_spoilt)
{
	uint64_t entry = 0, ipa;
	enum nest_leg_result result =
		nest_trip_check(run, nest_s1_at(&run->table, giova, 2, &entry, &ipa));

	if (result)
		return result;
	*ret_spoilt = run->table.format->spoilt_entry(entry);
	result = nest_trip_check(run, nest_s1_put(&run->table, giova, 2, *ret_spoilt));
	return result ? result : nest_trip_invalidate_all(run);
}

enum nest_leg_result nest_leg_reserved(struct nest_trip_run *run)
{
	const struct nest_s1_format *format = run->table.format;
	uint64_t giova = nest_trip_private(run, 2, 1) & ~(format->large_page - 1);
	uint64_t base = run->small.gpa & ~(format->large_page - 1);
	uint64_t at = giova + (nest_trip_slot(run, NEST_TARGET_A) - base);
	size_t used = run->table.used;
	uint64_t spoilt = 0;
	enum nest_leg_result result;

	if (!format->spoilt_entry)
		return nest_trip_absent(run, "this format ignores its reserved bits");
	result = nest_trip_check(
		run, nest_s1_map(&run->table, giova, base, format->large_page, NEST_S1_RW));

	if (!result)
		result = nest_trip_arrive(run, at, nest_trip_slot(run, NEST_TARGET_A),
					  "through a valid 2 MiB entry");
	if (!result)
		result = nest_trip_spoil(run, giova, &spoilt);
	if (!result)
		result = nest_trip_expect_blocked(run, at, "with a reserved bit set");
	nest_s1_put(&run->table, giova, 2, 0);
	if (!result)
		result = nest_trip_invalidate_all(run);
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run, "the entry 0x%llx, with a reserved bit set, was not used",
				   (unsigned long long)spoilt);
	return result;
}

/* ---- second stage ---- */

enum nest_leg_result nest_leg_rights_second(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_far(run), gpa = nest_trip_flat(run, NEST_FLAT_FAR);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_A);
	size_t used = run->table.used;
	enum nest_leg_result result;
	int err = nest_space_map(run->space, gpa, nest_trip_slot_va(run, NEST_TARGET_A), run->page,
				 NEST_PROT_READ);

	if (err == -EINVAL)
		return nest_trip_absent(run, "the kernel maps no read-only memory below a first "
					     "stage on this hardware (erratum of the IOMMU)");
	result = nest_trip_check(run, err);
	if (!result)
		result = nest_trip_point(run, giova, gpa, NEST_S1_RW);
	if (!result)
		result = warm_read(run, giova, page);
	if (!result)
		result = nest_trip_expect_blocked(run, giova, "read-only in the second stage");
	if (!result)
		result = nest_trip_clear(run, giova);
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, gpa, run->page, NULL));
	nest_trip_forget_tables(run, used, &result);
	if (!result)
		nest_trip_evidence(run,
				   "a write to guest-physical 0x%llx, read-only in the second "
				   "stage, reached no memory",
				   (unsigned long long)gpa);
	return result;
}
