/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The legs of the round trip, and what some of them share. Their table is in trip/trip.c. */
#ifndef NEST_TRIP_LEGS_H
#define NEST_TRIP_LEGS_H

#include "trip/run.h"
#include "trip/table.h"

typedef enum nest_leg_result nest_trip_fn(struct nest_trip_run *run);

/* trip/legs/open.c */
nest_trip_fn nest_leg_open, nest_leg_attach;
/* trip/legs/start.c */
nest_trip_fn nest_leg_map, nest_leg_start;
/* trip/legs/width.c */
nest_trip_fn nest_leg_width;
/* trip/legs/share.c */
nest_trip_fn nest_leg_copy, nest_leg_file;
/* trip/legs/dmabuf.c */
nest_trip_fn nest_leg_dmabuf;
/* trip/legs/own.c */
nest_trip_fn nest_leg_options, nest_leg_change_process;
/* trip/legs/mock.c */
nest_trip_fn nest_leg_mock_viommu, nest_leg_mock_events, nest_leg_mock_hw_queue;
/* trip/legs/dirty.c */
nest_trip_fn nest_leg_dirty;
/* trip/legs/bits.c */
nest_trip_fn nest_leg_dma_bits, nest_leg_dma_targets, nest_leg_dma_tables;
/* trip/legs/layout.c */
nest_trip_fn nest_leg_dma_slots, nest_leg_dma_unaligned;
/* trip/legs/flat.c */
nest_trip_fn nest_leg_flat_dma, nest_leg_flat_high, nest_leg_flat_remap, nest_leg_flat_unmap,
	nest_leg_flat_reattach, nest_leg_type1_nesting;
/* trip/legs/bind.c */
nest_trip_fn nest_leg_bind, nest_leg_unbind;
/* trip/legs/dma.c */
nest_trip_fn nest_leg_dma, nest_leg_dma_high;
/* trip/legs/inval.c */
nest_trip_fn nest_leg_remap, nest_leg_stale, nest_leg_invalidate_calls, nest_leg_invalidate_page,
	nest_leg_invalidate_domain;
/* trip/legs/2m.c */
nest_trip_fn nest_leg_dma_2m, nest_leg_dma_1g, nest_leg_dma_split, nest_leg_invalidate_2m;
/* trip/legs/rights.c */
nest_trip_fn nest_leg_rights_read_only, nest_leg_rights_revoked, nest_leg_rights_privileged,
	nest_leg_rights_2m, nest_leg_rights_upper, nest_leg_rights_second, nest_leg_rights_absent,
	nest_leg_reserved;
/* trip/legs/range.c */
nest_trip_fn nest_leg_invalidate_range, nest_leg_invalidate_upper;
/* trip/legs/under.c */
nest_trip_fn nest_leg_under;
/* trip/legs/sign.c */
nest_trip_fn nest_leg_dma_sign;
/* trip/legs/prompt.c */
nest_trip_fn nest_leg_prompt;
/* trip/legs/switch.c */
nest_trip_fn nest_leg_switch, nest_leg_quiet;
/* trip/legs/context.c */
nest_trip_fn nest_leg_invalidate_asid, nest_leg_invalidate_context, nest_leg_invalidate_commands;
/* trip/legs/replace.c */
nest_trip_fn nest_leg_replace_block, nest_leg_replace_bypass, nest_leg_replace_parent;
/* trip/legs/vqueue.c */
nest_trip_fn nest_leg_events_lost, nest_leg_refusals;
/* trip/legs/interrupt.c */
nest_trip_fn nest_leg_interrupt;
/* trip/legs/two.c */
nest_trip_fn nest_leg_two_attach, nest_leg_two_plain, nest_leg_two_detach;
/* trip/legs/two-nested.c */
nest_trip_fn nest_leg_two_nested, nest_leg_two_shared;
/* trip/legs/fault.c */
nest_trip_fn nest_leg_fault, nest_leg_fault_read, nest_leg_confine, nest_leg_flat_fault,
	nest_leg_flat_fault_read;
/* trip/legs/kinds.c */
nest_trip_fn nest_leg_fault_kinds;
/* trip/legs/fresh.c */
nest_trip_fn nest_leg_dma_fresh;
/* trip/legs/alone.c */
nest_trip_fn nest_leg_second_alone;
/* trip/legs/pasid2.c */
nest_trip_fn nest_leg_pasid_two;
/* trip/legs/respond.c */
nest_trip_fn nest_leg_respond;
/* trip/legs/pasid.c */
nest_trip_fn nest_leg_pasid_bind, nest_leg_pasid_dma, nest_leg_pasid_others,
	nest_leg_pasid_invalidate, nest_leg_pasid_fault, nest_leg_pasid_respond,
	nest_leg_pasid_unbind;
/* trip/legs/gpasid.c */
nest_trip_fn nest_leg_pasid_alloc, nest_leg_bind_refusals, nest_leg_free_bound,
	nest_leg_invalidate_pairs, nest_leg_fault_ring;
