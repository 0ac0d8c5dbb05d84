// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * On Arm the message of an interrupt is a write that the tables translate like any other. The
 * kernel gives the device an address in a window of its own, and maps the doorbell there in the
 * second stage (drivers/iommu/iommufd/driver.c of Linux 7.3, iommufd_sw_msi()). The entry of the
 * first stage is up to user space. Other IOMMUs remap interrupts, and no table translates them.
 */
#include "trip/legs.h"

#include <errno.h>

#include "backend/vdev-irq.h"
#include "util.h"

#define WAIT_MS	  500
#define SETTLE_MS 20 /* for an interrupt that must not come, after its event */
#define EVENTS	  16

/* MSI_IOVA_BASE of drivers/iommu/arm/arm-smmu-v3: where the kernel maps doorbells. */
#define KERNELS_WINDOW 0x8000000

struct bell {
	struct nest_vdev_irq irq;
	uint64_t first, last; /* the window */
	bool heard;	      /* an event told of a message, which was sent to addr */
	uint64_t addr;
};

static bool find_window(const struct nest_trip_run *run, struct bell *bell)
{
	const struct nest_group *group = &run->model->groups[run->dev->group];
	size_t i;

	for (i = 0; i < group->nregions; i++) {
		if (group->regions[i].type != NEST_REGION_MSI)
			continue;
		bell->first = group->regions[i].start;
		bell->last = group->regions[i].last;
		return true;
	}
	return false;
}

/* What an event says of a message in the window. */
static enum nest_leg_result look_at(struct nest_trip_run *run, struct bell *bell,
				    const struct nest_s1_event *event)
{
	if (!event->have_address || event->addr < bell->first || event->addr > bell->last)
		return NEST_LEG_PASSED;
	bell->heard = true;
	bell->addr = event->addr;
	nest_trip_provoked(run, event->addr);
	if (event->perm == NEST_PROT_WRITE && !event->stage2 &&
	    event->virt_id == run->s1->config.virt_id)
		return NEST_LEG_PASSED;
	return nest_trip_fail(run,
			      "the event of the message to 0x%llx reports a %s of device 0x%x at "
			      "stage %d",
			      (unsigned long long)event->addr,
			      event->perm == NEST_PROT_WRITE ? "write" : "read", event->virt_id,
			      event->stage2 ? 2 : 1);
}

/* Waits for the event of a message. There may be none: a kernel before 6.15 has no queue. */
static enum nest_leg_result listen(struct nest_trip_run *run, struct bell *bell)
{
	struct nest_s1_event events[EVENTS];
	enum nest_leg_result result = NEST_LEG_PASSED;
	uint64_t lost;
	size_t n = 1, i;
	int err = 0, wait_ms = WAIT_MS;

	bell->heard = false;
	nest_trip_try(run, NEST_PROP_FAULTS);
	for (; nest_trip_has_events(run) && !result && !err && n; wait_ms = 0) {
		err = nest_space_stage1(run->space)
			      ->events(run->s1, wait_ms, events, EVENTS, &n, &lost);
		for (i = 0; !result && !err && i < n; i++)
			result = look_at(run, bell, &events[i]);
	}
	nest_trip_try(run, NEST_PROP_INTERRUPTS);
	return result ? result : nest_trip_check(run, err);
}

static enum nest_leg_result ring(struct nest_trip_run *run)
{
	enum nest_leg_result result = NEST_LEG_PASSED;

	if (nest_trip_has_events(run))
		result = nest_trip_check(run, nest_trip_drain_events(run));
	return result ? result : nest_trip_check_stim(run, nest_stim_interrupt(&run->stim));
}

static enum nest_leg_result expect_blocked(struct nest_trip_run *run, struct bell *bell,
					   const char *state)
{
	uint64_t count = 0;
	int wait_ms = nest_trip_has_events(run) ? SETTLE_MS : WAIT_MS;
	enum nest_leg_result result = ring(run);

	if (!result)
		result = listen(run, bell);
	if (!result)
		result = nest_trip_check(run,
					 nest_vdev_irq_wait(run->ctx, &bell->irq, wait_ms, &count));
	if (result)
		return result;
	if (count)
		return nest_trip_fail(run, "an interrupt arrived %s", state);
	if (bell->heard)
		nest_trip_evidence(run,
				   "%s: the message was blocked, and seen in the event queue as a "
				   "write to 0x%llx, stage 1, device 0x%x",
				   state, (unsigned long long)bell->addr, run->s1->config.virt_id);
	else
		nest_trip_evidence(run, "%s: no interrupt arrived", state);
	return NEST_LEG_PASSED;
}

