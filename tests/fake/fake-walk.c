// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two stages of VT-d translation. A first stage of the user's is read from the memory it lies
 * in, which itself is reached through the second stage; reasons are those of the specification, and
 * where implementations differ those of the emulated unit the lab runs (its order of checks too).
 */
#include "fake-iommu.h"

#define LEVELS	 4
#define PRESENT	 UINT64_C(1)
#define WRITE	 UINT64_C(2)
#define USER	 UINT64_C(4)
#define ACCESSED UINT64_C(0x20)
#define DIRTY	 UINT64_C(0x40)
#define LARGE	 UINT64_C(0x80)
#define ADDRESS	 UINT64_C(0x000ffffffffff000)

enum {
	R_LEGACY_BEYOND = 0x04,
	R_LEGACY_WRITE = 0x05,
	R_LEGACY_READ = 0x06,
	R_BAD_PASID_ENTRY = 0x5b,
	R_FS_PRESENT = 0x71,
	R_FS_RESERVED = 0x72,
	R_FS_BEYOND = 0x74,
	R_FS_ROOT_READ = 0x75,
	R_FS_READ = 0x76,
	R_FS_WRITE = 0x77,
	R_SS_PERMISSION = 0x79,
	R_NOT_CANONICAL = 0x80,
	R_FS_USER = 0x81,
	R_SS_BEYOND = 0x84,
	R_WRITE = 0x85,
	R_READ = 0x86,
};

static uint8_t *host_page(const struct fake_area *area, uint64_t address)
{
	return area->vaddr + ((address & ~(uint64_t)(FAKE_PAGE - 1)) - area->iova);
}

static int walk_second(const struct fake_domain *domain, uint64_t iova, bool write,
		       struct fake_walk *ret)
{
	const struct fake_area *area;

	bool scalable = fake_machine.scalable;

	if (iova >> fake_machine.aw_bits)
		return scalable ? R_SS_BEYOND : R_LEGACY_BEYOND;
	area = fake_space_at(domain->space, iova);
	if (!area || (write ? !area->write : !area->read)) {
		if (!scalable)
			return write ? R_LEGACY_WRITE : R_LEGACY_READ;
		if (!area || (!area->read && !area->write))
			return R_SS_PERMISSION;
		return write ? R_WRITE : R_READ;
	}
	*ret = (struct fake_walk){ host_page(area, iova), area->read, area->write };
	return 0;
}

static bool canonical(uint64_t iova)
{
	uint64_t top = iova >> 47;

	if (fake_machine.iommu == FAKE_SMMUV3)
		return !(iova >> 48);

	if (fake_machine.flaws & FAKE_FLAW_CANONICAL)
		return true;
	return !top || top == 0x1ffff;
}

/*
 * The kernel's own tables in first-stage format: there is no entry that may be written but not
 * read.
 */
static int walk_first(const struct fake_domain *domain, uint64_t iova, bool write,
		      struct fake_walk *ret)
{
	const struct fake_area *area = fake_space_at(domain->space, iova);

	if (!canonical(iova))
		return R_NOT_CANONICAL;
	if (!area)
		return R_FS_PRESENT;
	if (write && !area->write)
		return R_WRITE;
	*ret = (struct fake_walk){ host_page(area, iova), true, area->write };
	return 0;
}

/* Where last tables lay, for a unit that remembers that whatever the second stage says later. */
static struct {
	uint64_t gpa, *table;
} kept[256];
static unsigned int nkept;

static bool kept_table(uint64_t gpa, uint64_t **ret_table)
{
	unsigned int i;

	for (i = 0; i < nkept; i++)
		if (kept[i].gpa == gpa) {
			*ret_table = kept[i].table;
			return true;
		}
	return false;
}

static void keep_table(uint64_t gpa, uint64_t *table)
{
	uint64_t *known;

	if (fake_machine.flaws & FAKE_FLAW_KEEP_TABLE && nkept < 256 && !kept_table(gpa, &known)) {
		kept[nkept].gpa = gpa;
		kept[nkept++].table = table;
	}
}

