// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps memory, and proves that the device copies it before anything depends on that. */
#include "trip/legs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/iommufd-mock.h"
#include "stim/registry.h"

/* Where the parts begin in the window, in pages: small area, big area, single pages. */
#define BIG_FIRST      512
#define FLAT_FIRST     2048
#define COMPACT_FIRST  256 /* of single pages, where there is no big area */

#define RESET_TRIES    5
#define RESET_PAUSE_NS 10000000

/* ---- map ---- */

/* Is the whole window usable? What the kernel does not tell is tried. */
static bool fits(const struct nest_trip_run *run, uint64_t base)
{
	const struct nest_caps *caps = &run->caps;
	uint64_t window = nest_trip_window_size(run);
	size_t i;

	if (!caps->have_ranges)
		return true;
	for (i = 0; i < caps->nranges; i++)
		if (base >= caps->ranges[i].start && caps->ranges[i].last - base >= window - 1 &&
		    base <= caps->ranges[i].last)
			return true;
	return false;
}

/*
 * High above all memory if the device drives the bits: should the IOMMU not translate after all,
 * its DMA finds nothing there. Else low, and the first DMA is an echo.
 */
int nest_trip_window(const struct nest_trip_run *run, unsigned int bits, uint64_t *ret_base)
{
	uint64_t window = nest_trip_window_size(run), base;
	size_t i;

	/* A second stage that a first one stands on may be narrower than the mapping before it. */
	if (run->caps.s1_output_bits && bits > run->caps.s1_output_bits)
		bits = run->caps.s1_output_bits;
	for (base = NEST_TRIP_HIGHEST; base > UINT32_MAX; base >>= 1) {
		if (base >> (bits < 64 ? bits : 63) || !run->caps.have_ranges || !fits(run, base))
			continue;
		*ret_base = base;
		return 0;
	}
	for (base = window; base + window <= NEST_TRIP_LOW_LIMIT; base += window) {
		if (!fits(run, base))
			continue;
		*ret_base = base;
		return 0;
	}
	for (i = 0; i < run->caps.nranges; i++) {
		base = (run->caps.ranges[i].start + window - 1) & ~(window - 1);
		if (base < window || (bits < 64 && (base + window - 1) >> bits) || !fits(run, base))
			continue;
		*ret_base = base;
		return 0;
	}
	return -ENOSPC;
}

void nest_trip_place(struct nest_trip_run *run, uint64_t base)
{
	run->small.gpa = base;
	run->big.gpa = base + BIG_FIRST * run->page;
	run->flat = base + (run->compact ? COMPACT_FIRST : FLAT_FIRST) * run->page;
}

/* In place of the DMA by which a device proves it. */
static enum nest_leg_result check_mock_map(struct nest_trip_run *run)
{
	int err = nest_mock_check_map(run->space, run->small.gpa, run->small.va,
				      run->small.npages * UINT64_C(4096));

	if (!err)
		nest_trip_evidence(run, "the mock IOMMU maps each of %zu pages to its memory",
				   run->small.npages);
	return nest_trip_check(run, err);
}

/*
 * Without a list of ranges no address is known to be free of memory, and only a device whose first
 * DMA is an echo may be tried on one. Others make no DMA.
 */
static void spare_memory(struct nest_trip_run *run)
{
	if (!run->ops || run->ops->address_bits <= 32 || run->caps.have_ranges)
		return;
	run->ops = NULL;
	run->lacks_stim = "this kernel lists no ranges of I/O addresses, so no address is known at "
			  "which DMA of this device would be harmless";
}

enum nest_leg_result nest_leg_map(struct nest_trip_run *run)
{
	enum nest_leg_result result;
	const char *refused = NULL;
	unsigned int bits;
	uint64_t base = 0;
	int err;

	if (run->dev)
		run->ops = nest_stim_of(run->dev, &refused);
	if (refused)
		run->lacks_stim = refused;
	spare_memory(run);
	bits = run->ops ? run->ops->address_bits : 64;
	err = nest_trip_window(run, bits, &base);
	if (err && run->page > NEST_PAGE) {
		run->compact = true;
		err = nest_trip_window(run, bits, &base);
	}
	if (err)
		return nest_trip_fail(
			run, "there is no free range of %llu MiB of I/O addresses for this device",
			(unsigned long long)nest_trip_window_size(run) >> 20);
	nest_trip_place(run, base);
	err = nest_trip_memory_new(run);
	if (err)
		return nest_trip_check(run, err);
	nest_trip_clock_start(run);
	err = nest_space_map(run->space, base, run->small.va, run->small.npages * UINT64_C(4096),
			     NEST_PROT_READ | NEST_PROT_WRITE);
	nest_trip_clock_stop(run);
	result = nest_trip_check(run, err);
	if (result)
		return result;
	run->has |= NEST_HAS_MEMORY;
	nest_trip_evidence(run, "%zu KiB of memory mapped at 0x%llx, read and write",
			   run->small.npages * 4, (unsigned long long)base);
	return run->dev ? NEST_LEG_PASSED : check_mock_map(run);
}

/* ---- start ---- */

static const char *supported_devices(struct nest_trip_run *run)
{
	char list[512];
	size_t used = 0, i;

	for (i = 0; nest_stim_at(i); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? "; " : "",
					 nest_stim_at(i)->what);
	return nest_trip_text(run, "the tool cannot make this device do DMA; it supports: %s",
			      list);
}

