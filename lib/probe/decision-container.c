// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the answers of containers mean for nesting: three ABIs; one of them has no first stage.
 */
#include "probe/opinion.h"

#include <errno.h>
#include <string.h>

#include "uapi/vfio.h"

#define VERSION_EVIDENCE   "container.uapi_version"
#define EXTENSION_EVIDENCE "container.extensions"
#define TYPE_EVIDENCE	   "container.iommu_types"
#define INFO_EVIDENCE	   "container.info.capabilities"

static const char *target_name(const struct nest_probe *probe)
{
	return *probe->iommufd.device ? probe->iommufd.device
	       : probe->device	      ? probe->device->name
				      : "the group";
}

static int extension(const struct nest_probe *probe, uint32_t id)
{
	const struct nest_outcome *answer = &probe->container.extensions[id - 1].before;

	return answer->status == NEST_OUTCOME_OK ? answer->result : -1;
}

/* The NESTING capability of any answer to GET_INFO, or NULL. */
static const struct nest_infocap *nesting_cap(const struct nest_probe *probe)
{
	size_t i;

	for (i = 0; i < NEST_TYPES; i++) {
		const struct nest_probe_type *type = &probe->container.types[i];
		const struct nest_infocap *cap = nest_info_find(&type->info, "nesting");

		if (type->get_info.status == NEST_OUTCOME_OK && cap)
			return cap;
	}
	return NULL;
}

/* The answer to the version query, the lower of two; NULL: there was none. */
static const struct nest_version *answer(const struct nest_probe *probe)
{
	const struct nest_probe_container *container = &probe->container;

	const struct nest_version *before = &container->before_set_iommu;
	const struct nest_version *after = &container->after_set_iommu;

	if (before->status == NEST_VERSION_ANSWERED &&
	    (after->status != NEST_VERSION_ANSWERED || before->value <= after->value))
		return before;
	return after->status == NEST_VERSION_ANSWERED ? after : NULL;
}

/* The features say whether the kernel can bind and invalidate. Their bits differ by revision. */
static enum nest_usability judge_cap(const struct nest_infocap *cap, struct nest_opinion *opinion)
{
	const char *rev = nest_nesting_rev_name(cap->rev);
	uint64_t features, want = 0;

	opinion->abi = NEST_ABI_NESTING_OP;
	if (cap->rev < NEST_REVS)
		want = nest_revs[cap->rev].feat_bind | nest_revs[cap->rev].feat_invalidate;
	if (cap->rev == NEST_REV_V1 || cap->rev == NEST_REV_RFC_V3_OR_V1) {
		opinion->abi = NEST_ABI_NONE;
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, INFO_EVIDENCE,
					"GET_INFO has the NESTING capability of revision v1, whose "
					"requests this tool does not make.");
	}
	if (!nest_infocap_get(cap, "features", &features))
		return nest_opinion_say(
			opinion, NEST_USABILITY_UNKNOWN, INFO_EVIDENCE,
			"GET_INFO has a NESTING capability of revision %s (id %u, %u bytes): %s.",
			rev, cap->id, cap->len,
			cap->problem ? cap->problem : "its features are not shown");
	if ((features & want) != want)
		return nest_opinion_say(
			opinion, NEST_UNUSABLE, INFO_EVIDENCE,
			"GET_INFO has the NESTING capability of revision %s, but its features "
			"0x%llx lack binding or invalidation (0x%llx).",
			rev, (unsigned long long)features, (unsigned long long)want);
	return nest_opinion_say(opinion, NEST_USABLE, INFO_EVIDENCE,
				"GET_INFO has the NESTING capability of revision %s (id %u, %u "
				"bytes) with binding and invalidation.",
				rev, cap->id, cap->len);
}

/* IOMMU type 6 could be set: which of the three ABIs is behind it? */
static enum nest_usability judge_selected(const struct nest_probe *probe, bool version_good,
					  struct nest_opinion *opinion)
{
	const struct nest_probe_type *type = nest_probe_type_find(probe, VFIO_TYPE1_NESTING_IOMMU);
	const struct nest_infocap *cap = nesting_cap(probe);