/* trip/legs/time.c */
nest_trip_fn nest_leg_timing;
/* trip/legs/time-backends.c: after teardown, when the device is free again */
nest_trip_fn nest_leg_timing_backends;

/* trip/legs/slots.c: the same as two of trip/legs/inval.c, where the cache itself can be seen */
nest_trip_fn nest_leg_slots_page, nest_leg_slots_domain;

/* ---- what legs share ---- */

/* trip/legs/open.c */

/* Opens the backend of that name, or the best that opens; each failure is evidence. */
int nest_trip_open_space(struct nest_trip_run *run, const char *wish);

/* trip/legs/start.c */

/*
 * A window of free I/O addresses below 2^bits, of 16 MiB with pages of 4 KiB and larger with larger
 * ones: as high as there is one, or else low. 0 or -ENOSPC.
 */
int nest_trip_window(const struct nest_trip_run *run, unsigned int bits, uint64_t *ret_base);

/* The areas are found in the window at base from here on. */
void nest_trip_place(struct nest_trip_run *run, uint64_t base);

/* trip/legs/flat.c: is this I/O address usable, as far as is known? */
bool nest_trip_in_ranges(const struct nest_trip_run *run, uint64_t iova);

/* trip/legs/refused.c */

/* err is the answer to a request that must be refused with errno due; what: its subject. */
enum nest_leg_result nest_trip_refused(struct nest_trip_run *run, int err, int due,
				       const char *what);

/* A leg whose steps are undone when it ends, and whose latency is the whole of it. */
enum nest_leg_result nest_trip_with_undo(struct nest_trip_run *run, nest_trip_fn *fn);

/*
 * trip/legs/time-map.c: map and unmap, with iova, va and len of the loop; trip/legs/time.c: then
 * the figures of all that has samples.
 */
struct nest_loop;
int nest_time_map(struct nest_trip_run *run, struct nest_loop *loop, const char *map,
		  const char *unmap);
void nest_time_finish(struct nest_trip_run *run);

/* trip/legs/time-gib.c: the same of a GiB, where there is one to spare */
int nest_time_gib(struct nest_trip_run *run);

/*
 * trip/legs/time-inval.c, trip/legs/time-dma.c: parts of the timing leg. Where there are no such
 * requests they do nothing.
 */
int nest_time_invalidate(struct nest_trip_run *run);
enum nest_leg_result nest_time_tables(struct nest_trip_run *run);
enum nest_leg_result nest_time_dma(struct nest_trip_run *run);

/* trip/legs/share.c: a file in memory of one page, and that page; the undo stack ends both */
int nest_trip_file_new(struct nest_trip_run *run, int *ret_fd, void **ret_va);

/* trip/legs/inval.c */

/*
 * Where a write to an address whose entry was changed ends: on the old page, from, or on the new
 * one, to; else the leg has failed.
 */
enum nest_leg_result nest_trip_is_old(struct nest_trip_run *run, uint64_t giova, uint64_t from,
				      uint64_t to, bool *ret_old);

/* trip/legs/fault.c */

/* Must the kernel log have a line about it? */
enum nest_trip_record {
	NEST_RECORD_OPTIONAL,
	NEST_RECORD_USUAL, /* without one it is not shown */
	NEST_RECORD_REQUIRED,
};

/* REQUIRED, but for a device that asks for translations first. */
enum nest_trip_record nest_trip_record_of(const struct nest_trip_run *run);

/*
 * DMA to an address that leads nowhere is blocked, and seen. reason: 0 if any will do; another one
 * is a deviation.
 */
enum nest_leg_result nest_trip_blocked_and_seen(struct nest_trip_run *run, uint64_t iova,
						bool write, enum nest_trip_record record,
						unsigned int reason);

/* trip/legs/rights.c */

/*
 * Sets a reserved bit in the 2 MiB entry of an address that is mapped so, and invalidates all. Only
 * where the format has spoilt_entry(). ret_spoilt: the entry as it is then.
 */
enum nest_leg_result nest_trip_spoil(struct nest_trip_run *run, uint64_t giova,
				     uint64_t *ret_spoilt);

/* trip/legs/high.c */

/*
 * How to map the page of a slot at an address; the three of them for one stage, or for the first
 * of two.
 */
struct nest_trip_mapper {
	const char *word; /* of its addresses: "IOVA", "GIOVA" */
	bool (*usable)(const struct nest_trip_run *run, uint64_t iova);
	enum nest_leg_result (*map)(struct nest_trip_run *run, uint64_t iova, unsigned int slot);
	enum nest_leg_result (*unmap)(struct nest_trip_run *run, uint64_t iova);
};

/*
 * The leg above 4 GiB: finds the highest address bit that the device drives. low is a free address
 * below 256 MiB.
 */
enum nest_leg_result nest_trip_high(struct nest_trip_run *run,
				    const struct nest_trip_mapper *mapper, uint64_t low,
				    unsigned int slot, unsigned int decoy);

#endif
