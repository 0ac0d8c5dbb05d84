// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What nest_kernel_mmap() handed out: real memory for DMA, and addresses that stand for registers.
 */
#include "fake-gpasid.h"
#include "fake-iommu.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_SIZE (2ul << 20)

struct mapping {
	struct mapping *next;
	uint8_t *addr, *base; /* base: of the reservation, when it had to be aligned */
	size_t len, base_len;
	struct fake_device *dev; /* NULL: memory */
	unsigned int bar;
	uint64_t offset;
	bool gone;    /* unmapped by the program, kept because it is pinned */
	bool excused; /* its unmapping was made to fail */
};

static struct mapping *mappings;

static int add(size_t len, int prot, struct mapping **ret)
{
	size_t align = len >= HUGE_SIZE ? HUGE_SIZE : fake_machine.page;
	struct mapping *map = calloc(1, sizeof(*map));

	if (!map)
		return -ENOMEM;
	map->len = (len + FAKE_PAGE - 1) & ~(FAKE_PAGE - 1);
	map->base_len = map->len + align;
	map->base =
		mmap(NULL, map->base_len, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map->base == MAP_FAILED) {
		free(map);
		return -ENOMEM;
	}
	map->addr = map->base + (-(uintptr_t)map->base & (align - 1));
	map->next = mappings;
	mappings = map;
	*ret = map;
	return 0;
}

int fake_memory_map(size_t len, void **ret_addr)
{
	struct mapping *map;
	int err = add(len, PROT_READ | PROT_WRITE, &map);

	if (!err)
		*ret_addr = map->addr;
	return err;
}

int fake_memory_map_region(struct fake_device *dev, unsigned int bar, uint64_t offset, size_t len,
			   void **ret_addr)
{
	struct mapping *map;
	/*
	 * No access: whoever dereferences a register in place of nest_mmio_*() is to know at once.
	 */
	int err = add(len, PROT_NONE, &map);

	if (err)
		return err;
	map->dev = dev;
	map->bar = bar;
	map->offset = offset;
	*ret_addr = map->addr;
	return 0;
}

static void drop(struct mapping **link)
{
	struct mapping *map = *link;

	*link = map->next;
	munmap(map->base, map->base_len);
	free(map);
}

int fake_memory_unmap(void *addr, size_t len)
{
	struct mapping **link;

	fake_ring_unmapped(addr);
	for (link = &mappings; *link; link = &(*link)->next) {
		struct mapping *map = *link;

		if (map->addr != addr || map->gone)
			continue;
		if (map->len != ((len + FAKE_PAGE - 1) & ~(FAKE_PAGE - 1)))
			break;
		if (!map->dev && fake_space_uses(map->addr, map->len)) {
			/* Pinned pages outlive their mapping, so DMA may still reach them. */
			if (fake_ledger_strict())
				fake_violation("memory unmapped while it is open to DMA");
			map->gone = true;
			return 0;
		}
		drop(link);
		return 0;
	}
	fake_violation("munmap of %p, %zu bytes: not what was mapped", addr, len);
	return -EINVAL;
}

void fake_memory_excuse(void *addr)
{
	struct mapping *map;

	for (map = mappings; map; map = map->next)
		if (map->addr == addr)
			map->excused = true;
}

bool fake_memory_region(const volatile void *addr, struct fake_device **ret_dev,
			unsigned int *ret_bar, uint64_t *ret_offset)
{
	const uint8_t *at = (const uint8_t *)(uintptr_t)addr;
	struct mapping *map;

	for (map = mappings; map; map = map->next)
		if (map->dev && at >= map->addr && at < map->addr + map->len) {
			*ret_dev = map->dev;
			*ret_bar = map->bar;
			*ret_offset = map->offset + (uint64_t)(at - map->addr);
			return true;
		}
	return false;
}

bool fake_memory_is_mapped(const void *addr, size_t len)
{
	uintptr_t first = (uintptr_t)addr & ~(FAKE_PAGE - 1);
	struct mapping *map;

	for (map = mappings; map; map = map->next)
		if ((map->dev || map->gone) && (const uint8_t *)addr < map->addr + map->len &&
		    (const uint8_t *)addr + len > map->addr)
			return false;
	/* Answers ENOMEM where nothing is mapped, and changes nothing. */
	return !msync((void *)first, (uintptr_t)addr + len - first, MS_ASYNC);
}

void fake_memory_settle(void)
{
	struct mapping **link = &mappings;

	while (*link) {
		if ((*link)->gone && !fake_space_uses((*link)->addr, (*link)->len))
			drop(link);
		else
			link = &(*link)->next;
	}
}

bool fake_memory_region_in_use(const struct fake_device *dev)
{
	struct mapping *map;

	for (map = mappings; map; map = map->next)
		if (map->dev == dev && !map->excused)
			return true;
	return false;
}

unsigned int fake_memory_left(FILE *out)
{
	unsigned int count = 0;
	struct mapping *map;

	for (map = mappings; map; map = map->next) {
		if (map->excused)
			continue;
		fprintf(out, "fake: left mapped: %zu bytes of %s%s\n", map->len,
			map->dev ? "registers of " : "memory", map->dev ? map->dev->address : "");
		count++;
	}
	return count;
}

void fake_memory_reset(void)
{
	while (mappings)
		drop(&mappings);
}
