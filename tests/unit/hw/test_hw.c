// SPDX-License-Identifier: GPL-2.0-or-later
/* The rows of the kinds of IOMMU: each is whole, and speaks of no other vendor. */
#include "test.h"

#include <errno.h>

#include "hw/hw.h"
#include "uapi/iommufd.h"
#include "util.h"

#define VALUES(...) (&(const struct nest_hw_values){ __VA_ARGS__ })

static const struct nest_hw_values nothing;

TEST(rows,
     "every row has a word of its own, a verdict without registers, and masks of its registers")
{
	size_t i, k;

	for (i = 0; i < nest_hws_count; i++) {
		const struct nest_hw *hw = nest_hws[i];
		uint32_t all = (1u << hw->nregisters) - 1;
		const struct nest_hw_attr *attr;

		for (k = 0; k < i; k++)
			CHECK(strcmp(hw->name, nest_hws[k]->name));
		CHECK(hw->title && hw->unread.gate && hw->unread.reason);
		CHECK(hw->nregisters <= NEST_HW_REGISTERS);
		CHECK(!((hw->required | hw->decides) & ~all));
		for (attr = hw->attrs; attr && attr->file; attr++)
			CHECK(attr->registers && !(attr->registers & ~all) && attr->parse);
		CHECK(!hw->judge == !hw->nfields);
		CHECK(!hw->s1 != !hw->no_s1);
		CHECK(!hw->table || (hw->vendor && hw->start));
		if (hw != &nest_hw_mock && hw != &nest_hw_other)
			CHECK(!hw->major != !hw->no_kernel);
	}
	CHECK(nest_hws[nest_hws_count - 1] == &nest_hw_other);
}

/* Every sentence of a row. */
static void texts(const struct nest_hw *hw, const char *ret[48])
{
	const struct nest_hw_needs *needs;
	const struct nest_hw_capability *need;
	const struct nest_hw_help *help;
	size_t n = 0;

	memset(ret, 0, 48 * sizeof(*ret));
	ret[n++] = hw->unread.reason;
	ret[n++] = hw->unread.remedy;
	ret[n++] = hw->refused.reason;
	ret[n++] = hw->refused.remedy;
	ret[n++] = hw->untold.reason;
	ret[n++] = hw->untold.remedy;
	ret[n++] = hw->start;
	ret[n++] = hw->enable;
	ret[n++] = hw->log;
	ret[n++] = hw->log_interrupts;
	ret[n++] = hw->no_kernel;
	ret[n++] = hw->symbol;
	ret[n++] = hw->other_machine;
	ret[n++] = hw->no_s1;
	ret[n++] = hw->option_remedy;
	for (help = hw->helps; help && help->gate; help++)
		ret[n++] = help->remedy;
	for (needs = hw->needs; needs && needs->stage; needs++)
		ret[n++] = needs->what;
	for (need = hw->sva; need && need->field; need++)
		ret[n++] = need->what;
}

TEST(vendors, "no row speaks in the words of another vendor")
{
	static const struct {
		const struct nest_hw *hw;
		const char *words[6];
	} own[] = {
		{ &nest_hw_vtd, { "VT-d", "ECAP", "DMAR", "intel", "INTEL", "Sapphire" } },
		{ &nest_hw_amd, { "AMD", "EFR", "amd_iommu" } },
		{ &nest_hw_smmuv3, { "SMMUv3", "IDR", "arm-smmu-v3" } },
	};
	const char *said[48];
	size_t i, o, t, w;

	for (i = 0; i < nest_hws_count; i++) {
		texts(nest_hws[i], said);
		for (o = 0; o < ARRAY_SIZE(own); o++)
			for (t = 0; own[o].hw != nest_hws[i] && t < 48; t++)
				for (w = 0; said[t] && w < 6 && own[o].words[w]; w++)
					if (!CHECK(!strstr(said[t], own[o].words[w])))
						printf("# %s: %s\n", nest_hws[i]->name, said[t]);
	}
}

TEST(types, "the numbers of GET_HW_INFO have the words that they always had")
{
	CHECK_STR(nest_hw_type_name(0), "none");
	CHECK_STR(nest_hw_type_name(1), "vt-d");
	CHECK_STR(nest_hw_type_name(2), "smmuv3");
	CHECK_STR(nest_hw_type_name(3), "tegra241-cmdqv");
	CHECK_STR(nest_hw_type_name(4), "amd");
	CHECK_STR(nest_hw_type_name(5), "other");
	CHECK_STR(nest_hw_type_name(0xfeedbeef), "mock");
	CHECK(!nest_hw_by_type(0));
	CHECK(nest_hw_by_type(3) == &nest_hw_smmuv3);
	CHECK(nest_hw_by_type(77) == &nest_hw_other);
}

