// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The unit: DMA page by page, and a cache of translations that serves what it knows until it is
 * told to forget, as facts measured on the emulated unit say: 1024 pieces of 4 KiB by source, PASID
 * and page, emptied whole when full; what is not present is not kept.
 */
#include "fake-device.h"
#include "fake-dmabuf.h"
#include "fake-iommufd.h"
#include "fake-smmu.h"
#include "fake-vfio.h"
#include "util.h"

#include <string.h>

#define CACHE_SIZE 1024

enum { R_NO_CONTEXT_ENTRY = 0x02, R_NO_PASID_ENTRY = 0x59, R_FS_ABSENT = 0x71 };

struct cached {
	const struct fake_device *dev;
	const struct fake_domain *domain;
	uint32_t pasid;
	uint64_t page; /* number */
	struct fake_walk walk;
};

static struct cached cache[CACHE_SIZE];
static size_t ncached;

/* Where DMA last went, for a host that lets a blocked one through. */
static struct {
	uint64_t page;
	uint8_t *host;
} last[16];
static unsigned int nlast, spurious;

/* Does what is cached for one device serve another? */
static bool serves(const struct cached *entry, const struct fake_device *dev)
{
	bool nested = entry->domain && entry->domain->kind == FAKE_NESTED;

	return entry->dev == dev || fake_machine.flaws & FAKE_FLAW_REQUESTER ||
	       (nested && fake_machine.flaws & FAKE_FLAW_REQUESTER_S1);
}

/* Bit 33 of an address, in the number of a page. */
#define BIT_33 (UINT64_C(1) << (33 - 12))

static bool found_by(const struct cached *entry, uint32_t pasid, uint64_t page)
{
	if (fake_machine.flaws & FAKE_FLAW_CACHE_BIT)
		page = (page & ~BIT_33) | (entry->page & BIT_33);
	if (fake_machine.flaws & FAKE_FLAW_CACHE_PASID && pasid != FAKE_NO_PASID &&
	    entry->pasid != FAKE_NO_PASID)
		pasid = entry->pasid;
	return entry->pasid == pasid && entry->page == page;
}

static struct cached *lookup(const struct fake_device *dev, uint32_t pasid, uint64_t page,
			     bool write)
{
	size_t i;

	for (i = 0; i < ncached; i++)
		if (serves(&cache[i], dev) && found_by(&cache[i], pasid, page) &&
		    (write ? cache[i].walk.write ||
				     (fake_machine.flaws & FAKE_FLAW_CACHED_WRITE &&
				      cache[i].domain && cache[i].domain->kind == FAKE_NESTED)
			   : cache[i].walk.read))
			return &cache[i];
	return NULL;
}

/* Pages of first stages that were not mapped, for a unit that caches that. */
static uint64_t absent[64];
static unsigned int nabsent;

static bool is_absent(uint64_t page)
{
	unsigned int i;

	for (i = 0; i < nabsent && i < 64; i++)
		if (absent[i] == page)
			return true;
	return false;
}

static void forget(size_t i)
{
	cache[i] = cache[--ncached];
}

static void keep(const struct cached *entry)
{
	size_t i;

	for (i = 0; i < ncached; i++)
		if (cache[i].dev == entry->dev && cache[i].pasid == entry->pasid &&
		    cache[i].page == entry->page) {
			cache[i] = *entry;
			return;
		}
	if (ncached == CACHE_SIZE)
		ncached = 0;
	cache[ncached++] = *entry;
}

void fake_iotlb_flush_range(const struct fake_domain *domain, uint64_t first, uint64_t last_addr)
{
	size_t i;

	nabsent = 0;
	if (!first && last_addr == UINT64_MAX)
		fake_walk_forget();

	for (i = ncached; i-- > 0;)
		if (cache[i].domain == domain && cache[i].page >= first / FAKE_PAGE &&
		    cache[i].page <= last_addr / FAKE_PAGE &&
		    !(fake_machine.flaws & FAKE_FLAW_KEEP_READ && !cache[i].walk.write))
			forget(i);
}

void fake_iotlb_flush_domain(const struct fake_domain *domain)
{
	fake_iotlb_flush_range(domain, 0, UINT64_MAX);
}

