// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SMMUv3 as it walks a first stage of the user's: stream table entry, context descriptor, tables of
 * VMSAv8-64 with pages of 4, 16 and 64 KiB, and what it caches of each. Checks and their order are
 * those of QEMU's hw/arm/smmuv3.c and smmu-common.c, which the lab runs; but for rights of
 * privileged requests and above the leaf, which are as the architecture has them.
 */
#include "fake-smmu.h"

#include <string.h>

#include "fake-device.h"
#include "util.h"

#define CACHE_SIZE    512

#define ADDRESS	      UINT64_C(0x0000fffffffff000)
#define VALID	      UINT64_C(1)
#define TABLE	      UINT64_C(2) /* or page */
#define USER	      UINT64_C(0x40)
#define RO	      UINT64_C(0x80)
#define AF	      UINT64_C(0x400)

#define TABLE_NO_USER (UINT64_C(1) << 61)
#define TABLE_RO      (UINT64_C(1) << 62)

/* What the unit remembers of a device's descriptor. */
static struct config {
	const struct fake_device *dev; /* NULL: free */
	uint64_t context, root;
	uint32_t asid;
	unsigned int output_bits, page_shift;
	bool records;
} configs[FAKE_MAX_DEVICES];

/* The space stands for the VMID: there is one for each parent. */
static struct cached {
	const struct fake_space *space;
	uint32_t asid;
	uint64_t page;		 /* number, of 4 KiB */
	unsigned int page_shift; /* of the table that it comes from */
	struct fake_walk walk;
} cache[CACHE_SIZE];
static size_t ncached;

/*
 * Whether a block of 2 MiB was seen as one page or as a table. Without IDR3.BBML 2 that may change
 * only by an entry that is not present while an invalidation is made: else old and new are both
 * found.
 */
static struct size {
	const struct fake_space *space;
	uint32_t asid;
	uint64_t number; /* of the block */
	const uint64_t *entry;
	bool large;
} sizes[CACHE_SIZE];
static size_t nsizes;

void fake_smmu_reset(void)
{
	ncached = 0;
	nsizes = 0;
	memset(configs, 0, sizeof(configs));
}

/* ---- the second stage ---- */

static uint8_t *host_page(const struct fake_area *area, uint64_t address)
{
	return area->vaddr + ((address & ~(uint64_t)(FAKE_PAGE - 1)) - area->iova);
}

static int second(const struct fake_space *space, uint64_t ipa, bool write, struct fake_walk *ret)
{
	const struct fake_area *area =
		ipa >> fake_machine.aw_bits ? NULL : fake_space_at(space, ipa);

	if (fake_irq_doorbell(ipa)) {
		*ret = (struct fake_walk){ fake_irq_doorbell(ipa), true, true };
		return 0;
	}
	if (!area)
		return FAKE_EVENT_TRANSLATION | FAKE_EVENT_S2;
	if (write ? !area->write : !area->read)
		return FAKE_EVENT_PERMISSION | FAKE_EVENT_S2;
	*ret = (struct fake_walk){ host_page(area, ipa), area->read, area->write };
	return 0;
}

/* ---- the context descriptor ---- */

static struct config *config_of(const struct fake_device *dev)
{
	size_t i;

	for (i = 0; i < FAKE_MAX_DEVICES; i++)
		if (configs[i].dev == dev)
			return &configs[i];
	return NULL;
}

void fake_smmu_forget_config(const struct fake_device *dev)
{
	struct config *config = config_of(dev);

	if (config)
		config->dev = NULL;
}

/* decode_cd(): the page size that it names, which must be one of IDR5; 0: none */
static unsigned int shift_of(uint64_t tg0)
{
	unsigned int bit = tg0 == 0 ? 4 : tg0 == 2 ? 5 : 6;

	return tg0 == 3 || !(fake_machine.ecap >> (32 + bit) & 1) ? 0 : 4 + 2 * bit;
}

/* decode_cd(): only what the tool may write is known here */
static int read_context(const struct fake_device *dev, const struct fake_domain *domain,
			struct config **ret)
{
	static const unsigned int widths[8] = { 32, 36, 40, 42, 44, 48, 52, 0 };
	uint64_t at = domain->ste[0] & UINT64_C(0x000fffffffffffc0);
	struct config *config = config_of(dev);
	struct fake_walk walk;
	uint64_t cd[8];
	int event;

