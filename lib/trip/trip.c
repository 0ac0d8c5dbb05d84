// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of the steps of a round trip, what each needs, and what all of them come to. */
#include "trip/legs.h"

#include <errno.h>
#include <stdlib.h>

#include "errnoname.h"
#include "signals.h"
#include "util.h"

enum {
	ONLY_FLAT = 1,	/* of no interest where there is a first stage */
	ONLY_TYPE1 = 2, /* of no interest on iommufd */
	ONLY_TIMED = 4, /* left out unless asked for, as is the next */
	ONLY_PASID = 8,
	ONLY_GIVEN = 16,    /* where tables are bound to PASIDs that the kernel gives out */
	MOCK = 32,	    /* the kernel's mock device can show it, too, without DMA */
	ONLY_TWO = 64,	    /* where two devices were given */
	ONLY_SHARED = 128,  /* where the ABI maps copies and files */
	ONLY_MOCK = 512,    /* on the kernel's mock device alone, which has these objects */
	ONLY_CONTEXT = 256, /* where context descriptors lead to tables, which stand on a vIOMMU */
};

#define SPACE  NEST_HAS_SPACE
#define DEVICE NEST_HAS_DEVICE
#define MEMORY NEST_HAS_MEMORY
#define STIM   NEST_HAS_STIM
#define PASID  NEST_HAS_PASID_S1
#define SECOND NEST_HAS_SECOND

/*
 * A leg. With a first stage bound, nested runs; else flat does, on the one stage there is; where
 * that is NULL the leg is skipped for want of a first stage. needs is a set of enum nest_trip_has.
 */
