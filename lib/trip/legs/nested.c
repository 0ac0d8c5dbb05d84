// SPDX-License-Identifier: GPL-2.0-or-later
/* The first stage: built in memory the second stage maps, bound, used, and taken away. */
#include "trip/run.h"

#include <errno.h>
#include <string.h>

#include "explain.h"
#include "hw/hw.h"

bool nest_trip_is_per_pasid(const struct nest_trip_run *run)
{
	return run->space && run->space->mode->first_stage == NEST_FIRST_STAGE_PASID;
}

enum nest_leg_result nest_trip_tag(struct nest_trip_run *run, uint32_t pasid)
{
	return nest_trip_check_stim(run, nest_stim_set_pasid(&run->stim, pasid));
}

static const struct nest_stage1_ops *stage1(const struct nest_trip_run *run)
{
	return nest_space_stage1(run->space);
}

uint64_t nest_trip_giova(const struct nest_trip_run *run, unsigned int n)
{
	return nest_trip_slot(run, NEST_GIOVA_SLOT + n);
}

struct nest_s1_scope nest_trip_scope_pages(uint64_t giova, uint64_t npages, bool leaf)
{
	return (struct nest_s1_scope){ npages == 1 ? NEST_S1_PAGE : NEST_S1_RANGE, giova, npages,
				       leaf };
}

struct nest_s1_scope nest_trip_scope_all(const struct nest_trip_run *run)
{
	return (struct nest_s1_scope){ .reach = run->s1->config.have_pasid ? NEST_S1_PASID
									   : NEST_S1_ALL };
}

static enum nest_leg_result invalidate(struct nest_trip_run *run, const struct nest_s1_scope *scope)
{
	int err;

	nest_trip_clock_start(run);
	err = stage1(run)->invalidate(run->s1, scope);
	nest_trip_clock_stop(run);
	return nest_trip_check(run, err);
}

enum nest_leg_result nest_trip_invalidate(struct nest_trip_run *run, uint64_t giova,
					  uint64_t npages, bool leaf)
{
	struct nest_s1_scope scope = nest_trip_scope_pages(giova, npages, leaf);

	return invalidate(run, &scope);
}

enum nest_leg_result nest_trip_invalidate_all(struct nest_trip_run *run)
{
	struct nest_s1_scope scope = nest_trip_scope_all(run);

	return invalidate(run, &scope);
}

enum nest_leg_result nest_trip_point(struct nest_trip_run *run, uint64_t giova, uint64_t gpa,
				     unsigned int rights)
{
	int err = nest_s1_replace(&run->table, giova, gpa, rights);

	if (err == -ENOENT)
		err = nest_s1_map(&run->table, giova, gpa, NEST_PAGE, rights);
	return err ? nest_trip_check(run, err) : nest_trip_invalidate(run, giova, 1, true);
}

enum nest_leg_result nest_trip_clear(struct nest_trip_run *run, uint64_t giova)
{
	int err = nest_s1_unmap(&run->table, giova);

	if (err && err != -ENOENT)
		return nest_trip_check(run, err);
	return nest_trip_invalidate(run, giova, 1, true);
}

/* An empty table but for the scratch memory, which the device finds where it always is. */
static int build_table(struct nest_trip_run *run)
{
	uint64_t gpa = run->small.gpa + NEST_SCRATCH_FIRST * UINT64_C(4096);
	size_t page;
	int err = nest_s1_init(
		&run->table, run->caps.s1_format, run->small.va + NEST_TABLE_FIRST * NEST_PAGE,
		NEST_TABLE_PAGES * NEST_PAGE, run->small.gpa + NEST_TABLE_FIRST * UINT64_C(4096),
		!run->caps.s1_snoops);

	for (page = 0; !err && run->table.npages && page < NEST_SCRATCH_PAGES; page++)
		err = nest_s1_map(&run->table, gpa + page * NEST_PAGE, gpa + page * NEST_PAGE,
				  NEST_PAGE, NEST_S1_RW);
	return err;
}

int nest_trip_bind(struct nest_trip_run *run, const uint32_t *pasid)
{
	struct nest_s1_config config = {
		.table = run->table.ipa,
		.format = run->table.format,
		.have_pasid = pasid,
		.pasid = pasid ? *pasid : 0,
		.faults = run->pri,
	};
	size_t mark = run->ctx->undo.count;
	int err = -ENODEV;

	run->no_queue = (struct nest_failure){ 0 };
	nest_trip_clock_start(run);
	if (config.faults)
		err = stage1(run)->bind(run->space, &run->vdev, &config, &run->s1);
	if (config.faults && err && run->failed.stage != NEST_STAGE_NEST_PARENT) {
		/* A table without a queue still nests. */
		run->no_queue = run->failed;
		nest_undo_run(run->ctx, mark, NULL, NULL);
		config.faults = false;
	}
	if (!config.faults)
		err = stage1(run)->bind(run->space, &run->vdev, &config, &run->s1);
	nest_trip_clock_stop(run);
	run->queue = config.faults;
	return err;
}