	if (probe->recognition.contradiction) {
		opinion->abi = version_good ? NEST_ABI_RFC_VERSION : NEST_ABI_NESTING_OP;
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, "container.recognition",
					"VFIO_TYPE1_NESTING_IOMMU can be set, but %s.",
					probe->recognition.decision);
	}
	if (version_good) {
		opinion->abi = NEST_ABI_RFC_VERSION;
		return nest_opinion_say(opinion, NEST_USABLE, VERSION_EVIDENCE,
					"The version query answers %d, and "
					"VFIO_TYPE1_NESTING_IOMMU can be set for %s.",
					answer(probe)->value, target_name(probe));
	}
	if (answer(probe))
		return NEST_UNUSABLE; /* the reason is there already: the version is too low */
	if (cap && cap->rev != NEST_REV_RFC_V3)
		return judge_cap(cap, opinion);
	if (cap) {
		opinion->abi = NEST_ABI_RFC_VERSION;
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, INFO_EVIDENCE,
					"GET_INFO has the NESTING capability of the RFC v3, but "
					"that series' version query is not answered.");
	}
	opinion->abi = NEST_ABI_TYPE1_NESTING;
	if (type->get_info.status != NEST_OUTCOME_OK || *type->info.problem)
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, INFO_EVIDENCE,
					"VFIO_TYPE1_NESTING_IOMMU can be set. Whether the kernel "
					"offers more is not known: GET_INFO failed or is broken.");
	return nest_opinion_say(opinion, NEST_UNUSABLE, TYPE_EVIDENCE,
				"VFIO_TYPE1_NESTING_IOMMU can be set, but it only selects "
				"second-stage tables: user space cannot bind a first stage.");
}

/* SET_IOMMU(6) failed. That is a no only if another type could be set for the same group. */
static enum nest_usability judge_refused(const struct nest_probe *probe,
					 const struct nest_probe_type *type,
					 struct nest_opinion *opinion)
{
	const struct nest_probe_type *v1 = nest_probe_type_find(probe, VFIO_TYPE1_IOMMU);
	const struct nest_probe_type *v2 = nest_probe_type_find(probe, VFIO_TYPE1v2_IOMMU);
	bool other = (v1 && v1->set_iommu.status == NEST_OUTCOME_OK) ||
		     (v2 && v2->set_iommu.status == NEST_OUTCOME_OK);
	bool no = other && (type->set_iommu.err == EINVAL || type->set_iommu.err == ENODEV ||
			    nest_outcome_is_no(&type->set_iommu));

	if (nest_stage_is(type->set_iommu.stage, NEST_STAGE_SET_IOMMU) && no)
		return nest_opinion_say_failed(
			opinion, NEST_UNUSABLE, TYPE_EVIDENCE, &type->set_iommu,
			extension(probe, VFIO_TYPE1_NESTING_IOMMU) > 0
				? "VFIO_TYPE1_NESTING_IOMMU is advertised and refused"
				: "VFIO_TYPE1_NESTING_IOMMU cannot be set",
			target_name(probe));
	if (other || !v2 || v2->set_iommu.status != NEST_OUTCOME_FAILED)
		return nest_opinion_say_failed(
			opinion, NEST_USABILITY_UNKNOWN, TYPE_EVIDENCE, &type->set_iommu,
			"VFIO_TYPE1_NESTING_IOMMU could not be tried", target_name(probe));
	return nest_opinion_say_failed(opinion, NEST_USABILITY_UNKNOWN, TYPE_EVIDENCE,
				       &v2->set_iommu, "No IOMMU type could be set",
				       target_name(probe));
}

/* Type 6 is advertised, as kernels of NEST_TYPE1_NESTING_RELEASES do on any hardware. */
static enum nest_usability judge_advertised(const struct nest_probe *probe, bool version_good,
					    struct nest_opinion *opinion)
{
	const struct nest_probe_type *type = nest_probe_type_find(probe, VFIO_TYPE1_NESTING_IOMMU);