	if (config) {
		*ret = config;
		return 0;
	}
	event = second(domain->space, at, false, &walk);
	if (event)
		return event | FAKE_EVENT_OF_CD;
	memcpy(cd, walk.page + at % FAKE_PAGE, sizeof(cd));
	/* V, AA64, A, no S, HA, HD; T0SZ 48 bits, TG0, EPD1, little-endian */
	if (!(cd[0] >> 31 & 1) || !(cd[0] >> 41 & 1) || !(cd[0] >> 46 & 1) || cd[0] >> 42 & 7 ||
	    (cd[0] & 0x3f) != 16 || !shift_of(cd[0] >> 6 & 3) || !(cd[0] >> 30 & 1) ||
	    cd[0] >> 14 & 3)
		return FAKE_EVENT_BAD_CD;
	config = config_of(NULL);
	*config = (struct config){
		.dev = dev,
		.context = at,
		.root = cd[1] & ADDRESS,
		.asid = (uint32_t)(cd[0] >> 48),
		.output_bits = widths[cd[0] >> 32 & 7],
		.page_shift = shift_of(cd[0] >> 6 & 3),
		.records = cd[0] >> 45 & 1,
	};
	*ret = config;
	return 0;
}

/* ---- break before make ---- */

#define BBML_SHIFT 11

static bool conflicts(const struct fake_space *space, uint32_t asid, uint64_t number,
		      const uint64_t *entry, bool large)
{
	size_t i;

	if ((fake_machine.ecap >> BBML_SHIFT & 3) == 2)
		return false;
	for (i = 0; i < nsizes; i++)
		if (sizes[i].space == space && sizes[i].asid == asid && sizes[i].number == number)
			return sizes[i].large != large;
	if (nsizes == CACHE_SIZE)
		nsizes = 0;
	sizes[nsizes++] = (struct size){ space, asid, number, entry, large };
	return false;
}

/* An invalidation: what is not present now may come back as something else. */
static void forget_sizes(void)
{
	size_t i;

	for (i = nsizes; i-- > 0;)
		if (!fake_memory_is_mapped(sizes[i].entry, sizeof(*sizes[i].entry)) ||
		    !(__atomic_load_n(sizes[i].entry, __ATOMIC_ACQUIRE) & VALID))
			sizes[i] = sizes[--nsizes];
}

/* ---- the walk ---- */

/* Rights that a broken unit takes for given. */
static uint64_t flawed(uint64_t entry, bool leaf)
{
	uint64_t flaws = fake_machine.flaws;

	if (flaws & FAKE_FLAW_PRESENT_ANY && entry)
		entry |= VALID;
	if (!leaf)
		return flaws & FAKE_FLAW_UPPER_ANY ? entry & ~(TABLE_RO | TABLE_NO_USER) : entry;
	if (flaws & FAKE_FLAW_WRITE_ANY)
		entry &= ~RO;
	return flaws & FAKE_FLAW_USER_ANY ? entry | USER : entry;
}

static uint64_t flawed_address(uint64_t iova)
{
	if (fake_machine.flaws & FAKE_FLAW_IOVA_PAGE)
		iova &= ~UINT64_C(0x1000);
	if (fake_machine.flaws & FAKE_FLAW_IOVA_32)
		iova &= UINT32_MAX;
	if (fake_machine.flaws & FAKE_FLAW_IOVA_BIT)
		iova &= ~(UINT64_C(1) << 30);
	return iova;
}

/* What the leaf leads to, and through the second stage. */
static int finish(const struct fake_domain *domain, uint64_t entry, unsigned int shift, bool large,
		  uint64_t iova, bool write, struct fake_walk *walk)
{
	uint64_t mask = (UINT64_C(1) << shift) - 1;
	uint64_t ipa = (entry & ADDRESS & ~mask) | (iova & mask);
	struct fake_walk below = { 0 };
	int event;

	if (fake_machine.flaws & FAKE_FLAW_LARGE_OFFSET && large)
		ipa &= ~(UINT64_C(1) << 16 & mask);
	if (fake_machine.flaws & FAKE_FLAW_TARGET_BIT)
		ipa &= ~(UINT64_C(1) << 36);
	if (fake_machine.flaws & FAKE_FLAW_BYPASS) {
		walk->page = fake_walk_foreign();
		return 0;
	}
	event = second(domain->space, ipa, write, &below);
	walk->page = below.page;
	walk->read = walk->read && below.read;
	walk->write = walk->write && below.write;
	return event;
}

