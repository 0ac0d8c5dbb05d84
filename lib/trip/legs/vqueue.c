// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is special where tables stand on a vIOMMU: the queue of events when it is full, and what the
 * kernel refuses.
 */
#include "trip/legs.h"

#include "errnoname.h"
#include "plural.h"
#include "util.h"

#define FAULTS	8 /* blocked writes, each to a page of its own: none is like another */
#define DEPTH	2 /* events that the queue keeps meanwhile */
#define WAIT_MS 500

/* What came out of the queue. */
struct seen {
	size_t kept;
	uint64_t lost, first; /* first: page of the oldest */
};

static enum nest_leg_result read_all(struct nest_trip_run *run, struct seen *seen)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct nest_s1_event events[4 * DEPTH];
	uint64_t lost = 0;
	size_t n = 1;
	int err = 0, wait_ms = WAIT_MS;

	for (; !err && (n || lost); wait_ms = 0) {
		lost = 0;
		err = stage1->events(run->s1, wait_ms, events, ARRAY_SIZE(events), &n, &lost);
		if (err)
			break;
		if (n && !seen->kept)
			seen->first = events[0].addr & ~(run->page - 1);
		seen->kept += n;
		seen->lost += lost;
	}
	return nest_trip_check(run, err);
}

static enum nest_leg_result block(struct nest_trip_run *run, uint64_t giova, unsigned int n)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	for (i = 0; !result && i < n; i++)
		result = nest_trip_expect_blocked(run, giova + i * run->page,
						  "nothing is mapped there");
	return result;
}

static enum nest_leg_result judge(struct nest_trip_run *run, const struct seen *seen,
				  uint64_t giova)
{
	if (!seen->kept)
		return nest_trip_fail(run,
				      "%d writes were blocked, and a queue for %d events has none",
				      FAULTS, DEPTH);
	if (seen->kept > DEPTH)
		return nest_trip_fail(run, "a queue for %d events kept %zu", DEPTH, seen->kept);
	if (seen->first != giova)
		return nest_trip_fail(run, "the oldest event is that of 0x%llx, not of 0x%llx",
				      (unsigned long long)seen->first, (unsigned long long)giova);
	if (seen->kept + seen->lost < FAULTS)
		return nest_trip_fail(
			run,
			"%d writes were blocked, the queue kept %zu events and reports "
			"%llu as lost: the rest is not accounted for",
			FAULTS, seen->kept, (unsigned long long)seen->lost);
	nest_trip_evidence(run,
			   "%d writes were blocked with a queue for %d events: it kept the oldest "
			   "%zu, and reports %llu as lost",
			   FAULTS, DEPTH, seen->kept, (unsigned long long)seen->lost);
	return NEST_LEG_PASSED;
}

static enum nest_leg_result overflow(struct nest_trip_run *run, uint64_t giova)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	struct seen seen = { 0 }, after = { 0 };
	enum nest_leg_result result = block(run, giova, FAULTS);

	if (!result)
		result = read_all(run, &seen);
	if (!result)
		result = judge(run, &seen, giova);
	/* There is room again, as for any queue that was read. */
	if (!result)
		result = nest_trip_check(run, stage1->queue_depth(run->space, &run->vdev, 0));
	if (!result)
		result = block(run, giova, 1);
	if (!result)
		result = read_all(run, &after);
	if (!result && (!after.kept || after.lost))
		return nest_trip_fail(run,
				      "a queue of the usual size kept %zu events of one blocked "
				      "write, and reports %llu as lost",
				      after.kept, (unsigned long long)after.lost);
	return result;
}

enum nest_leg_result nest_leg_events_lost(struct nest_trip_run *run)
{
	const struct nest_stage1_ops *stage1 = nest_space_stage1(run->space);
	uint64_t giova = nest_trip_far(run);
	enum nest_leg_result result, back;

	if (!nest_trip_has_events(run))
		return nest_trip_absent(run, "this kernel has no queue of events (Linux 6.15)");
	result = nest_trip_check(run, nest_trip_drain_events(run));
	if (!result)
		result = nest_trip_check(run, stage1->queue_depth(run->space, &run->vdev, DEPTH));
	if (!result)
		result = overflow(run, giova);
	if (!result)
		return result;
	back = nest_trip_check(run, stage1->queue_depth(run->space, &run->vdev, 0));
	return back == NEST_LEG_STOPPED ? back : result;
}

/* ---- refusals ---- */

struct heard {
	struct nest_trip_run *run;
	enum nest_leg_result result;
	unsigned int right;
};

static void told(void *data, const char *what, int due, int answer)
{
	struct heard *heard = data;

	heard->right += answer == due;
	if (answer == due || heard->result)
		return;
	heard->result = nest_trip_fail(
		heard->run, "%s must be refused with %s, but the answer was %s", what,
		nest_errno_name(due), answer ? nest_errno_name(answer) : "success");
}

enum nest_leg_result nest_leg_refusals(struct nest_trip_run *run)
{
	struct heard heard = { .run = run };
	struct nest_s1_config config;
	enum nest_leg_result result;

	if (!run->nests)
		return nest_trip_skip(run, "%s", run->lacks_s1);
	result = nest_trip_check(run, nest_trip_build_table(run));
	if (!result)
		result = nest_trip_check(run, nest_trip_configure(run, &run->table, 0, &config));
	if (!result)
		result = nest_trip_check(
			run, nest_space_stage1(run->space)
				     ->refusals(run->space, &run->vdev, &config, told, &heard));
	if (heard.result)
		return heard.result;
	if (!result)
		nest_trip_evidence(
			run,
			"%u invalid requests were refused: stream table entries and "
			"commands (EIO), a table without a vDEVICE (ENOENT), what is "
			"there already (EEXIST), and the wrong order of teardown (EBUSY)",
			heard.right);
	return result;
}
