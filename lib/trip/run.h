/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the round trip share: the state of a run, and how a leg tells its story. */
#ifndef NEST_TRIP_RUN_H
#define NEST_TRIP_RUN_H

#include "backend/backend.h"
#include "kernel/kernel.h"
#include "log/watch.h"
#include "trip/trip.h"
#include "s1/s1.h"
#include "stim/stim.h"
#include "backend/vdev.h"
#include "tripaddr.h"

#define NEST_PAGE 4096 /* bytes of a transfer, and what memory is watched by */

/* ---- memory: two areas that the device can reach, watched as a whole ---- */

/*
 * The small area: tables, the scratch memory of the stimulus, and slots of one page with a guard
 * page on either side. These are counted in pages of the tables and mappings (run->page), which are
 * of 4 KiB or more. The big one, for 2 MiB pages, is mapped only where there is a first stage of
 * them.
 * Both begin and end at multiples of 2 MiB of our memory, in huge pages where the host has some: an
 * IOMMU that takes a small page for a large one then finds nothing but ours.
 */
#define NEST_SMALL_PAGES   192
#define NEST_TABLE_FIRST   1
#define NEST_TABLE_PAGES   48
#define NEST_SCRATCH_FIRST 50
#define NEST_SCRATCH_PAGES 4
#define NEST_SLOT_FIRST	   56
#define NEST_SLOTS	   64
#define NEST_BIG_PAGES	   1024 /* two of 2 MiB */
#define NEST_2M		   (UINT64_C(2) << 20)

struct nest_area {
	uint8_t *va;
	uint8_t *shadow; /* what the memory should hold, page for page */
	size_t npages;	 /* of NEST_PAGE */
	size_t nwatched; /* with those to the next 2 MiB, which are not mapped for the device */
	uint64_t swaps;	 /* from this offset on halves of 2 MiB change places: nest_area_swap() */
	uint64_t gpa;	 /* where the device finds it in the plain mapping */
};

/* From an offset in our memory to that of the guest-physical address, and back. */
static inline uint64_t nest_area_swap(const struct nest_area *area, uint64_t at)
{
	return at < area->swaps ? at : at ^ NEST_2M / 2;
}

/* Where a write of the device ended. */
struct nest_landing {
	enum { NEST_NOWHERE, NEST_ON_PAGE, NEST_ASTRAY } kind;
	uint64_t gpa; /* ON_PAGE: the page; ASTRAY: the first byte that should not have changed */
	size_t nchanged; /* ASTRAY: bytes that changed */
};

/* ---- the run ---- */

#define NEST_PROVOKED_MAX 128

enum nest_trip_has {
	NEST_HAS_SPACE = 1,	/* node open */
	NEST_HAS_DEVICE = 2,	/* attached */
	NEST_HAS_MEMORY = 4,	/* mapped for it */
	NEST_HAS_STIM = 8,	/* does DMA, proven through the plain mapping */
	NEST_HAS_S1 = 16,	/* a first stage is bound */
	NEST_HAS_BIG = 32,	/* the big area is mapped */
	NEST_HAS_PASID_S1 = 64, /* a first stage is bound to a PASID */
	NEST_HAS_SECOND = 128,	/* the second device does DMA, in a space of its own */
};

struct nest_trip_run {
	struct nest_ctx *ctx;
	const struct nest_trip_options *options;
	struct nest_trip *report;
	struct nest_leg *leg; /* the one that runs */
	const struct nest_model *model;
	const struct nest_device *dev; /* NULL: the kernel's mock device */
	struct nest_trip_run *second;  /* the run of the second device, or NULL */
	bool is_second;		       /* this is the second device's */
	bool joined;		       /* and on the second stage of the first's */
	unsigned int has;	       /* set of enum nest_trip_has */
	const char *lacks_s1;	       /* why there is no first stage */
	const char *lacks_pasid, *lacks_second;
	const char
		*lacks_stim; /* why the device does no DMA of the kind that is asked for, or NULL */
	bool nests;	     /* a first stage has been bound to the device once */
	bool broken;	     /* memory of the tool is out */
	bool sampling;	     /* memory is compared by samples */
	bool distrusted;     /* a transfer did not arrive: no other is made */
	bool stopped;	     /* by an obstacle: no leg is run any more */
	bool drives_sign;    /* the device sends address bits beyond those of the first stage */
	unsigned int device_bits; /* address bits that the device drives, as measured */