/* Entries for the page that an event named, or for the whole window. */
static enum nest_leg_result map(struct nest_trip_run *run, const struct bell *bell, bool clear)
{
	uint64_t page = bell->heard ? bell->addr & ~(run->page - 1) : bell->first;
	uint64_t last = bell->heard ? page : bell->last;
	enum nest_leg_result result = NEST_LEG_PASSED;

	for (; !result && page <= last; page += run->page)
		result = clear ? nest_trip_clear(run, page)
			       : nest_trip_point(run, page, page, NEST_S1_RW);
	return result;
}

static enum nest_leg_result expect_arrival(struct nest_trip_run *run, struct bell *bell)
{
	uint64_t count = 0;
	enum nest_leg_result result = ring(run);

	if (!result)
		result = nest_trip_check(run,
					 nest_vdev_irq_wait(run->ctx, &bell->irq, WAIT_MS, &count));
	if (result)
		return result;
	if (!count) {
		result = listen(run, bell);
		return result ? result
			      : nest_trip_fail(run,
					       "no interrupt arrived although the first stage "
					       "leads to its doorbell%s",
					       bell->heard ? ": the message was blocked" : "");
	}
	nest_trip_evidence(run,
			   "with an entry for the doorbell, to the same guest-physical address, "
			   "the interrupt arrived");
	return NEST_LEG_PASSED;
}

static enum nest_leg_result try_doorbell(struct nest_trip_run *run, struct bell *bell)
{
	struct bell before;
	enum nest_leg_result result =
		expect_blocked(run, bell, "without a first-stage entry for its doorbell");

	before = *bell;
	if (!result)
		result = map(run, &before, false);
	if (!result)
		result = expect_arrival(run, bell);
	if (!result)
		result = map(run, &before, true);
	if (!result)
		result = expect_blocked(run, bell, "after that entry was cleared and invalidated");
	if (result || !nest_trip_has_events(run) || (before.heard && bell->heard))
		return result;
	nest_trip_try(run, NEST_PROP_FAULTS);
	return nest_trip_fail(run, "a message was blocked, but the event queue has no event of it");
}

enum nest_leg_result nest_leg_interrupt(struct nest_trip_run *run)
{
	struct bell bell = { .heard = false };
	size_t used = run->table.used;
	enum nest_leg_result result, off;
	int err;

	if (!run->ops->interrupt)
		return nest_trip_absent(run, "the tool raises no interrupt with %s",
					run->ops->name);
	if (!find_window(run, &bell))
		return nest_trip_skip(run, "the group has no reserved region for the messages of "
					   "interrupts (reserved_regions, type msi)");
	/* HiSilicon's hi161x, erratum 161010801: the kernel reserves the doorbells themselves. */
	if (bell.first != KERNELS_WINDOW)
		return nest_trip_skip(
			run,
			"the window for the messages of interrupts is at 0x%llx, and "
			"not where Linux maps doorbells (0x%x): on such hardware they "
			"pass the SMMU untranslated",
			(unsigned long long)bell.first, KERNELS_WINDOW);
	nest_trip_try(run, NEST_PROP_REQUESTS);
	err = nest_vdev_irq_open(run->ctx, &run->vdev, &bell.irq);
	if (err == -EOPNOTSUPP && !run->failed.stage)
		return nest_trip_absent(run, "the device has neither MSI nor MSI-X");
	result = nest_trip_check(run, err);
	if (result)
		return result;
	/* The kernel places the first doorbell first; without a queue the log has the faults. */
	nest_trip_provoked(run, bell.first);
	result = try_doorbell(run, &bell);
	nest_trip_forget_tables(run, used, &result);
	off = nest_trip_check(run, nest_vdev_irq_close(run->ctx, &bell.irq));
	return result ? result : off;
}