/* smmu_ptw_64_s1() */
static int walk_tables(const struct fake_domain *domain, const struct config *config, uint64_t iova,
		       bool write, struct fake_walk *ret)
{
	struct fake_walk table, walk = { NULL, true, true };
	uint64_t at = config->root, entry = 0, taken = 0, *at_entry;
	const unsigned int page_shift = config->page_shift, stride = page_shift - 3;
	unsigned int level = page_shift == 16 ? 3 : 4, leaves = page_shift == 12 ? 3 : 2, shift;
	bool leaf = false;
	int event;

	if (iova >> 48)
		return FAKE_EVENT_TRANSLATION;
	iova = flawed_address(iova);
	for (;; level--) {
		if (fake_machine.flaws & FAKE_FLAW_TABLE_BIT)
			at &= ~(UINT64_C(1) << 36);
		shift = page_shift + stride * (level - 1);
		at += (iova >> shift & ((UINT64_C(1) << stride) - 1)) * sizeof(entry);
		event = second(domain->space, at, false, &table);
		if (event)
			return event | FAKE_EVENT_OF_TABLE;
		at_entry = (uint64_t *)(void *)(table.page + at % FAKE_PAGE);
		entry = __atomic_load_n(at_entry, __ATOMIC_ACQUIRE);
		leaf = level == 1 || !(entry & TABLE);
		entry = flawed(entry, leaf);
		if (!(entry & VALID) || (level == 1 && !(entry & TABLE)) ||
		    (level > leaves && leaf))
			return FAKE_EVENT_TRANSLATION;
		if (level == 2 &&
		    conflicts(domain->space, config->asid, iova >> shift, at_entry, leaf))
			return FAKE_EVENT_CONFLICT;
		if (leaf)
			break;
		taken |= entry & (TABLE_RO | TABLE_NO_USER);
		at = entry & ADDRESS & ~((UINT64_C(1) << page_shift) - 1);
	}
	if (!(entry & AF))
		return FAKE_EVENT_ACCESS;
	walk.write = !(entry & RO) && !(taken & TABLE_RO);
	if (!(entry & USER) || taken & TABLE_NO_USER || (write && !walk.write))
		return FAKE_EVENT_PERMISSION;
	if ((entry & ADDRESS) >> config->output_bits)
		return FAKE_EVENT_ADDR_SIZE;
	event = finish(domain, entry, shift, level > 1, iova, write, &walk);
	if (!event)
		*ret = walk;
	return event;
}

/* ---- the cache ---- */

/* Bit 33 of an address, in the number of a page. */
#define BIT_33 (UINT64_C(1) << (33 - 12))

static struct cached *lookup(const struct fake_space *space, uint32_t asid, uint64_t page)
{
	uint64_t ignored = fake_machine.flaws & FAKE_FLAW_CACHE_BIT ? BIT_33 : 0;
	size_t i;

	for (i = 0; i < ncached && fake_machine.stale; i++)
		if ((cache[i].space == space || fake_machine.any_vmid) &&
		    !((cache[i].page ^ page) & ~ignored) &&
		    (cache[i].asid == asid || fake_machine.flaws & FAKE_FLAW_CACHE_ASID))
			return &cache[i];
	return NULL;
}

static int nested(struct fake_device *dev, const struct fake_domain *domain, uint64_t iova,
		  bool write, uint8_t **ret_page)
{
	struct config *config;
	struct cached *known;
	struct fake_walk walk = { 0 };
	int event = read_context(dev, domain, &config);

	if (event)
		return event;
	known = lookup(domain->space, config->asid, iova / FAKE_PAGE);
	if (known && (write ? known->walk.write || fake_machine.flaws & FAKE_FLAW_CACHED_WRITE
			    : known->walk.read)) {
		*ret_page = known->walk.page;
		return 0;
	}
	event = known ? FAKE_EVENT_PERMISSION : walk_tables(domain, config, iova, write, &walk);
	if (event)
		return event | (config->records || event & FAKE_EVENT_S2 ? 0 : FAKE_EVENT_SILENT);
	if (ncached == CACHE_SIZE)
		ncached = 0;
	cache[ncached++] = (struct cached){ domain->space, config->asid, iova / FAKE_PAGE,
					    config->page_shift, walk };
	*ret_page = walk.page;
	return 0;
}

