// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests about a whole node or address space of iommufd, on a node of their own: what they set
 * ends with it. The run's own node shows what is refused while the device is attached.
 */
#include "trip/legs.h"

#include <errno.h>

#include "backend/iommufd-mock.h"
#include "explain.h"

#define IOVA(run) nest_trip_flat(run, 70)

/* A node of its own, whose steps the caller undoes. */
static enum nest_leg_result open_own(struct nest_trip_run *run, struct nest_space **ret)
{
	return nest_trip_check(run, nest_space_open(run->ctx, run->mode, &run->failed, ret));
}

static enum nest_leg_result expect(struct nest_trip_run *run, struct nest_space *space,
				   enum nest_space_option option, uint64_t want, const char *when)
{
	uint64_t value = 0;
	int err = space->mode->ops->share->get(space, option, &value);

	if (err)
		return nest_trip_check(run, err);
	if (value == want)
		return NEST_LEG_PASSED;
	return nest_trip_fail(run, "%s %s must be %llu, but is %llu",
			      option == NEST_OPTION_HUGE_PAGES ? "HUGE_PAGES" : "RLIMIT_MODE", when,
			      (unsigned long long)want, (unsigned long long)value);
}

static enum nest_leg_result change(struct nest_trip_run *run, struct nest_space *space,
				   enum nest_space_option option, uint64_t value, const char *when)
{
	int err = space->mode->ops->share->set(space, option, value);

	return err ? nest_trip_check(run, err) : expect(run, space, option, value, when);
}

/* Before the node has an object. */
static enum nest_leg_result try_rlimit(struct nest_trip_run *run, struct nest_space *own,
				       bool *ret_may)
{
	enum nest_leg_result result = expect(run, own, NEST_OPTION_RLIMIT_MODE, 0, "of a new node");
	int err;

	if (result)
		return result;
	err = own->mode->ops->share->set(own, NEST_OPTION_RLIMIT_MODE, 1);
	*ret_may = err != -EPERM;
	if (err == -EPERM) {
		run->failed = (struct nest_failure){ 0 };
		return NEST_LEG_PASSED;
	}
	result = nest_trip_check(run, err);
	if (!result)
		result = expect(run, own, NEST_OPTION_RLIMIT_MODE, 1, "after it was set to 1");
	return result ? result
		      : change(run, own, NEST_OPTION_RLIMIT_MODE, 0, "after it was set to 0");
}

static enum nest_leg_result try_huge_pages(struct nest_trip_run *run, struct nest_space *own)
{
	const struct nest_share_ops *share = own->mode->ops->share;
	enum nest_leg_result result =
		expect(run, own, NEST_OPTION_HUGE_PAGES, 1, "of a new address space");

	if (!result)
		result = change(run, own, NEST_OPTION_HUGE_PAGES, 0, "after it was set to 0");
	if (!result)
		result = nest_trip_refused(run, share->set(own, NEST_OPTION_HUGE_PAGES, 2), EINVAL,
					   "a value of 2 for HUGE_PAGES");
	if (!result)
		result = change(run, own, NEST_OPTION_HUGE_PAGES, 1, "after it was set to 1");
	return result;
}

/* While the device is attached and memory is mapped. Taken all the same: it is set back. */
static enum nest_leg_result try_in_use(struct nest_trip_run *run)
{
	const struct nest_share_ops *share = run->space->mode->ops->share;
	int err = share->set(run->space, NEST_OPTION_HUGE_PAGES, 0);

	if (!err)
		share->set(run->space, NEST_OPTION_HUGE_PAGES, 1);
	return nest_trip_refused(run, err, EINVAL, "HUGE_PAGES of an address space that is in use");
}

static enum nest_leg_result try_options(struct nest_trip_run *run)
{
	struct nest_space *own;
	bool may = false;
	enum nest_leg_result result = open_own(run, &own);

	if (!result)
		result = try_rlimit(run, own, &may);
	if (!result)
		result = nest_trip_check(run, own->mode->ops->share->make(own));
	if (!result && may)
		result = nest_trip_refused(
			run, own->mode->ops->share->set(own, NEST_OPTION_RLIMIT_MODE, 1), EBUSY,
			"RLIMIT_MODE of a node that has an address space");
	if (!result)
		result = try_huge_pages(run, own);
	if (!result)
		result = try_in_use(run);
	if (result)
		return result;
	if (may)
		nest_trip_evidence(run, "RLIMIT_MODE was set and reset on a new node, and refused "
					"once that had an address space (EBUSY)");
	else
		nest_trip_evidence(run, "RLIMIT_MODE was read only: to set it takes "
					"CAP_SYS_RESOURCE (EPERM)");
	nest_trip_evidence(run,
			   "HUGE_PAGES was set and reset on a new address space, and refused on "
			   "the one in use (EINVAL)");
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_options(struct nest_trip_run *run)
{
	return nest_trip_with_undo(run, try_options);
}

/* ---- another process ---- */

/* This process, a child, this process again: each takes over what is pinned. */
static enum nest_leg_result hand_around(struct nest_trip_run *run, struct nest_space *own)
{
	static const bool to_child[] = { false, true, false };
	enum nest_leg_result result = NEST_LEG_PASSED;
	size_t i;

	for (i = 0; !result && i < sizeof(to_child); i++)
		result = nest_trip_check(run, own->mode->ops->share->hand_over(own, to_child[i]));
	return result;
}

static enum nest_leg_result try_hand_over(struct nest_trip_run *run)
{
	const struct nest_share_ops *share = run->space->mode->ops->share;
	struct nest_vdev mock = { 0 };
	struct nest_space *own;
	enum nest_leg_result result;
	void *va = NULL;
	int err = share->hand_over(run->space, false), fd = -1;

	if (err == -ENOTTY)
		return nest_trip_absent(run, "this kernel has no IOMMU_IOAS_CHANGE_PROCESS "
					     "(Linux 6.13)");
	result = nest_trip_refused(run, err, EINVAL,
				   "a change of the process while memory is mapped by address");
	if (!result)
		result = nest_trip_check(run, nest_trip_file_new(run, &fd, &va));
	if (!result)
		result = open_own(run, &own);
	/* Only where a device is attached is anything pinned. */
	if (!result)
		result = nest_trip_check(run, run->options->mock ? nest_space_attach(own, &mock)
								 : share->make(own));
	if (!result)
		result = nest_trip_check(run, nest_space_map_file(own, IOVA(run), fd, run->page));
	if (!result)
		result = hand_around(run, own);
	if (!result && run->options->mock)
		result = nest_trip_check(run, nest_mock_check_map(own, IOVA(run), va, run->page));
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(own, IOVA(run), run->page, NULL));
	if (result)
		return result;
	nest_trip_evidence(run, "a change of the process was refused while memory was mapped by "
				"address (EINVAL)");
	nest_trip_evidence(run,
			   "a child process took over the mapping of a file, and this process "
			   "took it back%s",
			   run->options->mock ? ": it led to the same page"
					      : "; no device was attached to it");
	return NEST_LEG_PASSED;
}

enum nest_leg_result nest_leg_change_process(struct nest_trip_run *run)
{
	return nest_trip_with_undo(run, try_hand_over);
}
