// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands on a vIOMMU, on the kernel's mock device: the kernel's own rules for its objects,
 * which all hardware with vIOMMUs shares. Nothing is translated there.
 */
#include "trip/legs.h"

#include <errno.h>

#include "backend/mock-viommu.h"
#include "util.h"

#define VIRT_ID 0x42
#define DEPTH	2

/* The vIOMMU, or why there is none. */
static enum nest_leg_result make(struct nest_trip_run *run, struct nest_mock_viommu *mock)
{
	int err = nest_mock_viommu_new(run->space, &run->vdev, mock);

	if (err == -ENOTTY)
		return nest_trip_absent(run, "this kernel has no vIOMMUs (Linux 6.13)");
	return nest_trip_check(run, err);
}

/* A nested table on it, attached, and the device's number. */
static enum nest_leg_result use(struct nest_trip_run *run, struct nest_mock_viommu *mock)
{
	enum nest_leg_result result = nest_trip_check(run, nest_mock_vdevice_new(mock, VIRT_ID));

	if (!result)
		result = nest_trip_check(run, nest_mock_table_new(mock));
	return result ? result : nest_trip_check(run, nest_mock_attach(mock));
}

/* ---- vIOMMU and vDEVICE ---- */

/* Slots up to n are empty, the others are filled. */
static enum nest_leg_result expect_slots(struct nest_trip_run *run, struct nest_mock_viommu *mock,
					 unsigned int empty)
{
	enum nest_leg_result result = NEST_LEG_PASSED;
	unsigned int i;

	for (i = 0; !result && i < NEST_MOCK_CACHE_SLOTS; i++) {
		bool gone = empty >> i & 1;
		int err = nest_mock_check_cache(mock, i, gone ? 0 : NEST_MOCK_CACHE_FILLED);

		if (err == -EINVAL)
			return nest_trip_fail(run, "slot %u of the device's cache is %s", i,
					      gone ? "filled, though it was invalidated"
						   : "empty, though it was not invalidated");
		result = nest_trip_check(run, err);
	}
	return result;
}

static enum nest_leg_result invalidate(struct nest_trip_run *run, struct nest_mock_viommu *mock)
{
	enum nest_leg_result result = expect_slots(run, mock, 0);

	if (!result)
		result = nest_trip_check(run, nest_mock_forget(mock, VIRT_ID, 1));
	if (!result)
		result = expect_slots(run, mock, 1u << 1);
	if (!result)
		result = nest_trip_refused(run, nest_mock_forget(mock, VIRT_ID + 1, 0), EINVAL,
					   "an invalidation for a device that is not there");
	if (!result)
		result = expect_slots(run, mock, 1u << 1);
	if (!result)
		result = nest_trip_check(run,
					 nest_mock_forget(mock, VIRT_ID, NEST_MOCK_CACHE_SLOTS));
	return result ? result : expect_slots(run, mock, (1u << NEST_MOCK_CACHE_SLOTS) - 1);
}

static enum nest_leg_result try_viommu(struct nest_trip_run *run)
{
	struct nest_mock_viommu mock;
	enum nest_leg_result result = make(run, &mock);

	if (!result)
		result = nest_trip_check(run, nest_mock_table_new(&mock));
	if (!result)
		result = nest_trip_refused(run, nest_mock_attach(&mock), ENOENT,
					   "a table for a device without a vDEVICE");
	if (!result)
		result = nest_trip_check(run, nest_mock_vdevice_new(&mock, VIRT_ID));
	if (!result)
		result = nest_trip_refused(run, nest_mock_vdevice_new(&mock, VIRT_ID + 1), EEXIST,
					   "a second vDEVICE of the device");
	if (!result)
		result = nest_trip_check(run, nest_mock_attach(&mock));
	if (!result)
		result = invalidate(run, &mock);
	if (!result)
		result = nest_trip_refused(run, nest_mock_destroy(&mock, mock.viommu), EBUSY,
					   "the end of a vIOMMU that a table stands on");
	if (!result)
		result = nest_trip_refused(run, nest_mock_destroy(&mock, mock.parent), EBUSY,
					   "the end of a parent that a vIOMMU stands on");
	if (!result)
		nest_trip_evidence(run, "a table on a vIOMMU was attached once the device had a "
					"vDEVICE (ENOENT before); a second one was refused "
					"(EEXIST)");
	if (!result)
		nest_trip_evidence(run, "through the vIOMMU slot 1 of the device's cache was "
					"invalidated, then all four; another device's number was "
					"refused (EINVAL)");
	return result;
}

enum nest_leg_result nest_leg_mock_viommu(struct nest_trip_run *run)
{
	return nest_trip_with_undo(run, try_viommu);
}

/* ---- queue of events ---- */