/* clang-format off */
static const struct row {
	const char *id, *title;
	unsigned int flags, needs;
	nest_trip_fn *flat, *nested;
} rows[] = {
	{ "open", "open the device nodes", MOCK, 0,
	  nest_leg_open, NULL },
	{ "type1_nesting", "ask for VFIO_TYPE1_NESTING_IOMMU", ONLY_TYPE1, SPACE,
	  nest_leg_type1_nesting, NULL },
	{ "attach", "attach the device", MOCK, SPACE,
	  nest_leg_attach, NULL },
	{ "map", "map memory for the device", MOCK, DEVICE,
	  nest_leg_map, NULL },
	{ "start", "make the device do DMA", 0, MEMORY,
	  nest_leg_start, NULL },
	{ "width", "measure the address bits of the device", 0, STIM,
	  nest_leg_width, NULL },
	{ "copy", "map a copy of a mapping", MOCK | ONLY_SHARED, MEMORY | STIM,
	  nest_leg_copy, NULL },
	{ "map_file", "map a file in memory", MOCK | ONLY_SHARED, MEMORY | STIM,
	  nest_leg_file, NULL },
	{ "map_dmabuf", "map a BAR of the device as a dma-buf", ONLY_SHARED, MEMORY,
	  nest_leg_dmabuf, NULL },
	{ "dirty", "note which pages DMA writes to", MOCK | ONLY_SHARED, MEMORY | STIM,
	  nest_leg_dirty, NULL },
	{ "options", "set options of address spaces", MOCK | ONLY_SHARED, MEMORY,
	  nest_leg_options, NULL },
	{ "change_process", "charge pinned memory to another process", MOCK | ONLY_SHARED, MEMORY,
	  nest_leg_change_process, NULL },
	{ "pasid_alloc", "allocate and free PASIDs", ONLY_GIVEN, DEVICE,
	  nest_leg_pasid_alloc, NULL },
	{ "bind", "bind a first-stage page table", MOCK, MEMORY,
	  nest_leg_bind, NULL },
	{ "dma", "DMA reaches the mapped pages", 0, STIM,
	  nest_leg_flat_dma, nest_leg_dma },
	{ "dma_fresh", "a new entry is used at once", 0, STIM,
	  NULL, nest_leg_dma_fresh },
	{ "dma_2m", "DMA through a 2 MiB page", 0, STIM,
	  NULL, nest_leg_dma_2m },
	{ "dma_split", "split a 2 MiB page and merge it again", 0, STIM,
	  NULL, nest_leg_dma_split },
	{ "rights_2m", "rights of a 2 MiB page", 0, STIM,
	  NULL, nest_leg_rights_2m },
	{ "invalidate_2m", "invalidate a 2 MiB page", 0, STIM,
	  NULL, nest_leg_invalidate_2m },
	{ "dma_high", "DMA to addresses above 4 GiB", 0, STIM,
	  nest_leg_flat_high, nest_leg_dma_high },
	{ "dma_bits", "use each address bit", 0, STIM,
	  NULL, nest_leg_dma_bits },
	{ "dma_sign", "use the upper half of the address space", 0, STIM,
	  NULL, nest_leg_dma_sign },
	{ "dma_slots", "use first, last and odd slots of tables", 0, STIM,
	  NULL, nest_leg_dma_slots },
	{ "invalidate_calls", "invalidation requests are accepted", 0, MEMORY,
	  NULL, nest_leg_invalidate_calls },
	{ "remap", "change the mapping to another page", 0, STIM,
	  nest_leg_flat_remap, nest_leg_remap },
	{ "stale", "check whether the old translation is still used", 0, STIM,
	  NULL, nest_leg_stale },
	{ "invalidate_page", "invalidate one page", MOCK, STIM,
	  NULL, nest_leg_invalidate_page },
	{ "invalidate_domain", "invalidate the whole domain", MOCK, STIM,
	  NULL, nest_leg_invalidate_domain },
	{ "invalidate_pairs", "check which invalidations take effect", ONLY_GIVEN, STIM,
	  NULL, nest_leg_invalidate_pairs },
	{ "invalidate_range", "invalidate ranges of pages", 0, STIM,
	  NULL, nest_leg_invalidate_range },
	{ "invalidate_upper", "invalidate after tables changed places", 0, STIM,
	  NULL, nest_leg_invalidate_upper },
	{ "invalidate_asid", "invalidate one ASID", ONLY_CONTEXT, STIM,
	  NULL, nest_leg_invalidate_asid },
	{ "invalidate_context", "change the context descriptor", ONLY_CONTEXT, STIM,
	  NULL, nest_leg_invalidate_context },
	{ "invalidate_commands", "other commands of the same effect", ONLY_CONTEXT, STIM,
	  NULL, nest_leg_invalidate_commands },
	{ "invalidate_prompt", "a transfer right after an invalidation", 0, STIM,
	  NULL, nest_leg_prompt },
	{ "unmap", "DMA to unmapped memory is blocked", ONLY_FLAT, STIM,
	  nest_leg_flat_unmap, NULL },
	{ "fault", "a blocked write is reported", 0, STIM,
	  nest_leg_flat_fault, nest_leg_fault },
	{ "fault_read", "a blocked read is reported", 0, STIM,
	  nest_leg_flat_fault_read, nest_leg_fault_read },
	{ "confine", "check that the second stage confines the first", 0, STIM,
	  NULL, nest_leg_confine },
	{ "fault_kinds", "blocked writes of other kinds are reported", 0, STIM,
	  NULL, nest_leg_fault_kinds },
	{ "events_lost", "events that do not fit are counted", ONLY_CONTEXT, STIM,
	  NULL, nest_leg_events_lost },
	{ "interrupt", "an interrupt passes the first stage", ONLY_CONTEXT, STIM,
	  NULL, nest_leg_interrupt },
	{ "dma_targets", "use each guest-physical address bit of a page", 0, STIM,
	  NULL, nest_leg_dma_targets },
	{ "dma_tables", "use high guest-physical address bits of tables", 0, STIM,
	  NULL, nest_leg_dma_tables },
	{ "dma_unaligned", "write across pages and beyond the last one", 0, STIM,
	  NULL, nest_leg_dma_unaligned },
	{ "dma_1g", "DMA through a 1 GiB page", 0, STIM,
	  NULL, nest_leg_dma_1g },
	{ "rights_absent", "an entry that is not present gives no access", 0, STIM,
	  NULL, nest_leg_rights_absent },
	{ "rights_read_only", "a write to a read-only page is blocked", 0, STIM,
	  NULL, nest_leg_rights_read_only },
	{ "rights_revoked", "a right that is taken away has gone", 0, STIM,
	  NULL, nest_leg_rights_revoked },
	{ "rights_privileged", "a page for privileged requests is out of reach", 0, STIM,
	  NULL, nest_leg_rights_privileged },
	{ "rights_upper", "rights above the last level count", 0, STIM,
	  NULL, nest_leg_rights_upper },
	{ "rights_second", "a read-only page of the second stage", 0, STIM,
	  NULL, nest_leg_rights_second },
	{ "reserved", "an entry with a reserved bit is not used", 0, STIM,
	  NULL, nest_leg_reserved },
	{ "under", "change the second stage below a bound first stage", 0, STIM,
	  NULL, nest_leg_under },
	{ "respond", "answer page requests", MOCK, STIM,
	  NULL, nest_leg_respond },
	{ "fault_ring", "fill the fault ring beyond its end", ONLY_GIVEN, STIM,
	  NULL, nest_leg_fault_ring },
	{ "timing", "measure the requests", ONLY_TIMED, MEMORY,
	  nest_leg_timing, nest_leg_timing },
	{ "unbind", "unbind the page table", MOCK, MEMORY,
	  NULL, nest_leg_unbind },
	{ "viommu", "use a vIOMMU and a vDEVICE", MOCK | ONLY_MOCK, MEMORY,
	  nest_leg_mock_viommu, NULL },
	{ "viommu_events", "read events of a vIOMMU", MOCK | ONLY_MOCK, MEMORY,
	  nest_leg_mock_events, NULL },
	{ "hw_queue", "make hardware queues of a vIOMMU", MOCK | ONLY_MOCK, MEMORY,
	  nest_leg_mock_hw_queue, NULL },
	{ "bind_refusals", "invalid binds are refused", ONLY_GIVEN, MEMORY,
	  nest_leg_bind_refusals, NULL },
	{ "free_bound", "free a PASID while its table is bound", ONLY_GIVEN, STIM,
	  nest_leg_free_bound, NULL },
	{ "refusals", "invalid requests are refused", ONLY_CONTEXT, MEMORY,
	  nest_leg_refusals, NULL },
	{ "second_alone", "DMA through the second stage alone", 0, STIM,
	  nest_leg_second_alone, NULL },
	{ "reattach", "detach the device and attach it again", 0, MEMORY,
	  nest_leg_flat_reattach, NULL },
	{ "pasid_bind", "bind a page table to a PASID", 0, STIM,
	  nest_leg_pasid_bind, NULL },
	{ "pasid_dma", "DMA with the PASID reaches the mapped pages", ONLY_PASID, STIM | PASID,
	  nest_leg_pasid_dma, NULL },
	{ "pasid_others", "DMA with other PASIDs is blocked", ONLY_PASID, STIM | PASID,
	  nest_leg_pasid_others, NULL },
	{ "pasid_invalidate", "invalidate with the PASID", ONLY_PASID, STIM | PASID,
	  nest_leg_pasid_invalidate, NULL },
	{ "pasid_fault", "blocked DMA with the PASID is reported", ONLY_PASID, STIM | PASID,
	  nest_leg_pasid_fault, NULL },
	{ "pasid_respond", "answer page requests with the PASID", ONLY_PASID, STIM | PASID,
	  nest_leg_pasid_respond, NULL },
	{ "pasid_two", "two PASIDs use their own tables", ONLY_PASID, STIM | PASID,
	  nest_leg_pasid_two, NULL },
	{ "pasid_unbind", "unbind the page table from the PASID", ONLY_PASID, PASID,
	  nest_leg_pasid_unbind, NULL },
	{ "switch", "attach to another table", 0, STIM,
	  nest_leg_switch, NULL },
	{ "replace_block", "replace a table by a block", ONLY_CONTEXT, STIM,
	  nest_leg_replace_block, NULL },
	{ "replace_bypass", "replace a table by a bypass", ONLY_CONTEXT, STIM,
	  nest_leg_replace_bypass, NULL },
	{ "replace_parent", "replace a table by the second stage alone", ONLY_CONTEXT, STIM,
	  nest_leg_replace_parent, NULL },
	{ "two_attach", "attach the second device to tables of its own", ONLY_TWO, STIM,
	  nest_leg_two_attach, NULL },
	{ "two_plain", "two devices use the same addresses", ONLY_TWO, STIM | SECOND,
	  nest_leg_two_plain, NULL },
	{ "two_nested", "two devices with first stages of their own", ONLY_TWO, STIM | SECOND,
	  nest_leg_two_nested, NULL },
	{ "two_detach", "detach the second device", ONLY_TWO, STIM | SECOND,
	  nest_leg_two_detach, NULL },
	{ "two_shared", "two first stages on one second stage", ONLY_TWO, STIM | SECOND,
	  nest_leg_two_shared, NULL },
	{ "quiet", "the device is idle at the end", 0, STIM,
	  nest_leg_quiet, NULL },
};
/* clang-format on */

