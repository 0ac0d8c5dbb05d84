// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a container answers before any group is in it: version, extensions, the query of 2020. From
 * these follows which driver serves the node.
 */
#include "probe/job.h"

#include <errno.h>

#include "backend/type1.h"
#include "kernel/kernel.h"
#include "kernel/kernel-undo.h"
#include "backend/abi2020/nesting-rev.h"
#include "uapi/iommufd.h"
#include "uapi/nesting.h"
#include "uapi/vfio.h"
#include "host/sysfs.h"

static const char *const extension_names[NEST_EXTENSIONS] = {
	"TYPE1",   "SPAPR_TCE",	   "TYPE1v2", "DMA_CC",	   "EEH",
	"NESTING", "SPAPR_TCE_v2", "NOIOMMU", "UNMAP_ALL", "UPDATE_VADDR",
};

struct nest_version nest_version_ask(struct nest_ctx *ctx, int container)
{
	struct nest_version version = { 0 };
	int result;

	/* Of the requests of 2020 only this one is harmless on every kernel, with argument 0. */
	result = nest_kernel_ioctl_int(
		ctx, container, nest_rev_request(&nest_revs[NEST_REV_RFC_V3], NEST_OP_VERSION),
		"VFIO_NESTING_GET_IOMMU_UAPI_VERSION", 0);
	if (result >= 0) {
		version.status = NEST_VERSION_ANSWERED;
		version.value = result;
		return version;
	}
	version.err = -result;
	version.status = NEST_VERSION_REFUSED;
	if (result == -EINVAL || result == -ENOTTY || result == -EFAULT)
		version.status = NEST_VERSION_ABSENT;
	return version;
}

void nest_probe_container_open(struct nest_probe_job *job)
{
	struct nest_probe_container *container = &job->probe->container;
	size_t i;

	for (i = 0; i < NEST_EXTENSIONS; i++) {
		container->extensions[i].id = i + 1;
		container->extensions[i].name = extension_names[i];
	}
	job->container = nest_probe_node_open(job, NEST_STAGE_OPEN_CONTAINER, "/dev/vfio/vfio",
					      "misc/vfio", &container->node);
	if (job->container >= 0)
		nest_undo_push(job->ctx, "close container", nest_undo_close, NULL, job->container);
}

void nest_probe_container_version(struct nest_probe_job *job)
{
	if (job->container < 0)
		return;
	job->probe->container.api_version =
		nest_outcome_of(nest_ioctl_int(job->ctx, job->container, VFIO_GET_API_VERSION, 0),
				NEST_STAGE_API_VERSION);
}

void nest_probe_container_extensions(struct nest_probe_job *job)
{
	struct nest_probe_container *container = &job->probe->container;
	size_t i;

	if (job->container < 0)
		return;
	for (i = 0; i < NEST_EXTENSIONS; i++) {
		struct nest_probe_extension *extension = &container->extensions[i];

		extension->before =
			nest_outcome_of(nest_ioctl_int(job->ctx, job->container,
						       VFIO_CHECK_EXTENSION, extension->id),
					NEST_STAGE_CHECK_EXTENSION);
	}
}

void nest_probe_container_query(struct nest_probe_job *job)
{
	if (job->container >= 0)
		job->probe->container.before_set_iommu = nest_version_ask(job->ctx, job->container);
}

static bool offers(const struct nest_probe_container *container, uint32_t id)
{
	const struct nest_outcome *answer = &container->extensions[id - 1].before;

	return answer->status == NEST_OUTCOME_OK && answer->result > 0;
}

/*
 * An iommufd in place of the container implements its own requests and answers ENOTTY to others. A
 * container without a type answers EINVAL to all requests that it does not implement.
 */
void nest_probe_container_provider(struct nest_probe_job *job)
{
	struct nest_probe_container *container = &job->probe->container;
	struct iommu_option option = {
		.size = sizeof(option),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_GET,
	};

	if (job->container < 0)
		return;
	container->rlimit_mode = nest_outcome_of(
		nest_ioctl(job->ctx, job->container, IOMMU_OPTION, &option), NEST_STAGE_OPTION);
	if (container->rlimit_mode.status == NEST_OUTCOME_OK)
		container->rlimit_mode.result = (int)option.val64;

	if (container->rlimit_mode.status == NEST_OUTCOME_OK &&
	    container->before_set_iommu.status == NEST_VERSION_ABSENT &&
	    container->before_set_iommu.err == ENOTTY)
		container->provider = NEST_PROVIDER_IOMMUFD;
	else if (container->rlimit_mode.status == NEST_OUTCOME_OK)
		container->provider = NEST_PROVIDER_UNKNOWN;
	else if (offers(container, VFIO_TYPE1_IOMMU) || offers(container, VFIO_TYPE1v2_IOMMU))
		container->provider = NEST_PROVIDER_TYPE1;
	else if (offers(container, VFIO_SPAPR_TCE_IOMMU) ||
		 offers(container, VFIO_SPAPR_TCE_v2_IOMMU))
		container->provider = NEST_PROVIDER_SPAPR;
	else if (offers(container, VFIO_NOIOMMU_IOMMU))
		container->provider = NEST_PROVIDER_NOIOMMU;
}

/* The PASID node of v8. Its version request changes nothing; a process can open it once. */
void nest_probe_container_ioasid(struct nest_probe_job *job)
{
	struct nest_probe_container *container = &job->probe->container;
	int fd;

	if (!nest_root_has(&job->ctx->root, &IOASID_NODE[1]))
		return;
	fd = nest_probe_node_open(job, NEST_STAGE_OPEN_IOASID, IOASID_NODE, "misc/ioasid",
				  &container->ioasid);
	if (fd < 0)
		return;
	nest_undo_push(job->ctx, "close " IOASID_NODE, nest_undo_close, NULL, fd);
	container->ioasid_version = nest_outcome_of(
		nest_ioctl_int(job->ctx, fd, IOASID_GET_API_VERSION, 0), NEST_STAGE_IOASID_VERSION);
}
