// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A BAR of the device, exported as a dma-buf and mapped by IOMMU_IOAS_MAP_FILE. What may be written
 * to a register only its driver in stim/ knows, so bytes move there alone where that names one.
 * Source: vfio_pci_core_feature_dma_buf(), iopt_alloc_dmabuf_pages() of Linux 7.3.
 */
#include "trip/legs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/vdev-dmabuf.h"
#include "ctx.h"
#include "host/sysfs.h"
#include "uapi/vfio.h"

#define FIRST_IOVA(run)	 nest_trip_flat(run, 72)
#define SECOND_IOVA(run) nest_trip_flat(run, 74)

/* The page that is exported. */
struct page {
	unsigned int bar;
	uint64_t bar_size;
	struct nest_bar_range range;
	const struct nest_stim_keeper *keeper; /* in that page; NULL: no DMA goes there */
	uint32_t at;			       /* its offset in the page */
	int fd;				       /* the dma-buf */
};

static bool is_exported(const struct nest_trip_run *run, const struct nest_vdev_region *region)
{
	return region->mappable && region->size >= run->page && !(region->size % run->page);
}

static bool find_page(const struct nest_trip_run *run, struct page *page)
{
	const struct nest_stim *stim = &run->stim;
	const struct nest_stim_keeper *keeper =
		run->has & NEST_HAS_STIM && !stim->broken ? stim->ops->keeper : NULL;
	unsigned int bar = keeper ? stim->ops->bars[keeper->bar].number : 0;

	if (keeper && is_exported(run, &run->vdev.regions[bar])) {
		page->keeper = keeper;
		page->at = (uint32_t)(keeper->at % run->page);
		page->range.offset = keeper->at - page->at;
	}
	while (bar < VFIO_PCI_ROM_REGION_INDEX && !is_exported(run, &run->vdev.regions[bar]))
		bar++;
	if (bar == VFIO_PCI_ROM_REGION_INDEX)
		return false;
	page->bar = bar;
	page->bar_size = run->vdev.regions[bar].size;
	page->range.len = run->page;
	return true;
}

static int export(struct nest_trip_run *run, const struct page *page, uint64_t offset, uint64_t len,
		  size_t count, int *ret_fd)
{
	const struct nest_bar_range range = { offset, len }, ranges[] = { range, range };

	return nest_vdev_dmabuf_new(run->ctx, &run->vdev, page->bar, ranges, count, ret_fd);
}

static int map(struct nest_trip_run *run, uint64_t iova, int fd, uint64_t len)
{
	return nest_space_map_file(run->space, iova, fd, len);
}

static enum nest_leg_result try_exports(struct nest_trip_run *run, struct page *page)
{
	int fd;
	enum nest_leg_result result =
		nest_trip_refused(run, export(run, page, page->range.offset, NEST_PAGE / 2, 1, &fd),
				  EINVAL, "a dma-buf of half a page");

	if (!result)
		result =
			nest_trip_refused(run, export(run, page, page->bar_size, run->page, 1, &fd),
					  EINVAL, "a dma-buf beyond the end of the BAR");
	if (!result)
		result = nest_trip_check(
			run, export(run, page, page->range.offset, run->page, 1, &page->fd));
	return result;
}

static enum nest_leg_result try_maps(struct nest_trip_run *run, const struct page *page)
{
	uint64_t first = FIRST_IOVA(run), second = SECOND_IOVA(run), len = 0;
	int two = -1;
	enum nest_leg_result result =
		nest_trip_refused(run, map(run, first, page->fd, 2 * run->page), EINVAL,
				  "a mapping that is longer than its dma-buf");