int fake_smmu_translate(struct fake_device *dev, const struct fake_domain *domain, uint64_t iova,
			bool write, uint8_t **ret_page)
{
	const struct fake_domain *obeyed = domain;
	struct fake_walk walk;
	int event;

	/* An entry that ends a first stage is not obeyed: the one before it goes on. */
	if (fake_machine.flaws & FAKE_FLAW_STE_KEPT && domain->before)
		obeyed = domain->before;
	if (!(obeyed->ste[0] & 1) || !(obeyed->ste[0] >> 1 & 7))
		return FAKE_EVENT_SILENT;
	if ((obeyed->ste[0] >> 1 & 7) == 5 && !(fake_machine.flaws & FAKE_FLAW_IGNORE_S1))
		return nested(dev, obeyed, iova, write, ret_page);
	event = second(domain->space, iova, write, &walk);
	if (!event)
		*ret_page = walk.page;
	return event;
}

/* ---- commands ---- */

enum {
	CFGI_CD = 0x05,
	CFGI_CD_ALL = 0x06,
	TLBI_NH_ALL = 0x10,
	TLBI_NH_ASID = 0x11,
	TLBI_NH_VA = 0x12,
	TLBI_NH_VAA = 0x13,
	TLBI_NSNH_ALL = 0x30,
};

/* Is a part of the page among these addresses, from which this is cached? */
static bool overlaps(const struct cached *cached, uint64_t first, uint64_t last)
{
	unsigned int shift = cached->page_shift - 12;

	return cached->page >> shift >= first >> cached->page_shift &&
	       cached->page >> shift <= last >> cached->page_shift;
}

/* asid: NULL, of all. page_shift: of tables of such pages alone; 0: of any. */
static void flush(const struct fake_space *space, const uint32_t *asid, uint64_t first,
		  uint64_t last, unsigned int page_shift)
{
	size_t i;

	for (i = ncached; i-- > 0;)
		if (cache[i].space == space && (!asid || cache[i].asid == *asid) &&
		    (!page_shift || cache[i].page_shift == page_shift) &&
		    overlaps(&cache[i], first, last) &&
		    !(fake_machine.flaws & FAKE_FLAW_KEEP_READ && !cache[i].walk.write))
			cache[i] = cache[--ncached];
}

/* What a first stage cached of a space goes with what the space maps: arm_smmu_domain_inv(). */
void fake_smmu_flush_space(const struct fake_space *space)
{
	if (!(fake_machine.flaws & FAKE_FLAW_KEEP_NESTED))
		flush(space, NULL, 0, UINT64_MAX, 0);
}

static void by_address(const struct fake_space *space, const uint64_t words[2])
{
	unsigned int tg = words[1] >> 10 & 3, shift = tg ? 10 + 2 * tg : 12;
	uint64_t first = words[1] >> shift << shift, pages = 1;
	uint32_t asid = (uint32_t)(words[0] >> 48);

	if (fake_machine.flaws & FAKE_FLAW_LEAF_ONLY && !(words[1] & 1))
		return;
	if (tg && !(fake_machine.flaws & FAKE_FLAW_RANGE_FIRST))
		pages = ((words[0] >> 12 & 31) + 1) << (words[0] >> 20 & 31);
	flush(space, (words[0] & 0xff) == TLBI_NH_VAA ? NULL : &asid, first,
	      first + (pages << shift) - 1, tg ? shift : 0);
}

void fake_smmu_command(const struct fake_space *space, const struct fake_device *dev,
		       const uint64_t words[2])
{
	uint64_t flaws = fake_machine.flaws;
	uint32_t asid = (uint32_t)(words[0] >> 48);

	if (flaws & FAKE_FLAW_IGNORE_INVALIDATE || (words[0] & 0xff) == fake_machine.ignores)
		return;
	forget_sizes();
	switch (words[0] & 0xff) {
	case CFGI_CD:
	case CFGI_CD_ALL:
		if (!(flaws & FAKE_FLAW_CONTEXT_KEPT))
			fake_smmu_forget_config(dev);
		break;
	case TLBI_NH_ASID:
		if (!(flaws & FAKE_FLAW_ASID_KEPT))
			flush(space, &asid, 0, UINT64_MAX, 0);
		break;
	case TLBI_NH_VA:
	case TLBI_NH_VAA:
		by_address(space, words);
		break;
	case TLBI_NH_ALL:
	case TLBI_NSNH_ALL:
		flush(space, NULL, 0, UINT64_MAX, 0);
		break;
	}
}