#define TEARDOWN_ID    "teardown"
#define TEARDOWN_TITLE "release everything"

/* ---- one leg ---- */

static void leg_new(struct nest_trip_run *run, const char *id, const char *title)
{
	struct nest_leg *leg = &run->report->legs[run->report->nlegs++];

	*leg = (struct nest_leg){ .id = id, .title = title };
	if (run->options->mock)
		leg->title = nest_trip_text(run, "mock: %s", title);
	if (!leg->title)
		leg->title = title;
	run->leg = leg;
	run->timed = false;
	run->timed_ns = 0;
	run->stim.prepared = false; /* other bytes for each leg */
	run->stim.careful = true;
	run->failed = (struct nest_failure){ 0 };
	nest_trip_tick(run);
	nest_trip_try(run, nest_property_of_leg(id));
}

static void leg_finish(struct nest_trip_run *run, enum nest_leg_result result)
{
	struct nest_leg *leg = run->leg;

	leg->result = result;
	if (result == NEST_LEG_STOPPED)
		leg->reason = "interrupted by a signal";
	else if (result == NEST_LEG_FAILED && !leg->reason)
		leg->reason = "out of memory, so the reason is lost";
	leg->have_latency = run->timed;
	leg->latency_ns = run->timed_ns;
}

/* The first thing the leg lacks, as the reason to skip it; NULL if it can run. */
static const char *lacking(struct nest_trip_run *run, const struct row *row)
{
	unsigned int lacks = row->needs & ~run->has;

	if (run->options->mock)
		lacks &= ~(unsigned int)NEST_HAS_STIM;

	if (nest_signals_pending())
		return "interrupted by a signal";
	if (lacks & NEST_HAS_SPACE)
		return "no backend could be opened";
	if (lacks & NEST_HAS_DEVICE)
		return "the device could not be attached";
	if (lacks & NEST_HAS_MEMORY)
		return "no memory could be mapped";
	if (lacks & NEST_HAS_STIM && run->lacks_stim)
		return run->lacks_stim;
	if (lacks & NEST_HAS_STIM)
		return run->report->stimulus_reason ? run->report->stimulus_reason
						    : "the device could not be started";
	if (lacks & NEST_HAS_S1)
		return run->lacks_s1;
	if (lacks & NEST_HAS_PASID_S1)
		return run->lacks_pasid;
	if (lacks & NEST_HAS_SECOND)
		return run->lacks_second;
	if (row->needs & NEST_HAS_STIM && run->stim.broken)
		return "the device stopped working in an earlier leg";
	if (run->stopped || (row->flags & ONLY_TWO && run->second->stopped))
		return "the round trip could not be finished";
	return NULL;
}

