// SPDX-License-Identifier: GPL-2.0-or-later
/* An I/O address space: areas of the program's memory by I/O address, and ranges nobody may use. */
#include "fake-dmabuf.h"
#include "fake-iommu.h"
#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct fake_space *spaces;
static uint64_t pinned; /* bytes, all spaces */

void fake_space_init(struct fake_space *space)
{
	memset(space, 0, sizeof(*space));
	space->next = spaces;
	spaces = space;
}

struct fake_area *fake_space_find(const struct fake_space *space, uint64_t first, uint64_t last)
{
	struct fake_area *area;

	for (area = space->areas; area && area->iova <= last; area = area->next)
		if (area->iova + area->size - 1 >= first)
			return area;
	return NULL;
}

struct fake_area *fake_space_at(const struct fake_space *space, uint64_t address)
{
	struct fake_area *area = fake_space_find(space, address, address);

	return area && !area->revoked ? area : NULL;
}

bool fake_space_is_reserved(const struct fake_space *space, uint64_t first, uint64_t last)
{
	size_t i;

	for (i = 0; i < space->nreserved; i++)
		if (space->reserved[i].range.start <= last &&
		    space->reserved[i].range.last >= first)
			return true;
	return false;
}

/* iopt_reserve_iova(): what is mapped already cannot be reserved. */
int fake_space_reserve(struct fake_space *space, uint64_t first, uint64_t last, const void *owner)
{
	struct fake_reserved *reserved = &space->reserved[space->nreserved];

	if (fake_space_find(space, first, last))
		return -EADDRINUSE;
	if (space->nreserved == ARRAY_SIZE(space->reserved))
		return -ENOMEM;
	*reserved = (struct fake_reserved){ { first, last }, owner };
	space->nreserved++;
	return 0;
}

void fake_space_unreserve(struct fake_space *space, const void *owner)
{
	size_t i, kept = 0;

	for (i = 0; i < space->nreserved; i++)
		if (space->reserved[i].owner != owner)
			space->reserved[kept++] = space->reserved[i];
	space->nreserved = kept;
}

static int by_start(const void *a, const void *b)
{
	const struct fake_range *ra = a, *rb = b;

	return ra->start < rb->start ? -1 : ra->start > rb->start;
}

size_t fake_space_ranges(const struct fake_space *space, struct fake_range *ret, size_t room)
{
	struct fake_range sorted[ARRAY_SIZE(space->reserved)];
	uint64_t at = 0;
	size_t i, count = 0;

	for (i = 0; i < space->nreserved; i++)
		sorted[i] = space->reserved[i].range;
	qsort(sorted, space->nreserved, sizeof(*sorted), by_start);
	for (i = 0; i < space->nreserved; i++) {
		if (sorted[i].start > at) {
			if (count < room)
				ret[count] = (struct fake_range){ at, sorted[i].start - 1 };
			count++;
		}
		if (sorted[i].last == UINT64_MAX)
			return count;
		if (sorted[i].last >= at)
			at = sorted[i].last + 1;
	}
	if (count < room)
		ret[count] = (struct fake_range){ at, UINT64_MAX };
	return count + 1;
}

/* What counts as pinned: of a dma-buf nothing does (IOPT_PAGES_ACCOUNT_NONE). */
static uint64_t charge(const struct fake_area *area)
{
	return fake_dmabuf_is(area->vaddr) ? 0 : area->size;
}

/* iopt_pages_update_pinned(), vfio_lock_acct(): RLIMIT_MEMLOCK. */
static int pin(const struct fake_area *area)
{
	if (!charge(area))
		return 0;
	if (!fake_memory_is_mapped(area->vaddr, area->size))
		return -EFAULT;
	if (area->size > fake_machine.memlock || pinned > fake_machine.memlock - area->size)
		return -ENOMEM;
	pinned += area->size;
	return 0;
}

int fake_space_insert(struct fake_space *space, uint64_t iova, void *vaddr, uint64_t size,
		      bool read, bool write)
{
	struct fake_area *area = calloc(1, sizeof(*area)), **link;
	int err;

	if (!area)
		abort();
	*area = (struct fake_area){
		.iova = iova, .size = size, .vaddr = vaddr, .read = read, .write = write
	};
	err = space->pins ? pin(area) : 0;
	if (err) {
		free(area);
		return err;
	}
	for (link = &space->areas; *link && (*link)->iova < iova; link = &(*link)->next)
		;
	area->next = *link;
	*link = area;
	return 0;
}

void fake_space_remove(struct fake_space *space, struct fake_area *area)
{
	struct fake_area **link;

	for (link = &space->areas; *link != area; link = &(*link)->next)
		;
	*link = area->next;
	if (space->pins)
		pinned -= charge(area);
	/* cache_tag_flush_range() on the parent, which reaches the domains nested on it too */
	fake_iotlb_flush_space(space);
	if (area->dmabuf)
		fake_dmabuf_put(area->dmabuf);
	free(area);
}

void fake_space_revoke(const struct fake_dmabuf *dmabuf)
{
	struct fake_space *space;
	struct fake_area *area;

	for (space = spaces; space; space = space->next)
		for (area = space->areas; area; area = area->next)
			if (area->dmabuf == dmabuf) {
				area->revoked = true;
				fake_iotlb_flush_space(space);
			}
}

int fake_space_pin(struct fake_space *space)
{
	struct fake_area *area, *done;
	int err;

	if (space->pins++)
		return 0;
	for (area = space->areas; area; area = area->next) {
		err = pin(area);
		if (!err)
			continue;
		for (done = space->areas; done != area; done = done->next)
			pinned -= charge(done);
		space->pins--;
		return err;
	}
	return 0;
}

void fake_space_unpin(struct fake_space *space)
{
	struct fake_area *area;

	if (--space->pins)
		return;
	for (area = space->areas; area; area = area->next)
		pinned -= charge(area);
}

void fake_space_clear(struct fake_space *space)
{
	struct fake_space **link;

	while (space->areas)
		fake_space_remove(space, space->areas);
	for (link = &spaces; *link; link = &(*link)->next)
		if (*link == space) {
			*link = space->next;
			return;
		}
}

bool fake_space_uses(const void *addr, size_t len)
{
	const struct fake_space *space;
	const struct fake_area *area;
	const uint8_t *at = addr;

	for (space = spaces; space; space = space->next)
		for (area = space->areas; area; area = area->next)
			if (area->vaddr < at + len && area->vaddr + area->size > at)
				return true;
	return false;
}

unsigned int fake_space_left(FILE *out)
{
	const struct fake_space *space;
	const struct fake_area *area;
	unsigned int count = 0;

	for (space = spaces; space; space = space->next)
		for (area = space->areas; area; area = area->next) {
			fprintf(out,
				"fake: left open to DMA: 0x%llx, %llu bytes, %llu pages pinned\n",
				(unsigned long long)area->iova, (unsigned long long)area->size,
				space->pins ? (unsigned long long)(area->size / FAKE_PAGE) : 0);
			count++;
		}
	return count;
}

void fake_space_reset(void)
{
	spaces = NULL;
	pinned = 0;
}
