/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timing loops. Requests run in stretches inside the door to the kernel, where there is nothing
 * between two of them but a reading of the processor's counter. What is more than a request runs in
 * steps. Rounds before the first sample warm up and do not count.
 */
#ifndef NEST_TRIP_LOOP_H
#define NEST_TRIP_LOOP_H

#include "trip/run.h"

#define NEST_LOOP_BUDGET_NS UINT64_C(2000000000) /* of each operation that is not timed in full */

#define NEST_LOOP_LIMIT                                                                            \
	65536 /* samples of such an operation: the memory of dozens of them adds up */

struct nest_loop {
	struct nest_trip_run *run;
	const char *what;		/* "map and unmap": for the progress */
	struct nest_timing *timings[2]; /* the second: what takes the first back, or NULL */
	uint64_t budget_ns;		/* no stretch begins after so long; 0: all rounds */
	size_t stretch_rounds;		/* of a stretch; 0: as many as usual */

	/* What is timed, for stretch. */
	uint64_t iova, len;
	void *va;
	struct nest_s1_scope scope;
	unsigned int entries;
	int (*stretch)(struct nest_loop *loop, struct nest_timed *timed, uint64_t *second);
};

/* Rounds of an operation that is timed in full, or else within its budget. */
static inline size_t nest_loop_rounds(const struct nest_trip_run *run, uint64_t budget_ns)
{
	size_t asked = run->options->iterations;

	return budget_ns && asked > NEST_LOOP_LIMIT ? NEST_LOOP_LIMIT : asked;
}

/* A new timing of the report with room for as many samples; NULL: memory is out, or no room. */
struct nest_timing *nest_loop_timing(struct nest_trip_run *run, const char *id, size_t capacity);

/* 0, -EINTR after a signal, or -errno of a request. What was measured before counts. */
int nest_loop_run(struct nest_loop *loop);

/*
 * Steps: before() is not timed, act() is. A result that is not PASSED ends them. At least ten
 * samples are taken, and no more once the time is used up. compare: every other round is made
 * without the clock, and whole rounds of both kinds give loop_ns and bare_ns.
 */
struct nest_steps {
	struct nest_trip_run *run;
	const char *id, *what;
	bool compare;
	uint64_t giova, page, npages; /* for the two */
	enum nest_leg_result (*before)(struct nest_steps *steps);
	enum nest_leg_result (*act)(struct nest_steps *steps);
	enum nest_leg_result (*after)(struct nest_steps *steps); /* NULL: nothing */
};
enum nest_leg_result nest_steps_run(struct nest_steps *steps);

/* trip/steady.c: what happens to the process meanwhile. */
struct nest_steady {
	struct nest_timing_noise noise;
	uint64_t voluntary, involuntary; /* at the beginning */
	int cpu;			 /* that it was last seen on */
	uint64_t khz, looked_ns;
};
void nest_steady_begin(struct nest_trip_run *run, struct nest_steady *steady);
void nest_steady_look(struct nest_trip_run *run, struct nest_steady *steady);
void nest_steady_end(struct nest_trip_run *run, struct nest_steady *steady);

#endif
