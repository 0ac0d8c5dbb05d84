// SPDX-License-Identifier: GPL-2.0-or-later
/* The legs on the one stage there is: map, DMA, map anew, unmap, detach. */
#include "trip/legs.h"

#include <errno.h>

#include "backend/abi2020/gpasid.h"
#include "backend/select.h"
#include "errnoname.h"
#include "explain.h"

/* Slots these legs use; each maps them at addresses of its own. */
enum { SLOT_DMA = 2, SLOT_HIGH, SLOT_DECOY, SLOT_OLD, SLOT_NEW, SLOT_GONE };

/* A page of its own, with an unmapped one behind it. */
static uint64_t page_iova(const struct nest_trip_run *run, unsigned int slot)
{
	return nest_trip_flat(run, 2 * slot);
}

bool nest_trip_in_ranges(const struct nest_trip_run *run, uint64_t iova)
{
	const struct nest_caps *caps = &run->caps;
	size_t i;

	for (i = 0; i < caps->nranges; i++)
		if (iova >= caps->ranges[i].start && iova <= caps->ranges[i].last - (run->page - 1))
			return true;
	return !caps->have_ranges;
}

static enum nest_leg_result map_page(struct nest_trip_run *run, uint64_t iova, unsigned int slot)
{
	int err;

	nest_trip_clock_start(run);
	err = nest_space_map(run->space, iova, nest_trip_slot_va(run, slot), run->page,
			     NEST_PROT_READ | NEST_PROT_WRITE);
	nest_trip_clock_stop(run);
	return nest_trip_check(run, err);
}

static enum nest_leg_result unmap_page(struct nest_trip_run *run, uint64_t iova)
{
	uint64_t len = run->page;
	int err;

	nest_trip_clock_start(run);
	err = nest_space_unmap(run->space, iova, run->page, &len);
	nest_trip_clock_stop(run);
	if (!err && len != run->page)
		return nest_trip_fail(run, "the kernel unmapped %llu bytes, not %llu",
				      (unsigned long long)len, (unsigned long long)run->page);
	return nest_trip_check(run, err);
}

enum nest_leg_result nest_leg_flat_dma(struct nest_trip_run *run)
{
	uint64_t iova = page_iova(run, SLOT_DMA), page = nest_trip_slot(run, SLOT_DMA);
	bool saw = true;
	enum nest_leg_result result = map_page(run, iova, SLOT_DMA);

	if (!result)
		result = nest_trip_expect(run, iova, page, "one mapped page");
	if (result)
		return result;
	nest_trip_evidence(run,
			   "a write of %zu bytes to IOVA 0x%llx reached the page mapped there; "
			   "nothing else in %zu KiB changed",
			   nest_stim_len(run->ops), (unsigned long long)iova,
			   run->small.npages * 4);
	if (!(run->stim.can & NEST_STIM_READ))
		return unmap_page(run, iova);
	result = nest_trip_read(run, iova, page, &saw);
	if (result)
		return result;
	if (!saw)
		return nest_trip_fail(
			run, "a read from 0x%llx must return the page mapped there, but did not",
			(unsigned long long)iova);
	nest_trip_evidence(run, "a read from there returned as many bytes of the page");
	return unmap_page(run, iova);
}

enum nest_leg_result nest_leg_flat_high(struct nest_trip_run *run)
{
	static const struct nest_trip_mapper mapper = { "IOVA", nest_trip_in_ranges, map_page,
							unmap_page };

	return nest_trip_high(run, &mapper, page_iova(run, SLOT_HIGH), SLOT_HIGH, SLOT_DECOY);
}

enum nest_leg_result nest_leg_flat_remap(struct nest_trip_run *run)
{
	uint64_t iova = page_iova(run, SLOT_OLD);
	enum nest_leg_result result = map_page(run, iova, SLOT_OLD);

	if (!result)
		result = nest_trip_expect(run, iova, nest_trip_slot(run, SLOT_OLD), "before");
	if (!result)
		result = unmap_page(run, iova);
	if (!result)
		result = map_page(run, iova, SLOT_NEW);
	if (!result)
		result = nest_trip_expect(run, iova, nest_trip_slot(run, SLOT_NEW),
					  "after the change");
	if (!result)
		result = unmap_page(run, iova);
	if (!result)
		nest_trip_evidence(run,
				   "IOVA 0x%llx was mapped to one page, then to another: each "
				   "write reached the page mapped at that time",
				   (unsigned long long)iova);
	return result;
}

enum nest_leg_result nest_leg_flat_unmap(struct nest_trip_run *run)
{
	uint64_t iova = page_iova(run, SLOT_GONE);
	enum nest_leg_result result = map_page(run, iova, SLOT_GONE);

	if (!result)
		result = nest_trip_expect(run, iova, nest_trip_slot(run, SLOT_GONE), "mapped");
	if (!result)
		result = unmap_page(run, iova);
	if (!result)
		result = nest_trip_expect_blocked(run, iova, "unmapped");
	if (!result)
		nest_trip_evidence(run,
				   "IOVA 0x%llx was used, then unmapped: the next write reached no "
				   "byte of %zu KiB",
				   (unsigned long long)iova, run->small.npages * 4);
	return result;
}