void fake_iotlb_flush_device(const struct fake_device *dev, uint32_t pasid)
{
	size_t i;

	for (i = ncached; i-- > 0;)
		if (cache[i].dev == dev && cache[i].pasid == pasid)
			forget(i);
}

void fake_iotlb_flush_space(const struct fake_space *space)
{
	size_t i;

	for (i = ncached; i-- > 0;)
		if (cache[i].domain && cache[i].domain->space == space &&
		    !(fake_machine.flaws & FAKE_FLAW_KEEP_NESTED &&
		      cache[i].domain->kind == FAKE_NESTED))
			forget(i);
	fake_smmu_flush_space(space);
	nlast = 0;
}

static struct late {
	const struct fake_domain *domain;
	uint64_t first, last, due;
} late[8];
static unsigned int nlate;

void fake_iotlb_flush_late(const struct fake_domain *domain, uint64_t first, uint64_t last_addr)
{
	late[nlate++ % 8] = (struct late){ domain, first, last_addr, fake_now() + 20000000 };
}

static void catch_up(void)
{
	size_t i;

	for (i = 0; i < 8; i++)
		if (late[i].domain && late[i].due <= fake_now()) {
			fake_iotlb_flush_range(late[i].domain, late[i].first, late[i].last);
			late[i].domain = NULL;
		}
}

void fake_iotlb_orphan(const struct fake_domain *domain)
{
	size_t i;

	for (i = 0; i < ncached; i++)
		if (cache[i].domain == domain)
			cache[i].domain = NULL;
}

void fake_iotlb_reset(void)
{
	ncached = 0;
	nlast = spurious = nabsent = 0;
	fake_smmu_reset();
	fake_walk_forget();
}

struct fake_domain *fake_iommu_domain(const struct fake_device *dev, uint32_t pasid)
{
	struct fake_attach *attach;

	if (pasid == FAKE_NO_PASID)
		return dev->group->domain;
	if (fake_machine.flaws & FAKE_FLAW_PASID_BIT)
		pasid &= ~8u;
	attach = fake_attach_find(dev->group, pasid);
	return attach && attach->devices & fake_device_bit(dev) ? &attach->hwpt->domain
								: fake_gpasid_domain(dev, pasid);
}

/* A write through a table that notes them; the next one to the page is no news. */
static void note_write(struct fake_domain *domain, uint64_t page)
{
	size_t i;

	if (fake_machine.flaws & FAKE_FLAW_LOSE_DIRTY)
		return;
	if (fake_machine.flaws & FAKE_FLAW_DIRTY_NEXT && domain->ndirty < ARRAY_SIZE(domain->dirty))
		domain->dirty[domain->ndirty++] = page + 1;
	for (i = 0; i < domain->ndirty; i++)
		if (domain->dirty[i] == page)
			return;
	if (domain->ndirty < ARRAY_SIZE(domain->dirty))
		domain->dirty[domain->ndirty++] = page;
}

static int translate(struct fake_device *dev, uint32_t pasid, uint64_t iova, bool write,
		     uint8_t **ret_page)
{
	uint64_t page = iova / FAKE_PAGE;
	struct cached entry = { dev, fake_iommu_domain(dev, pasid), pasid, page, { 0 } };
	const struct cached *known;
	int reason;

	if (!entry.domain && !(fake_machine.flaws & FAKE_FLAW_WARM_ATTACH))
		return fake_machine.scalable ? R_NO_PASID_ENTRY : R_NO_CONTEXT_ENTRY;
	known = fake_machine.stale ? lookup(dev, pasid, page, write) : NULL;
	if (!known && !entry.domain)
		return fake_machine.scalable ? R_NO_PASID_ENTRY : R_NO_CONTEXT_ENTRY;
	if (known) {
		*ret_page = known->walk.page;
		return 0;
	}
	reason = is_absent(page) ? R_FS_ABSENT : fake_walk(entry.domain, iova, write, &entry.walk);
	if (reason == R_FS_ABSENT && entry.domain->kind == FAKE_NESTED &&
	    fake_machine.flaws & FAKE_FLAW_CACHE_ABSENT)
		absent[nabsent++ % 64] = page;
	if (reason)
		return reason;
	keep(&entry);
	last[nlast++ % 16].page = page;
	last[(nlast - 1) % 16].host = entry.walk.page;
	*ret_page = entry.walk.page;
	return 0;
}

