// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SMMUv3 through iommufd: the words of a stream table entry, of commands and of events. The kernel
 * puts its own stream id and VMID in the place of ours.
 * Source: Arm SMMU architecture specification version 3, chapters 4, 5 and 7;
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c of Linux 7.3.
 */
#include "backend/iommufd-s1.h"

/* ---- stream table entry: what translates with our context descriptor, and nothing else ---- */

#define STE_VALID	(UINT64_C(1) << 0)
#define STE_FIRST_STAGE (UINT64_C(5) << 1)
#define STE_CACHED	(UINT64_C(1) << 2 | UINT64_C(1) << 4) /* write-back: inner, outer */
#define STE_SHARED	(UINT64_C(3) << 6)

#define STE_BYPASS	(UINT64_C(4) << 1) /* of the first stage; for the kernel there is a second */
#define STE_SECOND	(UINT64_C(6) << 1) /* the kernel's own business, as is the next */
#define STE_BOTH	(UINT64_C(7) << 1)
#define STE_STRW	(UINT64_C(2) << 30) /* of word 1 */
#define STE_FULL_ATS	(UINT64_C(2) << 28)

static uint32_t fill_table(const struct nest_s1_config *config, union nest_iommufd_table *table)
{
	table->smmuv3 = (struct iommu_hwpt_arm_smmuv3){ { STE_VALID, 0 } };
	if (config->kind == NEST_S1_BYPASS)
		table->smmuv3.ste[0] |= STE_BYPASS;
	if (config->kind == NEST_S1_TABLE) {
		table->smmuv3.ste[0] |= STE_FIRST_STAGE | config->context;
		table->smmuv3.ste[1] = STE_CACHED | STE_SHARED;
	}
	return sizeof(table->smmuv3);
}

/* ---- commands ---- */

enum {
	CFGI_STE = 0x03,
	CFGI_ALL = 0x04,
	CFGI_CD = 0x05,
	CFGI_CD_ALL = 0x06,
	TLBI_NH_ALL = 0x10,
	TLBI_NH_ASID = 0x11,
	TLBI_NH_VA = 0x12,
	TLBI_NH_VAA = 0x13,
	TLBI_S12_VMALL = 0x28,
	TLBI_S2_IPA = 0x2a,
	TLBI_NSNH_ALL = 0x30,
	CMD_SYNC = 0x46,
};

#define CMD_LEAF    (UINT64_C(1) << 0) /* of word 1 */
#define CMD_LEVEL_3 (UINT64_C(3) << 8) /* where the entry is, a hint that needs a granule */
#define CMD_GRANULE 10		       /* makes it a range of pages of that size, if not 0 */
#define RANGE_PAGES 32		       /* most that one command has, times a power of two */

static unsigned int page_shift(const struct nest_s1_config *config)
{
	return config->format->page_shift;
}

/* 1, 2, 3 for pages of 4, 16, 64 KiB; the context descriptor has other codes for them. */
static uint64_t granule(const struct nest_s1_config *config)
{
	return (uint64_t)(page_shift(config) - 10) / 2 << CMD_GRANULE;
}

/* With REPEAT the hardware needs each of them twice. */
static void add(const struct nest_s1_config *config, struct nest_iommufd_entries *ret,
		uint64_t word0, uint64_t word1)
{
	int times = config->repeat ? 2 : 1;

	while (times--)
		ret->smmuv3[ret->num++] =
			(struct iommu_viommu_arm_smmuv3_invalidate){ { word0, word1 } };
}

static bool has_room(const struct nest_s1_config *config, const struct nest_iommufd_entries *ret)
{
	return ret->num + (config->repeat ? 2u : 1u) <= NEST_ENTRIES_MAX;
}

static uint64_t asid_of(const struct nest_s1_config *config)
{
	return (uint64_t)config->asid << 48;
}

/*
 * Pages from addr by commands for ranges, each of 1 to 32 times a power of two of them. A single
 * page is no range: such a command would name neither number nor level.
 */
static bool by_ranges(const struct nest_s1_config *config, uint64_t addr, uint64_t npages,
		      uint64_t leaf, struct nest_iommufd_entries *ret)
{
	while (npages) {
		unsigned int scale = (unsigned int)__builtin_ctzll(npages);
		uint64_t num = npages >> scale & (RANGE_PAGES - 1), pages = num << scale;
		uint64_t word0 = TLBI_NH_VA | asid_of(config);

		if (!has_room(config, ret))
			return false;
		if (pages > 1)
			add(config, ret, word0 | (num - 1) << 12 | (uint64_t)scale << 20,
			    addr | granule(config) | leaf);
		else
			add(config, ret, word0, addr | leaf);
		addr += pages << page_shift(config);
		npages -= pages;
	}
	return true;
}

static bool by_pages(const struct nest_s1_config *config, uint64_t addr, uint64_t npages,
		     uint64_t leaf, struct nest_iommufd_entries *ret)
{
	for (; npages; npages--, addr += nest_s1_page(config->format)) {
		if (!has_room(config, ret))
			return false;
		add(config, ret, TLBI_NH_VA | asid_of(config), addr | leaf);
	}
	return true;
}

