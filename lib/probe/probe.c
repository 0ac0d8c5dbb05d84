// SPDX-License-Identifier: GPL-2.0-or-later
/* Words for what probes found, and look-ups in it. */
#include "probe/probe.h"

#include <errno.h>
#include <string.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"
#include "util.h"

const char *nest_version_status_name(enum nest_version_status status)
{
	static const char *const names[] = { "skipped", "answered", "absent", "refused" };

	return names[status];
}

const char *nest_provider_name(enum nest_provider provider)
{
	static const char *const names[] = {
		[NEST_PROVIDER_UNKNOWN] = "unknown",	    [NEST_PROVIDER_TYPE1] = "type1",
		[NEST_PROVIDER_IOMMUFD] = "iommufd-compat", [NEST_PROVIDER_NOIOMMU] = "noiommu",
		[NEST_PROVIDER_SPAPR] = "unknown",
	};

	return names[provider];
}

const struct nest_probe_type *nest_probe_type_find(const struct nest_probe *probe, uint32_t id)
{
	size_t i;

	for (i = 0; i < NEST_TYPES; i++)
		if (probe->container.types[i].id == id)
			return &probe->container.types[i];
	return NULL;
}

const struct nest_probe_type *nest_probe_info_type(const struct nest_probe *probe)
{
	static const uint32_t order[] = {
		VFIO_TYPE1_NESTING_IOMMU, VFIO_TYPE1v2_IOMMU,	VFIO_TYPE1_IOMMU,
		VFIO_SPAPR_TCE_v2_IOMMU,  VFIO_SPAPR_TCE_IOMMU,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		const struct nest_probe_type *type = nest_probe_type_find(probe, order[i]);

		if (type && type->get_info.status == NEST_OUTCOME_OK)
			return type;
	}
	return NULL;
}

const struct nest_probe_hwpt *nest_probe_hwpt_find(const struct nest_probe *probe, const char *name)
{
	size_t i;

	for (i = 0; i < probe->iommufd.nhwpts; i++)
		if (!strcmp(probe->iommufd.hwpts[i].name, name))
			return &probe->iommufd.hwpts[i];
	return NULL;
}

enum nest_tri nest_probe_iommufd_status(const struct nest_probe *probe)
{
	if (probe->iommufd.node.open.status == NEST_OUTCOME_OK)
		return NEST_YES;
	if (probe->iommufd.node.open.err == ENOENT && probe->iommufd.in_kernel == NEST_NO)
		return NEST_NO;
	return NEST_UNKNOWN;
}

void nest_probe_free(struct nest_probe *probe)
{
	size_t i;

	for (i = 0; i < NEST_TYPES; i++)
		nest_info_free(&probe->container.types[i].info);
	nest_caps_free(&probe->iommufd.caps);
}

bool nest_probe_without_ats(const struct nest_probe *probe)
{
	return probe->iommufd.hw_info.status == NEST_OUTCOME_OK &&
	       probe->iommufd.hw.capabilities & IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED;
}