/* Where a first-stage table lies, and whether the unit may update it. */
static int table_at(const struct fake_domain *domain, uint64_t gpa, bool root, uint64_t **ret_table,
		    bool *ret_writable)
{
	const struct fake_area *area;

	if (gpa >> fake_machine.aw_bits)
		return R_FS_BEYOND;
	area = fake_space_at(domain->space, gpa);
	if (!area || (!area->read && !area->write))
		return R_SS_PERMISSION;
	if (!area->read)
		return root ? R_FS_ROOT_READ : R_FS_READ;
	*ret_table = (uint64_t *)(void *)host_page(area, gpa);
	*ret_writable = area->write;
	return 0;
}

static bool has_reserved_bits(uint64_t entry, unsigned int level, bool leaf)
{
	uint64_t beyond = ADDRESS & ~((UINT64_C(1) << fake_machine.aw_bits) - 1);

	if (fake_machine.flaws & FAKE_FLAW_RESERVED_ANY)
		return false;
	if (leaf && level == 3 && !(fake_machine.cap >> CAP_FL1GP & 1))
		return true;
	if (leaf && level > 1) /* bit 12 is PAT there */
		return entry & (beyond | ((UINT64_C(1) << (12 + 9 * (level - 1))) - 0x2000));
	if (level == LEVELS)
		return entry & (beyond | LARGE);
	return entry & beyond;
}

/* Rights that a broken unit takes for given. */
static uint64_t flawed_rights(bool leaf)
{
	uint64_t flaws = fake_machine.flaws;

	if (!leaf)
		return flaws & FAKE_FLAW_UPPER_ANY ? WRITE | USER : 0;
	return (flaws & FAKE_FLAW_WRITE_ANY ? WRITE : 0) | (flaws & FAKE_FLAW_USER_ANY ? USER : 0);
}

/* Tables that a unit remembers, by the address bits that lead to them. */
static struct remembered {
	const struct fake_domain *domain;
	uint64_t prefix, gpa;
	unsigned int level;
} remembered[64];
static size_t nremembered;

void fake_walk_forget(void)
{
	nremembered = 0;
}

static uint64_t remember(const struct fake_domain *domain, uint64_t iova, unsigned int level,
			 uint64_t gpa)
{
	uint64_t prefix = iova >> (12 + 9 * level);
	size_t i;

	if (!(fake_machine.flaws & FAKE_FLAW_UPPER_CACHE))
		return gpa;
	for (i = 0; i < nremembered; i++)
		if (remembered[i].domain == domain && remembered[i].level == level &&
		    remembered[i].prefix == prefix)
			return remembered[i].gpa;
	if (nremembered < sizeof(remembered) / sizeof(*remembered))
		remembered[nremembered++] = (struct remembered){ domain, prefix, gpa, level };
	return gpa;
}

static _Alignas(FAKE_PAGE) uint8_t foreign[FAKE_PAGE] = "memory of others";

bool fake_walk_is_foreign(const uint8_t *memory)
{
	return memory >= foreign && memory < foreign + sizeof(foreign);
}

uint8_t *fake_walk_foreign(void)
{
	return foreign;
}

/* One entry: checks it and marks it used. *ret_leaf tells whether the walk ends here. */
static int take_entry(uint64_t *slot, unsigned int level, bool write, bool table_writable,
		      struct fake_walk *walk, uint64_t *ret_entry, bool *ret_leaf)
{
	uint64_t entry = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
	uint64_t marks = ACCESSED;

	if (fake_machine.flaws & FAKE_FLAW_PRESENT_ANY && entry)
		entry |= PRESENT;
	if (!(entry & PRESENT))
		return R_FS_PRESENT;
	*ret_leaf = level == 1 || (level < LEVELS && entry & LARGE);
	entry |= flawed_rights(*ret_leaf);
	if (!(entry & USER)) /* no device here asks with supervisor privilege */
		return R_FS_USER;
	walk->write = walk->write && entry & WRITE;
	if (write && !(entry & WRITE))
		return R_WRITE;
	if (has_reserved_bits(entry, level, *ret_leaf))
		return R_FS_RESERVED;
	if (*ret_leaf && write)
		marks |= DIRTY;
	if (fake_machine.flaws & FAKE_FLAW_LEAF_MARKS && !*ret_leaf)
		marks = 0;
	if ((entry & marks) != marks && !(fake_machine.flaws & FAKE_FLAW_NO_MARKS)) {
		if (!table_writable)
			return R_FS_WRITE;
		entry |= marks;
		__atomic_store_n(slot, entry, __ATOMIC_RELEASE);
	}
	/* The first write must come by again, to set Dirty. */
	if (*ret_leaf && !(entry & DIRTY))
		walk->write = false;
	*ret_entry = entry;
	return 0;
}