/* What does the same as the usual command; false: there is no such variant of it. */
static bool by_variant(const struct nest_s1_config *config, const struct nest_s1_scope *scope,
		       uint64_t addr, struct nest_iommufd_entries *ret)
{
	uint64_t leaf = scope->leaf ? CMD_LEAF : 0;

	if (scope->reach == NEST_S1_PAGE && scope->variant == 1)
		add(config, ret, TLBI_NH_VAA, addr | leaf);
	else if (scope->reach == NEST_S1_PAGE && scope->variant == 2 && config->ranges)
		add(config, ret, TLBI_NH_VA | asid_of(config),
		    addr | granule(config) | CMD_LEVEL_3 | leaf);
	else if (scope->reach == NEST_S1_DESCRIPTOR && scope->variant == 1)
		add(config, ret, CFGI_CD_ALL | (uint64_t)config->virt_id << 32, 0);
	else if (scope->reach == NEST_S1_ALL && scope->variant == 1)
		add(config, ret, TLBI_NSNH_ALL, 0);
	return ret->num;
}

static void fill_entries(const struct nest_s1_config *config, const struct nest_s1_scope *scope,
			 struct nest_iommufd_entries *ret)
{
	uint64_t addr = scope->addr & ~(nest_s1_page(config->format) - 1);
	uint64_t leaf = scope->leaf ? CMD_LEAF : 0;
	bool done = false;

	ret->len = sizeof(ret->smmuv3[0]);
	ret->num = 0;
	if (scope->variant && by_variant(config, scope, addr, ret))
		return;
	switch (scope->reach) {
	case NEST_S1_PAGE:
	case NEST_S1_RANGE:
		done = (config->ranges ? by_ranges : by_pages)(config, addr, scope->npages, leaf,
							       ret);
		break;
	case NEST_S1_ALL:
		add(config, ret, TLBI_NH_ALL, 0);
		done = true;
		break;
	case NEST_S1_DESCRIPTOR:
	case NEST_S1_CONTEXT:
		add(config, ret, CFGI_CD | (uint64_t)config->virt_id << 32, CMD_LEAF);
		done = scope->reach == NEST_S1_DESCRIPTOR;
		break;
	case NEST_S1_PASID:
		break;
	}
	if (done)
		return;
	/* Too many pages for one request, or all of the table. */
	if (scope->reach != NEST_S1_CONTEXT)
		ret->num = 0;
	add(config, ret, TLBI_NH_ASID | asid_of(config), 0);
}

/* ---- what the kernel must refuse: arm_smmu_validate_vste(), arm_vsmmu_convert_user_cmd() ---- */

static const struct nest_iommufd_refusal bad_tables[] = {
	{ "a stream table entry with the second stage on", { STE_VALID | STE_SECOND, 0 }, false },
	{ "one with both stages on", { STE_VALID | STE_BOTH, 0 }, false },
	{ "one with a translation regime (STRW)", { 0, STE_STRW }, true },
	{ "one that turns full ATS on", { 0, STE_FULL_ATS }, true },
	{ 0 },
};

static const struct nest_iommufd_refusal bad_entries[] = {
	{ "the command CFGI_STE", { CFGI_STE, 0 }, false },
	{ "the command CFGI_ALL", { CFGI_ALL, 0 }, false },
	{ "the command TLBI_S12_VMALL", { TLBI_S12_VMALL, 0 }, false },
	{ "the command TLBI_S2_IPA", { TLBI_S2_IPA, 0 }, false },
	{ "the command CMD_SYNC", { CMD_SYNC, 0 }, false },
	{ "CFGI_CD of an unknown device", { CFGI_CD | UINT64_C(0xffff) << 32, CMD_LEAF }, false },
	{ 0 },
};

/* ---- events ---- */

enum {
	F_TRANSLATION = 0x10,
	F_ADDR_SIZE = 0x11,
	F_ACCESS = 0x12,
	F_PERMISSION = 0x13,
};

#define EVENT_SSV   (UINT64_C(1) << 11)
#define EVENT_INPUT 2			/* class: of the input address, and not of a fetch */
#define EVENT_STALL (UINT64_C(1) << 31) /* of word 1, as the rest */
#define EVENT_READ  (UINT64_C(1) << 35)
#define EVENT_S2    (UINT64_C(1) << 39)

static bool read_event(const struct iommu_vevent_arm_smmuv3 *raw, struct nest_s1_event *ret)
{
	unsigned int id = raw->evt[0] & 0xff;

	*ret = (struct nest_s1_event){
		.code = id,
		.virt_id = (uint32_t)(raw->evt[0] >> 32),
		.have_pasid = raw->evt[0] & EVENT_SSV,
		.pasid = raw->evt[0] >> 12 & 0xfffff,
		.have_address = id >= F_TRANSLATION && id <= F_PERMISSION,
	};
	if (ret->have_address) {
		ret->addr = raw->evt[2];
		ret->perm = raw->evt[1] & EVENT_READ ? NEST_PROT_READ : NEST_PROT_WRITE;
		ret->stage2 = raw->evt[1] & EVENT_S2;
		ret->stalled = raw->evt[1] & EVENT_STALL;
		ret->of_input = (raw->evt[1] >> 40 & 3) == EVENT_INPUT;
	}
	return true;
}

const struct nest_iommufd_row nest_iommufd_smmuv3_row = {
	.formats = { &nest_s1_arm64, &nest_s1_arm64_16k, &nest_s1_arm64_64k },
	.table_type = IOMMU_HWPT_DATA_ARM_SMMUV3,
	.fill_table = fill_table,
	.entry_type = IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
	.fill_entries = fill_entries,
	.viommu_type = IOMMU_VIOMMU_TYPE_ARM_SMMUV3,
	.events = NEST_EVENTS_VEVENTQ,
	.veventq_type = IOMMU_VEVENTQ_TYPE_ARM_SMMUV3,
	.bad_tables = bad_tables,
	.bad_entries = bad_entries,
	.read_event = read_event,
};
