// SPDX-License-Identifier: GPL-2.0-or-later
/* The lists of the kinds of IOMMU and of their tables, and the numbers that iommufd gives them. */
#include "hw/hw.h"

#include <string.h>

#include "hw/acpi.h"
#include "hw/ivrs.h"
#include "uapi/iommufd.h"
#include "util.h"

const struct nest_hw *const nest_hws[] = {
	&nest_hw_vtd,	 &nest_hw_amd,	 &nest_hw_smmuv3, &nest_hw_smmu,
	&nest_hw_virtio, &nest_hw_riscv, &nest_hw_s390,	  &nest_hw_dart,
	&nest_hw_soc,	 &nest_hw_mock,	 &nest_hw_other,
};
const size_t nest_hws_count = ARRAY_SIZE(nest_hws);

/* Types without a row: an SMMUv3 may report its command queues instead of its registers. */
static const struct {
	uint32_t type;
	const char *name;
	const struct nest_hw *hw;
} types[] = {
	{ IOMMU_HW_INFO_TYPE_NONE, "none", NULL },
	{ IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV, "tegra241-cmdqv", &nest_hw_smmuv3 },
};

const struct nest_hw *nest_hw_by_type(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return types[i].hw;
	for (i = 0; i < nest_hws_count; i++)
		if (nest_hws[i]->info_type == type)
			return nest_hws[i];
	return &nest_hw_other;
}

const char *nest_hw_type_name(uint32_t type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return types[i].name;
	return nest_hw_by_type(type)->name;
}

void nest_hw_from_info(uint32_t type, const void *data, struct nest_hw_values *ret_values)
{
	const struct nest_hw *hw = nest_hw_by_type(type);
	struct nest_hw_values values = { 0 };

	if (hw && hw->info_type == type && hw->from_info)
		hw->from_info(data, &values);
	*ret_values = values;
}

const struct nest_acpi_kind *const nest_acpi_kinds[] = {
	&nest_acpi_dmar, &nest_acpi_ivrs, &nest_acpi_iort, &nest_acpi_viot, NULL,
};

bool nest_acpi_verdict(const struct nest_acpi *table, const struct nest_acpi_node *node,
		       struct nest_hw_verdict *ret_verdict)
{
	struct nest_hw_values values = { 0 };

	if (table->kind != &nest_acpi_ivrs || !nest_ivrs_has_efr(table, node))
		return false;
	nest_hw_set(&values, 0, nest_acpi_number(table, node->type, node->offset, "efr"));
	nest_hw_set(&values, 1, nest_acpi_number(table, node->type, node->offset, "efr2"));
	nest_hw_judge(&nest_hw_amd, &values, ret_verdict);
	return true;
}
