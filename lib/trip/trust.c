// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a transfer may be made at all, and what is to blame when one did not arrive. */
#include "trip/run.h"

#include <errno.h>

#include "errnoname.h"

#define PCI_COMMAND	   4
#define PCI_COMMAND_MASTER 4
#define LOG_WAIT_MS	   100

void nest_trip_distrust(struct nest_trip_run *run)
{
	run->has &= ~(unsigned int)NEST_HAS_STIM;
	run->distrusted = true;
	run->lacks_stim = "a transfer did not arrive in an earlier leg: no other transfer is made";
}

static enum nest_leg_result excuse_gone(struct nest_trip_run *run)
{
	return nest_vdev_is_gone(run->ctx, &run->vdev)
		       ? nest_trip_gone(run, "device_gone", NEST_TRIP_GONE)
		       : NEST_LEG_PASSED;
}

enum nest_leg_result nest_trip_excuse(struct nest_trip_run *run)
{
	enum nest_leg_result result = excuse_gone(run);
	uint16_t command = 0;
	int err;

	if (result)
		return result;
	err = nest_vdev_config_read(run->ctx, &run->vdev, PCI_COMMAND, &command, sizeof(command));
	if (err)
		return nest_trip_check(run, err);
	if (command & PCI_COMMAND_MASTER)
		return NEST_LEG_PASSED;
	nest_trip_distrust(run);
	return nest_trip_skip(run, "bus mastering of the device was switched off during the round "
				   "trip, so its transfers did not reach the IOMMU");
}

enum nest_leg_result nest_trip_missed(struct nest_trip_run *run, const struct nest_landing *landing)
{
	enum nest_leg_result result = NEST_LEG_PASSED;

	if (landing->kind == NEST_ON_PAGE)
		return NEST_LEG_PASSED;
	if (landing->kind == NEST_NOWHERE) {
		nest_trip_ask_the_log(run);
		result = nest_trip_excuse(run);
	}
	nest_trip_distrust(run);
	return result;
}

/*
 * A device that fetches its commands from memory hangs where these accesses are translated wrongly,
 * too. Their traces tell.
 */
static enum nest_leg_result look_for_traces(struct nest_trip_run *run)
{
	struct nest_landing landing = { .kind = NEST_NOWHERE };
	struct nest_watch_fault fault;
	uint64_t scratch = run->stim.scratch_iova;
	const char *trace = run->ops->astray ? run->ops->astray(&run->stim) : NULL;

	if (!(run->stim.can & NEST_STIM_DESCRIPTORS))
		return NEST_LEG_PASSED;
	if (!trace)
		nest_trip_look_around(run, &landing);
	if (landing.kind == NEST_ASTRAY)
		trace = nest_trip_landing_text(run, &landing);
	while (!trace && nest_watch_wait(run->ctx, &run->log, &run->names, NEST_WATCH_ANY,
					 LOG_WAIT_MS, &fault, NULL) == 1)
		if (fault.fault.address - scratch < NEST_STIM_SCRATCH)
			trace = nest_trip_text(run, "the kernel log says: %s", fault.text);
	if (!trace)
		return NEST_LEG_PASSED;
	nest_trip_distrust(run);
	return nest_trip_fail(run, "%s, and %s", run->stim.failed, trace);
}

enum nest_leg_result nest_trip_check_stim(struct nest_trip_run *run, int err)
{
	enum nest_leg_result result;

	if (!err || err == -EINTR)
		return nest_trip_check(run, err);
	/* Before it is started its bus mastering is off. */
	result = run->stim.started ? nest_trip_excuse(run) : excuse_gone(run);
	if (result)
		return result;
	if (run->stim.unfit)
		return nest_trip_skip(run, "%s: %s (%s)", run->ops->name, run->stim.failed,
				      nest_errno_name(-err));
	if (run->stim.broken)
		result = look_for_traces(run);
	if (result)
		return result;
	if (err == -ETIMEDOUT)
		return nest_trip_gone(run, "device_hung", run->stim.failed);
	/* What broke it is found once; the legs that follow cannot tell more. */
	if (run->stim.started && run->stim.broken)
		nest_trip_distrust(run);
	return nest_trip_fail(run, "%s: %s (%s)", run->report->stimulus,
			      run->stim.failed ? run->stim.failed : "the device failed",
			      nest_errno_name(-err));
}