static void run_leg(struct nest_trip_run *run, const struct row *row)
{
	bool nested = run->has & NEST_HAS_S1 && row->nested;
	nest_trip_fn *fn = nested ? row->nested : row->flat;
	enum nest_leg_result result;
	const char *lacks;

	if ((row->flags & ONLY_FLAT && run->has & NEST_HAS_S1) ||
	    (row->flags & ONLY_TYPE1 && (!run->mode || run->mode->first_stage)) ||
	    (row->flags & ONLY_TIMED && !run->options->iterations) ||
	    (row->flags & ONLY_GIVEN && !nest_trip_is_per_pasid(run)) ||
	    (row->flags & ONLY_PASID && !run->options->have_pasid) ||
	    (row->flags & ONLY_SHARED && (!run->mode || !run->mode->ops->share)) ||
	    (row->flags & ONLY_CONTEXT &&
	     !(run->caps.s1_format && run->caps.s1_format->build_context)) ||
	    (row->flags & ONLY_MOCK && !run->options->mock) ||
	    (row->flags & ONLY_TWO && !run->second) || (!(row->flags & MOCK) && run->options->mock))
		return;
	leg_new(run, row->id, row->title);
	run->leg->with_second = row->flags & ONLY_TWO;
	lacks = lacking(run, row);
	if (lacks)
		result = nest_trip_skip(run, "%s", lacks);
	else if (!fn)
		result = nest_trip_skip(run, "%s", run->lacks_s1);
	else
		result = fn(run);
	if (result == NEST_LEG_PASSED && row->needs & NEST_HAS_STIM)
		result = nest_trip_sweep(run);
	run->leg->one_stage = row->nested && !nested;
	leg_finish(run, result);
}

/* ---- the end ---- */