	enum nest_property_id trying; /* what the leg is at */
	struct nest_failure failed;
	struct nest_failure
		passed_over; /* why iommufd was not taken though the device has a node there */
	const struct nest_mode *mode;
	struct nest_space *space;
	struct nest_vdev vdev;
	struct nest_caps caps;
	const struct nest_stim_ops *ops;
	struct nest_stim stim;
	struct nest_watch log;
	struct nest_watch_names names;

	uint64_t page; /* bytes of the smallest page that both a table and a mapping can have */
	bool compact;  /* the window is a small one, until the device's width is known */
	struct nest_area small, big;
	uint8_t *tables_before; /* copy of the tables, to see that only A and D change */
	uint64_t flat;		/* nest_trip_flat() */
	uint32_t seed;
	uint64_t timed_ns; /* of the leg that runs */
	bool timed;

	uint32_t pasid; /* that the kernel gave us for our table, where tables are bound to PASIDs;
			   0: none */
	size_t space_mark; /* undo.count before the space was opened */

	bool scratch_blocked;		      /* so were those to the scratch memory */
	uint64_t provoked[NEST_PROVOKED_MAX]; /* pages whose faults are expected, a ring */
	size_t nprovoked;

	struct nest_s1_table table;
	struct nest_s1 *s1;	      /* in use: the device's, or a PASID's */
	bool pri;		      /* the device has page requests */
	bool pasids;		      /* and PASIDs, switched on by the kernel */
	bool queue;		      /* s1 has a fault queue */
	struct nest_failure no_queue; /* why not; no stage: it has, or was not asked for */
	struct {
		uint64_t giova, from, to;
		bool stale; /* the old page was served after the change */
	} remap;

	uint64_t timed_len; /* of the mapping of the timing loop that stands; 0: none does */
	struct nest_witness {
		bool have_pinned, have_locked, have_fds;
		uint64_t pinned_kib, locked_kib, fds;
	} before; /* the first call */
};

/*
 * Results and errors. What decides about a leg returns enum nest_leg_result, kept in a variable
 * called result; NEST_LEG_PASSED is 0, so that steps are chained by "if (!result)". What makes a
 * request, changes a table or drives the stimulus returns 0 or -errno, kept in a variable called
 * err. Only nest_trip_check() and nest_trip_check_stim() turn the one into the other.
 */