	if (!result)
		result = nest_trip_check(run, map(run, first, page->fd, run->page));
	if (!result)
		result = nest_trip_refused(run, map(run, first, page->fd, run->page), EEXIST,
					   "a second mapping at the same address");
	if (!result)
		result = nest_trip_check(run, map(run, second, page->fd, run->page));
	if (!result)
		result =
			nest_trip_check(run, nest_space_unmap(run->space, second, run->page, &len));
	if (!result && len != run->page)
		result = nest_trip_fail(run, "unmapping a page of a BAR released %llu bytes",
					(unsigned long long)len);
	if (!result)
		result = nest_trip_check(run,
					 export(run, page, page->range.offset, run->page, 2, &two));
	if (!result)
		result = nest_trip_refused(run, map(run, second, two, run->page), EOPNOTSUPP,
					   "a dma-buf of two ranges");
	return result;
}

/* ---- DMA, to the keeper alone ---- */

static enum nest_leg_result lost(struct nest_trip_run *run, const struct page *page, uint64_t iova,
				 bool write, uint32_t due, uint32_t is)
{
	const struct nest_landing nowhere = { .kind = NEST_NOWHERE };
	enum nest_leg_result result = nest_trip_missed(run, &nowhere);

	if (result)
		return result;
	return nest_trip_fail(run,
			      "a %s 0x%llx must %s the register at 0x%x of BAR %u: it must be "
			      "0x%08x, but is 0x%08x",
			      write ? "write to" : "read from", (unsigned long long)iova,
			      write ? "change" : "see", page->keeper->at, page->bar, due, is);
}

/* A read comes first: it harms nothing, wherever the mapping leads. */
static enum nest_leg_result move_bytes(struct nest_trip_run *run, const struct page *page,
				       uint64_t base)
{
	uint64_t iova = base + page->at;
	uint32_t kept, saw = 0, wrote = 0;
	int err;

	nest_trip_try(run, NEST_PROP_PLAIN);
	nest_stim_pattern(++run->seed, (uint8_t *)&wrote, sizeof(wrote));
	kept = nest_stim_keep(&run->stim, wrote);
	err = nest_stim_word_read(&run->stim, iova, &saw);
	if (err)
		return nest_trip_check_stim(run, err);
	if (saw != kept)
		return lost(run, page, iova, false, kept, saw);
	err = nest_stim_prepare(&run->stim, ++run->seed);
	if (!err)
		err = nest_stim_word_write(&run->stim, iova);
	if (err)
		return nest_trip_check_stim(run, err);
	memcpy(&wrote, run->stim.bytes, sizeof(wrote));
	kept = nest_stim_kept(&run->stim);
	if (kept != (wrote ^ page->keeper->flips))
		return lost(run, page, iova, true, wrote ^ page->keeper->flips, kept);
	nest_trip_try(run, NEST_PROP_REQUESTS);
	return nest_trip_sweep(run);
}

/* The mapping stands and was revoked: what the device held before it still holds, or nothing. */
static enum nest_leg_result expect_revoked(struct nest_trip_run *run, const struct page *page)
{
	uint64_t iova = FIRST_IOVA(run) + page->at;
	uint32_t kept, saw = 0, wrote = 0;
	int err = nest_stim_prepare(&run->stim, ++run->seed);

	nest_trip_try(run, NEST_PROP_NOT_PRESENT);
	nest_trip_provoked(run, iova);
	nest_stim_pattern(++run->seed, (uint8_t *)&wrote, sizeof(wrote));
	kept = nest_stim_keep(&run->stim, wrote);
	if (!err)
		err = nest_stim_word_read(&run->stim, iova, &saw);
	if (err)
		return nest_trip_check_stim(run, err);
	if (saw == kept)
		return nest_trip_fail(run,
				      "a read from 0x%llx must be blocked after the mapping was "
				      "revoked, but it saw the register",
				      (unsigned long long)iova);
	nest_trip_try(run, NEST_PROP_REQUESTS);
	return NEST_LEG_PASSED;
}

/* ---- revocation ---- */

/* It has no memory enable bit: the kernel ignores what is written there. */
static bool is_vf(const struct nest_trip_run *run)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/physfn", run->vdev.name);
	return nest_root_has(&run->ctx->root, path);
}