bool fake_iommu_translates(struct fake_device *dev, uint32_t pasid, uint64_t iova, bool write)
{
	uint8_t *page;

	catch_up();
	return !translate(dev, pasid, iova, write, &page);
}

/* Where a blocked DMA goes on a host that does not block it. */
static uint8_t *leak(uint64_t iova)
{
	unsigned int i;

	for (i = 0; i < 16 && i < nlast; i++)
		if (last[i].page == iova / FAKE_PAGE)
			return last[i].host;
	return NULL;
}

/* Memory of others: what may be written there is what was read there. */
static void leave_alone(const uint8_t *memory, const uint8_t *buf, size_t len)
{
	if (memcmp(memory, buf, len))
		fake_violation("memory of others was changed");
}

static void copy(uint8_t *memory, uint8_t *buf, size_t len, bool write, bool ends)
{
	if (write && fake_walk_is_foreign(memory))
		leave_alone(memory, buf, len);
	if (fake_machine.flaws & FAKE_FLAW_LOSE_DMA || fake_dmabuf_dma(memory, buf, len, write))
		return;
	memcpy(write ? memory : buf, write ? buf : memory, len);
	if (fake_machine.flaws & FAKE_FLAW_CORRUPT && write)
		*memory ^= 1; /* one way only, or a round trip would set it right */
	if (fake_machine.flaws & FAKE_FLAW_OVERRUN && write && ends &&
	    fake_memory_is_mapped(memory + len, 8))
		memset(memory + len, 0xee, 8);
}

int fake_iommu_dma(struct fake_device *dev, uint32_t pasid, uint64_t iova, void *buf, size_t len,
		   bool write)
{
	uint8_t *at = buf, *page;
	int first = 0;

	catch_up();
	while (len) {
		size_t offset = iova % FAKE_PAGE;
		size_t piece = FAKE_PAGE - offset < len ? FAKE_PAGE - offset : len;
		const struct fake_domain *domain = fake_iommu_domain(dev, pasid);
		bool by_smmu = domain && domain->viommu;
		int reason = by_smmu ? fake_smmu_translate(dev, domain, iova, write, &page)
				     : translate(dev, pasid, iova, write, &page);

		if (reason && fake_machine.flaws & FAKE_FLAW_LET_THROUGH && leak(iova)) {
			page = leak(iova);
			reason = 0;
		}
		if (!reason && fake_machine.flaws & FAKE_FLAW_UNALIGNED && at != buf)
			reason = R_NO_PASID_ENTRY;
		if (!reason && write && fake_iommu_domain(dev, pasid) &&
		    fake_iommu_domain(dev, pasid)->tracking)
			note_write(fake_iommu_domain(dev, pasid), iova / FAKE_PAGE);
		if (!reason)
			copy(page + offset, at, piece, write, piece == len);
		else if (!write && fake_machine.flaws & FAKE_FLAW_READ_OTHER && nlast)
			memcpy(at, last[(nlast - 1) % 16].host + offset, piece);
		else if (!write)
			memset(at, 0, piece); /* a read that nobody answers */
		if (!reason && fake_machine.flaws & FAKE_FLAW_SPURIOUS && !spurious++)
			fake_kmsg_fault(dev, pasid, write, iova + FAKE_PAGE, R_NO_PASID_ENTRY);
		/* The unit has one fault register: of one DMA, the first fault is reported. */
		if (reason && by_smmu)
			fake_smmu_report(dev, domain, write, iova, reason);
		else if (reason && !first)
			fake_kmsg_fault(dev, pasid, write, iova, reason);
		if (reason && !first)
			first = reason;
		if (reason && pasid != FAKE_NO_PASID)
			break; /* such a device asks for each translation first, and stops */
		iova += piece;
		at += piece;
		len -= piece;
	}
	return first;
}