static void undo_failed(void *data, const char *what, int err)
{
	struct nest_trip_run *run = data;
	struct nest_trip *report = run->report;

	if (report->nundo_failures < ARRAY_SIZE(report->undo_failures))
		report->undo_failures[report->nundo_failures++] =
			nest_trip_text(run, "%s: %s", what, nest_errno_name(-err));
}

/* Runs whatever happened before: the undo stack's owner is here, and nowhere else. */
static void tear_down(struct nest_trip_run *run)
{
	size_t steps_back = run->ctx->undo.count;
	enum nest_leg_result result;

	leg_new(run, TEARDOWN_ID, TEARDOWN_TITLE);
	nest_trip_clock_start(run);
	nest_undo_run(run->ctx, 0, undo_failed, run);
	nest_trip_clock_stop(run);
	result = nest_trip_witness_after(run);
	if (run->report->nundo_failures)
		result = nest_trip_fail(run, "%zu of %zu undo steps failed: %s",
					run->report->nundo_failures, steps_back,
					run->report->undo_failures[0]);
	else
		nest_trip_evidence(run, "%zu undo steps, newest first: none failed", steps_back);
	if (run->vdev.reset_refused)
		nest_trip_evidence(run, "the device was not reset: the kernel has locked it "
					"(EAGAIN), for example because it is being removed");
	leg_finish(run, result);
	nest_trip_memory_free(run);
	nest_caps_free(&run->caps);
}

/* Only where the backend was left to choose, and everything is released. */
static void time_backends(struct nest_trip_run *run)
{
	enum nest_leg_result result;

	if (!run->options->iterations || run->options->mock || run->options->mode ||
	    !(run->has & MEMORY) || run->report->nundo_failures || run->stopped ||
	    nest_signals_pending())
		return;
	leg_new(run, "timing_backends", "measure the other backends");
	result = nest_leg_timing_backends(run);
	nest_undo_run(run->ctx, 0, undo_failed, run);
	leg_finish(run, result);
}

static void run_legs(struct nest_trip_run *run)
{
	size_t i;

	nest_trip_witness_before(run);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		run_leg(run, &rows[i]);
	tear_down(run);
	time_backends(run);
	if (!run->second)
		return;
	nest_trip_memory_free(run->second);
	nest_caps_free(&run->second->caps);
}

int nest_trip_run(struct nest_ctx *ctx, const struct nest_model *model,
		  const struct nest_trip_options *options, struct nest_trip *report)
{
	struct nest_trip_run run = {
		.page = NEST_PAGE,
		.ctx = ctx,
		.options = options,
		.report = report,
		.model = model,
		.lacks_s1 = "no first stage was bound",
		.lacks_pasid = "no table was bound to a PASID",
		.lacks_second = "the second device was not attached",
		.log.fd = -1,
	};
	struct nest_trip_options others;
	struct nest_trip_run second = run;

	*report = (struct nest_trip){ .mock = options->mock };
	report->device = options->mock ? "mock" : nest_trip_text(&run, "%s", options->device);
	if (options->second && !options->mock) {
		report->second.device = nest_trip_text(&run, "%s", options->second);
		others = (struct nest_trip_options){ .device = options->second,
						     .vf_token = options->vf_token };
		second.options = &others;
		second.is_second = true;
		run.second = &second;
	}
	/* Legs of a trip that cannot begin would all be skipped for the same reason. */
	if (options->mock || (!nest_trip_obstacle_before(&run) &&
			      (!run.second || !nest_trip_obstacle_between(&run))))
		run_legs(&run);
	report->signal = nest_signals_pending();
	if (report->nlegs)
		nest_properties_judge(report, options->strict, run.lacks_s1);
	/* A host that is not ready has proven nothing, unless something was violated before. */
	if (report->obstacle && report->verdict == NEST_TRIP_PASSED)
		report->verdict = NEST_TRIP_INCOMPLETE;
	return run.broken || second.broken ? -ENOMEM : 0;
}

int nest_trip_status(const struct nest_trip *report)
{
	if (report->nundo_failures)
		return 4;
	if (report->obstacle && report->verdict != NEST_TRIP_FAILED)
		return report->obstacle->usage ? 2 : 3;
	return report->verdict == NEST_TRIP_PASSED ? 0 : 1;
}

void nest_trip_free(struct nest_trip *report)
{
	size_t i;

	for (i = 0; i < report->ntimings; i++)
		nest_timing_free(&report->timings[i]);
	free(report->obstacle);
	nest_pool_free(&report->pool);
	*report = (struct nest_trip){ 0 };
}