static enum nest_leg_result revoke(struct nest_trip_run *run, const struct page *page)
{
	uint16_t command = 0;
	enum nest_leg_result result =
		nest_trip_check(run, nest_vdev_decode_off(run->ctx, &run->vdev, &command));
	bool off = false;
	int err;

	if (result)
		return result;
	result = nest_trip_refused(run, map(run, SECOND_IOVA(run), page->fd, run->page), ENODEV,
				   "a mapping while memory decoding is off");
	/* Whatever the answer was. Without it the device cannot be used any more. */
	err = nest_vdev_decode_back(run->ctx, &run->vdev, command, &off);
	if (off)
		run->stim.broken = run->stim.hidden = true;
	return result ? result : nest_trip_check(run, err);
}

static enum nest_leg_result try_revocation(struct nest_trip_run *run, const struct page *page)
{
	uint64_t second = SECOND_IOVA(run);
	enum nest_leg_result result;

	if (is_vf(run)) {
		nest_trip_evidence(run, "revocation was not tried: a virtual function has no "
					"memory enable bit");
		return NEST_LEG_PASSED;
	}
	result = revoke(run, page);
	if (!result)
		result = nest_trip_check(run, map(run, second, page->fd, run->page));
	if (!result && page->keeper)
		result = expect_revoked(run, page);
	if (!result && page->keeper)
		result = move_bytes(run, page, second);
	if (!result)
		result =
			nest_trip_check(run, nest_space_unmap(run->space, second, run->page, NULL));
	if (result)
		return result;
	nest_trip_evidence(run, "while memory decoding was off, mapping it was refused (ENODEV); "
				"afterwards it was mapped again");
	if (page->keeper)
		nest_trip_evidence(run, "the mapping made before stayed revoked: a read there saw "
					"nothing of the register");
	return NEST_LEG_PASSED;
}

/* ---- the leg ---- */

static enum nest_leg_result absent(struct nest_trip_run *run, int err)
{
	if (err == -ENOTTY)
		return nest_trip_absent(run,
					"this kernel exports no BAR as a dma-buf (Linux 6.19 with "
					"CONFIG_VFIO_PCI_DMABUF, which needs CONFIG_PCI_P2PDMA)");
	if (err == -EOPNOTSUPP)
		return nest_trip_absent(run, "the VFIO driver of the device exports no BAR as a "
					     "dma-buf");
	return nest_trip_check(run, err);
}

static enum nest_leg_result try_dmabuf(struct nest_trip_run *run)
{
	struct page page = { .fd = -1 };
	uint64_t first = FIRST_IOVA(run), len = 0;
	enum nest_leg_result result = absent(run, nest_vdev_dmabuf_probe(run->ctx, &run->vdev));

	if (!result)
		result = nest_trip_check(run, nest_vdev_describe(run->ctx, &run->vdev));
	if (!result && !find_page(run, &page))
		result = nest_trip_absent(run, "no BAR of the device can be mapped page by page");
	if (!result)
		result = try_exports(run, &page);
	if (!result)
		result = try_maps(run, &page);
	if (!result && page.keeper)
		result = move_bytes(run, &page, first);
	if (!result)
		nest_trip_evidence(run, "a page of BAR %u was mapped at 0x%llx as a dma-buf%s",
				   page.bar, (unsigned long long)first,
				   page.keeper ? ": DMA read a register there and changed it"
					       : "; no DMA went through it, as the tool has no "
						 "register for that");
	if (!result)
		result = try_revocation(run, &page);
	/* The kernel counts its pages, too, when it has revoked them. */
	if (!result)
		result = nest_trip_check(run, nest_space_unmap(run->space, first, run->page, &len));
	if (!result && len != run->page)
		result = nest_trip_fail(run, "unmapping a page of a BAR released %llu bytes",
					(unsigned long long)len);
	return result;
}

enum nest_leg_result nest_leg_dmabuf(struct nest_trip_run *run)
{
	return nest_trip_with_undo(run, try_dmabuf);
}
