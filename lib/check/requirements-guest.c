// SPDX-License-Identifier: GPL-2.0-or-later
/* Requirements on PASIDs, and on what a guest's SMMUv3 can be made of: arm-smmuv3's properties. */
#include "check/requirements-guest.h"

#include <errno.h>
#include <string.h>

#include "hw/hw.h"

static struct nest_found bits_of_devices(const struct nest_rules_input *in)
{
	unsigned int bits = 20; /* of PCI */
	size_t i;

	for (i = 0; i < in->ndevices; i++) {
		const struct nest_unit *unit = nest_device_unit(in->model, in->devices[i]);
		const struct nest_show *show = in->facts->shows[i];
		unsigned int device, takes;

		if (!unit || nest_hw_pasid_bits(unit->hw, &unit->values, &takes) ||
		    !show->have_caps || show->caps.pasid.present == NEST_UNKNOWN)
			return (struct nest_found){
				.why = "the device's PASID capability or its unit's cannot be read"
			};
		device = show->caps.pasid.present == NEST_YES ? show->caps.pasid_bits : 0;
		bits = device < bits ? device : bits;
		bits = takes < bits ? takes : bits;
	}
	return (struct nest_found){ .text = nest_pool_printf(&in->model->pool, "%u", bits),
				    .why = "what the device and its unit have in common" };
}

/*
 * Of the devices: what they and their units have in common, the least of all; else the most that a
 * unit takes, which is not known as long as one does not tell.
 */
struct nest_found nest_find_pasid_bits(const struct nest_rules_input *in,
				       const struct nest_check *check)
{
	unsigned int bits = 0, one;
	bool known = false;
	size_t i;

	(void)check;
	if (in->named)
		return bits_of_devices(in);
	for (i = 0; i < in->model->nunits; i++) {
		const struct nest_unit *unit = &in->model->units[i];

		if (unit->hw->for_tests)
			continue;
		if (nest_hw_pasid_bits(unit->hw, &unit->values, &one))
			return (struct nest_found){
				.why = "the registers of a unit cannot be read"
			};
		known = true;
		bits = one > bits ? one : bits;
	}
	return (struct nest_found){
		.text = known ? nest_pool_printf(&in->model->pool, "%u", bits) : NULL,
		.why = known ? "the registers of the units" : "there is no unit"
	};
}

/*
 * The least value of a register field among the SMMUv3 that matter: in front of the devices, or
 * all of the host. Other kinds have no such field, and of one that shows no registers none is
 * known.
 */
static int smmu_field(const struct nest_rules_input *in, const char *field, uint64_t *ret_least,
		      const char **ret_why)
{
	const struct nest_model *model = in->model;
	uint64_t value;
	size_t i, n = 0;

	*ret_why = "no SMMUv3 is concerned";
	for (i = 0; i < (in->named ? in->ndevices : model->nunits); i++) {
		const struct nest_unit *unit =
			in->named ? nest_device_unit(model, in->devices[i]) : &model->units[i];

		if (unit && unit->hw->for_tests)
			continue;
		if (!unit || unit->hw != &nest_hw_smmuv3)
			return -ENODATA;
		if (nest_hw_number(unit->hw, &unit->values, field, &value)) {
			*ret_why = "only iommufd shows the registers of an SMMUv3: --probe";
			return -ENODATA;
		}
		if (!n++ || value < *ret_least)
			*ret_least = value;
	}
	if (n)
		*ret_why = "the registers of the SMMUv3";
	return n ? 0 : -ENODATA;
}

struct nest_found nest_find_oas(const struct nest_rules_input *in, const struct nest_check *check)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };
	uint64_t code = 0;
	const char *why;

	(void)check;
	if (smmu_field(in, "oas", &code, &why))
		return (struct nest_found){ .why = why };
	return (struct nest_found){
		.text = nest_pool_printf(&in->model->pool, "%u", bits[code & 7]), .why = why
	};
}

