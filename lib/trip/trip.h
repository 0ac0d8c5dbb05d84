/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The round trip: makes one device, bound to vfio-pci, do DMA through a first and a second stage
 * of our own, changes the first stage under it, and proves of each step that it did what it
 * should. On an IOMMU or through an ABI without a first stage, the same legs run on the one stage
 * there is.
 *
 * The report tells; nothing here prints.
 */
#ifndef NEST_TRIP_H
#define NEST_TRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx.h"
#include "failure.h"
#include "model.h"
#include "pool.h"
#include "trip/property.h"
#include "trip/timing.h"

enum nest_leg_result {
	NEST_LEG_PASSED,
	NEST_LEG_FAILED,
	NEST_LEG_SKIPPED, /* it should have been shown and was not: the verdict is incomplete */
	NEST_LEG_ABSENT,  /* there is nothing of the kind here, which harms no verdict */
	NEST_LEG_STOPPED, /* by a signal: as skipped */
};

/* "passed", "failed", and "skipped" for the others. */
const char *nest_leg_result_name(enum nest_leg_result result);

#define NEST_LEG_EVIDENCE_MAX 24

struct nest_leg {
	const char *id;	   /* fixed word: "dma_2m" */
	const char *title; /* the same for people, static */
	enum nest_leg_result result;
	const char *reason;			     /* one clause; NULL when passed */
	const char *remedy;			     /* what to do about it, or NULL */
	const char *evidence[NEST_LEG_EVIDENCE_MAX]; /* what was done and seen, one sentence each */
	size_t nevidence;
	const char *op; /* failed: the request that failed, NULL if it was no request */
	int err;	/* failed: its errno, positive, or 0 */
	enum nest_property_id violates; /* failed: the property that it found violated */
	bool one_stage;			/* it ran on the one stage there is */
	bool with_second;		/* it used the second device, too */
	bool have_latency;
	uint64_t latency_ns; /* in its calls and DMA; preparation, checks and waits left out */
};

enum nest_trip_verdict {
	NEST_TRIP_INCOMPLETE, /* none is violated, but an essential property was not shown */
	NEST_TRIP_PASSED,     /* all essential properties were tried, and held */
	NEST_TRIP_FAILED,     /* a property is violated */
};

/* What differs from the specification and endangers nothing. */
struct nest_deviation {
	const char *id;	  /* fixed word: "fault_reason" */
	const char *text; /* one sentence */
	const char *leg;  /* id of the leg that saw it */
};

/* "incomplete", "passed", "failed". */
const char *nest_trip_verdict_name(enum nest_trip_verdict verdict);

#define NEST_TRIP_COMMANDS_MAX 64

/* Why the round trip could not begin: a state of the host, not an answer. */
struct nest_trip_obstacle {
	const char *id; /* "not_found", "bridge", "not_bound", "not_viable", "busy", "permission",
			   "memlock", "interrupts", "noiommu", "no_iommu", "no_vfio", "no_mock",
			   "limit", "device_gone", "device_hung", "pasid_range",
			   "same_device", "same_group", "vf_token" */
	const char *summary; /* one paragraph, plain sentences */
	bool late;	     /* it had begun, and could not be finished */
	bool usage;	     /* what was asked for cannot be here: status 2 */
	/* Lines of remedy.h; NULL ends them. */
	const char *commands[NEST_TRIP_COMMANDS_MAX]; /* to set it right, as root */
	const char *undo[NEST_TRIP_COMMANDS_MAX];     /* to go back afterwards */
};

#define NEST_TRIP_LEGS_MAX	 96
#define NEST_TRIP_TIMINGS_MAX	 48
#define NEST_TRIP_DEVIATIONS_MAX 16

struct nest_trip {
	struct nest_pool pool; /* all strings that are not static */
	const char *device;
	const char *abi;      /* name of the mode: "iommufd", "type1v2"; NULL: none was opened */
	const char *stimulus; /* "edu", "nvme"; NULL: the device has none */
	const char *stimulus_reason; /* why not, NULL if it has one */
	unsigned int device_bits;    /* address bits that the device drives, 0: not measured */
	struct nest_trip_second {
		const char *device; /* NULL: none was given */
		const char *stimulus;
		unsigned int device_bits;
	} second;
	bool mock; /* the kernel's mock device, no hardware */
	enum nest_trip_verdict verdict;
	const char *gate; /* the gate that keeps this device from nesting, NULL: none failed */
	const char *gate_reason; /* one sentence */
	struct nest_leg legs[NEST_TRIP_LEGS_MAX];
	size_t nlegs;
	struct nest_property properties[NEST_PROPERTIES];
	size_t nproperties; /* 0: it could not begin */
	struct nest_deviation deviations[NEST_TRIP_DEVIATIONS_MAX];
	size_t ndeviations;
	struct nest_timing timings[NEST_TRIP_TIMINGS_MAX]; /* those with samples */
	size_t ntimings;
	struct nest_trip_obstacle *obstacle; /* NULL: none */
	const char *undo_failures[16];	     /* "destroy nested HWPT: EBUSY" */
	size_t nundo_failures;
	int signal; /* that ended it early, or 0 */
};

struct nest_vf_token;

struct nest_trip_options {
	const char *device;
	const char *second; /* another device, to be kept apart from the first; NULL: none */
	bool mock; /* the kernel's own mock device (CONFIG_IOMMUFD_TEST) instead of a real one */
	const char *
		mode; /* name of a mode; NULL: iommufd if the device has a node there, else type1 */
	const struct nest_vf_token *vf_token; /* of virtual and physical functions; NULL: none */
	bool have_pasid;
	uint32_t pasid;
	unsigned int iterations; /* 0: no timing */
	bool strict;		 /* a deviation is a failure */

	/*
	 * Called now and then, outside of what is measured; NULL: not at all. what is the id of the
	 * leg, and total 0; in the timing loops it is what is timed, and done of total rounds.
	 */
	void (*progress)(void *data, const char *what, uint64_t done, uint64_t total);
	void *progress_data;
};

/*
 * With options->mock the device and the model are not looked at: the legs run against the kernel's
 * mock, which does no DMA. They show that iommufd's own code binds, invalidates and answers page
 * requests, and nothing of any hardware; report->mock says so, and every leg's title.
 *
 * Runs all legs and takes back everything, whatever happens; the undo stack must be empty before,
 * and is so after. model holds the device's driver and group. Signals are looked at between and
 * inside legs. 0, or -ENOMEM when the tool itself broke: even then the report holds what was
 * found. The caller frees with nest_trip_free() in both cases.
 */
int nest_trip_run(struct nest_ctx *ctx, const struct nest_model *model,
		  const struct nest_trip_options *options, struct nest_trip *report);
void nest_trip_free(struct nest_trip *report);

/*
 * The exit status of a report: 0 passed, 1 failed or incomplete, 3 an obstacle and nothing
 * violated, 4 an undo failed.
 */
int nest_trip_status(const struct nest_trip *report);

#endif