/* The queue holds these: kept ones in order, then perhaps a header of the last that was lost. */
static enum nest_leg_result expect_events(struct nest_trip_run *run, struct nest_mock_viommu *mock,
					  uint32_t first, size_t kept, bool lost, uint32_t last)
{
	struct nest_mock_event events[8] = { 0 };
	size_t n = 0, i;
	int err = nest_mock_events_read(mock, events, ARRAY_SIZE(events), &n);

	if (err)
		return nest_trip_check(run, err);
	if (n != kept + lost)
		return nest_trip_fail(run, "the queue must hold %zu records, but has %zu",
				      kept + lost, n);
	for (i = 0; i < n; i++) {
		bool is_loss = i == kept;
		uint32_t number = is_loss ? last : first + (uint32_t)i;

		if (events[i].lost != is_loss || events[i].sequence != number ||
		    (!is_loss && events[i].virt_id != VIRT_ID))
			return nest_trip_fail(
				run,
				"record %zu must be %s %u of device 0x%x, but is %s %u of 0x%x", i,
				is_loss ? "a loss up to event" : "event", number, VIRT_ID,
				events[i].lost ? "a loss up to event" : "event", events[i].sequence,
				events[i].virt_id);
	}
	return NEST_LEG_PASSED;
}

static enum nest_leg_result trigger(struct nest_trip_run *run, struct nest_mock_viommu *mock,
				    unsigned int n)
{
	enum nest_leg_result result = NEST_LEG_PASSED;

	while (!result && n--)
		result = nest_trip_check(run, nest_mock_event(mock));
	return result;
}

static enum nest_leg_result try_events(struct nest_trip_run *run)
{
	struct nest_mock_viommu mock;
	enum nest_leg_result result = make(run, &mock);
	int err = 0;

	if (!result)
		err = nest_mock_events_new(&mock, DEPTH);
	if (err == -ENOTTY)
		return nest_trip_absent(run, "this kernel has no queue of events (Linux 6.15)");
	if (!result)
		result = nest_trip_check(run, err);
	if (!result)
		result = nest_trip_refused(run, nest_mock_events_new(&mock, DEPTH), EEXIST,
					   "a second queue of events");
	if (!result)
		result = nest_trip_refused(run, nest_mock_event(&mock), ENOENT,
					   "an event of a device that no table of it is attached "
					   "to");
	if (!result)
		result = use(run, &mock);
	if (!result)
		result = trigger(run, &mock, 1);
	if (!result)
		result = expect_events(run, &mock, 0, 1, false, 0);
	if (!result)
		result = trigger(run, &mock, DEPTH + 2);
	if (!result)
		result = expect_events(run, &mock, 1, DEPTH, true, DEPTH + 2);
	if (!result)
		result = trigger(run, &mock, 1);
	if (!result)
		result = expect_events(run, &mock, DEPTH + 3, 1, false, 0);
	if (!result)
		result = nest_trip_refused(run, nest_mock_destroy(&mock, mock.events), EBUSY,
					   "the end of a queue whose file is open");
	if (!result)
		nest_trip_evidence(run,
				   "an event of the device came with its number and the device's "
				   "(0x%x); of %d in a queue for %d the oldest were kept, and the "
				   "rest was told as lost",
				   VIRT_ID, DEPTH + 2, DEPTH);
	return result;
}

enum nest_leg_result nest_leg_mock_events(struct nest_trip_run *run)
{
	return nest_trip_with_undo(run, try_events);
}

/* ---- hardware queues ---- */

static enum nest_leg_result try_hw_queue(struct nest_trip_run *run)
{
	uint64_t page = nest_trip_slot(run, 0);
	struct nest_mock_viommu mock;
	uint32_t first = 0, second = 0;
	enum nest_leg_result result = make(run, &mock);
	int err = 0;

	if (!result)
		err = nest_mock_hw_queue_new(&mock, 1, page, NEST_PAGE, &second);
	if (err == -ENOTTY)
		return nest_trip_absent(run, "this kernel has no hardware queues (Linux 6.17)");
	if (!result)
		result = nest_trip_refused(run, err, EIO, "queue 1 before queue 0");
	if (!result)
		result = nest_trip_refused(
			run, nest_mock_hw_queue_new(&mock, 2, page, NEST_PAGE, &second), EINVAL,
			"a queue beyond the last");
	if (!result)
		result = nest_trip_refused(
			run, nest_mock_hw_queue_new(&mock, 0, run->flat, NEST_PAGE, &second),
			ENOENT, "a queue in memory that is not mapped");
	if (!result)
		result = nest_trip_check(run,
					 nest_mock_hw_queue_new(&mock, 0, page, NEST_PAGE, &first));
	if (!result)
		result = nest_trip_refused(
			run, nest_mock_hw_queue_new(&mock, 0, page, NEST_PAGE, &second), EEXIST,
			"a second queue 0");
	if (!result)
		result = nest_trip_check(
			run, nest_mock_hw_queue_new(&mock, 1, page, NEST_PAGE, &second));
	if (!result)
		result = nest_trip_refused(run, nest_mock_destroy(&mock, first), EBUSY,
					   "the end of queue 0 while queue 1 stands");
	if (!result)
		nest_trip_evidence(run,
				   "two hardware queues were made in order (EIO else), each "
				   "once (EEXIST), in mapped memory alone (ENOENT), and end in "
				   "the other order (EBUSY else)");
	return result;
}

enum nest_leg_result nest_leg_mock_hw_queue(struct nest_trip_run *run)
{
	return nest_trip_with_undo(run, try_hw_queue);
}