/*
 * EAGAIN: somebody has the device locked. That may be short; but who removes the device waits with
 * the lock for us to close it, and then there is nothing to reset.
 */
static int undo_reset(struct nest_ctx *ctx, void *object, uint64_t arg)
{
	struct nest_vdev *vdev = object;
	int err = nest_vdev_reset(ctx, vdev), tries;

	(void)arg;
	for (tries = 0; err == -EAGAIN && tries < RESET_TRIES; tries++) {
		nest_kernel_sleep(ctx, RESET_PAUSE_NS);
		err = nest_vdev_reset(ctx, vdev);
	}
	vdev->reset_refused = err == -EAGAIN;
	/* Of a device that is gone there is nothing to give back. */
	return vdev->reset_refused || (err && nest_vdev_is_gone(ctx, vdev)) ? 0 : err;
}

/*
 * Before user space had the device the kernel let its DMA pass untranslated. An emulated VT-d in
 * scalable mode goes on with that (QEMU 10.2, hw/i386/intel_iommu.c: the way around is taken back
 * when a context entry is invalidated, and the kernel invalidates a PASID entry).
 */
static void tell_identity(struct nest_trip_run *run)
{
	const char *type = run->model->groups[run->dev->group].type;

	if (!type || strcmp(type, "identity") || run->leg->remedy)
		return;
	nest_trip_evidence(run, "the default domain of the group is identity (iommu=pt): the DMA "
				"probably still bypasses translation");
	run->leg->remedy =
		"start the kernel without iommu=pt: QEMU's IOMMU keeps bypassing translation in "
		"scalable mode. On hardware this is a severe fault: do not assign the device.";
}

/* The first DMA of all. Memory of somebody else's is at stake if the IOMMU does not do its work. */
static enum nest_leg_result echo(struct nest_trip_run *run)
{
	uint8_t *page = nest_trip_slot_va(run, 0);
	uint8_t *shadow = run->small.shadow + (page - run->small.va);
	bool came_back;
	int err;

	if (!(run->stim.can & NEST_STIM_READ))
		return NEST_LEG_PASSED;
	err = nest_stim_echo(&run->stim, nest_trip_slot(run, 0), page, ++run->seed, &came_back);
	if (err)
		return nest_trip_check_stim(run, err);
	memcpy(page, shadow, NEST_PAGE);
	if (came_back)
		return NEST_LEG_PASSED;
	nest_trip_ask_the_log(run);
	tell_identity(run);
	return nest_trip_fail(run,
			      "the device was told to read the page at 0x%llx and write it back, "
			      "but the page did not change: its DMA does not follow the mapping",
			      (unsigned long long)nest_trip_slot(run, 0));
}

enum nest_leg_result nest_leg_start(struct nest_trip_run *run)
{
	struct nest_trip *report = run->report;
	size_t at = nest_trip_small(run, NEST_SCRATCH_FIRST);
	unsigned int may =
		(run->pri ? NEST_STIM_PAGE_REQUEST : 0u) | (run->pasids ? NEST_STIM_PASID : 0u);
	enum nest_leg_result result;
	bool saw = true;
	int err;

	if (!run->ops) {
		report->stimulus_reason = run->lacks_stim
						  ? run->lacks_stim
						  : "the tool cannot make this device do DMA";
		return nest_trip_skip(run, "%s",
				      run->lacks_stim ? run->lacks_stim : supported_devices(run));
	}
	report->stimulus = run->ops->name;
	/*
	 * Pushed first, so that it is done last: a reset puts the config space back as it was
	 * before.
	 */
	if (run->vdev.can_reset)
		nest_undo_push(run->ctx, "reset the device", undo_reset, &run->vdev, 0);
	/* If it fails, traces are looked for in the tables, too. */
	nest_trip_save_tables(run);
	err = nest_stim_start(run->ctx, &run->vdev, run->ops, may, run->small.va + at,
			      run->small.gpa + at, &run->stim);
	if (err &&
	    (nest_vdev_is_gone(run->ctx, &run->vdev) || (run->stim.failed && !run->failed.stage)))
		return nest_trip_check_stim(run, err);
	if (err)
		return nest_trip_check(run, err);
	result = echo(run);
	if (!result)
		result = nest_trip_expect(run, nest_trip_slot(run, 0), nest_trip_slot(run, 0),
					  "plain mapping");
	if (!result && run->stim.can & NEST_STIM_READ)
		result = nest_trip_read(run, nest_trip_slot(run, 1), nest_trip_slot(run, 1), &saw);
	if (result)
		return result;
	if (!saw)
		return nest_trip_fail(run, "the device did not read the bytes of the page");
	run->has |= NEST_HAS_STIM;
	nest_trip_evidence(run,
			   "%s writes %zu bytes%s through the plain mapping; every byte is correct",
			   run->ops->name, nest_stim_len(run->ops),
			   run->stim.can & NEST_STIM_READ ? " and reads as many" : "");
	nest_trip_evidence(run, "bus mastering is enabled; %s",
			   run->vdev.can_reset ? "the device is reset at the end"
					       : "the kernel cannot reset this device");
	return NEST_LEG_PASSED;
}
