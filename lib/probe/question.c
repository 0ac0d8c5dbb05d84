// SPDX-License-Identifier: GPL-2.0-or-later
/* The question of 2020, and the choice of the program that asked it. */
#include "probe/question.h"

#include <stdio.h>

#include "errnoname.h"
#include "explain.h"
#include "probe/probe.h"
#include "uapi/vfio.h"

static void say_before(const struct nest_probe_container *container, char *buf, size_t size)
{
	const struct nest_version *version = &container->before_set_iommu;

	if (version->status == NEST_VERSION_ANSWERED)
		snprintf(buf, size,
			 "Asked before SET_IOMMU, the container answers that its IOMMU uAPI "
			 "version is %d: this kernel has the query as it was posted.",
			 version->value);
	else if (version->status == NEST_VERSION_ABSENT)
		snprintf(buf, size,
			 "Asked before SET_IOMMU, the container does not implement the query (%s): "
			 "it was never merged.",
			 nest_errno_name(version->err));
	else if (version->status == NEST_VERSION_REFUSED)
		snprintf(buf, size,
			 "Asked before SET_IOMMU, the container answers %s, which proves nothing.",
			 nest_errno_name(version->err));
	else
		snprintf(buf, size,
			 "The container was not asked before SET_IOMMU: it did not open.");
}

static void say_backend(const struct nest_probe *probe, char *buf, size_t size)
{
	const struct nest_probe_type *type = nest_probe_type_find(probe, VFIO_TYPE1_NESTING_IOMMU);
	const struct nest_infocap *cap = NULL;

	if (type && type->get_info.status == NEST_OUTCOME_OK)
		cap = nest_info_find(&type->info, "nesting");
	if (cap)
		snprintf(buf, size,
			 "Asked after SET_IOMMU(6), the type1 backend shows in GET_INFO that it "
			 "nests: capability %u of %u bytes, revision %s.",
			 cap->id, cap->len, nest_nesting_rev_name(cap->rev));
	else if (type && type->get_info.status == NEST_OUTCOME_OK)
		snprintf(buf, size,
			 "Asked after SET_IOMMU(6), the type1 backend shows no nesting capability "
			 "in GET_INFO.");
	else if (type && type->set_iommu.status == NEST_OUTCOME_FAILED)
		snprintf(buf, size, "The type1 backend could not be asked: SET_IOMMU(6) is %s.",
			 nest_errno_name(type->set_iommu.err));
	else
		snprintf(buf, size,
			 "The type1 backend was not asked: that needs SET_IOMMU(6) with a "
			 "device%s%s.",
			 type && type->set_iommu.why ? "; " : "",
			 type && type->set_iommu.why ? type->set_iommu.why : "");
}

static enum nest_tri tri_of(enum nest_usability nesting)
{
	return nesting == NEST_USABLE	  ? NEST_YES
	       : nesting == NEST_UNUSABLE ? NEST_NO
					  : NEST_UNKNOWN;
}

void nest_question_answer(const struct nest_probe *probe, struct nest_question *ret)
{
	*ret = (struct nest_question){ .select = tri_of(probe->decision.container) };
	snprintf(ret->why, sizeof(ret->why), "%s", probe->decision.container_why);
	say_before(&probe->container, ret->before, sizeof(ret->before));
	say_backend(probe, ret->backend, sizeof(ret->backend));
}

/* ---- QEMU ---- */

static const struct {
	uint32_t id;
	const char *type;
} order[NEST_QEMU_2020_TYPES] = {
	{ VFIO_TYPE1_NESTING_IOMMU, "NESTING" }, { VFIO_TYPE1v2_IOMMU, "TYPE1v2" },
	{ VFIO_TYPE1_IOMMU, "TYPE1" },		 { VFIO_SPAPR_TCE_v2_IOMMU, "SPAPR_TCE_v2" },
	{ VFIO_SPAPR_TCE_IOMMU, "SPAPR_TCE" },
};

/* 1 taken, 0 passed over, -1 not known. */
static int consider(const struct nest_probe_container *container, uint32_t id, char *why,
		    size_t size)
{
	const struct nest_outcome *offered = &container->extensions[id - 1].before;
	const struct nest_version *version = &container->before_set_iommu;

	if (offered->status == NEST_OUTCOME_FAILED)
		return snprintf(why, size, "CHECK_EXTENSION(%u) is %s", id,
				nest_errno_name(offered->err)),
		       -1;
	if (offered->status != NEST_OUTCOME_OK)
		return snprintf(why, size, "CHECK_EXTENSION(%u) could not be asked", id), -1;
	if (offered->result <= 0)
		return snprintf(why, size, "passed over: CHECK_EXTENSION(%u) says %d", id,
				offered->result),
		       0;
	if (id != VFIO_TYPE1_NESTING_IOMMU)
		return snprintf(why, size, "taken: CHECK_EXTENSION(%u) says %d", id,
				offered->result),
		       1;
	if (version->status == NEST_VERSION_SKIPPED)
		return snprintf(why, size, "the version could not be asked"), -1;
	if (version->status != NEST_VERSION_ANSWERED)
		return snprintf(why, size,
				"passed over: the version query fails (%s); QEMU reads that as -1, "
				"less than its own version %d",
				nest_errno_name(version->err), NEST_QEMU_2020_VERSION),
		       0;
	if (version->value < NEST_QEMU_2020_VERSION)
		return snprintf(why, size,
				"passed over: the version is %d, less than QEMU's own %d",
				version->value, NEST_QEMU_2020_VERSION),
		       0;
	return snprintf(why, size, "taken: the version is %d, not less than QEMU's own %d",
			version->value, NEST_QEMU_2020_VERSION),
	       1;
}

static void say_then(const struct nest_probe *probe, struct nest_qemu_choice *ret)
{
	const struct nest_probe_type *type = nest_probe_type_find(probe, ret->id);

	if (type && type->set_iommu.status == NEST_OUTCOME_OK)
		snprintf(ret->then, sizeof(ret->then), "VFIO_SET_IOMMU(%u) succeeds here.",
			 ret->id);
	else if (type && type->set_iommu.status == NEST_OUTCOME_FAILED)
		snprintf(ret->then, sizeof(ret->then),
			 "VFIO_SET_IOMMU(%u) then fails here: %s, %s.", ret->id,
			 nest_errno_name(type->set_iommu.err),
			 nest_explain(type->set_iommu.stage, type->set_iommu.err).reason);
}

void nest_question_qemu_2020(const struct nest_probe *probe, struct nest_qemu_choice *ret)
{
	size_t i;
	int taken = 0;

	*ret = (struct nest_qemu_choice){ .known = NEST_NO };
	for (i = 0; i < NEST_QEMU_2020_TYPES && !taken; i++) {
		ret->tried[i].type = order[i].type;
		ret->ntried++;
		taken = consider(&probe->container, order[i].id, ret->tried[i].why,
				 sizeof(ret->tried[i].why));
	}
	if (taken < 0)
		ret->known = NEST_UNKNOWN;
	if (taken <= 0)
		return;
	ret->known = NEST_YES;
	ret->type = order[i - 1].type;
	ret->id = order[i - 1].id;
	ret->nests = ret->id == VFIO_TYPE1_NESTING_IOMMU;
	say_then(probe, ret);
}