TEST(info, "the kernel's structures become registers; of an unknown one nothing is read")
{
	struct iommu_hw_info_vtd vtd = { .flags = 1, .cap_reg = 0x11, .ecap_reg = 0x22 };
	struct iommu_hw_info_amd amd = { .efr = 0x33, .efr2 = 0x44 };
	struct iommu_hw_info_arm_smmuv3 smmu = { .flags = 1, .idr = { 5, 6, 7, 8, 9, 10 }, 11, 12 };
	uint8_t data[NEST_HW_INFO_MAX] = { 0 };
	struct nest_hw_values values;
	char text[256];

	memcpy(data, &vtd, sizeof(vtd));
	nest_hw_from_info(1, data, &values);
	CHECK_EQ(values.known, 3);
	CHECK_EQ(values.flags, 1);
	nest_hw_values_text(&nest_hw_vtd, &values, UINT32_MAX, text, sizeof(text));
	CHECK_STR(text, "cap 0x11, ecap 0x22");
	nest_hw_values_text(&nest_hw_vtd, &values, nest_hw_vtd.decides, text, sizeof(text));
	CHECK_STR(text, "ecap 0x22");
	memcpy(data, &amd, sizeof(amd));
	nest_hw_from_info(4, data, &values);
	nest_hw_values_text(&nest_hw_amd, &values, nest_hw_amd.decides, text, sizeof(text));
	CHECK_STR(text, "efr 0x33, efr2 0x44");
	memcpy(data, &smmu, sizeof(smmu));
	nest_hw_from_info(2, data, &values);
	nest_hw_values_text(&nest_hw_smmuv3, &values, UINT32_MAX, text, sizeof(text));
	CHECK_STR(text,
		  "idr0 0x5, idr1 0x6, idr2 0x7, idr3 0x8, idr4 0x9, idr5 0xa, iidr 0xb, aidr "
		  "0xc");
	nest_hw_values_text(&nest_hw_smmuv3, &values, UINT32_MAX, text, 10);
	CHECK_STR(text, "idr0 0x5,");
	nest_hw_from_info(3, data, &values);
	CHECK_EQ(values.known, 0);
	nest_hw_from_info(99, data, &values);
	CHECK_EQ(values.known, 0);
	nest_hw_values_text(&nest_hw_other, &values, UINT32_MAX, text, sizeof(text));
	CHECK_STR(text, "");
}

static int features(const char *text, struct nest_hw_values *ret)
{
	*ret = nothing;
	return nest_hw_amd.attrs[0].parse(text, ret);
}

TEST(attributes, "the texts of sysfs become registers, in the order of any kernel")
{
	struct nest_hw_values values = { 0 };

	CHECK_EQ(nest_hw_vtd.attrs[1].parse("3ee9e86f050df", &values), 0);
	CHECK_EQ(values.reg[1], 0x3ee9e86f050df);
	CHECK_EQ(values.known, 2);
	CHECK_EQ(nest_hw_vtd.attrs[0].parse("", &values), -EINVAL);
	CHECK_EQ(nest_hw_vtd.attrs[0].parse("12x", &values), -EINVAL);
	CHECK_EQ(values.known, 2);
	CHECK_EQ(features("f77ef22294ada", &values), 0); /* to 5.19 */
	CHECK_EQ(values.reg[0], 0xf77ef22294ada);
	CHECK_EQ(values.known, 1);
	CHECK_EQ(features("1d:25bf732fa2295afe", &values), 0); /* 6.0 to 6.6 */
	CHECK_EQ(values.reg[0], 0x25bf732fa2295afe);
	CHECK_EQ(values.reg[1], 0x1d);
	CHECK_EQ(features("25bf732fa2295afe:1d", &values), 0);
	CHECK_EQ(values.reg[0], 0x25bf732fa2295afe);
	CHECK_EQ(values.reg[1], 0x1d);
	CHECK_EQ(values.known, 3);
	CHECK_EQ(features("25bf732fa2295afe:", &values), -EINVAL);
	CHECK_EQ(values.known, 1);
	CHECK_EQ(features("none", &values), -EINVAL);
	CHECK_EQ(features("0000000000000000000000000000000000000000", &values), -EINVAL);
	CHECK_EQ(values.known, 0);
}

TEST(flags, "a flag is unknown where its register is, or where the kind has none of that name")
{
	const struct nest_hw_values *vtd = VALUES({ 1, 1ull << 43 }, 3, 0);

	CHECK_EQ(nest_hw_flag(&nest_hw_vtd, vtd, "smts"), NEST_YES);
	CHECK_EQ(nest_hw_flag(&nest_hw_vtd, vtd, "nest"), NEST_NO);
	CHECK_EQ(nest_hw_flag(&nest_hw_vtd, vtd, "gtsup"), NEST_UNKNOWN);
	CHECK_EQ(nest_hw_flag(&nest_hw_vtd, &nothing, "smts"), NEST_UNKNOWN);
	CHECK_EQ(nest_hw_flag(&nest_hw_vtd, VALUES({ 1, UINT64_MAX }, 3, 0), "smts"), NEST_UNKNOWN);
	CHECK_EQ(nest_hw_flag(&nest_hw_virtio, vtd, "smts"), NEST_UNKNOWN);
	CHECK_EQ(nest_hw_walks_snoop(&nest_hw_vtd, VALUES({ 1, 1ull << 48 }, 3, 0)), NEST_YES);
	CHECK_EQ(nest_hw_walks_snoop(&nest_hw_vtd, vtd), NEST_NO);
	CHECK_EQ(nest_hw_walks_snoop(&nest_hw_vtd, &nothing), NEST_UNKNOWN);
}