struct nest_found nest_find_ril(const struct nest_rules_input *in, const struct nest_check *check)
{
	uint64_t ril = 0;
	const char *why;

	(void)check;
	if (smmu_field(in, "ril", &ril, &why))
		return (struct nest_found){ .why = why };
	return (struct nest_found){ .text = ril ? "yes" : "no", .why = why };
}

/* The substream bits of the SMMUv3, and none for a device that has no PASIDs. */
struct nest_found nest_find_ssidsize(const struct nest_rules_input *in,
				     const struct nest_check *check)
{
	uint64_t bits = 0;
	const char *why;

	if (smmu_field(in, "ssidsize", &bits, &why))
		return (struct nest_found){ .why = why };
	/* Then it does not matter whether the devices tell what they have. */
	if (!bits)
		return (struct nest_found){ .text = "0", .why = why };
	return nest_find_pasid_bits(in, check);
}

/* Kernels from 7.1 on say of each device that ATS cannot be used, or nothing. */
struct nest_found nest_find_ats(const struct nest_rules_input *in, const struct nest_check *check)
{
	bool told = in->nprobes;
	uint64_t ats = 1;
	const char *why;
	size_t i;

	(void)check;
	if (!smmu_field(in, "ats", &ats, &why) && !ats)
		return (struct nest_found){ .text = "no", .why = why };
	for (i = 0; i < in->nprobes; i++) {
		if (nest_probe_without_ats(&in->probes[i]))
			return (struct nest_found){ .text = "no",
						    .why = "what iommufd says of the device" };
		told = told && in->probes[i].iommufd.hw_info.status == NEST_OUTCOME_OK;
	}
	if (!told)
		return (struct nest_found){ .why = "only iommufd tells it of a device: --probe" };
	if (in->facts->major < 7 || (in->facts->major == 7 && in->facts->minor < 1))
		return (struct nest_found){ .why = "kernels before 7.1 do not tell" };
	return (struct nest_found){ .text = "yes", .why = "what iommufd says of the device" };
}

/* A vIOMMU is proven by a table on it alone: some drivers make one of any type. */
static struct nest_found viommu_of(const struct nest_probe *probe)
{
	static const char why[] = "whether a nested table was allocated on a vIOMMU";
	const struct nest_probe_iommufd *iommufd = &probe->iommufd;
	const struct nest_probe_hwpt *table = nest_probe_hwpt_find(probe, "nested_on_viommu");

	if (!table)
		table = nest_probe_hwpt_find(probe, "nested");
	if (iommufd->viommu.status == NEST_OUTCOME_FAILED)
		return (struct nest_found){ .text = nest_outcome_is_no(&iommufd->viommu) ? "no"
											 : NULL,
					    .why = "the answer to IOMMU_VIOMMU_ALLOC",
					    .silent = "IOMMU_VIOMMU_ALLOC had no clear answer" };
	if (iommufd->viommu.status != NEST_OUTCOME_OK || !table)
		return (struct nest_found){ .why = "no vIOMMU was asked for" };
	return (struct nest_found){ .text = table->alloc.status == NEST_OUTCOME_OK ? "yes"
					    : nest_outcome_is_no(&table->alloc)	   ? "no"
										   : NULL,
				    .why = why,
				    .silent = "the allocation had no clear answer" };
}

/* Of several devices: no if there is none for one of them, else unknown if that is so for one. */
struct nest_found nest_find_viommu(const struct nest_rules_input *in,
				   const struct nest_check *check)
{
	struct nest_found all = { .why = "only opening the nodes tells: --probe" };
	size_t i;

	(void)check;
	for (i = 0; i < in->nprobes; i++) {
		struct nest_found one = viommu_of(&in->probes[i]);

		if (one.text && !strcmp(one.text, "no"))
			return one;
		if (!i || !one.text)
			all = one;
	}
	return all;
}