/* ---- bind ---- */

/* Names the gate behind a nest parent that was refused. */
static enum nest_leg_result no_nesting(struct nest_trip_run *run)
{
	struct nest_trip *report = run->report;
	const struct nest_hw_info *hw = &run->caps.hw;
	struct nest_hw_refusal refusal;

	report->gate = "kernel";
	report->gate_reason = run->leg->reason;
	if (hw->hw && nest_hw_parent_refused(hw->hw, &hw->values, run->failed.err, &refusal)) {
		report->gate = refusal.gate;
		report->gate_reason = nest_trip_text(run, refusal.remedy ? "%s (%s)" : "%s",
						     refusal.reason, refusal.remedy);
	}
	nest_trip_evidence(run, "IOMMU_HWPT_ALLOC with NEST_PARENT: %s",
			   nest_errno_name(run->failed.err));
	run->lacks_s1 = nest_trip_text(run, "this IOMMU cannot nest, gate %s: %s", report->gate,
				       report->gate_reason);
	run->leg->op = NULL;
	run->leg->err = 0;
	run->leg->remedy = NULL;
	return nest_trip_skip(run, "%s", run->lacks_s1);
}

static enum nest_leg_result not_vtd(struct nest_trip_run *run)
{
	const struct nest_unit *unit = run->dev ? nest_device_unit(run->model, run->dev) : NULL;
	const char *kind = "unknown";

	/* A driver that tells nothing of its hardware still has a name in sysfs. */
	if (run->caps.have_hw && run->caps.hw.hw)
		kind = nest_hw_type_name(run->caps.hw.type);
	else if (unit)
		kind = unit->hw->name;

	run->report->gate = "kind";
	run->report->gate_reason = nest_trip_text(
		run, "first-stage tables are built for VT-d alone, and this IOMMU is of kind %s",
		kind);
	run->lacks_s1 = run->report->gate_reason;
	return nest_trip_skip(run, "%s", run->lacks_s1);
}

static const char *queue_refusal(const struct nest_trip_run *run, char *buf, size_t size)
{
	nest_explain_failure(&run->no_queue, buf, size);
	return buf;
}

static void tell_queue(struct nest_trip_run *run)
{
	char text[400];

	if (run->queue)
		nest_trip_evidence(run, "a fault queue goes with it");
	else if (run->no_queue.stage)
		nest_trip_evidence(run, "with a fault queue it was refused: %s",
				   queue_refusal(run, text, sizeof(text)));
	else
		nest_trip_evidence(run,
				   "no fault queue: the device has no page request capability");
}

/* Without its PASID no DMA goes through the table. */
static enum nest_leg_result tag_all(struct nest_trip_run *run)
{
	nest_trip_evidence(run, "it serves PASID 0x%x; DMA without it keeps the second stage alone",
			   run->pasid);
	if (!(run->has & NEST_HAS_STIM))
		return NEST_LEG_PASSED;
	if (run->stim.can & NEST_STIM_PASID)
		return nest_trip_tag(run, run->pasid);
	run->lacks_stim = nest_trip_text(
		run, "%s cannot be told to tag its DMA, and the table serves a PASID alone",
		run->ops->name);
	run->has &= ~(unsigned int)NEST_HAS_STIM;
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_bind(struct nest_trip_run *run)
{
	int err;

	if (!stage1(run))
		return nest_trip_skip(run, "%s", run->lacks_s1);
	run->lacks_s1 = "no first stage could be bound";
	if (!run->caps.s1_format)
		return not_vtd(run);
	if (nest_trip_is_per_pasid(run) && !run->pasids) {
		run->lacks_s1 = "tables are bound to PASIDs here, and the device has no capability "
				"for them";
		return nest_trip_skip(run, "%s", run->lacks_s1);
	}
	if (nest_trip_is_per_pasid(run) && !run->pasid) {
		run->lacks_s1 = "tables are bound to PASIDs here, and none could be had";
		return nest_trip_skip(run, "%s", run->lacks_s1);
	}
	err = build_table(run);
	if (err)
		return nest_trip_fail(run, "the table cannot be built (%s)", nest_errno_name(-err));
	err = nest_trip_bind(run, run->pasid ? &run->pasid : NULL);
	if (err) {
		enum nest_leg_result result = nest_trip_check(run, err);

		return run->failed.stage == NEST_STAGE_NEST_PARENT &&
				       (err == -EOPNOTSUPP || err == -ENOTTY)
			       ? no_nesting(run)
			       : result;
	}
	run->has |= NEST_HAS_S1;
	run->nests = true;
	if (run->table.npages)
		nest_trip_evidence(run,
				   "a %s at guest-physical 0x%llx, in memory that the second "
				   "stage maps, is bound as first stage",
				   run->table.format->what, (unsigned long long)run->table.ipa);
	else
		nest_trip_evidence(run, "a %s is bound as first stage", run->table.format->what);
	tell_queue(run);
	return run->pasid ? tag_all(run) : NEST_LEG_PASSED;
}

/* ---- DMA through both stages ---- */

enum nest_leg_result nest_leg_dma(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_DMA);
	struct nest_s1_leaf before, after;
	bool saw = true;
	enum nest_leg_result result = nest_trip_point(run, giova, page, NEST_S1_RW | NEST_S1_TRACK);