enum nest_leg_result nest_leg_flat_reattach(struct nest_trip_run *run)
{
	bool dma = run->has & NEST_HAS_STIM;
	bool bare = dma && !(run->stim.can & NEST_STIM_DESCRIPTORS);
	uint64_t page = nest_trip_slot(run, SLOT_DMA);
	enum nest_leg_result result;
	int err;

	if (!run->mode->ops->detach)
		return nest_trip_absent(run, "a container cannot detach a device that stays open");
	/* Used first, so that its translation is cached. */
	result = dma ? nest_trip_expect(run, page, page, "before the detach") : NEST_LEG_PASSED;
	if (result)
		return result;
	nest_trip_clock_start(run);
	nest_trip_provoked_all(run);
	err = nest_space_detach(run->space, &run->vdev);
	nest_trip_clock_stop(run);
	result = nest_trip_check(run, err);
	/*
	 * A device that fetches its commands from memory would take the fault for the end of the
	 * world.
	 */
	if (!result && bare)
		result = nest_trip_expect_blocked(run, page, "detached");
	if (result)
		return result;
	nest_trip_clock_start(run);
	err = nest_space_attach(run->space, &run->vdev);
	nest_trip_clock_stop(run);
	result = nest_trip_check(run, err);
	if (result)
		run->has &= ~(unsigned int)(NEST_HAS_STIM | NEST_HAS_MEMORY);
	else if (dma)
		result = nest_trip_expect(run, page, page, "attached again");
	if (result)
		return result;
	nest_trip_evidence(run, "the device was detached and attached again while it stayed open");
	if (bare)
		nest_trip_evidence(run, "while it was detached, its DMA reached no memory");
	if (dma)
		nest_trip_evidence(run,
				   "after the second attach, its DMA reaches memory as before");
	return NEST_LEG_PASSED;
}

/* The type is accepted: is there more to it than second-stage tables? */
static enum nest_leg_result accepted(struct nest_trip_run *run,
				     const struct nest_recognition *recognition,
				     const struct nest_mode *mode)
{
	int err;

	nest_trip_evidence(run, "VFIO_SET_IOMMU(6) was accepted; revision: %s",
			   recognition->decision);
	if (!mode) {
		nest_trip_evidence(
			run, "the kernel uses second-stage tables; user space gets no first stage");
		return NEST_LEG_PASSED;
	}
	if (run->options->mode)
		return NEST_LEG_PASSED;
	err = nest_undo_run(run->ctx, run->space_mark, NULL, NULL);
	run->space = NULL;
	if (!err)
		err = nest_trip_open_space(run, mode->name);
	if (err) {
		run->has &= ~(unsigned int)NEST_HAS_SPACE;
		return nest_trip_check(run, err);
	}
	run->report->abi = run->mode->name;
	nest_trip_evidence(run, "it offers a first stage: the round trip continues with %s",
			   mode->name);
	return NEST_LEG_PASSED;
}

static enum nest_leg_result refused(struct nest_trip_run *run, int err)
{
	if (err == -EINTR)
		return nest_trip_check(run, err);
	if (run->failed.stage == NEST_STAGE_SET_IOMMU)
		nest_failure_restage(&run->failed, NEST_STAGE_SET_IOMMU_NESTING);
	else if (run->failed.stage == NEST_STAGE_CHECK_EXTENSION)
		return nest_trip_absent(
			run, "VFIO_CHECK_EXTENSION(6) returns 0: this kernel does "
			     "not offer it (removed in Linux " NEST_TYPE1_NESTING_REMOVED ")");
	nest_trip_check(run, err);
	run->leg->remedy = NULL; /* the one stage that is asked for next needs none */
	return NEST_LEG_ABSENT;
}

/* What a container has for nesting, in a container of its own. */
enum nest_leg_result nest_leg_type1_nesting(struct nest_trip_run *run)
{
	struct nest_recognition recognition = { 0 };
	size_t mark = run->ctx->undo.count;
	const struct nest_mode *found = NULL;
	struct nest_space *space;
	struct nest_vdev vdev;
	int err, undone;

	nest_vdev_init(&vdev, run->dev->name, run->dev->bus_name,
		       run->model->groups[run->dev->group].id, &run->failed);
	vdev.token = nest_trip_token(run);
	nest_trip_clock_start(run);
	err = nest_space_open(run->ctx, &nest_mode_any_revision, &run->failed, &space);
	if (!err) {
		err = nest_space_attach(space, &vdev);
		recognition = nest_gpasid_of(space)->recognition;
		found = err ? NULL : nest_select_for_revision(recognition.rev);
	}
	nest_trip_clock_stop(run);
	undone = nest_undo_run(run->ctx, mark, NULL, NULL);
	if (undone)
		return nest_trip_fail(run, "cannot close the container (%s)",
				      nest_errno_name(-undone));
	if (!err || run->failed.stage == NEST_STAGE_RECOGNISE)
		return accepted(run, &recognition, found);
	return refused(run, err);
}