static int bits(const struct nest_hw *hw, const struct nest_hw_values *values)
{
	unsigned int ret = 99;
	int err = nest_hw_pasid_bits(hw, values, &ret);

	return err ? err : (int)ret;
}

TEST(pasids, "the width of PASIDs, of every kind that has a register for it")
{
	CHECK_EQ(bits(&nest_hw_vtd, VALUES({ 1, 0x3ef9ea6f050df }, 3, 0)), 20);
	CHECK_EQ(bits(&nest_hw_vtd, VALUES({ 1, 0xf050df }, 3, 0)), 0);
	CHECK_EQ(bits(&nest_hw_vtd, VALUES({ 1, UINT64_MAX }, 3, 0)), -ENODATA);
	CHECK_EQ(bits(&nest_hw_vtd, &nothing), -ENODATA);
	CHECK_EQ(bits(&nest_hw_amd, VALUES({ 0x246577efa2254afa }, 1, 0)), 16);
	CHECK_EQ(bits(&nest_hw_amd, VALUES({ 0x841f77e022094ace }, 1, 0)), 0); /* SNP */
	CHECK_EQ(bits(&nest_hw_amd, VALUES({ 0x1f00000010 }, 1, 0)), 16); /* the kernel's limit */
	CHECK_EQ(bits(&nest_hw_amd, VALUES({ UINT64_MAX }, 1, 0)), -ENODATA);
	CHECK_EQ(bits(&nest_hw_smmuv3, VALUES({ 8, 20u << 6, 0, 1, 0, 1 }, 0x2b, 0)), 20);
	CHECK_EQ(bits(&nest_hw_smmuv3, VALUES({ 8, 0, 0, 1, 0, 1 }, 0x2b, 0)), 0);
	CHECK_EQ(bits(&nest_hw_smmuv3, &nothing), -ENODATA);
	CHECK_EQ(bits(&nest_hw_virtio, &nothing), -ENODATA);
	CHECK_EQ(bits(&nest_hw_other, &nothing), -ENODATA);
}

static const char *refused(const struct nest_hw *hw, const struct nest_hw_values *values)
{
	static struct nest_hw_refusal refusal;

	if (!nest_hw_parent_refused(hw, values, EOPNOTSUPP, &refusal))
		return NULL;
	CHECK(refusal.reason[0]);
	return refusal.gate;
}

TEST(parents, "a refused nest parent has the gate of the registers, or that of the kernel")
{
	struct nest_hw_refusal refusal;

	CHECK_STR(refused(&nest_hw_vtd, VALUES({ 1, 0xf050df }, 3, 0)), "smts");
	CHECK_STR(refused(&nest_hw_vtd, VALUES({ 1, 0x3ef9ea6f050df }, 3, 0)), "scalable_mode");
	CHECK_STR(refused(&nest_hw_vtd, &nothing), NULL);
	CHECK_STR(refused(&nest_hw_vtd, VALUES({ 1, UINT64_MAX }, 3, 0)), NULL);
	CHECK_STR(refused(&nest_hw_amd, VALUES({ 0x25bf732fa2295afe, 0x1d }, 3, 0)), "kernel");
	CHECK_STR(refused(&nest_hw_amd, VALUES({ 0x246577efa2254afa, 0 }, 3, 0)), "gcr3trpmode");
	CHECK_STR(refused(&nest_hw_smmuv3, VALUES({ 8 | 1, 0, 0, 1, 0, 1 }, 0x2b, 0)), "s1p");
	CHECK_STR(refused(&nest_hw_smmuv3, &nothing), "kernel");
	CHECK_STR(refused(&nest_hw_virtio, &nothing), "kind");
	CHECK_STR(refused(&nest_hw_other, &nothing), NULL);
	CHECK(!nest_hw_parent_refused(&nest_hw_vtd, &nothing, ENOMEM, &refusal));
	CHECK(!nest_hw_parent_refused(&nest_hw_virtio, &nothing, EPERM, &refusal));
}

TEST(quirks, "flags of this very part are told, unknown ones are not")
{
	static const struct nest_hw_values none;

	CHECK_HAS(nest_hw_quirk(&nest_hw_vtd, VALUES({ 0 }, 0, 1))->text, "772415");
	CHECK(!nest_hw_quirk(&nest_hw_vtd, VALUES({ 0 }, 0, 2)));
	CHECK(!nest_hw_quirk(&nest_hw_amd, VALUES({ 0 }, 0, 1)));
	CHECK_HAS(nest_hw_needs(&nest_hw_vtd, &none, NEST_STAGE_HWPT_DIRTY), "SLADS");
	CHECK_HAS(nest_hw_needs(&nest_hw_smmuv3, &none, NEST_STAGE_HWPT_DIRTY), "HTTU");
	CHECK(!nest_hw_needs(&nest_hw_virtio, &none, NEST_STAGE_HWPT_DIRTY));
}

int main(void)
{
	return test_main();
}