	if (version_good)
		opinion->abi = NEST_ABI_RFC_VERSION;
	if (!probe->have_target)
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, EXTENSION_EVIDENCE,
					"%s, as it is on any hardware. Only a test with a device "
					"tells: name a device.",
					version_good ? "The version query is answered and "
						       "VFIO_TYPE1_NESTING_IOMMU advertised"
						     : "VFIO_TYPE1_NESTING_IOMMU is advertised");
	if (probe->vfio_group.node.open.status == NEST_OUTCOME_FAILED)
		return nest_opinion_say_node(opinion, "group.node", &probe->vfio_group.node,
					     "The group's node");
	if (!type || type->set_iommu.status == NEST_OUTCOME_SKIPPED)
		return nest_opinion_say_skipped(opinion, TYPE_EVIDENCE, probe,
						"VFIO_TYPE1_NESTING_IOMMU was not tried",
						type ? type->set_iommu.why : NULL);
	if (type->set_iommu.status == NEST_OUTCOME_FAILED)
		return judge_refused(probe, type, opinion);
	return judge_selected(probe, version_good, opinion);
}

/* Only the type1 driver can nest through a container. */
static enum nest_usability judge_provider(const struct nest_probe *probe,
					  struct nest_opinion *opinion)
{
	switch (probe->container.provider) {
	case NEST_PROVIDER_IOMMUFD:
		return nest_opinion_say(opinion, NEST_UNUSABLE, "container.provider",
					"An iommufd serves /dev/vfio/vfio, and it offers no "
					"nesting through a container.");
	case NEST_PROVIDER_NOIOMMU:
		return nest_opinion_say(
			opinion, NEST_UNUSABLE, "container.provider",
			"The container has the no-IOMMU driver only: nothing translates DMA.");
	case NEST_PROVIDER_SPAPR:
		return nest_opinion_say(opinion, NEST_UNUSABLE, "container.provider",
					"The container has the sPAPR driver only, which has no "
					"nesting for user space.");
	default:
		nest_opinion_say(
			opinion, NEST_USABILITY_UNKNOWN, "container.provider",
			"The container offers no IOMMU type, so no IOMMU driver is behind it.");
		nest_opinion_advise(opinion, "load the module:\n" NEST_CMD_LOAD("vfio_iommu_type1"),
				    "");
		return NEST_USABILITY_UNKNOWN;
	}
}

enum nest_usability nest_judge_container(const struct nest_probe *probe, uint32_t min_version,
					 struct nest_opinion *opinion)
{
	const struct nest_probe_container *container = &probe->container;
	const struct nest_version *version = answer(probe);
	bool good = version && version->value > 0 && (uint32_t)version->value >= min_version;

	/* A device bound to an iommufd proves that VFIO is there; it has no containers then. */
	if (container->node.open.status == NEST_OUTCOME_FAILED &&
	    container->node.open.err == ENOENT && container->node.served == NEST_NO &&
	    probe->iommufd.bind.status == NEST_OUTCOME_OK)
		return nest_opinion_say(opinion, NEST_UNUSABLE, "container.node",
					"This kernel has VFIO without containers.");
	if (container->node.open.status != NEST_OUTCOME_OK)
		return nest_opinion_say_node(opinion, "container.node", &container->node,
					     "/dev/vfio/vfio");
	if (container->api_version.status == NEST_OUTCOME_FAILED)
		return nest_opinion_say_failed(opinion, NEST_USABILITY_UNKNOWN,
					       "container.api_version", &container->api_version,
					       "The container reports no API version",
					       "/dev/vfio/vfio");
	if (container->provider != NEST_PROVIDER_TYPE1)
		return judge_provider(probe, opinion);
	if (version && !good)
		nest_opinion_say(opinion, NEST_UNUSABLE, VERSION_EVIDENCE,
				 "The version query answers %d, which is less than %u.",
				 version->value, min_version);
	if (extension(probe, VFIO_TYPE1_NESTING_IOMMU) < 0)
		return nest_opinion_say(opinion, NEST_USABILITY_UNKNOWN, EXTENSION_EVIDENCE,
					"CHECK_EXTENSION for VFIO_TYPE1_NESTING_IOMMU failed.");
	if (extension(probe, VFIO_TYPE1_NESTING_IOMMU) == 0)
		return nest_opinion_say(opinion, NEST_UNUSABLE, EXTENSION_EVIDENCE,
					"The container does not offer VFIO_TYPE1_NESTING_IOMMU, "
					"which every nesting interface of containers needs.");
	if (version && !good)
		return NEST_UNUSABLE;
	return judge_advertised(probe, good, opinion);
}