static int walk_nested(const struct fake_domain *domain, uint64_t iova, bool write,
		       struct fake_walk *ret)
{
	struct fake_walk walk = { NULL, true, true };
	uint64_t gpa = domain->pgtbl & ~(uint64_t)(FAKE_PAGE - 1), entry = 0, mask, *table;
	const struct fake_area *area;
	unsigned int level;
	bool leaf = false, writable = true;
	int reason;

	/* intel_pasid_setup_nested() ors the address in whole: its low bits are other fields. */
	if (domain->pgtbl & 0xc)
		return R_BAD_PASID_ENTRY;
	if (fake_machine.flaws & FAKE_FLAW_SIGN)
		iova &= ~(UINT64_C(1) << 47);
	if (!canonical(iova))
		return R_NOT_CANONICAL;
	if (fake_machine.flaws & FAKE_FLAW_IOVA_PAGE)
		iova &= ~UINT64_C(0x1000);
	if (fake_machine.flaws & FAKE_FLAW_IOVA_32)
		iova &= UINT32_MAX;
	if (fake_machine.flaws & FAKE_FLAW_IOVA_BIT)
		iova &= ~(UINT64_C(1) << 30);
	for (level = LEVELS; !leaf; level--) {
		reason = level == 1 && kept_table(gpa, &table)
				 ? 0
				 : table_at(domain, gpa, level == LEVELS, &table, &writable);
		if (!reason && level == 1)
			keep_table(gpa, table);
		if (!reason)
			reason = take_entry(&table[iova >> (12 + 9 * (level - 1)) & 511], level,
					    write, writable, &walk, &entry, &leaf);
		if (reason)
			return reason;
		gpa = entry & ADDRESS;
		if (!leaf)
			gpa = remember(domain, iova, level - 1, gpa);
		if (!leaf && fake_machine.flaws & FAKE_FLAW_TABLE_BIT)
			gpa &= ~(UINT64_C(1) << 36);
	}
	mask = (UINT64_C(1) << (12 + 9 * level)) - 1;
	gpa = (entry & ADDRESS & ~mask) | (iova & mask);
	if (fake_machine.flaws & FAKE_FLAW_LARGE_OFFSET && level)
		gpa &= ~(UINT64_C(1) << 16 & mask);
	if (fake_machine.flaws & FAKE_FLAW_TARGET_BIT)
		gpa &= ~(UINT64_C(1) << 36);
	if (fake_machine.flaws & FAKE_FLAW_BYPASS) {
		walk.page = foreign;
		*ret = walk;
		return 0;
	}
	if (gpa >> fake_machine.aw_bits)
		return R_SS_BEYOND;
	area = fake_space_at(domain->space, gpa);
	if (!area || (!area->read && !area->write))
		return R_SS_PERMISSION;
	if (write ? !area->write : !area->read)
		return write ? R_WRITE : R_READ;
	walk.page = host_page(area, gpa);
	walk.read = area->read;
	walk.write = walk.write && area->write;
	*ret = walk;
	return 0;
}

int fake_walk(const struct fake_domain *domain, uint64_t iova, bool write, struct fake_walk *ret)
{
	switch (domain->kind) {
	case FAKE_FIRST_STAGE:
		return walk_first(domain, iova, write, ret);
	case FAKE_SECOND_STAGE:
		if (fake_machine.flaws & FAKE_FLAW_SECOND_32)
			iova &= UINT32_MAX;
		return walk_second(domain, iova, write, ret);
	case FAKE_NESTED:
		if (fake_machine.flaws & FAKE_FLAW_IGNORE_S1)
			return walk_second(domain, iova, write, ret);
		return walk_nested(domain, iova, write, ret);
	}
	return R_BAD_PASID_ENTRY;
}