/* A sentence of evidence for the leg that runs. */
void nest_trip_evidence(struct nest_trip_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Set the reason and return the result. */
enum nest_leg_result nest_trip_absent(struct nest_trip_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
enum nest_leg_result nest_trip_skip(struct nest_trip_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
enum nest_leg_result nest_trip_fail(struct nest_trip_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * What the leg looks at from here on: nest_trip_fail() finds that property violated. A leg begins
 * with the property that trip/property.c lists it for first.
 */
void nest_trip_try(struct nest_trip_run *run, enum nest_property_id property);

/*
 * A deviation from the specification that endangers nothing. id is a fixed word; each id is kept
 * once.
 */
void nest_trip_deviates(struct nest_trip_run *run, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* nest_trip_check() for an errno of the stimulus, whose driver gives the reason. */
enum nest_leg_result nest_trip_check_stim(struct nest_trip_run *run, int err);

/* Tells the user which leg is at work, if that is wanted; not while something is measured. */
void nest_trip_tick(struct nest_trip_run *run);

/* Around what the leg's latency is to count; may be used several times in a leg. */
void nest_trip_clock_start(struct nest_trip_run *run);
void nest_trip_clock_stop(struct nest_trip_run *run);

/* A copy in the report's pool; NULL when memory is out, which run->broken remembers. */
const char *nest_trip_text(struct nest_trip_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The window for all I/O addresses: small area, big area, single pages. */
static inline uint64_t nest_trip_window_size(const struct nest_trip_run *run)
{
	return NEST_TRIP_WINDOW / NEST_PAGE * run->page / (run->compact ? 4 : 1);
}

/* Beyond the addresses whose bits are walked: one that is mapped by itself, and one that never is.
 */
#define NEST_FLAT_FAR	  1536
#define NEST_FLAT_OUTSIDE 512

/* Of addresses for single pages beside the areas, in the plain mapping: that of this number. */
static inline uint64_t nest_trip_flat(const struct nest_trip_run *run, unsigned int n)
{
	return run->flat + n * run->page;
}

/* ---- trip/memory.c ---- */

/* Offset in the small area of the page of this number; also a length. */
static inline size_t nest_trip_small(const struct nest_trip_run *run, size_t n)
{
	return n * run->page;
}

/* Makes an area and fills it; pushes its end. 0 or -errno. */
int nest_trip_memory_new(struct nest_trip_run *run);
int nest_trip_memory_add_big(struct nest_trip_run *run);
void nest_trip_memory_free(struct nest_trip_run *run); /* the shadows, after the undo */

/* Addresses of a slot: where the device finds it in the plain mapping; and ours. */
uint64_t nest_trip_slot(const struct nest_trip_run *run, unsigned int slot);
uint8_t *nest_trip_slot_va(const struct nest_trip_run *run, unsigned int slot);

/* For transfers that nest_trip_write() is not made for: what it does before and after. */
void nest_trip_save_tables(struct nest_trip_run *run);
void nest_trip_look_around(struct nest_trip_run *run, struct nest_landing *ret);

/* The same without samples: each byte of both areas. */
void nest_trip_look_at_all(struct nest_trip_run *run, struct nest_landing *ret);

/* "on the page at 0x…", for a landing, in the report's pool. */
const char *nest_trip_landing_text(struct nest_trip_run *run, const struct nest_landing *landing);

/* ---- trip/transfer.c ---- */

/*
 * One DMA write to iova, and where it ended: the whole of both areas is compared with what it
 * should hold, so a byte anywhere else is seen. What was changed is filled anew. The tables may
 * change in their accessed and dirty bits only.
 */
enum nest_leg_result nest_trip_write(struct nest_trip_run *run, uint64_t iova,
				     struct nest_landing *ret);

/*
 * One DMA read from iova: true if the device saw the bytes of the page at gpa, whole. It is filled
 * with new bytes before. FAILED if memory changed, or the device saw a part only.
 */
enum nest_leg_result nest_trip_read(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				    bool *ret_saw);

/* The two most asked questions: does a write to iova end on the page at gpa, or nowhere? */
enum nest_leg_result nest_trip_expect(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				      const char *what);
enum nest_leg_result nest_trip_expect_blocked(struct nest_trip_run *run, uint64_t iova,
					      const char *what);

/*
 * After a transfer samples of the memory are compared, since all of it takes longer than the
 * transfer. This compares every byte, at the end of a leg. FAILED: one changed.
 */
enum nest_leg_result nest_trip_sweep(struct nest_trip_run *run);

/*
 * The same as nest_trip_expect() through a translation that has not been used yet: with a device
 * that can read, the transfer is an echo, whose bytes were there before.
 */
enum nest_leg_result nest_trip_arrive(struct nest_trip_run *run, uint64_t iova, uint64_t gpa,
				      const char *what);

/* A read that must return no byte of any page of both areas. Only with NEST_STIM_READ. */
enum nest_leg_result nest_trip_expect_read_blocked(struct nest_trip_run *run, uint64_t iova,
						   const char *what);

/*
 * A write to iova, which must be blocked, and the first fault that the log has of the device then.
 * Not heard: the log is silent or cannot be read.
 */
enum nest_leg_result nest_trip_listen(struct nest_trip_run *run, uint64_t iova, const char *what,
				      struct nest_watch_fault *ret, bool *ret_heard);

/*
 * A write of one DMA's length that begins inside a page: its parts must reach the end of the
 * page at first and the beginning of the one at second, or, where that is NEST_UNREACHABLE, of
 * none. Only with NEST_STIM_UNALIGNED.
 */
#define NEST_UNREACHABLE UINT64_MAX
enum nest_leg_result nest_trip_span(struct nest_trip_run *run, uint64_t iova, uint64_t first,
				    uint64_t second, const char *what);

/* ---- trip/trust.c ---- */

/* A transfer did not arrive where it should: memory of others may have changed. */
void nest_trip_distrust(struct nest_trip_run *run);

/*
 * For a transfer that did not end on a page of ours. PASSED: the IOMMU is to blame; else the leg
 * has another result, since the device is gone or its bus mastering is off.
 */
enum nest_leg_result nest_trip_missed(struct nest_trip_run *run,
				      const struct nest_landing *landing);

/* The same question alone. */
enum nest_leg_result nest_trip_excuse(struct nest_trip_run *run);

/* ---- trip/log.c ---- */

#define NEST_LISTEN_MS 500 /* for what the log has to say of a transfer */

/* A transfer to this address is to be blocked: its fault is expected. */
void nest_trip_provoked(struct nest_trip_run *run, uint64_t iova);

/* From here on there is no table for a while: what the device's driver does is blocked, too. */
void nest_trip_provoked_all(struct nest_trip_run *run);

/*
 * Waits for the log to tell of a fault in the page of iova; others of this device are counted. 1:
 * it did, 0: not in half a second, or -errno.
 */
int nest_trip_hear(struct nest_trip_run *run, uint64_t iova, struct nest_watch_fault *ret,
		   unsigned int *ret_others);

/* Was that one of those? */
bool nest_trip_is_provoked(const struct nest_trip_run *run, uint64_t addr);

/*
 * Reads all that the log has said; a fault that was not provoked is a deviation. 0 or -errno: the
 * log cannot be read.
 */
int nest_trip_drain_log(struct nest_trip_run *run);

/* For a log that cannot be read since a limit is reached: an obstacle. */
enum nest_leg_result nest_trip_log_failed(struct nest_trip_run *run, int err);

/*
 * What the kernel has to say of a DMA that was lost, as evidence: the newest of what it has said
 * since it was last asked.
 */
void nest_trip_ask_the_log(struct nest_trip_run *run);

/* ---- trip/events.c ---- */

/* Reasons of VT-d's fault records; SMMUv3 has events for some of them (trip/events.c). */
enum {
	NEST_REASON_FIRST_ABSENT = 0x71,
	NEST_REASON_FIRST_RESERVED = 0x72,
	NEST_REASON_SECOND = 0x79, /* neither read nor write */
	NEST_REASON_NOT_CANONICAL = 0x80,
	NEST_REASON_PRIVILEGED = 0x81,
	NEST_REASON_WRITE = 0x85,
	NEST_REASON_UNMARKED = 0x100, /* no accessed flag: none of VT-d's */
};

/* Faults of the first stage come to its owner, and not into the kernel log. */
bool nest_trip_has_events(const struct nest_trip_run *run);

/*
 * Takes what is in the queue of events; a fault that was not provoked is a deviation. 0 or -errno.
 */
int nest_trip_drain_events(struct nest_trip_run *run);

/*
 * Waits for the event of the page that was just blocked, and compares it with what was done: of
 * several the first, since a device may do in parts what is one transfer to us. reason: 0 if any
 * will do; another one is a deviation, and so is a fault of a fetch.
 */
enum nest_leg_result nest_trip_look_at_events(struct nest_trip_run *run, uint64_t iova, bool write,
					      unsigned int reason, bool *ret_seen);

/* ---- trip/state.c: what keeps a round trip from beginning ---- */

/*
 * From sysfs alone, before any node is opened. True if there is an obstacle, which is in the
 * report.
 */
bool nest_trip_obstacle_before(struct nest_trip_run *run);

/* The same for the second device: it must be another one, in another group. */
bool nest_trip_obstacle_between(struct nest_trip_run *run);

/* What to open the device with: --vf-token, for a virtual or a physical function. Else NULL. */
const struct nest_vf_token *nest_trip_token(const struct nest_trip_run *run);

/* ---- trip/blame.c: what a failed request says of the host and the device ---- */

/*
 * PASSED for 0. For -errno the leg has failed, and run->failed, if it is of that errno, gives
 * reason and remedy; STOPPED where a signal ended the request. Where a state of the host, a limit
 * of the caller or a device that vanished is to blame there is an obstacle, and the leg violates
 * nothing.
 */
#define NEST_TRIP_GONE "the device does not answer any more: it was removed, reset or has failed"
enum nest_leg_result nest_trip_check(struct nest_trip_run *run, int err);

/* --pasid asks for more than the device has: an obstacle. Returns SKIPPED. */
enum nest_leg_result nest_trip_out_of_range(struct nest_trip_run *run, unsigned int bits);

/* The device is gone or hangs: nothing more can be learned. Returns SKIPPED. */
enum nest_leg_result nest_trip_gone(struct nest_trip_run *run, const char *id, const char *why);

/* ---- trip/witness.c: what /proc says this process holds ---- */
void nest_trip_witness_before(struct nest_trip_run *run);
enum nest_leg_result nest_trip_witness_after(struct nest_trip_run *run);

/* The number behind "\nName:" in a file of /proc; false: the file has none. */
bool nest_trip_proc_field(const char *text, const char *name, uint64_t *ret_kib);

#endif