	if (!result)
		result = nest_trip_check(run, nest_s1_lookup(&run->table, giova, &before));
	if (!result)
		result = nest_trip_expect(run, giova, page, "through both stages");
	if (!result)
		result = nest_trip_check(run, nest_s1_lookup(&run->table, giova, &after));
	if (result)
		return result;
	nest_trip_evidence(run,
			   "a write to GIOVA 0x%llx ended at guest-physical 0x%llx, whole; nothing "
			   "else in %zu KiB changed",
			   (unsigned long long)giova, (unsigned long long)page,
			   run->small.npages * 4);
	nest_trip_evidence(run,
			   "it did not go around the first stage: memory that has 0x%llx for its "
			   "guest-physical address is untouched",
			   (unsigned long long)giova);
	nest_trip_evidence(run, "the first-stage entry went from 0x%llx to 0x%llx: %s",
			   (unsigned long long)before.entry, (unsigned long long)after.entry,
			   after.accessed && after.dirty
				   ? "the IOMMU marked it accessed and dirty"
				   : "the IOMMU did not mark it accessed and dirty");
	if (run->stim.can & NEST_STIM_DESCRIPTORS)
		nest_trip_evidence(run, "the device took its command from memory, and completed it "
					"there, through both stages too");
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
		return nest_trip_fail(run,
				      "a read from GIOVA 0x%llx did not see the page at 0x%llx",
				      (unsigned long long)giova, (unsigned long long)page);
	nest_trip_evidence(
		run, "a read from GIOVA 0x%llx, mapped read-only, saw the page at 0x%llx, whole",
		(unsigned long long)giova, (unsigned long long)page);
	return NEST_LEG_PASSED;
}

static bool in_first_stage(const struct nest_trip_run *run, uint64_t giova)
{
	return giova >> (run->table.format->input_bits - 1) == 0;
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

/* ---- unbind ---- */

/* Tagged DMA has nowhere to go now. */
static enum nest_leg_result untag(struct nest_trip_run *run, uint64_t giova)
{
	enum nest_leg_result result =
		nest_trip_expect_blocked(run, giova, "tagged, and no table bound");

	if (!result)
		result = nest_trip_tag(run, 0);
	if (!result)
		nest_trip_evidence(run, "a write under PASID 0x%x reached no memory", run->pasid);
	return result;
}

enum nest_leg_result nest_leg_unbind(struct nest_trip_run *run)
{
	uint64_t giova = nest_trip_giova(run, NEST_TARGET_DMA);
	uint64_t page = nest_trip_slot(run, NEST_TARGET_DMA);
	enum nest_leg_result result;
	int err;

	if (!run->s1)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	nest_trip_clock_start(run);
	err = stage1(run)->unbind(run->s1);
	nest_trip_clock_stop(run);
	run->has &= ~(unsigned int)NEST_HAS_S1;
	run->lacks_s1 = "the first stage was taken away";
	if (err) {
		run->has &= ~(unsigned int)NEST_HAS_STIM;
		return nest_trip_check(run, err);
	}
	run->s1 = NULL;
	if (run->pasid)
		nest_trip_evidence(run, "PASID 0x%x has no table any more", run->pasid);
	else
		nest_trip_evidence(
			run, "the device is back on the plain mapping; nested table%s destroyed",
			run->queue ? " and fault queue are" : " is");
	if (run->lacks_stim) {
		run->has |= NEST_HAS_STIM;
		run->lacks_stim = NULL;
	}
	if (!(run->has & NEST_HAS_STIM))
		return NEST_LEG_PASSED;
	result = run->stim.pasid ? untag(run, giova) : NEST_LEG_PASSED;
	if (!result)
		result = nest_trip_expect(run, page, page, "plain mapping");
	if (!result)
		result = nest_trip_expect(run, giova, giova,
					  "what was a GIOVA is a plain address again");
	if (!result)
		nest_trip_evidence(run,
				   "writes to 0x%llx and 0x%llx end where the plain mapping says",
				   (unsigned long long)page, (unsigned long long)giova);
	return result;
}
